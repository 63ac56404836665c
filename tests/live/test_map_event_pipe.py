# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""map event_pipe: each event that a program wrote is told once, when it comes, and nobody else's reader suffers."""
import os
import re
import signal
import struct
import time

import bpf
import btf
import pytest
import watching
from maker import unique
from runner import parse_json
from watching import EVENT, PADDED, Stream

FORMS = [[], ["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"], ["-o", "table"], ["-o", "tsv"]]
HEADER = r"== @(\d+)\.(\d{9}) CPU: (\d+) index: (\d+) =====\n"


def piping(bpflens, made, *words, form=()):
    return Stream(bpflens, *form, "map", "event_pipe", "id", made.id, *words)


def ready(made):
    """The reader of a perf event array is there when its slots are taken."""
    watching.wait_until(lambda: watching.taken(made), "a reader")


def rows(data):
    """Bytes as bpftool writes them."""
    lines = [data[at:at + 16] for at in range(0, len(data), 16)]
    return "".join((" ".join(f"{b:02x}" for b in line[:8]) + ("  " if len(line) > 8 else "") + " ".join(f"{b:02x}" for b in line[8:])) + "\n"
                   for line in lines)


@pytest.fixture
def perf(kernel):
    made = watching.array(kernel)
    made.cpu = watching.pin_to_cpu(kernel)
    made.writer = watching.perf_writer(kernel, made)
    return made


@pytest.fixture
def lonely(kernel):
    """A ring buffer that no process has open: a pin and a program hold it."""
    made = watching.ring(kernel)
    made.writer = watching.ring_writer(kernel, made)
    made.path = kernel.pin(made)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, made.fd)
    os.close(null)
    return made


# Perf event arrays


def peer_says(peer, made, times, *form):
    """What bpftool prints of so many events. It shows nothing before its end, and looks every 200 ms, or later where that is emulated."""
    for pause in (0.3, 2, 10):
        with piping(peer, made, form=form) as stream:
            ready(made)
            watching.write(made.writer, times)
            time.sleep(pause)
            rc, out, _ = stream.stop()
        assert rc == 0
        if len(out) > 10:
            break
    return out


def test_events_of_a_perf_event_array_are_printed_as_bpftool_does(perf, bpflens, peer):
    with piping(bpflens, perf) as stream:
        ready(perf)
        watching.write(perf.writer, 3)
        stream.read_lines(9)
        rc, out, _ = stream.stop()
    seen = [re.sub(r"@\d+\.\d{9} ", "@ ", text) for text in (out, peer_says(peer, perf, 3))]
    assert rc == 0 and seen == 2 * [3 * f"== @ CPU: {perf.cpu} index: {perf.cpu} =====\n{rows(PADDED)}"]


def test_events_in_json_are_bpftool_s(perf, bpflens, peer):
    with piping(bpflens, perf, form=["-j"]) as stream:
        ready(perf)
        watching.write(perf.writer)
        stream.read_until(rb"\}")
        rc, out, _ = stream.stop()
    assert rc == 0
    for text in (out, peer_says(peer, perf, 1, "-j")):
        event, = parse_json(text)
        assert list(event) == ["type", "cpu", "index", "timestamp", "data"] and event.pop("timestamp")
        assert event == {"type": 9, "cpu": perf.cpu, "index": perf.cpu, "data": list(PADDED)}


