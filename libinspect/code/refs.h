/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * refs.h - names for what the instructions of loaded programs refer to
 *
 *	for each program: refs_want(&refs, &image)
 *	for each program: refs_begin(&refs, &image, btf), then insn_print() with refs_names(&refs)
 *
 * Names of the kernel's functions are read once for all programs, when the first one begins, and only if some
 * instruction needs one. Names of maps are read when they are asked for.
 */
#ifndef CODE_REFS_H
#define CODE_REFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "btf/reader.h"
#include "code/image.h"
#include "code/insn.h"

/* Zeroed but for inspect and note, nothing was asked. */
struct refs {
	struct inspect *inspect;
	const struct inspect_note *note;
	const struct image *image;
	const struct btf_reader *btf;
	struct refs_map *maps; /* by id */
	size_t n_maps;
	bool is_told; /* that names are hidden */
	struct buf text;
};

void refs_done(struct refs *refs);

/* 0 or -ENOMEM. */
int refs_want(struct refs *refs, const struct image *image);

/* Both are borrowed until the next one; @btf may be NULL. Tells by the note why names are missing. */
int refs_begin(struct refs *refs, const struct image *image, const struct btf_reader *btf);

struct insn_names refs_names(struct refs *refs);

/* What a helper or a kfunc is called; NULL where that is not known. Safe for a terminal. */
const char *refs_call_name(struct refs *refs, const struct insn *insn);

/* Is it a subprogram that is called, and of which the kernel's symbol is known? */
bool refs_has_symbol(const struct refs *refs, const struct insn *insn);

/* The function of the program that begins at this slot; NULL without BTF. */
const char *refs_func_name(const struct refs *refs, uint32_t slot);

/* The map that an instruction loads: its id, or 0. */
uint32_t refs_map_id(const struct insn *insn);

/* Its name: "" where it has none, NULL where it cannot be had. Any bytes. */
const char *refs_map_name(struct refs *refs, uint32_t id);

#endif
