# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Makes programs and maps with declared parameters, and unmakes them.

A test says what it wants (kernel.map("hash", key=4, value=8, entries={1: 2})) and gets an object that
remembers what was declared. All of it goes when the test ends; nothing is attached to anything that is
not the test's own.
"""
import contextlib
import ctypes
import fcntl
import itertools
import os
import socket
import struct
import sys
from dataclasses import dataclass, field

import bpf
import btf
import pytest

CLONE_NEWNET = 0x40000000
FD_VALUES = ("array_of_maps", "hash_of_maps", "prog_array")


def as_bytes(value, size):
    """An integer in the machine's own byte order, or bytes as they are; always size bytes."""
    if isinstance(value, int):
        return value.to_bytes(size, sys.byteorder)
    assert len(value) == size, f"{value!r} is not {size} bytes"
    return bytes(value)


NAMES = itertools.count()


def unique(prefix):
    """A name that no object has yet, of at most 15 characters; other runs of the tests have others."""
    digits, out = "0123456789abcdefghijklmnopqrstuvwxyz", ""
    number = os.getpid() * 36**2 + next(NAMES) % 36**2
    while number:
        number, digit = divmod(number, 36)
        out = digits[digit] + out
    assert len(prefix) + len(out) <= 15, f"{prefix}: a shorter name is needed"
    return prefix + out


def hex_le(number, size):
    """The bytes of a number as bpftool's JSON has them."""
    return hex_bytes(number.to_bytes(size, sys.byteorder))


def hex_bytes(data):
    return [f"0x{byte:02x}" for byte in data]


@dataclass
class Prog:
    fd: int
    type: str
    name: str = ""
    gpl: bool = True
    maps: list = field(default_factory=list)

    def __post_init__(self):
        self.id = bpf.info(self.fd, bpf.ProgInfo()).id


@dataclass
class Map:
    fd: int
    type: str
    key: int
    value: int
    max_entries: int
    flags: int = 0
    name: str = ""
    elements: dict = field(default_factory=dict)  # key bytes: value bytes, or a list of them, one a CPU

    def __post_init__(self):
        self.id = bpf.info(self.fd, bpf.MapInfo()).id

    @property
    def is_percpu(self):
        return "percpu" in self.type

    def put(self, key, value):
        """Put one element and remember it."""
        k = as_bytes(key, self.key)
        if self.type in FD_VALUES:
            bpf.map_update(self.fd, k, as_bytes(value.fd, 4))
            self.elements[k] = as_bytes(value.id, 4)
        elif self.is_percpu:
            cpus = bpf.possible_cpus()
            each = value if isinstance(value, list) else [value] * len(cpus)
            each = [as_bytes(one, self.value) for one in each]
            padding = bytes(-self.value % 8)
            bpf.map_update(self.fd, k, b"".join(one + padding for one in each))
            self.elements[k] = each
        else:
            v = as_bytes(value, self.value)
            bpf.map_update(self.fd, k, v)
            self.elements[k] = v

    def drop(self, key):
        k = as_bytes(key, self.key)
        bpf.map_delete(self.fd, k)
        self.elements.pop(k, None)


