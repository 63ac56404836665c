/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * against.c - the kernel that an object is held against
 */
#include "probe/against.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/name_search.h"
#include "base/text.h"
#include "btf/raw.h"
#include "btf/text.h"
#include "kernel/ksyms.h"
#include "kernel/proc.h"
#include "kernel/tracefs.h"

#define FOLDER "/sys/kernel/btf"
#define MODULES_MOST 4096
#define REFUSED "/sys/kernel/debug/kprobes/blacklist"
#define REFUSED_MOST (4u << 20)

void against_close(struct against *against)
{
	for (unsigned i = 0; i < against->n_sets; i++)
		core_types_done(&against->sets[i]);
	free(against->sets);
	for (unsigned i = 0; i < against->n_modules; i++)
		btf_file_done(&against->modules[i]);
	free(against->modules);
	btf_file_done(&against->kernel);
	free(against->tracefs);
	free(against->refused);
	buf_done(&against->kept);
	*against = (struct against){ 0 };
}

static int add_set(struct against *against, const struct btf_reader *btf)
{
	size_t size = (against->n_sets + 1) * sizeof(*against->sets);
	struct core_types *sets = realloc(against->sets, size);

	if (!sets)
		return -ENOMEM;
	against->sets = sets;
	int r = core_types_init(&sets[against->n_sets], btf);
	against->n_sets += !r;
	return r;
}

void against_open_none(struct against *against)
{
	*against = (struct against){ .types_error = -ENOENT };
}

int against_open(struct against *against, struct inspect *inspect, const char *path,
		 struct inspect_error *err)
{
	*against = (struct against){ .inspect = inspect, .is_live = !path };
	int r = path ? btf_file_init(&against->kernel, path, NULL, err)
		     : btf_kernel_init(&against->kernel, &inspect->sys, err);

	if (r < 0 && (path || r == -ENOMEM))
		return r;
	against->types_error = r < 0 ? r : 0;
	r = r < 0 ? 0 : add_set(against, &against->kernel.btf);
	return r < 0 ? inspect_fail(err, -r, "index of types") : 0;
}

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "vmlinux") != 0;
}

/* A module may go while this is done. */
static void open_module(struct against *against, const char *folder, const char *name)
{
	struct btf_file *file = &against->modules[against->n_modules];
	char path[PATH_MAX];

	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	int r = n < 0 || (size_t)n >= sizeof(path)
			? -ENAMETOOLONG
			: btf_file_init(file, path, &against->kernel.btf, NULL);
	if (!r) {
		against->n_modules++;
		r = add_set(against, &file->btf);
	}
	against->lacks_some |= r < 0 && r != -ENOENT;
}

