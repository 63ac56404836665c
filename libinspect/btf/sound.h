/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sound.h - can the types of a blob be followed, and be said in C?
 *
 * The reader vouches for each record by itself. Here what they refer to is looked at: libbpf's printer
 * follows references without asking, and hangs or overflows its stack where they lead nowhere or go
 * round.
 */
#ifndef BTF_SOUND_H
#define BTF_SOUND_H

#include <stdint.h>

#include "btf/reader.h"

/*
 * How deep types may be in each other (a kernel's are some 60; libbpf and we recurse as deep, which a small stack of
 * 128 KiB has to take), and what printing them may take.
 */
#define SOUND_DEPTH 256
#define SOUND_TEXT_LEAST ((uint64_t)4 << 20)
#define SOUND_STEPS_LEAST ((uint64_t)4 << 20)

/*
 * Types that C text must leave out. They are sound, and so is a pointer to one: a forward declaration
 * can stand for them.
 */
struct btf_sound {
	unsigned char *left_out; /* by id, 1 or 0 */
	uint32_t n_left_out;
	uint32_t first_left_out; /* an id; 0: none */
	uint32_t unknown_kind; /* of the first type whose kind this build does not know; 0: none */
};

/*
 * Follows all references of all types, those of the base too. Left out are: kinds that this build
 * does not know, structs and unions whose members overlap or stick out, and what holds one of these
 * (or a type that is only declared) by value. With btf->stopped_kind, an id that is not there is of
 * such a kind.
 *
 * Takes about 20 bytes a type, and less than a second for anything: what would take libbpf longer, or
 * become absurdly long, is refused.
 *
 * Returns 0, -EINVAL (which type, and what is wrong with it) or -ENOMEM.
 */
int btf_sound_init(struct btf_sound *out, const struct btf_reader *btf, struct inspect_error *err);
void btf_sound_done(struct btf_sound *sound);

/* The number of bytes of a pointer, from the size of long; 8 where no type tells. */
uint32_t btf_pointer_bytes(const struct btf_reader *btf);

/*
 * The struct or union with a name that member @i, which has none, stands for, through modifiers and typedefs;
 * 0 if it is no such member. The references must be sound.
 */
uint32_t btf_named_inside(const struct btf_reader *btf, const struct btf_entry *type, uint32_t i);

#endif
