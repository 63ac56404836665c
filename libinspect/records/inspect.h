/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * inspect.h - the handle: all state of the library
 */
#ifndef RECORDS_INSPECT_H
#define RECORDS_INSPECT_H

#include <stdint.h>

#include "btf/reader.h"
#include "kernel/names.h"
#include "kernel/sys.h"

/* The BTF read last: programs of one object share theirs, and have ids behind each other. */
struct btf_cache {
	uint32_t id; /* 0: none */
	uint8_t *bytes;
	struct btf_reader btf;
};

struct inspect {
	struct sys sys;
	struct btf_cache cache;
	struct names names;
};

/* The BTF object with this id, until the next call; NULL when it cannot be had. */
const struct btf_reader *inspect_btf_cached(struct inspect *inspect, uint32_t id);

#endif
