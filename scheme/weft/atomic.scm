;; SPDX-License-Identifier: Apache-2.0
;; Counters and cells that tasks change without a lock.
(define-module (weft atomic)
  #:declarative? #t
  #:use-module (weft box)
  #:use-module (srfi srfi-9)
  #:export (make-atomic-counter atomic-counter? atomic-load atomic-store! atomic-add!
            atomic-increment! atomic-decrement! atomic-get-and-increment! atomic-get-and-decrement!
            atomic-compare-and-swap! atomic-compare-and-set!))

(define-record-type <atomic-counter> (wrap box) atomic-counter? (box unwrap))

(define (integer who at x)
  (unless (exact-integer? x)
    (scm-error 'wrong-type-arg who
               "Wrong type argument in position ~A (expecting exact integer): ~S"
               (list at x) (list x))))

(define (box-of who x)
  (unless (atomic-counter? x)
    (scm-error 'wrong-type-arg who
               "Wrong type argument in position 1 (expecting atomic counter): ~S"
               (list x) (list x)))
  (unwrap x))

(define* (make-atomic-counter #:optional (value 0))
  "A counter that starts at VALUE, an exact integer of any size."
  (integer 'make-atomic-counter 1 value)
  (wrap (make-atomic-box value)))

(define (atomic-load counter)
  "What COUNTER is now."
  (atomic-box-ref (box-of 'atomic-load counter)))

(define (atomic-store! counter value)
  "Set COUNTER to VALUE."
  (integer 'atomic-store! 2 value)
  (atomic-box-set! (box-of 'atomic-store! counter) value))

;; Calls (give old new) for the change that was made.
(define-inlinable (change! box delta give)
  (let loop ((old (atomic-box-ref box)))
    (let* ((new (+ old delta))
           (seen (atomic-box-compare-and-swap! box old new)))
      (if (eq? seen old) (give old new) (loop seen)))))

(define (second-of a b) b)
(define (first-of a b) a)

(define (atomic-add! counter n)
  "Add N to COUNTER; return what it is now."
  (integer 'atomic-add! 2 n)
  (change! (box-of 'atomic-add! counter) n second-of))

(define (atomic-increment! counter)
  "Add 1 to COUNTER; return what it is now."
  (change! (box-of 'atomic-increment! counter) 1 second-of))

(define (atomic-decrement! counter)
  "Take 1 from COUNTER; return what it is now."
  (change! (box-of 'atomic-decrement! counter) -1 second-of))

(define (atomic-get-and-increment! counter)
  "Add 1 to COUNTER; return what it was before."
  (change! (box-of 'atomic-get-and-increment! counter) 1 first-of))

(define (atomic-get-and-decrement! counter)
  "Take 1 from COUNTER; return what it was before."
  (change! (box-of 'atomic-get-and-decrement! counter) -1 first-of))

(define (atomic-compare-and-swap! counter expected new)
  "Set COUNTER to NEW if it is EXPECTED; return what it was before, in either case."
  (integer 'atomic-compare-and-swap! 2 expected)
  (integer 'atomic-compare-and-swap! 3 new)
  (let ((box (box-of 'atomic-compare-and-swap! counter)))
    (let loop ((seen (atomic-box-ref box)))
      ;; Big numbers that are equal need not be the same object.
      (if (= seen expected)
          (let ((before (atomic-box-compare-and-swap! box seen new)))
            (if (eq? before seen) before (loop before)))
          seen))))

(define (atomic-compare-and-set! counter expected new)
  "Set COUNTER to NEW if it is EXPECTED; true if it was."
  (= expected (atomic-compare-and-swap! counter expected new)))
