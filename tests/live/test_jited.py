# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog dump jited and prog dump both: beside objdump, beside a second reader, and withheld."""
import os
import re
import stat

import bpf
import jitedreader
import progzoo
import pytest
from maker import unique
from runner import parse_json

NEW_KEYS = ["target", "target_name"]
NO_SYSLOG = ["setpriv", "--bounding-set", "-syslog", "--inh-caps", "-syslog", "--"]


@pytest.fixture(autouse=True)
def disassembles(bpflens):
    if not jitedreader.has_disassembler(bpflens):
        pytest.skip("needs a build with libbfd")


def compare(bpflens, made):
    """Text and JSON are objdump's, function by function; what is called has kallsyms' name."""
    funcs, _ = jitedreader.funcs(made.fd)
    text = bpflens("prog", "dump", "jited", "id", made.id, "opcodes").stdout
    records = bpflens("-o", "json", "prog", "dump", "jited", "id", made.id, "opcodes")
    document = bpflens("-j", "prog", "dump", "jited", "id", made.id, "opcodes")
    symbols = jitedreader.Symbols()
    plain = jitedreader.parse(text)
    assert len(plain) == len(document) == len(funcs)
    for (_, name, insns, _), function, func in zip(plain, document, funcs):
        expected = jitedreader.objdump(func)
        assert [(at, data, jitedreader.bare(shown)) for at, data, shown in insns] == expected
        assert function["name"] == name
        if func.address in symbols:
            assert name in symbols[func.address]
        mine = [record for record in records if record["name"] == name]
        assert [(one["pc"], bytes.fromhex(one["opcodes"]), one["disasm"]) for one in mine] == expected
        assert [int(one["pc"], 16) for one in function["insns"]] == [at for at, _, _ in expected]
        for one, flat, (_, data, shown) in zip(function["insns"], mine, expected):
            operands = [] if one["operands"] == [None] else one["operands"]
            assert (one["operation"], operands) == (flat["operation"], flat["operands"])
            assert " ".join([one["operation"], ",".join(operands)]).rstrip() == jitedreader.joined(shown)
            assert bytes(int(byte, 16) for byte in one["opcodes"]) == data
            check_target(one, shown, func, name, symbols)


def check_target(record, shown, func, name, symbols):
    found = re.search(r"(?:^|[ #])(0x[0-9a-f]{8,})$", shown)
    assert record.get("target") == (found and found[1])
    if not found:
        return
    target = int(found[1], 16)
    if 0 <= target - func.address < len(func.code):
        assert record["target_name"] == name + (f"+{target - func.address:#x}" if target > func.address else "")
    elif target in symbols:
        assert record["target_name"] in symbols[target]


@pytest.mark.parametrize("kind", progzoo.TYPES)
def test_a_program_of_every_type_is_as_objdump_shows_it(kernel, bpflens, kind):
    compare(bpflens, progzoo.make(kernel, kind))


def test_functions_of_a_program_come_with_the_names_that_the_kernel_lists(kernel, bpflens):
    made = kernel.named_prog("the_first_of_several_functions", functions=4)
    compare(bpflens, made)
    names = [one["name"] for one in bpflens("-j", "prog", "dump", "jited", "id", made.id)]
    assert [name.split("_", 3)[3] for name in names] == ["the_first_of_several_functions", "part_1", "part_2", "part_3"]
    protos = [one["proto"] for one in bpflens("-j", "prog", "dump", "jited", "id", made.id)]
    assert protos == [f"int {name.split('_', 3)[3]}()" for name in names]
    calls = [insn["target_name"] for insn in bpflens("-j", "prog", "dump", "jited", "id", made.id)[0]["insns"] if insn["operation"] == "call"]
    assert calls[:3] == names[1:]


def test_functions_without_types_are_told_apart(kernel, bpflens):
    code = [bpf.call_next(2), *bpf.returning(0), *bpf.returning(3)]
    compare(bpflens, kernel.prog("socket_filter", code, name="two_parts"))


