# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog dump xlated: beside bpftool, beside a second reader, and where bpftool is wrong."""
import json
import os
import re
import shutil
import stat
import subprocess

import bpf
import btf
import progzoo
import pytest
import test_insn
import xlatedreader
from maker import unique
from runner import parse_json
from test_insn import disassemble, llvm  # noqa: F401

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "objects", "xlated.bpf.c")
NEW_KEYS = ("insn", "target", "map_id", "map_name")
ALL = ("opcodes", "linum")
EVERY = [(), ("opcodes",), ("linum",), ALL]
TEXT, JSON = {"texts": [ALL], "forms": []}, {"texts": [], "forms": ["-j"]}  # what shows all that there is
NO_SYSLOG = ["setpriv", "--bounding-set", "-syslog", "--inh-caps", "-syslog", "--"]


def as_peer(value):
    """A document without the keys that bpftool lacks."""
    if isinstance(value, list):
        return [as_peer(one) for one in value]
    if isinstance(value, dict):
        return {key: as_peer(one) for key, one in value.items() if key not in NEW_KEYS}
    return value


def compare(bpflens, peer, *handle, texts=EVERY, forms=("-j", "-p")):
    """Text and JSON are bpftool's, whatever the words. It takes its time, since it reads all symbols for each."""
    for form, more in [((), one) for one in texts] + [((form,), ALL) for form in forms]:
        theirs = peer.run(*form, "prog", "dump", "xlated", *handle, *more)
        ours = bpflens.run(*form, "prog", "dump", "xlated", *handle, *more)
        assert (theirs.rc, ours.rc, ours.err) == (0, 0, b"")
        if not form:
            assert ours.stdout == theirs.stdout
            continue
        assert as_peer(ours.json) == theirs.json
        assert list(ours.json[0]) == [*theirs.json[0], *[key for key in NEW_KEYS if key in ours.json[0]]], "new keys come last"


@pytest.mark.parametrize("kind", progzoo.TYPES)
def test_a_program_of_every_type_is_dumped_as_bpftool_does(kernel, bpflens, peer, kind):
    compare(bpflens, peer, "id", progzoo.make(kernel, kind).id, **JSON)


@pytest.mark.slow_in_vm(reason="how an instruction is written does not depend on the kernel")
@pytest.mark.parametrize("kind", progzoo.TYPES)
def test_the_text_of_a_program_of_every_type_is_bpftools(kernel, bpflens, peer, kind):
    compare(bpflens, peer, "id", progzoo.make(kernel, kind).id, **TEXT)


@pytest.mark.parametrize("body", test_insn.BODIES, ids=lambda body: body.__name__)
def test_a_program_of_every_instruction_is_dumped_as_bpftool_does(kernel, bpflens, peer, body):
    compare(bpflens, peer, "id", of_body(kernel, body).id, **JSON)


@pytest.mark.slow_in_vm(reason="how an instruction is written does not depend on the kernel")
@pytest.mark.parametrize("body", test_insn.BODIES, ids=lambda body: body.__name__)
def test_the_text_of_every_instruction_is_bpftools(kernel, bpflens, peer, body):
    compare(bpflens, peer, "id", of_body(kernel, body).id, **TEXT)


def of_body(kernel, body):
    try:
        return kernel.prog("socket_filter", body() + bpf.returning(0))
    except OSError as failure:
        return pytest.skip(f"this kernel takes no {body.__name__}: {failure.strerror}")


# Programs with types: facts that are declared here


