;;; route-ts-mode.el --- Route with tree-sitter  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "29.1"))
;; Keywords: languages
;; SPDX-License-Identifier: Apache-2.0 OR MIT

;;; Commentary:

;; `route-mode' with colours from the tree-sitter grammar, whose parser `M-x treesit-install-language-grammar' or a C compiler
;; makes; without it, `route-mode' is what this is.

;;; Code:

(require 'treesit)
(require 'route-mode)
(require 'route-ts-queries)

(defun route-ts--name (node)
  "The name that NODE declares."
  (let ((name (treesit-node-child-by-field-name node "name")))
    (and name (treesit-node-text name t))))

;;;###autoload
(define-derived-mode route-ts-mode route-mode "Route"
  "Major mode for Route stacks, with tree-sitter where its parser is installed."
  (when (treesit-ready-p 'route t)
    (treesit-parser-create 'route)
    (setq-local font-lock-defaults nil
                syntax-propertize-function nil
                treesit-font-lock-feature-list '((tokens texts))
                treesit-font-lock-settings
                (treesit-font-lock-rules
                 :language 'route :feature 'tokens route-ts-queries-tokens
                 :language 'route :feature 'texts :override 'keep route-ts-queries-texts)
                treesit-defun-type-regexp (rx bos (or "router" "call_router" "layer" "predicate" "schema" "runtime" "test") eos)
                treesit-defun-name-function #'route-ts--name
                treesit-simple-imenu-settings
                '(("Routers" "\\`\\(?:call_\\)?router\\'")
                  ("Predicates" "\\`predicate\\'")
                  ("Schemas" "\\`schema\\'")
                  ("Runtimes" "\\`runtime\\'")
                  ("Tests" "\\`test\\'")))
    (treesit-major-mode-setup)
    ;; Indentation is that of `route-mode'.
    (setq-local indent-line-function #'route-indent-line)))

(provide 'route-ts-mode)
;;; route-ts-mode.el ends here
