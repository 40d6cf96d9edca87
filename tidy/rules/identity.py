# SPDX-License-Identifier: Apache-2.0
"""Thread identity: a value of the thread, read in a coroutine, may belong to another by now."""

import re

from tree import Finding

name = "identity"
checks = ("identity",)

_BANNED = re.compile(r"\b(?:errno|pthread_self|get_id|gettid|thread_local)\b")


def run(tree):
    for source in tree.cpp():
        if not source.awaits:
            continue
        for m in _BANNED.finditer(source.code):
            text = (
                f"{m.group()} in a file with co_await: the compiler may keep it across a move to "
                "another thread; put it in a file without coroutines and return a value"
            )
            yield Finding(source.path, source.line_of(m.start()), name, "identity", text)