def test_the_time_of_an_event_is_that_of_the_monotonic_clock(perf, bpflens):
    with piping(bpflens, perf, "count", 1, form=["-o", "jsonl"]) as stream:
        ready(perf)
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        watching.write(perf.writer)
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        rc, out, err = stream.stop(None)
    event = parse_json(out)
    assert (rc, err) == (0, "") and before <= event.pop("timestamp") <= after
    assert event == {"map_id": perf.id, "type": "sample", "type_id": 9, "cpu": perf.cpu, "index": perf.cpu, "size": len(PADDED),
                     "data": PADDED.hex()}


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_each_event_is_there_before_the_next_comes_and_the_document_is_whole(perf, bpflens, form):
    with piping(bpflens, perf, form=form) as stream:
        ready(perf)
        for n in range(1, 4):
            watching.write(perf.writer)
            data = b"136,119" if form in (["-j"], ["-p"]) else PADDED[:4].hex().encode() if form else b"88 77 66 55"
            while stream.seen.count(data) < n:
                stream.read_on(data)
        rc, out, err = stream.stop(signal.SIGTERM)
    is_json = form and form[-1] not in ("table", "tsv")
    assert (rc, err) == (0, "" if is_json else watching.offline("is offline, and passed over"))
    if form == ["-o", "jsonl"]:
        assert len([parse_json(line + "\n") for line in out.splitlines()]) == 3
    elif is_json:
        assert len(parse_json(out)) == 3
    else:
        assert out.endswith("\n")


@pytest.mark.parametrize("flags", [0, 1 << 11], ids=["", "preserve_elems"])
def test_no_event_is_left_in_the_map(kernel, bpflens, flags):
    made = watching.array(kernel, flags=flags)
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with piping(bpflens, made) as stream:
            ready(made)
            assert watching.taken(made) == [cpu for cpu in bpf.cpus("online") if cpu < made.max_entries]
            assert stream.stop(how)[0] == 0
        assert watching.taken(made) == []


def test_no_event_is_left_in_the_map_after_a_kill(perf, bpflens):
    with piping(bpflens, perf) as stream:
        ready(perf)
        stream.stop(signal.SIGKILL)
    watching.wait_until(lambda: not watching.taken(perf), "empty slots")


def test_a_second_reader_is_refused_and_the_first_goes_on(perf, bpflens, as_bpftool):
    with piping(bpflens, perf, "count", 1, form=["-o", "jsonl"]) as first:
        ready(perf)
        for program, status in ((bpflens, 1), (as_bpftool, 255)):
            second = program.run("map", "event_pipe", "id", perf.id)
            assert second.rc == status and second.out == b""
            assert re.fullmatch(rf"map {perf.id}: index \d+: an event is there already: Device or resource busy", second.error)
            assert f"bpflens({first.child.pid})" in second.stderr and "'replace'" in second.stderr
        assert bpflens("-j", "map", "event_pipe", "id", perf.id, rc=1)["error"]
        watching.write(perf.writer)
        assert parse_json(first.stop(None)[1])["data"] == PADDED.hex()


def test_a_second_reader_takes_the_slots_where_the_word_is_there(perf, bpflens):
    with piping(bpflens, perf) as first:
        ready(perf)
        with piping(bpflens, perf, "replace", "count", 1) as second:
            def is_over():
                watching.write(perf.writer)
                return second.child.poll() is not None
            watching.wait_until(is_over, "an event")
            rc, out, err = second.stop(None)
        assert rc == 0 and out.endswith(rows(PADDED)) and len(re.findall(HEADER, out)) == 1
        assert len(re.findall(r"note: index \d+: the event that was there is replaced; the slot will be empty\n", err)) == len(bpf.cpus("online"))
        assert watching.taken(perf) == []
        assert first.stop()[0] == 0


def test_one_slot_is_for_one_cpu(kernel, bpflens):
    cpu = watching.pin_to_cpu(kernel)
    made = watching.array(kernel, slots=70)
    writer = watching.perf_writer(kernel, made, index=66)
    with piping(bpflens, made, "index", 66, "cpu", cpu, "count", 1, form=["-o", "jsonl"]) as stream:
        ready(made)
        assert watching.taken(made) == [66]
        watching.write(writer)
        event = parse_json(stream.stop(None)[1])
    assert (event["cpu"], event["index"], event["data"]) == (cpu, 66, PADDED.hex())


