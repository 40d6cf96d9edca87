;; SPDX-License-Identifier: Apache-2.0
;; Modules that pass on what others export.
(define-module (weft export)
  #:declarative? #t
  #:export (export-all-of!))

(define (export-all-of! module . names)
  "Export from MODULE all that the modules of these NAMES export, in the place of core's bindings."
  (let ((public (module-public-interface module)))
    (for-each
     (lambda (name)
       (module-for-each
        (lambda (name variable)
          (module-add! public name variable)
          (hashq-set! (module-replacements public) name #t))
        (resolve-interface name)))
     names)))
