/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * unpin.c - remove pins, and find what still holds the objects
 *
 * Everything is looked at first, and only then the first name goes. What became of an object is seen late: the kernel lets go
 * of it some time after its last name went.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/bpffs_remove.h"
#include "records/held.h"
#include "records/owners.h"
#include "records/pinned.h"
#include "records/pins.h"

#define WAIT_STEP_NS 2000000
#define WAIT_STEPS 500 /* a second */

/* Something that is to go; its texts are its own. */
struct victim {
	struct mounts_entry met;
	struct inspect_pinned pin;
	char *path;
	char *name;
	size_t base; /* which of the bases it is at or below */
	bool is_removed;
	bool is_twice; /* met again: another path named it before */
};

struct removal {
	struct inspect *inspect;
	const struct inspect_unpin *how;
	struct inspect_error *err;
	struct buf bases;   /* struct bpffs_name */
	struct buf victims; /* struct victim, what is in a directory before it */
	struct buf order;   /* size_t: the victims by device and inode */
	union record room;
};

static struct victim *victim_at(const struct removal *removal, size_t i)
{
	return (struct victim *)(void *)removal->victims.bytes + i;
}

static size_t count(const struct removal *removal)
{
	return removal->victims.size / sizeof(struct victim);
}

static struct bpffs_name *base_at(const struct removal *removal, size_t i)
{
	return (struct bpffs_name *)(void *)removal->bases.bytes + i;
}

static void removal_done(struct removal *removal)
{
	for (size_t i = 0; i < count(removal); i++) {
		free(victim_at(removal, i)->path);
		free(victim_at(removal, i)->name);
	}
	for (size_t i = 0; i < removal->bases.size / sizeof(struct bpffs_name); i++)
		bpffs_name_done(base_at(removal, i));
	buf_done(&removal->victims);
	buf_done(&removal->bases);
	buf_done(&removal->order);
}

static int fail_kind(const struct removal *removal, const struct inspect_pinned *pin)
{
	const struct kind *wanted = kind_get(removal->how->kind);

	if (pin->have & INSPECT_PINNED_HAS_ERROR) {
		inspect_fail(removal->err, pin->error, "%s: open as %s", pin->path, wanted->noun);
		return inspect_hint(removal->err, "'pin remove' asks for no kind");
	}
	inspect_fail(removal->err, EINVAL, "%s: unpin as %s", pin->path, wanted->noun);
	if (!(pin->have & INSPECT_PINNED_HAS_OBJECT))
		return inspect_hint(removal->err,
				    "what is pinned there is of no kind that is known");
	return inspect_hint(removal->err, "what is pinned there is a %s: '%s unpin' removes it",
			    pin->kind == INSPECT_PROG ? "program" : pin->what, pin->what);
}

static int keep_victim(struct removal *removal, const struct mounts_entry *entry,
		       const struct inspect_pinned *pin)
{
	struct victim victim = { .met = *entry, .pin = *pin };
	bool has_name = pin->have & INSPECT_PINNED_HAS_NAME;

	victim.base = removal->bases.size / sizeof(struct bpffs_name) - 1;
	victim.path = strdup(entry->path);
	victim.name = has_name ? strdup(pin->name) : NULL;
	victim.met.path = victim.pin.path = victim.path;
	victim.pin.name = victim.name;
	buf_add(&removal->victims, &victim, sizeof(victim));
	if (victim.path && (victim.name || !has_name) && !buf_failed(&removal->victims))
		return 0;
	if (buf_failed(&removal->victims)) {
		free(victim.path);
		free(victim.name);
	}
	return inspect_fail(removal->err, ENOMEM, "unpin");
}

static int check_entry(const struct removal *removal, const struct mounts_entry *entry)
{
	if (entry->error)
		return inspect_fail(removal->err, entry->error, "%s: read directory", entry->path);
	if (entry->is_mount) {
		inspect_fail(removal->err, EBUSY, "%s: unpin", entry->path);
		return inspect_hint(removal->err, "something is mounted there: unmount it first");
	}
	if (!S_ISDIR(entry->mode))
		return 0;
	return bpffs_check_writable(AT_FDCWD, entry->path, entry->path, removal->err);
}

static int add_victim(void *context, const struct mounts_entry *entry)
{
	struct removal *removal = context;
	struct inspect_pinned pin;

	int r = check_entry(removal, entry);
	if (r < 0)
		return r;
	if (!pinned_read(removal->inspect, entry, &removal->room, &pin))
		return 0;
	bool is_other = !(pin.have & INSPECT_PINNED_HAS_OBJECT) || pin.kind != removal->how->kind;
	if (removal->how->has_kind && is_other)
		r = fail_kind(removal, &pin);
	else
		r = keep_victim(removal, entry, &pin);
	pinned_done(&pin, &removal->room);
	return r;
}

/* A directory comes after what is in it. */
static int is_first_inside(void *context, const struct mounts_entry *entry)
{
	return strcmp(context, entry->path) != 0;
}

