/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * multi.c - one program on many functions of the kernel
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "attach/hook.h"
#include "attach/names.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "btf/index.h"
#include "kernel/proc.h"
#include "kernel/tracefs.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"
#define KERNEL_BTF_MOST ((size_t)256 << 20)

/* --- which functions --- */

struct globs {
	const struct inspect_words *words;
	struct name_list *names;
};

/* Functions of modules are left out where only types of the kernel proper are looked through. */
static int take_function(void *context, const char *name, const char *module)
{
	const struct globs *globs = context;

	(void)module;
	for (size_t i = 0; i < globs->words->n; i++)
		if (name_is_glob(globs->words->words[i]) &&
		    fnmatch(globs->words->words[i], name, 0) == 0)
			return name_list_add(globs->names, name);
	return 0;
}

static int add_globs(const struct attach_job *job, struct name_list *names,
		     struct inspect_error *err)
{
	struct globs globs = { &job->targets, names };
	autofree char *root = NULL;

	int r = tracefs_find(&job->inspect->sys, &root, err);
	if (r < 0)
		return inspect_context(err, "%s: find what fits a glob", job->hook->name);
	size_t before = names->n;
	r = tracefs_each_function(root, take_function, &globs);
	if (r == -ENOENT) {
		inspect_fail(err, EOPNOTSUPP, "%s: find what fits a glob", job->hook->name);
		return inspect_hint(err, "this kernel was built without function tracing");
	}
	if (r < 0)
		return inspect_fail(err, -r, "%s: read the functions that can be traced", root);
	if (names->n == before)
		return inspect_fail(err, ENOENT,
				    "prog %u: attach to %s: no function that can be traced fits",
				    job->prog.id, job->hook->name);
	return 0;
}

static bool has_glob(const struct attach_job *job)
{
	for (size_t i = 0; i < job->targets.n; i++)
		if (name_is_glob(job->targets.words[i]))
			return true;
	return false;
}

static int find_names(const struct attach_job *job, struct name_list *names,
		      struct inspect_error *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < job->targets.n; i++)
		if (!name_is_glob(job->targets.words[i]))
			r = name_list_add(names, job->targets.words[i]);
	if (!r && has_glob(job))
		r = add_globs(job, names, err);
	if (r == -ENOMEM)
		return inspect_fail(err, ENOMEM, "%s", job->hook->name);
	name_list_sort(names);
	return r;
}

/* The same cookie for each; NULL where none is asked for. */
static int make_cookies(const struct attach_job *job, size_t n, uint64_t **out,
			struct inspect_error *err)
{
	if (!job->values[HOOK_COOKIE].is_there)
		return 0;
	*out = calloc(n, sizeof(**out));
	if (!*out)
		return inspect_fail(err, ENOMEM, "%s", job->hook->name);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = job->values[HOOK_COOKIE].number;
	return 0;
}

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* --- kprobe_multi, kretprobe_multi, kprobe_session --- */

/* The kernel does not tell which of them it has not: the first that was named and is missing. */
static int fail_functions(const struct attach_job *job, int code, struct inspect_error *err)
{
	struct name_search search;

	attach_fail(job, code, err);
	if (code != ESRCH && code != ENOENT && code != EINVAL)
		return -code;
	for (size_t i = 0; i < job->targets.n; i++) {
		const char *name = job->targets.words[i];

		if (name_is_glob(name))
			continue;
		name_search_begin(&search, name);
		if (name_search_symbols(&job->inspect->sys, NULL, &search) < 0)
			return -code;
		if (!search.n_found)
			return attach_fail_function(job, name, ENOENT, err);
	}
	if (code == EINVAL)
		return -code;
	return inspect_hint(err, "one of the functions cannot be traced");
}

int attach_kprobe_multi(const struct attach_job *job, struct inspect_attachments *out,
			struct inspect_error *err)
{
	AUTO(name_list_done) struct name_list names = { 0 };
	autofree uint64_t *cookies = NULL;

