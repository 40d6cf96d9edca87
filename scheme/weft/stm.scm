;; SPDX-License-Identifier: Apache-2.0
;; Transactions: what a body reads and writes is one step to all others, or was not.
(define-module (weft stm)
  #:declarative? #t
  #:use-module (weft core)
  #:use-module (weft task)
  #:export (make-tvar tvar? tvar-read tvar-write! tvar-update! atomic atomically retry))

(define tag (make-prompt-tag 'transaction))

(define (make-tvar value)
  "A variable for transactions that holds VALUE."
  (%make-tvar value))

(define (tvar? object)
  "True if OBJECT is a variable for transactions."
  (%tvar? object))

(define (tvar-read tvar)
  "What TVAR holds, as of the moment of the transaction; outside of one, what it holds now."
  (let ((v (%tvar-read tvar)))
    (if (eq? v %must-wait)
        (abort-to-prompt tag 'conflict)  ; what was read is no longer of one moment
        v)))

(define (tvar-write! tvar value)
  "TVAR holds VALUE once the transaction has committed. An error outside of one."
  (%tvar-write! tvar value))

(define (tvar-update! tvar procedure)
  "Give TVAR the value of PROCEDURE on what it holds; return that."
  (let ((v (procedure (tvar-read tvar))))
    (tvar-write! tvar v)
    v))

(define (retry)
  "Give the attempt up; make another when a variable that it has read has changed."
  (unless (%in-transaction?)
    (scm-error 'misc-error 'retry "outside of a transaction" '() #f))
  (%give-up)
  (abort-to-prompt tag 'retry))

;; Another way out than the end - an error, an escape - takes back what was written. A suspension,
;; when the body was interrupted because it is long, takes nothing back.
(define (attempt thunk)
  (call-with-prompt tag
    (lambda ()
      (dynamic-wind
        (const #f)
        (lambda ()
          (let ((values (call-with-values thunk list)))
            (if (%commit) values 'conflict)))
        %leave-transaction))
    (lambda (k why) why)))

(define (atomic thunk)
  "Call THUNK as one step: others see all that it wrote or nothing, and it sees none of theirs
halfway. It is called again after a conflict, and must not wait. An error takes its writes back.
Inside of a transaction, part of that one."
  (if (%in-transaction?)
      (thunk)
      (let loop ((conflicts 0))
        (%begin)
        (let ((result (attempt thunk)))
          (cond ((pair? result) (apply values result))
                ((null? result) (values))
                ((eq? result 'retry)
                 (perform (%wait-for-change))
                 (loop 0))
                (else
                 (when (> conflicts 3) (yield))
                 (loop (+ conflicts 1))))))))

(define-syntax-rule (atomically expression ...)
  "Evaluate the expressions as one step, as `atomic' does."
  (atomic (lambda () expression ...)))
