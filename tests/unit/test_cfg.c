/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_cfg.c - where control can go
 *
 * Graphs of streams by chance are held against successors that are found here by another way: for
 * each instruction by itself, from its bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "code/cfg.h"

struct raw {
	uint8_t code, regs;
	int16_t off;
	int32_t imm;
};

#define STREAM(raws) insn_stream_of(raws, sizeof(raws))

/* Edges as text: "0>1 0>3 1>x", where x is the caller, ? unknown, ! nowhere; falling is written -. */
static void assert_edges(const struct cfg *cfg, const char *expected)
{
	AUTO(buf_done) struct buf text = { 0 };

	for (uint32_t i = 0; i < cfg->n_edges; i++) {
		const struct cfg_edge *edge = &cfg->edges[i];

		if (i)
			buf_add_char(&text, ' ');
		buf_add_char(&text, (char)('0' + edge->from));
		buf_add_char(&text, edge->way == CFG_FALL ? '-' : '>');
		buf_add_char(&text, edge->to == CFG_EXIT      ? 'x'
				    : edge->to == CFG_UNKNOWN ? '?'
				    : edge->to == CFG_NOWHERE ? '!'
							      : (char)('0' + edge->to));
	}
	buf_add_char(&text, '\0');
	assert_string_equal(text.bytes, expected);
}

static void assert_graph(const struct raw *raws, size_t size, uint32_t n_funcs, uint32_t n_blocks,
			 const char *edges)
{
	AUTO(cfg_done) struct cfg cfg = { 0 };
	struct insn_stream stream = insn_stream_of(raws, size);

	assert_int_equal(cfg_init(&cfg, &stream, NULL), 0);
	assert_int_equal(cfg.n_funcs, n_funcs);
	assert_int_equal(cfg.n_blocks, n_blocks);
	assert_edges(&cfg, edges);
}

#define ASSERT_GRAPH(n_funcs, n_blocks, edges, ...)                                                \
	do {                                                                                       \
		static const struct raw _raws[] = { __VA_ARGS__ };                                 \
		assert_graph(_raws, sizeof(_raws), n_funcs, n_blocks, edges);                      \
	} while (0)

#define MOV                                                                                        \
	{                                                                                          \
		0xb7, 0, 0, 0                                                                      \
	}
#define EXIT                                                                                       \
	{                                                                                          \
		0x95, 0, 0, 0                                                                      \
	}

static void a_straight_line_is_one_block(void **state)
{
	(void)state;
	ASSERT_GRAPH(1, 1, "0>x", MOV, MOV, EXIT);
	ASSERT_GRAPH(1, 1, "0>x", MOV, { 0x85, 0, 0, 1 }, { 0x8d, 1, 0, 0 }, EXIT);
}

static void every_jump_leads_where_it_says(void **state)
{
	(void)state;
	/* if: may go on, or jump over the next */
	ASSERT_GRAPH(1, 3, "0-1 0>2 1-2 2>x", { 0x15, 1, 1, 0 }, MOV, EXIT);
	ASSERT_GRAPH(1, 3, "0-1 0>2 1-2 2>x", { 0x1e, 1, 1, 0 }, MOV, EXIT);
	/* goto by off, gotol by imm, whatever the other says */
	ASSERT_GRAPH(1, 3, "0>2 1-2 2>x", { 0x05, 0, 1, 0 }, MOV, EXIT);
	ASSERT_GRAPH(1, 3, "0>2 1-2 2>x", { 0x06, 0, 0, 1 }, MOV, EXIT);
	ASSERT_GRAPH(1, 3, "0>2 1-2 2>x", { 0x05, 0, 1, 7 }, MOV, EXIT);
	/* may_goto: as an if */
	ASSERT_GRAPH(1, 3, "0-1 0>2 1>0 2>x", { 0xe5, 0, 1, 0 }, { 0x05, 0, -2, 0 }, EXIT);
	/* gotox */
	ASSERT_GRAPH(1, 2, "0>? 1>x", { 0x0d, 1, 0, 0 }, EXIT);
	/* to the next: both ways are told */
	ASSERT_GRAPH(1, 2, "0-1 0>1 1>x", { 0x15, 1, 0, 0 }, EXIT);
	/* to itself */
	ASSERT_GRAPH(1, 1, "0>0", { 0x05, 0, -1, 0 });
}

static void a_loop_leads_back_into_the_middle_of_a_line(void **state)
{
	(void)state;
	ASSERT_GRAPH(1, 3, "0-1 1-2 1>1 2>x", MOV, MOV, { 0x55, 1, -2, 0 }, EXIT);
}

