/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link_words.c - words for the numbers of links, and where a link hooks in, in a few of them
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "records/link.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

enum family {
	FAMILY_INET = 1,
	FAMILY_IP = 2,
	FAMILY_ARP = 3,
	FAMILY_NETDEV = 5,
	FAMILY_BRIDGE = 7,
	FAMILY_IP6 = 10,
};

const char *link_family_name(unsigned pf)
{
	switch (pf) {
	case FAMILY_INET:
		return "inet";
	case FAMILY_IP:
		return "ip";
	case FAMILY_ARP:
		return "arp";
	case FAMILY_NETDEV:
		return "netdev";
	case FAMILY_BRIDGE:
		return "bridge";
	case FAMILY_IP6:
		return "ip6";
	default:
		return NULL;
	}
}

const char *link_hook_name(unsigned pf, unsigned hook)
{
	static const char *const of_packets[] = { "prerouting", "input", "forward", "output",
						  "postrouting" };
	static const char *const of_arp[] = { "input", "output" };

	switch (pf) {
	case FAMILY_INET:
	case FAMILY_IP:
	case FAMILY_IP6:
	case FAMILY_BRIDGE:
		return hook < COUNT(of_packets) ? of_packets[hook] : NULL;
	case FAMILY_ARP:
		return hook < COUNT(of_arp) ? of_arp[hook] : NULL;
	default:
		return NULL;
	}
}

enum event_type { EVENT_HARDWARE, EVENT_SOFTWARE, EVENT_TRACEPOINT, EVENT_HW_CACHE };

const char *link_event_type_name(unsigned type)
{
	static const char *const names[] = { "hardware", "software", "tracepoint",
					     "hw-cache", "raw",	     "breakpoint" };

	return type < COUNT(names) ? names[type] : NULL;
}

static void add_word(struct buf *out, const char *const *words, size_t n, unsigned value)
{
	char digits[NUM_ROOM];

	if (value < n)
		buf_add_text(out, words[value]);
	else
		buf_add(out, digits, num_format_u64(digits, value));
}

/* Three numbers, a byte each; one that has no word stands as it is. */
static bool cache_name(unsigned long long config, char *room)
{
	static const char *const caches[] = { "L1-dcache", "L1-icache", "LLC", "dTLB",
					      "iTLB",	   "branch",	"node" };
	static const char *const ops[] = { "load", "store", "prefetch" };
	static const char *const results[] = { "refs", "misses" };
	AUTO(buf_done) struct buf text = { 0 };

	add_word(&text, caches, COUNT(caches), config & 0xff);
	buf_add_char(&text, '-');
	add_word(&text, ops, COUNT(ops), config >> 8 & 0xff);
	buf_add_char(&text, '-');
	add_word(&text, results, COUNT(results), config >> 16 & 0xff);
	buf_add_char(&text, '\0');
	if (buf_failed(&text) || text.size > LINK_EVENT_ROOM)
		return false;
	memcpy(room, text.bytes, text.size);
	return true;
}

bool link_event_name(unsigned type, unsigned long long config, char *room)
{
	static const char *const hardware[] = {
		"cpu-cycles",
		"instructions",
		"cache-references",
		"cache-misses",
		"branch-instructions",
		"branch-misses",
		"bus-cycles",
		"stalled-cycles-frontend",
		"stalled-cycles-backend",
		"ref-cycles",
	};
	static const char *const software[] = {
		"cpu-clock",	    "task-clock",   "page-faults",  "context-switches",
		"cpu-migrations",   "minor-faults", "major-faults", "alignment-faults",
		"emulation-faults", "dummy",	    "bpf-output",   "cgroup-switches",
	};
	const char *name = NULL;

	if (type == EVENT_HW_CACHE)
		return cache_name(config, room);
	if (type == EVENT_HARDWARE && config < COUNT(hardware))
		name = hardware[config];
	if (type == EVENT_SOFTWARE && config < COUNT(software))
		name = software[config];
	if (name)
		memcpy(room, name, strlen(name) + 1);
	return name;
}

void link_plain_device(struct out *out, const struct inspect_link *link)
{
	if (!link->ifindex)
		out_fmt(out, "ifindex (detached)  ");
	else if (link->device[0])
		out_fmt(out, "ifindex %s(%u)  ", link->device, link->ifindex);
	else
		out_fmt(out, "ifindex %u  ", link->ifindex);
}

/* --- the column "target" --- */

static void add_number(struct buf *out, const char *before, unsigned long long number)
{
	char digits[NUM_ROOM];

	buf_add_text(out, before);
	buf_add(out, digits, num_format_u64(digits, number));
}

static void add_hex(struct buf *out, const char *before, unsigned long long number)
{
	char digits[NUM_ROOM];

	buf_add_text(out, before);
	buf_add(out, digits, num_format_hex(digits, number));
}

