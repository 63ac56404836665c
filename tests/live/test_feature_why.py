# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe: each verdict and each reason, as processes with less and less rights get them.

What a process with all rights was told is the measure: with fewer rights, nothing turns from "yes" to "no" or from
"no" to "yes".
"""
import errno
import json
import os
import resource

import bpf
import features
import pytest
import seccomp
from test_token import CREATE, FSCONFIG, SET_STRING, place, run_delegated, system  # pylint: disable=unused-import

CAPS = {"net_admin": 12, "sys_admin": 21, "sys_resource": 24, "syslog": 34, "perfmon": 38, "bpf": 39}
PR_CAPBSET_DROP, LAST_CAP = 24, 40
SECONDS = 5  # of computing for everything, on a machine that is not emulated: it takes a fraction, whatever the rights

MAP_CREATE, PROG_LOAD, BTF_LOAD = 0, 5, 18


def is_guest():
    """Is this a machine of the tests' own, made by tests/vm/vmrun?"""
    with open("/proc/cmdline") as file:
        return "bpflens.guest" in file.read()


def keep_only(*caps):
    """A function for preexec: root with these capabilities alone, from its next exec on."""
    kept = {CAPS[cap] for cap in caps}

    def drop():
        for cap in range(LAST_CAP + 1):
            if cap not in kept:
                bpf.LIBC.prctl(PR_CAPBSET_DROP, cap, 0, 0, 0)
    return drop


def ask(program, *words, **how):
    """(exit status, the records)"""
    result = program.run("-o", "json", "feature", "probe", *words, **how)
    assert result.err == b"", result
    return result.rc, result.json


def one(program, *words, **how):
    status, records = ask(program, *words, **how)
    assert len(records) == 1, records
    told = {name: value for name, value in records[0].items() if name != "since"}
    assert status == {"yes": 0, "no": 1, "not permitted": 3, "unknown": 3}[told["answer"]], (status, told)
    return told


def key(record):
    return record["kind"], record["name"], record.get("for")


@pytest.fixture(scope="module")
def measure(bpflens):
    """What a process with all rights is told."""
    return {key(record): record for record in features.whole(bpflens)}


def is_never_wrong(records, measure):
    """Whatever is a yes or a no is that for a process with all rights, too, or that one could not tell."""
    sure = {key(record): record for record in records if record["answer"] in ("yes", "no") and record["kind"] != "setting"}
    wrong = [(*at, record["answer"], record.get("errno")) for at, record in sure.items()
             if at in measure and {record["answer"], measure[at]["answer"]} == {"yes", "no"}]
    assert not wrong
    refused = [at for at, record in sure.items() if record["answer"] == "no" and record.get("found") == "probe" and record.get("errno") in ("EPERM", "ENOMEM")]
    assert not refused
    return records


