/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map.c - programs of a map: those of a map of sockets, the flow dissector, and struct_ops
 *
 * Bpftool attaches to sockets, and dissects flows, without a link: what is attached so has no owner, and stays until it
 * is taken off, or the map or the network namespace is gone. A link is made where a word asks for one.
 */
#include <errno.h>
#include <string.h>

#include "attach/hook.h"
#include "attach/net.h"
#include "attach/order.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "records/one.h"

/* Words that name a map, and no more. */
static int read_map(const struct attach_job *job, struct inspect_ref *out,
		    struct inspect_error *err)
{
	const struct inspect_words *words = &job->targets;

	int used = inspect_ref_parse(INSPECT_MAP, words->words, words->n, out, err);
	if (used < 0)
		return inspect_context(err, "%s", job->hook->name);
	if ((size_t)used == words->n)
		return 0;
	return inspect_fail(err, INSPECT_EUSAGE, "%s: what is '%s'?", job->hook->name,
			    words->words[used]);
}

static int open_map(const struct attach_job *job, const struct inspect_ref *ref,
		    struct inspect_map *out, struct inspect_error *err)
{
	int r = one_open(job->inspect, ref, out, err);

	return r < 0 ? r : one_reopen_map(job->inspect, ref, 0, out, err);
}

static int open_sockets(const struct attach_job *job, const struct inspect_ref *ref,
			struct inspect_map *out, struct inspect_error *err)
{
	int r = open_map(job, ref, out, err);

	if (r < 0 || out->type == ABI_MAP_TYPE_SOCKMAP || out->type == ABI_MAP_TYPE_SOCKHASH)
		return r;
	const char *type = names_of(NAMES_MAP_TYPE, out->type, out->type_name);
	inspect_fail(err, EINVAL, "map %u: %s", out->id, job->hook->name);
	return inspect_hint(err, "a map of type sockmap or sockhash is wanted; this is %s",
			    type ? type : "of another type");
}

static int fail_sockets(const struct attach_job *job, int code, struct inspect_error *err)
{
	attach_fail_net(job, code, err);
	if (code == EBUSY)
		return inspect_hint(err, "a link has this place, or the map has another kind of "
					 "verdict: sk_skb_verdict and sk_skb_stream_verdict "
					 "exclude each other");
	return -code;
}

int attach_sockets(const struct attach_job *job, struct inspect_attachments *out,
		   struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	const struct sys *sys = &job->inspect->sys;
	struct inspect_ref ref;

	int r = read_map(job, &ref, err);
	if (!r)
		r = open_sockets(job, &ref, &map, err);
	if (r < 0)
		return r;
	if (order_replaces(job))
		return order_replace(job, ABI_LINK_TYPE_SOCKMAP, map.id, out, err);
	if (!job->values[HOOK_PIN].is_there) {
		r = attach_keep(job, -1, false, out, err); /* first what may want memory */
		if (r < 0)
			return r;
		r = sys_prog_attach(sys, map.fd, job->prog.fd, job->hook->attach_type);
		return r < 0 ? fail_sockets(job, -r, err) : 0;
	}
	struct abi_link_create_attr attr = { .prog_fd = (uint32_t)job->prog.fd,
					     .target = (uint32_t)map.fd,
					     .attach_type = job->hook->attach_type };
	int fd = sys_link_create(sys, &attr);
	if (fd >= 0)
		return attach_keep(job, fd, true, out, err);
	fail_sockets(job, -fd, err);
	if (fd == -EINVAL)
		return inspect_hint(err, "Linux 6.10 is the first with links to a map of sockets; "
					 "without 'pin', the program is attached without a link");
	return fd;
}

int detach_sockets(const struct attach_job *job, const struct inspect_ref *ref,
		   struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };

	int r = open_sockets(job, ref, &map, err);
	if (r < 0)
		return r;
	r = sys_prog_detach(&job->inspect->sys, map.fd, job->prog.fd, job->hook->attach_type);
	if (!r)
		return 0;
	detach_fail(job, -r, err);
	return inspect_context(err, "map %u", map.id);
}

/* --- flow dissector --- */

int attach_flow_dissector(const struct attach_job *job, struct inspect_attachments *out,
			  struct inspect_error *err)
{
	const struct hook_value *values = job->values;

	if (values[HOOK_PIN].is_there || values[HOOK_NETNS].is_there || order_replaces(job))
		return attach_netns(job, out, err);
	int r = attach_keep(job, -1, false, out, err); /* first what may want memory */
	if (r < 0)
		return r;
	r = sys_prog_attach(&job->inspect->sys, 0, job->prog.fd, job->hook->attach_type);
	if (!r)
		return 0;
	attach_fail_net(job, -r, err);
	if (r == -EEXIST)
		return inspect_hint(err, "a link has this place, or the first network namespace "
					 "has a flow dissector, which is that of all others");
	if (r == -EINVAL)
		return inspect_hint(err, "this program is attached there already");
	return r;
}

int detach_flow_dissector(const struct attach_job *job, const struct inspect_ref *map,
			  struct inspect_error *err)
{
	int r = sys_prog_detach(&job->inspect->sys, 0, job->prog.fd, job->hook->attach_type);

	(void)map;
	return r < 0 ? detach_fail(job, -r, err) : 0;
}

/* --- struct_ops: the link is of the map, whose programs have their places in it already --- */

static bool holds_prog(const struct attach_job *job, const struct inspect_map *map,
		       struct inspect_error *err)
{
	autofree unsigned char *value = malloc(map->value_bytes);
	const uint32_t key = 0;
	uint64_t word;

	if (!value || sys_lookup(&job->inspect->sys, map->fd, &key, value) < 0)
		return true; /* the kernel will say more */
	/* Where a function stands, the kernel shows the id of its program. */
	for (size_t at = 0; at + sizeof(word) <= map->value_bytes; at += sizeof(word)) {
		memcpy(&word, value + at, sizeof(word));
		if (word == job->prog.id)
			return true;
	}
	inspect_fail(err, EINVAL, "map %u: struct_ops", map->id);
	inspect_hint(err, "prog %u is none of this map's", job->prog.id);
	return false;
}

int attach_struct_ops(const struct attach_job *job, struct inspect_attachments *out,
		      struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	struct inspect_ref ref;

	int r = read_map(job, &ref, err);
	if (!r)
		r = open_map(job, &ref, &map, err);
	if (r < 0)
		return r;
	if (map.type != ABI_MAP_TYPE_STRUCT_OPS) {
		inspect_fail(err, EINVAL, "map %u: struct_ops", map.id);
		return inspect_hint(err, "a map of type struct_ops is wanted");
	}
	if (!holds_prog(job, &map, err))
		return -EINVAL;
	struct abi_link_create_attr attr = { .prog_fd = (uint32_t)map.fd,
					     .attach_type = job->hook->attach_type };
	int fd = sys_link_create(&job->inspect->sys, &attr);
	if (fd >= 0)
		return attach_keep(job, fd, true, out, err);
	attach_fail_net(job, -fd, err);
	if (fd == -EINVAL)
		return inspect_hint(err, "the map must have been made for a link (section "
					 "'.struct_ops.link'), and its value be set");
	if (fd == -EEXIST || fd == -EBUSY)
		return inspect_hint(err, "it is registered already, or something of its name is");
	return fd;
}
