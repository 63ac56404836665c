/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cnames.h - names of BTF as identifiers of C
 *
 * Any bytes can be a name in BTF. An identifier made for one that C cannot say depends on the name
 * alone, so the same type is called the same in every header: its letters, digits and underscores, two
 * underscores, and 8 digits of a hash of the name.
 */
#ifndef BTF_CNAMES_H
#define BTF_CNAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CNAMES_MOST 511 /* bytes of an identifier */

/* The names that were replaced. Zeroed, there are none. */
struct cnames {
	struct cname *names;
	uint32_t n;
	uint32_t room;
	uint32_t *slots; /* of the hash table: an index and 1, or 0 */
	uint32_t n_slots;
	struct buf text; /* the identifiers, each with its NUL */
	bool is_crowded; /* too many have the same hash: no more are taken */
};

struct cname {
	const char *original; /* borrowed */
	uint32_t hash;
	uint32_t offset; /* in the text */
	bool is_quoted;
};

/* Is it an identifier, not too long, and no keyword? */
bool cname_is_good(const char *name);

/*
 * The offset in names->text of the identifier for @name, which is borrowed. False where memory is
 * short, the identifiers are more than fit 32 bits, or the table is crowded.
 */
bool cnames_add(struct cnames *names, const char *name, uint32_t *offset);

/* The same for words that will stand between quotes, where there can be no comment. */
bool cnames_add_quoted(struct cnames *names, const char *name, uint32_t *offset);

/* The name for which @identifier stands; a suffix ___N that libbpf added does not matter. Or NULL. */
const char *cnames_original(const struct cnames *names, const char *identifier);

void cnames_done(struct cnames *names);

#endif
