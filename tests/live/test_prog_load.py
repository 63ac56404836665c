# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog load, prog loadall: what the object declares is what the kernel has, where it was to be pinned; all of it, or nothing."""
import os
import re
import shutil
import signal
import struct
import subprocess

import bpf
import bpflink
import pytest
from loadobjects import Elf, nothing_left, objects, tree  # noqa: F401 - objects is a fixture
from maker import unique

PROGS = {"load_first": "xdp", "load_second": "sched_cls", "load_third": "raw_tracepoint"}
MAPS = {"load_counts": ("hash", 4, 8, 8), "load_other": ("array", 4, 4, 1)}
DATA = ["several_data", "several_rodata"]


@pytest.fixture
def place(private):
    """A directory of the tests' bpffs, which is empty."""
    path = os.path.join(private, "bpffs", unique("ld"))
    os.mkdir(path)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def several(objects):  # noqa: F811
    return objects("several")


def info_of(path, layout):
    fd = bpf.obj_get(path)
    try:
        return bpf.info(fd, layout())
    finally:
        os.close(fd)


def prog_at(path):
    info = info_of(path, bpf.ProgInfo)
    return info.name.decode(), bpf.PROG_TYPES[info.type]


def map_at(path):
    info = info_of(path, bpf.MapInfo)
    return bpf.MAP_TYPES[info.type], info.key_size, info.value_size, info.max_entries


def hint(result):
    assert "  hint: " in result.stderr, result
    return result.stderr.split("  hint: ")[1].strip()


def silent(result):
    assert (result.rc, result.out, result.err) == (0, b"", b""), result


def test_load_pins_the_first_program(bpflens, several, place):
    silent(bpflens("prog", "load", several, place + "/one"))
    assert prog_at(place + "/one") == ("load_first", "xdp")
    assert tree(place) == {place + "/one"}


def test_loadall_pins_each_program_by_its_name(bpflens, several, place):
    silent(bpflens("prog", "loadall", several, place + "/all"))
    assert {name: prog_at(f"{place}/all/{name}") for name in os.listdir(place + "/all")} == {n: (n, t) for n, t in PROGS.items()}


@pytest.mark.parametrize("verb", ["load", "loadall"])
def test_json_says_null(bpflens, several, place, verb):
    for form in ("-j", "-p"):
        result = bpflens.run(form, "prog", verb, several, place + "/x" + form)
        assert (result.rc, result.out, result.err) == (0, b"null\n", b"")


def test_maps_are_pinned_where_they_are_wanted(bpflens, several, place):
    silent(bpflens("prog", "loadall", several, place + "/all", "pinmaps", place + "/all/maps"))
    assert sorted(os.listdir(place + "/all/maps")) == sorted([*MAPS, *DATA])
    assert {name: map_at(f"{place}/all/maps/{name}") for name in MAPS} == MAPS
    fd = bpf.obj_get(place + "/all/maps/several_data")
    assert struct.unpack("<i", bpf.map_lookup(fd, bytes(4), 4)) == (3,)
    os.close(fd)


def test_names_of_pins_are_those_of_bpftool(bpflens, peer, several, place, tmp_path):
    odd = shutil.copy(several, tmp_path / "odd-name.bpf.v2.o")
    found = []
    for i, program in enumerate((bpflens, peer)):
        program("prog", "loadall", odd, f"{place}/{i}", "pinmaps", f"{place}/{i}/maps")
        paths = sorted(os.path.relpath(path, f"{place}/{i}") for path in tree(f"{place}/{i}"))
        found.append([(path, map_at(f"{place}/{i}/{path}") if "maps/" in path else None) for path in paths])
        found[-1].append([info_of(f"{place}/{i}/maps/{name}", bpf.MapInfo).name for name in os.listdir(f"{place}/{i}/maps")])
    assert found[0][:-1] == found[1][:-1] and sorted(found[0][-1]) == sorted(found[1][-1])


