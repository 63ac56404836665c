/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link.c - what the running kernel says of a link
 *
 * Texts and arrays of numbers come only where the call brings room for them, and which it needs depends
 * on the type: the first call tells that, a second one brings the room.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "records/kind.h"
#include "records/link.h"
#include "records/owners.h"
#include "records/pins.h"

void inspect_link_done(struct inspect_link *link)
{
	close_fd(link->fd);
	free(link->name);
	free(link->cgroup_path);
	free(link->target_name);
	free(link->functions.funcs);
	owners_done(&link->owners);
	if (link->details)
		link->details->done(link->details);
	*link = (struct inspect_link){ .fd = -1 };
}

static void room_done(struct link_room *room)
{
	free(room->numbers);
}

static void set_info(struct inspect_link *out, const struct abi_link_info *info)
{
	out->have |= INSPECT_LINK_HAS_INFO;
	out->id = info->id;
	out->type = info->type;
	out->prog_id = info->prog_id;
}

/* The second call. What it would tell is left out where it fails: a kernel may be too old for it. */
static int read_with_room(const struct sys *sys, int fd, const struct link_type *type,
			  const struct abi_link_info *first, struct inspect_link *out)
{
	AUTO(room_done) struct link_room room;
	struct abi_link_info info = *first;
	uint32_t length = sizeof(info);

	room.is_guess = false;
	room.text[0] = '\0';
	room.numbers = NULL;
	int r = type->ask(&info, &room);
	if (r < 0)
		return r;
	if (!r || sys_info(sys, fd, &info, &length))
		return type->read(first, NULL, out);
	room.text[sizeof(room.text) - 1] = '\0';
	return type->read(&info, &room, out);
}

/*
 * Links of one type often come together: the first call asks for what the last one's type has. True where
 * it was right, and all is read.
 */
static bool read_at_once(struct inspect *inspect, int fd, struct inspect_link *out, int *result)
{
	const struct link_type *type = link_type_get(inspect->last_link_type);
	struct abi_link_info info = { 0 };
	uint32_t length = sizeof(info);
	struct link_room room;

	if (!type->asks_first)
		return false;
	room.is_guess = true;
	room.text[0] = '\0';
	room.numbers = NULL;
	type->ask(&info, &room);
	if (sys_info(&inspect->sys, fd, &info, &length) || info.type != inspect->last_link_type)
		return false;
	room.text[LINK_GUESS_ROOM] = '\0';
	set_info(out, &info);
	*result = type->read(&info, &room, out);
	return true;
}

static void read_words(struct inspect *inspect, struct inspect_link *out)
{
	struct names *names = &inspect->names;
	const struct sys *sys = &inspect->sys;

	out->type_name = names_get(names, sys, NAMES_LINK_TYPE, out->type);
	if (out->have & INSPECT_LINK_HAS_ATTACH_TYPE)
		out->attach_type_name = names_get(names, sys, NAMES_ATTACH_TYPE, out->attach_type);
	if (out->have & INSPECT_LINK_HAS_ORDER)
		out->order_name = names_get(names, sys, NAMES_CGROUP_ORDER, out->order);
	if (out->have & INSPECT_LINK_HAS_PERF_EVENT)
		out->perf_event_name = names_get(names, sys, NAMES_PERF_EVENT, out->perf_event);
}

static int read_in_two(struct inspect *inspect, int fd, unsigned want, struct inspect_link *out)
{
	struct abi_link_info info = { 0 };
	uint32_t length = sizeof(info);

	int r = sys_info(&inspect->sys, fd, &info, &length);
	if (r < 0)
		return r;
	set_info(out, &info);
	inspect->last_link_type = info.type;
	const struct link_type *type = link_type_get(info.type);
	if (type->ask && want & INSPECT_WANT_LINK_NAMES)
		return read_with_room(&inspect->sys, fd, type, &info, out);
	return type->read ? type->read(&info, NULL, out) : 0;
}

static int link_read(struct inspect *inspect, int fd, unsigned want, void *record)
{
	struct inspect_link *out = record;
	int r;

	if (!(want & INSPECT_WANT_LINK_NAMES) || !read_at_once(inspect, fd, out, &r))
		r = read_in_two(inspect, fd, want, out);
	if (r < 0) {
		inspect_link_done(out);
		return r;
	}
	read_words(inspect, out);
	return 0;
}

