/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kfunc_list.c - the kernel functions that there are
 *
 * Since Linux 6.16 a tag in the types marks them. Before, a function of a name that is known is one that may be such: then
 * the verifier says of every type that it is not. Modules have their own, in types of their own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "btf/raw.h"
#include "probe/kfunc.h"
#include "probe/probe.h"
#include "probe/struct_ops.h"

#define TAG_FAST "bpf_fastcall"

void kfunc_list_done(struct kfunc_list *list)
{
	size_t n = list->modules.size / sizeof(struct kfunc_module);

	for (size_t i = 0; i < kfunc_list_count(list); i++)
		free(kfunc_at(list, i)->name);
	for (size_t i = 0; i < n; i++)
		close_fd(((struct kfunc_module *)(void *)list->modules.bytes)[i].fd);
	buf_done(&list->funcs);
	buf_done(&list->modules);
}

static uint32_t count_params(const struct btf_reader *btf, const struct btf_entry *func)
{
	struct btf_entry proto;

	return btf_type(btf, func->size_or_type, &proto) && proto.kind == KIND_FUNC_PROTO
		       ? proto.vlen
		       : 0;
}

/* A module's may have the name of one of the kernel's own: then that is meant. */
static struct kfunc *find_name(const struct kfunc_list *list, const char *name, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(kfunc_at(list, i)->name, name) == 0)
			return kfunc_at(list, i);
	return NULL;
}

static int add_func(struct kfunc_list *list, const struct btf_reader *btf, uint32_t id,
		    uint32_t module, bool is_tagged)
{
	struct btf_entry type;

	if (!btf_type(btf, id, &type) || type.kind != KIND_FUNC || !*type.name)
		return 0;
	struct kfunc func = {
		.name = strdup(type.name),
		.id = id,
		.module = module,
		.n_params = count_params(btf, &type),
		.is_tagged = is_tagged,
	};
	if (!func.name)
		return -ENOMEM;
	buf_add(&list->funcs, &func, sizeof(func));
	if (!buf_failed(&list->funcs))
		return 0;
	free(func.name);
	return -ENOMEM;
}

/* The descriptor of a module's types, by its name; what is asked for by id takes rights. */
static int open_types(const struct sys *sys, const char *module)
{
	uint32_t id = 0;
	int r;

	while (!(r = sys_next_id(sys, INSPECT_BTF, id, &id))) {
		struct btf_info info;

		autoclose int fd = sys_open_id(sys, INSPECT_BTF, id);
		if (fd == -EPERM)
			return fd;
		if (fd >= 0 && !btf_info_read(sys, fd, &info) && info.is_kernel &&
		    strcmp(info.name, module) == 0)
			return take_fd(&fd);
	}
	return r;
}

/* The place of a module that has functions. */
static int add_module(struct kfunc_list *list, struct probe *probe, const char *name,
		      uint32_t *place)
{
	struct kfunc_module module = { .fd = open_types(probe->sys, name) };

	memcpy(module.name, name, strnlen(name, sizeof(module.name) - 1));
	buf_add(&list->modules, &module, sizeof(module));
	if (buf_failed(&list->modules)) {
		close_fd(module.fd);
		return -ENOMEM;
	}
	*place = (uint32_t)(list->modules.size / sizeof(module));
	return 0;
}

struct reading {
	struct kfunc_list *list;
	struct probe *probe;
	const char *name; /* only this one; NULL: all */
	struct buf known; /* names; of one that is asked for, none */
	uint32_t n_own;	  /* how many are the kernel's */
	bool has_tags;
};

static void reading_done(struct reading *reading)
{
	buf_done(&reading->known);
}

static bool is_wanted(const struct reading *reading, const char *name)
{
	return !reading->name || strcmp(reading->name, name) == 0;
}

/* Own types of the blob alone: those of the base are another's. */
static int read_tagged(struct reading *reading, const struct btf_reader *btf, const char *module)
{
	struct btf_entry tag, func;
	uint32_t place = 0;
	int r = 0;

	for (uint32_t id = btf->first_id; !r && btf_type(btf, id, &tag); id++) {
		if (tag.kind != KIND_DECL_TAG || strcmp(tag.name, KFUNC_TAG) != 0)
			continue;
		reading->has_tags = true;
		if (tag.size_or_type < btf->first_id || !btf_type(btf, tag.size_or_type, &func) ||
		    !is_wanted(reading, func.name) ||
		    (module && find_name(reading->list, func.name, reading->n_own)))
			continue;
		if (module && !place)
			r = add_module(reading->list, reading->probe, module, &place);
		if (!r)
			r = add_func(reading->list, btf, tag.size_or_type, place, true);
	}
	return r;
}

