# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""How programs in the wild run bpftool, word for word, and the keys, types and texts of the answers that they rely on.

Each command line stands as its users write it, options where they put them; most run under both names.
"""
import json
import os
import re
import struct

import bpf
import progzoo
import pytest
import zoo
from maker import hex_bytes, unique
from runner import compact, only
from test_map_typed import U32, U64, typed_map
from test_metadata import NUMBER, PREFIX, TEXT, constants, number
from typed import Array, Record

pytestmark = pytest.mark.slow_in_vm(reason="hundreds of starts of two programs; forms of output, which no kernel has a say in")

END_OF_KEYS = "can't get next key: No such file or directory"
KEY, VALUE = bytes([10, 0, 0x0b, 0xff]), bytes(range(0xf8, 0x100))


@pytest.fixture(params=["bpflens", "bpftool"])
def tool(request, bpflens, as_bpftool):
    """The program under each of its names, with the status of its failures."""
    program = {"bpflens": bpflens, "bpftool": as_bpftool}[request.param]
    program.failed = {"bpflens": 1, "bpftool": 255}[request.param]
    return program


@pytest.fixture
def pinned(kernel):
    """A hash map with one element, and its pin."""
    made = kernel.map("hash", 4, 8, {KEY: VALUE}, max_entries=16, name=unique("cl"))
    return made, kernel.pin(made)


def spelt(data):
    return ["hex", *(f"{byte:02x}" for byte in data)]


def owned(record):
    """The record without its owners, which bpftool shows where it can load its iterator."""
    return {key: value for key, value in record.items() if key != "pids"}


def same_record(ours, theirs):
    """What bpftool says is said, by the same keys in the same order."""
    theirs = owned(theirs)
    assert {key: ours[key] for key in theirs} == theirs
    assert [key for key in ours if key in theirs] == list(theirs)


def absent(kind):
    """An id that no object has: the kernel gives each the next one."""
    return max(bpf.ids(kind), default=0) + 1000000


# Maps by pin, with --json --pretty in front


def test_create_answers_by_its_status_and_says_why_not(kernel, tool, private):
    path = f"{private}/bpffs/{unique('cl')}"
    words = ["map", "create", path, "type", "hash", "key", "4", "value", "8", "entries", "511000", "name", "cali_v4_nat", "flags", "1"]
    try:
        assert tool(*words).out == b""
        fd = kernel.keep(bpf.obj_get(path))
        info = bpf.info(fd, bpf.MapInfo())
        assert (info.type, info.key_size, info.value_size, info.max_entries, info.name, info.flags) == (1, 4, 8, 511000, b"cali_v4_nat", 1)
        again = tool.run(*words)
        assert again.rc == tool.failed and b"File exists" in again.out + again.err
    finally:
        os.unlink(path)


@pytest.mark.parametrize("handle", ["pinned", "id"])
def test_show_of_one_map_is_an_object_with_numbers(tool, peer, pinned, handle):
    made, path = pinned
    words = ["--json", "--pretty", "map", "show", handle, {"pinned": path, "id": made.id}[handle]]
    record = tool(*words)
    assert type(record) is dict and "error" not in record
    assert (record["id"], record["type"], record["bytes_key"], record["bytes_value"]) == (made.id, "hash", 4, 8)
    assert all(type(record[key]) is int for key in ("id", "bytes_key", "bytes_value", "max_entries"))
    same_record(record, peer(*words))


@pytest.mark.parametrize("noun, handle, value", [
    ("map", "pinned", "{bpffs}/none"), ("prog", "pinned", "{bpffs}/none"), ("map", "id", None), ("prog", "id", None)])
def test_show_of_nothing_is_an_object_with_an_error(tool, kernel, peer, noun, handle, value):
    kernel.prog("xdp", maps=[kernel.map("array")])
    words = ["--json", "--pretty", noun, "show", handle, value.format(bpffs=kernel.bpffs) if value else absent(noun)]
    result = tool.run(*words)
    assert result.rc == tool.failed and list(result.json) == ["error"] and result.err == b""
    assert "No such file or directory" in result.json["error"] and "error" in peer.run(*words).json


def test_a_pretty_dump_has_arrays_of_hexadecimal_strings(tool, peer, pinned):
    _, path = pinned
    words = ["--json", "--pretty", "map", "dump", "pinned", path]
    assert tool(*words) == [{"key": hex_bytes(KEY), "value": hex_bytes(VALUE)}]
    assert tool.run(*words).out == peer.run(*words).out
    assert tool.run("--json", *words[2:]).out == peer.run("--json", *words[2:]).out


def test_a_dump_of_a_map_per_cpu_has_a_cpu_and_a_value_in_each_of_values(kernel, tool, peer):
    cpus = bpf.possible_cpus()
    made = kernel.map("percpu_hash", 4, 8, {KEY: [struct.pack("Q", 7 + cpu) for cpu in cpus]})
    words = ["--json", "--pretty", "map", "dump", "pinned", kernel.pin(made)]
    assert tool(*words) == [{"key": hex_bytes(KEY),
                             "values": [{"cpu": cpu, "value": hex_bytes(struct.pack("Q", 7 + cpu))} for cpu in cpus]}]
    assert tool.run(*words).out == peer.run(*words).out


@pytest.mark.parametrize("kind", ["hash", "percpu_hash", "lru_hash", "lpm_trie"])
@pytest.mark.parametrize("options", [["--json", "--pretty"], ["-j"], ["--json"], ["-jp"]], ids=" ".join)
def test_a_dump_of_an_empty_map_is_an_empty_array(kernel, tool, kind, options):
    made = kernel.map(kind, 8, 4, max_entries=4, flags=bpf.F_NO_PREALLOC if kind == "lpm_trie" else 0)
    for handle in (["id", made.id], ["pinned", kernel.pin(made)]):
        assert tool.run(*options, "map", "dump", *handle).stdout == "[]\n"


def test_an_element_that_vanished_has_no_array_for_a_value(kernel, tool):
    """Who reads such a dump takes an element whose value is no array for one that went away."""
    made = zoo.make(kernel, "xskmap")
    result = tool.run("--json", "--pretty", "map", "dump", "pinned", kernel.pin(made))
    assert result.rc == tool.failed and len(result.json) == 2
    for one in result.json:
        assert type(one["key"]) is list and not isinstance(one["value"], list) and "error" in one["value"]


def test_a_lookup_has_a_key_and_a_value_or_an_error(tool, peer, pinned):
    _, path = pinned
    words = ["--json", "--pretty", "map", "lookup", "pinned", path, "key", *spelt(KEY)]
    assert tool(*words) == {"key": hex_bytes(KEY), "value": hex_bytes(VALUE)} == peer(*words)
    wrong = tool.run(*words[:-1])
    assert type(wrong.json["error"]) is str and wrong.rc in (2, 255)
    missing = [*words[:-4], "01", "02", "03", "04"]
    assert tool.run(*missing).out == peer.run(*missing).out and tool.run(*missing).rc == tool.failed


def test_getnext_ends_with_the_very_text(tool, peer, kernel):
    made = kernel.map("hash", 4, 4, {n * 0x01010101: n for n in range(4)})
    path, seen, given = kernel.pin(made), [], []
    while True:
        words = ["map", "--json", "getnext", "pinned", path, *given]
        result = tool.run(*words)
        assert result.out == peer.run(*words).out
        if result.rc:
            break
        key = bytes(int(byte, 16) for byte in result.json["next_key"])
        assert result.json["key"] == (hex_bytes(seen[-1]) if seen else None)
        seen.append(key)
        given = ["key", *spelt(key)]
    assert sorted(seen) == sorted(made.elements)
    assert result.rc == tool.failed and result.stdout == compact({"error": END_OF_KEYS})


def test_getnext_of_an_empty_map_ends_with_that_text_at_once(tool, kernel):
    path = kernel.pin(kernel.map("hash", 4, 4, max_entries=4))
    assert tool.run("map", "--json", "getnext", "pinned", path).stdout == compact({"error": END_OF_KEYS})
    assert tool.run("map", "getnext", "pinned", path).stderr == f"Error: {END_OF_KEYS}\n"


def test_update_and_delete_answer_by_their_status(tool, pinned):
    made, path = pinned
    other = bytes([1, 2, 3, 0xfe])
    tool("map", "update", "pinned", path, "key", *spelt(other), "value", *spelt(VALUE[::-1]))
    assert bpf.map_lookup(made.fd, other, 8) == VALUE[::-1]
    assert tool("--json", "--pretty", "map", "delete", "pinned", path, "key", *map(str, other)) is None
    with pytest.raises(FileNotFoundError):
        bpf.map_lookup(made.fd, other, 8)
    again = tool.run("--json", "--pretty", "map", "delete", "pinned", path, "key", *map(str, other))
    assert again.rc == tool.failed and "No such file or directory" in again.json["error"]
    assert bpf.map_lookup(made.fd, KEY, 8) == VALUE


# Programs


@pytest.mark.parametrize("words", [["--json", "--pretty", "prog", "show", "pinned", "P"], ["--json", "--pretty", "prog", "show", "id", "N"],
                                   ["prog", "show", "id", "N", "--json"], ["prog", "show", "pin", "P", "-j"],
                                   ["-p", "prog", "show", "pin", "P"], ["p", "s", "i", "N", "-jp"], ["-jp", "prog", "s", "pi", "P"]],
                         ids=" ".join)
def test_one_program_is_an_object_with_a_list_of_its_maps(kernel, tool, peer, words):
    maps = [kernel.map("array", name=unique("cl")) for _ in range(2)]
    made = kernel.prog("sched_cls", name=unique("cl"), maps=maps)
    words = [{"P": kernel.pin(made), "N": made.id}.get(word, word) for word in words]
    record = tool(*words)
    assert type(record) is dict and "error" not in record
    assert (record["name"], record["id"], record["type"]) == (made.name, made.id, "sched_cls")
    assert sorted(record["map_ids"]) == sorted(one.id for one in maps)
    assert re.fullmatch("[0-9a-f]{16}", record["tag"])
    same_record(record, peer(*words))


@pytest.mark.parametrize("words", [["prog", "list", "--json"], ["prog", "list", "-j"], ["-j", "prog", "list"], ["prog", "show", "-j"],
                                   ["--json", "prog", "show"], ["-p", "prog", "show"], ["prog", "--json"], ["-j", "prog"], ["p", "-j"]],
                         ids=" ".join)
def test_a_list_of_programs_has_each_once_with_its_maps(kernel, tool, peer, words):
    shared = kernel.map("array", name=unique("cl"))
    mine = [kernel.prog("xdp", name=unique("cl"), maps=[shared]), kernel.prog("cgroup_device", bpf.returning(1))]
    listing = tool(*words)
    assert type(listing) is list and all(type(one["id"]) is int and type(one["type"]) in (str, int) for one in listing)
    first, second = only(listing, [one.id for one in mine])
    assert first["map_ids"] == [shared.id] and first["name"] == mine[0].name and type(first["bytes_memlock"]) is int
    assert second["type"] == "cgroup_device" and "name" not in second and "map_ids" not in second
    assert first["orphaned"] is False and "dev" not in first
    for ours, theirs in zip((first, second), only(peer(*words), [one.id for one in mine]), strict=True):
        same_record(ours, theirs)


def test_the_length_of_a_list_is_the_number_of_objects(kernel, tool):
    """In a network namespace of one's own as elsewhere; others may come and go meanwhile, ours do not."""
    kernel.netns()
    for noun, make in (("prog", lambda: kernel.prog("xdp", name=unique("cl"))), ("map", lambda: kernel.map("array", name=unique("cl")))):
        assert tool("-p", noun, "show", "name", make().name)["id"] > 0
        mine = [make().id for _ in range(3)]
        listing = tool("-p", noun, "show")
        assert [one["id"] for one in only(listing, mine)] == mine and len(listing) == len({one["id"] for one in listing})


