# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map create: the map that was declared is the map that the kernel has; what cannot be made says which rule it breaks."""
import contextlib
import os
import struct

import bpf
import btf
import pytest
import watching
from maker import unique

SIMPLE = {  # type: (key, value, entries, flags)
    "hash": (4, 12, 5, 0), "array": (4, 12, 5, 0), "prog_array": (4, 4, 3, 0), "perf_event_array": (4, 4, 2, 0),
    "percpu_hash": (8, 12, 5, 1), "percpu_array": (4, 12, 5, 0), "stack_trace": (4, 80, 4, 0), "cgroup_array": (4, 4, 2, 0),
    "lru_hash": (4, 12, 64, 0), "lru_percpu_hash": (4, 12, 64, 0), "lpm_trie": (8, 3, 4, 1), "devmap": (4, 4, 2, 0),
    "sockmap": (4, 8, 2, 0), "cpumap": (4, 4, 2, 0), "xskmap": (4, 4, 2, 0), "sockhash": (6, 4, 2, 0),
    "cgroup_storage": (16, 8, 0, 0), "percpu_cgroup_storage": (16, 8, 0, 0), "reuseport_sockarray": (4, 8, 2, 0),
    "queue": (0, 4, 3, 0), "stack": (0, 4, 3, 0), "devmap_hash": (4, 8, 2, 0), "ringbuf": (0, 0, 4096, 0),
    "bloom_filter": (0, 4, 30, 0), "user_ringbuf": (0, 0, 4096, 0), "arena": (0, 0, 1, 0x400)}
STORAGE = ("sk_storage", "inode_storage", "task_storage", "cgrp_storage")


@pytest.fixture
def place(private):
    """A path in the tests' bpffs where nothing is yet."""
    path = os.path.join(private, "bpffs", unique("mk"))
    yield path
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def create(bpflens, path, type, key=4, value=4, entries=1, flags=0, *more, name="made", form=()):
    return bpflens.run(*form, "map", "create", path, "type", type, "key", key, "value", value, "entries", entries,
                       "name", name, "flags", flags, *more)


def pinned(path):
    fd = bpf.obj_get(path)
    try:
        return bpf.info(fd, bpf.MapInfo())
    finally:
        os.close(fd)


def hint(result):
    assert "  hint: " in result.stderr, result
    return result.stderr.split("  hint: ")[1].strip()


@pytest.mark.parametrize("type", SIMPLE)
def test_the_map_that_was_declared_is_there(kernel, bpflens, place, type):
    key, value, entries, flags = SIMPLE[type]
    try:
        os.close(bpf.map_create(type, key, value, entries, flags=flags))
    except OSError as failure:
        pytest.skip(f"this kernel makes no {type}: {failure.strerror}")
    result = create(bpflens, place, type, key, value, entries, flags)
    assert (result.rc, result.out, result.err) == (0, b"", b"")
    info = pinned(place)
    assert (bpf.MAP_TYPES[info.type], info.key_size, info.value_size, info.max_entries, info.name) == \
        (type, key, value, entries, b"made")
    assert info.flags & flags == flags
    assert bpflens("-j", "map", "show", "pinned", place)["type"] == type


@pytest.mark.parametrize("type", ["hash", "array", "lpm_trie", "queue", "ringbuf"])
def test_the_same_words_make_the_same_map_with_bpftool(bpflens, peer, place, type):
    key, value, entries, flags = SIMPLE[type]
    made = []
    for program in (bpflens, peer):
        assert create(program, place, type, key, value, entries, flags).rc == 0
        info = pinned(place)
        made.append([getattr(info, member) for member, _ in info._fields_ if member != "id"])
        os.unlink(place)
    assert made[0] == made[1]


def test_words_come_in_any_order_and_shortened(bpflens, place):
    bpflens("map", "create", place, "f", "1", "n", "made", "v", "0x10", "e", "010", "k", "4", "t", "hash")
    info = pinned(place)
    assert (info.key_size, info.value_size, info.max_entries, info.flags, info.name) == (4, 16, 8, 1, b"made")


