/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * detach.c - end what a link does
 */
#include <errno.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "base/num.h"
#include "records/link.h"
#include "records/one.h"
#include "records/owners.h"
#include "records/pins.h"

#define NAMED_MOST 4 /* holders and paths in a hint, each */

static void add(struct buf *text, const char *before, const char *word)
{
	buf_add_text(text, text->size ? ", " : before);
	buf_add_text(text, word);
}

static void add_owners(struct buf *text, const struct inspect_owners *owners)
{
	for (unsigned i = 0; i < owners->n && i < NAMED_MOST; i++) {
		char digits[NUM_ROOM];

		add(text, ": ", owners->owners[i].comm);
		buf_add_char(text, '(');
		buf_add(text, digits, num_format_u64(digits, owners->owners[i].pid));
		buf_add_char(text, ')');
	}
	if (owners->n > NAMED_MOST)
		add(text, ": ", "...");
}

/* Such links go when nothing holds them: what does is looked for now, since it says the way out. */
static int hint_holders(struct inspect *inspect, const struct inspect_link *link,
			struct inspect_error *err)
{
	const char *type = names_of(NAMES_LINK_TYPE, link->type, link->type_name);
	AUTO(owners_done) struct inspect_owners owners = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct inspect_strings pins = { 0 };

	owners_begin(inspect);
	owners_read(inspect, INSPECT_LINK, link->id, INSPECT_WANT_OWNERS, &owners);
	pins_begin(inspect);
	pins_find(inspect, INSPECT_LINK, link->id, &pins);
	add_owners(&text, &owners);
	for (unsigned i = 0; i < pins.n && i < NAMED_MOST; i++)
		add(&text, ": ", pins.strings[i]);
	if (pins.n > NAMED_MOST)
		add(&text, ": ", "...");
	buf_add_char(&text, '\0');
	return inspect_hint(err,
			    "a link of type %s ends when nothing holds it any more, no "
			    "process and no pin%s",
			    type ? type : "that kind", buf_failed(&text) ? "" : text.bytes);
}

static bool was_detached(const struct inspect_link *link)
{
	unsigned have = link->have;

	return (have & INSPECT_LINK_HAS_DEVICE && !link->ifindex) ||
	       (have & INSPECT_LINK_HAS_CGROUP && !link->cgroup_id) ||
	       (have & INSPECT_LINK_HAS_NETNS && !link->netns_ino) ||
	       (link->type == ABI_LINK_TYPE_SOCKMAP && !link->map_id);
}

int inspect_link_detach(struct inspect *inspect, const struct inspect_ref *ref,
			const struct inspect_note *note, struct inspect_error *err)
{
	AUTO(inspect_link_done) struct inspect_link link = { .fd = -1 };

	ERROR_NEEDED(err);
	int r = one_open(inspect, ref, &link, err);
	if (r < 0)
		return r;
	r = sys_link_detach(&inspect->sys, link.fd);
	if (r == -EOPNOTSUPP) {
		inspect_fail(err, -r, "link %u: detach", link.id);
		return hint_holders(inspect, &link, err);
	}
	if (r == -EINVAL) {
		inspect_fail(err, -r, "link %u: detach", link.id);
		return inspect_hint(err, "kernels before Linux 5.9 detach no links");
	}
	if (r < 0)
		return inspect_fail(err, -r, "link %u: detach", link.id);
	if (was_detached(&link))
		note_tell(note, "link %u was detached already", link.id);
	return 0;
}
