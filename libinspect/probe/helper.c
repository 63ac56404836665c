/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * helper.c - helper functions, for each type of programs
 */
#include "probe/helper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/crew.h"
#include "base/error.h"
#include "base/text.h"
#include "probe/answer.h"
#include "probe/facts.h"
#include "probe/name.h"
#include "probe/probe.h"

#define NAME_ROOM 160
#define NO_HELPER (INT32_MAX - 1) /* a number that no kernel has one of */

/* All that one shape of a type says. */
struct sheet {
	unsigned type;
	struct abi_prog_load_attr shape;
	int error; /* positive: the kernel takes no program of this shape, though one of another */
	uint8_t verdicts[HELPERS_MOST]; /* by place in the list */
	int codes[HELPERS_MOST];
};

/* All helpers for all types. */
struct helpers {
	struct probe *probe;
	const struct sys *sys;
	unsigned n_known;	     /* the kernel's numbers end here */
	bool is_end_told;	     /* by the kernel; else that is the table's end */
	uint16_t list[HELPERS_MOST]; /* those that are asked for */
	unsigned n;
	bool may_take_all[HELPERS_MOST]; /* registers that hold arguments */
	struct sheet *sheets;
	unsigned n_sheets;
	unsigned next; /* sheet to be worked on */
};

struct worker {
	struct helpers *helpers;
	char log[HELPER_LOG_ROOM];
};

bool helper_writes_to_log(unsigned helper)
{
	return helper == ABI_FUNC_TRACE_PRINTK || helper == ABI_FUNC_PROBE_WRITE_USER ||
	       helper == ABI_FUNC_TRACE_VPRINTK;
}

/*
 * What stands in for a helper that is not asked for, or 0. The kernel hands out bpf_snprintf_btf (5.10), bpf_trace_printk and
 * bpf_trace_vprintk (5.16) side by side, to the same types of programs, and to those who may trace; so whoever has the
 * first has the others, as far as the kernel has them. The other way round says nothing: before, types had one alone.
 */
static unsigned stand_in(unsigned helper)
{
	return helper == ABI_FUNC_TRACE_PRINTK || helper == ABI_FUNC_TRACE_VPRINTK
		       ? ABI_FUNC_SNPRINTF_BTF
		       : 0;
}

/* Those that take HELPER_ARGUMENTS, as the kernel's bpf.h declares them to programs. */
static const char *const take_all[] = {
	"check_mtu",	      "copy_from_user_task",
	"csum_diff",	      "dynptr_read",
	"dynptr_write",	      "find_vma",
	"getsockopt",	      "l3_csum_replace",
	"l4_csum_replace",    "perf_event_output",
	"seq_printf",	      "setsockopt",
	"sk_lookup_tcp",      "sk_lookup_udp",
	"skb_get_xfrm_state", "skb_load_bytes_relative",
	"skb_output",	      "skb_store_bytes",
	"skc_lookup_tcp",     "snprintf",
	"snprintf_btf",	      "tcp_check_syncookie",
	"tcp_gen_syncookie",  "xdp_output",
};

/* What has no name here may take as many. */
static bool may_take_all(unsigned helper)
{
	const char *name = names_find(NAMES_HELPER, helper);

	for (size_t i = 0; name && i < sizeof(take_all) / sizeof(*take_all); i++)
		if (strcmp(take_all[i], name) == 0)
			return true;
	return !name;
}

/* The list of those that are asked for: by the kernel's numbers, which end at @n_known. */
static void list_helpers(struct helpers *helpers)
{
	for (unsigned id = 1; id < helpers->n_known; id++) {
		if (!helpers->probe->asked->is_full && helper_writes_to_log(id))
			continue;
		helpers->may_take_all[helpers->n] = may_take_all(id);
		helpers->list[helpers->n++] = (uint16_t)id;
	}
}

