# SPDX-License-Identifier: Apache-2.0
"""Include budget: no public header brings Asio, hwloc or Guile; weft.hpp is measured."""

import re
import shutil
import statistics
import subprocess
import time

from rules.layers import includes
from tree import Finding

name = "budget"
checks = ("named", "reached", "broken")

COMPILER = "clang++-19"
UMBRELLA = "include/weft/weft.hpp"
ROUNDS = 3

_FOREIGN = re.compile(r"(?:^|/)(?:asio|hwloc|libguile)(?:[/.]|$)")


def run(tree):
    for source in tree.cpp("include"):
        if source.pure.parts[1] != "weft" and not source.pure.name.startswith("weft"):
            continue
        for line, _, what in includes(source):
            if _FOREIGN.search(what):
                text = f"a public header includes <{what}>: keep it in src, behind a pointer"
                yield Finding(source.path, line, name, "named", text)
    if tree.compile:
        yield from _compiled(tree)


def _call(tree, flags, code):
    command = [COMPILER, "-std=c++20", "-x", "c++", "-"]
    command += [f"-I{tree.root / 'include'}", *(f"-I{d}" for d in tree.include), *flags]
    return subprocess.run(command, input=code, capture_output=True, text=True, errors="replace")


def _compiled(tree):
    if UMBRELLA not in tree.by_path:
        tree.notes.append(f"budget: {UMBRELLA} is missing, its cost was not measured")
        return
    if not shutil.which(COMPILER):
        tree.notes.append(f"budget: {COMPILER} is missing, weft.hpp was not preprocessed")
        return
    ours = "#include <weft/weft.hpp>\n"
    done = _call(tree, ["-M"], ours)
    if done.returncode:
        first = done.stderr.strip().split("\n")[0]
        text = f"{COMPILER} cannot preprocess it ({first}): make it stand alone"
        yield Finding(UMBRELLA, 1, name, "broken", text)
        return
    for path in done.stdout.replace("\\\n", " ").split()[1:]:
        if _FOREIGN.search(path):
            text = f"it reaches {path}: find who includes it and keep it in src"
            yield Finding(UMBRELLA, 1, name, "reached", text)
            break
    if not tree.fixture:
        tree.notes.append(_cost(tree, ours, "#include <ranges>\n"))


def _cost(tree, ours, rival):
    """One line that compares two includes; the rounds alternate between them."""
    sizes, times = [], ([], [])
    for code in (ours, rival):
        text = _call(tree, ["-E", "-P"], code).stdout
        sizes.append(text.count("\n"))
    for _ in range(ROUNDS):
        for code, spent in zip((ours, rival), times):
            start = time.perf_counter()
            if _call(tree, ["-fsyntax-only"], code).returncode:
                return "budget: weft/weft.hpp does not compile alone, its cost was not measured"
            spent.append(time.perf_counter() - start)
    mine, theirs = (statistics.median(t) for t in times)
    return (
        f"budget: weft/weft.hpp {sizes[0]} lines, {mine:.2f} s; <ranges> {sizes[1]} lines, "
        f"{theirs:.2f} s; ratio {sizes[0] / sizes[1]:.2f} in lines, {mine / theirs:.2f} in time"
    )
