;; SPDX-License-Identifier: Apache-2.0
;; receive: the next message of the running task's mailbox, or the first that matches.
;;
;; Messages that a matching receive passed over are saved, in order, with the question that each may
;; be, and come first for the next receive. An actor's saved messages outlive its restart.
(define-module (weft mailbox)
  #:declarative? #t
  #:use-module (ice-9 match)
  #:use-module (weft core)
  #:use-module (weft task)
  #:use-module (weft argument)
  #:export (receive
            self
            reply
            make-saved
            adopt-saved!
            next-message))

;; What was passed over: a queue of (message . question), oldest first.

(define (make-saved)
  (cons '() '()))

(define (saved-empty? saved)
  (null? (car saved)))

(define (save! saved entry)
  (let ((last (list entry)))
    (if (saved-empty? saved)
        (set-car! saved last)
        (set-cdr! (cdr saved) last))
    (set-cdr! saved last)))

;; Takes out the first entry whose message choose does not refuse: what choose returned, or #f.
(define (take-saved! saved choose)
  (let next ((before #f) (pair (car saved)))
    (if (null? pair)
        #f
        (let ((chosen (choose (caar pair))))
          (cond ((not chosen) (next pair (cdr pair)))
                (else
                 (if before
                     (set-cdr! before (cdr pair))
                     (set-car! saved (cdr pair)))
                 (when (null? (cdr pair)) (set-cdr! saved (or before '())))
                 (%set-question! (cdar pair))
                 chosen))))))

;; The running task's own, or #f.
(define (own-saved)
  (let ((entry (assq 'saved (%locals))))
    (and entry (cdr entry))))

(define (adopt-saved! saved)
  "Let the running task save into SAVED, which an earlier life of it may have filled."
  (%set-locals! (cons (cons 'saved saved) (%locals))))

(define (own-saved!)
  (or (own-saved)
      (let ((saved (make-saved)))
        (adopt-saved! saved)
        saved)))

(define (next-message saved)
  "The oldest message of the running task, whose saved messages are SAVED, or #f if it has none."
  (if (or (not saved) (saved-empty? saved))
      (perform (%receive))
      (let ((entry (caar saved)))
        (set-car! saved (cdar saved))
        (%set-question! (cdr entry))
        (car entry))))

(define (receive-next)
  "Take the oldest message out of the running task's mailbox; wait while there is none."
  (let ((message (%receive-next)))
    (if (eq? message %saved-first)
        (next-message (own-saved))
        (perform message))))

;; choose takes a message and returns a thunk, or #f to pass it over.
(define (receive-chosen choose)
  (let* ((saved (own-saved)) (body (and saved (take-saved! saved choose))))
    (if body
        (body)
        (let next ()
          (let* ((message (perform (%receive)))
                 (body (choose message)))
            (cond (body (body))
                  (else
                   (save! (own-saved!) (cons message (%question)))
                   (next))))))))

(define (receive-chosen-within choose seconds otherwise)
  (check-seconds 'receive 1 seconds)
  (let* ((saved (own-saved)) (body (and saved (take-saved! saved choose))))
    (if body
        (body)
        (let ((deadline (+ (%now) seconds)))
          (let next ()
            (let ((message (perform (%receive-within (max 0 (- deadline (%now)))))))
              (if (eq? message %timeout)
                  (otherwise)
                  (let ((body (choose message)))
                    (cond (body (body))
                          (else
                           (save! (own-saved!) (cons message (%question)))
                           (next)))))))))))

;; (receive)                                       the next message
;; (receive name body ...)                         with the next message as name
;; (receive (name ...) expression body ...)        SRFI-8: the values of the expression
;; (receive [pattern body ...] ... [after seconds body ...])   the first message that matches; each
;;                                                 pattern is one of (ice-9 match), a list
(define-syntax receive
  (lambda (form)
    (define (formals? x)
      (syntax-case x ()
        (() #t)
        (name (identifier? #'name) #t)
        ((name . rest) (identifier? #'name) (formals? #'rest))
        (_ #f)))
    (define (after? clause)
      (syntax-case clause ()
        ((head . rest) (identifier? #'head) (eq? 'after (syntax->datum #'head)))
        (_ #f)))
    (define (pattern-clause clause)
      (syntax-case clause ()
        (((first . rest) body0 body ...) #'((first . rest) (lambda () body0 body ...)))
        (_ (syntax-violation 'receive "a clause is [(pattern ...) body ...]" form clause))))
    (define (clauses all)
      (let split ((rest all) (patterns '()))
        (syntax-case rest ()
          (() (chooser (reverse patterns) #f))
          ((clause) (after? #'clause) (chooser (reverse patterns) #'clause))
          ((clause . more) (after? #'clause)
           (syntax-violation 'receive "[after seconds body ...] comes last" form #'clause))
          ((clause . more) (split #'more (cons (pattern-clause #'clause) patterns))))))
    (define (chooser patterns after)
      (with-syntax (((pattern ...) patterns))
        (let ((choose #'(lambda (message) (match message pattern ... (_ #f)))))
          (syntax-case after ()
            (#f #`(receive-chosen #,choose))
            ((_ seconds body0 body ...)
             #`(receive-chosen-within #,choose seconds (lambda () body0 body ...)))
            (_ (syntax-violation 'receive "write [after seconds body ...]" form after))))))
    (syntax-case form ()
      (name (identifier? #'name) #'receive-next)
      ((_) #'(receive-next))
      ((_ name body0 body ...)
       (identifier? #'name)
       #'(let ((name (receive-next))) body0 body ...))
      ((_ name) (identifier? #'name)
       (syntax-violation 'receive "there is no body after the name" form))
      ((_ only) (after? #'only) (clauses #'(only)))
      ((_ names expression body0 body ...)
       (formals? #'names)
       #'(call-with-values (lambda () expression) (lambda names body0 body ...)))
      ((_ clause ...) (clauses #'(clause ...))))))

(define (self)
  "Return the reference of the running task's mailbox: an actor's own, or that of a plain task."
  (%self))

(define (reply value)
  "Answer the question that the message received last is, at once; #t if it was one that had no
answer yet. What a clause returns is then no answer any more."
  (%reply value))
