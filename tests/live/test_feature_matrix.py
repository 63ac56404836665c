# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe on whatever kernel this is: key by key what bpftool says, and who is right where they differ."""
import btf
import features
import pytest


@pytest.fixture(scope="module")
def theirs(peer):
    return peer("-j", "feature", "probe")


@pytest.fixture(scope="module")
def ours(bpflens):
    result = bpflens.run("-j", "feature", "probe")
    assert result.rc == 0, result
    return result.json


def test_keys_are_bpftools_in_its_order(ours, theirs):
    assert list(ours) == list(theirs) == features.SECTIONS
    for section in features.SECTIONS:
        assert list(ours[section]) == list(theirs[section]), section


def test_what_is_said_differently_is_proved_by_a_real_load(kernel, ours, theirs):
    found = features.prove(kernel, ours, theirs)
    assert not {key for key in found if key[0] in ("system_config", "syscall_config", "helpers")}


def test_records_and_sections_say_the_same(bpflens, ours):
    records = bpflens.run("-o", "json", "feature", "probe").json
    told = {(one["kind"], one["name"], one.get("for")): one for one in records}
    for section, kind in (("program_types", "prog_type"), ("map_types", "map_type"), ("misc", "misc")):
        for key, value in features.flat({section: ours[section]}).items():
            assert (told[kind, key[1], None]["answer"] == "yes") is value, key
    for name, value in ours["system_config"].items():
        if name.startswith("CONFIG_"):
            assert told["config", name, None].get("value") == value
    for key in features.flat({"helpers": ours["helpers"]}):
        assert told["helper", key[2], key[1]]["answer"] == "yes", key


def test_every_command_of_bpf_has_a_name_here_and_is_there(bpflens):
    """The kernel's own types are the second reader: a command is there if they have it."""
    types = btf.vmlinux()
    there = {name.removeprefix("BPF_").lower() for name, _ in types.enumerators(types.find(btf.ENUM, "bpf_cmd")) if not name.startswith("__")}
    there = {name.replace("prog_run", "prog_test_run") for name in there} - {"common_attrs"}
    records = [one for one in bpflens.run("-o", "json", "feature", "probe").json if one["kind"] == "command"]
    assert [one["name"] for one in records][0] == "bpf" and all(one["answer"] in ("yes", "no") for one in records)
    assert {one["name"] for one in records if one["answer"] == "yes"} - {"bpf"} == there
