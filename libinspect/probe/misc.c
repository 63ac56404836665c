/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * misc.c - what the verifier takes: size, loops, sets of instructions
 *
 * Limits are found by programs that the kernel refuses early: for their size before it reads them, or for a register that they
 * read too soon, once they are small enough.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "probe/answer.h"
#include "probe/instruction.h"
#include "probe/kfunc.h"
#include "probe/name.h"
#include "probe/prog_type.h"

#define PROG_TYPE_SOCKET_FILTER 1
#define SMALL_MOST 4096
#define LARGE_MOST 1000000
#define FUNCTIONS 256
#define FRAMES 8
#define STACK_WORDS 64
#define LOG_STATS 4
#define LOG_FIXED 8
#define VALUE_ROOM 32

/* A question that is being answered. */
struct asked {
	struct probe *probe;
	unsigned type; /* of programs */
	struct inspect_feature *out;
	char value[VALUE_ROOM];
};

struct row {
	const char *name;
	bool is_for_devices; /* they tell it of programs that they carry out */
	void (*ask)(struct asked *asked);
};

static void tell_value(struct asked *asked, enum inspect_found found, unsigned long value)
{
	answer_yes(asked->out, found);
	asked->out->code = 0;
	snprintf(asked->value, sizeof(asked->value), "%lu", value);
	asked->out->value = asked->value;
}

static int load(struct asked *asked, const struct slot *slots, size_t n)
{
	return trial_code(asked->probe,
			  &(struct trial){ .type = asked->type, .slots = slots, .n = (uint32_t)n });
}

/* One more instruction than kernels before 5.2 took. */
static void ask_large(struct asked *asked)
{
	static const int means_no[3] = { E2BIG, EINVAL };
	static const struct slot move = SLOT_MOVE(0, 0), leave = SLOT_EXIT;
	AUTO(buf_done) struct buf program = { 0 };

	for (unsigned i = 0; i < SMALL_MOST; i++)
		buf_add(&program, &move, sizeof(move));
	buf_add(&program, &leave, sizeof(leave));
	int code = buf_failed(&program) ? ENOMEM
					: load(asked, (const struct slot *)(void *)program.bytes,
					       SMALL_MOST + 1);
	answer_call_as(asked->probe, asked->out, ANSWER_PROG, NULL, code, means_no);
}

/*
 * Without CAP_PERFMON the verifier also follows branches that are never taken, and so goes round a loop again. With bits of r0 cut
 * off it comes to values that it has seen, and refuses; else it goes on for a second and more.
 */
static void ask_loops(struct asked *asked)
{
	static const struct slot slots[] = {
		SLOT_MOVE(0, 3),	 SLOT_ADD(0, -1), SLOT(0x57, 0, 0, 0, 3), /* r0 &= 3 */
		SLOT_JUMP_NOT(0, 0, -3), SLOT_EXIT,
	};

	trial_answer(asked->probe, asked->type, load(asked, slots, 5), asked->out);
}

static void ask_set(struct asked *asked, const enum instruction *which, size_t n)
{
	trial_answer(asked->probe, asked->type,
		     instruction_load(asked->probe, asked->type, which, n), asked->out);
}

static void ask_v2(struct asked *asked)
{
	static const enum instruction set[] = { INSTRUCTION_JLT };

	ask_set(asked, set, 1);
}

static void ask_v3(struct asked *asked)
{
	static const enum instruction set[] = { INSTRUCTION_ALU32, INSTRUCTION_JMP32 };

	ask_set(asked, set, 2);
}

/* Later releases of 6.1 took it over for a repair: bpftool, which tries nothing else, says that version 4 is there. */
static bool has_gotol_alone(struct asked *asked)
{
	static const enum instruction set[] = { INSTRUCTION_GOTOL };

	return !instruction_load(asked->probe, asked->type, set, 1);
}

/* All of it: a compiler that is told to use version 4 uses any of these. */
static void ask_v4(struct asked *asked)
{
	static const enum instruction set[] = {
		INSTRUCTION_BSWAP, INSTRUCTION_MOVSX, INSTRUCTION_LDSX,
		INSTRUCTION_SDIV,  INSTRUCTION_SMOD,  INSTRUCTION_GOTOL,
	};

	ask_set(asked, set, sizeof(set) / sizeof(*set));
	if (asked->out->answer == INSPECT_NO && has_gotol_alone(asked))
		asked->out->detail = "gotol is there, other instructions of version 4 are not";
}

/*
 * Programs whose instructions cannot be read: E2BIG where there are too many of them, EFAULT where not. Returns the most that are
 * not refused, 0 where that cannot be told; *code then says why.
 */
