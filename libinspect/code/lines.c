/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * lines.c - which functions and source lines begin at an instruction
 *
 * The kernel keeps both lists in the order of instructions, all functions of a program together. Not in
 * that order, some are not found; nothing worse.
 */
#include "code/lines.h"

#include <string.h>

void lines_init(struct lines *lines, const struct image *image, const struct btf_reader *btf)
{
	*lines = (struct lines){ .image = image, .btf = btf };
}

/* Records of @bytes each that begin with a slot. */
struct records {
	const char *at;
	uint32_t n;
	size_t bytes;
};

static uint32_t slot_of(const struct records *records, uint32_t i)
{
	uint32_t slot;

	memcpy(&slot, records->at + i * records->bytes, sizeof(slot));
	return slot;
}

/* The first record whose slot is not below @slot. @hint: where that was the last time. */
static uint32_t find(const struct records *records, uint32_t slot, uint32_t hint)
{
	uint32_t low = 0, high = records->n;

	for (uint32_t i = hint; i < records->n && i <= hint + 1; i++)
		if (slot_of(records, i) >= slot && (!i || slot_of(records, i - 1) < slot))
			return i;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (slot_of(records, middle) < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t lines_find_func(struct lines *lines, uint32_t slot)
{
	const struct image *image = lines->image;
	const struct records records = { (const char *)image->funcs, image->n_funcs,
					 sizeof(*image->funcs) };

	if (!lines->btf)
		return 0;
	lines->func = find(&records, slot, lines->func);
	if (lines->func == records.n || image->funcs[lines->func].insn_off != slot)
		return 0;
	return image->funcs[lines->func].type_id;
}

static const char *text_at(const struct btf_reader *btf, uint32_t offset)
{
	const char *text = btf_string(btf, offset);

	return text ? text : "";
}

static void take_line(const struct lines *lines, const struct abi_line_info *info, struct line *out)
{
	const char *text = text_at(lines->btf, info->line_off);

	*out = (struct line){
		.text = text + strspn(text, " \t\n\v\f\r"),
		.file = text_at(lines->btf, info->file_name_off),
		.number = info->line_col >> 10,
		.column = info->line_col & 0x3ff,
	};
}

/* The number of the first line that does not begin before @slot. */
static uint32_t line_at(struct lines *lines, uint32_t slot)
{
	const struct image *image = lines->image;
	const struct records records = { (const char *)image->lines, image->n_lines,
					 sizeof(*image->lines) };

	lines->line = find(&records, slot, lines->line);
	return lines->line;
}

bool lines_find(struct lines *lines, uint32_t slot, struct line *out)
{
	const struct image *image = lines->image;
	uint32_t i = lines->btf ? line_at(lines, slot) : image->n_lines;

	if (i == image->n_lines || image->lines[i].insn_off != slot)
		return false;
	take_line(lines, &image->lines[i], out);
	return true;
}

bool lines_find_around(struct lines *lines, uint32_t from, uint32_t slot, struct line *out)
{
	const struct image *image = lines->image;
	uint32_t i = lines->btf ? line_at(lines, slot) : 0;

	if (!lines->btf)
		return false;
	if (i == image->n_lines || image->lines[i].insn_off != slot)
		i--;
	if (i == UINT32_MAX || image->lines[i].insn_off < from)
		return false;
	take_line(lines, &image->lines[i], out);
	return true;
}
