# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe: what the kernel's types tell, held against a second reader of them and against calls made here."""
import collections
import errno
import os
import re

import bpf
import btf
import pytest
from features import HIDE_TYPES, ask, ask_one, everything
from test_btf_find import Reader

FOLDER = "/sys/kernel/btf"
KINDS = {1: "int", 2: "ptr", 3: "array", 4: "struct", 5: "union", 6: "enum", 7: "fwd", 8: "typedef", 9: "volatile",
         10: "const", 11: "restrict", 12: "func", 13: "func_proto", 14: "var", 15: "datasec", 16: "float",
         17: "decl_tag", 18: "type_tag", 19: "enum64"}
PREFIX = "bpf_struct_ops_"


@pytest.fixture(scope="module")
def types():
    with open(FOLDER + "/vmlinux", "rb") as file:
        return Reader(file.read())


@pytest.fixture(scope="module")
def named(types):
    """{(kind, name): the first id}"""
    found = {}
    for number in range(len(types.at) - 1, 0, -1):
        found[types.kind(number), types.name(number)] = number
    return found


def modules():
    return sorted(name for name in os.listdir(FOLDER) if name != "vmlinux")


# --- types and members -------------------------------------------------------

def test_types_that_the_kernel_has_are_found_with_their_size(bpflens, types, named):
    declared = [(kind, name, number) for (kind, name), number in sorted(named.items())
                if kind in (btf.STRUCT, btf.UNION, btf.ENUM) and re.fullmatch(r"\w+", name)]
    for kind, name, number in declared[::len(declared) // 12]:
        word = {btf.STRUCT: "struct", btf.UNION: "union", btf.ENUM: "enum"}[kind]
        record = ask_one(bpflens, "btf", f"{word} {name}", rc=0)
        assert record == {"kind": "btf", "name": f"{word} {name}", "answer": "yes", "found": "btf",
                          "detail": f"{word} of {types.word(number, 8)} bytes"}


def test_functions_typedefs_and_numbers_are_found_by_name(bpflens, named):
    for kind, name, word in ((btf.FUNC, "bpf_prog_free", "func"), (btf.TYPEDEF, "u64", "typedef"),
                             (btf.INT, "char", "int of 1 bytes")):
        assert (kind, name) in named
        assert ask_one(bpflens, "btf", name, rc=0)["detail"] == word


def test_members_are_found_where_they_are(bpflens, types, named):
    for structure in ("sk_buff", "task_struct", "bpf_prog", "bpf_map", "sock_common"):
        members = [m for m in types.flat(named[btf.STRUCT, structure]) if re.fullmatch(r"\w+", m[0])]
        chosen = members[::max(1, len(members) // 5)]
        words = [w for name, _, _ in chosen for w in ("btf", f"{structure}.{name}")]
        for record, (name, bits, width) in zip(ask(bpflens, *words, rc=0), chosen, strict=True):
            assert record["name"] == f"{structure}.{name}"
            end = f", {width} bits at bit {bits}" if width else f" at byte {bits // 8}"
            assert record["detail"].startswith("member of type ") and record["detail"].endswith(end), record


def test_a_path_leads_through_members_and_anonymous_ones(bpflens, types, named):
    attr = dict((name, number) for name, number in types.members(named[btf.UNION, "bpf_attr"]))
    assert "link_create" not in attr or types.kind(attr["link_create"]) == btf.STRUCT
    for path in ("bpf_attr.link_create.prog_fd", "task_struct.se.load.weight", "sk_buff.len", "list_head.next"):
        assert ask_one(bpflens, "btf", path, rc=0)["found"] == "btf"
    # a pointer is the end of a path: what it points to is another object
    assert ask_one(bpflens, "btf", "task_struct.mm.pgd", rc=1)["answer"] == "no"


def test_what_is_not_there_is_no(bpflens):
    records = ask(bpflens, "btf", "no_such_type_anywhere", "btf", "sk_buff.no_such_member", "btf",
                  "struct bpf_prog_free", "btf", "no_such.thing.at.all", rc=1)
    assert [r["answer"] for r in records] == ["no"] * 4
    assert "the type is there" in records[1]["detail"] and "detail" not in records[0]


def test_a_flavour_is_a_name_of_its_own(bpflens):
    assert ask_one(bpflens, "btf", "task_struct___mine", rc=1)["answer"] == "no"


def test_enumerators_have_their_value(bpflens, types, named):
    for enum in ("bpf_cmd", "bpf_attach_type", "bpf_prog_type"):
        pairs = types.enumerators(named[btf.ENUM, enum])
        for name, value in pairs[::max(1, len(pairs) // 4)]:
            record = ask_one(bpflens, "btf", name, rc=0)
            assert (record["value"], record["detail"]) == (str(value), f"enumerator of {enum}")
            assert ask_one(bpflens, "btf", f"{enum}.{name}", rc=0)["value"] == str(value)


def test_enumerators_of_enums_without_a_name_are_found(bpflens):
    assert ask_one(bpflens, "btf", "BPF_F_RDONLY", rc=0)["value"] == "8"


@pytest.mark.slow_in_vm(reason="the command line is the same everywhere")
@pytest.mark.parametrize("name", ["", "a*", "a b", "sk_buff.", ".", "a..b", "struct ", "sk_buff.len.", "x" * 5000, "é"])
def test_what_is_no_name_is_a_wrong_command_line(bpflens, name):
    result = bpflens.run("-o", "json", "feature", "probe", "btf", name)
    assert result.rc == 2 and not result.json, result


def test_types_of_modules_are_found_too(bpflens, types):
    for module in modules():
        with open(f"{FOLDER}/{module}", "rb") as file:
            blob = file.read()
        strings = blob[24 + int.from_bytes(blob[16:20], "little"):]
        for name in strings.split(b"\0"):
            text = name.decode(errors="replace")
            if not re.fullmatch(module + r"_\w+", text):
                continue
            record = ask(bpflens, "btf", text)[0]
            if record["answer"] == "yes" and record["detail"].endswith(f" of module {module}"):
                return
    pytest.skip("no module with BTF has a type of its own name")


# --- modules -----------------------------------------------------------------

def test_modules_are_those_that_have_types_with_their_size(bpflens):
    records = everything(bpflens, "module")
    assert [(r["name"], r["value"]) for r in records] == \
        [(name, str(os.stat(f"{FOLDER}/{name}").st_size)) for name in modules()]
    assert {r["answer"] for r in records} <= {"yes"}


def test_a_module_is_found_by_its_name_however_it_is_written(bpflens):
    for name in modules()[:3]:
        assert ask_one(bpflens, "module", name, rc=0)["found"] == "file"
        assert ask_one(bpflens, "module", name.replace("_", "-"), rc=0)["answer"] == "yes"
    assert ask_one(bpflens, "module", "no_such_module", rc=1)["answer"] == "no"


@pytest.mark.parametrize("name", ["", ".", "..", "../kernel/btf/vmlinux", "vmlinux", "x" * 200])
def test_what_cannot_be_a_module_is_a_wrong_command_line(bpflens, name):
    assert bpflens.run("-o", "json", "feature", "probe", "module", name).rc == 2


# --- struct_ops and iterators ------------------------------------------------

def declared_struct_ops(types, named):
    """{name: (id of what a map holds, its size)}"""
    found = {}
    for (kind, name), number in named.items():
        if kind != btf.STRUCT or not name.startswith(PREFIX):
            continue
        data = dict(types.members(number)).get("data")
        if data and (types.kind(data), types.name(data)) == (btf.STRUCT, name.removeprefix(PREFIX)):
            found[name.removeprefix(PREFIX)] = number, types.word(number, 8)
    return found


def test_struct_ops_are_those_of_the_types_and_maps_of_them_can_be_made(bpflens, kernel, types, named):
    declared = declared_struct_ops(types, named)
    assert "tcp_congestion_ops" in declared
    records = everything(bpflens, "struct_ops")
    ours = {r["name"]: r for r in records if "module" not in r.get("detail", "")}
    assert {name for name, r in ours.items() if r["answer"] == "yes"} == set(declared)
    types_fd = kernel.int_btf()[0]
    for name, (number, size) in declared.items():
        assert ours[name]["found"] == "probe"
        os.close(bpf.map_create("struct_ops", 4, size, 1, btf_fd=types_fd, btf_vmlinux_value=number))
    for name in set(ours) - set(declared):
        assert (ours[name]["answer"], ours[name]["found"]) == ("no", "btf")


def test_one_of_struct_ops_is_asked_for_alone(bpflens, types, named):
    there = declared_struct_ops(types, named)
    for name in ("tcp_congestion_ops", "sched_ext_ops", "Qdisc_ops", "hid_bpf_ops"):
        answer = ask_one(bpflens, "struct_ops", name)["answer"]
        assert (answer == "yes") == (name in there)
    result = bpflens.run("-o", "json", "feature", "probe", "struct_ops", "tcp_congestion_op")
    assert result.rc == 2 and b"tcp_congestion_ops" in result.err


def test_iterators_are_those_of_the_types_and_programs_for_them_load(bpflens, named):
    targets = {name.removeprefix("bpf_iter_"): number for (kind, name), number in named.items()
               if kind == btf.FUNC and name.startswith("bpf_iter_") and not name.startswith("bpf_iter__")}
    declared = {name: number for name, number in targets.items() if (btf.STRUCT, "bpf_iter__" + name) in named}
    assert {"task", "bpf_map", "bpf_prog", "tcp"} <= set(declared)
    records = {r["name"]: r for r in everything(bpflens, "iterator")}
    assert {name for name, r in records.items() if r["answer"] == "yes"} == set(declared)
    for name, number in declared.items():
        assert records[name]["found"] == "probe"
        os.close(bpf.prog_load("tracing", [bpf.insn(0xb7), bpf.insn(0x95)], attach_type=28, attach_btf_id=number))
    assert ask_one(bpflens, "iterator", "task", rc=0) == records["task"]
    assert bpflens.run("-o", "json", "feature", "probe", "iterator", "taks").rc == 2


# --- kinds of BTF ------------------------------------------------------------

def test_kinds_are_counted_as_the_kernel_uses_them(bpflens, types):
    counted = collections.Counter(KINDS[types.kind(number)] for number in range(1, len(types.at)))
    records = everything(bpflens, "btf_kind")
    assert [r["name"] for r in records] == list(KINDS.values())
    assert {r["name"]: int(r["value"]) for r in records if "value" in r} == counted


def loads(blob):
    try:
        os.close(blob.load())
    except OSError as failure:
        assert failure.errno == errno.EINVAL
        return False
    return True


def test_kinds_are_there_where_such_types_can_be_loaded(bpflens):
    said = {r["name"]: r["answer"] == "yes" for r in everything(bpflens, "btf_kind")}

    def one(build):
        made = btf.Btf()
        build(made)
        return loads(made)

    assert said["float"] == one(lambda b: b.add("d", 16, 0, 8))
    assert said["type_tag"] == one(lambda b: b.add("t", 18, 0, b.int("i", 4)))
    assert said["decl_tag"] == one(lambda b: b.add("t", 17, 0, b.add("td", 8, 0, b.int("i", 4)), b"\xff" * 4))
    assert said["enum64"] == one(lambda b: b.add("e", 19, 1, 8, b"\1" + bytes(11)))
    assert all(said[name] for name in ("int", "ptr", "struct", "func", "var", "datasec"))
    assert ask_one(bpflens, "btf_kind", "enum64") == \
        {k: v for k, v in everything(bpflens, "btf_kind")[-1].items() if k != "value"}


# --- without types, without rights -------------------------------------------

def test_without_types_of_the_kernel_nothing_of_this_is_known(bpflens):
    words = ("btf", "sk_buff", "struct_ops", "tcp_congestion_ops", "iterator", "task", "kfunc", "bpf_rdonly_cast")
    records = ask(bpflens, *words, rc=3, before=HIDE_TYPES)
    assert [(r["answer"], r["reason"]) for r in records] == [("unknown", "no kernel types")] * 4


def test_an_ordinary_user_gets_the_answers_of_the_types(public, nobody):
    records = ask(public, "btf", "sk_buff.len", "struct_ops", "tcp_congestion_ops", "iterator", "task", rc=0,
                  before=nobody)
    assert [r["found"] for r in records] == ["btf"] * 3


def test_asking_for_a_type_makes_no_call_on_bpf(bpflens):
    for words in (("btf", "sk_buff.len"), ("btf", "BPF_XDP"), ("module", "veth")):
        result, lines = bpflens.traced("-o", "json", "feature", "probe", *words)
        assert [line for line in lines if "bpf(" in line] == [], result
    for words, most in ((("iterator", "task"), 1), (("struct_ops", "tcp_congestion_ops"), 2), (("btf_kind", "float"), 2)):
        result, lines = bpflens.traced("-o", "json", "feature", "probe", *words)
        assert len([line for line in lines if "bpf(" in line]) <= most, lines
