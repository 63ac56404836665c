/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cblob.c - the same types once more, as a blob of which every record can be said in C
 *
 * Since offsets of strings in a split blob go on where those of its base end, the two string sections
 * one behind the other keep every offset as it is. New strings come behind both.
 */
#include "btf/cblob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "btf/crowd.h"
#include "btf/raw.h"

#define RECORD_BYTES 12
#define MEMBER_BYTES 12
#define KIND_FLAG (1u << 31)
#define INT_SIGNED (1u << 24)
#define INT_CHAR (2u << 24)
#define INT_BOOL (4u << 24)

#define LEFT_OUT "btf_left_out"

/* Strings that types of ours have. */
static const char own_words[] =
	LEFT_OUT "\0_Bool\0char\0signed char\0unsigned char\0short\0unsigned short\0int\0"
		 "unsigned int\0long long\0unsigned long long\0__int128\0unsigned __int128\0"
		 "_Float16\0float\0double\0long double";

struct header {
	uint32_t magic_and_version;
	uint32_t header_size;
	uint32_t types_offset;
	uint32_t types_size;
	uint32_t strings_offset;
	uint32_t strings_size;
};

struct copy {
	const struct btf_reader *btf;
	const struct btf_sound *sound;
	struct cnames *names;
	struct buf types;
	struct buf more;    /* types behind the last */
	uint32_t next_id;   /* that the next of those has */
	uint32_t first_own; /* offset of our own words */
	uint32_t first_new; /* offset of the identifiers */
	uint32_t *nameless; /* ids, by id of the struct that has a name; NULL until there is one */
	bool failed;
};

/* --- strings --------------------------------------------------------------- */

/* The name at @at in the types that were copied, if it must be replaced. */
static void patch_name(struct copy *copy, struct buf *to, size_t at, const char *name,
		       bool is_quoted)
{
	uint32_t offset;

	if (to->failed)
		return;
	if (!(is_quoted ? cnames_add_quoted : cnames_add)(copy->names, name, &offset)) {
		copy->failed = true;
		return;
	}
	offset += copy->first_new;
	memcpy(to->bytes + at, &offset, sizeof(offset));
}

static void clean_name(struct copy *copy, struct buf *to, size_t at, const char *name)
{
	if (*name && !cname_is_good(name))
		patch_name(copy, to, at, name, false);
}

static void clean_elements(struct copy *copy, struct buf *to, size_t at,
			   const struct btf_entry *type, uint32_t each)
{
	for (uint32_t i = 0; i < type->vlen; i++, at += each)
		clean_name(copy, to, at,
			   btf_string(copy->btf, btf_word(type->tail, (size_t)each * i)));
}

/*
 * Words of a type tag, between quotes. An attribute (a tag with the flag) is code: all but letters,
 * digits and what parts arguments could be anything.
 */
static bool tag_is_good(const char *text, bool is_attribute)
{
	int depth = 0;

	for (size_t i = 0; text[i]; i++) {
		char c = text[i];

		if (i > CNAMES_MOST || c < 0x20 || c > 0x7e)
			return false;
		if (!is_attribute && strchr("\"\\?", c))
			return false;
		if (is_attribute && strchr("\"\\'{};#?*/$@`~!^&|<>=+%[]:.-", c))
			return false;
		depth += (c == '(') - (c == ')');
		if (is_attribute && (depth < 0 || depth > 1))
			return false;
	}
	return !is_attribute || (depth == 0 && cname_is_good((char[]){ text[0], '\0' }));
}

/* --- types ----------------------------------------------------------------- */

static void put_record(struct buf *to, uint32_t name, uint32_t info, uint32_t size_or_type)
{
	uint32_t words[3] = { name, info, size_or_type };

	buf_add(to, words, sizeof(words));
}

/* The offset of a word of ours; it is one of own_words. */
static uint32_t own_word(const struct copy *copy, const char *word)
{
	const char *at = own_words;

	while (strcmp(at, word) != 0)
		at += strlen(at) + 1;
	return copy->first_own + (uint32_t)(at - own_words);
}

/* A reference to a type that is not there leads to what stands for all such. */
static void patch_ref(const struct copy *copy, struct buf *to, size_t at)
{
	uint32_t end = btf_count(copy->btf), id;

	if (to->failed)
		return;
	memcpy(&id, to->bytes + at, sizeof(id));
	if (id >= end)
		memcpy(to->bytes + at, &end, sizeof(end));
}

