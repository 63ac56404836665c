/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * words.c - what `feature probe` is asked
 *
 * bpftool's words may be shortened, and are held against it in its order. Words that it does not have, kinds of things, are
 * meant only in full: "m" stays "macros". "kernel" is both, and a kind only where the name of something in it follows.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/name_search.h"
#include "base/text.h"
#include "probe/name.h"
#include "probe/print.h"
#include "probe/probe.h"

/* Where in the words it is. */
struct reader {
	const struct inspect_words *words;
	size_t at;
	struct print_probe *out;
	bool has_component; /* kernel or dev */
};

static const char *next_word(struct reader *reader)
{
	return reader->at < reader->words->n ? reader->words->words[reader->at++] : NULL;
}

static bool is_at(const struct reader *reader, const char *word)
{
	return reader->at < reader->words->n && strcmp(reader->words->words[reader->at], word) == 0;
}

static int find_kind(const struct reader *reader, const char *word)
{
	bool is_of_kernel =
		is_at(reader, "release") || is_at(reader, "version") || is_at(reader, "machine");

	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++)
		if (strcmp(probe_kinds[i].word, word) == 0 &&
		    (i != INSPECT_FEATURE_KERNEL || is_of_kernel))
			return (int)i;
	return -1;
}

static int fail_nameless(unsigned kind, struct inspect_error *err)
{
	inspect_fail(err, INSPECT_EUSAGE, "'%s': a name has to follow", probe_kinds[kind].word);
	return name_hint_list(kind, err);
}

static int read_question(struct reader *reader, unsigned kind, struct inspect_error *err)
{
	struct print_probe *out = reader->out;
	struct inspect_question *question = &out->questions[out->probe.n_questions];

	question->kind = kind;
	question->name = next_word(reader);
	if (!question->name || !*question->name)
		return fail_nameless(kind, err);
	if (is_at(reader, "for")) {
		reader->at++;
		question->of = next_word(reader);
		if (!question->of || !*question->of)
			return inspect_fail(err, INSPECT_EUSAGE, "'for': a type has to follow");
	}
	out->probe.n_questions++;
	return 0;
}

/* What has to follow a word. */
static int read_value(struct reader *reader, const char *word, const char **out,
		      struct inspect_error *err)
{
	*out = next_word(reader);
	if (!*out)
		return inspect_fail(err, INSPECT_EUSAGE, "'%s' needs at least 1 arguments, 0 found",
				    word);
	return 0;
}

static int read_kernel(struct reader *reader, const char *word, struct inspect_error *err)
{
	(void)word;
	if (reader->has_component)
		return inspect_fail(err, INSPECT_EUSAGE, "component to probe already specified");
	reader->has_component = true;
	return 0;
}

static int read_dev(struct reader *reader, const char *word, struct inspect_error *err)
{
	const char **dev = &reader->out->probe.dev;

	int r = read_kernel(reader, word, err);
	if (!r)
		r = read_value(reader, word, dev, err);
	if (!r && !if_nametoindex(*dev))
		r = inspect_fail(err, errno, "unrecognized netdevice '%s'", *dev);
	return r;
}

static int read_full(struct reader *reader, const char *word, struct inspect_error *err)
{
	(void)word;
	(void)err;
	reader->out->probe.is_full = true;
	return 0;
}

static int read_macros(struct reader *reader, const char *word, struct inspect_error *err)
{
	(void)word;
	(void)err;
	reader->out->is_macros = true;
	return 0;
}

static int read_prefix(struct reader *reader, const char *word, struct inspect_error *err)
{
	if (!reader->out->is_macros)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'prefix' argument can only be use after 'macros'");
	if (reader->out->prefix)
		return inspect_fail(err, INSPECT_EUSAGE, "'prefix' already defined");
	return read_value(reader, word, &reader->out->prefix, err);
}

static int read_unprivileged(struct reader *reader, const char *word, struct inspect_error *err)
{
	(void)word;
	(void)err;
	reader->out->probe.is_unprivileged = true;
	return 0;
}

struct word {
	const char *word;
	int (*read)(struct reader *reader, const char *word, struct inspect_error *err);
};

static const struct word bpftool_words[] = {
	{ "kernel", read_kernel }, { "dev", read_dev },	      { "full", read_full },
	{ "macros", read_macros }, { "prefix", read_prefix }, { "unprivileged", read_unprivileged },
};

#define N_WORDS (sizeof(bpftool_words) / sizeof(*bpftool_words))

static int fail_unknown(const char *word, struct inspect_error *err)
{
	struct name_search search;

	name_search_begin(&search, word);
	for (size_t i = 0; i < N_WORDS; i++)
		name_search_try(&search, bpftool_words[i].word);
	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++)
		name_search_try(&search, probe_kinds[i].word);
	inspect_fail(err, INSPECT_EUSAGE,
		     "expected no more arguments, 'kernel', 'dev', 'macros' or 'prefix', got: "
		     "'%s'?",
		     word);
	if (*search.nearest)
		return name_search_hint(&search, err);
	return inspect_hint(err,
			    "to ask for one thing, say its kind and name: prog_type xdp, map_type "
			    "ringbuf, helper bpf_loop for kprobe");
}

static int read_word(struct reader *reader, struct inspect_error *err)
{
	const char *word = next_word(reader);
	int kind = find_kind(reader, word);

	if (kind >= 0)
		return read_question(reader, (unsigned)kind, err);
	for (size_t i = 0; *word && i < N_WORDS; i++) {
		bool is_again = bpftool_words[i].read == read_macros && reader->out->is_macros;

		if (!is_again && text_has_prefix(bpftool_words[i].word, word))
			return bpftool_words[i].read(reader, word, err);
	}
	return fail_unknown(word, err);
}

int print_probe_words(const struct inspect_words *words, struct print_probe *out,
		      struct inspect_error *err)
{
	struct reader reader = { .words = words, .out = out };

	*out = (struct print_probe){ 0 };
	out->questions = calloc(words->n + 1, sizeof(*out->questions));
	if (!out->questions)
		return inspect_fail(err, ENOMEM, "probe");
	while (reader.at < words->n) {
		int r = read_word(&reader, err);

		if (r < 0)
			return r;
	}
	if (out->is_macros && out->probe.n_questions)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'macros' shows everything, and no single things");
	out->probe.questions = out->questions;
	return 0;
}

void print_probe_done(struct print_probe *probe)
{
	free(probe->questions);
	*probe = (struct print_probe){ 0 };
}
