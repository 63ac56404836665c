# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Links, and what they hang on: the calls of bpf(2), perf events and network devices, none of it through a library.

Continues bpf.py. The parts of BPF_LINK_CREATE that differ by kind of link lie at byte 16 of its attributes; a caller
packs them, as in create(prog, target, 46, more=struct.pack("IIQ", 0, 0, 0)).
"""
import ctypes
import os
import socket
import struct

import bpf

RAW_TRACEPOINT_OPEN, LINK_CREATE, LINK_UPDATE, LINK_BY_ID, LINK_NEXT_ID, ITER_CREATE, LINK_DETACH = 17, 28, 29, 30, 31, 33, 34

LINK_TYPES = ("unspec raw_tracepoint tracing cgroup iter netns xdp perf_event kprobe_multi struct_ops netfilter tcx "
              "uprobe_multi netkit sockmap tracing_multi").split()
ATTACH_TYPES = (
    "cgroup_inet_ingress cgroup_inet_egress cgroup_inet_sock_create cgroup_sock_ops sk_skb_stream_parser "
    "sk_skb_stream_verdict cgroup_device sk_msg_verdict cgroup_inet4_bind cgroup_inet6_bind cgroup_inet4_connect "
    "cgroup_inet6_connect cgroup_inet4_post_bind cgroup_inet6_post_bind cgroup_udp4_sendmsg cgroup_udp6_sendmsg "
    "lirc_mode2 flow_dissector cgroup_sysctl cgroup_udp4_recvmsg cgroup_udp6_recvmsg cgroup_getsockopt "
    "cgroup_setsockopt trace_raw_tp trace_fentry trace_fexit modify_return lsm_mac trace_iter "
    "cgroup_inet4_getpeername cgroup_inet6_getpeername cgroup_inet4_getsockname cgroup_inet6_getsockname xdp_devmap "
    "cgroup_inet_sock_release xdp_cpumap sk_lookup xdp sk_skb_verdict sk_reuseport_select "
    "sk_reuseport_select_or_migrate perf_event trace_kprobe_multi lsm_cgroup struct_ops netfilter tcx_ingress "
    "tcx_egress trace_uprobe_multi cgroup_unix_connect cgroup_unix_sendmsg cgroup_unix_recvmsg "
    "cgroup_unix_getpeername cgroup_unix_getsockname netkit_primary netkit_peer trace_kprobe_session "
    "trace_uprobe_session trace_fsession trace_fentry_multi trace_fexit_multi trace_fsession_multi").split()
ATTACH = {name: number for number, name in enumerate(ATTACH_TYPES)}

RawOpen = bpf.layout("RawOpen", "u64 name, u32 prog_fd, u32 pad, u64 cookie")


def blob(data):
    """Attributes as one buffer of bytes; what no field needs is 0, and left out at the end."""
    data = data.rstrip(b"\0")
    return ctypes.create_string_buffer(data + bytes(-len(data) % 8), max(len(data) + -len(data) % 8, 16))


def create(prog_fd, target, attach, flags=0, more=b""):
    """BPF_LINK_CREATE; prog_fd is the map's for struct_ops, target a descriptor or the index of a device."""
    return bpf.call(LINK_CREATE, blob(struct.pack("IIII", prog_fd, target, attach, flags) + more))


def raw_tracepoint(prog_fd, name=None, cookie=0):
    """Attach to a raw tracepoint, or, without a name, to what the program was loaded for."""
    text = bpf.bytes_in((name or "").encode() + b"\0")
    attr = struct.pack("QII", bpf.address(text) if name else 0, prog_fd, 0)
    return bpf.call(RAW_TRACEPOINT_OPEN, blob(attr + (struct.pack("Q", cookie) if cookie else b"")))


def detach(fd):
    bpf.call(LINK_DETACH, blob(struct.pack("I", fd)))


def numbers(kind, values):
    """A C array; never empty, so that it has an address."""
    return (kind * max(len(values), 1))(*values)


def u64s(values):
    return numbers(ctypes.c_uint64, values)


def u32s(values):
    return numbers(ctypes.c_uint32, values)


def strings(words):
    """An array of pointers to strings; it keeps them alive."""
    made = (ctypes.c_char_p * len(words))(*[word.encode() for word in words])
    return made


# Perf events


def pmu(name):
    """The number of a kind of events that the kernel numbers as it likes."""
    with open(f"/sys/bus/event_source/devices/{name}/type") as file:
        return int(file.read())


def perf_open(type, config=0, config1=0, config2=0, bp_type=0, period=1 << 40, pid=0, cpu=-1):
    """A perf event of this process unless pid is -1, switched off; config1 and config2 mean what the type makes of them."""
    attr = struct.pack("IIQQQQQIIQQ", type, 112, config, period, 0, 0, 1, 0, bp_type, config1, config2)
    buffer = bpf.bytes_in(attr.ljust(112, b"\0"))
    fd = bpf.LIBC.syscall(bpf.SYS_PERF_EVENT_OPEN, buffer, pid, cpu, -1, 8)
    if fd < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
    return fd


# Network devices

RTM_NEWLINK, RTM_DELLINK = 16, 17
F_REQUEST, F_ACK, F_EXCL, F_CREATE = 1, 4, 0x200, 0x400


def attribute(kind, data):
    return struct.pack("HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def rtnetlink(type, flags, body):
    message = struct.pack("IHHII", 16 + len(body), type, F_REQUEST | F_ACK | flags, 1, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.bind((0, 0))
        s.send(message)
        error = struct.unpack_from("i", s.recv(65536), 16)[0]
    if error:
        raise OSError(-error, os.strerror(-error))


def device(kind, name, peer=None):
    """Make a network device that is up; its index. A veth gets its peer's name."""
    info = attribute(1, kind.encode())
    if peer:
        body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + attribute(3, peer.encode() + b"\0")
        info += attribute(2, attribute(1, body))
    head = struct.pack("BxHiII", 0, 0, 0, 1, 1)
    rtnetlink(RTM_NEWLINK, F_CREATE | F_EXCL, head + attribute(3, name.encode() + b"\0") + attribute(18, info))
    return socket.if_nametoindex(name)


def device_delete(index):
    rtnetlink(RTM_DELLINK, 0, struct.pack("BxHiII", 0, 0, index, 0, 0))


# What the kernel says of a link

SPECIAL = 16  # where in bpf_link_info the part begins that belongs to the type


class LinkInfo:
    """bpf_link_info as bytes: read as u32(offset), u64(offset), s32(offset). Members this kernel lacks are 0."""

    def __init__(self, fd, put=()):
        """put: [(offset, format, value)] of what the caller fills in, buffers and their room."""
        self.raw = bpf.bytes_in(bytes(256))
        for offset, form, value in put:
            struct.pack_into(form, self.raw, offset, value)
        bpf.call(bpf.OBJ_INFO, bpf.Info(fd=fd, len=256, info=bpf.address(self.raw)))
        self.type, self.id, self.prog_id = struct.unpack_from("III", self.raw)

    def u32(self, offset):
        return struct.unpack_from("I", self.raw, offset)[0]

    def s32(self, offset):
        return struct.unpack_from("i", self.raw, offset)[0]

    def u64(self, offset):
        return struct.unpack_from("Q", self.raw, offset)[0]


def text_at(fd, pointer, length, put=()):
    """A string for which the kernel wants a buffer whose address and room stand at these two offsets."""
    room = ctypes.create_string_buffer(4096)
    LinkInfo(fd, [*put, (pointer, "Q", bpf.address(room)), (length, "I", len(room))])
    return room.value.decode("utf-8", "surrogateescape")
