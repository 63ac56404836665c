# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""eBPF instructions by chance, as bytes and as text for an assembler; all of them sound.

What stands here comes from the public ISA document, and is a second description of it: the disassembler's own table
is not read.
"""
import struct
from dataclasses import dataclass

OPS = {"+=": 0x00, "-=": 0x10, "*=": 0x20, "/=": 0x30, "|=": 0x40, "&=": 0x50, "<<=": 0x60, ">>=": 0x70, "%=": 0x90,
       "^=": 0xa0, "=": 0xb0, "s>>=": 0xc0}
CONDITIONS = {"==": 0x10, ">": 0x20, ">=": 0x30, "&": 0x40, "!=": 0x50, "s>": 0x60, "s>=": 0x70, "<": 0xa0, "<=": 0xb0,
              "s<": 0xc0, "s<=": 0xd0}
SIZES = {32: 0x00, 16: 0x08, 8: 0x10, 64: 0x18}
ATOMICS = (0x00, 0x40, 0x50, 0xa0, 0x01, 0x41, 0x51, 0xa1, 0xe1, 0xf1)
ACQUIRE, RELEASE = 0x100, 0x110


@dataclass
class Insn:
    code: int
    dst: int = 0
    src: int = 0
    off: int = 0
    imm: int = 0
    high: int = None  # of a wide one
    leads: str = ""   # the fields that hold the distance to another one

    def bytes(self):
        text = struct.pack("<BBhi", self.code, self.src << 4 | self.dst, self.off, signed32(self.imm))
        return text if self.high is None else text + struct.pack("<BBhi", 0, 0, 0, signed32(self.high))

    def slots(self):
        return 1 if self.high is None else 2


def signed32(value):
    return (value & 0xffffffff) - ((value & 0x80000000) << 1)


def imm(rng):
    return rng.choice((0, 1, -1, 5, 2**31 - 1, -2**31, rng.randrange(-1000, 1000), rng.randrange(-2**31, 2**31)))


def off(rng):
    return rng.choice((0, 8, -8, 32767, -32768, rng.randrange(-512, 512), rng.randrange(-32768, 32768)))


def reg(rng):
    return rng.randrange(11)


def alu(rng):
    code = rng.choice(list(OPS.values())) | rng.choice((4, 7))
    how = rng.randrange(2) if code & 0xf0 in (0x30, 0x90) else 0
    if rng.randrange(2):
        return Insn(code, reg(rng), imm=imm(rng), off=how)
    return Insn(code | 8, reg(rng), reg(rng), off=how)


def extend(rng):
    code, bits = rng.choice(((0xbc, 8), (0xbc, 16), (0xbf, 8), (0xbf, 16), (0xbf, 32)))
    return Insn(code, reg(rng), reg(rng), bits)


def unary(rng):
    if rng.randrange(2):
        return Insn(rng.choice((0x84, 0x87)), reg(rng))
    return Insn(rng.choice((0xd4, 0xdc, 0xd7)), reg(rng), imm=rng.choice((16, 32, 64)))


def cast(rng):
    return Insn(0xbf, reg(rng), reg(rng), 1, rng.choice((1, 1 << 16, imm(rng))))


def percpu(rng):
    return Insn(0xbf, reg(rng), reg(rng), -1)


def condition(rng):
    code = rng.choice(list(CONDITIONS.values())) | rng.choice((5, 6))
    if rng.randrange(2):
        return Insn(code, reg(rng), imm=imm(rng), leads="off")
    return Insn(code | 8, reg(rng), reg(rng), leads="off")


def jump(rng):
    return rng.choice((Insn(0x05, leads="off"), Insn(0x06, leads="imm"), Insn(0xe5, leads="off")))


def leave(_):
    return Insn(0x95)


def jump_register(rng):
    return Insn(0x0d, reg(rng))


def call_register(rng):
    return Insn(0x8d, reg(rng))


def helper(rng):
    return Insn(0x85, imm=rng.randrange(212))


def kfunc(rng):
    return Insn(0x85, 0, 2, 0, rng.randrange(1, 2**31))


def subprog(_):
    return Insn(0x85, 0, 1, leads="imm")


def subprog_of_compiled(_):
    return Insn(0x85, 0, 1, leads="off imm")


def constant(rng):
    return Insn(0x18, reg(rng), imm=imm(rng), high=imm(rng))


def pseudo(rng):
    """Of what the loader fills in, the assembler knows the lower half alone."""
    return Insn(0x18, reg(rng), rng.choice((1, 2, 3, 5, 6)), imm=rng.randrange(2**31), high=0)


def pseudo_whole(rng):
    return Insn(0x18, reg(rng), rng.choice((1, 2, 3, 5, 6)), imm=rng.randrange(2**31), high=rng.randrange(2**31))


def function(rng):
    return Insn(0x18, reg(rng), 4, high=0, leads="imm")


def packet(rng):
    size = rng.choice((0x00, 0x08, 0x10))
    return Insn(0x20 | size, imm=imm(rng)) if rng.randrange(2) else Insn(0x40 | size, src=reg(rng))


def packet_sum(rng):
    return Insn(0x40 | rng.choice((0x00, 0x08, 0x10)), src=reg(rng), imm=imm(rng))


def load(rng):
    code = rng.choice([0x61 | s for s in SIZES.values()] + [0x81, 0x89, 0x91])
    return Insn(code, reg(rng), reg(rng), off(rng))


def store(rng):
    size = rng.choice(list(SIZES.values()))
    if rng.randrange(2):
        return Insn(0x62 | size, reg(rng), off=off(rng), imm=imm(rng))
    return Insn(0x63 | size, reg(rng), reg(rng), off(rng))


def atomic(rng):
    return Insn(rng.choice((0xc3, 0xdb)), reg(rng), reg(rng), off(rng), rng.choice(ATOMICS))


def acquire(rng):
    size = rng.choice(list(SIZES.values()))
    return Insn(0xc3 | size, reg(rng), reg(rng), off(rng), rng.choice((ACQUIRE, RELEASE)))


def barrier(_):
    return Insn(0xc2)


COMMON = (alu, alu, alu, extend, unary, cast, condition, condition, jump, leave, helper, kfunc, constant, pseudo, function,
          packet, load, store, atomic)
LLVM = COMMON + (subprog, call_register)
BPFTOOL = COMMON + (subprog_of_compiled, percpu, jump_register, pseudo_whole, packet_sum, acquire, barrier)


def stream(rng, kinds, count):
    """Instructions whose jumps all lead to the beginning of one, at most 16 bits away."""
    made = [rng.choice(kinds)(rng) for _ in range(count)]
    starts, at = [], 0
    for one in made:
        starts.append(at)
        at += one.slots()
    assert at < 32768
    for one, here in zip(made, starts):
        for field in one.leads.split():
            if field == one.leads.split()[0]:
                distance = rng.choice(starts) - here - 1
            setattr(one, field, distance)
    return b"".join(one.bytes() for one in made)


# What each version of the instruction set brought. {d} and {s} are registers, {w} and {v} their lower halves, {i} a
# number of 32 bits, {n} one of 64, {o} an offset, {L} a label.
TEXTS = {"v1": [f"{{d}} {op} {x}" for op in OPS for x in ("{s}", "{i}")]
         + [f"if {{d}} {op} {x} goto {{L}}" for op in CONDITIONS if "<" not in op for x in ("{s}", "{i}")]
         + [f"{{d}} = {to}{bits} {{d}}" for to in ("be", "le") for bits in (16, 32, 64)]
         + [f"{{d}} = *(u{bits} *)({{s}} {{o}})" for bits in SIZES]
         + [f"*(u{bits} *)({{d}} {{o}}) = {{s}}" for bits in SIZES]
         + [f"r0 = *(u{bits} *)skb[{x}]" for bits in (8, 16, 32) for x in ("{i}", "{s}")]
         + ["{d} = -{d}", "{d} = {n} ll", "goto {L}", "call {h}", "exit", "lock *(u64 *)({d} {o}) += {s}",
            "lock *(u32 *)({d} {o}) += {v}"],
         "v2": [f"if {{d}} {op} {x} goto {{L}}" for op in ("<", "<=", "s<", "s<=") for x in ("{s}", "{i}")],
         "v3": [f"{{w}} {op} {x}" for op in OPS for x in ("{v}", "{i}")]
         + [f"if {{w}} {op} {x} goto {{L}}" for op in CONDITIONS for x in ("{v}", "{i}")]
         + [f"lock *(u{bits} *)({{d}} {{o}}) {op} {s}" for bits, s in ((64, "{s}"), (32, "{v}")) for op in ("+=", "&=", "|=", "^=")]
         + [f"{s} = atomic_fetch_{op}((u{bits} *)({{d}} {{o}}), {s})" for bits, s in ((64, "{s}"), (32, "{v}"))
            for op in ("add", "and", "or", "xor")]
         + [f"{{w}} = *(u{bits} *)({{s}} {{o}})" for bits in (8, 16, 32)]
         + [f"*(u{bits} *)({{d}} {{o}}) = {{v}}" for bits in (8, 16, 32)]
         + ["{w} = -{w}", "{s} = xchg_64({d} {o}, {s})", "{v} = xchg32_32({d} {o}, {v})",
            "r0 = cmpxchg_64({d} {o}, r0, {s})", "w0 = cmpxchg32_32({d} {o}, w0, {v})"],
         "v4": [f"*(u{bits} *)({{d}} {{o}}) = {{i}}" for bits in SIZES]
         + [f"{{d}} = bswap{bits} {{d}}" for bits in (16, 32, 64)]
         + [f"{{d}} = (s{bits}){{s}}" for bits in (8, 16, 32)] + [f"{{w}} = (s{bits}){{v}}" for bits in (8, 16)]
         + [f"{{d}} = *(s{bits} *)({{s}} {{o}})" for bits in (8, 16, 32)]
         + [f"{{{d}}} s{op} {x}" for d, s in (("d", "{s}"), ("w", "{v}")) for op in ("/=", "%=") for x in (s, "{i}")]
         + ["gotol {L}", "may_goto {L}", "callx {d}", "{d} = addr_space_cast({s}, {a}, {b})"]}
VERSIONS = tuple(TEXTS)


def source(rng, version, rounds):
    """A function of every operation that a version has, each so many times; the assembler's text, and how many lines."""
    lines = [line for v in VERSIONS[:VERSIONS.index(version) + 1] for line in TEXTS[v]] * rounds
    rng.shuffle(lines)
    labels = [f".L{i}" for i in range(len(lines))]
    out = ["\t.text", "\t.globl f", "f:"]
    for label, line in zip(labels, lines):
        d, s, o = reg(rng), reg(rng), off(rng)
        out.append(f"{label}:")
        out.append("\t" + line.format(d=f"r{d}", s=f"r{s}", w=f"w{d}", v=f"w{s}", i=imm(rng), n=rng.randrange(-2**63, 2**63),
                                      o=f"{'-' if o < 0 else '+'} {abs(o)}", L=rng.choice(labels), h=rng.randrange(1, 212),
                                      a=rng.randrange(65536), b=rng.randrange(65536)))
    return "\n".join(out) + "\n", len(lines)
