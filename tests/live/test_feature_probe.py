# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe and feature list_builtins: bpftool's layouts byte for byte, questions, and what is left behind: nothing."""
import ctypes
import errno
import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import bpf
import btf
import features
import linkzoo
import netzoo
import pytest
import seccomp

LISTS = ("prog_types", "map_types", "attach_types", "link_types", "helpers")
CLONE_NEWNS = 0x20000


def said(program, *words, **how):
    """Standard output of a probe; a note on standard error is no failure."""
    result = program.run(*words, **how)
    assert result.rc == 0 and all(line.startswith(("note: ", "skipping kernel config")) for line in result.stderr.splitlines()), result
    return result.stdout


@pytest.fixture(scope="module")
def found(private, bpflens, peer):
    """The differences on this kernel; test_feature_matrix proves each."""
    return features.differences(features.document(bpflens, "-j"), features.document(peer, "-j"))


def again(words):
    """One more form of what a guest shows in another one."""
    return pytest.param(words, marks=pytest.mark.slow_in_vm(reason="the same answers in another form"))


# Byte for byte


@pytest.mark.parametrize("words", [*map(again, (
    ["feature", "probe"], ["feature", "p", "m", "p", "MY_"], ["feature"], ["f", "p", "k"], ["feature", "probe", "full"], ["feature", "probe", "macros"], ["feature", "probe", "f", "macros", "kernel"]))],
                         ids=" ".join)
def test_text_is_bpftools_but_for_what_it_says_wrongly(bpflens, peer, found, words):
    prefix = words[-1] if words[-1].endswith("_") else ""
    assert said(bpflens, *words) == features.corrected(said(peer, *words), found, prefix)


@pytest.mark.slow_in_vm(reason="test_feature_matrix compares JSON on each kernel")
@pytest.mark.parametrize("form", ["-j", "-p"])
@pytest.mark.parametrize("words", [["kernel"], ["full"], ["macros", "prefix", "X"]], ids=" ".join)
def test_json_is_bpftools_but_for_what_it_says_wrongly(kernel, bpflens, peer, form, words):
    ours, theirs = (program.run(form, "feature", "probe", *words) for program in (bpflens, peer))
    assert ours.rc == theirs.rc == 0
    wrong = features.prove(kernel, ours.json, theirs.json)
    text = theirs.stdout
    for (section, name), (here, there) in wrong.items():
        key = f'"have_{name}' + {"program_types": "_prog_type", "map_types": "_map_type"}[section] + '":' + " " * (form == "-p")
        text = text.replace(key + str(there).lower(), key + str(here).lower())
    assert ours.stdout == text


@pytest.mark.parametrize("form", [["-j"], *map(again, ([], ["macros"], ["-p"]))], ids=" ".join)
def test_without_privileges_nothing_is_there_and_a_note_says_why(bpflens, peer, form):
    options, words = [w for w in form if w[0] == "-"], [w for w in form if w[0] != "-"]
    ours = bpflens.run(*options, "feature", "probe", "unprivileged", *words)
    assert ours.stdout == said(peer, *options, "feature", "probe", "unprivileged", *words)
    with open("/proc/sys/kernel/unprivileged_bpf_disabled") as disabled:
        if "-j" in form or "-p" in form:
            assert not ours.err
        elif disabled.read().strip() != "0":
            assert re.fullmatch(r"note: (1 answer is|\d+ answers are) \"not permitted\" or \"unknown\", .* -o json says which, and why\n", ours.stderr), ours


@pytest.mark.parametrize("form", [[], *map(again, (["-j"], ["-p"], ["macros"], ["macros", "prefix", "V_"], ["full"]))], ids=" ".join)
def test_a_device_is_shown_as_bpftool_shows_it_but_for_what_the_verifier_takes(kernel, bpflens, peer, form):
    name = netzoo.pair(kernel)[0]
    options, words = [w for w in form if w[0] == "-"], [w for w in form if w[0] != "-"]
    ours, theirs = (said(program, *options, "feature", "probe", "dev", name, *words) for program in (bpflens, peer))
    plain = [program.run("-j", "feature", "probe", "d", name).json for program in (bpflens, peer)]
    wrong = features.prove(kernel, *plain)
    assert {key[0] for key in wrong} == {"misc"}, "bpftool asks a veth device for what is the verifier's"
    assert list(plain[0]) == [one for one in features.SECTIONS if one != "system_config"]
    if options:
        for (_, name_of), (here, there) in wrong.items():
            theirs = re.sub(rf'("have_{name_of}": ?){str(there).lower()}', rf"\g<1>{str(here).lower()}", theirs)
        assert ours == theirs
    else:
        assert ours == features.corrected(theirs, wrong, "V_" if "V_" in words else "")


