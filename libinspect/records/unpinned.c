/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * unpinned.c - pins that were removed, as records
 */
#include "records/owners.h"
#include "records/pinned.h"

#define NAMED_MOST 8 /* holders of a kind in a sentence */

/* A list in a sentence: what stands before its next word. */
struct sentence {
	struct out *out;
	unsigned n;
};

static void begin_word(struct sentence *sentence, const char *first)
{
	out_fmt(sentence->out, "%s", sentence->n++ ? ", " : first);
}

static void add_rest(struct sentence *sentence, unsigned n)
{
	out_if(sentence->out, n > NAMED_MOST, " and %u more", n - NAMED_MOST);
}

static void add_ids(struct sentence *sentence, const char *first, const char *noun,
		    const struct inspect_ids *ids)
{
	for (unsigned i = 0; i < ids->n && i < NAMED_MOST; i++) {
		begin_word(sentence, first);
		out_fmt(sentence->out, "%s %u", noun, ids->ids[i]);
	}
	add_rest(sentence, ids->n);
}

/* Returns how many were named. */
static unsigned add_holders(struct out *out, const char *first,
			    const struct inspect_unpinned *unpinned)
{
	struct sentence sentence = { .out = out };

	for (unsigned i = 0; i < unpinned->pinned.n && i < NAMED_MOST; i++) {
		begin_word(&sentence, first);
		out_fmt(out, "pin %s", unpinned->pinned.strings[i]);
	}
	add_rest(&sentence, unpinned->pinned.n);
	add_ids(&sentence, first, "link", &unpinned->link_ids);
	add_ids(&sentence, first, "program", &unpinned->prog_ids);
	for (unsigned i = 0; i < unpinned->owners.n && i < NAMED_MOST; i++) {
		begin_word(&sentence, first);
		out_fmt(out, "process %s(%u)", unpinned->owners.owners[i].comm,
			unpinned->owners.owners[i].pid);
	}
	add_rest(&sentence, unpinned->owners.n);
	return sentence.n;
}

/* Were all holders that can be told looked for? */
static bool is_all_known(const struct inspect_unpinned *unpinned)
{
	unsigned needed = INSPECT_UNPINNED_HAS_PINS | INSPECT_UNPINNED_HAS_OWNERS;

	needed |= unpinned->pin.kind != INSPECT_LINK ? INSPECT_UNPINNED_HAS_LINKS : 0;
	needed |= unpinned->pin.kind == INSPECT_MAP ? INSPECT_UNPINNED_HAS_PROGS : 0;
	return (unpinned->pin.have & needed) == needed;
}

static void plain_end(struct out *out, const struct inspect_unpinned *unpinned)
{
	bool is_known = unpinned->pin.have & INSPECT_UNPINNED_HAS_GONE;
	const char *first = unpinned->is_removed ? "; still held by " : "; also held by ";

	if (is_known && unpinned->is_gone)
		out_fmt(out, "; nothing else held it, and it is gone");
	else if (add_holders(out, first, unpinned))
		return;
	else if (!is_all_known(unpinned))
		out_fmt(out, "; what else holds it is not known");
	else if (is_known)
		out_fmt(out, "; still there: attached without a link, or in a map");
	else
		out_fmt(out, "; nothing else is seen to hold it");
}

static void unpinned_plain(struct out *out, const void *record)
{
	const struct inspect_unpinned *unpinned = record;
	bool is_object = unpinned->pin.have & INSPECT_PINNED_HAS_OBJECT;
	const char *done = is_object ? "unpinned" : "removed";

	out_fmt(out, "%s: ", unpinned->pin.path);
	pinned_plain(out, &unpinned->pin);
	out_fmt(out, unpinned->is_removed ? ": %s" : ": would be %s", done);
	if (is_object)
		plain_end(out, unpinned);
	out_fmt(out, "\n");
}

#define U struct inspect_unpinned

static const struct field unpinned_fields[] = {
	PINNED_FIELDS(U, pin.),
	FIELD(U, is_removed, "removed", "was it removed? Not so with dry-run"),
	FIELD_IF(INSPECT_UNPINNED_HAS_GONE, U, is_gone, "gone",
		 "is there no such object any more?"),
	FIELD_IF(INSPECT_UNPINNED_HAS_PINS, U, pinned, "pinned", "where it is pinned besides"),
	FIELD_AS(FIELD_OWN, INSPECT_UNPINNED_HAS_LINKS, U, link_ids, "link_ids",
		 "of a program or a map: links that hold it", .column = "links",
		 .own = print_ids_or_none, .shape = "[u32]"),
	FIELD_AS(FIELD_OWN, INSPECT_UNPINNED_HAS_PROGS, U, prog_ids, "prog_ids",
		 "of a map: programs that hold it", .column = "progs", .own = print_ids_or_none,
		 .shape = "[u32]"),
	FIELD_AS(FIELD_OWN, INSPECT_UNPINNED_HAS_OWNERS, U, owners, "pids",
		 "processes that hold it", .column = "owners", .own = owners_put,
		 .shape = OWNERS_SHAPE),
};

const struct schema unpinned_schema = {
	.name = "unpinned",
	.fields = unpinned_fields,
	.n = sizeof(unpinned_fields) / sizeof(*unpinned_fields),
	.columns = "path,kind,id,name,removed,gone,pinned,links,progs,owners",
	.plain = unpinned_plain,
	.have_at = offsetof(U, pin.have),
	.failed_at = -1,
};

static int print_one(void *context, const struct inspect_unpinned *unpinned)
{
	struct printer *printer = context;

	print_record(printer, unpinned);
	return 0;
}

int print_unpin(struct inspect *inspect, struct sink *sink, const struct inspect_unpin *how,
		struct inspect_error *err)
{
	struct printer printer;

	int r = print_init(&printer, sink, &unpinned_schema, err);
	if (r < 0)
		return r;
	print_open(&printer, how->has_kind);
	r = inspect_unpin(inspect, how, print_one, &printer, err);
	print_close(&printer, how->has_kind);
	return r;
}