static void subprograms_are_functions_of_their_own(void **state)
{
	AUTO(cfg_done) struct cfg cfg = { 0 };
	static const struct raw raws[] = {
		{ 0x85, 0x10, 0, 3 }, /* call 4 */
		{ 0x18, 0x41, 0, 4 },
		{ 0, 0, 0, 0 }, /* r1 = function at 6 */
		EXIT,
		MOV,
		EXIT,
		MOV,
		EXIT,
	};
	struct insn_stream stream = STREAM(raws);

	(void)state;
	assert_int_equal(cfg_init(&cfg, &stream, NULL), 0);
	assert_int_equal(cfg.n_funcs, 3);
	assert_edges(&cfg, "0>x 1>x 2>x");
	assert_int_equal(cfg.funcs[1].first, 4);
	assert_int_equal(cfg.funcs[1].end, 6);
	assert_int_equal(cfg.funcs[2].first, 6);
	assert_int_equal(cfg.funcs[2].end, 8);
	assert_int_equal(cfg.blocks[2].func, 2);
	assert_int_equal(cfg_find(&cfg, 2), 0); /* the second half of the wide one */
	assert_int_equal(cfg_find(&cfg, 5), 1);
	assert_int_equal(cfg_find(&cfg, 8), CFG_NOWHERE);
}

static void functions_that_nobody_calls_are_named_by_the_stream(void **state)
{
	AUTO(cfg_done) struct cfg cfg = { 0 };
	static const struct raw raws[] = { MOV, EXIT, MOV, EXIT };
	static const uint32_t starts[] = { 0, 2, 9, UINT32_MAX };
	struct insn_stream stream = STREAM(raws);

	(void)state;
	stream.starts = starts;
	stream.n_starts = 4;
	assert_int_equal(cfg_init(&cfg, &stream, NULL), 0);
	assert_int_equal(cfg.n_funcs, 2);
	assert_int_equal(cfg.funcs[1].first, 2);
	assert_edges(&cfg, "0>x 1>x");
}

static void what_leads_out_of_the_stream_leads_nowhere(void **state)
{
	(void)state;
	ASSERT_GRAPH(1, 1, "0-!", MOV, MOV);
	ASSERT_GRAPH(1, 2, "0>! 1>x", { 0x05, 0, 9, 0 }, EXIT);
	ASSERT_GRAPH(1, 2, "0-1 0>! 1>x", { 0x15, 0, -9, 0 }, EXIT);
	ASSERT_GRAPH(1, 2, "0>! 1>x", { 0x05, 0, 1, 0 }, { 0x18, 1, 0, 0 }, { 0, 0, 0, 0 }, EXIT);
	ASSERT_GRAPH(1, 1, "0-!", { 0xff, 0, 0, 0 });
}

static void a_stream_of_nothing_has_no_blocks(void **state)
{
	AUTO(cfg_done) struct cfg cfg = { 0 };
	struct insn_stream stream = insn_stream_of(NULL, 0);

	(void)state;
	assert_int_equal(cfg_init(&cfg, &stream, NULL), 0);
	assert_int_equal(cfg.n_funcs + cfg.n_blocks + cfg.n_edges, 0);
	assert_int_equal(cfg_find(&cfg, 0), CFG_NOWHERE);
}

/* --- the other way --------------------------------------------------------------------------- */

#define SLOTS 40

struct successors {
	uint32_t to[2]; /* slot, or CFG_EXIT and so on */
	int n;
	bool is_call;
	uint32_t callee;
};

static bool is_second_half(const struct raw *raws, uint32_t i)
{
	return i && i < SLOTS && raws[i - 1].code == 0x18 && raws[i].code == 0;
}

static uint32_t place(const struct raw *raws, int64_t slot)
{
	return slot < 0 || slot >= SLOTS || is_second_half(raws, (uint32_t)slot) ? CFG_NOWHERE
										 : (uint32_t)slot;
}

static struct successors successors_of(const struct raw *raws, uint32_t i)
{
	const struct raw *raw = &raws[i];
	uint32_t next = place(raws, i + (is_second_half(raws, i + 1) ? 2 : 1));
	uint32_t by_off = place(raws, (int64_t)i + 1 + raw->off);
	uint32_t by_imm = place(raws, (int64_t)i + 1 + raw->imm);

	if (raw->code == 0x95)
		return (struct successors){ { CFG_EXIT }, 1, false, 0 };
	if (raw->code == 0x0d)
		return (struct successors){ { CFG_UNKNOWN }, 1, false, 0 };
	if (raw->code == 0x05)
		return (struct successors){ { by_off }, 1, false, 0 };
	if (raw->code == 0x06)
		return (struct successors){ { by_imm }, 1, false, 0 };
	if (raw->code == 0x15 || raw->code == 0xe5)
		return (struct successors){ { next, by_off }, 2, false, 0 };
	if ((raw->code == 0x85 && raw->regs == 0x10) ||
	    (raw->code == 0x18 && raw->regs == 0x40 && is_second_half(raws, i + 1)))
		return (struct successors){ { next }, 1, true, by_imm };
	return (struct successors){ { next }, 1, false, 0 };
}

