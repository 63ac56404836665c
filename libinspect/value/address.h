/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * address.h - addresses from text
 */
#ifndef VALUE_ADDRESS_H
#define VALUE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_MOST 16u /* bytes of the largest */

/*
 * Reads an address of exactly @size bytes, in the order that they have in a packet: IPv4 (4), a hardware
 * address (6), or IPv6 (16). False where the text is none; @out is written only where it is one.
 */
bool address_parse(const char *text, size_t size, unsigned char *out);

#endif
