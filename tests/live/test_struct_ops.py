# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""struct_ops: congestion controls that nothing uses, as they were made, beside bpftool and a reader of the kernel's BTF."""
import os
import re
import shutil
import socket

import bpf
import bpflink
import btf
import linkzoo
import pytest
import zoo
from bpflink import ATTACH
from loadobjects import nothing_left, objects  # noqa: F401 - objects is a fixture
from maker import unique


def without(record, *keys):
    return {key: value for key, value in record.items() if key not in keys}


NEW_KEYS = ("state", "registered", "link_ids", "prog_ids")  # behind bpftool's


@pytest.fixture
def alone(kernel):
    """(map, name of the algorithm, programs) of one that is registered without a link."""
    return linkzoo.congestion_control(kernel, unique("so"), flags=0)


@pytest.fixture
def linked(kernel):
    """(map, name of the algorithm, programs, link) of one that a link registers."""
    try:
        made, called, progs = linkzoo.congestion_control(kernel, unique("so"))
        fd = kernel.keep(bpflink.create(made.fd, 0, ATTACH["struct_ops"]))
    except OSError as failure:
        pytest.skip(f"registers no struct_ops by a link: {failure}")
    return made, called, progs, linkzoo.Link(fd, "struct_ops", "struct_ops", {"map_id": made.id})


def algorithms():
    with open("/proc/sys/net/ipv4/tcp_available_congestion_control") as file:
        return file.read().split()


def in_struct_order(progs):
    types = btf.vmlinux()
    ops = types.find(btf.STRUCT, "tcp_congestion_ops")
    return [progs[name].id for name, _ in types.members(ops) if name in progs]


def show(bpflens, made, *form):
    return [one for one in bpflens(*(form or ["-j"]), "struct_ops", "list") if one["id"] == made.id]


# show


def test_one_without_a_link_is_in_use(bpflens, alone):
    made, called, progs = alone
    assert called in algorithms()
    for form in ("-j", "-p"):
        assert show(bpflens, made, form) == [{"id": made.id, "name": made.name, "kernel_struct_ops": "tcp_congestion_ops", "state": "inuse",
                                              "registered": True, "prog_ids": in_struct_order(progs)}]


def test_one_with_a_link_names_the_link(bpflens, linked):
    made, called, progs, link = linked
    assert called in algorithms()
    assert show(bpflens, made, "-o", "json") == [{"id": made.id, "name": made.name, "kernel_struct_ops": "tcp_congestion_ops", "state": "ready",
                                                  "registered": True, "link_ids": [link.id], "prog_ids": in_struct_order(progs)}]


def test_one_that_is_not_registered_is_shown_all_the_same(kernel, bpflens):
    made = zoo.make(kernel, "struct_ops")
    assert show(bpflens, made) == [{"id": made.id, "name": made.name, "kernel_struct_ops": "tcp_congestion_ops", "state": "init", "registered": False}]


def test_lists_are_bpftools_with_new_keys_behind(bpflens, peer, kernel, alone):
    zoo.make(kernel, "struct_ops")
    for words in (["show"], ["list", "name", alone[0].name]):
        assert bpflens("struct_ops", *words).out == peer("struct_ops", *words).out
        mine = bpflens("-j", "struct_ops", *words)
        assert [without(one, *NEW_KEYS) for one in mine] == peer("-j", "struct_ops", *words)
        assert list(mine[0])[:3] == ["id", "name", "kernel_struct_ops"]


def test_a_pin_is_a_handle_too(kernel, bpflens, alone):
    made = alone[0]
    path = kernel.pin(made)
    assert [one["id"] for one in bpflens("-j", "struct_ops", "show", "pinned", path)] == [made.id]


def test_columns(bpflens, linked):
    made, _, progs, link = linked
    head, row = bpflens("-o", "tsv", "struct_ops", "show", "id", made.id).stdout.splitlines()
    assert head.split("\t") == ["id", "name", "type", "state", "registered", "links", "progs"]
    assert row.split("\t") == [str(made.id), made.name, "tcp_congestion_ops", "ready", "yes", str(link.id), ",".join(map(str, in_struct_order(progs)))]


# dump


