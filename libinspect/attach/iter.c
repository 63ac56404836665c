/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter.c - iterators of object files: loaded, attached, pinned or run once
 *
 * What an iterator may be limited to differs by its target, and the kernel reads the same bytes as one or the other
 * without asking which was meant. The target stands in the name of the section, so that is asked here.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "base/text.h"
#include "kernel/bpffs.h"
#include "kernel/proc.h"
#include "load/load.h"
#include "load/pin.h"
#include "records/one.h"

/* An iterator that is loaded and attached. */
struct iter {
	struct inspect *inspect;
	const struct inspect_iter_spec *spec;
	const struct inspect_note *note;
	struct loaded loaded;
	const struct loaded_prog *prog;
	const char *target; /* in prog->section */
	int map_fd, cgroup_fd;
	int link_fd;
};

#define ITER_NONE                                                                                  \
	{                                                                                          \
		.map_fd = -1, .cgroup_fd = -1, .link_fd = -1                                       \
	}

static void iter_done(struct iter *iter)
{
	close_fd(iter->link_fd);
	close_fd(iter->map_fd);
	close_fd(iter->cgroup_fd);
	loaded_done(&iter->loaded);
}

static bool is_iterator(const struct loaded_prog *prog)
{
	return prog->fd >= 0 && prog->type == ABI_PROG_TYPE_TRACING &&
	       prog->expected_type == ABI_TRACE_ITER;
}

static int hint_names(const struct iter *iter, struct inspect_error *err)
{
	AUTO(buf_done) struct buf names = { 0 };

	for (unsigned i = 0; i < iter->loaded.n_progs; i++) {
		if (!is_iterator(&iter->loaded.progs[i]))
			continue;
		buf_add_text(&names, names.size ? ", " : "");
		buf_add_text(&names, iter->loaded.progs[i].name);
	}
	if (!names.size)
		return inspect_hint(err, "an iterator stands in a section 'iter/TARGET', such as "
					 "iter/task");
	buf_add_char(&names, '\0');
	return inspect_hint(err, "its iterators are %s", buf_failed(&names) ? "?" : names.bytes);
}

static int find_prog(struct iter *iter, struct inspect_error *err)
{
	const char *name = iter->spec->prog, *file = iter->spec->load.file;
	const struct loaded *loaded = &iter->loaded;
	unsigned n = 0;

	for (unsigned i = 0; i < loaded->n_progs; i++) {
		const struct loaded_prog *prog = &loaded->progs[i];

		if (!is_iterator(prog) || (name && strcmp(prog->name, name) != 0))
			continue;
		iter->prog = n++ ? iter->prog : prog;
	}
	if (!n && name)
		inspect_fail(err, ENOENT, "%s: iterator '%s'", file, name);
	else if (!n)
		inspect_fail(err, ENOENT, "%s: no iterator in it", file);
	if (!n)
		return hint_names(iter, err);
	if (n > 1)
		note_tell(iter->note, "%s has %u iterators, this is %s; 'program' says which", file,
			  n, iter->prog->name);
	const char *slash = strchr(iter->prog->section, '/');
	iter->target = slash ? slash + 1 : "";
	return 0;
}

static bool is_over_map(const char *target)
{
	return strcmp(target, "bpf_map_elem") == 0 || strcmp(target, "bpf_sk_storage_map") == 0;
}

/* Words that the target would take for something else. Targets that are not known here are left to the kernel. */
static int check_words(const struct iter *iter, struct inspect_error *err)
{
	const struct inspect_iter_spec *spec = iter->spec;
	const char *target = iter->target;
	const char *odd = NULL;

	if (is_over_map(target) && !spec->has_map) {
		inspect_fail(err, EINVAL, "program '%s' (%s): attach", iter->prog->name,
			     iter->prog->section);
		return inspect_hint(err, "it walks over the elements of a map: say 'map MAP'");
	}
	if (spec->has_map && !is_over_map(target))
		odd = "map";
	else if (spec->pid && !text_has_prefix(target, "task"))
		odd = "pid";
	else if (spec->tid && !text_has_prefix(target, "task"))
		odd = "tid";
	else if ((spec->cgroup || spec->order) && strcmp(target, "cgroup") != 0)
		odd = spec->cgroup ? "cgroup" : "order";
	if (!odd)
		return 0;
	inspect_fail(err, EINVAL, "program '%s' (%s): attach", iter->prog->name,
		     iter->prog->section);
	return inspect_hint(err, "an iterator over %s takes no '%s'", target, odd);
}

