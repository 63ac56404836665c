/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * refusal.c - what may stand behind EPERM, which is all that the kernel says of it
 */
#include "kernel/refusal.h"

#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "kernel/caps.h"
#include "kernel/proc.h"

#define LOCKDOWN "/sys/kernel/security/lockdown"

/* "none [integrity] confidentiality": the word in brackets counts. */
static bool read_lockdown(void)
{
	autofree char *text = NULL;
	size_t size;

	if (proc_read_file(LOCKDOWN, 4096, &text, &size, NULL))
		return false;
	return !memmem(text, size, "[none]", 6) && memchr(text, '[', size);
}

void refusal_read(struct refusal *out)
{
	struct rlimit limit;

	*out = (struct refusal){ .has_rights = caps_may_load(), .is_locked_down = read_lockdown() };
	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	out->has_limit = limit.rlim_cur != RLIM_INFINITY;
	out->limit = limit.rlim_cur;
}