def test_time_and_number_of_runs_are_numbers_where_they_are_counted(kernel, tool):
    stats = kernel.keep(bpf.enable_stats())
    made = kernel.prog("xdp", name=unique("cl"))
    bpf.prog_run(made.fd, progzoo.packet(), repeat=5000)
    record, = only(tool("prog", "show", "-j"), [made.id])
    assert stats and record["name"] == made.name and record["type"] == "xdp"
    assert type(record["run_time_ns"]) is int and record["run_time_ns"] > 0 and record["run_cnt"] == 5000


# Listings of maps


@pytest.mark.parametrize("words", [["map", "list", "--json"], ["-j", "map", "show"], ["-j", "map", "list"], ["map", "show", "-j"],
                                   ["--json", "map", "show"], ["-p", "map", "show"], ["map", "--json"], ["-j", "m", "s"]], ids=" ".join)
def test_a_list_of_maps_has_ids_names_and_memory(kernel, tool, peer, words):
    mine = [kernel.map("hash", 4, 8, max_entries=100, name=unique("cl")), kernel.map("array")]
    listing = tool(*words)
    assert type(listing) is list
    first, second = only(listing, [one.id for one in mine])
    assert first["name"] == mine[0].name and "name" not in second
    for record in (first, second):
        assert all(type(record[key]) is int for key in ("id", "flags", "bytes_key", "bytes_value", "max_entries", "bytes_memlock"))
    for ours, theirs in zip((first, second), only(peer(*words), [one.id for one in mine]), strict=True):
        theirs.pop("btf_id", None)  # in a listing it gives a map without BTF the id of the map before
        assert "btf_id" not in ours
        same_record(ours, theirs)


