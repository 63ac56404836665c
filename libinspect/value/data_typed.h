/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * data_typed.h - words that are no bytes to the bytes of a key or a value
 */
#ifndef VALUE_DATA_TYPED_H
#define VALUE_DATA_TYPED_H

#include "value/data.h"

/* The words of a key or a value, and what they are for. */
struct data_words {
	const struct data_need *need;
	enum data_part part;
	bool may_borrow;
	size_t size; /* bytes that are wanted */
	const char *const *words;
	size_t n; /* up to the next keyword, at least one */
};

/* "key" or "value" */
const char *data_part_name(enum data_part part);

/*
 * Reads, and the first of these that it can be is what it is:
 *
 *	@FILE                  the bytes of a file
 *	hex 0a0b0c0d           hexadecimal digits, however they are parted
 *	{...}, [...], "..."    JSON, by the type; text of hexadecimal digits where there is none
 *	ADDRESS/BITS           the key of a prefix map
 *	u32=5 be16=80 ADDRESS  numbers of a size, and addresses, one behind the other
 *	WORD                   by the type: a number, a name, text, an address, ...
 *
 * Returns how many words that took, 0 where they are none of it (@err is left alone), or
 * -INSPECT_EUSAGE, -ENOMEM, or why the file or the type cannot be read.
 */
int data_typed_parse(const struct data_words *given, unsigned char **out,
		     struct inspect_error *err);

#endif
