# SPDX-License-Identifier: Apache-2.0
"""A small reader of C++: masks comments and literals, cuts the rest into tokens and statements."""

import re
from bisect import bisect_right

_LITERAL = re.compile(
    r"""
    //(?:[^\\\n]|\\.)*                                        # line comment, spliced lines too
  | /\*.*?\*/
  | (?:u8|[uUL])?R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"   # raw string
  | "(?:[^"\\\n]|\\.)*"
  | (?:(?<![0-9A-Fa-f])|(?<=u8))'(?:[^'\\\n]|\\.)+'           # 1'000 holds no character literal
    """,
    re.X | re.S,
)
_NOT_NEWLINE = re.compile(r"[^\n]")
_DIRECTIVE = re.compile(r"^[ \t]*\#(?:[^\n\\]|\\.)*", re.M | re.S)
_TOKEN = re.compile(
    r"[A-Za-z_]\w*|\.?\d(?:[eEpP][+-]|['\w.])*|::|->|&&|\|\||\+\+|--|[-+*/%&|^!=<>]=|[^\s\w]"
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_HEADS = {"class", "struct", "union", "enum", "namespace", "extern", "concept", "requires"}
_OPERAND_END = re.compile(r"[\w)\]\"']$")


def _blank(text):
    return _NOT_NEWLINE.sub(" ", text) if "\n" in text else " " * len(text)


def mask(text):
    """Returns the text with comments and literals blanked, and its comments as (offset, text)."""
    out, comments, last = [], [], 0
    for m in _LITERAL.finditer(text):
        out.append(text[last : m.start()])
        piece = m.group()
        if piece[0] == "/":
            comments.append((m.start(), piece))
            out.append(_blank(piece))
        else:
            out.append(piece[-1] + _blank(piece[1:-1]) + piece[-1])
        last = m.end()
    out.append(text[last:])
    return "".join(out), comments


class Tokens:
    """Tokens of one file without its preprocessor lines.

    text[i], line[i]; match[i] is the partner of a bracket or -1; parent[i] is the innermost open
    bracket around token i, or -1.
    """

    def __init__(self, masked):
        code = _DIRECTIVE.sub(lambda m: _blank(m.group()), masked)
        starts = [m.end() for m in re.finditer("\n", code)]
        self.text, self.line = [], []
        for m in _TOKEN.finditer(code):
            self.text.append(m.group())
            self.line.append(bisect_right(starts, m.start()) + 1)
        self._pair()

    def _pair(self):
        self.match = [-1] * len(self.text)
        self.parent = [-1] * len(self.text)
        stack = []
        for i, t in enumerate(self.text):
            if t in _PAIRS:
                while stack and self.text[stack[-1]] != _PAIRS[t]:
                    stack.pop()  # an unbalanced branch of an #if
                if stack:
                    self.match[i] = stack[-1]
                    self.match[stack.pop()] = i
            self.parent[i] = stack[-1] if stack else -1
            if t in "([{":
                stack.append(i)

    def at(self, i):
        return self.text[i] if 0 <= i < len(self.text) else ""

    def segments(self):
        """Number of the statement each token is in, and each statement's (first, last) line.

        Braces and the semicolons outside of parentheses end a statement; the token that ends it
        belongs to it.
        """
        number, lines, first = [], [], None
        for i, t in enumerate(self.text):
            if first is None:
                first = self.line[i]
            number.append(len(lines))
            outer = self.at(self.parent[i])
            if t in "{}" or (t == ";" and outer != "("):
                lines.append((first, self.line[i]))
                first = None
        lines.append((first or 1, self.line[-1] if self.line else 1))
        return number, lines

    def arguments(self, opener):
        """The arguments of the call whose parenthesis opens at `opener`, as lists of indices."""
        end = self.match[opener]
        args, current = [], []
        i = opener + 1
        while i < end:
            if self.text[i] == "," and self.parent[i] == opener:
                args.append(current)
                current = []
            else:
                current.append(i)
            i += 1
        return args + [current] if current or args else []

    def is_lambda(self, i):
        """True if the bracket at `i` opens a lambda's capture list."""
        if self.text[i] != "[" or self.at(i + 1) == "[" or self.at(i - 1) == "[":
            return False
        before = self.at(i - 1)
        if before in ("&", "&&") and self.at(i - 2) in ("auto", "const"):
            return False  # a structured binding
        if before in ("return", "co_return", "co_await", "co_yield", "else", "do", "case"):
            return True
        return not _OPERAND_END.search(before) and before != ">"

    def brace(self, i):
        """What the brace opening at `i` is: "block", "lambda" or "init"."""
        before = self.at(i - 1)
        if i == 0 or before in (";", "else", "do", "try"):
            return "block"
        if before == "{":
            return "init" if self.brace(i - 1) == "init" else "block"
        if before in ("(", ",", "=", "return", "co_return", "co_await", "co_yield", "?", "<"):
            return "init"
        if before == "[":
            return "block"
        return self._brace_after_words(i)

    def _brace_after_words(self, i):
        words, heads, j = [], [], i - 1  # heads: the words before a comma, as in a list of bases
        while j >= 0:
            t = self.text[j]
            if t in ";{(=[?" or t in ("return", "co_return", "co_await"):
                break
            if t == "}" and (j < i - 1 or self.brace(max(self.match[j], 0)) != "init"):
                break
            if t in ")]}" and self.match[j] >= 0:
                opener = self.match[j]
                if t == "]" and not heads and self.is_lambda(opener):
                    return "lambda"
                j = opener
            (heads if heads or t == "," else words).append(t)
            j -= 1
        if self.at(i - 1) in ("}", ":") or words[:1] == [")"]:
            return "block"
        if any(w in _HEADS for w in words + heads):
            return "block"
        # A function's qualifiers or its trailing return type follow its parameters.
        return "block" if ")" in words else "init"
