# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog tracelog: the kernel's trace as it comes, in each form, and the streams of programs."""
import contextlib
import json
import os
import re
import time

import bpf
import btf
import pytest
from maker import unique
from runner import parse_json
from stream import Stream, pipe, reading, speaker, without_tracefs

LINE = re.compile(r" *\S+-\d+ +(\( *\S+\) )?\[\d{3}\] \S+ +\d+\.\d{6}: bpf_trace_printk: ")


@pytest.fixture
def say(kernel):
    return speaker(kernel)


def test_lines_come_as_they_are_written(bpflens, say):
    marks = [unique("a"), unique("b")]
    with reading(bpflens, "prog", "tracelog") as stream:
        for mark in marks:
            say(mark)
            line = stream.line_with(mark)
            assert LINE.match(line) and line.endswith(f": {mark}\n")
        assert stream.interrupt() == 0


def test_json_is_an_array_of_lines_with_their_new_lines(bpflens, say):
    mark = unique("j")
    with reading(bpflens, "-j", "prog", "tracelog") as stream:
        say(mark)
        stream.wait_for(mark)
        assert stream.interrupt() == 0
        lines = parse_json(stream.out)
    [mine] = [line for line in lines if mark in line]
    assert LINE.match(mine) and mine.endswith(f": {mark}\n")


def test_strict_forms_have_the_parts_of_each_line(bpflens, say):
    mark = unique("s")
    with reading(bpflens, "-o", "jsonl", "prog", "tracelog") as stream:
        say(f"{mark} one\ntwo{mark}")
        first, second = json.loads(stream.line_with(mark)), json.loads(stream.line_with("two" + mark))
        assert stream.interrupt() == 0
    with open("/proc/self/comm") as comm:
        assert first["task"] == comm.read().strip()
    assert first["pid"] == os.getpid() and first["function"] == "bpf_trace_printk" and first["text"] == mark + " one"
    assert first["cpu"] in bpf.cpus("online") and re.fullmatch(r"\d+\.\d{6}", first["timestamp"])
    assert second == {"text": "two" + mark}


def test_a_table_does_not_wait_for_more_rows(bpflens, say):
    mark = unique("t")
    with reading(bpflens, "-o", "table=text", "prog", "tracelog") as stream:
        say(mark)
        assert stream.line_with(mark).strip() == mark
        assert stream.interrupt() == 0


def test_bpftool_says_the_same(bpflens, peer, say):
    """One after the other, since each takes what it reads; where tracefs is mounted for the time of it."""
    mark = unique("p")
    own = not os.path.exists("/sys/kernel/tracing/trace_pipe")
    shapes = []
    for program in (bpflens, peer):
        with contextlib.ExitStack() as stack:
            if own:
                if bpf.LIBC.mount(b"tracefs", b"/sys/kernel/tracing", b"tracefs", 0, None):
                    pytest.skip("needs tracefs, which cannot be mounted")
                stack.callback(bpf.LIBC.umount2, b"/sys/kernel/tracing", 2)
            stream = stack.enter_context(reading(program, "-j", "prog", "tracelog"))
            say(mark)
            time.sleep(0.5)  # bpftool does not flush
            assert stream.interrupt() == 0
            [line] = [line for line in json.loads(stream.out) if mark in line]
            # The second flag: the scheduler wanted the CPU just then.
            shapes.append(re.sub(r"\[\d+\] (.).([^ ]+) +\d+\.\d+", r"[C] \1.\2 T", line))
    assert shapes[0] == shapes[1]


def test_tracefs_that_is_mounted_nowhere_is_read_without_a_mount(bpflens, say):
    with contextlib.closing(pipe(bpflens, "prog", "tracelog", preexec=without_tracefs)) as stream:
        mark = unique("m")
        say(mark)
        stream.line_with(mark)
        with open(f"/proc/{stream.child.pid}/mounts") as mounts:
            assert " tracefs " not in mounts.read()
        assert stream.interrupt() == 0
        assert stream.err == b"note: tracefs is mounted nowhere: it is read without a mount\n"
    failed = bpflens.run("-n", "-j", "prog", "tracelog", preexec=without_tracefs)
    assert failed.rc == 1 and failed.error == "trace pipe: find a mounted tracefs: No such file or directory"


def test_without_the_right_to_it_the_trace_is_not_read(public, nobody):
    failed = public.run("prog", "tracelog", before=nobody)
    assert failed.rc == 1 and failed.error.startswith(("trace pipe: open: Permission denied", "no tracefs can be seen: Permission denied"))


@pytest.mark.parametrize("given, says", [
    (["x"], "expected 'stdout' or 'stderr', got: x"), (["stdout"], "expected PROG behind 'stdout'"),
    (["s"], "expected PROG behind 'stdout'"), (["follow"], "'follow' goes with 'stdout' or 'stderr'"),
    (["stdout", "id", "0", "x"], "what is 'x'?")])
