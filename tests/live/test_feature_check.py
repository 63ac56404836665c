# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature check: what it says of an object before it is loaded is what the kernel says when it is; of files, nothing is asked of the kernel."""
import errno
import glob
import json
import os
import re
import resource
import shutil
import struct

import btf
import features
import pytest
import seccomp
from loadobjects import SOURCES, Elf, compile_object, nothing_left, objects  # noqa: F401 - objects is a fixture

EXECUTABLE = 4
NAMES = sorted(os.path.basename(path)[:-2] for path in glob.glob(SOURCES + "/*.c"))

# What a kernel refuses for other reasons than that it lacks something: feature check finds all there.
FAULTY = {
    "huge": "its map takes more memory than there is",
    "long": "the verifier refuses its code",
    "refused": "the verifier refuses its code",
}
PINS_ITSELF = {"shared"}  # a map, outside the tests' own directory: a trial judges
SEVERAL = {"needs", "rows", "targets", "unsure"}  # each of their programs by itself


@pytest.fixture(scope="session")
def place(private):
    return os.path.join(private, "bpffs")


def only(path, wanted, to):
    """An object with one of its programs: the names of the others' sections begin with a '?' in ELF and in BTF."""
    elf = Elf(path)
    kept, = struct.unpack_from("<H", elf.data, elf.symbol(wanted) + 6)
    table = elf.headers[struct.unpack_from("<H", elf.data, 62)[0]]
    _, at, size = elf.section(table)
    names = elf.data[at:at + size]  # where the end of one is another, none can be changed: new ones are put behind
    _, btf, btf_size = elf.section(elf.find(".BTF"))
    for index, header in enumerate(elf.headers):
        flags, = struct.unpack_from("<Q", elf.data, header + 8)
        name = elf.names[index]
        if not flags & EXECUTABLE or not elf.section(header)[2] or index == kept or name.startswith((".", "?")):
            continue
        elf.put(header, "I", len(names))
        names += b"?" + name[1:].encode() + b"\0"
        string = elf.data.find(b"\0" + name.encode() + b"\0", btf, btf + btf_size)
        if string >= 0:
            elf.put(string + 1, "B", ord("?"))
    elf.put(table + 24, "QQ", len(elf.data), len(names))
    elf.data += names
    return elf.write(to)


def programs(path):
    with open(os.path.join(SOURCES, path + ".c")) as file:
        text = file.read()
    found = re.findall(r"^(?:XDP|TRACE)\((\w+)\)|^(?:PROG|COPY|HOOK)\(\"[^\"]+\", (\w+)\)|^ROW\(\"[^\"]+\"[^,]*, (\w+),", text, re.M)
    return [next(filter(None, one)) for one in found]


def checked(bpflens, *words):
    """(exit status, its records)"""
    result = bpflens.run("-o", "json", "feature", "check", *words)
    assert result.rc in (0, 1, 3), result
    return result.rc, result.json


def refusal(bpflens, path, place, *words):
    """What `prog loadall` says of it; "" where it loads, and is attached where that is asked for."""
    pins = place + "/check"
    with nothing_left(place):
        result = bpflens.run("prog", "loadall", path, pins, *words)
        if not result.rc:
            shutil.rmtree(pins, ignore_errors=True)  # there is none for an object without programs
    return result.stderr if result.rc else ""


NO_LINK = "it is attached, but not by a link: pin: "


def has_perf_links():
    types = btf.vmlinux()
    return "BPF_LINK_TYPE_PERF_EVENT" in dict(types.enumerators(types.find(btf.ENUM, "bpf_link_type")))


def refusal_to_attach(bpflens, path, place):
    """As refusal(). Where there are no links of perf events, what is attached cannot be pinned: that is not refused for its target."""
    said = refusal(bpflens, path, place, "autoattach")
    if NO_LINK not in said:
        return said
    assert not has_perf_links(), said
    return ""


@pytest.fixture(scope="session")
def made(objects, tmp_path_factory):  # noqa: F811
    """{name: path}: all objects, and each program of those that have many as an object."""
    folder = tmp_path_factory.mktemp("check")
    paths = {name: objects(name) for name in NAMES if name not in SEVERAL and name != "legacy"}
    paths.update({one: only(objects(name), one, folder / (one + ".o")) for name in SEVERAL for one in programs(name)})
    return paths


@pytest.fixture(scope="session")
def found(bpflens, made):
    """{name: its records}, of one run."""
    status, records = checked(bpflens, *made.values())
    of = {name: [one for one in records if one["object"] == path] for name, path in made.items()}
    assert sum(map(len, of.values())) == len(records) and status == 1
    return of


def must_agree(bpflens, made, found, place, name):
    path = made[name]
    needed = [one for one in found[name] if not one["optional"] and one["needed_to"] == "load"]
    missing = [one for one in needed if one["answer"] == "no"]
    untold = [one for one in needed if one["answer"] not in ("yes", "no")]
    status = 1 if missing else 3 if untold else 0
    said = "" if name in PINS_ITSELF else refusal(bpflens, path, place)
    if name in PINS_ITSELF:
        assert checked(bpflens, path, "load")[0] == 0
    if name in FAULTY:
        assert (status, bool(said)) == (0, True), (missing, untold, said)
    elif status == 3:
        is_forbidden = all(one["answer"] == "not permitted" for one in untold)
        assert (is_forbidden and "Operation not permitted" in said), (untold, said)
    else:
        assert status == bool(said), (missing, said)
    return missing


