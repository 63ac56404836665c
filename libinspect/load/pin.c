/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pin.c - what was loaded gets its names in BPF file systems: all of it, or nothing
 *
 * Signals wait while pins are made: who interrupts the program then finds all of them, and before that none.
 */
#include "load/pin.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "kernel/bpffs.h"
#include "kernel/proc.h"

void pinning_done(struct pinning *pinning)
{
	for (unsigned i = 0; i < pinning->n_dirs; i++)
		bpffs_dir_done(&pinning->dirs[i]);
	for (unsigned i = 0; i < pinning->n; i++)
		free(pinning->pins[i].path);
	free(pinning->dirs);
	free(pinning->pins);
	*pinning = (struct pinning){ 0 };
}

void pinning_undo(struct pinning *pinning)
{
	for (unsigned i = 0; i < pinning->n; i++)
		unlink(pinning->pins[i].path);
	for (unsigned i = pinning->n_dirs; i;)
		bpffs_dir_undo(&pinning->dirs[--i]);
}

static void *grow(void *array, unsigned n, size_t one)
{
	if (n & (n - 1))
		return array;
	return reallocarray(array, n ? (size_t)n * 2 : 1, one);
}

static int fail_memory(struct inspect_error *err)
{
	return inspect_fail(err, ENOMEM, "pin");
}

/* A directory that pins go to, once. */
static int add_dir(struct pinning *pinning, const char *path, bool no_mount,
		   struct inspect_error *err)
{
	struct bpffs_dir dir = { 0 };
	const struct bpffs_dir *before = NULL;

	for (unsigned i = 0; i < pinning->n_dirs; i++) {
		before = &pinning->dirs[i];
		if (strcmp(before->path, path) == 0)
			return 0;
	}
	int r = bpffs_dir_check(path, no_mount, before, &dir, err);
	if (r < 0)
		return r;
	void *more = grow(pinning->dirs, pinning->n_dirs, sizeof(*pinning->dirs));
	if (!more) {
		bpffs_dir_done(&dir);
		return fail_memory(err);
	}
	pinning->dirs = more;
	pinning->dirs[pinning->n_dirs++] = dir;
	return 0;
}

/* Names come from the object: one with a slash would be pinned elsewhere. */
static int check_name(const char *what, const char *name, struct inspect_error *err)
{
	if (*name && !strpbrk(name, "/.") && strlen(name) <= NAME_MAX)
		return 0;
	inspect_fail(err, EINVAL, "%s '%s': pin", what, name);
	return inspect_hint(err, "a name for a pin has 1 to %d bytes, and no slash or dot",
			    NAME_MAX);
}

static int fail_exists(const char *path, struct inspect_error *err)
{
	inspect_fail(err, EEXIST, "%s: pin", path);
	return inspect_hint(err, "nothing is ever replaced; 'pin remove' unpins what is there");
}

static int check_free(const char *path, struct inspect_error *err)
{
	struct stat st;

	return lstat(path, &st) ? 0 : fail_exists(path, err);
}

static char *join(const char *dir, const char *name)
{
	char *path;
	size_t size = strlen(dir);
	const char *slash = size && dir[size - 1] == '/' ? "" : "/";

	return asprintf(&path, "%s%s%s", dir, slash, name) < 0 ? NULL : path;
}

/* The file's name of a map: a bpffs takes no dots, which names of data have. */
static char *map_path(const char *dir, const char *name)
{
	char *path = join(dir, name);

	for (char *at = path ? path + strlen(path) - strlen(name) : NULL; at && *at; at++)
		if (*at == '.')
			*at = '_';
	return path;
}

/* In a directory that is not there yet, nothing is: a path is looked at only where @is_there. */
static int check_will_be(const char *dir, bool is_there, const char *name, bool is_map,
			 struct inspect_error *err)
{
	autofree char *path = is_map ? map_path(dir, name) : join(dir, name);

	if (!path)
		return fail_memory(err);
	int r = check_name(is_map ? "map" : "program", is_map ? strrchr(path, '/') + 1 : name, err);
	return r || !is_there ? r : check_free(path, err);
}

