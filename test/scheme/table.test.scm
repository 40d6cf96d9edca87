;; SPDX-License-Identifier: Apache-2.0
(use-modules (weft test))

(define (sorted-entries table)
  (sort (hash-table->alist table) (lambda (a b) (< (car a) (car b)))))

(test-group "hash tables"
  (test "hold what is set"
    (let ((t (make-hash-table)))
      (check (hash-table? t))
      (check-equal #f (hash-table-ref t "a"))
      (hash-table-set! t "a" 1)
      (hash-table-set! t (string #\a) 2)
      (check-equal 2 (hash-table-ref t "a"))
      (check-equal 1 (hash-table-count t))
      (check-equal 1 (hash-table-size t))
      (check (hash-table-contains? t "a"))
      (hash-table-delete! t "a")
      (hash-table-delete! t "a")
      (check (not (hash-table-contains? t "a")))
      (check-equal 0 (hash-table-count t))))
  (test "compare keys by equal?"
    (let ((t (make-hash-table)))
      (for-each (lambda (key) (hash-table-set! t key key))
                (list 1.5 '(1 (2)) #(1) 'a #\b 10000000000))
      (check-equal 1.5 (hash-table-ref t (/ 3.0 2)))
      (check-equal '(1 (2)) (hash-table-ref t (list 1 (list 2))))
      (check-equal #(1) (hash-table-ref t (vector 1)))
      (check-equal 10000000000 (hash-table-ref t (* 100000 100000)))
      (check-equal #f (hash-table-ref t 1))))
  (test "an absent key gives the default, or what it returns"
    (let ((t (make-hash-table)))
      (check-equal 'none (hash-table-ref t 1 'none))
      (check-equal 'called (hash-table-ref t 1 (lambda () 'called)))
      (check-error "no key" (hash-table-ref t 1 (lambda () (error "no key"))))
      (hash-table-set! t 1 #f)
      (check-equal #f (hash-table-ref t 1 'none))))
  (test "update! starts from the default"
    (let ((t (make-hash-table)))
      (check-equal 1 (hash-table-update! t 'n (lambda (n) (+ n 1)) 0))
      (check-equal 2 (hash-table-update! t 'n (lambda (n) (+ n 1)) (lambda () 10)))
      (check-equal 11 (hash-table-update! t 'm (lambda (n) (+ n 1)) (lambda () 10)))
      (check-equal '(#f) (hash-table-update! t 'o list))))
  (test "tell their keys, values and entries"
    (let ((t (make-hash-table)))
      (for-each (lambda (i) (hash-table-set! t i (* i i))) (range 0 100))
      (check-equal (range 0 100) (sort (hash-table-keys t) <))
      (check-equal (map square (range 0 100)) (sort (hash-table-values t) <))
      (check-equal (map (lambda (i) (cons i (* i i))) (range 0 100)) (sorted-entries t))))
  (test "a walk may wait and change the table"
    (let ((t (make-hash-table)) (sum 0))
      (for-each (lambda (i) (hash-table-set! t i i)) (range 0 10))
      (hash-table-walk t (lambda (key value)
                           (yield)
                           (hash-table-delete! t key)
                           (hash-table-set! t (+ key 100) value)))
      (check-equal (range 100 110) (sort (hash-table-keys t) <))
      (hash-table-for-each t (lambda (key value) (set! sum (+ sum value))))
      (check-equal 45 sum)))
  (test "copy, clear, from a list"
    (let* ((t (alist->hash-table '((1 . a) (2 . b) (1 . c)))) (u (hash-table-copy t)))
      (hash-table-clear! t)
      (check-equal '() (sorted-entries t))
      (check-equal '((1 . a) (2 . b)) (sorted-entries u))))
  (test "are written with their size"
    (check-equal "#<hash-table 2>" (object->string (alist->hash-table '((1 . 2) (3 . 4))))))
  (test "a wrong argument is named"
    (let ((t (make-hash-table)))
      (check-error "hash-table-ref: Wrong type argument in position 1" (hash-table-ref 'x 1))
      (check-error "hash-table-set!: Wrong type argument in position 1" (hash-table-set! '() 1 2))
      (check-error "hash-table-update!: Wrong type argument in position 3"
                   (hash-table-update! t 1 2))
      (check-error "hash-table-walk: Wrong type argument in position 2" (hash-table-walk t 1))
      (check-error "alist->hash-table: Wrong type argument in position 1"
                   (alist->hash-table '(1)))
      (check-error 'wrong-number-of-args (hash-table-set! t 1)))))

(test-group "core's procedures take both kinds"
  (for-each
   (lambda (kind make)
     (test kind
       (let ((t (make)) (sum 0))
         (hash-set! t 'a 1)
         (hashq-set! t 'b 2)
         (hashv-set! t 3 3)
         (check-equal '(1 2 3 none)
                      (list (hash-ref t 'a) (hashq-ref t 'b) (hashv-ref t 3) (hash-ref t 'c 'none)))
         (hash-for-each (lambda (key value) (yield) (set! sum (+ sum value))) t)
         (check-equal 6 sum)
         (check-equal 6 (hash-fold (lambda (key value sum) (yield) (+ sum value)) 0 t))
         (check-equal '(1 2 3) (sort (hash-map->list (lambda (key value) (yield) value) t) <))
         (check-equal 2 (hash-count (lambda (key value) (odd? value)) t))
         (hash-remove! t 'a)
         (hashq-remove! t 'b)
         (check-equal '((3 . 3)) (hash-map->list cons t))
         (hash-clear! t)
         (check-equal 0 (hash-count (const #t) t)))))
   '("a table of weft" "a table of core")
   (list make-hash-table (@ (guile) make-hash-table)))
  (test "a wrong argument is named"
    (check-error "hash-for-each: Wrong type argument in position 2" (hash-for-each list 5))
    (check-error "hash-fold: Wrong type argument in position 1" (hash-fold 1 2 (make-hash-table)))
    (check-error 'wrong-type-arg (hash-ref '() 1))))
