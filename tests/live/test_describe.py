# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What the program says of itself, and that its outputs, its completion and the kernel agree with that."""
import copy
import json
import os

import btf
import pytest
import schema
from maker import unique
from runner import asked_form

pytestmark = pytest.mark.slow_in_vm(reason="what the tables say is the same everywhere")

KERNEL_BTF = "/sys/kernel/btf/vmlinux"


@pytest.fixture(scope="module")
def described(program):
    return schema.describe(program)


def built(described):
    for noun in described["nouns"]:
        for command in noun["commands"]:
            if command["built"]:
                yield noun, command


def test_the_description_is_one_json_document_in_every_form(bpflens, described):
    for options in ([], ["-j"], ["-p"], ["-o", "json"], ["-o", "table"]):
        result = bpflens.run(*options, "__describe")
        assert (result.rc, result.err) == (0, b""), result
        assert result.json == described


def test_what_a_command_puts_out_has_a_schema_and_a_committed_file(described):
    names = {one["name"] for one in described["schemas"]}
    assert {name for _, command in built(described) for name in command["emits"]} == names
    assert {name + ".json" for name in names} == set(os.listdir(schema.FOLDER))
    assert {"program", "map", "element", "count", "next_key", "version", "batch"} <= names


def test_strict_outputs_are_held_against_their_schemas(kernel, bpflens):
    name, percpu = unique("sc"), unique("sp")
    kernel.prog("xdp", name=unique("sx"))
    kernel.map("hash", key=4, value=8, entries={7: 1, 8: 2}, name=name)
    kernel.map("percpu_array", key=4, value=8, max_entries=2, name=percpu)
    for words, least in ((["prog", "list"], 1), (["map"], 2), (["map", "dump", "name", name], 2),
                         (["m", "du", "name", percpu], 2), (["map", "dump", "name", name, "count"], 1),
                         (["version"], 1), (["-V"], 1)):
        for form in ("json", "jsonl"):
            args = ["-o", form, *words]
            result = bpflens.run(*args)
            assert result.rc == 0, result
            assert schema.check(bpflens.path, args, asked_form(args), result.stdout) >= least


def test_a_batch_is_held_and_so_is_each_output_in_it(kernel, bpflens):
    made = kernel.map("hash", key=4, value=8, entries={7: 1}, name=unique("sb"))
    args = ["-o", "json", "batch", "file", "-"]
    result = bpflens.run(*args, input=f"map dump id {made.id}\nversion\n".encode())
    assert schema.check(bpflens.path, args, "json", result.stdout) == 2
    records = result.json
    records[0]["output"][0]["map_id"] = str(made.id)
    with pytest.raises(AssertionError, match="is no integer"):
        schema.check(bpflens.path, args, "json", json.dumps(records))


def break_record(record, key, value):
    broken = copy.deepcopy(record)
    if value is None:
        del broken[key]
    else:
        broken[key] = value
    return broken


@pytest.mark.parametrize("key, value, why", [
    ("id", None, "has no id"), ("type_id", None, "has no type_id"), ("id", "7", "is no integer"),
    ("id", True, "is no integer"), ("id", -1, "is less than 0"), ("id", 2**32, "is more than"), ("type", 1, "is no string"),
    ("frozen", 0, "is no boolean"), ("surprise", 1, "does not know"), ("map_extra", 2**64, "is more than"),
    ("dev", {"ifindex": 1}, "has no ns_dev"), ("dev", [], "is no object")])
def test_a_record_that_breaks_its_schema_is_told(kernel, bpflens, key, value, why):
    made = kernel.map("array", name=unique("br"))
    args = ["-o", "json", "map", "show", "id", made.id]
    record = bpflens(*args)[0]
    assert schema.check(bpflens.path, args, "json", json.dumps([record])) == 1
    with pytest.raises(AssertionError, match=why):
        schema.check(bpflens.path, args, "json", json.dumps([break_record(record, key, value)]))


@pytest.mark.parametrize("value", ["0x07", "7", "0G", "07\n", "AB"])
def test_bytes_that_are_no_hexadecimal_text_are_told(value):
    for key in ("0700", "", None):
        assert list(schema.problems([{"map_id": 1, "key": key, "next_key": "00"}], schema.load("next_key"))) == []
    found = list(schema.problems([{"map_id": 1, "key": None, "next_key": value}], schema.load("next_key")))
    assert len(found) == 1 and "does not fit" in found[0]


def test_a_record_of_an_object_that_cannot_be_read_is_valid():
    for record in ({"id": 7, "error": "Operation not permitted"}, {"id": 7, "orphaned": True, "error": "No such device"}):
        assert list(schema.problems([record], schema.load("program"))) == []
    assert list(schema.problems([{"id": 7}], schema.load("program"))) != []


def test_the_validator_refuses_what_it_does_not_understand():
    with pytest.raises(KeyError):
        list(schema.problems([], {"type": "array", "minItems": 1}))


def test_output_of_a_command_that_has_none_is_told(bpflens):
    with pytest.raises(AssertionError, match="of what is no command"):
        schema.check(bpflens.path, ["-o", "json", "help"], "json", '[{"id":1}]')


def test_every_command_that_is_built_is_offered_with_its_words(bpflens, described):
    def offered(*words):
        return bpflens.run("__complete", str(len(words)), "--", "bpflens", *words).stdout.splitlines()
    for noun, command in built(described):
        assert noun["noun"] in offered("")
        if noun["verbless"]:
            continue
        assert {command["verb"], command.get("alias", command["verb"])} <= set(offered(noun["noun"], ""))
        for param in command["params"]:
            if "word" in param and not param["optional"]:
                continue  # it may be wanted before the others
            placed = ["1" if p["value"] in ("SRC", "OLD", "NEW") or "PROG" in p["value"] or "MAP" in p["value"] or p["value"] == "LINK" else "x" for p in command["params"]
                      if "word" not in p and not p["optional"]]
            if "word" in param:
                beginning = param["word"][:-1]
                assert param["word"] in offered(noun["noun"], command["verb"], *placed, beginning), command["verb"]


@pytest.mark.parametrize("name, prefix", [("bpf_prog_type", "BPF_PROG_TYPE_"), ("bpf_map_type", "BPF_MAP_TYPE_")])
def test_the_kernels_names_of_types_are_those_of_the_table(described, name, prefix):
    if not os.path.exists(KERNEL_BTF):
        pytest.skip("needs BTF of the running kernel")
    types = btf.vmlinux()
    number = types.find(btf.ENUM, name)
    if number is None:
        pytest.skip(f"the running kernel's BTF has no enum {name}")
    known = dict(enumerate(described["names"][name]))
    kernels = {value: word.removeprefix(prefix).lower() for word, value in types.enumerators(number)
               if word.startswith(prefix) and not word.endswith("_DEPRECATED")}
    assert len(kernels) > 20
    assert {value: known.get(value) for value in kernels} == kernels
