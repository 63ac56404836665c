/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fill.c - many elements from a file into a map
 *
 * The file is read once. Each element is checked and kept as bytes (spool.h), so that what is written is
 * what was checked, whatever becomes of the file. Only when all are there, the first one is written.
 */
#include "value/fill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "records/one.h"
#include "value/elem_parse.h"
#include "value/scan.h"

#define TEXT_LEAST ((size_t)1 << 20) /* bytes of text that any element may have */
#define TEXT_BY_BYTE 256u	     /* more for each of its bytes */

int fill_context(const struct fill *fill, const struct spool_place *place,
		 struct inspect_error *err)
{
	return inspect_context(err, "%s: line %llu: element %llu", fill->name,
			       (unsigned long long)place->line, (unsigned long long)place->number);
}

void fill_set_key(struct fill *fill, const unsigned char *key)
{
	if (fill->target.data.key)
		memcpy(fill->target.data.key, key, fill->target.map.key_bytes);
}

static void fill_done(struct fill *fill)
{
	elem_types_done(&fill->types);
	spool_done(&fill->spool);
	inspect_map_done(&fill->to);
	target_done(&fill->target);
}

/* --- the map --- */

/* Streams are not made of elements; where values are descriptors, no file can have them. */
static const char *why_not(const struct target *target)
{
	switch (target->map.type) {
	case ABI_MAP_TYPE_QUEUE:
	case ABI_MAP_TYPE_STACK:
	case ABI_MAP_TYPE_BLOOM_FILTER:
		return NULL;
	case ABI_MAP_TYPE_STRUCT_OPS:
		return "its value holds programs, and putting it there would register it";
	case ABI_MAP_TYPE_STACK_TRACE:
		return "only programs add elements to it";
	default:
		break;
	}
	if (target_takes_descriptors(target->map.type))
		return "its values are descriptors that a process has open, which no file can hold";
	return target->kind->keyless;
}

static int check_map(struct fill *fill, struct inspect_error *err)
{
	const char *why = why_not(&fill->target);

	if (why) {
		inspect_fail(err, EOPNOTSUPP, "map %u: update from a file", fill->target.map.id);
		return inspect_hint(err, "%s", why);
	}
	if (target_is_frozen(&fill->target))
		return target_fail(&fill->target, "update", EPERM, err);
	return 0;
}

static int find_types(struct fill *fill, const struct inspect_note *note, struct inspect_error *err)
{
	const struct inspect_map *map = &fill->target.map;
	struct inspect_error problem = { 0 };

	int r = elem_types_init(&fill->types, fill->target.inspect, map, WALK_STRICT, true,
				&problem);
	if (r == -ENOMEM)
		return inspect_fail(err, ENOMEM, "%s", problem.what);
	if (r < 0)
		note_tell(note, "%s: bytes are expected", problem.what);
	if (r > 0 && fill->types.lender)
		note_tell(note, "map %u has no BTF: its types are those that program %u has for it",
			  map->id, fill->types.lender);
	return 0;
}

static int open_map(struct fill *fill, struct inspect *inspect, const struct inspect_ref *ref,
		    const struct inspect_note *note, struct inspect_error *err)
{
	const struct inspect_words none = { 0 };
	struct target *target = &fill->target;

	int r = target_open(inspect, ref, &none, 0, 0, target, err);
	if (!r)
		r = check_map(fill, err);
	if (r < 0)
		return r;
	target->data.have = DATA_KEY | DATA_VALUE | DATA_FLAG;
	target->data.flag = fill->how->flag;
	if (target->map.key_bytes) {
		target->data.key = calloc(1, target->map.key_bytes);
		if (!target->data.key)
			return inspect_fail(err, ENOMEM, "map %u: room for a key", target->map.id);
	}
	fill->to.id = target->map.id;
	r = one_reopen_map(inspect, ref, ABI_F_WRONLY, &fill->to, err);
	if (!r)
		r = find_types(fill, note, err);
	return r < 0 ? r : spool_init(&fill->spool, target->map.key_bytes, target->value_size, err);
}

/* --- objects in values --- */

/* Where in a value the id of an object stands, in whose place the kernel takes a descriptor. */
static bool find_reference(const struct target *target, size_t *offset, enum inspect_kind *kind)
{
	*offset = 0;
	*kind = INSPECT_PROG;
	if (target->kind->flags & ELEMS_PROG_ID)
		return true;
	if (target->kind->flags & ELEMS_MAP_ID) {
		*kind = INSPECT_MAP;
		return true;
	}
	*offset = 4; /* behind a device or the size of a queue */
	switch (target->map.type) {
	case ABI_MAP_TYPE_DEVMAP:
	case ABI_MAP_TYPE_DEVMAP_HASH:
	case ABI_MAP_TYPE_CPUMAP:
		return target->map.value_bytes == 8;
	default:
		return false;
	}
}

