# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Keys and values that are typed as what they mean: the kernel then holds their bytes, or nothing was changed."""
import json
import struct
import sys

import bpf
import pytest
from maker import Map, unique
from test_map_typed import ALL, COLOUR, KEY, TEXT, U8, U16, U32, U64, YES, definition, lender, load, typed_map
from typed import SIGNED, Array, Enum, Float, Int, Pointer, Record, Section

pytestmark = pytest.mark.slow_in_vm(reason="what words mean goes by types; kernels only store the bytes")

S32 = Int("s32", 4, SIGNED)
FLOW = Record(8, [("saddr", U32, 0), ("port", U16, 4)])
FLOW_BYTES = bytes([10, 0, 0, 1]) + struct.pack("HH", 443, 0)

# Between members, and behind the NUL of a text, there are zeros: what else was there is not shown, and so not typed.
VALUES = {**ALL, "text": (ALL["text"][0], [b"ab\"c\0\0\0\0wxyz", *ALL["text"][1][1:]]),
          "unsigned": (ALL["unsigned"][0], [b"\xff\0" + b"\xff" * 14, bytes(16)]),
          "signed": (ALL["signed"][0], [b"\xfb\0" + b"\xff" * 14, b"\x80\0" + b"\x80" * 14]),
          "nested": (ALL["nested"][0], [b"\1\2\3\0\5\6\7\0\x09\x0a\x0b\x0c"]),
          "section": (Section(".data", 16, [("gro", S32, 0), ("who", Array(TEXT, 4), 4), ("at", U64, 8)]),
                      [struct.pack("i4sQ", -5, b"h1\0\0", 2**64 - 1)])}


def held(made, key, n=1):
    """The bytes that the kernel has, as the second reader sees them; None where there is no such key."""
    try:
        return bpf.map_lookup(made.fd, key, made.value if n == 1 else n * 8)
    except FileNotFoundError:
        return None


def empty_map(kernel, key, value, type="hash", entries=8):
    """A typed map without elements; a type of None is 4 bytes of no type."""
    fd, key_id, value_id = load(kernel, key, value)
    sizes = [one.size if one else 4 for one in (key, value)]
    flags = bpf.F_NO_PREALLOC if type == "lpm_trie" else 0
    made = bpf.map_create(type, *sizes, entries, flags=flags, btf_fd=fd, btf_key=key_id, btf_value=value_id)
    return Map(kernel.keep(made), type, *sizes, entries, flags)


def refused(bpflens, *words, rc=2):
    """The words of the error."""
    result = bpflens.run(*words)
    assert (result.rc, result.out) == (rc, b""), result
    return result.stderr


# What a dump writes


@pytest.mark.parametrize("what", VALUES)
def test_what_a_dump_shows_can_be_typed(kernel, bpflens, what):
    kind, values = VALUES[what]
    if what == "section":
        made, key = empty_map(kernel, None, kind, "array", 1), None
    else:
        made, key = empty_map(kernel, KEY, kind), KEY
    for i, value in enumerate(values):
        raw = i.to_bytes(made.key, sys.byteorder)
        word = json.dumps(key.read(raw, True)) if key else json.dumps(raw.hex())
        bpflens("map", "update", "id", made.id, "key", word, "value", json.dumps(kind.read(value, True)))
        assert held(made, raw) == value


@pytest.mark.parametrize("what", VALUES)
def test_a_dump_typed_into_another_map_gives_the_same_map(kernel, bpflens, what):
    kind, values = VALUES[what]
    if what == "section":
        one, other = typed_map(kernel, None, kind, values, "array"), empty_map(kernel, None, kind, "array", 1)
    else:
        one, other = typed_map(kernel, KEY, kind, values), empty_map(kernel, KEY, kind)
    for element in bpflens("-o", "json", "map", "dump", "id", one.id):
        bpflens("map", "update", "id", other.id, "key", json.dumps(element["key"]), "value", json.dumps(element["value"]))
    assert {key: held(other, key) for key in one.elements} == one.elements


# Words


