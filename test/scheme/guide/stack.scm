;; SPDX-License-Identifier: Apache-2.0
;; Transactional stack
(define-record-type tstack
  (make-tstack-internal head)
  tstack?
  (head tstack-head))

(define (make-tstack)
  (make-tstack-internal (make-tvar '())))

(define (tstack-push! stack item)
  (atomic
    (lambda ()
      (let* ((head (tstack-head stack))
             (current (tvar-read head)))
        (tvar-write! head (cons item current))))))

(define (tstack-pop! stack)
  (atomic
    (lambda ()
      (let* ((head (tstack-head stack))
             (current (tvar-read head)))
        (if (null? current)
            #f
            (begin
              (tvar-write! head (cdr current))
              (car current)))))))

;; ----
(define stack (make-tstack))
(pfor-each (lambda (i) (tstack-push! stack i)) (range 0 100))
(define popped (pmap (lambda (_) (tstack-pop! stack)) (range 0 100)))
(printf "~a~n" (equal? (range 0 100) (sort popped <)))
(printf "~a~n" (tstack-pop! stack))
