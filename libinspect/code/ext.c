/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ext.c - what .BTF.ext says of an object's instructions: functions, source lines, CO-RE relocations
 *
 * There are three parts of one form: the size of a record, then for each section its name, a number of records, and
 * the records. Records may be longer than what is known of them.
 */
#include "code/ext.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

#define MAGIC 0xeb9f
#define HEADER_LEAST 24 /* without the part of CO-RE */
#define HEADER_CORE 32

void ext_done(struct ext *ext)
{
	for (uint32_t i = 0; i < ext->n_sections; i++) {
		image_done(&ext->sections[i].image);
		free(ext->sections[i].cores);
	}
	free(ext->sections);
	*ext = (struct ext){ 0 };
}

struct reading {
	struct ext *ext;
	const struct elf_object *elf;
	const struct btf_reader *btf;
	const unsigned char *bytes;
	size_t size;
	size_t header;
};

static uint32_t word(const struct reading *reading, size_t at)
{
	return (uint32_t)elf_number(reading->elf, reading->bytes + at, 4);
}

/* The records of one section, of one part. */
struct records {
	struct ext_section *section;
	size_t at;
	uint32_t n;
	uint32_t record_size;
};

/* What a part is about: how to take its records. */
struct part {
	const char *name;
	size_t header_at; /* where the header has its offset, and its size behind that */
	uint32_t least;	  /* bytes of a record */
	int (*take)(const struct reading *reading, const struct records *records);
};

static int take_funcs(const struct reading *reading, const struct records *records)
{
	struct image *image = &records->section->image;

	free(image->funcs);
	image->n_funcs = 0;
	image->funcs = calloc(records->n + 1, sizeof(*image->funcs));
	if (!image->funcs)
		return -ENOMEM;
	image->n_funcs = records->n;
	reading->ext->n_funcs += records->n;
	for (uint32_t i = 0; i < records->n; i++) {
		size_t at = records->at + (size_t)i * records->record_size;

		image->funcs[i] = (struct abi_func_info){
			.insn_off = word(reading, at) / INSN_BYTES,
			.type_id = word(reading, at + 4),
		};
	}
	return 0;
}

static int take_lines(const struct reading *reading, const struct records *records)
{
	struct image *image = &records->section->image;

	free(image->lines);
	image->n_lines = 0;
	image->lines = calloc(records->n + 1, sizeof(*image->lines));
	if (!image->lines)
		return -ENOMEM;
	image->n_lines = records->n;
	reading->ext->n_lines += records->n;
	for (uint32_t i = 0; i < records->n; i++) {
		size_t at = records->at + (size_t)i * records->record_size;

		image->lines[i] = (struct abi_line_info){
			.insn_off = word(reading, at) / INSN_BYTES,
			.file_name_off = word(reading, at + 4),
			.line_off = word(reading, at + 8),
			.line_col = word(reading, at + 12),
		};
	}
	return 0;
}

static int compare_cores(const void *a, const void *b)
{
	const struct ext_core *left = a, *right = b;

	return (left->slot > right->slot) - (left->slot < right->slot);
}

static int take_cores(const struct reading *reading, const struct records *records)
{
	struct ext_section *section = records->section;

	free(section->cores);
	section->n_cores = 0;
	section->cores = calloc(records->n + 1, sizeof(*section->cores));
	if (!section->cores)
		return -ENOMEM;
	section->n_cores = records->n;
	reading->ext->n_cores += records->n;
	for (uint32_t i = 0; i < records->n; i++) {
		size_t at = records->at + (size_t)i * records->record_size;

		section->cores[i] = (struct ext_core){
			.slot = word(reading, at) / INSN_BYTES,
			.type_id = word(reading, at + 4),
			.access = word(reading, at + 8),
			.kind = word(reading, at + 12),
		};
	}
	qsort(section->cores, section->n_cores, sizeof(*section->cores), compare_cores);
	return 0;
}

static const struct part parts[] = {
	{ "functions", 8, 8, take_funcs },
	{ "lines", 16, 16, take_lines },
	{ "CO-RE relocations", 24, 16, take_cores },
};

/* @end: of the part. The records must be there; their section must be one with instructions. */
static int find_records(const struct reading *reading, const struct part *part, size_t end,
			struct records *records, struct inspect_error *err)
{
	const char *name = NULL;
	const struct elf_part *found = NULL;

