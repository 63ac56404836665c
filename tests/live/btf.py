# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""BTF, as little of it as the tests need: bytes made from declared types, and types found in bytes."""
import functools
import struct

import bpf

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FUNC, FUNC_PROTO = 1, 2, 3, 4, 5, 6, 12, 13
TYPEDEF, CONST, VAR, DATASEC, FLOAT, ENUM64 = 8, 10, 14, 15, 16, 19
# What follows the 12 bytes of a type: (bytes once, bytes for each member), by kind.
TAIL = {1: (4, 0), 3: (12, 0), 4: (0, 12), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0), 15: (0, 12), 17: (4, 0),
        19: (0, 12)}


class Btf:
    """Types under construction; each method adds one and returns its id."""

    def __init__(self):
        self.types, self.strings, self.count = b"", b"\0", 0

    def string(self, text):
        if not text:
            return 0
        self.strings += text.encode() + b"\0"
        return len(self.strings) - len(text.encode()) - 1

    def add(self, name, kind, count, size_or_type, tail=b"", flag=False):
        self.types += struct.pack("III", self.string(name), flag << 31 | kind << 24 | count, size_or_type) + tail
        self.count += 1
        return self.count

    def int(self, name, size, signed=False):
        return self.add(name, INT, 0, size, struct.pack("I", (1 << 24 if signed else 0) | size * 8))

    def array(self, element, index, count):
        return self.add("", ARRAY, 0, 0, struct.pack("III", element, index, count))

    def struct(self, name, size, members):
        """members: [(name, type id, offset in bytes)]"""
        tail = b"".join(struct.pack("III", self.string(n), t, at * 8) for n, t, at in members)
        return self.add(name, STRUCT, len(members), size, tail)

    def pointer(self, to):
        return self.add("", PTR, 0, to)

    def function(self, name, returns):
        """A static function without arguments."""
        return self.add(name, FUNC, 0, self.add("", FUNC_PROTO, 0, returns))

    def blob(self):
        header = struct.pack("HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(self.types), len(self.types), len(self.strings))
        return header + self.types + self.strings

    def load(self):
        return bpf.btf_load(self.blob())


class Types:
    """The types of a loaded BTF object, by id: (kind, name, members), where members is [(name, type id)]."""

    def __init__(self, blob):
        header, types_at, types_len, strings_at, strings_len = struct.unpack_from("4xIIIII", blob)
        self.blob, self.strings = blob, blob[header + strings_at:header + strings_at + strings_len]
        self.at, at, end = [None], header + types_at, header + types_at + types_len
        while at < end:
            self.at.append(at)
            bits = struct.unpack_from("I", blob, at + 4)[0]
            once, each = TAIL.get(bits >> 24 & 0x1f, (0, 0))
            at += 12 + once + each * (bits & 0xffff)

    def name(self, number):
        start = struct.unpack_from("I", self.blob, self.at[number])[0]
        return self.strings[start:self.strings.index(b"\0", start)].decode(errors="surrogateescape")

    def kind(self, number):
        return self.blob[self.at[number] + 7] & 0x1f

    def members(self, number):
        at, out = self.at[number], []
        count = struct.unpack_from("I", self.blob, at + 4)[0] & 0xffff
        for i in range(count):
            start, type_id, _ = struct.unpack_from("III", self.blob, at + 12 + i * 12)
            out.append((self.strings[start:self.strings.index(b"\0", start)].decode(), type_id))
        return out

    def enumerators(self, number):
        """[(name, value)] of an enum of 32 bits"""
        at = self.at[number]
        count = struct.unpack_from("I", self.blob, at + 4)[0] & 0xffff
        pairs = [struct.unpack_from("II", self.blob, at + 12 + i * 8) for i in range(count)]
        return [(self.strings[start:self.strings.index(b"\0", start)].decode(), value) for start, value in pairs]

    def find(self, kind, name):
        """The id of the type of that kind and name; None if there is none."""
        at = self.strings.find(b"\0" + name.encode() + b"\0")
        if at < 0:
            return None
        for number in range(1, len(self.at)):
            if self.kind(number) == kind and struct.unpack_from("I", self.blob, self.at[number])[0] == at + 1:
                return number
        return None


@functools.cache
def vmlinux():
    """The running kernel's own types."""
    with open("/sys/kernel/btf/vmlinux", "rb") as file:
        return Types(file.read())
