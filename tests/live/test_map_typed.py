# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map dump with BTF: values as their types have them, in every form of output."""
import json
import struct
import sys

import bpf
import btf
import pytest
from maker import Map
from runner import compact, pretty
from typed import BOOL, CHAR, SIGNED, Array, Enum, Float, Int, Pointer, Record, Section, Typedef, Types

pytestmark = pytest.mark.slow_in_vm(reason="bytes and types to text; the kernel only keeps them")

U8, U16, U32, U64 = (Int(f"u{8 * n}", n) for n in (1, 2, 4, 8))
S8, S16, S32, S64 = (Int(f"s{8 * n}", n, SIGNED) for n in (1, 2, 4, 8))
TEXT, LETTER, YES = Int("char", 1, SIGNED), Int("letter", 1, CHAR), Int("_Bool", 1, BOOL)
COLOUR = Enum(4, {"RED": 0, "GREEN": 1, "ALSO_GREEN": 1})
KEY = Record(8, [("a", U32, 0), ("b", S32, 4)])

# Types that bpftool shows as we do: (type, bytes of some values).
AGREED = {
    "unsigned": (Record(16, [("a", U8, 0), ("b", U16, 2), ("c", U32, 4), ("d", U64, 8)]), [b"\xff" * 16, bytes(16)]),
    "signed": (Record(16, [("a", S8, 0), ("b", S16, 2), ("c", S32, 4), ("d", S64, 8)]),
               [b"\xfb" + b"\xff" * 15, b"\x80" * 16]),
    "bool": (Array(YES, 2), [b"\x00\x01"]),
    "letter": (Array(LETTER, 3), [b"aZ~", b"\x01\x80\xff"]),
    "enum": (Array(COLOUR, 3), [struct.pack("3I", 1, 0, 7)]),
    "enum-signed": (Array(Enum(4, {"MINUS": -1, "ONE": 1}, True), 3), [struct.pack("3i", -1, 1, -5)]),
    "enum64": (Array(Enum(8, {"LARGE": 2**40, "ONE": 1}), 2), [struct.pack("2Q", 2**40, 3)]),
    "wide": (Array(Int("__int128", 16, SIGNED), 2), [struct.pack("4Q", 0x1122334455667788, 1, 7, 0)]),
    "pointer": (Array(Pointer(), 2), [struct.pack("2Q", 0xdeadbeefcafe, 0)]),
    "text": (Record(12, [("t", Array(TEXT, 8), 0), ("n", Array(TEXT, 4), 8)]),
             [b"ab\"c\0\xff\xff\xffwxyz", b"\0" * 12, b"\x01\0abcdef\\\0\0\0"]),
    "matrix": (Array(Array(S16, 3), 2), [struct.pack("6h", 1, -2, 3, -4, 5, -6)]),
    "nested": (Record(12, [("l", Array(Record(4, [("x", S16, 0), ("y", U8, 2)]), 2), 0), ("z", Typedef("z_t", U32), 8)]),
               [bytes(range(1, 13))]),
    "union": (Record(4, [("i", U32, 0), ("c", Array(TEXT, 4), 0)], union=True), [b"123\0"]),
    "anonymous": (Record(8, [("", Record(4, [("p", U16, 0), ("q", U16, 2)]), 0), ("r", U32, 4)]), [bytes(range(8))]),
    "bits": (Record(8, [("a", U32, 0, 3), ("b", S32, 3, 5), ("c", U64, 8, 40), ("f", YES, 48, 1)]),
             [struct.pack("Q", 5 | 0x1d << 3 | 1 << 47 | 1 << 48)]),
}
# Those that bpftool has wrong or not at all.
BETTER = {
    "letter-quote": (Array(LETTER, 2), [b"\"\\"]),
    "float": (Record(16, [("d", Float(8), 0), ("f", Float(4), 8), ("n", U32, 12)]), [struct.pack("dfI", 0.1, -2.5, 9)]),
    "enum-byte": (Array(Enum(1, {"HIGH": 200}), 2), [bytes([200, 201])]),
    "enum64-top": (Array(Enum(8, {"ONE": 1}), 1), [b"\xff" * 8]),
    "two-anonymous": (Record(12, [("", Record(4, [("p", U32, 0)]), 0),
                                  ("", Record(4, [("q", U32, 0), ("s", U8, 0)], union=True), 4), ("r", U32, 8)]),
                      [bytes(range(12))]),
    "enum-bits": (Record(4, [("e", Enum(4, {"MINUS": -1}, True), 1, 3), ("g", Enum(4, {"MINUS": -1}, True), 4, 3)]),
                  [struct.pack("I", 7 << 1 | 5 << 4)]),
}
ALL = {**AGREED, **BETTER}


