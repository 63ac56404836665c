/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * describe.c - the table of hooks, for pages and completion
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "attach/hook.h"
#include "base/cleanup.h"
#include "kernel/netlink.h"
#include "kernel/tracefs.h"

/* Adds to a text of fixed room; what has no place is left out, whole. */
static void append(char *text, size_t room, const char *before, const char *word)
{
	size_t used = strlen(text);
	size_t need = strlen(before) + strlen(word) + 1;

	if (used + need <= room)
		snprintf(text + used, room - used, "%s%s", before, word);
}

static void describe_words(const struct hook *hook, char *text, size_t room)
{
	for (int i = 0; i < HOOK_WORDS; i++) {
		char one[64];
		const struct hook_word_row *row = &hook_words[i];

		if (!(hook->words & HOOK_TAKES(i)))
			continue;
		snprintf(one, sizeof(one), "[%s%s%s]", row->word, row->value ? " " : "",
			 row->value ? row->value : "");
		append(text, room, *text ? " " : "", one);
	}
}

bool inspect_hook_get(unsigned number, struct inspect_hook *out)
{
	const struct hook *hook = hook_at(number);

	if (!hook)
		return false;

	*out = (struct inspect_hook){
		.name = hook->name,
		.target = hook->target,
		.help = hook->help,
		.since = hook->since,
	};
	describe_words(hook, out->words, sizeof(out->words));
	for (size_t i = 0; i < HOOK_PROG_TYPES && hook->prog_types[i]; i++)
		append(out->types, sizeof(out->types), i ? ", " : "",
		       names_find(NAMES_PROG_TYPE, hook->prog_types[i]));
	return true;
}

bool inspect_hook_word_get(unsigned number, struct inspect_hook_word *out)
{
	if (number >= HOOK_WORDS)
		return false;
	*out = (struct inspect_hook_word){
		.word = hook_words[number].word,
		.value = hook_words[number].value,
		.help = hook_words[number].help,
	};
	return true;
}

/* --- completion --- */

struct offer {
	struct inspect *inspect;
	const char *typed;
	void (*offer)(void *context, const char *word);
	void *context;
	const char *root, *category; /* of tracepoints */
};

static int offer_event(void *context, const char *name)
{
	const struct offer *offer = context;
	char word[256];
	int n = snprintf(word, sizeof(word), "%s:%s", offer->category, name);

	if (n > 0 && (size_t)n < sizeof(word))
		offer->offer(offer->context, word);
	return 0;
}

/* All events are some thousand: those of one category are offered once it is typed. */
static int offer_category(void *context, const char *name)
{
	struct offer *offer = context;
	char path[PATH_MAX];
	size_t n = strlen(name);

	offer->category = name;
	if (strncmp(offer->typed, name, n) != 0 || offer->typed[n] != ':')
		return offer_event(context, "");
	snprintf(path, sizeof(path), "events/%s", name);
	return tracefs_each(offer->root, path, offer_event, offer);
}

static void offer_device(void *context, const char *name)
{
	const struct offer *offer = context;

	offer->offer(offer->context, name);
}

/* Directories end in a slash; a cgroup is one. */
static void offer_cgroup(void *context, const char *path)
{
	const struct offer *offer = context;
	size_t n = strlen(path);

	if (n && path[n - 1] == '/')
		offer->offer(offer->context, path);
}

/* Targets of several words; @n of them are there. */
static void offer_word_of_target(struct offer *offer, const struct hook *hook, size_t n)
{
	static const char *const families[] = { "ip", "ip6", NULL };
	static const char *const places[] = { "prerouting", "input",	   "forward",
					      "output",	    "postrouting", NULL };
	const char *const *words = n ? places : families;

	if (hook->offers == HOOK_TARGET_DEVICE && !n)
		offer->offer(offer->context, "dev");
	else if (hook->offers == HOOK_TARGET_DEVICE)
		inspect_devices_each(offer_device, offer);
	for (; hook->offers == HOOK_TARGET_NETFILTER && *words; words++)
		offer->offer(offer->context, *words);
}

static void offer_target(struct offer *offer, const struct hook *hook, size_t n)
{
	autofree char *root = NULL;

	offer_word_of_target(offer, hook, n);
	if (hook->offers == HOOK_TARGET_CGROUP)
		inspect_paths_beginning(*offer->typed ? offer->typed : "/sys/fs/cgroup/",
					offer_cgroup, offer);

	if (hook->offers == HOOK_TARGET_EVENT)
		sample_events_each(offer->offer, offer->context);
	if (hook->offers == HOOK_TARGET_PATH && *offer->typed)
		inspect_paths_beginning(offer->typed, offer->offer, offer->context);
	if (hook->offers != HOOK_TARGET_TRACEPOINT ||
	    tracefs_find(&offer->inspect->sys, &root, NULL))
		return;
	offer->root = root;
	tracefs_each(root, "events", offer_category, offer);
}

