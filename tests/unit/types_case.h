/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * types_case.h - types, and the bytes of a value, for tests of what reads both
 */
#ifndef TESTS_TYPES_CASE_H
#define TESTS_TYPES_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "btf/reader.h"
#include "btf_maker.h"

#define SIGNED 1u
#define CHAR 2u
#define BOOL 4u
#define KIND_FLAG (1u << 31)

/* Types, their ids counted, and a value. */
struct types {
	struct maker maker;
	uint32_t n;
	unsigned char value[256];
	size_t size;
};

#define AUTO_TYPES AUTO(types_done) struct types

static inline void types_done(struct types *t)
{
	maker_done(&t->maker);
}

/* @more is put beside kind and vlen: KIND_FLAG or 0. */
static inline uint32_t add(struct types *t, uint32_t kind, const char *name, uint32_t size_or_type,
			   uint32_t vlen, uint32_t more)
{
	maker_word(&t->maker, name ? maker_string(&t->maker, name) : 0);
	maker_word(&t->maker, kind << 24 | vlen | more);
	maker_word(&t->maker, size_or_type);
	return ++t->n;
}

static inline void add_words(struct types *t, uint32_t a, uint32_t b, uint32_t c)
{
	maker_word(&t->maker, a);
	maker_word(&t->maker, b);
	maker_word(&t->maker, c);
}

static inline uint32_t add_int_bits(struct types *t, const char *name, uint32_t size,
				    uint32_t encoding, uint32_t shift, uint32_t bits)
{
	uint32_t id = add(t, KIND_INT, name, size, 0, 0);

	maker_word(&t->maker, encoding << 24 | shift << 16 | bits);
	return id;
}

static inline uint32_t add_int(struct types *t, const char *name, uint32_t size, uint32_t encoding)
{
	return add_int_bits(t, name, size, encoding, 0, size * 8);
}

static inline uint32_t add_array(struct types *t, uint32_t element, uint32_t count)
{
	uint32_t id = add(t, KIND_ARRAY, NULL, 0, 0, 0);

	add_words(t, element, 1, count);
	return id;
}

/* A member behind its record; @bits in front of the offset where the record has KIND_FLAG. */
static inline void add_member(struct types *t, const char *name, uint32_t type, uint32_t bit_offset,
			      uint32_t bits)
{
	add_words(t, name ? maker_string(&t->maker, name) : 0, type, bits << 24 | bit_offset);
}

static inline void add_enumerator(struct types *t, const char *name, uint32_t value)
{
	maker_word(&t->maker, maker_string(&t->maker, name));
	maker_word(&t->maker, value);
}

static inline void put(struct types *t, const void *bytes, size_t size)
{
	assert_true(t->size + size <= sizeof(t->value));
	memcpy(t->value + t->size, bytes, size);
	t->size += size;
}

#define PUT(t, type, ...)                                                                          \
	do {                                                                                       \
		const type _values[] = { __VA_ARGS__ };                                            \
		put((t), _values, sizeof(_values));                                                \
	} while (0)

#endif
