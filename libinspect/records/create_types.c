/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * create_types.c - BTF for a new map
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "records/btf.h"
#include "records/create.h"

#define TYPE_DEPTH 32 /* of modifiers and arrays around a type that has a size */
#define LOG_BYTES 65536
#define LINKAGE_EXTERN 2
#define SIZE_UNKNOWN UINT64_MAX

struct btf_header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t header_size;
	uint32_t types_at;
	uint32_t types_size;
	uint32_t strings_at;
	uint32_t strings_size;
};

/* Bytes of a type; SIZE_UNKNOWN where it has none. */
static uint64_t type_bytes(const struct btf_reader *btf, uint32_t id)
{
	struct btf_entry entry;
	uint64_t times = 1;

	for (unsigned depth = 0; depth < TYPE_DEPTH && btf_type(btf, id, &entry); depth++) {
		switch (entry.kind) {
		case KIND_INT:
		case KIND_STRUCT:
		case KIND_UNION:
		case KIND_ENUM:
		case KIND_ENUM64:
		case KIND_FLOAT:
		case KIND_DATASEC:
			return times * entry.size_or_type;
		case KIND_PTR:
			return times * 8;
		case KIND_ARRAY:
			times *= btf_word(entry.tail, 8);
			id = btf_word(entry.tail, 0);
			if (times > UINT32_MAX)
				return SIZE_UNKNOWN;
			break;
		case KIND_TYPEDEF:
		case KIND_VOLATILE:
		case KIND_CONST:
		case KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = entry.size_or_type;
			break;
		default:
			return SIZE_UNKNOWN;
		}
	}
	return SIZE_UNKNOWN;
}

/* 0 when there is no such type. */
static uint32_t find_type(const struct btf_reader *btf, const char *text)
{
	struct btf_entry entry;
	uint64_t number;

	if (!num_parse(text, NUM_ANY, UINT32_MAX, &number))
		return number && btf_type(btf, (uint32_t)number, &entry) ? (uint32_t)number : 0;
	for (uint32_t id = 1; id < btf_count(btf); id++)
		if (btf_type(btf, id, &entry) && strcmp(entry.name, text) == 0 &&
		    type_bytes(btf, id) != SIZE_UNKNOWN)
			return id;
	return 0;
}

static int take_type(const struct btf_reader *btf, const char *part, const char *text,
		     unsigned bytes, uint32_t *out, struct inspect_error *err)
{
	if (!text)
		return 0;
	uint32_t id = find_type(btf, text);
	if (!id) {
		inspect_fail(err, ENOENT, "%s type '%s'", part, text);
		return inspect_hint(err, "the BTF has no type of that name or number that has a "
					 "size");
	}
	uint64_t size = type_bytes(btf, id);
	if (size != bytes) {
		inspect_fail(err, EINVAL, "%s type '%s'", part, text);
		if (size == SIZE_UNKNOWN)
			return inspect_hint(err, "it has no size");
		return inspect_hint(err, "it has %llu bytes, and the map's %ss %u",
				    (unsigned long long)size, part, bytes);
	}
	*out = id;
	return 0;
}

static int take_types(const struct btf_reader *btf, const struct inspect_map_spec *spec,
		      struct create_types *out, struct inspect_error *err)
{
	int r = take_type(btf, "key", spec->key_type, spec->key_bytes, &out->key_id, err);

	if (!r)
		r = take_type(btf, "value", spec->value_type, spec->value_bytes, &out->value_id,
			      err);
	return r;
}

/* The last line of what the kernel wrote says where it stopped. */
static const char *last_line(char *log)
{
	size_t size = strlen(log);

	while (size && log[size - 1] == '\n')
		log[--size] = '\0';
	const char *line = strrchr(log, '\n');
	return line ? line + 1 : log;
}

static int load_types(struct inspect *inspect, const void *bytes, size_t size, int *out,
		      struct inspect_error *err)
{
	if (size > UINT32_MAX)
		return inspect_fail(err, E2BIG, "load BTF");
	int fd = sys_btf_load(&inspect->sys, bytes, (uint32_t)size, NULL, 0);
	if (fd >= 0) {
		*out = fd;
		return 0;
	}
	inspect_fail(err, -fd, "load BTF");
	autofree char *log = calloc(1, LOG_BYTES);
	if (!log)
		return fd;
	int again = sys_btf_load(&inspect->sys, bytes, (uint32_t)size, log, LOG_BYTES);
	close_fd(again);
	log[LOG_BYTES - 1] = '\0';
	return *log ? inspect_hint(err, "the kernel says: %s", last_line(log)) : fd;
}

static bool is_code_or_data(uint32_t kind)
{
	return kind == KIND_FUNC || kind == KIND_VAR || kind == KIND_DATASEC;
}

/* What belongs to a program, and to no value. Tags of types do: lists say so what they hold. */
static bool is_of_program(const struct btf_reader *btf, const struct btf_entry *type)
{
	struct btf_entry of;

	return is_code_or_data(type->kind) ||
	       (type->kind == KIND_DECL_TAG && btf_type(btf, type->size_or_type, &of) &&
		is_code_or_data(of.kind));
}

/* A compiler leaves sections without a size and names what is elsewhere: what loads the object sees to that. */
static bool is_unfinished(const struct btf_reader *btf)
{
	struct btf_entry type;

	for (uint32_t id = btf->first_id; btf_type(btf, id, &type); id++)
		if ((type.kind == KIND_DATASEC && !type.size_or_type) ||
		    (type.kind == KIND_FUNC && type.vlen == LINKAGE_EXTERN))
			return true;
	return false;
}

