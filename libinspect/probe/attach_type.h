/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * attach_type.h - what programs can be attached to
 */
#ifndef PROBE_ATTACH_TYPE_H
#define PROBE_ATTACH_TYPE_H

#include <stdbool.h>

#include "inspect.h"

struct probe;

#define ATTACH_TYPES_MOST 96 /* what has a higher number is asked for anew each time */

struct attach_type_known {
	bool is_known;
	struct inspect_feature feature;
};

/* What was found out in a run. Zeroed, nothing was. */
struct attach_types {
	struct attach_type_known known[ATTACH_TYPES_MOST];
};

/* Fills in the answer to an attach type, whatever its number; kind and name are the caller's. Asked once a run. */
void attach_type_answer(struct probe *probe, unsigned type, struct inspect_feature *out);

#endif
