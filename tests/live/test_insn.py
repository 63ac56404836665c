# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""eBPF instructions as text: the verifier's syntax against bpftool's, the assembler's against llvm-objdump's."""
import os
import random
import re
import shutil
import subprocess

import bpf
import isa
import progzoo
import pytest
from conftest import ROOT

SEED = 20 * 26
STREAM = os.path.join(os.path.dirname(__file__), "preload", "stream.c")


@pytest.fixture(scope="session")
def disassemble(program):
    """The disassembler by itself: bytes to {index: text} in the verifier's syntax, and in the assembler's."""
    path = os.path.join(os.path.dirname(program), "tests", "live", "insn_text")
    if not os.path.exists(path):
        path = os.path.join(ROOT, "build", "tests", "live", "insn_text")
    if not os.path.exists(path):
        pytest.fail(f"{path} is not there: make live-programs")

    def run(stream, *how):
        done = subprocess.run([path, *how], input=stream, capture_output=True, check=True)
        lines = [line.split(": ", 1) for line in done.stdout.decode().splitlines()]
        return [{int(index): text for index, text in lines[syntax::2]} for syntax in (0, 1)]
    return run


# What llvm-objdump writes


@pytest.fixture(scope="session")
def llvm():
    """The tools of one LLVM, by their names without a version."""
    for version in range(19, 40):
        names = {name: shutil.which(f"{name}-{version}") for name in ("clang", "llvm-objdump", "llvm-objcopy")}
        if all(names.values()):
            return names
    return pytest.skip("needs clang and llvm of version 19 or newer")


def assembled(llvm, where, text, *flags):
    """What the assembler makes of a text, and what llvm-objdump makes of that: bytes, {index: text}."""
    paths = {end: str(where / f"a.{end}") for end in ("s", "o", "bin")}
    with open(paths["s"], "w") as file:
        file.write(text)
    subprocess.run([llvm["clang"], *flags, "-c", paths["s"], "-o", paths["o"]], check=True)
    subprocess.run([llvm["llvm-objcopy"], "-O", "binary", "--only-section=.text", paths["o"], paths["bin"]], check=True)
    # Without -mcpu, 32-bit atomics are unknown to it, whatever the object was made for.
    said = subprocess.run([llvm["llvm-objdump"], "-d", "--mcpu=v4", paths["o"]], capture_output=True, text=True, check=True)
    found = re.findall(r"^ +(\d+):\t(?:[0-9a-f]{2} ?)+\t(.*)$", said.stdout, re.M)
    with open(paths["bin"], "rb") as file:
        return file.read(), {int(index): text for index, text in found}


SLOW = pytest.mark.slow_in_vm(reason="thousands of instructions that no kernel sees")


@SLOW
@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
@pytest.mark.parametrize("version", isa.VERSIONS)
def test_what_clang_assembles_has_the_text_of_llvm_objdump(llvm, disassemble, tmp_path, version, target):
    text, count = isa.source(random.Random(SEED), version, 30)
    stream, expected = assembled(llvm, tmp_path, text, "-target", target, "-mcpu=" + version)
    shown = disassemble(stream, "big")[1] if target == "bpfeb" else disassemble(stream)[1]
    assert len(expected) == count > 1500
    assert "<unknown>" not in expected.values()
    assert shown == expected


@SLOW
@pytest.mark.parametrize("turn", range(3))
def test_any_bytes_that_are_instructions_have_the_text_of_llvm_objdump(llvm, disassemble, tmp_path, turn):
    made = isa.stream(random.Random(SEED + turn), isa.LLVM, 5000)
    (tmp_path / "raw").write_bytes(made)
    text = f'\t.text\n\t.globl f\nf:\n\t.incbin "{tmp_path}/raw"\n'
    stream, expected = assembled(llvm, tmp_path, text, "-target", "bpfel")
    assert stream == made and len(expected) == 5000
    assert "<unknown>" not in expected.values()
    assert disassemble(stream)[1] == expected


# What bpftool writes


