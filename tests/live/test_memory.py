# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Memory does not grow with the number of objects or elements."""
import json
import os
import re
import resource
import subprocess

import bpf
import pytest
from loadobjects import objects  # noqa: F401 - a fixture
from maker import unique
from runner import LIMIT

SLACK = 512  # KiB by which many may exceed few: one batch of elements, pages of libraries that came late
MOST = 5 * 1024  # KiB, whatever is listed
PIPE = 4096


def peak(program, *args, limit=None, rc=0):
    """(peak resident memory in KiB, bytes of output) of a run whose output is larger than what buffers hold.

    The peak is read from /proc while the program waits for its reader: what wait4() tells counts the tests' own memory.
    """
    def before():
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    child = subprocess.Popen([program.path, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                             pipesize=PIPE, preexec_fn=before)
    most = size = 0
    try:
        while part := os.read(child.stdout.fileno(), PIPE):
            size += len(part)
            if size // 65536 != (size - len(part)) // 65536 or not most:
                with open(f"/proc/{child.pid}/status") as status:
                    found = re.search(r"VmHWM:\s+(\d+) kB", status.read())
                most = max(most, int(found[1])) if found else most
        said = child.stderr.read()
        assert child.wait(LIMIT) == rc or rc is None and not said, said
    finally:
        child.kill()
        child.wait()
        child.stdout.close(), child.stderr.close()
    return most, size


def many(kernel, kind, count, key, value):
    made = kernel.map(kind, key, value, max_entries=count)
    stride = (value + 7) // 8 * 8 * len(bpf.possible_cpus()) if made.is_percpu else value
    step = 50000
    for first in range(0, count, step):
        part = range(first, min(first + step, count))
        keys = b"".join(i.to_bytes(key, "little") for i in part)
        bpf.map_update_many(made.fd, keys, bytes(stride * len(part)), len(part))
    return made


@pytest.mark.slow_in_vm(reason="3000 programs; the memory is that of our buffers")
@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "jsonl"], ["-o", "tsv"]], ids=" ".join)
def test_a_list_of_thousands_of_programs_takes_no_more_memory_than_a_short_one(kernel, bpflens, form):
    maps, name = [kernel.map("array") for _ in range(3)], unique("mem")
    for _ in range(500):
        kernel.prog("xdp", name=name, maps=maps)
    few, size = peak(bpflens, *form, "prog", "show", "name", name)
    for _ in range(2500):
        kernel.prog("xdp", name=name, maps=maps)
    lots, larger = peak(bpflens, *form, "prog", "show", "name", name)
    assert larger > 5 * size and few > 0
    assert lots <= few + SLACK and lots <= MOST


@pytest.mark.slow_in_vm(reason="300000 elements; the memory is that of our buffers")
@pytest.mark.parametrize("kind, form", [("hash", []), ("hash", ["-j"]), ("hash", ["-o", "json"]), ("array", []),
                                        ("percpu_hash", ["-j"]), ("devmap_hash", ["-j"])],
                         ids=lambda v: v if isinstance(v, str) else " ".join(v))
def test_a_dump_of_many_elements_takes_no_more_memory_than_a_short_one(kernel, bpflens, kind, form):
    if kind == "devmap_hash":
        kernel.netns()
        small, large = (kernel.map(kind, 4, 4, max_entries=count) for count in (3000, 60000))
        for made in (small, large):
            for i in range(made.max_entries):
                bpf.map_update(made.fd, i.to_bytes(4, "little"), b"\1\0\0\0")
    else:
        small, large = many(kernel, kind, 5000, 4, 16), many(kernel, kind, 300000, 4, 16)
    few, size = peak(bpflens, *form, "map", "dump", "id", small.id)
    lots, larger = peak(bpflens, *form, "map", "dump", "id", large.id)
    assert larger > 15 * size and few > 0
    assert lots <= few + SLACK and lots <= MOST