@pytest.mark.parametrize("type", ["array_of_maps", "hash_of_maps"])
def test_a_map_of_maps_takes_its_shape_from_an_inner_map(kernel, bpflens, place, type):
    inner, other = kernel.map("array", 4, 8), kernel.map("array", 4, 12)
    assert create(bpflens, place, type, 4, 4, 2, 0, "inner_map", "id", inner.id).rc == 0
    fd = bpf.obj_get(place)
    bpf.map_update(fd, bytes(4), inner.fd.to_bytes(4, "little"))
    with pytest.raises(OSError):
        bpf.map_update(fd, bytes(4), other.fd.to_bytes(4, "little"))
    os.close(fd)


@pytest.mark.parametrize("type", STORAGE)
def test_storage_maps_are_made_with_types_of_our_own(bpflens, place, type):
    result = create(bpflens, place, type, 4, 12, 0, 1)
    if result.rc and "does not know" in result.stderr:
        pytest.skip(f"this kernel makes no {type}")
    assert result.rc == 0, result
    info = pinned(place)
    assert (bpf.MAP_TYPES[info.type], info.value_size) == (type, 12)
    types = btf.Types(bpf.btf_bytes(info.btf_id))
    assert types.name(info.btf_key_type_id) == "int" and types.kind(info.btf_value_type_id) == btf.ARRAY


def typed():
    """BTF with an int and a struct of 12 bytes."""
    types = btf.Btf()
    number = types.int("int", 4, signed=True)
    return types, number, types.struct("pair", 12, [("a", number, 0), ("b", number, 8)])


@pytest.mark.parametrize("by", ["file", "id"])
@pytest.mark.parametrize("as_number", [False, True])
def test_types_come_from_a_file_or_from_the_kernel(kernel, bpflens, place, tmp_path, by, as_number):
    types, number, pair = typed()
    file = tmp_path / "types.btf"
    file.write_bytes(types.blob())
    fd = kernel.keep(types.load())
    source = [str(file)] if by == "file" else ["id", str(bpf.info(fd, bpf.BtfInfo()).id)]
    names = [str(number), str(pair)] if as_number else ["int", "pair"]
    result = create(bpflens, place, "hash", 4, 12, 2, 0, "btf", *source, "key_type", names[0], "value_type", names[1])
    assert result.rc == 0, result
    info = pinned(place)
    assert (info.btf_key_type_id, info.btf_value_type_id) == (number, pair)
    assert bpf.btf_bytes(info.btf_id) == types.blob()


def test_a_type_of_another_size_or_name_is_refused_in_words(bpflens, place, tmp_path):
    types, _, _ = typed()
    file = tmp_path / "types.btf"
    file.write_bytes(types.blob())
    result = create(bpflens, place, "hash", 4, 8, 2, 0, "btf", file, "key_type", "int", "value_type", "pair")
    assert result.rc == 1 and "pair" in result.error and "12 bytes" in hint(result) and "8" in hint(result)
    result = create(bpflens, place, "hash", 4, 12, 2, 0, "btf", file, "key_type", "int", "value_type", "pear")
    assert result.rc == 1 and "pear" in result.error
    for words in (["btf", file], ["key_type", "int"], ["value_type", "pair"]):
        assert create(bpflens, place, "hash", 4, 12, 2, 0, *words).rc == 2
    assert not os.path.exists(place)


def test_types_come_from_an_object_as_a_compiler_leaves_it(bpflens, place, tmp_path):
    """Its sections have no size yet, and functions are elsewhere: the kernel takes neither. No map needs them; other types keep their ids."""
    types, number, pair = typed()
    variable = types.add("v", btf.VAR, 0, pair, struct.pack("I", 1))
    types.add(".bss", btf.DATASEC, 1, 0, struct.pack("III", variable, 0, 12))
    function = types.add("kfunc", btf.FUNC, 2, types.add("", btf.FUNC_PROTO, 0, 0))
    types.add(".ksyms", btf.DATASEC, 1, 0, struct.pack("III", function, 0, 0))
    types.add("tag", btf.DECL_TAG, 0, function, struct.pack("i", -1))
    types.add("tag", btf.DECL_TAG, 0, pair, struct.pack("i", -1))
    last = types.struct("last", 4, [("n", number, 0)])
    file = tmp_path / "types.btf"
    file.write_bytes(types.blob())
    result = create(bpflens, place, "hash", 4, 12, 2, 0, "btf", file, "key_type", "last", "value_type", "pair")
    assert result.rc == 0, result
    info = pinned(place)
    assert (info.btf_key_type_id, info.btf_value_type_id) == (last, pair)
    held = btf.Types(bpf.btf_bytes(info.btf_id))
    assert [(held.kind(one), held.name(one)) for one in (number, pair, last - 1, last)] == [
        (btf.INT, "int"), (btf.STRUCT, "pair"), (btf.DECL_TAG, "tag"), (btf.STRUCT, "last")]
    assert {held.kind(one) for one in (variable, variable + 1, function, last - 3, last - 2)} == {btf.CONST}


