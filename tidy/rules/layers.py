# SPDX-License-Identifier: Apache-2.0
"""Layer arrows: a file includes only lower floors, never sideways between layers of one floor."""

import posixpath
import re

from tree import Finding

name = "layers"
checks = ("upward", "sideways", "umbrella", "check", "nowhere")

FLOORS = {
    "base": 0,
    "probe": 1,
    "mem": 2,
    "data": 3,
    "wait": 4,
    "sync": 5,
    "chan": 5,
    "exec": 6,
    "task": 7,
    "io": 8,
    "flow": 9,
    "stm": 9,
    "actor": 9,
    "watch": 10,
    "cluster": 10,
    "journal": 10,
    "ffi": 11,
    "scheme": 11,
    "cli": 12,
}
# The only files of include/ that lie in no layer's folder.
TOP = {
    "include/weft.h": "ffi",
    "include/weft_scheme.h": "scheme",
    "include/weft/version.hpp": "base",
}
UMBRELLA = "include/weft/weft.hpp"
# Arrows that the table forbids and that have a reason.
EXCEPT = {
    ("include/weft/base/atoms.hpp", "check"): "in the model build the atoms are the checker's",
}

_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"\n]+)[>\"]", re.M)


def includes(source):
    """Line, quote and name of each #include of the file that is not commented out."""
    for m in _INCLUDE.finditer(source.text):
        if source.code[m.start() : m.start(1)].strip():
            yield source.line_of(m.start(1)), m[1], m[2]


def target(tree, source, quote, what):
    """Path inside the repository of what is included, or None if it is not ours."""
    places = ["include"]
    if quote == '"':
        places = [posixpath.dirname(source.path), "src", "include"]
    for place in places:
        path = posixpath.normpath(posixpath.join(place, what))
        if path in tree.by_path:
            return path
    return "include/" + what if what.startswith(("weft/", "weft.h")) else None


def layer_of(path):
    if path in TOP:
        return TOP[path]
    parts = path.split("/")
    if parts[0] in ("cli", "check"):
        return parts[0]
    if parts[:2] == ["include", "weft"]:
        return parts[2] if len(parts) > 3 else None
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def _judge(source, mine, theirs, path):
    """The check that the arrow breaks and what to say, or None."""
    if (source.path, theirs) in EXCEPT or mine == theirs:
        return None
    if mine == "check":
        if theirs == "base" or source.path.startswith("check/sample"):
            return None
        return "check", f"check stands on base alone, not on {theirs}: ask base for what it needs"
    if theirs == "check":
        return "check", "only tests and samples include the checker: write to the Atoms parameter"
    if theirs not in FLOORS:
        return "nowhere", f"{path} is in no layer of the table: include the layer's own header"
    if FLOORS[theirs] > FLOORS[mine]:
        return "upward", (
            f"{mine} (floor {FLOORS[mine]}) includes {theirs} (floor {FLOORS[theirs]}): "
            "turn the arrow round with an interface on the lower floor"
        )
    if FLOORS[theirs] == FLOORS[mine]:
        return "sideways", (
            f"{mine} and {theirs} share floor {FLOORS[mine]}: "
            "move what both need to a lower floor, or join them above"
        )
    return None


def run(tree):
    for source in tree.cpp("include", "src", "check", "cli"):
        if source.path == UMBRELLA:
            continue
        mine = layer_of(source.path)
        if mine != "check" and mine not in FLOORS:
            text = "the file is in no layer of the table: move it to a layer's folder"
            yield Finding(source.path, 1, name, "nowhere", text)
            continue
        for line, quote, what in includes(source):
            path = target(tree, source, quote, what)
            if path is None:
                continue
            if path == UMBRELLA:
                text = "weft.hpp is for users: include the header of the layer that is needed"
                yield Finding(source.path, line, name, "umbrella", text)
                continue
            broken = _judge(source, mine, layer_of(path), path)
            if broken:
                yield Finding(source.path, line, name, *broken)