static int check_progs(const char *dir, const struct object *file, struct inspect_error *err)
{
	bool is_there = !access(dir, F_OK);
	int r = 0;

	for (uint32_t i = 0; !r && i < file->n_funcs; i++) {
		const struct object_func *func = &file->funcs[i];

		if (!func->is_subprog && *func->name && *file->elf.parts[func->section].name != '?')
			r = check_will_be(dir, is_there, func->name, false, err);
	}
	return r;
}

static int check_maps(const char *dir, const struct object *file, struct inspect_error *err)
{
	const struct elf_part *maps = elf_object_find(&file->elf, ".maps");
	bool is_there = !access(dir, F_OK);
	int r = 0;

	for (uint32_t i = 0; maps && !r && i < file->elf.n_symbols; i++) {
		const struct elf_symbol *symbol = &file->elf.symbols[i];

		if (symbol->section == maps->index && symbol->type == ELF_SYMBOL_OBJECT)
			r = check_will_be(dir, is_there, symbol->name, true, err);
	}
	return r;
}

/* The directories, and for a single program its path. One for programs is made where there are some. */
static int begin(struct pinning *pinning, const struct pin_spec *spec, bool has_progs,
		 struct inspect_error *err)
{
	AUTO(bpffs_done) struct bpffs_place place = { 0 };
	int r = 0;

	if (spec->path && !spec->is_all)
		r = bpffs_check(spec->path, spec->no_mount, &place, err);
	if (!r && spec->path && (has_progs || !spec->is_all))
		r = add_dir(pinning, spec->is_all ? spec->path : place.directory, spec->no_mount,
			    err);
	if (!r && spec->maps_dir)
		r = add_dir(pinning, spec->maps_dir, spec->no_mount, err);
	return r;
}

int pin_check(const struct pin_spec *spec, const struct object *file, struct inspect_error *err)
{
	AUTO(pinning_done) struct pinning pinning = { 0 };

	int r = begin(&pinning, spec, true, err);
	if (!r && spec->path && spec->is_all)
		r = check_progs(spec->path, file, err);
	return r || !spec->maps_dir ? r : check_maps(spec->maps_dir, file, err);
}

/* Takes the path, which may be NULL for want of memory. */
static int add_pin(struct pinning *pinning, char *path, int fd, struct pin pin,
		   struct inspect_error *err)
{
	void *more = path ? grow(pinning->pins, pinning->n, sizeof(pin)) : NULL;

	if (!more) {
		free(path);
		return fail_memory(err);
	}
	pin.path = path;
	pin.fd = fd;
	pinning->pins = more;
	pinning->pins[pinning->n++] = pin;
	return 0;
}

/* Only a BPF link can be pinned: an older kernel attaches some kinds of programs by a perf event. */
static int check_link(struct inspect *inspect, const struct loaded_prog *prog,
		      struct inspect_error *err)
{
	enum inspect_kind kind;

	if (prog->link_fd >= 0 && !proc_kind_of(&inspect->sys, prog->link_fd, &kind) &&
	    kind == INSPECT_LINK)
		return 0;
	inspect_fail(err, EOPNOTSUPP, "program '%s': it is attached, but not by a link: pin",
		     prog->name);
	return inspect_hint(err, "this kind of program has no BPF link, or this kernel none for it "
				 "(perf events have since Linux 5.15)");
}

static int add_prog(struct inspect *inspect, struct pinning *pinning,
		    const struct loaded_prog *prog, char *path, const struct inspect_note *note,
		    struct inspect_error *err)
{
	if (prog->has_no_hook)
		note_tell(note, "Program %s does not support autoattach, falling back to pinning",
			  prog->name);
	if (prog->is_attached) {
		int r = check_link(inspect, prog, err);

		if (r < 0) {
			free(path);
			return r;
		}
	}
	return add_pin(pinning, path, prog->is_attached ? prog->link_fd : prog->fd,
		       (struct pin){ .prog = prog }, err);
}

static bool has_progs(const struct loaded *loaded)
{
	for (unsigned i = 0; i < loaded->n_progs; i++)
		if (loaded->progs[i].fd >= 0)
			return true;
	return false;
}

