# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""object: what is in compiled objects, and their instructions, beside clang's sources, llvm-objdump and llvm-readelf."""
import os
import random
import re
import struct
import subprocess
import zlib

import pytest
from conftest import ROOT
from test_command_faults import failing, told
from test_faults import allocator  # noqa: F401 - a fixture
from test_insn import llvm  # noqa: F401 - a fixture

OBJECTS = os.path.join(os.path.dirname(__file__), "objects")
NAMES = ["alone", "net", "old", "trace"]
SEED = 1992
FORMS = [[], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"], ["-o", "tsv"]]

pytestmark = pytest.mark.slow_in_vm(reason="files alone: no kernel sees them")


@pytest.fixture(scope="session")
def compiled(llvm, tmp_path_factory):  # noqa: F811
    """compiled(NAME, FLAG...): the object that clang makes of tests/live/objects/NAME.c."""
    folder, made = tmp_path_factory.mktemp("objects"), {}

    def make(name, *flags, target="bpfel"):
        key = (name, target, *flags)
        if key not in made:
            path = str(folder / f"{len(made)}-{name}.o")
            subprocess.run([llvm["clang"], "-O2", "-g", "-target", target, *flags, "-c", os.path.join(OBJECTS, name + ".c"), "-o", path], check=True)
            made[key] = path
        return made[key]
    return make


def tool(llvm, name):  # noqa: F811
    """Another of the same LLVM's tools."""
    return os.path.join(os.path.dirname(os.path.realpath(llvm["llvm-objdump"])), name)


def said(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def shown(bpflens, path):
    """{what: [record]}"""
    out = {}
    for one in bpflens("-o", "json", "object", "show", path):
        out.setdefault(one["what"], []).append(one)
    return out


def by_name(records):
    return {one["name"]: one for one in records}


# What llvm-objdump and llvm-readelf say


def disassembled(llvm, path):  # noqa: F811
    """{(section, index): text} of llvm-objdump."""
    out, section = {}, None
    for line in said(llvm["llvm-objdump"], "-d", "--mcpu=v4", path).splitlines():
        heading = re.fullmatch(r"Disassembly of section (.*):", line)
        insn = re.fullmatch(r" +(\d+):\t(?:[0-9a-f]{2} ?)+\t(.*)", line)
        section = heading[1] if heading else section
        if insn:
            out[section, int(insn[1])] = insn[2]
    return out


@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
@pytest.mark.parametrize("name", NAMES)
def test_instructions_have_the_text_of_llvm_objdump(bpflens, llvm, compiled, name, version, target):  # noqa: F811
    path = compiled(name, "-mcpu=" + version, target=target)
    ours = {(one["section"], one["insn"]): one["disasm"] for one in bpflens("-o", "json", "object", "dump", path, "syntax", "asm")}
    theirs = disassembled(llvm, path)
    assert theirs and ours == theirs


def numbers_of_line(text):
    return re.fullmatch(r" *\[ *(\d+)\] (\S*) +(\S+) +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) .*", text)


@pytest.mark.parametrize("name", NAMES)
def test_sections_are_those_of_llvm_readelf(bpflens, llvm, compiled, name):  # noqa: F811
    path = compiled(name)
    theirs = [numbers_of_line(line) for line in said(tool(llvm, "llvm-readelf"), "-WS", path).splitlines()]
    theirs = [(one[2], one[3], int(one[4], 16), int(one[5], 16)) for one in theirs if one and one[1] != "0"]
    ours = [(one["name"], one["type"], one["offset"], one["size"]) for one in shown(bpflens, path)["section"]]
    assert len(theirs) > 5 and [(n, t.replace("LLVM_", ""), o, s) for n, t, o, s in ours] == [(n, t.replace("LLVM_", ""), o, s) for n, t, o, s in theirs]


@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
@pytest.mark.parametrize("name", NAMES)
def test_relocations_are_those_of_llvm_readelf(bpflens, llvm, compiled, name, target):  # noqa: F811
    path = compiled(name, target=target)
    theirs, section = [], None
    for line in said(tool(llvm, "llvm-readelf"), "-Wr", path).splitlines():
        heading = re.match(r"Relocation section '\.rel(.*)' at", line)
        entry = re.fullmatch(r"([0-9a-f]{16}) +[0-9a-f]{16} (R_BPF\S+) +[0-9a-f]{16} (.*)", line)
        section = heading[1] if heading else section
        if entry and not section.startswith((".debug", ".BTF")):
            theirs.append((section, int(entry[1], 16), entry[2], entry[3]))
    ours = [(one["section"], one["offset"], one["type"], one["target"]) for one in shown(bpflens, path).get("relocation", [])]
    assert [one[:3] for one in ours] == [one[:3] for one in theirs]
    for (*_, target), (*_, symbol) in zip(ours, theirs):
        # Of what is static, the file has the section's symbol and a distance: we say what is there.
        assert target == symbol if not symbol.startswith(".") else target in STATIC, (target, symbol)


STATIC = {"quiet", "helper", "each", "beside", "total", "leave.format"}


# What the sources declare


def test_programs_have_the_types_that_their_sections_say(bpflens, compiled):
    net, trace = (shown(bpflens, compiled(name)) for name in ("net", "trace"))
    facts = {name: (one["section"], one.get("type"), one.get("attach_type")) for name, one in by_name(net["program"] + trace["program"]).items()}
    assert facts == {
        "count": ("xdp", "xdp", "xdp"), "drop": ("xdp", "xdp", "xdp"), "pass": ("tc", "sched_cls", None),
        "unknown": ("classifier/old", None, None), "leave": ("?fentry/do_exit", "tracing", "trace_fentry"),
        "probe": ("kprobe/vfs_read", "kprobe", None), "walk": ("iter.s/task", "tracing", "trace_iter")}
    assert {one["name"] for one in net["subprogram"]} == {"helper", "shared", "each", "beside"}
    assert all("type" not in one for one in net["subprogram"])


def test_programs_say_how_many_functions_they_bring_along(bpflens, compiled):
    net = shown(bpflens, compiled("net"))
    assert {one["name"]: one["subprogs"] for one in net["program"] + net["subprogram"]} == {
        "count": 3, "drop": 2, "pass": 1, "unknown": 0, "helper": 0, "shared": 1, "each": 0, "beside": 0}


@pytest.mark.parametrize("name", NAMES)
def test_sizes_and_places_of_programs_are_those_of_their_symbols(bpflens, llvm, compiled, name):  # noqa: F811
    path = compiled(name)
    records = shown(bpflens, path)
    ours = {one["name"]: (one["offset"], one["insns"] * 8, one["static"]) for one in records["program"] + records.get("subprogram", [])}
    symbols = re.findall(r"^ *\d+: ([0-9a-f]+) +(\d+) FUNC +(\w+) +\w+ +\d+ (.*)$", said(tool(llvm, "llvm-readelf"), "-Ws", path), re.M)
    assert symbols and ours == {name: (int(value, 16), int(size), bind == "LOCAL") for value, size, bind, name in symbols}


def test_the_only_function_of_an_object_is_a_program_in_text_too(bpflens, compiled):
    records = shown(bpflens, compiled("alone"))
    assert [one["name"] for one in records["program"]] == ["start"] and "subprogram" not in records


def map_of(**more):
    return {"what": "map", **more}


def test_maps_are_as_they_were_declared(bpflens, compiled):
    ours = by_name(shown(bpflens, compiled("net"))["map"])
    declared = {
        "counters": {"type": "hash", "bytes_key": 24, "key_type": "struct flow", "bytes_value": 24, "value_type": "counter_t", "max_entries": 128, "pinning": "by_name"},
        "ring": {"type": "ringbuf", "max_entries": 4096},
        "slots": {"type": "array", "bytes_key": 4, "bytes_value": 8, "max_entries": 4, "flags": 0x400, "numa_node": 1},
        "bloom": {"type": "bloom_filter", "bytes_value": 4, "value_type": "__u32", "max_entries": 100, "map_extra": 3},
        "arena": {"type": "arena", "max_entries": 10, "map_extra": 0x100000000000},
        "inner": {"type": "array", "bytes_key": 4, "key_type": "int", "bytes_value": 12, "value_type": "char [12]", "max_entries": 2},
        "outer": {"type": "hash_of_maps", "bytes_key": 4, "max_entries": 2},
        "jumps": {"type": "prog_array", "bytes_key": 4, "max_entries": 3}}
    assert ours == {name: {"what": "map", "name": name, "section": ".maps", **facts} for name, facts in declared.items()}


def test_maps_defined_as_before_btf_are_shown_with_their_section(bpflens, compiled):
    for flags in (["-g0"], []):
        assert by_name(shown(bpflens, compiled("old", *flags))["map"]) == {
            name: {"what": "map", "name": name, "section": "maps", "type": kind, "bytes_key": 4, "bytes_value": value, "max_entries": entries, "flags": bits}
            for name, kind, value, entries, bits in (("first", "hash", 8, 1024, 1), ("second", "array", 16, 3, 0))}


def test_global_data_has_its_place_size_and_type(bpflens, compiled):
    records = shown(bpflens, compiled("net"))
    sizes = {one["name"]: one["size"] for one in records["data"]}
    assert sizes[".data.chosen"] == 24 and sizes[".bss"] == 4 and ".maps" not in sizes and "license" not in sizes
    ours = {name: (one["section"], one["size"], one["type"], one["static"]) for name, one in by_name(records["variable"]).items()}
    assert ours == {
        "limit": (".rodata", 4, "const volatile int", False), "message": (".rodata", 6, "const char [6]", False),
        "hits": (".bss", 4, "int", False), "quiet": (".data", 4, "volatile int", True), "table": (".data", 32, "__u64 [4]", False),
        "chosen": (".data.chosen", 24, "struct flow", False)}


def test_what_is_extern_says_where_it_is_looked_for(bpflens, compiled):
    ours = {name: (one["section"], one["type"], one["weak"], one.get("value_type")) for name, one in by_name(shown(bpflens, compiled("trace"))["extern"]).items()}
    assert ours == {
        "bpf_rcu_read_lock": (".ksyms", "kfunc", False, None), "bpf_rcu_read_unlock": (".ksyms", "kfunc", True, None),
        "bpf_prog_active": (".ksyms", "ksym", False, "const int"), "LINUX_KERNEL_VERSION": (".kconfig", "kconfig", False, "int"),
        "CONFIG_HZ": (".kconfig", "kconfig", True, "unsigned int")}


@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
def test_core_relocations_name_the_part_of_a_type(bpflens, compiled, target):
    ours = [(one["section"], one["type"], one["target"]) for one in shown(bpflens, compiled("trace", target=target))["core"]]
    assert sorted(ours) == sorted([
        ("?fentry/do_exit", "field_byte_offset", "struct task_struct.pid"), ("?fentry/do_exit", "field_byte_offset", "struct task_struct.parent"),
        ("?fentry/do_exit", "field_byte_offset", "struct task_struct.many[2]"), ("kprobe/vfs_read", "type_size", "struct task_struct"),
        ("kprobe/vfs_read", "enumval_exists", "enum cpu.BIG"), ("kprobe/vfs_read", "field_exists", "struct task_struct.in_use")])


def test_licence_version_and_byte_order_are_those_of_the_file(bpflens, compiled):
    for target, order in (("bpfel", "little-endian"), ("bpfeb", "big-endian")):
        path = compiled("net", target=target)
        assert shown(bpflens, path)["file"] == [{
            "what": "file", "name": path, "size": os.path.getsize(path), "byte_order": order, "license": "Dual BSD/GPL", "version": 0x060100}]


def test_btf_says_how_much_there_is(bpflens, peer, compiled):
    path = compiled("net")
    types = peer("-j", "btf", "dump", "file", path)["types"]
    btf = shown(bpflens, path)["btf"][0]
    assert btf["types"] == len(types) and btf["func_infos"] == 8 and btf["core_relos"] == 0 and btf["line_infos"] > 20


def without_places(records):
    """What an object of either byte order has; clang orders instructions by what is convenient there."""
    keys = ("what", "name", "section", "type", "attach_type", "bytes_key", "bytes_value", "max_entries", "key_type", "value_type", "target", "weak", "subprogs")
    return sorted(str({key: one[key] for key in keys if key in one}) for what in records for one in records[what] if what not in ("section", "file"))


@pytest.mark.parametrize("name", NAMES)
def test_objects_of_both_byte_orders_say_the_same(bpflens, compiled, name):
    little, big = (shown(bpflens, compiled(name, target=target)) for target in ("bpfel", "bpfeb"))
    assert without_places(little) == without_places(big)


# Instructions


def dumped(bpflens, *words):
    return bpflens("-o", "json", "object", "dump", *words)


def test_what_the_loader_fills_in_is_named_in_its_place(bpflens, compiled):
    text = [one["disasm"] for one in dumped(bpflens, compiled("net"), "prog", "count")]
    for wanted in ("(18) r1 = counters", "(85) call bpf_map_lookup_elem#1", "(85) call helper", "(85) call shared", "(18) r2 = each"):
        assert wanted in text, wanted
    text = [one["disasm"] for one in dumped(bpflens, compiled("trace"), "prog", "leave")]
    for wanted in ("(85) call bpf_rcu_read_lock", "(18) r1 = leave.format", "(18) r1 = LINUX_KERNEL_VERSION"):
        assert wanted in text, wanted
    assert not [line for line in text if "<" in line]


def test_calls_within_a_section_have_a_target(bpflens, compiled):
    text = dumped(bpflens, compiled("net"))
    starts = {one["func"]: one["insn"] for one in reversed(text)}
    call = next(one for one in text if one["func"] == "shared" and one.get("symbol") == "helper")
    assert call["target"] == starts["helper"]
    assert call["disasm"] == f"(85) call pc{call['target'] - call['insn'] - 1:+d}#helper"


def test_relocations_and_core_stand_at_their_instruction(bpflens, compiled):
    path = compiled("trace")
    records, text = shown(bpflens, path), dumped(bpflens, path)
    assert ([(one["section"], one["insn"], one["type"], one["target"]) for one in records["relocation"]]
            == [(one["section"], one["insn"], one["reloc"], one["symbol"]) for one in text if "reloc" in one])
    assert ([(one["section"], one["insn"], one["type"] + " " + one["target"]) for one in records["core"]]
            == [(one["section"], one["insn"], one["core"]) for one in text if "core" in one])


@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
@pytest.mark.parametrize("name", NAMES)
def test_each_source_line_stands_before_its_own_instruction(bpflens, llvm, compiled, name, target):  # noqa: F811
    path = compiled(name, target=target)
    with open(os.path.join(OBJECTS, name + ".c")) as file:
        source = file.read().splitlines()
    lines = {}
    for one in dumped(bpflens, path, "linum"):
        if "src" in one:
            assert source[one["line_num"] - 1].strip() == one["src"].strip(), one
            lines[one["section"], one["insn"]] = one["line_num"]
    # Debugging information has the same from another table; it tells a line where it changes.
    theirs, section, line = {}, None, None
    for text in said(llvm["llvm-objdump"], "-dl", path).splitlines():
        heading = re.fullmatch(r"Disassembly of section (.*):", text)
        insn, place = re.match(r" +(\d+):\t", text), re.fullmatch(r"; .*:(\d+)", text)
        section = heading[1] if heading else section
        line = int(place[1]) if place else line
        if insn:
            theirs[section, int(insn[1])] = line
    # Where a function begins, types tell where it is declared, and debugging information where its body begins.
    begins = {(one["section"], one["insn"]) for one in dumped(bpflens, path) if "proto" in one}
    assert begins <= set(lines) and {at: theirs[at] for at in lines if at not in begins} == {at: line for at, line in lines.items() if at not in begins}


def test_prototypes_stand_where_functions_begin(bpflens, compiled):
    protos = {one["func"]: one["proto"] for one in dumped(bpflens, compiled("net")) if "proto" in one}
    assert protos["count"] == "int count(void * context)" and protos["each"] == "int each(__u32 index, void * context)" and len(protos) == 8


def test_opcodes_are_the_bytes_of_the_file(bpflens, compiled):
    path = compiled("net")
    section = by_name(shown(bpflens, path)["section"])["xdp"]
    with open(path, "rb") as file:
        content = file.read()[section["offset"]:][:section["size"]]
    assert "".join(one["opcodes"] for one in dumped(bpflens, path, "opcodes") if one["section"] == "xdp") == content.hex()


def test_a_name_picks_one_program_or_says_which_there_are(bpflens, compiled):
    path = compiled("trace")
    assert {one["func"] for one in dumped(bpflens, path, "prog", "walk")} == {"walk"}
    failed = bpflens.run("object", "dump", path, "prog", "nope")
    assert failed.rc == 1 and "program 'nope'" in failed.error and "there are leave, probe, walk" in failed.stderr and not failed.out


def test_plain_text_is_in_the_layout_of_prog_dump(bpflens, compiled):
    text = bpflens("object", "dump", compiled("trace"), "prog", "walk", "linum").stdout
    file = os.path.join(OBJECTS, "trace.c")
    with open(file) as content:
        number = next(i for i, line in enumerate(content, 1) if "walk(void" in line)
    assert re.match(rf"int walk\(void \* context\):\n; .*\[file:{file} line_num:{number + 2} line_col:\d+\]\n   0: \(18\) r1 = total\n", text), text


def test_instructions_without_a_symbol_are_shown_all_the_same(bpflens, llvm, tmp_path):  # noqa: F811
    source, path = str(tmp_path / "a.s"), str(tmp_path / "a.o")
    with open(source, "w") as file:
        file.write('\t.section xdp,"ax"\n\tr0 = 1\n\texit\nf:\n\t.type f,@function\n\tr0 = 2\n\texit\n')
    subprocess.run([llvm["clang"], "-target", "bpf", "-c", source, "-o", path], check=True)
    assert [(one.get("func"), one["insn"], one["disasm"]) for one in dumped(bpflens, path)] == [
        (None, 0, "(b7) r0 = 1"), (None, 1, "(95) exit"), ("f", 2, "(b7) r0 = 2"), ("f", 3, "(95) exit")]
    assert [one["insns"] for one in shown(bpflens, path)["code"]] == [2]


def test_nothing_is_asked_of_the_kernel_and_no_right_is_needed(public, nobody, compiled, tmp_path):
    path = "/tmp/bpflens-object-test.o"
    try:
        with open(compiled("net"), "rb") as file, open(path, "wb") as copy:
            copy.write(file.read())
        os.chmod(path, 0o644)
        for words in (["show", path], ["dump", path]):
            log = str(tmp_path / "log")
            done = public.run("object", *words, before=["strace", "-f", "-e", "trace=bpf,mount,perf_event_open", "-o", log, *nobody])
            assert done.rc == 0, done
            with open(log) as file:
                assert not re.search(r"^\d+ +(bpf|mount|perf_event_open)\(", file.read(), re.M)
    finally:
        os.unlink(path)


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("name", NAMES)
def test_every_form_holds(bpflens, compiled, name, form):
    for words in (["show", compiled(name)], ["dump", compiled(name)], ["dump", compiled(name), "opcodes", "linum", "syntax", "asm"]):
        done = bpflens.run(*form, "object", *words)
        assert done.rc == 0 and done.out and not done.err, done


# Files that are broken


class Elf:
    """A file whose headers can be changed. Little-endian and of 64 bits alone."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = bytearray(file.read())
        self.headers, = struct.unpack_from("<Q", self.bytes, 40)
        self.n, self.names_index = struct.unpack_from("<HH", self.bytes, 60)

    def field(self, index, name):
        return self.headers + 64 * index + {"name": 0, "type": 4, "flags": 8, "offset": 24, "size": 32, "link": 40, "info": 44}[name]

    def get(self, index, name):
        form = "<I" if name in ("name", "type", "link", "info") else "<Q"
        return struct.unpack_from(form, self.bytes, self.field(index, name))[0]

    def put(self, index, name, value):
        form = "<I" if name in ("name", "type", "link", "info") else "<Q"
        struct.pack_into(form, self.bytes, self.field(index, name), value)

    def text(self, table, offset):
        at = self.get(table, "offset") + offset
        return self.bytes[at:self.bytes.index(0, at)].decode()

    def section(self, name):
        return next(i for i in range(1, self.n) if self.text(self.names_index, self.get(i, "name")) == name)

    def symbol(self, name):
        """Where a symbol's record is."""
        table = self.section(".symtab")
        for at in range(self.get(table, "offset"), self.get(table, "offset") + self.get(table, "size"), 24):
            if self.text(self.get(table, "link"), struct.unpack_from("<I", self.bytes, at)[0]) == name:
                return at
        raise KeyError(name)

    def replace(self, name, content, flags=0):
        """The section's content, put behind everything."""
        index = self.section(name)
        self.put(index, "offset", len(self.bytes))
        self.put(index, "size", len(content))
        self.put(index, "flags", self.get(index, "flags") | flags)
        self.bytes += content

    def content(self, name):
        index = self.section(name)
        return bytes(self.bytes[self.get(index, "offset"):][:self.get(index, "size")])


@pytest.fixture
def write(tmp_path):
    def write(elf, name="broken.o"):
        (tmp_path / name).write_bytes(elf.bytes)
        return str(tmp_path / name)
    return write


def refused(bpflens, path, *words):
    """Both commands refuse in every form: one error with these words, nothing that looks like an answer."""
    for verb in ("show", "dump"):
        for form in ([], ["-j"], ["-o", "json"]):
            failed = bpflens.run(*form, "object", verb, path)
            assert failed.rc == 1 and path in failed.error, failed
            assert all(word in failed.error for word in words), failed
            assert form == ["-j"] or failed.out == (b"null\n" if form else b""), failed


@pytest.mark.parametrize("section, words", [(0xfff2, "COMMON"), (0xfff1, "ABS"), (60000, "60000"), (0xff80, "0xff80"), (0xffff, "0xffff")])
def test_a_program_symbol_in_a_special_or_missing_section_is_refused_by_name(bpflens, compiled, write, section, words):
    elf = Elf(compiled("net"))
    struct.pack_into("<H", elf.bytes, elf.symbol("drop") + 6, section)
    refused(bpflens, write(elf), "drop", words)


def test_a_program_section_without_bytes_is_refused_by_name(bpflens, compiled, write):
    elf = Elf(compiled("net"))
    elf.put(elf.section("xdp"), "type", 8)
    refused(bpflens, write(elf), "count", "xdp", "NOBITS")


@pytest.mark.parametrize("offset, value, words", [(8, 0x10000, "offset 65536"), (8, 12, "whole instructions"), (16, 1 << 40, "1099511627776 bytes"), (8, 8, "inside function")])
def test_a_program_outside_its_section_is_refused_by_name(bpflens, compiled, write, offset, value, words):
    elf = Elf(compiled("net"))
    struct.pack_into("<Q", elf.bytes, elf.symbol("drop") + offset, value)
    refused(bpflens, write(elf), "drop", words)


def test_a_program_symbol_in_a_data_section_is_refused_by_name(bpflens, compiled, write):
    elf = Elf(compiled("net"))
    struct.pack_into("<H", elf.bytes, elf.symbol("drop") + 6, elf.section(".rodata"))
    refused(bpflens, write(elf), "drop", ".rodata")


@pytest.mark.parametrize("name, field, value, words", [
    ("xdp", "size", 1 << 60, "1152921504606846976 bytes"), ("xdp", "offset", 1 << 40, "offset 1099511627776"), (".BTF", "size", 1 << 33, "8589934592 bytes"),
    (".symtab", "size", 25, "25 bytes"), (".symtab", "link", 999, "section 999"), (".relxdp", "info", 999, "section 999"), (".relxdp", "size", 17, "17 bytes")])
def test_sections_of_wrong_size_or_place_are_refused_by_name(bpflens, compiled, write, name, field, value, words):
    elf = Elf(compiled("net"))
    elf.put(elf.section(name), field, value)
    refused(bpflens, write(elf), name, words)


def test_overlapping_sections_are_refused_by_both_names(bpflens, compiled, write):
    elf = Elf(compiled("net"))
    elf.put(elf.section("tc"), "offset", elf.get(elf.section("xdp"), "offset") + 8)
    refused(bpflens, write(elf), "tc", "xdp", "inside")


@pytest.mark.parametrize("offset", [1 << 40, (1 << 64) - 8, 100000])
def test_relocations_outside_what_they_change_are_refused_with_number_and_offset(bpflens, compiled, write, offset):
    for name, entry in ((".relxdp", 3), (".rel.maps", 0)):
        elf = Elf(compiled("net"))
        struct.pack_into("<Q", elf.bytes, elf.get(elf.section(name), "offset") + 16 * entry, offset)
        refused(bpflens, write(elf), name, f"relocation {entry}", hex(offset))


def test_relocations_to_no_symbol_are_refused(bpflens, compiled, write):
    elf = Elf(compiled("net"))
    struct.pack_into("<I", elf.bytes, elf.get(elf.section(".relxdp"), "offset") + 12, 5000)
    refused(bpflens, write(elf), ".relxdp", "relocation 0", "symbol 5000")


@pytest.mark.parametrize("machine, words", [(62, "machine x86-64, not BPF"), (183, "machine arm64, not BPF"), (4000, "machine 4000, not BPF")])
def test_objects_of_other_machines_are_named(bpflens, compiled, write, machine, words):
    elf = Elf(compiled("net"))
    struct.pack_into("<H", elf.bytes, 18, machine)
    refused(bpflens, write(elf), words)


def test_what_is_no_object_is_refused(bpflens, tmp_path):
    for content, words in ((b"", "not an ELF file"), (b"\x7fELF", "not an ELF file"), (b"hello\n" * 100, "not an ELF file")):
        (tmp_path / "x").write_bytes(content)
        refused(bpflens, str(tmp_path / "x"), words)
    refused(bpflens, str(tmp_path / "none"), "No such file")


def partly(bpflens, path, *words):
    """All is shown but what cannot be read, which is said, and fails the command."""
    done = bpflens.run("-o", "json", "object", "show", path)
    assert done.rc == 1 and all(word in done.error for word in words), done
    assert {"count", "drop", "pass"} <= {one["name"] for one in done.json if one["what"] == "program"}
    dump = bpflens.run("-o", "json", "object", "dump", path)
    assert dump.rc == 1 and all(word in dump.error for word in words) and len(dump.json) > 50
    plain = bpflens.run("object", "dump", path)
    assert plain.rc == 1 and b"call bpf_map_lookup_elem#1" in plain.out
    return done.json


def test_btf_that_is_damaged_leaves_the_rest_and_is_named(bpflens, compiled, write):
    for damage, words in ((lambda b: b"\0" * len(b), "begins with 00 00"), (lambda b: b[:20], "24 bytes"), (lambda b: b[:-200], "string section")):
        elf = Elf(compiled("net"))
        elf.replace(".BTF", damage(elf.content(".BTF")))
        partly(bpflens, write(elf), "section .BTF", words)


def test_a_table_of_lines_that_is_damaged_leaves_the_rest_and_is_named(bpflens, compiled, write):
    for at, value, words in ((0, 0, "header"), (4, 1 << 20, "header"), (12, 1 << 30, "functions"), (16, 1 << 30, "lines")):
        elf = Elf(compiled("net"))
        struct.pack_into("<I", elf.bytes, elf.get(elf.section(".BTF.ext"), "offset") + at, value)
        partly(bpflens, write(elf), "section .BTF.ext", words)


def test_a_map_definition_without_sense_is_named_when_all_else_was_shown(bpflens, compiled, write):
    elf = Elf(compiled("net"))
    content = elf.content(".BTF").replace(b"\0max_entries\0", b"\0key\0entries\0")
    elf.replace(".BTF", content)
    done = bpflens.run("-o", "json", "object", "show", write(elf))
    assert done.rc in (0, 1) and [one for one in done.json if one["what"] == "section"]


def test_without_btf_the_rest_is_shown(bpflens, compiled):
    records = shown(bpflens, compiled("net", "-g0"))
    assert {"counters", "ring"} <= set(by_name(records["map"])) and "btf" not in records
    assert {"count", "drop", "pass", "unknown"} == set(by_name(records["program"]))
    assert "(18) r1 = counters" in [one["disasm"] for one in dumped(bpflens, compiled("net", "-g0"))]


def compressed(content, how=1):
    return struct.pack("<IIQQ", how, 0, len(content), 1) + zlib.compress(content)


def test_compressed_debugging_sections_change_nothing(bpflens, llvm, compiled, tmp_path):  # noqa: F811
    path, packed = compiled("net"), str(tmp_path / "packed.o")
    subprocess.run([llvm["llvm-objcopy"], "--compress-debug-sections=zlib", path, packed], check=True)
    plain, other = (shown(bpflens, one) for one in (path, packed))
    for records in (plain, other):
        del records["section"], records["file"]
    assert plain == other and dumped(bpflens, path) == dumped(bpflens, packed)


def test_compressed_btf_is_read(bpflens, compiled, write):
    path, elf = compiled("net"), Elf(compiled("net"))
    elf.replace(".BTF", compressed(elf.content(".BTF")), flags=0x800)
    assert dumped(bpflens, write(elf)) == dumped(bpflens, path)


def test_btf_compressed_in_an_unknown_way_is_named_with_the_type(bpflens, compiled, write):
    elf = Elf(compiled("net"))
    elf.replace(".BTF", compressed(elf.content(".BTF"), how=9), flags=0x800)
    partly(bpflens, write(elf), ".BTF", "compressed", "9")


def test_bytes_behind_the_last_instruction_are_told(bpflens, compiled, write):
    elf = Elf(compiled("trace"))
    index = elf.section("kprobe/vfs_read")
    elf.put(index, "size", elf.get(index, "size") - 4)
    struct.pack_into("<Q", elf.bytes, elf.symbol("probe") + 16, elf.get(index, "size") // 8 * 8)
    done = bpflens.run("-o", "json", "object", "dump", write(elf))
    assert done.rc == 1 and "kprobe/vfs_read" in done.error and "4 bytes" in done.error and done.json


def test_an_object_cut_anywhere_never_looks_like_a_whole_one(bpflens, compiled, tmp_path):
    with open(compiled("alone"), "rb") as file:
        whole = file.read()
    path = tmp_path / "cut.o"
    for size in sorted(random.Random(SEED).sample(range(len(whole)), 100)):
        path.write_bytes(whole[:size])
        done = bpflens.run("object", "show", str(path))
        assert done.rc == 1 and done.error and not done.out, done


# Classic filters

ETHER = [(40, 0, 0, 12), (21, 0, 3, 2048), (48, 0, 0, 23), (21, 0, 1, 6), (6, 0, 0, 262144), (6, 0, 0, 0)]  # ip and tcp
ETHER_TEXT = "\tldh [12]\n\tjeq #0x800, L2, L5\nL2:\tldb [23]\n\tjeq #0x6, L4, L5\nL4:\tret #0x40000\nL5:\tret #0\n"


def forms_of(ops):
    """The same filter as tcpdump -ddd and -dd write it, on one line, and as the kernel has it."""
    return {
        "ddd": f"{len(ops)}\n" + "".join("%d %d %d %d\n" % op for op in ops),
        "one line": f"{len(ops)}," + ",".join("%d %d %d %d" % op for op in ops),
        "dd": "".join("{ 0x%x, %d, %d, 0x%08x },\n" % op for op in ops),
        "raw": b"".join(struct.pack("=HBBI", *op) for op in ops)}


@pytest.mark.parametrize("form", forms_of(ETHER))
def test_a_classic_filter_has_mnemonics_and_labels(bpflens, tmp_path, form):
    content = forms_of(ETHER)[form]
    content = content.encode() if isinstance(content, str) else content
    (tmp_path / "filter").write_bytes(content)
    assert bpflens("object", "dump", "classic", str(tmp_path / "filter")).stdout == ETHER_TEXT
    assert bpflens("object", "dump", "classic", "-", input=content).stdout == ETHER_TEXT


def test_a_classic_filter_as_records_has_its_numbers_and_targets(bpflens):
    ours = bpflens("-o", "json", "object", "dump", "classic", "-", input=forms_of(ETHER)["ddd"].encode())
    assert [(one["code"], one["jt"], one["jf"], one["k"]) for one in ours] == ETHER
    assert [one["insn"] for one in ours] == list(range(6)) and ours[1]["target"] == 2 and ours[1]["otherwise"] == 5
    assert [one.get("label") for one in ours] == [None, None, "L2", None, "L4", "L5"] and ours[0]["disasm"] == "ldh [12]"


def test_what_is_no_classic_filter_is_refused_with_the_line(bpflens):
    for text, words in (("3\n6 0 0 0\n", "says 3 instructions, there are 1"), ("1\n6 0 0\n", "line 2"), ("", "no filter"), ("x\n", "line 1")):
        failed = bpflens.run("object", "dump", "classic", "-", input=text.encode())
        assert failed.rc == 1 and words in failed.error and not failed.out, failed


def test_a_cut_raw_filter_is_shown_and_the_rest_told(bpflens):
    failed = bpflens.run("object", "dump", "classic", "-", input=forms_of(ETHER)["raw"] + b"\6\0\0")
    assert failed.rc == 1 and failed.stdout == ETHER_TEXT and "3 bytes behind" in failed.error


# Words


def test_words_that_do_not_go_together_are_refused(bpflens, compiled):
    path = compiled("alone")
    for words, said_of in ((["dump"], "expected FILE"), (["show"], "expected FILE"), (["dump", path, "classic", path], "classic"), (["dump", "classic"], "needs a value"),
                           (["dump", "classic", path, "linum"], "not compatible"), (["dump", path, "syntax", "x"], "expected 'kernel' or 'asm'"), (["dump", path, "nonsense"], "nonsense")):
        failed = bpflens.run("object", *words)
        assert failed.rc == 2 and said_of in failed.error, failed


def test_files_and_words_are_completed(bpflens, compiled):
    path = compiled("alone")

    def offered(*words):
        return bpflens("__complete", str(len(words) - 1), "--", *words).stdout.split()
    assert path in offered("bpflens", "object", "show", path[:-3]) and path in offered("bpflens", "object", "dump", path[:-3])
    assert path in offered("bpflens", "object", "dump", "classic", path[:-3])
    assert offered("bpflens", "object", "dump", "") == ["prog", "opcodes", "linum", "syntax", "classic"]
    assert offered("bpflens", "object", "dump", path, "s") == ["syntax"] and offered("bpflens", "object", "dump", path, "syntax", "") == ["kernel", "asm"]


def test_the_noun_takes_no_abbreviation_from_another(bpflens):
    assert bpflens("o", "help").stdout == bpflens("object", "help").stdout
    assert ROOT


@pytest.mark.parametrize("form", [[], ["-j"]], ids=" ".join)
@pytest.mark.parametrize("words", [("show",), ("dump", "opcodes", "linum")], ids=" ".join)
def test_where_an_allocation_fails_the_rest_is_right_and_nothing_is_left_behind(bpflens, compiled, allocator, words, form):  # noqa: F811
    words = [*form, "object", words[0], compiled("alone"), *words[1:]]
    whole = bpflens.run(*words)

    def run_with(count):
        with told() as came:
            result = bpflens.run(*words, env={"LD_PRELOAD": allocator, "FAIL_ALLOCATION": str(count)}, pass_fds=[99])
            return result, came()
    for _, result in failing(run_with):
        assert result.rc in (0, 1)
        assert result.rc or result.out == whole.out
