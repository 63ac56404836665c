# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A reader and maker of bpf(2) that shares nothing with the program under test.

One function per system call, with ctypes and the layouts of <linux/bpf.h> written down once more, and a
handful of instruction helpers to make small programs. Functions return file descriptors and plain values,
and raise OSError with the kernel's errno.
"""
import ctypes
import errno
import os
import platform
import struct
from ctypes import c_char, c_int32, c_uint8, c_uint32, c_uint64

LIBC = ctypes.CDLL(None, use_errno=True)
SYS_BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "ppc64le": 361, "s390x": 351}.get(platform.machine())
SYS_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241, "riscv64": 241, "ppc64le": 319, "s390x": 331}.get(
    platform.machine())

MAP_TYPES = (
    "unspec hash array prog_array perf_event_array percpu_hash percpu_array stack_trace cgroup_array lru_hash "
    "lru_percpu_hash lpm_trie array_of_maps hash_of_maps devmap sockmap cpumap xskmap sockhash cgroup_storage "
    "reuseport_sockarray percpu_cgroup_storage queue stack sk_storage devmap_hash struct_ops ringbuf "
    "inode_storage task_storage bloom_filter user_ringbuf cgrp_storage arena insn_array rhash").split()
PROG_TYPES = (
    "unspec socket_filter kprobe sched_cls sched_act tracepoint xdp perf_event cgroup_skb cgroup_sock lwt_in "
    "lwt_out lwt_xmit sock_ops sk_skb cgroup_device sk_msg raw_tracepoint cgroup_sock_addr lwt_seg6local "
    "lirc_mode2 sk_reuseport flow_dissector cgroup_sysctl raw_tracepoint_writable cgroup_sockopt tracing "
    "struct_ops ext lsm sk_lookup syscall netfilter").split()

(MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, MAP_DELETE, MAP_NEXT_KEY, PROG_LOAD, OBJ_PIN, OBJ_GET, PROG_ATTACH,
 PROG_DETACH, PROG_TEST_RUN, PROG_NEXT_ID, MAP_NEXT_ID, PROG_BY_ID, MAP_BY_ID, OBJ_INFO) = range(16)
BTF_LOAD, BTF_BY_ID, MAP_FREEZE, BTF_NEXT_ID = 18, 19, 22, 23
MAP_LOOKUP_BATCH, MAP_UPDATE_BATCH, ENABLE_STATS, PROG_BIND_MAP = 24, 26, 32, 35

F_NO_PREALLOC, F_RDONLY, F_WRONLY, F_RDONLY_PROG, F_MMAPABLE, F_LINK = 1, 0x8, 0x10, 0x80, 0x400, 0x2000
F_SLEEPABLE = 0x10


def layout(name, fields):
    """A C struct from words such as "u32 id": short to read, and laid out by ctypes as the compiler would."""
    kinds = {"u8": c_uint8, "u32": c_uint32, "s32": c_int32, "u64": c_uint64}
    members = []
    for field in fields.split(","):
        kind, _, member = field.strip().partition(" ")
        member, _, count = member.partition("[")
        base = c_char if kind == "char" else kinds[kind]
        members.append((member, base * int(count.rstrip("]")) if count else base))
    return type(name, (ctypes.Structure,), {"_fields_": members})


MapCreate = layout("MapCreate", """u32 type, u32 key_size, u32 value_size, u32 max_entries, u32 flags,
    u32 inner_map_fd, u32 numa_node, char name[16], u32 ifindex, u32 btf_fd, u32 btf_key_type_id,
    u32 btf_value_type_id, u32 btf_vmlinux_value_type_id, u64 map_extra, s32 value_type_btf_obj_fd,
    s32 map_token_fd""")
Element = layout("Element", "u32 map_fd, u64 key, u64 value, u64 flags")
Batch = layout("Batch", """u64 in_batch, u64 out_batch, u64 keys, u64 values, u32 count, u32 map_fd,
    u64 elem_flags, u64 flags""")
ProgLoad = layout("ProgLoad", """u32 type, u32 insn_cnt, u64 insns, u64 license, u32 log_level, u32 log_size,
    u64 log_buf, u32 kern_version, u32 flags, char name[16], u32 ifindex, u32 expected_attach_type, u32 btf_fd,
    u32 func_info_rec_size, u64 func_info, u32 func_info_cnt, u32 line_info_rec_size, u64 line_info,
    u32 line_info_cnt, u32 attach_btf_id, u32 attach_fd""")
Obj = layout("Obj", "u64 path, u32 fd, u32 flags")
Attach = layout("Attach", "u32 target_fd, u32 prog_fd, u32 type, u32 flags")
TestRun = layout("TestRun", """u32 prog_fd, u32 retval, u32 data_size_in, u32 data_size_out, u64 data_in,
    u64 data_out, u32 repeat, u32 duration, u32 ctx_size_in, u32 ctx_size_out, u64 ctx_in, u64 ctx_out""")
GetId = layout("GetId", "u32 id, u32 next_id, u32 flags")
Info = layout("Info", "u32 fd, u32 len, u64 info")
BtfLoad = layout("BtfLoad", "u64 btf, u64 log_buf, u32 btf_size, u32 log_size, u32 log_level")

ProgInfo = layout("ProgInfo", """u32 type, u32 id, u8 tag[8], u32 jited_len, u32 xlated_len, u64 jited, u64 xlated,
    u64 load_time, u32 uid, u32 nr_map_ids, u64 map_ids, char name[16], u32 ifindex, u32 gpl_bits, u64 netns_dev,
    u64 netns_ino, u32 nr_jited_ksyms, u32 nr_jited_func_lens, u64 jited_ksyms, u64 jited_func_lens, u32 btf_id,
    u32 func_info_rec_size, u64 func_info, u32 nr_func_info, u32 nr_line_info, u64 line_info, u64 jited_line_info,
    u32 nr_jited_line_info, u32 line_info_rec_size, u32 jited_line_info_rec_size, u32 nr_prog_tags, u64 prog_tags,
    u64 run_time_ns, u64 run_cnt, u64 recursion_misses, u32 verified_insns, u32 attach_btf_obj_id,
    u32 attach_btf_id""")
MapInfo = layout("MapInfo", """u32 type, u32 id, u32 key_size, u32 value_size, u32 max_entries, u32 flags,
    char name[16], u32 ifindex, u32 btf_vmlinux_value_type_id, u64 netns_dev, u64 netns_ino, u32 btf_id,
    u32 btf_key_type_id, u32 btf_value_type_id, u32 btf_vmlinux_id, u64 map_extra""")
BtfInfo = layout("BtfInfo", "u64 btf, u32 btf_size, u32 id, u64 name, u32 name_len, u32 kernel_btf")


def call(cmd, attr):
    """bpf(cmd, attr): the result; a failure is an OSError."""
    if SYS_BPF is None:
        raise OSError(38, "no bpf(2) number for this machine type")
    result = LIBC.syscall(SYS_BPF, cmd, ctypes.byref(attr), ctypes.sizeof(attr))
    if result < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
    return result


def address(buffer):
    return ctypes.addressof(buffer)


def bytes_in(data):
    """A C buffer that holds data; at least one byte long, so that it has an address."""
    return ctypes.create_string_buffer(bytes(data), max(len(data), 1))


# Maps


def map_create(type, key, value, entries, *, flags=0, name=b"", inner_fd=0, btf_fd=0, btf_key=0, btf_value=0,
               btf_vmlinux_value=0, extra=0):
    number = MAP_TYPES.index(type) if isinstance(type, str) else type
    return call(MAP_CREATE, MapCreate(
        type=number, key_size=key, value_size=value, max_entries=entries, flags=flags, name=name,
        inner_map_fd=inner_fd, btf_fd=btf_fd, btf_key_type_id=btf_key, btf_value_type_id=btf_value,
        btf_vmlinux_value_type_id=btf_vmlinux_value, map_extra=extra))


def map_update(fd, key, value, flags=0):
    k, v = bytes_in(key), bytes_in(value)
    call(MAP_UPDATE, Element(map_fd=fd, key=address(k) if len(key) else 0, value=address(v), flags=flags))


def map_lookup(fd, key, size):
    k, v = bytes_in(key), ctypes.create_string_buffer(max(size, 1))
    call(MAP_LOOKUP, Element(map_fd=fd, key=address(k), value=address(v)))
    return v.raw[:size]


def map_delete(fd, key):
    k = bytes_in(key)
    call(MAP_DELETE, Element(map_fd=fd, key=address(k)))


def map_next_key(fd, key, size):
    """The key after key (the first one for None); None at the end."""
    k, out = bytes_in(key or b""), ctypes.create_string_buffer(max(size, 1))
    try:
        call(MAP_NEXT_KEY, Element(map_fd=fd, key=0 if key is None else address(k), value=address(out)))
    except FileNotFoundError:
        return None
    return out.raw[:size]


def map_update_many(fd, keys, values, count):
    """Put count elements, given as packed keys and packed values, in one system call."""
    k, v = bytes_in(keys), bytes_in(values)
    call(MAP_UPDATE_BATCH, Batch(keys=address(k), values=address(v), count=count, map_fd=fd))


def has_batch(fd, key_room, value_room):
    """Whether this kernel reads several elements of the map at once; an array is read as if it had one bucket."""
    keys, values, cursor = bytes_in(bytes(key_room)), bytes_in(bytes(value_room)), bytes_in(bytes(256))
    try:
        call(MAP_LOOKUP_BATCH, Batch(out_batch=address(cursor), keys=address(keys), values=address(values), count=64, map_fd=fd))
    except OSError as failure:
        return failure.errno in (2, 28)  # the end was reached; a bucket holds more
    return True


def map_freeze(fd):
    call(MAP_FREEZE, Element(map_fd=fd))


# Programs, BTF, pins, statistics


def prog_load(type, insns, *, name=b"", license=b"GPL", flags=0, attach_type=0, btf_fd=0, func_info=(),
              line_info=(), attach_btf_id=0, attach_fd=0):
    """Load; func_info is a list of (instruction number, BTF type id of the function), line_info one of (instruction
    number, offset of the file's name in the strings of BTF, of the line's text, line << 10 | column)."""
    number = PROG_TYPES.index(type) if isinstance(type, str) else type
    code, gpl = bytes_in(b"".join(insns)), bytes_in(license + b"\0")
    funcs = bytes_in(b"".join(struct.pack("II", *f) for f in func_info))
    lines = bytes_in(b"".join(struct.pack("IIII", *line) for line in line_info))
    count = sum(len(i) for i in insns) // 8
    attr = ProgLoad(type=number, insn_cnt=count, insns=address(code), license=address(gpl), name=name, flags=flags,
                    expected_attach_type=attach_type, btf_fd=btf_fd, attach_btf_id=attach_btf_id,
                    attach_fd=attach_fd)
    if func_info:
        attr.func_info, attr.func_info_cnt, attr.func_info_rec_size = address(funcs), len(func_info), 8
    if line_info:
        attr.line_info, attr.line_info_cnt, attr.line_info_rec_size = address(lines), len(line_info), 16
    try:
        return call(PROG_LOAD, attr)
    except OSError as failure:
        log = ctypes.create_string_buffer(1 << 16)
        attr.log_level, attr.log_size, attr.log_buf = 1, len(log), address(log)
        try:
            return call(PROG_LOAD, attr)
        except OSError:
            failure.add_note(log.value.decode(errors="replace"))
            raise failure from None


def prog_run(fd, data=b"", ctx=b"", repeat=1):
    """BPF_PROG_TEST_RUN: the program's return value."""
    d, c = bytes_in(data), bytes_in(ctx)
    attr = TestRun(prog_fd=fd, repeat=repeat)
    if data:
        attr.data_in, attr.data_size_in = address(d), len(data)
    if ctx:
        attr.ctx_in, attr.ctx_size_in = address(c), len(ctx)
    call(PROG_TEST_RUN, attr)
    return attr.retval


