# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""btf dump: the raw form of every kind of type, from every source, beside bpftool's and a second reader's; and what is no BTF."""
import os
import struct
import time

import btf
import pytest
from elf import elf, packed
from test_map_typed import U32, U64, typed_map
from test_memory import peak
from typed import Record

VMLINUX = "/sys/kernel/btf/vmlinux"
FORMS = [[], ["-j"], ["-o", "json"], ["-o", "table"]]

# Where bpftool's output is wrong, and what stands in its place: (which records, its value made right).
GAPS = {
    "unsigned enumerators of four bytes have a sign in JSON": lambda one: one["kind"] == "ENUM" and one["encoding"] == "UNSIGNED",
}


@pytest.fixture
def put(tmp_path):
    """put(bytes, name): a file with that content."""
    def make(content, name="x"):
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)
    return make


def kernel_types():
    with open(VMLINUX, "rb") as file:
        return file.read()


def mended(types):
    """bpftool's records, with the numbers right that are wrong there."""
    for one in types:
        for wrong in GAPS.values():
            if wrong(one):
                one["values"] = [{**value, "val": value["val"] & 0xffffffff} for value in one["values"]]
    return types


def dumped(bpflens, *words, **how):
    return bpflens("-j", "btf", "dump", *words, **how)["types"]


def same_as_peer(bpflens, peer, *words, options=()):
    """Plain text to the byte, JSON but for the gaps; what was dumped."""
    ours, theirs = (one(*options, "btf", "dump", *words).out for one in (bpflens, peer))
    assert ours == theirs
    ours, theirs = (one.run("-j", *options, "btf", "dump", *words).json["types"] for one in (bpflens, peer))
    assert ours == mended(theirs)
    assert [list(one) for one in ours] == [list(one) for one in theirs], "the order of the keys"
    return ours


def strict_of(one):
    """The strict record that bpftool's record means."""
    new = {"id": one["id"], "kind": one["kind"], "kind_id": btf.KINDS.index(one["kind"])}
    rest = {key: value for key, value in one.items() if key not in ("id", "kind")}
    for elements in ("members", "values", "params"):
        if elements in rest:
            rest[elements] = [{key: value for key, value in element.items() if (key, value) != ("name", "(anon)")} for element in rest[elements]]
    if rest["name"] == "(anon)":
        del rest["name"]
    return {**new, **rest}


# Every kind, every form


def test_each_kind_is_as_in_bpftool_and_in_a_second_reader(bpflens, peer, put):
    blob = btf.every_kind().blob()
    types = same_as_peer(bpflens, peer, "file", put(blob))
    assert types == list(btf.records(blob))
    assert {one["kind"] for one in types} == set(btf.KINDS[1:])


def test_the_kernels_own_types_are_in_plain_text_as_in_bpftool(bpflens, peer):
    ours, theirs = (one("btf", "dump", "file", VMLINUX).out for one in (bpflens, peer))
    assert ours == theirs and ours.count(b"\n[") > 1000


@pytest.mark.slow_in_vm(reason="takes a minute where it is emulated; the text is held against bpftool's there")
def test_the_kernels_own_types_are_as_in_bpftool(bpflens, peer):
    same_as_peer(bpflens, peer, "file", VMLINUX)