class Described:
    """A program of functions with source lines, each two instructions long but for the first, which calls them."""

    def __init__(self, kernel, protos, lines, wide=True):
        self.types = btf.Btf()
        self.int = self.types.int("int", 4, signed=True)
        self.char = self.types.int("char", 1, signed=True)
        self.skb = self.types.struct("skb_like", 4, [("len", self.int, 0)])
        self.protos = protos(self)
        head = bpf.insn(0x18, 6, imm=1) + bpf.insn(0, imm=2) if wide else b""
        count = len(self.protos)
        self.code = [head] if wide else []
        self.code += [bpf.call_next(count + i) for i in range(count - 1)] + bpf.returning(0)
        self.starts = [0]
        at = sum(map(len, self.code)) // 8
        for _ in self.protos[1:]:
            self.starts.append(at)
            self.code += bpf.returning(0)
            at += 2
        funcs = [(start, self.add_func(*proto)) for start, proto in zip(self.starts, self.protos)]
        infos = [(self.starts[func] + at, self.types.string(file), self.types.string(text), line << 10 | column)
                 for func, at, file, text, line, column in lines]
        made = kernel.prog("socket_filter", self.code, name=self.protos[0][0][:15], btf_fd=kernel.keep(self.types.load()),
                           func_info=funcs, line_info=infos)
        self.id, self.fd = made.id, made.fd

    def add_func(self, name, returns, parameters):
        tail = b"".join(self.types_word(self.types.string(n), t) for n, t in parameters)
        proto = self.types.add("", btf.FUNC_PROTO, len(parameters), returns, tail)
        return self.types.add(name, btf.FUNC, 0, proto)

    @staticmethod
    def types_word(name, type_id):
        return name.to_bytes(4, "little") + type_id.to_bytes(4, "little")

    def add(self, kind, to, **more):
        return self.types.add("", kind, 0, to, **more)

    def pointed(self, returns, *parameters):
        """A pointer to a function."""
        tail = b"".join(self.types_word(0, t) for t in parameters)
        return self.types.pointer(self.types.add("", btf.FUNC_PROTO, len(parameters), returns, tail))


def three_functions(made):
    return [("first", made.int, [("skb", made.types.pointer(made.skb))]), ("second", made.int, []), ("third", made.int, [("", 0)])]


LINES = [(0, 0, "a.c", "  int first(struct skb_like *skb)", 10, 5), (0, 2, "a.c", "second();", 11, 2), (0, 3, "a.c", "third();", 12, 2),
         (0, 4, "a.c", "return 0;", 13, 0), (1, 0, "b.c", "\tint second(void)", 20, 1), (1, 1, "b.c", "", 0, 0),
         (2, 0, "dir/c.c", "third { \"x\" <y> | & \\ }", 4194303, 1023)]


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_each_function_and_source_line_stands_before_its_own_instruction(kernel, bpflens, peer):
    made = Described(kernel, three_functions, LINES)
    assert made.starts == [0, 6, 8]  # numbers of instructions, of which the first takes two
    text = bpflens("prog", "dump", "xlated", "id", made.id, "linum").stdout
    symbols = re.findall(r"#(bpf_prog_[0-9a-f]{16}_\w+)", text)
    assert [symbol.split("_", 3)[3] for symbol in symbols] == ["second", "third"]
    assert text == f"""\
int first(struct skb_like * skb):
; int first(struct skb_like *skb) [file:a.c line_num:10 line_col:5]
   0: (18) r6 = 0x200000001
; second(); [file:a.c line_num:11 line_col:2]
   2: (85) call pc+3#{symbols[0]}
; third(); [file:a.c line_num:12 line_col:2]
   3: (85) call pc+4#{symbols[1]}
; return 0; [file:a.c line_num:13 line_col:0]
   4: (b7) r0 = 0
   5: (95) exit
int second():
; int second(void) [file:b.c line_num:20 line_col:1]
   6: (b7) r0 = 0
;  [file:b.c line_num:0 line_col:0]
   7: (95) exit
int third(...):
; third {{ "x" <y> | & \\ }} [file:dir/c.c line_num:4194303 line_col:1023]
   8: (b7) r0 = 0
   9: (95) exit
"""
    compare(bpflens, peer, "id", made.id)