def dumped(peer, made, **more):
    """bpftool's dump of a program: {index: text}."""
    shown = peer.run("prog", "dump", "xlated", "id", made.id, **more)
    assert shown.rc == 0, shown
    return {int(index): text for index, text in re.findall(r"^ *(\d+): (.*)$", shown.stdout, re.M)}


def without_addresses(texts):
    """Names of the kernel's functions are not the disassembler's business: they come from outside."""
    out = {}
    for index, text in texts.items():
        text = re.sub(r"(call pc[-+]\d+)#\S+$", r"\1", text)
        if not re.search(r"call bpf_\w+#(\d|\d\d|1\d\d|20\d|21[01])$", text):
            text = re.sub(r"call (?!pc)\S+#(-?\d+)$", r"call ?#\1", text)
        out[index] = text
    return out


@pytest.fixture(scope="session")
def preload(private):
    """A library that gives bpftool other instructions than the kernel's."""
    if os.uname().machine != "x86_64":
        pytest.skip("the library that replaces instructions is for x86_64 alone")
    path = os.path.join(private, "stream.so")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", path, STREAM], check=True)
    return path


@SLOW
@pytest.mark.parametrize("turn", range(3))
def test_any_instructions_have_the_text_of_bpftool(kernel, peer, preload, disassemble, tmp_path, turn):
    made = isa.stream(random.Random(SEED + turn), isa.BPFTOOL, 5000)
    (tmp_path / "raw").write_bytes(made)
    expected = dumped(peer, kernel.prog(), env={"LD_PRELOAD": preload, "STREAM": str(tmp_path / "raw")})
    assert len(expected) == 5000
    assert not [text for text in expected.values() if "BUG" in text or "null" in text]
    assert without_addresses(disassemble(made, "jited")[0]) == without_addresses(expected)


def xlated(peer, made, where):
    peer("prog", "dump", "xlated", "id", made.id, "file", str(where / "raw"))
    return (where / "raw").read_bytes()


def compare(peer, disassemble, made, where):
    """The dump of a loaded program, text for text; no flaw is found in what the kernel gives."""
    stream = xlated(peer, made, where)
    jited = bpf.prog_info(made.fd)[0].jited_len > 0
    shown = disassemble(stream, *(["jited"] if jited else []))
    assert without_addresses(shown[0]) == without_addresses(dumped(peer, made))
    assert not [text for syntax in shown for text in syntax.values() if ": " in text]
    return stream


@pytest.mark.slow_in_vm(reason="bpftool reads all symbols for each of thirty programs; their machine code is compared there")
@pytest.mark.parametrize("kind", progzoo.TYPES)
def test_a_program_of_every_type_has_the_text_of_bpftool(kernel, peer, disassemble, tmp_path, kind):
    compare(peer, disassemble, progzoo.make(kernel, kind), tmp_path)


STACK = [bpf.insn(0x7a, 10, off=-8, imm=-3), bpf.insn(0x62, 10, off=-16, imm=7), bpf.insn(0x62, 10, off=-12, imm=7)]


def arithmetic():
    body = [bpf.mov(1, 77), bpf.mov(2, 5)]
    for op in isa.OPS.values():
        body += [bpf.insn(op | 4, 1, imm=3), bpf.insn(op | 0xc, 1, 2), bpf.insn(op | 7, 1, imm=3), bpf.insn(op | 0xf, 1, 2)]
    body += [bpf.insn(0x84, 1), bpf.insn(0x87, 1)]
    return body + [bpf.insn(code, 1, imm=bits) for code in (0xd4, 0xdc) for bits in (16, 32, 64)]


def arithmetic_of_v4():
    return [bpf.mov(1, 77), bpf.mov(2, 5)] + [bpf.insn(0xd7, 1, imm=bits) for bits in (16, 32, 64)] + [
        bpf.insn(code, 1, 2, bits) for code in (0xbc, 0xbf) for bits in (8, 16)] + [bpf.insn(0xbf, 1, 2, 32)] + [
        bpf.insn(op | k, 1, 2 if k & 8 else 0, 1, 0 if k & 8 else 3) for op in (0x30, 0x90) for k in (4, 7, 0xc, 0xf)] + [
        bpf.insn(0x15, 2, off=1), bpf.insn(0x06, imm=1), bpf.mov(1, 1), bpf.mov(2, 2)]


