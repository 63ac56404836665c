# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map dump: the bytes that were put in, for every type whose elements can be read, in every form of output."""
import itertools
import sys

import bpf
import pytest
import reader
import zoo
from maker import hex_le, unique
from runner import compact, pretty

SIZES = (1, 2, 7, 8, 9, 12, 15, 16, 17, 23, 24, 25, 31, 32, 33, 48)


def strict(made):
    """The records of -o json, by key."""
    found = {}
    for key, value in made.elements.items():
        record = {"map_id": made.id, "key": key.hex()}
        if isinstance(value, list):
            record["values"] = [{"cpu": cpu, "value": v.hex()} for cpu, v in zip(bpf.possible_cpus(), value)]
        else:
            record["value"] = value.hex()
        if made.type in zoo.INNER:
            record["inner_map_id"] = int.from_bytes(value, sys.byteorder)
        if made.type == "prog_array":
            record["prog_id"] = int.from_bytes(value, sys.byteorder)
        found[key.hex()] = record
    return found


def known_keys(records):
    """The records without what bpftool does not have."""
    return [{k: v for k, v in one.items() if k != "prog_id"} for one in records]


FULL = [k for k in zoo.READABLE if k not in zoo.SLOTS]


@pytest.mark.parametrize("kind", FULL)
def test_json_is_the_bytes_that_were_put_in(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    dumped = bpflens("-j", "map", "dump", "id", made.id)
    by_key = lambda records: sorted(records, key=lambda one: one["key"])
    assert by_key(known_keys(dumped)) == by_key(reader.dump(made.type, made.elements))


def test_the_program_in_a_slot_is_named_by_its_id(kernel, bpflens):
    made = zoo.make(kernel, "prog_array")
    ids = [int.from_bytes(value, sys.byteorder) for value in made.elements.values()]
    assert [one["prog_id"] for one in bpflens("-j", "map", "dump", "id", made.id)] == ids


@pytest.mark.parametrize("kind", FULL)
def test_plain_text_is_the_bytes_that_were_put_in(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    order = {k: made.elements[k] for k in reader.elements(made.id) if k in made.elements}
    assert bpflens("map", "dump", "id", made.id).stdout == reader.dump_plain(made.type, order)


@pytest.mark.parametrize("kind", zoo.READABLE)
def test_dumps_are_what_bpftool_prints(kernel, bpflens, peer, kind):
    made = zoo.make(kernel, kind)
    for form in ([], ["-j"], ["-p"]):
        theirs = peer.run(*form, "map", "dump", "id", made.id)
        assert (theirs.rc, theirs.err) == (0, b"")
        ours = bpflens.run(*form, "map", "dump", "id", made.id)
        if form and kind == "prog_array":  # it has a key more
            write = compact if form == ["-j"] else pretty
            assert ours.stdout == write(ours.json) and write(known_keys(ours.json)) == theirs.stdout
        else:
            assert ours.out == theirs.out


@pytest.mark.parametrize("kind", FULL)
def test_the_strict_form_is_one_flat_record_an_element(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    for form in ("json", "jsonl"):
        records = bpflens("-o", form, "map", "dump", "id", made.id)
        assert {one["key"]: one for one in records} == strict(made)
        assert len(records) == len(made.elements)


@pytest.mark.parametrize("kind", [k for k in FULL if "percpu" not in k])
def test_rows_hold_key_and_value_of_each_element(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    for form in ("table", "tsv"):
        lines = bpflens("-o", form, "map", "dump", "id", made.id).stdout.splitlines()
        rows = [line for line in lines if any(key.hex() in line.split() for key in made.elements)]
        assert len(lines) == len(made.elements) + 1 and len(rows) == len(made.elements)
        for key, value in made.elements.items():
            assert sum(key.hex() in row.split() and value.hex() in row.split() for row in rows) >= 1


def test_unsigned_values_are_dumped_exactly(kernel, bpflens):
    made = kernel.map("hash", key=4, value=8, entries={7: 2**64 - 1})
    assert bpflens("-j", "map", "dump", "id", made.id) == [{"key": hex_le(7, 4), "value": hex_le(2**64 - 1, 8)}]


def test_every_byte_value_is_printed_as_itself(kernel, bpflens):
    made = kernel.map("array", 4, 256, {0: bytes(range(256))})
    assert bpflens("-j", "map", "dump", "id", made.id)[0]["value"] == [f"0x{b:02x}" for b in range(256)]
    assert bpflens("map", "dump", "id", made.id).stdout == reader.dump_plain("array", made.elements)
    assert bpflens("-o", "json", "map", "dump", "id", made.id)[0]["value"] == bytes(range(256)).hex()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_last_line_counts_the_elements(kernel, bpflens, count):
    made = kernel.map("hash", entries={i: i for i in range(count)}, max_entries=4)
    text = bpflens("map", "dump", "id", made.id).stdout
    assert text.endswith({0: "Found 0 elements\n", 1: "Found 1 element\n", 2: "Found 2 elements\n"}[count])
    assert text.count("key:") == count


def test_an_empty_map_is_an_empty_list(kernel, bpflens):
    made = kernel.map("hash", max_entries=4)
    assert bpflens.run("-j", "map", "dump", "id", made.id).stdout == "[]\n"
    assert bpflens.run("-p", "map", "dump", "id", made.id).stdout == "[]\n"
    assert bpflens("-o", "json", "map", "dump", "id", made.id) == []
    assert bpflens("-o", "jsonl", "map", "dump", "id", made.id) == []


@pytest.mark.slow_in_vm(reason="some hundred starts of two programs; sizes alone decide")
def test_lines_break_by_the_sizes_of_key_and_value(kernel, bpflens, peer):
    for key, value in itertools.product(SIZES, SIZES):
        made = kernel.map("hash", key, value, {bytes(range(1, key + 1)): bytes(range(200, 200 + value))})
        ours = bpflens("map", "dump", "id", made.id)
        assert ours.stdout == reader.dump_plain("hash", made.elements), (key, value)
        assert ours.out == peer("map", "dump", "id", made.id).out, (key, value)
        kernel.close()


@pytest.mark.parametrize("value", [1, 4, 8, 9, 16, 17, 24, 40])
@pytest.mark.parametrize("key", [4, 16, 17])
def test_per_cpu_values_stand_on_lines_of_their_own(kernel, bpflens, peer, key, value):
    cpus = bpf.possible_cpus()
    made = kernel.map("percpu_hash", key, value, {bytes(range(key)): [bytes([cpu]) * value for cpu in cpus]})
    ours = bpflens("map", "dump", "id", made.id)
    assert ours.stdout == reader.dump_plain("percpu_hash", made.elements)
    assert ours.out == peer("map", "dump", "id", made.id).out


def test_per_cpu_values_carry_the_ids_of_the_possible_cpus(kernel, bpflens):
    cpus = bpf.possible_cpus()
    made = kernel.map("percpu_array", 4, 8, {0: [1000 + cpu for cpu in cpus]})
    values = bpflens("-j", "map", "dump", "id", made.id)[0]["values"]
    assert [(one["cpu"], one["value"]) for one in values] == [(cpu, hex_le(1000 + cpu, 8)) for cpu in cpus]


@pytest.mark.parametrize("key", [4, 8, 16, 17, 20])
def test_an_inner_map_is_shown_by_its_id(kernel, bpflens, peer, key):
    inner = kernel.map("array", 4, 8)
    made = kernel.map("hash_of_maps", key, 4, {bytes(range(key)): inner}, inner_fd=inner.fd)
    ours = bpflens("map", "dump", "id", made.id)
    assert ours.stdout == reader.dump_plain("hash_of_maps", made.elements)
    assert ours.out == peer("map", "dump", "id", made.id).out
    assert bpflens("-j", "map", "dump", "id", made.id)[0]["inner_map_id"] == inner.id


@pytest.mark.parametrize("flags", [bpf.F_RDONLY, bpf.F_WRONLY, bpf.F_RDONLY_PROG])
def test_access_flags_of_the_maker_do_not_hide_elements(kernel, bpflens, flags):
    made = kernel.map("array", 4, 4, max_entries=1, flags=flags)
    assert bpflens("-j", "map", "dump", "id", made.id) == reader.dump("array", made.elements)


def test_a_frozen_map_is_dumped(kernel, bpflens):
    made = kernel.map("array", 4, 4, {0: 1})
    bpf.map_freeze(made.fd)
    assert bpflens("-j", "map", "dump", "id", made.id) == reader.dump("array", made.elements)


# Several maps, and the words after the map


def named_maps(kernel):
    """Three maps of one name, and the name."""
    name = unique("nm")
    return [kernel.map("hash", 4, 4, {1: 2}, name=name), kernel.map("array", 4, 20, {0: bytes(range(20))}, name=name),
            kernel.map("hash", 4, 4, max_entries=3, name=name)], name


def test_several_maps_are_dumped_one_after_the_other(kernel, bpflens, peer):
    made, name = named_maps(kernel)
    for form in ([], ["-j"], ["-p"]):
        assert bpflens.run(*form, "map", "dump", "name", name).out == \
               peer.run(*form, "map", "dump", "name", name).out
    assert bpflens("-j", "map", "dump", "name", name) == [
        {"id": m.id, "type": m.type, "name": m.name, "flags": 0, "elements": reader.dump(m.type, m.elements)}
        for m in made]


def test_the_strict_form_of_several_maps_is_one_flat_list(kernel, bpflens):
    made, name = named_maps(kernel)
    records = bpflens("-o", "json", "map", "dump", "name", name)
    assert records == [record for m in made for record in strict(m).values()]


def test_every_way_to_name_a_map_dumps_it(kernel, bpflens):
    made = kernel.map("array", 4, 4, {0: 1}, name=unique("dh"))
    path = kernel.pin(made)
    whole = bpflens("map", "dump", "id", made.id).stdout
    for words in (["id", hex(made.id)], ["name", made.name], ["pinned", path], [made.id], [path]):
        assert bpflens("map", "dump", *words).stdout == whole
        assert bpflens("m", "d", *words).stdout == whole


@pytest.mark.slow_in_vm(reason="the program counts, not the kernel")
@pytest.mark.parametrize("limit, shown", [("1", 1), ("2", 2), ("0x3", 3), ("010", 8), ("20", 20), ("1000", 20)])
def test_limit_stops_after_so_many_elements(kernel, bpflens, limit, shown):
    for kind in ("hash", "array", "percpu_array", "lpm_trie"):
        entries = {i: i for i in range(20)}
        if kind == "lpm_trie":
            entries = {bytes([32, 0, 0, 0, i, 0, 0, 1]): bytes(4) for i in range(20)}
        made = kernel.map(kind, len(next(iter(entries))) if kind == "lpm_trie" else 4, 4, entries,
                          flags=bpf.F_NO_PREALLOC if kind == "lpm_trie" else 0)
        dumped = bpflens("-j", "map", "dump", "id", made.id, "limit", limit)
        everything = bpflens("-j", "map", "dump", "id", made.id)
        assert len(everything) == 20 and dumped == everything[:shown]
        assert bpflens("map", "dump", "id", made.id, "limit", limit).stdout.count("key:") == shown


def test_count_says_how_full_a_map_is(kernel, bpflens):
    for kind, kept, most in (("hash", 3, 4), ("hash", 0, 8), ("array", 8, 8), ("lru_hash", 1, 2)):
        made = kernel.map(kind, 4, 4, {i: i for i in range(kept)}, max_entries=most)
        expected = {"id": made.id, "elements": kept, "max_entries": most, "full_percent": 100 * kept // most}
        assert bpflens("-j", "map", "dump", "id", made.id, "count") == expected
        assert bpflens("-o", "json", "map", "dump", "id", made.id, "count") == [expected]
        text = bpflens("map", "dump", "id", made.id, "count").stdout
        assert str(kept) in text and "key:" not in text


def test_count_of_several_maps_is_a_record_each(kernel, bpflens):
    made, name = named_maps(kernel)
    records = bpflens("-j", "map", "dump", "name", name, "count")
    assert [(one["id"], one["elements"]) for one in records] == [(m.id, len(m.elements)) for m in made]


def test_count_counts_filled_slots_alone(kernel, bpflens):
    for kind in zoo.SLOTS + zoo.SKIPPED:
        made = zoo.make(kernel, kind)
        assert bpflens("-j", "map", "dump", "id", made.id, "count")["elements"] == len(made.elements), kind


def test_pretty_json_is_the_same_document(kernel, bpflens):
    for kind in ("hash", "percpu_array", "hash_of_maps"):
        made = zoo.make(kernel, kind)
        dumped = bpflens("-j", "map", "dump", "id", made.id)
        assert bpflens.run("-p", "map", "dump", "id", made.id).stdout == pretty(dumped)
