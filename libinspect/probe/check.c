/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * check.c - what an object needs, held against a kernel
 *
 * Types, symbols and options were looked up when the list was made. What is left is asked of the running kernel in one
 * run; or of a saved probe; or, where there are types alone, of their enums: a number that is in there is one that the kernel's source knows.
 */
#include "probe/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "probe/kfunc.h"
#include "probe/since.h"

struct kind {
	const char *word;
	enum inspect_feature_kind asked; /* as a question; INSPECT_FEATURE_KINDS: it is none */
	const char *enumeration;	 /* of the kernel's, with the need's number; or NULL */
};

static const struct kind kinds[NEED_KINDS] = {
	[NEED_OBJECT] = { "object", INSPECT_FEATURE_KINDS, NULL },
	[NEED_PROG_TYPE] = { "prog_type", INSPECT_FEATURE_PROG_TYPE, "bpf_prog_type" },
	[NEED_ATTACH_TYPE] = { "attach_type", INSPECT_FEATURE_ATTACH_TYPE, "bpf_attach_type" },
	[NEED_PROG_FLAG] = { "prog_flag", INSPECT_FEATURE_KINDS, NULL },
	[NEED_PROG_SIZE] = { "prog_size", INSPECT_FEATURE_KINDS, NULL },
	[NEED_TRACING] = { "tracing", INSPECT_FEATURE_TRACING, NULL },
	[NEED_MAP] = { "map", INSPECT_FEATURE_KINDS, NULL },
	[NEED_TARGET] = { "target", INSPECT_FEATURE_KINDS, NULL },
	[NEED_MAP_TYPE] = { "map_type", INSPECT_FEATURE_MAP_TYPE, "bpf_map_type" },
	[NEED_MAP_FLAG] = { "map_flag", INSPECT_FEATURE_MAP_FLAG, NULL },
	[NEED_STRUCT_OPS] = { "struct_ops", INSPECT_FEATURE_STRUCT_OPS, NULL },
	[NEED_HELPER] = { "helper", INSPECT_FEATURE_HELPER, "bpf_func_id" },
	[NEED_KFUNC] = { "kfunc", INSPECT_FEATURE_KFUNC, NULL },
	[NEED_SYMBOL] = { "symbol", INSPECT_FEATURE_KINDS, NULL },
	[NEED_CONFIG] = { "config", INSPECT_FEATURE_CONFIG, NULL },
	[NEED_CORE] = { "core", INSPECT_FEATURE_KINDS, NULL },
	[NEED_INSTRUCTION] = { "instruction", INSPECT_FEATURE_INSTRUCTION, NULL },
};

const char *check_kind_word(enum need_kind kind)
{
	return kinds[kind].word;
}

enum inspect_feature_kind check_feature_kind(enum need_kind kind)
{
	return kinds[kind].asked;
}

void check_close(struct check *check)
{
	if (check->is_probing)
		probe_end(&check->probe);
	against_close(&check->against);
	if (check->has_saved)
		saved_done(&check->saved);
	*check = (struct check){ 0 };
}

/* A saved probe tells of its machine. */
static void find_order(struct check *check)
{
	const struct inspect_question machine = { INSPECT_FEATURE_KERNEL, "machine", NULL };
	struct inspect_feature answer = { 0 };

	if (check->has_saved && saved_find(&check->saved, &machine, &answer) && answer.value)
		check->against.order = against_order_of(answer.value);
	else if (check_is_live(check))
		check->against.order =
			__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? AGAINST_BIG : AGAINST_LITTLE;
}

int check_open(struct check *check, struct inspect *inspect, const char *btf, const char *saved,
	       struct inspect_error *err)
{
	*check = (struct check){ .inspect = inspect, .has_btf = btf };
	int r = saved ? saved_open(saved, &check->saved, err) : 0;

	if (r < 0)
		return r;
	check->has_saved = saved;
	if (saved && !btf)
		against_open_none(&check->against);
	else
		r = against_open(&check->against, inspect, btf, err);
	find_order(check);
	return r;
}

void checked_done(struct checked *checked)
{
	requires_done(&checked->requires);
	loaded_done(&checked->loaded);
	*checked = (struct checked){ 0 };
}

static struct inspect_question question_of(const struct need *need)
{
	return (struct inspect_question){ kinds[need->kind].asked, need->name, need->of };
}

void check_take(struct need *need, const struct inspect_feature *answer)
{
	need->is_answered = true;
	need->answer = answer->answer;
	need->reason = answer->reason;
	need->found = answer->found;
	need->code = answer->code;
	free(need->detail);
	need->detail = answer->detail ? strdup(answer->detail) : NULL;
	free(need->value);
	need->value = answer->value ? strdup(answer->value) : NULL;
}