WORDS = {
    "a number": (U32, ["5"], struct.pack("I", 5)),
    "a large number": (U64, ["18446744073709551615"], b"\xff" * 8),
    "a negative number": (S32, ["-3"], struct.pack("i", -3)),
    "a hexadecimal number": (U32, ["0xcafe"], struct.pack("I", 0xcafe)),
    "a number of one byte": (U8, ["200"], b"\xc8"),
    "a name of an enum": (COLOUR, ["GREEN"], struct.pack("I", 1)),
    "a number of an enum": (Enum(8, {"LARGE": 2**40}), ["7"], struct.pack("Q", 7)),
    "a wide name": (Enum(8, {"LARGE": 2**40}), ["LARGE"], struct.pack("Q", 2**40)),
    "true": (YES, ["true"], b"\x01"),
    "false": (YES, ["false"], b"\x00"),
    "a float": (Float(8), ["-0.25"], struct.pack("d", -0.25)),
    "a pointer": (Pointer(), ["0xffffffff81000000"], struct.pack("Q", 0xffffffff81000000)),
    "no pointer": (Pointer(), ["null"], bytes(8)),
    "text": (Array(TEXT, 16), ["eth0"], b"eth0".ljust(16, b"\0")),
    "text that fills all": (Array(TEXT, 4), ["wlan"], b"wlan"),
    "text that looks like an address": (Array(TEXT, 16), ["::1"], b"::1".ljust(16, b"\0")),
    "text in quotes": (Array(TEXT, 16), ['"value"'], b"value".ljust(16, b"\0")),
    "text beyond ASCII": (Array(TEXT, 4), ["é"], "é".encode() + b"\0\0"),
    "IPv4": (U32, ["10.0.0.1"], b"\x0a\0\0\1"),
    "IPv4 in bytes": (Array(U8, 4), ["10.0.0.1"], b"\x0a\0\0\1"),
    "IPv6": (Record(16, [("s6_addr", Array(U8, 16), 0)]), ["::1"], bytes(15) + b"\1"),
    "MAC": (Array(U8, 6), ["02:00:00:00:00:01"], b"\2\0\0\0\0\1"),
    "JSON": (FLOW, ['{"saddr": "10.0.0.1", "port": 443}'], FLOW_BYTES),
    "a sequence in place of a record": (FLOW, ["10.0.0.1", "u16=443", "u16=0"], FLOW_BYTES),
    "digits in place of a record": (FLOW, ["hex", FLOW_BYTES.hex()], FLOW_BYTES),
    "bytes as ever": (U32, ["5", "0", "0", "1"], b"\5\0\0\1"),
}
UNTYPED = {
    "numbers with their size": (["u32=5", "s16=-3", "be16=443"], struct.pack("Ih", 5, -3) + b"\x01\xbb"),
    "one of 64 bits": (["u64=0xffffffffffffffff"], b"\xff" * 8),
    "IPv4": (["10.0.0.1"], b"\x0a\0\0\1"),
    "IPv6": (["2001:db8::2"], bytes.fromhex("20010db8") + bytes(11) + b"\2"),
    "MAC": (["02:00:00:00:00:01"], b"\2\0\0\0\0\1"),
    "MAC and more": (["02:00:00:00:00:01", "u16=7"], b"\2\0\0\0\0\1" + struct.pack("H", 7)),
    "digits": (["hex", "0a0b0c0d"], b"\x0a\x0b\x0c\x0d"),
    "digits in two words": (["hex", "0a0b", "0c0d"], b"\x0a\x0b\x0c\x0d"),
    "digits as JSON": (['"0a0b0c0d"'], b"\x0a\x0b\x0c\x0d"),
}


@pytest.mark.slow_in_vm(reason="what words mean is up to no kernel")
@pytest.mark.parametrize("what", WORDS)
def test_words_become_the_bytes_of_their_type(kernel, bpflens, what):
    kind, words, wanted = WORDS[what]
    made = empty_map(kernel, kind, kind)
    result = bpflens("--", "map", "update", "id", made.id, "key", *words, "value", *words, "noexist")
    assert (result.out, result.err, held(made, wanted)) == (b"", b"", wanted)
    found = bpflens("-o", "json", "--", "map", "lookup", "id", made.id, "key", *words)
    assert found == [{"map_id": made.id, "key": kind.read(wanted, True), "value": kind.read(wanted, True)}]
    bpflens("--", "map", "delete", "id", made.id, "key", *words)
    assert held(made, wanted) is None


@pytest.mark.slow_in_vm(reason="what words mean is up to no kernel")
@pytest.mark.parametrize("what", UNTYPED)
def test_words_that_say_their_size_need_no_type(kernel, bpflens, what):
    words, wanted = UNTYPED[what]
    made = kernel.map("hash", len(wanted), len(wanted), max_entries=2)
    bpflens("map", "update", "id", made.id, "key", *words, "value", *words)
    assert held(made, wanted) == wanted
    assert bpflens("-o", "json", "map", "lookup", "id", made.id, "key", *words)[0]["value"] == wanted.hex()


