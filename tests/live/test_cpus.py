# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Values of per-CPU maps where there are several CPUs, and where one of them is not up.

A value belongs to each CPU that is possible, not to each that runs: the kernel copies as many as could ever be.
"""
import bpf
import pytest
import reader
from maker import hex_le

PERCPU = ["percpu_hash", "percpu_array", "lru_percpu_hash"]


@pytest.fixture
def several():
    if len(bpf.possible_cpus()) < 2:
        pytest.skip("needs a second CPU")


@pytest.fixture
def offline():
    if bpf.possible_cpus() == bpf.cpus("online"):
        pytest.skip("needs a CPU that is offline")


def declared(kernel, kind):
    """A map in which each possible CPU has a value of its own, of a size that is padded."""
    cpus = bpf.possible_cpus()
    return kernel.map(kind, 4, 12, {slot: [bytes([slot, cpu]) * 6 for cpu in cpus] for slot in (0, 1)}, name="cpus")


def check_dump(bpflens, made):
    found = bpflens("-j", "map", "dump", "id", made.id)
    by_key = {tuple(one["key"]): [(v["cpu"], v["value"]) for v in one["values"]] for one in found}
    for key, values in made.elements.items():
        shown = by_key[tuple(hex_le(key[0], 4))]
        assert shown == [(cpu, [f"0x{b:02x}" for b in v]) for cpu, v in zip(bpf.possible_cpus(), values)]
    assert bpflens("map", "dump", "id", made.id).stdout == reader.dump_plain(made.type, reader.elements(made.id))


@pytest.mark.parametrize("kind", PERCPU)
def test_each_cpu_has_its_own_value(several, kernel, bpflens, kind):
    check_dump(bpflens, declared(kernel, kind))


@pytest.mark.parametrize("kind", PERCPU)
def test_a_cpu_that_is_not_up_has_a_value_all_the_same(offline, kernel, bpflens, peer, kind):
    made = declared(kernel, kind)
    check_dump(bpflens, made)
    assert bpflens.run("map", "dump", "id", made.id).out == peer.run("map", "dump", "id", made.id).out


@pytest.mark.parametrize("kind", PERCPU)
def test_a_cpu_that_is_not_up_has_a_value_without_batches_too(offline, kernel, bpflens, kind):
    made = declared(kernel, kind)
    whole, trace = bpflens.traced("-j", "map", "dump", "id", made.id)
    calls = [line for line in trace if "bpf(" in line]
    batch = next((n for n, line in enumerate(calls, 1) if "BPF_MAP_LOOKUP_BATCH" in line), None)
    assert batch, "6.1 and later read these types in batches"
    result, trace = bpflens.traced("-j", "map", "dump", "id", made.id, inject=f"bpf:error=EINVAL:when={batch}")
    assert any("INJECTED" in line for line in trace) and any("LOOKUP_ELEM" in line for line in trace)
    assert (result.rc, result.json) == (0, whole.json)


def check_lookup(bpflens, made, key, values):
    """Each possible CPU's value, by its id: all at once, and one CPU after the other."""
    words = ["-j", "map", "lookup", "id", made.id, "key", *key]
    expected = [{"cpu": cpu, "value": [f"0x{b:02x}" for b in v]} for cpu, v in zip(bpf.possible_cpus(), values)]
    assert bpflens(*words)["values"] == expected
    for one in expected:
        assert bpflens(*words, "cpu", one["cpu"])["values"] == [one]


def check_update(kernel, bpflens, kind):
    """A value for each CPU alone, then one for all of them: the kernel holds what was typed, CPU by CPU."""
    made, key, cpus = declared(kernel, kind), bytes([1, 0, 0, 0]), bpf.possible_cpus()
    for cpu in cpus:
        bpflens("map", "update", "id", made.id, "key", *key, "value", *[200 + cpu] * 12, "cpu", cpu)
    check_lookup(bpflens, made, key, [bytes([200 + cpu]) * 12 for cpu in cpus])
    raw = bpf.map_lookup(made.fd, key, 16 * len(cpus))
    assert [raw[16 * slot:16 * slot + 12] for slot in range(len(cpus))] == [bytes([200 + cpu]) * 12 for cpu in cpus]
    bpflens("map", "update", "id", made.id, "key", *key, "value", *[9] * 12)
    check_lookup(bpflens, made, key, [bytes([9]) * 12] * len(cpus))
    if not kind.startswith("lru"):  # which may have dropped it for an update
        check_lookup(bpflens, made, bytes(4), [bytes([0, cpu]) * 6 for cpu in cpus])


@pytest.mark.parametrize("kind", PERCPU)
def test_each_cpu_is_given_the_value_that_is_its_own(several, kernel, bpflens, kind):
    check_update(kernel, bpflens, kind)


@pytest.mark.parametrize("kind", PERCPU)
def test_a_cpu_that_is_not_up_is_looked_up_and_given_a_value_all_the_same(offline, kernel, bpflens, kind):
    check_update(kernel, bpflens, kind)
