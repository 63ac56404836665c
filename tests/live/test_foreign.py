# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Objects of other people: what bpftrace and the tools of libbpf-tools load is listed, owned and dumped.

Nothing of it was made for these tests, so nothing is declared: a second reader of bpf(2), the tools' own entries in
/proc, objdump and bpftool say what is right.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from types import SimpleNamespace

import bpf
import jitedreader
import linkreader
import pytest
import reader
import test_btf_raw
import test_jited
import test_xlated
import watching
from conftest import mount
from runner import LIMIT

LIBC = next((line.split()[-1] for line in open("/proc/self/maps") if re.search(r"/libc[.-].*so", line)), "libc.so.6")
KPROBES = "/sys/bus/event_source/devices/kprobe"


@dataclass
class Tool:
    words: list
    needs: str = None  # a path that a kernel with what it needs has
    called: str = ""   # that


def trace(script, *needs):
    return Tool(["bpftrace", "-e", script], *needs)


TOOLS = {
    "bpftrace-interval": trace("BEGIN { @n = count(); @name[\"text\"] = nsecs; } interval:s:3600 { @n = count(); }"),
    "bpftrace-uprobe": trace(f"uprobe:{LIBC}:getpid /pid == {os.getpid()}/ {{ @calls[pid] = count(); @kinds = hist(pid); }}",
                             "/sys/bus/event_source/devices/uprobe", "uprobes"),
    "bpftrace-kprobe": trace("BEGIN { @name[\"text\"] = 1; } kprobe:do_sys_openat2 /pid == 0/ { @opens[comm] = count(); }", KPROBES, "kprobes"),
    "opensnoop": Tool(["opensnoop", "-p", str(os.getpid())], KPROBES, "kprobes"),
    "execsnoop": Tool(["execsnoop"], KPROBES, "kprobes"),
    "biolatency": Tool(["biolatency", "3600"], KPROBES, "kprobes"),
}
SLOW = pytest.mark.slow_in_vm(reason="a tool takes long to start, and what this one loads is the same for any kernel")
EACH = [pytest.param(name, marks=SLOW if name in ("bpftrace-interval", "bpftrace-uprobe") else ()) for name in TOOLS]
ONE_IN_GUESTS = [pytest.param(name, marks=() if name == "opensnoop" else SLOW) for name in TOOLS]


def held(pid):
    """{kind: ids} of the objects that a process has descriptors of."""
    found = {"prog": set(), "map": set(), "link": set(), "btf": set()}
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}") as file:
                said = dict(re.findall(r"^(link|prog|map|btf)_id:\t(\d+)$", file.read(), re.M))
            kind = re.sub(r"anon_inode:(?:\[)?(?:bpf[-_]|)(prog|map|link|btf).*", r"\1", os.readlink(f"/proc/{pid}/fd/{fd}"))
        except FileNotFoundError:
            continue
        if kind in said and kind in found:
            found[kind].add(int(said[kind]))
    return found


def wait_until_ready(child, errors):
    """All of its objects are there when they are the same for a while."""
    before, since, end = None, time.monotonic(), time.monotonic() + 2 * LIMIT
    while time.monotonic() < end:
        if child.poll() is not None:
            with open(errors, errors="replace") as file:
                pytest.fail(f"{child.args} ended by itself: {file.read()[-800:]}")
        now = held(child.pid)
        if now != before:
            before, since = now, time.monotonic()
        if now["prog"] and time.monotonic() - since > 1.5:
            return now
        time.sleep(0.2)
    return pytest.fail(f"{child.args} did not begin")


