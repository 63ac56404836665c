# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog, map and link unpin, pin remove: what is named goes, nothing else does, and what holds the objects is told."""
import contextlib
import os
import subprocess
import sys
import threading
import time

import bpf
import linkzoo
import pytest
from conftest import mount
from loadobjects import objects  # noqa: F401 - a fixture
from maker import unique
from test_pins import MS_BIND, bpffs, make, pin  # noqa: F401 (a fixture)

MS_RDONLY, MS_REMOUNT = 1, 32


def tree(place):
    """All names below a directory, with their kinds of file."""
    return {os.path.join(folder, name): os.lstat(os.path.join(folder, name)).st_mode
            for folder, folders, files in os.walk(place) for name in folders + files}


def mounts():
    with open("/proc/self/mounts") as file:
        return file.read()


@pytest.fixture
def place(bpffs):  # noqa: F811
    return os.fsdecode(bpffs(unique("up")))


@pytest.fixture
def unchanged(place):
    """unchanged(): nothing went since the test said unchanged.begin()."""
    class Check:
        def begin(self):
            self.before, self.mounts = tree(place), mounts()

        def __call__(self):
            assert tree(place) == self.before and mounts() == self.mounts
    return Check()


def release(kernel, fd):
    """Close a descriptor now; the kernel's stack closes another in its place."""
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, fd)
    os.close(null)


def pinned_alone(kernel, noun, path):
    """An object that only its pin holds."""
    made = make(kernel, noun)
    pin(made, path)
    release(kernel, made.fd)
    return made


@pytest.mark.parametrize("noun", ["prog", "map", "link"])
def test_unpin_removes_the_pin_and_the_object_goes(kernel, bpflens, place, noun):
    made = pinned_alone(kernel, noun, place + "/it")
    record = bpflens("-j", noun, "unpin", place + "/it")
    assert not os.path.lexists(place + "/it")
    assert (record["path"], record["kind"], record["id"], record["removed"]) == (place + "/it", noun, made.id, True)
    if noun != "link":  # what the zoo made of it may hold a link
        assert record["gone"] is True and made.id not in bpf.ids(noun)
        assert record["pinned"] == [] and record["pids"] == []


@pytest.mark.parametrize("noun", ["prog", "map", "link"])
def test_unpin_says_it_as_a_sentence(kernel, bpflens, place, noun):
    made = make(kernel, noun)
    for name in ("one", "two"):
        pin(made, place, name)
    result = bpflens(noun, "unpin", place + "/one")
    assert result.stdout.startswith(f"{place}/one: {noun} {made.id}  type ")
    assert f": unpinned; still held by pin {place}/two" in result.stdout and f"({os.getpid()})" in result.stdout
    assert tree(place).keys() >= {place + "/two"} and not os.path.lexists(place + "/one")


@pytest.mark.parametrize("noun", ["prog", "map", "link"])
def test_unpin_refuses_another_kind_and_names_it(kernel, bpflens, place, unchanged, noun):
    kinds = {one: pin(make(kernel, one), place, one) for one in ("prog", "map", "link")}
    unchanged.begin()
    for other in set(kinds) - {noun}:
        result = bpflens.run(noun, "unpin", kinds[other])
        assert result.rc == 1 and result.out == b"" and f"'{other} unpin'" in result.stderr
    unchanged()


@pytest.mark.parametrize("words", [["map", "unpin"], ["pin", "remove"]])
def test_what_is_not_on_a_bpffs_is_never_removed(bpflens, place, unchanged, tmp_path, words):
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("kept")
    folder.mkdir()
    unchanged.begin()
    more = ["recursive"] if words[0] == "pin" else []
    for path in (file, folder, place, "/", ".", "..", "/etc", "/proc/self/mem", "/dev/null", place + "/../" + os.path.basename(place), place + "/.", place + "/.."):
        for dry in ([], ["dry-run"]):
            result = bpflens.run(*words, str(path), *more, *dry)
            assert result.rc == 1 and result.out == b"" and result.error, path
    assert file.read_text() == "kept" and folder.is_dir()
    unchanged()


