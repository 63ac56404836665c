# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""BTF, as little of it as the tests need: bytes made from declared types, and types found in bytes."""
import functools
import struct

import bpf

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FUNC, FUNC_PROTO = 1, 2, 3, 4, 5, 6, 12, 13
FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19
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

    @functools.cached_property
    def numbers(self):
        """{(kind, where the name stands): id}; the first of several."""
        return {(self.kind(number), struct.unpack_from("I", self.blob, self.at[number])[0]): number
                for number in range(len(self.at) - 1, 0, -1)}

    def find(self, kind, name):
        """The id of the type of that kind and name; None if there is none."""
        at = self.strings.find(b"\0" + name.encode() + b"\0")
        return self.numbers.get((kind, at + 1)) if at >= 0 else None


@functools.cache
def vmlinux():
    """The running kernel's own types."""
    with open("/sys/kernel/btf/vmlinux", "rb") as file:
        return Types(file.read())


def find_in_module(number, kind, name):
    """The id of a type that a module's BTF object has of its own, behind the kernel's."""
    own, base = Types(bpf.btf_bytes(number)), vmlinux()
    at = (b"\0" + own.strings).find(b"\0" + name.encode() + b"\0")
    found = own.numbers.get((kind, len(base.strings) + at)) if at >= 0 else None
    return len(base.at) - 1 + found if found else None


# Types as records, read anew: what a dump is held against.

KINDS = ("VOID INT PTR ARRAY STRUCT UNION ENUM FWD TYPEDEF VOLATILE CONST RESTRICT FUNC FUNC_PROTO VAR DATASEC FLOAT DECL_TAG TYPE_TAG "
         "ENUM64").split()
LINKAGE = {0: "static", 1: "global", 2: "extern"}
ENCODING = {0: "(none)", 1: "SIGNED", 2: "CHAR", 4: "BOOL"}


def sections(blob):
    """(types, strings) of a blob"""
    header, types_at, types_len, strings_at, strings_len = struct.unpack_from("=4xIIIII", blob)
    return (blob[header + types_at:header + types_at + types_len], blob[header + strings_at:header + strings_at + strings_len])


