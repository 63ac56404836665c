/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * reader.c - the types in a blob of BTF
 *
 * Nothing may be believed before it is compared with the room that is left. Sums of two 32-bit
 * numbers from the blob are made in 64 bits, and nothing here recurses or loops by content: the
 * walk over the type section only ever moves forward.
 */
#include "btf/reader.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"

#define MAGIC 0xeb9f
#define MAGIC_SWAPPED 0x9feb
#define VERSION 1
#define RECORD_SIZE 12
#define LAYOUT_ROW_SIZE 4

/* The beginning of every blob. Offsets count from the end of the header. */
struct header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t header_size;
	uint32_t types_offset;
	uint32_t types_size;
	uint32_t strings_offset;
	uint32_t strings_size;
	uint32_t layout_offset; /* Linux 7.1; only in headers of 32 bytes and more */
	uint32_t layout_size;
};

#define HEADER_LEAST offsetof(struct header, layout_offset)

/* What follows a record: bytes that stand there once, then bytes for each of its elements. */
struct layout {
	const char *name;
	uint8_t once;
	uint8_t each;
	bool has_names; /* each element begins with a string's offset */
};

static const struct layout layouts[KINDS] = {
	[KIND_INT] = { "INT", 4, 0, false },
	[KIND_PTR] = { "PTR", 0, 0, false },
	[KIND_ARRAY] = { "ARRAY", 12, 0, false },
	[KIND_STRUCT] = { "STRUCT", 0, 12, true },
	[KIND_UNION] = { "UNION", 0, 12, true },
	[KIND_ENUM] = { "ENUM", 0, 8, true },
	[KIND_FWD] = { "FWD", 0, 0, false },
	[KIND_TYPEDEF] = { "TYPEDEF", 0, 0, false },
	[KIND_VOLATILE] = { "VOLATILE", 0, 0, false },
	[KIND_CONST] = { "CONST", 0, 0, false },
	[KIND_RESTRICT] = { "RESTRICT", 0, 0, false },
	[KIND_FUNC] = { "FUNC", 0, 0, false },
	[KIND_FUNC_PROTO] = { "FUNC_PROTO", 0, 8, true },
	[KIND_VAR] = { "VAR", 4, 0, false },
	[KIND_DATASEC] = { "DATASEC", 0, 12, false },
	[KIND_FLOAT] = { "FLOAT", 0, 0, false },
	[KIND_DECL_TAG] = { "DECL_TAG", 4, 0, false },
	[KIND_TYPE_TAG] = { "TYPE_TAG", 0, 0, false },
	[KIND_ENUM64] = { "ENUM64", 0, 12, true },
};

/* The blob's own layout table, by kind. It is there for kinds that this build does not know. */
struct layout_table {
	const unsigned char *rows;
	uint32_t n;
};

/* What the walk over the types carries along. */
struct walk {
	struct btf_reader *btf;
	struct layout_table table;
	uint32_t id;
	uint32_t at;	      /* offset in the type section */
	bool leaves_elements; /* their names are not checked */
};

static int read_header(struct header *out, const unsigned char *bytes, size_t size,
		       struct inspect_error *err)
{
	struct header header = { 0 };

	if (size < sizeof(header.magic))
		return inspect_fail(err, EINVAL, "not BTF: %zu bytes", size);
	memcpy(&header, bytes, size < HEADER_LEAST ? size : HEADER_LEAST);
	if (header.magic == MAGIC_SWAPPED)
		return inspect_fail(err, EINVAL, "BTF of the other byte order");
	if (header.magic != MAGIC)
		return inspect_fail(err, EINVAL, "not BTF: begins with %02x %02x", bytes[0],
				    bytes[1]);
	if (size < HEADER_LEAST)
		return inspect_fail(err, EINVAL, "header: %zu of at least %zu bytes", size,
				    HEADER_LEAST);
	if (header.version != VERSION)
		return inspect_fail(err, EINVAL, "header: version %u is not known", header.version);
	if (header.flags)
		return inspect_fail(err, EINVAL, "header: flags 0x%x are not known", header.flags);
	if (header.header_size < HEADER_LEAST || header.header_size > size)
		return inspect_fail(err, EINVAL, "header: length %u, must be %zu to %zu",
				    header.header_size, HEADER_LEAST, size);
	if (header.header_size >= sizeof(header))
		memcpy(&header, bytes, sizeof(header));
	*out = header;
	return 0;
}

