/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * facility.h - programs that show that a facility is there
 */
#ifndef PROBE_FACILITY_H
#define PROBE_FACILITY_H

#include "probe/trial.h"

#define FACILITY_NAMES 3
#define FACILITY_SLOTS 16

enum facility_map {
	FACILITY_NO_MAP,
	FACILITY_ARRAY,
	FACILITY_PROG_ARRAY,
	FACILITY_ARENA,
	FACILITY_LOCK, /* arrays whose values have these */
	FACILITY_TIMER,
	FACILITY_WQ,
};

struct facility_code {
	unsigned type; /* of program */
	enum facility_map map;
	uint32_t flags;
	unsigned second; /* the slot where its second function begins, if types of both are given */
	bool is_static;	 /* that function */
	const int *refused; /* errnos that mean that the facility is not there, up to three and 0 */
	/*
	 * A program that each kernel takes, or NULL: where it is refused, too, the refusal of this one does not come of the
	 * facility. For errnos that others, a security module say, give as well.
	 */
	const struct facility_code *control;
	struct slot slots[FACILITY_SLOTS];
};

/* A call of the function of the kernel's that is named at this place. */
#define SLOT_KFUNC(place) SLOT(0x85, 0, 2, 0, place)

/* Loads the program, with these functions of the kernel's, and answers. */
void facility_load(struct probe *probe, const struct facility_code *code,
		   const char *const kfuncs[FACILITY_NAMES], struct inspect_feature *out);

#endif
