/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * gen-objects COUNT [HOLDERS] - hold COUNT programs and as many maps
 *
 * Program i, a socket filter, uses the maps i and i + 1, hash and array in turn. The programs keep
 * the maps, whose own descriptors are closed: a process may not have 20,000 everywhere.
 * HOLDERS more processes hold the programs too.
 * Prints "ready ID", the id of the middle program, and ends with its objects on SIGTERM.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static struct bpf_insn insn(uint8_t code, uint8_t dst, uint8_t src, int32_t imm)
{
	return (struct bpf_insn){ .code = code, .dst_reg = dst, .src_reg = src, .imm = imm };
}

static int make_map(struct held *held, uint32_t number)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = number % 2 ? BPF_MAP_TYPE_ARRAY : BPF_MAP_TYPE_HASH;
	attr.key_size = 4;
	attr.value_size = 8 + number % 3 * 8;
	attr.max_entries = 16;
	snprintf(attr.map_name, sizeof(attr.map_name), "map_%u", number);
	int fd = sys_bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0)
		die("map %u", number);
	held->map_ids[held->nr_maps++] = id_of(fd);
	return fd;
}

static void make_prog(struct held *held, uint32_t number, int map, int other_map)
{
	const struct bpf_insn insns[] = {
		insn(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, map),
		insn(0, 0, 0, 0),
		insn(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, other_map),
		insn(0, 0, 0, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, (int32_t)number),
		insn(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 1),
		insn(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 2),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0),
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = address(insns);
	attr.insn_cnt = sizeof(insns) / sizeof(*insns);
	attr.license = address("GPL");
	snprintf(attr.prog_name, sizeof(attr.prog_name), "prog_%u", number);
	int fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		die("program %u", number);
	held->fds[held->nr_fds++] = fd;
	held->prog_ids[held->nr_progs++] = id_of(fd);
}

int main(int argc, char **argv)
{
	struct held held;
	long count = argc == 2 || argc == 3 ? num(argv[1]) : 0;
	long holders = argc == 3 ? num(argv[2]) : 0;

	if (count < 1 || count > UINT32_MAX) {
		fprintf(stderr, "usage: gen-objects COUNT [HOLDERS]\n");
		return 2;
	}
	held_init(&held, count);

	int first = make_map(&held, 0), map = first;
	for (uint32_t i = 0; i < count; i++) {
		int next = i + 1 < count ? make_map(&held, i + 1) : first;

		make_prog(&held, i, map, next);
		if (map != first)
			close(map);
		map = next;
	}
	close(first);
	for (long i = 0; i < holders; i++)
		held_fork(&held, 0);
	held_wait(&held, held.prog_ids[count / 2]);
	return 0;
}
