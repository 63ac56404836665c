# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""One link of every kind, with declared parameters: make(kernel, kind).

A kind is a way to attach; a type of link has several. What is attached to lies in the test's own network namespace,
its own cgroup or its own file, or is a function or event of the kernel's that nothing but a test run ever reaches.
"""
import contextlib
import errno
import functools
import os
import socket
import struct
from dataclasses import dataclass, field

import bpf
import bpflink
import btf
import maker
import pytest
from bpflink import ATTACH
from conftest import mount

EVENT = "bpf_test_finish"  # happens in test runs of programs alone, as do the functions
FUNCTIONS = [f"bpf_fentry_test{i}" for i in range(1, 5)]
OF_MODULE = ("veth", "veth_get_drvinfo")  # a function that is called when somebody asks who drives a device
COOKIE = 0x1122334455667788
PROBED_AT = 0x69bb


@dataclass
class Link:
    fd: int
    kind: str
    type: str
    says: dict = field(default_factory=dict)  # what was declared, by the keys of bpftool's JSON
    prog: object = None
    on: object = None  # what it is attached to: a device's index, a path
    functions: dict = None  # what is declared of each function, by its name

    def __post_init__(self):
        info = bpflink.LinkInfo(self.fd)
        self.id = info.id
        assert (bpflink.LINK_TYPES[info.type], info.prog_id) == (self.type, self.prog.id if self.prog else 0)
        self.says = {key: value for key, value in self.says.items() if is_told(self.type, key)}


# What of a link this kernel tells, by its BTF

MEMBERS = {
    ("raw_tracepoint", "cookie"): "raw_tracepoint.cookie",
    ("tracing", "cookie"): "tracing.cookie",
    ("tracing", "target_obj_id"): "tracing.target_obj_id",
    ("tracing", "target_btf_id"): "tracing.target_btf_id",
    ("iter", "tid"): "iter.task.tid",
    ("iter", "pid"): "iter.task.pid",
    ("perf_event", "cookie"): "perf_event.tracepoint.cookie",
    ("perf_event", "ref_ctr_offset"): "perf_event.uprobe.ref_ctr_offset",
}


@functools.cache
def info_has(path):
    """Whether this kernel's struct bpf_link_info has such a member."""
    types = btf.vmlinux()
    at = types.find(btf.STRUCT, "bpf_link_info")
    for word in path.split("."):
        at = member(types, at, word)
        if at is None:
            return False
    return True


def member(types, number, name):
    """The type of a member, looked for in unnamed ones too; None if there is none. A scalar's type has no members."""
    if types.kind(number) not in (btf.STRUCT, btf.UNION):
        return None
    members = types.members(number)
    inner = [member(types, one, name) for called, one in members if not called]
    return next((one for one in [dict(members).get(name), *inner] if one is not None), None)


def is_told(type, key):
    path = MEMBERS.get((type, key))
    return info_has(path or type) if path or type in ("perf_event", "tracing_multi") else True


# The kinds: name: (what the kernel must have, maker, its arguments)

KINDS = {}


def kind(name, needs, *args, **named):
    def add(function):
        KINDS[name] = (needs, functools.partial(function, *args, **named))
        return function
    return add


def make(kernel, kind, **more):
    """A link of that kind; the test is skipped where this kernel has no such thing."""
    needs, function = KINDS[kind]
    try:
        return function(kernel, kind, **more)
    except OSError as failure:
        if failure.errno in (errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP, errno.ENOENT, errno.ENODEV, errno.ESRCH, errno.E2BIG, 524):
            pytest.skip(f"this kernel makes no {needs} link: {failure.strerror}")
        raise


def target(name, type=btf.FUNC):
    """The id in the kernel's BTF of what a program is for."""
    found = btf.vmlinux().find(type, name)
    if found is None:
        raise OSError(errno.ESRCH, f"no {name} in the kernel's BTF")
    return found


