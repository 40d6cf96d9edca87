#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Style as a test: checks the tree by the rules in rules/ and prints file:line: rule: what."""

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True

import allowances
import fixtures
import rules
from rules import order_table
from tree import Tree


def options():
    p = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parent.parent
    p.add_argument("--root", type=Path, default=root, help="the repository (default: this one)")
    p.add_argument("--fixtures", action="store_true", help="test the rules themselves")
    p.add_argument("--write-orders", action="store_true", help=f"write {order_table.PAGE}")
    p.add_argument("--no-compile", action="store_true", help="do not preprocess weft.hpp")
    p.add_argument("--include", action="append", default=[], help="a folder of generated headers")
    p.add_argument("--rule", action="append", choices=[r.name for r in rules.ALL], help="only this")
    return p.parse_args()


def check(tree, only=None):
    """All findings of the rules on this tree, less what is allowed, with the idle allowances."""
    found = [f for r in rules.ALL if not only or r.name in only for f in r.run(tree)]
    kept = {f for f in found if not tree.allowed(f)}
    if not only:
        kept |= set(allowances.run(tree))
    return sorted(kept)


def main():
    given = options()
    if given.fixtures:
        return fixtures.main(check)
    tree = Tree(given.root)
    tree.compile, tree.include = not given.no_compile, given.include
    if given.write_orders:
        page = tree.root / order_table.PAGE
        page.parent.mkdir(exist_ok=True)
        page.write_text(order_table.page(tree), encoding="utf-8")
        print(f"tidy: wrote {page}")
        return 0
    findings = check(tree, given.rule)
    for f in findings:
        print(f)
    for note in tree.notes:
        print(note)
    counts = Counter(f.rule for f in findings).most_common()
    per_rule = ", ".join(f"{n} {rule}" for rule, n in counts)
    print(f"tidy: {len(tree.sources)} files, {len(findings)} findings {per_rule}".rstrip())
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