/* Has it, or has it not, by whether the program may sleep? So it was to Linux 6.0 or so, with what may itself. */
static bool may_want_sleep(const struct abi_prog_load_attr *shape, unsigned helper)
{
	bool may_sleep = shape->type == ABI_PROG_TYPE_KPROBE ||
			 (shape->type == ABI_PROG_TYPE_TRACING &&
			  shape->expected_attach_type == ABI_TRACE_ITER);

	return may_sleep && !(shape->prog_flags & ABI_PROG_F_SLEEPABLE) && fact_may_sleep(helper);
}

/* For a type, whether its programs may sleep or not. */
static void load_for_type(const struct sys *sys, const struct abi_prog_load_attr *shape,
			  unsigned helper, struct helper_said *out)
{
	struct abi_prog_load_attr sleepable = *shape;
	struct helper_said said;

	helper_load(sys, shape, helper, out);
	if (out->verdict != HELPER_NOT_FOR_TYPE || !may_want_sleep(shape, helper))
		return;
	sleepable.prog_flags |= ABI_PROG_F_SLEEPABLE;
	helper_load(sys, &sleepable, helper, &said);
	if (said.verdict == HELPER_YES)
		*out = said;
}

/*
 * All helpers by one load, where the kernel says it, and what that does not tell by a load of its own. A helper takes the same number of
 * arguments whatever calls it: a type that seems to need more has it not.
 */
static void ask_sheet(const struct helpers *helpers, struct sheet *sheet, char *log)
{
	uint8_t arguments[HELPERS_MOST];
	bool has_arguments =
		!sheet->error && helper_count_arguments(helpers->sys, &sheet->shape, helpers->list,
							helpers->n, NO_HELPER, log, arguments);

	for (unsigned i = 0; i < helpers->n; i++) {
		struct helper_said said = { .verdict = HELPER_REFUSED, .code = sheet->error };

		if (sheet->error)
			; /* a load more would say it again */
		else if (has_arguments && arguments[i] < HELPER_ARGUMENTS)
			said.verdict = HELPER_YES;
		else if (has_arguments && !helpers->may_take_all[i] &&
			 !may_want_sleep(&sheet->shape, helpers->list[i]))
			said.verdict = HELPER_NOT_FOR_TYPE;
		else
			load_for_type(helpers->sys, &sheet->shape, helpers->list[i], &said);
		sheet->verdicts[i] = (uint8_t)said.verdict;
		sheet->codes[i] = said.code;
	}
}

static void *work_on_sheets(void *argument)
{
	struct worker *worker = argument;
	struct helpers *helpers = worker->helpers;

	for (;;) {
		unsigned at = __atomic_fetch_add(&helpers->next, 1, __ATOMIC_RELAXED);

		if (at >= helpers->n_sheets)
			return NULL;
		ask_sheet(helpers, &helpers->sheets[at], worker->log);
	}
}

static int ask_all_sheets(struct helpers *helpers)
{
	unsigned n = crew_size();
	autofree struct worker *workers = calloc(n, sizeof(*workers));

	if (!workers)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		workers[i].helpers = helpers;
	crew_work(workers, sizeof(*workers), n, work_on_sheets);
	return 0;
}

static bool is_type_meant(const struct probe *probe, unsigned type)
{
	return !probe->ifindex || prog_type_is_for_devices(type);
}

/* What an extension may call is up to the program that it takes the place of. */
static bool is_type_asked(struct probe *probe, unsigned type)
{
	return is_type_meant(probe, type) && type != ABI_PROG_TYPE_EXT &&
	       prog_type_answer(probe, type)->answer == INSPECT_YES;
}

/*
 * Of a type's several shapes, the kernel may take one and refuse another. 0, or why what it may call cannot be told: not permitted,
 * no memory. What is refused for something else is no shape here, and does not count: -ENOENT.
 */
static int try_shape(struct probe *probe, unsigned type, const struct abi_prog_load_attr *shape)
{
	if (prog_type_shapes(type) == 1)
		return 0;
	int fd = prog_type_load(probe, shape);
	close_fd(fd);
	if (fd >= 0)
		return 0;
	return answer_is_open(-fd) ? -fd : -ENOENT;
}