def load(kernel, *declared):
    """BTF of some types: its descriptor and their ids."""
    types = Types()
    ids = [one.build(types) if one else 0 for one in declared]
    return [kernel.keep(types.load())] + ids


def typed_map(kernel, key, value, values, type="hash", name=""):
    """A map of these values by the keys 0, 1, ...: as a Map."""
    fd, key_id, value_id = load(kernel, key, value)
    size = key.size if key else 4
    made = bpf.map_create(type, size, value.size, max(len(values), 1), btf_fd=fd, btf_key=key_id, btf_value=value_id,
                          name=name.encode())
    made = Map(kernel.keep(made), type, size, value.size, max(len(values), 1), 0, name)
    for i, one in enumerate(values):
        made.put(i.to_bytes(size, sys.byteorder), one)
    return made


def dump(program, made, *form):
    """The text of a dump that succeeds."""
    result = program.run(*form, "map", "dump", "id", made.id)
    assert (result.rc, result.err) == (0, b""), result
    return result.stdout


def by_key(records):
    return sorted(records, key=lambda one: json.dumps(one["key"]))


@pytest.mark.parametrize("what", ALL)
def test_formatted_is_what_was_declared(kernel, bpflens, what):
    kind, values = ALL[what]
    made = typed_map(kernel, KEY, kind, values)
    for one in bpflens("-j", "map", "dump", "id", made.id):
        key = bytes(int(b, 16) for b in one["key"])
        assert [int(b, 16) for b in one["value"]] == list(made.elements[key])
        assert one["formatted"] == {"key": KEY.read(key, False), "value": kind.read(made.elements[key], False)}


@pytest.mark.parametrize("what", ALL)
def test_strict_values_are_what_was_declared(kernel, bpflens, what):
    kind, values = ALL[what]
    made = typed_map(kernel, KEY, kind, values)
    declared = [{"map_id": made.id, "key": KEY.read(k, True), "value": kind.read(v, True)} for k, v in made.elements.items()]
    for form in ("json", "jsonl"):
        assert by_key(bpflens("-o", form, "map", "dump", "id", made.id)) == by_key(declared)


@pytest.mark.parametrize("what", ALL)
def test_plain_output_is_valid_json(kernel, bpflens, what):
    kind, values = ALL[what]
    made = typed_map(kernel, KEY, kind, values)
    result = bpflens("map", "dump", "id", made.id)
    for one in json.loads(result.stdout):
        key = struct.pack("Ii", one["key"]["a"], one["key"]["b"])
        expected = kind.read(made.elements[key], False)
        if what == "pointer":
            expected = [hex(n) if n else "(nil)" for n in expected]
        assert one["value"] == expected
    assert "Found" not in result.stdout and (what == "letter" or result.stdout == pretty(json.loads(result.stdout)))
    assert result.err == b""


