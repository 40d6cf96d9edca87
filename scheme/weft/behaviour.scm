;; SPDX-License-Identifier: Apache-2.0
;; Behaviours: what the form `actor' makes, with a state and clauses, or with a body that receives.
(define-module (weft behaviour)
  #:declarative? #t
  #:use-module (ice-9 match)
  #:use-module ((ice-9 exceptions) #:select (raise-continuable))
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (weft core)
  #:use-module (weft condition)
  #:use-module (weft argument)
  #:use-module (weft mailbox)
  #:export (actor behaviour? instantiate))

;; A behaviour is what `actor' makes: options for the mailbox, a procedure that makes the thunk of
;; one instance, and whether it has an on-stop. The thunk runs from its start again at each restart.
(define-record-type <behaviour>
  (make-behaviour options make-life stops?)
  behaviour?
  (options behaviour-options)
  (make-life behaviour-make-life)
  (stops? behaviour-stops?))

(set-record-type-printer! <behaviour>
  (lambda (behaviour port) (display "#<behaviour>" port)))

;; One spawned instance: what its lives share.
(define-record-type <instance>
  (make-instance saved reason on-stop)
  instance?
  (saved instance-saved)                               ; messages that a receive passed over
  (reason instance-reason set-instance-reason!)        ; 'new, or what the last life ended with
  (on-stop instance-on-stop set-instance-on-stop!))    ; of the running life

