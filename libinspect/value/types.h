/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * types.h - of which types the keys and values of a map are
 */
#ifndef VALUE_TYPES_H
#define VALUE_TYPES_H

#include <stdbool.h>

#include "inspect.h"
#include "records/btf_source.h"
#include "value/walk.h"

/* What is known of a map's types. Zeroed: nothing. */
struct elem_types {
	struct walk *key; /* NULL: keys are of no type */
	struct walk *value;
	unsigned lender; /* the program whose BTF it is, where the map has none */
	struct btf_source kernel;
};

/*
 * Finds the types of a map: in its own BTF, in the kernel's, or with @may_borrow in that of a program
 * that uses it. They use the BTF that @inspect read last, so that nobody may ask it for other BTF until
 * elem_types_done().
 *
 * Returns 1 with types, 0 where the map has none, or a negative errno where it has some that do not fit
 * or cannot be read: it is shown as bytes then, and @err says why.
 */
int elem_types_init(struct elem_types *out, struct inspect *inspect, const struct inspect_map *map,
		    enum walk_flavour flavour, bool may_borrow, struct inspect_error *err);
void elem_types_done(struct elem_types *types);

/* Where in BTF the types of a map are; 0 is none. */
struct type_ids {
	uint32_t key;
	uint32_t value;
};

/*
 * Finds the definition of a map in the BTF of a program: by its name among those in ".maps", or as the
 * section that it holds (the maps of global data). The kernel keeps 15 bytes of a name.
 */
bool type_ids_find(const struct btf_reader *btf, const struct inspect_map *map,
		   struct type_ids *out);

/*
 * Looks for a program that uses the map and has its definition. Returns the program's id, or 0; what may
 * not be read is passed over.
 */
unsigned type_ids_borrow(struct inspect *inspect, const struct inspect_map *map,
			 const struct btf_reader **btf, struct type_ids *out);

#endif
