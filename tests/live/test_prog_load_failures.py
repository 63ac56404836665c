# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog load, prog loadall: whatever fails says why, and leaves nothing: no program, map, link, pin, directory or mount."""
import os
import random
import re
import shutil
import struct
import subprocess
import sys

import pytest
from loadobjects import Elf, nothing_left, objects  # noqa: F401 - objects is a fixture
from maker import unique
from test_prog_load import hint, place, several  # noqa: F401 - fixtures

SEED = 77
FORMS = ([], ["-j"], ["-o", "json"], ["-o", "jsonl"])


@pytest.fixture
def refused(bpflens, place):  # noqa: F811
    """refused(WORD...): the result of a load that fails, in each form with the same words, and leaves nothing."""
    def run(*words, verb="load", path=None, options=(), **how):
        with nothing_left(os.path.dirname(place)):
            results = [bpflens.run(*form, *options, "prog", verb, words[0], path or place + "/p", *words[1:], **how) for form in FORMS]
        assert {result.rc for result in results} <= {1, 2}, results
        assert len({re.sub(r"map \d+", "map N", result.error).replace("\r", "\\x0d") for result in results}) == 1, results
        return results[0]
    return run


def isolated(script):
    """Words that start a program in a mount namespace where the script ran."""
    return ["unshare", "-m", "--", "sh", "-c", script + ' && exec "$@"', "-"]


# Files


def test_a_file_that_is_not_there(refused, tmp_path):
    assert refused(tmp_path / "none").error == f"failed to open object file: {tmp_path}/none: open: No such file or directory"


@pytest.mark.slow_in_vm(reason="refused before the kernel is asked")
@pytest.mark.parametrize("content, why", [(b"", "not an ELF file"), (b"#!/bin/sh\n", "not an ELF file"), (b"\x7fELF", "not an ELF file")])
def test_a_file_that_is_no_elf_file(refused, tmp_path, content, why):
    (tmp_path / "file").write_bytes(content)
    assert f"failed to open object file: {tmp_path}/file: {why}" in refused(tmp_path / "file").error


def test_an_elf_file_without_bpf_names_its_machine(refused):
    assert re.search(r"failed to open object file: .*: (machine \S+, not BPF|ELF type)", refused(shutil.which("sleep")).error)


def test_a_directory_is_no_object(refused, tmp_path):
    assert "failed to open object file" in refused(tmp_path).error


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_what_has_no_end_is_refused_at_once(refused, tmp_path, kind):
    """To open a pipe waits for who writes there."""
    path = "/dev/zero" if kind == "device" else tmp_path / "pipe"
    if kind == "fifo":
        os.mkfifo(path)
    assert refused(path).error == f"failed to open object file: {path}: not a regular file: Invalid argument"


@pytest.mark.parametrize("verb, options", [("load", []), ("loadall", []), ("load", ["-L"])])
def test_an_object_of_the_other_byte_order_says_so(refused, verb, options):
    """libbpf has a number of its own for that, which no system has words for."""
    path = os.path.join(os.path.dirname(__file__), "..", "fuzz", "corpus", "elf_object", "big-endian" if sys.byteorder == "little" else "several")
    result = refused(path, verb=verb, options=options)
    assert result.error == f"failed to load object file: {path}: the object is of the other byte order: Operation not supported"
    assert "compiled for " in hint(result)


@pytest.mark.parametrize("path", ["/nonexistent/log", "/dev/full"])
def test_a_log_that_cannot_be_written_is_a_failure_that_leaves_nothing(refused, several, path):  # noqa: F811
    result = refused(several, "log", path)
    assert result.rc == 1 and path in result.error


def test_an_object_without_programs(bpflens, refused, objects, place):  # noqa: F811
    assert "object file doesn't contain any bpf program" in refused(objects("data")).error
    result = bpflens("prog", "loadall", objects("data"), place + "/d")
    assert result.rc == 0 and result.out == b"" and "no program of the object is loaded" in result.stderr
    assert os.listdir(place) == []


