;; SPDX-License-Identifier: Apache-2.0
;; All of weft's language: what a program of `weft run' sees.
(define-module (weft)
  #:declarative? #t
  #:use-module (weft export)
  #:use-module (weft eval))

(export-all-of! (current-module)
                '(weft task) '(weft control) '(weft data) '(weft text) '(weft parallel)
                '(weft stm) '(weft sync) '(weft atomic) '(weft actor) '(weft define)
                '(srfi srfi-9))