static void link_read_more(struct inspect *inspect, int fd, unsigned want, void *record)
{
	struct inspect_link *link = record;

	(void)fd;
	link_read_names(inspect, want, link);
	if (want & INSPECT_WANT_PINS && pins_find(inspect, INSPECT_LINK, link->id, &link->pinned))
		link->have |= INSPECT_LINK_HAS_PINS;
	if (want & INSPECT_WANT_OWNERS) {
		bool is_known = owners_read(inspect, INSPECT_LINK, link->id, want, &link->owners);

		link->have |= is_known || link->owners.n ? INSPECT_LINK_HAS_OWNERS : 0;
		link->have |= link->owners.n ? INSPECT_LINK_HAS_OWNED : 0;
	}
}

static void link_keep(void *record, int fd)
{
	((struct inspect_link *)record)->fd = fd;
}

static void link_done(void *record)
{
	inspect_link_done(record);
}

static bool link_fits(struct inspect *inspect, const struct inspect_ref *ref, void *record)
{
	const struct inspect_link *link = record;

	(void)inspect;
	return link->have & INSPECT_LINK_HAS_INFO && link->prog_id == ref->id;
}

const struct kind link_kind = {
	.noun = "link",
	.plural = "links",
	.size = sizeof(struct inspect_link),
	.failed_at = offsetof(struct inspect_link, failed),
	.id_at = offsetof(struct inspect_link, id),
	.fd_at = offsetof(struct inspect_link, fd),
	.read = link_read,
	.fits = link_fits,
	.read_more = link_read_more,
	.keep = link_keep,
	.done = link_done,
};

/* --- fields that a function puts out; each gets the whole record --- */

/* bpftool's JSON always has a text here. */
static void put_device(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;

	if (link->device[0])
		sink_string(sink, key, link->device);
	else if (sink_is_compatible(sink))
		sink_string(sink, key, link->ifindex ? "(unknown)" : "(detached)");
	else if (sink_is_columns(sink))
		sink_absent(sink, key);
}

/* A word where there is one; the number beside it is a row of its own in the strict forms. */
static void put_word(struct sink *sink, const char *key, const char *word,
		     unsigned long long number)
{
	if (word)
		sink_string(sink, key, word);
	else if (sink_is_compatible(sink) || sink_is_columns(sink))
		sink_u64(sink, key, number);
}

static void put_event_type(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;

	put_word(sink, key, link_event_type_name(link->event_type), link->event_type);
}

static void put_event_config(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;
	char name[LINK_EVENT_ROOM];
	bool has_name = link_event_name(link->event_type, link->event_config, name);

	put_word(sink, key, has_name ? name : NULL, link->event_config);
}

static void put_family(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;

	put_word(sink, key, link_family_name(link->pf), link->pf);
}

static void put_hook(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;

	put_word(sink, key, link_hook_name(link->pf, link->hook), link->hook);
}

/* An address is no quantity: the strict forms have it as text, and null where it is hidden. */
static void put_address(struct sink *sink, const char *key, unsigned long long address)
{
	char text[2 + NUM_ROOM] = "0x";

	if (sink_is_compatible(sink))
		sink_u64(sink, key, address);
	else if (address)
		sink_text(sink, key, text, 2 + num_format_hex(text + 2, address));
	else
		sink_absent(sink, key);
}

static void put_own_address(struct sink *sink, const char *key, const void *record)
{
	put_address(sink, key, ((const struct inspect_link *)record)->address);
}

static void put_kernel_function(struct sink *sink, const struct inspect_link_func *func)
{
	put_address(sink, "addr", func->address);
	if (func->name)
		sink_string(sink, "func", func->name);
	else if (sink_is_compatible(sink))
		sink_string(sink, "func", "(unknown)");
	if (func->module)
		sink_string(sink, "module", func->module);
	else if (sink_is_compatible(sink))
		sink_absent(sink, "module");
}

static void put_functions(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;
	bool is_left_out = sink_is_compatible(sink) && link->hidden &&
			   link->type == ABI_LINK_TYPE_KPROBE_MULTI;

	sink_open_list(sink, key);
	for (unsigned i = 0; !is_left_out && i < link->functions.n; i++) {
		const struct inspect_link_func *func = &link->functions.funcs[i];

		sink_open_record(sink, NULL);
		if (link->type == ABI_LINK_TYPE_TRACING_MULTI)
			sink_u64(sink, "id", func->btf_id);
		if (link->type != ABI_LINK_TYPE_UPROBE_MULTI) {
			put_kernel_function(sink, func);
		} else {
			sink_u64(sink, "offset", func->offset);
			sink_u64(sink, "ref_ctr_offset", func->ref_ctr_offset);
		}
		sink_u64(sink, "cookie", func->cookie);
		sink_close(sink);
	}
	sink_close(sink);
}

