# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog list: every field, for every type of program, as declared, as the second reader has it, as bpftool shows it."""
import os
import re

import bpf
import progzoo
import pytest
import reader
from maker import unique
from reader import PROG_KEYS, prog_plain, split
from runner import blocks, compact, only, pretty


@pytest.fixture
def bpflens(ownerless):
    """Owners have tests of their own, and neither bpftool nor the second reader has them here."""
    return ownerless



def check(bpflens, made):
    """One program by id: JSON and plain text are what the second reader says; the record.

    The time of loading is reckoned by two clocks that are read one after the other: on a slow machine, on the
    edge of a second, it may come out as either. Then everything is read once more."""
    for _ in range(5):
        record, added = reader.prog_record(made.id)
        same, new = split(bpflens("-j", "prog", "show", "id", made.id), PROG_KEYS)
        if same.get("loaded_at") == record["loaded_at"] and \
                bpflens("prog", "show", "id", made.id).stdout == prog_plain(record):
            break
    assert same == record and list(same) == list(record)
    assert {key: new.get(key) for key in added} == added
    assert bpflens("prog", "show", "id", made.id).stdout == prog_plain(record)
    return record, new


@pytest.mark.parametrize("kind", progzoo.TYPES)
def test_a_program_of_each_type_is_shown_with_every_field(kernel, bpflens, kind):
    made = progzoo.make(kernel, kind)
    record, new = check(bpflens, made)
    assert (record["type"], record["name"], record["gpl_compatible"]) == (kind, made.name, True)
    assert new.get("verified_insns") == bpf.if_told(made.fd, bpf.ProgInfo(), "verified_insns", 2)


@pytest.mark.parametrize("kind", progzoo.TYPES)
def test_a_program_of_each_type_is_shown_as_bpftool_shows_it(kernel, bpflens, peer, kind):
    made = progzoo.make(kernel, kind)
    ours, _ = split(bpflens("-j", "prog", "show", "id", made.id), PROG_KEYS)
    theirs = peer.run("-j", "prog", "show", "id", made.id)
    assert compact(ours) == theirs.stdout
    assert pretty(ours) == peer.run("-p", "prog", "show", "id", made.id).stdout
    assert bpflens("prog", "show", "id", made.id).out == peer("prog", "show", "id", made.id).out


def test_the_whole_list_is_what_bpftool_lists(kernel, bpflens, peer):
    made = [progzoo.make(kernel, kind).id for kind in ("xdp", "sched_cls", "cgroup_skb", "raw_tracepoint")]
    made += [kernel.named_prog("a_function_of_a_name_that_is_long").id, kernel.prog().id]
    ours = only(bpflens("-j", "prog", "list"), made)
    assert [one["id"] for one in ours] == made
    assert [split(one, PROG_KEYS)[0] for one in ours] == only(peer("-j", "prog", "list"), made)
    ours, theirs = blocks(bpflens("prog", "list").stdout), blocks(peer("prog", "list").stdout)
    assert {i: ours[i] for i in made} == {i: theirs[i] for i in made}


def test_the_list_is_in_ascending_order_and_each_program_is_as_when_shown_alone(kernel, bpflens):
    made = [kernel.prog("xdp", name=f"ordered{i}").id for i in range(5)]
    listing = bpflens("-j", "prog", "list")
    ids = [one["id"] for one in listing]
    assert ids == sorted(set(ids))
    for one in only(listing, made):
        assert one == bpflens("-j", "prog", "show", "id", one["id"])
    text = blocks(bpflens("prog", "list").stdout)
    assert list(text) == sorted(text)
    assert "".join(text[i] for i in made) == "".join(bpflens("prog", "show", "id", i).stdout for i in made)


def test_show_list_and_the_bare_noun_are_one_command(kernel, bpflens):
    made = [kernel.prog(name="synonym").id]
    for words in (["prog"], ["prog", "show"], ["prog", "list"], ["p", "s"], ["p", "l"], ["pro", "sho"]):
        assert len(only(bpflens("-j", *words), made)) == 1
        assert made[0] in blocks(bpflens(*words).stdout)


# Fields


def test_a_program_without_a_name_has_no_name_field(kernel, bpflens):
    made = kernel.prog("xdp")
    record, _ = check(bpflens, made)
    assert "name" not in record
    assert f"{made.id}: xdp  tag " in bpflens("prog", "show", "id", made.id).stdout


@pytest.mark.parametrize("license, gpl", [("GPL", True), ("Dual BSD/GPL", True), ("Proprietary", False), ("", False)])
def test_gpl_is_said_of_compatible_licences_alone(kernel, bpflens, license, gpl):
    record, _ = check(bpflens, kernel.prog(license=license, name="licensed"))
    assert record["gpl_compatible"] is gpl


