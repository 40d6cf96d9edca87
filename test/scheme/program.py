#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""program.py WEFT: what `weft run` does with programs, good and bad: output, message, exit code."""

import glob
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest

WEFT = ""
LIMIT = 120  # seconds that nothing here takes, but on a machine that is very busy


class Programs(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.dir = held.name
        self.cache = os.path.join(self.dir, "cache")

    def environment(self, **changes):
        kept = {k: v for k, v in os.environ.items()
                if not k.startswith(("WEFT_", "GUILE_", "GC_")) or k == "WEFT_MODULES"}
        return {**kept, "XDG_CACHE_HOME": self.cache, **changes}

    def write(self, text, name="app.scm"):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(text if isinstance(text, bytes) else text.encode())
        return name

    def weft(self, *words, given=None, **changes):
        return subprocess.run([WEFT, *words], env=self.environment(**changes), cwd=self.dir,
                              capture_output=True, text=True, timeout=LIMIT, check=False,
                              **({"input": given} if given is not None
                                 else {"stdin": subprocess.DEVNULL}))

    def run_text(self, text, *arguments, **changes):
        return self.weft("run", self.write(text), *arguments, **changes)

    def prints(self, expected, done, code=0):
        self.assertEqual((done.returncode, done.stderr, done.stdout), (code, "", expected))

    def fails(self, text, expected, code=1, out="", **changes):
        """The program ends with `code` and says exactly `expected` on standard error."""
        done = self.run_text(text, **changes)
        self.assertEqual((done.stderr, done.returncode, done.stdout), (expected, code, out))


class Good(Programs):
    def test_an_empty_file_and_one_of_comments(self):
        for text in ("", "\n", ";; nothing\n#| here |#\n", "#!/usr/bin/env weft\n", "\ufeff"):
            self.prints("", self.run_text(text))

    def test_the_command_line(self):
        done = self.run_text("(write (command-line))", "a b", "--color", "-x", "--", "-")
        self.prints('("app.scm" "a b" "--color" "-x" "--" "-")', done)

    def test_text_on_the_command_line_and_on_standard_input(self):
        self.prints('("-e" "x")', self.weft("run", "-e", "(write (command-line))", "x"))
        self.prints('("-" "x")', self.weft("run", "-", "x", given="(write (command-line))"))
        done = self.weft("run", "-", given="(display 1)\n(list (car 5))\n")
        self.assertIn("<stdin>:2:7: error: car:", done.stderr)

    def test_the_language_of_files(self):
        self.write("(define (included x) (* 2 x))\n", "part.scm")
        self.write("(define-module (lib one) #:export (one twice))\n(define (one) 1)\n"
                   "(define-syntax-rule (twice e) (list e e))\n", "lib/one.scm")
        self.prints("(my (2 1) 42 3 (5 5) 9 4 (1 1) 8 8)\n", self.run_text("""
          (use-modules (srfi srfi-1) (srfi srfi-9) (ice-9 match) (lib one))
          (define old-car car)
          (define (car x) (cons 'my (old-car x)))
          (define-syntax swap!
            (syntax-rules () ((_ a b) (let ((t a)) (set! a b) (set! b t)))))
          (define-record-type point (make-point x y) point? (x point-x) (y point-y))
          (define (nested x) (define y 2) (define (g) (* x y)) (g))
          (begin (define p 1) (define q 2))
          (swap! p q)
          (eval-when (expand load eval) (define (double x) (list 'list x x)))
          (define-syntax dup
            (lambda (s) (syntax-case s ()
              ((_ e) (datum->syntax #'e (double (syntax->datum #'e)))))))
          (include "part.scm")
          (load "part.scm")
          (define-values (u v) (values 8 8))
          (display (list (old-car (car '(1))) (list p q) (nested 21) (point-x (make-point 3 4))
                         (dup 5) (first '(9)) (included 2) (twice (one)) u v))
          (newline)"""))

    def test_a_program_that_is_a_module(self):
        self.prints("(mine 2 (my app))", self.run_text("""
          (define-module (my app) #:use-module (srfi srfi-1))
          (define (first x) 'mine)
          (display (list (first '(1)) (second '(1 2)) (module-name (current-module))))"""))

    def test_names_are_there_before_the_program_runs(self):
        self.prints("200", self.run_text("""
          (define tasks (map (lambda (i) (future (begin (sleep 0.01) (late i)))) (iota 100)))
          """ + "\n".join(f"(define filler-{i} {i})" for i in range(500)) + """
          (define (late i) 2)
          (display (apply + (await-all tasks)))"""))

    def test_exit_codes(self):
        for text, code in (("(exit)", 0), ("(exit 7)", 7), ("(exit #f)", 1), ("(exit #t)", 0),
                           ("(exit 256)", 0), ("(exit -1)", 255),
                           ("(define (f) (+ 1 (exit 3))) (f)", 3)):
            self.prints("", self.run_text(text), code)

    def test_the_work_of_threads_counts(self):
        self.prints("main\nthread\n", self.run_text("""
          (thread (lambda () (sleep 0.2) (display "thread\\n")))
          (display "main\\n") (force-output)"""))

    def test_an_exit_or_an_error_ends_the_threads(self):
        thread = "(thread (lambda () (sleep 1000)))\n(sleep 0.1)\n"
        self.prints("", self.run_text(thread + "(exit 3)"), 3)
        done = self.run_text(thread + "(list (car 5))")
        self.assertEqual((done.returncode, done.stderr.count("error")), (1, 1))

    def test_what_is_buffered_is_written(self):
        self.prints("no newline", self.run_text('(display "no newline")'))
        self.prints("before", self.run_text('(display "before") (exit 4)'), 4)

    def test_a_standard_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([WEFT, "run", self.write('(display "x")')], stdout=full,
                                  stderr=subprocess.PIPE, cwd=self.dir, text=True, check=False,
                                  env=self.environment(), timeout=LIMIT)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left on device", done.stderr)


class BadFiles(Programs):
    def refuses(self, name, expected):
        done = self.weft("run", name)
        self.assertEqual((done.stderr, done.returncode), (expected, 1))

    def test_a_missing_file(self):
        self.refuses("none.scm", "none.scm: error: there is no such file\n")
        self.write("", "app.scm")
        self.refuses("app", "app: error: there is no such file; did you mean app.scm?\n")

    def test_a_directory(self):
        self.refuses(".", ".: error: this is a directory; name a file of Scheme in it\n")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_an_unreadable_file(self):
        os.chmod(os.path.join(self.dir, self.write("")), 0)
        self.refuses("app.scm", "app.scm: error: cannot be read: Permission denied\n")

    def test_text_that_is_not_utf8(self):
        said = "is no character; save the file as UTF-8\n"
        for text, where, byte, offset in (
                (b'(define s "caf\xe9")', "1:15", "e9", 14), (b"\xff", "1:1", "ff", 0),
                ("(é)\n".encode() + b"(\xc3)", "2:2", "c3", 6), (b"ab\xed\xa0\x80", "1:3", "ed", 2),
                (b"a\xf5\x80\x80\x80", "1:2", "f5", 1), (b"\xc0\xaf", "1:1", "c0", 0),
                (b"\xf0\x9f\x98", "1:1", "f0", 0)):
            self.write(text)
            self.refuses("app.scm", f"app.scm:{where}: error: this is not UTF-8: byte 0x{byte} "
                                    f"(at offset {offset}) {said}")

    def test_parentheses_that_do_not_match(self):
        for text, where, said in (
                ("(define (f x)\n  (+ x 1)\n\n(define (g y) y)\n", "1:1",
                 "this '(' is not closed: a ')' is missing before line 4"),
                ("(display 1)\n(f (g 2)", "2:1",
                 "this '(' is not closed: a ')' is missing at the end"),
                ("(f (g [2", "1:7",
                 "this '[' is not closed, nor the 2 around it: 3 ']' are missing at the end"),
                ("(display 1))\n", "1:12", "this ')' closes nothing"),
                ("(f\n [1 2))", "2:6",
                 "this ')' does not close the '[' of line 2, column 2"),
                ('(f "abc)\n', "1:4", "this string is not closed"),
                ("(f #| abc)\n", "1:4", "this comment is not closed")):
            line = text.split("\n")[int(where.split(":")[0]) - 1]
            caret = " " * (int(where.split(":")[1]) - 1) + "^"
            number = where.split(":")[0]
            self.fails(text, f"app.scm:{where}: error: {said}\n  {number} | {line}\n"
                             f"    | {caret}\n")

    def test_other_text_that_the_reader_refuses(self):
        for text, said in (("(f (a . b c))", "app.scm:1:12: error: missing close paren: c"),
                           ("(f #\\foobar)", "error: unknown character name foobar"),
                           ('(f "a\\qb")', "error: invalid character in escape sequence: #\\q")):
            self.assertIn(said, self.run_text(text).stderr)

    def test_forms_that_cannot_be_expanded(self):
        self.fails("(define (f)\n  (let ((y)) y))\n",
                   "app.scm:2:3: error: let: bad let in (let ((y)) y)\n"
                   "  2 |   (let ((y)) y))\n    |   ^\n")
        self.fails("(display 1)\n(if)\n",
                   "app.scm:2:1: error: source expression failed to match any pattern in (if)\n"
                   "  2 | (if)\n    | ^\n")
        self.fails("(use-modules (no such))\n",
                   "app.scm:1:1: error: no code for module (no such)\n"
                   "  1 | (use-modules (no such))\n    | ^\n")
        self.fails("(define-syntax m (lambda (x) (car 5)))\n(list\n (m))\n",
                   "app.scm:2:1: error: car: argument 1 has to be a pair, not 5\n"
                   "  2 | (list\n    | ^\n")

    def test_nothing_runs_of_a_program_that_cannot_be_expanded(self):
        self.assertEqual(self.run_text("(display 1)\n(if)\n").stdout, "")


class Errors(Programs):
    def at_call(self, expression, said, setting=""):
        """`expression`, called by (f), fails with the message at its own place."""
        text = f"{setting}(define (f)\n  (list {expression}))\n(f)\n(display 1)\n"
        line = 2 + setting.count("\n")
        self.fails(text, f"app.scm:{line}:9: error: {said}\n  {line} |   (list {expression}))\n"
                         f"    |         ^\n  in (f) at app.scm:{line}:9\n"
                         f"  at the top level, app.scm:{line + 1}:1\n")

    def test_wrong_types(self):
        for call, said in (
                ("(car 5)", "car: the argument has to be a pair, not 5"),
                ('(+ 1 "2")', '+: argument 2 has the wrong type: "2"'),
                ("(string->symbol 9)", "string->symbol: argument 1 has to be a string, not 9"),
                ("(string-append \"a\" 'b)",
                 "string-append: the argument has to be a string, not b"),
                ("(vector-ref '(1) 0)", "vector-ref: argument 1 has the wrong type: (1)"),
                ("(length 5)", "length: argument 1 has the wrong type: 5"),
                ("(7 8)", "7 is not a procedure"),
                ("(apply car 1)", "apply: Apply to non-list: 1")):
            self.at_call(call, said)

    def test_ranges_and_arithmetic(self):
        for call, said in (
                ("(vector-ref (vector 1 2) 9)", "vector-ref: 9 is out of range"),
                ("(list-ref '(1) 5)", "list-ref: argument 2 is out of range: 5"),
                ('(string-ref "abc" 10)',
                 "string-ref: 10 is out of range: it has to be from 0 to 2"),
                ("(integer->char -1)", "integer->char: -1 is out of range"),
                ("(/ 1 0)", "division by zero")):
            self.at_call(call, said)

    def test_numbers_of_arguments(self):
        one = "(define (one a) a)\n"
        self.at_call("(one)", "one takes 1 argument, not 0", one)
        self.at_call("(one 1 2)", "one takes 1 argument, not 2", one)
        self.at_call("(car)", "car takes 1 argument, not 0")
        self.at_call("(more)", "more takes at least 2 arguments, not 0",
                     "(define (more a b . c) a)\n")
        self.at_call("(key #:zz 1)", "unrecognized keyword: #:zz", "(define* (key #:key a) a)\n")

    def test_raised_objects(self):
        setting = ("(use-modules (ice-9 exceptions))\n"
                   "(define-exception-type &mine &error make-mine mine? (a mine-a))\n")
        for call, said in (
                ('(error "bad thing:" \'x 1 "s")', 'bad thing: x 1 "s"'),
                ("(error 'who \"said\" 1)", 'who "said" 1'),
                ("(raise 42)", "raised, and not a condition: 42"),
                ("(raise 'sym)", "raised, and not a condition: sym"),
                ("(throw 'key 1 2)", "thrown to key, which nobody catches: 1 2"),
                ("(throw 'key)", "thrown to key, which nobody catches"),
                ("(raise (make-mine 1))", "a condition without a message: &mine"),
                ('(open-input-file "/none")', 'open-file: No such file or directory: "/none"')):
            self.at_call(call, said, setting)

    def test_unbound_variables_and_the_nearest_name(self):
        for name, said in (("vect-ref", "; did you mean 'vector-ref'?"),
                           ("helpr", "; did you mean 'helper'?"), ("unheard-of-thing", "")):
            self.fails(f"(define (helper) 1)\n(list ({name} 1 2))\n",
                       f"app.scm:2:8: error: unbound variable: {name}{said}\n"
                       f"  2 | (list ({name} 1 2))\n    |        ^\n"
                       "  at the top level, app.scm:2:8\n")

    def test_an_error_in_a_tail_position_has_its_place(self):
        self.fails('(define (f) (error "boom"))\n(f)\n',
                   'app.scm:1:13: error: boom\n  1 | (define (f) (error "boom"))\n'
                   "    |             ^\n  in (f) at app.scm:1:13\n"
                   "  at the top level, app.scm:2:1\n")

    def test_a_recursion_without_end(self):
        done = self.run_text("(define (deep n) (+ 1 (deep (+ n 1))))\n(list (deep 0))\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: the recursion is too deep", done.stderr)
        self.assertRegex(done.stderr, r"  in \(deep \d+\) at app.scm:1:23\n")
        self.assertIn(" more ...", done.stderr)
        self.assertLess(len(done.stderr.splitlines()), 30)

    def test_an_object_that_is_too_large(self):
        done = self.run_text("(list (make-vector 1000000000000 0))")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: out of memory: the object is too large", done.stderr)

    def test_an_object_that_is_too_large_in_a_task(self):
        self.prints("out-of-memory\n", self.run_text("""
          (define (vast) (make-vector 1000000000000 0))
          (display (try (await (async vast)) (catch e (condition-kind e))))
          (newline)"""))

    def test_an_error_inside_a_callback_of_c(self):
        self.fails("(define (less a b) (car a))\n(list ((@ (guile) sort) (list 2 1) less))\n",
                   "app.scm:1:20: error: car: the argument has to be a pair, not 1\n"
                   "  1 | (define (less a b) (car a))\n    |                    ^\n"
                   "  in (less _ _) at app.scm:1:20\n  at the top level, app.scm:2:7\n")

    def test_an_error_in_another_file(self):
        self.write("(define-module (lib one) #:export (one))\n(define (one x)\n  (+ 1 (car x)))\n",
                   "lib/one.scm")
        self.fails("(use-modules (lib one))\n(list (one 5))\n",
                   "lib/one.scm:3:8: error: car: the argument has to be a pair, not 5\n"
                   "  3 |   (+ 1 (car x)))\n    |        ^\n  in (one 5) at lib/one.scm:3:8\n"
                   "  at the top level, app.scm:2:7\n")

    def test_tabulators_and_long_lines(self):
        self.assertIn("\n  1 |         (car 5)\n    |         ^\n",
                      self.run_text("\t(car 5)\n1").stderr)
        done = self.run_text("(list " + "1 " * 200 + "(car 5) " + "2 " * 200 + ")")
        excerpt, caret = done.stderr.splitlines()[1:3]
        self.assertLess(len(excerpt), 120)
        self.assertEqual(excerpt[caret.index("^"):][:7], "(car 5)")

    def test_huge_and_circular_values_are_shown_in_part(self):
        done = self.run_text("(define l (iota 1000000))\n(list (+ 1 l))\n")
        self.assertIn("argument 2 has the wrong type: (0 1 2", done.stderr)
        self.assertLess(len(done.stderr), 400)
        done = self.run_text("(define c (list 1))\n(set-cdr! c c)\n(define (f x) (+ 1 x))\n"
                             "(list (f c))\n")
        self.assertIn("  in (f ", done.stderr)
        self.assertLess(len(done.stderr), 400)

    def test_output_comes_before_the_error(self):
        done = subprocess.run([WEFT, "run", self.write('(display "out ")(list (car 5))')],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.dir,
                              text=True, timeout=LIMIT, check=False, env=self.environment())
        self.assertTrue(done.stdout.startswith("out app.scm:1:"), done.stdout)


class Tasks(Programs):
    def test_an_error_that_is_awaited_is_the_awaiter_s(self):
        self.fails("(define f (future (list (car 5))))\n(list (await f))\n",
                   "app.scm:1:25: error: car: the argument has to be a pair, not 5\n"
                   "  1 | (define f (future (list (car 5))))\n    |                         ^\n"
                   "  in (<lambda>) at app.scm:1:25\n  awaited:\n"
                   "  at the top level, app.scm:2:7\n")

    def test_an_error_that_passes_several_tasks(self):
        done = self.run_text("""
          (define a (thread (lambda () (list (car 5))) "inner"))
          (define b (thread (lambda () (list (await a))) "outer"))
          (list (await b))""")
        self.assertEqual([line.strip() for line in done.stderr.splitlines()[3:]],
                         ["in (<lambda>) at app.scm:2:46", "awaited by outer:",
                          "in (<lambda>) at app.scm:3:46", "awaited:",
                          "at the top level, app.scm:4:17"])

    def test_an_error_that_nobody_awaits_is_told_and_the_program_goes_on(self):
        done = self.run_text('(thread (lambda () (list (car 5))) "worker")\n'
                             '(future (list (car 6)))\n(sleep 0.2)\n(display "on")\n')
        self.assertEqual((done.returncode, done.stdout), (0, "on"))
        self.assertIn("app.scm:1:26: error in worker, which nobody awaits: car: ", done.stderr)
        self.assertIn("app.scm:2:15: error in a task that nobody awaits: car: ", done.stderr)

    def test_an_error_that_is_awaited_late_is_not_told_twice(self):
        self.prints("caught", self.run_text("""
          (define f (future (car 5)))
          (sleep 0.1)
          (catch #t (lambda () (await f)) (lambda _ (display "caught")))"""))

    def test_exit_in_a_task_is_not_the_program_s(self):
        done = self.run_text('(thread (lambda () (exit 9)))\n(sleep 0.1)\n(display "on")')
        self.assertEqual((done.returncode, done.stdout), (0, "on"))


class Interruptions(Programs):
    def interrupt(self, text, *signals, pause=0.5):
        """Sends the signals once the program has printed; returns the process, ended."""
        with subprocess.Popen([WEFT, "run", self.write(text)], cwd=self.dir, text=True,
                              env=self.environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            self.assertEqual(child.stdout.read(6), "ready\n")
            for one in signals:
                child.send_signal(one)
                time.sleep(pause)  # a second one at once counts as the same
            out, err = child.communicate(timeout=LIMIT)
        return child.returncode, out, err

    READY = '(display "ready\\n") (force-output)\n'
    # Said by another task, when the main body has got to what stands in the next line.
    SOON = '(thread (lambda () (sleep 0.3) (display "ready\\n") (force-output)))\n'

    def test_a_busy_loop(self):
        code, _, err = self.interrupt(
            self.SOON + "(define (spin n) (if (< n 0) n (spin (+ n 1))))\n(list (spin 0))\n",
            signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertRegex(err, r"\Aapp.scm:2:\d+: interrupted\n  2 \| \(define \(spin n\)")
        self.assertIn("  at the top level, app.scm:3:7\n", err)

    def test_a_busy_loop_inside_a_callback_of_c(self):
        code, _, err = self.interrupt(
            self.SOON + "(define (less a b) (let loop () (loop)))\n"
            "(list ((@ (guile) sort) (list 2 1) less))\n", signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertRegex(err, r"\Aapp.scm:2:\d+: interrupted\n")

    def test_a_wait(self):
        for one in (signal.SIGINT, signal.SIGTERM):
            code, _, err = self.interrupt(self.SOON + "(list (sleep 1000))\n", one)
            self.assertEqual(code, 130)
            self.assertRegex(err, r"\Aapp.scm:2:7: interrupted\n  2 \| \(list \(sleep 1000\)\)\n")

    def test_threads_that_go_on_after_the_main_body(self):
        code, _, err = self.interrupt(
            "(thread (lambda () (sleep 0.5) " + self.READY + "(let loop () (loop))))\n",
            signal.SIGINT)
        self.assertEqual((code, err), (130, "weft: interrupted\n"))

    def test_a_program_that_will_not_end_is_ended_by_the_second(self):
        code, _, err = self.interrupt(
            self.READY + "(call-with-blocked-asyncs (lambda () (let loop () (loop))))\n",
            signal.SIGINT, signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertIn("interrupted a second time", err)

    def test_a_dump(self):
        code, _, err = self.interrupt(self.SOON + "(list (sleep 1000))\n",
                                      signal.SIGQUIT, signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertIn("sleep", err)


class Cache(Programs):
    def entries(self):
        return sorted(glob.glob(os.path.join(self.cache, "weft", "*")))

    def test_a_program_is_compiled_once(self):
        loads = ("(display (and (resolve-module '(language cps) #f #:ensure #f) #t))")
        self.prints("#t", self.run_text(loads))
        (entry,) = self.entries()
        self.assertRegex(entry, r"/[0-9a-f]{32}\.go$")
        before = os.stat(entry).st_mtime_ns
        self.prints("#f", self.run_text(loads))
        self.assertEqual([os.stat(e).st_mtime_ns for e in self.entries()], [before])

    def test_another_text_or_name_is_another_entry(self):
        self.run_text("(display 1)")
        self.prints("2", self.run_text("(display 2)"))
        self.prints("2", self.weft("run", self.write("(display 2)", "other.scm")))
        self.assertEqual(len(self.entries()), 3)

    def test_a_damaged_entry_is_made_again(self):
        self.run_text("(display 1)")
        (entry,) = self.entries()
        with open(entry, "rb") as kept:
            whole = kept.read()
        middle = len(whole) // 2
        for damaged in (b"", b"rubbish", whole[:100], whole[:-1], whole[:middle] + b"?" +
                        whole[middle + 1:], b"\0" * len(whole)):
            with open(entry, "wb") as out:
                out.write(damaged)
            self.prints("1", self.run_text("(display 1)"))
            with open(entry, "rb") as kept:
                self.assertEqual(len(kept.read()), len(whole))

    def test_a_cache_that_cannot_be_written_is_none(self):
        for changes in ({"XDG_CACHE_HOME": "/proc/none"}, {"XDG_CACHE_HOME": "", "HOME": ""},
                        {"XDG_CACHE_HOME": "", "HOME": "/proc/none"}):
            self.prints("1", self.run_text("(display 1)", **changes))

    def test_without_xdg_it_lies_below_home(self):
        self.prints("1", self.run_text("(display 1)", XDG_CACHE_HOME="", HOME=self.dir))
        kept = glob.glob(os.path.join(self.dir, ".cache", "weft", "*.go"))
        self.assertEqual(len(kept), 1)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(kept[0])).st_mode), 0o700)

    def test_a_changed_module_counts(self):
        for value in (1, 2):
            self.write("(define-module (lib one) #:export (one))\n"
                       f"(define-syntax-rule (one) '({value} {'x' * value}))\n", "lib/one.scm")
            done = self.run_text("(use-modules (lib one))\n(display (one))")
            self.prints(f"({value} {'x' * value})", done)

    def test_a_changed_included_file_counts(self):
        for value in (1, 2):
            self.write(f"(display {value})", "part.scm")
            self.prints(str(value), self.run_text('(include "part.scm")'))
        self.assertEqual(self.entries(), [])


class Tests(Programs):
    def test_a_good_and_a_bad_file(self):
        self.write('(test "adds" (check-equal 4 (+ 2 2)))\n', "good.scm")
        self.write('(test "fails" (check (= 1 2)))\n', "bad.scm")
        done = self.weft("test", "good.scm")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\Aok +adds\n1 tests, 1 checks, .*: all good\n\Z")
        done = self.weft("test", "good.scm", "bad.scm")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"bad.scm:1:15: a check failed\n")
        self.assertRegex(done.stdout, r"2 tests, 2 checks, .*: 1 FAILED\n\Z")

    def test_a_file_that_ends_with_an_error(self):
        self.write('(test "ok" (check #t))\n(list (car 5))\n(test "never" (check #t))\n',
                   "broken.scm")
        self.write('(test "more" (check #t))\n', "good.scm")
        done = self.weft("test", "broken.scm", "none.scm", "good.scm")
        self.assertEqual(done.returncode, 1)
        self.assertIn("broken.scm:2:7: error: car: ", done.stderr)
        self.assertIn("none.scm: error: there is no such file\n", done.stderr)
        self.assertRegex(done.stdout, r"ok +more\n")
        self.assertTrue(re.search(r"2 of 3 files ended with an error\n\Z", done.stdout))


if __name__ == "__main__":
    WEFT = os.path.abspath(sys.argv[1])
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
