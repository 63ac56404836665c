/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * answer.c - what a call's errno says, and what it does not
 *
 * EPERM is never "no": the kernel asks for rights before it looks at what is wanted. Each of those who may have said it
 * is looked at, the surest first: a filter can be tried, capabilities and namespaces are known, the rest is what remains.
 */
#include "probe/answer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "kernel/caps.h"
#include "probe/need.h"
#include "probe/option.h"

#define DETAIL_ROOM 512

/* A call that failed. */
struct refused {
	struct probe *probe;
	struct inspect_feature *out;
	enum answer_act act;
	const char *type;
	int code;
};

/* The command that stands for an act, and its name. */
static const struct {
	int cmd;
	const char *name;
} commands[ANSWER_ACTS] = {
	[ANSWER_CALL] = { ABI_MAP_CREATE, "bpf(2)" },
	[ANSWER_MAP] = { ABI_MAP_CREATE, "BPF_MAP_CREATE" },
	[ANSWER_PROG] = { ABI_PROG_LOAD, "BPF_PROG_LOAD" },
	[ANSWER_BTF] = { ABI_BTF_LOAD, "BPF_BTF_LOAD" },
	[ANSWER_ATTACH] = { ABI_LINK_CREATE, "BPF_LINK_CREATE" },
	[ANSWER_READ] = { -1, NULL },
	[ANSWER_ELEM] = { ABI_MAP_UPDATE_ELEM, "BPF_MAP_UPDATE_ELEM" },
	[ANSWER_BATCH] = { ABI_MAP_LOOKUP_BATCH, "BPF_MAP_LOOKUP_BATCH" },
	[ANSWER_BY_ID] = { ABI_PROG_GET_NEXT_ID, "BPF_PROG_GET_NEXT_ID" },
	[ANSWER_INFO] = { ABI_OBJ_GET_INFO_BY_FD, "BPF_OBJ_GET_INFO_BY_FD" },
	[ANSWER_RUN] = { ABI_PROG_TEST_RUN, "BPF_PROG_TEST_RUN" },
	[ANSWER_TOKEN] = { ABI_TOKEN_CREATE, "BPF_TOKEN_CREATE" },
	[ANSWER_PERF] = { RIGHTS_PERF, "perf_event_open(2)" },
};

/* Without "found": that is a probe's, whatever came of it. */
__attribute__((format(printf, 4, 5))) static void settle(const struct refused *from,
							 enum inspect_answer answer,
							 enum inspect_reason reason,
							 const char *detail, ...)
{
	char text[DETAIL_ROOM];
	va_list args;

	from->out->answer = answer;
	from->out->reason = reason;
	va_start(args, detail);
	vsnprintf(text, sizeof(text), detail, args);
	va_end(args);
	from->out->detail = *text ? rights_keep(from->probe, text) : NULL;
}

static const char *errno_name(int code, char room[16])
{
	const char *name = code == ERROR_ENOTSUPP ? "ENOTSUPP" : strerrorname_np(code);

	if (name)
		return name;
	snprintf(room, 16, "%d", code);
	return room;
}

/* CAP_SYS_ADMIN stands for the younger ones, but for CAP_NET_ADMIN only with newer kernels: then nothing was refused. */
static uint32_t lacking(const struct refusal *rights, uint32_t need)
{
	uint32_t has = rights->caps;

	if (has & CAPS_SYS_ADMIN)
		has |= CAPS_BPF | CAPS_PERFMON;
	return need & ~has;
}

/* The same of those that count: of a user namespace's, bpf(2) takes none. */
static uint32_t lacking_here(const struct refusal *rights, uint32_t need)
{
	return rights->in_first_users == REFUSAL_NO ? need : lacking(rights, need);
}

/* "missing CAP_BPF, CAP_PERFMON", as kernels have them that know these; older ones ask for CAP_SYS_ADMIN. */
static const char *missing(const struct refusal *rights, uint32_t lacks, char text[DETAIL_ROOM])
{
	size_t used = 0;

	if (lacks & ~rights->known_caps)
		lacks = (lacks & rights->known_caps) | CAPS_SYS_ADMIN;
	*text = '\0';
	for (uint32_t bit = 1; bit <= lacks && used < DETAIL_ROOM; bit <<= 1)
		if (lacks & bit)
			used += (size_t)snprintf(text + used, DETAIL_ROOM - used, "%s%s",
						 used ? ", " : "missing ", caps_name(bit));
	return text;
}

