# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Every command, with one system call or one allocation failing at a time: nothing is half done, left or made up."""
import collections
import concurrent.futures
import itertools
import json
import os
import struct

import bpf
import btf
import bpflink
import linkzoo
import progzoo
import pytest
import zoo
from maker import unique
from runner import asked_form, parse_json
from test_faults import allocator, told  # noqa: F401 - allocator is a fixture
from test_map_typed import U32, U64, typed_map
from test_metadata import NUMBER, PREFIX, constants, number
from typed import Record

pytestmark = pytest.mark.slow_in_vm(reason="a start for each call and each allocation; what fails is made up")

KEY = ["key", 1, 0, 0, 0]
FORMS = [[], ["-j"], ["-o", "json"]]


# Commands that change something: each makes what it works on, and a function that says how that is.


def elements(made):
    found, key = {}, bpf.map_next_key(made.fd, None, made.key)
    while key is not None:
        found[key] = bpf.map_lookup(made.fd, key, made.value)
        key = bpf.map_next_key(made.fd, key, made.key)
    return found


def frozen(made):
    with open(f"/proc/self/fdinfo/{made.fd}", encoding="ascii") as file:
        return "frozen:\t1" in file.read()


def drained(made):
    """What a queue or a stack holds; afterwards it is empty."""
    found, value = [], bpf.bytes_in(bytes(made.value))
    while True:
        try:
            bpf.call(21, bpf.Element(map_fd=made.fd, value=bpf.address(value)))  # lookup and delete
        except FileNotFoundError:
            return found
        found.append(value.raw[:made.value])


def of_hash(*words):
    def make(kernel, path):
        made = kernel.map("hash", 4, 4, {1: 5}, max_entries=4)
        return ["map", words[0], "id", made.id, *words[1:]], lambda: (elements(made), frozen(made))
    return make


def of_queue(kind, *words):
    def make(kernel, path):
        made = kernel.map(kind, 0, 4, max_entries=3)
        for first in (1, 2):
            bpf.map_update(made.fd, b"", bytes([first, 2, 3, 4]))
        return ["map", words[0], "id", made.id, *words[1:]], lambda: drained(made)
    return make


def pin_map(kernel, path):
    return ["map", "pin", "id", kernel.map("array").id, path], lambda: os.path.exists(path)


def pin_prog(kernel, path):
    return ["prog", "pin", "id", kernel.prog("xdp").id, path], lambda: os.path.exists(path)


def pin_link(kernel, path):
    return ["link", "pin", "id", linkzoo.make(kernel, "raw_tracepoint").id, path], lambda: os.path.exists(path)


def detach_link(kernel, path):
    made = linkzoo.make(kernel, "cgroup_ingress")
    return ["link", "detach", "id", made.id], lambda: bpflink.LinkInfo(made.fd).u64(16) == 0  # the cgroup's id


def attach_pinned(kernel, path):
    """A link and its pin, or neither."""
    group, _ = kernel.cgroup()
    prog = kernel.prog("cgroup_skb", bpf.returning(1))

    def state():
        (said,) = [line for line in os.listdir(kernel.bpffs) if line == os.path.basename(path)] or [None]
        return said, sum(link_prog(number) == prog.id for number in bpf.ids("link"))
    return ["prog", "attach", "id", prog.id, "cgroup_inet_ingress", group, "pin", path], state


def link_prog(number):
    try:
        fd = bpf.open_id("link", number)
    except OSError:
        return None  # another's, which is gone
    try:
        return bpflink.LinkInfo(fd).prog_id
    finally:
        os.close(fd)


def attach_sockets(kernel, path):
    held, prog = kernel.map("sockmap", max_entries=2), kernel.prog("sk_msg", bpf.returning(1))

    def state():
        try:
            bpf.prog_detach(held.fd, prog.fd, bpflink.ATTACH["sk_msg_verdict"])
        except OSError:
            return False
        return True
    return ["prog", "attach", "id", prog.id, "sk_msg_verdict", "id", held.id], state


def create(kernel, path):
    return (["map", "create", path, "type", "hash", "key", 4, "value", 4, "entries", 2, "name", os.path.basename(path)],
            lambda: os.path.exists(path))


CHANGES = {
    "update": of_hash("update", *KEY, "value", 7, 7, 7, 7), "delete": of_hash("delete", *KEY), "freeze": of_hash("freeze"),
    "push": of_queue("stack", "push", "value", 9, 9, 9, 9), "enqueue": of_queue("queue", "enqueue", "value", 9, 9, 9, 9),
    "pop": of_queue("stack", "pop"), "dequeue": of_queue("queue", "dequeue"), "map-pin": pin_map, "prog-pin": pin_prog,
    "create": create, "link-pin": pin_link, "link-detach": detach_link,
    "attach-pinned": attach_pinned, "attach-sockets": attach_sockets,
}


