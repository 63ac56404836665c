# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map pin, prog pin and link pin: the object gets the name, nothing else changes, and what cannot be says why."""
import contextlib
import os

import bpf
import bpflink
import linkzoo
import pytest
from conftest import mount
from maker import unique

MS_RDONLY, MS_REMOUNT = 1, 32


@pytest.fixture(params=["map", "prog", "link"])
def one(request, kernel):
    """(noun, an object)"""
    if request.param == "link":
        return "link", linkzoo.make(kernel, "raw_tracepoint")
    return request.param, kernel.map("array", name=unique("pn")) if request.param == "map" else kernel.prog("xdp", name=unique("pn"))


@pytest.fixture
def place(private):
    path = os.path.join(private, "bpffs", unique("pn"))
    yield path
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


@pytest.fixture
def directory(private):
    """An empty directory that is on no bpffs."""
    path = os.path.join(private, unique("dir"))
    os.mkdir(path)
    yield path
    bpf.LIBC.umount2(os.fsencode(path), 2)


def id_at(noun, path):
    fd = bpf.obj_get(path)
    try:
        return bpflink.LinkInfo(fd).id if noun == "link" else bpf.info(fd, bpf.MapInfo() if noun == "map" else bpf.ProgInfo()).id
    finally:
        os.close(fd)


@pytest.mark.parametrize("handle", ["id", "name", "pinned"])
def test_the_object_gets_the_name(kernel, bpflens, place, one, handle):
    noun, made = one
    handles = {"id": made.id, "pinned": kernel.pin(made), "name": made.id if noun == "link" else made.name}  # links have none
    result = bpflens(noun, "pin", "id" if noun == "link" and handle == "name" else handle, handles[handle], place)
    assert (result.out, result.err) == (b"", b"")
    assert id_at(noun, place) == made.id


def test_pinning_in_json_says_null(bpflens, place, one):
    noun, made = one
    assert bpflens("-j", noun, "pin", "id", made.id, place) is None
    assert id_at(noun, place) == made.id


def test_what_is_there_is_never_replaced(kernel, bpflens, one):
    noun, made = one
    taken = kernel.pin(kernel.map("hash"))
    before = id_at("map", taken)
    for form in ([], ["-j"]):
        result = bpflens.run(*form, noun, "pin", "id", made.id, taken)
        assert result.rc == 1 and "File exists" in result.error and taken in result.error
    assert id_at("map", taken) == before


def test_a_name_with_a_dot_says_why_not(bpflens, place, one):
    noun, made = one
    result = bpflens.run(noun, "pin", "id", made.id, place + ".x")
    assert result.rc == 1 and "dot" in result.stderr and not os.path.exists(place + ".x")


@pytest.mark.parametrize("path", ["/x", "/nowhere/x/y", "/", ""])
def test_a_path_that_cannot_be_is_an_error(bpflens, place, one, path):
    noun, made = one
    path = place + "/" + path if path.startswith("/n") else path
    result = bpflens.run(noun, "pin", "id", made.id, path)
    assert result.rc in (1, 2) and result.out == b"" and result.error


def test_nothing_is_mounted_over_a_directory_with_content(bpflens, one, directory):
    noun, made = one
    open(os.path.join(directory, "file"), "w").close()
    for option in ([], ["-n"]):
        result = bpflens.run(*option, noun, "pin", "id", made.id, os.path.join(directory, "x"))
        assert result.rc == 1 and "bpffs" in result.stderr and "content" in result.stderr
    assert os.listdir(directory) == ["file"] and not os.path.ismount(directory)


def test_a_bpffs_is_mounted_over_an_empty_directory_and_said_to_be(bpflens, one, directory):
    noun, made = one
    path = os.path.join(directory, "x")
    result = bpflens.run("-n", noun, "pin", "id", made.id, path)
    assert result.rc == 1 and "-n" in result.stderr and not os.path.ismount(directory)
    result = bpflens.run(noun, "pin", "id", made.id, path)
    assert result.rc == 0 and f"mounted a BPF file system on {directory}" in result.stderr
    assert id_at(noun, path) == made.id and os.path.ismount(directory)


def test_a_read_only_bpffs_says_so(bpflens, one, directory):
    noun, made = one
    mount("bpf", directory, "bpf", 0, "mode=0755")
    mount("bpf", directory, None, MS_REMOUNT | MS_RDONLY, None)
    result = bpflens.run(noun, "pin", "id", made.id, os.path.join(directory, "x"))
    assert result.rc == 1 and "Read-only file system" in result.error


def test_a_failed_pin_leaves_no_mount(bpflens, one, directory):
    noun, made = one
    result, _ = bpflens.traced(noun, "pin", "id", made.id, os.path.join(directory, "x"), inject="bpf:error=EPERM:when=3+")
    assert result.rc == 1 and not os.path.ismount(directory) and os.listdir(directory) == []


def test_a_name_that_fits_several_is_refused_with_their_ids(kernel, bpflens, place):
    name = unique("pn")
    for noun, both in (("map", [kernel.map("array", name=name) for _ in range(2)]),
                       ("prog", [kernel.prog("xdp", name=name) for _ in range(2)])):
        result = bpflens.run(noun, "pin", "name", name, place)
        assert result.rc == 2 and "several" in result.error and all(str(made.id) in result.stderr for made in both)
    assert not os.path.exists(place)


def test_words_too_few_or_too_many_are_wrong(bpflens, place, one):
    noun, made = one
    for words in ([], ["id"], ["id", made.id], ["id", made.id, place, "extra"]):
        result = bpflens.run(noun, "pin", *words)
        assert result.rc == 2, result
    assert not os.path.exists(place)