static void explain_no_perf(const struct refused *from)
{
	if (rights_get(from->probe)->has_filter)
		settle(from, INSPECT_UNKNOWN, INSPECT_REASON_SECCOMP,
		       "this kernel has no perf_event_open(2), or a seccomp filter hides it");
	else
		settle(from, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN,
		       "this kernel has no perf_event_open(2)");
}

/* No bpf(2) at all, or a filter that says so: what else there is of bpf(2) in the kernel tells them apart. */
static void explain_absent(const struct refused *from)
{
	const struct refusal *rights = rights_get(from->probe);

	if (!rights->has_filter || rights->has_bpf == REFUSAL_NO)
		settle(from, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN, "this kernel has no bpf(2)");
	else if (rights->has_bpf == REFUSAL_YES)
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		       "a seccomp filter answers %s with ENOSYS", commands[from->act].name);
	else
		settle(from, INSPECT_UNKNOWN, INSPECT_REASON_SECCOMP,
		       "this kernel has no bpf(2), or a seccomp filter hides it");
}

/* Kernels before 6.4 refuse some commands to whom unprivileged_bpf_disabled is meant for at the first look. */
static bool is_early(const struct refusal *rights, int code)
{
	return code == EPERM && rights->unprivileged && lacking_here(rights, CAPS_BPF);
}

static bool explain_trial(const struct refused *from, const struct rights_trial *trial)
{
	const struct refusal *rights = rights_get(from->probe);
	const char *name = commands[from->act].name;
	char room[16];

	if (trial->is_seen)
		return false;
	if (trial->is_deadly)
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		       "a seccomp filter kills who calls %s", name);
	else if (trial->code == ENOSYS && from->act == ANSWER_PERF)
		explain_no_perf(from);
	else if (trial->code == ENOSYS)
		explain_absent(from);
	else if (!rights->has_filter || (from->act != ANSWER_PERF && is_early(rights, trial->code)))
		return false;
	else if (!trial->code)
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		       "a seccomp filter does not carry out %s, and says that it went well", name);
	else
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		       "a seccomp filter answers %s with %s", name, errno_name(trial->code, room));
	return true;
}

/* What was tried may have needed a map or types before, and have failed over these. */
static bool explain_before(const struct refused *from)
{
	static const enum answer_act acts[] = { ANSWER_MAP, ANSWER_BTF, ANSWER_PROG };
	struct refused before = *from;

	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
		const struct rights_trial *trial = rights_try(from->probe, commands[acts[i]].cmd);

		before.act = acts[i];
		if (!trial->is_seen && trial->code == from->code && explain_trial(&before, trial))
			return true;
	}
	return false;
}

/* What cannot be told from a filter's doing is tried once more, with a call that only a filter minds. */
static bool explain_filter(const struct refused *from)
{
	int cmd = commands[from->act].cmd;

	if (cmd < 0 || (from->code != ENOSYS && !rights_get(from->probe)->has_filter))
		return false;
	return explain_trial(from, rights_try(from->probe, cmd)) ||
	       (rights_get(from->probe)->has_filter && explain_before(from));
}

static void explain_namespace(const struct refused *from, uint32_t lacks)
{
	const char *mount = rights_delegating(from->probe);
	char text[DETAIL_ROOM];

	missing(rights_get(from->probe), lacks, text);
	if (from->probe->sys->token)
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_USER_NAMESPACE,
		       "the token of %.200s does not allow it%s%.100s", mount ? mount : "?",
		       *text ? "; " : "", text);
	else if (mount)
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_USER_NAMESPACE,
		       "capabilities of a user namespace need a token; %.200s may give one%s%.100s",
		       mount, *text ? "; " : "", text);
	else
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_USER_NAMESPACE,
		       "capabilities of a user namespace need a token, and no BPF file system "
		       "gives one%s%.100s",
		       *text ? "; " : "", text);
}

static void explain_lacking(const struct refused *from, struct need need, uint32_t lacks)
{
	const struct refusal *rights = rights_get(from->probe);
	char text[DETAIL_ROOM];

	missing(rights, lacks, text);
	if (need.is_free && rights->unprivileged > 0)
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_UNPRIVILEGED,
		       "kernel.unprivileged_bpf_disabled is %d; %.100s", rights->unprivileged,
		       text);
	else
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_CAPABILITY, "%.100s", text);
}

static bool has_charge(const struct refused *from)
{
	const struct refusal *rights = rights_get(from->probe);

	return rights->is_charged && rights->has_limit &&
	       (from->act == ANSWER_MAP || from->act == ANSWER_PROG);
}

