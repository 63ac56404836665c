# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What kernels can do with programs, a row a feature: compiled, loaded, attached, reached, shown with its target and taken
off again; on kernels that cannot, refused with words that say so, and nothing left. Nothing here is skipped: where a row's
first series is not reached, the failure is what is tested."""
import contextlib
import glob
import os
import re
import shutil
import socket
import struct
import time
from dataclasses import dataclass, field

import attaching
import bpf
import linkzoo
import netzoo
import pytest
from conftest import ROOT, mount
from loadobjects import SOURCES, Elf, nothing_left, objects  # noqa: F401 - objects is a fixture
from maker import unique
from test_prog_attach_tracing import FUNCTION, fire, fire_call
from test_struct_ops import algorithms, own  # noqa: F401 - own is a fixture

EVENT = "bpf_test_finish"
EXECUTABLE = 4  # SHF_EXECINSTR


@pytest.fixture
def place(private):
    """A directory of the tests' bpffs, which is empty."""
    path = os.path.join(private, "bpffs", unique("kr"))
    os.mkdir(path)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def tracefs():
    """Where libbpf looks for it; the mount is the tests' own. To look below debugfs may mount it there."""
    below_debugfs = os.path.isdir("/sys/kernel/debug/tracing/events")
    if not below_debugfs and not os.path.isdir("/sys/kernel/tracing/events"):
        mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, None)


def program_names():
    with open(os.path.join(SOURCES, "rows.c")) as file:
        return re.findall(r"(?m)^ROW\(.*, (row_\w+), ", file.read())


def object_of(path, wanted, to):
    """rows.o with the programs that are wanted: the sections of all others are named as one that is not to be loaded."""
    elf = Elf(path)
    kept = {struct.unpack_from("<H", elf.data, elf.symbol(name) + 6)[0] for name in wanted}
    left = struct.unpack_from("<I", elf.data, elf.find("?"))[0]
    for index, header in enumerate(elf.headers):
        flags, = struct.unpack_from("<Q", elf.data, header + 8)
        if flags & EXECUTABLE and elf.section(header)[2] and index not in kept:
            elf.put(header, "I", left)
    return elf.write(to)


def release():
    """(6, 12) of Debian's kernels, which the table knows; None of others."""
    found = re.match(r"(\d+)\.(\d+)\.", os.uname().release) if "Debian" in os.uname().version else None
    return (int(found[1]), int(found[2])) if found else None


def may_fail(since):
    """Whether this kernel may be without it. Of one that the table does not know, either is right."""
    return release() is None or release() < tuple(map(int, since.split(".")))


def getpgid(kernel):
    os.getpgid(0)


def getppid(kernel):
    os.getppid()


def socket_name(kernel):
    with socket.socket() as one:
        one.getsockname()


def on_device(kernel):
    netzoo.pair(kernel)
    return {}


def on_netkit(kernel):
    with contextlib.suppress(OSError):  # the command says what is not there
        netzoo.netkit(kernel)
    return {}


def in_network(kernel):
    linkzoo.own_network(kernel)
    return {}


def in_cgroup(kernel):
    kernel.netns()
    return {"cgroup": kernel.cgroup()[0]}


def in_map(kernel):
    walked = kernel.map("hash", entries={1: 1, 2: 2})
    return {"map": walked.id}


def act(kernel, where):
    netzoo.inside(where["cgroup"], netzoo.act, os.path.dirname(kernel.bpffs))


# Words of failures, whole lines of them

ANY = r"(?:Invalid argument|Operation not permitted|Operation not supported|No such file or directory)"
NOT_LOADED = (r"Error: failed to load object file: program '\w+': (?:Invalid argument\n  hint: it may be too old, or made without it|"
              r"Operation not permitted\n  hint: .* made without what fentry, fexit and LSM programs need)")
NOT_ATTACHED = rf"Error: program '\w+' \(.*\): attach: {ANY}\n  hint: (?:.*'prog attach' tells more|this process has the capability)"
NO_TARGET = r"which this kernel does not have(?:.*\n)*Error: failed to load .*: No such process\n  hint: 'btf find"


def no_hook(name):
    return rf"Error: prog \d+: attach to {name} .*: Invalid argument\n  hint: this kernel has no {name}: Linux [\d.]+ is the first with it"


@dataclass
class Row:
    """since: the first series that has it; programs: what link list then says of each; words: how those are attached that
    say no place of their own; refused: the error and its hint where a kernel has it not."""
    since: str
    programs: dict
    fire: object
    words: dict = field(default_factory=dict)
    setup: object = lambda kernel: {}
    refused: str = NOT_LOADED


