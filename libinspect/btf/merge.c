/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * merge.c - the types of several blobs as one
 *
 * Blobs are put behind each other here, since libbpf takes no split BTF for that; which types are the
 * same is then libbpf's to find out. It gets nothing that the reader has not checked, and no reference
 * to a type that is not there.
 */
#include "btf/merge.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "btf/libbpf_code.h"

#define RECORD_SIZE 12
#define STACK_LEAST ((size_t)1 << 20)
#define STACK_EACH 1024 /* bytes for each type in a chain */
#define SECONDS_LEAST 2
#define TYPES_A_SECOND 10000 /* a thirtieth of what it takes for a kernel's types */

/* Which words of a kind's tail are ids or names: a bit for each, of what stands once or in an element. */
struct references {
	bool is_type;	/* the record's last word is an id */
	bool is_unused; /* it means nothing: libbpf may take it for an id all the same */
	uint8_t once_ids;
	uint8_t each; /* words of an element; 0: there are none */
	uint8_t each_ids;
	uint8_t each_names;
};

static const struct references references[KINDS] = {
	[KIND_PTR] = { .is_type = true },
	[KIND_ARRAY] = { .is_unused = true, .once_ids = 3 },
	[KIND_STRUCT] = { .each = 3, .each_names = 1, .each_ids = 2 },
	[KIND_UNION] = { .each = 3, .each_names = 1, .each_ids = 2 },
	[KIND_ENUM] = { .each = 2, .each_names = 1 },
	[KIND_FWD] = { .is_unused = true },
	[KIND_TYPEDEF] = { .is_type = true },
	[KIND_VOLATILE] = { .is_type = true },
	[KIND_CONST] = { .is_type = true },
	[KIND_RESTRICT] = { .is_type = true },
	[KIND_FUNC] = { .is_type = true },
	[KIND_FUNC_PROTO] = { .is_type = true, .each = 2, .each_names = 1, .each_ids = 2 },
	[KIND_VAR] = { .is_type = true },
	[KIND_DATASEC] = { .each = 3, .each_ids = 1 },
	[KIND_DECL_TAG] = { .is_type = true },
	[KIND_TYPE_TAG] = { .is_type = true },
	[KIND_ENUM64] = { .each = 3, .each_names = 1 },
};

/* How the numbers of one blob change on their way into the merged one. */
struct shift {
	const struct btf_reader *btf;
	uint32_t first_id, ids;
	uint32_t first_string, strings;
	bool is_damaged;
};

static uint32_t shift_id(struct shift *shift, uint32_t id)
{
	if (id >= btf_count(shift->btf))
		shift->is_damaged = true;
	return id < shift->first_id ? id : id + shift->ids;
}

/* The empty name is the same in all of them. */
static uint32_t shift_name(const struct shift *shift, uint32_t name)
{
	return name < shift->first_string || !name ? name : name + shift->strings;
}

static void put_word(unsigned char *at, uint32_t word)
{
	memcpy(at, &word, sizeof(word));
}

static void shift_words(struct shift *shift, unsigned char *at, unsigned ids, unsigned names)
{
	for (unsigned i = 0; (ids | names) >> i; i++, at += 4) {
		if (ids >> i & 1)
			put_word(at, shift_id(shift, btf_word(at, 0)));
		if (names >> i & 1)
			put_word(at, shift_name(shift, btf_word(at, 0)));
	}
}

static void shift_type(struct shift *shift, const struct btf_entry *type, unsigned char *record)
{
	const struct references *refs = &references[type->kind];
	unsigned char *tail = record + RECORD_SIZE;

	put_word(record, shift_name(shift, btf_word(record, 0)));
	if (refs->is_type)
		put_word(record + 8, shift_id(shift, type->size_or_type));
	if (refs->is_unused)
		put_word(record + 8, 0);
	shift_words(shift, tail, refs->once_ids, 0);
	for (uint32_t i = 0; refs->each && i < type->vlen; i++)
		shift_words(shift, tail + (size_t)i * refs->each * 4, refs->each_ids,
			    refs->each_names);
}

static int add_type(struct btf_merge *merge, struct shift *shift, uint32_t id,
		    struct inspect_error *err)
{
	struct btf_entry type;

	btf_type(shift->btf, id, &type);
	if (type.kind >= KINDS)
		return inspect_fail(err, EINVAL, "merge: type %u: kind %u is not known", id,
				    type.kind);
	size_t size = RECORD_SIZE + type.tail_size;
	unsigned char *to = (unsigned char *)buf_reserve(&merge->types, size);
	if (!to)
		return inspect_fail(err, ENOMEM, "merge: type %u", id);
	memcpy(to, type.tail - RECORD_SIZE, size);
	shift_type(shift, &type, to);
	merge->types.size += size;
	if (shift->is_damaged)
		return inspect_fail(err, EINVAL, "merge: type %u refers to one that is not there",
				    id);
	return 0;
}

static uint32_t count_of(const struct btf_reader *base)
{
	return base ? btf_count(base) : 1;
}

int btf_merge_add(struct btf_merge *merge, const struct btf_reader *btf, struct inspect_error *err)
{
	uint32_t base_strings =
		merge->base ? merge->base->first_string + merge->base->strings_size : 0;
	struct shift shift = {
		.btf = btf,
		.first_id = btf->first_id,
		.ids = count_of(merge->base) - btf->first_id + merge->n,
		.first_string = btf->first_string,
		.strings = base_strings - btf->first_string + (uint32_t)merge->strings.size,
	};

	if (btf->stopped_kind)
		return inspect_fail(err, EINVAL, "merge: stops at type %u of unknown kind %u",
				    btf->end_id, btf->stopped_kind);
	if ((uint64_t)merge->n + btf_count(btf) > INT32_MAX ||
	    merge->strings.size + btf->strings_size > INT32_MAX - (uint64_t)base_strings)
		return inspect_fail(err, EFBIG, "merge");
	for (uint32_t id = btf->first_id; id < btf_count(btf); id++) {
		int r = add_type(merge, &shift, id, err);

		if (r < 0)
			return r;
	}
	merge->n += btf_count(btf) - btf->first_id;
	buf_add(&merge->strings, btf->strings, btf->strings_size);
	return buf_failed(&merge->strings) ? inspect_fail(err, ENOMEM, "merge: strings") : 0;
}