def test_arrays_of_programs_are_chosen_by_type_and_dumped(kernel, tool, peer):
    zoo.make(kernel, "hash")
    made = zoo.make(kernel, "prog_array")
    chosen = [one["id"] for one in tool("--json", "map", "show") if one["type"] == "prog_array"]
    assert made.id in chosen
    user = [one for one in tool("--json", "prog", "show") if made.id in one.get("map_ids", [])]
    assert [one["name"] for one in user] == ["caller"]
    words = ["--json", "map", "dump", "id", made.id]
    entries = [{key: one[key] for key in ("key", "value")} for one in tool(*words)]
    assert entries == [{"key": hex_bytes(k), "value": hex_bytes(v)} for k, v in made.elements.items()] == peer(*words)


@pytest.mark.parametrize("words", [["--json", "map", "list", "name", "X"], ["--json", "map", "dump", "name", "X"],
                                   ["--json", "prog", "list", "name", "X"]], ids=" ".join)
def test_a_name_of_several_is_an_array_and_a_name_of_one_is_not(kernel, tool, peer, words):
    name = unique("cl")
    words = [name if word == "X" else word for word in words]

    def make():
        return kernel.prog("xdp", name=name) if "prog" in words else kernel.map("hash", 4, 4, {1: 2}, name=name)
    first = make()
    one = tool(*words)
    by_id = tool(*words[:-2], "id", first.id)
    if "dump" in words:  # a dump of one map is the array of its elements
        assert one == by_id == [{"key": ["0x01", "0x00", "0x00", "0x00"], "value": ["0x02", "0x00", "0x00", "0x00"]}]
    else:
        assert type(one) is dict and one == by_id and one["id"] == first.id
    make()
    several, theirs = tool(*words), peer(*words)
    assert type(several) is list and len(several) == 2
    if "dump" in words:
        assert several == theirs
    else:
        assert sorted(record["id"] for record in several) == sorted(record["id"] for record in theirs)
    assert tool(*words[:-2], "id", first.id) == by_id


