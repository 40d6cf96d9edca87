;; SPDX-License-Identifier: Apache-2.0
;; Writing that tasks may do at the same time on one port, and strings.
;;
;; A port is no shared structure in Guile: two threads that write one mix their texts and write its
;; buffer twice. Here a text is finished first and then written under a lock that the port has, so
;; each call's text arrives whole and once.
(define-module (weft text)
  #:declarative? #t
  #:use-module (weft core)
  #:use-module (weft argument)
  #:export (printf)
  #:replace (display write newline write-char write-string write-line force-output
             string-for-each string-map))

(define core:display (@ (guile) display))
(define core:write (@ (guile) write))

(define (check-port who position port)
  (unless (and (port? port) (output-port? port) (not (port-closed? port)))
    (wrong-type who position port "open output port")))

(define (put who position port text)
  (check-port who position port)
  (%write-locked port text)
  *unspecified*)

(define (text-of write object)
  (call-with-output-string (lambda (port) (write object port))))

(define* (display object #:optional (port (current-output-port)))
  "Write OBJECT to PORT as people read it, whole."
  (put 'display 2 port
       (cond ((string? object) object)
             ((char? object) (string object))
             (else (text-of core:display object)))))

(define* (write object #:optional (port (current-output-port)))
  "Write OBJECT to PORT as `read' reads it, whole."
  (put 'write 2 port (text-of core:write object)))

(define* (newline #:optional (port (current-output-port)))
  "End the line on PORT."
  (put 'newline 1 port "\n"))

(define* (write-char char #:optional (port (current-output-port)))
  "Write the character CHAR to PORT."
  (unless (char? char) (wrong-type 'write-char 1 char "character"))
  (put 'write-char 2 port (string char)))

(define* (write-string text #:optional (port (current-output-port)) (start 0)
                       (end (and (string? text) (string-length text))))
  "Write TEXT, or its characters from START up to END, to PORT, whole."
  (unless (string? text) (wrong-type 'write-string 1 text "string"))
  (put 'write-string 2 port (substring text start end)))

(define* (write-line object #:optional (port (current-output-port)))
  "Display OBJECT on PORT and end the line, in one."
  (put 'write-line 2 port (string-append (text-of core:display object) "\n")))

(define* (force-output #:optional (port (current-output-port)))
  "Send what is buffered of PORT on its way."
  (check-port 'force-output 1 port)
  (%flush-locked port)
  *unspecified*)

;; printf

(define (bad-format text column message . arguments)
  (scm-error 'misc-error "printf" (string-append message ", at character ~A of the format ~S")
             (append arguments (list column text)) #f))

;; The arguments that no directive took.
(define (too-many text left)
  (scm-error 'misc-error "printf" "too many arguments: no directive of the format ~S is left for ~S"
             (list text (car left)) #f))

(define (directive text column letter arguments port)
  ;; Writes what ~letter asks for and returns the arguments that are left.
  (define (argument)
    (when (null? arguments)
      (bad-format text column "too few arguments: none is left for ~~~A" letter))
    (car arguments))
  (case letter
    ((#\a #\A) (core:display (argument) port) (cdr arguments))
    ((#\s #\S) (core:write (argument) port) (cdr arguments))
    ((#\d #\D)
     (unless (number? (argument))
       (bad-format text column "~~d takes a number, not ~S" (argument)))
     (core:display (argument) port)
     (cdr arguments))
    ((#\n #\%) (core:display #\newline port) arguments)
    ((#\~) (core:display #\~ port) arguments)
    (else
     (bad-format text column "no directive ~~~A (there are ~~a ~~s ~~d ~~n ~~% ~~~~)" letter))))

(define (formatted text arguments)
  (define end (string-length text))
  (call-with-output-string
    (lambda (port)
      (let next ((from 0) (arguments arguments))
        (let ((tilde (or (string-index text #\~ from) end)))
          (core:display (substring text from tilde) port)
          (cond ((= tilde end)
                 (unless (null? arguments)
                   (too-many text arguments)))
                ((= (+ tilde 1) end)
                 (bad-format text (+ tilde 1) "~~ at the end"))
                (else
                 (next (+ tilde 2)
                       (directive text (+ tilde 1) (string-ref text (+ tilde 1))
                                  arguments port)))))))))

(define (printf text . arguments)
  "Write TEXT to the current output port, whole, with an argument for each of its directives:
~a as `display' shows it, ~s as `write' does, ~d a number. ~n and ~% end the line, ~~ is a tilde.
Too few arguments, too many, or another directive are errors, and then nothing is written."
  (unless (string? text) (wrong-type 'printf 1 text "string"))
  (put 'printf 0 (current-output-port) (formatted text arguments)))

;; Strings: core's versions call back from C.

(define (range-or-strings who text more)
  ;; SRFI-13 has start and end after the string, R7RS more strings.
  (unless (string? text) (wrong-type who 2 text "string"))
  (let check ((position 3) (more more))
    (unless (null? more)
      (unless (or (string? (car more)) (integer? (car more)))
        (wrong-type who position (car more) "string"))
      (check (+ position 1) (cdr more))))
  (if (and (pair? more) (integer? (car more)))
      (list (apply substring text more))
      (cons text more)))

(define (shortest texts)
  (apply min (map string-length texts)))

(define (string-for-each f text . more)
  "Call F with each character of TEXT, in order; with more strings, with a character of each up to
the end of the shortest. An integer START and END after TEXT choose a part of it. F may wait."
  (unless (procedure? f) (wrong-type 'string-for-each 1 f "procedure"))
  (let* ((texts (range-or-strings 'string-for-each text more)) (end (shortest texts)))
    (let next ((i 0))
      (when (< i end)
        (if (null? (cdr texts))
            (f (string-ref (car texts) i))
            (apply f (map (lambda (text) (string-ref text i)) texts)))
        (next (+ i 1))))))

(define (string-map f text . more)
  "Return the string of the characters that F returns for each character of TEXT, in order; with
more strings, for a character of each. An integer START and END choose a part. F may wait."
  (unless (procedure? f) (wrong-type 'string-map 1 f "procedure"))
  (let* ((texts (range-or-strings 'string-map text more)) (end (shortest texts)))
    (let next ((i 0) (chars '()))
      (if (= i end)
          (reverse-list->string chars)
          (let ((char (apply f (map (lambda (text) (string-ref text i)) texts))))
            (unless (char? char)
              (wrong-type 'string-map 1 char "procedure that returns a character"))
            (next (+ i 1) (cons char chars)))))))
