/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * words.c - a command of a batch file to words
 *
 * The rules are bpftool's, with one difference: a '#' between quotes is text. Quotes have no
 * escapes, and count only at the beginning of a word.
 */
#include "words.h"

#include <string.h>

#include "base/error.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void words_drop_comment(char *command)
{
	bool begins = true; /* a word could begin here */
	char quote = '\0';

	for (char *at = command; *at; at++) {
		if (quote) {
			begins = *at == quote;
			quote = begins ? '\0' : quote;
		} else if (begins && (*at == '\'' || *at == '"')) {
			quote = *at;
		} else if (*at == '#') {
			*at = '\0';
			return;
		} else {
			begins = is_blank(*at);
		}
	}
}

bool words_go_on(char *command)
{
	size_t n = strlen(command);

	if (n < 2 || command[n - 1] != '\n' || command[n - 2] != '\\')
		return false;
	command[n - 2] = '\0';
	return true;
}

int words_split(char *command, const char **words, struct inspect_error *err)
{
	int n = 0;

	for (char *at = command;;) {
		while (is_blank(*at))
			at++;
		if (!*at)
			return n;
		if (n == WORDS_COUNT)
			return inspect_fail(err, INSPECT_EUSAGE, "more than %d words", WORDS_COUNT);

		char quote = *at == '\'' || *at == '"' ? *at++ : '\0';
		words[n++] = at;
		while (*at && (quote ? *at != quote : !is_blank(*at)))
			at++;
		if (quote && !*at)
			return inspect_fail(err, INSPECT_EUSAGE, "unterminated quoted string");
		if (*at)
			*at++ = '\0';
	}
}