def linked(kernel, kind, prog, where, attach, says, *, flags=0, more=b"", type=None, on=None):
    """Attach by BPF_LINK_CREATE."""
    fd = kernel.keep(bpflink.create(prog.fd, where, ATTACH[attach], flags, more))
    return Link(fd, kind, type or kind, says, prog, on)


# Tracing


@kind("raw_tracepoint", "raw_tracepoint")
@kind("raw_tracepoint_cookie", "cookie of a raw tracepoint", cookie=COOKIE)
def _raw_tracepoint(kernel, kind, cookie=0):
    prog = kernel.prog("raw_tracepoint", name="lz_raw")
    fd = kernel.keep(bpflink.raw_tracepoint(prog.fd, EVENT, cookie))
    return Link(fd, kind, "raw_tracepoint", {"tp_name": EVENT, "cookie": cookie}, prog)


@kind("tp_btf", "tp_btf")
def _tp_btf(kernel, kind):
    prog = kernel.prog("tracing", name="lz_tp_btf", attach_type=ATTACH["trace_raw_tp"],
                       attach_btf_id=target(f"btf_trace_{EVENT}", btf.TYPEDEF))
    return Link(kernel.keep(bpflink.raw_tracepoint(prog.fd)), kind, "raw_tracepoint", {"tp_name": EVENT, "cookie": 0}, prog)


@kind("fentry", "trampoline", "trace_fentry", FUNCTIONS[0])
@kind("fexit", "trampoline", "trace_fexit", FUNCTIONS[1])
@kind("fmod_ret", "trampoline", "modify_return", "security_task_setpgid")
@kind("lsm", "trampoline", "lsm_mac", "bpf_lsm_task_setpgid", type="lsm")
@kind("fsession", "fsession", "trace_fsession", FUNCTIONS[0])
def _trampoline(attach, function, kernel, kind, type="tracing"):
    number = target(function)
    prog = kernel.prog(type, name="lz_" + kind, attach_type=ATTACH[attach], attach_btf_id=number)
    says = {"prog_type": type, "attach_type": attach, "target_obj_id": 1, "target_btf_id": number, "cookie": 0}
    return Link(kernel.keep(bpflink.raw_tracepoint(prog.fd)), kind, "tracing", says, prog, function)


@kind("fentry_cookie", "cookie of a trampoline", "trace_fentry", FUNCTIONS[2])
@kind("fexit_cookie", "cookie of a trampoline", "trace_fexit", FUNCTIONS[3])
def _trampoline_cookie(attach, function, kernel, kind):
    number = target(function)
    prog = kernel.prog("tracing", name="lz_cookie", attach_type=ATTACH[attach], attach_btf_id=number)
    says = {"prog_type": "tracing", "attach_type": attach, "target_obj_id": 1, "target_btf_id": number, "cookie": COOKIE}
    return linked(kernel, kind, prog, 0, attach, says, more=struct.pack("QQ", 0, COOKIE), type="tracing",
                  on=function)


@kind("fentry_module", "function of a module")
def _trampoline_of_a_module(kernel, kind):
    module, function = OF_MODULE
    own_network(kernel)  # a device, for which the kernel loads the module
    held = next((number for number in bpf.ids("btf") if bpf.btf_info(number)[1] == module), 0)
    number = btf.find_in_module(held, btf.FUNC, function) if held else None
    if number is None:
        raise OSError(errno.ESRCH, f"no {function} in the BTF of a module")
    prog = kernel.prog("tracing", name="lz_module", attach_type=ATTACH["trace_fentry"], attach_btf_id=number,
                       attach_fd=kernel.keep(bpf.open_id("btf", held)))
    says = {"prog_type": "tracing", "attach_type": "trace_fentry", "target_obj_id": held, "target_btf_id": number, "cookie": 0}
    return Link(kernel.keep(bpflink.raw_tracepoint(prog.fd)), kind, "tracing", says, prog, function)


