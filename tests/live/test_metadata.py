# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What a program says of itself: the variables bpf_metadata_* of its section .rodata."""
import struct

import bpf
import pytest
from maker import unique
from typed import SIGNED, Array, Int, Pointer, Record, Section, Types

NUMBER, TEXT = Int("int", 4, SIGNED), Int("char", 1, SIGNED)
PREFIX = "bpf_metadata_"


def number(value):
    return struct.pack("i", value)


def constants(kernel, variables, data, section=".rodata", name=None, **more):
    """A map that holds variables, [(name, type)] behind each other, and data."""
    at, placed = 0, []
    for variable, kind in variables:
        placed.append((variable, kind, at))
        at += kind.size
    types = Types()
    value = Section(section, at, placed).build(types)
    made = kernel.map("array", key=4, value=at, max_entries=1, name=name or f"bpflens{section}"[:15],
                      btf_fd=kernel.keep(types.load()), btf_value=value, **more)
    bpf.map_update(made.fd, bytes(4), data)
    return made


@pytest.fixture
def described(kernel):
    """A program with the metadata of bpftool's own tests."""
    made = constants(kernel, [(PREFIX + "a", Array(TEXT, 4)), (PREFIX + "b", NUMBER)], b"foo\0" + number(1))
    return kernel.prog(name=unique("md"), maps=[made])


def metadata(bpflens, made, *options):
    return bpflens(*(options or ["-j"]), "prog", "show", "id", made.id, "no-owners").get("metadata")


def test_metadata_is_written_as_bpftools_tests_want_it(described, bpflens):
    assert b'"metadata":{"a":"foo","b":1}' in bpflens.run("--json", "prog").out
    assert b'\tmetadata:\n\t\ta = "foo"\n\t\tb = 1\n' in bpflens.run("prog").out


def test_metadata_is_bpftools_in_every_kind_of_value(kernel, bpflens, ownerless, peer):
    record = Record(12, [("x", NUMBER, 0), ("y", Array(TEXT, 4), 4), ("z", NUMBER, 8)])
    variables = [(PREFIX + "t", Array(TEXT, 4)), ("other", NUMBER), (PREFIX + "s", record), (PREFIX + "i", Array(NUMBER, 2)),
                 (PREFIX + "p", Pointer()), (PREFIX, NUMBER), (PREFIX + "n", Record(16, [("in", record, 0), ("w", NUMBER, 12)]))]
    data = (b'f"\\\0' + number(5) + number(-7) + b"yy\0\0" + number(8) + number(1) + number(2) + struct.pack("Q", 0x1234)
            + number(3) + number(7) + b"zz\0\0" + number(8) + number(9))
    made = kernel.prog(maps=[constants(kernel, variables, data)])
    shown = {name.removeprefix(PREFIX) for name, _ in variables if name.startswith(PREFIX)}
    for option in ("-j", "-p"):
        ours = metadata(bpflens, made, option)
        assert ours == peer(option, "prog", "show", "id", made.id)["metadata"] and set(ours) == shown

    def block(text):
        return text[text.index("\tmetadata:\n"):]
    assert block(ownerless("prog", "show", "id", made.id).stdout) == block(peer("prog", "show", "id", made.id).stdout)


def test_the_strict_form_types_values_strictly(kernel, bpflens):
    made = kernel.prog(maps=[constants(kernel, [(PREFIX + "p", Pointer()), (PREFIX + "u", Int("u", 8))],
                                       struct.pack("QQ", 0x1234, 2**64 - 1))])
    (shown,) = bpflens("-o", "json", "prog", "show", "id", made.id)
    assert shown["metadata"] == {"p": "0x1234", "u": 2**64 - 1}
    assert metadata(bpflens, made) == {"p": 0x1234, "u": 2**64 - 1}


def test_metadata_stands_behind_what_bpftool_has_before_it(described, bpflens):
    keys = list(bpflens("-fj", "prog", "show", "id", described.id))
    assert keys.index("pinned") < keys.index("pids") < keys.index("metadata")
    assert keys[keys.index("metadata") + 1:] and "verified_insns" in keys[keys.index("metadata"):]


def test_other_variables_are_no_metadata(kernel, bpflens):
    made = kernel.prog(maps=[constants(kernel, [("bpf_meta", NUMBER), ("xbpf_metadata_a", NUMBER)], number(1) * 2)])
    assert metadata(bpflens, made) is None
    assert "metadata" not in bpflens("prog", "show", "id", made.id).stdout