def test_lost_events_are_counted(perf, bpflens):
    """While it is stopped, the ring fills up."""
    times = 5000
    with piping(bpflens, perf, form=["-o", "jsonl"]) as stream:
        ready(perf)
        stream.child.send_signal(signal.SIGSTOP)
        watching.write(perf.writer, times)
        stream.child.send_signal(signal.SIGCONT)
        stream.read_lines(1000)
        time.sleep(0.3)
        watching.write(perf.writer)
        stream.read_until(rb'"lost"')
        rc, out, _ = stream.stop()
    events = [parse_json(line + "\n") for line in out.splitlines()]
    lost = [one for one in events if one["type"] == "lost"]
    assert rc == 0 and len(lost) == 1 and list(lost[0]) == ["map_id", "type", "type_id", "cpu", "index", "lost"]
    assert len(events) - 1 + lost[0]["lost"] == times + 1


def test_count_and_duration_end_it(perf, bpflens):
    with piping(bpflens, perf, "count", 2) as stream:
        ready(perf)
        watching.write(perf.writer, 5)
        rc, out, _ = stream.stop(None)
    assert rc == 0 and len(re.findall(HEADER, out)) == 2
    before = time.monotonic()
    assert bpflens("-j", "map", "event_pipe", "id", perf.id, "duration", 1) == []
    assert time.monotonic() - before >= 1


def test_a_map_without_a_slot_for_a_cpu_hears_nothing_of_it(kernel, bpflens):
    made = watching.array(kernel, slots=1)
    with piping(bpflens, made) as stream:
        ready(made)
        assert stream.stop()[0] == 0


# Ring buffers


def test_records_of_a_ring_buffer_are_taken_out_where_nobody_else_is_there(lonely, bpflens):
    watching.write(lonely.writer, 2)
    with Stream(bpflens, "-o", "jsonl", "map", "event_pipe", "pinned", lonely.path, "count", 3) as stream:
        stream.read_lines(2)
        watching.write(lonely.writer)
        rc, out, err = stream.stop(None)
    assert (rc, err) == (0, "")
    assert [parse_json(line + "\n") for line in out.splitlines()] == [
        {"map_id": lonely.id, "type": "sample", "type_id": 9, "position": 24 * i, "size": len(EVENT), "data": EVENT.hex()} for i in range(3)]
    lonely.fd = os.dup(bpf.obj_get(lonely.path))
    assert watching.positions(lonely) == (72, 72)


def test_records_of_a_ring_buffer_stay_where_somebody_else_has_it(kernel, bpflens):
    made = watching.ring(kernel)
    writer = watching.ring_writer(kernel, made)
    watching.write(writer)
    with piping(bpflens, made) as stream:
        assert rows(EVENT) in stream.read_lines(2)
        watching.consume(made)
        watching.write(writer)
        stream.read_lines(4)
        rc, out, err = stream.stop()
    assert rc == 0 and f"({os.getpid()})" in err and "'consume'" in err
    assert out == "".join(f"== position: {at} size: 13 =====\n{rows(EVENT)}" for at in (0, 24))
    assert watching.positions(made) == (24, 48)
    assert bpflens("-j", "map", "event_pipe", "id", made.id, "count", 1, "consume") == [{"type": 9, "position": 24, "data": list(EVENT)}]
    assert watching.positions(made) == (48, 48)


def test_peek_takes_nothing_out(lonely, bpflens):
    watching.write(lonely.writer, 2)
    for _ in range(2):
        seen = bpflens("-o", "jsonl", "map", "event_pipe", "pinned", lonely.path, "peek", "count", 2)
        assert [one["position"] for one in seen] == [0, 24]


def test_what_was_overwritten_before_it_was_seen_is_told(kernel, bpflens):
    made = watching.ring(kernel)
    writer = watching.ring_writer(kernel, made)
    watching.write(writer)
    with piping(bpflens, made, "peek", form=["-o", "jsonl"]) as stream:
        stream.read_lines(1)
        stream.child.send_signal(signal.SIGSTOP)
        for _ in range(4):
            watching.write(writer, 100)
            watching.consume(made)
        watching.write(writer)
        stream.child.send_signal(signal.SIGCONT)
        stream.read_lines(3)
        rc, out, _ = stream.stop()
    events = [parse_json(line + "\n") for line in out.splitlines()]
    assert rc == 0 and events[1] == {"map_id": made.id, "type": "lost", "type_id": 2, "position": 24, "lost_bytes": 24 * 400}
    assert [(one["position"], one["data"]) for one in events[2:]] == [(24 * 401, EVENT.hex())]


