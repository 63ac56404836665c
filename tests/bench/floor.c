/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * floor - the least that a listing or a dump can be: its system calls and as many bytes written
 *
 *   floor start               nothing at all
 *   floor list progs BYTES    next id, open, info, memory, close of each
 *   floor list maps BYTES     the same
 *   floor list links BYTES    next id, open, info twice, close of each
 *   floor dump ID BYTES       batch look-ups, or next key and look-up where the type has no batch
 *   floor owners BYTES        the link text of every descriptor of every process, the text of those of BPF
 *
 * BYTES is what an object or an element costs as text. Nothing is decoded: what a tool takes beyond
 * this is its own work, in decoding, formatting and the start-up of its libraries.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum {
	NO_BATCH = 524, /* the kernel's own ENOTSUPP */
	BATCH = 4096,
	OUT_BYTES = 65536,
};

static char out[OUT_BYTES];
static size_t used;

static void flush(void)
{
	if (used && write(STDOUT_FILENO, out, used) < 0)
		die("write");
	used = 0;
}

static void emit(size_t bytes)
{
	if (used + bytes > sizeof(out))
		flush();
	memset(out + used, 'x', bytes);
	used += bytes;
	out[used - 1] = '\n';
}

/*
 * The memory an object is charged with stands in its descriptor's text only. The text is opened once: it
 * tells of whatever has the descriptor's number when it is read.
 */
static void read_memory(int fd)
{
	static int file = -1, file_of = -1;
	char path[64], text[1024];

	if (file_of != fd) {
		if (file >= 0)
			close(file);
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		file = open(path, O_RDONLY);
		file_of = fd;
	}
	if (pread(file, text, sizeof(text), 0) < 0)
		die("fdinfo of %d", fd);
}

/* What is listed: programs, maps or links. */
enum kind { PROGS, MAPS, LINKS };

/* The first call tells the type, and so what the second has to have room for. */
static void read_link(int fd)
{
	struct bpf_link_info info = { 0 };
	char name[256];

	read_info(fd, &info, sizeof(info));
	info.raw_tracepoint.tp_name = address(name);
	info.raw_tracepoint.tp_name_len = sizeof(name);
	read_info(fd, &info, sizeof(info));
}

static void read_object(bool is_prog, int fd)
{
	static uint32_t map_ids[1024];
	struct bpf_map_info map = { 0 };
	struct bpf_prog_info prog = { .nr_map_ids = sizeof(map_ids) / sizeof(*map_ids),
				      .map_ids = address(map_ids) };

	if (is_prog)
		read_info(fd, &prog, sizeof(prog));
	else
		read_info(fd, &map, sizeof(map));
	read_memory(fd);
}

static void list(enum kind kind, size_t bytes)
{
	static const int next[] = { BPF_PROG_GET_NEXT_ID, BPF_MAP_GET_NEXT_ID,
				    BPF_LINK_GET_NEXT_ID };
	static const int by_id[] = { BPF_PROG_GET_FD_BY_ID, BPF_MAP_GET_FD_BY_ID,
				     BPF_LINK_GET_FD_BY_ID };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	while (!sys_bpf(next[kind], &attr)) {
		uint32_t id = attr.next_id;

		memset(&attr, 0, sizeof(attr));
		attr.start_id = id;
		int fd = open_by_id(by_id[kind], id);
		if (fd < 0)
			continue; /* gone in between */
		if (kind == LINKS)
			read_link(fd);
		else
			read_object(kind == PROGS, fd);
		close(fd);
		emit(bytes);
	}
}

static void walk(int fd, void *key, void *value, size_t bytes)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	attr.next_key = address(key);
	while (!sys_bpf(BPF_MAP_GET_NEXT_KEY, &attr)) {
		attr.key = address(key);
		attr.value = address(value);
		if (!sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr))
			emit(bytes);
		attr.next_key = address(key);
	}
}

