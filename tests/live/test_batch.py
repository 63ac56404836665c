# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""batch: many commands from a file. Every rule of its lines, what comes of a failure, and one document whatever fails."""
import json
import os
import signal
import subprocess
import threading

import pytest
from maker import unique
from runner import parse_json

pytestmark = pytest.mark.slow_in_vm(reason="hundreds of starts; lines and words are ours")

FORMS = [["-j"], ["-p"], ["-o", "json"]]


@pytest.fixture
def lines(tmp_path):
    """lines(text): the path of a file with these lines."""
    def write(text):
        path = tmp_path / "commands"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)
    return write


@pytest.fixture
def batch(bpflens):
    """batch(text, options...): runs the lines from standard input, whatever comes of it."""
    def run(text, *options, after=(), **how):
        given = text if isinstance(text, bytes) else text.encode()
        return bpflens.run(*options, "batch", "file", "-", *after, input=given, **how)
    return run


@pytest.fixture
def made(kernel):
    return kernel.map("hash", key=4, value=4, entries={1: 2}, name=unique("bm"))


def processed(number):
    return f"processed {number} commands\n"


# Lines


def test_commands_are_carried_out_in_their_order(kernel, bpflens, lines):
    prog, one = kernel.prog(name=unique("bp")), kernel.map("array", name=unique("ba"))
    text = f"prog show id {prog.id} no-owners\nmap dump id {one.id}\n"
    wanted = bpflens("prog", "show", "id", prog.id, "no-owners").out + bpflens("map", "dump", "id", one.id).out
    result = bpflens("batch", "file", lines(text))
    assert result.out == wanted + processed(2).encode() and result.err == b""


def test_plain_output_is_bpftools(made, bpflens, peer):
    """The tests themselves hold the map, which bpftool's own reader of holders may or may not find."""
    text = f"map dump id {made.id}\n\n# a comment\nmap show \\\n\tname '{made.name}'{{}} # more\nmap dump name {made.name}\n"
    ours = bpflens("batch", "file", "-", input=text.format(" no-owners").encode()).stdout
    theirs = peer("batch", "file", "-", input=text.format("").encode()).stdout
    assert ours.endswith(processed(3))
    assert ours == "".join(line for line in theirs.splitlines(keepends=True) if not line.startswith("\tpids "))


def test_the_document_is_bpftools_but_for_the_line(kernel, bpflens, peer):
    """Maps without BTF, shown by dump: nothing in it that only one of the two knows."""
    first = kernel.map("hash", entries={1: 2, 3: 4}, name=unique("b1"))
    second = kernel.map("array", max_entries=2, name=unique("b2"))
    text = f"map dump id {first.id}\n\nmap dump \\\n name '{second.name}'\nmap dump id 4294967290\n".encode()
    ours = bpflens.run("-j", "batch", "file", "-", input=text)
    theirs = peer.run("-j", "batch", "file", "-", input=text)
    assert ours.rc == 1 and theirs.rc != 0
    document, wanted = ours.json, theirs.json
    assert [one.pop("line") for one in document] == [1, 3, 5]
    assert [one["command"] for one in document] == [one["command"] for one in wanted]
    for mine, other in zip(document[:2], wanted[:2]):
        assert mine["output"] == other["output"] and mine["output"]
    assert "error" in document[2]["output"] and "error" in wanted[2]["output"]


