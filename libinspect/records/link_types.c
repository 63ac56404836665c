/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link_types.c - the types of links: what the kernel tells of each, and bpftool's text for it
 *
 * Kernels before the one that tells a fact leave its place as it was, zero: where zero is no answer, its
 * bit stays unset. Blanks at the ends of lines are bpftool's, and its clients compare them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/abi.h"
#include "records/link.h"

#define FUNCTIONS_MOST (1u << 22) /* beyond the kernel's own limit */

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static const char *attach_type_of(const struct inspect_link *link)
{
	return names_of(NAMES_ATTACH_TYPE, link->attach_type, link->attach_type_name);
}

static void plain_attach_type(struct out *out, const struct inspect_link *link)
{
	const char *name = attach_type_of(link);

	out_if(out, name, "attach_type %s  ", name);
	out_if(out, !name, "attach_type %u  ", link->attach_type);
}

static void plain_cookie(struct out *out, const struct inspect_link *link)
{
	out_if(out, link->cookie, "cookie %llu  ", link->cookie);
}

static void set_cookie(struct inspect_link *out, uint64_t cookie)
{
	out->have |= INSPECT_LINK_HAS_COOKIE;
	out->cookie = cookie;
}

static void set_attach_type(struct inspect_link *out, uint32_t type)
{
	out->have |= INSPECT_LINK_HAS_ATTACH_TYPE;
	out->attach_type = type;
}

/* The text that the call put into the room: it is what bit @has stands for. */
static int set_name(struct inspect_link *out, const struct link_room *room, unsigned has)
{
	if (!room)
		return 0;
	out->name = strdup(room->text);
	if (!out->name)
		return -ENOMEM;
	out->have |= has;
	return 0;
}

/* --- raw_tracepoint --- */

static int raw_tracepoint_read(const struct abi_link_info *info, const struct link_room *room,
			       struct inspect_link *out)
{
	set_cookie(out, info->raw_tracepoint.cookie);
	return set_name(out, room, INSPECT_LINK_HAS_TP_NAME);
}

/* Iterators have the same. */
static int ask_name(struct abi_link_info *info, struct link_room *room)
{
	info->raw_tracepoint.name = address(room->text);
	info->raw_tracepoint.name_len = room->is_guess ? LINK_GUESS_ROOM : sizeof(room->text);
	return 1;
}

static void raw_tracepoint_plain(struct out *out, const struct inspect_link *link)
{
	out_if(out, link->have & INSPECT_LINK_HAS_TP_NAME, "\n\ttp '%s'  ", link->name);
	plain_cookie(out, link);
}

/* --- tracing --- */

static int tracing_read(const struct abi_link_info *info, const struct link_room *room,
			struct inspect_link *out)
{
	(void)room;
	set_attach_type(out, info->tracing.attach_type);
	out->have |= INSPECT_LINK_HAS_TARGET;
	out->target_obj_id = info->tracing.target_obj_id;
	out->target_btf_id = info->tracing.target_btf_id;
	set_cookie(out, info->tracing.cookie);
	return 0;
}

static void tracing_plain(struct out *out, const struct inspect_link *link)
{
	const char *prog = names_of(NAMES_PROG_TYPE, link->prog_type, link->prog_type_name);
	bool has_prog = link->have & INSPECT_LINK_HAS_PROG_TYPE;

	out_fmt(out, "\n\t");
	out_if(out, has_prog && prog, "prog_type %s  ", prog);
	out_if(out, has_prog && !prog, "prog_type %u  ", link->prog_type);
	plain_attach_type(out, link);
	out_if(out, link->target_obj_id || link->target_btf_id,
	       "\n\ttarget_obj_id %u  target_btf_id %u  ", link->target_obj_id,
	       link->target_btf_id);
	out_if(out, link->cookie, "\n\tcookie %llu  ", link->cookie);
}

/* --- cgroup, netns, sockmap, struct_ops, and devices --- */

static int cgroup_read(const struct abi_link_info *info, const struct link_room *room,
		       struct inspect_link *out)
{
	(void)room;
	out->have |= INSPECT_LINK_HAS_CGROUP;
	out->cgroup_id = info->cgroup.cgroup_id;
	set_attach_type(out, info->cgroup.attach_type);
	return 0;
}

