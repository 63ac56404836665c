/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * swap.c - BTF made for machines of the other byte order
 *
 * A type's record and all that can follow it are 32-bit words, so types need not be known to be turned. The layout
 * table has bytes in front, and words whose order nobody asks for.
 */
#include "btf/swap.h"

#include <stdint.h>
#include <string.h>

#define HEADER_LEAST 24
#define TYPES_AT 8 /* in the header: offset and size of the types */

static uint32_t word_at(const unsigned char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static void swap_words(unsigned char *at, size_t size)
{
	for (; size >= 4; size -= 4, at += 4) {
		uint32_t word = __builtin_bswap32(word_at(at));

		memcpy(at, &word, sizeof(word));
	}
}

bool btf_is_swapped(const void *bytes, size_t size)
{
	uint16_t magic;

	if (size < sizeof(magic))
		return false;
	memcpy(&magic, bytes, sizeof(magic));
	return magic == 0x9feb;
}

void btf_swap(void *bytes, size_t size)
{
	unsigned char *at = bytes;

	if (size < HEADER_LEAST)
		return;
	unsigned char first = at[0];
	at[0] = at[1];
	at[1] = first;
	swap_words(at + 4, 4);
	size_t header = word_at(at + 4);
	if (header < HEADER_LEAST || header > size)
		return;
	swap_words(at + 8, header - 8);
	size_t types = word_at(at + TYPES_AT), length = word_at(at + TYPES_AT + 4);
	if (types <= size - header && length <= size - header - types)
		swap_words(at + header + types, length);
}
