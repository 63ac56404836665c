/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_fill.c - many elements from a file into a map: batches, what is checked before, what was done
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "elems_case.h"

/* Keys from @first on, each with the value @value; a line each. */
static int file_of(uint32_t first, uint32_t n, uint32_t value)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	FILE *file = fdopen(dup(fd), "w");

	assert_true(fd >= 0 && file);
	for (uint32_t i = first; i < first + n; i++)
		fprintf(file, "{\"key\":\"%08x\",\"value\":\"%08x\"}\n", __builtin_bswap32(i),
			__builtin_bswap32(value));
	assert_int_equal(fclose(file), 0);
	return fd;
}

static int fill(struct elems_case *c, int fd, unsigned flag, unsigned long long *written,
		struct inspect_error *err)
{
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = 7 };
	struct inspect_filled filled = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int r = inspect_map_fill(c->inspect, &ref,
				 &(const struct inspect_fill){ .path = path, .flag = flag }, NULL,
				 &filled, err);
	*written = filled.elements;
	return r;
}

/* A map of @n elements, all of them deleted but the first @kept. */
static void start(struct elems_case *c, size_t n, size_t kept)
{
	fake_map_fill(&c->fake, 4, 4, n);
	for (size_t i = kept; i < n; i++)
		fake_map_delete(&c->fake, i);
	elems_case_start(c, ABI_MAP_TYPE_HASH, 4);
}

static unsigned count_value(const struct fake_map *map, uint32_t value)
{
	unsigned n = 0;

	for (size_t i = 0; i < map->n; i++)
		n += !map->elems[i].is_gone && !memcmp(map->elems[i].value, &value, 4);
	return n;
}

static void elements_go_in_batches(void **state)
{
	static const uint32_t counts[] = { 0, 1, 4095, 4096, 4097, 9000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct elems_case c = { .fake.batch = FAKE_BATCH_BUCKETS,
					.info.max_entries = 10000 };
		unsigned long long written;

		start(&c, 10000, 0);
		autoclose int fd = file_of(0, counts[i], 0x55);
		assert_int_equal(fill(&c, fd, 0, &written, NULL), 0);
		assert_int_equal(written, counts[i]);
		assert_int_equal(count_value(&c.fake, 0x55), counts[i]);
		assert_int_equal(c.fake.n_update_batches, (counts[i] + 4095) / 4096);
		assert_int_equal(c.fake.n_updates, 0);
		elems_case_stop(&c);
	}
}

static void without_batches_they_go_one_by_one(void **state)
{
	static const int errors[] = { 524, EINVAL, EPERM, ENOMEM };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct elems_case c = {
			.fake = { .batch = FAKE_BATCH_BUCKETS,
				  .has_no_update_batch = true,
				  .no_batch_error = errors[i] },
		};
		unsigned long long written;

		start(&c, 5000, 0);
		autoclose int fd = file_of(0, 5000, 0x55);
		assert_int_equal(fill(&c, fd, 0, &written, NULL), 0);
		assert_int_equal(count_value(&c.fake, 0x55), 5000);
		assert_int_equal(c.fake.n_update_batches, 1);
		assert_int_equal(c.fake.n_updates, 5000);
		elems_case_stop(&c);
	}
}

static void a_flag_makes_them_go_one_by_one(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_BUCKETS };
	unsigned long long written;

	(void)state;
	start(&c, 20, 10);
	autoclose int fd = file_of(0, 10, 0x55);
	assert_int_equal(fill(&c, fd, ABI_EXIST, &written, NULL), 0);
	assert_int_equal(c.fake.n_updates, 10);
	assert_int_equal(c.fake.n_update_batches, 0);
	autoclose int more = file_of(10, 10, 0x55);
	assert_int_equal(fill(&c, more, ABI_NOEXIST, &written, NULL), 0);
	assert_int_equal(count_value(&c.fake, 0x55), 20);
	elems_case_stop(&c);
}

