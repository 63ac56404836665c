/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter_task.c - an iterator over tasks
 */
#include "iter.h"