def test_an_entry_is_found_changed_and_removed_by_the_id_from_a_list(kernel, tool):
    name = unique("ipcache")
    made = kernel.map("hash", 4, 4, {1: 1}, max_entries=8, name=name)
    number_, key = str(tool("--json", "map", "list", "name", name)["id"]), struct.pack("I", 7)
    assert int(number_) == made.id
    tool("map", "update", "id", number_, "key", *spelt(key), "value", *spelt(b"\xde\xad\xbe\xef"))
    assert tool("--json", "map", "lookup", "id", number_, "key", *spelt(key)) == {"key": hex_bytes(key), "value": ["0xde", "0xad", "0xbe", "0xef"]}
    tool("map", "delete", "id", number_, "key", *spelt(key))
    assert tool.run("--json", "map", "lookup", "id", number_, "key", *spelt(key)).rc == tool.failed


# Device lists: hexadecimal words, octal ones, options last


def test_keys_of_devices_are_written_with_0x_and_values_with_a_leading_zero(kernel, tool):
    key = b"c" + struct.pack("II", 1, 3)
    made = kernel.map("hash", 9, 1, max_entries=500, name=unique("dev"))
    path = kernel.pin(made)
    tool("map", "update", "pinned", path, "key", *hex_bytes(key), "value", "01", "any")
    assert bpf.map_lookup(made.fd, key, 1) == b"\1"
    dumped, = tool("map", "dump", "pinned", path, "-j")
    assert "".join(byte.removeprefix("0x") for byte in dumped["key"]) == key.hex()
    tool("map", "delete", "pinned", path, "key", *hex_bytes(key))
    assert tool("map", "dump", "pinned", path, "-j") == []


