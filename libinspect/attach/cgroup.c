/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cgroup.c - programs of cgroups
 *
 * A link is one of many: it leaves room for others, here and below. A program that was attached without one, and
 * without leave for others, keeps all of them out, and the kernel says no more than EPERM.
 */
#include <errno.h>

#include "attach/hook.h"
#include "attach/net.h"
#include "attach/order.h"
#include "attach/where.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/caps.h"

static int fail(const struct attach_job *job, const struct order *order, int code,
		struct inspect_error *err)
{
	attach_fail_ordered(job, code, err);
	if (code == EPERM && !caps_lacks_attach())
		return inspect_hint(err, "a program that was attached without 'multi', in this "
					 "cgroup or above it, keeps others out: see 'cgroup show'");
	if (code == EINVAL && order->prog_id && !(order->flags & ABI_F_LINK))
		return inspect_hint(err,
				    "a link of a cgroup stands beside links alone, since Linux "
				    "6.17, and prog %u has none here",
				    order->prog_id);
	if (code == EINVAL && order->flags)
		return inspect_hint(err, "Linux 6.17 is the first that orders the programs of a "
					 "cgroup");
	return -code;
}

struct cgroup_place {
	uint64_t cgroup_id;
	unsigned attach_type, prog_id;
};

static bool is_there(const struct inspect_link *link, const void *wanted)
{
	const struct cgroup_place *place = wanted;

	return link->type == ABI_LINK_TYPE_CGROUP && link->cgroup_id == place->cgroup_id &&
	       link->attach_type == place->attach_type && link->prog_id == place->prog_id;
}

/* Of a cgroup, the kernel finds a program that a link attached by that link alone. */
static void name_by_link(const struct attach_job *job, uint64_t cgroup_id, struct order *order)
{
	const struct cgroup_place place = { cgroup_id, job->hook->attach_type, order->prog_id };
	unsigned prog_id, id;

	if (order->fd < 0 || order->flags & ABI_F_LINK)
		return;
	id = attach_find_link(job->inspect, is_there, &place, &prog_id);
	int fd = id ? sys_open_id(&job->inspect->sys, INSPECT_LINK, id) : -1;
	if (fd < 0)
		return; /* it is there without a link, or not at all */
	close_fd(order->fd);
	order->fd = fd;
	order->flags |= ABI_F_LINK;
}

int attach_cgroup(const struct attach_job *job, struct inspect_attachments *out,
		  struct inspect_error *err)
{
	AUTO(order_done) struct order order = { .fd = -1 };
	struct abi_link_create_attr attr = { .prog_fd = (uint32_t)job->prog.fd,
					     .attach_type = job->hook->attach_type };
	autoclose int cgroup = -1;
	uint64_t id;

	int r = where_cgroup(job, &cgroup, &id, err);
	if (r < 0)
		return r;
	if (order_replaces(job))
		return order_replace(job, ABI_LINK_TYPE_CGROUP, id, out, err);
	r = order_read(job, &order, err);
	if (r < 0)
		return r;
	name_by_link(job, id, &order);
	if (job->values[HOOK_PREORDER].is_there)
		order.flags |= ABI_F_PREORDER;
	attr.target = (uint32_t)cgroup;
	attr.flags = order.flags;
	attr.ordered.relative_fd = order.fd < 0 ? 0 : (uint32_t)order.fd;
	int fd = sys_link_create(&job->inspect->sys, &attr);
	return fd < 0 ? fail(job, &order, -fd, err) : attach_keep(job, fd, true, out, err);
}