def replaceable(kernel):
    """(a program, the id in its BTF of a function of its that others can stand in for)"""
    types = btf.Btf()
    proto = types.add("", btf.FUNC_PROTO, 0, types.int("int", 4, signed=True))
    main, part = types.add("lz_main", btf.FUNC, 0, proto), types.add("lz_part", btf.FUNC, 1, proto)
    code = [bpf.call_next(1), bpf.leave()] + bpf.returning(0)
    prog = kernel.prog("xdp", code, name="lz_main", btf_fd=kernel.keep(types.load()), func_info=[(0, main), (2, part)])
    return prog, part


def stand_in(kernel, whole, part, **more):
    """A program made for a function of another program."""
    types = btf.Btf()
    proto = types.add("", btf.FUNC_PROTO, 0, types.int("int", 4, signed=True))
    own = types.add("lz_stand_in", btf.FUNC, 1, proto)
    return kernel.prog(name="lz_stand_in", attach_fd=whole.fd, attach_btf_id=part, btf_fd=kernel.keep(types.load()),
                       func_info=[(0, own)], **more)


@kind("freplace", "trampoline", "ext", "cgroup_inet_ingress")
@kind("fentry_prog", "trampoline", "tracing", "trace_fentry")
def _of_a_program(type, attach, kernel, kind):
    whole, part = replaceable(kernel)
    prog = stand_in(kernel, whole, part, type=type, attach_type=ATTACH[attach])
    says = {"prog_type": type, "attach_type": attach, "target_obj_id": whole.id, "target_btf_id": part, "cookie": 0}
    return Link(kernel.keep(bpflink.raw_tracepoint(prog.fd)), kind, "tracing", says, prog, "lz_part")


@kind("fentry_multi", "tracing_multi", "trace_fentry_multi")
@kind("fentry_multi_plain", "tracing_multi", "trace_fentry_multi", False)
@kind("fexit_multi", "tracing_multi", "trace_fexit_multi")
@kind("fsession_multi", "tracing_multi", "trace_fsession_multi")
def _tracing_multi(attach, *more):
    *has_cookies, kernel, kind = more
    has_cookies = has_cookies != [False]
    names = list(reversed(FUNCTIONS))
    ids, values = [target(name) for name in names], [COOKIE - i if has_cookies else 0 for i in range(len(names))]
    prog = kernel.prog("tracing", name="lz_multi", attach_type=ATTACH[attach])
    id_array, cookies = bpflink.u32s(ids), bpflink.u64s(values)
    more = struct.pack("QQI", bpf.address(id_array), bpf.address(cookies) if has_cookies else 0, len(ids))
    says = {"attach_type": attach, "func_cnt": len(ids), "btf_obj_id": 1}
    made = linked(kernel, kind, prog, 0, attach, says, more=more, type="tracing_multi")
    if made.says:  # else the kernel does not tell
        made.functions = {name: {"id": number, "cookie": value} for name, number, value in zip(names, ids, values)}
    return made


# Iterators


@kind("iter_bpf_map", "iterator", "bpf_map")
@kind("iter_bpf_prog", "iterator", "bpf_prog")
@kind("iter_bpf_link", "iterator of links", "bpf_link")
@kind("iter_ksym", "iterator of symbols", "ksym")
@kind("iter_task_file", "iterator", "task_file")
@kind("iter_task_vma", "iterator of task_vma", "task_vma")
@kind("iter_tcp", "iterator", "tcp")
@kind("iter_unix", "iterator of unix", "unix")
@kind("iter_task", "iterator", "task")
@kind("iter_kmem_cache", "iterator of kmem_cache and dmabuf", "kmem_cache")
@kind("iter_dmabuf", "iterator of kmem_cache and dmabuf", "dmabuf")
def _iter(name, kernel, kind, says=None, info=b""):
    prog = kernel.prog("tracing", name="lz_iter", attach_type=ATTACH["trace_iter"], attach_btf_id=target(f"bpf_iter_{name}"))
    buffer = bpf.bytes_in(info)
    more = struct.pack("QI", bpf.address(buffer), len(info)) if info else b""
    return linked(kernel, kind, prog, 0, "trace_iter", {"target_name": name} | (says or {}), more=more, type="iter")


