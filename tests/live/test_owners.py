# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Who holds an object: processes that the test has made, and that say which descriptors they have."""
import ctypes
import os
import re
import signal
import socket
import subprocess
import threading
from contextlib import contextmanager

import bpf
import pytest
from conftest import mount
from maker import unique
from runner import blocks, parse_json

PR_SET_NAME = 15
LOOKERS = ("bpflens", "bpftool")  # others may look at all objects of the machine meanwhile


def set_comm(name):
    bpf.LIBC.prctl(PR_SET_NAME, ctypes.c_char_p(name), 0, 0, 0)


@contextmanager
def holder(keep, comm=b"holder", before=lambda fds: None):
    """A process that holds copies of these descriptors and no other of the tests' objects; its pid.

    before: what it does first, with the list of its copies.
    """
    ready, told = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            fds = [os.dup(fd) for fd in keep]
            left = {*fds, told}
            for name in os.listdir("/proc/self/fd"):
                if int(name) > 2 and int(name) not in left:
                    try:
                        os.close(int(name))
                    except OSError:  # that of the list itself
                        pass
            set_comm(comm)
            before(fds)
            os.write(told, b"x")
            signal.pause()
        finally:
            os._exit(1)
    os.close(told)
    try:
        assert os.read(ready, 1) == b"x", "the process came up"
        yield pid
    finally:
        os.close(ready)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def owners_of(bpflens, noun, made, *form, **how):
    """{pid: record} of who holds an object, without the tests' own process."""
    record = bpflens(*(form or ["-j"]), noun, "show", "id", made.id, **how)
    record = record[0] if isinstance(record, list) else record
    found = {one["pid"]: one for one in record.get("pids", [])}
    assert list(found) == sorted(found) and len(found) == len(record.get("pids", []))
    assert found.pop(os.getpid(), None), "the tests hold it themselves"
    return {pid: one for pid, one in found.items() if one["comm"] not in LOOKERS}


def own_comm():
    with open("/proc/self/comm") as file:
        return file.read().removesuffix("\n")


@pytest.fixture(params=["prog", "map"])
def noun(request):
    return request.param


def make(kernel, noun):
    return kernel.map("array", name="owned") if noun == "map" else kernel.prog("xdp", name="owned")


def test_one_process_that_holds_an_object_is_shown(kernel, bpflens, noun):
    made = make(kernel, noun)
    me = {"pid": os.getpid(), "comm": own_comm()}
    record = bpflens("-j", noun, "show", "id", made.id)
    assert record["pids"] == [me]
    keys = list(record)
    assert keys.index("pids") > keys.index("bytes_memlock")
    assert all(keys.index("pids") < keys.index(new) for new in ("verified_insns", "map_extra") if new in keys)
    text = bpflens(noun, "show", "id", made.id)
    assert text.stdout.endswith(f"\n\tpids {me['comm']}({me['pid']})\n") and text.stderr == ""


def test_three_processes_that_share_an_object_stand_by_ascending_pid(kernel, bpflens, noun):
    made, other = make(kernel, noun), make(kernel, noun)
    with holder([made.fd], b"first") as a, holder([made.fd, made.fd], b"second") as b, holder([made.fd], b"third") as c:
        found = owners_of(bpflens, noun, made)
        assert {pid: one["comm"] for pid, one in found.items()} == {a: "first", b: "second", c: "third"}
        everyone = sorted([(a, "first"), (b, "second"), (c, "third"), (os.getpid(), own_comm())])
        line = "\tpids " + ", ".join(f"{comm}({pid})" for pid, comm in everyone) + "\n"
        assert line in bpflens(noun, "show", "id", made.id).stdout
        assert line in blocks(bpflens(noun, "list").stdout)[made.id]
        cells = ",".join(f"{comm}({pid})" for pid, comm in everyone)
        assert bpflens("-o", "tsv=owners", noun, "show", "id", made.id).stdout == f"owners\n{cells}\n"
        assert owners_of(bpflens, noun, other) == {}, "what they do not hold they do not own"
    assert owners_of(bpflens, noun, made) == {}, "who has ended is no owner"


def test_threads_are_shown_as_their_process_by_its_own_name(kernel, bpflens, noun):
    made, over = make(kernel, noun), threading.Event()

    def idle():
        set_comm(b"a thread")
        over.wait()
    others = [threading.Thread(target=idle) for _ in range(3)]
    for other in others:
        other.start()
    try:
        assert bpflens("-j", noun, "show", "id", made.id)["pids"] == [{"pid": os.getpid(), "comm": own_comm()}]
    finally:
        over.set()
        for other in others:
            other.join()


def test_a_descriptor_that_came_through_a_socket_makes_an_owner(kernel, bpflens, noun):
    made = make(kernel, noun)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        socket.send_fds(ours, [b"x"], [made.fd])

        def receive(fds):
            assert socket.recv_fds(socket.socket(fileno=os.dup(fds[0])), 1, 1)[1]
        with holder([theirs.fileno()], b"by socket", receive) as pid:
            assert owners_of(bpflens, noun, made) == {pid: {"pid": pid, "comm": "by socket"}}