@pytest.mark.slow_in_vm(reason="a second reader of half a million lines; bpftool is compared on every kernel")
def test_the_kernels_own_types_are_as_in_a_second_reader(bpflens):
    assert dumped(bpflens, "file", VMLINUX) == list(btf.records(kernel_types()))


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_unsigned_enumerators_have_no_sign(bpflens, put):
    path = put(btf.every_kind().blob())
    by_name = {one["name"]: one for one in dumped(bpflens, "file", path)}
    assert [value["val"] for value in by_name["unsigned_enum"]["values"]] == [2**32 - 1, 2**31]
    assert [value["val"] for value in by_name["signed_enum"]["values"]] == [-1, -2**31]
    assert [value["val"] for value in by_name["wide"]["values"]] == [2**64 - 1, 2**63]
    assert [value["val"] for value in by_name["wide_signed"]["values"]] == [-1, -2**63]
    assert "'ALL' val=4294967295\n" in bpflens("btf", "dump", "file", path).stdout


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_the_strict_form_has_a_record_for_each_type_and_names_what_lies_in_sections(bpflens, put, form):
    blob = btf.every_kind().blob()
    path = put(blob)
    types = {one["id"]: one for one in bpflens("-o", form, "btf", "dump", "file", path)}
    wanted = {one["id"]: strict_of(one) for one in btf.records(blob)}
    for one in wanted.values():
        for variable in one.get("vars", []):
            variable["name"] = wanted[variable["type_id"]]["name"]
    assert types == wanted


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_a_table_has_a_line_for_each_type(bpflens, put):
    blob = btf.every_kind().blob()
    lines = bpflens("-o", "tsv=id,kind,name", "btf", "dump", "file", put(blob)).stdout.splitlines()
    assert lines[0] == "id\tkind\tname"
    assert lines[1:] == [f"{one['id']}\t{one['kind']}\t{'' if one['name'] == '(anon)' else one['name']}" for one in btf.records(blob)]


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_names_that_are_no_identifiers_are_shown_exactly(bpflens, put):
    names = ["a b<T>", "*int", "class", "n" * 200, "Grüße", 'quo"te\\']
    made = btf.Btf()
    for name in names:
        made.add(name, btf.STRUCT, 0, 4)
    path = put(made.blob())
    assert [one["name"] for one in dumped(bpflens, "file", path)] == names
    assert bpflens("btf", "dump", "file", path).stdout == "".join(f"[{i}] STRUCT '{name}' size=4 vlen=0\n" for i, name in enumerate(names, 1))


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_control_bytes_in_names_reach_no_terminal(bpflens, put):
    path = put(btf.blob(struct.pack("=III", 1, btf.STRUCT << 24, 4), b"\0\x1b[31m\n\xff\0"))
    assert bpflens("btf", "dump", "file", path).out == b"[1] STRUCT '\\x1b[31m\\x0a\\xff' size=4 vlen=0\n"
    assert dumped(bpflens, "file", path)[0]["name"] == "\x1b[31m\n�"


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_types_that_refer_to_themselves_are_printed(bpflens, peer, put):
    """A modifier of itself, two typedefs of each other, a structure in itself, an array of itself."""
    made = btf.Btf()
    made.add("", btf.CONST, 0, 1)
    made.add("a", btf.TYPEDEF, 0, 3)
    made.add("b", btf.TYPEDEF, 0, 2)
    made.struct("s", 8, [("s", 4, 0)])
    made.array(5, 5, 2)
    assert len(same_as_peer(bpflens, peer, "file", put(made.blob()))) == 5


# Sources


@pytest.fixture
def typed(kernel):
    """A map with types for key and value, among others."""
    return typed_map(kernel, U32, Record(16, [("count", U64, 0), ("size", U64, 8)]), [struct.pack("QQ", 1, 2)])


def test_a_map_gives_the_types_of_its_key_and_value(kernel, bpflens, peer, typed):
    found = bpflens("-j", "map", "show", "id", typed.id, "no-owners")
    key, value = found["btf_key_type_id"], found["btf_value_type_id"]
    for words, wanted in (([], [key, value]), (["kv"], [key, value]), (["key"], [key]), (["k"], [key]), (["value"], [value])):
        assert [one["id"] for one in same_as_peer(bpflens, peer, "map", "id", str(typed.id), *words)] == wanted
    every = same_as_peer(bpflens, peer, "map", "id", str(typed.id), "all")
    assert every == dumped(bpflens, "id", str(found["btf_id"])) == dumped(bpflens, str(found["btf_id"]))
    assert [one["id"] for one in every] == list(range(1, len(every) + 1)) and len(every) > 2
    path = kernel.pin(typed)
    assert dumped(bpflens, "map", path, "all") == every


def test_a_program_gives_its_types(kernel, bpflens, peer):
    prog = kernel.named_prog("a_program_whose_name_is_long_enough")
    types = same_as_peer(bpflens, peer, "prog", "id", str(prog.id))
    assert "a_program_whose_name_is_long_enough" in {one["name"] for one in types}


def test_the_kernels_object_gives_its_types(bpflens):
    ids = [one["id"] for one in bpflens("-j", "btf", "list", "no-owners") if one.get("name") == "vmlinux"]
    if not ids:
        pytest.skip("vmlinux is no BTF object here")
    assert bpflens("btf", "dump", "id", ids[0]).out == bpflens("btf", "dump", "file", VMLINUX).out


