/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * data.h - words to the bytes of a key and a value
 */
#ifndef VALUE_DATA_H
#define VALUE_DATA_H

#include <stdint.h>

#include "inspect.h"

enum data_part {
	DATA_KEY = 1,
	DATA_VALUE = 2,
	DATA_FLAG = 4, /* any, noexist or exist */
	DATA_CPU = 8,
};

/* What may stand there, and what must. */
struct data_need {
	unsigned takes;
	unsigned needs;
	size_t key_bytes;
	size_t value_bytes;
	bool is_reference; /* the value is an object */
	enum inspect_kind kind;
};

/* What stood there. Zeroed, nothing. */
struct data {
	unsigned have;
	unsigned char *key;
	unsigned char *value;
	struct inspect_ref reference; /* borrows from the words */
	uint64_t flag;
	unsigned cpu;
};

/*
 * Reads "key [hex] BYTE...", "value [hex] BYTE..." or "value OBJECT", a flag and "cpu N", in any order
 * and each at most once. A byte is a word, in memory order; after "hex" it is hexadecimal.
 *
 * Returns 0, -INSPECT_EUSAGE with the word that is wrong and its place, or -ENOMEM.
 */
int data_parse(const struct data_need *need, const struct inspect_words *words, struct data *out,
	       struct inspect_error *err);
void data_done(struct data *data);

#endif
