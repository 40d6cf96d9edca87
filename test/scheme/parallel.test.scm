;; SPDX-License-Identifier: Apache-2.0
(use-modules (weft test) (ice-9 atomic))

(test-group "pmap"
  (test "keeps the order, for every length"
    (for-each
     (lambda (n)
       (check-equal (map square (range 0 n)) (pmap square (range 0 n)))
       (check-equal (list->vector (map square (range 0 n)))
                    (pmap square (list->vector (range 0 n)))))
     '(0 1 2 3 15 16 17 100 1000)))
  (test "takes several lists, up to the shortest"
    (check-equal '(11 22) (pmap + '(1 2 3) '(10 20)))
    (check-equal #(111 222) (pmap + #(1 2) '(10 20 30) #(100 200)))
    (check-equal '(5) (parallel-map - '(7) '(2))))
  (test "the elements may wait"
    (check-equal (range 0 40) (pmap (lambda (x) (sleep 0.001) x) (range 0 40))))
  (test "runs the chunks side by side"
    (let ((arrived (make-atomic-box 0)))
      (define (arrive!)
        (let retry ((n (atomic-box-ref arrived)))
          (let ((seen (atomic-box-compare-and-swap! arrived n (+ n 1))))
            (unless (eq? n seen) (retry seen)))))
      ;; Each waits for all: in turns they would never end.
      (check-equal '(1 2 3 4)
                   (pmap (lambda (x)
                           (arrive!)
                           (let wait () (when (< (atomic-box-ref arrived) 4) (yield) (wait)))
                           x)
                         '(1 2 3 4)))))
  (test "the first error ends the others and is raised when they have ended"
    (let ((ended (make-atomic-box 0)) (thing (list 'thing)))
      (define (work x)
        (if (= x 3)
            (begin (yield) (raise thing))
            (call-with-cleanup
             (lambda () (sleep 1000))
             (lambda ()
               (let retry ((n (atomic-box-ref ended)))
                 (let ((seen (atomic-box-compare-and-swap! ended n (+ n 1))))
                   (unless (eq? n seen) (retry seen))))))))
      (check (eq? thing (guard (e (#t e)) (pmap work '(1 2 3 4)))))
      (check (<= (atomic-box-ref ended) 3))))
  (test "a cancelled caller ends after its elements have ended"
    (let* ((log '())
           (task (async (lambda ()
                          (call-with-cleanup
                           (lambda ()
                             (pmap (lambda (x)
                                     (call-with-cleanup
                                      (lambda () (sleep 1000))
                                      (lambda ()
                                        ;; A while; it is not told again that it is cancelled.
                                        (let spin ((n 0)) (when (< n 1000000) (spin (+ n 1))))
                                        (set! log (cons 'element log)))))
                                   '(1)))
                           (lambda () (set! log (cons 'caller log))))))))
      (sleep 0.01)
      (cancel! task "enough")
      (check-error cancelled? (await task))
      (check-equal '(caller element) log)))
  (test "a wrong argument is named"
    (check-error "pmap: Wrong type argument in position 1" (pmap 5 '(1)))
    (check-error "pmap: Wrong type argument in position 2" (pmap square 5))
    (check-error "pmap: Wrong type argument in position 3" (pmap + '(1) "2"))
    (check-error "parallel-map: Wrong type argument in position 2" (parallel-map square 'a))
    (check-error 'wrong-type-arg (pmap square '(1 a)))))

(test-group "preduce, pfilter, pfor-each"
  (test "preduce combines from left to right, the initial value once"
    (check-equal 500500 (preduce + 0 (range 1 1001)))
    (check-equal 500500 (preduce + 0 (list->vector (range 1 1001))))
    (check-equal 7 (preduce + 7 '()))
    (check-equal 17 (preduce + 7 '(1 2 3 4)))
    (check-equal (apply string-append (map number->string (range 0 200)))
                 (preduce string-append "" (map number->string (range 0 200)))))
  (test "pfilter keeps the order and the kind"
    (check-equal (filter even? (range 1 1000)) (pfilter even? (range 1 1000)))
    (check-equal #(2 4) (pfilter even? #(1 2 3 4 5)))
    (check-equal '() (pfilter even? '(1 3))))
  (test "pfor-each calls for each, once"
    (let ((seen (make-vector 500 0)))
      (pfor-each (lambda (i) (yield) (vector-set! seen i (+ 1 (vector-ref seen i)))) (range 0 500))
      (check-equal (make-vector 500 1) seen)))
  (test "errors come to the caller"
    (check-error "odd" (pfilter (lambda (x) (if (= x 77) (error "odd" x) #t)) (range 0 100)))
    (check-error "odd" (preduce (lambda (a b) (error "odd")) 0 (range 0 100)))
    (check-error "odd" (pfor-each (lambda (x) (error "odd")) '(1))))
  (test "a wrong argument is named"
    (check-error "preduce: Wrong type argument in position 1" (preduce 1 2 '()))
    (check-error "preduce: Wrong type argument in position 3" (preduce + 0 7))
    (check-error "pfilter: Wrong type argument in position 2" (pfilter even? 'x))
    (check-error "pfor-each: Wrong type argument in position 1" (pfor-each 1 '()))))

(test-group "plet and parallel-do"
  (test "give the values, in order"
    (check-equal 6 (plet ((a 1) (b (begin (sleep 0.002) 2)) (c 3)) (+ a b c)))
    (check-equal '(1 2 3) (parallel-do (begin (sleep 0.002) 1) 2 (+ 1 2)))
    (check-equal '() (parallel-do))
    (check-equal 'none (plet () 'none)))
  (test "the values of plet do not see its names"
    (let ((a 1))
      (check-equal '(2 1) (plet ((a 2) (b a)) (list a b)))))
  (test "an error cancels the other expressions"
    (check-error "bad" (plet ((a (sleep 1000)) (b (error "bad"))) a))
    (check-error "bad" (parallel-do (error "bad") (sleep 1000))))
  (test "a wrong form is a syntax error"
    (check-error 'syntax-error (macroexpand '(plet ((a)) 1)))
    (check-error 'syntax-error (macroexpand '(plet ((a 1)))))))

(test-group "await-all"
  (test "gives the values in order"
    (check-equal '(1 2 3) (await-all (list (future (begin (sleep 0.002) 1)) (future 2)
                                           (async (lambda () 3)))))
    (check-equal '() (await-all '())))
  (test "a failure cancels the others, though it is not the first in the list"
    (let ((long (future (sleep 1000))))
      (check-error "bad" (await-all (list long (future (error "bad")))))
      (check-error cancelled? (await long))))
  (test "a wrong argument is named"
    (check-error "await-all: Wrong type argument in position 1" (await-all '(1)))
    (check-error "await-all: Wrong type argument in position 1" (await-all (future 1)))))
