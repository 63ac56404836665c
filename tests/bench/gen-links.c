/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * gen-links COUNT - hold COUNT links of a program to a raw tracepoint
 *
 * It is one that is passed where programs are tested and nowhere else, so nothing runs slower meanwhile.
 * Prints "ready ID", the id of the program, and ends with its links on SIGTERM.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define TRACEPOINT "bpf_test_finish"

static int load(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
	attr.insns = address(insns);
	attr.insn_cnt = sizeof(insns) / sizeof(*insns);
	attr.license = address("GPL");
	int fd = sys_bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		die("program");
	return fd;
}

int main(int argc, char **argv)
{
	struct held held;
	long count = argc == 2 ? num(argv[1]) : 0;

	if (count < 1) {
		fprintf(stderr, "usage: gen-links COUNT\n");
		return 2;
	}
	held_init(&held, count + 1);
	int prog = load();
	held.prog_ids[held.nr_progs++] = id_of(prog);
	for (long i = 0; i < count; i++) {
		union bpf_attr attr;

		memset(&attr, 0, sizeof(attr));
		attr.raw_tracepoint.name = address(TRACEPOINT);
		attr.raw_tracepoint.prog_fd = (uint32_t)prog;
		int fd = sys_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
		if (fd < 0)
			die("link %ld", i);
		held.fds[held.nr_fds++] = fd;
	}
	held.fds[held.nr_fds++] = prog;
	held_wait(&held, held.prog_ids[0]);
	return 0;
}
