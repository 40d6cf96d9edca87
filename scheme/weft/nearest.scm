;; SPDX-License-Identifier: Apache-2.0
;; The name that a misspelt one was meant to be.
(define-module (weft nearest)
  #:declarative? #t
  #:export (nearest-name))

(define (distance a b limit)
  ;; The number of edits from string A to B: a character more, less, changed, or two swapped
  ;; (Damerau 1964, the restricted form); LIMIT where it is as much or more.
  (let* ((m (string-length a)) (n (string-length b)))
    (if (>= (abs (- m n)) limit)
        limit
        (let loop ((i 1) (before #f) (last (list->vector (iota (+ n 1)))))
          (if (> i m)
              (min limit (vector-ref last n))
              (let ((row (make-vector (+ n 1) i)))
                (do ((j 1 (+ j 1))) ((> j n))
                  (let ((same (char=? (string-ref a (- i 1)) (string-ref b (- j 1)))))
                    (vector-set!
                     row j
                     (min (+ 1 (vector-ref last j))
                          (+ 1 (vector-ref row (- j 1)))
                          (+ (if same 0 1) (vector-ref last (- j 1)))
                          (if (and before (> j 1)
                                   (char=? (string-ref a (- i 1)) (string-ref b (- j 2)))
                                   (char=? (string-ref a (- i 2)) (string-ref b (- j 1))))
                              (+ 1 (vector-ref before (- j 2)))
                              limit)))))
                (loop (+ i 1) last row)))))))

(define (nearest-name wrong module)
  "The symbol with a value in MODULE or its imports that WRONG is nearest to; #f if none is near: a
third of its letters may differ, and at least one."
  (let* ((text (symbol->string wrong))
         (limit (+ 1 (max 1 (quotient (string-length text) 3))))
         (best #f))
    (define (look name variable)
      (when (and (not (eq? name wrong)) (variable-bound? variable))
        (let* ((other (symbol->string name))
               (d (distance text other (+ 1 limit))))
          ;; Of names that are equally near, the first in the alphabet: tables have no order.
          (when (or (< d limit)
                    (and best (= d limit) (string<? other (symbol->string best))))
            (set! best name)
            (set! limit d)))))
    (unless (< (string-length text) 2)
      (module-for-each look module)
      (for-each (lambda (interface) (module-for-each look interface)) (module-uses module)))
    best))
