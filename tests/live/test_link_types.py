# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Links of every kind that a kernel makes: as declared, as the second reader has them, as bpftool shows them."""
import contextlib
import os
import socket
import time
from dataclasses import dataclass

import bpf
import bpflink
import linkreader
import linkzoo
import maker
import pytest
from linkreader import LINK_KEYS
from maker import CLONE_NEWNET, unique
from reader import split
from runner import Ownerless, Program, blocks, compact, only, pretty
from test_owners import holder, own_comm

# One kind for each type that can be taken off while it is held, and what it says then.
DETACHABLE = {
    "xdp": {"devname": "(detached)", "ifindex": 0},
    "tcx_ingress": {"devname": "(detached)", "ifindex": 0},
    "netkit_primary": {"devname": "(detached)", "ifindex": 0},
    "cgroup_ingress": {"cgroup_id": 0, "attach_type": "cgroup_inet_ingress"},
    "lsm_cgroup": {"cgroup_id": 0, "attach_type": "lsm_cgroup"},
    "flow_dissector": {"netns_ino": 0, "attach_type": "flow_dissector"},
    "netfilter": {"prio": -150},
    "sockmap_skb": {"map_id": 0, "attach_type": "sk_skb_stream_verdict"},
    "struct_ops": {},
}
# And one for each type that lasts as long as anybody holds it.
LASTING = ("raw_tracepoint", "fentry", "freplace", "lsm", "fentry_multi", "iter_bpf_map", "tracepoint", "uprobe", "kprobe",
           "event_dummy", "kprobe_multi", "uprobe_multi")


@pytest.fixture
def bpflens(ownerless):
    """Owners have a test of their own here, and neither bpftool nor the second reader has them."""
    return ownerless


def shown(bpflens, number, *options):
    """What -j says of a link that bpftool says too, and what it does not."""
    return split(bpflens(*options, "-j", "link", "show", "id", number), LINK_KEYS)


def check(bpflens, made):
    """JSON and plain text are what the second reader says; the record."""
    record = linkreader.record(made.id)
    ours, _ = shown(bpflens, made.id)
    assert ours == record and list(ours) == list(record)
    assert bpflens("link", "show", "id", made.id).stdout == linkreader.plain(record)
    return record


@dataclass
class Seen:
    """A link of one kind, and what was said of it while it was there."""
    made: linkzoo.Link
    record: dict
    outputs: dict  # by form


def all_kinds(kernel, kinds=linkzoo.KINDS):
    """{kind: a link, or why this kernel makes none}"""
    made = {}
    for kind in kinds:
        try:
            made[kind] = linkzoo.make(kernel, kind)
        except pytest.skip.Exception as reason:
            made[kind] = str(reason)
    return made


def lists(program, strict_too):
    """{form: {id: what a list says of that link}}"""
    found = {"plain": blocks(program("link", "list").stdout)}
    for form, options in {"-j": ["-j"], "-o json": ["-o", "json"]}.items():
        if form == "-j" or strict_too:
            found[form] = {one["id"]: one for one in program(*options, "link", "list")}
    if strict_too:
        for form in ("tsv", "table"):
            head, *rows = program("-o", form, "link", "list").stdout.splitlines()
            found[form] = {int(row.split(None, 1)[0]): (head, row) for row in rows}
    return found


@pytest.fixture(scope="module")
def everything(private, program, request):
    """{kind: what was seen of it, or why there is none}: all links at once, listed once in each form."""
    kernel = maker.Kernel(os.path.join(private, "bpffs"))
    try:
        made = all_kinds(kernel)
        outputs = lists(Ownerless(program), True)
        with contextlib.suppress(pytest.skip.Exception):
            outputs |= {"bpftool " + form: said for form, said in lists(request.getfixturevalue("peer"), False).items()}
        return {kind: one if isinstance(one, str) else
                Seen(one, linkreader.record(one.id), {form: said.get(one.id) for form, said in outputs.items()})
                for kind, one in made.items()}
    finally:
        kernel.close()


@pytest.fixture
def seen(everything, kind):
    if isinstance(everything[kind], str):
        pytest.skip(everything[kind])
    return everything[kind]


@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_a_link_of_each_kind_is_listed_as_declared(seen, kind):
    made, record = seen.made, seen.record
    assert (record["id"], record["type"], record["prog_id"]) == (made.id, made.type, made.prog.id if made.prog else 0)
    assert made.says.items() <= record.items()
    of_functions = {one["func"]: one for one in record["funcs"]} if made.functions else {}
    for name, facts in (made.functions or {}).items():
        assert facts.items() <= of_functions[name].items()
    assert not made.functions or len(record["funcs"]) == len(made.functions)
    ours, _ = split(seen.outputs["-j"], LINK_KEYS)
    assert ours == record and list(ours) == list(record)
    assert seen.outputs["plain"] == linkreader.plain(record)


