/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_kind.c - kinds of types that BPF_BTF_LOAD takes
 *
 * Each kind is loaded in a blob of its own, with as few other types as it needs, so that a kernel that refuses it says so
 * of that kind.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "btf/reader.h"
#include "probe/answer.h"
#include "probe/name.h"
#include "probe/probe.h"

#define WORDS_MOST 4
#define BEFORE 0xfffffffeu /* the type before this one; else ids are of the blob */
#define NAMED 1		   /* offsets of the strings below */
#define OTHER 3
#define FIRST_ID 1
#define INT_BITS 32u
#define TAG_OF_ALL 0xffffffffu /* a tag of the type itself, none of its members */

static const char strings[] = "\0a\0b";

/* What a kind needs before it; each row of these needs no other but those named before. */
enum needs {
	NEEDS_NOTHING,
	NEEDS_INT,
	NEEDS_PTR,   /* and the int that it points to */
	NEEDS_PROTO, /* a function's type */
	NEEDS_VAR,   /* and its int */
};

struct row {
	const char *name;
	uint32_t kind;
	enum needs needs;
	uint32_t name_offset;
	uint32_t vlen;
	uint32_t size_or_type;
	uint32_t n_words;
	uint32_t words[WORDS_MOST]; /* behind the record */
};

static const struct row rows[] = {
	{ "int", KIND_INT, NEEDS_NOTHING, NAMED, 0, 4, 1, { INT_BITS } },
	{ "ptr", KIND_PTR, NEEDS_INT, 0, 0, FIRST_ID, 0, { 0 } },
	{ "array", KIND_ARRAY, NEEDS_INT, 0, 0, 0, 3, { FIRST_ID, FIRST_ID, 1 } },
	{ "struct", KIND_STRUCT, NEEDS_INT, OTHER, 1, 4, 3, { NAMED, FIRST_ID, 0 } },
	{ "union", KIND_UNION, NEEDS_INT, OTHER, 1, 4, 3, { NAMED, FIRST_ID, 0 } },
	{ "enum", KIND_ENUM, NEEDS_NOTHING, OTHER, 1, 4, 2, { NAMED, 1 } },
	{ "fwd", KIND_FWD, NEEDS_NOTHING, NAMED, 0, 0, 0, { 0 } },
	{ "typedef", KIND_TYPEDEF, NEEDS_INT, OTHER, 0, FIRST_ID, 0, { 0 } },
	{ "volatile", KIND_VOLATILE, NEEDS_INT, 0, 0, FIRST_ID, 0, { 0 } },
	{ "const", KIND_CONST, NEEDS_INT, 0, 0, FIRST_ID, 0, { 0 } },
	{ "restrict", KIND_RESTRICT, NEEDS_PTR, 0, 0, BEFORE, 0, { 0 } },
	{ "func", KIND_FUNC, NEEDS_PROTO, NAMED, 0, BEFORE, 0, { 0 } },
	{ "func_proto", KIND_FUNC_PROTO, NEEDS_NOTHING, 0, 0, 0, 0, { 0 } },
	{ "var", KIND_VAR, NEEDS_INT, OTHER, 0, FIRST_ID, 1, { 0 } },
	{ "datasec", KIND_DATASEC, NEEDS_VAR, NAMED, 1, 4, 3, { BEFORE, 0, 4 } },
	{ "float", KIND_FLOAT, NEEDS_NOTHING, NAMED, 0, 4, 0, { 0 } },
	{ "decl_tag", KIND_DECL_TAG, NEEDS_VAR, NAMED, 0, BEFORE, 1, { TAG_OF_ALL } },
	{ "type_tag", KIND_TYPE_TAG, NEEDS_INT, NAMED, 0, FIRST_ID, 0, { 0 } },
	{ "enum64", KIND_ENUM64, NEEDS_NOTHING, OTHER, 1, 8, 3, { NAMED, 1, 0 } },
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

struct header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_size, types_offset, types_size, strings_offset, strings_size;
};