/* Fills in a shape, where there is such a one: as try_shape(). */
static int fill_shape(struct probe *probe, unsigned type, unsigned i,
		      struct abi_prog_load_attr *out)
{
	int r = prog_type_fill_as(probe, type, i, out);

	return r == -ESRCH ? -ENOENT : -r;
}

static int add_sheets(struct helpers *helpers)
{
	struct probe *probe = helpers->probe;

	helpers->sheets = calloc(PROG_TYPES_MOST * PROG_SHAPES_MOST, sizeof(*helpers->sheets));
	if (!helpers->sheets)
		return -ENOMEM;
	for (unsigned type = 1; prog_type_is_named(probe, type); type++) {
		unsigned n = is_type_asked(probe, type) ? prog_type_shapes(type) : 0;

		for (unsigned i = 0; i < n; i++) {
			struct sheet *sheet = &helpers->sheets[helpers->n_sheets];

			sheet->type = type;
			sheet->error = fill_shape(probe, type, i, &sheet->shape);
			if (!sheet->error)
				sheet->error = try_shape(probe, type, &sheet->shape);
			helpers->n_sheets += sheet->error >= 0;
		}
	}
	return 0;
}

static const struct abi_prog_load_attr *any_shape(const struct helpers *helpers)
{
	for (unsigned s = 0; s < helpers->n_sheets; s++)
		if (!helpers->sheets[s].error)
			return &helpers->sheets[s].shape;
	return NULL;
}

/*
 * 1: the kernel has such a number; 0: it has not; -1: it does not tell. That of bpf_trace_vprintk came with the next one, and to
 * ask for it would switch tracing on.
 */
static int has_number(const struct helpers *helpers, unsigned id)
{
	struct helper_said said;

	if (id == ABI_FUNC_TRACE_VPRINTK)
		id++;
	helper_load(helpers->sys, any_shape(helpers), id, &said);
	return said.verdict == HELPER_REFUSED ? -1 : said.verdict != HELPER_NOT_THERE;
}

/* The kernel has none of number @end, which it is older than. 0: it does not tell. */
static unsigned find_end_below(const struct helpers *helpers, unsigned end)
{
	unsigned low = 1, middle = end - 1;

	while (low < end) {
		int has = has_number(helpers, middle);

		if (has < 0)
			return 0;
		if (has)
			low = middle + 1;
		else
			end = middle;
		middle = low + (end - low) / 2;
	}
	return end;
}

/*
 * Where the kernel's numbers end, which is the same for all types: it says so before it asks what the type has. Where its
 * words are not known, it is taken to have what the table has.
 */
static void find_end(struct helpers *helpers)
{
	unsigned n = name_count(NAMES_HELPER);
	int has = any_shape(helpers) ? has_number(helpers, n) : -1;
	unsigned end = has ? 0 : find_end_below(helpers, n);

	helpers->is_end_told = end || has > 0;
	helpers->n_known = end ? end : n;
	while (has > 0 && n < HELPERS_MOST) {
		has = has_number(helpers, ++n);
		helpers->n_known = n;
	}
}

static const char *put_name(struct probe *probe, unsigned id, char *room)
{
	const char *name = name_of(probe, NAMES_HELPER, id);

	if (name)
		snprintf(room, NAME_ROOM, "bpf_%s", name);
	else
		snprintf(room, NAME_ROOM, "helper_%u", id);
	return room;
}

#define SAY_FULL                                                                                   \
	"asking makes the kernel write to its log, or change what it traces: 'feature probe full' does"

static void put_not_asked(struct inspect_feature *out)
{
	out->answer = INSPECT_UNKNOWN;
	out->reason = INSPECT_REASON_NEEDS_LOAD;
	out->detail = SAY_FULL;
}

/* By what stands in for it: yes, or nothing. */
static void put_by_stand_in(const struct helper_said *said, struct inspect_feature *out)
{
	if (said->verdict == HELPER_YES)
		answer_yes(out, INSPECT_FOUND_RULE);
	else
		put_not_asked(out);
}