@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_a_link_of_each_kind_has_all_its_facts_in_the_strict_form_and_a_row_in_tables(seen, kind):
    record, strict, expected = seen.record, seen.outputs["-o json"], linkreader.strict(seen.record)
    assert {key: strict.get(key) for key in expected} == expected
    head, row = seen.outputs["tsv"]
    cells = dict(zip(head.split("\t"), row.split("\t")))
    assert [cells[key] for key in ("id", "type", "prog_id")] == [str(record[key]) for key in ("id", "type", "prog_id")]
    for word in linkreader.target_words(record) + ([seen.made.on] if isinstance(seen.made.on, str) and len(record) > 3 else []):
        assert word in cells["target"], (word, cells)
    head, row = seen.outputs["table"]
    assert head.lower().split() == ["id", "type", "prog_id", "target"]
    assert row.split(None, 3) == [cells["id"], cells["type"], cells["prog_id"], cells["target"] or "-"]


@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_a_link_of_each_kind_is_listed_as_bpftool_lists_it(peer, seen, kind):
    theirs = seen.outputs["bpftool -j"]
    if theirs["type"] == "tracing_multi" and not theirs["func_cnt"]:
        theirs = {key: theirs[key] for key in ("id", "type", "prog_id")}  # zeros of a kernel that does not say
    assert compact(split(seen.outputs["-j"], LINK_KEYS)[0]) == compact(theirs)
    assert seen.outputs["plain"] == seen.outputs["bpftool plain"]


def test_a_link_alone_is_shown_as_in_the_list_and_as_bpftool_shows_it(kernel, bpflens, peer):
    kinds = ("raw_tracepoint", "iter_bpf_map", "cgroup_ingress", "cgroup_sock_ops", "sk_lookup", "xdp", "struct_ops", "kprobe_multi")
    made = [one for one in all_kinds(kernel, kinds).values() if not isinstance(one, str)]
    listing, strict = (bpflens(*form, "link", "list") for form in (["-j"], ["-o", "json"]))
    ids = [one.id for one in made]
    assert [one["id"] for one in only(listing, ids)] == ids and len(ids) > 4
    for one in made:
        check(bpflens, one)
        assert [bpflens("-j", "link", "show", "id", one.id)] == only(listing, [one.id])
        assert bpflens("-o", "json", "link", "show", "id", one.id) == only(strict, [one.id])
        assert bpflens("-o", "jsonl", "link", "show", "id", one.id) == only(strict, [one.id])
        assert compact(shown(bpflens, one.id)[0]) == peer.run("-j", "link", "show", "id", one.id).stdout
        assert pretty(split(bpflens("-p", "link", "show", "id", one.id), LINK_KEYS)[0]) == peer.run("-p", "link", "show", "id", one.id).stdout


# Taking off


@pytest.mark.parametrize("kind", DETACHABLE)
def test_a_detached_link_stays_listed_and_says_so(kernel, bpflens, peer, kind):
    made = linkzoo.make(kernel, kind)
    result = bpflens("link", "detach", "id", made.id)
    assert (result.out, result.err) == (b"", b"")
    record = check(bpflens, made)
    assert DETACHABLE[kind].items() <= record.items()
    assert compact(shown(bpflens, made.id)[0]) == peer.run("-j", "link", "show", "id", made.id).stdout
    assert bpflens("link", "show", "id", made.id).out == peer.run("link", "show", "id", made.id).out
    if record.keys() & {"ifindex", "netns_ino", "cgroup_id"}:
        assert "(detached)" in bpflens("-o", "tsv=target", "link", "show", "id", made.id).stdout


@pytest.mark.parametrize("kind", LASTING)
def test_a_link_that_the_kernel_does_not_detach_stays_and_the_error_says_who_holds_it(kernel, bpflens, kind):
    made = linkzoo.make(kernel, kind)
    before, path = linkreader.record(made.id), kernel.pin(made)
    result = bpflens.run("link", "detach", "id", made.id)
    assert result.rc == 1 and str(made.id) in result.error and os.strerror(95) in result.error
    assert path in result.stderr and f"{own_comm()}({os.getpid()})" in result.stderr, "the hint names who holds it"
    assert bpflens.run("-j", "link", "detach", "id", made.id).rc == 1
    assert linkreader.record(made.id) == before