def test_a_module_has_the_kernels_types_as_base(bpflens, peer):
    modules = [one for one in bpflens("-j", "btf", "list", "no-owners") if one["kernel"] and one["name"] != "vmlinux"]
    if not modules:
        pytest.skip("no module with BTF is loaded")
    one = modules[0]
    path = f"/sys/kernel/btf/{one['name']}"
    by_id, theirs = bpflens("btf", "dump", "id", one["id"]), peer("btf", "dump", "id", one["id"])
    assert by_id.out == theirs.out == bpflens("btf", "dump", "file", path).out == bpflens("-B", VMLINUX, "btf", "dump", "id", one["id"]).out
    assert by_id.stderr == f"note: valid base BTF was not specified with -B option, falling back to standard base BTF ({VMLINUX})\n"
    assert bpflens("-B", VMLINUX, "btf", "dump", "id", one["id"]).err == b""


@pytest.mark.slow_in_vm(reason="a second reader of half a million lines; bpftool is compared on every kernel")
def test_a_modules_types_are_as_in_a_second_reader(bpflens):
    modules = sorted(name for name in os.listdir("/sys/kernel/btf") if name != "vmlinux")
    if not modules:
        pytest.skip("no module with BTF is loaded")
    path = f"/sys/kernel/btf/{modules[0]}"
    with open(path, "rb") as file:
        assert dumped(bpflens, "file", path) == list(btf.records(file.read(), kernel_types()))


def test_what_has_no_btf_is_an_error_told_once(kernel, bpflens):
    plain, prog = kernel.map("hash"), kernel.prog("xdp")
    for words, name in ((["map", "id", plain.id], f"map {plain.id}"), (["prog", "id", prog.id], f"prog {prog.id}")):
        result = bpflens.run("btf", "dump", *words)
        assert (result.rc, result.out) == (1, b"")
        assert result.stderr == f"Error: {name}: its BTF: No such file or directory\n  hint: it was made without BTF\n"
        assert bpflens.run("-j", "btf", "dump", *words).error == f"{name}: its BTF: No such file or directory"


def test_the_kernels_own_types_are_dumped_without_a_word(bpflens):
    for words in (["file", VMLINUX], [VMLINUX], ["file", VMLINUX, "root_id", "1"], ["file", VMLINUX, "format", "c", "root_id", "1"]):
        assert bpflens("btf", "dump", *words).err == b""


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_root_ids_choose_types_in_their_order(bpflens, peer, put):
    path = put(btf.every_kind().blob())
    words = ["file", path, "root_id", "9", "root_id", "2", "format", "raw", "root_id", "0x10", "unsorted"]
    assert [one["id"] for one in same_as_peer(bpflens, peer, *words)] == [9, 2, 16]
    assert bpflens("btf", "dump", "file", path, "root_id", 0).stdout == "[0] UNKNOWN '(anon)'\n"
    assert bpflens("-o", "json", "btf", "dump", "file", path, "root_id", 0) == [{"id": 0, "kind": "VOID", "kind_id": 0}]
    most = [word for i in range(1, 17) for word in ("root_id", str(i))]
    assert len(dumped(bpflens, "file", path, *most)) == 16


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
@pytest.mark.parametrize("words, says, hint", [
    (["root_id"], "'root_id' needs a value", None), (["root_id", "x"], "can't parse 'x' as the value of 'root_id'", None),
    (["root_id", str(2**32 + 1)], f"can't parse '{2**32 + 1}' as the value of 'root_id'", None),
    (["root_id", "3", "root_id", "3"], "duplicate root_id 3 supplied", None), (["root_id", "999"], "invalid root ID: 999", "ids go from 1 to"),
    ([word for i in range(1, 18) for word in ("root_id", str(i))], "only 16 root_id are supported", None),
    (["format"], "'format' needs a value", None), (["format", "d"], "unrecognized format specifier: 'd', possible values: raw, c", None),
    (["fromat", "raw"], "what is 'fromat'?", "did you mean 'format'?"), (["file"], "'file' needs a path", None),
    (["file", "x"] * 64, "too many BTF files (max 64)", None)])
