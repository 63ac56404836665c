/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.h - the elements of maps to a sink
 */
#ifndef VALUE_PRINT_H
#define VALUE_PRINT_H

#include "records/print.h"

extern const struct schema elem_schema, elem_count_schema, next_key_schema;

struct print_elems {
	unsigned long long limit; /* 0: no limit */
	bool count_only;
	void (*note)(void *context, const char *text); /* what is to be told beside the output */
	void (*fail)(void *context, const struct inspect_error *error); /* one of several maps */
	void *context;
};

/*
 * Prints the elements of every map of @ref, or how many there are.
 * Returns 0, 1 when a value could not be read, or a negative errno.
 */
int print_elems(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		const struct print_elems *how, struct inspect_error *err);

/*
 * Print one element: the one with the key in @words (a bloom filter is asked for a value instead), or
 * the next of a queue or a stack, which print_pop() takes out. Return 0, 1 when there is none, or a
 * negative errno.
 */
int print_lookup(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		 const struct inspect_words *words, const struct inspect_note *note,
		 struct inspect_error *err);
int print_pop(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	      const struct inspect_words *words, const struct inspect_note *note,
	      struct inspect_error *err);

/* Prints the key that comes after the one in @words, or the first one. */
int print_next_key(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		   const struct inspect_words *words, const struct inspect_note *note,
		   struct inspect_error *err);

#endif