@pytest.fixture(scope="session")
def probe(bpflens, tmp_path_factory):
    """A saved probe of this kernel."""
    path = str(tmp_path_factory.mktemp("probe") / "probe.json")
    with open(path, "wb") as file:
        file.write(json.dumps(features.whole(bpflens)).encode())
    return path


# Each object, and each program of those that have many


def whole(name):
    """crowd has 260 programs that are all alike, and long one that is as long as can be."""
    marks = [pytest.mark.slow_in_vm(reason="much of what is alike")] if name in ("crowd", "long") else []
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [whole(name) for name in NAMES if name not in SEVERAL and name != "legacy"])
def test_what_is_said_of_an_object_is_what_loading_says(bpflens, made, found, place, name):
    must_agree(bpflens, made, found, place, name)


@pytest.mark.parametrize("name", programs("needs"))
def test_what_is_said_of_a_need_is_what_loading_says(bpflens, made, found, place, name):
    missing = must_agree(bpflens, made, found, place, name)
    if name.endswith("_of_nobodys") and not name.startswith(("size", "id")):
        assert missing
    elif re.search("behind_a_question|that_is|that_stays|of_one_without|by_another", name) and "function" not in name:
        assert not missing


@pytest.mark.parametrize("name", programs("rows"))
def test_what_is_said_of_a_kind_of_hook_is_what_loading_says(bpflens, made, found, place, name):
    must_agree(bpflens, made, found, place, name)


@pytest.mark.parametrize("name", programs("unsure"))
def test_what_the_verifier_may_not_come_to_is_not_said_to_be_missing(bpflens, made, found, place, name):
    """They load: it follows an answer through functions, the stack and bits."""
    assert not refusal(bpflens, made[name], place)
    assert checked(bpflens, made[name])[0] == 3
    (one,) = [one for one in found[name] if not one["optional"] and one["answer"] != "yes"]
    assert (one["kind"], one["name"], one["answer"], one["reason"]) == ("helper", "5000", "unknown", "needs a load")


# The kernel's function and events of its own tests are there on all kernels that have these ways at all.
MISSING = "of_nobodys", "in_no_file"


@pytest.mark.parametrize("name", programs("targets"))
def test_what_is_said_of_a_target_is_what_loading_and_attaching_say(bpflens, made, found, place, name):
    missing = must_agree(bpflens, made, found, place, name)
    needed = [one for one in found[name] if not one["optional"] and one["needed_to"] == "attach"]
    lacking = [one for one in needed if one["answer"] == "no"]
    untold = [one for one in needed if one["answer"] not in ("yes", "no")]
    if name.endswith(MISSING):
        assert lacking or untold
    if missing or not any(one["kind"] == "target" for one in needed):
        return
    os.path.exists("/sys/kernel/debug/tracing/events")  # which the first who looks there mounts
    said = refusal_to_attach(bpflens, made[name], place)
    assert bool(said) == bool(lacking or untold), (said, needed)
    assert all("no tracefs is mounted" in one["detail"] for one in untold)
    assert checked(bpflens, made[name])[0] == (1 if lacking else 3 if untold else 0)


def of_section(folder, section):
    """An object with one program, of that section."""
    source, path = str(folder / "one.c"), str(folder / "one.o")
    with open(source, "w", encoding="ascii") as file:
        file.write(f'__attribute__((section("license"), used)) char terms[] = "GPL";\n'
                   f'__attribute__((section("{section}"), used)) int one(void *context) {{ return 0; }}\n')
    compile_object(source, path)
    return path


METADATA = """
struct xdp_md { unsigned int data; };
extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, unsigned long long *timestamp) __attribute__((section(".ksyms")));
__attribute__((section("license"), used)) char terms[] = "GPL";
__attribute__((section("xdp"), used)) int one(struct xdp_md *context)
{
	unsigned long long time;

	return bpf_xdp_metadata_rx_timestamp(context, &time) ? 1 : 2;
}
"""


def test_what_only_a_program_of_a_device_may_call_is_said_to_be_that(bpflens, place, tmp_path):
    source, path = str(tmp_path / "one.c"), str(tmp_path / "one.o")
    with open(source, "w", encoding="ascii") as file:
        file.write(METADATA)
    compile_object(source, path)
    with open("/proc/kallsyms", encoding="ascii", errors="replace") as file:
        is_there = any(line.split()[2] == "bpf_xdp_metadata_rx_timestamp" for line in file)
    (kfunc,) = [one for one in checked(bpflens, path)[1] if one["kind"] == "kfunc"]
    assert kfunc["answer"] == ("unknown" if is_there else "no")
    assert not is_there or kfunc["detail"] == "only a program that is bound to a device may call it"
    assert refusal(bpflens, path, place)  # by a loader that binds it to none


