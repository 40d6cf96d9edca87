;; SPDX-License-Identifier: Apache-2.0
;; Define a counter actor
(define counter-actor
  (actor
    ;; Initial state
    [(initial-state 0)]
    
    ;; Message handlers
    [(increment n)
     (set! state (+ state n))
     state]
    
    [(decrement n)
     (set! state (- state n))
     state]
    
    [(get)
     state]))

;; Spawn the actor
(define counter (spawn counter-actor))

;; Send messages
(send! counter '(increment 5))
(send! counter '(increment 3))
(define current-value (ask counter '(get)))  ; => 8

;; ----
(printf "~a~n" current-value)
(send! counter '(decrement 2))
(printf "~a~n" (ask counter 'get))