/* A program that writes values wants a map that can be written; not every map can. */
static int open_map(struct iter *iter, struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };

	if (!iter->spec->has_map)
		return 0;
	int r = one_open(iter->inspect, &iter->spec->map, &map, err);
	if (r < 0)
		return inspect_context(err, "map");
	one_reopen_map(iter->inspect, &iter->spec->map, 0, &map, NULL);
	iter->map_fd = take_fd(&map.fd);
	return 0;
}

static int open_cgroup(struct iter *iter, struct inspect_error *err)
{
	const char *path = iter->spec->cgroup;

	if (!path)
		return 0;
	iter->cgroup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return iter->cgroup_fd < 0 ? inspect_fail(err, errno, "%s: open the cgroup", path) : 0;
}

static uint32_t order_of(const char *word)
{
	static const char *const orders[] = { "self_only", "descendants_pre", "descendants_post",
					      "ancestors_up", "children" };

	for (uint32_t i = 0; word && i < sizeof(orders) / sizeof(*orders); i++)
		if (strcmp(orders[i], word) == 0)
			return i + 1;
	return 2;
}

/* False where there is nothing to say. */
static bool fill_info(const struct iter *iter, union abi_iter_info *out)
{
	*out = (union abi_iter_info){ 0 };
	if (iter->map_fd >= 0) {
		out->map_fd = (uint32_t)iter->map_fd;
	} else if (strcmp(iter->target, "cgroup") == 0) {
		out->cgroup.order = order_of(iter->spec->order);
		out->cgroup.cgroup_fd = iter->cgroup_fd < 0 ? 0 : (uint32_t)iter->cgroup_fd;
	} else if (iter->spec->pid || iter->spec->tid) {
		out->task.pid = iter->spec->pid;
		out->task.tid = iter->spec->tid;
	} else {
		return false;
	}
	return true;
}

static int fail_attach(const struct iter *iter, int code, struct inspect_error *err)
{
	const struct inspect_iter_spec *spec = iter->spec;

	inspect_fail(err, code, "attach_iter failed for program %s", iter->prog->name);
	if (code == EPERM)
		return inspect_hint(err,
				    "attaching needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN");
	if (code == EBADF && spec->cgroup)
		return inspect_hint(err, "'%s' is no directory of a cgroup2 file system",
				    spec->cgroup);
	if (code == ESRCH && (spec->pid || spec->tid))
		return inspect_hint(err, "there is no such process or task");
	if (spec->has_map && (code == EINVAL || code == EACCES))
		return inspect_hint(err,
				    "the map is of a type that cannot be walked so, or its keys or "
				    "values are smaller than what the program reads");
	if ((spec->pid || spec->tid) && (code == E2BIG || code == EINVAL))
		return inspect_hint(err, "'pid' and 'tid' exclude each other, and kernels before "
					 "Linux 6.1 know neither");
	return -code;
}

static int attach(struct iter *iter, struct inspect_error *err)
{
	union abi_iter_info info;
	struct abi_link_create_attr attr = {
		.prog_fd = (uint32_t)iter->prog->fd,
		.attach_type = ABI_TRACE_ITER,
	};

	if (fill_info(iter, &info)) {
		attr.iter.info = (uint64_t)(uintptr_t)&info;
		attr.iter.info_len = sizeof(info);
	}
	int fd = sys_link_create(&iter->inspect->sys, &attr);
	if (fd < 0)
		return fail_attach(iter, -fd, err);
	iter->link_fd = fd;
	return 0;
}

