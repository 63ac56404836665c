/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * list.c - walks over objects
 *
 * An object can vanish between the call that lists its id and any later one. Everything here treats
 * that as "not there", never as a failure, unless the object was asked for by id or path.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/caps.h"
#include "kernel/proc.h"
#include "records/kind.h"
#include "records/link.h"
#include "records/owners.h"
#include "records/pins.h"

struct inspect_list {
	struct inspect *inspect;
	const struct inspect_ref *ref;
	const struct kind *kind;
	unsigned want;
	uint32_t last_id;
	bool is_over;
	unsigned n_found;
	unsigned n_failed; /* objects that could not be held against a name or a tag */
	int failed;	   /* why the last of them could not, a positive errno */
	bool is_told;	   /* that there are such */
	unsigned n_ahead;  /* records read ahead, and a result behind them */
	union record ahead[2];
	bool has_result;
	int result;
	struct inspect_error error;
};

const struct kind *kind_get(enum inspect_kind kind)
{
	switch (kind) {
	case INSPECT_PROG:
		return &prog_kind;
	case INSPECT_MAP:
		return &map_kind;
	case INSPECT_LINK:
		return &link_kind;
	case INSPECT_BTF:
		break;
	}
	return &btf_kind;
}

int inspect_list_new(struct inspect *inspect, const struct inspect_ref *ref, unsigned want,
		     struct inspect_list **out, struct inspect_error *err)
{
	struct inspect_list *list = calloc(1, sizeof(*list));

	if (!list)
		return inspect_fail(err, ENOMEM, "list objects");
	list->inspect = inspect;
	list->ref = ref;
	list->kind = kind_get(ref->kind);
	list->want = want;
	if (want & INSPECT_WANT_OWNERS)
		owners_begin(inspect);
	if (want & INSPECT_WANT_USERS)
		users_begin(&inspect->users);
	if (want & INSPECT_WANT_PINS)
		pins_begin(inspect);
	if (ref->kind == INSPECT_LINK)
		link_begin(inspect);
	*out = list;
	return 0;
}

void inspect_list_free(struct inspect_list *list)
{
	if (!list)
		return;
	for (unsigned i = 0; i < list->n_ahead; i++)
		list->kind->done(&list->ahead[i]);
	free(list);
}

static void set_failed(const struct kind *kind, void *record, uint32_t id, int code)
{
	memset(record, 0, kind->size);
	kind->keep(record, -1);
	memcpy((char *)record + kind->failed_at, &code, sizeof(code));
	memcpy((char *)record + kind->id_at, &id, sizeof(id));
}

/* Must an object be read before it is known whether it is meant? */
static bool is_picked(enum inspect_by by)
{
	return by == INSPECT_BY_NAME || by == INSPECT_BY_TAG || by == INSPECT_BY_PROG;
}

/* Reads an open object. 1 a record, 0 it does not fit, or a negative errno. */
static int read_open(struct inspect_list *list, int *fd, void *record)
{
	const struct kind *kind = list->kind;

	memset(record, 0, kind->size);
	kind->keep(record, -1);
	int r = kind->read(list->inspect, *fd, list->want, record);
	if (r < 0)
		return r;
	if (is_picked(list->ref->by) && !kind->fits(list->inspect, list->ref, record)) {
		kind->done(record);
		return 0;
	}
	kind->read_more(list->inspect, *fd, list->want, record);
	if (list->want & INSPECT_WANT_FD)
		kind->keep(record, take_fd(fd));
	return 1;
}

static int next_by_id(struct inspect_list *list, void *record, struct inspect_error *err)
{
	uint32_t id = list->ref->id;

	autoclose int fd = sys_open_id(&list->inspect->sys, list->ref->kind, id);
	if (fd < 0) {
		inspect_fail(err, -fd, "%s %u: open", list->kind->noun, id);
		return caps_hint(err, CAPS_BY_ID);
	}
	int r = read_open(list, &fd, record);
	if (r == -ENODEV) {
		set_failed(list->kind, record, id, ENODEV); /* bound to a device that is gone */
		return 1;
	}
	if (r < 0)
		return inspect_fail(err, -r, "%s %u: read info", list->kind->noun, id);
	return 1;
}

/* A descriptor from a path may be of any kind, and the info call would not tell. */
static int check_kind(const struct inspect_list *list, int fd, struct inspect_error *err)
{
	static const char *const nouns[] = {
		[INSPECT_PROG] = "program",
		[INSPECT_MAP] = "map",
		[INSPECT_LINK] = "link",
		[INSPECT_BTF] = "BTF object",
	};
	const char *path = list->ref->text;
	enum inspect_kind kind;

	int r = proc_kind_of(&list->inspect->sys, fd, &kind);
	if (r < 0) {
		inspect_fail(err, -r, "%s: tell the kind of the object", path);
		return inspect_hint(err, "/proc must be mounted for that");
	}
	if (kind == list->ref->kind)
		return 0;
	inspect_fail(err, EINVAL, "%s: open as %s", path, list->kind->noun);
	return inspect_hint(err, "what is pinned there is a %s", nouns[kind]);
}

