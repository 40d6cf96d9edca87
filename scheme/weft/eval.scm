;; SPDX-License-Identifier: Apache-2.0
;; Text to be run: read with its places, expanded and compiled under one lock, run without it.
(define-module (weft eval)
  #:use-module (weft core)
  #:use-module (weft condition)
  #:use-module (ice-9 threads)
  #:use-module (system syntax)
  #:export (fresh-module define-host! text->thunk call-with-expansion-lock))

(define (fresh-module)
  "A module that sees (guile) and (weft)."
  (let ((m (make-fresh-user-module)))
    (module-use! m (resolve-interface '(weft)))
    m))

(define (define-host! module name function)
  "Bind NAME in MODULE to a procedure that calls a C++ function."
  (call-with-expansion-lock
   (lambda () (module-define! module name (lambda args (%call-host function args))))))

(define expansion (make-mutex 'recursive))

(define (call-with-expansion-lock thunk)
  "Call THUNK while no other task expands, compiles, imports or creates top-level names.
It is not preempted meanwhile, and must not wait."
  (call-with-blocked-asyncs (lambda () (with-mutex expansion (thunk)))))

(define (compiled form module)
  ;; The compiler is loaded by the first who needs it.
  (let ((compile (module-ref (resolve-interface '(system base compile)) 'compile))
        (load (module-ref (resolve-interface '(system vm loader)) 'load-thunk-from-memory)))
    (load (compile form #:env module #:from 'scheme #:to 'bytecode #:optimization-level 1
                   #:warning-level 0))))

(define (text->thunk text name)
  "A thunk that runs the forms of TEXT in the current module and gives the value of the last."
  (lambda ()
    (let ((port (open-input-string text)))
      (set-port-filename! port name)
      (let loop ((last *unspecified*))
        (let ((form (read-syntax port)))
          (if (eof-object? form)
              last
              (loop
               ((call-with-expansion-lock
                 (lambda () (compiled form (current-module))))))))))))

(define (explain condition stack)
  ;; (kind message irritants where frame ...), all text. What reads stacks is loaded by its first use.
  (cons* (symbol->string (condition-kind condition))
         (condition->string condition)
         (object->string (condition-irritants condition))
         (if stack
             ((module-ref (resolve-interface '(weft frames)) 'stack->strings) stack)
             '(""))))

(%set-text-hooks! text->thunk explain)