static void patch_refs(const struct copy *copy, struct buf *to, size_t begin,
		       const struct btf_entry *type)
{
	size_t tail = begin + RECORD_BYTES;

	switch (type->kind) {
	case KIND_STRUCT:
	case KIND_UNION:
		for (uint32_t i = 0; i < type->vlen; i++)
			patch_ref(copy, to, tail + (size_t)MEMBER_BYTES * i + 4);
		return;
	case KIND_DATASEC:
		for (uint32_t i = 0; i < type->vlen; i++)
			patch_ref(copy, to, tail + (size_t)MEMBER_BYTES * i);
		return;
	case KIND_FUNC_PROTO:
		patch_ref(copy, to, begin + 8);
		for (uint32_t i = 0; i < type->vlen; i++)
			patch_ref(copy, to, tail + (size_t)8 * i + 4);
		return;
	case KIND_ARRAY:
		patch_ref(copy, to, tail);
		patch_ref(copy, to, tail + 4);
		return;
	case KIND_INT:
	case KIND_ENUM:
	case KIND_ENUM64:
	case KIND_FLOAT:
	case KIND_FWD:
		return;
	default:
		patch_ref(copy, to, begin + 8);
	}
}

/* Members in the order of their places, as C has them. Rust's come in another. */
struct member {
	uint32_t words[3];
	uint32_t start;
	uint32_t i;
};

