/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_maker.h - makes blobs of BTF for tests, sound ones and others
 *
 *	struct maker m = { 0 };
 *	uint32_t name = maker_string(&m, "x");
 *	maker_type(&m, KIND_INT, name, 4, 0);
 *	maker_word(&m, 32);
 *	maker_finish(&m);
 *	... m.blob, m.size ...
 *	maker_done(&m);
 */
#ifndef TESTS_BTF_MAKER_H
#define TESTS_BTF_MAKER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Where the header's members are. */
enum {
	MAKER_AT_VERSION = 2,
	MAKER_AT_FLAGS = 3,
	MAKER_AT_HEADER_SIZE = 4,
	MAKER_AT_TYPES_OFFSET = 8,
	MAKER_AT_TYPES_SIZE = 12,
	MAKER_AT_STRINGS_OFFSET = 16,
	MAKER_AT_STRINGS_SIZE = 20,
	HEADER_BYTES = 24,
};

struct maker {
	struct buf types;
	struct buf strings;
	struct buf more_header; /* behind the 24 bytes */
	struct buf more;	/* behind the strings */
	bool is_split;		/* then there is no empty string in front */
	char *blob;		/* made by maker_finish(), exactly as large as it says */
	size_t size;
};

static inline void maker_done(struct maker *m)
{
	buf_done(&m->types);
	buf_done(&m->strings);
	buf_done(&m->more_header);
	buf_done(&m->more);
	free(m->blob);
	*m = (struct maker){ 0 };
}

static inline uint32_t maker_string_bytes(struct maker *m, const char *bytes, size_t size)
{
	if (!m->strings.size && !m->is_split)
		buf_add_char(&m->strings, '\0');

	uint32_t offset = (uint32_t)m->strings.size;
	buf_add(&m->strings, bytes, size);
	return offset;
}

static inline uint32_t maker_string(struct maker *m, const char *text)
{
	return maker_string_bytes(m, text, strlen(text) + 1);
}

static inline void maker_word(struct maker *m, uint32_t word)
{
	buf_add(&m->types, &word, sizeof(word));
}

static inline void maker_words(struct maker *m, uint32_t word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		maker_word(m, word);
}

/* The record alone; what the kind wants behind it is up to the caller. */
static inline void maker_type(struct maker *m, uint32_t kind, uint32_t name, uint32_t size_or_type,
			      uint32_t vlen)
{
	maker_word(m, name);
	maker_word(m, kind << 24 | vlen);
	maker_word(m, size_or_type);
}

static inline void maker_int(struct maker *m, const char *name)
{
	maker_type(m, 1, maker_string(m, name), 4, 0);
	maker_word(m, 32);
}

static inline void maker_set(struct maker *m, size_t at, uint32_t word)
{
	memcpy(m->blob + at, &word, sizeof(word));
}

/* Header, types, strings, and what else was added. */
static inline void maker_finish(struct maker *m)
{
	struct buf all = { 0 };
	uint32_t header[HEADER_BYTES / 4] = {
		0x0001eb9f,
		(uint32_t)(HEADER_BYTES + m->more_header.size),
		0,
		(uint32_t)m->types.size,
		(uint32_t)m->types.size,
	};

	if (!m->strings.size && !m->is_split)
		buf_add_char(&m->strings, '\0');
	header[5] = (uint32_t)m->strings.size;
	buf_add(&all, header, sizeof(header));
	buf_add(&all, m->more_header.bytes, m->more_header.size);
	buf_add(&all, m->types.bytes, m->types.size);
	buf_add(&all, m->strings.bytes, m->strings.size);
	buf_add(&all, m->more.bytes, m->more.size);

	free(m->blob);
	m->size = all.size;
	m->blob = malloc(all.size);
	if (!m->blob || buf_failed(&all))
		abort();
	memcpy(m->blob, all.bytes, all.size);
	buf_done(&all);
}

/* A layout table of @rows behind the strings, and the header that points there. */
static inline void maker_layout(struct maker *m, const void *rows, uint32_t size)
{
	uint32_t place[2] = { (uint32_t)(m->types.size + m->strings.size), size };

	buf_add(&m->more_header, place, sizeof(place));
	buf_add(&m->more, rows, size);
}

#endif
