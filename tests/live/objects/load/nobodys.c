/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * nobodys.c - a function that nothing calls, in .text: the loader takes the object and loads no program of it
 */
int load_nobodys(void *context)
{
	return context != 0;
}
