# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What the commands must say of an object, worked out from the kernel's answers to bpf.py and from what was declared.

Records are dicts in the order of bpftool's JSON; plain texts are built from the layouts that bpftool has.
"""
import os
import time
from contextlib import contextmanager

import bpf
import btf
from maker import hex_bytes

# Facts that bpftool leaves out and bpflens adds: the key, and the member of the kernel's struct.
NEW_PROG_KEYS = {"verified_insns": "verified_insns", "attach_btf_obj_id": "attach_btf_obj_id",
                 "attach_btf_id": "attach_btf_id", "functions": "nr_jited_ksyms"}
NEW_MAP_KEYS = ("map_extra", "btf_key_type_id", "btf_value_type_id", "btf_vmlinux_id", "btf_vmlinux_value_type_id")

PROG_KEYS = ("id", "type", "name", "tag", "gpl_compatible", "run_time_ns", "run_cnt", "recursion_misses", "dev",
             "loaded_at", "uid", "orphaned", "bytes_xlated", "jited", "bytes_jited", "bytes_memlock", "map_ids",
             "btf_id", "pinned", "pids", "metadata")
MAP_KEYS = ("id", "type", "name", "flags", "dev", "bytes_key", "bytes_value", "max_entries", "bytes_memlock",
            "owner_prog_type", "owner_jited", "frozen", "btf_id", "pinned", "pids")


def split(record, known):
    """(the keys that bpftool has, in the order they came, the keys it does not have)"""
    return {k: v for k, v in record.items() if k in known}, {k: v for k, v in record.items() if k not in known}


@contextmanager
def opened(kind, number):
    fd = bpf.open_id(kind, number, bpf.F_RDONLY if kind == "map" else 0)
    try:
        yield fd
    finally:
        os.close(fd)


def full_name(info, functions):
    """The kernel's name; where it filled its 15 characters, the name of the first function in BTF."""
    name = info.name.decode()
    if len(name) < 15 or not info.btf_id or not functions:
        return name
    return btf.Types(bpf.btf_bytes(info.btf_id)).name(functions[0][1])


def prog_record(number):
    """(bpftool's record of a program, the facts that bpflens adds where the kernel has them)"""
    with opened("prog", number) as fd:
        info, maps, functions = bpf.prog_info(fd)
        charged = bpf.memlock(fd)
    boot = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    record = {"id": info.id, "type": bpf.PROG_TYPES[info.type]}
    if info.name:
        record["name"] = full_name(info, functions)
    record["tag"] = bytes(info.tag).hex()
    record["gpl_compatible"] = bool(info.gpl_bits & 1)
    if info.run_time_ns:
        record["run_time_ns"], record["run_cnt"] = info.run_time_ns, info.run_cnt
    if info.recursion_misses:
        record["recursion_misses"] = info.recursion_misses
    record["loaded_at"] = (info.load_time + boot) // 10**9
    record["uid"] = info.uid
    record["orphaned"] = False
    record["bytes_xlated"] = info.xlated_len
    record["jited"] = bool(info.jited_len)
    if info.jited_len:
        record["bytes_jited"] = info.jited_len
    record["bytes_memlock"] = charged
    if maps:
        record["map_ids"] = maps
    if info.btf_id:
        record["btf_id"] = info.btf_id
    return record, {key: getattr(info, member) for key, member in NEW_PROG_KEYS.items() if getattr(info, member)}


def prog_plain(record, zone=None):
    """bpftool's plain text of a program's record; zone: seconds east of Greenwich."""
    name = f"name {record['name']}  " if "name" in record else ""
    text = f"{record['id']}: {record['type']}  {name}tag {record['tag']}"
    text += "  gpl" if record["gpl_compatible"] else ""
    if "run_time_ns" in record:
        text += f" run_time_ns {record['run_time_ns']} run_cnt {record['run_cnt']}"
    if "recursion_misses" in record:
        text += f" recursion_misses {record['recursion_misses']}"
    moment = time.localtime(record["loaded_at"]) if zone is None else time.gmtime(record["loaded_at"] + zone)
    sign = time.strftime("%z", moment) if zone is None else f"{'-' if zone < 0 else '+'}{abs(zone) // 3600:02d}" \
                                                            f"{abs(zone) // 60 % 60:02d}"
    text += f"\n\tloaded_at {time.strftime('%Y-%m-%dT%H:%M:%S', moment)}{sign}  uid {record['uid']}"
    text += f"\n\txlated {record['bytes_xlated']}B  "
    text += f"jited {record['bytes_jited']}B" if record["jited"] else "not jited"
    text += f"  memlock {record['bytes_memlock']}B"
    text += "  map_ids " + ",".join(map(str, record["map_ids"])) if "map_ids" in record else ""
    text += f"\n\tbtf_id {record['btf_id']}" if "btf_id" in record else ""
    return text + "\n"


