# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Programs that write events, who reads them beside the program under test, and commands that run until they are stopped."""
import ctypes
import mmap
import os
import re
import select
import signal
import struct
import subprocess
import time

import bpf
from runner import LIMIT, asked_form, parse_json

PAGE = mmap.PAGESIZE
EVENT = struct.pack("QIB", 0x1122334455667788, 7, 65)  # 13 bytes, as struct event of event_types() has them
PADDED = EVENT + bytes(7)  # a perf sample's data end where the record does: 4 bytes behind a multiple of 8


def store(data):
    """Instructions that put data, a multiple of 8 bytes, at the end of the stack; and where that is."""
    return [bpf.insn(0x62, 10, off=at - len(data), imm=struct.unpack_from("i", data, at)[0]) for at in range(0, len(data), 4)], -len(data)


def ring_writer(kernel, made, data=EVENT, discard=False, **more):
    """A program that writes data to a ring buffer each time it runs; or reserves a place and gives it up before."""
    stores, at = store(data + bytes(-len(data) % 8))
    code = [*stores, bpf.load_map(1, made.fd)]
    if discard:
        code += [bpf.mov(2, 8), bpf.mov(3, 0), bpf.helper(131), bpf.insn(0x15, 0, off=3), bpf.mov_reg(1, 0), bpf.mov(2, 0), bpf.helper(133),
                 bpf.load_map(1, made.fd)]
    code += [bpf.mov_reg(2, 10), bpf.add(2, at), bpf.mov(3, len(data)), bpf.mov(4, 0), bpf.helper(130), *bpf.returning(0)]
    return kernel.prog("sched_cls", code, **more)


def perf_writer(kernel, made, data=EVENT, index=-1):
    """A program that writes data to a perf event array: to the slot of its CPU, or to that with index."""
    stores, at = store(data + bytes(-len(data) % 8))
    code = [bpf.mov_reg(6, 1), *stores, bpf.mov_reg(1, 6), bpf.load_map(2, made.fd), bpf.insn(0xb4, 3, imm=index), bpf.mov_reg(4, 10),
            bpf.add(4, at), bpf.mov(5, len(data)), bpf.helper(25), *bpf.returning(0)]
    return kernel.prog("sched_cls", code)


def write(prog, times=1):
    bpf.prog_run(prog.fd, bytes(64), repeat=times)


def ring(kernel, size=PAGE, **more):
    return kernel.map("ringbuf", 0, 0, max_entries=size, **more)


def array(kernel, slots=None, **more):
    """A perf event array with a slot for each CPU that may be there."""
    return kernel.map("perf_event_array", max_entries=slots or bpf.possible_cpus()[-1] + 1, **more)


def taken(made):
    """The slots of a perf event array that hold an event: a program tells."""
    code = [bpf.insn(0x79, 2, 1), bpf.load_map(1, made.fd), bpf.mov_reg(3, 10), bpf.add(3, -24), bpf.mov(4, 24), bpf.helper(55), bpf.leave()]
    fd, out = bpf.prog_load("raw_tracepoint", code), []
    try:
        for index in range(made.max_entries):
            said = bpf.prog_run(fd, ctx=struct.pack("Q", index), repeat=0)
            out += [index] if ctypes.c_int32(said).value != -2 else []
    finally:
        os.close(fd)
    return out


def positions(made):
    """(consumer, producer) of a ring buffer."""
    with mmap.mmap(made.fd, PAGE, mmap.MAP_SHARED, mmap.PROT_READ) as consumer, \
            mmap.mmap(made.fd, PAGE, mmap.MAP_SHARED, mmap.PROT_READ, offset=PAGE) as producer:
        return struct.unpack_from("L", consumer)[0], struct.unpack_from("L", producer)[0]


def consume(made):
    """Take out all that is in a ring buffer, as its reader would."""
    with mmap.mmap(made.fd, PAGE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE) as consumer:
        struct.pack_into("L", consumer, 0, positions(made)[1])


class Stream:
    """A command that runs until it is stopped: what comes out can be read meanwhile."""

    def __init__(self, program, *words, env=None):
        self.words = words
        command = [program.path, *(str(word) for word in words)]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                      env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})})
        self.seen = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()

    def read_on(self, what):
        """Wait for more of standard output."""
        assert select.select([self.child.stdout], [], [], LIMIT)[0], f"{what} did not come: {self.seen}"
        part = os.read(self.child.stdout.fileno(), 65536)
        assert part, f"it ended without {what}: {self.seen} {self.child.stderr.read()}"
        self.seen += part

    def read_until(self, pattern):
        """What came so far, once it fits."""
        while not re.search(pattern, self.seen, re.S):
            self.read_on(pattern)
        return self.seen.decode()

    def read_lines(self, n):
        """What came so far, once that is n whole lines."""
        while self.seen.count(b"\n") < n:
            self.read_on(f"line {n}")
        return self.seen.decode()

    def stop(self, number=signal.SIGINT):
        """(exit status, all of standard output, standard error)"""
        if number:
            self.child.send_signal(number)
        out, err = self.child.communicate(timeout=LIMIT)
        self.seen += out
        return self.child.returncode, self.seen.decode(), err.decode()


def offline(text):
    """What text forms tell of CPUs that are not there now."""
    return "".join(f"note: CPU {cpu} {text}\n" for cpu in bpf.possible_cpus() if cpu not in bpf.cpus("online"))


def documents(words, out):
    """What a command put out in the JSON that its words ask for."""
    if asked_form([str(word) for word in words]) == "jsonl":
        return [parse_json(line + "\n") for line in out.splitlines()]
    return parse_json(out)


def wait_until(condition, what):
    """Events have no end that could be waited for: look again and again, for as long as a command may take."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"{what}: it did not come"
        time.sleep(0.01)


def settle(is_so):
    """The kernel puts away later what nobody holds any more."""
    end = time.monotonic() + LIMIT
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


def objects(kinds=("prog", "map", "link")):
    return {kind: set(bpf.ids(kind)) for kind in kinds}


def assert_gone(before):
    """No object is there that was not in objects() before. What refers to a program or its types goes some time after
    the last descriptor, and the program only then."""
    def new():
        return {kind: ids - before[kind] for kind, ids in objects(before).items() if ids - before[kind]}
    assert settle(lambda: not new()), new()


def pin_to_cpu(kernel):
    """From now on the test runs, and so do its programs, on one CPU: its number."""
    before = os.sched_getaffinity(0)
    kernel.stack.callback(os.sched_setaffinity, 0, before)
    cpu = max(before)
    os.sched_setaffinity(0, {cpu})
    return cpu
