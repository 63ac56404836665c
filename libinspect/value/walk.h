/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * walk.h - bytes of a type to events
 *
 * A type is looked through once, and becomes a flat list of steps that is run for each value.
 * Types may come from anybody: those that cannot have a value (cycles, absurd sizes, members beyond the
 * end) are refused, and the message says which type it is.
 */
#ifndef VALUE_WALK_H
#define VALUE_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "btf/reader.h"
#include "out/sink.h"

enum walk_flavour {
	WALK_PLAIN,  /* bpftool's text for people: pointers as text */
	WALK_JSON,   /* bpftool's JSON: pointers as numbers */
	WALK_STRICT, /* bit-fields as numbers, members of anonymous members among the others */
};

struct walk;

/*
 * Compiles a type. @btf is borrowed until walk_free(). What only a member is of no known type is shown
 * as its bytes.
 *
 * Returns 0, -EINVAL (values cannot be of that type: why, and the type's id), -E2BIG (too deep or too
 * large to be looked through) or -ENOMEM.
 */
int walk_new(const struct btf_reader *btf, uint32_t type_id, enum walk_flavour flavour,
	     struct walk **out, struct inspect_error *err);
void walk_free(struct walk *walk);

/*
 * From now on an array of char is text only where nothing but zeros stands behind the text, and a list
 * of numbers else: of a key, bytes that do not show would make two look as one.
 */
void walk_be_exact(struct walk *walk);

/*
 * From now on @put puts what stands for a pointer to a function: @proto is the type of that, in the BTF
 * of the walk. In a struct_ops map such a pointer is the id of a program.
 */
typedef void walk_function(void *context, struct sink *sink, const char *key, uint32_t proto,
			   uint64_t value);
void walk_set_functions(struct walk *walk, walk_function *put, void *context);

/* Bytes of a value. */
size_t walk_size(const struct walk *walk);

/* Is a value one number, text, or yes or no, rather than a list or a record? */
bool walk_is_scalar(const struct walk *walk);

/* Puts the value at @bytes; where there are fewer than walk_size(), only these bytes. */
void walk_put(const struct walk *walk, struct sink *sink, const char *key, const void *bytes,
	      size_t size);

#endif
