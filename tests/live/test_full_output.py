# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Output that cannot be written: what a command did stays done, and the failure is told."""
import os

import bpf
import linkzoo
import pytest
from loadobjects import objects  # noqa: F401 - a fixture
from maker import unique

FORMS = [["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"]]


@pytest.fixture
def full(bpflens):
    """full(WORD...): a run whose standard output takes nothing."""
    def run(*words):
        with open("/dev/full", "wb") as nowhere:
            return bpflens.run(*words, stdout=nowhere)
    return run


def refused(result):
    return result.rc == 1 and "write the output: No space left on device" in result.stderr


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("verb", ["load", "loadall"])
def test_what_was_loaded_stays_pinned(kernel, full, objects, form, verb):  # noqa: F811
    path = f"{kernel.bpffs}/{unique('full')}"
    try:
        assert refused(full(*form, "prog", verb, objects("several"), path))
        names = sorted(os.listdir(path)) if verb == "loadall" else [""]
        assert names == (["load_first", "load_second", "load_third"] if verb == "loadall" else [""])
        for name in names:
            os.close(bpf.obj_get(os.path.join(path, name) if name else path))
    finally:
        for name in os.listdir(path) if os.path.isdir(path) else []:
            os.unlink(os.path.join(path, name))
        (os.rmdir if os.path.isdir(path) else os.unlink)(path)


def make_map(kernel, path):
    return ["map", "create", path, "type", "array", "key", 4, "value", 4, "entries", 1, "name", "full"]


def pin_prog(kernel, path):
    return ["prog", "pin", "id", kernel.prog("xdp").id, path]


def pin_map(kernel, path):
    return ["map", "pin", "id", kernel.map("array").id, path]


def pin_link(kernel, path):
    return ["link", "pin", "id", linkzoo.make(kernel, "raw_tracepoint").id, path]


@pytest.mark.parametrize("prepare", [make_map, pin_prog, pin_map, pin_link])
def test_what_was_pinned_stays_pinned(kernel, full, prepare):
    path = f"{kernel.bpffs}/{unique('full')}"
    try:
        assert refused(full("-j", *prepare(kernel, path)))
        os.close(bpf.obj_get(path))
    finally:
        os.unlink(path)


def test_a_pin_that_was_removed_stays_removed(kernel, full):
    path = f"{kernel.bpffs}/{unique('full')}"
    bpf.obj_pin(kernel.map("array").fd, path)
    assert refused(full("-j", "map", "unpin", path)) and not os.path.exists(path)


def test_an_element_that_was_written_stays_written(kernel, full):
    made = kernel.map("array", 4, 4, max_entries=1)
    assert refused(full("-j", "map", "update", "id", made.id, "key", 0, 0, 0, 0, "value", 1, 2, 3, 4))
    assert bpf.map_lookup(made.fd, bytes(4), 4) == b"\1\2\3\4"


def test_where_nothing_is_said_nothing_fails(kernel, full):
    path = f"{kernel.bpffs}/{unique('full')}"
    result = full("prog", "pin", "id", kernel.prog("xdp").id, path)
    assert (result.rc, result.err) == (0, b"")
    os.unlink(path)