/* @size: of the blob, which holds the header. */
static int check_section(const struct header *header, const char *name, uint32_t offset,
			 uint32_t length, size_t size, struct inspect_error *err)
{
	uint64_t begin = (uint64_t)header->header_size + offset;

	if (begin > size || length > size - begin)
		return inspect_fail(err, EINVAL,
				    "%s section: %u bytes at offset %llu, but there are %zu in all",
				    name, length, (unsigned long long)begin, size);
	return 0;
}

static int check_sections(const struct header *header, size_t size, struct inspect_error *err)
{
	if (!header->types_size && !header->strings_size)
		return inspect_fail(err, ENODATA, "empty: header only");

	int r = check_section(header, "type", header->types_offset, header->types_size, size, err);
	if (r < 0)
		return r;
	r = check_section(header, "string", header->strings_offset, header->strings_size, size,
			  err);
	if (r < 0 || !header->layout_size)
		return r;
	return check_section(header, "layout", header->layout_offset, header->layout_size, size,
			     err);
}

/* The first string is the empty one; split BTF has that from its base, and may have no strings. */
static int check_strings(const struct btf_reader *btf, struct inspect_error *err)
{
	if (!btf->strings_size)
		return btf->base ? 0 : inspect_fail(err, EINVAL, "string section: empty");
	if (!btf->base && btf->strings[0])
		return inspect_fail(err, EINVAL, "string section: does not begin with NUL");
	if (btf->strings[btf->strings_size - 1])
		return inspect_fail(err, EINVAL, "string section: does not end with NUL");
	if (btf->strings_size > UINT32_MAX - btf->first_string)
		return inspect_fail(err, EINVAL, "string section: %u bytes behind %u of the base's",
				    btf->strings_size, btf->first_string);
	return 0;
}

/*
 * A table that contradicts what is certain of the kinds known here is not a layout table, or not of
 * this format; then it is as good as none.
 */
static struct layout_table find_table(const struct header *header, const unsigned char *body)
{
	struct layout_table none = { NULL, 0 };

	if (!header->layout_size || header->layout_size % LAYOUT_ROW_SIZE)
		return none;

	const unsigned char *rows = body + header->layout_offset;
	uint32_t n = header->layout_size / LAYOUT_ROW_SIZE;
	for (uint32_t kind = KIND_INT; kind < KINDS && kind < n; kind++) {
		const unsigned char *row = rows + kind * LAYOUT_ROW_SIZE;

		if (row[0] != layouts[kind].once || row[1] != layouts[kind].each)
			return none;
	}
	return (struct layout_table){ rows, n };
}

static bool find_layout(const struct layout_table *table, uint32_t kind, struct layout *out)
{
	if (kind < KINDS) {
		*out = layouts[kind];
		return true;
	}
	if (kind >= table->n)
		return false;

	const unsigned char *row = table->rows + kind * LAYOUT_ROW_SIZE;
	*out = (struct layout){ "unknown", row[0], row[1], false };
	return true;
}

/* Kernels before 7.1 have 16 bits of vlen and 5 of kind, and keep the others zero. */
static uint32_t info_kind(uint32_t info)
{
	return info >> 24 & 0x7f;
}

static uint32_t info_vlen(uint32_t info)
{
	return info & 0xffffff;
}

static bool has_string(const struct btf_reader *btf, uint32_t offset)
{
	return offset < btf->first_string + btf->strings_size;
}

static int fail_type(const struct walk *walk, const char *kind, const char *what, uint32_t value,
		     struct inspect_error *err)
{
	return inspect_fail(err, EINVAL, "type %u (%s, at %u of the type section): %s %u", walk->id,
			    kind, walk->at, what, value);
}