static void cgroup_plain(struct out *out, const struct inspect_link *link)
{
	out_fmt(out, "\n\tcgroup_id %llu  ", link->cgroup_id);
	plain_attach_type(out, link);
}

static int netns_read(const struct abi_link_info *info, const struct link_room *room,
		      struct inspect_link *out)
{
	(void)room;
	out->have |= INSPECT_LINK_HAS_NETNS;
	out->netns_ino = info->netns.netns_ino;
	set_attach_type(out, info->netns.attach_type);
	return 0;
}

static void netns_plain(struct out *out, const struct inspect_link *link)
{
	out_fmt(out, "\n\tnetns_ino %u  ", link->netns_ino);
	plain_attach_type(out, link);
}

static int struct_ops_read(const struct abi_link_info *info, const struct link_room *room,
			   struct inspect_link *out)
{
	(void)room;
	out->have |= INSPECT_LINK_HAS_MAP_ID;
	out->map_id = info->map.map_id;
	return 0;
}

static int sockmap_read(const struct abi_link_info *info, const struct link_room *room,
			struct inspect_link *out)
{
	set_attach_type(out, info->map.attach_type);
	return struct_ops_read(info, room, out);
}

static void sockmap_plain(struct out *out, const struct inspect_link *link)
{
	out_fmt(out, "\n\tmap_id %u  ", link->map_id);
	plain_attach_type(out, link);
}

static int xdp_read(const struct abi_link_info *info, const struct link_room *room,
		    struct inspect_link *out)
{
	(void)room;
	out->have |= INSPECT_LINK_HAS_DEVICE;
	out->ifindex = info->device.ifindex;
	return 0;
}

static void xdp_plain(struct out *out, const struct inspect_link *link)
{
	out_fmt(out, "\n\t");
	link_plain_device(out, link);
}

static int device_read_both(const struct abi_link_info *info, const struct link_room *room,
			    struct inspect_link *out)
{
	set_attach_type(out, info->device.attach_type);
	return xdp_read(info, room, out);
}

static void device_plain_both(struct out *out, const struct inspect_link *link)
{
	xdp_plain(out, link);
	plain_attach_type(out, link);
}

/* --- iter --- */

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* What else is told depends on the target. */
static int iter_read(const struct abi_link_info *info, const struct link_room *room,
		     struct inspect_link *out)
{
	static const char *const of_maps[] = { "bpf_map_elem", "bpf_sk_storage_map" };
	static const char *const of_tasks[] = { "task", "task_file", "task_vma" };

	int r = set_name(out, room, INSPECT_LINK_HAS_ITERATOR);
	if (r < 0 || !room)
		return r;
	if (is_one_of(out->name, of_maps, 2)) {
		out->have |= INSPECT_LINK_HAS_MAP_ID;
		out->map_id = info->iter.map_id;
	} else if (is_one_of(out->name, of_tasks, 3)) {
		out->tid = info->iter.tid;
		out->pid = info->iter.pid;
		out->have |= out->tid ? INSPECT_LINK_HAS_TID : out->pid ? INSPECT_LINK_HAS_PID : 0;
	} else if (strcmp(out->name, "cgroup") == 0) {
		out->have |= INSPECT_LINK_HAS_CGROUP | INSPECT_LINK_HAS_ORDER;
		out->cgroup_id = info->iter.cgroup_id;
		out->order = info->iter.order;
	}
	return 0;
}

static void iter_plain(struct out *out, const struct inspect_link *link)
{
	const char *order = names_of(NAMES_CGROUP_ORDER, link->order, link->order_name);

	out_if(out, link->have & INSPECT_LINK_HAS_ITERATOR, "target_name %s  ", link->name);
	out_if(out, link->have & INSPECT_LINK_HAS_MAP_ID, "map_id %u  ", link->map_id);
	out_if(out, link->have & INSPECT_LINK_HAS_TID, "tid %u ", link->tid);
	out_if(out, link->have & INSPECT_LINK_HAS_PID, "pid %u ", link->pid);
	if (!(link->have & INSPECT_LINK_HAS_ORDER))
		return;
	out_fmt(out, "cgroup_id %llu  ", link->cgroup_id);
	out_if(out, order, "order %s  ", order);
	out_if(out, !order, "order %u  ", link->order);
}

