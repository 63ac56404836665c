/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * reach.c - which instructions of a program can be come to
 *
 * Registers are kept for places that are jumped to. A register there only ever goes from nothing to a value to any, so
 * that each place is looked at a few times and the walk ends.
 */
#include "probe/reach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define REGISTERS 11
#define NO_PLACE UINT32_MAX

struct regs {
	struct reach_value value[REGISTERS];
};

/* A function, while it is followed. */
struct following {
	struct reach *reach;
	const struct object_func *func;
	struct insn_stream stream;
	unsigned char *seen;
	uint32_t *places; /* by slot: where in @regs, or NO_PLACE */
	struct regs *regs;
	uint32_t n_places;
	uint32_t *open; /* slots to begin at */
	bool *is_open;	/* by place */
	uint32_t n_open;
};

static void following_done(struct following *following)
{
	free(following->places);
	free(following->regs);
	free(following->open);
	free(following->is_open);
}

static bool take(struct reach *reach)
{
	if (reach->steps)
		reach->steps--;
	return reach->steps;
}

/* To look through a function takes work, whatever of it is come to. */
static bool take_many(struct reach *reach, size_t slots)
{
	reach->steps = reach->steps > slots ? reach->steps - slots : 0;
	return reach->steps;
}

static bool is_inside(const struct following *following, uint32_t slot)
{
	return slot >= following->func->first && slot < following->func->end;
}

static bool is_jump(const struct insn *insn)
{
	return insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_IF || insn->kind == INSN_MAY_GOTO;
}

static void find_places(struct following *following)
{
	const struct object_func *func = following->func;
	struct insn insn;

	memset(following->places, 0xff, (size_t)(func->end - func->first) * sizeof(uint32_t));
	following->places[0] = following->n_places++;
	for (uint32_t i = func->first; i < func->end; i += insn.length) {
		insn_decode(&following->stream, i, &insn);
		if (!is_jump(&insn) || !is_inside(following, insn.target))
			continue;
		uint32_t *place = &following->places[insn.target - func->first];
		if (*place == NO_PLACE)
			*place = following->n_places++;
	}
}

static bool is_same(const struct reach_value *a, const struct reach_value *b)
{
	return a->kind == b->kind && a->place == b->place && a->number == b->number &&
	       a->is_blurred == b->is_blurred;
}

static bool is_clean(const struct reach_value *value)
{
	return value->kind == REACH_ANY && !value->is_blurred;
}

/* Where one way brings what nobody knows, both ways of a jump are gone already. */
static struct reach_value join(const struct reach_value *a, const struct reach_value *b)
{
	if (a->kind == REACH_NOTHING)
		return *b;
	if (b->kind == REACH_NOTHING || is_same(a, b))
		return *a;
	if (is_clean(a) || is_clean(b))
		return (struct reach_value){ .kind = REACH_ANY };
	if (a->kind == b->kind && a->place == b->place && a->number == b->number)
		return a->is_blurred ? *a : *b;
	bool is_zero =
		(a->kind == REACH_NUMBER && !a->number) || (b->kind == REACH_NUMBER && !b->number);
	bool is_any = a->kind == REACH_ANY || b->kind == REACH_ANY;
	return (struct reach_value){ .kind = is_zero || is_any ? REACH_ANY : REACH_NOT_ZERO,
				     .is_blurred = true };
}

/* Brings registers to a place that is jumped to, which is looked at again where that tells something new. */
static void arrive(struct following *following, uint32_t slot, const struct regs *regs)
{
	uint32_t place = following->places[slot - following->func->first];
	struct regs *there = &following->regs[place];
	bool is_new = false;

	for (unsigned i = 0; i < REGISTERS; i++) {
		struct reach_value joined = join(&there->value[i], &regs->value[i]);

		is_new |= !is_same(&joined, &there->value[i]);
		there->value[i] = joined;
	}
	if (is_new && !following->is_open[place]) {
		following->is_open[place] = true;
		following->open[following->n_open++] = slot;
	}
}

enum { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_OR, OP_AND, OP_LSH, OP_RSH, OP_XOR = 10, OP_ARSH = 12 };

