/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * facts.c - what is known of helpers by their numbers, whatever the kernel
 *
 * A kernel that runs is asked; files do not tell. The kernel's declaration of a helper has these as gpl_only and might_sleep; those of
 * ktime_get_ns alone changed, in Linux 5.8.
 */
#include "probe/facts.h"

#include <stddef.h>

#define LAST_KNOWN 211 /* cgrp_storage_delete: the last helper there will be */

static const uint16_t for_gpl[] = {
	4,   6,	  22,  25,  27,	 35,  36,  45,	55,  56,  58,  67,  69,	 77,  78,
	92,  100, 110, 111, 112, 113, 114, 115, 119, 121, 126, 127, 150, 158, 163,
	165, 169, 170, 171, 172, 173, 175, 176, 177, 191, 204, 205, 206, 207,
};

enum fact fact_is_for_gpl(uint32_t helper)
{
	for (size_t i = 0; i < sizeof(for_gpl) / sizeof(*for_gpl); i++)
		if (for_gpl[i] == helper)
			return FACT_YES;
	return helper && helper <= LAST_KNOWN ? FACT_NO : FACT_UNKNOWN;
}

/* copy_from_user, ima_inode_hash, copy_from_user_task, ima_file_hash */
bool fact_may_sleep(uint32_t helper)
{
	return helper == 148 || helper == 161 || helper == 191 || helper == 193;
}
