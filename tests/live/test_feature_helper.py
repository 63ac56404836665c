# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe: types of programs and their helpers, held against loads of our own, one for each pair."""
import json
import os
import re
import subprocess

import bpf
import btf
import linkzoo
import features
import pytest
import watching

# Types that need more than nothing: attach type, flags, and what each shape of them is for.
ATTACH = {"cgroup_sock_addr": 10, "lirc_mode2": 16, "cgroup_sockopt": 21, "sk_lookup": 36, "netfilter": 45}
FLAGS = {"syscall": bpf.F_SLEEPABLE}
TARGETS = {
    "tracing": ((23, 0, btf.TYPEDEF, f"btf_trace_{linkzoo.EVENT}"), (28, 0, btf.FUNC, "bpf_iter_bpf_map"), (24, 0, btf.FUNC, "bpf_fentry_test1"),
                (28, bpf.F_SLEEPABLE, btf.FUNC, "bpf_iter_bpf_map")),
    "lsm": ((27, 0, btf.FUNC, "bpf_lsm_file_open"), (27, bpf.F_SLEEPABLE, btf.FUNC, "bpf_lsm_file_open")),
}
NOT_ASKED = {"bpf_trace_printk", "bpf_probe_write_user", "bpf_trace_vprintk"}
MISSING = ("unknown func ", "program of this type cannot use helper ", "invalid func ")


def shapes(type):
    """What a load of this type needs, in each shape that the kernel has types for."""
    if type not in TARGETS:
        return [{"attach_type": ATTACH.get(type, 0), "flags": FLAGS.get(type, 0)}]
    found = [(attach, flags, btf.vmlinux().find(kind, name)) for attach, flags, kind, name in TARGETS[type]]
    return [{"attach_type": attach, "flags": flags, "attach_btf_id": id} for attach, flags, id in found if id]


def load(type, code, shape):
    """"" where the kernel takes it, or its errno and words."""
    try:
        os.close(bpf.prog_load(type, code, **shape))
    except OSError as failure:
        return f"{failure.strerror}: {' '.join(failure.__notes__)}"
    return ""


def loads(type):
    """The shapes in which a program of this type is taken."""
    return [shape for shape in shapes(type) if not load(type, bpf.returning(0), shape)]


def may_call(type, number):
    """A call and nothing else, without arguments: what the verifier says of it, in the shapes that load."""
    return any(not any(words in load(type, [bpf.helper(number), bpf.leave()], shape) for words in MISSING) for shape in loads(type))


@pytest.fixture(scope="module")
def answers(bpflens):
    """All records of a whole probe."""
    return features.whole(bpflens)


@pytest.fixture(scope="module")
def told(answers):
    """{(type, number of the helper): record}"""
    numbers = {name: i for i, name in enumerate(helper_names())}
    return {(one["for"], numbers[one["name"]]): one for one in answers if one["kind"] == "helper" and one["name"] in numbers}


