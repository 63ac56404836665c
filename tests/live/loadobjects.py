# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Objects to load, made of tests/live/objects/load; what is in the kernel and in BPF file systems before and after."""
import contextlib
import os
import shutil
import struct
import subprocess

import bpf
import pytest
import watching
from conftest import ROOT

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "objects", "load")
MADE = os.path.join(ROOT, "build", "tests", "live", "objects", "load")  # by make live-programs; where a kernel is emulated, clang is slow


def clang():
    """Any clang that knows BPF; of what it makes, no more is asked than what is old."""
    for name in ("clang", *(f"clang-{version}" for version in range(19, 40))):
        if shutil.which(name):
            return name
    return pytest.skip("needs clang")


def compile_object(source, path, *flags):
    subprocess.run([clang(), "-O2", "-g", "-target", "bpf", *flags, "-c", source, "-o", path], check=True)


@pytest.fixture(scope="session")
def objects(tmp_path_factory):
    """objects(NAME): the object that clang makes of tests/live/objects/load/NAME.c."""
    folder = tmp_path_factory.mktemp("load")

    def made(name):
        source, path = os.path.join(SOURCES, name + ".c"), str(folder / (name + ".o"))
        if not os.path.exists(path):
            ready = os.path.join(MADE, name + ".o")
            with contextlib.suppress(OSError):
                if os.path.getmtime(ready) >= os.path.getmtime(source):
                    shutil.copyfile(ready, path)
                    return path
            compile_object(source, path)
        return path
    return made


class Elf:
    """An ELF file to damage: where its sections and symbols stand."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = bytearray(file.read())
        start, = struct.unpack_from("<Q", self.data, 40)
        count, names = struct.unpack_from("<HH", self.data, 60)
        self.headers = [start + 64 * i for i in range(count)]
        at = self.section(self.headers[names])[1]
        self.names = [self.text(at + struct.unpack_from("<I", self.data, header)[0]) for header in self.headers]

    def text(self, at):
        return bytes(self.data[at:self.data.index(0, at)]).decode()

    def section(self, header):
        """(type, offset, size)"""
        return (struct.unpack_from("<I", self.data, header + 4)[0], *struct.unpack_from("<QQ", self.data, header + 24))

    def find(self, name):
        return self.headers[self.names.index(name)]

    def symbol(self, name):
        """Where the symbol's 24 bytes stand."""
        _, at, size = self.section(self.find(".symtab"))
        strings = self.section(self.find(".strtab"))[1]
        return next(i for i in range(at, at + size, 24) if self.text(strings + struct.unpack_from("<I", self.data, i)[0]) == name)

    def put(self, at, how, *values):
        struct.pack_into("<" + how, self.data, at, *values)
        return self

    def write(self, path):
        with open(path, "wb") as file:
            file.write(self.data)
        return str(path)


OURS = ("load_", "several.", "options.", "weak.", "named.", "__loader")


def named(kind, layout):
    """{id} of the objects that ours are called like: other tests may run on this machine."""
    found = set()
    for number in bpf.ids(kind):
        with contextlib.suppress(OSError):
            fd = bpf.open_id(kind, number)
            try:
                name = bpf.info(fd, layout()).name.decode("utf-8", "replace")
            finally:
                os.close(fd)
            if name.startswith(OURS):
                found.add((kind, number, name))
    return found


def tree(path):
    return {os.path.join(where, name) for where, folders, files in os.walk(path) for name in folders + files}


def everything(bpffs):
    with open("/proc/self/mountinfo") as file:
        mounts = {line.split()[4] for line in file}
    return named("prog", bpf.ProgInfo) | named("map", bpf.MapInfo), tree(bpffs), mounts


@contextlib.contextmanager
def nothing_left(bpffs):
    """No new program, map, pin, directory or mount, and none is gone; the kernel may take a moment to free objects."""
    objects_before, *before = everything(bpffs)
    yield
    watching.settle(lambda: not everything(bpffs)[0] - objects_before)
    objects_after, *after = everything(bpffs)
    assert not objects_after - objects_before
    assert after == before
