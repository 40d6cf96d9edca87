#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""variants.py ROOT SPEC OUT: writes a header with code of weft, each time with a mistake in it.

SPEC is a JSON object: under "headers" the files (headers first, then sources) whose code a variant
is made of, under "variants" the names and what each changes, old text to new. A variant is that
code, without comments and with single spaces, in the namespace weft::NAME; each text that it
changes stands there exactly once. What it does not define itself it finds in weft. A long new text
is a list of lines.
"""

import json
import re
import sys
from pathlib import Path


def code_of(path):
    """The includes of a file, and what stands in its namespace weft, as one line."""
    text = path.read_text(encoding="utf-8")
    includes = re.findall(r"^#include <[^>]*>", text, re.M)
    found = re.search(r"^namespace (weft(?:::inline WEFT_ON)?(?:::detail)?) \{\n(.*?)"
                      r"^\}  // namespace \1$", text, re.S | re.M)
    code = " ".join(re.sub(r"//[^\n]*", "", found[2]).split())
    return includes, f"namespace detail {{ {code} }}" if found[1].endswith("::detail") else code


def changed(name, code, changes):
    for old, new in changes.items():
        if code.count(old) != 1:
            sys.exit(f'variants.py: {name}: "{old}" stands {code.count(old)} times in the code, '
                     "not once")
        code = code.replace(old, new if isinstance(new, str) else " ".join(new))
    # A line for each statement, but not inside a string.
    return re.sub(r'("(?:\\.|[^"\\])*")|([;{}]) ', lambda m: m[1] or m[2] + "\n", code)


def main():
    root, spec, out = (Path(a) for a in sys.argv[1:])
    wanted = json.loads(spec.read_text(encoding="utf-8"))
    includes, code = set(), ""
    for header in wanted["headers"]:
        needs, body = code_of(root / header)
        includes.update(needs)
        code += body + " "
    lines = ["// SPDX-License-Identifier: Apache-2.0", "#pragma once", *sorted(includes)]
    for name, changes in wanted["variants"].items():
        inside = changed(name, code, changes)
        if "namespace detail {" in code:
            inside = "namespace detail { using namespace weft::detail; }\n" + inside
        lines.append(f"namespace weft::{name} {{\n{inside}\n}}")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
