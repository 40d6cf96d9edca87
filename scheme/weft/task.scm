;; SPDX-License-Identifier: Apache-2.0
;; Tasks: how Scheme runs on weft's workers, and how it waits.
(define-module (weft task)
  #:use-module (weft core)
  #:use-module (weft condition)
  #:use-module (weft sites)
  #:use-module ((weft argument) #:select (wrong-type))
  #:use-module (ice-9 control)
  #:export (perform
            spawn-task
            thread
            thread-join!
            async
            make-future
            future
            future?
            await
            await-all
            yield
            cancel!
            current-task
            task?
            task-name
            task-done?
            worker-count
            inheriting
            call-with-cleanup)
  #:replace (sleep parameterize))

;; ---- slices

(define tag (make-prompt-tag 'weft))

;; True in a task. False for the few steps before a slice has entered it, and after it has left it.
(define inside (make-fluid #f))

;; The handler is exactly this, so that Guile captures the continuation lazily.
(define (%start thunk)
  (call-with-prompt tag (lambda () (with-fluids ((inside #t)) (thunk))) (lambda (k) k)))
(define (%resume k v)
  (call-with-prompt tag (lambda () (k v)) (lambda (k) k)))

;; Where the errors of all tasks end that nobody handles: one handler for a worker, so that a task
;; costs none. The stack is kept at the raise, before anything unwinds; it is read only if it is
;; shown. A task that ends is interrupted no more.
(define (%live work)
  (with-exception-handler end-task
    (lambda () (with-exception-handler end-task work))))

(define (end-task condition)
  (%ending!)
  (let ((stack (make-stack #t 2 tag)))
    (note-site! condition (%task-name (%current-task)) stack)
    (%task-failed! condition stack)
    (abort-to-prompt tag)))

(define (suspend)
  (if (suspendable-continuation? tag)
      (abort-to-prompt tag)
      (%block)))

(define (finish-wait v)
  (let ((v (if (eq? v %must-wait) (suspend) v)))
    (if (eq? v %failed)
        (raise-exception (%take-failure))
        v)))

(define-syntax-rule (perform operation)
  "The value of OPERATION, a call of a primitive that may have to wait."
  (let ((v operation))
    (if (or (eq? v %must-wait) (eq? v %failed)) (finish-wait v) v)))

;; A slice that lasts too long is interrupted at its next safe point. Right at the prompt it is left
;; alone: that frame is not part of what would be captured, and no handler is there yet.
(define (%on-tick)
  (let ((verdict (%verdict)))
    (cond ((not (and verdict (fluid-ref inside))) #f)
          ((eq? verdict 'cancel) (raise-exception (%why-cancelled)))
          ((and (eq? verdict 'yield) (suspendable-continuation? tag))
           (%yield)
           (abort-to-prompt tag))
          (else (%lend-worker)))))

(define (bound f x) (lambda () (f x)))

(%set-hooks! %start %resume make-weft-condition %on-tick bound %live)

;; ---- starting

;; What the spawner has by binding, the task has too; what it has by assignment is its worker's.
;; The ports that all have from the start are not bound anew: a million tasks may be asleep.
(define input (parameter-fluid current-input-port))
(define output (parameter-fluid current-output-port))
(define errors (parameter-fluid current-error-port))
(define first-input (current-input-port))
(define first-output (current-output-port))
(define first-errors (current-error-port))

(define (inheriting thunk)
  (let ((in (fluid-ref input)) (out (fluid-ref output)) (err (fluid-ref errors))
        (parameters (fluid-ref bound-parameters)))
    (let ((thunk (if (null? parameters) thunk (lambda () (with-parameters parameters thunk)))))
      (if (and (eq? in first-input) (eq? out first-output) (eq? err first-errors))
          thunk
          (lambda () (with-fluids ((input in) (output out) (errors err)) (thunk)))))))

;; The parameters that `parameterize' has bound here, with their values, the last one first: what a
;; task that is started here has to bind again.
(define bound-parameters (make-fluid '()))

(define-syntax parameterize
  (lambda (form)
    "Evaluate the body with the parameters bound; tasks that it starts see them too."
    (syntax-case form ()
      ((_ ((parameter value) ...) body ...)
       (with-syntax (((p ...) (generate-temporaries #'(parameter ...))))
         #'(let ((p parameter) ...)
             ((@ (guile) parameterize) ((p value) ...)
              (with-fluids ((bound-parameters
                             (cons* (cons p (p)) ... (fluid-ref bound-parameters))))
                body ...))))))))

(define (with-parameters all thunk)
  (let bind ((rest (reverse all)))
    (if (null? rest)
        (with-fluids ((bound-parameters all)) (thunk))
        (with-fluids (((parameter-fluid (caar rest)) (cdar rest)))
          (bind (cdr rest))))))

(define* (spawn-task thunk #:key (name #f) (attached #f))
  "Start a task that calls THUNK; return it at once.
An ATTACHED one is cancelled with the task that starts it."
  (%spawn (inheriting thunk) name attached))

(define* (thread thunk #:optional name)
  "Start a task that calls THUNK. The program does not end before it."
  (spawn-task thunk #:name name))

(define (thread-join! thread)
  "The value of THREAD's thunk, once it has ended; raises what it raised."
  (perform (%await thread)))

(define (async thunk)
  "Start a task that calls THUNK, for `await'."
  (%spawn (inheriting thunk) #f #t))
(define make-future async)

(define-syntax-rule (future expression ...)
  "Start a task that evaluates the expressions, for `force' or `await'."
  (async (lambda () expression ...)))

(define (future? object)
  "True of what `future', `async' and `thread' return."
  (%task? object))

(define (await task)
  "The value of TASK, once it has ended; raises what it raised."
  (perform (%await task)))

(define (await-all tasks)
  "The values of TASKS in order.
The first error cancels the others and is raised once all have ended."
  (let loop ((rest tasks) (values '()))
    (if (null? rest)
        (reverse! values)
        (loop (cdr rest)
              (cons (with-exception-handler
                     (lambda (e)
                       (for-each (lambda (t) (%cancel! t "another one failed")) tasks)
                       (for-each wait-for-end tasks)
                       (raise-exception e))
                     (lambda () (await (car rest)))
                     #:unwind? #t)
                    values)))))

(define (wait-for-end task)
  (with-exception-handler (const #f) (lambda () (await task)) #:unwind? #t))

;; ---- the running one

(define (yield)
  "Let the other tasks run first."
  (perform (%yield)))

(define (sleep seconds)
  "Suspend the task for SECONDS, which may be fractional; no thread sleeps."
  (perform (%sleep seconds)))

(define* (cancel! task #:optional (reason ""))
  "Ask TASK to end: its wait, or its next one, raises a cancelled condition.
True for the first call."
  (%cancel! task reason))

(define current-task %current-task)
(define task? %task?)
(define task-name %task-name)
(define task-done? %task-done?)
(define worker-count %workers)

(define (call-with-cleanup thunk cleanup)
  "Call THUNK, then CLEANUP once, however THUNK is left: by its end, an error or an escape, but not
by a suspension. A cancellation waits for CLEANUP's end."
  (unless (procedure? thunk) (wrong-type 'call-with-cleanup 1 thunk "procedure"))
  (unless (procedure? cleanup) (wrong-type 'call-with-cleanup 2 cleanup "procedure"))
  (dynamic-wind
    (const #f)
    thunk
    (lambda () (unless (%suspending?) (shielded cleanup)))))

(define (shielded cleanup)
  (%raise-shield)
  (with-exception-handler
    (lambda (object)
      (%lower-shield)
      (raise-exception object #:continuable? #t))
    cleanup)
  (%lower-shield))
