# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Bad input: each a clear error on the right stream, an exit status that says so, and one valid JSON document."""
import os
import re
import signal
import subprocess

import pytest
from maker import unique
from runner import blocks, parse_json

FORMS = [[], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"]]
LONGEST = 131071  # bytes of the longest argument the kernel passes on
UNTAMED = "\x1b]0;t\x07\x01\x7f\x1b[31m\udcff\udcfe\n\t\"\\\u009b31m\udc9b"


def clear(result, *said, status=(1, 2)):
    """A failure with an error that says the words, in the place of its form, and nothing half done."""
    assert result.rc in status, result
    words = result.error
    for part in said:
        assert part in words, result
    if "-o" not in result.args and not set(result.args) & {"-j", "-p"}:
        assert result.out == b"", result
    return result


# Numbers


@pytest.mark.slow_in_vm(reason="words alone: no kernel sees them")
@pytest.mark.parametrize("number", ["4294967296", "4294967297", "0x100000001", "18446744073709551615",
                                    "18446744073709551617", "99999999999999999999999", "040000000001"])
@pytest.mark.parametrize("words", [["prog", "show", "id"], ["map", "show", "id"], ["map", "dump", "id"], ["map", "show"],
                                   ["btf", "show", "id"], ["btf", "dump", "id"], ["btf", "diff", "id"], ["link", "show", "id"],
                                   ["link", "detach", "id"], ["link", "show"]])
def test_an_id_over_32_bits_is_out_of_range(bpflens, words, number):
    for form in FORMS:
        clear(bpflens.run(*form, *words, number), number)


@pytest.mark.slow_in_vm(reason="words alone: no kernel sees them")
@pytest.mark.parametrize("number", ["", "12abc", "1.5", " 1", "+1", "1 ", "0x", "0b1", "08", "\u0661", "0x-1", "1e3",
                                    "--", "\n1"])
def test_what_is_not_a_number_is_not_an_id(bpflens, number):
    for noun in ("prog", "map"):
        for form in ([], ["-j"], ["-o", "json"]):
            clear(bpflens.run(*form, noun, "show", "id", *(["--", "--"] if number == "--" else [number])))


@pytest.mark.slow_in_vm(reason="words alone: no kernel sees them")
def test_a_negative_id_is_refused(bpflens):
    for number in ("-1", "-4294967295"):
        clear(bpflens.run("prog", "show", "id", "--", number), number)


@pytest.mark.slow_in_vm(reason="words alone: no kernel sees them")
@pytest.mark.parametrize("tag", ["", "0", "00112233445566", "001122334455667788", "001122334455667g", "0x0011223344556677",
                                 "zzzzzzzzzzzzzzzz"])
def test_what_is_not_a_tag_is_refused(bpflens, tag):
    for form in ([], ["-j"]):
        clear(bpflens.run(*form, "prog", "show", "tag", tag))


@pytest.mark.slow_in_vm(reason="words alone: no kernel sees them")
@pytest.mark.parametrize("noun, name", [("map", "sixteen_letters_"), ("map", "n" * 1000), ("prog", "n" * 128), ("map", ""),
                                        ("prog", "")], ids=lambda v: v[:20])
def test_a_name_that_no_object_can_have_is_no_match(kernel, bpflens, noun, name):
    kernel.prog("xdp"), kernel.map("array")  # nameless ones: an empty name must not find them
    for form in ([], ["-j"]):
        clear(bpflens.run(*form, noun, "show", "name", name))


# Objects that go, and objects that cannot be read

LOADER = """
import os, sys
sys.path.insert(0, sys.argv[1])
import bpf
print("ready", flush=True)
while os.getppid() != 1:
    held = [bpf.prog_load("xdp", bpf.returning(2), name=b"passing") for _ in range(20)]
    maps = [bpf.map_create("array", 4, 4, 1, name=b"passing") for _ in range(20)]
    for fd in held + maps:
        os.close(fd)
"""


@pytest.mark.slow_in_vm(reason="1200 listings; every kernel lets ids go in the same way")
@pytest.mark.parametrize("form", [["-j"], [], ["-o", "json"]], ids=str)
@pytest.mark.parametrize("noun", ["prog", "map"])
def test_objects_may_vanish_during_two_hundred_listings(kernel, bpflens, noun, form):
    name = unique("stay")
    stay = [(kernel.prog("xdp", name=name) if noun == "prog" else kernel.map("array", name=name)).id for _ in range(5)]
    here = os.path.dirname(os.path.abspath(__file__))
    child = subprocess.Popen(["/usr/bin/python3", "-c", LOADER, here], stdout=subprocess.PIPE)
    seen = 0
    try:
        assert child.stdout.readline() == b"ready\n"
        for turn in range(200):
            words = [noun, "list"] if turn % 2 else [noun, "show", "name", name]
            result = bpflens.run(*form, *words)
            assert (result.rc, result.err) == (0, b"")
            found = [one["id"] for one in result.json] if form else list(blocks(result.stdout))
            assert found == sorted(set(found)) and set(stay) <= set(found)
            seen += len(found) > len(stay)
        assert child.poll() is None and seen, "the other process must be at it all the time"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()


def refused(bpflens, noun, number, *words, call="GET_FD_BY_ID", error="EACCES"):
    """A run in which the kernel refuses the call on the object of that id; a few tries, as other objects come and go."""
    for _ in range(5):
        _, trace = bpflens.traced(*words)
        calls = [line for line in trace if "bpf(" in line]
        asked = [n for n, line in enumerate(calls, 1) if f"{noun}_id={number}," in line and call in line]
        assert asked, "the program never opens the object"
        where = asked[0] if call == "GET_FD_BY_ID" else next(
            n for n, line in enumerate(calls, 1) if n > asked[0] and call in line)
        result, trace = bpflens.traced(*words, inject=f"bpf:error={error}:when={where}")
        if any("INJECTED" in line and f"{noun}_id={number}," in line for line in trace):
            return result
    pytest.skip("too many objects come and go on this machine")


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_one_object_that_cannot_be_read_does_not_end_the_list(kernel, bpflens, noun):
    make = (lambda: kernel.prog("xdp", name="among")) if noun == "prog" else (lambda: kernel.map("array", name="among"))
    first, broken, last = (make().id for _ in range(3))
    result = refused(bpflens, noun, broken, noun, "list")
    assert result.rc == 1
    text = blocks(result.stdout)
    assert re.fullmatch(rf"{broken}: error: .*Permission denied\n", text[broken])
    assert first in text and last in text and "among" in text[last]
    for form in (["-j"], ["-p"], ["-o", "json"]):
        result = refused(bpflens, noun, broken, *form, noun, "list")
        listing = {one["id"]: one for one in result.json if "id" in one}
        assert result.rc == 1 and set(listing[broken]) == {"id", "error"}
        assert "Permission denied" in listing[broken]["error"]
        assert listing[first]["name"] == listing[last]["name"] == "among"
    lines = refused(bpflens, noun, broken, "-o", "table", noun, "list").stdout.splitlines()
    assert any(line.split()[0] == str(last) for line in lines[1:])


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_a_name_may_be_that_of_an_object_that_cannot_be_read(kernel, bpflens, noun):
    name = unique("un")
    made = [(kernel.prog("xdp", name=name) if noun == "prog" else kernel.map("array", name=name)).id for _ in range(2)]
    result = refused(bpflens, noun, made[0], "-j", noun, "show", "name", name)
    shown, failed = result.json
    assert result.rc == 1 and shown["id"] == made[1]
    assert "could not be read" in failed["error"] and "Permission denied" in failed["error"]
    result = refused(bpflens, noun, made[0], noun, "show", "name", name)
    assert result.rc == 1 and result.stdout.startswith(f"{made[1]}: ") and "could not be read" in result.stderr


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_an_object_that_goes_between_listing_and_opening_is_skipped(kernel, bpflens, noun):
    made = [(kernel.prog("xdp") if noun == "prog" else kernel.map("array")).id for _ in range(2)]
    result = refused(bpflens, noun, made[0], "-j", noun, "list", error="ENOENT")
    ids = [one["id"] for one in result.json]
    assert (result.rc, made[0] in ids, made[1] in ids) == (0, False, True)


@pytest.mark.slow_in_vm(reason="a start for each call; what comes back from it is made up")
@pytest.mark.parametrize("error, words", [("EPERM", "Operation not permitted"), ("ENOMEM", "Cannot allocate memory"),
                                          ("EMFILE", "Too many open files"), ("EINVAL", "Invalid argument")])
@pytest.mark.parametrize("noun, verb", [("prog", "show"), ("map", "show"), ("map", "dump")])
def test_every_call_on_one_object_may_fail(kernel, bpflens, noun, verb, error, words):
    """Each bpf(2) call of the command fails in turn: never a crash, always one document, an honest status."""
    held = kernel.map("array", name="fragile")
    made = kernel.prog("xdp", name="fragile", maps=[held]) if noun == "prog" else held
    rest = ["no-owners"] if verb == "show" else []
    for form in ([], ["-j"], ["-o", "json"]):
        whole, trace = bpflens.traced(*form, noun, verb, "id", made.id, *rest)
        calls = [line for line in trace if "bpf(" in line]
        assert whole.rc == 0 and calls
        for n in range(1, len(calls) + 1):
            result, trace = bpflens.traced(*form, noun, verb, "id", made.id, *rest, inject=f"bpf:error={error}:when={n}")
            if n > 4 and sum("bpf(" in line for line in trace) < n:
                break  # types are looked for in programs, and somebody else's are gone
            assert any("INJECTED" in line for line in trace)
            assert result.rc == 1 or (result.rc == 0 and result.out == whole.out), (n, calls[n - 1], result)
            if form:
                assert result.json is not None
            if result.rc:
                assert words in result.stdout + result.stderr, (n, calls[n - 1], result)


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_a_listing_that_breaks_off_is_still_a_whole_document(kernel, bpflens, noun):
    made = [(kernel.prog("xdp") if noun == "prog" else kernel.map("array")).id for _ in range(3)]
    _, trace = bpflens.traced("-j", noun, "list")
    steps = [n for n, line in enumerate((t for t in trace if "bpf(" in t), 1) if "GET_NEXT_ID" in line]
    assert len(steps) > len(made)
    for form in ([], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"]):
        result, trace = bpflens.traced(*form, noun, "list", inject=f"bpf:error=EPERM:when={steps[2]}")
        assert any("INJECTED" in line for line in trace)
        assert result.rc == 1 and "Operation not permitted" in result.error
        if form in (["-j"], ["-p"], ["-o", "json"]):
            assert len([one for one in result.json if "id" in one and "error" not in one]) == 2


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_memory_that_cannot_be_read_is_left_out_and_not_zero(kernel, bpflens, noun):
    made = kernel.prog("xdp") if noun == "prog" else kernel.map("array")
    _, trace = bpflens.traced(noun, "show", "id", made.id, "no-owners", calls="open,openat,openat2")
    where = [n for n, line in enumerate((t for t in trace if "open" in t), 1) if "fdinfo" in line]
    call = next(re.search(r"(open\w*)\(", line)[1] for line in trace if "fdinfo" in line)
    for form in ([], ["-j"], ["-o", "json"]):
        result, trace = bpflens.traced(*form, noun, "show", "id", made.id, "no-owners", calls=call,
                                       inject=f"{call}:error=EACCES:when={where[0]}+")
        assert any("INJECTED" in line and "fdinfo" in line or re.search(r'"\d+".*INJECTED', line) for line in trace)
        assert "memlock" not in result.stdout and str(made.id) in result.stdout


# Users without rights


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_an_ordinary_user_is_told_what_is_missing(kernel, public, nobody, noun):
    made = kernel.prog("xdp") if noun == "prog" else kernel.map("array")
    for form in FORMS:
        for words in ([noun, "list"], [noun, "show", "id", made.id], [noun, "show", "name", "anything"]):
            result = clear(public.run(*form, *words, before=nobody), "Operation not permitted", status=(1,))
            assert "CAP_" in result.stdout + result.stderr, "the hint names the capability"
    assert [one for one in public.run("-j", noun, "list", before=nobody).json if "error" in one]
    assert public.run("-o", "json", noun, "list", before=nobody).json == []


def test_an_ordinary_user_sees_a_map_whose_pin_he_may_read(kernel, public, nobody):
    made = kernel.map("hash", 4, 4, {1: 2}, name="for_all")
    path = kernel.pin(made, 0o444)
    assert public("-j", "map", "show", "pinned", path, before=nobody)["name"] == "for_all"
    assert "key: 01 00 00 00  value: 02 00 00 00" in public("map", "dump", "pinned", path, before=nobody).stdout
    assert public("-j", "map", "dump", path, "count", before=nobody)["elements"] == 1


def test_an_ordinary_user_sees_of_a_program_what_is_not_hidden(kernel, public, nobody):
    made = kernel.prog("xdp", name="for_all")
    path = kernel.pin(made, 0o444)
    shown = public("-j", "prog", "show", "pinned", path, before=nobody)
    assert (shown["id"], shown["type"], shown["name"]) == (made.id, "xdp", "for_all")
    assert all(shown.get(key) != 0 for key in ("bytes_xlated", "bytes_jited", "verified_insns")), "hidden is not zero"
    assert " 0B" not in public("prog", "show", "pinned", path, before=nobody).stdout


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_an_ordinary_user_does_not_see_a_pin_he_may_not_read(kernel, public, nobody, noun):
    path = kernel.pin(kernel.prog("xdp") if noun == "prog" else kernel.map("array"), 0o600)
    for form in FORMS:
        clear(public.run(*form, noun, "show", "pinned", path, before=nobody), path, "Permission denied", status=(1,))


def test_root_without_the_capability_is_told_its_name(kernel, bpflens):
    kernel.prog("xdp")
    for noun in ("prog", "map"):
        result = bpflens.run(noun, "list", before=["setpriv", "--bounding-set", "-sys_admin", "--"])
        clear(result, "Operation not permitted", status=(1,))
        assert "CAP_SYS_ADMIN" in result.stderr


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_paths_that_are_no_pins_are_named_whole(bpflens, private, noun):
    plain = os.path.join(private, "plain_file")
    with open(plain, "w"):
        pass
    for path in (plain, private, os.path.join(private, "bpffs"), "/nowhere/x", "/etc/passwd/x", "/dev/null", "/"):
        for form in ([], ["-j"]):
            clear(bpflens.run(*form, noun, "show", "pinned", path), path, status=(1,))


# Words that are not tame


def tame(result):
    """Nothing that a terminal acts on reaches it."""
    for text in (result.stdout, result.stderr):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\udc80-\udcff]", text), repr(text)


@pytest.mark.slow_in_vm(reason="words alone: no kernel sees them")
@pytest.mark.parametrize("words", [
    ["prog", "show", "name", UNTAMED], ["map", "dump", "name", UNTAMED], ["map", "show", "pinned", "/" + UNTAMED],
    ["prog", "show", "id", UNTAMED], ["prog", "show", "tag", UNTAMED], [UNTAMED], ["map", UNTAMED],
    ["map", "show", UNTAMED, "1"], ["-B", UNTAMED, "prog"], ["-o", UNTAMED, "prog"],
    ["-o", "table=" + UNTAMED, "prog"], ["--" + UNTAMED, "prog"], ["map", "dump", "id", "1", UNTAMED]])
def test_control_bytes_and_broken_utf8_are_escaped_in_errors(bpflens, words):
    for form in ([], ["-j"], ["-p"], ["-o", "json"]):
        result = bpflens.run(*form, *words)
        assert result.rc in (1, 2) and result.out + result.err
        tame(result)
        if form and form[0] in ("-j", "-p") and words[0] not in ("-o",) and not words[0].startswith("--"):
            assert result.error and result.err == b""


def test_a_pin_of_any_name_is_found(kernel, bpflens):
    made = kernel.map("hash", 4, 4, {1: 2}, name="odd_pin")
    path = kernel.pin(made, name="a\x01\x1b[31m \"\udcff")
    assert bpflens("-j", "map", "show", "pinned", path)["id"] == made.id
    assert bpflens("-j", "map", "dump", path) != []
    kernel.close()
    for form in FORMS:
        result = bpflens.run(*form, "map", "show", "pinned", path)
        assert clear(result, "No such file or directory", status=(1,))
        tame(result)


@pytest.mark.slow_in_vm(reason="words alone: no kernel sees them")
@pytest.mark.parametrize("at", range(7))
def test_the_longest_argument_is_an_error_wherever_it_stands(bpflens, at):
    long = "x" * LONGEST
    words = [[long], ["prog", long], ["prog", "show", long], ["prog", "show", "name", long],
             ["map", "dump", "pinned", "/" + long[1:]], ["-o", long, "prog"], ["map", "show", "id", "1" * LONGEST]][at]
    for form in ([], ["-j"], ["-o", "json"]):
        result = bpflens.run(*form, *words)
        clear(result)
        assert len(result.out) + len(result.err) < 3 * LONGEST
        if form == ["-j"] and words[0] != "-o":
            assert parse_json(result.out)


@pytest.mark.slow_in_vm(reason="words alone: no kernel sees them")
def test_many_words_are_an_error(bpflens):
    for words in (["prog", "show"] + ["id", "1"] * 10000, ["x"] * 20000,
                  ["map", "dump", "id", "1"] + ["limit", "1"] * 5000 + ["x"]):
        clear(bpflens.run(*words), status=(2,))
    assert bpflens.run(*["-j"] * 20000, "prog", "list").rc == 0
