#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""foreign.py SOURCE WORK INCLUDE COMPILE... -- LINK...: a weakened copy of a header is noticed.

SOURCE is a test of somebody else's header, installed below INCLUDE. For each change of it that is
listed here a copy is made in WORK with that one text replaced, SOURCE is built against the copy,
and the test must fail with the verdict that is listed. Prints in which execution that was.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FAILURE = re.compile(r"^(\S+): (data race|wrong|livelock|deadlock) in execution (\d+)$", re.M)

# The end of the queue's enqueue() with a token; that without one reads the same up to dequeue().
PUBLISH = """\
\t\t\tthis->tailIndex.store(newTailIndex, std::memory_order_{order});
\t\t\treturn true;
\t\t}}
\t\t
\t\ttemplate<typename U>
\t\tbool dequeue(U& element)
\t\t{{
\t\t\tauto tail = """

# For each test: the header, what the change does, the text, what it becomes, the verdict. A text
# stands in its header exactly once.
CHANGES = {
    "foreign_readerwriterqueue": [
        (
            "readerwriterqueue/readerwriterqueue.h",
            "an item is published without a fence",
            "\t\t\tfence(memory_order_release);\n\t\t\ttailBlock_->tail = nextBlockTail;",
            "\t\t\ttailBlock_->tail = nextBlockTail;",
            "data race",
        ),
        (
            "readerwriterqueue/readerwriterqueue.h",
            "a slot is given back without a fence",
            "result = std::move(*element);\n\t\t\telement->~T();\n\n"
            "\t\t\tblockFront = (blockFront + 1) & frontBlock_->sizeMask;\n\n"
            "\t\t\tfence(memory_order_release);\n",
            "result = std::move(*element);\n\t\t\telement->~T();\n\n"
            "\t\t\tblockFront = (blockFront + 1) & frontBlock_->sizeMask;\n\n",
            "data race",
        ),
        (
            "readerwriterqueue/atomicops.h",
            "acquire fences are left out",
            "AE_TSAN_ANNOTATE_ACQUIRE(); std::atomic_thread_fence(std::memory_order_acquire);",
            "AE_TSAN_ANNOTATE_ACQUIRE();",
            "data race",
        ),
    ],
    "foreign_spsc_queue": [
        (
            "boost/lockfree/spsc_queue.hpp",
            "an item is published relaxed",
            "write_index_.store(next, memory_order_release);",
            "write_index_.store(next, memory_order_relaxed);",
            "data race",
        ),
        (
            "boost/lockfree/spsc_queue.hpp",
            "whether there is room is asked relaxed",
            "next == read_index_.load(memory_order_acquire)",
            "next == read_index_.load(memory_order_relaxed)",
            "data race",
        ),
    ],
    "foreign_concurrentqueue": [
        (
            "concurrentqueue/concurrentqueue.h",
            "an item is published relaxed",
            PUBLISH.format(order="release"),
            PUBLISH.format(order="relaxed"),
            "data race",
        ),
        (
            "concurrentqueue/concurrentqueue.h",
            "a slot is given back relaxed",
            "- static_cast<size_t>(i & static_cast<index_t>(BLOCK_SIZE - 1))]"
            ".store(true, std::memory_order_release);",
            "- static_cast<size_t>(i & static_cast<index_t>(BLOCK_SIZE - 1))]"
            ".store(true, std::memory_order_relaxed);",
            "data race",
        ),
    ],
}


def changed_copy(change: tuple, work: Path, include: Path) -> None:
    """The folder of the header in `work`, with the text replaced."""
    header, _, text, replacement, _ = change
    folder = Path(header).parent
    shutil.copytree(include / folder, work / folder)
    path = work / header
    before = path.read_text(encoding="utf-8-sig")
    if before.count(text) != 1:
        raise SystemExit(f"{include / header}: the text to change stands there "
                         f"{before.count(text)} times, not once: adapt the list here\n{text}")
    path.write_text(before.replace(text, replacement), encoding="utf-8")


def try_change(number: int, change: tuple, source: Path, work: Path, include: Path,
               compiler: list[str], link: list[str]) -> tuple[bool, str]:
    """Whether it was noticed, and what there is to say."""
    here = work / str(number)
    shutil.rmtree(here, ignore_errors=True)
    changed_copy(change, here, include)
    program, object_file = str(here / "program"), str(here / "program.o")
    for build in (
        [*compiler, "-isystem", str(here), "-c", str(source), "-o", object_file],
        [*compiler, object_file, "-o", program, *link],
    ):
        built = subprocess.run(build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               check=False)
        if built.returncode != 0:
            return False, f"{' '.join(build)}\n{built.stdout}"
    done = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, timeout=120)
    header, what, _, _, verdict = change
    found = FAILURE.search(done.stdout)
    if done.returncode == 0 or found is None or found.group(2) != verdict:
        return False, f"{header}: {what}: not noticed as a {verdict}\n{done.stdout}"
    return True, (f"{Path(header).name}: {what}: {verdict} in execution "
                  f"{found.group(3)} of \"{found.group(1)}\"")


def main() -> int:
    split = sys.argv.index("--")
    source, work, include = (Path(a) for a in sys.argv[1:4])
    compiler, link = sys.argv[4:split], sys.argv[split + 1:]
    changes = CHANGES[source.name.split(".")[0]]
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        jobs = [pool.submit(try_change, n, c, source, work, include, compiler, link)
                for n, c in enumerate(changes)]
        results = [job.result() for job in jobs]
    for _, text in results:
        print(text)
    failed = sum(not noticed for noticed, _ in results)
    print(f"{len(changes)} changes, {failed} not noticed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
