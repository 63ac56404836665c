/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print_one.c - one element, or the next key, to a sink
 *
 * What is not there is an answer and no error: bpftool's words on standard output, or null.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "value/print.h"
#include "value/target.h"

struct one_printer {
	struct print_elems how;
	struct elem_printer elems;
};

static void one_printer_done(struct one_printer *printer)
{
	print_elem_close(&printer->elems);
}

/* Makes all ready that can fail; where it fails there is nothing to be done. */
static int prepare(const struct target *target, struct sink *sink, const struct inspect_note *note,
		   struct one_printer *out, struct inspect_error *err)
{
	if (note) {
		out->how.note = note->tell;
		out->how.context = note->context;
	}
	int r = elem_printer_init(&out->elems, target->inspect, sink, &out->how, err);
	return r < 0 ? r : print_elem_prepare(&out->elems, &target->map, err);
}

/* The one place where a single element is printed. */
static int put_element(const struct target *target, struct one_printer *printer,
		       const struct inspect_elem *elem, struct inspect_error *err)
{
	int r = print_elem_open(&printer->elems, &target->map, false, err);
	if (r < 0)
		return r;
	print_elem(&printer->elems, elem);
	return 0;
}

/* No element: null, an empty list, no row. */
static int put_nothing(struct sink *sink, struct inspect_error *err)
{
	struct printer printer;

	int r = print_init(&printer, sink, &elem_schema, err);
	if (r < 0)
		return r;
	if (sink_is_compatible(sink))
		sink_absent(sink, NULL);
	print_open(&printer, true);
	print_close(&printer, true);
	return 0;
}

static int put_not_found(struct sink *sink, const struct target *target,
			 const struct inspect_note *note, struct inspect_error *err)
{
	if (sink->form == SINK_PLAIN) {
		out_literal(sink->out, "key:\n");
		if (target->data.key)
			out_hex_rows(sink->out, target->data.key, target->map.key_bytes);
		out_literal(sink->out, "\n\nNot found\n");
		return 1;
	}
	int r = put_nothing(sink, err);
	if (r < 0)
		return r;
	if (sink_is_text(sink))
		note_tell(note, "not found");
	return 1;
}

static void fill_element(const struct target *target, struct inspect_elem *out)
{
	*out = (struct inspect_elem){
		.map_id = target->map.id,
		.key = { target->data.key, target->data.key ? target->map.key_bytes : 0 },
	};
	elems_fill_value(&target->map, target->cpus, target->n_cpus, target->value, out);
	if (target->data.have & DATA_CPU) {
		out->per_cpu.bytes += target->cpu_at * out->per_cpu.stride;
		out->per_cpu.cpus += target->cpu_at;
		out->per_cpu.n = 1;
	}
}

/* A prefix map answers with its longest prefix of the key, and does not say which that was. */
static int mark_prefix(const struct target *target, const struct inspect_note *note,
		       struct inspect_elem *elem, struct inspect_error *err)
{
	if (target->map.type != ABI_MAP_TYPE_LPM_TRIE)
		return 0;
	autofree unsigned char *next = calloc(1, target->map.key_bytes);
	if (!next)
		return inspect_fail(err, ENOMEM, "map %u: look up", target->map.id);
	if (target_is_absent(target, next) <= 0)
		return 0;
	elem->have |= INSPECT_ELEM_HAS_SEARCHED;
	elem->is_searched = true;
	note_tell(note, "the key shown is the one that was looked up; the value is that of a "
			"shorter prefix");
	return 0;
}

static int fail_lookup(const struct target *target, const char *verb, int code,
		       struct inspect_error *err)
{
	inspect_fail(err, code, "map %u: %s", target->map.id, verb);
	if (target->kind->keyless)
		return inspect_hint(err, "%s", target->kind->keyless);
	if (code == EINVAL)
		return inspect_hint(err, "maps of this type do not allow that");
	return inspect_hint(err, "%s", elems_reason(target->map.type, code));
}

int print_lookup(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		 const struct inspect_words *words, const struct inspect_note *note,
		 struct inspect_error *err)
{
	AUTO(target_done) struct target target = { .map.fd = -1 };
	AUTO(one_printer_done) struct one_printer printer = { 0 };
	struct inspect_elem elem;

	int r = target_open(inspect, ref, words, DATA_KEY | DATA_CPU, DATA_KEY, &target, err);
	if (r < 0)
		return r;
	if (target.data.value) /* a filter is asked whether it knows a value */
		memcpy(target.value, target.data.value, target.value_size);
	r = sys_lookup(&inspect->sys, target.map.fd, target.data.key, target.value);
	if (r == -ENOENT)
		return put_not_found(sink, &target, note, err);
	if (r < 0)
		return fail_lookup(&target, "look up", -r, err);
	fill_element(&target, &elem);
	r = mark_prefix(&target, note, &elem, err);
	if (!r)
		r = prepare(&target, sink, note, &printer, err);
	return r < 0 ? r : put_element(&target, &printer, &elem, err);
}

