;; SPDX-License-Identifier: Apache-2.0
;; Stable merge sort in Scheme: unlike core's, a comparison may wait, be preempted and be cancelled.
;;
;; Runs of eight are sorted by insertion, then merged pairwise between two vectors.
(define-module (weft sort)
  #:declarative? #t
  #:use-module (weft argument)
  #:replace (sort sort! stable-sort stable-sort! sort-list sort-list! sorted? merge merge!))

(define run-length 8)

;; Sorts v[low, high) by insertion; equal items stay in order.
(define (insertion-sort! v low high less?)
  (let next ((i (+ low 1)))
    (when (< i high)
      (let ((x (vector-ref v i)))
        (let shift ((j i))
          (if (and (> j low) (less? x (vector-ref v (- j 1))))
              (begin
                (vector-set! v j (vector-ref v (- j 1)))
                (shift (- j 1)))
              (vector-set! v j x))))
      (next (+ i 1)))))

;; Merges from[low, middle) and from[middle, high) into to[low, high).
(define (merge-runs! from to low middle high less?)
  (let step ((i low) (j middle) (k low))
    (cond ((and (< i middle) (< j high))
           (let ((a (vector-ref from i)) (b (vector-ref from j)))
             (if (less? b a)
                 (begin (vector-set! to k b) (step i (+ j 1) (+ k 1)))
                 (begin (vector-set! to k a) (step (+ i 1) j (+ k 1))))))
          ((< i middle) (vector-move-left! from i middle to k))
          ((< j high) (vector-move-left! from j high to k)))))

;; Sorts v, with the help of a second vector of its length; returns the one that holds the result.
(define (merge-sort! v less?)
  (let ((n (vector-length v)))
    (let runs ((low 0))
      (when (< low n)
        (insertion-sort! v low (min n (+ low run-length)) less?)
        (runs (+ low run-length))))
    (if (<= n run-length)
        v
        (let rounds ((from v) (to (make-vector n)) (width run-length))
          (if (>= width n)
              from
              (let pairs ((low 0))
                (if (< low n)
                    (let* ((middle (min n (+ low width)))
                           (high (min n (+ middle width))))
                      (merge-runs! from to low middle high less?)
                      (pairs high))
                    (rounds to from (* 2 width)))))))))

(define (check-arguments who items less?)
  (unless (or (vector? items) (list? items)) (wrong-type who 1 items "list or vector"))
  (unless (procedure? less?) (wrong-type who 2 less? "procedure")))

(define (sort items less?)
  "Return ITEMS, a list or a vector, sorted by LESS?; items that are equal keep their order."
  (check-arguments 'sort items less?)
  (if (vector? items)
      (merge-sort! (vector-copy items) less?)
      (vector->list (merge-sort! (list->vector items) less?))))

(define (sort! items less?)
  "Sort ITEMS, a list or a vector, in its place and return it; equal items keep their order."
  (check-arguments 'sort! items less?)
  (if (vector? items)
      (let ((sorted (merge-sort! (vector-copy items) less?)))
        (vector-move-left! sorted 0 (vector-length sorted) items 0)
        items)
      (let ((sorted (merge-sort! (list->vector items) less?)))
        (let fill ((i 0) (pair items))
          (when (pair? pair)
            (set-car! pair (vector-ref sorted i))
            (fill (+ i 1) (cdr pair))))
        items)))

(define (stable-sort items less?)
  "Return ITEMS, a list or a vector, sorted by LESS?; items that are equal keep their order."
  (check-arguments 'stable-sort items less?)
  (sort items less?))

(define (stable-sort! items less?)
  "Sort ITEMS, a list or a vector, in its place and return it; equal items keep their order."
  (check-arguments 'stable-sort! items less?)
  (sort! items less?))

(define (sort-list items less?)
  "Return the list ITEMS sorted by LESS?; items that are equal keep their order."
  (unless (list? items) (wrong-type 'sort-list 1 items "list"))
  (check-arguments 'sort-list items less?)
  (sort items less?))

(define (sort-list! items less?)
  "Sort the list ITEMS in its place and return it; items that are equal keep their order."
  (unless (list? items) (wrong-type 'sort-list! 1 items "list"))
  (check-arguments 'sort-list! items less?)
  (sort! items less?))

(define (sorted? items less?)
  "Return #t if no item of ITEMS, a list or a vector, is LESS? than the one before it."
  (check-arguments 'sorted? items less?)
  (if (vector? items)
      (let next ((i 1))
        (or (>= i (vector-length items))
            (and (not (less? (vector-ref items i) (vector-ref items (- i 1))))
                 (next (+ i 1)))))
      (or (null? items)
          (let next ((before (car items)) (rest (cdr items)))
            (or (null? rest)
                (and (not (less? (car rest) before))
                     (next (car rest) (cdr rest))))))))

(define (merge left right less?)
  "Return one sorted list of the items of the sorted lists LEFT and RIGHT; LEFT's go first among
equals."
  (unless (list? left) (wrong-type 'merge 1 left "list"))
  (unless (list? right) (wrong-type 'merge 2 right "list"))
  (unless (procedure? less?) (wrong-type 'merge 3 less? "procedure"))
  (let step ((left left) (right right) (merged '()))
    (cond ((null? left) (append-reverse merged right))
          ((null? right) (append-reverse merged left))
          ((less? (car right) (car left)) (step left (cdr right) (cons (car right) merged)))
          (else (step (cdr left) right (cons (car left) merged))))))

(define (append-reverse reversed tail)
  (if (null? reversed)
      tail
      (append-reverse (cdr reversed) (cons (car reversed) tail))))

(define (merge! left right less?)
  "Like `merge'; LEFT and RIGHT must not be used afterwards."
  (merge left right less?))
