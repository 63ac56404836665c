/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * saved_compatible.c - the object that bpftool writes to rows
 *
 * It knows two answers, and says "false" also of what it was not permitted to try. Where nothing that takes a
 * privilege was there, no "false" is believed; of what needs one of the kernel's types to be tried with, none ever is:
 * that type may be what was missing. It lists the helpers that are there: one that is missing from a list may be one
 * that it did not know or did not try, and a bpftool that does not understand the kernel lists what is not there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "probe/saved_json.h"
#include "probe/sections.h"

#define GUESSED "the file has only yes and no, and was made without rights, it seems"
#define UNTRIED                                                                                    \
	"the file has only yes and no, and this is \"false\" also where it could not be tried"
#define TOO_MANY                                                                                   \
	"bpftool did not understand the kernel: the file lists it for types that never have it"

/* What is in a section: keys with something around the name, of one kind. */
struct section {
	const char *key;
	const char *before, *behind;
	enum inspect_feature_kind kind;
};

static const struct section sections[] = {
	{ "syscall_config", "have_", "_syscall", INSPECT_FEATURE_COMMAND },
	{ "program_types", "have_", "_prog_type", INSPECT_FEATURE_PROG_TYPE },
	{ "map_types", "have_", "_map_type", INSPECT_FEATURE_MAP_TYPE },
	{ "misc", "have_", "", INSPECT_FEATURE_MISC },
};

#define LIST "_available_helpers" /* behind the type of programs */
#define N_SECTIONS (sizeof(sections) / sizeof(*sections))

bool saved_json_is_compatible(const json_t *document)
{
	return json_is_object(json_object_get(document, "program_types")) &&
	       json_is_object(json_object_get(document, "map_types"));
}

/* The part of a key between what stands around it, as the document's own text; NULL where it is not so, or no memory. */
static const char *inner_name(json_t *document, const char *key, const char *before,
			      const char *behind)
{
	size_t n = strlen(key), front = strlen(before), back = strlen(behind);

	if (n <= front + back || !text_has_prefix(key, before) ||
	    strcmp(key + n - back, behind) != 0)
		return NULL;
	json_t *texts = json_object_get(document, "");
	json_t *text = json_stringn_nocheck(key + front, n - front - back);
	return json_array_append_new(texts, text) ? NULL : json_string_value(text);
}

/* Programs that are loaded for one function of the kernel's, and maps of one of its structs. */
static bool is_for_type_of_kernel(const struct inspect_feature *row)
{
	return (row->kind == INSPECT_FEATURE_PROG_TYPE && sections_lack_helpers(row->name)) ||
	       (row->kind == INSPECT_FEATURE_MAP_TYPE && strcmp(row->name, "struct_ops") == 0);
}

static void say_unknown(struct inspect_feature *row, const char *why)
{
	row->answer = INSPECT_UNKNOWN;
	row->reason = INSPECT_REASON_OTHER;
	row->detail = why;
}

static int add_bool(struct saved *saved, json_t *document, const struct section *section,
		    const char *key, const json_t *value, struct inspect_error *err)
{
	struct inspect_feature row = { .kind = section->kind, .found = INSPECT_FOUND_PROBE };

	row.name = inner_name(document, key, section->before, section->behind);
	if (!row.name || !json_is_boolean(value))
		return 0;
	row.answer = json_is_true(value) ? INSPECT_YES : INSPECT_NO;
	if (row.answer == INSPECT_NO && saved->is_limited)
		say_unknown(&row, GUESSED);
	else if (row.answer == INSPECT_NO && is_for_type_of_kernel(&row))
		say_unknown(&row, UNTRIED);
	else if (row.answer == INSPECT_NO)
		row.reason = INSPECT_REASON_NOT_BUILT_IN;
	return saved_add(saved, &row, err);
}

static int add_section(struct saved *saved, json_t *document, const struct section *section,
		       struct inspect_error *err)
{
	json_t *value;
	const char *key;