/* By what is known of the type alone. */
static void put_of_type(const struct inspect_feature *type, bool is_extension,
			struct inspect_feature *out)
{
	out->answer = type->answer;
	out->code = type->code;
	out->reason = type->reason;
	out->detail = type->detail;
	out->found = INSPECT_FOUND_RULE;
	if (type->answer != INSPECT_YES || !is_extension)
		return;
	out->answer = INSPECT_UNKNOWN;
	out->reason = INSPECT_REASON_NEEDS_LOAD;
	out->detail = "it may call what the program may that it takes the place of";
}

static void put_said(struct probe *probe, const struct helper_said *said,
		     struct inspect_feature *out)
{
	switch (said->verdict) {
	case HELPER_YES:
		answer_yes(out, INSPECT_FOUND_PROBE);
		return;
	case HELPER_NOT_FOR_TYPE:
		answer_no(out, INSPECT_FOUND_PROBE, said->code, INSPECT_REASON_NOT_FOR_TYPE);
		return;
	case HELPER_NOT_THERE:
		answer_no(out, INSPECT_FOUND_PROBE, said->code, INSPECT_REASON_NOT_BUILT_IN);
		return;
	case HELPER_NOT_ASKED:
		put_not_asked(out);
		return;
	case HELPER_REFUSED:
		answer_call_as(probe, out, ANSWER_PROG, out->of, said->code, NULL);
		if (!out->detail && said->text[0])
			out->detail = said->text;
	}
}

/* One of several shapes is enough. */
static void merge_said(const struct helper_said *said, struct helper_said *all)
{
	bool is_better = all->verdict == HELPER_NOT_ASKED || said->verdict == HELPER_YES ||
			 (said->verdict == HELPER_REFUSED && all->verdict != HELPER_YES);

	if (is_better)
		*all = *said;
}

static struct helper_said said_in(const struct sheet *sheets, unsigned n_sheets, unsigned place)
{
	struct helper_said all = { .verdict = HELPER_NOT_ASKED };

	for (unsigned s = 0; s < n_sheets; s++) {
		struct helper_said said = {
			.verdict = sheets[s].verdicts[place],
			.code = sheets[s].codes[place],
		};

		merge_said(&said, &all);
	}
	return all;
}

/* bpf_trace_vprintk is younger than what stands in for it: where it is not told which numbers there are, it may be missing. */
static void put_not_listed(const struct helpers *helpers, const struct sheet *sheets,
			   unsigned n_sheets, unsigned id, struct inspect_feature *out)
{
	struct helper_said said = { .verdict = HELPER_NOT_ASKED };
	bool is_there = helpers->is_end_told || id != ABI_FUNC_TRACE_VPRINTK;

	for (unsigned place = 0; is_there && stand_in(id) && place < helpers->n; place++)
		if (helpers->list[place] == stand_in(id))
			said = said_in(sheets, n_sheets, place);
	put_by_stand_in(&said, out);
}

/* Every helper, also those that were not asked for. */
static int tell_type(const struct helpers *helpers, unsigned type, const struct sheet *sheets,
		     unsigned n_sheets)
{
	const struct inspect_feature *known = prog_type_answer(helpers->probe, type);
	unsigned n = name_count(NAMES_HELPER), place = 0;

	n = helpers->n_known > n ? helpers->n_known : n;
	for (unsigned id = 1; id < n; id++) {
		struct inspect_feature out = { .kind = INSPECT_FEATURE_HELPER, .of = known->name };
		bool is_listed = place < helpers->n && helpers->list[place] == id;
		char name[NAME_ROOM];

		out.name = put_name(helpers->probe, id, name);
		if (!n_sheets) {
			put_of_type(known, type == ABI_PROG_TYPE_EXT, &out);
		} else if (is_listed) {
			const struct helper_said said = said_in(sheets, n_sheets, place);

			put_said(helpers->probe, &said, &out);
		} else if (id >= helpers->n_known) {
			answer_no(&out, INSPECT_FOUND_PROBE, EINVAL, INSPECT_REASON_NOT_BUILT_IN);
		} else {
			put_not_listed(helpers, sheets, n_sheets, id, &out);
		}
		place += is_listed;
		int r = probe_tell(helpers->probe, &out);
		if (r)
			return r;
	}
	return 0;
}