#define FUNCTIONS_SHAPE                                                                            \
	"[{id?:u32,addr?:text|null,func?:text,module?:text,offset?:u64,ref_ctr_offset?:u64,cookie:u64}]"

/* bpftool repeats the cookie of a perf event where it shows owners. */
static bool has_owned_cookie(const struct inspect_link *link)
{
	return link->type == ABI_LINK_TYPE_PERF_EVENT;
}

static void put_owned_cookie(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;

	if (has_owned_cookie(link))
		sink_u64(sink, key, link->cookie);
}

static void put_traced_program(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;

	if (link->target_prog_id)
		sink_u64(sink, key, link->target_prog_id);
	else if (sink_is_columns(sink))
		sink_absent(sink, key);
}

static void put_details(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;

	link->details->put(link->details, sink, key);
}

#define L struct inspect_link
#define NAMES .want = INSPECT_WANT_LINK_NAMES
#define WHOLE(bit, json, text, function, put, ...)                                                 \
	{                                                                                          \
		.key = (json), .help = (text), .kind = FIELD_OWN, .has = (bit), .own = (function), \
		.shape = (put), __VA_ARGS__                                                        \
	}

/* In an order that is bpftool's for every type; what it lacks comes last. */
static const struct field link_fields[] = {
	FIELD(L, id, "id", "link id"),
	FIELD_AS(FIELD_ENUM, 0, L, type, "type", "link type", .names = NAMES_LINK_TYPE,
		 .name_at = offsetof(L, type_name)),
	FIELD(L, type, "type_id", "link type, the kernel's number", .flags = FIELD_STRICT),
	FIELD(L, prog_id, "prog_id", "program; 0 for struct_ops"),
	WHOLE(0, "target", "in a few words, where it hooks in", link_put_target, "text?",
	      .want = INSPECT_WANT_LINK_NAMES | INSPECT_WANT_LINK_TARGETS, .flags = FIELD_CELL),
	FIELD_IF(INSPECT_LINK_HAS_TP_NAME, L, name, "tp_name", "raw_tracepoint: the tracepoint",
		 NAMES),
	FIELD_IF(INSPECT_LINK_HAS_TRACEPOINT, L, name, "tracepoint", "perf_event: the tracepoint",
		 NAMES),
	FIELD_AS(FIELD_ENUM, INSPECT_LINK_HAS_PROG_TYPE, L, prog_type, "prog_type",
		 "tracing: type of the program", .names = NAMES_PROG_TYPE,
		 .name_at = offsetof(L, prog_type_name), NAMES),
	FIELD_IF(INSPECT_LINK_HAS_PROG_TYPE, L, prog_type, "prog_type_id",
		 "the same, the kernel's number", .flags = FIELD_STRICT, NAMES),
	FIELD_IF(INSPECT_LINK_HAS_ITERATOR, L, name, "target_name", "iter: what is iterated over",
		 NAMES),
	FIELD_IF(INSPECT_LINK_HAS_MAP_ID, L, map_id, "map_id",
		 "struct_ops, sockmap, iter: the map; 0 once it was detached", NAMES),
	FIELD_IF(INSPECT_LINK_HAS_NETNS, L, netns_ino, "netns_ino",
		 "netns: inode of the network namespace; 0 once it was detached"),
	FIELD_IF(INSPECT_LINK_HAS_CGROUP, L, cgroup_id, "cgroup_id",
		 "cgroup, iter: the cgroup; 0 once it was detached", NAMES),
	FIELD_AS(FIELD_ENUM, INSPECT_LINK_HAS_ORDER, L, order, "order",
		 "iter: order in which cgroups are walked", .names = NAMES_CGROUP_ORDER,
		 .name_at = offsetof(L, order_name), NAMES),
	FIELD_IF(INSPECT_LINK_HAS_ORDER, L, order, "order_id", "the same, the kernel's number",
		 .flags = FIELD_STRICT, NAMES),
	WHOLE(INSPECT_LINK_HAS_DEVICE, "devname",
	      "xdp, tcx, netkit: name of the network device, where it is found to be one of this "
	      "network namespace",
	      put_device, "text?", NAMES),
	FIELD_IF(INSPECT_LINK_HAS_DEVICE, L, ifindex, "ifindex",
		 "its index, in whichever network namespace; 0 once it was detached"),
	FIELD_AS(FIELD_ENUM, INSPECT_LINK_HAS_ATTACH_TYPE, L, attach_type, "attach_type",
		 "how it is attached", .names = NAMES_ATTACH_TYPE,
		 .name_at = offsetof(L, attach_type_name)),
	FIELD_IF(INSPECT_LINK_HAS_ATTACH_TYPE, L, attach_type, "attach_type_id",
		 "the same, the kernel's number", .flags = FIELD_STRICT),
	FIELD_IF(INSPECT_LINK_HAS_TARGET, L, target_obj_id, "target_obj_id",
		 "tracing: BTF object of what is traced, or the program that is"),
	FIELD_IF(INSPECT_LINK_HAS_TARGET, L, target_btf_id, "target_btf_id",
		 "tracing: the type in its BTF"),
	FIELD_IF(INSPECT_LINK_HAS_NETFILTER, L, pf, "pf", "netfilter: protocol family"),
	FIELD_IF(INSPECT_LINK_HAS_NETFILTER, L, hook, "hook", "netfilter: number of the hook"),
	FIELD_IF(INSPECT_LINK_HAS_NETFILTER, L, priority, "prio",
		 "netfilter: priority; the least runs first"),
	FIELD_IF(INSPECT_LINK_HAS_NETFILTER, L, flags, "flags",
		 "netfilter: flags; 1 is defragmentation before it"),
	WHOLE(INSPECT_LINK_HAS_EVENT, "event_type", "perf_event: type of the event", put_event_type,
	      "text?"),
	FIELD_IF(INSPECT_LINK_HAS_EVENT, L, event_type, "event_type_id",
		 "the same, the kernel's number", .flags = FIELD_STRICT),
	WHOLE(INSPECT_LINK_HAS_EVENT, "event_config", "perf_event: which event of that type",
	      put_event_config, "text?"),
	FIELD_IF(INSPECT_LINK_HAS_EVENT, L, event_config, "event_config_id",
		 "the same, the kernel's number", .flags = FIELD_STRICT),
	FIELD_IF(INSPECT_LINK_HAS_IS_RETURN, L, is_return, "retprobe",
		 "does it run where functions return?"),
	FIELD_IF(INSPECT_LINK_HAS_PATH, L, name, "path", "uprobe_multi: the file", NAMES),
	WHOLE(INSPECT_LINK_HAS_KPROBE, "addr",
	      "kprobe: address of the function; in strict JSON text, or null where it is hidden",
	      put_own_address, "text|null", NAMES),
	FIELD_IF(INSPECT_LINK_HAS_KPROBE, L, name, "func", "kprobe: the function", NAMES),
	FIELD_IF(INSPECT_LINK_HAS_FILE, L, name, "file", "uprobe: the file", NAMES),
	FIELD_IF(INSPECT_LINK_HAS_OFFSET, L, offset, "offset",
		 "kprobe, uprobe: offset in the function, or in the file"),
	FIELD_IF(INSPECT_LINK_HAS_FUNCTIONS, L, function_count, "func_cnt",
		 "kprobe_multi, uprobe_multi, tracing_multi: how many functions"),
	FIELD_IF(INSPECT_LINK_HAS_FUNCTIONS | INSPECT_LINK_HAS_ATTACH_TYPE, L, target_obj_id,
		 "btf_obj_id", "tracing_multi: BTF object of what is traced"),
	FIELD_IF(INSPECT_LINK_HAS_MISSED, L, missed, "missed", "kprobes: runs that were missed"),
	FIELD_IF(INSPECT_LINK_HAS_TID, L, tid, "tid", "iter: the only thread", NAMES),
	FIELD_IF(INSPECT_LINK_HAS_PID, L, pid, "pid", "iter, uprobe_multi: the only process",
		 NAMES),
	FIELD_IF(INSPECT_LINK_HAS_COOKIE, L, cookie, "cookie",
		 "number that the program is told; 0 is none"),
	FIELD_IF(INSPECT_LINK_HAS_REF_CTR, L, ref_ctr_offset, "ref_ctr_offset",
		 "uprobe: offset of the counter that switches it on, or 0"),
	WHOLE(INSPECT_LINK_HAS_FUNCTIONS, "funcs",
	      "kprobe_multi, uprobe_multi, tracing_multi: the functions; addresses as text, null where "
	      "hidden",
	      put_functions, FUNCTIONS_SHAPE, .flags = FIELD_DOCUMENT,
	      .want = INSPECT_WANT_LINK_NAMES | INSPECT_WANT_SYMBOLS),
	FIELD_IF(INSPECT_LINK_HAS_PINS, L, pinned, "pinned", "where it is pinned",
		 .want = INSPECT_WANT_PINS),
	WHOLE(INSPECT_LINK_HAS_OWNED | INSPECT_LINK_HAS_COOKIE, "bpf_cookie",
	      "perf_event: the cookie again", put_owned_cookie, "u64?", .flags = FIELD_COMPATIBLE),
	OWNERS_FIELDS(L, INSPECT_LINK_HAS_OWNERS, INSPECT_LINK_HAS_OWNED),
	FIELD_AS(FIELD_ENUM, INSPECT_LINK_HAS_PERF_EVENT, L, perf_event, "perf_event",
		 "perf_event: which kind", .names = NAMES_PERF_EVENT,
		 .name_at = offsetof(L, perf_event_name), .flags = FIELD_STRICT),
	FIELD_IF(INSPECT_LINK_HAS_PERF_EVENT, L, perf_event, "perf_event_id",
		 "the same, the kernel's number", .flags = FIELD_STRICT),
	WHOLE(INSPECT_LINK_HAS_NETFILTER, "pf_name", "netfilter: name of the protocol family",
	      put_family, "text?", .flags = FIELD_STRICT),
	WHOLE(INSPECT_LINK_HAS_NETFILTER, "hook_name", "netfilter: name of the hook", put_hook,
	      "text?", .flags = FIELD_STRICT),
	FIELD_IF(INSPECT_LINK_HAS_CGROUP_PATH, L, cgroup_path, "cgroup_path",
		 "path of the cgroup, where it is to be seen", .flags = FIELD_STRICT,
		 .want = INSPECT_WANT_LINK_NAMES | INSPECT_WANT_LINK_TARGETS),
	FIELD_IF(INSPECT_LINK_HAS_TARGET_NAME, L, target_name, "target_btf_name",
		 "tracing: name of the function that is traced", .flags = FIELD_STRICT,
		 .want = INSPECT_WANT_LINK_TARGETS),
	WHOLE(INSPECT_LINK_HAS_TARGET, "target_prog_id",
	      "tracing: the program that is traced or replaced, where it is one",
	      put_traced_program, "u32?", .flags = FIELD_STRICT, .want = INSPECT_WANT_LINK_TARGETS),
	WHOLE(INSPECT_LINK_HAS_DETAILS, "details",
	      "types that this build does not know: what the kernel tells, by the kernel's own types",
	      put_details, "any", .want = PRINT_WANT_LINK_DETAILS, .flags = FIELD_DOCUMENT),
};

