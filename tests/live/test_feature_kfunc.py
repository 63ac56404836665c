# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe: which kernel functions programs may call, held against the kernel's types and against loads made here."""
import ctypes
import functools
import os
import re

import bpf
import btf
import pytest
from features import HIDE_TYPES, ask, ask_one, everything


# How a program of a type is loaded, where that takes more than its number: attach type, what it is attached to
TARGETS = {
    "cgroup_sock_addr": [(10, None)], "lirc_mode2": [(16, None)], "cgroup_sockopt": [(21, None)], "sk_lookup": [(36, None)],
    "netfilter": [(45, None)], "kprobe": [(0, None), (56, None), (57, None)],
    "tracing": [(23, (btf.TYPEDEF, "btf_trace_sched_switch")), (28, (btf.FUNC, "bpf_iter_tcp")), (28, (btf.FUNC, "bpf_iter_task")),
                (24, (btf.FUNC, "bpf_fentry_test1")), (58, (btf.FUNC, "bpf_fentry_test1"))],
    "lsm": [(27, (btf.FUNC, "bpf_lsm_file_open"))],
}
SLEEPABLE = 1 << 4
APART = ("struct_ops", "ext")  # each needs a target that says what may be called
RETURN_0 = [bpf.insn(0xb7), bpf.insn(0x95)]


@functools.cache
def tagged():
    """{name: id} of the functions that the kernel's types mark, none before Linux 6.16"""
    types = btf.vmlinux()
    found = {}
    for number in range(1, len(types.at)):
        if types.kind(number) == btf.DECL_TAG and types.name(number) == "bpf_kfunc":
            func = int.from_bytes(types.blob[types.at[number] + 8:types.at[number] + 12], "little")
            found[types.name(func)] = func
    return found


def load(type, insns, attach_type, attach_id):
    """(errno or 0, what the verifier wrote)"""
    code, gpl, log = bpf.bytes_in(b"".join(insns)), bpf.bytes_in(b"GPL\0"), ctypes.create_string_buffer(1 << 16)
    attr = bpf.ProgLoad(type=bpf.PROG_TYPES.index(type), insn_cnt=len(insns), insns=bpf.address(code), license=bpf.address(gpl),
                        flags=SLEEPABLE if type == "syscall" else 0, expected_attach_type=attach_type,
                        attach_btf_id=attach_id, log_level=1, log_size=len(log), log_buf=bpf.address(log))
    try:
        os.close(bpf.call(bpf.PROG_LOAD, attr))
    except OSError as failure:
        return failure.errno, log.value.decode(errors="replace")
    return 0, log.value.decode(errors="replace")


@functools.cache
def ways(type):
    """What programs of a type can be attached to here: those for which a program is loaded"""
    found = []
    for attach_type, target in TARGETS.get(type, [(0, None)]):
        number = btf.vmlinux().find(*target) if target else 0
        if number is not None and not load(type, RETURN_0, attach_type, number)[0]:
            found.append((attach_type, number))
    return found


def logs_of(type, func):
    """What the verifier writes to a program that calls the function, for each way"""
    call = bpf.insn(0x85, src=2, imm=func)
    return [load(type, [call, *RETURN_0], attach_type, target)[1] for attach_type, target in ways(type)]


REFUSED = r"calling kernel function \S+ is not allowed\n|BPF_CALL uses reserved fields\n"


@functools.cache
def takes_calls():
    """Whether this kernel lets programs call functions of its own at all"""
    return not re.search("uses reserved fields", load("socket_filter", [bpf.insn(0x85, src=2, imm=1), *RETURN_0], 0, 0)[1])


def may_call(type, func):
    """By a load for each way: one that is not refused for the call itself"""
    return any(not re.search(REFUSED, log) for log in logs_of(type, func))


def records(bpflens):
    return {(r["name"], r.get("for")): r for r in everything(bpflens, "kfunc")}


@pytest.fixture
def tags():
    if not tagged():
        pytest.skip("the kernel's types tag no kfuncs")
    return tagged()


def test_functions_that_the_types_tag_are_told_of_for_every_type(bpflens, tags):
    own = {name for (name, type), r in records(bpflens).items() if type and "module" not in r.get("detail", "")}
    assert own >= set(tags)
    types = {type for _, type in records(bpflens) if type}
    assert types >= set(bpf.PROG_TYPES) - {"unspec"}
    assert not {(name, type) for name in tags for type in types} - set(records(bpflens))


def test_what_is_known_and_not_here_is_no(bpflens):
    missing = [r for r in everything(bpflens, "kfunc") if "for" not in r]
    functions = btf.vmlinux()
    assert missing
    for record in missing:
        assert (record["answer"], record["found"]) == ("no", "btf")
        if tagged():
            assert record["name"] not in tagged()
        else:
            assert functions.find(btf.FUNC, record["name"]) is None


def names_to_try(bpflens):
    """Some of those in the kernel's types: whatever is tagged, or has a name that is known"""
    names = sorted({name for name, type in records(bpflens) if type})
    in_kernel = [(name, btf.vmlinux().find(btf.FUNC, name)) for name in names]
    return [(name, number) for name, number in in_kernel if number and (not tagged() or name in tagged())]


