;; SPDX-License-Identifier: Apache-2.0
;; Locks, condition variables, semaphores, promises: they suspend the task, not the thread.
(define-module (weft sync)
  #:declarative? #t
  #:use-module (weft box)
  #:use-module (srfi srfi-9)
  #:use-module (weft core)
  #:use-module (weft task)
  #:export (make-mutex mutex? mutex-lock! mutex-try-lock! mutex-unlock! mutex-locked? with-mutex
            make-condition-variable condition-variable? condition-wait! condition-notify!
            condition-broadcast!
            make-semaphore semaphore? semaphore-acquire! semaphore-try-acquire! semaphore-release!
            semaphore-available
            make-barrier barrier? barrier-wait! barrier-reset!)
  #:replace (delay make-promise promise? force))

;; ---- mutex

(define* (make-mutex #:optional name)
  "A mutex, unlocked. NAME shows in reports."
  (%make-mutex name))

(define (mutex? object)
  "True if OBJECT is a mutex of weft's."
  (%mutex? object))

(define (mutex-lock! mutex)
  "Take MUTEX; wait while another task holds it. A circle of such waits is an error."
  (perform (%mutex-lock! mutex)))

(define (mutex-try-lock! mutex)
  "Take MUTEX if it is free; true if it was."
  (%mutex-try-lock! mutex))

(define (mutex-unlock! mutex)
  "Give MUTEX back. An error if it is not locked."
  (%mutex-unlock! mutex))

(define (mutex-locked? mutex)
  "True if some task holds MUTEX now."
  (%mutex-locked? mutex))

(define-syntax-rule (with-mutex mutex expression ...)
  "Evaluate the expressions with MUTEX locked; it is given back however they are left, but not while
they wait."
  (let ((m mutex))
    (mutex-lock! m)
    (call-with-cleanup (lambda () expression ...) (lambda () (mutex-unlock! m)))))

;; ---- condition variable

(define* (make-condition-variable #:optional name)
  "A condition variable, for tasks that hold a mutex."
  (%make-condition-variable name))

(define (condition-variable? object)
  "True if OBJECT is a condition variable of weft's."
  (%condition-variable? object))

(define (condition-wait! condition mutex)
  "Give MUTEX up, wait until CONDITION is notified, and take it again, whatever ended the wait."
  (perform (%condition-wait! condition mutex)))

(define (condition-notify! condition)
  "Let the task go on that has waited longest for CONDITION."
  (%condition-notify! condition))

(define (condition-broadcast! condition)
  "Let all tasks go on that wait for CONDITION now."
  (%condition-broadcast! condition))

;; ---- semaphore

(define (make-semaphore permits)
  "A semaphore with so many PERMITS."
  (%make-semaphore permits))

(define (semaphore? object)
  "True if OBJECT is a semaphore."
  (%semaphore? object))

(define* (semaphore-acquire! semaphore #:optional (permits 1))
  "Take PERMITS at once; wait until there are as many."
  (perform (%semaphore-acquire! semaphore permits)))

(define* (semaphore-try-acquire! semaphore #:optional (permits 1))
  "Take PERMITS if there are as many now; true if so."
  (%semaphore-try-acquire! semaphore permits))

(define* (semaphore-release! semaphore #:optional (permits 1))
  "Give PERMITS back, or add them."
  (%semaphore-release! semaphore permits))

(define (semaphore-available semaphore)
  "How many permits are free now."
  (%semaphore-available semaphore))

;; ---- barrier

(define (make-barrier parties)
  "A barrier where PARTIES tasks wait for each other, phase after phase."
  (%make-barrier parties))

(define (barrier? object)
  "True if OBJECT is a barrier."
  (%barrier? object))

(define (barrier-wait! barrier)
  "Arrive at BARRIER and wait until all have arrived. A wait that is cancelled breaks it: the waits
of the others, and later ones, are errors until `barrier-reset!'."
  (perform (%barrier-wait! barrier)))

(define (barrier-reset! barrier)
  "Begin a new phase of BARRIER with nobody arrived; those who wait are told by an error."
  (%barrier-reset! barrier))

;; ---- promises, whose body runs once, however many tasks force them

;; STATE is a procedure to call, a <running>, or the list of values.
(define-record-type <promise> (promise state) promise? (state promise-state))
(define-record-type <running> (running task gate) running? (task running-task) (gate running-gate))

(define-syntax-rule (delay expression)
  "A promise of the value of EXPRESSION, for `force'."
  (promise (make-atomic-box (lambda () expression))))

(define (make-promise value)
  "A promise that has VALUE already; VALUE itself if it is a promise."
  (if (promise? value) value (promise (make-atomic-box (list value)))))

(define (force promise)
  "The value of a promise, computed by the first who asks; of a task, as `await'; of anything else
that itself. After an error the promise can be forced again."
  (cond ((promise? promise) (force-promise (promise-state promise)))
        ((%task? promise) (await promise))
        (else promise)))

(define (force-promise state)
  (let ((seen (atomic-box-ref state)))
    (cond ((procedure? seen) (compute state seen))
          ((not (running? seen)) (apply values seen))
          ((eq? (running-task seen) (current-task))
           (scm-error 'misc-error 'force "a promise that needs its own value" '() #f))
          (else
           (perform (%pass-gate (running-gate seen)))
           (force-promise state)))))

(define (compute state body)
  (let* ((gate (%make-gate))
         (mine (running (current-task) gate)))
    (if (not (eq? body (atomic-box-compare-and-swap! state body mine)))
        (force-promise state)
        (let ((outcome body))  ; what is put back if the body is left by an error
          (call-with-cleanup
           (lambda ()
             (set! outcome (call-with-values body list))
             (apply values outcome))
           (lambda ()
             (atomic-box-set! state outcome)
             (%open-gate! gate)))))))
