#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py HELLO: what the installed example does, said and timed as its reader would see it."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "share/examples/hello/main.cpp"
failures = []


def expect(holds, what, seen):
    if not holds:
        failures.append(f"{what}\n--- instead:\n{seen}---")


def run(hello, *options):
    begin = time.monotonic()
    done = subprocess.run([hello, *options], capture_output=True, text=True, timeout=20,
                          check=False)
    return done, time.monotonic() - begin


def places(text):
    """The lines of the source that the text names, as they stand in the source."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    return [(name, lines[int(n) - 1]) for n, name in re.findall(r"main\.cpp:(\d+) in (\S+)", text)]


def sum_of_three(hello):
    done, _ = run(hello)
    expect((done.returncode, done.stdout, done.stderr) == (0, "3 tasks, sum 42\n", ""),
           "prints the sum and ends 0", done.stdout + done.stderr)


def an_error(hello):
    done, _ = run(hello, "--throw")
    said = done.stderr
    expect(done.returncode == 1, "--throw ends 1", f"{done.returncode}\n")
    expect(said.startswith("weft: error: the sensor does not answer\n"), "the message first", said)
    chain = places(said)
    expect([name for name, _ in chain] == ["read_sensor", "measure_well", "fail"],
           "each frame from the failure up", said)
    expect([("await" in line) for _, line in chain] == [True, True, True],
           "each frame at the line of its last await", said)
    expect("2 siblings cancelled" in said, "how many siblings were cancelled", said)


def a_deadlock(hello):
    done, seconds = run(hello, "--deadlock")
    said = done.stderr
    expect(done.returncode == 1, "--deadlock ends 1", f"{done.returncode}\n")
    expect(seconds < 1, "within a second", f"{seconds:.2f} s\n")
    circle = re.findall(r'(task \d+) waits at main\.cpp:\d+ for mutex "(\w+)"\n'
                        r" +held by (task \d+), acquired at main\.cpp:(\d+)", said)
    expect(sorted(lock for _, lock, _, _ in circle) == ["board", "knife"], "both locks", said)
    if len(circle) == 2:
        (one, _, by_two, _), (two, _, by_one, _) = circle
        expect((one, two) == (by_one, by_two), "each held by the other", said)
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    for _, lock, _, line in circle:
        expect(f"{lock}.acquire()" in lines[int(line) - 1], f"where {lock} was acquired", said)


def a_hang(hello):
    with subprocess.Popen([hello, "--hang"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as program:
        try:
            expect("waiting" in program.stdout.readline(), "--hang says that it waits", "")
            dumps = [dump_of(program), dump_of(program)]
            for said in dumps:
                check_dump(said)
            expect(dumps[0].count("task ") == dumps[1].count("task "), "a dump changes nothing",
                   "".join(dumps))
            expect(program.poll() is None, "it keeps running", f"{program.poll()}\n")
            program.send_signal(signal.SIGINT)
            expect(program.wait(10) == 130, "SIGINT ends it with 130", f"{program.returncode}\n")
        finally:
            program.kill()
        expect("weft: interrupted" in program.stderr.read(), "and says so", "")


def dump_of(program):
    """Asks for a dump, again if the tasks had not come to their waits yet."""
    for _ in range(50):
        program.send_signal(signal.SIGQUIT)
        said = ""
        while select.select([program.stderr], [], [], 0.2)[0]:
            more = os.read(program.stderr.fileno(), 65536).decode()
            if not more:
                return said
            said += more
        if said.count(" waits: ") == 3:
            return said
    return said


def check_dump(said):
    for what, text in {
            "the task that joins": r"task \d+ waits: join .*\n  at main\.cpp:\d+ in hang",
            "the channel by name": r'task \d+ waits: recv of "orders", for \d+\.\d\d s\n'
                                   r"  at main\.cpp:\d+ in serve\n"
                                   r"  at main\.cpp:\d+ in open_shop\n"
                                   r"  spawned below main\.cpp:\d+ in hang",
            "the one that sleeps": r"task \d+ waits: sleep, for \d+\.\d\d s\n"
                                   r"  at main\.cpp:\d+ in measure_tomorrow",
    }.items():
        expect(re.search(text, said), f"SIGQUIT lists {what}", said)


def an_unknown_option(hello):
    done, _ = run(hello, "--sing")
    expect(done.returncode == 2 and "unknown option --sing" in done.stderr, "2 and the usage",
           done.stderr)


def main():
    hello = sys.argv[1]
    for part in (sum_of_three, an_error, a_deadlock, a_hang, an_unknown_option):
        part(hello)
    for text in failures:
        print(text)
    print("hello: as expected" if not failures else f"hello: {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