def map_record(number):
    """(bpftool's record of a map, the facts that bpflens may add)"""
    with opened("map", number) as fd:
        info = bpf.info(fd, bpf.MapInfo())
        with open(f"/proc/self/fdinfo/{fd}") as file:
            said = dict(line.rstrip("\n").split(":\t", 1) for line in file)
    record = {"id": info.id, "type": bpf.MAP_TYPES[info.type]}
    if info.name:
        record["name"] = info.name.decode()
    record.update(flags=info.flags, bytes_key=info.key_size, bytes_value=info.value_size,
                  max_entries=info.max_entries, bytes_memlock=int(said["memlock"]))
    if "owner_prog_type" in said:
        record["owner_prog_type"] = bpf.PROG_TYPES[int(said["owner_prog_type"])]
        record["owner_jited"] = bool(int(said["owner_jited"]))
    record["frozen"] = int(said["frozen"])
    if info.btf_id:
        record["btf_id"] = info.btf_id
    return record, {key: getattr(info, key) for key in NEW_MAP_KEYS}


def map_plain(record):
    name = f"name {record['name']}  " if "name" in record else ""
    text = f"{record['id']}: {record['type']}  {name}flags 0x{record['flags']:x}\n"
    text += f"\tkey {record['bytes_key']}B  value {record['bytes_value']}B  max_entries {record['max_entries']}"
    text += f"  memlock {record['bytes_memlock']}B\n"
    if "owner_prog_type" in record:
        text += f"\towner_prog_type {record['owner_prog_type']}  owner {'' if record['owner_jited'] else 'not '}jited\n"
    last = [f"btf_id {record['btf_id']}"] if "btf_id" in record else []
    last += ["frozen"] if record["frozen"] else []
    return text + ("\t" + "  ".join(last) + "\n" if last else "")


# Elements


def elements(number, size=None):
    """{key: value bytes, list of them one a CPU, or the OSError of the look-up}, in the kernel's own order."""
    with opened("map", number) as fd:
        info = bpf.info(fd, bpf.MapInfo())
        percpu = "percpu" in bpf.MAP_TYPES[info.type]
        stride, cpus = info.value_size + -info.value_size % 8, len(bpf.possible_cpus())
        found, key = {}, bpf.map_next_key(fd, None, info.key_size)
        while key is not None:
            try:
                data = bpf.map_lookup(fd, key, stride * cpus if percpu else info.value_size)
                found[key] = [data[i * stride:][:info.value_size] for i in range(cpus)] if percpu else data
            except OSError as failure:
                found[key] = failure
            key = bpf.map_next_key(fd, key, info.key_size)
        return found


def dump(type, found):
    """bpftool's -j records of elements whose bytes are known."""
    records = []
    for key, value in found.items():
        record = {"key": hex_bytes(key)}
        if isinstance(value, list):
            record["values"] = [{"cpu": cpu, "value": hex_bytes(v)} for cpu, v in zip(bpf.possible_cpus(), value)]
        else:
            record["value"] = hex_bytes(value)
        if type in ("array_of_maps", "hash_of_maps"):
            record["inner_map_id"] = int.from_bytes(value, "little")
        records.append(record)
    return records


def rows(data):
    """Bytes as bpftool shows them: sixteen a row, a wider gap in the middle."""
    lines = []
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        lines.append("  ".join(" ".join(f"{b:02x}" for b in half) for half in (row[:8], row[8:]) if half))
    return "\n".join(lines)


def dump_plain(type, found):
    """bpftool's plain dump of elements whose bytes are known."""
    text = ""
    for key, value in found.items():
        if isinstance(value, list):
            text += f"key:\n{rows(key)}\n"
            for cpu, one in zip(bpf.possible_cpus(), value):
                text += f"value (CPU {cpu:02d}):{' ' if len(one) <= 16 else chr(10)}{rows(one)}\n"
            continue
        label, shown = "value:", rows(value)
        if type in ("array_of_maps", "hash_of_maps"):
            label, shown = "inner_map_id:", f"{int.from_bytes(value, 'little')} "
        if len(key) > 16 or len(value) > 16:
            text += f"key:\n{rows(key)}\n{label}\n{shown}\n"
        else:
            text += f"key: {rows(key)}{'  ' if len(key) + len(value) <= 24 else chr(10)}{label} {shown}\n"
    return text + f"Found {len(found)} element{'' if len(found) == 1 else 's'}\n"
