# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""link show: every kind of link is shown with every field, in every form, and as bpftool shows it."""
import os
import struct
import threading

import bpf
import bpflink
import linkreader
import linkzoo
import pytest
import reader
from runner import blocks, compact, only, pretty

# Keys of bpftool's JSON; all others are ours.
LINK_KEYS = ("id type prog_id tp_name tracepoint prog_type target_name map_id netns_ino cgroup_id order devname ifindex attach_type "
             "target_obj_id target_btf_id pf hook prio flags event_type event_config retprobe path addr func file offset func_cnt "
             "btf_obj_id missed tid pid cookie ref_ctr_offset funcs pinned bpf_cookie pids").split()


def shown(bpflens, number):
    """bpftool's part of the record that -j has, and the keys that are ours."""
    return reader.split(bpflens("-j", "link", "show", "id", number), LINK_KEYS)


@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_a_link_of_each_kind_is_shown_with_every_field(kernel, ownerless, kind):
    made = linkzoo.make(kernel, kind)
    record = linkreader.record(made.id)
    ours, _ = shown(ownerless, made.id)
    assert ours == record and list(ours) == list(record)
    assert made.says.items() <= ours.items()
    assert ownerless("link", "show", "id", made.id).stdout == linkreader.plain(record)


@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_a_link_of_each_kind_is_shown_as_bpftool_shows_it(kernel, ownerless, peer, kind):
    made = linkzoo.make(kernel, kind)
    ours, _ = shown(ownerless, made.id)
    assert compact(ours) == peer.run("-j", "link", "show", "id", made.id).stdout
    assert pretty(ours) == peer.run("-p", "link", "show", "id", made.id).stdout
    assert ownerless("link", "show", "id", made.id).out == peer.run("link", "show", "id", made.id).out


@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_the_strict_form_and_the_table_say_the_same(kernel, ownerless, kind):
    made = linkzoo.make(kernel, kind)
    loose, _ = shown(ownerless, made.id)
    (strict,) = ownerless("-o", "json", "link", "show", "id", made.id)
    assert ownerless("-o", "jsonl", "link", "show", "id", made.id) == [strict]
    assert strict["type_id"] == bpflink.LINK_TYPES.index(made.type)
    for key, value in loose.items():
        if key == "funcs":
            assert [one["cookie"] for one in strict[key]] == [one["cookie"] for one in value]
        elif key == "addr":
            assert strict.get(key) == (hex(value) if value else None)
        elif isinstance(value, int) and key in ("event_type", "event_config"):
            assert key not in strict and strict[key + "_id"] == value
        else:
            assert strict.get(key) == value, key
    row = ownerless("-o", "tsv", "link", "show", "id", made.id).stdout
    head = f"id\ttype\tprog_id\ttarget\n{made.id}\t{made.type}\t{loose['prog_id']}\t"
    assert row.startswith(head) and len(row) > len(head) + 1, "it is said where it hooks in"


# Names for numbers


def test_a_cgroup_has_its_path(kernel, ownerless):
    made = linkzoo.make(kernel, "cgroup_ingress")
    (strict,) = ownerless("-o", "json", "link", "show", "id", made.id)
    assert strict["cgroup_path"] == made.on
    cell = ownerless("-o", "tsv=target", "link", "show", "id", made.id).stdout
    assert cell == f"target\n{made.on} cgroup_inet_ingress\n"


def test_a_cgroup_that_is_gone_has_no_path(kernel, ownerless):
    made = linkzoo.make(kernel, "cgroup_ingress")
    inner = os.path.join(made.on, "inner")
    os.mkdir(inner)
    prog = kernel.prog("cgroup_skb", bpf.returning(1))
    group = os.open(inner, os.O_RDONLY)
    link = kernel.keep(bpflink.create(prog.fd, group, 0))
    os.close(group)
    os.rmdir(inner)
    (strict,) = ownerless("-o", "json", "link", "show", "id", bpflink.LinkInfo(link).id)
    assert "cgroup_path" not in strict


@pytest.mark.parametrize("kind, name", [("fentry", "bpf_fentry_test1"), ("fexit", "bpf_fentry_test2"), ("lsm", "bpf_lsm_task_setpgid")])
def test_what_is_traced_has_its_name(kernel, ownerless, kind, name):
    made = linkzoo.make(kernel, kind)
    (strict,) = ownerless("-o", "json", "link", "show", "id", made.id)
    assert strict["target_btf_name"] == name and "target_prog_id" not in strict
    assert name in ownerless("-o", "tsv=target", "link", "show", "id", made.id).stdout