static unsigned long most_slots(struct asked *asked, int *code)
{
	static const unsigned long sizes[] = { LARGE_MOST, SMALL_MOST };

	for (unsigned i = 0; i < 2; i++) {
		*code = load(asked, NULL, sizes[i]);
		if (*code == EFAULT)
			return load(asked, NULL, sizes[i] + 1) == E2BIG ? sizes[i] : 0;
		if (*code != E2BIG)
			return 0;
	}
	return 0;
}

static void ask_size(struct asked *asked)
{
	int code;
	unsigned long most = most_slots(asked, &code);

	if (most)
		tell_value(asked, INSPECT_FOUND_PROBE, most);
	else
		answer_call_as(asked->probe, asked->out, ANSWER_PROG, NULL, code, NULL);
}

/*
 * How many instructions the verifier goes through. Where a program may have a million, that is the same limit; asking would take as
 * long as going through them.
 */
static void ask_complexity(struct asked *asked)
{
	ask_size(asked);
	if (asked->out->answer != INSPECT_YES)
		return;
	if (strcmp(asked->value, "1000000") == 0) {
		asked->out->found = INSPECT_FOUND_RULE;
		return;
	}
	asked->out->answer = INSPECT_UNKNOWN;
	asked->out->reason = INSPECT_REASON_NEEDS_LOAD;
	asked->out->value = NULL;
}

/* main and @n - 1 functions. main begins with what the verifier refuses once it has counted them. */
static int load_functions(struct asked *asked, unsigned n)
{
	static const struct slot too_soon = SLOT_MOVE_REG(0, 2), leave = SLOT_EXIT,
				 set = SLOT_MOVE(0, 0);
	AUTO(buf_done) struct buf program = { 0 };

	buf_add(&program, &too_soon, sizeof(too_soon));
	for (unsigned i = 1; i < n; i++) {
		/* The calls that follow this one, the end, and the functions before that one lie between. */
		const struct slot call = SLOT_CALL((int32_t)(n - i + 2 * (i - 1)));

		buf_add(&program, &call, sizeof(call));
	}
	buf_add(&program, &leave, sizeof(leave));
	for (unsigned i = 1; i < n; i++) {
		buf_add(&program, &set, sizeof(set));
		buf_add(&program, &leave, sizeof(leave));
	}
	return buf_failed(&program) ? ENOMEM
				    : load(asked, (const struct slot *)(void *)program.bytes,
					   program.size / sizeof(leave));
}

/* Each function calls the next one. */
static int load_frames(struct asked *asked, unsigned n)
{
	static const struct slot call = SLOT_CALL(1), leave = SLOT_EXIT, set = SLOT_MOVE(0, 0);
	AUTO(buf_done) struct buf program = { 0 };

	for (unsigned i = 0; i < n; i++) {
		buf_add(&program, i + 1 < n ? &call : &set, sizeof(call));
		buf_add(&program, &leave, sizeof(leave));
	}
	return buf_failed(&program) ? ENOMEM
				    : load(asked, (const struct slot *)(void *)program.bytes,
					   program.size / sizeof(leave));
}

static int load_stack(struct asked *asked, unsigned words)
{
	const struct slot slots[] = {
		SLOT_STORE(SLOT_FP, (int16_t)(-8 * (int)words), 0),
		SLOT_MOVE(0, 0),
		SLOT_EXIT,
	};

	return load(asked, slots, 3);
}

/* A limit on how many there may be of something. */
struct limit {
	int (*load)(struct asked *asked, unsigned n); /* an errno */
	int fits, over;				      /* what it is up to the limit, and beyond */
	unsigned likely; /* of every kernel so far but some, no less of any */
	unsigned unit;
};

#define LIMIT_TIMES 16 /* so many times the likely one is the most that is tried */

/* The limit, or 0: @code says why it was not found. */
static unsigned find_limit(struct asked *asked, const struct limit *limit, int *code)
{
	unsigned low = limit->likely, high = low + 1;

	*code = limit->load(asked, low);
	if (*code != limit->fits)
		return 0;
	while ((*code = limit->load(asked, high)) == limit->fits &&
	       high < LIMIT_TIMES * limit->likely) {
		low = high;
		high *= 2;
	}
	while (*code == limit->over && high - low > 1) {
		unsigned middle = low + (high - low) / 2;

		int r = limit->load(asked, middle);
		if (r == limit->fits)
			low = middle;
		else
			high = middle;
		*code = r == limit->fits ? limit->over : r;
	}
	/* Not only the verifier says EACCES: then what fits does so no more. */
	if (*code == EACCES && limit->over == EACCES && limit->load(asked, low) != limit->fits)
		return 0;
	return *code == limit->over ? low : 0;
}

