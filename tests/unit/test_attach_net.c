/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_attach_net.c - what is asked of the kernel for the words of hooks of the network, and how it is told what it says
 *
 * The device is "lo", which every network namespace has; nothing is attached, since bpf(2) is a double.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_kernel.h"
#include "kernel/abi.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What was asked, and what is answered. */
static struct {
	long (*rest)(int cmd, void *attr, unsigned size);
	struct abi_link_create_attr create;
	struct abi_link_update_attr update;
	unsigned n_created, n_updated;
	int refusal; /* an errno */
	int fd;	     /* of the link that was made */
} kernel;

static long answer(int code)
{
	errno = code;
	return code ? -1 : 0;
}

static long double_bpf(int cmd, void *attr, unsigned size)
{
	const struct abi_info_attr *info = attr;

	if (cmd == ABI_LINK_CREATE) {
		memcpy(&kernel.create, attr, size);
		kernel.n_created++;
		kernel.fd = kernel.refusal ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
		return kernel.refusal ? answer(kernel.refusal) : kernel.fd;
	}
	if (cmd == ABI_LINK_UPDATE) {
		memcpy(&kernel.update, attr, size);
		kernel.n_updated++;
		return answer(kernel.refusal);
	}
	if (cmd == ABI_OBJ_GET_INFO_BY_FD && (int)info->fd == kernel.fd)
		return 0;
	return kernel.rest(cmd, attr, size);
}

static const struct abi_prog_info xdp_info = { .type = ABI_PROG_TYPE_XDP, .id = 9 };
static const struct abi_prog_info class_info = { .type = ABI_PROG_TYPE_SCHED_CLS, .id = 10 };
static const struct abi_prog_info filter_info = { .type = ABI_PROG_TYPE_NETFILTER, .id = 11 };
static const struct abi_link_info tcx_info = {
	.type = ABI_LINK_TYPE_TCX, .id = 5, .prog_id = 10, .device = { 1, ABI_TCX_INGRESS }
};
static const struct abi_link_info far_info = {
	.type = ABI_LINK_TYPE_TCX, .id = 6, .prog_id = 10, .device = { 2, ABI_TCX_INGRESS }
};
static const struct abi_link_info netfilter_info = {
	.type = ABI_LINK_TYPE_NETFILTER, .id = 7, .prog_id = 11, .netfilter = { 2, 1, -150, 0 }
};

