/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pins.c - where objects are pinned
 *
 * A pin does not tell what it pins: every file of every BPF file system is opened, once a listing,
 * and only when somebody asked. A list of objects then looks each of them up.
 */
#include "records/pins.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "kernel/mounts.h"
#include "kernel/proc.h"
#include "records/inspect.h"

struct pin {
	enum inspect_kind kind;
	unsigned id;
	char *path;
};

struct walk {
	struct inspect *inspect;
	struct buf pins;
};

void pins_done(struct pins *pins)
{
	for (unsigned i = 0; i < pins->n; i++)
		free(pins->pins[i].path);
	free(pins->pins);
	free(pins->paths);
	*pins = (struct pins){ 0 };
}

void pins_begin(struct inspect *inspect)
{
	pins_done(&inspect->pins);
}

/* Which object is pinned there? The kinds' info structs all begin with type and id, BTF's does not. */
static bool read_pin(const struct sys *sys, const char *path, struct pin *out)
{
	static const uint32_t sizes[] = {
		[INSPECT_PROG] = sizeof(struct abi_prog_info),
		[INSPECT_MAP] = sizeof(struct abi_map_info),
		[INSPECT_LINK] = sizeof(struct abi_link_info),
	};
	union {
		struct abi_prog_info prog;
		struct abi_map_info map;
		struct abi_link_info link;
	} info = { 0 };

	autoclose int fd = sys_open_path(sys, path);
	if (fd < 0 || proc_kind_of(sys, fd, &out->kind) || out->kind == INSPECT_BTF)
		return false;
	uint32_t length = sizes[out->kind];
	if (sys_info(sys, fd, &info, &length))
		return false;
	out->id = info.map.id; /* at the same place in all of them */
	return true;
}

static int add_pin(void *context, const struct mounts_entry *entry)
{
	struct walk *walk = context;
	struct pin pin;

	if (entry->error == ENOMEM)
		return -ENOMEM;
	if (!S_ISREG(entry->mode) || entry->is_mount ||
	    !read_pin(&walk->inspect->sys, entry->path, &pin))
		return 0;
	pin.path = strdup(entry->path);
	if (!pin.path)
		return -ENOMEM;
	buf_add(&walk->pins, &pin, sizeof(pin));
	if (buf_failed(&walk->pins)) {
		free(pin.path);
		return -ENOMEM;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct pin *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->id != right->id)
		return left->id < right->id ? -1 : 1;
	return left->path && right->path ? strcmp(left->path, right->path) : 0;
}

static void read_all(struct inspect *inspect)
{
	struct walk walk = { .inspect = inspect };
	struct pins *pins = &inspect->pins;

	pins->is_read = true;
	int r = mounts_walk_bpffs(&inspect->sys, NULL, add_pin, &walk);
	pins->pins = (struct pin *)(void *)walk.pins.bytes;
	pins->n = (unsigned)(walk.pins.size / sizeof(struct pin));
	pins->paths = calloc(pins->n + 1, sizeof(*pins->paths));
	if (r < 0 || !pins->paths) {
		pins_done(pins);
		pins->is_read = true;
		return;
	}
	if (pins->n)
		qsort(pins->pins, pins->n, sizeof(*pins->pins), compare);
	for (unsigned i = 0; i < pins->n; i++)
		pins->paths[i] = pins->pins[i].path;
}

bool pins_find(struct inspect *inspect, enum inspect_kind kind, unsigned id,
	       struct inspect_strings *out)
{
	const struct pin wanted = { .kind = kind, .id = id };
	struct pins *pins = &inspect->pins;
	unsigned low = 0, high, n = 0;

	if (!pins->is_read)
		read_all(inspect);
	if (!pins->paths)
		return false;
	for (high = pins->n; low < high;) {
		unsigned middle = low + (high - low) / 2;

		if (compare(&pins->pins[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < pins->n && !compare(&pins->pins[low + n], &wanted))
		n++;
	*out = (struct inspect_strings){ .strings = pins->paths + low, .n = n };
	return true;
}
