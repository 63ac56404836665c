/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * load.c - a program of our own to the kernel
 */
#include "watch/load.h"

#include <errno.h>
#include <string.h>

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

int load_code(const struct sys *sys, const struct code *code, const struct load_how *how)
{
	struct abi_prog_load_attr attr = {
		.type = how->type,
		.insn_cnt = asm_count(code),
		.insns = address(code->bytes.bytes),
		.license = address("GPL"),
		.log_level = how->log ? 1 : 0,
		.log_size = how->log_size,
		.log_buf = address(how->log),
		.expected_attach_type = how->attach_type,
		.attach_btf_id = how->target_btf_id,
		.attach_fd = (uint32_t)how->target_fd,
	};

	if (!attr.insn_cnt)
		return -ENOMEM;
	memcpy(attr.name, how->name, strnlen(how->name, sizeof(attr.name) - 1));
	return sys_prog_load(sys, &attr);
}
