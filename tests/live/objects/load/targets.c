/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * targets.c - programs whose sections name what they attach to, there or not; a test takes one and marks the others with a '?'
 */
#include "../common.h"

static long (*const bpf_copy_from_user)(void *to, __u32 size, const void *from) = (void *)148;

#define PROG(section, name)                                                                        \
	SEC(section) int name(void *context)                                                       \
	{                                                                                          \
		return 0;                                                                          \
	}
#define COPY(section, name)                                                                        \
	SEC(section) int name(void *context)                                                       \
	{                                                                                          \
		__u64 value = 0;                                                                   \
                                                                                                   \
		bpf_copy_from_user(&value, sizeof(value), (void *)0);                              \
		return 0;                                                                          \
	}

#define HOOK(section, name)                                                                        \
	SEC(section) int name(void *context)                                                       \
	{                                                                                          \
		return 1;                                                                          \
	}

PROG("kprobe/bpf_fentry_test1", kprobe_that_is);
PROG("kprobe/bpf_fentry_test2+0", kprobe_that_is_with_an_offset);
PROG("kprobe/nobody_has_this_function", kprobe_of_nobodys);
PROG("kretprobe/bpf_fentry_test1", kretprobe_that_is);
PROG("kretprobe/nobody_has_this_function", kretprobe_of_nobodys);
PROG("kprobe.multi/bpf_fentry_test*", functions_that_are);
PROG("kprobe.multi/nobody_has_this_f*", functions_of_nobodys);
PROG("kprobe.multi/bpf_fentry_test3", one_of_many_that_is);
PROG("ksyscall/getpgid", syscall_that_is);
PROG("ksyscall/nobody_has_this", syscall_of_nobodys);
PROG("tp/bpf_test_run/bpf_test_finish", event_that_is);
PROG("tracepoint/bpf_test_run/nobody_has_this", event_of_nobodys);
PROG("tp/nobody_has_this/bpf_test_finish", category_of_nobodys);
PROG("raw_tp/bpf_test_finish", raw_tracepoint_that_is);
PROG("raw_tracepoint/nobody_has_this", raw_tracepoint_of_nobodys);
PROG("uprobe/libc.so.6:getpgid", place_that_is);
PROG("uprobe/libc.so.6:nobody_has_this", place_of_nobodys);
PROG("uretprobe//nowhere/at/all:main", place_in_no_file);

/* May it sleep? */
COPY("uprobe.s/libc.so.6:getpgrp", may_sleep_in_a_program);
COPY("uprobe/libc.so.6:getsid", may_not_sleep_in_a_program);
COPY("iter.s/bpf_map", may_sleep_in_an_iterator);
COPY("iter/bpf_prog", may_not_sleep_in_an_iterator);
PROG("fentry.s/tcp_v4_rcv", may_sleep_in_a_function);
PROG("xdp.frags", takes_pieces);

/* What the kernel looks at when it loads a program, or not. */
PROG("sk_reuseport", picks_a_socket);
PROG("sk_reuseport/migrate", moves_a_socket);
PROG("fentry/bpf_fentry_test1", watches_a_function);
PROG("fentry/migrate_disable", watches_what_nobody_may);
PROG("fmod_ret/bpf_modify_return_test", changes_a_test);
PROG("fmod_ret/bpf_fentry_test1", changes_what_nobody_may);
PROG("lsm/getprocattr", judges_what_is_switched_off);
HOOK("lsm_cgroup/getprocattr", judges_what_is_switched_off_in_a_group);
HOOK("lsm_cgroup/socket_bind", judges_in_a_group);

char LICENSE[] FROM("license") = "GPL";
