/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * setting.c - what an admin can set
 *
 * Files of /proc/sys are only read. One that is not there is "no" only where its neighbour is: /proc may not be mounted, and
 * other network namespaces than the first have few of those below net.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/proc.h"
#include "probe/answer.h"
#include "probe/name.h"

#define PATH_ROOM 256
#define VALUE_ROOM 128 /* numbers, all of them */

struct setting {
	const char *name; /* as sysctl has it */
	bool is_of_net;
};

/* The first five are bpftool's, in its order. */
static const struct setting settings[] = {
	{ "kernel.unprivileged_bpf_disabled", false },
	{ "net.core.bpf_jit_enable", true },
	{ "net.core.bpf_jit_harden", true },
	{ "net.core.bpf_jit_kallsyms", true },
	{ "net.core.bpf_jit_limit", true },
	{ "kernel.bpf_stats_enabled", false },
	{ "kernel.kptr_restrict", false },
	{ "kernel.dmesg_restrict", false },
	{ "kernel.perf_event_paranoid", false },
	{ "kernel.perf_event_max_stack", false },
	{ "kernel.perf_event_max_sample_rate", false },
	{ "kernel.ftrace_enabled", false },
	{ "kernel.modules_disabled", false },
	{ "user.max_user_namespaces", false },
};

#define N_SETTINGS (sizeof(settings) / sizeof(*settings))

const char *setting_name(unsigned i)
{
	return i < N_SETTINGS ? settings[i].name : NULL;
}

static void path_of(const struct sys *sys, const char *name, char path[PATH_ROOM])
{
	size_t n = (size_t)snprintf(path, PATH_ROOM, "%s/proc/sys/", sys->root);

	snprintf(path + n, PATH_ROOM - n, "%s", name);
	for (char *at = path + n; *at; at++)
		if (*at == '.')
			*at = '/';
}

/* The file's only line in @value: 0 or a positive errno. */
static int read_line(const char *path, char value[VALUE_ROOM])
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	ssize_t n = read(fd, value, VALUE_ROOM - 1);
	if (n < 0)
		return errno;
	value[n] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return 0;
}

static void answer(struct probe *probe, const struct setting *setting, char value[VALUE_ROOM],
		   struct inspect_feature *out)
{
	static const int means_no[3] = { ENOENT };
	char path[PATH_ROOM];

	path_of(probe->sys, setting->name, path);
	int code = read_line(path, value);
	path_of(probe->sys, setting->is_of_net ? "net.core.dev_weight" : "kernel.ostype", path);
	if (code == ENOENT && access(path, F_OK) != 0) {
		out->code = code;
		out->reason = INSPECT_REASON_UNREADABLE;
		out->detail = setting->is_of_net
				      ? "only the first network namespace tells it, with /proc"
				      : "/proc/sys is not there";
		return;
	}
	answer_call(probe, out, ANSWER_READ, code, means_no);
	out->found = INSPECT_FOUND_FILE;
	if (!code)
		out->value = value;
}

static int tell(struct probe *probe, const struct setting *setting)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_SETTING, .name = setting->name };
	char value[VALUE_ROOM];

	answer(probe, setting, value, &out);
	return probe_tell(probe, &out);
}

int setting_each(struct probe *probe, struct inspect_error *err)
{
	int r = 0;

	(void)err;
	for (size_t i = 0; !r && i < N_SETTINGS; i++)
		r = tell(probe, &settings[i]);
	return r;
}

/* "net.core.bpf_jit_enable" and "bpf_jit_enable" mean the same. */
static const char *last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot + 1 : name;
}

int setting_ask(struct probe *probe, const struct inspect_question *question,
		struct inspect_error *err)
{
	struct name_search search;

	name_search_begin(&search, question->name);
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const char *name = settings[i].name;

		if (strcmp(name, question->name) == 0 ||
		    strcmp(last_part(name), question->name) == 0)
			return tell(probe, &settings[i]);
		name_search_try(&search, name);
		name_search_try(&search, last_part(name));
	}
	return name_unknown_of(question, &search, err);
}