static int compare_members(const void *one, const void *two)
{
	const struct member *a = one, *b = two;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

static bool is_in_order(const struct btf_entry *type)
{
	for (uint32_t i = 1; i < type->vlen; i++)
		if (btf_member_at(type, i - 1).bits_offset > btf_member_at(type, i).bits_offset)
			return false;
	return true;
}

static void sort_members(struct copy *copy, struct buf *to, size_t at, const struct btf_entry *type)
{
	if (to->failed || is_in_order(type))
		return;

	autofree struct member *members = calloc(type->vlen, sizeof(*members));
	if (!members) {
		copy->failed = true;
		return;
	}
	for (uint32_t i = 0; i < type->vlen; i++) {
		memcpy(members[i].words, to->bytes + at + (size_t)MEMBER_BYTES * i, MEMBER_BYTES);
		members[i].start = btf_member_at(type, i).bits_offset;
		members[i].i = i;
	}
	qsort(members, type->vlen, sizeof(*members), compare_members);
	for (uint32_t i = 0; i < type->vlen; i++)
		memcpy(to->bytes + at + (size_t)MEMBER_BYTES * i, members[i].words, MEMBER_BYTES);
}

/* How many bytes a number has whose name is these words of C; 0: they are none. 48: 4 or 8. */
static uint32_t bytes_of_words(const char *name)
{
	static const struct {
		const char *word;
		uint32_t bytes;
	} words[] = {
		{ "char", 1 },	      { "short", 2 },	   { "int", 4 },       { "long", 48 },
		{ "signed", 4 },      { "unsigned", 4 },   { "__int128", 16 }, { "_Bool", 1 },
		{ "float", 4 },	      { "double", 8 },	   { "_Float16", 2 },  { "__bf16", 2 },
		{ "__float128", 16 }, { "_Float128", 16 },
	};
	uint32_t bytes = 0;

	for (int n_words = 0; *name && n_words < 5; n_words++) {
		size_t size = strcspn(name, " "), i = 0, n = sizeof(words) / sizeof(*words);

		while (i < n && (strncmp(words[i].word, name, size) || words[i].word[size]))
			i++;
		if (i == n || !size)
			return 0;
		uint32_t more = words[i].bytes;
		if (!bytes || bytes == 4)
			bytes = bytes == 4 && more == 8 ? 0 : more;
		else if (bytes == 48 && (more == 48 || more == 8))
			bytes = more == 48 ? 8 : 16;
		else if (more != 4)
			return 0;
		name += size + (name[size] == ' ');
	}
	return *name ? 0 : bytes;
}

static bool number_is_good(const struct btf_entry *type)
{
	uint32_t bytes = bytes_of_words(type->name), has = type->size_or_type;

	if (bytes == 48)
		return has == 4 || has == 8;
	if (bytes == 16 && type->kind == KIND_FLOAT)
		return has == 16 || has == 12 || has == 8; /* long double */
	return bytes == has;
}

static const char *word_for_int(uint32_t bytes, uint32_t encoding)
{
	bool is_signed = encoding & INT_SIGNED;

	if ((encoding & INT_BOOL) && bytes == 1)
		return "_Bool";
	switch (bytes) {
	case 1:
		return encoding & INT_CHAR ? "char" : is_signed ? "signed char" : "unsigned char";
	case 2:
		return is_signed ? "short" : "unsigned short";
	case 4:
		return is_signed ? "int" : "unsigned int";
	case 8:
		return is_signed ? "long long" : "unsigned long long";
	default:
		return is_signed ? "__int128" : "unsigned __int128";
	}
}

static const char *word_for_float(uint32_t bytes)
{
	return bytes <= 2   ? "_Float16"
	       : bytes <= 4 ? "float"
	       : bytes <= 8 ? "double"
			    : "long double";
}

/* A number that C has under another name (u32 of Rust) becomes a typedef for that. */
static void copy_number(struct copy *copy, const struct btf_entry *type)
{
	bool is_int = type->kind == KIND_INT;
	uint32_t encoding = is_int ? btf_word(type->tail, 0) : 0, bytes = type->size_or_type;
	const char *word = is_int ? word_for_int(bytes, encoding) : word_for_float(bytes);
	struct buf *to = &copy->types;
	size_t begin = to->size;

	put_record(to, btf_word(type->tail - RECORD_BYTES, 0), KIND_TYPEDEF << 24, copy->next_id++);
	clean_name(copy, to, begin, type->name);
	put_record(&copy->more, own_word(copy, word), type->kind << 24, bytes);
	if (is_int) {
		encoding = (encoding & ~0xffffu) | bytes * 8;
		buf_add(&copy->more, &encoding, sizeof(encoding));
	}
}

/* A struct or a union of that name, declared ahead; all that have no name share one. */
static void put_left_out(struct copy *copy, const struct btf_entry *type)
{
	struct buf *to = &copy->types;
	size_t begin = to->size;
	uint32_t flag = type->kind == KIND_UNION ? KIND_FLAG : 0;
	uint32_t name =
		type->name[0] ? btf_word(type->tail - RECORD_BYTES, 0) : own_word(copy, LEFT_OUT);

	put_record(to, name, KIND_FWD << 24 | flag, 0);
	clean_name(copy, to, begin, type->name);
}

static void clean_tag(struct copy *copy, struct buf *to, size_t begin, const struct btf_entry *type)
{
	uint32_t info = KIND_TYPE_TAG << 24;

	if (tag_is_good(type->name, type->kind_flag))
		return;
	if (!to->failed)
		memcpy(to->bytes + begin + 4, &info, sizeof(info));
	patch_name(copy, to, begin, type->name, true);
}

static void clean_record(struct copy *copy, struct buf *to, size_t begin,
			 const struct btf_entry *type)
{
	switch (type->kind) {
	case KIND_STRUCT:
	case KIND_UNION:
		clean_name(copy, to, begin, type->name);
		clean_elements(copy, to, begin + RECORD_BYTES, type, MEMBER_BYTES);
		sort_members(copy, to, begin + RECORD_BYTES, type);
		return;
	case KIND_ENUM:
	case KIND_ENUM64:
		clean_name(copy, to, begin, type->name);
		clean_elements(copy, to, begin + RECORD_BYTES, type,
			       type->kind == KIND_ENUM ? 8 : MEMBER_BYTES);
		return;
	case KIND_FUNC_PROTO:
		clean_elements(copy, to, begin + RECORD_BYTES, type, 8);
		return;
	case KIND_FWD:
	case KIND_TYPEDEF:
		clean_name(copy, to, begin, type->name);
		return;
	case KIND_TYPE_TAG:
		clean_tag(copy, to, begin, type);
		return;
	default:
		return;
	}
}

/* --- members without a name ------------------------------------------------ */

static void copy_record(struct copy *copy, struct buf *to, const struct btf_entry *type);

/* The id of the same struct or union without a name, or 0 where memory is short. */
static uint32_t nameless(struct copy *copy, uint32_t id)
{
	uint32_t no_name = 0, n = btf_count(copy->btf);
	AUTO(buf_done) struct buf record = { 0 };
	struct btf_entry type;

	if (!copy->nameless)
		copy->nameless = calloc(n, sizeof(*copy->nameless));
	if (!copy->nameless)
		copy->failed = true;
	if (copy->failed || copy->nameless[id])
		return copy->failed ? 0 : copy->nameless[id];

	btf_type(copy->btf, id, &type);
	copy_record(copy, &record, &type);
	if (buf_failed(&record)) {
		copy->failed = true;
		return 0;
	}
	memcpy(record.bytes, &no_name, sizeof(no_name));
	buf_add(&copy->more, record.bytes, record.size);
	copy->nameless[id] = copy->next_id++;
	return copy->nameless[id];
}

/*
 * A member without a name whose type has one is C only with -fms-extensions, with which kernels are
 * made since 6.19. Elsewhere it declares nothing, and what follows has another place. The type's
 * members are written out there instead. This recurses as deep as structs are in each other, which
 * sound.c limits.
 */
static void inline_members(struct copy *copy, struct buf *to, size_t at,
			   const struct btf_entry *type)
{
	for (uint32_t i = 0; i < type->vlen && !to->failed; i++) {
		uint32_t id = btf_named_inside(copy->btf, type, i);

		if (!id)
			continue;
		id = nameless(copy, id);
		memcpy(to->bytes + at + (size_t)MEMBER_BYTES * i + 4, &id, sizeof(id));
	}
}

/* Puts the record of a type behind what is there, and makes it one that C can say. */
static void copy_record(struct copy *copy, struct buf *to, const struct btf_entry *type)
{
	size_t begin = to->size;

	buf_add(to, type->tail - RECORD_BYTES, RECORD_BYTES + type->tail_size);
	if (copy->btf->stopped_kind)
		patch_refs(copy, to, begin, type);
	if (type->kind == KIND_STRUCT || type->kind == KIND_UNION)
		inline_members(copy, to, begin + RECORD_BYTES, type);
	clean_record(copy, to, begin, type);
}

static void copy_type(struct copy *copy, uint32_t id)
{
	struct btf_entry type;

	btf_type(copy->btf, id, &type);
	if (copy->sound->left_out[id])
		put_left_out(copy, &type);
	else if ((type.kind == KIND_INT || type.kind == KIND_FLOAT) && !number_is_good(&type))
		copy_number(copy, &type);
	else
		copy_record(copy, &copy->types, &type);
}

/* --- all of it ------------------------------------------------------------- */

static void add_strings(struct buf *out, const struct btf_reader *btf)
{
	const struct btf_reader *parts[2] = { btf->base, btf };

	for (size_t i = 0; i < 2; i++)
		if (parts[i])
			buf_add(out, parts[i]->strings, parts[i]->strings_size);
}

/* Header, types and strings, one behind the other. */
static int assemble(struct copy *copy, struct btf_cblob *out, struct inspect_error *err)
{
	uint64_t types = (uint64_t)copy->types.size + copy->more.size;
	uint64_t strings = (uint64_t)copy->first_new + copy->names->text.size;
	AUTO(buf_done) struct buf all = { 0 };

	if (types > INT32_MAX || strings > INT32_MAX)
		return inspect_fail(err, EFBIG, "types: print as C");

	struct header header = {
		.magic_and_version = 0x0001eb9f,
		.header_size = sizeof(header),
		.types_size = (uint32_t)types,
		.strings_offset = (uint32_t)types,
		.strings_size = (uint32_t)strings,
	};
	buf_reserve(&all, sizeof(header) + types + strings);
	buf_add(&all, &header, sizeof(header));
	buf_add(&all, copy->types.bytes, copy->types.size);
	buf_add(&all, copy->more.bytes, copy->more.size);
	add_strings(&all, copy->btf);
	buf_add(&all, own_words, sizeof(own_words));
	buf_add(&all, copy->names->text.bytes, copy->names->text.size);
	if (copy->names->is_crowded)
		return btf_crowd_fail(err);
	if (copy->failed || copy->types.failed || copy->more.failed || buf_failed(&all))
		return inspect_fail(err, ENOMEM, "types: print as C");
	out->size = all.size;
	out->bytes = take_ptr(&all.bytes);
	return 0;
}

static int copy_all(struct copy *copy, struct btf_cblob *out, struct inspect_error *err)
{
	uint32_t n = btf_count(copy->btf);
	const struct btf_reader *btf = copy->btf;

	buf_reserve(&copy->types,
		    btf->types_size + (btf->base ? (size_t)btf->base->types_size : 0));
	for (uint32_t id = 1; id < n; id++)
		copy_type(copy, id);
	if (btf->stopped_kind) /* its id is the first that is not there */
		put_record(&copy->types, own_word(copy, LEFT_OUT), KIND_FWD << 24, 0);
	return assemble(copy, out, err);
}

static void copy_done(struct copy *copy)
{
	buf_done(&copy->types);
	buf_done(&copy->more);
	free(copy->nameless);
}

int btf_cblob_init(struct btf_cblob *out, const struct btf_reader *btf,
		   const struct btf_sound *sound, struct inspect_error *err)
{
	AUTO(btf_cblob_done) struct btf_cblob blob = { 0 };
	AUTO(copy_done)
	struct copy copy = {
		.btf = btf,
		.sound = sound,
		.names = &blob.names,
		.next_id = btf_count(btf) + (btf->stopped_kind ? 1 : 0),
		.first_own = btf->first_string + btf->strings_size,
	};

	*out = (struct btf_cblob){ 0 };
	copy.first_new = copy.first_own + (uint32_t)sizeof(own_words);
	int r = copy_all(&copy, &blob, err);
	if (r < 0)
		return r;
	*out = blob;
	blob = (struct btf_cblob){ 0 };
	return 0;
}

void btf_cblob_done(struct btf_cblob *blob)
{
	free(blob->bytes);
	cnames_done(&blob->names);
	*blob = (struct btf_cblob){ 0 };
}
