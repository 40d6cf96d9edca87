# SPDX-License-Identifier: Apache-2.0
"""Allowances: `// tidy: allow RULE: reason` excuses its line, or alone on a line the next one;
`// tidy: allow-file RULE: reason` excuses the file. Each has a reason and is needed."""

import rules
from tree import Finding

name = "allow"
checks = ("reason", "unknown", "idle")


def run(tree):
    names = {r.name for r in rules.ALL}
    for source in tree.sources:
        for a in source.allowances:
            line = next(n for n in (a.line, a.line - 1) if "tidy: allow" in source.lines[n - 1])
            if a.rule not in names:
                text = f"there is no rule {a.rule}: name one of {', '.join(sorted(names))}"
                yield Finding(source.path, line, name, "unknown", text)
            elif not a.why:
                text = f"an allowance without a reason: write tidy: allow {a.rule}: why"
                yield Finding(source.path, line, name, "reason", text)
            elif not a.used and not (a.rule == "budget" and not tree.compile):
                text = f"nothing here breaks {a.rule} any more: delete the allowance"
                yield Finding(source.path, line, name, "idle", text)
