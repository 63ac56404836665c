/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * holders.h - which processes have descriptors of BPF objects
 */
#ifndef KERNEL_HOLDERS_H
#define KERNEL_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sys.h"

/* A process that holds at least one object. */
struct holder {
	uint32_t pid;
	uint32_t uid; /* the one it acts as */
	bool has_uid;
	char comm[32]; /* of its first thread; any bytes */
	char *cgroup;  /* path, or NULL */
};

/* One object in the hands of one process, however many descriptors of it there are. */
struct holding {
	uint32_t kind; /* enum inspect_kind */
	uint32_t id;
	uint32_t pid;
	uint32_t holder; /* index */
};

/* Zero bytes are valid and empty. Memory goes with what is held, not with what there is. */
struct holders {
	struct holding *holdings; /* sorted by kind, id and pid */
	size_t n_holdings;
	struct holder *holders;
	size_t n_holders;
	size_t n_seen;	  /* processes */
	size_t n_refused; /* those whose descriptors were not to be had */
	bool is_hidden;	  /* /proc leaves out processes of others */
};

/*
 * Looks at every descriptor of every process but the caller's own. @wants_details: also users and
 * cgroups. A process that ends meanwhile is left out. Two to four threads share the work where
 * there is enough of it and CPUs for them; none is left when this returns.
 * 0 or a negative errno: /proc cannot be read, or there is no memory.
 */
int holders_read(const struct sys *sys, bool wants_details, struct holders *out);
void holders_done(struct holders *holders);

/* Who holds an object, by ascending pid: the first, and how many; NULL when there are none. */
const struct holding *holders_find(const struct holders *holders, enum inspect_kind kind,
				   uint32_t id, size_t *n);

/* The object that an fdinfo text (it ends with NUL) is of. */
bool holders_parse_fdinfo(const char *text, enum inspect_kind *kind, uint32_t *id);

/* The text of a cgroup file to a path in it: where it begins and its length, or NULL. */
const char *holders_find_cgroup(const char *text, size_t *size);

#endif
