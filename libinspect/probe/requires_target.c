/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_target.c - what programs are attached to by the names of their sections
 *
 * The kernel loads them without it: the loader looks for the name when it attaches. So it is looked for here as the loader does it, among functions,
 * events, tracepoints, and in programs and libraries.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/name_search.h"
#include "base/text.h"
#include "code/section_type.h"
#include "probe/requires.h"
#include "records/place.h"

enum way { BY_PROBE, BY_FUNCTION, BY_TYPE, BY_SYSCALL, BY_EVENT, BY_TRACEPOINT, BY_PLACE, BY_MARK };

/* The section's name up to the slash, and without a letter behind a dot. */
static const struct row {
	const char *section;
	const char *of; /* how the thing is called */
	const char *
		tracing; /* how programs come there; NULL: the attach type, or type of program, says it */
	enum way way;
} rows[] = {
	{ "kprobe", "kprobe", "kprobe", BY_PROBE },
	{ "kretprobe", "kprobe", "kprobe", BY_PROBE },
	{ "kprobe.multi", "kprobe.multi", NULL, BY_FUNCTION },
	{ "kretprobe.multi", "kprobe.multi", NULL, BY_FUNCTION },
	{ "kprobe.session", "kprobe.multi", NULL, BY_FUNCTION },
	{ "fentry.multi", "fentry.multi", NULL, BY_TYPE },
	{ "fexit.multi", "fexit.multi", NULL, BY_TYPE },
	{ "fsession.multi", "fsession.multi", NULL, BY_TYPE },
	{ "ksyscall", "ksyscall", "kprobe", BY_SYSCALL },
	{ "kretsyscall", "ksyscall", "kprobe", BY_SYSCALL },
	{ "tracepoint", "tracepoint", "tracepoint", BY_EVENT },
	{ "tp", "tracepoint", "tracepoint", BY_EVENT },
	{ "raw_tracepoint", "raw_tracepoint", NULL, BY_TRACEPOINT },
	{ "raw_tp", "raw_tracepoint", NULL, BY_TRACEPOINT },
	{ "uprobe", "uprobe", "uprobe", BY_PLACE },
	{ "uretprobe", "uprobe", "uprobe", BY_PLACE },
	{ "uprobe.multi", "uprobe.multi", NULL, BY_PLACE },
	{ "uretprobe.multi", "uprobe.multi", NULL, BY_PLACE },
	{ "uprobe.session", "uprobe.multi", NULL, BY_PLACE },
	{ "usdt", "usdt", "uprobe", BY_MARK },
};

#define OF_A_MODULE "not in the kernel itself; types of its modules were not given"

static const struct row *find_row(const char *section)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = strlen(rows[i].section);

		if (strncmp(section, rows[i].section, n) == 0 &&
		    (!section[n] || strcmp(section + n, ".s") == 0 ||
		     strcmp(section + n, ".w") == 0))
			return &rows[i];
	}
	return NULL;
}

static void answer_unknown(struct finding *finding, struct need *need, enum inspect_reason reason,
			   const char *detail)
{
	need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT, detail);
	need->reason = reason;
}

static const char *keep_text(struct finding *finding, char **out, const char *prefix,
			     const char *name)
{
	buf_add_text(&finding->text, prefix);
	buf_add_text(&finding->text, name);
	free(*out);
	*out = strdup(finding_text(finding, &finding->text));
	if (!*out)
		finding->has_no_memory = true;
	return *out ? *out : "";
}

/* Types name most functions, symbols all: they are read once, for all that is left then. */
static void answer_function(struct finding *finding, struct need *need)
{
	struct against *against = finding->requires->against;

	keep_text(finding, &need->wanted, "", need->name);
	if (need->wanted)
		need->wanted[strcspn(need->wanted, "+")] = '\0';
	bool is_there = need->wanted && !name_is_glob(need->wanted) &&
			against_find_own(against, KIND_FUNC, need->wanted) == AGAINST_YES;
	if (is_there)
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_BTF, NULL);
	else if (!against->is_live)
		answer_unknown(finding, need, INSPECT_REASON_NEEDS_LOAD,
			       "types do not tell of all functions");
}

