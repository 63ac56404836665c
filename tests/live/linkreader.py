# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What the commands must say of a link, worked out from the kernel's answers to bpflink.py.

record() is bpftool's JSON of a link, in its order; plain() makes bpftool's plain text of such a record.
"""
import functools
import os
import socket

import bpf
import bpflink
import reader
from bpflink import LinkInfo, text_at, u64s

# The keys of bpftool's JSON.
LINK_KEYS = ("id type prog_id tp_name tracepoint prog_type target_name map_id netns_ino cgroup_id order devname ifindex attach_type "
             "target_obj_id target_btf_id pf hook prio flags event_type event_config retprobe path addr func file offset func_cnt "
             "btf_obj_id missed tid pid cookie ref_ctr_offset funcs pinned bpf_cookie pids").split()

ORDERS = "order_unspec self_only descendants_pre descendants_post ancestors_up".split()
EVENT_TYPES = "hardware software tracepoint hw-cache raw breakpoint".split()
SOFTWARE = ("cpu-clock task-clock page-faults context-switches cpu-migrations minor-faults major-faults "
            "alignment-faults emulation-faults dummy bpf-output cgroup-switches").split()
FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
HOOKS = "prerouting input forward output postrouting".split()
MAP_ITERATORS = ("bpf_map_elem", "bpf_sk_storage_map")
TASK_ITERATORS = ("task", "task_file", "task_vma")


def named(names, number):
    return names[number] if number < len(names) else number


def record(number):
    fd = bpf.open_id("link", number)
    try:
        info = LinkInfo(fd)
        kind = named(bpflink.LINK_TYPES, info.type)
        head = {"id": info.id, "type": kind, "prog_id": info.prog_id}
        tell = globals().get(f"_{kind}")
        return head | (tell(fd, info) if tell else {})
    finally:
        os.close(fd)


def attach_type(number):
    return named(bpflink.ATTACH_TYPES, number)


def _raw_tracepoint(fd, info):
    return {"tp_name": text_at(fd, 16, 24), "cookie": info.u64(32)}


def _tracing(_fd, info):
    with reader.opened("prog", info.prog_id) as prog:
        type = bpf.PROG_TYPES[bpf.info(prog, bpf.ProgInfo()).type]
    return {"prog_type": type, "attach_type": attach_type(info.u32(16)), "target_obj_id": info.u32(20),
            "target_btf_id": info.u32(24), "cookie": info.u64(32)}


def _cgroup(_fd, info):
    return {"cgroup_id": info.u64(16), "attach_type": attach_type(info.u32(24))}


def _iter(fd, info):
    name = text_at(fd, 16, 24)
    more = {}
    if name in MAP_ITERATORS:
        more["map_id"] = info.u32(28)
    elif name in TASK_ITERATORS and info.u32(32):
        more["tid"] = info.u32(32)
    elif name in TASK_ITERATORS and info.u32(36):
        more["pid"] = info.u32(36)
    elif name == "cgroup":
        more |= {"cgroup_id": info.u64(32), "order": named(ORDERS, info.u32(40))}
    return {"target_name": name} | more


def _netns(_fd, info):
    return {"netns_ino": info.u32(16), "attach_type": attach_type(info.u32(20))}


def devname(index):
    """As the calling process's network namespace has it."""
    if not index:
        return "(detached)"
    try:
        return socket.if_indextoname(index)
    except OSError:
        return "(unknown)"


def _xdp(_fd, info):
    return {"devname": devname(info.u32(16)), "ifindex": info.u32(16)}


def _tcx(_fd, info):
    return _xdp(_fd, info) | {"attach_type": attach_type(info.u32(20))}


_netkit = _tcx


def _struct_ops(_fd, info):
    return {"map_id": info.u32(16)}


def _sockmap(_fd, info):
    return {"map_id": info.u32(16), "attach_type": attach_type(info.u32(20))}


def _netfilter(_fd, info):
    return {"pf": info.u32(16), "hook": info.u32(20), "prio": info.s32(24), "flags": info.u32(28)}


@functools.cache
def symbols():
    """{address: [(name, module or None)]}"""
    found = {}
    with open("/proc/kallsyms") as file:
        for line in file:
            address, _, name, *module = line.split()
            found.setdefault(int(address, 16), []).append((name, module[0].strip("[]") if module else None))
    return found


def symbol(address):
    """Of an address that may stand behind a landing instruction of four bytes."""
    return (symbols().get(address) or symbols().get(address - 4) or [("", None)])[0]