@kind("iter_task_tid", "iterator of one task", "task", "tid")
@kind("iter_task_pid", "iterator of one task", "task", "pid")
@kind("iter_task_file_pid", "iterator of one task", "task_file", "pid")
@kind("iter_task_vma_tid", "iterator of one task", "task_vma", "tid")
def _iter_task(name, key, kernel, kind):
    number = os.getpid()
    info = struct.pack("III", number if key == "tid" else 0, number if key == "pid" else 0, 0)
    return _iter(name, kernel, kind, {key: number}, info)


@kind("iter_map_elem", "iterator", "bpf_map_elem", "hash")
@kind("iter_sk_storage", "iterator", "bpf_sk_storage_map", "sk_storage")
@kind("iter_sockmap", "iterator", "sockmap", "sockmap")
def _iter_map(name, type, kernel, kind):
    if type == "sk_storage":
        fd, number = kernel.int_btf()
        made = kernel.map(type, max_entries=0, flags=bpf.F_NO_PREALLOC, btf_fd=fd, btf_key=number, btf_value=number)
    else:
        made = kernel.map(type, max_entries=3)
    return _iter(name, kernel, kind, {} if type == "sockmap" else {"map_id": made.id}, struct.pack("I", made.fd))


@kind("iter_cgroup_self", "iterator of cgroups", "self_only", 1)
@kind("iter_cgroup_pre", "iterator of cgroups", "descendants_pre", 2)
@kind("iter_cgroup_post", "iterator of cgroups", "descendants_post", 3)
@kind("iter_cgroup_up", "iterator of cgroups", "ancestors_up", 4)
def _iter_cgroup(order, number, kernel, kind):
    path, group = kernel.cgroup()
    return _iter("cgroup", kernel, kind, {"cgroup_id": os.stat(path).st_ino, "order": order},
                 struct.pack("IIQ", number, group, 0))


# Cgroups and networks


@kind("cgroup_ingress", "cgroup", "cgroup_skb", "cgroup_inet_ingress")
@kind("cgroup_egress", "cgroup", "cgroup_skb", "cgroup_inet_egress")
@kind("cgroup_sock", "cgroup", "cgroup_sock", "cgroup_inet_sock_create")
@kind("cgroup_sock_release", "cgroup", "cgroup_sock", "cgroup_inet_sock_release")
@kind("cgroup_sock_ops", "cgroup", "sock_ops", "cgroup_sock_ops")
@kind("cgroup_device", "cgroup", "cgroup_device", "cgroup_device")
@kind("cgroup_bind4", "cgroup", "cgroup_sock_addr", "cgroup_inet4_bind")
@kind("cgroup_connect6", "cgroup", "cgroup_sock_addr", "cgroup_inet6_connect")
@kind("cgroup_recvmsg4", "cgroup", "cgroup_sock_addr", "cgroup_udp4_recvmsg")
@kind("cgroup_getpeername4", "cgroup", "cgroup_sock_addr", "cgroup_inet4_getpeername")
@kind("cgroup_sysctl", "cgroup", "cgroup_sysctl", "cgroup_sysctl")
@kind("cgroup_setsockopt", "cgroup", "cgroup_sockopt", "cgroup_setsockopt")
@kind("cgroup_unix", "cgroup unix", "cgroup_sock_addr", "cgroup_unix_connect")
def _cgroup(type, attach, kernel, kind):
    prog = kernel.prog(type, bpf.returning(1), name="lz_cgroup", attach_type=ATTACH[attach])
    path, group = kernel.cgroup()
    says = {"cgroup_id": os.stat(path).st_ino, "attach_type": attach}
    return linked(kernel, kind, prog, group, attach, says, type="cgroup", on=path)


