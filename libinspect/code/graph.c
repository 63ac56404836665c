/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * graph.c - a graph of where control can go, as text for programs that draw
 *
 * Both languages get the same graph. Graphviz: as bpftool draws it, so instructions are counted from the beginning of
 * their function, blocks from 2, and 0 and 1 are where a function begins and ends. Mermaid: by the numbers of the dump.
 */
#include "code/graph.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "base/text.h"
#include "code/proto.h"
#include "code/text.h"

#define ENTRY                                                                                      \
	(UINT32_MAX - 3)  /* where a function begins, beside what cfg.h has for the ends of edges */
#define FILE_NAME_MOST 32 /* longer names lose directories */

/* A graph in the making: the texts of a line, before and after it was made safe. */
struct drawing {
	const struct graph *graph;
	struct buf text;
	struct buf safe;
	struct buf proto;
	uint32_t func;
	bool has_items; /* the block has instructions already */
	bool has_begun; /* this one has a line already */
	bool failed;
};

static void drawing_done(struct drawing *drawing)
{
	buf_done(&drawing->text);
	buf_done(&drawing->safe);
	buf_done(&drawing->proto);
}

enum part {
	PART_PROTO, /* of a function */
	PART_SOURCE,
	PART_INSN,
};

/* In Graphviz's records these mean something; of source text all blanks are kept. */
static bool is_special(char c, enum part part)
{
	return strchr("\\\"{}<>|", c) || (c == ' ' && part == PART_SOURCE) ||
	       (c == '&' && part == PART_INSN);
}

static void put_for_dot(struct out *out, const char *text, size_t size, enum part part)
{
	for (size_t i = 0; i < size; i++) {
		if (is_special(text[i], part))
			out_char(out, '\\');
		out_char(out, text[i]);
	}
}

static void put_for_mermaid(struct out *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '"':
			out_literal(out, "#quot;");
			break;
		case '#':
			out_literal(out, "#35;");
			break;
		case '&':
			out_literal(out, "#amp;");
			break;
		case '<':
			out_literal(out, "#lt;");
			break;
		case '>':
			out_literal(out, "#gt;");
			break;
		case '`':
			out_literal(out, "#96;");
			break;
		case '\t':
			out_char(out, ' ');
			break;
		default:
			out_char(out, text[i]);
		}
	}
}

/* Puts text from anywhere: safe first, but for tabs, and then as the language wants it. */
static void put_text(struct drawing *drawing, const char *text, size_t size, enum part part)
{
	struct out *out = drawing->graph->out;

	drawing->safe.size = 0;
	while (size) {
		const char *tab = memchr(text, '\t', size);
		size_t n = tab ? (size_t)(tab - text) : size;

		text_add_safe(&drawing->safe, text, n);
		if (tab)
			buf_add_char(&drawing->safe, '\t');
		text += n + (tab ? 1 : 0);
		size -= n + (tab ? 1 : 0);
	}
	if (drawing->graph->kind == PRINT_GRAPH_DOT)
		put_for_dot(out, drawing->safe.bytes, drawing->safe.size, part);
	else
		put_for_mermaid(out, drawing->safe.bytes, drawing->safe.size);
}

/* The lines of an instruction are parted from those before by a rule, as far as the language has one. */
static void begin_line(struct drawing *drawing)
{
	struct out *out = drawing->graph->out;

	if (drawing->graph->kind == PRINT_GRAPH_DOT) {
		if (drawing->has_items && !drawing->has_begun)
			out_literal(out, "| ");
	} else if (drawing->has_items || drawing->has_begun) {
		out_literal(out, "<br/>");
	}
	drawing->has_begun = true;
}

static void end_line(struct drawing *drawing)
{
	if (drawing->graph->kind == PRINT_GRAPH_DOT)
		out_literal(drawing->graph->out, "\\l\\\n");
}

static void draw_proto(struct drawing *drawing, uint32_t slot)
{
	const struct graph *graph = drawing->graph;
	uint32_t type = lines_find_func(graph->lines, slot);

	if (!type || !proto_format(graph->lines->btf, type, &drawing->proto))
		return;
	begin_line(drawing);
	out_literal(graph->out, "; ");
	put_text(drawing, drawing->proto.bytes, strlen(drawing->proto.bytes), PART_PROTO);
	out_char(graph->out, ':');
	end_line(drawing);
}

/*
 * Where what is shown of a file's name begins: at a directory, as near to so many bytes as there is one. A cut that
 * would not make it shorter is none, but for names without a directory in their last bytes.
 */
