# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Declared types: each makes its own BTF, and reads its own values: plainly (as in strict JSON) or as bpftool's JSON."""
import struct
import sys
from dataclasses import dataclass, field

import btf

SIGNED, CHAR, BOOL = 1, 2, 4


@dataclass
class Int:
    name: str
    size: int
    encoding: int = 0

    def build(self, types):
        return types.add(self.name, btf.INT, 0, self.size, struct.pack("I", self.encoding << 24 | self.size * 8))

    def read(self, data, strict, bits=None):
        """bits: (first, how many) of a bit-field."""
        whole = int.from_bytes(data, sys.byteorder)
        count = bits[1] if bits else self.size * 8
        number = whole >> bits[0] & (1 << count) - 1 if bits else whole
        if not strict and (bits or self.size == 16):
            return hex(number)
        if self.encoding & BOOL:
            return bool(number)
        if self.encoding & CHAR:
            return chr(number)
        if self.encoding & SIGNED and number >> count - 1:
            number -= 1 << count
        return str(number) if count > 64 else number


@dataclass
class Float:
    size: int

    def build(self, types):
        return types.add("float", btf.FLOAT, 0, self.size)

    def read(self, data, strict):
        return struct.unpack("d" if self.size == 8 else "f", data)[0]


@dataclass
class Enum:
    size: int
    names: dict  # name: value
    signed: bool = False

    def build(self, types):
        wide = self.size == 8
        tail = b"".join(struct.pack("I", types.string(n)) + (v % 2**64).to_bytes(8, sys.byteorder)[:8 if wide else 4]
                        for n, v in self.names.items())
        return types.add("e", btf.ENUM64 if wide else btf.ENUM, len(self.names), self.size, tail, flag=self.signed)

    def read(self, data, strict, bits=None):
        whole = int.from_bytes(data, sys.byteorder)
        count = bits[1] if bits else self.size * 8
        number = whole >> bits[0] & (1 << count) - 1 if bits else whole
        if bits and not strict:
            return hex(number)
        if self.signed and number >> count - 1:
            number -= 1 << count
        return next((n for n, v in self.names.items() if v == number), number)


@dataclass
class Pointer:
    size = 8

    def build(self, types):
        return types.add("", btf.PTR, 0, 0)

    def read(self, data, strict):
        number = int.from_bytes(data, sys.byteorder)
        return number if not strict else hex(number) if number else None


@dataclass
class Array:
    element: object
    count: int

    @property
    def size(self):
        return self.element.size * self.count

    def build(self, types):
        element = self.element.build(types)
        return types.array(element, types.index, self.count)

    def read(self, data, strict):
        if getattr(self.element, "name", "") == "char" and 0 in data and all(0x20 <= b < 0x7f for b in data.split(b"\0")[0]):
            return data.split(b"\0")[0].decode()
        step = self.element.size
        return [self.element.read(data[i * step:(i + 1) * step], strict) for i in range(self.count)]


@dataclass
class Typedef:
    name: str
    of: object

    @property
    def size(self):
        return self.of.size

    def build(self, types):
        return types.add(self.name, btf.TYPEDEF, 0, types.add("", btf.CONST, 0, self.of.build(types)))

    def read(self, data, strict):
        return self.of.read(data, strict)


@dataclass
class Record:
    """members: (name, type, offset in bytes) or (name, type, offset in bits, bits)"""
    size: int
    members: list = field(default_factory=list)
    union: bool = False

    def build(self, types):
        flag = any(len(m) == 4 for m in self.members)
        ids = [m[1].build(types) for m in self.members]
        tail = b"".join(struct.pack("III", types.string(m[0]), i, m[3] << 24 | m[2] if len(m) == 4 else m[2] * 8)
                        for m, i in zip(self.members, ids))
        return types.add("s", btf.UNION if self.union else btf.STRUCT, len(ids), self.size, tail, flag=flag)

    def read(self, data, strict):
        nameless = [m for m in self.members if not m[0]]
        out = {}
        for name, kind, at, *bits in self.members:
            value = (kind.read(data, strict, (at, bits[0])) if bits else kind.read(data[at:at + kind.size], strict))
            if not name and (strict or len(nameless) > 1):
                out.update(value)
            else:
                out[name] = value
        return out


@dataclass
class Section:
    """variables: (name, type, offset in bytes)"""
    name: str
    size: int
    variables: list

    def build(self, types):
        made = [types.add(n, btf.VAR, 0, t.build(types), struct.pack("I", 1)) for n, t, _ in self.variables]
        tail = b"".join(struct.pack("III", i, at, t.size) for i, (_, t, at) in zip(made, self.variables))
        return types.add(self.name, btf.DATASEC, len(made), self.size, tail)

    def read(self, data, strict):
        values = [(n, t.read(data[at:at + t.size], strict)) for n, t, at in self.variables]
        return dict(values) if strict else {self.name: [{n: v} for n, v in values]}


class Types(btf.Btf):
    """BTF under construction; id 1 is the type that indexes arrays."""

    def __init__(self):
        super().__init__()
        self.index = self.int("__ARRAY_SIZE_TYPE__", 4)