def calling(number):
    return [bpf.helper(number), *bpf.returning(0)]


def test_what_is_called_has_the_name_of_kallsyms(kernel, bpflens):
    made = kernel.prog("socket_filter", calling(5), name="asks_time")
    insns = bpflens("-j", "prog", "dump", "jited", "id", made.id)[0]["insns"]
    names = [one["target_name"] for one in insns if one["operation"] == "call"]
    assert "bpf_ktime_get_ns" in names
    text = bpflens("prog", "dump", "jited", "id", made.id).stdout
    assert re.search(r"\tcall\s+0x[0-9a-f]{16} <bpf_ktime_get_ns>\n", text)


# Shapes


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
def test_json_has_bpftools_keys_and_new_ones_at_the_end(kernel, bpflens):
    made = kernel.named_prog(unique("jk"), functions=2)
    document = bpflens("-j", "prog", "dump", "jited", "id", made.id)
    assert [list(one) for one in document] == [["proto", "name", "insns"]] * 2
    for insn in (insn for one in document for insn in one["insns"]):
        assert list(insn) in (["pc", "operation", "operands"], ["pc", "operation", "operands", *NEW_KEYS])
    assert document[1]["insns"][-1]["operands"] and document[0]["insns"][0]["pc"] == "0x0"
    assert any(one["operands"] == [None] for one in document[1]["insns"]), "leave has none"


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
def test_several_programs_of_one_name_have_headers(kernel, bpflens):
    name = unique("jt")
    made = progzoo.twins(kernel, name)
    text = bpflens("prog", "dump", "jited", "name", name).stdout
    parts = re.split(r"^(?=\d+: )", text, flags=re.M)[1:]
    assert [int(part.split(":")[0]) for part in parts] == [one.id for one in made]
    for part, one in zip(parts, made):
        assert part.split("\n", 1)[1].rstrip("\n") == bpflens("prog", "dump", "jited", "id", one.id).stdout.rstrip("\n")
    document = bpflens("-j", "prog", "dump", "jited", "name", name)
    assert [one["id"] for one in document] == [one.id for one in made]
    for whole, one in zip(document, made):
        assert list(whole)[-1] == "insns" and whole["insns"] == bpflens("-j", "prog", "dump", "jited", "id", one.id)
    records = bpflens("-o", "json", "prog", "dump", "jited", "name", name)
    assert {one["prog_id"] for one in records} == {one.id for one in made}


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
@pytest.mark.parametrize("what", ["jited", "both"])
def test_symbols_are_read_once_for_a_hundred_programs(kernel, bpflens, what):
    name = unique("jh")
    for _ in range(100):
        kernel.prog("socket_filter", calling(5), name=name)
    result, trace = bpflens.traced("prog", "dump", what, "name", name, calls="openat,open")
    assert result.rc == 0 and result.stdout.count("<bpf_ktime_get_ns>") == 100
    assert sum("/proc/kallsyms" in line for line in trace) == 1


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
def test_symbols_are_read_only_where_something_is_called(kernel, bpflens):
    made = kernel.prog("socket_filter", bpf.returning(0), name="calls_nothing")
    insns = bpflens("-j", "prog", "dump", "jited", "id", made.id)[0]["insns"]
    calls = any(one.get("target") for one in insns)  # some kernels have programs return by a function of theirs
    _, trace = bpflens.traced("prog", "dump", "jited", "id", made.id, calls="openat,open")
    assert sum("/proc/kallsyms" in line for line in trace) == calls


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
def test_the_file_has_the_bytes_and_nothing_is_printed(kernel, bpflens, tmp_path):
    made = kernel.named_prog(unique("jf"), functions=3)
    path = tmp_path / "code"
    path.write_bytes(b"old" * 1000)
    result = bpflens("prog", "dump", "jited", "id", made.id, "file", path)
    assert (result.out, path.read_bytes()) == (b"", b"".join(func.code for func in jitedreader.funcs(made.fd)[0]))
    other = tmp_path / "other"
    assert bpflens("-j", "prog", "dump", "jited", "id", made.id, "file", other) is None
    assert stat.S_IMODE(other.stat().st_mode) == 0o600
    failed = bpflens.run("prog", "dump", "jited", "id", made.id, "file", tmp_path / "no" / "where")
    assert failed.rc == 1 and sorted(os.listdir(tmp_path)) == ["code", "other"]


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
@pytest.mark.parametrize("words", [["jited", "visual"], ["jited", "mermaid"], ["jited", "names"], ["jited", "syntax", "asm"],
                                   ["both", "visual"], ["both", "file", "x"], ["both", "syntax", "asm"], ["jited", "file", "x", "opcodes"]])
