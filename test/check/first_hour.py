#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""first_hour.py BUILD COMPILER: the first hour of a lock-free author, on the installed tree.

Installs BUILD into a folder of its own, builds the example there as its reader would, explores it,
breaks it in the ways its first lines name, and runs the commands that the failures end with.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# A test as a user of the library writes it: it is built outside the tree, and is under 15 lines.
OWN_TEST = """\
#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>
#include <iostream>
using weft::check::model, weft::check::threads;
int main() {
  auto const r = weft::check::explore([](threads& run) {
    model::atomic<bool> ready{false};
    model::var<int> data{0};
    run([&] { data = 42; ready.store(true, weft::RELEASE); },
        [&] { if (ready.load(weft::acquire)) weft::check::expect_equal(data.get(), 42); });
  });
  std::cout << r << std::endl;
  return r ? 0 : 3;
}
"""

failures = []


def expect(holds, what, seen):
    if not holds:
        failures.append(what)
        print(f"{what}\n--- instead:\n{seen}---")


class Author:
    """Somebody with an installed weft, a compiler and a folder."""

    def __init__(self, folder, build, compiler):
        self.folder, self.compiler = Path(folder), compiler
        prefix = self.folder / "prefix"
        self.call("cmake", "--install", build, "--prefix", prefix)
        pc = next(prefix.rglob("weft-check.pc"))
        self.environment = dict(os.environ, PKG_CONFIG_PATH=str(pc.parent))
        self.flags = {
            which: self.call("pkg-config", which, "weft-check", env=self.environment).split()
            for which in ("--cflags", "--libs")
        }
        self.example = (prefix / "share/weft/examples/check/stack.cpp").read_text(encoding="utf-8")

    def call(self, *command, **options):
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder,
                              check=False, **options)
        if done.returncode != 0:
            sys.exit(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def build(self, name, text):
        (self.folder / f"{name}.cpp").write_text(text, encoding="utf-8")
        self.call(self.compiler, "-std=c++20", "-g", "-Wall", "-Wextra", "-Werror", f"{name}.cpp",
                  *self.flags["--cflags"], *self.flags["--libs"], "-o", name)

    def build_with(self, name, old, new):
        """The example with one change."""
        if self.example.count(old) != 1:
            sys.exit(f'stack.cpp holds "{old}" {self.example.count(old)} times, not once')
        self.build(name, self.example.replace(old, new))

    def shell(self, command):
        begin = time.monotonic()
        done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120,
                              cwd=self.folder, check=False)
        return done.returncode, done.stdout + done.stderr, time.monotonic() - begin

    def line(self, name, number):
        text = (self.folder / f"{name}.cpp").read_text(encoding="utf-8")
        return text.splitlines()[int(number) - 1]


def story_of(said):
    """The last story, from its message on: without the line that counts executions."""
    heads = list(re.finditer(r"^[^:\n]+(:\d+)?: [a-z ]+( in execution \d+)?\n", said, re.M))
    return said[heads[-1].end():] if heads else said


def replays(author, code, said):
    """The last line is a command that tells the same story again."""
    command = said.rstrip("\n").split("\n")[-1]
    again, said_again, _ = author.shell(command)
    expect(again == code == 3, "the failure and its replay end 3", f"{code}, {again}\n")
    expect(story_of(said_again) == story_of(said), f"{command}: the same story",
           said + "\n--- and:\n" + said_again)
    expect(said_again.rstrip("\n").split("\n")[-1] == command, "which ends with the same command",
           said_again)


def as_it_is(author):
    author.build("stack", author.example)
    code, said, seconds = author.shell("./stack")
    expect(code == 0, "the example ends 0", said)
    found = re.findall(r"^([^:\n]+): exhausted: (\d+) executions, 0 failures$", said, re.M)
    expect(len(found) == 3 and all(int(n) > 50 for _, n in found),
           "three scenarios, exhausted, in more than fifty executions each", said)
    expect(seconds < 5, "in less than five seconds", f"{seconds:.1f} s\n")
    print(said + f"{seconds:.2f} s")

    code, said, _ = author.shell("./stack --audit")
    print(said)
    ordered = [n for n, line in enumerate(author.example.splitlines(), 1)
               if re.search(r"\b(acquire|release)\)|release, relaxed", line)]
    expect(code == 0, "the audit ends 0", said)
    listed = [int(n) for n in re.findall(r"^stack\.cpp:(\d+): ", said, re.M)]
    expect(listed == ordered, f"the audit has one line for each ordered access: {ordered}", said)

    code, said, _ = author.shell("./stack --list")
    expect((code, said.split("\n")[:-1]) == (0, [name for name, _ in found]),
           "--list names the scenarios", said)
    for wrong in ("--sing", "--replay nobody:A", "--replay 'push and pop:?'", "--filter none",
                  "--replay 'push and pop:" + 50 * "BC" + "'"):
        code, said, _ = author.shell(f"./stack {wrong}")
        expect(code == 2, f"{wrong} ends 2", f"{code}\n{said}")
        expect(said.startswith("./stack: "), f"{wrong}: says what is wrong", said)


def a_relaxed_release(author):
    author.build_with("relaxed", "release, relaxed", "relaxed, relaxed")
    code, said, _ = author.shell("./relaxed")
    print(said)
    race = re.search(r"\nthread \d reads .* at relaxed\.cpp:(\d+), "
                     r"thread \d wrote it at relaxed\.cpp:(\d+)", said)
    expect(race, "a data race with both places", said)
    if race:
        expect("top->" in author.line("relaxed", race[1]), "where the node is read", said)
        expect("new node" in author.line("relaxed", race[2]), "where it is written", said)
    replays(author, code, said)


def a_delete(author):
    author.build_with("deleted", "retire(top);", "delete top;")
    code, said, _ = author.shell("./deleted")
    print(said)
    expect("use after free in execution " in said, "a use after free", said)
    for what, where in {"allocated": "new node", "freed": "delete top", "read": "top->"}.items():
        place = re.search(rf"^  {what} at +deleted\.cpp:(\d+), step \d+, by ", said, re.M)
        expect(place and where in author.line("deleted", place[1]), f"where it was {what}", said)
    replays(author, code, said)


def an_own_test(author):
    for order, code in {"release": 0, "relaxed": 3}.items():
        author.build("own", OWN_TEST.replace("RELEASE", order))
        seen, said, _ = author.shell("./own")
        expect(seen == code, f"the user's own test, {order}, ends {code}", said)
        if code == 0:
            expect(re.match(r"own\.cpp:6: exhausted: \d+ executions, 0 failures$", said),
                   "it is called by its place", said)
        else:
            replays(author, seen, said)


def a_cmake_project(author):
    author.call("cmake", "-S", "prefix/share/weft/examples/check", "-B", "project", "-G", "Ninja",
                f"-DCMAKE_CXX_COMPILER={author.compiler}",
                f"-DCMAKE_PREFIX_PATH={author.folder / 'prefix'}")
    author.call("cmake", "--build", "project")
    code, said, _ = author.shell("project/stack")
    expect(code == 0 and said.count("exhausted: ") == 3, "cmake finds weft::check", said)


def main():
    build, compiler = Path(sys.argv[1]).resolve(), sys.argv[2]
    expect(len(OWN_TEST.splitlines()) < 15, "a test of a user has less than 15 lines", OWN_TEST)
    with tempfile.TemporaryDirectory() as folder:
        author = Author(folder, build, compiler)
        for part in (as_it_is, a_relaxed_release, a_delete, an_own_test, a_cmake_project):
            part(author)
    print("as expected" if not failures else f"{len(failures)} failures: {failures}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