def unnamed(text):
    """Without names of programs: bpftool has none for those without BTF, and the tests make such."""
    return re.sub(rb" [\w<>]+/prog_id:", b" NAME/prog_id:", text)


def test_a_dump_is_bpftools(bpflens, peer, kernel, alone):
    other = zoo.make(kernel, "struct_ops")
    for form, words in (([], ["id", alone[0].id]), (["-j"], ["id", alone[0].id]), ([], ["name", other.name])):
        mine = bpflens.run(*form, "struct_ops", "dump", *words)
        assert mine.rc == 0 and unnamed(mine.out) == unnamed(peer.run(*form, "struct_ops", "dump", *words).out)


def test_a_dump_with_a_link_is_bpftools(bpflens, peer, linked):
    words = ["struct_ops", "dump", "id", linked[0].id]
    for form in ([], ["-p"]):
        assert unnamed(bpflens.run(*form, *words).out) == unnamed(peer.run(*form, *words).out)


def common(value):
    return value.get("common", value)  # before Linux 6.9 the state stands beside the struct


def test_what_was_declared_is_in_the_dump(bpflens, alone):
    made, called, progs = alone
    info, value = bpflens("-j", "struct_ops", "dump", "id", made.id)
    assert info["bpf_map_info"]["id"] == made.id and info["bpf_map_info"]["name"] == made.name
    value = value["bpf_struct_ops_tcp_congestion_ops"]
    assert value["data"]["name"] == called and common(value)["state"] == "BPF_STRUCT_OPS_STATE_INUSE"
    functions = {key: text for key, text in value["data"].items() if isinstance(text, str) and ") " in text}
    assert {key: text for key, text in functions.items() if not text.endswith(" 0")}.keys() == progs.keys()
    for member, prog in progs.items():
        assert functions[member].endswith(f"/prog_id:{prog.id}")
    assert functions["ssthresh"].startswith("u32 (struct sock *) ")


def test_the_strict_dump_has_one_record_a_map(bpflens, alone):
    made, called, progs = alone
    for form in ("json", "jsonl"):
        [record] = bpflens("-o", form, "struct_ops", "dump", "id", made.id)
        assert (record["id"], record["name"], record["kernel_struct_ops"]) == (made.id, made.name, "tcp_congestion_ops")
        data = record["value"]["data"]
        assert data["name"] == called and record["bpf_map_info"]["id"] == made.id
        for member, prog in progs.items():
            assert data[member] == {"prototype": data[member]["prototype"], "prog_id": prog.id, "prog_name": prog.name}
        assert data["set_state"] == {"prototype": "void (struct sock *, u8)", "prog_id": None}


def test_a_row_has_the_functions_that_are_programs(bpflens, alone):
    made, _, progs = alone
    head, row = bpflens("-o", "tsv", "struct_ops", "dump", "id", made.id).stdout.splitlines()
    assert head.split("\t") == ["id", "name", "type", "functions"]
    assert sorted(row.split("\t")[3].split(",")) == sorted(f"{member}={prog.id}" for member, prog in progs.items())


# unregister


def test_what_no_link_holds_is_unregistered(bpflens, alone):
    made, called, _ = alone
    result = bpflens("struct_ops", "unregister", "name", made.name)
    assert (result.out, result.err) == (b"", f"Unregistered tcp_congestion_ops {made.name} id {made.id}\n".encode())
    assert called not in algorithms()
    again = bpflens.run("struct_ops", "unregister", "id", made.id)
    assert again.rc == 1 and f"can't unload tcp_congestion_ops {made.name} id {made.id}" in again.error


def test_unregistering_in_json_says_null(bpflens, alone):
    made, called, _ = alone
    assert bpflens("-j", "struct_ops", "unregister", "id", made.id) is None
    assert called not in algorithms()


def test_a_socket_that_uses_it_goes_on(kernel, bpflens, alone):
    """It can be chosen while it is registered, and not afterwards; who has it keeps it."""
    made, called, _ = alone
    with socket.socket() as one, socket.socket() as other:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, called.encode())
        bpflens("struct_ops", "unregister", "id", made.id)
        assert one.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0") == called.encode()
        with pytest.raises(OSError):
            other.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, called.encode())


