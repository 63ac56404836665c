# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""-f: where objects are pinned, over every BPF file system of the mount namespace, and only when it is asked for."""
import json
import os
import re

import bpf
import linkzoo
import pytest
from conftest import mount
from maker import unique
from runner import asked_form

MS_BIND = 0x1000
LINK_CREATE = 28
LinkCreate = bpf.layout("LinkCreate", "u32 prog_fd, u32 target_fd, u32 attach_type, u32 flags, u64 info, u32 info_len, u32 rest")


@pytest.fixture
def bpffs(kernel, private):
    """bpffs(name): another BPF file system, mounted in a new directory of this name; its path."""
    def make(name, source=None):
        path = os.path.join(os.fsencode(private), os.fsencode(name))
        os.mkdir(path)
        kernel.stack.callback(os.rmdir, path)
        if source:
            mount(source, path, None, MS_BIND, None)
        else:
            mount("bpf", path, "bpf", 0, "mode=0755")
        kernel.stack.callback(bpf.LIBC.umount2, path, 2)
        return path
    return make


def pin(made, *path):
    path = os.path.join(*map(os.fsencode, path))
    bpf.obj_pin(made.fd, path)
    return path


def paths(text):
    """The paths of plain output."""
    return sorted(line.removeprefix(b"\tpinned ") for line in text.splitlines() if line.startswith(b"\tpinned "))


def make(kernel, noun):
    if noun == "link":
        return linkzoo.make(kernel, "raw_tracepoint")
    return kernel.prog(name=unique("pp")) if noun == "prog" else kernel.map("array", name=unique("pm"))


@pytest.mark.parametrize("noun", ["prog", "map", "link"])
def test_every_pin_of_an_object_is_shown_in_order(kernel, ownerless, noun):
    made = make(kernel, noun)
    pins = sorted(kernel.pin(made, name=name) for name in ("b", "a", "b2", "B", "_"))
    assert ownerless("-j", "-f", noun, "show", "id", made.id)["pinned"] == pins
    assert ownerless("-f", "-o", "json", noun, "show", "id", made.id)[0]["pinned"] == pins
    assert paths(ownerless("-f", noun, "show", "id", made.id).out) == [os.fsencode(one) for one in pins]
    assert [one["pinned"] for one in ownerless("-f", "-j", noun, "list") if one["id"] == made.id] == [pins]
    assert ownerless("-f", "-j", noun, "show", "pinned", pins[0])["pinned"] == pins
    assert ownerless("-o", "tsv=id,pinned", noun, "show", "id", made.id).stdout == f"id\tpinned\n{made.id}\t{','.join(pins)}\n"


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_an_object_that_is_not_pinned_has_no_paths(kernel, ownerless, noun):
    made = make(kernel, noun)
    assert ownerless("-f", "-j", noun, "show", "id", made.id)["pinned"] == []
    assert b"pinned" not in ownerless("-f", noun, "show", "id", made.id).out
    kernel.pin(make(kernel, noun))
    assert ownerless("-f", "-j", noun, "show", "id", made.id)["pinned"] == [], "whatever else is pinned"