def everything(program, measure, **how):
    """All records of a process: one document, in time, none of them wrong; the exit status is that of no question."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, records = ask(program, **how)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert status == 0
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent < SECONDS * (10 if is_guest() else 1)
    assert len(records) > 300
    return is_never_wrong(records, measure)


def bpf_records(records):
    """Those that take a map or a program."""
    return [record for record in records if record["kind"] in ("prog_type", "map_type")]


# The verdicts


def test_what_is_there_is_a_yes_without_a_reason(bpflens):
    assert one(bpflens, "map_type", "hash") == {"kind": "map_type", "name": "hash", "answer": "yes", "found": "probe"}


def test_the_worst_answer_makes_the_exit_status(bpflens):
    limited = keep_only("bpf")
    assert ask(bpflens, "map_type", "hash", "map_type", "array", preexec=limited)[0] == 0
    assert ask(bpflens, "map_type", "hash", "map_type", "sockmap", preexec=limited)[0] == 3
    assert ask(bpflens, "config", "CONFIG_NO_SUCH_THING_AT_ALL", "map_type", "sockmap", preexec=limited)[0] in (1, 3)


# Capabilities


@pytest.mark.parametrize("kind, name", [("misc", "bounded_loops"), ("facility", "open_coded_iterators")])
def test_a_loop_that_the_verifier_goes_round_without_end_is_refused_soon(bpflens, measure, kind, name):
    """Without CAP_PERFMON it also follows the branches that are never taken, where the processor might."""
    told = one(bpflens, kind, name, preexec=keep_only("bpf", "net_admin"))
    if measure[kind, name, None]["answer"] == "no":
        assert told["answer"] == "no"
        return
    assert told["answer"] == "yes" or (told["answer"], told["reason"], told["detail"]) == ("not permitted", "capability", "missing CAP_PERFMON")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    one(bpflens, kind, name, preexec=keep_only("bpf", "net_admin"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < (5 if is_guest() else 0.5)


@pytest.mark.parametrize("caps, thing, missing", [
    ((), ("prog_type", "xdp"), "CAP_BPF, CAP_NET_ADMIN"),
    (("bpf",), ("prog_type", "xdp"), "CAP_NET_ADMIN"),
    (("net_admin",), ("prog_type", "xdp"), "CAP_BPF"),
    (("bpf", "net_admin"), ("prog_type", "xdp"), ""),
    (("sys_admin",), ("prog_type", "xdp"), ""),
    (("bpf",), ("prog_type", "tracepoint"), "CAP_PERFMON"),
    (("perfmon",), ("prog_type", "tracepoint"), "CAP_BPF"),
    (("bpf", "perfmon"), ("prog_type", "tracepoint"), ""),
    (("net_admin", "perfmon"), ("map_type", "queue"), "CAP_BPF"),
    (("bpf",), ("map_type", "queue"), ""),
    (("bpf",), ("map_type", "sockmap"), "CAP_NET_ADMIN"),
    (("bpf", "net_admin"), ("map_type", "sockmap"), ""),
], ids=str)
def test_the_capability_that_is_missing_is_named(bpflens, caps, thing, missing):
    told = one(bpflens, *thing, preexec=keep_only(*caps))
    if not missing:
        assert told["answer"] == "yes"
        return
    assert told == {"kind": thing[0], "name": thing[1], "answer": "not permitted", "errno": "EPERM",
                    "reason": "capability", "detail": "missing " + missing, "found": "probe"}


@pytest.mark.parametrize("caps", [(), *(pytest.param(few, marks=pytest.mark.slow_in_vm(reason="everything is asked"))
                                  for few in (("bpf", "net_admin"), ("bpf", "perfmon"), ("bpf",), ("perfmon",), ("net_admin",), ("sys_admin",)))], ids=str)
def test_with_any_capabilities_no_answer_is_wrong(bpflens, measure, caps):
    records = everything(bpflens, measure, preexec=keep_only(*caps))
    if caps == ("bpf", "net_admin"):
        hidden = {key(record): record for record in records}["helper", "bpf_get_current_task", "xdp"]
        assert (hidden["answer"], hidden.get("detail")) in (("not permitted", "missing CAP_PERFMON"), ("yes", None))


def test_what_the_verifier_hides_from_few_rights_is_no_no(bpflens):
    questions = [word for name in ("bounded_loops", "large_insn_limit", "v2_isa_extension", "v3_isa_extension") for word in ("misc", name)]
    for name in ("get_current_task", "probe_read_kernel", "snprintf", "get_current_comm", "send_signal", "loop", "redirect", "xdp_adjust_head"):
        questions += ["helper", "bpf_" + name, "for", "xdp"]
    sure = {key(record): record for record in ask(bpflens, *questions)[1]}
    is_never_wrong(ask(bpflens, *questions, preexec=keep_only("bpf", "net_admin"))[1], sure)


def test_whoever_lacks_one_needs_no_type_named_to_be_told(bpflens):
    told = one(bpflens, "map_type", "hash", preexec=keep_only())
    assert told["answer"] in ("yes", "not permitted")
    if told["answer"] != "yes":
        assert "CAP_BPF" in told["detail"]


# An ordinary user, and the setting


def setting():
    with open("/proc/sys/kernel/unprivileged_bpf_disabled") as file:
        return int(file.read())


@pytest.fixture
def change_setting():
    """A function that sets it, in guests; what it was is put back."""
    if not is_guest():
        pytest.skip("unprivileged_bpf_disabled is the machine's own")
    was = setting()

    def write(value):
        with open("/proc/sys/kernel/unprivileged_bpf_disabled", "w") as file:
            file.write(str(value))
    yield write
    write(was)


def test_an_ordinary_user_is_told_of_the_setting(public, nobody):
    value = setting()
    for name in ("hash", "array", "ringbuf"):
        told = one(public, "map_type", name, before=nobody)
        if value == 0:
            assert told["answer"] == "yes"
        else:
            assert told == {"kind": "map_type", "name": name, "answer": "not permitted", "errno": "EPERM", "reason": "unprivileged_bpf_disabled",
                            "detail": f"kernel.unprivileged_bpf_disabled is {value}; missing CAP_BPF", "found": "probe"}


def test_what_no_ordinary_user_may_is_a_matter_of_capabilities(public, nobody):
    assert one(public, "prog_type", "xdp", before=nobody)["reason"] == "capability"
    assert one(public, "map_type", "queue", before=nobody)["detail"] == "missing CAP_BPF"


@pytest.mark.parametrize("value", [0, 2])
def test_the_setting_decides_for_an_ordinary_user(public, nobody, change_setting, measure, value):
    change_setting(value)
    for thing in (("map_type", "array"), ("prog_type", "socket_filter")):
        told = one(public, *thing, before=nobody)
        assert (told["answer"], told.get("reason")) == (("yes", None) if value == 0 else ("not permitted", "unprivileged_bpf_disabled"))
    everything(public, measure, before=nobody)


def test_an_ordinary_user_gets_all_of_the_document(public, nobody, measure):
    records = everything(public, measure, before=nobody)
    if setting():
        assert "yes" not in {record["answer"] for record in bpf_records(records)}


# Filters


@pytest.mark.parametrize("code", ["EPERM", "ENOSYS", "EACCES", "EINVAL", "E2BIG", "ENOENT"])
def test_a_filter_is_told_from_the_kernel(bpflens, code):
    told = one(bpflens, "map_type", "hash", preexec=seccomp.forbid_bpf(getattr(errno, code)))
    if code == "E2BIG":  # which is what the kernel says to the call that tries the filter
        assert told["answer"] == "unknown"
        return
    assert told == {"kind": "map_type", "name": "hash", "answer": "not permitted", "errno": code, "reason": "seccomp",
                    "detail": f"a seccomp filter answers BPF_MAP_CREATE with {code}", "found": "probe"}


def test_a_filter_that_pretends_success_is_not_believed(bpflens):
    told = one(bpflens, "map_type", "hash", preexec=seccomp.forbid_bpf(0))
    assert (told["answer"], told["reason"]) == ("not permitted", "seccomp")
    assert "went well" in told["detail"]


@pytest.mark.parametrize(["action", "answer", "detail"], [
    (seccomp.ERRNO | errno.EPERM, "not permitted", "a seccomp filter answers perf_event_open(2) with EPERM"),
    (seccomp.ERRNO | errno.EACCES, "not permitted", "a seccomp filter answers perf_event_open(2) with EACCES"),
    (seccomp.ERRNO | errno.ENOSYS, "unknown", "this kernel has no perf_event_open(2), or a seccomp filter hides it"),
    (seccomp.ERRNO, "not permitted", "a seccomp filter does not carry out perf_event_open(2), and says that it went well"),
    (seccomp.TRAP, "not permitted", "a seccomp filter kills who calls perf_event_open(2)"),
])
def test_a_filter_before_counters_is_not_taken_for_a_capability_that_is_missing(bpflens, action, answer, detail):
    told = one(bpflens, "tracing", "hardware_counter", preexec=seccomp.filter_perf(action))
    assert (told["answer"], told["reason"], told["detail"]) == (answer, "seccomp", detail)


def test_profiling_behind_a_filter_does_not_ask_for_a_capability_that_is_there(kernel, bpflens):
    made = kernel.prog("xdp")
    result = bpflens.run("prog", "profile", "id", made.id, "duration", 1, "cpu_clock", preexec=seccomp.filter_perf(seccomp.ERRNO | errno.EPERM))
    assert result.rc == 1 and "hint: this process has the capability: a seccomp filter" in result.stderr


@pytest.mark.parametrize("action", [seccomp.TRAP, pytest.param(seccomp.KILL, marks=pytest.mark.slow_in_vm(reason="the kernel logs who was killed"))])
def test_a_filter_that_kills_is_told_of_by_who_lives_on(bpflens, action):
    told = one(bpflens, "prog_type", "xdp", preexec=seccomp.filter_bpf(action))
    assert (told["answer"], told["reason"]) == ("not permitted", "seccomp")
    assert told["detail"] == "a seccomp filter kills who calls BPF_PROG_LOAD"


def test_what_a_question_needs_not_is_not_called(bpflens):
    others = seccomp.filter_bpf(seccomp.TRAP, *(command for command in range(40) if command != MAP_CREATE))
    assert one(bpflens, "map_type", "hash", preexec=others)["answer"] == "yes"
    assert one(bpflens, "prog_type", "xdp", preexec=others)["reason"] == "seccomp"
    others = seccomp.filter_bpf(seccomp.TRAP, *(command for command in range(40) if command != PROG_LOAD))
    assert one(bpflens, "prog_type", "socket_filter", preexec=others)["answer"] == "yes"


@pytest.mark.parametrize("install", [
    seccomp.filter_bpf(seccomp.TRAP, PROG_LOAD),
    *(pytest.param(install, marks=pytest.mark.slow_in_vm(reason="everything is asked, and no kernel has a part in the answer")) for install in (
        seccomp.forbid_bpf(errno.EPERM), seccomp.forbid_bpf(errno.ENOSYS), seccomp.forbid_bpf(0), seccomp.filter_bpf(seccomp.TRAP),
        seccomp.filter_bpf(seccomp.ERRNO | errno.EINVAL, MAP_CREATE, BTF_LOAD)))],
    ids=["kills_loads", "eperm", "enosys", "success", "kills", "some_einval"])
def test_behind_a_filter_the_document_is_whole_and_right(bpflens, measure, install):
    records = everything(bpflens, measure, preexec=install)
    assert "seccomp" in {record.get("reason") for record in bpf_records(records)}


def test_a_filter_that_lets_bpf_pass_changes_nothing(bpflens):
    harmless = seccomp.filter_bpf(seccomp.ERRNO | errno.EPERM, 999)
    assert one(bpflens, "map_type", "hash", preexec=harmless)["answer"] == "yes"
    told = one(bpflens, "prog_type", "xdp", preexec=lambda: (harmless(), keep_only("bpf")()))
    assert (told["reason"], told["detail"]) == ("capability", "missing CAP_NET_ADMIN")


# User namespaces


def in_namespace(program):
    words = ["unshare", "-Ur", "--"]
    if program.run("version", before=words).rc:
        pytest.skip("makes no user namespace")
    return words


def test_capabilities_of_a_user_namespace_need_a_token(bpflens):
    words = in_namespace(bpflens)
    for thing in (("map_type", "queue"), ("prog_type", "xdp"), ("prog_type", "tracepoint")):
        told = one(bpflens, *thing, before=words)
        assert (told["answer"], told["errno"], told["reason"]) == ("not permitted", "EPERM", "user namespace")
        assert told["detail"] == "capabilities of a user namespace need a token, and no BPF file system gives one"


def test_in_a_user_namespace_the_document_is_whole_and_right(bpflens, measure):
    everything(bpflens, measure, before=in_namespace(bpflens))


# Memory


def test_the_memory_limit_is_the_reason_where_the_kernel_charges(bpflens):
    def limit():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
        keep_only("bpf", "net_admin", "perfmon")()
    told = one(bpflens, "map_type", "hash", preexec=limit)
    if told["answer"] == "yes":
        return
    assert tuple(map(int, os.uname().release.split(".")[:2])) < (5, 11), "no kernel charges it since then"
    assert (told["answer"], told["reason"]) == ("not permitted", "memory limit")
    assert told["detail"].endswith("which is 0 bytes")


def test_the_memory_limit_is_raised_where_that_is_allowed(bpflens):
    def limit():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    assert one(bpflens, "map_type", "hash", preexec=limit)["answer"] == "yes"


def charged(bpflens, limit, *words):
    """feature probe with so much memory that may be locked, and no right to have more: (exit status, the records)"""
    def prepare():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (limit, limit))
        keep_only("bpf", "net_admin", "perfmon", "sys_admin")()
    return ask(bpflens, *words, preexec=prepare)


def require_charge(bpflens):
    if charged(bpflens, 0, "map_type", "hash")[1][0]["answer"] == "yes":
        pytest.skip("charges no memory to RLIMIT_MEMLOCK")


# One page takes few objects, 64 KiB (what a user has, mostly) most, or all of them if those before are given back in time.
@pytest.mark.parametrize("limit", [0, 4096, 65536])
def test_with_little_memory_that_may_be_locked_no_answer_is_wrong(bpflens, measure, limit):
    require_charge(bpflens)
    records = is_never_wrong(charged(bpflens, limit)[1], measure)
    made = bpf_records(records)
    reasons = {record["reason"] for record in made if record["answer"] == "not permitted"}
    assert reasons == {"memory limit"} or (not reasons and limit == 65536)
    there = {record["name"] for record in made if record["answer"] == "yes"}
    assert limit or there <= {"struct_ops"}  # told by how the map is refused


@pytest.mark.parametrize("question", ["prog_type xdp", "map_type devmap", "map_type devmap_hash", "map_type ringbuf", "attach_type xdp_devmap", "link_type xdp",
                                      "helper bpf_map_lookup_elem", "helper bpf_loop for kprobe", "facility any_alignment", "misc program_size", "misc stack_size"])
def test_without_memory_that_may_be_locked_a_question_is_not_permitted_for_it(bpflens, question):
    require_charge(bpflens)
    status, (record,) = charged(bpflens, 0, *question.split())
    assert (status, record["answer"], record["reason"]) == (3, "not permitted", "memory limit")
    assert record["detail"] == "this kernel charges maps and programs to RLIMIT_MEMLOCK, which is 0 bytes"


# Files that are not there


def without(*paths):
    """Words that start a program where there is nothing at these paths, in a mount namespace of its own."""
    lines = [f"if [ -d {path} ]; then mount -t tmpfs none {path}; elif [ -e {path} ]; then mount --bind /dev/null {path}; fi" for path in paths]
    return ["unshare", "-m", "--propagation", "private", "sh", "-ec", "; ".join(lines) + '; exec "$@"', "sh"]


def test_without_a_configuration_no_option_is_a_no(bpflens):
    words = without("/boot", "/lib/modules", "/proc/config.gz")
    for option in ("CONFIG_BPF", "CONFIG_BPF_LIRC_MODE2", "CONFIG_NO_SUCH_THING_AT_ALL"):
        told = one(bpflens, "config", option, before=words)
        assert (told["answer"], told["reason"]) == ("unknown", "no kernel configuration")


@pytest.mark.parametrize("paths", [("/sys/kernel/btf",), ("/sys", "/proc"), *(pytest.param(paths, marks=pytest.mark.slow_in_vm(reason="everything is asked"))
                                   for paths in (("/boot", "/lib/modules", "/proc/config.gz"), ("/proc",), ("/sys",)))], ids=" ".join)
def test_without_files_the_document_is_whole_and_right(bpflens, measure, paths):
    records = everything(bpflens, measure, before=without(*paths))
    assert [record for record in bpf_records(records) if record["answer"] == "yes"]


def configured(private, text):
    """Words that start a program on a kernel whose configuration is this."""
    path = os.path.join(private, "config")
    with open(path, "w") as file:
        file.write(text)
    name = f"/boot/config-{os.uname().release}"
    return ["unshare", "-m", "--propagation", "private", "sh", "-ec", f'cp {path} /tmp/bpflens-config; mount -t tmpfs none /boot; mv /tmp/bpflens-config {name}; exec "$@"', "sh"]


def test_an_option_that_is_off_is_the_reason(bpflens, private):
    """Debian's kernels and the host's have no type of programs for infrared remote controls."""
    off = one(bpflens, "prog_type", "lirc_mode2", before=configured(private, "CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\n"))
    assert (off["answer"], off["reason"], off["detail"]) == ("no", "kernel configuration", "CONFIG_BPF_LIRC_MODE2 is not set")
    on = one(bpflens, "prog_type", "lirc_mode2", before=configured(private, "CONFIG_BPF=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_BPF_LIRC_MODE2=y\n"))
    assert (on["answer"], on["reason"], on.get("detail")) == ("no", "not built in", None)
    there = one(bpflens, "prog_type", "xdp", before=configured(private, "CONFIG_BPF=y\n"))
    assert (there["answer"], there.get("reason")) == ("yes", None), "what is there needs no option"


def test_options_that_are_on_are_never_blamed(bpflens, measure):
    """Of this kernel's own configuration, where it can be read: an option is blamed only if it is not set."""
    blamed = {record["detail"].removesuffix(" is not set") for record in measure.values()
              if record.get("reason") == "kernel configuration" and record.get("detail", "").endswith(" is not set")}
    for option in blamed:
        assert one(bpflens, "config", option)["answer"] == "no", option


