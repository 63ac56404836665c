/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_show.c - what is in a compiled object, thing by thing
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "btf/text.h"
#include "code/object.h"
#include "code/object_fact.h"
#include "code/object_map.h"
#include "code/object_print.h"
#include "code/print.h"
#include "code/section_type.h"
#include "kernel/names.h"
#include "records/print.h"

struct show {
	const char *path;
	struct object *object;
	struct printer printer;
	struct btf_budget budget;
	const char *heading; /* the last one */
	struct buf text[2];
	struct inspect_error *err;
};

static void show_done(struct show *show)
{
	buf_done(&show->text[0]);
	buf_done(&show->text[1]);
}

static void put(struct show *show, const struct object_fact *fact, const char *heading)
{
	struct sink *sink = show->printer.sink;

	if (sink->form == SINK_PLAIN && heading != show->heading)
		out_fmt(sink->out, "%s:\n", heading);
	show->heading = heading;
	print_record(&show->printer, fact);
}

/* Text that was put together in one of the buffers. */
static const char *text_of(struct show *show, unsigned i)
{
	buf_add_char(&show->text[i], '\0');
	return buf_failed(&show->text[i]) ? "?" : show->text[i].bytes;
}

static const char *type_text(struct show *show, unsigned i, uint32_t id)
{
	show->text[i].size = 0;
	ext_renew(&show->budget);
	btf_text_add(&show->text[i], &show->object->btf, id, "", &show->budget);
	return text_of(show, i);
}

static const struct elf_part *part_of(const struct show *show, uint32_t section)
{
	return &show->object->elf.parts[section];
}

/* The text that a section holds, up to its first NUL; it need not be there. */
static const char *find_text(struct show *show, const char *name)
{
	const struct elf_part *part = elf_object_find(&show->object->elf, name);
	AUTO(elf_section_done) struct elf_section content = { 0 };

	if (!part || elf_image_content(&show->object->elf.image, part, &content, NULL))
		return NULL;
	show->text[0].size = 0;
	buf_add(&show->text[0], content.bytes, strnlen((const char *)content.bytes, content.size));
	return text_of(show, 0);
}

static bool find_version(const struct show *show, unsigned *out)
{
	const struct elf_part *part = elf_object_find(&show->object->elf, "version");
	AUTO(elf_section_done) struct elf_section content = { 0 };

	if (!part || elf_image_content(&show->object->elf.image, part, &content, NULL) ||
	    content.size < 4)
		return false;
	*out = (unsigned)elf_number(&show->object->elf, content.bytes, 4);
	return true;
}

static void show_file(struct show *show)
{
	struct object_fact fact = {
		.have = FACT_NAME | FACT_ORDER | FACT_SIZE,
		.what = "file",
		.name = show->path,
		.size = show->object->size,
		.byte_order = show->object->elf.image.is_big ? "big-endian" : "little-endian",
	};

	fact.license = find_text(show, "license");
	fact.have |= fact.license ? FACT_LICENSE : 0;
	fact.have |= find_version(show, &fact.version) ? FACT_VERSION : 0;
	put(show, &fact, "file");
}

static void show_func(struct show *show, const struct object_func *func)
{
	struct section_type type;
	struct object_fact fact = {
		.have = FACT_SECTION | FACT_OFFSET | FACT_INSNS,
		.what = !*func->name	   ? "code"
			: func->is_subprog ? "subprogram"
					   : "program",
		.name = func->name,
		.section = part_of(show, func->section)->name,
		.offset = (unsigned long long)func->first * INSN_BYTES,
		.insns = func->end - func->first,
		.subprogs = func->n_called,
		.is_weak = func->is_weak,
		.is_static = func->is_local,
	};

	fact.have |= *func->name ? FACT_NAME | FACT_WEAK | FACT_STATIC : 0;
	fact.have |= func->has_calls ? FACT_SUBPROGS : 0;
	if (!func->is_subprog && section_type_find(fact.section, &type)) {
		fact.type = type.prog_type;
		fact.attach_type = type.attach_type;
		fact.have |= FACT_TYPE | (type.attach_type ? FACT_ATTACH_TYPE : 0);
	}
	put(show, &fact, "programs");
}

