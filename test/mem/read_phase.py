#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""read_phase.py BINARY [--limit BYTES] [--allow REGEX] [--refused REGEX] [--expect REGEX]

What read phases call. A restartable read phase may be left at any instruction, so it may reach
nothing that locks, allocates, throws or owns; nor may it take more stack than the signal handler's
test of the stack pointer assumes (weft::detail::deepest_read). Neither shows in the types of a
closure: a local with a destructor, or a call that was not inlined, shows in the machine code.
Functions of the binary are followed; what is called outside of it must be on the list below.

--expect turns it round, for a planted mistake: the binary must have a read phase that is reported
with that text.
"""

import argparse
import re
import subprocess
import sys

READ = "::detail::restartable<"
# Leaves that only read memory; and what restartable() itself calls before and after a read phase.
ALLOWED = re.compile(
    r"^(memcmp|memchr|strlen|bcmp|memcpy|memmove|memset)$|^weft::native::(fence|light|pause)\("
)
BEFORE = re.compile(
    r"^(__sigsetjmp|_setjmp)$|\bweft::on_native::detail::(restore_mask\(|refuse_nested_read<)"
)
LABEL = re.compile(r"^([0-9a-f]+) <(.*)>:$")
JUMP = re.compile(r"\t(call|bl|blr|jmp|j\w+|b(?:\.\w+)?|cbn?z|tbn?z|br)q?\s+(.*)$")
TARGET = re.compile(r"([0-9a-f]+) <(.*?)(\+0x[0-9a-f]+)?>$")
FRAME = (
    (re.compile(r"\tsub\s+\$0x([0-9a-f]+),%rsp"), 16),
    (re.compile(r"\tsub\s+sp, sp, #0x([0-9a-f]+)"), 16),
    (re.compile(r"\tst[pr]\s.*\[sp, #-(\d+)\]!"), 10),
)


class Function:
    def __init__(self, name):
        self.name = name
        self.calls = set()  # names, or "(indirect call)"
        self.frame = 0  # bytes of stack, its return address included
        self.unknown = False  # it moves the stack pointer by a register


def disassemble(binary):
    cut = ["objdump", "-d", "--no-show-raw-insn", "-C", binary]
    text = subprocess.run(cut, capture_output=True, text=True, check=True).stdout
    functions, f = {}, None
    for line in text.splitlines():
        if m := LABEL.match(line):
            f = None  # of a stub that jumps into another library nothing is known
            if not m[2].endswith("@plt"):
                f = functions.setdefault(plain(m[2]), Function(plain(m[2])))
                f.frame = max(f.frame, 8)
        elif f:
            read_instruction(f, line)
    return functions


def plain(name):
    """Without the parts that the compiler splits off, and without the table of procedures."""
    return re.sub(r"( \[clone [^\]]*\])+$|@plt$", "", name)


def read_instruction(f, line):
    if re.search(r"\tpush\b", line):
        f.frame += 8
        return
    for pattern, base in FRAME:
        if m := pattern.search(line):
            f.frame += int(m[1], base)
            return
    if re.search(r"\tsub\s+%r\w+,%rsp|\tsub\s+sp, sp, x", line):
        f.unknown = True
    m = JUMP.search(line)
    if not m:
        return
    kind, operand = m[1], m[2]
    calls = kind in ("call", "bl", "blr")
    target = TARGET.search(operand)
    if target:
        if plain(target[2]) != f.name:
            f.calls.add(plain(target[2]))  # or a tail call
    elif calls:  # a jump through a register stays in the function, as a switch does
        f.calls.add("(indirect call)")


def bound_at_start(binary):
    """False if the first call of a function of another library looks for it, with a lock."""
    cut = ["readelf", "-d", "-W", binary]
    text = subprocess.run(cut, capture_output=True, text=True, check=True).stdout
    return "BIND_NOW" in text or "Flags: NOW" in text or "no dynamic section" in text


def judge(functions, allowed, bound):
    """For each read phase: the names that it must not reach, and the bytes of stack it takes."""

    def permitted(name):
        return BEFORE.search(name) or ALLOWED.search(name) or allowed.search(name)

    def walk(name, path):
        if name in path:
            return {f"{name} (recursion: no bound on its stack)"}, 0
        if path and permitted(name):
            late = name not in functions and not bound and not BEFORE.search(name)
            return {f"{name} (bound at its first call: link with -z now)"} if late else set(), 64
        if name not in functions:
            return {name}, 0
        if path and READ in name:
            return {f"{name[:80]} (a read phase in a read phase)"}, 0
        f = functions[name]
        wrong = {f"{name} (stack of any size)"} if f.unknown else set()
        deepest = 0
        for call in f.calls:
            more, depth = memo(call, path + (name,)) if len(path) < 40 else ({"too deep"}, 0)
            wrong |= more
            deepest = max(deepest, depth)
        return wrong, f.frame + deepest

    seen = {}

    def memo(name, path):
        if name in seen and name not in path:
            return seen[name]
        answer = walk(name, path)
        if name not in path:
            seen[name] = answer
        return answer

    for name in sorted(functions):
        if READ in name:
            wrong, depth = walk(name, ())
            # The frame of restartable() itself lies above the place that depth is counted from.
            yield name, wrong, depth - functions[name].frame


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("binary")
    ask.add_argument("--limit", type=int, default=1024)
    ask.add_argument("--allow", default=r"$^")
    ask.add_argument("--refused", default=r"$^", help="read phases of tests that die in them")
    ask.add_argument("--expect")
    args = ask.parse_args()
    count, reports, most = 0, [], 0
    for name, wrong, depth in judge(
        disassemble(args.binary), re.compile(args.allow), bound_at_start(args.binary)
    ):
        if re.search(args.refused, name):
            continue
        count += 1
        most = max(most, depth)
        if depth > args.limit:
            wrong = wrong | {f"{depth} bytes of stack, the limit is {args.limit}"}
        if wrong:
            reports.append(f"{name[:300]}\n  reaches " + "\n  reaches ".join(sorted(wrong)[:8]))
    print("\n".join(reports))
    print(f"{count} read phases, {len(reports)} may not be restarted; deepest {most} bytes")
    if count == 0:
        sys.exit("no read phase was found: is the binary stripped, or was restartable() renamed?")
    if args.expect:
        found = any(re.search(args.expect, r) for r in reports)
        sys.exit(None if found else f"the planted mistake was not reported: {args.expect}")
    sys.exit(1 if reports else 0)


if __name__ == "__main__":
    main()