SYMBOLS = """
extern const int init_task __attribute__((weak, section(".ksyms")));
extern const int nobody_has_this_symbol __attribute__((weak, section(".ksyms")));
__attribute__((section("license"), used)) char terms[] = "GPL";
__attribute__((section("kprobe/nobody_has_this_function"), used)) int one(void *context)
{
	return (&init_task != 0) + (&nobody_has_this_symbol != 0);
}
"""


UNCALLED = '__attribute__((noinline)) int uncalled(int x)'
REFUSED = {
    "extern": ("extern int nowhere(int);", "return nowhere(x) + 1;", "nowhere", "no"),
    "weak": ("extern int nowhere(int) __attribute__((weak));", "return nowhere ? nowhere(x) : 1;", "nowhere", "no"),
    "data": ('int odd __attribute__((section("strange"))) = 3;', "return *(volatile int *)&odd;", "odd", "no"),
    "dotted": ('int odd __attribute__((section(".odd"))) = 3;', "return *(volatile int *)&odd;", "odd", "unknown"),
    "call": ('__attribute__((section("tc"), noinline)) int other(void *c) { asm volatile(""); return 0; }', "return other(0);", "other", "no"),
    "address": ('__attribute__((section("tc"))) int other(void *c) { return 0; }', "return (long)&other;", "other", "no"),
    "static": ('__attribute__((section("xdp"), noinline, used)) static int other(void *c) { asm volatile(""); return 2; }', "return x;", "other", "no"),
}


@pytest.mark.slow_in_vm(reason="the loader refuses them before it asks the kernel")
@pytest.mark.parametrize("name", REFUSED)
def test_what_a_function_that_nobody_calls_refers_to_counts_for_the_loader(bpflens, place, tmp_path, name):
    before, body, what, answer = REFUSED[name]
    source, path = tmp_path / "refers.c", tmp_path / "refers.o"
    source.write_text(f'{before}\n{UNCALLED} {{ {body} }}\n__attribute__((section("xdp"))) int prog(void *c) {{ return 2; }}\n'
                      'char license_text[] __attribute__((section("license"))) = "GPL";\n')
    compile_object(source, path, "-Wno-everything")
    status, records = checked(bpflens, path)
    (found,) = [one for one in records if one["kind"] == "object"]
    assert (status, found["name"], found["answer"]) == (1 if answer == "no" else 3, what, answer)
    assert refusal(bpflens, path, place)


@pytest.mark.slow_in_vm(reason="how often symbols are read does not depend on the kernel")
def test_of_many_objects_each_is_told_what_it_is_alone_and_symbols_are_read_twice_at_most(bpflens, tmp_path):
    source, paths = str(tmp_path / "one.c"), [str(tmp_path / f"{n}.o") for n in range(5)]
    with open(source, "w", encoding="ascii") as file:
        file.write(SYMBOLS)
    for path in paths:
        compile_object(source, path)
    alone = [checked(bpflens, path)[1] for path in paths]
    assert {one["name"]: one["answer"] for one in alone[0] if one["kind"] in ("symbol", "target")}["nobody_has_this_symbol"] == "no"
    assert checked(bpflens, *paths)[1] == [one for records in alone for one in records]
    _, trace = bpflens.traced("-o", "json", "feature", "check", *paths, calls="openat")
    assert sum("/proc/kallsyms" in line for line in trace) == 2


def refused_function():
    """One of the kernel's own that takes no kprobe, by its own list."""
    try:
        with open("/sys/kernel/debug/kprobes/blacklist", encoding="ascii") as file:
            names = [line.split("\t")[1].strip() for line in file]
    except OSError:
        return pytest.skip("has no kprobes to refuse")
    return next(name for name in names if re.fullmatch(r"[a-z_0-9]+", name) and names.count(name) == 1)


@pytest.mark.parametrize("section", ["kprobe", "kretprobe"])
def test_a_function_that_takes_no_kprobe_is_missing_to_attach(bpflens, place, tmp_path, section):
    path = of_section(tmp_path, f"{section}/{refused_function()}")
    status, records = checked(bpflens, path)
    (target,) = [one for one in records if one["kind"] == "target"]
    assert (status, target["answer"], target["needed_to"]) == (1, "no", "attach")
    assert target["detail"] == "the kernel lets nobody put a kprobe there"
    assert refusal_to_attach(bpflens, path, place)


@pytest.mark.parametrize(["glob", "answer"], [("bpf_fentry_test*", "yes"), ("bpf_fentry_test1", "yes"), ("nobody_has_this_f*", "no")])
@pytest.mark.parametrize("section", ["fentry.multi", "fexit.multi", "fentry.multi.s"])
def test_what_fits_a_pattern_for_tracing_is_looked_for_among_types(bpflens, tmp_path, section, glob, answer):
    path = of_section(tmp_path, f"{section}/{glob}")
    (target,) = [one for one in checked(bpflens, path)[1] if one["kind"] == "target"]
    assert (target["name"], target["answer"], target["found"], target["needed_to"]) == (glob, answer, "btf", "attach")
    of_file = [one for one in checked(bpflens, path, "btf", "/sys/kernel/btf/vmlinux")[1] if one["kind"] == "target"]
    assert [one["answer"] for one in of_file] == ["yes" if answer == "yes" else "unknown"]


