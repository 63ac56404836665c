# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map dump walking large, awkward and changing maps: nothing lost, nothing twice, and an end."""
import os
import re
import signal
import struct
import subprocess
import time
from contextlib import contextmanager

import bpf
import pytest
import reader
import zoo
from runner import LIMIT, parse_json

F_ZERO_SEED = 0x40
KEYS = re.compile(r"^key: ([0-9a-f ]+)  value:", re.M)


def batch_calls(trace):
    """[(number of the bpf call, its line)] of the batch look-ups in a trace."""
    calls = [line for line in trace if "bpf(" in line]
    return [(n, line) for n, line in enumerate(calls, 1) if "BPF_MAP_LOOKUP_BATCH" in line]


def fill(kernel, kind, count, key=4, value=8, **more):
    """A map of count elements; number i is under key i and worth 3 * i."""
    made = kernel.map(kind, key, value, max_entries=count, **more)
    made.elements = {i.to_bytes(key, "little"): (3 * i).to_bytes(value, "little") for i in range(count)}
    bpf.map_update_many(made.fd, b"".join(made.elements), b"".join(made.elements.values()), count)
    return made


@pytest.mark.parametrize("count", [4095, 4096, 4097, 8192, pytest.param(50000, marks=pytest.mark.slow_in_vm(
    reason="50000 elements are read in the same batches as 8192"))])
@pytest.mark.slow_in_vm(reason="thousands of elements; other tests walk each type of maps")
@pytest.mark.parametrize("kind", ["hash", "array", "lru_hash"])
def test_each_of_many_elements_is_shown_once(kernel, bpflens, kind, count):
    made = fill(kernel, kind, count)
    held = reader.elements(made.id)  # an LRU map may have made room already
    records = bpflens("-o", "json", "map", "dump", "id", made.id)
    assert {one["key"]: one["value"] for one in records} == {k.hex(): v.hex() for k, v in held.items()}
    assert len(records) == len(held)
    if kind != "lru_hash":
        assert len(records) == count
        assert bpflens("map", "dump", "id", made.id).stdout.endswith(f"Found {count} elements\n")


def test_batch_calls_are_used_where_the_type_has_them(kernel, bpflens):
    for kind in ("hash", "array", "lru_hash", "percpu_hash"):
        made = zoo.make(kernel, kind)
        _, trace = bpflens.traced("map", "dump", "id", made.id)
        assert batch_calls(trace) and not any("BPF_MAP_LOOKUP_ELEM" in line for line in trace), kind