def test_detaching_in_json_says_null_and_works_by_pin_as_well(kernel, bpflens):
    made, other = linkzoo.make(kernel, "cgroup_ingress"), linkzoo.make(kernel, "cgroup_egress")
    assert bpflens("-j", "link", "detach", "pinned", kernel.pin(made)) is None
    assert linkreader.record(made.id)["cgroup_id"] == 0
    assert linkreader.record(other.id)["cgroup_id"] != 0, "no other link is touched"


def remove_cgroup(_kernel, made):
    os.rmdir(made.on)
    os.mkdir(made.on)  # for the maker to remove


def remove_device(_kernel, made):
    bpflink.device_delete(made.on)


def leave_network(_kernel, _made):
    assert bpf.LIBC.unshare(CLONE_NEWNET) == 0


@pytest.mark.parametrize("kind, remove", [("cgroup_ingress", remove_cgroup), ("cgroup_device", remove_cgroup), ("xdp", remove_device),
                                          ("tcx_egress", remove_device), ("netkit_primary", remove_device), ("sk_lookup", leave_network)])
def test_a_link_whose_target_is_gone_says_so(kernel, bpflens, peer, kind, remove):
    made = linkzoo.make(kernel, kind)
    remove(kernel, made)
    end = time.monotonic() + 60
    while not {0}.intersection(linkreader.record(made.id).values()) and time.monotonic() < end:
        time.sleep(0.1)  # it goes when the kernel finds the time
    record = check(bpflens, made)
    assert 0 in (record.get("cgroup_id"), record.get("ifindex"), record.get("netns_ino"))
    assert compact(shown(bpflens, made.id)[0]) == peer.run("-j", "link", "show", "id", made.id).stdout
    assert "(detached)" in bpflens("-o", "tsv=target", "link", "show", "id", made.id).stdout


# Names


