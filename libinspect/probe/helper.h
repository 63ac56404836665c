/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * helper.h - what the verifier says of helpers
 *
 * The program that asks for one calls it and then does what no program may, so that it is never taken: what it is refused for tells. Where
 * the verifier prints which registers each instruction needs (Linux 6.15), one program asks for all helpers at once: a call of what
 * the type has not needs all five that may hold arguments, and one of what it has only as many as the helper takes.
 */
#ifndef PROBE_HELPER_H
#define PROBE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/abi.h"
#include "kernel/sys.h"

enum helper_verdict {
	HELPER_NOT_ASKED,
	HELPER_YES,
	HELPER_NOT_FOR_TYPE,
	HELPER_NOT_THERE, /* for no type: this kernel's numbers end before */
	HELPER_REFUSED,	  /* for something else, which says nothing of the helper */
};

/* It is there for the type, and not for this program. */
enum helper_limit {
	HELPER_NO_LIMIT,
	HELPER_LICENSE, /* for programs compatible with the GPL */
	HELPER_SLEEPS,	/* for programs that may */
};

#define HELPER_SAID_ROOM 128

struct helper_said {
	enum helper_verdict verdict;
	enum helper_limit limit;     /* HELPER_YES: and why it is refused all the same */
	int code;		     /* errno of the load */
	char text[HELPER_SAID_ROOM]; /* HELPER_REFUSED: what the verifier wrote first */
};

/* Asks for one helper in a program that is as @shape says: one load. */
void helper_load(const struct sys *sys, const struct abi_prog_load_attr *shape, unsigned helper,
		 struct helper_said *out);

/* Asking for it alone makes the kernel write to its log. */
bool helper_writes_to_log(unsigned helper);

#define HELPER_ARGUMENTS 5 /* the most that there can be */
#define HELPERS_MOST 1024

/*
 * How many arguments each of these helpers takes, by one load: HELPER_ARGUMENTS also where the type has it not. @beyond is
 * a number that no helper has, and shows whether the kernel says it as expected. False: it does not tell. @log: HELPER_LOG_ROOM bytes.
 */
#define HELPER_LOG_ROOM (128u << 10)
bool helper_count_arguments(const struct sys *sys, const struct abi_prog_load_attr *shape,
			    const uint16_t *helpers, unsigned n, unsigned beyond, char *log,
			    uint8_t *out);

/* The same of any instructions that call something. */
bool helper_count_call_arguments(const struct sys *sys, const struct abi_prog_load_attr *shape,
				 const uint64_t *calls, unsigned n, unsigned beyond, char *log,
				 uint8_t *out);

#endif
