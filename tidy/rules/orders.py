# SPDX-License-Identifier: Apache-2.0
"""Memory orders: each atomic access names its order and carries a tag that fits; edges pair up."""

import re
from dataclasses import dataclass

from rules.atomics import accesses
from rules.layers import FLOORS
from rules.order_tags import FORMS, collect
from tree import Finding

name = "orders"
checks = (
    "defaulted",
    "consume",
    "missing",
    "fit",
    "malformed",
    "fence",
    "no-sub",
    "no-pub",
    "alone",
    "half",
)

# The atoms themselves: what is below every order.
EXEMPT = {"include/weft/base/atoms.hpp", "src/base/native.cpp"}
_WHICH = {"pub": "release", "sub": "acquire", "dek": "seq_cst", "rlx": "relaxed"}
_HINT = re.compile(
    r"\b(?:relaxed|acquire|release|acq_rel|seq_cst|memory_order\w*|fence|light|heavy)\b|\batomic\b"
    r"|\b(?:load|store|exchange|fetch_\w+|compare_exchange_\w+|test_and_set)\s*\("
)


@dataclass(frozen=True)
class Site:
    path: str
    line: int
    kind: str
    extra: str


def in_scope(source):
    floor = FLOORS.get(source.layer, 99)
    return source.path not in EXEMPT and floor <= 9


def _scan(tree):
    """Findings inside files, and the sites of all edges; done once for a tree."""
    if not hasattr(tree, "orders"):
        findings, found = [], {}
        for source in tree.cpp("include", "src"):
            if in_scope(source) and _HINT.search(source.code):
                findings += _file(tree, source, found)
        tree.orders = findings, found
    return tree.orders


def edges(tree):
    """The sites of each edge."""
    return _scan(tree)[1]


def run(tree):
    findings, found = _scan(tree)
    yield from findings
    for edge, sites in sorted(found.items()):
        yield from _pairing(edge, sites)


def _file(tree, source, found):
    say = lambda line, check, text: Finding(source.path, line, name, check, text)
    tags, malformed = collect(source)
    for line, text in malformed:
        yield say(line, "malformed", f'"{text}" is no tag: write ' + " or ".join(FORMS.values()))
    for m in re.finditer(r"\bmemory_order(?:_|::)consume\b", source.code):
        text = "memory_order_consume: compilers make it acquire; use acquire"
        yield say(source.line_of(m.start()), "consume", text)
    all_accesses = list(accesses(tree, source))
    for a in all_accesses:
        if a.defaulted:
            text = f"{a.what} names no order: name relaxed, acquire, release, acq_rel or seq_cst"
            yield say(a.line, "defaulted", text)
        elif a.is_fence and "seq_cst" not in a.orders:
            text = "a fence that is not seq_cst: publish with a release store and an acquire load"
            yield say(a.line, "fence", text)
        else:
            yield from _tagged(say, tags, a, all_accesses, malformed)
    for line in sorted(tags):
        for tag in tags[line]:
            if not tag.used:
                if tag.trailing:
                    text = f'the tag "{tag.kind}" means {_WHICH[tag.kind]}, no access here is'
                    yield say(line, "fit", text + ": correct the order or the tag")
            elif tag.edge:
                site = Site(source.path, line, tag.kind, tag.extra)
                found.setdefault(tag.edge, []).append(site)


def _tagged(say, tags, access, others, malformed):
    """Marks the tags that the access uses; what it lacks is a finding."""
    own = [t for n in range(access.first, access.last + 1) for t in tags.get(n, ())]
    missing = _use(access, own, set(access.required))
    if missing:
        taken = {n for o in others if o is not access for n in range(o.first, o.last + 1)}
        rest = [n for n in range(access.begin, access.end + 1) if n not in taken]
        missing = _use(access, [t for n in rest for t in tags.get(n, ())], missing)
    if missing and not any(access.begin <= line <= access.end for line, _ in malformed):
        wanted = ", ".join(FORMS[k] for k in sorted(missing)) + (access.side and f" {access.side}")
        orders = ", ".join(access.orders) or "a barrier"
        text = f"{access.what} ({orders}) lacks its tag: end the line with // {wanted}"
        yield say(access.line, "missing", text)


def _use(access, tags, missing):
    """Marks those of the tags that fit the access; returns the kinds that are still missing."""
    for tag in tags:
        if tag.kind in access.required | access.optional and access.fits(tag):
            tag.used = True
            missing = set() if access.replaced_by(tag) else missing - {tag.kind}
    return missing


def _pairing(edge, sites):
    kinds = {k: [s for s in sites if s.kind == k] for k in ("pub", "sub", "dek")}
    if kinds["pub"] and not kinds["sub"]:
        yield _edge(kinds["pub"], "no-sub", f"{edge} is published, nobody says sub {edge}")
    if kinds["sub"] and not kinds["pub"]:
        yield _edge(kinds["sub"], "no-pub", f"{edge} is received, nobody says pub {edge} -> who")
    if len(kinds["dek"]) == 1:
        yield _edge(kinds["dek"], "alone", f"dek {edge} has one side: tag the other side too")
    sides = {s.extra for s in kinds["dek"]}
    if len(kinds["dek"]) > 1 and sides & {"light", "heavy"} and "heavy" not in sides:
        yield _edge(kinds["dek"], "half", f"dek {edge} has a light side and no heavy one")
    elif len(kinds["dek"]) > 1 and sides == {"heavy"}:
        yield _edge(kinds["dek"], "half", f"dek {edge} has a heavy side and no light one")


def _edge(sites, check, text):
    first = min(sites, key=lambda s: (s.path, s.line))
    cure = "" if check == "alone" else ": tag the other end or correct the name"
    return Finding(first.path, first.line, name, check, text + cure)
