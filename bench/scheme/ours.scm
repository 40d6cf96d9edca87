;; SPDX-License-Identifier: Apache-2.0
;; What weft does in the rows scheme.*: reads "QUESTION TIMES" lines, answers with nanoseconds.
(use-modules (ice-9 rdelim))

(define (times n thunk)
  (let loop ((i 0))
    (when (< i n)
      (thunk)
      (loop (+ i 1)))))

(define (pong)
  (let ((from (receive)))
    (send! from 'pong)
    (pong)))

(define (ping-pong n)
  (let ((other (spawn pong)) (me (self)))
    (times n (lambda () (send! other me) (receive)))
    (kill! other)))

;; N hops around 1,000 actors.
(define (ring n)
  (define me (self))
  (define (member next)
    (lambda ()
      (let loop ()
        (let ((left (receive)))
          (send! next left)
          (when (> left 0) (loop))))))
  (define first
    (let build ((next me) (left 1000))
      (if (zero? left) next (build (spawn (member next)) (- left 1)))))
  (let loop ((left (quotient n 1000)))
    (send! first (- left 1))
    (receive)
    (when (> left 1) (loop (- left 1)))))

;; Starts N tasks that say so; the last one is waited for.
(define (spawn-only n)
  (let ((all (make-semaphore 0)))
    (times n (lambda () (thread (lambda () (semaphore-release! all)))))
    (semaphore-acquire! all n)))

(define numbers '())
(define (squares n)
  (unless (= n (length numbers)) (set! numbers (iota n)))
  (pmap (lambda (x) (* x x)) numbers))

(define questions
  `((yield . ,(lambda (n) (times n yield)))
    (spawn . ,spawn-only)
    (await . ,(lambda (n) (times n (lambda () (await (async (const 1)))))))
    (pingpong . ,ping-pong)
    (ring . ,ring)
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