def records(blob, base=None):
    """The types of a blob, split BTF with the blob of its base: dicts with bpftool's keys, in its order; unsigned values have no sign."""
    strings = (sections(base)[1] if base else b"") + sections(blob)[1]
    types, at, number = sections(blob)[0], 0, 1 + (sum(1 for _ in records(base)) if base else 0)

    def name(offset):
        return strings[offset:strings.index(b"\0", offset)].decode(errors="surrogateescape") if offset else "(anon)"

    while at < len(types):
        start, bits, size = struct.unpack_from("=III", types, at)
        kind, count, flag = bits >> 24 & 0x7f, bits & 0xffffff, bits >> 31
        once, each = TAIL.get(kind, (0, 0))
        tail = list(struct.unpack_from(f"={(once + each * count) // 4}I", types, at + 12))
        rows = [tail[i:i + each // 4] for i in range(0, len(tail), each // 4)] if each else []
        yield {"id": number, "kind": KINDS[kind], "name": name(start), **facts(KINDS[kind], size, count, flag, tail, rows, name)}
        at += 12 + once + each * count
        number += 1


def facts(kind, size, count, flag, tail, rows, name):
    """What follows the name."""
    def signed(value, bits):
        return value - (1 << bits) if flag and value >> bits - 1 else value

    def member(row):
        bitfield = {"bitfield_size": row[2] >> 24} if flag and row[2] >> 24 else {}
        return {"name": name(row[0]), "type_id": row[1], "bits_offset": row[2] & 0xffffff if flag else row[2], **bitfield}

    if kind == "INT":
        return {"size": size, "bits_offset": tail[0] >> 16 & 0xff, "nr_bits": tail[0] & 0xff,
                "encoding": ENCODING.get(tail[0] >> 24 & 0xf, "UNKN")}
    if kind == "ARRAY":
        return dict(zip(("type_id", "index_type_id", "nr_elems"), tail))
    if kind in ("STRUCT", "UNION"):
        return {"size": size, "vlen": count, "members": [member(row) for row in rows]}
    if kind in ("ENUM", "ENUM64"):
        values = [(row[0], signed(row[1] | (row[2] << 32 if len(row) > 2 else 0), 64 if len(row) > 2 else 32)) for row in rows]
        return {"encoding": "SIGNED" if flag else "UNSIGNED", "size": size, "vlen": count,
                "values": [{"name": name(at), "val": value} for at, value in values]}
    if kind == "FWD":
        return {"fwd_kind": "union" if flag else "struct"}
    if kind == "FUNC_PROTO":
        return {"ret_type_id": size, "vlen": count, "params": [{"name": name(row[0]), "type_id": row[1]} for row in rows]}
    if kind == "DATASEC":
        return {"size": size, "vlen": count, "vars": [dict(zip(("type_id", "offset", "size"), row)) for row in rows]}
    if kind == "FLOAT":
        return {"size": size}
    if kind in ("FUNC", "VAR"):
        return {"type_id": size, "linkage": LINKAGE.get(tail[0] if tail else count, "(unknown)")}
    if kind == "DECL_TAG":
        return {"type_id": size, "component_idx": struct.unpack("=i", struct.pack("=I", tail[0]))[0]}
    return {"type_id": size}


def blob(types, strings, *, header=24, more=b"", behind=b"", flags=0):
    """A blob of these sections; @more stands in a longer header, @behind after the strings."""
    return struct.pack("=HBBIIIII", 0xeb9f, 1, flags, header, 0, len(types), len(types), len(strings)) + more + types + strings + behind


def every_kind():
    """A sound blob in which each kind is there, with all that it can say."""
    b = Btf()
    number, unsigned = b.int("int", 4, signed=True), b.int("unsigned int", 4)
    char, boolean = b.add("char", INT, 0, 1, struct.pack("=I", 2 << 24 | 8)), b.add("_Bool", INT, 0, 1, struct.pack("=I", 4 << 24 | 8))
    b.add("part", INT, 0, 4, struct.pack("=I", 1 << 24 | 3 << 16 | 5))
    void, pointer = b.pointer(0), b.pointer(number)
    row = b.array(char, unsigned, 16)
    b.array(row, unsigned, 0)
    inner = b.struct("", 4, [("", number, 0)])
    outer = b.struct("outer", 32, [("row", row, 0), ("", inner, 16), ("flag", boolean, 20), ("p", pointer, 24)])
    b.struct("empty", 0, [])
    bits = b"".join(struct.pack("=III", b.string(n), t, size << 24 | at) for n, t, size, at in
                    (("a", unsigned, 3, 0), ("", number, 7, 3), ("whole", number, 0, 32)))
    b.add("bits", STRUCT, 3, 8, bits, flag=True)
    b.add("either", UNION, 2, 8, struct.pack("=III", b.string("n"), number, 0) + struct.pack("=III", b.string("p"), pointer, 0))
    b.add("small", ENUM, 2, 1, struct.pack("=II", b.string("S0"), 0) + struct.pack("=II", b.string("S200"), 200))
    b.add("unsigned_enum", ENUM, 2, 4, struct.pack("=II", b.string("ALL"), 0xffffffff) + struct.pack("=II", b.string("TOP"), 1 << 31))
    b.add("signed_enum", ENUM, 2, 4, struct.pack("=II", b.string("LESS"), 0xffffffff) + struct.pack("=II", b.string("LEAST"), 1 << 31), True)
    b.add("", ENUM, 1, 4, struct.pack("=II", b.string("ANONYMOUS"), 7))
    b.add("not_yet", ENUM, 0, 4)
    b.add("wide", ENUM64, 2, 8, struct.pack("=III", b.string("W"), 0xffffffff, 0xffffffff) + struct.pack("=III", b.string("H"), 0, 1 << 31))
    b.add("wide_signed", ENUM64, 2, 8, struct.pack("=III", b.string("M"), 0xffffffff, 0xffffffff) + struct.pack("=III", b.string("L"), 0, 1 << 31), True)
    b.add("later", FWD, 0, 0)
    b.add("later_union", FWD, 0, 0, flag=True)
    b.add("outer_t", TYPEDEF, 0, outer)
    b.add("", VOLATILE, 0, b.add("", CONST, 0, number))
    b.add("", RESTRICT, 0, void)
    proto = b.add("", FUNC_PROTO, 3, number, struct.pack("=IIIIII", b.string("first"), pointer, b.string("second"), outer, 0, 0))
    functions = [b.add(name, FUNC, linkage, proto) for linkage, name in enumerate(("f_static", "f_global", "f_extern"))]
    variables = [b.add(name, VAR, 0, number, struct.pack("=I", linkage)) for linkage, name in enumerate(("v_static", "v_global", "v_extern"))]
    b.add(".data", DATASEC, 3, 12, b"".join(struct.pack("=III", one, i * 4, 4) for i, one in enumerate(variables)))
    b.add(".empty", DATASEC, 0, 0)
    b.add("double", FLOAT, 0, 8)
    for target, index in ((outer, -1), (outer, 1), (functions[1], 0)):
        b.add("tagged", DECL_TAG, 0, target, struct.pack("=i", index))
    b.add("user", TYPE_TAG, 0, number)
    return b


def split(base, strings, types):
    """The blob of split BTF: @types is made by a function of (first id, offset of the first string)."""
    return blob(types(len(list(records(base))) + 1, len(sections(base)[1])), strings)
