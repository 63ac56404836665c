/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf.h - perf events of a CPU: counters, and what programs write events to
 */
#ifndef KERNEL_PERF_H
#define KERNEL_PERF_H

#include <stdint.h>

/*
 * A counter of a CPU that runs from now on, of what the kernel does alone. @type and @config are numbers of
 * <linux/perf_event.h>. A descriptor, -ENODEV (no such CPU now), -ENOENT or -EOPNOTSUPP (no such counter here), or
 * another negative errno.
 */
int perf_open_counter(uint32_t type, uint64_t config, unsigned cpu);

/*
 * What bpf_perf_event_output() writes to on a CPU: every event wakes up who waits, and has its time by
 * CLOCK_MONOTONIC. It counts from perf_enable() on. Errors as above.
 */
int perf_open_output(unsigned cpu);

/* 0 or a negative errno. */
int perf_enable(int fd);

#endif