@pytest.mark.parametrize("kind", ["freplace", "fentry_prog"])
def test_a_program_that_is_traced_is_told_from_the_kernel(kernel, ownerless, kind):
    made = linkzoo.make(kernel, kind)
    (strict,) = ownerless("-o", "json", "link", "show", "id", made.id)
    assert strict["target_prog_id"] == strict["target_obj_id"] and strict["target_btf_name"] == "lz_part"


def test_netfilter_has_names_beside_its_numbers(kernel, ownerless):
    made = linkzoo.make(kernel, "netfilter_forward")
    (strict,) = ownerless("-o", "json", "link", "show", "id", made.id)
    assert (strict["pf"], strict["pf_name"], strict["hook"], strict["hook_name"]) == (10, "ip6", 2, "forward")


# Devices: an index counts in its own network namespace


def at_same_index(kernel, attach):
    """A link at a device of another network namespace, and the index, which a device of this one has too."""
    kernel.netns()
    index = bpflink.device("veth", "there0", peer="there1")
    made = attach(index)
    kernel.netns()
    while (here := bpflink.device("veth", f"here{index}", peer=f"peer{index}")) < index:
        bpflink.device_delete(here)
    assert here == index
    return made


def xdp_at(prog):
    return lambda index: bpflink.create(prog.fd, index, bpflink.ATTACH["xdp"], 2)


def tcx_at(prog):
    return lambda index: bpflink.create(prog.fd, index, bpflink.ATTACH["tcx_ingress"])


DEVICE_KINDS = [("xdp", xdp_at), ("sched_cls", tcx_at)]


def made_or_skipped(act, *words):
    try:
        return act(*words)
    except OSError as failure:
        if failure.errno != 22:
            raise
        pytest.skip(f"this kernel makes no tcx link: {failure.strerror}")


@pytest.mark.parametrize("type, attach", DEVICE_KINDS)
def test_a_device_of_another_namespace_is_never_given_a_name_of_this_one(kernel, ownerless, type, attach):
    prog = kernel.prog(type, bpf.returning(2))
    there = kernel.keep(made_or_skipped(at_same_index, kernel, attach(prog)))
    number, index = bpflink.LinkInfo(there).id, bpflink.LinkInfo(there).u32(16)
    assert f"\n\tifindex {index}  " in ownerless("link", "show", "id", number).stdout
    record = ownerless("-j", "link", "show", "id", number)
    assert (record["devname"], record["ifindex"]) == ("(unknown)", index)
    assert "devname" not in ownerless("-o", "json", "link", "show", "id", number)[0]
    assert ownerless("-o", "tsv=target", "link", "show", "id", number).stdout.startswith(f"target\nifindex {index}")


@pytest.mark.parametrize("type, attach", DEVICE_KINDS)
def test_one_program_at_devices_of_one_index_in_two_namespaces_is_not_confused(kernel, ownerless, type, attach):
    prog = kernel.prog(type, bpf.returning(2))
    there = kernel.keep(made_or_skipped(at_same_index, kernel, attach(prog)))
    index = bpflink.LinkInfo(there).u32(16)
    here = kernel.keep(attach(prog)(index))
    shown = {one["id"]: one["devname"] for one in ownerless("-j", "link", "list") if one.get("ifindex") == index}
    assert shown[bpflink.LinkInfo(there).id] == "(unknown)"
    if type == "sched_cls":
        assert shown[bpflink.LinkInfo(here).id] == f"here{index}"
    else:
        assert shown[bpflink.LinkInfo(here).id] in ("(unknown)", f"here{index}")


def test_a_device_that_was_renamed_has_its_new_name(kernel, ownerless):
    made = linkzoo.make(kernel, "xdp")
    body = struct.pack("BxHiII", 0, 0, made.on, 0, 1) + bpflink.attribute(3, b"renamed\0")
    bpflink.rtnetlink(bpflink.RTM_NEWLINK, 0, struct.pack("BxHiII", 0, 0, made.on, 0, 1))
    bpflink.rtnetlink(bpflink.RTM_NEWLINK, 0, body)
    assert ownerless("-j", "link", "show", "id", made.id)["devname"] == "renamed"


def test_a_device_that_is_gone_shows_as_detached(kernel, ownerless, peer):
    made = linkzoo.make(kernel, "xdp")
    bpflink.device_delete(made.on)
    assert "\n\tifindex (detached)  \n" in ownerless("link", "show", "id", made.id).stdout
    assert ownerless("link", "show", "id", made.id).out == peer.run("link", "show", "id", made.id).out
    assert ownerless("-j", "link", "show", "id", made.id)["devname"] == "(detached)"
    assert ownerless("-o", "tsv=target", "link", "show", "id", made.id).stdout == "target\n(detached)\n"


# Lists


