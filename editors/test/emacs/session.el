;;; session.el --- Route in Emacs, asserted  -*- lexical-binding: t; -*-

;;; Commentary:

;; Run by ../run.sh.  Leaves with 1 when something fails.

;;; Code:

(require 'ert)
(require 'imenu)
(setq make-backup-files nil
      create-lockfiles nil)
(add-to-list 'load-path (expand-file-name "emacs" (getenv "ROUTE_EDITORS")))
(require 'route-mode)

(defun work (file)
  "The path of FILE in the copy of the examples."
  (expand-file-name file (getenv "ROUTE_WORK")))

(defmacro with-stack (file &rest body)
  "Do BODY in a buffer that visits FILE."
  (declare (indent 1))
  `(let ((buffer (find-file-noselect (work ,file) t)))
     (unwind-protect (with-current-buffer buffer ,@body)
       (with-current-buffer buffer (set-buffer-modified-p nil))
       (kill-buffer buffer))))

(defun shown (text &optional offset)
  "The face at the first TEXT, OFFSET characters further."
  (goto-char (point-min))
  (search-forward text)
  (get-text-property (+ (match-beginning 0) (or offset 0)) 'face))

(ert-deftest detects-the-mode ()
  (with-stack "greenhouse/greenhouse.route"
    (should (eq major-mode 'route-mode))
    (should (equal comment-start "// "))))

(ert-deftest shows-what-is-what ()
  (with-stack "greenhouse/greenhouse.route"
    (font-lock-ensure)
    (should (eq (shown "/// ") 'font-lock-doc-face))
    (should (eq (shown "stack greenhouse") 'font-lock-keyword-face))
    (should (eq (shown "stack greenhouse" 6) 'font-lock-type-face))
    (should (eq (shown "tap audit") 'font-lock-keyword-face))
    (should (eq (shown "tap audit" 4) 'font-lock-function-name-face))
    (should (eq (shown "predicate too_hot" 10) 'font-lock-function-name-face))
    (should (eq (shown "keep when") 'font-lock-keyword-face))
    (should (eq (shown "hot: number" 5) 'font-lock-type-face))
    (should (eq (shown ".temperature" 1) route-property-face))
    (should (eq (shown "msg.payload") 'font-lock-builtin-face))
    (should (eq (shown "msg.payload" 4) route-property-face))
    (should (eq (shown "\"Read sensor\"") 'font-lock-string-face))
    (should (eq (shown "-40..85" 1) route-number-face))
    (should (eq (shown "1/s" 2) route-number-face))))

(ert-deftest shows-words-by-their-place ()
  (with-temp-buffer
    (insert "set s on * -> * { msg.limit = { test: msg.type matches /\"[^/]\\/{/ and true } }\n"
            "let a = \"x \\u{263a}\" // \"no\" text\ntap t on a -> a { to file \"f\" }\n")
    (route-mode)
    (font-lock-ensure)
    (should (eq (shown ".limit" 1) route-property-face))
    (should (eq (shown "test:") route-property-face))
    (should (eq (shown ".type" 1) route-property-face))
    (should (eq (shown "matches") 'font-lock-keyword-face))
    (should (eq (shown "/\"[^" 2) 'font-lock-string-face))
    (should (eq (shown "and true") 'font-lock-keyword-face))
    (should (eq (shown "true") 'font-lock-constant-face))
    (should (equal (shown "\\u{263a}" 3) (list route-escape-face 'font-lock-string-face)))
    (should (memq (shown "\"no\" text" 5) '(font-lock-comment-face)))
    (should (eq (shown "file \"f\"") 'font-lock-builtin-face))
    (should (eq (shown "to file") 'font-lock-keyword-face))))

(ert-deftest every-word-of-the-language-has-a-face ()
  (dolist (word (append route-words-items route-words-routers route-words-clauses route-words-sinks route-words-selectors
                        route-words-operators route-words-literals route-words-steps route-words-roots))
    (with-temp-buffer
      (insert "\n" word " \n")
      (route-mode)
      (font-lock-ensure)
      (should (memq (shown word) '(font-lock-keyword-face font-lock-builtin-face font-lock-constant-face))))))

(ert-deftest indents-as-routec-fmt-does ()
  (dolist (file '("greenhouse/greenhouse.route" "http-api/http-api.route" "home/home.route" "long.route"))
    (with-stack file
      (let ((wanted (buffer-string)))
        (goto-char (point-min))
        (while (re-search-forward "^[ \t]+" nil t) (replace-match ""))
        (let ((inhibit-message t)) (indent-region (point-min) (point-max)))
        (should (equal (buffer-substring-no-properties (point-min) (point-max)) (substring-no-properties wanted)))))))

(ert-deftest comments-and-uncomments ()
  (with-temp-buffer
    (insert "tap t on * -> *\n")
    (route-mode)
    (comment-region (point-min) (point-max))
    (should (equal (buffer-string) "// tap t on * -> *\n"))
    (uncomment-region (point-min) (point-max))
    (should (equal (buffer-substring-no-properties (point-min) (point-max)) "tap t on * -> *\n"))))

(ert-deftest lists-what-is-declared ()
  (with-stack "greenhouse/greenhouse.route"
    (let ((names (mapcar #'car (cdr (assoc "Routers" (funcall imenu-create-index-function))))))
      (should (member "audit" names))
      (should (member "plausible" names)))))

(ert-deftest compiles-to-a-list-of-findings ()
  (require 'compile)
  (with-temp-buffer
    (insert "a.route:61:18: error[R1009]: no `let` is named `nowhere`\nb.route:2:1: warning[R0002]: x\n")
    (compilation-mode)
    (compilation--ensure-parse (point-max))
    (goto-char (point-min))
    (let ((message (get-text-property (point) 'compilation-message)))
      (should message)
      (should (equal (caar (compilation--loc->file-struct (compilation--message->loc message))) "a.route"))
      (should (equal (compilation--loc->line (compilation--message->loc message)) 61)))))

(defun await (ready)
  "Let the server speak until READY, which it must within ten seconds."
  (let ((end (+ (float-time) 10)) value)
    (while (and (not (setq value (funcall ready))) (< (float-time) end))
      (accept-process-output nil 0.05))
    value))

(ert-deftest speaks-to-the-server ()
  (skip-unless (require 'eglot nil t))
  (let ((eglot-sync-connect 10) (eglot-autoshutdown t) (inhibit-message t))
    (with-stack "greenhouse/greenhouse.route"
      (erase-buffer)
      (insert "stack greenhouse\n\ntap audit on * -> \"Alarm tex\" { to stdout }\n")
      (apply #'eglot--connect (eglot--guess-contact))
      (eglot--maybe-activate-editing-mode)
      (should (eglot-current-server))
      (flymake-start)
      (let ((found (await #'flymake-diagnostics)))
        (should found)
        (should (string-match-p "Alarm tex" (flymake-diagnostic-text (car found)))))
      (goto-char (point-min))
      (search-forward "Alarm tex")
      (let* ((data (run-hook-with-args-until-success 'completion-at-point-functions))
             (all (all-completions "" (nth 2 data))))
        (should (cl-some (lambda (text) (string-match-p "Alarm text" text)) all)))
      (eglot-format-buffer)
      (should (string-match-p "^tap audit on \\* -> \"Alarm tex\" { to stdout }$" (buffer-string)))
      (eglot-shutdown (eglot-current-server)))))

(defun build-parser ()
  "Compile the tree-sitter parser to where this Emacs looks for one; return its folder, or nil without a compiler."
  (let* ((folder (expand-file-name "tree-sitter" (work "..")))
         (source (expand-file-name "tree-sitter/src" (getenv "ROUTE_EDITORS")))
         (file (lambda (name) (expand-file-name name source))))
    (make-directory folder t)
    (when (and (executable-find "cc")
               (zerop (call-process "cc" nil nil nil "-shared" "-fPIC" "-I" source (funcall file "parser.c")
                                    (funcall file "scanner.c") "-o" (expand-file-name "libtree-sitter-route.so" folder))))
      folder)))

(ert-deftest shows-what-is-what-with-the-tree ()
  (skip-unless (and (fboundp 'treesit-available-p) (treesit-available-p)))
  (let ((folder (build-parser)))
    (skip-unless folder)
    (setq treesit-extra-load-path (list folder))
    (require 'route-ts-mode)
    (with-stack "greenhouse/greenhouse.route"
      (route-ts-mode)
      (font-lock-ensure)
      (should (eq (shown "/// ") 'font-lock-doc-face))
      (should (eq (shown "tap audit") 'font-lock-keyword-face))
      (should (eq (shown "tap audit" 4) 'font-lock-function-name-face))
      (should (eq (shown "msg.payload") 'font-lock-builtin-face))
      (should (eq (shown "msg.payload" 4) 'font-lock-property-use-face))
      (should (eq (shown "\"Read sensor\"") 'font-lock-string-face))
      (should (eq (shown "1/s") 'font-lock-number-face))
      (erase-buffer)
      (insert "break b on * -> * { log \"a {msg.x}\\n\" when sample(5%) and hot(1) }\n")
      (font-lock-ensure)
      (should (eq (shown "\"a") 'font-lock-string-face))
      (should (eq (shown "msg.x") 'font-lock-builtin-face))
      (should (eq (shown "\\n") 'font-lock-escape-face))
      (should (eq (shown "sample") 'font-lock-builtin-face))
      (should (eq (shown "hot(") 'font-lock-function-call-face)))))

(let ((ert-quiet nil))
  (ert-run-tests-batch-and-exit))
;;; session.el ends here