def test_strict_forms_tell_what_was_loaded(bpflens, several, place):
    records = bpflens("-o", "json", "prog", "loadall", several, place + "/all", "pinmaps", place + "/maps")
    progs = {one["name"]: one for one in records if one["object"] == "program"}
    maps = {one["name"]: one for one in records if one["object"] == "map"}
    assert {name: one["type"] for name, one in progs.items()} == PROGS
    assert [one["section"] for one in progs.values()] == ["xdp", "tc", "raw_tp/sys_enter"]
    for name, one in progs.items():
        assert one["pinned"] == [f"{place}/all/{name}"]
        assert one["id"] == info_of(one["pinned"][0], bpf.ProgInfo).id
        assert bpf.PROG_TYPES[one["type_id"]] == one["type"]
    assert set(maps) == {*MAPS, "several.data", "several.rodata"}
    for one in maps.values():
        assert one["reused"] is False and one["id"] == info_of(one["pinned"][0], bpf.MapInfo).id


def test_jsonl_and_tables_have_a_line_for_each(bpflens, several, place):
    assert len(bpflens("-o", "jsonl", "prog", "loadall", several, place + "/a")) == 7
    lines = bpflens("-o", "tsv=object,name", "prog", "loadall", several, place + "/b").stdout.splitlines()
    assert lines[0] == "object\tname" and lines[1] == "program\tload_first" and len(lines) == 8


def test_a_crowd_of_programs_is_pinned_each_by_its_name(bpflens, objects, place):  # noqa: F811
    silent(bpflens("prog", "loadall", objects("crowd"), place + "/all"))
    names = os.listdir(place + "/all")
    assert len(names) == 260 and all(prog_at(f"{place}/all/{name}") == (name, "raw_tracepoint") for name in names)


def test_a_type_is_given_to_all_programs(bpflens, several, place):
    bpflens("prog", "loadall", several, place + "/all", "type", "socket")
    assert {prog_at(f"{place}/all/{name}")[1] for name in PROGS} == {"socket_filter"}


@pytest.mark.parametrize("word, type", [("xdp", "xdp"), ("classifier", "sched_cls"), ("kprobe", "kprobe"), ("kprobe/", "kprobe"), ("sk_skb", "sk_skb")])
def test_types_are_named_as_sections_are(bpflens, objects, place, word, type):  # noqa: F811
    bpflens("prog", "load", objects("section"), place + "/p", "type", word)
    assert prog_at(place + "/p") == ("load_stray", type)


def test_a_map_by_name_or_number_stands_in_for_the_objects(kernel, bpflens, several, place):
    counts, other = kernel.map("hash", 4, 8, max_entries=8), kernel.map("array", 4, 4)
    bpflens("prog", "loadall", several, place + "/all", "map", "name", "load_counts", "id", counts.id,
            "map", "idx", "1", "pinned", kernel.pin(other), "pinmaps", place + "/maps")
    assert info_of(place + "/maps/load_counts", bpf.MapInfo).id == counts.id
    assert info_of(place + "/maps/load_other", bpf.MapInfo).id == other.id
    fd = bpf.obj_get(place + "/all/load_first")
    assert counts.id in bpf.prog_info(fd)[1]
    os.close(fd)


def test_a_map_with_more_room_may_stand_in(kernel, bpflens, several, place):
    counts = kernel.map("hash", 4, 8, max_entries=64)
    bpflens("prog", "load", several, place + "/p", "map", "name", "load_counts", "id", counts.id)


def test_autoattach_pins_links_and_programs_without_a_hook(bpflens, several, place):
    result = bpflens("prog", "loadall", several, place + "/all", "autoattach")
    assert [line for line in result.stderr.splitlines() if "load_third" in line] == []
    for name in ("load_first", "load_second"):
        assert f"note: Program {name} does not support autoattach, falling back to pinning" in result.stderr
        assert prog_at(f"{place}/all/{name}")[0] == name
    fd = bpf.obj_get(place + "/all/load_third")
    link = bpflink.LinkInfo(fd)
    os.close(fd)
    assert bpflens("-j", "link", "show", "id", link.id)["tp_name"] == "sys_enter"


def test_autoattach_of_one_program_pins_its_link(bpflens, several, place, tmp_path):
    """Where only the last program stands in a section that is loaded, it is the first."""
    elf = Elf(several)
    strings = elf.section(elf.find(".shstrtab" if ".shstrtab" in elf.names else ".strtab"))[1]
    for name in ("xdp", "tc"):
        at = strings + struct.unpack_from("<I", elf.data, elf.find(name))[0]
        if elf.text(at) == name:
            elf.data[at] = ord("?")
    path = elf.write(tmp_path / "third.o")
    bpflens("prog", "load", path, place + "/link", "autoattach")
    fd = bpf.obj_get(place + "/link")
    assert os.readlink(f"/proc/self/fd/{fd}").startswith("anon_inode:bpf") and "link" in os.readlink(f"/proc/self/fd/{fd}")
    os.close(fd)


