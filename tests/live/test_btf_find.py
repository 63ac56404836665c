# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""btf find, btf diff and btf dump ... name: where types are, what they look like, and which differ.

What was declared is made as BTF byte by byte, or compiled by clang; the kernel's own types are read anew here.
"""
import os
import re
import shutil
import struct
import subprocess

import bpf
import btf
import pytest
from maker import unique

VMLINUX = "/sys/kernel/btf/vmlinux"
MODIFIERS = (9, 10, 11, 18)  # volatile, const, restrict, type tag


# --- a second reader ---------------------------------------------------------

class Reader(btf.Types):
    """Members of the kernel's structs with their offsets, as C code sees them."""

    def word(self, number, at):
        return struct.unpack_from("=I", self.blob, self.at[number] + at)[0]

    def text(self, start):
        return self.strings[start:self.strings.index(b"\0", start)].decode()

    def below(self, number):
        """What a type is without modifiers"""
        while number and self.kind(number) in MODIFIERS:
            number = self.word(number, 8)
        return number

    def flat(self, number, base=0):
        """[(name, offset in bits, width of a bit-field or 0)]; members of anonymous members stand among the others"""
        bits = self.word(number, 4)
        for i in range(bits & 0xffff):
            name, type_id, at = struct.unpack_from("=III", self.blob, self.at[number] + 12 + i * 12)
            width, at = (at >> 24, at & 0xffffff) if bits >> 31 else (0, at)
            inner = self.below(type_id)
            if name:
                yield self.text(name), base + at, width
            elif inner and self.kind(inner) in (btf.STRUCT, btf.UNION):
                yield from self.flat(inner, base + at)

    def references(self, number):
        """Ids that a type's record has"""
        kind, count = self.kind(number), self.word(number, 4) & 0xffff
        if kind in (2, 8, 9, 10, 11, 12, 13, 14, 17, 18):
            yield self.word(number, 8)
        if kind == 3:
            yield from (self.word(number, 12), self.word(number, 16))
        each = {4: (12, 4), 5: (12, 4), 13: (8, 4), 15: (12, 0)}.get(kind)
        for i in range(count if each else 0):
            yield self.word(number, 12 + i * each[0] + each[1])

    def closure(self, roots):
        found, waiting = set(), list(roots)
        while waiting:
            number = waiting.pop()
            if number and number not in found:
                found.add(number)
                waiting += self.references(number)
        return found


@pytest.fixture(scope="module")
def kernel_types():
    with open(VMLINUX, "rb") as file:
        return Reader(file.read())


def header_only(text):
    """The lines of plain output that begin a type"""
    return [line for line in text.splitlines() if not line.startswith("\t")]


# --- types with declared differences -----------------------------------------

def old_types():
    t = btf.Btf()
    number, char = t.int("int", 4, True), t.int("char", 1, True)
    pointer = t.pointer(number)
    t.struct("same", 8, [("p", pointer, 0)])
    inner = t.struct("", 8, [("x", number, 0), ("y", number, 4)])
    t.struct("changes", 32, [("gone", number, 0), ("kept", number, 4), ("moved", number, 8), ("typed", number, 12),
                             ("", inner, 16), ("in", inner, 24)])
    t.add("words", btf.ENUM, 2, 4, struct.pack("=IIII", t.string("ONE"), 1, t.string("TWO"), 2))
    t.struct("only_old", 1, [("c", char, 0)])
    t.add("alias", btf.TYPEDEF, 0, number)
    t.add("call", btf.FUNC, 1, t.add("", btf.FUNC_PROTO, 1, number, struct.pack("=II", t.string("a"), number)))
    return t


def new_types():
    t = btf.Btf()
    number = t.int("int", 4, True)
    inner = t.struct("", 8, [("x", number, 0), ("z", number, 4)])
    pointer = t.pointer(number)
    t.struct("changes", 40, [("kept", number, 4), ("moved", number, 12), ("typed", pointer, 16), ("", inner, 24),
                             ("in", inner, 32), ("added", number, 0)])
    t.struct("same", 8, [("p", pointer, 0)])
    t.add("words", btf.ENUM, 3, 4, struct.pack("=IIIIII", t.string("ONE"), 1, t.string("TWO"), 3, t.string("MORE"), 2))
    t.struct("only_new", 4, [("x", number, 0)])
    t.add("alias", btf.TYPEDEF, 0, pointer)
    proto = t.add("", btf.FUNC_PROTO, 2, number, struct.pack("=IIII", t.string("a"), number, t.string("b"), pointer))
    t.add("call", btf.FUNC, 1, proto)
    return t


