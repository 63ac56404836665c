/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * lines.h - which functions and source lines begin at an instruction
 */
#ifndef CODE_LINES_H
#define CODE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "btf/reader.h"
#include "code/image.h"

/* Slots are looked for in both lists; going through a program in order, that is one comparison each. */
struct lines {
	const struct image *image;
	const struct btf_reader *btf; /* NULL: nothing is found */
	uint32_t func, line;	      /* where the last one was */
};

/* A source line. Texts belong to BTF, and may be any. */
struct line {
	const char *text; /* without the blanks in front */
	const char *file;
	uint32_t number; /* 0: not told, as the column */
	uint32_t column;
};

/* Both are borrowed. */
void lines_init(struct lines *lines, const struct image *image, const struct btf_reader *btf);

/* The type of the function that begins there, or 0. */
uint32_t lines_find_func(struct lines *lines, uint32_t slot);

/* The line that begins there. */
bool lines_find(struct lines *lines, uint32_t slot, struct line *out);

/* The line that the instruction belongs to: it begins at @from or behind, and at @slot or before. */
bool lines_find_around(struct lines *lines, uint32_t from, uint32_t slot, struct line *out);

#endif
