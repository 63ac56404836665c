# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""btf show: the BTF objects that the kernel holds, who uses them, beside a second reader of bpf(2) and bpftool."""
import os
import re

import bpf
import btf
import pytest
from runner import blocks, only

STRICT = ["-o", "json"]


@pytest.fixture
def used(kernel):
    """(BTF id, ids of the programs that use it, ids of the maps)"""
    types = btf.Btf()
    number = types.int("unsigned int", 4)
    held = kernel.keep(types.load())
    maps = [kernel.map("hash", 4, 4, btf_fd=held, btf_key=number, btf_value=number) for _ in range(3)]
    types.function("main_of_it", number)
    return bpf.info(held, bpf.BtfInfo()).id, [], [one.id for one in maps]


def sets(one):
    """A record, with the ids of users in no order: bpftool has none."""
    return {**one, "prog_ids": sorted(one["prog_ids"]), "map_ids": sorted(one["map_ids"])}


def second(number):
    """The record that bpf(2) itself tells of, without users."""
    info, name = bpf.btf_info(number)
    return {"id": number, "size": info.btf_size, **({"kernel": bool(info.kernel_btf), "name": name} if name else {})}


def users(kind, number):
    found = []
    for one in bpf.ids(kind):
        try:
            fd = bpf.open_id(kind, one)
        except FileNotFoundError:
            continue
        try:
            if (bpf.prog_info(fd)[0] if kind == "prog" else bpf.info(fd, bpf.MapInfo())).btf_id == number:
                found.append(one)
        finally:
            os.close(fd)
    return found


def test_each_object_is_there_with_what_bpf_tells_and_who_uses_it(kernel, bpflens, used):
    number, _, maps = used
    prog = kernel.named_prog("the_program_that_uses_it")
    own = bpf.prog_info(prog.fd)[0].btf_id
    found = {one["id"]: one for one in bpflens(*STRICT, "btf", "list", "no-owners")}
    assert {number, own} <= set(found) and list(found) == sorted(found)
    assert (found[number]["map_ids"], found[number]["prog_ids"]) == (maps, [])
    assert (found[own]["map_ids"], found[own]["prog_ids"]) == ([], [prog.id])
    for one in [number, own] + [one["id"] for one in found.values() if one.get("name") == "vmlinux"]:
        wanted = second(one)
        assert {key: found[one][key] for key in wanted} == wanted
        assert found[one]["prog_ids"] == users("prog", one) and found[one]["map_ids"] == users("map", one)


def test_output_is_bpftools(kernel, bpflens, ownerless, peer, used):
    number = used[0]
    prog = kernel.named_prog("another_program_that_uses_btf")
    own = bpf.prog_info(prog.fd)[0].btf_id
    ours, theirs = ownerless("-j", "btf", "list"), peer("-j", "btf", "list")
    assert [sets(one) for one in only(ours, {number, own, 1})] == [sets(one) for one in only(theirs, {number, own, 1})]
    assert [list(one) for one in only(ours, {number, own})] == [list(one) for one in only(theirs, {number, own})]
    ours, theirs = (blocks(one("btf", "show").stdout) for one in (ownerless, peer))
    for one in (number, own):
        sort = [re.sub(r"[\d,]+", lambda m: ",".join(sorted(m[0].split(","))), text) for text in (ours[one], theirs[one])]
        assert sort[0] == sort[1]
    assert sets(ownerless("-j", "btf", "show", "id", number)) == sets(peer("-j", "btf", "show", "id", str(number)))
    assert ownerless("-j", "btf", "show", number) == ownerless("-j", "btf", "show", "id", hex(number))


def test_the_kernels_own_btf_stands_in_brackets(bpflens):
    named = [one for one in bpflens(*STRICT, "btf", "list", "no-owners") if one.get("kernel")]
    if not named:
        pytest.skip("vmlinux is no BTF object here")
    one = named[0]
    assert bpflens("btf", "show", "id", one["id"], "no-owners").stdout == f"{one['id']}: name [{one['name']}]  size {one['size']}B\n"


