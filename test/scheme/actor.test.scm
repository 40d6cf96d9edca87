;; SPDX-License-Identifier: Apache-2.0
(use-modules (weft test))

(define counter
  (actor
    [(initial-state 0)]
    [(increment n) (set! state (+ state n)) state]
    [(decrement n) (set! state (- state n)) state]
    [(get) state]))

(define (eventually test)
  ;; Whether it becomes true.
  (let wait ((tries 2000))
    (cond ((test) #t)
          ((zero? tries) #f)
          (else (sleep 0.001) (wait (- tries 1))))))

(test-group "clauses"
  (test "keep a state and answer with their value"
    (let ((c (spawn counter)))
      (check-equal #t (send! c '(increment 5)))
      (send! c '(increment 3))
      (check-equal 8 (ask c '(get)))
      (check-equal 6 (ask c '(decrement 2)))))
  (test "a symbol alone is a message without arguments"
    (check-equal 0 (ask (spawn counter) 'get)))
  (test "each instance has a state of its own, made when it starts"
    (let* ((b (actor [(initial-state (list 0))] [(add) (set-car! state (+ 1 (car state)))]
                     [(get) (car state)]))
           (one (spawn b)) (two (spawn b)))
      (send! one 'add)
      (check-equal '(1 0) (list (ask one 'get) (ask two 'get)))))
  (test "are chosen by name and number of arguments, in order"
    (let ((a (spawn (actor [(initial-state #f)]
                           [(put a) (list 'one a)]
                           [(put a b) (list 'two a b)]
                           [(put . all) (cons 'all all)]
                           [(at (x . y)) (list x y)]
                           [(at 'here) 'symbol]
                           [(at _) 'other]))))
      (check-equal '(one 1) (ask a '(put 1)))
      (check-equal '(two 1 2) (ask a '(put 1 2)))
      (check-equal '(all 1 2 3) (ask a '(put 1 2 3)))
      (check-equal '(all) (ask a 'put))
      (check-equal '(1 2) (ask a '(at (1 . 2))))
      (check-equal 'symbol (ask a '(at here)))
      (check-equal 'other (ask a '(at 5)))))
  (test "no clause: an error for ask, a dead letter for send!, and the actor goes on"
    (let ((c (spawn counter)) (before (dead-letters)))
      (check-error 'unhandled-message (ask c '(increment)))
      (check-error "no clause for the message: (increment 1 2)" (ask c '(increment 1 2)))
      (check-error actor-error? (ask c '(other)))
      (check-error actor-error? (ask c "text"))
      (send! c 'other)
      (send! c '(get . 5))
      (check-equal 0 (ask c 'get))
      (check (>= (dead-letters) (+ before 2)))))
  (test "a macro that passes the keyword's context has the state"
    (let ((a (spawn (actor [(initial-state 1)] [(double) (let ((x state)) (set! state (* 2 x)))]
                           [(get) state]))))
      (send! a 'double)
      (check-equal 2 (ask a 'get))))
  (test "reply answers at once; the clause's value is no answer then"
    (let* ((log '())
           (a (spawn (actor [(initial-state #f)]
                            [(early) (reply 'early) (set! log (cons 'after log)) 'late]
                            [(twice) (list (reply 1) (reply 2))]
                            [(told) (set! log (cons (reply 'nobody) log))]))))
      (check-equal 'early (ask a 'early))
      (check-equal 1 (ask a 'twice))
      (send! a 'told)
      (check (eventually (lambda () (equal? '(#f after) log))))))
  (test "a receive inside a clause does not take away its question"
    (let* ((a (spawn (actor [(initial-state 0)]
                            [(wait-for-go) (receive [('go x) (list 'went x)])]
                            [(get) 'got])))
           (first (future (ask a 'wait-for-go))))
      (sleep 0.005)
      (let ((second (future (ask a 'get))))
        (sleep 0.005)
        (send! a '(go 7))
        (check-equal '(went 7) (force first))
        (check-equal 'got (force second))))))

(test-group "ask"
  (test "times out after the seconds given"
    (let ((silent (spawn (lambda () (receive) (sleep 1000)))))
      (check-error timeout? (ask silent 'hello 0.01))))
  (test "an actor that has ended, or fails before it answers"
    (let ((gone (spawn (lambda () 'done)))
          (failing (spawn (actor [(initial-state 0)] [(boom) (error "boom")]))))
      (check (eventually (lambda () (not (actor-alive? gone)))))
      (check-error actor-error? (ask gone 'x))
      (check-equal #f (send! gone 'x))
      (check-error actor-error? (ask failing 'boom))
      (check (eventually (lambda () (not (actor-alive? failing)))))))
  (test "a message of a third party is not taken for the answer"
    (let ((me (self))
          (helper (spawn (actor [(initial-state 0)]
                                [(work for) (send! for 'stray) 'answer]))))
      (check-equal 'answer (ask helper (list 'work me)))
      (check-equal 'stray (receive))))
  (test "many askers, each its own answer"
    (let ((echo (spawn (actor [(initial-state 0)] [(echo x) x]))))
      (check-equal (range 0 200) (pmap (lambda (x) (ask echo (list 'echo x))) (range 0 200))))))

(test-group "bodies"
  (test "a body receives in a loop, and a thunk is a body"
    (let* ((me (self))
           (body (spawn (actor (let loop () (receive msg (send! me (list 'got msg)) (loop))))))
           (thunk (spawn (lambda () (receive msg (send! me (list 'thunk msg)))))))
      (send! body 1)
      (send! body 2)
      (check-equal '(got 1) (receive))
      (check-equal '(got 2) (receive))
      (send! thunk 3)
      (check-equal '(thunk 3) (receive))))
  (test "a body answers by reply"
    (let ((a (spawn (actor (let loop () (receive [('sum x y) (reply (+ x y))]) (loop))))))
      (check-equal 5 (ask a '(sum 2 3))))))

(test-group "bounded mailboxes"
  (test "#:backpressure 'block makes the sender wait, and nothing is lost"
    (let* ((gate (make-semaphore 0))
           (a (spawn (actor #:mailbox 'bounded-2 #:backpressure 'block
                       (semaphore-acquire! gate)
                       (let loop ((n 0))
                         (receive m (if (eq? m 'end) (reply n) (loop (+ n 1))))))))
           (sender (future (for-each (lambda (i) (send! a i)) (range 0 20)) 'sent)))
      (sleep 0.02)
      (check (not (task-done? sender)))
      (semaphore-release! gate)
      (check-equal 'sent (force sender))
      ;; ask does not wait for room: the last two may still be in the mailbox.
      (check-equal 20 (let again ()
                        (let ((n (try (ask a 'end) (catch (actor-error? e) #f))))
                          (or n (begin (sleep 0.002) (again))))))))
  (test "#:backpressure 'fail refuses, and the sender is told"
    (let* ((a (spawn (actor #:mailbox 'bounded-2 #:backpressure 'fail (sleep 1000)))))
      (check-equal '(#t #t #f) (map (lambda (i) (send! a i)) '(1 2 3)))))
  (test "#:backpressure 'drop-newest and 'drop-oldest keep what they say"
    (define (kept behaviour gate)
      (let ((a (spawn behaviour)))
        (for-each (lambda (i) (send! a i)) '(1 2 3 4))
        (semaphore-release! gate)
        (receive)))
    (define (collect gate me)
      (semaphore-acquire! gate)
      (send! me (let loop ((got '()))
                  (receive m (if (= 2 (length (cons m got)))
                                 (reverse (cons m got))
                                 (loop (cons m got)))))))
    (let ((me (self)) (gate (make-semaphore 0)))
      (check-equal '(1 2) (kept (actor #:mailbox 'bounded-2 #:backpressure 'drop-newest
                                  (collect gate me))
                                gate))
      (check-equal '(3 4) (kept (actor #:mailbox 'bounded-2 #:backpressure 'drop-oldest
                                  (collect gate me))
                                gate)))))

(test-group "receive"
  (test "takes messages in order, by name"
    (send! (self) 1)
    (send! (self) '(2))
    (check-equal 1 (receive))
    (check-equal '(got (2)) (receive m (list 'got m))))
  (test "takes the first that matches; the others stay, in order"
    (for-each (lambda (m) (send! (self) m)) '((b 1) (a 2) (b 3) (c 4) (a 5)))
    (check-equal 2 (receive [('a x) x]))
    (check-equal 4 (receive [('c x) x]))
    (check-equal '(a 5) (receive [('a x) (list 'a x)] [('z) 'never]))
    (send! (self) '(b 6))
    (check-equal '((b 1) (b 3) (b 6)) (list (receive) (receive) (receive))))
  (test "clauses are tried in order for each message, oldest first"
    (for-each (lambda (m) (send! (self) m)) '((x 1) (y 2)))
    (check-equal '(second 1) (receive [('y n) (list 'first n)] [('x n) (list 'second n)]))
    (check-equal '(y 2) (receive)))
  (test "after its seconds it gives up, and saves what it saw"
    (send! (self) '(other))
    (check-equal 'late (receive [('this) 'found] [after 0.01 'late]))
    (check-equal 'late (receive [('this) 'found] [after 0 'late]))
    (check-equal '(other) (receive))
    (check-equal 'none (receive [after 0.001 'none])))
  (test "a message that matches ends the wait"
    (let ((me (self)))
      (future (sleep 0.005) (send! me '(noise)) (send! me '(this)))
      (check-equal 'found (receive [('this) 'found] [after 50 'late]))
      (check-equal '(noise) (receive))))
  (test "a saved question is answered when it is taken"
    (let* ((a (spawn (lambda ()
                       (receive [('second) (reply 'two)])
                       (receive [('first) (reply 'one)]))))
           (first (future (ask a '(first)))))
      (sleep 0.005)
      (check-equal 'two (ask a '(second)))
      (check-equal 'one (force first))))
  (test "is SRFI-8's for a list of names"
    (check-equal '(1 2) (receive (a b) (values 1 2) (list a b)))
    (check-equal '(1 (2 3)) (receive (a . rest) (values 1 2 3) (list a rest))))
  (test "is a procedure as a name"
    (send! (self) 'x)
    (check-equal '(x) (map (lambda (f) (f)) (list receive))))
  (test "seconds that are none"
    (check-error "receive: Wrong type argument" (receive [after 'soon 1]))
    (check-error 'out-of-range (receive [('a) 1] [after -1 2]))))

(test-group "hooks"
  (test "on-start runs first, on-stop when it is stopped"
    (let* ((log (make-work-queue))
           (a (spawn (actor [(initial-state 1)]
                            [(on-start) (queue-push! log (list 'start state)) (set! state 2)]
                            [(on-stop) (queue-push! log (list 'stop state))]
                            [(get) state]))))
      (check-equal 2 (ask a 'get))
      (stop! a)
      (check (eventually (lambda () (not (actor-alive? a)))))
      (check (eventually (lambda () (= 2 (queue-length log)))))
      (check-equal '((start 1) (stop 2)) (list (queue-pop! log) (queue-pop! log)))))
  (test "on-stop is told the error that ended it"
    (let* ((log (make-work-queue))
           (a (spawn (actor [(initial-state 1)]
                            [(on-stop reason) (queue-push! log (condition->string reason))]
                            [(boom) (error "boom" 5)]))))
      (send! a 'boom)
      (check (eventually (lambda () (= 1 (queue-length log)))))
      (check-equal "boom 5" (queue-pop! log)))))

(test-group "children that are computed"
  (test "are started in order, beside those that are written out"
    (let* ((cell (lambda (n) (actor [(initial-state n)] [(get) state] [(put x) (set! state x)]
                                    [(boom) (error "boom")])))
           (names '(a b c))
           (team (start-supervisor
                  (supervisor [(max-restarts 2)]
                              [(child 'first (cell 0))]
                              [(children (map (lambda (name n)
                                                (make-child name (cell n) #:restart 'transient))
                                              names '(1 2 3)))]
                              [(child 'last (cell 4))]))))
      (check-equal '(first a b c last) (map car (supervisor-children team)))
      (let ((b (supervisor-child team 'b)))
        (check-equal 2 (ask b 'get))
        (send! b '(put 5))
        (check-equal 5 (ask b 'get))
        (send! b 'boom)
        (check-equal 2 (ask b 'get)))
      (check-equal 3 (ask (supervisor-child team 'c) 'get))
      (stop! team)))
  (test "have to be children"
    (check-error "supervisor: Wrong type argument in position children"
                 (supervisor [(children '(a b))]))
    (check-error "child: Wrong type argument in position #:restart"
                 (make-child 'a (lambda () 1) #:restart 'always))
    (check-error "two children have the name a"
                 (supervisor [(children (list (make-child 'a (lambda () 1))
                                              (make-child 'a (lambda () 2))))]))))

(test-group "wrong forms are syntax errors"
  (for-each
   (lambda (form) (test (object->string form) (check-error 'syntax-error (macroexpand form))))
   '((actor)
     (actor #:mailbox 'bounded-0 (receive))
     (actor #:mailbox 'bounded-x (receive))
     (actor #:mailbox 'priority (receive))
     (actor #:mailbox)
     (actor #:backpressure 'drop (receive))
     (actor #:size 5 (receive))
     (actor [(initial-state)])
     (actor [(initial-state 1 2)])
     (actor [(initial-state 1)] [(initial-state 2)])
     (actor [(initial-state 1)] [(get)])
     (actor [(initial-state 1)] (get))
     (actor [(initial-state 1)] [(on-start x) 1])
     (actor [(initial-state 1)] [(on-stop) 1] [(on-stop) 2])
     (receive x)
     (receive [(a) 1] [after 1 2] [(b) 3])
     (receive [(a)])
     (receive [(a) 1] b)
     (receive [after 1])
     (supervisor [(strategy 'one-for-none)])
     (supervisor [(max-restarts 1)] [(max-restarts 2)])
     (supervisor [(max-restarts)])
     (supervisor [(child 'a)])
     (supervisor [(child 'a b #:restart 'always)])
     (supervisor [(child 'a b #:colour 1)])
     (supervisor [(unknown 1)])
     (supervisor child))))

(test-group "wrong arguments are named"
  (test "spawn, send!, ask and the rest"
    (check-error "spawn: Wrong type argument in position 1" (spawn 5))
    (check-error "spawn: Wrong type argument in position 1" (spawn (lambda (x) x)))
    (check-error "send!: Wrong type argument in position 1" (send! 'counter 'x))
    (check-error "ask: Wrong type argument in position 1" (ask 5 'x))
    (check-error "ask: Wrong type argument in position 3" (ask (spawn counter) 'get "5"))
    (check-error 'out-of-range (ask (spawn counter) 'get -1))
    (check-error "stop!: Wrong type argument in position 1" (stop! 1))
    (check-error "actor-alive?: Wrong type argument in position 1" (actor-alive? #f))
    (check-error "start-supervisor: Wrong type argument in position 1" (start-supervisor counter)))
  (test "options that are computed"
    (let ((size 'bounded-none))
      (check-error "actor: Wrong type argument in position #:mailbox"
                   (actor #:mailbox size (receive)))
      (check-error "actor: Wrong type argument in position #:backpressure"
                   (actor #:backpressure 'block #:backpressure (car '(5)) (receive))))
    (check-error "child: Wrong type argument in position 2" (supervisor [(child 'a 5)]))
    (check-error "two children have the name a"
                 (supervisor [(child 'a counter)] [(child 'b counter)] [(child 'a counter)]))
    (check-error "supervisor: " (supervisor [(max-restarts -1)]))
    (check-error "supervisor: " (supervisor [(restart-window 'long)]))))