def strange_types(made):
    types, integer, skb = made.types, made.int, made.types.pointer(made.skb)
    array = types.array(made.char, integer, 16)
    const_char = types.pointer(types.add("", btf.CONST, 0, made.char))
    typedef = types.add("my_t", btf.TYPEDEF, 0, integer)
    long = "a_name_that_takes_its_room_" * 4
    return [("first", integer, [("ppc", types.pointer(const_char)), ("nothing", types.pointer(0)), ("t", typedef)]),
            ("second", 0, [("array", array), ("rows", types.array(array, integer, 4)), ("to", types.pointer(array))]),
            ("third", skb, [("f", made.pointed(integer, integer, skb)), ("g", made.pointed(0)), ("h", made.pointed(made.pointed(0), typedef))]),
            ("fourth", types.pointer(0), [("v", made.add(9, made.add(10, integer))), ("r", made.add(11, skb))]),
            ("fifth", typedef, [("e", types.add("an_enum", btf.ENUM, 0, 4)), ("fw", types.pointer(types.add("fw", 7, 0, 0))),
                                ("fu", types.pointer(types.add("fu", 7, 0, 0, flag=True))), ("anonymous", types.struct("", 4, [("a", integer, 0)]))]),
            # Since Linux 7.3 a sixth parameter has to be on the stack; before 6.1 a name has at most 127 characters.
            ("sixth", integer, [(f"{long}{i}", skb) for i in range(5)]),
            ("seventh", integer, [(f"{long}{i}", types.pointer(types.struct(long, 4, [("len", integer, 0)]))) for i in range(5)])]


def test_prototypes_of_every_kind_of_type_are_bpftools(kernel, bpflens, peer):
    made = Described(kernel, strange_types, [])
    compare(bpflens, peer, "id", made.id, texts=[()], forms=[])
    protos = [one["proto"] for one in bpflens("-j", "prog", "dump", "xlated", "id", made.id) if "proto" in one]
    assert len(protos) == 6, "one of more than 1023 bytes is left out"
    assert protos[2] == "struct skb_like * third(int (int, struct skb_like *)* f, void ()* g, void ()* (my_t)* h)"


def test_a_tag_of_a_type_does_not_cost_the_prototype(kernel, bpflens):
    def tagged(made):
        tag = made.types.add("user", 18, 0, made.skb)
        return [("first", made.int, [("skb", made.types.pointer(tag))])]
    try:
        made = Described(kernel, tagged, [])
    except OSError as failure:
        pytest.skip(f"this kernel takes no tags of types: {failure.strerror}")
    assert bpflens("-j", "prog", "dump", "xlated", "id", made.id)[0]["proto"] == "int first(struct skb_like * skb)"


def test_control_characters_of_source_text_reach_no_terminal(kernel, bpflens):
    made = Described(kernel, lambda made: [("first", made.int, [])], [(0, 0, "a\x1b[31m.c", "int\tx;\x1b[2J", 1, 1)])
    for words in ((), ("linum",), ("visual", "linum"), ("mermaid", "linum")):
        text = bpflens("prog", "dump", "xlated", "id", made.id, *words).stdout
        assert "\x1b" not in text and "x1b" in text
    assert "; int\tx;" in bpflens("prog", "dump", "xlated", "id", made.id).stdout
    assert bpflens("-j", "prog", "dump", "xlated", "id", made.id, "linum")[0]["src"] == "int\tx;\x1b[2J"


# What clang makes


@pytest.fixture(scope="session")
def objects(private, llvm):  # noqa: F811
    """Paths of the compiled object: with all that newer kernels have, and with less."""
    made = []
    for flags in (["-DCALLBACKS", "-DKFUNCS"], ["-DCALLBACKS"], []):
        path = os.path.join(private, f"xlated{len(flags)}.bpf.o")
        subprocess.run([llvm["clang"], "-g", "-O2", "-target", "bpf", "-mcpu=v3", *flags, "-c", SOURCE, "-o", path], check=True)
        made.append(path)
    return made


@pytest.fixture
def compiled(kernel, peer, objects):
    """{name: path of the pin} of the object's programs, as many as this kernel takes."""
    where = os.path.join(kernel.bpffs, unique("xl"))
    kernel.stack.callback(shutil.rmtree, where, ignore_errors=True)
    for path in objects:
        if peer.run("prog", "loadall", path, where).rc == 0:
            return {name: os.path.join(where, name) for name in os.listdir(where)}
    return pytest.fail("bpftool loads none of the objects")


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_what_clang_makes_is_dumped_as_bpftool_does(compiled, bpflens, peer):
    for path in compiled.values():
        compare(bpflens, peer, "pinned", path)


