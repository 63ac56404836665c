/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * drop.c - to be without this process' capabilities for a while
 */
#include "probe/drop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/capability.h>

static const cap_value_t four[] = { CAP_SYS_ADMIN, CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON };
static const char *const names[] = { "CAP_SYS_ADMIN", "CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON" };

#define N_FOUR (sizeof(four) / sizeof(*four))

/* Kernels before 5.8 do not know two of them, and libcap refuses what the kernel does not know. */
static bool is_known(cap_value_t capability)
{
	return CAP_IS_SUPPORTED(capability);
}

static int clear(cap_t caps)
{
	for (unsigned i = 0; i < N_FOUR; i++)
		if (is_known(four[i]) && cap_set_flag(caps, CAP_EFFECTIVE, 1, &four[i], CAP_CLEAR))
			return -errno;
	return cap_set_proc(caps) ? -errno : 0;
}

int drop_begin(struct drop *drop)
{
	cap_t caps = cap_get_proc();
	cap_t before = caps ? cap_dup(caps) : NULL;
	int r = before ? clear(caps) : -ENOMEM;

	cap_free(caps);
	if (r) {
		cap_free(before);
		return r;
	}
	drop->before = before;
	return 0;
}

void drop_done(struct drop *drop)
{
	if (!drop->before)
		return;
	cap_set_proc(drop->before);
	cap_free(drop->before);
	*drop = (struct drop){ 0 };
}

unsigned drop_missing(char *text, size_t size)
{
	cap_t caps = cap_get_proc();
	size_t at = 0;
	unsigned n = 0;

	text[0] = '\0';
	for (unsigned i = 0; caps && i < N_FOUR; i++) {
		cap_flag_value_t value = CAP_CLEAR;

		if (!is_known(four[i]))
			continue;
		if (!cap_get_flag(caps, four[i], CAP_EFFECTIVE, &value) && value == CAP_SET)
			continue;
		at += (size_t)snprintf(text + at, size - at, "%s%s", n ? ", " : "", names[i]);
		n++;
	}
	cap_free(caps);
	return n;
}