def test_answers_are_those_of_a_load_for_each_type(bpflens):
    chosen, told = names_to_try(bpflens), records(bpflens)
    seen = set()
    for name, number in chosen[::max(1, len(chosen) // 16)]:
        for type in bpf.PROG_TYPES[1:]:
            if type in APART or not ways(type):
                continue
            record = told[name, type]
            if record["answer"] == "unknown":  # for programs bound to a device alone, or no program was looked into
                assert record["reason"] == "needs a load" and type == "xdp" or \
                    record["reason"] == "refused" and all("processed 0 insns" in log for log in logs_of(type, number)), record
                continue
            expected = may_call(type, number) and "metadata" not in name
            if record["answer"] == "not permitted":  # one of the ways is refused to this process, and might have it
                assert record["errno"] == "EPERM" and not expected, record
                continue
            assert record["answer"] == ("yes" if expected else "no"), (record, number)
            seen.add(record["answer"])
    assert seen == ({"yes", "no"} if takes_calls() else {"no"})


def test_asking_for_one_gives_the_answer_of_all(bpflens):
    chosen = names_to_try(bpflens)
    pairs = [(name, type) for name, _ in chosen[::max(1, len(chosen) // 8)]
             for type in ("xdp", "tracing", "struct_ops", "lirc_mode2", "ext", "lsm")]
    told = records(bpflens)
    assert ask(bpflens, *(w for name, type in pairs for w in ("kfunc", name, "for", type))) == [told[pair] for pair in pairs]


def test_for_any_type_is_whether_one_of_them_may_call_it(bpflens):
    chosen = [name for name, _ in names_to_try(bpflens)]
    chosen = chosen[::max(1, len(chosen) // 10)]
    for name, record in zip(chosen, ask(bpflens, *(w for n in chosen for w in ("kfunc", n))), strict=True):
        types = {type for (n, type), r in records(bpflens).items() if n == name and r["answer"] == "yes"}
        if types:
            assert record["answer"] == "yes" and record["detail"].removeprefix("for ") in types
        else:
            assert record["answer"] == "no" or record["found"] == "btf"


def test_iterators_alone_may_call_what_is_for_them(bpflens):
    """bpf_sock_destroy() is for iterators of sockets: no other tracing program may call it"""
    record = ask_one(bpflens, "kfunc", "bpf_sock_destroy", "for", "tracing")
    number = btf.vmlinux().find(btf.FUNC, "bpf_sock_destroy")
    assert (record["answer"] == "yes") == bool(number and may_call("tracing", number))


def test_congestion_control_is_for_struct_ops(bpflens):
    name = ("kfunc", "tcp_slow_start")
    there, not_there, any_type = ask(bpflens, *name, "for", "struct_ops", *name, "for", "xdp", *name, rc=1)
    assert {there["found"], not_there["found"]} == {"probe"}
    if not takes_calls():
        assert {(one["answer"], one["reason"]) for one in (there, not_there, any_type)} == {("no", "not built in")}
        return
    assert there["answer"] == "yes"
    assert (not_there["answer"], not_there["reason"]) == ("no", "not for this type")
    assert any_type["detail"] == "for struct_ops"


def test_another_function_of_the_kernel_is_no(bpflens):
    assert btf.vmlinux().find(btf.FUNC, "vfs_read")
    reason = ask_one(bpflens, "kfunc", "vfs_read", "for", "xdp", rc=1)["reason"]
    assert reason == ("not for this type" if takes_calls() else "not built in")
    if tagged():
        assert ask_one(bpflens, "kfunc", "vfs_read", rc=1)["answer"] == "no"


def test_functions_of_modules_are_tried_with_their_types(bpflens):
    modules = [r for r in everything(bpflens, "kfunc") if r.get("detail", "").startswith("of module ")]
    if not modules:
        pytest.skip("no module with kfuncs is loaded")
    assert ask(bpflens, *(w for r in modules[:3] for w in ("kfunc", r["name"], "for", r["for"])), rc=0) == modules[:3]
    for record in modules:
        assert (record["answer"], record["found"]) == ("yes", "probe")
        assert btf.vmlinux().find(btf.FUNC, record["name"]) is None or record["name"] not in tagged()


@pytest.mark.slow_in_vm(reason="the command line is the same everywhere")
def test_a_misspelled_name_is_a_wrong_command_line_that_names_the_nearest(bpflens):
    result = bpflens.run("-o", "json", "feature", "probe", "kfunc", "bpf_rdonly_cas")
    assert result.rc == 2 and b"bpf_rdonly_cast" in result.err
    result = bpflens.run("-o", "json", "feature", "probe", "kfunc", "bpf_rdonly_cast", "for", "xpd")
    assert result.rc == 2 and b"xdp" in result.err


def test_a_name_that_is_like_no_other_may_be_some_modules(bpflens):
    record = ask_one(bpflens, "kfunc", "my_own_driver_does_this_and_that", rc=1)
    assert (record["answer"], record["found"]) == ("no", "btf")


def test_who_may_load_nothing_hears_what_the_types_say(public, nobody, tags):
    name = sorted(tags)[len(tags) // 2]
    assert ask_one(public, "kfunc", name, "for", "xdp", rc=3, before=nobody)["answer"] == "not permitted"
    record = ask_one(public, "kfunc", name, rc=0, before=nobody)
    assert (record["answer"], record["found"]) == ("yes", "btf")
    assert ask_one(public, "kfunc", "vfs_read", rc=1, before=nobody)["found"] == "btf"


def test_without_types_nothing_is_known(bpflens):
    record = ask_one(bpflens, "kfunc", "bpf_rdonly_cast", "for", "xdp", rc=3, before=HIDE_TYPES)
    assert (record["answer"], record["reason"]) == ("unknown", "no kernel types")


@pytest.mark.slow_in_vm(reason="which calls are made is the same everywhere")
def test_one_pair_is_a_load_or_two(bpflens):
    for name in ("bpf_rdonly_cast", "tcp_slow_start"):
        _, lines = bpflens.traced("-o", "json", "feature", "probe", "kfunc", name, "for", "xdp")
        loads = [line for line in lines if "BPF_PROG_LOAD" in line and "NULL" not in line]
        assert len(loads) <= 2 and len(lines) <= 4, lines
