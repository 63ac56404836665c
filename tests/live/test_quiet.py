# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Commands that read change nothing: the system calls of every command that is built."""
import re
import resource

import bpf
import btf
import linkzoo
import pytest
import zoo

CALLS = ("bpf,mount,fsmount,fsopen,move_mount,mount_setattr,umount2,open,openat,openat2,creat,unlink,unlinkat,mkdir,mkdirat,rename,"
         "renameat2,socket,setrlimit,prlimit64,sched_setaffinity,setns,unshare,perf_event_open,fork,vfork,clone3,execve,kill")
READS = {"BPF_PROG_GET_NEXT_ID", "BPF_MAP_GET_NEXT_ID", "BPF_PROG_GET_FD_BY_ID", "BPF_MAP_GET_FD_BY_ID", "BPF_BTF_GET_FD_BY_ID", "BPF_BTF_GET_NEXT_ID",
         "BPF_OBJ_GET_INFO_BY_FD", "BPF_OBJ_GET", "BPF_MAP_LOOKUP_ELEM", "BPF_MAP_LOOKUP_BATCH", "BPF_MAP_GET_NEXT_KEY",
         "BPF_LINK_GET_NEXT_ID", "BPF_LINK_GET_FD_BY_ID", "BPF_PROG_QUERY"}
OTHER_FORMS = [["-j"], ["-p"], ["-o", "jsonl"], ["-o", "table"], ["-o", "tsv=id"]]
FORMS = [[], ["-o", "json"]] + [pytest.param(form, marks=pytest.mark.slow_in_vm(reason="one form reads what the other reads"))
                               for form in OTHER_FORMS]


def quiet(trace):
    """Nothing in the trace but reading; the names of the bpf commands in it."""
    commands = set()
    for line in trace:
        if " --- " in line or line.endswith("+++"):  # no call: a signal, an end
            continue
        name = re.match(r"\d+ +(?:<\.\.\. )?(\w+)", line)[1]
        if name == "execve" or " resumed>" in line:  # the start of the program itself; the end of a call seen before
            continue
        if name == "bpf":
            command = re.search(r"BPF_[A-Z_]+", line)
            if command:
                assert command[0] in READS, line
                commands.add(command[0])
        elif name in ("open", "openat", "openat2"):
            assert "O_RDONLY" in line and "O_CREAT" not in line and "O_TRUNC" not in line, line
        elif name == "socket":  # to ask for a device's name and program
            assert re.search(r"AF_UNIX|AF_INET|AF_NETLINK", line) and "INJECTED" not in line, line
        elif name == "clone3" and "CLONE_THREAD" in line:  # owners are looked for by several
            continue
        elif name in ("setrlimit", "prlimit64"):  # asked for; or a child of its own that may not take long
            assert name == "prlimit64" and re.search(r"RLIMIT_\w+, NULL,|\(0, RLIMIT_(CORE|CPU), {.*}, NULL\)", line), line
        else:
            raise AssertionError(f"a command that reads has no business here: {line}")
    return commands


@pytest.fixture
def things(kernel, tmp_path):
    made = [zoo.make(kernel, kind) for kind in ("hash", "percpu_array", "array_of_maps", "devmap", "queue", "prog_array")]
    prog = kernel.named_prog("a_program_with_a_very_long_name", maps=[])
    btf_id = bpf.prog_info(prog.fd)[0].btf_id
    types = tmp_path / "types"
    types.write_bytes(btf.every_kind().blob())
    links = [linkzoo.make(kernel, kind) for kind in ("raw_tracepoint", "event_dummy", "cgroup_ingress", "iter_task", "xdp")]
    return [*[["link", "show", "id", one.id] for one in links], ["link", "show", "pinned", kernel.pin(links[0])], ["link"], ["link", "list"],
            ["prog", "show", "id", prog.id], ["prog", "show", "name", "a_program_with_a_very_long_name"],
            ["prog", "show", "pinned", kernel.pin(prog)], ["map", "show", "pinned", kernel.pin(made[0])],
            ["prog", "list"], ["map", "list"], ["prog"], ["map"], ["btf", "list"], ["btf", "show", "id", btf_id],
            ["btf", "dump", "id", btf_id], ["btf", "dump", "prog", "id", prog.id], ["btf", "dump", "file", types, "file", types],
            ["prog", "dump", "xlated", "id", prog.id], ["prog", "dump", "xlated", "name", "a_program_with_a_very_long_name", "names"],
            ["prog", "dump", "xlated", "pinned", kernel.pin(prog), "linum"],
            *[["prog", "dump", what, "id", prog.id, "linum"] for what in ("jited", "both")], ["prog", "dump", "jited", "name", prog.name],
            *[["map", "dump", "id", one.id] for one in made], ["map", "dump", "id", made[0].id, "count"],
            ["map", "dump", "id", made[0].id, "limit", 1], ["map", "dump", "pinned", kernel.pin(made[1])],
            ["map", "lookup", "id", made[0].id, "key", 1, 2, 3, 4], ["map", "peek", "id", made[4].id],
            ["map", "lookup", "id", made[1].id, "key", 1, 0, 0, 0], ["map", "getnext", "id", made[0].id]]


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_lists_and_dumps_only_read(things, bpflens, form):
    if form[1:] == ["tsv=id"]:
        things = [words for words in things if words[1:2] in ([], ["show"], ["list"])]
    seen = set()
    for words in things:
        result, trace = bpflens.traced(*form, *words, calls=CALLS)
        assert result.rc in (0, 1) and trace
        seen |= quiet(trace)
    assert "BPF_OBJ_GET_INFO_BY_FD" in seen and "BPF_OBJ_GET" in seen, "the trace must show what was done"