def test_the_text_says_why_too(bpflens):
    result = bpflens.run("-o", "tsv", "feature", "probe", "map_type", "sockmap", preexec=keep_only("bpf"))
    head, row = (line.split("\t") for line in result.stdout.splitlines())
    told = dict(zip(head, row))
    assert (told["answer"], told["reason"]) == ("not permitted", "capability")
    assert json.loads(json.dumps(told))


# Tokens


DELEGATED = {"delegate_cmds": "map_create:prog_load:btf_load", "delegate_maps": "hash:array", "delegate_progs": "xdp:socket_filter",
             "delegate_attachs": "any"}


def mount_for(pid, fs):
    """What only the first user namespace may: it says what the file system delegates that the child is making."""
    for name in ("uid_map", "gid_map"):  # without them, it would have no capability once it has started the program
        with open(f"/proc/{pid}/{name}", "w") as file:
            file.write("0 0 1")
    own = system(434, pid, 0)  # pidfd_open
    fd = system(438, own, fs, 0)  # pidfd_getfd
    try:
        for name, words in DELEGATED.items():
            system(FSCONFIG, fd, SET_STRING, name.encode(), words.encode(), 0)
        system(FSCONFIG, fd, CREATE, None, None, 0)
    finally:
        os.close(fd)
        os.close(own)


def with_token(program, place, *words):
    """(exit status, records) of a process in a user namespace that has a BPF file system which delegates."""
    status, text = run_delegated(place, [program, "-o", "json", "feature", "probe", *words], mount_for, 1 << 24)
    return status, json.loads(text)


def test_a_token_lets_pass_what_it_delegates_and_no_more(program, place, measure):  # pylint: disable=redefined-outer-name
    status, records = with_token(program, place, "map_type", "hash", "prog_type", "xdp", "map_type", "queue", "prog_type", "sched_cls")
    assert [record["answer"] for record in records] == ["yes", "yes", "not permitted", "not permitted"]
    assert status == 3
    for record in records[2:]:
        assert record["reason"] == "user namespace"
        assert record["detail"].startswith(f"the token of {place} does not allow it")
    is_never_wrong(records, measure)


def test_with_a_token_no_answer_is_wrong(program, place, measure):  # pylint: disable=redefined-outer-name
    status, records = with_token(program, place)
    assert status == 0
    is_never_wrong(records, measure)
