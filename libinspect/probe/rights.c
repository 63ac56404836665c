/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rights.c - what this process may do
 *
 * A filter of seccomp cannot be read, only tried, and trying may be the end: it may kill. So it is tried by a child.
 */
#include "probe/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "kernel/mounts.h"
#include "kernel/perf.h"
#include "probe/probe.h"

#define TRIAL_SECONDS 5

struct rights_text {
	struct rights_text *next;
	char text[];
};

const char *rights_keep(struct probe *probe, const char *text)
{
	for (const struct rights_text *at = probe->rights.texts; at; at = at->next)
		if (strcmp(at->text, text) == 0)
			return at->text;
	size_t size = strlen(text) + 1;
	struct rights_text *kept = malloc(sizeof(*kept) + size);
	if (!kept)
		return NULL;
	memcpy(kept->text, text, size);
	kept->next = probe->rights.texts;
	probe->rights.texts = kept;
	return kept->text;
}

static void texts_done(struct rights *rights)
{
	struct rights_text *next;

	for (; rights->texts; rights->texts = next) {
		next = rights->texts->next;
		free(rights->texts);
	}
}

const struct refusal *rights_get(struct probe *probe)
{
	struct rights *rights = &probe->rights;

	if (!rights->is_read)
		refusal_read(probe->sys, &rights->refusal);
	rights->is_read = true;
	return &rights->refusal;
}

static int try_call(const struct sys *sys, int cmd)
{
	return cmd == RIGHTS_PERF ? -perf_try() : -sys_try(sys, cmd);
}

struct trying {
	const struct sys *sys;
	int cmd;
};

static void try_in_child(void *context, int fd)
{
	const struct trying *trying = context;
	int code = try_call(trying->sys, trying->cmd);

	child_put(fd, &code, sizeof(code), NULL, 0);
}

/* A child that cannot be had tells nothing; then the call is taken as one that the kernel would see. */
static int try_apart(struct probe *probe, int cmd, bool *is_deadly)
{
	static const struct child_limits limits = { .seconds = TRIAL_SECONDS };
	struct trying trying = { probe->sys, cmd };
	struct child child;
	int code = E2BIG, fds[CHILD_FDS];

	if (child_start(&child, try_in_child, &trying, &limits))
		return E2BIG;
	int r = child_get(child.fd, &code, sizeof(code), fds);
	*is_deadly = child_end(&child) == -ENOTRECOVERABLE && r != 1;
	return r == 1 ? code : *is_deadly ? 0 : E2BIG;
}

/* Without all the rest that rights are about, which takes longer than a question. */
static bool has_filter(const struct rights *rights)
{
	return rights->is_read ? rights->refusal.has_filter : refusal_has_filter();
}

const struct rights_trial *rights_try(struct probe *probe, int cmd)
{
	static const struct rights_trial seen = { .is_made = true, .is_seen = true };

	if (cmd < 0 || cmd >= RIGHTS_CMDS)
		return &seen;
	struct rights_trial *trial = &probe->rights.trials[cmd];
	if (trial->is_made)
		return trial;
	trial->code = has_filter(&probe->rights) ? try_apart(probe, cmd, &trial->is_deadly)
						 : try_call(probe->sys, cmd);
	trial->is_seen = trial->code == E2BIG && !trial->is_deadly;
	trial->is_made = true;
	return trial;
}

static int forbids(void *guard, int cmd)
{
	const struct rights_trial *trial = rights_try(guard, cmd);

	if (trial->is_deadly || (!trial->is_seen && !trial->code))
		return EPERM;
	return 0;
}

/* Of a hard limit, too, where this process may. */
static void raise_limit(struct rights *rights)
{
	static const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	if (getrlimit(RLIMIT_MEMLOCK, &rights->limit) || rights->limit.rlim_cur == RLIM_INFINITY)
		return;
	struct rlimit most = { rights->limit.rlim_max, rights->limit.rlim_max };
	rights->is_raised = !setrlimit(RLIMIT_MEMLOCK, &none) || !setrlimit(RLIMIT_MEMLOCK, &most);
}

static int find_delegating(void *context, const char *directory, const char *options)
{
	struct probe *probe = context;

	if (strstr(options, "delegate_cmds="))
		probe->rights.delegating = rights_keep(probe, directory);
	return probe->rights.delegating != NULL;
}

const char *rights_delegating(struct probe *probe)
{
	if (!probe->rights.was_sought)
		mounts_each_with(probe->sys, "bpf", find_delegating, probe);
	probe->rights.was_sought = true;
	return probe->rights.delegating;
}

/*
 * In a user namespace a token makes its capabilities count, as far as it goes. The file system must be of the same
 * namespace, so that the first one has none to give, and is not asked.
 */
static void take_token(struct probe *probe)
{
	if (refusal_in_first_users(probe->sys) != REFUSAL_NO)
		return;
	const char *mount = rights_delegating(probe);
	autoclose int fd = mount ? open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int token = fd < 0 ? -1 : sys_token_create(probe->sys, fd);

	/* Under a filter that pretends success, a descriptor may be 0. */
	if (token <= 0)
		return;
	probe->inspect->sys.token = token;
}

void rights_begin(struct probe *probe)
{
	raise_limit(&probe->rights);
	if (refusal_has_filter()) {
		probe->inspect->sys.guard = probe;
		probe->inspect->sys.forbids = forbids;
	}
	take_token(probe);
}

void rights_end(struct probe *probe)
{
	struct rights *rights = &probe->rights;

	if (rights->is_raised)
		setrlimit(RLIMIT_MEMLOCK, &rights->limit);
	if (probe->inspect->sys.token > 0)
		close(probe->inspect->sys.token);
	probe->inspect->sys.token = 0;
	probe->inspect->sys.forbids = NULL;
	probe->inspect->sys.guard = NULL;
	texts_done(rights);
	*rights = (struct rights){ 0 };
}
