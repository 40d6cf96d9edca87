# SPDX-License-Identifier: Apache-2.0
"""Tests the rules on fixture/RULE/CASE: small trees whose findings are marked in the files.

A line that must be found ends with `// expect: RULE/CHECK` (in other languages with their comment
sign); the marks are cut off before the rules look. What cannot be marked stands in the case's
expect.txt as `FILE:LINE RULE/CHECK`. Each check of each rule must be broken somewhere, and each
rule has a case that passes. A case with needs.txt is skipped where that command is missing.
"""

import shutil
from pathlib import Path

import allowances
import rules
from tree import Tree

FOLDER = Path(__file__).resolve().parent / "fixture"
AUX = {"expect.txt", "needs.txt"}


def _load(case):
    tree = Tree(case, fixture=True)
    tree.compile, tree.include = True, []
    tree.sources = [s for s in tree.sources if s.path not in AUX]
    expected = {(s.path, line, what) for s in tree.sources for line, what in s.expected}
    extra = case / "expect.txt"
    for row in extra.read_text().split("\n") if extra.exists() else ():
        if row.strip():
            place, what = row.split()
            path, line = place.rsplit(":", 1)
            expected.add((path, int(line), what))
    return tree, expected


def _run_case(case, rule, check):
    """The checks that fired, and the lines of what differs."""
    tree, expected = _load(case)
    findings = check(tree, None if rule is allowances else [rule.name])
    if rule is allowances:
        findings = [f for f in findings if f.rule == rule.name]
    got = {(f.path, f.line, f"{f.rule}/{f.check}") for f in findings}
    place = case.relative_to(FOLDER.parent)
    wrong = [f"{place}/{p}:{n}: {w} was expected and not found" for p, n, w in expected - got]
    wrong += [f"{place}/{p}:{n}: {w} was found and not expected" for p, n, w in got - expected]
    return {f.check for f in findings}, sorted(wrong)


def main(check):
    failed = cases = 0
    for rule in (*rules.ALL, allowances):
        fired, passing, skipped, wrong = set(), 0, False, []
        for case in sorted(p for p in (FOLDER / rule.name).glob("*") if p.is_dir()):
            needs = case / "needs.txt"
            if needs.exists() and not shutil.which(needs.read_text().strip()):
                print(f"skipped {case.relative_to(FOLDER)}: needs {needs.read_text().strip()}")
                skipped = True
                continue
            cases += 1
            checks, differs = _run_case(case, rule, check)
            fired |= checks
            passing += not checks
            wrong += differs
        silent = [c for c in rule.checks if c not in fired and not skipped]
        wrong += [f"{rule.name}: no fixture breaks the check {c}" for c in silent]
        if not passing:
            wrong.append(f"{rule.name}: no fixture passes")
        state = "FAIL" if wrong else "ok  "
        print(f"{state} {rule.name}: {len(fired)} of {len(rule.checks)} checks")
        for line in wrong:
            print("  " + line)
        failed += bool(wrong)
    print(f"tidy: {cases} fixtures, {failed} rules failed")
    return 1 if failed else 0