def test_a_link_that_holds_it_is_named(kernel, bpflens, linked):
    made, called, _, link = linked
    result = bpflens.run("struct_ops", "unregister", "id", made.id)
    assert result.rc == 1 and "Operation not supported" in result.error
    assert f"link {link.id} has it attached" in result.stderr and "not pinned" in result.stderr
    path = kernel.pin(link)
    result = bpflens.run("struct_ops", "unregister", "id", made.id)
    assert result.rc == 1 and path in result.stderr and called in algorithms()


def test_one_for_a_link_without_a_link_says_so(kernel, bpflens):
    try:
        made, _, _ = linkzoo.congestion_control(kernel, unique("so"))
    except OSError as failure:
        pytest.skip(f"registers no struct_ops by a link: {failure}")
    result = bpflens.run("struct_ops", "unregister", "id", made.id)
    assert result.rc == 1 and "none has it attached" in result.stderr


def test_of_several_maps_with_one_name_none_is_unregistered(kernel, bpflens):
    name = unique("so")
    made = [linkzoo.congestion_control(kernel, name, flags=0) for _ in range(2)]
    kernel.map("hash", name=name)  # of another type: it does not count
    result = bpflens.run("struct_ops", "unregister", "name", name)
    assert result.rc == 2 and all(str(one.id) in result.stderr for one, _, _ in made)
    assert all(called in algorithms() for _, called, _ in made)
    assert [one["id"] for one in bpflens("-j", "struct_ops", "show", "name", name)] == [one.id for one, _, _ in made]


# register


@pytest.fixture
def own(objects, tmp_path):  # noqa: F811
    """own(NAME): (path, {map: name of its algorithm}) of an object whose algorithms are called as no others are."""
    def made(name):
        with open(objects(name), "rb") as file:
            data, called = file.read(), {}
        for key, word in (("load_alone", "bl_alone"), ("load_linked", "bl_linked")):
            called[key] = unique("b").ljust(len(word), "_")
            data = data.replace(word.encode(), called[key].encode())
        path = tmp_path / (name + ".o")
        path.write_bytes(data)
        return str(path), called
    return made


@pytest.fixture
def bpffs(private):
    path = os.path.join(private, "bpffs", unique("so"))
    os.mkdir(path)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def links():
    """Where the kernel knows no struct_ops links, their maps cannot be made."""
    if not linkzoo.info_has("struct_ops"):
        pytest.skip("registers no struct_ops by a link")


def test_what_the_object_has_is_registered_and_stays(bpflens, own, bpffs):
    path, called = own("ops_alone")
    with nothing_left(bpffs):
        result = bpflens("struct_ops", "register", path)
        try:
            [one] = [one for one in bpflens("-j", "struct_ops") if one["name"] == "load_alone" and called["load_alone"] in str(bpflens("-j", "struct_ops", "dump", "id", one["id"]))]
            assert (result.out, result.err) == (b"", f"Registered tcp_congestion_ops load_alone id {one['id']}\n".encode())
            with socket.socket() as sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, called["load_alone"].encode())
        finally:
            bpflens("struct_ops", "unregister", "id", one["id"])
        assert called["load_alone"] not in algorithms()


def test_links_are_pinned_by_the_names_of_their_maps(bpflens, peer, own, bpffs, links):
    path, called = own("ops")
    where = os.path.join(bpffs, "new")
    with nothing_left(bpffs):
        result = bpflens.run("-j", "struct_ops", "register", path, where)
        alone, linked = result.json
        fd = bpf.obj_get(os.path.join(where, "load_linked"))
        try:
            assert [one["name"] for one in (alone, linked)] == ["load_alone", "load_linked"]
            assert linked["link_ids"] == [bpflink.LinkInfo(fd).id] and linked["pinned"] == os.path.join(where, "load_linked")
            assert all(one in algorithms() for one in called.values())
            for form in ([], ["-j"]):
                assert bpflens.run(*form, "struct_ops", "dump", "id", alone["id"]).out == peer.run(*form, "struct_ops", "dump", "id", alone["id"]).out
        finally:
            bpflens("struct_ops", "unregister", "id", alone["id"])
            shutil.rmtree(where)
            os.close(fd)
        assert not any(one in algorithms() for one in called.values())