@pytest.mark.slow_in_vm(reason="the same answers once more")
def test_another_network_namespace_has_bpftools_text(kernel, bpflens, peer, found):
    linkzoo.own_network(kernel)
    assert said(bpflens, "feature", "probe") == features.corrected(said(peer, "feature", "probe"), found)
    for one in bpflens.run("-o", "json", "feature", "probe", "setting", "bpf_jit_enable", "setting", "net.core.bpf_jit_limit").json:
        assert one["answer"] in ("yes", "unknown"), "a setting that is not told here is not missing"


ERRORS = [["foo"], ["kernel", "kernel"], ["dev"], ["dev", "nosuch"], ["dev", "lo", "kernel"], ["kernel", "dev", "lo"], ["prefix", "X"],
          ["macros", "prefix"], ["macros", "pref"], ["macros", "prefix", "A", "prefix", "B"], ["macros", "macros"], ["full", "full", "x"],
          ["m", "pr", "X_", "unpriv", "zz"], ["dev", ""], ["dev", "nosuch", "foo"], ["macros", "prefix", "A", "prefix"]]


@pytest.mark.slow_in_vm(reason="words and tables, which no kernel does differently")
@pytest.mark.parametrize("words", ERRORS, ids=" ".join)
def test_errors_are_bpftools_words_in_its_place(as_bpftool, bpflens, peer, words):
    for form in ([], ["-j"]):
        theirs = peer.run(*form, "feature", "probe", *words)
        ours = as_bpftool.run(*form, "feature", "probe", *words)
        assert ours.error == theirs.error and ours.rc == theirs.rc == 255
        own = bpflens.run(*form, "feature", "probe", *words)
        assert own.error == theirs.error and own.rc == (1 if "nosuch" in words or "" in words else 2)
        if not form:
            assert own.out == theirs.out == b""


@pytest.mark.parametrize("lacks", ["cap_bpf", *map(again, ("cap_sys_admin,cap_bpf,cap_net_admin,cap_perfmon", "cap_net_admin,cap_perfmon"))])
def test_without_a_capability_the_layouts_are_refused_and_questions_are_not(bpflens, peer, lacks):
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv")
    dropped = ",".join("-" + one.removeprefix("cap_") for one in lacks.split(","))
    before = ["setpriv", "--bounding-set", dropped, "--"]
    for form in ([], ["-j"]):
        ours, theirs = (program.run(*form, "feature", "probe", before=before) for program in (bpflens, peer))
        assert ours.error == theirs.error and ours.rc == 1 and theirs.rc == 255
        for name in lacks.upper().split(","):
            assert name in ours.error
    assert said(bpflens, "feature", "probe", "unprivileged", before=before).startswith("Scanning system configuration...\n")
    assert bpflens("-o", "json", "feature", "probe", "config", "BPF", "command", "bpf", before=before)


def test_an_ordinary_user_is_answered_what_may_be_asked(public, nobody):
    assert public.run("feature", "probe", before=nobody).rc == 1
    records = public("-o", "json", "feature", "probe", before=nobody)
    answers = {(one["kind"], one["name"], one.get("for")): one for one in records}
    with open("/proc/sys/kernel/unprivileged_bpf_disabled") as disabled:
        if disabled.read().strip() != "0":
            assert answers["command", "prog_load", None]["answer"] == "not permitted"
            assert answers["map_type", "hash", None]["answer"] == "not permitted"
    assert answers["command", "bpf", None]["answer"] == "yes"
    for one in records:
        assert not (one["answer"] == "no" and one.get("errno") == "EPERM" and one["found"] == "probe"), one


# Questions