@kind("lsm_cgroup", "lsm_cgroup")
def _lsm_cgroup(kernel, kind):
    prog = kernel.prog("lsm", bpf.returning(1), name="lz_lsm_cgroup", attach_type=ATTACH["lsm_cgroup"],
                       attach_btf_id=target("bpf_lsm_socket_post_create"))
    path, group = kernel.cgroup()
    says = {"cgroup_id": os.stat(path).st_ino, "attach_type": "lsm_cgroup"}
    return linked(kernel, kind, prog, group, "lsm_cgroup", says, type="cgroup", on=path)


def own_network(kernel):
    """Enter a network namespace of the test's own, once; the index of a device in it."""
    if not hasattr(kernel, "zoo_device"):
        kernel.netns()
        kernel.zoo_device = bpflink.device("veth", "lz0", peer="lz1")
    return kernel.zoo_device


@kind("flow_dissector", "netns", "flow_dissector")
@kind("sk_lookup", "netns", "sk_lookup")
def _netns(type, kernel, kind):
    own_network(kernel)
    prog = kernel.prog(type, bpf.returning(1), name="lz_netns", attach_type=ATTACH[type])
    with open("/proc/self/ns/net") as here:
        says = {"netns_ino": os.fstat(here.fileno()).st_ino, "attach_type": type}
        return linked(kernel, kind, prog, here.fileno(), type, says, type="netns")


@kind("xdp", "xdp")
def _xdp(kernel, kind):
    index = own_network(kernel)
    prog = kernel.prog("xdp", bpf.returning(2), name="lz_xdp")
    return linked(kernel, kind, prog, index, "xdp", {"devname": "lz0", "ifindex": index}, flags=2, on=index)


@kind("tcx_ingress", "tcx", "tcx")
@kind("tcx_egress", "tcx", "tcx")
def _tcx(type, kernel, kind):
    index = own_network(kernel)
    prog = kernel.prog("sched_cls", name="lz_tcx")
    says = {"devname": "lz0", "ifindex": index, "attach_type": kind}
    return linked(kernel, kind, prog, index, kind, says, type=type, on=index)


def pair_of_netkit(kernel):
    if not hasattr(kernel, "zoo_netkit"):
        kernel.zoo_netkit = bpflink.device("netkit", "lzkit")
    return kernel.zoo_netkit


@kind("netkit_primary", "netkit")
@kind("netkit_peer", "netkit")
def _netkit(kernel, kind):
    own_network(kernel)
    index = pair_of_netkit(kernel)
    prog = kernel.prog("sched_cls", name="lz_netkit")
    shown = "lzkit" if kind == "netkit_primary" else "nk0"  # the name the kernel gives the other end
    says = {"devname": shown, "ifindex": socket.if_nametoindex(shown), "attach_type": kind}
    return linked(kernel, kind, prog, index, kind, says, type="netkit", on=index)


@kind("netfilter", "netfilter", 2, 1, -150)
@kind("netfilter_last", "netfilter", 2, 4, 0x7ffffffe)
@kind("netfilter_forward", "netfilter", 10, 2, -0x7fffffff)
@kind("netfilter_output", "netfilter", 10, 3, 7)
@kind("netfilter_defrag", "netfilter", 10, 0, 10, 1)
def _netfilter(pf, hook, prio, *more):
    *flags, kernel, kind = more
    own_network(kernel)
    flags = flags[0] if flags else 0
    prog = kernel.prog("netfilter", bpf.returning(1), name="lz_netfilter", attach_type=ATTACH["netfilter"])
    says = {"pf": pf, "hook": hook, "prio": prio, "flags": flags}
    return linked(kernel, kind, prog, 0, "netfilter", says, more=struct.pack("IIiI", pf, hook, prio, flags), type="netfilter")