static void link_plain(struct out *out, const void *record)
{
	const struct inspect_link *link = record;
	const struct link_type *type = link_type_get(link->type);
	const char *name = names_of(NAMES_LINK_TYPE, link->type, link->type_name);

	out_if(out, name, "%u: %s  ", link->id, name);
	out_if(out, !name, "%u: type %u  ", link->id, link->type);
	if (link->type == ABI_LINK_TYPE_STRUCT_OPS)
		out_fmt(out, "map %u  ", link->map_id);
	else
		out_fmt(out, "prog %u  ", link->prog_id);
	if (type->plain)
		type->plain(out, link);
	if (link->have & INSPECT_LINK_HAS_DETAILS)
		link->details->plain(link->details, out);
	out_fmt(out, "\n");
	for (unsigned i = 0; link->have & INSPECT_LINK_HAS_PINS && i < link->pinned.n; i++)
		out_fmt(out, "\tpinned %s\n", link->pinned.strings[i]);
	if (!(link->have & INSPECT_LINK_HAS_OWNED))
		return;
	out_if(out, has_owned_cookie(link) && link->have & INSPECT_LINK_HAS_COOKIE,
	       "\tbpf_cookie %llu\n", link->cookie);
	owners_plain(out, &link->owners);
}

const struct schema link_schema = {
	.name = "link",
	.fields = link_fields,
	.n = sizeof(link_fields) / sizeof(*link_fields),
	.columns = "id,type,prog_id,target",
	.plain = link_plain,
	.have_at = offsetof(struct inspect_link, have),
	.failed_at = offsetof(struct inspect_link, failed),
	.id_at = offsetof(struct inspect_link, id),
};