class Kernel:
    """Everything a test makes in the kernel; close() unmakes it, newest first."""

    def __init__(self, bpffs):
        self.bpffs, self.stack, self.pins = bpffs, contextlib.ExitStack(), 0

    def close(self):
        self.stack.close()

    def keep(self, fd):
        """Close fd when the test ends."""
        self.stack.callback(os.close, fd)
        return fd

    def map(self, type, key=4, value=4, entries=None, max_entries=None, name="", **more):
        """A map that holds entries, a dict of key and value: numbers, bytes, or objects for fd maps."""
        entries = entries or {}
        count = max(len(entries), 1) if max_entries is None else max_entries
        fd = self.keep(bpf.map_create(type, key, value, count, name=name.encode(), **more))
        made = Map(fd, type, key, value, count, more.get("flags", 0), name)
        if type in ("array", "percpu_array"):
            for slot in range(count):
                zero = bytes(value)
                made.elements[as_bytes(slot, 4)] = [zero] * len(bpf.possible_cpus()) if made.is_percpu else zero
        for k, v in entries.items():
            made.put(k, v)
        return made

    def prog(self, type="socket_filter", insns=None, name="", maps=(), license="GPL", **more):
        """A program that returns 0 and, before that, names each of maps once."""
        code = [bpf.load_map(1, m.fd) for m in maps] + bpf.returning(0) if insns is None else insns
        fd = self.keep(bpf.prog_load(type, code, name=name.encode(), license=license.encode(), **more))
        return Prog(fd, type, name, license in ("GPL", "Dual BSD/GPL"), list(maps))

    def named_prog(self, full_name, type="socket_filter", functions=1, **more):
        """A program with BTF: its first function has full_name, of which the kernel keeps 15 characters."""
        types = btf.Btf()
        returns = types.int("int", 4, signed=True)
        names = [full_name] + [f"part_{i}" for i in range(1, functions)]
        infos = [(0, types.function(full_name, returns))]
        # All functions are two instructions long and stand behind the main one, which calls each in turn.
        code = [bpf.call_next(functions + i) for i in range(functions - 1)] + bpf.returning(0)
        for name in names[1:]:
            infos.append((len(code), types.function(name, returns)))
            code += bpf.returning(0)
        made = self.prog(type, code, name=full_name[:15], btf_fd=self.keep(types.load()), func_info=infos, **more)
        made.name = full_name
        return made

    def iterator(self, name=""):
        """A program with an attach target: the kernel function bpf_iter_bpf_map."""
        target = btf.vmlinux().find(btf.FUNC, "bpf_iter_bpf_map")
        if target is None:
            pytest.skip("this kernel has no map iterator")
        made = self.prog("tracing", bpf.returning(0), name=name, attach_type=28, attach_btf_id=target)
        made.target = target
        return made

    def int_btf(self):
        """BTF with one type, the 4-byte int: (descriptor, type id)."""
        types = btf.Btf()
        number = types.int("int", 4, signed=True)
        return self.keep(types.load()), number

    def pin(self, made, mode=0o600, name=None):
        """Pin in the tests' own bpffs; the path."""
        self.pins += 1
        path = os.path.join(self.bpffs, name or f"pin{self.pins}")
        bpf.obj_pin(made.fd, path)
        self.stack.callback(os.unlink, path)
        os.chmod(path, mode)
        return path

    def netns(self):
        """Enter a network namespace of the test's own, with nothing in it but a loopback device."""
        before = self.keep(os.open("/proc/self/ns/net", os.O_RDONLY))
        if bpf.LIBC.unshare(CLONE_NEWNET):
            pytest.skip("cannot make a network namespace: " + os.strerror(ctypes.get_errno()))
        self.stack.callback(bpf.LIBC.setns, before, CLONE_NEWNET)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:  # ip link set lo up
            fcntl.ioctl(s, 0x8914, struct.pack("16sh22x", b"lo", 0x1 | 0x40))

    def socket(self, reuseport=False):
        """A listening TCP socket."""
        made = self.stack.enter_context(socket.socket())
        if reuseport:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(("127.0.0.1", 0))
        made.listen()
        return made

    def cgroup(self):
        """A cgroup2 directory of the test's own: (path, descriptor)."""
        with open("/proc/self/mounts") as mounts:
            at = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
        if not at:
            pytest.skip("no cgroup2 mounted")
        path = os.path.join(at[0], f"bpflens-test-{os.getpid()}-{self.pins}")
        self.pins += 1
        os.mkdir(path)
        self.stack.callback(os.rmdir, path)
        return path, self.keep(os.open(path, os.O_RDONLY))

    def attach_cgroup(self, cgroup_fd, prog, type=0, flags=0):
        bpf.prog_attach(cgroup_fd, prog.fd, type, flags)
        self.stack.callback(bpf.prog_detach, cgroup_fd, prog.fd, type)


def cookie(sock):
    """The kernel's number of a socket (SO_COOKIE), which is what socket maps show."""
    return struct.unpack("Q", sock.getsockopt(socket.SOL_SOCKET, 57, 8))[0]
