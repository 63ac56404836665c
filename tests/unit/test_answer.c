/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_answer.c - what an errno says of a thing, with the rights of this process beside it
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "fake_root.h"
#include "kernel/caps.h"
#include "probe/answer.h"

#define EVERY 63u /* capability */

/* What the double says to a call that it cannot carry out. */
static int trial_code;
static unsigned n_trials;

static long say(int cmd, void *attr, unsigned size)
{
	(void)cmd;
	assert_null(attr);
	assert_true(size > 65536);
	n_trials++;
	errno = trial_code;
	return trial_code ? -1 : 7;
}

/* A run by a root that may all. */
static struct inspect bystander;

static void begin(struct probe *probe)
{
	trial_code = E2BIG;
	n_trials = 0;
	sys_init(&bystander.sys);
	bystander.sys.bpf = say;
	*probe = (struct probe){ .inspect = &bystander, .sys = &bystander.sys };
	probe->rights.is_read = true;
	probe->rights.refusal = (struct refusal){
		.caps = EVERY,
		.known_caps = EVERY,
		.in_first_users = REFUSAL_YES,
		.has_bpf = REFUSAL_YES,
		.lockdown = REFUSAL_LOCKDOWN_NONE,
		.unprivileged = 2,
	};
}

static const int einval[3] = { EINVAL };

static struct inspect_feature answer(struct probe *probe, enum answer_act act, const char *type,
				     int code)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_MISC, .name = "thing" };

	answer_call_as(probe, &out, act, type, code, einval);
	return out;
}

static void check(const struct inspect_feature *out, enum inspect_answer want,
		  enum inspect_reason reason, const char *detail)
{
	assert_int_equal(out->answer, want);
	assert_int_equal(out->reason, reason);
	if (detail)
		assert_string_equal(out->detail, detail);
	else
		assert_null(out->detail);
}

#define AUTO_PROBE AUTO(rights_end) struct probe

/* Nothing stands in the way of a root in the first user namespace: what an errno says alone. */
static void an_errno_says_no_only_where_it_means_that(void **state)
{
	static const struct {
		int code;
		enum inspect_answer want;
		enum inspect_reason reason;
		const char *detail;
	} rows[] = {
		{ 0, INSPECT_YES, INSPECT_REASON_NONE, NULL },
		{ EINVAL, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN, NULL },
		{ EACCES, INSPECT_UNKNOWN, INSPECT_REASON_OTHER, NULL },
		{ ENOENT, INSPECT_UNKNOWN, INSPECT_REASON_OTHER, NULL },
		{ EPERM, INSPECT_UNKNOWN, INSPECT_REASON_OTHER,
		  "this process has the capabilities" },
		{ E2BIG, INSPECT_UNKNOWN, INSPECT_REASON_OTHER,
		  "the call is longer than this kernel knows" },
		{ EMFILE, INSPECT_UNKNOWN, INSPECT_REASON_OTHER,
		  "this process has too many open files" },
		{ ENFILE, INSPECT_UNKNOWN, INSPECT_REASON_OTHER,
		  "the system has too many open files" },
		{ ENOMEM, INSPECT_UNKNOWN, INSPECT_REASON_OTHER,
		  "there is not enough memory, or that of its control group is used up" },
		{ EINTR, INSPECT_UNKNOWN, INSPECT_REASON_OTHER, "the call was interrupted" },
		{ EAGAIN, INSPECT_UNKNOWN, INSPECT_REASON_OTHER, "the call was interrupted" },
		{ ERROR_ENOTSUPP, INSPECT_UNKNOWN, INSPECT_REASON_OTHER, "ENOTSUPP" },
	};
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct inspect_feature out = answer(&probe, ANSWER_PROG, "xdp", rows[i].code);

		check(&out, rows[i].want, rows[i].reason, rows[i].detail);
		assert_int_equal(out.code, rows[i].code);
		assert_int_equal(out.found, INSPECT_FOUND_PROBE);
	}
	assert_int_equal(n_trials, 0);
}

