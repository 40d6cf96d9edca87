;; SPDX-License-Identifier: Apache-2.0
(define (expensive-computation-1) (sleep 0.01) 1)
(define (expensive-computation-2) (sleep 0.002) 20)
(define (expensive-computation-3) 300)
(define (combine-results a b c)
  (printf "~a ~a ~a~n" a b c)
  (+ a b c))

;; Parallel execution of independent tasks
(define result
  (plet ((a (expensive-computation-1))
         (b (expensive-computation-2))  
         (c (expensive-computation-3)))
    (combine-results a b c)))

;; Future-based parallelism
(define future-a (future (expensive-computation-1)))
(define future-b (future (expensive-computation-2)))
(define result (+ (force future-a) (force future-b)))

;; ----
(printf "~a~n" result)
