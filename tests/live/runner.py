# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Runs a program, takes its output apart, and is strict about it."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

import pytest
import schema

LIMIT = int(os.environ.get("LIVE_LIMIT", 60))  # seconds; no command of the tests takes one, but where it is emulated


def parse_json(text):
    """One JSON document and nothing else: no repeated keys, no NaN, one newline at the end."""
    def no_repeats(pairs):
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"an object has a key twice: {keys}"
        return dict(pairs)

    def no_constant(word):
        raise ValueError(f"{word} is not JSON")

    if isinstance(text, bytes):
        text = text.decode("utf-8")  # strict: what is not UTF-8 is not JSON
    assert text.endswith("\n") and not text.endswith("\n\n"), f"one newline ends a document, not {text[-40:]!r}"
    return json.loads(text, object_pairs_hook=no_repeats, parse_constant=no_constant)


def compact(value):
    """JSON as -j writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"


def pretty(value):
    """JSON as -p writes it: keys on lines of their own, elements of arrays not."""
    def text(v, depth):
        pad, end = "    " * (depth + 1), "\n" + "    " * depth
        if isinstance(v, dict) and v:
            members = (f"\n{pad}{json.dumps(k, ensure_ascii=False)}: {text(one, depth + 1)}" for k, one in v.items())
            return "{" + ",".join(members) + end + "}"
        if isinstance(v, list) and v:
            return "[" + ",".join(text(one, depth + 1) for one in v) + end + "]"
        return json.dumps(v, ensure_ascii=False)
    return text(value, 0) + "\n"


@dataclass
class Result:
    args: tuple
    rc: int
    out: bytes
    err: bytes

    @property
    def stdout(self):
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def stderr(self):
        return self.err.decode("utf-8", "surrogateescape")

    @property
    def json(self):
        return parse_json(self.out)

    @property
    def error(self):
        """The words of the error, from where this form of output puts them; the command must have failed."""
        assert self.rc != 0, self
        form = asked_form(self.args)
        if form == "bpftool":
            assert self.err == b"", f"with -j nothing goes to standard error: {self}"
            value = self.json
            if isinstance(value, list):
                value = next(one for one in reversed(value) if "error" in one)
            return value["error"]
        if form:
            lines = [line for line in self.stderr.splitlines() if line.startswith("{")]
            assert len(lines) == 1, f"one JSON error on standard error: {self}"
            return parse_json(lines[0] + "\n")["error"]
        first = next((line for line in self.stderr.splitlines() if line.startswith("Error: ")), None)
        assert first, f"no error on standard error: {self}"
        return first.removeprefix("Error: ")


def asked_form(args):
    """Which JSON the words ask for: "bpftool" (-j, -p), "json", "jsonl", or "" for none."""
    words = [os.fsdecode(str(word) if isinstance(word, int) else word) for word in args]
    words = words[:words.index("--")] if "--" in words else words
    for i, word in enumerate(words):
        form = (words[i + 1] if word in ("-o", "--output") and i + 1 < len(words)
                else word.removeprefix("--output=") if word.startswith("--output=") else "")
        if form in ("json", "jsonl"):
            return form
    if any(re.fullmatch(r"-[a-zA-Z]*[jp][a-zA-Z]*|--json|--pretty", word) for word in words):
        return "bpftool"
    return ""


class Program:
    """A program to call with words. Calling it insists on success; run() takes what comes."""

    def __init__(self, path, name=None):
        self.path, self.name = path, name or path

    def run(self, *args, before=(), env=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, input=None, preexec=None, pass_fds=()):
        """before: words of a program that starts this one; env: variables to add (None takes one away)."""
        words = [os.fsencode(str(a) if isinstance(a, int) else a) for a in args]
        command = [os.fsencode(w) for w in before] + [os.fsencode(self.path)] + words
        executable = None
        if self.name != self.path:
            command[len(before)] = os.fsencode(self.name)
            executable = self.path
        full = {k: v for k, v in {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}.items() if v is not None}
        given = {"input": input} if input is not None else {"stdin": stdin}
        done = subprocess.run(command, executable=executable, env=full, stdout=stdout, stderr=stderr,
                              preexec_fn=preexec, pass_fds=pass_fds, timeout=LIMIT, **given)
        form = asked_form(args)
        if form in ("json", "jsonl") and done.stdout and done.returncode in (0, 1):
            schema.check(self.path, args, form, done.stdout.decode(), done.returncode == 0)
        return Result(tuple(args), done.returncode, done.stdout or b"", done.stderr or b"")

    def __call__(self, *args, rc=0, **how):
        """The parsed document where JSON is asked for (with nothing on standard error), else the Result."""
        result = self.run(*args, **how)
        assert result.rc == rc, result
        form = asked_form(args)
        if not form:
            return result
        if rc == 0:
            assert result.err == b"", result
        if form == "jsonl":
            return [parse_json(line + "\n") for line in result.stdout.splitlines()]
        return result.json

    def on_terminal(self, *args, env=None):
        """(exit status, what came on a terminal that is standard output and standard error)"""
        main, side = pty.openpty()
        full = {k: v for k, v in {**os.environ, "TERM": "xterm", **(env or {})}.items() if v is not None}
        child = subprocess.Popen([self.path, *map(str, args)], stdin=side, stdout=side, stderr=side, env=full)
        os.close(side)
        seen = b""
        try:
            while select.select([main], [], [], LIMIT)[0]:
                try:
                    part = os.read(main, 65536)
                except OSError:  # EIO: the other side is closed
                    break
                if not part:
                    break
                seen += part
            return child.wait(LIMIT), seen.replace(b"\r\n", b"\n").decode()
        finally:
            child.kill()
            child.wait()
            os.close(main)

    def traced(self, *args, calls="bpf", inject=None, **how):
        """(result, lines of strace) of one run; skipped where strace cannot work."""
        if not shutil.which("strace"):
            pytest.skip("needs strace")
        with tempfile.NamedTemporaryFile("r", prefix="bpflens-trace", errors="replace") as log:
            before = ["strace", "-f", "-qq", "-s", "256", "-o", log.name, "-e", f"trace={calls}"]
            if inject:
                before += ["-e", f"inject={inject}"]
            result = self.run(*args, before=before, **how)
            if b"ptrace" in result.err:
                pytest.skip("needs permission to trace: " + result.stderr)
            return result, log.read().splitlines()


class Ownerless(Program):
    """The program, called with no-owners where that has a place: for comparisons with who does not know owners."""

    def run(self, *args, **how):
        words = [str(word) for word in args]
        at = [i for i, word in enumerate(words) if word in ("show", "list") and words[i - 1] in ("prog", "map", "link")]
        return super().run(*args, *(["no-owners"] if at else []), **how)


def blocks(text):
    """{id: its lines} of a plain listing; every line must belong to an object."""
    found, number = {}, None
    for line in text.splitlines(keepends=True):
        start = re.match(r"(\d+): ", line)
        if start:
            number = int(start[1])
            assert number not in found, f"{number} is listed twice"
            found[number] = ""
        else:
            assert number is not None and line.startswith("\t"), f"a line that belongs to nothing: {line!r}"
        found[number] += line
    return found


def only(listing, ids):
    """The records of a listing that are ours, in its order."""
    return [one for one in listing if one["id"] in ids]