@pytest.mark.parametrize(["name", "kind", "what", "detail"], [
    ("need_gpl", "helper", "bpf_probe_read_kernel", 'such helpers are for GPL compatible programs; the licence is "Proprietary"'),
    ("need_gpl_print", "helper", "bpf_trace_printk", "such helpers are for GPL compatible programs; it has no licence"),
    ("need_value", "map", "load_large", "its key or value is too large"),
    ("need_together", "map", "load_odd", "the kernel does not take its type, sizes, flags and max_entries together"),
    ("need_inner", "map_type", "250", None),
    ("need_flag", "map_flag", "1073741824", None),
    ("need_size", "prog_size", "1000003", "kernels take 1000000 instructions, those of called functions too"),
    ("may_not_sleep_in_an_iterator", "helper", "bpf_copy_from_user", "it may sleep, and the program may not: its section's name has no .s"),
])
def test_what_a_kernel_has_and_not_for_this_object_is_missing(found, name, kind, what, detail):
    (one,) = [one for one in found[name] if one["answer"] == "no" and not one["optional"]]
    assert (one["kind"], one["name"], one.get("detail")) == (kind, what, detail)


def test_files_tell_of_licences_as_the_kernel_does(bpflens, made):
    types = "/sys/kernel/btf/vmlinux"
    for name in ("need_gpl", "need_gpl_print"):
        assert checked(bpflens, made[name], "btf", types)[0] == 1
    assert checked(bpflens, made["free_helpers"], "btf", types)[0] == 0


@pytest.mark.parametrize(["name", "answer"], [
    ("kprobe_that_is", "yes"), ("kprobe_of_nobodys", "unknown"), ("syscall_that_is", "yes"), ("syscall_of_nobodys", "unknown"),
    ("event_that_is", "yes"), ("event_of_nobodys", "unknown"), ("raw_tracepoint_that_is", "yes"), ("raw_tracepoint_of_nobodys", "unknown"),
    ("place_that_is", "unknown"), ("place_of_nobodys", "unknown")])
def test_types_tell_what_there_is_to_attach_to_and_not_what_there_is_not(bpflens, made, name, answer):
    _, records = checked(bpflens, made[name], "btf", "/sys/kernel/btf/vmlinux")
    (one,) = [one for one in records if one["kind"] == "target"]
    assert (one["answer"], one["optional"]) == (answer, name.startswith("place"))


def test_people_are_told_what_attaching_lacks(bpflens, made):
    result = bpflens.run("feature", "check", made["place_of_nobodys"])
    lines = result.stdout.splitlines()
    assert result.rc == 1 and lines[0] == made["place_of_nobodys"] + ": missing to attach:"
    assert re.search(r": would load here: \d+ things needed, none missing for that; would not attach: 1 is missing$", lines[-1])


@pytest.mark.parametrize(["name", "status"], [("several", 0), ("optional", 0), ("field", 1), ("need_kfunc", 1), ("need_flag", 1)])
def test_the_exit_status_is_the_verdict(bpflens, made, name, status):
    assert checked(bpflens, made[name])[0] == status


# What a record has


def line_of(text):
    with open(os.path.join(SOURCES, "needs.c")) as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


@pytest.mark.parametrize(["name", "kind", "what", "optional", "detail"], [
    ("member_of_nobodys", "core", "struct task_struct.nobody_has_this", False, "struct task_struct has no member nobody_has_this"),
    ("element_behind_the_end", "core", "struct task_struct.comm[40]", False, "struct task_struct.comm has no element 40"),
    ("member_of_another_type", "core", "struct page.mapping", False, "struct page.mapping is of another type"),
    ("type_of_nobodys", "core", "struct nobody_has_this.member", False, "there is no struct nobody_has_this"),
    ("number_of_nobodys", "core", "enum bpf_map_type.BPF_MAP_TYPE_NOBODY_HAS_THIS", False, "enum bpf_map_type has no BPF_MAP_TYPE_NOBODY_HAS_THIS"),
    ("member_behind_a_question", "core", "struct task_struct.nobody_has_this", True, "struct task_struct has no member nobody_has_this"),
    ("function_of_nobodys", "target", "nobody_has_this", False, None),
    ("kfunc_behind_a_question", "kfunc", "nobody_has_this_function", True, None),
    ("option_behind_a_question", "config", "CONFIG_NOBODY_HAS_THIS", True, None),
    ("helper_of_nobodys", "helper", "5000", False, None),
    ("helper_behind_a_question", "helper", "5000", True, None),
])
def test_what_is_missing_is_named_and_told_in_words(found, name, kind, what, optional, detail):
    found = [one for one in found[name] if (one["kind"], one["name"], one["answer"]) == (kind, what, "no")]
    assert found and any(one["optional"] == optional for one in found)
    if detail:
        assert {one["detail"] for one in found} == {detail}


