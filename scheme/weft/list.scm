;; SPDX-License-Identifier: Apache-2.0
;; Lists: ranges and chunks, and those procedures of core and SRFI-1 that call back from C, written
;; in Scheme so that the callback may wait. No `delete': core's calls nothing back, and SRFI-1's
;; wins over any other.
(define-module (weft list)
  #:declarative? #t
  #:use-module (weft argument)
  #:export (range chunk-list square)
  #:replace (filter partition remove delete-duplicates count))

(define (check-step who position value)
  (unless (and (real? value) (not (nan? value)) (not (inf? value)))
    (wrong-type who position value "finite real number")))

(define* (range start end #:optional (step 1))
  "Return the list START, START + STEP ... up to END, which is not in it.
The numbers are real; a STEP below 0 counts down, a STEP of 0 is an error."
  (check-step 'range 1 start)
  (check-step 'range 2 end)
  (check-step 'range 3 step)
  (when (zero? step) (out-of-range 'range 3 step "a step other than 0"))
  (let ((size (ceiling (/ (- end start) step))))
    (let fill ((i (- (if (exact? size) size (inexact->exact size)) 1)) (list '()))
      (if (negative? i)
          list
          (fill (- i 1) (cons (+ start (* i step)) list))))))

(define (chunk-list items size)
  "Return the list of the successive pieces of the list ITEMS, each of SIZE items, the last of what
is left."
  (unless (list? items) (wrong-type 'chunk-list 1 items "list"))
  (check-positive 'chunk-list 2 size)
  (let next ((items items) (chunks '()))
    (if (null? items)
        (reverse! chunks)
        (let take ((items items) (left size) (chunk '()))
          (if (or (null? items) (zero? left))
              (next items (cons (reverse! chunk) chunks))
              (take (cdr items) (- left 1) (cons (car items) chunk)))))))

(define (square number)
  "Return NUMBER times NUMBER."
  (unless (number? number) (wrong-type 'square 1 number "number"))
  (* number number))

(define (check-selection who test items)
  (unless (procedure? test) (wrong-type who 1 test "procedure"))
  (unless (list? items) (wrong-type who 2 items "list")))

(define (filter keep? items)
  "Return the list of those ITEMS for which KEEP? is true, in order."
  (check-selection 'filter keep? items)
  (let next ((items items) (kept '()))
    (cond ((null? items) (reverse! kept))
          ((keep? (car items)) (next (cdr items) (cons (car items) kept)))
          (else (next (cdr items) kept)))))

(define (remove drop? items)
  "Return the list of those ITEMS for which DROP? is false, in order."
  (check-selection 'remove drop? items)
  (let next ((items items) (kept '()))
    (cond ((null? items) (reverse! kept))
          ((drop? (car items)) (next (cdr items) kept))
          (else (next (cdr items) (cons (car items) kept))))))

(define (partition test? items)
  "Return two values: the list of those ITEMS for which TEST? is true, and that of the others."
  (check-selection 'partition test? items)
  (let next ((items items) (in '()) (out '()))
    (cond ((null? items) (values (reverse! in) (reverse! out)))
          ((test? (car items)) (next (cdr items) (cons (car items) in) out))
          (else (next (cdr items) in (cons (car items) out))))))

(define* (delete-duplicates items #:optional (same? equal?))
  "Return the list ITEMS without those that are SAME? as one before them."
  (unless (list? items) (wrong-type 'delete-duplicates 1 items "list"))
  (unless (procedure? same?) (wrong-type 'delete-duplicates 2 same? "procedure"))
  (let next ((items items) (kept '()))
    (if (null? items)
        (reverse kept)
        (let ((item (car items)))
          (let seen? ((before kept))
            (cond ((null? before) (next (cdr items) (cons item kept)))
                  ((same? (car before) item) (next (cdr items) kept))
                  (else (seen? (cdr before)))))))))

(define (count test? items . more)
  "Return for how many of ITEMS the result of TEST? is true; with more lists it takes an item of
each, up to the end of the shortest."
  (check-selection 'count test? items)
  (let check ((position 3) (more more))
    (unless (null? more)
      (unless (list? (car more)) (wrong-type 'count position (car more) "list"))
      (check (+ position 1) (cdr more))))
  (if (null? more)
      (let next ((items items) (n 0))
        (cond ((null? items) n)
              ((test? (car items)) (next (cdr items) (+ n 1)))
              (else (next (cdr items) n))))
      (let next ((lists (cons items more)) (n 0))
        (cond ((or-map null? lists) n)
              ((apply test? (map car lists)) (next (map cdr lists) (+ n 1)))
              (else (next (map cdr lists) n))))))
