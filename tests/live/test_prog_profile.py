# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog profile: runs are counted one by one, values are those of perf, and nothing is left attached."""
import os
import re
import signal
import struct
import time

import bpf
import pytest
import watching
from maker import unique
from watching import Stream

SOFTWARE = ["cpu_clock", "task_clock", "page_faults", "context_switches", "cpu_migrations"]
HARDWARE = ["cycles", "instructions", "l1d_loads", "llc_misses", "itlb_misses", "dtlb_misses"]


def attach_refused(prog):
    """Why this kernel attaches nothing at the entry of a program; or None."""
    function = bpf.prog_info(prog.fd)[2][0][1]
    try:
        os.close(bpf.prog_load("tracing", bpf.returning(0), attach_type=24, attach_btf_id=function, attach_fd=prog.fd))
    except OSError as failure:
        return failure
    return None


def counted(kernel):
    return kernel.named_prog(unique("prf"), "sched_cls")


@pytest.fixture
def target(kernel):
    made = counted(kernel)
    if attach_refused(made):
        pytest.skip("this kernel attaches nothing to programs")
    return made


def has_counter(kind, config):
    """Whether perf counts this on the CPU at hand."""
    attr = bpf.bytes_in(struct.pack("IIQQQQQ", kind, 64, config, 0, 0, 0, 0) + bytes(16))
    fd = bpf.LIBC.syscall(bpf.SYS_PERF_EVENT_OPEN, attr, -1, min(os.sched_getaffinity(0)), -1, 8)
    if fd >= 0:
        os.close(fd)
    return fd >= 0


def profiling(bpflens, *words, form=()):
    return Stream(bpflens, *form, "prog", "profile", *words)


def begun(before, n=1):
    """Wait until what counts is attached: at the entry last, by a link of its own."""
    watching.wait_until(lambda: len(set(bpf.ids("link")) - before["link"]) >= 2 * n, "the links")
    time.sleep(0.05)


def totals(stream, how=signal.SIGINT):
    rc, out, err = stream.stop(how)
    assert (rc, err) == (0, ""), (out, err)
    return watching.documents(stream.words, out)


def test_each_run_is_counted(target, bpflens):
    before = watching.objects()
    with profiling(bpflens, "id", target.id, "cpu_clock", form=["-j"]) as stream:
        begun(before)
        start = time.monotonic_ns()
        watching.write(target, 1000)
        spent = time.monotonic_ns() - start
        found = totals(stream)
    assert [list(one) for one in found] == [["metric", "run_cnt", "value", "enabled", "running"]]
    assert (found[0]["metric"], found[0]["run_cnt"]) == ("cpu_clock", 1000)
    assert 0 < found[0]["value"] < spent and found[0]["enabled"] == found[0]["running"]
    watching.assert_gone(before)


def test_runs_on_all_cpus_are_added_up(target, bpflens):
    before, cpus = watching.objects(), os.sched_getaffinity(0)
    try:
        with profiling(bpflens, "id", target.id, "task_clock", form=["-o", "json"]) as stream:
            begun(before)
            for cpu in cpus:
                os.sched_setaffinity(0, {cpu})
                watching.write(target, 10)
            found = totals(stream)
    finally:
        os.sched_setaffinity(0, cpus)
    assert found[0]["run_cnt"] == 10 * len(cpus)


def test_all_software_metrics_at_once_are_in_the_order_of_the_table(target, bpflens):
    before = watching.objects()
    with profiling(bpflens, "id", target.id, *reversed(SOFTWARE), form=["-o", "jsonl"]) as stream:
        begun(before)
        watching.write(target, 5)
        found = totals(stream)
    assert [one["metric"] for one in found] == SOFTWARE
    for one in found:
        assert (one["prog_id"], one["name"], one["run_cnt"]) == (target.id, target.name[:15], 5)
    assert {one["metric"]: one["value"] for one in found if one["metric"] in ("context_switches", "cpu_migrations")} == {
        "context_switches": 0, "cpu_migrations": 0}


def test_plain_output_is_bpftool_s(target, bpflens):
    before = watching.objects()
    with profiling(bpflens, "id", target.id, "cpu_c", "page") as stream:
        begun(before)
        watching.write(target, 7)
        rc, out, err = stream.stop()
    assert (rc, err) == (0, watching.offline("is offline: nothing is counted there"))
    assert re.fullmatch(rf"\n {{17}}7 run_cnt {{13}}\n *\d+ cpu_clock {{52}}\n *\d+ page_faults {{50}}\n", out), repr(out)