static void what_passes_is_no_no_whatever_the_caller_thinks(void **state)
{
	static const int codes[] = { EPERM, EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN };
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		const int means_no[3] = { codes[i] };
		struct inspect_feature out = { .kind = INSPECT_FEATURE_MISC, .name = "thing" };

		answer_call_as(&probe, &out, ANSWER_MAP, "array", codes[i], means_no);
		assert_int_equal(out.answer, INSPECT_UNKNOWN);
	}
}

/* EPERM, by what this process has. */
static void eperm_is_explained_by_what_is_missing(void **state)
{
	static const struct {
		enum answer_act act;
		const char *type;
		uint32_t caps;
		int unprivileged;
		enum inspect_reason reason;
		const char *detail;
	} rows[] = {
		{ ANSWER_PROG, "xdp", 0, 2, INSPECT_REASON_CAPABILITY,
		  "missing CAP_BPF, CAP_NET_ADMIN" },
		{ ANSWER_PROG, "xdp", CAPS_BPF, 2, INSPECT_REASON_CAPABILITY,
		  "missing CAP_NET_ADMIN" },
		{ ANSWER_PROG, "xdp", CAPS_SYS_ADMIN, 2, INSPECT_REASON_CAPABILITY,
		  "missing CAP_NET_ADMIN" },
		{ ANSWER_PROG, "kprobe", CAPS_BPF, 0, INSPECT_REASON_CAPABILITY,
		  "missing CAP_PERFMON" },
		{ ANSWER_PROG, "kprobe", CAPS_PERFMON, 0, INSPECT_REASON_CAPABILITY,
		  "missing CAP_BPF" },
		{ ANSWER_PROG, "syscall", CAPS_PERFMON | CAPS_NET_ADMIN, 0,
		  INSPECT_REASON_CAPABILITY, "missing CAP_BPF" },
		{ ANSWER_PROG, "socket_filter", 0, 2, INSPECT_REASON_UNPRIVILEGED,
		  "kernel.unprivileged_bpf_disabled is 2; missing CAP_BPF" },
		{ ANSWER_PROG, "cgroup_skb", 0, 1, INSPECT_REASON_UNPRIVILEGED,
		  "kernel.unprivileged_bpf_disabled is 1; missing CAP_BPF" },
		{ ANSWER_PROG, "socket_filter", 0, -1, INSPECT_REASON_CAPABILITY,
		  "missing CAP_BPF" },
		{ ANSWER_PROG, NULL, CAPS_BPF, 2, INSPECT_REASON_CAPABILITY,
		  "missing CAP_PERFMON, CAP_NET_ADMIN" },
		{ ANSWER_MAP, "ringbuf", 0, 2, INSPECT_REASON_UNPRIVILEGED,
		  "kernel.unprivileged_bpf_disabled is 2; missing CAP_BPF" },
		{ ANSWER_MAP, "queue", 0, 0, INSPECT_REASON_CAPABILITY, "missing CAP_BPF" },
		{ ANSWER_MAP, "sockmap", CAPS_BPF, 0, INSPECT_REASON_CAPABILITY,
		  "missing CAP_NET_ADMIN" },
		{ ANSWER_BTF, NULL, CAPS_NET_ADMIN, 0, INSPECT_REASON_CAPABILITY,
		  "missing CAP_BPF" },
		{ ANSWER_BY_ID, NULL, CAPS_BPF | CAPS_PERFMON | CAPS_NET_ADMIN, 0,
		  INSPECT_REASON_CAPABILITY, "missing CAP_SYS_ADMIN" },
	};
	AUTO_PROBE probe;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(&probe);
		probe.rights.refusal.caps = rows[i].caps;
		probe.rights.refusal.unprivileged = rows[i].unprivileged;
		struct inspect_feature out = answer(&probe, rows[i].act, rows[i].type, EPERM);
		check(&out, INSPECT_NOT_PERMITTED, rows[i].reason, rows[i].detail);
		rights_end(&probe);
	}
}

static void a_kernel_without_the_young_capabilities_asks_for_the_old_one(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	probe.rights.refusal.caps = 0;
	probe.rights.refusal.known_caps = CAPS_SYS_ADMIN | CAPS_NET_ADMIN | CAPS_SYSLOG;
	struct inspect_feature out = answer(&probe, ANSWER_PROG, "kprobe", EPERM);
	check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_CAPABILITY, "missing CAP_SYS_ADMIN");
}

