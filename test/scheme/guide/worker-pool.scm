;; SPDX-License-Identifier: Apache-2.0
(define notified (make-atomic-counter 0))
(define (notify-workers) (atomic-increment! notified))

(define worker-pool
  (actor
    [(initial-state (make-work-queue))]
    
    [(add-work work)
     (queue-push! state work)
     (notify-workers)]
    
    [(request-work sender)
     (let ((work (queue-pop! state)))
       (if work
           (send! sender `(work ,work))
           (send! sender '(no-work))))]))

;; ----
(define pool (spawn worker-pool))
(send! pool '(add-work "first"))
(send! pool '(add-work "second"))
(define me (self))
(for-each (lambda (_)
            (send! pool (list 'request-work me))
            (printf "~s~n" (receive)))
          '(1 2 3))
(printf "~a~n" (atomic-load notified))