static void take_unknown(struct need *need, const char *detail)
{
	const struct inspect_feature answer = {
		.answer = INSPECT_UNKNOWN,
		.reason = INSPECT_REASON_OTHER,
		.detail = detail,
	};

	check_take(need, &answer);
}

static int take_answer(void *context, const struct inspect_feature *feature)
{
	check_take(context, feature);
	return 0;
}

/* The running kernel is asked in one run, whatever the number of objects. */
static void begin_probing(struct check *check)
{
	if (check->is_probing)
		return;
	check->probe.inspect = check->inspect;
	check->probe.each = take_answer;
	probe_begin(&check->probe);
	check->is_probing = true;
}

static int ask_kernel(struct check *check, struct need *need, struct inspect_error *err)
{
	const struct inspect_question question = question_of(need);

	begin_probing(check);
	check->probe.context = need;
	int r = probe_ask(&check->probe, &question, err);
	if (r < 0 && r != -ENOMEM)
		take_unknown(need, err->what); /* no name to whoever answers */
	return r == -ENOMEM ? r : 0;
}

static bool is_open(const struct need *need)
{
	return !need->is_answered && kinds[need->kind].asked != INSPECT_FEATURE_KINDS;
}

/* What has no name here is asked of nobody but the kernel's types: by its number. */
static void ask_by_number(struct check *check, struct need *need)
{
	const char *enumeration = kinds[need->kind].enumeration;
	struct inspect_feature answer = { .found = INSPECT_FOUND_BTF };

	if (!is_open(need) || !enumeration || need->name[0] < '0' || need->name[0] > '9')
		return;
	switch (against_has_number(&check->against, enumeration, need->number)) {
	case AGAINST_YES:
		answer.answer = INSPECT_YES;
		break;
	case AGAINST_NO:
		answer.answer = INSPECT_NO;
		answer.reason = INSPECT_REASON_NOT_BUILT_IN;
		break;
	case AGAINST_UNKNOWN:
		return;
	}
	check_take(need, &answer);
}

static int ask_one(struct check *check, const struct requires *requires, struct need *need,
		   struct inspect_error *err)
{
	ask_by_number(check, need);
	begin_probing(check);
	if (need->is_answered) {
		check_try_target(check, requires, need);
		return 0;
	}
	if (check_ask_exact(check, requires, need) || !is_open(need))
		return 0;
	int r = ask_kernel(check, need, err);
	check_refine(check, requires, need);
	return r;
}

static int ask_all(struct check *check, struct requires *requires, struct inspect_error *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < requires->n; i++)
		r = ask_one(check, requires, &requires->needs[i], err);
	return r;
}

/* Types of a kernel tell what its source knows. */
static bool ask_types(struct check *check, struct need *need)
{
	const char *enumeration = kinds[need->kind].enumeration;
	struct inspect_feature answer = { .found = INSPECT_FOUND_BTF };
	enum against_answer known = AGAINST_UNKNOWN;

	if (!check->has_btf)
		return false;
	if (need->kind == NEED_PROG_TYPE) {
		known = against_has_prog_type(&check->against, need->name);
		if (known == AGAINST_UNKNOWN)
			known = against_has_number(&check->against, enumeration, need->number);
		else
			enumeration = NULL;
	} else if (enumeration) {
		known = against_has_number(&check->against, enumeration, need->number);
	} else if (need->kind == NEED_KFUNC) {
		known = against_find(&check->against, KIND_FUNC, need->name, NULL, NULL);
		answer.detail = "it has it; for which types of programs, only a probe tells";
		if (known == AGAINST_NO && kfunc_may_be_of_module(need->name))
			return need->detail != NULL; /* it was told why that is not known */
	}
	if (known == AGAINST_UNKNOWN)
		return false;
	if (enumeration)
		answer.detail = "known to it; whether it was built in, only a probe tells";
	answer.answer = known == AGAINST_YES ? INSPECT_YES : INSPECT_NO;
	if (known == AGAINST_NO) {
		answer.reason = INSPECT_REASON_NOT_BUILT_IN;
		answer.detail = NULL;
	}
	check_take(need, &answer);
	return true;
}

static bool ask_saved(const struct check *check, struct need *need)
{
	const struct inspect_question question = question_of(need);
	struct inspect_feature answer = { 0 };

	if (!check->has_saved || !saved_find(&check->saved, &question, &answer))
		return false;
	check_take(need, &answer);
	return true;
}

