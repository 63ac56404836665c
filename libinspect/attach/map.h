/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map.h - programs of a map of sockets, and the flow dissector, without a link
 */
#ifndef ATTACH_MAP_H
#define ATTACH_MAP_H

#include "records/inspect.h"

/* What bpftool calls TYPE. */
struct map_hook {
	const char *name;
	const char *old_name; /* may be shortened, as bpftool takes it; NULL: there is none */
	uint32_t attach_type;
	uint32_t prog_type;
	const char *since; /* the release of Linux that has it */
	bool has_map;	   /* else it is the caller's network namespace */
};

/* The row that a word means, or NULL. */
const struct map_hook *map_hook_find(const char *word);

/* Is a map named where one is needed, and there alone? 0 or -INSPECT_EUSAGE. */
int map_hook_check(const struct map_hook *hook, const struct inspect_ref *map,
		   struct inspect_error *err);

/*
 * Attach an open program, or take it off. Returns 0 or a negative errno
 * with words on why, and nothing is changed then.
 */
int map_hook_attach(struct inspect *inspect, const struct map_hook *hook,
		    const struct inspect_prog *prog, const struct inspect_ref *map,
		    struct inspect_error *err);
int map_hook_detach(struct inspect *inspect, const struct map_hook *hook,
		    const struct inspect_prog *prog, const struct inspect_ref *map,
		    struct inspect_error *err);

#endif