/* Some functions, what handles kprobes among them, take none: the kernel has a list of these, for root. */
static void answer_probe(struct finding *finding, struct need *need)
{
	autofree char *function = strndup(need->name, strcspn(need->name, "+"));

	if (!function)
		finding->has_no_memory = true;
	else if (against_refuses_kprobe(finding->requires->against, function)) {
		need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_FILE,
			    "the kernel lets nobody put a kprobe there");
		need->reason = INSPECT_REASON_OTHER;
	} else {
		answer_function(finding, need);
	}
}

/* These are attached by the ids of their types, so that what has none does not count. */
static void answer_typed(struct finding *finding, struct need *need)
{
	struct against *against = finding->requires->against;

	switch (against_find_glob(against, need->name)) {
	case AGAINST_YES:
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_BTF, NULL);
		break;
	case AGAINST_NO:
		if (against->is_live) {
			need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_BTF, NULL);
			break;
		}
		answer_unknown(finding, need, INSPECT_REASON_NO_TYPES, OF_A_MODULE);
		break;
	case AGAINST_UNKNOWN:
		answer_unknown(finding, need, INSPECT_REASON_NO_TYPES, NULL);
		break;
	}
}

#if defined(__x86_64__)
#define SYSCALL_PREFIX "__x64_sys_"
#elif defined(__aarch64__)
#define SYSCALL_PREFIX "__arm64_sys_"
#elif defined(__s390x__)
#define SYSCALL_PREFIX "__s390x_sys_"
#elif defined(__riscv)
#define SYSCALL_PREFIX "__riscv_sys_"
#else
#define SYSCALL_PREFIX "__se_sys_"
#endif

/* A system call's function has the machine in its name; that of a file of types is not known. */
static void answer_syscall(struct finding *finding, struct need *need)
{
	static const char *const prefixes[] = { SYSCALL_PREFIX, "__x64_sys_",	"__arm64_sys_",
						"__s390x_sys_", "__riscv_sys_", "__se_sys_" };
	struct against *against = finding->requires->against;
	size_t n = against->is_live ? 1 : sizeof(prefixes) / sizeof(*prefixes);

	for (size_t i = n; i-- > 0;) {
		const char *name = keep_text(finding, &need->wanted, prefixes[i], need->name);

		if (against_find_own(against, KIND_FUNC, name) != AGAINST_YES)
			continue;
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_BTF, NULL);
		return;
	}
	if (!against->is_live)
		answer_unknown(finding, need, INSPECT_REASON_NEEDS_LOAD,
			       "types do not tell of all functions");
}

static enum against_answer find_tracepoint(struct finding *finding, const char *name)
{
	buf_add_text(&finding->text, "btf_trace_");
	buf_add_text(&finding->text, name);
	return against_find(finding->requires->against, KIND_TYPEDEF,
			    finding_text(finding, &finding->text), NULL, NULL);
}

/* Its type, or else the function that calls what hangs on it. */
static void answer_tracepoint(struct finding *finding, struct need *need)
{
	if (find_tracepoint(finding, need->name) == AGAINST_YES)
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_BTF, NULL);
	else if (finding->requires->against->is_live)
		keep_text(finding, &need->wanted, "__traceiter_", need->name);
	else
		answer_unknown(finding, need, INSPECT_REASON_NO_TYPES, OF_A_MODULE);
}