/* Attaches the program of this id, by words that are parted by blanks. */
static int attach(unsigned prog_id, const char *text, int refusal, struct inspect_error *err)
{
	struct fake_object objects[] = {
		{ .kind = INSPECT_PROG, .id = 9, .info = &xdp_info },
		{ .kind = INSPECT_PROG, .id = 10, .info = &class_info },
		{ .kind = INSPECT_PROG, .id = 11, .info = &filter_info },
		{ .kind = INSPECT_LINK, .id = 5, .info = &tcx_info },
		{ .kind = INSPECT_LINK, .id = 6, .info = &far_info },
		{ .kind = INSPECT_LINK, .id = 7, .info = &netfilter_info },
	};
	struct inspect *inspect = fake_kernel_start(objects, COUNT(objects));
	struct inspect_attachments made = { 0 };
	const char *words[16];
	char copy[256], *rest = copy;
	size_t n = 0;

	strncpy(copy, text, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	for (char *word; n < COUNT(words) && (word = strsep(&rest, " "));)
		words[n++] = word;
	memset(&kernel, 0, sizeof(kernel));
	kernel.fd = -1;
	kernel.refusal = refusal;
	kernel.rest = inspect->sys.bpf;
	inspect->sys.bpf = double_bpf;
	*err = (struct inspect_error){ 0 };
	const struct inspect_attach how = {
		.prog = { .kind = INSPECT_PROG, .by = INSPECT_BY_ID, .id = prog_id },
		.words = { words, n },
	};
	int r = inspect_attach(inspect, &how, NULL, &made, err);
	inspect_attachments_done(&made);
	fake_kernel_stop();
	return r;
}

static void a_mode_of_xdp_is_a_flag(void **state)
{
	struct inspect_error err;

	(void)state;
	assert_int_equal(attach(9, "xdp dev lo", 0, &err), 0);
	assert_int_equal(kernel.create.attach_type, ABI_XDP);
	assert_int_equal(kernel.create.target, 1);
	assert_int_equal(kernel.create.flags, 0);
	assert_int_equal(attach(9, "xdp dev lo generic", 0, &err), 0);
	assert_int_equal(kernel.create.flags, 2);
	assert_int_equal(attach(9, "xdp d lo nat", 0, &err), 0);
	assert_int_equal(kernel.create.flags, 4);
	assert_int_equal(attach(9, "xdp dev lo offload", 0, &err), 0);
	assert_int_equal(kernel.create.flags, 8);
	assert_int_equal(attach(9, "xdp dev lo offload generic", 0, &err), -INSPECT_EUSAGE);
	assert_int_equal(kernel.n_created, 0);
}

static void a_place_in_an_order_is_a_flag_and_a_descriptor(void **state)
{
	struct inspect_error err;

	(void)state;
	assert_int_equal(attach(10, "tcx_ingress dev lo", 0, &err), 0);
	assert_int_equal(kernel.create.flags, 0);
	assert_int_equal(kernel.create.ordered.relative_fd, 0);
	assert_int_equal(attach(10, "tcx_egress dev lo first", 0, &err), 0);
	assert_int_equal(kernel.create.attach_type, ABI_TCX_EGRESS);
	assert_int_equal(kernel.create.flags, ABI_F_BEFORE);
	assert_int_equal(kernel.create.ordered.relative_fd, 0);
	assert_int_equal(attach(10, "tcx_ingress dev lo before prog id 9", 0, &err), 0);
	assert_int_equal(kernel.create.flags, ABI_F_BEFORE);
	assert_int_not_equal(kernel.create.ordered.relative_fd, 0);
	assert_int_equal(attach(10, "netkit_peer dev lo after link 5", 0, &err), 0);
	assert_int_equal(kernel.create.flags, ABI_F_AFTER | ABI_F_LINK);
	assert_int_not_equal(kernel.create.ordered.relative_fd, 0);
}

static void a_program_is_replaced_on_condition_that_it_is_still_there(void **state)
{
	struct inspect_error err;

	(void)state;
	assert_int_equal(attach(10, "tcx_ingress dev lo replace id 5", 0, &err), 0);
	assert_int_equal(kernel.n_created, 0);
	assert_int_equal(kernel.n_updated, 1);
	assert_int_equal(kernel.update.flags, ABI_F_REPLACE);
	assert_int_not_equal(kernel.update.old_prog_fd, 0);
	assert_int_not_equal(kernel.update.new_prog_fd, kernel.update.old_prog_fd);
	assert_int_equal(attach(10, "tcx_ingress dev lo replace 5", EPERM, &err), -EPERM);
	assert_non_null(strstr(err.what, "link 5: replace program 10"));
}

static void a_link_of_another_place_is_not_touched(void **state)
{
	struct inspect_error err;

	(void)state;
	assert_int_equal(attach(10, "tcx_ingress dev lo replace id 6", 0, &err), -EINVAL);
	assert_non_null(strstr(err.hint, "this link is elsewhere"));
	assert_int_equal(attach(10, "tcx_egress dev lo replace id 5", 0, &err), -EINVAL);
	assert_non_null(strstr(err.hint, "attached as tcx_ingress"));
	assert_int_equal(attach(9, "xdp dev lo replace id 5", 0, &err), -EINVAL);
	assert_non_null(strstr(err.hint, "type tcx"));
	assert_int_equal(attach(10, "tcx_ingress dev lo replace 5 first", 0, &err),
			 -INSPECT_EUSAGE);
	assert_int_equal(kernel.n_updated, 0);
}

static void what_stands_for_a_priority(void **state)
{
	static const struct {
		const char *text;
		int value;
	} good[] = {
		{ "0", 0 },
		{ "17", 17 },
		{ "-150", -150 },
		{ "raw", -300 },
		{ "mangle", -150 },
		{ "dstnat", -100 },
		{ "filter", 0 },
		{ "security", 50 },
		{ "srcnat", 100 },
		{ "raw+1", -299 },
		{ "filter-10", -10 },
		{ "srcnat+0x10", 116 },
		{ "2147483646", 2147483646 },
		{ "-2147483647", -2147483647 },
	};
	static const char *const bad[] = { "2147483647",
					   "-2147483648",
					   "+5",
					   "raw5",
					   "raw+",
					   "raw+-1",
					   "--1",
					   "filterx",
					   "fil",
					   "1.5",
					   "srcnat+2147483647",
					   "99999999999999999999" };
	struct inspect_error err;
	char words[96];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		snprintf(words, sizeof(words), "%s%s", "netfilter ip6 output priority ",
			 good[i].text);
		assert_int_equal(attach(11, words, 0, &err), 0);
		assert_int_equal(kernel.create.netfilter.pf, 10);
		assert_int_equal(kernel.create.netfilter.hook, 3);
		assert_int_equal(kernel.create.netfilter.priority, good[i].value);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(words, sizeof(words), "%s%s", "netfilter ip input priority ", bad[i]);
		assert_int_equal(attach(11, words, 0, &err), -INSPECT_EUSAGE);
		assert_int_equal(kernel.n_created, 0);
	}
}

