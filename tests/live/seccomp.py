# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A process in which bpf(2) is forbidden, as in a container."""
import ctypes
import struct

import bpf

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
ALLOW, ERRNO = 0x7fff0000, 0x00050000


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def forbid_bpf(errno):
    """A function for preexec: from now on bpf(2) fails with errno."""
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in (
        (0x20, 0, 0, 0),                # load the number of the call
        (0x15, 0, 1, bpf.SYS_BPF),      # bpf: next; else: the one after
        (0x06, 0, 0, ERRNO | errno),
        (0x06, 0, 0, ALLOW))))

    def install():
        program = Filter(4, ctypes.addressof(code))
        if bpf.LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or \
                bpf.LIBC.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(program)):
            raise OSError(ctypes.get_errno(), "seccomp")
    return install
