;; SPDX-License-Identifier: Apache-2.0
(use-modules (weft test))

(define core-sort (@ (guile) sort))

;; Numbers of a linear congruential sequence, many of them equal.
(define (numbers n seed)
  (let next ((n n) (x seed) (list '()))
    (if (zero? n)
        list
        (next (- n 1) (modulo (+ (* x 1103515245) 12345) 2147483648)
              (cons (modulo (quotient x 65536) 100) list)))))

(test-group "sort"
  (test "sorts every length as core does"
    (for-each
     (lambda (n)
       (let ((list (numbers n (+ n 1))))
         (check-equal (core-sort list <) (sort list <))
         (check-equal (core-sort list >) (vector->list (sort (list->vector list) >)))))
     (append (range 0 70) '(127 128 129 1000 4097))))
  (test "keeps equal items in order"
    (let* ((pairs (map cons (numbers 2000 7) (range 0 2000)))
           (by-key (lambda (a b) (< (car a) (car b))))
           (in-order? (lambda (a b)
                        (or (< (car a) (car b))
                            (and (= (car a) (car b)) (< (cdr a) (cdr b)))))))
      (check-equal (core-sort pairs in-order?) (sort pairs by-key))
      (check-equal (core-sort pairs in-order?) (stable-sort pairs by-key))
      (check-equal (core-sort pairs in-order?) (sort-list pairs by-key))))
  (test "leaves its argument alone"
    (let ((list (list 3 1 2)) (vector (vector 3 1 2)))
      (sort list <)
      (sort vector <)
      (check-equal '(3 1 2) list)
      (check-equal #(3 1 2) vector)))
  (test "sorts in place"
    (let ((list (list 3 1 2)) (vector (vector 3 1 2)))
      (check-equal '(1 2 3) (sort! list <))
      (check-equal '(1 2 3) list)
      (check-equal #(1 2 3) (sort! vector <))
      (check-equal #(1 2 3) vector)
      (check-equal '(3 2 1) (sort-list! list >))
      (check-equal #(3 2 1) (stable-sort! vector >))))
  (test "a comparison may wait"
    (check-equal (range 0 50) (sort (reverse (range 0 50)) (lambda (a b) (yield) (< a b)))))
  (test "an error of the comparison is its caller's"
    (let ((vector (vector 3 2 1)))
      (check-error "no order" (sort! vector (lambda (a b) (error "no order" a b))))
      (check-equal #(3 2 1) vector)))
  (test "a wrong argument is named"
    (check-error "sort: Wrong type argument in position 1" (sort "cab" char<?))
    (check-error "sort: Wrong type argument in position 1" (sort '(1 2 . 3) <))
    (check-error "sort: Wrong type argument in position 2" (sort '(1 2) 5))
    (check-error "sort-list: Wrong type argument in position 1" (sort-list #(1 2) <))))

(test-group "merge and sorted?"
  (test "merge takes the left first"
    (check-equal '((1 . a) (1 . b) (2 . b))
                 (merge '((1 . a)) '((1 . b) (2 . b)) (lambda (x y) (< (car x) (car y)))))
    (check-equal '(1 2 3) (merge! (list 1 3) (list 2) <)))
  (test "sorted? looks at neighbours"
    (check (sorted? '() <))
    (check (sorted? '(1 1 2) <))
    (check (not (sorted? '(1 3 2) <)))
    (check (sorted? #(3 2 1) >))
    (check (not (sorted? #(3 2 3) >)))))