def perf(**says):
    return {"type": "perf_event"} | says


def traced(attach, name=FUNCTION, **more):
    return {"type": "tracing", "attach_type": attach, "target_btf_name": name} | more


def iterators(names, since, fire=None, **more):
    programs = {"row_iter_" + name: {"type": "iter", "target_name": name if name not in ("map", "prog", "link", "map_elem") else "bpf_" + name}
                for name in names.split()}
    return Row(since, programs, fire or read_pins, **more)


def read_pins(kernel, where):
    for path in glob.glob(where["pins"] + "/*"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            file.read()


def multi(type, count, **says):
    return {"type": type, "func_cnt": count} | says


def cgroup(attach):
    return {"type": "cgroup", "attach_type": attach}


ROWS = {
    "kprobe, kretprobe, ksyscall": Row("6.1", {
        "row_kprobe": perf(retprobe=False, func=FUNCTION), "row_kretprobe": perf(retprobe=True, func=FUNCTION),
        "row_ksyscall": perf(retprobe=False), "row_kretsyscall": perf(retprobe=True)}, [fire, getppid], refused=NOT_ATTACHED),
    "kprobe.multi": Row("6.12", {"row_kmulti": multi("kprobe_multi", None), "row_kretmulti": multi("kprobe_multi", 1, retprobe=True)}, [fire],
                        refused=NOT_ATTACHED),
    "kprobe.session": Row("6.12", {"row_ksession": multi("kprobe_multi", 1)}, [fire], refused=NOT_ATTACHED),
    "uprobe, uretprobe": Row("6.1", {"row_uprobe": perf(retprobe=False), "row_uretprobe": perf(retprobe=True)}, [getpgid], refused=NOT_ATTACHED),
    "uprobe.multi": Row("6.12", {"row_umulti": multi("uprobe_multi", 1)}, [getpgid], refused=NOT_ATTACHED),
    "uprobe.session": Row("6.18", {"row_usession": multi("uprobe_multi", 1)}, [getpgid], refused=NOT_ATTACHED),
    "tracepoint, raw_tp, tp_btf": Row("5.15", {
        "row_tracepoint": perf(tracepoint=EVENT), "row_raw_tp": {"type": "raw_tracepoint", "tp_name": EVENT},
        "row_tp_btf": {"type": "raw_tracepoint", "tp_name": EVENT}}, [fire]),
    "perf_event": Row("5.15", {"row_perf_event": perf()}, [lambda kernel: bytearray(1 << 24)], {
        "row_perf_event": ["perf_event", "page-faults", "period", "1", "pid", str(os.getpid())]}),
    "fentry, fexit, fmod_ret": Row("5.10", {
        "row_fentry": traced("trace_fentry"), "row_fexit": traced("trace_fexit"),
        "row_fmod_ret": traced("modify_return", "security_task_setpgid")}, [fire, lambda kernel: fire_call()]),
    "fsession": Row("7.2", {"row_fsession": traced("trace_fsession")}, [fire]),
    "fentry.multi": Row("7.2", {"row_fmulti": multi("tracing_multi", 1)}, [fire], {"row_fmulti": ["fentry_multi", FUNCTION]},
                        refused=r"must provide btf_id\n.*program 'row_fmulti': Invalid argument\n  hint: .*kernels before 7.2 say so of fentry.multi"),
    "fentry on a module's function": Row("6.1", {"row_module": traced("trace_fentry", "veth_xmit")}, [lambda kernel: netzoo.send("lz0")], setup=on_device),
    "LSM": Row("6.1", {"row_lsm": traced("lsm_mac", "bpf_lsm_task_setpgid")}, [lambda kernel: fire_call()]),
    "sleepable LSM": Row("6.1", {"row_lsm_sleepable": traced("lsm_mac", "bpf_lsm_socket_getsockname")}, [socket_name]),
    "lsm_cgroup": Row("6.1", {"row_lsm_cgroup": cgroup("lsm_cgroup")}, [act], {"row_lsm_cgroup": ["lsm_cgroup", "{cgroup}"]}, in_cgroup),
    "XDP, sk_lookup": Row("5.10", {"row_xdp": {"type": "xdp", "devname": "lz0"}, "row_sk_lookup": {"type": "netns", "attach_type": "sk_lookup"}},
                          [lambda kernel: netzoo.send("lz1"), lambda kernel: netzoo.look_up()],
                          {"row_xdp": ["xdp", "dev", "lz0", "generic"], "row_sk_lookup": ["sk_lookup"]}, on_device),
    "tcx": Row("6.12", {"row_tcx": {"type": "tcx", "devname": "lz0", "attach_type": "tcx_ingress"}}, [lambda kernel: netzoo.send("lz1")],
               {"row_tcx": ["tcx_ingress", "dev", "lz0"]}, on_device, no_hook("tcx_ingress")),
    "netkit": Row("6.12", {"row_netkit": {"type": "netkit", "devname": "lzkit"}}, [lambda kernel: netzoo.send("lzkit")],
                  {"row_netkit": ["netkit_primary", "dev", "lzkit"]}, on_netkit,
                  r"Error: netkit_primary: dev lzkit: No such device\n  hint: "),
    "netfilter": Row("6.12", {"row_netfilter": {"type": "netfilter", "pf_name": "ip", "hook_name": "output"}}, [lambda kernel: netzoo.local_udp()],
                     {"row_netfilter": ["netfilter", "ip", "output"]}, in_network),
    "cgroup": Row("5.10", {
        "row_cgroup_skb": cgroup("cgroup_inet_egress"), "row_connect4": cgroup("cgroup_inet4_connect"), "row_sysctl": cgroup("cgroup_sysctl"),
        "row_device": cgroup("cgroup_device"), "row_getsockopt": cgroup("cgroup_getsockopt"), "row_sockops": cgroup("cgroup_sock_ops")}, [act], {
        "row_cgroup_skb": ["cgroup_inet_egress", "{cgroup}"], "row_connect4": ["cgroup_inet4_connect", "{cgroup}"],
        "row_sysctl": ["cgroup_sysctl", "{cgroup}"], "row_device": ["cgroup_device", "{cgroup}"],
        "row_getsockopt": ["cgroup_getsockopt", "{cgroup}"], "row_sockops": ["cgroup_sock_ops", "{cgroup}"]}, in_cgroup),
    "cgroup unix sock_addr": Row("6.12", {"row_connect_unix": cgroup("cgroup_unix_connect")}, [act],
                                 {"row_connect_unix": ["cgroup_unix_connect", "{cgroup}"]}, in_cgroup),
    "iterators": iterators("map prog task task_file tcp udp netlink ipv6_route", "5.10"),
    "iterators of 6.1": iterators("link ksym unix task_vma", "6.1"),
    "iterators of 6.18": iterators("kmem_cache dmabuf", "6.18", refused=NO_TARGET),
    "iterator of a map's elements": iterators("map_elem", "5.10", words={"row_iter_map_elem": ["iter", "map", "id", "{map}"]}, setup=in_map),
}


NEED_NOT_RUN = ("row_iter_dmabuf",)  # where no driver shares memory there is none to walk over


def counts(place):
    """A descriptor of the programs' counters."""
    [path] = glob.glob(place + "/maps/*bss")
    return bpf.obj_get(path)


def runs(fd, names):
    every, known = struct.unpack("64Q", bpf.map_lookup(fd, bytes(4), 512)), program_names()
    return {name: every[known.index(name)] for name in names}


def reach(row, kernel, where):
    for one in row.fire if isinstance(row.fire, list) else [row.fire]:
        one(*[kernel, where][:one.__code__.co_argcount])


def refused(row, result):
    """The failure is one that this kernel may have, and is told."""
    assert may_fail(row.since), result
    assert result.rc == 1 and re.search(row.refused, result.stderr), result


def attach(bpflens, row, name, pin, where):
    words = [word.format(**where) for word in row.words[name]]
    return bpflens.run("prog", "attach", "pinned", pin, *words, "pin", pin + "_link")


@pytest.mark.parametrize("name", ROWS)
def test_what_the_kernel_has_works_and_what_it_has_not_is_told(kernel, bpflens, objects, place, tmp_path, tracefs, name):  # noqa: F811
    row = ROWS[name]
    where = row.setup(kernel) | {"pins": place + "/all"}
    with nothing_left(place):
        path = object_of(objects("rows"), row.programs, tmp_path / "rows.o")
        loaded = bpflens.run("prog", "loadall", path, place + "/all", *([] if row.words else ["autoattach"]), "pinmaps", place + "/maps")
        if loaded.rc:
            return refused(row, loaded)
        failed = [result for result in (attach(bpflens, row, one, f"{place}/all/{one}", where) for one in row.words) if result.rc]
        for result in failed:
            refused(row, result)
        if not failed:
            works(kernel, bpflens, row, place, where)
        bpflens("pin", "remove", place + "/all", place + "/maps", "recursive")


def soon(is_so):
    """Packets and timers take their time, but less than this."""
    end = time.monotonic() + 10
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


def works(kernel, bpflens, row, place, where):
    counters = kernel.keep(counts(place))
    listed = {one["id"]: one for one in bpflens("-o", "json", "link", "list", "no-owners")}
    links = []
    for name, says in row.programs.items():
        pin = f"{place}/all/{name}" + ("_link" if row.words else "")
        link = listed[link_id(pin)]
        links.append(link["id"])
        told = {key: value for key, value in says.items() if value is not None and linkzoo.is_told(link["type"], key)}
        assert {key: link.get(key) for key in told} == told
    before = runs(counters, row.programs)
    reach(row, kernel, where)

    def still():
        return [name for name, now in runs(counters, row.programs).items() if now == before[name] and name not in NEED_NOT_RUN]
    assert soon(lambda: not still()), f"{still()} did not run"
    bpflens("pin", "remove", *glob.glob(place + "/all/*"))
    for number in links:
        attaching.is_gone(number)

    def stays_still():
        after = runs(counters, row.programs)
        reach(row, kernel, where)
        return runs(counters, row.programs) == after
    assert soon(stays_still), "they run after they were taken off"  # a link's id goes before its work ends


def link_id(pin):
    fd = bpf.obj_get(pin)
    try:
        return attaching.bpflink.LinkInfo(fd).id
    finally:
        os.close(fd)


def the_link(bpflens, pin):
    """The link that is pinned there, as link list has it."""
    number = link_id(pin)
    return next(one for one in bpflens("-o", "json", "link", "list", "no-owners") if one["id"] == number)


def gone(bpflens, pin):
    number = link_id(pin)
    bpflens("pin", "remove", pin)
    attaching.is_gone(number)


def test_an_iterator_of_cgroups_walks_from_a_directory(kernel, bpflens, objects, place):  # noqa: F811
    top, _ = kernel.cgroup()
    pin = place + "/walk"
    bpflens("iter", "pin", objects("iter_cgroup"), pin, "cgroup", top, "order", "self_only")
    link, number = the_link(bpflens, pin), os.stat(top).st_ino
    assert (link["type"], link["target_name"], link.get("cgroup_id", number)) == ("iter", "cgroup", number)
    with open(pin) as file:
        assert file.read() == f"{number}\n"
    gone(bpflens, pin)


# Structures of functions


def test_a_congestion_control_is_registered_by_a_link(bpflens, own, place):  # noqa: F811
    """Without a link every kernel takes it; test_struct_ops.py has that."""
    path, called = own("ops")
    with nothing_left(place):
        result = bpflens.run("-j", "struct_ops", "register", path, place + "/ops")
        if result.rc:
            assert may_fail("6.12"), result
            assert "map 'load_linked': failed to create: -EINVAL" in result.error, result
            assert "too old for the map's type or flags, a struct_ops link among them" in result.json["hint"]
            assert not set(called.values()) & set(algorithms())
            return
        alone, linked = result.json
        bpflens("struct_ops", "unregister", "id", alone["id"])
        pin = place + "/ops/load_linked"
        link = the_link(bpflens, pin)
        assert (link["type"], link["map_id"]) == ("struct_ops", linked["id"])
        with socket.socket() as one:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, called["load_linked"].encode())
        gone(bpflens, pin)
        assert not set(called.values()) & set(algorithms())
        os.rmdir(place + "/ops")


