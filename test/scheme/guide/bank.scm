;; SPDX-License-Identifier: Apache-2.0
;; Define transactional variables
(define account-a (make-tvar 1000))
(define account-b (make-tvar 500))

;; Atomic transfer function
(define (transfer from to amount)
  (atomic
    (lambda ()
      (let ((from-balance (tvar-read from))
            (to-balance (tvar-read to)))
        (if (>= from-balance amount)
            (begin
              (tvar-write! from (- from-balance amount))
              (tvar-write! to (+ to-balance amount))
              #t)
            #f)))))

;; Concurrent transfers
(parallel-do
  (transfer account-a account-b 200)
  (transfer account-b account-a 100)
  (transfer account-a account-b 50))

;; ----
(printf "~a~n" (+ (tvar-read account-a) (tvar-read account-b)))
(printf "~a ~a~n" (tvar-read account-a) (tvar-read account-b))
(printf "~a~n" (transfer account-a account-b 5000))