def part(name, kind="member", **facts):
    has = {"changed" if {"old", "new"} == set(facts) else "removed" if "old" in facts else "added"}
    out = {"part": kind, "change": has.pop(), "name": name}
    for side, (type_or_value, offset) in facts.items():
        if kind == "enumerator":
            out[f"{side}_value"] = type_or_value
        else:
            out |= {f"{side}_type": type_or_value, f"{side}_bits_offset": offset * 8}
    return out


DIFFERENCES = {
    ("changed", "struct", "changes"): [
        part("gone", old=("int", 0)), part("moved", old=("int", 8), new=("int", 12)),
        part("typed", old=("int", 12), new=("int *", 16)),
        part("x", old=("int", 16), new=("int", 24)), part("y", old=("int", 20)),
        part("in", old=("struct {...}", 24), new=("struct {...}", 32)),
        part("in.x", old=("int", 24), new=("int", 32)), part("in.y", old=("int", 28)),
        part("z", new=("int", 28)), part("in.z", new=("int", 36)), part("added", new=("int", 0))],
    ("changed", "enum", "words"): [
        part("TWO", "enumerator", old=(2, 0), new=(3, 0)), part("MORE", "enumerator", new=(2, 0))],
    ("changed", "typedef", "alias"): None,
    ("changed", "func", "call"): None,
    ("removed", "int", "char"): None,
    ("removed", "struct", "only_old"): None,
    ("added", "struct", "only_new"): None,
}


@pytest.fixture
def two(tmp_path):
    """Files with the old and the new types"""
    for name, types in (("old", old_types()), ("new", new_types())):
        (tmp_path / name).write_bytes(types.blob())
    return str(tmp_path / "old"), str(tmp_path / "new")


slow = pytest.mark.slow_in_vm(reason="files alone; the kernel is not asked")


@slow
@pytest.mark.parametrize("form", [["-j"], ["-o", "json"], ["-o", "jsonl"]])
def test_a_diff_tells_each_declared_difference_and_no_other(bpflens, two, form):
    found = {(one["change"], one["kind"], one["name"]): one for one in bpflens(*form, "btf", "diff", *two)}
    assert list(found) == sorted(found, key=lambda one: one[2])
    assert {key: one.get("changes") for key, one in found.items()} == DIFFERENCES
    changes = found["changed", "struct", "changes"]
    assert (changes["old_size"], changes["new_size"]) == (32, 40)
    alias = found["changed", "typedef", "alias"]
    assert (alias["old_type"], alias["new_type"], alias["old_size"], alias["new_size"]) == ("int", "int *", 4, 8)
    call = found["changed", "func", "call"]
    assert (call["old_type"], call["new_type"]) == ("int call(int a)", "int call(int a, int *b)")
    assert "old_linkage" not in call
    assert "new_id" not in found["removed", "struct", "only_old"]


@slow
def test_a_diff_as_text_counts_and_says_what_moved_where(bpflens, two):
    text = bpflens("btf", "diff", *two).stdout
    assert header_only(text) == ["* typedef alias: size 4 -> 8", "* func call", "* struct changes: size 32 -> 40", "- int char: size 1",
                                 "+ struct only_new: size 4", "- struct only_old: size 1", "* enum words",
                                 "1 added, 2 removed, 4 changed, 2 the same"]
    for line in ("- gone: int at 0", "* moved: at 8 -> 12", "* typed: int -> int *, at 12 -> 16", "+ added: int at 0", "* TWO = 2 -> 3",
                 "+ MORE = 2", "- int call(int a)", "+ int call(int a, int *b)"):
        assert f"\t{line}\n" in text, text