static bool compute(const struct insn *insn, uint64_t a, uint64_t b, uint64_t *out)
{
	unsigned bits = insn->is_32 ? 31 : 63;

	switch (insn->code >> 4) {
	case OP_ADD:
		*out = a + b;
		return true;
	case OP_SUB:
		*out = a - b;
		return true;
	case OP_MUL:
		*out = a * b;
		return true;
	case OP_OR:
		*out = a | b;
		return true;
	case OP_AND:
		*out = a & b;
		return true;
	case OP_LSH:
		*out = a << (b & bits);
		return true;
	case OP_RSH:
		*out = (insn->is_32 ? (uint32_t)a : a) >> (b & bits);
		return true;
	case OP_XOR:
		*out = a ^ b;
		return true;
	case OP_ARSH:
		*out = insn->is_32 ? (uint64_t)((int32_t)a >> (b & bits))
				   : (uint64_t)((int64_t)a >> (b & bits));
		return true;
	default:
		return false;
	}
}

static struct reach_value operand(const struct insn *insn, const struct regs *regs)
{
	if (insn->has_imm)
		return (struct reach_value){ .kind = REACH_NUMBER,
					     .number = (uint64_t)(int64_t)insn->imm };
	return insn->src < REGISTERS ? regs->value[insn->src]
				     : (struct reach_value){ .kind = REACH_ANY };
}

static struct reach_value calculate(const struct insn *insn, const struct regs *regs)
{
	struct reach_value a = regs->value[insn->dst], b = operand(insn, regs);
	struct reach_value out = { .kind = REACH_ANY, .is_blurred = a.is_blurred || b.is_blurred };

	if (b.kind != REACH_NUMBER)
		return out;
	if (a.kind == REACH_ADDRESS && !insn->is_32 && insn->code >> 4 == OP_ADD) {
		a.number += b.number;
		a.is_blurred = out.is_blurred;
		return a;
	}
	if (a.kind != REACH_NUMBER || !compute(insn, a.number, b.number, &out.number))
		return out;
	out.kind = REACH_NUMBER;
	out.number = insn->is_32 ? (uint32_t)out.number : out.number;
	return out;
}

static struct reach_value move(const struct insn *insn, const struct regs *regs)
{
	struct reach_value out = operand(insn, regs);

	if (insn->size || (insn->is_32 && out.kind != REACH_NUMBER))
		return (struct reach_value){ .kind = REACH_ANY, .is_blurred = out.is_blurred };
	if (insn->is_32)
		out.number = (uint32_t)out.number;
	return out;
}

static struct reach_value load(const struct following *following, const struct insn *insn,
			       const struct regs *regs)
{
	struct reach_value out = { .kind = REACH_ANY };

	if (insn->src >= REGISTERS)
		return out;
	out.is_blurred = regs->value[insn->src].is_blurred;
	if (regs->value[insn->src].kind != REACH_ADDRESS || insn->is_signed)
		return out;
	struct reach_value address = regs->value[insn->src];
	address.number += (uint64_t)(int64_t)insn->off;
	following->reach->facts->load(following->reach->facts->context, &address, insn->size, &out);
	following->reach->has_facts |= out.is_blurred;
	return out;
}

/* A call of the kernel's, which returns what nobody knows. */
static bool is_kernels(const struct following *following, const struct insn *insn)
{
	struct object_target target;

	return insn->kind == INSN_CALL &&
	       (insn->call != INSN_CALL_SUBPROG ||
		(object_find_target(following->reach->object, following->func->section, insn,
				    &target) &&
		 target.section == ELF_UNDEFINED));
}

/* What an instruction does to registers; what it is not known to do leaves any value. */
static void step(const struct following *following, const struct insn *insn, struct regs *regs)
{
	const struct reach_facts *facts = following->reach->facts;
	const struct reach_value any = { .kind = REACH_ANY };
	struct reach_value value = any;

	if (insn->kind == INSN_CALL || insn->kind == INSN_CALL_REG) {
		for (unsigned i = 0; i <= 5; i++)
			regs->value[i] = any;
		regs->value[0].is_blurred = !is_kernels(following, insn);
		return;
	}
	if (insn->kind == INSN_PACKET)
		regs->value[0] = any;
	if (insn->kind == INSN_ATOMIC) {
		regs->value[0] = any;
		if (insn->src < REGISTERS)
			regs->value[insn->src] = any;
	}
	if (insn->dst >= REGISTERS || insn->kind == INSN_STORE || is_jump(insn))
		return;
	if (facts->constant(facts->context, following->func->section, insn, &value)) {
		following->reach->has_facts |= value.is_blurred;
		regs->value[insn->dst] = value;
		return;
	}
	if (insn->kind == INSN_ALU)
		value = calculate(insn, regs);
	else if (insn->kind == INSN_MOVE)
		value = move(insn, regs);
	else if (insn->kind == INSN_LOAD)
		value = load(following, insn, regs);
	else if (insn->kind == INSN_CONSTANT && insn->src == INSN_CONSTANT_PLAIN)
		value = (struct reach_value){ .kind = REACH_NUMBER, .number = insn->imm64 };
	regs->value[insn->dst] = value;
}

