/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * complete.c - what may come next among the words of `feature probe`
 *
 * Nothing is probed: names come from tables and, where there is none, from the kernel's types.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "kernel/names.h"
#include "probe/config.h"
#include "probe/module.h"
#include "probe/probe.h"
#include "probe/since_table.h"

struct offering {
	struct inspect *inspect;
	const char *typed;
	void (*offer)(void *context, const char *word);
	void *context;
};

static const char top_words[] = "kernel dev full macros unprivileged";

static void offer(const struct offering *offering, const char *word)
{
	offering->offer(offering->context, word);
}

static void offer_list(const struct offering *offering, const char *words)
{
	char word[32];

	while (*words) {
		size_t n = strcspn(words, " ");

		if (n < sizeof(word)) {
			memcpy(word, words, n);
			word[n] = '\0';
			offer(offering, word);
		}
		words += n + (words[n] == ' ');
	}
}

static void offer_device(void *context, const char *name)
{
	offer(context, name);
}

static void offer_kinds(const struct offering *offering)
{
	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++)
		if (i != INSPECT_FEATURE_KERNEL)
			offer(offering, probe_kinds[i].word);
}

static int offer_builtin(void *context, const struct inspect_builtin *builtin)
{
	/* Number 0 is none of them. */
	if (!(builtin->have & INSPECT_BUILTIN_HAS_NUMBER) || builtin->number ||
	    !strstr(builtin->name, "unspec"))
		offer(context, builtin->name);
	return 0;
}

static void offer_options(const struct offering *offering)
{
	bool is_short = !text_has_prefix("CONFIG_", offering->typed) &&
			!text_has_prefix(offering->typed, "CONFIG_");

	for (size_t i = 0; config_names[i]; i++)
		offer(offering, config_names[i] + (is_short ? strlen("CONFIG_") : 0));
}

static void offer_rows(const struct offering *offering, const char *(*name_at)(unsigned i))
{
	for (unsigned i = 0; name_at(i); i++)
		offer(offering, name_at(i));
}

/* Of kinds without another list: what releases of the kernel are known to have brought. */
static void offer_released(const struct offering *offering, enum inspect_feature_kind kind)
{
	struct since_table table = since_table(kind);

	/* Rows with a slash are for one type of maps. */
	for (size_t i = 0; i < table.n; i++)
		if (!strchr(table.rows[i].name, '/'))
			offer(offering, table.rows[i].name);
}

static int offer_module(void *context, const char *name)
{
	offer(context, name);
	return 0;
}

/* Those that are there; others would be guesses. */
static void offer_modules(struct offering *offering)
{
	autofree struct probe *probe = calloc(1, sizeof(*probe));

	if (!probe)
		return;
	probe->inspect = offering->inspect;
	probe->sys = &offering->inspect->sys;
	module_names(probe, offer_module, offering);
}

static void offer_names(struct offering *offering, enum inspect_feature_kind kind)
{
	static const int lists[INSPECT_FEATURE_KINDS] = {
		[INSPECT_FEATURE_PROG_TYPE] = INSPECT_BUILTINS_PROG_TYPES + 1,
		[INSPECT_FEATURE_MAP_TYPE] = INSPECT_BUILTINS_MAP_TYPES + 1,
		[INSPECT_FEATURE_ATTACH_TYPE] = INSPECT_BUILTINS_ATTACH_TYPES + 1,
		[INSPECT_FEATURE_LINK_TYPE] = INSPECT_BUILTINS_LINK_TYPES + 1,
		[INSPECT_FEATURE_HELPER] = INSPECT_BUILTINS_HELPERS + 1,
		[INSPECT_FEATURE_KFUNC] = INSPECT_BUILTINS_KFUNCS + 1,
	};

	static const char *(*const rows[INSPECT_FEATURE_KINDS])(unsigned i) = {
		[INSPECT_FEATURE_SETTING] = setting_name,
		[INSPECT_FEATURE_COMMAND] = command_name,
		[INSPECT_FEATURE_INSTRUCTION] = instruction_name,
		[INSPECT_FEATURE_FACILITY] = facility_name,
		[INSPECT_FEATURE_TRACING] = tracing_name,
		[INSPECT_FEATURE_LSM] = lsm_name,
	};

	if (lists[kind])
		inspect_builtins_each(offering->inspect, (enum inspect_builtins)(lists[kind] - 1),
				      offer_builtin, offering, NULL);
	else if (kind == INSPECT_FEATURE_CONFIG)
		offer_options(offering);
	else if (kind == INSPECT_FEATURE_MODULE)
		offer_modules(offering);
	else if (rows[kind])
		offer_rows(offering, rows[kind]);
	else
		offer_released(offering, kind);
}

static int find_kind(const char *word)
{
	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++)
		if (strcmp(probe_kinds[i].word, word) == 0)
			return (int)i;
	return -1;
}

/* How many words a question takes; 0: the next one is wanted, and was offered. */
static size_t complete_question(struct offering *offering, const struct inspect_words *words,
				size_t at, enum inspect_feature_kind kind)
{
	const char *of = probe_kinds[kind].of_word;
	size_t left = words->n - at;

	if (left == 1) {
		offer_names(offering, kind);
		return 0;
	}
	if (of && left == 2)
		offer(offering, "for");
	if (!of || left == 2 || strcmp(words->words[at + 2], "for") != 0)
		return 2;
	if (left > 3)
		return 4;
	offer_names(offering, strcmp(of, "map_type") == 0 ? INSPECT_FEATURE_MAP_TYPE
							  : INSPECT_FEATURE_PROG_TYPE);
	return 0;
}

/* The same for a word of bpftool's. */
static size_t complete_word(struct offering *offering, const char *word, bool is_last)
{
	if (text_has_prefix("dev", word) && is_last)
		inspect_devices_each(offer_device, offering);
	if (text_has_prefix("dev", word) || text_has_prefix("prefix", word))
		return is_last ? 0 : 2;
	return 1;
}

void inspect_probe_complete(struct inspect *inspect, const struct inspect_words *words,
			    const char *typed, void (*each)(void *context, const char *word),
			    void *context)
{
	struct offering offering = { inspect, typed, each, context };
	bool has_macros = false;
	size_t at = 0;

	while (at < words->n) {
		const char *word = words->words[at];
		int kind = find_kind(word);
		size_t used = kind > INSPECT_FEATURE_KERNEL
				      ? complete_question(&offering, words, at,
							  (enum inspect_feature_kind)kind)
				      : complete_word(&offering, word, at + 1 == words->n);

		if (!used)
			return;
		has_macros |= text_has_prefix("macros", word);
		at += used;
	}
	offer_list(&offering, top_words);
	if (has_macros)
		offer(&offering, "prefix");
	offer_kinds(&offering);
}
