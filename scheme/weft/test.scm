;; SPDX-License-Identifier: Apache-2.0
;; Tests of Scheme programs: named tests with checks, a line for each, an exit code for all.
;;
;; Each test runs as a task of its own, with a mailbox of its own and a limit in seconds. A check
;; that fails is told, with its place, and the test goes on; an error ends its test only.
(define-module (weft test)
  #:declarative? #t
  #:use-module (weft box)
  #:use-module (weft core)
  #:use-module (weft task)
  #:use-module (weft control)
  #:use-module (weft text)
  #:use-module (weft argument)
  #:export (test test-group check check-equal check-error test-report test-exit))

;; What has been counted so far. Checks may run in any task.
(define tests (make-atomic-box 0))
(define failed-tests (make-atomic-box 0))
(define checks (make-atomic-box 0))
(define failed-checks (make-atomic-box 0))
(define groups (make-atomic-box '()))
(define started (%now))

(define (add! box n)
  (let retry ((old (atomic-box-ref box)))
    (let ((seen (atomic-box-compare-and-swap! box old (+ old n))))
      (unless (eq? seen old) (retry seen)))))

(define (place->string place)
  (if place
      (simple-format #f "~A:~A:~A: " (or (assq-ref place 'filename) "?")
                     (+ 1 (assq-ref place 'line)) (+ 1 (assq-ref place 'column)))
      ""))

(define (count-check! good place . lines)
  (add! checks 1)
  (unless good
    (add! failed-checks 1)
    (display (string-append "  " (place->string place) "a check failed\n"
                            (string-concatenate
                             (map (lambda (line) (string-append "    " line "\n")) lines)))))
  good)

(define (line label object)
  (string-append label (object->string object)))

(define (verify value source place)
  (count-check! value place (line "" source)))

(define (verify-equal expected value source place)
  (count-check! (equal? expected value) place
                (line "" source) (line "expected " expected) (line "got      " value)))

;; Whether what was raised is what a test expects: a kind, a predicate, or a part of its text.
(define (expected-error? expected object)
  (cond ((symbol? expected) (eq? expected (condition-kind object)))
        ((string? expected) (and (string-contains (condition->string object) expected) #t))
        ((procedure? expected) (expected object))
        (else (wrong-type 'check-error 1 expected "symbol, string or predicate"))))

(define (verify-error expected thunk source place)
  (let ((outcome (try (cons 'value (thunk))
                      (catch ((const #t) object) (cons 'error object)))))
    (if (eq? 'value (car outcome))
        (count-check! #f place (line "" source) (line "expected an error: " expected)
                      (line "got " (cdr outcome)))
        (count-check! (expected-error? expected (cdr outcome)) place
                      (line "" source) (line "expected an error: " expected)
                      (string-append "got " (object->string (condition-kind (cdr outcome)))
                                     ": " (condition->string (cdr outcome)))))))

(define-syntax define-check
  (syntax-rules ()
    ((_ name (argument ...) source (verify passed ...))
     (define-syntax name
       (lambda (form)
         (syntax-case form ()
           ((_ argument ...)
            (with-syntax ((place (datum->syntax #f (syntax-source form))))
              #'(verify passed ... 'source 'place)))
           (_ (syntax-violation 'name "wrong number of arguments" form))))))))

;; (check e): e is true. (check-equal expected e): they are equal?. (check-error expected e): e
;; raises: `expected' is the kind of the condition, a predicate, or a part of its text.
(define-check check (e) e (verify e))
(define-check check-equal (expected e) e (verify-equal expected e))
(define-check check-error (expected e) e (verify-error expected (lambda () e)))

(define (end-of task)
  ;; Waits for it; the failure that it ended with, or #f.
  (try (begin (perform (%await task)) #f)
       (catch ((const #t) object)
         (perform (%yield))                ; raises again if it is this task that was cancelled
         (or (%task-failure task) (cons object #f)))))

(define (failure->text failure)
  (if (cdr failure)
      ((module-ref (resolve-interface '(weft report)) 'failure->string)
       (car failure) (cdr failure) #:what "the test ended with an error")
      (condition->string (car failure))))

(define (indented text)
  (string-append "    " (string-join (string-split (string-trim-right text) #\newline) "\n    ")
                 "\n"))

(define (run-test name seconds thunk)
  (unless (string? name) (wrong-type 'test 1 name "string"))
  (check-seconds 'test "#:seconds" seconds)
  (let* ((full (string-join (reverse (cons name (atomic-box-ref groups))) " / "))
         (checks-before (atomic-box-ref checks))
         (failures-before (atomic-box-ref failed-checks))
         (task (spawn-task thunk #:attached #t))
         (watch (spawn-task
                 (lambda ()
                   (sleep seconds)
                   (cancel! task (simple-format #f "not done within ~A s" seconds)))
                 #:attached #t))
         (failure (end-of task))
         (count (- (atomic-box-ref checks) checks-before))
         (good (and (not failure)
                    (positive? count)
                    (= failures-before (atomic-box-ref failed-checks)))))
    (cancel! watch)
    (add! tests 1)
    (unless good (add! failed-tests 1))
    (display (string-append
              (if failure (indented (failure->text failure)) "")
              (if (or failure (positive? count)) "" "    it has made no check\n")
              (if good "ok      " "FAILED  ") full "\n"))))

;; (test "name" [#:seconds 60] body ...)
(define-syntax test
  (lambda (form)
    (syntax-case form ()
      ((_ name key seconds body0 body ...)
       (eq? #:seconds (syntax->datum #'key))
       #'(run-test name seconds (lambda () body0 body ...)))
      ((_ name key . rest)
       (keyword? (syntax->datum #'key))
       (syntax-violation 'test "write (test \"name\" [#:seconds limit] body ...)" form #'key))
      ((_ name body0 body ...) #'(run-test name 60 (lambda () body0 body ...)))
      (_ (syntax-violation 'test "write (test \"name\" body ...)" form)))))

(define (call-in-group name thunk)
  (unless (string? name) (wrong-type 'test-group 1 name "string"))
  (let ((outer (atomic-box-ref groups)))
    (atomic-box-set! groups (cons name outer))
    (call-with-cleanup thunk (lambda () (atomic-box-set! groups outer)))))

;; (test-group "name" test ...): the tests' names begin with it.
(define-syntax-rule (test-group name body0 body ...)
  (call-in-group name (lambda () body0 body ...)))

(define (test-report)
  "Say how many tests and checks there were and how many failed; return #t if there was a test and
none failed."
  (let ((all (atomic-box-ref tests)) (failed (atomic-box-ref failed-tests)))
    (printf "~a tests, ~a checks, ~a s: ~a~n" all (atomic-box-ref checks)
            (/ (round (* 100 (- (%now) started))) 100)
            (cond ((zero? all) "there was no test")
                  ((zero? failed) "all good")
                  (else (string-append (number->string failed) " FAILED"))))
    (force-output)
    (and (positive? all) (zero? failed))))

(define (test-exit)
  "End the program with code 0 if `test-report' says that all is good, else with 1."
  (exit (if (test-report) 0 1)))
