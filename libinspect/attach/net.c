/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * net.c - programs at network devices, in network namespaces, and on netfilter's hooks
 */
#include <errno.h>
#include <string.h>

#include "attach/hook.h"
#include "attach/net.h"
#include "attach/order.h"
#include "attach/where.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "kernel/caps.h"
#include "kernel/netlink.h"
#include "records/link.h"

int attach_fail_net(const struct attach_job *job, int code, struct inspect_error *err)
{
	attach_fail(job, code, err);
	return code == EPERM || code == EACCES ? caps_hint(err, CAPS_TO_ATTACH) : -code;
}

unsigned attach_find_link(struct inspect *inspect,
			  bool (*fits)(const struct inspect_link *link, const void *wanted),
			  const void *wanted, unsigned *prog_id)
{
	const struct inspect_ref all = { .kind = INSPECT_LINK, .by = INSPECT_BY_ALL };
	struct inspect_list *list;
	struct inspect_link link;
	unsigned found = 0;

	if (inspect_list_new(inspect, &all, 0, &list, NULL))
		return 0;
	while (!found && inspect_list_next(list, &link, NULL) > 0) {
		if (!link.failed && fits(&link, wanted)) {
			found = link.id;
			*prog_id = link.prog_id;
		}
		inspect_link_done(&link);
	}
	inspect_list_free(list);
	return found;
}

/* --- XDP --- */

struct xdp_place {
	uint32_t ifindex, prog_id;
};

static bool is_xdp_link(const struct inspect_link *link, const void *wanted)
{
	const struct xdp_place *place = wanted;

	return link->type == ABI_LINK_TYPE_XDP && link->ifindex == place->ifindex &&
	       link->prog_id == place->prog_id;
}

/* A device has one XDP program a mode, and of these native and generic exclude each other. */
static int hint_xdp(const struct attach_job *job, uint32_t ifindex, struct inspect_error *err)
{
	struct xdp_place place = { ifindex, netlink_xdp_prog(ifindex) };
	unsigned prog_id = 0;

	if (!place.prog_id)
		return -err->code;
	unsigned link = attach_find_link(job->inspect, is_xdp_link, &place, &prog_id);
	if (link)
		return inspect_hint(err,
				    "prog %u is there, by link %u; 'replace id %u' exchanges "
				    "the program, 'link detach id %u' makes room",
				    place.prog_id, link, link, link);
	return inspect_hint(err,
			    "prog %u is there, without a link; 'ip link set dev %s xdp off' "
			    "makes room",
			    place.prog_id, job->targets.words[1]);
}

static int xdp_mode(const struct attach_job *job, uint32_t *flags, struct inspect_error *err)
{
	bool generic = job->values[HOOK_GENERIC].is_there;
	bool native = job->values[HOOK_NATIVE].is_there;
	bool offload = job->values[HOOK_OFFLOAD].is_there;

	if (generic + native + offload > 1)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'generic', 'native' and 'offload' exclude each other");
	*flags = generic   ? ABI_XDP_GENERIC
		 : native  ? ABI_XDP_NATIVE
		 : offload ? ABI_XDP_OFFLOAD
			   : 0;
	return 0;
}

static int fail_xdp(const struct attach_job *job, uint32_t ifindex, uint32_t flags, int code,
		    struct inspect_error *err)
{
	attach_fail_net(job, code, err);
	if (code == EBUSY || code == EEXIST)
		return hint_xdp(job, ifindex, err);
	if (code == EOPNOTSUPP && flags & (ABI_XDP_NATIVE | ABI_XDP_OFFLOAD))
		return inspect_hint(err, "the driver of %s cannot do that; 'generic' needs none",
				    job->targets.words[1]);
	return -code;
}

int attach_xdp(const struct attach_job *job, struct inspect_attachments *out,
	       struct inspect_error *err)
{
	struct abi_link_create_attr attr = { .prog_fd = (uint32_t)job->prog.fd,
					     .attach_type = job->hook->attach_type };

	int r = xdp_mode(job, &attr.flags, err);
	if (!r)
		r = where_device(job, &attr.target, err);
	if (r < 0)
		return r;
	if (order_replaces(job))
		return order_replace(job, ABI_LINK_TYPE_XDP, attr.target, out, err);
	int fd = sys_link_create(&job->inspect->sys, &attr);
	if (fd < 0)
		return fail_xdp(job, attr.target, attr.flags, -fd, err);
	return attach_keep(job, fd, true, out, err);
}