static int add_first(struct inspect *inspect, struct pinning *pinning, const char *path,
		     const struct loaded *loaded, const struct inspect_note *note,
		     struct inspect_error *err)
{
	for (unsigned i = 0; i < loaded->n_progs; i++)
		if (loaded->progs[i].fd >= 0)
			return add_prog(inspect, pinning, &loaded->progs[i], strdup(path), note,
					err);
	return inspect_fail(err, ENOENT, "object file doesn't contain any bpf program");
}

static int add_progs(struct inspect *inspect, struct pinning *pinning, const char *dir,
		     const struct loaded *loaded, const struct inspect_note *note,
		     struct inspect_error *err)
{
	int r = 0;

	for (unsigned i = 0; !r && i < loaded->n_progs; i++) {
		const struct loaded_prog *prog = &loaded->progs[i];

		if (prog->fd < 0) {
			note_tell(note,
				  "program '%s' is not loaded: its section's name begins with '?'",
				  prog->name);
			continue;
		}
		r = check_name("program", prog->name, err);
		if (!r)
			r = add_prog(inspect, pinning, prog, join(dir, prog->name), note, err);
	}
	return r;
}

static int add_map(struct pinning *pinning, const struct pin_spec *spec,
		   const struct loaded_map *map, struct inspect_error *err)
{
	AUTO(bpffs_done) struct bpffs_place place = { 0 };
	int r = 0;

	if (spec->maps_dir) {
		char *path = map_path(spec->maps_dir, map->name);

		if (path)
			r = check_name("map", path + strlen(path) - strlen(map->name), err);
		if (r < 0) {
			free(path);
			return r;
		}
		r = add_pin(pinning, path, map->fd, (struct pin){ .map = map }, err);
	}
	if (r || !map->pin_path)
		return r;
	r = bpffs_check(map->pin_path, spec->no_mount, &place, err);
	if (!r)
		r = add_dir(pinning, place.directory, spec->no_mount, err);
	return r ? r
		 : add_pin(pinning, strdup(map->pin_path), map->fd, (struct pin){ .map = map },
			   err);
}

static int make_all(struct inspect *inspect, struct pinning *pinning, unsigned *n_dirs,
		    unsigned *n_pins, struct inspect_error *err)
{
	for (; *n_dirs < pinning->n_dirs; ++*n_dirs) {
		int r = bpffs_dir_make(&pinning->dirs[*n_dirs], err);

		if (r < 0)
			return r;
	}
	for (; *n_pins < pinning->n; ++*n_pins) {
		const struct pin *pin = &pinning->pins[*n_pins];
		int r = sys_pin(&inspect->sys, pin->fd, pin->path);

		if (r == -EEXIST)
			return fail_exists(pin->path, err);
		if (r < 0)
			return bpffs_fail_pin(pin->path, -r, err);
	}
	return 0;
}

/* All or nothing. */
static int make_or_undo(struct inspect *inspect, struct pinning *pinning, struct inspect_error *err)
{
	unsigned n_dirs = 0, n_pins = 0;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	int r = make_all(inspect, pinning, &n_dirs, &n_pins, err);
	while (r && n_pins)
		unlink(pinning->pins[--n_pins].path);
	while (r && n_dirs)
		bpffs_dir_undo(&pinning->dirs[--n_dirs]);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int pin_loaded(struct inspect *inspect, const struct pin_spec *spec, const struct loaded *loaded,
	       const struct inspect_note *note, struct pinning *out, struct inspect_error *err)
{
	bool has_any = has_progs(loaded);
	int r = begin(out, spec, has_any, err);

	if (!r && spec->is_all && !has_any)
		note_tell(note, "no program of the object is loaded: '%s' is not made", spec->path);
	if (!r && spec->path)
		r = spec->is_all ? add_progs(inspect, out, spec->path, loaded, note, err)
				 : add_first(inspect, out, spec->path, loaded, note, err);
	for (unsigned i = 0; !r && i < loaded->n_maps; i++)
		if (loaded->maps[i].fd >= 0)
			r = add_map(out, spec, &loaded->maps[i], err);
	if (!r)
		r = make_or_undo(inspect, out, err);
	for (unsigned i = 0; !r && i < out->n_dirs; i++)
		bpffs_dir_tell(&out->dirs[i], note);
	return r;
}