MANY = ("raw_tracepoint", "event_dummy", "tracepoint", "cgroup_ingress", "iter_task", "flow_dissector", "netfilter", "xdp", "tcx_ingress",
        "sockmap_skb", "struct_ops", "uprobe", "uprobe_multi")


def several(kernel):
    """Links of as many types as this kernel makes."""
    made = []
    for kind in MANY:
        if kind not in linkzoo.KINDS:
            continue
        try:
            made.append(linkzoo.make(kernel, kind))
        except pytest.skip.Exception:
            continue
    assert len(made) > 3
    return made


def test_the_whole_list_is_what_bpftool_lists(kernel, ownerless, peer):
    made = [one.id for one in several(kernel)]
    ours = only(ownerless("-j", "link", "list"), made)
    assert [one["id"] for one in ours] == made
    assert [reader.split(one, LINK_KEYS)[0] for one in ours] == only(peer("-j", "link", "list"), made)
    texts, theirs = blocks(ownerless("link", "list").stdout), blocks(peer("link", "list").stdout)
    assert {number: texts[number] for number in made} == {number: theirs[number] for number in made}


def test_show_list_and_the_bare_noun_are_one_command(kernel, ownerless):
    made = [linkzoo.make(kernel, "raw_tracepoint").id]
    for words in (["link", "show"], ["link", "list"], ["l", "s"], ["lin", "li"]):
        assert len(only(ownerless("-j", *words), made)) == 1
    assert len(only(ownerless("-j", "link"), made)) == 1


def test_links_may_come_and_go_during_listings(kernel, bpflens):
    prog, stop = kernel.prog("raw_tracepoint"), threading.Event()
    kept = linkzoo.make(kernel, "raw_tracepoint").id

    def churn():
        while not stop.is_set():
            for fd in [bpflink.raw_tracepoint(prog.fd, linkzoo.EVENT) for _ in range(8)]:
                os.close(fd)
    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(40):
            listing = bpflens("-j", "link", "list", "no-owners")
            assert kept in [one["id"] for one in listing] and not any("error" in one for one in listing)
    finally:
        stop.set()
        thread.join()


def test_symbols_are_read_once_and_only_where_an_address_needs_a_name(kernel, ownerless):
    several(kernel)
    _, trace = ownerless.traced("-j", "link", "list", calls="openat")
    multi = [one for one in ownerless("-j", "link", "list") if one["type"] in ("kprobe_multi", "tracing_multi")]
    assert multi or not any("kallsyms" in line for line in trace)
    made = [linkzoo.make(kernel, "kprobe_multi") for _ in range(3)]
    _, trace = ownerless.traced("-j", "link", "list", calls="openat")
    assert sum("kallsyms" in line for line in trace) == 1
    assert all(func["func"] in linkzoo.FUNCTIONS for one in only(ownerless("-j", "link", "list"), [m.id for m in made])
               for func in one["funcs"])
    _, trace = ownerless.traced("-o", "tsv=id,type", "link", "list", calls="openat")
    assert not any("kallsyms" in line for line in trace)


# Handles, owners, pins


def test_every_way_to_name_a_link_finds_it(kernel, ownerless):
    made = linkzoo.make(kernel, "raw_tracepoint")
    path = kernel.pin(made)
    whole = ownerless("link", "show", "id", made.id).stdout
    for words in (["id", made.id], ["id", hex(made.id)], ["pinned", path], [made.id], [path], ["i", made.id], ["p", path]):
        assert ownerless("link", "show", *words).stdout == whole, words
        assert ownerless("-j", "link", "show", *words)["id"] == made.id, words
        assert [one["id"] for one in ownerless("-o", "json", "link", "show", *words)] == [made.id]