/* --- netfilter --- */

static int netfilter_read(const struct abi_link_info *info, const struct link_room *room,
			  struct inspect_link *out)
{
	(void)room;
	out->have |= INSPECT_LINK_HAS_NETFILTER;
	out->pf = info->netfilter.pf;
	out->hook = info->netfilter.hook;
	out->priority = info->netfilter.priority;
	out->flags = info->netfilter.flags;
	return 0;
}

static void netfilter_plain(struct out *out, const struct inspect_link *link)
{
	const char *family = link_family_name(link->pf);
	const char *hook = link_hook_name(link->pf, link->hook);
	unsigned priority = (unsigned)link->priority;

	out_if(out, family, "\n\t%s", family);
	out_if(out, !family, "\n\tpf: %u", link->pf);
	out_if(out, hook, " %s", hook);
	out_if(out, !hook, ", hook %u,", link->hook);
	out_if(out, link->priority >= 0, " prio %u", priority);
	out_if(out, link->priority < 0, " prio -%u", 0u - priority);
	out_if(out, link->flags, " flags 0x%x", link->flags);
}

/* --- perf_event --- */

static int kprobe_read(const struct abi_link_info *info, const struct link_room *room,
		       struct inspect_link *out)
{
	out->have |= INSPECT_LINK_HAS_IS_RETURN | INSPECT_LINK_HAS_OFFSET | INSPECT_LINK_HAS_MISSED;
	out->is_return = info->perf_event.kind == ABI_PERF_EVENT_KRETPROBE;
	out->address = info->perf_event.kprobe.addr;
	out->offset = info->perf_event.kprobe.offset;
	out->missed = info->perf_event.kprobe.missed;
	set_cookie(out, info->perf_event.kprobe.cookie);
	return set_name(out, room, INSPECT_LINK_HAS_KPROBE);
}

static int uprobe_read(const struct abi_link_info *info, const struct link_room *room,
		       struct inspect_link *out)
{
	out->have |=
		INSPECT_LINK_HAS_IS_RETURN | INSPECT_LINK_HAS_OFFSET | INSPECT_LINK_HAS_REF_CTR;
	out->is_return = info->perf_event.kind == ABI_PERF_EVENT_URETPROBE;
	out->offset = info->perf_event.uprobe.offset;
	out->ref_ctr_offset = info->perf_event.uprobe.ref_ctr_offset;
	set_cookie(out, info->perf_event.uprobe.cookie);
	return set_name(out, room, INSPECT_LINK_HAS_FILE);
}

static int perf_event_read(const struct abi_link_info *info, const struct link_room *room,
			   struct inspect_link *out)
{
	if (info->perf_event.kind == ABI_PERF_EVENT_UNSPEC)
		return 0; /* before Linux 6.6, nothing is told */
	out->have |= INSPECT_LINK_HAS_PERF_EVENT;
	out->perf_event = info->perf_event.kind;
	switch (info->perf_event.kind) {
	case ABI_PERF_EVENT_KPROBE:
	case ABI_PERF_EVENT_KRETPROBE:
		return kprobe_read(info, room, out);
	case ABI_PERF_EVENT_UPROBE:
	case ABI_PERF_EVENT_URETPROBE:
		return uprobe_read(info, room, out);
	case ABI_PERF_EVENT_TRACEPOINT:
		set_cookie(out, info->perf_event.tracepoint.cookie);
		return set_name(out, room, INSPECT_LINK_HAS_TRACEPOINT);
	case ABI_PERF_EVENT_EVENT:
		out->have |= INSPECT_LINK_HAS_EVENT;
		out->event_type = info->perf_event.event.type;
		out->event_config = info->perf_event.event.config;
		set_cookie(out, info->perf_event.event.cookie);
		return 0;
	default:
		return 0;
	}
}

static int perf_event_ask(struct abi_link_info *info, struct link_room *room)
{
	uint32_t kind = info->perf_event.kind;

	if (kind < ABI_PERF_EVENT_UPROBE || kind > ABI_PERF_EVENT_TRACEPOINT)
		return 0;
	info->perf_event.name = address(room->text);
	info->perf_event.name_len = sizeof(room->text);
	return 1;
}

