# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog attach to sockets, networks and cgroups: the program runs, link list shows where it is, and it ends in order."""
import contextlib
import errno
import os
import socket
import struct
import time
from dataclasses import dataclass, field

import attaching
import bpf
import bpflink
import linkzoo
import netzoo
import pytest
import watching
from attaching import Counter, held
from bpflink import ATTACH
from linkzoo import target
from maker import unique

NO_HOOK = (errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP, errno.ENOENT, errno.ENODEV, errno.ESRCH, errno.E2BIG, 524)


@dataclass
class Hook:
    """One hook at a place of the test's own: how it is named, what link list says of it, what reaches it."""
    counter: object
    words: list
    says: dict
    fire: object
    create: tuple = ()  # arguments of the same link, made without the program under test
    needs: str = ""
    more: dict = field(default_factory=dict)

    @property
    def attach(self):
        return ["prog", "attach", "id", self.counter.id, *self.words]


@contextlib.contextmanager
def or_skipped(needs):
    """What the kernel lacks is a skip, in the words of linkzoo."""
    try:
        yield
    except OSError as failure:
        if failure.errno not in NO_HOOK:
            raise
        pytest.skip(f"this kernel makes no {needs} link: {failure.strerror}")


# Devices and networks


def at_device(kernel, name):
    if name.startswith("netkit"):
        with or_skipped("netkit"):
            one, other = netzoo.netkit(kernel)
    else:
        one, other = netzoo.pair(kernel)
    index = socket.if_nametoindex(one)
    shown = other if name == "netkit_peer" else one
    says = {"devname": shown, "ifindex": socket.if_nametoindex(shown)} | ({} if name == "xdp" else {"attach_type": name})
    sender = {"xdp": other, "tcx_ingress": other, "tcx_egress": one, "netkit_primary": one, "netkit_peer": other}[name]
    # A verdict of a traffic program: 0 passes, and of a netkit device 2 drops.
    counter = Counter(kernel, "xdp" if name == "xdp" else "sched_cls", returns=2 if name == "xdp" else 0)
    return Hook(counter, [name, "dev", one], says, lambda: netzoo.send(sender), (index, ATTACH[name]), name.partition("_")[0])


def at_netfilter(kernel, family, place, *words):
    linkzoo.own_network(kernel)
    with or_skipped("netfilter"):
        counter = Counter(kernel, "netfilter", returns=1, attach_type=ATTACH["netfilter"])
    says = {"pf": 2 if family == "ip" else 10, "hook": ["prerouting", "input", "forward", "output", "postrouting"].index(place),
            "pf_name": family, "hook_name": place}
    fire = (lambda: netzoo.local_udp(socket.AF_INET if family == "ip" else socket.AF_INET6))
    more = struct.pack("IIiI", says["pf"], says["hook"], 5, 0)
    return Hook(counter, ["netfilter", family, place, *words], says, fire, (0, ATTACH["netfilter"], 0, more), "netfilter")


def at_network(kernel, name, *words):
    netzoo.pair(kernel)
    counter = Counter(kernel, name, returns=1 if name == "sk_lookup" else 0, attach_type=ATTACH[name])
    says = {"netns_ino": os.stat("/proc/self/ns/net").st_ino, "attach_type": name}
    fire = netzoo.look_up if name == "sk_lookup" else netzoo.dissect
    return Hook(counter, [name, *words], says, fire)


DEVICES = ("xdp", "tcx_ingress", "tcx_egress", "netkit_primary", "netkit_peer")
ROWS = {
    **{name: (at_device, name) for name in DEVICES},
    "netfilter": (at_netfilter, "ip", "output"),
    "netfilter ip6": (at_netfilter, "ip6", "input", "priority", "mangle"),
    "sk_lookup": (at_network, "sk_lookup"),
    "sk_lookup netns": (at_network, "sk_lookup", "netns", "current"),
    "flow_dissector netns": (at_network, "flow_dissector", "netns", "current"),
}

# Cgroups

CGROUP_TYPES = {
    "cgroup_skb": "cgroup_inet_ingress cgroup_inet_egress",
    "cgroup_sock": "cgroup_inet_sock_create cgroup_inet_sock_release cgroup_inet4_post_bind cgroup_inet6_post_bind",
    "sock_ops": "cgroup_sock_ops", "cgroup_device": "cgroup_device", "cgroup_sysctl": "cgroup_sysctl",
    "cgroup_sockopt": "cgroup_getsockopt cgroup_setsockopt",
    "cgroup_sock_addr": "cgroup_inet4_bind cgroup_inet6_bind cgroup_inet4_connect cgroup_inet6_connect cgroup_unix_connect "
                        "cgroup_udp4_sendmsg cgroup_udp6_sendmsg cgroup_unix_sendmsg cgroup_udp4_recvmsg cgroup_udp6_recvmsg "
                        "cgroup_unix_recvmsg cgroup_inet4_getpeername cgroup_inet6_getpeername cgroup_unix_getpeername "
                        "cgroup_inet4_getsockname cgroup_inet6_getsockname cgroup_unix_getsockname",
    "lsm": "lsm_cgroup",
}
CGROUPS = {name: kind for kind, names in CGROUP_TYPES.items() for name in names.split()}