static int check_names(const struct walk *walk, const struct layout *layout,
		       const unsigned char *element, uint32_t n, struct inspect_error *err)
{
	for (uint32_t i = 0; i < n; i++, element += layout->each) {
		uint32_t name = btf_word(element, 0);

		if (!has_string(walk->btf, name))
			return fail_type(walk, layout->name,
					 "element's name outside the strings, offset", name, err);
	}
	return 0;
}

/* Checks the type at walk->at and steps over it: 1; 0 where its length is not known. */
static int step(struct walk *walk, struct inspect_error *err)
{
	struct btf_reader *btf = walk->btf;
	const unsigned char *record = btf->types + walk->at;
	uint32_t left = btf->types_size - walk->at;
	struct layout layout;

	if (left < RECORD_SIZE)
		return fail_type(walk, "cut off", "bytes left:", left, err);

	uint32_t name = btf_word(record, 0), info = btf_word(record, 4);
	uint32_t kind = info_kind(info);
	if (kind == KIND_VOID)
		return fail_type(walk, "void", "only id 0 may be of kind", kind, err);
	if (!find_layout(&walk->table, kind, &layout)) {
		btf->stopped_kind = kind;
		return 0;
	}
	if (!has_string(btf, name))
		return fail_type(walk, layout.name, "name outside the strings, offset", name, err);

	uint64_t size = RECORD_SIZE + layout.once + (uint64_t)layout.each * info_vlen(info);
	if (size > left)
		return fail_type(walk, layout.name, "cut off, bytes left:", left, err);
	if (layout.has_names && !walk->leaves_elements) {
		int r = check_names(walk, &layout, record + RECORD_SIZE + layout.once,
				    info_vlen(info), err);
		if (r < 0)
			return r;
	}
	walk->at += (uint32_t)size;
	return 1;
}

static int index_types(struct btf_reader *btf, struct layout_table table, struct inspect_error *err)
{
	struct walk walk = { .btf = btf, .table = table, .id = btf->first_id };
	uint32_t most = btf->types_size / RECORD_SIZE;

	if (most > UINT32_MAX - btf->first_id)
		return inspect_fail(err, EINVAL, "type section: more types than there are ids");
	btf->offsets = malloc((most ? most : 1) * sizeof(*btf->offsets));
	if (!btf->offsets)
		return inspect_fail(err, ENOMEM, "type section: read");
	while (walk.at < btf->types_size) {
		uint32_t at = walk.at;

		int r = step(&walk, err);
		if (r < 0)
			return r;
		if (!r)
			break;
		btf->offsets[walk.id++ - btf->first_id] = at;
	}
	btf->end_id = walk.id;
	btf->types_size = walk.at; /* less than there is where the walk stopped */
	return 0;
}

/* Finds header and sections, and with them the table of layouts; types are not looked at yet. */
static int open_sections(struct btf_reader *btf, struct layout_table *table, const void *bytes,
			 size_t size, struct inspect_error *err)
{
	struct header header = { 0 };

	int r = read_header(&header, bytes, size, err);
	if (r < 0)
		return r;
	r = check_sections(&header, size, err);
	if (r < 0)
		return r;

	const unsigned char *body = (const unsigned char *)bytes + header.header_size;
	btf->types = body + header.types_offset;
	btf->types_size = header.types_size;
	btf->strings = (const char *)body + header.strings_offset;
	btf->strings_size = header.strings_size;
	*table = find_table(&header, body);
	return check_strings(btf, err);
}

int btf_init(struct btf_reader *btf, const void *bytes, size_t size, const struct btf_reader *base,
	     struct inspect_error *err)
{
	AUTO(btf_done) struct btf_reader new = { .base = base, .first_id = 1, .end_id = 1 };
	struct layout_table table;