def test_a_symbolic_link_is_not_followed(kernel, bpflens, place, unchanged, tmp_path):
    target, inside = tmp_path / "target", tmp_path / "inside"
    target.write_text("kept")
    inside.mkdir()
    (inside / "file").write_text("kept")
    real = pin(make(kernel, "map"), place, "real")
    os.symlink(target, place + "/file")
    os.symlink(inside, place + "/folder")
    os.symlink(real, place + "/pin")
    os.symlink(place, tmp_path / "way")
    unchanged.begin()
    for path in (place + "/file", place + "/folder", place + "/pin", place + "/folder/"):
        for words in (["pin", "remove"], ["pin", "remove", "recursive"], ["map", "unpin"]):
            result = bpflens.run(*words[:2], path, *words[2:])
            assert result.rc == 1 and "symbolic link" in result.stderr, (path, words)
    result = bpflens.run("pin", "remove", place + "/folder/file")
    assert result.rc == 1 and "not on a BPF file system" in result.stderr
    unchanged()
    bpflens("map", "unpin", tmp_path / "way" / "real")  # on the way to the pin, one may be
    assert not os.path.lexists(real)


def test_recursive_removes_links_and_not_what_they_lead_to(kernel, bpflens, place, tmp_path):
    (tmp_path / "kept").write_text("kept")
    os.makedirs(place + "/d/e")
    os.symlink(tmp_path, place + "/d/e/out")
    os.symlink(tmp_path / "kept", place + "/d/file")
    pin(make(kernel, "map"), place, "d", "e", "x")
    beside = pin(make(kernel, "prog"), place, "beside")
    records = bpflens("-o", "json", "pin", "remove", place + "/d", "recursive")
    assert {(one["path"], one["kind"]) for one in records} == {
        (place + "/d/e/out", "symlink"), (place + "/d/file", "symlink"), (place + "/d/e/x", "map"), (place + "/d/e", "directory"),
        (place + "/d", "directory")}
    assert not os.path.lexists(place + "/d") and (tmp_path / "kept").read_text() == "kept" and os.path.lexists(beside)


def test_a_directory_goes_when_it_is_empty_or_recursive_is_said(kernel, bpflens, place, unchanged):
    os.makedirs(place + "/full/inner")
    os.mkdir(place + "/empty")
    made = make(kernel, "map")
    pin(made, place, "full", "x")
    unchanged.begin()
    for path in ("full", "full/"):
        result = bpflens.run("pin", "remove", f"{place}/{path}")
        assert result.rc == 1 and "not empty" in result.error and "recursive" in result.stderr
    unchanged()
    assert bpflens("pin", "remove", place + "/empty/").stdout == f"{place}/empty: directory: removed\n"
    assert not os.path.lexists(place + "/empty") and os.path.lexists(place + "/full/x")
    assert len(bpflens("-j", "pin", "remove", place + "/full", "recursive")) == 3
    assert not os.path.lexists(place + "/full")


def test_all_is_checked_before_the_first_goes(kernel, bpflens, place, unchanged, tmp_path):
    made = make(kernel, "map")
    good = [pin(made, place, name) for name in ("a", "b")]
    os.mkdir(place + "/full")
    pin(made, place, "full", "x")
    unchanged.begin()
    for bad in (place + "/missing", place + "/full", str(tmp_path), "/etc/passwd"):
        for form in ([], ["-j"], ["-o", "json"]):
            result = bpflens.run(*form, "pin", "remove", *good, bad)
            assert result.rc == 1 and bad in result.error
            unchanged()


def test_dry_run_tells_the_same_and_removes_nothing(kernel, bpflens, place, unchanged):
    made = make(kernel, "map")
    os.mkdir(place + "/d")
    paths = [os.fsdecode(pin(made, place, name)) for name in ("d/a", "d/b", "c")]
    unchanged.begin()
    dry = bpflens("-j", "pin", "remove", place + "/d", "recursive", "dry-run")
    unchanged()
    pins = [one for one in dry if one["kind"] == "map"]
    assert sorted(one["path"] for one in pins) == [os.fsdecode(path) for path in paths[:2]]
    assert all(one["pinned"] == [place + "/c"] and one["removed"] is False and "gone" not in one for one in pins)
    done = bpflens("-j", "pin", "remove", place + "/d", "recursive")
    assert [{**one, "removed": True, **({"gone": False} if one["kind"] == "map" else {})} for one in dry] == \
        [{**one} for one in done]
    text = bpflens("pin", "remove", place + "/c", "dry-run").stdout
    assert "would be unpinned; also held by process" in text


def test_a_bind_mount_is_another_sight_of_the_same_pin(kernel, bpflens, bpffs, place):  # noqa: F811
    made = make(kernel, "map")
    pin(made, place, "x")
    second = os.fsdecode(bpffs(unique("up"), source=os.fsencode(place)))
    for dry in (["dry-run"], []):
        (record,) = bpflens("-j", "pin", "remove", place + "/x", *dry)
        assert record["pinned"] == []
    assert not os.path.lexists(second + "/x")