def at_cgroup(kernel, name):
    kernel.netns()
    kind, more = CGROUPS[name], {}
    needs = name if kind == "lsm" else "cgroup unix" if "unix" in name else "cgroup"
    with or_skipped(needs):
        if kind == "lsm":
            more["attach_btf_id"] = target("bpf_lsm_socket_post_create")
        counter = Counter(kernel, kind, returns=1, attach_type=ATTACH[name], **more)
    path, group = kernel.cgroup()
    says = {"cgroup_path": path, "attach_type": name}
    fire = (lambda: netzoo.inside(path, netzoo.act, os.path.dirname(kernel.bpffs)))
    return Hook(counter, [name, path], says, fire, (group, ATTACH[name]), needs)


ROWS |= {name: (at_cgroup, name) for name in CGROUPS}


def hook_of(kernel, row):
    make, *args = ROWS[row]
    return make(kernel, *args)


def reject(bpflens, hook):
    """Where the kernel has no such link, the command says so and since when there is one; the test ends here."""
    if not hook.create:
        return
    where, attach, *more = hook.create
    try:
        os.close(bpflink.create(hook.counter.prog.fd, where, attach, *(more or [])))
    except OSError as failure:
        if failure.errno not in NO_HOOK:
            raise
        result = bpflens.run(*hook.attach)
        assert result.rc == 1 and "is the first with it" in result.stderr, result
        pytest.skip(f"this kernel makes no {hook.needs} link: {failure.strerror}")


def runs(hook):
    """How often it ran for what reaches it once; what is sent may take its time."""
    before = hook.counter.runs
    hook.fire()
    end = time.monotonic() + 5
    while hook.counter.runs == before and time.monotonic() < end:
        time.sleep(0.01)
    return hook.counter.runs - before


def stays_still(hook):
    before = hook.counter.runs
    hook.fire()
    time.sleep(0.02)
    return hook.counter.runs == before


@pytest.mark.parametrize("row", ROWS)
def test_a_program_is_attached_runs_is_shown_and_is_detached(kernel, bpflens, row):
    hook = hook_of(kernel, row)
    reject(bpflens, hook)
    with held(bpflens, *hook.attach) as holder:
        assert f"prog {hook.counter.id} attached to {' '.join(map(str, hook.words[:1]))}" in holder.said
        assert runs(hook) > 0
        link = attaching.shown(bpflens, holder.link_id)
        assert link["prog_id"] == hook.counter.id and {key: link[key] for key in hook.says} == hook.says
        assert holder.stop() == (0, "", "")
    attaching.is_gone(holder.link_id)
    assert stays_still(hook)


@pytest.mark.parametrize("row", ["xdp", "tcx_egress", "netfilter", "sk_lookup", "flow_dissector netns", "cgroup_inet4_connect"])
def test_a_pinned_link_stays_and_ends_when_it_is_detached(kernel, bpflens, row):
    hook = hook_of(kernel, row)
    reject(bpflens, hook)
    path = os.path.join(kernel.bpffs, unique("na"))
    kernel.stack.callback(lambda: os.path.exists(path) and os.unlink(path))
    (record,) = bpflens("-o", "json", *hook.attach, "pin", path)
    assert (record["prog_id"], record["hook"], record["pinned"], record["held"]) == (hook.counter.id, hook.words[0], path, False)
    assert runs(hook) > 0
    result = bpflens.run("prog", "detach", "id", hook.counter.id)
    if result.rc and "not supported" in result.error:  # the kernel detaches no such link; its pin is named
        assert path in result.stderr
        os.unlink(path)
    assert stays_still(hook)


# In an order, and in the place of another


class Marked:
    """A program that adds its number to a list of who ran, in a map that several share."""

    def __init__(self, kernel, shared, number, type, returns, **more):
        at = struct.pack("<BBhi", 0x18, attaching.PSEUDO_MAP_VALUE << 4 | 3, 0, shared.fd) + bytes(8)
        code = [at, bpf.insn(0x79, dst=4, src=3), bpf.insn(0x27, dst=4, imm=10), bpf.insn(0x07, dst=4, imm=number),
                bpf.insn(0x7b, dst=3, src=4)]  # *map = *map * 10 + number
        self.prog = kernel.prog(type, code + bpf.returning(returns), name=unique("mk"), **more)
        self.id = self.prog.id


def one_socket():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


