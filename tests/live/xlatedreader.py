# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A second reader of translated instructions: bytes from bpf(2), targets and control flow worked out here."""
import re
import struct

import bpf

LDX, ST, JMP, JMP32 = 1, 2, 5, 6


def xlated(fd):
    """The instructions of a program, as bytes."""
    size = bpf.info(fd, bpf.ProgInfo()).xlated_len
    room = bpf.bytes_in(bytes(size))
    bpf.info(fd, bpf.ProgInfo(xlated_len=size, xlated=bpf.address(room)))
    return bytes(room)[:size]


def insns(stream):
    """[(slot, slots, code, dst, src, off, imm)]"""
    out, at = [], 0
    while at < len(stream) // 8:
        code, regs, off, imm = struct.unpack_from("<BBhi", stream, at * 8)
        slots = 2 if code == 0x18 else 1
        out.append((at, slots, code, regs & 15, regs >> 4, off, imm))
        at += slots
    return out


def jump_target(slot, code, off, imm):
    """Where a jump leads; None for what is none."""
    if code == 0x06:
        return slot + 1 + imm
    if code & 7 not in (JMP, JMP32) or code in (0x85, 0x8d, 0x95, 0x0d):
        return None
    return slot + 1 + off


def func_target(slot, code, src, off, imm):
    """The subprogram that is called (by compiled code: the distance is in off) or pointed to."""
    if code == 0x85 and src == 1:
        return slot + 1 + off
    if code == 0x18 and src == 4:
        return slot + 1 + imm
    return None


def functions(stream):
    """Slots where functions begin."""
    starts = {0}
    for slot, _, code, _, src, off, imm in insns(stream):
        target = func_target(slot, code, src, off, imm)
        if target is not None:
            starts.add(target)
    return sorted(starts)


def control_flow(stream):
    """Edges between blocks, each a block's first slot: [(from, to)], sorted; "exit" where a function ends."""
    leaders, all_insns = set(functions(stream)), insns(stream)
    for slot, slots, code, _, _, off, imm in all_insns:
        target = jump_target(slot, code, off, imm)
        if target is not None:
            leaders |= {target, slot + slots}
        if code == 0x95:
            leaders.add(slot + slots)
    edges, block = [], None
    for slot, slots, code, _, _, off, imm in all_insns:
        block = slot if slot in leaders else block
        target, after = jump_target(slot, code, off, imm), slot + slots
        if code == 0x95:
            edges.append((block, "exit"))
            continue
        if code not in (0x05, 0x06) and (target is not None or after in leaders):
            edges.append((block, after))
        if target is not None:
            edges.append((block, target))
    return sorted(edges, key=str)


def drawn(dot, starts):
    """The edges of a graph in DOT, as control_flow() has them. Instructions are counted from their function's start."""
    first = {(int(f), int(b)): starts[int(f)] + int(index) for f, b, index in re.findall(
        r'fn_(\d+)_bb_(\d+) \[shape=record,style=filled,label="\{\\\n(?:; .*\n)*(\d+): ', dot)}
    edges = []
    for f, a, g, b in re.findall(r"fn_(\d+)_bb_(\d+):s -> fn_(\d+)_bb_(\d+):n \[style=\"solid", dot):
        if a == "0":
            assert first[int(g), int(b)] == starts[int(f)], "a function is entered at its first block"
            continue
        edges.append((first[int(f), int(a)], "exit" if b == "1" else first[int(g), int(b)]))
    return sorted(edges, key=str)


def drawn_by_mermaid(text, starts):
    """The same of a flowchart of Mermaid."""
    first = {name: int(index) for name, index in re.findall(r'^\t(f\d+b\d+)\["(?:; (?:(?!<br/>).)*<br/>)*(\d+): ', text, re.M)}
    edges = []
    for a, b in re.findall(r"^\t(\w+) --> (\w+)$", text, re.M):
        if a.endswith("b0"):
            assert first[b] in starts
            continue
        edges.append((first[a], "exit" if re.fullmatch(r"f\d+b1", b) else first[b]))
    return sorted(edges, key=str)
