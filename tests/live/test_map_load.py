# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map update MAP from FILE: what a dump wrote is put back, byte for byte, or nothing is."""
import json
import os
import random
import struct

import bpf
import pytest
import reader
import zoo
from maker import Map, as_bytes
from typed import BOOL, CHAR, SIGNED, Array, Enum, Float, Int, Pointer, Record, Section, Typedef, Types

FORMS = [["-o", "json"], ["-o", "jsonl"], ["-p", "-o", "json"], ["-j"], ["-p"]]
SEEDS = range(40)


def elements(number):
    """{key: value bytes, a list of them one a CPU, or the errno of the look-up}"""
    return {k: v.errno if isinstance(v, OSError) else v for k, v in sorted(reader.elements(number).items())}


def dump(bpflens, made, path, form):
    result = bpflens.run(*form, "map", "dump", "id", made.id)
    assert (result.rc, result.err) == (0, b""), result
    with open(path, "wb") as file:
        file.write(result.out)


def load(bpflens, made, path, *words):
    """How many elements were put into the map, as the program says."""
    said = bpflens("-j", "map", "update", "id", made.id, "from", path, *words)
    assert said.pop("map_id") == made.id
    return said


def empty(made):
    """Take everything out of the map, or put zeros there where elements always are."""
    for key, value in elements(made.id).items():
        if isinstance(value, int):
            continue
        zero = bytes(made.value) if not made.is_percpu else bytes((made.value + -made.value % 8) * len(bpf.possible_cpus()))
        try:
            bpf.map_delete(made.fd, key)
        except OSError:
            bpf.map_update(made.fd, key, zero)


def random_bytes(maker, size):
    return bytes(maker.randrange(256) for _ in range(size))


# Types and values that a generator makes: (type, function that makes the bytes of a value). What JSON does not tell
# is not in the values: what lies behind the end of a text, a bool of 2, which NaN a NaN is.


class Generator:
    def __init__(self, seed):
        self.random, self.names = random.Random(seed), 0

    def name(self):
        self.names += 1
        return f"m{self.names}"

    def scalar(self):
        pick = self.random.choice
        size = pick([1, 2, 4, 8, 16])
        of_size = [lambda m: random_bytes(m, size)]
        return pick([
            lambda: (Int(f"i{size}", size, pick([0, SIGNED])), of_size[0]),
            lambda: (Int(f"i{size}", size, pick([0, SIGNED])), of_size[0]),
            lambda: (Int("_Bool", 1, BOOL), lambda m: bytes([m.randrange(2)])),
            lambda: (Int("letter", 1, CHAR), lambda m: random_bytes(m, 1)),
            lambda: (Enum(4, {"RED": 0, "GREEN": 1, "BLUE": 70000}), lambda m: struct.pack("I", m.choice([0, 1, 70000, 9]))),
            lambda: (Enum(4, {"MINUS": -1, "ONE": 1}, True), lambda m: struct.pack("i", m.choice([-1, 1, -70000]))),
            lambda: (Pointer(), lambda m: m.choice([bytes(8), random_bytes(m, 8)])),
        ])()

    def chars(self):
        count = self.random.randrange(1, 12)

        def text(maker):
            word = bytes(maker.randrange(0x20, 0x7f) for _ in range(maker.randrange(count)))
            return maker.choice([word.ljust(count, b"\0"), bytes(maker.randrange(1, 256) for _ in range(count))])
        return Array(Int("char", 1, SIGNED), count), text

    def array(self, depth):
        kind, value = self.any(depth - 1)
        count = self.random.randrange(1, 5)
        return Array(kind, count), lambda m: b"".join(value(m) for _ in range(count))

    def bits(self):
        """Bit-fields that fill 8 bytes, in numbers of 4 bytes, some of them left out."""
        members, fields = [], []
        for word in (0, 32):
            at = 0
            while at < 32:
                width = min(self.random.randrange(1, 33), 32 - at)
                if self.random.randrange(5):
                    members.append((self.name(), Int("b4", 4, self.random.choice([0, SIGNED])), word + at, width))
                    fields.append((word + at, width))
                at += width

        def value(maker):
            return sum(maker.randrange(2**width) << at for at, width in fields).to_bytes(8, "little")
        return Record(8, members), value

    def record(self, depth):
        members, values, at = [], [], 0
        for _ in range(self.random.randrange(1, 6)):
            kind, value = self.any(depth - 1)
            at += -at % self.random.choice([1, 2, 4, 8])
            is_anonymous = isinstance(kind, Record) and self.random.randrange(2)
            members.append(("" if is_anonymous else self.name(), kind, at))
            values.append((at, value))
            at += kind.size
        size = at + -at % 8

        def fill(maker):
            out = bytearray(size)
            for start, value in values:
                part = value(maker)
                out[start:start + len(part)] = part
            return bytes(out)
        return Record(size, members), fill

    def union(self, depth):
        """One of its members is filled; the others show the same bytes, and what they do not show it does."""
        parts = [self.any(depth - 1) for _ in range(self.random.randrange(1, 3))]
        size = max(kind.size for kind, _ in parts)
        raw = Array(Int("u1", 1), size)
        members = [(self.name(), kind, 0) for kind, _ in parts] + [(self.name(), raw, 0)]
        return Record(size, members, union=True), lambda m: m.choice(parts)[1](m).ljust(size, b"\0")

    def any(self, depth):
        if depth <= 0:
            return self.random.choice([self.scalar, self.scalar, self.chars])()
        pick = self.random.randrange(8)
        if pick == 0:
            return self.array(depth)
        if pick == 1:
            return self.union(depth)
        if pick == 2:
            return self.bits()
        if pick == 3:
            kind, value = self.any(depth - 1)
            return Typedef(self.name(), kind), value
        return self.record(depth) if pick < 6 else self.any(0)


