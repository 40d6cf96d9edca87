;; SPDX-License-Identifier: Apache-2.0
;; What a program of `weft run` sees.
(define-module (weft)
  #:use-module (weft task)
  #:use-module (weft eval)
  #:use-module (weft stm)
  #:re-export-and-replace (sleep)
  #:re-export (thread thread-join! async future future? await await-all yield cancel! current-task
               task? task-name task-done? worker-count)
  #:re-export (make-tvar tvar? tvar-read tvar-write! tvar-update! atomic atomically retry))