def test_a_need_says_which_line_of_which_program_has_it(found):
    one = next(one for one in found["helper_of_nobodys"] if one["kind"] == "helper")
    assert one["needed_by"] == "helper_of_nobodys" and os.path.basename(one["file"]) == "needs.c"
    assert one["line"] == line_of("XDP(helper_of_nobodys)") + 2
    assert (one["section"], one["insn"], one["for"]) == ("xdp/helper_of_nobodys", 0, "xdp")


def test_what_is_missing_has_the_release_that_brought_it(bpflens, objects, probe, tmp_path):  # noqa: F811
    """Against a kernel that says no to all that the object needs."""
    with open(probe, "rb") as file:
        records = json.load(file)
    for one in records:
        if one["kind"] in ("helper", "map_type", "prog_type"):
            one["answer"] = "no"
    status, records = checked(bpflens, objects("shared"), "against", bad(tmp_path, json.dumps(records).encode()))
    since = {(one["kind"], one["name"]): one.get("since") for one in records if one["answer"] == "no"}
    assert status == 1 and since.keys() == {("prog_type", "xdp"), ("map_type", "hash"), ("helper", "bpf_map_lookup_elem")}
    assert (since["prog_type", "xdp"], since["map_type", "hash"]) == ("4.8", "3.19")


def test_people_are_told_first_what_is_missing_and_at_the_end_in_one_line(bpflens, objects):  # noqa: F811
    result = bpflens.run("feature", "check", objects("field"))
    lines = result.stdout.splitlines()
    assert result.rc == 1 and lines[0] == objects("field") + ": missing:"
    assert lines[1].startswith("\tcore struct task_struct.nobody_has_this, needed by load_reader at ")
    assert re.fullmatch(re.escape(objects("field")) + r": would not load here: of \d+ things that it needs, 1 is missing", lines[-1])
    assert "there:" not in result.stdout
    assert "\tprog_type raw_tracepoint, needed by load_reader\n" in bpflens.run("feature", "check", objects("field"), "all").stdout


def test_of_several_objects_each_record_says_which(bpflens, objects):  # noqa: F811
    status, records = checked(bpflens, objects("several"), objects("need_kfunc"), objects("optional"))
    assert status == 1 and {one["object"] for one in records} == {objects("several"), objects("need_kfunc"), objects("optional")}
    assert not [one for one in records if one["object"] == objects("optional") and one.get("needed_by") == "load_left_out"]
    assert checked(bpflens, objects("several"), objects("optional"))[0] == 0


@pytest.mark.parametrize("name", ["option_behind_a_question", "symbol_behind_a_question", "version_behind_a_question"])
def test_what_hangs_on_a_thing_that_no_file_tells_is_not_missing(bpflens, made, probe, name):
    """They load: what this kernel's configuration, symbols and version are, saved answers and types do not tell."""
    status, records = checked(bpflens, made[name], "btf", "/sys/kernel/btf/vmlinux", "against", probe)
    assert status in (0, 3) and not [one for one in records if one["answer"] == "no" and not one["optional"]]


MAP = """
__attribute__((section("license"), used)) char terms[] = "GPL";
struct { %s } one __attribute__((section(".maps"), used));
"""
NO_NUMBER = "int (*type)[1]; int *key; int *value;"  # of elements: a hash
NOT_FILLED = "int (*type)[13]; int (*max_entries)[1]; int *key; int *value;"  # a hash of maps of no kind
TOO_MANY = "int (*type)[29]; int (*map_flags)[1]; int (*max_entries)[1]; int *key; int *value;"  # storage of tasks, which has none


@pytest.mark.parametrize(["members", "answer", "detail"], [
    (NO_NUMBER, "unknown", "it has no max_entries: its loader has to set them"),
    (NOT_FILLED, "unknown", "it does not say what the maps in it are: its loader has to"),
    (TOO_MANY, "no", "the kernel does not take its type, sizes, flags and max_entries together"),
    (NO_NUMBER.replace("[1]", "[4]"), "yes", None),  # of perf events: one for each CPU
    (NO_NUMBER + " int (*max_entries)[8];", "yes", None)], ids=["no_number", "not_filled", "too_many", "perf", "right"])
def test_a_map_is_there_only_if_it_can_be_made_as_the_object_has_it(bpflens, place, tmp_path, members, answer, detail):
    source, path = str(tmp_path / "one.c"), str(tmp_path / "one.o")
    with open(source, "w", encoding="ascii") as file:
        file.write(MAP % members)
    compile_object(source, path)
    status, records = checked(bpflens, path)
    if any(one["kind"] == "map_type" and one["answer"] != "yes" for one in records):  # tasks have storage since 5.11
        assert status == 1 and members == TOO_MANY
        return
    (need,) = [one for one in records if one["kind"] == "map"]
    assert (status, need["answer"], need.get("detail")) == ({"yes": 0, "unknown": 3, "no": 1}[answer], answer, detail)
    assert bool(refusal(bpflens, path, place)) == (answer != "yes")


DECLARED = """
struct task_struct;
__attribute__((section("license"), used)) char terms[] = "GPL";
__attribute__((section("xdp"), used)) int one(void *context)
{
	return __builtin_preserve_type_info(*(struct task_struct *)0, 0) ? 1 : 2;
}
"""