def room(kind, count):
    """A map that forgets may do so when it is almost full."""
    return 1000 if "lru" in kind else count


def typed_map(kernel, kind, key, value, entries):
    """A map of these types, either of which may be None, with entries: as a Map."""
    types = Types()
    ids = [one.build(types) if one else 0 for one in (key, value)]
    size = key.size if key else 4
    try:
        fd = kernel.keep(bpf.map_create(kind, size, value.size, room(kind, len(entries)), btf_fd=kernel.keep(types.load()), btf_key=ids[0],
                                        btf_value=ids[1]))
    except OSError as failure:
        failure.add_note(f"{key} {value}")
        raise
    made = Map(fd, kind, size, value.size, len(entries))
    for k, v in entries.items():
        made.put(k, v)
    return made


def put_back(bpflens, made, path):
    """Dumped in each form, emptied, loaded: the bytes are what they were."""
    before = elements(made.id)
    count = sum(not isinstance(value, int) for value in before.values())
    for form in FORMS:
        dump(bpflens, made, path, form)
        empty(made)
        assert elements(made.id) != before
        assert load(bpflens, made, path) == {"elements": count}
        assert elements(made.id) == before, (form, open(path).read())


@pytest.mark.slow_in_vm(reason="types and values at random; the kernel only stores them")
@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_dump_wrote_is_put_back_byte_for_byte(kernel, bpflens, tmp_path, seed):
    make = Generator(seed)
    kind = make.random.choice(["hash", "lru_hash", "percpu_hash", "array", "percpu_array"])
    value, fill = make.any(4)
    count, cpus = make.random.randrange(2, 9), len(bpf.possible_cpus())
    if "array" in kind:
        key, keys = Int("unsigned", 4), [struct.pack("I", i) for i in range(count)]
    else:
        key, key_fill = make.any(2)
        keys = {key_fill(make.random) for _ in range(count)}
    values = {k: [fill(make.random) for _ in range(cpus)] if "percpu" in kind else fill(make.random) for k in keys}
    made = typed_map(kernel, kind, key, value, values)
    if not any(any(v) if isinstance(v, bytes) else any(map(any, v)) for v in values.values()):
        return  # all zeros: there is no difference to be seen
    put_back(bpflens, made, tmp_path / "elements")


FLOATS = [0.0, -0.0, 0.1, -2.5, 1e300, 5e-324, float("inf"), float("-inf"), float("nan")]


def test_floating_point_numbers_are_put_back(kernel, bpflens, tmp_path):
    kind = Record(16, [("d", Float(8), 0), ("f", Float(4), 8)])
    rows = {struct.pack("I", i): struct.pack("df4x", d, d if abs(d) < 1e30 or d in (FLOATS[6], FLOATS[7]) or d != d else 3e-45)
            for i, d in enumerate(FLOATS)}
    try:
        made = typed_map(kernel, "hash", Int("unsigned", 4), kind, rows)
    except OSError:
        pytest.skip("this kernel has no floats in BTF")
    put_back(bpflens, made, tmp_path / "elements")


def test_keys_that_differ_behind_their_text_are_put_back_as_two(kernel, bpflens, tmp_path):
    rows = {b"ab\0\0": b"\1\0\0\0", b"ab\0x": b"\2\0\0\0"}
    made = typed_map(kernel, "hash", Array(Int("char", 1, SIGNED), 4), Int("unsigned", 4), rows)
    put_back(bpflens, made, tmp_path / "elements")


