# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Forms of output: compact and pretty JSON, the strict forms, tables, colours."""
import json
import re

import bpf
import progzoo
import pytest
import reader
import zoo
from maker import unique
from runner import compact, only, parse_json, pretty

pytestmark = pytest.mark.slow_in_vm(reason="forms of output; no kernel has a say in them")

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PROG_COLUMNS = ["id", "type", "name", "tag", "loaded_at", "uid", "memory", "map_ids"]
MAP_COLUMNS = ["id", "type", "name", "key", "value", "max_entries", "memory", "flags"]


def heading(text):
    return text.splitlines()[0]


def rows(text, form):
    """The rows below the heading, as lists of cells."""
    split = (lambda line: line.split("\t")) if form == "tsv" else str.split
    return [split(line) for line in text.splitlines()[1:]]


# JSON


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_compact_json_has_no_space_and_pretty_json_is_indented(kernel, bpflens, noun):
    name = unique("w")
    kernel.prog("xdp", name=name, maps=[kernel.map("array", name=name)])
    for words in ([noun, "show", "name", name], [noun, "list"]):
        result = bpflens.run("-j", *words)
        assert result.stdout == compact(result.json)
        result = bpflens.run("-p", *words)
        assert result.stdout == pretty(result.json)


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_an_option_for_json_may_be_spelt_in_any_way(kernel, bpflens, noun):
    words = [noun, "show", "name", unique("sp")]
    kernel.prog("xdp", name=words[-1], maps=[kernel.map("array", name=words[-1])])
    compact_text, pretty_text = bpflens.run("-j", *words).out, bpflens.run("-p", *words).out
    for option in ("-j", "--json", "--js", "-jn", "-nj"):
        assert bpflens.run(option, *words).out == compact_text
    for options in (["-p"], ["--pretty"], ["-jp"], ["-pj"], ["-j", "-p"], ["-p", "-j"], ["--json", "--pretty"]):
        assert bpflens.run(*options, *words).out == pretty_text


def test_jsonl_is_one_complete_record_a_line(kernel, bpflens):
    made = [kernel.prog("xdp", name="lines").id for _ in range(3)]
    lines = bpflens.run("-o", "jsonl", "prog", "list").stdout.splitlines()
    records = [parse_json(line + "\n") for line in lines]
    assert [one["id"] for one in only(records, made)] == made
    assert only(records, made) == only(bpflens("-o", "json", "prog", "list"), made)


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_the_strict_form_never_changes_a_keys_type(kernel, bpflens, noun):
    for kind in ("xdp", "tracing", "socket_filter"):
        progzoo.make(kernel, kind)
    for kind in ("hash", "prog_array", "queue", "sk_storage"):
        zoo.make(kernel, kind)
    kinds = {}
    for record in bpflens("-o", "json", noun, "list"):
        assert isinstance(record["type"], str) and type(record["type_id"]) is int
        for key, value in record.items():
            assert kinds.setdefault(key, type(value)) is type(value), key


@pytest.mark.parametrize("words", [["prog", "show"], ["map", "show"], ["map", "dump"]])
def test_the_option_for_the_form_may_be_spelt_in_any_way(kernel, bpflens, words):
    words = words + ["name", unique("forms")]
    kernel.prog("xdp", name=words[-1], maps=[kernel.map("array", name=words[-1])])
    text = json.dumps(bpflens("-o", "json", *words))
    for options in (["--output", "json"], ["--output=json"], ["-ojson"]):
        assert json.dumps(bpflens.run(*options, *words).json) == text


# Tables


def test_default_columns_are_the_main_facts(kernel, bpflens):
    name = unique("cols")
    made = kernel.prog("xdp", name=name, maps=[kernel.map("hash", name=name)])
    for noun, columns in (("prog", PROG_COLUMNS), ("map", MAP_COLUMNS)):
        for form in ("tsv", "table"):
            assert heading(bpflens("-o", form, noun, "show", "name", name).stdout).split() == columns
    assert str(made.id) in bpflens("-o", "table", "prog", "list").stdout.split()


def test_default_tables_fit_a_hundred_characters(kernel, bpflens):
    """Usual ones: a name of 15 letters, a type of 9 for programs; the ids of many maps may reach further."""
    for made in (kernel.prog("sched_cls", name="fifteen_letters"), kernel.prog("sched_cls", maps=[kernel.map("array")])):
        lines = bpflens("-o", "table", "prog", "show", "id", made.id).stdout.splitlines()
        assert len(lines) == 2 and all(len(line) <= 100 for line in lines), lines
    made = kernel.map("lru_percpu_hash", 100, 1000, max_entries=1000, name="fifteen_letters")
    lines = bpflens("-o", "table", "map", "show", "id", made.id).stdout.splitlines()
    assert len(lines) == 2 and all(len(line) <= 100 for line in lines), lines


@pytest.mark.parametrize("form", ["table", "tsv"])
@pytest.mark.parametrize("columns", [["id", "name"], ["name", "id"], ["tag"], ["type", "bytes_xlated", "id"]])
def test_chosen_columns_come_in_the_chosen_order(kernel, bpflens, form, columns):
    name = unique("ch")
    made = [kernel.prog("xdp", name=name) for _ in range(2)]
    text = bpflens("-o", f"{form}={','.join(columns)}", "prog", "show", "name", name).stdout
    assert heading(text).split() == columns
    facts = [reader.prog_record(one.id)[0] for one in made]
    assert rows(text, form) == [[str(fact[column]) for column in columns] for fact in facts]


def test_columns_of_maps_may_be_chosen_too(kernel, bpflens):
    made = kernel.map("lpm_trie", 8, 4, max_entries=2**32 - 1, flags=bpf.F_NO_PREALLOC, name="chosen_map")
    text = bpflens("-o", "tsv=max_entries,id,type", "map", "show", "id", made.id).stdout
    assert rows(text, "tsv") == [["4294967295", str(made.id), "lpm_trie"]]


