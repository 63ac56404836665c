/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.c - the kernel's operations from an object file
 *
 * A map without a link stays registered when its last descriptor is closed, so what fails has to unregister it. One with
 * a link ends with that: without a pin it would be gone before anybody could use it, and is refused.
 *
 * Signals wait until all is done, or nothing: who interrupts the program finds one or the other.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach/print.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "elf/object.h"
#include "kernel/bpffs.h"
#include "kernel/bpffs_dir.h"
#include "load/load.h"
#include "load/pin.h"
#include "records/btf_source.h"
#include "records/struct_ops.h"

#define SECTION ".struct_ops"
#define SECTION_OF_LINKS ".struct_ops.link"

/* All that has to be taken back where it fails. */
struct registering {
	struct inspect *inspect;
	const struct print_register *how;
	struct loaded loaded;
	struct bpffs_dir dir;
	struct inspect_struct_ops *ops; /* one for each map that was registered */
	unsigned n;
};

static void registering_done(struct registering *reg)
{
	loaded_done(&reg->loaded);
	bpffs_dir_done(&reg->dir);
	for (unsigned i = 0; i < reg->n; i++)
		inspect_struct_ops_done(&reg->ops[i]);
	free(reg->ops);
}

static void undo(struct registering *reg)
{
	for (unsigned i = 0; i < reg->n; i++)
		if (reg->ops[i].have & INSPECT_STRUCT_OPS_HAS_PINNED)
			unlink(reg->ops[i].pinned);
	bpffs_dir_undo(&reg->dir);
	loaded_unregister(reg->inspect, &reg->loaded);
}

static bool has_section(const struct object *file, const char *name)
{
	const struct elf_part *part = elf_object_find(&file->elf, name);

	return part && part->size;
}

/* What the file alone tells. */
static int check(struct registering *reg, struct inspect_error *err)
{
	const struct print_register *how = reg->how;
	const struct object *file = &reg->loaded.file;
	bool has_links = has_section(file, SECTION_OF_LINKS);

	if (!has_links && !has_section(file, SECTION) && !has_section(file, "?" SECTION) &&
	    !has_section(file, "?" SECTION_OF_LINKS)) {
		inspect_fail(err, ENOENT, "no struct_ops found in %s", how->spec->file);
		return inspect_hint(err, "a map of that kind stands in a section '%s' or '%s'",
				    SECTION, SECTION_OF_LINKS);
	}
	if (has_links && !how->link_dir) {
		inspect_fail(err, EINVAL, "%s: register", how->spec->file);
		return inspect_hint(err,
				    "it has a map in '%s': its registration ends with its link, "
				    "so say a directory to pin that in",
				    SECTION_OF_LINKS);
	}
	return how->link_dir ? bpffs_dir_check(how->link_dir, how->no_mount, NULL, &reg->dir, err)
			     : 0;
}

static int read_ops(struct registering *reg, const struct loaded_map *map,
		    struct inspect_struct_ops *out, struct inspect_error *err)
{
	const struct sys *sys = &reg->inspect->sys;
	AUTO(btf_source_close) struct btf_source types = { 0 };
	struct abi_map_info info = { 0 };
	uint32_t length = sizeof(info);

	int r = sys_info(sys, map->fd, &info, &length);
	if (r < 0)
		return inspect_fail(err, -r, "map '%s': read info", map->name);
	out->id = info.id;
	memcpy(out->name, info.name, sizeof(out->name) - 1);
	r = btf_source_open_kernel(&types, reg->inspect, info.btf_vmlinux_id, err);
	if (r < 0)
		return r;
	if (!struct_ops_name_type(types.btf, info.btf_vmlinux_value_type_id, out))
		return inspect_fail(err, EINVAL, "map '%s': its type", map->name);
	out->is_registered = true;
	out->have |= INSPECT_STRUCT_OPS_HAS_REGISTERED;
	return 0;
}

static int read_link(struct registering *reg, const struct loaded_map *map,
		     struct inspect_struct_ops *out, struct inspect_error *err)
{
	struct abi_link_info info = { 0 };
	uint32_t length = sizeof(info);

	int r = sys_info(&reg->inspect->sys, map->link_fd, &info, &length);
	if (r < 0)
		return inspect_fail(err, -r, "map '%s': read its link's info", map->name);
	out->link_ids.ids = calloc(1, sizeof(*out->link_ids.ids));
	if (!out->link_ids.ids)
		return inspect_fail(err, ENOMEM, "map '%s'", map->name);
	out->link_ids.ids[out->link_ids.n++] = info.id;
	out->have |= INSPECT_STRUCT_OPS_HAS_LINKS;
	return 0;
}

