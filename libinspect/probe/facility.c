/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * facility.c - tokens, arenas, timers, signing and so on
 *
 * Most are shown by a program that uses them, and is loaded; where that would take more than a few instructions, by the functions of the
 * kernel that programs call for it.
 */
#include "probe/facility.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/names.h"
#include "probe/answer.h"
#include "probe/name.h"
#include "probe/prog_type.h"
#include "probe/try.h"

#define NO_FD 0x7fffffff
#define HASH_BYTES 32
#define SOCKET_FILTER 1
#define SCHED_CLS ABI_PROG_TYPE_SCHED_CLS
#define LOAD_F_ANY_ALIGNMENT 2
#define LOAD_F_TEST_RND_HI32 4
#define LOAD_F_TEST_STATE_FREQ 8
#define LOAD_F_XDP_HAS_FRAGS 32
#define LOAD_F_TEST_REG_INVARIANTS 128

struct facility;

typedef void facility_way(struct probe *probe, const struct facility *row,
			  struct inspect_feature *out);

struct facility {
	const char *name;
	facility_way *ask;
	const char *names[FACILITY_NAMES]; /* of functions, or a struct and its member */
	const struct facility_code *code;
};

static const int unknown_to_verifier[3] = { EINVAL };
static const int no_room_on_stack[3] = { EACCES };
/* What the verifier says of loops to those without CAP_PERFMON; to others it goes through these to their end. */
static const int loops_without_end[3] = { EINVAL, E2BIG };
static const int not_by_jit[3] = { EOPNOTSUPP, ERROR_ENOTSUPP };

/* The element with key 0, in r0, or a jump over the next slots to where r0 is set. */
#define LOOK_UP(over)                                                                              \
	SLOT(0x62, SLOT_FP, 0, -4, 0), SLOT_MOVE_REG(2, SLOT_FP), SLOT_ADD(2, -4), SLOT_MAP(1),    \
		SLOT_HELPER(1), SLOT_JUMP_IF(0, 0, over)
#define LEAVE SLOT_MOVE(0, 0), SLOT_EXIT
#define STACK(reg, at) SLOT_MOVE_REG(reg, SLOT_FP), SLOT_ADD(reg, -(at))

static const struct facility_code spin_lock = {
	SCHED_CLS,
	FACILITY_LOCK,
	.refused = unknown_to_verifier,
	.slots = { LOOK_UP(5), SLOT_MOVE_REG(6, 0), SLOT_MOVE_REG(1, 6), SLOT_HELPER(93),
		   SLOT_MOVE_REG(1, 6), SLOT_HELPER(94), LEAVE },
};
static const struct facility_code timer = {
	SCHED_CLS,
	FACILITY_TIMER,
	.refused = unknown_to_verifier,
	.slots = { LOOK_UP(5), SLOT_MOVE_REG(1, 0), SLOT_MAP(2), SLOT_MOVE(3, 1), SLOT_HELPER(169),
		   LEAVE },
};
static const struct facility_code wq = {
	SCHED_CLS,
	FACILITY_WQ,
	.slots = { LOOK_UP(5), SLOT_MOVE_REG(1, 0), SLOT_MAP(2), SLOT_MOVE(3, 0), SLOT_KFUNC(0),
		   LEAVE },
};
static const struct facility_code dynptr = {
	SCHED_CLS,
	FACILITY_ARRAY,
	.refused = unknown_to_verifier,
	.slots = { LOOK_UP(6), SLOT_MOVE_REG(1, 0), SLOT_MOVE(2, 4), SLOT_MOVE(3, 0), STACK(4, 24),
		   SLOT_HELPER(197), LEAVE },
};
static const struct facility_code dynptr_skb = {
	SCHED_CLS,
	FACILITY_NO_MAP,
	.slots = { SLOT_MOVE(2, 0), STACK(3, 16), SLOT_KFUNC(0), LEAVE },
};
static const struct facility_code two_calls = {
	SCHED_CLS,
	FACILITY_NO_MAP,
	.slots = { SLOT_KFUNC(0), SLOT_KFUNC(1), LEAVE },
};
static const struct facility_code irq = {
	SCHED_CLS,
	FACILITY_NO_MAP,
	.slots = { STACK(1, 8), SLOT_KFUNC(0), STACK(1, 8), SLOT_KFUNC(1), LEAVE },
};
/*
 * Without CAP_PERFMON the verifier also follows branches that are never taken, and so goes round this loop, with the same
 * state each time. It sees that at the jump over r6; without that, it goes round until a million instructions are through.
 */
