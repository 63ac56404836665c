# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Links: names for their numbers, handles, and what is asked of the kernel. test_link_types.py has the types."""
import os
import struct

import bpf
import bpflink
import linkzoo
import pytest
from runner import only

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
    if not linkzoo.is_told("tracing", "target_obj_id"):
        assert "target_btf_name" not in strict
        return
    assert strict["target_btf_name"] == name and "target_prog_id" not in strict
    assert name in ownerless("-o", "tsv=target", "link", "show", "id", made.id).stdout


@pytest.mark.parametrize("kind", ["freplace", "fentry_prog"])
def test_a_program_that_is_traced_is_told_from_the_kernel(kernel, ownerless, kind):
    made = linkzoo.make(kernel, kind)
    (strict,) = ownerless("-o", "json", "link", "show", "id", made.id)
    if not linkzoo.is_told("tracing", "target_obj_id"):
        assert "target_prog_id" not in strict
        return
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


def test_show_list_and_the_bare_noun_are_one_command(kernel, ownerless):
    made = [linkzoo.make(kernel, "raw_tracepoint").id]
    for words in (["link", "show"], ["link", "list"], ["l", "s"], ["lin", "li"]):
        assert len(only(ownerless("-j", *words), made)) == 1
    assert len(only(ownerless("-j", "link"), made)) == 1


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


