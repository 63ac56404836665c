/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * caps.c - why the kernel said no, and the way out
 *
 * EPERM has many fathers. Whether this process has the capability tells the common one, a user
 * without it, from the others: a filter, a security module, a capability that counts only in a user
 * namespace.
 */
#include "kernel/caps.h"

#include <errno.h>
#include <sys/capability.h>

#include "base/error.h"

static bool has_capability(cap_value_t capability)
{
	cap_flag_value_t value = CAP_CLEAR;
	cap_t caps = cap_get_proc();

	if (!caps)
		return false;
	if (cap_get_flag(caps, capability, CAP_EFFECTIVE, &value))
		value = CAP_CLEAR;
	cap_free(caps);
	return value == CAP_SET;
}

static const struct {
	uint32_t bit;
	cap_value_t value;
	const char *name;
} rows[] = {
	{ CAPS_SYS_ADMIN, CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
	{ CAPS_BPF, CAP_BPF, "CAP_BPF" },
	{ CAPS_PERFMON, CAP_PERFMON, "CAP_PERFMON" },
	{ CAPS_NET_ADMIN, CAP_NET_ADMIN, "CAP_NET_ADMIN" },
	{ CAPS_SYS_RESOURCE, CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE" },
	{ CAPS_SYSLOG, CAP_SYSLOG, "CAP_SYSLOG" },
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

uint32_t caps_effective(void)
{
	uint32_t found = 0;

	for (size_t i = 0; i < N_ROWS; i++)
		if (has_capability(rows[i].value))
			found |= rows[i].bit;
	return found;
}

uint32_t caps_known(void)
{
	uint32_t found = 0;

	for (size_t i = 0; i < N_ROWS; i++)
		if (cap_get_bound(rows[i].value) >= 0)
			found |= rows[i].bit;
	return found;
}

const char *caps_name(uint32_t bit)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].bit == bit)
			return rows[i].name;
	return NULL;
}

bool caps_has_syslog(void)
{
	return has_capability(CAP_SYSLOG);
}

bool caps_may_load(void)
{
	return has_capability(CAP_SYS_ADMIN) || has_capability(CAP_BPF);
}

/* EACCES is the verifier's word for a program it does not take, which has nothing to do with rights. */
static int hint_load(struct inspect_error *err)
{
	bool is_admin = has_capability(CAP_SYS_ADMIN);

	if (err->code != EPERM)
		return -err->code;
	if (!is_admin && !has_capability(CAP_BPF))
		return inspect_hint(err,
				    "loading needs CAP_BPF, for tracing CAP_PERFMON too and for "
				    "networking CAP_NET_ADMIN; before Linux 5.8 CAP_SYS_ADMIN");
	if (!is_admin && !has_capability(CAP_PERFMON) && !has_capability(CAP_NET_ADMIN))
		return inspect_hint(err, "with CAP_BPF alone: tracing needs CAP_PERFMON too, and "
					 "networking CAP_NET_ADMIN");
	return inspect_hint(err,
			    "this process has the capability, so a seccomp filter or a security "
			    "module forbids it, the kernel is locked down, or the capability "
			    "counts only in a user namespace");
}

bool caps_lacks_attach(void)
{
	return !has_capability(CAP_SYS_ADMIN) && !has_capability(CAP_NET_ADMIN);
}

int caps_hint(struct inspect_error *err, enum caps_act act)
{
	if (!err)
		return -EPERM;
	if (err->code == ENOSYS)
		return inspect_hint(err, "this kernel has no bpf(2), or a seccomp filter hides it");
	if (err->code != EPERM && err->code != EACCES)
		return -err->code;
	if (act == CAPS_BY_PATH)
		return inspect_hint(err, "a pinned object needs read permission on its path, "
					 "and search permission on the directories above it");
	if (act == CAPS_LOAD)
		return hint_load(err);
	if (act == CAPS_TO_ATTACH && caps_lacks_attach())
		return inspect_hint(err, "attaching to sockets, networks and cgroups needs "
					 "CAP_NET_ADMIN, and CAP_BPF beside it");
	if (!has_capability(CAP_SYS_ADMIN))
		return inspect_hint(err, "listing and opening by id needs CAP_SYS_ADMIN; a pinned "
					 "object needs only read permission on its path");
	return inspect_hint(err, "this process has CAP_SYS_ADMIN, so bpf(2) is forbidden by a "
				 "seccomp filter or a security module, or the capability counts "
				 "only in a user namespace");
}
