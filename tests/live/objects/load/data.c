/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * data.c - no program at all
 */
#include "../common.h"

int number = 1;
