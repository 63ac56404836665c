# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe: map types, flags of maps and batch commands, held against maps that are made and used here."""
import errno
import os
import struct

import bpf
import btf
import features
import pytest
import zoo
from features import ask, ask_one, everything

PAGE = os.sysconf("SC_PAGE_SIZE")
# How to make the least map of each type: key, value, entries, flags. The rest is zero.
LEAST = {name: (4, 4, 1, 0) for name in bpf.MAP_TYPES[1:]} | {
    "stack_trace": (4, 8, 1, 0), "lpm_trie": (8, 1, 1, 1), "cgroup_storage": (16, 4, 0, 0), "percpu_cgroup_storage": (16, 4, 0, 0),
    "queue": (0, 4, 1, 0), "stack": (0, 4, 1, 0), "bloom_filter": (0, 4, 1, 0), "ringbuf": (0, 0, PAGE, 0),
    "user_ringbuf": (0, 0, PAGE, 0), "arena": (0, 0, 1, 0x400), "insn_array": (4, 16, 1, 0), "rhash": (4, 4, 1, 1),
    **{name: (4, 4, 0, 1) for name in zoo.STORAGE_BTF}}
REFUSED = (errno.EINVAL, errno.EOPNOTSUPP)

# Flags of BPF_MAP_CREATE that are made here and read back: bit, type, shape.
FLAGS = {
    "no_prealloc": (1 << 0, "hash", {}), "no_common_lru": (1 << 1, "lru_hash", {}), "numa_node": (1 << 2, "hash", {}),
    "rdonly": (1 << 3, "hash", {}), "wronly": (1 << 4, "hash", {}), "stack_build_id": (1 << 5, "stack_trace", {"value": 32}),
    "zero_seed": (1 << 6, "hash", {}), "rdonly_prog": (1 << 7, "array", {}), "wronly_prog": (1 << 8, "array", {}),
    "clone": (1 << 9, "sk_storage", {}), "mmapable": (1 << 10, "array", {}), "preserve_elems": (1 << 11, "perf_event_array", {}),
    "inner_map": (1 << 12, "array", {}), "segv_on_fault": (1 << 17, "arena", {}), "no_user_conv": (1 << 18, "arena", {}),
    "rb_overwrite": (1 << 19, "ringbuf", {})}
NOT_KEPT = bpf.F_RDONLY | bpf.F_WRONLY  # they are of the descriptor
ELSEWHERE = {"link", "path_fd", "vtype_btf_obj_fd", "token_fd"}
COMMANDS = {"lookup_batch": 24, "lookup_and_delete_batch": 25, "update_batch": 26, "delete_batch": 27}
ENOTSUPP = 524


def create(kernel, kind, flags=0, value=None):
    """A descriptor of the least map, of one errno; None where the kernel refuses it."""
    key, size, entries, needed = LEAST[kind]
    more = {}
    if kind in zoo.INNER:
        more["inner_fd"] = create(kernel, "array")
    if kind in zoo.STORAGE_BTF:
        more["btf_fd"], number = kernel.int_btf()
        more |= {"btf_key": number, "btf_value": number}
    try:
        return kernel.keep(bpf.map_create(kind, key, value or size, entries, flags=needed | flags, **more))
    except OSError as failure:
        assert failure.errno in REFUSED, (kind, failure)
        return None


def struct_ops(kernel):
    """A congestion control, as zoo makes it; on 5.10 the kernel reads its own types with the first program."""
    kernel.prog("socket_filter")
    return zoo.make(kernel, "struct_ops")


def has(kernel, kind):
    return struct_ops(kernel) is not None if kind == "struct_ops" else create(kernel, kind) is not None


def test_every_type_that_is_there_can_be_made_and_no_other(kernel, bpflens):
    told = {record["name"]: record["answer"] for record in everything(bpflens, "map_type")}
    assert list(told)[:len(bpf.MAP_TYPES) - 1] == bpf.MAP_TYPES[1:]
    made = {kind: "yes" if has(kernel, kind) else "no" for kind in bpf.MAP_TYPES[1:]}
    assert {kind: told[kind] for kind in made} == made