@pytest.mark.parametrize("comm", [b"a) (b", b"two\nlines", b"\x1b[2Jred", b"\xff\xfe", b"", b"ends in\n", b"(1), x(2"])
def test_a_name_of_any_bytes_harms_no_form(kernel, bpflens, comm):
    made = kernel.map("array", name="wild")
    shown = comm.decode("utf-8", "replace")
    with holder([made.fd], comm) as pid:
        assert owners_of(bpflens, "map", made)[pid]["comm"] == shown
        assert owners_of(bpflens, "map", made, "-o", "json")[pid]["comm"] == shown
        text = bpflens("map", "show", "id", made.id).stdout
        assert len(text.splitlines()) == 3 and "\x1b" not in text and f"({pid})" in text
        table = bpflens("-o", "tsv=id,owners", "map", "show", "id", made.id).stdout
        assert len(table.splitlines()) == 2 and "\x1b" not in table


@pytest.mark.parametrize("number", [3, 63, 64, 1000, 4000])
def test_an_object_among_many_or_far_away_descriptors_is_found(kernel, bpflens, number):
    made = kernel.map("array", name="far")

    def move(fds):
        os.dup2(fds[0], number + 60)
        os.close(fds[0])
        for _ in range(number if number < 4000 else 0):  # in the last case there is nothing in between
            os.open("/dev/null", os.O_RDONLY)
    with holder([made.fd], b"far", move) as pid:
        assert owners_of(bpflens, "map", made) == {pid: {"pid": pid, "comm": "far"}}


def test_an_object_held_all_the_time_is_found_while_other_descriptors_change(kernel, bpflens):
    made = kernel.map("array", name="steady")

    def change(fds):
        os.dup2(fds[0], 60)
        os.close(fds[0])
        threading.Thread(target=keep_changing, daemon=True).start()

    def keep_changing():
        while True:
            some = [os.open("/dev/null", os.O_RDONLY) for _ in range(90)]
            for fd in some[::2] + some[1::2]:
                os.close(fd)
    with holder([made.fd], b"steady", change) as pid:
        for _ in range(40):
            assert set(owners_of(bpflens, "map", made)) == {pid}


def test_the_program_itself_is_no_owner(kernel, bpflens, noun):
    made = make(kernel, noun)
    for form in (["-j"], ["-o", "json"]):
        child = subprocess.Popen([bpflens.path, *form, noun, "list"], stdout=subprocess.PIPE, pass_fds=[made.fd])
        listing = parse_json(child.communicate()[0])
        pids = {record["id"]: {one["pid"] for one in record.get("pids", [])} for record in listing}
        assert os.getpid() in pids[made.id]
        assert not any(child.pid in found for found in pids.values())


def test_an_object_that_is_only_pinned_has_no_owner(kernel, bpflens):
    fd = bpf.map_create("array", 4, 4, 1, name=b"pinned_only")
    path = os.path.join(kernel.bpffs, unique("only"))
    bpf.obj_pin(fd, path)
    os.close(fd)
    try:
        assert "pids" not in bpflens("-j", "map", "show", "pinned", path)
        assert bpflens("-o", "json", "map", "show", "pinned", path)[0]["pids"] == []
        assert "pids" not in bpflens("map", "show", "pinned", path).stdout
        assert bpflens("-o", "tsv=owners", "map", "show", "pinned", path).stdout == "owners\n\n"
    finally:
        os.unlink(path)


def test_the_strict_form_tells_user_and_cgroup(kernel, bpflens, noun):
    made = make(kernel, noun)
    with holder([made.fd], b"details", lambda fds: os.setresuid(1234, 1235, 1234)) as pid:
        with open(f"/proc/{pid}/cgroup") as file:
            paths = {line.split(":", 2)[2].rstrip("\n") for line in file}
        found = owners_of(bpflens, noun, made, "-o", "json")[pid]
        assert (found["comm"], found["uid"]) == ("details", 1235)
        assert found["cgroup"] in paths
        assert set(owners_of(bpflens, noun, made)[pid]) == {"pid", "comm"}, "bpftool's form stays as it is"


def test_the_cgroup_names_unit_and_container(kernel, bpflens):
    path, _ = kernel.cgroup()
    made, container = kernel.map("array", name="contained"), "0123456789abcdef" * 4
    inner = os.path.join(path, "some.service", f"docker-{container}.scope")
    os.makedirs(inner)

    def enter(fds):
        with open(os.path.join(inner, "cgroup.procs"), "w") as file:
            file.write("0")
    try:
        with holder([made.fd], b"contained", enter) as pid:
            found = owners_of(bpflens, "map", made, "-o", "json")[pid]
            assert found["cgroup"].endswith(f"/some.service/docker-{container}.scope")
            assert (found["unit"], found["container"]) == (f"docker-{container}.scope", container)
            cells = bpflens("-o", "tsv=units,containers", "map", "show", "id", made.id).stdout.splitlines()[1].split("\t")
            assert f"docker-{container}.scope" in cells[0].split(",") and container in cells[1].split(",")
    finally:
        os.rmdir(inner)
        os.rmdir(os.path.dirname(inner))


