# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Completion: what the program offers for a word, and that bash gets it through the stub."""
import os
import re
import shutil
import subprocess

import bpf
import linkzoo
import pytest
from conftest import ROOT
from maker import unique
from runner import LIMIT

pytestmark = pytest.mark.slow_in_vm(reason="hundreds of starts; what is offered does not depend on the kernel")

STUB = os.path.join(ROOT, "bash-completion", "bpflens")
DRIVER = """
source "$1"; shift
compopt() { [[ $* == "-o default" ]] && echo "(files)"; }  # the shell has it during a completion alone
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
registered=$(complete -p bpflens) || exit 3
[[ $registered =~ -F\\ ([^ ]+) ]] || exit 4
"${BASH_REMATCH[1]}" bpflens "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
(( ${#COMPREPLY[@]} )) && printf '%s\\n' "${COMPREPLY[@]}"
true
"""


@pytest.fixture(scope="module", params=["__complete", "bash"])
def complete(request, bpflens, private):
    """complete(words...): what is offered for the last word, asked of the program, and asked of bash."""
    if request.param == "__complete":
        def ask(*words):
            result = bpflens.run("__complete", str(len(words)), "--", "bpflens", *words)
            assert (result.rc, result.err) == (0, b""), result
            return [line.rstrip() for line in result.stdout.splitlines()]
        ask.files = []
        return ask
    if not shutil.which("bash"):
        pytest.skip("needs bash")
    path = os.path.join(private, "bin")
    os.mkdir(path)
    os.symlink(bpflens.path, os.path.join(path, "bpflens"))

    def ask(*words):
        said = subprocess.run(["bash", "--norc", "--noprofile", "-c", DRIVER, "bash", STUB, "bpflens", *words],
                              capture_output=True, text=True, errors="surrogateescape", stdin=subprocess.DEVNULL,
                              env={**os.environ, "PATH": path + ":" + os.environ["PATH"]}, timeout=LIMIT)
        assert said.returncode == 0 and said.stderr == "", said
        return [line.rstrip() for line in said.stdout.splitlines()]
    ask.files = ["(files)"]
    return ask


def test_an_object_is_offered_by_its_beginning(complete):
    assert {"prog", "map", "link", "btf", "version", "help"} <= set(complete(""))
    assert set(complete("p")) == {"prog", "perf", "pin"}
    assert complete("ma") == ["map"]
    assert complete("x") == complete.files


def test_a_command_is_offered_by_its_beginning(complete):
    assert {"show", "list", "dump", "help"} <= set(complete("map", ""))
    assert {"dump", "delete", "dequeue"} == set(complete("map", "d"))
    assert complete("prog", "sh") == ["show"]


def test_the_ways_to_name_an_object_are_offered(complete):
    assert {"id", "tag", "name", "pinned"} <= set(complete("prog", "show", ""))
    for verb in ("show", "dump"):
        assert {"id", "name", "pinned"} <= set(complete("map", verb, ""))
        assert complete("map", verb, "na") == ["name"]
    assert "tag" not in complete("map", "show", "")
    assert {"id", "pinned"} <= set(complete("link", "detach", "")) and "name" not in complete("link", "show", "")


def test_ids_names_and_tags_of_living_objects_are_offered(kernel, complete):
    prog = kernel.prog("xdp", name=unique("cp"))
    made = kernel.map("array", name=unique("cm"))
    assert str(prog.id) in complete("prog", "show", "id", "")
    assert str(made.id) in complete("map", "dump", "id", "")
    assert str(made.id) in complete("map", "dump", "id", str(made.id)[:1])
    assert complete("prog", "show", "name", prog.name[:-1]) == [prog.name]
    assert complete("map", "show", "name", made.name[:-1]) == [made.name]
    assert all(re.fullmatch("[0-9a-f]{16}", tag) for tag in complete("prog", "show", "tag", ""))
    link = linkzoo.make(kernel, "raw_tracepoint")
    for verb in ("show", "pin", "detach"):
        assert str(link.id) in complete("link", verb, "id", "")
    kernel.close()
    assert str(made.id) not in complete("map", "dump", "id", "")


