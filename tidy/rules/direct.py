# SPDX-License-Identifier: Apache-2.0
"""Direct forms: floors 1 to 9 reach the processor and the system through `atoms` and base only."""

import re

from rules.layers import FLOORS
from tree import Finding

name = "direct"

# What is banned, and what to use instead.
FORMS = {
    "atomic": (
        r"\bstd::atomic(?:_ref|_flag|_\w+)?\b|\b__(?:atomic|sync)_\w+|\bstd::memory_order\w*",
        "use atoms::atomic, atoms::fence and the orders by weft's short names",
    ),
    "lock": (
        r"\bstd::(?:(?:recursive_|shared_)?(?:timed_)?mutex|condition_variable(?:_any)?"
        r"|counting_semaphore|binary_semaphore|latch|barrier|call_once|once_flag)\b",
        "use weft's spin_lock, wait list or gate, which the checker can see",
    ),
    "thread": (
        r"\bstd::j?thread\b|\bstd::async\b|\bpthread_\w+|\bstd::this_thread\b",
        "threads are started by exec and known by their thread_record",
    ),
    "local": (
        r"\bthread_local\b|\b__thread\b",
        "use atoms::thread_slot or a room of the thread_record",
    ),
    "clock": (
        r"\bstd::chrono::\w+_clock\b|\b(?:steady|system|high_resolution)_clock::now\b"
        r"|\bclock::now\b|\bclock_gettime\b|\bgettimeofday\b",
        "use atoms::now() or the executor's now(), which tests can move",
    ),
    "sleep": (
        r"\b(?:usleep|nanosleep|clock_nanosleep|sched_yield|sleep_for|sleep_until)\b",
        "use a deadline of the wait protocol, or basic_backoff",
    ),
    "system": (
        r"\bsyscall\s*\(|\bSYS_\w+|\bFUTEX_\w+|\bMEMBARRIER_\w+",
        "use atoms::park, unpark and heavy, or give base the call",
    ),
    "machine": (
        r"\b__?asm(?:__)?\b|\basm\b|\b_mm_\w+|\b__builtin_ia32_\w+",
        "use atoms::pause, fence or light",
    ),
}
checks = tuple(FORMS)

# Folder, form, what may stand there, and why.
ALLOWED = (
    ("src/exec/", "thread", r"std::j?thread|pthread_\w+", "workers are threads, bound and named"),
    ("src/mem/", "thread", r"std::j?thread|pthread_(?:kill|self|sigmask)", "reclaimer and signal"),
    ("src/mem/", "system", r"SYS_\w+|syscall\s*\(|MEMBARRIER_\w+", "reclaimer and signal"),
    ("src/exec/", "system", r"SYS_\w+|syscall\s*\(", "affinity, priority and ids of workers"),
    ("src/io/", "system", r"SYS_\w+|syscall\s*\(", "sockets are system calls"),
)


def _allowed(path, form, found):
    return any(
        path.startswith(folder) and form == kind and re.fullmatch(what, found)
        for folder, kind, what, _ in ALLOWED
    )


def run(tree):
    patterns = {form: re.compile(pattern) for form, (pattern, _) in FORMS.items()}
    for source in tree.cpp("include", "src"):
        if not 1 <= FLOORS.get(source.layer, 0) <= 9:
            continue
        for form, pattern in patterns.items():
            for m in pattern.finditer(source.code):
                if _allowed(source.path, form, m.group()):
                    continue
                what = m.group().rstrip("( ")
                text = f"{what} outside of base: {FORMS[form][1]}"
                yield Finding(source.path, source.line_of(m.start()), name, form, text)
