# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A network namespace and a cgroup in which every hook of sockets, networks and cgroups is reached: two devices that
are a pair, sockets of every kind, a process of the cgroup's. Nothing of it is the machine's own."""
import contextlib
import fcntl
import os
import socket
import struct

import bpflink
import linkzoo

FRAME = b"\xff" * 6 + b"\2" * 6 + struct.pack(">H", 0x0800) + bytes.fromhex(
    "4500001c000000004011000001010101010101020007000700080000") + bytes(20)
PACKET_FANOUT, SOL_PACKET = 18, 263


def up(name):
    index = socket.if_nametoindex(name)
    bpflink.rtnetlink(bpflink.RTM_NEWLINK, 0, struct.pack("BxHiII", 0, 0, index, 1, 1))
    return index


def pair(kernel):
    """The veth devices lz0 and lz1, both up, in a network namespace of the test's own."""
    linkzoo.own_network(kernel)
    up("lz1")
    return "lz0", "lz1"


def netkit(kernel):
    """The netkit devices lzkit (primary) and nk0, both up; an OSError where the kernel has none."""
    linkzoo.own_network(kernel)
    linkzoo.pair_of_netkit(kernel)
    up("nk0")
    return "lzkit", "nk0"


def send(name):
    """A packet out of this device, and so into the other one of the pair."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
        s.bind((name, 0))
        s.send(FRAME)


def dissect():
    """A packet whose flow the kernel has to know, to hand it to one of a group of sockets."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800)) as s:
        s.bind(("lz0", 0x0800))
        s.setsockopt(SOL_PACKET, PACKET_FANOUT, 7)
        send("lz1")


def local_udp(family=socket.AF_INET, to=None):
    """A datagram to a socket of one's own, without a connection."""
    here = ("127.0.0.1", 0) if family == socket.AF_INET else ("::1", 0)
    with socket.socket(family, socket.SOCK_DGRAM) as one, socket.socket(family, socket.SOCK_DGRAM) as other:
        one.settimeout(5)
        one.bind(here)
        other.sendto(b"x", one.getsockname())
        one.recvfrom(16)


def look_up():
    """A connection to where nobody listens; somebody has to find that out."""
    with socket.socket() as s, contextlib.suppress(OSError):
        s.connect(("127.0.0.1", 9))


def tcp(family=socket.AF_INET):
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket(family))
        listening.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        listening.listen()
        calling = stack.enter_context(socket.socket(family))
        calling.connect(listening.getsockname())
        answering = stack.enter_context(listening.accept()[0])
        calling.getpeername(), answering.getsockname()


def unix(directory):
    path = os.path.join(directory, "netzoo-socket")
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        listening.bind(path)
        stack.callback(os.unlink, path)
        listening.listen()
        calling = stack.enter_context(socket.socket(socket.AF_UNIX))
        calling.connect(path)
        calling.getpeername(), listening.getsockname()
        one, other = (stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) for _ in range(2))
        one.bind(path + "-dgram")
        stack.callback(os.unlink, path + "-dgram")
        other.bind(path + "-other")
        stack.callback(os.unlink, path + "-other")
        other.sendto(b"x", path + "-dgram")
        one.recvfrom(16)


def act(directory):
    """What meets every hook of a cgroup."""
    local_udp()
    local_udp(socket.AF_INET6)
    tcp()
    tcp(socket.AF_INET6)
    unix(directory)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    with open("/dev/null", "rb"), open("/proc/sys/kernel/ostype") as file:
        file.read()


def inside(cgroup, function, *args):
    """Do something in a process of the cgroup's."""
    child = os.fork()
    if not child:
        status = 1
        try:
            with open(os.path.join(cgroup, "cgroup.procs"), "w") as file:
                file.write(str(os.getpid()))
            function(*args)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class Pair:
    """A connection whose first end can be put into a map of sockets."""

    def __init__(self, stack):
        self.one, self.other = None, None
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        self.other = stack.enter_context(socket.create_connection(listening.getsockname()))
        self.one = stack.enter_context(listening.accept()[0])
        for end in (self.one, self.other):
            fcntl.fcntl(end, fcntl.F_SETFL, fcntl.fcntl(end, fcntl.F_GETFL) | os.O_NONBLOCK)

    def talk(self):
        with contextlib.suppress(BlockingIOError):
            self.one.send(b"to the other end")
            self.other.send(b"to the one in the map")
            self.one.recv(64)