@pytest.mark.parametrize("text, wanted", [
    ("version\n", ["version"]),
    ("version", ["version"]),
    ("  version \t\r\n", ["version"]),
    ("v\\\ner\\\nsion\n", ["version"]),
    ("\"version\"\n", ["version"]),
    ("'map' 'show' name \"a b\"\n", ["map", "show", "name", "a b"]),
    ("map show name \"a # b\" # c\n", ["map", "show", "name", "a # b"]),
    ("map show name \"a \\\n# b\"\n", ["map", "show", "name", "a # b"]),
    ("map show name it's\n", ["map", "show", "name", "it's"]),
    ("map show name\"x\" y\n", ["map", "show", "name\"x\"", "y"]),
    ("map show 'name'x\n", ["map", "show", "name", "x"]),
    ("map show \\ \n", ["map", "show", "\\"]),
    ("map show \\", ["map", "show", "\\"]),
    ("map show name \"\"\n", ["map", "show", "name", ""]),
    ("map show name x#y\n", ["map", "show", "name", "x"]),
    ("version \\#\n", ["version", "\\"]),
])
def test_a_line_is_taken_apart_by_its_rules(batch, text, wanted):
    assert batch(text, "-j").json[0]["command"] == wanted


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", " \t\r\n\n#\n", "\\\n\n"])
def test_empty_lines_are_no_commands(batch, text):
    result = batch(text)
    assert (result.rc, result.stdout, result.err) == (0, processed(0), b"")
    assert batch(text, "-j").stdout == "[]\n"


def test_words_may_be_shortened_in_lines_too(made, batch):
    assert batch(f"m d id {made.id}\n").stdout == batch(f"map dump id {made.id}\n").stdout


def test_options_hold_for_all_lines_and_stand_in_none(made, batch):
    result = batch("version --json\nversion\n")
    assert result.rc == 2 and "--json" in result.error and "line 1" in result.error and result.out == b""


def test_a_line_below_the_limit_is_read_and_one_at_it_is_told(batch):
    for size in (65533, 65534):
        text = "version" + " " * (size - 8) + "\n"
        assert len(text) == size and batch(text).rc == 0
    for size in (65535, 65536, 1 << 20):
        result = batch("version\n" + "version" + " " * (size - 8) + "\nversion\n")
        assert result.rc == 1 and result.stdout.count("libbpf") == 1
        assert "line 2" in result.error and result.error.endswith("Argument list too long")


def test_a_command_of_many_lines_has_the_same_limit(batch):
    part = "version" + " " * 992 + "\\\n"
    assert batch("version" + (" " * 999 + "\\\n") * 65 + "\n").rc == 0
    result = batch("version\n" + part * 70 + "\nversion\n")
    assert result.rc == 1 and "line 2: the command" in result.error
    assert result.error.endswith("Argument list too long")


def test_as_many_words_as_bpftool_takes_are_taken(batch):
    result = batch("version\nversion" + " x" * 4094 + "\n")
    assert "what is 'x'?" in result.error and "line 2" in result.error
    result = batch("version\nversion" + " x" * 4095 + "\n")
    assert result.rc == 2 and result.error == "standard input: line 2: more than 4095 words"