static const struct facility_code iterator = {
	SCHED_CLS,
	FACILITY_NO_MAP,
	.refused = loops_without_end,
	.slots = { STACK(1, 8), SLOT_MOVE(2, 0), SLOT_MOVE(3, 3), SLOT_KFUNC(0), SLOT_MOVE(6, 0),
		   STACK(1, 8), SLOT_KFUNC(1), SLOT_JUMP_NOT(6, 0, 1), SLOT_JUMP_NOT(0, 0, -5),
		   STACK(1, 8), SLOT_KFUNC(2), LEAVE },
};
static const struct facility_code exception = {
	SCHED_CLS,
	FACILITY_NO_MAP,
	.refused = not_by_jit,
	.slots = { SLOT_MOVE(1, 0), SLOT_KFUNC(0), LEAVE },
};
static const struct facility_code arena = {
	ABI_PROG_TYPE_SYSCALL,
	FACILITY_ARENA,
	.refused = not_by_jit,
	.slots = { SLOT_MAP(1), SLOT_MOVE(2, 0), SLOT_MOVE(3, 1), SLOT_MOVE(4, -1), SLOT_MOVE(5, 0),
		   SLOT_KFUNC(0), LEAVE },
};
static const struct facility_code loop = {
	SCHED_CLS,
	FACILITY_NO_MAP,
	.second = 8,
	.is_static = true,
	.refused = unknown_to_verifier,
	.slots = { SLOT_MOVE(1, 3), SLOT(SLOT_WIDE, 2, 4, 0, 6), SLOT(0, 0, 0, 0, 0),
		   SLOT_MOVE(3, 0), SLOT_MOVE(4, 0), SLOT_HELPER(181), LEAVE, LEAVE },
};
static const struct facility_code global_function = {
	SCHED_CLS,
	FACILITY_NO_MAP,
	.second = 2,
	.refused = unknown_to_verifier,
	.slots = { SLOT_CALL(1), SLOT_EXIT, LEAVE },
};
static const struct facility_code tail_call = {
	SCHED_CLS,
	FACILITY_PROG_ARRAY,
	.second = 3,
	.is_static = true,
	.refused = unknown_to_verifier,
	.slots = { SLOT_CALL(2), LEAVE, SLOT_MAP(2), SLOT_MOVE(3, 0), SLOT_HELPER(12), LEAVE },
};
/* Both functions fit into one stack: a kernel takes it, with private stacks or without. */
static const struct facility_code shared_stack = {
	ABI_PROG_TYPE_TRACEPOINT,
	FACILITY_NO_MAP,
	.slots = { SLOT_STORE(SLOT_FP, -200, 0), SLOT_CALL(2), LEAVE, SLOT_STORE(SLOT_FP, -200, 0),
		   LEAVE },
};
static const struct facility_code private_stack = {
	ABI_PROG_TYPE_TRACEPOINT,
	FACILITY_NO_MAP,
	.refused = no_room_on_stack,
	.control = &shared_stack,
	.slots = { SLOT_STORE(SLOT_FP, -400, 0), SLOT_CALL(2), LEAVE, SLOT_STORE(SLOT_FP, -400, 0),
		   LEAVE },
};
/* What programs are loaded with. */
static const struct facility_code any_alignment = {
	SOCKET_FILTER,
	.flags = LOAD_F_ANY_ALIGNMENT,
	.refused = unknown_to_verifier,
	.slots = { LEAVE },
};
static const struct facility_code test_rnd_hi32 = {
	SOCKET_FILTER,
	.flags = LOAD_F_TEST_RND_HI32,
	.refused = unknown_to_verifier,
	.slots = { LEAVE },
};
static const struct facility_code test_state_freq = {
	SOCKET_FILTER,
	.flags = LOAD_F_TEST_STATE_FREQ,
	.refused = unknown_to_verifier,
	.slots = { LEAVE },
};
static const struct facility_code test_reg_invariants = {
	SOCKET_FILTER,
	.flags = LOAD_F_TEST_REG_INVARIANTS,
	.refused = unknown_to_verifier,
	.slots = { LEAVE },
};
static const struct facility_code xdp_has_frags = {
	ABI_PROG_TYPE_XDP,
	.flags = LOAD_F_XDP_HAS_FRAGS,
	.refused = unknown_to_verifier,
	.slots = { LEAVE },
};

static void by_program(struct probe *probe, const struct facility *row, struct inspect_feature *out)
{
	facility_load(probe, row->code, row->names, out);
}

