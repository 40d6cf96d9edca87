# SPDX-License-Identifier: Apache-2.0
"""Documents: every relative link leads to a file, and every #anchor to a heading."""

import posixpath
import re
from urllib.parse import unquote

from tree import Finding

name = "links"
checks = ("file", "anchor")

_FENCE = re.compile(r"^[ ]{0,3}(```+|~~~+).*?^[ ]{0,3}\1[`~]*[ \t]*$", re.M | re.S)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.S)
_INLINE = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+[\"'(][^)]*)?\)")
_DEFINED = re.compile(r"^[ ]{0,3}\[[^\]]+\]:\s*<?([^\s>]+)", re.M)
_HTML = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)=\"([^\"]+)\"")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$", re.M)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


def _blank(m):
    return re.sub(r"[^\n]", " ", m.group())


def anchors(text):
    """The anchors that the headings of a document make, by the rule that code hosts use."""
    seen, out = {}, set()
    for m in _HEADING.finditer(_FENCE.sub(_blank, text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", m[1]).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        n = seen.get(slug, 0)
        seen[slug] = n + 1
        out.add(f"{slug}-{n}" if n else slug)
    out.update(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
    return out


def _links(text):
    for pattern in (_INLINE, _DEFINED, _HTML):
        for m in pattern.finditer(text):
            yield m.start(1), m[1]


def run(tree):
    for source in tree.sources:
        if source.pure.suffix != ".md":
            continue
        text = _CODE.sub(_blank, _FENCE.sub(_blank, source.text))
        for offset, link in _links(text):
            broken = None if _SCHEME.match(link) else _broken(tree, source, unquote(link))
            if broken:
                yield Finding(source.path, source.line_of(offset), name, *broken)


def _broken(tree, source, link):
    path, _, anchor = link.partition("#")
    path = path.partition("?")[0]
    full = source.path
    if path:
        base = "" if path.startswith("/") else posixpath.dirname(source.path)
        full = posixpath.normpath(posixpath.join(base, path.lstrip("/")))
        if full.startswith("..") or not (tree.root / full).exists():
            return "file", f"the link {path} leads nowhere: correct the path or add the file"
    page = tree.by_path.get(full)
    if anchor and page and full.endswith(".md") and anchor.lower() not in anchors(page.text):
        return "anchor", f"{full} has no heading for #{anchor}: name one of its headings"
    return None
