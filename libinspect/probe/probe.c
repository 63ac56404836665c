/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * probe.c - one run of questions
 */
#include "probe/probe.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/proc.h"
#include "out/wait.h"
#include "probe/answer.h"
#include "probe/drop.h"

const struct probe_kind probe_kinds[INSPECT_FEATURE_KINDS] = {
	[INSPECT_FEATURE_KERNEL] = { "kernel", NULL, kernel_each, kernel_ask },
	[INSPECT_FEATURE_SETTING] = { "setting", NULL, setting_each, setting_ask },
	[INSPECT_FEATURE_CONFIG] = { "config", NULL, config_each, config_ask },
	[INSPECT_FEATURE_COMMAND] = { "command", NULL, command_each, command_ask },
	[INSPECT_FEATURE_PROG_TYPE] = { "prog_type", NULL, prog_type_each, prog_type_ask },
	[INSPECT_FEATURE_MAP_TYPE] = { "map_type", NULL, map_type_each, map_type_ask },
	[INSPECT_FEATURE_HELPER] = { "helper", "prog_type", helper_each, helper_ask },
	[INSPECT_FEATURE_MISC] = { "misc", NULL, misc_each, misc_ask },
	[INSPECT_FEATURE_INSTRUCTION] = { "instruction", NULL, instruction_each, instruction_ask },
	[INSPECT_FEATURE_ATTACH_TYPE] = { "attach_type", NULL, attach_type_each, attach_type_ask },
	[INSPECT_FEATURE_LINK_TYPE] = { "link_type", NULL, link_type_each, link_type_ask },
	[INSPECT_FEATURE_MAP_FLAG] = { "map_flag", NULL, map_flag_each, map_flag_ask },
	[INSPECT_FEATURE_BATCH] = { "batch", "map_type", batch_each, batch_ask },
	[INSPECT_FEATURE_KFUNC] = { "kfunc", "prog_type", kfunc_each, kfunc_ask },
	[INSPECT_FEATURE_STRUCT_OPS] = { "struct_ops", NULL, struct_ops_each, struct_ops_ask },
	[INSPECT_FEATURE_ITERATOR] = { "iterator", NULL, iterator_each, iterator_ask },
	[INSPECT_FEATURE_BTF_KIND] = { "btf_kind", NULL, btf_kind_each, btf_kind_ask },
	[INSPECT_FEATURE_BTF] = { "btf", NULL, NULL, btf_ask },
	[INSPECT_FEATURE_MODULE] = { "module", NULL, module_each, module_ask },
	[INSPECT_FEATURE_FACILITY] = { "facility", NULL, facility_each, facility_ask },
	[INSPECT_FEATURE_TRACING] = { "tracing", NULL, tracing_each, tracing_ask },
	[INSPECT_FEATURE_LSM] = { "lsm", NULL, lsm_each, lsm_ask },
	[INSPECT_FEATURE_PROBE] = { "probe", NULL, NULL, mark_ask },
};

int probe_tell(struct probe *probe, const struct inspect_feature *feature)
{
	struct inspect_feature reviewed = *feature;

	/* Looking is a call, which most answers come without. */
	if (probe->asked->until && probe->n_told++ % 64 == 0 && wait_is_over(probe->asked->until))
		return -EINTR;
	answer_review(probe, &reviewed);
	return probe->each(probe->context, &reviewed);
}

/*
 * What the verifier takes is its own affair, and not that of a device, which refuses most programs for what they are: that
 * kind is asked without it. Returns the device, which has to be put back.
 */
static uint32_t set_aside_device(struct probe *probe, enum inspect_feature_kind kind)
{
	uint32_t ifindex = probe->ifindex;

	if (kind == INSPECT_FEATURE_MISC)
		probe->ifindex = 0;
	return ifindex;
}

static int ask_each(struct probe *probe, enum inspect_feature_kind kind, struct inspect_error *err)
{
	if (!probe_kinds[kind].each)
		return 0;
	uint32_t ifindex = set_aside_device(probe, kind);
	int r = probe_kinds[kind].each(probe, err);
	probe->ifindex = ifindex;
	return r;
}

static int ask_all(struct probe *probe, struct inspect_error *err)
{
	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++) {
		int r = ask_each(probe, i, err);

		if (r)
			return r;
	}
	return 0;
}

int probe_ask(struct probe *probe, const struct inspect_question *question,
	      struct inspect_error *err)
{
	const struct probe_kind *kind = &probe_kinds[question->kind];

	if (!question->name)
		return ask_each(probe, question->kind, err);
	if (question->of && !kind->of_word)
		return inspect_fail(err, INSPECT_EUSAGE, "%s %s: is not for a type", kind->word,
				    question->name);
	uint32_t ifindex = set_aside_device(probe, question->kind);
	int r = kind->ask(probe, question, err);
	probe->ifindex = ifindex;
	return r;
}

static int ask(struct probe *probe, struct inspect_error *err)
{
	const struct inspect_probe *asked = probe->asked;
	int r = 0;

	if (!asked->n_questions)
		return ask_all(probe, err);
	for (size_t i = 0; !r && i < asked->n_questions; i++)
		r = probe_ask(probe, &asked->questions[i], err);
	return r;
}

void probe_begin(struct probe *probe)
{
	static const struct inspect_probe nothing;

	probe->sys = &probe->inspect->sys;
	if (!probe->asked)
		probe->asked = &nothing;
	rights_begin(probe);
}

void probe_end(struct probe *probe)
{
	built_done(&probe->config);
	types_done(&probe->types);
	map_types_done(&probe->map_types);
	lsm_order_done(&probe->lsm_order);
	rights_end(probe);
	prog_types_done(&probe->prog_types);
}

/* It is larger than a frame should be. */
static void probe_free(struct probe **probe)
{
	if (*probe)
		probe_end(*probe);
	free(*probe);
}

int inspect_features_each(struct inspect *inspect, const struct inspect_probe *asked,
			  int (*each)(void *context, const struct inspect_feature *feature),
			  void *context, struct inspect_error *err)
{
	AUTO(drop_done) struct drop dropped = { 0 };
	AUTO(probe_free) struct probe *probe = calloc(1, sizeof(*probe));
	ERROR_NEEDED(err);

	if (!probe)
		return inspect_fail(err, ENOMEM, "probe");
	probe->inspect = inspect;
	probe->asked = asked;
	probe->each = each;
	probe->context = context;
	probe_begin(probe);
	if (asked->dev && proc_device_index(asked->dev, &probe->ifindex))
		return inspect_fail(err, ENODEV, "unrecognized netdevice '%s'", asked->dev);
	if (asked->is_unprivileged && drop_begin(&dropped))
		return inspect_fail(err, EPERM, "give up capabilities");
	int r = ask(probe, err);
	return r == -EINTR ? inspect_fail(err, EINTR, "probe") : r;
}
