/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter_two.c - iterators over tasks and over the elements of a map
 */
#define ELEMENTS
#include "iter.h"