static void answer_types(struct inspect_feature *out, int found)
{
	if (found < 0)
		types_unknown(out, found);
	else if (found)
		answer_yes(out, INSPECT_FOUND_BTF);
	else
		answer_no(out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
}

/* Any of these: some were called otherwise at first. */
static void by_function(struct probe *probe, const struct facility *row,
			struct inspect_feature *out)
{
	int r = 0;

	for (unsigned i = 0; !r && i < FACILITY_NAMES && row->names[i]; i++)
		r = types_id(probe, KIND_FUNC, row->names[i]);
	answer_types(out, r);
}

static void by_member(struct probe *probe, const struct facility *row, struct inspect_feature *out)
{
	answer_types(out, types_member(probe, row->names[0], row->names[1]));
}

/* The flag moved from one struct to another. */
static void ask_sleepable(struct probe *probe, const struct facility *row,
			  struct inspect_feature *out)
{
	int r = types_member(probe, "bpf_prog", "sleepable");

	(void)row;
	answer_types(out, r ? r : types_member(probe, "bpf_prog_aux", "sleepable"));
}

/* A command on a descriptor that is none: the kernel that knows it says that. */
static void answer_bad_fd(struct probe *probe, enum answer_act act, int code,
			  struct inspect_feature *out)
{
	answer_call(probe, out, act, code == EBADF ? 0 : code, unknown_to_verifier);
}

static void ask_token(struct probe *probe, const struct facility *row, struct inspect_feature *out)
{
	(void)row;
	if (answer_may(probe, ANSWER_TOKEN, out))
		answer_bad_fd(probe, ANSWER_TOKEN, -sys_token_create(probe->sys, NO_FD), out);
}

static void ask_streams(struct probe *probe, const struct facility *row,
			struct inspect_feature *out)
{
	char byte;

	(void)row;
	if (answer_may(probe, ANSWER_CALL, out))
		answer_bad_fd(probe, ANSWER_CALL, -sys_stream_read(probe->sys, NO_FD, 1, &byte, 1),
			      out);
}

static void add_signature(struct abi_prog_load_attr *attr, const void *context)
{
	attr->signature = (uint64_t)(uintptr_t)context;
	attr->signature_size = 1; /* by the kernel's own keys: number 0 */
}

/* Signed with what is no signature: EBADMSG of a kernel that looked at it. One that can check none says EOPNOTSUPP. */
static void ask_signing(struct probe *probe, const struct facility *row,
			struct inspect_feature *out)
{
	static const int means_no[3] = { EINVAL, E2BIG, EOPNOTSUPP };
	static const struct slot slots[] = { LEAVE };
	int r = trial_may(probe, SOCKET_FILTER, out);

	(void)row;
	if (!r)
		return;
	r = trial_code(probe, &(struct trial){ .type = SOCKET_FILTER,
					       .slots = slots,
					       .n = 2,
					       .adjust = add_signature,
					       .context = slots });
	answer_call_as(probe, out, ANSWER_PROG, NULL, r == EBADMSG ? 0 : r, means_no);
}

/* Maps that only the program with a certain hash may use. */
static void ask_exclusive(struct probe *probe, const struct facility *row,
			  struct inspect_feature *out)
{
	static const int means_no[3] = { EINVAL, E2BIG };
	static const uint8_t hash[HASH_BYTES];
	struct abi_map_create_attr attr;

	(void)row;
	if (!answer_may(probe, ANSWER_MAP, out))
		return;
	int r = map_type_shape(probe, ABI_MAP_TYPE_ARRAY, &attr);
	attr.excl_prog_hash = (uint64_t)(uintptr_t)hash;
	attr.excl_prog_hash_size = sizeof(hash);
	autoclose int fd = r < 0 ? r : map_type_make(probe, &attr);
	answer_call_as(probe, out, ANSWER_MAP, "array", fd < 0 ? -fd : 0, means_no);
}

/* What another kind of questions answers, under the name that documentation has for it. */
static void take_over(const struct inspect_feature *other, struct inspect_feature *out)
{
	const char *name = out->name;

	*out = *other;
	out->kind = INSPECT_FEATURE_FACILITY;
	out->name = name;
	out->of = NULL;
}

static void ask_freplace(struct probe *probe, const struct facility *row,
			 struct inspect_feature *out)
{
	(void)row;
	take_over(prog_type_answer(probe, ABI_PROG_TYPE_EXT), out);
}

static void ask_trampoline(struct probe *probe, const struct facility *row,
			   struct inspect_feature *out)
{
	struct inspect_feature fentry = { .kind = INSPECT_FEATURE_ATTACH_TYPE,
					  .name = "trace_fentry" };

	(void)row;
	attach_type_answer(probe, ABI_TRACE_FENTRY, &fentry);
	take_over(&fentry, out);
}

static const struct facility rows[] = {
	{ "token", ask_token, { 0 }, NULL },
	{ "signed_programs", ask_signing, { 0 }, NULL },
	{ "exclusive_maps", ask_exclusive, { 0 }, NULL },
	{ "map_hash", by_member, { "bpf_map_info", "hash" }, NULL },
	{ "streams", ask_streams, { 0 }, NULL },
	{ "stream_vprintk",
	  by_function,
	  { "bpf_stream_vprintk", "bpf_stream_vprintk_impl" },
	  NULL },
	{ "arena", by_program, { "bpf_arena_alloc_pages" }, &arena },
	{ "timer", by_program, { 0 }, &timer },
	{ "wq", by_program, { "bpf_wq_init" }, &wq },
	{ "task_work",
	  by_function,
	  { "bpf_task_work_schedule_signal", "bpf_task_work_schedule_signal_impl" },
	  NULL },
	{ "spin_lock", by_program, { 0 }, &spin_lock },
	{ "res_spin_lock", by_function, { "bpf_res_spin_lock" }, NULL },
	{ "rcu_read_lock", by_program, { "bpf_rcu_read_lock", "bpf_rcu_read_unlock" }, &two_calls },
	{ "preempt_disable",
	  by_program,
	  { "bpf_preempt_disable", "bpf_preempt_enable" },
	  &two_calls },
	{ "local_irq_save", by_program, { "bpf_local_irq_save", "bpf_local_irq_restore" }, &irq },
	{ "dynptr", by_program, { 0 }, &dynptr },
	{ "dynptr_skb", by_program, { "bpf_dynptr_from_skb" }, &dynptr_skb },
	{ "dynptr_xdp", by_function, { "bpf_dynptr_from_xdp" }, NULL },
	{ "dynptr_file", by_function, { "bpf_dynptr_from_file" }, NULL },
	{ "exceptions", by_program, { "bpf_throw" }, &exception },
	{ "loop", by_program, { 0 }, &loop },
	{ "open_coded_iterators",
	  by_program,
	  { "bpf_iter_num_new", "bpf_iter_num_next", "bpf_iter_num_destroy" },
	  &iterator },
	{ "kptr", by_function, { "bpf_kptr_xchg", "btf_find_kptr", "btf_parse_kptr" }, NULL },
	{ "local_kptr", by_function, { "bpf_obj_new_impl", "bpf_obj_new" }, NULL },
	{ "percpu_kptr", by_function, { "bpf_percpu_obj_new_impl", "bpf_percpu_obj_new" }, NULL },
	{ "linked_list", by_function, { "bpf_list_push_front_impl", "bpf_list_push_front" }, NULL },
	{ "rbtree", by_function, { "bpf_rbtree_add_impl", "bpf_rbtree_add" }, NULL },
	{ "cpumask", by_function, { "bpf_cpumask_create" }, NULL },
	{ "crypto", by_function, { "bpf_crypto_encrypt" }, NULL },
	{ "xdp_metadata", by_function, { "bpf_xdp_metadata_rx_hash" }, NULL },
	{ "sleepable", ask_sleepable, { 0 }, NULL },
	{ "global_functions", by_program, { 0 }, &global_function },
	{ "tail_call_in_function", by_program, { 0 }, &tail_call },
	{ "private_stack", by_program, { 0 }, &private_stack },
	{ "kernel_core_relocations", by_function, { "bpf_core_apply" }, NULL },
	{ "trampoline", ask_trampoline, { 0 }, NULL },
	{ "freplace", ask_freplace, { 0 }, NULL },
	{ "any_alignment", by_program, { 0 }, &any_alignment },
	{ "test_rnd_hi32", by_program, { 0 }, &test_rnd_hi32 },
	{ "test_state_freq", by_program, { 0 }, &test_state_freq },
	{ "test_reg_invariants", by_program, { 0 }, &test_reg_invariants },
	{ "xdp_has_frags", by_program, { 0 }, &xdp_has_frags },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static int tell(struct probe *probe, const struct facility *row)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_FACILITY, .name = row->name };

	row->ask(probe, row, &out);
	return probe_tell(probe, &out);
}

const char *facility_name(unsigned i)
{
	return i < ROWS ? rows[i].name : NULL;
}

int facility_each(struct probe *probe, struct inspect_error *err)
{
	int r = 0;

	(void)err;
	for (size_t i = 0; !r && !probe->ifindex && i < ROWS; i++)
		r = tell(probe, &rows[i]);
	return r;
}

int facility_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err)
{
	int row = name_row(NAME_ROWS(rows), question->name);

	return row < 0 ? name_unknown(question, NAME_ROWS(rows), err) : tell(probe, &rows[row]);
}
