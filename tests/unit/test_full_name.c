/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_full_name.c - names of programs that are longer than the kernel keeps
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf/reader.h"
#include "btf_maker.h"
#include "fake_kernel.h"

static void read_prog(struct inspect *inspect, uint32_t id, unsigned want, struct inspect_prog *out)
{
	const struct inspect_ref ref = { .kind = INSPECT_PROG, .by = INSPECT_BY_ID, .id = id };
	struct inspect_list *list;

	assert_int_equal(inspect_list_new(inspect, &ref, want, &list, NULL), 0);
	assert_int_equal(inspect_list_next(list, out, NULL), 1);
	inspect_list_free(list);
}

#define LONG_NAME "xdp_a_very_long_program_name"
#define CUT_NAME "xdp_a_very_long"

/* A program with a name of 15 bytes, and its BTF with the whole one. */
struct named {
	struct maker btf;
	struct abi_prog_info info;
	struct fake_object objects[2];
};

static struct inspect *start_named(struct named *named, const char *name)
{
	*named = (struct named){ .info = { .btf_id = 43, .name = CUT_NAME } };
	maker_type(&named->btf, KIND_FUNC_PROTO, 0, 0, 0);
	maker_type(&named->btf, KIND_FUNC, maker_string(&named->btf, name), 1, 1);
	maker_finish(&named->btf);
	named->objects[0] = (struct fake_object){
		.kind = INSPECT_PROG, .id = 7, .info = &named->info, .func_type_id = 2
	};
	named->objects[1] = (struct fake_object){ .kind = INSPECT_BTF,
						  .id = 43,
						  .btf = named->btf.blob,
						  .btf_size = (uint32_t)named->btf.size };
	return fake_kernel_start(named->objects, 2);
}

static void stop_named(struct named *named)
{
	fake_kernel_stop();
	maker_done(&named->btf);
}

static void a_name_that_fills_15_bytes_is_completed_from_btf(void **state)
{
	AUTO(inspect_prog_done) struct inspect_prog prog;
	struct named named;

	(void)state;
	read_prog(start_named(&named, LONG_NAME), 7, INSPECT_WANT_FULL_NAME, &prog);
	assert_string_equal(prog.name, LONG_NAME);
	assert_string_equal(prog.kernel_name, CUT_NAME);
	stop_named(&named);
}

static void both_forms_of_a_long_name_are_handles(void **state)
{
	static const char *const fitting[] = { LONG_NAME, CUT_NAME };
	static const char *const others[] = { "xdp_a_very_lon", LONG_NAME "x",
					      "xdp_a_very_long_program_nam", "xdp" };
	struct named named;
	struct inspect *inspect = start_named(&named, LONG_NAME);

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		const struct inspect_ref ref = { .kind = INSPECT_PROG,
						 .by = INSPECT_BY_NAME,
						 .text = i < 2 ? fitting[i] : others[i - 2] };
		struct inspect_prog prog = { .fd = -1 };
		struct inspect_list *list;

		inspect_list_new(inspect, &ref, 0, &list, NULL);
		assert_int_equal(inspect_list_next(list, &prog, NULL), i < 2 ? 1 : -ENOENT);
		if (i < 2)
			inspect_prog_done(&prog);
		inspect_list_free(list);
	}
	stop_named(&named);
}

static void the_kernels_name_stays_where_btf_is_of_no_help(void **state)
{
	struct inspect_prog prog;
	struct named named;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		char huge[1000];

		memset(huge, 'h', sizeof(huge));
		huge[sizeof(huge) - 1] = '\0';
		struct inspect *inspect = start_named(&named, i == 5 ? huge : LONG_NAME);
		if (i == 0)
			named.info.btf_id = 0;
		if (i == 1)
			named.objects[1].open_error = EPERM;
		if (i == 2)
			named.objects[0].func_type_id = 1; /* no function */
		if (i == 3)
			named.objects[0].func_type_id = 99; /* no type */
		if (i == 4)
			named.objects[1].btf_size = 20; /* damaged */
		read_prog(inspect, 7, INSPECT_WANT_FULL_NAME, &prog);
		assert_string_equal(prog.name, CUT_NAME);
		inspect_prog_done(&prog);
		stop_named(&named);
	}
}

static void a_shorter_name_asks_for_no_btf(void **state)
{
	AUTO(inspect_prog_done) struct inspect_prog prog;
	struct named named;
	struct inspect *inspect = start_named(&named, LONG_NAME);

	(void)state;
	memcpy(named.info.name, "fourteen_bytes", 15);
	read_prog(inspect, 7, INSPECT_WANT_FULL_NAME, &prog);
	assert_string_equal(prog.name, "fourteen_bytes");
	assert_int_equal(fake_kernel.n_calls[ABI_BTF_GET_FD_BY_ID], 0);
	stop_named(&named);
}

static void programs_that_share_btf_read_it_once(void **state)
{
	struct named named;
	struct inspect *inspect = start_named(&named, LONG_NAME);
	AUTO(inspect_prog_done) struct inspect_prog first, second;

	(void)state;
	read_prog(inspect, 7, INSPECT_WANT_FULL_NAME, &first);
	read_prog(inspect, 7, INSPECT_WANT_FULL_NAME, &second);
	assert_string_equal(second.name, LONG_NAME);
	assert_int_equal(fake_kernel.n_calls[ABI_BTF_GET_FD_BY_ID], 1);
	stop_named(&named);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_fills_15_bytes_is_completed_from_btf),
		cmocka_unit_test(both_forms_of_a_long_name_are_handles),
		cmocka_unit_test(the_kernels_name_stays_where_btf_is_of_no_help),
		cmocka_unit_test(a_shorter_name_asks_for_no_btf),
		cmocka_unit_test(programs_that_share_btf_read_it_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