def test_the_maps_of_an_object_without_programs_are_pinned_and_no_directory_is_made_for_programs(bpflens, peer, objects, place):  # noqa: F811
    """As bpftool does; where maps go to the same directory, it is made for them."""
    wanted = {}
    for program in (bpflens, peer):
        assert program.run("prog", "loadall", objects("data"), place + "/d", "pinmaps", place + "/m").rc == 0
        wanted[program] = os.listdir(place), sorted(os.listdir(place + "/m"))
        shutil.rmtree(place + "/m")
    assert wanted[bpflens] == wanted[peer] and wanted[peer][0] == ["m"] and wanted[peer][1]
    bpflens("prog", "loadall", objects("data"), place + "/d", "pinmaps", place + "/d")
    assert sorted(os.listdir(place + "/d")) == wanted[peer][1]


def test_maps_of_before_libbpf_1_say_what_to_do(refused, objects):  # noqa: F811
    result = refused(objects("legacy"))
    assert "section 'maps': definitions of maps as before libbpf 1.0" in result.error and ".maps" in hint(result)


def test_an_unknown_section_names_the_nearest(refused, objects):  # noqa: F811
    result = refused(objects("section"))
    assert "program 'load_stray': section 'xpd' says no type of program" in result.error and 'did you mean SEC("xdp")?' in hint(result) and "type TYPE" in hint(result)


def test_two_programs_of_one_name(refused, several, tmp_path):  # noqa: F811
    elf = Elf(several)
    first, third = elf.symbol("load_first"), elf.symbol("load_third")
    elf.data[third:third + 4] = elf.data[first:first + 4]
    result = refused(elf.write(tmp_path / "twins.o"), verb="loadall")
    assert "two programs are called 'load_first'" in result.error or "load_first" in result.error


@pytest.mark.slow_in_vm(reason="refused before the kernel is asked")
@pytest.mark.parametrize("number, why", [(0xfff2, "COMMON"), (60000, "section 60000")])
def test_a_program_whose_symbol_is_nowhere(refused, several, tmp_path, number, why):  # noqa: F811
    """A real common symbol may be a warning; a program is none."""
    elf = Elf(several)
    elf.put(elf.symbol("load_first") + 6, "H", number)
    result = refused(elf.write(tmp_path / "nowhere.o"), verb="loadall")
    assert "load_first" in result.error and why in result.error


def test_a_section_of_programs_without_bytes(refused, several, tmp_path):  # noqa: F811
    elf = Elf(several)
    elf.put(elf.find("xdp") + 4, "I", 8)
    result = refused(elf.write(tmp_path / "nobits.o"), verb="loadall")
    assert "xdp" in result.error and "load_first" in result.error and "NOBITS" in result.error


@pytest.mark.slow_in_vm(reason="refused before the kernel is asked")
@pytest.mark.parametrize("offset", [2**64 - 8, 2**40, "+3", 1, "before", "beyond"])
def test_relocations_outside_a_maps_initial_values(refused, objects, tmp_path, offset):  # noqa: F811
    elf = Elf(objects("outer"))
    _, at, size = elf.section(elf.find(".rel.maps"))
    entries = range(at, at + size, 16)
    target = next(i for i in entries if struct.unpack_from("<Q", elf.data, i)[0] >= 64)
    old, = struct.unpack_from("<Q", elf.data, target)
    new = {"+3": old + 3, "before": struct.unpack_from("<Q", elf.data, elf.symbol("load_outer") + 8)[0], "beyond": elf.section(elf.find(".maps"))[2] - 2}.get(offset, offset)
    elf.put(target, "Q", new)
    result = refused(elf.write(tmp_path / "reloc.o"))
    assert re.search(r"relocation|relo #|\.rel\.maps|\.maps relo", result.error), result
    assert f"0x{new:x}" in result.error or str(new) in result.error, result


def test_types_whose_names_the_kernel_refuses(bpflens, objects, place, tmp_path):  # noqa: F811
    """A program that does not need them is loaded all the same, with a line that says so."""
    with open(objects("named"), "rb") as file:
        content = file.read()
    for i, name in enumerate((b"a b<T*> ", b"*int   *")):
        path = tmp_path / f"named{i}.o"
        path.write_bytes(content.replace(b"replaced", name))
        result = bpflens("prog", "load", path, f"{place}/{i}")
        lines = result.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("note: kernel rejected BTF: type ") and name.decode().strip() in lines[0], result
        assert "-- BEGIN BTF LOAD LOG" in bpflens("-d", "prog", "load", path, f"{place}/d{i}").stderr


