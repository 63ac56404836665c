/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sample.c - makes a few BPF maps and programs for the demo, and holds them until it is ended
 *
 * Nothing is attached or pinned: the kernel drops every object when this process ends. It speaks to
 * bpf(2) directly, so that the demo also shows objects that bpflens had no part in making.
 * Prints "ready" when all objects are there.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static int sys_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static void fail(const char *what, const char *name)
{
	int code = errno;

	fprintf(stderr, "demo: cannot make %s %s: %s\n", what, name, strerror(code));
	if (code == EPERM)
		fprintf(stderr, "demo: this needs root, and a container must allow bpf(2)\n");
	if (code == ENOSYS)
		fprintf(stderr, "demo: this kernel has no bpf(2)\n");
	exit(1);
}

static int make_map(enum bpf_map_type type, const char *name, uint32_t key, uint32_t value,
		    uint32_t entries, uint32_t flags)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key,
		.value_size = value,
		.max_entries = entries,
		.map_flags = flags,
	};
	strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);

	int fd = sys_bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0)
		fail("map", name);
	return fd;
}

static void put(int map, const void *key, const void *value)
{
	union bpf_attr attr = { .map_fd = (uint32_t)map,
				.key = address(key),
				.value = address(value) };

	if (sys_bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0)
		fail("an element of", "a map");
}

static int make_prog(enum bpf_prog_type type, const char *name, const struct bpf_insn *code,
		     uint32_t instructions)
{
	static char log[4096];
	union bpf_attr attr = {
		.prog_type = type,
		.insns = address(code),
		.insn_cnt = instructions,
		.license = address("GPL"),
		.log_buf = address(log),
		.log_size = sizeof(log),
		.log_level = 1,
	};
	strncpy(attr.prog_name, name, sizeof(attr.prog_name) - 1);

	int fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0) {
		int code_of_load = errno;
		fputs(log, stderr);
		errno = code_of_load;
		fail("program", name);
	}
	return fd;
}

/* Let the program see a few packets of our own, so that its counter shows something. */
static void run_prog(int prog, uint32_t times)
{
	uint8_t packet[64] = { 0 };
	union bpf_attr attr = { .test = { .prog_fd = (uint32_t)prog,
					  .data_in = address(packet),
					  .data_size_in = sizeof(packet),
					  .repeat = times } };

	sys_bpf(BPF_PROG_TEST_RUN, &attr); /* a kernel that cannot leaves the counter at 0 */
}

static int make_hash(void)
{
	static const struct {
		char key[8];
		uint64_t value;
	} entries[] = { { "apples", 3 }, { "pears", 12 }, { "plums", 144 }, { "figs", 1000000 } };

	int fd = make_map(BPF_MAP_TYPE_HASH, "demo_hash", sizeof(entries[0].key),
			  sizeof(entries[0].value), 64, 0);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		put(fd, entries[i].key, &entries[i].value);
	return fd;
}

static int make_lpm(void)
{
	static const struct {
		uint32_t prefix_bits;
		uint8_t network[4];
		uint32_t value;
	} routes[] = { { 8, { 10, 0, 0, 0 }, 1 }, { 24, { 192, 0, 2, 0 }, 2 } };

	int fd = make_map(BPF_MAP_TYPE_LPM_TRIE, "demo_lpm", 8, sizeof(uint32_t), 16,
			  BPF_F_NO_PREALLOC);
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++)
		put(fd, &routes[i], &routes[i].value);
	return fd;
}

/* A socket filter that counts in the map's first slot and passes nothing on. */
static int make_filter(int map)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = -4, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -4 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ 0 }, /* the upper half of the load above */
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0, .imm = 0, .off = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 1 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW,
		  .dst_reg = BPF_REG_0,
		  .src_reg = BPF_REG_1,
		  .imm = BPF_ADD },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return make_prog(BPF_PROG_TYPE_SOCKET_FILTER, "demo_count", code, ARRAY_SIZE(code));
}

/* An XDP program that looks up one key of the hash and lets every packet pass. */
static int make_xdp(int map)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -8 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return make_prog(BPF_PROG_TYPE_XDP, "demo_pass", code, ARRAY_SIZE(code));
}

int main(void)
{
	static const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	static const uint32_t key = 0;
	static const uint64_t start = 0;

	/* Kernels before 5.11 charge maps to this limit; later ones do not care. */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	/* The objects must not outlive the script that shows them. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);

	int array = make_map(BPF_MAP_TYPE_ARRAY, "demo_array", sizeof(key), sizeof(start), 4, 0);
	put(array, &key, &start);
	make_map(BPF_MAP_TYPE_PERCPU_ARRAY, "demo_percpu", sizeof(key), sizeof(start), 2, 0);
	make_lpm();
	make_xdp(make_hash());
	run_prog(make_filter(array), 5);

	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