@pytest.mark.parametrize("words", [["version"], ["-j", "version"], ["help"], ["prog", "help"], ["nosuch"], ["prog", "load", "x", "y"],
                                   ["__complete", "1", "--", "bpflens", "ma"], ["batch", "file", "-"],
                                   ["prog", "show", "name", "no_such_program"], ["-B", "/sys/kernel/btf/vmlinux", "prog", "list"],
                                   ["btf", "find", "task_struct.pid"], ["btf", "diff", "vmlinux", "vmlinux", "name", "list_head"],
                                   ["btf", "dump", "vmlinux", "name", "list_head"]])
def test_other_commands_only_read(bpflens, words):
    result, trace = bpflens.traced(*words, calls=CALLS)
    assert result.rc in (0, 1, 2)
    commands = quiet(trace)
    if words[0] in ("version", "help", "nosuch"):
        assert not commands


def test_completion_of_ids_and_names_only_reads(kernel, bpflens):
    made = kernel.map("array", name="quietly")
    for last in ("id", "name", "pinned"):
        result, trace = bpflens.traced("__complete", "4", "--", "bpflens", "map", "show", last, "", calls=CALLS)
        quiet(trace)
        assert last == "pinned" or str(made.id).encode() in result.out or b"quietly" in result.out


@pytest.mark.slow_in_vm(reason="traces every call")
def test_maps_are_opened_for_reading_alone(things, bpflens):
    for words in things:
        _, trace = bpflens.traced(*words)
        opened = [line for line in trace if "BPF_MAP_GET_FD_BY_ID" in line]
        assert all("BPF_F_RDONLY" in line for line in opened), opened
        got = [line for line in trace if "BPF_OBJ_GET," in line and words[0] == "map"]
        assert all("BPF_F_RDONLY" in line for line in got), got
        assert words[:2] not in (["map", "list"], ["map", "dump"]) or opened or got


def test_a_listing_closes_what_it_opens(kernel, bpflens):
    """With a handful of descriptors allowed, a hundred objects can be listed."""
    made = {kernel.prog("xdp", name="closed").id for _ in range(100)}
    held = {kernel.map("array", name="closed").id for _ in range(100)}

    def limited():
        resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))
    assert made <= {one["id"] for one in bpflens("-j", "prog", "list", preexec=limited)}
    assert held <= {one["id"] for one in bpflens("-j", "map", "list", preexec=limited)}


def test_the_library_cache_and_proc_are_all_that_is_opened(kernel, bpflens):
    """A plain listing looks at no file but shared libraries, the locale, the time zone, descriptors and their owners."""
    kernel.prog("xdp", name="few_files", maps=[kernel.map("array")])
    for noun in ("prog", "map"):
        _, trace = bpflens.traced(noun, "list", calls="open,openat,openat2")
        for line in (one for one in trace if "resumed>" not in one and "+++" not in one):
            path = re.search(r'"([^"]*)"', line)[1]
            assert re.match(r"/etc/ld\.so|/lib|/usr/lib|/etc/localtime|/usr/share/zoneinfo|/usr/share/locale|"
                            r"/proc$|\d+/(fd|fdinfo|comm)$|/proc/self/fdinfo|/sys/devices/system/cpu/possible|\d+$", path), line


def test_nothing_is_left_behind(kernel, bpflens):
    kernel.prog("xdp", name="before", maps=[kernel.map("array")])
    with open("/proc/self/mounts") as file:
        mounts = file.read()
    with open("/proc/sys/kernel/bpf_stats_enabled") as file:
        stats = file.read()
    bpflens("prog", "list"), bpflens("map", "list"), bpflens("-j", "prog"), bpflens("link", "list")
    with open("/proc/self/mounts") as file:
        assert file.read() == mounts
    with open("/proc/sys/kernel/bpf_stats_enabled") as file:
        assert file.read() == stats
