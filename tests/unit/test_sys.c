/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_sys.c - bpf(2), one function per call: what is passed, and what comes back
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/sys.h"

/* The last call, and what the next ones return. */
static struct {
	int cmd;
	unsigned size;
	unsigned n;
	unsigned char attr[64] __attribute__((aligned(8)));
	int code; /* an errno, or 0 */
	long value;
} call;

static long record_call(int cmd, void *attr, unsigned size)
{
	call.cmd = cmd;
	call.size = size;
	call.n++;
	assert_true(size <= sizeof(call.attr));
	memcpy(call.attr, attr, size);
	if (!call.code)
		return call.value;
	errno = call.code;
	return -1;
}

static struct sys start(int code, long value)
{
	struct sys sys;

	sys_init(&sys);
	sys.bpf = record_call;
	memset(&call, 0, sizeof(call));
	call.code = code;
	call.value = value;
	return sys;
}

static void failures_are_negative_errnos(void **state)
{
	struct sys sys = start(EPERM, 0);
	uint32_t id = 77, length = 8, count = 5;
	char bytes[8];

	(void)state;
	assert_int_equal(sys_next_id(&sys, INSPECT_MAP, 0, &id), -EPERM);
	assert_int_equal(id, 77);
	assert_int_equal(sys_open_id(&sys, INSPECT_PROG, 1), -EPERM);
	assert_int_equal(sys_open_path(&sys, "/x"), -EPERM);
	assert_int_equal(sys_info(&sys, 3, bytes, &length), -EPERM);
	assert_int_equal(length, 8);
	assert_int_equal(sys_next_key(&sys, 3, NULL, bytes), -EPERM);
	assert_int_equal(sys_lookup(&sys, 3, bytes, bytes), -EPERM);
	assert_int_equal(sys_lookup_batch(&sys, 3, NULL, bytes, bytes, bytes, &count), -EPERM);
	call.code = 524;
	assert_int_equal(sys_lookup(&sys, 3, bytes, bytes), -524);
}

static void every_kind_has_its_own_calls(void **state)
{
	static const struct {
		enum inspect_kind kind;
		int next, open;
	} kinds[] = {
		{ INSPECT_PROG, ABI_PROG_GET_NEXT_ID, ABI_PROG_GET_FD_BY_ID },
		{ INSPECT_MAP, ABI_MAP_GET_NEXT_ID, ABI_MAP_GET_FD_BY_ID },
		{ INSPECT_LINK, ABI_LINK_GET_NEXT_ID, ABI_LINK_GET_FD_BY_ID },
		{ INSPECT_BTF, ABI_BTF_GET_NEXT_ID, ABI_BTF_GET_FD_BY_ID },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct sys sys = start(0, 0);
		uint32_t id;

		sys_next_id(&sys, kinds[i].kind, 5, &id);
		assert_int_equal(call.cmd, kinds[i].next);
		sys_open_id(&sys, kinds[i].kind, 5);
		assert_int_equal(call.cmd, kinds[i].open);
		assert_int_equal(((struct abi_id_attr *)call.attr)->open_flags,
				 kinds[i].kind == INSPECT_MAP ? ABI_F_RDONLY : 0);
	}
}

static void a_descriptor_is_returned_as_it_is(void **state)
{
	struct sys sys = start(0, 9);

	(void)state;
	assert_int_equal(sys_open_id(&sys, INSPECT_MAP, 1), 9);
	assert_int_equal(sys_open_path(&sys, "/x"), 9);
	call.value = 0;
	assert_int_equal(sys_open_id(&sys, INSPECT_MAP, 1), 0); /* 0 is a descriptor */
}

static void a_path_is_tried_again_with_all_rights_only_where_it_must(void **state)
{
	static const int codes[] = { 0, EPERM, ENOENT, EACCES, EINVAL };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct sys sys = start(codes[i], 9);

		assert_int_equal(sys_open_path(&sys, "/x"), codes[i] ? -codes[i] : 9);
		assert_int_equal(call.n, codes[i] == EINVAL ? 2 : 1);
		assert_int_equal(((struct abi_path_attr *)call.attr)->file_flags,
				 codes[i] == EINVAL ? 0 : ABI_F_RDONLY);
	}
}

static void no_call_passes_more_than_it_has_to_say(void **state)
{
	struct sys sys = start(0, 0);
	uint32_t id, length = 8, count = 5;
	char bytes[8];

	(void)state;
	sys_next_id(&sys, INSPECT_MAP, 0, &id);
	assert_int_equal(call.size, 12);
	sys_open_path(&sys, "/x");
	assert_int_equal(call.size, 16);
	sys_info(&sys, 3, bytes, &length);
	assert_int_equal(call.size, 16);
	sys_lookup(&sys, 3, bytes, bytes);
	assert_int_equal(call.size, 32);
	sys_lookup_batch(&sys, 3, NULL, bytes, bytes, bytes, &count);
	assert_int_equal(call.size, 56);
	assert_int_equal(((struct abi_batch_attr *)call.attr)->count, 5);
	assert_int_equal(((struct abi_batch_attr *)call.attr)->map_fd, 3);
	assert_true(((struct abi_batch_attr *)call.attr)->in_batch == 0);
}

static void releasing_twice_is_allowed(void **state)
{
	struct sys sys = start(0, 0);

	(void)state;
	sys_done(&sys);
	sys_done(&sys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_negative_errnos),
		cmocka_unit_test(every_kind_has_its_own_calls),
		cmocka_unit_test(a_descriptor_is_returned_as_it_is),
		cmocka_unit_test(a_path_is_tried_again_with_all_rights_only_where_it_must),
		cmocka_unit_test(no_call_passes_more_than_it_has_to_say),
		cmocka_unit_test(releasing_twice_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