def test_enums_of_64_bits_are_put_back(kernel, bpflens, tmp_path):
    kind = Array(Enum(8, {"LARGE": 2**40, "ONE": 1}), 2)
    rows = {struct.pack("I", 7): struct.pack("2Q", 2**40, 2**64 - 1), struct.pack("I", 8): struct.pack("2Q", 1, 0)}
    try:
        made = typed_map(kernel, "hash", Int("unsigned", 4), kind, rows)
    except OSError:
        pytest.skip("this kernel has no ENUM64")
    put_back(bpflens, made, tmp_path / "elements")


def test_global_data_are_put_back(kernel, bpflens, tmp_path):
    section = Section(".data", 16, [("gro", Int("int", 4, SIGNED), 0), ("who", Array(Int("char", 1, SIGNED), 4), 4), ("at", Int("u8", 8), 8)])
    made = typed_map(kernel, "array", None, section, {bytes(4): struct.pack("i4sQ", -5, b"h1", 2**64 - 1)})
    put_back(bpflens, made, tmp_path / "elements")


@pytest.mark.parametrize("kind", ["hash", "array", "percpu_hash", "percpu_array", "lpm_trie",
                                  "hash_of_maps", "array_of_maps", "prog_array", "devmap_hash", "rhash", "insn_array"])
def test_maps_of_each_type_without_btf_are_put_back(kernel, bpflens, tmp_path, kind):
    made = zoo.make(kernel, kind)
    put_back(bpflens, made, tmp_path / "elements")


@pytest.mark.parametrize("kind", ["lru_hash", "lru_percpu_hash"])
def test_maps_that_forget_are_put_back(kernel, bpflens, tmp_path, kind):
    put_back(bpflens, kernel.map(kind, 4, 12, {n: 2**90 + n for n in range(9)}, max_entries=room(kind, 9)), tmp_path / "elements")


@pytest.mark.parametrize("kind", ["cgroup_storage", "percpu_cgroup_storage"])
def test_storage_of_a_cgroup_that_is_there_is_put_back(kernel, bpflens, tmp_path, kind):
    put_back(bpflens, zoo.make(kernel, kind), tmp_path / "elements")


@pytest.mark.parametrize("kind", ["devmap", "cpumap"])
def test_empty_slots_of_a_dump_are_left_out(kernel, bpflens, tmp_path, kind):
    made = zoo.make(kernel, kind)
    before = elements(made.id)
    for form in FORMS:
        dump(bpflens, made, tmp_path / "elements", form)
        empty(made)
        assert load(bpflens, made, tmp_path / "elements") == {"elements": 1, "empty_slots": made.max_entries - 1}
        assert {k: v for k, v in elements(made.id).items() if isinstance(v, bytes)} == \
            {k: v for k, v in before.items() if isinstance(v, bytes)}


def test_programs_of_a_map_of_devices_are_put_back_by_their_ids(kernel, bpflens, tmp_path):
    kernel.netns()
    made = kernel.map("devmap_hash", 4, 8, max_entries=3)
    prog = kernel.prog("xdp", attach_type=33)
    bpf.map_update(made.fd, struct.pack("I", 5), struct.pack("II", 1, prog.fd))
    bpf.map_update(made.fd, struct.pack("I", 6), struct.pack("Ii", 1, -1))
    assert elements(made.id)[struct.pack("I", 5)] == struct.pack("II", 1, prog.id)
    put_back(bpflens, made, tmp_path / "elements")


