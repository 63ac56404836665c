/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict_table.h - what messages of the verifier and of libbpf mean
 */
#ifndef LOAD_VERDICT_TABLE_H
#define LOAD_VERDICT_TABLE_H

#include "load/verdict_log.h"

#define VERDICT_STARS 6

/* What is known beside the message, and shown where a row's words have %0. */
enum verdict_subject {
	SUBJECT_NONE,
	SUBJECT_RELOCATION, /* of the instruction: "struct task_struct.pid" */
	SUBJECT_SYMBOL,	    /* that the instruction refers to: "bpf_task_acquire" */
	SUBJECT_HELPER,	    /* the second star is its number */
};

/* In words, %1 is what the first * of the pattern stood for, and so on; %0 is the subject. */
struct verdict_row {
	const char *cause;   /* a word for scripts: a contract */
	const char *pattern; /* see log_match() */
	const char *words;   /* the verdict */
	const char *hint;    /* what can be done, or NULL */
	enum verdict_subject subject;
	unsigned char insn; /* which star is the number of the instruction at fault, or 0 */
	unsigned char
		origin; /* which star is the number of an instruction before, where it began, or 0 */
};

/* What a line was found to mean. */
struct verdict_match {
	const struct verdict_row *row; /* NULL: nothing */
	struct log_text line;
	struct log_text stars[VERDICT_STARS];
};

/* The first row of the table that one of the lines fits. */
void verdict_match_messages(const struct log_text *lines, unsigned n, struct verdict_match *out);

/* The same, of what libbpf says: lines in one text. */
void verdict_match_said(const char *said, size_t size, struct verdict_match *out);

/* Adds the words of a row. */
void verdict_add_words(struct buf *out, const char *words, const struct verdict_match *match,
		       struct log_text subject);

/* "a number", of the first word in what the verifier knows of a register; NULL where it is none of those known. */
const char *verdict_kind_of_register(struct log_text state);

/* The tables themselves, for tests. */
const struct verdict_row *verdict_rows(size_t *n);
const struct verdict_row *verdict_said_rows(size_t *n);

#endif
