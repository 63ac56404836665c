# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The maker and the second reader, held against what was declared and against bpftool.

The other tests compare the program with these two; here they are compared with something else first.
"""
import os
import re

import bpf
import btf
import maker
import progzoo
import pytest
import reader
import runner
import zoo
from conftest import ROOT

pytestmark = pytest.mark.slow_in_vm(reason="tests the tests")


@pytest.mark.parametrize("kind", zoo.TYPES)
def test_a_made_map_has_the_declared_parameters(kernel, kind):
    made = zoo.make(kernel, kind)
    info = bpf.info(made.fd, bpf.MapInfo())
    assert bpf.MAP_TYPES[info.type] == made.type
    assert (info.key_size, info.value_size, info.max_entries) == (made.key, made.value, made.max_entries)
    assert info.name.decode() == made.name
    assert made.id in bpf.ids("map")


@pytest.mark.parametrize("kind", zoo.READABLE)
def test_a_made_map_holds_the_declared_elements(kernel, kind):
    made = zoo.make(kernel, kind)
    found = reader.elements(made.id)
    assert made.elements, "a map of the zoo is never empty"
    assert {k: v for k, v in found.items() if not isinstance(v, OSError)} == made.elements


@pytest.mark.parametrize("kind", zoo.TYPES)
def test_the_reader_and_bpftool_say_the_same_of_a_map(kernel, peer, kind):
    made = zoo.make(kernel, kind)
    record, _ = reader.map_record(made.id)
    shown = peer("-j", "map", "show", "id", made.id)
    assert shown == record and list(shown) == list(record)
    assert peer("map", "show", "id", made.id).stdout == reader.map_plain(record)


@pytest.mark.parametrize("kind", [k for k in zoo.READABLE if k not in zoo.SLOTS + zoo.SKIPPED])
def test_the_reader_and_bpftool_dump_the_same(kernel, peer, kind):
    made = zoo.make(kernel, kind)
    found = reader.elements(made.id)
    assert peer("-j", "map", "dump", "id", made.id) == reader.dump(made.type, found)
    assert peer("map", "dump", "id", made.id).stdout == reader.dump_plain(made.type, found)


@pytest.mark.parametrize("kind", progzoo.TYPES)
def test_the_reader_and_bpftool_say_the_same_of_a_program(kernel, peer, kind):
    made = progzoo.make(kernel, kind)
    record, _ = reader.prog_record(made.id)
    assert (record["type"], record.get("name", "")) == (made.type, made.name)
    shown = peer("-j", "prog", "show", "id", made.id)
    assert shown == record and list(shown) == list(record)
    assert peer("prog", "show", "id", made.id).stdout == reader.prog_plain(record)


def test_the_json_writer_of_the_tests_writes_as_bpftool_does(kernel, peer):
    maps = [kernel.map("hash", name=f"m{i}") for i in range(3)]
    made = kernel.prog(name=maker.unique("wr"), maps=maps)
    for words in (("prog", "show", "id", made.id), ("prog", "show", "name", made.name), ("map", "dump", "id", maps[0].id)):
        result = peer.run("-j", *words)
        assert result.stdout == runner.compact(result.json)
        assert peer.run("-p", *words).stdout == runner.pretty(result.json)


def test_a_document_with_a_repeated_key_or_a_tail_is_refused():
    for text in ('{"a":1,"a":2}\n', '{"a":1}\n{"b":2}\n', "[1]\n\n", "[1]", "[NaN]\n", ""):
        with pytest.raises((AssertionError, ValueError)):
            runner.parse_json(text)
    with pytest.raises(UnicodeDecodeError):
        runner.parse_json(b'"\xff"\n')


def test_the_btf_reader_finds_what_the_builder_wrote():
    made = btf.Btf()
    number = made.int("unsigned int", 4)
    pair = made.struct("pair", 8, [("first", number, 0), ("second", number, 4)])
    main = made.function("a_function_name", number)
    types = btf.Types(made.blob())
    assert (types.kind(pair), types.name(pair)) == (btf.STRUCT, "pair")
    assert types.members(pair) == [("first", number), ("second", number)]
    assert types.find(btf.FUNC, "a_function_name") == main
    assert types.find(btf.STRUCT, "a_function_name") is None


def test_every_test_that_a_page_names_is_there():
    """docs/COMPATIBILITY.md says which test holds what."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(ROOT, "docs", "COMPATIBILITY.md"), encoding="utf-8") as page:
        named = set(re.findall(r"`(test_\w+)`", page.read()))
    defined = set()
    for name in os.listdir(here):
        if name.endswith(".py"):
            with open(os.path.join(here, name), encoding="utf-8") as file:
                defined |= set(re.findall(r"^def (test_\w+)", file.read(), re.M))
    assert len(named) > 50 and named <= defined, sorted(named - defined)
