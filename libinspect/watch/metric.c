/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * metric.c - what can be counted while a program runs
 */
#include "watch/metric.h"

#include <linux/perf_event.h>

#include "base/text.h"

#define CYCLES 0
#define INSTRUCTIONS 1

#define CACHE(cache, result)                                                                       \
	((uint64_t)PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 |                \
	 PERF_COUNT_HW_CACHE_RESULT_##result << 16)
#define MILLION 1000000u
#define SOFTWARE(word, number)                                                                     \
	{                                                                                          \
		.name = (word), .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_##number,      \
		.is_software = true, .ratio_to = -1                                                \
	}

const struct metric metrics[METRICS] = {
	[CYCLES] = { "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, false, -1, 0, NULL },
	[INSTRUCTIONS] = { "instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, false,
			   CYCLES, 1, "insns per cycle" },
	{ "l1d_loads", PERF_TYPE_HW_CACHE, CACHE(L1D, ACCESS), false, -1, 0, NULL },
	{ "llc_misses", PERF_TYPE_HW_CACHE, CACHE(LL, MISS), false, INSTRUCTIONS, MILLION,
	  "LLC misses per million insns" },
	{ "itlb_misses", PERF_TYPE_HW_CACHE, CACHE(ITLB, MISS), false, INSTRUCTIONS, MILLION,
	  "itlb misses per million insns" },
	{ "dtlb_misses", PERF_TYPE_HW_CACHE, CACHE(DTLB, MISS), false, INSTRUCTIONS, MILLION,
	  "dtlb misses per million insns" },
	SOFTWARE("cpu_clock", CPU_CLOCK),
	SOFTWARE("task_clock", TASK_CLOCK),
	SOFTWARE("page_faults", PAGE_FAULTS),
	SOFTWARE("context_switches", CONTEXT_SWITCHES),
	SOFTWARE("cpu_migrations", CPU_MIGRATIONS),
};

int metric_find(const char *word)
{
	for (unsigned i = 0; *word && i < METRICS; i++)
		if (text_has_prefix(metrics[i].name, word))
			return (int)i;
	return -1;
}
