;; SPDX-License-Identifier: Apache-2.0
(define expensive (make-atomic-counter 0))
(define (expensive-operation msg) (sleep 0.0001) (atomic-add! expensive msg))

;; ❌ Bad: Unbounded mailbox growth
(define busy-actor
  (actor
    (let loop ()
      (receive msg
        ; Process message very slowly
        (expensive-operation msg)
        (loop)))))

;; ✅ Good: Bounded mailbox with backpressure
(define controlled-actor
  (actor #:mailbox 'bounded-100
         #:backpressure 'block
    (let loop ()
      (receive msg
        (expensive-operation msg)
        (loop)))))

;; ----
(define busy (spawn busy-actor))
(define controlled (spawn controlled-actor))
(for-each (lambda (i) (send! busy i) (send! controlled i)) (range 0 300))
(define all (* 2 (apply + (range 0 300))))
(let wait ()
  (unless (= (atomic-load expensive) all)
    (sleep 0.001)
    (wait)))
(printf "~a~n" (atomic-load expensive))