def test_words_that_mean_nothing_are_refused(bpflens, given, says):
    failed = bpflens.run("prog", "tracelog", *given)
    assert failed.rc == 2 and says in failed.error


# Streams of programs


# A fifth argument is the kernel's to fill in, where there is one; where both names are known the second is no kfunc.
KFUNCS = ("bpf_stream_vprintk", "bpf_stream_vprintk_impl")


def stream_writer(kernel, text, which):
    """A syscall program that writes text to its stream 1 or 2 by a kfunc, whose name and arguments differ by kernel."""
    found = next((number for number in (btf.vmlinux().find(btf.FUNC, name) for name in KFUNCS) if number is not None), None)
    if found is None:
        pytest.skip("has no program streams")
    data = text.encode() + b"\0"
    table = kernel.map("array", value=len(data), entries={0: data}, flags=bpf.F_RDONLY_PROG)
    bpf.map_freeze(table.fd)
    format_at = bpf.insn(0x18, 2, 2, imm=table.fd) + bpf.insn(0)  # the address of the value
    one_argument = [bpf.insn(0x7a, 10, off=-8), bpf.mov_reg(3, 10), bpf.add(3, -8), bpf.mov(4, 8)]  # that no % asks for
    code = [*one_argument, bpf.mov(1, which), format_at, bpf.mov(5, 0), bpf.insn(0x85, 0, 2, imm=found), *bpf.returning(0)]
    try:
        return kernel.prog("syscall", code, flags=bpf.F_SLEEPABLE)
    except OSError as failure:
        pytest.fail(f"loads no program with a stream: {failure} {getattr(failure, '__notes__', '')}")


@pytest.fixture
def writer(kernel):
    def make(text, which=1):
        prog = stream_writer(kernel, text, which)
        bpf.prog_run(prog.fd, repeat=0)
        return prog
    return make


def needs_contents(bpflens, prog, text):
    """Some kernels cannot allocate what is written to a stream: then there is none."""
    if not bpflens("prog", "tracelog", "stdout", "id", prog.id).out:
        pytest.skip("program streams stay empty")
    bpf.prog_run(prog.fd, repeat=0)


def test_a_stream_is_read_until_it_is_empty(bpflens, writer):
    prog = writer("first\nsecond\n")
    needs_contents(bpflens, prog, "first")
    assert bpflens("prog", "tracelog", "stdout", "id", prog.id).out == b"first\nsecond\n"
    assert bpflens("prog", "tracelog", "stdout", "id", prog.id).out == b""
    bpf.prog_run(prog.fd, repeat=0)
    assert bpflens("-j", "prog", "tracelog", "s", "id", prog.id) == ["first\n", "second\n"]
    assert bpflens("-j", "prog", "tracelog", "stderr", "id", prog.id) == []
    bpf.prog_run(prog.fd, repeat=0)
    assert bpflens("-o", "json", "prog", "tracelog", "stdout", "id", prog.id) == [
        {"prog_id": prog.id, "stream": "stdout", "text": text} for text in ("first", "second")]


def test_standard_error_of_a_program_goes_to_standard_error(bpflens, writer):
    prog = writer("wrong\n", which=2)
    result = bpflens("prog", "tracelog", "stderr", "id", prog.id)
    if not result.err:
        pytest.skip("program streams stay empty")
    assert result.out == b"" and result.err == b"wrong\n"


def test_a_stream_can_be_followed(bpflens, writer):
    prog = writer("again\n")
    needs_contents(bpflens, prog, "again")
    with contextlib.closing(Stream(bpflens, "-o", "jsonl", "prog", "tracelog", "stdout", prog.id, "follow")) as stream:
        for count in (1, 2, 3):
            stream.wait_for_lines(count)
            bpf.prog_run(prog.fd, repeat=0)
        assert stream.interrupt() == 0
    assert {json.loads(line)["text"] for line in stream.out.splitlines()} == {"again"}


def test_an_empty_stream_or_a_kernel_without_streams(bpflens, kernel):
    prog = kernel.prog("xdp")
    result = bpflens.run("-j", "prog", "tracelog", "stdout", "id", prog.id)
    if btf.vmlinux().find(btf.FUNC, "bpf_prog_stream_read") is not None:
        assert result.rc == 0 and result.json == []
    else:
        assert result.rc == 1 and result.error == f"prog {prog.id}: read its stdout: Operation not supported"
        assert "this kernel gives programs no streams: Linux 6.17 does" in result.stdout
    failed = bpflens.run("-j", "prog", "tracelog", "stdout", "id", 4294967295)
    assert failed.rc == 1 and failed.error.startswith("prog 4294967295")
