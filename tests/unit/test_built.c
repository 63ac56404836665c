/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_built.c - configurations of the kernel, as files have them and as they should not
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "fake_root.h"
#include "kernel/built.h"

#define AUTO_BUILT AUTO(built_done) struct built

static const char *find(const char *text, const char *name)
{
	static char value[64];
	AUTO_BUILT built;

	assert_int_equal(built_parse(text, strlen(text), &built), 0);
	const char *found = built_find(&built, name);
	snprintf(value, sizeof(value), "%s", found ? found : "not set");
	return value;
}

static void an_option_has_the_value_of_its_line(void **state)
{
	const char *text =
		"# a comment\nCONFIG_B=y\nCONFIG_A=m\r\nCONFIG_HZ=250\nCONFIG_S=\"a b\"\n"
		"CONFIG_EMPTY=\"\"\nCONFIG_Q=\"\nCONFIG_LAST=y";

	(void)state;
	assert_string_equal(find(text, "CONFIG_A"), "m");
	assert_string_equal(find(text, "CONFIG_B"), "y");
	assert_string_equal(find(text, "CONFIG_HZ"), "250");
	assert_string_equal(find(text, "CONFIG_S"), "a b");
	assert_string_equal(find(text, "CONFIG_EMPTY"), "");
	assert_string_equal(find(text, "CONFIG_Q"), "\"");
	assert_string_equal(find(text, "CONFIG_LAST"), "y");
}

static void what_is_not_set_or_not_there_has_no_value(void **state)
{
	const char *text =
		"# CONFIG_A is not set\nCONFIG_N=n\nCONFIG_BC=y\n=y\nCONFIG_=y\nCONFIG_D\n";

	(void)state;
	assert_string_equal(find(text, "CONFIG_A"), "not set");
	assert_string_equal(find(text, "CONFIG_N"), "not set");
	assert_string_equal(find(text, "CONFIG_B"), "not set");
	assert_string_equal(find(text, "CONFIG_BCD"), "not set");
	assert_string_equal(find(text, "CONFIG_D"), "not set");
	assert_string_equal(find(text, "CONFIG_"), "not set");
	assert_string_equal(find(text, ""), "not set");
}

static void of_an_option_that_is_there_twice_the_first_counts(void **state)
{
	(void)state;
	assert_string_equal(find("CONFIG_Z=1\nCONFIG_A=1\nCONFIG_A=2\nCONFIG_A=3\n", "CONFIG_A"),
			    "1");
}

static void a_file_without_an_option_is_no_configuration(void **state)
{
	static const char *const texts[] = { "", "\n", "hello\n", "# CONFIG_A is not set\n",
					     "\x1f\x8b" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		AUTO_BUILT built;

		assert_int_equal(built_parse(texts[i], strlen(texts[i]), &built), -EINVAL);
		assert_int_equal(built.n, 0);
	}
}

/* Packs @size bytes of @fill behind one option. */
static size_t pack(unsigned char *out, size_t room, size_t size, int fill)
{
	unsigned char *text = malloc(size + 16);
	z_stream stream = { 0 };

	assert_non_null(text);
	memcpy(text, "CONFIG_A=yes\n", 13);
	memset(text + 13, fill, size);
	assert_int_equal(
		deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = text;
	stream.avail_in = (unsigned)size + 13;
	stream.next_out = out;
	stream.avail_out = (unsigned)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	free(text);
	return room - stream.avail_out;
}

static void a_packed_one_is_unpacked(void **state)
{
	static unsigned char packed[4096];
	AUTO_BUILT built;

	(void)state;
	size_t size = pack(packed, sizeof(packed), 300000, '\n');
	assert_int_equal(built_parse(packed, size, &built), 0);
	assert_string_equal(built_find(&built, "CONFIG_A"), "yes");
}

static void half_of_a_packed_one_is_none(void **state)
{
	static unsigned char packed[4096];
	size_t size = pack(packed, sizeof(packed), 300000, '\n');

	(void)state;
	for (size_t n = 0; n < size; n += 7) {
		AUTO_BUILT built;

		assert_int_equal(built_parse(packed, n, &built), -EINVAL);
	}
}

static void one_that_unpacks_to_too_much_is_none(void **state)
{
	static unsigned char packed[1u << 17];
	AUTO_BUILT built;

	(void)state;
	size_t size = pack(packed, sizeof(packed), BUILT_MOST + 1000, '\n');
	assert_int_equal(built_parse(packed, size, &built), -EINVAL);
}

static const char *path_of(const char *format)
{
	static char path[BUILT_PATH_ROOM];
	const char *at = strchr(format, '*');
	struct utsname host;

	uname(&host);
	snprintf(path, sizeof(path), "%.*s%s%s", (int)(at - format), format, host.release, at + 1);
	return path;
}

static void the_first_place_with_a_configuration_counts(void **state)
{
	static const char *const places[] = { "/usr/lib/modules/*/config", "/lib/modules/*/config",
					      "/boot/config-*" };
	struct sys sys;
	AUTO_ROOT root;

	(void)state;
	sys_init(&sys);
	fake_root_make(&root);
	sys.root = root.path;
	AUTO_BUILT none;
	assert_int_equal(built_read(&sys, &none), -ENOENT);
	for (size_t i = 0; i < 3; i++) {
		AUTO_BUILT built;

		fake_root_write(&root, path_of(places[i]), "CONFIG_A=y\n");
		assert_int_equal(built_read(&sys, &built), 0);
		assert_string_equal(built.path, path_of(places[i]));
	}
	fake_root_write(&root, path_of("/boot/config-*"), "nothing\n");
	AUTO_BUILT built;
	assert_int_equal(built_read(&sys, &built), 0);
	assert_string_equal(built.path, path_of("/lib/modules/*/config"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_option_has_the_value_of_its_line),
		cmocka_unit_test(what_is_not_set_or_not_there_has_no_value),
		cmocka_unit_test(of_an_option_that_is_there_twice_the_first_counts),
		cmocka_unit_test(a_file_without_an_option_is_no_configuration),
		cmocka_unit_test(a_packed_one_is_unpacked),
		cmocka_unit_test(half_of_a_packed_one_is_none),
		cmocka_unit_test(one_that_unpacks_to_too_much_is_none),
		cmocka_unit_test(the_first_place_with_a_configuration_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
