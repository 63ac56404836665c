/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * gen-map TYPE COUNT [btf] - hold one map of COUNT elements
 *
 * TYPE: hash array percpu_hash lpm. Keys are 8 bytes (array 4, lpm 4 + 8), values 16 a CPU.
 * With btf, for hash alone, the types below describe keys and values, and values are 40 bytes.
 * Prints "ready ID", the map's id, and ends with its map on SIGTERM.
 */
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum {
	VALUE_WORDS = 2,
	TYPED_WORDS = 5,
	LPM_BITS = 64,
};

static const struct kind {
	const char *name;
	uint32_t type, key_size, flags;
	bool is_percpu;
} kinds[] = {
	{ "hash", BPF_MAP_TYPE_HASH, 8, BPF_F_NO_PREALLOC, false },
	{ "array", BPF_MAP_TYPE_ARRAY, 4, 0, false },
	{ "percpu_hash", BPF_MAP_TYPE_PERCPU_HASH, 8, BPF_F_NO_PREALLOC, true },
	{ "lpm", BPF_MAP_TYPE_LPM_TRIE, 12, BPF_F_NO_PREALLOC, false },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

/*
 * struct conn_key { unsigned int saddr; unsigned short sport, zone; };
 * struct conn {
 *	unsigned long long bytes; unsigned int packets; int delta; struct addr { unsigned int ip, prefix; } dst;
 *	unsigned short port; unsigned char proto; char name[12]; (one byte behind proto is padding)
 * };
 */
enum {
	U64 = 1,
	U32,
	S32,
	U16,
	U8,
	CHAR,
	NAME,
	ADDR,
	CONN,
	CONN_KEY,
};

struct blob {
	struct btf_header header;
	uint32_t types[128];
	char strings[256];
};

static uint32_t text(struct blob *blob, const char *word)
{
	uint32_t offset = blob->header.str_len;

	strcpy(blob->strings + offset, word);
	blob->header.str_len += strlen(word) + 1;
	return offset;
}

static void words(struct blob *blob, uint32_t first, uint32_t second, uint32_t third)
{
	uint32_t *end = blob->types + blob->header.type_len / 4;

	end[0] = first;
	end[1] = second;
	end[2] = third;
	blob->header.type_len += 3 * 4;
}

static void add_int(struct blob *blob, const char *name, uint32_t size, uint32_t encoding)
{
	words(blob, text(blob, name), BTF_KIND_INT << 24, size);
	blob->types[blob->header.type_len / 4] = encoding << 24 | size * 8;
	blob->header.type_len += 4;
}

static void add_struct(struct blob *blob, const char *name, uint32_t members, uint32_t size)
{
	words(blob, text(blob, name), BTF_KIND_STRUCT << 24 | members, size);
}

static void member(struct blob *blob, const char *name, uint32_t type, uint32_t byte)
{
	words(blob, text(blob, name), type, byte * 8);
}

static void add_types(struct blob *blob)
{
	add_int(blob, "unsigned long long", 8, 0);
	add_int(blob, "unsigned int", 4, 0);
	add_int(blob, "int", 4, BTF_INT_SIGNED);
	add_int(blob, "unsigned short", 2, 0);
	add_int(blob, "unsigned char", 1, 0);
	add_int(blob, "char", 1, BTF_INT_CHAR);
	words(blob, 0, BTF_KIND_ARRAY << 24, 0);
	words(blob, CHAR, U32, 12);
	add_struct(blob, "addr", 2, 8);
	member(blob, "ip", U32, 0);
	member(blob, "prefix", U32, 4);
	add_struct(blob, "conn", 7, 40);
	member(blob, "bytes", U64, 0);
	member(blob, "packets", U32, 8);
	member(blob, "delta", S32, 12);
	member(blob, "dst", ADDR, 16);
	member(blob, "port", U16, 24);
	member(blob, "proto", U8, 26);
	member(blob, "name", NAME, 28);
	add_struct(blob, "conn_key", 3, 8);
	member(blob, "saddr", U32, 0);
	member(blob, "sport", U16, 4);
	member(blob, "zone", U16, 6);
}

static int make_btf(void)
{
	struct blob blob = { .header = { BTF_MAGIC, BTF_VERSION, 0, sizeof(blob.header), 0, 0, 0,
					 1 } };
	union bpf_attr attr;

	add_types(&blob);
	memset(&attr, 0, sizeof(attr));
	attr.btf = address(&blob);
	/* The kernel wants the strings right behind the types. */
	memmove((uint8_t *)blob.types + blob.header.type_len, blob.strings, blob.header.str_len);
	blob.header.str_off = blob.header.type_len;
	attr.btf_size = sizeof(blob.header) + blob.header.type_len + blob.header.str_len;
	int fd = sys_bpf(BPF_BTF_LOAD, &attr);
	if (fd < 0)
		die("types");
	return fd;
}

static int make_map(const struct kind *kind, long count, bool is_typed)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = kind->type;
	attr.key_size = kind->key_size;
	attr.value_size = (is_typed ? TYPED_WORDS : VALUE_WORDS) * 8;
	attr.max_entries = (uint32_t)count;
	attr.map_flags = kind->flags;
	if (is_typed) {
		attr.btf_fd = make_btf();
		attr.btf_key_type_id = CONN_KEY;
		attr.btf_value_type_id = CONN;
	}
	snprintf(attr.map_name, sizeof(attr.map_name), "bench_map");
	int fd = sys_bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0)
		die("map of type %s", kind->name);
	return fd;
}

