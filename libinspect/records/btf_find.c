/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_find.c - where types are, and what they look like
 *
 * Sources are searched one after the other, and only what fits is kept: where it is, and a digest of its structure. The
 * same type is in many modules, so what has the same digest is one record, which says where else it is. The records
 * are then printed from the first source that has them, which is opened again for that.
 */
#include "records/btf_find.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "btf/index.h"
#include "btf/parts.h"
#include "records/print.h"

/* A type that fits. */
struct match {
	uint64_t digest;
	uint32_t source;
	uint32_t id;
	uint32_t n_same; /* of those behind it, how many are the same */
	bool is_forward;
	bool is_part; /* not the type itself, but something in it */
};

struct finder {
	struct find_sources sources;
	const struct inspect_btf_find *find;
	const struct inspect_note *note;
	char type_name[BTF_NAME_MOST + 1]; /* TYPE of TYPE.MEMBER; "" where the name has no dot */
	const char *member;
	struct buf matches;
	bool some_failed;
	bool has_type; /* TYPE was found, with MEMBER or without: */
	uint32_t type_source;
	uint32_t type_id;

	/* The source at hand. */
	struct find_opened opened;
	struct btf_budget budget;
	struct btf_parts parts;
};

static void finder_done(struct finder *finder)
{
	btf_parts_done(&finder->parts);
	find_source_close(&finder->opened);
	find_sources_done(&finder->sources);
	buf_done(&finder->matches);
}

static size_t n_matches(const struct finder *finder)
{
	return finder->matches.size / sizeof(struct match);
}

static struct match *matches(const struct finder *finder)
{
	return (struct match *)(void *)finder->matches.bytes;
}

static bool is_enum(uint32_t kind)
{
	return kind == KIND_ENUM || kind == KIND_ENUM64;
}

/* Opens a source in place of the one that is open. */
static int open_source(struct finder *finder, size_t i, const struct inspect_note *note,
		       struct inspect_error *err)
{
	find_source_close(&finder->opened);
	int r = find_source_open(&finder->sources, i, &finder->opened, note, err);
	if (r < 0)
		return r;
	finder->parts.btf = finder->opened.btf;
	finder->parts.budget = &finder->budget;
	btf_budget_init(&finder->budget, finder->opened.btf);
	return 0;
}

struct tally {
	size_t n;
	bool has_enumerators;
};

static void count_part(void *context, const struct btf_part *part)
{
	struct tally *tally = context;

	tally->n++;
	tally->has_enumerators = part->kind == BTF_ENUMERATOR;
}

/* 1 when the path leads to something, 0 or a negative error. */
static int has_part(struct finder *finder, uint32_t id, const char *path, struct inspect_error *err)
{
	struct tally tally = { 0 };

	int r = btf_parts_fit(&finder->parts, id, path, count_part, &tally, err);
	return r < 0 ? r : tally.n > 0;
}

/* TYPE.MEMBER. As has_part(). */
static int fits_member(struct finder *finder, size_t source, uint32_t id,
		       const struct btf_entry *type, struct inspect_error *err)
{
	if (!finder->member || type->kind == KIND_FWD ||
	    fnmatch(finder->type_name, type->name, 0) != 0)
		return 0;
	if (!finder->has_type) {
		finder->has_type = true;
		finder->type_source = (uint32_t)source;
		finder->type_id = id;
	}
	return has_part(finder, id, finder->member, err);
}

static int keep_match(struct finder *finder, size_t source, uint32_t id,
		      const struct btf_entry *type, bool is_part, struct inspect_error *err)
{
	struct match match = {
		.source = (uint32_t)source,
		.id = id,
		.is_forward = type->kind == KIND_FWD,
		.is_part = is_part,
	};

	int r = btf_digest(&finder->parts, id, &match.digest, err);
	if (r < 0)
		return r;
	buf_add(&finder->matches, &match, sizeof(match));
	return buf_failed(&finder->matches) ? inspect_fail(err, ENOMEM, "find types") : 0;
}

static int look_at(struct finder *finder, size_t source, uint32_t id, struct inspect_error *err)
{
	const char *name = finder->find->name;
	struct btf_entry type;
	int r = 0;

	btf_type(finder->opened.btf, id, &type);
	if (*type.name && type.kind != KIND_DECL_TAG && type.kind != KIND_TYPE_TAG) {
		if (fnmatch(name, type.name, 0) == 0)
			return keep_match(finder, source, id, &type, false, err);
		r = fits_member(finder, source, id, &type, err);
	}
	if (!r && is_enum(type.kind) && !finder->member)
		r = has_part(finder, id, name, err);
	return r > 0 ? keep_match(finder, source, id, &type, true, err) : r;
}