int print_pop(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	      const struct inspect_words *words, const struct inspect_note *note,
	      struct inspect_error *err)
{
	AUTO(target_done) struct target target = { .map.fd = -1 };
	AUTO(one_printer_done) struct one_printer printer = { 0 };
	struct inspect_elem elem;

	int r = target_open(inspect, ref, words, DATA_KEY, DATA_KEY, &target, err);
	if (!r)
		r = target_reopen(&target, 0, err);
	if (!r) /* before the element is taken: one that cannot be shown must stay */
		r = prepare(&target, sink, note, &printer, err);
	if (r < 0)
		return r;
	r = sys_lookup_and_delete(&inspect->sys, target.map.fd, target.data.key, target.value);
	if (r == -ENOENT && target.map.key_bytes)
		return put_not_found(sink, &target, note, err);
	if (r == -ENOENT && sink_is_text(sink))
		return inspect_fail(err, INSPECT_EEMPTY, "empty map");
	if (r == -ENOENT)
		return put_not_found(sink, &target, note, err);
	if (r < 0)
		return target_fail(&target, "pop", -r, err);
	fill_element(&target, &elem);
	return put_element(&target, &printer, &elem, err);
}

enum next_key_has {
	NEXT_HAS_KEY = 1,
	NEXT_HAS_RESTART = 2,
};

struct next_key {
	unsigned have;
	unsigned map_id;
	struct inspect_bytes key;
	struct inspect_bytes next;
	bool is_first;
};

#define N struct next_key

static void put_key(struct sink *sink, const char *name, const void *member)
{
	const struct inspect_bytes *key = member;

	if (key->bytes)
		sink_bytes(sink, name, key->bytes, key->size);
	else
		sink_absent(sink, name);
}

static const struct field next_key_fields[] = {
	FIELD(N, map_id, "map_id", "of which map", .flags = FIELD_STRICT),
	FIELD_AS(FIELD_OWN, 0, N, key, "key", "the key that was given, or null", .own = put_key,
		 .shape = "hex|null"),
	FIELD(N, next, "next_key", "the key that comes after it"),
	FIELD_IF(NEXT_HAS_RESTART, N, is_first, "key_is_absent",
		 "there is no such key, so the next one is the first"),
};

static void next_key_plain(struct out *out, const void *record)
{
	const struct next_key *key = record;

	if (key->have & NEXT_HAS_KEY) {
		out_literal(out, "key:\n");
		out_hex_rows(out, key->key.bytes, key->key.size);
		out_char(out, '\n');
	} else {
		out_literal(out, "key: None\n");
	}
	out_literal(out, "next key:\n");
	out_hex_rows(out, key->next.bytes, key->next.size);
	out_char(out, '\n');
}

const struct schema next_key_schema = {
	.name = "next_key",
	.fields = next_key_fields,
	.n = sizeof(next_key_fields) / sizeof(*next_key_fields),
	.columns = "key,next_key",
	.plain = next_key_plain,
	.have_at = offsetof(struct next_key, have),
	.failed_at = -1,
};

/* Some clients know the end of a map by these very words. */
static int fail_next_key(const struct target *target, int code, struct inspect_error *err)
{
	inspect_fail(err, code, "can't get next key");
	if (code != ENOENT && target->kind->keyless)
		return inspect_hint(err, "%s", target->kind->keyless);
	return -code;
}

static int find_next_key(const struct target *target, const struct inspect_note *note,
			 unsigned char *next, struct next_key *out, struct inspect_error *err)
{
	int r = sys_next_key(&target->inspect->sys, target->map.fd, target->data.key, next);
	if (r < 0)
		return fail_next_key(target, -r, err);

	*out = (struct next_key){
		.map_id = target->map.id,
		.next = { next, target->map.key_bytes },
	};
	if (!target->data.key)
		return 0;
	out->have |= NEXT_HAS_KEY;
	out->key = (struct inspect_bytes){ target->data.key, target->map.key_bytes };
	if (target_is_absent(target, next) > 0) {
		out->have |= NEXT_HAS_RESTART;
		out->is_first = true;
		note_tell(note, "there is no such key, so the next one is the first of the map");
	}
	return 0;
}

int print_next_key(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		   const struct inspect_words *words, const struct inspect_note *note,
		   struct inspect_error *err)
{
	AUTO(target_done) struct target target = { .map.fd = -1 };
	struct printer printer;
	struct next_key record;

	int r = target_open(inspect, ref, words, DATA_KEY, 0, &target, err);
	if (r < 0)
		return r;
	autofree unsigned char *next = calloc(1, target.map.key_bytes + 4);
	if (!next)
		return inspect_fail(err, ENOMEM, "map %u: room for a key", target.map.id);
	r = find_next_key(&target, note, next, &record, err);
	if (!r)
		r = print_init(&printer, sink, &next_key_schema, err);
	if (r < 0)
		return r;
	print_open(&printer, true);
	print_record(&printer, &record);
	print_close(&printer, true);
	return 0;
}
