;; SPDX-License-Identifier: Apache-2.0
;; Conditions for wrong arguments, in the words of Guile's own: procedure, position, value.
(define-module (weft argument)
  #:declarative? #t
  #:export (wrong-type out-of-range check-type check-index check-positive check-seconds))

(define (wrong-type who position value expected)
  "Raise the condition for a VALUE that is no EXPECTED, argument POSITION of the procedure WHO."
  (scm-error 'wrong-type-arg (symbol->string who)
             "Wrong type argument in position ~A (expecting ~A): ~S"
             (list position expected value) (list value)))

(define (out-of-range who position value expected)
  "Raise the condition for a VALUE of the right type but not in the range EXPECTED tells."
  (scm-error 'out-of-range (symbol->string who)
             "Argument ~A out of range (expecting ~A): ~S"
             (list position expected value) (list value)))

;; (check-type (range 1 start number?) "number"): the value, tested by a predicate, or a condition.
(define-syntax-rule (check-type (who position value good?) expected)
  (unless (good? value) (wrong-type 'who position value expected)))

(define (exact-integer*? value)
  (and (integer? value) (exact? value)))

(define (check-index who position value)
  "Raise unless VALUE is an exact integer of at least 0."
  (unless (exact-integer*? value) (wrong-type who position value "exact integer"))
  (when (negative? value) (out-of-range who position value "at least 0")))

(define (check-positive who position value)
  "Raise unless VALUE is an exact integer of at least 1."
  (unless (exact-integer*? value) (wrong-type who position value "exact integer"))
  (unless (positive? value) (out-of-range who position value "at least 1")))

(define (check-seconds who position value)
  "Raise unless VALUE is a real number of at least 0, in seconds; infinity is one."
  (unless (and (real? value) (not (nan? value))) (wrong-type who position value "seconds"))
  (when (negative? value) (out-of-range who position value "at least 0 seconds")))