@pytest.mark.parametrize("kind", ["percpu_array", "lru_percpu_hash", "lpm_trie", "hash_of_maps", "array_of_maps"])
def test_batch_calls_are_used_where_this_kernel_has_them(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    if not bpf.has_batch(made.fd, 1 << 12, 1 << 16):
        pytest.skip(f"this kernel reads no {kind} in batches")
    _, trace = bpflens.traced("map", "dump", "id", made.id)
    assert batch_calls(trace) and not any("BPF_MAP_LOOKUP_ELEM" in line for line in trace)


@pytest.mark.slow_in_vm(reason="what the kernel says is injected, for two dozen dumps under strace")
@pytest.mark.parametrize("kind", ["hash", "array", "percpu_hash", "percpu_array", "lru_hash", "lru_percpu_hash", "lpm_trie",
                                  "hash_of_maps"])
@pytest.mark.parametrize("error", ["EINVAL", "EOPNOTSUPP", "524"])
def test_without_batch_calls_the_dump_is_the_same(kernel, bpflens, kind, error):
    made = zoo.make(kernel, kind)
    whole, trace = bpflens.traced("-j", "map", "dump", "id", made.id)
    batches = batch_calls(trace)
    if not batches:
        pytest.skip(f"{kind} is not read in batches here")
    result, trace = bpflens.traced("-j", "map", "dump", "id", made.id, inject=f"bpf:error={error}:when={batches[0][0]}")
    assert "INJECTED" in batch_calls(trace)[0][1]
    assert (result.rc, result.err) == (0, b"")
    assert result.json == whole.json and len(result.json) == len(made.elements)


@pytest.mark.slow_in_vm(reason="what the kernel says is injected, and the dump is long")
def test_a_failing_batch_in_the_middle_is_an_error_in_a_complete_document(kernel, bpflens):
    made = fill(kernel, "hash", 20000)
    _, trace = bpflens.traced("-j", "map", "dump", "id", made.id)
    second = batch_calls(trace)[1][0]
    for form in (["-j"], ["-o", "json"], ["-o", "jsonl"], []):
        result, trace = bpflens.traced(*form, "map", "dump", "id", made.id, inject=f"bpf:error=EPERM:when={second}")
        assert any("INJECTED" in line for line in trace)
        assert result.rc == 1 and str(made.id) in result.error and "Operation not permitted" in result.error
    elements = [one for one in result.stdout.splitlines() if one.startswith("key:")]
    assert 0 < len(elements) < 20000, "what was read before the failure is shown"


def unjhash(c, b, a):
    """The three words that jhash's last mixing turns into (a, b, c); all arithmetic is modulo 2**32."""
    rol = lambda x, n: (x << n | x >> 32 - n) & 0xffffffff
    c = ((c + rol(b, 24)) & 0xffffffff) ^ b
    b = ((b + rol(a, 14)) & 0xffffffff) ^ a
    a = ((a + rol(c, 4)) & 0xffffffff) ^ c
    c = ((c + rol(b, 16)) & 0xffffffff) ^ b
    b = ((b + rol(a, 25)) & 0xffffffff) ^ a
    a = ((a + rol(c, 11)) & 0xffffffff) ^ c
    c = ((c + rol(b, 14)) & 0xffffffff) ^ b
    return a, b, c


def colliding_keys(count):
    """12-byte keys that a hash map without a seed keeps all in one bucket."""
    start = (0xdeadbeef + (3 << 2)) & 0xffffffff
    for i in range(count):
        words = unjhash(0x12345678, i, i * 2654435761 & 0xffffffff)
        yield struct.pack("III", *((word - start) & 0xffffffff for word in words))


def test_a_bucket_larger_than_a_batch_is_read_whole(kernel, bpflens):
    count = 5000
    keys = list(colliding_keys(count))
    made = kernel.map("hash", 12, 4, max_entries=count, flags=F_ZERO_SEED)
    values = [struct.pack("I", i) for i in range(count)]
    bpf.map_update_many(made.fd, b"".join(keys), b"".join(values), count)
    result, trace = bpflens.traced("-o", "json", "map", "dump", "id", made.id)
    assert {one["key"]: one["value"] for one in result.json} == {k.hex(): v.hex() for k, v in zip(keys, values)}
    assert len(result.json) == count and (result.rc, result.err) == (0, b"")
    assert any("ENOSPC" in line for _, line in batch_calls(trace)) or not batch_calls(trace), \
        "the keys were meant to be too many for one bucket; the test has to be mended"


# Maps that change

CHURN = """
import os, struct, sys
sys.path.insert(0, sys.argv[1])
import bpf
fd, first, last = (int(word) for word in sys.argv[2:5])
keys = [struct.pack("I", i) for i in range(first, last)]
value = bytes.fromhex(sys.argv[5])
print("ready", flush=True)
while os.getppid() != 1:
    for key in keys:
        bpf.map_delete(fd, key)
        bpf.map_update(fd, key, value)
"""


@contextmanager
def churned(made, first, last, value):
    """While it lasts, another process deletes and puts back the elements first to last."""
    words = ["/usr/bin/python3", "-c", CHURN, os.path.dirname(os.path.abspath(__file__)), made.fd, first, last, value.hex()]
    child = subprocess.Popen([str(w) for w in words], stdout=subprocess.PIPE, pass_fds=[made.fd])
    try:
        assert child.stdout.readline() == b"ready\n"
        yield child
        assert child.poll() is None, "the other process must outlive the dumps"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()


@pytest.mark.slow_in_vm(reason="two busy processes for seconds; with one emulated CPU they are minutes")
def test_elements_that_stay_are_never_lost_while_others_come_and_go(kernel, bpflens):
    made = fill(kernel, "hash", 20000)
    stable = {key.hex(): value.hex() for key, value in made.elements.items() if int.from_bytes(key, "little") < 10000}
    with churned(made, 10000, 20000, b"12345678"):
        for _ in range(10):
            records = bpflens("-o", "json", "map", "dump", "id", made.id)
            found = {one["key"]: one["value"] for one in records}
            assert len(found) == len(records), "a key is shown twice"
            assert stable.items() <= found.items(), "a key that was there all the time is missing"


def test_a_walk_by_keys_ends_while_the_map_changes(kernel, bpflens):
    """devmap_hash is walked key by key: a deleted key sends the walk back to the beginning."""
    kernel.netns()
    made = kernel.map("devmap_hash", 4, 4, max_entries=2000)
    for i in range(2000):
        made.put(i, 1)
    with churned(made, 100, 2000, b"\1\0\0\0"):
        for _ in range(10):
            result = bpflens.run("map", "dump", "id", made.id)
            assert len(KEYS.findall(result.stdout)) <= 4 * 2000 + 1000
            assert result.stdout.splitlines()[-1].startswith("Found ")


def sleeping(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] == "S"


@pytest.mark.slow_in_vm(reason="a race that has to be met; with emulated CPUs that takes long")
def test_a_restarted_walk_says_so_on_standard_error(kernel, bpflens):
    """The reader's pipe is full and the program waits; meanwhile every key but the first it printed goes away."""
    kernel.netns()
    count = 30000
    made = kernel.map("devmap_hash", 4, 4, max_entries=count)
    for i in range(count):
        bpf.map_update(made.fd, struct.pack("I", i), b"\1\0\0\0")
    child = subprocess.Popen([bpflens.path, "map", "dump", "id", str(made.id)], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, bufsize=0)
    try:
        head = os.read(child.stdout.fileno(), 1000)
        first = bytes.fromhex(KEYS.search(head.decode())[1])
        deadline = time.monotonic() + 10
        while not sleeping(child.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        for key in list(reader.elements(made.id)):
            if key != first:
                bpf.map_delete(made.fd, key)
        rest, said = child.communicate(timeout=LIMIT)
    finally:
        child.kill()
        child.wait()
    shown = len(KEYS.findall((head + rest).decode()))
    assert 0 < shown < count, "the program did not wait; the test has to be mended"
    assert b"restart" in said or b"again" in said or b"chang" in said, said
    assert (head + rest).decode().splitlines()[-1].startswith("Found ")


def test_a_map_emptied_during_the_dump_is_no_failure(kernel, bpflens):
    made = fill(kernel, "hash", 50000)
    child = subprocess.Popen([bpflens.path, "-o", "json", "map", "dump", "id", str(made.id)], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, bufsize=0)
    head = os.read(child.stdout.fileno(), 1000)
    for key in made.elements:
        bpf.map_delete(made.fd, key)
    rest, said = child.communicate(timeout=LIMIT)
    records = parse_json(head + rest)
    assert child.returncode == 0 and said == b""
    assert len(records) == len({one["key"] for one in records}) <= 50000


def test_a_map_outlives_its_maker_while_it_is_dumped(kernel, bpflens):
    fd = bpf.map_create("array", 4, 8, 50000, name=b"orphan")
    number = bpf.info(fd, bpf.MapInfo()).id
    child = subprocess.Popen([bpflens.path, "-o", "json", "map", "dump", "id", str(number)], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, bufsize=0)
    head = os.read(child.stdout.fileno(), 1000)
    os.close(fd)
    rest, said = child.communicate(timeout=LIMIT)
    assert len(parse_json(head + rest)) == 50000 and child.returncode == 0
