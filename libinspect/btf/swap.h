/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * swap.h - BTF made for machines of the other byte order
 */
#ifndef BTF_SWAP_H
#define BTF_SWAP_H

#include <stdbool.h>
#include <stddef.h>

/* Does the blob begin as BTF of the other byte order does? */
bool btf_is_swapped(const void *bytes, size_t size);

/*
 * Turns such a blob into one of this machine's order, where it is. Nothing but the header is read to do so: whether
 * it is sound, btf_init() says.
 */
void btf_swap(void *bytes, size_t size);

#endif
