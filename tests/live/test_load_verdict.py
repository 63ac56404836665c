# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog load: why a program was not loaded. Each program of objects/refused.c has a fault that was put there."""
import os
import re
import shutil
import subprocess

import pytest
import watching
from test_insn import llvm  # noqa: F401 - a fixture

SOURCE = os.path.join(os.path.dirname(__file__), "objects", "refused.c")
MARK = "/* fault */"

# What is wrong with each, as the table of causes calls it; the line that is marked is the one to be shown.
MARKED = {
    "null_pointer": "null-pointer", "null_argument": "null-pointer", "packet_bounds": "packet-bounds",
    "map_bounds": "unbounded", "negative_index": "unbounded", "size_unknown": "unbounded", "size_negative": "unbounded",
    "map_range": "map-bounds", "map_fixed": "map-bounds", "register_unset": "register-unset", "no_result": "no-result",
    "wrong_result": "return-value", "context_place": "context", "context_write": "context", "alignment": "context",
    "modified": "context", "reference": "reference", "reserved": "reference", "released_twice": "argument",
    "released_foreign": "release", "argument": "argument", "helper_licence": "licence", "helper_unknown": "helper-missing",
    "kfunc_weak": "kfunc-missing", "core_field": "core-relocation", "pointer_sum": "pointer-arithmetic",
    "stack_outside": "stack-bounds", "scalar": "not-a-pointer", "frame": "frame-pointer", "map_type": "map-type",
    "read_only": "read-only", "lock_call": "lock",
}
# The verifier stops before it has looked at instructions, or where more than one line would be right.
UNMARKED = {
    "lock_kept": "lock", "loop": "loop", "deep_stack": "stack-size", "deep_calls": "call-depth", "unreachable": "shape",
    "fall_off": "shape", "core_type": "core-relocation",
}
# The loader finds these, and asks the kernel nothing; words that the verdict must have.
BEFORE = {
    "kfunc_missing": ("kfunc-missing", "no_such_kernel_function"),
    "ksym_missing": ("ksym-missing", "no_such_kernel_variable"),
    "kconfig_missing": ("kconfig-missing", "CONFIG_NO_SUCH_THING"),
    "attach_missing": ("attach-target", "no_such_kernel_function"),
}


@pytest.fixture(scope="session")
def refused(llvm, tmp_path_factory):  # noqa: F811
    """refused(NAME): the object of one program of refused.c."""
    folder, made = tmp_path_factory.mktemp("refused"), {}

    def make(name):
        if name not in made:
            made[name] = str(folder / (name + ".o"))
            subprocess.run([llvm["clang"], "-O2", "-g", "-target", "bpfel", "-mcpu=v3", "-D" + name, "-c", SOURCE, "-o", made[name]], check=True)
        return made[name]
    return make


@pytest.fixture
def verdict(bpflens, kernel, refused):
    """verdict(NAME): the record of a load that fails, and of which nothing is left."""
    def load(name):
        before = watching.objects(), sorted(os.listdir(kernel.bpffs))
        done = bpflens.run("-o", "json", "prog", "load", refused(name), os.path.join(kernel.bpffs, "refused"))
        assert done.rc == 1, done
        assert sorted(os.listdir(kernel.bpffs)) == before[1]
        watching.assert_gone(before[0])
        [record] = done.json
        assert done.error.startswith("failed to load object file: ")
        return record
    return load


def line(number):
    with open(SOURCE) as file:
        return file.read().splitlines()[number - 1]


def check_log(record):
    """What is told of the instruction is what the log says of it."""
    assert f"\n{record['insn']}: {record['disasm']}" in "\n" + record["log"]
    for one in record.get("registers", []):
        if "state" in one:
            assert re.search(rf"R{one['register']}(_[a-z]*)?={re.escape(one['state'])}", record["log"]), one
    for message in record["message"].splitlines():
        assert message in record["log"]


@pytest.mark.parametrize("name", MARKED)
def test_a_fault_is_told_with_its_cause_and_its_line(verdict, name):
    record = verdict(name)
    assert record["cause"] == MARKED[name], record
    assert MARK in line(record["line_num"]) and record["src"] == line(record["line_num"]).strip()
    assert os.path.basename(record["file"]) == "refused.c"
    assert record["program"] == "refuse" and record["verdict"].startswith("the program ") and "%" not in record["verdict"]
    check_log(record)


