#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py ROOT COMPILER: the native atoms cost nothing.

Compiles by_policy.cpp and by_hand.cpp and compares the instructions of each function, with the
functions they call.
"""

import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FUNCTIONS = ["deque_pop", "deque_push", "deque_steal", "stack_add", "stack_pop", "stack_push"]


def functions(root, compiler, level, source, folder):
    """The instructions of each function, without addresses."""
    out = Path(folder) / f"{source}.o"
    subprocess.run([compiler, "-std=c++20", level, "-I", root / "include", "-I", root, "-c",
                    HERE / f"{source}.cpp", "-o", out], check=True)
    said = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", "--no-addresses", out],
                          check=True, capture_output=True, text=True).stdout
    found = {}
    for name, code in re.findall(r"^<(\w+)>:\n((?:.+\n)+)", said, re.M):
        found[name] = [" ".join(line.split()) for line in code.splitlines()]
    return found


def main():
    root, compiler = Path(sys.argv[1]).resolve(), sys.argv[2]
    differ = 0
    for level in ("-O2", "-O3"):
        with tempfile.TemporaryDirectory() as folder:
            policy = functions(root, compiler, level, "by_policy", folder)
            hand = functions(root, compiler, level, "by_hand", folder)
        for name in FUNCTIONS:
            if name not in policy or name not in hand or len(hand[name]) < 4:
                sys.exit(f"{name} is missing in what objdump says")
            if policy[name] == hand[name]:
                print(f"{compiler} {level} {name}: {len(hand[name])} lines, the same")
                continue
            differ += 1
            print(f"{compiler} {level} {name}:")
            print("\n".join(difflib.unified_diff(hand[name], policy[name], "by hand", "on atoms",
                                                 lineterm="")))
    print("the same code" if differ == 0 else f"{differ} functions differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
