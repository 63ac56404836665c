# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What fails underneath the verbs that change: nothing is half done, and what is said is true."""
import itertools
import os
import struct

import bpf
import linkzoo
import pytest
import zoo
from maker import hex_bytes, unique
from runner import parse_json
from test_faults import allocator, cpus, told  # noqa: F401 - allocator is a fixture


def pins(path):
    return sorted(os.listdir(path))


FAULTY = unique("faulty")  # others on this machine may run the same test


def commands(kernel, path, elements):
    """One line of words for each verb, and what each makes where it succeeds: a pin, or nothing."""
    with open(elements, "w") as file:
        file.write("".join(f'{{"key": "0{i}000000", "value": "00000000"}}\n' for i in range(1, 4)))
    made, inner = kernel.map("hash", 4, 4, {1: 1}, max_entries=8), kernel.map("array", 4, 4)
    outer = kernel.map("hash_of_maps", 4, 4, max_entries=4, inner_fd=inner.fd)
    queue, percpu = zoo.make(kernel, "queue"), kernel.map("percpu_array", 4, 4, max_entries=1)
    prog, wide = kernel.prog("xdp"), kernel.map("hash", 4, 4, {i: i for i in range(3)}, max_entries=4)
    key = ["key", 1, 0, 0, 0]
    return [(["map", "update", "id", made.id, *key, "value", 2, 2, 2, 2], False),
            (["map", "update", "id", outer.id, *key, "value", "id", inner.id], False),
            (["map", "update", "id", percpu.id, "key", 0, 0, 0, 0, "value", 1, 1, 1, 1, "cpu", 0], False),
            (["map", "update", "id", made.id, "from", elements], False),
            (["map", "update", "id", percpu.id, "from", "/dev/null"], False),
            (["map", "update", "id", wide.id, "from", elements, "any"], False),
            (["map", "lookup", "id", made.id, *key], False), (["map", "getnext", "id", made.id], False),
            (["map", "peek", "id", queue.id], False), (["map", "pin", "id", made.id, path], True),
            (["prog", "pin", "id", prog.id, path], True),
            (["link", "pin", "id", linkzoo.make(kernel, "raw_tracepoint").id, path], True),
            (["link", "detach", "id", linkzoo.make(kernel, "cgroup_ingress").id], False),
            (["map", "create", path, "type", "hash_of_maps", "key", 4, "value", 4, "entries", 2, "name", FAULTY,
              "inner_map", "id", inner.id], True),
            (["map", "create", path, "type", "task_storage", "key", 4, "value", 8, "entries", 0, "flags", 1, "name",
              FAULTY], True)]


def named_faulty():
    """Ids of the maps of this name that are there."""
    found = []
    for number in bpf.ids("map"):
        try:
            fd = bpf.open_id("map", number, bpf.F_RDONLY)
        except FileNotFoundError:
            continue
        if bpf.info(fd, bpf.MapInfo()).name == FAULTY.encode():
            found.append(number)
        os.close(fd)
    return found


@pytest.mark.slow_in_vm(reason="a start for each call; what comes back from it is made up")
@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "json"]], ids=" ".join)
@pytest.mark.parametrize("error", ["EPERM", "ENOMEM", "EINVAL"])
def test_each_system_call_on_bpf_may_fail(kernel, bpflens, private, tmp_path, form, error):
    path = os.path.join(private, "bpffs", unique("ft"))
    for words, pins_it in commands(kernel, path, str(tmp_path / "elements")):
        for number in itertools.count(1):
            result, trace = bpflens.traced(*form, *words, inject=f"bpf:error={error}:when={number}")
            if not any("INJECTED" in line for line in trace):
                break
            assert result.rc in (0, 1), (words, number, result)
            assert os.path.exists(path) == (pins_it and result.rc == 0), (words, number, result)
            if result.rc == 0:  # asked again in another way, or the fact was one that may be missing
                if pins_it:
                    os.unlink(path)
            else:
                assert result.out or result.err
                assert not named_faulty()
            if form:
                parse_json(result.out)
        assert number > 2 and result.rc == 0, (words, result)
        if pins_it:
            os.unlink(path)


@pytest.mark.slow_in_vm(reason="a start for each allocation; they are ours and not the kernel's")
@pytest.mark.parametrize("form", [[], ["-j"]], ids=" ".join)
def test_each_allocation_of_a_verb_may_fail(kernel, bpflens, private, tmp_path, allocator, form):  # noqa: F811
    path = os.path.join(private, "bpffs", unique("fa"))
    for words, pins_it in commands(kernel, path, str(tmp_path / "elements")):
        for number in itertools.count(1):
            env = {"LD_PRELOAD": allocator, "FAIL_ALLOCATION": str(number)}
            with told() as came:
                result = bpflens.run(*form, *words, env=env, pass_fds=[99])
                if not came():
                    break
            assert result.rc in (0, 1), (words, number, result)
            assert os.path.exists(path) == (pins_it and result.rc == 0), (words, number, result)
            if pins_it and result.rc == 0:
                os.unlink(path)
            if form and result.out:
                parse_json(result.out)
        assert number > 1 and result.rc == 0, (words, result)
        if pins_it:
            os.unlink(path)


def test_values_go_to_the_cpu_of_that_id_where_the_ids_have_holes(kernel, bpflens, private):
    count = len(bpf.possible_cpus())
    if count < 2:
        pytest.skip("needs a second CPU")
    made = kernel.map("percpu_array", 4, 8, {0: [100 + i for i in range(count)]})
    ids = [3 * i for i in range(count)]
    with cpus(private, ",".join(map(str, ids)) + "\n"):
        bpflens("map", "update", "id", made.id, "key", 0, 0, 0, 0, "value", 7, 0, 0, 0, 0, 0, 0, 0, "cpu", 3)
        found = bpflens("-j", "map", "lookup", "id", made.id, "key", 0, 0, 0, 0)["values"]
        assert [one["cpu"] for one in found] == ids
        assert bpflens("-j", "map", "lookup", "id", made.id, "key", 0, 0, 0, 0, "cpu", 3)["values"] == [
            {"cpu": 3, "value": hex_bytes(struct.pack("Q", 7))}]
        assert bpflens.run("map", "lookup", "id", made.id, "key", 0, 0, 0, 0, "cpu", 1).rc == 2
    raw = bpf.map_lookup(made.fd, bytes(4), 8 * count)
    assert list(struct.unpack(f"{count}Q", raw)) == [100, 7] + [100 + i for i in range(2, count)]