def test_paths_are_offered_by_the_program_or_left_to_the_shell(kernel, complete):
    path = kernel.pin(kernel.map("array"), name="completed_pin")
    assert complete("map", "show", "pinned", path[:-4]) in ([path], complete.files)


def test_a_file_of_elements_is_offered(complete, tmp_path):
    path = str(tmp_path / "elements.json")
    open(path, "w").close()
    assert complete("map", "update", "id", "1", "from", path[:-4]) in ([path], complete.files)


def test_options_and_forms_are_offered(complete):
    offered = complete("-")
    assert {"--json", "--pretty", "--output", "--help", "--version"} <= set(offered)
    assert complete("--js") == ["--json"]
    assert {"json", "jsonl", "table", "tsv"} <= {word.rstrip("=") for word in complete("-o", "")}


def test_words_are_offered_after_options(complete):
    assert complete("-j", "prog", "sh") == ["show"]
    assert complete("-o", "json", "prog", "sh") == ["show"]
    assert complete("prog", "-p", "sh") == ["show"]
    assert complete("-B", "/sys/kernel/btf/vmlinux", "map", "du") == ["dump"]


def test_abbreviated_words_are_understood(complete):
    assert complete("p", "sh") == ["show"]
    assert {"id", "name", "pinned"} <= set(complete("m", "d", ""))


def test_the_words_after_a_map_are_offered(complete):
    assert {"limit", "count"} <= set(complete("map", "dump", "id", "1", ""))


def test_the_words_of_a_new_map_and_of_an_element_are_offered(complete):
    assert {"type", "key", "value", "entries", "name", "flags", "inner_map", "btf", "numa"} <= set(complete("map", "create", "/x", ""))
    assert complete("map", "create", "/x", "type", "lpm") == ["lpm_trie"]
    assert {"id", "name", "pinned"} == set(complete("map", "create", "/x", "type", "hash_of_maps", "inner_map", ""))
    assert {"key", "value", "hex", "from", "any", "exist", "noexist", "cpu", "typed"} == set(complete("map", "update", "id", "1", ""))
    assert complete("map", "delete", "id", "1", "k") == ["key"]
    assert {"id", "tag", "name", "pinned"} <= set(complete("prog", "pin", ""))


def test_the_words_of_a_dump_of_code_are_offered(complete, tmp_path):
    assert complete("prog", "dump", "x") == ["xlated"] and set(complete("prog", "dump", "")) == {"xlated", "jited", "both"}
    assert {"id", "tag", "name", "pinned"} == set(complete("prog", "dump", "xlated", ""))
    assert {"file", "opcodes", "visual", "linum", "mermaid", "names", "syntax"} <= set(complete("prog", "dump", "xlated", "id", "1", ""))
    assert {"kernel", "asm"} == set(complete("prog", "dump", "xlated", "id", "1", "syntax", ""))
    (tmp_path / "somewhere").write_text("")
    path = str(tmp_path / "some")
    assert complete("prog", "dump", "xlated", "id", "1", "file", path) in ([path + "where"], complete.files)


@pytest.mark.parametrize("words", [["nosuch", ""], ["prog", "nosuch", ""], ["map", "show", "id", "1", "2", "3", ""],
                                   ["\x1b[31m"], ["map", "show", "name", "\udcff\udcfe"], ["-j"] * 50 + ["p"],
                                   ["map", "show", "name", "*"], ["map", "show", "name", "$(false)"],
                                   ["--", ""], ["map", "dump", "pinned", "/nowhere/"], ["-B", "/nowhere/x", "map", ""]])
def test_strange_words_are_no_failure(complete, words):
    for word in complete(*words):
        assert "\x1b" not in word and "rror" not in word


@pytest.mark.parametrize("args", [[], ["0"], ["0", "--"], ["1", "--"], ["9", "--", "bpflens", "map"],
                                  ["-1", "--", "bpflens"], ["x", "--", "bpflens"],
                                  ["4294967297", "--", "bpflens", "m"], ["1", "bpflens", "m"]])
def test_a_wrong_index_is_no_crash(bpflens, args):
    result = bpflens.run("__complete", *args)
    assert result.rc in (0, 1, 2) and len(result.out) < 10000