@pytest.mark.parametrize("words", [["id", "4294967295"], ["4294967295"], ["pinned", "/nowhere/at/all"], ["/nowhere/at/all"]])
def test_a_handle_that_fits_nothing_is_an_error_that_repeats_it(bpflens, words):
    for verb in ("show", "detach"):
        for form in ([], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"]):
            result = bpflens.run(*form, "link", verb, *words)
            assert result.rc == 1 and words[-1] in result.error, result


@pytest.mark.parametrize("words", [["id", "4294967297"], ["id", "-1"], ["id"], ["name", "x"], ["tag", "0011223344556677"], ["id", "1", "2"],
                                   ["'"]])
def test_words_that_are_no_link_are_a_wrong_command_line(bpflens, words):
    for verb in ("show", "detach"):
        assert bpflens.run("link", verb, *words).rc == 2
        assert bpflens.run("-j", "link", verb, *words).error


def test_an_object_of_another_kind_is_refused_by_kind(kernel, bpflens):
    path = kernel.pin(kernel.map("array"))
    for verb in ("show", "detach"):
        result = bpflens.run("link", verb, "pinned", path)
        assert result.rc == 1 and path in result.error and "map" in result.stderr.replace(path, "")
    path = kernel.pin(linkzoo.make(kernel, "raw_tracepoint"))
    assert "link" in bpflens.run("prog", "show", "pinned", path).stderr.replace(path, "")


def test_a_process_that_holds_a_link_is_shown(kernel, bpflens):
    made = linkzoo.make(kernel, "raw_tracepoint")
    record = bpflens("-j", "link", "show", "id", made.id)
    assert os.getpid() in [one["pid"] for one in record["pids"]]
    assert f"({os.getpid()})" in bpflens("link", "show", "id", made.id).stdout.splitlines()[-1]
    assert "bpf_cookie" not in record


def test_the_cookie_of_a_perf_event_is_repeated_before_its_owners(kernel, bpflens):
    made = linkzoo.make(kernel, "event_page-faults")
    record = bpflens("-j", "link", "show", "id", made.id)
    if "cookie" not in record:
        pytest.skip("this kernel tells no cookie of a perf event")
    assert record["bpf_cookie"] == record["cookie"] == made.says["cookie"]
    assert list(record)[-2:] == ["bpf_cookie", "pids"]
    lines = bpflens("link", "show", "id", made.id).stdout.splitlines()
    assert lines[-2] == f"\tbpf_cookie {made.says['cookie']}" and lines[-1].startswith("\tpids ")
    assert "bpf_cookie" not in bpflens("-o", "json", "link", "show", "id", made.id)[0]


def test_an_ordinary_user_is_told_what_is_missing(public, nobody):
    for words in (["list"], ["show", "id", "1"], ["detach", "id", "1"]):
        result = public.run("link", *words, before=nobody)
        assert result.rc == 1 and "not permitted" in result.error and "CAP_SYS_ADMIN" in result.stderr


# Detaching


DETACHED = {"cgroup_ingress": ("cgroup_id", 0), "flow_dissector": ("netns_ino", 0), "xdp": ("ifindex", 0), "tcx_ingress": ("ifindex", 0),
            "netkit_primary": ("ifindex", 0), "sockmap_skb": ("map_id", 0), "netfilter": ("pf", 2)}


@pytest.mark.parametrize("kind", DETACHED)
def test_a_detached_link_stays_and_shows_that_it_is(kernel, ownerless, peer, kind):
    made = linkzoo.make(kernel, kind)
    key, value = DETACHED[kind]
    before = ownerless("-j", "link", "show", "id", made.id)
    result = detach(ownerless, made)
    assert (result.out, result.err) == (b"", b"")
    after = ownerless("-j", "link", "show", "id", made.id)
    assert after[key] == value and (before[key] != value or kind == "netfilter")
    assert ownerless("link", "show", "id", made.id).out == peer.run("link", "show", "id", made.id).out
    assert compact(after) == peer.run("-j", "link", "show", "id", made.id).stdout


def detach(bpflens, made, *form):
    result = bpflens.run(*form, "link", "detach", "id", made.id)
    if result.rc and "Invalid argument" in result.error:
        pytest.skip("this kernel detaches no links")
    assert result.rc == 0, result
    return result


def test_detaching_twice_is_no_failure_and_says_so(kernel, bpflens):
    made = linkzoo.make(kernel, "cgroup_ingress")
    assert detach(bpflens, made, "-j").json is None
    again = bpflens.run("link", "detach", "id", made.id)
    assert again.rc == 0 and f"link {made.id} was detached already" in again.stderr and again.out == b""


def test_a_link_is_detached_by_its_pin(kernel, bpflens):
    made = linkzoo.make(kernel, "cgroup_egress")
    detach(bpflens, made)
    made = linkzoo.make(kernel, "cgroup_egress")
    bpflens("link", "detach", kernel.pin(made))
    assert bpflink.LinkInfo(made.fd).u64(16) == 0


@pytest.mark.parametrize("kind", ["raw_tracepoint", "event_dummy", "iter_task"])
def test_a_type_that_cannot_be_detached_names_what_holds_it(kernel, bpflens, kind):
    made = linkzoo.make(kernel, kind)
    path = kernel.pin(made)
    for form in ([], ["-j"]):
        result = bpflens.run(*form, "link", "detach", "id", made.id)
        if "Invalid argument" in result.error:
            pytest.skip("this kernel detaches no links")
        assert result.rc == 1 and f"link {made.id}: detach: Operation not supported" in result.error
        said = result.stderr + result.stdout
        assert path in said and f"({os.getpid()})" in said and made.type in said
    assert bpflink.LinkInfo(made.fd).prog_id == made.prog.id