/* The kernel's own bookkeeping of a program has a place for each flag that it knows. */
static void ask_flag(struct check *check, struct need *need)
{
	static const char *const structs[] = { "bpf_prog_aux", "bpf_prog" };
	struct inspect_feature answer = { .answer = INSPECT_NO, .found = INSPECT_FOUND_BTF };
	bool is_sleepable = strcmp(need->name, "sleepable") == 0;

	for (size_t i = 0; i < sizeof(structs) / sizeof(*structs); i++) {
		switch (against_has_member(&check->against, structs[i], need->name)) {
		case AGAINST_YES:
			answer.answer = INSPECT_YES;
			answer.detail =
				is_sleepable
					? "known to it; whether it may there, only a load tells"
					: NULL;
			check_take(need, &answer);
			return;
		case AGAINST_UNKNOWN:
			return;
		case AGAINST_NO:
			break;
		}
	}
	answer.reason = INSPECT_REASON_NOT_BUILT_IN;
	check_take(need, &answer);
}

/* A probe that was saved knows more than types do, where it knows the thing. */
static void ask_files(struct check *check, const struct requires *requires, struct need *need)
{
	if (!need->is_answered && need->kind == NEED_PROG_FLAG && check->has_btf)
		ask_flag(check, need);
	if (need->kind == NEED_MAP) {
		need->is_moot = true; /* only a kernel tells */
		return;
	}
	bool is_told = need->is_answered ||
		       (is_open(need) && (ask_saved(check, need) || ask_types(check, need)));

	if (is_told) {
		check_ask_facts(requires, need);
		return;
	}
	take_unknown(need, check->has_saved ? "neither the saved probe nor types tell"
					    : "types do not tell");
	need->reason = check->has_btf ? INSPECT_REASON_NEEDS_LOAD : INSPECT_REASON_NO_TYPES;
}

/* An option of the configuration, when the list is made: what it is decides what code is come to. */
static void ask_option(void *context, struct need *need)
{
	struct check *check = context;
	struct inspect_error ignored;

	if (check_is_live(check)) {
		ask_kernel(check, need, &ignored);
	} else if (!ask_saved(check, need)) {
		take_unknown(need, "the configuration of that kernel is not known");
		need->reason = INSPECT_REASON_NO_CONFIG;
	}
	/* "n" is an option that is known and not set: the loader has no value for it. */
	if (need->answer == INSPECT_YES && need->value && strcmp(need->value, "n") == 0)
		need->answer = INSPECT_NO;
}

bool check_counts(const struct need *need)
{
	return need->must == NEED_MUST || need->must == NEED_ATTACHING;
}

/* What may be behind a question cannot be told; all else counts as what it is. */
static void conclude(struct checked *checked, struct need *need)
{
	bool is_there = need->answer == INSPECT_YES;
	bool is_attaching = need->must == NEED_ATTACHING;

	if (need->answer == INSPECT_NO && need->must == NEED_MUST && need->is_guarded) {
		need->answer = INSPECT_UNKNOWN;
		need->reason = INSPECT_REASON_NEEDS_LOAD;
	}
	/* What other types have, no younger kernel is known to have for this one. */
	bool may_be_younger =
		need->reason != INSPECT_REASON_OTHER && need->reason != INSPECT_REASON_NOT_FOR_TYPE;

	if (need->answer == INSPECT_NO && may_be_younger &&
	    kinds[need->kind].asked != INSPECT_FEATURE_KINDS)
		need->since = since_find(kinds[need->kind].asked, need->name, need->of);
	if (is_there)
		return;
	if (!check_counts(need))
		checked->n_optional += need->answer == INSPECT_NO;
	else if (need->answer == INSPECT_NO)
		++*(is_attaching ? &checked->n_unattached : &checked->n_missing);
	else
		++*(is_attaching ? &checked->n_attach_unknown : &checked->n_unknown);
}

int check_object(struct check *check, const char *path, struct checked *out,
		 struct inspect_error *err)
{
	const struct inspect_load_spec spec = { .file = path };

	*out = (struct checked){ .path = path };
	int r = load_begin(&spec, &out->loaded, err);
	if (!r)
		r = object_end(&out->loaded.file, false, err);
	if (r < 0)
		return r;
	r = requires_find(&out->requires, &out->loaded.file, &check->against, ask_option, check,
			  err);
	if (!r && check_is_live(check))
		r = ask_all(check, &out->requires, err);
	if (r < 0)
		return inspect_context(err, "%s", path);
	for (size_t i = 0; i < out->requires.n && !check_is_live(check); i++)
		ask_files(check, &out->requires, &out->requires.needs[i]);
	requires_drop_moot(&out->requires);
	for (size_t i = 0; i < out->requires.n; i++)
		conclude(out, &out->requires.needs[i]);
	out->n_unknown += out->requires.is_cut;
	return 0;
}

void check_try(struct check *check, struct checked *checked)
{
	const struct inspect_load_spec spec = { .file = checked->path };

	checked->was_tried = true;
	checked->refused = (struct inspect_error){ 0 };
	int r = load_object(check->inspect, &spec, &checked->loaded, &checked->refused);
	if (r < 0 && !checked->refused.code)
		checked->refused.code = -r;
}