def scheduler():
    with open("/sys/kernel/sched_ext/state") as file:
        return file.read().strip()


def test_a_scheduler_runs_in_guests_and_is_loaded_elsewhere(bpflens, objects, place, pytestconfig):  # noqa: F811
    may_run = pytestconfig.pluginmanager.hasplugin("report")  # of the tests under other kernels
    words = ["struct_ops", "register", objects("rows_sched"), place + "/sched"] if may_run else ["prog", "loadall", objects("rows_sched"), place + "/sched"]
    with nothing_left(place):
        result = bpflens.run(*words)
        if result.rc:
            assert may_fail("6.18"), result
            assert "sched_ext_ops is not found in kernel BTF: No such process" in result.error
            assert "hint: this kernel has no such structure of functions" in result.stderr, result
            return
        if may_run:
            pin = place + "/sched/row_scheduler"
            assert the_link(bpflens, pin)["type"] == "struct_ops" and scheduler() == "enabled"
            gone(bpflens, pin)
            assert soon(lambda: scheduler() == "disabled")
        shutil.rmtree(place + "/sched")


# Programs that are run

MISSING = r"needs the kernel function {0}, which this kernel and its modules do not have\n(?:.*\n)*.*: Invalid argument\n  hint: declare it"


def loaded(bpflens, path, place, since, refused):
    """Whether it could be loaded; what may not be is told so."""
    result = bpflens.run("prog", "loadall", path, place + "/all", "pinmaps", place + "/maps")
    if result.rc:
        assert may_fail(since), result
        assert result.rc == 1 and re.search(refused, result.stderr), result
    return not result.rc


