; Generated from grammar/src/keywords.rs: UPDATE=1 cargo test -p route-editors

(comment) @comment
(doc_comment) @comment.documentation

(string) @string
(escape_sequence) @string.escape
(interpolation_start) @punctuation.special
(interpolation_end) @punctuation.special
(regex) @string.regexp
(number) @number
(unit) @number

(stack name: (name) @module)
(layer name: (name) @module)
(runtime name: (name) @module)
(router name: (name) @function)
(call_router name: (name) @function)
(predicate name: (name) @function)
(constant name: (name) @constant)
(parameter_item name: (name) @constant)
(let name: (name) @constant)
(schema name: (name) @type.definition)
(parameter) @variable.parameter
(reference) @variable
(code) @constant

((function) @function.builtin
  (#any-of? @function.builtin "len" "lower" "upper" "trim" "abs" "min" "max" "round" "hash" "size" "ip" "sample"))
((function) @function.call
  (#not-any-of? @function.call "len" "lower" "upper" "trim" "abs" "min" "max" "round" "hash" "size" "ip" "sample"))
(module) @function.call

(root) @variable.builtin
(property) @property
(type) @type
(all) @character.special

"->" @operator
(binary_expression
  operator: ["*" "/"] @operator)
["==" "!=" "<" "<=" ">" ">=" ".." "..<" "+" "-" "%" "=" "|" "?"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," ":" "."] @punctuation.delimiter

[
  "stack"
  "use"
  "layer"
  "const"
  "param"
  "let"
  "predicate"
  "schema"
  "carry"
  "runtime"
  "place"
  "test"
  "allow"
] @keyword

[
  "filter"
  "halt"
  "tap"
  "break"
  "remote"
  "set"
  "redirect"
  "limit"
  "call"
] @keyword.function

[
  "on"
  "when"
  "keep"
  "drop"
  "reason"
  "as"
  "error"
  "to"
  "omit"
  "only"
  "every"
  "at"
  "most"
  "burst"
  "per"
  "full"
  "block"
  "hits"
  "hold"
  "for"
  "then"
  "pass"
  "log"
  "unreachable"
  "spool"
  "ttl"
  "ack"
  "stored"
  "delivered"
  "delete"
  "distinct"
  "by"
  "within"
  "over"
  "fault"
  "one"
  "of"
  "hash"
  "round"
  "robin"
  "latency"
  "order"
  "rotate"
  "durable"
  "tags"
] @keyword

[
  "stdout"
  "stream"
  "file"
  "nats"
  "mqtt"
  "zenoh"
  "otlp"
  "counter"
] @type.builtin

[
  "node"
  "tab"
  "group"
  "subflow"
  "type"
  "id"
  "upstream"
  "downstream"
  "next"
  "except"
] @keyword.modifier

[
  "in"
  "or"
  "and"
  "not"
  "is"
  "matches"
  "contains"
  "starts"
  "ends"
  "with"
  "has"
  "cidr"
] @keyword.operator

[
  "true"
  "false"
  "null"
] @constant.builtin

[
  "send"
  "expect"
  "no"
  "held"
  "stopped"
  "sent"
  "redirected"
  "nothing"
  "times"
  "where"
  "stub"
  "advance"
] @keyword