@pytest.mark.parametrize("text, wanted", [
    ("version\nversion 'a # b\nversion\n", "standard input: line 2: unterminated quoted string"),
    ("version\n\nversion \\\n", "standard input: line 3: the line that it goes on with is missing"),
    ("version\n\\\n", "standard input: line 2: the line that it goes on with is missing"),
    (b"version\nver\0sion\nversion\n", "standard input: line 2: a NUL byte"),
])
@pytest.mark.parametrize("form", [[], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"]])
def test_what_is_no_command_ends_the_batch_with_its_line(batch, form, text, wanted):
    result = batch(text, *form)
    assert result.rc == 2 and result.error == wanted
    if form in FORMS:
        document = result.json
        assert document[0]["command"] == ["version"]
        assert document[1:] == ([] if form == ["-o", "json"] else [{"error": wanted}])


@pytest.mark.parametrize("form", [[], ["-j"], ["-p"], ["-o", "json"], ["-o", "table"]])
def test_binary_garbage_is_an_error_with_a_line(batch, form):
    for seed in range(8):
        garbage = bytes((i * 167 + seed * 59 + (i >> 3)) % 256 for i in range(4096))
        result = batch(garbage, *form)
        assert result.rc in (1, 2)
        assert b"error" in result.out if form in FORMS[:2] else result.error
        assert b"\x1b" not in result.out + result.err
        if form in FORMS:
            assert isinstance(result.json, list)


def test_words_of_any_bytes_stand_in_the_document(batch):
    result = batch(b"map show name \"\x01\x1b\xff\"\n", "-j")
    assert result.rc in (1, 2) and result.json[0]["command"] == ["map", "show", "name", "\x01\x1b\ufffd"]


# Failures


def test_the_first_failure_ends_the_batch(batch):
    result = batch("version\nmap show id 4294967290\nversion\n")
    assert result.rc == 1 and result.stdout.count("libbpf") == 1 and "processed" not in result.stdout
    assert result.error.startswith("standard input: line 2: ")


def test_a_failure_is_told_under_the_files_name(bpflens, lines):
    path = lines("version\n\nmap show id 4294967290\n")
    assert bpflens.run("batch", "file", path).error.startswith(f"{path}: line 3: ")


def test_a_continued_commands_line_is_its_first(batch):
    assert "line 2: " in batch("\nmap \\\nshow \\\nid 4294967290\n").error
    assert batch("\nmap \\\nshow \\\nid 4294967290\n", "-j").json[0]["line"] == 2


@pytest.mark.parametrize("failing, rc", [
    ("map show id 4294967290", 1), ("map show name nosuch", 1), ("map dump id", 2), ("nonsense", 2), ("map shows", 2),
    ("batch file /nosuch", 1), ("batch", 2), ("batch file", 2),
])
def test_the_exit_status_is_that_of_what_failed(batch, as_bpftool, failing, rc):
    assert batch(failing + "\n").rc == rc
    assert batch(failing + "\n", "-j").rc == rc
    assert batch(f"version\n{failing}\n", after=["keep-going"]).rc == rc
    assert as_bpftool.run("batch", "file", "-", input=f"{failing}\n".encode()).rc == 255


def test_keep_going_carries_out_what_comes_behind(made, batch):
    text = f"nonsense\nmap dump id {made.id}\nmap show id 4294967290\nversion 'a\nmap dump id {made.id}\n"
    result = batch(text, after=["keep-going"])
    assert result.rc == 2 and result.stdout.count("Found 1 element") == 2 and "processed" not in result.stdout
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert [line.split(": ")[2] for line in errors] == ["line 1", "line 3", "line 4"]
    assert batch(text).stdout == ""


@pytest.mark.parametrize("form", FORMS)
def test_keep_going_has_one_document(made, batch, form):
    text = f"nonsense\nmap dump id {made.id}\nmap show id 4294967290\nversion 'a\nmap dump id {made.id}\n"
    result = batch(text, *form, after=["keep-going"])
    document = [one for one in result.json if "command" in one]
    assert result.rc == 2 and [one["line"] for one in document] == [1, 2, 3, 5]
    assert document[1]["output"] == document[3]["output"] and len(document[1]["output"]) == 1
    if form == ["-o", "json"]:
        errors = [parse_json(line + "\n") for line in result.stderr.splitlines()]
        assert [one["error"].split(": ")[1] for one in errors] == ["line 1", "line 3", "line 4"]
    else:
        assert result.err == b"" and "error" in document[0]["output"] and "error" in document[2]["output"]
        assert "line 4" in result.json[3]["error"]


def test_the_first_failures_status_is_the_batches(batch):
    assert batch("map show id 4294967290\nnonsense\n", after=["keep-going"]).rc == 1
    assert batch("nonsense\nmap show id 4294967290\n", after=["keep-going"]).rc == 2


def test_nothing_is_told_to_have_failed_that_did_not(kernel, made, batch):
    """Commands that succeed, among them such as meet errors on their way, end with status 0 and no message."""
    for text in (f"map show pinned {kernel.pin(made)}\nversion\n", f"prog show id {kernel.prog().id}\n", f"map show name {made.name}\n", "version\n", f"map dump id {made.id} count\n"):
        result = batch(text)
        assert result.rc == 0 and result.err == b"" and result.stdout.endswith("commands\n"), result


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", [
    "version\nprog dump xlated id\n", "prog show name nosuch\n", "map show name nosuch\n", "nonsense\n", "prog\nprog x y\n",
    "map dump id\n", "help\n", "map help\n", "version\nversion \"\n", "batch file -\n", "batch file /\n", "map list limit 0\n",
    "prog dump xlated tag 0011223344556677\n",
])
def test_there_is_one_document_whatever_fails(batch, form, text):
    for after in ([], ["keep-going"]):
        result = batch(text, *form, after=after)
        assert result.rc in (0, 1, 2) and isinstance(result.json, list)
        for one in result.json:
            assert set(one) == {"command", "output", "line"} or set(one) <= {"error", "hint"}