# The kernel


def test_what_the_verifier_refuses_names_the_program(refused, objects, place):  # noqa: F811
    for verb in ("load", "loadall"):
        assert refused(objects("refused"), verb=verb, path=place + "/" + verb).error.startswith("failed to load object file: ")
    assert "load_bad" in refused(objects("refused")).error


def test_debug_shows_the_log_of_what_is_refused(bpflens, objects, place):  # noqa: F811
    result = bpflens.run("-d", "prog", "load", objects("refused"), place + "/p")
    log = result.stderr.split("prog 'load_bad': -- BEGIN PROG LOAD LOG --\n")[1].split("-- END PROG LOAD LOG --")[0]
    assert "invalid access to packet" in log and re.search(r"^processed \d+ insns", log, re.M)


@pytest.mark.slow_in_vm(reason="the kernel writes a log of 25 MB")
@pytest.mark.parametrize("words, levels", [((), [0, 1]), (("log", "FILE"), [5])])
def test_a_long_log_is_written_once(bpflens, objects, place, tmp_path, words, levels):  # noqa: F811
    """For a larger buffer, the kernel would have to verify again."""
    words = [str(tmp_path / "log") if word == "FILE" else word for word in words]
    with nothing_left(os.path.dirname(place)):
        result, trace = bpflens.traced("prog", "load", objects("long"), place + "/p", *words, calls="bpf")
    assert result.rc == 1 and "program 'long_log': Permission denied" in result.error
    calls = [line for line in trace if "BPF_PROG_LOAD" in line and 'prog_name="long_log"' in line]
    assert [int(re.search(r"log_level=(\d+)", line)[1]) for line in calls] == levels, calls
    if words:
        with open(words[1]) as file:
            log = file.read()
        assert len(log) > 16 << 20 and "invalid mem access 'scalar'\n" in log[-300:], log[-300:]


def test_libbpfs_words_are_not_dumped(bpflens, objects, place):  # noqa: F811
    assert "libbpf:" not in bpflens.run("prog", "load", objects("refused"), place + "/p").stderr


def test_a_field_that_no_kernel_has(refused, objects):  # noqa: F811
    assert "load_reader" in refused(objects("field")).error


def test_a_map_that_no_memory_holds(refused, objects):  # noqa: F811
    result = refused(objects("huge"), verb="loadall")
    assert re.search(r"failed to load object file: .*map 'load_huge'", result.error), result


def test_an_ordinary_user_is_told_which_rights_it_takes(bpflens, public, nobody, several, private):  # noqa: F811
    path = shutil.copy(several, os.path.join(private, unique("obj")))
    os.chmod(path, 0o644)
    folder = os.path.join(private, "bpffs", unique("open"))
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    with nothing_left(folder):
        result = public.run("prog", "load", path, folder + "/p", before=nobody)
    os.rmdir(folder)
    assert result.rc == 1 and "Operation not permitted" in result.error and "CAP_BPF" in hint(result), result
    assert "RLIMIT" not in result.error, "the limit on locked memory is not what is wrong"


# Maps that stand in


@pytest.mark.slow_in_vm(reason="refused before the kernel is asked")
@pytest.mark.parametrize("shape, what", [(("array", 4, 8), "its type is array, the object's is hash"), (("hash", 8, 8), "its key size is 8, the object's is 4"),
                                         (("hash", 4, 4), "its value size is 4, the object's is 8")])
def test_a_map_of_another_shape_is_refused_by_the_field(kernel, refused, several, shape, what):  # noqa: F811
    made = kernel.map(*shape, max_entries=8)
    result = refused(several, "map", "name", "load_counts", "id", made.id)
    assert f"map 'load_counts': map {made.id} cannot replace it: {what}" in result.error


