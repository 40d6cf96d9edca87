;; SPDX-License-Identifier: Apache-2.0
(use-modules (weft test))

(define-syntax-rule (printed body ...)
  (with-output-to-string (lambda () body ...)))

(test-group "printf"
  (test "fills in its arguments"
    (check-equal "Thread 1: Phase 1 complete\n"
                 (printed (printf "Thread ~a: Phase 1 complete~n" 1)))
    (check-equal "a \"a\" 12 1.5 ~\n\n" (printed (printf "~a ~s ~d ~d ~~~n~%" "a" "a" 12 1.5)))
    (check-equal "A x" (printed (printf "A ~A" 'x)))
    (check-equal "" (printed (printf ""))))
  (test "a wrong call says what is wrong and writes nothing"
    (check-error "too few arguments" (printf "~a ~a" 1))
    (check-error "too many arguments" (printf "~a" 1 2))
    (check-error "no directive ~q" (printf "~q" 1))
    (check-error "~d takes a number, not \"x\"" (printf "~d" "x"))
    (check-error "~ at the end" (printf "50 ~"))
    (check-error "printf: Wrong type argument in position 1" (printf 'text))
    (check-equal "" (printed (try (printf "text ~a ~a" 1) (catch e #f))))))

(test-group "display, write and the like"
  (test "write what core's do"
    (check-equal "a\"b\"\"a\\\"b\\\"\"#\\x (1 \"s\")x\n"
                 (printed (display "a\"b\"") (write "a\"b\"") (write #\x) (display " ")
                          (write '(1 "s")) (write-char #\x) (newline)))
    (check-equal "cde" (printed (write-string "abcdef" (current-output-port) 2 5)))
    (check-equal "(1 two)\n" (printed (write-line '(1 "two")))))
  (test "take a port"
    (check-equal "ab\n" (call-with-output-string
                          (lambda (port) (display 'a port) (write-char #\b port) (newline port)))))
  (test "a port that is none, or closed, is an error"
    (let ((closed (open-output-string)))
      (close-port closed)
      (check-error "display: Wrong type argument in position 2" (display 1 closed))
      (check-error "write: Wrong type argument in position 2" (write 1 'port))
      (check-error "newline: Wrong type argument in position 1" (newline (open-input-string "")))
      (check-error "write-char: Wrong type argument in position 1" (write-char "a")))))

(test-group "strings"
  (test "string-for-each goes over one or more, and over a part"
    (let ((log '()))
      (define (note . chars) (yield) (set! log (cons (apply string chars) log)))
      (string-for-each note "abc")
      (string-for-each note "xyz" "12")
      (string-for-each note "abcdef" 2 4)
      (check-equal '("a" "b" "c" "x1" "y2" "c" "d") (reverse log))))
  (test "string-map too"
    (check-equal "ABC" (string-map (lambda (c) (yield) (char-upcase c)) "abc"))
    (check-equal "BD" (string-map (lambda (a b) b) "ac" "BDF"))
    (check-equal "BC" (string-map char-upcase "abcd" 1 3))
    (check-equal "" (string-map char-upcase "")))
  (test "a wrong argument is named"
    (check-error "string-map: Wrong type argument in position 1" (string-map 1 "a"))
    (check-error "string-map: Wrong type argument in position 2" (string-map list 'a))
    (check-error "procedure that returns a character" (string-map char->integer "a"))
    (check-error "string-for-each: Wrong type argument in position 3"
                 (string-for-each list "a" 'b))
    (check-error 'out-of-range (string-for-each list "abc" 2 9))))
