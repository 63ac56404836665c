/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.h - the code of programs to a sink
 */
#ifndef CODE_PRINT_H
#define CODE_PRINT_H

#include <stdbool.h>

#include "code/insn.h"
#include "inspect.h"
#include "out/sink.h"
#include "records/print.h"

struct print_code {
	bool opcodes; /* the bytes of each instruction */
	bool lines;   /* where each source line stands: file, line, column */
	bool names;   /* in text, what an instruction refers to, behind it */
	enum insn_syntax syntax;
	const struct inspect_note *note;
	/* Tells of one of several programs that cannot be read. */
	void (*fail)(void *context, const struct inspect_error *error);
	void *context;
};

/*
 * Prints the translated instructions of all programs that @ref means: one needs two system calls, a third and
 * fourth for its types. Returns 0, 1 when one of several could not be read, or a negative error.
 */
int print_xlated(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		 const struct print_code *how, struct inspect_error *err);

/* The same of machine code; names of the functions that it calls are read once for all programs. */
int print_jited(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		const struct print_code *how, struct inspect_error *err);

/* The same of both: for each source line its instructions, and the machine code that they became. */
int print_both(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	       const struct print_code *how, struct inspect_error *err);

enum print_graph {
	PRINT_GRAPH_DOT,     /* as bpftool draws it, for Graphviz */
	PRINT_GRAPH_MERMAID, /* a flowchart of Mermaid */
};

/*
 * The same as a graph of where control can go: text, whatever the sink's form. One program alone. Returns 0 or
 * a negative error.
 */
int print_xlated_graph(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		       enum print_graph kind, const struct print_code *how,
		       struct inspect_error *err);

/*
 * Writes the bytes of one program's instructions to a file, which appears, or is replaced, when all is
 * written. Returns 0 or a negative error.
 */
int save_xlated(struct inspect *inspect, const struct inspect_ref *ref, const char *path,
		struct inspect_error *err);

/* The same of its machine code. */
int save_jited(struct inspect *inspect, const struct inspect_ref *ref, const char *path,
	       struct inspect_error *err);

/*
 * Prints what is in a compiled object, which is read from a file and not loaded. Returns 0, or a negative error:
 * -EINVAL (no such object, or damaged: names section, symbol or offset; where it is types alone that cannot be read,
 * after all else was shown) or another.
 */
int print_object(struct sink *sink, const char *path, struct inspect_error *err);

/*
 * Prints its instructions: of the functions with this name, or of all (NULL). Of @how, names is not asked for. Returns
 * as print_object(), and -ENOENT (hint: which names there are).
 */
int print_object_code(struct sink *sink, const char *path, const char *name,
		      const struct print_code *how, struct inspect_error *err);

/*
 * Prints a filter of classic BPF: the text of tcpdump -ddd or -dd, or raw instructions of 8 bytes; "-" is standard
 * input. Of @how, opcodes alone counts. Returns 0, -EINVAL (with the line; bytes that are left over, when all was
 * shown) or another negative error.
 */
int print_classic(struct sink *sink, const char *path, const struct print_code *how,
		  struct inspect_error *err);

extern const struct schema insn_schema, native_schema, part_schema;
extern const struct schema object_schema, object_insn_schema, classic_schema;

#endif
