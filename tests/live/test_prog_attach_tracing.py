# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog attach to what traces: the program runs, link list shows where it is, and it ends with the command or the pin."""
import contextlib
import errno
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field

import attaching
import bpf
import btf
import linkzoo
import pytest
from attaching import Counter, held
from bpflink import ATTACH
from conftest import ROOT, mount
from linkzoo import target
from maker import unique

EVENT = "bpf_test_finish"  # happens when a program is run for a test, as this function does
FUNCTION = "bpf_prog_test_run_xdp"
UNKNOWN = (errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP, errno.ENOENT, errno.ESRCH, errno.E2BIG, 524)
NO_HOOK = ("this kernel has no ", "this kernel was built without ", "the first with ")


@pytest.fixture
def place(private):
    path = os.path.join(private, "bpffs", unique("at"))
    yield path
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


@pytest.fixture(scope="session")
def tracefs(private):
    """A kernel's tracefs, mounted where it is found."""
    where = "/sys/kernel/tracing"
    if not os.path.isdir(where + "/events"):
        where = os.path.join(private, "tracefs-of-hooks")
        os.mkdir(where)
        mount("tracefs", where, "tracefs", 0, None)
    yield where
    if where.startswith(private):
        bpf.LIBC.umount2(os.fsencode(where), 2)


@pytest.fixture(scope="session")
def marked(program):
    """The program to probe."""
    path = os.path.join(os.path.dirname(program), "tests", "live", "marked")
    return path if os.path.exists(path) else os.path.join(ROOT, "build", "tests", "live", "marked")


