/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_value_text.c - any words as keys and values of any type
 *
 * The first byte says how much of the rest is BTF, in 256ths, and with its lowest bit whether keys are
 * prefixes; what is behind are words, parted by NUL. Files are not read: they would not be the input's.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "value/data.h"
#include "value/walk.h"

#define WORDS 32
#define TYPES_MOST 8u
#define VALUE_MOST 512u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static int get_walk(void *context, enum data_part part, bool may_borrow, const struct walk **out,
		    struct inspect_error *err)
{
	(void)err;
	must(part == DATA_KEY || part == DATA_VALUE);
	*out = may_borrow || part == DATA_VALUE ? context : NULL;
	return 0;
}

static void try_words(struct walk *walk, const struct inspect_words *words, bool is_prefix)
{
	AUTO(data_done) struct data data = { 0 };
	struct inspect_error err = { 0 };
	const struct data_need need = {
		.takes = DATA_KEY | DATA_VALUE | DATA_FLAG | DATA_TYPED,
		.key_bytes = is_prefix ? 8 : walk_size(walk),
		.value_bytes = walk_size(walk),
		.is_prefix = is_prefix,
		.get_walk = get_walk,
		.context = walk,
	};
	unsigned sum = 0;

	int r = data_parse(&need, words, &data, &err);
	if (r)
		must(r == -err.code && err.what[0] && !data.have && !data.key && !data.value);
	must(!data.key == !(data.have & DATA_KEY) && !data.value == !(data.have & DATA_VALUE));
	for (size_t i = 0; data.key && i < need.key_bytes; i++)
		sum += data.key[i];
	for (size_t i = 0; data.value && i < need.value_bytes; i++)
		sum += data.value[i];
	must(sum <= 255 * 2 * VALUE_MOST);
}

static void try_types(const struct btf_reader *btf, const struct inspect_words *words,
		      bool is_prefix)
{
	for (uint32_t id = 1; id < btf_count(btf) && id < TYPES_MOST; id++) {
		struct walk *walk;

		if (walk_new(btf, id, WALK_STRICT, &walk, NULL))
			continue;
		if (walk_size(walk) <= VALUE_MOST && (!is_prefix || walk_size(walk) == 8))
			try_words(walk, words, is_prefix);
		walk_free(walk);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };
	const char *words[WORDS];
	struct inspect_words given = { words, 0 };

	if (size < 1)
		return 0;
	size_t blob = (size - 1) * input[0] / 255, n = size - 1 - blob;
	if (btf_init(&btf, input + 1, blob, NULL, NULL))
		return 0;
	autofree char *text = malloc(n + 1);
	must(text != NULL);
	memcpy(text, input + 1 + blob, n);
	text[n] = '\0';
	for (size_t at = 0; at < n && given.n < WORDS; at += strlen(text + at) + 1) {
		if (text[at] == '@')
			text[at] = '?';
		words[given.n++] = text + at;
	}
	try_types(&btf, &given, input[0] & 1);
	return 0;
}