def test_records_that_a_program_gave_up_are_passed_over(kernel, bpflens):
    made = watching.ring(kernel)
    watching.write(watching.ring_writer(kernel, made, discard=True))
    assert bpflens("-j", "map", "event_pipe", "id", made.id, "count", 1, "peek") == [{"type": 9, "position": 16, "data": list(EVENT)}]


def test_a_ring_that_goes_round_is_read_on(lonely, bpflens):
    with Stream(bpflens, "-o", "jsonl", "map", "event_pipe", "pinned", lonely.path, "count", 400) as stream:
        for done in range(100, 401, 100):
            watching.write(lonely.writer, 100)
            stream.read_lines(done)
        rc, out, _ = stream.stop(None)
    assert rc == 0
    assert [parse_json(line + "\n")["position"] for line in out.splitlines()] == [24 * i for i in range(400)]


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_a_ring_buffer_is_a_stream_in_every_form(kernel, bpflens, form):
    made = watching.ring(kernel)
    watching.write(watching.ring_writer(kernel, made))
    with piping(bpflens, made, "peek", form=form) as stream:
        stream.read_until(rb"136,119|88 ?77")
        rc, out, err = stream.stop()
    assert (rc, err) == (0, "")
    if form and form[-1] not in ("jsonl", "table", "tsv"):
        assert len(parse_json(out)) == 1


# Types


@pytest.fixture
def typed(kernel):
    """A ring buffer, and a program with BTF that writes to it."""
    types = btf.Btf()
    integer, long, byte = types.int("int", 4, signed=True), types.int("unsigned long", 8), types.int("unsigned char", 1)
    types.struct("event", 16, [("cookie", long, 0), ("number", integer, 8), ("letter", byte, 12)])
    types.struct("large", 64, [("cookie", long, 0)])
    main = types.function("main", integer)
    made = watching.ring(kernel)
    fd = kernel.keep(types.load())
    writer = watching.ring_writer(kernel, made, data=EVENT + bytes(3), btf_fd=fd, func_info=[(0, main)])
    watching.write(writer)
    made.btf_id = bpf.info(fd, bpf.BtfInfo()).id
    made.types = types
    return made


VALUE = {"cookie": 0x1122334455667788, "number": 7, "letter": 65}


def test_an_event_has_the_type_that_was_named(typed, bpflens, tmp_path):
    file = tmp_path / "types"
    file.write_bytes(typed.types.blob())
    where = ["map", "event_pipe", "id", typed.id, "peek", "count", 1, "type"]
    for words in (["event"], ["struct event"], ["event", "btf", "id", typed.btf_id], ["event", "btf", str(file)]):
        assert bpflens("-o", "json", *where, *words)[0]["value"] == VALUE
        assert bpflens("-j", *where, *words)[0]["value"] == VALUE
    plain = bpflens(*where, "event").stdout
    header, _, rest = plain.partition("\n")
    assert header == "== position: 0 size: 16 =====" and parse_json(rest) == VALUE
    assert bpflens("-o", "tsv=value", *where, "event").stdout.splitlines()[1] == '{"cookie":1234605616436508552,"number":7,"letter":65}'


def test_an_event_that_is_shorter_than_its_type_is_bytes(typed, bpflens):
    seen = bpflens("-o", "json", "map", "event_pipe", "id", typed.id, "peek", "count", 1, "type", "large")
    assert "value" not in seen[0] and seen[0]["data"] == (EVENT + bytes(3)).hex()