class Queue:
    """Marked programs at one place, and who runs before whom."""

    def __init__(self, kernel, row):
        self.kernel, self.hook = kernel, hook_of(kernel, row)
        self.shared = kernel.map("array", 4, 8, max_entries=1)
        self.row, self.n = row, 0
        if row.startswith("cgroup"):
            self.hook.fire = lambda: netzoo.inside(self.hook.words[1], one_socket)

    def made(self):
        self.n += 1
        type, returns, more = ("sched_cls", 0xffffffff, {}) if self.row.startswith(("tcx", "netkit")) else (
            CGROUPS[self.row], 1, {"attach_type": ATTACH[self.row]})
        return Marked(self.kernel, self.shared, self.n, type, returns if returns != 0xffffffff else -1, **more)

    def add(self, bpflens, *words):
        """Attach one more; its marked program and the path of its link's pin."""
        prog, path = self.made(), os.path.join(self.kernel.bpffs, unique("qu"))
        bpflens("prog", "attach", "id", prog.id, *self.hook.words, *words, "pin", path)
        self.kernel.stack.callback(os.unlink, path)
        prog.path = path
        return prog

    def ran(self):
        bpf.map_update(self.shared.fd, bytes(4), bytes(8))
        self.hook.fire()
        end = time.monotonic() + 5
        while (digits := str(struct.unpack("Q", bpf.map_lookup(self.shared.fd, bytes(4), 8))[0])) == "0" and time.monotonic() < end:
            time.sleep(0.01)
        return digits[:len(set(digits))]


def queue(kernel, bpflens, row):
    made = Queue(kernel, row)
    reject(bpflens, made.hook)
    if row.startswith("cgroup"):
        try:
            os.close(bpflink.create(made.hook.counter.prog.fd, made.hook.create[0], ATTACH[row], 8))
        except OSError as failure:
            result = bpflens.run(*made.hook.attach, "first")
            assert result.rc == 1 and "Linux 6.17 is the first that orders" in result.stderr
            pytest.skip(f"this kernel makes no cgroup link in an order: {failure.strerror}")
    return made


ORDERED = ["tcx_ingress", "netkit_primary", "cgroup_inet_sock_create"]


@pytest.mark.parametrize("row", ORDERED)
def test_programs_stand_before_and_after_each_other(kernel, bpflens, row):
    made = queue(kernel, bpflens, row)
    one = made.add(bpflens)
    two = made.add(bpflens, "after", "prog", "id", one.id)
    made.add(bpflens, "before", "link", "pinned", two.path)
    made.add(bpflens, "first")
    made.add(bpflens)
    made.add(bpflens, "before", one.path)
    assert made.ran() == "461325"


def test_a_program_of_a_cgroup_that_has_no_link_is_no_place(kernel, bpflens):
    made = queue(kernel, bpflens, "cgroup_inet_sock_create")
    loose = made.made()
    kernel.attach_cgroup(made.hook.create[0], loose.prog, ATTACH[made.row], 2)
    fails(kernel, bpflens, [*made.hook.attach, "before", "prog", "id", loose.id], [f"beside links alone, since Linux 6.17, and prog {loose.id} has none"])
    fails(kernel, bpflens, [*made.hook.attach, "after", kernel.pin(loose.prog)], [f"prog {loose.id} has none"])


def test_programs_of_a_cgroup_run_before_those_below_it_where_that_is_asked_for(kernel, bpflens):
    made = queue(kernel, bpflens, "cgroup_inet_sock_create")
    above = made.hook.words[1]
    below = os.path.join(above, "below")
    os.mkdir(below)
    kernel.stack.callback(os.rmdir, below)
    made.hook.fire = lambda: netzoo.inside(below, one_socket)
    made.add(bpflens)
    made.add(bpflens, "preorder")
    made.hook.words[1] = below
    made.add(bpflens)
    assert made.ran() == "231"


@pytest.mark.parametrize("row", ["xdp", "tcx_egress", "cgroup_inet4_connect", "sk_lookup"])
def test_a_program_takes_the_place_of_anothers_in_its_link(kernel, bpflens, row):
    hook = hook_of(kernel, row)
    reject(bpflens, hook)
    path = os.path.join(kernel.bpffs, unique("na"))
    bpflens(*hook.attach, "pin", path)
    kernel.stack.callback(os.unlink, path)
    (before,) = bpflens("-o", "json", "link", "show", "pinned", path, "no-owners")
    other = hook_of_same_place(kernel, hook, row)
    (record,) = bpflens("-o", "json", "prog", "attach", "id", other.id, *hook.words, "replace", "pinned", path)
    assert (record["link_id"], record["held"], record["prog_id"]) == (before["id"], False, other.id)
    (after,) = bpflens("-o", "json", "link", "show", "pinned", path, "no-owners")
    assert after == before | {"prog_id": other.id}
    hook.counter, old = other, hook.counter
    assert runs(hook) > 0
    hook.counter = old
    assert stays_still(hook)
    refused = bpflens.run("prog", "attach", "id", old.id, *hook.words, "replace", path, "pin", path + "x")
    assert refused.rc == 2 and "'replace' does not go with 'pin'" in refused.error


