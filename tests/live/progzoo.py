# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""One program of every type that can be loaded without attaching it: make(kernel, type)."""
import errno
import os
import struct

import bpf
import btf
import maker
import pytest

# What a type asks for besides instructions.
NEEDS = {
    "cgroup_sock_addr": {"attach_type": 8},
    "cgroup_sockopt": {"attach_type": 21},
    "sk_lookup": {"attach_type": 36},
    "netfilter": {"attach_type": 45},
    "syscall": {"flags": bpf.F_SLEEPABLE},
}
# tracing, ext and lsm attach through trampolines, lirc_mode2 to hardware; a map iterator stands for tracing.
TYPES = [t for t in bpf.PROG_TYPES if t not in ("unspec", "ext", "lsm", "lirc_mode2")]


def make(kernel, kind):
    """A program of that type, with a name of its own; the test is skipped where this kernel has no such type."""
    name = "pz_" + kind[:12]
    try:
        if kind == "tracing":
            return kernel.iterator(name)
        if kind == "struct_ops":
            return _struct_ops(kernel, name)
        return kernel.prog(kind, bpf.returning(1), name=name, **NEEDS.get(kind, {}))
    except OSError as failure:
        if failure.errno in (errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP, 524):
            pytest.skip(f"this kernel loads no {kind}: {failure.strerror}")
        raise


def _struct_ops(kernel, name):
    types = btf.vmlinux()
    ops = types.find(btf.STRUCT, "tcp_congestion_ops")
    if ops is None:
        pytest.skip("this kernel has no congestion control in BTF")
    member = [n for n, _ in types.members(ops)].index("ssthresh")
    return kernel.prog("struct_ops", bpf.returning(0), name=name, attach_btf_id=ops, attach_type=member)


def twins(kernel, name, count=3):
    """Programs of one name, and of one tag, which no other program has."""
    mark = [bpf.mov(0, os.getpid()), bpf.mov(0, next(maker.NAMES))]
    return [kernel.prog("xdp", mark + bpf.returning(2), name=name) for _ in range(count)]


def packet():
    """Bytes enough for a test run of any packet program."""
    return struct.pack(">6s6sH", b"\1" * 6, b"\2" * 6, 0x0800) + bytes(50)