def test_maps_that_the_object_or_the_kernel_lacks(kernel, refused, several):  # noqa: F811
    made = kernel.map("hash", 4, 8, max_entries=8)
    assert "unable to find map 'nosuch'" in refused(several, "map", "name", "nosuch", "id", made.id).error
    assert "map idx '17' not used" in refused(several, "map", "idx", "17", "id", made.id).error
    twice = refused(several, "map", "idx", "0", "id", made.id, "map", "name", "load_counts", "id", made.id)
    assert "replacement for map idx 0 specified more than once" in twice.error
    assert "No such file" in refused(several, "map", "idx", "0", "id", 2**32 - 2).error
    assert "several maps match" in refused(several, "map", "idx", "0", "name", ambiguous(kernel)).error


def ambiguous(kernel):
    name = unique("am")
    for _ in range(2):
        kernel.map("hash", 4, 8, max_entries=8, name=name)
    return name


# Words


@pytest.mark.slow_in_vm(reason="refused before the kernel is asked")
@pytest.mark.parametrize("words, text", [
    (["type", "xpd"], "type 'xpd' is not known"), (["type"], "'type' needs a value"), (["type", "xdp", "type", "tc"], "'type' is there twice"),
    (["map", "idx", "0"], "'map' needs at least 4 arguments, 3 found"), (["map", "nam", "x", "id"], "'id' needs a value|needs"),
    (["map", "it", "0", "id", "1"], "expected 'idx' or 'name', got: 'it'"), (["map", "idx", "x", "id", "1"], "can't parse x as IDX"),
    (["what"], "what is 'what'"), (["offload_dev", "nosuchdev"], "unrecognized netdevice 'nosuchdev': No such device"),
    (["dev", "lo", "offload_dev", "lo"], "offload_dev already specified"),
    (["xdpmeta_dev", "lo", "offload_dev", "lo"], "xdpmeta_dev and offload_dev are mutually exclusive"), (["kernel_btf", "/dev/null"], "kernel_btf")])
def test_words_that_make_no_sense(refused, several, words, text):  # noqa: F811
    assert re.search(text, refused(several, *words).error)


def test_the_nearest_type_is_named(refused, several):  # noqa: F811
    assert "did you mean 'xdp'?" in hint(refused(several, "type", "xpd"))
    assert "did you mean 'kprobe" in hint(refused(several, "type", "kprob/x"))


def test_a_path_is_needed_but_with_a_loader(bpflens, several):  # noqa: F811
    assert bpflens.run("prog", "load", several).rc == 2
    assert "expected PATH" in bpflens.run("prog", "load", several).error
    assert "expected PATH" in bpflens.run("-L", "prog", "loadall", several).error
    assert "'autoattach' is not compatible" in bpflens.run("-L", "prog", "load", several, "autoattach").error


@pytest.mark.slow_in_vm(reason="refused before the kernel is asked")
@pytest.mark.parametrize("option", ["-S", "-k", "-i"])
def test_signing_is_refused_before_anything_else(bpflens, several, place, option):  # noqa: F811
    result = bpflens.run(option, *(["key"] if option != "-S" else []), "-L", "prog", "load", several)
    assert result.rc == 2 and "signed programs are not supported" in result.error
    assert bpflens("-j", "version")["features"]["crypto"] is False


def test_a_device_that_runs_no_programs(refused, several):  # noqa: F811
    assert "lo" in refused(several, "offload_dev", "lo", "type", "xdp").error or "failed to load" in refused(several, "offload_dev", "lo").error
    assert "Retrying without BTF)" not in refused(several, "offload_dev", "lo").stderr


# Pins


def test_an_existing_pin_is_found_before_anything_is_loaded(bpflens, refused, several, place):  # noqa: F811
    bpflens("prog", "load", several, place + "/there")
    for verb, path in (("load", "/there"), ("loadall", "/all"), ("loadall", "/maps")):
        if path == "/all":
            os.mkdir(place + "/all")
            bpflens("prog", "load", several, place + "/all/load_second")
        more = ()
        if path == "/maps":
            os.mkdir(place + "/m")
            bpflens("map", "create", place + "/m/load_other", "type", "array", "key", 4, "value", 4, "entries", 1, "name", "there")
            more = ("pinmaps", place + "/m")
        result = refused(several, *more, verb=verb, path=place + path)
        assert "pin: File exists" in result.error
        _, trace = bpflens.traced("prog", verb, several, place + path, *more)
        assert not [line for line in trace if "BPF_PROG_LOAD" in line or "BPF_MAP_CREATE" in line]


