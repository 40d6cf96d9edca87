# SPDX-License-Identifier: Apache-2.0
"""The grammar of memory-order tags, and the comments that carry them."""

import re
from dataclasses import dataclass

REASONS = ("owner", "hint", "count", "cas", "init", "ordered")

_EDGE = r"(?P<edge>[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)"
_REST = r"(?:\s*[:;,(].*)?$"
_PATTERNS = {
    "pub": re.compile(rf"pub {_EDGE} -> (?P<extra>\S[^;:]*){_REST}"),
    "sub": re.compile(rf"sub {_EDGE}{_REST}"),
    "dek": re.compile(rf"dek {_EDGE}(?: (?P<extra>light|heavy))?{_REST}"),
    "rlx": re.compile(rf"rlx (?P<extra>{'|'.join(REASONS)}){_REST}"),
}
_BEGINS = re.compile(r"(?:pub|sub|dek|rlx)\s")
_NEXT = re.compile(r"[,;]\s+(?=(?:pub|sub|dek|rlx)\s)")

FORMS = {
    "pub": "pub EDGE -> who",
    "sub": "sub EDGE",
    "dek": "dek EDGE",
    "rlx": f"rlx {'|'.join(REASONS)}",
}


@dataclass
class Tag:
    line: int
    kind: str
    edge: str
    extra: str
    trailing: bool  # code stands before it on the line
    used: bool = False


def parse(text):
    """Tags of a comment's text as (kind, edge, extra), and the first part that is no tag."""
    text = text.split(" // ")[0].strip()
    if not _BEGINS.match(text):
        return [], None
    out = []
    for part in _NEXT.split(text):
        m = _PATTERNS[part[:3]].match(part) if part[:3] in _PATTERNS else None
        if not m:
            return out, part
        found = m.groupdict()
        out.append((part[:3], found.get("edge") or "", (found.get("extra") or "").strip()))
    return out, None


def collect(source):
    """Tags by line, and (line, text) of each malformed one. A comment that clang-format wrapped
    goes on in the lines below, at the same column, with no code before it."""
    tags, malformed = {}, []
    for line, trailing, text in _joined(source):
        parts, bad = parse(text)
        if bad is not None and trailing:
            malformed.append((line, bad))
        for kind, edge, extra in parts:
            tags.setdefault(line, []).append(Tag(line, kind, edge, extra, trailing))
    return tags, malformed


def _joined(source):
    out = []
    last_line = last_column = 0
    for line, column, text in source.comments:
        if not text.startswith("//"):
            continue
        trailing = bool(source.lines[line - 1][:column].strip())
        words = text.lstrip("/").strip()
        wrapped = out and not trailing and (line, column) == (last_line + 1, last_column)
        if wrapped and out[-1][1] and not _BEGINS.match(words):
            out[-1][2] += " " + words
        elif wrapped and out[-1][1]:
            out[-1][2] += ("" if out[-1][2].endswith((",", ";")) else ",") + " " + words
        else:
            out.append([line, trailing, words])
        last_line, last_column = line, column
    return out