static void event_plain(struct out *out, const struct inspect_link *link)
{
	const char *type = link_event_type_name(link->event_type);
	char config[LINK_EVENT_ROOM];

	out_if(out, type, "\n\tevent %s:", type);
	out_if(out, !type, "\n\tevent %u :", link->event_type);
	if (link_event_name(link->event_type, link->event_config, config))
		out_fmt(out, "%s  ", config);
	else
		out_fmt(out, "%llu  ", link->event_config);
	plain_cookie(out, link);
}

static void kprobe_plain(struct out *out, const struct inspect_link *link)
{
	out_fmt(out, link->is_return ? "\n\tkretprobe " : "\n\tkprobe ");
	out_if(out, link->address, "%llx ", link->address);
	out_fmt(out, "%s", link->name);
	out_if(out, link->offset, "+0x%x", link->offset);
	out_if(out, link->missed, "  missed %llu", link->missed);
	out_if(out, link->cookie, "  cookie %llu", link->cookie);
	out_fmt(out, "  ");
}

static void perf_event_plain(struct out *out, const struct inspect_link *link)
{
	if (link->have & INSPECT_LINK_HAS_EVENT)
		event_plain(out, link);
	if (link->have & INSPECT_LINK_HAS_KPROBE)
		kprobe_plain(out, link);
	if (link->have & INSPECT_LINK_HAS_TRACEPOINT) {
		out_fmt(out, "\n\ttracepoint %s  ", link->name);
		plain_cookie(out, link);
	}
	if (link->have & INSPECT_LINK_HAS_FILE) {
		out_fmt(out, link->is_return ? "\n\turetprobe " : "\n\tuprobe ");
		out_fmt(out, "%s+0x%x  ", link->name, link->offset);
		plain_cookie(out, link);
		out_if(out, link->ref_ctr_offset, "ref_ctr_offset 0x%llx  ", link->ref_ctr_offset);
	}
}

/* --- kprobe_multi, uprobe_multi, tracing_multi --- */

static int ask_numbers(struct link_room *room, uint32_t count, size_t arrays)
{
	if (count > FUNCTIONS_MOST)
		return -E2BIG;
	room->count = count;
	room->numbers = calloc(count, arrays * sizeof(*room->numbers));
	return room->numbers ? 0 : -ENOMEM;
}

static int set_functions(struct inspect_link *out, uint32_t count, bool is_return)
{
	out->have |= INSPECT_LINK_HAS_IS_RETURN | INSPECT_LINK_HAS_FUNCTIONS;
	out->is_return = is_return;
	out->function_count = count;
	return 0;
}

static int new_functions(struct inspect_link *out, uint32_t count)
{
	out->functions.funcs = calloc(count, sizeof(*out->functions.funcs));
	if (!out->functions.funcs)
		return -ENOMEM;
	out->functions.n = count;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct inspect_link_func *left = a, *right = b;

	return (left->address > right->address) - (left->address < right->address);
}

static int kprobe_multi_read(const struct abi_link_info *info, const struct link_room *room,
			     struct inspect_link *out)
{
	uint32_t count = info->kprobe_multi.count;

	if (!count)
		return 0; /* before Linux 6.6, nothing is told */
	out->have |= INSPECT_LINK_HAS_MISSED;
	out->missed = info->kprobe_multi.missed;
	set_functions(out, count, info->kprobe_multi.flags & ABI_MULTI_RETURN);
	if (!room)
		return 0;
	int r = new_functions(out, room->count);
	if (r < 0)
		return r;
	out->hidden = true;
	for (uint32_t i = 0; i < room->count; i++) {
		out->functions.funcs[i].address = room->numbers[i];
		out->functions.funcs[i].cookie = room->numbers[room->count + i];
		out->hidden = out->hidden && !room->numbers[i];
	}
	qsort(out->functions.funcs, out->functions.n, sizeof(*out->functions.funcs), by_address);
	return 0;
}

static int kprobe_multi_ask(struct abi_link_info *info, struct link_room *room)
{
	uint32_t count = info->kprobe_multi.count;

	if (!count)
		return 0;
	int r = ask_numbers(room, count, 2);
	if (r < 0)
		return r;
	info->kprobe_multi.addrs = address(room->numbers);
	info->kprobe_multi.cookies = address(room->numbers + count);
	return 1;
}

