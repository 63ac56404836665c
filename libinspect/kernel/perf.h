/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf.h - perf events that programs hang on, count with and write to
 */
#ifndef KERNEL_PERF_H
#define KERNEL_PERF_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sys.h"

/* An event, as perf_event_open(2) takes it. What the two addresses are depends on its type. */
struct perf_want {
	uint32_t type;
	uint64_t config;
	const char *name; /* of a probe's function or file */
	uint64_t at;	  /* of a probe: how far behind the function, or where in the file */
	uint64_t period;  /* of a sample: so many events, or so many a second; 0: none is taken */
	bool is_freq;
	int pid; /* -1: all */
	int cpu; /* -1: all, where there is a pid */
};

/*
 * A call that no kernel carries out, because of its flags: -E2BIG, as sys_try() has it, says that the kernel has seen it, before it looked
 * at rights. Anything else is from what stands before it.
 */
int perf_try(void);

/* A descriptor, of an event that is switched off; or a negative errno. */
int perf_open(const struct perf_want *want);

/*
 * A counter of a CPU, of what the kernel does alone; it runs. @type and @config are numbers of perf_event_open(2). A
 * descriptor, -ENODEV (no such CPU now), -ENOENT or -EOPNOTSUPP (no such counter here), or another negative errno.
 */
int perf_open_counter(uint32_t type, uint64_t config, unsigned cpu);

/*
 * What bpf_perf_event_output() writes to on a CPU, switched off. Every event wakes up who waits, and has its time by
 * CLOCK_MONOTONIC. Errors as above.
 */
int perf_open_output(unsigned cpu);

/* Switches it on. 0 or a negative errno. */
int perf_enable(int fd);

/* Attaches a program the way that every kernel has, without a link. 0 or a negative errno. */
int perf_set_prog(int fd, int prog_fd);

/* The number that the kernel gave a kind of events: "kprobe". 0 or a negative errno: it has no such. */
int perf_type(const struct sys *sys, const char *name, uint32_t *out);

/* Which bit of the config of such events a word stands for: "retprobe". 0 or a negative errno. */
int perf_bit(const struct sys *sys, const char *name, const char *word, unsigned *out);

#endif