/* Kernels that charge say EINVAL, and not EPERM, where a devmap is too much. */
static bool is_charged_devmap(const struct refused *from)
{
	return from->code == EINVAL && from->act == ANSWER_MAP && from->type &&
	       text_has_prefix(from->type, "devmap") && has_charge(from);
}

static void explain_charge(const struct refused *from)
{
	settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_MEMORY_LIMIT,
	       "this kernel charges maps and programs to RLIMIT_MEMLOCK, which is %llu bytes",
	       (unsigned long long)rights_get(from->probe)->limit);
}

static bool is_locked(const struct refused *from, const struct refusal *rights)
{
	bool minds_integrity = from->act == ANSWER_READ || from->act == ANSWER_ATTACH;

	return rights->lockdown == REFUSAL_LOCKDOWN_CONFIDENTIALITY ||
	       (minds_integrity && rights->lockdown == REFUSAL_LOCKDOWN_INTEGRITY);
}

static void explain_locked(const struct refused *from)
{
	settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_LOCKDOWN,
	       "the kernel is locked down: %s",
	       rights_get(from->probe)->lockdown == REFUSAL_LOCKDOWN_INTEGRITY ? "integrity"
									       : "confidentiality");
}

/* This process has all that it needs, and was refused. */
static void explain_rest(const struct refused *from)
{
	const struct refusal *rights = rights_get(from->probe);

	if (has_charge(from))
		explain_charge(from);
	else if (is_locked(from, rights))
		explain_locked(from);
	else if (*rights->modules)
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_LSM,
		       "this process has the capabilities; perhaps a security module refuses: %s",
		       rights->modules);
	else if (rights->in_first_users == REFUSAL_NOT_KNOWN)
		settle(from, INSPECT_UNKNOWN, INSPECT_REASON_OTHER,
		       "this process has the capabilities; without /proc it cannot be told in "
		       "which user namespace");
	else
		settle(from, INSPECT_UNKNOWN, INSPECT_REASON_OTHER,
		       "this process has the capabilities");
}

static void explain_eperm(const struct refused *from)
{
	const struct refusal *rights = rights_get(from->probe);
	struct need need = need_of(from->act, from->type);
	uint32_t lacks = lacking(rights, need.caps);

	if (rights->in_first_users == REFUSAL_NO)
		explain_namespace(from, lacks);
	else if (lacks)
		explain_lacking(from, need, lacks);
	else
		explain_rest(from);
}

/* SELinux says EACCES where it refuses, and so does the verifier to a program that it does not take. */
static void explain_eacces(const struct refused *from)
{
	const struct refusal *rights = rights_get(from->probe);

	if (from->act != ANSWER_PROG && strstr(rights->modules, "selinux"))
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_LSM, "active are %s",
		       rights->modules);
	else
		settle(from, INSPECT_UNKNOWN, INSPECT_REASON_OTHER, "%s", "");
}

/* Of /proc and /sys. */
static void explain_file(const struct refused *from)
{
	if (from->code == EPERM && is_locked(from, rights_get(from->probe)))
		explain_locked(from);
	else if (from->code == EPERM || from->code == EACCES)
		settle(from, INSPECT_NOT_PERMITTED, INSPECT_REASON_UNREADABLE,
		       "this process may not read it");
	else
		settle(from, INSPECT_UNKNOWN, INSPECT_REASON_UNREADABLE,
		       from->code == ENOENT ? "there is no such file" : "it cannot be read");
}

/* What passes, or is of this process alone: never a "no", whatever the caller thinks. */
static const char *passing(int code)
{
	switch (code) {
	case EMFILE:
		return "this process has too many open files";
	case ENFILE:
		return "the system has too many open files";
	case ENOMEM:
		return "there is not enough memory, or that of its control group is used up";
	case EINTR:
	case EAGAIN:
		return "the call was interrupted";
	case EFAULT:
		return "the kernel could not read what it was given";
	default:
		return NULL;
	}
}

/* EFAULT is how some calls that are bad on purpose end. */
bool answer_passes(int code)
{
	return code != EFAULT && passing(code);
}

static const char *odd(int code)
{
	switch (code) {
	case E2BIG:
		return "the call is longer than this kernel knows";
	case ERROR_ENOTSUPP:
		return "ENOTSUPP";
	default:
		return "";
	}
}

static bool is_among(const int *codes, int code)
{
	for (unsigned i = 0; codes && i < 3 && codes[i]; i++)
		if (codes[i] == code)
			return true;
	return false;
}

