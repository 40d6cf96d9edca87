;; SPDX-License-Identifier: Apache-2.0
;; Stacks: which of their frames are the program's, and where those stand. A stack is captured when
;; something is raised, which is cheap, and looked at only when it is to be shown, which is not.
(define-module (weft frames)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (system vm debug)
  #:use-module (system vm frame)
  #:use-module (weft message)
  #:use-module (weft source)
  #:declarative? #t
  #:export (stack-view
            view-frames
            view-origin
            view-given
            frame-place
            frame-words
            stack->strings))

;; What a stack says: the program's frames, innermost first; the name of the procedure of Guile's
;; that raised, or #f; the number of arguments that a procedure was called with and does not take,
;; or #f.
(define-record-type <view>
  (make-view frames origin given)
  view?
  (frames view-frames)
  (origin view-origin)
  (given view-given))

;; A frame of the program: what was called, as text, or #f for the forms of a file, and where:
;; file, line and column from 1.
(define-record-type <shown-frame>
  (make-shown-frame words place)
  shown-frame?
  (words frame-words)
  (place frame-place))

(define (source-place frame)
  (match (false-if-exception (frame-source frame))
    ((_ (? string? file) line . column) (list file (+ 1 line) (+ 1 column)))
    (_ #f)))

(define (inside? frame program)
  ;; Whether FRAME is of a program: the file PROGRAM, or one that is no library.
  (let ((place (source-place frame)))
    (and place
         (or (equal? program (car place)) (not (of-a-library? (car place)))))))

(define (top-level? frame)
  ;; Whether FRAME runs the forms of a file: the code that its image begins with.
  (let ((info (false-if-exception (find-program-debug-info (frame-instruction-pointer frame)))))
    (and info (zero? (program-debug-info-offset info)))))

(define (call frame innermost?)
  ;; (name argument ...) as text; #f for the forms of a file.
  (match (false-if-exception (frame-call-representation frame #:top-frame? innermost?))
    (((or '_ #f) . arguments) (if (top-level? frame) #f (call->string "<lambda>" arguments)))
    ((name . arguments) (call->string (if (symbol? name) (symbol->string name) "<lambda>")
                                      arguments))
    (_ #f)))

(define (call->string name arguments)
  (let loop ((arguments arguments) (out (list name)))
    (cond ((null? arguments) (string-append "(" (string-join (reverse out) " ") ")"))
          ((pair? arguments) (loop (cdr arguments) (cons (argument (car arguments)) out)))
          (else (loop '() (cons* (argument arguments) "." out))))))

(define (argument object)
  (if (or (eq? object '_) (keyword? object)) (object->string object) (shown object 30)))

(define (primitive-name frame)
  ;; The name of a procedure of Guile's core that FRAME is a call of, or #f.
  (and (not (source-place frame))
       (false-if-exception (frame-procedure-name frame))))

(define (raising? frame)
  ;; Whether FRAME belongs to the raising of a condition, not to what raised it.
  (match (source-place frame)
    ((file . _) (or (string-suffix? "ice-9/boot-9.scm" file) (string-prefix? "weft/" file)
                    (string-prefix? "ice-9/exceptions.scm" file)))
    (_ #f)))

(define (count-given frame)
  ;; The arguments that a procedure was entered with; its frame has nothing else yet.
  (false-if-exception (- ((@@ (system vm frame) frame-num-locals) frame) 1)))

(define most 1000)  ; so many frames are looked at: a recursion without end has millions

(define (innermost stack)
  (let loop ((frame (stack-ref stack 0)) (n 0) (found '()))
    (if (and frame (< n most))
        (loop (frame-previous frame) (+ n 1) (cons frame found))
        (reverse! found))))

(define (stack-view stack program slip)
  "What STACK, captured where something was raised or #f, says of the program of file PROGRAM.
SLIP is `arguments' where a procedure was called with arguments that it does not take: its own
frame is then the innermost, and the mistake is its caller's. It is `no-procedure' where something
else was called: the innermost frame is then a repetition."
  (let* ((all (if stack (innermost stack) '()))
         (rest (or (and (pair? all)
                        (find-tail (lambda (frame) (not (raising? frame))) (cdr all)))
                   '()))
         (first (and (pair? rest) (car rest))))
    (make-view (filter-map
                (lambda (frame)
                  (and (inside? frame program)
                       (make-shown-frame (call frame (eq? frame first)) (source-place frame))))
                (if (and slip first) (cdr rest) rest))
               (and first (primitive-name first))
               (and (eq? slip 'arguments) first (count-given first)))))

(define (place->string place)
  (match place ((file line column) (simple-format #f "~A:~A:~A" file line column))))

(define (stack->strings stack)
  "Where STACK was captured, or the empty string, and a line for each frame that is no library's,
innermost first."
  (let ((frames (view-frames (stack-view stack #f #f))))
    (cons (if (pair? frames) (place->string (frame-place (car frames))) "")
          (map (lambda (frame)
                 (string-append (or (frame-words frame) "at the top level")
                                ", " (place->string (frame-place frame))))
               frames))))