def after(kernel, path, make, run):
    """(result of a run, what was there before it, what is there after it)"""
    words, state = make(kernel, path)
    _, twin = make(kernel, path)  # a queue is empty once it was looked at
    before = twin()
    result = run(*words)
    then = state()
    if os.path.exists(path):
        os.unlink(path)
    return result, before, then


def whole_document(result):
    """A status that is honest, and one document of JSON; completions are lines in every form."""
    assert result.rc in (0, 1) and (result.rc == 0 or result.out + result.err), result
    if asked_form(result.args) and result.out and "__complete" not in result.args:
        parse_json(result.out)


def failing(run_with):
    """Results of runs in which the first, second, ... chance to fail was taken; run_with(n): (result, was it taken?)."""
    for count in itertools.count(1):
        result, taken = run_with(count)
        if not taken:
            assert count > 1 and result.rc == 0, result
            return
        whole_document(result)
        yield count, result


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_made_whole_or_not_at_all_when_a_bpf_call_fails(kernel, bpflens, what, form):
    path, seen = os.path.join(kernel.bpffs, unique("cf")), {}
    _, before, changed = after(kernel, path, CHANGES[what], lambda *words: bpflens.run(*form, *words))
    assert before != changed

    def run_with(count):
        def run(*words):
            seen["trace"] = bpflens.traced(*form, *words, inject=f"bpf:error=EPERM:when={count}")
            return seen["trace"][0]
        result, _, then = after(kernel, path, CHANGES[what], run)
        assert then == (changed if result.rc == 0 else before), (count, result)
        return result, any("INJECTED" in line for line in seen["trace"][1])
    assert list(failing(run_with))


@pytest.mark.slow_in_vm(reason="a start for each allocation; they are ours and not the kernel's")
@pytest.mark.parametrize("form", FORMS[:2], ids=" ".join)
@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_made_whole_or_not_at_all_when_an_allocation_fails(kernel, bpflens, allocator, what, form):  # noqa: F811
    path = os.path.join(kernel.bpffs, unique("ca"))
    _, before, changed = after(kernel, path, CHANGES[what], lambda *words: bpflens.run(*form, *words))

    def run_with(count):
        with told() as came:
            result, _, then = after(kernel, path, CHANGES[what], lambda *words: bpflens.run(
                *form, *words, env={"LD_PRELOAD": allocator, "FAIL_ALLOCATION": str(count)}, pass_fds=[99]))
            assert then == (changed if result.rc == 0 else before), (count, result)
            return result, came()
    assert list(failing(run_with))


# Commands that read


@pytest.fixture
def readers(kernel, tmp_path):
    """Words by what they read."""
    value = Record(16, [("count", U64, 0), ("size", U64, 8)])
    typed = typed_map(kernel, U32, value, [struct.pack("QQ", n, 2**33) for n in range(3)])
    name = unique("cn")
    several = [kernel.map("hash", 4, 4, {n: n}, max_entries=4, name=name) for n in (1, 2)]
    described = kernel.prog("xdp", name=unique("cp"), maps=[constants(kernel, [(PREFIX + "a", NUMBER)], number(4))])
    pinned, queue = kernel.pin(several[0]), zoo.make(kernel, "queue")
    types = tmp_path / "types"
    types.write_bytes(btf.every_kind().blob())
    tracepoint, cgroup, probe = (linkzoo.make(kernel, kind) for kind in ("raw_tracepoint", "cgroup_ingress", "uprobe"))
    twins = progzoo.twins(kernel, unique("cx"), 2)
    commands = tmp_path / "commands"
    commands.write_text(f"map dump id {several[0].id}\nprog show id {described.id} no-owners\n")
    return {
        "prog": ["prog", "show", "id", described.id, "no-owners"], "prog-pinned": ["-f", "prog", "show", "name", described.name, "no-owners"],
        "map": ["map", "show", "id", typed.id, "no-owners"], "map-pinned": ["-f", "map", "show", "pinned", pinned, "no-owners"],
        "dump": ["map", "dump", "id", several[0].id], "typed": ["map", "dump", "id", typed.id],
        "count": ["map", "dump", "id", typed.id, "count"], "several": ["map", "dump", "name", name],
        "lookup": ["map", "lookup", "id", several[0].id, *KEY], "getnext": ["map", "getnext", "id", several[0].id],
        "peek": ["map", "peek", "id", queue.id], "batch": ["batch", "file", commands], "version": ["version"],
        "btf": ["btf", "show", "id", bpf.info(typed.fd, bpf.MapInfo()).btf_id, "no-owners"], "btf-dump": ["btf", "dump", "map", "id", typed.id, "all"],
        "btf-files": ["btf", "dump", "file", types, "file", types],
        "link": ["link", "show", "id", tracepoint.id, "no-owners"], "link-perf": ["link", "show", "id", probe.id, "no-owners"],
        "link-pinned": ["-f", "link", "show", "pinned", kernel.pin(cgroup), "no-owners"],
        "xlated": ["prog", "dump", "xlated", "id", described.id], "xlated-several": ["prog", "dump", "xlated", "name", twins[0].name, "opcodes"],
        "jited": ["prog", "dump", "jited", "id", described.id], "jited-several": ["prog", "dump", "jited", "name", twins[0].name, "opcodes"],
        "both": ["prog", "dump", "both", "id", described.id],
        "help": ["map", "help"], "complete": ["__complete", "4", "--", "bpflens", "map", "show", "id", ""],
    }