@pytest.mark.slow_in_vm(reason="what is undone does not depend on the kernel")
@pytest.mark.parametrize("words", [(), ("pinmaps", "MAPS")])
@pytest.mark.parametrize("verb", ["load", "loadall"])
def test_pins_and_directories_go_again_when_a_later_pin_fails(bpflens, several, place, verb, words):  # noqa: F811
    """The kernel refuses each pin in turn."""
    more = [place + "/maps" if word == "MAPS" else word for word in words]
    n = (1 if verb == "load" else 3) + (4 if words else 0)
    for i in range(1, n + 1):
        with nothing_left(os.path.dirname(place)):
            result, trace = bpflens.traced("prog", verb, several, place + "/p", *more, calls="bpf", inject=f"bpf:error=EPERM:when={pin_call(bpflens, verb, several, place, more, i)}")
        assert result.rc == 1 and "pin" in result.error, result
        assert any("BPF_OBJ_PIN" in line and "INJECTED" in line for line in trace)


def pin_call(bpflens, verb, several, place, more, which):  # noqa: F811
    """Which of the parent's calls of bpf(2) makes the pin: strace counts for each process by itself."""
    result, trace = bpflens.traced("prog", verb, several, place + "/p", *more)
    assert result.rc == 0, result
    for path in (place + "/p", place + "/maps"):
        shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.path.exists(path) and os.unlink(path)
    parent = next(line.split()[0] for line in trace if "BPF_OBJ_PIN" in line)
    mine = [line for line in trace if line.split()[0] == parent and "bpf(" in line]
    return [i for i, line in enumerate(mine, 1) if "BPF_OBJ_PIN" in line][which - 1]


@pytest.mark.parametrize("verb, path, why", [
    ("load", "/none/p", "No such file or directory"), ("loadall", "/none/p", "parent dir .* doesn't exist"), ("load", "/a.b", "Operation not permitted"),
    ("loadall", "/a.b", "Operation not permitted"), ("load", "/", "pin"), ("load", "", "File exists")])
def test_paths_that_nothing_can_be_pinned_at(refused, several, place, verb, path, why):  # noqa: F811
    assert re.search(why, refused(several, verb=verb, path=place + path).error)


def test_names_that_no_pin_can_have(refused, several, tmp_path):  # noqa: F811
    """A name with a slash would be pinned elsewhere."""
    with open(several, "rb") as file:
        content = file.read()
    for name in (b"load/first", b"../_first_", b"load.first"):
        path = tmp_path / "odd.o"
        path.write_bytes(content.replace(b"load_first", name))
        result = refused(path, verb="loadall")
        assert "pin" in result.error and name.decode() in result.error, result


def test_nothing_is_mounted_over_content_or_against_n(refused, several, tmp_path):  # noqa: F811
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    (tmp_path / "empty").mkdir()
    for verb, end in (("load", "/p"), ("loadall", "")):
        assert "is not on a BPF file system" in refused(several, verb=verb, path=f"{tmp_path}/full{end}").error
        assert "-n forbids" in hint(refused(several, verb=verb, path=f"{tmp_path}/empty{end}", options=["-n"]))
    assert "-n forbids" in hint(refused(several, verb="loadall", path=f"{tmp_path}/new", options=["-n"]))
    assert not (tmp_path / "new").exists()


def test_a_mount_goes_again_when_loading_fails(refused, objects, tmp_path):  # noqa: F811
    for verb, end in (("load", "/p"), ("loadall", ""), ("loadall", "/new")):
        (tmp_path / verb).mkdir(exist_ok=True)
        refused(objects("refused"), verb=verb, path=f"{tmp_path}/{verb}{end}")
        assert os.listdir(tmp_path / verb) == []


