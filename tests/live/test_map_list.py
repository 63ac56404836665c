# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map list: every field, for every type of map, as declared, as the second reader has it, as bpftool shows it."""
import errno
import re

import bpf
import pytest
import reader
import zoo
from maker import unique
from reader import MAP_KEYS, map_plain, split
from runner import blocks, compact, only, pretty


@pytest.fixture
def bpflens(ownerless):
    """Owners have tests of their own, and neither bpftool nor the second reader has them here."""
    return ownerless



def check(bpflens, made):
    """One map by id: JSON and plain text are what the second reader says; the record."""
    record, known = reader.map_record(made.id)
    same, new = split(bpflens("-j", "map", "show", "id", made.id), MAP_KEYS)
    assert same == record and list(same) == list(record)
    assert new == {key: known[key] for key in new}, "what is added is what the kernel says"
    assert bpflens("map", "show", "id", made.id).stdout == map_plain(record)
    return record


@pytest.mark.parametrize("kind", zoo.TYPES)
def test_a_map_of_each_type_is_shown_with_every_field(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    record = check(bpflens, made)
    assert (record["type"], record["name"]) == (made.type, made.name)
    assert (record["bytes_key"], record["bytes_value"]) == (made.key, made.value)
    assert record["max_entries"] == made.max_entries


@pytest.mark.parametrize("kind", zoo.TYPES)
def test_a_map_of_each_type_is_shown_as_bpftool_shows_it(kernel, bpflens, peer, kind):
    made = zoo.make(kernel, kind)
    ours, _ = split(bpflens("-j", "map", "show", "id", made.id), MAP_KEYS)
    assert compact(ours) == peer.run("-j", "map", "show", "id", made.id).stdout
    assert pretty(ours) == peer.run("-p", "map", "show", "id", made.id).stdout
    assert bpflens("map", "show", "id", made.id).out == peer("map", "show", "id", made.id).out


def test_the_whole_list_is_what_bpftool_lists(kernel, bpflens, peer):
    made = [zoo.make(kernel, kind).id for kind in ("hash", "array", "lpm_trie", "queue", "ringbuf", "array_of_maps")]
    ours = only(bpflens("-j", "map", "list"), made)
    assert [one["id"] for one in ours] == made
    # One at a time: in a list bpftool may give a map without BTF the btf_id of an earlier one.
    assert [split(one, MAP_KEYS)[0] for one in ours] == [peer("-j", "map", "show", "id", i) for i in made]
    text = blocks(bpflens("map", "list").stdout)
    assert [text[i] for i in made] == [peer("map", "show", "id", i).stdout for i in made]


def test_a_map_without_btf_never_takes_the_btf_id_of_another(kernel, bpflens):
    fd, number = kernel.int_btf()
    typed = kernel.map("array", name="typed", btf_fd=fd, btf_key=number, btf_value=number)
    bare = kernel.map("array", name="bare")
    listing = {one["id"]: one for one in bpflens("-j", "map", "list")}
    assert listing[typed.id]["btf_id"] == bpf.info(fd, bpf.BtfInfo()).id
    assert "btf_id" not in listing[bare.id]
    text = blocks(bpflens("map", "list").stdout)
    assert "btf_id" in text[typed.id] and "btf_id" not in text[bare.id]


def test_the_list_is_in_ascending_order_and_each_map_is_as_when_shown_alone(kernel, bpflens):
    made = [kernel.map("hash", name=f"ordered{i}").id for i in range(5)]
    listing = bpflens("-j", "map", "list")
    ids = [one["id"] for one in listing]
    assert ids == sorted(set(ids))
    for one in only(listing, made):
        assert one == bpflens("-j", "map", "show", "id", one["id"])
    text = blocks(bpflens("map", "list").stdout)
    assert "".join(text[i] for i in made) == "".join(bpflens("map", "show", "id", i).stdout for i in made)


def test_show_list_and_the_bare_noun_are_one_command(kernel, bpflens):
    made = [kernel.map(type="array", name="synonym").id]
    for words in (["map"], ["map", "show"], ["map", "list"], ["m", "s"], ["m", "l"]):
        assert len(only(bpflens("-j", *words), made)) == 1
        assert made[0] in blocks(bpflens(*words).stdout)


# Fields


@pytest.mark.parametrize("entries", [1, 2**16, 2**31 - 1, 2**31, 2**32 - 1])
def test_the_largest_counts_are_printed_exactly(kernel, bpflens, entries):
    try:
        made = kernel.map("lpm_trie", 8, 4, max_entries=entries, flags=bpf.F_NO_PREALLOC, name="large")
    except OSError as failure:
        if failure.errno != errno.E2BIG:
            raise
        pytest.skip(f"this kernel makes no map of that many entries: {failure.strerror}")
    assert check(bpflens, made)["max_entries"] == entries


@pytest.mark.parametrize("flags", [0, bpf.F_RDONLY_PROG, bpf.F_MMAPABLE, bpf.F_MMAPABLE | bpf.F_RDONLY_PROG])
def test_flags_are_hexadecimal_in_plain_text_and_decimal_in_json(kernel, bpflens, flags):
    made = kernel.map("array", 4, 8, max_entries=3, flags=flags, name="flagged")
    assert check(bpflens, made)["flags"] == flags
    assert f"  flags 0x{flags:x}\n" in bpflens("map", "show", "id", made.id).stdout


def test_a_frozen_map_is_said_to_be_frozen(kernel, bpflens, peer):
    fd, number = kernel.int_btf()
    bare, typed = kernel.map("array", name="cold"), kernel.map("array", name="colder", btf_fd=fd, btf_key=number,
                                                                btf_value=number)
    for made in (bare, typed):
        assert check(bpflens, made)["frozen"] == 0
        bpf.map_freeze(made.fd)
        assert check(bpflens, made)["frozen"] == 1
        assert bpflens("map", "show", "id", made.id).out == peer("map", "show", "id", made.id).out
        assert bpflens("-o", "json", "map", "show", "id", made.id)[0]["frozen"] is True


def test_the_owner_of_a_program_array_is_shown_once_it_has_one(kernel, bpflens):
    unused = kernel.map("prog_array", name="unowned")
    assert "owner_prog_type" not in check(bpflens, unused)
    assert check(bpflens, zoo.make(kernel, "prog_array"))["owner_prog_type"] == "xdp"


def test_memory_grows_with_what_a_map_holds(kernel, bpflens):
    made = kernel.map("hash", 4, 4096, max_entries=100, flags=bpf.F_NO_PREALLOC, name="growing")
    before = check(bpflens, made)["bytes_memlock"]
    for i in range(100):
        made.put(i, bytes(4096))
    after = check(bpflens, made)["bytes_memlock"]
    if before < 100 * 4096:
        assert after > before + 100 * 4096
    else:
        assert after == before, "this kernel tells what the map may come to hold, from the start"


@pytest.mark.parametrize("name", ["", "m", "fifteen_letters", "with.dots.in_it"])
def test_a_name_is_shown_whole_and_left_out_when_there_is_none(kernel, bpflens, name):
    record = check(bpflens, kernel.map("array", name=name))
    assert record.get("name", "") == name


# Handles


def test_every_way_to_name_a_map_finds_it(kernel, bpflens):
    made = kernel.map("hash", name=unique("h"))
    path = kernel.pin(made)
    whole = bpflens("map", "show", "id", made.id).stdout
    handles = [["id", made.id], ["id", hex(made.id)], ["id", f"0{made.id:o}"], ["name", made.name], ["pinned", path],
               [made.id], [hex(made.id)], [path], ["i", made.id], ["n", made.name], ["p", path]]
    for words in handles:
        assert bpflens("map", "show", *words).stdout == whole, words
        assert bpflens("-j", "map", "show", *words)["id"] == made.id, words


def test_one_match_is_an_object_and_several_are_an_array(kernel, bpflens, peer):
    words = ["map", "show", "name", unique("same")]
    made = [kernel.map(kind, name=words[-1]) for kind in ("hash", "array", "lru_hash")]
    ours = bpflens("-j", *words)
    assert [one["id"] for one in ours] == [m.id for m in made]
    assert compact([split(one, MAP_KEYS)[0] for one in ours]) == peer.run("-j", *words).stdout
    assert pretty([split(one, MAP_KEYS)[0] for one in ours]) == peer.run("-p", *words).stdout
    assert bpflens(*words).out == peer(*words).out
    single = kernel.map("array", name=unique("one"))
    assert bpflens("-j", "map", "show", "name", single.name)["id"] == single.id
    assert [one["id"] for one in bpflens("-o", "json", "map", "show", "name", single.name)] == [single.id]


def test_the_strict_form_has_the_same_facts_with_type_id_beside_type(kernel, bpflens):
    made = kernel.map("lru_hash", name="strict")
    loose, strict = bpflens("-j", "map", "show", "id", made.id), bpflens("-o", "json", "map", "show", "id", made.id)[0]
    assert strict["type_id"] == bpf.MAP_TYPES.index("lru_hash")
    assert strict["frozen"] is False
    assert {k: v for k, v in strict.items() if k not in ("type_id", "frozen")} == \
           {k: v for k, v in loose.items() if k != "frozen"}


@pytest.mark.slow_in_vm(reason="a dozen starts; the kernel is hardly asked")
@pytest.mark.parametrize("words", [["name", "no_such_map"], ["id", "4294967295"], ["4294967295"],
                                   ["pinned", "/nowhere/at/all"], ["/nowhere/at/all"]])
@pytest.mark.parametrize("verb", ["show", "dump"])
def test_a_handle_that_fits_nothing_is_an_error_that_repeats_it(kernel, bpflens, verb, words):
    for form in ([], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"]):
        result = bpflens.run(*form, "map", verb, *words)
        assert result.rc == 1 and words[-1] in result.error, result
    assert bpflens("-o", "json", "map", verb, *words, rc=1) == []


def test_an_object_of_another_kind_is_refused_by_kind(kernel, bpflens):
    path = kernel.pin(kernel.prog(name="not_a_map"))
    for verb in ("show", "dump"):
        result = bpflens.run("map", verb, "pinned", path)
        assert result.rc == 1 and path in result.error and result.out == b""
        assert re.search(r"\bprog", result.stderr.replace(path, "")), "it says what is pinned there"