struct blob {
	struct buf types;
	uint32_t n;
};

static void blob_done(struct blob *blob)
{
	buf_done(&blob->types);
}

static void add_word(struct blob *blob, uint32_t word)
{
	word = word == BEFORE ? blob->n : word;
	buf_add(&blob->types, &word, sizeof(word));
}

static const struct row *row_of(uint32_t kind)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].kind == kind)
			return &rows[i];
	return NULL;
}

static void add_row(struct blob *blob, const struct row *row)
{
	add_word(blob, row->name_offset);
	add_word(blob, row->kind << 24 | row->vlen);
	add_word(blob, row->size_or_type);
	for (uint32_t i = 0; i < row->n_words; i++)
		add_word(blob, row->words[i]);
	blob->n++;
}

static void add_needed(struct blob *blob, enum needs needs)
{
	if (needs == NEEDS_INT || needs == NEEDS_PTR || needs == NEEDS_VAR)
		add_row(blob, row_of(KIND_INT));
	if (needs == NEEDS_PTR)
		add_row(blob, row_of(KIND_PTR));
	else if (needs == NEEDS_PROTO)
		add_row(blob, row_of(KIND_FUNC_PROTO));
	else if (needs == NEEDS_VAR)
		add_row(blob, row_of(KIND_VAR));
}

/* The errno, or 0. */
static int load(const struct probe *probe, const struct row *row)
{
	AUTO(buf_done) struct buf bytes = { 0 };
	AUTO(blob_done) struct blob blob = { 0 };

	add_needed(&blob, row->needs);
	add_row(&blob, row);
	uint32_t size = (uint32_t)blob.types.size;
	const struct header header = {
		0xeb9f, 1, 0, sizeof(header), 0, size, size, sizeof(strings)
	};
	buf_add(&bytes, &header, sizeof(header));
	buf_add(&bytes, blob.types.bytes, blob.types.size);
	buf_add(&bytes, strings, sizeof(strings));
	if (buf_failed(&blob.types) || buf_failed(&bytes))
		return ENOMEM;
	autoclose int fd = sys_btf_load(probe->sys, bytes.bytes, (uint32_t)bytes.size, NULL, 0);
	return fd < 0 ? -fd : 0;
}

/* @used: how many the kernel's own types have of it, or 0 where that is not told. */
static int tell(struct probe *probe, const struct row *row, uint32_t used)
{
	static const int means_no[3] = { EINVAL };
	struct inspect_feature out = { .kind = INSPECT_FEATURE_BTF_KIND, .name = row->name };
	char value[NUM_ROOM + 1];

	if (answer_may(probe, ANSWER_BTF, &out))
		answer_call(probe, &out, ANSWER_BTF, load(probe, row), means_no);
	value[num_format_u64(value, used)] = '\0';
	out.value = used ? value : NULL;
	return probe_tell(probe, &out);
}

static void count_kinds(struct probe *probe, uint32_t used[KINDS])
{
	struct btf_entry type;
	int error;

	const struct btf_reader *btf = types_reader(probe, &error);
	for (uint32_t id = 1; btf && btf_type(btf, id, &type); id++)
		if (type.kind < KINDS)
			used[type.kind]++;
}

int btf_kind_each(struct probe *probe, struct inspect_error *err)
{
	uint32_t used[KINDS] = { 0 };

	(void)err;
	count_kinds(probe, used);
	for (size_t i = 0; i < N_ROWS; i++) {
		int r = tell(probe, &rows[i], used[rows[i].kind]);

		if (r)
			return r;
	}
	return 0;
}

int btf_kind_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err)
{
	int i = name_row(NAME_ROWS(rows), question->name);

	return i < 0 ? name_unknown(question, NAME_ROWS(rows), err) : tell(probe, &rows[i], 0);
}