@kind("sockmap_skb", "sockmap", "sk_skb", "sk_skb_stream_verdict", "sockmap")
@kind("sockmap_parser", "sockmap", "sk_skb", "sk_skb_stream_parser", "sockhash")
@kind("sockmap_msg", "sockmap", "sk_msg", "sk_msg_verdict", "sockmap")
def _sockmap(type, attach, map_type, kernel, kind):
    held = kernel.map(map_type, max_entries=2, name="lz_sockets")
    prog = kernel.prog(type, bpf.returning(1), name="lz_sockmap", attach_type=ATTACH[attach])
    return linked(kernel, kind, prog, held.fd, attach, {"map_id": held.id, "attach_type": attach}, type="sockmap")


# A congestion control, which nothing uses


def place(types, number, name):
    """The offset of a member, in bytes."""
    index = [called for called, _ in types.members(number)].index(name)
    return (struct.unpack_from("I", types.blob, types.at[number] + 12 + index * 12 + 8)[0] & 0xffffff) // 8


def congestion_control(kernel, name, flags=bpf.F_LINK):
    """(map, name of the algorithm, {member: program}): filled, so that a link can register it; without the flag it is registered."""
    types = btf.vmlinux()
    wrapper, ops = target("bpf_struct_ops_tcp_congestion_ops", btf.STRUCT), target("tcp_congestion_ops", btf.STRUCT)
    size = struct.unpack_from("I", types.blob, types.at[wrapper] + 8)[0]
    made = kernel.map("struct_ops", 4, size, max_entries=1, flags=flags, name=name, btf_fd=kernel.int_btf()[0], btf_vmlinux_value=wrapper)
    value, at, progs = bytearray(size), place(types, wrapper, "data"), {}
    for number, (member, _) in enumerate(types.members(ops)):
        if member in ("ssthresh", "undo_cwnd", "cong_avoid"):
            prog = kernel.prog("struct_ops", name=(name[:5] + "_" + member)[:15], attach_btf_id=ops, attach_type=number)
            struct.pack_into("Q", value, at + place(types, ops, member), prog.fd)
            progs[member] = prog
    called = maker.unique("lz_")
    struct.pack_into("16s", value, at + place(types, ops, "name"), called.encode())
    bpf.map_update(made.fd, bytes(4), bytes(value))
    if not flags:
        kernel.stack.callback(unregister, made.fd)
    return made, called, progs


def unregister(fd):
    with contextlib.suppress(OSError):  # a test may have done it
        bpf.map_delete(fd, bytes(4))


@kind("struct_ops", "struct_ops")
def _struct_ops(kernel, kind):
    made, _, _ = congestion_control(kernel, "lz_ops")
    fd = kernel.keep(bpflink.create(made.fd, 0, ATTACH["struct_ops"]))
    return Link(fd, kind, "struct_ops", {"map_id": made.id})


# Perf events


def perf_linked(kernel, kind, prog_type, event, cookie, says):
    prog = kernel.prog(prog_type, name="lz_perf")
    more = struct.pack("Q", cookie)
    return linked(kernel, kind, prog, kernel.keep(event), "perf_event", says | {"cookie": cookie}, more=more, type="perf_event")


SOFTWARE = ("cpu-clock task-clock page-faults context-switches cpu-migrations minor-faults major-faults "
            "alignment-faults emulation-faults dummy bpf-output cgroup-switches").split()


def _software(config, kernel, kind):
    says = {"event_type": "software", "event_config": SOFTWARE[config]}
    if config < 2:
        says = {}  # newer kernels give the two clocks event types of their own
    cookie = config * 3 if config != 3 else COOKIE
    return perf_linked(kernel, kind, "perf_event", bpflink.perf_open(1, config), cookie, says)


for _number, _name in enumerate(SOFTWARE):
    kind("event_" + _name, "perf", _number)(_software)


@kind("event_breakpoint", "perf")
def _breakpoint(kernel, kind):
    watched = bpf.bytes_in(bytes(8))
    kernel.stack.callback(lambda kept: None, watched)
    event = bpflink.perf_open(5, 0, bpf.address(watched), 4, bp_type=2)
    return perf_linked(kernel, kind, "perf_event", event, 9, {"event_type": "breakpoint", "event_config": 0})