@pytest.mark.parametrize("name", UNMARKED)
def test_a_fault_of_the_whole_program_is_told_with_its_cause(verdict, name):
    record = verdict(name)
    assert record["cause"] == UNMARKED[name], record


@pytest.mark.parametrize("name", BEFORE)
def test_what_the_loader_does_not_find_is_named(verdict, name):
    record = verdict(name)
    cause, word = BEFORE[name]
    assert record["cause"] == cause and word in record["verdict"], record


@pytest.mark.slow_in_vm(reason="a hundred thousand instructions to verify")
def test_a_program_that_takes_too_long_to_verify_is_told_with_how_long(verdict):
    record = verdict("many_jumps")
    assert record["cause"] == "too-complex" and record["insns_processed"] > 10000
    assert re.search(rf"^processed {record['insns_processed']} insns \(limit {record['insn_limit']}\)", record["log"], re.M)


def test_a_helper_of_other_types_of_programs_is_named(verdict):
    record = verdict("helper_type")
    assert record["cause"] in ("helper-type", "sleepable") and "bpf_copy_from_user" in record["disasm"]


def test_a_pointer_that_may_be_null_is_told_with_its_register(verdict):
    record = verdict("null_argument")
    assert "R2" in record["verdict"] and "NULL" in record["hint"]


def test_a_register_has_what_the_verifier_knew_of_it(verdict):
    record = verdict("map_range")
    [register] = [one for one in record["registers"] if one["register"] == 0]
    assert register["state"].startswith("map_value(") and "80" in register["state"]  # 4 times 20
    assert register["text"] == "pointer to a value of a map"


def test_what_was_not_released_is_told_with_where_it_was_taken(verdict):
    record = verdict("reserved")
    assert "bpf_ringbuf_reserve(" in record["origin_src"]
    assert f"instruction {record['origin_insn']}" in record["verdict"]


@pytest.mark.parametrize("name,relocation", [("core_field", "struct task_struct.no_such_member"),
                                             ("core_type", "struct no_such_struct.inner.second[2]")])
def test_a_relocation_that_found_nothing_is_named(verdict, name, relocation):
    record = verdict(name)
    assert record["relocation"] == relocation and relocation in record["verdict"]


# Forms


def load_null(bpflens, kernel, refused, *options, words=()):
    return bpflens.run(*options, "prog", "load", refused("null_pointer"), os.path.join(kernel.bpffs, "refused"), *words)


def test_text_is_the_sentence_the_line_the_instruction_and_the_kernels_words(bpflens, kernel, refused):
    done = load_null(bpflens, kernel, refused)
    lines = done.stderr.splitlines()
    assert done.rc == 1 and done.stdout == "" and len(lines) <= 8
    assert lines[0] == "refuse: the program reads or writes through R0 without a check for NULL"
    assert re.fullmatch(r"  (.*/)?refused\.c:\d+: value->n = 1; /\* fault \*/", lines[1])
    assert re.fullmatch(r"  \d+: \(63\) \*\(u32 \*\)\(r0 \+0\) = r\d", lines[2])
    assert "  kernel: R0 invalid mem access 'map_value_or_null'" in lines
    assert lines[-2].startswith("Error: failed to load object file") and lines[-1].startswith("  hint: compare it with NULL")


def test_bpftools_json_has_the_verdict_beside_the_error(bpflens, kernel, refused):
    done = load_null(bpflens, kernel, refused, "-j")
    assert set(done.json) == {"verdict", "error", "hint"}
    assert done.error.startswith("failed to load object file") and done.json["verdict"]["cause"] == "null-pointer"
    assert done.json["verdict"]["log"].splitlines()[-1].startswith("processed ")


def test_in_a_batch_the_verdict_stands_in_its_commands_document(bpflens, kernel, refused, tmp_path):
    file = tmp_path / "batch"
    file.write_text(f"prog load {refused('null_pointer')} {kernel.bpffs}/refused\nprog show\n")
    done = bpflens.run("-j", "batch", "file", file)
    assert done.rc == 1 and done.json[0]["output"]["verdict"]["cause"] == "null-pointer", done


