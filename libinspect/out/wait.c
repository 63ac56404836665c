/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * wait.c - wait for a descriptor, and for the end that the caller may want meanwhile
 *
 * poll(2) alone tells that nobody reads a pipe any longer: a stream without events would not notice
 * until it writes, and hold what it holds.
 */
#include "out/wait.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>

#define NEVER (-1)

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What is left of the time, so that being stopped and continued does not make it longer. */
static int time_left(int64_t end)
{
	if (end == NEVER)
		return -1;
	int64_t left = end - now_ms();
	return left > 0 ? (int)left : 0;
}

static bool is_over(const struct pollfd *fd, const struct pollfd *output)
{
	return fd->revents || output->revents;
}

int wait_for(int fd, short events, const struct inspect_until *until, int timeout_ms)
{
	struct pollfd polled[] = {
		{ .fd = fd, .events = events },
		{ .fd = until ? until->fd : -1, .events = POLLIN },
		{ .fd = until ? until->output : -1 }, /* errors come unasked */
	};
	int64_t end = timeout_ms < 0 ? NEVER : now_ms() + timeout_ms;
	int n;

	do
		n = poll(polled, sizeof(polled) / sizeof(*polled), time_left(end));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		return WAIT_TIMEOUT;
	return is_over(&polled[1], &polled[2]) ? WAIT_ENDED : WAIT_READY;
}

bool wait_is_over(const struct inspect_until *until)
{
	return wait_for(-1, 0, until, 0) == WAIT_ENDED;
}

bool wait_lost_reader(const struct inspect_until *until)
{
	struct inspect_until output = { .fd = -1, .output = until->output };

	return wait_is_over(&output);
}
