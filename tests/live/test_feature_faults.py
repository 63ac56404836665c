# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""`feature` with one system call or one allocation failing: whole documents, honest statuses, and no answer that the fault made."""
import collections
import os
import shutil

import pytest
from loadobjects import objects  # noqa: F401 - a fixture
from test_faults import allocator, told  # noqa: F401 - allocator is a fixture

pytestmark = pytest.mark.slow_in_vm(reason="a start for each call and each allocation; what fails is made up")

ERRORS = ["EPERM", "ENOMEM", "EAGAIN", "EINTR", "EMFILE"]
QUESTIONS = [
    "prog_type tracing", "prog_type struct_ops", "prog_type ext", "map_type array_of_maps", "map_type sk_storage", "map_type struct_ops",
    "map_flag mmapable", "batch lookup_batch for hash", "batch lookup_and_delete_batch", "helper bpf_seq_write for tracing", "helper bpf_seq_write",
    "helper bpf_lwt_seg6_action", "kfunc bpf_task_acquire for tracing", "kfunc bpf_sock_destroy for tracing", "kfunc bpf_task_acquire",
    "attach_type sk_skb_verdict", "attach_type sk_reuseport_select", "attach_type tcx_ingress", "attach_type struct_ops", "link_type iter",
    "link_type raw_tracepoint", "link_type sockmap", "command map_lookup_batch", "command link_detach", "misc functions", "misc call_frames",
    "misc program_size", "instruction gotox", "instruction pseudo_kfunc_call", "facility token", "facility timer", "facility tail_call_in_function",
    "btf_kind enum64", "iterator task", "struct_ops tcp_congestion_ops", "tracing uprobe_multi", "config BPF module none btf task_struct.pid",
]
CALLS_MOST = 10


def answers(records):
    return {(r["kind"], r["name"], r.get("for")): (r["answer"], r.get("reason")) for r in records}


def nothing_made_up(now, whole):
    """What the fault hit is not known; whatever is told for sure is what it is without the fault."""
    for thing, (answer, reason) in now.items():
        if answer in ("yes", "no"):
            assert whole[thing] == (answer, reason) or (answer == "yes" == whole[thing][0]), (thing, answer, reason, whole[thing])


def status_of(said):
    return 1 if "no" in said else 0 if said == {"yes"} else 3


def injected(trace):
    return any("INJECTED" in line for line in trace)


@pytest.mark.parametrize("error", ERRORS)
def test_a_question_of_which_a_call_fails_is_never_answered_by_the_failure(bpflens, error):
    for question in QUESTIONS:
        words = ["-o", "json", "feature", "probe", *question.split()]
        whole = answers(bpflens.run(*words).json)
        for count in range(1, CALLS_MOST):
            result, trace = bpflens.traced(*words, inject=f"bpf:error={error}:when={count}")
            if not injected(trace):
                break
            now = answers(result.json)
            nothing_made_up(now, whole)
            assert result.rc == status_of({answer for answer, _ in now.values()}), result


@pytest.mark.parametrize("question", ["facility private_stack", "misc stack_size", "misc functions", "misc call_frames", "helper bpf_loop for xdp"])
def test_who_refuses_for_good_with_the_errno_of_a_limit_does_not_make_the_limit(bpflens, question):
    """As a security module may, from some call on: the verifier says EACCES, too."""
    words = ["-o", "json", "feature", "probe", *question.split()]
    whole = bpflens.run(*words).json
    for first in range(1, CALLS_MOST):
        result, trace = bpflens.traced(*words, inject=f"bpf:error=EACCES:when={first}+")
        if not injected(trace):
            break
        nothing_made_up(answers(result.json), answers(whole))
        assert [one.get("value") for one in result.json if one["answer"] == "yes"] in ([], [one.get("value") for one in whole]), result


@pytest.mark.parametrize("error, when", [("EPERM", "3"), ("EPERM", "60+7"), ("ENOMEM", "30"), ("ENOMEM", "45+3"), ("EMFILE", "20+"),
                                         ("EAGAIN", "100+2"), ("EINTR", "400+5"), ("EPERM", "1+")])
def test_a_probe_of_everything_says_nothing_that_a_failing_call_made(bpflens, error, when):
    words = ["-o", "json", "feature", "probe"]
    whole = answers(bpflens.run(*words).json)
    result, trace = bpflens.traced(*words, inject=f"bpf:error={error}:when={when}")
    assert injected(trace) and result.rc == 0
    now = answers(result.json)
    nothing_made_up(now, whole)
    assert set(now) >= set(whole) or when == "1+"


