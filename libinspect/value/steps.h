/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * steps.h - what a type becomes: compile.c writes it, walk.c and encode.c run it
 */
#ifndef VALUE_STEPS_H
#define VALUE_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "value/walk.h"

/* A walk that nests deeper is refused; less than SINK_DEPTH, since elements stand in other lists. */
#define STEPS_DEPTH 48

enum step_kind {
	STEP_RECORD,
	STEP_LIST,
	STEP_CLOSE,
	STEP_CHARS,    /* text, if it is, and then on behind the list; else the list follows */
	STEP_LOOP,     /* the steps up to its STEP_AGAIN, for each of count elements */
	STEP_AGAIN,    /* the end of a loop */
	STEP_UNSIGNED, /* up to 64 bits */
	STEP_SIGNED,
	STEP_BOOL,
	STEP_ENUM,
	STEP_LARGE,   /* up to 128 bits, as decimal text */
	STEP_HEX,     /* the same as "0x..." */
	STEP_CHAR,    /* a byte as text */
	STEP_FLOAT,   /* 4 or 8 bytes */
	STEP_POINTER, /* "0x..." or "(nil)" */
	STEP_ADDRESS, /* "0x..." or null */
	STEP_BYTES,   /* of no type that is known */
};

/* Names by value; where several have one, the first that was declared. */
struct step_name {
	uint64_t value;
	const char *name;
	uint32_t index;
};

struct step_names {
	struct step_names *next;
	uint32_t type_id;
	unsigned bits;
	bool is_signed;
	size_t n;
	struct step_name rows[];
};

struct step {
	enum step_kind kind;
	uint8_t shift; /* bits in front of the value */
	uint8_t bits;  /* of the value */
	bool is_signed;
	bool is_root;	 /* its key is the caller's */
	uint32_t offset; /* bytes, from the value's start or the innermost loop's element */
	uint32_t size;	 /* bytes that are read; STEP_RECORD, STEP_LIST: all it has */
	uint32_t count;	 /* STEP_CHARS, STEP_LOOP: elements */
	uint32_t
		end; /* STEP_CHARS: the step behind the list; STEP_LOOP: its STEP_AGAIN; else its STEP_CLOSE */
	uint32_t proto;	 /* a pointer to a function: which type that has; else 0 */
	const char *key; /* or NULL */
	const struct step_names *names;
};

struct walk {
	struct step *steps;
	size_t n;
	size_t size;   /* bytes of a value */
	bool is_exact; /* see walk_be_exact() */
	struct step_names *names;
	walk_function *put_function; /* see walk_set_functions() */
	void *context;
};

#endif
