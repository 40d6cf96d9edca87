#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fail.py FILE -- COMPILER FLAG...: each marked block of FILE must not compile.

A block stands between `#ifdef FAIL_name` and its `#endif`; the first line of the block is
`// error: REGEX`, which the compiler's output must match. Without the macros the file compiles.
"""

import re
import subprocess
import sys

BLOCK = re.compile(r"^#\s*ifdef (FAIL_\w+)\s*\n\s*// error: (.+)$", re.MULTILINE)
MARK = re.compile(r"\bFAIL_\w+")


def compile_file(command: list[str], path: str, *macros: str) -> tuple[bool, str]:
    defines = [f"-D{macro}" for macro in macros]
    done = subprocess.run([*command, "-fsyntax-only", *defines, path],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode == 0, done.stdout


def main() -> int:
    split = sys.argv.index("--")
    path, command = sys.argv[1], sys.argv[split + 1:]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    blocks = BLOCK.findall(text)
    unnamed = set(MARK.findall(text)) - {name for name, _ in blocks}
    if not blocks or unnamed:
        print(f"{path}: no `// error:` line after {sorted(unnamed) or 'any #ifdef FAIL_'}")
        return 1

    fine, output = compile_file(command, path)
    if not fine:
        print(f"{path}: does not compile without the blocks that must fail\n{output}")
        return 1
    failed = 0
    for name, pattern in blocks:
        compiled, output = compile_file(command, path, name)
        if compiled:
            print(f"{name}: compiles, and must not")
        elif not re.search(pattern.strip(), output):
            print(f"{name}: the compiler does not say /{pattern.strip()}/ but\n{output}")
        else:
            print(f"{name}: refused as it should be")
            continue
        failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
