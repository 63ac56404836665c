/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * refusal.c - what may stand behind EPERM, which is all that the kernel says of it
 */
#include "kernel/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "kernel/caps.h"
#include "kernel/proc.h"
#include "kernel/securityfs.h"

#define FIRST_USERS 0xeffffffdu /* the kernel's PROC_USER_INIT_INO */
#define FILE_MOST 65536
#define PATH_ROOM 256
#define SYS_LSM_LIST_MODULES 461 /* younger than some C libraries */
#define MODULES_MOST 64

static const char *below(const struct sys *sys, const char *file, char path[PATH_ROOM])
{
	return snprintf(path, PATH_ROOM, "%s%s", sys->root, file) < PATH_ROOM ? path : "";
}

/* The text of a file, to be freed; NULL where it cannot be read. */
static char *read_text(const struct sys *sys, const char *file)
{
	autofree char *bytes = NULL;
	char path[PATH_ROOM];
	size_t size;

	if (proc_read_file(below(sys, file, path), FILE_MOST, &bytes, &size, NULL))
		return NULL;
	return strndup(bytes, size);
}

/* "none [integrity] confidentiality": the word in brackets counts. */
static enum refusal_lockdown read_lockdown(const struct sys *sys)
{
	autofree char *text = NULL;

	if (securityfs_read(sys, "lockdown", &text) || !strchr(text, '['))
		return REFUSAL_LOCKDOWN_NOT_KNOWN;
	if (strstr(text, "[none]"))
		return REFUSAL_LOCKDOWN_NONE;
	return strstr(text, "[integrity]") ? REFUSAL_LOCKDOWN_INTEGRITY
					   : REFUSAL_LOCKDOWN_CONFIDENTIALITY;
}

/* Those that have hooks of bpf(2), by the kernel's LSM_ID_; "capability", "yama" and the like do not stand in its way. */
static const struct {
	uint64_t id;
	const char *name;
} modules[] = { { 101, "selinux" }, { 109, "bpf" } };

static void add_module(struct refusal *out, const char *name, size_t size)
{
	size_t used = strlen(out->modules);

	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		if (strlen(modules[i].name) == size && strncmp(modules[i].name, name, size) == 0)
			snprintf(out->modules + used, sizeof(out->modules) - used, "%s%s",
				 used ? ", " : "", modules[i].name);
}

/* Since Linux 6.8, the kernel tells it without a file system. */
static void ask_modules(struct refusal *out)
{
	uint64_t ids[MODULES_MOST];
	uint32_t size = sizeof(ids);

	long n = syscall(SYS_LSM_LIST_MODULES, ids, &size, 0);
	for (long i = 0; i < n && i < MODULES_MOST; i++)
		for (size_t j = 0; j < sizeof(modules) / sizeof(*modules); j++)
			if (modules[j].id == ids[i])
				add_module(out, modules[j].name, strlen(modules[j].name));
}

static void read_modules(const struct sys *sys, struct refusal *out)
{
	autofree char *text = NULL;

	if (securityfs_read(sys, "lsm", &text) && !*sys->root)
		ask_modules(out);
	for (const char *at = text; at && *at;) {
		size_t size = strcspn(at, ",\n");

		add_module(out, at, size);
		at += size + (at[size] != '\0');
	}
}

enum refusal_known refusal_in_first_users(const struct sys *sys)
{
	struct stat seen;
	char path[PATH_ROOM];

	if (stat(below(sys, "/proc/self/ns/user", path), &seen))
		return REFUSAL_NOT_KNOWN;
	return seen.st_ino == FIRST_USERS ? REFUSAL_YES : REFUSAL_NO;
}

/* The setting and the file system are parts of bpf(2): where one is, it is. */
static void read_bpf(const struct sys *sys, struct refusal *out)
{
	int64_t value;

	out->unprivileged = -1;
	if (proc_sysctl(sys, "kernel/unprivileged_bpf_disabled", &value)) {
		out->unprivileged = (int)value;
		out->has_bpf = REFUSAL_YES;
		return;
	}
	autofree char *text = read_text(sys, "/proc/filesystems");
	if (text)
		out->has_bpf = strstr(text, "\tbpf\n") ? REFUSAL_YES : REFUSAL_NO;
}

/*
 * The first series that counts this memory in control groups alone is 5.11. Asking the kernel would take objects that
 * may not be made; the number only chooses the words for a refusal, and decides of no answer.
 */
static bool is_charged(void)
{
	struct utsname names;
	uint64_t major, minor;

	if (uname(&names))
		return false;
	char *dot = strchr(names.release, '.');
	if (!dot)
		return false;
	*dot++ = '\0';
	dot[strspn(dot, "0123456789")] = '\0';
	if (num_parse(names.release, NUM_DECIMAL, UINT16_MAX, &major) ||
	    num_parse(dot, NUM_DECIMAL, UINT16_MAX, &minor))
		return false;
	return major < 5 || (major == 5 && minor < 11);
}

static void read_limit(struct refusal *out)
{
	struct rlimit limit;

	out->is_charged = is_charged();
	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	out->has_limit = limit.rlim_cur != RLIM_INFINITY;
	out->limit = limit.rlim_cur;
}

/* A filter that does not allow this question is one, too. */
bool refusal_has_filter(void)
{
	int mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);

	return mode > 0 || (mode < 0 && errno != EINVAL);
}

void refusal_read(const struct sys *sys, struct refusal *out)
{
	*out = (struct refusal){
		.has_rights = caps_may_load(),
		.caps = caps_effective(),
		.known_caps = caps_known(),
		.in_first_users = refusal_in_first_users(sys),
		.lockdown = read_lockdown(sys),
		.has_filter = refusal_has_filter(),
	};
	out->is_locked_down = out->lockdown == REFUSAL_LOCKDOWN_CONFIDENTIALITY;
	read_bpf(sys, out);
	read_modules(sys, out);
	read_limit(out);
}
