/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * diff.c - which types of two blobs differ, and in what
 *
 * Both sides are sorted by name and kind and walked side by side. A digest of every type tells those that are the
 * same; only of the others parts are kept, for one type at a time.
 */
#include "btf/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "btf/index.h"

/* A part that is kept; its texts are offsets until all are there. */
struct kept_part {
	struct btf_part part;
	size_t name_at;
	size_t type_at;
	size_t index;
	bool is_paired;
};

/* One of the two blobs. */
struct side {
	const struct btf_reader *btf;
	struct btf_index index;
	struct btf_budget budget;
	struct btf_parts parts;
	struct buf texts; /* of the type at hand, with NULs */
	struct buf list;  /* struct kept_part */
	struct buf order; /* struct kept_part *, by name */
};

struct diff {
	struct side old;
	struct side new;
	struct buf changes; /* struct btf_part_change */
	btf_diff_each *each;
	void *context;
	struct btf_diff_counts counts;
};

static void side_done(struct side *side)
{
	btf_index_done(&side->index);
	btf_parts_done(&side->parts);
	buf_done(&side->texts);
	buf_done(&side->list);
	buf_done(&side->order);
}

static void diff_done(struct diff *diff)
{
	side_done(&diff->old);
	side_done(&diff->new);
	buf_done(&diff->changes);
}

static size_t n_kept(const struct side *side)
{
	return side->list.size / sizeof(struct kept_part);
}

static size_t keep_text(struct side *side, const char *text)
{
	size_t at = side->texts.size;

	buf_add(&side->texts, text, strlen(text) + 1);
	return at;
}

static void keep_part(void *context, const struct btf_part *part)
{
	struct side *side = context;
	struct kept_part kept = {
		.part = *part,
		.name_at = keep_text(side, part->name),
		.type_at = keep_text(side, part->type),
		.index = n_kept(side),
	};

	buf_add(&side->list, &kept, sizeof(kept));
}

static int compare_kept(const void *left, const void *right)
{
	const struct kept_part *a = *(struct kept_part *const *)left;
	const struct kept_part *b = *(struct kept_part *const *)right;
	int r = strcmp(a->part.name, b->part.name);

	return r ? r : (a->index > b->index) - (a->index < b->index);
}

static int fail_memory(struct inspect_error *err)
{
	return inspect_fail(err, ENOMEM, "compare types");
}

static struct kept_part *kept(const struct side *side)
{
	return (struct kept_part *)(void *)side->list.bytes;
}

static struct kept_part **by_name(const struct side *side)
{
	return (struct kept_part **)(void *)side->order.bytes;
}

/* Reads what there is to say of the type with this id, or that it is not there. */
static int read_side(struct side *side, uint32_t id, struct btf_side *out,
		     struct inspect_error *err)
{
	side->texts.size = side->list.size = side->order.size = 0;
	*out = (struct btf_side){ .id = id, .text = "" };
	if (!id)
		return 0;
	btf_head_read(side->btf, id, &out->head);
	btf_head_text(&side->texts, side->btf, id, &side->budget);
	buf_add_char(&side->texts, '\0');

	int r = btf_parts_all(&side->parts, id, keep_part, side, err);
	if (r < 0)
		return r;
	if (buf_failed(&side->texts) || buf_failed(&side->list))
		return fail_memory(err);
	out->text = side->texts.bytes;
	for (size_t i = 0; i < n_kept(side); i++) {
		struct kept_part *part = &kept(side)[i];

		part->part.name = side->texts.bytes + part->name_at;
		part->part.type = side->texts.bytes + part->type_at;
		buf_add(&side->order, &part, sizeof(part));
	}
	if (buf_failed(&side->order))
		return fail_memory(err);
	if (n_kept(side))
		qsort(by_name(side), n_kept(side), sizeof(struct kept_part *), compare_kept);
	return 0;
}

static bool is_same_part(const struct btf_part *a, const struct btf_part *b)
{
	return a->kind == b->kind && a->bits_offset == b->bits_offset &&
	       a->bitfield_bits == b->bitfield_bits && a->value == b->value &&
	       strcmp(a->type, b->type) == 0;
}

/* Finds for each old part the new one of its name: its index, or SIZE_MAX. */
static void pair_parts(const struct side *old, const struct side *new, size_t *partner)
{
	size_t i = 0, k = 0;

	while (i < n_kept(old)) {
		struct kept_part *a = by_name(old)[i],
				 *b = k < n_kept(new) ? by_name(new)[k] : NULL;
		int r = b ? strcmp(a->part.name, b->part.name) : -1;

		if (r == 0) {
			partner[a->index] = b->index;
			b->is_paired = true;
		} else if (r < 0) {
			partner[a->index] = SIZE_MAX;
		}
		i += r <= 0;
		k += r >= 0;
	}
}

static void add_change(struct diff *diff, const struct btf_part *old, const struct btf_part *new)
{
	const struct btf_part_change change = { old, new };

	buf_add(&diff->changes, &change, sizeof(change));
}

static int compare_parts(struct diff *diff, struct inspect_error *err)
{
	const struct side *old = &diff->old, *new = &diff->new;
	autofree size_t *partner = calloc(n_kept(old) + 1, sizeof(*partner));

	if (!partner)
		return fail_memory(err);
	diff->changes.size = 0;
	pair_parts(old, new, partner);
	for (size_t i = 0; i < n_kept(old); i++) {
		const struct btf_part *other =
			partner[i] == SIZE_MAX ? NULL : &kept(new)[partner[i]].part;

		if (!other || !is_same_part(&kept(old)[i].part, other))
			add_change(diff, &kept(old)[i].part, other);
	}
	for (size_t i = 0; i < n_kept(new); i++)
		if (!kept(new)[i].is_paired)
			add_change(diff, NULL, &kept(new)[i].part);
	return buf_failed(&diff->changes) ? fail_memory(err) : 0;
}