def run(bpflens, place, name, *words):
    (record,) = bpflens("-o", "json", "prog", "run", "pinned", f"{place}/all/{name}", *words)
    return record["retval"]


def counter(kernel, place):
    """Reads the one counter of an object."""
    fd = kernel.keep(counts(place))
    return lambda: struct.unpack("Q", bpf.map_lookup(fd, bytes(4), 8))[0]


@pytest.fixture
def packet(tmp_path):
    path = tmp_path / "packet"
    path.write_bytes(netzoo.FRAME)
    return str(path)


@pytest.mark.parametrize("name", ["row_tc", "row_socket"])
def test_programs_of_sockets_and_of_tc_have_no_link_and_are_told_so(kernel, bpflens, objects, place, tmp_path, packet, name):  # noqa: F811
    path = object_of(objects("rows"), [name], tmp_path / "rows.o")
    result = bpflens("prog", "loadall", path, place + "/all", "autoattach", "pinmaps", place + "/maps")
    notes = [line for line in result.stderr.splitlines() if not line.endswith("begins with '?'")]
    assert notes == [f"note: Program {name} does not support autoattach, falling back to pinning"]
    assert run(bpflens, place, name, "data_in", packet) == 0
    fd = kernel.keep(counts(place))
    assert runs(fd, [name])[name] == 1
    result = bpflens.run("prog", "attach", "pinned", f"{place}/all/{name}", "xdp", "dev", "lo")
    assert result.rc == 1 and "the program is of type" in result.error and "  hint: " in result.stderr