def test_programs_that_are_not_to_be_loaded_are_left_out(bpflens, objects, place):  # noqa: F811
    result = bpflens("prog", "loadall", objects("optional"), place + "/all")
    assert os.listdir(place + "/all") == ["load_loaded"]
    assert "note: program 'load_left_out' is not loaded: its section's name begins with '?'" in result.stderr
    bpflens("prog", "load", objects("optional"), place + "/one")
    assert prog_at(place + "/one")[0] == "load_loaded"


def test_maps_of_maps_hold_what_the_object_says(bpflens, objects, place):  # noqa: F811
    bpflens("prog", "load", objects("outer"), place + "/p", "pinmaps", place + "/maps")
    inner = {bpflens("-j", "map", "show", "pinned", f"{place}/maps/load_in{i}")["id"] for i in (1, 2)}
    dumped = [one for one in bpflens("-o", "json", "map", "dump", "pinned", place + "/maps/load_outer") if one.get("inner_map_id")]
    assert [one["key"] for one in dumped] == ["01000000", "03000000"] or [one["key"] for one in dumped] == [1, 3]
    assert {one["inner_map_id"] for one in dumped} == inner


def test_a_shared_map_is_pinned_and_found_again(bpflens, objects, place, private):  # noqa: F811
    path = "/sys/fs/bpf/load_shared"
    script = 'mount -t bpf bpf /sys/fs/bpf || exit 9; B=$1; shift; "$B" prog load "$1" "$2/a" && "$B" prog load "$1" "$2/b" && "$B" -j map show pinned ' + path
    done = subprocess.run(["unshare", "-m", "--", "sh", "-c", script, "-", bpflens.path, objects("shared"), place], capture_output=True, text=True)
    if done.returncode == 9:
        pytest.skip("needs /sys/fs/bpf to mount on")
    assert done.returncode == 0 and done.stderr == "", done
    number = int(re.search(r'"id":(\d+)', done.stdout)[1])
    for name in ("a", "b"):
        fd = bpf.obj_get(f"{place}/{name}")
        assert bpf.prog_info(fd)[1] == [number]
        os.close(fd)


def test_a_shared_map_that_differs_is_refused(bpflens, objects, place):  # noqa: F811
    script = ('mount -t bpf bpf /sys/fs/bpf || exit 9; B=$1; "$B" map create /sys/fs/bpf/load_shared type hash key 4 value 8 entries 9 name load_shared; '
              '"$B" prog load "$2" "$3/p"')
    with nothing_left(place):
        done = subprocess.run(["unshare", "-m", "--", "sh", "-c", script, "-", bpflens.path, objects("shared"), place], capture_output=True, text=True)
    if done.returncode == 9:
        pytest.skip("needs /sys/fs/bpf to mount on")
    assert done.returncode == 1
    assert re.search(r"map 'load_shared': map \d+ cannot replace it: its max_entries is 9, the object's is 8", done.stderr), done


def test_a_mount_is_made_over_an_empty_directory_and_told(bpflens, several, tmp_path):
    for verb, path, where in (("load", "m/p", "m"), ("loadall", "d", "d"), ("loadall", "new", "new")):
        folder = tmp_path / where
        if where != "new":
            folder.mkdir()
        result = bpflens("prog", verb, several, tmp_path / path)
        assert result.stderr == f"note: mounted a BPF file system on {folder}\n"
        assert prog_at(str(folder / ("p" if verb == "load" else "load_first")))[0] == "load_first"
        bpf.LIBC.umount2(os.fsencode(folder), 2)


def test_options_of_the_kernel_come_from_its_configuration(bpflens, objects, place):  # noqa: F811
    script = 'mount -t tmpfs none /boot && printf "CONFIG_HZ=321\\nCONFIG_LOCALVERSION=\\"-x\\"\\n" >/boot/config-$(uname -r) && exec "$@"'
    before = ["unshare", "-m", "--", "sh", "-c", script, "-"]
    bpflens("prog", "load", objects("options"), place + "/p", "pinmaps", place + "/maps", before=before)
    assert os.path.exists(place + "/maps/options_kconfig")
    fd = bpf.obj_get(place + "/maps/options_kconfig")
    content = bpf.map_lookup(fd, bytes(4), bpf.info(fd, bpf.MapInfo()).value_size)
    os.close(fd)
    assert struct.pack("<Q", 321) in content and b"-x\0" in content