def prog_attach(target_fd, prog_fd, type, flags=0):
    call(PROG_ATTACH, Attach(target_fd=target_fd, prog_fd=prog_fd, type=type, flags=flags))


def prog_detach(target_fd, prog_fd, type):
    call(PROG_DETACH, Attach(target_fd=target_fd, prog_fd=prog_fd, type=type))


def btf_load(blob):
    data, log = bytes_in(blob), ctypes.create_string_buffer(1 << 16)
    try:
        return call(BTF_LOAD, BtfLoad(btf=address(data), btf_size=len(blob), log_buf=address(log),
                                      log_size=len(log), log_level=1))
    except OSError as failure:
        failure.add_note(log.value.decode(errors="replace"))
        raise


def obj_pin(fd, path):
    where = bytes_in(os.fsencode(path) + b"\0")
    call(OBJ_PIN, Obj(path=address(where), fd=fd))


def obj_get(path, flags=0):
    where = bytes_in(os.fsencode(path) + b"\0")
    return call(OBJ_GET, Obj(path=address(where), flags=flags))


def prog_bind_map(prog_fd, map_fd):
    """Add a map to those a loaded program holds on to."""
    call(PROG_BIND_MAP, layout("Bind", "u32 prog_fd, u32 map_fd, u32 flags")(prog_fd=prog_fd, map_fd=map_fd))


