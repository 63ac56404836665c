/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * words.c - a line of a batch file to words
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

void words_drop_comment(char *line)
{
	bool begins = true; /* a word could begin here */
	char quote = '\0';

	for (char *at = line; *at; at++) {
		if (quote) {
			begins = *at == quote;
			quote = begins ? '\0' : quote;
		} else if (begins && (*at == '\'' || *at == '"')) {
			quote = *at;
		} else if (*at == '#') {
			memmove(at, at + strcspn(at, "\n"), strlen(at + strcspn(at, "\n")) + 1);
			return;
		} else {
			begins = is_blank(*at);
		}
	}
	if (!quote)
		return;
	/* The quote is never closed, which will be told: then a '#' anywhere is a comment. */
	char *hash = strchr(line, '#');
	if (hash)
		memmove(hash, hash + strcspn(hash, "\n"), strlen(hash + strcspn(hash, "\n")) + 1);
}

bool words_go_on(char *line)
{
	size_t n = strlen(line);

	if (n < 2 || line[n - 1] != '\n' || line[n - 2] != '\\')
		return false;
	line[n - 2] = '\0';
	return true;
}

int words_split(char *line, const char **words, struct inspect_error *err)
{
	int n = 0;

	for (char *at = line;;) {
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
