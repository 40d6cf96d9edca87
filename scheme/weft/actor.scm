;; SPDX-License-Identifier: Apache-2.0
;; Actors: spawn, send! and ask, and what can be done with a reference.
(define-module (weft actor)
  #:declarative? #t
  #:use-module (weft core)
  #:use-module (weft task)
  #:use-module (weft argument)
  #:use-module (weft mailbox)
  #:use-module (weft behaviour)
  #:use-module (weft supervisor)
  #:export (spawn send! ask stop! kill! link! monitor! actor? actor-alive? dead-letters)
  #:re-export (actor behaviour? receive self reply
               supervisor make-child start-supervisor supervisor-child supervisor-children))

(define* (spawn behaviour #:key (name #f))
  "Start an actor of BEHAVIOUR, as `actor' makes it, or one that calls a thunk; return its reference
at once. NAME, a symbol or string, is for people who look at the running program."
  (unless (or (not name) (symbol? name) (string? name))
    (wrong-type 'spawn 2 name "symbol or string"))
  (call-with-values (lambda () (instantiate 'spawn 1 behaviour))
    (lambda (thunk options)
      (%actor-spawn (inheriting thunk) (if name (acons 'name name options) options)))))

(define (check-actor who object)
  (unless (%ref? object) (wrong-type who 1 object "actor")))

(define (send! actor message)
  "Put MESSAGE into the mailbox of ACTOR. Waits while a mailbox with #:backpressure 'block is full.
Return #t; or #f if it was not accepted, since the actor has ended or its mailbox is full: such a
message is a dead letter."
  (eq? 'done (perform (%send actor message))))

(define* (ask actor message #:optional (seconds 5))
  "Send MESSAGE to ACTOR and return its answer: what its clause returns, or what it gave to `reply'.
No answer within SECONDS raises &weft-timeout; an actor that has ended, ends before it answers, or
has no clause for the message raises &weft-actor."
  (check-actor 'ask actor)
  (check-seconds 'ask 3 seconds)
  (perform (%ask actor message seconds)))

(define* (stop! actor #:optional (reason 'shutdown))
  "Ask ACTOR to end: what it waits for, or its next wait, is cancelled; its on-stop clause runs."
  (check-actor 'stop! actor)
  (%stop actor reason))

(define (kill! actor)
  "End ACTOR without its on-stop clause, at its next wait or safe point."
  (check-actor 'kill! actor)
  (%kill actor))

(define (link! actor)
  "Tie the running actor and ACTOR: when one ends by an error, so does the other."
  (check-actor 'link! actor)
  (%link actor))

(define (monitor! actor)
  "Let the message (down ACTOR reason) come to the running task's mailbox when ACTOR ends for good."
  (check-actor 'monitor! actor)
  (%monitor actor))

(define (actor? object)
  "Return #t if OBJECT is a reference to an actor, running or ended."
  (%ref? object))

(define (actor-alive? actor)
  "Return #t while ACTOR has not ended for good."
  (check-actor 'actor-alive? actor)
  (%actor-alive? actor))

(define (dead-letters)
  "Return how many messages have found no actor, no room or no clause."
  (%dead-letters))
