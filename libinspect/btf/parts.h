/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * parts.h - what a type consists of, by names
 *
 * Members, enumerators and variables are called out one by one. Members of anonymous members stand among
 * the others, as in C; those of a member whose type has no name are called "member.inner", and
 * "member[].inner" where there are several. So two types of different blobs can be compared, and no id matters.
 */
#ifndef BTF_PARTS_H
#define BTF_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "btf/reader.h"
#include "btf/text.h"

enum btf_part_kind {
	BTF_MEMBER,
	BTF_ENUMERATOR,
	BTF_VARIABLE, /* of a section */
};

/* Texts are valid until the next part. */
struct btf_part {
	enum btf_part_kind kind;
	const char *name;
	const char *
		type; /* as C has it, without the name and the width of a bit-field; "" of an enumerator */
	uint64_t bits_offset;
	uint32_t bitfield_bits; /* 0: none */
	uint64_t size;		/* in bytes */
	bool has_size;
	uint64_t value; /* of an enumerator */
	bool is_signed; /* it is a negative number where its highest bit is set */
};

typedef void btf_part_each(void *context, const struct btf_part *part);

/* A walk over parts. Zeroed but for btf and budget, it is ready. */
struct btf_parts {
	const struct btf_reader *btf;
	struct btf_budget *budget;
	struct buf path;
	struct buf type;
	btf_part_each *each;
	void *context;
	bool is_over; /* the budget, or the depth: parts are missing */
};

void btf_parts_done(struct btf_parts *parts);

/*
 * Calls @each with every part of a struct, union, enum, section, or of a typedef for one that has no name;
 * other types have none. 0, -ENOMEM, or -E2BIG where the type says far more than it has bytes.
 */
int btf_parts_all(struct btf_parts *parts, uint32_t id, btf_part_each *each, void *context,
		  struct inspect_error *err);

/*
 * Calls @each with those that a path leads to: names parted by dots, each a glob (see fnmatch(3)). Unlike above it
 * leads into members that have types of their own. Arrays stand for their first element.
 */
int btf_parts_fit(struct btf_parts *parts, uint32_t id, const char *path, btf_part_each *each,
		  void *context, struct inspect_error *err);

/* What else there is to say of a type. */
struct btf_head {
	uint32_t kind;	  /* an enum of 64 bits is KIND_ENUM */
	const char *name; /* valid as the blob is */
	uint64_t size;
	bool has_size;
	bool is_global; /* functions and variables: others see them */
};

bool btf_head_read(const struct btf_reader *btf, uint32_t id, struct btf_head *out);

/*
 * Adds what stands for the type in C to @out, without a NUL: a function's declaration with its name, the type of a
 * variable, what a typedef stands for, the encoding of a number. Nothing for all others.
 */
void btf_head_text(struct buf *out, const struct btf_reader *btf, uint32_t id,
		   struct btf_budget *budget);

/*
 * A number that two types share where they have the same kind, name and structure: size, parts, what they
 * stand for. Names of parameters do not count. Errors as btf_parts_all().
 */
int btf_digest(struct btf_parts *parts, uint32_t id, uint64_t *out, struct inspect_error *err);

#endif