/* --- tcx and netkit: many programs, in an order --- */

int attach_fail_ordered(const struct attach_job *job, int code, struct inspect_error *err)
{
	bool has_anchor = job->values[HOOK_BEFORE].is_there || job->values[HOOK_AFTER].is_there;

	attach_fail_net(job, code, err);
	if (code == EEXIST)
		return inspect_hint(err, "prog %u is attached there already", job->prog.id);
	if (code == ENOENT && has_anchor)
		return inspect_hint(err, "what it is to stand before or after is not attached "
					 "there; where it is a link, say so: 'before link ID'");
	if (code == ERANGE || code == E2BIG)
		return inspect_hint(err, "no more programs fit there");
	return -code;
}

static int fail_device(const struct attach_job *job, int code, struct inspect_error *err)
{
	bool is_netkit = job->hook->detail == ABI_LINK_TYPE_NETKIT;
	const char *name = job->targets.words[1];

	attach_fail_ordered(job, code, err);
	if (is_netkit && code == ENXIO)
		return inspect_hint(err, "%s is no netkit device", name);
	if (is_netkit && (code == EACCES || code == EPERM) && !caps_lacks_attach())
		return inspect_hint(err,
				    "%s is the peer of a netkit pair; programs are attached "
				    "at the primary device",
				    name);
	return -code;
}

int attach_device(const struct attach_job *job, struct inspect_attachments *out,
		  struct inspect_error *err)
{
	AUTO(order_done) struct order order = { .fd = -1 };
	struct abi_link_create_attr attr = { .prog_fd = (uint32_t)job->prog.fd,
					     .attach_type = job->hook->attach_type };

	int r = where_device(job, &attr.target, err);
	if (r < 0)
		return r;
	if (order_replaces(job))
		return order_replace(job, job->hook->detail, attr.target, out, err);
	r = order_read(job, &order, err);
	if (r < 0)
		return r;
	attr.flags = order.flags;
	attr.ordered.relative_fd = order.fd < 0 ? 0 : (uint32_t)order.fd;
	int fd = sys_link_create(&job->inspect->sys, &attr);
	return fd < 0 ? fail_device(job, -fd, err) : attach_keep(job, fd, true, out, err);
}

/* --- network namespaces --- */

int attach_netns(const struct attach_job *job, struct inspect_attachments *out,
		 struct inspect_error *err)
{
	struct abi_link_create_attr attr = { .prog_fd = (uint32_t)job->prog.fd,
					     .attach_type = job->hook->attach_type };
	autoclose int netns = -1;
	uint64_t inode;

	int r = where_netns(job, &netns, &inode, err);
	if (r < 0)
		return r;
	if (order_replaces(job))
		return order_replace(job, ABI_LINK_TYPE_NETNS, inode, out, err);
	attr.target = (uint32_t)netns;
	int fd = sys_link_create(&job->inspect->sys, &attr);
	if (fd >= 0)
		return attach_keep(job, fd, true, out, err);
	attach_fail_net(job, -fd, err);
	if (fd == -EBUSY || fd == -EEXIST || fd == -E2BIG)
		return inspect_hint(err, "this network namespace has room for no more of it");
	return fd;
}

/* --- netfilter --- */

struct priority {
	const char *name;
	int value;
};

/* As nftables calls them. */
static const struct priority priorities[] = {
	{ "raw", -300 }, { "mangle", -150 }, { "dstnat", -100 },
	{ "filter", 0 }, { "security", 50 }, { "srcnat", 100 },
};

#define N_PRIORITIES (sizeof(priorities) / sizeof(*priorities))

