/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.h - maps whose value is a struct of the kernel's with programs as its functions
 *
 * The value's type is a wrapper, bpf_struct_ops_NAME: the state of the registration, and the struct NAME.
 * A pointer to a function in it is the id of a program.
 */
#ifndef VALUE_STRUCT_OPS_H
#define VALUE_STRUCT_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "records/btf_source.h"
#include "records/inspect.h"
#include "records/struct_ops.h"

/* A link of a struct_ops map. */
struct struct_ops_link {
	uint32_t map_id;
	uint32_t link_id;
};

/* A walk over such maps. */
struct struct_ops_walk {
	struct inspect *inspect;
	const struct inspect_ref *ref;
	struct inspect_list *list;
	unsigned want;
	bool has_types;
	unsigned btf_id;	 /* of these types, as maps name it */
	struct btf_source types; /* the kernel's or a module's */
	bool has_links;
	struct struct_ops_link *links;
	size_t n_links;
	unsigned n_found;
};

/* A function of the struct, and the program that is there. */
struct struct_ops_function {
	const char *name; /* lies in the walk's types */
	uint32_t prog_id;
};

/* A map that was read. Until the next is read, walk->types has its types. */
struct struct_ops_map {
	struct inspect_map map;
	struct inspect_struct_ops shown;
	uint32_t type_id; /* of the wrapper */
	unsigned char *value;
	struct struct_ops_function *functions; /* those that have a program */
	size_t n_functions;
};

/* @ref, borrowed, may name maps of other types too: see struct_ops_next(). */
int struct_ops_walk_init(struct struct_ops_walk *walk, struct inspect *inspect,
			 const struct inspect_ref *ref, unsigned want, struct inspect_error *err);
void struct_ops_walk_done(struct struct_ops_walk *walk);

/*
 * Reads the next struct_ops map into @out, to be given to struct_ops_map_done(). Maps of other types are
 * passed over, unless one was asked for by its id or path. One that cannot be read comes with
 * map.failed.
 * Returns 1, 0 at the end, -ENOENT where no map fits a name, or another negative error.
 */
int struct_ops_next(struct struct_ops_walk *walk, struct struct_ops_map *out,
		    struct inspect_error *err);
void struct_ops_map_done(struct struct_ops_map *map);

/* The one map that a reference means, for what changes it: 0 or a negative error. */
int struct_ops_one(struct struct_ops_walk *walk, struct struct_ops_map *out,
		   struct inspect_error *err);

#endif
