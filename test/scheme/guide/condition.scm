;; SPDX-License-Identifier: Apache-2.0
;; Create synchronization primitives
(define mutex (make-mutex))
(define condition (make-condition-variable))
(define shared-data (make-vector 10 0))

;; Producer thread
(define producer
  (thread
    (lambda ()
      (do ((i 0 (+ i 1)))
          ((= i 100))
        (mutex-lock! mutex)
        (vector-set! shared-data 0 i)
        (condition-notify! condition)
        (mutex-unlock! mutex)
        (sleep 0.01)))))

;; Consumer thread
(define consumer
  (thread
    (lambda ()
      (mutex-lock! mutex)
      (let loop ()
        (condition-wait! condition mutex)
        (let ((value (vector-ref shared-data 0)))
          (display value)
          (newline)
          (if (< value 99)
              (loop)))))))

;; ----
;; The last notification may come while the consumer is not waiting: another one then ends it.
(thread-join! producer)
(let again ()
  (unless (task-done? consumer)
    (condition-notify! condition)
    (sleep 0.001)
    (again)))
(thread-join! consumer)
(printf "done~n")