static void add_text(struct buf *out, const char *text)
{
	if (out->size)
		buf_add_char(out, ' ');
	buf_add_text(out, text);
}

static void add_attach_type(struct buf *out, const struct inspect_link *link)
{
	const char *name = names_of(NAMES_ATTACH_TYPE, link->attach_type, link->attach_type_name);

	if (!(link->have & INSPECT_LINK_HAS_ATTACH_TYPE))
		return;
	if (name)
		add_text(out, name);
	else
		add_number(out, out->size ? " attach_type " : "attach_type ", link->attach_type);
}

static void add_place(struct buf *out, const struct inspect_link *link)
{
	if (link->have & INSPECT_LINK_HAS_CGROUP_PATH)
		add_text(out, link->cgroup_path);
	else if (link->have & INSPECT_LINK_HAS_CGROUP && link->cgroup_id)
		add_number(out, out->size ? " cgroup " : "cgroup ", link->cgroup_id);
	if (link->have & INSPECT_LINK_HAS_NETNS && link->netns_ino)
		add_number(out, "netns ", link->netns_ino);
	if (link->have & INSPECT_LINK_HAS_DEVICE && link->device[0])
		add_text(out, link->device);
	else if (link->have & INSPECT_LINK_HAS_DEVICE && link->ifindex)
		add_number(out, "ifindex ", link->ifindex);
	if (link->have & INSPECT_LINK_HAS_MAP_ID && link->map_id)
		add_number(out, out->size ? " map " : "map ", link->map_id);
	if (link->have & INSPECT_LINK_HAS_TARGET_NAME)
		add_text(out, link->target_name);
	else if (link->have & INSPECT_LINK_HAS_TARGET && link->target_btf_id)
		add_number(out, "type ", link->target_btf_id);
}

static void add_netfilter(struct buf *out, const struct inspect_link *link)
{
	const char *family = link_family_name(link->pf),
		   *hook = link_hook_name(link->pf, link->hook);
	char digits[NUM_ROOM];

	if (family)
		add_text(out, family);
	else
		add_number(out, "pf ", link->pf);
	if (hook)
		add_text(out, hook);
	else
		add_number(out, " hook ", link->hook);
	add_text(out, "prio ");
	buf_add(out, digits, num_format_s64(digits, link->priority));
}

static void add_event(struct buf *out, const struct inspect_link *link)
{
	const char *type = link_event_type_name(link->event_type);
	char config[LINK_EVENT_ROOM];

	if (type)
		add_text(out, type);
	else
		add_number(out, "type ", link->event_type);
	if (link_event_name(link->event_type, link->event_config, config))
		add_text(out, config);
	else
		add_number(out, " ", link->event_config);
}

static void add_hook(struct buf *out, const struct inspect_link *link)
{
	const unsigned named = INSPECT_LINK_HAS_TP_NAME | INSPECT_LINK_HAS_TRACEPOINT |
			       INSPECT_LINK_HAS_ITERATOR | INSPECT_LINK_HAS_KPROBE |
			       INSPECT_LINK_HAS_FILE | INSPECT_LINK_HAS_PATH;

	if (link->have & named)
		add_text(out, link->name);
	if (link->have & (INSPECT_LINK_HAS_KPROBE | INSPECT_LINK_HAS_FILE) && link->offset)
		add_hex(out, "+0x", link->offset);
	if (link->have & INSPECT_LINK_HAS_NETFILTER)
		add_netfilter(out, link);
	if (link->have & INSPECT_LINK_HAS_EVENT)
		add_event(out, link);
	if (link->have & INSPECT_LINK_HAS_FUNCTIONS) {
		add_number(out, out->size ? " " : "", link->function_count);
		buf_add_text(out, link->function_count == 1 ? " function" : " functions");
	}
	if (link->have & INSPECT_LINK_HAS_IS_RETURN && link->is_return)
		add_text(out, "return");
}

static bool is_detached(const struct inspect_link *link)
{
	unsigned have = link->have;

	return (have & INSPECT_LINK_HAS_DEVICE && !link->ifindex) ||
	       (have & INSPECT_LINK_HAS_CGROUP && !link->cgroup_id) ||
	       (have & INSPECT_LINK_HAS_NETNS && !link->netns_ino) ||
	       (have & INSPECT_LINK_HAS_MAP_ID && !link->map_id);
}

void link_put_target(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_link *link = record;
	AUTO(buf_done) struct buf text = { 0 };

	add_hook(&text, link);
	add_place(&text, link);
	add_attach_type(&text, link);
	if (is_detached(link))
		add_text(&text, "(detached)");
	if (buf_failed(&text))
		sink->error = -ENOMEM;
	else if (text.size)
		sink_text(sink, key, text.bytes, text.size);
	else
		sink_absent(sink, key);
}
