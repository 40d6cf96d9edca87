;; SPDX-License-Identifier: Apache-2.0
;; What plain Guile loses or mixes when four threads share it, with weft's replacement: exact.
(use-modules (weft test) (ice-9 rdelim))

(define tasks 4)

;; Runs (work i) in four tasks; returns when all have ended.
(define (all work)
  (await-all (map (lambda (i) (async (lambda () (work i)))) (range 0 tasks))))

(test-group "one hash table, four tasks"
  (test "keys of their own: every one is there"
    (let ((t (make-hash-table)) (n 5000))
      (all (lambda (i)
             (for-each (lambda (k) (hash-table-set! t (+ (* i n) k) k)) (range 0 n))))
      (check-equal (* tasks n) (hash-table-count t))
      (check-equal (map (lambda (k) (modulo k n)) (range 0 (* tasks n)))
                   (map (lambda (k) (hash-table-ref t k)) (range 0 (* tasks n))))))
  (test "set, remove and ref of a few keys: what is left was put last"
    (let ((t (make-hash-table)))
      (all (lambda (i)
             (for-each (lambda (k)
                         (let ((key (modulo k 7)))
                           (hash-table-set! t key (cons i k))
                           (hash-table-ref t (modulo (* 3 k) 7))
                           (when (= 0 (modulo k 3)) (hash-table-delete! t key))))
                       (range 0 5000))
             (for-each (lambda (key) (hash-table-set! t key 'last)) (range 0 7))))
      (check-equal (map (lambda (key) (cons key 'last)) (range 0 7))
                   (sort (hash-table->alist t) (lambda (a b) (< (car a) (car b)))))))
  (test "updates of one key: none is lost"
    (let ((t (make-hash-table)) (n 3000))
      (all (lambda (i)
             (for-each (lambda (k)
                         (hash-table-update! t 'sum (lambda (x) (+ x 1)) 0)
                         (hash-table-update! t 'list (lambda (x) (cons i x)) '()))
                       (range 0 n))))
      (check-equal (* tasks n) (hash-table-ref t 'sum))
      (check-equal (make-list tasks n)
                   (map (lambda (i) (count (lambda (x) (= x i)) (hash-table-ref t 'list)))
                        (range 0 tasks)))))
  (test "entries are listed while others change them"
    (let ((t (make-hash-table)) (stop (make-atomic-counter 0)))
      (for-each (lambda (k) (hash-table-set! t k 'fixed)) (range 0 100))
      (let ((changers (map (lambda (i)
                             (future
                              (let loop ((k 0))
                                (when (= 0 (atomic-load stop))
                                  (hash-table-set! t (+ 1000 (modulo k 50)) i)
                                  (hash-table-delete! t (+ 1000 (modulo (* 7 k) 50)))
                                  (loop (+ k 1))))))
                           (range 0 3))))
        (check (and-map (lambda (_)
                          (= 100 (count (lambda (entry) (eq? 'fixed (cdr entry)))
                                        (hash-table->alist t))))
                        (range 0 300)))
        (atomic-increment! stop)
        (await-all changers)))))

(define (lines-of text)
  (call-with-input-string text
    (lambda (port)
      (let next ((lines '()))
        (let ((line (read-line port)))
          (if (eof-object? line) (reverse lines) (next (cons line lines))))))))

;; The lines that the tasks write, n each, in any order, sorted.
(define (expected-lines n)
  (sort (apply append
               (map (lambda (i)
                      (map (lambda (k) (simple-format #f "task ~A line ~A" i k)) (range 0 n)))
                    (range 0 tasks)))
        string<?))

(test-group "one port, four tasks"
  (test "a string port: each line whole and once"
    (let* ((n 5000) (port (open-output-string)))
      (all (lambda (i)
             (with-output-to-port port
               (lambda ()
                 (for-each (lambda (k) (printf "task ~a line ~a~n" i k)) (range 0 n))))))
      (check-equal (expected-lines n) (sort (lines-of (get-output-string port)) string<?))))
  (test "a file port, through its buffer: each line whole and once"
    (let* ((n 5000) (port (mkstemp (string-copy "/tmp/weft-lines-XXXXXX")))
           (name (port-filename port)))
      (all (lambda (i)
             (for-each (lambda (k) (write-line (simple-format #f "task ~A line ~A" i k) port))
                       (range 0 n))))
      (force-output port)
      (close-port port)
      (let ((text (call-with-input-file name read-string)))
        (delete-file name)
        (check-equal (expected-lines n) (sort (lines-of text) string<?)))))
  (test "flushing while others write"
    (let* ((n 500) (port (mkstemp (string-copy "/tmp/weft-lines-XXXXXX")))
           (name (port-filename port)))
      (all (lambda (i)
             (for-each (lambda (k)
                         (display (simple-format #f "task ~A line ~A\n" i k) port)
                         (force-output port))
                       (range 0 n))))
      (close-port port)
      (let ((text (call-with-input-file name read-string)))
        (delete-file name)
        (check-equal (expected-lines n) (sort (lines-of text) string<?))))))

(define (with-output-to-port port thunk)
  (with-output-to-port port thunk))

(define (name-of i k)
  (string->symbol (simple-format #f "defined-~A-~A" i k)))

(test-group "one module, four tasks that define"
  (for-each
   (lambda (how define-in)
     (test how
       (let ((n 5000) (module (make-fresh-user-module)))
         (all (lambda (i)
                (for-each (lambda (k) (define-in (name-of i k) k module)) (range 0 n))))
         (for-each
          (lambda (i)
            (check-equal (range 0 n)
                         (map (lambda (k) (module-ref module (name-of i k))) (range 0 n))))
          (range 0 tasks)))))
   '("with module-define!: no binding is lost" "with eval: no binding is lost")
   (list (lambda (name k module) (module-define! module name k))
         (lambda (name k module) (eval `(define ,name ,k) module))))
  (test "eval gives its values and may wait"
    (check-equal '(1 2) (call-with-values (lambda () (eval '(values 1 2) (current-module))) list))
    (check-equal 'late (eval '(begin (sleep 0.001) 'late) (current-module)))
    (check-error 'unbound-variable (eval 'nobody-defined-this (current-module)))
    (check-error "eval: Wrong type argument in position 2" (eval 1 2))
    (check-error "module-define!: Wrong type argument in position 2"
                 (module-define! (current-module) "a" 1))))

(test "a delayed value is computed once"
  (let* ((computed (make-atomic-counter 0))
         (promise (delay (begin (atomic-increment! computed) (yield) 'value))))
    (check-equal (make-list tasks 'value) (all (lambda (_) (force promise))))
    (check-equal 1 (atomic-load computed))))

(test "a shared counter is exact"
  (let ((counter (make-atomic-counter 0)))
    (all (lambda (_)
           (for-each (lambda (_) (atomic-increment! counter)) (range 0 5000))))
    (check-equal (* tasks 5000) (atomic-load counter))))

(test-group "the lock for imports"
  (test "is given back by tasks that are preempted while they take it"
    (all (lambda (_)
           (let loop ((n 30000))
             (when (> n 0)
               (resolve-interface '(weft test))
               (loop (- n 1))))))
    (check #t)))
