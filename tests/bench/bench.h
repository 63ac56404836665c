/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bench.h - what the programs of the bench share: bpf(2) by hand, and holding objects
 *
 * Nothing of bpflens is used here, so that a fault of its own cannot hide in its measure.
 * These programs are short-lived: whatever fails ends the program with a message.
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The objects that a generator keeps: open descriptors, and the ids of all that must be gone. */
struct held {
	int *fds;
	uint32_t *prog_ids;
	uint32_t *map_ids;
	long nr_fds, nr_progs, nr_maps;
	long memory_kib; /* the kernel's before anything was made */
	pid_t *children;
	long nr_children;
};

void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* A whole number, which may end in k (thousand) or m (million). */
long num(const char *word);

void *zalloc(long count, size_t size);

/* The kernel wants pointers as numbers. */
uint64_t address(const void *p);

/* bpf(2) with an attribute of this header's size; newer kernels and older ones both take it. */
int sys_bpf(int command, union bpf_attr *attr);

int open_by_id(int command, uint32_t id);
void read_info(int fd, void *info, uint32_t size);
uint32_t id_of(int fd);

/* How many CPUs a per-CPU value has room for. */
long possible_cpus(void);

/* Room for @count descriptors, or as many as this process may have. */
void held_init(struct held *held, long count);

/*
 * A process more, which has all that is open, opens @count files of its own and sleeps until held_wait()
 * ends it.
 */
void held_fork(struct held *held, long count);

/*
 * Prints "ready ID", sleeps until SIGTERM, closes everything and returns once the kernel has freed it,
 * which it does some time later and on the CPU that the next measurement wants.
 */
void held_wait(struct held *held, uint32_t id);

#endif
