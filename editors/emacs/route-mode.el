;;; route-mode.el --- Major mode for Route stacks  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages
;; SPDX-License-Identifier: Apache-2.0 OR MIT

;;; Commentary:

;; Route describes stacks of message routers between the nodes of Node-RED flows.  This mode shows, indents and checks them;
;; findings, completion, renaming and formatting come from the language server `routec lsp', through Eglot.

;;; Code:

(require 'route-words)

(defgroup route nil
  "Stacks of message routers."
  :group 'languages)

(defcustom route-indent-offset 2
  "Columns of a level of indentation; `routec fmt' writes two."
  :type 'integer
  :safe #'integerp)

(defcustom route-server-program '("routec" "lsp")
  "The language server with its arguments."
  :type '(repeat string))

(defvar route-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?_ "_" table)
    (dolist (sign '(?+ ?- ?* ?% ?< ?> ?= ?| ?& ?~ ?? ?! ?.))
      (modify-syntax-entry sign "." table))
    table)
  "Syntax of Route.")

;; Texts end with their line at the latest, and `/…/' holds no comment.

(defconst route--regexp
  (rx (or "~" (seq symbol-start (or "matches" "in" "and" "or" "not" "when" "by" "per" "where" "contains" "with") (+ blank))
          (seq (any "=(,[:") (* blank)))
      (group "/") (not (any "/ \n")) (* (or (seq "\\" nonl) (seq "[" (* (or (seq "\\" nonl) (not (any "]\\\n")))) "]")
                                           (not (any "/\\\n[")))) (group "/"))
  "A regular expression after what stands before one; slashes are groups.")

(defun route--propertize (start end)
  "Mark the regular expressions between START and END as texts."
  (goto-char start)
  (while (re-search-forward route--regexp end t)
    (unless (save-excursion (nth 8 (syntax-ppss (match-beginning 1))))
      (put-text-property (match-beginning 1) (match-end 1) 'syntax-table (string-to-syntax "|"))
      (put-text-property (match-beginning 2) (match-end 2) 'syntax-table (string-to-syntax "|")))))

(defun route--words (&rest lists)
  "A regexp for each word of LISTS that is neither a field nor a key."
  (concat "\\(?:^\\|[^._[:word:]]\\|\\.\\.\\)\\(" (regexp-opt (apply #'append lists) 'symbols) "\\)\\(?:[^:]\\|$\\)"))

(defun route--match (regexp)
  "A matcher of the first group of REGEXP, for words side by side."
  (lambda (limit)
    (when (re-search-forward regexp limit t)
      (goto-char (match-end 1))
      t)))

(defun route--match-escape (limit)
  "Find the next escape in a text before LIMIT."
  (let (found)
    (while (and (setq found (re-search-forward "\\\\\\(?:u{[^}\"\n]*}\\|.\\)" limit t))
                (not (eql (nth 3 (save-match-data (save-excursion (syntax-ppss (match-beginning 0))))) ?\"))))
    found))

(defconst route-font-lock-keywords
  (let ((name "\\([[:alpha:]_][[:word:]_]*\\)")
        (named (lambda (words) (concat (regexp-opt words 'symbols) "[ \t]+\\([[:alpha:]_][[:word:]_]*\\)"))))
    `(("^[ \t]*\\(///\\)\\(?:[^/\n].*\\)?$" 0 font-lock-doc-face t)
      (,(funcall named '("stack" "layer" "runtime" "schema")) 2 font-lock-type-face)
      (,(concat (regexp-opt route-words-routers 'symbols) "[ \t]+" name "[ \t]+on\\_>") 2 font-lock-function-name-face)
      (,(funcall named '("predicate")) 2 font-lock-function-name-face)
      (,(funcall named '("const" "param" "let")) 2 font-lock-variable-name-face)
      (,(concat "\\_<allow\\_>[ \t]*([ \t]*\\([[:word:]_-]+\\)") 1 font-lock-constant-face)
      (,(concat "\\(?:\\_>\\|]\\)\\." name) 1 route-property-face)
      (,(concat "[:|[][ \t]*" (regexp-opt route-words-types 'symbols)) 1 font-lock-type-face)
      (,(concat "\\_<" name "[ \t]*\\??[ \t]*:") 1 route-property-face)
      (,(concat (regexp-opt route-words-functions 'symbols) "(") 1 font-lock-builtin-face)
      ("\\_<is\\_>[ \t]+\\([[:alpha:]_]+\\)" 1 font-lock-type-face)
      (route--match-escape 0 route-escape-face prepend)
      (,(route--match (route--words route-words-sinks)) 1 font-lock-builtin-face)
      (,(route--match (route--words route-words-literals)) 1 font-lock-constant-face)
      (,(route--match (route--words route-words-roots)) 1 font-lock-builtin-face)
      (,(route--match
         (route--words route-words-items route-words-routers route-words-clauses route-words-selectors
                       route-words-operators route-words-steps))
       1 font-lock-keyword-face)
      (,(concat "\\_<[0-9]+\\(?:\\.[0-9]+\\)?\\(?:[eE][+-]?[0-9]+\\)?"
                "\\(?:/[0-9.]*" (regexp-opt '("ms" "s" "m" "h" "d")) "\\_>\\|%\\|" (regexp-opt route-words-units) "\\_>\\|\\_>\\)")
       0 route-number-face)))
  "What is shown how; the words are in `route-words'.")

(defun route--face (name other)
  "The face NAME where this Emacs has it, or OTHER."
  (if (facep name) name other))

(defvar route-property-face (route--face 'font-lock-property-use-face 'font-lock-variable-name-face)
  "Face of fields of messages.")
(defvar route-number-face (route--face 'font-lock-number-face 'font-lock-constant-face)
  "Face of numbers with their units.")
(defvar route-escape-face (route--face 'font-lock-escape-face 'font-lock-constant-face)
  "Face of escapes in texts.")

;; Indentation.

(defconst route--goes-on "[ \t]*\\(?:->\\|\\(?:or\\|and\\|except\\)\\_>\\)"
  "A line that goes on from the one before.")

(defun route--begin-column (position)
  "The column where what the line at POSITION goes on from begins."
  (save-excursion
    (goto-char position)
    (beginning-of-line)
    (while (and (looking-at route--goes-on) (zerop (forward-line -1))))
    (current-indentation)))

(defun route--in-paths-p ()
  "Whether the current line goes on in the paths of `only' or `omit'."
  (save-excursion
    (beginning-of-line)
    (let (found)
      (while (and (not found)
                  (progn (forward-comment (- (buffer-size)))
                         (eq (char-before) ?,)))
        (beginning-of-line)
        (setq found (looking-at ".*\\_<\\(?:only\\|omit\\)\\_>")))
      found)))

(defun route--indentation ()
  "The column for the current line, as `routec fmt' has it."
  (save-excursion
    (beginning-of-line)
    (let* ((opener (nth 1 (syntax-ppss)))
           (outer (if opener (route--begin-column opener) (- route-indent-offset)))
           (level (+ outer route-indent-offset)))
      (cond ((looking-at "[ \t]*[])}]") (max outer 0))
            ((looking-at "[ \t]*->") (+ level (* 2 route-indent-offset)))
            ((or (looking-at route--goes-on) (route--in-paths-p)) (+ level route-indent-offset))
            (t level)))))

(defun route-indent-line ()
  "Indent the current line as `routec fmt' does."
  (interactive)
  (let ((column (route--indentation)))
    (if (<= (current-column) (current-indentation))
        (indent-line-to column)
      (save-excursion (indent-line-to column)))))

(defvar route-imenu-generic-expression
  (let ((named (lambda (words) (concat "^[ \t]*" (regexp-opt words) "[ \t]+\\([[:alpha:]_][[:word:]_]*\\)"))))
    `(("Routers" ,(funcall named route-words-routers) 1)
      ("Predicates" ,(funcall named '("predicate")) 1)
      ("Values" ,(funcall named '("const" "param" "let")) 1)
      ("Schemas" ,(funcall named '("schema")) 1)
      ("Runtimes" ,(funcall named '("runtime")) 1)
      ("Tests" "^[ \t]*test[ \t]+\"\\([^\"\n]*\\)\"" 1)))
  "What is declared in a stack.")

;;;###autoload
(define-derived-mode route-mode prog-mode "Route"
  "Major mode for Route stacks."
  (setq-local comment-start "// "
              comment-end ""
              comment-start-skip "//+[ \t]*"
              indent-line-function #'route-indent-line
              electric-indent-chars (append "})]" electric-indent-chars)
              imenu-generic-expression route-imenu-generic-expression
              syntax-propertize-function #'route--propertize
              parse-sexp-lookup-properties t
              font-lock-defaults '(route-font-lock-keywords))
  (setq-local compile-command "routec check --output-format concise"))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.route\\'" . route-mode))

(defvar compilation-error-regexp-alist)
(defvar compilation-error-regexp-alist-alist)
;; `M-x compile' with `routec check --output-format concise'.
(with-eval-after-load 'compile
  (add-to-list 'compilation-error-regexp-alist-alist
               '(routec "^\\([^ \n:]+\\.\\(?:route\\|json\\|toml\\)\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\|\\(note\\|help\\)\\)"
                        1 2 3 (4 . 5)))
  (add-to-list 'compilation-error-regexp-alist 'routec))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons '(route-mode route-ts-mode) (lambda (&rest _) route-server-program))))

(provide 'route-mode)
;;; route-mode.el ends here