@pytest.mark.slow_in_vm(reason="300000 elements; the memory is that of our buffers")
def test_a_map_larger_than_the_memory_allowed_is_dumped(kernel, bpflens):
    """80 MiB of elements under a limit of 48 MiB of address space, most of which libraries take."""
    made = many(kernel, "hash", 300000, 8, 256)
    limit = 48 << 20
    _, size = peak(bpflens, "-j", "map", "dump", "id", made.id, limit=limit)
    assert size > 300000 * (8 + 256) * 7


@pytest.mark.slow_in_vm(reason="300000 elements; the memory is that of our buffers")
def test_counting_takes_no_memory_either(kernel, bpflens):
    made = many(kernel, "hash", 300000, 8, 64)
    result = bpflens.run("-j", "map", "dump", "id", made.id, "count",
                         preexec=lambda: resource.setrlimit(resource.RLIMIT_AS, (48 << 20, 48 << 20)))
    assert result.rc == 0 and result.json["elements"] == 300000


FEATURES_MOST = 12 * 1024  # KiB: an index of the kernel's types, and those parts of them that were looked at


@pytest.mark.slow_in_vm(reason="thousands of answers; the memory is that of our buffers")
def test_a_probe_of_many_features_takes_no_more_memory_than_one_of_few(bpflens):
    question = ["helper", "bpf_map_lookup_elem", "for", "xdp"]
    few, size = peak(bpflens, "-o", "jsonl", "feature", "probe", *question * 200)
    lots, larger = peak(bpflens, "-o", "jsonl", "feature", "probe", *question * 5000)
    assert larger > 20 * size and few > 0
    words = 4800 * sum(len(word) + 1 + 8 for word in question) // 1024  # the kernel puts them and their addresses on the stack
    assert lots <= few + words + SLACK
    whole, larger = peak(bpflens, "-o", "jsonl", "feature", "probe")
    assert larger > 1 << 20 and whole <= FEATURES_MOST


@pytest.mark.slow_in_vm(reason="hundreds of objects are looked through; the memory is that of our buffers")
@pytest.mark.parametrize("form", [[], ["-o", "jsonl"]], ids=" ".join)
def test_a_check_of_many_objects_takes_no_more_memory_than_one_of_few(bpflens, objects, form):  # noqa: F811
    path = objects("several")
    few, size = peak(bpflens, *form, "feature", "check", *[path] * 150)
    lots, larger = peak(bpflens, *form, "feature", "check", *[path] * 1000)
    assert larger > 6 * size and few > 0
    assert lots <= few + SLACK and lots <= FEATURES_MOST


@pytest.mark.slow_in_vm(reason="thousands of answers; the memory is that of our buffers")
def test_a_diff_takes_memory_for_the_files_alone_and_not_for_what_differs(bpflens, tmp_path):
    """Files are not sorted, so both are held; the bound is by their bytes."""
    answers = bpflens("-o", "json", "feature", "probe")
    paths = {name: str(tmp_path / name) for name in ("here", "one", "all")}
    # Each differs in as many bytes as it has in the others, so that files are equally large.
    for name, turns in (("here", 0), ("one", 300), ("all", len(answers))):
        told = [{**one, "answer": "not permitted" if i < turns and one.get("answer") in ("yes", "no") else one.get("answer")}
                if "answer" in one else one for i, one in enumerate(answers)]
        with open(paths[name], "w", encoding="utf-8") as file:
            json.dump(told, file)
    few, size = peak(bpflens, "-o", "jsonl", "feature", "diff", paths["here"], paths["one"], rc=None)
    lots, larger = peak(bpflens, "-o", "jsonl", "feature", "diff", paths["here"], paths["all"], rc=None)
    assert larger > 10 * size and few > 0
    both = (os.path.getsize(paths["here"]) + os.path.getsize(paths["all"])) // 1024
    assert lots <= few + SLACK + both and lots <= MOST + 20 * both
