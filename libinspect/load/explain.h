/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * explain.h - a load that failed, explained where the form has a place for it; and what verifying took
 */
#ifndef LOAD_EXPLAIN_H
#define LOAD_EXPLAIN_H

#include "load/load.h"
#include "out/sink.h"

/*
 * Says why in @sink, or in @people where that is for people, and puts the hint into @err, which has what failed. Says
 * nothing where there is no more to say than that. Returns what @err has: the failure stays one.
 */
int explain_failure(const struct loaded *loaded, struct sink *sink, struct out *people,
		    struct inspect_error *err);

/* What verifying took, a line or a record for each program whose log tells it. */
void explain_counts(const struct loaded *loaded, struct sink *sink, struct out *people);

/* Writes all logs into a file, each behind a line with the program's name where there are several. */
int explain_save(const struct loaded *loaded, const char *path, struct inspect_error *err);

#endif
