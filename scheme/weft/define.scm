;; SPDX-License-Identifier: Apache-2.0
;; New names at run time, by any number of tasks: a module of Guile loses names when two threads add
;; some at once. So expansion and the creation of names come under the one lock of all expansion;
;; what is evaluated runs without it, and may wait.
(define-module (weft define)
  #:declarative? #t
  #:use-module (weft eval)
  #:use-module (weft argument)
  #:replace (eval module-define! define! module-ensure-local-variable!))

(define core:module-define! (@ (guile) module-define!))
(define core:module-ensure-local-variable! (@ (guile) module-ensure-local-variable!))

;; The types of expanded forms, by their numbers in Guile.
(define <const> (vector-ref %expanded-vtables 1))
(define <module-ref> (vector-ref %expanded-vtables 5))
(define <toplevel-define> (vector-ref %expanded-vtables 9))
(define <call> (vector-ref %expanded-vtables 11))
(define <seq> (vector-ref %expanded-vtables 13))

(define variable-setter (make-struct/no-tail <module-ref> #f '(guile) 'variable-set! #t))

;; The tree with each definition at its top level made an assignment to the variable, which is
;; created here: Guile's own definition would look for it in the module again, when it is run.
(define (with-names-created tree module)
  (let ((type (struct-vtable tree)))
    (cond ((eq? type <seq>)
           (make-struct/no-tail <seq> (struct-ref tree 0)
                                (with-names-created (struct-ref tree 1) module)
                                (with-names-created (struct-ref tree 2) module)))
          ((eq? type <toplevel-define>)
           (let ((variable (core:module-ensure-local-variable! module (struct-ref tree 2))))
             (make-struct/no-tail <call> (struct-ref tree 0) variable-setter
                                  (list (make-struct/no-tail <const> #f variable)
                                        (struct-ref tree 3)))))
          (else tree))))

(define (expand form module)
  (call-with-expansion-lock
   (lambda ()
     (save-module-excursion
      (lambda ()
        (set-current-module module)
        (with-names-created (macroexpand form) module))))))

(define (check-module who position module)
  (unless (module? module) (wrong-type who position module "module")))

(define (eval form module)
  "Evaluate FORM in MODULE and return its value. Tasks may define names in one module at the same
time; FORM may wait."
  (check-module 'eval 2 module)
  (let ((tree (expand form module)) (before (current-module)))
    (set-current-module module)
    (call-with-values (lambda () (primitive-eval tree))
      (lambda results
        (set-current-module before)
        (apply values results)))))

(define (module-define! module name value)
  "Bind NAME to VALUE in MODULE, as any number of tasks may do at the same time."
  (check-module 'module-define! 1 module)
  (unless (symbol? name) (wrong-type 'module-define! 2 name "symbol"))
  (call-with-expansion-lock (lambda () (core:module-define! module name value))))

(define (define! name value)
  "Bind NAME to VALUE in the current module."
  (module-define! (current-module) name value))

(define (module-ensure-local-variable! module name)
  "Return the variable of NAME in MODULE, made, unbound, if there was none."
  (check-module 'module-ensure-local-variable! 1 module)
  (unless (symbol? name) (wrong-type 'module-ensure-local-variable! 2 name "symbol"))
  (call-with-expansion-lock (lambda () (core:module-ensure-local-variable! module name))))