/* How many words they are; -1 where it is not complete. */
static int anchor_words(const char *const *words, size_t n)
{
	struct hook_value value = { 0 };

	return n ? hook_take_anchor(words, n, &value, NULL) : -1;
}

/* The row of a word that still lacks its value; NULL where the last words are complete. */
static const struct hook_word_row *
open_word(const struct hook *hook, const struct inspect_words *words, size_t at, size_t *begin)
{
	while (at < words->n) {
		const struct hook_word_row *row = NULL;
		struct inspect_ref ref;
		int used = 1;

		for (int i = 0; i < HOOK_WORDS; i++)
			if (hook->words & HOOK_TAKES(i) &&
			    strcmp(hook_words[i].word, words->words[at]) == 0)
				row = &hook_words[i];
		at++;
		if (!row || row->kind == HOOK_WORD_FLAG)
			continue;
		*begin = at;
		if (row->kind == HOOK_WORD_OBJECT)
			used = inspect_ref_parse(row->object, words->words + at, words->n - at,
						 &ref, NULL);
		if (row->kind == HOOK_WORD_ANCHOR)
			used = anchor_words(words->words + at, words->n - at);
		if (used < 0 || at == words->n)
			return row;
		at += (size_t)used;
	}
	return NULL;
}

static void offer_words(const struct offer *offer, const struct hook *hook)
{
	for (int i = 0; i < HOOK_WORDS; i++)
		if (hook->words & HOOK_TAKES(i))
			offer->offer(offer->context, hook_words[i].word);
}

/* A word says whether it is a program or a link; else it is a path. */
static size_t offer_anchor(const struct offer *offer, const struct inspect_words *words,
			   size_t begin, enum inspect_kind *kind)
{
	if (begin < words->n) {
		*kind = strcmp(words->words[begin], "link") == 0 ? INSPECT_LINK : INSPECT_PROG;
		return begin + 2;
	}
	offer->offer(offer->context, "prog");
	offer->offer(offer->context, "link");
	inspect_paths_beginning(offer->typed, offer->offer, offer->context);
	return 0;
}

static void offer_netns(const struct offer *offer)
{
	offer->offer(offer->context, "current");
	inspect_paths_beginning(*offer->typed ? offer->typed : "/run/netns/", offer->offer,
				offer->context);
}

/* Does a reference to an object still want its end? Its first word is the hook's next one. */
static bool wants_object(const struct hook *hook, const struct inspect_words *words,
			 enum inspect_kind *kind)
{
	struct inspect_ref ref;

	if (hook->offers != HOOK_TARGET_MAP && hook->offers != HOOK_TARGET_PROG)
		return false;
	*kind = hook->offers == HOOK_TARGET_MAP ? INSPECT_MAP : INSPECT_PROG;
	if (words->n == 1)
		return true;
	for (int i = 0; i < HOOK_WORDS; i++)
		if (hook->words & HOOK_TAKES(i) && strcmp(hook_words[i].word, words->words[1]) == 0)
			return false;
	return inspect_ref_begins(*kind, words->words[1]) &&
	       inspect_ref_parse(*kind, words->words + 1, words->n - 1, &ref, NULL) < 0;
}

/* Targets, where one is needed or one more may be. */
static void offer_next_target(struct offer *to, const struct hook *hook, size_t n)
{
	if (n < hook->least || (n < hook->most && (!n || hook->most == HOOK_ANY_NUMBER)))
		offer_target(to, hook, n);
}

static size_t complete_hook(struct offer *to, const struct hook *hook,
			    const struct inspect_words *words, enum inspect_kind *kind)
{
	size_t begin, n = words->n - 1;

	if (wants_object(hook, words, kind)) {
		if (n >= hook->least)
			offer_words(to, hook);
		return 2;
	}
	const struct hook_word_row *row = open_word(hook, words, 1 + hook->least, &begin);
	if (row && row->kind == HOOK_WORD_OBJECT) {
		*kind = row->object;
		return begin + 1;
	}
	if (row && row->kind == HOOK_WORD_ANCHOR)
		return offer_anchor(to, words, begin, kind);
	if (row && row->kind == HOOK_WORD_NETNS)
		offer_netns(to);
	if (row && row->kind == HOOK_WORD_TEXT && row != &hook_words[HOOK_PRIORITY])
		inspect_paths_beginning(to->typed, to->offer, to->context);
	if (row)
		return 0;
	offer_next_target(to, hook, n);
	if (n >= hook->least)
		offer_words(to, hook);
	return 0;
}

size_t inspect_hook_complete(struct inspect *inspect, const struct inspect_words *words,
			     const char *typed, void (*offer)(void *context, const char *word),
			     void *context, enum inspect_kind *kind)
{
	struct offer to = {
		.inspect = inspect, .typed = typed, .offer = offer, .context = context
	};
	const struct hook *hook;

	for (size_t i = 0; !words->n && (hook = hook_at(i)); i++)
		offer(context, hook->name);
	hook = words->n ? hook_find(words->words[0]) : NULL;
	return hook ? complete_hook(&to, hook, words, kind) : 0;
}
