;; SPDX-License-Identifier: Apache-2.0
(define (http-get url) (sleep 0.002) (list 'response (string-append "\"" url "\"")))
(define response-body cadr)
(define (json-parse text) (string-drop (string-drop-right text 1) 1))
(define (risky-async-operation)
  (async (lambda () (sleep 0.002) (error "the operation failed:" 'risky))))
(define (process-result result) result)
(define (log-error e) (printf "logged: ~a~n" (condition->string e)))

;; Async function definition
(define (async-fetch url)
  (async
    (lambda ()
      (let ((response (http-get url)))
        (json-parse (response-body response))))))

;; Await results
(define (fetch-multiple urls)
  (async
    (lambda ()
      (let ((futures (map async-fetch urls)))
        (await-all futures)))))

;; Async/await with error handling
(define (safe-async-operation)
  (async
    (lambda ()
      (try
        (let ((result (await (risky-async-operation))))
          (process-result result))
        (catch error
          (log-error error)
          #f)))))

;; ----
(printf "~a~n" (await (async-fetch "one")))
(printf "~a~n" (await (fetch-multiple '("a" "b" "c"))))
(printf "~a~n" (await (safe-async-operation)))
