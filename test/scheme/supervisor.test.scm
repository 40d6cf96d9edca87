;; SPDX-License-Identifier: Apache-2.0
(use-modules (weft test))

(define (eventually test)
  ;; Whether it becomes true.
  (let wait ((tries 5000))
    (cond ((test) #t)
          ((zero? tries) #f)
          (else (sleep 0.001) (wait (- tries 1))))))

(define log (make-work-queue))

(define worker
  (actor
    [(initial-state 1)]
    [(on-start) (queue-push! log (list 'start state))]
    [(on-restart why) (queue-push! log (list 'restart (condition->string why)))]
    [(add) (set! state (+ state 1)) state]
    [(boom) (error "boom" state)]
    [(get) state]))

(test-group "one-for-one"
  (test "a child that fails starts again with a new state, the same reference, its mailbox kept"
    (let* ((sup (start-supervisor
                 (supervisor [(strategy 'one-for-one)] [(max-restarts 5)] [(restart-window 60)]
                             [(child 'one worker)] [(child 'two worker)])))
           (one (supervisor-child sup 'one)) (two (supervisor-child sup 'two)))
      (check-equal 2 (ask one 'add))
      (check-equal 2 (ask two 'add))
      (send! one 'boom)
      (send! one 'add)
      (check-equal 2 (ask one 'get))
      (check-equal 2 (ask two 'get))
      (check-equal '((start 1) (start 1) (restart "boom 2"))
                   (list (queue-pop! log) (queue-pop! log) (queue-pop! log)))
      (check-equal '(one two) (map car (supervisor-children sup)))
      (check-equal #f (supervisor-child sup 'three))))
  (test "more failures than allowed end the supervisor and all children"
    (let* ((sup (start-supervisor
                 (supervisor [(max-restarts 2)] [(restart-window 60)]
                             [(child "a" worker)] [(child "b" worker)])))
           (a (supervisor-child sup "a")) (b (supervisor-child sup "b")))
      (for-each (lambda (_) (send! a 'boom)) '(1 2 3))
      (check (eventually (lambda () (not (actor-alive? a)))))
      (check (eventually (lambda () (not (actor-alive? b)))))
      (check-error actor-error? (ask b 'get))))
  (test "a temporary child is not started again"
    (let* ((sup (start-supervisor (supervisor [(child 'once worker #:restart 'temporary)])))
           (once (supervisor-child sup 'once)))
      (send! once 'boom)
      (check (eventually (lambda () (not (actor-alive? once))))))))
