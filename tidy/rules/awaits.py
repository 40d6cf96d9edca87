# SPDX-License-Identifier: Apache-2.0
"""Forms of co_await that g++ 12 compiles wrongly; the safe style is one await a statement."""

import re

from tree import Finding

name = "awaits"
checks = ("logic", "choice", "condition", "two", "lambda", "braces")

_AWAITS = ("co_await", "co_yield")
_HEADS = ("if", "while", "switch", "for")
TEXTS = {
    "logic": "co_await on the right of && or || runs always: await into a name first",
    "choice": "co_await in a statement with ?: is destroyed twice: use if",
    "condition": "a bare co_await as condition may never complete: write if (auto v = co_await x)",
    "two": "two awaits in one statement: await each into a name of its own",
    "lambda": "a capturing lambda beside co_await is destroyed twice: name the lambda before",
    "braces": "a braced temporary beside co_await is destroyed twice: name it before, or use ()",
}


def run(tree):
    for source in tree.cpp():
        if not source.awaits:
            continue
        t = source.tokens
        for kind, unit in units(t, 0, len(t.text)):
            awaits = [i for i in unit if t.text[i] in _AWAITS and t.at(i - 1) != "operator"]
            if awaits:
                for check in _broken(t, kind, unit, awaits):
                    line = t.line[awaits[1] if check == "two" else awaits[0]]
                    yield Finding(source.path, line, name, check, TEXTS[check])


def units(t, i, end):
    """Cuts tokens i to end into statements and conditions: (kind, indices).

    kind is "statement", or the word of the head: "if", "while", "switch", "for". A lambda's body
    is cut on its own and is no part of the statement around it.
    """
    while i < end:
        word = t.text[i]
        if word in "{};" or word in ("else", "do", "try"):
            i += 1
        elif word in ("case", "default"):
            while i < end and t.text[i] != ":":
                i += 1
        elif word in _HEADS:
            i += 1
            while i < end and t.text[i] != "(":
                i += 1
            close = t.match[i] if i < end else -1
            if close < 0:
                return
            yield from _heads(t, word, i, close)
            i = close + 1
        else:
            unit, inner, i = _statement(t, i, end)
            yield "statement", unit
            for a, b in inner:
                yield from units(t, a, b)


def _heads(t, word, opener, close):
    """The parts of `if (init; condition)` and `for (init; condition; step)`."""
    parts, begin = [], opener + 1
    for i in range(opener + 1, close + 1):
        if i == close or (t.text[i] == ";" and t.parent[i] == opener):
            unit, inner, _ = _statement(t, begin, i)
            parts.append((unit, inner))
            begin = i + 1
    tested = len(parts) - 1 if word != "for" else 1
    for n, (unit, inner) in enumerate(parts):
        yield word if n == tested else "statement", unit
        for a, b in inner:
            yield from units(t, a, b)


def _statement(t, i, end):
    """Indices of the statement that begins at i, the bodies of its lambdas, and where it ends."""
    unit, inner = [], []
    while i < end:
        word = t.text[i]
        if word == "{" and t.match[i] > 0:
            kind = t.brace(i)
            if kind == "lambda":
                inner.append((i + 1, t.match[i]))
                i = t.match[i] + 1
                continue
            if kind == "block":
                break
        elif word == ";" or (word == "}" and t.match[i] not in unit):
            break
        unit.append(i)
        i += 1
    return unit, inner, max(i, unit[-1] + 1 if unit else i + 1)


def _broken(t, kind, unit, awaits):
    words = [t.text[i] for i in unit]
    if len(awaits) > 1:
        yield "two"
    if any(_right_of_logic(t, unit, a) for a in awaits):
        yield "logic"
    if "?" in words:
        yield "choice"
    if kind != "statement" and not _declares(t, unit):
        yield "condition"
    if any(t.is_lambda(i) and t.at(i + 1) != "]" for i in unit):
        yield "lambda"
    if any(t.text[i] == "{" for i in unit):
        yield "braces"


def _right_of_logic(t, unit, await_at):
    """True if an enclosing expression has && or || before the await."""
    for i in unit:
        if i >= await_at or t.text[i] not in ("&&", "||") or _is_reference(t, i):
            continue
        between = range(i + 1, await_at)
        level = t.parent[i]
        inside = level < 0 or await_at < t.match[level]
        cut = any(t.parent[k] == level and t.text[k] in (",", ";", "?", ":") for k in between)
        if inside and not cut:
            return True
    return False


def _is_reference(t, i):
    """True if the && at i belongs to a type: `auto&& v =`, `T&& v =`, `<T&&>`."""
    if t.at(i - 1) == "auto" or t.at(i + 1) in (">", ")", ","):
        return True
    return bool(re.match(r"\w", t.at(i + 1))) and t.at(i + 2) in ("=", ":", ")", ",")


def _declares(t, unit):
    """True for `auto v = co_await x` as a condition: a type, a name, an equals sign."""
    level = t.parent[unit[0]]
    for n, i in enumerate(unit):
        if t.text[i] == "=" and t.parent[i] == level:
            return n >= 2 and bool(re.match(r"[\w\]]", t.text[unit[n - 1]]))
    return False