def _tracing_multi(fd, info):
    count = info.u32(20)
    if not count:
        return {}  # a kernel that does not say; bpftool's JSON makes an attach type of the zeros
    ids, addrs, cookies = bpflink.u32s([0] * count), u64s([0] * count), u64s([0] * count)
    put = [(offset, "Q", bpf.address(array)) for offset, array in zip((32, 40, 48), (ids, addrs, cookies))]
    told = LinkInfo(fd, [*put, (20, "I", count)])
    funcs = []
    for number, address, cookie in list(zip(ids, addrs, cookies))[:count]:
        name, module = symbol(address)
        funcs.append({"id": number, "addr": address, "func": name, "module": module, "cookie": cookie})
    return {"attach_type": attach_type(told.u32(16)), "func_cnt": count, "btf_obj_id": told.u32(24), "funcs": funcs}


def _kprobe_multi(fd, info):
    count = info.u32(24)
    addrs, cookies = u64s([0] * count), u64s([0] * count)
    told = LinkInfo(fd, [(16, "Q", bpf.address(addrs)), (40, "Q", bpf.address(cookies)), (24, "I", count)])
    pairs = sorted(zip(addrs, cookies)) if count else []
    funcs = []
    for address, cookie in pairs:
        for name, module in symbols().get(address, []):
            funcs.append({"addr": address, "func": name, "module": module, "cookie": cookie})
    return {"retprobe": bool(told.u32(28) & 1), "func_cnt": count, "missed": told.u64(32), "funcs": funcs}


def _uprobe_multi(fd, info):
    count = info.u32(52)
    arrays = [u64s([0] * count) for _ in range(3)]
    put = [(offset, "Q", bpf.address(array)) for offset, array in zip((24, 32, 40), arrays)] + [(52, "I", count)]
    told = LinkInfo(fd, put)
    funcs = [{"offset": o, "ref_ctr_offset": r, "cookie": c} for o, r, c in list(zip(*arrays))[:count]]
    return {"retprobe": bool(told.u32(56) & 1), "path": text_at(fd, 16, 48), "func_cnt": count, "pid": told.u32(60),
            "funcs": funcs}


def _perf_event(fd, info):
    kind = info.u32(16)
    if kind in (1, 2):
        return {"retprobe": kind == 2, "file": text_at(fd, 24, 32), "offset": info.u32(36), "cookie": info.u64(40),
                "ref_ctr_offset": info.u64(48)}
    if kind in (3, 4):
        return {"retprobe": kind == 4, "addr": info.u64(40), "func": text_at(fd, 24, 32), "offset": info.u32(36),
                "missed": info.u64(48), "cookie": info.u64(56)}
    if kind == 5:
        return {"tracepoint": text_at(fd, 24, 32), "cookie": info.u64(40)}
    if kind == 6:
        type, config = info.u32(32), info.u64(24)
        name = config if type != 1 else named(SOFTWARE, config)
        return {"event_type": named(EVENT_TYPES, type), "event_config": name, "cookie": info.u64(40)}
    return {}  # a kernel that does not say


# The strict forms


def strict(record):
    """The facts of a record as the strict forms have them: a number beside each word, addresses as text."""
    facts = dict(record)
    words = {"type": bpflink.LINK_TYPES, "attach_type": bpflink.ATTACH_TYPES, "prog_type": bpf.PROG_TYPES, "order": ORDERS,
             "event_type": EVENT_TYPES, "event_config": SOFTWARE}
    for key in words.keys() & record.keys():
        is_word = isinstance(record[key], str)
        facts[key + "_id"] = words[key].index(record[key]) if is_word else record[key]
        facts[key] = record[key] if is_word else None
    if "funcs" in record:
        facts["funcs"] = [strict(one) for one in record["funcs"]]
    if "addr" in record:
        facts["addr"] = f"0x{record['addr']:x}" if record["addr"] else None
    if facts.get("module", "") is None:
        del facts["module"]
    return facts


def target_words(record):
    """What the column that says in a few words where a link hooks in must contain."""
    keys = ("tp_name", "tracepoint", "target_name", "path", "func", "file", "attach_type", "event_type", "event_config",
            "devname", "netns_ino", "prio")
    words = [str(record[key]) for key in keys if key in record]
    if record["type"] in ("sockmap", "struct_ops") or record.get("target_name") in MAP_ITERATORS:
        words.append(str(record["map_id"]))
    return words + ([f"{record['func_cnt']} function"] if "func_cnt" in record else [])


# Plain text


def plain(record):
    """bpftool's text of a record, without pins and owners."""
    held = f"map {record['map_id']}" if record["type"] == "struct_ops" else f"prog {record['prog_id']}"
    tell = globals().get(f"_plain_{record['type']}")
    text = f"{record['id']}: {record['type']}  {held}  " + (tell(record) if tell else "")
    return text + "\n"


def some(record, key, form="{}  ", before=""):
    """Text of a number that is shown unless it is 0."""
    return f"{before}{key} " + form.format(record[key]) if record[key] else ""