@pytest.fixture
def no_modules(bpflens, tmp_path):
    """bpflens where the directory of modules' types may not be listed."""
    def run(*words):
        log = tmp_path / "trace"
        result = bpflens.run("-o", "json", "feature", "probe", *words, before=[
            "strace", "-f", "-qq", "-o", str(log), "-P", "/sys/kernel/btf/", "-e", "trace=openat", "-e", "inject=openat:error=EACCES"])
        if b"ptrace" in result.err:
            pytest.skip("needs permission to trace: " + result.stderr)
        assert injected(log.read_text().splitlines())
        return result
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        pytest.skip("needs the kernel's types")
    return run


def test_what_a_module_may_implement_is_unknown_where_modules_cannot_be_listed(no_modules):
    result = no_modules("struct_ops", "no_such_thing_anywhere")
    assert [(one["answer"], one["errno"]) for one in result.json] == [("unknown", "EACCES")]
    assert result.rc == 3


def test_modules_that_may_not_be_listed_hide_nothing_else(no_modules):
    result = no_modules()
    assert result.rc == 0
    told = {one["kind"] for one in result.json}
    assert "module" not in told and {"facility", "lsm"} <= told and result.json[-1]["name"] == "end"


def test_one_thread_finds_out_what_four_do(bpflens):
    """Where no more can be had, as under RLIMIT_NPROC, and where there is one CPU."""
    words = ["-o", "json", "feature", "probe"]
    whole = answers(bpflens.run(*words).json)
    alone, trace = bpflens.traced(*words, calls="clone,clone3", inject="clone,clone3:error=EAGAIN:when=1+")
    assert injected(trace) or len(os.sched_getaffinity(0)) == 1
    first = min(os.sched_getaffinity(0))
    on_one = bpflens.run(*words, preexec=lambda: os.sched_setaffinity(0, [first]))
    assert answers(alone.json) == whole == answers(on_one.json)


@pytest.fixture(scope="module")
def saved(private):
    """Two probes in files, of a few things."""
    paths = []
    for n, answer in enumerate(("yes", "no")):
        path = os.path.join(private, f"probe{n}.json")
        with open(path, "w", encoding="ascii") as file:
            file.write('[{"kind":"probe","name":"format","answer":"yes","value":"1"},'
                       f'{{"kind":"prog_type","name":"xdp","answer":"{answer}","found":"probe"}},'
                       '{"kind":"helper","name":"bpf_loop","for":"xdp","answer":"yes","found":"probe"},'
                       '{"kind":"probe","name":"end","answer":"yes","value":"2"}]')
        paths.append(path)
    return paths


ALLOCATES = {
    "types": "prog_type tracing map_type sk_storage", "helper": "helper bpf_seq_write for tracing", "kfunc": "kfunc bpf_sock_destroy for tracing",
    "config": "config BPF config HZ", "btf": "btf task_struct.pid btf no_such_thing", "misc": "misc functions instruction gotox facility timer",
    "attach": "attach_type trace_iter link_type iter iterator task struct_ops tcp_congestion_ops",
}


def runs_without_memory(bpflens, allocator, words, statuses):  # noqa: F811
    def run_with(count):
        with told() as came:
            result = bpflens.run("-o", "json", *words, env={"LD_PRELOAD": allocator, "FAIL_ALLOCATION": str(count)}, pass_fds=[99])
            return result, came()
    whole = bpflens.run("-o", "json", *words)
    seen = collections.Counter()
    for count in range(1, 2000):
        result, taken = run_with(count)
        if not taken:
            assert seen and result.out == whole.out, result
            return
        seen[result.rc] += 1
        assert result.rc in statuses, result
        yield result, whole
    pytest.fail("allocations without an end")


@pytest.mark.parametrize("what", ALLOCATES)
def test_a_question_of_which_an_allocation_fails_is_never_answered_by_the_failure(bpflens, allocator, what):  # noqa: F811
    for result, whole in runs_without_memory(bpflens, allocator, ["feature", "probe", *ALLOCATES[what].split()], (0, 1, 3)):
        nothing_made_up(answers(result.json or []), answers(whole.json))
        assert result.json or result.err


def test_a_comparison_of_which_an_allocation_fails_tells_no_other_difference(bpflens, allocator, saved):  # noqa: F811
    for result, whole in runs_without_memory(bpflens, allocator, ["feature", "diff", *saved], (0, 1, 3)):
        assert all(one in whole.json for one in result.json or []), result


def test_a_check_of_which_an_allocation_fails_finds_nothing_missing_that_is_there(bpflens, allocator, objects):  # noqa: F811
    path = objects("need_symbol")
    for result, whole in runs_without_memory(bpflens, allocator, ["feature", "check", path], (0, 1, 3)):
        missing = [(one["kind"], one["name"]) for one in whole.json if one["answer"] == "no"]
        assert all((one["kind"], one["name"]) in missing for one in result.json or [] if one["answer"] == "no"), result