def enable_stats():
    """A descriptor; programs are timed while it is open."""
    return call(ENABLE_STATS, layout("Stats", "u32 type")(type=0))


def perf_event():
    """A descriptor of a software event that counts nothing, of the kind a perf_event_array holds."""
    attr = struct.pack("IIQQQQQ", 1, 64, 10, 0, 1024, 0, 0) + bytes(16)  # PERF_COUNT_SW_BPF_OUTPUT, raw samples
    buffer = bytes_in(attr)
    fd = LIBC.syscall(SYS_PERF_EVENT_OPEN, buffer, -1, 0, -1, 8)
    if fd < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
    return fd


# What the kernel says of its objects

BY_ID = {"prog": PROG_BY_ID, "map": MAP_BY_ID, "btf": BTF_BY_ID, "link": 30}
NEXT_ID = {"prog": PROG_NEXT_ID, "map": MAP_NEXT_ID, "btf": BTF_NEXT_ID, "link": 31}


def ids(kind):
    found, attr = [], GetId()
    while True:
        try:
            call(NEXT_ID[kind], attr)
        except FileNotFoundError:
            return found
        found.append(attr.next_id)
        attr = GetId(id=attr.next_id)


def open_id(kind, number, flags=0):
    return call(BY_ID[kind], GetId(id=number, flags=flags))


