;; SPDX-License-Identifier: Apache-2.0
;; ❌ Bad: Race condition
(define counter 0)
(parallel-do
  (set! counter (+ counter 1))  ; Not atomic
  (set! counter (+ counter 1)))

;; ----
;; One of the two may be lost.
(printf "~a~n" (and (memv counter '(1 2)) #t))
