/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict_object.c - what the object file tells of an instruction that the kernel counts
 */
#include "load/verdict_object.h"

#include <string.h>

bool verdict_place_find(struct verdict_place *out, const struct object *object, const char *program,
			uint32_t insn)
{
	*out = (struct verdict_place){ 0 };
	if (!object || !program)
		return false;
	for (uint32_t i = 0; i < object->n_funcs; i++) {
		const struct object_func *func = &object->funcs[i];

		if (func->is_subprog || strcmp(func->name, program) != 0)
			continue;
		if (insn >= func->end - func->first)
			return false;
		*out = (struct verdict_place){ object, func->section, func->first + insn, func };
		return true;
	}
	return false;
}

bool verdict_place_line(const struct verdict_place *place, struct line *out)
{
	const struct ext_section *ext = object_ext(place->object, place->section);
	struct lines lines;

	if (!ext)
		return false;
	lines_init(&lines, &ext->image, &place->object->btf);
	return lines_find_around(&lines, place->func->first, place->slot, out);
}

static bool is_text(const struct line *line, const char *text, size_t size)
{
	return strlen(line->text) == size && memcmp(line->text, text, size) == 0;
}

/* 0: not there, 1: there, 2: at several lines. */
static unsigned count_text(const struct object *object, const struct ext_section *ext,
			   const char *text, size_t size, struct line *out, unsigned n)
{
	struct lines lines;
	struct line line;

	lines_init(&lines, &ext->image, &object->btf);
	for (uint32_t i = 0; i < ext->image.n_lines && n < 2; i++) {
		if (!lines_get(&lines, i, &line) || !is_text(&line, text, size))
			continue;
		if (n && (line.number != out->number || strcmp(line.file, out->file) != 0))
			return 2;
		*out = line;
		n = 1;
	}
	return n;
}

bool verdict_line_of_text(const struct object *object, const char *text, size_t size,
			  struct line *out)
{
	unsigned n = 0;

	for (uint32_t i = 0; object && i < object->ext.n_sections && n < 2; i++)
		n = count_text(object, &object->ext.sections[i], text, size, out, n);
	return n == 1;
}

bool verdict_place_add_relocation(const struct verdict_place *place, struct buf *out)
{
	const struct ext_section *ext =
		place->object ? object_ext(place->object, place->section) : NULL;
	const struct ext_core *core = ext ? ext_find_core(ext, place->slot) : NULL;
	struct btf_budget budget = { 0 };

	if (!core || !place->object->has_btf)
		return false;
	ext_renew(&budget);
	ext_add_core(core, &place->object->btf, &budget, out);
	return true;
}

static bool decode(const struct verdict_place *place, struct insn *out)
{
	struct insn_stream stream;

	if (!place->object)
		return false;
	stream = object_stream(place->object, place->section);
	if (place->slot >= stream.count)
		return false;
	insn_decode(&stream, place->slot, out);
	return true;
}

void verdict_place_add_symbol(const struct verdict_place *place, struct buf *out)
{
	struct object_target target;
	struct insn insn;

	if (decode(place, &insn) &&
	    object_find_target(place->object, place->section, &insn, &target))
		object_add_target(place->object, &target, out);
}

void verdict_place_add_text(const struct verdict_place *place, struct buf *out)
{
	struct insn insn;

	if (!decode(place, &insn))
		return;
	insn.flaw = INSN_SOUND; /* the kernel has said what is wrong */
	insn_print(&insn, INSN_KERNEL, NULL, out);
}