def test_in_the_strict_forms_there_is_a_record_each(bpflens, own, bpffs):
    path, _ = own("ops_alone")
    for form in ("json", "jsonl", "tsv=id,name,registered"):
        with nothing_left(bpffs):
            result = bpflens.run("-o", form, "struct_ops", "register", path)
            number = result.json[0]["id"] if form == "json" else int(re.search(r"(?m)^(?:.\"id\":)?(\d+)", result.stdout)[1])
            bpflens("struct_ops", "unregister", "id", number)
            assert result.rc == 0 and "load_alone" in result.stdout
            assert result.err == (f"Registered tcp_congestion_ops load_alone id {number}\n".encode() if form.startswith("tsv") else b"")


@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "json"]], ids=" ".join)
def test_where_one_cannot_be_registered_none_is(bpflens, own, bpffs, form):
    path, called = own("ops_twice")
    with nothing_left(bpffs):
        result = bpflens.run(*form, "struct_ops", "register", path)
        assert result.rc == 1 and "can't register struct_ops load_a" in result.error and "File exists" in result.error
        assert called["load_alone"] not in algorithms()


def test_where_a_link_cannot_be_pinned_none_is_registered(bpflens, own, bpffs, links):
    path, called = own("ops")
    os.mkdir(os.path.join(bpffs, "load_linked"))
    with nothing_left(bpffs):
        result = bpflens.run("struct_ops", "register", path, bpffs)
        assert result.rc == 1 and "can't pin link" in result.error and "File exists" in result.error
        assert not any(one in algorithms() for one in called.values())


def test_a_link_without_a_place_is_refused_before_anything_is_loaded(bpflens, own, bpffs):
    path, called = own("ops")
    with nothing_left(bpffs):
        result = bpflens.run("struct_ops", "register", path)
        assert result.rc == 1 and ".struct_ops.link" in result.stderr and not any(one in algorithms() for one in called.values())


def test_a_directory_that_is_no_bpffs_and_not_empty_is_refused(bpflens, own, bpffs, tmp_path):
    path, called = own("ops")
    for words in (["struct_ops", "register", path, str(tmp_path)], ["-n", "struct_ops", "register", path, str(tmp_path / "new")]):
        with nothing_left(bpffs):
            assert bpflens.run(*words).rc == 1
    assert not (tmp_path / "new").exists() and not any(one in algorithms() for one in called.values())


def test_an_object_without_struct_ops_says_so(bpflens, objects, bpffs):  # noqa: F811
    with nothing_left(bpffs):
        result = bpflens.run("struct_ops", "register", objects("several"))
        assert result.rc == 1 and "no struct_ops found in" in result.error
        for path, told in (("/no/such/file", "No such file"), ("/etc/passwd", "not an ELF file")):
            assert told in bpflens.run("struct_ops", "register", path).error


# What is wrong


@pytest.mark.parametrize("verb", ["show", "dump", "unregister"])
def test_what_is_not_there_is_an_error_that_repeats_it(kernel, bpflens, verb):
    array = kernel.map("array", name=unique("so"))
    cases = [(["name", "no_such_name"], "no_such_name"), (["id", "4294967294"], "4294967294"), (["id", array.id], "not a struct_ops map"),
             (["name", array.name], array.name)]
    for words, told in cases:
        for form in ([], ["-j"], ["-o", "json"]):
            result = bpflens.run(*form, "struct_ops", verb, *words)
            assert result.rc == 1 and told in result.error, result


@pytest.mark.slow_in_vm(reason="the kernel is not asked")
def test_wrong_words_are_usage(bpflens):
    for words in (["show", "x"], ["show", "id", "1", "x"], ["unregister"], ["dump", "name"]):
        assert bpflens.run("struct_ops", *words).rc == 2, words


def test_nothing_is_an_empty_list(bpflens):
    if bpflens("-j", "struct_ops"):
        pytest.skip("this machine has struct_ops of its own")
    assert bpflens("struct_ops").out == b"" and bpflens("-o", "json", "struct_ops", "dump") == []
    assert bpflens("-j", "struct_ops", "dump") == [] and bpflens("struct_ops", "dump").out == b"[]\n"
