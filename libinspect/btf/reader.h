/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * reader.h - the types in a blob of BTF
 *
 * The blob may come from anybody. Opening checks every offset and length in it once; after that any
 * id and any string offset may be asked for, and those that the blob does not have are simply not
 * found. Ids that a type *refers* to are not checked: whoever follows them looks them up and guards
 * against cycles.
 *
 * The structs have names of their own, so that one file can include this and libbpf's headers.
 */
#ifndef BTF_READER_H
#define BTF_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "inspect.h"

enum btf_reader_kind {
	KIND_VOID, /* id 0 alone */
	KIND_INT,
	KIND_PTR,
	KIND_ARRAY,
	KIND_STRUCT,
	KIND_UNION,
	KIND_ENUM,
	KIND_FWD,
	KIND_TYPEDEF,
	KIND_VOLATILE,
	KIND_CONST,
	KIND_RESTRICT,
	KIND_FUNC,
	KIND_FUNC_PROTO,
	KIND_VAR,
	KIND_DATASEC,
	KIND_FLOAT,
	KIND_DECL_TAG,
	KIND_TYPE_TAG,
	KIND_ENUM64,
	KINDS, /* how many this build knows; larger ones are kept as numbers */
};

/*
 * An opened blob. Zeroed, it is closed. With a base, ids and string offsets go on where the base's
 * end, and every function below answers for both.
 */
struct btf_reader {
	const struct btf_reader *base;
	const unsigned char *types;
	const char *strings;
	uint32_t types_size;
	uint32_t strings_size;
	uint32_t first_id;     /* of this blob's own types */
	uint32_t end_id;       /* one past the last */
	uint32_t first_string; /* offset of this blob's own strings */
	uint32_t *offsets;     /* of the own types, in the type section */
	uint32_t stopped_kind; /* 0: all was read; else see btf_init() */
};

/* A type's record. Name and tail lie in the blob. */
struct btf_entry {
	uint32_t kind;
	const char *name; /* "" where it has none */
	uint32_t size_or_type;
	uint32_t vlen;
	bool kind_flag;
	const unsigned char *tail; /* what follows the record, see btf_word() */
	size_t tail_size;
};

/*
 * Opens the blob. @bytes and @base (NULL, or one that is open) are borrowed until btf_done(); @bytes
 * need not be aligned. Takes a third of the type section's size in memory, at most.
 *
 * A kind that this build does not know is kept if the blob says how long its records are. If not,
 * reading stops before it and that is no failure: the types before it are there, end_id is the id
 * it has, and stopped_kind its kind. Such a blob cannot be a base: its number of ids is not known.
 *
 * Returns 0, -EINVAL (what is wrong, and at which offset or id), -ENODATA (a header and nothing else) or
 * -ENOMEM.
 */
int btf_init(struct btf_reader *btf, const void *bytes, size_t size, const struct btf_reader *base,
	     struct inspect_error *err);
void btf_done(struct btf_reader *btf);

/* A type that was looked for. */
struct btf_sought {
	uint32_t id;
	struct btf_entry type;
	struct btf_reader btf; /* its strings alone can be asked for */
};

/*
 * Looks for the first type of this name, and of one of @kinds (a bit each, 1u << KIND_...), in a blob without a base that is
 * not open: one walk over its types, no memory, and a third of the cost of btf_init() and of what follows that. Names of elements
 * are not checked. The string must be there once only, which all who make BTF see to.
 *
 * Returns 1; 0 where there is none; -EOPNOTSUPP where none was found before a kind that this build does not know;
 * -EINVAL, -ENODATA.
 */
int btf_seek(struct btf_sought *out, const void *bytes, size_t size, const char *name,
	     uint32_t kinds, struct inspect_error *err);

/* One more than the highest id; void and the base's are counted. */
uint32_t btf_count(const struct btf_reader *btf);

/* False where there is no such id. */
bool btf_type(const struct btf_reader *btf, uint32_t id, struct btf_entry *out);

/* NULL where there is no such offset. */
const char *btf_string(const struct btf_reader *btf, uint32_t offset);

/* The function's name; NULL when @id is none. */
const char *btf_func_name(const struct btf_reader *btf, uint32_t id);

/* The 32-bit number at @offset of a tail; the caller knows that it is inside. */
static inline uint32_t btf_word(const unsigned char *tail, size_t offset)
{
	uint32_t word;

	memcpy(&word, tail + offset, sizeof(word));
	return word;
}

#endif