static const char *cut_name(const char *name)
{
	size_t size = strlen(name);

	if (size <= FILE_NAME_MOST)
		return name;
	const char *cut = strchr(name + size - FILE_NAME_MOST, '/');
	if (cut)
		return cut - name >= 3 ? cut : name; /* "..." comes in place of what is cut off */
	cut = strrchr(name, '/');
	return cut ? cut : name;
}

static void draw_file(struct drawing *drawing, const struct line *line)
{
	struct out *out = drawing->graph->out;
	const char *shown = cut_name(line->file);

	begin_line(drawing);
	out_fmt(out, "; [%s", shown == line->file ? "" : "...");
	put_text(drawing, shown, strlen(shown), PART_SOURCE);
	out_fmt(out, " line:%u col:%u]", line->number, line->column);
	end_line(drawing);
}

/* A block begins with the line that its first instruction belongs to. */
static void draw_source(struct drawing *drawing, uint32_t slot)
{
	const struct graph *graph = drawing->graph;
	uint32_t from = drawing->has_items ? slot : graph->cfg->funcs[drawing->func].first;
	struct line line;

	if (!lines_find_around(graph->lines, from, slot, &line) || !*line.text)
		return;
	if (graph->how->lines)
		draw_file(drawing, &line);
	begin_line(drawing);
	out_literal(graph->out, "; ");
	put_text(drawing, line.text, strlen(line.text), PART_SOURCE);
	end_line(drawing);
}

static void draw_opcodes(struct drawing *drawing, const struct insn *insn)
{
	begin_line(drawing);
	if (drawing->graph->kind == PRINT_GRAPH_DOT)
		out_literal(drawing->graph->out, "\\ \\ \\ \\ ");
	text_put_bytes(drawing->graph->out, insn->bytes, (size_t)insn->length * INSN_BYTES);
	end_line(drawing);
}

static void draw_insn(struct drawing *drawing, const struct insn *insn)
{
	const struct graph *graph = drawing->graph;
	struct buf *text = &drawing->text;
	bool is_dot = graph->kind == PRINT_GRAPH_DOT;

	drawing->has_begun = false;
	draw_proto(drawing, insn->index);
	draw_source(drawing, insn->index);
	begin_line(drawing);
	out_fmt(graph->out,
		"%u: ", insn->index - (is_dot ? graph->cfg->funcs[drawing->func].first : 0));
	text->size = 0;
	insn_print(insn, graph->how->syntax, &graph->names, text);
	if (graph->how->names)
		text_add_names(text, graph->refs, insn, graph->how->syntax);
	put_text(drawing, text->bytes, text->size, PART_INSN);
	end_line(drawing);
	if (graph->how->opcodes)
		draw_opcodes(drawing, insn);
	drawing->has_items = true;
	drawing->failed = buf_failed(text) || buf_failed(&drawing->safe);
}

static void draw_insns(struct drawing *drawing, const struct cfg_block *block)
{
	struct insn insn;

	drawing->has_items = drawing->has_begun = false;
	for (uint32_t i = block->first; i < block->end && !drawing->failed; i += insn.length) {
		insn_decode(drawing->graph->stream, i, &insn);
		draw_insn(drawing, &insn);
	}
}

/* The name of what an edge leads to; blocks of a function have numbers from 2. */
static void put_node(const struct graph *graph, uint32_t func, uint32_t to)
{
	const char *between = graph->kind == PRINT_GRAPH_DOT ? "_bb_" : "b";
	const char *before = graph->kind == PRINT_GRAPH_DOT ? "fn_" : "f";

	if (to == CFG_UNKNOWN || to == CFG_NOWHERE) {
		out_fmt(graph->out, "%s%u%s%s", before, func, between,
			to == CFG_UNKNOWN ? "unknown" : "nowhere");
		return;
	}
	if (to != CFG_EXIT && to != ENTRY)
		func = graph->cfg->blocks[to].func;
	out_fmt(graph->out, "%s%u%s%u", before, func, between,
		to == ENTRY	 ? 0
		: to == CFG_EXIT ? 1
				 : to - graph->cfg->funcs[func].block + 2);
}

static bool leads_to(const struct cfg *cfg, const struct cfg_func *func, uint32_t to)
{
	for (uint32_t i = 0; i < func->n_blocks; i++) {
		const struct cfg_block *block = &cfg->blocks[func->block + i];

		for (uint32_t k = 0; k < block->n_edges; k++)
			if (cfg->edges[block->edge + k].to == to)
				return true;
	}
	return false;
}

static void draw_block(struct drawing *drawing, uint32_t number)
{
	const struct graph *graph = drawing->graph;
	bool is_dot = graph->kind == PRINT_GRAPH_DOT;

	out_literal(graph->out, "\t");
	put_node(graph, drawing->func, number);
	if (is_dot)
		out_literal(graph->out, " [shape=record,style=filled,label=\"{\\\n");
	else
		out_literal(graph->out, "[\"");
	draw_insns(drawing, &graph->cfg->blocks[number]);
	if (is_dot)
		out_literal(graph->out, "}\"];\n\n");
	else
		out_literal(graph->out, "\"]\n");
}