@pytest.mark.parametrize("what", AGREED)
def test_json_is_what_bpftool_prints(kernel, bpflens, peer, what):
    made = typed_map(kernel, KEY, *AGREED[what])
    for form in ("-j", "-p"):
        theirs, ours = dump(peer, made, form), dump(bpflens, made, form)
        if what == "letter":  # bytes over 0x7f are escaped there and UTF-8 here
            assert json.loads(ours) == json.loads(theirs)
        else:
            assert ours == theirs


@pytest.mark.parametrize("what", [k for k in AGREED if k not in ("letter", "wide", "bits")])
def test_plain_text_is_what_bpftool_prints(kernel, bpflens, peer, what):
    made = typed_map(kernel, KEY, *AGREED[what])
    assert dump(bpflens, made) == dump(peer, made)


def test_values_of_each_cpu_are_typed(kernel, bpflens, peer):
    cpus = bpf.possible_cpus()
    made = typed_map(kernel, KEY, U64, [[7 + cpu for cpu in cpus]], "percpu_hash")
    values = [{"cpu": cpu, "value": 7 + cpu} for cpu in cpus]
    key = {"a": 0, "b": 0}
    assert bpflens("-j", "map", "dump", "id", made.id)[0]["formatted"] == {"key": key, "values": values}
    assert bpflens("-o", "json", "map", "dump", "id", made.id) == [{"map_id": made.id, "key": key, "values": values}]
    for form in ([], ["-j"], ["-p"]):
        assert dump(bpflens, made, *form) == dump(peer, made, *form)


SECTION = Section(".data", 16, [("gro", S32, 0), ("who", Array(TEXT, 4), 4), ("at", U64, 8)])


def test_global_data_are_variables(kernel, bpflens, peer):
    value = struct.pack("i4sQ", -5, b"h1", 2**64 - 1)
    made = typed_map(kernel, None, SECTION, [value], "array")
    shown = {"value": {".data": [{"gro": -5}, {"who": "h1"}, {"at": 2**64 - 1}]}}
    assert bpflens("-j", "map", "dump", "id", made.id)[0]["formatted"] == shown
    assert bpflens("map", "dump", "id", made.id).stdout == pretty([shown])
    assert bpflens("-o", "json", "map", "dump", "id", made.id) == [
        {"map_id": made.id, "key": "00000000", "value": {"gro": -5, "who": "h1", "at": 2**64 - 1}}]
    for form in ([], ["-j"], ["-p"]):
        assert dump(bpflens, made, *form) == dump(peer, made, *form)


def test_cells_hold_compact_json(kernel, bpflens):
    made = typed_map(kernel, U32, KEY, [struct.pack("Ii", 4, -4)])
    assert bpflens("-o", "tsv", "map", "dump", "id", made.id).stdout == 'key\tvalue\n0\t{"a":4,"b":-4}\n'
    assert bpflens("-o", "table", "map", "dump", "id", made.id).stdout == 'key  value\n  0  {"a":4,"b":-4}\n'
    lists = typed_map(kernel, U32, Array(U8, 3), [b"\1\2\3"])
    assert bpflens("-o", "tsv", "map", "dump", "id", lists.id).stdout == "key\tvalue\n0\t[1,2,3]\n"


def test_several_typed_maps_are_one_document(kernel, bpflens, peer):
    maps = [typed_map(kernel, U32, U32, [3], name="several_typed") for _ in range(2)]
    theirs = peer("map", "dump", "name", "several_typed")
    ours = bpflens("map", "dump", "name", "several_typed")
    assert ours.out == theirs.out
    assert ours.stdout == pretty([{"id": m.id, "type": "hash", "name": "several_typed", "flags": 0,
                                   "elements": [{"key": 0, "value": 3}]} for m in maps])


