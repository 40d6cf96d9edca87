# SPDX-License-Identifier: Apache-2.0
"""Finds the atomic accesses of a file: where they are, their orders, the tags these ask for."""

import posixpath
import re
from dataclasses import dataclass, field

from rules.layers import includes, target

ORDERS = {"relaxed", "acquire", "release", "acq_rel", "seq_cst"}
NEEDS = {
    "relaxed": {"rlx"},
    "acquire": {"sub"},
    "release": {"pub"},
    "acq_rel": {"pub", "sub"},
    "seq_cst": {"dek"},
}
METHODS = re.compile(r"(?:load|store|exchange|wait|test_and_set|fetch_\w+|compare_exchange_\w+)$")
BARRIERS = {"fence": "", "light": "light", "heavy": "heavy"}
POLICIES = {"atoms", "Atoms", "A", "native", "model"}

_PREFIX = {"std", "weft", "memory_order", "::"}
_ATOMIC = re.compile(r"\b(?:atoms|Atoms|native|std)\s*::\s*(?:template\s+)?atomic\s*<")
_ALIAS = re.compile(r"\busing\s+(\w+)\s*=\s*(?:typename\s+)?$")
_DECLARED = re.compile(r"((?:\s*(?:const\b|[&*]))*)\s*(\w+)\s*(?:[;={(\[,)]|:(?!:))")


@dataclass
class Access:
    what: str
    line: int  # of the call's name
    first: int  # lines of the call
    last: int
    begin: int  # lines of its statement
    end: int
    orders: tuple = ()
    required: set = field(default_factory=set)
    optional: set = field(default_factory=set)
    defaulted: bool = False
    is_fence: bool = False
    side: str = ""

    def fits(self, tag):
        """A barrier's tag names its side; a full fence or access has none, and a plain store that
        a heavy barrier elsewhere completes says light."""
        return tag.kind != "dek" or tag.extra == self.side or self.replaced_by(tag)

    def replaced_by(self, tag):
        """True if the tag stands for the order's own: `dek EDGE light` on a plain store."""
        light = tag.kind == "dek" and tag.extra == "light"
        return light and not self.side and "seq_cst" not in self.orders


def _order(text):
    """The order that a token names, or None."""
    text = text.removeprefix("memory_order_")
    return text if text in ORDERS else None


def declared(source):
    """Names that this file declares as atomics, or as pointers to them: name -> is a pointer."""
    if not hasattr(source, "declared_atomics"):
        names, aliases = {}, set()
        for m in _ATOMIC.finditer(source.code):
            end = _after_angle(source.code, m.end())
            alias = _ALIAS.search(source.code[max(0, m.start() - 80) : m.start()])
            if alias:
                aliases.add(alias[1])
            elif d := _DECLARED.match(source.code, end):
                names[d[2]] = "*" in d[1]
        for alias in aliases:
            for m in re.finditer(rf"\b{alias}\b(?:\s*<[^;<>]*>)?", source.code):
                if d := _DECLARED.match(source.code, m.end()):
                    names[d[2]] = "*" in d[1]
        source.declared_atomics = names
    return source.declared_atomics


def _after_angle(code, i):
    """Offset behind the template argument list that is open at i, and behind those around it."""
    depth = 1
    while i < len(code) and depth:
        depth += {"<": 1, ">": -1}.get(code[i], 0)
        i += 1
    rest = re.compile(r"\s*(?:,[^;<>(){}]*)?>").match(code, i)  # std::array<atomic<int>, 4>
    return rest.end() if rest else i


def visible(tree, source):
    """Names declared atomic in the file or in what it includes of this repository."""
    known = tree.__dict__.setdefault("visible_atomics", {})
    if source.path not in known:
        known[source.path] = names = set(declared(source))
        for _, quote, what in includes(source):
            path = target(tree, source, quote, what)
            inner = tree.by_path.get(path)
            if inner and posixpath.basename(path) != "weft.hpp":
                names |= visible(tree, inner)
    return known[source.path]


def accesses(tree, source):
    """Yields every access and barrier of the file, in order of position."""
    t = source.tokens
    number, lines = t.segments()
    names = visible(tree, source)

    def make(i, opener, **more):
        last = t.match[opener]
        return Access(
            what=t.text[i],
            line=t.line[i],
            first=t.line[i],
            last=t.line[last],
            begin=lines[number[i]][0],
            end=lines[number[last]][1],
            **more,
        )

    for i, word in enumerate(t.text):
        if t.at(i + 1) == "(" and t.match[i + 1] > 0 and re.match(r"[A-Za-z_]", word):
            opener = i + 1
            orders = _orders_of(t, opener)
            if orders:
                yield make(i, opener, is_fence=word.endswith("_fence"), **_needs(word, orders))
            elif word in BARRIERS and t.at(i - 1) == "::" and t.at(i - 2) in POLICIES:
                yield make(i, opener, required={"dek"}, side=BARRIERS[word])
            elif METHODS.match(word) and t.at(i - 1) in (".", "->"):
                if _is_atomic(t, i, names, declared(source)):
                    yield make(i, opener, defaulted=True)
        elif word.endswith("_") and declared(source).get(word) is False:
            op = t.at(i + 1) if t.at(i + 1) in ("++", "--") else t.at(i - 1)
            step = op in ("++", "--") or re.match(r"[-+&|^]=$", t.at(i + 1))
            assigned = t.at(i + 1) == "=" and t.at(i - 1) in (";", "{", "}", ".", "->", ")", "else")
            if step or assigned:
                what = f"an operator on {word}"
                begin, end = lines[number[i]]
                yield Access(what, t.line[i], t.line[i], t.line[i], begin, end, defaulted=True)


def _orders_of(t, opener):
    """For each argument that is an order, the orders it may be (two in a ?: expression)."""
    out = []
    for arg in t.arguments(opener):
        words = [t.text[k] for k in arg if t.text[k] not in _PREFIX]
        choice = "?" in words
        named = [o for w in words if (o := _order(w))]
        if named and (choice and words[-1] == named[-1] or len(words) == 1):
            out.append(named)
    return out


def _needs(word, orders):
    """Tags that a call with these orders must and may carry."""
    required = set().union(*(NEEDS[o] for o in orders[0]))
    optional = {"pub", "sub"} if "seq_cst" in orders[0] else {"dek"}
    if len(orders) > 1:  # a compare-and-swap: what it does on failure
        failure = set().union(*(NEEDS[o] for o in orders[-1]))
        if failure == {"sub"} and "dek" not in required:
            required |= failure
        else:
            optional |= failure
    named = tuple(o for choice in orders for o in choice)
    return {"orders": named, "required": required, "optional": optional - required}


def _is_atomic(t, i, names, own):
    """True if the method called at token i is called on something declared atomic."""
    k = i - 2
    while t.at(k) == "]" and t.match[k] > 0:
        k = t.match[k] - 1
    word, receiver = t.text[i], t.at(k)
    if t.match[i + 1] == i + 2:  # no arguments: wait() is a future's or a gate's
        return word in ("load", "test_and_set")
    if receiver in own or receiver.endswith("_"):
        return receiver in names
    # Another file's name without an underscore is common, but these methods are not.
    return receiver in names and word.startswith(("load", "fetch_", "compare_exchange"))