@pytest.mark.parametrize("damage", ["cut", "flipped", "junk", "empty", "cyclic", "missing"])
def test_damaged_types_make_no_map(bpflens, place, tmp_path, damage):
    types, number, _ = typed()
    if damage == "cyclic":
        types.types += b"\0\0\0\0" + bytes([0, 0, 0, 8]) + (5).to_bytes(4, "little")  # typedefs 4 -> 5 -> 4
        types.types += b"\0\0\0\0" + bytes([0, 0, 0, 8]) + (4).to_bytes(4, "little")
    blob = types.blob()
    blob = {"cut": blob[:-20], "flipped": bytes([blob[0] ^ 0x10]) + blob[1:], "junk": b"no types" * 9, "empty": b"",
            "cyclic": blob, "missing": None}[damage]
    file = tmp_path / "types.btf"
    if blob is not None:
        file.write_bytes(blob)
    before = watching.objects(["map"])
    wanted = "4" if damage == "cyclic" else "pair"
    result = create(bpflens, place, "hash", 4, 12, 2, 0, "btf", file, "key_type", "int", "value_type", wanted)
    assert result.rc == 1 and str(file) in result.error and not os.path.exists(place)
    assert watching.settle(lambda: "made" not in names(watching.objects(["map"])["map"] - before["map"]))


def names(ids):
    found = []
    for number in ids:
        with contextlib.suppress(OSError):
            fd = bpf.open_id("map", number, bpf.F_RDONLY)
            found.append(bpf.info(fd, bpf.MapInfo()).name.decode())
            os.close(fd)
    return found


def test_a_bloom_filter_has_as_many_hashes_as_were_asked_for(bpflens, place):
    assert create(bpflens, place, "bloom_filter", 0, 4, 30, 0, "map_extra", 3).rc == 0
    assert pinned(place).map_extra == 3


def test_a_map_on_a_numa_node_has_its_flag(bpflens, place):
    assert create(bpflens, place, "hash", 4, 4, 2, 0, "numa", 0).rc == 0
    assert pinned(place).flags == 4
    os.unlink(place)
    result = create(bpflens, place, "hash", 4, 4, 2, 0, "numa", 1000)
    assert result.rc == 1 and "NUMA node" in hint(result)


RULES = [
    ("lpm_trie", (8, 1, 4, 0), "lpm_trie needs flag 0x1"), ("lpm_trie", (3, 1, 4, 1), "5 to 260 bytes"),
    ("lpm_trie", (300, 1, 4, 1), "5 to 260 bytes"), ("ringbuf", (0, 0, 4097, 0), "power of two and a multiple of 4096"),
    ("hash", (4, 5000000, 1, 0), "values of this type may have at most"), ("hash", (4, 4, 0, 0), "'entries' of at least 1"),
    ("array", (8, 4, 1, 0), "a key of this type has 4 bytes"), ("percpu_array", (4, 40000, 1, 0), "at most 32768 bytes"),
    ("percpu_hash", (4, 40000, 1, 0), "at most 32768 bytes"), ("hash_of_maps", (4, 4, 1, 0), "needs 'inner_map MAP'"),
    ("array_of_maps", (4, 4, 1, 0), "needs 'inner_map MAP'"), ("hash", (0, 4, 1, 0), "a key needs at least one byte"),
    ("hash", (4, 0, 1, 0), "a value needs at least one byte"), ("queue", (4, 4, 1, 0), "has no keys"),
    ("arena", (0, 0, 1, 0), "flag 0x400"), ("cgroup_storage", (16, 8, 1, 0), "'entries 0'"),
    ("cgroup_storage", (4, 8, 0, 0), "8 or 16 bytes"), ("task_storage", (4, 8, 0, 0), "flag 0x1"),
    ("task_storage", (4, 8, 5, 1), "'entries 0'"), ("prog_array", (4, 8, 1, 0), "a value of this type has 4 bytes"),
    ("sockmap", (4, 12, 1, 0), "4 or 8 bytes"), ("struct_ops", (4, 8, 1, 0), "loading an object file"), ("stack_trace", (4, 12, 1, 0), "8 bytes for each frame"),
    ("hash", (4, 4, 1, 0x80000000), "flag")]


