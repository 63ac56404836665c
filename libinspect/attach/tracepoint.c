/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * tracepoint.c - programs on events of the kernel
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/names.h"
#include "attach/perf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/tracefs.h"

/* Every tracepoint has a symbol, those of modules too. */
static int fail_raw(const struct attach_job *job, int code, struct inspect_error *err)
{
	struct name_search search;

	attach_fail(job, code, err);
	if (code != ENOENT)
		return -code;
	name_search_begin(&search, job->targets.words[0]);
	name_search_symbols(&job->inspect->sys, "__tracepoint_", &search);
	return name_search_hint(&search, err);
}

int attach_raw_tracepoint(const struct attach_job *job, struct inspect_attachments *out,
			  struct inspect_error *err)
{
	int fd = sys_raw_tracepoint_open(&job->inspect->sys, job->prog.fd, job->targets.words[0],
					 job->values[HOOK_COOKIE].number);

	if (fd == -EINVAL && job->values[HOOK_COOKIE].is_there) {
		attach_fail(job, EINVAL, err);
		return inspect_hint(err, "Linux 6.10 is the first with cookies for it");
	}
	return fd < 0 ? fail_raw(job, -fd, err) : attach_keep(job, fd, true, out, err);
}

static int try_name(void *context, const char *name)
{
	name_search_try(context, name);
	return 0;
}

/* No such event: which category or which name in it is near. */
static int fail_event(const struct attach_job *job, const char *root, const char *category,
		      const char *name, int code, struct inspect_error *err)
{
	struct name_search categories, names;
	char path[256];

	attach_fail(job, code, err);
	if (code != ENOENT)
		return -code;
	name_search_begin(&categories, category);
	name_search_begin(&names, name);
	tracefs_each(root, "events", try_name, &categories);
	int size = snprintf(path, sizeof(path), "events/%s", category);
	if (categories.n_found && size > 0 && (size_t)size < sizeof(path)) {
		tracefs_each(root, path, try_name, &names);
		if (*names.nearest)
			return inspect_hint(err, "did you mean '%s:%s'?", category, names.nearest);
		return -code;
	}
	if (*categories.nearest)
		return inspect_hint(err, "did you mean '%s:%s'?", categories.nearest, name);
	return -code;
}

static bool is_event(const char *category, const char *name)
{
	return *category && *name && *category != '.' && *name != '.' && !strchr(category, '/') &&
	       !strchr(name, '/');
}

int attach_tracepoint(const struct attach_job *job, struct inspect_attachments *out,
		      struct inspect_error *err)
{
	const char *target = job->targets.words[0];
	const char *colon = strchr(target, ':');
	struct perf_want want = { .type = PERF_TYPE_TRACEPOINT, .pid = -1 };
	autofree char *root = NULL, *category = strndup(target, strcspn(target, ":"));

	if (!category)
		return inspect_fail(err, ENOMEM, "tracepoint %s", target);
	if (!colon || !is_event(category, colon + 1))
		return inspect_fail(err, INSPECT_EUSAGE,
				    "prog attach: tracepoint: expected %s, got: '%s'",
				    job->hook->target, target);
	int r = tracefs_find(&job->inspect->sys, &root, err);
	if (r < 0)
		return inspect_context(err, "tracepoint %s", target);
	r = tracefs_event_id(root, category, colon + 1, &want.config);
	if (r < 0)
		return fail_event(job, root, category, colon + 1, -r, err);
	int event = perf_open(&want);
	return event < 0 ? attach_fail(job, -event, err) : attach_event(job, event, out, err);
}
