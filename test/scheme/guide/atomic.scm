;; SPDX-License-Identifier: Apache-2.0
;; Atomic counter operations
(define counter (make-atomic-counter 0))

;; Multiple threads can safely increment
(parallel-map
  (lambda (_) (atomic-increment! counter))
  (range 1 1000))

;; Compare-and-swap operations
(define (atomic-max! counter new-value)
  (let loop ((current (atomic-load counter)))
    (if (> new-value current)
        (let ((result (atomic-compare-and-swap! counter current new-value)))
          (if (not (= result current))
              (loop result) ; Retry with new current value
              new-value))
        current)))

;; ----
(printf "~a~n" (atomic-load counter))
(printf "~a~n" (pmap (lambda (n) (<= n (atomic-max! counter n))) (range 1 1500 200)))
(printf "~a~n" (atomic-load counter))