/* What a map's definition has, as what is shown of it. */
static unsigned map_bits(const struct object_map *map)
{
	static const unsigned pairs[][2] = {
		{ OBJECT_MAP_HAS_KEY, FACT_KEY },	  { OBJECT_MAP_HAS_VALUE, FACT_VALUE },
		{ OBJECT_MAP_HAS_ENTRIES, FACT_ENTRIES }, { OBJECT_MAP_HAS_FLAGS, FACT_FLAGS },
		{ OBJECT_MAP_HAS_PINNING, FACT_PINNING }, { OBJECT_MAP_HAS_EXTRA, FACT_EXTRA },
		{ OBJECT_MAP_HAS_NODE, FACT_NODE },
	};
	unsigned bits = 0;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		bits |= map->have & pairs[i][0] ? pairs[i][1] : 0;
	return bits;
}

static int show_map(void *context, const struct object_map *map, const char *section)
{
	struct show *show = context;
	struct object_fact fact = {
		.have = FACT_NAME | FACT_SECTION | map_bits(map),
		.what = "map",
		.name = map->name,
		.section = section,
		.key_bytes = map->key_bytes,
		.value_bytes = map->value_bytes,
		.max_entries = map->max_entries,
		.flags = map->flags,
		.numa_node = map->numa_node,
		.extra = map->extra,
		.pinning = map->pinning == 1 ? "by_name"
			   : map->pinning    ? "unknown"
					     : "none",
	};
	char digits[NUM_ROOM + 1];

	if (map->have & OBJECT_MAP_HAS_TYPE) {
		digits[num_format_u64(digits, map->type)] = '\0';
		fact.type = names_of(NAMES_MAP_TYPE, map->type, digits);
		fact.have |= FACT_TYPE;
	}
	if (map->have & OBJECT_MAP_HAS_KEY_TYPE) {
		fact.key_type = type_text(show, 0, map->key_type);
		fact.have |= FACT_KEY_TYPE;
	}
	if (map->have & OBJECT_MAP_HAS_VALUE_TYPE) {
		fact.value_type = type_text(show, 1, map->value_type);
		fact.have |= FACT_VALUE_TYPE;
	}
	put(show, &fact, "maps");
	return sink_error(show->printer.sink);
}

static bool is_data(const struct elf_part *part)
{
	return part->index && elf_part_is_loaded(part) && !elf_part_is_code(part) &&
	       strcmp(part->name, ".maps") != 0 && strcmp(part->name, "maps") != 0 &&
	       strncmp(part->name, "maps/", 5) != 0 && strcmp(part->name, "license") != 0 &&
	       strcmp(part->name, "version") != 0;
}

static void show_variable(struct show *show, const struct elf_symbol *symbol, uint32_t type)
{
	struct object_fact fact = {
		.have = FACT_NAME | FACT_SECTION | FACT_OFFSET | FACT_SIZE | FACT_STATIC,
		.what = "variable",
		.name = symbol->name,
		.section = part_of(show, symbol->section)->name,
		.offset = symbol->value,
		.size = symbol->size,
		.is_static = symbol->is_local,
	};
	struct btf_entry var;

	if (type && btf_type(&show->object->btf, type, &var) && var.kind == KIND_VAR) {
		fact.type = type_text(show, 0, var.size_or_type);
		fact.have |= FACT_TYPE;
	}
	put(show, &fact, "data");
}

