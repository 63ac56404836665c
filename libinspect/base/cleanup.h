/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cleanup.h - release at the end of a scope
 *
 * Declare the owner where the value is made and return whenever you like: the compiler calls the
 * release. What leaves the scope is taken out of its variable with take_ptr() or take_fd().
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define AUTO(done) __attribute__((cleanup(done)))
#define autofree AUTO(cleanup_free)
#define autoclose AUTO(cleanup_close)

static inline void cleanup_free(void *where)
{
	free(*(void **)where);
}

static inline void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static inline void cleanup_close(const int *fd)
{
	close_fd(*fd);
}

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_ptr(where)                                                                            \
	({                                                                                         \
		__typeof__(where) _where = (where);                                                \
		__typeof__(*_where) _taken = *_where;                                              \
		*_where = NULL;                                                                    \
		_taken;                                                                            \
	})

#endif
