;;; route-ts-queries.el --- What tree-sitter shows how  -*- lexical-binding: t; -*-

;;; Commentary:

;; Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors

;;; Code:

(defconst route-ts-queries-tokens
  "\
(comment) @font-lock-comment-face
(doc_comment) @font-lock-doc-face

(escape_sequence) @font-lock-escape-face
(interpolation_start) @font-lock-misc-punctuation-face
(interpolation_end) @font-lock-misc-punctuation-face
(number) @font-lock-number-face
(unit) @font-lock-number-face

(stack name: (name) @font-lock-type-face)
(layer name: (name) @font-lock-type-face)
(runtime name: (name) @font-lock-type-face)
(router name: (name) @font-lock-function-name-face)
(call_router name: (name) @font-lock-function-name-face)
(predicate name: (name) @font-lock-function-name-face)
(constant name: (name) @font-lock-variable-name-face)
(parameter_item name: (name) @font-lock-variable-name-face)
(let name: (name) @font-lock-variable-name-face)
(schema name: (name) @font-lock-type-face)
(parameter) @font-lock-variable-name-face
(reference) @font-lock-variable-use-face
(code) @font-lock-constant-face

((function) @font-lock-builtin-face
  (#match \"^\\\\(len\\\\|lower\\\\|upper\\\\|trim\\\\|abs\\\\|min\\\\|max\\\\|round\\\\|hash\\\\|size\\\\|ip\\\\|sample\\\\)$\" @font-lock-builtin-face))
(function) @font-lock-function-call-face
(module) @font-lock-function-call-face

(root) @font-lock-builtin-face
(property) @font-lock-property-use-face
(type) @font-lock-type-face
(all) @font-lock-constant-face

\"->\" @font-lock-operator-face
(binary_expression
  operator: [\"*\" \"/\"] @font-lock-operator-face)
[\"==\" \"!=\" \"<\" \"<=\" \">\" \">=\" \"..\" \"..<\" \"+\" \"-\" \"%\" \"=\" \"|\" \"?\"] @font-lock-operator-face
[\"(\" \")\" \"[\" \"]\" \"{\" \"}\"] @font-lock-bracket-face
[\",\" \":\" \".\"] @font-lock-delimiter-face

[
  \"stack\"
  \"use\"
  \"layer\"
  \"const\"
  \"param\"
  \"let\"
  \"predicate\"
  \"schema\"
  \"carry\"
  \"runtime\"
  \"place\"
  \"test\"
  \"allow\"
] @font-lock-keyword-face

[
  \"filter\"
  \"halt\"
  \"tap\"
  \"break\"
  \"remote\"
  \"set\"
  \"redirect\"
  \"limit\"
  \"call\"
] @font-lock-keyword-face

[
  \"on\"
  \"when\"
  \"keep\"
  \"drop\"
  \"reason\"
  \"as\"
  \"error\"
  \"to\"
  \"omit\"
  \"only\"
  \"every\"
  \"at\"
  \"most\"
  \"burst\"
  \"per\"
  \"full\"
  \"block\"
  \"hits\"
  \"hold\"
  \"for\"
  \"then\"
  \"pass\"
  \"log\"
  \"unreachable\"
  \"spool\"
  \"ttl\"
  \"ack\"
  \"stored\"
  \"delivered\"
  \"delete\"
  \"distinct\"
  \"by\"
  \"within\"
  \"over\"
  \"fault\"
  \"one\"
  \"of\"
  \"hash\"
  \"round\"
  \"robin\"
  \"latency\"
  \"order\"
  \"rotate\"
  \"durable\"
  \"tags\"
] @font-lock-keyword-face

[
  \"stdout\"
  \"stream\"
  \"file\"
  \"nats\"
  \"mqtt\"
  \"zenoh\"
  \"otlp\"
  \"counter\"
] @font-lock-builtin-face

[
  \"node\"
  \"tab\"
  \"group\"
  \"subflow\"
  \"type\"
  \"id\"
  \"upstream\"
  \"downstream\"
  \"next\"
  \"except\"
] @font-lock-keyword-face

[
  \"in\"
  \"or\"
  \"and\"
  \"not\"
  \"is\"
  \"matches\"
  \"contains\"
  \"starts\"
  \"ends\"
  \"with\"
  \"has\"
  \"cidr\"
] @font-lock-keyword-face

[
  \"true\"
  \"false\"
  \"null\"
] @font-lock-constant-face

[
  \"send\"
  \"expect\"
  \"no\"
  \"held\"
  \"stopped\"
  \"sent\"
  \"redirected\"
  \"nothing\"
  \"times\"
  \"where\"
  \"stub\"
  \"advance\"
] @font-lock-keyword-face
"
  "Tokens that hold no others.")

(defconst route-ts-queries-texts
  "\
(string) @font-lock-string-face
(regex) @font-lock-regexp-face
"
  "What may hold other tokens.")

(provide 'route-ts-queries)
;;; route-ts-queries.el ends here
