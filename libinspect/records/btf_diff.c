/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_diff.c - which types differ, as records
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "btf/diff.h"
#include "btf/index.h"
#include "records/btf_source.h"
#include "records/print.h"

enum difference_has {
	HAS_OLD = 1,
	HAS_NEW = 2,
	HAS_OLD_SIZE = 4,
	HAS_NEW_SIZE = 8,
	HAS_OLD_TYPE = 16,
	HAS_NEW_TYPE = 32,
	HAS_CHANGES = 64,
	HAS_LINKAGE = 128,
};

/* A difference as it is printed. */
struct shown_difference {
	unsigned have;
	const char *change;
	const char *kind;
	const char *name;
	unsigned old_id;
	unsigned new_id;
	unsigned long long old_size;
	unsigned long long new_size;
	const char *old_type;
	const char *new_type;
	const char *old_linkage;
	const char *new_linkage;
	const struct btf_difference *difference;
};

static const char *const part_words[] = {
	[BTF_MEMBER] = "member",
	[BTF_ENUMERATOR] = "enumerator",
	[BTF_VARIABLE] = "variable",
};

static void put_value(struct sink *sink, const char *key, const struct btf_part *part)
{
	if (part->is_signed)
		sink_s64(sink, key, (int64_t)part->value);
	else
		sink_u64(sink, key, part->value);
}

/* The keys of one side. */
struct side_keys {
	const char *type;
	const char *bits_offset;
	const char *bitfield_size;
	const char *value;
};

static void put_side(struct sink *sink, const struct side_keys *keys, const struct btf_part *part)
{
	if (!part)
		return;
	if (part->kind == BTF_ENUMERATOR) {
		put_value(sink, keys->value, part);
		return;
	}
	sink_string(sink, keys->type, part->type);
	sink_u64(sink, keys->bits_offset, part->bits_offset);
	if (part->bitfield_bits)
		sink_u64(sink, keys->bitfield_size, part->bitfield_bits);
}

static const char *change_word(bool has_old, bool has_new)
{
	return has_old && has_new ? "changed" : has_old ? "removed" : "added";
}

#define CHANGES_SHAPE                                                                              \
	"[{part:text,change:text,name:text,old_type?:text,old_bits_offset?:u64,"                   \
	"old_bitfield_size?:u32,old_value?:any,new_type?:text,new_bits_offset?:u64,"               \
	"new_bitfield_size?:u32,new_value?:any}]"

