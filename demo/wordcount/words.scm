;; SPDX-License-Identifier: Apache-2.0
;; Words of texts, counted by C++ (words.cpp): tables of words are objects outside of Scheme's heap.
;;
;; (text-size file)                how many bytes it has; it has to be a regular file
;; (text-cut file offset size)     where the chunk at `offset' ends that is to have `size' bytes:
;;                                 between words, a little earlier; or the end of the file
;; (count-words file offset size)  the words of these bytes; or the offset in the file of the first
;;                                 byte that is not UTF-8
;; (make-words)                    no words yet
;; (words-move! into from)         adds those of `from', which has none afterwards
;; (words-total words)             how many there are
;; (words-distinct words)          how many different ones
;; (words-top words most)          the most frequent ones, a list of (count . word)
;;
;; A file that cannot be read raises text-error. Words may be used by several tasks.
(define-module (wordcount words)
  #:declarative? #t
  #:export (text-size text-cut count-words
            make-words words-move! words-total words-distinct words-top))

;; Beside the build's bin/weft, or where WORDS_LIBRARY says.
(define library
  (or (getenv "WORDS_LIBRARY")
      (string-append (dirname (dirname (readlink "/proc/self/exe"))) "/demo/libwords")))

(load-extension library "init_words")