/* Opens the object in a value: its descriptor, -1 where there is none, or -2 and the error. */
static int open_reference(const struct fill *fill, const unsigned char *value, unsigned *id,
			  struct inspect_error *err)
{
	enum inspect_kind kind;
	size_t offset;

	*id = 0;
	if (!find_reference(&fill->target, &offset, &kind))
		return -1;
	memcpy(id, value + offset, sizeof(*id));
	if (!*id && offset)
		return -1;
	int fd = sys_open_id(&fill->target.inspect->sys, kind, *id);
	if (fd >= 0)
		return fd;
	inspect_fail(err, -fd, "value: %s %u", kind == INSPECT_PROG ? "prog" : "map", *id);
	return -2;
}

static int check_reference(struct fill *fill, const unsigned char *value, struct inspect_error *err)
{
	enum inspect_kind kind;
	size_t offset;
	unsigned id;

	if (!find_reference(&fill->target, &offset, &kind))
		return 0;
	memcpy(&id, value + offset, sizeof(id));
	if (id && id == fill->checked_id)
		return 0; /* many elements may have the same one */
	autoclose int fd = open_reference(fill, value, &id, err);
	if (fd == -2)
		return -err->code;
	fill->checked_id = id;
	return 0;
}

/* --- reading --- */

static int check_key(struct fill *fill, const unsigned char *key, struct inspect_error *err)
{
	fill_set_key(fill, key);
	if (target_is_beyond(&fill->target))
		return target_fail(&fill->target, "key", E2BIG, err);
	return target_check_prefix(&fill->target, err);
}

/* Elements of several maps stand in one file where a dump was of a name that fits several. */
static int check_map_id(struct fill *fill, const struct parsed_elem *elem,
			struct inspect_error *err)
{
	if (!elem->has_map_id)
		return 0;
	if (fill->has_map_id && fill->map_id != elem->map_id) {
		inspect_fail(err, EINVAL, "map_id: it is %u, and was %u before", elem->map_id,
			     fill->map_id);
		return inspect_hint(err, "the file has elements of several maps");
	}
	fill->has_map_id = true;
	fill->map_id = elem->map_id;
	return 0;
}

static int check_element(struct fill *fill, const struct parsed_elem *elem,
			 const unsigned char *key, const unsigned char *value,
			 struct inspect_error *err)
{
	int r = check_map_id(fill, elem, err);
	if (r < 0 || elem->is_empty_slot)
		return r;
	if (fill->spool.n == UINT32_MAX)
		return inspect_fail(err, E2BIG, "more elements than any map has");
	r = check_key(fill, key, err);
	return r < 0 ? r : check_reference(fill, value, err);
}

static int take_element(struct fill *fill, const struct elem_parser *parser,
			const struct scan_record *record, struct inspect_error *err)
{
	struct spool_place place = { .number = record->number, .line = record->line };
	unsigned char *key, *value;
	struct parsed_elem elem;

	int r = spool_add(&fill->spool, &key, &value, err);
	if (r < 0)
		return inspect_context(err, "%s", fill->name);
	r = elem_parse(parser, record->text, record->size, key, value, &elem, err);
	if (r < 0)
		place.line += elem.line;
	else
		r = check_element(fill, &elem, key, value, err);
	if (r < 0)
		return fill_context(fill, &place, err);
	fill->n_empty += elem.is_empty_slot;
	if (!elem.is_empty_slot)
		spool_keep(&fill->spool, &place);
	return 0;
}

/* A typed byte takes several of text, a name with each bit of it at worst. */
static size_t text_limit(const struct target *target)
{
	return TEXT_LEAST + TEXT_BY_BYTE * (target->map.key_bytes + target->value_size);
}

static int read_elements(struct fill *fill, int fd, struct inspect_error *err)
{
	AUTO(scan_done) struct scan scan = { .fd = fd, .limit = text_limit(&fill->target) };
	const struct elem_parser parser = {
		.map = &fill->target.map,
		.types = &fill->types,
		.cpus = fill->target.cpus,
		.n_cpus = fill->target.n_cpus,
		.value_size = fill->target.value_size,
	};
	struct scan_record record;
	int r;

	while ((r = scan_next(&scan, &record, err)) > 0) {
		r = take_element(fill, &parser, &record, err);
		if (r < 0)
			return r;
	}
	return r < 0 ? inspect_context(err, "%s", fill->name) : 0;
}

