;; SPDX-License-Identifier: Apache-2.0
;; Compiled programs on disk, by what they were compiled from. An entry ends with its own digest:
;; one that was damaged is as good as none. Nothing here raises: a cache that cannot be used is no
;; cache.
(define-module (weft cache)
  #:use-module (ice-9 binary-ports)
  #:use-module (rnrs bytevectors)
  #:use-module (weft core)
  #:declarative? #t
  #:export (cache-key
            cache-load
            cache-save
            file-stamp))

(define (file-stamp file)
  "Text that changes when FILE does: its name, size and time; #f if there is no such file."
  (let ((info (stat file #f)))
    (and info
         (format #f "~a ~a ~a.~a" file (stat:size info) (stat:mtime info) (stat:mtimensec info)))))

(define (cache-key . parts)
  "A digest of PARTS, strings, for use as the name of an entry."
  (%digest (string->utf8 (string-join (map (lambda (part)
                                             (format #f "~a:~a" (string-length part) part))
                                           parts)
                                      ""))))

(define (directory)
  (let ((xdg (getenv "XDG_CACHE_HOME")) (home (getenv "HOME")))
    (cond ((and xdg (absolute-file-name? xdg)) (string-append xdg "/weft"))
          ((and home (absolute-file-name? home)) (string-append home "/.cache/weft"))
          (else #f))))

(define (entry key)
  (let ((dir (directory)))
    (and dir (string-append dir "/" key ".go"))))

(define-syntax-rule (quietly body ...)
  ;; The value of the body, #f if it raises anything.
  (with-exception-handler (lambda (c) #f) (lambda () body ...) #:unwind? #t))

;; An entry is: the bytecode, the stamps of other files it was made from, as written by write,
;; the length of those in 16 hexadecimal digits, the digest of all before it in 32.
(define tail-length (+ 16 32))

(define (part bytes start end)
  (let ((out (make-bytevector (- end start))))
    (bytevector-copy! bytes start out 0 (- end start))
    out))

(define (unpack bytes)
  ;; The bytecode, or #f where the entry is damaged or a file it was made from has changed.
  (let* ((size (- (bytevector-length bytes) tail-length))
         (digest (and (> size 0) (utf8->string (part bytes (+ size 16) (+ size tail-length))))))
    (and digest
         (string=? digest (%digest (part bytes 0 (+ size 16))))
         (let* ((count (string->number (utf8->string (part bytes size (+ size 16))) 16))
                (stamps (call-with-input-string
                            (utf8->string (part bytes (- size count) size)) read)))
           (and (and-map (lambda (stamp) (equal? (cdr stamp) (file-stamp (car stamp)))) stamps)
                (part bytes 0 (- size count)))))))

(define (cache-load key)
  "The bytecode kept under KEY, a bytevector; #f if there is none that is whole and still right."
  (let ((file (entry key)))
    (and file
         (file-exists? file)
         (quietly (unpack (call-with-input-file file get-bytevector-all #:binary #t))))))

(define (make-directories dir)
  (unless (file-exists? dir)
    (make-directories (dirname dir))
    (mkdir dir #o700)))

(define (pack bytecode files)
  (let* ((stamps (string->utf8 (object->string (map (lambda (f) (cons f (file-stamp f))) files))))
         (digits (number->string (bytevector-length stamps) 16))
         (count (string->utf8 (string-append (make-string (- 16 (string-length digits)) #\0)
                                             digits)))
         (whole (call-with-values open-bytevector-output-port
                  (lambda (port get)
                    (put-bytevector port bytecode)
                    (put-bytevector port stamps)
                    (put-bytevector port count)
                    (get)))))
    (values whole (string->utf8 (%digest whole)))))

(define (cache-save key bytecode files)
  "Keeps BYTECODE under KEY, for as long as FILES, other files it was made from, stay as they are.
Whoever reads meanwhile sees the old entry or the new one."
  (let ((file (entry key)))
    (when file
      (let ((own (string-append file "." (number->string (getpid)))))
        (unless (quietly
                 (make-directories (dirname file))
                 (call-with-values (lambda () (pack bytecode files))
                   (lambda (whole digest)
                     (call-with-output-file own
                       (lambda (port)
                         (put-bytevector port whole)
                         (put-bytevector port digest))
                       #:binary #t)))
                 (rename-file own file)
                 #t)
          (quietly (delete-file own)))))))