@contextlib.contextmanager
def waiting(marked, times):
    """A process that is ready to work; run() makes it do so, and waits for it."""
    process = subprocess.Popen([marked, str(times)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.run = lambda: process.communicate(b"\n", timeout=60)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for end in (process.stdin, process.stdout):
            end.close()


def work(marked, times):
    with waiting(marked, times) as process:
        process.run()


def fire(kernel):
    """A test run of a program, which reaches functions and events that nothing else does."""
    bpf.prog_run(kernel.prog("xdp", bpf.returning(2)).fd, data=bytes(64))


def fire_call():
    """Process 0 is this one: what it asks for is so already, and the security hook is called."""
    subprocess.run(["/bin/true"], preexec_fn=os.setpgrp, check=True)


@dataclass
class Row:
    """A hook: how a program for it is loaded, the words behind its name, what the link then says, how it is reached."""
    type: str
    words: list
    says: dict
    attach: str = ""
    load: dict = field(default_factory=dict)
    fire: object = fire
    link: str = "perf_event"


def of_function(attach, name=FUNCTION, type="tracing", fire=fire):
    return Row(type, [], {"prog_type": type, "attach_type": attach, "target_obj_id": 1, "target_btf_name": name}, attach,
               {"attach_btf_id": lambda: target(name)}, fire, "tracing")


def of_many(attach, words, count, **says):
    return Row("kprobe", words, {"func_cnt": count} | says, attach, link="kprobe_multi")


ROWS = {
    "tracepoint": Row("tracepoint", ["bpf_test_run:" + EVENT], {"tracepoint": EVENT}),
    "raw_tracepoint": Row("raw_tracepoint", [EVENT], {"tp_name": EVENT}, link="raw_tracepoint"),
    "tp_btf": Row("tracing", [], {"tp_name": EVENT}, "trace_raw_tp",
                  {"attach_btf_id": lambda: target("btf_trace_" + EVENT, btf.TYPEDEF)}, link="raw_tracepoint"),
    "kprobe": Row("kprobe", [FUNCTION], {"retprobe": False, "func": FUNCTION, "offset": 0}),
    "kretprobe": Row("kprobe", [FUNCTION], {"retprobe": True, "func": FUNCTION}),
    "ksyscall": Row("kprobe", ["getppid"], {"retprobe": False}, fire=lambda kernel: os.getppid()),
    "kretsyscall": Row("kprobe", ["getppid"], {"retprobe": True}, fire=lambda kernel: os.getppid()),
    "kprobe_multi": of_many("trace_kprobe_multi", [FUNCTION, "bpf_prog_test_run_sk*"], None, retprobe=False),
    "kretprobe_multi": of_many("trace_kprobe_multi", [FUNCTION], 1, retprobe=True),
    "kprobe_session": of_many("trace_kprobe_session", [FUNCTION], 1, retprobe=False),
    "fentry": of_function("trace_fentry"),
    "fexit": of_function("trace_fexit"),
    "fsession": of_function("trace_fsession"),
    "fmod_ret": of_function("modify_return", "security_task_setpgid", fire=lambda kernel: fire_call()),
    "lsm": of_function("lsm_mac", "bpf_lsm_task_setpgid", "lsm", lambda kernel: fire_call()),
    "fentry_multi": Row("tracing", [FUNCTION, "bpf_prog_test_run_skb"], {"func_cnt": 2}, "trace_fentry_multi", link="tracing_multi"),
    "fexit_multi": Row("tracing", [FUNCTION + "*"], {}, "trace_fexit_multi", link="tracing_multi"),
    "fsession_multi": Row("tracing", [FUNCTION], {"func_cnt": 1}, "trace_fsession_multi", link="tracing_multi"),
}


def load(kernel, hook, row):
    try:
        more = {key: make() for key, make in row.load.items()}
        return Counter(kernel, row.type, attach_type=ATTACH[row.attach] if row.attach else 0, **more)
    except OSError as failure:
        if failure.errno in UNKNOWN:
            pytest.skip(f"this kernel loads no {hook}: {failure.strerror}")
        raise


@contextlib.contextmanager
def attached(kernel, bpflens, hook, counter, *words):
    """Hold it; where this kernel has no such hook it must say so, leave nothing, and the test is skipped."""
    before = attaching.everything(kernel, counter.id)
    try:
        with held(bpflens, "prog", "attach", "id", counter.id, hook, *words) as holder:
            yield holder
            assert holder.stop() == (0, "", "")
    except attaching.Ended as failure:
        rc, err = failure.args
        assert rc == 1 and "hint: " in err and any(why in err for why in NO_HOOK), err
        attaching.same_again(kernel, counter.id, before)
        pytest.skip(f"this kernel attaches no {hook}: {err.splitlines()[0]}")
    attaching.same_again(kernel, counter.id, before)


def says(row):
    return {key: value for key, value in row.says.items() if value is not None and linkzoo.is_told(row.link, key)}


@pytest.mark.parametrize("hook", ROWS)
def test_a_program_on_each_hook_runs_and_is_shown_with_its_target(kernel, bpflens, tracefs, hook):
    row = ROWS[hook]
    counter = load(kernel, hook, row)
    with attached(kernel, bpflens, hook, counter, *row.words) as holder:
        assert holder.said.startswith(f"link {holder.link_id}: prog {counter.id} attached to {hook}")
        row.fire(kernel)
        assert counter.runs > 0
        link = attaching.shown(bpflens, holder.link_id)
        assert (link["type"], link["prog_id"]) == (row.link, counter.id)
        assert {key: link.get(key) for key in says(row)} == says(row)
    runs = counter.runs
    row.fire(kernel)
    assert counter.runs == runs, "it ran after it was detached"


# How it is held, and pinned


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_without_a_pin_it_is_held_until_a_signal_which_is_no_failure(kernel, bpflens, number):
    counter = Counter(kernel, "raw_tracepoint")
    with held(bpflens, "prog", "attach", "id", counter.id, "raw_tracepoint", EVENT) as holder:
        assert holder.said == (f"link {holder.link_id}: prog {counter.id} attached to raw_tracepoint {EVENT}; "
                               "Ctrl-C detaches it\n")
        assert holder.stop(number) == (0, "", "")
    attaching.is_gone(holder.link_id)


@pytest.mark.parametrize("form", [["-j"], ["-o", "json"], ["-o", "jsonl"], ["-o", "tsv"]])
def test_the_record_comes_at_once_and_the_document_is_whole_in_the_end(kernel, bpflens, form):
    counter = Counter(kernel, "raw_tracepoint")
    with held(bpflens, *form, "prog", "attach", "id", counter.id, "raw_tracepoint", EVENT) as holder:
        [link] = attaching.links_of(counter.id)
        rc, rest, err = holder.stop()
    assert (rc, err) == (0, "")
    record = {"link_id": link, "prog_id": counter.id, "hook": "raw_tracepoint", "target": EVENT, "held": True}
    if form[-1] == "tsv":
        assert holder.said.splitlines()[1].split("\t")[:4] == [str(link), str(counter.id), "raw_tracepoint", EVENT]
    else:
        assert '"held":true' in holder.said
        parsed = attaching.parse_json(holder.said + rest)
        assert parsed == ([record] if form[-1] == "json" else record)


def test_with_a_pin_it_stays_until_the_file_is_removed(kernel, bpflens, place):
    counter = Counter(kernel, "raw_tracepoint")
    result = bpflens("prog", "attach", "id", counter.id, "raw_tracepoint", EVENT, "pin", place)
    assert (result.out, result.err) == (b"", b"")
    fire(kernel)
    assert counter.runs > 0
    link = bpflens("-o", "json", "link", "show", "pinned", place, "no-owners")[0]
    assert (link["prog_id"], link["tp_name"]) == (counter.id, EVENT)
    os.unlink(place)
    attaching.is_gone(link["id"])


def test_the_record_of_a_pinned_link_names_the_file(kernel, bpflens, place):
    counter = Counter(kernel, "raw_tracepoint")
    made = bpflens("-o", "json", "prog", "attach", "id", counter.id, "raw_tracepoint", EVENT, "pin", place)
    assert made == [{"link_id": made[0]["link_id"], "prog_id": counter.id, "hook": "raw_tracepoint", "target": EVENT,
                     "pinned": place, "held": False}]


def takes_raw_cookie(counter):
    try:
        os.close(attaching.bpflink.raw_tracepoint(counter.prog.fd, EVENT, 1))
        return True
    except OSError:
        return False


@pytest.mark.parametrize("hook", ["tracepoint", "kprobe", "fentry", "kprobe_multi", "raw_tracepoint"])
def test_the_cookie_is_the_links(kernel, bpflens, tracefs, hook):
    row = ROWS[hook]
    counter = load(kernel, hook, row)
    if hook == "raw_tracepoint" and not takes_raw_cookie(counter):
        _, hint = fails(kernel, bpflens, ["id", counter.id, hook, *row.words, "cookie", "1"])
        assert "Linux 6.10 is the first" in hint
        pytest.skip("this kernel makes no cookie of a raw tracepoint link")
    with attached(kernel, bpflens, hook, counter, *row.words, "cookie", "0x1122334455667788") as holder:
        link = attaching.shown(bpflens, holder.link_id)
        if linkzoo.is_told(row.link, "cookie"):
            cookies = [one["cookie"] for one in link["funcs"]] if hook == "kprobe_multi" else [link["cookie"]]
            assert set(cookies) == {0x1122334455667788}


# Programs and libraries


@pytest.mark.parametrize("hook", ["uprobe", "uretprobe"])
def test_a_probe_in_a_program_runs_as_often_as_its_function(kernel, bpflens, marked, hook):
    counter = Counter(kernel, "kprobe")
    with attached(kernel, bpflens, hook, counter, f"{marked}:marked_work") as holder:
        work(marked, 3)
        assert counter.runs == 3
        link = attaching.shown(bpflens, holder.link_id)
        assert link["type"] == "perf_event" and link["prog_id"] == counter.id
        if linkzoo.is_told("perf_event", "file"):
            assert (link["retprobe"], link["file"]) == (hook == "uretprobe", marked)


def test_an_offset_names_the_place_as_its_function_does(kernel, bpflens, marked):
    if not linkzoo.is_told("perf_event", "offset"):
        pytest.skip("this kernel tells no perf link's place")
    counter = Counter(kernel, "kprobe")
    with attached(kernel, bpflens, "uprobe", counter, f"{marked}:marked_work") as holder:
        offset = attaching.shown(bpflens, holder.link_id)["offset"]
    with attached(kernel, bpflens, "uprobe", counter, f"{marked}:{offset:#x}"):
        work(marked, 2)
    assert counter.runs == 2


@pytest.mark.parametrize("hook", ["uprobe", "uprobe_multi", "usdt"])
def test_a_pid_leaves_other_processes_alone(kernel, bpflens, marked, hook):
    counter = load(kernel, hook, Row("kprobe", [], {}, "trace_uprobe_multi" if hook == "uprobe_multi" else ""))
    where = f"{marked}:bpflens:once" if hook == "usdt" else f"{marked}:marked_work"
    with waiting(marked, 2) as one, waiting(marked, 5) as other:
        with attached(kernel, bpflens, hook, counter, where, "pid", one.pid):
            other.run()
            assert counter.runs == 0
            one.run()
            assert counter.runs == 2


@pytest.mark.parametrize("hook,attach,per_run", [("uprobe_multi", "trace_uprobe_multi", 2), ("uretprobe_multi", "trace_uprobe_multi", 2),
                                                 ("uprobe_session", "trace_uprobe_session", 4)])
def test_many_functions_of_a_program_hang_on_one_link(kernel, bpflens, marked, hook, attach, per_run):
    counter = load(kernel, hook, Row("kprobe", [], {}, attach))
    with attached(kernel, bpflens, hook, counter, f"{marked}:marked_*", "cookie", 7) as holder:
        work(marked, 3)
        assert counter.runs == 3 * per_run
        link = attaching.shown(bpflens, holder.link_id)
        assert (link["type"], link["func_cnt"], link["path"]) == ("uprobe_multi", 2, marked)
        assert [one["cookie"] for one in link["funcs"]] == [7, 7]


@pytest.mark.parametrize("mark,per_run", [("once", 1), ("twice", 2), ("guarded", 1)])
@pytest.mark.parametrize("attach", ["", "trace_uprobe_multi"])
def test_a_usdt_probe_runs_at_each_of_its_places_and_is_switched_on(kernel, bpflens, marked, mark, per_run, attach):
    counter = load(kernel, "uprobe_multi" if attach else "uprobe", Row("kprobe", [], {}, attach))
    with attached(kernel, bpflens, "usdt", counter, f"{marked}:bpflens:{mark}") as holder:
        work(marked, 3)
        assert counter.runs == 3 * per_run
        kind = attaching.shown(bpflens, holder.link_id)["type"]
        assert kind in (["uprobe_multi", "perf_event"] if attach else ["perf_event"])  # old kernels take it for one place
        assert holder.said.count("\n") == (2 if mark == "twice" and kind == "perf_event" else 1)


def test_several_places_without_one_link_cannot_be_pinned(kernel, bpflens, marked, place):
    counter = Counter(kernel, "kprobe")
    before = attaching.everything(kernel, counter.id)
    result = bpflens.run("prog", "attach", "id", counter.id, "usdt", f"{marked}:bpflens:twice", "pin", place)
    assert result.rc == 1 and "2 links, and a file holds one" in result.stderr
    attaching.same_again(kernel, counter.id, before)


def test_a_program_that_reads_usdt_arguments_is_for_its_loader(kernel, bpflens, marked):
    specs = kernel.map("array", name="__bpf_usdt_spec")
    prog = kernel.prog("kprobe", maps=[specs])
    result = bpflens.run("prog", "attach", "id", prog.id, "usdt", f"{marked}:bpflens:once")
    assert result.rc == 1 and "reads the probe's arguments" in result.error and "autoattach" in result.stderr


# Samples, iterators, replacements


def busy(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@pytest.mark.parametrize("words", [["freq", "500"], ["period", "1000000"], []])
def test_samples_of_a_process_come_while_it_runs(kernel, bpflens, words):
    counter = Counter(kernel, "perf_event")
    with attached(kernel, bpflens, "perf_event", counter, "cpu-clock", "pid", os.getpid(), *words):
        busy(0.2)
        assert counter.runs > 0


def test_without_a_cpu_and_a_pid_there_is_a_link_for_each_cpu(kernel, bpflens, place):
    counter = Counter(kernel, "perf_event")
    with held(bpflens, "prog", "attach", "id", counter.id, "perf_event", "page-faults", "period", "1") as holder:
        bytearray(1 << 24)
        assert holder.said.count("attached to perf_event page-faults") == len(bpf.cpus("online"))
        assert counter.runs > 0
        assert holder.stop()[0] == 0
    result = bpflens.run("prog", "attach", "id", counter.id, "perf_event", "page-faults", "pin", place)
    assert result.rc == 2 and "'pin' needs 'cpu' or 'pid'" in result.error


def test_an_iterator_runs_when_its_pin_is_read(kernel, bpflens, place):
    counter = load(kernel, "iter", Row("tracing", [], {}, "trace_iter", {"attach_btf_id": lambda: target("bpf_iter_bpf_map")}))
    bpflens("prog", "attach", "id", counter.id, "iter", "pin", place)
    link = bpflens("-o", "json", "link", "show", "pinned", place, "no-owners")[0]
    assert (link["type"], link["target_name"]) == ("iter", "bpf_map") and counter.runs == 0
    with open(place) as file:
        file.read()
    assert counter.runs > 0


def test_an_iterator_of_elements_takes_the_map(kernel, bpflens, place):
    counter = load(kernel, "iter", Row("tracing", [], {}, "trace_iter", {"attach_btf_id": lambda: target("bpf_iter_bpf_map_elem")}))
    walked = kernel.map("hash", entries={1: 1, 2: 2})
    result = bpflens.run("prog", "attach", "id", counter.id, "iter", "pin", place)
    assert result.rc == 1 and "needs 'map MAP'" in result.stderr and not os.path.exists(place)
    bpflens("prog", "attach", "id", counter.id, "iter", "map", "id", walked.id, "pin", place)
    assert bpflens("-o", "json", "link", "show", "pinned", place, "no-owners")[0]["map_id"] == walked.id
    with open(place) as file:
        file.read()
    assert counter.runs == 3  # two elements, and the end


def test_freplace_takes_the_place_of_a_function(kernel, bpflens):
    whole, part = linkzoo.replaceable(kernel)
    try:
        prog = linkzoo.stand_in(kernel, whole, part, type="ext", insns=bpf.returning(7))
        other, _ = linkzoo.replaceable(kernel)
    except OSError as failure:
        if failure.errno in UNKNOWN:
            pytest.skip(f"this kernel loads no freplace: {failure.strerror}")
        raise
    with held(bpflens, "prog", "attach", "id", prog.id, "freplace") as holder:
        assert bpf.prog_run(whole.fd, data=bytes(64)) == 7
        link = attaching.shown(bpflens, holder.link_id)
        assert (link["prog_type"], link["target_obj_id"]) == ("ext", whole.id)
        assert holder.stop()[0] == 0
    result = bpflens.run("prog", "attach", "id", prog.id, "freplace", "id", other.id, "lz_pat")
    assert result.rc == 1 and "function 'lz_pat'" in result.error
    with held(bpflens, "prog", "attach", "id", prog.id, "freplace", "id", other.id, "lz_part") as holder:
        assert bpf.prog_run(other.fd, data=bytes(64)) == 7 and bpf.prog_run(whole.fd, data=bytes(64)) == 0
        assert attaching.shown(bpflens, holder.link_id)["target_obj_id"] == other.id
        assert holder.stop()[0] == 0


# What does not fit


def fails(kernel, bpflens, words, rc=1):
    """Its error and hint; nothing is left behind."""
    before = attaching.everything(kernel, words[1])
    result = bpflens.run("-j", "prog", "attach", *words)
    assert result.rc == rc, result
    attaching.same_again(kernel, words[1], before)
    return result.json["error"], result.json.get("hint", "")


@pytest.mark.slow_in_vm(reason="words alone")
@pytest.mark.parametrize("words,error,hint", [
    ([], "expected HOOK", ""),
    (["kprob", "x"], "unknown hook 'kprob'", "did you mean 'kprobe'?"),
    (["nothing_like_it"], "unknown hook", "lists the hooks"),
    (["kprobe_m", "x"], "unknown hook", "did you mean 'kprobe_multi'?"),
    (["perf"], "unknown hook", "did you mean 'perf_event'?"),
    (["xdp", "v0", "pin", "/x/y"], "xdp: expected 'dev', got: 'v0'", ""),
    (["tcx_ingress", "v0"], "tcx_ingress: expected 'dev', got: 'v0'", ""),
    (["xdp", "dev"], "xdp: expected dev IFNAME", ""),
    (["netkit", "v0"], "unknown hook", "did you mean 'netkit_primary'?"),
    (["uprobe", "/bin/true", "main"], "what is 'main'?", "its target is 'PATH:FUNC[+OFFSET]|PATH:OFFSET'; behind that, uprobe takes 'pin'"),
    (["kprobe"], "kprobe: expected FUNC[+OFFSET]", ""),
    (["kprobe", ""], "the target is empty", ""),
    (["kprobe", "f", "freq", "3"], "what is 'freq'?", "'freq' does not go with kprobe"),
    (["kprobe", "f", "wrong"], "what is 'wrong'?", "kprobe takes 'pin', 'cookie'"),
    (["kprobe", "f", "cookie", "x"], "can't parse 'x' as the value of 'cookie'", "whole number"),
    (["kprobe", "f", "cookie", "1", "cookie", "2"], "'cookie' is there twice", ""),
    (["kprobe", "f", "pin"], "'pin' needs a value", ""),
    (["kprobe", "f+x"], "expected FUNC[+OFFSET], got: 'f+x'", ""),
    (["kretprobe", "f+4"], "expected FUNC, got: 'f+4'", ""),
    (["uprobe", "/bin/true"], "expected PATH:FUNC[+OFFSET] or PATH:OFFSET", ""),
    (["usdt", "/bin/true:x"], "expected PATH:PROVIDER:NAME", ""),
    (["uprobe_multi", "/bin/true:0", "/bin/false:0"], "one link has places of one file", ""),
])
def test_words_that_make_no_sense_say_what_would(kernel, bpflens, words, error, hint):
    prog = kernel.prog("kprobe")
    said, help = fails(kernel, bpflens, ["id", prog.id, *words], rc=2)
    assert error in said and hint in help


def test_a_program_of_another_type_says_where_such_go(kernel, bpflens):
    error, hint = fails(kernel, bpflens, ["id", kernel.prog("tracepoint").id, "kprobe", FUNCTION])
    assert "the program is of type tracepoint" in error and "tracepoint" in hint and "kprobe" not in hint


def test_a_program_that_was_loaded_for_another_hook_of_its_type_is_told(kernel, bpflens):
    prog = load(kernel, "iter", Row("tracing", [], {}, "trace_iter", {"attach_btf_id": lambda: target("bpf_iter_bpf_map")}))
    for hook in ("fentry", "tp_btf"):
        error, hint = fails(kernel, bpflens, ["id", prog.id, hook])
        assert f"attach to {hook}" in error and "must have been loaded for this hook" in hint and "iter" in hint


@pytest.mark.parametrize("hook,wrong,near", [("raw_tracepoint", "bpf_test_finis", EVENT), ("tracepoint", "bpf_test_run:bpf_test_finis", "bpf_test_run:" + EVENT),
                                             ("tracepoint", "bpf_test_ru:bpf_test_finish", "bpf_test_run:" + EVENT),
                                             ("ksyscall", "getppi", "getppid")])
def test_an_event_that_does_not_exist_names_the_nearest(kernel, bpflens, tracefs, hook, wrong, near):
    counter = Counter(kernel, ROWS[hook].type)
    error, hint = fails(kernel, bpflens, ["id", counter.id, hook, wrong])
    if any(why in hint for why in NO_HOOK):
        pytest.skip(f"this kernel attaches no {hook}: {error}")
    assert "No such file or directory" in error and hint == f"did you mean '{near}'?"


@pytest.mark.parametrize("hook", ["kprobe", "kprobe_multi"])
def test_a_function_that_does_not_exist_names_the_nearest(kernel, bpflens, hook):
    counter = load(kernel, hook, ROWS[hook])
    error, hint = fails(kernel, bpflens, ["id", counter.id, hook, FUNCTION[:-1] + "q"])
    if any(why in hint for why in NO_HOOK):
        pytest.skip(f"this kernel attaches no {hook}: {error}")
    assert f"function '{FUNCTION[:-1]}q'" in error and hint == f"did you mean '{FUNCTION}'?"


@pytest.mark.slow_in_vm(reason="files alone")
@pytest.mark.parametrize("where,error,hint", [
    ("{marked}:marked_wrok", "function 'marked_wrok'", "did you mean 'marked_work'?"),
    ("{marked}:marked_work+4000", "function 'marked_work' has", ""),
    ("/nowhere/x:f", "No such file or directory", ""),
    ("nothing_like_it:f", "nothing_like_it", "is looked for among programs"),
    ("/etc/passwd:f", "not an ELF file", ""),
    ("/nowhere/x:16", "No such file or directory", ""),
])
def test_a_place_that_does_not_exist_is_told(kernel, bpflens, marked, where, error, hint):
    said, help = fails(kernel, bpflens, ["id", kernel.prog("kprobe").id, "uprobe", where.format(marked=marked)])
    assert error in said and hint in help


@pytest.mark.slow_in_vm(reason="files alone")
@pytest.mark.parametrize("mark,near", [("bpflens:onc", "once"), ("bpflen:once", "bpflens")])
def test_a_usdt_probe_that_does_not_exist_names_the_nearest(kernel, bpflens, marked, mark, near):
    error, hint = fails(kernel, bpflens, ["id", kernel.prog("kprobe").id, "usdt", f"{marked}:{mark}"])
    assert f"USDT probe '{mark}'" in error and hint == f"did you mean '{near}'?"


def test_a_pin_that_is_there_is_found_before_anything_is_attached(kernel, bpflens):
    taken = kernel.pin(kernel.map("hash"))
    counter = Counter(kernel, "raw_tracepoint")
    error, _ = fails(kernel, bpflens, ["id", counter.id, "raw_tracepoint", EVENT, "pin", taken])
    assert "File exists" in error
    fire(kernel)
    assert counter.runs == 0


def test_without_rights_it_says_which(kernel, public, nobody):
    path = kernel.pin(kernel.prog("kprobe"), mode=0o644)
    result = public.run("prog", "attach", "pinned", path, "uprobe", "/bin/true:16", before=nobody)
    assert result.rc == 1 and "attach to uprobe" in result.error and "CAP_" in result.stderr


def test_a_program_that_hangs_there_already_is_told(kernel, bpflens, tracefs, place):
    counter = Counter(kernel, "tracepoint")
    with attached(kernel, bpflens, "tracepoint", counter, "bpf_test_run:" + EVENT):
        error, hint = fails(kernel, bpflens, ["id", counter.id, "tracepoint", "bpf_test_run:" + EVENT])
        assert "File exists" in error and "attached there already" in hint


def test_without_tracefs_it_says_how_to_mount_one(kernel, bpflens):
    prog = kernel.prog("tracepoint")
    result = bpflens.run("prog", "attach", "id", prog.id, "tracepoint", "bpf_test_run:" + EVENT,
                         before=["unshare", "-m", "sh", "-c", "while umount -l -t tracefs -a 2>/dev/null && grep -q ' tracefs ' "
                                 "/proc/self/mounts; do :; done; umount -l /sys/kernel/debug 2>/dev/null; exec \"$@\"", "sh"])
    assert result.rc == 1 and "no tracefs is mounted" in result.error and "mount -t tracefs" in result.stderr


# Completion


@pytest.mark.slow_in_vm(reason="words alone")
@pytest.mark.parametrize("words,typed,offered", [
    ([], "kprobe", {"kprobe", "kprobe_multi", "kprobe_session"}),
    (["kprobe"], "", set()),
    (["kprobe", "f"], "", {"pin", "cookie"}),
    (["kprobe", "f", "cookie"], "", set()),
    (["perf_event"], "context", {"context-switches"}),
    (["uprobe"], "/bin/fals", {"/bin/false"}),
    (["iter", "map"], "", {"id", "name", "pinned"}),
    (["freplace"], "p", {"pin", "pinned"}),
    (["fentry"], "", {"pin", "cookie"}),
])
def test_completion_offers_hooks_targets_and_words(bpflens, words, typed, offered):
    line = ["bpflens", "prog", "attach", "id", "1", *words, typed]
    assert set(bpflens("__complete", len(line) - 1, *line).stdout.split()) == offered


@pytest.mark.slow_in_vm(reason="words alone")
def test_completion_offers_categories_and_then_their_events(bpflens, tracefs):
    line = ["bpflens", "prog", "attach", "id", "1", "tracepoint"]
    assert "bpf_test_run:" in bpflens("__complete", 6, *line, "bpf_").stdout.split()
    events = bpflens("__complete", 6, *line, "bpf_test_run:bpf").stdout.split()
    assert "bpf_test_run:" + EVENT in events and all(one.startswith("bpf_test_run:bpf") for one in events)