def test_a_file_holds_the_bytes_of_a_value(kernel, bpflens, tmp_path):
    path, made = tmp_path / "value", kernel.map("hash", 4, 300, max_entries=1)
    data = bytes(i & 0xff for i in range(300))
    path.write_bytes(data)
    bpflens("map", "update", "id", made.id, "key", "u32=1", "value", f"@{path}")
    assert held(made, struct.pack("I", 1)) == data
    for other, words in ((data[:-1], "value expected 300 bytes got 299"), (data + b"x", "value expected 300 bytes")):
        path.write_bytes(other)
        assert words in refused(bpflens, "map", "update", "id", made.id, "key", "u32=1", "value", f"@{path}")
    path.unlink()
    assert f"value: {path}: open: No such file" in refused(bpflens, "map", "update", "id", made.id, "key", "u32=1",
                                                           "value", f"@{path}", rc=1)
    assert held(made, struct.pack("I", 1)) == data


def test_a_prefix_is_an_address_and_its_length(kernel, bpflens):
    for text, length, address in (("10.1.0.0/16", 16, bytes([10, 1, 0, 0])),
                                  ("fe80::/10", 10, b"\xfe\x80" + bytes(14))):
        made = kernel.map("lpm_trie", 4 + len(address), 4, max_entries=2, flags=bpf.F_NO_PREALLOC)
        bpflens("map", "update", "id", made.id, "key", text, "value", "u32=7")
        assert held(made, struct.pack("I", length) + address) == struct.pack("I", 7)
    made = kernel.map("lpm_trie", 8, 4, max_entries=2, flags=bpf.F_NO_PREALLOC)
    assert "key: '10.1.0.0/33' is no prefix of 0 to 32 bits" in refused(bpflens, "map", "lookup", "id", made.id, "key", "10.1.0.0/33")


# Every verb that takes data


def test_the_next_key_is_asked_by_what_it_means(kernel, bpflens):
    made = typed_map(kernel, U32, U32, [7, 8], "array")
    assert bpflens("-o", "json", "map", "getnext", "id", made.id, "key", 0)[0]["next_key"] == struct.pack("I", 1).hex()


def test_a_queue_takes_a_number_with_its_size(kernel, bpflens):
    queue = kernel.map("queue", 0, 8, max_entries=4)
    bpflens("map", "push", "id", queue.id, "value", "u64=258")
    assert bpflens("-o", "json", "map", "pop", "id", queue.id)[0]["value"] == struct.pack("Q", 258).hex()


def test_a_filter_is_asked_for_what_it_means(kernel, bpflens):
    made = kernel.map("bloom_filter", 0, 4, max_entries=8)
    bpflens("map", "push", "id", made.id, "value", "10.0.0.1")
    assert bpflens.run("map", "peek", "id", made.id, "value", "10.0.0.1").rc == 0
    assert bpflens.run("map", "peek", "id", made.id, "value", 10, 0, 0, 1).rc == 0
    assert bpflens.run("map", "peek", "id", made.id, "value", "10.0.0.2").rc == 1


def test_the_value_of_one_cpu_is_typed(kernel, bpflens):
    cpus = bpf.possible_cpus()
    made = empty_map(kernel, U32, U64, "percpu_hash")
    bpflens("map", "update", "id", made.id, "key", 5, "value", 70000)
    assert held(made, struct.pack("I", 5), len(cpus)) == struct.pack("Q", 70000) * len(cpus)
    bpflens("map", "update", "id", made.id, "key", 5, "value", 80000, "cpu", cpus[-1])
    assert held(made, struct.pack("I", 5), len(cpus)) == struct.pack("Q", 70000) * (len(cpus) - 1) + struct.pack("Q", 80000)


def test_the_key_of_a_map_of_maps_is_typed(kernel, bpflens):
    inner = kernel.map("array", 4, 4, max_entries=1)
    made = kernel.map("hash_of_maps", 4, 4, max_entries=2, inner_fd=inner.fd)
    bpflens("map", "update", "id", made.id, "key", "10.0.0.1", "value", "id", inner.id)
    assert struct.unpack("I", held(made, b"\x0a\0\0\1")) == (inner.id,)


def test_a_batch_takes_json_between_quotes(kernel, bpflens, tmp_path):
    made, lines = empty_map(kernel, U32, FLOW), tmp_path / "lines"
    lines.write_text("".join(f"map update id {made.id} key {i} value '{{\"saddr\": \"10.0.0.{i}\", \"port\": {i}}}'\n"
                             for i in range(5)))
    bpflens("batch", "file", lines)
    for i in range(5):
        assert held(made, struct.pack("I", i)) == bytes([10, 0, 0, i]) + struct.pack("HH", i, 0)