def test_a_table_has_no_rows_and_the_verdict_is_text(bpflens, kernel, refused):
    done = load_null(bpflens, kernel, refused, "-o", "table")
    assert done.rc == 1 and done.stdout == "" and done.stderr.startswith("refuse: the program reads or writes")


def test_the_log_goes_into_a_file_as_it_is(bpflens, kernel, refused, tmp_path):
    path = tmp_path / "log"
    done = load_null(bpflens, kernel, refused, "-j", words=("log", path))
    assert done.rc == 1 and path.read_text() == done.json["verdict"]["log"]
    assert "R0 invalid mem access" in path.read_text()


def test_a_log_that_cannot_be_written_does_not_hide_why_the_load_failed(bpflens, kernel, refused):
    done = load_null(bpflens, kernel, refused, words=("log", "/nonexistent/log"))
    assert done.rc == 1 and done.error.startswith("failed to load object file") and "/nonexistent/log" in done.stderr


def test_debug_output_has_the_whole_log_and_the_same_verdict(bpflens, kernel, refused):
    done = load_null(bpflens, kernel, refused, "-d")
    begin, end = (done.stderr.index(words) for words in ("-- BEGIN PROG LOAD LOG --", "-- END PROG LOAD LOG --"))
    assert "R0 invalid mem access" in done.stderr[begin:end]
    assert "\nrefuse: the program reads or writes through R0 without a check for NULL\n" in done.stderr[end:]


# Success


@pytest.fixture
def sound(llvm, tmp_path):  # noqa: F811
    """An object with two programs that every kernel takes."""
    source, path = tmp_path / "sound.c", str(tmp_path / "sound.o")
    source.write_text('__attribute__((section("xdp"), used)) int one(void *c) { return 2; }\n'
                      '__attribute__((section("socket"), used)) int two(void *c) { return 0; }\n'
                      'char terms[] __attribute__((section("license"), used)) = "GPL";\n')
    subprocess.run([llvm["clang"], "-O2", "-g", "-target", "bpfel", "-c", source, "-o", path], check=True)
    return path


@pytest.fixture
def pins(private):
    """A directory for pins that does not exist yet, and is gone afterwards."""
    path = os.path.join(private, "bpffs", "sound")
    yield path
    shutil.rmtree(path)


def test_debug_output_says_what_verifying_each_program_took(bpflens, pins, sound):
    done = bpflens.run("-d", "prog", "loadall", sound, pins)
    assert done.rc == 0, done
    for name in ("one", "two"):
        [told] = re.findall(rf"^{name}: 2 instructions verified \(limit 1000000\), .*\d+ us, stack \d+$", done.stderr, re.M)


def test_the_strict_form_has_it_in_the_programs_record(bpflens, pins, sound):
    done = bpflens.run("-d", "-o", "json", "prog", "loadall", sound, pins)
    told = {one["name"]: one for one in done.json if one["object"] == "program"}
    assert set(told) == {"one", "two"} and all(one["insns_processed"] == 2 for one in told.values())
    assert all("verification_time_us" in one and one["stack_depth"].isdigit() for one in told.values())


def test_a_log_of_programs_that_were_loaded_has_what_it_took(bpflens, pins, sound, tmp_path):
    path = tmp_path / "log"
    bpflens("prog", "loadall", sound, pins, "log", path)
    assert re.findall(r"^== (\w+)$", path.read_text(), re.M) == ["one", "two"]
    assert len(re.findall(r"^processed 2 insns", path.read_text(), re.M)) == 2


# Users without rights


def test_a_user_without_rights_is_told_so(public, private, kernel, refused, nobody):
    path, folder = os.path.join(private, "refused.o"), os.path.join(kernel.bpffs, "nobodys")
    shutil.copyfile(refused("null_pointer"), path)
    os.chmod(path, 0o644)
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    try:
        done = public.run("-j", "prog", "load", path, os.path.join(folder, "refused"), before=nobody)
        assert os.listdir(folder) == []
    finally:
        os.rmdir(folder)
    assert done.rc == 1 and "CAP_BPF" in done.json["hint"], done
    assert done.json["verdict"]["cause"] == "privileges"
