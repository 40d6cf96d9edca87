;; SPDX-License-Identifier: Apache-2.0
;; Atomic boxes, as (ice-9 atomic) has them, without the compiler that it loads: that took a third
;; of the time to start a program.
(define-module (weft box)
  #:export (make-atomic-box atomic-box? atomic-box-ref atomic-box-set! atomic-box-swap!
            atomic-box-compare-and-swap!))

(eval-when (expand load eval)
  (load-extension (string-append "libguile-" (effective-version)) "scm_init_atomic"))

;; The compiler makes instructions of them.
(eval-when (expand)
  (for-each (module-ref (resolve-interface '(language tree-il primitives))
                        'add-interesting-primitive!)
            '(make-atomic-box atomic-box-ref atomic-box-set! atomic-box-swap!
              atomic-box-compare-and-swap!)))
