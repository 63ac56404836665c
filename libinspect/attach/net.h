/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * net.h - failures that hooks of the network and of cgroups share
 */
#ifndef ATTACH_NET_H
#define ATTACH_NET_H

#include "attach/hook.h"

/* As attach_fail(), with the rights that these hooks ask for. */
int attach_fail_net(const struct attach_job *job, int code, struct inspect_error *err);

/* The same where programs have an order. */
int attach_fail_ordered(const struct attach_job *job, int code, struct inspect_error *err);

/* The first link that @fits: its id, or 0; and its program. What cannot be read is left out. */
unsigned attach_find_link(struct inspect *inspect,
			  bool (*fits)(const struct inspect_link *link, const void *wanted),
			  const void *wanted, unsigned *prog_id);

/* Says that the kernel did not take it off: @code is what it said. */
int detach_fail(const struct attach_job *job, int code, struct inspect_error *err);

#endif