/* Tells of a type that is on one side alone (the other is NULL), or differs. */
static int tell(struct diff *diff, const struct btf_index_entry *old,
		const struct btf_index_entry *new, struct inspect_error *err)
{
	const struct btf_index_entry *any = old ? old : new;
	struct btf_difference difference = { .name = any->name, .kind = any->kind };

	int r = read_side(&diff->old, old ? old->id : 0, &difference.old, err);
	if (r >= 0)
		r = read_side(&diff->new, new ? new->id : 0, &difference.new, err);
	if (r >= 0 && old && new) {
		r = compare_parts(diff, err);
		difference.changes = (const void *)diff->changes.bytes;
		difference.n = diff->changes.size / sizeof(struct btf_part_change);
	}
	if (r < 0)
		return r;
	diff->counts.added += !old;
	diff->counts.removed += !new;
	diff->counts.changed += old && new;
	diff->each(diff->context, &difference);
	return 0;
}

static int compare_digests(const void *left, const void *right)
{
	const struct btf_index_entry *a = left, *b = right;

	if (a->digest != b->digest)
		return a->digest > b->digest ? 1 : -1;
	return (a->id > b->id) - (a->id < b->id);
}

static int compare_ids(const void *left, const void *right)
{
	const struct btf_index_entry *a = left, *b = right;

	return (a->id > b->id) - (a->id < b->id);
}

/* The entries of one kind and name; n may be 0. */
struct group {
	struct btf_index_entry *entries;
	size_t n;
};

/* Takes away those whose structure is on both sides. The others come to the front. */
static size_t drop_same(struct group *old, struct group *new)
{
	size_t i = 0, k = 0, n_old = 0, n_new = 0, same = 0;

	while (i < old->n || k < new->n) {
		struct btf_index_entry *a = i < old->n ? &old->entries[i] : NULL;
		struct btf_index_entry *b = k < new->n ? &new->entries[k] : NULL;

		if (a && b && a->digest == b->digest) {
			same++;
			i++;
			k++;
		} else if (!b || (a && a->digest < b->digest)) {
			old->entries[n_old++] = *a;
			i++;
		} else {
			new->entries[n_new++] = *b;
			k++;
		}
	}
	old->n = n_old;
	new->n = n_new;
	return same;
}

static void sort_group(struct group *group, int (*by)(const void *, const void *))
{
	if (group->n > 1)
		qsort(group->entries, group->n, sizeof(*group->entries), by);
}

static int diff_group(struct diff *diff, struct group old, struct group new,
		      struct inspect_error *err)
{
	int r = 0;

	sort_group(&old, compare_digests);
	sort_group(&new, compare_digests);
	diff->counts.same += (uint32_t)drop_same(&old, &new);
	sort_group(&old, compare_ids);
	sort_group(&new, compare_ids);
	for (size_t i = 0; r >= 0 && (i < old.n || i < new.n); i++)
		r = tell(diff, i < old.n ? &old.entries[i] : NULL,
			 i < new.n ? &new.entries[i] : NULL, err);
	return r;
}

/* The entries from @at on that are like the one there. */
static struct group group_at(const struct btf_index *index, size_t at)
{
	struct group group = { index->entries + at, 0 };

	while (at + group.n < index->n &&
	       btf_index_compare(group.entries, &group.entries[group.n]) == 0)
		group.n++;
	return group;
}

static int walk_both(struct diff *diff, struct inspect_error *err)
{
	const struct btf_index *old = &diff->old.index, *new = &diff->new.index;
	size_t i = 0, k = 0;
	int r = 0;

	while (r >= 0 && (i < old->n || k < new->n)) {
		struct group a = group_at(old, i), b = group_at(new, k);
		int order = !a.n ? 1 : !b.n ? -1 : btf_index_compare(a.entries, b.entries);

		if (order > 0)
			a.n = 0;
		if (order < 0)
			b.n = 0;
		i += a.n;
		k += b.n;
		r = diff_group(diff, a, b, err);
	}
	return r;
}

static int open_side(struct side *side, const struct btf_reader *btf, const char *glob,
		     struct inspect_error *err)
{
	side->btf = btf;
	side->parts.btf = btf;
	side->parts.budget = &side->budget;
	btf_budget_init(&side->budget, btf);

	int r = btf_index_init(&side->index, btf, glob, err);
	for (size_t i = 0; r >= 0 && i < side->index.n; i++) {
		struct btf_index_entry *entry = &side->index.entries[i];

		r = btf_digest(&side->parts, entry->id, &entry->digest, err);
	}
	btf_budget_init(&side->budget, btf); /* for what differs is read again */
	return r;
}

int btf_diff(const struct btf_reader *old, const struct btf_reader *new, const char *glob,
	     btf_diff_each *each, void *context, struct btf_diff_counts *counts,
	     struct inspect_error *err)
{
	AUTO(diff_done) struct diff diff = { .each = each, .context = context };

	int r = open_side(&diff.old, old, glob, err);
	if (r < 0)
		return inspect_context(err, "the first");
	r = open_side(&diff.new, new, glob, err);
	if (r < 0)
		return inspect_context(err, "the second");
	r = walk_both(&diff, err);
	*counts = diff.counts;
	return r;
}
