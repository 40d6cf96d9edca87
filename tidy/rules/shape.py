# SPDX-License-Identifier: Apache-2.0
"""Sizes and first lines: 400 lines (tests 600), 100 columns, the SPDX line, #pragma once."""

import re

from tree import CPP, Finding

name = "shape"
checks = ("lines", "columns", "spdx", "pragma", "final-newline")

LINES, TEST_LINES, COLUMNS = 400, 600, 100
# Programs and scripts; documents, data and configuration are free.
CODE = CPP | {".py", ".sh", ".scm", ".cmake", ".js", ".mjs", ".ts"}
CODE_NAMES = {"CMakeLists.txt", "Makefile"}

# Shown to users as their own files would be: they need no licence line.
USERS = ("share/", "test/consumer/")

_SPDX = re.compile(r"(?://|/\*|#|;+) SPDX-License-Identifier: Apache-2\.0(?: \*/)?$")


def _is_users(source):
    return source.path.startswith(USERS) and source.pure.name == "CMakeLists.txt"


def is_code(source):
    return source.pure.suffix in CODE or source.pure.name in CODE_NAMES


def run(tree):
    for source in filter(is_code, tree.sources):
        lines = source.lines
        yield from _long(source, lines)
        first = 1 if lines[0].startswith("#!") and len(lines) > 1 else 0
        if not _SPDX.match(lines[first]) and not _is_users(source):
            text = "does not begin with the line SPDX-License-Identifier: Apache-2.0; add it"
            yield Finding(source.path, first + 1, name, "spdx", text)
        if source.pure.suffix in (".hpp", ".h") and "#pragma once" not in source.code:
            text = "a header without #pragma once: add it below the SPDX line"
            yield Finding(source.path, 1, name, "pragma", text)
        if source.text and not source.text.endswith("\n"):
            text = "the last line has no end: add a newline"
            yield Finding(source.path, len(lines), name, "final-newline", text)


def _long(source, lines):
    limit = TEST_LINES if source.pure.parts[0] == "test" else LINES
    count = len(lines) - (lines[-1] == "")
    if count > limit:
        text = f"{count} lines, the limit is {limit}: split it by concept, one noun a file"
        yield Finding(source.path, limit + 1, name, "lines", text)
    for n, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            text = f"{len(line)} columns, the limit is {COLUMNS}: wrap the line"
            yield Finding(source.path, n, name, "columns", text)
