# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""iter: iterators of compiled objects, run and pinned, beside what they walk over and bpftool."""
import os
import shutil
import struct
import subprocess

import bpf
import bpflink
import linkzoo
import pytest
from loadobjects import nothing_left, objects  # noqa: F401 - objects is a fixture
from maker import unique


@pytest.fixture
def bpffs(private):
    path = os.path.join(private, "bpffs", unique("it"))
    os.mkdir(path)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def sleeper():
    """A process of one task."""
    child = subprocess.Popen(["sleep", "600"])
    yield child.pid
    child.kill()
    child.wait()


@pytest.fixture
def numbers(kernel):
    return kernel.map("hash", key=4, value=4, entries={1: 10, 2: 20, 300: 77}, name=unique("it"))


def pairs(text):
    return sorted(tuple(map(int, line.split())) for line in text.splitlines())


def error_hint(result):
    return result.stderr.split("  hint: ", 1)[1].strip()


# show


def test_text_is_what_the_iterator_writes(bpflens, objects, bpffs, sleeper):  # noqa: F811
    with nothing_left(bpffs):
        result = bpflens("iter", "show", objects("iter_task"))
    assert result.err == b"" and (sleeper, sleeper) in pairs(result.stdout) and (os.getpid(), os.getpid()) in pairs(result.stdout)


def test_one_process_or_task_can_be_picked(bpflens, objects, sleeper):  # noqa: F811
    for word in ("pid", "tid"):
        result = bpflens.run("iter", "show", objects("iter_task"), word, sleeper)
        if not linkzoo.info_has("iter.task"):
            assert result.rc == 1
            pytest.skip("makes no iterator of one task link")
        assert (result.rc, result.stdout) == (0, f"{sleeper}\t{sleeper}\n")


def test_each_form_has_its_lines(bpflens, objects, bpffs, numbers):  # noqa: F811
    words = ["iter", "show", objects("iter_two"), "program", "load_elements", "map", "id", numbers.id]
    wanted = [(1, 10), (2, 20), (300, 77)]
    with nothing_left(bpffs):
        assert pairs(bpflens(*words).stdout) == wanted
        for form in ("-j", "-p"):
            assert pairs("\n".join(bpflens(form, *words)["output"])) == wanted
        for form in ("json", "jsonl"):
            assert pairs("\n".join(one["line"] for one in bpflens("-o", form, *words))) == wanted
        for form in ("tsv", "table"):
            head, *rows = bpflens("-o", form, *words).stdout.splitlines()
            assert head.strip() == "line" and pairs("\n".join(rows)) == wanted


def test_nothing_written_is_nothing_in_each_form(kernel, bpflens, objects):  # noqa: F811
    empty = kernel.map("hash", key=4, value=4)
    words = ["iter", "show", objects("iter_raw"), "map", "id", empty.id]
    assert bpflens(*words).out == b"" and bpflens("-j", *words) == {"output": []} and bpflens("-o", "json", *words) == []


def test_bytes_are_handed_on_as_they_are(bpflens, objects, numbers):  # noqa: F811
    """To a file or a pipe; a terminal gets none that it would act on, and JSON stays JSON."""
    words = ["iter", "show", objects("iter_raw"), "map", "id", numbers.id]
    assert sorted(struct.unpack("3I", bpflens(*words).out)) == [10, 20, 77]
    assert all(one >= 0x20 or one == 10 for one in bpflens.on_terminal(*words)[1].encode())
    assert bpflens("-j", *words)["output"]


def test_cgroups_are_walked_from_a_directory_and_in_an_order(kernel, bpflens, objects):  # noqa: F811
    if not linkzoo.info_has("iter.cgroup"):
        pytest.skip("makes no iterator of cgroups link")
    top, _ = kernel.cgroup()
    inner = os.path.join(top, "inner")
    os.mkdir(inner)
    kernel.stack.callback(os.rmdir, inner)
    ids = [os.stat(path).st_ino for path in (top, inner)]
    words = ["iter", "show", objects("iter_cgroup"), "cgroup", top]
    for order, wanted in ((None, ids), ("descendants_pre", ids), ("descendants_post", ids[::-1]), ("self_only", ids[:1])):
        result = bpflens(*words, *(["order", order] if order else []))
        assert [int(line) for line in result.stdout.splitlines()] == wanted, order


def test_what_is_no_cgroup_is_told(bpflens, objects, tmp_path):  # noqa: F811
    if not linkzoo.info_has("iter.cgroup"):
        pytest.skip("makes no iterator of cgroups link")
    result = bpflens.run("-j", "iter", "show", objects("iter_cgroup"), "cgroup", tmp_path)
    assert result.rc == 1 and result.json["hint"] == f"'{tmp_path}' is no directory of a cgroup2 file system"


def test_a_pin_is_run_too(bpflens, objects, bpffs, numbers):  # noqa: F811
    path = os.path.join(bpffs, "one")
    bpflens("iter", "pin", objects("iter_two"), path, "map", "id", numbers.id, "program", "load_elements")
    for _ in range(2):
        assert pairs(bpflens("iter", "show", path).stdout) == [(1, 10), (2, 20), (300, 77)]
    result = bpflens.run("iter", "show", path, "map", "id", numbers.id)
    assert result.rc == 2 and "takes no words" in result.error


