/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * encoder.h - what encode.c and encode_scalar.c share
 */
#ifndef VALUE_ENCODER_H
#define VALUE_ENCODER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inspect.h"
#include "value/steps.h"

/* A number of any size that a type has. */
struct encode_number {
	bool is_negative;
	unsigned __int128 magnitude;
};

/* One of the names that lead to the value at hand. */
struct encode_crumb {
	const char *key; /* NULL: an element of a list */
	size_t index;
};

struct encoder {
	const struct walk *walk;
	const char *name;
	unsigned char *bytes;
	unsigned char *given; /* which of their bits were given */
	/*
	 * A true bool, and what is no number, say less than all their bits do. They come in a second pass,
	 * when all else is there: where that says more, it only has to agree.
	 */
	bool has_loose;
	bool is_second;
	unsigned depth;
	struct encode_crumb path[2 * STEPS_DEPTH];
	struct inspect_error *err;
};

/* "NAME.member[3]: ..."; returns -EINVAL. */
int encoder_fail(const struct encoder *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "... is wanted, got ...", with what there is. */
int encoder_fail_kind(const struct encoder *e, const char *wanted, json_t *json);

/* Puts bytes, of which the bits of @mask are told (NULL: all); what others told of them must agree. */
int encoder_put(struct encoder *e, size_t at, const void *bytes, const unsigned char *mask,
		size_t size);

/* A value that a single step shows; @at is where the step's offset counts from. */
int encoder_put_scalar(struct encoder *e, const struct step *step, size_t at, json_t *json);

/* The text is an address, or digits, of exactly @size bytes: 1 where it was put, 0 where it is none. */
int encoder_put_packed(struct encoder *e, size_t at, size_t size, json_t *json);

/* A number in text: false where it is none, or larger than any type. */
bool encode_number_parse(const char *text, struct encode_number *out);

/* Does the number fit @bits bits? If so, *out has these bits. */
bool encode_number_fits(const struct encode_number *number, unsigned bits, bool is_signed,
			unsigned __int128 *out);

#endif