def test_wrong_words_are_an_error_of_usage(bpflens, put, words, says, hint):
    result = bpflens.run("btf", "dump", "file", put(btf.every_kind().blob()), *words)
    assert (result.rc, result.out) == (2, b"") and result.error.removeprefix("btf dump: ") == says
    assert hint is None or hint in result.stderr


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
@pytest.mark.parametrize("words, says", [
    ([], "expected 'id', 'prog', 'map', 'file', 'vmlinux', an id or a path"), (["flie", "x"], "unrecognized BTF source specifier: 'flie'"),
    (["id", "4294967297"], "can't parse '4294967297' as ID"), (["id"], "'id' needs a value"), (["file"], "'file' needs a path"),
    (["map", "id", "1", "root_id", "1"], "cannot use root_id with other type filtering")])
def test_a_wrong_source_is_an_error_of_usage(bpflens, words, says):
    result = bpflens.run("btf", "dump", *words)
    assert (result.rc, result.out) == (2, b"") and result.error.removeprefix("btf dump: ") == says


# Split BTF, and several files


def small_base():
    made = btf.Btf()
    made.int("int", 4, signed=True)
    made.struct("shared", 4, [("n", 1, 0)])
    return made.blob()


def small_split(base, name="own"):
    return btf.split(base, name.encode() + b"\0m\0", lambda first, start: b"".join((
        struct.pack("=III", start, btf.STRUCT << 24 | 1, 8), struct.pack("=III", start + len(name) + 1, first + 1, 0),
        struct.pack("=III", 0, btf.PTR << 24, 2))))


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_split_btf_goes_on_where_its_base_ends(bpflens, peer, put):
    base = small_base()
    path, split = put(base, "base"), put(small_split(base), "split")
    for option in (["-B", path], [f"--base-btf={path}"]):
        types = same_as_peer(bpflens, peer, "file", split, options=option)
        assert types == list(btf.records(small_split(base), base)) and [one["id"] for one in types] == [3, 4]
    assert bpflens("-B", path, "btf", "dump", "file", split, "root_id", 2).stdout == "[2] STRUCT 'shared' size=4 vlen=1\n\t'n' type_id=1 bits_offset=0\n"
    alone = bpflens.run("btf", "dump", "file", split)
    assert alone.rc == 1 and alone.error == f"{split}: string section: does not begin with NUL: Invalid argument"


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_a_bare_object_with_btf_alone_is_read_and_so_is_one_with_its_base(bpflens, peer, put):
    base = small_base()
    every = btf.every_kind().blob()
    assert same_as_peer(bpflens, peer, "file", put(elf({".BTF": every}))) == list(btf.records(every))
    both = elf({".BTF": small_split(base), ".BTF.base": base})
    assert same_as_peer(bpflens, peer, "file", put(both)) == list(btf.records(small_split(base), base))
    result = bpflens.run("btf", "dump", "file", put(elf({".BTF.base": base})))
    assert result.rc == 1 and "no section .BTF:" in result.error


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_compressed_sections_are_read_or_refused_by_name(bpflens, put):
    blob = btf.every_kind().blob()
    assert dumped(bpflens, "file", put(elf({".BTF": packed(blob)}, [".BTF"]))) == list(btf.records(blob))
    assert dumped(bpflens, "file", put(elf({".debug_info": packed(b"x" * 100, how=9), ".BTF": blob}, [".debug_info"]))) == list(btf.records(blob))
    for content in (packed(blob, how=9), packed(blob, size=len(blob) + 1), packed(blob)[:-9], b"short"):
        result = bpflens.run("btf", "dump", "file", put(elf({".BTF": content}, [".BTF"])))
        assert (result.rc, result.out) == (1, b"") and "section .BTF: compressed" in result.error
    assert "type 9" in bpflens.run("btf", "dump", "file", put(elf({".BTF": packed(blob, how=9)}, [".BTF"]))).error


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_several_files_become_one_with_each_type_once(bpflens, peer, put):
    base = small_base()
    path, one, two = put(base, "base"), put(small_split(base), "one"), put(small_split(base, "other"), "two")
    for files in ([one, two], [one, one], [two, one, two]):
        words = [word for file in files for word in ("file", file)]
        types = same_as_peer(bpflens, peer, *words, options=["-B", path])
        assert {one["name"] for one in types} == {"(anon)"} | {"own" if file == one else "other" for file in files}
        assert [one["kind"] for one in types].count("PTR") == 1


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_files_that_need_no_base_are_merged_without_one(bpflens, put):
    one, two = btf.Btf(), btf.Btf()
    one.struct("a", 4, [("n", one.int("int", 4, signed=True), 0)])
    two.struct("b", 4, [("n", two.int("int", 4, signed=True), 0)])
    types = dumped(bpflens, "file", put(one.blob(), "1"), "file", put(two.blob(), "2"))
    assert [one["name"] for one in types] == ["int", "a", "b"]
    assert [one["members"][0]["type_id"] for one in types[1:]] == [1, 1]


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_what_is_no_split_btf_is_merged_on_top_of_a_base(bpflens, put):
    base, own = small_base(), btf.Btf()
    own.struct("mine", 4, [("n", own.int("int", 4, signed=True), 0)])
    files = ["file", put(small_split(base), "1"), "file", put(own.blob(), "2")]
    types = bpflens("-j", "-B", put(base, "base"), "btf", "dump", *files)["types"]
    mine = next(one for one in types if one["name"] == "mine")
    assert mine["members"][0]["type_id"] == 1, "the base has that int"


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_a_bare_header_is_refused_alone_and_left_out_among_others(bpflens, put):
    empty, nothing = put(btf.blob(b"", b""), "24"), put(btf.blob(b"", b"\0"), "25")
    assert os.path.getsize(empty) == 24 and os.path.getsize(nothing) == 25
    result = bpflens.run("btf", "dump", "file", empty)
    assert (result.rc, result.out) == (1, b"") and "empty: header only" in result.error
    assert bpflens("btf", "dump", "file", nothing).out == b"" and dumped(bpflens, "file", nothing) == []
    assert bpflens("-o", "json", "btf", "dump", "file", nothing) == []
    good = btf.every_kind().blob()
    result = bpflens("btf", "dump", "file", put(good, "good"), "file", empty)
    assert result.stderr == f"note: {empty}: empty: header only; it is left out\n" and "STRUCT 'outer'" in result.stdout
    assert "header only" not in bpflens("btf", "dump", "file", put(good, "good"), "file", nothing).stderr
    result = bpflens.run("btf", "dump", "file", empty, "file", empty)
    assert result.rc == 1 and "all are empty" in result.error


