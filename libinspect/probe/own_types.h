/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * own_types.h - BTF that stands in the source, word by word
 */
#ifndef PROBE_OWN_TYPES_H
#define PROBE_OWN_TYPES_H

#include <stdint.h>

#define INFO(kind, vlen) ((uint32_t)(kind) << 24 | (vlen))
#define GLOBAL 1		 /* a function's linkage */
#define SIGNED_32 (1 << 24 | 32) /* an int */

/* So many words of types, and as many bytes of strings. */
#define OWN_TYPES(n_words, n_bytes)                                                                \
	struct {                                                                                   \
		uint16_t magic;                                                                    \
		uint8_t version, flags;                                                            \
		uint32_t header_size, types_at, types_size, strings_at, strings_size;              \
		uint32_t types[n_words];                                                           \
		char strings[n_bytes];                                                             \
	} __attribute__((packed))

/* The header of the one that is called @own. */
#define OWN_TYPES_HEADER(own)                                                                      \
	.magic = 0xeb9f, .version = 1, .header_size = 24, .types_size = sizeof((own).types),       \
	.strings_at = sizeof((own).types), .strings_size = sizeof((own).strings)

#endif
