/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rights.h - what this process may do
 */
#ifndef PROBE_RIGHTS_H
#define PROBE_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "kernel/refusal.h"

struct probe;
struct rights_text;

#define RIGHTS_CMDS 64 /* more than bpf(2) has commands */

#define RIGHTS_PERF 63 /* stands for perf_event_open(2) among them */

/* What a command came to that could not do anything, and that every kernel sees off in the same way. */
struct rights_trial {
	bool is_made;
	bool is_deadly; /* a filter kills who calls it */
	bool is_seen; /* the kernel got to see it; else a filter stands before it, or there is no bpf(2) */
	int code; /* what it ended with where it was not seen: a positive errno; 0: a filter pretends success */
};

/* Found out at the first question about it, and kept for the run. */
struct rights {
	bool is_read;
	struct refusal refusal;
	struct rights_trial trials[RIGHTS_CMDS]; /* by command */
	struct rights_text *texts;		 /* owned */
	const char *delegating;			 /* a directory, one of the texts */
	bool was_sought;
	struct rlimit limit; /* of locked memory, before the run */
	bool is_raised;
};

/*
 * Begins a run: where a filter of seccomp is on, no command is called that it kills for, or that it pretends to carry
 * out; and memory that may be locked, which old kernels charge, is as much as this process may allow itself.
 */
void rights_begin(struct probe *probe);

/* Ends it: everything is as it was. */
void rights_end(struct probe *probe);

/* A test that sets is_read has its own. */
const struct refusal *rights_get(struct probe *probe);

/* Is made once for each command and run, in a child where a filter is on. */
const struct rights_trial *rights_try(struct probe *probe, int cmd);

/* The text, which is then the run's, for as long as that lasts; each is kept once. NULL where memory is short. */
const char *rights_keep(struct probe *probe, const char *text);

/* The directory of a BPF file system that delegates something, as long as the run, or NULL. */
const char *rights_delegating(struct probe *probe);

#endif
