;; SPDX-License-Identifier: Apache-2.0
;; From the forms of a program to bytecode. Loads Guile's compiler: only (weft program) asks for
;; this module, and only when the bytecode is not in the cache.
(define-module (weft compiler)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (language tree-il)
  #:use-module (system base compile)
  #:use-module ((system syntax internal) #:select (syntax? syntax-expression))
  #:use-module (weft message)
  #:use-module (weft source)
  #:declarative? #t
  #:export (compile-forms
            includes-files?))

(define (place form)
  ;; (file line column) of a syntax object, counting from 1; #f if it has none.
  (let ((at (and (syntax? form) (syntax-source form))))
    (and at (assq-ref at 'line)
         (list (assq-ref at 'filename) (+ 1 (assq-ref at 'line)) (+ 1 (assq-ref at 'column))))))

(define (place-of-syntax-error args)
  ;; The third of ARGS says where, if anything does.
  (match args
    ((_ _ (? pair? where) . _)
     (and (assq-ref where 'line) (string? (assq-ref where 'filename))
          (list (assq-ref where 'filename)
                (+ 1 (assq-ref where 'line)) (+ 1 (assq-ref where 'column)))))
    (_ #f)))

(define (first-place form)
  ;; That of FORM or, since literals have none, of the first thing in it that has one.
  (or (place form)
      (let ((datum (if (syntax? form) (syntax-expression form) form)))
        (and (pair? datum) (or (first-place (car datum)) (first-place (cdr datum)))))))

(define (place-of datum form)
  ;; The place of the first thing in FORM that is DATUM, or #f.
  (let search ((x form))
    (let ((inner (if (syntax? x) (syntax-expression x) x)))
      (cond ((and (place x) (equal? datum (syntax->datum x))) (place x))
            ((pair? inner) (or (search (car inner)) (search (cdr inner))))
            (else #f)))))

(define (place-of-mistake condition form)
  ;; Where a syntax error that CONDITION tells of is in FORM, as near as is known; or #f.
  (match (cons (exception-kind condition) (exception-args condition))
    (('syntax-error _ _ where whole part . _)
     (or (and part (place-of part form))
         (and (pair? where) (place-of-syntax-error (exception-args condition)))
         (place-of whole form)))
    (_ #f)))

(define (refuse file form condition)
  ;; FORM could not be expanded, because of CONDITION. The place is that of the mistake where it is
  ;; in a file of the program, else that of the form.
  (if (source-error? condition)
      (raise-exception condition)
      (let* ((exact (place-of-mistake condition form))
             (at (cond ((and exact (or (equal? file (car exact)) (file-exists? (car exact)))) exact)
                       ((first-place form))
                       (else (list file #f #f)))))
        (raise-source-error (car at) (cadr at) (caddr at)
                            (condition->string condition)
                            #:form (syntax->datum form)
                            #:also (and (exception? condition) condition)))))

(define (expand file form)
  (with-exception-handler
      (lambda (c) (refuse file form c))
    (lambda () (macroexpand form 'c '(compile load eval)))
    #:unwind? #t))

(define (defined tree names)
  ;; The (module . name) that TREE defines at its top level, before NAMES.
  (match tree
    (($ <seq> _ head tail) (defined tail (defined head names)))
    (($ <toplevel-define> _ module name _) (cons (cons module name) names))
    (_ names)))

(define (by-module names home)
  ;; ((module name ...) ...), in the order of the text; #f as a module is HOME.
  (let loop ((names names) (found '()))
    (if (null? names)
        found
        (let* ((module (or (caar names) home))
               (entry (assoc module found)))
          (cond ((not entry) (loop (cdr names) (acons module (list (cdar names)) found)))
                ((memq (cdar names) (cdr entry)) (loop (cdr names) found))
                (else (set-cdr! entry (cons (cdar names) (cdr entry)))
                      (loop (cdr names) found)))))))

(define raisers '(error raise raise-exception throw scm-error))

(define (keep-raisers tree mine?)
  ;; TREE with no call of a procedure that raises in a tail position: its caller would be gone from
  ;; the stack, and the place of the error with it. Nothing is lost, since it does not return. MINE?
  ;; tells names that the program defines itself.
  (post-order
   (lambda (x)
     (match x
       (($ <call> src ($ <toplevel-ref> _ _ name) _)
        (if (and (memq name raisers) (not (mine? name)))
            (make-seq src x (make-void src))
            x))
       (_ x)))
   tree))

(define (call-of procedure names)
  (make-call #f (make-module-ref #f '(weft program) procedure #f) (list (make-const #f names))))

(define (imports)
  ;; What the names of the current module depend on, to see whether a form has changed it.
  (let ((m (current-module))) (cons m (module-uses m))))

(define (compile-forms file forms module)
  "The bytecode, as a bytevector, of a program made of FORMS (syntax objects), expanded in MODULE.
Run, it first creates every name that the forms define, in its module, and then runs them in order;
its value is unspecified.
A form that cannot be expanded is a &source-error.

Names come first because a task started by one form looks its names up while later forms still
define: a Guile module is no table for several threads. A name that is imported as well has, until
it is defined, the imported value, as in Guile."
  (save-module-excursion
   (lambda ()
     (set-current-module module)
     (let loop ((forms forms) (before (imports)) (trees '()) (names '()))
       (if (pair? forms)
           (let* ((tree (expand file (car forms)))
                  (after (imports)))
             (loop (cdr forms) after
                   (if (equal? before after) (cons tree trees) (cons* 'refill tree trees))
                   (defined tree names)))
           (let ((mine? (lambda (name) (or-map (lambda (n) (eq? name (cdr n))) names)))
                 (names (by-module names (module-name module))))
             ;; The value of the last form is dropped, so that it is no tail position either.
             (compile (list->seq #f `(,(call-of 'create-names! names)
                                      ,@(map (lambda (tree)
                                               (if (eq? tree 'refill)
                                                   (call-of 'refill-names! names)
                                                   (keep-raisers tree mine?)))
                                             (reverse trees))
                                      ,(make-void #f)))
                      #:from 'tree-il #:to 'bytecode #:env module
                      #:optimization-level 1 #:warning-level 0)))))))

(define (includes-files? forms)
  "Whether a form may take in another file when it is expanded, so that the text is not all of the
program: a symbol `include', `include-ci' or `include-from-path' is in it."
  (let search ((x (map syntax->datum forms)))
    (cond ((pair? x) (or (search (car x)) (search (cdr x))))
          ((vector? x) (search (vector->list x)))
          (else (memq x '(include include-ci include-from-path))))))