def hook_of_same_place(kernel, hook, row):
    if row in CGROUPS:
        return Counter(kernel, CGROUPS[row], returns=1, attach_type=ATTACH[row])
    if row == "sk_lookup":
        return Counter(kernel, "sk_lookup", returns=1, attach_type=ATTACH[row])
    return Counter(kernel, "xdp" if row == "xdp" else "sched_cls", returns=2 if row == "xdp" else 0)


def test_a_link_of_another_place_is_not_replaced(kernel, bpflens):
    one, two = linkzoo.make(kernel, "cgroup_ingress"), linkzoo.make(kernel, "cgroup_egress")
    prog = kernel.prog("cgroup_skb", bpf.returning(1))
    elsewhere = bpflens.run("prog", "attach", "id", prog.id, "cgroup_inet_ingress", two.on, "replace", "id", one.id)
    assert elsewhere.rc == 1 and "this link is elsewhere" in elsewhere.stderr
    other = bpflens.run("prog", "attach", "id", prog.id, "cgroup_inet_ingress", two.on, "replace", "id", two.id)
    assert other.rc == 1 and "attached as cgroup_inet_egress" in other.stderr
    assert [bpflink.LinkInfo(made.fd).prog_id for made in (one, two)] == [one.prog.id, two.prog.id]


# Modes of XDP, priorities of netfilter, other network namespaces


def test_xdp_runs_in_the_mode_that_is_asked_for(kernel, bpflens):
    hook = hook_of(kernel, "xdp")
    for mode, number in (("generic", 2), ("native", 1), ("gen", 2)):
        with held(bpflens, *hook.attach, mode) as holder:
            assert runs(hook) > 0 and xdp_mode("lz0") == number
            assert holder.stop()[0] == 0
    both = bpflens.run(*hook.attach, "generic", "native")
    assert both.rc == 2 and "exclude each other" in both.error
    offload = bpflens.run(*hook.attach, "offload")
    assert offload.rc == 1 and offload.error