def test_what_has_no_name_is_anonymous(bpflens, used):
    number, _, maps = used
    size = second(number)["size"]
    users = ",".join(map(str, maps))
    assert bpflens("btf", "show", "id", number, "no-owners").stdout == f"{number}: name <anon>  size {size}B  map_ids {users}\n"
    one = bpflens("-j", "btf", "show", "id", number, "no-owners")
    assert one == {"id": number, "size": size, "prog_ids": [], "map_ids": maps, "kernel": False}
    row = bpflens("-o", "tsv=id,name,size,progs,maps", "btf", "show", "id", number).stdout.splitlines()[1]
    assert row.split("\t") == [str(number), "", str(size), "", users]


def test_owners_are_those_who_have_a_descriptor(bpflens, used):
    number = used[0]
    me = {"pid": os.getpid(), "comm": open("/proc/self/comm", encoding="utf-8").read().strip()}
    assert me in bpflens("-j", "btf", "show", "id", number)["pids"]
    assert f"{me['comm']}({me['pid']})" in bpflens("btf", "show", "id", number).stdout.splitlines()[1]
    assert me["pid"] in [one["pid"] for one in bpflens(*STRICT, "btf", "show", "id", number)[0]["pids"]]
    assert "pids" not in bpflens("-j", "btf", "show", "id", number, "no-owners")


@pytest.mark.parametrize("words, says", [
    (["id", "4294967297"], "can't parse '4294967297' as ID"), (["id", "x"], "can't parse 'x' as ID"), (["id"], "'id' needs a value"),
    (["name", "vmlinux"], "expected 'id' or an id, got: 'name'"), (["id", "1", "2"], "what is '2'?")])
def test_wrong_words_are_an_error_of_usage(bpflens, words, says):
    result = bpflens.run("btf", "show", *words)
    assert (result.rc, result.out) == (2, b"") and says in result.error


def test_an_id_that_is_not_there_is_an_error(bpflens):
    assert bpflens.run("btf", "show", "id", 4294967295).error == "btf 4294967295: open: No such file or directory"
    assert bpflens("-j", "btf", "show", "id", 4294967295, rc=1) == {"error": "btf 4294967295: open: No such file or directory"}


def test_columns_without_users_ask_no_program_and_no_map(kernel, bpflens, used):
    kernel.prog("xdp")
    for columns, asked in (("id,size,name", False), ("id,progs", True)):
        _, trace = bpflens.traced("-o", f"tsv={columns}", "btf", "list")
        assert any("BPF_PROG_GET_NEXT_ID" in line for line in trace) == asked


def test_programs_and_maps_are_asked_once_a_listing(bpflens, used):
    _, trace = bpflens.traced("btf", "list")
    opened = [line for line in trace if "BPF_MAP_GET_FD_BY_ID" in line and "resumed" not in line]
    assert len(opened) >= 3 and len(opened) == len({re.search(r"map_id=(\d+)", line)[1] for line in opened})


def test_an_ordinary_user_is_told_why_nothing_is_listed(public, nobody):
    result = public.run("btf", "list", before=nobody)
    assert result.rc == 1 and "list BTF objects: Operation not permitted" in result.error and "hint:" in result.stderr


def test_objects_that_vanish_meanwhile_are_left_out(bpflens, used):
    number = used[0]
    result, _ = bpflens.traced("-j", "btf", "list", "no-owners", inject="bpf:error=ENOENT:when=2")
    assert result.rc == 0 and number in [one["id"] for one in result.json]


def test_users_that_cannot_be_asked_are_left_out_and_not_made_up(bpflens, used):
    number = used[0]
    words = ["btf", "show", "id", number, "no-owners"]
    _, trace = bpflens.traced("-j", *words)
    calls = [line for line in trace if re.search(r"\bbpf\(", line)]
    at = next(i for i, line in enumerate(calls, 1) if "PROG_GET_NEXT_ID" in line)
    result, _ = bpflens.traced("-j", *words, inject=f"bpf:error=EPERM:when={at}")
    assert result.rc == 0 and result.json == {"id": number, "size": second(number)["size"], "kernel": False}
