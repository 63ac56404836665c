/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * slots.c - which slots of a perf event array hold an event
 *
 * bpf_perf_event_read_value() says that there is none, or whatever else about the one there is: reading changes
 * nothing, neither the event nor its reader's ring.
 */
#include "watch/slots.h"

#include <errno.h>

#include "base/cleanup.h"
#include "watch/asm.h"
#include "watch/load.h"

#define VALUE_BYTES 24

/* A raw tracepoint that takes the index as its argument, and returns what the helper says. */
static void write_code(struct code *code, int map_fd)
{
	asm_load(code, R2, R1, 0);
	asm_map(code, R1, map_fd);
	asm_move(code, R3, FP);
	asm_add(code, R3, -VALUE_BYTES);
	asm_set(code, R4, VALUE_BYTES);
	asm_call(code, ASM_HELPER_PERF_READ_VALUE);
	asm_exit(code);
}

static int is_slot_taken(const struct sys *sys, int prog_fd, unsigned index, bool *out)
{
	uint64_t argument = index;
	struct abi_prog_run_attr attr = {
		.prog_fd = (uint32_t)prog_fd,
		.ctx_size_in = sizeof(argument),
		.ctx_in = (uint64_t)(uintptr_t)&argument,
	};

	int r = sys_prog_run(sys, &attr);
	if (r < 0)
		return r;
	*out = (int32_t)attr.retval != -ENOENT;
	return 0;
}

int slots_read(const struct sys *sys, int map_fd, const unsigned *indices, unsigned n,
	       bool *is_taken)
{
	AUTO(asm_done) struct code code = { 0 };

	write_code(&code, map_fd);
	autoclose int fd = load_code(
		sys, &code,
		&(struct load_how){ ABI_PROG_TYPE_RAW_TRACEPOINT, .name = "look_at_slots" });
	if (fd < 0)
		return fd;
	for (unsigned i = 0; i < n; i++) {
		int r = is_slot_taken(sys, fd, indices[i], &is_taken[i]);

		if (r < 0)
			return r;
	}
	return 0;
}
