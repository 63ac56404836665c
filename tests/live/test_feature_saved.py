# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Saved probes: what was saved answers as the kernel did, in both shapes; what is cut or something else; feature diff; and the
table of first releases, held against the types of the kernel that runs."""
import copy
import json
import os
import platform
import re
import struct
import time

import btf
import features
import pytest

VMLINUX = "/sys/kernel/btf/vmlinux"
RESTLESS = {"kernel.perf_event_max_sample_rate"}  # the kernel lowers it by itself
ENUMS = {"prog_type": ("bpf_prog_type", "BPF_PROG_TYPE_"), "map_type": ("bpf_map_type", "BPF_MAP_TYPE_"),
         "attach_type": ("bpf_attach_type", "BPF_"), "link_type": ("bpf_link_type", "BPF_LINK_TYPE_"),
         "command": ("bpf_cmd", "BPF_"), "helper": ("bpf_func_id", "BPF_FUNC_")}
# Its number was taken for the kernel's own use in 5.19; a link of that type can be made from 6.4 on.
EARLIER = {("link_type", "struct_ops")}


@pytest.fixture(scope="module")
def probe(bpflens):
    """Everything about this kernel, as records."""
    return features.whole(bpflens)


@pytest.fixture
def save(tmp_path):
    """Writes a document to a file, and says where."""
    def to(name, document, lines=False):
        path = tmp_path / name
        if isinstance(document, (str, bytes)):
            path.write_bytes(document if isinstance(document, bytes) else document.encode())
        elif lines:
            path.write_text("".join(json.dumps(one) + "\n" for one in document))
        else:
            path.write_text(json.dumps(document))
        return str(path)
    return to


def answers(records):
    return [one for one in records if one["kind"] != "probe"]


def differences(bpflens, *words):
    """What feature diff says, but for what changes by itself; its exit status fits."""
    result = bpflens.run("-o", "json", "feature", "diff", *words)
    found = result.json
    changed = any(one["change"] != "undecided" for one in found)
    assert result.rc == (1 if changed else 3 if found else 0), result
    assert found == sorted(found, key=lambda one: KINDS.index(one["kind"])), "kind by kind"
    return [one for one in found if one["name"] not in RESTLESS]


KINDS = ("kernel setting config command prog_type map_type helper misc instruction attach_type link_type map_flag batch kfunc "
         "struct_ops iterator btf_kind btf module facility tracing lsm").split()


# --- the round trip ----------------------------------------------------------

def test_a_saved_probe_says_its_format_and_how_many_answers_it_has(probe):
    assert probe[0] == {"kind": "probe", "name": "format", "answer": "yes", "value": "1"}
    assert probe[-1] == {"kind": "probe", "name": "end", "answer": "yes", "value": str(len(probe) - 2)}
    assert all(one["kind"] != "probe" for one in probe[1:-1])
    things = [(one["kind"], one["name"], one.get("for")) for one in probe]
    assert len(things) == len(set(things)), "each thing has one answer"


def test_questions_have_answers_alone(bpflens):
    assert [one["kind"] for one in bpflens("-o", "json", "feature", "probe", "prog_type", "xdp")] == ["prog_type"]


@pytest.mark.parametrize("lines", [
    False, pytest.param(True, marks=pytest.mark.slow_in_vm(reason="how files are read does not depend on the kernel"))], ids=["json", "jsonl"])
@pytest.mark.slow_in_vm(reason="two whole probes; what is read does not depend on the kernel")
def test_what_was_saved_answers_as_the_kernel_does(bpflens, probe, save, lines):
    assert differences(bpflens, save("a", probe, lines)) == []


@pytest.mark.slow_in_vm(reason="how files are read does not depend on the kernel")
def test_both_forms_save_the_same(bpflens, save):
    files = [save(form, bpflens.run("-o", form, "feature", "probe").out) for form in ("json", "jsonl")]
    assert differences(bpflens, *files) == []
    with open(files[0], "rb") as file:
        piped = bpflens.run("-o", "json", "feature", "diff", "-", files[1], stdin=file)
    assert [one for one in piped.json if one["name"] not in RESTLESS] == []


@pytest.mark.slow_in_vm(reason="what is compared does not depend on the kernel")
def test_every_change_of_a_saved_probe_is_found(bpflens, probe, save):
    changed = json.loads(json.dumps(probe))
    told = {}
    for one in changed:
        thing = (one["kind"], one["name"], one.get("for"))
        if one["answer"] == "yes" and one["kind"] in ("prog_type", "helper", "batch") and len(told) < 40:
            one["answer"] = "no"
            told[thing] = "removed"
        elif one["answer"] == "no" and one["kind"] in ("attach_type", "map_flag", "command"):
            one["answer"] = "yes"
            told[thing] = "added"
        elif one["answer"] == "no" and one["kind"] in ("map_type", "link_type"):
            one["answer"], one["reason"] = "not permitted", "capability"
            told[thing] = "undecided"
        elif one["kind"] == "setting" and one.get("value") and one["name"] not in RESTLESS:
            one["value"] = one["value"] + "9"
            told[thing] = "changed"
    found = {(one["kind"], one["name"], one.get("for")): one["change"] for one in differences(bpflens, save("a", probe), save("b", changed))}
    assert found == told and set(told.values()) >= {"removed", "changed"}
    backward = {"removed": "added", "added": "removed"}
    found = {(one["kind"], one["name"], one.get("for")): one["change"] for one in differences(bpflens, save("b", changed), save("a", probe))}
    assert found == {thing: backward.get(change, change) for thing, change in told.items()}


@pytest.mark.slow_in_vm(reason="two whole probes; what is read does not depend on the kernel")
def test_an_ordinary_users_probe_does_not_say_no(bpflens, public, nobody, probe, save):
    unprivileged = public("-o", "json", "feature", "probe", before=nobody)
    found = differences(bpflens, save("root", probe), save("nobody", unprivileged))
    assert {one["change"] for one in found} == {"undecided"}
    assert all(one["new"] in ("not permitted", "unknown") for one in found)
    assert {one["kind"] for one in found} >= {"prog_type", "map_type", "helper"}


# --- bpftool's shape ---------------------------------------------------------

@pytest.mark.slow_in_vm(reason="bpftool's own probe takes minutes there")
def test_bpftools_own_probe_is_read(bpflens, peer, save):
    document = copy.deepcopy(features.document(peer, "-j"))
    path = save("peer", document)
    assert differences(bpflens, path, path) == []
    had = [name for name, there in document["map_types"].items() if there]
    document["map_types"][had[0]] = False
    document["misc"] = {name: not there for name, there in document["misc"].items()}
    document["system_config"]["CONFIG_HZ"] = "99"
    gone = document["helpers"]["kprobe_available_helpers"].pop()
    found = differences(bpflens, path, save("changed", document))
    config = [one for one in found if one["kind"] == "config"]
    if config:  # where no configuration can be read, it is not set in both
        assert [(one["name"], one["new_value"]) for one in config] == [("CONFIG_HZ", "99")]
    assert [one["name"] for one in found if one["kind"] == "map_type"] == [re.match("have_(.*)_map_type", had[0])[1]]
    assert {one["name"] for one in found if one["kind"] == "misc"} == {name.removeprefix("have_") for name in document["misc"]}
    assert [(one["name"], one["for"], one["change"]) for one in found if one["kind"] == "helper"] == [(gone, "kprobe", "removed")]


def test_both_shapes_of_one_kernel_agree(bpflens, probe, save):
    compatible = save("compatible", features.document(bpflens, "-j"))
    assert [one for one in differences(bpflens, compatible, save("strict", probe)) if one["change"] != "undecided"] == []


@pytest.mark.slow_in_vm(reason="how documents are read does not depend on the kernel")
def test_bpftools_probe_without_rights_says_no_to_nothing(bpflens, public, nobody, probe, save):
    document = public.run("-j", "feature", "probe", "unprivileged", before=nobody)
    found = differences(bpflens, save("root", probe), save("nobody", document.out))
    assert not [one for one in found if one["new"] == "no" and one["old"] == "yes"]


# --- what is not one ---------------------------------------------------------

@pytest.mark.slow_in_vm(reason="how files are read does not depend on the kernel")
@pytest.mark.parametrize("text, words", [
    ("", "is empty"),
    ("\x7fELF", "line 1, column 1: not JSON"),
    ("[\n1 2]", "line 2, column 3: not JSON"),
    ('[{"kind":"probe"', "is cut: it ends inside its JSON"),
    ('[{"kind":"probe","name":"format","answer":"yes","value":"2"}]', "is of format 2; up to 1 can be read"),
    ('[{"id":1,"type":"xdp"}]', "is JSON, and no saved probe"),
    ('{"id":1,"type":"xdp"}', "is JSON, and no saved probe"),
    ('[{"kind":"prog_type","name":"xdp","answer":"yes"}]', "does not begin as a saved probe does"),
    ("[" * 5000, "not JSON"),
    (b"[\"\xff\"]", "not JSON")],
    ids=["empty", "elf", "no_json", "half", "newer", "programs", "one_program", "questions", "deep", "no_utf8"])
def test_what_is_no_saved_probe_is_named(bpflens, save, text, words):
    path = save("file", text)
    for form in ([], ["-j"], ["-o", "json"]):
        result = bpflens.run(*form, "feature", "diff", path)
        assert result.rc == 1 and words in result.error and path in result.error, result


@pytest.mark.slow_in_vm(reason="how files are read does not depend on the kernel")
def test_lines_that_are_lost_are_noticed(bpflens, probe, save):
    for kept, words in ((probe[:-1], "and no end"), (probe[:3] + probe[4:], f"is cut: {len(probe) - 3} of {len(probe) - 2} answers"),
                        (probe[:1], "is cut: 0 answers, and no end")):
        for lines in (False, True):
            result = bpflens.run("feature", "diff", save("cut", kept, lines))
            assert result.rc == 1 and words in result.error, result


def test_a_probe_of_a_device_says_nothing_of_the_kernel(bpflens, save):
    for form in (["-o", "json"], ["-j"]):
        path = save("dev", bpflens.run(*form, "feature", "probe", "dev", "lo").out)
        assert bpflens.run("feature", "diff", path).error == f"{path}: is of a network device: Invalid argument"


@pytest.mark.slow_in_vm(reason="how words are read does not depend on the kernel")
def test_words_that_are_wrong_are_named(bpflens, tmp_path):
    missing = str(tmp_path / "missing")
    assert bpflens.run("feature", "diff", missing).error == f"{missing}: open: No such file or directory"
    assert bpflens.run("feature", "diff", str(tmp_path)).error.startswith(f"{tmp_path}: read: ")
    text = tmp_path / "text"
    text.write_text("Scanning system configuration...\n")
    assert bpflens.run("feature", "diff", str(text)).stderr.endswith("  hint: save one with: bpflens -o json feature probe > FILE\n")
    for words, said in ((["-", "-"], "standard input can be only one of them"),
                        (["-", "kind", "progtype"], "kind 'progtype': there is none of that name\n  hint: did you mean 'prog_type'?"),
                        (["-", "kind", "zzzzzz"], "kind 'zzzzzz': there is none of that name\n  hint: prog_type, map_type, helper")):
        result = bpflens.run("feature", "diff", *words)
        assert result.rc == 2 and said in result.stderr, result


# --- the forms of feature diff -----------------------------------------------

def small(*rows):
    """A saved probe of these rows: (kind, name, for, answer, value)"""
    records = [{key: value for key, value in zip(("kind", "name", "for", "answer", "value"), row) if value is not None} for row in rows]
    mark = {"kind": "probe", "answer": "yes"}
    return [{**mark, "name": "format", "value": "1"}, *records, {**mark, "name": "end", "value": str(len(records))}]


OLD = small(("kernel", "release", None, "yes", "6.1.0"), ("prog_type", "netfilter", None, "no"), ("map_type", "hash", None, "yes"),
            ("helper", "bpf_loop", "xdp", "yes"), ("helper", "bpf_loop", "kprobe", "yes"), ("setting", "net.core.bpf_jit_limit", None, "yes", "5"),
            ("map_type", "arena", None, "not permitted"), ("config", "CONFIG_BPF_LSM", None, "yes", "y"))
NEW = small(("kernel", "release", None, "yes", "6.12.0"), ("prog_type", "netfilter", None, "yes"), ("map_type", "hash", None, "yes"),
            ("helper", "bpf_loop", "xdp", "no"), ("helper", "bpf_loop", "kprobe", "no"), ("helper", "bpf_loop", "netfilter", "yes"),
            ("setting", "net.core.bpf_jit_limit", None, "yes", "6"), ("map_type", "arena", None, "yes"), ("config", "CONFIG_BPF_LSM", None, "no"))


@pytest.mark.slow_in_vm(reason="what is compared does not depend on the kernel")
def test_differences_are_shown_in_groups(bpflens, save):
    old, new = save("old", OLD), save("new", NEW)
    assert bpflens("feature", "diff", old, new, rc=1).stdout == f"""\
