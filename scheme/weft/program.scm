;; SPDX-License-Identifier: Apache-2.0
;; Programs: from a file of text to a thunk that runs it. The compiler is loaded only for a text
;; that the cache does not know.
(define-module (weft program)
  #:use-module (system vm loader)
  #:use-module (weft cache)
  #:use-module (weft core)
  #:use-module (weft source)
  #:declarative? #t
  #:export (load-program
            program-thunk
            program-text
            compile-what-is-loaded!))

(define (create-names! names)
  ;; NAMES is ((module name ...) ...). Each exists afterwards, unbound or with the imported value.
  (for-each
   (lambda (entry)
     (let ((m (if (equal? (car entry) (module-name (current-module)))
                  (current-module)
                  (resolve-module (car entry) #f))))
       (for-each
        (lambda (name)
          (unless (module-local-variable m name)
            (let ((imported (module-variable m name)))
              (module-ensure-local-variable! m name)
              (take-value! m name imported))))
        (cdr entry))))
   names))

(define (refill-names! names)
  ;; After an import: the NAMES of the current module that are not defined yet have what it brought.
  (let* ((m (current-module))
         (mine (assoc (module-name m) names)))
    (for-each
     (lambda (name)
       (let ((local (module-local-variable m name)))
         (unless (and local (variable-bound? local))
           (or-map (lambda (interface) (take-value! m name (module-variable interface name)))
                   (module-uses m)))))
     (if mine (cdr mine) '()))))

(define (take-value! m name variable)
  ;; Whether VARIABLE had a value, not a macro, for NAME.
  (and variable (variable-bound? variable) (not (macro? (variable-ref variable)))
       (begin (module-define! m name (variable-ref variable)) #t)))

(define (fresh-module file imports)
  ;; A module that has the IMPORTS, modules' names, and (guile), for the program of FILE, in the
  ;; place of the one it had before. Its name is the same each time, since macros know their module
  ;; by its name and compiled code keeps it.
  (let ((name (list 'weft-user (string->symbol file)))
        (m (make-fresh-user-module)))
    (set-module-name! m name)
    (set-module-declarative?! m #f)
    (module-use-interfaces! m (map resolve-interface imports))
    (nested-define-module! (resolve-module '() #f) name m)
    m))

(define (identity)
  ;; Changes with the modules of weft, whose macros are in what is compiled.
  (define (all path suffix)
    (let ((found (search-path path (string-append "weft/program" suffix))))
      (if found (stamps (dirname found) suffix) '())))
  (define (stamps dir suffix)
    (let ((stream (opendir dir)))
      (let loop ((found '()))
        (let ((name (readdir stream)))
          (cond ((eof-object? name) (closedir stream) (sort! found string<?))
                ((string-suffix? suffix name)
                 (loop (cons (or (file-stamp (string-append dir "/" name)) "") found)))
                (else (loop found)))))))
  (string-join (append (all %load-compiled-path ".go") (all %load-path ".scm")) "\n"))

(define loaded '())  ; the files of source that were loaded since this module was

(define (compiled file text module key)
  ;; The bytecode of TEXT, expanded in MODULE; kept in the cache, with the files that it depends on.
  (let ((forms (text->forms file text))
        (compiler (resolve-interface '(weft compiler))))
    (let ((bytecode ((module-ref compiler 'compile-forms) file forms module)))
      (unless ((module-ref compiler 'includes-files?) forms)
        (cache-save key bytecode (delete file loaded)))
      bytecode)))

(define (text-thunk file text imports module)
  ;; A thunk that runs TEXT in the current module; MODULE makes one, with IMPORTS, to expand it in.
  (let ((key (cache-key text file (object->string imports) %weft-version (version) (identity))))
    (remember-text! file text)
    (or (let ((kept (cache-load key)))
          (and kept (false-if-exception (load-thunk-from-memory kept))))
        (load-thunk-from-memory (compiled file text (module) key)))))

(define (compile-what-is-loaded!)
  "From now on the process compiles, as it does with programs, the files of source that a program
loads: with `load', or as modules that it uses. Guile would interpret them, and errors in them have
no place then."
  (let ((load-path primitive-load-path))
    (define (load-source file)
      (set! loaded (cons file (delete! file loaded)))
      ((text-thunk file (read-text file) '() make-fresh-user-module)))
    (set! primitive-load load-source)
    (set! primitive-load-path
          (lambda (name . absent)
            (let ((source (and (not (search-path %load-compiled-path name '(".go")))
                               (%search-load-path name))))
              (if (and source (not (of-a-library? source)))
                  (load-source source)
                  (apply load-path name absent)))))))

(define* (program-thunk file text #:optional (imports '((weft))))
  "A thunk that runs the program TEXT, in a module of its own that has IMPORTS and (guile); FILE is
its name in positions. The thunk is the program's main body; it leaves the program's module current.
Raises &source-error for a text that is no program.

Nothing of the program runs before the thunk is called, but what its macros and `eval-when' do.
Kept in the cache, unless the program includes other files."
  (let ((thunk (text-thunk file text imports (lambda () (fresh-module file imports)))))
    (lambda ()
      (set-current-module (fresh-module file imports))
      (thunk))))

(define (program-text file)
  "The text of the program in FILE. Raises &source-error."
  (read-text file))

(define (load-program file)
  "Compiles the program in FILE, or takes it from the cache, and runs it. The current module is the
same afterwards."
  (let ((thunk (program-thunk file (program-text file))))
    (save-module-excursion thunk)))
