/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * instruction.c - instructions that not every kernel has
 *
 * Each is loaded where it is reached: what a kernel takes to be dead it does not look at. A piece is put between a beginning, which sets
 * r0 and eight bytes of stack, and an end, so that several fit into one program.
 */
#include "probe/instruction.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "probe/answer.h"
#include "probe/name.h"

#define PROG_TYPE_SOCKET_FILTER 1
#define PIECE_MOST 12
#define PROGRAM_MOST 96

/* Codes that have no name in trial.h. */
#define ATOMIC_64 0xdb
#define ATOMIC_32 0xc3
#define FETCH 1
#define ATOMIC(code, operation) SLOT(code, SLOT_FP, 1, -8, operation)
#define BOTH_ATOMICS(operation)                                                                    \
	{                                                                                          \
		SLOT_MOVE(1, 1), ATOMIC(ATOMIC_64, operation), ATOMIC(ATOMIC_32, operation)        \
	}
#define OP_ADD 0x00
#define OP_OR 0x40
#define OP_AND 0x50
#define OP_XOR 0xa0
#define OP_XCHG 0xe0
#define OP_CMPXCHG 0xf0
#define OP_LOAD_ACQUIRE 0x100
#define OP_STORE_RELEASE 0x110
#define KFUNC_CALL 2 /* what these stand for, where the second register is no register */
#define MAP_IDX 5
#define ARENA_ADDRESS                                                                              \
	(1ull                                                                                      \
	 << 44) /* where the arena would be in user space: programs are only loaded once that is settled */
#define TARGET_OF_GOTOX 6 /* the slot in the whole program */

struct row {
	const char *name;
	unsigned map_type; /* what it needs, or 0 */
	struct slot piece[PIECE_MOST];
};

