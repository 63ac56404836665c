/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_ref.c - any words as a reference to an object, for every kind
 *
 * Words are parted by NUL; what stands behind the last one is a word, too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "inspect.h"

#define WORDS_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static void check_words(enum inspect_kind kind, const char *const *words, size_t n)
{
	const struct inspect_ref untouched = { .kind = INSPECT_LINK, .id = 0x5a5a5a5a };
	struct inspect_ref ref = untouched;
	struct inspect_error err = { 0 };

	int r = inspect_ref_parse(kind, words, n, &ref, &err);
	if (r < 0) {
		must(r == -INSPECT_EUSAGE && err.code == INSPECT_EUSAGE && err.what[0]);
		must(memchr(err.what, '\0', sizeof(err.what)) &&
		     memchr(err.hint, '\0', sizeof(err.hint)));
		must(memcmp(&ref, &untouched, sizeof(ref)) == 0);
		must(inspect_ref_parse(kind, words, n, &ref, NULL) == r);
		return;
	}
	must((r == 1 || r == 2) && (size_t)r <= n && ref.kind == kind);
	switch (ref.by) {
	case INSPECT_BY_ID:
		must(strtoull(words[r - 1], NULL, 0) == ref.id);
		break;
	case INSPECT_BY_TAG:
		must(kind == INSPECT_PROG && r == 2 && strlen(words[1]) == 16);
		break;
	case INSPECT_BY_NAME:
		must((kind == INSPECT_PROG || kind == INSPECT_MAP) && r == 2);
		must(ref.text == words[1] && *ref.text);
		break;
	case INSPECT_BY_PATH:
		must(kind != INSPECT_BTF && ref.text == words[r - 1] && *ref.text);
		break;
	case INSPECT_BY_ALL:
	case INSPECT_BY_PROG: /* no words say either */
		must(0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum inspect_kind kinds[] = { INSPECT_PROG, INSPECT_MAP, INSPECT_LINK,
						   INSPECT_BTF };
	autofree char *text = malloc(size + 1);
	const char *words[WORDS_MAX];
	size_t n = 0;

	must(text != NULL);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	for (const char *at = text; n < WORDS_MAX && at <= text + size; at += strlen(at) + 1)
		words[n++] = at;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		for (size_t k = 0; k <= n; k++)
			check_words(kinds[i], words, k);
	return 0;
}
