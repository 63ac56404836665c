/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * detach.c - take a program off where it is attached without a link
 */
#include <errno.h>

#include "attach/hook.h"
#include "attach/net.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/caps.h"
#include "records/one.h"

static int fail_type(const char *type, struct inspect_error *err)
{
	AUTO(buf_done) struct buf names = { 0 };
	const struct hook *hook;

	for (size_t i = 0; (hook = hook_at(i)); i++) {
		if (!hook->detach)
			continue;
		buf_add_text(&names, names.size ? ", " : "");
		buf_add_text(&names, hook->name);
	}
	buf_add_char(&names, '\0');
	if (hook_find(type))
		inspect_fail(err, INSPECT_EUSAGE, "prog detach: '%s' is attached by links", type);
	else
		inspect_fail(err, INSPECT_EUSAGE, "prog detach: what is '%s'?", type);
	return inspect_hint(err,
			    "TYPE is one of %s; without it, all links of the program are detached",
			    buf_failed(&names) ? "?" : names.bytes);
}

int detach_fail(const struct attach_job *job, int code, struct inspect_error *err)
{
	inspect_fail(err, code, "prog %u: detach from %s", job->prog.id, job->hook->name);
	if (code == ENOENT || code == EINVAL)
		return inspect_hint(err, "this program is not attached there, or by a link: "
					 "'prog detach PROG' detaches links");
	return caps_hint(err, CAPS_TO_ATTACH);
}

/* Is a map named where one is needed, and there alone? */
static int check_map(const struct hook *hook, const struct inspect_ref *map,
		     struct inspect_error *err)
{
	bool is_there = map->by != INSPECT_BY_ALL, is_wanted = hook->offers == HOOK_TARGET_MAP;

	if (is_there == is_wanted)
		return 0;
	return inspect_fail(err, INSPECT_EUSAGE, "prog detach: %s %s", hook->name,
			    is_there ? "takes no map" : "needs a map");
}

static int check_prog(const struct attach_job *job, struct inspect_error *err)
{
	const struct inspect_prog *prog = &job->prog;
	const char *type = names_of(NAMES_PROG_TYPE, prog->type, prog->type_name);

	if (!hook_check_type(job, NULL))
		return 0;
	inspect_fail(err, EINVAL, "prog %u: detach from %s", prog->id, job->hook->name);
	return inspect_hint(err, "no program of type %s is ever there", type ? type : "this");
}

int inspect_prog_detach(struct inspect *inspect, const struct inspect_ref *prog, const char *type,
			const struct inspect_ref *map, struct inspect_error *err)
{
	struct attach_job job = { .inspect = inspect, .prog = { .fd = -1 } };

	ERROR_NEEDED(err);
	job.hook = hook_find(type);
	if (!job.hook || !job.hook->detach)
		return fail_type(type, err);
	int r = check_map(job.hook, map, err);
	if (!r)
		r = one_open(inspect, prog, &job.prog, err);
	if (!r)
		r = check_prog(&job, err);
	if (!r)
		r = job.hook->detach(&job, map, err);
	inspect_prog_done(&job.prog);
	return r;
}