static int search_source(struct finder *finder, size_t i, struct inspect_error *err)
{
	int r = open_source(finder, i, finder->note, err);
	if (r < 0)
		return r;

	const struct btf_reader *btf = finder->opened.btf;
	if (btf->stopped_kind)
		note_tell(finder->note,
			  "%s: type %u is of kind %u, which is not known: what follows it is not "
			  "searched",
			  find_source_at(&finder->sources, i)->label, btf_count(btf),
			  btf->stopped_kind);
	for (uint32_t id = btf->first_id; r >= 0 && id < btf_count(btf); id++)
		r = look_at(finder, i, id, err);
	return r;
}

/* A source that the user did not name is passed over where it cannot be read, and no failure where it is gone. */
static int search_all(struct finder *finder, struct inspect_error *err)
{
	size_t n = find_sources_count(&finder->sources);

	for (size_t i = 0; i < n; i++) {
		const struct find_source *source = find_source_at(&finder->sources, i);
		struct inspect_error why;

		int r = search_source(finder, i, &why);
		if (r >= 0 || (r == -ENOENT && source->kind != FIND_NAMED))
			continue;
		if (source->kind == FIND_NAMED || r == -ENOMEM) {
			*err = why;
			return r;
		}
		if (r == -ENODATA) { /* some kernels show such a module; it has no types to miss */
			note_tell(finder->note, "%s: empty: header only; it is left out",
				  source->label);
			continue;
		}
		char text[sizeof(why.what) + 128];
		error_format(&why, text, sizeof(text));
		note_tell(finder->note, "%s is left out: %s", source->label, text);
		finder->some_failed = true;
	}
	return 0;
}

static int by_digest(const void *left, const void *right)
{
	const struct match *a = left, *b = right;

	if (a->digest != b->digest)
		return a->digest > b->digest ? 1 : -1;
	if (a->source != b->source)
		return a->source > b->source ? 1 : -1;
	return (a->id > b->id) - (a->id < b->id);
}

static int by_place(const void *left, const void *right)
{
	const struct match *a = *(struct match *const *)left, *b = *(struct match *const *)right;

	if (a->source != b->source)
		return a->source > b->source ? 1 : -1;
	return (a->id > b->id) - (a->id < b->id);
}

/* What is declared only is left out where something else was found. */
static void drop_forwards(struct finder *finder)
{
	struct match *all = matches(finder);
	size_t n = 0;

	for (size_t i = 0; i < n_matches(finder); i++)
		if (!all[i].is_forward)
			all[n++] = all[i];
	if (n)
		finder->matches.size = n * sizeof(*all);
}

/* One of each structure, in the order of their places: how many. */
static size_t choose(struct finder *finder, struct match **chosen)
{
	struct match *all = matches(finder);
	size_t n = 0, total = n_matches(finder);

	qsort(all, total, sizeof(*all), by_digest);
	for (size_t i = 0; i < total; i += 1 + all[i].n_same) {
		while (i + 1 + all[i].n_same < total &&
		       all[i + 1 + all[i].n_same].digest == all[i].digest)
			all[i].n_same++;
		chosen[n++] = &all[i];
	}
	qsort(chosen, n, sizeof(struct match *), by_place);
	return n;
}

enum found_has {
	HAS_SIZE = 1,
	HAS_TYPE = 2,
	HAS_LINKAGE = 4,
	HAS_MEMBERS = 8,
	HAS_ENUMERATORS = 16,
	HAS_OTHERS = 32,
};

/* A type as it is printed. */
struct found {
	unsigned have;
	const char *btf;
	unsigned id;
	const char *kind;
	const char *name;
	unsigned long long size;
	const char *type;
	const char *linkage;
	struct inspect_strings also_in;
	struct finder *finder;
	const char *path; /* of the parts that are shown; NULL: all */
	size_t n_parts;
};

static void each_part(const struct found *found, btf_part_each *each, void *context)
{
	struct btf_parts *parts = &found->finder->parts;

	if (found->path)
		btf_parts_fit(parts, found->id, found->path, each, context, NULL);
	else
		btf_parts_all(parts, found->id, each, context, NULL);
}

static void put_value(struct sink *sink, const char *key, const struct btf_part *part)
{
	if (part->is_signed)
		sink_s64(sink, key, (int64_t)part->value);
	else
		sink_u64(sink, key, part->value);
}

