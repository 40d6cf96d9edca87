;; SPDX-License-Identifier: Apache-2.0
(define me (self))
(define (batch-update updates) (list 'batch updates))
(define updates '(1 2 3))
(define actor
  (spawn (lambda ()
           (let loop ((n 0))
             (receive m
               (cond ((eq? m 'end) (send! me n))
                     ((pair? m) (loop (+ n (length (cadr m)))))
                     (else (loop (+ n 1)))))))))

;; ✅ Good: Batch related messages
(send! actor (batch-update updates))

;; ❌ Bad: Many small messages
(map (lambda (update) (send! actor update)) updates)

;; ----
(send! actor 'end)
(printf "~a~n" (receive))
