/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict_log.h - the verifier's log: text in, facts out
 *
 * The text is the kernel's, and kernels differ; it also has names in it that programs chose. Nothing of it is
 * believed, and what is not understood is passed over. Only the end of a long log is looked at.
 */
#ifndef LOAD_VERDICT_LOG_H
#define LOAD_VERDICT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A piece of a log, borrowed. Zeroed, it is none. */
struct log_text {
	const char *at;
	size_t size;
};

#define LOG_MESSAGES 12
#define LOG_REGS 11
#define LOG_NO_INSN UINT32_MAX

/* A line of a program's source, as the log has it. */
struct log_source {
	struct log_text text;
	struct log_text file;  /* none: an older kernel, which does not say */
	uint32_t line, column; /* 0: not told */
};

/* A register that the instruction reads. */
struct log_reg {
	uint8_t number;
	struct log_text
		state;	  /* what the verifier knew: "pkt(r=0)"; none: nothing that the log tells */
	uint32_t lost_at; /* a call, behind which nothing is left in it; or LOG_NO_INSN */
};

/* What all of the verifier's work came to. */
struct log_stats {
	uint64_t insns, insn_limit;
	uint64_t max_states_per_insn, total_states, peak_states, mark_read;
	uint64_t time_us;
	struct log_text stack_depth; /* "16+0": of the program and its functions */
	bool has_counts, has_time;
};

struct log_facts {
	/* The last instruction that was looked at; LOG_NO_INSN: the verifier had not begun to, or is through. */
	uint32_t insn;
	struct log_text insn_text;
	struct log_source source; /* of that */
	struct log_reg regs[LOG_REGS];
	unsigned n_regs;
	/* Why, in the kernel's words. */
	struct log_text messages[LOG_MESSAGES];
	unsigned n_messages;
	/* What kernels since 7.3 say beyond that; lines, folded, with blanks in front. */
	struct log_text kind, reason, place, suggestion;
	struct log_stats stats;
	size_t window;	/* where in the log the part that was looked at begins */
	size_t insn_at; /* where the instruction's line begins */
};

/* @log is borrowed by *out. Always ends; takes time in proportion to the last MiB of the log. */
void log_read(struct log_facts *out, const char *log, size_t size);

/*
 * The source line of an instruction that the log went through earlier: the last time, before the one that failed.
 */
bool log_find_source(const struct log_facts *facts, const char *log, uint32_t insn,
		     struct log_source *out);

/* The name of the first function of the place, "refuse" of "refuse @ refused.c:59:9"; and the line. */
bool log_place_source(const struct log_facts *facts, struct log_text *func, struct log_source *out);

/* Adds a folded text as one line. */
void log_add_unfolded(struct buf *out, struct log_text text);

/*
 * Does @pattern occur in a line? Each * stands for any text, as little as will do; what they stood for is put into
 * @stars (at most @n). A pattern that begins with ^ has to be at the beginning.
 */
bool log_match(struct log_text line, const char *pattern, struct log_text *stars, unsigned n);

/* A whole number in decimal, or with 0x; false where the text is none. */
bool log_number(struct log_text text, uint64_t *out);

#endif
