/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * crew.h - work that several threads share
 */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include <stddef.h>

#define CREW_MOST 4

/* How many threads can run at a time here, the caller's own among them: 1 to CREW_MOST. */
unsigned crew_size(void);

/*
 * Calls @work with each of the @n elements of @workers, of @size bytes, in a thread of its own; the first is worked on in the caller's.
 * Returns when all are done. A thread that cannot be had is left out, so that whoever comes to the work has to take more
 * of it. Signals stay with the threads that the program has made itself.
 */
void crew_work(void *workers, size_t size, unsigned n, void *(*work)(void *worker));

#endif