@kind("event_unnamed", "perf")
def _unnamed_event(kernel, kind):
    """An event of a type that has a number alone."""
    number = bpflink.pmu("msr")
    return perf_linked(kernel, kind, "perf_event", bpflink.perf_open(number, 0, period=0, pid=-1, cpu=0), 9,
                       {"event_type": number, "event_config": 0})


@kind("tracepoint", "perf", 42)
@kind("tracepoint_plain", "perf", 0)
def _tracepoint(cookie, kernel, kind):
    event = bpflink.perf_open(2, event_number(kernel, "bpf_test_run", EVENT))
    return perf_linked(kernel, kind, "tracepoint", event, cookie, {"tracepoint": EVENT})


def event_number(kernel, system, event):
    where = "/sys/kernel/tracing"
    if not os.path.isdir(os.path.join(where, "events")):
        where = os.path.join(os.path.dirname(kernel.bpffs), "tracefs")
        os.makedirs(where, exist_ok=True)
        if not os.path.ismount(where):
            mount("tracefs", where, "tracefs", 0, None)
            kernel.stack.callback(bpf.LIBC.umount2, os.fsencode(where), 2)
    with open(os.path.join(where, "events", system, event, "id")) as file:
        return int(file.read())


@kind("kprobe", "kprobe", False, COOKIE)
@kind("kprobe_plain", "kprobe", False, 0)
@kind("kretprobe", "kprobe", True, 6)
def _kprobe(is_return, cookie, kernel, kind):
    name = bpf.bytes_in(FUNCTIONS[0].encode() + b"\0")
    event = bpflink.perf_open(bpflink.pmu("kprobe"), int(is_return), bpf.address(name))
    says = {"retprobe": is_return, "func": FUNCTIONS[0], "offset": 0, "missed": 0}
    return perf_linked(kernel, kind, "kprobe", event, cookie, says)


@kind("kprobe_offset", "kprobe")
def _kprobe_offset(kernel, kind):
    """Behind the first instruction, whose length depends on how the kernel was compiled."""
    name = bpf.bytes_in(FUNCTIONS[1].encode() + b"\0")
    for offset in (4, 5, 9, 1):
        with contextlib.suppress(OSError):
            event = bpflink.perf_open(bpflink.pmu("kprobe"), 0, bpf.address(name), offset)
            says = {"retprobe": False, "func": FUNCTIONS[1], "offset": offset, "missed": 0}
            return perf_linked(kernel, kind, "kprobe", event, 5, says)
    raise OSError(errno.EINVAL, "no probe inside a function")


@kind("kprobe_address", "kprobe")
def _kprobe_address(kernel, kind):
    """Without a name, at an address alone; the kernel moves it behind a landing instruction."""
    with open("/proc/kallsyms") as file:
        at = next(int(line.split()[0], 16) for line in file if line.split()[2] == FUNCTIONS[2])
    event = bpflink.perf_open(bpflink.pmu("kprobe"), 0, 0, at)
    return perf_linked(kernel, kind, "kprobe", event, 0, {"retprobe": False, "missed": 0})


def probed(kernel, name):
    """A file that nobody runs; its path. Probes of one place must agree on its counter: each kind has its own file."""
    path = os.path.join(os.path.dirname(kernel.bpffs), name)
    with open(path, "wb") as file:
        file.write(bytes(1 << 16))
    kernel.stack.callback(os.unlink, path)
    return path