/* EPERM to a root that has everything. */
static void eperm_to_root_is_explained_by_what_remains(void **state)
{
	static const struct {
		struct refusal has;
		enum answer_act act;
		enum inspect_answer want;
		enum inspect_reason reason;
		const char *detail;
	} rows[] = {
		{ { .in_first_users = REFUSAL_NO },
		  ANSWER_PROG,
		  INSPECT_NOT_PERMITTED,
		  INSPECT_REASON_USER_NAMESPACE,
		  "capabilities of a user namespace need a token, and no BPF file system gives one" },
		{ { .in_first_users = REFUSAL_NOT_KNOWN },
		  ANSWER_PROG,
		  INSPECT_UNKNOWN,
		  INSPECT_REASON_OTHER,
		  "this process has the capabilities; without /proc it cannot be told in which "
		  "user namespace" },
		{ { .in_first_users = REFUSAL_YES,
		    .is_charged = true,
		    .has_limit = true,
		    .limit = 65536 },
		  ANSWER_MAP,
		  INSPECT_NOT_PERMITTED,
		  INSPECT_REASON_MEMORY_LIMIT,
		  "this kernel charges maps and programs to RLIMIT_MEMLOCK, which is 65536 bytes" },
		{ { .in_first_users = REFUSAL_YES, .has_limit = true, .limit = 65536 },
		  ANSWER_MAP,
		  INSPECT_UNKNOWN,
		  INSPECT_REASON_OTHER,
		  "this process has the capabilities" },
		{ { .in_first_users = REFUSAL_YES, .lockdown = REFUSAL_LOCKDOWN_CONFIDENTIALITY },
		  ANSWER_PROG,
		  INSPECT_NOT_PERMITTED,
		  INSPECT_REASON_LOCKDOWN,
		  "the kernel is locked down: confidentiality" },
		{ { .in_first_users = REFUSAL_YES, .lockdown = REFUSAL_LOCKDOWN_INTEGRITY },
		  ANSWER_PROG,
		  INSPECT_UNKNOWN,
		  INSPECT_REASON_OTHER,
		  "this process has the capabilities" },
		{ { .in_first_users = REFUSAL_YES, .lockdown = REFUSAL_LOCKDOWN_INTEGRITY },
		  ANSWER_READ,
		  INSPECT_NOT_PERMITTED,
		  INSPECT_REASON_LOCKDOWN,
		  "the kernel is locked down: integrity" },
		{ { .in_first_users = REFUSAL_YES, .modules = "selinux" },
		  ANSWER_BTF,
		  INSPECT_NOT_PERMITTED,
		  INSPECT_REASON_LSM,
		  "this process has the capabilities; a security module may not let it: selinux" },
	};
	AUTO_ROOT root;
	AUTO_PROBE probe;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/proc/self/mountinfo", "");
	fake_root_write(&root, "/proc/self/mounts", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(&probe);
		bystander.sys.root = root.path;
		probe.rights.refusal = rows[i].has;
		probe.rights.refusal.caps = probe.rights.refusal.known_caps = EVERY;
		struct inspect_feature out = answer(&probe, rows[i].act, "hash", EPERM);
		check(&out, rows[i].want, rows[i].reason, rows[i].detail);
		rights_end(&probe);
	}
}

static void
a_file_that_may_not_be_read_is_not_permitted_and_one_that_is_not_there_unknown(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	struct inspect_feature out = answer(&probe, ANSWER_READ, NULL, EACCES);
	check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_UNREADABLE,
	      "this process may not read it");
	assert_int_equal(out.found, INSPECT_FOUND_FILE);
	out = answer(&probe, ANSWER_READ, NULL, ENOENT);
	check(&out, INSPECT_UNKNOWN, INSPECT_REASON_UNREADABLE, "there is no such file");
	out = answer(&probe, ANSWER_READ, NULL, EIO);
	check(&out, INSPECT_UNKNOWN, INSPECT_REASON_UNREADABLE, "it cannot be read");
	out = answer(&probe, ANSWER_READ, NULL, EINVAL);
	check(&out, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN, NULL);
}

