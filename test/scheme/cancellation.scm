;; SPDX-License-Identifier: Apache-2.0
;; How long an endless loop goes on after it was cancelled: the median of 30, in milliseconds. About
;; 1 to 5; the limit here is that of a busy machine.
(define (milliseconds body)
  (let ((task (thread body)))
    (sleep 0.03)
    (let ((start (get-internal-real-time)))
      (cancel! task)
      (try (await task) (catch (cancelled? e) #f))
      (/ (* 1000. (- (get-internal-real-time) start)) internal-time-units-per-second))))

(define (median body)
  (list-ref (sort (map (lambda (i) (milliseconds body)) (range 0 30)) <) 15))

(define all
  (map (lambda (entry)
         (let ((time (median (cdr entry))))
           (printf "~a: ~a ms~%" (car entry) time)
           time))
       (list (cons "a loop" (lambda () (let loop () (loop))))
             (cons "a loop that allocates" (lambda () (let loop () (list 1 2) (loop))))
             (cons "a loop in a callback of C"
                   (lambda ()
                     ((@ (guile) sort) (list 1 2) (lambda (a b) (let loop () (loop)))))))))
(exit (if (< (apply max all) 500) 0 1))