@contextlib.contextmanager
def elsewhere():
    """Inside, in another new network namespace."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        assert bpf.LIBC.unshare(CLONE_NEWNET) == 0
        yield
    finally:
        assert bpf.LIBC.setns(here, CLONE_NEWNET) == 0
        os.close(here)


@pytest.mark.parametrize("kind", ["xdp", "tcx_ingress", "netkit_primary", "netkit_peer"])
def test_no_device_of_another_network_namespace_lends_its_name(kernel, bpflens, kind):
    made = linkzoo.make(kernel, kind)
    index, name = made.says["ifindex"], made.says["devname"]
    assert shown(bpflens, made.id)[0]["devname"] == name
    with elsewhere():
        assert "devname" not in shown(bpflens, made.id)[0] or shown(bpflens, made.id)[0]["devname"] != name
        while index not in (number for number, _ in socket.if_nameindex()):
            bpflink.device("veth", unique("w"), peer=unique("v"))
        wrong = socket.if_indextoname(index)
        record, _ = shown(bpflens, made.id)
        assert record["ifindex"] == index and wrong not in str(record)
        text = bpflens("link", "show", "id", made.id).stdout
        assert wrong not in text and f"ifindex {index}  " in text
        assert wrong not in bpflens("-o", "tsv", "link", "show", "id", made.id).stdout
        assert bpflens("-o", "json", "link", "show", "id", made.id)[0].get("devname") is None


@pytest.mark.slow_in_vm(reason="the kernel gives a path as it is")
@pytest.mark.parametrize("name", ["bl ank", "new\nline", "escape\x1b[31m", "quo\"te\\", "bad\udcff\udcfebytes", "ünïcode", "x" * 200])
@pytest.mark.parametrize("kind", ["uprobe_plain", "uprobe_multi"])
def test_a_file_of_any_name_is_shown_whole_in_json_and_harmless_in_plain(kernel, bpflens, kind, name):
    made = linkzoo.make(kernel, kind, name=name)
    key = "file" if kind == "uprobe_plain" else "path"
    said = bpflens("-j", "link", "show", "id", made.id)[key]
    text = bpflens("link", "show", "id", made.id).out
    assert said == made.says[key] or "\udcff" in name and said.startswith(made.says[key].partition("\udcff")[0])
    assert b"\x1b" not in text and len(text.splitlines()) == len(linkreader.plain(linkreader.record(made.id) | {key: "x"}).splitlines())
    assert bpflens("-o", "json", "link", "show", "id", made.id)[0][key] == said


# Pins and owners


@pytest.mark.parametrize("kind", ["raw_tracepoint", "iter_bpf_map", "cgroup_ingress", "sk_lookup", "xdp", "tcx_ingress", "netfilter",
                                  "sockmap_skb", "struct_ops", "tracepoint", "uprobe_multi", "kprobe_multi", "fentry", "fentry_multi"])
def test_a_pinned_link_is_found_by_its_pins_and_shows_them(kernel, bpflens, peer, kind):
    made = linkzoo.make(kernel, kind)
    path = os.path.join(kernel.bpffs, unique("lz"))
    result = bpflens("link", "pin", "id", made.id, path)
    kernel.stack.callback(os.unlink, path)
    assert (result.out, result.err) == (b"", b"")
    record = linkreader.record(made.id)
    assert split(bpflens("-j", "link", "show", "pinned", path), LINK_KEYS)[0] == record
    paths = sorted([path, kernel.pin(made)])
    with_pins, _ = shown(bpflens, made.id, "-f")
    assert sorted(with_pins.pop("pinned")) == paths and with_pins == record
    theirs = peer.run("-f", "link", "show", "id", made.id).stdout
    ours = bpflens("-f", "link", "show", "id", made.id).stdout
    assert sorted(ours.splitlines()) == sorted(theirs.splitlines()) and all(f"\tpinned {one}\n" in ours for one in paths)
    assert ours.startswith(linkreader.plain(record))


def test_a_pin_keeps_a_link_that_no_process_holds(kernel, bpflens):
    made = linkzoo.make(kernel, "cgroup_ingress")
    path = os.path.join(kernel.bpffs, unique("lz"))
    assert bpflens("-j", "link", "pin", "id", made.id, path) is None
    copy = os.open("/dev/null", os.O_RDONLY)
    os.dup2(copy, made.fd)
    os.close(copy)
    try:
        assert bpflens("-j", "link", "show", "id", made.id)["cgroup_id"] == made.says["cgroup_id"]
    finally:
        os.unlink(path)
    assert bpflens.run("link", "show", "id", made.id).rc == 1


@pytest.mark.parametrize("kind", ["raw_tracepoint", "cgroup_ingress", "tracepoint", "fentry_multi"])
def test_the_processes_that_hold_a_link_are_shown(kernel, program, kind):
    bpflens, made = Program(program), linkzoo.make(kernel, kind)
    with holder([made.fd], b"linkholder") as pid:
        owners = bpflens("-j", "link", "show", "id", made.id)["pids"]
        assert [{"pid": one["pid"], "comm": one["comm"]} for one in owners if one["pid"] in (pid, os.getpid())] == \
            sorted([{"pid": pid, "comm": "linkholder"}, {"pid": os.getpid(), "comm": own_comm()}], key=lambda one: one["pid"])
        assert f"linkholder({pid})" in bpflens("link", "show", "id", made.id).stdout
        assert f"linkholder({pid})" in bpflens("-o", "tsv=owners", "link", "show", "id", made.id).stdout
    assert pid not in [one["pid"] for one in bpflens("-j", "link", "show", "id", made.id)["pids"]]


# What vanishes


def test_a_link_that_is_no_more_is_an_error_that_names_it(kernel, bpflens):
    made = linkzoo.make(kernel, "raw_tracepoint")
    copy = os.open("/dev/null", os.O_RDONLY)
    os.dup2(copy, made.fd)
    os.close(copy)
    for words in (["show"], ["detach"]):
        for form in ([], ["-j"], ["-o", "json"], ["-o", "table"]):
            result = bpflens.run(*form, "link", *words, "id", made.id)
            assert result.rc == 1 and str(made.id) in result.error, result
    assert bpflens.run("link", "show", "id", 2**32 + made.id).rc in (1, 2), "no number is cut"


def test_links_that_come_and_go_leave_a_list_whole(kernel, bpflens):
    """A process makes and drops links all the while; the ones that stay are in every list, once."""
    stay = [linkzoo.make(kernel, kind).id for kind in ("raw_tracepoint", "iter_bpf_map", "cgroup_ingress")]
    prog = kernel.prog("raw_tracepoint", name="lz_restless")

    def restless(fds):
        if os.fork():
            return
        for _ in range(100000):
            os.close(bpflink.raw_tracepoint(fds[0], linkzoo.EVENT))
            if os.getppid() == 1:
                break
        os._exit(0)
    with holder([prog.fd], b"restless", before=restless):
        for _ in range(10):
            listing = bpflens("-j", "link", "list")
            assert [one["id"] for one in only(listing, stay)] == stay
            assert all("error" not in one for one in listing)
            ids = [one["id"] for one in listing]
            assert ids == sorted(set(ids))
