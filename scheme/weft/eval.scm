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

;; A task must not be suspended between taking a mutex of Guile and noting, by `dynamic-wind', that
;; it is to be given back: the mutex is a thread's, and the task may go on in another. Hence asyncs
;; are blocked first. Who has to wait lends the worker: what is waited for may need one.
(define call-holding-it
  ;; It looks no name up, not even `not': where it is interpreted, to look one up is to come here.
  (let ((blocked call-with-blocked-asyncs) (wind dynamic-wind) (lock lock-mutex)
        (unlock unlock-mutex) (lend %lend-worker) (expansion expansion))
    (lambda (thunk)
      (blocked
       (lambda ()
         (if (lock expansion 0) #t (begin (lend) (lock expansion)))
         (wind (lambda () #f) thunk (lambda () (unlock expansion))))))))

(define (call-with-expansion-lock thunk)
  "Call THUNK while no other task expands, compiles, imports or creates top-level names.
It is not preempted meanwhile, and must not wait."
  (call-holding-it thunk))

;; Guile takes a lock of its own for imports: it is this one, so there is one order. The body of
;; a module may be long, or wait: it can be interrupted, and cancelled. Not just when asyncs come to
;; be unblocked: Guile runs one there before it has noted how to block them again, and if that one
;; raises they are unblocked once too often.
(set! (@ (guile) call-with-module-autoload-lock)
      (let ((holding-it call-holding-it) (unblocked call-with-unblocked-asyncs) (deafen %deafen!))
        (lambda (thunk)
          (holding-it (lambda ()
                        ;; What interrupts here may look a name up, and come here itself.
                        (let ((before (deafen #t)))
                          (unblocked (lambda () (deafen before) (thunk)))))))))

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
  ;; (kind message irritants where frame ...), all text. The first use loads what reads stacks.
  (cons* (symbol->string (condition-kind condition))
         (condition->string condition)
         (object->string (condition-irritants condition))
         (if stack
             ((module-ref (resolve-interface '(weft frames)) 'stack->strings) stack)
             '(""))))

(%set-text-hooks! text->thunk explain)
