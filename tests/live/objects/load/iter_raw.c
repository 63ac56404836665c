/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter_raw.c - an iterator that writes bytes rather than text
 */
#define NO_TASKS
#define RAW
#include "iter.h"
