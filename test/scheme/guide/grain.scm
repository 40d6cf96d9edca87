;; SPDX-License-Identifier: Apache-2.0
(define (expensive-computation x) (* x x))
(define large-dataset (range 0 1000))
(define tiny-list '(1 2 3))
(define (simple-op x) (+ x 1))
(define items (range 0 1000))

;; ✅ Good: Sufficient work per task
(pmap expensive-computation large-dataset)

;; ❌ Bad: Too fine-grained parallelism
(pmap (lambda (x) (+ x 1)) tiny-list)

;; ✅ Good: Use chunking for small items
(pmap (lambda (chunk) (map simple-op chunk))
      (chunk-list items 100))

;; ----
(printf "~a~n" (equal? (map square large-dataset) (pmap expensive-computation large-dataset)))
(printf "~a~n" (pmap (lambda (x) (+ x 1)) tiny-list))
(printf "~a~n" (length (pmap (lambda (chunk) (map simple-op chunk)) (chunk-list items 100))))
