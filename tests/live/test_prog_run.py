# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""prog run: what goes in, what comes out, and what no program of a type can be given."""
import os
import re
import struct

import bpf
import pytest
from maker import unique

PACKET = bytes(range(40))
SUMMARY = re.compile(r"Return value: (\d+), duration( \(average\))?: \d+ns\n")


def load(dst, src, off, size=4):
    return bpf.insn({4: 0x61, 8: 0x79, 1: 0x71}[size], dst, src, off)


def store(dst, src, off):
    return bpf.insn(0x63, dst, src, off)


def packet_store(value):
    """An XDP program that writes a byte at the beginning of its packet and returns value."""
    return [load(2, 1, 0), load(3, 1, 4), bpf.mov_reg(4, 2), bpf.add(4, 1), bpf.insn(0x2d, 4, 3, 1),
            bpf.insn(0x72, 2, off=0, imm=0x7e), *bpf.returning(value)]


@pytest.fixture
def xdp(kernel):
    return kernel.prog("xdp", packet_store(2), name=unique("run"))


@pytest.fixture
def syscall(kernel):
    """A program that adds 1 to the first word of its context, and returns 7."""
    try:
        return kernel.prog("syscall", [load(2, 1, 0), bpf.add(2, 1), store(1, 2, 0), *bpf.returning(7)],
                           flags=bpf.F_SLEEPABLE)
    except OSError as failure:
        pytest.skip(f"loads no syscall program: {failure}")


@pytest.fixture
def tracepoint(kernel):
    """A raw tracepoint that returns its first argument."""
    return kernel.prog("raw_tracepoint", [load(0, 1, 0, 8), bpf.leave()])


@pytest.fixture
def packet(tmp_path):
    path = tmp_path / "packet"
    path.write_bytes(PACKET)
    return path


def changed(data):
    return b"\x7e" + data[1:]


def test_the_return_value_and_the_data_are_what_the_program_made_of_them(bpflens, xdp, packet):
    assert bpf.prog_run(xdp.fd, PACKET) == 2
    record = bpflens("-j", "prog", "run", "id", xdp.id, "data_in", packet, "data_out", "-")
    assert list(record) == ["data_out", "retval", "duration"]
    assert record["retval"] == 2 and bytes(record["data_out"]) == changed(PACKET)
    [strict] = bpflens("-o", "json", "prog", "run", "id", xdp.id, "data_in", packet, "data_out", "-")
    assert strict["data_out"] == changed(PACKET).hex() and strict["retval"] == 2 and strict["prog_id"] == xdp.id
    rows = bpflens("-o", "tsv=prog_id,retval,data_out", "prog", "run", xdp.id, "data_in", packet, "data_out", "-").stdout
    assert rows.splitlines()[1].split("\t") == [str(xdp.id), "2", changed(PACKET).hex()]


@pytest.mark.parametrize("words", [[], ["data_out", "-"], ["data_out", "-", "repeat", "3"], ["repeat", "1"],
                                   ["data_size_out", "64", "data_out", "-"]], ids=" ".join)
def test_output_is_bpftools(bpflens, peer, kernel, packet, words):
    prog = kernel.prog("sched_cls", bpf.returning(-1))
    line = ["prog", "run", "pinned", kernel.pin(prog), "data_in", packet, *words]
    ours, theirs = bpflens(*line).stdout, peer.run(*line).stdout
    assert SUMMARY.search(ours)[1] == str(2**32 - 1)
    assert bool(SUMMARY.search(ours)[2]) == ("3" in words)
    assert re.sub(r": \d+ns", "", ours) == re.sub(r": \d+ns", "", theirs)
    mine, other = bpflens("-j", *line), peer.run("-j", *line).json
    assert list(mine) == list(other)
    mine["duration"] = other["duration"] = 0
    assert mine == other