def test_a_path_that_is_named_twice_goes_once(kernel, bpflens, place):
    os.mkdir(place + "/d")
    pin(make(kernel, "map"), place, "d", "x")
    records = bpflens("-j", "pin", "remove", place + "/d/x", place + "/d", place + "/d/x", "recursive")
    assert [one["path"] for one in records] == [place + "/d/x", place + "/d"] and not os.path.lexists(place + "/d")


def test_what_is_mounted_inside_is_left_alone(kernel, bpflens, place, unchanged):
    os.makedirs(place + "/d/inner")
    pin(make(kernel, "map"), place, "d", "x")
    mount("none", place + "/d/inner", "tmpfs", 0, "size=64k")
    kernel.stack.callback(bpf.LIBC.umount2, os.fsencode(place + "/d/inner"), 2)
    open(place + "/d/inner/kept", "w").close()
    unchanged.begin()
    for path in ("/d", "/d/inner", "/d/inner/kept"):
        result = bpflens.run("pin", "remove", place + path, "recursive")
        assert result.rc == 1 and ("mounted" in result.stderr or "not on a BPF file system" in result.stderr)
    unchanged()


def test_a_bpffs_that_is_read_only_says_so(kernel, bpflens, place, unchanged):
    pin(make(kernel, "map"), place, "x")
    unchanged.begin()
    mount("bpf", place, None, MS_REMOUNT | MS_RDONLY, None)
    try:
        for words in (["map", "unpin"], ["pin", "remove"]):
            result = bpflens.run(*words, place + "/x")
            assert result.rc == 1 and "Read-only file system" in result.error and "mounted read-only" in result.stderr
    finally:
        mount("bpf", place, None, MS_REMOUNT, None)
    unchanged()


def test_a_user_without_rights_removes_nothing(kernel, public, nobody, place, unchanged):
    os.chmod(pin(make(kernel, "map"), place, "x"), 0o666)
    unchanged.begin()
    for words in (["map", "unpin"], ["pin", "remove"]):
        result = public.run(*words, place + "/x", before=nobody)
        assert result.rc == 1 and "Permission denied" in result.error and "write permission" in result.stderr
    unchanged()


def test_what_holds_a_map_is_told(kernel, bpflens, place):
    made = kernel.map("array", name=unique("up"))
    users = [kernel.prog("socket_filter", maps=[made]) for _ in range(2)]
    pin(made, place, "x")
    release(kernel, made.fd)
    record = bpflens("-j", "map", "unpin", place + "/x")
    assert record["prog_ids"] == sorted(prog.id for prog in users)
    assert record["link_ids"] == [] and record["pids"] == [] and record["pinned"] == [] and record["gone"] is False
    fd = kernel.keep(bpf.open_id("map", made.id))
    bpf.obj_pin(fd, place + "/y")
    assert f"still held by program {users[0].id}, program {users[1].id}, process" in bpflens("map", "unpin", place + "/y").stdout


def test_what_went_before_holds_nothing_any_more(bpflens, place, objects):  # noqa: F811
    """A link takes a moment to let go of its program, and that of its maps; none is said to hold what is told of later."""
    bpflens("prog", "loadall", objects("several"), place + "/all", "pinmaps", place + "/maps")
    bpflens("prog", "attach", place + "/all/load_third", "raw_tracepoint", "sys_enter", "pin", place + "/link")
    paths = [place + "/" + name for name in ("link", "all/load_first", "all/load_second", "all/load_third", "maps/several_rodata")]
    *others, constants = bpflens("-j", "pin", "remove", *paths)
    gone = {one["id"] for one in others if one["gone"]}
    assert not gone & set(constants["prog_ids"])


def test_what_holds_a_program_is_told(kernel, bpflens, place):
    link = linkzoo.make(kernel, "raw_tracepoint")
    prog_id = bpflens("-j", "link", "show", "id", link.id, "no-owners")["prog_id"]
    bpflens("prog", "pin", "id", prog_id, place + "/x")
    record = bpflens("-j", "prog", "unpin", place + "/x")
    assert record["id"] == prog_id and record["link_ids"] == [link.id] and record["gone"] is False


def test_a_process_that_holds_an_object_is_named(kernel, bpflens, place):
    made = make(kernel, "map")
    pin(made, place, "x")
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, pass_fds=[made.fd])
    try:
        release(kernel, made.fd)
        record = bpflens("-j", "map", "unpin", place + "/x")
        assert [one["pid"] for one in record["pids"]] == [child.pid] and record["gone"] is False
    finally:
        child.stdin.close()
        child.wait()


