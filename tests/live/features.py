# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Answers of `feature probe` in the strict form, and what two of bpftool's form say differently: a real load or create tells who is right."""
import re

import bpf
import btf
import linkzoo
import pytest
import zoo

HIDE_TYPES = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh")
_documents = {}


def ask(program, *words, rc=None, **how):
    """The records that answer questions; rc None: whatever the exit status says of them."""
    result = program.run("-o", "json", "feature", "probe", *words, **how)
    records = result.json
    said = {record["answer"] for record in records}
    assert result.rc == (1 if "no" in said else 0 if said == {"yes"} else 3), result
    assert rc is None or result.rc == rc, result
    return records


def ask_one(program, *words, **how):
    records = ask(program, *words, **how)
    assert len(records) == 1, records
    return records[0]


def document(program, *options):
    """All that a program says of this kernel, in one of its forms: asked for once and shared by all tests, since an emulated
    kernel takes its time. No test may change it."""
    key = (program.path, *options)
    if key not in _documents:
        result = program.run(*options, "feature", "probe")
        assert result.rc == 0, result
        _documents[key] = result.json
    return _documents[key]


def whole(program):
    """The records of a probe of everything."""
    return document(program, "-o", "json")


def everything(program, kind):
    """Records of one kind out of a probe of everything."""
    return [record for record in whole(program) if record["kind"] == kind]


SECTIONS = ["system_config", "syscall_config", "program_types", "map_types", "helpers", "misc"]
MISC = {"large_insn_limit": "Large program size limit", "bounded_loops": "Bounded loop support", "v2_isa_extension": "ISA extension v2",
        "v3_isa_extension": "ISA extension v3", "v4_isa_extension": "ISA extension v4"}


def flat(document):
    """{(section, name): value}; of helpers {("helpers", type, helper): True}."""
    found = {}
    for section, values in document.items():
        for name, value in values.items():
            if section == "helpers":
                kind = name.removesuffix("_available_helpers")
                found.update({("helpers", kind, helper): True for helper in value})
            else:
                found[section, re.sub(r"^have_|_prog_type$|_map_type$", "", name)] = value
    return found


def differences(ours, theirs):
    """{key: (what ours says, what theirs says)}"""
    a, b = flat(ours), flat(theirs)
    return {key: (a.get(key, False), b.get(key, False)) for key in {**a, **b} if a.get(key, False) != b.get(key, False)}


def loads(kernel, type, code, **more):
    try:
        kernel.prog(type, code, **more)
    except OSError:
        return False
    return True


def tracing(kernel):
    """bpftool tries a program for a function; where trampolines are missing, those for tracepoints load all the same."""
    return loads(kernel, "tracing", bpf.returning(0), attach_type=linkzoo.ATTACH["trace_raw_tp"],
                 attach_btf_id=linkzoo.target(f"btf_trace_{linkzoo.EVENT}", btf.TYPEDEF))


def struct_ops(kernel):
    """bpftool sets attributes that kernels before 6.9 do not know."""
    try:
        zoo.make(kernel, "struct_ops")
    except OSError:
        return False
    return True


def jump(op, to, imm, narrow=False):
    return bpf.insn((0x06 if narrow else 0x05) | op, 0, 0, to, imm)


LOADS = {
    "large_insn_limit": lambda: [bpf.mov(0, 0)] * 4200 + bpf.returning(0),
    # r0 = 10; r0 += -1; if r0 != 0 goto -2; exit
    "bounded_loops": lambda: [bpf.mov(0, 10), bpf.add(0, -1), jump(0x50, -2, 0), bpf.leave()],
    "v2_isa_extension": lambda: [bpf.mov(0, 0), jump(0xa0, 1, 1), bpf.mov(0, 1), bpf.leave()],
    "v3_isa_extension": lambda: [bpf.mov(0, 0), jump(0xa0, 1, 1, narrow=True), bpf.mov(0, 1), bpf.leave()],
    # r0 = (s8)r0: bpftool tries gotol alone, which later releases of 6.1 took over; what compilers make of -mcpu=v4 they refuse
    "v4_isa_extension": lambda: [bpf.mov(0, 0), bpf.insn(0xbf, 0, 0, 8, 0), bpf.leave()],
}


def truth(kernel, key):
    """What a real load or create says; a difference for which there is none is a failure."""
    if key == ("program_types", "tracing"):
        return tracing(kernel)
    if key == ("map_types", "struct_ops"):
        return struct_ops(kernel)
    if key[0] == "misc":
        return loads(kernel, "socket_filter", LOADS[key[1]]())
    pytest.fail(f"a difference without a proof: {key}")


def prove(kernel, ours, theirs):
    """Each difference is one in which ours is right. Returns them."""
    found = differences(ours, theirs)
    for key, (here, there) in found.items():
        assert truth(kernel, key) is here and here is not there, f"{key}: we say {here}, bpftool {there}"
    return found


def corrected(text, found, prefix=""):
    """bpftool's text or macros with what it says wrongly put right."""
    for key, (here, there) in found.items():
        name, kind = key[1], {"program_types": "prog_type", "map_types": "map_type", "misc": ""}[key[0]]
        shown = {"program_types": "eBPF program_type " + name, "map_types": "eBPF map_type " + name}.get(key[0]) or MISC[name]
        macro = "HAVE_" + "_".join(word for word in (name, kind) if word).upper()
        words = ["NOT available", "available"]
        text = text.replace(f"{shown} is {words[there]}\n", f"{shown} is {words[here]}\n")
        text = re.sub(rf"^#define {prefix}(NO_)?{macro}$", f"#define {prefix}{'' if here else 'NO_'}{macro}", text, flags=re.M)
        if key[0] == "program_types" and here:  # a type that is there, but whose helpers cannot be told
            text = text.replace(f"program type {name}:\n\tProgram type not supported\n",
                                f"program type {name}:\n\tCould not determine which helpers are available\n")
    return text
