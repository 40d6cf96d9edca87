;; SPDX-License-Identifier: Apache-2.0
;; Parallel map - automatically distributed across threads
(define numbers (range 1 1000000))
(define squares (pmap square numbers))

;; Parallel reduce
(define sum (preduce + 0 numbers))

;; Parallel filter
(define evens (pfilter even? numbers))

;; ----
(printf "~a ~a ~a~n" (length squares) (car squares) (list-ref squares 999998))
(printf "~a~n" sum)
(printf "~a ~a ~a~n" (length evens) (car evens) (list-ref evens 499998))