def test_a_timer_of_a_program_expires(kernel, bpflens, objects, place):  # noqa: F811
    if loaded(bpflens, objects("rows_timer"), place, "6.1", NOT_LOADED):
        expired = counter(kernel, place)
        assert run(bpflens, place, "row_timer") == 0
        assert soon(lambda: expired() == 1)


def test_a_page_of_an_arena_is_written_by_a_program(kernel, bpflens, objects, place):  # noqa: F811
    if loaded(bpflens, objects("rows_arena"), place, "6.12", MISSING.format("bpf_arena_alloc_pages")):
        assert run(bpflens, place, "row_arena") == 0 and counter(kernel, place)() == 42
        shown = bpflens("-o", "json", "map", "show", "pinned", place + "/maps/pages")
        assert shown[0]["type"] == "arena"


def test_functions_of_the_kernel_take_and_release_a_task(kernel, bpflens, objects, place):  # noqa: F811
    path = objects("rows_kfunc")
    result = bpflens.run("prog", "loadall", path, place + "/all", "autoattach", "pinmaps", place + "/maps")
    if result.rc:
        assert may_fail("6.12"), result
        assert result.rc == 1 and re.search(MISSING.format("bpf_task_acquire"), result.stderr), result
        return
    who = counter(kernel, place)
    pin = place + "/all/row_kfunc"
    assert the_link(bpflens, pin)["tp_name"] == EVENT
    fire(kernel)
    assert who() == os.getpid()
    gone(bpflens, pin)


def test_an_exception_ends_a_program(kernel, bpflens, objects, place, packet):  # noqa: F811
    if loaded(bpflens, objects("rows_throw"), place, "6.12", MISSING.format("bpf_throw")):
        assert run(bpflens, place, "row_throw", "data_in", packet) == 7
        assert counter(kernel, place)() == 1


def test_a_program_writes_to_a_stream_of_its_own(bpflens, objects, place):  # noqa: F811
    if loaded(bpflens, objects("rows_stream"), place, "6.18",
              r"calls the kernel function bpf_stream_vprintk_impl, which this kernel does not have\n(.*\n)*.*Invalid argument\n  hint: "):
        retval = run(bpflens, place, "row_stream")
        said = bpflens("prog", "tracelog", "stdout", "pinned", place + "/all/row_stream").out
        # Some kernels have the function, but no memory for what it writes: ENOMEM.
        assert (retval, said) == (0, b"row 7\n") or (may_fail("7.2") and (retval, said) == (2**32 - 12, b""))
