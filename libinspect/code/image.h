/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * image.h - what the kernel gives of a loaded program's code
 */
#ifndef CODE_IMAGE_H
#define CODE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "code/insn.h"
#include "inspect.h"
#include "kernel/abi.h"
#include "records/inspect.h"

/*
 * Counts are what was copied, and may be 0. Slots in funcs and lines count translated instructions, of all
 * functions one behind the other. Zeroed, there is nothing.
 */
struct image {
	uint32_t prog_id;
	uint32_t btf_id;
	bool is_jited;
	bool is_hidden; /* this user is told no addresses, and no numbers of called functions */
	uint32_t size;	/* bytes of insns */
	uint8_t *insns;
	uint32_t n_funcs, n_lines, n_tags;
	struct abi_func_info *funcs;
	struct abi_line_info *lines;
	uint8_t (*tags)[8]; /* of the functions, in the order of funcs */
	uint32_t n_addresses;
	uint64_t *addresses; /* the same, of their machine code */
	uint32_t *starts;    /* slots of the functions: n_funcs of them */
};

/*
 * Reads it. Cost: two system calls. Returns 0, -EPERM (with a hint: what is withheld, and from whom),
 * -ENOMEM or another negative errno.
 */
int image_read(struct inspect *inspect, const struct inspect_prog *prog, struct image *out,
	       struct inspect_error *err);
void image_done(struct image *image);

/* Its instructions, borrowed from the image. */
struct insn_stream image_stream(const struct image *image);

#endif