/* The kernel's own by the names that are known, where there are no tags. */
static int read_known(struct reading *reading, const struct btf_reader *btf)
{
	int r = 0;

	for (size_t i = 0; !r && i < kfunc_names_count(&reading->known); i++) {
		const char *name = kfunc_name_at(&reading->known, i);
		int id = types_id(reading->probe, KIND_FUNC, name);

		if (id < 0)
			return id;
		if (id)
			r = add_func(reading->list, btf, (uint32_t)id, 0, false);
	}
	return r;
}

static bool may_be_meant(const struct reading *reading, const char *name)
{
	return reading->name ? strcmp(reading->name, name) == 0
			     : kfunc_is_known(&reading->known, name);
}

static int read_known_of_module(struct reading *reading, const struct btf_reader *btf,
				const char *module)
{
	struct btf_entry func;
	uint32_t place = 0;
	int r = 0;

	for (uint32_t id = btf->first_id; !r && btf_type(btf, id, &func); id++) {
		if (func.kind != KIND_FUNC || !may_be_meant(reading, func.name) ||
		    find_name(reading->list, func.name, (uint32_t)kfunc_list_count(reading->list)))
			continue;
		if (!place)
			r = add_module(reading->list, reading->probe, module, &place);
		if (!r)
			r = add_func(reading->list, btf, id, place, false);
	}
	return r;
}

static int read_module(void *context, const char *name, const struct btf_reader *btf)
{
	struct reading *reading = context;

	return reading->has_tags ? read_tagged(reading, btf, name)
				 : read_known_of_module(reading, btf, name);
}

static void mark_fastcall(struct kfunc_list *list, const struct btf_reader *btf)
{
	struct btf_entry tag, func;

	for (uint32_t id = 1; btf_type(btf, id, &tag); id++) {
		if (tag.kind != KIND_DECL_TAG || strcmp(tag.name, TAG_FAST) != 0 ||
		    !btf_type(btf, tag.size_or_type, &func))
			continue;
		struct kfunc *is = find_name(list, func.name, (uint32_t)kfunc_list_count(list));
		if (is)
			is->is_fastcall = true;
	}
}

static int compare(const void *left, const void *right)
{
	const struct kfunc *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int read_modules(struct reading *reading)
{
	int r = module_each_types(reading->probe, read_module, reading);

	return r == -ENOENT ? 0 : r;
}

int kfunc_list_init(struct kfunc_list *list, struct probe *probe)
{
	AUTO(reading_done) struct reading reading = { .list = list, .probe = probe };
	int r;

	*list = (struct kfunc_list){ 0 };
	const struct btf_reader *btf = types_reader(probe, &r);
	if (!btf)
		return r;
	r = read_tagged(&reading, btf, NULL);
	if (!r && !reading.has_tags)
		r = kfunc_names(&reading.known);
	if (!r && !reading.has_tags)
		r = read_known(&reading, btf);
	reading.n_own = (uint32_t)kfunc_list_count(list);
	if (!r)
		r = read_modules(&reading);
	if (r < 0)
		return r;
	list->is_cut = btf->stopped_kind;
	mark_fastcall(list, btf);
	if (kfunc_list_count(list))
		qsort(list->funcs.bytes, kfunc_list_count(list), sizeof(struct kfunc), compare);
	return 0;
}

/* Of the kernel's own, one question of the cheap kind; its parameters are not needed. */
int kfunc_list_find(struct kfunc_list *list, struct probe *probe, const char *name)
{
	struct reading reading = { .list = list, .probe = probe, .name = name };

	*list = (struct kfunc_list){ 0 };
	int id = types_id(probe, KIND_FUNC, name);
	if (id < 0)
		return id;
	if (!id) {
		int r = read_modules(&reading);

		return r < 0 ? r : kfunc_list_count(list) > 0;
	}
	struct kfunc func = { .name = strdup(name), .id = (uint32_t)id };
	buf_add(&list->funcs, &func, sizeof(func));
	if (func.name && !buf_failed(&list->funcs))
		return 1;
	free(func.name);
	list->funcs.size = 0;
	return -ENOMEM;
}
