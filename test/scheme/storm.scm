;; SPDX-License-Identifier: Apache-2.0
;; storm.scm SECONDS TASKS: tasks of all kinds that wake on other workers all the time, while the
;; heap is collected. Every operation is checked, and at the end all counts must agree.
(use-modules (srfi srfi-1))

(define seconds (string->number (cadr (command-line))))
(define tasks (string->number (caddr (command-line))))

(define over? #f)
(define done (make-atomic-counter))      ; operations, each counted here
(define in-tvars (make-vector 16 #f))    ; and in one of these
(vector-fill! in-tvars #f)
(for-each (lambda (i) (vector-set! in-tvars i (make-tvar 0))) (iota 16))
(define mutexes (map (lambda (i) (make-mutex)) (iota 8)))
(define under-mutex (make-vector 8 0))   ; or here
(define failures (make-atomic-counter))
(define who (make-parameter 'nobody))

(define (check name ok?)
  (unless ok?
    (atomic-increment! failures)
    (printf "wrong: ~a~%" name)))

;; An echo with a small mailbox: whoever sends waits for room.
(define (echo)
  (spawn (actor #:mailbox 'bounded-8 #:backpressure 'block
           (let loop ()
             (receive message
               (send! (car message) (cdr message))
               (loop))))))
(define echoes (list->vector (map (lambda (i) (echo)) (iota 32))))
(define adder (spawn (actor [(initial-state 0)] [(add n) (set! state (+ state n)) state])))

(define (one-operation id i)
  (let ((big (+ (expt 10 30) (* id 1000000) i)) (half (/ (+ i 0.5) 2)) (text (number->string i)))
    (case (modulo (+ id i) 7)
      ((0) (yield))
      ((1) (send! (vector-ref echoes (modulo id 32)) (cons (self) (list id i)))
           (check 'echo (equal? (receive) (list id i))))
      ((2) (let ((child (async (lambda () (yield) (check 'child-who (eqv? (who) id)) big))))
             (check 'child (= big (await child)))))
      ((3) (let* ((k (modulo i 8)) (m (list-ref mutexes k)))
             (with-mutex m
               (let ((n (vector-ref under-mutex k)))
                 (yield)
                 (vector-set! under-mutex k (+ n 1))))))
      ((4) (check 'raised (eqv? i (try (begin (yield) (raise i)) (catch e (yield) e)))))
      ((5) (check 'ask (integer? (ask adder '(add 1) 60))))
      ((6) (sleep 0.0001)))
    (unless (= 3 (modulo (+ id i) 7))
      (atomic (lambda () (tvar-update! (vector-ref in-tvars (modulo i 16)) 1+))))
    (atomic-increment! done)
    ;; What the frame held must have come along.
    (check 'bignum (= big (+ (expt 10 30) (* id 1000000) i)))
    (check 'flonum (= half (/ (+ i 0.5) 2)))
    (check 'string (string=? text (number->string i)))
    (check 'parameter (eqv? (who) id))))

(define (work id)
  (lambda ()
    (parameterize ((who id))
      (let loop ((i 0))
        (cond (over? i)
              (else (one-operation id i) (loop (+ i 1))))))))

(define start (get-internal-real-time))
(define (elapsed) (/ (- (get-internal-real-time) start) internal-time-units-per-second))
(define all (map (lambda (id) (thread (work id))) (iota tasks)))
(let loop ((collections 0))
  (cond ((< (elapsed) seconds) (sleep 0.2) (gc) (loop (+ collections 1)))
        (else
         (set! over? #t)
         (let* ((counts (await-all all))
                (asked (ask adder '(add 0) 60))
                (stored (+ (fold + 0 (vector->list under-mutex))
                           (fold + 0 (map tvar-read (vector->list in-tvars))))))
           (check 'threads (= (fold + 0 counts) (atomic-load done)))
           (check 'stored (= stored (atomic-load done)))
           (printf "~a operations of ~a tasks, ~a collections, ~a wrong~%"
                   (atomic-load done) tasks collections (atomic-load failures))
           (exit (if (zero? (atomic-load failures)) 0 1))))))
