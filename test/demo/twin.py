#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""twin.py PROGRAMS WEFT SCRIPT: wordcount.scm counts what wordcount and serial count, though one of
its actors crashes."""

import glob
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAMS, WEFT, SCRIPT = (Path(word).resolve() for word in sys.argv[1:4])
del sys.argv[1:4]
LICENCES = sorted(glob.glob("/usr/share/common-licenses/*"))
SEED = int(os.environ.get("WEFT_SEED", random.randrange(1 << 32)))
MB = 1 << 20


def scheme(*args):
    return subprocess.run([WEFT, "run", SCRIPT, *map(str, args)], capture_output=True, timeout=120,
                          stdin=subprocess.DEVNULL, check=False)


def output(program: str, *args) -> bytes:
    return subprocess.run([PROGRAMS / program, *args], capture_output=True, timeout=120,
                          check=True).stdout


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def counted(self, expected: bytes, *args) -> dict:
        """What it tells of itself, after its table was as expected."""
        done = scheme("--all", "--report", "json", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout == expected, f"{args} WEFT_SEED={SEED}")
        lines = done.stderr.decode().splitlines()
        told = json.loads(next(line for line in lines if line.startswith("{")))
        crashes = [line for line in lines if "the attempt failed at chunk" in line and
                   ": error in counter-" in line]
        self.assertEqual(len(crashes), told["retries"], lines)
        return told

    def refused(self, code: int, message: str, *args):
        done = scheme(*args)
        self.assertEqual((done.returncode, done.stdout), (code, b""), done.stderr)
        self.assertIn(f"wordcount: {message}\n", done.stderr.decode())


class Counts(Case):
    def test_licences_whatever_crashes(self):
        expected = output("serial", *LICENCES)
        self.assertTrue(expected == output("wordcount", "--all", "--report", "none", *LICENCES))
        for fail, crashes in (("none", 0), ("before", 1), ("inside", 1), ("after", 1)):
            told = self.counted(expected, "--fail", fail, *LICENCES)
            self.assertEqual(told["retries"], crashes, fail)
            self.assertEqual(told["chunks"], len(LICENCES))

    def test_a_text_of_many_chunks(self):
        text = str(self.folder / "text")
        subprocess.run([PROGRAMS / "generate", str(9_000_000), str(SEED), text], check=True)
        expected = output("serial", text)
        for fail, crashes in (("none", 0), ("before", 1), ("inside", 1), ("after", 1)):
            told = self.counted(expected, "--fail", fail, text)
            self.assertEqual(told["retries"], crashes, fail)
            self.assertEqual(told["bytes"], os.path.getsize(text))
            self.assertGreaterEqual(told["chunks"], 9)

    def test_words_and_sequences_at_the_cuts(self):
        rng = random.Random(SEED)
        parts = ["a", "Z", "word", "x" * 7, "w" * 16, "v" * 17, " ", "\n", "1", "é",
                 "文", "🧵", "\0", "@", "[", "`", "{"]
        dense = self.file("dense", "".join(rng.choices(parts, k=700_000)).encode())
        self.counted(output("serial", dense), dense)
        for n in range(MB - 70, MB + 3, 9):
            path = self.file("ending", b"ab " * (n // 3) + b"a" * 66 + b" b")
            self.counted(output("serial", path), path)

    def test_a_word_larger_than_a_chunk(self):
        path = self.file("long", b"first " + b"aB" * (3 * MB) + "é last".encode())
        self.counted(output("serial", path), path)

    def test_the_same_lines_for_people(self):
        done = scheme("--top", 5, "--report", "none", *LICENCES)
        self.assertEqual(done.stdout, output("wordcount", "--top", "5", "--report", "none",
                                             *LICENCES))

    def test_nothing(self):
        told = self.counted(b"", self.file("empty", b""))
        self.assertEqual((told["words"], told["chunks"], told["retries"]), (0, 0, 0))


class Refused(Case):
    def test_what_is_not_utf8(self):
        fine = self.file("fine", b"fine " * MB)
        bad = self.file("bad", b"some words " * (MB // 4) + b"caf\xe9 x" + b" more" * MB + b"\xff")
        at = 11 * (MB // 4) + 3
        self.refused(1, f"{bad} is not UTF-8: bad byte at offset {at}; "
                        "convert it first, as iconv -t UTF-8 does", fine, bad)

    def test_files(self):
        missing = str(self.folder / "missing")
        self.refused(1, f"cannot read {missing}: No such file or directory; check the name",
                     missing)
        self.refused(1, f"cannot read {self.folder}: it is a directory; name the files in it, "
                        f"such as {self.folder}/*", self.folder)
        self.refused(1, "cannot read /dev/null: it is no regular file, and is to be read in "
                        "pieces; copy it into one first", "/dev/null")

    def test_usage(self):
        self.refused(2, "FILES is required; --help lists the options")
        self.refused(2, "unknown option --frob; --help lists the options", "--frob", "x")
        self.refused(2, "--fail: give one of after|before|inside|none; --help lists the options",
                     "--fail", "often", "x")
        self.refused(2, "--top: give a number from 0 on; --help lists the options", "--top", "-1")
        self.refused(2, "--top: give its value; --help lists the options", "--top")
        self.assertEqual(scheme("--help").returncode, 0)


if __name__ == "__main__":
    print(f"WEFT_SEED={SEED}", file=sys.stderr)
    unittest.main()
