/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * target.c - the kernel that an object is held against
 */
#include "probe/target.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "btf/raw.h"
#include "btf/text.h"
#include "kernel/ksyms.h"

#define FOLDER "/sys/kernel/btf"
#define MODULES_MOST 4096

void target_close(struct target *target)
{
	for (unsigned i = 0; i < target->n_sets; i++)
		core_types_done(&target->sets[i]);
	free(target->sets);
	for (unsigned i = 0; i < target->n_modules; i++)
		btf_file_done(&target->modules[i]);
	free(target->modules);
	btf_file_done(&target->kernel);
	*target = (struct target){ 0 };
}

static int add_set(struct target *target, const struct btf_reader *btf)
{
	size_t size = (target->n_sets + 1) * sizeof(*target->sets);
	struct core_types *sets = realloc(target->sets, size);

	if (!sets)
		return -ENOMEM;
	target->sets = sets;
	int r = core_types_init(&sets[target->n_sets], btf);
	target->n_sets += !r;
	return r;
}

void target_open_none(struct target *target)
{
	*target = (struct target){ .types_error = -ENOENT };
}

int target_open(struct target *target, struct inspect *inspect, const char *path,
		struct inspect_error *err)
{
	*target = (struct target){ .inspect = inspect, .is_live = !path };
	int r = path ? btf_file_init(&target->kernel, path, NULL, err)
		     : btf_kernel_init(&target->kernel, &inspect->sys, err);

	if (r < 0 && (path || r == -ENOMEM))
		return r;
	target->types_error = r < 0 ? r : 0;
	r = r < 0 ? 0 : add_set(target, &target->kernel.btf);
	return r < 0 ? inspect_fail(err, -r, "index of types") : 0;
}

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "vmlinux") != 0;
}

/* A module may go while this is done. */
static void open_module(struct target *target, const char *folder, const char *name)
{
	struct btf_file *file = &target->modules[target->n_modules];
	char path[PATH_MAX];

	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (n < 0 || (size_t)n >= sizeof(path) ||
	    btf_file_init(file, path, &target->kernel.btf, NULL))
		return;
	target->n_modules++;
	add_set(target, &file->btf);
}

void target_open_modules(struct target *target)
{
	struct dirent **entries = NULL;
	char folder[PATH_MAX];

	if (target->has_modules || !target->is_live || target->types_error)
		return;
	target->has_modules = true;
	snprintf(folder, sizeof(folder), "%s%s", target->inspect->sys.root, FOLDER);
	int n = scandir(folder, &entries, is_module, alphasort);
	if (n > 0)
		target->modules = calloc((size_t)n, sizeof(*target->modules));
	for (int i = 0; i < n; i++) {
		if (target->modules && i < MODULES_MOST)
			open_module(target, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static bool find(const struct target *target, enum btf_reader_kind kind, const char *name,
		 const struct btf_reader **in, uint32_t *id)
{
	for (unsigned i = 0; i < target->n_sets; i++) {
		uint32_t found = core_types_find(&target->sets[i], kind, name);

		if (!found)
			continue;
		if (in)
			*in = target->sets[i].btf;
		if (id)
			*id = found;
		return true;
	}
	return false;
}

enum target_answer target_find(struct target *target, enum btf_reader_kind kind, const char *name,
			       const struct btf_reader **in, uint32_t *id)
{
	if (target->types_error)
		return TARGET_UNKNOWN;
	if (find(target, kind, name, in, id))
		return TARGET_YES;
	if (target->has_modules || !target->is_live)
		return TARGET_NO;
	target_open_modules(target);
	return find(target, kind, name, in, id) ? TARGET_YES : TARGET_NO;
}

enum target_answer target_has_number(struct target *target, const char *enumeration,
				     uint64_t number)
{
	struct btf_entry type;
	uint32_t id =
		target->n_sets ? core_types_find(&target->sets[0], KIND_ENUM, enumeration) : 0;

	if (!id || !btf_type(&target->kernel.btf, id, &type))
		return TARGET_UNKNOWN;
	for (uint32_t i = 0; i < type.vlen; i++) {
		struct btf_enumerator one = btf_enumerator_at(&type, i);
		const char *name = btf_string(&target->kernel.btf, one.name);

		/* What begins with two of these counts the others. */
		if (one.value == number && name && !text_has_prefix(name, "__"))
			return TARGET_YES;
	}
	return TARGET_NO;
}

/* Contexts of all types of programs that the kernel was built with are members of one struct. */
enum target_answer target_has_prog_type(struct target *target, const char *type)
{
	char wanted[80] = "BPF_PROG_TYPE_";
	struct btf_entry all;
	size_t n = strlen(wanted);
	uint32_t id = target->n_sets
			      ? core_types_find(&target->sets[0], KIND_STRUCT, "bpf_ctx_convert")
			      : 0;

	if (!id || !btf_type(&target->kernel.btf, id, &all))
		return TARGET_UNKNOWN;
	for (; *type && n < sizeof(wanted) - 6; type++)
		wanted[n++] = (char)toupper((unsigned char)*type);
	memcpy(wanted + n, "_prog", 6);
	for (uint32_t i = 0; i < all.vlen; i++) {
		const char *name = btf_string(&target->kernel.btf, btf_member_at(&all, i).name);

		if (name && strcmp(name, wanted) == 0)
			return TARGET_YES;
	}
	return TARGET_NO;
}

struct symbols {
	struct target_symbol *symbols;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	const struct target_symbol *left = a, *right = b;

	return strcmp(left->name, right->name);
}

struct target_symbol *target_symbol_at(struct target_symbol *symbols, size_t n, const char *name)
{
	const struct target_symbol key = { .name = name };

	return n ? bsearch(&key, symbols, n, sizeof(key), compare) : NULL;
}

static int note_symbol(void *context, const struct ksym *symbol, char type)
{
	const struct symbols *wanted = context;
	struct target_symbol *found = target_symbol_at(wanted->symbols, wanted->n, symbol->name);

	(void)type;
	if (found)
		found->is_there = true;
	return 0;
}

int target_find_symbols(struct target *target, struct target_symbol *symbols, size_t n)
{
	struct symbols wanted = { symbols, n };

	if (!n)
		return 0;
	qsort(symbols, n, sizeof(*symbols), compare);
	if (!target->is_live)
		return -ENOENT;
	return ksyms_each(&target->inspect->sys, note_symbol, &wanted);
}