def test_debug_shows_libbpfs_words_and_the_log(bpflens, several, place):
    quiet, loud = bpflens("prog", "load", several, place + "/a"), bpflens("-d", "prog", "load", several, place + "/b")
    assert quiet.err == b"" and loud.out == b""
    assert "libbpf: loading object 'several' from buffer" in loud.stderr
    for name in PROGS:
        assert f"prog '{name}': -- BEGIN PROG LOAD LOG --" in loud.stderr
    assert len(re.findall(r"^processed \d+ insns", loud.stderr, re.M)) == 3


def test_the_loader_program_loads_and_pins(bpflens, several, place):
    result = bpflens.run("-L", "prog", "load", several)
    if "loader program: load it" in result.stderr:
        pytest.skip("this kernel loads no syscall programs")
    silent(result)
    silent(bpflens("-L", "prog", "load", several, place + "/p", "pinmaps", place + "/maps"))
    assert prog_at(place + "/p") == ("load_first", "xdp")
    assert {name: map_at(f"{place}/maps/{name}") for name in MAPS} == MAPS


def test_debug_shows_the_loader_programs_instructions_as_bpftool(bpflens, peer, several):
    ours, theirs = bpflens.run("-L", "-d", "prog", "load", several), peer.run("-L", "-d", "prog", "load", several)
    if "loader program: load it" in ours.stderr:
        pytest.skip("this kernel loads no syscall programs")
    assert ours.rc == 0 and re.match(r" +0: \(bf\) r6 = r1\n", ours.stdout), ours
    mine = [line for line in ours.stdout.splitlines() if re.match(r" *\d+: \(", line)]
    text = [line for line in theirs.stdout.splitlines() if re.match(r" *\d+: \(", line)]
    assert len(mine) > 100 and mine[:4] == text[:4]


def test_words_may_be_shortened_and_stand_in_any_order(kernel, bpflens, several, place):
    counts = kernel.map("hash", 4, 8, max_entries=8)
    bpflens("prog", "loadall", several, place + "/all", "p", place + "/maps", "m", "n", "load_counts", "id", counts.id, "t", "xdp")
    assert info_of(place + "/maps/load_counts", bpf.MapInfo).id == counts.id


def test_what_calico_runs(as_bpftool, kernel, objects, place):  # noqa: F811
    """prog load OBJ PIN type T map ...: the status alone counts."""
    kept = kernel.map("hash", 4, 8, max_entries=512)
    result = as_bpftool.run("prog", "load", objects("several"), place + "/calico_parser", "type", "sk_skb",
                            "map", "name", "load_counts", "pinned", kernel.pin(kept))
    assert (result.rc, result.out) == (0, b"")
    result = as_bpftool.run("--json", "--pretty", "prog", "show", "pinned", place + "/calico_parser")
    assert result.json["type"] == "sk_skb" and kept.id in result.json["map_ids"]
    assert as_bpftool.run("prog", "load", objects("refused"), place + "/q", "type", "xdp").rc == 255


def test_completion_offers_sections_and_words(bpflens):
    def offered(*words):
        return bpflens("__complete", str(len(words)), "bpflens", *words).stdout.split()
    assert {"xdp", "cgroup/connect4"} <= set(offered("prog", "load", "a.o", "/x", "type", ""))
    assert offered("prog", "load", "a.o", "/x", "map", "") == ["idx", "name"]
    assert {"type", "map", "pinmaps", "autoattach", "kernel_btf"} <= set(offered("prog", "loadall", "a.o", "/x", ""))
    assert "id" in offered("prog", "load", "a.o", "/x", "map", "name", "m", "")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_load_leaves_all_or_nothing(bpflens, several, place, name):
    for delay in (0.001, 0.004, 0.008, 0.012, 0.02):
        with subprocess.Popen([bpflens.path, "prog", "loadall", several, place + "/all"], stderr=subprocess.DEVNULL) as child:
            try:
                child.wait(delay)
            except subprocess.TimeoutExpired:
                child.send_signal(getattr(signal, name))
        left = os.listdir(place + "/all") if os.path.exists(place + "/all") else None
        assert left is None or sorted(left) == sorted(PROGS)
        shutil.rmtree(place + "/all", ignore_errors=True)
