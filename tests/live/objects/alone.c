/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * alone.c - the smallest object: one program, in .text
 */
int start(void *context)
{
	return context != 0;
}
