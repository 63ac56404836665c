# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The command line: options anywhere, abbreviations, help, version, what is not built, exit status."""
import os
import re

import pytest
from maker import unique
from runner import Program, parse_json

pytestmark = pytest.mark.slow_in_vm(reason="hundreds of starts; the kernel is hardly asked")

# bpftool's commands in the order in which abbreviations are tried.
TABLE = {
    "prog": "show list help dump pin load loadall attach detach tracelog run profile",
    "map": "show list help dump update lookup getnext delete pin event_pipe create peek push enqueue pop dequeue freeze",
    "link": "show list help pin detach",
    "cgroup": "show list tree attach detach help",
    "perf": "show list help",
    "net": "show list attach detach help",
    "feature": "probe list_builtins diff help",
    "btf": "show list help dump",
    "gen": "object skeleton subskeleton min_core_btf help",
    "struct_ops": "show list register unregister dump help",
    "iter": "help pin",
    "token": "show list help",
}
OBJECTS = ["help", "batch", *TABLE, "version"]
BUILT = {noun: tuple(TABLE[noun].split()) for noun in ("prog", "map", "link", "btf", "struct_ops", "iter", "token")}
LATER = [(noun, verb) for noun, verbs in TABLE.items() for verb in verbs.split()
         if verb != "help" and verb not in BUILT.get(noun, ())]


def later(result, noun, verb=""):
    """The command was understood and is not built yet; list is another word for show."""
    words = (noun, "show" if verb == "list" else verb)
    assert result.rc == 1 and "not built yet" in result.error, result
    assert all(word in result.error for word in words), result


def anywhere(words, option):
    return [words[:i] + option + words[i:] for i in range(len(words) + 1)]


# Options


@pytest.mark.slow_in_vm(reason="some hundred starts; the kernel is not asked")
@pytest.mark.parametrize("option", [["-j"], ["--json"], ["-p"], ["-o", "json"], ["--output=jsonl"], ["-n", "-j"]])
def test_options_may_stand_anywhere(kernel, bpflens, option):
    made = kernel.map("array", name="anywhere")
    for words in (["map", "show", "id", str(made.id)], ["map", "dump", "id", str(made.id)], ["m", "s", str(made.id)]):
        wanted = bpflens.run(*option, *words)
        assert wanted.rc == 0 and wanted.out
        for order in anywhere(words, option):
            assert bpflens.run(*order).out == wanted.out


def test_two_dashes_end_the_options(kernel, bpflens):
    made = kernel.map("array", name="dashes")
    assert bpflens("map", "show", "--", "id", made.id).out == bpflens("map", "show", "id", made.id).out
    assert "-j" in bpflens.run("map", "show", "name", "--", "-j").error
    assert bpflens.run("map", "show", "id", "--", "-1").rc in (1, 2)


@pytest.mark.parametrize("option", ["-n", "--nomount", "-d", "--debug", "-m", "--mapcompat", "-L", "--use-loader"])
def test_options_without_meaning_here_are_accepted(kernel, bpflens, option):
    made = kernel.map("array", name="accepted")
    result = bpflens("map", "show", "id", made.id)
    assert bpflens(option, "map", "show", "id", made.id).out == result.out


@pytest.mark.parametrize("options", [["-S"], ["--sign"], ["-k", "key.pem"], ["-i", "cert.pem"],
                                     ["-S", "-k", "key.pem", "-i", "cert.pem"]])
def test_signing_is_refused_with_words(bpflens, options):
    for form in ([], ["-j"]):
        result = bpflens.run(*form, *options, "prog", "list")
        assert result.rc in (1, 2) and "sign" in result.error.lower(), result