static void tell_limit(struct asked *asked, const struct limit *limit)
{
	int code;
	unsigned most = find_limit(asked, limit, &code);

	if (most)
		tell_value(asked, INSPECT_FOUND_PROBE, (unsigned long)most * limit->unit);
	else if (code == limit->fits)
		answer_call_as(asked->probe, asked->out, ANSWER_PROG, NULL, E2BIG, NULL);
	else
		answer_call_as(asked->probe, asked->out, ANSWER_PROG, NULL, code, NULL);
}

static void ask_functions(struct asked *asked)
{
	tell_limit(asked, &(struct limit){ load_functions, EACCES, E2BIG, FUNCTIONS, 1 });
}

/* 8 up to Linux 7.1, then 16. */
static void ask_frames(struct asked *asked)
{
	tell_limit(asked, &(struct limit){ load_frames, 0, E2BIG, FRAMES, 1 });
}

static void ask_stack(struct asked *asked)
{
	tell_limit(asked, &(struct limit){ load_stack, 0, EACCES, STACK_WORDS, 8 });
}

static void ask_log(struct asked *asked, uint32_t level)
{
	static const struct slot slots[] = { SLOT_MOVE(0, 0), SLOT_EXIT };

	trial_answer(asked->probe, asked->type,
		     trial_code(asked->probe, &(struct trial){ .type = asked->type,
							       .slots = slots,
							       .n = 2,
							       .log_level = level }),
		     asked->out);
}

static void ask_log_stats(struct asked *asked)
{
	ask_log(asked, LOG_STATS);
}

static void ask_log_fixed(struct asked *asked)
{
	ask_log(asked, 1 | LOG_FIXED);
}

static void tell_types(struct asked *asked, int found)
{
	if (found < 0)
		types_unknown(asked->out, found);
	else if (found)
		answer_yes(asked->out, INSPECT_FOUND_BTF);
	else
		answer_no(asked->out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
}

static void ask_log_size(struct asked *asked)
{
	tell_types(asked, types_member(asked->probe, "bpf_attr", "log_true_size"));
}

static void ask_common(struct asked *asked)
{
	uint64_t value;

	tell_types(asked, types_value(asked->probe, "bpf_cmd", "BPF_COMMON_ATTRS", &value));
}

static int is_one(void *context, const char *name, uint32_t id)
{
	(void)context, (void)name, (void)id;
	return 1;
}

/* Where they are tagged, a function without the tag is none; saved probes rest on that. */
static void ask_kfunc_tags(struct asked *asked)
{
	tell_types(asked, types_tagged(asked->probe, KFUNC_TAG, is_one, NULL));
}

static const struct row rows[] = {
	{ "large_insn_limit", true, ask_large },
	{ "bounded_loops", true, ask_loops },
	{ "v2_isa_extension", true, ask_v2 },
	{ "v3_isa_extension", true, ask_v3 },
	{ "v4_isa_extension", true, ask_v4 },
	{ "program_size", false, ask_size },
	{ "verified_instructions", false, ask_complexity },
	{ "functions", false, ask_functions },
	{ "call_frames", false, ask_frames },
	{ "stack_size", false, ask_stack },
	{ "log_stats", false, ask_log_stats },
	{ "log_fixed", false, ask_log_fixed },
	{ "log_true_size", false, ask_log_size },
	{ "common_attrs", false, ask_common },
	{ "kfunc_tags", false, ask_kfunc_tags },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static int tell(struct probe *probe, const struct row *row)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_MISC, .name = row->name };
	/* A device does not carry out socket filters. */
	struct asked asked = {
		.probe = probe,
		.type = probe->ifindex ? ABI_PROG_TYPE_XDP : PROG_TYPE_SOCKET_FILTER,
		.out = &out,
	};

	if (trial_may(probe, asked.type, &out))
		row->ask(&asked);
	return probe_tell(probe, &out);
}

int misc_each(struct probe *probe, struct inspect_error *err)
{
	int r = 0;

	(void)err;
	for (size_t i = 0; !r && i < ROWS; i++)
		if (!probe->ifindex || rows[i].is_for_devices)
			r = tell(probe, &rows[i]);
	return r;
}

int misc_ask(struct probe *probe, const struct inspect_question *question,
	     struct inspect_error *err)
{
	int row = name_row(NAME_ROWS(rows), question->name);

	return row < 0 ? name_unknown(question, NAME_ROWS(rows), err) : tell(probe, &rows[row]);
}
