/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_data.c - any words as a key and a value
 *
 * The first byte says what is wanted; after it, words are parted by NUL.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "value/data.h"

#define WORDS 128

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Each part that is there is as long as it should be, and is read to its end. */
static void look_at(const struct data_need *need, const struct data *data)
{
	uint32_t sum = 0;

	must(!(need->needs & ~data->have) && !(data->have & ~need->takes));
	must(!data->key == !(data->have & DATA_KEY));
	must(!data->value == (!(data->have & DATA_VALUE) || need->is_reference));
	for (size_t i = 0; data->key && i < need->key_bytes; i++)
		sum += data->key[i];
	for (size_t i = 0; data->value && i < need->value_bytes; i++)
		sum += data->value[i];
	must(sum < UINT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	const char *words[WORDS];
	struct inspect_words given = { words, 0 };
	struct inspect_error err = { 0 };
	AUTO(data_done) struct data data = { 0 };

	if (!size)
		return 0;
	const struct data_need need = {
		.takes = input[0] & 15,
		.needs = input[0] & 3,
		.key_bytes = input[0] >> 4 & 3,
		.value_bytes = (size_t)1 << (input[0] >> 6),
		.is_reference = input[0] == 0xff || input[0] == 0x7f,
		.kind = input[0] == 0xff ? INSPECT_MAP : INSPECT_PROG,
	};
	autofree char *text = malloc(size);
	must(text != NULL);
	memcpy(text, input + 1, size - 1);
	text[size - 1] = '\0';
	for (size_t at = 0; at < size - 1 && given.n < WORDS; at += strlen(text + at) + 1) {
		if (text[at] == '@') /* a file that is not the input's */
			text[at] = '?';
		words[given.n++] = text + at;
	}
	int r = data_parse(&need, &given, &data, &err);
	if (r)
		must(r == -err.code && err.what[0] && !data.have && !data.key && !data.value);
	else
		look_at(&need, &data);
	return 0;
}