def test_base_btf_is_opened_and_checked(kernel, bpflens, private):
    junk = os.path.join(private, "junk")
    with open(junk, "wb") as file:
        file.write(b"this is not BTF, whatever its name says" * 10)
    made = kernel.map("array", name="based")
    whole = bpflens("map", "show", "id", made.id).out
    for option in (["-B", "{}"], ["--base-btf", "{}"], ["--base-btf={}"]):
        def given(path):
            return [word.format(path) for word in option]
        assert bpflens(*given("/sys/kernel/btf/vmlinux"), "map", "show", "id", made.id).out == whole
        for path in ("/nowhere/file", junk, private, "/dev/null"):
            result = bpflens.run(*given(path), "map", "show", "id", made.id)
            assert result.rc in (1, 2) and path in result.error and result.out == b"", (path, result)
            assert path in bpflens.run("-j", *given(path), "map", "show", "id", made.id).error
    assert "No such file or directory" in bpflens.run("-B", "/nowhere/file", "map", "list").error


@pytest.mark.parametrize("options", [["-x"], ["--nosuch"], ["-l"], ["-B"], ["-o"], ["--output"], ["--jsonx"]])
def test_an_unknown_option_is_a_wrong_command_line(bpflens, options):
    result = bpflens.run("prog", "list", *options)
    assert result.rc == 2 and result.out == b""
    assert options[0].strip("-") in result.error


def test_an_unknown_letter_among_others_is_the_one_that_is_named(bpflens):
    for words in (["prog", "list", "-xj"], ["-xj", "prog", "list"], ["prog", "-xn", "list"]):
        result = bpflens.run(*words)
        assert result.rc == 2 and re.search(r"'-(x|xj|xn)'", result.stderr), result
    assert "'-x'" in bpflens.run("prog", "list", "-jx").json["error"]


def test_options_are_read_from_left_to_right(bpflens):
    result = bpflens.run("-B", "/nowhere/file", "-j", "prog", "list")
    assert result.out == b"" and b"/nowhere/file" in result.err
    result = bpflens.run("-j", "-B", "/nowhere/file", "prog", "list")
    assert result.err == b"" and "/nowhere/file" in result.json["error"]


def test_with_posixly_correct_options_stand_before_the_first_word(bpflens):
    env = {"POSIXLY_CORRECT": "1"}
    assert bpflens.run("-j", "prog", "list", env=env).json is not None
    result = bpflens.run("prog", "list", "-j", env=env)
    assert result.rc == 2 and result.out == b"" and b"-j" in result.err


def test_long_options_may_be_abbreviated_as_long_as_they_are_clear(bpflens):
    assert bpflens.run("--ver").out == bpflens.run("--version").out
    assert bpflens.run("--he").out == bpflens.run("--help").out
    assert bpflens.run("--o", "json", "prog", "show", "id", "4294967295").out == b"[]\n"
    result = bpflens.run("--b", "/sys/kernel/btf/vmlinux", "prog", "list")  # --bpffs or --base-btf
    assert result.rc == 2 and "--b" in result.error


# Words


@pytest.mark.slow_in_vm(reason="hundreds of starts; the kernel is not asked")
def test_every_abbreviation_means_what_it_means_to_bpftool(bpflens):
    """The first command in the table that has the word as a prefix; those not built say which they would be."""
    for noun, verbs in TABLE.items():
        verbs = verbs.split()
        for verb in verbs:
            for end in range(1, len(verb) + 1):
                winner = next(v for v in verbs if v.startswith(verb[:end]))
                result = bpflens.run(noun, verb[:end], "help" if winner == "help" else "x")
                if (noun, winner) in LATER:
                    later(result, noun, winner)
                else:
                    assert "not built yet" not in result.stderr, (noun, verb[:end], winner)


@pytest.mark.slow_in_vm(reason="a hundred starts; the kernel is not asked")
def test_every_abbreviation_of_an_object_means_what_it_means_to_bpftool(bpflens):
    for noun in OBJECTS:
        for end in range(1, len(noun) + 1):
            winner = next(o for o in OBJECTS if o.startswith(noun[:end]))
            if winner in TABLE:
                other = bpflens.run(noun[:end], "help")
                assert other.rc == 0 and other.out == bpflens.run(winner, "help").out, (noun[:end], winner)