	if (end - records->at >= 8) {
		name = btf_string(reading->btf, word(reading, records->at));
		records->n = word(reading, records->at + 4);
		found = name ? elf_object_find(reading->elf, name) : NULL;
	}
	if (!found)
		return inspect_fail(err, EINVAL, "%s: at offset %zu there is no section's name",
				    part->name, records->at);
	records->at += 8;
	if (records->n > (end - records->at) / records->record_size)
		return inspect_fail(err, EINVAL,
				    "%s: section %s: %u records at offset %zu, which ends at %zu",
				    part->name, name, records->n, records->at, end);
	records->section = &reading->ext->sections[found->index];
	return 0;
}

static int read_part(const struct reading *reading, const struct part *part, size_t begin,
		     size_t end, struct inspect_error *err)
{
	struct records records = { .at = begin + 4 };

	records.record_size = word(reading, begin);
	if (records.record_size < part->least)
		return inspect_fail(err, EINVAL, "%s: records of %u bytes, at least %u are wanted",
				    part->name, records.record_size, part->least);
	for (uint32_t i = 0; records.at < end; i++) {
		int r = find_records(reading, part, end, &records, err);
		if (r < 0)
			return r;
		if (i == reading->ext->n_sections)
			return inspect_fail(err, EINVAL, "%s: more sections than the file has",
					    part->name);
		if (part->take(reading, &records))
			return inspect_fail(err, ENOMEM, "%s", part->name);
		records.at += (size_t)records.n * records.record_size;
	}
	return 0;
}

static int read_parts(const struct reading *reading, struct inspect_error *err)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const struct part *part = &parts[i];

		if (part->header_at + 8 > reading->header)
			return 0;
		size_t begin = reading->header + word(reading, part->header_at);
		size_t size = word(reading, part->header_at + 4);
		if (!size)
			continue;
		if (size < 4 || begin > reading->size || size > reading->size - begin)
			return inspect_fail(err, EINVAL,
					    "%s: %zu bytes at offset %zu, but there are %zu in all",
					    part->name, size, begin, reading->size);
		int r = read_part(reading, part, begin, begin + size, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_header(struct reading *reading, struct inspect_error *err)
{
	const unsigned char *bytes = reading->bytes;

	if (reading->size < HEADER_LEAST)
		return inspect_fail(err, EINVAL, "header: %zu of at least %u bytes", reading->size,
				    HEADER_LEAST);
	if (elf_number(reading->elf, bytes, 2) != MAGIC)
		return inspect_fail(err, EINVAL, "header: begins with %02x %02x", bytes[0],
				    bytes[1]);
	if (bytes[2] != 1)
		return inspect_fail(err, EINVAL, "header: version %u is not known", bytes[2]);
	reading->header = word(reading, 4);
	if (reading->header < HEADER_LEAST || reading->header > reading->size)
		return inspect_fail(err, EINVAL, "header: length %zu, must be %u to %zu",
				    reading->header, HEADER_LEAST, reading->size);
	return 0;
}

int ext_read(struct ext *ext, const struct elf_object *elf, const struct elf_section *content,
	     const struct btf_reader *btf, struct inspect_error *err)
{
	struct reading reading = { ext, elf, btf, content->bytes, content->size, 0 };

	*ext = (struct ext){ 0 };
	int r = check_header(&reading, err);
	if (r < 0)
		return r;
	ext->sections = calloc(elf->image.n_sections, sizeof(*ext->sections));
	if (!ext->sections)
		return inspect_fail(err, ENOMEM, "%u sections", elf->image.n_sections);
	ext->n_sections = elf->image.n_sections;
	r = read_parts(&reading, err);
	if (r < 0)
		ext_done(ext);
	return r;
}

const char *ext_core_kind(uint32_t kind)
{
	static const char *const names[] = {
		"field_byte_offset", "field_byte_size",	 "field_exists",   "field_signed",
		"field_lshift_u64",  "field_rshift_u64", "type_id_local",  "type_id_target",
		"type_exists",	     "type_size",	 "enumval_exists", "enumval_value",
		"type_matches",
	};

	return kind < sizeof(names) / sizeof(*names) ? names[kind] : NULL;
}

const struct ext_core *ext_find_core(const struct ext_section *section, uint32_t slot)
{
	struct ext_core key = { .slot = slot };

	if (!section->n_cores)
		return NULL;
	return bsearch(&key, section->cores, section->n_cores, sizeof(key), compare_cores);
}
