/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * since.c - the first mainline release that has a thing
 */
#include "probe/since.h"

#include <stddef.h>

const char *since_find(enum inspect_feature_kind kind, const char *name, const char *of)
{
	(void)kind;
	(void)name;
	(void)of;
	return NULL;
}
