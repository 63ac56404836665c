/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cfg.h - where control can go in a stream of instructions
 *
 * Functions are what lies between the slots that are called, pointed to, or named as beginnings by
 * the stream; blocks are what is run from its first instruction to its last. Calls end no block.
 */
#ifndef CODE_CFG_H
#define CODE_CFG_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "code/insn.h"

/* Where an edge leads, when not to a block. */
#define CFG_EXIT UINT32_MAX	     /* back to the caller */
#define CFG_UNKNOWN (UINT32_MAX - 1) /* where a register says */
#define CFG_NOWHERE (UINT32_MAX - 2) /* out of the stream, or into the middle of an instruction */

enum cfg_way {
	CFG_FALL, /* to what stands next */
	CFG_JUMP,
};

struct cfg_edge {
	uint32_t from; /* block */
	uint32_t to; /* block, or one of the above; in bad streams the block of another function */
	uint8_t way; /* enum cfg_way */
};

struct cfg_block {
	uint32_t first, last, end; /* slots: of its first and last instruction, and behind that */
	uint32_t func;
	uint32_t edge,
		n_edges; /* what leads out, in edges[]: where to fall comes before where to jump */
};

struct cfg_func {
	uint32_t first, end;	  /* slots */
	uint32_t block, n_blocks; /* in blocks[] */
};

struct cfg {
	struct cfg_func *funcs;
	struct cfg_block *blocks;
	struct cfg_edge *edges;
	uint32_t n_funcs, n_blocks, n_edges;
};

/*
 * All three lists in the order of slots; every instruction is in one block, reachable or not. Stream
 * and graph may be any bytes. Cost: two looks at each instruction, memory for at most as many blocks
 * as there are slots and twice as many edges. Returns 0 or -ENOMEM.
 */
int cfg_init(struct cfg *cfg, const struct insn_stream *stream, struct inspect_error *err);
void cfg_done(struct cfg *cfg);

/* The block that an instruction is in: its number, or CFG_NOWHERE for a slot that is out of the stream. */
uint32_t cfg_find(const struct cfg *cfg, uint32_t index);

#endif
