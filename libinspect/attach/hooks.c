/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * hooks.c - the table of hooks
 *
 * Where the kernel numbers an attach type, the program was loaded for that type already; the info call does not tell
 * which, so the kernel finds out.
 */
#include "attach/hook.h"

#include <string.h>

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
};

#define PIN HOOK_TAKES(HOOK_PIN)
#define COOKIE HOOK_TAKES(HOOK_COOKIE)

const struct hook hooks[] = {
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

const size_t n_hooks = sizeof(hooks) / sizeof(*hooks);

const struct hook *hook_find(const char *name)
{
	for (size_t i = 0; i < n_hooks; i++)
		if (strcmp(hooks[i].name, name) == 0)
			return &hooks[i];
	return NULL;
}
