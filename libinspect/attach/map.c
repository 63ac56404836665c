/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map.c - programs of a map of sockets, and the flow dissector, without a link
 *
 * What is attached so has no owner: it stays until it is taken off, or the map or the namespace is gone. A map
 * of sockets has one place for each kind of program, and a second program takes the place of the first.
 */
#include "attach/map.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/caps.h"
#include "kernel/sys.h"
#include "records/one.h"

/* In the order in which bpftool holds a shortened old name against them. */
static const struct map_hook hooks[] = {
	{ "sk_skb_stream_parser", "stream_parser", ABI_SK_SKB_STREAM_PARSER, ABI_PROG_TYPE_SK_SKB,
	  "4.14", true },
	{ "sk_skb_stream_verdict", "stream_verdict", ABI_SK_SKB_STREAM_VERDICT,
	  ABI_PROG_TYPE_SK_SKB, "4.14", true },
	{ "sk_msg_verdict", "msg_verdict", ABI_SK_MSG_VERDICT, ABI_PROG_TYPE_SK_MSG, "4.17", true },
	{ "sk_skb_verdict", "skb_verdict", ABI_SK_SKB_VERDICT, ABI_PROG_TYPE_SK_SKB, "5.13", true },
	{ "flow_dissector", NULL, ABI_FLOW_DISSECTOR, ABI_PROG_TYPE_FLOW_DISSECTOR, "4.20", false },
};

#define N_HOOKS (sizeof(hooks) / sizeof(*hooks))

const struct map_hook *map_hook_find(const char *word)
{
	for (size_t i = 0; i < N_HOOKS; i++)
		if (strcmp(hooks[i].name, word) == 0)
			return &hooks[i];
	for (size_t i = 0; *word && i < N_HOOKS; i++)
		if (hooks[i].old_name && text_has_prefix(hooks[i].old_name, word))
			return &hooks[i];
	return NULL;
}

int map_hook_check(const struct map_hook *hook, const struct inspect_ref *map,
		   struct inspect_error *err)
{
	bool is_there = map->by != INSPECT_BY_ALL;

	if (is_there == hook->has_map)
		return 0;
	if (is_there)
		return inspect_fail(err, INSPECT_EUSAGE, "%s takes no map", hook->name);
	return inspect_fail(err, INSPECT_EUSAGE, "%s needs a map", hook->name);
}

/* Opened for reading and writing. */
static int open_map(struct inspect *inspect, const struct map_hook *hook,
		    const struct inspect_ref *ref, struct inspect_map *out,
		    struct inspect_error *err)
{
	if (!hook->has_map)
		return 0;
	int r = one_open(inspect, ref, out, err);
	if (r < 0)
		return r;
	if (out->type != ABI_MAP_TYPE_SOCKMAP && out->type != ABI_MAP_TYPE_SOCKHASH) {
		const char *type = names_of(NAMES_MAP_TYPE, out->type, out->type_name);

		inspect_fail(err, EINVAL, "map %u: %s", out->id, hook->name);
		return inspect_hint(err, "a map of type sockmap or sockhash is wanted; this is %s",
				    type ? type : "of another type");
	}
	return one_reopen_map(inspect, ref, 0, out, err);
}

static int check_prog(const struct map_hook *hook, const struct inspect_prog *prog,
		      struct inspect_error *err)
{
	const char *type = names_of(NAMES_PROG_TYPE, prog->type, prog->type_name);

	if (prog->type == hook->prog_type)
		return 0;
	inspect_fail(err, EINVAL, "prog %u: %s", prog->id, hook->name);
	return inspect_hint(err, "a program of type %s is wanted; this is %s",
			    names_find(NAMES_PROG_TYPE, hook->prog_type),
			    type ? type : "of another type");
}

/* Where the map alone says which it is, its words come first. */
static int fail(const struct map_hook *hook, const char *what, const struct inspect_prog *prog,
		const struct inspect_map *map, int code, struct inspect_error *err)
{
	if (hook->has_map)
		inspect_fail(err, code, "prog %u: %s %s map %u as %s", prog->id, what,
			     what[0] == 'a' ? "to" : "from", map->id, hook->name);
	else
		inspect_fail(err, code, "prog %u: %s as %s", prog->id, what, hook->name);
	return code == EPERM ? caps_hint(err, CAPS_TO_ATTACH) : -code;
}

static int hint_attach(const struct map_hook *hook, int code, struct inspect_error *err)
{
	if (code == EBUSY)
		return inspect_hint(err, "a link has this place, or the map has another kind of "
					 "verdict: sk_skb_verdict and sk_skb_stream_verdict "
					 "exclude each other");
	if (code == EEXIST)
		return inspect_hint(err, "a link has this place, or the first network namespace "
					 "has a flow dissector, which is that of all others");
	if (code == EINVAL && !hook->has_map)
		return inspect_hint(err, "it is attached there already");
	if (code == EINVAL || code == EOPNOTSUPP)
		return inspect_hint(err, "this kernel may lack %s, which came with Linux %s",
				    hook->name, hook->since);
	return -code;
}

int map_hook_attach(struct inspect *inspect, const struct map_hook *hook,
		    const struct inspect_prog *prog, const struct inspect_ref *ref,
		    struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };

	int r = check_prog(hook, prog, err);
	if (r < 0)
		return r;
	r = open_map(inspect, hook, ref, &map, err);
	if (r < 0)
		return r;
	r = sys_prog_attach(&inspect->sys, hook->has_map ? map.fd : 0, prog->fd, hook->attach_type);
	if (!r)
		return 0;
	fail(hook, "attach", prog, &map, -r, err);
	return hint_attach(hook, -r, err);
}

int map_hook_detach(struct inspect *inspect, const struct map_hook *hook,
		    const struct inspect_prog *prog, const struct inspect_ref *ref,
		    struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };

	int r = check_prog(hook, prog, err);
	if (r < 0)
		return r;
	r = open_map(inspect, hook, ref, &map, err);
	if (r < 0)
		return r;
	r = sys_prog_detach(&inspect->sys, hook->has_map ? map.fd : 0, prog->fd, hook->attach_type);
	if (!r)
		return 0;
	fail(hook, "detach", prog, &map, -r, err);
	if (r == -ENOENT || (r == -EINVAL && !hook->has_map))
		return inspect_hint(err, "this program is not attached there, or by a link: "
					 "'prog detach PROG' detaches links");
	return hint_attach(hook, -r, err);
}

int inspect_prog_detach(struct inspect *inspect, const struct inspect_ref *prog, const char *type,
			const struct inspect_ref *map, struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog found = { .fd = -1 };
	const struct map_hook *hook = map_hook_find(type);

	ERROR_NEEDED(err);
	if (!hook) {
		inspect_fail(err, INSPECT_EUSAGE, "prog detach: what is '%s'?", type);
		return inspect_hint(err, "%s",
				    "TYPE is sk_skb_stream_parser, sk_skb_stream_verdict, "
				    "sk_skb_verdict, sk_msg_verdict or flow_dissector; what is "
				    "attached by links is detached without a TYPE");
	}
	int r = map_hook_check(hook, map, err);
	if (!r)
		r = one_open(inspect, prog, &found, err);
	return r < 0 ? r : map_hook_detach(inspect, hook, &found, map, err);
}
