# SPDX-License-Identifier: Apache-2.0
"""The files that tidy looks at, the findings it makes, and the allowances written beside code."""

import os
import re
import subprocess
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import cpp

FIXTURES = "tidy/fixture/"
CPP = {".hpp", ".cpp", ".h", ".c", ".cc", ".ipp"}
TEXT = CPP | {".md", ".txt", ".cmake", ".py", ".sh", ".scm", ".in", ".yml", ".yaml", ".toml"}
TEXT |= {".js", ".mjs", ".ts", ".css", ".html", ".json", ".supp"}
SKIPPED_FILES = {"LICENSE", "package-lock.json"}
SKIPPED_FOLDERS = {".git", "node_modules", "__pycache__", "build", ".cache"}

_ALLOW = re.compile(r"(?://|#|;|<!--)\s*tidy: allow(?P<file>-file)? (?P<rule>[a-z-]+)(?P<why>.*)")
_MARK = re.compile(r"[ \t]*(?://|#|;+|<!--)\s*expect: (?P<rules>[\w/, -]+?)\s*(?:-->)?$", re.M)


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    check: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass
class Allowance:
    line: int
    rule: str
    why: str
    whole_file: bool
    used: bool = False


class Source:
    """One file: its text, and for C++ its masked text, comments and tokens."""

    def __init__(self, root, path, marked=False):
        self.path = path
        self.pure = PurePosixPath(path)
        self.is_cpp = self.pure.suffix in CPP
        self.text = (Path(root) / path).read_text(encoding="utf-8", errors="replace")
        self.expected = []
        if marked:  # a fixture: its marks are cut off before any rule looks
            for m in _MARK.finditer(self.text):
                line = self.text.count("\n", 0, m.start()) + 1
                for rule in m["rules"].split(","):
                    self.expected.append((line, rule.strip()))
            self.text = _MARK.sub("", self.text)

    @cached_property
    def lines(self):
        return self.text.split("\n")

    @cached_property
    def _masked(self):
        return cpp.mask(self.text)

    @property
    def code(self):
        return self._masked[0]

    @cached_property
    def starts(self):
        return [m.end() for m in re.finditer("\n", self.text)]

    def line_of(self, offset):
        return bisect_right(self.starts, offset) + 1

    @cached_property
    def comments(self):
        """First line of each comment, with its column and text."""
        out = []
        for offset, text in self._masked[1]:
            line = self.line_of(offset)
            begin = self.starts[line - 2] if line > 1 else 0
            out.append((line, offset - begin, text))
        return out

    @cached_property
    def tokens(self):
        return cpp.Tokens(self.code)

    @cached_property
    def awaits(self):
        """True if a coroutine of this file may suspend (an `operator co_await` does not)."""
        return "co_" in self.code and bool(
            re.search(r"(?<!operator )\bco_(?:await|yield)\b", self.code)
        )

    @cached_property
    def layer(self):
        """The layer whose floor the file stands on; "" where the table says nothing of it."""
        p = self.pure.parts
        if p[:2] == ("include", "weft"):
            return p[2] if len(p) > 3 else ""
        if p[0] == "src":
            return p[1] if len(p) > 2 else ""
        if p[0] in ("cli", "check"):
            return p[0]
        return ""

    @cached_property
    def allowances(self):
        out = []
        if "tidy: allow" in self.text:
            for n, line in enumerate(self.lines, 1):
                m = _ALLOW.search(line)
                if not m:
                    continue
                alone = not line[: m.start()].strip() and not m["file"]
                why = m["why"].replace("-->", "").strip(": \t")
                out.append(Allowance(n + alone, m["rule"], why, bool(m["file"])))
        return out


class Tree:
    """A repository, or a fixture that looks like one."""

    def __init__(self, root, fixture=False):
        self.root = Path(root)
        self.fixture = fixture
        self.sources = [Source(root, p, fixture) for p in self._paths() if self._is_text(p)]
        self.by_path = {s.path: s for s in self.sources}
        self.notes = []

    @staticmethod
    def _is_text(path):
        p = PurePosixPath(path)
        return p.name not in SKIPPED_FILES and (p.suffix in TEXT or not p.suffix)

    def _paths(self):
        paths = None if self.fixture else self._from_git()
        if paths is None:
            paths = self._from_disk()
        keep = (p for p in paths if not p.startswith(FIXTURES) and (self.root / p).is_file())
        return sorted(keep)

    def _from_git(self):
        if not (self.root / ".git").exists():
            return None
        command = ["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"]
        try:
            done = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
        except OSError:
            return None
        return set(done.stdout.split("\0")) - {""} if done.returncode == 0 else None

    def _from_disk(self):
        for folder, inner, names in os.walk(self.root):
            inner[:] = [d for d in inner if d not in SKIPPED_FOLDERS]
            for name in names:
                yield (Path(folder) / name).relative_to(self.root).as_posix()

    def cpp(self, *folders):
        """The C++ files, of the given top folders only if any are given."""
        for s in self.sources:
            if s.is_cpp and (not folders or s.pure.parts[0] in folders):
                yield s

    def allowed(self, finding):
        source = self.by_path.get(finding.path)
        for a in source.allowances if source else ():
            if a.rule == finding.rule and (a.whole_file or a.line == finding.line):
                a.used = True
                return bool(a.why)
        return False
