;; SPDX-License-Identifier: Apache-2.0
;; Hash tables that tasks may share, keys compared by `equal?'.
;;
;; Each operation is one step under the table's own lock; no procedure of the user runs under it.
;; Guile's tables lose entries, loop or crash when threads share them. The `hash-' procedures of
;; core take both kinds, so that a program made for Guile's tables runs on these.
(define-module (weft table)
  #:declarative? #t
  #:use-module (weft core)
  #:use-module (weft argument)
  #:export (hash-table-set! hash-table-ref hash-table-delete! hash-table-update!
            hash-table-contains? hash-table-count hash-table-size hash-table-keys
            hash-table-values hash-table->alist hash-table-walk hash-table-for-each
            hash-table-clear! hash-table-copy alist->hash-table)
  #:replace (make-hash-table hash-table?
             hash-for-each hash-fold hash-map->list hash-count hash-clear!
             hash-ref hashq-ref hashv-ref hash-set! hashq-set! hashv-set!
             hash-remove! hashq-remove! hashv-remove!))

(define (check-table who table)
  (unless (%table? table) (wrong-type who 1 table "hash table")))

(define* (make-hash-table #:optional (size 0))
  "Return an empty hash table. SIZE is a hint, as in Guile, and not needed."
  (check-index 'make-hash-table 1 size)
  (%make-table))

(define (hash-table? object)
  "Return #t if OBJECT is a hash table of weft."
  (%table? object))

(define (hash-table-set! table key value)
  "Associate KEY with VALUE in TABLE."
  (check-table 'hash-table-set! table)
  (%table-set! table key value)
  *unspecified*)

;; The value of an absent key: what a procedure returns, else the thing itself.
(define (absent default)
  (if (procedure? default) (default) default))

(define* (hash-table-ref table key #:optional (default #f))
  "Return the value of KEY in TABLE; where there is none, DEFAULT, or what it returns if it is a
procedure."
  (check-table 'hash-table-ref table)
  (let ((value (%table-ref table key %none)))
    (if (eq? value %none) (absent default) value)))

(define (hash-table-contains? table key)
  "Return #t if TABLE has a value for KEY."
  (check-table 'hash-table-contains? table)
  (not (eq? %none (%table-ref table key %none))))

(define (hash-table-delete! table key)
  "Take KEY and its value out of TABLE, if it is there."
  (check-table 'hash-table-delete! table)
  (%table-delete! table key)
  *unspecified*)

(define* (hash-table-update! table key change #:optional (default #f))
  "Replace the value of KEY in TABLE by what CHANGE makes of it; no update of another task is lost.
An absent key's value is DEFAULT, as in `hash-table-ref'. CHANGE runs outside the lock and again if
the value was replaced meanwhile. Return the new value."
  (check-table 'hash-table-update! table)
  (unless (procedure? change) (wrong-type 'hash-table-update! 3 change "procedure"))
  (let retry ()
    (let* ((old (%table-ref table key %none))
           (new (change (if (eq? old %none) (absent default) old))))
      (if (%table-swap! table key old new)
          new
          (retry)))))

(define (hash-table-count table)
  "Return the number of keys in TABLE."
  (check-table 'hash-table-count table)
  (%table-count table))

(define (hash-table-size table)
  "Return the number of keys in TABLE."
  (check-table 'hash-table-size table)
  (%table-count table))

(define (hash-table->alist table)
  "Return the list of TABLE's (key . value) pairs as they are at one moment, in no order."
  (check-table 'hash-table->alist table)
  (%table-entries table))

(define (hash-table-keys table)
  "Return the list of TABLE's keys as they are at one moment, in no order."
  (check-table 'hash-table-keys table)
  (map car (%table-entries table)))

(define (hash-table-values table)
  "Return the list of TABLE's values as they are at one moment, in no order."
  (check-table 'hash-table-values table)
  (map cdr (%table-entries table)))

(define (each f entries)
  (unless (null? entries)
    (f (caar entries) (cdar entries))
    (each f (cdr entries))))

(define (hash-table-walk table f)
  "Call (F key value) for each entry that TABLE has now; F may wait and may change the table."
  (check-table 'hash-table-walk table)
  (unless (procedure? f) (wrong-type 'hash-table-walk 2 f "procedure"))
  (each f (%table-entries table)))

(define (hash-table-for-each table f)
  "Call (F key value) for each entry that TABLE has now; F may wait and may change the table."
  (check-table 'hash-table-for-each table)
  (unless (procedure? f) (wrong-type 'hash-table-for-each 2 f "procedure"))
  (each f (%table-entries table)))

(define (hash-table-clear! table)
  "Take every key out of TABLE."
  (check-table 'hash-table-clear! table)
  (each (lambda (key value) (%table-delete! table key)) (%table-entries table)))

(define (alist->hash-table entries)
  "Return a new hash table with the (key . value) pairs of ENTRIES; the first pair of a key counts."
  (unless (and (list? entries) (and-map pair? entries))
    (wrong-type 'alist->hash-table 1 entries "list of pairs"))
  (let ((table (%make-table)))
    (each (lambda (key value) (%table-swap! table key %none value)) entries)
    table))

(define (hash-table-copy table)
  "Return a new hash table with the entries that TABLE has now."
  (check-table 'hash-table-copy table)
  (alist->hash-table (%table-entries table)))

;; Core's procedures, for tables of weft and of core. The entries of a core table are listed first.

(define (entries who position table)
  (cond ((%table? table) (%table-entries table))
        ((core:hash-table? table) (core:hash-map->list cons table))
        (else (wrong-type who position table "hash table"))))

(define core:hash-table? (@ (guile) hash-table?))
(define core:hash-map->list (@ (guile) hash-map->list))

(define (check-procedure who position f)
  (unless (procedure? f) (wrong-type who position f "procedure")))

(define (hash-for-each f table)
  "Call (F key value) for each entry that TABLE, of weft or of core, has now; F may wait."
  (check-procedure 'hash-for-each 1 f)
  (each f (entries 'hash-for-each 2 table)))

(define (hash-map->list f table)
  "Return the list of what (F key value) returns for each entry that TABLE has now; F may wait."
  (check-procedure 'hash-map->list 1 f)
  (map (lambda (entry) (f (car entry) (cdr entry))) (entries 'hash-map->list 2 table)))

(define (hash-fold f initial table)
  "Return the last result of (F key value result) over the entries that TABLE has now, the first
RESULT being INITIAL; F may wait."
  (check-procedure 'hash-fold 1 f)
  (let next ((entries (entries 'hash-fold 3 table)) (result initial))
    (if (null? entries)
        result
        (next (cdr entries) (f (caar entries) (cdar entries) result)))))

(define (hash-count test? table)
  "Return for how many entries of TABLE (TEST? key value) is true; TEST? may wait."
  (check-procedure 'hash-count 1 test?)
  (hash-fold (lambda (key value n) (if (test? key value) (+ n 1) n)) 0 table))

(define (hash-clear! table)
  "Take every key out of TABLE."
  (if (%table? table) (hash-table-clear! table) ((@ (guile) hash-clear!) table)))

;; The same for hash, hashq and hashv: a table of weft compares by `equal?' always.
(define-syntax-rule (define-both (ref set remove) (core-ref core-set core-remove))
  (begin
    (define* (ref table key #:optional (default #f))
      "Return the value of KEY in TABLE, of weft or of core, or DEFAULT."
      (if (%table? table)
          (%table-ref table key default)
          ((@ (guile) core-ref) table key default)))
    (define (set table key value)
      "Associate KEY with VALUE in TABLE, of weft or of core, and return VALUE."
      (if (%table? table)
          (%table-set! table key value)
          ((@ (guile) core-set) table key value))
      value)
    (define (remove table key)
      "Take KEY out of TABLE, of weft or of core."
      (if (%table? table)
          (%table-delete! table key)
          ((@ (guile) core-remove) table key)))))

(define-both (hash-ref hash-set! hash-remove!) (hash-ref hash-set! hash-remove!))
(define-both (hashq-ref hashq-set! hashq-remove!) (hashq-ref hashq-set! hashq-remove!))
(define-both (hashv-ref hashv-set! hashv-remove!) (hashv-ref hashv-set! hashv-remove!))
