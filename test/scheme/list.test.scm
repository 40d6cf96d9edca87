;; SPDX-License-Identifier: Apache-2.0
(use-modules (weft test))

(test-group "range"
  (test "is half-open"
    (check-equal '(1 2 3) (range 1 4))
    (check-equal '(-1 0) (range -1 1))
    (check-equal '() (range 4 4))
    (check-equal '() (range 5 4)))
  (test "takes a step, up or down"
    (check-equal '(0 2 4) (range 0 5 2))
    (check-equal '(0 2) (range 0 4 2))
    (check-equal '(3 2 1) (range 3 0 -1))
    (check-equal '(0 1/3 2/3) (range 0 1 1/3))
    (check-equal '(0.0 0.25 0.5 0.75) (range 0 1 0.25))
    (check-equal '() (range 0 5 -1)))
  (test "holds as many numbers as it says"
    (check-equal 999999 (length (range 1 1000000)))
    (check-equal 10 (length (range 0 1 0.1))))
  (test "refuses what is no number, and a step of 0"
    (check-error "range: Wrong type argument in position 1" (range 'a 2))
    (check-error "range: Wrong type argument in position 2" (range 1 "2"))
    (check-error "range: Wrong type argument in position 3" (range 1 2 #f))
    (check-error 'wrong-type-arg (range 0 +inf.0))
    (check-error 'wrong-type-arg (range +nan.0 2))
    (check-error 'out-of-range (range 1 2 0))
    (check-error 'wrong-number-of-args (range 1))))

(test-group "chunk-list"
  (test "cuts into pieces of a size, the last of the rest"
    (check-equal '((1 2) (3 4) (5)) (chunk-list '(1 2 3 4 5) 2))
    (check-equal '((1 2 3)) (chunk-list '(1 2 3) 100))
    (check-equal '() (chunk-list '() 3)))
  (test "refuses a size below 1, and what is no list"
    (check-error 'out-of-range (chunk-list '(1) 0))
    (check-error 'wrong-type-arg (chunk-list '(1) 1.5))
    (check-error "chunk-list: Wrong type argument in position 1" (chunk-list 'a 1))))

(test "square"
  (check-equal 49 (square 7))
  (check-equal 9/4 (square 3/2))
  (check-error "square: Wrong type argument in position 1" (square "7")))

(test-group "selection"
  (test "filter and remove keep the order"
    (check-equal '(1 3 5) (filter odd? '(1 2 3 4 5)))
    (check-equal '(2 4) (remove odd? '(1 2 3 4 5)))
    (check-equal '() (filter odd? '())))
  (test "partition gives both"
    (check-equal '((1 3) (2 4))
                 (call-with-values (lambda () (partition odd? '(1 2 3 4))) list)))
  (test "delete-duplicates compares as asked"
    (check-equal '(1 2 3) (delete-duplicates '(1 2 1 3 2)))
    (check-equal '(1 -2) (delete-duplicates '(1 -1 -2 2) (lambda (a b) (= (abs a) (abs b))))))
  (test "count takes several lists, up to the shortest"
    (check-equal 2 (count odd? '(1 2 3)))
    (check-equal 1 (count < '(1 5 1) '(2 4))))
  (test "a wrong argument is named"
    (check-error "filter: Wrong type argument in position 1" (filter 1 '()))
    (check-error "filter: Wrong type argument in position 2" (filter odd? 5))
    (check-error "remove: Wrong type argument in position 2" (remove odd? '(1 . 2)))
    (check-error "partition: Wrong type argument in position 1" (partition 'x '()))
    (check-error "delete-duplicates: Wrong type argument in position 1" (delete-duplicates 2))
    (check-error "count: Wrong type argument in position 3" (count = '(1) 2))))
