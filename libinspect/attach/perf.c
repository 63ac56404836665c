/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf.c - programs on perf events: tracepoints, probes, samples
 *
 * Since Linux 5.15 the kernel makes a link of a program on an event. Before, the event itself holds the program, and can
 * be held by a process alone.
 */
#include "attach/perf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/names.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "kernel/ksyms.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

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

/* Words that need a value which the kernel may lack. */
static int fail_type(const struct attach_job *job, int code, struct inspect_error *err)
{
	inspect_fail(err, code, "prog %u: attach to %s", job->prog.id, job->hook->name);
	return inspect_hint(err, "this kernel was built without %s", job->hook->needs);
}

int attach_open_probe(const struct attach_job *job, const struct attach_probe *probe,
		      struct inspect_error *err)
{
	const struct sys *sys = &job->inspect->sys;
	struct perf_want want = { .name = probe->name,
				  .at = probe->at,
				  .pid = probe->pid,
				  .cpu = probe->pid < 0 ? 0 : -1 };
	unsigned bit = 0, counter = 0;

	int r = perf_type(sys, probe->kind, &want.type);
	if (!r && probe->is_return)
		r = perf_bit(sys, probe->kind, "retprobe", &bit);
	if (!r && probe->semaphore)
		r = perf_bit(sys, probe->kind, "ref_ctr_offset", &counter);
	if (r < 0)
		return fail_type(job, -r, err);
	want.config = (probe->is_return ? (uint64_t)1 << bit : 0) |
		      (probe->semaphore ? probe->semaphore << counter : 0);
	return perf_open(&want);
}

/* --- probes of the kernel --- */

/* "FUNC" or "FUNC+OFFSET" */
static int split_function(const struct attach_job *job, char **name, uint64_t *offset,
			  struct inspect_error *err)
{
	const char *target = job->targets.words[0];
	const char *plus = strrchr(target, '+');

	*offset = 0;
	if (plus && (plus == target || job->hook->detail ||
		     num_parse(plus + 1, NUM_ANY, UINT32_MAX, offset)))
		return inspect_fail(err, INSPECT_EUSAGE, "prog attach: %s: expected %s, got: '%s'",
				    job->hook->name, job->hook->target, target);
	*name = plus ? strndup(target, (size_t)(plus - target)) : strdup(target);
	return *name ? 0 : inspect_fail(err, ENOMEM, "%s", target);
}

static int attach_at(const struct attach_job *job, const char *name, uint64_t offset,
		     struct inspect_attachments *out, struct inspect_error *err)
{
	const struct attach_probe probe = {
		.kind = "kprobe",
		.name = name,
		.at = offset,
		.is_return = job->hook->detail,
		.pid = -1,
	};
	struct inspect_error own = { 0 };

	int event = attach_open_probe(job, &probe, &own);
	if (event < 0 && own.code) {
		*err = own;
		return event;
	}
	if (event < 0)
		return attach_fail_function(job, name, -event, err);
	return attach_event(job, event, out, err);
}

int attach_kprobe(const struct attach_job *job, struct inspect_attachments *out,
		  struct inspect_error *err)
{
	autofree char *name = NULL;
	uint64_t offset;

	int r = split_function(job, &name, &offset, err);
	return r < 0 ? r : attach_at(job, name, offset, out, err);
}

/* --- system calls --- */

/*
 * A system call's function has another name on each machine, and on those without wrappers it is the first of the
 * common ones. The kernel's own list says which there is.
 */
static const char *const call_prefixes[] = { "__x64_sys_",  "__arm64_sys_", "__s390x_sys_",
					     "__s390_sys_", "__riscv_sys_", "__loongarch_sys_",
					     "__se_sys_",   "sys_" };

struct call_search {
	const char *name;
	size_t best; /* the first of the prefixes that there is */
	struct name_search near;
};

static int take_call(void *context, const struct ksym *symbol, char type)
{
	struct call_search *find = context;

	for (size_t i = 0; strchr("tTwW", type) && i < COUNT(call_prefixes); i++) {
		size_t n = strlen(call_prefixes[i]);

		if (strncmp(symbol->name, call_prefixes[i], n) != 0)
			continue;
		name_search_try(&find->near, symbol->name + n);
		if (i < find->best && strcmp(symbol->name + n, find->name) == 0)
			find->best = i;
	}
	return 0;
}

int attach_ksyscall(const struct attach_job *job, struct inspect_attachments *out,
		    struct inspect_error *err)
{
	struct call_search find = { .name = job->targets.words[0], .best = COUNT(call_prefixes) };
	char name[256];

	name_search_begin(&find.near, find.name);
	int r = ksyms_each(&job->inspect->sys, take_call, &find);
	if (r < 0)
		return inspect_fail(err, -r, "/proc/kallsyms");
	if (find.best == COUNT(call_prefixes)) {
		inspect_fail(err, ENOENT, "prog %u: attach to %s: system call '%s'", job->prog.id,
			     job->hook->name, find.name);
		return name_search_hint(&find.near, err);
	}
	snprintf(name, sizeof(name), "%s%s", call_prefixes[find.best], find.name);
	return attach_at(job, name, 0, out, err);
}
