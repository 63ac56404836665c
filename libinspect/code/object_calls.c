/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_calls.c - how many functions a function brings along when it is loaded
 *
 * Each has a list of those it calls itself. From there all are reached, each once; in a file made for it that takes
 * long, so there is a limit, and then the numbers stay unknown.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "code/object_funcs.h"

#define STEPS_MOST (1u << 22)

struct calls {
	struct object *object;
	struct buf edges;   /* uint32_t: the functions called, those of the first function first */
	uint32_t *ends;	    /* of each function's edges */
	uint32_t *seen_for; /* the function on whose behalf this one was reached last, and 1 */
	uint32_t *open;	    /* reached, and not looked at */
	uint32_t steps;
};

static void calls_done(struct calls *calls)
{
	buf_done(&calls->edges);
	free(calls->ends);
	free(calls->seen_for);
	free(calls->open);
}

static void add_edge(struct calls *calls, uint32_t section, const struct insn *insn)
{
	const struct object *object = calls->object;
	struct object_target target;

	if ((insn->kind != INSN_CALL && insn->kind != INSN_CONSTANT) ||
	    !object_find_target(object, section, insn, &target))
		return;
	if (target.section >= object->elf.image.n_sections)
		return;
	uint64_t slot = target.offset / INSN_BYTES;
	const struct object_func *func =
		slot < UINT32_MAX ? object_find_func(object, target.section, (uint32_t)slot) : NULL;
	uint32_t index = func ? (uint32_t)(func - object->funcs) : 0;

	if (func)
		buf_add(&calls->edges, &index, sizeof(index));
}

static void find_edges(struct calls *calls, uint32_t index)
{
	const struct object_func *func = &calls->object->funcs[index];
	struct insn_stream stream = object_stream(calls->object, func->section);
	struct insn insn;

	for (uint32_t i = func->first; i < func->end && !func->is_alias; i += insn.length) {
		insn_decode(&stream, i, &insn);
		add_edge(calls, func->section, &insn);
	}
	calls->ends[index] = (uint32_t)(calls->edges.size / sizeof(uint32_t));
}

static uint32_t edge_at(const struct calls *calls, uint32_t i)
{
	uint32_t index;

	memcpy(&index, calls->edges.bytes + (size_t)i * sizeof(index), sizeof(index));
	return index;
}

/* False where the limit was reached. */
static bool count(struct calls *calls, uint32_t from, uint32_t *out)
{
	uint32_t n_open = 1, n = 0;

	calls->open[0] = from;
	calls->seen_for[from] = from + 1;
	while (n_open) {
		uint32_t func = calls->open[--n_open];

		for (uint32_t i = func ? calls->ends[func - 1] : 0; i < calls->ends[func]; i++) {
			uint32_t to = edge_at(calls, i);

			if (++calls->steps > STEPS_MOST)
				return false;
			if (calls->seen_for[to] == from + 1)
				continue;
			calls->seen_for[to] = from + 1;
			calls->open[n_open++] = to;
			n++;
		}
	}
	*out = n;
	return true;
}

/* The instructions of an alias are those of another, which stands before it. */
static void count_all(struct calls *calls)
{
	struct object *object = calls->object;

	for (uint32_t i = 0; i < object->n_funcs; i++) {
		struct object_func *func = &object->funcs[i];

		if (func->is_alias) {
			func->has_calls = object->funcs[func->base].has_calls;
			func->n_called = object->funcs[func->base].n_called;
		} else {
			func->has_calls = count(calls, i, &func->n_called);
		}
	}
}

int object_count_calls(struct object *object, struct inspect_error *err)
{
	AUTO(calls_done) struct calls calls = { .object = object };
	size_t n = (size_t)object->n_funcs + 1;

	calls.ends = calloc(n, sizeof(*calls.ends));
	calls.seen_for = calloc(n, sizeof(*calls.seen_for));
	calls.open = calloc(n, sizeof(*calls.open));
	for (uint32_t i = 0; calls.ends && i < object->n_funcs; i++)
		find_edges(&calls, i);
	if (!calls.ends || !calls.seen_for || !calls.open || buf_failed(&calls.edges))
		return inspect_fail(err, ENOMEM, "%u functions", object->n_funcs);
	count_all(&calls);
	return 0;
}
