;; SPDX-License-Identifier: Apache-2.0
;; Where the parentheses of a text do not match. Asked only when the reader has refused the text.
(define-module (weft brackets)
  #:declarative? #t
  #:export (imbalance))

(define (partner open)
  (case open ((#\() #\)) ((#\[) #\]) (else #\})))

(define (delimiter? c)
  (or (eof-object? c) (char-whitespace? c) (memv c '(#\( #\) #\[ #\] #\" #\;))))

;; One thing that is open: a bracket, or `#\"', `#\|' for what has to be closed by the same.
(define (opened char line column) (list char line column))

(define (skip-string port end)
  ;; Reads up to END; #f if the text ends first.
  (let ((c (read-char port)))
    (cond ((eof-object? c) #f)
          ((char=? c end) #t)
          ((char=? c #\\) (read-char port) (skip-string port end))
          (else (skip-string port end)))))

(define (skip-block port)
  ;; Behind `#|', which nests; #f if the text ends first.
  (let loop ((depth 1) (last #\space))
    (let ((c (read-char port)))
      (cond ((eof-object? c) #f)
            ((and (char=? last #\|) (char=? c #\#)) (or (= depth 1) (loop (- depth 1) #\space)))
            ((and (char=? last #\#) (char=? c #\|)) (loop (+ depth 1) #\space))
            (else (loop depth c))))))

(define (skip-until port first second)
  ;; Up to the two characters FIRST SECOND; #f if the text ends first.
  (let loop ((last #\nul))
    (let ((c (read-char port)))
      (cond ((eof-object? c) #f)
            ((and (char=? last first) (char=? c second)) #t)
            (else (loop c))))))

(define (skip-line port)
  (let ((c (read-char port)))
    (or (eof-object? c) (char=? c #\newline) (skip-line port))))

(define (skip-character port)
  ;; Behind `#\': the character itself, be it a parenthesis, and the rest of its name.
  (read-char port)
  (let loop ()
    (unless (delimiter? (peek-char port)) (read-char port) (loop))))

(define (unclosed stack late)
  ;; What is said of a text that ended with STACK open, innermost first. LATE is #f, or the line
  ;; of a form that began in the first column while something was open, with what was open then:
  ;; where that is still open, it is the form that lacks its end.
  (let* ((late (and late (memq (cdr late) stack) late))
         (at (if late (cdr late) (car stack)))
         (close (partner (car at)))
         (more (- (length stack) 1)))
    (list (cadr at) (caddr at)
          (cond (late (format #f "this '~a' is not closed: a '~a' is missing before line ~a"
                              (car at) close (car late)))
                ((= more 0) (format #f "this '~a' is not closed: a '~a' is missing at the end"
                                    (car at) close))
                (else (format #f "this '~a' is not closed, nor ~a around it: ~a '~a' are missing ~a"
                              (car at) (if (= more 1) "the one" (format #f "the ~a" more))
                              (+ more 1) close "at the end"))))))

(define (imbalance text)
  "Where TEXT closes what is not open, or leaves open what it opened: (line column message),
counting from 1; #f if its brackets match."
  (define port (open-input-string text))
  (define (here) (cons (+ 1 (port-line port)) (+ 1 (port-column port))))
  (define (never-ends at what) (list (car at) (cdr at) (format #f "this ~a is not closed" what)))
  (define late #f)
  (define (open c at stack)
    (when (and (= 1 (cdr at)) (pair? stack) (not late))
      (set! late (cons (car at) (car stack))))
    (cons (opened c (car at) (cdr at)) stack))
  (let loop ((stack '()))
    (let* ((at (here)) (c (read-char port)))
      (define (skip found what) (if found (loop stack) (never-ends at what)))
      (cond
       ((eof-object? c) (and (pair? stack) (unclosed stack late)))
       ((memv c '(#\( #\[)) (loop (open c at stack)))
       ((memv c '(#\) #\]))
        (cond ((null? stack)
               (list (car at) (cdr at) (format #f "this '~a' closes nothing" c)))
              ((char=? c (partner (car (car stack)))) (loop (cdr stack)))
              (else
               (list (car at) (cdr at)
                     (format #f "this '~a' does not close the '~a' of line ~a, column ~a"
                             c (car (car stack)) (cadr (car stack)) (caddr (car stack)))))))
       ((char=? c #\;) (skip-line port) (loop stack))
       ((char=? c #\") (skip (skip-string port #\") "string"))
       ((char=? c #\|) (skip (skip-string port #\|) "symbol"))
       ((char=? c #\#)
        (let ((next (peek-char port)))
          (cond ((eof-object? next) (loop stack))
                ((char=? next #\|) (read-char port) (skip (skip-block port) "comment"))
                ((char=? next #\!)
                 (read-char port)
                 (if (memv (peek-char port) '(#\f #\r #\c #\n)) ; #!fold-case and its like are words
                     (loop stack)
                     (skip (skip-until port #\! #\#) "comment")))
                ((char=? next #\{) (read-char port) (skip (skip-until port #\} #\#) "symbol"))
                ((char=? next #\\) (read-char port) (skip-character port) (loop stack))
                (else (loop stack)))))
       (else (loop stack))))))
