/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * words.c - a hook, its target and what goes with it, as a user typed them
 */
#include <string.h>

#include "attach/hook.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"

/* Half a name is nearer than another name of the same length. */
static int fail_hook(const char *word, struct inspect_error *err)
{
	const char *nearest = NULL;
	size_t least = 4;

	const struct hook *hook;

	for (size_t i = 0; (hook = hook_at(i)); i++) {
		bool is_begun = strlen(word) > 2 && text_has_prefix(hook->name, word);
		size_t distance = is_begun ? 0 : text_distance(hook->name, word);

		if (distance < least) {
			least = distance;
			nearest = hook->name;
		}
	}
	inspect_fail(err, INSPECT_EUSAGE, "unknown hook '%s'", word);
	if (nearest)
		return inspect_hint(err, "did you mean '%s'?", nearest);
	return inspect_hint(err, "bpflens-prog(8) lists the hooks");
}

static bool takes(const struct hook *hook, enum hook_word word)
{
	return hook->words & HOOK_TAKES(word);
}

/* The word of a hook's that is meant. Where a target could stand, only a whole word ends it. */
static int find_word(const struct hook *hook, const char *word, bool is_whole)
{
	for (int i = 0; *word && i < HOOK_WORDS; i++)
		if (takes(hook, i) && (is_whole ? strcmp(hook_words[i].word, word) == 0
						: text_has_prefix(hook_words[i].word, word)))
			return i;
	return -1;
}

static void add_words(struct buf *out, const struct hook *hook)
{
	for (int i = 0; i < HOOK_WORDS; i++) {
		if (!takes(hook, i))
			continue;
		buf_add_text(out, out->size ? ", '" : "'");
		buf_add_text(out, hook_words[i].word);
		buf_add_char(out, '\'');
	}
	buf_add_char(out, '\0');
}

static int fail_word(const struct hook *hook, const char *word, struct inspect_error *err)
{
	AUTO(buf_done) struct buf known = { 0 };

	inspect_fail(err, INSPECT_EUSAGE, "%s: what is '%s'?", hook->name, word);
	for (int i = 0; i < HOOK_WORDS; i++)
		if (strcmp(hook_words[i].word, word) == 0)
			return inspect_hint(err, "'%s' does not go with %s", word, hook->name);
	add_words(&known, hook);
	if (buf_failed(&known) || !*known.bytes)
		return -INSPECT_EUSAGE;
	if (!hook->target)
		return inspect_hint(err, "%s takes %s", hook->name, known.bytes);
	return inspect_hint(err, "its target is '%s'; behind that, %s takes %s", hook->target,
			    hook->name, known.bytes);
}

int hook_take_anchor(const char *const *words, size_t n, struct hook_value *out,
		     struct inspect_error *err)
{
	bool is_pinned = n > 1 && strcmp(words[0], "pinned") == 0;
	bool is_prog = strcmp(words[0], "prog") == 0, is_link = strcmp(words[0], "link") == 0;

	if (is_pinned || strchr(words[0], '/')) {
		out->text = words[is_pinned];
		return 1 + is_pinned;
	}
	if (!is_prog && !is_link) {
		inspect_fail(err, INSPECT_EUSAGE, "'%s' is neither a program nor a link", words[0]);
		return inspect_hint(err, "REF is 'prog PROG', 'link LINK' or the path of a pin");
	}
	int used = inspect_ref_parse(is_prog ? INSPECT_PROG : INSPECT_LINK, words + 1, n - 1,
				     &out->ref, err);
	return used < 0 ? used : 1 + used;
}

/* Returns how many words the value is. */
static int take_value(const struct hook_word_row *row, const char *const *words, size_t n,
		      struct hook_value *out, struct inspect_error *err)
{
	int used = 1;

	if (row->kind == HOOK_WORD_FLAG)
		used = 0;
	else if (!n || !*words[0])
		return inspect_fail(err, INSPECT_EUSAGE, "'%s' needs a value", row->word);
	if (row->kind == HOOK_WORD_TEXT || row->kind == HOOK_WORD_NETNS)
		out->text = words[0];
	if (row->kind == HOOK_WORD_ANCHOR)
		used = hook_take_anchor(words, n, out, err);
	if (row->kind == HOOK_WORD_OBJECT)
		used = inspect_ref_parse(row->object, words, n, &out->ref, err);
	if (row->kind == HOOK_WORD_NUMBER &&
	    num_parse(words[0], NUM_ANY, row->most, &out->number)) {
		inspect_fail(err, INSPECT_EUSAGE, "can't parse '%s' as the value of '%s'", words[0],
			     row->word);
		return inspect_hint(err, "a whole number of at most %llu is wanted",
				    (unsigned long long)row->most);
	}
	out->is_there = true;
	return used < 0 ? inspect_context(err, "%s", row->word) : used;
}

static int take_words(const char *const *words, size_t n, struct attach_job *job,
		      struct inspect_error *err)
{
	for (size_t at = 0; at < n;) {
		int word = find_word(job->hook, words[at], false);

		if (word < 0)
			return fail_word(job->hook, words[at], err);
		if (job->values[word].is_there)
			return inspect_fail(err, INSPECT_EUSAGE, "'%s' is there twice",
					    hook_words[word].word);
		int used = take_value(&hook_words[word], words + at + 1, n - at - 1,
				      &job->values[word], err);
		if (used < 0)
			return used;
		at += 1 + (size_t)used;
	}
	return 0;
}

/* How many words the target has. */
static size_t target_words(const struct hook *hook, const char *const *words, size_t n)
{
	size_t at = hook->least < n ? hook->least : n;

	while (at < n && at < hook->most && find_word(hook, words[at], true) < 0)
		at++;
	return at;
}

/* A device's name without "dev" before it would make the word behind it the device. */
static int check_target(const struct hook *hook, const char *const *words, size_t n,
			struct inspect_error *err)
{
	if (n && hook->target && text_has_prefix(hook->target, "dev ") &&
	    !text_has_prefix("dev", words[0]))
		return inspect_fail(err, INSPECT_EUSAGE, "%s: expected 'dev', got: '%s'",
				    hook->name, words[0]);
	if (n < hook->least)
		return inspect_fail(err, INSPECT_EUSAGE, "%s: expected %s", hook->name,
				    hook->target);
	for (size_t i = 0; i < n; i++)
		if (!*words[i])
			return inspect_fail(err, INSPECT_EUSAGE, "%s: the target is empty",
					    hook->name);
	return 0;
}

int hook_parse(const struct inspect_words *words, struct attach_job *job, struct inspect_error *err)
{
	if (!words->n)
		return inspect_fail(err, INSPECT_EUSAGE, "expected HOOK");
	const struct hook *hook = hook_find(words->words[0]);
	if (!hook)
		return fail_hook(words->words[0], err);
	job->hook = hook;

	const char *const *rest = words->words + 1;
	size_t n = words->n - 1, target = target_words(hook, rest, n);
	int r = check_target(hook, rest, target, err);
	if (r < 0)
		return r;
	job->targets = (struct inspect_words){ rest, target };
	return take_words(rest + target, n - target, job, err);
}
