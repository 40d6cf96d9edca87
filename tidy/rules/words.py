# SPDX-License-Identifier: Apache-2.0
# tidy: allow-file words: the table below names what it bans
"""Banned words: in code, in comments, in names of files and types."""

import re

from rules.shape import is_code
from tree import Finding

name = "words"

# Where to look: "code" (without comments and literals), "comment" or "text" (all of a file).
# Then which files, what is banned, and what to do instead.
WORDS = {
    "volatile": (
        "code",
        lambda s: s.layer != "base" and s.is_cpp,
        r"(?<!asm )\bvolatile\b",
        "use an atomic; what the compiler must not touch belongs to base",
    ),
    "detach": (
        "code",
        lambda s: s.is_cpp,
        r"(?:\.|->)\s*detach\s*\(",
        "give the work an owner that joins it",
    ),
    "sleep": (
        "code",
        lambda s: s.is_cpp and s.pure.parts[0] == "test",
        r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b|\bsleep\s*\(",
        "order events with a latch, a gate or the injectable clock",
    ),
    "disabled": (
        "code",
        lambda s: s.is_cpp,
        r"\bDISABLED_\w+",
        "make the test pass or delete it",
    ),
    "skip": (
        "code",
        lambda s: s.is_cpp,
        r"\bGTEST_SKIP\s*\(\s*\)\s*;",
        "say why: GTEST_SKIP() << reason",
    ),
    "marker": (
        "text",
        lambda s: is_code(s) or s.pure.suffix in ("", ".in", ".yml", ".html", ".css"),
        r"\b(?:TODO|FIXME|XXX|HACK)\b",
        "do it now, or write it where open work is kept",
    ),
    "marker-in-page": (
        "text",
        lambda s: s.pure.suffix == ".md",
        r"\b(?:TODO|FIXME|XXX)(?::|\()",
        "a page says what is, not what is missing",
    ),
    "brief": (
        "comment",
        lambda s: s.is_cpp,
        r"[@\\]brief\b",
        "the first sentence is the summary without it",
    ),
    "banner": (
        "comment",
        lambda s: s.is_cpp,
        r"^(?://+|/\*+)[ \t]*[-=*#~/_+]{6,}",
        "no banners: a file holds one concept and needs no dividers",
    ),
    "history": (
        "comment",
        lambda s: s.is_cpp,
        r"(?<![\w/-])[Ii]ssue #?\d{1,2}\b",
        "a comment gives the reason itself",
    ),
    "place": (
        "text",
        lambda s: True,
        r"(?<![\w./$}>-])/(?:(?:work|root|home/\w+|Users/\w+)/|tmp/research\b)",
        "a path of one machine: make it relative or an option",
    ),
}
_TYPE = re.compile(r"\b(?:class|struct|union|concept|using|namespace|enum(?:\s+class)?)\s+(\w+)")
_PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_EMPTY = {"manager", "helper", "util", "impl", "managers", "helpers", "utils", "utility"}
checks = (*WORDS, "type-name", "file-name")


def _empty_word(text):
    return next((p for p in _PARTS.findall(text) if p.lower() in _EMPTY), None)


def run(tree):
    compiled = [(check, *row[:2], re.compile(row[2], re.M), row[3]) for check, row in WORDS.items()]
    for source in tree.sources:
        for check, where, applies, pattern, cure in compiled:
            if applies(source):
                for line, word in _matches(source, where, pattern):
                    yield Finding(source.path, line, name, check, f'"{word}": {cure}')
        yield from _names(source)


def _matches(source, where, pattern):
    if where == "comment":
        for line, _, text in source.comments:
            for m in pattern.finditer(text):
                yield line + text.count("\n", 0, m.start()), m.group().strip()
        return
    text = source.code if where == "code" else source.text
    for m in pattern.finditer(text):
        yield source.line_of(m.start()), m.group().strip()


def _names(source):
    cure = "says nothing: name it for what it does"
    word = _empty_word(source.pure.name.split(".")[0])
    if word:
        text = f'"{word}" in the file\'s name {cure}'
        yield Finding(source.path, 1, name, "file-name", text)
    if source.is_cpp:
        for m in _TYPE.finditer(source.code):
            word = _empty_word(m[1])
            if word:
                text = f'"{word}" in the name {m[1]} {cure}'
                yield Finding(source.path, source.line_of(m.start(1)), name, "type-name", text)