(define unhandled (list 'unhandled))

;; The life of an actor with clauses. begin makes its state and returns what handles a message and
;; the hooks. reasons? tells whether on-restart asks why.
(define (clause-life begin reasons?)
  (lambda (instance)
    (define (live)
      (call-with-values begin
        (lambda (handle on-start on-restart on-stop)
          (set-instance-on-stop! instance on-stop)
          (let ((reason (instance-reason instance)))
            (set-instance-reason! instance 'unknown)
            (cond ((and on-restart (not (eq? reason 'new))) (on-restart reason))
                  (on-start (on-start))))
          (serve handle (instance-saved instance)))))
    (if reasons?
        (lambda ()
          (with-exception-handler
            (lambda (object)
              (set-instance-reason! instance object)
              (raise-continuable object))
            live))
        live)))

(define (serve handle saved)
  (let* ((message (next-message saved))
         (question (%question))
         (value (handle message)))
    (cond ((not (eq? value unhandled))
           (when question (%answer question value)))
          (question
           (%answer-error question
                          (make-weft-condition 'unhandled-message
                                               "the actor has no clause for the message:"
                                               (list message))))
          (else (%unhandled message)))
    (serve handle saved)))

(define (body-life body)
  (lambda (instance) body))

(define (stop-hook instance)
  (lambda (reason)
    (let ((on-stop (instance-on-stop instance)))
      (when on-stop (on-stop reason)))))

(define (instantiate who position behaviour)
  "Return the thunk and the options of a new instance of BEHAVIOUR, or of a thunk, for the core."
  (cond ((behaviour? behaviour)
         (let* ((instance (make-instance (make-saved) 'new #f))
                (life ((behaviour-make-life behaviour) instance))
                (options (behaviour-options behaviour)))
           (values (lambda ()
                     (adopt-saved! (instance-saved instance))
                     (life))
                   (if (behaviour-stops? behaviour)
                       (acons 'on-stop (stop-hook instance) options)
                       options))))
        ((thunk? behaviour) (values behaviour '()))
        (else (wrong-type who position behaviour "behaviour, as `actor' makes it, or thunk"))))

;; What #:mailbox and #:backpressure may be, at run time.

(define (mailbox-option value)
  (cond ((memq value '(unbounded fifo)) 'unbounded)
        ((and (symbol? value) (bound-of value)))
        (else (wrong-type 'actor "#:mailbox" value "'unbounded, 'fifo or 'bounded-N"))))

(eval-when (expand load eval)
  (define (bound-of symbol)
    (let ((text (symbol->string symbol)))
      (and (string-prefix? "bounded-" text)
           (let ((n (string->number (substring text 8))))
             (and n (exact-integer? n) (positive? n) n)))))
  (define policies '(block fail drop-newest drop-oldest)))

(define (backpressure-option value)
  (if (memq value policies)
      value
      (wrong-type 'actor "#:backpressure" value "'block, 'fail, 'drop-newest or 'drop-oldest")))

;; (arity? list n): it has n items.
(define (arity? items n)
  (if (zero? n)
      (null? items)
      (and (pair? items) (arity? (cdr items) (- n 1)))))

;; The test and body of one clause: positional names fast, any other pattern by match.
(define-syntax clause-case
  (lambda (form)
    (define (bindings names items)
      (if (null? names)
          '()
          (let ((rest (car (generate-temporaries '(rest)))))
            (cons* #`(#,(car names) (car #,items))
                   #`(#,rest (cdr #,items))
                   (bindings (cdr names) rest)))))
    (syntax-case form ()
      ((_ tag items (name argument ...) (body ...) next)
       (and-map identifier? #'(argument ...))
       #`(if (and (eq? tag 'name) (arity? items #,(length #'(argument ...))))
             (let* #,(bindings #'(argument ...) #'items) (let () body ...))
             next))
      ((_ tag items (name . pattern) (body ...) next)
       #'(let ((run (and (eq? tag 'name)
                         (match items (pattern (lambda () body ...)) (_ #f)))))
           (if run (run) next))))))

(define-syntax clause-chain
  (syntax-rules ()
    ((_ tag items) unhandled)
    ((_ tag items (head body) . more)
     (clause-case tag items head body (clause-chain tag items . more)))))

;; (actor option ... [(initial-state e)] [(name argument ...) body ...] ...): each message goes to
;; the clause of its name and number of arguments; `state' is the actor's own variable. A symbol
;; alone is a message without arguments. [(on-start) ...], [(on-restart reason) ...] (after a crash,
;; in the place of on-start) and [(on-stop reason) ...] are hooks; a reason may be left out.
;; (actor option ... body ...): runs the body, which receives; when it returns, the actor has ended.
;; Options: #:mailbox 'unbounded, 'fifo or 'bounded-N; #:backpressure 'block, 'fail, 'drop-newest or
;; 'drop-oldest: what happens when a bounded mailbox is full.
(define-syntax actor
  (lambda (form)
    (define (fail message part)
      (syntax-violation 'actor message form part))
    (define (quoted x)
      (syntax-case x (quote)
        ((quote datum) (list (syntax->datum #'datum)))
        (_ #f)))
    (define (option key value)
      (case (syntax->datum key)
        ((#:mailbox)
         (let ((given (quoted value)))
           (unless (or (not given) (memq (car given) '(unbounded fifo))
                       (and (symbol? (car given)) (bound-of (car given))))
             (fail "#:mailbox is 'unbounded, 'fifo or 'bounded-N" value)))
         #`(cons 'mailbox (mailbox-option #,value)))
        ((#:backpressure)
         (let ((given (quoted value)))
           (unless (or (not given) (memq (car given) policies))
             (fail "#:backpressure is 'block, 'fail, 'drop-newest or 'drop-oldest" value)))
         #`(cons 'backpressure (backpressure-option #,value)))
        (else (fail "no such option; there are #:mailbox and #:backpressure" key))))
    (define (split-options parts options)
      (syntax-case parts ()
        ((key value . rest) (keyword? (syntax->datum #'key))
         (split-options #'rest (cons (option #'key #'value) options)))
        ((key) (keyword? (syntax->datum #'key)) (fail "the option has no value" #'key))
        (_ (values parts (reverse options)))))
    (define (head-name part)
      (syntax-case part ()
        (((name . arguments) . body) (identifier? #'name) (syntax->datum #'name))
        (_ #f)))
    (define hooks '(on-start on-restart on-stop))
    ;; The hook as a procedure of the reason, or #f.
    (define (hook clauses name)
      (let ((found (filter (lambda (clause) (eq? name (head-name clause))) clauses)))
        (cond ((null? found) #f)
              ((pair? (cdr found)) (fail "there are two of this hook" (cadr found)))
              (else
               (syntax-case (car found) ()
                 (((_) body0 body ...) #'(lambda (reason) body0 body ...))
                 (((_ reason) body0 body ...)
                  (and (identifier? #'reason) (not (eq? name 'on-start)))
                  #'(lambda (reason) body0 body ...))
                 (_ (fail (if (eq? name 'on-start)
                              "write [(on-start) body ...]"
                              "write [(hook) body ...] or [(hook reason) body ...]")
                          (car found))))))))
    (define (initial-state clauses)
      (syntax-case (filter (lambda (clause) (eq? 'initial-state (head-name clause))) clauses) ()
        ((((_ e))) #'e)
        ((first) (fail "write [(initial-state expression)]" #'first))
        ((_ second . more) (fail "there are two initial states" #'second))))
    (define (message-clause clause)
      (syntax-case clause ()
        (((name . pattern) body0 body ...) (identifier? #'name)
         #'((name . pattern) (body0 body ...)))
        (((name . pattern)) (fail "the clause has no body" clause))
        (_ (fail "a clause is [(name argument ...) body ...]" clause))))
    (define (clause-form keyword clauses options)
      (let ((start (hook clauses 'on-start))
            (restart (hook clauses 'on-restart))
            (stop (hook clauses 'on-stop))
            (messages (filter (lambda (clause)
                                (not (memq (head-name clause) (cons 'initial-state hooks))))
                              clauses)))
        (with-syntax ((state (datum->syntax keyword 'state))
                      (initial (initial-state clauses))
                      (start (if start #`(lambda () (#,start #f)) #'#f))
                      (restart restart)
                      (reasons? (and restart #t))
                      (stop stop)
                      (stops? (and stop #t))
                      ((clause ...) (map message-clause messages)))
          #`(make-behaviour
             (list #,@options)
             (clause-life
              (lambda ()
                (let ((state initial))
                  (values
                   (lambda (message)
                     (let ((tag (if (pair? message) (car message) message))
                           (items (if (pair? message) (cdr message) '())))
                       (clause-chain tag items clause ...)))
                   start restart stop)))
              reasons?)
             stops?))))
    (syntax-case form ()
      ((keyword . parts)
       (call-with-values (lambda () (split-options #'parts '()))
         (lambda (rest options)
           (syntax-case rest ()
             (() (fail "there is no body and no clause" form))
             ((part ...)
              (or-map (lambda (part) (eq? 'initial-state (head-name part))) #'(part ...))
              (clause-form #'keyword #'(part ...) options))
             ((body ...)
              #`(make-behaviour (list #,@options)
                                (body-life (lambda () body ...))
                                #f)))))))))