/* Loads the object and attaches one iterator of it; nothing has a name yet. */
static int make(struct iter *iter, struct inspect_error *err)
{
	int r = open_map(iter, err);
	if (!r)
		r = open_cgroup(iter, err);
	if (!r)
		r = load_object(iter->inspect, &iter->spec->load, &iter->loaded, err);
	if (!r)
		r = find_prog(iter, err);
	if (!r)
		r = check_words(iter, err);
	return r ? r : attach(iter, err);
}

/* Maps of the object that want to be pinned by their names, and the link. */
static int pin(struct iter *iter, const struct bpffs_place *place, bool no_mount,
	       struct inspect_error *err)
{
	const struct pin_spec pins = { .no_mount = no_mount };
	AUTO(pinning_done) struct pinning pinning = { 0 };

	int r = pin_loaded(iter->inspect, &pins, &iter->loaded, iter->note, &pinning, err);
	if (r < 0)
		return r;
	r = bpffs_pin(&iter->inspect->sys, place, iter->link_fd, iter->note, err);
	if (r < 0)
		pinning_undo(&pinning);
	return r;
}

int inspect_iter_pin(struct inspect *inspect, const struct inspect_iter_spec *spec,
		     const char *path, bool no_mount, const struct inspect_note *note,
		     struct inspect_error *err)
{
	AUTO(iter_done) struct iter iter = ITER_NONE;
	AUTO(bpffs_done) struct bpffs_place place = { 0 };

	ERROR_NEEDED(err);
	iter.inspect = inspect;
	iter.spec = spec;
	iter.note = note;
	int r = load_begin(&spec->load, &iter.loaded, err);
	if (!r)
		r = bpffs_check(path, no_mount, &place, err);
	if (!r)
		r = make(&iter, err);
	return r ? r : pin(&iter, &place, no_mount, err);
}

/* A file on a bpffs is a pin, and no object. */
static bool is_pin(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !proc_is_outside_bpffs(path);
}

static int run_link(struct inspect *inspect, int link_fd, const char *name, int *out,
		    struct inspect_error *err)
{
	int fd = sys_iter_create(&inspect->sys, link_fd);

	if (fd < 0)
		return inspect_fail(err, -fd, "%s: run the iterator", name);
	*out = fd;
	return 0;
}

static int open_pin(struct inspect *inspect, const struct inspect_iter_spec *spec, int *out,
		    struct inspect_error *err)
{
	const char *path = spec->load.file;
	const struct inspect_ref ref = { .kind = INSPECT_LINK,
					 .by = INSPECT_BY_PATH,
					 .text = path };
	AUTO(inspect_link_done) struct inspect_link link = { .fd = -1 };

	if (spec->has_map || spec->prog || spec->pid || spec->tid || spec->cgroup || spec->order)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "%s: a pinned iterator takes no words: what it walks over was "
				    "said when it was attached",
				    path);
	int r = one_open(inspect, &ref, &link, err);
	if (r < 0)
		return r;
	if (link.type != ABI_LINK_TYPE_ITER) {
		const char *type = names_of(NAMES_LINK_TYPE, link.type, link.type_name);

		inspect_fail(err, EINVAL, "%s: run the iterator", path);
		return inspect_hint(err, "what is pinned there is a link of type %s",
				    type ? type : "another kind");
	}
	return run_link(inspect, link.fd, path, out, err);
}

int inspect_iter_open(struct inspect *inspect, const struct inspect_iter_spec *spec,
		      const struct inspect_note *note, int *out, struct inspect_error *err)
{
	AUTO(iter_done) struct iter iter = ITER_NONE;

	ERROR_NEEDED(err);
	if (is_pin(spec->load.file))
		return open_pin(inspect, spec, out, err);
	iter.inspect = inspect;
	iter.spec = spec;
	iter.note = note;
	int r = make(&iter, err);
	return r ? r : run_link(inspect, iter.link_fd, iter.prog->name, out, err);
}
