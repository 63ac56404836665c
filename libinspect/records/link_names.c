/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link_names.c - names for the numbers of links: devices, cgroups, functions
 *
 * The kernel tells an ifindex and not in which network namespace it counts. A name is given only where the
 * device of that number in the caller's namespace is found to carry this very link.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/netlink.h"
#include "records/kind.h"
#include "records/link.h"

struct xdp_link {
	uint32_t prog_id;
	uint32_t ifindex;
};

/* Calls @each with every link that can be read, until it returns something else than 0. */
static void each_link(struct inspect *inspect, unsigned want,
		      int (*each)(struct inspect *inspect, const struct inspect_link *link))
{
	uint32_t id = 0;
	int r = 0;

	while (!r && !sys_next_id(&inspect->sys, INSPECT_LINK, id, &id)) {
		AUTO(inspect_link_done) struct inspect_link link = { .fd = -1 };

		autoclose int fd = sys_open_id(&inspect->sys, INSPECT_LINK, id);
		if (fd >= 0 && !link_kind.read(inspect, fd, want, &link))
			r = each(inspect, &link);
	}
}

static int add_xdp_link(struct inspect *inspect, const struct inspect_link *link)
{
	struct xdp_links *all = &inspect->xdp_links;

	if (link->type != ABI_LINK_TYPE_XDP)
		return 0;
	struct xdp_link *more = realloc(all->links, (all->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	all->links = more;
	all->links[all->n++] = (struct xdp_link){ link->prog_id, link->ifindex };
	return 0;
}

/*
 * The device tells its program and not its link: agents attach one program to the devices of many
 * namespaces, which may all have the same number.
 */
static bool is_only_one(struct inspect *inspect, const struct inspect_link *link)
{
	struct xdp_links *all = &inspect->xdp_links;
	size_t n = 0;

	if (!all->is_read)
		each_link(inspect, 0, add_xdp_link);
	all->is_read = true;
	for (size_t i = 0; i < all->n; i++)
		n += all->links[i].prog_id == link->prog_id &&
		     all->links[i].ifindex == link->ifindex;
	return n == 1;
}

static bool is_at_device(const struct sys *sys, const struct inspect_link *link)
{
	uint32_t ids[DEVICE_LINKS] = { 0 }, count;
	bool is_peer = link->type == ABI_LINK_TYPE_NETKIT && link->attach_type == ABI_NETKIT_PEER;
	/* What hangs at the peer of a pair, its primary device tells. */
	uint32_t asked = is_peer ? netlink_other_end(link->ifindex) : link->ifindex;

	if (!asked || sys_device_links(sys, asked, link->attach_type, ids, &count) < 0)
		return false;
	for (uint32_t i = 0; i < count && i < DEVICE_LINKS; i++)
		if (ids[i] == link->id)
			return true;
	return false;
}

static void read_device(struct inspect *inspect, struct inspect_link *link)
{
	char name[sizeof(link->device)];

	if (!link->ifindex || !netlink_device_name(link->ifindex, name))
		return;
	bool is_ours = link->type == ABI_LINK_TYPE_XDP
			       ? netlink_has_xdp(link->ifindex, link->prog_id) &&
					 is_only_one(inspect, link)
			       : is_at_device(&inspect->sys, link);
	if (is_ours)
		memcpy(link->device, name, sizeof(name));
}

static int read_prog(const struct sys *sys, uint32_t id, struct abi_prog_info *out,
		     uint32_t *length)
{
	autoclose int fd = sys_open_id(sys, INSPECT_PROG, id);

	*out = (struct abi_prog_info){ 0 };
	*length = sizeof(*out);
	return fd < 0 ? fd : sys_info(sys, fd, out, length);
}

/* What is traced is the kernel's or a module's, in BTF of its own; or a program, in that program's. */
static uint32_t target_btf(const struct sys *sys, const struct abi_prog_info *prog, uint32_t length,
			   struct inspect_link *link)
{
	bool knows = ABI_KNOWS(length, struct abi_prog_info, attach_btf_obj_id);
	bool is_prog = prog->type == ABI_PROG_TYPE_EXT || (knows && !prog->attach_btf_obj_id);
	struct abi_prog_info target;

	if (!is_prog)
		return link->target_obj_id;
	if (read_prog(sys, link->target_obj_id, &target, &length))
		return 0;
	link->target_prog_id = link->target_obj_id;
	return target.btf_id;
}

static void read_traced(struct inspect *inspect, unsigned want, struct inspect_link *link)
{
	const struct btf_reader *btf;
	struct abi_prog_info prog;
	struct btf_entry type;
	uint32_t length;

	if (read_prog(&inspect->sys, link->prog_id, &prog, &length))
		return;
	link->have |= INSPECT_LINK_HAS_PROG_TYPE;
	link->prog_type = prog.type;
	link->prog_type_name =
		names_get(&inspect->names, &inspect->sys, NAMES_PROG_TYPE, prog.type);
	if (!(want & INSPECT_WANT_LINK_TARGETS) || !link->target_obj_id)
		return;
	uint32_t btf_id = target_btf(&inspect->sys, &prog, length, link);
	btf = btf_id ? inspect_btf_cached(inspect, btf_id) : NULL;
	if (!btf || !btf_type(btf, link->target_btf_id, &type) || !*type.name)
		return;
	link->target_name = strdup(type.name);
	if (link->target_name)
		link->have |= INSPECT_LINK_HAS_TARGET_NAME;
}

static bool has_addresses(const struct inspect_link *link)
{
	return !link->hidden && link->functions.n &&
	       (link->type == ABI_LINK_TYPE_KPROBE_MULTI ||
		link->type == ABI_LINK_TYPE_TRACING_MULTI);
}

/* What is traced may begin with an instruction to land on, and be hooked behind it. */
#define LANDING_BYTES 4

static int want_symbols(struct inspect *inspect, const struct inspect_link *link)
{
	bool is_tracing = link->type == ABI_LINK_TYPE_TRACING_MULTI;
	int r = 0;

	for (unsigned i = 0; !r && has_addresses(link) && i < link->functions.n; i++) {
		uint64_t address = link->functions.funcs[i].address;

		r = ksyms_want(&inspect->ksyms, address, KSYMS_EXACT);
		if (!r && is_tracing)
			r = ksyms_want(&inspect->ksyms, address - LANDING_BYTES, KSYMS_EXACT);
	}
	return r;
}

static void note_error(struct inspect *inspect, int error)
{
	if (!inspect->symbols_error)
		inspect->symbols_error = error;
}

const char *inspect_symbols_note(struct inspect *inspect)
{
	int error = inspect->symbols_error;

	if (error >= 0)
		return NULL;
	inspect->symbols_error = 1;
	if (error == -EPERM)
		return "names of functions are left out: the kernel hides its addresses from this "
		       "user (kernel.kptr_restrict)";
	return "names of functions are left out: /proc/kallsyms cannot be read";
}

/* The first link that needs symbols asks for those of all others too: they are read once. */
static void read_symbols(struct inspect *inspect, struct inspect_link *link)
{
	struct ksyms *ksyms = &inspect->ksyms;
	struct ksym symbol;

	if (!ksyms->n)
		each_link(inspect, INSPECT_WANT_LINK_NAMES, want_symbols);
	want_symbols(inspect, link);
	note_error(inspect, ksyms_read(ksyms, &inspect->sys));
	for (unsigned i = 0; i < link->functions.n; i++) {
		struct inspect_link_func *func = &link->functions.funcs[i];

		if (!ksyms_find(ksyms, func->address, &symbol) &&
		    (link->type != ABI_LINK_TYPE_TRACING_MULTI ||
		     !ksyms_find(ksyms, func->address - LANDING_BYTES, &symbol)))
			continue;
		func->name = symbol.name;
		func->module = symbol.module;
	}
}

void link_begin(struct inspect *inspect)
{
	free(inspect->xdp_links.links);
	inspect->xdp_links = (struct xdp_links){ 0 };
}

void link_read_names(struct inspect *inspect, unsigned want, struct inspect_link *link)
{
	unsigned both = INSPECT_WANT_LINK_NAMES | INSPECT_WANT_LINK_TARGETS;

	if (want & INSPECT_WANT_LINK_NAMES && link->have & INSPECT_LINK_HAS_DEVICE)
		read_device(inspect, link);
	if (want & both && link->type == ABI_LINK_TYPE_TRACING)
		read_traced(inspect, want, link);
	if (want & INSPECT_WANT_LINK_TARGETS && link->have & INSPECT_LINK_HAS_CGROUP &&
	    link->cgroup_id) {
		link->cgroup_path = cgroup_path(&inspect->cgroups, &inspect->sys, link->cgroup_id);
		link->have |= link->cgroup_path ? INSPECT_LINK_HAS_CGROUP_PATH : 0;
	}
	if (want & INSPECT_WANT_SYMBOLS && link->hidden)
		note_error(inspect, -EPERM);
	else if (want & INSPECT_WANT_SYMBOLS && has_addresses(link))
		read_symbols(inspect, link);
}