	json_object_foreach(json_object_get(document, section->key), key, value)
	{
		int r = add_bool(saved, document, section, key, value, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* A setting is a number, -1 where it could not be read; an option is text, or null where it is not set. */
static int add_system(struct saved *saved, json_t *document, const char *key, const json_t *value,
		      struct inspect_error *err)
{
	char digits[NUM_ROOM + 1] = { 0 };
	struct inspect_feature row = { .name = key, .answer = INSPECT_YES };
	json_t *texts = json_object_get(document, "");

	if (text_has_prefix(key, "CONFIG_")) {
		row.kind = INSPECT_FEATURE_CONFIG;
		row.found = INSPECT_FOUND_CONFIG;
		row.value = json_string_value(value);
		if (json_is_null(value))
			row.answer = INSPECT_NO;
		else if (!row.value)
			say_unknown(&row, "it is no text in the file");
		return saved_add(saved, &row, err);
	}
	/* sysctl(8) has where it is in front. */
	json_t *name =
		json_sprintf("%s.%s", text_has_prefix(key, "bpf_jit") ? "net.core" : "kernel", key);
	if (json_array_append_new(texts, name))
		return inspect_fail(err, ENOMEM, "%s: read", saved->name);
	row.name = json_string_value(name);
	row.kind = INSPECT_FEATURE_SETTING;
	row.found = INSPECT_FOUND_FILE;
	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		row.answer = INSPECT_UNKNOWN;
		row.reason = INSPECT_REASON_UNREADABLE;
		return saved_add(saved, &row, err);
	}
	num_format_s64(digits, json_integer_value(value));
	row.value = inner_name(document, digits, "", "");
	return row.value ? saved_add(saved, &row, err)
			 : inspect_fail(err, ENOMEM, "%s: read", saved->name);
}

bool saved_json_lists_helpers(const json_t *document, const char *type)
{
	char key[96];

	snprintf(key, sizeof(key), "%s" LIST, type);
	return json_array_size(json_object_get(json_object_get(document, "helpers"), key)) > 0;
}

static bool has_text(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *item = json_string_value(json_array_get(list, i));

		if (item && strcmp(item, text) == 0)
			return true;
	}
	return false;
}

/*
 * A bpftool that is older than the words in which the verifier refuses a helper takes each for there. This one no kernel
 * gives to other programs than xdp.
 */
static bool are_lists_believed(const json_t *document)
{
	json_t *list;
	const char *key;

	json_object_foreach(json_object_get(document, "helpers"), key, list)
	{
		if (strcmp(key, "xdp" LIST) != 0 && has_text(list, "bpf_xdp_adjust_head"))
			return false;
	}
	return true;
}

static int add_helper(struct saved *saved, const char *name, const char *type,
		      struct inspect_error *err)
{
	struct inspect_feature row = {
		.kind = INSPECT_FEATURE_HELPER,
		.name = name,
		.of = type,
		.answer = INSPECT_YES,
		.found = INSPECT_FOUND_PROBE,
	};

	if (!saved->has_lists)
		say_unknown(&row, TOO_MANY);
	return name && type ? saved_add(saved, &row, err) : 0;
}

static int add_helpers(struct saved *saved, json_t *document, struct inspect_error *err)
{
	json_t *list, *item;
	const char *key;
	size_t i;

	json_object_foreach(json_object_get(document, "helpers"), key, list)
	{
		const char *type = inner_name(document, key, "", LIST);

		json_array_foreach(list, i, item)
		{
			int r = add_helper(saved, json_string_value(item), type, err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* Every process may try these two; what takes a privilege stands for the rest. */
static bool is_limited(const json_t *document)
{
	static const char *const privileged[] = {
		"have_kprobe_prog_type", "have_tracepoint_prog_type", "have_sched_cls_prog_type",
		"have_xdp_prog_type",	 "have_perf_event_prog_type",
	};
	const json_t *types = json_object_get(document, "program_types");

	for (size_t i = 0; i < sizeof(privileged) / sizeof(*privileged); i++)
		if (json_is_true(json_object_get(types, privileged[i])))
			return false;
	return true;
}

int saved_json_compatible(struct saved *saved, json_t *document, struct inspect_error *err)
{
	json_t *value;
	const char *key;
	int r = 0;

	/* Of a device there are no settings. Without /proc there are none either, but then all types are there. */
	if (!json_object_get(document, "system_config") &&
	    !json_object_get(json_object_get(document, "program_types"), "have_kprobe_prog_type"))
		return inspect_fail(err, EINVAL, "%s: is of a network device", saved->name);
	if (json_object_set_new(document, "", json_array()))
		return inspect_fail(err, ENOMEM, "%s: read", saved->name);
	saved->is_compatible = true;
	saved->is_limited = is_limited(document);
	saved->has_lists = are_lists_believed(document);
	json_object_foreach(json_object_get(document, "system_config"), key, value)
	{
		r = add_system(saved, document, key, value, err);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; !r && i < N_SECTIONS; i++)
		r = add_section(saved, document, &sections[i], err);
	return r < 0 ? r : add_helpers(saved, document, err);
}