def xdp_mode(name):
    """IFLA_XDP_ATTACHED of a device: 1 native, 2 generic."""
    request = struct.pack("IHHII", 32, 18, 1, 1, 0) + struct.pack("BxHiII", 0, 0, socket.if_nametoindex(name), 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.bind((0, 0))
        s.send(request)
        answer = s.recv(65536)
    found = attributes(answer[32:])
    return attributes(found[43])[2][0] if 43 in found else 0


def attributes(data):
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("HH", data)
        found[kind & 0x3fff] = data[4:size]
        data = data[size + -size % 4:]
    return found


@pytest.mark.parametrize("given, number", [("raw", -300), ("mangle+7", -143), ("filter-10", -10), ("17", 17), ("srcnat", 100)])
def test_a_priority_has_a_name_or_a_number(kernel, bpflens, given, number):
    hook = at_netfilter(kernel, "ip", "input", "priority", given)
    reject(bpflens, hook)
    with held(bpflens, *hook.attach) as holder:
        assert attaching.shown(bpflens, holder.link_id)["prio"] == number
        taken = bpflens.run(*hook.attach)
        assert taken.rc == 1 and f"prog {hook.counter.id} is there with priority {number}, by link {holder.link_id}" in taken.stderr
        assert holder.stop()[0] == 0


def test_a_negative_priority_stands_behind_two_dashes(kernel, bpflens):
    hook = at_netfilter(kernel, "ip", "input", "priority", "-150")
    reject(bpflens, hook)
    with held(bpflens, "--", *hook.attach) as holder:
        assert attaching.shown(bpflens, holder.link_id)["prio"] == -150
        assert holder.stop()[0] == 0


def test_defragmentation_is_asked_for(kernel, bpflens):
    hook = at_netfilter(kernel, "ip", "input", "priority", "filter", "defrag")
    reject(bpflens, hook)
    with held(bpflens, *hook.attach) as holder:
        assert attaching.shown(bpflens, holder.link_id)["flags"] == 1
        assert holder.stop()[0] == 0
    early = bpflens.run("--", *at_netfilter(kernel, "ip", "input", "priority", "-500", "defrag").attach)
    assert early.rc == 1 and "'defrag' needs a priority behind -400" in early.stderr


def test_a_network_namespace_of_another_process_is_named_by_its_file(kernel, bpflens):
    hook = at_network(kernel, "sk_lookup")
    there = f"/proc/{os.getpid()}/ns/net"
    inode = os.stat(there).st_ino
    path = kernel.keep(os.open(there, os.O_RDONLY))
    assert bpf.LIBC.unshare(0x40000000) == 0
    with held(bpflens, *hook.attach, "netns", f"/proc/{os.getpid()}/fd/{path}") as holder:
        assert attaching.shown(bpflens, holder.link_id)["netns_ino"] == inode
        assert holder.stop()[0] == 0


# Maps of sockets, and the flow dissector, as bpftool attaches them

SOCKETS = [("sk_msg_verdict", "msg_verdict", "sk_msg", "sockmap"), ("sk_skb_verdict", "skb_verdict", "sk_skb", "sockmap"),
           ("sk_skb_stream_verdict", "stream_verdict", "sk_skb", "sockhash"),
           ("sk_skb_stream_parser", "stream_parser", "sk_skb", "sockhash")]


def fill(kernel, held_map):
    """A connection whose one end is in the map; what is in a map has the programs of when it was put there."""
    made = netzoo.Pair(kernel.stack)
    bpf.map_update(held_map.fd, bytes(4), struct.pack("Q", made.one.fileno()))
    return made


@pytest.mark.parametrize("attach, old, kind, of", SOCKETS)
def test_programs_of_a_map_of_sockets_run_and_are_taken_off(kernel, bpflens, peer, attach, old, kind, of):
    kernel.netns()
    held_map = kernel.map(of, 4, 8, max_entries=2, name=unique("na"))
    verdict = kernel.prog("sk_skb", bpf.returning(1))
    if attach == "sk_skb_stream_parser":
        bpflens("prog", "attach", "id", verdict.id, "sk_skb_stream_verdict", "id", held_map.id)
    for program, word, form in ((bpflens, attach, []), (bpflens, old[:-1], ["-j"]), (peer, attach, ["-j"])):
        counter = Counter(kernel, kind, returns=0 if "parser" in attach else 1)
        result = program.run(*form, "prog", "attach", "id", counter.id, word, "id", held_map.id)
        assert (result.rc, result.stdout, result.err) == (0, "null\n" if form else "", b""), result
        ends = fill(kernel, held_map)
        ends.talk()
        end = time.monotonic() + 5
        while not counter.runs and time.monotonic() < end:
            ends.talk()
            time.sleep(0.01)
        assert counter.runs > 0
        result = program.run(*form, "prog", "detach", "id", counter.id, word, "id", held_map.id)
        assert (result.rc, result.stdout, result.err) == (0, "null\n" if form else "", b""), result
        again = bpflens.run("prog", "detach", "id", counter.id, word, "id", held_map.id)
        assert again.rc == 1 and "not attached there" in again.stderr


def test_a_map_of_sockets_gets_a_link_where_a_pin_is_given(kernel, bpflens):
    held_map = kernel.map("sockmap", max_entries=2)
    counter = Counter(kernel, "sk_msg", returns=1)
    hook = Hook(counter, ["sk_msg_verdict", "id", held_map.id], {}, None)
    path = os.path.join(kernel.bpffs, unique("na"))
    with or_skipped("sockmap"):
        try:
            os.close(bpflink.create(counter.prog.fd, held_map.fd, ATTACH["sk_msg_verdict"]))
        except OSError:
            result = bpflens.run(*hook.attach, "pin", path)
            assert result.rc == 1 and "Linux 6.10 is the first" in result.stderr and not os.path.exists(path)
            raise
    bpflens(*hook.attach, "pin", path)
    kernel.stack.callback(os.unlink, path)
    (link,) = bpflens("-o", "json", "link", "show", "pinned", path, "no-owners")
    assert (link["type"], link["map_id"], link["attach_type"]) == ("sockmap", held_map.id, "sk_msg_verdict")
    busy = bpflens.run("prog", "attach", "id", Counter(kernel, "sk_msg", returns=1).id, *hook.words)
    assert busy.rc == 1 and "a link has this place" in busy.stderr
    assert bpflens("-j", "prog", "detach", "id", counter.id) is None


def test_the_flow_dissector_is_attached_without_a_link_and_taken_off(kernel, bpflens, peer):
    for program in (bpflens, peer):
        hook = at_network(kernel, "flow_dissector")
        result = program.run("-j", *hook.attach)
        assert (result.rc, result.stdout) == (0, "null\n") and not attaching.links_of(hook.counter.id)
        assert runs(hook) > 0
        again = bpflens.run(*hook.attach)
        assert again.rc == 1 and "attached there already" in again.stderr
        assert program.run("-j", "prog", "detach", "id", hook.counter.id, "flow_dissector").rc == 0
        assert stays_still(hook)


def test_a_strict_record_says_that_there_is_no_link(kernel, bpflens):
    hook = at_network(kernel, "flow_dissector")
    (record,) = bpflens("-o", "json", *hook.attach)
    assert record == {"prog_id": hook.counter.id, "hook": "flow_dissector", "target": "", "held": False}
    bpflens("prog", "detach", "id", hook.counter.id, "flow_dissector")


# struct_ops


def test_a_map_of_struct_ops_is_registered_by_a_link(kernel, bpflens):
    made = linkzoo.make(kernel, "struct_ops")
    map_id = made.says["map_id"]
    bpflink.detach(made.fd)
    progs = [number for number in bpf.ids("prog") if number in progs_of(map_id)]
    with held(bpflens, "prog", "attach", "id", progs[0], "struct_ops", "id", map_id) as holder:
        assert attaching.shown(bpflens, holder.link_id)["map_id"] == map_id
        assert holder.stop()[0] == 0
    other = linkzoo.make(kernel, "struct_ops")
    strange = progs_of(other.says["map_id"])
    result = bpflens.run("prog", "attach", "id", min(strange), "struct_ops", "id", map_id)
    assert result.rc == 1 and "is none of this map's" in result.stderr


def progs_of(map_id):
    fd = bpf.open_id("map", map_id, 0)
    try:
        size = bpf.info(fd, bpf.MapInfo()).value_size
        value = bpf.map_lookup(fd, bytes(4), size)
        return {word for (word,) in struct.iter_unpack("Q", value[:size // 8 * 8]) if word in bpf.ids("prog")}
    finally:
        os.close(fd)


# What does not fit


def fails(kernel, bpflens, words, said, rc=1):
    """It fails in every form, says so, and leaves all as it was."""
    before = ours(kernel)
    for form in ([], ["-j"], ["-o", "json"]):
        result = bpflens.run(*form, *words)
        assert result.rc == rc, result
        assert all(part in result.stdout + result.stderr for part in said), result
    assert watching.settle(lambda: new_ones(kernel, before) == ([], []))


def ours(kernel):
    """Pins, and links whose owner is no other test that runs here."""
    return sorted(os.listdir(kernel.bpffs)), sorted(number for number in bpf.ids("link") if is_of_us(number))


def new_ones(kernel, before):
    """What was not there before; what an earlier command held may go at any time."""
    return tuple([one for one in now if one not in then] for now, then in zip(ours(kernel), before))


def is_of_us(number):
    try:
        fd = bpf.open_id("link", number)
    except OSError:
        return False
    try:
        prog = bpflink.LinkInfo(fd).prog_id
        one = bpf.open_id("prog", prog) if prog else None
        name = bpf.info(one, bpf.ProgInfo()).name if one else b""
        if one:
            os.close(one)
        return name.startswith((b"at", b"mk", b"lz_"))
    except OSError:
        return False
    finally:
        os.close(fd)


@pytest.mark.slow_in_vm(reason="a dozen starts; what is looked for is not there on any kernel")
def test_a_device_that_is_not_there_names_the_nearest(kernel, bpflens):
    hook = hook_of(kernel, "xdp")
    fails(kernel, bpflens, ["prog", "attach", "id", hook.counter.id, "xdp", "dev", "lz00"], ["xdp: dev lz00: No such device", "did you mean 'lz0'?"])
    fails(kernel, bpflens, ["prog", "attach", "id", hook.counter.id, "xdp", "dev", "quite-else"], ["no device of that name"])
    fails(kernel, bpflens, ["prog", "attach", "id", hook.counter.id, "xdp", "lz0", "generic"], ["expected 'dev', got: 'lz0'"], rc=2)
    fails(kernel, bpflens, ["prog", "attach", "id", hook.counter.id, "xdp"], ["expected dev IFNAME"], rc=2)


def test_a_busy_device_names_the_program_and_the_link(kernel, bpflens):
    made = linkzoo.make(kernel, "xdp")
    hook = hook_of(kernel, "xdp")
    fails(kernel, bpflens, hook.attach, [f"prog {made.prog.id} is there, by link {made.id}"])
    fails(kernel, bpflens, [*hook.attach, "native"], [f"prog {made.prog.id} is there, by link {made.id}"])


def test_a_program_without_a_link_at_a_busy_device_is_named(kernel, bpflens):
    hook = hook_of(kernel, "xdp")
    prog, index = kernel.prog("xdp", bpf.returning(2)), socket.if_nametoindex("lz0")
    xdp = bpflink.attribute(43 | 0x8000, bpflink.attribute(1, struct.pack("i", prog.fd)) + bpflink.attribute(3, struct.pack("I", 2)))
    bpflink.rtnetlink(bpflink.RTM_NEWLINK, 0, struct.pack("BxHiII", 0, 0, index, 0, 0) + xdp)
    fails(kernel, bpflens, [*hook.attach, "generic"], [f"prog {prog.id} is there, without a link", "xdp off"])


@pytest.mark.slow_in_vm(reason="a dozen starts; what is looked for is not there on any kernel")
def test_a_cgroup_that_is_none_is_told(kernel, bpflens, tmp_path):
    made = linkzoo.make(kernel, "cgroup_ingress")
    words = ["prog", "attach", "id", made.prog.id, "cgroup_inet_ingress"]
    fails(kernel, bpflens, [*words, made.on + "x"], [f"cgroup {made.on}x: No such file", f"did you mean '{made.on}'?"])
    fails(kernel, bpflens, [*words, str(tmp_path)], ["a directory of a cgroup2 file system is wanted"])
    fails(kernel, bpflens, [*words, "/dev/null"], ["/dev/null: Not a directory"])
    fails(kernel, bpflens, words, ["expected CGROUP"], rc=2)


def test_a_cgroup_that_is_taken_by_one_program_alone_is_told(kernel, bpflens):
    path, group = kernel.cgroup()
    kernel.attach_cgroup(group, kernel.prog("cgroup_skb", bpf.returning(1)))
    counter = Counter(kernel, "cgroup_skb", returns=1)
    fails(kernel, bpflens, ["prog", "attach", "id", counter.id, "cgroup_inet_ingress", path], ["without 'multi'", "Operation not permitted"])


@pytest.mark.slow_in_vm(reason="a dozen starts; what is looked for is not there on any kernel")
def test_a_network_namespace_that_is_none_is_told(kernel, bpflens, tmp_path):
    hook = at_network(kernel, "sk_lookup")
    (tmp_path / "blue").write_text("")
    fails(kernel, bpflens, [*hook.attach, "netns", str(tmp_path / "blu")], ["No such file", f"did you mean '{tmp_path}/blue'?"])
    fails(kernel, bpflens, [*hook.attach, "netns", str(tmp_path / "blue")], ["the file of a network namespace is wanted"])
    fails(kernel, bpflens, [*hook.attach, "netns", "/proc/self/ns/mnt"], ["the file of a network namespace is wanted"])


@pytest.mark.slow_in_vm(reason="some starts; types are compared before the kernel is asked")
@pytest.mark.parametrize("hook, type, other", [("xdp", "sched_cls", "tcx_ingress"), ("cgroup_device", "cgroup_sysctl", "cgroup_sysctl"),
                                               ("sk_lookup", "flow_dissector", "flow_dissector")])
def test_a_program_of_another_type_is_told_where_it_goes(kernel, bpflens, hook, type, other):
    netzoo.pair(kernel)
    counter = Counter(kernel, type, returns=0)
    words = {"xdp": ["dev", "lz0"], "cgroup_device": [kernel.cgroup()[0]], "sk_lookup": []}[hook]
    fails(kernel, bpflens, ["prog", "attach", "id", counter.id, hook, *words], [f"the program is of type {type}", other])


def test_a_program_for_another_attach_type_is_told_so(kernel, bpflens):
    counter = Counter(kernel, "cgroup_sock_addr", returns=1, attach_type=ATTACH["cgroup_inet4_connect"])
    path, _ = kernel.cgroup()
    fails(kernel, bpflens, ["prog", "attach", "id", counter.id, "cgroup_inet4_bind", path], ["must have been loaded for this hook", "cgroup/bind4"])


def test_what_stands_nowhere_gives_no_order(kernel, bpflens):
    made = queue(kernel, bpflens, "tcx_ingress")
    stranger = kernel.prog("sched_cls")
    link = linkzoo.make(kernel, "cgroup_ingress")
    fails(kernel, bpflens, [*made.hook.attach, "before", "prog", "id", stranger.id], ["what it is to stand before or after is not attached there"])
    fails(kernel, bpflens, [*made.hook.attach, "after", "7"], ["neither a program nor a link"], rc=2)
    fails(kernel, bpflens, [*made.hook.attach, "after", "link", "id", link.id], ["attach to tcx_ingress dev lz0"])
    fails(kernel, bpflens, [*made.hook.attach, "first", "after", "link", "id", link.id], ["exclude each other"], rc=2)
    fails(kernel, bpflens, [*made.hook.attach, "after", kernel.pin(kernel.map("array"))], ["neither a program nor a link"])


def test_a_program_that_is_there_already_is_told(kernel, bpflens):
    made = queue(kernel, bpflens, "tcx_ingress")
    with held(bpflens, *made.hook.attach) as holder:
        fails(kernel, bpflens, made.hook.attach, ["is attached there already"])
        assert holder.stop()[0] == 0


@pytest.mark.slow_in_vm(reason="words, which no kernel sees")
@pytest.mark.parametrize("words, said", [
    (["netfilter", "inet", "input"], "expected 'ip' or 'ip6'"), (["netfilter", "ip", "ingress"], "expected 'prerouting'"),
    (["netfilter", "ip", "input", "priority", "soon"], "can't parse 'soon'"), (["netfilter", "ip", "input", "priority", "raw5"], "can't parse 'raw5'"),
    (["netfilter", "ip", "input", "priority", "2147483647"], "can't parse"), (["netfilter", "ip", "input", "priority", ""], "needs a value"),
    (["netfilter", "ip"], "expected FAMILY HOOK"), (["netfilter", "ip", "input", "generic"], "'generic' does not go with netfilter"),
])
def test_words_of_netfilter_that_mean_nothing_are_a_wrong_command_line(kernel, bpflens, words, said):
    with or_skipped("netfilter"):
        prog = kernel.prog("netfilter", bpf.returning(1), attach_type=ATTACH["netfilter"])
    fails(kernel, bpflens, ["prog", "attach", "id", prog.id, *words], [said], rc=2)


def test_a_map_of_another_kind_is_told(kernel, bpflens):
    prog, ordinary = kernel.prog("sk_msg", bpf.returning(1)), kernel.map("hash")
    words = ["prog", "attach", "id", prog.id, "sk_msg_verdict"]
    fails(kernel, bpflens, [*words, "id", ordinary.id], ["a map of type sockmap or sockhash is wanted; this is hash"])
    fails(kernel, bpflens, words, ["expected MAP"], rc=2)
    fails(kernel, bpflens, [*words, "id", ordinary.id, "more"], ["what is 'more'?"], rc=2)
    sockets = kernel.map("sockmap")
    bpflens(*words, "id", sockets.id)
    verdicts = [kernel.prog("sk_skb", bpf.returning(1)) for _ in range(2)]
    bpf.prog_attach(sockets.fd, verdicts[0].fd, ATTACH["sk_skb_stream_verdict"])
    fails(kernel, bpflens, ["prog", "attach", "id", verdicts[1].id, "sk_skb_verdict", "id", sockets.id], ["exclude each other"])


def test_an_ordinary_user_may_attach_nothing(kernel, public, nobody):
    path, _ = kernel.cgroup()
    counter = Counter(kernel, "cgroup_skb", returns=1)
    pinned = kernel.pin(counter.prog, mode=0o644)
    result = public.run("prog", "attach", "pinned", pinned, "cgroup_inet_ingress", path, before=nobody)
    assert result.rc == 1 and "not permitted" in result.error and "CAP_NET_ADMIN" in result.stderr, result


def test_a_pin_that_exists_is_seen_before_anything_is_attached(kernel, bpflens):
    hook = hook_of(kernel, "cgroup_device")
    path = kernel.pin(kernel.map("array"))
    fails(kernel, bpflens, [*hook.attach, "pin", path], [path, "File exists"])


# Completion


def offered(bpflens, *words):
    return bpflens("__complete", str(len(words)), "--", "bpflens", *words).stdout.split("\n")[:-1]


@pytest.mark.slow_in_vm(reason="words, of which the kernel tells the names of devices alone")
def test_targets_and_words_are_completed(kernel, bpflens):
    netzoo.pair(kernel)
    path, _ = kernel.cgroup()
    prog = ["prog", "attach", "id", "1"]
    assert {"xdp", "tcx_ingress", "cgroup_device", "sk_msg_verdict", "struct_ops"} <= set(offered(bpflens, *prog, ""))
    assert offered(bpflens, *prog, "xdp", "") == ["dev"]
    assert {"lz0", "lz1"} <= set(offered(bpflens, *prog, "xdp", "dev", "l"))
    assert {"generic", "native", "offload", "pin", "replace"} == set(offered(bpflens, *prog, "xdp", "dev", "lz0", ""))
    assert {"prog", "link"} <= set(offered(bpflens, *prog, "tcx_ingress", "dev", "lz0", "before", ""))
    assert {"id", "pinned"} <= set(offered(bpflens, *prog, "tcx_ingress", "dev", "lz0", "before", "link", ""))
    assert {"id", "tag"} <= set(offered(bpflens, *prog, "tcx_ingress", "dev", "lz0", "before", "prog", ""))
    assert "pin" in offered(bpflens, *prog, "tcx_ingress", "dev", "lz0", "before", "prog", "id", "1", "")
    assert offered(bpflens, *prog, "cgroup_device", path[:-1]) == [path + "/"]
    assert offered(bpflens, *prog, "netfilter", "") == ["ip", "ip6"]
    assert "output" in offered(bpflens, *prog, "netfilter", "ip", "o") and offered(bpflens, *prog, "sk_lookup", "netns", "cu") == ["current"]
    assert "sk_msg_verdict" in offered(bpflens, "prog", "detach", "id", "1", "sk_m") and "dry-run" in offered(bpflens, "prog", "detach", "id", "1", "")