def test_a_map_without_btf_is_never_shown_by_the_types_of_another(kernel, bpflens):
    typed_map(kernel, U32, U32, [3], name="mixed_btf")
    bare = kernel.map("array", 4, 2, {0: b"\x01\x02"}, name="mixed_btf")
    found = bpflens("-j", "map", "dump", "name", "mixed_btf")
    assert {one["id"]: "formatted" in one["elements"][0] for one in found}[bare.id] is False
    assert bpflens("map", "dump", "name", "mixed_btf").stdout.endswith("key: 00 00 00 00  value: 01 02\nFound 1 element\n")
    strict = bpflens("-o", "json", "map", "dump", "name", "mixed_btf")
    assert [one["value"] for one in strict] == [3, "0102"]


def test_a_struct_ops_map_has_the_kernels_type(kernel, bpflens, peer):
    import zoo
    made = zoo.make(kernel, "struct_ops")
    value = bpflens("-j", "map", "dump", "id", made.id)[0]["formatted"]["value"]
    assert set(value) in ({"common", "data"}, {"refcnt", "state", "data"})  # newer kernels, and those before 6.9
    assert "name" in value["data"]
    assert bpflens("-j", "map", "dump", "id", made.id) == peer("-j", "map", "dump", "id", made.id)


def lender(kernel, made, section, name=""):
    """A program that uses the map and has a definition of it in its BTF."""
    types = Types()
    number = types.int("int", 4, signed=True)
    function = types.function("lender", number)
    section(types)
    return kernel.prog(maps=[made], name=name, btf_fd=kernel.keep(types.load()), func_info=[(0, function)])


def definition(name, key, value):
    def section(types):
        ids = [types.add("", btf.PTR, 0, one.build(types)) for one in (key, value)]
        tail = b"".join(struct.pack("III", types.string(n), i, at) for n, i, at in zip(("key", "value"), ids, (0, 64)))
        var = types.add(name, btf.VAR, 0, types.add("", btf.STRUCT, 2, 16, tail), struct.pack("I", 1))
        types.add(".maps", btf.DATASEC, 1, 16, struct.pack("III", var, 0, 16))
    return section


def test_a_map_without_btf_borrows_the_types_of_its_program(kernel, bpflens, peer):
    made = kernel.map("hash", 4, 8, {3: struct.pack("Ii", 9, -9)}, name="borrowed_types")
    prog = lender(kernel, made, definition("borrowed_types_of_a_long_name"[:14], U32, KEY))
    shown = {"key": 3, "value": {"a": 9, "b": -9}}
    result = bpflens.run("-o", "json", "map", "dump", "id", made.id)
    assert json.loads(result.stdout) == [{"map_id": made.id, **shown}]
    assert result.stderr == f"note: map {made.id} has no BTF: its types are those that program {prog.id} has for it\n"
    for form in ([], ["-j"]):
        assert dump(bpflens, made, *form) == dump(peer, made, *form)
    assert json.loads(bpflens.run("map", "dump", "id", made.id, "typed").stdout) == [shown]
    assert json.loads(bpflens.run("-j", "map", "dump", "id", made.id, "typed").stdout)[0]["formatted"] == shown


def test_a_map_of_global_data_borrows_its_section(kernel, bpflens):
    value = struct.pack("i4sQ", -5, b"h1", 6)
    made = kernel.map("array", 4, 16, {0: value}, name="obj.data")
    lender(kernel, made, SECTION.build)
    result = bpflens.run("-o", "json", "map", "dump", "id", made.id)
    assert json.loads(result.stdout)[0]["value"] == SECTION.read(value, True)


def test_types_of_another_size_are_not_borrowed(kernel, bpflens):
    made = kernel.map("hash", 4, 8, {3: 5}, name="other_size")
    lender(kernel, made, definition("other_size", U32, U32))
    result = bpflens.run("-o", "json", "map", "dump", "id", made.id)
    assert json.loads(result.stdout)[0]["value"] == "0500000000000000" and result.err == b""
    result = bpflens.run("map", "dump", "id", made.id, "typed")
    assert result.stdout.endswith("Found 1 element\n")
    assert result.stderr == f"note: map {made.id} has no BTF, and no program that uses it has its types\n"