static void what_a_batch_did_before_it_failed_counts(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_BUCKETS };
	struct inspect_error err;
	unsigned long long written;

	(void)state;
	start(&c, 5000, 5000);
	c.fake.elems[4500].error = EBUSY;
	autoclose int fd = file_of(0, 5000, 0x55);
	assert_int_equal(fill(&c, fd, 0, &written, &err), -EBUSY);
	assert_non_null(strstr(err.what, "line 4501: element 4501: map 7: update (4500 of 5000 "
					 "elements were written)"));
	assert_int_equal(count_value(&c.fake, 0x55), 4500);
	elems_case_stop(&c);
}

/* A batch call that fails for a reason of its own does not end it all. */
static int fail_second_batch(struct fake_map *map, int cmd)
{
	return cmd == ABI_MAP_UPDATE_BATCH && map->n_update_batches == 1 ? EINTR : 0;
}

static void a_batch_that_fails_alone_is_gone_on_with(void **state)
{
	struct elems_case c = { .fake = { .batch = FAKE_BATCH_BUCKETS,
					  .before = fail_second_batch } };
	unsigned long long written;

	(void)state;
	start(&c, 9000, 0);
	autoclose int fd = file_of(0, 9000, 0x55);
	assert_int_equal(fill(&c, fd, 0, &written, NULL), 0);
	assert_int_equal(written, 9000);
	assert_int_equal(count_value(&c.fake, 0x55), 9000);
	assert_int_equal(c.fake.n_updates, 9000 - 4096);
	elems_case_stop(&c);
}

static void more_new_keys_than_there_is_room_for_are_refused_before(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_BUCKETS };
	struct inspect_error err;
	unsigned long long written;

	(void)state;
	start(&c, 10, 5);
	autoclose int six = file_of(5, 6, 0x55), mixed = file_of(0, 10, 0x55);
	assert_int_equal(fill(&c, six, 0, &written, &err), -E2BIG);
	assert_non_null(strstr(err.hint, "can hold 10 elements, 5 more than it has"));
	assert_int_equal(count_value(&c.fake, 0x55), 0);
	assert_int_equal(fill(&c, six, ABI_NOEXIST, &written, &err), -E2BIG);
	assert_int_equal(c.fake.n_updates + c.fake.n_update_batches, 0);
	assert_int_equal(fill(&c, mixed, 0, &written, &err), 0);
	assert_int_equal(count_value(&c.fake, 0x55), 10);
	elems_case_stop(&c);
}

static void nothing_is_written_before_the_last_element_is_checked(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_BUCKETS, .info.max_entries = 20000 };
	struct inspect_error err;
	unsigned long long written;

	(void)state;
	start(&c, 20000, 0);
	autoclose int fd = file_of(0, 12000, 0x55);
	assert_int_equal(lseek(fd, 0, SEEK_END) > 0, 1);
	assert_int_equal(write(fd, "{\"key\":\"00\"}", 12), 12);
	assert_int_equal(fill(&c, fd, 0, &written, &err), -EINVAL);
	assert_non_null(strstr(err.what, "line 12001: element 12001: key: "));
	assert_int_equal(c.fake.n_updates + c.fake.n_update_batches, 0);
	elems_case_stop(&c);
}

static void keys_of_many_rounds_are_compared(void **state)
{
	struct elems_case c = { .fake = { .batch = FAKE_BATCH_BUCKETS } };
	struct inspect_error err;
	unsigned long long written;

	(void)state;
	start(&c, 4, 0);
	c.object.info = &c.info;
	c.info.max_entries = 150000; /* the fake has room for four, which the check cannot know */
	autoclose int fd = file_of(0, 150001, 0x55);
	assert_int_equal(fill(&c, fd, 0, &written, &err), -E2BIG);
	assert_non_null(strstr(err.hint, "can hold 150000 elements, 150000 more than it has"));
	assert_int_equal(c.fake.n_update_batches, 0);
	elems_case_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_go_in_batches),
		cmocka_unit_test(without_batches_they_go_one_by_one),
		cmocka_unit_test(a_flag_makes_them_go_one_by_one),
		cmocka_unit_test(what_a_batch_did_before_it_failed_counts),
		cmocka_unit_test(a_batch_that_fails_alone_is_gone_on_with),
		cmocka_unit_test(more_new_keys_than_there_is_room_for_are_refused_before),
		cmocka_unit_test(nothing_is_written_before_the_last_element_is_checked),
		cmocka_unit_test(keys_of_many_rounds_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