/* With a filter, by what it does to a call that the kernel would see off. */
static void a_filter_is_told_from_the_kernel_by_what_it_does_to_a_harmless_call(void **state)
{
	static const struct {
		int trial, code;
		enum inspect_answer want;
		enum inspect_reason reason;
		const char *detail;
	} rows[] = {
		{ E2BIG, EINVAL, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN, NULL },
		{ E2BIG, EPERM, INSPECT_UNKNOWN, INSPECT_REASON_OTHER,
		  "this process has the capabilities" },
		{ EPERM, EPERM, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		  "a seccomp filter answers BPF_PROG_LOAD with EPERM" },
		{ EINVAL, EINVAL, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		  "a seccomp filter answers BPF_PROG_LOAD with EINVAL" },
		{ 400, 400, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		  "a seccomp filter answers BPF_PROG_LOAD with 400" },
		{ ENOSYS, ENOSYS, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		  "a seccomp filter answers BPF_PROG_LOAD with ENOSYS" },
		{ 0, EPERM, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP,
		  "a seccomp filter does not carry out BPF_PROG_LOAD, and says that it went well" },
	};
	AUTO_PROBE probe;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(&probe);
		probe.rights.refusal.has_filter = true;
		trial_code = rows[i].trial;
		struct inspect_feature out = answer(&probe, ANSWER_PROG, "xdp", rows[i].code);
		check(&out, rows[i].want, rows[i].reason, rows[i].detail);
		rights_end(&probe);
	}
}

static void enosys_is_no_without_a_filter_and_depends_on_the_rest_of_bpf_with_one(void **state)
{
	static const struct {
		bool has_filter;
		enum refusal_known has_bpf;
		enum inspect_answer want;
		enum inspect_reason reason;
	} rows[] = {
		{ false, REFUSAL_YES, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN },
		{ false, REFUSAL_NOT_KNOWN, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN },
		{ true, REFUSAL_NO, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN },
		{ true, REFUSAL_YES, INSPECT_NOT_PERMITTED, INSPECT_REASON_SECCOMP },
		{ true, REFUSAL_NOT_KNOWN, INSPECT_UNKNOWN, INSPECT_REASON_SECCOMP },
	};
	AUTO_PROBE probe;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct inspect_feature out = { .kind = INSPECT_FEATURE_MISC, .name = "thing" };

		begin(&probe);
		trial_code = ENOSYS;
		probe.rights.refusal.has_filter = rows[i].has_filter;
		probe.rights.refusal.has_bpf = rows[i].has_bpf;
		assert_false(answer_may(&probe, ANSWER_CALL, &out));
		assert_int_equal(out.answer, rows[i].want);
		assert_int_equal(out.reason, rows[i].reason);
		assert_int_equal(out.code, ENOSYS);
		rights_end(&probe);
	}
}

static void an_act_is_tried_once_in_a_run(void **state)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_MISC, .name = "thing" };
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	for (unsigned i = 0; i < 5; i++)
		assert_true(answer_may(&probe, ANSWER_MAP, &out));
	assert_int_equal(n_trials, 1);
	assert_true(answer_may(&probe, ANSWER_READ, &out));
	assert_int_equal(n_trials, 1);
}

/* Kernels before 6.4 look at the setting first. */
static void an_early_eperm_is_the_settings_and_not_a_filters(void **state)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_MAP_TYPE, .name = "hash" };
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	trial_code = EPERM;
	probe.rights.refusal.caps = 0;
	for (unsigned filter = 0; filter < 2; filter++) {
		probe.rights.refusal.has_filter = filter;
		assert_false(answer_may(&probe, ANSWER_MAP, &out));
		check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_UNPRIVILEGED,
		      "kernel.unprivileged_bpf_disabled is 2; missing CAP_BPF");
	}
}

static struct inspect_feature verdict(struct probe *probe, enum inspect_feature_kind kind,
				      const char *name)
{
	struct inspect_feature out = { .kind = kind, .name = name };

	answer_no(&out, INSPECT_FOUND_PROBE, EINVAL, INSPECT_REASON_NOT_FOR_TYPE);
	answer_review(probe, &out);
	return out;
}