	assert(!base || base->end_id);
	*btf = (struct btf_reader){ 0 };
	if (base && base->stopped_kind)
		return inspect_fail(err, EINVAL, "base: stops at type %u of unknown kind %u",
				    base->end_id, base->stopped_kind);
	if (base) {
		new.first_id = new.end_id = base->end_id;
		new.first_string = base->first_string + base->strings_size;
	}
	int r = open_sections(&new, &table, bytes, size, err);
	if (r < 0)
		return r;
	r = index_types(&new, table, err);
	if (r < 0)
		return r;
	*btf = new;
	new.offsets = NULL;
	return 0;
}

void btf_done(struct btf_reader *btf)
{
	free(btf->offsets);
	*btf = (struct btf_reader){ 0 };
}

uint32_t btf_count(const struct btf_reader *btf)
{
	return btf->end_id;
}

/* The type whose record and tail are there, of a blob with these strings. */
static void read_entry(const struct btf_reader *btf, uint32_t at, uint32_t end,
		       struct btf_entry *out)
{
	const unsigned char *record = btf->types + at;
	uint32_t info = btf_word(record, 4);

	*out = (struct btf_entry){
		.kind = info_kind(info),
		.name = btf_string(btf, btf_word(record, 0)),
		.size_or_type = btf_word(record, 8),
		.vlen = info_vlen(info),
		.kind_flag = info >> 31,
		.tail = record + RECORD_SIZE,
		.tail_size = end - at - RECORD_SIZE,
	};
}

/* The offset of a whole string, or 0. */
static uint32_t find_string(const struct btf_reader *btf, const char *text)
{
	size_t size = strlen(text) + 1;
	const char *at = btf->strings, *end = btf->strings + btf->strings_size;

	while (*text && (at = memmem(at, (size_t)(end - at), text, size))) {
		if (at > btf->strings && !at[-1])
			return (uint32_t)(at - btf->strings);
		at++;
	}
	return 0;
}

int btf_seek(struct btf_sought *out, const void *bytes, size_t size, const char *name,
	     uint32_t kinds, struct inspect_error *err)
{
	struct layout_table table;

	*out = (struct btf_sought){ .btf = { .first_id = 1, .end_id = 1 } };
	int r = open_sections(&out->btf, &table, bytes, size, err);
	if (r < 0)
		return r;
	uint32_t offset = find_string(&out->btf, name);
	if (!offset)
		return 0;

	struct walk walk = { .btf = &out->btf, .table = table, .id = 1, .leaves_elements = true };
	for (; walk.at < out->btf.types_size; walk.id++) {
		uint32_t at = walk.at;

		r = step(&walk, err);
		if (r <= 0)
			return r < 0 ? r : -EOPNOTSUPP;
		uint32_t kind = info_kind(btf_word(out->btf.types + at, 4));
		if (kind >= KINDS || !(kinds >> kind & 1) ||
		    btf_word(out->btf.types + at, 0) != offset)
			continue;
		out->id = walk.id;
		read_entry(&out->btf, at, walk.at, &out->type);
		return 1;
	}
	return 0;
}

bool btf_type(const struct btf_reader *btf, uint32_t id, struct btf_entry *out)
{
	if (id >= btf->end_id)
		return false;
	if (!id) {
		*out = (struct btf_entry){ .kind = KIND_VOID, .name = "" };
		return true;
	}

	const struct btf_reader *owner = btf;
	while (id < owner->first_id)
		owner = owner->base;

	uint32_t index = id - owner->first_id, at = owner->offsets[index];
	uint32_t end = id + 1 < owner->end_id ? owner->offsets[index + 1] : owner->types_size;

	read_entry(owner, at, end, out);
	return true;
}

const char *btf_string(const struct btf_reader *btf, uint32_t offset)
{
	if (!has_string(btf, offset))
		return NULL;
	while (offset < btf->first_string)
		btf = btf->base;
	return btf->strings + (offset - btf->first_string);
}

const char *btf_func_name(const struct btf_reader *btf, uint32_t id)
{
	struct btf_entry type;

	return btf_type(btf, id, &type) && type.kind == KIND_FUNC ? type.name : NULL;
}