def test_a_context_comes_back_as_bpftool_has_it_and_also_without_one_that_went_in(bpflens, peer, kernel, packet, tmp_path):
    prog = kernel.prog("sched_cls", [bpf.mov(2, 0x1234), store(1, 2, 8), *bpf.returning(0)])  # skb->mark
    context = tmp_path / "context"
    context.write_bytes(bytes(64))
    line = ["-j", "prog", "run", "pinned", kernel.pin(prog), "data_in", packet, "ctx_out", "-"]
    ours, theirs = bpflens(*line, "ctx_in", context), peer.run(*line, "ctx_in", context).json
    assert ours["ctx_out"] == theirs["ctx_out"] and list(ours) == list(theirs) == ["ctx_out", "retval", "duration"]
    assert struct.unpack_from("=I", bytes(ours["ctx_out"]), 8) == (0x1234,)
    assert struct.unpack_from("=I", bytes(bpflens(*line)["ctx_out"]), 8) == (0x1234,)


@pytest.mark.slow_in_vm(reason="a start for each length; the layout is no kernel's business")
def test_a_dump_of_any_length_is_bpftools(bpflens, peer, kernel, tmp_path):
    prog = kernel.prog("xdp", bpf.returning(1))
    pin = kernel.pin(prog)
    for size in (14, 15, 16, 17, 23, 24, 25, 31, 32, 33, 300):
        data = tmp_path / "data"
        data.write_bytes(bytes((7 * i + size) & 0xff for i in range(size)))
        line = ["prog", "run", "pinned", pin, "data_in", data, "data_out", "-"]
        assert SUMMARY.sub("", bpflens(*line).stdout) == SUMMARY.sub("", peer.run(*line).stdout), size


def test_standard_input_is_data_or_context(bpflens, xdp, syscall):
    record = bpflens("-j", "prog", "run", "id", xdp.id, "data_in", "-", "data_out", "-", input=PACKET)
    assert bytes(record["data_out"]) == changed(PACKET)
    assert bpflens("-j", "prog", "run", "id", syscall.id, "ctx_in", "-", input=bytes(8))["retval"] == 7
    failed = bpflens.run("-j", "prog", "run", "id", xdp.id, "data_in", "-", "ctx_in", "-")
    assert failed.rc == 2 and failed.error.endswith("cannot use standard input for both data_in and ctx_in")


def test_a_syscall_program_runs_on_its_context(bpflens, peer, syscall, kernel, tmp_path):
    before = tmp_path / "ctx"
    before.write_bytes(struct.pack("=II", 41, 9))
    after = tmp_path / "after"
    record = bpflens("-j", "prog", "run", "id", syscall.id, "ctx_in", before, "ctx_out", "-")
    assert bytes(record["ctx_out"]) == struct.pack("=II", 42, 9) and record["retval"] == 7
    assert bpflens("prog", "run", "id", syscall.id, "ctx_in", before, "ctx_out", after).rc == 0
    assert after.read_bytes() == struct.pack("=II", 42, 9) and before.read_bytes() == struct.pack("=II", 41, 9)
    assert peer.run("prog", "run", "id", syscall.id, "ctx_in", before).rc != 0  # which cannot do it at all


def test_a_raw_tracepoint_gets_its_arguments(bpflens, tracepoint):
    run = ["-j", "prog", "run", "id", tracepoint.id]
    try:
        bpf.prog_run(tracepoint.fd, ctx=struct.pack("=QQ", 77, 0), repeat=0)
    except OSError as failure:
        pytest.skip(f"runs no raw tracepoint: {failure}")
    assert bpflens(*run, "ctx_in", "-", input=struct.pack("=QQ", 77, 0))["retval"] == 77
    cpu = bpf.cpus("online")[-1]
    assert bpflens(*run, "ctx_in", "-", "cpu", cpu, input=struct.pack("=QQ", 78, 0))["retval"] == 78
    failed = bpflens.run("prog", "run", tracepoint.id, "ctx_in", "-", "cpu", "99999", input=bytes(16))
    assert failed.rc == 1 and "CPU 99999 is not there, or off" in failed.stderr
    failed = bpflens.run("prog", "run", tracepoint.id, "ctx_in", "-", input=bytes(4))
    assert failed.rc == 1 and "ctx_in must have all bytes of the context" in failed.stderr