def test_a_type_that_is_only_declared_is_told_to_be_that(bpflens, tmp_path):
    """The loader does not take the kernel's struct for it: the program gets a 0."""
    source, path = str(tmp_path / "one.c"), str(tmp_path / "one.o")
    with open(source, "w", encoding="ascii") as file:
        file.write(DECLARED)
    compile_object(source, path)
    (need,) = [one for one in checked(bpflens, path)[1] if one["kind"] == "core"]
    assert (need["answer"], need["detail"]) == ("no", "task_struct is only declared in the object, which fits no definition")


OF_A_MODULE = """
extern int %s(void) __attribute__((section(".ksyms")));
__attribute__((section("license"), used)) char terms[] = "GPL";
__attribute__((section("xdp"), used)) int one(void *context)
{
	return %s();
}
"""


def kfunc_needed(bpflens, tmp_path, name, *words):
    source, path = str(tmp_path / "one.c"), str(tmp_path / "one.o")
    with open(source, "w", encoding="ascii") as file:
        file.write(OF_A_MODULE.replace("%s", name))
    compile_object(source, path)
    status, records = checked(bpflens, path, *words)
    (need,) = [one for one in records if one["kind"] == "kfunc"]
    return status, need["answer"]


@pytest.mark.slow_in_vm(reason="files tell the same on every kernel")
def test_a_function_that_may_be_of_a_module_is_not_missing_from_types_alone(bpflens, probe, tmp_path):
    """Types of the kernel itself do not tell of its modules; a saved probe does."""
    types = ["btf", "/sys/kernel/btf/vmlinux"]
    with open(probe, "rb") as file:
        *records, end = json.load(file)
    record = {"kind": "kfunc", "name": "some_module_has_this", "answer": "yes", "found": "btf"}
    saved = [*records, record, dict(record, **{"for": "xdp"}), dict(end, value=str(int(end["value"]) + 2))]
    path = bad(tmp_path, json.dumps(saved).encode())
    assert kfunc_needed(bpflens, tmp_path, "some_module_has_this", *types) == (3, "unknown")
    assert kfunc_needed(bpflens, tmp_path, "some_module_has_this", *types, "against", path) == (0, "yes")
    assert kfunc_needed(bpflens, tmp_path, "some_module_has_this") == (1, "no")
    # Built in wherever there is one, and gone since 6.8.
    assert kfunc_needed(bpflens, tmp_path, "bpf_cpumask_kptr_get", *types) == (1, "no")


FOR_OTHERS = """
__attribute__((section("license"), used)) char terms[] = "GPL";
static long (*const redirect)(void *map, void *key, unsigned long long flags) = (void *)82;
__attribute__((section("kprobe"), used)) int one(void *context)
{
	return redirect(0, 0, 0) + redirect(0, 0, 1);
}
"""


@pytest.mark.slow_in_vm(reason="words, which no kernel does differently")
def test_what_the_kernel_has_for_other_types_is_not_promised_for_a_younger_one(bpflens, tmp_path):
    source, path = str(tmp_path / "one.c"), str(tmp_path / "one.o")
    with open(source, "w", encoding="ascii") as file:
        file.write(FOR_OTHERS)
    compile_object(source, path)
    status, records = checked(bpflens, path)
    (need,) = [one for one in records if one["kind"] == "helper"]
    assert status == 1 and (need["answer"], need["reason"], need.get("since")) == ("no", "not for this type", None)
    lines = bpflens.run("feature", "check", path).stdout.splitlines()
    assert re.fullmatch(r"\thelper bpf_sk_select_reuseport for kprobe, needed by one at .* and in 1 more place; not for this type \(EINVAL\)", lines[1])


# The trial


@pytest.mark.parametrize(["name", "status"], [("several", 0), ("need_kfunc", 1), ("refused", 1), ("need_map", 1)])
def test_a_trial_has_the_last_word_and_leaves_nothing(bpflens, objects, place, name, status):  # noqa: F811
    with nothing_left(place):
        found, records = checked(bpflens, objects(name), "load")
    (trial,) = [one for one in records if one["kind"] == "load"]
    assert (found, trial["answer"]) == (status, "no" if status else "yes")
    assert bool(trial.get("errno")) == bool(status) == bool(trial.get("detail"))


def keep_few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (6, 6))


@pytest.mark.slow_in_vm(reason="filters and limits are alike on every kernel")
@pytest.mark.parametrize(["keep_from", "answer", "reason"], [
    *((seccomp.forbid_bpf(code), "not permitted", "seccomp") for code in (errno.EPERM, errno.ENOSYS, errno.EACCES, 0)),
    (keep_few_files, "unknown", "refused")], ids=["eperm", "enosys", "eacces", "pretends", "few_files"])
def test_a_trial_that_cannot_be_made_says_nothing_of_the_object(bpflens, objects, keep_from, answer, reason):  # noqa: F811
    result = bpflens.run("-o", "json", "feature", "check", objects("shared"), "load", preexec=keep_from)
    (trial,) = [one for one in result.json if one["kind"] == "load"]
    assert (result.rc, trial["answer"], trial["reason"]) == (3, answer, reason)
    text = bpflens.run("feature", "check", objects("shared"), "load", preexec=keep_from)
    assert text.rc == 3 and text.stdout.splitlines()[-1].endswith("; the trial did not tell")


