/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_child.c - work in a process of its own
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/child.h"
#include "base/cleanup.h"

static const struct child_limits limits = { .seconds = 5 };

static void say(void *context, int fd)
{
	child_put(fd, context, strlen(context), NULL, 0);
}

static void what_it_says_is_heard_up_to_the_end(void **state)
{
	char text[] = "hello", got[6] = "";
	int fds[CHILD_FDS];
	struct child child;

	(void)state;
	assert_int_equal(child_start(&child, say, text, &limits), 0);
	assert_int_equal(child_get(child.fd, got, 5, fds), 1);
	assert_string_equal(got, "hello");
	assert_int_equal(child_get(child.fd, got, 1, fds), 0);
	assert_int_equal(child_end(&child), 0);
}

static void a_message_that_ends_in_between_is_an_error(void **state)
{
	char text[] = "hell", got[6];
	int fds[CHILD_FDS];
	struct child child;

	(void)state;
	assert_int_equal(child_start(&child, say, text, &limits), 0);
	assert_int_equal(child_get(child.fd, got, 5, fds), -EBADMSG);
	assert_int_equal(child_end(&child), 0);
}

static void hand_over_two(void *context, int fd)
{
	int fds[2] = { open("/dev/null", O_RDONLY), open("/dev/zero", O_RDONLY) };

	(void)context;
	child_put(fd, "xy", 2, fds, 2);
}

static void descriptors_come_with_the_first_byte_and_close_on_exec(void **state)
{
	struct stat null, got;
	int fds[CHILD_FDS];
	struct child child;
	char byte;

	(void)state;
	assert_int_equal(child_start(&child, hand_over_two, NULL, &limits), 0);
	assert_int_equal(child_get(child.fd, &byte, 1, fds), 1);
	assert_true(fds[0] >= 0 && fds[1] >= 0 && fds[2] == -1);
	assert_int_equal(fstat(fds[0], &got), 0);
	assert_int_equal(stat("/dev/null", &null), 0);
	assert_true(got.st_rdev == null.st_rdev);
	assert_int_equal(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
	close_fd(fds[0]);
	close_fd(fds[1]);
	assert_int_equal(child_get(child.fd, &byte, 1, fds), 1);
	assert_int_equal(fds[0], -1);
	assert_int_equal(child_end(&child), 0);
}

static void crash(void *context, int fd)
{
	(void)context;
	(void)fd;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void spin(void *context, int fd)
{
	volatile uint64_t n = 0;

	(void)context;
	(void)fd;
	while (n < UINT64_MAX)
		n++;
}

static void a_crash_and_a_hang_are_told_apart(void **state)
{
	const struct child_limits one_second = { .seconds = 1 };
	struct child child;

	(void)state;
	assert_int_equal(child_start(&child, crash, NULL, &limits), 0);
	assert_int_equal(child_end(&child), -ENOTRECOVERABLE);
	assert_int_equal(child_start(&child, spin, NULL, &one_second), 0);
	assert_int_equal(child_end(&child), -ETIMEDOUT);
}

/* A sanitizer's memory is there before: by the limit alone its allocator would end the process. */
static void tell_limit(void *context, int fd)
{
	void *more = sbrk(0);
	char answer = more != (void *)-1 && sbrk((intptr_t)256 << 20) != (void *)-1 ? 'y' : 'n';

	(void)context;
	child_put(fd, &answer, 1, NULL, 0);
}

static char can_grow(uint64_t memory)
{
	const struct child_limits with = { .seconds = 5, .memory = memory };
	int fds[CHILD_FDS];
	struct child child;
	char answer = '?';

	assert_int_equal(child_start(&child, tell_limit, NULL, &with), 0);
	child_get(child.fd, &answer, 1, fds);
	child_end(&child);
	return answer;
}

static void memory_is_limited_beyond_what_there_is(void **state)
{
	(void)state;
	assert_int_equal(can_grow(0), 'y');
	assert_int_equal(can_grow((uint64_t)1 << 30), 'y');
	assert_int_equal(can_grow((uint64_t)64 << 20), 'n');
}

static void wait_for_ever(void *context, int fd)
{
	(void)context;
	(void)fd;
	pause();
}

static void one_that_is_killed_is_waited_for(void **state)
{
	struct child child;

	(void)state;
	assert_int_equal(child_start(&child, wait_for_ever, NULL, &limits), 0);
	pid_t pid = child.pid;
	child_kill(&child);
	assert_int_equal(kill(pid, 0), -1);
	child_kill(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says_is_heard_up_to_the_end),
		cmocka_unit_test(a_message_that_ends_in_between_is_an_error),
		cmocka_unit_test(descriptors_come_with_the_first_byte_and_close_on_exec),
		cmocka_unit_test(a_crash_and_a_hang_are_told_apart),
		cmocka_unit_test(memory_is_limited_beyond_what_there_is),
		cmocka_unit_test(one_that_is_killed_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
