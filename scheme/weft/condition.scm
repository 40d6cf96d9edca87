;; SPDX-License-Identifier: Apache-2.0
;; The conditions that weft raises, and what can be asked of any raised object.
;;
;; A weft condition is a compound of its type with &message and &irritants, so that R7RS and Guile
;; accessors work on it too. The type is found by the kind: a new kind belongs into `types`.
(define-module (weft condition)
  #:declarative? #t
  #:use-module (ice-9 exceptions)
  #:export (&weft
            &weft-cancelled
            &weft-timeout
            &weft-actor
            make-weft-condition
            weft-condition?
            cancelled?
            timeout?
            actor-error?
            condition-kind
            condition-message
            condition-irritants
            condition->string))

(define &weft (make-exception-type '&weft &error '(kind)))
(define &weft-cancelled (make-exception-type '&weft-cancelled &weft '()))
(define &weft-timeout (make-exception-type '&weft-timeout &weft '()))
(define &weft-actor (make-exception-type '&weft-actor &weft '()))

(define make-plain (record-constructor &weft))
(define make-cancelled (record-constructor &weft-cancelled))
(define make-timeout (record-constructor &weft-timeout))
(define make-actor (record-constructor &weft-actor))

(define plain? (exception-predicate &weft))
(define is-cancelled? (exception-predicate &weft-cancelled))
(define is-timeout? (exception-predicate &weft-timeout))
(define is-actor? (exception-predicate &weft-actor))
(define kind-of (exception-accessor &weft (record-accessor &weft 'kind)))

;; Which constructor a kind takes; any other kind is a plain &weft.
(define types
  `((cancelled . ,make-cancelled)
    (timeout . ,make-timeout)
    (no-actor . ,make-actor)
    (stopped . ,make-actor)
    (restarted . ,make-actor)
    (mailbox-full . ,make-actor)
    (unhandled-message . ,make-actor)
    (too-many-restarts . ,make-actor)
    (failed-to-start . ,make-actor)
    (actor . ,make-actor)))

(define (make-weft-condition kind message irritants)
  "Return a condition of KIND (a symbol) with MESSAGE (a string) and IRRITANTS (a list).
Its type is &weft-cancelled, &weft-timeout or &weft-actor where KIND is one of theirs, else &weft."
  (let ((make (assq-ref types kind)))
    (make-exception ((or make make-plain) kind)
                    (make-exception-with-message message)
                    (make-exception-with-irritants irritants))))

(define (weft-condition? object)
  "Return #t if OBJECT is a condition that weft made."
  (and (condition? object) (plain? object)))

(define (cancelled? object)
  "Return #t if OBJECT is the condition of a cancelled wait."
  (and (condition? object) (is-cancelled? object)))

(define (timeout? object)
  "Return #t if OBJECT is the condition of a wait that took too long."
  (and (condition? object) (is-timeout? object)))

(define (actor-error? object)
  "Return #t if OBJECT is a condition about an actor: gone, full, restarted, no clause."
  (and (condition? object) (is-actor? object)))

;; Guile's record predicates fail on the vtables that are no records; those are no conditions.
(define (condition? object)
  (and (struct? object) (false-if-exception (exception? object))))

;; The message and irritants that `error' was called with, from the format that it, or the compiler
;; in its place, made of them: a message and ~S for each irritant. #f if it is another one.
(define (spread format arguments)
  (let* ((all (if (string-prefix? "~A" format) (cdr arguments) arguments))
         (tail (string-concatenate (map (const " ~S") all)))
         (message (and (string-suffix? tail format)
                       (string-drop-right format (string-length tail)))))
    (cond ((not message) #f)
          ((not (eq? all arguments)) (and (string=? "~A" message) arguments))
          (else
           (cons (apply string-append (undoubled message)) all)))))

;; The pieces of a format without directives, ~~ being a tilde.
(define (undoubled format)
  (let ((at (string-contains format "~~")))
    (if at
        (cons* (substring format 0 (+ at 1)) (undoubled (substring format (+ at 2))))
        (list format))))

;; What is in a condition: who found it, the text with the irritants worked in, the bare message,
;; the irritants. Guile's own conditions hold a format string; its `error' one for its arguments.
(define (parts object receiver)
  (let ((args (and (not (eq? '%exception (exception-kind object))) (exception-args object))))
    (cond ((not (and (list? args) (= 4 (length args))
                     (string? (cadr args)) (list? (or (caddr args) '()))))
           (receiver #f #f (and (exception-with-message? object) (exception-message object))
                     (if (exception-with-irritants? object) (exception-irritants object) '())))
          ((and (eq? 'misc-error (exception-kind object)) (not (car args))
                (spread (cadr args) (or (caddr args) '())))
           => (lambda (all) (receiver #f #f (car all) (cdr all))))
          (else
           (receiver (car args) (apply simple-format #f (cadr args) (or (caddr args) '()))
                     #f (or (caddr args) '()))))))

(define (condition-kind object)
  "Return the kind of the raised OBJECT, a symbol: that of a weft condition, Guile's key of its own
conditions (`wrong-type-arg', `misc-error' ...), `raised' for anything else."
  (cond ((not (condition? object)) 'raised)
        ((plain? object) (kind-of object))
        (else (exception-kind object))))

(define (printed object)
  (string-trim-both
   (call-with-output-string
     (lambda (port)
       (print-exception port #f (exception-kind object) (exception-args object))))))

(define (text object)
  (if (string? object) object (object->string object)))

(define (condition-message object)
  "Return the message of the raised OBJECT: a string, without the irritants that stand apart."
  (if (condition? object)
      (parts object
             (lambda (who worked-in message irritants)
               (cond (worked-in
                      (if who (simple-format #f "In procedure ~A: ~A" who worked-in) worked-in))
                     (message (text message))
                     (else (printed object)))))
      "raised:"))

(define (condition-irritants object)
  "Return the irritants of the raised OBJECT, a list; of what is no condition, the object itself."
  (if (condition? object)
      (parts object (lambda (who worked-in message irritants) irritants))
      (list object)))

(define (condition->string object)
  "Return one line of text that says what the raised OBJECT is: its message and its irritants."
  (define irritants
    (if (condition? object)
        (parts object (lambda (who worked-in message irritants) (if message irritants '())))
        (list object)))
  (string-join (cons (condition-message object) (map object->string irritants)) " "))
