# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog attach to what traces: the program runs, link list shows where it is, and it ends with the command or the pin."""
import contextlib
import os
import signal

import attaching
import bpf
import pytest
from attaching import Counter, held
from maker import unique

EVENT = "bpf_test_finish"  # happens when a program is run for a test


@pytest.fixture
def place(private):
    path = os.path.join(private, "bpffs", unique("at"))
    yield path
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def fire(kernel):
    """A test run of a program, which reaches functions and events that nothing else does."""
    bpf.prog_run(kernel.prog("xdp", bpf.returning(2)).fd, data=bytes(64))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_without_a_pin_it_is_held_until_a_signal_which_is_no_failure(kernel, bpflens, number):
    counter = Counter(kernel, "raw_tracepoint")
    with held(bpflens, "prog", "attach", "id", counter.id, "raw_tracepoint", EVENT) as holder:
        assert holder.said == (f"link {holder.link_id}: prog {counter.id} attached to raw_tracepoint {EVENT}; "
                               "Ctrl-C detaches it\n")
        fire(kernel)
        assert counter.runs > 0
        assert attaching.shown(bpflens, holder.link_id)["tp_name"] == EVENT
        assert holder.stop(number) == (0, "", "")
    assert not attaching.is_there(holder.link_id)


def test_with_a_pin_it_stays_until_the_file_is_removed(kernel, bpflens, place):
    counter = Counter(kernel, "raw_tracepoint")
    result = bpflens("prog", "attach", "id", counter.id, "raw_tracepoint", EVENT, "pin", place)
    assert (result.out, result.err) == (b"", b"")
    fire(kernel)
    assert counter.runs > 0
    link = bpflens("-o", "json", "link", "show", "pinned", place, "no-owners")[0]
    assert (link["prog_id"], link["tp_name"]) == (counter.id, EVENT)
    os.unlink(place)
    assert not attaching.is_there(link["id"])
