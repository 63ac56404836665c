/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * reach.h - which instructions of a program can be come to, when what the loader puts into them is known
 *
 * The verifier does not look at code that it cannot come to; so programs ask whether a helper or a member is there, and
 * call it behind a branch. Here registers are followed as far as they hold constants. What is found to be out
 * of reach is so for the verifier too; the reverse need not hold, since it knows more of values.
 */
#ifndef PROBE_REACH_H
#define PROBE_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "code/object.h"

enum reach_kind {
	REACH_NOTHING, /* no way was found that leads here */
	REACH_NUMBER,
	REACH_NOT_ZERO,
	REACH_ADDRESS, /* of data: section and offset, or an extern's symbol */
	REACH_ANY,
};

struct reach_value {
	uint32_t kind;	/* enum reach_kind */
	uint32_t place; /* REACH_ADDRESS: section, or REACH_SYMBOL + the symbol's index */
	uint64_t number;
	bool is_blurred; /* it comes of what the loader puts in, or the verifier may know more of it */
};

#define REACH_SYMBOL 0x80000000u

/* What is known of the kernel. */
struct reach_facts {
	void *context;
	/*
	 * What an instruction puts into its register, where the loader changes it; false: it does not. What code may ask
	 * for is blurred, here and below.
	 */
	bool (*constant)(void *context, uint32_t section, const struct insn *insn,
			 struct reach_value *out);
	/* What is read at an address; @out is REACH_ANY before. */
	void (*load)(void *context, const struct reach_value *address, unsigned size,
		     struct reach_value *out);
};

/* Zeroed, it is empty. */
struct reach {
	const struct object *object;
	const struct reach_facts *facts;
	uint32_t *funcs; /* of the program: itself, then those it calls */
	uint32_t n_funcs;
	unsigned char **
		seen; /* by function of the object: a bit for each of its slots; NULL: not of the program */
	bool has_facts, has_blurred_jump; /* the program: see reach_is_unsure() */
	uint64_t steps;			  /* left, for the object; at 0 all counts as reached */
};

#define REACH_STEPS (1u << 25)

/* Makes room. 0 or -ENOMEM. */
int reach_init(struct reach *reach, const struct object *object, const struct reach_facts *facts);
void reach_done(struct reach *reach);

/* Follows a program of the object, by the number of its function; forgets the one before. 0 or -ENOMEM. */
int reach_follow(struct reach *reach, uint32_t func);

/*
 * May the verifier come to less of the program than is seen? It follows each path by itself, what is on the stack, and what
 * functions are called with and return: so it may know which way a jump goes that is decided by such, if the code
 * asks for something at all. Without that the compiler would have left out what nobody comes to.
 */
static inline bool reach_is_unsure(const struct reach *reach)
{
	return reach->has_facts && reach->has_blurred_jump;
}

/* Can the program that was followed come to this slot? */
bool reach_is_seen(const struct reach *reach, uint32_t func, uint32_t slot);

#endif
