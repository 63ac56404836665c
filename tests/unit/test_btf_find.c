/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_find.c - types looked for in the files of a kernel that is a double
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/note.h"
#include "btf_maker.h"
#include "capture.h"
#include "fake_kernel.h"
#include "records/print.h"

static struct maker kernel, module;
static char told[1024];

static void tell(void *context, const char *text)
{
	(void)context;
	size_t n = strlen(told);

	snprintf(told + n, sizeof(told) - n, "%s\n", text);
}

static int make_blobs(void **state)
{
	(void)state;
	maker_int(&kernel, "int");
	maker_type(&kernel, KIND_TYPEDEF, maker_string(&kernel, "of_the_kernel"), 1, 0);
	maker_finish(&kernel);
	module.is_split = true;
	maker_type(&module, KIND_TYPEDEF,
		   (uint32_t)kernel.strings.size + maker_string(&module, "of_the_module"), 1, 0);
	maker_finish(&module);
	return 0;
}

static int drop_blobs(void **state)
{
	(void)state;
	maker_done(&kernel);
	maker_done(&module);
	return 0;
}

static void put_file(const char *name, const char *bytes, size_t size)
{
	char path[512];

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", name);
	fake_root_write(&fake_kernel.root, path, "");
	snprintf(path, sizeof(path), "%s/sys/kernel/btf/%s", fake_kernel.root.path, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static struct inspect *start(void)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);

	told[0] = '\0';
	put_file("vmlinux", kernel.blob, kernel.size);
	return inspect;
}

/* Looks for @name everywhere; what it prints must be @expected. Returns what is the exit status. */
static int find(struct inspect *inspect, const char *name, const char *expected)
{
	const struct inspect_note note = { tell, NULL };
	const struct inspect_btf_find how = { .name = name };
	struct inspect_error err = { 0 };
	AUTO_CAPTURE capture;

	struct sink *sink = capture_begin(&capture, SINK_PLAIN);
	int r = print_btf_found(inspect, sink, &how, &note, &err);
	assert_string_equal(capture_end(&capture), expected);
	return r;
}

#define KERNELS "typedef of_the_kernel  btf vmlinux  id 2  size 4\n\tint\n"
#define MODULES "typedef of_the_module  btf mod  id 3  size 4\n\tint\n"

static void a_module_of_a_bare_header_is_told_once_and_the_others_are_searched(void **state)
{
	(void)state;
	static const char header[24] = { (char)0x9f, (char)0xeb, 1, 0, 24 };
	struct inspect *inspect = start();

	put_file("bare", header, sizeof(header));
	put_file("mod", module.blob, module.size);
	assert_int_equal(find(inspect, "of_the_*", KERNELS MODULES), 0);
	assert_string_equal(told, "bare: empty: header only; it is left out\n");
	fake_kernel_stop();
}

static void a_module_without_types_is_no_word_worth(void **state)
{
	(void)state;
	AUTO(maker_done) struct maker empty = { 0 };
	struct inspect *inspect = start();

	maker_string(&empty, "x");
	maker_finish(&empty);
	put_file("empty", empty.blob, empty.size);
	put_file("mod", module.blob, module.size);
	assert_int_equal(find(inspect, "of_the_m*", MODULES), 0);
	assert_string_equal(told, "");
	fake_kernel_stop();
}

static void a_module_that_is_damaged_is_told_and_makes_the_search_fail(void **state)
{
	(void)state;
	struct inspect *inspect = start();

	put_file("damaged", module.blob, module.size - 4);
	put_file("mod", module.blob, module.size);
	assert_int_equal(find(inspect, "of_the_m*", MODULES), 1);
	assert_non_null(strstr(told, "damaged is left out: "));
	assert_ptr_equal(strchr(told, '\n'), told + strlen(told) - 1);
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_module_of_a_bare_header_is_told_once_and_the_others_are_searched),
		cmocka_unit_test(a_module_without_types_is_no_word_worth),
		cmocka_unit_test(a_module_that_is_damaged_is_told_and_makes_the_search_fail),
	};

	return cmocka_run_group_tests(tests, make_blobs, drop_blobs);
}
