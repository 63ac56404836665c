/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * metric.h - what can be counted while a program runs
 */
#ifndef WATCH_METRIC_H
#define WATCH_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#define METRICS 11u

struct metric {
	const char *name;
	uint32_t type; /* numbers of perf_event_open(2) */
	uint64_t config;
	bool is_software; /* every kernel has it */
	int ratio_to;	  /* the metric that it is shown beside, or -1 */
	unsigned scale;
	const char *ratio_text;
};

/* bpftool's first, in its order, which is that of the output. */
extern const struct metric metrics[METRICS];

/* The one that the word begins; -1 where there is none. */
int metric_find(const char *word);

#endif
