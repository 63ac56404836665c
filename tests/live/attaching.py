# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What tests of attaching share: programs that count their runs, a command that holds a link, listings before and after."""
import contextlib
import os
import re
import select
import signal
import struct
import subprocess

import bpf
import bpflink
from maker import unique
from runner import LIMIT, parse_json
from watching import settle

PSEUDO_MAP_VALUE, ATOMIC_ADD = 2, 0xdb


class Counter:
    """A program that counts its runs in a map of its own."""

    def __init__(self, kernel, type, returns=0, before=(), **more):
        self.map = kernel.map("array", 4, 8, max_entries=1, name=unique("at"))
        address = struct.pack("<BBhi", 0x18, PSEUDO_MAP_VALUE << 4 | 3, 0, self.map.fd) + bytes(8)
        code = [*before, address, bpf.mov(4, 1), bpf.insn(ATOMIC_ADD, dst=3, src=4)]
        self.prog = kernel.prog(type, code + bpf.returning(returns), name=unique("at"), **more)
        self.id, self.name = self.prog.id, self.prog.name

    @property
    def runs(self):
        return struct.unpack("Q", bpf.map_lookup(self.map.fd, bytes(4), 8))[0]


class Held:
    """A running command, once it has said what it holds."""

    def __init__(self, process, said):
        self.process, self.said = process, said
        found = re.match(r"link (\d+): ", said)
        self.link_id = int(found[1]) if found else None

    def stop(self, with_signal=signal.SIGINT):
        """(exit status, the rest of its output, standard error)"""
        self.process.send_signal(with_signal)
        out, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, out.decode(), err.decode()


class Ended(Exception):
    """A command that was to hold something ended: (exit status, standard error)."""


@contextlib.contextmanager
def held(program, *words, env=None):
    """Run a command that attaches and holds; it must have said so before anything else happens."""
    process = subprocess.Popen([program.path, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})})
    try:
        assert select.select([process.stdout], [], [], LIMIT)[0], "nothing was said"
        said = os.read(process.stdout.fileno(), 65536).decode()
        if not said:
            err = process.communicate(timeout=LIMIT)[1].decode()
            raise Ended(process.returncode, err)
        yield Held(process, said)
    finally:
        process.kill()
        process.communicate()


def links_of(prog_id):
    """Ids of the links of a program."""
    found = []
    for number in bpf.ids("link"):
        with contextlib.suppress(OSError):
            fd = bpf.open_id("link", number)
            try:
                found += [number] if bpflink.LinkInfo(fd).prog_id == prog_id else []
            finally:
                os.close(fd)
    return found


def everything(kernel, prog_id):
    """What a failure to attach must leave as it was: the program's links, files and mounts."""
    with open("/proc/self/mounts") as mounts:
        return links_of(prog_id), sorted(os.listdir(kernel.bpffs)), mounts.read()


def shown(bpflens, link_id):
    """A link, as `link show` has it in the strict form."""
    return bpflens("-o", "json", "link", "show", "id", link_id, "no-owners")[0]


def is_gone(link_id):
    assert settle(lambda: link_id not in bpf.ids("link")), f"link {link_id} is still there"


def same_again(kernel, prog_id, before):
    """What was there before is there, and nothing else."""
    assert settle(lambda: everything(kernel, prog_id) == before), (before, everything(kernel, prog_id))


__all__ = ["Counter", "Ended", "Held", "bpflink", "everything", "held", "is_gone", "links_of", "parse_json", "same_again", "shown"]
