/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * core.h - CO-RE relocations: what the types of an object are on another kernel
 *
 * The rules are those that libbpf's documentation tells. A type is looked for by its name up to "___". Members are found
 * by name, also in members without one, wherever they stand; elements must lie in the array; an enumerator goes by its
 * name. Where several types have the name, all that fit must give one result.
 *
 * Neither side is believed: references are looked up, chains and depths have an end, and so has the work for one object.
 */
#ifndef PROBE_CORE_H
#define PROBE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "btf/reader.h"
#include "code/ext.h"

enum core_kind {
	CORE_FIELD_BYTE_OFFSET,
	CORE_FIELD_BYTE_SIZE,
	CORE_FIELD_EXISTS,
	CORE_FIELD_SIGNED,
	CORE_FIELD_LSHIFT,
	CORE_FIELD_RSHIFT,
	CORE_TYPE_ID_LOCAL,
	CORE_TYPE_ID_TARGET,
	CORE_TYPE_EXISTS,
	CORE_TYPE_SIZE,
	CORE_ENUMVAL_EXISTS,
	CORE_ENUMVAL_VALUE,
	CORE_TYPE_MATCHES,
	CORE_KINDS,
};

static inline bool core_is_field(uint32_t kind)
{
	return kind <= CORE_FIELD_RSHIFT;
}

/* A no is an answer: the instruction gets 0. So it is with the size and the id of a type, too. */
static inline bool core_is_question(uint32_t kind)
{
	return kind == CORE_TYPE_SIZE || kind == CORE_TYPE_ID_TARGET || kind == CORE_FIELD_EXISTS ||
	       kind == CORE_TYPE_EXISTS || kind == CORE_ENUMVAL_EXISTS || kind == CORE_TYPE_MATCHES;
}

static inline bool core_is_enum(uint32_t kind)
{
	return kind == KIND_ENUM || kind == KIND_ENUM64;
}

static inline bool core_is_composite(uint32_t kind)
{
	return kind == KIND_STRUCT || kind == KIND_UNION;
}

/* Bytes of a name that count: those before "___" and what follows it. */
size_t core_name_length(const char *name);
bool core_same_name(const char *a, const char *b);

/* Types of a blob by name. Zeroed, there are none. */
struct core_types {
	const struct btf_reader *btf; /* borrowed */
	uint32_t *heads;	      /* 0: none */
	uint32_t *nexts;	      /* by the type's number among the blob's own */
	uint32_t mask;
};

/* The blob's own types, without its base's. 0 or -ENOMEM. */
int core_types_init(struct core_types *types, const struct btf_reader *btf);
void core_types_done(struct core_types *types);

/* The first of those with that name, of the same chain of hashes: core_types_next() goes on; 0 at the end. */
uint32_t core_types_first(const struct core_types *types, const char *name);
uint32_t core_types_next(const struct core_types *types, uint32_t id, const char *name);

/* A type of this kind and of exactly this name; 0 where there is none. Enums of both sizes are KIND_ENUM. */
uint32_t core_types_find(const struct core_types *types, uint32_t kind, const char *name);

#define CORE_STEPS (1u << 26) /* for the relocations of an object */

/* What is asked, and of whom. */
struct core {
	const struct btf_reader *local;
	const struct core_types *
		sets; /* the kernel's own, then its modules', which are asked where it knows no such type */
	unsigned n_sets;
	bool is_big;	/* the object's machine puts the high byte first */
	uint64_t steps; /* left */
};

enum core_answer {
	CORE_RESOLVED, /* a question always is */
	CORE_MISSING,
	CORE_DISAGREE, /* several types fit, and differ: libbpf refuses the object */
	CORE_BROKEN,   /* the relocation makes no sense: libbpf refuses the object */
	CORE_TOO_FAR,  /* the offset has no room in the instruction: libbpf refuses the object */
	CORE_TOO_MUCH, /* the work had to end */
};

struct core_result {
	enum core_answer answer;
	uint64_t value; /* what the instruction will have, where it is resolved */
};

/*
 * Resolves a relocation. @is_access: its instruction reads or writes the member itself, and then its size must
 * be the same, or that of an unsigned number or pointer. @why gets words where it is not resolved, without a NUL.
 */
void core_resolve(struct core *core, const struct ext_core *relo, bool is_access,
		  struct core_result *out, struct buf *why);

/* core_spec.c: which part of a type. */
#define CORE_PARTS 64

struct core_part {
	const char *name; /* of the member; NULL: an element, or the index of the pointer */
	uint32_t index;
	uint32_t type_id; /* of what the part is */
};

struct core_spec {
	uint32_t kind;	   /* enum core_kind */
	uint32_t type_id;  /* of the whole */
	const char *name;  /* the same's */
	uint32_t btf_kind; /* the same's */
	struct core_part parts[CORE_PARTS];
	unsigned n;
	const char *enumerator;
};

/* Of a field, where it is found. */
struct core_place {
	uint64_t bits_offset;
	uint32_t bitfield_size; /* bits; 0: none */
	uint32_t type_id;	/* of the field */
	uint64_t value;		/* of an enumerator */
	unsigned failed_part;	/* where it was not found */
	bool is_last;		/* a member, and the last one of what is around it */
	bool is_unlike;		/* the member is there, and of a type that does not fit */
};

/* False where the path makes no sense. */
bool core_spec_read(const struct btf_reader *local, const struct ext_core *relo,
		    struct core_spec *out);

/* Does the spec fit this type? */
bool core_spec_match(struct core *core, const struct core_spec *spec,
		     const struct btf_reader *target, uint32_t id, struct core_place *out);

/* core_value.c: what the instruction gets where the part is at that place; false: there is no such thing. */
bool core_value(const struct core *core, const struct core_spec *spec, const struct btf_reader *btf,
		const struct core_place *place, uint64_t *out);

/* core_compat.c: do two types go together? Each the less strict before. */
bool core_fields_fit(struct core *core, uint32_t local_id, const struct btf_reader *target,
		     uint32_t target_id);
bool core_types_fit(struct core *core, uint32_t local_id, const struct btf_reader *target,
		    uint32_t target_id);
bool core_types_match(struct core *core, uint32_t local_id, const struct btf_reader *target,
		      uint32_t target_id);

static inline bool core_take(struct core *core, uint64_t steps)
{
	if (core->steps < steps) {
		core->steps = 0;
		return false;
	}
	core->steps -= steps;
	return true;
}

#endif