static int read_file(struct fill *fill, struct inspect_error *err)
{
	bool is_input = strcmp(fill->how->path, "-") == 0;
	struct stat stat;

	autoclose int opened = is_input ? -1 : open(fill->how->path, O_RDONLY | O_CLOEXEC);
	if (!is_input && opened < 0)
		return inspect_fail(err, errno, "%s: open", fill->name);
	int fd = is_input ? STDIN_FILENO : opened;
	if (!fstat(fd, &stat) && S_ISDIR(stat.st_mode))
		return inspect_fail(err, EISDIR, "%s: read", fill->name);
	return read_elements(fill, fd, err);
}

/* --- writing --- */

static int fail_write(struct fill *fill, uint32_t at, int code, struct inspect_error *err)
{
	char verb[96];

	fill_set_key(fill, fill->spool.keys + at * fill->spool.key_size);
	snprintf(verb, sizeof(verb), "update (%llu of %llu elements were written)",
		 (unsigned long long)fill->n_written, (unsigned long long)fill->spool.n);
	target_fail(&fill->target, verb, code, err);
	return fill_context(fill, &fill->spool.places[at], err);
}

static int write_one(struct fill *fill, uint32_t at, struct inspect_error *err)
{
	const struct spool *spool = &fill->spool;
	unsigned char *value = spool->values + at * spool->value_size;
	enum inspect_kind kind;
	size_t offset;
	unsigned id;

	autoclose int fd = open_reference(fill, value, &id, err);
	if (fd == -2) /* it was there when it was checked */
		return fail_write(fill, at, err->code, err);
	if (fd >= 0 && find_reference(&fill->target, &offset, &kind))
		memcpy(value + offset, &fd, sizeof(fd));
	const void *key = spool->key_size ? spool->keys + at * spool->key_size : NULL;
	int r = sys_update(&fill->target.inspect->sys, fill->to.fd, key, value, fill->how->flag);
	if (r < 0)
		return fail_write(fill, at, -r, err);
	fill->n_written++;
	return 0;
}

/* Flags, and objects that would all have to be open, are for single updates. */
static bool may_batch(const struct fill *fill)
{
	enum inspect_kind kind;
	size_t offset;

	return !fill->has_no_batch && fill->spool.key_size && fill->how->flag == ABI_ANY &&
	       !find_reference(&fill->target, &offset, &kind);
}

/* Where a batch call fails, a single one tells why, or does it. */
static int write_block(struct fill *fill, uint32_t n, struct inspect_error *err)
{
	uint32_t at = 0;

	if (may_batch(fill)) {
		at = n;
		int r = sys_update_batch(&fill->target.inspect->sys, fill->to.fd, fill->spool.keys,
					 fill->spool.values, &at);
		fill->has_no_batch = r < 0;
		fill->n_written += at;
	}
	for (; at < n; at++) {
		int r = write_one(fill, at, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int write_elements(struct fill *fill, struct inspect_error *err)
{
	int n, r = spool_rewind(&fill->spool, err);

	while (!r && (n = spool_next(&fill->spool, err)) != 0)
		r = n < 0 ? n : write_block(fill, (uint32_t)n, err);
	return r;
}

static int fill_map(struct fill *fill, struct inspect_error *err)
{
	int r = read_file(fill, err);

	if (!r)
		r = fill_check_keys(fill, err);
	return r < 0 ? r : write_elements(fill, err);
}

int inspect_map_fill(struct inspect *inspect, const struct inspect_ref *ref,
		     const struct inspect_fill *how, const struct inspect_note *note,
		     struct inspect_filled *out, struct inspect_error *err)
{
	AUTO(fill_done)
	struct fill fill = {
		.how = how,
		.name = strcmp(how->path, "-") == 0 ? "standard input" : how->path,
		.target.map.fd = -1,
		.to.fd = -1,
		.spool.fd = -1,
	};

	ERROR_NEEDED(err);
	int r = open_map(&fill, inspect, ref, note, err);
	if (!r)
		r = fill_map(&fill, err);
	if (r < 0)
		return r;
	if (fill.target.kind->flags & ELEMS_PROG_ID)
		note_tell(note, "map %u is emptied when no process has it open and no path pins it",
			  fill.target.map.id);
	*out = (struct inspect_filled){
		.have = fill.n_empty ? INSPECT_FILLED_HAS_EMPTY : 0,
		.map_id = fill.target.map.id,
		.elements = fill.n_written,
		.empty_slots = fill.n_empty,
	};
	return 0;
}
