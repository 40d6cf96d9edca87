;; SPDX-License-Identifier: Apache-2.0
;; What is printed of an error: where it happened, what it is, the line, and how the program got
;; there.
(define-module (weft report)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (weft frames)
  #:use-module (weft message)
  #:use-module (weft nearest)
  #:use-module (weft sites)
  #:use-module (weft source)
  #:declarative? #t
  #:re-export (condition->string)
  #:export (report-failure
            failure->string))

(define deepest 20)  ; so many frames are shown at most, as many from either end

(define (own-place c)
  ;; Where condition C itself says that something is wrong: (file line column) from 1, or #f.
  (cond ((not (condition? c)) #f)
        ((source-error? c)
         (list (source-error-file c) (source-error-line c) (source-error-column c)))
        ((eq? 'syntax-error (exception-kind c))
         (match (exception-args c)
           ((_ _ (? pair? where) . _)
            (and (string? (assq-ref where 'filename)) (assq-ref where 'line)
                 (list (assq-ref where 'filename)
                       (+ 1 (assq-ref where 'line)) (+ 1 (assq-ref where 'column)))))
           (_ #f)))
        (else #f)))

(define (place->string place)
  (define (plain file) (if (string-prefix? "./" file) (substring file 2) file))
  (match place
    ((file #f _) (plain file))
    ((file line #f) (format #f "~a:~a" (plain file) line))
    ((file line column) (format #f "~a:~a:~a" (plain file) line column))))

(define (expanded line)
  ;; LINE with each tabulator as spaces up to the next multiple of 8, as Guile counts columns.
  (let loop ((chars (string->list line)) (column 0) (out '()))
    (match chars
      (() (list->string (reverse out)))
      ((#\tab . rest)
       (let ((n (- 8 (remainder column 8))))
         (loop rest (+ column n) (append (make-list n #\space) out))))
      ((c . rest) (loop rest (+ column 1) (cons c out))))))

(define (excerpt place)
  ;; The line of PLACE, with a caret below its column; at most 100 columns around it.
  (match place
    ((file (? number? line) column)
     (let ((text (known-line file line)))
       (if (not text)
           ""
           (let* ((text (expanded text))
                  (number (number->string line))
                  (margin (make-string (string-length number) #\space))
                  (at (min (- (or column 1) 1) (string-length text)))
                  (from (if (> at 80) (- at 60) 0))
                  (to (min (string-length text) (+ from 100))))
             (string-append
              "  " number " | " (if (> from 0) "..." "") (substring text from to)
              (if (< to (string-length text)) "..." "") "\n"
              (if column
                  (string-append "  " margin " | "
                                 (make-string (+ (- at from) (if (> from 0) 3 0)) #\space) "^\n")
                  ""))))))
    (_ "")))

(define (trace frames)
  (define (line frame)
    (let ((words (frame-words frame)) (place (place->string (frame-place frame))))
      (if words
          (format #f "  in ~a at ~a\n" words place)
          (format #f "  at the top level, ~a\n" place))))
  (let ((count (length frames)) (half (quotient deepest 2)))
    (string-concatenate
     (if (<= count deepest)
         (map line frames)
         (append (map line (take frames half))
                 (list (format #f "  ... ~a more ...\n" (- count (* 2 half))))
                 (map line (take-right frames half)))))))

(define (suggestion c)
  ;; For a name that is not bound: the bound one that is nearest.
  (let ((near (and (condition? c) (eq? 'unbound-variable (exception-kind c))
                   (match (exception-args c)
                     ((_ _ ((? symbol? name) . _) . _) (nearest-name name (current-module)))
                     (_ #f)))))
    (if near (format #f "; did you mean '~a'?" near) "")))

(define (operator-at place)
  ;; The word behind the parenthesis at PLACE: what was called there. #f if there is none.
  (match place
    ((file (? number? line) (? number? column))
     (let* ((text (expanded (or (known-line file line) "")))
            (end (string-length text)))
       (and (< column end)
            (char=? #\( (string-ref text (- column 1)))
            (let ((stop (or (string-index text (char-set #\space #\( #\) #\[ #\] #\") column) end)))
              (and (> stop column) (substring text column stop))))))
    (_ #f)))

(define (slip c)
  ;; What C says of the call that raised it, which decides how its stack is read.
  (if (condition? c)
      (match (cons (exception-kind c) (exception-args c))
        ((or ('wrong-number-of-args . _) ('keyword-argument-error . _)) 'arguments)
        (('wrong-type-arg _ "Wrong type to apply: ~S" . _) 'no-procedure)
        (_ #f))
      #f))

(define (passages c stack program slip)
  ;; ((name . view) ...): what is known of the tasks that C has ended, and of STACK.
  (define (look name stack slip) (cons name (stack-view stack program slip)))
  (let* ((sites (sites-of c))
         (all (if (or-map (lambda (site) (eq? stack (cdr site))) sites)
                  sites
                  (append sites (list (cons #f stack))))))
    (cons (look (car (car all)) (cdr (car all)) slip)
          (map (lambda (site) (look (car site) (cdr site) #f)) (cdr all)))))

(define (traces passages)
  (string-concatenate
   (cons (trace (view-frames (cdr (car passages))))
         (map (lambda (passage)
                (let ((text (trace (view-frames (cdr passage)))) (name (car passage)))
                  (if (string-null? text)
                      ""
                      (string-append "  awaited" (if name (format #f " by ~a" name) "") ":\n"
                                     text))))
              (cdr passages)))))

(define (said c view place slip)
  ;; What C says, with the name of what raised it where C itself does not give one.
  (if (and (condition? c) (source-error? c))
      (exception-message c)
      (condition->string c
                         #:origin (or (view-origin view)
                                      (and place (not slip) (operator-at place)))
                         #:given (view-given view))))

(define* (failure->string c stack #:key program (what "error") message)
  "The text that report-failure prints."
  (let* ((slip (slip c))
         (passages (passages c stack program slip))
         (view (cdr (car passages)))
         (place (or (own-place c)
                    (or-map (lambda (passage)
                              (let ((frames (view-frames (cdr passage))))
                                (and (pair? frames) (frame-place (car frames)))))
                            passages)
                    (and program (list program #f #f)))))
    (string-append
     (if place (string-append (place->string place) ": ") "")
     (or message (string-append what ": " (said c view place slip)))
     (suggestion c) "\n"
     (if place (excerpt place) "")
     (if (and (condition? c) (source-error? c)) "" (traces passages)))))

(define* (report-failure c stack port #:key program (what "error") message)
  "Prints on PORT what is known of C, which was raised and not caught: FILE:LINE:COLUMN: WHAT: its
message; the line, with a caret; and the calls that led to it, innermost first, those of Guile and
of weft left out. C may be anything. STACK was captured by make-stack where C was raised, or is
#f. PROGRAM is the file of the main program; MESSAGE, if given, is said instead of what C says.

One string is written, so that reports of several tasks do not mix. Never raises."
  (let ((text (or (false-if-exception (failure->string c stack #:program program #:what what
                                                      #:message message))
                  (format #f "~a: ~a\n" what (condition->string c)))))
    (false-if-exception
     (begin (display text port) (force-output port)))))