@pytest.fixture(scope="module", params=EACH)
def foreign(request, private):
    """A tool that runs, and what it has: pid, comm, and ids by kind."""
    tool = TOOLS[request.param]
    if not shutil.which(tool.words[0]):
        pytest.skip(f"needs {tool.words[0]}")
    if tool.needs and not os.path.exists(tool.needs):
        pytest.skip(f"this kernel has no {tool.called}")
    errors = os.path.join(private, request.param)
    with open(errors, "w") as file:
        child = subprocess.Popen(tool.words, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        ids = wait_until_ready(child, errors)
        with open(f"/proc/{child.pid}/comm") as file:
            comm = file.read().rstrip("\n")
        yield SimpleNamespace(pid=child.pid, comm=comm, **ids)
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def without(record, *keys):
    return {key: value for key, value in record.items() if key not in keys}


def owners(foreign):
    return [{"pid": foreign.pid, "comm": foreign.comm}]


def check_owners(foreign, ours, theirs):
    assert ours["pids"] == owners(foreign)
    if "pids" in theirs:  # where bpftool's own program loads
        assert theirs["pids"] == ours["pids"]


def test_its_programs_are_listed_with_their_owner(foreign, bpflens, peer):
    listing = {one["id"]: one for one in bpflens("-j", "prog", "list")}
    theirs = {one["id"]: one for one in peer("-j", "prog", "list")}
    assert foreign.prog
    for number in foreign.prog:
        record, added = reader.prog_record(number)
        assert without({key: value for key, value in listing[number].items() if key in record}, "recursion_misses") == \
            without(record, "recursion_misses")
        assert without({key: listing[number][key] for key in theirs[number] if key != "pids"}, "recursion_misses") == \
            without(theirs[number], "pids", "recursion_misses")
        check_owners(foreign, listing[number], theirs[number])
        assert f"\tpids {foreign.comm}({foreign.pid})\n" in bpflens("prog", "show", "id", number).stdout


def test_its_maps_are_listed_with_their_owner(foreign, bpflens, peer):
    listing = {one["id"]: one for one in bpflens("-j", "map", "list")}
    assert foreign.map
    for number in foreign.map:
        record, theirs = reader.map_record(number)[0], peer("-j", "map", "show", "id", number)
        assert without({key: value for key, value in listing[number].items() if key in record}, "bytes_memlock") == \
            without(record, "bytes_memlock")
        assert without({key: listing[number][key] for key in theirs if key != "pids"}, "bytes_memlock") == \
            without(theirs, "pids", "bytes_memlock")
        check_owners(foreign, listing[number], theirs)


@pytest.mark.parametrize("foreign", [name for name in TOOLS if not name.startswith("bpftrace")], indirect=True)
def test_its_links_are_listed_with_their_owner(foreign, bpflens, peer):
    """bpftrace of this version attaches without links."""
    assert foreign.link
    listing = {one["id"]: one for one in bpflens("-j", "link", "list")}
    theirs = {one["id"]: one for one in peer.run("-j", "link", "list").json}
    for number in foreign.link:
        record = without(linkreader.record(number), "missed")
        assert record["prog_id"] in foreign.prog
        assert {key: listing[number][key] for key in record} == record
        common = without(theirs[number], "pids", "bpf_cookie", "missed")
        assert {key: listing[number][key] for key in common} == common
        check_owners(foreign, listing[number], theirs[number])
        assert str(number) in bpflens("-o", "tsv=id,target", "link", "show", "id", number).stdout


@pytest.mark.parametrize("foreign", ONE_IN_GUESTS, indirect=True)
def test_its_instructions_are_dumped_as_bpftool_does(foreign, bpflens, peer):
    for number in sorted(foreign.prog)[:1]:
        test_xlated.compare(bpflens, peer, "id", number, **test_xlated.JSON)
        assert bpflens("prog", "dump", "xlated", "id", number, "visual").stdout.startswith("digraph")


@pytest.mark.parametrize("foreign", ONE_IN_GUESTS, indirect=True)
def test_its_machine_code_is_dumped_as_objdump_does(foreign, bpflens):
    if not jitedreader.has_disassembler(bpflens):
        pytest.skip("needs a build with libbfd")
    for number in sorted(foreign.prog)[:2]:
        fd = bpf.open_id("prog", number)
        try:
            test_jited.compare(bpflens, SimpleNamespace(fd=fd, id=number))
        finally:
            os.close(fd)


def steady(number):
    """The elements, where they are the same before and after what is done meanwhile."""
    return sorted((key, value) for key, value in reader.elements(number).items() if not isinstance(value, OSError))


def test_its_maps_are_dumped(foreign, bpflens, peer):
    """Programs change them all the while: what is compared is a moment in which they did not."""
    compared = 0
    for number in foreign.map:
        kind = reader.map_record(number)[0]["type"]
        for _ in range(8):
            before = steady(number) if kind in ("hash", "percpu_hash", "array", "percpu_array") else None
            ours, theirs = (one.run("-j", "map", "dump", "id", number) for one in (bpflens, peer))
            assert ours.rc in (0, 1) and isinstance(ours.json, (list, dict))
            if before is None:
                break
            assert ours.rc == 0
            if steady(number) == before:
                expected = reader.dump(kind, dict(before))
                plain = [without(one, "formatted") for one in ours.json]
                assert sorted(map(str, plain)) == sorted(map(str, expected))
                assert sorted(map(str, plain)) == sorted(str(without(one, "formatted")) for one in theirs.json)
                compared += 1
                break
        strict = bpflens.run("-o", "json", "map", "dump", "id", number)
        assert strict.rc in (0, 1) and isinstance(strict.json, list)
    assert compared


@pytest.mark.parametrize("foreign", [pytest.param("bpftrace-uprobe", marks=SLOW)], indirect=True)
def test_what_a_script_counts_is_read(foreign, bpflens):
    def count():
        for number in foreign.map:
            for one in bpflens("-o", "json", "map", "dump", "id", number) if reader.map_record(number)[0]["type"] == "percpu_hash" else ():
                if one["key"] == os.getpid().to_bytes(8, "little").hex() and len(one["values"][0]["value"]) == 16:
                    return sum(int.from_bytes(bytes.fromhex(each["value"]), "little") for each in one["values"])
        return 0
    before = count()
    for _ in range(1000):
        os.getpid()
    assert 1000 <= count() - before <= 1100


def test_its_types_are_dumped_as_bpftool_does(foreign, bpflens, peer):
    ids = {record.get("btf_id") for record, _ in map(reader.prog_record, foreign.prog)} - {None}
    for number in ids:
        types = test_btf_raw.same_as_peer(bpflens, peer, "id", number)
        assert types
        shown = bpflens("-j", "btf", "show", "id", number)
        shown = shown[0] if isinstance(shown, list) else shown
        assert set(shown["prog_ids"]) & foreign.prog
        if number in foreign.btf:
            assert shown["pids"] == owners(foreign)
        header = bpflens("btf", "dump", "id", number, "format", "c").stdout
        for one in types:
            if one["kind"] == "STRUCT" and re.fullmatch(r"[A-Za-z_]\w*", one["name"]):
                assert f"struct {one['name']} {{" in header


def test_the_tool_works_on(foreign):
    """Nothing that was done to its objects ended it or took any away."""
    assert os.path.exists(f"/proc/{foreign.pid}")
    assert held(foreign.pid)["prog"] == foreign.prog


OBJECTS = sorted(glob.glob("/usr/lib/*/bpf/*.o"))


@pytest.fixture
def default_bpffs(kernel):
    """A bpffs of the test's own where libbpf pins maps that ask for it."""
    mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0755")
    kernel.stack.callback(bpf.LIBC.umount2, b"/sys/fs/bpf", 2)
    return "/sys/fs/bpf"


@pytest.mark.slow_in_vm(reason="many objects, which any kernel takes alike")
@pytest.mark.skipif(not OBJECTS, reason="needs the objects of libxdp1")
@pytest.mark.parametrize("path", OBJECTS, ids=[os.path.basename(path) for path in OBJECTS])
def test_an_object_of_a_package_is_loaded_as_bpftool_does(default_bpffs, bpflens, peer, path):
    def loaded(program, where):
        result = program.run("prog", "loadall", path, where)
        return result.rc == 0, sorted(os.listdir(where)) if os.path.isdir(where) else None
    before = watching.objects(("prog", "map"))
    theirs, ours = loaded(peer, default_bpffs + "/theirs"), loaded(bpflens, default_bpffs + "/ours")
    assert ours == theirs
    if not ours[0]:
        assert "func" in bpflens.run("prog", "loadall", path, default_bpffs + "/again").stderr  # what it is to be attached to
        assert not os.path.exists(default_bpffs + "/again")
        return
    for name in ours[1]:
        at = [f"{default_bpffs}/{whose}/{name}" for whose in ("ours", "theirs")]
        mine, other = (bpflens("-j", "prog", "show", "pinned", one, "no-owners") for one in at)
        assert [mine[key] for key in ("type", "name", "tag")] == [other[key] for key in ("type", "name", "tag")]
        text = bpflens("prog", "dump", "xlated", "pinned", at[0]).stdout
        assert text == peer("prog", "dump", "xlated", "pinned", at[0]).stdout
    pins = {one["path"] for one in bpflens("-j", "pin", "list", default_bpffs) if one["kind"] != "unknown"}
    assert {f"{default_bpffs}/ours/{name}" for name in ours[1]} <= pins
    removed = bpflens("-j", "pin", "remove", *sorted(pins))
    assert {one["path"] for one in removed} == pins
    gone = {one["id"] for one in removed if one["gone"]}
    assert watching.settle(lambda: not any(gone & (ids - before[kind]) for kind, ids in watching.objects(before).items()))
    assert gone, "something went"
