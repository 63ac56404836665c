/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * command.c - bpf(2) and its commands
 *
 * A kernel says EINVAL to a command that it does not know, and to almost all that is wrong with one that it does. So each
 * command is called in a way that it refuses in other words, because a descriptor or an id in it is none: that is looked at
 * before anything is done. Commands that have no such way are not called at all, as are those that turn something on or
 * detach: the kernel's types know them, and where these cannot be had their numbers tell, since new ones are added at the
 * end alone: if a later one is known, so is an earlier one.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "probe/answer.h"
#include "probe/name.h"
#include "probe/rights.h"

#define NO_FD 0xffffffffu
#define NO_ID 0xffffffffu
#define LAST_ID 0x7ffffffeu /* there is none behind it */
#define SOCKET_FILTER 1
#define NO_PROCESS 0x7fffffffu

struct command {
	const char *name;
	enum answer_act act;
	/* The attributes: up to two numbers at places of theirs, the rest is 0. Size 0: it is not called. */
	unsigned size;
	unsigned at, value;
	unsigned also_at, also;
	unsigned like; /* not called: another one that needs the same rights */
};

/* By number. */
static const struct command commands[] = {
	{ "map_create", ANSWER_MAP, 0, 0, 0, 0, 0, 5 },
	{ "map_lookup_elem", ANSWER_ELEM, 32, 0, NO_FD, 0, 0, 0 },
	{ "map_update_elem", ANSWER_ELEM, 32, 0, NO_FD, 0, 0, 0 },
	{ "map_delete_elem", ANSWER_ELEM, 16, 0, NO_FD, 0, 0, 0 },
	{ "map_get_next_key", ANSWER_ELEM, 24, 0, NO_FD, 0, 0, 0 },
	{ "prog_load", ANSWER_PROG, 48, 0, SOCKET_FILTER, 0, 0,
	  0 }, /* of no instruction: E2BIG or EFAULT */
	{ "obj_pin", ANSWER_INFO, 0, 0, 0, 0, 0, 7 },
	{ "obj_get", ANSWER_INFO, 16, 0, 0, 0, 0, 0 }, /* of a path that is NULL: EFAULT */
	{ "prog_attach", ANSWER_ATTACH, 16, 0, NO_FD, 4, NO_FD, 0 },
	{ "prog_detach", ANSWER_ATTACH, 0, 0, 0, 0, 0, 8 },
	{ "prog_test_run", ANSWER_RUN, 40, 0, NO_FD, 0, 0, 0 },
	{ "prog_get_next_id", ANSWER_BY_ID, 8, 0, LAST_ID, 0, 0, 0 },
	{ "map_get_next_id", ANSWER_BY_ID, 8, 0, LAST_ID, 0, 0, 0 },
	{ "prog_get_fd_by_id", ANSWER_BY_ID, 4, 0, NO_ID, 0, 0, 0 },
	{ "map_get_fd_by_id", ANSWER_BY_ID, 4, 0, NO_ID, 0, 0, 0 },
	{ "obj_get_info_by_fd", ANSWER_INFO, 16, 0, NO_FD, 0, 0, 0 },
	{ "prog_query", ANSWER_INFO, 28, 0, NO_FD, 0, 0, 0 },
	{ "raw_tracepoint_open", ANSWER_ATTACH, 12, 8, NO_FD, 0, 0, 0 },
	{ "btf_load", ANSWER_BTF, 28, 16, NO_ID, 0, 0, 0 }, /* of too large a size: E2BIG */
	{ "btf_get_fd_by_id", ANSWER_BY_ID, 4, 0, NO_ID, 0, 0, 0 },
	{ "task_fd_query", ANSWER_BY_ID, 48, 0, NO_PROCESS, 0, 0, 0 },
	{ "map_lookup_and_delete_elem", ANSWER_ELEM, 24, 0, NO_FD, 0, 0, 0 },
	{ "map_freeze", ANSWER_ELEM, 4, 0, NO_FD, 0, 0, 0 },
	{ "btf_get_next_id", ANSWER_BY_ID, 8, 0, LAST_ID, 0, 0, 0 },
	{ "map_lookup_batch", ANSWER_BATCH, 56, 36, NO_FD, 0, 0, 0 },
	{ "map_lookup_and_delete_batch", ANSWER_BATCH, 56, 36, NO_FD, 0, 0, 0 },
	{ "map_update_batch", ANSWER_BATCH, 56, 36, NO_FD, 0, 0, 0 },
	{ "map_delete_batch", ANSWER_BATCH, 56, 36, NO_FD, 0, 0, 0 },
	{ "link_create", ANSWER_ATTACH, 16, 0, NO_FD, 4, NO_FD, 0 },
	{ "link_update", ANSWER_ATTACH, 16, 0, NO_FD, 4, NO_FD, 0 },
	{ "link_get_fd_by_id", ANSWER_BY_ID, 4, 0, NO_ID, 0, 0, 0 },
	{ "link_get_next_id", ANSWER_BY_ID, 8, 0, LAST_ID, 0, 0, 0 },
	{ "enable_stats", ANSWER_CALL, 0, 0, 0, 0, 0, 11 },
	{ "iter_create", ANSWER_ATTACH, 8, 0, NO_FD, 0, 0, 0 },
	{ "link_detach", ANSWER_ATTACH, 0, 0, 0, 0, 0, 29 },
	{ "prog_bind_map", ANSWER_PROG, 12, 0, NO_FD, 4, NO_FD, 0 },
	{ "token_create", ANSWER_TOKEN, 8, 4, NO_FD, 0, 0, 0 },
	{ "prog_stream_read_by_fd", ANSWER_INFO, 20, 16, NO_FD, 0, 0, 0 },
	{ "prog_assoc_struct_ops", ANSWER_ATTACH, 12, 0, NO_FD, 4, NO_FD, 0 },
};

