/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf.h - programs on perf events
 */
#ifndef ATTACH_PERF_H
#define ATTACH_PERF_H

#include "attach/hook.h"
#include "kernel/perf.h"

/* The program on an open event, which it takes over; switched on. */
int attach_event(const struct attach_job *job, int event, struct inspect_attachments *out,
		 struct inspect_error *err);

/* A probe that perf opens. */
struct attach_probe {
	const char *kind; /* "kprobe" or "uprobe" */
	const char *name; /* of the function or of the file */
	uint64_t at;
	uint64_t semaphore; /* 0: there is none */
	bool is_return;
	int pid; /* -1: all */
};

/*
 * A descriptor, or a negative errno. Only where the kernel has no such probes at all @err is filled in: else whoever called
 * knows better what was wrong.
 */
int attach_open_probe(const struct attach_job *job, const struct attach_probe *probe,
		      struct inspect_error *err);

#endif