def test_what_holds_an_object_unseen_is_said_to_do_so(kernel, bpflens, place):
    """A map of maps has it as a value, which no list of holders tells."""
    inner = kernel.map("array", name=unique("up"))
    kernel.map("array_of_maps", inner_fd=inner.fd, entries={0: inner})
    pin(inner, place, "x")
    release(kernel, inner.fd)
    begun = time.monotonic()
    result = bpflens("map", "unpin", place + "/x")
    assert "still there: attached without a link, or in a map" in result.stdout
    assert inner.id in bpf.ids("map") and time.monotonic() - begun < 30


def test_a_batch_unpins_and_sees_it(kernel, bpflens, place):
    made = make(kernel, "map")
    for name in ("a", "b"):
        pin(made, place, name)
    script = f"map unpin {place}/a\npin list {place}\npin remove {place}/b dry-run\n"
    result = bpflens.run("-j", "batch", "file", "-", input=script.encode())
    assert result.rc == 0
    first, second, third = (one["output"] for one in result.json)
    assert first["pinned"] == [place + "/b"]
    assert [one["path"] for one in second if not one["path"].endswith(".debug")] == [place + "/b"] and third[0]["pinned"] == []
    plain = bpflens.run("batch", "file", "-", input=f"pin remove {place}/b\n".encode())
    assert plain.rc == 0 and "unpinned" in plain.stdout and not os.path.lexists(place + "/b")


def test_verbs_that_only_read_or_remove_mount_nothing(bpflens, place, private):
    empty = os.path.join(private, unique("up"))
    os.mkdir(empty)
    before = mounts()
    for words in (["pin", "list"], ["pin", "list", empty], ["pin", "remove", empty + "/x"], ["map", "unpin", empty + "/x"],
                  ["pin", "remove", empty], ["-f", "map", "list"], ["map", "show", "pinned", empty + "/x"]):
        bpflens.run(*words)
        assert mounts() == before, words
    os.rmdir(empty)


@pytest.mark.slow_in_vm(reason="a race that takes many runs")
def test_nothing_outside_goes_while_others_swap_directories_for_links(kernel, bpflens, place, tmp_path):
    """Another process keeps changing what a checked path leads to."""
    (tmp_path / "x").write_text("kept")
    made = make(kernel, "map")
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            with contextlib.suppress(OSError):
                os.rename(place + "/d", place + "/away")
            with contextlib.suppress(OSError):
                os.symlink(tmp_path, place + "/d")
            with contextlib.suppress(OSError):
                os.unlink(place + "/d")
            with contextlib.suppress(OSError):
                os.rename(place + "/away", place + "/d")
    os.mkdir(place + "/d")
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(20):
            for folder in ("d", "away"):
                with contextlib.suppress(OSError):
                    pin(made, place, folder, "x")
            bpflens.run("pin", "remove", place + "/d", "recursive")
            bpflens.run("pin", "remove", place + "/d/x")
            with contextlib.suppress(OSError):
                os.mkdir(place + "/d")
    finally:
        stop.set()
        thread.join()
    assert (tmp_path / "x").read_text() == "kept"


def test_directories_may_be_as_deep_as_paths_are_long(kernel, bpflens, place):
    path = place
    while len(path) < 3800:
        path += "/" + "d" * 180
    os.makedirs(path)
    pin(make(kernel, "map"), path, "x")
    assert path + "/x" in [one["path"] for one in bpflens("-j", "pin", "list", place)]
    bpflens("pin", "remove", place + "/" + "d" * 180, "recursive")
    assert os.listdir(place) == [] or not any(name.startswith("d" * 180) for name in os.listdir(place))


@pytest.mark.parametrize("words, says", [
    (["remove"], "expected PATH..."), (["remove", "recursive"], "expected PATH..."), (["remove", "x", "dry-run", "y"], "what is 'y'?"),
    (["remove", "x", "dry-run", "dry-run"], "there twice"), (["list", "x", "y"], "what is 'y'?")])
def test_a_wrong_command_line_says_what_is_wrong(bpflens, words, says):
    result = bpflens.run("pin", *words)
    assert result.rc == 2 and result.out == b"" and says in result.error


@pytest.mark.slow_in_vm(reason="abbreviations do not depend on the kernel")
def test_abbreviations_still_mean_what_they_mean_to_bpftool(bpflens):
    assert bpflens("p", "help").out == bpflens("prog", "help").out
    assert bpflens("pi", "help").out == bpflens("pin", "help").out
    for noun, word, verb in (("prog", "p", "pin"), ("map", "p", "pin"), ("link", "p", "pin"), ("map", "u", "update")):
        assert f"{noun} {verb}" in bpflens.run(noun, word).stderr
    assert "prog unpin" in bpflens.run("prog", "u").stderr
