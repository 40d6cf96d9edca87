#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""variants.py ROOT SPEC OUT: writes a header with templates of weft, each with a mistake in it.

SPEC is a JSON object: under "headers" the files whose code a variant is made of, under "variants"
the names and what each changes, old text to new. A variant is that code, without comments and with
single spaces, in the namespace weft::NAME; each text that it changes stands there exactly once.
"""

import json
import re
import sys
from pathlib import Path


def code_of(path):
    """The includes of a header, and what stands in its namespace weft, as one line."""
    text = path.read_text(encoding="utf-8")
    includes = re.findall(r"^#include <[^>]*>", text, re.M)
    body = re.search(r"^namespace weft \{\n(.*?)^\}  // namespace weft$", text, re.S | re.M)
    return includes, " ".join(re.sub(r"//[^\n]*", "", body[1]).split())


def changed(name, code, changes):
    for old, new in changes.items():
        if code.count(old) != 1:
            sys.exit(f'variants.py: {name}: "{old}" stands {code.count(old)} times in the code, '
                     "not once")
        code = code.replace(old, new)
    return re.sub(r"([;{}]) ", r"\1\n", code)


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
        lines.append(f"namespace weft::{name} {{\n{changed(name, code, changes)}\n}}")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