def test_every_type_of_the_kernel_has_a_record(bpflens):
    types = btf.vmlinux()
    numbers = {name: value for name, value in types.enumerators(types.find(btf.ENUM, "bpf_map_type"))}
    words = {name.removeprefix("BPF_MAP_TYPE_").lower() for name, value in numbers.items()
             if name.startswith("BPF_MAP_TYPE_") and value and not name.endswith("_DEPRECATED")}
    assert len(words) > 25
    assert words <= {record["name"] for record in everything(bpflens, "map_type")}


def test_map_types_are_those_of_bpftool_but_for_struct_ops(kernel, bpflens, peer):
    theirs = features.document(peer, "-j")["map_types"]
    ours = {f"have_{record['name']}_map_type": record["answer"] == "yes" for record in everything(bpflens, "map_type")}
    differ = {name for name in theirs if ours[name] is not theirs[name]}
    # Kernels before 6.9 do not know what bpftool sets, and have the type: it is made above.
    assert differ <= {"have_struct_ops_map_type"}
    if differ:
        assert has(kernel, "struct_ops") and not theirs["have_struct_ops_map_type"]


def test_flags_that_are_there_are_kept_by_the_kernel_and_no_other(kernel, bpflens):
    told = {record["name"]: record["answer"] for record in everything(bpflens, "map_flag")}
    assert set(told) == set(FLAGS) | ELSEWHERE
    for name, (flag, kind, shape) in FLAGS.items():
        fd = create(kernel, kind, flag, **shape)
        assert told[name] == ("no" if fd is None else "yes"), name
        if fd is not None and not flag & NOT_KEPT:
            assert bpf.info(fd, bpf.MapInfo()).flags & flag, name


@pytest.mark.parametrize("name", ["rdonly", "wronly"])
def test_flags_of_a_descriptor_hold(kernel, bpflens, name):
    assert ask_one(bpflens, "map_flag", name)["answer"] == "yes"
    fd = create(kernel, "hash", FLAGS[name][0])
    with pytest.raises(PermissionError):
        if name == "rdonly":
            bpf.map_update(fd, bytes(4), bytes(4))
        else:
            bpf.map_lookup(fd, bytes(4), 4)


def test_the_link_flag_is_there_where_struct_ops_links_are(kernel, bpflens):
    made = struct_ops(kernel)
    assert (ask_one(bpflens, "map_flag", "link")["answer"] == "yes") is bool(bpf.info(made.fd, bpf.MapInfo()).flags & bpf.F_LINK)


def test_the_path_flag_is_there_where_a_pin_can_be_opened_from_a_directory(kernel, bpflens):
    made = kernel.map("array", 4, 4, name="from_dir")
    path = kernel.pin(made)
    where = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
    name = bpf.bytes_in(os.fsencode(os.path.basename(path)) + b"\0")
    attr = bpf.layout("At", "u64 path, u32 fd, u32 flags, s32 dir")(path=bpf.address(name), flags=0x4000, dir=where)
    try:
        os.close(bpf.call(bpf.OBJ_GET, attr))
        opens = True
    except OSError as failure:
        assert failure.errno == errno.EINVAL
        opens = False
    os.close(where)
    assert (ask_one(bpflens, "map_flag", "path_fd")["answer"] == "yes") is opens


# --- batch commands ----------------------------------------------------------

def batch(fd, command, keys=b"", values=b"", count=0):
    """(errno, count, keys, values)"""
    k, v, cursor = bpf.bytes_in(keys + bytes(512)), bpf.bytes_in(values + bytes(8192)), bpf.bytes_in(bytes(256))
    attr = bpf.Batch(keys=bpf.address(k), values=bpf.address(v), count=count, map_fd=fd)
    if "lookup" in command:
        attr.out_batch = bpf.address(cursor)
    try:
        bpf.call(COMMANDS[command], attr)
    except OSError as failure:
        return failure.errno, attr.count, k.raw, v.raw
    return 0, attr.count, k.raw, v.raw


def told_batches(bpflens, kind):
    return {record["name"]: record for record in everything(bpflens, "batch") if record["for"] == kind}