# Plain text


@pytest.mark.parametrize("words", [["map"], ["map", "show"], ["map", "list"], ["m"], ["m", "s"]], ids=" ".join)
def test_the_third_word_of_a_line_about_a_map_is_name_and_the_fourth_the_name(kernel, tool, peer, words):
    made, nameless = kernel.map("percpu_array", name=unique("cl")), kernel.map("hash")

    def lines(program):
        return {line.split(":")[0]: line.split() for line in program.run(*words).stdout.splitlines() if re.search("^[0-9]+:", line)}
    ours = lines(tool)
    assert ours[str(made.id)][1:4] == ["percpu_array", "name", made.name] and ours[str(nameless.id)][2] != "name"
    assert {str(one.id): lines(peer)[str(one.id)] for one in (made, nameless)} == {str(one.id): ours[str(one.id)] for one in (made, nameless)}


@pytest.mark.parametrize("words", [["prog"], ["prog", "list"], ["prog", "show"]], ids=" ".join)
def test_a_program_begins_one_line_with_its_number_and_its_type(kernel, tool, words):
    name = unique("cl")
    made = kernel.prog("kprobe", name=name)
    found = [line for line in tool(*words).stdout.splitlines() if name in line]
    assert len(found) == 1 and re.search(f"^{made.id}: kprobe  name {name}  tag [0-9a-f]{{16}}", found[0])


def test_each_id_of_the_text_can_be_dumped(kernel, tool, peer):
    mine = [zoo.make(kernel, kind) for kind in ("hash", "percpu_array", "lpm_trie")]
    ids = [int(found) for found in re.findall(r"^(\d+):", tool("map", "list").stdout, re.MULTILINE)]
    assert ids == [one["id"] for one in tool("-j", "map", "list")]
    for one in mine:
        assert one.id in ids and tool.run("map", "dump", "id", one.id).out == peer.run("map", "dump", "id", one.id).out


def test_a_failure_in_text_is_an_error_on_standard_error(tool):
    result = tool.run("map", "show", "id", absent("map"))
    assert result.rc == tool.failed and result.out == b"" and result.stderr.startswith("Error: ")


# Values with types


