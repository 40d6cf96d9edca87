;; SPDX-License-Identifier: Apache-2.0
;; The options of wordcount.scm, those of wordcount.cpp.
(define-module (wordcount options)
  #:declarative? #t
  #:use-module (ice-9 match)
  #:export (parse-options complain))

(define usage "Counts words: runs of ASCII letters, in lower case.
Usage: weft run demo/wordcount.scm [OPTIONS] FILES

  --top N                         print so many of the most frequent words (10)
  --all                           print all words
  --fail none|before|inside|after make an attempt fail at the publication of a chunk's counts
                                  (after)
  --report text|json|none         what standard error tells in the end (text)
  --help                          this text

WEFT_WORKERS=N uses so many workers.
")

(define (complain . parts)
  "Write the PARTS as a line of standard error."
  (display (string-append "wordcount: " (string-concatenate parts) "\n") (current-error-port)))

(define (refuse . parts)
  (apply complain (append parts '("; --help lists the options")))
  (exit 2))

(define (choice name value choices)
  (if (member value choices)
      (string->symbol value)
      (refuse name ": give one of " (string-join choices "|"))))

(define (natural name value)
  (let ((n (string->number value)))
    (if (and n (exact-integer? n) (>= n 0))
        n
        (refuse name ": give a number from 0 on"))))

(define (parse-options words)
  "The options and files in WORDS as an association list: top (#f for all words), fail, report,
files. Ends the program where they ask for help or are wrong."
  (let next ((words words) (top 10) (fail 'after) (report 'text) (files '()))
    (match words
      (()
       (when (null? files) (refuse "FILES is required"))
       `((top . ,top) (fail . ,fail) (report . ,report) (files . ,(reverse files))))
      (("--help" . _) (display usage) (exit 0))
      (("--all" . rest) (next rest #f fail report files))
      ((and (name value . rest) ((or "--top" "--fail" "--report") . _))
       (match name
         ("--top" (next rest (and top (natural name value)) fail report files))
         ("--fail" (next rest top (choice name value '("after" "before" "inside" "none"))
                         report files))
         ("--report" (next rest top fail (choice name value '("json" "none" "text")) files))))
      (((? (lambda (word) (string-prefix? "--" word)) name) . _)
       (if (member name '("--top" "--fail" "--report"))
           (refuse name ": give its value")
           (refuse "unknown option " name)))
      ((file . rest) (next rest top fail report (cons file files))))))