QUESTIONS = [(["command", "bpf"], 0), (["command", "map_create", "command", "prog_load"], 0), (["setting", "kernel.kptr_restrict"], 0),
             (["setting", "kptr_restrict"], 0), (["kernel", "release"], 0), (["config", "NO_SUCH_OPTION"], 1),
             (["command", "map_create", "config", "CONFIG_NO_SUCH_OPTION"], 1)]


@pytest.mark.parametrize("words, rc", QUESTIONS, ids=lambda one: " ".join(one) if isinstance(one, list) else None)
def test_the_exit_status_answers(bpflens, words, rc):
    if "config" in words and not config_is_there():
        rc = 3
    records = bpflens.run("-o", "json", "feature", "probe", *words)
    assert records.rc == rc
    assert [one["kind"] for one in records.json] == words[::2]
    assert bpflens.run("feature", "probe", *words).rc == bpflens.run("-j", "feature", "probe", *words).rc == rc


def config_is_there():
    release = os.uname().release
    return any(os.path.exists(path) for path in (f"/boot/config-{release}", "/proc/config.gz", f"/lib/modules/{release}/config"))


WRONG = [(["command", "map_freez"], "did you mean 'map_freeze'?"), (["setting", "kptr_restric"], "did you mean 'kptr_restrict'?"),
         (["prog_typ", "xdp"], "did you mean 'prog_type'?"), (["confg", "BPF"], "did you mean 'config'?"), (["config", "a-b"], None),
         (["attach_type", "fentry"], "did you mean 'trace_fentry'?"), (["batch", "lookup"], "did you mean 'lookup_batch'?"),
         (["prog_type", "foo"], "'feature list_builtins prog_types' lists them"), (["facility", "foo"], "'-o tsv=kind,name feature probe' lists them"),
         (["facility"], "'-o tsv=kind,name feature probe' lists them"),
         (["config"], None), (["config", "CONFIG_"], None), (["helper", "bpf_loop", "for"], None), (["map_type", ""], None),
         (["macros", "config", "BPF"], None), (["config", "BPF", "for", "xdp"], None)]


@pytest.mark.slow_in_vm(reason="words and tables, which no kernel does differently")
@pytest.mark.parametrize("words, hint", WRONG, ids=lambda one: " ".join(one) if isinstance(one, list) else None)
def test_a_wrong_name_is_a_wrong_command_line_and_the_nearest_is_named(bpflens, words, hint):
    result = bpflens.run("feature", "probe", *words)
    assert result.rc == 2 and result.out == b""
    assert hint is None or f"hint: {hint}" in result.stderr


def test_json_has_no_note_beside_it(bpflens):
    """Scripts join both streams, and bpftool has none there either."""
    for options in (["-j"], ["-p"]):
        assert bpflens.run(*options, "feature", "probe", "unprivileged").err == b""