def _plain_raw_tracepoint(r):
    return f"\n\ttp '{r['tp_name']}'  " + some(r, "cookie")


def _plain_tracing(r):
    target = f"\n\ttarget_obj_id {r['target_obj_id']}  target_btf_id {r['target_btf_id']}  "
    return f"\n\tprog_type {r['prog_type']}  attach_type {r['attach_type']}  " + \
        (target if r["target_obj_id"] or r["target_btf_id"] else "") + some(r, "cookie", "{}  ", "\n\t")


def _plain_cgroup(r):
    return f"\n\tcgroup_id {r['cgroup_id']}  attach_type {r['attach_type']}  "


def _plain_iter(r):
    text = f"target_name {r['target_name']}  "
    for key, gap in (("map_id", "  "), ("tid", " "), ("pid", " "), ("cgroup_id", "  "), ("order", "  ")):
        text += f"{key} {r[key]}{gap}" if key in r else ""
    return text


def _plain_netns(r):
    return f"\n\tnetns_ino {r['netns_ino']}  attach_type {r['attach_type']}  "


def device(r):
    return r["devname"] if r["devname"] == "(detached)" else f"{r['devname']}({r['ifindex']})"


def _plain_xdp(r):
    return "\n\tifindex " + (f"{device(r)}  " if r["devname"] != "(unknown)" else "(unknown)  ")


def _plain_tcx(r):
    return _plain_xdp(r) + f"attach_type {r['attach_type']}  "


_plain_netkit = _plain_tcx


def _plain_sockmap(r):
    return f"\n\tmap_id {r['map_id']}  attach_type {r['attach_type']}  "


def _plain_netfilter(r):
    family = FAMILIES.get(r["pf"], f"pf: {r['pf']}")
    hook = HOOKS[r["hook"]] if r["pf"] in (1, 2, 7, 10) and r["hook"] < 5 else f", hook {r['hook']},"
    return f"\n\t{family} {hook} prio {r['prio']}" + (f" flags 0x{r['flags']:x}" if r["flags"] else "")


def _plain_tracing_multi(r):
    if "funcs" not in r:
        return ""
    text = f"\n\tattach_type {r['attach_type']}  btf_obj_id {r['btf_obj_id']}  count {r['func_cnt']}  "
    text += f"\n\t{'btf_id':<16} {'addr':<16} {'cookie':<16} func [module]"
    for f in r["funcs"]:
        text += f"\n\t{f['id']:<16} {f['addr']:016x} {f['cookie']:<16} {f['func']}{module(f)}"
    return text


def module(function):
    return f" [{function['module']}]" if function["module"] else ""


def _plain_kprobe_multi(r):
    text = f"\n\t{'kretprobe' if r['retprobe'] else 'kprobe'}.multi  func_cnt {r['func_cnt']}  " + some(r, "missed")
    if r["funcs"]:
        text += f"\n\t{'addr':<16} {'cookie':<16} func [module]"
    for f in r["funcs"]:
        text += f"\n\t{f['addr']:016x} {f['cookie']:<16x} {f['func']}{module(f)}  "
    return text


def _plain_uprobe_multi(r):
    text = f"\n\t{'uretprobe' if r['retprobe'] else 'uprobe'}.multi  path {r['path']}  func_cnt {r['func_cnt']}  "
    text += some(r, "pid")
    text += f"\n\t{'offset':<16}   {'ref_ctr_offset':<16}   {'cookies':<16}"
    for f in r["funcs"]:
        text += f"\n\t0x{f['offset']:<16x} 0x{f['ref_ctr_offset']:<16x} 0x{f['cookie']:<16x}"
    return text


def _plain_perf_event(r):
    if "event_type" in r:
        known = isinstance(r["event_type"], str)
        return f"\n\tevent {r['event_type']}{'' if known else ' '}:{r['event_config']}  " + some(r, "cookie")
    if "tracepoint" in r:
        return f"\n\ttracepoint {r['tracepoint']}  " + some(r, "cookie")
    if "file" in r:
        return f"\n\t{'uretprobe' if r['retprobe'] else 'uprobe'} {r['file']}+0x{r['offset']:x}  " + some(r, "cookie") + \
            some(r, "ref_ctr_offset", "0x{:x}  ")
    if "func" in r:
        text = f"\n\t{'kretprobe' if r['retprobe'] else 'kprobe'} " + (f"{r['addr']:x} " if r["addr"] else "") + r["func"]
        text += f"+0x{r['offset']:x}" if r["offset"] else ""
        text += f"  missed {r['missed']}" if r["missed"] else ""
        text += f"  cookie {r['cookie']}" if r["cookie"] else ""
        return text + "  "
    return ""