@pytest.mark.parametrize("which, words, says", [
    ("syscall", ["data_in", "{packet}"], "programs of type syscall have no data, only a context"),
    ("syscall", ["data_out", "-"], "programs of type syscall have no data, only a context"),
    ("syscall", ["repeat", "5"], "programs of type syscall run once: there is no repeating them"),
    ("syscall", ["cpu", "0"], "programs of type syscall run on any CPU: only raw tracepoints can be told which"),
    ("tracepoint", ["repeat", "2"], "programs of type raw_tracepoint run once: there is no repeating them"),
    ("tracepoint", ["ctx_out", "-"], "programs of type raw_tracepoint give no context back"),
    ("xdp", ["batch_size", "2"], "programs of type xdp take batch_size with live_frames alone"),
    ("tracepoint", ["batch_size", "2"], "programs of type raw_tracepoint have no live frames: only those of type xdp do"),
    ("xdp", ["cpu", "0", "data_in", "{packet}"], "programs of type xdp run on any CPU: only raw tracepoints can be told which"),
])
def test_what_a_type_cannot_do_is_said_before_it_runs(request, bpflens, packet, which, words, says):
    prog = request.getfixturevalue(which)
    line = ["prog", "run", "id", prog.id, *[word.format(packet=packet) for word in words]]
    failed = bpflens.run("-j", *line)
    assert failed.rc == 1 and failed.error == f"prog {prog.id}: run: Invalid argument" and failed.json["hint"] == says


def test_a_type_that_cannot_be_run_says_so(bpflens, kernel, packet):
    prog = kernel.prog("tracepoint")
    failed = bpflens.run("-j", "prog", "run", "id", prog.id, "data_in", packet)
    assert failed.rc == 1 and failed.error == f"prog {prog.id}: run: Operation not supported by the kernel (524)"
    assert failed.json["hint"] == ("the kernel cannot run programs of type tracepoint by hand; "
                                   "they run where they are attached")


def test_a_packet_that_is_too_short_says_what_is_wanted(bpflens, xdp, tmp_path):
    short = tmp_path / "short"
    short.write_bytes(bytes(13))
    for words in (["data_in", short], []):
        failed = bpflens.run("prog", "run", "id", xdp.id, *words)
        assert failed.rc == 1 and f"prog {xdp.id}: run: Invalid argument" in failed.stderr
        assert "hint: most types want a packet of at least 14 bytes as data_in" in failed.stderr


def test_output_longer_than_its_room_says_how_much_is_needed(bpflens, peer, xdp, kernel, packet):
    line = ["prog", "run", "id", xdp.id, "data_in", packet, "data_size_out", "20"]
    for more in ([], ["data_out", "-"]):
        failed = bpflens.run("-j", *line, *more)
        assert failed.rc == 1
        assert failed.error == f"prog {xdp.id}: run: data of 40 bytes come back: No space left on device"
        assert failed.json["hint"] == "make room for them: 'data_size_out 40'"
        assert peer.run(*line, *more).rc == 228
    assert bpflens(*line[:-1], "40").rc == 0
    skb = kernel.prog("sched_cls", bpf.returning(0))
    failed = bpflens.run("prog", "run", "id", skb.id, "data_in", packet, "ctx_out", "-", "ctx_size_out", "8")
    size = int(re.search(r"'ctx_size_out (\d+)'", failed.stderr)[1])
    assert failed.rc == 1 and f"a context of {size} bytes comes back" in failed.stderr
    assert bpflens("prog", "run", "id", skb.id, "data_in", packet, "ctx_out", "-", "ctx_size_out", size).rc == 0


def test_without_a_place_for_it_output_of_any_length_is_no_error(bpflens, xdp, packet):
    assert SUMMARY.fullmatch(bpflens("prog", "run", "id", xdp.id, "data_in", packet).stdout)


def test_files_are_written_whole(bpflens, xdp, packet, tmp_path):
    out = tmp_path / "out"
    out.write_bytes(b"x" * 1000)
    result = bpflens("prog", "run", "id", xdp.id, "data_in", packet, "data_out", out)
    assert SUMMARY.fullmatch(result.stdout) and out.read_bytes() == changed(PACKET)
    assert "data_out" not in bpflens("-j", "prog", "run", "id", xdp.id, "data_in", packet, "data_out", out)
    assert bpflens("prog", "run", "id", xdp.id, "data_in", packet, "data_out", packet).rc == 0
    assert packet.read_bytes() == changed(PACKET)  # the same file was read before it was written
    assert sorted(os.listdir(tmp_path)) == ["out", "packet"]


