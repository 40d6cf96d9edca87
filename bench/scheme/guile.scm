;; SPDX-License-Identifier: Apache-2.0
;; What plain Guile does in the rows scheme.*: its own threads, futures and par-map.
(use-modules (ice-9 threads) (ice-9 futures))

(define (times n thunk)
  (let loop ((i 0))
    (when (< i n)
      (thunk)
      (loop (+ i 1)))))

;; Two threads, a box each way.
(define (ping-pong n)
  (define m (make-mutex))
  (define there (make-condition-variable))
  (define back (make-condition-variable))
  (define ball 'here)
  (define (until where signal next wake)
    (with-mutex m
      (let wait ()
        (unless (eq? ball where)
          (wait-condition-variable signal m)
          (wait)))
      (set! ball next)
      (signal-condition-variable wake)))
  (let ((other (call-with-new-thread
                (lambda () (times n (lambda () (until 'there there 'here back)))))))
    (times n (lambda () (until 'here back 'there there)))
    (join-thread other)))

(define numbers '())
(define (squares n)
  (unless (= n (length numbers)) (set! numbers (iota n)))
  (par-map (lambda (x) (* x x)) numbers))

(define questions
  `((await . ,(lambda (n) (times n (lambda () (touch (future 1))))))
    (pingpong . ,ping-pong)
    (pmap . ,squares)))

(let loop ()
  (let ((question (read)))
    (unless (eof-object? question)
      (let* ((n (read)) (start (get-internal-real-time)))
        ((assq-ref questions question) n)
        (display (quotient (* 1000000000 (- (get-internal-real-time) start))
                           internal-time-units-per-second))
        (newline)
        (force-output)
        (loop)))))