@pytest.mark.slow_in_vm(reason="filters are alike on every kernel")
def test_what_is_missing_is_missing_though_no_trial_can_be_made(bpflens, objects):  # noqa: F811
    assert bpflens.run("feature", "check", objects("need_kfunc"), "load", preexec=seccomp.forbid_bpf(errno.EPERM)).rc == 1


def test_a_trial_that_fails_is_explained_as_a_load_is(bpflens, objects, place):  # noqa: F811
    tried = bpflens.run("feature", "check", objects("refused"), "load")
    loaded = bpflens.run("prog", "load", objects("refused"), place + "/never")
    verdict = [line for line in loaded.stderr.splitlines() if not line.startswith(("Error: ", "  hint: "))]
    assert tried.rc == loaded.rc == 1 and verdict
    assert [line for line in tried.stderr.splitlines()] == verdict
    assert re.search(r"^  hint: (.*)$", loaded.stderr, re.M)[1] in tried.stdout
    assert tried.stdout.splitlines()[-1] == objects("refused") + ": does not load here: tried"


def test_a_trial_is_of_the_running_kernel_alone(bpflens, objects):  # noqa: F811
    for words in (["btf", "/sys/kernel/btf/vmlinux"], ["against", "/dev/null"]):
        result = bpflens.run("feature", "check", objects("several"), *words, "load")
        assert result.rc == 2 and "'load' tries the running kernel" in result.error


# What is asked of the kernel


def loads(lines):
    return [line for line in lines if re.search(r"bpf\(BPF_PROG_LOAD", line)]


def test_without_a_trial_no_program_of_the_object_is_loaded(bpflens, objects):  # noqa: F811
    result, lines = bpflens.traced("feature", "check", objects("several"))
    assert result.rc == 0
    assert loads(lines) and not [line for line in loads(lines) if re.search(r'prog_name="load_', line)]
    _, lines = bpflens.traced("feature", "check", objects("several"), "load")
    assert [line for line in loads(lines) if 'prog_name="load_first"' in line]


@pytest.mark.slow_in_vm(reason="traces every call")
def test_of_files_nothing_is_asked_of_the_kernel_and_no_right_is_needed(public, nobody, objects, probe):  # noqa: F811
    paths = ["/tmp/bpflens-check-test.o", "/tmp/bpflens-check-test.json"]
    try:
        for path, source in zip(paths, (objects("several"), probe)):
            shutil.copyfile(source, path)
            os.chmod(path, 0o644)
        for words in (["btf", "/sys/kernel/btf/vmlinux"], ["against", paths[1]], ["btf", "/sys/kernel/btf/vmlinux", "against", paths[1]]):
            done = public.run("feature", "check", paths[0], *words, before=nobody)
            assert done.rc == (0 if "btf" in words else 3), done  # a probe does not tell what tracepoints there are
            assert "would load there" in done.stdout
            traced, lines = public.traced("feature", "check", paths[0], *words, calls="bpf,perf_event_open,mount")
            assert traced.rc == done.rc and not [line for line in lines if re.search(r"\b(bpf|perf_event_open|mount)\(", line)]
    finally:
        for path in paths:
            os.unlink(path)


def test_this_kernels_own_types_say_no_other_than_it_does(bpflens, made, found):
    """A file of types has no modules, no configuration, and not all symbols: what it knows, it knows as well."""
    def answers(records):
        return {(one["object"], one["kind"], one["name"], one.get("for")): one["answer"] for one in records}
    needs = programs("needs")
    here = answers(one for name in needs for one in found[name])
    there = answers(checked(bpflens, *(made[name] for name in needs), "btf", "/sys/kernel/btf/vmlinux")[1])
    assert here.keys() == there.keys()
    for key, answer in there.items():
        if key[1] in ("core", "target") and answer in ("yes", "no"):
            assert here[key] == answer, key
        if answer == "no":
            assert here[key] != "yes", key


# What is no object, no types, no probe


def bad(tmp_path, data):
    path = tmp_path / "bad"
    path.write_bytes(data)
    return str(path)


@pytest.mark.slow_in_vm(reason="files are read alike on every kernel")
@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"hello\n" * 40, b"\x7fELF\x02\x01\x01" + bytes(57)])
def test_what_is_no_object_is_an_error_in_every_form(bpflens, tmp_path, data):
    for form in ([], ["-j"], ["-o", "json"], ["-o", "table"]):
        result = bpflens.run(*form, "feature", "check", bad(tmp_path, data))
        assert result.rc == 1 and "bad" in result.error


@pytest.mark.slow_in_vm(reason="files are read alike on every kernel")
def test_a_program_of_this_machine_is_no_object(bpflens):
    assert bpflens.run("feature", "check", bpflens.path).rc == 1


