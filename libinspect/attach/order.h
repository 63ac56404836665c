/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * order.h - where among others a program is attached, and in whose place
 */
#ifndef ATTACH_ORDER_H
#define ATTACH_ORDER_H

#include "attach/hook.h"

/* What the words 'before', 'after' and 'first' say. Zeroed but for an fd of -1: behind all others. */
struct order {
	uint32_t flags;	  /* of the new link */
	int fd;		  /* of the program or link that it stands beside, or -1 */
	unsigned prog_id; /* where that is a program */
};

int order_read(const struct attach_job *job, struct order *out, struct inspect_error *err);
void order_done(struct order *order);

/* Does the job say 'replace'? */
bool order_replaces(const struct attach_job *job);

/*
 * Puts the program of @job in the place of the one that the link behind 'replace' has. The link has to be of this type,
 * of the hook's attach type, and at @target: an ifindex, or the number of a cgroup, of a network namespace's file or of
 * a map.
 */
int order_replace(const struct attach_job *job, unsigned link_type, uint64_t target,
		  struct inspect_attachments *out, struct inspect_error *err);

#endif
