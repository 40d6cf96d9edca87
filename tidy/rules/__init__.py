# SPDX-License-Identifier: Apache-2.0
"""The rules. A rule is a module with `name`, `checks` and `run(tree)`, which yields findings.

`checks` names everything the rule can say; each of them is broken by a fixture.
"""

from rules import (
    awaits,
    budget,
    direct,
    identity,
    layers,
    links,
    order_table,
    orders,
    shape,
    words,
)

ALL = (layers, shape, orders, order_table, direct, identity, awaits, words, budget, links)
