/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter_none.c - no iterator
 */
#define NO_TASKS
#define NO_ITERATOR
#include "iter.h"
