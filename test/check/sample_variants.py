#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sample_variants.py SAMPLES OUT: writes a header with the samples, each with a mistake in it.

A variant is the code of a sample, without comments and with single spaces, in a namespace of its
own; each text that it changes stands there exactly once.
"""

import re
import sys
from pathlib import Path

PUSH_LINK = "slots_[slot].next.store(top(old), relaxed);"
RACE = "bool const mine = t == b && top_.compare_exchange_strong(t, t + 1, relaxed, relaxed);"

VARIANTS = {
    "slot_stack.hpp": {
        "uncounted": {"pops(old) + 1": "pops(old)"},
        "linked_once": {"do { " + PUSH_LINK: PUSH_LINK + " do {"},
    },
    "ring.hpp": {
        "overfull": {"== Capacity)": "== Capacity + 1)"},
        "announced_early": {
            "items_[tail % Capacity] = std::move(item);": "",
            "return true;": "items_[tail % Capacity] = std::move(item); return true;",
        },
        "given_back_early": {
            "T item = items_[head % Capacity];": "",
            "return item;": "T item = items_[head % Capacity]; return item;",
        },
    },
    "queue.hpp": {
        "wrong_turn": {"c.turn.store(n + Capacity,": "c.turn.store(n + 1,"},
        "unlooked": {"if (turn == n) {": "if (!older(turn + 1, n)) {"},
        "turned_early": {
            "c.item = std::move(item);": "",
            "return true;": "c.item = std::move(item); return true;",
        },
    },
    "deque.hpp": {
        "unraced": {RACE: "bool const mine = t == b; if (mine) top_.store(t + 1, relaxed);"},
        "one_off": {"if (t < b) return": "if (t <= b) return"},
        "bottom_first": {
            "auto t = top_.load(relaxed); Atoms::fence();": "Atoms::fence();",
            "if (t >= b) return": "auto t = top_.load(relaxed); if (t >= b) return",
        },
        "read_late": {
            "auto const item = at(t).load(relaxed);": "",
            "return item;": "return at(t - 1).load(relaxed);",
        },
        "overfull_deque": {"if (b - t == Capacity)": "if (b - t == Capacity + 1)"},
    },
    "pin.hpp": {
        "followed_early": {
            "pinned& pinned_;": "T* early_;",
            "pinned_(p),": "early_(p.current_.load(acquire)),",
            "return pinned_.current_.load(acquire);": "return early_;",
        },
        "scanned_early": {
            "T* const old = current_.exchange(fresh, acq_rel);": "",
            "return old;": "return current_.exchange(fresh, acq_rel);",
        },
        "epoch_before": {"load(acquire) < now)": "load(acquire) < now - 1)"},
    },
    "spin_lock.hpp": {
        "unpaused": {"while (held_.load(relaxed)) Atoms::pause();": ""},
    },
    "dekker.hpp": {
        "stubborn": {"if (turn_.load(relaxed) == me) {": "if (me < 2) {"},
        "looked_first": {
            "wants_[me].store(true, seq_cst); while": "while",
            "wants_[me].store(true, seq_cst); } }":
                "wants_[me].store(true, seq_cst); } wants_[me].store(true, seq_cst); }",
        },
    },
}


def code_of(path):
    """The includes of a header, and what its namespace holds, as one line."""
    text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
    includes = re.findall(r"#include <[^>]*>", text)
    body = re.search(r"namespace sample \{(.*)\}", text, re.S)
    return includes, " ".join(body[1].split())


def changed(name, code, changes):
    for old, new in changes.items():
        if code.count(old) != 1:
            sys.exit(f"sample_variants.py: {name}: \"{old}\" stands {code.count(old)} times in "
                     "the sample, not once")
        code = code.replace(old, new)
    return re.sub(r"([;{}]) ", r"\1\n", code)


def main():
    samples, out = Path(sys.argv[1]), Path(sys.argv[2])
    includes, parts = set(), []
    for header, variants in VARIANTS.items():
        needs, code = code_of(samples / header)
        includes.update(needs)
        for name, changes in variants.items():
            parts.append(f"namespace {name} {{\n{changed(name, code, changes)}\n}}")
    lines = ["// SPDX-License-Identifier: Apache-2.0", "#pragma once", *sorted(includes), *parts]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
