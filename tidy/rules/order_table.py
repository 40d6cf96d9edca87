# SPDX-License-Identifier: Apache-2.0
"""doc/orders.md: the table of all memory-order edges, written by tidy and checked to be current."""

from collections import Counter

from rules import orders
from tree import Finding

name = "order-table"
checks = ("stale",)

PAGE = "doc/orders.md"
_HEAD = """# Memory-order edges

Written by `python3 tidy/run.py --write-orders`; the tidy test fails when it is stale. Each atomic
access names its order and its edge in a comment: `pub` publishes (release), `sub` receives
(acquire), `dek` is one side of a store-load pair (seq_cst, or a light and a heavy barrier). A
number after a file counts its accesses of the edge. Relaxed accesses say why they may be.

"""


def _files(sites):
    counts = Counter(site.path for site in sites)
    names = []
    for path, n in sorted(counts.items()):
        link = f"[{'/'.join(path.split('/')[-2:])}](../{path})"
        names.append(link if n == 1 else f"{link} ×{n}")
    return "<br>".join(names)


def page(tree):
    """The text of the page for this tree."""
    edges, out = orders.edges(tree), [_HEAD]
    one_way = {e: s for e, s in edges.items() if any(x.kind != "dek" for x in s)}
    out.append("## Publications\n\n| edge | published in | for | received in |\n")
    out.append("|---|---|---|---|\n")
    for edge in sorted(one_way):
        pub = [s for s in one_way[edge] if s.kind == "pub"]
        sub = [s for s in one_way[edge] if s.kind == "sub"]
        who = ", ".join(sorted({w.strip() for s in pub for w in s.extra.split(",")}))
        out.append(f"| `{edge}` | {_files(pub)} | {who} | {_files(sub)} |\n")
    out.append("\n## Store-load pairs\n\n| edge | sides | barriers |\n|---|---|---|\n")
    for edge in sorted(edges):
        sides = [s for s in edges[edge] if s.kind == "dek"]
        if sides:
            how = ", ".join(sorted({s.extra or "full" for s in sides}))
            out.append(f"| `{edge}` | {_files(sides)} | {how} |\n")
    return "".join(out)


def run(tree):
    if not orders.edges(tree) and PAGE not in tree.by_path:
        return
    now = tree.by_path[PAGE].text if PAGE in tree.by_path else None
    if now != page(tree):
        what = "is stale" if now is not None else "is missing"
        text = f"the table of edges {what}: run python3 tidy/run.py --write-orders"
        yield Finding(PAGE, 1, name, "stale", text)