/* The first symbol of a section, among those with a place. */
static uint32_t first_place(const struct object *object, uint32_t section)
{
	uint32_t low = 0, high = object->n_places;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (object->elf.symbols[object->places[middle]].section < section)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Types and symbols are both in the order of places, or nearly: going through them side by side finds the type
 * of almost every variable, and never takes long.
 */
static uint32_t type_at(const struct show *show, const struct btf_entry *datasec, uint32_t *next,
			const struct elf_symbol *symbol)
{
	struct btf_entry var;

	for (uint32_t i = *next; i < datasec->vlen && i < *next + 64; i++) {
		uint32_t id = btf_word(datasec->tail, (size_t)i * 12);

		if (!btf_type(&show->object->btf, id, &var) || strcmp(var.name, symbol->name) != 0)
			continue;
		*next = i + 1;
		return id;
	}
	return 0;
}

static void show_variables(struct show *show, const struct elf_part *part)
{
	const struct object *object = show->object;
	struct btf_entry datasec = { 0 };
	uint32_t next = 0;

	if (!object_find_datasec(object, part->name, &datasec))
		datasec.vlen = 0;
	for (uint32_t i = first_place(object, part->index); i < object->n_places; i++) {
		const struct elf_symbol *symbol = &object->elf.symbols[object->places[i]];

		if (symbol->section != part->index)
			return;
		if (symbol->type == ELF_SYMBOL_OBJECT)
			show_variable(show, symbol, type_at(show, &datasec, &next, symbol));
	}
}

static void show_data(struct show *show)
{
	const struct object *object = show->object;

	for (uint32_t i = 1; i < object->elf.image.n_sections; i++) {
		const struct elf_part *part = &object->elf.parts[i];
		struct object_fact fact = {
			.have = FACT_NAME | FACT_SIZE,
			.what = "data",
			.name = part->name,
			.size = part->size,
		};

		if (!is_data(part))
			continue;
		put(show, &fact, "data");
		show_variables(show, part);
	}
}

/* What the loader finds elsewhere: by BTF, in .ksyms or .kconfig. */
struct extern_kind {
	const char *section;
	struct btf_entry all;
	bool is_there;
	const char *func, *variable; /* words for the two kinds of it */
};

static bool find_extern(struct show *show, const struct extern_kind *kind, const char *name,
			struct object_fact *fact)
{
	const struct btf_reader *btf = &show->object->btf;
	struct btf_entry one;

	for (uint32_t i = 0; kind->is_there && i < kind->all.vlen; i++) {
		if (!btf_type(btf, btf_word(kind->all.tail, (size_t)i * 12), &one) ||
		    strcmp(one.name, name) != 0)
			continue;
		fact->section = kind->section;
		fact->type = one.kind == KIND_FUNC ? kind->func : kind->variable;
		fact->have |= FACT_SECTION | FACT_TYPE;
		if (one.kind == KIND_VAR) {
			fact->value_type = type_text(show, 1, one.size_or_type);
			fact->have |= FACT_VALUE_TYPE;
		}
		return true;
	}
	return false;
}

#define EXTERN_STEPS (1u << 22) /* comparisons; what is beyond them is without a type */

static void show_externs(struct show *show)
{
	const struct object *object = show->object;
	struct extern_kind kinds[] = {
		{ .section = ".ksyms", .func = "kfunc", .variable = "ksym" },
		{ .section = ".kconfig", .func = "function", .variable = "kconfig" },
	};
	uint64_t cost = 0;

	for (size_t i = 0; i < 2; i++) {
		kinds[i].is_there = object_find_datasec(object, kinds[i].section, &kinds[i].all);
		cost += kinds[i].is_there ? kinds[i].all.vlen : 0;
	}
	for (uint32_t i = 1; i < object->elf.n_symbols; i++) {
		const struct elf_symbol *symbol = &object->elf.symbols[i];
		struct object_fact fact = {
			.have = FACT_NAME | FACT_WEAK,
			.what = "extern",
			.name = symbol->name,
			.is_weak = symbol->is_weak,
		};

		if (symbol->section != ELF_UNDEFINED || !*symbol->name)
			continue;
		if (cost * i < EXTERN_STEPS && !find_extern(show, &kinds[0], symbol->name, &fact))
			find_extern(show, &kinds[1], symbol->name, &fact);
		put(show, &fact, "externs");
	}
}

static void show_sections(struct show *show)
{
	const struct object *object = show->object;

	for (uint32_t i = 1; i < object->elf.image.n_sections; i++) {
		const struct elf_part *part = &object->elf.parts[i];
		char digits[NUM_ROOM + 1];
		struct object_fact fact = {
			.have = FACT_NAME | FACT_TYPE | FACT_OFFSET | FACT_SIZE,
			.what = "section",
			.name = part->name,
			.type = elf_part_type(part),
			.offset = part->offset,
			.size = part->size,
		};

		digits[num_format_u64(digits, part->type)] = '\0';
		fact.type = fact.type ? fact.type : digits;
		put(show, &fact, "sections");
	}
}

static void show_btf(struct show *show)
{
	const struct object *object = show->object;
	struct object_fact fact = {
		.have = FACT_NAME | FACT_SIZE | FACT_TYPES,
		.what = "btf",
		.name = ".BTF",
		.size = object->btf_size,
		.types = object->has_btf ? btf_count(&object->btf) - 1 : 0,
		.funcs = object->ext.n_funcs,
		.lines = object->ext.n_lines,
		.cores = object->ext.n_cores,
	};

	fact.have |= object->ext.sections ? FACT_CORES : 0;
	if (object->has_btf)
		put(show, &fact, "btf");
}

static void show_reloc(struct show *show, uint32_t section, const struct elf_reloc *reloc)
{
	const struct object *object = show->object;
	const struct elf_symbol *symbol = &object->elf.symbols[reloc->symbol];
	const struct elf_part *part = part_of(show, section);
	struct insn_stream stream = object_stream(object, section);
	struct object_target target = { reloc, symbol, symbol->section, symbol->value };
	char digits[NUM_ROOM + 1];
	struct insn insn;
	struct object_fact fact = {
		.have = FACT_SECTION | FACT_OFFSET | FACT_TYPE | FACT_TARGET,
		.what = "relocation",
		.section = part->name,
		.offset = reloc->offset,
		.type = elf_reloc_name(reloc->type),
	};

	if (elf_part_is_code(part) && reloc->offset / INSN_BYTES < stream.count) {
		fact.insn = (unsigned)(reloc->offset / INSN_BYTES);
		fact.have |= FACT_INSN;
		insn_decode(&stream, fact.insn, &insn);
		object_find_target(object, section, &insn, &target);
	}
	digits[num_format_u64(digits, reloc->type)] = '\0';
	fact.type = fact.type ? fact.type : digits;
	show->text[0].size = 0;
	object_add_target(object, &target, &show->text[0]);
	fact.target = text_of(show, 0);
	put(show, &fact, "relocations");
}

/* Those of what is not loaded (debugging information) are of no interest here. */
static void show_relocs(struct show *show)
{
	const struct object *object = show->object;

	for (uint32_t i = 1; i < object->elf.image.n_sections; i++)
		for (uint32_t k = 0;
		     elf_part_is_loaded(part_of(show, i)) && k < object->relocs[i].n; k++)
			show_reloc(show, i, &object->relocs[i].relocs[k]);
}

static void show_core(struct show *show, uint32_t section, const struct ext_core *core)
{
	char digits[NUM_ROOM + 1];
	struct object_fact fact = {
		.have = FACT_SECTION | FACT_INSN | FACT_TYPE | FACT_TARGET | FACT_ACCESS,
		.what = "core",
		.section = part_of(show, section)->name,
		.insn = core->slot,
		.type = ext_core_kind(core->kind),
		.access = btf_string(&show->object->btf, core->access),
	};

	digits[num_format_u64(digits, core->kind)] = '\0';
	fact.type = fact.type ? fact.type : digits;
	fact.access = fact.access ? fact.access : "?";
	show->text[0].size = 0;
	ext_add_core(core, &show->object->btf, &show->budget, &show->text[0]);
	fact.target = text_of(show, 0);
	put(show, &fact, "CO-RE relocations");
}

static void show_cores(struct show *show)
{
	const struct ext *ext = &show->object->ext;

	for (uint32_t i = 1; i < ext->n_sections; i++)
		for (uint32_t k = 0; k < ext->sections[i].n_cores; k++)
			show_core(show, i, &ext->sections[i].cores[k]);
}

/* What makes no sense of the maps is told when all else was shown. */
static void show_all(struct show *show)
{
	struct object *object = show->object;
	struct inspect_error problem = { 0 };

	show_file(show);
	for (uint32_t i = 0; i < object->n_funcs; i++)
		show_func(show, &object->funcs[i]);
	if (object_each_map(object, show_map, show, &problem) < 0 && problem.code &&
	    !object->problem.code) {
		object->problem = problem;
		inspect_context(&object->problem, "%s", show->path);
	}
	show_data(show);
	show_externs(show);
	show_btf(show);
	show_cores(show);
	show_relocs(show);
	show_sections(show);
}

int object_show(struct sink *sink, struct object *object, const char *path,
		struct inspect_error *err)
{
	AUTO(show_done) struct show show = { .path = path, .object = object };

	int r = print_init(&show.printer, sink, &object_schema, err);
	if (r < 0)
		return r;
	btf_budget_init(&show.budget, &object->btf);
	print_open(&show.printer, false);
	show_all(&show);
	print_close(&show.printer, false);
	return object_end(object, buf_failed(&show.text[0]) || buf_failed(&show.text[1]), err);
}

int print_object(struct sink *sink, const char *path, struct inspect_error *err)
{
	AUTO(object_close) struct object object = { 0 };

	ERROR_NEEDED(err);
	int r = object_open(&object, path, err);
	return r < 0 ? r : object_show(sink, &object, path, err);
}