static void put_changes(struct sink *sink, const char *key, const void *member)
{
	static const struct side_keys old_keys = { "old_type", "old_bits_offset",
						   "old_bitfield_size", "old_value" };
	static const struct side_keys new_keys = { "new_type", "new_bits_offset",
						   "new_bitfield_size", "new_value" };
	const struct btf_difference *difference = *(const struct btf_difference *const *)member;

	sink_open_list(sink, key);
	for (size_t i = 0; i < difference->n; i++) {
		const struct btf_part_change *change = &difference->changes[i];
		const struct btf_part *any = change->old ? change->old : change->new;

		sink_open_record(sink, NULL);
		sink_string(sink, "part", part_words[any->kind]);
		sink_string(sink, "change", change_word(change->old, change->new));
		sink_string(sink, "name", any->name);
		put_side(sink, &old_keys, change->old);
		put_side(sink, &new_keys, change->new);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_change_count(struct sink *sink, const char *key, const void *member)
{
	sink_u64(sink, key, (*(const struct btf_difference *const *)member)->n);
}

#define D struct shown_difference

static const struct field difference_fields[] = {
	FIELD(D, change, "change", "added, removed or changed"),
	FIELD(D, kind, "kind", "struct, union, enum, typedef, func, var, datasec, int or float"),
	FIELD(D, name, "name", "its name"),
	FIELD_IF(HAS_OLD, D, old_id, "old_id", "id in the first"),
	FIELD_IF(HAS_NEW, D, new_id, "new_id", "id in the second"),
	FIELD_IF(HAS_OLD_SIZE, D, old_size, "old_size", "bytes in the first"),
	FIELD_IF(HAS_NEW_SIZE, D, new_size, "new_size", "bytes in the second"),
	FIELD_IF(
		HAS_OLD_TYPE, D, old_type, "old_type",
		"what it is in the first: a function's declaration, a variable's type, what a typedef stands for, a number's encoding"),
	FIELD_IF(HAS_NEW_TYPE, D, new_type, "new_type", "the same in the second"),
	FIELD_IF(HAS_LINKAGE, D, old_linkage, "old_linkage",
		 "static or global; where that changed"),
	FIELD_IF(HAS_LINKAGE, D, new_linkage, "new_linkage", "the same in the second"),
	FIELD_AS(FIELD_OWN, HAS_CHANGES, D, difference, "changes",
		 "members, enumerators and variables that changed", .own = put_changes,
		 .flags = FIELD_DOCUMENT, .shape = CHANGES_SHAPE),
	FIELD_AS(FIELD_OWN, HAS_CHANGES, D, difference, "changes", "how many parts changed",
		 .own = put_change_count, .flags = FIELD_CELL),
};

/* Bytes, and bits where it does not begin with a byte. */
static void plain_offset(struct out *out, uint64_t bits)
{
	out_fmt(out, "%llu", (unsigned long long)bits / 8);
	out_if(out, bits % 8, ".%u", (unsigned)(bits % 8));
}

static void plain_value(struct out *out, const struct btf_part *part)
{
	if (part->is_signed)
		out_fmt(out, "%lld", (long long)part->value);
	else
		out_fmt(out, "%llu", (unsigned long long)part->value);
}

static void plain_type(struct out *out, const struct btf_part *part)
{
	out_fmt(out, "%s", part->type);
	out_if(out, part->bitfield_bits, " : %u", part->bitfield_bits);
}

/* A part that is on one side alone. */
static void plain_part(struct out *out, char sign, const struct btf_part *part)
{
	out_fmt(out, "\t%c %s", sign, part->name);
	if (part->kind == BTF_ENUMERATOR) {
		out_literal(out, " = ");
		plain_value(out, part);
	} else {
		out_literal(out, ": ");
		plain_type(out, part);
		out_literal(out, " at ");
		plain_offset(out, part->bits_offset);
	}
	out_char(out, '\n');
}

static bool is_type_same(const struct btf_part *a, const struct btf_part *b)
{
	return a->bitfield_bits == b->bitfield_bits && strcmp(a->type, b->type) == 0;
}

static void plain_both(struct out *out, const struct btf_part *old, const struct btf_part *new)
{
	const char *separator = ":";

	out_fmt(out, "\t* %s", old->name);
	if (old->kind == BTF_ENUMERATOR) {
		out_literal(out, " = ");
		plain_value(out, old);
		out_literal(out, " -> ");
		plain_value(out, new);
	}
	if (!is_type_same(old, new)) {
		out_literal(out, ": ");
		plain_type(out, old);
		out_literal(out, " -> ");
		plain_type(out, new);
		separator = ",";
	}
	if (old->bits_offset != new->bits_offset) {
		out_fmt(out, "%s at ", separator);
		plain_offset(out, old->bits_offset);
		out_literal(out, " -> ");
		plain_offset(out, new->bits_offset);
	}
	out_char(out, '\n');
}

/* Was a member only moved? By how many bits goes to *by. */
static bool is_move(const struct btf_part_change *change, int64_t *by)
{
	if (!change->old || !change->new || change->old->kind == BTF_ENUMERATOR ||
	    !is_type_same(change->old, change->new))
		return false;
	*by = (int64_t)(change->new->bits_offset - change->old->bits_offset);
	return true;
}

#define RUN_LEAST 4u /* so many members that moved by the same distance share a line */

static size_t run_length(const struct btf_difference *difference, size_t at)
{
	int64_t first, next;
	size_t n = 1;

	if (!is_move(&difference->changes[at], &first) || first % 8)
		return 1;
	while (at + n < difference->n && is_move(&difference->changes[at + n], &next) &&
	       next == first)
		n++;
	return n;
}

static void plain_run(struct out *out, const struct btf_part_change *changes, size_t n)
{
	int64_t by;

	is_move(&changes[0], &by);
	out_fmt(out, "\t* %zu members moved by %s%lld: %s to %s\n", n, by > 0 ? "+" : "",
		(long long)by / 8, changes[0].old->name, changes[n - 1].old->name);
}

static void plain_changes(struct out *out, const struct btf_difference *difference)
{
	for (size_t i = 0, n; i < difference->n; i += n) {
		const struct btf_part_change *change = &difference->changes[i];

		n = run_length(difference, i);
		if (n >= RUN_LEAST) {
			plain_run(out, change, n);
			continue;
		}
		n = 1;
		if (change->old && change->new)
			plain_both(out, change->old, change->new);
		else
			plain_part(out, change->old ? '-' : '+',
				   change->old ? change->old : change->new);
	}
}

static void plain_texts(struct out *out, const struct shown_difference *shown)
{
	if (shown->have & HAS_OLD_TYPE && shown->have & HAS_NEW_TYPE) {
		if (strcmp(shown->old_type, shown->new_type) != 0)
			out_fmt(out, "\t- %s\n\t+ %s\n", shown->old_type, shown->new_type);
	} else if (shown->have & (HAS_OLD_TYPE | HAS_NEW_TYPE)) {
		out_fmt(out, "\t%s\n",
			shown->have & HAS_OLD_TYPE ? shown->old_type : shown->new_type);
	}
}

static void difference_plain(struct out *out, const void *record)
{
	const struct shown_difference *shown = record;
	unsigned sizes = shown->have & (HAS_OLD_SIZE | HAS_NEW_SIZE);

	out_fmt(out, "%c %s %s", shown->have & HAS_OLD ? shown->have & HAS_NEW ? '*' : '-' : '+',
		shown->kind, shown->name);
	if (sizes == (HAS_OLD_SIZE | HAS_NEW_SIZE))
		out_if(out, shown->old_size != shown->new_size, ": size %llu -> %llu",
		       shown->old_size, shown->new_size);
	else if (sizes)
		out_fmt(out, ": size %llu",
			sizes & HAS_OLD_SIZE ? shown->old_size : shown->new_size);
	out_if(out, shown->have & HAS_LINKAGE, ": %s -> %s", shown->old_linkage,
	       shown->new_linkage);
	out_char(out, '\n');
	plain_texts(out, shown);
	if (shown->have & HAS_CHANGES)
		plain_changes(out, shown->difference);
}

const struct schema btf_difference_schema = {
	.name = "difference",
	.fields = difference_fields,
	.n = sizeof(difference_fields) / sizeof(*difference_fields),
	.columns = "change,kind,name,old_size,new_size,changes",
	.plain = difference_plain,
	.have_at = offsetof(struct shown_difference, have),
	.failed_at = -1,
};

static void fill_side(struct shown_difference *shown, const struct btf_side *side, unsigned bit,
		      unsigned size_bit, unsigned type_bit)
{
	if (!side->id)
		return;
	shown->have |= bit;
	shown->have |= side->head.has_size ? size_bit : 0;
	shown->have |= *side->text ? type_bit : 0;
}

static const char *linkage_word(const struct btf_side *side)
{
	return side->head.is_global ? "global" : "static";
}

static void print_difference(void *context, const struct btf_difference *difference)
{
	const struct btf_side *old = &difference->old, *new = &difference->new;
	struct shown_difference shown = {
		.change = change_word(old->id, new->id),
		.kind = btf_kind_word(difference->kind),
		.name = difference->name,
		.old_id = old->id,
		.new_id = new->id,
		.old_size = old->head.size,
		.new_size = new->head.size,
		.old_type = old->text,
		.new_type = new->text,
		.old_linkage = linkage_word(old),
		.new_linkage = linkage_word(new),
		.difference = difference,
	};

	fill_side(&shown, old, HAS_OLD, HAS_OLD_SIZE, HAS_OLD_TYPE);
	fill_side(&shown, new, HAS_NEW, HAS_NEW_SIZE, HAS_NEW_TYPE);
	if (difference->n)
		shown.have |= HAS_CHANGES;
	if (old->id && new->id && old->head.is_global != new->head.is_global)
		shown.have |= HAS_LINKAGE;
	print_record(context, &shown);
}

static void note_stopped(const struct btf_source *source, const char *which,
			 const struct inspect_note *note)
{
	if (source->btf->stopped_kind)
		note_tell(note,
			  "%s: type %u is of kind %u, which is not known: what follows it is left "
			  "out",
			  which, btf_count(source->btf), source->btf->stopped_kind);
}

static void plain_counts(struct sink *sink, const struct btf_diff_counts *counts)
{
	if (sink->form == SINK_PLAIN)
		out_fmt(sink->out, "%u added, %u removed, %u changed, %u the same\n", counts->added,
			counts->removed, counts->changed, counts->same);
}

int print_btf_differences(struct inspect *inspect, struct sink *sink,
			  const struct inspect_btf_diff *diff, const struct inspect_note *note,
			  struct inspect_error *err)
{
	AUTO(btf_source_close) struct btf_source old = { 0 }, new = { 0 };
	struct btf_diff_counts counts = { 0 };
	struct printer printer;

	int r = print_init(&printer, sink, &btf_difference_schema, err);
	if (r >= 0)
		r = btf_source_open(&old, inspect, &diff->old, note, err);
	if (r >= 0)
		r = btf_source_open(&new, inspect, &diff->new, note, err);
	if (r < 0)
		return r;
	note_stopped(&old, "the first", note);
	note_stopped(&new, "the second", note);
	print_open(&printer, false);
	r = btf_diff(old.btf, new.btf, diff->name, print_difference, &printer, &counts, err);
	print_close(&printer, false);
	if (r < 0)
		return r;
	if (diff->name && !(counts.added + counts.removed + counts.changed + counts.same)) {
		inspect_fail(err, ENOENT, "type name %s", diff->name);
		const char *nearest = btf_nearest_name(old.btf, diff->name, false);
		nearest = nearest ? nearest : btf_nearest_name(new.btf, diff->name, false);
		return nearest ? inspect_hint(err, "did you mean '%s'?", nearest) : -ENOENT;
	}
	plain_counts(sink, &counts);
	return diff->is_check && counts.added + counts.removed + counts.changed;
}