enum {
	TO_EQUAL = 1,
	TO_MORE,
	TO_MORE_EQUAL,
	TO_BITS,
	TO_UNEQUAL,
	TO_SIGNED_MORE,
	TO_SIGNED_MORE_EQUAL,
	TO_LESS = 10,
	TO_LESS_EQUAL,
	TO_SIGNED_LESS,
	TO_SIGNED_LESS_EQUAL
};

/* 1 the jump is taken, 0 it is not, -1 either. */
static int compare(unsigned op, uint64_t a, uint64_t b, bool is_32)
{
	int64_t left = is_32 ? (int32_t)a : (int64_t)a, right = is_32 ? (int32_t)b : (int64_t)b;

	a = is_32 ? (uint32_t)a : a;
	b = is_32 ? (uint32_t)b : b;
	switch (op) {
	case TO_EQUAL:
		return a == b;
	case TO_MORE:
		return a > b;
	case TO_MORE_EQUAL:
		return a >= b;
	case TO_BITS:
		return (a & b) != 0;
	case TO_UNEQUAL:
		return a != b;
	case TO_SIGNED_MORE:
		return left > right;
	case TO_SIGNED_MORE_EQUAL:
		return left >= right;
	case TO_LESS:
		return a < b;
	case TO_LESS_EQUAL:
		return a <= b;
	case TO_SIGNED_LESS:
		return left < right;
	case TO_SIGNED_LESS_EQUAL:
		return left <= right;
	default:
		return -1;
	}
}

static int decide(struct reach *reach, const struct insn *insn, const struct regs *regs)
{
	unsigned op = insn->code >> 4;

	if (insn->kind == INSN_JUMP)
		return 1;
	if (insn->kind != INSN_JUMP_IF || insn->dst >= REGISTERS)
		return -1;
	struct reach_value a = regs->value[insn->dst], b = operand(insn, regs);
	if (a.kind == REACH_NUMBER && b.kind == REACH_NUMBER)
		return compare(op, a.number, b.number, insn->is_32);
	bool is_something = a.kind == REACH_NOT_ZERO || a.kind == REACH_ADDRESS;
	if (is_something && b.kind == REACH_NUMBER && !b.number && !insn->is_32)
		return op == TO_EQUAL ? 0 : op == TO_UNEQUAL ? 1 : -1;
	reach->has_blurred_jump |= a.is_blurred || b.is_blurred;
	return -1;
}

static void mark(const struct following *following, uint32_t slot)
{
	uint32_t i = slot - following->func->first;

	following->seen[i / 8] |= (unsigned char)(1u << i % 8);
}

/* From a place that is jumped to, up to where it ends or another such place begins. */
static void follow_from(struct following *following, uint32_t slot)
{
	const struct object_func *func = following->func;
	struct regs regs = following->regs[following->places[slot - func->first]];
	struct insn insn;

	for (uint32_t i = slot; is_inside(following, i) && take(following->reach);
	     i += insn.length) {
		if (i != slot && following->places[i - func->first] != NO_PLACE) {
			arrive(following, i, &regs);
			return;
		}
		insn_decode(&following->stream, i, &insn);
		mark(following, i);
		step(following, &insn, &regs);
		if (insn.kind == INSN_EXIT || insn.kind == INSN_JUMP_REG)
			return;
		int taken = is_jump(&insn) ? decide(following->reach, &insn, &regs) : 0;
		if (taken && is_inside(following, insn.target))
			arrive(following, insn.target, &regs);
		if (taken == 1)
			return;
	}
}

/* Adds a function to those of the program. 0 or -ENOMEM. */
static int bring(struct reach *reach, uint32_t func)
{
	const struct object_func *what = &reach->object->funcs[func];

	if (reach->seen[func])
		return 0;
	reach->seen[func] = calloc((what->end - what->first) / 8 + 1, 1);
	if (!reach->seen[func])
		return -ENOMEM;
	reach->funcs[reach->n_funcs++] = func;
	return 0;
}

