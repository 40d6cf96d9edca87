;; SPDX-License-Identifier: Apache-2.0
;; Supervisors: children that are started again when they fail, as often as a window of time allows.
(define-module (weft supervisor)
  #:declarative? #t
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (weft core)
  #:use-module (weft task)
  #:use-module (weft argument)
  #:use-module (weft condition)
  #:use-module (weft behaviour)
  #:export (supervisor supervisor? make-child
            start-supervisor supervisor-child supervisor-children))

;; What `supervisor' makes. A child is (name behaviour restart shutdown).
(define-record-type <supervisor>
  (make-supervisor strategy max-restarts window children)
  supervisor?
  (strategy supervisor-strategy)
  (max-restarts supervisor-max-restarts)
  (window supervisor-window)
  (children supervisor-specs))

(set-record-type-printer! <supervisor>
  (lambda (spec port)
    (simple-format port "#<supervisor ~S>" (map car (supervisor-specs spec)))))

(eval-when (expand load eval)
  (define strategies '(one-for-one))
  (define restarts '(permanent transient temporary)))

(define (checked-child name behaviour restart shutdown)
  (unless (or (symbol? name) (string? name)) (wrong-type 'child 1 name "symbol or string"))
  (unless (or (behaviour? behaviour) (thunk? behaviour))
    (wrong-type 'child 2 behaviour "behaviour, as `actor' makes it, or thunk"))
  (unless (memq restart restarts)
    (wrong-type 'child "#:restart" restart "'permanent, 'transient or 'temporary"))
  (check-seconds 'child "#:shutdown" shutdown)
  (list name behaviour restart shutdown))

;; What [(children list)] brings, a list of what `make-child' makes.
(define (checked-children children)
  (unless (and (list? children)
               (and-map (lambda (child) (and (list? child) (= 4 (length child)))) children))
    (wrong-type 'supervisor "children" children "list of children, as `make-child' makes them"))
  (map (lambda (child) (apply checked-child child)) children))

(define* (make-child name behaviour #:key (restart 'permanent) (shutdown 5))
  "Return a child for the [(children list)] of a supervisor whose children are not known before it
runs. The arguments are those of [(child ...)]."
  (checked-child name behaviour restart shutdown))

(define (checked-supervisor strategy max-restarts window children)
  (unless (memq strategy strategies) (wrong-type 'supervisor "strategy" strategy "'one-for-one"))
  (check-index 'supervisor "max-restarts" max-restarts)
  (check-seconds 'supervisor "restart-window" window)
  (let check ((rest children))
    (when (pair? rest)
      (when (assoc (caar rest) (cdr rest))
        (scm-error 'misc-error "supervisor" "two children have the name ~S" (list (caar rest)) #f))
      (check (cdr rest))))
  (make-supervisor strategy max-restarts window children))

;; (supervisor [(strategy 'one-for-one)] [(max-restarts 5)] [(restart-window 60)]
;;             [(child name behaviour option ...)] ... [(children list)] ...)
;; More than max-restarts restarts within restart-window seconds end the supervisor and all of its
;; children.
;; Defaults: one-for-one, 1 restart, 5 s. A child's options: #:restart 'permanent (always, the
;; default), 'transient (after errors) or 'temporary (never); #:shutdown seconds to end by itself,
;; 5 by default, before it is killed.
(define-syntax supervisor
  (lambda (form)
    (define (fail message part)
      (syntax-violation 'supervisor message form part))
    (define (check-quoted value allowed message)
      (syntax-case value (quote)
        ((quote datum)
         (unless (memq (syntax->datum #'datum) allowed) (fail message value)))
        (_ #t)))
    (define (child clause)
      (syntax-case clause ()
        ((_ name behaviour . options)
         (let next ((options #'options) (restart #''permanent) (shutdown #'5))
           (syntax-case options ()
             (() #`(checked-child name behaviour #,restart #,shutdown))
             ((key value . rest)
              (case (syntax->datum #'key)
                ((#:restart)
                 (check-quoted #'value restarts
                               "#:restart is 'permanent, 'transient or 'temporary")
                 (next #'rest #'value shutdown))
                ((#:shutdown) (next #'rest restart #'value))
                (else (fail "no such option of a child; there are #:restart and #:shutdown"
                            #'key))))
             ((key) (fail "the option has no value" #'key)))))
        (_ (fail "write [(child name behaviour option ...)]" clause))))
    (define (one-value part)
      (syntax-case part ()
        (((_ value)) #'value)
        (_ (fail "write [(setting value)]" part))))
    (define (collect parts strategy max-restarts window children)
      (syntax-case parts ()
        (()
         (with-syntax (((child ...) (reverse children)))
           #`(checked-supervisor #,(or strategy #''one-for-one) #,(or max-restarts #'1)
                                 #,(or window #'5) (append child ...))))
        ((part . rest)
         (syntax-case #'part ()
           (((name . arguments))
            (identifier? #'name)
            (let ((once (lambda (before)
                          (when before (fail "this is said twice" #'part))
                          (one-value #'part))))
              (case (syntax->datum #'name)
                ((strategy)
                 (let ((value (once strategy)))
                   (check-quoted value strategies "the strategy is 'one-for-one")
                   (collect #'rest value max-restarts window children)))
                ((max-restarts)
                 (collect #'rest strategy (once max-restarts) window children))
                ((restart-window)
                 (collect #'rest strategy max-restarts (once window) children))
                ((child)
                 (collect #'rest strategy max-restarts window
                          (cons #`(list #,(child #'(name . arguments))) children)))
                ((children)
                 (collect #'rest strategy max-restarts window
                          (cons #`(checked-children #,(one-value #'part)) children)))
                (else
                 (fail "no such part; there are strategy, max-restarts, restart-window, child and \
children"
                       #'part)))))
           (_ (fail "a part is [(strategy 'one-for-one)], [(child name behaviour)] ..."
                    #'part))))))
    (syntax-case form ()
      ((_ part ...) (collect #'(part ...) #f #f #f '()))
      (_ (fail "write (supervisor part ...)" form)))))

(define* (start-supervisor spec #:key (name #f))
  "Start a supervisor of SPEC, as `supervisor' makes it, and its children, in their order; return
the supervisor's reference once all of them run."
  (unless (supervisor? spec)
    (wrong-type 'start-supervisor 1 spec "supervisor, as `supervisor' makes it"))
  (unless (or (not name) (symbol? name) (string? name))
    (wrong-type 'start-supervisor 2 name "symbol or string"))
  (perform
   (%supervisor-start
    name (supervisor-strategy spec) (supervisor-max-restarts spec) (supervisor-window spec)
    (map (lambda (child)
           (call-with-values (lambda () (instantiate 'child 2 (cadr child)))
             (lambda (thunk options)
               (cons* (car child) (inheriting thunk) options (cddr child)))))
         (supervisor-specs spec)))))

(define (check-running who supervisor)
  (unless (%ref? supervisor) (wrong-type who 1 supervisor "running supervisor")))

(define (supervisor-child supervisor name)
  "Return the reference of the child NAME of the running SUPERVISOR, the same after each restart; #f
if there is none of this name."
  (check-running 'supervisor-child supervisor)
  (with-exception-handler
      (lambda (c)
        (if (eq? 'not-found (condition-kind c)) #f (raise-exception c)))
    (lambda () (perform (%supervisor-child supervisor name)))
    #:unwind? #t))

(define (supervisor-children supervisor)
  "Return a list of (name reference state) of the children of the running SUPERVISOR, in order."
  (check-running 'supervisor-children supervisor)
  (perform (%supervisor-children supervisor)))