static const char *name_of(const struct inspect_link_func *func)
{
	return func->name ? func->name : "(unknown)";
}

static void kprobe_multi_plain(struct out *out, const struct inspect_link *link)
{
	if (!(link->have & INSPECT_LINK_HAS_FUNCTIONS))
		return;
	out_fmt(out, link->is_return ? "\n\tkretprobe.multi  " : "\n\tkprobe.multi  ");
	out_fmt(out, "func_cnt %u  ", link->function_count);
	out_if(out, link->missed, "missed %llu  ", link->missed);
	if (link->hidden || !link->functions.n)
		return;
	out_fmt(out, "\n\taddr             cookie           func [module]");
	for (unsigned i = 0; i < link->functions.n; i++) {
		const struct inspect_link_func *func = &link->functions.funcs[i];

		out_fmt(out, "\n\t%016llx %-16llx %s", func->address, func->cookie, name_of(func));
		out_if(out, func->module, " [%s]", func->module);
		out_fmt(out, "  ");
	}
}

static int uprobe_multi_read(const struct abi_link_info *info, const struct link_room *room,
			     struct inspect_link *out)
{
	uint32_t count = info->uprobe_multi.count;

	if (!count)
		return 0; /* before Linux 6.8, nothing is told */
	out->have |= INSPECT_LINK_HAS_PID;
	out->pid = info->uprobe_multi.pid;
	set_functions(out, count, info->uprobe_multi.flags & ABI_MULTI_RETURN);
	if (!room)
		return 0;
	int r = new_functions(out, room->count);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < room->count; i++) {
		out->functions.funcs[i].offset = room->numbers[i];
		out->functions.funcs[i].ref_ctr_offset = room->numbers[room->count + i];
		out->functions.funcs[i].cookie = room->numbers[2 * (size_t)room->count + i];
	}
	return set_name(out, room, INSPECT_LINK_HAS_PATH);
}

static int uprobe_multi_ask(struct abi_link_info *info, struct link_room *room)
{
	uint32_t count = info->uprobe_multi.count;

	if (!count)
		return 0;
	int r = ask_numbers(room, count, 3);
	if (r < 0)
		return r;
	info->uprobe_multi.path = address(room->text);
	info->uprobe_multi.path_size = sizeof(room->text);
	info->uprobe_multi.offsets = address(room->numbers);
	info->uprobe_multi.ref_ctr_offsets = address(room->numbers + count);
	info->uprobe_multi.cookies = address(room->numbers + 2 * (size_t)count);
	return 1;
}

static void uprobe_multi_plain(struct out *out, const struct inspect_link *link)
{
	if (!(link->have & INSPECT_LINK_HAS_PATH))
		return;
	out_fmt(out, link->is_return ? "\n\turetprobe.multi  " : "\n\tuprobe.multi  ");
	out_fmt(out, "path %s  func_cnt %u  ", link->name, link->function_count);
	out_if(out, link->pid, "pid %u  ", link->pid);
	out_fmt(out, "\n\toffset             ref_ctr_offset     cookies         ");
	for (unsigned i = 0; i < link->functions.n; i++) {
		const struct inspect_link_func *func = &link->functions.funcs[i];

		out_fmt(out, "\n\t0x%-16llx 0x%-16llx 0x%-16llx", func->offset,
			func->ref_ctr_offset, func->cookie);
	}
}

static int tracing_multi_read(const struct abi_link_info *info, const struct link_room *room,
			      struct inspect_link *out)
{
	uint32_t count = info->tracing_multi.count;
	const unsigned char *ids;

	if (!count)
		return 0; /* Linux 7.2 tells nothing */
	set_attach_type(out, info->tracing_multi.attach_type);
	out->target_obj_id = info->tracing_multi.btf_obj_id;
	out->have |= INSPECT_LINK_HAS_FUNCTIONS;
	out->function_count = count;
	if (!room)
		return 0;
	int r = new_functions(out, room->count);
	if (r < 0)
		return r;
	ids = (const unsigned char *)(room->numbers + 2 * (size_t)room->count);
	out->hidden = true;
	for (uint32_t i = 0; i < room->count; i++) {
		struct inspect_link_func *func = &out->functions.funcs[i];

		func->address = room->numbers[i];
		func->cookie = room->numbers[room->count + i];
		memcpy(&func->btf_id, ids + i * sizeof(uint32_t), sizeof(uint32_t));
		out->hidden = out->hidden && !func->address;
	}
	return 0;
}

