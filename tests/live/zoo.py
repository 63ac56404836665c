# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""One map of every type, filled with declared elements: make(kernel, type).

What user space can read of a map depends on its type; the sets below say which types differ from the plain
ones, whose elements are simply there.
"""
import errno
import os
import socket
import struct

import bpf
import btf
import pytest
from maker import cookie

# No walk over keys: a dump can only say why not.
KEYLESS = ("queue", "stack", "ringbuf", "user_ringbuf", "bloom_filter", "arena", "sk_storage", "inode_storage",
           "task_storage", "cgrp_storage")
# Keys can be walked; what stands under them is never given out. The three with "4" hold 4-byte values.
WITHHELD = ("perf_event_array", "cgroup_array", "xskmap", "sockmap4", "sockhash4", "reuseport_sockarray4")
# Key by key as they are.
PLAIN = ("hash", "array", "percpu_hash", "percpu_array", "lru_hash", "lru_percpu_hash", "lpm_trie", "stack_trace",
         "cgroup_storage", "percpu_cgroup_storage", "devmap_hash", "sockhash", "rhash", "insn_array")
# Arrays of which one slot is empty; SKIPPED ones leave an empty slot out, the others name it.
SLOTS = ("devmap", "cpumap", "sockmap", "reuseport_sockarray")
SKIPPED = ("array_of_maps", "prog_array")
INNER = ("array_of_maps", "hash_of_maps")
TYPES = PLAIN + SLOTS + SKIPPED + ("hash_of_maps", "struct_ops") + WITHHELD + KEYLESS
# Types whose map this tests' peer shows and dumps byte for byte as it should be.
READABLE = PLAIN + SLOTS + SKIPPED + ("hash_of_maps",)

STORAGE_BTF = ("sk_storage", "inode_storage", "task_storage", "cgrp_storage")


def make(kernel, kind):
    """A filled map; the test is skipped where this kernel has no such type."""
    maker = globals().get("_" + kind, _plain)
    try:
        return maker(kernel, kind)
    except OSError as failure:
        if failure.errno in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):
            pytest.skip(f"this kernel makes no {kind}: {failure.strerror}")
        raise


def _plain(kernel, kind):
    """hash, array and their relatives: two elements, every byte its own."""
    size = 12
    values = [bytes(range(0x10, 0x10 + size)), bytes(range(0xf0, 0xf0 + size))]
    if "percpu" in kind:
        cpus = bpf.possible_cpus()
        values = [[bytes((v[0] + 3 * i + cpu) & 0xff for i in range(size)) for cpu in cpus] for v in values]
    keys = [0, 1] if "array" in kind else [0x04030201, 0xfffefdfc]
    return kernel.map(kind, 4, size, dict(zip(keys, values)), name="zoo_" + kind[:11])


def _rhash(kernel, kind):
    """A hash that grows as it fills, so there is nothing to allocate before."""
    return kernel.map(kind, 4, 12, {1: bytes(range(12)), 0xfffefdfc: bytes(range(0xf0, 0xfc))}, max_entries=8,
                      flags=bpf.F_NO_PREALLOC, name="zoo_rhash")


def _insn_array(kernel, kind):
    """Numbers of instructions; the other members of a value are the kernel's to fill in when a program uses the map."""
    made = kernel.map(kind, 4, 16, {slot: struct.pack("IIII", 3 + slot, 0, 0, 0) for slot in (0, 1)}, name="zoo_insns")
    made.flags = bpf.F_RDONLY_PROG  # set by the kernel
    return made


def _lpm_trie(kernel, kind):
    entries = {struct.pack("I4B", 8, 10, 0, 0, 0): b"\1\2\3", struct.pack("I4B", 24, 10, 1, 2, 0): b"\xff\0\x80",
               struct.pack("I4B", 0, 0, 0, 0, 0): b"\0\0\7"}
    return kernel.map(kind, 8, 3, entries, flags=bpf.F_NO_PREALLOC, name="zoo_lpm")


def _array_of_maps(kernel, kind):
    inner = kernel.map("array", 4, 8, name="inner")
    keys = [0, 2] if kind == "array_of_maps" else [7, 9]
    return kernel.map(kind, 4, 4, dict.fromkeys(keys, inner), max_entries=4, inner_fd=inner.fd, name="zoo_of_maps")


_hash_of_maps = _array_of_maps


def _prog_array(kernel, kind):
    made = kernel.map(kind, 4, 4, {1: kernel.prog("xdp", name="callee")}, max_entries=3, name="zoo_progs")
    user = [bpf.mov_reg(1, 1), bpf.load_map(2, made.fd), bpf.mov(3, 1), bpf.helper(12)] + bpf.returning(2)
    kernel.prog("xdp", user, name="caller")
    return made


def _devmap(kernel, kind):
    kernel.netns()
    keys = {1: 1} if kind == "devmap" else {77: 1, 78: 1}
    made = kernel.map(kind, 4, 4, keys, max_entries=3, name="zoo_dev")
    return made


_devmap_hash = _devmap