def jumps():
    body = [bpf.helper(7), bpf.mov_reg(6, 0), bpf.helper(7), bpf.mov_reg(7, 0)]
    for op in isa.CONDITIONS.values():
        body += [bpf.insn(op | 5, 6, off=1, imm=-5), bpf.mov(1, 1), bpf.insn(op | 0xd, 6, 7, 1), bpf.mov(1, 1)]
        body += [bpf.insn(op | 6, 6, off=1, imm=5), bpf.mov(1, 1), bpf.insn(op | 0xe, 6, 7, 1), bpf.mov(1, 1)]
    return body + [bpf.insn(0x05, off=0)]


def memory():
    body = STACK + [bpf.mov(1, 1)]
    for size in isa.SIZES.values():
        body += [bpf.insn(0x62 | size, 10, off=-8, imm=-5), bpf.insn(0x63 | size, 10, 1, -8), bpf.insn(0x61 | size, 2, 10, -8)]
    return body


def signed_loads():
    return STACK + [bpf.insn(code, 2, 10, -8) for code in (0x81, 0x89, 0x91)]


def atomics():
    body = STACK
    for code, where in ((0xdb, -8), (0xc3, -16)):
        for how in isa.ATOMICS:
            body = body + [bpf.mov(0, 1), bpf.mov(1, 1), bpf.insn(code, 10, 1, where, how)]
    return body


def acquire_and_release():
    body = STACK + [bpf.mov(1, 1)]
    for size in isa.SIZES.values():
        body += [bpf.insn(0xc3 | size, 10, 1, -8, isa.RELEASE), bpf.insn(0xc3 | size, 2, 10, -8, isa.ACQUIRE)]
    return body


def packets():
    return [bpf.mov_reg(6, 1), bpf.mov(7, 3)] + [bpf.insn(code, imm=2) for code in (0x20, 0x28, 0x30)] + [
        bpf.insn(code, 0, 7, imm=2) for code in (0x40, 0x48, 0x50)]


def constants():
    return [isa.Insn(0x18, 1, imm=value, high=value >> 32).bytes() for value in (0, 5, -1, 2**63, 0x123456789abcdef0)]


def endless():
    return [bpf.insn(0xe5, off=1), bpf.insn(0x05, off=-2)]


def subprograms():
    return [bpf.call_next(3), bpf.call_next(4), bpf.mov(0, 0), bpf.leave(), bpf.mov(0, 1), bpf.leave(), bpf.mov(0, 2)]


BODIES = [arithmetic, arithmetic_of_v4, jumps, memory, signed_loads, atomics, acquire_and_release, packets, constants, endless,
          subprograms]


@pytest.mark.slow_in_vm(reason="the text of an instruction does not depend on the kernel")
@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_a_loaded_program_has_the_text_of_bpftool(kernel, peer, disassemble, tmp_path, body):
    try:
        made = kernel.prog("socket_filter", body() + bpf.returning(0))
    except OSError as failure:
        pytest.skip(f"this kernel takes no {body.__name__}: {failure.strerror}")
    assert len(compare(peer, disassemble, made, tmp_path)) >= 8 * len(body())


def test_a_program_with_maps_and_helpers_has_the_text_of_bpftool(kernel, peer, disassemble, tmp_path):
    one = kernel.map("array", key=4, value=16, entries={0: bytes(16)})
    two = kernel.map("hash", key=4, value=8, entries={1: 2})
    body = [bpf.insn(0x62, 10, off=-4, imm=1), bpf.insn(0x18, 1, 2, imm=one.fd) + bpf.insn(0, imm=8), bpf.load_map(1, two.fd),
            bpf.mov_reg(2, 10), bpf.add(2, -4), bpf.helper(1), bpf.helper(5), bpf.helper(8)]
    compare(peer, disassemble, kernel.prog("xdp", body + bpf.returning(2)), tmp_path)
