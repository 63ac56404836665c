# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map dump of what cannot be read: empty slots, values that the kernel keeps to itself, maps without keys.

An empty slot is named and not counted. A value that is withheld stands as its reason, is counted, and makes the exit
status 1. A map without keys to walk says why not.
"""
import pytest
import reader
import zoo
from maker import unique

# What the C library says of the errno, which says nothing of the map.
MISLEADING = ("No space left on device", "Unknown error 524", "524")


@pytest.mark.parametrize("kind", zoo.SLOTS)
def test_an_empty_slot_is_named_and_not_counted(kernel, bpflens, peer, kind):
    made = zoo.make(kernel, kind)
    result = bpflens("map", "dump", "id", made.id)
    assert result.out == peer("map", "dump", "id", made.id).out
    empty = made.max_entries - len(made.elements)
    assert result.stdout.count("<no entry>") == empty > 0
    assert result.stdout.endswith(f"Found {len(made.elements)} element\n")


@pytest.mark.parametrize("kind", zoo.SLOTS)
def test_an_empty_slot_is_an_error_in_place_of_the_value_in_json(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    for record in bpflens("-j", "map", "dump", "id", made.id):
        key = bytes(int(b, 16) for b in record["key"])
        wanted = reader.hex_bytes(made.elements[key]) if key in made.elements else {"error": "No such file or directory"}
        assert record["value"] == wanted
    for form in ("json", "jsonl"):
        records = {one["key"]: one for one in bpflens("-o", form, "map", "dump", "id", made.id)}
        for key in (i.to_bytes(4, "little") for i in range(made.max_entries)):
            if key in made.elements:
                assert records[key.hex()]["value"] == made.elements[key].hex() and "error" not in records[key.hex()]
            elif key.hex() in records:
                assert records[key.hex()]["error"] and "value" not in records[key.hex()]


@pytest.mark.parametrize("kind", zoo.SKIPPED)
def test_an_empty_slot_of_maps_or_programs_is_left_out(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    assert made.max_entries > len(made.elements)
    assert "<" not in bpflens("map", "dump", "id", made.id).stdout
    assert len(bpflens("-j", "map", "dump", "id", made.id)) == len(made.elements)
    assert len(bpflens("-o", "json", "map", "dump", "id", made.id)) == len(made.elements)


@pytest.mark.parametrize("kind", ["devmap", "prog_array", "array_of_maps", "sockmap", "cpumap"])
def test_a_map_of_empty_slots_alone_has_no_elements(kernel, bpflens, peer, kind):
    inner = {"inner_fd": kernel.map("array").fd} if kind == "array_of_maps" else {}
    made = kernel.map(kind, 4, 8 if kind == "sockmap" else 4, max_entries=2, **inner)
    result = bpflens("map", "dump", "id", made.id)
    assert result.stdout.endswith("Found 0 elements\n")
    assert result.out == peer("map", "dump", "id", made.id).out


def keys_of(made):
    return list(reader.elements(made.id))


@pytest.mark.parametrize("kind", zoo.WITHHELD)
def test_a_withheld_value_stands_as_its_reason_and_is_counted(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    keys = keys_of(made)
    result = bpflens("map", "dump", "id", made.id, rc=1)
    assert result.stdout.count("key:") == len(keys) > 0
    assert result.stdout.endswith(f"Found {len(keys)} element{'' if len(keys) == 1 else 's'}\n")
    for key in keys:
        assert reader.rows(key) in result.stdout
    assert not any(words in result.stdout + result.stderr for words in MISLEADING)


@pytest.mark.parametrize("kind", zoo.WITHHELD)
def test_a_withheld_value_is_an_error_in_its_place_in_json(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    keys = keys_of(made)
    records = bpflens("-j", "map", "dump", "id", made.id, rc=1)
    assert [one["key"] for one in records if "key" in one] == [reader.hex_bytes(key) for key in keys]
    for one in records[:len(keys)]:
        assert list(one["value"]) == ["error"] and one["value"]["error"]
        assert one["value"]["error"] not in MISLEADING
    for form in ("json", "jsonl"):
        records = bpflens("-o", form, "map", "dump", "id", made.id, rc=1)
        assert [one["key"] for one in records] == [key.hex() for key in keys]
        assert all(one["error"] and "value" not in one and one["map_id"] == made.id for one in records)


@pytest.mark.parametrize("kind", ["sockmap4", "sockhash4", "reuseport_sockarray4"])
def test_small_socket_maps_say_what_size_would_show_their_sockets(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    result = bpflens.run("map", "dump", "id", made.id)
    assert "8-byte" in result.stdout + result.stderr


@pytest.mark.parametrize("kind", zoo.KEYLESS)
def test_a_map_without_keys_says_why_it_cannot_be_dumped(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    result = bpflens.run("map", "dump", "id", made.id)
    assert result.rc == 1
    assert str(made.id) in result.error and not any(words == result.error for words in MISLEADING)
    assert b"key" not in result.out
    assert len(result.stderr.splitlines()) <= 2, "an error, and perhaps a hint"


@pytest.mark.parametrize("kind", zoo.KEYLESS)
def test_a_map_without_keys_is_one_json_document_with_the_reason(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    for form in (["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"]):
        result = bpflens.run(*form, "map", "dump", "id", made.id)
        assert result.rc == 1 and str(made.id) in result.error
    assert bpflens("-o", "json", "map", "dump", "id", made.id, rc=1) == []


def test_one_map_without_keys_among_several_does_not_hide_the_others(kernel, bpflens):
    name = unique("mix")
    first = kernel.map("hash", 4, 4, {1: 2}, name=name)
    queue = kernel.map("queue", 0, 4, max_entries=1, name=name)
    last = kernel.map("array", 4, 4, {0: 3}, name=name)
    result = bpflens.run("map", "dump", "name", name)
    assert result.rc == 1 and str(queue.id) in result.stderr
    assert "key: 01 00 00 00  value: 02 00 00 00" in result.stdout
    assert "key: 00 00 00 00  value: 03 00 00 00" in result.stdout
    ids = [one["id"] for one in bpflens("-j", "map", "dump", "name", name, rc=1) if "id" in one]
    assert {first.id, last.id} <= set(ids)
    records = bpflens("-o", "json", "map", "dump", "name", name, rc=1)
    assert [one["map_id"] for one in records if "value" in one] == [first.id, last.id]


def test_the_reason_is_given_for_one_map_among_several_as_for_one_alone(kernel, bpflens):
    name = unique("mix")
    made = [kernel.map("queue", 0, 4, max_entries=1, name=name), kernel.map("array", 4, 4, {0: 3}, name=name)]
    hint = bpflens("-j", "map", "dump", "id", made[0].id, rc=1)[0]["hint"]
    result = bpflens.run("map", "dump", "name", name)
    assert result.rc == 1 and hint in result.stderr
    assert hint in bpflens.run("-j", "map", "dump", "name", name).stdout
    result = bpflens.run("-o", "json", "map", "dump", "name", name)
    assert str(made[0].id) in result.error, "an error is JSON on standard error"


def test_a_value_that_cannot_be_looked_up_does_not_end_the_dump(kernel, bpflens):
    """The kernel refuses the second of three look-ups; the others are shown, and the exit status is 1."""
    kernel.netns()
    made = kernel.map("devmap_hash", 4, 4, {5: 1, 6: 1, 7: 1})
    _, trace = bpflens.traced("-j", "map", "dump", "id", made.id)
    looked = [n for n, line in enumerate((t for t in trace if "bpf(" in t), 1) if "BPF_MAP_LOOKUP_ELEM" in line]
    assert len(looked) >= 3, trace
    result, trace = bpflens.traced("-j", "map", "dump", "id", made.id, inject=f"bpf:error=EIO:when={looked[1]}")
    assert any("INJECTED" in line and "LOOKUP_ELEM" in line for line in trace)
    assert result.rc == 1
    assert [one["value"] for one in result.json[:3]] == [reader.hex_bytes(b"\1\0\0\0"),
                                                          {"error": "Input/output error"},
                                                          reader.hex_bytes(b"\1\0\0\0")]
