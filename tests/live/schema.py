# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Holds every strict output against its JSON Schema, docs/schema/*.json.

The validator knows the part of JSON Schema that docs/generate writes, and refuses any other word: a schema that it
does not understand must not pass for one that was held.
"""
import functools
import getopt
import json
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "docs", "schema")
SILENT = {"$schema", "title", "description", "$defs"}  # words that demand nothing


# --- a validator ------------------------------------------------------------

def is_type(value, name):
    if name == "null":
        return value is None
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, {"string": str, "boolean": bool, "array": list, "object": dict}[name])


def problems(value, schema, whole=None, where="$"):
    """What is wrong with a value, as texts; nothing if it is valid."""
    whole = whole if whole is not None else schema
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from problems(value, whole["$defs"][name], whole, where)
    if "anyOf" in schema:
        tried = [list(problems(value, one, whole, where)) for one in schema["anyOf"]]
        if all(tried):
            yield from min(tried, key=len)
    if "type" in schema and not is_type(value, schema["type"]):
        yield f"{where}: {value!r:.80} is no {schema['type']}"
        return
    for word, limit in schema.items():
        if word in SILENT or word in ("$ref", "anyOf", "type"):
            continue
        yield from CHECKS[word](value, limit, schema, whole, where)


def check_minimum(value, limit, _schema, _whole, where):
    if value < limit:
        yield f"{where}: {value} is less than {limit}"


def check_maximum(value, limit, _schema, _whole, where):
    if value > limit:
        yield f"{where}: {value} is more than {limit}"


def check_pattern(value, pattern, _schema, _whole, where):
    if not re.search(pattern.replace("$", r"\Z"), value):
        yield f"{where}: {value!r:.80} does not fit {pattern}"


def check_items(value, items, _schema, whole, where):
    for i, one in enumerate(value):
        yield from problems(one, items, whole, f"{where}[{i}]")


def check_properties(value, members, _schema, whole, where):
    for key, one in members.items():
        if key in value:
            yield from problems(value[key], one, whole, f"{where}.{key}")


def check_required(value, keys, _schema, _whole, where):
    for key in keys:
        if key not in value:
            yield f"{where}: has no {key}"


def check_additionalProperties(value, allowed, schema, _whole, where):
    assert allowed is False, "the only form that docs/generate writes"
    for key in value.keys() - schema["properties"].keys():
        yield f"{where}: has {key}, which its schema does not know"


CHECKS = {name.removeprefix("check_"): check for name, check in list(globals().items()) if name.startswith("check_")}


# --- which schema is for which words ----------------------------------------

@functools.cache
def load(name):
    with open(os.path.join(FOLDER, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


@functools.cache
def describe(path):
    """What the program says of itself."""
    return json.loads(subprocess.run([path, "__describe"], capture_output=True, check=True).stdout)


def find(word, entries, names):
    """The entry that a word means: exactly, or by its beginning."""
    for fits in (lambda name: name == word, lambda name: word and name.startswith(word)):
        for entry in entries:
            if any(fits(entry[name]) for name in names if name in entry):
                return entry
    return None


def strip_options(args, options):
    """The words of a command line without its options; None where they are wrong, or ask for something else."""
    letters = "".join(o["letter"] + (":" if "value" in o else "") for o in options)
    names = [o["name"] + ("=" if "value" in o else "") for o in options if "name" in o]
    try:
        found, words = getopt.gnu_getopt(args, letters, names)
    except getopt.GetoptError:
        return None
    given = {name for name, _ in found}
    if given & {"-h", "--help"}:
        return None
    return ["version"] if given & {"-V", "--version"} else words


def command_of(words, described):
    """(the words of the command's noun and verb, the command); (None, None) where they mean none that is built"""
    noun = find(words[0], described["nouns"], ["noun"]) if words else None
    if not noun:
        return None, None
    verb = words[1] if len(words) > 1 and not noun["verbless"] else None
    command = find(verb, noun["commands"], ["verb", "alias"]) if verb is not None else noun["commands"][0]
    if not command or not command["built"] or command["verb"] == "help":
        return None, None
    return f"{noun['noun']} {command['verb']}", command


def problems_of_output(words, records, described):
    """What is wrong with the records that the words of a command gave."""
    name, command = command_of(words, described)
    if not command:
        return [f"{records!r:.80} of what is no command"] if records else []
    if not command["emits"]:
        return [f"'{name}' puts out {records!r:.80}, and has no schema"] if records else []
    tried = [list(problems(records, load(schema))) for schema in command["emits"]]
    found = [] if not all(tried) else min(tried, key=len)
    if name == "batch file" and not found:
        for one in records:
            if one["output"] is not None:
                found += problems_of_output(one["command"], one["output"], described)
    return found


def check(path, args, form, text, is_whole=True):
    """Holds an output against the schema of its command. Returns how many records were held.

    An output that is not whole may be cut anywhere, as by a disk that is full: then what is no JSON is not held.
    """
    described = describe(path)
    args = [os.fsdecode(str(arg) if isinstance(arg, int) else arg) for arg in args]
    words = strip_options(args, described["options"])
    if not words or words[0].startswith("__"):
        return 0
    if form == "jsonl" and command_of(words, described)[0] == "batch file":
        return 0  # the records are those of its commands
    try:
        records = [json.loads(line) for line in text.splitlines()] if form == "jsonl" else json.loads(text)
    except ValueError:
        assert not is_whole, f"{args}: {text[-80:]!r} is no JSON"
        return 0
    if records is None:
        return 0  # it had nothing to say
    found = problems_of_output(words, records, described)
    assert not found, f"{args} against its schema: " + "; ".join(found[:5])
    return len(records)