@pytest.mark.slow_in_vm(reason="all of the kernel's types are printed twice; files are the same everywhere")
def test_the_kernels_own_types_are_the_base_of_other_files(bpflens, peer, put):
    kernel_types()
    split = put(btf.split(kernel_types(), b"mine_alone\0", lambda first, start: struct.pack("=III", start, btf.STRUCT << 24, 0)))
    ours, theirs = bpflens("btf", "dump", "file", VMLINUX, "file", split), peer("-B", VMLINUX, "btf", "dump", "file", split)
    assert ours.out == theirs.out and b"STRUCT 'mine_alone' size=0" in ours.out
    assert ours.stderr == f"note: skipping {VMLINUX} (will be loaded as base)\n"


# Headers and kinds of newer kernels


LAYOUT = b"".join(bytes([*({3: (12, 0), 4: (0, 12), 1: (4, 0), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0), 15: (0, 12), 17: (4, 0),
                            19: (0, 12), 20: (8, 4)}.get(kind, (0, 0))), 0, 0]) for kind in range(21))


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
@pytest.mark.parametrize("length", [32, 40, 48])
def test_a_longer_header_is_read_by_its_length(bpflens, put, length):
    made = btf.every_kind()
    plain = bpflens("btf", "dump", "file", put(made.blob())).out
    place = struct.pack("=II", len(made.types) + len(made.strings), len(LAYOUT))
    for more in (place + b"\xaa" * (length - 32), b"\0" * 8 + b"\xaa" * (length - 32)):
        behind = LAYOUT if more[:8] == place else b""
        path = put(btf.blob(made.types, made.strings, header=length, more=more, behind=behind))
        result = bpflens("btf", "dump", "file", path)
        assert result.out == plain and result.err.count(b"\n") <= 1


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_a_layout_outside_the_file_is_refused(bpflens, put):
    made = btf.every_kind()
    path = put(btf.blob(made.types, made.strings, header=32, more=struct.pack("=II", 1 << 30, 84)))
    assert "layout section: 84 bytes at offset" in bpflens.run("btf", "dump", "file", path).error