@pytest.mark.slow_in_vm(reason="signals reach the program, not the kernel")
@pytest.mark.parametrize("form", [["-j"], ["-o", "json"], ["-o", "jsonl"]], ids=" ".join)
def test_a_signal_ends_a_probe_in_order(program, form):
    seen = set()
    for ms in (20, 60, 120, 200, 400):
        with subprocess.Popen([program, *form, "feature", "probe", "full"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            time.sleep(ms / 1000)
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=60)
        seen.add(process.returncode)
        assert process.returncode in (0, 1) or (process.returncode == -signal.SIGTERM and not out)  # it came before the start
        documents = out.splitlines() if form == ["-o", "jsonl"] else [out] if out else []
        for document in documents:
            json.loads(document)
    assert seen & {0, 1}


def test_an_answer_of_no_ends_a_batch_unless_it_is_to_keep_going(bpflens):
    """And the rights that one line gave up are there in the next."""
    lines = b"feature probe unprivileged prog_type xdp\nfeature probe prog_type xdp helper bpf_redirect for kprobe\nfeature list_builtins link_types\n"
    result = bpflens.run("batch", "file", "-", input=lines)
    assert result.rc == 1 and result.stdout.startswith("prog_type xdp: ") and result.stdout.count("\n") == 1, result
    result = bpflens.run("batch", "file", "-", "keep-going", input=lines)
    assert result.rc == 1 and "prog_type xdp: yes" in result.stdout and "netns\n" in result.stdout, result


@pytest.mark.slow_in_vm(reason="words and tables, which no kernel does differently")
@pytest.mark.parametrize("words, hint", [(["prog_type"], "'feature list_builtins prog_types' lists them"), (["foo"], "say its kind and name: prog_type xdp")])
def test_a_question_that_is_none_is_told_what_one_looks_like(bpflens, words, hint):
    result = bpflens.run("feature", "probe", *words)
    assert result.rc == 2 and hint in result.stderr


def test_what_a_device_refuses_was_not_brought_by_a_release(bpflens):
    """The kernel has it all along."""
    result = bpflens.run("feature", "probe", "dev", "lo", "prog_type", "xdp")
    assert result.stdout == "prog_type xdp: no: refused: this device does not carry out such programs\n" and result.rc == 1


@pytest.mark.slow_in_vm(reason="words and tables, which no kernel does differently")
def test_a_word_of_ours_changes_no_abbreviation(bpflens, peer):
    for word in "kdfmu":
        ours, theirs = (program.run("feature", "probe", word, "zz") for program in (bpflens, peer))
        assert ours.error == theirs.error, word


def test_only_the_calls_that_answer_are_made(bpflens):
    for words in (["config", "BPF"], ["setting", "kptr_restrict"], ["kernel", "release"]):
        assert not [line for line in bpflens.traced("feature", "probe", *words)[1] if "bpf(" in line], words
    calls = [line for line in bpflens.traced("feature", "probe", "command", "map_freeze")[1] if "bpf(" in line]
    assert 1 <= len(calls) <= 2


# The configuration, by a second reader


def options():
    release = os.uname().release
    for path in (f"/boot/config-{release}", "/proc/config.gz"):
        if os.path.exists(path):
            with (gzip.open if path.endswith("gz") else open)(path, "rt") as file:
                return dict(line.rstrip("\n").split("=", 1) for line in file if line.startswith("CONFIG_"))
    pytest.skip("no configuration of the kernel")


def test_options_are_what_the_configuration_says(bpflens):
    declared = options()
    asked = list(declared)[::97] + ["CONFIG_NO_SUCH_OPTION"]
    words = [word for name in asked for word in ("config", name)]
    records = bpflens.run("-o", "json", "feature", "probe", *words)
    assert records.rc == 1
    for name, one in zip(asked, records.json, strict=True):
        assert one["name"] == name and one["found"] == "config"
        assert one.get("value") == (declared[name].strip('"') if name in declared else None)
    short = [word for name in asked for word in ("config", name.removeprefix("CONFIG_"))]
    assert bpflens.run("-o", "json", "feature", "probe", *short).json == records.json


def elsewhere(config):
    """For preexec: a mount namespace in which these bytes are the only configuration."""
    release = os.uname().release

    def change():
        assert not bpf.LIBC.unshare(CLONE_NEWNS)
        assert not bpf.LIBC.mount(b"none", b"/", None, ctypes.c_ulong(0x44000), None)
        for folder in ("/boot", f"/lib/modules/{release}", f"/usr/lib/modules/{release}"):
            if os.path.isdir(folder):
                assert not bpf.LIBC.mount(b"none", folder.encode(), b"tmpfs", ctypes.c_ulong(0), None)
        if config is None:
            if os.path.exists("/proc/config.gz"):
                assert not bpf.LIBC.mount(b"/dev/null", b"/proc/config.gz", None, ctypes.c_ulong(0x1000), None)
            return
        with open(f"/boot/config-{release}", "wb") as file:
            file.write(config)
        if os.path.exists("/proc/config.gz"):
            assert not bpf.LIBC.mount(b"/dev/null", b"/proc/config.gz", None, ctypes.c_ulong(0x1000), None)
    return change


@pytest.mark.slow_in_vm(reason="words and tables, which no kernel does differently")
@pytest.mark.parametrize("config", [None, b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00" + b"\xff" * 100, gzip.compress(b"hello\n"), b"\0" * 5000,
                                    gzip.compress(b"\n" * (64 << 20)), gzip.compress(b"CONFIG_BPF=y\n" * 50)[:-20]],
                         ids=["none", "empty", "head", "garbage", "text", "zeros", "bomb", "half"])
def test_without_a_configuration_options_are_unknown_and_not_missing(bpflens, config):
    here = elsewhere(config)
    result = bpflens.run("-o", "json", "feature", "probe", "config", "BPF", preexec=here)
    assert result.rc == 3
    assert [(one["answer"], one["reason"]) for one in result.json] == [("unknown", "no kernel configuration")]
    assert "skipping kernel config, can't open file: " in bpflens.run("feature", "probe", "unprivileged", preexec=here).stderr
    shown = bpflens.run("-j", "feature", "probe", "unprivileged", preexec=here)
    assert shown.rc == 0 and not shown.err
    assert not [key for key in shown.json["system_config"] if key.startswith("CONFIG_")]


@pytest.mark.slow_in_vm(reason="words and tables, which no kernel does differently")
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_configuration_is_read_line_by_line(bpflens, pack):
    text = b'# one\nCONFIG_HZ=100\nCONFIG_BPF=y\nCONFIG_BPF=m\nCONFIG_XFRM=n\n# CONFIG_NET is not set\nCONFIG_LSM="a,b"\nCONFIG_TEXT=""\nCONFIG_BPF_JI'
    words = [word for name in ("HZ", "BPF", "XFRM", "NET", "LSM", "TEXT", "BPF_JI", "BPF_JIT") for word in ("config", name)]
    result = bpflens.run("-o", "json", "feature", "probe", *words, preexec=elsewhere(pack(text)))
    assert result.rc == 1
    assert [one.get("value") for one in result.json] == ["100", "y", None, None, "a,b", "", None, None]
    macros = bpflens.run("feature", "probe", "unprivileged", "macros", "prefix", "P_", preexec=elsewhere(pack(text))).stdout
    assert "#define P_CONFIG_HZ 100\n" in macros


# Refusals


def test_where_bpf_is_hidden_there_are_two_sections_as_bpftool_has(bpflens, peer):
    for form in ([], ["-j"], ["-p"]):
        ours, theirs = (program.run(*form, "feature", "probe", preexec=seccomp.forbid_bpf(errno.ENOSYS)) for program in (bpflens, peer))
        assert ours.rc == theirs.rc == 0 and ours.stdout == theirs.stdout, form


def test_where_bpf_is_forbidden_nothing_is_called_missing(bpflens):
    result = bpflens.run("-o", "json", "feature", "probe", "command", "bpf", "command", "map_freeze", "map_type", "hash",
                         preexec=seccomp.forbid_bpf(errno.EPERM))
    assert result.rc == 3 and {one["answer"] for one in result.json} <= {"not permitted", "unknown"}, result


def test_a_batch_goes_on_with_its_capabilities(kernel, bpflens):
    """Given up for a probe that ends well, and for one that fails; a map is opened by its id with them alone."""
    made = kernel.map("array", name="goes_on")
    lines = f"feature probe unprivileged map_type hash\nmap show id {made.id}\nfeature probe unprivileged map_type nosuch\nmap show id {made.id}\n"
    done = bpflens.run("batch", "file", "-", "keep-going", input=lines.encode())
    assert done.stdout.count(f"{made.id}: array  name goes_on") == 2, done


# What is left behind


CALLS = "bpf,mount,move_mount,umount2,open,openat,openat2,creat,unlink,unlinkat,mkdir,mkdirat,write,pwrite64,writev"
HARMFUL = ("BPF_OBJ_PIN", "BPF_ENABLE_STATS", "BPF_LINK_DETACH", "BPF_PROG_DETACH", "BPF_MAP_UPDATE_BATCH")


@pytest.mark.parametrize("words", [["-o", "json", "feature", "probe", "command", "bpf"], *map(again, (
    ["feature", "probe"], ["-o", "json", "feature", "probe"], ["feature", "list_builtins", "helpers"], ["feature", "list_builtins", "kfuncs"]))],
                         ids=" ".join)
def test_nothing_is_written_mounted_pinned_or_attached(bpflens, words):
    _, trace = bpflens.traced(*words, calls=CALLS)
    for line in trace:
        call = re.match(r"\d+ +(\w+)\(", line)
        if not call:
            continue
        name, ended = call[1], not re.search(r"= -1 E|<unfinished", line)
        if name in ("open", "openat", "openat2"):
            assert "O_WRONLY" not in line and "O_RDWR" not in line and "O_CREAT" not in line, line
        elif name in ("write", "writev"):
            assert re.search(r"write\w*\([12],", line), line
        elif name == "bpf":
            assert not any(f"({one}," in line for one in HARMFUL if one != "BPF_MAP_UPDATE_BATCH"), line
            held = r"\(BPF_(LINK_CREATE|PROG_ATTACH|OBJ_PIN|ITER_CREATE|TOKEN_CREATE|LINK_UPDATE),"
            # The link of an iterator is at nothing until it is read.
            assert not (ended and re.search(held, line) and "attach_type=BPF_TRACE_ITER" not in line), line
        else:
            raise AssertionError(f"a probe has no business here: {line}")


def last_message():
    """The number of the newest line of the kernel's log."""
    try:
        with open("/dev/kmsg", "rb", buffering=0) as log:
            os.set_blocking(log.fileno(), False)
            os.lseek(log.fileno(), 0, os.SEEK_END)
            return None
    except OSError as failure:
        pytest.skip(f"needs the kernel's log: {failure}")


def test_the_kernels_log_has_no_line_more(bpflens):
    last_message()
    with open("/dev/kmsg", "rb", buffering=0) as log:
        os.set_blocking(log.fileno(), False)
        os.lseek(log.fileno(), 0, os.SEEK_END)
        bpflens.run("-j", "feature", "probe")
        bpflens.run("-o", "json", "feature", "probe", "helper", "bpf_trace_printk")
        lines = b""
        try:
            while part := os.read(log.fileno(), 8192):
                lines += part
        except BlockingIOError:
            pass
    assert not re.search(rb"bpftool|bpflens|trace_printk|probe_write_user", lines), lines


# Names


@pytest.mark.parametrize("form", ["-j", again(""), again("-p")])
@pytest.mark.parametrize("group", [*LISTS, *(pytest.param(word, marks=pytest.mark.slow_in_vm(reason="abbreviations"))
                                            for word in ("prog", "m", "a", "l", "h"))])
def test_names_are_bpftools(bpflens, peer, form, group):
    words = [*form.split(), "feature", "list_builtins", group]
    ours, theirs = bpflens.run(*words), peer.run(*words)
    assert ours.rc == 0 and ours.err == b""
    if form == "":
        assert ours.out.startswith(theirs.out), "a newer kernel adds at the end"
    else:
        assert ours.json[:len(theirs.json)] == theirs.json
        assert len(ours.json) > len(theirs.json) or ours.out == theirs.out


@pytest.mark.slow_in_vm(reason="words and tables, which no kernel does differently")
@pytest.mark.parametrize("words", [["foo"], ["prog_typess"], ["Helpers"]], ids=" ".join)
def test_another_list_is_an_error_in_bpftools_words(as_bpftool, bpflens, peer, words):
    for form in ([], ["-j"]):
        ours, theirs = (program.run(*form, "feature", "list_builtins", *words) for program in (as_bpftool, peer))
        assert ours.error == theirs.error and ours.rc == theirs.rc == 255
    assert bpflens.run("feature", "list_builtins", *words).rc == 2
    assert "'kfuncs' is known" in bpflens.run("feature", "list_builtins", "foo").stderr
    assert "\n  hint: GROUP is prog_types, map_types, " in bpflens.run("feature", "list_builtins").stderr
    assert "did you mean 'prog_types'?" in bpflens.run("feature", "list_builtins", "prog_typess").stderr


def test_records_of_names_have_the_kernels_numbers(bpflens):
    for group in LISTS:
        records, names = bpflens("-o", "json", "feature", "list_builtins", group), bpflens("-j", "feature", "list_builtins", group)
        assert [one["name"] for one in records] == names and [one["number"] for one in records] == list(range(len(names)))


def test_the_running_kernels_numbers_all_have_a_name(bpflens):
    types = btf.vmlinux()
    for group, enum, prefix in (("prog_types", "bpf_prog_type", "BPF_PROG_TYPE_"), ("map_types", "bpf_map_type", "BPF_MAP_TYPE_"),
                                ("attach_types", "bpf_attach_type", "BPF_"), ("link_types", "bpf_link_type", "BPF_LINK_TYPE_")):
        names = bpflens("-j", "feature", "list_builtins", group)
        for name, value in types.enumerators(types.find(btf.ENUM, enum)):
            if not name.startswith(("__", "MAX_")) and not name.endswith("_DEPRECATED"):
                assert names[value] == name.removeprefix(prefix).lower(), name


def tagged():
    """The functions that the kernel's BTF tags as kfuncs."""
    types = btf.vmlinux()
    found = set()
    for number in range(1, len(types.at)):
        if types.kind(number) == 17 and types.name(number) == "bpf_kfunc":
            target = int.from_bytes(types.blob[types.at[number] + 8:types.at[number] + 12], "little")
            found.add(types.name(target))
    return found


def test_kfuncs_are_those_that_the_kernel_tags(bpflens, public, nobody):
    there = tagged()
    result = bpflens.run("-j", "feature", "list_builtins", "kfuncs")
    if not there:
        assert result.rc == 1 and "kfuncs" in result.error
        assert "hint: the kernel's types" in bpflens.run("feature", "list_builtins", "kf").stderr
        return
    assert result.json == sorted(there)
    assert public("-j", "feature", "list_builtins", "kfuncs", before=nobody) == result.json


@pytest.mark.slow_in_vm(reason="names are ours")
def test_names_need_no_privilege(public, nobody):
    for group in LISTS:
        assert public("-j", "feature", "list_builtins", group, before=nobody)


# Completion


def offered(bpflens, *words):
    return bpflens("__complete", len(words), "--", "bpflens", *words).stdout.split()


def test_completion_offers_kinds_names_types_and_devices(bpflens):
    first = offered(bpflens, "feature", "probe", "")
    assert {"kernel", "dev", "full", "macros", "unprivileged", "prog_type", "helper", "config", "command"} <= set(first) and "prefix" not in first
    assert "prefix" in offered(bpflens, "feature", "probe", "macros", "")
    assert set(offered(bpflens, "feature", "probe", "dev", "")) == {name for _, name in socket.if_nameindex()}
    assert offered(bpflens, "feature", "probe", "prog_type", "sk_l") == ["sk_lookup"]
    assert offered(bpflens, "feature", "probe", "helper", "bpf_loo") == ["bpf_loop"]
    assert offered(bpflens, "feature", "probe", "helper", "bpf_loop", "for", "xd") == ["xdp"]
    assert offered(bpflens, "feature", "probe", "helper", "bpf_loop", "fo") == ["for"]
    assert offered(bpflens, "feature", "probe", "batch", "x", "for", "bloom") == ["bloom_filter"]
    assert "CONFIG_BPF_LSM" in offered(bpflens, "feature", "probe", "config", "CONFIG_BPF_")
    assert "BPF_LSM" in offered(bpflens, "feature", "probe", "config", "BPF_")
    assert "token_create" in offered(bpflens, "feature", "probe", "command", "")
    assert "bounded_loops" in offered(bpflens, "feature", "probe", "misc", "")
    for kind, name in (("instruction", "atomic_add"), ("facility", "spin_lock"), ("tracing", "uprobe_multi"), ("lsm", "landlock")):
        assert offered(bpflens, "feature", "probe", kind, name[:-1]) == [name]
    assert offered(bpflens, "feature", "diff", "x", "for", "xd") == ["xdp"] and offered(bpflens, "feature", "diff", "x", "for", "bloom") == ["bloom_filter"]
    assert offered(bpflens, "feature", "diff", "x", "kind", "btf") == ["btf_kind"]
    modules = [name for name in os.listdir("/sys/kernel/btf") if name != "vmlinux"] if os.path.isdir("/sys/kernel/btf") else []
    assert sorted(offered(bpflens, "feature", "probe", "module", "")) == sorted(modules)
    assert offered(bpflens, "feature", "list_builtins", "k") == ["kfuncs"]


@pytest.mark.slow_in_vm(reason="the pipe is closed for the program, whatever the kernel")
@pytest.mark.parametrize("words", [[], ["prog_type", "xdp"]], ids=["everything", "a question"])
@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "json"]], ids=lambda form: " ".join(form) or "plain")
def test_a_closed_pipe_is_no_answer(program, form, words):
    """Exit status 1 would say that something is missing; the program ends as any does whose reader is gone."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run([program, *form, "feature", "probe", *words], stdout=writing, stderr=subprocess.DEVNULL,
                               restore_signals=True, check=False)
    finally:
        os.close(writing)
    assert ended.returncode == -signal.SIGPIPE
