;; SPDX-License-Identifier: Apache-2.0
;; Work on all processors: maps, reductions and filters in chunks, and expressions side by side.
;;
;; The tasks of one call belong together: the first that fails cancels the others, and the call
;; raises that task's error once all of them have ended.
(define-module (weft parallel)
  #:declarative? #t
  #:use-module (weft box)
  #:use-module ((ice-9 exceptions) #:select (raise-continuable))
  #:use-module (weft core)
  #:use-module (weft task)
  #:use-module (weft condition)
  #:use-module (weft argument)
  #:export (pmap parallel-map pfor-each pfilter preduce plet parallel-do await-all))

;; A task in a group writes its number into `first-failed', if it is the first that fails, and
;; cancels those that are already there; the parent cancels those it starts after that.

(define (cancel-all! tasks)
  (let next ((i 0))
    (when (< i (vector-length tasks))
      (let ((task (vector-ref tasks i)))
        (when task (%cancel! task "another one failed")))
      (next (+ i 1)))))

(define (watched thunk number first-failed tasks)
  (lambda ()
    (with-exception-handler
      (lambda (object)
        (when (not (atomic-box-compare-and-swap! first-failed #f number))
          (cancel-all! tasks))
        (raise-continuable object))
      thunk)))

(define (await-ends tasks)
  ;; A cancellation of the parent does not cut this short: it has reached the tasks too.
  (let next ((i 0))
    (when (< i (vector-length tasks))
      (perform (%await-end (vector-ref tasks i)))
      (next (+ i 1)))))

;; Runs (work 0) ... (work (- n 1)), a task each; returns a vector of the values.
(define (run-all n work)
  (define tasks (make-vector n #f))
  (define first-failed (make-atomic-box #f))
  (let start ((i 0))
    (when (< i n)
      (vector-set! tasks i
                   (spawn-task (watched (lambda () (work i)) i first-failed tasks)
                               #:attached #t))
      (start (+ i 1))))
  ;; A swap, not a read: either it sees the number, or the failing task sees every task.
  (when (atomic-box-compare-and-swap! first-failed #f #f) (cancel-all! tasks))
  (await-ends tasks)
  (let ((number (atomic-box-ref first-failed)))
    (when number (perform (%await (vector-ref tasks number)))))
  (let collect ((i 0))
    (when (< i n)
      (vector-set! tasks i (perform (%await (vector-ref tasks i))))
      (collect (+ i 1))))
  tasks)

;; Chunks: enough for the workers to even out unequal costs, each as long as that allows.

(define chunks-per-worker 8)

(define (chunk-count n)
  (min n (* chunks-per-worker (%workers))))

;; Calls (work low high) for each chunk of [0, n), a task each; returns the vector of the values.
(define (run-chunks n work)
  (let ((chunks (chunk-count n)))
    (run-all chunks
             (lambda (i)
               (work (quotient (* i n) chunks)
                     (quotient (* (+ i 1) n) chunks))))))

(define (items->vector who position items)
  (cond ((vector? items) items)
        ((list? items) (list->vector items))
        (else (wrong-type who position items "list or vector"))))

(define (check-procedure who f)
  (unless (procedure? f) (wrong-type who 1 f "procedure")))

;; Calls f with the i-th item of each vector, low <= i < high, and receive with i and the result.
(define (call-each f vectors low high receive)
  (if (null? (cdr vectors))
      (let ((items (car vectors)))
        (let next ((i low))
          (when (< i high)
            (receive i (f (vector-ref items i)))
            (next (+ i 1)))))
      (let next ((i low))
        (when (< i high)
          (receive i (apply f (map (lambda (items) (vector-ref items i)) vectors)))
          (next (+ i 1))))))

(define (all-vectors who items more)
  (let next ((position 2) (rest (cons items more)) (vectors '()))
    (if (null? rest)
        (reverse! vectors)
        (next (+ position 1) (cdr rest)
              (cons (items->vector who position (car rest)) vectors)))))

(define (map-in-parallel who f items more)
  (check-procedure who f)
  (let* ((vectors (all-vectors who items more))
         (n (apply min (map vector-length vectors)))
         (results (make-vector n)))
    (run-chunks n
                (lambda (low high)
                  (call-each f vectors low high
                             (lambda (i result) (vector-set! results i result)))))
    (if (vector? items)
        results
        (vector->list results))))

(define (pmap f items . more)
  "Return what F returns for each of ITEMS, in their order, computed in parallel, a task a chunk.
ITEMS is a list, and the result too, or a vector, and the result too. With more lists or vectors F
takes an item of each, up to the end of the shortest. The first error ends the other chunks and is
raised when they have ended."
  (map-in-parallel 'pmap f items more))

(define (parallel-map f items . more)
  "Return what F returns for each of ITEMS, as `pmap' does."
  (map-in-parallel 'parallel-map f items more))

(define (pfor-each f items . more)
  "Call F with each of ITEMS, a list or a vector, in parallel and in no order; return when all calls
have returned. More lists and errors as in `pmap'."
  (check-procedure 'pfor-each f)
  (let* ((vectors (all-vectors 'pfor-each items more))
         (n (apply min (map vector-length vectors))))
    (run-chunks n
                (lambda (low high)
                  (call-each f vectors low high (lambda (i result) #t))))
    *unspecified*))

(define (pfilter keep? items)
  "Return those of ITEMS, a list or a vector, for which KEEP? is true, in their order, tested in
parallel. Errors as in `pmap'."
  (check-procedure 'pfilter keep?)
  (let* ((vector (items->vector 'pfilter 2 items))
         (parts
          (run-chunks (vector-length vector)
                      (lambda (low high)
                        (let next ((i low) (kept '()))
                          (if (= i high)
                              (reverse! kept)
                              (let ((item (vector-ref vector i)))
                                (next (+ i 1) (if (keep? item) (cons item kept) kept)))))))))
    (let ((kept (apply append (vector->list parts))))
      (if (vector? items)
          (list->vector kept)
          kept))))

(define (preduce f initial items)
  "Return INITIAL combined by F with each of ITEMS, a list or a vector, from left to right: (F (F
INITIAL a) b) ... F must be associative: chunks are combined on their own, in parallel, and their
results in order. INITIAL should be F's identity; it comes in once, on the left. Errors as in
`pmap'."
  (check-procedure 'preduce f)
  (let ((vector (items->vector 'preduce 3 items)))
    (let combine ((parts
                   (vector->list
                    (run-chunks (vector-length vector)
                                (lambda (low high)
                                  (let next ((i (+ low 1)) (result (vector-ref vector low)))
                                    (if (= i high)
                                        result
                                        (next (+ i 1) (f result (vector-ref vector i)))))))))
                  (result initial))
      (if (null? parts)
          result
          (combine (cdr parts) (f result (car parts)))))))

(define (run-thunks thunks)
  (let ((thunks (list->vector thunks)))
    (run-all (vector-length thunks) (lambda (i) ((vector-ref thunks i))))))

;; (parallel-do e ...): evaluates all of them, a task each; the list of the values, in order.
(define-syntax parallel-do
  (syntax-rules ()
    ((_ e ...) (vector->list (run-thunks (list (lambda () e) ...))))))

;; (plet ((name e) ...) body ...): `let' whose values are computed in parallel, a task each.
(define-syntax plet
  (lambda (form)
    (syntax-case form ()
      ((_ ((name e) ...) body0 body ...)
       (and-map identifier? #'(name ...))
       #'(apply (lambda (name ...) body0 body ...)
                (vector->list (run-thunks (list (lambda () e) ...)))))
      (_ (syntax-violation 'plet "write (plet ((name value) ...) body ...)" form)))))

(define (await-all tasks)
  "Return the list of the values of TASKS, a list of futures and tasks, in order. If one fails, the
others are cancelled, and its error is raised when they have ended."
  (unless (and (list? tasks) (and-map %task? tasks))
    (wrong-type 'await-all 1 tasks "list of futures or tasks"))
  (let ((tasks (list->vector tasks)))
    (with-exception-handler
      (lambda (object)
        (cancel-all! tasks)
        (await-ends tasks)
        (raise-exception object))
      (lambda ()
        (vector->list
         (run-all (vector-length tasks)
                  (lambda (i) (perform (%await (vector-ref tasks i)))))))
      #:unwind? #t)))
