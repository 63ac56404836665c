/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf.c - programs on perf events: tracepoints, probes, samples
 *
 * Since Linux 5.15 the kernel makes a link of a program on an event. Before, the event itself holds the program, and can
 * be held by a process alone.
 */
#include "attach/perf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/tracefs.h"

/* A kernel without such links. */
static int attach_unlinked(const struct attach_job *job, int event, struct inspect_attachments *out,
			   struct inspect_error *err)
{
	autoclose int held = event;

	if (job->values[HOOK_COOKIE].is_there) {
		inspect_fail(err, EOPNOTSUPP, "prog %u: attach to %s: cookie", job->prog.id,
			     job->hook->name);
		return inspect_hint(err, "Linux 5.15 is the first with cookies for it");
	}
	int r = perf_set_prog(held, job->prog.fd);
	if (!r)
		r = perf_enable(held);
	if (r < 0)
		return attach_fail(job, -r, err);
	return attach_keep(job, take_fd(&held), false, out, err);
}

int attach_event(const struct attach_job *job, int event, struct inspect_attachments *out,
		 struct inspect_error *err)
{
	autoclose int held = event;
	struct abi_link_create_attr attr = {
		.prog_fd = (uint32_t)job->prog.fd,
		.target = (uint32_t)event,
		.attach_type = ABI_PERF_EVENT,
		.perf_event.cookie = job->values[HOOK_COOKIE].number,
	};

	autoclose int fd = sys_link_create(&job->inspect->sys, &attr);
	if (fd == -EINVAL &&
	    !names_kernel_has(&job->inspect->sys, NAMES_ATTACH_TYPE, ABI_PERF_EVENT))
		return attach_unlinked(job, take_fd(&held), out, err);
	int r = fd < 0 ? fd : perf_enable(event);
	if (r < 0)
		return attach_fail(job, -r, err);
	return attach_keep(job, take_fd(&fd), true, out, err);
}

/* --- tracepoint --- */

int attach_tracepoint(const struct attach_job *job, struct inspect_attachments *out,
		      struct inspect_error *err)
{
	const char *target = job->targets.words[0];
	const char *colon = strchr(target, ':');
	struct perf_want want = { .type = PERF_TYPE_TRACEPOINT, .pid = -1 };
	autofree char *root = NULL, *category = NULL;

	if (!colon || strchr(target, '/'))
		return inspect_fail(err, INSPECT_EUSAGE, "tracepoint: expected %s, got: '%s'",
				    job->hook->target, target);
	category = strndup(target, (size_t)(colon - target));
	if (!category)
		return inspect_fail(err, ENOMEM, "tracepoint %s", target);
	int r = tracefs_find(&job->inspect->sys, &root, err);
	if (r < 0)
		return inspect_context(err, "tracepoint %s", target);
	r = tracefs_event_id(root, category, colon + 1, &want.config);
	if (r < 0)
		return attach_fail(job, -r, err);
	int event = perf_open(&want);
	return event < 0 ? attach_fail(job, -event, err) : attach_event(job, event, out, err);
}
