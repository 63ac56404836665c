/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sample.c - programs on samples of perf events
 *
 * An event counts on one CPU, or for one process: all of a machine take an event, and a link, for each CPU.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/names.h"
#include "attach/perf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "kernel/proc.h"
#include "records/link.h"

#define SAMPLES_A_SECOND 99 /* where nothing is said: not in step with what runs every 10 ms */

struct sample_event {
	unsigned type;
	uint64_t config;
};

/* Calls @each with every event that has a name, until it returns true. */
static bool each_event(bool (*each)(void *context, const struct sample_event *event,
				    const char *name),
		       void *context)
{
	char name[LINK_EVENT_ROOM];

	for (unsigned type = 0; type <= 1; type++) /* hardware, software */
		for (unsigned config = 0; link_event_name(type, config, name); config++) {
			const struct sample_event event = { type, config };

			if (each(context, &event, name))
				return true;
		}
	return false;
}

struct event_search {
	struct name_search names;
	struct sample_event found;
};

static bool take_event(void *context, const struct sample_event *event, const char *name)
{
	struct event_search *find = context;

	name_search_try(&find->names, name);
	if (!find->names.n_found)
		return false;
	find->found = *event;
	return true;
}

/* "TYPE:CONFIG": a type's name or number, and a number. */
static bool parse_numbers(const char *text, struct sample_event *out)
{
	const char *colon = strchr(text, ':');
	uint64_t type = 0, config;
	const char *name;

	if (!colon || num_parse(colon + 1, NUM_ANY, UINT64_MAX, &config))
		return false;
	autofree char *word = strndup(text, (size_t)(colon - text));
	if (!word)
		return false;
	while ((name = link_event_type_name((unsigned)type)) && strcmp(name, word) != 0)
		type++;
	if (!name && num_parse(word, NUM_ANY, UINT32_MAX, &type))
		return false;
	*out = (struct sample_event){ (unsigned)type, config };
	return true;
}

static int find_event(const struct attach_job *job, struct sample_event *out,
		      struct inspect_error *err)
{
	const char *word = job->targets.words[0];
	struct event_search find = { 0 };

	if (parse_numbers(word, out))
		return 0;
	name_search_begin(&find.names, word);
	if (each_event(take_event, &find)) {
		*out = find.found;
		return 0;
	}
	inspect_fail(err, INSPECT_EUSAGE, "prog attach: perf_event: unknown event '%s'", word);
	if (*find.names.nearest)
		return name_search_hint(&find.names, err);
	return inspect_hint(err, "bpflens-prog(8) lists names; TYPE:CONFIG names any other");
}

static int fail_event(const struct attach_job *job, int code, struct inspect_error *err)
{
	attach_fail(job, code, err);
	if (code == ENOENT || code == EOPNOTSUPP)
		return inspect_hint(err, "this machine does not count such events, as most virtual "
					 "ones do not count those of the hardware");
	if (code == ESRCH)
		return inspect_hint(err, "there is no such process");
	if (code == ENODEV)
		return inspect_hint(err, "there is no such CPU, or it is switched off");
	if (code == EINVAL)
		return inspect_hint(err, "no such event, or not at that rate "
					 "(kernel.perf_event_max_sample_rate), or no such CPU");
	return -code;
}

static int attach_on(const struct attach_job *job, const struct perf_want *want,
		     struct inspect_attachments *out, struct inspect_error *err)
{
	int event = perf_open(want);

	return event < 0 ? fail_event(job, -event, err) : attach_event(job, event, out, err);
}

/* One that is switched off is left out. */
static int attach_on_all(const struct attach_job *job, struct perf_want *want,
			 struct inspect_attachments *out, struct inspect_error *err)
{
	autofree unsigned *cpus = NULL;

	int n = proc_possible_cpus(&job->inspect->sys, &cpus, err);
	int r = n < 0 ? n : 0;
	for (int i = 0; !r && i < n; i++) {
		want->cpu = (int)cpus[i];
		r = attach_on(job, want, out, err);
		if (r == -ENODEV)
			r = 0;
	}
	if (!r && !out->n)
		return fail_event(job, ENODEV, err);
	return r;
}

int attach_sample(const struct attach_job *job, struct inspect_attachments *out,
		  struct inspect_error *err)
{
	const struct hook_value *values = job->values;
	const struct hook_value *cpu = &values[HOOK_CPU], *pid = &values[HOOK_PID];
	struct perf_want want = {
		.pid = pid->is_there ? (int)pid->number : -1,
		.cpu = cpu->is_there ? (int)cpu->number : -1,
		.period = values[HOOK_PERIOD].number,
	};
	struct sample_event event = { 0 };

	if (values[HOOK_FREQ].is_there && values[HOOK_PERIOD].is_there)
		return inspect_fail(
			err, INSPECT_EUSAGE,
			"prog attach: perf_event: 'freq' and 'period' exclude each other");
	int r = find_event(job, &event, err);
	if (r < 0)
		return r;
	want.type = event.type;
	want.config = event.config;
	if (!values[HOOK_PERIOD].is_there) {
		want.is_freq = true;
		want.period =
			values[HOOK_FREQ].is_there ? values[HOOK_FREQ].number : SAMPLES_A_SECOND;
	}
	if (cpu->is_there || pid->is_there)
		return attach_on(job, &want, out, err);
	if (values[HOOK_PIN].is_there) {
		inspect_fail(err, INSPECT_EUSAGE,
			     "prog attach: perf_event: 'pin' needs 'cpu' or "
			     "'pid'");
		return inspect_hint(err, "there is a link for each CPU, and a file holds one");
	}
	return attach_on_all(job, &want, out, err);
}
