;; SPDX-License-Identifier: Apache-2.0
;; Coordinate multiple threads at checkpoints
(define barrier (make-barrier 4))

(define worker-thread
  (lambda (id)
    (thread
      (lambda ()
        ;; Phase 1 work
        (printf "Thread ~a: Phase 1 complete~n" id)
        (barrier-wait! barrier)
        
        ;; Phase 2 work  
        (printf "Thread ~a: Phase 2 complete~n" id)
        (barrier-wait! barrier)
        
        ;; Phase 3 work
        (printf "Thread ~a: All done~n" id)))))

;; Start worker threads
(map (lambda (i) (worker-thread i)) '(1 2 3 4))

;; ----
;; The program ends when its threads have ended.