def test_a_type_that_is_not_there_is_an_error(typed, kernel, bpflens):
    result = bpflens.run("map", "event_pipe", "id", typed.id, "type", "evnt")
    assert result.rc == 1 and result.error == "type 'evnt': No such file or directory" and "did you mean 'event'?" in result.stderr
    other = watching.ring(kernel)
    result = bpflens.run("map", "event_pipe", "id", other.id, "type", "event")
    assert result.rc == 1 and "no program with BTF uses it" in result.error and "btf FILE" in result.stderr
    assert bpflens.run("map", "event_pipe", "id", other.id, "btf", "id", typed.btf_id).rc == 2


# What cannot be


def test_maps_that_carry_no_events_are_refused(kernel, bpflens):
    made = kernel.map("hash", name=unique("evp"))
    result = bpflens.run("map", "event_pipe", "name", made.name)
    assert result.rc == 1
    assert result.error == f"map {made.id}: map is not a perf event array or a ring buffer: Operation not supported"
    assert bpflens("-j", "map", "event_pipe", "id", made.id, rc=1)["error"] == result.error


def test_a_user_ring_buffer_has_programs_for_readers(kernel, bpflens):
    try:
        made = kernel.map("user_ringbuf", 0, 0, max_entries=watching.PAGE)
    except OSError:
        pytest.skip("this kernel makes no user_ringbuf")
    result = bpflens.run("map", "event_pipe", "id", made.id)
    assert result.rc == 1 and "programs are the readers" in result.stderr


def test_words_that_do_not_fit_are_refused(kernel, perf, bpflens):
    made = watching.ring(kernel)
    for words, text in ((["cpu", 0], "cpu and index must be specified together"), (["index", 0], "cpu and index must be specified together"),
                        (["cpu", "x", "index", 0], "can't parse 'x' as the value of 'cpu'"), (["what"], "what is 'what'?"),
                        (["peek"], "'peek' and 'consume' are for ring buffers")):
        result = bpflens.run("map", "event_pipe", "id", perf.id, *words)
        assert result.rc == 2 and result.error.removeprefix("map event_pipe: ") == text, words
    for words in (["cpu", 0, "index", 0], ["replace"], ["peek", "consume"]):
        assert bpflens.run("map", "event_pipe", "id", made.id, *words).rc == 2, words
    assert watching.taken(perf) == []


def test_cpus_and_slots_that_are_not_there_are_errors(perf, bpflens):
    result = bpflens.run("map", "event_pipe", "id", perf.id, "cpu", 0, "index", perf.max_entries)
    assert result.rc == 1 and result.error.startswith(f"map {perf.id}: index {perf.max_entries}: it has {perf.max_entries} slots")
    result = bpflens.run("map", "event_pipe", "id", perf.id, "cpu", 100000, "index", 0)
    assert result.rc == 1 and result.error.startswith("CPU 100000: open a perf event") and "is not there, or offline" in result.stderr
    assert watching.taken(perf) == []


def test_nothing_is_put_in_the_map_when_something_fails(perf, bpflens):
    """The last of the calls that put events there: what was put there before is gone as well."""
    n = len([cpu for cpu in bpf.cpus("online") if cpu < perf.max_entries])
    result, _ = bpflens.traced("map", "event_pipe", "id", perf.id, calls="perf_event_open,mmap,ioctl",
                               inject=f"perf_event_open:error=EMFILE:when={n}")
    assert result.rc == 1 and "open a perf event: Too many open files" in result.stderr
    assert watching.taken(perf) == []


def test_a_line_of_a_batch_can_be_a_stream(kernel, bpflens, tmp_path):
    made = watching.ring(kernel)
    watching.write(watching.ring_writer(kernel, made))
    file = tmp_path / "batch"
    file.write_text(f"map event_pipe id {made.id} peek count 1\nmap show id {made.id}\n")
    first, second = bpflens("-j", "batch", "file", str(file))
    assert first["output"] == [{"type": 9, "position": 0, "data": list(EVENT)}] and second["output"]["id"] == made.id
