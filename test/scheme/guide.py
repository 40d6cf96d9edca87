#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""guide.py WEFT FOLDER [NAME...]: each program of FOLDER, run by WEFT, writes what is beside it.

NAME.out is the output of NAME.scm, line by line. Lines between { and } may come in any order, and
... stands for any number of lines. NAME.err, if there is one, is the beginning of what it writes to
standard error; else that is nothing.
"""

import pathlib
import subprocess
import sys


def matches(lines: list[str], spec: list[str]) -> bool:
    if not spec:
        return not lines
    if spec[0] == "...":
        return any(matches(lines[i:], spec[1:]) for i in range(len(lines) + 1))
    if spec[0] == "{":
        end = spec.index("}")
        group = spec[1:end]
        return (sorted(lines[:len(group)]) == sorted(group)
                and matches(lines[len(group):], spec[end + 1:]))
    return bool(lines) and lines[0] == spec[0] and matches(lines[1:], spec[1:])


def check(weft: str, program: pathlib.Path) -> str | None:
    """Returns what is wrong, or None."""
    try:
        done = subprocess.run([weft, "run", program.name], cwd=program.parent, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except subprocess.TimeoutExpired:
        return "still running after 60 s"
    expected = program.with_suffix(".out").read_text(encoding="utf-8")
    if done.returncode:
        return f"ended with {done.returncode}\n{done.stdout}{done.stderr}"
    told = program.with_suffix(".err")
    if done.stderr if not told.exists() else not done.stderr.startswith(told.read_text().strip()):
        return f"wrote to standard error\n{done.stderr}"
    if not matches(done.stdout.splitlines(), expected.splitlines()):
        return f"wrote\n{done.stdout}instead of\n{expected}"
    return None


def main() -> int:
    weft, folder, *names = sys.argv[1:]
    programs = sorted(pathlib.Path(folder).resolve().glob("*.scm"))
    if names:
        programs = [p for p in programs if p.stem in names]
    failed = 0
    for program in programs:
        wrong = check(str(pathlib.Path(weft).resolve()), program)
        failed += wrong is not None
        print(f"{program.name}: {'as written' if wrong is None else wrong}")
    print(f"{len(programs)} programs, {failed} wrong")
    return 1 if failed or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
