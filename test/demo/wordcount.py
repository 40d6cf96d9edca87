#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wordcount.py PROGRAMS [TEST...]: the demo counts right, fails rightly, and stops when told."""

import glob
import json
import os
import pty
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter
from pathlib import Path
from re import findall

PROGRAMS = Path(sys.argv.pop(1)).resolve()
WORDCOUNT = str(PROGRAMS / "wordcount")
LICENCES = sorted(glob.glob("/usr/share/common-licenses/*"))
SEED = int(os.environ.get("WEFT_SEED", random.randrange(1 << 32)))
MB = 1 << 20


def run(*args, **options):
    options = {"capture_output": True, "timeout": 120, "stdin": subprocess.DEVNULL} | options
    return subprocess.run([WORDCOUNT, *map(str, args)], check=False, **options)


def table(text: bytes) -> bytes:
    """What --all prints for a text, by other means."""
    words = Counter(w.lower() for w in findall(rb"[A-Za-z]+", text))
    rows = sorted(words.items(), key=lambda w: (-w[1], w[0]))
    return b"".join(b"%d %s\n" % (n, w) for w, n in rows)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def counts(self, *args) -> bytes:
        done = run("--all", "--report", "none", *args)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout

    def refused(self, code: int, message: str, *args, **options):
        done = run(*args, **options)
        self.assertEqual(done.stderr.decode(), f"wordcount: {message}\n")
        self.assertEqual(done.returncode, code)
        self.assertFalse(done.stdout)


class Counts(Case):
    def test_licences_as_tr_sort_and_uniq_count_them(self):
        pipe = "cat -- \"$@\" | tr -cs A-Za-z '\\n' | tr A-Z a-z | sed '/^$/d' | sort | uniq -c"
        pipe += " | sed 's/^ *//' | sort -k1,1nr -k2"
        expected = subprocess.run(["sh", "-c", pipe, "sh", *LICENCES], capture_output=True,
                                  check=True, env=os.environ | {"LC_ALL": "C"}).stdout
        self.assertGreater(len(expected.splitlines()), 1000)
        for fail in ("none", "before", "inside", "after"):
            self.assertEqual(self.counts("--fail", fail, *LICENCES), expected, fail)

    def test_a_large_text_as_its_generator_counts_it(self):
        text = str(self.folder / "text")
        subprocess.run([PROGRAMS / "generate", str(20_000_000), "7", text], check=True)
        expected = Path(text + ".counts").read_bytes()
        sizes = set()
        for fail, retries in (("none", 0), ("before", 1), ("inside", 1), ("after", 1)):
            done = run("--all", "--report", "json", "--fail", fail, text)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout == expected, fail)
            told = json.loads(done.stderr)
            self.assertEqual(told["retries"], retries, fail)
            self.assertEqual(told["workers"], int(os.environ.get("WEFT_WORKERS", 0)) or
                             told["workers"])
            sizes.add((told["bytes"], told["chunks"], told["words"], told["distinct"]))
        self.assertEqual(len(sizes), 1)
        self.assertEqual(sizes.pop()[0], os.path.getsize(text))
        serial = subprocess.run([PROGRAMS / "serial", text], capture_output=True, check=True)
        self.assertTrue(serial.stdout == expected)

    def test_words_and_sequences_at_the_cuts(self):
        """Random text, dense with long words, long sequences and letters at both ends."""
        rng = random.Random(SEED)
        parts = ["a", "Z", "word", "x" * 7, "y" * 8, "z" * 15, "w" * 16, "v" * 17, " ", "\n", "1",
                 "é", "文", "🧵", "\0", "@", "[", "`", "{", "\x7f", "\ufeff"]
        text = "".join(rng.choices(parts, k=700_000)).encode()
        whole = self.file("whole", text)
        self.assertTrue(self.counts(whole) == table(text), f"WEFT_SEED={SEED}")

    def test_a_word_larger_than_a_chunk(self):
        text = b"first " + b"aB" * (3 * MB) + "é last".encode()
        self.assertTrue(self.counts(self.file("long", text)) == table(text))

    def test_many_files_and_one_twice(self):
        files = [self.file(f"f{i}", b"one Two" * (i % 7)) for i in range(300)]
        text = b"".join(Path(f).read_bytes() + b" " for f in files + files[:5])
        self.assertEqual(self.counts(*files, *files[:5]), table(text))

    def test_a_pipe(self):
        with subprocess.Popen(["sh", "-c", "echo a b; sleep 0.3; echo b"],
                              stdout=subprocess.PIPE) as source:
            done = run("--all", "--report", "none", "/dev/stdin", stdin=source.stdout)
        self.assertEqual((done.returncode, done.stdout), (0, b"2 b\n1 a\n"))

    def test_top(self):
        path = self.file("f", b"c b b a " * 5)
        done = run("--top", 2, path)
        self.assertEqual(done.stdout, b"10 b\n 5 a\n")
        self.assertIn(b"20 words, 3 different", done.stderr)
        self.assertEqual(run("--top", 0, "--report", "none", path).stdout, b"")

    def test_nothing(self):
        done = run(self.file("empty", b""), "--report", "json")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertEqual(json.loads(done.stderr)["words"], 0)