static void what_the_kernel_refuses_is_told_apart(void **state)
{
	static const struct {
		unsigned prog_id;
		const char *words;
		int code;
		const char *hint;
	} cases[] = {
		{ 9, "xdp dev lo native", EOPNOTSUPP, "the driver of lo cannot do that" },
		{ 10, "tcx_ingress dev lo", EEXIST, "prog 10 is attached there already" },
		{ 10, "tcx_ingress dev lo after prog 9", ENOENT, "is not attached there" },
		{ 10, "tcx_ingress dev lo", ERANGE, "no more programs fit there" },
		{ 10, "netkit_primary dev lo", ENXIO, "lo is no netkit device" },
		{ 11, "netfilter ip input priority mangle", EBUSY,
		  "prog 11 is there with priority -150, by link 7" },
		{ 11, "netfilter ip input", EBUSY, "a program of priority 0 is there" },
		{ 11, "netfilter ip input defrag", ERANGE, "'defrag' needs a priority" },
		{ 11, "netfilter ip6 input", EAFNOSUPPORT, "built without netfilter for ip6" },
	};
	struct inspect_error err;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(attach(cases[i].prog_id, cases[i].words, cases[i].code, &err),
				 -cases[i].code);
		assert_non_null(strstr(err.hint, cases[i].hint));
	}
}

static void words_that_mean_nothing_reach_no_kernel(void **state)
{
	static const char *const words[] = {
		"tcx_ingress lo",
		"tcx_ingress dev",
		"tcx_ingress dev lo before",
		"tcx_ingress dev lo before 5",
		"tcx_ingress dev lo before link",
		"tcx_ingress dev lo first after link 5",
		"tcx_ingress dev lo generic",
		"tcx_ingress dev lo first first",
		"tcx_ingress device lo",
		"tcx_ingress dev lo priority 5",
	};
	struct inspect_error err;

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		assert_int_equal(attach(10, words[i], 0, &err), -INSPECT_EUSAGE);
		assert_int_equal(kernel.n_created, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mode_of_xdp_is_a_flag),
		cmocka_unit_test(a_place_in_an_order_is_a_flag_and_a_descriptor),
		cmocka_unit_test(a_program_is_replaced_on_condition_that_it_is_still_there),
		cmocka_unit_test(a_link_of_another_place_is_not_touched),
		cmocka_unit_test(what_stands_for_a_priority),
		cmocka_unit_test(what_the_kernel_refuses_is_told_apart),
		cmocka_unit_test(words_that_mean_nothing_reach_no_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