@pytest.mark.slow_in_vm(reason="files are read alike on every kernel")
def test_an_object_that_is_cut_anywhere_ends_well(bpflens, objects, tmp_path):  # noqa: F811
    with open(objects("several"), "rb") as file:
        data = file.read()
    for at in range(0, len(data), 97):
        assert bpflens.run("feature", "check", bad(tmp_path, data[:at]), "btf", "/sys/kernel/btf/vmlinux").rc == 1


@pytest.mark.slow_in_vm(reason="files are read alike on every kernel")
@pytest.mark.parametrize("word", ["btf", "against"])
def test_a_file_of_the_kernel_that_is_none_is_an_error(bpflens, objects, tmp_path, word):  # noqa: F811
    for path in (bad(tmp_path, b"hello\n"), "/nowhere/at/all"):
        result = bpflens.run("feature", "check", objects("several"), word, path)
        assert result.rc == 1 and path in result.error


@pytest.mark.slow_in_vm(reason="files are read alike on every kernel")
def test_a_pipe_that_is_named_as_a_target_is_not_waited_for(bpflens, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    source, path = str(tmp_path / "pipe.c"), str(tmp_path / "pipe.o")
    with open(source, "w") as file:
        file.write(f'#include "{SOURCES}/../common.h"\nSEC("uprobe/{tmp_path}/pipe:main") int waits(void *context) {{ return 0; }}\n')
    compile_object(source, path)
    (one,) = [one for one in checked(bpflens, path)[1] if one["kind"] == "target"]
    assert (one["answer"], one["detail"]) == ("no", f"{tmp_path}/pipe: not a regular file")


def kinds_of(data, change):
    """The object with the types of its sections changed."""
    data = bytearray(data)
    at, = struct.unpack_from("<Q", data, 40)
    size, n = struct.unpack_from("<HH", data, 58)
    for i in range(n):
        place = at + i * size + 4
        kind, = struct.unpack_from("<I", data, place)
        struct.pack_into("<I", data, place, change.get(kind, kind))
    return bytes(data)


PROGBITS, SYMTAB, REL = 1, 2, 9


@pytest.mark.slow_in_vm(reason="files are read alike on every kernel")
@pytest.mark.parametrize(["name", "spoil"], [
    ("types", lambda data: data.replace(b".BTF", b".XTF")),
    ("symbols", lambda data: kinds_of(data, {SYMTAB: PROGBITS, REL: PROGBITS})),
])
def test_an_object_without_what_names_its_parts_does_not_seem_to_need_nothing(bpflens, objects, tmp_path, name, spoil):  # noqa: F811
    with open(objects("several"), "rb") as file:
        path = bad(tmp_path, spoil(file.read()))
    status, records = checked(bpflens, path)
    assert status == 1 and [(one["kind"], one["name"]) for one in records if one["answer"] == "no"] == [("object", name)]
    assert "object " + name in bpflens.run("feature", "check", path).stdout
    assert bpflens.run("feature", "check", path, "load").rc == 1


def test_an_object_of_the_other_byte_order_is_for_another_machine(bpflens, probe, tmp_path):
    big = os.path.join(SOURCES, "..", "..", "..", "fuzz", "corpus", "elf_object", "big-endian")
    status, records = checked(bpflens, big)
    assert status == 1 and [one["name"] for one in records if one["kind"] == "object"] == ["big-endian"]
    with open(probe) as file:
        answers = json.load(file)
    for one in answers:
        if (one["kind"], one["name"]) == ("kernel", "machine"):
            one["value"] = "s390x"
    other = bad(tmp_path, json.dumps(answers).encode())
    assert not [one for one in checked(bpflens, big, "against", other)[1] if one["kind"] == "object"]
    assert [one["answer"] for one in checked(bpflens, big, "against", probe)[1] if one["kind"] == "object"] == ["no"]


def test_a_kfunc_that_is_declared_and_called_is_told_once(bpflens, objects):  # noqa: F811
    told = [(one["name"], one.get("for")) for one in checked(bpflens, objects("need_kfunc"))[1] if one["kind"] == "kfunc"]
    assert told and len({name for name, _ in told}) == len(told), told


def test_an_ordinary_user_is_not_told_no_for_what_is_not_permitted(public, nobody, objects):  # noqa: F811
    path = "/tmp/bpflens-check-user.o"
    try:
        shutil.copyfile(objects("several"), path)
        os.chmod(path, 0o644)
        result = public.run("-o", "json", "feature", "check", path, before=nobody)
        assert result.rc in (0, 3), result
        assert not [one for one in result.json if one["answer"] == "no"]
    finally:
        os.unlink(path)


@pytest.mark.parametrize("form", [["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"], ["-o", "tsv"], []], ids=" ".join)
def test_every_form_holds(bpflens, objects, form):  # noqa: F811
    result = bpflens.run(*form, "feature", "check", objects("several"))
    assert result.rc == 0 and result.out and not result.err, result


def test_completion_knows_the_words(bpflens):
    words = ["feature", "check", "x.o", ""]
    offered = bpflens("__complete", str(len(words)), "--", "bpflens", *words).stdout.split()
    assert {"btf", "against", "load", "all"} <= set(offered)
