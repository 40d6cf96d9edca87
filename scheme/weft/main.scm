;; SPDX-License-Identifier: Apache-2.0
;; The main body of `weft run' and `weft test', and what is told of tasks that fail on their own.
(define-module (weft main)
  #:use-module (ice-9 control)
  #:use-module (weft condition)
  #:use-module (weft core)
  #:use-module (weft eval)
  #:use-module (weft program)
  #:use-module (weft task)
  #:declarative? #t
  #:export (program-body
            tests-body
            main-code
            tell-lost
            flush))

(define main-file #f)

(define (tell c stack . options)
  ;; (weft report) is not loaded before something is to be reported.
  ;; A task that was cancelled is told so again and again, but not in the middle of this.
  (call-with-blocked-asyncs
   (lambda ()
     (flush)
     (apply (module-ref (resolve-interface '(weft report)) 'report-failure)
            c stack (current-error-port) #:program main-file options))))

(define (failure-of thunk)
  ;; #f, or (condition . stack) if THUNK raises. An outer handler that unwinds is for those few
  ;; conditions (memory, stack) that Guile gives to no other.
  (with-exception-handler
      (lambda (c) (cons c #f))
    (lambda ()
      (let/ec out
        (with-exception-handler
            (lambda (c) (out (cons c (make-stack #t 1))))
          (lambda () (thunk) #f))))
    #:unwind? #t))

(define (exit-code c)
  ;; What (exit x) means to the process, as in Guile.
  (let ((args (exception-args c)))
    (cond ((null? args) 0)
          ((exact-integer? (car args)) (logand 255 (car args)))
          ((car args) 0)
          (else 1))))

(define (quit? c) (eq? 'quit (exception-kind c)))

(define (interruption? c)
  (and (cancelled? c) (string-prefix? "interrupted by" (condition-message c))))

(define code 1)  ; of the process. Not the value of the task: a cancelled one may not get so far

(define (main-code)
  "The exit code that the main body has ended with."
  code)

(define (ended thunk)
  ;; Runs THUNK in a task of its own: each wait copies the stack, and there it has nothing below.
  ;; #f, or (condition . stack) if it raised; the current module is then the one that it had.
  (let ((main (%spawn thunk #f #f)))
    (perform (%await-end main))
    (let ((failure (%task-failure main)))
      (when failure (set-current-module (%task-module main)))
      failure)))

(define (run thunk)
  ;; Runs THUNK as a main body; leaves the exit code.
  (let ((failure (ended thunk)))
    (cond ((not failure) (set! code 0))
          ((quit? (car failure)) (set! code (exit-code (car failure))))
          ((interruption? (car failure))
           (set! code 130)
           (tell (car failure) (cdr failure) #:message "interrupted"))
          (else (tell (car failure) (cdr failure))))
    (when failure (%end-program!))))

(define (set-command-line! words)
  ;; For all threads: Guile's own is a fluid, and each worker has its own dynamic state.
  (let ((line (lambda () (list-copy words))))
    (module-define! the-root-module 'program-arguments line)
    (module-define! the-root-module 'command-line line)))

(define (start file text imports)
  ;; Runs the program TEXT of FILE; modules are looked for beside it, too.
  (add-to-load-path (dirname file))
  ((call-with-expansion-lock (lambda () (program-thunk file text imports)))))

(define (program-body file text arguments)
  "A thunk that runs the program in FILE, or TEXT if that is no #f, leaving the exit code. FILE
`-' is standard input."
  (define stdin? (and (not text) (string=? file "-")))
  (define name (if stdin? "<stdin>" file))
  (set! main-file name)
  (set-command-line! (cons file arguments))
  (lambda ()
    (compile-what-is-loaded!)
    (run (lambda ()
           (start name (or text (program-text (if stdin? "/dev/stdin" file))) '((weft)))))))

(define (tests-body files)
  "A thunk that runs the tests in FILES, each in a module of its own, leaving the exit code."
  (define broken 0)
  (define (run-file file)
    (set! main-file file)
    (let ((failure (failure-of (lambda () (start file (program-text file) '((weft) (weft test)))))))
      (when failure
        (set! broken (+ broken 1))
        (tell (car failure) (cdr failure)))))
  (set-command-line! files)
  (lambda ()
    (compile-what-is-loaded!)
    (run (lambda ()
           (for-each run-file files)
           (let ((good ((module-ref (resolve-interface '(weft test)) 'test-report))))
             (when (> broken 0)
               (format #t "~a of ~a files ended with an error\n" broken (length files)))
             (exit (if (and good (= broken 0)) 0 1)))))))

(define (tell-lost name actor? c stack)
  "Tells of a task NAME, a string or #f, that has ended with condition C and that nobody awaits."
  (unless (cancelled? c)
    (tell c stack
          #:what (string-append
                  "error in "
                  (cond ((and name actor?) (format #f "~a, an actor" name))
                        (name (format #f "~a, which nobody awaits" name))
                        (actor? "an actor")
                        (else "a task that nobody awaits"))))))

(define (flush)
  "Writes out what is buffered for the standard ports; #f, or why that could not be done."
  (with-exception-handler
      (lambda (c)
        (if (eq? 'system-error (exception-kind c))
            (strerror (car (list-ref (exception-args c) 3)))
            (condition-message c)))
    (lambda ()
      (force-output (current-output-port))
      (force-output (current-error-port))
      #f)
    #:unwind? #t))
