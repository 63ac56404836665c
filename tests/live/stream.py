# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A command that runs until it is ended, watched while it does."""
import os
import select
import signal
import subprocess
import time

from runner import LIMIT


class Stream:
    """Starts program with words; out and err are what has come so far. close() ends it whatever happens."""

    def __init__(self, program, *args, input=None, stdout=subprocess.PIPE, preexec=None):
        self.args = args
        self.out, self.err = b"", b""
        self.child = subprocess.Popen([program.path, *map(str, args)], stdout=stdout, stderr=subprocess.PIPE,
                                      stdin=subprocess.DEVNULL if input is None else input, preexec_fn=preexec)
        self.open = {pipe.fileno(): name for pipe, name in ((self.child.stdout, "out"), (self.child.stderr, "err")) if pipe}

    def __repr__(self):
        return f"{self.args}: {self.child.poll()} {self.out!r} {self.err!r}"

    def read(self, seconds):
        """Take what comes within so many seconds; False when nothing came."""
        ready = select.select(list(self.open), [], [], seconds)[0]
        for fd in ready:
            part = os.read(fd, 65536)
            if not part:
                del self.open[fd]
            setattr(self, self.open.get(fd, "err"), getattr(self, self.open.get(fd, "err")) + part)
        return bool(ready)

    def until(self, done, what):
        end = time.monotonic() + LIMIT
        while not done():
            assert self.open and time.monotonic() < end, f"{what} did not come: {self}"
            self.read(0.1)

    def wait_for(self, text):
        self.until(lambda: text.encode() in self.out, text)

    def wait_for_lines(self, count):
        self.until(lambda: self.out.count(b"\n") >= count, f"{count} lines")

    def line_with(self, text):
        """The first whole line that has text in it."""
        def found():
            return [line for line in self.out.split(b"\n")[:-1] if text.encode() in line]
        self.until(found, text)
        return found()[0].decode() + "\n"

    def ended_within(self, seconds):
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self.rest()
        return True

    def rest(self):
        while self.open:
            assert self.read(LIMIT), f"output stays open: {self}"

    def send(self, number):
        self.child.send_signal(number)

    def interrupt(self, number=signal.SIGINT):
        """Send a signal, and wait for the end: the exit status."""
        self.send(number)
        return self.wait()

    def wait(self):
        self.rest()
        return self.child.wait(LIMIT)

    def is_asleep(self):
        """Does it wait, rather than work?"""
        with open(f"/proc/{self.child.pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "S"

    def close(self):
        self.child.kill()
        self.child.wait()
        for pipe in (self.child.stdout, self.child.stderr):
            if pipe:
                pipe.close()
