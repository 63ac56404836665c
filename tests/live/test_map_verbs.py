# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""update, lookup, getnext, delete, peek, push, pop and freeze: what was typed is what the kernel then holds, and the reverse."""
import ctypes
import os
import struct
import sys

import bpf
import pytest
import reader
import zoo
from maker import hex_bytes, unique
from runner import parse_json

# Types whose elements user space may write and read key by key, with a key and a value for each.
WRITABLE = {"hash": (4, 12), "array": (4, 12), "lru_hash": (4, 12), "percpu_hash": (4, 12), "percpu_array": (4, 12),
            "lru_percpu_hash": (4, 12), "lpm_trie": (8, 3)}
DELETABLE = [kind for kind in WRITABLE if "array" not in kind]
NOT_FOUND = "key:\n{}\n\nNot found\n"


def words(data, hexadecimal=False):
    """DATA: the bytes as words."""
    return ["hex", *(f"{byte:02x}" for byte in data)] if hexadecimal else [str(byte) for byte in data]


def made_of(kernel, kind):
    key, value = WRITABLE[kind]
    return kernel.map(kind, key, value, max_entries=4, flags=bpf.F_NO_PREALLOC if kind == "lpm_trie" else 0)


def sample_key(kind):
    return struct.pack("I4B", 24, 10, 1, 2, 0) if kind == "lpm_trie" else struct.pack("I", 2)


def held(made, key):
    """What the second reader finds: the value, or one a CPU."""
    if not made.is_percpu:
        return bpf.map_lookup(made.fd, key, made.value)
    stride = (made.value + 7) // 8 * 8
    raw = bpf.map_lookup(made.fd, key, stride * len(bpf.possible_cpus()))
    return [raw[i:i + made.value] for i in range(0, len(raw), stride)]


def next_of(made):
    """The next element of a queue or a stack."""
    value = ctypes.create_string_buffer(made.value)
    bpf.call(bpf.MAP_LOOKUP, bpf.Element(map_fd=made.fd, value=ctypes.addressof(value)))
    return value.raw


def has(made, key):
    try:
        held(made, key)
        return True
    except FileNotFoundError:
        return False


# Update


