# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""token show: what mounts of BPF file systems delegate, as they were mounted, and as bpftool has it."""
import ctypes
import json
import os

import bpf
import pytest
from conftest import mount
from maker import unique

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
FSOPEN, FSCONFIG, FSMOUNT, MOVE_MOUNT = 430, 431, 432, 429
SET_STRING, CREATE, EMPTY_PATH = 1, 6, 4
KINDS = ("cmds", "maps", "progs", "attachs")


@pytest.fixture
def place(private):
    path = os.path.join(private, unique("tok"))
    os.mkdir(path)
    yield path
    while bpf.LIBC.umount2(os.fsencode(path), 2) == 0:
        pass
    os.rmdir(path)


def delegate(path, **what):
    """Mounts a bpffs at path that delegates words by kind; skipped where the kernel knows no such options."""
    try:
        mount("bpf", path, "bpf", 0, ",".join(f"delegate_{kind}={':'.join(words)}" for kind, words in what.items()))
    except OSError as failure:
        pytest.skip(f"delegates nothing: {failure}")
    with open("/proc/self/mounts") as mounts:  # an old bpffs takes any option, and forgets it
        if not any("delegate_" in line for line in mounts):
            pytest.skip("delegates nothing: the option is not kept")


def declared(path, **what):
    return {"token_info": path, **{f"allowed_{kind}": what.get(kind, []) for kind in KINDS}}


MANY = {"cmds": ["map_create", "map_lookup_elem", "prog_load", "btf_load", "link_create"], "progs": ["socket_filter", "xdp"], "attachs": ["any"]}


@pytest.mark.parametrize("form", [["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"]], ids=" ".join)
def test_what_was_delegated_is_shown(bpflens, place, form):
    delegate(place, **MANY)
    assert [one for one in bpflens(*form, "token", "list") if one["token_info"] == place] == [declared(place, **MANY)]


@pytest.mark.parametrize("what", [MANY, {"cmds": ["any"]}, {"maps": ["hash", "array", "lru_hash", "ringbuf"]}],
                         ids=["many", "any", "a_row"])
def test_text_and_json_are_bpftools(bpflens, peer, place, what):
    delegate(place, **what)
    for form in ([], ["-j"], ["-p"]):
        assert bpflens.run(*form, "token", "show").out == peer.run(*form, "token", "show").out, form
    assert place in bpflens("token").stdout


def test_mounts_are_shown_in_their_order_and_each_once(bpflens, place):
    delegate(place, cmds=["prog_load"])
    delegate(place, maps=["hash"])
    assert [one for one in bpflens("-j", "token") if one["token_info"] == place] == [declared(place, cmds=["prog_load"]), declared(place, maps=["hash"])]


def test_a_mount_that_delegates_nothing_is_left_out(bpflens, place):
    mount("bpf", place, "bpf", 0, "mode=0700")
    assert not [one for one in bpflens("-j", "token") if one["token_info"] == place]
    assert place not in bpflens("token").stdout


def test_a_directory_with_blanks_stands_as_it_is(bpflens, place):
    path = os.path.join(place, "a b\tc")
    os.mkdir(path)
    try:
        delegate(path, cmds=["any"])
        assert [one["token_info"] for one in bpflens("-j", "token") if one["token_info"].startswith(place)] == [path]
        assert "a b\tc" not in bpflens("token").stdout, "text is safe for a terminal"
    finally:
        bpf.LIBC.umount2(os.fsencode(path), 2)
        os.rmdir(path)


def test_columns_have_short_headings_and_take_both_names(bpflens, place):
    delegate(place, cmds=["map_create", "prog_load"])
    head, *rows = bpflens("-o", "tsv", "token").stdout.splitlines()
    assert head.split("\t") == ["mount", *KINDS]
    assert [row.split("\t") for row in rows if row.startswith(place)] == [[place, "map_create,prog_load", "", "", ""]]
    assert bpflens("-o", "tsv=token_info,cmds", "token").stdout.splitlines()[0] == "mount\tcmds"


def system(number, *words):
    result = bpf.LIBC.syscall(number, *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}: {os.strerror(ctypes.get_errno())}")
    return result


def in_user_namespace(report, go, place, command):
    """The child: a bpffs of its own user namespace, for which the parent sets what it delegates; then the command."""
    for flag in (CLONE_NEWUSER, CLONE_NEWNS):
        if bpf.LIBC.unshare(flag):
            raise OSError(ctypes.get_errno(), "unshare")
    fs = system(FSOPEN, b"bpf", 0)
    os.write(report, b"%d\n" % fs)
    os.read(go, 1)
    top = system(FSMOUNT, fs, 0, 0)
    system(MOVE_MOUNT, top, b"", -100, os.fsencode(place), EMPTY_PATH)
    os.execv(command[0], command)


def configure(pid, fs):
    """What only the parent may: it opens the child's descriptor of the file system that is being made."""
    own = system(434, pid, 0)  # pidfd_open
    fd = system(438, own, fs, 0)  # pidfd_getfd
    try:
        system(FSCONFIG, fd, SET_STRING, b"delegate_cmds", b"prog_load", 0)
        system(FSCONFIG, fd, SET_STRING, b"delegate_progs", b"any", 0)
        system(FSCONFIG, fd, CREATE, None, None, 0)
    finally:
        os.close(fd)
        os.close(own)


def run_delegated(place, command, allow, most=65536):
    """(exit status, output) of a command in a user namespace with a BPF file system; @allow says what that delegates, or the test is skipped."""
    said, report = os.pipe()
    hold, go = os.pipe()
    out = os.memfd_create("out")
    child = os.fork()
    if not child:
        try:
            os.dup2(out, 1)
            in_user_namespace(report, hold, place, command)
        except BaseException as failure:  # pylint: disable=broad-except
            os.write(report, f"no {failure}".encode())
        os._exit(9)
    os.close(report)
    try:
        told = os.read(said, 256).decode()
        failure = told if told.startswith("no ") else ""
        if not failure:
            try:
                allow(child, int(told))
            except OSError as refused:
                failure = str(refused)
        os.write(go, b"x")
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if failure:
            pytest.skip(f"delegates nothing to a user namespace: {failure}")
        assert status != 9, os.read(said, 256)
    finally:
        for fd in (said, hold, go):
            os.close(fd)
    text = os.pread(out, most, 0)
    os.close(out)
    return status, text


def test_a_mount_of_a_user_namespace_is_seen_in_it_alone(program, bpflens, place):
    status, text = run_delegated(place, [program, "-j", "token"], configure)
    assert status == 0
    assert declared(place, cmds=["prog_load"], progs=["any"]) in json.loads(text)
    assert not [one for one in bpflens("-j", "token") if one["token_info"] == place], "it is of the other mount namespace"


def test_a_word_too_many_is_an_error(bpflens):
    result = bpflens.run("token", "show", "x")
    assert result.rc == 2 and "'x'" in result.error
