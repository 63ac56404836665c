/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * diff.h - in what two kernels differ, by their probes
 */
#ifndef PROBE_DIFF_H
#define PROBE_DIFF_H

#include "probe/saved.h"

enum diff_change {
	DIFF_REMOVED,	/* the first has it, the second does not */
	DIFF_ADDED,	/* the other way round */
	DIFF_CHANGED,	/* both have it, with other values */
	DIFF_UNDECIDED, /* one of them cannot tell */
	DIFF_CHANGES,
};

struct difference {
	enum diff_change change;
	struct inspect_feature old, new;
	size_t n_helpers;      /* of a type of programs: those for it that came or went with it */
	bool goes_with_a_type; /* one of those */
};

/* What is compared: one kind or, with INSPECT_FEATURE_KINDS, all; for one type or, with NULL, all. */
struct diff_which {
	enum inspect_feature_kind kind;
	const char *of;
};

struct diff {
	struct difference
		*all; /* in the order of saved_compare(); the texts are those of both probes */
	size_t n, room;
	size_t counts[DIFF_CHANGES];
	size_t n_same;
	size_t n_alone; /* what one of them tells, and the other does not */
};

/*
 * Compares what both tell. What a kernel says of itself is no difference unless it is asked for: each has its own
 * release. 0 or -ENOMEM; diff_done() has to follow.
 */
int diff_run(const struct saved *old, const struct saved *new, const struct diff_which *which,
	     struct diff *out, struct inspect_error *err);
void diff_done(struct diff *diff);

#endif
