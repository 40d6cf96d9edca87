;; SPDX-License-Identifier: Apache-2.0
(use-modules (weft test))

;; A task that waits for ever, cancelled, and what awaiting it raises.
(define (cancelled-error)
  (let ((task (async (lambda () (sleep 1000)))))
    (cancel! task "enough")
    (guard (e (#t e)) (await task))))

(test-group "try"
  (test "gives the body's value"
    (check-equal 3 (try 1 (+ 1 2) (catch e 'caught))))
  (test "gives the handler's value for whatever is raised"
    (check-equal '(caught 42) (try (raise 42) (catch e (list 'caught e))))
    (check-equal 'wrong-type-arg (try (car 5) (catch e (condition-kind e))))
    (check-equal '(key 1) (try (throw 'key 1)
                               (catch e (cons (condition-kind e) (condition-irritants e)))))
    (check-equal "no 1 \"a\"" (try (error "no" 1 "a") (catch e (condition->string e)))))
  (test "reads `catch' by its name only"
    (let ((catch list))
      (check-equal 'caught (try (raise 1) (catch e 'caught)))))
  (test "the handler runs outside: what it raises goes on, and it may wait"
    (check-equal 'second (try (try (raise 'first) (catch e (sleep 0.001) (raise 'second)))
                              (catch e e))))
  (test "the body may wait, and be resumed on another worker"
    (check-equal 'late (try (sleep 0.001) (raise 'late) (catch e e))))
  (test "catches what a predicate or a type tells, the first that fits"
    (define (which thunk)
      (try (thunk)
           (catch (symbol? e) (list 'symbol e))
           (catch (&weft-timeout e) 'timeout)
           (catch (timeout? e) 'never)
           (catch e 'other)))
    (check-equal '(symbol a) (which (lambda () (raise 'a))))
    (check-equal 'other (which (lambda () (raise 1)))))
  (test "passes on what fits none, the object itself"
    (let ((object (list 1)))
      (check (eq? object (guard (e (#t e)) (try (raise object) (catch (symbol? e) 'caught))))))
    (check-equal 7 (with-exception-handler
                     (lambda (e) 7)
                     (lambda () (try (raise-continuable 'more) (catch (string? e) 'caught))))))
  (test "a cancellation passes unless it is named"
    (let ((cancelled (cancelled-error)))
      (check (cancelled? cancelled))
      (check-error cancelled? (try (raise cancelled) (catch e 'caught)))
      (check-equal 'named (try (raise cancelled) (catch (&weft-cancelled e) 'named)))
      (check-equal 'named (try (raise cancelled) (catch (cancelled? e) 'named)))
      (check-equal 'all (try (raise cancelled) (catch ((const #t) e) 'all)))))
  (test "a wrong form is a syntax error"
    (for-each
     (lambda (form)
       (check-error 'syntax-error (macroexpand form)))
     '((try 1)
       (try)
       (try (catch e 1))
       (try 1 (catch e))
       (try 1 (catch))
       (try 1 (catch (a b c) 1))
       (try (catch e 1) 2 (catch e 1)))))
  (test "what is no test is told when it is used"
    (check-error "catch: Wrong type argument in position 1" (try (raise 1) (catch (5 e) 2)))))

(test-group "raise and guard"
  (test "are R7RS's"
    (check-equal 42 (guard (e ((symbol? e) 'symbol) ((number? e) e)) (raise 42)))
    (check-equal 'else (guard (e ((symbol? e) 'symbol) (else 'else)) (raise 42)))
    (check-equal 42 (guard (e ((assq 'a e) => cdr)) (raise (list (cons 'a 42)))))
    (check-equal 9 (with-exception-handler (lambda (e) 4) (lambda () (+ 5 (raise-continuable 1))))))
  (test "an error's message and irritants"
    (let ((e (guard (e (#t e)) (error "it broke:" 'a 2))))
      (check (error-object? e))
      (check (not (error-object? 42)))
      (check-equal "it broke:" (error-object-message e))
      (check-equal '(a 2) (error-object-irritants e)))))

(test-group "call-with-cleanup"
  (test "cleans up once after a return, and after an error"
    (let ((log '()))
      (define (note x) (set! log (cons x log)))
      (check-equal '(1 2)
                   (call-with-values
                       (lambda ()
                         (call-with-cleanup (lambda () (sleep 0.001) (note 'body) (values 1 2))
                                            (lambda () (note 'clean))))
                     list))
      (check-equal '(clean body) log)
      (check-error (lambda (e) (eq? e 'bad))
                   (call-with-cleanup (lambda () (yield) (raise 'bad))
                                      (lambda () (note 'again))))
      (check-equal '(again clean body) log)))
  (test "cleans up when the task is cancelled"
    (let* ((log '())
           (task (async (lambda ()
                          (call-with-cleanup (lambda () (sleep 1000))
                                             (lambda () (set! log (cons 'clean log))))))))
      (yield)
      (cancel! task)
      (check-error cancelled? (await task))
      (check-equal '(clean) log)))
  (test "a cancelled task's clean-up may wait, and may take long"
    (let* ((log '())
           (task (async (lambda ()
                          (call-with-cleanup
                           (lambda () (sleep 1000))
                           (lambda ()
                             (sleep 0.01)
                             (let spin ((n 0)) (when (< n 3000000) (spin (+ n 1))))
                             (set! log (cons 'clean log))))))))
      (yield)
      (cancel! task)
      (check-error cancelled? (await task))
      (check-equal '(clean) log)))
  (test "an error in the clean-up takes the place of the other"
    (check-equal 'second (try (call-with-cleanup (lambda () (raise 'first))
                                                 (lambda () (raise 'second)))
                              (catch e e)))
    (check-error cancelled? (let ((task (async (lambda ()
                                                 (try (call-with-cleanup
                                                       (lambda () 1)
                                                       (lambda () (raise 'bad)))
                                                      (catch e e))
                                                 (sleep 1000)))))
                              (yield)
                              (cancel! task)
                              (await task))))
  (test "a wrong argument is named"
    (check-error "call-with-cleanup: Wrong type argument in position 2"
                 (call-with-cleanup list 5))))
