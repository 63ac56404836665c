# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""feature probe: instructions, limits and facilities, held against programs that are loaded and run here, and what they compute."""
import ctypes
import errno
import os
import struct

import bpf
import btf
import pytest
from bpf import insn, leave, mov
from features import ask_one, everything
from test_feature_map import REFUSED, create

FP, DATA = 10, bytes(64)
STORE, LOAD = (lambda value: insn(0x7a, FP, off=-8, imm=value)), insn(0x79, 0, FP, -8)
SEVEN = 7


def atomic(operation, finish):
    """Twelve lies on the stack, ten is in r1, twelve in r0."""
    return [STORE(12), mov(0, 12), mov(1, 10), insn(0xdb, FP, 1, -8, operation)] + finish + [leave()]


MEMORY, FETCHED = [LOAD], [bpf.mov_reg(0, 1)]

# What uses the instruction, and what that returns.
RUNS = {
    # r1 = -1; w1 = w1; r1 >>= 63; r0 = r1 + 7
    "alu32": ([mov(1, -1), insn(0xbc, 1, 1), insn(0x77, 1, imm=63), bpf.mov_reg(0, 1), bpf.add(0, 7), leave()], 7),
    # -1 is not below 5 without a sign, and is with one
    "jlt": ([mov(0, 0), mov(1, -1), insn(0xa5, 1, off=4, imm=5), insn(0xb5, 1, off=3, imm=5), insn(0xc5, 1, off=1, imm=5), leave(),
             insn(0xd5, 1, off=1, imm=-1), leave(), mov(0, 7), leave()], 7),
    # r1 = 1 << 32 | 3: its lower half is 3
    "jmp32": ([mov(0, 7), insn(0x18, 1, imm=3), insn(0, imm=1), insn(0x16, 1, off=1, imm=3), mov(0, 1), leave()], 7),
    "bswap": ([mov(0, 0x1234), insn(0xd7, 0, imm=16), leave()], 0x3412),
    "movsx": ([mov(1, 0xff), insn(0xbf, 0, 1, 8), bpf.add(0, 8), leave()], 7),
    "ldsx": ([STORE(0xfe), insn(0x91, 0, FP, -8), bpf.add(0, 9), leave()], 7),
    "sdiv": ([mov(0, -14), insn(0x37, 0, off=1, imm=-2), leave()], 7),
    "smod": ([mov(0, -15), insn(0x97, 0, off=1, imm=8), insn(0x87, 0), leave()], 7),
    "gotol": ([mov(0, 7), insn(0x15, 0, off=1, imm=5), insn(0x06, imm=1), mov(0, 1), leave()], 7),
    "atomic_add": (atomic(0x00, MEMORY), 22), "atomic_and": (atomic(0x50, MEMORY), 8),
    "atomic_or": (atomic(0x40, MEMORY), 14), "atomic_xor": (atomic(0xa0, MEMORY), 6),
    "atomic_fetch_add": (atomic(0x01, FETCHED), 12), "atomic_fetch_and": (atomic(0x51, FETCHED), 12),
    "atomic_fetch_or": (atomic(0x41, FETCHED), 12), "atomic_fetch_xor": (atomic(0xa1, FETCHED), 12),
    "atomic_xchg": (atomic(0xe1, MEMORY), 10), "atomic_cmpxchg": (atomic(0xf1, MEMORY), 10),
    "load_acquire": ([STORE(7), insn(0xdb, 0, FP, -8, 0x100), leave()], 7),
    "store_release": ([STORE(1), mov(1, 7), insn(0xdb, FP, 1, -8, 0x110), LOAD, leave()], 7),
    "may_goto": ([mov(0, 0), insn(0xe5, off=3), bpf.add(0, 1), insn(0x15, 0, off=1, imm=7), insn(0x05, off=-4), leave()], 7),
    "pseudo_call": ([bpf.call_next(1), leave(), mov(0, 7), leave()], 7),
}
WITH_MAP = {"pseudo_map_value", "pseudo_map_idx", "addr_space_cast", "gotox"}


def loads(kernel, type, code, **more):
    """A descriptor, or None where the kernel refuses the program."""
    try:
        return kernel.keep(bpf.prog_load(type, code, **more))
    except OSError as failure:
        assert failure.errno in (*REFUSED, errno.E2BIG, errno.EACCES, 524), failure
        return None


