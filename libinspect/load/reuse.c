/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * reuse.c - maps that exist already, in the places of an object's
 *
 * libbpf takes any map in the place of any other, and a program made for other sizes then runs with it.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "load/worker.h"

/* The map that is meant, and its number; NULL where there is none. */
static struct bpf_map *find_map(struct worker *worker, const struct inspect_reuse *reuse,
				unsigned *index)
{
	struct bpf_map *map = NULL;

	for (*index = 0; (map = bpf_object__next_map(worker->object, map)); (*index)++)
		if (reuse->name ? strcmp(worker->names[*index], reuse->name) == 0
				: *index == reuse->index)
			return map;
	return NULL;
}

static int fail_no_map(struct worker *worker, const struct inspect_reuse *reuse)
{
	struct inspect_error error = { 0 };

	if (reuse->name)
		inspect_fail(&error, ENOENT, "unable to find map '%s'", reuse->name);
	else
		inspect_fail(&error, ENOENT, "map idx '%u' not used", reuse->index);
	inspect_hint(&error, "'bpflens object show' lists the maps of an object");
	return worker_fail(worker, &error);
}

static int fail_differs(struct worker *worker, const struct bpf_map *map,
			const struct bpf_map_info *info, const char *what, unsigned long long given,
			unsigned long long wanted)
{
	struct inspect_error error = { 0 };

	inspect_fail(&error, EINVAL,
		     "map '%s': map %u cannot replace it: its %s is %llu, the object's is %llu",
		     bpf_map__name(map), info->id, what, given, wanted);
	return worker_fail(worker, &error);
}

static int check_type(struct worker *worker, const struct bpf_map *map,
		      const struct bpf_map_info *info)
{
	const char *given = libbpf_bpf_map_type_str(info->type);
	const char *wanted = libbpf_bpf_map_type_str(bpf_map__type(map));
	struct inspect_error error = { 0 };

	if (info->type == bpf_map__type(map))
		return 0;
	if (!given || !wanted)
		return fail_differs(worker, map, info, "type", info->type, bpf_map__type(map));
	inspect_fail(&error, EINVAL,
		     "map '%s': map %u cannot replace it: its type is %s, the object's is %s",
		     bpf_map__name(map), info->id, given, wanted);
	return worker_fail(worker, &error);
}

struct fact {
	const char *what;
	unsigned long long wanted, given;
};

static int check_facts(struct worker *worker, const struct bpf_map *map,
		       const struct bpf_map_info *info, const struct fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (facts[i].wanted != facts[i].given)
			return fail_differs(worker, map, info, facts[i].what, facts[i].given,
					    facts[i].wanted);
	return 0;
}

/*
 * What a program was compiled for. How many elements there are is not its business; but where the object's own
 * definition says that the map is to be shared, all of that has to be the same.
 */
static int check_fits(struct worker *worker, const struct bpf_map *map, int fd, bool is_shared)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);
	struct inspect_error error = { 0 };

	if (bpf_obj_get_info_by_fd(fd, &info, &length)) {
		inspect_fail(&error, errno, "map '%s': read what is to replace it",
			     bpf_map__name(map));
		return worker_fail(worker, &error);
	}
	const struct fact facts[] = {
		{ "key size", bpf_map__key_size(map), info.key_size },
		{ "value size", bpf_map__value_size(map), info.value_size },
		{ "max_entries", bpf_map__max_entries(map), info.max_entries },
		{ "flags", bpf_map__map_flags(map), info.map_flags },
		{ "map_extra", bpf_map__map_extra(map), info.map_extra },
	};
	int r = check_type(worker, map, &info);
	return r ? r : check_facts(worker, map, &info, facts, is_shared ? 5 : 2);
}

static int reuse_fd(struct worker *worker, struct bpf_map *map, unsigned index, int fd)
{
	struct inspect_error error = { 0 };

	int r = bpf_map__reuse_fd(map, fd);
	worker->is_reused[index] = true;
	if (!r)
		return 0;
	inspect_fail(&error, -r, "map '%s': use another map", bpf_map__name(map));
	return worker_fail(worker, &error);
}

static int reuse_given(struct worker *worker, const struct inspect_reuse *reuse, int fd)
{
	unsigned index;
	struct bpf_map *map = find_map(worker, reuse, &index);
	struct inspect_error error = { 0 };

	if (!map)
		return fail_no_map(worker, reuse);
	if (worker->is_reused[index]) {
		inspect_fail(&error, EINVAL, "replacement for map idx %u specified more than once",
			     index);
		return worker_fail(worker, &error);
	}
	int r = check_fits(worker, map, fd, false);
	return r ? r : reuse_fd(worker, map, index, fd);
}

/* The pin is made by the parent, when all else is done: so libbpf is not to know of it. */
static int take_pin(struct worker *worker, struct bpf_map *map, unsigned index)
{
	const char *wanted = bpf_map__pin_path(map);
	struct inspect_error error = { 0 };

	if (!wanted)
		return 0;
	autofree char *path = strdup(wanted);
	if (!path || bpf_map__set_pin_path(map, NULL)) {
		inspect_fail(&error, ENOMEM, "map '%s'", bpf_map__name(map));
		return worker_fail(worker, &error);
	}
	if (worker->is_reused[index])
		return 0;
	autoclose int fd = bpf_obj_get(path);
	if (fd < 0 && errno != ENOENT) {
		inspect_fail(&error, errno, "map '%s': open the pin '%s'", bpf_map__name(map),
			     path);
		return worker_fail(worker, &error);
	}
	if (fd < 0) {
		worker->pins[index] = take_ptr(&path);
		return 0;
	}
	int r = check_fits(worker, map, fd, true);
	return r ? r : reuse_fd(worker, map, index, fd);
}

static int keep_names(struct worker *worker, unsigned n_maps)
{
	struct bpf_map *map = NULL;
	bool has_all;

	worker->names = calloc(n_maps + 1, sizeof(*worker->names));
	worker->pins = calloc(n_maps + 1, sizeof(*worker->pins));
	worker->is_reused = calloc(n_maps + 1, sizeof(*worker->is_reused));
	has_all = worker->names && worker->pins && worker->is_reused;
	for (unsigned i = 0; has_all && (map = bpf_object__next_map(worker->object, map)); i++)
		has_all = (worker->names[i] = strdup(bpf_map__name(map))) != NULL;
	return has_all ? 0 : worker_fail(worker, &(struct inspect_error){ .code = ENOMEM });
}

int worker_reuse_maps(struct worker *worker, unsigned n_maps)
{
	const struct inspect_load_spec *spec = worker->work->spec;
	struct bpf_map *map;
	unsigned i = 0;

	int r = keep_names(worker, n_maps);
	for (size_t k = 0; !r && k < spec->n_reuse; k++)
		r = reuse_given(worker, &spec->reuse[k], worker->work->reuse[k]);
	for (map = bpf_object__next_map(worker->object, NULL); map && !r;
	     map = bpf_object__next_map(worker->object, map))
		r = take_pin(worker, map, i++);
	return r;
}