first: {old}: Linux 6.1.0
second: {new}: Linux 6.12.0
only in the first:
	config CONFIG_BPF_LSM: y
	helper bpf_loop for kprobe, xdp
only in the second:
	prog_type netfilter, and 1 helpers for it
changed:
	setting net.core.bpf_jit_limit: 5 -> 6
cannot be compared:
	map_type arena: the first says not permitted
3 only in the first, 2 only in the second, 1 changed, 1 undecided, 1 the same
"""
    first = {"change": "changed", "kind": "setting", "name": "net.core.bpf_jit_limit", "old": "yes", "new": "yes", "old_value": "5", "new_value": "6"}
    for form in ("-j", "-p"):
        assert bpflens(form, "feature", "diff", old, new, rc=1)[0] == first
    assert bpflens("-o", "jsonl", "feature", "diff", old, new, rc=1)[0] == first
    table = bpflens("-o", "tsv", "feature", "diff", old, new, rc=1).stdout.splitlines()
    assert len(table) == 1 + 7 and table[1].split("\t")[:3] == ["changed", "setting", "net.core.bpf_jit_limit"]


@pytest.mark.slow_in_vm(reason="what is compared does not depend on the kernel")
def test_what_is_compared_can_be_narrowed(bpflens, save):
    old, new = save("old", OLD), save("new", NEW)

    def names(*words, rc):
        return [(one["name"], one.get("for")) for one in bpflens("-o", "json", "feature", "diff", old, new, *words, rc=rc)]
    assert names("kind", "helper", rc=1) == [("bpf_loop", "kprobe"), ("bpf_loop", "netfilter"), ("bpf_loop", "xdp")]
    assert names("for", "kprobe", rc=1) == [("bpf_loop", "kprobe")]
    assert names("kind", "kernel", rc=1) == [("release", None)]
    assert names("kind", "lsm", rc=0) == []
    result = bpflens.run("-o", "json", "feature", "diff", old, new, "kind", "map_type")
    assert result.rc == 3 and [one["change"] for one in result.json] == ["undecided"], "one of them cannot tell"


@pytest.mark.slow_in_vm(reason="what is compared does not depend on the kernel")
def test_what_nothing_of_can_be_compared_is_not_equal(bpflens, save):
    records = save("records", small(("kfunc", "bpf_throw", None, "yes"), ("helper", "bpf_loop", "xdp", "yes")))
    shown = save("shown", {"system_config": {}, "program_types": {"have_xdp_prog_type": True}, "map_types": {},
                           "helpers": {"xdp_available_helpers": ["bpf_loop"]}})
    result = bpflens.run("feature", "diff", records, shown, "kind", "kfunc")
    assert result.rc == 3 and "nothing can be compared" in result.stdout, result
    assert bpflens("-o", "json", "feature", "diff", shown, records, "kind", "kfunc", rc=3) == []
    assert bpflens("-o", "json", "feature", "diff", shown, records, "kind", "helper", rc=0) == []
    assert bpflens("-o", "json", "feature", "diff", shown, records, "for", "netfilter", rc=0) == [], "a type that neither tells of"
    for words, said in ((["for", "xpd"], "for 'xpd': there is no type of that name\n  hint: did you mean 'xdp'?"),
                        (["kind", "btf"], "kind 'btf': no saved probe tells of it")):
        result = bpflens.run("feature", "diff", records, records, *words)
        assert result.rc == 2 and said in result.stderr, result


@pytest.mark.slow_in_vm(reason="what is compared does not depend on the kernel")
@pytest.mark.parametrize("rows", [
    lambda side, i: [("kfunc", f"{side}{i}", None, "no")],
    lambda side, i: [("prog_type", f"type{i}", None, side), ("helper", "bpf_loop", f"type{i}", side)],
], ids=["alone", "helpers with their types"])
def test_files_of_very_many_things_take_no_more_than_their_share_of_time(bpflens, save, rows):
    old, new = ([row for i in range(60000) for row in rows(side, i)] for side in ("yes", "no"))
    began = time.monotonic()
    bpflens.run("feature", "diff", save("old", small(*old)), save("new", small(*new)))
    assert time.monotonic() - began < 8, "each is looked up, and not all for each"


# --- the first release of a thing --------------------------------------------

def running():
    found = re.match(r"(\d+)\.(\d+)", platform.release())
    return int(found[1]), int(found[2])


def number(release):
    return tuple(map(int, release.split(".")))


@pytest.fixture(scope="module")
def enums():
    """{name: its enumerators} of the kernel's types"""
    if not os.path.exists(VMLINUX):
        pytest.skip("needs the kernel's types")
    with open(VMLINUX, "rb") as file:
        types = btf.Types(file.read())
    wanted, found = {name for name, _ in ENUMS.values()}, {}
    for one in range(1, len(types.at)):
        if types.kind(one) == btf.ENUM and types.name(one) in wanted:
            count = struct.unpack_from("I", types.blob, types.at[one] + 4)[0] & 0xffff
            starts = [struct.unpack_from("I", types.blob, types.at[one] + 12 + i * 8)[0] for i in range(count)]
            found[types.name(one)] = {types.strings[start:types.strings.index(b"\0", start)].decode() for start in starts}
    return found


@pytest.mark.parametrize("kind", ENUMS)
def test_the_kernel_has_what_came_before_it_and_nothing_that_came_later(probe, enums, kind):
    enum, prefix = ENUMS[kind]
    if enum not in enums:
        pytest.skip(f"needs {enum} in the kernel's types")
    since = {}
    for one in probe:
        if one["kind"] == kind and "since" in one:  # of a helper for a type the later one of both
            name = one["name"].removeprefix("bpf_")
            since[name] = min(since.get(name, one["since"]), one["since"], key=number)
    assert len(since) > 10
    for name, release in since.items():
        if (kind, name) not in EARLIER:
            there = prefix + (name if kind == "helper" else name.upper()) in enums[enum]
            assert there == (number(release) <= running()), f"{kind} {name}: since {release}"


def test_no_is_said_with_the_release_that_has_it(bpflens, probe):
    later = next((one for one in probe if one["answer"] == "no" and one["reason"] != "not for this type" and
                  number(one.get("since", "0.0")) > running() and "for" not in one), None)
    if not later:
        pytest.skip("nothing is newer than this kernel")
    result = bpflens.run("feature", "probe", later["kind"], later["name"])
    assert result.rc == 1 and result.stdout.endswith(f"; since Linux {later['since']}\n"), result