/* Events are in tracefs; most are called as the tracepoint behind them, which types know. */
static void answer_event(struct finding *finding, struct need *need)
{
	struct against *against = finding->requires->against;
	const char *slash = strchr(need->name, '/');
	enum against_answer answer = AGAINST_UNKNOWN;

	if (!slash || slash == need->name || !slash[1] || strchr(slash + 1, '/') ||
	    *need->name == '.' || slash[1] == '.') {
		need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_RULE,
			    "an event is CATEGORY/NAME");
		need->reason = INSPECT_REASON_OTHER;
		return;
	}
	if (against->is_live)
		answer = against_find_event(against, need->name);
	if (answer != AGAINST_UNKNOWN)
		need_answer(finding, need, answer == AGAINST_YES ? INSPECT_YES : INSPECT_NO,
			    INSPECT_FOUND_FILE, NULL);
	else if (against->is_live)
		answer_unknown(finding, need, INSPECT_REASON_UNREADABLE,
			       against->tracefs_error.what);
	else if (find_tracepoint(finding, slash + 1) == AGAINST_YES)
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_BTF,
			    "the tracepoint behind it is; its category, types do not tell");
	else
		answer_unknown(finding, need, INSPECT_REASON_NO_TYPES,
			       text_has_prefix(need->name, "syscalls/")
				       ? "types do not tell of events of system calls"
				       : OF_A_MODULE);
}

static int find_place(const char *target, bool is_mark, bool takes_globs, struct inspect_error *err)
{
	AUTO(place_words_done) struct place_words words = { 0 };
	AUTO(places_done) struct places places = { 0 };
	int r = place_parse(target, is_mark, &words, err);

	return r ? r : places_find(&words, takes_globs, &places, err);
}

/* /proc/self is another program, once it is loaded. */
static void answer_place(struct finding *finding, struct need *need, const struct row *row)
{
	struct inspect_error err = { 0 };

	if (need->must == NEED_ELSEWHERE) {
		answer_unknown(finding, need, INSPECT_REASON_OTHER, "it is in another program");
		return;
	}
	int r = find_place(need->name, row->way == BY_MARK, strstr(row->section, ".") != NULL,
			   &err);
	if (!r)
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_FILE, NULL);
	else if (r == -ENOMEM)
		finding->has_no_memory = true;
	else if (r == -EACCES || r == -EPERM)
		answer_unknown(finding, need, INSPECT_REASON_UNREADABLE, err.what);
	else
		need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_FILE, err.what);
}

static void answer(struct finding *finding, struct need *need, const struct row *row)
{
	switch (row->way) {
	case BY_PROBE:
		answer_probe(finding, need);
		break;
	case BY_TYPE:
		answer_typed(finding, need);
		break;
	case BY_FUNCTION:
		answer_function(finding, need);
		break;
	case BY_SYSCALL:
		answer_syscall(finding, need);
		break;
	case BY_EVENT:
		answer_event(finding, need);
		break;
	case BY_TRACEPOINT:
		answer_tracepoint(finding, need);
		break;
	case BY_PLACE:
	case BY_MARK:
		answer_place(finding, need, row);
		break;
	}
}

static void add_target(struct finding *finding, const struct object_func *func)
{
	struct section_type type;

	if (!section_type_find(finding->object->elf.parts[func->section].name, &type))
		return;
	const struct row *row = find_row(type.name);
	if (!row || !*type.target)
		return;
	bool is_of_file = row->way == BY_PLACE || row->way == BY_MARK;
	bool is_elsewhere = is_of_file && (!finding->requires->against->is_live ||
					   text_has_prefix(type.target, "/proc/self/"));
	struct need *need =
		finding_add(finding, NEED_TARGET, is_elsewhere ? NEED_ELSEWHERE : NEED_ATTACHING,
			    type.target, row->of, func->name);
	if (need && need->uses == 1)
		answer(finding, need, row);
	if (row->tracing)
		finding_add(finding, NEED_TRACING, NEED_ATTACHING, row->tracing, NULL, func->name);
}

void finding_targets(struct finding *finding)
{
	const struct object *object = finding->object;

	for (uint32_t i = 0; i < object->n_funcs && !finding->has_no_memory; i++)
		if (finding_is_loaded(object, &object->funcs[i]))
			add_target(finding, &object->funcs[i]);
}