# What is left out


@pytest.mark.slow_in_vm(reason="traces every call")
def test_no_owners_leaves_the_walk_out(kernel, bpflens, noun):
    made = make(kernel, noun)
    for words in (["show", "id", made.id, "no-owners"], ["list", "no-owners"], ["list", "no"], ["show", "name", "owned", "no-owners"]):
        for form in ([], ["-j"], ["-o", "json"], ["-o", "tsv=id,owners"]):
            result, trace = bpflens.traced(*form, noun, *words, calls="openat,clone3,readlinkat")
            assert result.rc == 0 and "pids" not in result.stdout
            assert not [line for line in trace if '"/proc"' in line or "/fd" in line.replace("/fdinfo", "") or "clone" in line]
    assert owners_of(bpflens, noun, made) == {}


def test_nothing_is_walked_when_nothing_asks(kernel, bpflens, noun):
    made = make(kernel, noun)
    for words in (["-o", "table", noun, "list"], ["-o", "tsv=id,name", noun, "show", "id", made.id], ["-j", noun, "show", "name", unique("none")],
                  ["version"]):
        _, trace = bpflens.traced(*words, calls="openat")
        assert not [line for line in trace if '"/proc"' in line], words


def test_details_are_read_of_owners_alone_and_in_the_strict_form_alone(kernel, bpflens):
    made = kernel.map("array", name="cost")
    def reads(*form):
        _, trace = bpflens.traced(*form, "map", "show", "id", made.id, calls="openat")
        return {name: len(re.findall(rf'"\d+/{name}"', "\n".join(trace))) for name in ("comm", "status", "cgroup", "fdinfo")}
    plain, strict = reads("-j"), reads("-o", "json")
    assert plain["comm"] >= 1 and plain["status"] == plain["cgroup"] == 0
    assert strict["status"] == strict["cgroup"] >= 1
    assert plain["comm"] <= plain["fdinfo"] < sum(name.isdigit() for name in os.listdir("/proc")), "of owners alone"


def test_the_words_are_in_help_and_completion(bpflens, noun):
    assert "[no-owners]" in bpflens(noun, "help").stdout
    offered = bpflens("__complete", "3", "--", "bpflens", noun, "show", "").stdout.split()
    assert "no-owners" in offered and "id" in offered
    assert bpflens("__complete", "5", "--", "bpflens", noun, "show", "id", "1", "n").stdout.split() == ["no-owners"]


def test_no_owners_twice_or_before_the_object_is_a_wrong_command_line(bpflens, noun):
    for words in (["no-owners", "no-owners"], ["no-owners", "id", "1"], ["no-owner_"], ["n"]):
        assert bpflens.run(noun, "show", *words).rc == 2, words


# Users


def test_an_ordinary_user_is_told_once_that_there_may_be_more(kernel, public, nobody):
    made = kernel.map("array", name="for_all")
    path = kernel.pin(made, mode=0o644)
    for form in ([], ["-o", "table=id,owners"]):
        result = public(*form, "map", "show", "pinned", path, before=nobody)
        assert result.stderr.count("note: ") == 1 and "more owners" in result.stderr
    result = public("-o", "table", "map", "show", "pinned", path, before=nobody)
    assert result.stderr == "", "who did not ask is not told"
    for form in (["-j"], ["-o", "json"], ["-o", "jsonl"]):
        record = public(*form, "map", "show", "pinned", path, before=nobody)  # nothing on standard error
        assert "pids" not in (record[0] if isinstance(record, list) else record), "not known is not none"
    assert public("map", "show", "pinned", path, "no-owners", before=nobody).stderr == ""


def test_an_ordinary_user_sees_processes_of_their_own(kernel, public, nobody):
    made = kernel.map("array", name="for_all")
    path = kernel.pin(made, mode=0o644)
    child = subprocess.Popen([*nobody, "sleep", "60"], pass_fds=[made.fd])
    try:
        while os.stat(f"/proc/{child.pid}").st_uid != 65534 or open(f"/proc/{child.pid}/comm").read() != "sleep\n":
            pass
        assert public("-j", "map", "show", "pinned", path, before=nobody)["pids"] == [{"pid": child.pid, "comm": "sleep"}]
    finally:
        child.kill()
        child.wait()


def test_without_proc_there_are_no_owners_and_a_note(kernel, bpflens, private):
    made = kernel.map("array", name="no_proc")
    empty = os.path.join(private, "empty")
    os.makedirs(empty, exist_ok=True)
    mount(empty, "/proc", None, 4096, None)
    try:
        result = bpflens.run("map", "show", "id", made.id)
        strict = bpflens.run("-o", "json", "map", "show", "id", made.id)
    finally:
        bpf.LIBC.umount2(b"/proc", 2)
    assert result.rc == 0 and "pids" not in result.stdout
    assert result.stderr.count("note: ") == 1 and "/proc" in result.stderr
    assert strict.rc == 0 and strict.err == b"" and "pids" not in strict.json[0]