static int pin_link(struct registering *reg, const struct loaded_map *map,
		    struct inspect_struct_ops *out, struct inspect_error *err)
{
	struct stat st;

	if (asprintf(&out->pinned, "%s/%s", reg->dir.path, out->name) < 0) {
		out->pinned = NULL;
		return inspect_fail(err, ENOMEM, "map '%s': pin its link", map->name);
	}
	int r = lstat(out->pinned, &st) ? sys_pin(&reg->inspect->sys, map->link_fd, out->pinned)
					: -EEXIST;
	if (r == -EEXIST) {
		inspect_fail(err, EEXIST, "can't pin link %u for %s: %s", out->link_ids.ids[0],
			     out->name, out->pinned);
		return inspect_hint(err,
				    "nothing is ever replaced; 'pin remove' unpins what is there");
	}
	if (r < 0)
		return bpffs_fail_pin(out->pinned, -r, err);
	out->have |= INSPECT_STRUCT_OPS_HAS_PINNED;
	return 0;
}

static int finish_map(struct registering *reg, const struct loaded_map *map,
		      struct inspect_error *err)
{
	struct inspect_struct_ops *ops = &reg->ops[reg->n++];

	int r = read_ops(reg, map, ops, err);
	if (!r && map->link_fd >= 0)
		r = read_link(reg, map, ops, err);
	if (!r && map->link_fd >= 0 && reg->how->link_dir)
		r = pin_link(reg, map, ops, err);
	return r;
}

static bool is_registered(const struct loaded_map *map)
{
	return map->type == ABI_MAP_TYPE_STRUCT_OPS && map->fd >= 0 && map->is_attached;
}

/* They are registered; links get their names. Other maps of the object, where it says so, come last. */
static int finish(struct registering *reg, struct inspect_error *err)
{
	const struct pin_spec pins = { .no_mount = reg->how->no_mount };
	AUTO(pinning_done) struct pinning pinning = { 0 };
	struct loaded *loaded = &reg->loaded;
	bool has_links = false;
	int r = 0;

	for (unsigned i = 0; i < loaded->n_maps; i++)
		has_links = has_links || loaded->maps[i].link_fd >= 0;
	reg->ops = calloc(loaded->n_maps + 1ul, sizeof(*reg->ops));
	if (!reg->ops)
		return inspect_fail(err, ENOMEM, "register");
	if (has_links && reg->how->link_dir)
		r = bpffs_dir_make(&reg->dir, err);
	for (unsigned i = 0; !r && i < loaded->n_maps; i++)
		if (is_registered(&loaded->maps[i]))
			r = finish_map(reg, &loaded->maps[i], err);
	if (!r && !reg->n)
		r = inspect_fail(err, ENOENT, "no struct_ops found in %s", reg->how->spec->file);
	return r ? r : pin_loaded(reg->inspect, &pins, loaded, reg->how->note, &pinning, err);
}

static int register_all(struct registering *reg, struct inspect_error *err)
{
	sigset_t waiting, before;

	sigemptyset(&waiting);
	sigaddset(&waiting, SIGINT);
	sigaddset(&waiting, SIGTERM);
	sigaddset(&waiting, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &waiting, &before);
	int r = load_object(reg->inspect, reg->how->spec, &reg->loaded, err);
	if (!r) {
		r = finish(reg, err);
		if (r < 0)
			undo(reg);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

static void tell(const struct registering *reg)
{
	for (unsigned i = 0; reg->how->told && i < reg->n; i++) {
		const struct inspect_struct_ops *ops = &reg->ops[i];

		out_fmt(reg->how->told, "Registered %s %s ", ops->type, ops->name);
		if (ops->link_ids.n)
			out_fmt(reg->how->told, "map id %u link id %u\n", ops->id,
				ops->link_ids.ids[0]);
		else
			out_fmt(reg->how->told, "id %u\n", ops->id);
	}
	bpffs_dir_tell(&reg->dir, reg->how->note);
}

int print_struct_ops_register(struct inspect *inspect, struct sink *sink,
			      const struct print_register *how, struct inspect_error *err)
{
	AUTO(registering_done) struct registering reg = { .inspect = inspect, .how = how };
	struct printer printer;

	ERROR_NEEDED(err);
	int r = print_init(&printer, sink, &struct_ops_schema, err);
	if (!r)
		r = load_begin(how->spec, &reg.loaded, err);
	if (!r)
		r = check(&reg, err);
	if (!r)
		r = register_all(&reg, err);
	if (r < 0)
		return r;
	tell(&reg);
	if (sink->form == SINK_PLAIN)
		return 0;
	print_open(&printer, false);
	for (unsigned i = 0; i < reg.n; i++)
		print_record(&printer, &reg.ops[i]);
	print_close(&printer, false);
	return 0;
}