def with_unknown(kind, *, layout):
    """An int, a type of an unknown kind with 8 bytes and two elements of 4, and a pointer behind it."""
    made = btf.Btf()
    made.int("int", 4, signed=True)
    made.add("new", kind, 2, 7, struct.pack("=IIII", 1, 2, 3, 4))
    made.pointer(1)
    if not layout:
        return made.blob()
    return btf.blob(made.types, made.strings, header=32, more=struct.pack("=II", len(made.types) + len(made.strings), len(LAYOUT)), behind=LAYOUT)


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_a_kind_that_is_not_known_is_shown_as_such(bpflens, put):
    path = put(with_unknown(20, layout=True))
    first, last = "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n", "[3] PTR '(anon)' type_id=1\n"
    assert bpflens("btf", "dump", "file", path).stdout == first + "[2] UNKNOWN(kind 20) 'new'\n" + last
    assert dumped(bpflens, "file", path)[1] == {"id": 2, "kind": 20, "name": "new"}
    assert bpflens("-o", "json", "btf", "dump", "file", path)[1] == {"id": 2, "kind_id": 20, "name": "new"}


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_what_stands_before_a_kind_of_unknown_length_is_shown_and_then_an_error(bpflens, put):
    path = put(with_unknown(25, layout=False))
    says = "type 2: kind 25 is not known, nor how long it is"
    result = bpflens.run("btf", "dump", "file", path)
    assert result.rc == 1 and result.stdout.startswith("[1] INT 'int'") and result.stdout.count("\n") == 1
    assert says in result.error
    document = bpflens("-j", "btf", "dump", "file", path, rc=1)
    assert [one["id"] for one in document["types"]] == [1] and says in document["error"]
    strict = bpflens.run("-o", "json", "btf", "dump", "file", path)
    assert strict.rc == 1 and [one["id"] for one in strict.json if "id" in one] == [1] and says in strict.error
    assert bpflens("btf", "dump", "file", path, "root_id", 1).rc == 0


# What is no BTF


@pytest.mark.slow_in_vm(reason="a start for each byte; files are the same everywhere")
@pytest.mark.parametrize("form", FORMS[:3], ids=" ".join)
def test_a_file_cut_anywhere_is_refused_with_a_reason(bpflens, put, form):
    blob = btf.every_kind().blob()
    for size in [*range(0, 60), *range(60, len(blob), 37)]:
        path = put(blob[:size])
        result = bpflens.run(*form, "btf", "dump", "file", path)
        assert result.rc == 1 and path in result.error, result
        assert form or result.out == b""


@pytest.mark.slow_in_vm(reason="many starts; files are the same everywhere")
def test_a_file_with_a_wrong_byte_is_shown_or_refused_in_one_document(bpflens, put):
    blob = bytearray(btf.every_kind().blob())
    for at in range(0, len(blob), 11):
        for value in (0xff, 0x80, blob[at] ^ 1):
            before, blob[at] = blob[at], value
            result = bpflens.run("-j", "btf", "dump", "file", put(bytes(blob)))
            blob[at] = before
            assert result.rc in (0, 1) and "types" in result.json or "error" in result.json, result


ACTIONS = {"C": (["btf", "dump", "file", "BAD", "format", "c", "guard", "A_H"], False), "merged": (["btf", "dump", "file", "BAD", "file", "GOOD"], True),
           "base": (["-B", "BAD", "btf", "dump", "file", "GOOD"], True), "find": (["btf", "find", "*.*", "file", "BAD"], True),
           "name": (["btf", "dump", "file", "BAD", "name", "*s*"], True), "diff": (["btf", "diff", "file", "GOOD", "file", "BAD"], True)}


