/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * gen-map TYPE COUNT - hold one map of COUNT elements, without BTF
 *
 * TYPE: hash array percpu_hash lpm. Keys are 8 bytes (array 4, lpm 4 + 8), values 16 a CPU.
 * Prints "ready ID", the map's id, and ends with its map on SIGTERM.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum {
	VALUE_WORDS = 2,
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

static int make_map(const struct kind *kind, long count)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = kind->type;
	attr.key_size = kind->key_size;
	attr.value_size = VALUE_WORDS * 8;
	attr.max_entries = (uint32_t)count;
	attr.map_flags = kind->flags;
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

static void fill(const struct kind *kind, int fd, long count)
{
	long cpus = kind->is_percpu ? possible_cpus() : 1;
	uint64_t *value = zalloc(cpus * VALUE_WORDS, sizeof(*value));
	uint8_t key[16] = { 0 };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	attr.key = address(key);
	attr.value = address(value);
	for (long i = 0; i < count; i++) {
		make_key(kind, i, key);
		for (long word = 0; word < cpus * VALUE_WORDS; word++)
			value[word] = (uint64_t)i * (word + 1);
		if (sys_bpf(BPF_MAP_UPDATE_ELEM, &attr))
			die("element %ld", i);
	}
}

int main(int argc, char **argv)
{
	struct held held;
	const struct kind *kind = argc == 3 ? find_kind(argv[1]) : NULL;
	long count = kind ? num(argv[2]) : 0;

	if (count < 1) {
		fprintf(stderr, "usage: gen-map hash|array|percpu_hash|lpm COUNT\n");
		return 2;
	}
	held_init(&held, 1);
	held.fds[held.nr_fds++] = make_map(kind, count);
	held.map_ids[held.nr_maps++] = id_of(held.fds[0]);
	fill(kind, held.fds[0], count);
	held_wait(&held, held.map_ids[0]);
	return 0;
}