/*
 * The types once more, with "const void" in place of what the kernel takes of a finished object alone, and
 * no map needs. All others keep their ids.
 */
static void copy_types(const struct btf_reader *btf, struct buf *out)
{
	const uint32_t nothing[] = { 0, KIND_CONST << 24, 0 };
	struct btf_header header = { .magic = 0xeb9f, .version = 1, .header_size = sizeof(header) };
	struct btf_entry type;

	buf_add(out, &header, sizeof(header));
	for (uint32_t id = btf->first_id; btf_type(btf, id, &type); id++)
		if (is_of_program(btf, &type))
			buf_add(out, nothing, sizeof(nothing));
		else
			buf_add(out, type.tail - sizeof(nothing), sizeof(nothing) + type.tail_size);
	header.types_size = header.strings_at = (uint32_t)(out->size - sizeof(header));
	header.strings_size = btf->strings_size;
	buf_add(out, btf->strings, btf->strings_size);
	if (!buf_failed(out))
		memcpy(out->bytes, &header, sizeof(header));
}

static int load_file(struct inspect *inspect, const struct btf_file *file, int *out,
		     struct inspect_error *err)
{
	AUTO(buf_done) struct buf copy = { 0 };

	if (!is_unfinished(&file->btf))
		return load_types(inspect, file->blob.bytes, file->blob.size, out, err);
	copy_types(&file->btf, &copy);
	if (buf_failed(&copy))
		return inspect_fail(err, ENOMEM, "load BTF");
	return load_types(inspect, copy.bytes, copy.size, out, err);
}

static int types_of_file(struct inspect *inspect, const struct inspect_map_spec *spec,
			 struct create_types *out, struct inspect_error *err)
{
	AUTO(btf_file_done) struct btf_file file = { 0 };

	int r = btf_file_init(&file, spec->btf_file, NULL, err);
	if (r < 0)
		return r;
	r = take_types(&file.btf, spec, out, err);
	if (!r)
		r = load_file(inspect, &file, &out->fd, err);
	return r < 0 ? inspect_context(err, "%s", spec->btf_file) : 0;
}

static int types_of_id(struct inspect *inspect, const struct inspect_map_spec *spec,
		       struct create_types *out, struct inspect_error *err)
{
	autoclose int fd = sys_open_id(&inspect->sys, INSPECT_BTF, spec->btf_id);
	if (fd < 0)
		return inspect_fail(err, -fd, "btf %u: open", spec->btf_id);
	const struct btf_reader *btf = inspect_btf_cached(inspect, spec->btf_id);
	if (!btf)
		return inspect_fail(err, EINVAL, "btf %u: read", spec->btf_id);
	int r = take_types(btf, spec, out, err);
	if (r < 0)
		return inspect_context(err, "btf %u", spec->btf_id);
	out->fd = take_fd(&fd);
	return 0;
}

#define STRINGS "\0int\0unsigned char"

/* An int, a byte and an array of bytes, as the kernel wants BTF. */
struct own_types {
	struct btf_header header;
	uint32_t key[4];
	uint32_t byte[4];
	uint32_t value[6];
	char strings[sizeof(STRINGS)];
};

/* Storage maps must have types; that the value is so many bytes is all we know of it. */
static int types_of_our_own(struct inspect *inspect, const struct inspect_map_spec *spec,
			    struct create_types *out, struct inspect_error *err)
{
	struct own_types types = {
		.header = {
			.magic = 0xeb9f,
			.version = 1,
			.header_size = sizeof(struct btf_header),
			.types_size = offsetof(struct own_types, strings) - sizeof(struct btf_header),
			.strings_at = offsetof(struct own_types, strings) - sizeof(struct btf_header),
			.strings_size = sizeof(STRINGS),
		},
		.key = { 1, KIND_INT << 24, 4, 1u << 24 | 32 },
		.byte = { 5, KIND_INT << 24, 1, 8 },
		.value = { 0, KIND_ARRAY << 24, 0, 2, 1, spec->value_bytes },
		.strings = STRINGS,
	};
	size_t size = offsetof(struct own_types, strings) + sizeof(STRINGS);

	out->key_id = 1;
	out->value_id = 3;
	return load_types(inspect, &types, size, &out->fd, err);
}

int create_find_types(struct inspect *inspect, const struct inspect_map_spec *spec, unsigned type,
		      struct create_types *out, struct inspect_error *err)
{
	bool has_btf = spec->btf_file || spec->btf_id;
	bool has_type = spec->key_type || spec->value_type;

	*out = (struct create_types){ .fd = -1 };
	if (has_btf != has_type) {
		inspect_fail(err, INSPECT_EUSAGE, "map create: %s",
			     has_btf ? "'btf' without 'key_type' or 'value_type'"
				     : "a type without 'btf'");
		return inspect_hint(err, "'btf' says where types are, 'key_type' and 'value_type' "
					 "which they are");
	}
	if (spec->btf_file)
		return types_of_file(inspect, spec, out, err);
	if (spec->btf_id)
		return types_of_id(inspect, spec, out, err);
	return create_is_storage(type) ? types_of_our_own(inspect, spec, out, err) : 0;
}
