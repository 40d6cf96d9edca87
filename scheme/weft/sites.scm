;; SPDX-License-Identifier: Apache-2.0
;; Where conditions have passed: the stacks of the tasks that one has ended, from the task in which
;; it was raised to those that awaited it.
(define-module (weft sites)
  #:declarative? #t
  #:export (note-site! sites-of))

(define sites (make-weak-key-hash-table))
(define most 10)  ; of an object that is raised again and again

(define (note-site! object task stack)
  "Notes that OBJECT has ended the task named TASK, a string or #f, with STACK."
  (when (and stack (struct? object))
    (let ((before (hashq-ref sites object '())))
      (when (< (length before) most)
        (hashq-set! sites object (append before (list (cons task stack))))))))

(define (sites-of object)
  "((name . stack) ...) of the tasks that OBJECT has ended, the first first."
  (if (struct? object) (hashq-ref sites object '()) '()))