void against_open_modules(struct against *against)
{
	struct dirent **entries = NULL;
	char folder[PATH_MAX];

	if (against->has_modules || !against->is_live || against->types_error)
		return;
	against->has_modules = true;
	snprintf(folder, sizeof(folder), "%s%s", against->inspect->sys.root, FOLDER);
	int n = scandir(folder, &entries, is_module, alphasort);
	if (n > 0)
		against->modules = calloc((size_t)n, sizeof(*against->modules));
	against->lacks_some = n < 0 || n > MODULES_MOST || (n && !against->modules);
	for (int i = 0; i < n; i++) {
		if (against->modules && i < MODULES_MOST)
			open_module(against, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static bool find(const struct against *against, enum btf_reader_kind kind, const char *name,
		 const struct btf_reader **in, uint32_t *id)
{
	for (unsigned i = 0; i < against->n_sets; i++) {
		uint32_t found = core_types_find(&against->sets[i], kind, name);

		if (!found)
			continue;
		if (in)
			*in = against->sets[i].btf;
		if (id)
			*id = found;
		return true;
	}
	return false;
}

enum against_answer against_find(struct against *against, enum btf_reader_kind kind,
				 const char *name, const struct btf_reader **in, uint32_t *id)
{
	if (against->types_error)
		return AGAINST_UNKNOWN;
	if (find(against, kind, name, in, id))
		return AGAINST_YES;
	if (!against->has_modules && against->is_live) {
		against_open_modules(against);
		if (find(against, kind, name, in, id))
			return AGAINST_YES;
	}
	return against->lacks_some ? AGAINST_UNKNOWN : AGAINST_NO;
}

enum against_answer against_find_own(struct against *against, enum btf_reader_kind kind,
				     const char *name)
{
	if (!against->n_sets)
		return AGAINST_UNKNOWN;
	return core_types_find(&against->sets[0], kind, name) ? AGAINST_YES : AGAINST_NO;
}

static bool fits_any(const struct against *against, const char *glob)
{
	struct btf_entry type;

	for (unsigned i = 0; i < against->n_sets; i++) {
		const struct btf_reader *btf = against->sets[i].btf;

		for (uint32_t id = btf->first_id; id < btf->end_id; id++)
			if (btf_type(btf, id, &type) && type.kind == KIND_FUNC &&
			    fnmatch(glob, type.name, 0) == 0)
				return true;
	}
	return false;
}

enum against_answer against_find_glob(struct against *against, const char *glob)
{
	if (against->types_error)
		return AGAINST_UNKNOWN;
	if (fits_any(against, glob))
		return AGAINST_YES;
	if (!against->has_modules && against->is_live) {
		against_open_modules(against);
		if (fits_any(against, glob))
			return AGAINST_YES;
	}
	return against->lacks_some ? AGAINST_UNKNOWN : AGAINST_NO;
}

static void read_refused(struct against *against)
{
	char path[PATH_MAX];
	size_t size;

	against->has_refused = true;
	int n = snprintf(path, sizeof(path), "%s" REFUSED, against->inspect->sys.root);
	if (n > 0 && (size_t)n < sizeof(path) &&
	    proc_read_file(path, REFUSED_MOST, &against->refused, &size, NULL))
		against->refused = NULL;
}

/* A line is "0xFROM-0xTO	NAME"; behind the name of a module's function stands " [MODULE]". */
bool against_refuses_kprobe(struct against *against, const char *function)
{
	size_t n = strlen(function);

	if (!against->is_live)
		return false;
	if (!against->has_refused)
		read_refused(against);
	for (const char *at = against->refused; at && *at; at += strcspn(at, "\n")) {
		at += *at == '\n';
		const char *name = at + strcspn(at, "\t\n");

		name += *name == '\t';
		if (strncmp(name, function, n) == 0 && (name[n] == '\n' || name[n] == ' '))
			return true;
	}
	return false;
}

enum against_answer against_find_event(struct against *against, const char *name)
{
	const char *slash = strchr(name, '/');
	uint64_t id;

	if (!against->has_tracefs)
		tracefs_find(&against->inspect->sys, &against->tracefs, &against->tracefs_error);
	against->has_tracefs = true;
	if (!against->tracefs)
		return AGAINST_UNKNOWN;
	autofree char *category = strndup(name, (size_t)(slash - name));
	int r = category ? tracefs_event_id(against->tracefs, category, slash + 1, &id) : -ENOMEM;
	if (r < 0 && r != -ENOENT)
		inspect_fail(&against->tracefs_error, -r, "%s", against->tracefs);
	return !r ? AGAINST_YES : r == -ENOENT ? AGAINST_NO : AGAINST_UNKNOWN;
}

enum against_answer against_has_member(struct against *against, const char *structure,
				       const char *member)
{
	struct btf_entry type;
	uint32_t id =
		against->n_sets ? core_types_find(&against->sets[0], KIND_STRUCT, structure) : 0;

	if (!id || !btf_type(&against->kernel.btf, id, &type))
		return AGAINST_UNKNOWN;
	for (uint32_t i = 0; i < type.vlen; i++) {
		const char *name = btf_string(&against->kernel.btf, btf_member_at(&type, i).name);

		if (name && strcmp(name, member) == 0)
			return AGAINST_YES;
	}
	return AGAINST_NO;
}

enum against_answer against_has_number(struct against *against, const char *enumeration,
				       uint64_t number)
{
	struct btf_entry type;
	uint32_t id =
		against->n_sets ? core_types_find(&against->sets[0], KIND_ENUM, enumeration) : 0;

	if (!id || !btf_type(&against->kernel.btf, id, &type))
		return AGAINST_UNKNOWN;
	for (uint32_t i = 0; i < type.vlen; i++) {
		struct btf_enumerator one = btf_enumerator_at(&type, i);
		const char *name = btf_string(&against->kernel.btf, one.name);

		/* What begins with two of these counts the others. */
		if (one.value == number && name && !text_has_prefix(name, "__"))
			return AGAINST_YES;
	}
	return AGAINST_NO;
}

/* Contexts of all types of programs that the kernel was built with are members of one struct. */
enum against_answer against_has_prog_type(struct against *against, const char *type)
{
	char wanted[80] = "BPF_PROG_TYPE_";
	struct btf_entry all;
	size_t n = strlen(wanted);
	uint32_t id = against->n_sets
			      ? core_types_find(&against->sets[0], KIND_STRUCT, "bpf_ctx_convert")
			      : 0;

	if (!id || !btf_type(&against->kernel.btf, id, &all))
		return AGAINST_UNKNOWN;
	for (; *type && n < sizeof(wanted) - 6; type++)
		wanted[n++] = (char)toupper((unsigned char)*type);
	memcpy(wanted + n, "_prog", 6);
	for (uint32_t i = 0; i < all.vlen; i++) {
		const char *name = btf_string(&against->kernel.btf, btf_member_at(&all, i).name);

		if (name && strcmp(name, wanted) == 0)
			return AGAINST_YES;
	}
	return AGAINST_NO;
}

/* Names first, then globs. */
struct symbols {
	struct against_symbol *symbols;
	size_t n_names, n;
	struct buf *kept; /* or NULL */
};

static int compare(const void *a, const void *b)
{
	const struct against_symbol *left = a, *right = b;

	if (left->is_glob != right->is_glob)
		return left->is_glob ? 1 : -1;
	return strcmp(left->name, right->name);
}

struct against_symbol *against_symbol_at(struct against_symbol *symbols, size_t n, const char *name)
{
	const struct against_symbol key = { .name = name, .is_glob = name_is_glob(name) };

	return n ? bsearch(&key, symbols, n, sizeof(key), compare) : NULL;
}

static int note_symbol(void *context, const struct ksym *symbol, char type)
{
	const struct symbols *wanted = context;
	struct against_symbol *found =
		against_symbol_at(wanted->symbols, wanted->n_names, symbol->name);
	bool is_function = strchr("tTwW", type);

	if (wanted->kept) {
		buf_add_char(wanted->kept, type);
		buf_add(wanted->kept, symbol->name, strlen(symbol->name) + 1);
	}
	if (found) {
		found->is_there = true;
		found->is_function |= is_function;
	}
	for (size_t i = wanted->n_names; is_function && i < wanted->n; i++) {
		struct against_symbol *glob = &wanted->symbols[i];

		if (!glob->is_function && fnmatch(glob->name, symbol->name, 0) == 0)
			glob->is_there = glob->is_function = true;
	}
	return 0;
}

/* What was kept is read like what the kernel says. */
static int each_kept(const struct buf *kept, void *wanted)
{
	for (size_t at = 0; at < kept->size;) {
		const struct ksym symbol = { .name = kept->bytes + at + 1 };

		note_symbol(wanted, &symbol, kept->bytes[at]);
		at += strlen(symbol.name) + 2;
	}
	return 0;
}

/* The kernel makes megabytes of text of it for each reading. Without memory, or when a reading broke off, the next one reads again. */
static int each_symbol(struct against *against, struct symbols *wanted)
{
	if (against->kept.size)
		return each_kept(&against->kept, wanted);
	wanted->kept = ++against->n_readings > 1 ? &against->kept : NULL;
	int r = ksyms_each(&against->inspect->sys, note_symbol, wanted);
	if (r || buf_failed(&against->kept))
		buf_done(&against->kept);
	return r;
}

int against_find_symbols(struct against *against, struct against_symbol *symbols, size_t n)
{
	struct symbols wanted = { .symbols = symbols, .n = n };

	if (!n)
		return 0;
	qsort(symbols, n, sizeof(*symbols), compare);
	while (wanted.n_names < n && !symbols[wanted.n_names].is_glob)
		wanted.n_names++;
	if (!against->is_live)
		return -ENOENT;
	return each_symbol(against, &wanted);
}