@slow
def test_a_diff_as_a_table_has_a_row_for_each_type(bpflens, two):
    rows = [line.split("\t") for line in bpflens("-o", "tsv=change,kind,name,changes", "btf", "diff", *two).stdout.splitlines()]
    assert ["changed", "struct", "changes", "11"] in rows and len(rows) == 1 + len(DIFFERENCES)


@slow
def test_a_diff_is_the_other_way_round_with_its_sources_exchanged(bpflens, two):
    there, back = bpflens("-o", "json", "btf", "diff", *two), bpflens("-o", "json", "btf", "diff", *reversed(two))
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert [(turned[a["change"]], a["name"], len(a.get("changes", []))) for a in there] == \
        [(b["change"], b["name"], len(b.get("changes", []))) for b in back]


@slow
def test_the_exit_status_tells_a_difference_where_that_is_asked_for(bpflens, two):
    old, new = two
    assert bpflens.run("btf", "diff", old, new).rc == 0
    assert bpflens.run("btf", "diff", old, new, "check").rc == 1
    assert bpflens("btf", "diff", old, old, "check").stdout == "0 added, 0 removed, 0 changed, 8 the same\n"
    assert bpflens("-o", "json", "btf", "diff", new, new, "check") == []
    assert bpflens.run("btf", "diff", old, new, "check", "name", "same").rc == 0
    assert bpflens.run("-j", "btf", "diff", old, new, "check").json == bpflens("-j", "btf", "diff", old, new)


@slow
def test_a_diff_of_some_names_leaves_out_the_others(bpflens, two):
    assert [one["name"] for one in bpflens("-j", "btf", "diff", *two, "name", "only_*")] == ["only_new", "only_old"]
    result = bpflens.run("btf", "diff", *two, "name", "only_knew")
    assert (result.rc, result.error) == (1, "type name only_knew: No such file or directory") and "'only_new'" in result.stderr


@slow
def test_a_long_run_of_members_that_moved_shares_a_line(bpflens, tmp_path):
    paths = []
    for name, shift in (("old", 0), ("new", 8)):
        t = btf.Btf()
        number = t.int("int", 4, True)
        t.struct("s", 400 + shift, [(f"m{i}", number, i * 4 + shift) for i in range(100)])
        paths.append(tmp_path / name)
        paths[-1].write_bytes(t.blob())
    assert "\t* 100 members moved by +8: m0 to m99\n" in bpflens("btf", "diff", *map(str, paths)).stdout
    assert len(bpflens("-j", "btf", "diff", *map(str, paths))[0]["changes"]) == 100


SOURCE = """
struct inner { int a; long b; };
struct event { int pid; char comm[16]; struct inner in; unsigned f : 3; %s };
struct event *last;
static __attribute__((noinline)) int handle(struct event *e%s) { return e->pid; }
int run(struct event *e) { return handle(e%s); }
"""


@slow
def test_objects_of_a_compiler_differ_where_their_sources_do(bpflens, tmp_path):
    if not shutil.which("clang"):
        pytest.skip("needs clang")
    paths = []
    for name, words in (("old", ("int last;", "", "")), ("new", ("long more; int last;", ", long n", ", e->more"))):
        paths.append(str(tmp_path / f"{name}.bpf.o"))
        subprocess.run(["clang", "-g", "-O1", "-target", "bpf", "-c", "-x", "c", "-", "-o", paths[-1]], check=True,
                       input=(SOURCE % words).encode())
    found = {(one["kind"], one["name"]): one for one in bpflens("-o", "json", "btf", "diff", *paths)}
    assert set(found) == {("struct", "event"), ("func", "handle")}
    assert (found["struct", "event"]["old_size"], found["struct", "event"]["new_size"]) == (48, 64)
    assert found["func", "handle"]["old_type"] == "int handle(struct event *e)"
    assert found["func", "handle"]["new_type"] == "int handle(struct event *e, long n)"
    changes = {one["name"]: one for one in found["struct", "event"]["changes"]}
    assert set(changes) == {"more", "last"} and changes["more"]["change"] == "added"
    assert (changes["last"]["old_bits_offset"], changes["last"]["new_bits_offset"]) == (44 * 8, 56 * 8)


