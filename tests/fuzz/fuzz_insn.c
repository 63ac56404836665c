/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_insn.c - any bytes as eBPF instructions, in both syntaxes and as a graph; the first byte says how to read them
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "code/cfg.h"
#include "code/insn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static const char *name(void *context, const struct insn *insn)
{
	return insn->imm & 1 ? context : NULL;
}

static void check_text(const struct insn *insn, struct buf *text)
{
	static char word[] = "name";
	const struct insn_names names = { word, name, name, name };

	text->size = 0;
	for (enum insn_syntax syntax = INSN_KERNEL; syntax <= INSN_ASSEMBLER; syntax++) {
		size_t from = text->size;

		insn_print(insn, syntax, insn->index & 1 ? &names : NULL, text);
		must(buf_failed(text) || text->size > from);
	}
	for (size_t i = 0; i < text->size; i++)
		must((text->bytes[i] >= ' ' && text->bytes[i] < 0x7f) || text->bytes[i] == '\t');
}

static void check_facts(const struct insn_stream *stream, const struct insn *insn)
{
	must(insn->length == 1 || (insn->length == 2 && insn->kind == INSN_CONSTANT));
	must(insn->index + insn->length <= stream->count);
	must(insn->target == INSN_NO_TARGET || insn_is_start(stream, insn->target));
	must((insn->kind == INSN_BAD) ==
	     (insn->flaw == INSN_RESERVED_CODE || insn->flaw == INSN_CUT));
	must(!insn_flaw_text(insn->flaw) == (insn->flaw == INSN_SOUND));
	must(insn_is_start(stream, insn->index));
	must(insn->length == 1 || !insn_is_start(stream, insn->index + 1));
}

static void check_graph(const struct insn_stream *stream)
{
	AUTO(cfg_done) struct cfg cfg = { 0 };
	uint32_t at = 0, edge = 0;

	must(cfg_init(&cfg, stream, NULL) == 0);
	for (uint32_t i = 0; i < cfg.n_blocks; i++) {
		const struct cfg_block *block = &cfg.blocks[i];

		must(block->first == at && block->first <= block->last && block->last < block->end);
		must(block->edge == edge && block->n_edges && block->func < cfg.n_funcs);
		must(cfg_find(&cfg, block->last) == i);
		at = block->end;
		edge += block->n_edges;
	}
	must(at == stream->count && edge == cfg.n_edges);
	for (uint32_t i = 0; i < cfg.n_edges; i++)
		must(cfg.edges[i].to < cfg.n_blocks || cfg.edges[i].to >= CFG_NOWHERE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_done) struct buf text = { 0 };
	static const uint32_t starts[] = { 0, 3, 5, UINT32_MAX };
	uint32_t n_slots = 0;
	struct insn insn;

	if (!size)
		return 0;
	struct insn_stream stream = insn_stream_of(data + 1, size - 1);
	stream.is_big_endian = data[0] & 1;
	stream.is_jited = data[0] & 2;
	stream.starts = starts;
	stream.n_starts = data[0] & 4 ? 4 : 0;
	for (uint32_t i = 0; i < stream.count; i += insn.length) {
		must(insn_decode(&stream, i, &insn) == insn.length);
		check_facts(&stream, &insn);
		check_text(&insn, &text);
		n_slots += insn.length;
	}
	must(n_slots == stream.count);
	check_graph(&stream);
	return 0;
}