@pytest.mark.parametrize("noun, verb", LATER)
def test_a_command_of_bpftools_that_is_not_built_says_so(bpflens, noun, verb):
    later(bpflens.run(noun, verb, "x"), noun, verb)  # "x" means nothing: harmless on the day the command is built
    assert "not built yet" in bpflens.run("-j", noun, verb, "x").error


@pytest.mark.parametrize("words, typed, meant", [
    (["porg", "list"], "porg", "prog"), (["mpa"], "mpa", "map"), (["prog", "lsit"], "lsit", "list"),
    (["map", "dmup", "id", "1"], "dmup", "dump"), (["versoin"], "versoin", "version"), (["map", "shwo"], "shwo", "show")])
def test_a_mistyped_word_names_the_nearest(bpflens, words, typed, meant):
    result = bpflens.run(*words)
    assert result.rc == 2 and result.out == b""
    assert typed in result.stderr and re.search(rf"\b{meant}\b", result.stderr), result
    result = bpflens.run("-j", *words)
    assert result.rc == 2 and typed in result.error


@pytest.mark.parametrize("words", [
    ["prog", "show", "nosuch", "1"], ["map", "show", "nosuch", "1"], ["map", "dump", "nosuch", "1"], ["prog", "show", "id"],
    ["map", "show", "name"], ["map", "dump"], ["map", "dump", "id"], ["prog", "show", "id", "1", "2"],
    ["map", "dump", "id", "1", "extra"], ["map", "dump", "id", "1", "limit"], ["map", "dump", "id", "1", "limit", "many"],
    ["map", "dump", "id", "1", "limit", "-1"], ["map", "dump", "id", "1", "limit", "1x"]], ids=" ".join)
def test_a_missing_or_unknown_word_is_a_wrong_command_line(bpflens, words):
    for form in ([], ["-j"], ["-o", "json"]):
        result = bpflens.run(*form, *words)
        assert result.rc == 2 and result.error, result
        if form:
            assert result.out == b"" or parse_json(result.out) is None or result.error
        else:
            assert result.out == b""


@pytest.mark.parametrize("words", [[""], ["prog", ""], ["map", "dump", ""], ["map", "show", "id", ""], ["map", "dump", "id", "1", ""],
                                   ["batch", ""]])
def test_an_empty_word_is_an_error_and_not_the_first_of_a_list(bpflens, words):
    for form in ([], ["-j"], ["-o", "json"]):
        result = bpflens.run(*form, *words)
        assert result.rc == 2 and result.error, result


# Help


@pytest.mark.parametrize("words", [["help"], ["-h"], ["--help"], ["prog", "help"], ["map", "help"], ["link", "help"],
                                   ["btf", "help"], ["prog", "h"], ["map", "-h"]])
def test_help_that_was_asked_for_is_on_standard_output(bpflens, words):
    result = bpflens(*words)
    assert result.err == b"" and len(result.stdout.splitlines()) > 3
    assert "bpflens" in result.stdout


def test_help_tells_of_every_command(bpflens):
    text = bpflens("help").stdout
    assert all(re.search(rf"\b{noun}\b", text) for noun in TABLE)
    for noun, verbs in TABLE.items():
        text = bpflens(noun, "help").stdout
        assert all(re.search(rf"\b{verb}\b", text) for verb in verbs.split()), noun
    assert "limit" in bpflens("map", "help").stdout and "count" in bpflens("map", "help").stdout
    assert "--output" in bpflens("help").stdout


def test_help_wins_over_the_rest_of_the_command_line(bpflens):
    for words in (["-h", "-V"], ["-V", "-h"], ["-h", "nosuch"], ["prog", "list", "-h"]):
        assert bpflens(*words).out == bpflens("-h").out


def test_usage_after_a_mistake_is_on_standard_error(bpflens):
    result = bpflens.run("nosuch")
    assert (result.rc, result.out) == (2, b"") and result.err.startswith(b"Error: ")


def test_no_words_at_all_is_help(bpflens, as_bpftool):
    result = bpflens.run()
    assert result.rc in (0, 2) and b"prog" in result.out + result.err
    result = as_bpftool.run()
    assert result.rc == 0 and result.out == b"" and b"prog" in result.err
    assert as_bpftool.run("-j").stdout == "null\n"