static int next_by_path(struct inspect_list *list, void *record, struct inspect_error *err)
{
	const char *path = list->ref->text;

	autoclose int fd = sys_open_path(&list->inspect->sys, path);
	if (fd < 0) {
		inspect_fail(err, -fd, "%s: open", path);
		if (proc_is_directory(path))
			return inspect_hint(err, "a directory, not a pinned object");
		if (proc_is_outside_bpffs(path))
			return inspect_hint(err, "not on a BPF file system (bpffs)");
		return caps_hint(err, CAPS_BY_PATH);
	}
	int r = check_kind(list, fd, err);
	if (r < 0)
		return r;
	r = read_open(list, &fd, record);
	if (r < 0)
		return inspect_fail(err, -r, "%s: read info", path);
	return 1;
}

/* One step of a walk over all ids. 1 a record, 0 none at this id, or a negative errno: the end. */
static int step(struct inspect_list *list, void *record, struct inspect_error *err)
{
	const struct sys *sys = &list->inspect->sys;
	uint32_t id = 0;

	int r = sys_next_id(sys, list->ref->kind, list->last_id, &id);
	if (r == -ENOENT) {
		list->is_over = true;
		return 0;
	}
	if (r < 0) {
		inspect_fail(err, -r, "list %s", list->kind->plural);
		return caps_hint(err, CAPS_BY_ID);
	}
	list->last_id = id;

	autoclose int fd = sys_open_id(sys, list->ref->kind, id);
	r = fd < 0 ? fd : read_open(list, &fd, record);
	if (r >= 0)
		return r;
	if (r == -ENOENT || r == -EAGAIN)
		return 0; /* gone since it was listed, or a link that is being made */
	if (list->ref->by != INSPECT_BY_ALL) {
		list->n_failed++;
		list->failed = -r;
		return 0;
	}
	set_failed(list->kind, record, id, -r);
	return 1;
}

static int fail_no_link(const struct inspect_list *list, struct inspect_error *err)
{
	inspect_fail(err, ENOENT, "prog %u: links", list->ref->id);
	if (list->n_failed)
		return inspect_hint(err, "%u links could not be read", list->n_failed);
	return inspect_hint(err, "no link has this program; what was attached without one ends by "
				 "'prog detach PROG TYPE [MAP]', ip(8) or tc(8), and a program of "
				 "struct_ops by its map's link");
}

static int fail_not_found(const struct inspect_list *list, struct inspect_error *err)
{
	const struct inspect_ref *ref = list->ref;
	const char *noun = list->kind->noun;

	if (ref->by == INSPECT_BY_PROG)
		return fail_no_link(list, err);
	if (ref->by == INSPECT_BY_NAME)
		inspect_fail(err, ENOENT, "%s name %s", noun, ref->text);
	else
		inspect_fail(err, ENOENT, "%s tag %02x%02x%02x%02x%02x%02x%02x%02x", noun,
			     ref->tag[0], ref->tag[1], ref->tag[2], ref->tag[3], ref->tag[4],
			     ref->tag[5], ref->tag[6], ref->tag[7]);
	if (list->n_failed)
		return inspect_hint(err, "%u %s could not be read", list->n_failed,
				    list->kind->plural);
	if (ref->kind == INSPECT_MAP && strlen(ref->text) >= ABI_OBJ_NAME_ROOM)
		return inspect_hint(err, "the kernel keeps 15 bytes of a map's name");
	return -ENOENT;
}

/* Others that fit may be among those that could not be read: what was found is not all. */
static int fail_unread(struct inspect_list *list, struct inspect_error *err)
{
	list->is_told = true;
	return inspect_fail(err, list->failed, "%u %s could not be read, and may be meant too",
			    list->n_failed, list->kind->plural);
}

static int next_record(struct inspect_list *list, void *record, struct inspect_error *err)
{
	bool is_walk = list->ref->by != INSPECT_BY_ID && list->ref->by != INSPECT_BY_PATH;

	if (!is_walk) {
		if (list->is_over)
			return 0;
		list->is_over = true;
		return list->ref->by == INSPECT_BY_ID ? next_by_id(list, record, err)
						      : next_by_path(list, record, err);
	}
	while (!list->is_over) {
		int r = step(list, record, err);

		if (r < 0)
			list->is_over = true;
		if (r > 0)
			list->n_found++;
		if (r)
			return r;
	}
	if (list->ref->by != INSPECT_BY_ALL && !list->n_found)
		return fail_not_found(list, err);
	if (list->n_failed && !list->is_told)
		return fail_unread(list, err);
	return 0;
}

int inspect_list_next(struct inspect_list *list, void *record, struct inspect_error *err)
{
	size_t size = list->kind->size;

	ERROR_NEEDED(err);
	if (list->n_ahead) {
		memcpy(record, &list->ahead[0], size);
		list->n_ahead--;
		if (list->n_ahead)
			memcpy(&list->ahead[0], &list->ahead[1], size);
		return 1;
	}
	if (list->has_result) {
		list->has_result = false;
		if (list->result < 0)
			*err = list->error;
		return list->result;
	}
	return next_record(list, record, err);
}

bool inspect_list_is_single(struct inspect_list *list)
{
	if (list->ref->by != INSPECT_BY_NAME && list->ref->by != INSPECT_BY_TAG)
		return list->ref->by != INSPECT_BY_ALL && list->ref->by != INSPECT_BY_PROG;
	while (list->n_ahead < 2 && !list->has_result) {
		int r = next_record(list, &list->ahead[list->n_ahead], &list->error);

		if (r > 0) {
			list->n_ahead++;
		} else {
			list->has_result = true;
			list->result = r;
		}
	}
	return list->n_ahead == 0 || (list->n_ahead == 1 && !list->n_failed);
}
