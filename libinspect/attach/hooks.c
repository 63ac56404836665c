/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * hooks.c - the table of hooks
 *
 * Where the kernel numbers an attach type, the program was loaded for that type already; the info call does not tell
 * which, so the kernel finds out.
 */
#include "attach/hook.h"

#include <string.h>

#include "base/text.h"

const struct hook_word_row hook_words[HOOK_WORDS] = {
	[HOOK_PIN] = { "pin", "FILE",
		       "where the link is to be pinned; else it is held until Ctrl-C",
		       HOOK_WORD_TEXT, 0, 0 },
	[HOOK_COOKIE] = { "cookie", "N", "a number that the program can ask for", HOOK_WORD_NUMBER,
			  0, UINT64_MAX },
	[HOOK_PID] = { "pid", "N", "this process alone", HOOK_WORD_NUMBER, 0, INT32_MAX },
	[HOOK_TID] = { "tid", "N", "this thread alone", HOOK_WORD_NUMBER, 0, INT32_MAX },
	[HOOK_CPU] = { "cpu", "N", "this CPU alone", HOOK_WORD_NUMBER, 0, INT32_MAX },
	[HOOK_FREQ] = { "freq", "N", "so many samples a second", HOOK_WORD_NUMBER, 0, UINT32_MAX },
	[HOOK_PERIOD] = { "period", "N", "a sample every N events", HOOK_WORD_NUMBER, 0,
			  INT64_MAX },
	[HOOK_MAP] = { "map", "MAP", "the map whose elements it walks over", HOOK_WORD_OBJECT,
		       INSPECT_MAP, 0 },
	[HOOK_BEFORE] = { "before", "REF", "in front of a program or a link that is attached there",
			  HOOK_WORD_ANCHOR, 0, 0 },
	[HOOK_AFTER] = { "after", "REF", "behind one", HOOK_WORD_ANCHOR, 0, 0 },
	[HOOK_FIRST] = { "first", NULL, "in front of all others; else behind them", HOOK_WORD_FLAG,
			 0, 0 },
	[HOOK_REPLACE] = { "replace", "LINK",
			   "no new link: this one has the program instead of its own from now on",
			   HOOK_WORD_OBJECT, INSPECT_LINK, 0 },
	[HOOK_PREORDER] = { "preorder", NULL, "before the programs of cgroups below it",
			    HOOK_WORD_FLAG, 0, 0 },
	[HOOK_GENERIC] = { "generic", NULL, "in the network stack, with any driver", HOOK_WORD_FLAG,
			   0, 0 },
	[HOOK_NATIVE] = { "native", NULL, "in the driver; without either word there if it can",
			  HOOK_WORD_FLAG, 0, 0 },
	[HOOK_OFFLOAD] = { "offload", NULL, "in the device itself", HOOK_WORD_FLAG, 0, 0 },
	[HOOK_NETNS] = { "netns", "NETNS",
			 "a network namespace: a path, a name below /run/netns, or current",
			 HOOK_WORD_NETNS, 0, 0 },
	[HOOK_PRIORITY] = { "priority", "N",
			    "the least runs first: a number, or raw, mangle, dstnat, filter, "
			    "security or srcnat, also with a number to add; else 0, filter",
			    HOOK_WORD_TEXT, 0, 0 },
	[HOOK_DEFRAG] = { "defrag", NULL, "put fragments together before", HOOK_WORD_FLAG, 0, 0 },
};

#define PIN HOOK_TAKES(HOOK_PIN)
#define COOKIE HOOK_TAKES(HOOK_COOKIE)

static const struct hook hooks[] = {
	{
		.name = "tracepoint",
		.target = "CATEGORY:NAME",
		.help = "an event of the kernel, with its fields as tracefs describes them",
		.since = "Linux 4.7",
		.sections = "tracepoint/CATEGORY/NAME",
		.least = 1,
		.most = 1,
		.offers = HOOK_TARGET_TRACEPOINT,
		.words = PIN | COOKIE,
		.prog_types = { ABI_PROG_TYPE_TRACEPOINT },
		.attach_type = ABI_PERF_EVENT,
		.attach = attach_tracepoint,
	},
	{
		.name = "raw_tracepoint",
		.target = "NAME",
		.help = "the same event, with what the kernel's function is called with",
		.since = "Linux 4.17",
		.sections = "raw_tracepoint",
		.least = 1,
		.most = 1,
		.words = PIN | COOKIE,
		.prog_types = { ABI_PROG_TYPE_RAW_TRACEPOINT,
				ABI_PROG_TYPE_RAW_TRACEPOINT_WRITABLE },
		.attach = attach_raw_tracepoint,
	},
};

#define N_HOOKS (sizeof(hooks) / sizeof(*hooks))

const struct hook *hook_at(size_t number)
{
	if (number < N_HOOKS)
		return &hooks[number];
	return number - N_HOOKS < n_net_hooks ? &net_hooks[number - N_HOOKS] : NULL;
}

const struct hook *hook_find(const char *name)
{
	const struct hook *hook;

	for (size_t i = 0; (hook = hook_at(i)); i++)
		if (strcmp(hook->name, name) == 0)
			return hook;
	for (size_t i = 0; *name && (hook = hook_at(i)); i++)
		if (hook->old_name && text_has_prefix(hook->old_name, name))
			return hook;
	return NULL;
}
