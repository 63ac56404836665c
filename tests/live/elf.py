# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""ELF files made of named sections alone: no symbols, no segments."""
import struct
import zlib

COMPRESSED, ZLIB = 1 << 11, 1


def packed(content, how=ZLIB, size=None):
    """A compressed section's bytes: a header that says how and how large, and zlib's data."""
    return struct.pack("=IIQQ", how, 0, len(content) if size is None else size, 1) + zlib.compress(content)


def elf(sections, compressed=()):
    """An object file for BPF with these sections, {name: bytes}; those in @compressed are marked so."""
    names, headers, body, at = b"\0", [bytes(64)], b"", 64
    for name, content in {**sections, ".shstrtab": None}.items():
        start = len(names)
        names += name.encode() + b"\0"
        content = names if content is None else content
        flags = COMPRESSED if name in compressed else 0
        kind = 3 if name == ".shstrtab" else 1
        headers.append(struct.pack("=IIQQQQIIQQ", start, kind, flags, 0, at, len(content), 0, 0, 1, 0))
        body += content
        at += len(content)
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = ident + struct.pack("=HHIQQQIHHHHHH", 1, 247, 1, 0, 0, at, 0, 64, 0, 0, 64, len(headers), len(headers) - 1)
    return header + body + b"".join(headers)