@pytest.mark.parametrize("type, how, rule", RULES)
def test_what_cannot_be_made_names_the_rule(bpflens, place, type, how, rule):
    result = create(bpflens, place, type, *how)
    assert result.rc == 1 and result.error.startswith("map create failed: ") and rule in hint(result)
    assert result.error.split(": ")[1] in ("Invalid argument", "Argument list too long", "Bad file descriptor",
                                           "Operation not supported by the kernel (524)")
    assert rule in create(bpflens, place, type, *how, form=["-j"]).json["hint"] and not os.path.exists(place)


def test_a_bad_name_names_the_rule(bpflens, place):
    result = create(bpflens, place, "hash", name="a-b")
    assert result.rc == 1 and "letters, digits" in hint(result) and "Invalid argument" in result.error


def test_a_long_name_is_cut_and_said_to_be(bpflens, place):
    result = create(bpflens, place, "hash", name="process_pinned_map_1")
    assert result.rc == 0 and "15 bytes" in result.stderr and pinned(place).name == b"process_pinned_"


@pytest.mark.parametrize("word, value", [
    ("key", "99999999999"), ("key", "4294967296"), ("value", "-1"), ("value", "4x"), ("entries", ""), ("flags", "mmapable"),
    ("map_extra", "18446744073709551616"), ("numa", "4294967296"), ("type", "hesh"), ("type", ""), ("nosuch", "1"),
    ("inner_map", "nosuch"), ("dev", "nosuchdevice")])
def test_wrong_words_make_no_map(bpflens, place, word, value):
    words = {"type": "hash", "key": "4", "value": "4", "entries": "1", "name": "made"} | {word: value}
    line = [part for pair in words.items() for part in pair]
    result = bpflens.run("map", "create", place, "--", *line)
    assert result.rc in (1, 2) and not os.path.exists(place)
    assert (word if word == "nosuch" else value or word) in result.stderr
    assert bpflens.run("-j", "map", "create", place, "--", *line).error


def test_a_word_without_value_or_there_twice_or_missing_is_named(bpflens, place):
    line = ["map", "create", place, "type", "hash", "key", "4", "value", "4", "entries", "1", "name", "made"]
    for words, said in ((line + ["flags"], "'flags' needs a value"), (line + ["key", "0"], "'key' is there twice"),
                        (line[:-2], "map name not specified"), (line[:3] + line[5:], "map type not specified"),
                        (line[:2], "expected FILE"), (line + ["inner_map"], "'inner_map' needs a value")):
        result = bpflens.run(*words)
        assert result.rc == 2 and said in result.error, result
    assert not os.path.exists(place)


@pytest.mark.parametrize("what", ["exists", "dot", "directory", "content"])
def test_where_it_cannot_be_pinned_no_map_is_made(kernel, bpflens, private, place, what):
    content = os.path.join(private, unique("full"))
    os.mkdir(content)
    open(os.path.join(content, "file"), "w").close()
    taken = kernel.pin(kernel.map("array"))
    path = {"exists": taken, "dot": place + ".x", "directory": place + "/x", "content": content + "/x"}[what]
    result, lines = bpflens.traced("map", "create", path, "type", "hash", "key", 4, "value", 4, "entries", 1, "name", "nomap")
    assert result.rc == 1 and path in result.error
    assert not any("BPF_MAP_CREATE" in line for line in lines)
    assert os.listdir(content) == ["file"]


def test_a_user_without_capabilities_is_told_which_one_it_takes(kernel, public, nobody, private):
    directory = os.path.join(private, "bpffs", unique("dr"))
    os.mkdir(directory)
    os.chmod(directory, 0o777)
    try:
        result = public.run("map", "create", directory + "/x", "type", "lpm_trie", "key", 8, "value", 4, "entries", 1, "flags",
                            1, "name", "made", before=nobody)
        assert result.rc == 1 and "not permitted" in result.error and "CAP_BPF" in hint(result)
        assert os.listdir(directory) == []
    finally:
        os.rmdir(directory)
