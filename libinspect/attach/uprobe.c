/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * uprobe.c - programs in programs and libraries
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/perf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "records/one.h"
#include "records/place.h"

static int add_target(const struct attach_job *job, const char *target, bool is_mark,
		      bool takes_globs, struct places *places, struct inspect_error *err)
{
	AUTO(place_words_done) struct place_words words = { 0 };

	int r = place_parse(target, is_mark, &words, err);
	if (r < 0)
		return inspect_context(err, "prog attach: %s", job->hook->name);
	if (places->typed && strcmp(places->typed, words.path) != 0)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "prog attach: %s: one link has places of one file, not of '%s' "
				    "and '%s'",
				    job->hook->name, places->typed, words.path);
	return places_find(&words, takes_globs, places, err);
}

static int pid_of(const struct attach_job *job)
{
	const struct hook_value *pid = &job->values[HOOK_PID];

	return pid->is_there ? (int)pid->number : -1;
}

static int fail_place(const struct attach_job *job, int code, struct inspect_error *err)
{
	attach_fail(job, code, err);
	if (code == ESRCH)
		return inspect_hint(err, "there is no such process");
	if (code == EINVAL || code == EIO || code == ENOEXEC)
		return inspect_hint(err, "a probe stands on the first byte of an instruction that "
					 "the file maps, on a file system that can be probed");
	return -code;
}

/* A place by perf's way: a link, or on old kernels an event. */
static int attach_place(const struct attach_job *job, const struct places *places,
			const struct place *place, struct inspect_attachments *out,
			struct inspect_error *err)
{
	const struct attach_probe probe = {
		.kind = "uprobe",
		.name = places->path,
		.at = place->offset,
		.semaphore = place->semaphore,
		.is_return = job->hook->detail,
		.pid = pid_of(job),
	};
	struct inspect_error own = { 0 };

	int event = attach_open_probe(job, &probe, &own);
	if (event < 0 && own.code) {
		*err = own;
		return event;
	}
	return event < 0 ? fail_place(job, -event, err) : attach_event(job, event, out, err);
}

int attach_uprobe(const struct attach_job *job, struct inspect_attachments *out,
		  struct inspect_error *err)
{
	AUTO(places_done) struct places places = { 0 };

	int r = add_target(job, job->targets.words[0], false, false, &places, err);
	return r < 0 ? r : attach_place(job, &places, &places.places[0], out, err);
}

/* --- many at once --- */

/* Offsets, counters and cookies, one array behind the other; 0 or -ENOMEM. */
static int fill_arrays(const struct attach_job *job, const struct places *places, uint64_t **out,
		       bool *has_semaphores)
{
	size_t n = places->n;
	uint64_t *all = calloc(n, 3 * sizeof(*all));

	if (!all)
		return -ENOMEM;
	*has_semaphores = false;
	for (size_t i = 0; i < n; i++) {
		all[i] = places->places[i].offset;
		all[n + i] = places->places[i].semaphore;
		all[2 * n + i] = job->values[HOOK_COOKIE].number;
		*has_semaphores = *has_semaphores || all[n + i];
	}
	*out = all;
	return 0;
}

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* A descriptor or a negative errno. */
static int link_places(const struct attach_job *job, const struct places *places,
		       unsigned attach_type)
{
	autofree uint64_t *arrays = NULL;
	bool has_semaphores;

	int r = fill_arrays(job, places, &arrays, &has_semaphores);
	if (r < 0)
		return r;
	struct abi_link_create_attr attr = {
		.prog_fd = (uint32_t)job->prog.fd,
		.attach_type = attach_type,
		.uprobe_multi = {
			.path = address(places->path),
			.offsets = address(arrays),
			.ref_ctr_offsets = has_semaphores ? address(arrays + places->n) : 0,
			.cookies = job->values[HOOK_COOKIE].is_there
					   ? address(arrays + 2 * places->n)
					   : 0,
			.count = (uint32_t)places->n,
			.flags = job->hook->detail,
			.pid = (uint32_t)job->values[HOOK_PID].number,
		},
	};
	return sys_link_create(&job->inspect->sys, &attr);
}

int attach_uprobe_multi(const struct attach_job *job, struct inspect_attachments *out,
			struct inspect_error *err)
{
	AUTO(places_done) struct places places = { 0 };
	int r = 0;

	for (size_t i = 0; !r && i < job->targets.n; i++)
		r = add_target(job, job->targets.words[i], false, true, &places, err);
	if (r < 0)
		return r;
	int fd = link_places(job, &places, job->hook->attach_type);
	if (fd == -ESRCH)
		return fail_place(job, ESRCH, err);
	return fd < 0 ? attach_fail(job, -fd, err) : attach_keep(job, fd, true, out, err);
}

/* --- usdt --- */

/* Where arguments are, a program finds out in a map that its loader fills in: their names are the convention's. */
static bool is_of_convention(struct inspect *inspect, unsigned id)
{
	static const char convention[] = "__bpf_usdt_";
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = id };

	return !one_open(inspect, &ref, &map, NULL) &&
	       strncmp(map.name, convention, sizeof(convention) - 1) == 0;
}

static bool reads_arguments(const struct attach_job *job)
{
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	const struct inspect_ref ref = { .kind = INSPECT_PROG,
					 .by = INSPECT_BY_ID,
					 .id = job->prog.id };
	struct inspect_list *list;
	bool does = false;

	if (inspect_list_new(job->inspect, &ref, INSPECT_WANT_MAP_IDS, &list, NULL))
		return false;
	if (inspect_list_next(list, &prog, NULL) > 0)
		for (unsigned i = 0; !does && i < prog.map_ids.n; i++)
			does = is_of_convention(job->inspect, prog.map_ids.ids[i]);
	inspect_list_free(list);
	return does;
}

static int check_arguments(const struct attach_job *job, struct inspect_error *err)
{
	if (!reads_arguments(job))
		return 0;
	inspect_fail(err, EOPNOTSUPP, "prog %u: attach to usdt: it reads the probe's arguments",
		     job->prog.id);
	return inspect_hint(err,
			    "where arguments are, its loader must tell it: 'prog load OBJ PATH "
			    "autoattach' does");
}

/* The program may have been loaded for one link with many places, or for one place a link. */
int attach_usdt(const struct attach_job *job, struct inspect_attachments *out,
		struct inspect_error *err)
{
	AUTO(places_done) struct places places = { 0 };

	int r = add_target(job, job->targets.words[0], true, false, &places, err);
	if (!r)
		r = check_arguments(job, err);
	if (r < 0)
		return r;
	int fd = link_places(job, &places, ABI_TRACE_UPROBE_MULTI);
	if (fd >= 0)
		return attach_keep(job, fd, true, out, err);
	if (fd != -EINVAL && fd != -EOPNOTSUPP)
		return fail_place(job, -fd, err);
	for (size_t i = 0; !r && i < places.n; i++)
		r = attach_place(job, &places, &places.places[i], out, err);
	return r;
}
