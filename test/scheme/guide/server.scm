;; SPDX-License-Identifier: Apache-2.0
(define server-actor
  (actor
    [(initial-state (make-hash-table))]
    
    [(store key value sender)
     (hash-table-set! state key value)
     (send! sender '(ok stored))]
    
    [(retrieve key sender)
     (let ((value (hash-table-ref state key #f)))
       (if value
           (send! sender `(ok ,value))
           (send! sender '(error not-found))))]))

;; Usage
(define server (spawn server-actor))
(send! server `(store "key1" "value1" ,(self)))
(define response (receive))  ; Wait for response

;; ----
(define answer-me (self))
(printf "~a~n" response)
(send! server `(retrieve "key1" ,answer-me))
(printf "~s~n" (receive))
(send! server `(retrieve "key2" ,answer-me))
(printf "~a~n" (receive))