def test_the_kernels_types_do_not_differ_from_themselves(bpflens):
    text = bpflens("btf", "diff", "vmlinux", VMLINUX, "check").stdout
    assert re.fullmatch(r"0 added, 0 removed, 0 changed, \d{5,} the same\n", text)


# --- finding -----------------------------------------------------------------

def test_a_member_is_found_where_the_kernels_types_have_it(bpflens, kernel_types):
    number = kernel_types.find(btf.STRUCT, "task_struct")
    [pid] = [(at, width) for name, at, width in kernel_types.flat(number) if name == "pid"]
    [found] = bpflens("-o", "json", "btf", "find", "task_struct.pid", "vmlinux")
    assert (found["btf"], found["id"], found["kind"], found["name"]) == ("vmlinux", number, "struct", "task_struct")
    assert found["size"] == kernel_types.word(number, 8)
    assert found["members"] == [{"name": "pid", "type": "pid_t", "offset": pid[0] // 8, "bits_offset": pid[0], "size": 4}]


@pytest.mark.slow_in_vm(reason="a hundred thousand types are read twice")
def test_every_struct_of_the_kernel_is_found_with_all_its_members(bpflens, kernel_types):
    found = {one["id"]: one for one in bpflens("-o", "jsonl", "btf", "find", "*", "vmlinux")}
    n = 0
    for number in range(1, len(kernel_types.at)):
        if kernel_types.kind(number) not in (btf.STRUCT, btf.UNION) or not kernel_types.name(number):
            continue
        n += 1
        if number not in found:  # the same is there with another id
            assert any(one["name"] == kernel_types.name(number) for one in found.values())
            continue
        members = [(one["name"], one["bits_offset"], one.get("bitfield_size", 0)) for one in found[number].get("members", [])]
        flat = [one for one in members if "." not in one[0]]
        assert flat == list(kernel_types.flat(number)), found[number]["name"]
    assert n > 1000


@pytest.mark.slow_in_vm(reason="a compiler runs; that offsets are right is shown without it")
def test_offsets_are_those_of_the_compiler(bpflens, tmp_path):
    members = ["pid", "comm", "mm", "se.vruntime", "signal", "thread_info.flags"]
    found = [bpflens("-o", "json", "btf", "find", f"task_struct.{one}", "vmlinux")[0] for one in members]
    lines = [f'_Static_assert(offsetof(struct task_struct, {one["members"][0]["name"]}) == {one["members"][0]["offset"]}, "");\n'
             f'_Static_assert(sizeof(((struct task_struct *)0)->{one["members"][0]["name"]}) == {one["members"][0]["size"]}, "");'
             for one in found]
    header = bpflens("btf", "dump", "vmlinux", "name", "task_struct", "format", "c").stdout
    source = tmp_path / "offsets.c"
    source.write_text(header.replace("bpf_fastcall", "unused") + "#define offsetof __builtin_offsetof\n" + "\n".join(lines) + "\n")
    subprocess.run(["gcc", "-w", "-fsyntax-only", str(source)], check=True)


def test_an_enumerator_leads_to_its_enum_and_its_value(bpflens):
    [found] = bpflens("-j", "btf", "find", "BPF_MAP_TYPE_HASH", "vmlinux")
    assert (found["kind"], found["name"], found["enumerators"]) == ("enum", "bpf_map_type", [{"name": "BPF_MAP_TYPE_HASH", "value": 1}])
    assert "\tBPF_MAP_TYPE_HASH = 1\n" in bpflens("btf", "find", "BPF_MAP_TYPE_HASH", "vmlinux").stdout
    assert {"name": "BPF_MAP_TYPE_ARRAY", "value": 2} in bpflens("-j", "btf", "find", "BPF_MAP_TYPE_*", "vmlinux")[0]["enumerators"]


@slow
def test_what_is_found_is_what_was_declared(bpflens, two):
    def find(name):
        return bpflens("-o", "json", "btf", "find", name, "file", two[1])
    assert [one.get("type") for one in find("call")] == ["int call(int a, int *b)"] and find("call")[0]["linkage"] == "global"
    assert find("alias")[0]["type"] == "int *"
    assert [one["name"] for one in find("only_*")] == ["only_new"]
    assert [one["name"] for one in find("*.kept")] == ["changes"]
    assert [one["name"] for one in find("changes.in.?")[0]["members"]] == ["in.x", "in.z"]
    assert find("changes.z")[0]["members"][0]["offset"] == 28
    assert find("TWO")[0]["enumerators"] == [{"name": "TWO", "value": 3}]
    assert len(find("words")[0]["enumerators"]) == 3
    assert {one["btf"] for one in find("*")} == {two[1]}


@slow
def test_several_sources_are_searched_and_the_same_is_said_once(bpflens, two):
    found = bpflens("-o", "json", "btf", "find", "*", "file", two[0], two[1])
    places = {one["name"]: [] for one in found}
    for one in found:
        places[one["name"]].append((one["btf"], one.get("also_in", [])))
    assert places["same"] == [(two[0], [two[1]])]
    assert places["changes"] == [(two[0], []), (two[1], [])]
    assert places["only_new"] == [(two[1], [])]
    text = bpflens("btf", "find", "same", *two).stdout
    assert text.startswith(f"struct same  btf {two[0]}  id ") and f"\talso in {two[1]}\n" in text and "\n\t0       p: int *\n" in text


def test_types_of_loaded_objects_are_found_by_default(bpflens, kernel):
    name, ids = unique("t"), []
    for _ in range(2):
        t = btf.Btf()
        t.struct(name, 4, [("x", t.int("int", 4, True), 0)])
        ids.append(bpf.info(kernel.keep(t.load()), bpf.BtfInfo()).id)
    [found] = bpflens("-o", "json", "btf", "find", name)
    assert found["btf"] == f"id {ids[0]}" and found["also_in"] == [f"id {ids[1]}"] and found["members"][0]["name"] == "x"
    [found] = bpflens("-o", "json", "btf", "find", name, "id", ids[1])
    assert found["btf"] == f"id {ids[1]}" and "also_in" not in found


def test_an_ordinary_user_finds_the_kernels_types_and_is_told_what_is_left_out(public, nobody):
    result = public.run("btf", "find", "task_struct.pid", before=nobody)
    assert result.rc == 0 and "btf vmlinux" in result.stdout
    assert result.stderr.startswith("note: types of loaded programs are left out, since they cannot be listed"), result


def test_a_modules_types_are_found_by_the_modules_name(bpflens, kernel_types):
    """A struct whose name the kernel's own types have not, from the strings that the module adds."""
    for module in sorted(os.listdir("/sys/kernel/btf")):
        if module == "vmlinux":
            continue
        with open(f"/sys/kernel/btf/{module}", "rb") as file:
            blob = file.read()
        header, types_at, types_len, strings_at, strings_len = struct.unpack_from("=4xIIIII", blob)
        own, at = blob[header + strings_at:header + strings_at + strings_len], header + types_at
        while at < header + types_at + types_len:
            start, bits, size = struct.unpack_from("=III", blob, at)
            kind, count = bits >> 24 & 0x1f, bits & 0xffff
            begin = start - len(kernel_types.strings)
            if kind == btf.STRUCT and begin >= 0:
                name = own[begin:own.index(b"\0", begin)].decode()
                found = bpflens("-o", "json", "btf", "find", name)
                assert (found[0]["btf"], found[0]["size"], found[0]["kind"]) == (module, size, "struct"), found
                return
            once, each = btf.TAIL.get(kind, (0, 0))
            at += 12 + once + each * count
    pytest.skip("no module with BTF has a struct of its own")


@pytest.mark.parametrize("name, message, nearest", [
    ("task_strct", "type name task_strct", "task_struct"),
    ("BPF_MAP_TYPE_HAHS", "type name BPF_MAP_TYPE_HAHS", "BPF_MAP_TYPE_HASH"),
    ("task_struct.pidd", "type name task_struct: member pidd", "pid"),
    ("task_strct.pid", "type name task_strct", "task_struct"),
])
def test_what_is_not_found_is_an_error_that_names_the_nearest(bpflens, name, message, nearest):
    result = bpflens.run("btf", "find", name, "vmlinux")
    assert (result.rc, result.error) == (1, f"{message}: No such file or directory")
    assert f"did you mean '{nearest}'?" in result.stderr
    strict = bpflens.run("-o", "json", "btf", "find", name, "vmlinux")
    assert (strict.rc, strict.error) == (1, f"{message}: No such file or directory")


def test_a_table_has_the_members_that_were_asked_for(bpflens):
    text = bpflens("-o", "tsv", "btf", "find", "list_head.*", "vmlinux").stdout
    assert text.splitlines()[1].split("\t")[2:] == ["struct", "list_head", "16", "next: struct list_head * at 0, prev: struct list_head * at 8"]


# --- dump ... name -----------------------------------------------------------

def test_a_dump_of_some_names_has_all_that_they_refer_to(bpflens, kernel_types):
    for name in ("list_head", "bpf_insn", "hlist_node"):
        wanted = kernel_types.closure([kernel_types.find(btf.STRUCT, name)])
        assert {one["id"] for one in bpflens("-j", "btf", "dump", "vmlinux", "name", name)["types"]} == wanted
        assert {one["id"] for one in bpflens("-o", "jsonl", "btf", "dump", "vmlinux", "name", name)} == wanted
        lines = bpflens("btf", "dump", "vmlinux", "name", name).stdout.splitlines()
        assert {int(line[1:line.index("]")]) for line in lines if line.startswith("[")} == wanted


def test_more_names_may_fit_than_there_may_be_root_ids(bpflens, kernel_types):
    names = {one["name"] for one in bpflens("-j", "btf", "dump", "vmlinux", "name", "bpf_map_*")["types"]}
    fitting = {kernel_types.name(n) for n in range(1, len(kernel_types.at)) if kernel_types.name(n).startswith("bpf_map_")}
    assert len(fitting) > 16 and fitting <= names


@pytest.mark.parametrize("words, error, rc", [
    (["name", "list_haed"], "type name list_haed: No such file or directory", 1),
    (["name", "list_head", "root_id", "1"], "root_id and name exclude each other", 2),
    (["name"], "'name' needs a value", 2),
])
def test_a_dump_of_names_that_cannot_be_is_an_error(bpflens, words, error, rc):
    result = bpflens.run("btf", "dump", "vmlinux", *words)
    assert result.rc == rc and error in result.error and result.out == b""


@slow
def test_a_dump_of_a_name_as_c_compiles_alone(bpflens, two, tmp_path):
    header = tmp_path / "changes.h"
    header.write_bytes(bpflens("btf", "dump", "file", two[0], "name", "changes", "format", "c").out)
    assert "only_old" not in header.read_text()
    subprocess.run(["gcc", "-Werror", "-Wno-attributes", "-Wno-unknown-pragmas", "-fsyntax-only", "-x", "c", str(header)], check=True)


# --- bad input ---------------------------------------------------------------

@slow
def test_types_that_grow_beyond_all_bounds_are_an_error_and_not_a_wait(bpflens, tmp_path):
    t = btf.Btf()
    number = t.int("int", 4, True)
    for i in range(2, 40):
        t.struct("", 4, [("", i + 1, 0), ("", i + 1, 0)])
    t.struct("", 4, [("x", number, 0)])
    t.struct("top", 4, [("", 2, 0)])
    path = tmp_path / "grows"
    path.write_bytes(t.blob())
    for words in (["find", "top", "file"], ["diff", "vmlinux", "file"]):
        result = bpflens.run("btf", *words, str(path))
        assert result.rc == 1 and "written out, it has too many parts" in result.error


def test_a_file_that_is_named_without_a_slash_is_hinted_at(bpflens):
    for words in (["dump", "x.o"], ["find", "x", "x.o"], ["diff", "vmlinux", "x.o"]):
        assert "a file in this folder is named 'file x.o' or './x.o'" in bpflens.run("btf", *words).stderr


@slow
@pytest.mark.parametrize("words", [["find"], ["find", "x", "nowhere"], ["diff"], ["diff", "vmlinux"], ["diff", "vmlinux", "vmlinux", "chekc"],
                                   ["find", ""]])
def test_words_that_are_missing_or_wrong_are_told(bpflens, words):
    assert bpflens.run("btf", *words).rc == 2