@pytest.mark.slow_in_vm(reason="many starts; files are the same everywhere")
@pytest.mark.parametrize("action", ACTIONS)
def test_words_that_are_wrong_anywhere_are_taken_or_refused_by_every_command(bpflens, put, action):
    """Each word of each type's record in turn is one that is too large: an id, a name, a size, an offset or what means nothing."""
    blob = bytearray(btf.every_kind().blob())
    words, has_json = ACTIONS[action]
    good, start = put(bytes(blob), "good"), struct.unpack_from("=I", blob, 4)[0]
    for at in range(start, start + len(btf.sections(blob)[0]), 4):
        before, blob[at:at + 4] = blob[at:at + 4], struct.pack("=I", 0xff0000)
        path = put(bytes(blob), "bad")
        blob[at:at + 4] = before
        result = bpflens.run(*(["-j"] if has_json else []), *[{"BAD": path, "GOOD": good}.get(word, word) for word in words])
        assert result.rc in (0, 1) and (not has_json or result.json is not None), (at, result)
        assert result.rc == 0 or result.error, (at, result)


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
@pytest.mark.parametrize("what, content, says", [
    ("nothing", b"", "not BTF: 0 bytes"), ("text", b"hello, world, here is text\n" * 3, "not BTF: begins with 68 65"),
    ("other order", b"\xeb\x9f" + bytes(40), "BTF of the other byte order"), ("no BTF in it", elf({".text": b"x"}), "no section .BTF"),
    ("huge counts", btf.blob(struct.pack("=III", 0, btf.STRUCT << 24 | 0xffffff, 4), b"\0"), "cut off"),
    ("huge sizes", struct.pack("=HBBIIIII", 0xeb9f, 1, 0, 24, 0, 0xffffffff, 0xffffffff, 0xffffffff), "type section: 4294967295 bytes"),
    ("name outside", btf.blob(struct.pack("=III", 99, btf.STRUCT << 24, 4), b"\0"), "name outside the strings")])
@pytest.mark.parametrize("form", FORMS[:3], ids=" ".join)
def test_what_is_no_btf_is_an_error_that_says_why(bpflens, put, what, content, says, form):
    result = bpflens.run(*form, "btf", "dump", "file", put(content))
    assert result.rc == 1 and says in result.error, what


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_a_file_that_is_not_there_is_an_error(bpflens):
    for words in (["file", "/no/such"], ["/no/such"], ["file", "/"], ["id", "4294967295"]):
        result = bpflens.run("btf", "dump", *words)
        assert (result.rc, result.out) == (1, b"") and result.error
    assert bpflens.run("-B", "/no/such", "btf", "dump", "file", "x").rc == 1


@pytest.mark.slow_in_vm(reason="files alone: they are the same everywhere")
def test_a_deep_chain_of_types_is_merged_without_a_fall(bpflens, put):
    """Structures that hold pointers to the next, 30,000 of them, twice: libbpf compares them by recursion."""
    names = b"\0s\0n\0"
    n = 30000
    types = b"".join(struct.pack("=IIIIIIIII", 1, btf.STRUCT << 24 | 1, 8, 3, 2 * i + 2, 0, 0, btf.PTR << 24, 2 * i + 3 if i < n - 1 else 1)
                     for i in range(n))
    path = put(btf.blob(types, names))
    result = bpflens.run("btf", "dump", "file", path, "file", path)
    assert result.rc in (0, 1), result


@pytest.mark.slow_in_vm(reason="waits for a limit; files are the same everywhere")
def test_types_that_are_all_alike_are_merged_in_bounded_time_or_refused(bpflens, put):
    """Each is a structure s with a pointer to the one before: libbpf compares each with each, all the way down."""
    types = struct.pack("=IIII", 5, btf.INT << 24, 4, 32) + b"".join(
        struct.pack("=IIIIIIIII", 0, btf.PTR << 24, 2 * i + 1, 1, btf.STRUCT << 24 | 1, 8, 3, 2 * i + 2, 0) for i in range(3000))
    path, start = put(btf.blob(types, b"\0s\0n\0int\0")), time.monotonic()
    result = bpflens.run("-j", "btf", "dump", "file", path, "file", path)
    assert time.monotonic() - start < 60 and result.rc in (0, 1)
    assert "types" in result.json or "types that are the same" in result.error


@pytest.mark.slow_in_vm(reason="all of the kernel's types are printed three times; memory is the same everywhere")
@pytest.mark.parametrize("form", FORMS[:3], ids=" ".join)
def test_memory_goes_with_the_source_alone(bpflens, form):
    most, size = peak(bpflens, *form, "btf", "dump", "file", VMLINUX)
    assert most < 16 * 1024 and size > 2 * os.path.getsize(VMLINUX) // 3