static const struct row rows[] = {
	[INSTRUCTION_ALU32] = { "alu32", 0, { SLOT(0xb4, 1, 0, 0, -1), SLOT(0x0c, 0, 1, 0, 0) } },
	[INSTRUCTION_JLT] = { "jlt",
			      0,
			      { SLOT(0xa5, 0, 0, 0, 1), SLOT(0xb5, 0, 0, 0, 1),
				SLOT(0xc5, 0, 0, 0, 1), SLOT(0xd5, 0, 0, 0, 1) } },
	[INSTRUCTION_JMP32] = { "jmp32", 0, { SLOT(0x56, 0, 0, 0, 1), SLOT(0xa6, 0, 0, 0, 1) } },
	[INSTRUCTION_BSWAP] = { "bswap",
				0,
				{ SLOT(0xd7, 0, 0, 0, 16), SLOT(0xd7, 0, 0, 0, 32),
				  SLOT(0xd7, 0, 0, 0, 64) } },
	[INSTRUCTION_MOVSX] = { "movsx",
				0,
				{ SLOT(0xbf, 1, 0, 8, 0), SLOT(0xbf, 1, 0, 16, 0),
				  SLOT(0xbf, 1, 0, 32, 0), SLOT(0xbc, 1, 0, 8, 0),
				  SLOT(0xbc, 1, 0, 16, 0) } },
	[INSTRUCTION_LDSX] = { "ldsx",
			       0,
			       { SLOT(0x91, 1, SLOT_FP, -8, 0), SLOT(0x89, 1, SLOT_FP, -8, 0),
				 SLOT(0x81, 1, SLOT_FP, -8, 0) } },
	[INSTRUCTION_SDIV] = { "sdiv", 0, { SLOT(0x37, 0, 0, 1, 2), SLOT(0x34, 0, 0, 1, 2) } },
	[INSTRUCTION_SMOD] = { "smod", 0, { SLOT(0x97, 0, 0, 1, 2), SLOT(0x94, 0, 0, 1, 2) } },
	[INSTRUCTION_GOTOL] = { "gotol",
				0,
				{ SLOT_JUMP_IF(0, 5, 1), SLOT(0x06, 0, 0, 0, 1),
				  SLOT_MOVE(0, 1) } },
	{ "atomic_add", 0, BOTH_ATOMICS(OP_ADD) },
	{ "atomic_and", 0, BOTH_ATOMICS(OP_AND) },
	{ "atomic_or", 0, BOTH_ATOMICS(OP_OR) },
	{ "atomic_xor", 0, BOTH_ATOMICS(OP_XOR) },
	{ "atomic_fetch_add", 0, BOTH_ATOMICS(OP_ADD | FETCH) },
	{ "atomic_fetch_and", 0, BOTH_ATOMICS(OP_AND | FETCH) },
	{ "atomic_fetch_or", 0, BOTH_ATOMICS(OP_OR | FETCH) },
	{ "atomic_fetch_xor", 0, BOTH_ATOMICS(OP_XOR | FETCH) },
	{ "atomic_xchg", 0, BOTH_ATOMICS(OP_XCHG | FETCH) },
	{ "atomic_cmpxchg", 0, BOTH_ATOMICS(OP_CMPXCHG | FETCH) },
	{ "load_acquire", 0, { SLOT(ATOMIC_64, 1, SLOT_FP, -8, OP_LOAD_ACQUIRE) } },
	{ "store_release", 0, { SLOT(ATOMIC_64, SLOT_FP, 0, -8, OP_STORE_RELEASE) } },
	{ "may_goto", 0, { SLOT(0xe5, 0, 0, 1, 0), SLOT(0x05, 0, 0, -2, 0) } },
	{ "addr_space_cast",
	  ABI_MAP_TYPE_ARENA,
	  { SLOT_MAP(1), SLOT_MOVE(2, 0), SLOT(0xbf, 2, 2, 1, 1) } },
	{ "gotox",
	  ABI_MAP_TYPE_INSN_ARRAY,
	  { SLOT_MAP_VALUE(1), SLOT_LOAD(1, 1, 0), SLOT(0x0d, 1, 0, 0, 0) } },
	{ "pseudo_map_value", ABI_MAP_TYPE_ARRAY, { SLOT_MAP_VALUE(1), SLOT(0x61, 0, 1, 0, 0) } },
	{ "pseudo_map_idx",
	  ABI_MAP_TYPE_ARRAY,
	  { SLOT(SLOT_WIDE, 1, MAP_IDX, 0, 0), SLOT(0, 0, 0, 0, 0) } },
	{ "pseudo_call", 0, { SLOT_CALL(1), SLOT_EXIT } }, /* what follows is the function */
	{ "pseudo_kfunc_call", 0, { SLOT(0x85, 0, KFUNC_CALL, 1, 1) } },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static const struct slot beginning[] = { SLOT_MOVE(0, 0), SLOT_STORE(SLOT_FP, -8, 0) };
static const struct slot end[] = { SLOT_MOVE(0, 0), SLOT_EXIT };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct program {
	struct slot slots[PROGRAM_MOST];
	uint32_t n;
};

static void add(struct program *program, const struct slot *slots, size_t n)
{
	memcpy(&program->slots[program->n], slots, n * sizeof(*slots));
	program->n += (uint32_t)n;
}

int instruction_load(struct probe *probe, unsigned type, const enum instruction *which, size_t n)
{
	struct program program = { .n = 0 };

	add(&program, beginning, COUNT(beginning));
	for (size_t i = 0; i < n; i++)
		add(&program, rows[which[i]].piece, trial_size(rows[which[i]].piece, PIECE_MOST));
	add(&program, end, COUNT(end));
	return trial_code(probe,
			  &(struct trial){ .type = type, .slots = program.slots, .n = program.n });
}

/* Where to the jump leads. The kernel wants such a map filled in and frozen. */
static int fill_targets(struct probe *probe, int fd)
{
	const uint32_t key = 0, value[4] = { TARGET_OF_GOTOX };

	int r = sys_update(probe->sys, fd, &key, value, ABI_ANY);
	return r < 0 ? r : sys_freeze(probe->sys, fd);
}

static int make_map(struct probe *probe, unsigned type)
{
	struct abi_map_create_attr attr;
	int r = map_type_shape(probe, type, &attr);

	if (r < 0)
		return r;
	if (type == ABI_MAP_TYPE_ARENA)
		attr.map_extra = ARENA_ADDRESS;
	autoclose int fd = map_type_make(probe, &attr);
	r = fd >= 0 && type == ABI_MAP_TYPE_INSN_ARRAY ? fill_targets(probe, fd) : 0;
	return r < 0 ? r : take_fd(&fd);
}

/* Without the map that it works on there is no such instruction. */
static bool has_map(struct probe *probe, const struct row *row, struct inspect_feature *out)
{
	const struct inspect_feature *of;

	if (!row->map_type)
		return true;
	of = map_type_answer(probe, row->map_type);
	if (of->answer == INSPECT_YES)
		return true;
	*out = *of;
	out->kind = INSPECT_FEATURE_INSTRUCTION;
	out->name = row->name;
	if (of->answer == INSPECT_NO)
		out->found = INSPECT_FOUND_RULE;
	return false;
}

static bool is_indexed(const struct row *row)
{
	return row->piece[0].code == SLOT_WIDE && row->piece[0].regs == SLOT_REGS(1, MAP_IDX);
}

static bool is_kfunc_call(const struct row *row)
{
	static const struct slot kfunc_call = SLOT(0x85, 0, KFUNC_CALL, 1, 1);

	return memcmp(&row->piece[0], &kfunc_call, sizeof(kfunc_call)) == 0;
}

static int load_row(struct probe *probe, const struct row *row, struct inspect_feature *out)
{
	struct program program = { .n = 0 };
	autoclose int map_fd = row->map_type ? make_map(probe, row->map_type) : 0;

	if (map_fd < 0) {
		answer_call(probe, out, ANSWER_MAP, -map_fd, NULL);
		return map_fd;
	}
	add(&program, beginning, COUNT(beginning));
	add(&program, row->piece, trial_size(row->piece, PIECE_MOST));
	add(&program, end, COUNT(end));
	int code = trial_code(probe, &(struct trial){
					     .type = PROG_TYPE_SOCKET_FILTER,
					     .slots = program.slots,
					     .n = program.n,
					     .map_fd = map_fd,
					     .is_indexed = is_indexed(row),
				     });
	if (!map_fd)
		map_fd = -1; /* there is none to be closed */
	return code;
}

/*
 * The call that is loaded names a module that is not given. A kernel that has such calls looks for it (EPROTO, from Linux 5.16 on);
 * of 5.13 to 5.15 only its types tell.
 */
static int settle_kfunc_call(struct probe *probe, int code)
{
	if (code == EPROTO)
		return 0;
	if (code == EINVAL && types_id(probe, KIND_FUNC, "bpf_jit_supports_kfunc_call") > 0)
		return 0;
	return code;
}

static int tell(struct probe *probe, const struct row *row)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_INSTRUCTION, .name = row->name };

	if (!trial_may(probe, PROG_TYPE_SOCKET_FILTER, &out) || !has_map(probe, row, &out))
		return probe_tell(probe, &out);
	int code = load_row(probe, row, &out);
	if (is_kfunc_call(row))
		code = settle_kfunc_call(probe, code);
	if (is_indexed(row) && code == E2BIG)
		code = EINVAL; /* the kernel has no place for the list of maps */
	if (code >= 0)
		trial_answer(probe, PROG_TYPE_SOCKET_FILTER, code, &out);
	return probe_tell(probe, &out);
}

const char *instruction_name(unsigned i)
{
	return i < ROWS ? rows[i].name : NULL;
}

int instruction_each(struct probe *probe, struct inspect_error *err)
{
	int r = 0;

	(void)err;
	for (size_t i = 0; !r && !probe->ifindex && i < ROWS; i++)
		r = tell(probe, &rows[i]);
	return r;
}

int instruction_ask(struct probe *probe, const struct inspect_question *question,
		    struct inspect_error *err)
{
	int row = name_row(NAME_ROWS(rows), question->name);

	return row < 0 ? name_unknown(question, NAME_ROWS(rows), err) : tell(probe, &rows[row]);
}