def test_an_ordinary_user_gets_words_and_no_errors(kernel, public, nobody):
    kernel.map("array", name="hidden_from_him")
    result = public.run("__complete", "2", "--", "bpflens", "map", "d", before=nobody)
    assert result.rc == 0 and b"dump" in result.out
    result = public.run("__complete", "4", "--", "bpflens", "map", "show", "id", "", before=nobody)
    assert (result.rc, result.out, result.err) == (0, b"", b"")


def test_the_stub_is_small_and_asks_the_program():
    with open(STUB) as file:
        text = file.read()
    assert "__complete" in text and len(text.splitlines()) < 30


def test_a_source_of_types_is_offered_word_by_word(kernel, complete, tmp_path):
    made = kernel.map("hash", name=unique("co"))
    path = tmp_path / "some_types"
    path.write_bytes(b"")
    assert complete("btf", "du") == ["dump"]
    assert {"id", "prog", "map", "file", "vmlinux"} == set(complete("btf", "dump", ""))
    assert complete("btf", "dump", "map", "name", made.name) == [made.name]
    after = {"format", "root_id", "unsorted"}
    assert after | {"key", "value", "kv", "all"} <= set(complete("btf", "dump", "map", "id", str(made.id), ""))
    assert after <= set(complete("btf", "dump", "map", "id", str(made.id), "all", "")) and complete("btf", "dump", "id", "1", "r") == ["root_id"]
    assert complete("btf", "dump", "file", str(path)[:-3]) == [str(path)]
    assert after | {"file"} <= set(complete("btf", "dump", "file", str(path), ""))
    assert complete("btf", "dump", str(path)[:-3]) == [str(path)]


def test_the_forms_of_a_dump_of_types_are_offered(complete):
    assert set(complete("btf", "dump", "vmlinux", "format", "")) == {"raw", "c"}
    assert complete("btf", "dump", "vmlinux", "format", "r") == ["raw"]
    assert {"unsorted", "guard"} <= set(complete("btf", "dump", "vmlinux", "format", "c", ""))


def test_the_sources_of_a_search_and_of_a_comparison_are_offered(kernel, complete, tmp_path):
    made, sources = kernel.map("hash", name=unique("co")), {"id", "prog", "map", "file", "vmlinux"}
    path = tmp_path / "some_types"
    path.write_bytes(b"")
    file = ([str(path)], complete.files)
    assert complete("btf", "f") == ["find"] and complete("btf", "di") == ["diff"]
    assert sources == set(complete("btf", "find", "task_struct", ""))
    assert sources == set(complete("btf", "find", "task_struct", "vmlinux", ""))
    assert complete("btf", "find", "x", "file", str(path)[:-3]) in file
    assert complete("btf", "find", "x", "vmlinux", "map", "name", made.name[:-1]) == [made.name]
    assert sources | {"key", "value"} <= set(complete("btf", "find", "x", "map", "id", str(made.id), ""))
    assert sources == set(complete("btf", "diff", "")) == set(complete("btf", "diff", "vmlinux", ""))
    assert complete("btf", "diff", "vmlinux", "file", str(path)[:-3]) in file
    assert {"name", "check", "old-base", "new-base"} == set(complete("btf", "diff", "vmlinux", "file", str(path), ""))
    assert complete("btf", "diff", "vmlinux", "vmlinux", "old-base", str(path)[:-3]) in file


def test_ids_of_btf_are_offered(kernel, complete):
    number = str(bpf.info(kernel.int_btf()[0], bpf.BtfInfo()).id)
    for words in (["show"], ["show", "id"], ["dump", "id"]):
        assert number in complete("btf", *words, number)
    assert "no-owners" in complete("btf", "show", "")


def test_network_devices_of_this_namespace_are_offered(kernel, complete):
    kernel.netns()
    for words in (["prog", "load", "a.o", "/x"], ["prog", "loadall", "a.o", "/x"], ["map", "create", "/x"]):
        for word in ("dev", "offload_dev", *(["xdpmeta_dev"] if words[0] == "prog" else [])):
            assert complete(*words, word, "") == ["lo"]
            assert complete(*words, word, "l") == ["lo"]
            assert complete(*words, word, "nosuch") == complete.files
            assert "offload_dev" in complete(*words, word, "lo", "")
