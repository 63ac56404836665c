/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * gen-procs PROCS FILES - PROCS sleeping processes, each with FILES open files, none of them of BPF
 *
 * Prints "ready 0", and ends with its processes on SIGTERM.
 */
#include <stdio.h>

#include "bench.h"

int main(int argc, char **argv)
{
	struct held held;
	long procs = argc == 3 ? num(argv[1]) : 0;

	if (procs < 1) {
		fprintf(stderr, "usage: gen-procs PROCS FILES\n");
		return 2;
	}
	held_init(&held, 0);
	for (long i = 0; i < procs; i++)
		held_fork(&held, num(argv[2]));
	held_wait(&held, 0);
	return 0;
}
