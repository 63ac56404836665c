/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_funcs.c - the functions of an object
 */
#include "code/object_funcs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

static bool has_place(const struct object *object, const struct elf_symbol *symbol)
{
	return symbol->section != ELF_UNDEFINED && symbol->section < object->elf.image.n_sections &&
	       symbol->type <= ELF_SYMBOL_FUNC && *symbol->name;
}

/* Of those in one place the last is the best: a function, then what is global. */
static unsigned rank(const struct elf_symbol *symbol)
{
	return (symbol->type == ELF_SYMBOL_FUNC ? 4u : 0) +
	       (symbol->type == ELF_SYMBOL_OBJECT ? 2u : 0) + !symbol->is_local;
}

static int compare_places(const void *a, const void *b, void *context)
{
	const struct object *object = context;
	const struct elf_symbol *left = &object->elf.symbols[*(const uint32_t *)a];
	const struct elf_symbol *right = &object->elf.symbols[*(const uint32_t *)b];

	if (left->section != right->section)
		return left->section < right->section ? -1 : 1;
	if (left->value != right->value)
		return left->value < right->value ? -1 : 1;
	if (rank(left) != rank(right))
		return rank(left) < rank(right) ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

static int sort_places(struct object *object, struct inspect_error *err)
{
	const struct elf_object *elf = &object->elf;

	object->places = calloc((size_t)elf->n_symbols + 1, sizeof(*object->places));
	if (!object->places)
		return inspect_fail(err, ENOMEM, "%u symbols", elf->n_symbols);
	for (uint32_t i = 0; i < elf->n_symbols; i++)
		if (has_place(object, &elf->symbols[i]))
			object->places[object->n_places++] = i;
	qsort_r(object->places, object->n_places, sizeof(*object->places), compare_places, object);
	return 0;
}

const struct elf_symbol *object_symbol_before(const struct object *object, uint32_t section,
					      uint64_t offset)
{
	uint32_t low = 0, high = object->n_places;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct elf_symbol *symbol = &object->elf.symbols[object->places[middle]];

		if (symbol->section < section ||
		    (symbol->section == section && symbol->value <= offset))
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	const struct elf_symbol *found = &object->elf.symbols[object->places[low - 1]];
	return found->section == section ? found : NULL;
}

static int fail_symbol(const struct elf_symbol *symbol, const char *where, const char *why,
		       struct inspect_error *err)
{
	return inspect_fail(err, EINVAL, "symbol %u %s: a function in section %s, %s",
			    symbol->index, symbol->name, where, why);
}

/* A function lies in a section with instructions, begins where one does, and ends inside. */
static int check_func(const struct object *object, const struct elf_symbol *symbol,
		      struct inspect_error *err)
{
	if (symbol->section == ELF_COMMON)
		return fail_symbol(symbol, "COMMON", "which holds no instructions", err);
	if (symbol->section == ELF_ABSOLUTE)
		return fail_symbol(symbol, "ABS", "which holds no instructions", err);

	const struct elf_part *part = &object->elf.parts[symbol->section];
	if (elf_part_is_empty(part))
		return fail_symbol(symbol, part->name, "which has no bytes in the file (NOBITS)",
				   err);
	if (!elf_part_is_code(part))
		return fail_symbol(symbol, part->name, "which holds no instructions", err);
	if (symbol->value % INSN_BYTES || symbol->size % INSN_BYTES)
		return fail_symbol(symbol, part->name, "not at whole instructions", err);
	if (symbol->value > part->size || symbol->size > part->size - symbol->value)
		return inspect_fail(err, EINVAL,
				    "symbol %u %s: %llu bytes at offset %llu of section %s, which "
				    "has %llu",
				    symbol->index, symbol->name, (unsigned long long)symbol->size,
				    (unsigned long long)symbol->value, part->name,
				    (unsigned long long)part->size);
	return 0;
}

static bool is_func(const struct elf_symbol *symbol)
{
	return symbol->type == ELF_SYMBOL_FUNC && symbol->section != ELF_UNDEFINED;
}

static int check_symbols(const struct object *object, struct inspect_error *err)
{
	for (uint32_t i = 0; i < object->elf.n_symbols; i++) {
		const struct elf_symbol *symbol = &object->elf.symbols[i];

		int r = is_func(symbol) ? check_func(object, symbol, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

/* While the functions are put together. */
struct laying {
	struct object *object;
	uint32_t section;
	uint32_t end; /* slots of the section that have a function already */
};

static void add_func(struct object *object, const struct object_func *func)
{
	object->funcs[object->n_funcs++] = *func;
}

/* What no symbol covers is there all the same. */
static void fill_gap(struct laying *laying, uint32_t to)
{
	if (laying->end < to)
		add_func(laying->object, &(struct object_func){ .name = "",
								.section = laying->section,
								.first = laying->end,
								.end = to,
								.base = laying->object->n_funcs,
								.is_local = true });
}

/* What had no end ends where the next one begins. */
static void end_before(struct object *object, uint32_t slot)
{
	const struct object_func *last = &object->funcs[object->n_funcs - 1];

	for (uint32_t i = last->base; i < object->n_funcs; i++)
		object->funcs[i].end = slot;
}

static void lay_beside(struct laying *laying, const struct object_func *before,
		       struct object_func *func)
{
	if (!before || before->section != func->section)
		return;
	func->is_alias = *before->name && before->first == func->first &&
			 before->is_open == func->is_open && before->end == func->end;
	if (func->is_alias)
		func->base = before->base;
	if (before->is_open && before->first < func->first) {
		end_before(laying->object, func->first);
		laying->end = func->first;
	}
}

static int lay_func(struct laying *laying, const struct elf_symbol *symbol, uint32_t slots,
		    struct inspect_error *err)
{
	struct object *object = laying->object;
	uint32_t n = object->n_funcs;
	struct object_func func = {
		.name = symbol->name,
		.section = symbol->section,
		.first = (uint32_t)(symbol->value / INSN_BYTES),
		.is_local = symbol->is_local,
		.is_weak = symbol->is_weak,
		.is_open = !symbol->size,
	};

	func.end = func.is_open ? slots : func.first + (uint32_t)(symbol->size / INSN_BYTES);
	lay_beside(laying, n ? &object->funcs[n - 1] : NULL, &func);
	if (!func.is_alias && func.first < laying->end)
		return inspect_fail(err, EINVAL, "symbol %u %s: begins inside function %s",
				    symbol->index, symbol->name, object->funcs[n - 1].name);
	fill_gap(laying, func.first);
	if (!func.is_alias)
		func.base = object->n_funcs;
	add_func(object, &func);
	laying->end = func.end;
	return 0;
}

static int lay_section(struct laying *laying, uint32_t *place, struct inspect_error *err)
{
	struct object *object = laying->object;
	uint32_t slots = object_stream(object, laying->section).count;

	for (; *place < object->n_places; (*place)++) {
		const struct elf_symbol *symbol = &object->elf.symbols[object->places[*place]];

		if (symbol->section > laying->section)
			break;
		if (symbol->section < laying->section || !is_func(symbol))
			continue;
		int r = lay_func(laying, symbol, slots, err);
		if (r < 0)
			return r;
	}
	fill_gap(laying, slots);
	return 0;
}

static int check_part(const struct elf_part *part, struct inspect_error *err)
{
	if (elf_part_is_empty(part) && part->size)
		return inspect_fail(err, EINVAL,
				    "section %s: instructions without bytes in the file (NOBITS)",
				    part->name);
	if (part->size / INSN_BYTES >= UINT32_MAX)
		return inspect_fail(err, EFBIG, "section %s", part->name);
	return 0;
}

static bool is_code(const struct elf_part *part)
{
	return elf_part_is_code(part) && part->index;
}

static int lay_funcs(struct object *object, struct inspect_error *err)
{
	uint32_t place = 0, n = object->elf.image.n_sections;
	size_t most = 2 * ((size_t)object->n_places + n);

	object->funcs = calloc(most + 1, sizeof(*object->funcs));
	if (!object->funcs)
		return inspect_fail(err, ENOMEM, "%u symbols", object->n_places);
	for (uint32_t i = 1; i < n; i++) {
		struct laying laying = { object, i, 0 };

		if (!is_code(&object->elf.parts[i]))
			continue;
		int r = check_part(&object->elf.parts[i], err);
		if (!r)
			r = lay_section(&laying, &place, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * What stands in .text is there to be called, as long as there are other programs or more than one there:
 * the oldest objects have their only program there.
 */
static void tell_subprogs(struct object *object)
{
	for (uint32_t i = 0; i < object->n_funcs; i++) {
		struct object_func *func = &object->funcs[i];
		const char *section = object->elf.parts[func->section].name;

		func->is_subprog = object->n_funcs > 1 && strcmp(section, ".text") == 0;
	}
}

int object_find_funcs(struct object *object, struct inspect_error *err)
{
	int r = check_symbols(object, err);
	if (!r)
		r = sort_places(object, err);
	if (!r)
		r = lay_funcs(object, err);
	if (!r)
		tell_subprogs(object);
	return r ? r : object_count_calls(object, err);
}

const struct object_func *object_find_func(const struct object *object, uint32_t section,
					   uint32_t slot)
{
	uint32_t low = 0, high = object->n_funcs;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct object_func *func = &object->funcs[middle];

		if (func->section < section || (func->section == section && func->first <= slot))
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	const struct object_func *found = &object->funcs[low - 1];
	found = &object->funcs[found->base];
	return found->section == section && slot < found->end ? found : NULL;
}