# Version


def test_version_says_what_it_is_made_of(bpflens):
    for words in (["version"], ["-V"], ["--version"], ["v"], ["prog", "list", "-V"]):
        lines = bpflens(*words).stdout.splitlines()
        assert re.fullmatch(r"bpflens v\d+\.\d+\.\d+.*", lines[0]), lines
        assert any("libbpf" in line for line in lines[1:])
        assert any(line.startswith("features:") for line in lines)


def test_version_in_json_has_the_same_facts(bpflens):
    plain, said = bpflens("version").stdout, bpflens("-j", "version")
    assert said["version"] in plain.splitlines()[0]
    assert isinstance(said["libbpf_version"], str)
    assert said["features"] and all(type(value) is bool for value in said["features"].values())
    for name in ("libbfd", "llvm", "crypto", "skeletons", "bootstrap"):
        assert name in said["features"]
    on = {name for name, value in said["features"].items() if value}
    line = next(line for line in plain.splitlines() if line.startswith("features:"))
    assert on == set(line.removeprefix("features:").replace(",", " ").split())
    assert bpflens("-Vj") == said


# Exit status, and the name bpftool


def test_under_the_name_bpftool_every_failure_is_255(as_bpftool):
    for words in (["nosuch"], ["prog", "nosuch"], ["prog", "show", "id", "4294967295"], ["map", "dump", "id"], ["--nosuch"],
                  ["prog", "load", "x", "y"], ["-o", "nosuch", "prog"], ["prog", "show", "id", "1", "2"]):
        assert as_bpftool.run(*words).rc == 255, words
        assert as_bpftool.run("-j", *words).rc == 255, words
    assert as_bpftool.run("prog", "list").rc == 0


def test_the_name_may_come_from_the_caller_too(bpflens, private):
    renamed = Program(bpflens.path, "bpftool")
    assert renamed.run("nosuch").rc == 255
    assert Program(bpflens.path, "/usr/sbin/bpftool").run("nosuch").rc == 255
    assert Program(bpflens.path, "mybpftool").run("nosuch").rc == 2
    assert Program(bpflens.path, "/bpftool/bpflens").run("nosuch").rc == 2


def test_under_the_name_bpftool_the_version_is_the_one_it_stands_in_for(as_bpftool):
    for words in (["version"], ["-V"]):
        lines = as_bpftool(*words).stdout.splitlines()
        assert lines[0] == "bpftool v7.8.0"
        assert lines[1].startswith("using libbpf v") and lines[2].startswith("features:")
    assert as_bpftool("-j", "version")["version"] == "7.8.0"


def test_under_the_name_bpftool_help_is_on_standard_error(as_bpftool):
    for words in (["help"], ["-h"], ["prog", "help"], ["map", "help"]):
        result = as_bpftool.run(*words)
        assert (result.rc, result.out) == (0, b"") and result.err
        result = as_bpftool.run("-j", *words)
        assert (result.rc, result.out) == (0, b"null\n") and result.err


def test_under_the_name_bpftool_objects_are_shown_alike(kernel, bpflens, as_bpftool):
    made = kernel.prog("xdp", name=unique("al"), maps=[kernel.map("array")])
    for words in (["prog", "show", "id", made.id], ["-j", "prog", "show", "name", made.name],
                  ["-p", "map", "dump", "id", made.maps[0].id]):
        assert as_bpftool.run(*words).out == bpflens.run(*words).out


def test_failures_are_1_and_wrong_command_lines_2(bpflens):
    assert bpflens.run("prog", "list").rc == 0
    assert bpflens.run("prog", "show", "id", "4294967295").rc == 1
    assert bpflens.run("prog", "show", "id").rc == 2


def test_help_in_json_is_null_or_text_but_one_document(bpflens):
    for words in (["help"], ["prog", "help"], ["map", "help"]):
        result = bpflens.run("-j", *words)
        assert result.rc == 0 and parse_json(result.out) is None and result.err