def test_tsv_has_the_same_number_of_cells_in_every_row(kernel, bpflens):
    kernel.prog("xdp")  # no name, no maps
    kernel.prog("xdp", name="full", maps=[kernel.map("array"), kernel.map("array")])
    for noun in ("prog", "map"):
        lines = bpflens("-o", "tsv", noun, "list").stdout.splitlines()
        assert len(lines) > 2 and {line.count("\t") for line in lines} == {lines[0].count("\t")}


def test_table_columns_are_aligned(kernel, bpflens):
    made = [kernel.map("hash", name=name) for name in ("a", "a_longer_name")]
    lines = bpflens("-o", "table=id,name,type", "map", "list").stdout.splitlines()
    mine = [line for line in lines if line.split()[0] in [str(one.id) for one in made]]
    assert len(mine) == 2
    assert len({line.index(word) for line, word in zip([lines[0]] + mine, ("type", "hash", "hash"))}) == 1, lines


@pytest.mark.parametrize("typed, meant", [("nmae", "name"), ("map_id", "map_ids"), ("memroy", "memory")])
def test_an_unknown_column_names_the_nearest_one(bpflens, typed, meant):
    for form in ("table", "tsv"):
        result = bpflens.run("-o", f"{form}=id,{typed}", "prog", "list")
        assert result.rc == 2 and result.out == b""
        assert typed in result.error and meant in result.stderr


@pytest.mark.parametrize("form", ["xml", "jsn", "", "json=id", "table=", "table=id,", "tsv=,id"])
def test_an_unknown_form_is_a_wrong_command_line(bpflens, form):
    result = bpflens.run("-o", form, "prog", "list")
    assert result.rc == 2 and result.out == b"" and result.err.startswith(b"Error: ")


def test_an_empty_table_is_still_a_table(kernel, bpflens):
    made = kernel.map("hash")
    for form in ("table", "tsv"):
        assert len(bpflens("-o", form, "map", "dump", "id", made.id).stdout.splitlines()) <= 1


# Colours


@pytest.mark.parametrize("words", [["-o", "table", "prog", "list"], ["prog", "list"], ["-j", "prog", "list"],
                                   ["-o", "tsv", "map", "list"], ["map", "list"]])
def test_a_pipe_never_gets_colours(kernel, bpflens, words):
    kernel.prog("xdp", name="colourless", maps=[kernel.map("array")])
    assert "\x1b" not in bpflens.run(*words).stdout
    assert "\x1b" not in bpflens.run("prog", "show", "id", "4294967295").stderr


def test_a_terminal_gets_colours_in_headings_and_errors_alone(kernel, bpflens):
    made = kernel.prog("xdp", name="coloured")
    status, text = bpflens.on_terminal("-o", "table", "prog", "show", "id", made.id, env={"NO_COLOR": None})
    coloured = re.findall(r"\x1b\[[1-9][0-9;]*m([^\x1b]*)\x1b\[0?m", text)
    assert status == 0 and [part.strip() for part in coloured] == [COLOUR.sub("", heading(text)).strip()]
    assert "\x1b" not in bpflens.on_terminal("prog", "show", "id", made.id)[1]
    status, text = bpflens.on_terminal("prog", "show", "id", "4294967295", env={"NO_COLOR": None})
    assert status == 1 and COLOUR.search(text)
    assert COLOUR.sub("", text).startswith("Error: ")


def test_no_color_is_obeyed(kernel, bpflens):
    made = kernel.prog("xdp", name="coloured")
    for words in (["-o", "table", "prog", "show", "id", made.id], ["prog", "show", "id", "4294967295"]):
        assert "\x1b" not in bpflens.on_terminal(*words, env={"NO_COLOR": "1"})[1]
        assert COLOUR.search(bpflens.on_terminal(*words, env={"NO_COLOR": ""})[1]), "an empty NO_COLOR does not count"


@pytest.mark.parametrize("words", [["prog", "show"], ["-j", "prog", "show"], ["-o", "table", "prog", "show"],
                                   ["map", "dump"], ["-o", "jsonl", "map", "dump"]])
def test_a_terminal_shows_the_same_text_as_a_pipe(kernel, bpflens, words):
    words = words + ["name", unique("tty")]
    kernel.prog("xdp", name=words[-1], maps=[kernel.map("array", 4, 20, name=words[-1])])
    status, text = bpflens.on_terminal(*words)
    assert (status, COLOUR.sub("", text)) == (0, bpflens.run(*words).stdout)


# Errors in each form


@pytest.mark.parametrize("noun", ["prog", "map"])
def test_an_error_is_where_its_form_puts_it(bpflens, noun):
    words = [noun, "show", "id", "4294967295"]
    plain = bpflens.run(*words)
    assert plain.out == b"" and plain.stderr.startswith("Error: ")
    for option in ("-j", "-p"):
        result = bpflens.run(option, *words)
        assert result.err == b"" and result.json["error"] == plain.error
    for form in ("json", "jsonl"):
        result = bpflens.run("-o", form, *words)
        assert result.out == (b"[]\n" if form == "json" else b"") and result.error == plain.error
    for form in ("table", "tsv"):
        assert bpflens.run("-o", form, *words).error == plain.error
    assert {bpflens.run(*option, *words).rc for option in ([], ["-j"], ["-o", "json"], ["-o", "table"])} == {1}


def test_a_hint_stands_on_a_line_of_its_own(bpflens, public, nobody):
    result = public.run("prog", "list", before=nobody)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("Error: ") and lines[1].startswith("  hint: ") and len(lines) == 2