/* Where a function begins and ends, or where control gets lost. */
static void draw_end(const struct graph *graph, uint32_t func, const char *name, const char *label)
{
	if (graph->kind == PRINT_GRAPH_DOT)
		out_fmt(graph->out, "\tfn_%u_bb_%s [shape=Mdiamond,style=filled,label=\"%s\"];\n\n",
			func, name, label);
	else
		out_fmt(graph->out, "\tf%ub%s([\"%s\"])\n", func, name, label);
}

/* What all lines between two nodes have in front, between and behind. */
static void draw_edge(const struct graph *graph, uint32_t func, uint32_t from, uint32_t to)
{
	bool is_dot = graph->kind == PRINT_GRAPH_DOT;

	out_literal(graph->out, "\t");
	put_node(graph, func, from);
	out_fmt(graph->out, "%s", is_dot ? ":s -> " : " --> ");
	put_node(graph, func, to);
	if (is_dot)
		out_literal(graph->out, ":n [style=\"solid,bold\", color=black, weight=10, "
					"constraint=true]");
	out_fmt(graph->out, "%s\n", is_dot ? ";" : "");
}

static void draw_edges(const struct graph *graph, uint32_t number)
{
	const struct cfg *cfg = graph->cfg;
	const struct cfg_func *func = &cfg->funcs[number];

	draw_edge(graph, number, ENTRY, func->block);
	for (uint32_t i = 0; i < func->n_blocks; i++) {
		const struct cfg_block *block = &cfg->blocks[func->block + i];

		for (uint32_t k = 0; k < block->n_edges; k++)
			draw_edge(graph, number, func->block + i, cfg->edges[block->edge + k].to);
	}
	if (graph->kind == PRINT_GRAPH_DOT)
		out_fmt(graph->out,
			"\tfn_%u_bb_0:s -> fn_%u_bb_1:n [style=\"invis\", constraint=true];\n",
			number, number);
}

/* What stands above a function: in Mermaid its prototype, where there is one. */
static void draw_heading(struct drawing *drawing)
{
	const struct graph *graph = drawing->graph;
	uint32_t number = drawing->func;
	uint32_t type = lines_find_func(graph->lines, graph->cfg->funcs[number].first);

	if (graph->kind == PRINT_GRAPH_DOT) {
		out_fmt(graph->out, "subgraph \"cluster_%u\" {\n", number);
		out_fmt(graph->out,
			"\tstyle=\"dashed\";\n\tcolor=\"black\";\n\tlabel=\"func_%u ()\";\n",
			number);
		return;
	}
	out_fmt(graph->out, "subgraph f%u[\"", number);
	if (type && proto_format(graph->lines->btf, type, &drawing->proto))
		put_text(drawing, drawing->proto.bytes, strlen(drawing->proto.bytes), PART_PROTO);
	else
		out_fmt(graph->out, "func_%u ()", number);
	out_literal(graph->out, "\"]\n");
}

static void draw_func(struct drawing *drawing, uint32_t number)
{
	const struct graph *graph = drawing->graph;
	const struct cfg_func *func = &graph->cfg->funcs[number];

	drawing->func = number;
	draw_heading(drawing);
	draw_end(graph, number, "0", "ENTRY");
	for (uint32_t i = 0; i < func->n_blocks; i++)
		draw_block(drawing, func->block + i);
	draw_end(graph, number, "1", "EXIT");
	if (leads_to(graph->cfg, func, CFG_UNKNOWN))
		draw_end(graph, number, "unknown", "where a register says");
	if (leads_to(graph->cfg, func, CFG_NOWHERE))
		draw_end(graph, number, "nowhere", "no instruction");
	draw_edges(graph, number);
	out_fmt(graph->out, "%s\n", graph->kind == PRINT_GRAPH_DOT ? "}" : "end");
}

int graph_draw(const struct graph *graph)
{
	AUTO(drawing_done) struct drawing drawing = { .graph = graph };
	bool is_dot = graph->kind == PRINT_GRAPH_DOT;

	if (is_dot)
		out_literal(graph->out, "digraph \"DOT graph for eBPF program\" {\n");
	else
		out_literal(graph->out, "flowchart TD\n");
	for (uint32_t i = 0; i < graph->cfg->n_funcs && !graph->out->error; i++)
		draw_func(&drawing, i);
	if (is_dot)
		out_literal(graph->out, "}\n");
	return drawing.failed ? -ENOMEM : 0;
}
