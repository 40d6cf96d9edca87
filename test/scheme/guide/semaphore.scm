;; SPDX-License-Identifier: Apache-2.0
;; Resource pool management
(define resource-semaphore (make-semaphore 3)) ; 3 resources available

(define use-resource
  (lambda (id)
    (thread
      (lambda ()
        (semaphore-acquire! resource-semaphore)
        (printf "Thread ~a: Got resource~n" id)
        (sleep 1) ; Use resource
        (printf "Thread ~a: Releasing resource~n" id)
        (semaphore-release! resource-semaphore)))))

;; ----
(for-each thread-join! (map use-resource (range 1 6)))
(printf "all back~n")