/* Functions that an instruction calls, or takes the address of. */
static int bring_called(struct reach *reach, uint32_t section, const struct insn *insn)
{
	const struct object *object = reach->object;
	struct object_target target;

	if ((insn->kind != INSN_CALL && insn->kind != INSN_CONSTANT) ||
	    !object_find_target(object, section, insn, &target) ||
	    target.section >= object->elf.image.n_sections ||
	    target.offset / INSN_BYTES >= UINT32_MAX)
		return 0;
	const struct object_func *func =
		object_find_func(object, target.section, (uint32_t)(target.offset / INSN_BYTES));
	return func ? bring(reach, (uint32_t)(func - object->funcs)) : 0;
}

static int bring_all(struct following *following)
{
	const struct object_func *func = following->func;
	struct insn insn;

	for (uint32_t i = func->first; i < func->end; i += insn.length) {
		insn_decode(&following->stream, i, &insn);
		if (!reach_is_seen(following->reach,
				   (uint32_t)(func - following->reach->object->funcs), i))
			continue;
		int r = take(following->reach)
				? bring_called(following->reach, func->section, &insn)
				: 0;
		if (r < 0)
			return r;
	}
	return 0;
}

/* The stack, and what a function is called with, the verifier may know. */
static void begin(struct regs *regs, bool is_program)
{
	memset(regs, 0, sizeof(*regs));
	for (unsigned i = 0; i < REGISTERS; i++)
		regs->value[i] = (struct reach_value){
			.kind = REACH_ANY,
			.is_blurred = i == REGISTERS - 1 || !is_program,
		};
}

static int follow_func(struct reach *reach, uint32_t index)
{
	const struct object_func *func = &reach->object->funcs[index];
	size_t slots = func->end - func->first;
	AUTO(following_done)
	struct following following = {
		.reach = reach,
		.func = func,
		.stream = object_stream(reach->object, func->section),
		.seen = reach->seen[index],
	};
	struct regs any;

	if (!slots || !take_many(reach, slots))
		return 0;
	following.places = calloc(slots, sizeof(*following.places));
	if (!following.places)
		return -ENOMEM;
	find_places(&following);
	following.regs = calloc(following.n_places, sizeof(*following.regs));
	following.open = calloc(following.n_places, sizeof(*following.open));
	following.is_open = calloc(following.n_places, sizeof(*following.is_open));
	if (!following.regs || !following.open || !following.is_open)
		return -ENOMEM;
	begin(&any, reach->funcs[0] == index);
	arrive(&following, func->first, &any);
	while (following.n_open && reach->steps) {
		uint32_t slot = following.open[--following.n_open];

		following.is_open[following.places[slot - func->first]] = false;
		follow_from(&following, slot);
	}
	return bring_all(&following);
}

int reach_init(struct reach *reach, const struct object *object, const struct reach_facts *facts)
{
	size_t n = (size_t)object->n_funcs + 1;

	*reach = (struct reach){ .object = object, .facts = facts, .steps = REACH_STEPS };
	reach->funcs = calloc(n, sizeof(*reach->funcs));
	reach->seen = calloc(n, sizeof(*reach->seen));
	return reach->funcs && reach->seen ? 0 : -ENOMEM;
}

static void forget(struct reach *reach)
{
	for (uint32_t i = 0; i < reach->n_funcs; i++) {
		free(reach->seen[reach->funcs[i]]);
		reach->seen[reach->funcs[i]] = NULL;
	}
	reach->n_funcs = 0;
	reach->has_facts = reach->has_blurred_jump = false;
}

void reach_done(struct reach *reach)
{
	forget(reach);
	free(reach->funcs);
	free(reach->seen);
	*reach = (struct reach){ 0 };
}

int reach_follow(struct reach *reach, uint32_t func)
{
	forget(reach);
	int r = bring(reach, func);

	for (uint32_t i = 0; !r && i < reach->n_funcs; i++)
		r = follow_func(reach, reach->funcs[i]);
	return r;
}

bool reach_is_seen(const struct reach *reach, uint32_t func, uint32_t slot)
{
	uint32_t i = slot - reach->object->funcs[func].first;

	return !reach->steps || (reach->seen[func] && reach->seen[func][i / 8] >> i % 8 & 1);
}