def test_symbols_of_subprograms_are_those_of_kallsyms(compiled, bpflens):
    text = bpflens("prog", "dump", "xlated", "pinned", compiled["x_main"]).stdout
    found = set(re.findall(r"call pc[-+]\d+#(\w+)", text))
    with open("/proc/kallsyms") as file:
        listed = {line.split()[2] for line in file if "[bpf]" in line}
    assert {"whole", "part"} <= {name.split("_", 3)[3] for name in found}
    assert found <= listed


def test_calls_and_jumps_tell_their_targets_and_maps_their_names(compiled, kernel, bpflens):
    path = compiled["x_main"]
    fd = kernel.keep(bpf.obj_get(path))
    records = bpflens("-o", "json", "prog", "dump", "xlated", "pinned", path)
    stream = xlatedreader.xlated(fd)
    expected = {slot: (target if target is not None else called) for slot, _, code, _, src, off, imm in xlatedreader.insns(stream)
                for target, called in [(xlatedreader.jump_target(slot, code, off, imm), xlatedreader.func_target(slot, code, src, off, imm))]}
    assert {one["insn"]: one.get("target") for one in records} == expected
    assert {one["prog_id"] for one in records} == {bpf.info(fd, bpf.ProgInfo()).id}
    loaded = {slot: imm for slot, _, code, _, src, _, imm in xlatedreader.insns(stream) if code == 0x18 and src in (1, 2)}
    assert {one["insn"]: one["map_id"] for one in records if "map_id" in one} == loaded
    names = {number: bpf.info(kernel.keep(bpf.open_id("map", number)), bpf.MapInfo()).name.decode() for number in loaded.values()}
    assert {one["map_id"]: one["map_name"] for one in records if "map_id" in one} == names
    assert {"x_hash", "x_jumps"} <= set(names.values())


def test_opcodes_are_the_bytes_in_strict_forms(compiled, kernel, bpflens):
    path = compiled["x_main"]
    records = bpflens("-o", "jsonl", "prog", "dump", "xlated", "pinned", path, "opcodes")
    assert bytes.fromhex("".join(one["opcodes"] for one in records)) == xlatedreader.xlated(kernel.keep(bpf.obj_get(path)))


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_names_are_comments_behind_what_there_is_without_them(compiled, bpflens):
    path = compiled["x_main"]
    plain = bpflens("prog", "dump", "xlated", "pinned", path).stdout.splitlines()
    named = bpflens("prog", "dump", "xlated", "pinned", path, "names").stdout.splitlines()
    targets = {one["insn"]: one["target"] for one in bpflens("-j", "prog", "dump", "xlated", "pinned", path) if "target" in one}
    assert len(plain) == len(named)
    for before, after in zip(plain, named):
        assert after.startswith(before) and re.fullmatch(r"(  ; .+)?", after[len(before):])
        number = re.match(r" *(\d+): .* goto pc", before)
        if number:
            assert after == f"{before}  ; to {targets[int(number[1])]}"
    assert any(line.endswith("  ; map x_hash") for line in named)


def test_the_assembler_syntax_is_llvm_objdumps(compiled, bpflens, llvm, tmp_path):  # noqa: F811
    path, raw = compiled["x_main"], tmp_path / "raw"
    bpflens("prog", "dump", "xlated", "pinned", path, "file", str(raw))
    text = f'\t.text\n\t.globl f\nf:\n\t.incbin "{raw}"\n'
    stream, expected = test_insn.assembled(llvm, tmp_path, text, "-target", "bpfel")
    shown = bpflens("-j", "prog", "dump", "xlated", "pinned", path, "syntax", "asm")
    assert stream == raw.read_bytes()
    ours = {one["insn"]: re.sub(r"^(ld_pseudo(\W+\w+){3}), 0x\w+$", r"\1", one["disasm"]) for one in shown}  # it loses the upper half
    assert ours == {at: re.sub(r" <\S+>$", "", said) for at, said in expected.items()}