def test_a_read_only_bpffs(bpflens, several, place, tmp_path):  # noqa: F811
    folder = tmp_path / "ro"
    folder.mkdir()
    before = isolated(f"mount -t bpf -o ro bpf {folder}")
    for verb, end in (("load", "/p"), ("loadall", "/d"), ("loadall", "")):
        result = bpflens.run("prog", verb, several, f"{folder}{end}", before=before)
        assert result.rc == 1 and "Read-only file system" in result.error and "mounted read-only" in hint(result), result


# The kernel's configuration


def configured(content, packed=False):
    """A namespace with this configuration of the kernel, and no other."""
    hide = "if [ -e /proc/config.gz ]; then mount --bind /dev/null /proc/config.gz; fi"
    write = "" if content is None else f" && printf '{content}' >/boot/config-$(uname -r)"
    return isolated(f"mount -t tmpfs none /boot && {hide}{write}")


@pytest.mark.slow_in_vm(reason="refused before the kernel is asked")
@pytest.mark.parametrize("content, why", [
    ("CONFIG_HZ=\\nCONFIG_LOCALVERSION=\"x\"\\n", r"CONFIG_HZ=.*no value"), ("CONFIG_HZ=\"\\n", r"'CONFIG_HZ': value '\"' implies char array"),
    ("CONFIG_HZ=m\\n", r"'CONFIG_HZ': value 'm' implies"), ("CONFIG_HZ=99999999999999999999\\n", r"'CONFIG_HZ': value '9+' isn't a valid integer"),
    ("CONFIG_HZ=100\\r\\n", r"'CONFIG_HZ': value '100.*' isn't a valid integer"),
    ("CONFIG_HZ=100\\nCONFIG_LOCALVERSION=\"abcdefghijklmnopqrstuvw\"\\n", r"'CONFIG_LOCALVERSION': long string '.*' of .* truncated")])
def test_values_that_do_not_fit_name_option_value_and_reason(refused, objects, content, why):  # noqa: F811
    assert re.search(why, refused(objects("options"), before=configured(content)).error)


def test_without_a_configuration_the_paths_are_named(bpflens, refused, objects, place):  # noqa: F811
    result = refused(objects("options"), before=configured(None))
    assert "extern 'CONFIG_" in result.error and "not resolved" in result.error
    assert f"/boot/config-{os.uname().release}" in hint(result) and "/proc/config.gz" in hint(result)
    assert "CONFIG_HZ" in hint(result) and "CONFIG_LOCALVERSION" in hint(result) and "NOBODY" not in hint(result)
    bpflens("prog", "load", objects("weak"), place + "/weak", before=configured(None))
    gone = isolated("mount -t tmpfs none /boot && if [ -e /proc/config.gz ]; then mount -t tmpfs none /proc; fi")
    result = refused(objects("options"), before=gone)
    assert "extern 'CONFIG_" in result.error and "not resolved" in result.error and "/proc/config.gz" in hint(result)


def test_a_configuration_without_the_option_is_named(refused, objects):  # noqa: F811
    result = refused(objects("options"), before=configured("CONFIG_LOCALVERSION=\"x\"\\n"))
    assert "extern 'CONFIG_HZ' (strong): not resolved" in result.error and "does not have it" in hint(result)


def test_a_configuration_that_is_cut_off(refused, objects):  # noqa: F811
    script = "mount -t tmpfs none /boot && head -c 120 /proc/config.gz >/boot/config-$(uname -r)"
    if not os.path.exists("/proc/config.gz"):
        script = "mount -t tmpfs none /boot && printf '\\037\\213\\010\\000\\000' >/boot/config-$(uname -r)"
    assert "failed to load object file" in refused(objects("options"), before=isolated(script)).error


# Damage