@pytest.mark.parametrize("count", [0, 1, 2, 64, 100])
def test_all_maps_of_a_program_are_listed_in_the_kernels_order(kernel, bpflens, count):
    maps = [kernel.map("array", name=f"m{i}") for i in range(count)]
    held = maps[:64][::-1]  # a program can name 64 maps; more can be bound to it
    made = kernel.prog(maps=held, name="holder")
    for extra in maps[64:]:
        bpf.prog_bind_map(made.fd, extra.fd)
    record, _ = check(bpflens, made)
    assert record.get("map_ids", []) == [m.id for m in held + maps[64:]]


@pytest.mark.parametrize("zone, seconds", [("UTC0", 0), ("EAST-5:30", 19800), ("WEST+3", -10800), ("FAR-14", 50400)])
def test_the_load_time_is_local_in_plain_text_and_absolute_in_json(kernel, bpflens, zone, seconds):
    made = kernel.prog(name="timed")
    record, _ = reader.prog_record(made.id)
    assert bpflens("prog", "show", "id", made.id, env={"TZ": zone}).stdout == prog_plain(record, seconds)
    assert bpflens("-j", "prog", "show", "id", made.id, env={"TZ": zone})["loaded_at"] == record["loaded_at"]


def test_the_user_who_loaded_a_program_is_shown(kernel, bpflens):
    os.setresuid(4242, 0, 0)
    try:
        made = kernel.prog(name="of_a_user")
    finally:
        os.setresuid(0, 0, 0)
    record, _ = check(bpflens, made)
    assert record["uid"] == 4242


def test_run_statistics_are_shown_once_there_are_some(kernel, bpflens, peer):
    made, idle = kernel.prog("xdp", name="busy"), kernel.prog("xdp", name="idle")
    stats = bpf.enable_stats()
    try:
        bpf.prog_run(made.fd, progzoo.packet(), repeat=10)
    finally:
        os.close(stats)
    record, _ = check(bpflens, made)
    assert record["run_cnt"] == 10 and record["run_time_ns"] > 0
    assert "run_cnt" not in check(bpflens, idle)[0]
    assert bpflens("prog", "show", "id", made.id).out == peer("prog", "show", "id", made.id).out


def test_listing_leaves_run_statistics_switched_off(kernel, bpflens):
    with open("/proc/sys/kernel/bpf_stats_enabled") as file:
        before = file.read()
    if before.strip() != "0":
        pytest.skip("needs kernel.bpf_stats_enabled to be 0")
    made = kernel.prog("xdp", name="unmeasured")
    bpflens("prog", "list")
    bpf.prog_run(made.fd, progzoo.packet(), repeat=10)
    assert bpf.prog_info(made.fd)[0].run_cnt == 0
    with open("/proc/sys/kernel/bpf_stats_enabled") as file:
        assert file.read() == before


def test_what_bpftool_leaves_out_is_in_the_json(kernel, bpflens):
    target = kernel.iterator("it")
    _, new = check(bpflens, target)
    assert new.get("attach_btf_id") == bpf.if_told(target.fd, bpf.ProgInfo(), "attach_btf_id", target.target)
    objects = [bpf.if_told(target.fd, bpf.ProgInfo(), "attach_btf_obj_id", number) for number in [1, *bpf.ids("btf")]]
    assert new.get("attach_btf_obj_id") in objects
    _, new = check(bpflens, kernel.named_prog("main_function", functions=3))
    assert new["functions"] == 3
    longer = kernel.prog(insns=[bpf.mov(0, i) for i in range(9)] + [bpf.leave()])
    _, new = check(bpflens, longer)
    assert new.get("verified_insns") == bpf.if_told(longer.fd, bpf.ProgInfo(), "verified_insns", 10)
    assert "attach_btf_id" not in new and "attach_btf_obj_id" not in new


def test_an_object_has_keys_of_the_documented_names_alone(kernel, bpflens):
    _, new = split(bpflens("-j", "prog", "show", "id", kernel.iterator("it").id), PROG_KEYS)
    assert set(new) <= set(reader.NEW_PROG_KEYS)


# Names


@pytest.mark.parametrize("name", ["short", "exactly14chars", "exactly15chars_", "a_name_of_16char",
                                  "a_very_long_function_name_that_the_kernel_cuts", "n" * 127], ids=len)
def test_the_full_name_comes_from_btf(kernel, bpflens, peer, name):
    made = kernel.named_prog(name)
    record, _ = check(bpflens, made)
    assert record["name"] == name
    assert bpflens("prog", "show", "id", made.id).out == peer("prog", "show", "id", made.id).out


def test_fifteen_characters_without_btf_are_the_name(kernel, bpflens):
    record, _ = check(bpflens, kernel.prog(name="fifteen_letters"))
    assert record["name"] == "fifteen_letters"