# Graphs


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
@pytest.mark.parametrize("body", test_insn.BODIES, ids=lambda body: body.__name__)
def test_the_graph_has_the_edges_of_the_control_flow(kernel, bpflens, body):
    made = of_body(kernel, body)
    stream = xlatedreader.xlated(made.fd)
    starts = xlatedreader.functions(stream)
    expected = xlatedreader.control_flow(stream)
    assert xlatedreader.drawn(bpflens("prog", "dump", "xlated", "id", made.id, "visual").stdout, starts) == expected
    assert xlatedreader.drawn_by_mermaid(bpflens("prog", "dump", "xlated", "id", made.id, "mermaid").stdout, starts) == expected


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_the_graph_of_what_clang_makes_has_the_edges_of_the_control_flow(compiled, kernel, bpflens):
    for path in compiled.values():
        stream = xlatedreader.xlated(kernel.keep(bpf.obj_get(path)))
        starts, expected = xlatedreader.functions(stream), xlatedreader.control_flow(stream)
        assert len(expected) >= 1
        for words in ((), ("opcodes",), ("linum", "names")):
            assert xlatedreader.drawn(bpflens("prog", "dump", "xlated", "pinned", path, "visual", *words).stdout, starts) == expected
        assert xlatedreader.drawn_by_mermaid(bpflens("prog", "dump", "xlated", "pinned", path, "mermaid").stdout, starts) == expected


def dot(text):
    """The text as Graphviz understands it; skipped without it."""
    if not shutil.which("dot"):
        pytest.skip("needs graphviz")
    done = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True)
    assert done.returncode == 0 and "rror" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_graphviz_accepts_the_graph(compiled, kernel, bpflens):
    strange = Described(kernel, three_functions, LINES)
    for handle in (("pinned", compiled["x_main"]), ("id", strange.id)):
        text = bpflens("prog", "dump", "xlated", *handle, "visual", "linum", "opcodes").stdout
        nodes = len(re.findall(r"^\tfn_\d+_bb_\d+ \[", text, re.M))
        assert len(re.findall(r"^node ", dot(text), re.M)) == nodes


def loops():
    return [bpf.mov(6, 0), bpf.helper(7), bpf.insn(0x15, 0, 0, 3, 5), bpf.insn(0x18, 1, imm=1) + bpf.insn(0, imm=2), bpf.mov(3, 1),
            bpf.add(6, 1), bpf.insn(0xa5, 6, 0, -2, 10), bpf.insn(0xb5, 0, 0, 1, 5), bpf.mov(7, 1), bpf.insn(0x15, 0, 0, 0, 9)]


# One function without a call of a long name: there bpftool draws it right
@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
@pytest.mark.parametrize("words", [("visual",), ("visual", "opcodes"), ("opcodes", "linum", "visual")], ids=" ".join)
def test_the_graph_of_one_function_is_drawn_as_bpftool_does(kernel, bpflens, peer, words):
    names = ["a" * n + "/" + "b" * (size - n - 1) for size in (32, 33, 34, 35, 40) for n in range(6)]
    names += ["d" * 10 + "/eee/" + "f" * n for n in range(20, 40, 3)] + ["x" * 40, "ab cd.c", "q/" * 20 + "z.c"]
    lines = [(0, n, name, "x < {y} | \"z\"" if n % 5 else "", n + 1, n) for n, name in enumerate(names)]

    body = [bpf.mov(0, n) for n in range(len(names))]
    types = btf.Btf()
    function = types.function("first", types.int("int", 4, signed=True))
    infos = [(at, types.string(file), types.string(text), line << 10 | column) for _, at, file, text, line, column in lines]
    described = kernel.prog("socket_filter", [*body, bpf.insn(0x15, 0, 0, 0, 5), *bpf.returning(0)], btf_fd=kernel.keep(types.load()),
                            func_info=[(0, function)], line_info=infos)
    for made in (kernel.prog("socket_filter", loops() + bpf.returning(0)), described):
        theirs = peer.run("prog", "dump", "xlated", "id", made.id, *words)
        assert theirs.rc == 0
        assert bpflens("prog", "dump", "xlated", "id", made.id, *words).stdout == theirs.stdout


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_each_function_of_a_graph_has_its_own_prototype_and_source(kernel, bpflens):
    made = Described(kernel, three_functions, LINES)
    clusters = re.split(r"^subgraph ", bpflens("prog", "dump", "xlated", "id", made.id, "visual").stdout, flags=re.M)[1:]
    texts = [re.sub(r"\\(?!l)", "", cluster) for cluster in clusters]
    assert len(texts) == 3
    for text, (name, source) in zip(texts, [("int first(struct skb_like * skb)", "third();"), ("int second()", "int second(void)"),
                                            ("int third(...)", 'third { "x" <y> | & ')]):
        assert f"; {name}:\\l" in text and f"; {source}" in text
    assert "first" not in texts[1] and "second" not in texts[2]


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_a_graph_keeps_the_text_of_an_instruction_whole(kernel, bpflens):
    name = "a_subprogram_with_quite_a_long_name_of_which_nothing_must_be_cut_off"
    made = Described(kernel, lambda made: [("first", made.int, []), (name, made.int, [])], [])
    assert re.search(rf"call pc\+\d+#bpf_prog_[0-9a-f]+_{name}\\l\\\n", bpflens("prog", "dump", "xlated", "id", made.id, "visual").stdout)