static void helpers_done(struct helpers *helpers)
{
	free(helpers->sheets);
}

int helper_each(struct probe *probe, struct inspect_error *err)
{
	AUTO(helpers_done) struct helpers helpers = { .probe = probe, .sys = probe->sys };
	unsigned at = 0;
	int r = add_sheets(&helpers);

	if (!r) {
		find_end(&helpers);
		list_helpers(&helpers);
		r = ask_all_sheets(&helpers);
	}
	if (r)
		return inspect_fail(err, -r, "helpers");
	for (unsigned type = 1; !r && prog_type_is_named(probe, type); type++) {
		unsigned first = at;

		while (at < helpers.n_sheets && helpers.sheets[at].type == type)
			at++;
		if (is_type_meant(probe, type))
			r = tell_type(&helpers, type, &helpers.sheets[first], at - first);
	}
	return r;
}

static void ask_shape(struct probe *probe, unsigned type, unsigned i, unsigned helper,
		      struct helper_said *all)
{
	struct helper_said said = { .verdict = HELPER_REFUSED };
	struct abi_prog_load_attr shape;

	said.code = fill_shape(probe, type, i, &shape);
	if (said.code < 0)
		return;
	if (!said.code) {
		load_for_type(probe->sys, &shape, helper, &said);
		if (said.verdict == HELPER_REFUSED && !answer_is_open(said.code) &&
		    try_shape(probe, type, &shape) < 0)
			return;
	}
	merge_said(&said, all);
}

/* One helper for one type: a load for each shape until one has it, and one of the type where those did not tell. */
static void ask_for_type(struct probe *probe, unsigned type, unsigned helper,
			 struct helper_said *all, struct inspect_feature *out)
{
	*all = (struct helper_said){ .verdict = HELPER_NOT_ASKED };
	for (unsigned i = 0;
	     i < prog_type_shapes(type) && type != ABI_PROG_TYPE_EXT && all->verdict != HELPER_YES;
	     i++)
		ask_shape(probe, type, i, helper, all);
	if (all->verdict != HELPER_NOT_ASKED && all->verdict != HELPER_REFUSED) {
		put_said(probe, all, out);
		return;
	}
	const struct inspect_feature *known = prog_type_answer(probe, type);
	if (known->answer == INSPECT_YES && type != ABI_PROG_TYPE_EXT)
		put_said(probe, all, out);
	else
		put_of_type(known, type == ABI_PROG_TYPE_EXT, out);
}

/* For any type: the first that has it; none if all say so. */
static void ask_for_any(struct probe *probe, unsigned helper, struct helper_said *said,
			struct inspect_feature *out)
{
	struct inspect_feature told = *out;

	answer_no(out, INSPECT_FOUND_PROBE, 0, INSPECT_REASON_NOT_BUILT_IN);
	for (unsigned type = 1; prog_type_is_named(probe, type); type++) {
		if (type == ABI_PROG_TYPE_EXT ||
		    (probe->ifindex && !prog_type_is_for_devices(type)))
			continue;
		struct helper_said now;
		struct inspect_feature one = { .kind = told.kind, .name = told.name };

		one.of = name_of(probe, NAMES_PROG_TYPE, type);
		ask_for_type(probe, type, helper, &now, &one);
		if (one.answer == INSPECT_NO && now.verdict != HELPER_NOT_THERE)
			continue;
		if (out->answer != INSPECT_NO && one.answer != INSPECT_YES)
			continue;
		*said = now;
		*out = one;
		out->of = NULL;
		if (one.answer == INSPECT_YES)
			out->detail = names_find(NAMES_PROG_TYPE, type);
		else if (one.detail == now.text)
			out->detail = said->text;
		if (one.answer == INSPECT_YES || now.verdict == HELPER_NOT_THERE)
			return;
	}
}

