;; SPDX-License-Identifier: Apache-2.0
;; ✅ Good: Use appropriate mailbox types
(define high-throughput-actor
  (actor #:mailbox 'bounded-1000
    (let loop ((n 0))
      (receive msg
        (if (eq? msg 'count)
            (reply n)
            (loop (+ n 1)))))))

;; ----
(define busy (spawn high-throughput-actor))
(for-each (lambda (i) (send! busy i)) (range 0 100))
(printf "~a~n" (ask busy 'count))
