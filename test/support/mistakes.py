#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mistakes.py ROOT SPEC OUT: writes sources of weft with mistakes, put in while a test runs.

SPEC is a JSON object: a source file, then the names of mistakes and what each changes, old text to
new; runs of spaces are alike, and each text stands there exactly once. Under "in" stands the one
scenario to run, for mistakes after which others would run wild. OUT/x.cpp is the file with
both texts, and weft_test::mistake, a number, says which is run; 0 is the code as it is. The file
OUT/mistakes.cpp has the names in their order. See mistakes.hpp.
"""

import json
import re
import sys
from pathlib import Path

NUMBER = "namespace weft_test { extern unsigned mistake; }\n"


def both(number, old, new):
    """Code that is `new` while that mistake is made: of a statement, or of an expression."""
    if old.rstrip().endswith((";", "}")):
        return f"if (weft_test::mistake == {number}) {{ {new} }} else {{ {old} }}"
    return f"(weft_test::mistake == {number} ? ({new}) : ({old}))"


def changed(path, code, numbered):
    """The code with each mistake in it, beside what it stands for."""
    places = []
    for number, name, changes in numbered:
        for old, new in changes.items():
            found = list(re.finditer(r"\s+".join(map(re.escape, old.split())), code))
            if len(found) != 1:
                sys.exit(f'mistakes.py: {name}: "{old}" stands {len(found)} times in {path}, '
                         "not once")
            places.append((found[0].span(), number, new))
    for (begin, end), number, new in sorted(places, reverse=True):
        code = code[:begin] + both(number, code[begin:end], new) + code[end:]
    return code


def main():
    root, spec, out = (Path(a) for a in sys.argv[1:])
    names = []
    for path, mistakes in json.loads(spec.read_text(encoding="utf-8")).items():
        numbered = []
        for name, changes in mistakes.items():
            names.append((name, changes.pop("in", "")))
            numbered.append((len(names), name, changes))
        source = root / path
        code = changed(path, source.read_text(encoding="utf-8"), numbered)
        text = f'{NUMBER}#line 1 "{source}"\n{code}'
        (out / source.name).write_text(text, encoding="utf-8")
    listed = "".join(f"  {{{json.dumps(n)}, {json.dumps(s)}}},\n" for n, s in names)
    (out / "mistakes.cpp").write_text(
        "#include <support/mistakes.hpp>\n"
        "namespace weft_test {\nunsigned mistake = 0;\n"
        f"std::vector<mistake_name> const mistakes{{\n{listed}}};\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
