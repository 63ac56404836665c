/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * elem_parse.h - an element as JSON to the bytes of its key and value
 *
 * The inverse of what 'map dump' writes with -o json and jsonl; the elements of -j are understood too.
 */
#ifndef VALUE_ELEM_PARSE_H
#define VALUE_ELEM_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "inspect.h"
#include "value/types.h"

/* What is known of the map. */
struct elem_parser {
	const struct inspect_map *map;
	const struct elem_types *types;
	const unsigned *cpus; /* where it has a value for each */
	unsigned n_cpus;
	size_t value_size; /* of an element, as elems_value_size() has it */
};

struct parsed_elem {
	bool has_map_id;
	unsigned map_id;    /* of the map that it was dumped from */
	bool is_empty_slot; /* there is no value to write */
	unsigned line;	    /* of its lines, from 0 the one on which something is wrong */
};

/*
 * Reads one element; @key and @value have room for both. Zeros stand where a type has nothing. The value
 * of a map of maps or of programs is an id, as the kernel gives it out.
 *
 * Returns 0, -EINVAL (what is wrong, and where), -E2BIG (too deep) or -ENOMEM. out->line is set either way.
 */
int elem_parse(const struct elem_parser *parser, const char *text, size_t size, unsigned char *key,
	       unsigned char *value, struct parsed_elem *out, struct inspect_error *err);

#endif