static int check_directory(const struct removal *removal, const struct bpffs_name *base)
{
	if (removal->how->has_kind) {
		inspect_fail(removal->err, EISDIR, "%s: unpin", base->path);
		return inspect_hint(removal->err, "a directory, not a pinned object");
	}
	if (removal->how->recursive ||
	    mounts_walk_tree(base->path, is_first_inside, base->path) <= 0)
		return 0;
	inspect_fail(removal->err, ENOTEMPTY, "%s: unpin", base->path);
	return inspect_hint(removal->err, "'recursive' removes a directory with all that is in it");
}

static int check_path(struct removal *removal, const char *path)
{
	struct bpffs_name base;

	int r = bpffs_name_open(path, &base, removal->err);
	if (r < 0)
		return r;
	buf_add(&removal->bases, &base, sizeof(base));
	if (buf_failed(&removal->bases)) {
		bpffs_name_done(&base);
		return inspect_fail(removal->err, ENOMEM, "unpin");
	}
	if (S_ISDIR(base.mode))
		r = check_directory(removal, &base);
	if (r < 0)
		return r;
	r = mounts_walk_tree(base.path, add_victim, removal);
	return r < 0 && !removal->err->code ? inspect_fail(removal->err, -r, "%s: unpin", path) : r;
}

/* Of one inode; with several names, one name. */
static int compare_met(const struct mounts_entry *left, const struct mounts_entry *right)
{
	if (left->device != right->device)
		return left->device < right->device ? -1 : 1;
	if (left->inode != right->inode)
		return left->inode < right->inode ? -1 : 1;
	return left->n_links > 1 && !S_ISDIR(left->mode) ? strcmp(left->path, right->path) : 0;
}

static int compare_order(const void *a, const void *b, void *context)
{
	size_t left = *(const size_t *)a, right = *(const size_t *)b;
	const struct removal *removal = context;
	int r = compare_met(&victim_at(removal, left)->met, &victim_at(removal, right)->met);

	return r ? r : left < right ? -1 : left > right;
}

/* A path may have been named twice, as itself and as part of a directory. */
static int put_in_order(struct removal *removal)
{
	for (size_t i = 0; i < count(removal); i++)
		buf_add(&removal->order, &i, sizeof(i));
	if (buf_failed(&removal->order))
		return inspect_fail(removal->err, ENOMEM, "unpin");
	size_t *order = (size_t *)(void *)removal->order.bytes;
	if (count(removal))
		qsort_r(order, count(removal), sizeof(*order), compare_order, removal);
	for (size_t i = 1; i < count(removal); i++) {
		struct victim *victim = victim_at(removal, order[i]);

		victim->is_twice =
			!compare_met(&victim_at(removal, order[i - 1])->met, &victim->met);
	}
	return 0;
}

static bool is_victim(const struct removal *removal, const struct mounts_entry *met)
{
	const size_t *order = (const size_t *)(const void *)removal->order.bytes;
	size_t low = 0, high = count(removal);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = compare_met(&victim_at(removal, order[middle])->met, met);

		if (!r)
			return true;
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int remove_all(struct removal *removal)
{
	for (size_t i = 0, n = 0; i < count(removal); i++) {
		struct victim *victim = victim_at(removal, i);
		const struct bpffs_name *base = base_at(removal, victim->base);

		if (victim->is_twice)
			continue;
		int r = bpffs_remove(base, victim->path, &victim->met);
		if (r < 0) {
			inspect_fail(removal->err, -r, "%s: unpin", victim->path);
			return n ? inspect_hint(removal->err, "%zu were removed before it", n) : r;
		}
		victim->is_removed = true;
		n++;
	}
	return 0;
}

/* The other paths of an object; @paths has room for them all. */
static void find_paths(const struct removal *removal, const struct victim *victim,
		       struct buf *paths, struct inspect_unpinned *out)
{
	struct inspect_strings pins;

	if (!pins_find(removal->inspect, victim->pin.kind, victim->pin.id, &pins))
		return;
	for (unsigned i = 0; i < pins.n; i++) {
		struct mounts_entry met;

		if (mounts_look_at(pins.strings[i], &met) && !is_victim(removal, &met))
			buf_add(paths, &pins.strings[i], sizeof(*pins.strings));
	}
	if (buf_failed(paths))
		return;
	out->pin.have |= INSPECT_UNPINNED_HAS_PINS;
	out->pinned.strings = (const char *const *)(void *)paths->bytes;
	out->pinned.n = (unsigned)(paths->size / sizeof(*pins.strings));
}

static void find_owners(struct inspect *inspect, struct inspect_unpinned *out)
{
	bool is_known =
		owners_read(inspect, out->pin.kind, out->pin.id, INSPECT_WANT_OWNERS, &out->owners);

	out->pin.have |= is_known || out->owners.n ? INSPECT_UNPINNED_HAS_OWNERS : 0;
	out->pin.have |= out->owners.n ? INSPECT_UNPINNED_HAS_OWNED : 0;
}

static void find_users(const struct held *held, struct inspect_unpinned *out)
{
	const struct held_object *object = held_find(held, out->pin.kind, out->pin.id);

	if (!object)
		return;
	if (held->has_links && out->pin.kind != INSPECT_LINK) {
		out->pin.have |= INSPECT_UNPINNED_HAS_LINKS;
		out->link_ids = object->link_ids;
	}
	if (held->has_progs && out->pin.kind == INSPECT_MAP) {
		out->pin.have |= INSPECT_UNPINNED_HAS_PROGS;
		out->prog_ids = object->prog_ids;
	}
}

static bool is_held(const struct inspect_unpinned *unpinned)
{
	return unpinned->pinned.n || unpinned->owners.n || unpinned->link_ids.n ||
	       unpinned->prog_ids.n;
}

/* What held it when all holders were listed may have gone with a pin that was told of before. */
static void drop_gone(struct inspect *inspect, enum inspect_kind kind, struct inspect_ids *ids)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ids->n; i++)
		if (held_is_there(inspect, kind, ids->ids[i]))
			ids->ids[n++] = ids->ids[i];
	ids->n = n;
}