@pytest.mark.parametrize("kind", ["queue", "stack", "bloom_filter"])
def test_maps_without_keys_take_values(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    values = [b"\5\6\7\x08", b"\1\0\0\xff"]
    text = "".join(json.dumps({"value": one.hex()}) + "\n" for one in values)
    assert bpflens("-j", "map", "update", "id", made.id, "from", "-", input=text.encode())["elements"] == 2
    if kind == "bloom_filter":
        for one in values:
            assert bpflens.run("map", "peek", "id", made.id, "value", *one).rc == 0
        return
    taken = [bpflens("-o", "json", "map", "pop", "id", made.id)[0]["value"] for _ in range(3)]
    expected = ["01020304"] + [one.hex() for one in values]
    assert taken == (expected if kind == "queue" else expected[::-1])
    full = bpflens.run("map", "update", "id", made.id, "from", "-", input=text.encode() * 2)
    assert full.rc == 1 and "can hold 3 elements, and in the file are 4" in full.stderr
    assert bpflens.run("map", "peek", "id", made.id).rc == 1


@pytest.mark.parametrize("kind", zoo.WITHHELD + ("sockmap", "sockhash", "reuseport_sockarray", "struct_ops", "stack_trace", "ringbuf",
                                                 "user_ringbuf", "arena", "sk_storage", "inode_storage", "task_storage", "cgrp_storage"))
def test_what_no_file_can_hold_is_refused(kernel, bpflens, kind):
    made = zoo.make(kernel, kind)
    result = bpflens.run("map", "update", "id", made.id, "from", "/dev/null")
    assert (result.rc, result.out) == (1, b"")
    assert result.stderr.startswith(f"Error: map {made.id}: ") and "Operation not supported\n  hint: " in result.stderr


# Words and forms


def records(made, pairs):
    return [{"map_id": made.id, "key": as_bytes(k, made.key).hex(), "value": as_bytes(v, made.value).hex()} for k, v in pairs]


def lines(rows):
    return "".join(json.dumps(one) + "\n" for one in rows).encode()


def number_map(kernel, entries, **how):
    return kernel.map("hash", 4, 4, entries, **how)


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
def test_the_count_is_told_in_every_form(kernel, bpflens):
    made = number_map(kernel, {1: 1}, max_entries=4)
    words = ["map", "update", "id", made.id, "from", "-"]
    one, two = lines(records(made, [(1, 5)])), lines(records(made, [(1, 5), (2, 6)]))
    assert bpflens(*words, input=one).stdout == "Wrote 1 element\n"
    assert bpflens(*words, input=two).stdout == "Wrote 2 elements\n"
    assert bpflens(*words, input=b"").stdout == "Wrote 0 elements\n"
    assert bpflens(*words, input=b" [ ]\n").stdout == "Wrote 0 elements\n"
    record = {"map_id": made.id, "elements": 2}
    assert bpflens("-j", *words, input=two) == record
    assert bpflens("-o", "json", *words, input=two) == bpflens("-o", "jsonl", *words, input=two) == [record]
    assert bpflens("-o", "tsv", *words, input=two).stdout == f"map_id\telements\n{made.id}\t2\n"
    for verb in ("push", "enqueue"):
        assert bpflens("map", verb, "id", made.id, "from", "-", input=two).stdout == "Wrote 2 elements\n"


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
def test_flags_add_or_change_alone(kernel, bpflens):
    made = number_map(kernel, {1: 1, 2: 2}, max_entries=8)
    new, old, mixed = (lines(records(made, pairs)) for pairs in ([(3, 30), (4, 40)], [(1, 10), (2, 20)], [(5, 50), (2, 21)]))

    def run(text, flag):
        return bpflens.run("map", "update", "id", made.id, "from", "-", flag, input=text)
    held = elements(made.id)
    for text, flag, line, words in ((mixed, "noexist", 2, "File exists"), (old, "noexist", 1, "File exists"), (new, "exist", 1, "No such file"),
                                    (mixed, "exist", 1, "No such file"), (new + new, "noexist", 3, "File exists")):
        result = run(text, flag)
        assert result.rc == 1 and f"line {line}: element {line}: " in result.stderr and words in result.stderr, result
        assert elements(made.id) == held
    assert run(new, "noexist").rc == run(old, "exist").rc == run(mixed, "any").rc == 0
    assert {int.from_bytes(k, "little"): int.from_bytes(v, "little") for k, v in elements(made.id).items()} == \
        {1: 10, 2: 21, 3: 30, 4: 40, 5: 50}


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
@pytest.mark.parametrize("words, said", [(["from"], "'from' needs a FILE"), (["from", "-", "key"], "what is 'key'?"),
                                         (["from", "-", "any", "exist"], "what is 'exist'?"), (["from", "-", ""], "what is ''?")])
def test_other_words_are_a_wrong_command_line(kernel, bpflens, words, said):
    made = number_map(kernel, {1: 1})
    result = bpflens.run("map", "update", "id", made.id, *words)
    assert result.rc == 2 and said in result.stderr


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
def test_a_key_that_is_there_twice_has_the_later_value(kernel, bpflens):
    made = number_map(kernel, {}, max_entries=1)
    bpflens("-j", "map", "update", "id", made.id, "from", "-", input=lines(records(made, [(1, n) for n in range(9)])))
    assert elements(made.id) == {as_bytes(1, 4): as_bytes(8, 4)}


@pytest.mark.parametrize("kind", ["hash", "lpm_trie"])
def test_a_full_map_takes_the_keys_it_has_and_no_others(kernel, bpflens, kind):
    flags = bpf.F_NO_PREALLOC if kind == "lpm_trie" else 0
    key = 8
    keys = [struct.pack("I4B", 32, 10, 0, 0, i) for i in range(7)]
    made = kernel.map(kind, key, 4, {k: 1 for k in keys[:4]}, max_entries=5, flags=flags)
    same = lines(records(made, [(k, 7) for k in keys[:4] * 2 + keys[4:5]]))
    more = lines(records(made, [(k, 8) for k in keys[2:]]))
    assert load(bpflens, made, "/dev/null") == {"elements": 0}
    held = elements(made.id)
    result = bpflens.run("map", "update", "id", made.id, "from", "-", input=more)
    assert result.rc == 1 and "5 elements, 1 more than it has, and in the file are more new keys than that" in result.stderr
    assert elements(made.id) == held
    assert bpflens("-j", "map", "update", "id", made.id, "from", "-", input=same)["elements"] == 9
    assert set(elements(made.id).values()) == {as_bytes(7, 4)} and len(elements(made.id)) == 5


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
def test_elements_go_through_a_pipe_and_beyond_one_batch(kernel, bpflens):
    count = 20000
    made = kernel.map("hash", 4, 4, max_entries=count)
    text = lines(records(made, [(n, n ^ 0x5a5a) for n in range(count)]))
    for flag in ("any", "exist"):
        assert bpflens("-j", "map", "update", "id", made.id, "from", "-", flag, input=text)["elements"] == count
        assert elements(made.id) == {as_bytes(n, 4): as_bytes(n ^ 0x5a5a, 4) for n in range(count)}
    result = bpflens.run("map", "update", "id", made.id, "from", "-", "noexist", input=text)
    assert result.rc == 1
    result = bpflens.run("map", "update", "id", made.id, "from", "-", input=text + lines(records(made, [(count, 1)])))
    assert result.rc == 1 and "nothing was written" in result.stderr


@pytest.mark.slow_in_vm(reason="traces every call")
def test_many_elements_take_few_calls(kernel, bpflens):
    made = kernel.map("hash", 4, 4, max_entries=20000)
    text = lines(records(made, [(n, n) for n in range(10000)]))
    result, trace = bpflens.traced("map", "update", "id", made.id, "from", "-", input=text)
    assert result.rc == 0
    assert len(elements(made.id)) == 10000 and len(trace) < 40


def test_values_for_all_cpus_may_be_one(kernel, bpflens):
    cpus = bpf.possible_cpus()
    made = kernel.map("percpu_hash", 4, 4, max_entries=4)
    rows = [{"key": "01000000", "value": "05000000"},
            {"key": "02000000", "values": [{"value": f"0{cpu % 10}000000", "cpu": cpu} for cpu in reversed(cpus)]}]
    bpflens("-j", "map", "update", "id", made.id, "from", "-", input=lines(rows))
    assert elements(made.id) == {as_bytes(1, 4): [as_bytes(5, 4)] * len(cpus), as_bytes(2, 4): [as_bytes(cpu % 10, 4) for cpu in cpus]}


def test_objects_may_be_named_by_id_alone(kernel, bpflens):
    inner = kernel.map("array", 4, 8)
    made = kernel.map("hash_of_maps", 4, 4, max_entries=4, inner_fd=inner.fd)
    bpflens("-j", "map", "update", "id", made.id, "from", "-", input=lines([{"key": "01000000", "inner_map_id": inner.id}]))
    assert elements(made.id) == {as_bytes(1, 4): as_bytes(inner.id, 4)}


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
def test_bytes_are_taken_where_there_is_a_type_too(kernel, bpflens):
    made = typed_map(kernel, "hash", Int("unsigned", 4), Record(8, [("a", Int("unsigned", 4), 0)]), {bytes(4): bytes(8)})
    bpflens("-j", "map", "update", "id", made.id, "from", "-", input=lines([{"key": "00000000", "value": "0100000000000002"}]))
    assert elements(made.id) == {bytes(4): b"\1" + bytes(6) + b"\2"}


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
def test_a_line_of_a_batch_may_load(kernel, bpflens, tmp_path):
    made = number_map(kernel, {}, max_entries=4)
    (tmp_path / "elements").write_bytes(lines(records(made, [(1, 2)])))
    text = f"map update id {made.id} from {tmp_path}/elements\nmap update id {made.id} key 2 0 0 0 value 3 0 0 0\n"
    bpflens("batch", "file", "-", input=text.encode())
    assert elements(made.id) == {as_bytes(1, 4): as_bytes(2, 4), as_bytes(2, 4): as_bytes(3, 4)}


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
def test_standard_input_is_not_for_a_line_of_a_batch(kernel, bpflens):
    made = number_map(kernel, {1: 1})
    result = bpflens.run("batch", "file", "-", input=f"map update id {made.id} from -\n".encode())
    assert result.rc == 2 and "'from -' has no place in a batch" in result.stderr


@pytest.mark.parametrize("kind", ["hash", "lpm_trie"])
def test_an_empty_map_has_none_of_the_keys(kernel, bpflens, kind):
    made = kernel.map(kind, 8, 4, max_entries=4, flags=bpf.F_NO_PREALLOC)
    text = lines(records(made, [(struct.pack("I4B", 24, 10, 0, i, 0), i) for i in range(3)]))
    assert bpflens.run("map", "update", "id", made.id, "from", "-", "exist", input=text).rc == 1
    assert bpflens("-j", "map", "update", "id", made.id, "from", "-", "noexist", input=text)["elements"] == 3
    assert len(elements(made.id)) == 3


# Bad input: nothing is written, and it is told where


GOOD = '{"map_id": 5, "key": "01000000", "value": "01010101"}'
BAD = {
    "no-json": ("key 1 value 2\n", 1, None, "no element"),
    "number": ("7\n", 1, None, "no element"),
    "cut": (f"[{GOOD},\n{GOOD[:-9]}", 2, 2, "has no end"),
    "cut-in-list": (f"[{GOOD},\n", 2, None, "the list has no end"),
    "cut-behind": (f"[\n{GOOD}\n", 3, None, "the list has no end"),
    "no-comma": (f"[{GOOD}\n{GOOD}]", 2, None, "neither ',' nor ']' behind an element"),
    "two-commas": (f"[{GOOD},,{GOOD}]", 1, 2, "is no record"),
    "last-comma": (f"[{GOOD},\n]", 2, 2, "is no record"),
    "behind": (f"[{GOOD}]\n\n x", 3, None, "text behind the end of the list"),
    "two-lists": (f"[{GOOD}]\n[{GOOD}]", 2, None, "text behind the end of the list"),
    "list-in-list": (f"[[{GOOD}]]", 1, 1, "is no record"),
    "line-of-other": (f"{GOOD}\n\n5\n", 3, 2, "is no record"),
    "brackets": (f'{GOOD}\n{{"key": [1}}, "value": 2]}}\n', 2, 2, "neither ',' nor ']' in a list"),
    "number-odd": (f'{GOOD}\n{{"key": 01, "value": 2}}\n', 2, 2, "a number that JSON does not have"),
    "word": (f'{GOOD}\n{{"key": nul, "value": 2}}\n', 2, 2, "no JSON value"),
    "quotes": (f"{GOOD}\n{{'key': 1}}\n", 2, 2, "a member without a name in quotes"),
    "colon": (f'{GOOD}\n{{"key", "value"}}\n', 2, 2, "no ':' behind the name of a member"),
    "escape": (f'{GOOD}\n{{"key": "\\x01"}}\n', 2, 2, "an escape that JSON does not have"),
    "control": (f'{GOOD}\n{{"key": "\t"}}\n', 2, 2, "a control character in a text"),
    "nul": (f"{GOOD}\n\0\n", 2, 2, "is no record"),
    "utf-8": (f'{GOOD}\n{{"key": "'.encode() + b"\xff\xfe" + b'"}\n', 2, 2, "text that is not UTF-8"),
    "deep": (f'{GOOD}\n{{"formatted": {"[" * 70}{"]" * 70}}}\n', 2, 2, "nested more than 64 deep"),
    "very-deep": (f'{GOOD}\n{{"formatted": {"[" * 500000}{"]" * 500000}}}\n', 2, 2, "nested more than 64 deep"),
    "long": (f'{GOOD}\n{{"formatted": "{"x" * (2 << 20)}"}}\n', 2, 2, "may have "),
    "unknown": (GOOD + '\n{"kye": "01000000", "value": "01010101"}\n', 2, 2, "did you mean 'key'?"),
    "unknown-far": (GOOD + '\n{"something": 1}\n', 2, 2, "an element has no member 'something'"),
    "several": ('[{"id": 5, "type": "hash", "elements": []}]', 1, 1, "no member 'id'"),
    "twice": (GOOD + '\n{"key": "01000000", "value": "01010101", "key": "02000000"}\n', 2, 2, "'key' is there twice"),
    "no-key": (GOOD + '\n\n{"value": "01010101"}\n', 3, 2, "key: it is missing"),
    "no-value": (GOOD + '\n{"key": "01000000"}\n', 2, 2, "value: it is missing"),
    "error": (GOOD + '\n{"key": "01000000", "error": "something"}\n', 2, 2, "the value is missing: 'something'"),
    "error-and-value": (GOOD + '\n{"key": "01000000", "value": "01010101", "error": "no entry"}\n', 2, 2, "error: "),
    "error-alone": ('{"error": "map 5: open"}\n', 1, 1, "key: it is missing"),
    "short": (GOOD + '\n{"key": "010000", "value": "01010101"}\n', 2, 2, "key: bytes are wanted, got a text"),
    "long-value": (GOOD + '\n{"key": "01000000",\n\n "value": "0101010101"}\n', 4, 2, "value: bytes are wanted"),
    "no-digit": (GOOD + '\n{"key": "0100000g", "value": "01010101"}\n', 2, 2, "key: bytes are wanted"),
    "number-for-bytes": (GOOD + '\n{"key": 1, "value": "01010101"}\n', 2, 2, "key: bytes are wanted, got a number"),
    "byte-list": (GOOD + '\n{"key": ["0x01", "0x00", "0x00"], "value": "01010101"}\n', 2, 2, "key: bytes are wanted, got a list"),
    "byte-list-odd": (GOOD + '\n{"key": ["0x01", "0x00", "0x00", 0], "value": "01010101"}\n', 2, 2, "key: bytes are wanted, got a list"),
    "values": (GOOD + '\n{"key": "01000000", "values": []}\n', 2, 2, "values: the map has one value for all CPUs"),
    "inner": (GOOD + '\n{"key": "01000000", "value": "01010101", "inner_map_id": 1}\n', 2, 2, "the map does not hold maps"),
    "prog": (GOOD + '\n{"key": "01000000", "value": "01010101", "prog_id": 1}\n', 2, 2, "the map does not hold programs"),
    "map-id": (GOOD + '\n{"map_id": "5", "key": "01000000", "value": "01010101"}\n', 2, 2, "map_id: an id is a whole number"),
    "map-id-large": (GOOD + '\n{"map_id": 4294967296, "key": "01000000", "value": "01010101"}\n', 2, 2, "map_id: an id is a whole number"),
    "other-map": (GOOD + '\n{"map_id": 6, "key": "02000000", "value": "01010101"}\n', 2, 2, "map_id: it is 6, and was 5 before"),
    "searched": (GOOD + '\n{"key": "02000000", "value": "01010101", "key_is_searched": true}\n', 2, 2, "key_is_searched: "),
}


def refused(bpflens, made, text, *words):
    """The message, where loading must fail and change nothing."""
    held = elements(made.id)
    result = bpflens.run("map", "update", "id", made.id, "from", "-", *words, input=text)
    assert (result.rc, result.out) == (1, b""), result
    assert result.stderr.startswith("Error: standard input: ") and result.stderr.count("\n") <= 2
    assert elements(made.id) == held
    return result.stderr


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_told_with_its_place_and_changes_nothing(kernel, bpflens, what):
    text, line, number, words = BAD[what]
    made = number_map(kernel, {9: 9}, max_entries=8)
    said = refused(bpflens, made, text if isinstance(text, bytes) else text.encode())
    assert f"standard input: line {line}: " in said and words in said, said
    if number:
        assert f"element {number}" in said, said


PLACES = Record(16, [("port", Int("u2", 2), 0), ("colour", Enum(4, {"RED": 0, "GREEN": 1}), 4), ("bytes", Array(Int("u1", 1), 3), 8)])


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
@pytest.mark.parametrize("value, words", [
    ({"port": 70000}, "value.port"), ({"port": -1}, "value.port"), ({"port": "x"}, "value.port"), ({"port": [1]}, "value.port"),
    ({"port": 1.5}, "value.port"), ({"prot": 1}, "port"), ({"colour": "GRENE"}, "GREEN"), ({"bytes": [1, 2]}, "value.bytes"),
    ({"bytes": [1, 2, 256]}, "value.bytes[2]"), ([], "value"), (5, "value"), (None, "value"), ("0102", "value")])
def test_a_value_that_is_not_of_the_type_names_the_member(kernel, bpflens, value, words):
    made = typed_map(kernel, "hash", Int("unsigned", 4), PLACES, {bytes(4): bytes(16)})
    good = {"key": 0, "value": {"port": 1, "colour": "RED", "bytes": [1, 2, 3]}}
    said = refused(bpflens, made, lines([good, {"key": 0, "value": value}]))
    assert "line 2: element 2: value" in said and words in said


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
@pytest.mark.parametrize("values, words", [
    ([], "is missing"), ([{"cpu": 0, "value": "01000000"}] * 2, "twice"), ([{"cpu": 4095, "value": "01000000"}], "there is no CPU 4095"),
    ([{"cpu": 0}], "'cpu', a number, and 'value' are wanted"), ([5], "a record of 'cpu' and 'value' is wanted"), (5, "a list is wanted"),
    ([{"cpu": 0, "value": "0100"}], "CPU 0: value: bytes"), ([{"cpu": 0, "value": "01000000", "x": 1}], "'x' is not wanted")])
def test_values_of_cpus_must_be_all_and_fit(kernel, bpflens, values, words):
    made = kernel.map("percpu_hash", 4, 4, {1: 1}, max_entries=4)
    said = refused(bpflens, made, lines([{"key": "01000000", "value": "02000000"}, {"key": "02000000", "values": values}]))
    assert "line 2: element 2: values" in said and words in said


def test_an_index_behind_the_last_is_found_before_anything_is_written(kernel, bpflens):
    for kind in ("array", "percpu_array", "array_of_maps"):
        inner = kernel.map("array", 4, 4)
        made = kernel.map(kind, 4, 4, max_entries=3, **({"inner_fd": inner.fd} if kind == "array_of_maps" else {}))
        value = inner.id.to_bytes(4, "little").hex()
        said = refused(bpflens, made, lines([{"key": "00000000", "value": value}, {"key": "03000000", "value": value}]))
        assert "line 2: element 2: map" in said and "the last index of this map is 2" in said


def test_a_prefix_that_is_too_long_is_found_before_anything_is_written(kernel, bpflens):
    made = zoo.make(kernel, "lpm_trie")
    said = refused(bpflens, made, lines([{"key": "080000000b000000", "value": "010203"}, {"key": "210000000b000000", "value": "010203"}]))
    assert "line 2: element 2: map" in said and "prefix longer than 32" in said


def test_an_object_that_is_not_there_is_found_before_anything_is_written(kernel, bpflens):
    inner = kernel.map("array", 4, 8)
    made = kernel.map("hash_of_maps", 4, 4, max_entries=4, inner_fd=inner.fd)
    rows = [{"key": "01000000", "inner_map_id": inner.id}, {"key": "02000000", "inner_map_id": 4294967295}]
    assert "line 2: element 2: value: map 4294967295: " in refused(bpflens, made, lines(rows))
    rows[1] = {"key": "02000000", "inner_map_id": inner.id, "value": "00000000"}
    assert f"value: it is 0, and inner_map_id is {inner.id}" in refused(bpflens, made, lines(rows))
    assert "inner_map_id: it is missing" in refused(bpflens, made, lines([{"key": "01000000"}]))


def test_what_only_the_kernel_knows_is_told_with_how_many_were_written(kernel, bpflens):
    inner, other = kernel.map("array", 4, 8), kernel.map("hash", 4, 4)
    made = kernel.map("hash_of_maps", 4, 4, max_entries=4, inner_fd=inner.fd)
    rows = [{"key": f"0{i}000000", "inner_map_id": one.id} for i, one in enumerate((inner, inner, other, inner))]
    result = bpflens.run("map", "update", "id", made.id, "from", "-", input=lines(rows))
    assert result.rc == 1 and result.stderr.startswith(
        f"Error: standard input: line 3: element 3: map {made.id}: update (2 of 4 elements were written): Invalid argument\n  hint: the inner map")
    assert len(elements(made.id)) == 2


def test_a_frozen_map_is_refused_before_the_file_is_read(kernel, bpflens):
    made = number_map(kernel, {1: 1})
    bpf.map_freeze(made.fd)
    result = bpflens.run("map", "update", "id", made.id, "from", "/nowhere")
    assert result.rc == 1 and "the map is frozen" in result.stderr


@pytest.mark.slow_in_vm(reason="what a file says; no kernel sees it")
@pytest.mark.parametrize("path, words", [("/nowhere/at/all", "open: No such file"), ("/", "read: Is a directory"), ("", "open: No such file"),
                                         ("/dev/zero", "line 1: no element")])
def test_files_that_cannot_be_read_are_named(kernel, bpflens, path, words):
    made = number_map(kernel, {1: 1})
    result = bpflens.run("map", "update", "id", made.id, "from", path)
    assert result.rc == 1 and result.stderr.startswith(f"Error: {path}: ") and words in result.stderr


def test_an_ordinary_user_is_told_what_is_missing(kernel, public, nobody):
    made = number_map(kernel, {1: 1})
    path = kernel.pin(made, mode=0o444)
    os.chmod(os.path.dirname(path), 0o755)
    result = public.run("map", "update", "pinned", path, "from", "/dev/null", before=nobody)
    assert result.rc == 1 and "Permission denied" in result.stderr or "not permitted" in result.stderr


@pytest.mark.slow_in_vm(reason="300000 elements; the memory is that of our buffers")
@pytest.mark.parametrize("flag", ["any", "noexist"])
def test_many_elements_take_no_more_memory_than_few(kernel, bpflens, tmp_path, flag):
    def peak(count):
        made = kernel.map("hash", 4, 16, max_entries=count)
        with open(tmp_path / "elements", "wb") as file:
            for first in range(0, count, 10000):
                file.write(lines(records(made, [(n, n) for n in range(first, min(first + 10000, count))])))
        result = bpflens.run("map", "update", "id", made.id, "from", str(tmp_path / "elements"), flag,
                             before=["/bin/sh", "-c", 'ulimit -v 49152 && exec "$@"', "sh"])
        assert result.rc == 0, result
        return result.stdout
    assert peak(300) == "Wrote 300 elements\n" and peak(300000) == "Wrote 300000 elements\n"
