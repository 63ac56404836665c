/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * withheld.c - why there is no machine code to be had
 */
#include "code/withheld.h"

#include <errno.h>

#include "base/error.h"
#include "kernel/caps.h"
#include "kernel/proc.h"

int withheld_not_jited(const struct sys *sys, uint32_t prog_id, struct inspect_error *err)
{
	int64_t is_on;

	inspect_fail(err, ENODATA, "prog %u: read machine code", prog_id);
	if (!proc_sysctl(sys, "net/core/bpf_jit_enable", &is_on))
		return inspect_hint(err,
				    "the program is interpreted, as where the kernel has no JIT "
				    "compiler");
	if (!is_on)
		return inspect_hint(err, "the JIT compiler is off: programs loaded after "
					 "'sysctl net.core.bpf_jit_enable=1' have machine code");
	return inspect_hint(err, "the program is interpreted: it was loaded while the JIT compiler "
				 "was off (net.core.bpf_jit_enable), or is too much for that");
}

/* Without CAP_SYSLOG: what else would show addresses. */
static int hint_at_syslog(const struct sys *sys, int64_t restriction, struct inspect_error *err)
{
	int64_t paranoia;

	if (restriction == 1)
		return inspect_hint(err, "CAP_SYSLOG is needed, since kernel.kptr_restrict is 1");
	if (proc_sysctl(sys, "kernel/perf_event_paranoid", &paranoia) && paranoia > 1)
		return inspect_hint(err,
				    "CAP_SYSLOG is needed, since kernel.perf_event_paranoid is %d; "
				    "with kernel.kptr_restrict 0, as it is, 1 would do without",
				    (int)paranoia);
	return inspect_hint(err, "CAP_SYSLOG is needed");
}

int withheld_hidden(const struct sys *sys, uint32_t prog_id, struct inspect_error *err)
{
	int64_t restriction = 0;

	inspect_fail(err, EPERM, "prog %u: read machine code", prog_id);
	bool is_known = proc_sysctl(sys, "kernel/kptr_restrict", &restriction);
	if (restriction >= 2)
		return inspect_hint(err,
				    "kernel.kptr_restrict is %d, which hides it from every user: "
				    "'sysctl kernel.kptr_restrict=1' gives it to those with "
				    "CAP_SYSLOG",
				    (int)restriction);
	if (!caps_has_syslog())
		return hint_at_syslog(sys, restriction, err);
	if (is_known)
		return inspect_hint(
			err, "this process has CAP_SYSLOG, so a security module forbids it, or "
			     "the capability counts only in a user namespace");
	return inspect_hint(err, "kernel.kptr_restrict, which cannot be read here, may hide it");
}
