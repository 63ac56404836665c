/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * profile.h - count what happens while programs run
 */
#ifndef WATCH_PROFILE_H
#define WATCH_PROFILE_H

#include "out/out.h"
#include "records/inspect.h"
#include "watch/metric.h"
#include "watch/profile_code.h"

/* A program that is counted around. */
struct profiled {
	struct inspect_prog prog;
	int state_fd;
	int fds[4]; /* the programs at its entry and its exit, and what holds them there */
	unsigned long long runs;
	struct reading totals[METRICS];
};

struct profile {
	struct inspect *inspect;
	const struct inspect_note *note;
	unsigned metrics[METRICS]; /* indices, ascending */
	unsigned n_metrics;
	int events[METRICS]; /* perf event arrays, one a metric */
	unsigned *cpus;	     /* the possible ones */
	unsigned n_cpus;
	struct profiled *progs;
	unsigned n_progs;
};

/*
 * @profile has metrics and n_metrics, and is zeroed else. Opens a counter on each CPU; then programs are added, and counted
 * around from then on. profile_done() takes away whatever was put anywhere, also after a failure.
 */
int profile_open(struct profile *profile, struct inspect_error *err);
/* All that @ref fits. -ENOENT, -EOPNOTSUPP (without BTF, or the kernel cannot do it), or another negative errno. */
int profile_add(struct profile *profile, const struct inspect_ref *ref, struct inspect_error *err);
/* Ends the counting, and reads what was counted. */
int profile_end(struct profile *profile, struct inspect_error *err);
void profile_done(struct profile *profile);

/* bpftool's layout, of one program. */
void profile_plain(struct out *out, const struct profile *profile, const struct profiled *it);

#endif
