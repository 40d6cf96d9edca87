;; SPDX-License-Identifier: Apache-2.0
;; Errors as forms: try and catch, R7RS raise and guard, clean-up that runs once.
;;
;; Nothing here is a dynamic-wind, whose thunks would run each time the task is suspended. A handler
;; that does not want a condition passes it on from where it was raised, so its origin stays known.
(define-module (weft control)
  #:declarative? #t
  #:use-module (ice-9 exceptions)
  #:use-module (weft condition)
  #:use-module (weft argument)
  #:export (try
            error-object? error-object-message error-object-irritants)
  #:re-export (guard raise-continuable with-exception-handler
               &weft &weft-cancelled &weft-timeout &weft-actor
               weft-condition? cancelled? timeout? actor-error?
               condition-kind condition-message condition-irritants condition->string)
  #:replace ((r7rs-raise . raise)))

(define (r7rs-raise object)
  "Raise OBJECT, any value; a handler that returns is an error. (Core's `raise' sends a signal.)"
  (raise-exception object))

;; What stands before the name in (catch (test e) ...): a predicate, or a type of conditions.
(define (test-of test)
  (cond ((exception-type? test) (exception-predicate test))
        ((procedure? test) test)
        (else (wrong-type 'catch 1 test "predicate or condition type"))))

;; Calls thunk. choose, given what is raised, returns a thunk, called after unwinding, or #f.
(define (call-with-catch choose thunk)
  (let ((tag (make-prompt-tag "catch")))
    (call-with-prompt tag
      (lambda ()
        (with-exception-handler
          (lambda (object)
            (let ((handler (choose object)))
              (if handler
                  (abort-to-prompt tag handler)
                  (raise-continuable object))))
          thunk))
      (lambda (k handler) (handler)))))

;; (try body ... (catch e handler ...)): what the body returns, or, where it raises, what the
;; handler returns for e. A cancellation is not caught by it: the task is to end.
;; (catch (test e) handler ...) catches what the predicate or condition type `test' tells, a
;; cancellation too. Of several catch clauses the first that fits counts; the rest is passed on.
(define-syntax try
  (lambda (form)
    (define (catch? clause)
      (syntax-case clause ()
        ((head . rest) (identifier? #'head) (eq? 'catch (syntax->datum #'head)))
        (_ #f)))
    (define (clause-of clause object)
      (syntax-case clause ()
        ((_ (test name) handler ...)
         (identifier? #'name)
         (if (null? #'(handler ...))
             (syntax-violation 'try "catch: a handler is missing" form clause)
             #`(((test-of test) #,object) (lambda () (let ((name #,object)) handler ...)))))
        ((_ name handler ...)
         (identifier? #'name)
         (if (null? #'(handler ...))
             (syntax-violation 'try "catch: a handler is missing" form clause)
             #`((not (cancelled? #,object)) (lambda () (let ((name #,object)) handler ...)))))
        (_ (syntax-violation 'try "catch: write (catch name handler ...) or \
(catch (test name) handler ...)" form clause))))
    (syntax-case form ()
      ((_ part ...)
       (let split ((parts (reverse #'(part ...))) (clauses '()))
         (cond ((and (pair? parts) (catch? (car parts)))
                (split (cdr parts) (cons (car parts) clauses)))
               ((null? clauses)
                (syntax-violation 'try "the last form is no (catch name handler ...)" form))
               ((null? parts)
                (syntax-violation 'try "there is nothing before catch" form))
               ((or-map (lambda (part) (and (catch? part) part)) parts)
                => (lambda (early)
                     (syntax-violation 'try "catch: only at the end" form early)))
               (else
                (with-syntax (((body ...) (reverse parts))
                              ((clause ...)
                               (map (lambda (clause) (clause-of clause #'object)) clauses)))
                  #'(call-with-catch (lambda (object) (cond clause ... (else #f)))
                                     (lambda () body ...))))))))))

;; R7RS's names, for the conditions of Guile's `error' too, whose own message is a format.

(define (error-object? object)
  "Return #t if OBJECT is a condition, as `error' raises one."
  (not (eq? 'raised (condition-kind object))))

(define (error-object-message object)
  "Return the message of the condition OBJECT."
  (condition-message object))

(define (error-object-irritants object)
  "Return the list of the condition OBJECT's irritants."
  (condition-irritants object))