@pytest.mark.parametrize("noun", ["prog", "map"])
@pytest.mark.parametrize("form", [[], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"], ["-o", "tsv"]])
def test_without_the_option_nothing_of_pins_is_said(kernel, ownerless, noun, form):
    made = make(kernel, noun)
    path = kernel.pin(made)
    result = ownerless.run(*form, noun, "show", "id", made.id)
    assert result.rc == 0 and b"pinned" not in result.out and os.fsencode(path) not in result.out


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_pins_are_those_that_bpftool_shows(kernel, ownerless, peer, bpffs, noun):
    made, other = make(kernel, noun), bpffs("other")
    kernel.pin(made)
    pin(made, other, "with a blank")
    os.mkdir(os.path.join(other, b"below"))
    pin(made, other, "below", "it")
    for option in ("-fj", "-fp"):
        ours, theirs = (p(option, noun, "show", "id", made.id) for p in (ownerless, peer))
        assert len(ours["pinned"]) == 3
        assert list(ours)[:list(ours).index("pinned")] == [key for key in theirs if key not in ("pinned", "pids")]
        assert ours["pinned"] == sorted(theirs["pinned"])
    text = peer("-f", noun, "show", "id", made.id).out
    ours = ownerless("-f", noun, "show", "id", made.id).out
    assert paths(ours) == paths(text) and len(paths(ours)) == 3
    shown = [re.sub(rb"\tpinned .*", b"\tpinned", line) for line in ours.splitlines()]
    assert shown == [re.sub(rb"\tpinned .*", b"\tpinned", line) for line in text.splitlines() if b"\tpids " not in line]


def test_the_strict_form_and_the_other_have_the_same_paths(kernel, ownerless):
    made = kernel.map("array")
    kernel.pin(made)
    compatible, strict = ownerless("-fj", "map", "list"), ownerless("-f", "-o", "json", "map", "list")
    kept = {one["id"]: one["pinned"] for one in strict}
    assert kept[made.id] and all(kept[one["id"]] == one["pinned"] for one in compatible if one["id"] in kept)


def test_every_bpf_file_system_is_looked_through(kernel, ownerless, bpffs):
    made = kernel.map("array")
    places = [bpffs(name) for name in ("x1", "x2", "x3")]
    pins = sorted(os.fsdecode(pin(made, place, "here")) for place in places)
    assert ownerless("-fj", "map", "show", "id", made.id)["pinned"] == pins


def test_a_pin_is_shown_where_a_bind_mount_shows_it_too(kernel, ownerless, peer, bpffs):
    made, first = kernel.prog(), bpffs("first")
    path = os.fsdecode(pin(made, first, "it"))
    second = os.fsdecode(bpffs("second", source=first))
    shown = ownerless("-fj", "prog", "show", "id", made.id)["pinned"]
    assert shown == [path, second + "/it"] == sorted(peer("-fj", "prog", "show", "id", made.id)["pinned"])


def test_what_is_mounted_over_hides_pins(kernel, ownerless, bpffs):
    made, first = kernel.map("array"), bpffs("under")
    hidden = os.fsdecode(pin(made, first, "hidden"))
    mount("none", first, "tmpfs", 0, "size=64k")
    kernel.stack.callback(bpf.LIBC.umount2, first, 2)
    assert ownerless("-fj", "map", "show", "id", made.id)["pinned"] == []
    os.mknod(os.path.join(first, b"hidden"))
    assert hidden not in ownerless("-fj", "map", "show", "id", made.id)["pinned"]


def test_two_file_systems_in_one_place_show_a_pin_once(kernel, ownerless, bpffs):
    made, place = kernel.map("array"), bpffs("twice")
    pin(made, place, "lower")
    mount("bpf", place, "bpf", 0, "mode=0755")
    kernel.stack.callback(bpf.LIBC.umount2, place, 2)
    upper = os.fsdecode(pin(made, place, "upper"))
    assert ownerless("-fj", "map", "show", "id", made.id)["pinned"] == [upper]


@pytest.mark.parametrize("name", [b"a blank", b"a\ttab", b"new\nline", b"back\\slash", b"number#sign", b"\\040", b"quo\"te", b"\xc3\xa4"])
def test_a_mount_may_be_called_anything(kernel, ownerless, bpffs, name):
    made = kernel.map("array")
    path = os.fsdecode(pin(made, bpffs(name), "it"))
    assert ownerless("-fj", "map", "show", "id", made.id)["pinned"] == [path]


def test_a_pins_name_is_safe_for_json_and_for_terminals(kernel, ownerless):
    made = kernel.map("array")
    kernel.pin(made, name=b"a\x01\x1b[31m\xffz".decode("utf-8", "surrogateescape"))
    (path,) = ownerless("-fj", "map", "show", "id", made.id)["pinned"]
    assert path.endswith("/a\x01\x1b[31m\ufffdz")
    for form in ([], ["-o", "table=id,pinned"], ["-o", "tsv=id,pinned"]):
        text = ownerless("-f", *form, "map", "show", "id", made.id).out
        assert b"\x1b" not in text and b"\xff" not in text and rb"a\x01\x1b[31m\xffz" in text


def test_a_symbolic_link_is_no_pin(kernel, ownerless, peer):
    made = kernel.map("array")
    path = kernel.pin(made)
    link = path + "-link"
    os.symlink(path, link)
    kernel.stack.callback(os.unlink, link)
    assert ownerless("-fj", "map", "show", "id", made.id)["pinned"] == [path]
    assert peer("-fj", "map", "show", "id", made.id)["pinned"] == [path]


def test_pins_of_other_kinds_are_left_out(kernel, ownerless):
    """A program, a map and an iterator's link beside each other: each shows its own."""
    prog, made, iterator = kernel.prog(), kernel.map("array"), kernel.iterator(name=unique("it"))
    link = kernel.keep(bpf.call(LINK_CREATE, LinkCreate(prog_fd=iterator.fd, attach_type=28)))
    pinned = os.path.join(kernel.bpffs, "iterator")
    bpf.obj_pin(link, pinned)
    kernel.stack.callback(os.unlink, pinned)
    mine, other = kernel.pin(prog), kernel.pin(made)
    assert ownerless("-fj", "prog", "show", "id", prog.id)["pinned"] == [mine]
    assert ownerless("-fj", "map", "show", "id", made.id)["pinned"] == [other]
    assert [one["pinned"] for one in ownerless("-fj", "link", "list") if pinned in one["pinned"]] == [[pinned]]
    for noun in ("prog", "map"):
        assert all(pinned not in one.get("pinned", []) for one in ownerless("-fj", noun, "list"))


def test_an_ordinary_user_is_shown_what_can_be_read(kernel, public, nobody, bpffs):
    made, place = kernel.map("array"), bpffs("rights")
    known, secret = pin(made, place, "known"), pin(made, place, "secret")
    closed = os.path.join(place, b"closed")
    os.mkdir(closed)
    inside = pin(made, closed, "inside")
    os.chmod(known, 0o644)
    os.chmod(secret, 0o600)
    os.chmod(inside, 0o644)
    os.chmod(closed, 0o700)
    result = public.run("-fj", "map", "show", "pinned", known, "no-owners", before=nobody)
    if result.rc and "not permitted" in result.error:
        pytest.skip("an ordinary user may not open a pinned map here")
    assert result.rc == 0 and result.json["pinned"] == [os.fsdecode(known)]
    everything = public("-fj", "map", "show", "pinned", known, "no-owners")["pinned"]
    assert everything == sorted(map(os.fsdecode, (known, secret, inside)))


def test_thousands_of_pins_are_found(kernel, ownerless, bpffs):
    maps, place = [kernel.map("array", name=unique("pq")) for _ in range(4)], bpffs("many")
    wanted = {made.id: [] for made in maps}
    for i in range(2000):
        made = maps[i % len(maps)]
        wanted[made.id].append(os.fsdecode(pin(made, place, f"{i:04}")))
    shown = {one["id"]: one["pinned"] for one in ownerless("-fj", "map", "list") if one["id"] in wanted}
    assert shown == wanted


@pytest.mark.slow_in_vm(reason="traces every call")
@pytest.mark.parametrize("noun", ["prog", "map", "link"])
def test_each_pin_is_opened_once_a_run(kernel, ownerless, noun):
    """However many objects are listed. Without the option, no pin and no list of mounts is opened at all."""
    objects = [make(kernel, noun) for _ in range(3)]
    pins = [kernel.pin(made) for made in objects]
    for form in (["-fj"], ["-f"], ["-f", "-o", "json"], ["-o", "tsv=id,pinned"]):
        result, trace = ownerless.traced(*form, noun, "list", calls="bpf,open,openat")
        assert result.rc == 0
        opened = re.findall(r'BPF_OBJ_GET, \{pathname="([^"]*)"', "\n".join(line for line in trace if "EINVAL" not in line))  # no link is read-only
        assert all(opened.count(path) == 1 for path in pins), opened
        assert sum("/proc/self/mounts" in line for line in trace) == 1
    for form in (["-j"], [], ["-o", "json"], ["-o", "tsv=id"]):
        result, trace = ownerless.traced(*form, noun, "list", calls="bpf,open,openat")
        assert result.rc == 0 and trace
        assert not any("BPF_OBJ_GET," in line or "/mounts" in line for line in trace)


def test_pins_that_cannot_be_listed_are_left_out_and_not_empty(kernel, ownerless, private):
    """Unknown is not none: where the mounts cannot be read there is no key."""
    made = kernel.map("array")
    kernel.pin(made)
    _, trace = ownerless.traced("-fj", "map", "show", "id", made.id, calls="openat")
    number = next(i for i, line in enumerate(trace, 1) if "/proc/self/mounts" in line)
    result, _ = ownerless.traced("-fj", "map", "show", "id", made.id, calls="openat",
                                 inject=f"openat:error=EACCES:when={number}")
    assert "pinned" not in json.loads(result.out) and asked_form(result.args) == "bpftool"


def test_dumps_and_completion_open_no_pin_that_was_not_named(kernel, bpflens):
    made = kernel.map("array")
    path = kernel.pin(made)
    for words in (["-f", "map", "dump", "id", made.id], ["__complete", "4", "--", "bpflens", "map", "show", "id", ""]):
        _, trace = bpflens.traced(*words)
        assert trace and not any(path in line for line in trace)


def listed(bpflens, *words, rc=0):
    """{path: record} of pin list."""
    records = bpflens("-o", "json", "pin", "list", *words, rc=rc)
    found = {one["path"]: one for one in records}
    assert len(found) == len(records), "a path comes twice"
    return found


def own(found, *directories):
    """Without what the kernel itself puts on a new bpffs of some machines, and what is elsewhere."""
    places = tuple(os.fsdecode(one) + "/" for one in directories)
    return {path: one for path, one in found.items() if path.startswith(places) and not path.endswith(".debug")}


def test_pin_list_tells_kind_id_type_and_name_of_each_pin(kernel, bpflens, bpffs):
    place = bpffs("facts")
    prog, made = kernel.prog("xdp", name=unique("pl")), kernel.map("hash", name=unique("pl"))
    link, nameless = linkzoo.make(kernel, "raw_tracepoint"), kernel.map("array")
    named = kernel.named_prog(unique("pl") + "_is_longer_than_the_kernel_keeps")
    for number, one in enumerate((prog, made, link, nameless, named)):
        pin(one, place, f"p{number}")
    found = own(listed(bpflens), place)
    text = os.fsdecode(place)
    assert found == {
        f"{text}/p0": {"path": f"{text}/p0", "kind": "prog", "id": prog.id, "type": "xdp", "type_id": 6, "name": prog.name},
        f"{text}/p1": {"path": f"{text}/p1", "kind": "map", "id": made.id, "type": "hash", "type_id": 1, "name": made.name},
        f"{text}/p2": {"path": f"{text}/p2", "kind": "link", "id": link.id, "type": "raw_tracepoint", "type_id": 1},
        f"{text}/p3": {"path": f"{text}/p3", "kind": "map", "id": nameless.id, "type": "array", "type_id": 2},
        f"{text}/p4": {"path": f"{text}/p4", "kind": "prog", "id": named.id, "type": "socket_filter", "type_id": 1, "name": named.name},
    }
    lines = bpflens("pin", "list", place).stdout.splitlines()
    assert f"{text}/p1: map {made.id}  type hash  name {made.name}" in lines
    assert f"{text}/p2: link {link.id}  type raw_tracepoint" in lines
    rows = [line.split("\t") for line in bpflens("-o", "tsv", "pin", "list", place).stdout.splitlines()]
    assert rows[0] == ["path", "kind", "id", "type", "name"] and [f"{text}/p0", "prog", str(prog.id), "xdp", prog.name] in rows


def test_pin_list_agrees_with_what_each_object_says_of_its_pins(kernel, ownerless, bpffs):
    places = [bpffs(name) for name in ("y1", "y2")]
    objects = {noun: make(kernel, noun) for noun in ("prog", "map", "link")}
    for place in places:
        os.mkdir(os.path.join(place, b"d"))
        for noun, made in objects.items():
            pin(made, place, "d", noun)
    found = own(listed(ownerless), *places)
    for noun, made in objects.items():
        mine = sorted(path for path, one in found.items() if (one["kind"], one["id"]) == (noun, made.id))
        assert mine == ownerless("-fj", noun, "show", "id", made.id)["pinned"] and len(mine) == 2
    assert len(found) == 6


def test_pin_list_keeps_to_a_directory_and_what_is_mounted_below_it(kernel, bpflens, bpffs, private):
    made, outer, other = kernel.map("array"), bpffs("outer"), bpffs("outside")
    os.mkdir(os.path.join(outer, b"d"))
    first, second, beside = pin(made, outer, "top"), pin(made, outer, "d", "low"), pin(made, other, "x")
    inner = os.path.join(outer, b"d", b"inner")
    os.mkdir(inner)
    mount("bpf", inner, "bpf", 0, "mode=0755")
    kernel.stack.callback(bpf.LIBC.umount2, inner, 2)
    third = pin(made, inner, "deep")
    names = lambda *words: set(own(listed(bpflens, *words), outer, other))  # noqa: E731
    assert names() == names(private) == set(map(os.fsdecode, (first, second, third, beside)))
    assert names(outer) == set(map(os.fsdecode, (first, second, third)))
    assert names(os.path.join(outer, b"d")) == set(map(os.fsdecode, (second, third)))
    assert names(first) == {os.fsdecode(first)}
    assert names(inner + b"/../inner") == {os.fsdecode(third)}


def test_pin_list_shows_a_bind_mount_in_the_same_file_system_once(kernel, bpflens, ownerless, bpffs):
    made, place = kernel.map("array"), bpffs("self")
    for name in (b"d", b"e"):
        os.mkdir(os.path.join(place, name))
    path, at = pin(made, place, "d", "x"), os.path.join(place, b"e")
    mount(os.path.join(place, b"d"), at, None, MS_BIND, None)
    kernel.stack.callback(bpf.LIBC.umount2, at, 2)
    both = sorted(map(os.fsdecode, (path, os.path.join(at, b"x"))))
    assert sorted(own(listed(bpflens, place), place)) == sorted(own(listed(bpflens), place)) == both
    assert ownerless("-fj", "map", "show", "id", made.id)["pinned"] == both


def test_pin_list_shows_what_is_no_pin_as_what_it_is(kernel, bpflens, bpffs):
    place = bpffs("others")
    link = os.path.join(place, b"sym")
    os.symlink("/etc/passwd", link)
    os.mkdir(os.path.join(place, b"empty"))
    assert own(listed(bpflens, place), place) == {os.fsdecode(link): {"path": os.fsdecode(link), "kind": "symlink"}}


def test_pin_list_says_what_cannot_be_read_and_goes_on(kernel, public, nobody, bpffs):
    made, place = kernel.map("array"), bpffs("closed")
    os.mkdir(os.path.join(place, b"d"))
    inside, beside = pin(made, place, "d", "x"), pin(made, place, "secret")
    os.chmod(os.path.join(place, b"d"), 0o700)
    os.chmod(beside, 0o600)
    result = public.run("-o", "json", "pin", "list", place, before=nobody)
    assert result.rc == 1
    found = {one["path"]: one for one in result.json}
    assert found[os.fsdecode(os.path.dirname(inside))] == {
        "path": os.fsdecode(os.path.dirname(inside)), "kind": "directory", "error": "Permission denied"}
    refused = found[os.fsdecode(beside)]
    assert refused["kind"] == "unknown" and refused["error"] in ("Permission denied", "Operation not permitted") and "id" not in refused
    assert os.fsdecode(inside) not in found
    text = public.run("pin", "list", place, before=nobody)
    assert text.rc == 1 and f"{os.fsdecode(os.path.dirname(inside))}: directory: Permission denied" in text.stdout.splitlines()


@pytest.mark.parametrize("where, words", [("/proc", "no BPF file system"), ("/nowhere/at/all", "No such file")])
def test_pin_list_of_a_place_without_pins_is_an_error(bpflens, where, words):
    result = bpflens.run("pin", "list", where)
    assert result.rc == 1 and result.out == b"" and words in result.stderr


@pytest.mark.slow_in_vm(reason="thousands of pins, which are read in the same way by any kernel")
def test_pin_list_takes_the_same_memory_for_any_number_of_pins(kernel, bpflens, bpffs):
    made, place = kernel.map("array"), bpffs("thousands")

    def peak():
        done = bpflens.run("-o", "jsonl", "pin", "list", place, before=["/usr/bin/python3", "-c", """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)"""])
        return int(done.stderr.split()[-1]), len(own({json.loads(line)["path"]: 1 for line in done.stdout.splitlines()}, place))
    pin(made, place, "first")
    few, n = peak()
    assert n == 1
    for number in range(8000):
        pin(made, place, f"a_rather_long_name_for_a_pin_so_that_it_would_show_{number}")
    many, n = peak()
    assert n == 8001 and many < few + 256, "KiB"


def test_iterators_of_the_kernels_own_are_links_where_they_can_be_opened(kernel, bpflens, bpffs):
    """Where not, they are there all the same, and that is no failure. A kernel that opens them is played by strace."""
    place = bpffs("own")
    names = sorted(path for path in listed(bpflens, place) if path.endswith(".debug"))
    if not names:
        pytest.skip("the kernel puts no iterators on a BPF file system")
    opened = []
    for name in names:
        try:
            os.close(bpf.obj_get(os.fsencode(name)))
            opened.append(name)
        except OSError:
            pass
    found = listed(bpflens, place)
    assert {name: one["kind"] for name, one in found.items()} == {name: "link" if name in opened else "unknown" for name in names}
    assert not any("error" in one for one in found.values())
    made = linkzoo.make(kernel, "raw_tracepoint")
    shown, _ = bpflens.traced("-o", "json", "pin", "list", place, inject=f"bpf:retval={made.fd}:when=1", pass_fds=(made.fd,))
    assert shown.rc == 0 and [(one["kind"], one.get("id")) for one in shown.json][0] == ("link", made.id)
