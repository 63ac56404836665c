# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A second reader of machine code: bpf(2) and /proc/kallsyms by ctypes, instructions by objdump."""
import functools
import os
import platform
import re
import shutil
import subprocess
import tempfile
from ctypes import c_uint32, c_uint64, create_string_buffer
from dataclasses import dataclass

import bpf
import pytest

MACHINES = {"x86_64": "i386:x86-64", "aarch64": "aarch64"}


@dataclass
class Func:
    address: int
    code: bytes


def funcs(fd):
    """The functions of a program, and the addresses of its source lines."""
    first = bpf.info(fd, bpf.ProgInfo())
    if not first.jited_len:
        pytest.skip("this kernel compiles no such program")
    code = create_string_buffer(first.jited_len)
    addresses = (c_uint64 * first.nr_jited_ksyms)()
    sizes = (c_uint32 * first.nr_jited_func_lens)()
    lines = (c_uint64 * max(first.nr_jited_line_info, 1))()
    second = bpf.ProgInfo(jited_len=first.jited_len, jited=bpf.address(code), nr_jited_ksyms=len(addresses),
                          jited_ksyms=bpf.address(addresses), nr_jited_func_lens=len(sizes), jited_func_lens=bpf.address(sizes))
    if first.nr_jited_line_info:
        second.nr_jited_line_info, second.jited_line_info_rec_size = len(lines), 8
        second.jited_line_info = bpf.address(lines)
    bpf.info(fd, second)
    at, made = 0, []
    for address, size in zip(addresses, sizes):
        made.append(Func(address, code.raw[at:at + size]))
        at += size
    assert at == first.jited_len
    return made, list(lines)[:first.nr_jited_line_info]


class Symbols:
    """The names at an address; looked for in the text, since taking all of it apart is long where it is emulated."""

    def __init__(self):
        with open("/proc/kallsyms") as file:
            self.text = "\n" + file.read()

    def __contains__(self, address):
        return f"\n{address:016x} " in self.text

    def __getitem__(self, address):
        return re.findall(rf"\n{address:016x} \S+ (\S+)", self.text)


@functools.cache
def disassembler():
    tool, machine = shutil.which("objdump"), MACHINES.get(platform.machine())
    if not tool or not machine:
        pytest.skip("needs objdump, for a machine whose name the tests know")
    return [tool, "-D", "-z", "-w", "-b", "binary", "-m", machine]


def objdump(func):
    """[(place, bytes, text)] of a function's instructions."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(func.code)
        file.flush()
        said = subprocess.run([*disassembler(), f"--adjust-vma={func.address:#x}", file.name], capture_output=True, text=True, check=True)
    found = []
    for line in said.stdout.splitlines():
        parts = re.fullmatch(r" *([0-9a-f]+):\t([0-9a-f ]+?) *\t(.*)", line)
        if parts:
            found.append((int(parts[1], 16) - func.address, bytes.fromhex(parts[2]), parts[3].rstrip()))
    assert b"".join(data for _, data, _ in found) == func.code, "objdump shows every byte"
    return found


def parse(text):
    """Functions of a plain dump: [(prototype or None, name, [(place, bytes or None, text)], {place: source lines})]."""
    found, heads, insns, lines, waiting = [], [], [], {}, []
    for line in text.splitlines():
        insn = re.fullmatch(r" *([0-9a-f]+):\t(.*)", line)
        if not line:
            assert insns and len(heads) in (1, 2), f"an empty line ends a function: {text!r}"
            found.append((heads[0][:-1] if len(heads) == 2 else None, heads[-1][:-1], insns, lines))
            heads, insns, lines, waiting = [], [], {}, []
        elif insn:
            assert line[:4].strip() or len(line.split(":")[0]) == 4
            if waiting:
                lines[int(insn[1], 16)] = waiting
            waiting = []
            insns.append((int(insn[1], 16), None, insn[2]))
        elif line.startswith("\t"):
            assert line.endswith(" ") and insns[-1][1] is None
            insns[-1] = (insns[-1][0], bytes.fromhex(line), insns[-1][2])
        elif line.startswith("; "):
            waiting.append(line[2:])
        else:
            assert line.endswith(":") and not insns, f"a line that is nothing: {line!r}"
            heads.append(line)
    assert not heads and not insns and not waiting, "an empty line ends the last function"
    return found


def bare(text):
    """Without names of addresses."""
    return re.sub(r" <[^>]*>", "", text)


def joined(text):
    """As the parts of an instruction are, put together: one blank behind the operation, no comment."""
    text = re.sub(r" +(#|//) .*", "", bare(text))
    return re.sub(r"\s+", " ", text)


def has_disassembler(bpflens):
    return bpflens("-j", "version")["features"]["libbfd"]


def hidden_without_syslog():
    """Does this kernel hide addresses from those without CAP_SYSLOG? It does by the one of these, or by the other."""
    def number(name):
        with open(os.path.join("/proc/sys/kernel", name)) as file:
            return int(file.read())
    return number("kptr_restrict") > 0 or number("perf_event_paranoid") > 1
