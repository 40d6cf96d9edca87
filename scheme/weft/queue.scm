;; SPDX-License-Identifier: Apache-2.0
;; Work queues: unbounded, first in first out, for any number of tasks, without waiting.
;;
;; The linked queue of Michael and Scott (PODC 1996) on Guile's atomic boxes. The first node is a
;; dummy; a node is not used again, so the collector rules out the reuse its counters are for.
;; The tail is the last node or the one before it: whoever finds it behind moves it on.
(define-module (weft queue)
  #:declarative? #t
  #:use-module (weft box)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (weft argument)
  #:export (make-work-queue work-queue? queue-push! queue-pop! queue-length queue-empty?))

(define-record-type <node>
  (make-node value next)
  node?
  (value node-value set-node-value!)
  (next node-next))

(define-record-type <work-queue>
  (make-queue head tail size)
  work-queue?
  (head queue-head)
  (tail queue-tail)
  (size queue-size))

(set-record-type-printer! <work-queue>
  (lambda (queue port)
    (simple-format port "#<work-queue ~A>" (atomic-box-ref (queue-size queue)))))

(define (make-work-queue)
  "Return an empty work queue."
  (let ((dummy (make-node #f (make-atomic-box #f))))
    (make-queue (make-atomic-box dummy) (make-atomic-box dummy) (make-atomic-box 0))))

(define (add! box n)
  (let retry ((old (atomic-box-ref box)))
    (let ((seen (atomic-box-compare-and-swap! box old (+ old n))))
      (unless (eq? seen old) (retry seen)))))

(define (queue-push! queue item)
  "Put ITEM at the end of QUEUE."
  (unless (work-queue? queue) (wrong-type 'queue-push! 1 queue "work queue"))
  (add! (queue-size queue) 1)
  (let ((node (make-node item (make-atomic-box #f))) (tail (queue-tail queue)))
    (let retry ()
      (let* ((last (atomic-box-ref tail))
             (behind (atomic-box-compare-and-swap! (node-next last) #f node)))
        (cond (behind
               (atomic-box-compare-and-swap! tail last behind)
               (retry))
              (else
               (atomic-box-compare-and-swap! tail last node)
               *unspecified*))))))

(define (queue-pop! queue)
  "Take the first item out of QUEUE and return it; #f if the queue is empty."
  (unless (work-queue? queue) (wrong-type 'queue-pop! 1 queue "work queue"))
  (let ((head (queue-head queue)))
    (let retry ()
      (let* ((dummy (atomic-box-ref head))
             (first (atomic-box-ref (node-next dummy))))
        (if (not first)
            #f
            (let ((item (node-value first)))
              (if (eq? dummy (atomic-box-compare-and-swap! head dummy first))
                  (begin
                    (set-node-value! first #f)
                    (add! (queue-size queue) -1)
                    item)
                  (retry))))))))

(define (queue-length queue)
  "Return how many items are in QUEUE, those included that are being pushed or popped just now."
  (unless (work-queue? queue) (wrong-type 'queue-length 1 queue "work queue"))
  (atomic-box-ref (queue-size queue)))

(define (queue-empty? queue)
  "Return #t if `queue-pop!' would find nothing in QUEUE."
  (unless (work-queue? queue) (wrong-type 'queue-empty? 1 queue "work queue"))
  (not (atomic-box-ref (node-next (atomic-box-ref (queue-head queue))))))