def _cpumap(kernel, kind):
    return kernel.map(kind, 4, 4, {0: 192}, max_entries=2, name="zoo_cpu")


def _sockmap(kernel, kind):
    """8-byte values show the socket's cookie, 4-byte ones nothing."""
    size, key = (4, 1) if kind.endswith("4") else (8, 1)
    made = kernel.map(kind.rstrip("4"), 4, size, max_entries=2, name="zoo_" + kind[:11])
    listener = kernel.socket(reuseport=True)
    bpf.map_update(made.fd, struct.pack("I", key), struct.pack("I" if size == 4 else "Q", listener.fileno()))
    made.elements[struct.pack("I", key)] = struct.pack("Q", cookie(listener))
    return made


_sockmap4 = _sockhash = _sockhash4 = _reuseport_sockarray = _reuseport_sockarray4 = _sockmap


def _perf_event_array(kernel, kind):
    made = kernel.map(kind, 4, 4, max_entries=2, name="zoo_perf")
    bpf.map_update(made.fd, struct.pack("I", 0), struct.pack("I", kernel.keep(bpf.perf_event())))
    return made


def _cgroup_array(kernel, kind):
    made = kernel.map(kind, 4, 4, max_entries=2, name="zoo_cgroups")
    bpf.map_update(made.fd, struct.pack("I", 1), struct.pack("I", kernel.cgroup()[1]))
    return made


def _xskmap(kernel, kind):
    made = kernel.map(kind, 4, 4, max_entries=2, name="zoo_xsk")
    xsk = kernel.stack.enter_context(socket.socket(44, socket.SOCK_RAW))  # AF_XDP
    xsk.setsockopt(283, 2, struct.pack("I", 64))  # XDP_RX_RING: 7.3 refuses a socket that could not receive
    bpf.map_update(made.fd, struct.pack("I", 1), struct.pack("I", xsk.fileno()))
    return made


def _stack_trace(kernel, kind):
    """One stack, taken by running a program once; what it holds is read back, key by key."""
    depth = 20
    made = kernel.map(kind, 4, 8 * depth, max_entries=4, name="zoo_stacks")
    code = [bpf.load_map(2, made.fd), bpf.mov(3, 0), bpf.helper(27), bpf.leave()]
    bpf.prog_run(kernel.prog("raw_tracepoint", code, name="stacker").fd, repeat=0)
    key = bpf.map_next_key(made.fd, None, 4)
    while key is not None:
        made.elements[key] = bpf.map_lookup(made.fd, key, 8 * depth)
        key = bpf.map_next_key(made.fd, key, 4)
    return made


def _cgroup_storage(kernel, kind):
    """Storage comes into being when a program that uses it is attached to a cgroup."""
    made = kernel.map(kind, 16, 8, max_entries=0, name="zoo_cgst")
    code = [bpf.load_map(1, made.fd), bpf.mov(2, 0), bpf.helper(81)] + bpf.returning(1)
    path, group = kernel.cgroup()
    kernel.attach_cgroup(group, kernel.prog("cgroup_skb", code, name="store"))
    key = struct.pack("QII", os.stat(path).st_ino, 0, 0)
    made.put(key, 0x1122334455667788)
    return made


_percpu_cgroup_storage = _cgroup_storage


def _queue(kernel, kind):
    made = kernel.map(kind, 0, 4, max_entries=3, name="zoo_" + kind[:11])
    bpf.map_update(made.fd, b"", b"\1\2\3\4")
    return made


_stack = _bloom_filter = _queue


def _ringbuf(kernel, kind):
    return kernel.map(kind, 0, 0, max_entries=os.sysconf("SC_PAGE_SIZE"), name="zoo_" + kind[:10])


_user_ringbuf = _ringbuf


def _arena(kernel, kind):
    return kernel.map(kind, 0, 0, max_entries=1, flags=bpf.F_MMAPABLE, name="zoo_arena")


def _sk_storage(kernel, kind):
    fd, number = kernel.int_btf()
    return kernel.map(kind, 4, 4, max_entries=0, flags=bpf.F_NO_PREALLOC, name="zoo_" + kind[:11], btf_fd=fd,
                      btf_key=number, btf_value=number)


_inode_storage = _task_storage = _cgrp_storage = _sk_storage


def _struct_ops(kernel, kind):
    """A congestion control that is never registered: nothing of the machine changes."""
    types = btf.vmlinux()
    wrapper = types.find(btf.STRUCT, "bpf_struct_ops_tcp_congestion_ops")
    if wrapper is None:
        pytest.skip("this kernel has no struct_ops for congestion control")
    size = struct.unpack_from("I", types.blob, types.at[wrapper] + 8)[0]
    how = {"max_entries": 1, "name": "zoo_ops", "btf_fd": kernel.int_btf()[0], "btf_vmlinux_value": wrapper}
    try:
        made = kernel.map(kind, 4, size, flags=bpf.F_LINK, **how)
    except OSError:  # a kernel without links for struct_ops registers the map itself
        made = kernel.map(kind, 4, size, **how)
    made.elements[bytes(4)] = bpf.map_lookup(made.fd, bytes(4), size)
    return made
