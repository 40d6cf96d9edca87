;; SPDX-License-Identifier: Apache-2.0
;; Lists, sorting, hash tables and work queues: what tasks share and what may wait in a callback.
(define-module (weft data)
  #:declarative? #t
  #:use-module (weft export))

(export-all-of! (current-module) '(weft list) '(weft sort) '(weft table) '(weft queue))
