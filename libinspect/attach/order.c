/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * order.c - where among others a program is attached, and in whose place
 *
 * What a new link is to stand beside is handed to the kernel as a descriptor and not as an id, so that it cannot
 * become another object in between.
 */
#include "attach/order.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/proc.h"
#include "records/one.h"

void order_done(struct order *order)
{
	close_fd(order->fd);
	order->fd = -1;
}

static unsigned prog_id_of(const struct sys *sys, int fd)
{
	struct abi_prog_info info = { 0 };
	uint32_t length = sizeof(info);

	return sys_info(sys, fd, &info, &length) < 0 ? 0 : info.id;
}

/* A path tells by what is pinned there whether it is a program or a link. */
static int open_pin(const struct attach_job *job, const char *path, struct order *out,
		    struct inspect_error *err)
{
	const struct sys *sys = &job->inspect->sys;
	enum inspect_kind kind;

	autoclose int fd = sys_open_path(sys, path);
	if (fd < 0)
		return inspect_fail(err, -fd, "%s: open", path);
	int r = proc_kind_of(sys, fd, &kind);
	if (r < 0 || (kind != INSPECT_PROG && kind != INSPECT_LINK))
		return inspect_fail(err, r < 0 ? -r : EINVAL, "%s: neither a program nor a link",
				    path);
	if (kind == INSPECT_LINK)
		out->flags |= ABI_F_LINK;
	else
		out->prog_id = prog_id_of(sys, fd);
	out->fd = take_fd(&fd);
	return 0;
}

static int open_anchor(const struct attach_job *job, const struct hook_value *value,
		       struct order *out, struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	AUTO(inspect_link_done) struct inspect_link link = { .fd = -1 };

	if (value->text)
		return open_pin(job, value->text, out, err);
	bool is_link = value->ref.kind == INSPECT_LINK;
	int r = one_open(job->inspect, &value->ref, is_link ? (void *)&link : (void *)&prog, err);
	if (r < 0)
		return r;
	out->fd = take_fd(is_link ? &link.fd : &prog.fd);
	if (is_link)
		out->flags |= ABI_F_LINK;
	else
		out->prog_id = prog.id;
	return 0;
}

int order_read(const struct attach_job *job, struct order *out, struct inspect_error *err)
{
	const struct hook_value *before = &job->values[HOOK_BEFORE];
	const struct hook_value *after = &job->values[HOOK_AFTER];
	const struct hook_value *first = &job->values[HOOK_FIRST];
	const struct hook_value *anchor = before->is_there ? before : after;

	*out = (struct order){ .fd = -1 };
	if (before->is_there + after->is_there + first->is_there > 1)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'before', 'after' and 'first' exclude each other");
	if (before->is_there || first->is_there)
		out->flags |= ABI_F_BEFORE;
	if (after->is_there)
		out->flags |= ABI_F_AFTER;
	if (!anchor->is_there)
		return 0;
	int r = open_anchor(job, anchor, out, err);
	return r < 0 ? inspect_context(err, "%s", before->is_there ? "before" : "after") : 0;
}

bool order_replaces(const struct attach_job *job)
{
	return job->values[HOOK_REPLACE].is_there;
}

/* --- in the place of another program --- */

static int check_words(const struct attach_job *job, struct inspect_error *err)
{
	static const enum hook_word others[] = { HOOK_BEFORE, HOOK_AFTER, HOOK_FIRST, HOOK_PIN };

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (job->values[others[i]].is_there) {
			inspect_fail(err, INSPECT_EUSAGE, "'replace' does not go with '%s'",
				     hook_words[others[i]].word);
			return inspect_hint(err, "the link keeps its place and its pins, and has "
						 "another program afterwards");
		}
	return 0;
}

static uint64_t target_of(const struct inspect_link *link)
{
	switch (link->type) {
	case ABI_LINK_TYPE_CGROUP:
		return link->cgroup_id;
	case ABI_LINK_TYPE_NETNS:
		return link->netns_ino;
	case ABI_LINK_TYPE_SOCKMAP:
		return link->map_id;
	default:
		return link->ifindex;
	}
}

static int check_link(const struct attach_job *job, const struct inspect_link *link,
		      unsigned link_type, uint64_t target, struct inspect_error *err)
{
	bool is_other = link->have & INSPECT_LINK_HAS_ATTACH_TYPE &&
			link->attach_type != job->hook->attach_type;

	if (link->type == link_type && !is_other && target_of(link) == target)
		return 0;
	inspect_fail(err, EINVAL, "link %u: replace the program of %s", link->id, job->hook->name);
	if (link->type == link_type && !is_other)
		return inspect_hint(err, "this link is elsewhere: see 'link show id %u'", link->id);
	const char *type = names_of(NAMES_LINK_TYPE, link->type, link->type_name);
	return inspect_hint(err, "this link is of another hook: type %s%s%s", type ? type : "?",
			    is_other ? ", attached as " : "",
			    is_other ? names_find(NAMES_ATTACH_TYPE, link->attach_type) : "");
}

int order_replace(const struct attach_job *job, unsigned link_type, uint64_t target,
		  struct inspect_attachments *out, struct inspect_error *err)
{
	AUTO(inspect_link_done) struct inspect_link link = { .fd = -1 };
	const struct sys *sys = &job->inspect->sys;

	int r = check_words(job, err);
	if (!r)
		r = one_open(job->inspect, &job->values[HOOK_REPLACE].ref, &link, err);
	if (!r)
		r = check_link(job, &link, link_type, target, err);
	if (r < 0)
		return r;
	/* Named, so that the program of somebody who was faster is not lost. */
	autoclose int old = sys_open_id(sys, INSPECT_PROG, link.prog_id);
	r = sys_link_update(sys, link.fd, job->prog.fd, old);
	if (r < 0) {
		attach_fail(job, -r, err);
		return inspect_context(err, "link %u: replace program %u", link.id, link.prog_id);
	}
	r = attach_keep(job, take_fd(&link.fd), true, out, err);
	if (!r)
		out->attachments[out->n - 1].is_held = false; /* its owner or its pin has it */
	return r;
}