def test_a_program_is_found_by_its_full_name_and_by_the_kernels_short_form(kernel, bpflens):
    full = unique("xdpxdp").ljust(15, "_") + "program_name"
    made = kernel.named_prog(full)
    for name in (full, full[:15]):
        assert bpflens("-j", "prog", "show", "name", name)["id"] == made.id
    for name in (full[:-1], full[:14], full[:16], full + "_"):
        assert name in bpflens.run("prog", "show", "name", name).error


def test_the_short_form_fits_several_programs(kernel, bpflens):
    common = unique("common").ljust(15, "_")
    made = [kernel.named_prog(common + "one").id, kernel.named_prog(common + "two").id]
    assert [p["id"] for p in bpflens("-j", "prog", "show", "name", common)] == made
    assert bpflens("-j", "prog", "show", "name", common + "two")["id"] == made[1]


# Handles


def test_every_way_to_name_a_program_finds_it(kernel, bpflens):
    made = progzoo.twins(kernel, unique("ha"), 1)[0]
    path, tag = kernel.pin(made), reader.prog_record(made.id)[0]["tag"]
    whole = bpflens("prog", "show", "id", made.id).stdout
    handles = [["id", made.id], ["id", hex(made.id)], ["id", f"0{made.id:o}"], ["id", f"0X{made.id:X}"],
               ["tag", tag], ["tag", tag.upper()], ["name", made.name], ["pinned", path], [made.id], [hex(made.id)],
               [f"0{made.id:o}"], [path],
               ["i", made.id], ["t", tag], ["n", made.name], ["p", path], ["pin", path]]
    for words in handles:
        assert bpflens("prog", "show", *words).stdout == whole, words
        assert bpflens("-j", "prog", "show", *words)["id"] == made.id, words


def test_one_match_is_an_object_and_several_are_an_array(kernel, bpflens, peer):
    twins = progzoo.twins(kernel, unique("twin"))
    for words in (["name", twins[0].name], ["tag", reader.prog_record(twins[0].id)[0]["tag"]]):
        ours = bpflens("-j", "prog", "show", *words)
        assert [one["id"] for one in ours] == [twin.id for twin in twins]
        assert compact([split(one, PROG_KEYS)[0] for one in ours]) == peer.run("-j", "prog", "show", *words).stdout
        assert pretty([split(one, PROG_KEYS)[0] for one in ours]) == peer.run("-p", "prog", "show", *words).stdout
        assert bpflens("prog", "show", *words).out == peer("prog", "show", *words).out
    single = kernel.prog("xdp", name=unique("one"))
    assert bpflens("-j", "prog", "show", "name", single.name)["id"] == single.id


def test_the_strict_form_is_an_array_whatever_the_matches(kernel, bpflens):
    name = progzoo.twins(kernel, unique("st"), 2)[0].name
    one = kernel.prog("xdp", name="strict_one")
    assert len(bpflens("-o", "json", "prog", "show", "name", name)) == 2
    assert len(bpflens("-o", "jsonl", "prog", "show", "name", name)) == 2
    assert [p["id"] for p in bpflens("-o", "json", "prog", "show", "id", one.id)] == [one.id]


def test_the_strict_form_has_the_same_facts_with_type_id_beside_type(kernel, bpflens):
    made = kernel.prog("xdp", name="strict", maps=[kernel.map("array", name="a")])
    loose, strict = bpflens("-j", "prog", "show", "id", made.id), bpflens("-o", "json", "prog", "show", "id", made.id)[0]
    assert strict["type_id"] == bpf.PROG_TYPES.index("xdp")
    assert loose.items() <= strict.items()
    more = strict.keys() - loose.keys() - {"type_id"}
    assert all(strict[key] == 0 for key in more), "bpftool's JSON leaves out some facts that are 0, and nothing else"


@pytest.mark.parametrize("words", [["name", "no_such_program"], ["tag", "0011223344556677"], ["id", "4294967295"],
                                   ["4294967295"], ["pinned", "/nowhere/at/all"], ["/nowhere/at/all"]])
def test_a_handle_that_fits_nothing_is_an_error_that_repeats_it(kernel, bpflens, words):
    for form in ([], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"]):
        result = bpflens.run(*form, "prog", "show", *words)
        assert result.rc == 1 and words[-1] in result.error, result
    assert bpflens("-o", "json", "prog", "show", *words, rc=1) == []


def test_an_object_of_another_kind_is_refused_by_kind(kernel, bpflens):
    path = kernel.pin(kernel.map("array", name="not_a_prog"))
    result = bpflens.run("prog", "show", "pinned", path)
    assert result.rc == 1 and path in result.error and result.out == b""
    assert re.search(r"\bmap\b", result.stderr.replace(path, "")), "it says what is pinned there"
