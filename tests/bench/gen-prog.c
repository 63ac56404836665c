/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * gen-prog INSNS|same COUNT - hold a program of so many instructions, or COUNT small ones of one name
 *
 * "gen-prog INSNS" makes blocks that look like compiled code: stores to the stack, maps, calls of helpers, jumps. With
 * "gen-prog INSNS plain" nothing in it needs a name. "gen-prog same COUNT": programs called bench_same, of which each
 * calls a helper.
 * Prints "ready ID", the id of the last program, and ends with its objects on SIGTERM.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static struct bpf_insn insn(uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	return (struct bpf_insn){
		.code = code, .dst_reg = dst & 0xf, .src_reg = src & 0xf, .off = off, .imm = imm
	};
}

static int make_map(struct held *held, uint32_t type, const char *name)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = 4;
	attr.value_size = 16;
	attr.max_entries = 64;
	snprintf(attr.map_name, sizeof(attr.map_name), "%s", name);
	int fd = sys_bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0)
		die("map %s", name);
	held->map_ids[held->nr_maps++] = id_of(fd);
	return fd;
}

/* 22 slots; r6 is the context. */
static long add_block(struct bpf_insn *to, int array, int hash, int32_t number)
{
	const struct bpf_insn block[] = {
		insn(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, number % 64),
		insn(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, array),
		insn(0, 0, 0, 0, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		insn(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		insn(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		insn(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3, 0),
		insn(BPF_LDX | BPF_MEM | BPF_DW, 7, 0, 0, 0),
		insn(BPF_ALU64 | BPF_XOR | BPF_K, 7, 0, 0, number * 7),
		insn(BPF_STX | BPF_MEM | BPF_DW, 0, 7, 8, 0),
		insn(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns),
		insn(BPF_STX | BPF_MEM | BPF_DW, 10, 0, -24, 0),
		insn(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, hash),
		insn(0, 0, 0, 0, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		insn(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		insn(BPF_ALU64 | BPF_MOV | BPF_X, 3, 10, 0, 0),
		insn(BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, -24),
		insn(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -16, number),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0),
		insn(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_update_elem),
		insn(BPF_ALU64 | BPF_LSH | BPF_K, 0, 0, 0, 3),
	};

	memcpy(to, block, sizeof(block));
	return sizeof(block) / sizeof(*block);
}

static long add_plain(struct bpf_insn *to, int32_t number)
{
	to[0] = insn(BPF_ALU64 | BPF_MOV | BPF_K, (uint8_t)(1 + number % 5), 0, 0, number);
	to[1] = insn(BPF_ALU64 | BPF_ADD | BPF_X, 0, (uint8_t)(1 + number % 5), 0, 0);
	return 2;
}

static void load(struct held *held, const struct bpf_insn *insns, long n, const char *name)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = address(insns);
	attr.insn_cnt = (uint32_t)n;
	attr.license = address("GPL");
	snprintf(attr.prog_name, sizeof(attr.prog_name), "%s", name);
	int fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		die("program %s", name);
	held->fds[held->nr_fds++] = fd;
	held->prog_ids[held->nr_progs++] = id_of(fd);
}

static void make_large(struct held *held, long size, bool is_plain)
{
	struct bpf_insn *insns = zalloc(size + 64, sizeof(*insns));
	int array = is_plain ? -1 : make_map(held, BPF_MAP_TYPE_ARRAY, "bench_array");
	int hash = is_plain ? -1 : make_map(held, BPF_MAP_TYPE_HASH, "bench_hash");
	long n = 0;

	insns[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0);
	insns[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	for (int32_t i = 0; n < size - (is_plain ? 3 : 23); i++)
		n += is_plain ? add_plain(insns + n, i) : add_block(insns + n, array, hash, i);
	insns[n++] = insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	insns[n++] = insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	load(held, insns, n, "bench_large");
	free(insns);
	if (!is_plain) {
		close(array);
		close(hash);
	}
}

static void make_same(struct held *held, long count)
{
	for (int32_t i = 0; i < count; i++) {
		const struct bpf_insn insns[] = {
			insn(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns),
			insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, i),
			insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
		};

		load(held, insns, sizeof(insns) / sizeof(*insns), "bench_same");
	}
}

int main(int argc, char **argv)
{
	bool is_same = argc == 3 && strcmp(argv[1], "same") == 0;
	bool is_plain = argc == 3 && strcmp(argv[2], "plain") == 0;
	long count = is_same ? num(argv[2]) : argc == 2 || is_plain ? num(argv[1]) : 0;
	struct held held;

	if (count < 1 || count > 1000000 || (!is_same && count < 16)) {
		fprintf(stderr, "usage: gen-prog INSNS [plain] | gen-prog same COUNT\n");
		return 2;
	}
	held_init(&held, is_same ? count : 4);
	if (is_same)
		make_same(&held, count);
	else
		make_large(&held, count, is_plain);
	held_wait(&held, held.prog_ids[held.nr_progs - 1]);
	return 0;
}
