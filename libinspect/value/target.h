/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * target.h - a map that a verb works on, and the element that was typed
 */
#ifndef VALUE_TARGET_H
#define VALUE_TARGET_H

#include "records/inspect.h"
#include "value/data.h"
#include "value/kinds.h"

/* Zeroed, with map.fd -1, it is none. */
struct target {
	struct inspect *inspect;
	const struct inspect_ref *ref;
	const struct elems_kind *kind;
	bool is_kept; /* the map's descriptor is not closed with the target */
	struct inspect_map map;
	struct data data;
	unsigned *cpus; /* the possible ones, where the map has a value for each */
	unsigned n_cpus;
	unsigned cpu_at; /* place of data.cpu among them */
	size_t value_size;
	unsigned char *value; /* room for the value as the kernel has it */
};

/*
 * Opens the map for reading and takes the words apart. @takes and @needs are data_part bits; a key
 * is neither taken nor needed where the map has none, and "cpu" only where it has per-CPU values.
 */
int target_open(struct inspect *inspect, const struct inspect_ref *ref,
		const struct inspect_words *words, unsigned takes, unsigned needs,
		struct target *out, struct inspect_error *err);
void target_done(struct target *target);

/* Opens it again with the rights that a change needs, see one_reopen_map(). */
int target_reopen(struct target *target, uint32_t rights, struct inspect_error *err);

/*
 * 1 when the map has no such key, 0 when it has it, or a negative errno. Next key tells: after a key
 * that is not there comes the first one, and after no other. Fills in @next when there is one.
 */
int target_is_absent(const struct target *target, unsigned char *next);

/* Is the prefix that begins a key longer than the rest of it? Of prefix maps; others have none. */
int target_check_prefix(const struct target *target, struct inspect_error *err);

/* Is the key an index behind the last? */
bool target_is_beyond(const struct target *target);

bool target_is_frozen(const struct target *target);

/* Is a value a descriptor, for the system call that puts it there? */
bool target_takes_descriptors(unsigned map_type);

/* "map N: VERB", and in the hint what this errno means for this map. */
int target_fail(const struct target *target, const char *verb, int code, struct inspect_error *err);

#endif
