/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * tracing.c - programs whose target was fixed when they were loaded, and those that replace others
 */
#include <errno.h>
#include <string.h>

#include "attach/hook.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "btf/reader.h"
#include "records/one.h"

/* What the kernel made may be of another kind than the user said. */
static int check_attach_type(const struct attach_job *job, int fd, struct inspect_error *err)
{
	struct abi_link_info info = { 0 };
	uint32_t length = sizeof(info);

	int r = sys_info(&job->inspect->sys, fd, &info, &length);
	if (r < 0)
		return inspect_fail(err, -r, "%s: read the new link's info", job->hook->name);
	bool is_raw = job->hook->attach_type == ABI_TRACE_RAW_TP;
	if (is_raw ? info.type == ABI_LINK_TYPE_RAW_TRACEPOINT
		   : info.type == ABI_LINK_TYPE_TRACING &&
			     info.tracing.attach_type == job->hook->attach_type)
		return 0;
	return attach_fail(job, EINVAL, err);
}

/* Before Linux 5.19 there is only the older call, which takes a program for whatever it was loaded for. */
static int attach_older(const struct attach_job *job, struct inspect_attachments *out,
			struct inspect_error *err)
{
	if (job->values[HOOK_COOKIE].is_there) {
		attach_fail(job, EINVAL, err);
		return inspect_hint(err, "Linux 5.19 is the first with cookies for it");
	}
	autoclose int fd = sys_raw_tracepoint_open(&job->inspect->sys, job->prog.fd, NULL, 0);
	if (fd < 0)
		return attach_fail(job, -fd, err);
	int r = check_attach_type(job, fd, err);
	return r < 0 ? r : attach_keep(job, take_fd(&fd), true, out, err);
}

static int fail_busy(const struct attach_job *job, int code, struct inspect_error *err)
{
	attach_fail(job, code, err);
	if (code != EBUSY)
		return -code;
	return inspect_hint(err, "something is attached there that suffers nothing beside it, or "
				 "this program is attached already");
}

int attach_tracing(const struct attach_job *job, struct inspect_attachments *out,
		   struct inspect_error *err)
{
	const struct sys *sys = &job->inspect->sys;
	struct abi_link_create_attr attr = {
		.prog_fd = (uint32_t)job->prog.fd,
		.attach_type = job->hook->attach_type,
		.tracing.cookie = job->values[HOOK_COOKIE].number,
	};
	int fd = sys_link_create(sys, &attr);

	/* This attach type came soon after the call learnt to take such programs. */
	if (fd == -EINVAL && !names_kernel_has(sys, NAMES_ATTACH_TYPE, ABI_LSM_CGROUP))
		return attach_older(job, out, err);
	return fd < 0 ? fail_busy(job, -fd, err) : attach_keep(job, fd, true, out, err);
}

/* --- iter --- */

static int fail_iter(const struct attach_job *job, int code, struct inspect_error *err)
{
	bool has_map = job->values[HOOK_MAP].is_there;

	attach_fail(job, code, err);
	if (code == EBADF && !has_map)
		return inspect_hint(err, "an iterator over the elements of a map needs 'map MAP'");
	if (code == EINVAL && has_map)
		return inspect_hint(err, "this iterator takes no map, or none of that type, or the "
					 "program reads more of a key or a value than it has");
	return -code;
}

int attach_iter(const struct attach_job *job, struct inspect_attachments *out,
		struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	const struct hook_value *values = job->values;
	union abi_iter_info info = { 0 };
	struct abi_link_create_attr attr = {
		.prog_fd = (uint32_t)job->prog.fd,
		.attach_type = ABI_TRACE_ITER,
	};
	bool has_task = values[HOOK_PID].is_there || values[HOOK_TID].is_there;

	if (has_task + values[HOOK_MAP].is_there > 1 ||
	    (values[HOOK_PID].is_there && values[HOOK_TID].is_there))
		return inspect_fail(err, INSPECT_EUSAGE,
				    "prog attach: iter: 'map', 'pid' and 'tid' exclude each other");
	int r = values[HOOK_MAP].is_there ? one_open(job->inspect, &values[HOOK_MAP].ref, &map, err)
					  : 0;
	if (r < 0)
		return inspect_context(err, "iter: map");
	if (map.fd >= 0) {
		info.map_fd = (uint32_t)map.fd;
	} else {
		info.task.tid = (uint32_t)values[HOOK_TID].number;
		info.task.pid = (uint32_t)values[HOOK_PID].number;
	}
	if (map.fd >= 0 || has_task) {
		attr.iter.info = (uint64_t)(uintptr_t)&info;
		attr.iter.info_len = sizeof(info);
	}
	int fd = sys_link_create(&job->inspect->sys, &attr);
	return fd < 0 ? fail_iter(job, -fd, err) : attach_keep(job, fd, true, out, err);
}

/* --- freplace --- */

/* The function of this name in a program's types, or 0. */
static uint32_t find_function(const struct btf_reader *btf, const char *name)
{
	for (uint32_t id = 1; id < btf_count(btf); id++) {
		const char *found = btf_func_name(btf, id);

		if (found && strcmp(found, name) == 0)
			return id;
	}
	return 0;
}

static int open_replaced(const struct attach_job *job, struct inspect_prog *prog,
			 uint32_t *function, struct inspect_error *err)
{
	const struct inspect_words *target = &job->targets;
	struct inspect_ref ref;

	int used = inspect_ref_parse(INSPECT_PROG, target->words, target->n, &ref, err);
	if (used < 0)
		return inspect_context(err, "prog attach: freplace");
	if ((size_t)used + 1 != target->n)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "prog attach: freplace: expected PROG FUNC");
	const char *name = target->words[used];
	int r = one_open(job->inspect, &ref, prog, err);
	if (r < 0)
		return inspect_context(err, "freplace");
	const struct btf_reader *btf = prog->have & INSPECT_PROG_HAS_BTF
					       ? inspect_btf_cached(job->inspect, prog->btf_id)
					       : NULL;
	*function = btf ? find_function(btf, name) : 0;
	if (*function)
		return 0;
	inspect_fail(err, ENOENT, "prog %u: function '%s'", prog->id, name);
	return inspect_hint(err, btf ? "'prog dump xlated' shows the functions that it has"
				     : "the program has no BTF, so its functions have no names");
}

int attach_freplace(const struct attach_job *job, struct inspect_attachments *out,
		    struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog replaced = { .fd = -1 };
	struct abi_link_create_attr attr = {
		.prog_fd = (uint32_t)job->prog.fd,
		.tracing.cookie = job->values[HOOK_COOKIE].number,
	};

	if (job->targets.n) {
		int r = open_replaced(job, &replaced, &attr.tracing.target_btf_id, err);

		if (r < 0)
			return r;
		attr.target = (uint32_t)replaced.fd;
	}
	int fd = sys_link_create(&job->inspect->sys, &attr);
	if (fd == -EINVAL && !job->targets.n &&
	    !names_kernel_has(&job->inspect->sys, NAMES_ATTACH_TYPE, ABI_LSM_CGROUP))
		fd = sys_raw_tracepoint_open(&job->inspect->sys, job->prog.fd, NULL, 0);
	if (fd == -EINVAL && job->targets.n) {
		attach_fail(job, EINVAL, err);
		return inspect_hint(err, "the function must have the same arguments and result as "
					 "the one that it was loaded for");
	}
	return fd < 0 ? fail_busy(job, -fd, err) : attach_keep(job, fd, true, out, err);
}