static void a_helper_that_a_capability_hides_is_not_missing(void **state)
{
	struct inspect_feature out;
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	out = verdict(&probe, INSPECT_FEATURE_HELPER, "bpf_trace_printk");
	check(&out, INSPECT_NO, INSPECT_REASON_NOT_FOR_TYPE, NULL);
	probe.rights.refusal.caps = CAPS_BPF | CAPS_NET_ADMIN;
	out = verdict(&probe, INSPECT_FEATURE_HELPER, "bpf_trace_printk");
	check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_CAPABILITY, "missing CAP_PERFMON");
	out = verdict(&probe, INSPECT_FEATURE_HELPER, "probe_write_user");
	check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_CAPABILITY, "missing CAP_SYS_ADMIN");
	out = verdict(&probe, INSPECT_FEATURE_HELPER, "bpf_xdp_adjust_head");
	check(&out, INSPECT_NO, INSPECT_REASON_NOT_FOR_TYPE, NULL);
	out = verdict(&probe, INSPECT_FEATURE_MISC, "bounded_loops");
	check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_CAPABILITY, "missing CAP_PERFMON");
	probe.rights.refusal.caps = 0;
	out = verdict(&probe, INSPECT_FEATURE_MISC, "bounded_loops");
	check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_CAPABILITY,
	      "missing CAP_BPF, CAP_PERFMON");
	out = verdict(&probe, INSPECT_FEATURE_PROG_TYPE, "socket_filter");
	check(&out, INSPECT_NO, INSPECT_REASON_NOT_FOR_TYPE, NULL);
}

static void a_helper_that_lockdown_hides_is_not_missing(void **state)
{
	struct inspect_feature out;
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	probe.rights.refusal.lockdown = REFUSAL_LOCKDOWN_INTEGRITY;
	out = verdict(&probe, INSPECT_FEATURE_HELPER, "bpf_probe_read_kernel");
	check(&out, INSPECT_NO, INSPECT_REASON_NOT_FOR_TYPE, NULL);
	out = verdict(&probe, INSPECT_FEATURE_HELPER, "bpf_probe_write_user");
	check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_LOCKDOWN,
	      "the kernel is locked down: integrity");
	probe.rights.refusal.lockdown = REFUSAL_LOCKDOWN_CONFIDENTIALITY;
	out = verdict(&probe, INSPECT_FEATURE_HELPER, "bpf_probe_read_kernel");
	check(&out, INSPECT_NOT_PERMITTED, INSPECT_REASON_LOCKDOWN,
	      "the kernel is locked down: confidentiality");
}