#define N_COMMANDS (sizeof(commands) / sizeof(*commands))
#define ATTR_WORDS 16

const char *command_name(unsigned i)
{
	return i < N_COMMANDS ? commands[i].name : NULL;
}

/* A call that the command refuses: what it says. */
static int knock(const struct probe *probe, unsigned number)
{
	const struct command *command = &commands[number];
	uint32_t attr[ATTR_WORDS] = { 0 };

	attr[command->at / 4] = command->value;
	if (command->also_at)
		attr[command->also_at / 4] = command->also;
	int r = sys_knock(probe->sys, number, attr, command->size);
	return r < 0 ? -r : 0;
}

static bool is_known_by_call(const struct probe *probe, unsigned number)
{
	int code = commands[number].size ? knock(probe, number) : EINVAL;

	return code != EINVAL && code != ENOSYS && !answer_is_open(code);
}

/* 1, 0, or negative: the kernel's types cannot be had. */
static int is_in_types(struct probe *probe, unsigned number)
{
	char name[64] = "BPF_";
	uint64_t value;
	size_t n = strlen(name);

	for (const char *at = commands[number].name; *at && n < sizeof(name) - 1; at++)
		name[n++] = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
	name[n] = '\0';
	return types_value(probe, "bpf_cmd", name, &value);
}

static void answer_by_order(struct probe *probe, unsigned number, struct inspect_feature *out)
{
	for (unsigned later = number + 1; later < N_COMMANDS; later++)
		if (is_known_by_call(probe, later)) {
			answer_yes(out, INSPECT_FOUND_RULE);
			out->detail = "a later command is there";
			return;
		}
	out->reason = INSPECT_REASON_NO_TYPES;
}

/* It said EINVAL, or it was not called: @code is 0. */
static void answer_by_types(struct probe *probe, unsigned number, int code,
			    struct inspect_feature *out)
{
	int r = is_in_types(probe, number);

	if (r > 0)
		answer_yes(out, INSPECT_FOUND_BTF);
	else if (r == 0)
		answer_no(out, INSPECT_FOUND_BTF, code, INSPECT_REASON_NOT_BUILT_IN);
	else if (code == EINVAL)
		answer_no(out, INSPECT_FOUND_PROBE, code, INSPECT_REASON_NOT_BUILT_IN);
	else
		answer_by_order(probe, number, out);
}

static void answer(struct probe *probe, unsigned number, struct inspect_feature *out)
{
	const struct command *command = &commands[number];

	if (!answer_may(probe, command->act, out))
		return;
	int code = knock(probe, command->size ? number : command->like);
	if (code == EPERM && is_in_types(probe, number) == 0)
		answer_no(out, INSPECT_FOUND_BTF, code, INSPECT_REASON_NOT_BUILT_IN);
	else if (answer_is_open(code))
		answer_call(probe, out, command->act, code, NULL);
	else if (code == EINVAL || !command->size)
		answer_by_types(probe, number, command->size ? code : 0, out);
	else if (code == ENOSYS || code == EOPNOTSUPP)
		answer_no(out, INSPECT_FOUND_PROBE, code, INSPECT_REASON_NOT_BUILT_IN);
	else
		answer_yes(out, INSPECT_FOUND_PROBE);
}

static int tell(struct probe *probe, unsigned number)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_COMMAND,
				       .name = commands[number].name };

	answer(probe, number, &out);
	return probe_tell(probe, &out);
}

/* The system call itself, also where this process may do nothing with it. */
static int tell_call(struct probe *probe)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_COMMAND, .name = "bpf" };

	bool may = answer_may(probe, ANSWER_CALL, &out);
	/* Before Linux 6.4 an ordinary user gets EPERM for any command; a kernel without the call says ENOSYS. */
	bool is_seen_off = out.code == EPERM && !rights_get(probe)->has_filter;

	if (may || is_seen_off) {
		out = (struct inspect_feature){ .kind = out.kind, .name = out.name };
		answer_yes(&out, INSPECT_FOUND_PROBE);
	}
	return probe_tell(probe, &out);
}

int command_each(struct probe *probe, struct inspect_error *err)
{
	int r = tell_call(probe);

	(void)err;
	for (unsigned i = 0; !r && i < N_COMMANDS; i++)
		r = tell(probe, i);
	return r;
}

int command_ask(struct probe *probe, const struct inspect_question *question,
		struct inspect_error *err)
{
	struct name_search search;

	if (strcmp(question->name, "bpf") == 0)
		return tell_call(probe);
	name_search_begin(&search, question->name);
	for (unsigned i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i].name, question->name) == 0)
			return tell(probe, i);
		name_search_try(&search, commands[i].name);
	}
	return name_unknown_of(question, &search, err);
}
