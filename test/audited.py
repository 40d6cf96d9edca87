#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""audited.py ROOT: every file with memory orders stands in the audit of some model.

A file whose atomic accesses carry order tags is named in the list of files of an audit_orders() in
a test/*/*.model.cpp: there each of its orders is weakened, and a scenario has to notice.
"""

import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tidy"))

from rules.order_tags import collect
from rules.orders import in_scope
from tree import Tree

# What no scenario can run, and why.
EXCUSED = {
    "src/base/executor.cpp": "a setting of the process, on native atoms in the model build too",
    "src/exec/signals.cpp": "its thread waits in the system's sigwait; not in the model build",
    "src/exec/signals.hpp": "its thread waits in the system's sigwait; not in the model build",
    "src/mem/neutralizer.cpp": "sends signals by the system; not in the model build",
    "src/mem/read_signal.cpp": "is the system's signal handler; not in the model build",
    "src/probe/log.cpp": "a setting of the process, on native atoms in the model build too",
    "src/task/main.cpp": "is about the signals of a process; not in the model build",
}

CALL = re.compile(r"\baudit_orders\s*\(")
NAMED = re.compile(r'"([\w/]+\.[ch]pp)"')


def tagged(tree):
    """Each file with order tags: how many it has."""
    found = {}
    for source in tree.cpp("include", "src"):
        if in_scope(source):
            tags = sum(t.trailing for line in collect(source)[0].values() for t in line)
            if tags:
                found[source.path] = tags
    return found


def argument_list(code, begin):
    """What stands in the parentheses that are open at `begin`."""
    depth = 1
    for m in re.finditer(r'"(?:\\.|[^"\\])*"|[()]', code[begin:]):
        depth += {"(": 1, ")": -1}.get(m[0], 0)
        if depth == 0:
            return code[begin : begin + m.start()]
    return code[begin:]


def audits(tree):
    """The names of files in each audit, with the model that has it."""
    for source in tree.cpp("test"):
        if source.path.endswith(".model.cpp"):
            code = re.sub(r"//[^\n]*", "", source.text)
            for call in CALL.finditer(code):
                for name in NAMED.findall(argument_list(code, call.end())):
                    yield source.path, name


def main():
    tree = Tree(Path(sys.argv[1]).resolve())
    files = tagged(tree)
    wrong, audited = [], set()
    for model, name in audits(tree):
        meant = {f for f in tree.by_path if f in (f"include/weft/{name}", f"src/{name}")}
        if not meant:
            wrong.append(f'{model}: the audit names "{name}", which is no file of include/weft or '
                         "src: correct the name")
        audited |= meant
    for path in EXCUSED:
        where = f"test/audited.py: {path}"
        if path not in tree.by_path:
            wrong.append(f"{where}: there is no such file: take it off the list")
        elif path not in files:
            wrong.append(f"{where}: no atomic access there has an order tag: take it off the list")
        elif path in audited:
            wrong.append(f"{where}: a model audits the file: take it off the list")
    for path in sorted(set(files) - audited - set(EXCUSED)):
        name = path.removeprefix("include/weft/").removeprefix("src/")
        wrong.append(f"{path}: {files[path]} order tags that no model audits: write scenarios that "
                     f'need them, and name "{name}" in audit_orders() of a test/*/*.model.cpp')
    if not files:
        wrong.append(f"no file with order tags under {tree.root}")
    for line in wrong:
        print(line)
    print(f"{len(files)} files with {sum(files.values())} order tags, {len(EXCUSED)} excused, "
          f"{len(wrong)} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