/* A kernel's configuration, of which the reader is another's: its options are put into the run. */
static void a_thing_whose_option_is_off_says_which(void **state)
{
	AUTO(built_done) struct built config = { 0 };
	static const char text[] = "CONFIG_BPF_SYSCALL=y\nCONFIG_NET=y\n";
	struct inspect_feature out = { .kind = INSPECT_FEATURE_STRUCT_OPS, .name = "hid_bpf_ops" };
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	assert_int_equal(built_parse(text, sizeof(text) - 1, &config), 0);
	probe.config = config;
	probe.was_config_read = true;
	answer_no(&out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
	answer_review(&probe, &out);
	/* The kernel may be too old for it: the option is told, and is not said to be the reason. */
	check(&out, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN, "CONFIG_HID_BPF is not set");

	out = (struct inspect_feature){ .kind = INSPECT_FEATURE_PROG_TYPE, .name = "xdp" };
	answer_no(&out, INSPECT_FOUND_PROBE, EINVAL, INSPECT_REASON_NOT_BUILT_IN);
	answer_review(&probe, &out);
	check(&out, INSPECT_NO, INSPECT_REASON_NOT_BUILT_IN, NULL);
}

static void without_bpf_the_option_is_that_of_the_call(void **state)
{
	AUTO(built_done) struct built config = { 0 };
	struct inspect_feature out = { .kind = INSPECT_FEATURE_PROG_TYPE, .name = "xdp" };
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	assert_int_equal(built_parse("CONFIG_NET=y\n", 13, &config), 0);
	probe.config = config;
	probe.was_config_read = true;
	trial_code = ENOSYS;
	assert_false(answer_may(&probe, ANSWER_PROG, &out));
	answer_review(&probe, &out);
	check(&out, INSPECT_NO, INSPECT_REASON_CONFIG, "CONFIG_BPF_SYSCALL is not set");
}

static void what_a_process_may_do_is_read_from_the_files(void **state)
{
	struct refusal has;
	struct sys sys;
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	sys_init(&sys);
	sys.root = root.path;
	refusal_read(&sys, &has);
	assert_int_equal(has.lockdown, REFUSAL_LOCKDOWN_NOT_KNOWN);
	assert_int_equal(has.in_first_users, REFUSAL_NOT_KNOWN);
	assert_int_equal(has.has_bpf, REFUSAL_NOT_KNOWN);
	assert_int_equal(has.unprivileged, -1);
	assert_string_equal(has.modules, "");
	assert_false(has.is_locked_down);

	fake_root_write(&root, "/proc/filesystems", "nodev\tsysfs\n\text4\n");
	refusal_read(&sys, &has);
	assert_int_equal(has.has_bpf, REFUSAL_NO);
	fake_root_write(&root, "/proc/filesystems", "nodev\tsysfs\nnodev\tbpf\n");
	fake_root_write(&root, "/sys/kernel/security/lockdown",
			"none [integrity] confidentiality\n");
	fake_root_write(&root, "/sys/kernel/security/lsm", "capability,landlock,selinux,ebpf,bpf");
	fake_root_write(&root, "/proc/self/ns/user", "");
	refusal_read(&sys, &has);
	assert_int_equal(has.has_bpf, REFUSAL_YES);
	assert_int_equal(has.lockdown, REFUSAL_LOCKDOWN_INTEGRITY);
	assert_false(has.is_locked_down); /* programs are let in */
	assert_int_equal(has.in_first_users, REFUSAL_NO);
	assert_string_equal(has.modules, "selinux, bpf");

	fake_root_write(&root, "/proc/sys/kernel/unprivileged_bpf_disabled", "1\n");
	fake_root_write(&root, "/sys/kernel/security/lockdown",
			"none integrity [confidentiality]\n");
	refusal_read(&sys, &has);
	assert_int_equal(has.unprivileged, 1);
	assert_int_equal(has.lockdown, REFUSAL_LOCKDOWN_CONFIDENTIALITY);
	fake_root_write(&root, "/sys/kernel/security/lockdown", "something else\n");
	refusal_read(&sys, &has);
	assert_int_equal(has.lockdown, REFUSAL_LOCKDOWN_NOT_KNOWN);
}

static void a_text_is_kept_once(void **state)
{
	AUTO_PROBE probe;
	char text[] = "one";

	(void)state;
	begin(&probe);
	const char *kept = rights_keep(&probe, text);
	text[0] = 'O';
	assert_string_equal(kept, "one");
	assert_ptr_equal(rights_keep(&probe, "one"), kept);
	assert_ptr_not_equal(rights_keep(&probe, "two"), kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_errno_says_no_only_where_it_means_that),
		cmocka_unit_test(what_passes_is_no_no_whatever_the_caller_thinks),
		cmocka_unit_test(eperm_is_explained_by_what_is_missing),
		cmocka_unit_test(a_kernel_without_the_young_capabilities_asks_for_the_old_one),
		cmocka_unit_test(eperm_to_root_is_explained_by_what_remains),
		cmocka_unit_test(
			a_file_that_may_not_be_read_is_not_permitted_and_one_that_is_not_there_unknown),
		cmocka_unit_test(
			a_filter_is_told_from_the_kernel_by_what_it_does_to_a_harmless_call),
		cmocka_unit_test(
			enosys_is_no_without_a_filter_and_depends_on_the_rest_of_bpf_with_one),
		cmocka_unit_test(an_act_is_tried_once_in_a_run),
		cmocka_unit_test(an_early_eperm_is_the_settings_and_not_a_filters),
		cmocka_unit_test(a_helper_that_a_capability_hides_is_not_missing),
		cmocka_unit_test(a_helper_that_lockdown_hides_is_not_missing),
		cmocka_unit_test(a_thing_whose_option_is_off_says_which),
		cmocka_unit_test(without_bpf_the_option_is_that_of_the_call),
		cmocka_unit_test(what_a_process_may_do_is_read_from_the_files),
		cmocka_unit_test(a_text_is_kept_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