def test_each_type_has_a_record_of_each_batch_command(bpflens):
    records = everything(bpflens, "batch")
    assert [(record["for"], record["name"]) for record in records] == [(kind, name) for kind in bpf.MAP_TYPES[1:] for name in COMMANDS]


PLAIN = ("hash", "lru_hash", "percpu_hash", "lru_percpu_hash", "rhash", "array", "percpu_array", "lpm_trie")


@pytest.mark.parametrize("kind", PLAIN)
def test_batch_commands_that_are_there_do_their_work(kernel, bpflens, kind):
    told = told_batches(bpflens, kind)
    if create(kernel, kind) is None:
        assert {record["answer"] for record in told.values()} == {"no"}
        return
    key_size, size = LEAST[kind][:2]
    width = 8 * len(bpf.possible_cpus()) if "percpu" in kind else size
    keys = struct.pack("II", 32, 7)[:key_size] if kind == "lpm_trie" else bytes(key_size)
    values = (bytes(range(1, 5)) + bytes(4)) * (width // 8) if "percpu" in kind else bytes(range(1, 1 + size))
    works = {}
    for command in COMMANDS:
        fd = create(kernel, kind)  # kernels differ in whether an element takes the place of one in a full lpm_trie
        bpf.map_update(fd, keys, values)
        error, count, _, found = batch(fd, command, keys, b"\7" * width if command == "update_batch" else b"", 1 if "lookup" not in command else 8)
        works[command] = error in (0, errno.ENOENT)
        if not works[command]:
            assert error in (ENOTSUPP, errno.EINVAL), (command, error)
            continue
        assert count == 1, command
        if "lookup" in command:
            assert found[:width] == values
        if command == "update_batch":
            assert bpf.map_lookup(fd, keys, width)[:1] == b"\7"
        if "delete" in command:
            assert bpf.map_next_key(fd, None, key_size) is None
    assert {command: told[command]["answer"] == "yes" for command in COMMANDS} == works


def test_types_that_refuse_every_batch_command_are_told_so(kernel, bpflens):
    for kind in bpf.MAP_TYPES[1:]:
        fd = struct_ops(kernel).fd if kind == "struct_ops" else create(kernel, kind)
        for command, record in told_batches(bpflens, kind).items():
            if fd is None:
                assert (record["answer"], record["found"]) == ("no", "rule")
                continue
            refused = batch(fd, command)[0] == ENOTSUPP
            assert (record["answer"] == "no") is refused, (kind, command)
            if refused:
                assert record["reason"] == "not for this type"


def test_a_batch_command_of_no_type_is_one_of_any(bpflens):
    for command in COMMANDS:
        record = ask_one(bpflens, "batch", command)
        assert "for" not in record or record["for"] is None
        assert record["answer"] == ("yes" if any(one["answer"] == "yes" for one in everything(bpflens, "batch") if one["name"] == command) else "no")


# --- questions ---------------------------------------------------------------

@pytest.mark.slow_in_vm(reason="names do not depend on the kernel")
@pytest.mark.parametrize("words, near", [
    (("map_type", "ringbif"), "ringbuf"), (("map_flag", "mapable"), "mmapable"), (("batch", "lookup_batc"), "lookup_batch"),
    (("batch", "lookup_batch", "for", "arrai"), "array")])
def test_a_name_that_is_none_names_the_nearest(bpflens, words, near):
    result = bpflens.run("feature", "probe", *words)
    assert result.rc == 2 and f"did you mean '{near}'?" in result.stderr


def test_a_question_makes_the_map_that_answers_it_and_nothing_more(bpflens):
    result, lines = bpflens.traced("feature", "probe", "map_type", "ringbuf")
    assert result.rc == 0
    assert [line for line in lines if "BPF_" in line and "E2BIG" not in line and "BPF_MAP_CREATE" not in line] == []
    assert len([line for line in lines if "BPF_MAP_TYPE_RINGBUF" in line]) == 1


def test_several_questions_are_answered_in_order(bpflens):
    assert [record["name"] for record in ask(bpflens, "map_type", "hash", "map_flag", "mmapable", "map_type", "array", rc=0)] == ["hash", "mmapable", "array"]
