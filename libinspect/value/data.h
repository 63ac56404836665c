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
	DATA_TYPED = 16, /* types may be those that a program has for the map */
};

struct walk;

/* What may stand there, and what must. */
struct data_need {
	unsigned takes;
	unsigned needs;
	size_t key_bytes;
	size_t value_bytes;
	bool is_reference; /* the value is an object */
	enum inspect_kind kind;
	bool is_prefix; /* keys begin with the length of a prefix */
	/*
	 * Finds the type of a key or a value; *out is NULL where it has none. It is asked only for words
	 * that are no bytes. NULL: there are no types.
	 */
	int (*get_walk)(void *context, enum data_part part, bool may_borrow,
			const struct walk **out, struct inspect_error *err);
	void *context;
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
 * Reads "key DATA", "value DATA" or "value OBJECT", a flag, "cpu N" and "typed", in any order (but "typed"
 * before the data that it is for) and each at most once. Data are what they are to bpftool where it
 * takes them: a byte is a word, in memory order, and after "hex" hexadecimal. What else they may be stands
 * at data_typed_parse().
 *
 * Returns 0, -INSPECT_EUSAGE with the word that is wrong and its place, -ENOMEM, or why a file or the types
 * cannot be read.
 */
int data_parse(const struct data_need *need, const struct inspect_words *words, struct data *out,
	       struct inspect_error *err);
void data_done(struct data *data);

#endif