static int make_blob(const struct btf_merge *merge, struct buf *out)
{
	const struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t header_size, types_offset, types_size, strings_offset, strings_size;
	} header = {
		.magic = 0xeb9f,
		.version = 1,
		.header_size = sizeof(header),
		.types_size = (uint32_t)merge->types.size,
		.strings_offset = (uint32_t)merge->types.size,
		.strings_size = (uint32_t)merge->strings.size,
	};

	buf_add(out, &header, sizeof(header));
	buf_add(out, merge->types.bytes, merge->types.size);
	buf_add(out, merge->strings.bytes, merge->strings.size);
	return buf_failed(out) || merge->types.size + merge->strings.size > INT32_MAX ? -ENOMEM : 0;
}

static int be_silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}

/* What the process below gets and, in memory that it shares, gives: no more bytes than the blob had. */
struct work {
	const struct buf *blob;
	struct inspect_bytes base_blob;
	uint32_t n_types;
	int result; /* -E2BIG until there is another */
	size_t size;
	unsigned char bytes[];
};

/* Leaves each type once, and copies what is left. */
static int dedup(struct work *work)
{
	AUTO(free_btf) struct btf *base = NULL;
	AUTO(free_btf) struct btf *btf = NULL;
	uint32_t length;

	if (work->base_blob.size &&
	    !(base = btf__new(work->base_blob.bytes, (uint32_t)work->base_blob.size)))
		return -errno;
	btf = btf__new_split(work->blob->bytes, (uint32_t)work->blob->size, base);
	if (!btf)
		return -errno;
	int r = btf__dedup(btf, NULL);
	if (r < 0)
		return r;
	const void *raw = btf__raw_data(btf, &length);
	if (!raw || length > work->blob->size)
		return -ENOMEM;
	memcpy(work->bytes, raw, length);
	work->size = length;
	return 0;
}

static void *run_dedup(void *context)
{
	struct work *work = context;

	work->result = dedup(work);
	return NULL;
}

/*
 * libbpf compares types by recursion, as deep as the longest chain of them: in a thread whose stack is
 * large enough for any chain of so many types. Memory is taken only as far down as it gets.
 */
static int dedup_deep(struct work *work)
{
	size_t stack = STACK_LEAST + (size_t)work->n_types * STACK_EACH;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	int r = pthread_attr_setstacksize(&attr, stack & ~(size_t)0xffff);
	if (!r)
		r = pthread_create(&thread, &attr, run_dedup, work);
	pthread_attr_destroy(&attr);
	return r ? -r : -pthread_join(thread, NULL);
}

static void dedup_apart(void *context, int fd)
{
	struct work *work = context;

	(void)fd;
	int r = dedup_deep(work);
	if (r < 0)
		work->result = r;
}

/*
 * How long libbpf takes goes with the third power of how many types are alike: 50 KB of types that somebody made
 * up would keep it busy for minutes, and nothing can stop it but the end of its process. So it has one of its own.
 */
static int dedup_in_time(struct work *work)
{
	const struct child_limits limits = {
		.seconds = SECONDS_LEAST + work->n_types / TYPES_A_SECOND,
	};
	struct child child;

	int r = child_start(&child, dedup_apart, work, &limits);
	if (r < 0)
		return r;
	r = child_end(&child);
	return r && r != -ETIMEDOUT ? r : work->result;
}

static int dedup_bounded(const struct buf *blob, struct inspect_bytes base_blob, uint32_t n_types,
			 unsigned char **bytes, size_t *size)
{
	size_t room = sizeof(struct work) + blob->size;
	struct work *work =
		mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (work == MAP_FAILED)
		return -errno;
	*work = (struct work){
		.blob = blob, .base_blob = base_blob, .n_types = n_types, .result = -E2BIG
	};
	int r = dedup_in_time(work);
	if (!r && !(*bytes = malloc(work->size)))
		r = -ENOMEM;
	if (!r) {
		memcpy(*bytes, work->bytes, work->size);
		*size = work->size;
	}
	munmap(work, room);
	return r;
}

int btf_merge_finish(struct btf_merge *merge, struct inspect_bytes base_blob, unsigned char **bytes,
		     size_t *size, struct inspect_error *err)
{
	AUTO(buf_done) struct buf blob = { 0 };

	int r = make_blob(merge, &blob);
	if (!r) {
		libbpf_print_fn_t before = libbpf_set_print(be_silent);

		r = dedup_bounded(&blob, base_blob, merge->n + count_of(merge->base), bytes, size);
		libbpf_set_print(before);
	}
	if (!r)
		return 0;
	ERROR_NEEDED(err);
	inspect_fail(err, libbpf_code(-r), "merge: find types that are the same");
	if (r == -E2BIG)
		inspect_hint(err, "so many are alike that comparing them has no end");
	if (r == -ENOTRECOVERABLE)
		inspect_hint(err, "libbpf crashed over these types");
	return -err->code;
}

void btf_merge_done(struct btf_merge *merge)
{
	buf_done(&merge->types);
	buf_done(&merge->strings);
}