@pytest.mark.parametrize("hexadecimal", [False, True], ids=["decimal", "hex"])
@pytest.mark.parametrize("kind", WRITABLE)
def test_what_was_typed_is_what_the_kernel_holds(kernel, bpflens, kind, hexadecimal):
    made = made_of(kernel, kind)
    key, value = sample_key(kind), bytes((250 + i) & 0xff for i in range(made.value))
    for order in (["key", *words(key, hexadecimal), "value", *words(value, hexadecimal), "any"],
                  ["any", "value", *words(value, hexadecimal), "key", *words(key, hexadecimal)]):
        result = bpflens("map", "update", "id", made.id, *order)
        assert (result.out, result.err) == (b"", b"")
        wanted = [value] * len(bpf.possible_cpus()) if made.is_percpu else value
        assert held(made, key) == wanted
        bpf.map_update(made.fd, key, bytes((made.value + 7) // 8 * 8 * len(bpf.possible_cpus())))


def test_an_update_in_json_says_null(kernel, bpflens):
    made = kernel.map("hash", 4, 4, max_entries=1)
    assert bpflens("-j", "map", "update", "id", made.id, "key", 1, 0, 0, 0, "value", 1, 2, 3, 4) is None
    assert held(made, struct.pack("I", 1)) == b"\1\2\3\4"


def test_bytes_may_be_decimal_octal_or_hexadecimal(kernel, bpflens):
    made = kernel.map("array", 4, 4, max_entries=1)
    bpflens("map", "update", "id", made.id, "key", "0", "0x0", "00", "0", "value", "255", "0xfe", "0377", "010")
    assert held(made, bytes(4)) == bytes([255, 0xfe, 255, 8])
    bpflens("map", "update", "id", made.id, "k", "h", "0", "00", "0x00", "0", "v", "he", "ff", "0xAb", "1", "10")
    assert held(made, bytes(4)) == bytes([0xff, 0xab, 1, 0x10])


def test_one_cpu_gets_a_value_and_the_others_keep_theirs(kernel, bpflens):
    cpus = bpf.possible_cpus()
    for kind in ("percpu_array", "percpu_hash"):
        made = kernel.map(kind, 4, 12, {0: [bytes([16 + cpu]) * 12 for cpu in cpus]})
        for place, cpu in enumerate(cpus):
            new = bytes([100 + cpu]) * 12
            bpflens("map", "update", "id", made.id, "cpu", cpu, "key", 0, 0, 0, 0, "value", *words(new))
            made.elements[bytes(4)][place] = new
            assert held(made, bytes(4)) == made.elements[bytes(4)]


def test_a_new_key_for_one_cpu_has_zeros_for_the_others(kernel, bpflens):
    cpus = bpf.possible_cpus()
    made = kernel.map("percpu_hash", 4, 4, max_entries=2)
    bpflens("map", "update", "id", made.id, "key", 1, 0, 0, 0, "value", 9, 9, 9, 9, "cpu", cpus[-1])
    assert held(made, struct.pack("I", 1)) == [bytes(4)] * (len(cpus) - 1) + [b"\t" * 4]


def test_a_cpu_that_cannot_be_or_a_map_without_cpus_is_refused(kernel, bpflens):
    made = kernel.map("percpu_array", 4, 4, max_entries=1)
    plain = kernel.map("array", 4, 4, max_entries=1)
    wrong = max(bpf.possible_cpus()) + 1
    element = ["key", 0, 0, 0, 0, "value", 1, 1, 1, 1, "cpu"]
    assert str(wrong) in bpflens.run("map", "update", "id", made.id, *element, wrong).error
    for words_ in ([*element], [*element, "x"], [*element, "4294967296"]):
        assert bpflens.run("map", "update", "id", made.id, *words_).rc == 2
    assert "cpu" in bpflens.run("map", "update", "id", plain.id, *element, 0).error
    assert held(made, bytes(4)) == [bytes(4)] * len(bpf.possible_cpus()) and held(plain, bytes(4)) == bytes(4)


@pytest.mark.parametrize("handle", ["id", "pinned", "name"])
@pytest.mark.parametrize("kind", zoo.INNER)
def test_a_map_is_put_into_a_map(kernel, bpflens, kind, handle):
    inner = kernel.map("array", 4, 8, name=unique("in"))
    made = kernel.map(kind, 4, 4, max_entries=2, inner_fd=inner.fd)
    handles = {"id": inner.id, "name": inner.name, "pinned": kernel.pin(inner)}
    bpflens("map", "update", "id", made.id, "key", 1, 0, 0, 0, "value", handle, handles[handle])
    assert bpf.map_lookup(made.fd, struct.pack("I", 1), 4) == struct.pack("I", inner.id)
    assert bpflens("-j", "map", "lookup", "id", made.id, "key", 1, 0, 0, 0) == {
        "key": hex_bytes(struct.pack("I", 1)), "value": hex_bytes(struct.pack("I", inner.id)), "inner_map_id": inner.id}


def test_an_inner_map_of_another_shape_is_refused_with_the_rule(kernel, bpflens):
    inner, other = kernel.map("hash", 4, 8), kernel.map("hash", 4, 12)
    made = kernel.map("hash_of_maps", 4, 4, max_entries=2, inner_fd=inner.fd)
    result = bpflens.run("map", "update", "id", made.id, "key", 1, 0, 0, 0, "value", "id", other.id)
    assert result.rc == 1 and "Invalid argument" in result.error and "inner map" in result.stderr
    assert not has(made, struct.pack("I", 1))


@pytest.mark.parametrize("handle", ["id", "tag", "name", "pinned"])
def test_a_program_is_put_into_an_array_of_programs(kernel, bpflens, handle):
    prog = kernel.prog("xdp", bpf.returning(int.from_bytes(os.urandom(3), "big")), name=unique("tc"))
    tag = bytes(bpf.info(prog.fd, bpf.ProgInfo()).tag).hex()
    made = kernel.map("prog_array", 4, 4, max_entries=2)
    handles = {"id": prog.id, "name": prog.name, "tag": tag, "pinned": kernel.pin(prog)}
    result = bpflens("map", "update", "id", made.id, "key", 1, 0, 0, 0, "value", handle, handles[handle])
    assert "note:" in result.stderr  # the array is emptied when nobody holds it
    assert bpf.map_lookup(made.fd, struct.pack("I", 1), 4) == struct.pack("I", prog.id)
    assert bpflens("-j", "map", "lookup", "id", made.id, "key", 1, 0, 0, 0)["prog_id"] == prog.id


def test_a_program_of_another_type_is_refused_with_the_rule(kernel, bpflens):
    made = zoo.make(kernel, "prog_array")  # xdp programs use it
    other = kernel.prog("socket_filter")
    result = bpflens.run("map", "update", "id", made.id, "key", 0, 0, 0, 0, "value", "id", other.id)
    assert result.rc == 1 and "Invalid argument" in result.error and "of one type" in result.stderr


@pytest.mark.parametrize("flag, there, errno", [("noexist", True, "File exists"), ("exist", False, "No such file")])
def test_a_flag_that_does_not_fit_changes_nothing(kernel, bpflens, flag, there, errno):
    made = kernel.map("hash", 4, 4, {1: 5} if there else {}, max_entries=2)
    element = ["key", 1, 0, 0, 0, "value", 9, 9, 9, 9]
    result = bpflens.run("map", "update", "id", made.id, *element, flag)
    assert result.rc == 1 and errno in result.error and "hint:" in result.stderr
    assert has(made, struct.pack("I", 1)) == there
    assert not there or held(made, struct.pack("I", 1)) == struct.pack("I", 5)
    bpflens("map", "update", "id", made.id, *element, "exist" if there else "noexist")
    assert held(made, struct.pack("I", 1)) == b"\t" * 4


def test_a_full_map_and_an_index_behind_the_last_are_told_apart(kernel, bpflens):
    full = kernel.map("hash", 4, 4, {1: 1, 2: 2})
    result = bpflens.run("map", "update", "id", full.id, "key", 3, 0, 0, 0, "value", 1, 1, 1, 1)
    assert result.rc == 1 and "full" in result.stderr and "2 elements" in result.stderr
    array = kernel.map("array", 4, 4, max_entries=2)
    result = bpflens.run("map", "update", "id", array.id, "key", 2, 0, 0, 0, "value", 1, 1, 1, 1)
    assert result.rc == 1 and "last index" in result.stderr and " 1\n" in result.stderr


def test_a_frozen_map_says_so(kernel, bpflens):
    made = kernel.map("hash", 4, 4, {1: 1}, max_entries=2)
    assert bpflens("-j", "map", "freeze", "id", made.id) is None
    assert bpflens("-j", "map", "show", "id", made.id)["frozen"] == 1
    with pytest.raises(PermissionError):
        bpf.map_update(made.fd, bytes(4), bytes(4))
    for verb in (["update", "id", made.id, "key", 1, 0, 0, 0, "value", 2, 2, 2, 2], ["delete", "id", made.id, "key", 1, 0, 0, 0],
                 ["pop", "id", made.id, "key", 1, 0, 0, 0], ["freeze", "id", made.id]):
        result = bpflens.run("map", *verb)
        words = ["Operation not permitted"] + (["Device or resource busy"] if verb[0] == "freeze" else [])  # before 6.6
        assert result.rc == 1 and any(one in result.error for one in words) and "frozen" in result.stderr, result
    assert held(made, struct.pack("I", 1)) == struct.pack("I", 1)


@pytest.mark.parametrize("kind", ["perf_event_array", "cgroup_array", "sockmap", "xskmap"])
def test_a_value_that_is_a_descriptor_is_explained(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    result = bpflens.run("map", "update", "id", made.id, "key", 0, 0, 0, 0, "value", 77, *[0] * (made.value - 1))
    assert result.rc == 1 and "descriptor" in result.stderr


def test_a_descriptor_that_was_handed_down_goes_into_the_map(kernel, bpflens):
    made = kernel.map("cgroup_array", 4, 4, max_entries=1)
    _, group = kernel.cgroup()
    bpflens("map", "update", "id", made.id, "key", 0, 0, 0, 0, "value", *struct.pack("I", group), pass_fds=[group])
    assert bpflens.run("map", "delete", "id", made.id, "key", 0, 0, 0, 0).rc == 0


# Lookup


@pytest.mark.slow_in_vm(reason="two walks of the program's over the same bytes")
@pytest.mark.parametrize("kind", [k for k in zoo.READABLE if k not in ("lpm_trie",)])
def test_lookup_prints_the_element_that_a_dump_prints(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    for key, value in made.elements.items():
        one = {key: value}
        assert bpflens("map", "lookup", "id", made.id, "key", "hex", *words(key, True)[1:]).stdout == \
            reader.dump_plain(made.type, one).rpartition("Found")[0]
        found = bpflens("-j", "map", "lookup", "id", made.id, "key", *words(key))
        found.pop("prog_id", None)
        assert [found] == reader.dump(made.type, one)
        strict = bpflens("-o", "json", "map", "lookup", "id", made.id, "key", *words(key))
        assert len(strict) == 1 and strict[0]["key"] == key.hex() and strict[0]["map_id"] == made.id


@pytest.mark.slow_in_vm(reason="the layout does not depend on the kernel")
@pytest.mark.parametrize("kind", ["hash", "array", "percpu_hash", "percpu_array", "lru_hash", "hash_of_maps", "devmap_hash"])
def test_lookups_are_what_bpftool_prints(kernel, bpflens, peer, kind):
    made = zoo.make(kernel, kind)
    for key in made.elements:
        for form in ([], ["-j"], ["-p"]):
            command = [*form, "map", "lookup", "id", made.id, "key", "hex", *words(key, True)[1:]]
            ours, theirs = bpflens.run(*command), peer.run(*command)
            assert (ours.rc, ours.out, ours.err) == (theirs.rc, theirs.out, theirs.err)


def test_what_is_not_there_is_said_as_bpftool_says_it(kernel, bpflens, as_bpftool, peer):
    made = kernel.map("hash", 4, 4, max_entries=2)
    queue = kernel.map("queue", 0, 4, max_entries=2)
    for verb in (["lookup", "id", made.id, "key", 7, 0, 0, 0], ["peek", "id", queue.id]):
        for form in ([], ["-j"], ["-p"]):
            ours, theirs = bpflens.run(*form, "map", *verb), peer.run(*form, "map", *verb)
            assert (ours.out, ours.err) == (theirs.out, theirs.err)
            assert (ours.rc, theirs.rc, as_bpftool.run(*form, "map", *verb).rc) == (1, 254, 255)
    assert bpflens.run("map", "lookup", "id", made.id, "key", 7, 0, 0, 0).stdout == NOT_FOUND.format("07 00 00 00")
    assert bpflens("-o", "json", "map", "lookup", "id", made.id, "key", 7, 0, 0, 0, rc=1) == []
    assert bpflens("-o", "jsonl", "map", "lookup", "id", made.id, "key", 7, 0, 0, 0, rc=1) == []
    table = bpflens.run("-o", "tsv", "map", "lookup", "id", made.id, "key", 7, 0, 0, 0)
    assert table.rc == 1 and table.stdout == "key\tvalue\n" and "not found" in table.stderr


def test_one_cpus_value_is_looked_up(kernel, bpflens):
    cpus = bpf.possible_cpus()
    made = kernel.map("percpu_array", 4, 4, {0: [50 + cpu for cpu in cpus]})
    for cpu in cpus:
        found = bpflens("-j", "map", "lookup", "id", made.id, "key", 0, 0, 0, 0, "cpu", cpu)
        assert found["values"] == [{"cpu": cpu, "value": hex_bytes(struct.pack("I", 50 + cpu))}]


def test_a_lookup_that_a_shorter_prefix_answers_is_marked(kernel, bpflens):
    made = zoo.make(kernel, "lpm_trie")
    plen, addr = lambda n: [n, 0, 0, 0], lambda *a: list(a)
    searched = [*plen(32), *addr(10, 1, 2, 9)]
    found = bpflens("-j", "map", "lookup", "id", made.id, "key", *searched)
    assert found == {"key": hex_bytes(searched), "value": hex_bytes(b"\xff\0\x80"), "key_is_searched": True}
    text = bpflens("map", "lookup", "id", made.id, "key", *searched)
    assert text.stdout == "key: 20 00 00 00 0a 01 02 09  value: ff 00 80\n" and "shorter prefix" in text.stderr
    assert bpflens("-o", "json", "map", "lookup", "id", made.id, "key", *searched)[0]["key_is_searched"] is True
    for key, value in made.elements.items():  # each of its own prefixes, the last one in the order of the walk too
        text = bpflens("map", "lookup", "id", made.id, "key", *words(key))
        assert text.err == b"" and bpflens("-j", "map", "lookup", "id", made.id, "key", *words(key)) == {
            "key": hex_bytes(key), "value": hex_bytes(value)}
    only = kernel.map("lpm_trie", 8, 1, {struct.pack("I4B", 8, 10, 0, 0, 0): 8}, flags=bpf.F_NO_PREALLOC)
    assert "key_is_searched" not in bpflens("-j", "map", "lookup", "id", only.id, "key", *plen(8), 10, 0, 0, 0)
    assert "key_is_searched" in bpflens("-j", "map", "lookup", "id", only.id, "key", *plen(9), 10, 0, 0, 0)


@pytest.mark.parametrize("verb", ["lookup", "update", "delete", "getnext"])
def test_a_prefix_longer_than_the_key_is_refused(kernel, bpflens, verb):
    made = kernel.map("lpm_trie", 8, 1, max_entries=2, flags=bpf.F_NO_PREALLOC)
    value = ["value", 1] if verb == "update" else []
    result = bpflens.run("map", verb, "id", made.id, "key", 33, 0, 0, 0, 10, 0, 0, 0, *value)
    assert result.rc == 1 and "prefix longer than 32" in result.error


@pytest.mark.parametrize("kind", zoo.STORAGE_BTF)
def test_an_element_of_a_storage_map_cannot_be_named(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    result = bpflens.run("map", "lookup", "id", made.id, "key", 1, 0, 0, 0)
    assert result.rc == 1 and "descriptors" in result.stderr


@pytest.mark.parametrize("kind", ["ringbuf", "user_ringbuf", "arena", "perf_event_array"])
def test_a_type_without_lookups_says_why(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    result = bpflens.run("map", "lookup", "id", made.id, *(["key", 0, 0, 0, 0] if made.key else []))
    assert result.rc == 1 and "look up" in result.error and "hint:" in result.stderr
    assert "Unknown error" not in result.stderr


# Next key


@pytest.mark.slow_in_vm(reason="a process for each key")
def test_getnext_walks_the_whole_map(kernel, bpflens, peer):
    made = kernel.map("hash", 4, 4, {i: i for i in range(5)})
    seen, key = [], None
    while True:
        given = ["key", *words(key)] if key is not None else []
        result = bpflens.run("-j", "map", "getnext", "id", made.id, *given)
        for form in ([], ["-j"], ["-p"]):
            theirs = peer.run(*form, "map", "getnext", "id", made.id, *given)
            ours = bpflens.run(*form, "map", "getnext", "id", made.id, *given)
            assert (ours.out, ours.err) == (theirs.out, theirs.err)
        if result.rc:
            break
        record = result.json
        assert record["key"] == (None if key is None else hex_bytes(key))
        key = bytes(int(byte, 16) for byte in record["next_key"])
        seen.append(key)
        assert bpf.map_next_key(made.fd, None if len(seen) == 1 else seen[-2], 4) == key
    assert sorted(seen) == sorted(made.elements)
    assert result.error == "can't get next key: No such file or directory"
    assert parse_json(result.out) == {"error": "can't get next key: No such file or directory"}


def test_getnext_of_a_key_that_is_not_there_is_the_first_and_says_so(kernel, bpflens):
    made = kernel.map("hash", 4, 4, {1: 1, 2: 2})
    first = bpf.map_next_key(made.fd, None, 4)
    record = bpflens("-j", "map", "getnext", "id", made.id, "key", 9, 9, 9, 9)
    assert record == {"key": ["0x09"] * 4, "next_key": hex_bytes(first), "key_is_absent": True}
    text = bpflens("map", "getnext", "id", made.id, "key", 9, 9, 9, 9)
    assert text.stdout == f"key:\n09 09 09 09\nnext key:\n{first.hex(' ')}\n" and "no such key" in text.stderr
    assert bpflens("map", "getnext", "id", made.id).err == b""


def test_getnext_of_a_queue_says_why_not(kernel, bpflens):
    made = zoo.make(kernel, "queue")
    result = bpflens.run("map", "getnext", "id", made.id)
    assert result.rc == 1 and result.error.startswith("can't get next key: ") and "hint:" in result.stderr


# Delete


@pytest.mark.parametrize("kind", DELETABLE)
def test_what_was_deleted_is_gone_and_the_rest_is_there(kernel, bpflens, kind):
    made = made_of(kernel, kind)
    keys = [sample_key(kind), struct.pack("I4B", 8, 11, 0, 0, 0) if kind == "lpm_trie" else struct.pack("I", 9)]
    for key in keys:
        made.put(key, b"\1" * made.value)
    assert bpflens("map", "delete", "id", made.id, "key", *words(keys[0])).out == b""
    assert not has(made, keys[0]) and has(made, keys[1])
    result = bpflens.run("map", "delete", "id", made.id, "key", *words(keys[0]))
    assert result.rc == 1 and "No such file or directory" in result.error and "no such key" in result.stderr
    assert bpflens("-j", "map", "delete", "id", made.id, "key", "hex", *words(keys[1], True)[1:]) is None


def test_an_array_deletes_no_element(kernel, bpflens):
    made = kernel.map("array", 4, 4, {0: 5})
    result = bpflens.run("map", "delete", "id", made.id, "key", 0, 0, 0, 0)
    assert result.rc == 1 and "Invalid argument" in result.error and "do not allow" in result.stderr


# Queues, stacks, filters


@pytest.mark.parametrize("kind, push, pop", [("queue", "enqueue", "dequeue"), ("stack", "push", "pop")])
def test_a_queue_and_a_stack_give_back_in_their_order(kernel, bpflens, kind, push, pop):
    made = kernel.map(kind, 0, 4, max_entries=3)
    values = [bytes([i, i + 1, i + 2, i + 3]) for i in (10, 20, 30)]
    for value in values:
        bpflens("map", push, "id", made.id, "value", *words(value))
    full = bpflens.run("map", push, "id", made.id, "value", 1, 1, 1, 1)
    assert full.rc == 1 and "full" in full.stderr
    if kind == "stack":
        values.reverse()
    for value in values:
        assert bpflens("map", "peek", "id", made.id).stdout == f"value: {value.hex(' ')}\n"
        assert bpflens("-j", "map", "peek", "id", made.id) == {"key": [], "value": hex_bytes(value)}
        assert bpflens("-j", "map", pop, "id", made.id) == {"key": [], "value": hex_bytes(value)}
    with pytest.raises(FileNotFoundError):
        next_of(made)


def test_an_empty_queue_is_an_error_on_standard_error_and_null_in_json(kernel, bpflens, as_bpftool):
    made = kernel.map("queue", 0, 4, max_entries=3)
    for verb in ("pop", "dequeue"):
        result = bpflens.run("map", verb, "id", made.id)
        assert (result.rc, result.out, result.err) == (1, b"", b"Error: empty map\n")
        assert bpflens("-j", "map", verb, "id", made.id, rc=1) is None
        assert bpflens("-o", "json", "map", verb, "id", made.id, rc=1) == []
        assert as_bpftool.run("map", verb, "id", made.id).rc == 255


def test_pop_takes_the_key_that_was_given_and_no_other(kernel, bpflens):
    made = kernel.map("hash", 4, 4, {0: 5, 1: 6, 2: 7})
    assert bpflens.run("map", "pop", "id", made.id).rc == 2  # a key is needed, and none is made up
    assert all(has(made, key) for key in made.elements)
    result = bpflens.run("map", "pop", "id", made.id, "key", 1, 0, 0, 0)
    if result.rc:
        pytest.skip("this kernel takes out of queues and stacks alone")
    assert result.stdout == "key: 01 00 00 00  value: 06 00 00 00\n"
    assert [has(made, key) for key in sorted(made.elements)] == [True, False, True]
    gone = bpflens.run("map", "pop", "id", made.id, "key", 1, 0, 0, 0)
    assert gone.rc == 1 and gone.stdout == NOT_FOUND.format("01 00 00 00")
    queue = zoo.make(kernel, "queue")
    for words_ in (["key", 1], ["nonsense"], ["value", 1, 2, 3, 4]):
        assert bpflens.run("map", "pop", "id", queue.id, *words_).rc == 2
    assert next_of(queue) == b"\1\2\3\4"


def test_a_bloom_filter_is_asked_for_a_value(kernel, bpflens):
    made = kernel.map("bloom_filter", 0, 4, max_entries=1000)
    bpflens("map", "push", "id", made.id, "value", 1, 2, 3, 4)
    assert bpflens("map", "peek", "id", made.id, "value", 1, 2, 3, 4).stdout == "value: 01 02 03 04\n"
    other = bpf.bytes_in(b"\4\3\2\1")
    with pytest.raises(FileNotFoundError):
        bpf.call(bpf.MAP_LOOKUP, bpf.Element(map_fd=made.fd, value=bpf.address(other)))
    assert bpflens.run("-j", "map", "peek", "id", made.id, "value", 4, 3, 2, 1).json is None
    assert bpflens.run("map", "peek", "id", made.id).rc == 2


# What is typed wrongly


@pytest.mark.slow_in_vm(reason="two dozen starts; the kernel is hardly asked")
@pytest.mark.parametrize("typed, said", [
    (["key", 1, 0, 0, "value", 1, 2, 3, 4], ["key expected 4 bytes got 3", "byte 4", "'value'"]),
    (["value", 1, 2, 3, 4, "key", 1, 0], ["key expected 4 bytes got 2", "bytes 3 to 4 are missing"]),
    (["key", 1, 0, 0, 0, 0, 0, "value", 1, 2, 3, 4], ["key expected 4 bytes got 6"]),
    (["key", 1, 0, 0, 0, "value", 1, 2, 3, 4, 5], ["value expected 4 bytes got 5", "'5'"]),
    (["key", 1, 0, 0, 0, "value", "hex", "0a", "ff", "1"], ["value expected 4 bytes got 3", "byte 4 is missing"]),
    (["key", 300, 0, 0, 0, "value", 1, 2, 3, 4], ["300", "byte 1 of the key"]),
    (["key", 1, 0, 0, 0, "value", 1, 2, "256", 4], ["256", "byte 3 of the value"]),
    (["key", "hex", "100", 0, 0, 0, "value", 1, 2, 3, 4], ["100", "byte 1 of the key"]),
    (["key", "1", "0x", "0", "0", "value", 1, 2, 3, 4], ["0x", "byte 2 of the key"]),
    (["key", "1", "ff", "0", "0", "value", 1, 2, 3, 4], ["ff", "byte 2 of the key"]),
    (["key", "1", "", "0", "0", "value", 1, 2, 3, 4], ["byte 2 of the key"]),
    (["--", "key", "-1", 0, 0, 0, "value", 1, 2, 3, 4], ["-1", "byte 1 of the key"]),
    (["--", "key", "+1", 0, 0, 0, "value", 1, 2, 3, 4], ["+1", "byte 1 of the key"]),
    (["key", 1, 0, 0, 0], ["did not find value"]), (["value", 1, 0, 0, 0], ["did not find key"]), ([], ["did not find key"]),
    (["key", 1, 0, 0, 0, "key", 1, 0, 0, 0, "value", 1, 2, 3, 4], ["duplicate key"]),
    (["key", 1, 0, 0, 0, "value", 1, 2, 3, 4, "value", 1, 2, 3, 4], ["duplicate value"]),
    (["key", 1, 0, 0, 0, "value", 1, 2, 3, 4, "any", "exist"], ["flags specified multiple times", "exist"]),
    (["key", 1, 0, 0, 0, "value", 1, 2, 3, 4, "sometimes"], ["expected key or value", "sometimes"]),
    (["key", 1, 0, 0, 0, "value", "id", 1], ["id", "byte 1 of the value"]),
], ids=lambda one: " ".join(map(str, one)) if isinstance(one, list) else None)
def test_wrong_words_are_named_and_change_nothing(kernel, bpflens, typed, said):
    made = kernel.map("hash", 4, 4, {1: 77}, max_entries=4)
    for form in ([], ["-j"], ["-o", "json"]):
        result = bpflens.run(*form, "map", "update", "id", made.id, *typed)
        assert result.rc == 2, result
        for part in said:
            assert part in result.stdout + result.stderr, (part, result)
    assert {key: held(made, key) for key in reader.elements(made.id)} == made.elements


@pytest.mark.parametrize("verb", ["update", "delete", "freeze", "pop", "lookup", "getnext"])
def test_a_name_that_fits_several_is_refused_with_their_ids(kernel, bpflens, verb):
    name = unique("sv")
    both = [kernel.map("hash", 4, 4, {1: 1}, name=name) for _ in range(2)]
    words_ = {"update": ["key", 1, 0, 0, 0, "value", 2, 2, 2, 2], "freeze": [], "getnext": []}.get(verb, ["key", 1, 0, 0, 0])
    result = bpflens.run("map", verb, "name", name, *words_)
    assert result.rc == 2 and "several maps match this handle" in result.error
    assert all(str(made.id) in result.stderr for made in both)
    assert "several maps" in bpflens.run("-j", "map", verb, "name", name, *words_).error
    for made in both:
        assert held(made, struct.pack("I", 1)) == struct.pack("I", 1)
        assert bpflens("-j", "map", "show", "id", made.id)["frozen"] == 0


def test_a_long_name_stands_for_the_15_bytes_that_the_kernel_keeps(kernel, bpflens):
    name = unique("longna").ljust(15, "x")
    both = [kernel.map("hash", 4, 4, {1: 1}, name=name) for _ in range(2)]
    listing = bpflens.run("map", "show", "name", name + "_2")
    assert listing.rc == 0 and all(f"{made.id}: hash" in listing.stdout for made in both)
    assert "15 bytes" in listing.stderr
    assert bpflens.run("map", "show", "name", name).err == b""
    result = bpflens.run("map", "update", "name", name + "_2", "key", 1, 0, 0, 0, "value", 2, 2, 2, 2)
    assert result.rc == 2 and all(str(made.id) in result.stderr for made in both)
    assert bpflens.run("map", "show", "name", name[:-1]).rc == 1  # a shorter one is another name


def test_a_map_is_opened_with_the_rights_that_the_verb_needs(kernel, bpflens):
    made = kernel.map("hash", 4, 4, {1: 1}, max_entries=4)
    percpu = kernel.map("percpu_array", 4, 4, max_entries=1)
    rights = {"BPF_F_RDONLY": "r", "BPF_F_WRONLY": "w", "0": "rw"}

    def opened(*words_):
        _, lines = bpflens.traced("map", *words_)
        return [rights[line.split("open_flags=")[1].split("}")[0].split(",")[0]]
                for line in lines if "BPF_MAP_GET_FD_BY_ID" in line and "open_flags=" in line]
    key = ["key", 1, 0, 0, 0]
    if not opened("lookup", "id", made.id, *key):
        pytest.skip("this strace does not show open flags")
    assert opened("lookup", "id", made.id, *key) == ["r"]
    assert opened("getnext", "id", made.id) == ["r"]
    assert opened("update", "id", made.id, *key, "value", 1, 1, 1, 1)[-1] == "w"
    assert opened("delete", "id", made.id, *key)[-1] == "w"
    assert opened("update", "id", percpu.id, "key", 0, 0, 0, 0, "value", 1, 1, 1, 1, "cpu", 0)[-1] == "rw"


def test_a_user_without_write_permission_on_a_pin_is_told_so(kernel, public, nobody):
    made = kernel.map("hash", 4, 4, {1: 1})
    path = kernel.pin(made, mode=0o444)
    result = public.run("map", "update", "pinned", path, "key", 1, 0, 0, 0, "value", 2, 2, 2, 2, before=nobody)
    assert result.rc == 1 and held(made, struct.pack("I", 1)) == struct.pack("I", 1)
    assert path in result.error and ("Permission denied" in result.error or "not permitted" in result.error)


def test_calicos_words_are_understood(kernel, bpflens):
    """Decimal and hexadecimal bytes, options in front of the verb, and the errors where it looks for them."""
    made = kernel.map("hash", 4, 4, {0x01020304: 1})
    path = kernel.pin(made)
    key = struct.pack("I", 0x01020304)
    found = bpflens("--json", "--pretty", "map", "lookup", "pinned", path, "key", "hex", *words(key, True)[1:])
    assert found["key"] == hex_bytes(key) and found["value"] == hex_bytes(struct.pack("I", 1))
    assert "error" not in found
    assert bpflens("map", "--json", "getnext", "pinned", path)["next_key"] == hex_bytes(key)
    end = bpflens.run("map", "--json", "getnext", "pinned", path, "key", "hex", *words(key, True)[1:])
    assert end.json["error"] == "can't get next key: No such file or directory" and sys.byteorder
    assert bpflens.run("map", "delete", "pinned", path, "key", *words(key)).rc == 0
