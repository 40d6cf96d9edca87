;; SPDX-License-Identifier: Apache-2.0
;; What a condition says, in one line.
(define-module (weft message)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 control)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:declarative? #t
  #:export (condition->string
            condition?
            shown))

(define (bounded print limit)
  ;; What PRINT writes to the port it is given, at most LIMIT characters of it. A printer is stopped
  ;; when it has written enough, so that a list of a million elements costs what is shown of it.
  (define parts '())
  (define size 0)
  (define (text)
    (let ((all (call-with-values open-bytevector-output-port
                 (lambda (port get)
                   (for-each (lambda (part) (put-bytevector port part)) (reverse parts))
                   (get)))))
      (let loop ((end (bytevector-length all)))  ; a last character may be cut in two
        (or (false-if-exception
             (let ((whole (make-bytevector end)))
               (bytevector-copy! all 0 whole 0 end)
               (utf8->string whole)))
            (loop (- end 1))))))
  (define (cut s)
    (if (> (string-length s) limit) (string-append (substring s 0 (- limit 3)) "...") s))
  (cut
   (let/ec enough
     (let ((port (make-custom-binary-output-port
                  "shown"
                  (lambda (bytes start count)
                    (let ((part (make-bytevector count)))
                      (bytevector-copy! bytes start part 0 count)
                      (set! parts (cons part parts))
                      (set! size (+ size count))
                      (when (> size (* 4 limit)) (enough (text)))
                      count))
                  #f #f #f)))
       (set-port-encoding! port "UTF-8")
       (with-exception-handler
           (lambda (c) (enough (string-append (text) "#<its printer failed>")))
         (lambda () (print port) (force-output port))
         #:unwind? #t)
       (text)))))

(define* (shown object #:optional (limit 70))
  "OBJECT as `write' writes it, at most LIMIT characters. Never raises, and never writes more than
it shows, whatever the object."
  (bounded (lambda (port) (write object port)) limit))

(define (filled template arguments)
  ;; TEMPLATE with ~A and ~S replaced, as scm-error means it; the arguments that are left over
  ;; after.
  (let loop ((chars (string->list template)) (arguments arguments) (out '()))
    (match chars
      (() (string-append (string-concatenate (reverse out))
                         (string-concatenate (map (lambda (a) (string-append " " (shown a)))
                                                  arguments))))
      ((#\~ (or #\A #\a) . rest)
       (if (pair? arguments)
           (loop rest (cdr arguments)
                 (cons (if (string? (car arguments)) (car arguments) (shown (car arguments))) out))
           (loop rest '() out)))
      ((#\~ (or #\S #\s) . rest)
       (if (pair? arguments)
           (loop rest (cdr arguments) (cons (shown (car arguments)) out))
           (loop rest '() out)))
      ((#\~ #\~ . rest) (loop rest arguments (cons "~" out)))
      ((#\~ #\% . rest) (loop rest arguments (cons "\n" out)))
      ((c . rest) (loop rest arguments (cons (string c) out))))))

(define (article noun)
  (cond ((or (string-null? noun) (string-suffix? "s" noun)) noun)
        ((memv (string-ref noun 0) '(#\a #\e #\i #\o #\u)) (string-append "an " noun))
        (else (string-append "a " noun))))

(define (procedure-words procedure)
  (let ((name (and (procedure? procedure) (procedure-name procedure))))
    (if name (symbol->string name) "the procedure")))

(define (arity-words procedure)
  ;; How many arguments PROCEDURE takes: "1 argument", "2 to 3 arguments", "at least 1 argument".
  (match (procedure-minimum-arity procedure)
    ((required optional rest?)
     (let ((most (+ required optional)))
       (string-append
        (cond (rest? (format #f "at least ~a" required))
              ((> optional 0) (format #f "~a to ~a" required most))
              ((= required 0) "no")
              (else (number->string required)))
        (if (= 1 (if rest? required most)) " argument" " arguments"))))
    (_ #f)))

(define (wrong-arity arguments given)
  (match arguments
    ((procedure . _)
     (let ((takes (and (procedure? procedure) (arity-words procedure))))
       (cond ((not takes) (format #f "~a does not take so many arguments" (shown procedure)))
             (given (format #f "~a takes ~a, not ~a" (procedure-words procedure) takes given))
             (else (format #f "~a takes ~a" (procedure-words procedure) takes)))))
    (_ "wrong number of arguments")))

(define (written-out message arguments)
  ;; Core procedures may write position and type into the message itself: (position type object).
  (let* ((start "Wrong type argument in position ") (middle " (expecting ") (end "): ~S")
         (from (string-length start))
         (at (string-contains message middle)))
    (and at
         (string-prefix? start message)
         (string-suffix? end message)
         (pair? arguments)
         (string->number (substring message from at))
         (list (substring message from at)
               (substring message (+ at (string-length middle))
                          (- (string-length message) (string-length end)))
               (car arguments)))))

(define (wrong-type message arguments)
  (match (cons message arguments)
    (("Wrong type to apply: ~S" object) (format #f "~a is not a procedure" (shown object)))
    (("Wrong type argument in position ~A (expecting ~A): ~S" position what object)
     (format #f "argument ~a has to be ~a, not ~a" position (article what) (shown object)))
    (("Wrong type argument in position ~A: ~S" position object)
     (format #f "argument ~a has the wrong type: ~a" position (shown object)))
    (("Wrong type (expecting ~A): ~S" what object)
     (format #f "the argument has to be ~a, not ~a" (article what) (shown object)))
    (("Wrong type: ~S" object) (format #f "~a has the wrong type" (shown object)))
    (_ (match (written-out message arguments)
         ((position what object)
          (format #f "argument ~a has to be ~a, not ~a" position (article what) (shown object)))
         (_ (filled message arguments))))))

(define (out-of-range message arguments)
  (match (cons message arguments)
    (("Argument ~A out of range (expecting ~A): ~S" position what object)
     (format #f "argument ~a has to be ~a, not ~a" position what (shown object)))
    (("Argument ~A out of range: ~S" position object)
     (format #f "argument ~a is out of range: ~a" position (shown object)))
    (("Value out of range ~S to< ~S: ~S" low high object)
     (format #f "~a is out of range: it has to be from ~a to ~a" (shown object) low high))
    (("Value out of range: ~S" object) (format #f "~a is out of range" (shown object)))
    (_ (filled message arguments))))

(define (at-origin from other text)
  ;; TEXT after the name of what raised it: FROM or, where that is #f or known to C only, OTHER.
  (let ((name (if (and (or (string? from) (symbol? from))
                       (not (string-prefix? "scm_" (format #f "~a" from))))
                  from
                  other)))
    (if name (format #f "~a: ~a" name text) text)))

(define (kind-words kind arguments origin given)
  ;; What a condition of Guile's own KIND says; ARGUMENTS are those of scm-error where it is one.
  (match (cons kind arguments)
    (('quit . codes) (format #f "exit~a" (filled "" codes)))
    (('unbound-variable _ _ (name . _) . _) (format #f "unbound variable: ~a" name))
    (('wrong-number-of-args _ _ arguments . _) (wrong-arity arguments given))
    (('wrong-type-arg from (? string? message) (arguments ...) . _)
     (at-origin from origin (wrong-type message arguments)))
    (('out-of-range from (? string? message) (arguments ...) . _)
     (at-origin from origin (out-of-range message arguments)))
    (('numerical-overflow "divide" . _) "division by zero")
    (('keyword-argument-error from (? string? message) _ (? pair? irritants) . _)
     (at-origin from origin (filled (string-append (string-downcase message) ":") irritants)))
    (('stack-overflow . _) "the recursion is too deep: its stack has reached the limit")
    (('out-of-memory . _) "out of memory: the object is too large")
    (('memory-allocation-error . _) "out of memory: the object is too large")
    (('syntax-error who (? string? what) _ form subform . _)
     (format #f "~a~a in ~a" (if who (format #f "~a: " who) "") what
             (shown (or subform form))))
    (((or 'misc-error 'system-error 'keyword-argument-error) from (? string? message) arguments . _)
     (at-origin from #f (filled message (if (list? arguments) arguments '()))))
    ((_ (and from (or #f (? string?) (? symbol?))) (? string? message) (? list? arguments) . _)
     (format #f "~a: ~a" kind (at-origin from #f (filled message arguments))))
    (_ (format #f "thrown to ~a~a" (shown kind)
               (if (null? arguments) ", which nobody catches"
                   (string-append ", which nobody catches:" (filled "" arguments)))))))

(define (message-words c)
  ;; Of a condition made by parts: its message and irritants; its type's name where it has none.
  (let ((irritants (if (exception-with-irritants? c) (exception-irritants c) '())))
    (cond ((exception-with-message? c)
           (let ((message (exception-message c)))
             (if (string? message)
                 (if (and (pair? irritants) (string-index message #\~))
                     (filled message irritants)
                     (string-append message
                                    (if (pair? irritants) ":" "")
                                    (filled "" (if (list? irritants) irritants (list irritants)))))
                 (shown message))))
          (else
           (let ((types (map (lambda (part) (symbol->string (record-type-name
                                                             (record-type-descriptor part))))
                             (simple-exceptions c))))
             (string-append "a condition without a message: " (string-join types ", ")
                            (if (pair? irritants) (filled ":" irritants) "")))))))

(define (condition? object)
  ;; Guile's predicate fails on structures that are no records.
  (and (struct? object) (false-if-exception (exception? object))))

(define* (condition->string c #:key origin given)
  "What C says, in one line, be it a condition of any make, something thrown with a key, or an
object that was raised and is no condition. ORIGIN, if given, names the procedure that raised it,
GIVEN the number of arguments it had. Never raises."
  (cond ((not (condition? c)) (format #f "raised, and not a condition: ~a" (shown c)))
        ((eq? '%exception (exception-kind c)) (message-words c))
        (else (kind-words (exception-kind c) (exception-args c) origin given))))