/*
 * The number behind bpf_trace_vprintk came with it: a kernel has both or neither. What it says of types does not matter here,
 * so that any type will do.
 */
static enum helper_verdict ask_number(struct probe *probe, unsigned helper, unsigned type)
{
	struct abi_prog_load_attr shape;
	struct helper_said said;

	if (helper != ABI_FUNC_TRACE_VPRINTK)
		return HELPER_YES;
	if (prog_type_fill_as(probe, type ? type : ABI_PROG_TYPE_SOCKET_FILTER, 0, &shape))
		return HELPER_REFUSED;
	helper_load(probe->sys, &shape, helper + 1, &said);
	return said.verdict == HELPER_NOT_FOR_TYPE ? HELPER_YES : said.verdict;
}

static void ask_stand_in(struct probe *probe, unsigned type, unsigned helper,
			 struct inspect_feature *out)
{
	struct inspect_feature other = { .kind = out->kind, .name = out->name, .of = out->of };
	struct helper_said said = { .verdict = HELPER_NOT_ASKED };
	unsigned stands = stand_in(helper);

	if (!answer_may(probe, ANSWER_PROG, &other)) {
		*out = other;
		return;
	}
	if (type)
		ask_for_type(probe, type, ABI_FUNC_SNPRINTF_BTF, &said, &other);
	else if (stands)
		ask_for_any(probe, stands, &said, &other);
	enum helper_verdict number = ask_number(probe, helper, type);
	if (!stands || number != HELPER_YES)
		said.verdict = HELPER_NOT_ASKED;
	/* What is told of the type goes for all that it calls. */
	if (said.verdict != HELPER_YES && other.found == INSPECT_FOUND_RULE)
		*out = other;
	else if (number == HELPER_NOT_THERE)
		answer_no(out, INSPECT_FOUND_PROBE, EINVAL, INSPECT_REASON_NOT_BUILT_IN);
	else
		put_by_stand_in(&said, out);
}

/* Names are with "bpf_" in front or without it: the nearest is given as this one was. */
static int fail_unknown(const struct inspect_question *question, struct inspect_error *err)
{
	bool is_whole = text_has_prefix(question->name, "bpf_");
	struct name_search search;
	char name[NAME_ROOM];

	name_search_begin(&search, question->name);
	for (unsigned i = 1; names_find(NAMES_HELPER, i); i++) {
		snprintf(name, sizeof(name), "%s%s", is_whole ? "bpf_" : "",
			 names_find(NAMES_HELPER, i));
		name_search_try(&search, name);
	}
	return name_unknown_of(question, &search, err);
}

int helper_ask(struct probe *probe, const struct inspect_question *question,
	       struct inspect_error *err)
{
	const char *word = question->name + (text_has_prefix(question->name, "bpf_") ? 4 : 0);
	struct inspect_feature out = { .kind = INSPECT_FEATURE_HELPER };
	struct helper_said said;
	unsigned helper, type = 0;
	char name[NAME_ROOM];

	int r = name_number(probe, NAMES_HELPER, 1, word, "helper", &helper, err);
	if (r == -INSPECT_EUSAGE)
		return fail_unknown(question, err);
	if (!r && question->of)
		r = name_number(probe, NAMES_PROG_TYPE, 1, question->of, "prog_type", &type, err);
	if (r < 0)
		return r;
	out.name = put_name(probe, helper, name);
	out.of = type ? name_of(probe, NAMES_PROG_TYPE, type) : NULL;
	if (helper_writes_to_log(helper) && !probe->asked->is_full)
		ask_stand_in(probe, type, helper, &out);
	else if (!answer_may(probe, ANSWER_PROG, &out))
		return probe_tell(probe, &out);
	else if (type)
		ask_for_type(probe, type, helper, &said, &out);
	else
		ask_for_any(probe, helper, &said, &out);
	return probe_tell(probe, &out);
}
