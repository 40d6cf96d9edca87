;; SPDX-License-Identifier: Apache-2.0
;; Transactions from Scheme: one step to all others, taken back by errors, and never waiting.
(use-modules (weft test))

(define (sum-of all) (atomic (lambda () (apply + (map tvar-read all)))))

(test-group "a transaction"
  (test "moves between accounts that others add up: no sum is ever of two moments"
    (let* ((accounts (map (lambda (_) (make-tvar 100)) (range 0 8)))
           (stop (make-atomic-counter 0))
           (watcher (async (lambda ()
                             (let loop ((wrong 0))
                               (if (= 0 (atomic-load stop))
                                   (loop (if (= 800 (sum-of accounts)) wrong (+ wrong 1)))
                                   wrong)))))
           (movers (map (lambda (i)
                          (async (lambda ()
                                   (for-each
                                    (lambda (k)
                                      (let ((from (list-ref accounts (modulo (+ i k) 8)))
                                            (to (list-ref accounts (modulo (* 3 (+ i k 1)) 8))))
                                        (atomically
                                         (tvar-write! from (- (tvar-read from) 1))
                                         (tvar-write! to (+ (tvar-read to) 1)))))
                                    (range 0 500)))))
                        (range 0 4))))
      (await-all movers)
      (atomic-increment! stop)
      (check-equal 0 (await watcher))
      (check-equal 800 (sum-of accounts))))
  (test "that raises has written nothing"
    (let ((v (make-tvar 'before)))
      (check-error "no more" (atomically (tvar-write! v 'after) (error "no more")))
      (check-equal 'before (tvar-read v))))
  (test "inside of another is part of it"
    (let ((v (make-tvar 0)))
      (check-error "outer" (atomically (atomically (tvar-write! v 1)) (error "outer")))
      (check-equal 0 (tvar-read v))))
  (test "returns several values"
    (check-equal '(1 2) (call-with-values (lambda () (atomic (lambda () (values 1 2)))) list)))
  (test "that is long enough to be interrupted is one step all the same"
    (let ((v (make-tvar 0)))
      (await-all
       (map (lambda (_)
              (async (lambda ()
                       (for-each
                        (lambda (_)
                          (atomically
                           (let ((seen (tvar-read v)))
                             (let spin ((n 20000)) (when (> n 0) (spin (- n 1))))
                             (tvar-write! v (+ seen 1)))))
                        (range 0 50)))))
            (range 0 4)))
      (check-equal 200 (tvar-read v)))))

(test-group "retry"
  (test "waits until what was read has changed"
    (let* ((box (make-tvar #f))
           (taker (async (lambda ()
                           (atomically
                            (let ((x (tvar-read box)))
                              (unless x (retry))
                              (tvar-write! box #f)
                              x))))))
      (sleep 0.01)
      (atomically (tvar-write! box 'there))
      (check-equal 'there (await taker))
      (check-equal #f (tvar-read box))))
  (test "hands one value after the other through a box of one"
    (let* ((box (make-tvar #f)) (n 300)
           (taker (async (lambda ()
                           (map (lambda (_)
                                  (atomically
                                   (let ((x (tvar-read box)))
                                     (unless x (retry))
                                     (tvar-write! box #f)
                                     x)))
                                (range 0 n))))))
      (for-each (lambda (i)
                  (atomically
                   (when (tvar-read box) (retry))
                   (tvar-write! box (+ i 1))))
                (range 0 n))
      (check-equal (map (lambda (i) (+ i 1)) (range 0 n)) (await taker))))
  (test "ends when its task is cancelled"
    (let* ((never (make-tvar #f))
           (waiting (thread (lambda () (atomically (unless (tvar-read never) (retry)))))))
      (sleep 0.01)
      (cancel! waiting)
      (check-error cancelled? (await waiting)))))

(test-group "is refused"
  (test "each wait in a transaction, also one that would not have waited"
    (let ((s (make-semaphore 1)) (m (make-mutex)) (done (future 1)) (me (self)))
      (await done)
      (send! me 'a-message)
      (check-error "must not wait" (atomically (semaphore-acquire! s)))
      (check-error "must not wait" (atomically (mutex-lock! m)))
      (check-error "must not wait" (atomically (await done)))
      (check-error "must not wait" (atomically (receive)))
      (check-error "must not wait" (atomically (sleep 0)))
      (check-equal 'a-message (receive))
      (semaphore-acquire! s)                ; neither was taken by the attempt
      (mutex-lock! m)
      (mutex-unlock! m)))
  (test "retry and a write outside of a transaction; what is no tvar"
    (check-error "outside of a transaction" (retry))
    (check-error "outside of a transaction" (tvar-write! (make-tvar 1) 2))
    (check-error 'wrong-type-arg (atomically (tvar-read 'x)))))