def test_an_error_stands_in_its_commands_output(batch):
    (one,) = batch("map show name nosuch\n", "-j").json
    assert one["command"] == ["map", "show", "name", "nosuch"] and "nosuch" in one["output"]["error"] and one["line"] == 1


def test_a_command_that_says_nothing_is_null(batch):
    result = batch("map help\n", "-j")
    assert result.json == [{"command": ["map", "help"], "output": None, "line": 1}] and b"Usage" in result.err


def test_lines_of_json_follow_each_other(made, batch):
    result = batch(f"map dump id {made.id}\nmap dump id {made.id}\nmap show id 4294967290\n", "-o", "jsonl")
    records = [parse_json(line + "\n") for line in result.stdout.splitlines()]
    assert result.rc == 1 and len(records) == 2 and records[0] == records[1] and "line 3" in result.error


def test_each_command_has_its_own_table(made, batch):
    result = batch(f"map show id {made.id} no-owners\nmap show id {made.id} no-owners\n", "-o", "tsv=id,name")
    assert result.stdout == f"id\tname\n{made.id}\t{made.name}\n" * 2 and result.rc == 0


def test_output_and_errors_come_in_their_order(made, program):
    """On one descriptor, what a command says stands before the error of the next, and behind it what comes then."""
    text = f"map dump id {made.id}\nnonsense\nmap dump id {made.id}\n".encode()
    done = subprocess.run([program, "batch", "file", "-", "keep-going"], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    kinds = [line.split()[0] for line in done.stdout.decode().splitlines()]
    assert [kind for kind in kinds if kind in ("key:", "Error:")] == ["key:", "Error:", "key:"]


def test_a_command_that_is_not_given_yet_does_not_hold_up_those_before(made, program):
    """Standard input may be a conversation."""
    with subprocess.Popen([program, "batch", "file", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        for _ in range(3):
            child.stdin.write(f"map dump id {made.id}\n".encode())
            child.stdin.flush()
            assert child.stdout.readline().startswith(b"key:")
            assert child.stdout.readline() == b"Found 1 element\n"
        child.stdin.close()
        assert child.stdout.read() == processed(3).encode()
        assert child.wait(60) == 0


# Files


def test_a_file_that_is_missing_is_told(bpflens):
    result = bpflens.run("batch", "file", "/nosuch")
    assert result.rc == 1 and result.error == "/nosuch: open: No such file or directory"
    assert bpflens.run("-j", "batch", "file", "/nosuch").json == {"error": result.error}


def test_a_directory_is_told(bpflens, tmp_path):
    result = bpflens.run("batch", "file", str(tmp_path))
    assert result.rc == 1 and result.error == f"{tmp_path}: read: Is a directory" and result.out == b""
    assert bpflens.run("-j", "batch", "file", str(tmp_path)).json == [{"error": result.error}]


@pytest.mark.parametrize("words", [[], ["file"], ["file", ""], ["nonsense", "x"], ["file", "a", "b"]])
def test_a_batch_without_one_file_is_a_wrong_command_line(bpflens, words):
    for form in ([], ["-j"], ["-o", "json"]):
        result = bpflens.run(*form, "batch", *words)
        assert result.rc == 2 and result.error


def test_the_word_file_may_be_shortened(bpflens, lines):
    assert bpflens("batch", "f", lines("version\n")).stdout.endswith(processed(1))


def test_a_pipe_with_a_name_is_read(bpflens, tmp_path):
    path = str(tmp_path / "fifo")
    os.mkfifo(path)

    def write():
        with open(path, "w", encoding="ascii") as fifo:
            fifo.write("version\nversion\n")
    writer = threading.Thread(target=write)
    writer.start()
    result = bpflens("batch", "file", path)
    writer.join()
    assert result.stdout.endswith(processed(2))


def test_closed_standard_input_has_no_commands(program):
    for form, wanted in (([], processed(0)), (["-j"], "[]\n")):
        done = subprocess.run(["sh", "-c", '"$@" <&-', "sh", program, *form, "batch", "file", "-"], capture_output=True,
                              timeout=60, check=False)
        assert (done.returncode, done.stdout.decode(), done.stderr) == (0, wanted, b"")


def test_a_reader_that_goes_ends_the_batch_quietly(program):
    with subprocess.Popen([program, "batch", "file", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as child:
        child.stdout.close()
        try:
            child.stdin.write(b"version\n" * 20000)
            child.stdin.close()
        except BrokenPipeError:
            pass
        assert child.stderr.read() == b"" and child.wait(60) in (1, -signal.SIGPIPE)


def test_a_full_disk_is_told_once(batch):
    with open("/dev/full", "wb") as full:
        result = batch("version\n" * 1000, stdout=full)
    assert result.rc == 1 and result.stderr.count("Error: ") == 1 and "No space left" in result.stderr


# Batches in batches


def test_a_batch_may_carry_out_another(bpflens, tmp_path):
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    inner.write_text("version\n")
    outer.write_text(f"batch file {inner}\nversion\n")
    result = bpflens("batch", "file", str(outer))
    assert result.stdout.count("libbpf") == 2 and result.stdout.endswith(processed(2))
    assert result.stdout.count(processed(1)) == 1
    document = bpflens("-j", "batch", "file", str(outer))
    assert [one["command"][0] for one in document] == ["batch", "version"]
    assert document[0]["output"][0]["output"] == document[1]["output"]


def test_a_failure_inside_fails_outside(bpflens, tmp_path):
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    inner.write_text("\nnonsense\n")
    outer.write_text(f"batch file {inner}\nversion\n")
    result = bpflens.run("batch", "file", str(outer))
    assert result.rc == 2 and result.out == b"" and result.error.startswith(f"{inner}: line 2: ")
    assert result.stderr.count("Error: ") == 1
    assert bpflens.run("-j", "batch", "file", str(outer)).json[0]["output"][0]["line"] == 2
    kept = bpflens.run("batch", "file", str(outer), "keep-going")
    assert kept.rc == 2 and kept.stdout.count("libbpf") == 1


def test_a_batch_inside_may_share_standard_input(batch):
    result = batch("batch file -\nversion\nversion\n")
    assert result.rc == 0 and result.stdout.count("libbpf") == 2 and result.stdout.endswith(processed(2) + processed(1))


@pytest.mark.parametrize("form", [[], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"]])
def test_a_file_that_names_itself_ends(bpflens, tmp_path, form):
    path = tmp_path / "self"
    path.write_text(f"batch file {path}\n")
    result = bpflens.run(*form, "batch", "file", str(path))
    assert result.rc == 2
    told = result.stdout + result.stderr
    assert told.count("batches are nested more than 16 deep") == 1 and told.count("does the file name itself?") == 1
    if form in FORMS:
        assert isinstance(result.json, list)


def test_the_deepest_batch_still_shows_objects(made, bpflens, tmp_path):
    for i in range(16):
        (tmp_path / str(i)).write_text(f"batch file {tmp_path / str(i + 1)}\n")
    (tmp_path / "15").write_text(f"map show id {made.id} no-owners\n")
    document = bpflens("-j", "batch", "file", str(tmp_path / "0"))
    for _ in range(16):
        document = document[0]["output"]
    assert document == bpflens("-j", "map", "show", "id", made.id, "no-owners")


# Many


def test_many_commands_need_no_more_memory_than_few(made, bpflens, lines):
    few = lines(f"map show id {made.id} no-owners\n")
    command = ["/usr/bin/time", "-f", "%M", "-o"]
    if not os.access(command[0], os.X_OK):
        pytest.skip("needs /usr/bin/time")
    peaks = []
    for count in (1, 5000):
        path = lines(f"map show id {made.id} no-owners\n" * count)
        with open(few + ".peak", "w", encoding="ascii"):
            pass
        result = bpflens.run("-j", "batch", "file", path, before=[*command, few + ".peak"])
        assert result.rc == 0 and len(json.loads(result.out)) == count
        with open(few + ".peak", encoding="ascii") as file:
            peaks.append(int(file.read().split()[-1]))
    assert peaks[1] - peaks[0] < 1024, f"KiB: {peaks}"


def test_a_line_sees_what_came_to_be_during_the_batch(kernel, program):
    """What one line found out, pins too, is not held against the next."""
    made = kernel.map("array", name=unique("bl"))
    line = f"map show id {made.id} no-owners\n".encode()
    with subprocess.Popen([program, "-f", "batch", "file", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdin.write(line)
        child.stdin.flush()
        while b"max_entries" not in child.stdout.readline():
            pass
        path = kernel.pin(made)
        child.stdin.write(line)
        child.stdin.close()
        assert f"\tpinned {path}\n" in child.stdout.read().decode()
        assert child.wait(60) == 0


def test_a_completed_batch_is_of_files(private, bpflens):
    path = os.path.join(private, "commands.txt")
    with open(path, "w", encoding="ascii") as file:
        file.write("version\n")
    try:
        said = bpflens("__complete", "3", "--", "bpflens", "batch", "file", path[:-3]).stdout.splitlines()
        assert said == [path]
        assert "keep-going" in bpflens("__complete", "4", "--", "bpflens", "batch", "file", path, "").stdout.split()
        assert bpflens("__complete", "2", "--", "bpflens", "batch", "").stdout.split() == ["file", "help"]
    finally:
        os.unlink(path)


def test_help_tells_of_the_command(bpflens):
    said = bpflens("batch", "help").stdout
    assert "batch file FILE [keep-going]" in said


def test_lines_about_several_maps_in_turn_each_reach_their_own(kernel, bpflens, lines):
    """A map named by its id stays open from line to line: each line must still mean what it says."""
    first, second = (kernel.map("hash", key=4, value=4, entries={}, max_entries=8, name=unique("bt")) for _ in range(2))
    text = []
    for key in range(1, 5):
        text += [f"map update id {first.id} key {key} 0 0 0 value {key} 0 0 1", f"map update id {first.id} key {key} 0 0 0 value {key} 0 0 2",
                 f"map update id {second.id} key {key} 0 0 0 value {key} 0 0 3", f"map lookup id {second.id} key {key} 0 0 0"]
    text += [f"map delete id {first.id} key 1 0 0 0", f"map delete id {second.id} key 2 0 0 0", f"map pop id {first.id} key 3 0 0 0"]
    result, trace = bpflens.traced("-j", "batch", "file", lines("\n".join(text) + "\n"))
    assert result.rc == 0
    looked_up = [one["output"]["value"] for one in result.json if one["command"][1] == "lookup"]
    assert looked_up == [[f"0x{key:02x}", "0x00", "0x00", "0x03"] for key in range(1, 5)]
    for made, last, keys in ((first, 2, (2, 4)), (second, 3, (1, 3, 4))):
        found = {one["key"][0]: one["value"] for one in bpflens("-j", "map", "dump", "id", made.id)}
        assert found == {f"0x{key:02x}": [f"0x{key:02x}", "0x00", "0x00", f"0x{last:02x}"] for key in keys}
    opened = sum("BPF_MAP_GET_FD_BY_ID" in line for line in trace)
    assert opened < 2 * len(text), "a line about the same map opens it no more"