def test_of_several_iterators_the_first_is_taken_and_a_note_says_so(bpflens, objects, sleeper):  # noqa: F811
    result = bpflens("iter", "show", objects("iter_two"))
    assert (sleeper, sleeper) in pairs(result.stdout) and "has 2 iterators" in result.stderr and "load_tasks" in result.stderr
    assert bpflens("-j", "iter", "show", objects("iter_two"))["output"]


# pin


def test_a_pinned_iterator_is_a_file_that_can_be_read(bpflens, objects, bpffs, sleeper):  # noqa: F811
    path = os.path.join(bpffs, "tasks")
    with nothing_left(bpffs):
        result = bpflens("iter", "pin", objects("iter_task"), path)
        assert (result.out, result.err) == (b"", b"")
        with open(path) as file:
            assert (sleeper, sleeper) in pairs(file.read())
        [link] = [one for one in bpflens("-j", "-f", "link") if one.get("pinned") == [path]]
        assert (link["type"], link["target_name"]) == ("iter", "task")
        os.unlink(path)


def test_a_pin_is_bpftools(bpflens, peer, objects, bpffs, numbers):  # noqa: F811
    made = {}
    for program in (bpflens, peer):
        path = os.path.join(bpffs, "by_" + program.name.rsplit("/", 1)[-1])
        said = program.run("iter", "pin", objects("iter_raw"), path, "map", "id", str(numbers.id))
        assert said.rc == 0, said
        fd = bpf.obj_get(path)
        made[path] = bpflink.LinkInfo(fd).type
        os.close(fd)
        with open(path, "rb") as file:
            assert sorted(struct.unpack("3I", file.read())) == [10, 20, 77]
    assert len(set(made.values())) == 1 and len(made) == 2


def test_pinning_in_json_says_null(bpflens, objects, bpffs):  # noqa: F811
    assert bpflens("-j", "iter", "pin", objects("iter_task"), os.path.join(bpffs, "t")) is None


# What is wrong leaves nothing


@pytest.mark.slow_in_vm(reason="errors of the command line")
def test_what_is_wrong_says_so_and_leaves_nothing(kernel, bpflens, objects, bpffs, numbers, tmp_path):  # noqa: F811
    other, small = kernel.map("queue", key=0, value=4), kernel.map("hash", key=1, value=1)
    taken = kernel.pin(numbers)
    elements = ["program", "load_elements"]
    cases = [
        (objects("iter_none"), [], "no iterator in it"),
        (objects("iter_task"), ["program", "nobody"], "load_tasks"),
        (objects("iter_task"), ["map", "id", numbers.id], "takes no 'map'"),
        (objects("iter_two"), elements, "say 'map MAP'"),
        (objects("iter_two"), elements + ["map", "id", other.id], "cannot be walked"),
        (objects("iter_two"), elements + ["map", "id", small.id], "smaller"),
        (objects("iter_two"), elements + ["map", "id", 4294967294], "4294967294"),
        (objects("iter_two"), elements + ["map", "id", numbers.id, "pid", 1], "takes no 'pid'"),
        (objects("iter_task"), ["cgroup", str(tmp_path)], "takes no 'cgroup'"),
        (objects("iter_task"), ["cgroup", "/no/such"], "/no/such"),
        ("/etc/passwd", [], "not an ELF file"),
        ("/no/such/file", [], "No such file"),
    ]
    with nothing_left(bpffs):
        for path, words, told in cases:
            for verb in (["show", path], ["pin", path, os.path.join(bpffs, "x")]):
                result = bpflens.run("iter", *verb, *words)
                assert result.rc == 1 and result.out == b"" and told in result.stderr, result
        result = bpflens.run("iter", "show", taken)
        assert result.rc == 1 and "a map" in result.stderr


def test_a_path_that_is_taken_is_told_before_anything_is_loaded(kernel, bpflens, objects, bpffs):  # noqa: F811
    taken = kernel.pin(kernel.map("array"))
    with nothing_left(bpffs):
        for path, told in ((taken, "File exists"), ("/nowhere/x", "No such file"), (os.path.join(bpffs, "a.b"), "dot")):
            result, trace = bpflens.traced("iter", "pin", objects("iter_task"), path)
            assert result.rc == 1 and told in result.stderr
            assert not any("BPF_PROG_LOAD" in line for line in trace)


def test_a_link_that_is_no_iterator_is_told(kernel, bpflens):
    path = kernel.pin(linkzoo.make(kernel, "raw_tracepoint"))
    result = bpflens.run("-j", "iter", "show", path)
    assert result.rc == 1 and path in result.error and result.json["error"]


@pytest.mark.slow_in_vm(reason="the kernel is not asked")
def test_wrong_words_are_usage(bpflens, objects):  # noqa: F811
    for words in (["show"], ["pin", "x"], ["show", "x", "y"], ["show", "x", "pid"], ["show", "x", "order", "sideways"], ["pin", "x", "y", "map"]):
        assert bpflens.run("iter", *words).rc == 2, words
