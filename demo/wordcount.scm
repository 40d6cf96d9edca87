;; SPDX-License-Identifier: Apache-2.0
;; Counts the words of files on all cores, as wordcount.cpp does: actors under a supervisor, one of
;; which crashes on the way and is started again. README.md beside this file shows the parts.
(use-modules (ice-9 format)
             (ice-9 match)
             ((srfi srfi-1) #:select (alist-cons alist-delete append-map drop every fold iota
                                      reduce take))
             (wordcount words)
             (wordcount options))

;; ---- chunks: pieces of files, cut between words

(define chunk-size (ash 1 20))

(define-record-type chunk
  (make-chunk number file offset size done)
  chunk?
  (number chunk-number)
  (file chunk-file)
  (offset chunk-offset)
  (size size-of-chunk)
  (done chunk-done))  ; a tvar: whether its counts are among the results

(define (cut-files files)
  (let next ((files files) (offset 0) (number 0) (chunks '()))
    (cond ((null? files) (reverse chunks))
          ((= offset (text-size (car files))) (next (cdr files) 0 number chunks))
          (else
           (let* ((file (car files))
                  (end (text-cut file offset chunk-size)))
             (next files end (+ number 1)
                   (cons (make-chunk number file offset (- end offset) (make-tvar #f))
                         chunks)))))))

;; ---- counting

;; The counts of a chunk and the mark that it is done are committed together, so that whoever has to
;; take it up again adds nothing twice, and nothing is marked that was not added.
(define (count-chunk c results crash)
  (unless (tvar-read (chunk-done c))
    (let ((words (count-words (chunk-file c) (chunk-offset c) (size-of-chunk c))))
      (crash 'before c)
      (atomically
       (unless (tvar-read (chunk-done c))
         (tvar-write! (chunk-done c) #t)
         (tvar-update! results (lambda (others) (alist-cons c words others)))
         (crash 'inside c)))
      (crash 'after c))))

(define (counting-actor name router results crash)
  (actor
   [(initial-state #f)]
   [(on-start) (send! router (list 'ready name))]
   [(on-restart) (send! router (list 'again name))]
   [(count c)
    (count-chunk c results crash)
    (send! router (list 'counted name c))]))

;; A procedure that raises an error the first time that it is called at this point with this chunk.
(define (crash-once point number)
  (let ((calls (make-atomic-counter)))
    (lambda (here c)
      (when (and (eq? here point)
                 (= number (chunk-number c))
                 (= 1 (atomic-increment! calls)))
        (error "the attempt failed at chunk" number)))))

;; ---- routing

;; What the actors have committed and nobody has taken yet: a list of (chunk . words).
(define (take! results)
  (atomically
   (let ((taken (tvar-read results)))
     (tvar-write! results '())
     taken)))

;; What the router knows of an actor: the chunks it was given and has not answered.
(define in-hand-at-most 2)  ; so that it has work while the router merges

(define (give! actor chunks)
  (for-each (lambda (c) (send! actor (list 'count c))) chunks))

;; Routes chunks to the actors until all are counted: each message tells of an actor. (merge! taken)
;; is called meanwhile; false stops the routing. Returns the number of restarts.
(define (route chunks team results merge!)
  (let next ((left chunks) (in-hand '()) (restarts 0))
    (define (hand-out name mine)
      ;; Gives `name', which still has `mine', as many as it may have.
      (let* ((room (min (length left) (- in-hand-at-most (length mine))))
             (new (take left room)))
        (give! (supervisor-child team name) new)
        (let ((now (alist-cons name (append mine new) (alist-delete name in-hand))))
          (if (and (= room (length left)) (every (compose null? cdr) now))
              restarts
              (next (drop left room) now restarts)))))
    (match (receive)
      (('ready name) (hand-out name '()))
      (('counted name c)
       (unless (merge! (take! results)) (set! left '()))
       (hand-out name (delq c (assoc-ref in-hand name))))
      (('again name)
       ;; It has lost the chunk it was at. Should it still have another one, it will see the mark.
       (set! restarts (+ restarts 1))
       (let ((lost (remove (lambda (c) (tvar-read (chunk-done c))) (assoc-ref in-hand name))))
         (give! (supervisor-child team name) lost)
         (unless (merge! (take! results)) (set! left '()))
         (hand-out name lost)))
      (('down _ reason) (error "the counting actors were given up:" reason)))))

(define (count-files files fail-at)
  "The words of FILES, and what happened, as an association list."
  (define total (make-words))
  (define bad '())       ; (chunk . offset) of those that are not UTF-8
  (define merged 0)
  (define (merge! taken)
    (for-each (match-lambda
                ((c . (? integer? offset)) (set! bad (alist-cons c offset bad)))
                ((c . words)
                 (set! merged (+ merged 1))
                 (words-move! total words)))
              taken)
    (null? bad))
  (define chunks (cut-files files))
  (define bytes (fold + 0 (map size-of-chunk chunks)))
  (define crash (crash-once fail-at (quotient bytes (* 2 chunk-size))))
  (define results (make-tvar '()))
  (define restarts (if (null? chunks) 0 (count-with-team chunks results crash merge!)))
  (merge! (take! results))
  (unless (null? bad) (raise-not-utf8 bad))
  (unless (= merged (length chunks)) (error "a chunk was lost, or counted twice"))
  `((table . ,total) (bytes . ,bytes) (chunks . ,merged) (retries . ,restarts)))

(define (count-with-team chunks results crash merge!)
  (define router (self))
  (define names (map (lambda (n) (string->symbol (string-append "counter-" (number->string n))))
                     (iota (worker-count) 1)))
  (define (child-of name)
    (make-child name (counting-actor name router results crash) #:restart 'transient))
  (define team
    (start-supervisor (supervisor [(max-restarts 3)]
                                  [(restart-window 60)]
                                  [(children (map child-of names))])))
  (monitor! team)
  (let ((restarts (route chunks team results merge!)))
    (stop! team)
    restarts))

(define (raise-not-utf8 bad)
  (let ((first (reduce (lambda (a b) (if (< (chunk-number (car a)) (chunk-number (car b))) a b))
                       #f bad)))
    (throw 'text-error "count-files" "~A"
           (list (string-append (chunk-file (car first)) " is not UTF-8: bad byte at offset "
                                (number->string (cdr first))
                                "; convert it first, as iconv -t UTF-8 does"))
           #f)))

;; ---- output

(define (table-text rows aligned?)
  (let ((width (if (and aligned? (pair? rows)) (string-length (number->string (caar rows))) 0)))
    (string-concatenate
     (append-map (match-lambda
                   ((count . word)
                    (let* ((number (number->string count))
                           (space (max 0 (- width (string-length number)))))
                      (list (make-string space #\space) number " " word "\n"))))
                 rows))))

(define (plural n) (if (= n 1) "" "s"))

(define (tell how words distinct bytes chunks retries seconds)
  (let* ((mb (/ bytes 1e6))
         (rate (if (> seconds 0) (/ mb seconds) 0.0))
         (workers (worker-count)))
    (match how
      ('none #f)
      ('text
       (format (current-error-port)
               "~d words, ~d different, in ~,1f MB; ~,3f s on ~d worker~a, ~d MB/s; \
~d crash~a, restarted\n"
               words distinct mb seconds workers (plural workers)
               (inexact->exact (round rate))
               retries (if (= retries 1) "" "es")))
      ('json
       (format (current-error-port)
               "{\"words\":~d,\"distinct\":~d,\"bytes\":~d,\"chunks\":~d,\"workers\":~d,\
\"retries\":~d,\"seconds\":~,6f,\"mb_per_s\":~,1f}\n"
               words distinct bytes chunks workers retries seconds rate)))))

(define (seconds-since start)
  (/ (- (get-internal-real-time) start) (exact->inexact internal-time-units-per-second)))

(define (main options)
  (let* ((start (get-internal-real-time))
         (top (assq-ref options 'top))
         (counted (count-files (assq-ref options 'files) (assq-ref options 'fail)))
         (table (assq-ref counted 'table))
         (distinct (words-distinct table))
         (rows (words-top table (or top distinct)))
         (seconds (seconds-since start)))
    (display (table-text rows top))
    (tell (assq-ref options 'report) (words-total table) distinct (assq-ref counted 'bytes)
          (assq-ref counted 'chunks) (assq-ref counted 'retries) seconds)))

(define (text-error? e) (eq? 'text-error (condition-kind e)))

(try (main (parse-options (cdr (command-line))))
     (catch (text-error? e)
       (complain (car (condition-irritants e)))
       (exit 1)))
