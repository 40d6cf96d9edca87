;; SPDX-License-Identifier: Apache-2.0
(define worker-actor
  (actor
    [(initial-state 0)]
    [(work) (set! state (+ state 1)) state]
    [(crash) (error "crash")]))

;; Define a supervisor strategy
(define worker-supervisor
  (supervisor
    [(strategy 'one-for-one)]
    [(max-restarts 5)]
    [(restart-window 60)] ; seconds
    
    ;; Child specifications
    [(child 'worker-1 worker-actor)]
    [(child 'worker-2 worker-actor)]
    [(child 'worker-3 worker-actor)]))

;; Start supervised actors
(define supervisor-ref (start-supervisor worker-supervisor))

;; ----
(define first (supervisor-child supervisor-ref 'worker-1))
(define second (supervisor-child supervisor-ref 'worker-2))
(printf "~a ~a~n" (ask first 'work) (ask first 'work))
(ask second 'work)
(send! first 'crash)
(printf "~a ~a~n" (ask first 'work) (ask second 'work))
(printf "~a~n" (map car (supervisor-children supervisor-ref)))