@pytest.mark.slow_in_vm(reason="hundreds of damaged files, of which few come as far as the kernel")
def test_objects_that_are_cut_off_leave_nothing(bpflens, several, place, tmp_path):  # noqa: F811
    with open(several, "rb") as file:
        content = file.read()
    path = tmp_path / "cut.o"
    with nothing_left(os.path.dirname(place)):
        for size in range(0, len(content), max(len(content) // 100, 1)):
            path.write_bytes(content[:size])
            result = bpflens.run("prog", "loadall", path, place + "/all", "pinmaps", place + "/maps")
            assert result.rc == 1 and result.error.startswith("failed to "), (size, result)


@pytest.mark.slow_in_vm(reason="hundreds of damaged files, of which few come as far as the kernel")
@pytest.mark.parametrize("name", ["several", "outer", "options"])
def test_objects_with_flipped_bits_load_or_leave_nothing(bpflens, objects, place, tmp_path, name):  # noqa: F811
    rng = random.Random(SEED)
    elf = Elf(objects(name))
    path = tmp_path / "flipped.o"
    kept = [elf.section(header)[1:] for header, section in zip(elf.headers, elf.names) if not section.startswith((".debug", ".rel.debug", ".llvm"))]
    spans = [(at, size) for at, size in kept if size] + [(0, 64), (elf.headers[0], 64 * len(elf.headers))]
    with nothing_left(os.path.dirname(place)):
        for _ in range(100):
            content = bytearray(elf.data)
            for _ in range(rng.choice((1, 1, 3))):
                at, size = rng.choice(spans)
                where = at + rng.randrange(size)
                if where < len(content):
                    content[where] ^= 1 << rng.randrange(8)
            path.write_bytes(content)
            result = bpflens.run("prog", "loadall", path, place + "/all", "pinmaps", place + "/maps")
            assert result.rc in (0, 1), result
            if result.rc:
                assert result.error and not os.path.exists(place + "/all") and not os.path.exists(place + "/maps"), result
            shutil.rmtree(place + "/all", ignore_errors=True)
            shutil.rmtree(place + "/maps", ignore_errors=True)


def test_a_crash_of_libbpf_is_an_error(bpflens, several, place):  # noqa: F811
    """What stands for it is a signal at a system call of the process that libbpf works in."""
    with nothing_left(os.path.dirname(place)):
        result, _ = bpflens.traced("prog", "loadall", several, place + "/all", calls="bpf", inject="bpf:signal=SIGSEGV:when=6")
    assert result.rc == 1 and "libbpf crashed over it" in result.error, result


def test_a_hang_of_libbpf_is_an_error(bpflens, several, place):  # noqa: F811
    with nothing_left(os.path.dirname(place)):
        result, _ = bpflens.traced("prog", "loadall", several, place + "/all", calls="bpf", inject="bpf:signal=SIGVTALRM:when=6")
    assert result.rc == 1 and "libbpf came to no end with it: Connection timed out" in result.error, result


def test_a_killed_command_takes_its_process_along(bpflens, several, place):  # noqa: F811
    with nothing_left(os.path.dirname(place)):
        child = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=bpf:delay_enter=200000:when=8+", bpflens.path, "prog", "loadall", several,
                                  place + "/all"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            child.wait(0.3)
        except subprocess.TimeoutExpired:
            with open(f"/proc/{child.pid}/task/{child.pid}/children") as file:
                for pid in file.read().split():
                    os.kill(int(pid), 9)
        child.wait()


@pytest.mark.slow_in_vm(reason="every system call of a load fails once; which calls there are is not the kernel's to say")
def test_every_call_that_fails_leaves_nothing(bpflens, several, place):  # noqa: F811
    _, trace = bpflens.traced("prog", "loadall", several, place + "/all")
    shutil.rmtree(place + "/all")
    for call, error, most in (("bpf", "EPERM", len(trace)), ("socketpair", "EMFILE", 1), ("clone", "EAGAIN", 1), ("mkdir", "EACCES", 1), ("recvmsg", "ENOMEM", 6),
                              ("sendmsg", "ETOOMANYREFS", 5)):
        for i in range(1, min(most, 45) + 1):
            with nothing_left(os.path.dirname(place)):
                result, lines = bpflens.traced("prog", "loadall", several, place + "/all", calls=call, inject=f"{call}:error={error}:when={i}")
                if result.rc == 0:
                    shutil.rmtree(place + "/all")
            assert result.rc in (0, 1) and (result.rc == 0 or result.error), (call, i, result)
            assert result.rc == 1 or call != "sendmsg" or not any("INJECTED" in line for line in lines), (i, result)