def load_error(code):
    """The errno of one load without a log, or 0."""
    text, gpl = bpf.bytes_in(b"".join(code)), bpf.bytes_in(b"GPL\0")
    said = call_says(bpf.PROG_LOAD, bpf.ProgLoad(type=1, insn_cnt=len(code), insns=bpf.address(text), license=bpf.address(gpl)))
    if said >= 0:
        os.close(said)
    return max(0, -said)


def call_says(command, attr):
    try:
        return bpf.call(command, attr)
    except OSError as failure:
        return -failure.errno


def load_with_fds(fds, code):
    """The same with a list of maps; what Linux before 5.14 does not know."""
    text, gpl, list_of = bpf.bytes_in(b"".join(code)), bpf.bytes_in(b"GPL\0"), bpf.bytes_in(struct.pack("I", fds))
    attr = bytearray(128)
    base = bpf.ProgLoad(type=1, insn_cnt=sum(map(len, code)) // 8, insns=bpf.address(text), license=bpf.address(gpl))
    attr[:ctypes.sizeof(base)] = bytes(base)
    struct.pack_into("Q", attr, 120, bpf.address(list_of))
    return bpf.call(bpf.PROG_LOAD, bpf.bytes_in(attr))


def told(bpflens, kind):
    return {record["name"]: record for record in everything(bpflens, kind)}


def test_instructions_that_are_there_compute_what_they_should(kernel, bpflens):
    records = told(bpflens, "instruction")
    assert set(records) == set(RUNS) | WITH_MAP | {"pseudo_kfunc_call"}
    for name, (code, result) in RUNS.items():
        fd = loads(kernel, "socket_filter", code)
        assert records[name]["answer"] == ("no" if fd is None else "yes"), name
        assert fd is None or bpf.prog_run(fd, DATA) == result, name


def test_values_of_maps_are_read_by_their_address_and_by_a_list(kernel, bpflens):
    made = kernel.map("array", 4, 4, {0: 7}, max_entries=1)
    code = [insn(0x18, 1, 2, imm=made.fd), insn(0), insn(0x61, 0, 1), leave()]
    assert ask_one(bpflens, "instruction", "pseudo_map_value", rc=0)
    assert bpf.prog_run(loads(kernel, "socket_filter", code), DATA) == SEVEN
    record = ask_one(bpflens, "instruction", "pseudo_map_idx")
    try:
        fd = kernel.keep(load_with_fds(made.fd, [insn(0x18, 1, 6), insn(0), insn(0x61, 0, 1), leave()]))
    except OSError as failure:
        assert failure.errno in (errno.E2BIG, errno.EINVAL) and record["answer"] == "no"
    else:
        assert record["answer"] == "yes" and bpf.prog_run(fd, DATA) == SEVEN


def test_an_address_of_an_arena_is_cast_where_that_is_told(kernel, bpflens):
    record = ask_one(bpflens, "instruction", "addr_space_cast")
    try:
        arena = kernel.keep(bpf.map_create("arena", 0, 0, 1, flags=bpf.F_MMAPABLE, extra=1 << 44))
    except OSError:
        assert record["answer"] == "no"
        return
    code = [bpf.load_map(1, arena), mov(2, 8), insn(0xbf, 2, 2, 1, 1), mov(0, 7), insn(0x7b, 2, 0), insn(0x79, 0, 2), leave()]
    fd = loads(kernel, "socket_filter", code)
    assert record["answer"] == ("no" if fd is None else "yes")
    # There is no page: reading one gives 0, and does no harm.
    assert fd is None or bpf.prog_run(fd, DATA) == 0


def test_a_jump_goes_where_a_map_says_where_that_is_told(kernel, bpflens):
    record = ask_one(bpflens, "instruction", "gotox")
    fd = create(kernel, "insn_array")
    if fd is None:
        assert (record["answer"], record["found"]) == ("no", "rule")
        return
    bpf.map_update(fd, bytes(4), struct.pack("IIII", 7, 0, 0, 0))
    bpf.map_freeze(fd)
    code = [mov(0, 7), insn(0x15, 0, off=4, imm=5), insn(0x18, 1, 2, imm=fd), insn(0), insn(0x79, 1, 1), insn(0x0d, 1), mov(0, 1), leave()]
    prog = loads(kernel, "socket_filter", code)
    assert record["answer"] == ("no" if prog is None else "yes")
    assert prog is None or bpf.prog_run(prog, DATA) == SEVEN


def kfunc(name):
    number = btf.vmlinux().find(btf.FUNC, name)
    return number and insn(0x85, 0, 2, 0, number)


def test_functions_of_the_kernel_are_called_where_that_is_told(kernel, bpflens):
    record = ask_one(bpflens, "instruction", "pseudo_kfunc_call")
    assert record["answer"] == ("yes" if kfunc("bpf_jit_supports_kfunc_call") else "no")
    lock, unlock = kfunc("bpf_rcu_read_lock"), kfunc("bpf_rcu_read_unlock")
    if lock:
        assert bpf.prog_run(loads(kernel, "sched_cls", [lock, unlock, mov(0, 7), leave()]), DATA) == SEVEN


# --- limits ------------------------------------------------------------------

SETS = {"v2_isa_extension": ("jlt",), "v3_isa_extension": ("alu32", "jmp32"), "v4_isa_extension": ("bswap", "movsx", "ldsx", "sdiv", "smod", "gotol")}


def test_sets_are_there_where_all_their_instructions_are(bpflens):
    records, parts = told(bpflens, "misc"), told(bpflens, "instruction")
    for name, set_of in SETS.items():
        assert (records[name]["answer"] == "yes") is all(parts[part]["answer"] == "yes" for part in set_of)
    is_gotol_alone = parts["gotol"]["answer"] == "yes" and records["v4_isa_extension"]["answer"] == "no"
    assert ("gotol is there" in records["v4_isa_extension"].get("detail", "")) is is_gotol_alone


def test_large_programs_and_loops_are_taken_where_that_is_told(kernel, bpflens):
    records = told(bpflens, "misc")
    large = loads(kernel, "socket_filter", [mov(0, 1)] * 4096 + [leave()])
    loop = loads(kernel, "socket_filter", [mov(0, 10), bpf.add(0, -1), insn(0x55, 0, off=-2, imm=3), leave()])
    assert records["large_insn_limit"]["answer"] == ("no" if large is None else "yes")
    assert records["bounded_loops"]["answer"] == ("no" if loop is None else "yes")
    assert bpf.prog_run(loop, DATA) == 3


def nested(depth):
    return [bpf.call_next(1), leave()] * (depth - 1) + [mov(0, 7), leave()]


def test_limits_are_where_they_are_told(kernel, bpflens):
    records = told(bpflens, "misc")
    frames, stack = int(records["call_frames"]["value"]), int(records["stack_size"]["value"])
    assert bpf.prog_run(loads(kernel, "socket_filter", nested(frames)), DATA) == SEVEN
    assert loads(kernel, "socket_filter", nested(frames + 1)) is None
    for bytes_, is_taken in ((stack, True), (stack + 8, False)):
        code = [insn(0x7a, FP, off=-bytes_, imm=7), insn(0x79, 0, FP, -bytes_), leave()]
        assert (loads(kernel, "socket_filter", code) is not None) is is_taken


@pytest.mark.slow_in_vm(reason="256 functions and a million instructions, which every kernel has taken since 5.2")
def test_the_largest_programs_that_are_told_are_taken_and_no_larger_ones(kernel, bpflens):
    records = told(bpflens, "misc")
    most = int(records["functions"]["value"])
    for count, is_taken in ((most, True), (most + 1, False)):
        code = [bpf.call_next(count - i + 2 * (i - 1)) for i in range(1, count)] + [leave()] + bpf.returning(7) * (count - 1)
        assert (loads(kernel, "socket_filter", code) is not None) is is_taken
    # The first instruction is refused, once there are not too many.
    size = int(records["program_size"]["value"])
    assert load_error([bpf.mov_reg(0, 2)] * (size - 1) + [leave()]) == errno.EACCES
    assert load_error([bpf.mov_reg(0, 2)] * size + [leave()]) == errno.E2BIG
    verified = int(records["verified_instructions"]["value"])
    for rounds, code in ((verified // 2 - 100, 0), (verified // 2 + 100, errno.E2BIG)):
        assert load_error([mov(0, rounds), bpf.add(0, -1), insn(0x55, 0, off=-2), leave()]) == code


def test_levels_of_the_log_are_taken_where_that_is_told(kernel, bpflens):
    records = told(bpflens, "misc")
    for name, level in (("log_stats", 4), ("log_fixed", 9)):
        log, code, gpl = ctypes.create_string_buffer(4096), bpf.bytes_in(mov(0, 0) + leave()), bpf.bytes_in(b"GPL\0")
        attr = bpf.ProgLoad(type=1, insn_cnt=2, insns=bpf.address(code), license=bpf.address(gpl), log_level=level,
                            log_size=4096, log_buf=bpf.address(log))
        try:
            kernel.keep(bpf.call(bpf.PROG_LOAD, attr))
            taken = "yes"
        except OSError as failure:
            assert failure.errno == errno.EINVAL
            taken = "no"
        assert records[name]["answer"] == taken, name


# --- facilities --------------------------------------------------------------

# By functions of the kernel: any of them.
BY_FUNCTION = {
    "stream_vprintk": ("bpf_stream_vprintk", "bpf_stream_vprintk_impl"), "res_spin_lock": ("bpf_res_spin_lock",),
    "task_work": ("bpf_task_work_schedule_signal", "bpf_task_work_schedule_signal_impl"), "dynptr_xdp": ("bpf_dynptr_from_xdp",),
    "dynptr_file": ("bpf_dynptr_from_file",), "kptr": ("bpf_kptr_xchg",), "local_kptr": ("bpf_obj_new_impl", "bpf_obj_new"),
    "percpu_kptr": ("bpf_percpu_obj_new_impl", "bpf_percpu_obj_new"), "linked_list": ("bpf_list_push_front_impl", "bpf_list_push_front"),
    "rbtree": ("bpf_rbtree_add_impl", "bpf_rbtree_add"), "cpumask": ("bpf_cpumask_create",), "crypto": ("bpf_crypto_encrypt",),
    "xdp_metadata": ("bpf_xdp_metadata_rx_hash",), "kernel_core_relocations": ("bpf_core_apply",)}


def test_facilities_that_functions_of_the_kernel_tell_are_there_with_them(bpflens):
    records = told(bpflens, "facility")
    for name, any_of in BY_FUNCTION.items():
        found = any(btf.vmlinux().find(btf.FUNC, one) for one in any_of)
        assert (records[name]["answer"], records[name]["found"]) == ("yes" if found else "no", "btf"), name


def stack(register, at):
    return [bpf.mov_reg(register, FP), bpf.add(register, -at)]


def test_facilities_that_call_the_kernel_work_where_they_are_told(kernel, bpflens):
    records = told(bpflens, "facility")
    uses = {
        "rcu_read_lock": lambda f: [f("bpf_rcu_read_lock"), f("bpf_rcu_read_unlock"), mov(0, 7), leave()],
        "preempt_disable": lambda f: [f("bpf_preempt_disable"), f("bpf_preempt_enable"), mov(0, 7), leave()],
        "local_irq_save": lambda f: stack(1, 8) + [f("bpf_local_irq_save")] + stack(1, 8) + [f("bpf_local_irq_restore"), mov(0, 7), leave()],
        # 0 + 1 + ... + 6
        "open_coded_iterators": lambda f: [mov(6, 0)] + stack(1, 8) + [mov(2, 0), mov(3, 4), f("bpf_iter_num_new")] + stack(1, 8) + [
            f("bpf_iter_num_next"), insn(0x15, 0, off=2), bpf.add(6, 1), insn(0x05, off=-6)] + stack(1, 8) + [
            f("bpf_iter_num_destroy"), mov(0, 7), leave()],
        "exceptions": lambda f: [mov(1, 7), f("bpf_throw"), mov(0, 1), leave()],
        "dynptr_skb": lambda f: [mov(2, 0), *stack(3, 16), f("bpf_dynptr_from_skb"), bpf.add(0, 7), leave()],
    }
    for name, make in uses.items():
        missing = []

        def found(function):
            call = kfunc(function)
            missing.extend([] if call else [function])
            return call or mov(0, 0)

        code = make(found)
        fd = None if missing else loads(kernel, "sched_cls", code)
        assert records[name]["answer"] == ("no" if fd is None else "yes"), name
        assert fd is None or bpf.prog_run(fd, DATA) == SEVEN, name


def typed_array(kernel, member, bytes_):
    """An array whose value has one struct of this name, and four bytes behind."""
    types = btf.Btf()
    number = types.int("int", 4, signed=True)
    inner = types.struct(member, bytes_, [])
    value = types.struct("value", bytes_ + 8, [("inner", inner, 0), ("rest", number, bytes_)])
    fd = kernel.keep(types.load())
    return kernel.keep(bpf.map_create("array", 4, bytes_ + 8, 1, btf_fd=fd, btf_key=number, btf_value=value))


def test_locks_and_timers_work_where_they_are_told(kernel, bpflens):
    records = told(bpflens, "facility")
    for name, member, bytes_, use in (
            ("spin_lock", "bpf_spin_lock", 4, lambda fd: [bpf.mov_reg(6, 0), bpf.mov_reg(1, 6), bpf.helper(93), bpf.mov_reg(1, 6), bpf.helper(94)]),
            ("timer", "bpf_timer", 16, lambda fd: [bpf.mov_reg(1, 0), bpf.load_map(2, fd), mov(3, 1), bpf.helper(169)])):
        try:
            fd = typed_array(kernel, member, bytes_)
        except OSError:
            assert records[name]["answer"] == "no", name
            continue
        code = [insn(0x62, FP, off=-4), *stack(2, 4), bpf.load_map(1, fd), bpf.helper(1), insn(0x15, 0, off=5), *use(fd), mov(0, 7), leave()]
        prog = loads(kernel, "sched_cls", code)
        assert records[name]["answer"] == ("no" if prog is None else "yes"), name
        assert prog is None or bpf.prog_run(prog, DATA) == SEVEN


def test_a_token_of_a_plain_file_system_is_refused_by_kernels_that_have_tokens(bpflens, private):
    where = os.open(os.path.join(private, "bpffs"), os.O_RDONLY | os.O_DIRECTORY)
    said = call_says(36, bpf.layout("Token", "u32 flags, u32 fd")(fd=where))
    os.close(where)
    assert said in (-errno.EOPNOTSUPP, -errno.EINVAL, -errno.EPERM)
    assert (ask_one(bpflens, "facility", "token")["answer"] == "yes") is (said != -errno.EINVAL)


def test_streams_are_there_where_one_can_be_read(kernel, bpflens):
    room = bpf.bytes_in(bytes(16))
    attr = bpf.layout("Stream", "u64 bytes, u32 size, u32 stream, u32 fd, u32 pad")(
        bytes=bpf.address(room), size=16, stream=1, fd=kernel.prog("sched_cls").fd)
    assert (ask_one(bpflens, "facility", "streams")["answer"] == "yes") is (call_says(37, attr) == 0)


def test_exclusive_maps_are_there_where_one_is_made(bpflens):
    digest = bpf.bytes_in(bytes(32))
    attr = bytearray(96)
    struct.pack_into("IIII", attr, 0, 2, 4, 4, 1)
    struct.pack_into("QI", attr, 80, bpf.address(digest), 32)
    said = call_says(bpf.MAP_CREATE, bpf.bytes_in(attr))
    if said >= 0:
        os.close(said)
    assert (ask_one(bpflens, "facility", "exclusive_maps")["answer"] == "yes") is (said >= 0)


def test_flags_of_programs_are_taken_where_that_is_told(kernel, bpflens):
    records = told(bpflens, "facility")
    for name, flag, type in (("any_alignment", 2, "socket_filter"), ("test_rnd_hi32", 4, "socket_filter"), ("test_state_freq", 8, "socket_filter"),
                             ("xdp_has_frags", 32, "xdp"), ("test_reg_invariants", 128, "socket_filter")):
        assert records[name]["answer"] == ("no" if loads(kernel, type, bpf.returning(0), flags=flag) is None else "yes"), name


def test_two_functions_have_more_than_512_bytes_of_stack_where_each_has_its_own(kernel, bpflens):
    store = insn(0x7a, FP, off=-400)
    fd = loads(kernel, "tracepoint", [store, bpf.call_next(2), *bpf.returning(0), store, *bpf.returning(0)])
    assert ask_one(bpflens, "facility", "private_stack")["answer"] == ("no" if fd is None else "yes")


def test_every_answer_is_known_to_one_who_may_ask(bpflens):
    """Where trampolines are missing the kernel says EPERM, and that is not "no"."""
    for kind in ("misc", "instruction", "facility"):
        for name, record in told(bpflens, kind).items():
            is_refused = name in ("trampoline", "freplace") and record.get("errno") == "EPERM"
            assert record["answer"] in (("unknown", "not permitted") if is_refused else ("yes", "no")), record


@pytest.mark.slow_in_vm(reason="names do not depend on the kernel")
@pytest.mark.parametrize("kind, name, near", [("misc", "bounded_loop", "bounded_loops"), ("instruction", "movsx8", "movsx"), ("facility", "timers", "timer")])
def test_a_name_that_is_none_names_the_nearest(bpflens, kind, name, near):
    result = bpflens.run("feature", "probe", kind, name)
    assert result.rc == 2 and f"did you mean '{near}'?" in result.stderr
