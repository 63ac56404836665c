/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * wait.h - wait for a descriptor, and for the end that the caller may want meanwhile
 */
#ifndef OUT_WAIT_H
#define OUT_WAIT_H

#include "inspect.h"

enum {
	WAIT_ENDED,   /* the caller wants an end: nothing failed */
	WAIT_READY,   /* what was waited for, or an error that reading or writing will tell */
	WAIT_TIMEOUT, /* the time is over */
};

/*
 * Waits for @events of poll(2) at @fd, or with @fd -1 for the end alone. The end comes first: where both are there,
 * it is WAIT_ENDED, so that a stream ends however much comes in. @until may be NULL. @timeout_ms -1: for ever. A
 * descriptor of epoll or of a ring buffer is one like others. One of the above, or a negative errno.
 */
int wait_for(int fd, short events, const struct inspect_until *until, int timeout_ms);

/* Has the end come already, in one way or the other? Neither waits. */
bool wait_is_over(const struct inspect_until *until);
bool wait_lost_reader(const struct inspect_until *until);

#endif
