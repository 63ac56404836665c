# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A command that runs until it is ended, watched while it does."""
import contextlib
import ctypes
import os
import select
import signal
import struct
import subprocess
import time

import bpf
import pytest
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

    def settles(self):
        """Wait until it reads the trace, with signals blocked, or as bpftool caught; False when it ends instead."""
        end = time.monotonic() + LIMIT
        while self.child.poll() is None:
            if (self.signals("SigBlk") | self.signals("SigCgt")) & 1 << signal.SIGTERM - 1 and self.holds("trace_pipe"):
                return True
            assert time.monotonic() < end, f"it does not begin: {self}"
            time.sleep(0.005)
        self.rest()
        return False

    def signals(self, which):
        with contextlib.suppress(OSError), open(f"/proc/{self.child.pid}/status") as file:
            return int(next(line.split()[1] for line in file if line.startswith(which)), 16)
        return 0

    def holds(self, name):
        """Has it a file of this name open?"""
        with contextlib.suppress(OSError):
            folder = f"/proc/{self.child.pid}/fd"
            return any(os.readlink(f"{folder}/{fd}").endswith(name) for fd in os.listdir(folder))
        return False

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

    def close(self):
        self.child.kill()
        self.child.wait()
        for pipe in (self.child.stdout, self.child.stderr):
            if pipe:
                pipe.close()


def printing(text):
    """bpf_trace_printk(text), as an XDP program."""
    data = text.encode() + b"\0"
    data += bytes(-len(data) % 8)
    stack = [bpf.store_word(10, at - len(data), struct.unpack_from("=i", data, at)[0]) for at in range(0, len(data), 4)]
    return [*stack, bpf.mov_reg(1, 10), bpf.add(1, -len(data)), bpf.mov(2, len(data)), bpf.helper(6), *bpf.returning(0)]


def speaker(kernel):
    """A function that writes text into the trace, as often as it is told."""
    made = {}

    def say(text, times=1):
        if text not in made:
            made[text] = kernel.prog("xdp", printing(text))
        bpf.prog_run(made[text].fd, bytes(14), repeat=times)
    return say


def pipe(program, *args, **how):
    """A tracelog that reads: only one process can at a time, and others on this machine may."""
    for _ in range(LIMIT * 5):
        stream = Stream(program, *args, **how)
        if stream.settles():
            return stream
        said, why = stream.out + stream.err, repr(stream)
        stream.close()
        assert b"only one can" in said, f"tracelog ended: {why}"
        time.sleep(0.1)
    pytest.fail("somebody else reads the trace pipe all the time")


@contextlib.contextmanager
def reading(program, *args, **how):
    with contextlib.closing(pipe(program, *args, **how)) as stream:
        yield stream


def without_tracefs():
    """For preexec: a mount namespace in which tracefs is mounted nowhere."""
    libc = bpf.LIBC
    if libc.unshare(0x20000) or libc.mount(b"none", b"/", None, ctypes.c_ulong(0x44000), None):
        raise OSError(ctypes.get_errno(), "unshare")
    with open("/proc/self/mounts") as mounts:
        lines = [line.split() for line in mounts]
    for _, where, kind, *_ in reversed(lines):
        if kind in ("tracefs", "debugfs"):
            libc.umount2(os.fsencode(where), 2)
