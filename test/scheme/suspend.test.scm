;; SPDX-License-Identifier: Apache-2.0
;; The procedures that call back from C in Guile, with weft's in their place: the callback waits and
;; the task is suspended. With WEFT_STRICT_SUSPEND set a wait that cannot suspend is an error.
(use-modules (weft test) (srfi srfi-1))

(define strict? (and (getenv "WEFT_STRICT_SUSPEND") #t))

;; A wait that gives its argument back.
(define (wait x) (sleep 0) (yield) x)
(define (wait-less a b) (wait #t) (< a b))

(test-group "weft's own suspend"
  (test "sort and its kin, lists and vectors"
    (check-equal '(1 2 3) (sort '(3 1 2) wait-less))
    (check-equal #(1 2 3) (sort #(3 1 2) wait-less))
    (check-equal '(1 2 3) (sort! (list 3 1 2) wait-less))
    (check-equal '(1 2 3) (stable-sort '(3 1 2) wait-less))
    (check-equal '(1 2 3) (sort-list '(3 1 2) wait-less))
    (check-equal '(1 2 3) (merge '(1 3) '(2) wait-less))
    (check (sorted? '(1 2 3) wait-less)))
  (test "filter partition remove delete-duplicates count"
    (check-equal '(1 3) (filter (lambda (x) (wait (odd? x))) '(1 2 3)))
    (check-equal '(2) (remove (lambda (x) (wait (odd? x))) '(1 2 3)))
    (check-equal '((1 3) (2)) (call-with-values
                                  (lambda () (partition (lambda (x) (wait (odd? x))) '(1 2 3)))
                                list))
    (check-equal '(1 2) (delete-duplicates '(1 2 1) (lambda (a b) (wait (= a b)))))
    (check-equal 2 (count (lambda (x) (wait (odd? x))) '(1 2 3))))
  (test "string-for-each, string-map"
    (let ((seen '()))
      (string-for-each (lambda (c) (wait c) (set! seen (cons c seen))) "ab")
      (check-equal '(#\b #\a) seen))
    (check-equal "AB" (string-map (lambda (c) (wait (char-upcase c))) "ab")))
  (test "hash tables, of both kinds"
    (for-each
     (lambda (table)
       (hash-set! table 'a 1)
       (let ((seen '()))
         (hash-for-each (lambda (key value) (wait 1) (set! seen (cons key seen))) table)
         (check-equal '(a) seen))
       (check-equal 1 (hash-fold (lambda (key value sum) (wait (+ sum value))) 0 table))
       (check-equal '(1) (hash-map->list (lambda (key value) (wait value)) table)))
     (list (make-hash-table) ((@ (guile) make-hash-table))))
    (let ((table (alist->hash-table '((a . 1)))))
      (hash-table-update! table 'a (lambda (x) (wait (+ x 1))))
      (hash-table-walk table (lambda (key value) (wait 1)))
      (check-equal 2 (hash-table-ref table 'a))
      (check-equal 3 (hash-table-ref table 'b (lambda () (wait 3))))))
  (test "delay and force, eval"
    (check-equal 5 (force (delay (wait 5))))
    (check-equal 5 (force (make-promise 5)))
    (check-equal 6 (eval '(begin (sleep 0) 6) (current-module)))))

(test-group "Guile's own that suspend as they are"
  (test "control"
    (check-equal '(1 2) (map wait '(1 2)))
    (check-equal '(1) (let ((seen '()))
                        (for-each (lambda (x) (set! seen (cons (wait x) seen))) '(1))
                        seen))
    (check-equal 3 (apply wait '(3)))
    (check-equal '(1 2) (call-with-values (lambda () (wait 1) (values 1 2)) list))
    (check-equal 4 (dynamic-wind (lambda () #t) (lambda () (wait 4)) (lambda () #t)))
    (check-equal 5 (call-with-current-continuation (lambda (k) (wait 1) (k (wait 5)))))
    (check-equal 6 (let ((p (make-parameter 1))) (parameterize ((p 6)) (wait 1) (p)))))
  (test "errors"
    (check-equal 'e (guard (e (#t (wait 1) e)) (wait 1) (raise 'e)))
    (check-equal 'e (try (wait 1) (raise 'e) (catch e (wait e))))
    (check-equal 2 (with-exception-handler (lambda (e) (wait 2))
                     (lambda () (wait (raise-continuable 1)))))
    (check-equal 'k (catch 'k (lambda () (wait 1) (throw 'k)) (lambda (key) (wait key)))))
  (test "SRFI-1"
    (check-equal 6 (fold (lambda (x sum) (wait (+ x sum))) 0 '(1 2 3)))
    (check-equal 6 (reduce (lambda (x sum) (wait (+ x sum))) 0 '(1 2 3)))
    (check-equal 2 (find (lambda (x) (wait (even? x))) '(1 2 3)))
    (check (any (lambda (x) (wait (even? x))) '(1 2)))
    (check-equal '(1 1) (append-map (lambda (x) (wait (list x))) '(1 1))))
  (test "text ports"
    (check-equal "12" (call-with-output-string
                        (lambda (port) (display 1 port) (wait 1) (display 2 port))))
    (check-equal "12" (with-output-to-string (lambda () (display 1) (wait 1) (display 2))))))

(define core:sort (@ (guile) sort))
(define core:string-index (@ (guile) string-index))

(test-group (if strict? "under a C frame: an error" "under a C frame: the thread waits")
  (for-each
   (lambda (name expected thunk)
     (test name
       (if strict?
           (check-error "suspend" (thunk))
           (check-equal expected (thunk)))))
   '("core's sort" "core's string-index" "core's hash-for-each")
   (list '(1 2 3) 1 'done)
   (list (lambda () (core:sort '(3 1 2) wait-less))
         (lambda () (core:string-index "abc" (lambda (c) (wait (char=? c #\b)))))
         (lambda ()
           (let ((table ((@ (guile) make-hash-table))))
             ((@ (guile) hash-set!) table 1 1)
             ((@ (guile) hash-for-each) (lambda (key value) (wait 1)) table)
             'done)))))