/* Waits for what nothing is seen to hold. @steps: how often that may still be done. */
static void find_end(struct inspect *inspect, struct inspect_unpinned *out, unsigned *steps)
{
	const struct timespec step = { .tv_nsec = WAIT_STEP_NS };
	int r;

	while ((r = held_is_there(inspect, out->pin.kind, out->pin.id)) > 0 && !is_held(out) &&
	       *steps) {
		--*steps;
		nanosleep(&step, NULL);
	}
	if (r < 0)
		return;
	out->is_gone = !r;
	out->pin.have |= INSPECT_UNPINNED_HAS_GONE;
}

struct telling {
	int (*each)(void *context, const struct inspect_unpinned *unpinned);
	void *context;
	struct held held;
	unsigned steps;
};

static int tell(struct removal *removal, struct telling *telling, const struct victim *victim)
{
	struct inspect_unpinned out = { .pin = victim->pin, .is_removed = victim->is_removed };
	AUTO(buf_done) struct buf paths = { 0 };

	if (out.pin.have & INSPECT_PINNED_HAS_OBJECT) {
		find_paths(removal, victim, &paths, &out);
		find_owners(removal->inspect, &out);
		find_users(&telling->held, &out);
	}
	if (out.pin.have & INSPECT_PINNED_HAS_OBJECT && out.is_removed) {
		drop_gone(removal->inspect, INSPECT_LINK, &out.link_ids);
		drop_gone(removal->inspect, INSPECT_PROG, &out.prog_ids);
		find_end(removal->inspect, &out, &telling->steps);
	}
	int r = telling->each(telling->context, &out);
	owners_done(&out.owners);
	return r;
}

/* Tells of what was removed, also where not all was. */
static int tell_all(struct removal *removal, struct telling *telling)
{
	bool is_dry_run = removal->how->is_dry_run;
	int r = 0;

	for (size_t i = 0; i < count(removal); i++) {
		const struct victim *victim = victim_at(removal, i);

		if (victim->pin.have & INSPECT_PINNED_HAS_OBJECT)
			held_add(&telling->held, victim->pin.kind, victim->pin.id);
	}
	pins_begin(removal->inspect);
	owners_begin(removal->inspect);
	if (held_read(removal->inspect, &telling->held))
		return inspect_fail(removal->err, ENOMEM, "find what holds the objects");
	for (size_t i = 0; i < count(removal) && !r; i++) {
		const struct victim *victim = victim_at(removal, i);

		if (!victim->is_twice && (victim->is_removed || is_dry_run))
			r = tell(removal, telling, victim);
	}
	return r ? r : owners_check(removal->inspect, removal->err);
}

int inspect_unpin(struct inspect *inspect, const struct inspect_unpin *how,
		  int (*each)(void *context, const struct inspect_unpinned *unpinned),
		  void *context, struct inspect_error *err)
{
	ERROR_NEEDED(err);
	AUTO(removal_done) struct removal removal = { .inspect = inspect, .how = how, .err = err };
	struct telling telling = { .each = each, .context = context, .steps = WAIT_STEPS };
	int r = 0;

	err->code = 0;
	for (size_t i = 0; i < how->paths.n && !r; i++)
		r = check_path(&removal, how->paths.words[i]);
	if (!r)
		r = put_in_order(&removal);
	if (r < 0)
		return r;
	int removed = how->is_dry_run ? 0 : remove_all(&removal);
	struct inspect_error of_removal = *err;
	r = tell_all(&removal, &telling);
	held_done(&telling.held);
	if (removed < 0)
		*err = of_removal;
	return removed < 0 ? removed : r;
}