static void put_part(void *context, const struct btf_part *part)
{
	struct sink *sink = context;

	sink_open_record(sink, NULL);
	sink_string(sink, "name", part->name);
	if (part->kind == BTF_ENUMERATOR) {
		put_value(sink, "value", part);
	} else {
		sink_string(sink, "type", part->type);
		sink_u64(sink, "offset", part->bits_offset / 8);
		sink_u64(sink, "bits_offset", part->bits_offset);
		if (part->has_size)
			sink_u64(sink, "size", part->size);
		if (part->bitfield_bits)
			sink_u64(sink, "bitfield_size", part->bitfield_bits);
	}
	sink_close(sink);
}

static void put_parts(struct sink *sink, const char *key, const void *record)
{
	sink_open_list(sink, key);
	each_part(record, put_part, sink);
	sink_close(sink);
}

/* Bytes, and bits where it does not begin with a byte. */
static void add_offset(struct buf *out, uint64_t bits)
{
	char text[48];

	snprintf(text, sizeof(text), bits % 8 ? "%llu.%u" : "%llu", (unsigned long long)bits / 8,
		 (unsigned)(bits % 8));
	buf_add_text(out, text);
}

static void add_type(struct buf *out, const struct btf_part *part)
{
	char text[32];

	buf_add_text(out, part->type);
	snprintf(text, sizeof(text), " : %u", part->bitfield_bits);
	buf_add_text(out, part->bitfield_bits ? text : "");
}

static void add_value(struct buf *out, const struct btf_part *part)
{
	char text[48];

	snprintf(text, sizeof(text), part->is_signed ? "%lld" : "%llu", (long long)part->value);
	buf_add_text(out, text);
}

/* "pid: pid_t at 2464", "BPF_MAP_TYPE_HASH = 1" */
static void add_cell(void *context, const struct btf_part *part)
{
	struct buf *out = context;

	buf_add_text(out, out->size ? ", " : "");
	buf_add_text(out, part->name);
	if (part->kind == BTF_ENUMERATOR) {
		buf_add_text(out, " = ");
		add_value(out, part);
		return;
	}
	buf_add_text(out, ": ");
	add_type(out, part);
	buf_add_text(out, " at ");
	add_offset(out, part->bits_offset);
}

static void put_cell(struct sink *sink, const char *key, const void *record)
{
	const struct found *found = record;
	AUTO(buf_done) struct buf text = { 0 };
	char count[48];

	if (found->path) {
		each_part(found, add_cell, &text);
	} else if (found->have & HAS_TYPE) {
		buf_add_text(&text, found->type);
	} else if (found->n_parts) {
		snprintf(count, sizeof(count), "%zu %s", found->n_parts,
			 found->have & HAS_MEMBERS ? "members" : "enumerators");
		buf_add_text(&text, count);
	}
	sink_text(sink, key, text.bytes ? text.bytes : "", text.size);
}

#define F struct found

static const struct field found_fields[] = {
	FIELD(F, btf, "btf",
	      "where it is: vmlinux, the name of a module, id and a number, or what was named"),
	FIELD(F, id, "id", "its number there"),
	FIELD(F, kind, "kind",
	      "struct, union, enum, typedef, func, var, datasec, int, float or fwd"),
	FIELD(F, name, "name", "its name"),
	FIELD_IF(HAS_SIZE, F, size, "size", "bytes of a value"),
	FIELD_IF(
		HAS_TYPE, F, type, "type",
		"a function's declaration, a variable's type, what a typedef stands for, a number's encoding",
		.flags = FIELD_DOCUMENT),
	FIELD_IF(HAS_LINKAGE, F, linkage, "linkage",
		 "of functions and variables: static or global"),
	FIELD_IF(HAS_OTHERS, F, also_in, "also_in", "where the same type is too"),
	FIELD_AS(
		FIELD_OWN, HAS_MEMBERS, F, have, "members",
		"members of a struct or a union, variables of a section: those that NAME asks for, or all",
		.own = put_parts, .flags = FIELD_DOCUMENT,
		.shape = "[{name:text,type:text,offset:u64,bits_offset:u64,size?:u64,"
			 "bitfield_size?:u32}]"),
	FIELD_AS(FIELD_OWN, HAS_ENUMERATORS, F, have, "enumerators",
		 "those that NAME asks for, or all", .own = put_parts, .flags = FIELD_DOCUMENT,
		 .shape = "[{name:text,value:any}]"),
	FIELD_AS(FIELD_OWN, 0, F, have, "what", "its type, its parts or their number",
		 .own = put_cell, .flags = FIELD_CELL),
};