def test_the_first_map_of_constants_counts(kernel, bpflens):
    none = constants(kernel, [("x", NUMBER)], number(1))
    first = constants(kernel, [(PREFIX + "v", NUMBER)], number(1))
    second = constants(kernel, [(PREFIX + "v", NUMBER)], number(2))
    assert metadata(bpflens, kernel.prog(maps=[kernel.map("hash"), first, second])) == {"v": 1}
    assert metadata(bpflens, kernel.prog(maps=[second, first])) == {"v": 2}
    assert metadata(bpflens, kernel.prog(maps=[none, first])) is None


def test_maps_that_are_not_of_constants_have_none(kernel, bpflens):
    variables, data = [(PREFIX + "v", NUMBER)], number(1)
    other = constants(kernel, variables, data, section=".data")
    bare = kernel.map("array", max_entries=1, name="bpflens.rodata", entries={0: 1})
    assert metadata(bpflens, kernel.prog(maps=[other, bare])) is None


def test_a_value_that_is_no_section_has_none(kernel, bpflens):
    types = Types()
    value = NUMBER.build(types)
    fd = kernel.keep(types.load())
    made = kernel.map("array", max_entries=1, name="bpflens.rodata", btf_fd=fd, btf_key=value, btf_value=value, entries={0: 1})
    result = bpflens.run("-j", "prog", "show", "id", kernel.prog(maps=[made]).id)
    assert result.rc == 0 and "metadata" not in result.json


def test_of_two_variables_with_one_name_the_first_is_shown(kernel, bpflens):
    made = kernel.prog(maps=[constants(kernel, [(PREFIX + "v", NUMBER)] * 2 + [(PREFIX + "w", NUMBER)],
                                       number(1) + number(2) + number(3))])
    assert metadata(bpflens, made) == {"v": 1, "w": 3}


def test_foreign_text_is_safe_in_json_and_on_terminals(kernel, bpflens):
    text = b"\x1b[31m\xff\"\n\0"
    made = kernel.prog(maps=[constants(kernel, [(PREFIX + "t", Array(Int("char", 1), 10))], text.ljust(10, b"\0"))])
    assert metadata(bpflens, made) is not None
    for form in ([], ["-j"], ["-p"], ["-o", "json"]):
        assert b"\x1b" not in bpflens.run(*form, "prog", "show", "id", made.id).out


def test_a_frozen_map_is_read_and_only_read(kernel, bpflens):
    made = constants(kernel, [(PREFIX + "v", NUMBER)], number(4), flags=bpf.F_RDONLY_PROG)
    bpf.map_freeze(made.fd)
    prog = kernel.prog(maps=[made])
    assert metadata(bpflens, prog) == {"v": 4}
    _, trace = bpflens.traced("-j", "prog", "show", "id", prog.id, "no-owners")
    opened = [line for line in trace if "BPF_MAP_GET_FD_BY_ID" in line]
    assert opened and all("BPF_F_RDONLY" in line for line in opened)
    assert sum("BPF_MAP_LOOKUP_ELEM" in line for line in trace) == 1


def test_only_what_is_shown_is_read(described, bpflens):
    """No map is opened for a table of ids, nor the content of one that is not of constants."""
    for form in (["-o", "table=id"], ["-o", "table"]):
        _, trace = bpflens.traced(*form, "prog", "list")
        assert trace and not any("BPF_MAP_GET_FD_BY_ID" in line for line in trace)


def test_a_map_that_cannot_be_read_leaves_the_program_whole(described, bpflens):
    for call in ("BPF_MAP_GET_FD_BY_ID", "BPF_MAP_LOOKUP_ELEM", "BPF_BTF_GET_FD_BY_ID"):
        words = ("-j", "prog", "show", "id", described.id, "no-owners")
        _, trace = bpflens.traced(*words)
        number_of = next(i for i, line in enumerate(trace, 1) if call in line)
        result, _ = bpflens.traced(*words, inject=f"bpf:error=EPERM:when={number_of}")
        assert result.rc == 0 and result.json["id"] == described.id and "metadata" not in result.json


def test_metadata_is_in_a_batch_too(described, bpflens):
    result = bpflens.run("-j", "batch", "file", "-", input=f"prog show id {described.id}\n".encode() * 2)
    assert [one["output"]["metadata"] for one in result.json] == [{"a": "foo", "b": 1}] * 2
