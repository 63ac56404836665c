/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kconfig.c - the kernel's configuration, which objects may ask for
 *
 * libbpf looks for it in two places, and does not say where, nor that it found none.
 */
#include "load/kconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/built.h"

#define TYPES_DEPTH 16
#define INT_BOOL 4     /* the encoding of an int of BTF */
#define NAMES_MOST 200 /* bytes of names in a hint */

static bool has_content(const char *path)
{
	char byte;

	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 && read(fd, &byte, 1) == 1;
}

/* "CONFIG_HZ, CONFIG_NR_CPUS": those that must be there. */
static void add_names(const struct object *file, struct buf *out)
{
	for (uint32_t i = 0; i < file->elf.n_symbols; i++) {
		const struct elf_symbol *symbol = &file->elf.symbols[i];

		if (symbol->section != ELF_UNDEFINED || symbol->is_weak ||
		    strncmp(symbol->name, "CONFIG_", 7) != 0)
			continue;
		if (out->size > NAMES_MOST) {
			buf_add_text(out, ", ...");
			break;
		}
		if (out->size)
			buf_add_text(out, ", ");
		buf_add_text(out, symbol->name);
	}
	buf_add_char(out, '\0');
}

int kconfig_hint(const struct object *file, struct inspect_error *err)
{
	AUTO(buf_done) struct buf names = { 0 };
	char path[BUILT_PATH_ROOM];

	built_plain_path(path, sizeof(path));
	add_names(file, &names);
	const char *needed = buf_failed(&names) ? "" : names.bytes;
	bool has_plain = has_content(path);
	if (has_plain || has_content(BUILT_PACKED))
		return inspect_hint(err,
				    "the kernel's configuration, %s, does not have it; must be "
				    "there: %s; what is declared __weak is 0 then",
				    has_plain ? path : BUILT_PACKED, needed);
	return inspect_hint(err,
			    "no configuration of the kernel is in %s or %s; it is needed for: %s; "
			    "what is declared __weak is 0 then",
			    path, BUILT_PACKED, needed);
}

/* What an option that is not there is called, by the type of its variable. */
static const char *nothing_of(const struct btf_reader *btf, uint32_t id)
{
	struct btf_entry type;

	for (unsigned depth = 0; depth < TYPES_DEPTH && btf_type(btf, id, &type); depth++) {
		switch (type.kind) {
		case KIND_CONST:
		case KIND_VOLATILE:
		case KIND_TYPEDEF:
			id = type.size_or_type;
			continue;
		case KIND_INT:
			return btf_word(type.tail, 0) >> 24 & INT_BOOL ? "=n\n" : "=0\n";
		case KIND_ENUM:
			return "=n\n";
		case KIND_ARRAY:
			return "=\"\"\n";
		default:
			return NULL;
		}
	}
	return NULL;
}

static const struct elf_symbol *find_option(const struct object *file, const char *name)
{
	for (uint32_t i = 0; i < file->elf.n_symbols; i++) {
		const struct elf_symbol *symbol = &file->elf.symbols[i];

		if (symbol->section == ELF_UNDEFINED && strcmp(symbol->name, name) == 0)
			return symbol;
	}
	return NULL;
}

static int replace(const struct object *file, const struct btf_entry *var, struct buf *out,
		   struct inspect_error *err)
{
	const struct elf_symbol *symbol = find_option(file, var->name);

	if (!symbol || strncmp(var->name, "CONFIG_", 7) != 0)
		return 0;
	if (!symbol->is_weak) {
		inspect_fail(err, ENOENT,
			     "failed to load object file: extern '%s' (strong): not resolved",
			     var->name);
		return kconfig_hint(file, err);
	}
	const char *nothing = nothing_of(&file->btf, var->size_or_type);
	if (nothing) {
		buf_add_text(out, var->name);
		buf_add_text(out, nothing);
	}
	return 0;
}

int kconfig_replace(const struct object *file, struct buf *out, struct inspect_error *err)
{
	char path[BUILT_PATH_ROOM];
	struct btf_entry all, var;
	int r = 0;

	built_plain_path(path, sizeof(path));
	if (!file->has_btf || !object_find_datasec(file, ".kconfig", &all) ||
	    access(path, F_OK) == 0 || access(BUILT_PACKED, F_OK) == 0)
		return 0;
	for (uint32_t i = 0; !r && i < all.vlen; i++)
		if (btf_type(&file->btf, btf_word(all.tail, (size_t)i * 12), &var) &&
		    var.kind == KIND_VAR && var.name)
			r = replace(file, &var, out, err);
	if (!r && out->size)
		buf_add_char(out, '\0');
	return !r && buf_failed(out) ? inspect_fail(err, ENOMEM, "options") : r;
}