	int r = find_names(job, &names, err);
	if (!r)
		r = make_cookies(job, names.n, &cookies, err);
	if (r < 0)
		return r;
	struct abi_link_create_attr attr = {
		.prog_fd = (uint32_t)job->prog.fd,
		.attach_type = job->hook->attach_type,
		.kprobe_multi = {
			.flags = job->hook->detail,
			.count = (uint32_t)names.n,
			.symbols = address(names.names),
			.cookies = address(cookies),
		},
	};
	int fd = sys_link_create(&job->inspect->sys, &attr);
	return fd < 0 ? fail_functions(job, -fd, err) : attach_keep(job, fd, true, out, err);
}

/* --- fentry_multi, fexit_multi, fsession_multi --- */

struct kernel_types {
	char *bytes;
	struct btf_reader btf;
};

static void kernel_types_done(struct kernel_types *types)
{
	btf_done(&types->btf);
	free(types->bytes);
}

static int kernel_types_read(const struct attach_job *job, struct kernel_types *types,
			     struct inspect_error *err)
{
	size_t size;

	(void)job;
	int r = proc_read_file(KERNEL_BTF, KERNEL_BTF_MOST, &types->bytes, &size, err);
	if (!r)
		r = btf_init(&types->btf, types->bytes, size, NULL, err);
	return r < 0 ? inspect_context(err, "%s", KERNEL_BTF) : 0;
}

/* Of several functions of one name the first: they are in no order that would say more. */
static size_t find_ids(const struct btf_reader *btf, const struct name_list *names, uint32_t *ids,
		       struct name_list *found)
{
	size_t n = 0;

	for (uint32_t id = 1; n < names->n && id < btf_count(btf); id++) {
		const char *name = btf_func_name(btf, id);

		if (!name || !name_list_has(names, name) || name_list_has(found, name))
			continue;
		if (name_list_add(found, name))
			break;
		ids[n++] = id;
	}
	return n;
}

/* A function that was named must be among them; what only fits a glob need not. */
static int check_named(const struct attach_job *job, const struct btf_reader *btf,
		       const struct name_list *found, struct inspect_error *err)
{
	for (size_t i = 0; i < job->targets.n; i++) {
		const char *name = job->targets.words[i];

		if (name_is_glob(name) || name_list_has(found, name))
			continue;
		const char *nearest = btf_nearest_name(btf, name, false);
		inspect_fail(err, ENOENT,
			     "prog %u: attach to %s: function '%s' in the kernel's BTF",
			     job->prog.id, job->hook->name, name);
		return nearest ? inspect_hint(err, "did you mean '%s'?", nearest) : -ENOENT;
	}
	return 0;
}

static int link_ids(const struct attach_job *job, const uint32_t *ids, size_t n,
		    struct inspect_attachments *out, struct inspect_error *err)
{
	autofree uint64_t *cookies = NULL;

	int r = make_cookies(job, n, &cookies, err);
	if (r < 0)
		return r;
	struct abi_link_create_attr attr = {
		.tracing_multi = {
			.ids = address(ids),
			.cookies = address(cookies),
			.count = (uint32_t)n,
		},
	};
	return attach_link(job, &attr, out, err);
}

int attach_tracing_multi(const struct attach_job *job, struct inspect_attachments *out,
			 struct inspect_error *err)
{
	AUTO(kernel_types_done) struct kernel_types types = { 0 };
	AUTO(name_list_done) struct name_list names = { 0 }, found = { 0 };

	if (!names_kernel_has(&job->inspect->sys, NAMES_ATTACH_TYPE, job->hook->attach_type))
		return attach_fail(job, EINVAL, err);
	int r = find_names(job, &names, err);
	if (!r)
		r = kernel_types_read(job, &types, err);
	if (r < 0)
		return r;
	autofree uint32_t *ids = calloc(names.n, sizeof(*ids));
	if (!ids)
		return inspect_fail(err, ENOMEM, "%s", job->hook->name);
	size_t n = find_ids(&types.btf, &names, ids, &found);
	name_list_sort(&found);
	r = check_named(job, &types.btf, &found, err);
	return r < 0 ? r : link_ids(job, ids, n, out, err);
}
