/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * graph.h - a graph of where control can go, as text for programs that draw
 */
#ifndef CODE_GRAPH_H
#define CODE_GRAPH_H

#include "base/buf.h"
#include "code/cfg.h"
#include "code/image.h"
#include "code/lines.h"
#include "code/print.h"
#include "code/refs.h"
#include "out/out.h"

/* What is drawn, and of what its text is made. All is borrowed. */
struct graph {
	enum print_graph kind;
	const struct print_code *how;
	const struct insn_stream *stream;
	const struct cfg *cfg;
	struct lines *lines;
	struct refs *refs;
	struct insn_names names;
	struct out *out;
};

/* Returns 0 or -ENOMEM. */
int graph_draw(const struct graph *graph);

#endif