class NotUtf8(Case):
    def check(self, name: str, text: bytes):
        with self.assertRaises(UnicodeDecodeError) as e:
            text.decode()
        path = self.file(name, text)
        self.refused(1, f"{path} is not UTF-8: bad byte at offset {e.exception.start}; "
                        "convert it first, as iconv -t UTF-8 does", path)

    def test_each_kind(self):
        kinds = {"stray": b"\x80", "latin1": b"caf\xe9 x", "overlong2": b"\xc0\xaf",
                 "overlong3": b"\xe0\x9f\xbf", "overlong4": b"\xf0\x8f\xbf\xbf",
                 "surrogate": b"\xed\xa0\x80", "above": b"\xf4\x90\x80\x80", "f5": b"\xf5\x80\x80",
                 "ff": b"\xff", "cut2": b"\xc3", "cut3": b"\xe2\x82", "cut4": b"\xf0\x9f\xa7",
                 "broken3": b"\xe2\x82x", "broken4": b"\xf0\x9f\xa7 ",
                 "fifth": b"\xf0\x9f\xa7\xb5\xb5"}
        for name, bad in kinds.items():
            with self.subTest(name):
                self.check(name, b"good text " + bad)
                self.check(name, bad + b" good text")

    def test_at_the_cuts(self):
        good = "🧵".encode()
        for before in range(4 * 3 * MB // 4 - 8, 4 * 3 * MB // 4 + 8, 4):
            self.check("at", good * (before // 4) + b"\xf0\x9f" + good * 9)
        self.check("after", good * (MB // 4) + b"\xb5" + good)
        self.check("all", b"\x80" * (3 * MB))
        self.check("letters", b"a" * (MB + 1) + b"\xff")

    def test_the_first_of_many(self):
        rng = random.Random(SEED)
        text = bytearray(b"some words " * (8 * MB // 11))
        for _ in range(60):
            text[rng.randrange(len(text))] = 0xff
        fine = self.file("fine", b"fine " * MB)
        path = self.file("bad", text)
        later = self.file("later", b"\xff")
        self.refused(1, f"{path} is not UTF-8: bad byte at offset {text.index(0xff)}; "
                        "convert it first, as iconv -t UTF-8 does", fine, path, later)


class Refused(Case):
    def test_files(self):
        good = self.file("good", b"a " * MB)
        missing = str(self.folder / "missing")
        self.refused(1, f"cannot read {missing}: No such file or directory; check the name",
                     good, missing)
        self.refused(1, f"cannot read {self.folder}: it is a directory; name the files in it, "
                        f"such as {self.folder}/*", good, self.folder)
        if os.geteuid() != 0:
            os.chmod(good, 0)
            self.refused(1, f"cannot read {good}: Permission denied; ask its owner for the right "
                            "to read it", good)

    def test_usage(self):
        good = self.file("good", b"a")
        self.refused(2, "unknown option --frob; wordcount --help lists them", "--frob", good)
        self.refused(2, "FILES is required; wordcount --help lists the options")
        self.refused(2, "--fail: give one of after|before|inside|none; wordcount --help lists the "
                        "options", "--fail", "often", good)
        for wrong in (["--top", "x"], ["--top", "-1"], ["--workers", "0"],
                      ["--report", "x"], ["--top"]):
            done = run(good, *wrong)
            self.assertEqual((done.returncode, done.stdout), (2, b""), wrong)
            self.assertRegex(done.stderr, rb"^wordcount: .*--help lists the options\n$")
        self.assertEqual(run("--help").returncode, 0)

    def test_a_reader_that_has_gone(self):
        text = self.file("text", b" ".join(b"w" + b"x" * (i % 97) for i in range(MB)))
        for args in ([text], ["--all", text], ["--help"]):
            ours, theirs = os.pipe()
            os.close(ours)
            done = run(*args, capture_output=False, stdout=theirs, stderr=subprocess.PIPE)
            os.close(theirs)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr,
                             b"wordcount: cannot write to standard output: Broken pipe\n")

    def test_output_that_cannot_be_written(self):
        text = self.file("text", b"a")
        with open("/dev/full", "wb") as full:
            done = run(text, capture_output=False, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, b"wordcount: cannot write to standard output: "
                                      b"No space left on device\n")
        done = subprocess.run(["sh", "-c", f"'{WORDCOUNT}' {text} >&-"], capture_output=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr,
                         b"wordcount: cannot write to standard output: it is closed\n")


class Interrupted(Case):
    def test_in_the_middle(self):
        """A pipe that does not end keeps the program in the middle."""
        for sign in (signal.SIGINT, signal.SIGTERM):
            pipe = self.folder / f"pipe{sign}"
            os.mkfifo(pipe)
            with subprocess.Popen([WORDCOUNT, pipe], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, preexec_fn=default_sigint) as p:
                with open(pipe, "wb") as feed:
                    feed.write(b"some words " * MB)  # more than fits: it has read some of it
                    feed.flush()
                    began = time.monotonic()
                    p.send_signal(sign)
                    out, err = p.communicate(timeout=60)
                    self.assertLess(time.monotonic() - began, 4)
            self.assertEqual((p.returncode, out, err), (130, b"", b"weft: interrupted\n"))

    def test_at_any_moment(self):
        """Either the whole table and 0 or 130, or nothing and 130."""
        rng = random.Random(SEED)
        text = str(self.folder / "text")
        subprocess.run([PROGRAMS / "generate", str(5_000_000), "3", text], check=True)
        whole = Path(text + ".counts").read_bytes()
        for _ in range(20):
            with subprocess.Popen([WORDCOUNT, "--all", "--report", "none", text],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  preexec_fn=default_sigint) as p:
                time.sleep(rng.uniform(0.003, 0.06))  # the moment of the signal is what varies
                p.send_signal(signal.SIGINT)
                out, err = p.communicate(timeout=60)
            seen = (p.returncode, len(out), err, f"WEFT_SEED={SEED}")
            if p.returncode == -signal.SIGINT:  # before main
                self.assertEqual(out, b"", seen)
            elif p.returncode == 0:
                self.assertTrue(out == whole, seen)
            else:
                self.assertEqual((p.returncode, err), (130, b"weft: interrupted\n"), seen)
                self.assertTrue(out in (b"", whole), seen)


def default_sigint():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Progress(Case):
    def run_on_terminal(self, write):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        ours, theirs = pty.openpty()
        with subprocess.Popen([WORDCOUNT, "--report", "none", pipe], stdout=subprocess.PIPE,
                              stderr=theirs, preexec_fn=default_sigint) as p:
            os.close(theirs)
            with open(pipe, "wb") as feed:
                write(p, feed)
            out = p.stdout.read()
            p.wait(60)
        shown = b""
        try:
            while block := os.read(ours, 65536):
                shown += block
        except OSError:  # the terminal's other side is closed and drained
            pass
        os.close(ours)
        return p.returncode, out, shown

    def test_drawn_and_taken_away(self):
        def slowly(_, feed):
            for _ in range(4):
                feed.write(b"word " * MB)
                feed.flush()
                time.sleep(0.3)

        code, out, shown = self.run_on_terminal(slowly)
        self.assertEqual((code, out), (0, b"%d word\n" % (4 * MB)))
        self.assertIn(b" MB", shown)
        self.assertTrue(shown.endswith(b"\r\033[K"), shown)

    def test_not_for_quick_ones(self):
        # On a busy machine even this one may be slow: then it is tried again.
        for _ in range(10):
            code, _, shown = self.run_on_terminal(lambda _, feed: feed.write(b"word"))
            self.assertEqual(code, 0)
            if not shown:
                return
        self.assertEqual(shown, b"")

    def test_taken_away_on_interrupt(self):
        def stop(p, feed):
            feed.write(b"word " * MB)
            feed.flush()
            time.sleep(1)
            p.send_signal(signal.SIGINT)
            p.wait(60)

        code, out, shown = self.run_on_terminal(stop)
        self.assertEqual((code, out), (130, b""))
        self.assertTrue(shown.replace(b"\r\n", b"\n").endswith(b"\r\033[Kweft: interrupted\n"),
                        shown)


if __name__ == "__main__":
    print(f"WEFT_SEED={SEED}", file=sys.stderr)
    unittest.main()
