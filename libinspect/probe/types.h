/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * types.h - the running kernel's types, for questions
 *
 * Nothing is opened before the first question. The first two questions about a name are a walk over the bytes each (below a
 * millisecond, where the kernel lets its types be mapped); with the third one an index is made, some 4 ms, after which
 * another costs nothing. What a call on the kernel can answer is not asked here.
 *
 * Wherever a number is returned, a negative one is the errno of why the types cannot be had: types_unknown() puts that into an answer.
 */
#ifndef PROBE_TYPES_H
#define PROBE_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "btf/reader.h"
#include "kernel/proc.h"

struct probe;

/* Zeroed, nothing was asked yet. */
struct types {
	bool was_asked;
	int error;
	struct proc_bytes bytes;
	unsigned n_sought;
	struct btf_reader btf; /* open where end_id is not 0 */
	uint32_t *heads;       /* the index: by hash, the first id with it */
	uint32_t *next;	       /* by id, the next one with the same hash */
};

void types_done(struct types *types);

/* The types, open: 2 ms once. NULL where they cannot be had, and *error says why. */
const struct btf_reader *types_reader(struct probe *probe, int *error);

/*
 * The first type of this name and of one of @kinds, a bit each: 1u << KIND_STRUCT. 1; 0: there is none. What @out has
 * is valid as long as the probe is.
 */
int types_find(struct probe *probe, uint32_t kinds, const char *name, struct btf_sought *out);

/* The id of the first type of this kind and name; 0: there is none. KIND_ENUM is also one of 64 bits. */
int types_id(struct probe *probe, enum btf_reader_kind kind, const char *name);

/* 1 and the number of an enumerator, or 0. @enumeration NULL: of any enum, also one without a name (3 ms). */
int types_value(struct probe *probe, const char *enumeration, const char *name, uint64_t *value);

/* The first enumerator of this number, valid as long as the probe is; NULL: there is none, or the types cannot be had. */
const char *types_enumerator(struct probe *probe, const char *enumeration, uint64_t value);

/* Calls @each with all of an enum, in its order: 1, 0 where there is no such enum. What @each returns and is not 0 ends it. */
int types_enumerators(struct probe *probe, const char *enumeration,
		      int (*each)(void *context, const char *name, uint64_t value), void *context);

/*
 * Is there such a member? @structure: the name of a struct; of a union or a typedef where there is no such struct. @path: names parted by
 * dots; anonymous members are looked through, arrays too, and pointers are not. 1, 0.
 */
int types_member(struct probe *probe, const char *structure, const char *path);

/* Calls @each with every type of this kind whose name begins with @prefix: 0, or what @each returned and is not 0. */
int types_each(struct probe *probe, enum btf_reader_kind kind, const char *prefix,
	       int (*each)(void *context, const char *name, uint32_t id), void *context);

/*
 * Calls @each with every type that has this declaration tag: 0, or what @each returned and is not 0. Kernels tag functions from Linux 6.16 on
 * ("bpf_kfunc", "bpf_fastcall").
 */
int types_tagged(struct probe *probe, const char *tag,
		 int (*each)(void *context, const char *name, uint32_t id), void *context);

struct inspect_feature;

/* It cannot be told: the types cannot be had. @error is negative. */
void types_unknown(struct inspect_feature *out, int error);

#endif