def test_words_that_mean_nothing_here_are_refused(kernel, bpflens, words):
    made = kernel.prog("xdp")
    result = bpflens.run("prog", "dump", words[0], "id", made.id, *words[1:])
    assert result.rc == 2 and "is not compatible with" in result.error
    assert not os.path.exists("x")


# Source lines


@pytest.fixture
def described(kernel):
    from test_xlated import LINES, Described, three_functions
    made = Described(kernel, three_functions, LINES)
    made.lines = LINES
    return made


def test_source_lines_stand_where_the_kernel_says(described, bpflens):
    funcs, addresses = jitedreader.funcs(described.fd)
    assert len(addresses) == len(described.lines)
    text = jitedreader.parse(bpflens("prog", "dump", "jited", "id", described.id, "linum").stdout)
    for index, (func, (proto, _, _, shown)) in enumerate(zip(funcs, text)):
        expected = {}
        for address, (of, _, file, source, line, column) in zip(addresses, described.lines):
            if of == index:
                expected.setdefault(address - func.address, []).append(f"{source.strip()} [file:{file} line_num:{line} line_col:{column}]")
        assert shown == expected
        assert proto.startswith("int ")
    records = bpflens("-o", "json", "prog", "dump", "jited", "id", described.id, "linum")
    assert [one["line_num"] for one in records if "line_num" in one] == [line for *_, line, _ in described.lines if line]


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
def test_both_shows_each_instruction_once_by_its_line(described, bpflens):
    records = bpflens("-o", "json", "prog", "dump", "both", "id", described.id, "opcodes")
    xlated = bpflens("-o", "json", "prog", "dump", "xlated", "id", described.id, "opcodes")
    jited = bpflens("-o", "json", "prog", "dump", "jited", "id", described.id, "opcodes")
    assert [(one["insn"], one["disasm"], one["opcodes"]) for part in records for one in part["xlated"]] == \
        [(one["insn"], one["disasm"], one["opcodes"]) for one in xlated]
    assert [(part["name"], one["pc"], one["disasm"], one["opcodes"]) for part in records for one in part["jited"]] == \
        [(one["name"], one["pc"], one["disasm"], one["opcodes"]) for one in jited]
    assert [(part["src"], part["file"]) for part in records] == [(source.strip(), file) for _, _, file, source, _, _ in described.lines]
    slots = [described.starts[func] + at for func, at, *_ in described.lines]
    funcs, addresses = jitedreader.funcs(described.fd)
    for part, slot, address, (func, *_) in zip(records, slots, addresses, described.lines):
        assert not part["xlated"] or part["xlated"][0]["insn"] == slot
        assert not part["jited"] or part["jited"][0]["pc"] == address - funcs[func].address


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
def test_both_as_text_has_what_the_other_two_have(described, bpflens):
    text = bpflens("prog", "dump", "both", "id", described.id, "linum").stdout
    xlated = bpflens("prog", "dump", "xlated", "id", described.id, "linum").stdout
    jited = bpflens("prog", "dump", "jited", "id", described.id, "linum").stdout
    assert [line for line in text.splitlines() if re.match(r" *\d+: \(", line)] == [line for line in xlated.splitlines() if re.match(r" *\d+: \(", line)]
    assert [line[1:] for line in text.splitlines() if line.startswith("\t")] == [line for line in jited.splitlines() if re.match(r" *[0-9a-f]+:\t", line)]
    assert [line for line in text.splitlines() if line.startswith("; ")] == [line for line in xlated.splitlines() if line.startswith("; ")]