/* Keys spread over all their bits, as hashes and addresses do. */
static void make_key(const struct kind *kind, long number, uint8_t *key)
{
	uint64_t spread = (uint64_t)number * 0x9e3779b97f4a7c15ull;
	uint32_t head = (uint32_t)number;

	if (kind->type == BPF_MAP_TYPE_LPM_TRIE)
		head = LPM_BITS - number % 3;
	if (kind->key_size != sizeof(spread))
		memcpy(key, &head, sizeof(head));
	if (kind->key_size >= sizeof(spread))
		memcpy(key + kind->key_size - sizeof(spread), &spread, sizeof(spread));
}

static void fill(const struct kind *kind, int fd, long count, bool is_typed)
{
	long words =
		(kind->is_percpu ? possible_cpus() : 1) * (is_typed ? TYPED_WORDS : VALUE_WORDS);
	uint64_t *value = zalloc(words, sizeof(*value));
	uint8_t key[16] = { 0 };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	attr.key = address(key);
	attr.value = address(value);
	for (long i = 0; i < count; i++) {
		make_key(kind, i, key);
		for (long word = 0; word < words; word++)
			value[word] = (uint64_t)i * (word + 1);
		if (is_typed)
			snprintf((char *)value + 28, 12, "flow%ld", i % 1000);
		if (sys_bpf(BPF_MAP_UPDATE_ELEM, &attr))
			die("element %ld", i);
	}
	free(value);
}

int main(int argc, char **argv)
{
	struct held held;
	const struct kind *kind = argc == 3 || argc == 4 ? find_kind(argv[1]) : NULL;
	bool is_typed = argc == 4 && !strcmp(argv[3], "btf") && kind == kinds;
	long count = kind ? num(argv[2]) : 0;

	if (count < 1 || (argc == 4 && !is_typed)) {
		fprintf(stderr,
			"usage: gen-map hash|array|percpu_hash|lpm COUNT, or hash COUNT btf\n");
		return 2;
	}
	held_init(&held, 1);
	held.fds[held.nr_fds++] = make_map(kind, count, is_typed);
	held.map_ids[held.nr_maps++] = id_of(held.fds[0]);
	fill(kind, held.fds[0], count, is_typed);
	held_wait(&held, held.map_ids[0]);
	return 0;
}
