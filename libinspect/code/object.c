/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object.c - a compiled object as programs, data, and what refers to what
 *
 * A list of programs that is shorter than what the file has would look like an answer. So a function whose symbol
 * points to where no instructions are is an error, whatever else the file has.
 */
#include "code/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "btf/swap.h"
#include "code/object_funcs.h"
#include "kernel/proc.h"

#define FILE_MOST ((size_t)256 << 20)

void object_close(struct object *object)
{
	for (uint32_t i = 0; object->relocs && i < object->elf.image.n_sections; i++)
		elf_relocs_done(&object->relocs[i]);
	free(object->relocs);
	free(object->places);
	free(object->funcs);
	ext_done(&object->ext);
	btf_done(&object->btf);
	elf_section_done(&object->btf_section);
	elf_section_done(&object->ext_section);
	free(object->turned);
	free(object->datasecs);
	elf_object_close(&object->elf);
	free(object->bytes);
	*object = (struct object){ 0 };
}

static int compare_relocs(const void *a, const void *b)
{
	const struct elf_reloc *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

static int read_relocs(struct object *object, struct inspect_error *err)
{
	const struct elf_object *elf = &object->elf;
	uint32_t n = elf->image.n_sections;

	object->relocs = calloc(n, sizeof(*object->relocs));
	if (!object->relocs)
		return inspect_fail(err, ENOMEM, "%u sections", n);
	for (uint32_t i = 1; i < n; i++) {
		const struct elf_part *part = &elf->parts[i];

		if (!elf_part_relocates(part, part->info))
			continue;
		if (part->info >= n)
			return inspect_fail(err, EINVAL, "section %s: relocations for section %u",
					    part->name, part->info);
		if (!elf_part_is_loaded(&elf->parts[part->info]))
			continue; /* debugging information may be compressed, and is not ours */
		struct elf_relocs *relocs = &object->relocs[part->info];
		if (relocs->relocs)
			return inspect_fail(err, EINVAL,
					    "section %s: relocations for section %u a second time",
					    part->name, part->info);
		int r = elf_relocs_read(elf, part, relocs, err);
		if (r < 0)
			return r;
		if (relocs->n)
			qsort(relocs->relocs, relocs->n, sizeof(*relocs->relocs), compare_relocs);
	}
	return 0;
}

/* The content of a section that need not be there: 1, 0 or a negative error. */
static int find_content(const struct object *object, const char *name, struct elf_section *out,
			struct inspect_error *err)
{
	const struct elf_part *part = elf_object_find(&object->elf, name);

	if (!part)
		return 0;
	int r = elf_image_content(&object->elf.image, part, out, err);
	return r < 0 ? r : 1;
}

/* BTF of the other byte order is turned in a copy. */
static int turn(struct object *object, const void **bytes, struct inspect_error *err)
{
	if (!btf_is_swapped(*bytes, object->btf_size))
		return 0;
	object->turned = malloc(object->btf_size);
	if (!object->turned)
		return inspect_fail(err, ENOMEM, "section .BTF");
	memcpy(object->turned, *bytes, object->btf_size);
	btf_swap(object->turned, object->btf_size);
	*bytes = object->turned;
	return 0;
}

static int read_btf(struct object *object, struct inspect_error *err)
{
	int r = find_content(object, ".BTF", &object->btf_section, err);
	if (r <= 0)
		return r;

	const void *bytes = object->btf_section.bytes;
	object->btf_size = object->btf_section.size;
	r = turn(object, &bytes, err);
	if (r < 0)
		return r;
	r = btf_init(&object->btf, bytes, object->btf_size, NULL, err);
	if (r < 0)
		return inspect_context(err, "section .BTF");
	object->has_btf = true;
	if (object->btf.stopped_kind)
		return inspect_fail(err, EINVAL, "section .BTF: type %u: kind %u is not known",
				    btf_count(&object->btf), object->btf.stopped_kind);
	return 0;
}

static int compare_datasecs(const void *a, const void *b, void *context)
{
	const struct object *object = context;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	struct btf_entry one = { .name = "" }, other = { .name = "" };

	btf_type(&object->btf, left, &one);
	btf_type(&object->btf, right, &other);
	int order = strcmp(one.name, other.name);
	return order ? order : (left > right) - (left < right);
}

static int find_datasecs(struct object *object, struct inspect_error *err)
{
	AUTO(buf_done) struct buf ids = { 0 };
	struct btf_entry type;

	for (uint32_t id = 1; object->has_btf && id < btf_count(&object->btf); id++)
		if (btf_type(&object->btf, id, &type) && type.kind == KIND_DATASEC)
			buf_add(&ids, &id, sizeof(id));
	if (buf_failed(&ids))
		return inspect_fail(err, ENOMEM, "section .BTF");
	object->n_datasecs = (uint32_t)(ids.size / sizeof(*object->datasecs));
	object->datasecs = (void *)take_ptr(&ids.bytes);
	if (object->n_datasecs)
		qsort_r(object->datasecs, object->n_datasecs, sizeof(*object->datasecs),
			compare_datasecs, object);
	return 0;
}

static int read_ext(struct object *object, struct inspect_error *err)
{
	int r = object->has_btf ? find_content(object, ".BTF.ext", &object->ext_section, err) : 0;
	if (r <= 0)
		return r;
	r = ext_read(&object->ext, &object->elf, &object->ext_section, &object->btf, err);
	return r < 0 ? inspect_context(err, "section .BTF.ext") : 0;
}

/* Types are a part that may be missing: what is wrong with them is kept for the end. */
static int read_types(struct object *object, struct inspect_error *err)
{
	struct inspect_error problem = { 0 };

	int r = read_btf(object, &problem);
	if (r == -ENOMEM) {
		*err = problem;
		return r;
	}
	if (r < 0)
		object->problem = problem;
	r = read_ext(object, &problem);
	if (r == -ENOMEM)
		*err = problem;
	else if (r < 0 && !object->problem.code)
		object->problem = problem;
	return r == -ENOMEM ? r : 0;
}

static void find_leftovers(struct object *object)
{
	for (uint32_t i = 1; i < object->elf.image.n_sections && !object->problem.code; i++) {
		const struct elf_part *part = &object->elf.parts[i];

		if (elf_part_is_code(part) && part->size % INSN_BYTES)
			inspect_fail(&object->problem, EINVAL,
				     "section %s: %llu bytes behind the last instruction",
				     part->name, (unsigned long long)part->size % INSN_BYTES);
	}
}

static int open_bytes(struct object *object, struct inspect_error *err)
{
	int r = elf_object_open(&object->elf, object->bytes, object->size, err);
	if (!r)
		r = read_relocs(object, err);
	if (!r)
		r = read_types(object, err);
	if (!r)
		r = find_datasecs(object, err);
	if (!r)
		r = object_find_funcs(object, err);
	if (!r)
		find_leftovers(object);
	return r;
}

int object_take(struct object *object, char *bytes, size_t size, struct inspect_error *err)
{
	ERROR_NEEDED(err);
	*object = (struct object){ .bytes = bytes, .size = size };
	int r = open_bytes(object, err);
	if (r < 0)
		object_close(object);
	return r;
}

int object_open(struct object *object, const char *path, struct inspect_error *err)
{
	char *bytes;
	size_t size;

	ERROR_NEEDED(err);
	*object = (struct object){ 0 };
	int r = proc_read_regular(path, FILE_MOST, &bytes, &size, err);
	if (r < 0)
		return r;
	r = object_take(object, bytes, size, err);
	if (r < 0)
		return inspect_context(err, "%s", path);
	if (object->problem.code)
		inspect_context(&object->problem, "%s", path);
	return 0;
}

int object_end(const struct object *object, bool has_no_memory, struct inspect_error *err)
{
	if (has_no_memory)
		return inspect_fail(err, ENOMEM, "object file");
	if (!object->problem.code)
		return 0;
	*err = object->problem;
	return -err->code;
}

struct insn_stream object_stream(const struct object *object, uint32_t section)
{
	const struct elf_part *part = &object->elf.parts[section];

	if (elf_part_is_empty(part))
		return (struct insn_stream){ .bytes = object->bytes };
	return (struct insn_stream){
		.bytes = object->bytes + part->offset,
		.count = (uint32_t)(part->size / INSN_BYTES),
		.is_big_endian = object->elf.image.is_big,
	};
}

const struct ext_section *object_ext(const struct object *object, uint32_t section)
{
	return section < object->ext.n_sections ? &object->ext.sections[section] : NULL;
}

static const struct elf_reloc *find_reloc(const struct object *object, uint32_t section,
					  uint64_t offset)
{
	const struct elf_relocs *relocs = &object->relocs[section];
	struct elf_reloc key = { .offset = offset };

	if (!relocs->n)
		return NULL;
	return bsearch(&key, relocs->relocs, relocs->n, sizeof(key), compare_relocs);
}

/* A call counts instructions from the next one, a constant bytes: both from where the symbol is. */
static uint64_t target_offset(const struct insn *insn, const struct elf_symbol *symbol)
{
	uint64_t beyond = (uint64_t)(int64_t)insn->imm;

	if (insn->kind == INSN_CALL)
		return symbol->value + (beyond + 1) * INSN_BYTES;
	return insn->kind == INSN_CONSTANT ? symbol->value + insn->imm64 : symbol->value;
}

bool object_find_target(const struct object *object, uint32_t section, const struct insn *insn,
			struct object_target *out)
{
	*out = (struct object_target){ .section = section };
	out->reloc = find_reloc(object, section, (uint64_t)insn->index * INSN_BYTES);
	if (out->reloc) {
		out->symbol = &object->elf.symbols[out->reloc->symbol];
		out->section = out->symbol->section;
		out->offset = target_offset(insn, out->symbol);
		return true;
	}
	bool is_func = (insn->kind == INSN_CALL && insn->call == INSN_CALL_SUBPROG) ||
		       (insn->kind == INSN_CONSTANT && insn->src == INSN_CONSTANT_FUNC);
	out->offset = (uint64_t)insn->target * INSN_BYTES;
	return is_func && insn->target != INSN_NO_TARGET;
}

static void add_offset(struct buf *out, const char *name, uint64_t offset)
{
	char digits[NUM_ROOM];

	buf_add_text(out, name);
	if (!offset)
		return;
	buf_add_char(out, '+');
	buf_add(out, digits, num_format_u64(digits, offset));
}

void object_add_target(const struct object *object, const struct object_target *target,
		       struct buf *out)
{
	const struct elf_symbol *near = NULL;
	const struct elf_object *elf = &object->elf;

	if (target->section >= elf->image.n_sections || target->section == ELF_UNDEFINED) {
		add_offset(out, target->symbol->name, 0);
		return;
	}
	near = object_symbol_before(object, target->section, target->offset);
	bool is_inside = near && (target->offset == near->value ||
				  target->offset - near->value < near->size);
	if (is_inside)
		add_offset(out, near->name, target->offset - near->value);
	else
		add_offset(out, elf->parts[target->section].name, target->offset);
}

bool object_find_datasec(const struct object *object, const char *name, struct btf_entry *out)
{
	uint32_t low = 0, high = object->n_datasecs;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (btf_type(&object->btf, object->datasecs[middle], out) &&
		    strcmp(out->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < object->n_datasecs && btf_type(&object->btf, object->datasecs[low], out) &&
	       strcmp(out->name, name) == 0;
}
