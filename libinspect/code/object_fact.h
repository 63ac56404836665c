/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_fact.h - one thing in an object, as a record
 */
#ifndef CODE_OBJECT_FACT_H
#define CODE_OBJECT_FACT_H

#include <stdbool.h>

#include "out/out.h"

enum object_fact_has {
	FACT_NAME = 1 << 0,
	FACT_SECTION = 1 << 1,
	FACT_TYPE = 1 << 2,
	FACT_ATTACH_TYPE = 1 << 3,
	FACT_OFFSET = 1 << 4,
	FACT_SIZE = 1 << 5,
	FACT_INSN = 1 << 6,
	FACT_INSNS = 1 << 7,
	FACT_SUBPROGS = 1 << 8,
	FACT_KEY = 1 << 9,
	FACT_VALUE = 1 << 10,
	FACT_ENTRIES = 1 << 11,
	FACT_KEY_TYPE = 1 << 12,
	FACT_VALUE_TYPE = 1 << 13,
	FACT_FLAGS = 1 << 14,
	FACT_EXTRA = 1 << 15,
	FACT_NODE = 1 << 16,
	FACT_PINNING = 1 << 17,
	FACT_WEAK = 1 << 18,
	FACT_TARGET = 1 << 19,
	FACT_ACCESS = 1 << 20,
	FACT_ORDER = 1 << 21,
	FACT_LICENSE = 1 << 22,
	FACT_VERSION = 1 << 23,
	FACT_TYPES = 1 << 24, /* and the numbers of functions and lines */
	FACT_CORES = 1 << 25,
	FACT_STATIC = 1 << 26,
};

/* Everything is borrowed. */
struct object_fact {
	unsigned have;
	const char *what; /* "program" */
	const char *name;
	const char *section;
	const char *type;
	const char *attach_type;
	unsigned long long offset, size;
	unsigned insn, insns, subprogs;
	unsigned key_bytes, value_bytes, max_entries, flags, numa_node;
	unsigned long long extra;
	const char *key_type, *value_type;
	const char *pinning;
	bool is_weak, is_static;
	const char *target;
	const char *access;
	const char *byte_order;
	const char *license;
	unsigned version;
	unsigned types, funcs, lines, cores;
};

#endif
