# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Commands that run until they are ended: signals at any moment, readers that go away, batches."""
import contextlib
import json
import os
import select
import signal
import subprocess
import time

import pytest
from maker import unique
from runner import parse_json
from stream import Stream, pipe, reading, speaker

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def say(kernel):
    return speaker(kernel)


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_ends_a_stream_in_order(bpflens, say, number):
    mark = unique("e")
    with reading(bpflens, "-j", "prog", "tracelog") as stream:
        say(mark)
        stream.wait_for(mark)
        assert stream.interrupt(number) == 0
        assert [line for line in parse_json(stream.out) if mark in line] and stream.err == b""


@pytest.mark.parametrize("form", [["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], []], ids=" ".join)
def test_a_stream_without_events_ends_at_once_and_is_a_document(bpflens, form):
    with reading(bpflens, *form, "prog", "tracelog") as stream:
        before = time.monotonic()
        assert stream.interrupt() == 0 and time.monotonic() - before < 5
        if form and form[-1] != "jsonl":
            assert isinstance(parse_json(stream.out), list)


def test_a_signal_under_a_flood_of_events_ends_it_at_once(bpflens, say):
    """Events that are there already do not keep it."""
    mark = unique("f")
    with reading(bpflens, "-j", "prog", "tracelog") as stream:
        say(mark, times=2000)
        stream.wait_for(mark)
        assert stream.interrupt() == 0
        assert isinstance(parse_json(stream.out), list)


def test_several_signals_are_no_more_than_one(bpflens, say):
    """timeout(1) sends two, and so do terminals and impatient users."""
    for _ in range(5):
        with reading(bpflens, "-j", "prog", "tracelog") as stream:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
                stream.send(number)
            assert stream.wait() == 0 and isinstance(parse_json(stream.out), list)


@pytest.mark.slow_in_vm(reason="many starts; when a signal comes is no kernel's business")
def test_a_signal_at_any_moment_leaves_a_document_or_nothing_begun(bpflens):
    """Before signals are blocked the process dies of them, as any other; afterwards the document is whole."""
    for wait in range(0, 24, 2):
        with contextlib.closing(Stream(bpflens, "-j", "prog", "tracelog")) as stream:
            time.sleep(wait / 1000)
            status = stream.interrupt(signal.SIGTERM)
            if status == -signal.SIGTERM:
                assert stream.out == b"", wait
            else:
                document = parse_json(stream.out)
                assert status == 0 and isinstance(document, list) or "only one can" in document["hint"], (wait, stream)


def test_nohup_is_heeded_and_what_a_script_starts_in_the_background_can_be_ended(bpflens, say):
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    mark = unique("n")
    with reading(bpflens, "prog", "tracelog", preexec=ignore) as stream:
        stream.send(signal.SIGHUP)
        say(mark)
        stream.line_with(mark)
        assert stream.interrupt(signal.SIGINT) == 0


def test_signals_that_were_blocked_before_end_it_too(bpflens):
    def block():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with reading(bpflens, "-j", "prog", "tracelog", preexec=block) as stream:
        assert stream.interrupt(signal.SIGTERM) == 0 and isinstance(parse_json(stream.out), list)


def test_a_reader_that_goes_away_ends_a_stream_without_events(bpflens):
    with reading(bpflens, "-j", "prog", "tracelog") as stream:
        stream.child.stdout.close()
        stream.open = {fd: name for fd, name in stream.open.items() if name == "err"}
        assert stream.wait() == 1 and stream.err == b""  # no death by a signal, and no word
        stream.child.stdout = None


def test_a_reader_of_one_line_is_served_and_ends_it(program, bpflens, say):
    mark = unique("h")
    pipe(bpflens, "prog", "tracelog").close()  # nobody else reads
    shell = subprocess.Popen(["sh", "-c", f'"{program}" -o jsonl prog tracelog | grep -m1 {mark}'], stdout=subprocess.PIPE)
    try:
        for _ in range(200):
            say(mark)
            if shell.poll() is not None:
                break
            time.sleep(0.05)
        out, _ = shell.communicate(timeout=20)
    finally:
        shell.kill()
    assert json.loads(out)["text"] == mark


def test_a_reader_that_rests_does_not_keep_it(bpflens, say):
    """Nobody reads, and the pipe is full: the signal is heard all the same."""
    with reading(bpflens, "prog", "tracelog") as stream:
        end = time.monotonic() + 30
        while not is_full(stream.child.pid):
            assert time.monotonic() < end, "the pipe does not fill"
            say("x" * 60, times=500)
        say("x" * 60, times=500)  # for a write that finds no room, whatever the last one left
        time.sleep(0.2)
        stream.send(signal.SIGTERM)
        assert stream.child.wait(20) == 1  # some output was lost
        stream.rest()
        assert b"Error: write the output: Interrupted system call" in stream.err


def is_full(pid):
    """Is its standard output, a pipe, without room?"""
    fd = os.open(f"/proc/{pid}/fd/1", os.O_WRONLY | os.O_NONBLOCK)
    try:
        return not select.select([], [fd], [], 0)[1]
    finally:
        os.close(fd)


def test_lines_are_whole_when_it_is_killed(bpflens, say, tmp_path):
    mark = unique("k")
    out = tmp_path / "out"
    with open(out, "wb") as file, reading(bpflens, "-o", "jsonl", "prog", "tracelog", stdout=file) as stream:
        say(mark, times=300)
        while mark.encode() not in out.read_bytes():
            time.sleep(0.01)
        stream.send(signal.SIGKILL)
        assert stream.wait() == -signal.SIGKILL
    written = out.read_bytes()
    lines = written.splitlines(keepends=True)
    # The kernel itself cuts a write() of a process that is killed, and only where a page of the file ends.
    if len(written) % os.sysconf("SC_PAGE_SIZE") == 0 and not written.endswith(b"\n"):
        lines.pop()
    assert lines and all(line.endswith(b"}\n") and json.loads(line) for line in lines)


@pytest.mark.parametrize("form", [["-j"], ["-o", "json"]], ids=" ".join)
def test_in_a_batch_it_ends_the_command_and_the_batch(bpflens, say, tmp_path, form):
    script = tmp_path / "batch"
    script.write_text("version\nprog tracelog\nversion\n")
    mark = unique("b")
    with reading(bpflens, *form, "batch", "file", script) as stream:
        say(mark)
        stream.wait_for(mark)
        assert stream.interrupt() == 0
        done = parse_json(stream.out)
    assert [one["command"] for one in done] == [["version"], ["prog", "tracelog"]]
    assert [line for line in done[1]["output"] if mark in json.dumps(line)]


def test_in_a_batch_of_text_it_ends_the_batch_too(bpflens, tmp_path):
    script = tmp_path / "batch"
    script.write_text("prog tracelog\nversion\n")
    with reading(bpflens, "batch", "file", script) as stream:
        assert stream.interrupt() == 0 and b"bpflens v" not in stream.out


def test_after_a_stream_that_ended_by_itself_signals_are_as_before(bpflens, tmp_path):
    """Here one that failed; a later command that waits for standard input dies of the signal."""
    script = tmp_path / "batch"
    os.mkfifo(tmp_path / "fifo")
    script.write_text(f"prog tracelog stdout id 4294967295\nbatch file {tmp_path}/fifo\n")
    with contextlib.closing(Stream(bpflens, "batch", "file", script, "keep-going")) as stream:
        stream.until(lambda: b"4294967295" in stream.err, "the error")
        assert stream.signals("SigBlk") == 0
        assert stream.interrupt(signal.SIGTERM) == -signal.SIGTERM


def test_under_bpftools_name_it_ends_as_well(as_bpftool):
    with reading(as_bpftool, "-j", "prog", "tracelog") as stream:
        assert stream.interrupt() == 0 and isinstance(parse_json(stream.out), list)
