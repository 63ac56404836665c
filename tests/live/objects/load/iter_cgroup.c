/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter_cgroup.c - an iterator over cgroups
 */
#define NO_TASKS
#define CGROUPS
#include "iter.h"
