/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * profile_code.h - the two programs that count around a third
 */
#ifndef WATCH_PROFILE_CODE_H
#define WATCH_PROFILE_CODE_H

#include "watch/asm.h"
#include "watch/metric.h"

/* What bpf_perf_event_read_value() tells. */
struct reading {
	uint64_t counter;
	uint64_t enabled_ns;
	uint64_t running_ns;
};

/* The only element of a per-CPU array, cut to the metrics that there are: profile_bytes(). */
struct profile_state {
	uint64_t is_running; /* 1: what is in before was read when a run began */
	uint64_t runs;
	struct reading pairs[2 * METRICS]; /* first all of before, then all totals */
};

uint32_t profile_bytes(unsigned n);

/* Where the total of metric @i stands among pairs. */
static inline unsigned profile_total_at(unsigned i, unsigned n)
{
	return n + i;
}

/*
 * @events: perf event arrays with a counter in the slot of each CPU, one a metric. A run of which the beginning was not
 * seen, or of which a counter could not be read, is not counted at all.
 */
void profile_code_entry(struct code *code, int state_fd, const int *events, unsigned n);
void profile_code_exit(struct code *code, int state_fd, const int *events, unsigned n);

#endif
