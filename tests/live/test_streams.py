# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Streams that are closed, full or gone, and a kernel without bpf(2)."""
import errno
import os
import signal
import subprocess

import pytest
import zoo
from maker import unique
from runner import LIMIT
from seccomp import forbid_bpf

pytestmark = pytest.mark.slow_in_vm(reason="a start for each stream and command; streams are the same everywhere")

FORMS = [[], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"], ["-o", "tsv"]]


def closed(number):
    """Words that start a program with that descriptor closed."""
    return ["sh", "-c", f'exec "$@" {number}>&-', "sh"]


@pytest.fixture
def things(kernel):
    maps = [zoo.make(kernel, kind) for kind in ("hash", "percpu_array", "array_of_maps", "devmap")]
    prog = kernel.prog("xdp", name=unique("str"), maps=maps)
    return [["prog", "show", "id", prog.id], ["prog", "show", "name", prog.name], ["map", "show", "id", maps[0].id],
            *[["map", "dump", "id", one.id] for one in maps], ["map", "dump", "id", maps[0].id, "count"],
            ["prog", "show", "pinned", kernel.pin(prog)], ["map", "dump", "pinned", kernel.pin(maps[0])],
            ["version"], ["help"], ["prog", "help"]]


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_a_closed_standard_input_or_error_changes_nothing(things, bpflens, form):
    for words in things:
        whole = bpflens.run(*form, *words)
        for number in (0, 2):
            result = bpflens.run(*form, *words, before=closed(number))
            assert (result.rc, result.out) == (whole.rc, whole.out), (number, words)


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_a_closed_standard_output_is_a_failure(things, bpflens, form):
    for words in things:
        result = bpflens.run(*form, *words, before=closed(1))
        if bpflens.run(*form, *words).out:
            assert result.rc == 1 and b"Bad file descriptor" in result.err, words


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_a_full_device_is_a_failure(things, bpflens, form):
    for words in things:
        if not bpflens.run(*form, *words).out:
            continue
        with open("/dev/full", "wb") as full:
            result = bpflens.run(*form, *words, stdout=full)
        assert result.rc == 1 and b"No space left on device" in result.err, words


def test_all_streams_closed_is_no_crash(things, bpflens):
    for words in things:
        result = bpflens.run(*words, before=["sh", "-c", 'exec "$@" 0>&- 1>&- 2>&-', "sh"])
        assert result.rc == 1
    result = bpflens.run("prog", "show", "id", "4294967295", before=closed(2))
    assert result.rc == 1 and result.out == b""


def test_a_full_device_for_errors_does_not_change_the_status(bpflens):
    with open("/dev/full", "wb") as full:
        assert bpflens.run("prog", "show", "id", "4294967295", stderr=full).rc == 1
        assert bpflens.run("nosuch", stderr=full).rc == 2


def test_a_closed_standard_error_keeps_errors_out_of_objects(kernel, bpflens):
    """With descriptor 2 free, an object might be opened as 2, and errors written to it."""
    made = zoo.make(kernel, "perf_event_array")
    result = bpflens.run("map", "dump", "id", made.id, before=closed(2))
    assert (result.rc, result.err) == (1, b"")
    assert result.out == bpflens.run("map", "dump", "id", made.id).out


def gone(program, *args, ignore):
    """Exit status of a program whose reader leaves after the first bytes."""
    child = subprocess.Popen([program.path, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             restore_signals=not ignore)
    os.read(child.stdout.fileno(), 100)
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()
    return child.wait(LIMIT), said


@pytest.mark.parametrize("ignore", [False, True], ids=["SIGPIPE", "EPIPE"])
@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "jsonl"]], ids=" ".join)
def test_a_reader_that_leaves_ends_a_dump_at_once(kernel, bpflens, form, ignore):
    made = kernel.map("array", 4, 64, max_entries=200000)
    status, said = gone(bpflens, *form, "map", "dump", "id", made.id, ignore=ignore)
    assert status in (1, -signal.SIGPIPE) if not ignore else status == 1
    assert said == b"" or b"Broken pipe" in said


# No bpf(2) at all


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOSYS])
@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_a_forbidden_bpf_call_is_said_in_words(kernel, bpflens, form, number):
    made = kernel.map("array", name="unreachable")
    path = kernel.pin(made)
    for words in (["prog", "list"], ["map", "list"], ["prog"], ["map", "show", "id", made.id],
                  ["map", "dump", "id", made.id], ["map", "dump", "pinned", path], ["prog", "show", "name", "x"]):
        result = bpflens.run(*form, *words, preexec=forbid_bpf(number))
        assert result.rc == 1 and os.strerror(number) in result.error, result
        if form in (["-j"], ["-p"], ["-o", "json"]):
            assert result.json is not None


def test_without_bpf_help_and_version_still_work(bpflens):
    for words in (["version"], ["help"], ["map", "help"], ["-j", "version"]):
        result = bpflens.run(*words, preexec=forbid_bpf(errno.EPERM))
        assert result.rc == 0 and result.out
    assert bpflens.run("nosuch", preexec=forbid_bpf(errno.EPERM)).rc == 2


def test_output_into_a_pipe_is_not_written_line_by_line(kernel, bpflens):
    made = kernel.map("array", max_entries=2000)
    for form in ([], ["-j"], ["-o", "jsonl"], ["-o", "tsv"]):
        result, trace = bpflens.traced(*form, "map", "dump", "id", made.id, calls="write,writev")
        written = [line for line in trace if "write" in line]
        assert result.rc == 0 and len(result.out) > 20000 and 0 < len(written) <= len(result.out) / 2000, len(written)