@pytest.mark.parametrize("handle", ["id", "pinned"])
def test_a_plain_dump_with_types_goes_to_a_reader_of_json(kernel, tool, peer, handle):
    """Types in BTF make the plain dump a JSON document: .key.id, .values[].cpu, .values[].value.*"""
    key, value = Record(8, [("id", U64, 0)]), Record(16, [("count", U64, 0), ("bytes", U64, 8)])
    each = [struct.pack("QQ", 11 + cpu, 2**40 + cpu) for cpu in bpf.possible_cpus()]
    made = typed_map(kernel, key, value, [each], type="percpu_hash")
    words = ["map", "dump", handle, {"id": made.id, "pinned": kernel.pin(made)}[handle]]
    text = tool(*words).stdout
    assert json.loads(text) == [{"key": {"id": 0}, "values": [{"cpu": cpu, "value": {"count": 11 + cpu, "bytes": 2**40 + cpu}}
                                                              for cpu in bpf.possible_cpus()]}]
    assert text == peer(*words).stdout


def test_counters_of_rules_are_read_by_their_place(kernel, tool):
    value = Record(16, [("count", U64, 0), ("size", U64, 8)])
    cpus = bpf.possible_cpus()
    made = typed_map(kernel, U32, value, [[struct.pack("QQ", 100 * rule + cpu, 0) for cpu in cpus] for rule in range(3)], type="percpu_array")
    document = json.loads(tool("map", "dump", "pinned", kernel.pin(made)).stdout)
    for rule in range(3):
        assert sum(one["value"]["count"] for one in document[rule]["values"]) == sum(100 * rule + cpu for cpu in cpus)


def test_decoded_values_are_beside_the_bytes_and_not_instead_of_them(kernel, tool, peer):
    made = typed_map(kernel, U32, U64, [struct.pack("Q", 0x0102030405)])
    for words in (["map", "dump", "id", made.id, "-j"], ["-j", "map", "dump", "id", made.id], ["-p", "map", "dump", "pinned", kernel.pin(made)]):
        document = tool(*words)
        assert document[0]["formatted"]["value"] == 0x0102030405 and document[0]["formatted"]["key"] == 0
        assert document[0]["key"] == hex_bytes(bytes(4)) and document[0]["value"] == hex_bytes(struct.pack("Q", 0x0102030405))
        assert document == peer(*words)


def test_a_dump_by_name_is_the_array_of_its_elements(kernel, tool):
    made = typed_map(kernel, U32, Array(U32, 2), [struct.pack("II", 5, 6)], name=unique("remote_h"))
    document = tool("--json", "map", "dump", "name", made.name)
    assert [one["formatted"]["value"] for one in document] == [[5, 6]]


# Metadata


def test_metadata_stands_in_the_text_that_is_searched_for_it(kernel, tool):
    made = constants(kernel, [(PREFIX + "a", Array(TEXT, 4)), (PREFIX + "b", NUMBER)], b"foo\0" + number(1), name="metadata.rodata")
    prog = kernel.prog("cgroup_skb", name=unique("md"), maps=[made])
    assert '"metadata":{"a":"foo","b":1}' in tool.run("prog", "--json").stdout
    text = tool("prog").stdout
    assert 'a = "foo"' in text and "b = 1" in text
    assert "metadata.rodata" in tool("map").stdout
    record, = only(tool("prog", "--json"), [prog.id])
    assert record["metadata"] == {"a": "foo", "b": 1} and record["map_ids"] == [made.id]


# Batches


def test_a_batch_file_of_updates_answers_by_its_status(tool, pinned, tmp_path):
    made, path = pinned
    file = tmp_path / "batch"
    keys = [bytes([n, 0, 0, 0]) for n in range(1, 6)]
    file.write_text("".join(f"map update pinned {path} key {' '.join(spelt(key))} value {' '.join(spelt(VALUE))}\n" for key in keys))
    assert tool("batch", "file", str(file)).rc == 0
    assert all(bpf.map_lookup(made.fd, key, 8) == VALUE for key in keys)
    file.write_text(f"map delete pinned {path} key {' '.join(spelt(keys[0]))}\n" * 2 + f"map delete pinned {path} key {' '.join(spelt(keys[1]))}\n")
    result = tool.run("batch", "file", str(file))
    assert result.rc == tool.failed and "No such file or directory" in result.error
    assert bpf.map_lookup(made.fd, keys[1], 8) == VALUE, "it stops at the first failure"
