;; SPDX-License-Identifier: Apache-2.0
(define (make-account id amount) (vector id (make-mutex) amount))
(define (account-id account) (vector-ref account 0))
(define (account-mutex account) (vector-ref account 1))
(define (balance account) (vector-ref account 2))
(define (transfer-amount a b amount)
  (vector-set! a 2 (- (balance a) amount))
  (yield)
  (vector-set! b 2 (+ (balance b) amount)))

;; ❌ Bad: Potential deadlock
(define (transfer-with-locks a b amount)
  (mutex-lock! (account-mutex a))
  (mutex-lock! (account-mutex b))  ; Lock order may vary
  (transfer-amount a b amount)
  (mutex-unlock! (account-mutex b))
  (mutex-unlock! (account-mutex a)))

;; ✅ Good: Consistent lock ordering
(define (transfer-safe a b amount)
  (let ((first (if (< (account-id a) (account-id b)) a b))
        (second (if (< (account-id a) (account-id b)) b a)))
    (mutex-lock! (account-mutex first))
    (mutex-lock! (account-mutex second))
    (transfer-amount a b amount)
    (mutex-unlock! (account-mutex second))
    (mutex-unlock! (account-mutex first))))

;; ----
(define a (make-account 1 1000))
(define b (make-account 2 1000))
(transfer-with-locks a b 10)
(pfor-each (lambda (i) (if (even? i) (transfer-safe a b 3) (transfer-safe b a 1))) (range 0 200))
(printf "~a ~a~n" (balance a) (balance b))
