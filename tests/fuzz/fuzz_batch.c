/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_batch.c - any bytes as the commands of a batch file
 *
 * Each line is taken by itself and joined with what goes on, as cmd/batch.c does it, in memory that
 * ends right behind the command.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Words follow each other inside the command, none is longer than it, and none begins a comment. */
static void check_words(const char *command, size_t size, const char *const *words, int n)
{
	const char *end = command;

	for (int i = 0; i < n; i++) {
		must(words[i] >= end && words[i] <= command + size);
		end = words[i] + strlen(words[i]);
		must(end <= command + size);
	}
}

static void split(const char *text, size_t size)
{
	static const char *words[WORDS_COUNT];
	struct inspect_error err = { 0 };
	autofree char *command = malloc(size + 1);

	must(command != NULL);
	memcpy(command, text, size);
	command[size] = '\0';
	size_t whole = strlen(command);
	words_drop_comment(command);
	must(strlen(command) <= whole && memcmp(command, text, strlen(command)) == 0);
	size_t left = strlen(command);
	bool goes_on = words_go_on(command);
	must(strlen(command) == left - (goes_on ? 2 : 0));

	int n = words_split(command, words, &err);
	must(n == -INSPECT_EUSAGE ? err.what[0] != '\0' : n >= 0 && n <= WORDS_COUNT);
	check_words(command, left, words, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	split(text, size);
	for (size_t at = 0; at < size;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t n = end ? (size_t)(end + 1 - (text + at)) : size - at;

		split(text + at, n);
		at += n;
	}
	return 0;
}