# Borrowed types


def test_types_are_borrowed_when_told_so(kernel, bpflens):
    name = unique("b")
    made = kernel.map("hash", 4, 8, max_entries=4, name=name)
    lender(kernel, made, definition(name, U32, KEY))
    words = ["key", "70000", "value", '{"a": 9, "b": -9}']
    assert "70000 (byte 1 of the key)" in refused(bpflens, "map", "update", "id", made.id, *words)
    bpflens("map", "update", "id", made.id, "typed", *words)
    assert held(made, struct.pack("I", 70000)) == struct.pack("Ii", 9, -9)


def test_nobody_has_types_to_borrow(kernel, bpflens):
    made = kernel.map("hash", 4, 8, {3: 5})
    assert ("no program that uses it has its types" in
            refused(bpflens, "map", "lookup", "id", made.id, "typed", "key", "70000", rc=1))
    result = bpflens.run("map", "lookup", "id", made.id, "typed", "key", 3, 0, 0, 0)
    assert result.rc == 0


# What is refused


INNER = Record(12, [("saddr", FLOW, 0), ("list", Array(U16, 2), 8)])
BAD = {
    '{"saddr": {"port": 70000}}': "value.saddr.port: 70000 does not fit 16 bits without a sign",
    '{"saddr": {"port": -1}}': "value.saddr.port: -1 does not fit",
    '{"saddr": {"prot": 5}}': "value.saddr.prot: there is no such member\n  hint: did you mean 'port'?",
    '{"saddr": {"port": "x"}}': "value.saddr.port: a number of 16 bits is wanted, got 'x'",
    '{"saddr": {"port": 1.5}}': "got 1.5",
    '{"saddr": {"port": null}}': "got null",
    '{"saddr": 5}': "value.saddr: a record is wanted, got 5",
    '{"list": [1]}': "value.list: a list of 2 is wanted, got one of 1",
    '{"list": [1, 2, 3]}': "got one of 3",
    '{"list": [1, [2]]}': "value.list[1]: a number of 16 bits is wanted, got a list",
    '{"list": {"0": 1}}': "value.list: a list of 2 is wanted, got a record",
    '{"list": [1, 2], "list": [1, 2]}': "value: not JSON: duplicate object key",
    '{"list": [1, 2]': "value: not JSON: ",
    "[" * 5000: "value: not JSON: ",
    '{"saddr": {"saddr": 18446744073709551616}}': "value.saddr.saddr: 18446744073709551616 does not fit 32 bits",
    "word": "value: a record is wanted, got 'word'",
}


@pytest.mark.slow_in_vm(reason="what words mean is up to no kernel")
@pytest.mark.parametrize("word", BAD, ids=range(len(BAD)))
def test_what_is_wrong_is_named_and_nothing_is_changed(kernel, bpflens, word):
    made = empty_map(kernel, U32, INNER)
    text = refused(bpflens, "map", "update", "id", made.id, "key", 1, "value", word)
    assert text.startswith(f"Error: map {made.id}: ") and BAD[word] in text
    assert held(made, struct.pack("I", 1)) is None


def test_a_number_alone_without_types_is_told_what_to_be(kernel, bpflens):
    made = kernel.map("hash", 4, 8, max_entries=1)
    text = refused(bpflens, "map", "update", "id", made.id, "key", 5, "value", "u64=1")
    assert text == (f"Error: map {made.id}: key expected 4 bytes got 1\n  hint: a number of 4 bytes is u32=5\n")


def test_a_number_in_json_stands_in_the_error_of_json(kernel, bpflens):
    made = empty_map(kernel, U32, U16)
    result = bpflens.run("-j", "map", "update", "id", made.id, "key", 1, "value", 70000)
    assert result.rc == 2 and result.error == f"map {made.id}: value: 70000 does not fit 16 bits without a sign"


# bpftool's meaning


@pytest.mark.parametrize("words", [["1", "2", "3", "4"], ["0x10", "010", "10", "255"], ["hex", "10", "0xff", "a", "0"]],
                         ids=["decimal", "mixed", "hex"])
def test_what_bpftool_takes_means_the_same_with_types(kernel, bpflens, peer, words):
    ours, theirs = (empty_map(kernel, U32, S32) for _ in range(2))
    for program, made in ((bpflens, ours), (peer, theirs)):
        assert program.run("map", "update", "id", made.id, "key", *words, "value", *words).rc == 0
    key = bpf.map_next_key(theirs.fd, None, 4)
    assert held(ours, key) == held(theirs, key) != None  # noqa: E711
