# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A process in which bpf(2) is forbidden, as in a container."""
import ctypes
import struct

import bpf

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
ALLOW, ERRNO = 0x7fff0000, 0x00050000


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


KILL, KILL_THREAD, TRAP = 0x80000000, 0, 0x00030000  # the last two say nothing to the kernel's log


def forbid_bpf(errno):
    """A function for preexec: from now on bpf(2) fails with errno."""
    return filter_bpf(ERRNO | errno)


def filter_perf(action):
    """The same for perf_event_open(2), with any action."""
    lines = [(0x20, 0, 0, 0), (0x15, 0, 1, bpf.SYS_PERF_EVENT_OPEN), (0x06, 0, 0, action), (0x06, 0, 0, ALLOW)]
    return installer(lines)


def filter_bpf(action, *commands):
    """The same with any action, for these commands of bpf(2), or for all."""
    known = [(0x15, i, 0, command) for i, command in zip(range(len(commands) - 1, -1, -1), commands)]
    lines = [(0x20, 0, 0, 0),                                          # load the number of the call
             (0x15, 0, 1 + (1 + len(known) if known else 0), bpf.SYS_BPF),  # bpf: next; else: the last
             *([(0x20, 0, 0, 16), *known[:-1]] if known else []),      # load its first word
             *([(0x15, 0, 1, commands[-1])] if known else []),         # none of them: the last
             (0x06, 0, 0, action),
             (0x06, 0, 0, ALLOW)]
    return installer(lines)


def installer(lines):
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in lines))

    def install():
        program = Filter(len(lines), ctypes.addressof(code))
        if bpf.LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or \
                bpf.LIBC.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(program)):
            raise OSError(ctypes.get_errno(), "seccomp")
    return install