def test_both_without_lines_goes_by_function(kernel, bpflens):
    with_types = kernel.named_prog(unique("jb"), functions=3)
    records = bpflens("-o", "json", "prog", "dump", "both", "id", with_types.id)
    assert [[one["insn"] for one in part["xlated"]] for part in records] == [[0, 1, 2, 3], [4, 5], [6, 7]]
    assert all(part["jited"][0]["pc"] == 0 and "src" not in part for part in records)
    without = kernel.prog("socket_filter", [bpf.call_next(2), *bpf.returning(0), *bpf.returning(3)], name="two_parts")
    records = bpflens("-o", "json", "prog", "dump", "both", "id", without.id)
    assert [[one["insn"] for one in part["xlated"]] for part in records] == [[0, 1, 2], [3, 4]]


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
@pytest.mark.parametrize("kind", progzoo.TYPES)
def test_both_of_every_type_has_all_instructions(kernel, bpflens, kind):
    made = progzoo.make(kernel, kind)
    jitedreader.funcs(made.fd)
    records = bpflens("-j", "prog", "dump", "both", "id", made.id)
    assert [one["insn"] for part in records for one in part["xlated"]] == \
        [one["insn"] for one in bpflens("-j", "prog", "dump", "xlated", "id", made.id)]
    assert sum(len(part["jited"]) for part in records) == \
        sum(len(one["insns"]) for one in bpflens("-j", "prog", "dump", "jited", "id", made.id))


# Withheld


@pytest.mark.parametrize("what", ["jited", "both"])
@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "json"]], ids=" ".join)
def test_without_syslog_the_hint_says_what_hides_the_code(kernel, bpflens, form, what):
    if not jitedreader.hidden_without_syslog():
        pytest.skip("this kernel hides no addresses")
    made = kernel.prog("xdp", name="withheld")
    jitedreader.funcs(made.fd)
    result = bpflens.run(*form, "prog", "dump", what, "id", made.id, before=NO_SYSLOG)
    assert result.rc == 1 and result.error == f"prog {made.id}: read machine code: Operation not permitted"
    said = result.stdout + result.stderr
    assert "CAP_SYSLOG is needed" in said and ("kernel.kptr_restrict" in said or "kernel.perf_event_paranoid" in said)


@pytest.mark.slow_in_vm(reason="forms and words; the kernel gives the same bytes")
def test_settings_are_read_only_where_something_is_missing(kernel, bpflens):
    made = kernel.prog("xdp", name="all_told")
    _, trace = bpflens.traced("prog", "dump", "jited", "id", made.id, calls="openat,open")
    assert not any("/proc/sys" in line for line in trace)


def test_without_rights_on_programs_the_hint_names_the_capability(kernel, public, nobody):
    made = kernel.prog("xdp", name="for_some")
    path = kernel.pin(made, mode=0o644)
    os.chmod(os.path.dirname(path), 0o755)
    result = public.run("prog", "dump", "jited", "pinned", path, before=nobody)
    assert result.rc == 1
    assert "CAP_BPF" in result.stderr or "search permission" in result.stderr


def test_one_of_several_that_is_withheld_ends_nothing(kernel, bpflens):
    if not jitedreader.hidden_without_syslog():
        pytest.skip("this kernel hides no addresses")
    name = unique("jw")
    made = progzoo.twins(kernel, name)
    result = bpflens.run("-j", "prog", "dump", "jited", "name", name, before=NO_SYSLOG)
    assert result.rc == 1
    document = parse_json(result.out)
    assert [one["id"] for one in document if "id" in one] == [one.id for one in made]
