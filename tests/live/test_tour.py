# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""docs/tour.md and docs/checking-a-kernel.md: every command in them is run, in its order and in one shell, and prints what the page says."""
import os
import re
import shutil
import subprocess

import jitedreader
import pytest
import watching
from conftest import ROOT

PAGE = os.path.join(ROOT, "docs", "tour.md")
CHECKING = os.path.join(ROOT, "docs", "checking-a-kernel.md")
FILE = re.compile(r"(?:/\* (\S+) \*/|#!/bin/sh\n# (\S+))\n")  # how a file begins that the page says to save
KINDS = {"number": r"[0-9]+", "release": r"[0-9]+\.[0-9]+[^\s:]*", "hex": r"[0-9a-f]+", "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[+-][0-9]{4}"}
OFFSET = r" *[0-9a-f]+:\t"
END = "--- end of a command, exit status "


def parts(text):
    """(varying values and their patterns, steps): a step is ("file", name, content) or ("command", command, what it prints)."""
    varying, steps = {}, []
    for line in re.search(r"<!--\n(.*?)-->", text, re.S)[1].splitlines():
        kind, *values = line.split()
        varying |= {value: KINDS[kind] for value in values if kind in KINDS}
    for language, content in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        if language == "console":
            for command, printed in re.findall(r"^# (.*)\n((?:(?!# ).*\n)*)", content, re.M):
                steps.append(("command", command, printed))
        elif FILE.match(content):
            steps.append(("file", FILE.match(content)[1] or FILE.match(content)[2], content))
        else:
            assert language == "sh", content  # only shown
    return varying, steps


class Values:
    """What the page's values are in this run: found where they come first, and the same from then on."""

    def __init__(self, varying):
        self.varying, self.known = varying, {}
        self.words = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, sorted(varying, key=len, reverse=True))) + r")(?![0-9a-f]*[0-9])")
        self.in_names = re.compile("|".join(re.escape(value) for value, kind in varying.items() if kind == KINDS["hex"]) or "(?!)")

    def in_command(self, command):
        return self.words.sub(lambda found: self.known.get(found[1], found[1]), command)

    def pattern(self, line, new):
        """A line of the page as a regular expression; new: {name of a group: value} that come first here."""
        if line == "...":
            return r"(?:.*\n)*?"

        def one(value):
            if value in self.known:
                return re.escape(self.known[value])
            name = f"v{list(self.varying).index(value)}"
            if name in new:
                return f"(?P={name})"
            new[name] = value
            return f"(?P<{name}>{self.varying[value]})"
        out, at = "", 0
        offset = re.match(OFFSET, line)
        if offset:
            out, at = OFFSET, offset.end()
        found = sorted([*self.words.finditer(line, at), *self.in_names.finditer(line, at)], key=lambda one: one.start())
        for match in found:
            if match.start() < at:
                continue
            out += re.escape(line[at:match.start()]) + one(match[0])
            at = match.end()
        return out + re.escape(line[at:].rstrip()) + " *\n"

    def take(self, expected, actual):
        """Does what came fit what the page says? Then the values are known."""
        new = {}
        found = re.fullmatch("".join(self.pattern(line, new) for line in expected.splitlines()), actual)
        if found:
            self.known |= {value: found[name] for name, value in new.items()}
        return bool(found)


class Shell:
    """bash, as a reader of the page has it: what a command starts reads the next commands."""

    def __init__(self, folder, env):
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], cwd=folder, env=env, text=True, errors="surrogateescape",
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        """(what it printed, exit status)"""
        self.process.stdin.write(f"{command}\necho '{END}'$?\n")
        self.process.stdin.flush()
        printed = ""
        for line in self.process.stdout:
            if line.startswith(END):
                return printed, int(line.removeprefix(END))
            printed += line
        return pytest.fail(f"the shell ended with {command!r}: {printed}")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture
def shell(program, tmp_path):
    """A shell that finds bpflens, clang and libbpf's headers, wherever they are."""
    clang = shutil.which("clang-19") or shutil.which("clang")
    for word, path in (("clang", clang), ("ip", shutil.which("ip")), ("unshare", shutil.which("unshare"))):
        if not path:
            pytest.skip(f"needs {word}")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "bpflens").symlink_to(program)
    (tools / "clang").symlink_to(clang)
    work = tmp_path / "work"
    work.mkdir()
    made = Shell(work, {**os.environ, "LC_ALL": "C.UTF-8", "PATH": f"{tools}:{os.environ['PATH']}",
                        "CPATH": os.path.join(ROOT, "build", "libbpf", "include")})
    made.folder = work
    yield made
    made.close()


def differs(command, status, expected, actual):
    return f"# {command}\n(exit status {status})\n--- the page says\n{expected}--- it prints\n{actual}"


def test_every_command_of_the_tour_prints_what_the_page_says(shell, bpflens):
    if not jitedreader.has_disassembler(bpflens):
        pytest.skip("needs a build with libbfd")
    before = watching.objects()
    with open(PAGE) as file:
        varying, steps = parts(file.read())
    values, ran = Values(varying), 0
    for kind, what, content in steps:
        if kind == "file":
            (shell.folder / what).write_text(content)
            continue
        command = values.in_command(what)
        printed, status = shell.run(command)
        printed = printed.replace("pkt(off=0,r=0,imm=0)", "pkt(r=0)")  # kernels before 6.4 write all of it
        assert values.take(content, printed), differs(command, status, content, printed)
        assert (status != 0) == bool(re.search("^Error: ", content, re.M)), differs(command, status, content, printed)
        ran += 1
    assert ran > 30 and set(values.known) == set(varying), "all that may vary was found"
    own = {"prog": {values.known["812"]}, "map": {values.known["813"], values.known["814"]}, "link": {values.known["815"]}}
    own = {kind: {int(number) for number in numbers} for kind, numbers in own.items()}
    assert not any(own[kind] & before[kind] for kind in own)
    assert watching.settle(lambda: not any(own[kind] & ids for kind, ids in watching.objects().items())), own


@pytest.mark.slow_in_vm(reason="whole probes; how a page is followed does not depend on the kernel")
def test_every_command_of_the_page_on_checking_prints_what_it_says(shell):
    before = watching.objects()
    with open(CHECKING) as file:
        varying, steps = parts(file.read())
    values, ran = Values(varying), 0
    for kind, what, content in steps:
        if kind == "file":
            (shell.folder / what).write_text(content)
            continue
        printed, status = shell.run(values.in_command(what))
        assert values.take(content, printed), differs(what, status, content, printed)
        ran += 1
    assert ran > 15 and set(values.known) == set(varying), "all that may vary was found"
    watching.assert_gone(before)


@pytest.mark.slow_in_vm(reason="how pages are read does not depend on the kernel")
@pytest.mark.parametrize("expected, actual, fits", [
    ("a 812 b\n", "a 5 b\n", True), ("a 812 b\n", "a x b\n", False), ("812 812\n", "5 5\n", True), ("812 812\n", "5 6\n", False),
    ("812 813\n", "5 6\n", True), ("a\n...\nc\n", "a\nb\nb\nc\n", True), ("a\n...\nc\n", "a\nc\n", True), ("a\n...\nc\n", "a\nb\n", False),
    ("a\n", "a\nb\n", False), ("a\n", "", False), ("", "a\n", False), ("", "", True), ("a\n", "a  \n", True), ("  20:\tmov\n", " 1fc:\tmov\n", True),
    ("  20:\tmov\n", "  20:\tadd\n", False), ("x_05ab_y:\n", "x_77ee_y:\n", True), ("1812\n", "15\n", False)])
def test_the_reader_of_the_page_tells_what_differs(expected, actual, fits):
    values = Values({"812": KINDS["number"], "813": KINDS["number"], "05ab": KINDS["hex"]})
    assert values.take(expected, actual) == fits


@pytest.mark.slow_in_vm(reason="how pages are read does not depend on the kernel")
def test_a_value_that_was_found_is_the_same_in_later_commands():
    values = Values({"812": KINDS["number"]})
    assert values.take("812: xdp\n", "4711: xdp\n")
    assert values.in_command("bpflens prog show id 812") == "bpflens prog show id 4711"
    assert values.take("812\n", "4711\n") and not values.take("812\n", "4712\n")
