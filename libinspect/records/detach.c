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

/*
 * Types whose links the kernel never detaches. Only for what is tried first, and for words before a call is
 * made: whether a link can be detached, the kernel says.
 */
static bool is_held_for_good(const struct inspect_link *link)
{
	switch (link->type) {
	case ABI_LINK_TYPE_RAW_TRACEPOINT:
	case ABI_LINK_TYPE_TRACING:
	case ABI_LINK_TYPE_ITER:
	case ABI_LINK_TYPE_PERF_EVENT:
	case ABI_LINK_TYPE_KPROBE_MULTI:
	case ABI_LINK_TYPE_UPROBE_MULTI:
	case ABI_LINK_TYPE_TRACING_MULTI:
		return true;
	default:
		return false;
	}
}

struct links {
	struct buf links;    /* struct inspect_link, each with a descriptor */
	struct buf detached; /* ids, as text */
};

static struct inspect_link *link_at(const struct links *links, size_t i)
{
	return (struct inspect_link *)(void *)links->links.bytes + i;
}

static size_t count(const struct links *links)
{
	return links->links.size / sizeof(struct inspect_link);
}

static void links_done(struct links *links)
{
	for (size_t i = 0; i < count(links); i++)
		inspect_link_done(link_at(links, i));
	buf_done(&links->links);
	buf_done(&links->detached);
}

static int keep(struct links *links, struct inspect_link *link, struct inspect_error *err)
{
	int failed = link->failed;

	if (failed)
		inspect_fail(err, failed, "link %u: read info", link->id);
	else
		buf_add(&links->links, link, sizeof(*link));
	if (!failed && !buf_failed(&links->links))
		return 0;
	inspect_link_done(link);
	return failed ? -failed : inspect_fail(err, ENOMEM, "list links");
}

/* All that are meant, open before one of them is changed. */
static int open_all(struct inspect *inspect, const struct inspect_ref *ref, struct links *out,
		    struct inspect_error *err)
{
	struct inspect_list *list;
	struct inspect_link link;

	int r = inspect_list_new(inspect, ref, INSPECT_WANT_FD, &list, err);
	if (r < 0)
		return r;
	while ((r = inspect_list_next(list, &link, err)) > 0) {
		r = keep(out, &link, err);
		if (r < 0)
			break;
	}
	inspect_list_free(list);
	return r;
}

static int detach_one(struct inspect *inspect, const struct inspect_link *link, bool is_dry_run,
		      struct inspect_error *err)
{
	int r = 0;

	if (!is_dry_run)
		r = sys_link_detach(&inspect->sys, link->fd);
	else if (is_held_for_good(link))
		r = -EOPNOTSUPP;
	if (r < 0)
		inspect_fail(err, -r, "link %u: detach", link->id);
	if (r == -EOPNOTSUPP)
		return hint_holders(inspect, link, err);
	if (r == -EINVAL)
		return inspect_hint(err, "kernels before Linux 5.9 detach no links");
	return r;
}

static int fail_after(struct links *links, struct inspect_error *err)
{
	buf_add_char(&links->detached, '\0');
	return inspect_hint(err, "detached before that: %s",
			    buf_failed(&links->detached) ? "?" : links->detached.bytes);
}

static int detach_those(struct inspect *inspect, struct links *links, bool are_held,
			bool is_dry_run, const struct inspect_note *note, struct inspect_error *err)
{
	for (size_t i = 0; i < count(links); i++) {
		const struct inspect_link *link = link_at(links, i);
		char digits[NUM_ROOM];

		if (is_held_for_good(link) != are_held)
			continue;
		int r = detach_one(inspect, link, is_dry_run, err);
		if (r < 0)
			return links->detached.size ? fail_after(links, err) : r;
		if (was_detached(link))
			note_tell(note, "link %u was detached already", link->id);
		digits[num_format_u64(digits, link->id)] = '\0';
		if (!is_dry_run)
			add(&links->detached, "", digits);
	}
	return 0;
}

int inspect_link_detach(struct inspect *inspect, const struct inspect_ref *ref, bool is_dry_run,
			const struct inspect_note *note, struct inspect_error *err)
{
	AUTO(links_done) struct links links = { 0 };

	ERROR_NEEDED(err);
	int r = open_all(inspect, ref, &links, err);
	if (!r)
		r = detach_those(inspect, &links, true, is_dry_run, note, err);
	if (!r)
		r = detach_those(inspect, &links, false, is_dry_run, note, err);
	return r;
}

int inspect_links_of(struct inspect *inspect, const struct inspect_ref *prog,
		     struct inspect_ref *out, struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog found = { .fd = -1 };

	ERROR_NEEDED(err);
	int r = one_open(inspect, prog, &found, err);
	if (r < 0)
		return r;
	*out = (struct inspect_ref){ .kind = INSPECT_LINK, .by = INSPECT_BY_PROG, .id = found.id };
	return 0;
}
