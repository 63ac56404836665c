# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe on whatever kernel this is: key by key what bpftool says, and who is right where they differ."""
import os

import btf
import features
import pytest


@pytest.fixture(scope="module")
def theirs(peer):
    return features.document(peer, "-j")


@pytest.fixture(scope="module")
def ours(bpflens):
    return features.document(bpflens, "-j")


@pytest.fixture(scope="module")
def records(bpflens):
    return features.whole(bpflens)


def test_keys_are_bpftools_in_its_order(ours, theirs):
    assert list(ours) == list(theirs) == features.SECTIONS
    for section in features.SECTIONS:
        assert list(ours[section]) == list(theirs[section]), section


def test_what_is_said_differently_is_proved_by_a_real_load(kernel, ours, theirs):
    found = features.prove(kernel, ours, theirs)
    assert not {key for key in found if key[0] in ("system_config", "syscall_config", "helpers")}


def test_records_and_sections_say_the_same(records, ours):
    told = {(one["kind"], one["name"], one.get("for")): one for one in records}
    for section, kind in (("program_types", "prog_type"), ("map_types", "map_type"), ("misc", "misc")):
        for key, value in features.flat({section: ours[section]}).items():
            assert (told[kind, key[1], None]["answer"] == "yes") is value, key
    for name, value in ours["system_config"].items():
        if name.startswith("CONFIG_"):
            assert told["config", name, None].get("value") == value
    for key in features.flat({"helpers": ours["helpers"]}):
        assert told["helper", key[2], key[1]]["answer"] == "yes", key


def test_every_command_of_bpf_has_a_name_here_and_is_there(records):
    """The kernel's own types are the second reader: a command is there if they have it."""
    types = btf.vmlinux()
    there = {name.removeprefix("BPF_").lower() for name, _ in types.enumerators(types.find(btf.ENUM, "bpf_cmd")) if not name.startswith("__")}
    there = {name.replace("prog_run", "prog_test_run") for name in there} - {"common_attrs"}
    told = [one for one in records if one["kind"] == "command"]
    assert told[0]["name"] == "bpf" and all(one["answer"] in ("yes", "no") for one in told)
    assert {one["name"] for one in told if one["answer"] == "yes"} - {"bpf"} == there


def test_settings_are_what_their_files_say(records):
    for one in records:
        if one["kind"] != "setting":
            continue
        path = "/proc/sys/" + one["name"].replace(".", "/")
        if os.path.exists(path):
            with open(path) as file:
                assert one["answer"] == "yes" and one["value"] == file.read().strip()
        else:
            assert one["answer"] in ("no", "unknown")
