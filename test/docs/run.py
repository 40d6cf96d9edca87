#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py PAGE -- COMPILER FLAG... -- LIBRARY... [-- WEFT]: the programs on a page do what it says.

A ```cpp block that holds `int main` is compiled, linked and run as program.cpp; it must end with 0.
A ```text block after it, with nothing but prose between, is what it writes to standard output; with
the line `<!-- exits N -->` above, the program ends with N and the block is all that it writes. A
```cpp block marked by the line `<!-- compiled -->` holds declarations and is compiled only. A
```scheme block is a program that `WEFT run` runs, in the same way; without WEFT it is left out.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^(?:<!-- (compiled|exits \d+) -->\n)?```(\w*)[^\n]*\n(.*?)^```$",
                   re.MULTILINE | re.DOTALL)


class Block:
    def __init__(self, page: str, match: re.Match):
        self.line = page.count("\n", 0, match.start(2)) + 1
        self.mark, self.language, self.text = match.groups()
        self.mark = self.mark or ""

    def code(self) -> int:
        return int(self.mark.removeprefix("exits ")) if self.mark.startswith("exits") else 0

    def is_program(self) -> bool:
        return self.language == "cpp" and "int main" in self.text or self.language == "scheme"

    def is_checked(self, weft: list[str]) -> bool:
        if self.language == "scheme":
            return bool(weft)
        return self.is_program() or self.language == "cpp" and self.mark == "compiled"


def run(command: list[str], **options) -> subprocess.CompletedProcess:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, **options)


def build(block: Block, folder: pathlib.Path, compiler, libraries) -> str | None:
    """Returns what went wrong, or None."""
    source, binary = folder / "program.cpp", folder / "program"
    source.write_text(block.text)
    done = run([*compiler, "-g", "-c", source.name, "-o", source.name + ".o"],
               cwd=folder, stderr=subprocess.STDOUT)
    if done.returncode or not block.is_program():
        return done.stdout if done.returncode else None
    driver = compiler[1:] if pathlib.Path(compiler[0]).name == "ccache" else compiler
    done = run([*driver, source.name + ".o", *libraries, "-o", str(binary)],
               cwd=folder, stderr=subprocess.STDOUT)
    return done.stdout if done.returncode else None


def make(block: Block, folder: pathlib.Path, tools) -> tuple[list[str], str | None]:
    """Returns the command that runs the block, and what went wrong before."""
    compiler, libraries, weft = tools
    if block.language == "scheme":
        (folder / "program.scm").write_text(block.text)
        return [*weft, "run", "program.scm"], None
    return ["./program"], build(block, folder, compiler, libraries)


def check(block: Block, expected: Block | None, folder, tools) -> str | None:
    command, wrong = make(block, folder, tools)
    if wrong is not None or not block.is_program():
        return wrong
    code = expected.code() if expected else 0
    try:
        done = run(command, cwd=folder, timeout=60, stdin=subprocess.DEVNULL,
                   stderr=subprocess.STDOUT if code else subprocess.PIPE)
    except subprocess.TimeoutExpired:
        return "still running after 60 s"
    if done.returncode != code:
        return f"ended with {done.returncode}, not {code}\n{done.stdout}{done.stderr or ''}"
    if expected and done.stdout.strip() != expected.text.strip():
        return f"printed\n{done.stdout}instead of\n{expected.text}"
    return None


def main() -> int:
    first = sys.argv.index("--")
    second = sys.argv.index("--", first + 1)
    third = sys.argv.index("--", second + 1) if "--" in sys.argv[second + 1:] else len(sys.argv)
    path, weft = sys.argv[1], sys.argv[third + 1:]
    tools = (sys.argv[first + 1:second], sys.argv[second + 1:third], weft)
    page = pathlib.Path(path).read_text(encoding="utf-8")
    blocks = [Block(page, match) for match in FENCE.finditer(page)]
    failed = checked = 0
    with tempfile.TemporaryDirectory() as folder:
        for block, after in zip(blocks, [*blocks[1:], None]):
            if not block.is_checked(weft):
                continue
            expected = after if after and after.language == "text" else None
            wrong = check(block, expected, pathlib.Path(folder), tools)
            checked += 1
            failed += wrong is not None
            print(f"{path}:{block.line}: {'as printed' if wrong is None else wrong}")
    print(f"{checked} of {len(blocks)} blocks checked, {failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
