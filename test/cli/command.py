#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""command.py WEFT VERSION: every form of the weft command, and what it says to bad input."""

import json
import os
import pty
import re
import subprocess
import sys
import unittest

WEFT, VERSION = "", ""


def environment(**changes):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WEFT_") and k != "NO_COLOR"}
    return {**kept, **changes}


def weft(*words, **changes):
    return subprocess.run([WEFT, *words], env=environment(**changes), capture_output=True,
                          text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)


def on_a_terminal(*words, **changes):
    """What the command prints when its standard output is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([WEFT, *words], stdout=theirs, env=environment(**changes)) as child:
        os.close(theirs)
        out = b""
        try:
            while part := os.read(ours, 4096):
                out += part
        except OSError:  # the child has closed its side
            pass
        child.wait(60)
    os.close(ours)
    return out.decode()


class Forms(unittest.TestCase):
    def prints(self, done, code=0):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def test_version(self):
        for form in (["version"], ["--version"]):
            self.assertEqual(self.prints(weft(*form)), f"weft {VERSION}\n")

    def test_help_lists_the_commands(self):
        for form in (["help"], ["--help"], ["-h"]):
            text = self.prints(weft(*form))
            for command in ("doctor", "version", "help"):
                self.assertRegex(text, rf"(?m)^  {command} +[A-Z]")

    def test_help_of_a_command_begins_with_a_purpose_and_two_examples(self):
        for command in ("doctor", "version", "help"):
            for form in (["help", command], [command, "--help"], [command, "-h"]):
                lines = self.prints(weft(*form)).splitlines()
                self.assertRegex(lines[0], r"^[A-Z].*\.$")
                self.assertEqual([line[:7] for line in lines[2:4]], ["  weft "] * 2)
                self.assertIn(f"Usage: weft {command}", "\n".join(lines))

    def test_doctor(self):
        text = self.prints(weft("doctor"))
        for name in ("processors", "kernel", "membarrier", "clock", "threads", "workers", "tasks",
                     "timers", "blocking pool", "neutralization", "this weft", "g++", "make test",
                     "make bench"):
            self.assertRegex(text, rf"(?m)^  (ok  |note)  {re.escape(name)} ")
        self.assertIn("weft works on this machine", text)
        self.assertRegex(text, r"built with (clang|g\+\+) \d+\.\d+\.\d+")

    def test_doctor_for_programs(self):
        for form in (["doctor", "--json"], ["--color=always", "doctor", "--json"]):
            found = json.loads(self.prints(weft(*form)))
            self.assertEqual(found["weft"], VERSION)
            self.assertIs(found["works"], True)
            for finding in found["findings"]:
                self.assertEqual(set(finding), {"about", "name", "state", "text", "advice"})


class Environment(unittest.TestCase):
    def finding(self, name, value, code):
        done = weft("doctor", "--json", **{name: value})
        self.assertEqual(done.returncode, code, done.stderr)
        found = json.loads(done.stdout)
        self.assertIs(found["works"], code == 0)
        return next(f for f in found["findings"] if f["name"] == name)

    def test_good_values(self):
        for name, value in (("WEFT_WORKERS", "1"), ("WEFT_LOG", "warn"), ("WEFT_SEED", "7"),
                            ("WEFT_NO_INSTALL", "1")):
            self.assertEqual(self.finding(name, value, 0)["state"], "ok")

    def test_a_number_of_workers_that_is_none_will_not_work(self):
        for value in ("x", "0", "-1", "3.5", "449", "99999999999999999999"):
            found = self.finding("WEFT_WORKERS", value, 1)
            self.assertEqual(found["state"], "FAIL")
            self.assertIn("from 1 to 448", found["advice"])
        self.assertIn("2 things will not work", weft("doctor", WEFT_WORKERS="449").stdout)

    def test_more_workers_than_processors_is_worth_a_note(self):
        self.assertIn("can run at once", self.finding("WEFT_WORKERS", "400", 0)["advice"])

    def test_the_mode_that_was_asked_for(self):
        for mode in ("ordered", "acknowledged", "off"):
            done = weft("doctor", "--json", WEFT_NEUTRALIZE=mode)
            found = next(f for f in json.loads(done.stdout)["findings"]
                         if f["name"] == "neutralization")
            self.assertIn(f"WEFT_NEUTRALIZE={mode} asks" if mode != "ordered" else ": ",
                          found["text"])
            self.assertIs("was got out by SIGURG in" in found["text"], mode != "off")

    def test_words_that_mean_nothing(self):
        self.assertIn("the levels are", self.finding("WEFT_LOG", "loud", 0)["advice"])
        self.assertIn("the areas are", self.finding("WEFT_DEBUG", "sched,wiat", 0)["advice"])
        self.assertIn("not a number", self.finding("WEFT_SEED", "seven", 0)["advice"])
        self.assertIn("the modes are", self.finding("WEFT_NEUTRALIZE", "maybe", 0)["advice"])
        self.assertIn("neither 0 nor 1", self.finding("WEFT_NO_INSTALL", "yes", 0)["advice"])

    def test_a_variable_that_nothing_reads_and_the_nearest_one(self):
        self.assertIn("did you mean WEFT_WORKERS?",
                      self.finding("WEFT_WORKRES", "2", 0)["advice"])
        self.assertEqual(self.finding("WEFT_UNHEARD_OF_THING", "2", 0)["advice"],
                         "nothing in weft reads it")


class Refusals(unittest.TestCase):
    def refuses(self, words, *said):
        done = weft(*words)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        for text in said:
            self.assertIn(text, done.stderr)
        self.assertTrue(done.stderr.startswith("weft: "))

    def test_no_command(self):
        self.refuses([], "a command is missing", "doctor, version, help")
        self.refuses(["--color", "never"], "a command is missing")

    def test_an_unknown_command_and_the_nearest_one(self):
        self.refuses(["doctr"], "no command 'doctr'", "did you mean 'doctor'?")
        self.refuses(["evrsion"], "did you mean 'version'?")
        self.refuses(["help", "docter"], "did you mean 'doctor'?")
        self.refuses(["frobnicate"], "no command 'frobnicate'\n")

    def test_an_unknown_option_and_the_nearest_one(self):
        self.refuses(["doctor", "--jsn"], "'weft doctor' has no option --jsn; did you mean --json?")
        self.refuses(["--colour=never", "doctor"], "did you mean --color?")
        self.refuses(["--frobnicate"], "has no option --frobnicate; see 'weft help'")
        self.refuses(["-x", "doctor"], "has no option -x")

    def test_too_many_words(self):
        self.refuses(["doctor", "me"], "'weft doctor' does not take 'me'")
        self.refuses(["version", "version"], "'weft version' does not take 'version'")
        self.refuses(["help", "doctor", "version"], "'weft help' does not take 'version'")

    def test_a_colour_that_is_none(self):
        self.refuses(["--color=purple", "doctor"], "always, never or auto, not 'purple'")
        self.refuses(["doctor", "--color"], "always, never or auto")


class Colours(unittest.TestCase):
    def test_only_on_a_terminal(self):
        self.assertIn("\x1b[", on_a_terminal("doctor", TERM="xterm"))
        self.assertNotIn("\x1b[", weft("doctor", TERM="xterm").stdout)

    def test_switched_off(self):
        self.assertNotIn("\x1b[", on_a_terminal("doctor", TERM="xterm", NO_COLOR="1"))
        self.assertNotIn("\x1b[", on_a_terminal("doctor", TERM="dumb"))
        self.assertNotIn("\x1b[", on_a_terminal("doctor", "--color=never", TERM="xterm"))

    def test_an_empty_no_color_does_not_count(self):
        self.assertIn("\x1b[", on_a_terminal("doctor", TERM="xterm", NO_COLOR=""))

    def test_asked_for(self):
        self.assertIn("\x1b[", weft("doctor", "--color=always", NO_COLOR="1").stdout)


class Output(unittest.TestCase):
    def ends(self, stdout, said, **options):
        for words in (["version"], ["help"], ["doctor"]):
            done = subprocess.run([WEFT, *words], stdout=stdout, stderr=subprocess.PIPE, text=True,
                                  env=environment(), timeout=60, check=False, **options)
            self.assertEqual((done.returncode, done.stderr),
                             (1, f"weft: cannot write to standard output: {said}\n"))

    def test_a_closed_pipe(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.ends(writer, "Broken pipe")
        os.close(writer)

    def test_a_full_disk(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.ends(full, "No space left on device")

    def test_a_closed_descriptor(self):
        self.ends(None, "Bad file descriptor", preexec_fn=lambda: os.close(1))


class Events(unittest.TestCase):
    def test_the_events_of_two_areas_are_printed(self):
        done = weft("doctor", WEFT_DEBUG="sched,wait")
        self.assertEqual(done.returncode, 0)
        lines = done.stderr.splitlines()
        for line in lines:
            self.assertRegex(line, r"^weft \d+\.\d{6} t\d+ (sched|wait) [a-z]+ \d+ \d+$")
        self.assertEqual({line.split()[3] for line in lines}, {"sched", "wait"})

    def test_an_unknown_area_is_named(self):
        done = weft("version", WEFT_DEBUG="sched,wiat")
        self.assertEqual(done.returncode, 0)
        self.assertIn("weft: WEFT_DEBUG: no area is called 'wiat'; the areas are sched, wait",
                      done.stderr)

    def test_silent_unless_asked(self):
        self.assertEqual(weft("doctor").stderr, "")


if __name__ == "__main__":
    WEFT, VERSION = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1], verbosity=2)