static void make_stream(struct raw *raws, unsigned *seed)
{
	static const struct raw kinds[] = { MOV,
					    MOV,
					    EXIT,
					    { 0x05, 0, 0, 0 },
					    { 0x06, 0, 0, 0 },
					    { 0x15, 0, 0, 0 },
					    { 0xe5, 0, 0, 0 },
					    { 0x0d, 0, 0, 0 },
					    { 0x85, 0x10, 0, 0 },
					    { 0x85, 0, 0, 0 },
					    { 0x18, 0, 0, 0 },
					    { 0x18, 0x40, 0, 0 },
					    { 0, 0, 0, 0 },
					    { 0, 0, 0, 0 },
					    { 0xff, 0, 0, 0 } };

	for (uint32_t i = 0; i < SLOTS; i++) {
		raws[i] = kinds[(unsigned)rand_r(seed) % (sizeof(kinds) / sizeof(*kinds))];
		int distance = rand_r(seed) % (SLOTS + 6) - 3 - (int)i - 1;
		if (raws[i].code == 0x05 || raws[i].code == 0x15 || raws[i].code == 0xe5)
			raws[i].off = (int16_t)distance;
		if (raws[i].code == 0x06 || raws[i].regs)
			raws[i].imm = distance;
	}
}

static bool is_listed(const uint32_t *list, uint32_t n, uint32_t what)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i] == what)
			return true;
	return false;
}

/* Where something other than the instruction in front leads, or where that leads elsewhere, too. */
static uint32_t find_beginnings(const struct raw *raws, uint32_t *funcs, uint32_t *blocks,
				uint32_t *n_blocks)
{
	uint32_t n_funcs = 0;

	*n_blocks = 0;
	funcs[n_funcs++] = blocks[(*n_blocks)++] = 0;
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (is_second_half(raws, i))
			continue;
		struct successors after = successors_of(raws, i);
		uint32_t next = place(raws, i + (is_second_half(raws, i + 1) ? 2 : 1));

		if (after.is_call && after.callee < SLOTS) {
			funcs[n_funcs++] = after.callee;
			blocks[(*n_blocks)++] = after.callee;
		}
		if (after.n == 1 && after.to[0] == next && raws[i].code != 0x05 &&
		    raws[i].code != 0x06)
			continue;
		blocks[(*n_blocks)++] = next;
		for (int k = 0; k < after.n; k++)
			blocks[(*n_blocks)++] = after.to[k];
	}
	return n_funcs;
}

static void check_edges(const struct cfg *cfg, const struct raw *raws,
			const struct cfg_block *block)
{
	struct successors after = successors_of(raws, block->last);

	assert_int_equal(block->n_edges, after.n);
	for (int k = 0; k < after.n; k++) {
		const struct cfg_edge *edge = &cfg->edges[block->edge + (uint32_t)k];
		uint32_t to = edge->to < cfg->n_blocks ? cfg->blocks[edge->to].first : edge->to;

		assert_ptr_equal(&cfg->blocks[edge->from], block);
		assert_int_equal(to, after.to[k]);
	}
}

static void check_against_successors(const struct cfg *cfg, const struct raw *raws)
{
	uint32_t funcs[SLOTS + 1], blocks[4 * SLOTS + 1], n_blocks, at = 0;
	uint32_t n_funcs = find_beginnings(raws, funcs, blocks, &n_blocks);

	for (uint32_t b = 0; b < cfg->n_blocks; b++) {
		const struct cfg_block *block = &cfg->blocks[b];

		assert_int_equal(block->first, at);
		assert_true(is_listed(blocks, n_blocks, at));
		assert_int_equal(is_listed(funcs, n_funcs, at),
				 cfg->funcs[block->func].first == at);
		for (; at < block->last; at++)
			assert_true(at == block->first || !is_listed(blocks, n_blocks, at));
		at = block->end;
		check_edges(cfg, raws, block);
	}
	assert_int_equal(at, SLOTS);
}

static void graphs_of_streams_by_chance_are_what_each_instruction_says(void **state)
{
	unsigned seed = 20;

	(void)state;
	for (int turn = 0; turn < 3000; turn++) {
		AUTO(cfg_done) struct cfg cfg = { 0 };
		struct raw raws[SLOTS];

		make_stream(raws, &seed);
		struct insn_stream stream = STREAM(raws);
		stream.is_big_endian = false;
		assert_int_equal(cfg_init(&cfg, &stream, NULL), 0);
		check_against_successors(&cfg, raws);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_straight_line_is_one_block),
		cmocka_unit_test(every_jump_leads_where_it_says),
		cmocka_unit_test(a_loop_leads_back_into_the_middle_of_a_line),
		cmocka_unit_test(subprograms_are_functions_of_their_own),
		cmocka_unit_test(functions_that_nobody_calls_are_named_by_the_stream),
		cmocka_unit_test(what_leads_out_of_the_stream_leads_nowhere),
		cmocka_unit_test(a_stream_of_nothing_has_no_blocks),
		cmocka_unit_test(graphs_of_streams_by_chance_are_what_each_instruction_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
