/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * child.h - work in a process of its own, which may crash, hang or grow, and takes nobody with it
 *
 * The kernel takes back all that a process held when it ends: objects that were not handed out are gone.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int fd; /* our end of the stream between both */
};

struct child_limits {
	unsigned seconds; /* of its own computing; what the kernel does for it is not counted */
	uint64_t memory;  /* bytes more than what it begins with; 0: no limit */
};

/*
 * Starts a process that calls @work with its end of the stream, and ends when that returns. It ends when its parent
 * does, too. Returns 0 or a negative errno; child_end() has to follow.
 */
int child_start(struct child *child, void (*work)(void *context, int fd), void *context,
		const struct child_limits *limits);

/* Waits for its end: 0; -ETIMEDOUT where it took too long; -ENOTRECOVERABLE where it crashed. */
int child_end(struct child *child);

/* Does not wait: it is killed first, where it still runs. What was ended already is allowed. */
void child_kill(struct child *child);

#define CHILD_FDS 253 /* that go with a message: as many as the kernel takes */

/*
 * Exactly @size bytes; descriptors go with the first of them. Those that were got are the caller's to close, -1 is none.
 * child_get(): 1; 0 at the end of the stream; -EBADMSG where it ends in between; or a negative errno.
 */
int child_put(int fd, const void *bytes, size_t size, const int *fds, unsigned n_fds);
int child_get(int fd, void *bytes, size_t size, int fds[CHILD_FDS]);

#endif