/* "N", "-N", "NAME", "NAME+N" or "NAME-N": a number with a sign looks like an option on a command line. */
static int read_priority(const char *text, int32_t *out, struct inspect_error *err)
{
	const char *rest = text;
	uint64_t number = 0;
	int64_t sum = 0;
	bool is_negative;

	for (size_t i = 0; i < N_PRIORITIES; i++)
		if (text_has_prefix(text, priorities[i].name)) {
			rest = text + strlen(priorities[i].name);
			sum = priorities[i].value;
		}
	is_negative = *rest == '-';
	bool is_named = rest != text, has_sign = is_negative || (*rest == '+' && is_named);
	bool is_number = has_sign || !is_named;
	bool fails = (is_number && num_parse(rest + has_sign, NUM_ANY, INT32_MAX, &number)) ||
		     (!is_number && *rest);
	sum += is_negative ? -(int64_t)number : (int64_t)number;
	if (!fails && sum > INT32_MIN && sum < INT32_MAX) {
		*out = (int32_t)sum;
		return 0;
	}
	inspect_fail(err, INSPECT_EUSAGE, "can't parse '%s' as the value of 'priority'", text);
	return inspect_hint(err, "a whole number of 32 bits is wanted, or raw, mangle, dstnat, "
				 "filter, security or srcnat, also with a number to add, as "
				 "'filter-10'");
}

static bool is_netfilter_link(const struct inspect_link *link, const void *wanted)
{
	const struct abi_link_create_attr *attr = wanted;

	return link->type == ABI_LINK_TYPE_NETFILTER && link->pf == attr->netfilter.pf &&
	       link->hook == attr->netfilter.hook && link->priority == attr->netfilter.priority;
}

#define FAMILY_IP 2
#define FAMILY_IP6 10

static int read_netfilter(const struct attach_job *job, struct abi_link_create_attr *out,
			  struct inspect_error *err)
{
	const char *family = job->targets.words[0], *hook = job->targets.words[1], *name;

	out->netfilter.pf = strcmp(family, "ip") == 0	 ? FAMILY_IP
			    : strcmp(family, "ip6") == 0 ? FAMILY_IP6
							 : 0;
	if (!out->netfilter.pf)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "netfilter: expected 'ip' or 'ip6', got: '%s'", family);
	for (uint32_t i = 0; (name = link_hook_name(out->netfilter.pf, i)); i++) {
		out->netfilter.hook = i;
		if (strcmp(name, hook) == 0)
			break;
	}
	if (!name)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "netfilter: expected 'prerouting', 'input', 'forward', "
				    "'output' or 'postrouting', got: '%s'",
				    hook);
	if (job->values[HOOK_DEFRAG].is_there)
		out->netfilter.flags = ABI_NETFILTER_DEFRAG;
	return job->values[HOOK_PRIORITY].is_there ? read_priority(job->values[HOOK_PRIORITY].text,
								   &out->netfilter.priority, err)
						   : 0;
}

/* Two programs of one priority would have no order. */
static int hint_priority(const struct attach_job *job, const struct abi_link_create_attr *attr,
			 struct inspect_error *err)
{
	unsigned prog_id = 0,
		 link = attach_find_link(job->inspect, is_netfilter_link, attr, &prog_id);

	if (link)
		return inspect_hint(err,
				    "prog %u is there with priority %d, by link %u; choose "
				    "another with 'priority N'",
				    prog_id, attr->netfilter.priority, link);
	return inspect_hint(err,
			    "a program of priority %d is there; choose another with "
			    "'priority N'",
			    attr->netfilter.priority);
}

static int fail_netfilter(const struct attach_job *job, const struct abi_link_create_attr *attr,
			  int code, struct inspect_error *err)
{
	bool has_defrag = attr->netfilter.flags;

	attach_fail_net(job, code, err);
	if (code == EBUSY)
		return hint_priority(job, attr, err);
	if (has_defrag &&
	    (code == EINVAL || code == ERANGE || code == EOPNOTSUPP || code == ENOENT))
		return inspect_hint(err, "'defrag' needs a priority behind -400, where fragments "
					 "are put together, and the kernel's module for it");
	if (code == EAFNOSUPPORT)
		return inspect_hint(err, "this kernel was built without netfilter for %s",
				    job->targets.words[0]);
	return -code;
}

int attach_netfilter(const struct attach_job *job, struct inspect_attachments *out,
		     struct inspect_error *err)
{
	struct abi_link_create_attr attr = { .prog_fd = (uint32_t)job->prog.fd,
					     .attach_type = job->hook->attach_type };

	int r = read_netfilter(job, &attr, err);
	if (r < 0)
		return r;
	int fd = sys_link_create(&job->inspect->sys, &attr);
	return fd < 0 ? fail_netfilter(job, &attr, -fd, err) : attach_keep(job, fd, true, out, err);
}
