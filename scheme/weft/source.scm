;; SPDX-License-Identifier: Apache-2.0
;; A program's text: how it is read from a file, and what is said of a file that is no program.
(define-module (weft source)
  #:use-module (ice-9 exceptions)
  #:use-module (ice-9 binary-ports)
  #:use-module (rnrs bytevectors)
  #:declarative? #t
  #:export (&source-error
            make-source-error
            source-error?
            source-error-file
            source-error-line
            source-error-column
            source-error-form
            raise-source-error
            read-text
            text->forms
            remember-text!
            known-line
            of-a-library?))

;; What is wrong with a program before it runs. Line and column count from 1 and are #f where the
;; whole file is meant; form is the top-level form that could not be expanded, or #f.
(define-exception-type &source-error &error
  make-source-error source-error?
  (file source-error-file)
  (line source-error-line)
  (column source-error-column)
  (form source-error-form))

(define* (raise-source-error file line column message #:key form also)
  "Raises a condition &source-error with MESSAGE. ALSO is another condition that becomes part of it,
or #f."
  (let ((here (make-exception (make-source-error file line column form)
                              (make-exception-with-message message)
                              (make-exception-with-irritants '()))))
    (raise-exception (if also (make-exception here also) here))))

(define (beside file)
  ;; What a missing FILE was perhaps meant to be.
  (let ((scm (string-append file ".scm")))
    (if (file-exists? scm) (string-append "; did you mean " scm "?") "")))

(define (read-bytes file)
  (define (refuse message) (raise-source-error file #f #f message))
  (let ((info (stat file #f)))
    (cond ((not info)
           (refuse (string-append "there is no such file" (beside file))))
          ((eq? 'directory (stat:type info))
           (refuse "this is a directory; name a file of Scheme in it"))
          (else
           (with-exception-handler
               (lambda (c)
                 (refuse (string-append
                          "cannot be read: "
                          (if (eq? 'system-error (exception-kind c))
                              (strerror (car (list-ref (exception-args c) 3)))
                              (object->string (exception-args c))))))
             (lambda ()
               (let ((bytes (call-with-input-file file get-bytevector-all #:binary #t)))
                 (if (eof-object? bytes) (make-bytevector 0) bytes)))
             #:unwind? #t)))))

(define (first-bad-byte bytes)
  ;; The offset of the first byte that is no part of a well-formed sequence (RFC 3629), or #f.
  (let ((end (bytevector-length bytes)))
    (define (byte i) (if (< i end) (bytevector-u8-ref bytes i) 0))
    (define (tail? i) (= #x80 (logand #xc0 (byte i))))
    (define (within? i low high) (<= low (byte i) high))
    (let loop ((i 0))
      (if (>= i end)
          #f
          (let ((b (byte i)))
            (cond ((< b #x80) (loop (+ i 1)))
                  ((<= #xc2 b #xdf) (if (tail? (+ i 1)) (loop (+ i 2)) i))
                  ((<= #xe0 b #xef)
                   (if (and (within? (+ i 1) (if (= b #xe0) #xa0 #x80) (if (= b #xed) #x9f #xbf))
                            (tail? (+ i 2)))
                       (loop (+ i 3))
                       i))
                  ((<= #xf0 b #xf4)
                   (if (and (within? (+ i 1) (if (= b #xf0) #x90 #x80) (if (= b #xf4) #x8f #xbf))
                            (tail? (+ i 2))
                            (tail? (+ i 3)))
                       (loop (+ i 4))
                       i))
                  (else i)))))))

(define (refuse-bytes file bytes)
  ;; BYTES are no UTF-8: says where. Columns count characters, as everywhere.
  (let* ((bad (first-bad-byte bytes))
         (start (let loop ((i bad))
                  (if (or (= i 0) (= 10 (bytevector-u8-ref bytes (- i 1)))) i (loop (- i 1)))))
         (line (let loop ((i 0) (n 1))
                 (cond ((= i start) n)
                       ((= 10 (bytevector-u8-ref bytes i)) (loop (+ i 1) (+ n 1)))
                       (else (loop (+ i 1) n)))))
         (before (make-bytevector (- bad start))))
    (bytevector-copy! bytes start before 0 (- bad start))
    (raise-source-error
     file line (+ 1 (string-length (utf8->string before)))
     (format #f "this is not UTF-8: byte ~a (at offset ~a) is no character; save the file as UTF-8"
             (string-append "0x" (number->string (bytevector-u8-ref bytes bad) 16))
             bad))))

(define (without-first-line text)
  ;; A first line such as `#!/usr/bin/env -S weft run' is the system's, not the program's; a comment
  ;; `#! ... !#' is left to the reader.
  (if (and (string-prefix? "#!" text)
           (> (string-length text) 2)
           (memv (string-ref text 2) '(#\/ #\space))
           (not (string-contains text "\n!#")))
      (let ((end (or (string-index text #\newline) (string-length text))))
        (string-append (make-string end #\space) (substring text end)))
      text))

(define (read-text file)
  "The text of FILE, which has to be UTF-8. A byte order mark is left out; a first line `#!/...' is
blank. Raises &source-error for a file that is missing, a directory, unreadable, or not UTF-8."
  (let* ((bytes (read-bytes file))
         (text (with-exception-handler
                   (lambda (c) (refuse-bytes file bytes))
                 (lambda () (utf8->string bytes))
                 #:unwind? #t)))
    (without-first-line (if (string-prefix? "\ufeff" text) (substring text 1) text))))

(define (refuse-text file text condition)
  ;; The reader has refused TEXT with CONDITION: an unbalanced parenthesis is looked for, since the
  ;; reader knows only where the text ended.
  (let ((found ((module-ref (resolve-interface '(weft brackets)) 'imbalance) text)))
    (if found
        (apply raise-source-error file found)
        (let* ((args (exception-args condition))
               (said (apply format #f (cadr args) (or (caddr args) '())))
               (place (string-append file ":"))
               (words (if (string-prefix? place said)
                          (string-split (substring said (string-length place)) #\:)
                          '()))
               (line (and (pair? words) (string->number (car words))))
               (column (and line (pair? (cdr words)) (string->number (cadr words)))))
          (raise-source-error file line column
                              (if column (string-trim (string-join (cddr words) ":")) said))))))

(define (text->forms file text)
  "The forms of TEXT as syntax objects, with positions in FILE. Raises &source-error where the text
is no sequence of forms."
  (let ((port (open-input-string text)))
    (set-port-filename! port file)
    (with-exception-handler
        (lambda (c)
          (if (eq? 'read-error (exception-kind c))
              (refuse-text file text c)
              (raise-exception c)))
      (lambda ()
        (let loop ((forms '()))
          (let ((form (read-syntax port)))
            (if (eof-object? form) (reverse! forms) (loop (cons form forms))))))
      #:unwind? #t)))

(define texts '())  ; (file . text) of the programs that were read, for what is said of them later

(define (remember-text! file text)
  "From now on FILE has the lines of TEXT for known-line, whatever becomes of the file."
  (set! texts (acons file text (assoc-remove! texts file))))

(define (text-line text number)
  (let loop ((start 0) (n 1))
    (let ((end (string-index text #\newline start)))
      (cond ((= n number)
             (string-trim-right (substring text start (or end (string-length text))) #\return))
            (end (loop (+ end 1) (+ n 1)))
            (else #f)))))

(define (known-line file number)
  "Line NUMBER of FILE, counting from 1, without its end; #f if that is not to be had."
  (let ((text (or (assoc-ref texts file)
                  (let ((path (if (file-exists? file) file (search-path %load-path file))))
                    (and path (false-if-exception (read-text path)))))))
    (and text (text-line text number))))

(define libraries
  ;; The folders of Guile's modules and of weft's, as canonicalize-path names them.
  (delay
    (let ((own (search-path %load-path "weft/source.scm")))
      (map canonicalize-path
           (filter file-exists?
                   (append (list (%library-dir) (%package-data-dir))
                           (if own (list (dirname (dirname own))) '())))))))

(define (of-a-library? file)
  "Whether FILE, absolute or as it is named within the load path, is one of Guile's or of weft's.
Compiled modules know their files by such names."
  (let* ((found (if (absolute-file-name? file) file (search-path %load-path file)))
         (real (and found (false-if-exception (canonicalize-path found)))))
    (and real (or-map (lambda (dir) (string-prefix? (string-append dir "/") real))
                      (force libraries)))))
