/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rows_arena.c - a program that takes a page of an arena, writes to it and reads it again
 */
#include "../common.h"

#define ARENA __attribute__((address_space(1)))

struct {
	__uint(type, 33);	    /* arena */
	__uint(map_flags, 1 << 10); /* mmapable */
	__uint(max_entries, 4);
} pages FROM(".maps");

extern void ARENA *bpf_arena_alloc_pages(void *map, void ARENA *at, __u32 count, int node,
					 __u64 flags) FROM(".ksyms");

__u64 runs;

/* The instruction by which an address of the arena becomes one of the kernel's: older compilers do not write it themselves. */
static inline __u64 *in_kernel(void ARENA *at)
{
	__u64 *result;

	__asm__ volatile("r0 = %[at]\n"
			 ".byte 0xbf, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00\n"
			 "%[result] = r0"
			 : [result] "=r"(result)
			 : [at] "r"(at)
			 : "r0");
	return result;
}

SEC("syscall") int row_arena(void *context)
{
	void ARENA *at = bpf_arena_alloc_pages(&pages, 0, 1, -1, 0);
	volatile __u64 *page;

	if (!at)
		return 1;
	page = in_kernel(at);
	page[3] = 41;
	runs = page[3] + 1;
	return 0;
}

char LICENSE[] FROM("license") = "GPL";