def test_several_programs_are_told_apart(kernel, target, bpflens):
    other, before = counted(kernel), watching.objects()
    words = ["id", target.id, "id", other.id, "cpu_clock"]
    with profiling(bpflens, *words, form=["-j"]) as stream:
        begun(before, 2)
        watching.write(target, 3)
        watching.write(other, 4)
        found = totals(stream)
    assert [(one["prog_id"], one["run_cnt"]) for one in found] == [(target.id, 3), (other.id, 4)]
    with profiling(bpflens, *words) as stream:
        begun(before, 2)
        out = stream.stop()[1]
    assert re.findall(r"^(\d+): sched_cls", out, re.M) == [str(target.id), str(other.id)] and out.count("run_cnt") == 2
    watching.assert_gone(before)


def test_a_name_that_fits_several_programs_means_all(kernel, target, bpflens):
    twin, before = kernel.named_prog(target.name, "sched_cls"), watching.objects()
    with profiling(bpflens, "name", target.name, "cpu_clock", form=["-o", "json"]) as stream:
        begun(before, 2)
        watching.write(twin, 2)
        found = totals(stream)
    assert [(one["prog_id"], one["run_cnt"]) for one in found] == [(target.id, 0), (twin.id, 2)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_however_it_ends(target, bpflens, how):
    before = watching.objects()
    with profiling(bpflens, "id", target.id, "cpu_clock") as stream:
        begun(before)
        stream.stop(how)
    watching.assert_gone(before)


def test_a_duration_ends_it(target, bpflens):
    start = time.monotonic()
    found = bpflens("-j", "prog", "profile", "id", target.id, "duration", 1, "cpu_clock")
    assert time.monotonic() - start >= 1 and found[0]["run_cnt"] == 0


# What cannot be


def test_hardware_is_counted_or_it_is_told_that_there_is_none(kernel, bpflens):
    made, before = counted(kernel), watching.objects()
    refused = attach_refused(made)
    for metric in HARDWARE:
        result = bpflens.run("prog", "profile", "id", made.id, "duration", 1, metric)
        if result.rc == 0 or (refused and has_counter(0, 0)):
            assert has_counter(0, 0) and (refused or metric in result.stdout)
            continue
        assert result.rc == 1 and result.out == b""
        assert re.match(rf"metric {metric}: count on CPU \d+: ", result.error) and "cpu_clock" in result.stderr
    watching.assert_gone(before)


def test_an_ordinary_user_is_told_which_rights_it_takes(kernel, public, nobody):
    result = public.run("-j", "prog", "profile", "id", counted(kernel).id, "cpu_clock", before=nobody)
    assert result.rc == 1 and "CAP_BPF" in result.json["hint"]


def test_a_kernel_that_attaches_nothing_to_programs_is_told(kernel, bpflens):
    made = counted(kernel)
    refused, before = attach_refused(made), watching.objects()
    if not refused:
        return  # all tests above have it
    result = bpflens.run("prog", "profile", "id", made.id, "cpu_clock")
    assert result.rc == 1
    assert result.error == f"prog {made.id}: load a program that counts at its entry and exit: {refused.strerror}"
    assert "fentry" in result.stderr
    assert bpflens("-j", "prog", "profile", "id", made.id, "cpu_clock", rc=1)["error"] == result.error
    watching.assert_gone(before)


def test_a_program_without_btf_is_told(kernel, bpflens):
    made, before = kernel.prog("xdp", name=unique("prf")), watching.objects()
    result = bpflens.run("prog", "profile", "id", made.id, "cpu_clock")
    assert result.rc == 1 and result.error == f"prog {made.id}: it has no BTF that tells its functions: Operation not supported"
    assert "-g" in result.stderr
    watching.assert_gone(before)


def test_words_that_do_not_fit_are_refused(kernel, bpflens):
    made = counted(kernel)
    for words, text in ((["duration", 5], "a metric is missing"), ([], "a metric is missing"), (["nosuch"], "unknown metric 'nosuch'"),
                        (["duration", "x", "cycles"], "'duration' needs a whole number of seconds of at least 1, got: 'x'"),
                        (["duration"], "'duration' needs a value")):
        result = bpflens.run("prog", "profile", "id", made.id, *words)
        assert result.rc == 2 and result.error == text, (words, result)
    assert bpflens("-j", "prog", "profile", "id", 0, "cpu_clock", rc=1)["error"]
    assert bpflens.run("prog", "profile", "id", 4294967295, "cpu_clock").rc == 1