_Static_assert(offsetof(struct found, have) == 0, "FIELD_OWN of it gets the whole record");

struct plain_parts {
	struct out *out;
	struct buf text;
};

static void plain_part(void *context, const struct btf_part *part)
{
	struct plain_parts *plain = context;
	struct buf *text = &plain->text;

	text->size = 0;
	if (part->kind == BTF_ENUMERATOR) {
		buf_add_text(text, part->name);
		buf_add_text(text, " = ");
		add_value(text, part);
	} else {
		add_offset(text, part->bits_offset);
		while (text->size < 8 && !buf_failed(text))
			buf_add_char(text, ' ');
		buf_add_text(text, part->name);
		buf_add_text(text, ": ");
		add_type(text, part);
	}
	buf_add_char(text, '\0');
	out_fmt(plain->out, "\t%s\n", buf_failed(text) ? "" : text->bytes);
}

#define OTHERS_SHOWN 8u

static void plain_others(struct out *out, const struct inspect_strings *others)
{
	for (unsigned i = 0; i < others->n && i < OTHERS_SHOWN; i++)
		out_fmt(out, i ? ", %s" : "\talso in %s", others->strings[i]);
	out_if(out, others->n > OTHERS_SHOWN, " and %u more", others->n - OTHERS_SHOWN);
	out_char(out, '\n');
}

static void found_plain(struct out *out, const void *record)
{
	const struct found *found = record;
	struct plain_parts plain = { .out = out };

	out_fmt(out, "%s %s  btf %s  id %u", found->kind, found->name, found->btf, found->id);
	out_if(out, found->have & HAS_SIZE, "  size %llu", found->size);
	out_if(out, found->have & HAS_LINKAGE, "  linkage %s", found->linkage);
	out_char(out, '\n');
	if (found->have & HAS_OTHERS)
		plain_others(out, &found->also_in);
	out_if(out, found->have & HAS_TYPE, "\t%s\n", found->type);
	each_part(found, plain_part, &plain);
	buf_done(&plain.text);
}

const struct schema btf_found_schema = {
	.name = "finding",
	.fields = found_fields,
	.n = sizeof(found_fields) / sizeof(*found_fields),
	.columns = "btf,id,kind,name,size,what",
	.plain = found_plain,
	.have_at = offsetof(struct found, have),
	.failed_at = -1,
};

/* The labels of the other sources that have the same; one that has it twice is said once. */
static int find_others(const struct finder *finder, const struct match *match, const char ***labels,
		       struct inspect_strings *out, struct inspect_error *err)
{
	uint32_t last = match->source;

	if (!match->n_same)
		return 0;
	*labels = calloc(match->n_same, sizeof(**labels));
	if (!*labels)
		return inspect_fail(err, ENOMEM, "find types");
	out->strings = *labels;
	for (uint32_t i = 1; i <= match->n_same; i++) {
		if (match[i].source == last)
			continue;
		last = match[i].source;
		(*labels)[out->n++] = find_source_at(&finder->sources, last)->label;
	}
	return 0;
}

/* What the type's own record says. False where there is no such type. */
static bool fill_head(struct found *found, const struct btf_reader *btf)
{
	struct btf_head head;

	if (!btf_head_read(btf, found->id, &head))
		return false;
	found->kind = btf_kind_word(head.kind) ? btf_kind_word(head.kind) : "unknown";
	found->name = *head.name ? head.name : "(anon)";
	found->size = head.size;
	found->have |= head.has_size ? HAS_SIZE : 0;
	found->linkage = head.is_global ? "global" : "static";
	found->have |= head.kind == KIND_FUNC || head.kind == KIND_VAR ? HAS_LINKAGE : 0;
	return true;
}

static int print_match(struct finder *finder, struct printer *printer, const struct match *match,
		       struct inspect_error *err)
{
	AUTO(buf_done) struct buf type = { 0 };
	autofree const char **labels = NULL;
	struct tally tally = { 0 };
	struct found found = {
		.btf = find_source_at(&finder->sources, match->source)->label,
		.id = match->id,
		.finder = finder,
	};

	if (!fill_head(&found, finder->opened.btf))
		return 0; /* it was another when it was searched */
	if (match->is_part)
		found.path = finder->member ? finder->member : finder->find->name;
	btf_head_text(&type, finder->opened.btf, match->id, &finder->budget);
	found.have |= type.size ? HAS_TYPE : 0;
	buf_add_char(&type, '\0');
	if (buf_failed(&type))
		return inspect_fail(err, ENOMEM, "find types");
	found.type = type.bytes;
	each_part(&found, count_part, &tally);
	found.n_parts = tally.n;
	if (tally.n)
		found.have |= tally.has_enumerators ? HAS_ENUMERATORS : HAS_MEMBERS;

