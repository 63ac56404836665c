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

#endif