# Files


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_a_file_gets_the_bytes_and_is_for_its_owner_alone(kernel, bpflens, tmp_path):
    made = kernel.prog("xdp", name=unique("xf"))
    path = tmp_path / "out"
    result = bpflens("prog", "dump", "xlated", "id", made.id, "file", str(path))
    assert (result.out, result.err) == (b"", b"")
    assert path.read_bytes() == xlatedreader.xlated(made.fd)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert bpflens("-j", "prog", "dump", "xlated", "id", made.id, "file", str(path)) is None
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_a_file_that_is_there_is_replaced_and_keeps_its_rights_and_its_links(kernel, bpflens, tmp_path):
    made = kernel.prog("xdp")
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(bytes(10000))
    real.chmod(0o640)
    os.symlink("real", link)
    bpflens("prog", "dump", "xlated", "id", made.id, "file", str(link))
    assert link.is_symlink() and real.read_bytes() == xlatedreader.xlated(made.fd)
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_a_pipe_is_written_to(kernel, bpflens):
    made = kernel.prog("xdp")
    assert bpflens("prog", "dump", "xlated", "id", made.id, "file", "/dev/stdout").out == xlatedreader.xlated(made.fd)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    bpflens("prog", "dump", "xlated", "id", made.id, "file", "/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
@pytest.mark.parametrize("call, error", [("write", "ENOSPC"), ("close", "EIO"), ("rename,renameat,renameat2", "EACCES"), ("fchmod", "EPERM")])
def test_a_file_that_cannot_be_written_is_as_it_was(kernel, bpflens, tmp_path, call, error):
    made, path = kernel.prog("xdp"), tmp_path / "out"
    words = ("prog", "dump", "xlated", "id", made.id, "file", str(path))
    path.write_bytes(b"old")
    whole, trace = bpflens.traced(*words, calls=call)
    assert whole.rc == 0 and path.read_bytes() != b"old"
    failures = 0
    for count in range(1, len(trace) + 1):
        path.write_bytes(b"old")
        result, trace = bpflens.traced(*words, calls=call, inject=f"{call}:error={error}:when={count}")
        if result.rc == 1:
            failures += 1
            assert path.read_bytes() == b"old" and str(path) in result.stderr
        assert os.listdir(tmp_path) == ["out"]
    assert failures


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
@pytest.mark.parametrize("path, why", [("/nowhere/out", "No such file"), ("/", "Is a directory"), ("/proc/version", "No such file")])
def test_a_path_that_cannot_be_written_is_an_error_with_its_name(kernel, bpflens, path, why):
    result = bpflens.run("prog", "dump", "xlated", "id", kernel.prog().id, "file", path)
    assert result.rc == 1 and path in result.stderr and why in result.stderr


# Several programs


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_several_programs_of_a_name_or_tag_are_dumped_as_bpftool_does(kernel, bpflens, peer):
    name = unique("xs")
    one = kernel.map("array", 4, 8, max_entries=1)
    body = [bpf.load_map(1, one.fd), bpf.helper(5), bpf.helper(8)]
    twins = [kernel.prog("xdp", [*body, bpf.mov(6, n)] + bpf.returning(2), name=name) for n in (1, 2, 2)]
    tag = bytes(bpf.info(twins[2].fd, bpf.ProgInfo()).tag).hex()
    for handle in (("name", name), ("tag", tag)):
        compare_several(bpflens, peer, handle)
    flat = bpflens("-o", "json", "prog", "dump", "xlated", "name", name)
    assert [one["prog_id"] for one in flat] == sorted(one["prog_id"] for one in flat)
    assert {one["prog_id"] for one in flat} == {twin.id for twin in twins}
    for words in (("visual",), ("mermaid",), ("file", "/nowhere/x")):
        result = bpflens.run("prog", "dump", "xlated", "name", name, *words)
        assert result.rc == 2 and "several programs match" in result.stderr and str(twins[1].id) in result.stderr


def compare_several(bpflens, peer, handle):
    theirs, ours = (which.run("prog", "dump", "xlated", *handle, "opcodes") for which in (peer, bpflens))
    assert ours.stdout == theirs.stdout and ours.err == b""
    theirs, ours = (which.run("-j", "prog", "dump", "xlated", *handle) for which in (peer, bpflens))
    assert as_peer(ours.json) == theirs.json
    assert all("insns" in one and "id" in one for one in ours.json)


def opened(trace, path):
    return sum(f'"{path}"' in line for line in trace)


def test_symbols_are_read_once_for_all_programs_and_not_at_all_without_need(kernel, bpflens):
    name, other = unique("xk"), unique("xn")
    for n in range(5):
        kernel.prog("xdp", [bpf.helper((5, 8, 7, 125, 42)[n]), bpf.mov(6, n)] + bpf.returning(2), name=name)
    subprograms = kernel.prog("xdp", test_insn.subprograms() + bpf.returning(2), name=other)
    for form in ([], ["-j"], ["-o", "json"]):
        result, trace = bpflens.traced(*form, "prog", "dump", "xlated", "name", name, calls="openat")
        assert result.rc == 0 and opened(trace, "/proc/kallsyms") == 1
        assert "call bpf_ktime_get_ns#" in result.stdout
        result, trace = bpflens.traced(*form, "prog", "dump", "xlated", "id", subprograms.id, calls="openat")
        assert result.rc == 0 and trace and opened(trace, "/proc/kallsyms") == 0


# Rights, and words


def hides_symbols():
    done = subprocess.run([*NO_SYSLOG, "sh", "-c", "head -n 1000 /proc/kallsyms | tail -1"], capture_output=True, text=True)
    return done.stdout.startswith("0000000000000000 ")


def test_without_the_right_to_see_addresses_the_dump_is_bpftools_and_a_note_says_why(compiled, kernel, bpflens, peer, nobody):
    if not hides_symbols():
        pytest.skip("this kernel hides no addresses from root without CAP_SYSLOG")
    handle = ("pinned", compiled["x_main"])
    theirs = peer.run("prog", "dump", "xlated", *handle, before=NO_SYSLOG)
    ours = bpflens.run("prog", "dump", "xlated", *handle, before=NO_SYSLOG)
    assert (ours.rc, ours.stdout) == (0, theirs.stdout)
    assert ours.stderr.count("note: ") == 1 and "CAP_SYSLOG" in ours.stderr and "kptr_restrict" in ours.stderr
    document = bpflens.run("-j", "prog", "dump", "xlated", *handle, before=NO_SYSLOG)
    assert document.rc == 0 and document.err == b""
    expected = xlatedreader.functions(xlatedreader.xlated(kernel.keep(bpf.obj_get(handle[1]))))
    assert {one["target"] for one in document.json if "call pc" in one["disasm"]} <= set(expected)


def test_who_may_not_see_instructions_is_told_what_it_takes(kernel, public, nobody):
    path = kernel.pin(kernel.prog("socket_filter"), mode=0o644)
    for words in ((), ("visual",), ("file", "/tmp/never_made")):
        result = public.run("prog", "dump", "xlated", "pinned", path, *words, before=nobody)
        assert result.rc == 1 and result.out == b""
        assert "read instructions: Operation not permitted" in result.stderr and "CAP_BPF" in result.stderr
    result = public.run("-j", "prog", "dump", "xlated", "pinned", path, before=nobody)
    assert result.rc == 1 and "CAP_BPF" in json.dumps(parse_json(result.out))
    assert not os.path.exists("/tmp/never_made")


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_words_that_do_not_go_together_are_refused_as_bpftool_does(kernel, bpflens, as_bpftool, peer, tmp_path):
    number = kernel.prog().id
    for words in (("file", "/nowhere/x", "opcodes"), ("opcodes", "file", "/nowhere/x"), ("file", "/nowhere/x", "visual"),
                  ("linum", "file", "/nowhere/x")):
        theirs, ours = (which.run("prog", "dump", "xlated", "id", number, *words) for which in (peer, as_bpftool))
        assert ours.rc == theirs.rc == 255
        assert "'file' is not compatible with 'opcodes', 'visual', or 'linum'" in ours.stderr
    theirs, ours = (which.run("-j", "prog", "dump", "xlated", "id", number, "visual") for which in (peer, as_bpftool))
    assert ours.json == theirs.json and ours.rc == theirs.rc
    for words in (("visual", "mermaid"), ("file", "x", "names"), ("syntax", "nosuch"), ("syntax",), ("file",), ("nosuch",), ("opcodes", "opcodes")):
        assert bpflens.run("prog", "dump", "xlated", "id", number, *words).rc == 2
    for form in ("json", "jsonl", "table", "tsv"):
        assert bpflens.run("-o", form, "prog", "dump", "xlated", "id", number, "mermaid").rc == 2
    result = bpflens.run("prog", "dump", "nosuch", "id", number)
    assert result.rc == 2 and "expected 'xlated'" in result.stderr and "got: nosuch" in result.stderr


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_words_may_be_shortened_and_come_in_any_order(kernel, bpflens):
    made = kernel.prog("xdp", loops() + bpf.returning(2))
    whole = bpflens("prog", "dump", "xlated", "id", made.id, "opcodes", "linum").stdout
    assert bpflens("p", "d", "x", "id", made.id, "l", "op").stdout == whole
    assert bpflens("prog", "dump", "xlated", "id", made.id, "syntax", "k", "op").stdout == whole


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
def test_a_handle_that_fits_nothing_is_an_error_and_one_document(bpflens):
    for handle in (("name", "no_such_program"), ("tag", "0011223344556677"), ("id", 4294967295), ("pinned", "/nowhere/x")):
        assert bpflens.run("prog", "dump", "xlated", *handle).rc == 1
        result = bpflens.run("-j", "prog", "dump", "xlated", *handle)
        assert result.rc == 1 and "error" in json.dumps(result.json)


@pytest.mark.slow_in_vm(reason="forms, words and files; the kernel gives the same instructions")
@pytest.mark.parametrize("form, more", [([], []), (["-j"], ["linum"]), (["-o", "json"], []), ([], ["visual"]), ([], ["mermaid", "names"])])
def test_a_program_of_which_a_call_fails_is_an_error(compiled, bpflens, form, more):
    words = ("prog", "dump", "xlated", "pinned", compiled["x_main"], *more)
    _, trace = bpflens.traced(*form, *words)
    whole = bpflens.run(*form, *words)
    for count in range(1, len(trace) + 1):
        for error in ("EPERM", "ENOMEM"):
            result, _ = bpflens.traced(*form, *words, inject=f"bpf:error={error}:when={count}")
            assert result.rc in (0, 1)
            if form[:1] == ["-j"] or form[1:] == ["json"]:
                parse_json(result.out or b"null\n")
            if result.rc == 0 and not form and not more:  # types could not be read: then they are missing, and that is told
                assert result.out == whole.out or "its types could not be read" in result.stderr