static bool batches(int fd, void *keys, void *values, size_t bytes)
{
	uint8_t cursor[512];
	union bpf_attr attr;
	bool more = true;

	memset(&attr, 0, sizeof(attr));
	attr.batch.map_fd = fd;
	attr.batch.out_batch = address(cursor);
	attr.batch.keys = address(keys);
	attr.batch.values = address(values);
	while (more) {
		attr.batch.count = BATCH;
		more = !sys_bpf(BPF_MAP_LOOKUP_BATCH, &attr);
		if (!more && errno == NO_BATCH)
			return false;
		if (!more && errno != ENOENT)
			die("batch");
		for (uint32_t i = 0; i < attr.batch.count; i++)
			emit(bytes);
		attr.batch.in_batch = address(cursor);
	}
	return true;
}

static size_t value_bytes(const struct bpf_map_info *info)
{
	size_t one = (info->value_size + 7) / 8 * 8;

	switch (info->type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return one * possible_cpus();
	default:
		return one;
	}
}

static void dump(long id, size_t bytes)
{
	struct bpf_map_info info = { 0 };

	int fd = open_by_id(BPF_MAP_GET_FD_BY_ID, (uint32_t)id);
	if (fd < 0)
		die("map %ld", id);
	read_info(fd, &info, sizeof(info));
	void *keys = zalloc(BATCH, info.key_size);
	void *values = zalloc(BATCH, value_bytes(&info));
	if (!batches(fd, keys, values, bytes))
		walk(fd, keys, values, bytes);
	free(keys);
	free(values);
	close(fd);
}

/* One descriptor of the process @pid, whose directory of them is @dir. */
static void owned(int proc, int dir, const char *pid, const char *fd, size_t bytes)
{
	static const char start[] = "anon_inode:bpf";
	char link[64], path[64], text[1024];

	ssize_t n = readlinkat(dir, fd, link, sizeof(link));
	if (n < (ssize_t)strlen(start) || memcmp(link, start, strlen(start)) != 0)
		return;
	snprintf(path, sizeof(path), "%s/fdinfo/%s", pid, fd);
	int file = openat(proc, path, O_RDONLY);
	if (file >= 0 && read(file, text, sizeof(text)) > 0)
		emit(bytes);
	close(file);
}

static void owned_by(int proc, const char *pid, size_t bytes)
{
	const struct dirent64 *entry;
	static char entries[65536];
	char path[300];
	long n;

	snprintf(path, sizeof(path), "%s/fd", pid);
	int dir = openat(proc, path, O_RDONLY | O_DIRECTORY);
	while (dir >= 0 && (n = getdents64(dir, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < n; at += entry->d_reclen) {
			entry = (const void *)(entries + at);
			if (*entry->d_name != '.')
				owned(proc, dir, pid, entry->d_name, bytes);
		}
	}
	close(dir);
}

static void owners(size_t bytes)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	const struct dirent64 *entry;
	static char entries[65536];
	long n;

	if (proc < 0)
		die("/proc");
	while ((n = getdents64(proc, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < n; at += entry->d_reclen) {
			entry = (const void *)(entries + at);
			if (isdigit((unsigned char)*entry->d_name))
				owned_by(proc, entry->d_name, bytes);
		}
	}
	close(proc);
}

int main(int argc, char **argv)
{
	size_t bytes = argc > 2 ? (size_t)num(argv[argc - 1]) : 0;

	bool is_sized = bytes > 0 && bytes <= OUT_BYTES;

	if (is_sized && argc == 4 && !strcmp(argv[1], "list"))
		list(!strcmp(argv[2], "progs")	? PROGS
		     : !strcmp(argv[2], "maps") ? MAPS
						: LINKS,
		     bytes);
	else if (is_sized && argc == 4 && !strcmp(argv[1], "dump"))
		dump(num(argv[2]), bytes);
	else if (is_sized && argc == 3 && !strcmp(argv[1], "owners"))
		owners(bytes);
	else if (argc != 2 || strcmp(argv[1], "start") != 0)
		return 2;
	flush();
	return 0;
}
