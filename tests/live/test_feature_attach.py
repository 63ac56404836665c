# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What `feature probe` says of attach types, links, security modules and tracing, held against real attaching.

The tests attach to what is their own: a network namespace, a cgroup, a map, a socket, a function that nothing but test
runs of programs reach.
"""
import errno
import json
import os
import re
import socket
import struct

import bpf
import bpflink
import linkzoo
import features
import pytest
import watching
from bpflink import ATTACH

# How each attach type is really attached: the kind of linkzoo that does it, or a program type for a cgroup
IN_ZOO = {
    "trace_raw_tp": "tp_btf", "trace_fentry": "fentry", "trace_fexit": "fexit", "modify_return": "fmod_ret",
    "lsm_mac": "lsm", "trace_iter": "iter_bpf_map", "flow_dissector": "flow_dissector", "sk_lookup": "sk_lookup",
    "xdp": "xdp", "perf_event": "event_dummy", "trace_kprobe_multi": "kprobe_multi", "lsm_cgroup": "lsm_cgroup",
    "struct_ops": "struct_ops", "netfilter": "netfilter", "tcx_ingress": "tcx_ingress", "tcx_egress": "tcx_egress",
    "trace_uprobe_multi": "uprobe_multi", "netkit_primary": "netkit_primary", "netkit_peer": "netkit_peer",
    "trace_kprobe_session": "kprobe_session", "trace_uprobe_session": "uprobe_session", "trace_fsession": "fsession",
    "trace_fentry_multi": "fentry_multi", "trace_fexit_multi": "fexit_multi", "trace_fsession_multi": "fsession_multi",
}
OF_CGROUPS = {
    "cgroup_inet_ingress": "cgroup_skb", "cgroup_inet_egress": "cgroup_skb", "cgroup_inet_sock_create": "cgroup_sock",
    "cgroup_inet_sock_release": "cgroup_sock", "cgroup_inet4_post_bind": "cgroup_sock",
    "cgroup_inet6_post_bind": "cgroup_sock", "cgroup_sock_ops": "sock_ops", "cgroup_device": "cgroup_device",
    "cgroup_sysctl": "cgroup_sysctl", "cgroup_getsockopt": "cgroup_sockopt", "cgroup_setsockopt": "cgroup_sockopt",
}
LINKS = {
    "raw_tracepoint": "raw_tracepoint", "tracing": "fentry", "cgroup": "cgroup_ingress", "iter": "iter_bpf_map",
    "netns": "sk_lookup", "xdp": "xdp", "perf_event": "event_dummy", "kprobe_multi": "kprobe_multi",
    "struct_ops": "struct_ops", "netfilter": "netfilter", "tcx": "tcx_ingress", "uprobe_multi": "uprobe_multi",
    "netkit": "netkit_primary", "sockmap": "sockmap_msg", "tracing_multi": "fentry_multi",
}
TRACING = {
    "raw_tracepoint": "raw_tracepoint", "tp_btf": "tp_btf", "kprobe": "kprobe", "uprobe": "uprobe",
    "uprobe_semaphore": "uprobe_ref_ctr", "tracepoint": "tracepoint", "kprobe_multi": "kprobe_multi",
    "kprobe_session": "kprobe_session", "uprobe_multi": "uprobe_multi", "uprobe_session": "uprobe_session",
    "fentry": "fentry", "fexit": "fexit", "fmod_ret": "fmod_ret", "fsession": "fsession", "fentry_multi": "fentry_multi",
    "freplace": "freplace",
}
SO_ATTACH_REUSEPORT_EBPF = 52
LAST = bpflink.ATTACH_TYPES[-1]


def ask(program, *words, rcs=(0, 1, 3), **how):
    """{(kind, name): record} of questions."""
    result = program.run("-o", "json", "feature", "probe", *words, **how)
    assert result.rc in rcs, result
    return {(record["kind"], record["name"]): record for record in json.loads(result.out)}


def pairs(kind, names):
    return [word for name in names for word in (kind, name)]


@pytest.fixture(scope="module")
def answers(bpflens):
    """What the program says, asked once for all of it."""
    said = ask(bpflens, *pairs("attach_type", bpflink.ATTACH_TYPES), *pairs("link_type", LINKS), *pairs("tracing", TRACING))
    assert len(said) == len(bpflink.ATTACH_TYPES) + len(LINKS) + len(TRACING)
    return said


# Real attaching


def to_sockmap(kernel, name):
    held = kernel.map("sockmap", max_entries=2)
    prog = kernel.prog("sk_msg" if name == "sk_msg_verdict" else "sk_skb", bpf.returning(1), attach_type=ATTACH[name])
    bpf.prog_attach(held.fd, prog.fd, ATTACH[name])


def to_map_of_devices(kernel, name):
    linkzoo.own_network(kernel)
    prog = kernel.prog("xdp", bpf.returning(2), attach_type=ATTACH[name])
    made = kernel.map(name.removeprefix("xdp_"), 4, 8, max_entries=1)
    first = 192 if name == "xdp_cpumap" else kernel.zoo_device
    bpf.map_update(made.fd, bytes(4), struct.pack("II", first, prog.fd))


def to_reuseport(kernel, name):
    """A socket takes the program whatever it was loaded for; a kernel that knows the types refuses other numbers."""
    if features.loads(kernel, "sk_reuseport", None, attach_type=0x7ffe):
        raise OSError(errno.EINVAL, "it takes any number, and so knows none")
    prog = kernel.prog("sk_reuseport", attach_type=ATTACH[name])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(("127.0.0.1", 0))
        sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, struct.pack("i", prog.fd))


def to_infrared(kernel, name):
    kernel.prog("lirc_mode2", attach_type=ATTACH[name])  # machines of tests have no such device


def to_cgroup(kernel, name):
    linkzoo._cgroup(OF_CGROUPS.get(name, "cgroup_sock_addr"), name, kernel, name)


def attach(kernel, name):
    """Really attach; what it raises is why not."""
    if name in IN_ZOO:
        return in_zoo(kernel, IN_ZOO[name])
    if name.startswith("cgroup_"):
        return to_cgroup(kernel, name)
    if name.startswith("sk_skb") or name == "sk_msg_verdict":
        return to_sockmap(kernel, name)
    if name.startswith("sk_reuseport"):
        return to_reuseport(kernel, name)
    return {"xdp_devmap": to_map_of_devices, "xdp_cpumap": to_map_of_devices, "lirc_mode2": to_infrared}[name](kernel, name)


def in_zoo(kernel, kind):
    return linkzoo.KINDS[kind][1](kernel, kind)


def check(kernel, record, attempt, what):
    """The answer is borne out by an attempt."""
    try:
        attempt(kernel, what)
    except OSError as failure:
        if failure.errno == errno.EEXIST and what == "flow_dissector":
            failure = None  # another one is in the first network namespace, and this one is known
        if failure and record["answer"] in ("unknown", "not permitted"):
            assert record["errno"] == errno.errorcode[failure.errno], (record, failure)
            assert record["reason"]
        elif failure:
            assert record["answer"] == "no", (record, failure)
        else:
            assert record["answer"] == "yes", record
    else:
        assert record["answer"] == "yes", record


@pytest.mark.parametrize("name", bpflink.ATTACH_TYPES)
def test_an_attach_type_is_there_where_something_can_be_attached(kernel, answers, name):
    check(kernel, answers["attach_type", name], attach, name)


@pytest.mark.parametrize("name", LINKS)
def test_a_link_type_is_there_where_one_can_be_made(kernel, answers, name):
    check(kernel, answers["link_type", name], in_zoo, LINKS[name])


@pytest.mark.parametrize("name", TRACING)
def test_a_way_to_trace_is_there_where_it_works(kernel, answers, name):
    record = answers["tracing", name]
    if record["answer"] == "yes" and name in ("kprobe", "uprobe", "tracepoint", "uprobe_semaphore"):
        pytest.skip("this kernel has no perf links") if answers["link_type", "perf_event"]["answer"] != "yes" else None
    check(kernel, record, in_zoo, TRACING[name])


def test_every_attach_type_and_link_type_is_told(bpflens, answers):
    for kind in ("attach_type", "link_type"):
        asked = {name: {**record} for (of, name), record in answers.items() if of == kind}
        told = {record["name"]: record for record in features.everything(bpflens, kind)}
        assert told == asked


# What probing leaves


def test_nothing_is_left_by_the_probes(bpflens):
    before = watching.objects()
    ask(bpflens, *pairs("attach_type", bpflink.ATTACH_TYPES), *pairs("link_type", LINKS), *pairs("tracing", TRACING), "lsm", "bpf")
    watching.assert_gone(before)


def test_nothing_is_attached_but_iterators(bpflens):
    """No call that attaches succeeds, but for an iterator, which is attached to nothing."""
    result, lines = bpflens.traced("-o", "json", "feature", "probe", *pairs("attach_type", bpflink.ATTACH_TYPES),
                                   *pairs("link_type", LINKS), "lsm", "bpf", "tracing", "jit",
                                   calls="bpf,ioctl,setsockopt,mount,move_mount,perf_event_open")
    assert result.rc in (0, 1, 3)
    calls = [line.split("(", 1)[1] for line in lines if re.search(r"\bbpf\(", line)]
    done = [line for line in calls if re.match(r"(BPF_)?(PROG_ATTACH|LINK_CREATE|RAW_TRACEPOINT_OPEN|LINK_UPDATE|OBJ_PIN)", line)
            and not re.search(r"= -1 E\w+", line)]
    iterators = [line for line in done if "BPF_TRACE_ITER" in line or re.search(r"attach_type=0x1c\b", line)]
    assert len(calls) > 60 and done == iterators and len(done) <= 1, done
    assert not [line for line in lines if re.search(r"\b(ioctl|setsockopt|mount|move_mount)\(", line) and "PERF_EVENT" in line + "PERF_EVENT" * ("mount" in line)]


def test_one_question_takes_few_calls(bpflens):
    for words, most in ((("attach_type", "tcx_ingress"), 2), (("link_type", "cgroup"), 3), (("tracing", "uprobe"), 0), (("lsm", "bpf"), 0)):
        _, lines = bpflens.traced("-o", "json", "feature", "probe", *words)
        assert len([line for line in lines if "bpf(" in line]) <= most, (words, lines)


# Names


def test_a_name_that_is_none_gets_the_nearest_one(bpflens):
    for kind, wrong, right in (("attach_type", "tcx_igress", "tcx_ingress"), ("link_type", "nerns", "netns"),
                               ("lsm", "bfp", "bpf"), ("tracing", "kprobe_mutli", "kprobe_multi")):
        result = bpflens.run("feature", "probe", kind, wrong)
        assert result.rc == 2 and not result.out and wrong in result.stderr and f"{right}" in result.stderr, result


def test_no_link_is_of_the_type_unspec(bpflens):
    assert bpflens.run("feature", "probe", "link_type", "unspec").rc == 2


def test_the_exit_status_says_whether_all_is_there(bpflens, answers):
    for kind, name in (("attach_type", "cgroup_inet_ingress"), ("attach_type", LAST), ("attach_type", "trace_fentry")):
        expected = {"yes": 0, "no": 1, "unknown": 3, "not permitted": 3}[answers[kind, name]["answer"]]
        assert bpflens.run("feature", "probe", kind, name).rc == expected


# Rights


def test_a_user_without_rights_gets_no_no(program, bpflens, answers, nobody, public):
    """What cannot be tried is not "not there"."""
    said = ask(public, *pairs("attach_type", bpflink.ATTACH_TYPES), *pairs("link_type", LINKS), before=nobody)
    for key, record in said.items():
        if answers[key]["answer"] == "yes":
            assert record["answer"] != "no", record
        elif answers[key]["answer"] == "no":
            assert record["answer"] != "yes", record
    assert "not permitted" in {record["answer"] for record in said.values()}


# Security modules


def listed():
    try:
        with open("/sys/kernel/security/lsm") as file:
            return file.read().strip().split(",")
    except OSError:
        pytest.skip("securityfs is not mounted")


def test_security_modules_come_in_their_order(bpflens):
    order = listed()
    records = features.everything(bpflens, "lsm")
    assert [(r["name"], r["value"]) for r in records if r["answer"] == "yes" and r["name"] != "programs"] == \
        [(name, str(i + 1)) for i, name in enumerate(order)]
    for record in records[len(order):-1]:
        assert record["name"] not in order and record["answer"] in ("no", "unknown")


def test_security_modules_are_told_where_securityfs_is_not_mounted(bpflens):
    """The tests have a mount namespace of their own: taking it out of sight harms nobody."""
    told = ask(bpflens, *pairs("lsm", ("capability", "bpf", "landlock")))
    hide = ["unshare", "--mount", "sh", "-c", 'umount -l /sys/kernel/security 2>/dev/null; exec "$0" "$@"']
    assert ask(bpflens, *pairs("lsm", ("capability", "bpf", "landlock")), before=hide) == told
    assert told["lsm", "capability"]["answer"] == "yes" and told["lsm", "capability"]["found"] == "file"


# Tracing


def setting(path):
    with open(path) as file:
        return file.read().strip()


def test_values_are_those_of_the_kernels_settings(bpflens):
    said = ask(bpflens, *pairs("tracing", ("jit", "jit_kallsyms", "perf_event", "bpf_stats", "ftrace", "kallsyms")))
    for name, path in (("jit", "net/core/bpf_jit_enable"), ("jit_kallsyms", "net/core/bpf_jit_kallsyms"),
                       ("perf_event", "kernel/perf_event_paranoid"), ("bpf_stats", "kernel/bpf_stats_enabled"),
                       ("ftrace", "kernel/ftrace_enabled"), ("kallsyms", "kernel/kptr_restrict")):
        path = os.path.join("/proc/sys", path)
        if os.path.exists(path):
            assert said["tracing", name]["value"] == setting(path)
        else:
            assert said["tracing", name]["answer"] == "no"


def test_the_jit_is_on_where_programs_have_machine_code(kernel, bpflens):
    length = bpf.prog_info(kernel.prog("socket_filter").fd)[0].jited_len
    assert ask(bpflens, "tracing", "jit")["tracing", "jit"]["answer"] == ("yes" if length else "no")


def test_hardware_counters_are_there_where_one_can_be_opened(bpflens):
    try:
        os.close(bpflink.perf_open(0, 0, pid=-1, cpu=0))
        expected = "yes"
    except OSError as failure:
        expected = "no" if failure.errno in (errno.ENOENT, errno.EOPNOTSUPP, errno.ENODEV) else "not permitted"
    assert ask(bpflens, "tracing", "hardware_counter")["tracing", "hardware_counter"]["answer"] == expected


def test_kinds_of_events_have_their_numbers(bpflens):
    said = ask(bpflens, *pairs("tracing", ("kprobe", "uprobe", "tracepoint")))
    for (_, name), record in said.items():
        path = f"/sys/bus/event_source/devices/{name}/type"
        assert record.get("value") == (setting(path) if os.path.exists(path) else None)
        assert record["answer"] == ("yes" if os.path.exists(path) else "no")
