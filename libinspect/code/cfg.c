/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cfg.c - where control can go in a stream of instructions
 */
#include "code/cfg.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum {
	STARTS_BLOCK = 1,
	STARTS_FUNC = 2,
};

/* Does a block end with it, whatever comes behind? */
static bool ends_block(const struct insn *insn)
{
	return insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_IF ||
	       insn->kind == INSN_MAY_GOTO || insn->kind == INSN_JUMP_REG ||
	       insn->kind == INSN_EXIT;
}

static bool is_jump(const struct insn *insn)
{
	return insn->kind == INSN_JUMP || insn->kind == INSN_JUMP_IF || insn->kind == INSN_MAY_GOTO;
}

static void mark(uint8_t *marks, const struct insn_stream *stream, uint32_t index, uint8_t what)
{
	if (insn_is_start(stream, index))
		marks[index] |= what;
}

static void mark_all(uint8_t *marks, const struct insn_stream *stream)
{
	struct insn insn;

	mark(marks, stream, 0, STARTS_BLOCK | STARTS_FUNC);
	for (uint32_t i = 0; stream->starts && i < stream->n_starts; i++)
		mark(marks, stream, stream->starts[i], STARTS_BLOCK | STARTS_FUNC);
	for (uint32_t i = 0; i < stream->count; i += insn.length) {
		insn_decode(stream, i, &insn);
		if (insn.target != INSN_NO_TARGET)
			marks[insn.target] |=
				is_jump(&insn) ? STARTS_BLOCK : STARTS_BLOCK | STARTS_FUNC;
		if (ends_block(&insn))
			mark(marks, stream, i + insn.length, STARTS_BLOCK);
	}
}

static int make_room(struct cfg *cfg, const uint8_t *marks, uint32_t count)
{
	size_t n_blocks = 0, n_funcs = 0;

	for (uint32_t i = 0; i < count; i++) {
		n_blocks += (marks[i] & STARTS_BLOCK) != 0;
		n_funcs += (marks[i] & STARTS_FUNC) != 0;
	}
	cfg->funcs = calloc(n_funcs + 1, sizeof(*cfg->funcs));
	cfg->blocks = calloc(n_blocks + 1, sizeof(*cfg->blocks));
	cfg->edges = calloc(2 * n_blocks + 1, sizeof(*cfg->edges));
	return cfg->funcs && cfg->blocks && cfg->edges ? 0 : -ENOMEM;
}

static void begin_block(struct cfg *cfg, uint32_t index, bool starts_func)
{
	if (starts_func)
		cfg->funcs[cfg->n_funcs++] =
			(struct cfg_func){ .first = index, .block = cfg->n_blocks };
	cfg->funcs[cfg->n_funcs - 1].n_blocks++;
	cfg->blocks[cfg->n_blocks++] =
		(struct cfg_block){ .first = index, .func = cfg->n_funcs - 1 };
}

static void fill_blocks(struct cfg *cfg, const struct insn_stream *stream, const uint8_t *marks)
{
	uint32_t next;

	for (uint32_t i = 0; i < stream->count; i = next) {
		if (marks[i])
			begin_block(cfg, i, marks[i] & STARTS_FUNC);
		next = i + 1;
		if (next < stream->count && !insn_is_start(stream, next))
			next++;
		cfg->blocks[cfg->n_blocks - 1].last = i;
		cfg->blocks[cfg->n_blocks - 1].end = next;
		cfg->funcs[cfg->n_funcs - 1].end = next;
	}
}

uint32_t cfg_find(const struct cfg *cfg, uint32_t index)
{
	uint32_t low = 0, high = cfg->n_blocks;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (index < cfg->blocks[middle].first)
			high = middle;
		else if (index >= cfg->blocks[middle].end)
			low = middle + 1;
		else
			return middle;
	}
	return CFG_NOWHERE;
}

static void add_edge(struct cfg *cfg, uint32_t from, uint32_t to, enum cfg_way way)
{
	cfg->edges[cfg->n_edges++] = (struct cfg_edge){ .from = from, .to = to, .way = way };
	cfg->blocks[from].n_edges++;
}

static void add_edges(struct cfg *cfg, const struct insn_stream *stream, uint32_t from)
{
	uint32_t next = from + 1 < cfg->n_blocks ? from + 1 : CFG_NOWHERE;
	struct insn insn;

	cfg->blocks[from].edge = cfg->n_edges;
	insn_decode(stream, cfg->blocks[from].last, &insn);
	if (insn.kind == INSN_EXIT) {
		add_edge(cfg, from, CFG_EXIT, CFG_JUMP);
		return;
	}
	if (insn.kind == INSN_JUMP_REG) {
		add_edge(cfg, from, CFG_UNKNOWN, CFG_JUMP);
		return;
	}
	if (insn.kind != INSN_JUMP)
		add_edge(cfg, from, next, CFG_FALL);
	if (is_jump(&insn))
		add_edge(cfg, from, cfg_find(cfg, insn.target), CFG_JUMP);
}

int cfg_init(struct cfg *cfg, const struct insn_stream *stream, struct inspect_error *err)
{
	autofree uint8_t *marks = calloc((size_t)stream->count + 1, 1);
	AUTO(cfg_done) struct cfg made = { 0 };

	*cfg = made;
	if (!marks)
		return inspect_fail(err, ENOMEM, "control flow");
	mark_all(marks, stream);
	if (make_room(&made, marks, stream->count))
		return inspect_fail(err, ENOMEM, "control flow");
	fill_blocks(&made, stream, marks);
	for (uint32_t i = 0; i < made.n_blocks; i++)
		add_edges(&made, stream, i);
	*cfg = made;
	made = (struct cfg){ 0 };
	return 0;
}

void cfg_done(struct cfg *cfg)
{
	free(cfg->funcs);
	free(cfg->blocks);
	free(cfg->edges);
	*cfg = (struct cfg){ 0 };
}