static int tracing_multi_ask(struct abi_link_info *info, struct link_room *room)
{
	uint32_t count = info->tracing_multi.count;

	if (!count)
		return 0;
	int r = ask_numbers(room, count, 3);
	if (r < 0)
		return r;
	info->tracing_multi.addrs = address(room->numbers);
	info->tracing_multi.cookies = address(room->numbers + count);
	info->tracing_multi.ids = address(room->numbers + 2 * (size_t)count);
	return 1;
}

static void tracing_multi_plain(struct out *out, const struct inspect_link *link)
{
	if (!(link->have & INSPECT_LINK_HAS_FUNCTIONS))
		return;
	out_fmt(out, "\n\t");
	plain_attach_type(out, link);
	out_fmt(out, "btf_obj_id %u  count %u  ", link->target_obj_id, link->function_count);
	out_fmt(out, "\n\tbtf_id           addr             cookie           func [module]");
	for (unsigned i = 0; i < link->functions.n; i++) {
		const struct inspect_link_func *func = &link->functions.funcs[i];

		out_fmt(out, "\n\t%-16u %016llx %-16llu %s", func->btf_id, func->address,
			func->cookie, name_of(func));
		out_if(out, func->module, " [%s]", func->module);
	}
}

/* --- the table --- */

#define LINK(...)                                                                                  \
	{                                                                                          \
		.is_known = true, __VA_ARGS__                                                      \
	}

static const struct link_type link_types[] = {
	[ABI_LINK_TYPE_UNSPEC] = LINK(.read = NULL),
	[ABI_LINK_TYPE_RAW_TRACEPOINT] = LINK(.read = raw_tracepoint_read, .ask = ask_name,
					      .plain = raw_tracepoint_plain, .asks_first = true),
	[ABI_LINK_TYPE_TRACING] = LINK(.read = tracing_read, .plain = tracing_plain),
	[ABI_LINK_TYPE_CGROUP] = LINK(.read = cgroup_read, .plain = cgroup_plain),
	[ABI_LINK_TYPE_ITER] =
		LINK(.read = iter_read, .ask = ask_name, .plain = iter_plain, .asks_first = true),
	[ABI_LINK_TYPE_NETNS] = LINK(.read = netns_read, .plain = netns_plain),
	[ABI_LINK_TYPE_XDP] = LINK(.read = xdp_read, .plain = xdp_plain),
	[ABI_LINK_TYPE_PERF_EVENT] =
		LINK(.read = perf_event_read, .ask = perf_event_ask, .plain = perf_event_plain),
	[ABI_LINK_TYPE_KPROBE_MULTI] = LINK(.read = kprobe_multi_read, .ask = kprobe_multi_ask,
					    .plain = kprobe_multi_plain),
	[ABI_LINK_TYPE_STRUCT_OPS] = LINK(.read = struct_ops_read),
	[ABI_LINK_TYPE_NETFILTER] = LINK(.read = netfilter_read, .plain = netfilter_plain),
	[ABI_LINK_TYPE_TCX] = LINK(.read = device_read_both, .plain = device_plain_both),
	[ABI_LINK_TYPE_UPROBE_MULTI] = LINK(.read = uprobe_multi_read, .ask = uprobe_multi_ask,
					    .plain = uprobe_multi_plain),
	[ABI_LINK_TYPE_NETKIT] = LINK(.read = device_read_both, .plain = device_plain_both),
	[ABI_LINK_TYPE_SOCKMAP] = LINK(.read = sockmap_read, .plain = sockmap_plain),
	[ABI_LINK_TYPE_TRACING_MULTI] = LINK(.read = tracing_multi_read, .ask = tracing_multi_ask,
					     .plain = tracing_multi_plain),
};

const struct link_type *link_type_get(unsigned type)
{
	static const struct link_type unknown;

	return type < sizeof(link_types) / sizeof(*link_types) ? &link_types[type] : &unknown;
}