READERS = ("prog prog-pinned map map-pinned dump typed count several lookup getnext peek batch version help complete "
           "link link-perf link-pinned btf btf-dump btf-files "
           "xlated xlated-several jited jited-several both").split()


def flat(value, where=()):
    """Every fact of a document, by its place."""
    if isinstance(value, dict):
        return {k: v for key, one in value.items() for k, v in flat(one, (*where, key)).items()}
    if isinstance(value, list):
        return {k: v for key, one in enumerate(value) for k, v in flat(one, (*where, key)).items()}
    return {where: json.dumps(value)} if "metadata" not in where else {}  # bytes, where its types cannot be read


def nothing_made_up(result, whole):
    """What succeeds says nothing but the truth; a fact that could not be read may be missing from a record."""
    words = [str(word) for word in result.args]
    if result.rc or "__complete" in words:
        return
    if "shown as bytes" in result.stderr:
        assert "dump" in words and result.out != whole.out, result
    elif not asked_form(result.args) or ("dump" in words and "prog" not in words):
        lines = [line for line in result.stdout.split("\n") if " = " not in line]  # metadata
        assert {word for line in lines for word in line.split()} <= set(whole.stdout.split()), result
        assert "dump" not in words or "name" in words or result.out == whole.out, result  # a map of that name may be denied
    else:
        here, there = flat(result.json), flat(whole.json)
        assert {place: there.get(place) for place in here} == here, result


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("what", [one for one in READERS if one not in ("version", "help", "btf-files")])
def test_a_reader_of_whom_a_bpf_call_fails_makes_nothing_up(bpflens, readers, what, form):
    whole = bpflens.run(*form, *readers[what])

    def fail_each(error):
        def run_with(count):
            result, trace = bpflens.traced(*form, *readers[what], inject=f"bpf:error={error}:when={count}")
            return result, any("INJECTED" in line for line in trace)
        for _, result in failing(run_with):
            nothing_made_up(result, whole)
    with concurrent.futures.ThreadPoolExecutor() as pool:  # a reader changes nothing, so both may go at once
        list(pool.map(fail_each, ("EPERM", "ENOMEM")))


def most_calls(trace):
    """How often one process made one call, at most: strace counts in each, and each call by itself, when to fail one."""
    return max(collections.Counter(line.partition("(")[0] for line in trace if "(" in line).values(), default=0)


@pytest.mark.parametrize("form", FORMS[:2], ids=" ".join)
@pytest.mark.parametrize("call, error", [("openat", "EMFILE"), ("openat", "EACCES"), ("read", "EIO"), ("pread64", "EIO"),
                                         ("readlink,readlinkat", "EACCES"), ("getdents64", "EIO"), ("write", "EIO"),
                                         ("newfstatat,fstat,statx", "EIO"), ("statfs,fstatfs", "EIO")])
@pytest.mark.parametrize("what", ["prog", "prog-pinned", "typed", "link-pinned", "btf", "btf-files"])
def test_a_reader_of_whom_another_call_fails_makes_nothing_up(bpflens, readers, what, call, error, form):
    whole = bpflens.run(*form, *readers[what])
    _, trace = bpflens.traced(*form, *readers[what], calls=call)
    for count in range(1, most_calls(trace) + 1):
        result, trace = bpflens.traced(*form, *readers[what], calls=call, inject=f"{call}:error={error}:when={count}")
        if result.rc == 127:  # it was the loader's
            continue
        assert any("INJECTED" in line for line in trace)
        assert result.rc in (0, 1), result
        if call != "write":  # a failed write to one stream leaves the other's words alone
            whole_document(result)
        elif result.rc == 0:
            assert result.out == whole.out
        nothing_made_up(result, whole)


@pytest.mark.slow_in_vm(reason="a start for each allocation; they are ours and not the kernel's")
@pytest.mark.parametrize("form", FORMS[:2], ids=" ".join)
@pytest.mark.parametrize("what", READERS)
def test_a_reader_of_whom_an_allocation_fails_leaves_nothing_behind(bpflens, readers, allocator, what, form):  # noqa: F811
    whole = bpflens.run(*form, *readers[what])

    def run_with(count):
        with told() as came:
            result = bpflens.run(*form, *readers[what], env={"LD_PRELOAD": allocator, "FAIL_ALLOCATION": str(count)}, pass_fds=[99])
            return result, came()
    for _, result in failing(run_with):
        nothing_made_up(result, whole)