static void explain(const struct refused *from, const int *means_no)
{
	if (from->act == ANSWER_READ && !is_among(means_no, from->code))
		explain_file(from);
	else if (explain_filter(from))
		return;
	else if (from->code == EPERM)
		explain_eperm(from);
	else if (is_charged_devmap(from))
		explain_charge(from);
	else if (passing(from->code))
		settle(from, INSPECT_UNKNOWN, INSPECT_REASON_OTHER, "%s", passing(from->code));
	else if (is_among(means_no, from->code))
		settle(from, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN, "%s", "");
	else if (from->code == EACCES)
		explain_eacces(from);
	else
		settle(from, INSPECT_UNKNOWN, INSPECT_REASON_OTHER, "%s", odd(from->code));
}

void answer_call_as(struct probe *probe, struct inspect_feature *out, enum answer_act act,
		    const char *type, int code, const int means_no[3])
{
	const struct refused from = { probe, out, act, type, code };

	out->code = code;
	out->found = act == ANSWER_READ ? INSPECT_FOUND_FILE : INSPECT_FOUND_PROBE;
	if (code)
		explain(&from, means_no);
	else
		answer_yes(out, out->found);
}

void answer_call(struct probe *probe, struct inspect_feature *out, enum answer_act act, int code,
		 const int means_no[3])
{
	answer_call_as(probe, out, act, need_type(out), code, means_no);
}

bool answer_may(struct probe *probe, enum answer_act act, struct inspect_feature *out)
{
	const struct rights_trial *trial;

	if (commands[act].cmd < 0)
		return true;
	trial = rights_try(probe, commands[act].cmd);
	if (act == ANSWER_CALL && !trial->is_seen)
		trial = rights_try(probe, ABI_PROG_LOAD);
	if (trial->is_seen)
		return true;
	const struct refused from = { probe, out, act, need_type(out), trial->code };
	out->code = trial->code;
	out->found = INSPECT_FOUND_PROBE;
	if (!explain_trial(&from, trial))
		explain(&from, NULL);
	return false;
}

/* The verifier takes fewer programs of those who lack a capability, and never says that this is why. */
static uint32_t doubtful(const struct refusal *rights, const struct inspect_feature *feature)
{
	switch (feature->kind) {
	case INSPECT_FEATURE_HELPER:
		return lacking_here(rights, need_of_helper(feature->name));
	case INSPECT_FEATURE_MISC:
	case INSPECT_FEATURE_INSTRUCTION:
	case INSPECT_FEATURE_KFUNC:
	case INSPECT_FEATURE_FACILITY:
		return lacking_here(rights, CAPS_BPF | CAPS_PERFMON);
	default:
		return 0;
	}
}

static bool is_hidden(const struct refusal *rights, const struct inspect_feature *feature)
{
	return feature->kind == INSPECT_FEATURE_HELPER &&
	       rights->lockdown > REFUSAL_LOCKDOWN_NONE &&
	       need_helper_unlocked(feature->name, rights->lockdown == REFUSAL_LOCKDOWN_INTEGRITY);
}

/* Whoever knows the option itself says no more than its name. */
static bool is_option(const char *detail)
{
	return detail && text_has_prefix(detail, "CONFIG_") && !strchr(detail, ' ');
}

/* Does it not say more than that the thing is not there, for a reason that an option may be? */
static bool may_be_option(const struct inspect_feature *feature)
{
	if (feature->kind == INSPECT_FEATURE_CONFIG || feature->detail)
		return feature->code == ENOSYS;
	return feature->reason == INSPECT_REASON_NOT_BUILT_IN ||
	       (feature->reason == INSPECT_REASON_NOT_FOR_TYPE &&
		feature->kind == INSPECT_FEATURE_HELPER);
}

void answer_review(struct probe *probe, struct inspect_feature *feature)
{
	const struct refused from = { probe, feature, ANSWER_PROG, NULL, feature->code };
	char text[DETAIL_ROOM];

	if (feature->answer != INSPECT_NO)
		return;
	const struct refusal *rights =
		feature->found == INSPECT_FOUND_PROBE ? rights_get(probe) : NULL;
	uint32_t lacks = rights ? doubtful(rights, feature) : 0;
	if (rights && is_hidden(rights, feature))
		explain_locked(&from);
	else if (lacks)
		settle(&from, INSPECT_NOT_PERMITTED, INSPECT_REASON_CAPABILITY, "%s",
		       missing(rights, lacks, text));
	else if (may_be_option(feature))
		option_explain(probe, feature);
	else if (feature->reason == INSPECT_REASON_CONFIG && is_option(feature->detail))
		settle(&from, INSPECT_NO, INSPECT_REASON_CONFIG, "%.200s is not set",
		       feature->detail);
}