	int r = find_others(finder, match, &labels, &found.also_in, err);
	found.have |= found.also_in.n ? HAS_OTHERS : 0;
	if (r >= 0)
		print_record(printer, &found);
	return r;
}

/* The source of each is open while it is printed; that it is gone meanwhile is no failure. */
static int print_matches(struct finder *finder, struct printer *printer, struct match **chosen,
			 size_t n, struct inspect_error *err)
{
	uint32_t source = UINT32_MAX;
	int r = 0;

	print_open(printer, false);
	for (size_t i = 0; r >= 0 && i < n && !sink_error(printer->sink); i++) {
		if (chosen[i]->source != source) {
			source = chosen[i]->source;
			r = open_source(finder, source, NULL, err);
		}
		if (r >= 0)
			r = print_match(finder, printer, chosen[i], err);
	}
	print_close(printer, false);
	return r;
}

struct nearest {
	const char *name;
	char text[BTF_NAME_MOST + 1];
	size_t least;
};

static void take_part(void *context, const struct btf_part *part)
{
	struct nearest *nearest = context;
	const char *inner = strrchr(part->name, '.'), *taken = NULL;

	btf_take_nearer(inner ? inner + 1 : part->name, nearest->name, &taken, &nearest->least);
	if (taken)
		snprintf(nearest->text, sizeof(nearest->text), "%s", taken);
}

static int fail_member(struct finder *finder, struct inspect_error *err)
{
	const char *last = strrchr(finder->member, '.');
	struct nearest nearest = { .name = last ? last + 1 : finder->member,
				   .least = BTF_NEAR_MOST };

	if (open_source(finder, finder->type_source, NULL, NULL) >= 0)
		btf_parts_all(&finder->parts, finder->type_id, take_part, &nearest, NULL);
	inspect_fail(err, ENOENT, "type name %s: member %s", finder->type_name, finder->member);
	if (nearest.text[0])
		return inspect_hint(err, "did you mean '%s'?", nearest.text);
	return -ENOENT;
}

/* The nearest name is looked for in the kernel's types, or in what the user named. */
static int fail_not_found(struct finder *finder, struct inspect_error *err)
{
	const char *name = finder->member ? finder->type_name : finder->find->name;
	size_t n = finder->find->sources.n ? find_sources_count(&finder->sources) : 1;
	const char *nearest = NULL;

	if (finder->has_type)
		return fail_member(finder, err);
	inspect_fail(err, ENOENT, "type name %s", name);
	for (size_t i = 0; i < n && !nearest; i++) {
		if (open_source(finder, i, NULL, NULL) < 0)
			continue;
		nearest = btf_nearest_name(finder->opened.btf, name, !finder->member);
		if (nearest)
			inspect_hint(err, "did you mean '%s'?", nearest);
	}
	return -ENOENT;
}

/* A dot parts a type from its member, but for one in front: sections are called so. */
static void split_name(struct finder *finder)
{
	const char *name = finder->find->name, *dot = *name ? strchr(name + 1, '.') : NULL;

	if (!dot || !dot[1] || (size_t)(dot - name) > BTF_NAME_MOST)
		return;
	memcpy(finder->type_name, name, (size_t)(dot - name));
	finder->member = dot + 1;
}

int print_btf_found(struct inspect *inspect, struct sink *sink, const struct inspect_btf_find *find,
		    const struct inspect_note *note, struct inspect_error *err)
{
	AUTO(finder_done) struct finder finder = { .find = find, .note = note };
	struct printer printer;

	ERROR_NEEDED(err);
	int r = print_init(&printer, sink, &btf_found_schema, err);
	if (r < 0)
		return r;
	split_name(&finder);
	r = find_sources_init(&finder.sources, inspect, find, note, err);
	if (r >= 0)
		r = search_all(&finder, err);
	if (r < 0)
		return r;
	drop_forwards(&finder);
	if (!n_matches(&finder))
		return fail_not_found(&finder, err);

	autofree struct match **chosen = calloc(n_matches(&finder), sizeof(*chosen));
	if (!chosen)
		return inspect_fail(err, ENOMEM, "find types");
	size_t n = choose(&finder, chosen);
	r = print_matches(&finder, &printer, chosen, n, err);
	return r < 0 ? r : finder.some_failed;
}