def test_a_file_that_cannot_be_written_is_found_before_the_program_runs(bpflens, kernel, syscall, tmp_path):
    for path, why in ((tmp_path / "none" / "x", "No such file or directory"), ("/proc/version/x", "Not a directory")):
        failed = bpflens.run("-j", "prog", "run", "id", syscall.id, "ctx_in", "-", "ctx_out", path, input=bytes(8))
        assert failed.rc == 1 and failed.error == f"{path}: write: {why}" and list(failed.json) == ["error"]


def test_a_file_that_fails_while_it_is_written_leaves_the_summary_and_one_document(bpflens, xdp, packet):
    failed = bpflens.run("-j", "prog", "run", "id", xdp.id, "data_in", packet, "data_out", "/dev/full")
    assert failed.rc == 1 and list(failed.json) == ["retval", "duration", "error"]
    assert failed.error == "/dev/full: write: No space left on device"
    failed = bpflens.run("prog", "run", "id", xdp.id, "data_in", packet, "data_out", "/dev/full")
    assert failed.rc == 1 and SUMMARY.fullmatch(failed.stdout) and "/dev/full" in failed.stderr


@pytest.mark.parametrize("words, says", [
    (["d", "x"], "ambiguous prefix: 'd' could be 'data_in' or 'data_out' or 'data_size_out'"),
    (["data_", "x"], "ambiguous prefix: 'data_' could be 'data_in' or 'data_out' or 'data_size_out'"),
    (["ctx", "x"], "ambiguous prefix: 'ctx' could be 'ctx_in' or 'ctx_out' or 'ctx_size_out'"),
    (["data_in"], "'data_in' needs a value"),
    (["data_in", "/nosuch/file"], "/nosuch/file: open: No such file or directory"),
    (["data_in", "/"], "/: read: Is a directory"),
    (["data_size_out", "x"], "can't parse 'x' as the value of 'data_size_out'"),
    (["ctx_size_out", "-1"], "can't parse '-1' as the value of 'ctx_size_out'"),
    (["repeat", "4294967296"], "can't parse '4294967296' as the value of 'repeat'"),
    (["data_in", "/dev/null", "data_in", "x"], "'data_in' is there twice"),
    (["dat_in", "x"], "what is 'dat_in'?"),
])
def test_words_that_mean_nothing_are_refused(bpflens, xdp, words, says):
    failed = bpflens.run("--", "prog", "run", "id", xdp.id, *words)
    assert failed.rc in (1, 2) and says in failed.error, failed


@pytest.mark.slow_in_vm(reason="the parser's business")
def test_shortened_words_mean_what_they_mean_to_bpftool(bpflens, peer, kernel, packet):
    pin = kernel.pin(kernel.prog("xdp", bpf.returning(3)))
    for words in (["data_i", packet], ["data_in", packet, "data_o", "-"], ["data_in", packet, "data_s", "50", "r", "2"]):
        ours, theirs = (one.run("prog", "run", "pinned", pin, *words).stdout for one in (bpflens, peer))
        assert ours and re.sub(r": \d+ns", "", ours) == re.sub(r": \d+ns", "", theirs), words


def test_live_frames_are_run_in_batches(bpflens, kernel, packet):
    kernel.netns()
    counts = kernel.map("array", max_entries=1, value=8)
    count = [bpf.store_word(10, -4, 0), bpf.load_map(1, counts.fd), bpf.mov_reg(2, 10), bpf.add(2, -4), bpf.helper(1),
             bpf.insn(0x15, 0, off=2), bpf.mov(1, 1), bpf.insn(0xdb, 0, 1), *bpf.returning(1)]  # XDP_DROP
    prog = kernel.prog("xdp", count)
    result = bpflens.run("prog", "run", "id", prog.id, "data_in", packet, "repeat", "100", "live_frames", "batch_size", "8")
    if "too old" in result.stderr:
        pytest.skip("runs no live frames: " + result.stderr)
    assert result.rc == 0 and SUMMARY.fullmatch(result.stdout), result
    assert struct.unpack("Q", bpf.map_lookup(counts.fd, bytes(4), 8)) == (100,)


def test_without_the_right_to_it_nothing_is_run(public, kernel, nobody, packet):
    prog = kernel.prog("xdp")
    failed = public.run("prog", "run", "id", prog.id, "data_in", "/dev/null", before=nobody)
    assert failed.rc == 1 and "Operation not permitted" in failed.error