def info(fd, out):
    """Fill out, a ProgInfo, MapInfo or BtfInfo that may already name buffers."""
    attr = Info(fd=fd, len=ctypes.sizeof(out), info=address(out))
    call(OBJ_INFO, attr)
    out.told = attr.len
    return out


def if_told(fd, out, member, value):
    """value where this kernel's struct has the member at all; else None."""
    place = getattr(type(out), member)
    return value if place.offset + place.size <= info(fd, out).told else None


def btf_info(number):
    """(info, name) of a BTF object; the name is None, and so is kernel_btf, where the kernel does not know them."""
    fd = open_id("btf", number)
    try:
        room = bytes_in(bytes(256))
        try:
            found = info(fd, BtfInfo(name=address(room), name_len=256))
        except OSError as failure:
            if failure.errno != errno.E2BIG:
                raise
            return info(fd, BtfInfo()), None
        return found, room.value.decode()
    finally:
        os.close(fd)


def prog_info(fd):
    """(info, map ids, func_info as [(instruction, type id)])"""
    first = info(fd, ProgInfo())
    maps, funcs = (c_uint32 * max(first.nr_map_ids, 1))(), (c_uint32 * max(first.nr_func_info * 2, 1))()
    second = ProgInfo(nr_map_ids=first.nr_map_ids, map_ids=address(maps))
    if first.nr_func_info:
        second.nr_func_info, second.func_info_rec_size, second.func_info = first.nr_func_info, 8, address(funcs)
    info(fd, second)
    return second, list(maps[:second.nr_map_ids]), list(zip(funcs[0::2], funcs[1::2]))[:second.nr_func_info]


def btf_bytes(number):
    fd = open_id("btf", number)
    try:
        size = info(fd, BtfInfo()).btf_size
        data = ctypes.create_string_buffer(size)
        info(fd, BtfInfo(btf=address(data), btf_size=size))
        return data.raw
    finally:
        os.close(fd)


def memlock(fd):
    """What /proc says of the descriptor's memory, bytes; None when it does not."""
    with open(f"/proc/self/fdinfo/{fd}") as file:
        for line in file:
            if line.startswith("memlock:"):
                return int(line.split()[1])
    return None


def possible_cpus():
    """The ids of the CPUs that per-CPU values belong to, in order."""
    return cpus("possible")


def cpus(which):
    """The ids of the CPUs that are possible, or online, in order."""
    with open(f"/sys/devices/system/cpu/{which}") as file:
        found = []
        for part in file.read().strip().split(","):
            first, _, last = part.partition("-")
            found += range(int(first), int(last or first) + 1)
        return found


# Instructions


def insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack("<BBhi", code, src << 4 | dst, off, imm)


def mov(dst, imm):
    return insn(0xb7, dst, imm=imm)


def mov_reg(dst, src):
    return insn(0xbf, dst, src)


def add(dst, imm):
    return insn(0x07, dst, imm=imm)


def load_map(dst, fd):
    return insn(0x18, dst, 1, imm=fd) + insn(0)


def store_word(dst, off, imm):
    return insn(0x62, dst, off=off, imm=imm)


def helper(number):
    return insn(0x85, imm=number)


def call_next(distance):
    """Call the function that begins distance instructions after the next one."""
    return insn(0x85, 0, 1, imm=distance)


def leave():
    return insn(0x95)


def returning(value):
    return [mov(0, value), leave()]
