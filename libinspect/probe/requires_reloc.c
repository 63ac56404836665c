/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_reloc.c - what an object's symbols and code refer to, and no loader finds
 *
 * The loader looks at all of it before it loads anything: what no program calls or names counts as well. Sections are told by
 * their names; new ones may come, with a dot in front, so that what those hold is not judged.
 */
#include <string.h>

#include "probe/requires.h"

#define NOT_MARKED                                                                                 \
	"it is declared and not in the object: the loader takes such with __ksym or __kconfig alone, and with types (BTF)"
#define NOT_IN_TEXT "the loader takes calls to functions of .text alone, and to the kernel's"
#define NO_DATA                                                                                    \
	"the loader does not know its section: data is in .data, .rodata, .bss and what begins like these"

#define MAYBE_DATA "some loaders may know its section, and others not"
#define IS_STATIC                                                                                  \
	"it is static, and the loader takes no such program: in .text it would be a function"

static void refuse(struct finding *finding, const char *name, const char *by, const char *detail)
{
	struct need *need = finding_add(finding, NEED_OBJECT, NEED_MUST, name, NULL, by);
	bool is_sure = strcmp(detail, MAYBE_DATA) != 0;

	if (!need)
		return;
	need_answer(finding, need, is_sure ? INSPECT_NO : INSPECT_UNKNOWN,
		    is_sure ? INSPECT_FOUND_FILE : INSPECT_FOUND_NOT, detail);
	need->reason = is_sure ? INSPECT_REASON_OTHER : INSPECT_REASON_NEEDS_LOAD;
}

/* Those with a section of their own in BTF were seen before. */
static void check_externs(struct finding *finding)
{
	const struct elf_object *elf = &finding->object->elf;

	for (uint32_t i = 1; i < elf->n_symbols; i++) {
		const struct elf_symbol *symbol = &elf->symbols[i];

		if (symbol->section == ELF_UNDEFINED && symbol->type == ELF_SYMBOL_NOTYPE &&
		    !symbol->is_local && *symbol->name && !finding->externs[i])
			refuse(finding, symbol->name, NULL, NOT_MARKED);
	}
}

static void check_programs(struct finding *finding)
{
	const struct object *object = finding->object;

	for (uint32_t i = 0; i < object->n_funcs; i++) {
		const struct object_func *func = &object->funcs[i];

		if (func->is_local && *func->name &&
		    strcmp(object->elf.parts[func->section].name, ".text") != 0)
			refuse(finding, func->name, NULL, IS_STATIC);
	}
}

static bool is_data(const char *section)
{
	static const char *const known[] = { ".data", ".rodata", ".bss", ".maps", ".addr_space" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t n = strlen(known[i]);

		if (strncmp(section, known[i], n) == 0 && (!section[n] || section[n] == '.'))
			return true;
	}
	return strcmp(section, "maps") == 0; /* has words of its own */
}

/* Why the loader refuses what an instruction refers to; NULL: it does not, or that is not known. */
static const char *find_fault(const struct object *object, const struct insn *insn,
			      const struct object_target *target)
{
	if (target->section == ELF_UNDEFINED || target->section >= object->elf.image.n_sections)
		return NULL;
	const struct elf_part *part = &object->elf.parts[target->section];
	if (elf_part_is_code(part) && strcmp(part->name, ".text") == 0)
		return NULL;
	if (insn->kind == INSN_CALL)
		return insn->call == INSN_CALL_SUBPROG ? NOT_IN_TEXT : NULL;
	if (insn->kind != INSN_CONSTANT)
		return NULL;
	if (elf_part_is_code(part))
		return NOT_IN_TEXT;
	if (is_data(part->name))
		return NULL;
	return *part->name == '.' || *part->name == '?' ? MAYBE_DATA : NO_DATA;
}

static void check_reloc(struct finding *finding, uint32_t section, const struct elf_reloc *reloc)
{
	const struct object *object = finding->object;
	struct insn_stream stream = object_stream(object, section);
	uint64_t slot = reloc->offset / INSN_BYTES;
	struct object_target target;
	struct insn insn;

	if (reloc->offset % INSN_BYTES || slot >= stream.count)
		return;
	const struct object_func *func = object_find_func(object, section, (uint32_t)slot);
	if (!func)
		return;
	insn_decode(&stream, (uint32_t)slot, &insn);
	if (!object_find_target(object, section, &insn, &target) || !target.symbol)
		return;
	const char *fault = find_fault(object, &insn, &target);
	if (!fault)
		return;
	object_add_target(object, &target, &finding->text);
	refuse(finding, finding_text(finding, &finding->text), func->name, fault);
}

void finding_relocs(struct finding *finding)
{
	const struct elf_object *elf = &finding->object->elf;

	check_externs(finding);
	check_programs(finding);
	for (uint32_t i = 0; i < elf->image.n_sections; i++) {
		const struct elf_relocs *relocs = &finding->object->relocs[i];

		if (!elf_part_is_code(&elf->parts[i]))
			continue;
		for (uint32_t k = 0; k < relocs->n && !finding->has_no_memory; k++)
			check_reloc(finding, i, &relocs->relocs[k]);
	}
}
