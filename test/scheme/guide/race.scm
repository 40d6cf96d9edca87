;; SPDX-License-Identifier: Apache-2.0
;; ✅ Good: Use atomic operations
(define counter (make-atomic-counter 0))
(parallel-do
  (atomic-increment! counter)
  (atomic-increment! counter))

;; ----
(printf "~a~n" (atomic-load counter))
