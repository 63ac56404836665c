/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * words.c - what `feature probe` is asked
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "probe/print.h"
#include "probe/probe.h"

/* Where in the words it is. */
struct reader {
	const struct inspect_words *words;
	size_t at;
	struct print_probe *out;
};

static int find_kind(const char *word)
{
	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++)
		if (strcmp(probe_kinds[i].word, word) == 0)
			return (int)i;
	return -1;
}

static const char *next_word(struct reader *reader)
{
	return reader->at < reader->words->n ? reader->words->words[reader->at++] : NULL;
}

static int read_question(struct reader *reader, unsigned kind, struct inspect_error *err)
{
	struct print_probe *out = reader->out;
	struct inspect_question *question = &out->questions[out->probe.n_questions];

	question->kind = kind;
	question->name = next_word(reader);
	if (!question->name)
		return inspect_fail(err, INSPECT_EUSAGE, "'%s': a name has to follow",
				    probe_kinds[kind].word);
	if (reader->at < reader->words->n && strcmp(reader->words->words[reader->at], "for") == 0) {
		reader->at++;
		question->of = next_word(reader);
		if (!question->of)
			return inspect_fail(err, INSPECT_EUSAGE, "'for': a type has to follow");
	}
	out->probe.n_questions++;
	return 0;
}

static int read_word(struct reader *reader, struct inspect_error *err)
{
	const char *word = next_word(reader);
	int kind = find_kind(word);

	/* "kernel" alone is bpftool's; with a name behind it, a question. */
	if (kind > INSPECT_FEATURE_KERNEL)
		return read_question(reader, (unsigned)kind, err);
	return inspect_fail(err, INSPECT_EUSAGE, "'%s': not known", word);
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
	out->probe.questions = out->questions;
	return 0;
}

void print_probe_done(struct print_probe *probe)
{
	free(probe->questions);
}