def helper_names():
    """As the enum of the kernel's own headers has them: the position is the number."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "libinspect", "kernel", "names.c")
    with open(path) as source:
        table = re.search(r"helpers\[\] = \{(.*?)\};", source.read(), re.S)[1]
    return ["bpf_" + name for name in re.findall(r'"(\w+)"', table)]


def types_of(answers):
    return {one["name"]: one for one in answers if one["kind"] == "prog_type"}


def check_pairs(told, types, which):
    wrong, seen = [], 0
    for (type, number), one in told.items():
        if type in ("ext", "struct_ops") or one["name"] in NOT_ASKED or types[type]["answer"] != "yes":
            continue
        if not which(seen := seen + 1):
            continue
        if one["answer"] == "not permitted":  # no shape that loads has it, and one does not load
            assert len(loads(type)) < len(shapes(type)), one
        if (one["answer"] == "yes") != may_call(type, number):
            wrong.append(one)
    assert not wrong
    assert seen > 3000


@pytest.mark.slow_in_vm(reason="six thousand loads; some of them are tried in the next test")
def test_every_pair_is_what_a_load_of_its_own_says(told, answers):
    check_pairs(told, types_of(answers), lambda n: True)


def test_some_pairs_are_what_a_load_of_their_own_says(told, answers):
    check_pairs(told, types_of(answers), lambda n: n % 23 == 0)


@pytest.mark.parametrize("number", [148, 161, 191, 193])  # copy_from_user, ima_inode_hash, copy_from_user_task, ima_file_hash
@pytest.mark.parametrize("type", ["tracing", "kprobe"])
def test_what_may_sleep_is_there_where_a_program_may_call_it_that_may(told, type, number):
    ways = [shape | {"flags": flags} for shape in shapes(type) for flags in (0, bpf.F_SLEEPABLE)]
    said = [load(type, [bpf.helper(number), bpf.leave()], way) for way in ways if not load(type, bpf.returning(0), way)]
    assert said
    assert (told[type, number]["answer"] == "yes") == any(not any(words in text for words in MISSING) for text in said)


def test_a_type_is_there_where_one_of_its_shapes_loads(answers):
    for name, one in types_of(answers).items():
        if name in ("ext", "struct_ops"):
            continue
        assert (one["answer"] == "yes") == bool(loads(name)), one


def test_a_type_that_is_not_there_is_not_among_those_that_the_kernels_types_know(answers):
    members = btf.vmlinux().strings
    for name, one in types_of(answers).items():
        if one["answer"] == "no":
            assert f"\0BPF_PROG_TYPE_{name.upper()}_prog\0".encode() not in members
            assert one["reason"] in ("not built in", "kernel configuration")


def test_helpers_of_a_type_that_is_not_there_are_not_there(answers, told):
    for name, one in types_of(answers).items():
        if one["answer"] == "no":
            assert {told[name, n]["answer"] for n in range(1, 200)} == {"no"}


def test_the_peer_has_the_same_helpers(answers, peer):
    """It knows none for types that need something to attach to, and does not ask for those that print."""
    theirs = features.document(peer, "-j")["helpers"]
    for type, one in types_of(answers).items():
        if type in ("tracing", "struct_ops", "ext", "lsm") or one["answer"] != "yes":
            continue
        ours = {a["name"] for a in answers if a["kind"] == "helper" and a["for"] == type and a["answer"] == "yes"} - NOT_ASKED
        assert ours == set(theirs[f"{type}_available_helpers"]), type


def dmesg():
    return subprocess.run(["dmesg"], capture_output=True, check=True).stdout.splitlines()


def numbered():
    """The helpers that this kernel has a number for."""
    types = btf.vmlinux()
    return {"bpf_" + name.removeprefix("BPF_FUNC_") for name, _ in types.enumerators(types.find(btf.ENUM, "bpf_func_id"))}


def test_what_writes_to_the_kernels_log_is_not_asked_for(bpflens):
    before = len(dmesg())
    for name in sorted(NOT_ASKED):
        result = bpflens.run("-o", "json", "feature", "probe", "helper", name, "for", "kprobe")
        if name == "bpf_probe_write_user":
            assert result.rc == 3
            assert result.json[0]["answer"] == "unknown" and "full" in result.json[0]["detail"]
        elif name not in numbered():
            assert (result.json[0]["answer"], result.json[0]["reason"]) == ("no", "not built in")
        else:
            assert result.json[0]["answer"] == "unknown" or result.json[0]["found"] == "rule"
    bpflens("-o", "jsonl", "feature", "probe")
    assert [line for line in dmesg()[before:] if b"bpf" in line.lower()] == []


def test_in_full_it_is(bpflens):
    one = bpflens("-o", "json", "feature", "probe", "full", "helper", "bpf_trace_printk", "for", "kprobe")[0]
    assert one["answer"] == "yes" and one["found"] == "probe"


def test_another_helper_stands_in_for_those_that_print(bpflens, answers):
    """Never a wrong yes; asked one by one, it is the same."""
    full = {(one["name"], one.get("for")): one for one in bpflens("-o", "json", "feature", "probe", "full") if one["kind"] == "helper"}
    told = [one for one in answers if one["kind"] == "helper" and one["name"] in ("bpf_trace_printk", "bpf_trace_vprintk")]
    by_rule = [one for one in told if one["answer"] == "yes"]
    for one in by_rule:
        assert one["found"] == "rule"
        assert full[one["name"], one["for"]]["answer"] == "yes", one
    if full["bpf_snprintf_btf", "xdp"]["answer"] == "yes":
        assert {one["for"] for one in by_rule} >= {"xdp", "kprobe", "sched_cls"}
    for one in told[::7]:
        assert bpflens.run("-o", "json", "feature", "probe", "helper", one["name"], "for", one["for"]).json[0]["answer"] == one["answer"]


@pytest.mark.parametrize("name", ["map_lookup_elem", "bpf_map_lookup_elem"])
def test_one_question_has_one_answer_and_one_load(bpflens, name):
    result, calls = bpflens.traced("-o", "json", "feature", "probe", "helper", name, "for", "xdp")
    assert [(one["kind"], one["name"], one["for"], one["answer"]) for one in result.json] == [("helper", "bpf_map_lookup_elem", "xdp", "yes")]
    assert sum("insn_cnt=4" in call for call in calls) == 1
    assert sum("bpf(" in call for call in calls) <= 2  # the other one cannot do anything: it shows whether a filter lets any through


def test_who_may_load_nothing_makes_few_calls(bpflens):
    result, calls = bpflens.traced("-o", "jsonl", "feature", "probe", "helper", "bpf_loop", "helper", "bpf_strncmp", inject="bpf:error=EPERM")
    assert {json.loads(line)["answer"] for line in result.stdout.splitlines()} <= {"not permitted", "unknown"}
    assert sum("bpf(" in call for call in calls) < 160


def test_without_a_type_any_will_do_and_is_named(bpflens):
    one = bpflens("-o", "json", "feature", "probe", "helper", "bpf_redirect_map")[0]
    assert one["answer"] == "yes" and one["detail"] == "xdp" and "for" not in one


def test_a_helper_that_the_type_has_not_is_not_for_it(bpflens):
    result = bpflens.run("-o", "json", "feature", "probe", "helper", "bpf_redirect_map", "for", "kprobe")
    assert result.rc == 1
    assert result.json[0]["reason"] == "not for this type"


def test_a_name_that_is_none_is_refused_with_the_nearest(bpflens):
    for words, nearest in ((("helper", "bpf_map_lookup_elm"), "map_lookup_elem"), (("prog_type", "sched_cl"), "sched_cls"),
                           (("helper", "bpf_loop", "for", "kprob"), "kprobe")):
        result = bpflens.run("feature", "probe", *words)
        assert result.rc == 2 and nearest in result.stderr


@pytest.mark.slow_in_vm(reason="does not depend on the kernel")
def test_what_is_said_of_a_wrong_name_has_it_as_it_was_written(bpflens):
    for written, nearest in (("bpf_lop", "bpf_loop"), ("lop", "loop"), ("bpf_map_lookup_elm", "bpf_map_lookup_elem")):
        said = bpflens.run("feature", "probe", "helper", written).stderr
        assert said == f"Error: helper '{written}': there is none of that name\n  hint: did you mean '{nearest}'?\n"


def test_an_ordinary_user_is_told_that_it_is_not_permitted(public, nobody):
    for words in (("prog_type", "kprobe"), ("helper", "bpf_loop", "for", "kprobe"), ("helper", "bpf_loop")):
        result = public.run("-o", "json", "feature", "probe", *words, before=nobody)
        assert result.rc == 3
        assert [one["answer"] for one in result.json] == ["not permitted"]


def test_nothing_is_left(bpflens):
    before = watching.objects(("prog", "map", "link", "btf"))
    bpflens.run("feature", "probe", "prog_type", "ext", "prog_type", "tracing", "helper", "bpf_loop")
    watching.assert_gone(before)


@pytest.mark.slow_in_vm(reason="a guest has one CPU")
def test_on_one_cpu_the_answers_are_the_same(bpflens, answers):
    one_cpu = bpflens.run("-o", "jsonl", "feature", "probe", preexec=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}))
    both = [[(one["name"], one.get("for"), one["answer"]) for one in some if one["kind"] in ("helper", "prog_type")]
            for some in ([json.loads(line) for line in one_cpu.stdout.splitlines()], answers)]
    assert both[0] == both[1]