@kind("uprobe", "perf", False, 5, 0)
@kind("uprobe_plain", "perf", False, 0, 0)
@kind("uretprobe", "perf", True, COOKIE, 0)
@kind("uprobe_ref_ctr", "perf", False, 5, 0x1234)
def _uprobe(is_return, cookie, ref_ctr, kernel, kind, name=""):
    path = probed(kernel, name or kind + " file")
    text = bpf.bytes_in(os.fsencode(path) + b"\0")
    event = bpflink.perf_open(bpflink.pmu("uprobe"), ref_ctr << 32 | is_return, bpf.address(text), PROBED_AT)
    says = {"retprobe": is_return, "file": path, "offset": PROBED_AT, "ref_ctr_offset": ref_ctr}
    return perf_linked(kernel, kind, "kprobe", event, cookie, says)


# Many at once


@kind("kprobe_multi", "kprobe_multi", "trace_kprobe_multi", 0, True)
@kind("kprobe_multi_plain", "kprobe_multi", "trace_kprobe_multi", 0, False)
@kind("kretprobe_multi", "kprobe_multi", "trace_kprobe_multi", 1, True)
@kind("kprobe_session", "kprobe_session", "trace_kprobe_session", 0, True)
@kind("kprobe_multi_module", "function of a module in a kprobe_multi", "trace_kprobe_multi", 0, True, of_module=True)
def _kprobe_multi(attach, flags, has_cookies, kernel, kind, of_module=False):
    if of_module:
        own_network(kernel)  # a device, for which the kernel loads the module
    prog = kernel.prog("kprobe", name="lz_kmulti", attach_type=ATTACH[attach])
    modules = dict.fromkeys(reversed(FUNCTIONS)) | ({OF_MODULE[1]: OF_MODULE[0]} if of_module else {})
    names = list(modules)
    words, values = bpflink.strings(names), [COOKIE - i if has_cookies else 0 for i in range(len(names))]
    cookies = bpflink.u64s(values)
    more = struct.pack("IIQQQ", flags, len(names), bpf.address(words), 0, bpf.address(cookies) if has_cookies else 0)
    says = {"retprobe": bool(flags), "func_cnt": len(names), "missed": 0}
    made = linked(kernel, kind, prog, 0, attach, says, more=more, type="kprobe_multi")
    made.functions = {name: {"cookie": value, "module": modules[name]} for name, value in zip(names, values)}
    return made


@kind("uprobe_multi", "uprobe_multi", "trace_uprobe_multi", 0, {})
@kind("uretprobe_multi", "uprobe_multi", "trace_uprobe_multi", 1, {})
@kind("uprobe_multi_pid", "uprobe_multi", "trace_uprobe_multi", 0, {"pid": True})
@kind("uprobe_multi_full", "uprobe_multi", "trace_uprobe_multi", 0, {"full": True, "count": 3})
@kind("uprobe_multi_many", "uprobe_multi", "trace_uprobe_multi", 0, {"full": True, "count": 300})
@kind("uprobe_session", "uprobe_session", "trace_uprobe_session", 0, {"full": True})
def _uprobe_multi(attach, flags, how, kernel, kind, name=""):
    path = probed(kernel, name or kind + " file")
    text = bpf.bytes_in(os.fsencode(path) + b"\0")
    count, full = how.get("count", 2), how.get("full")
    offsets = [PROBED_AT + 3 * i for i in range(count)]
    refs = [0x100 + 2 * i if full else 0 for i in range(count)]
    values = [COOKIE + i if full else 0 for i in range(count)]
    arrays = [bpflink.u64s(one) for one in (offsets, refs, values)]
    at = [bpf.address(one) for one in arrays]
    pid = os.getpid() if how.get("pid") else 0
    more = struct.pack("QQQQIII", bpf.address(text), at[0], *(at[1:] if full else (0, 0)), count, flags, pid)
    prog = kernel.prog("kprobe", name="lz_umulti", attach_type=ATTACH[attach])
    funcs = [{"offset": o, "ref_ctr_offset": r, "cookie": c} for o, r, c in zip(offsets, refs, values)]
    says = {"retprobe": bool(flags), "path": path, "func_cnt": count, "pid": pid, "funcs": funcs}
    return linked(kernel, kind, prog, 0, attach, says, more=more, type="uprobe_multi")
