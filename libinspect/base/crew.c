/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * crew.c - work that several threads share
 */
#include "base/crew.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#define STACK_BYTES (256 * 1024)

unsigned crew_size(void)
{
	cpu_set_t cpus;

	/* It fails where there are more CPUs than the set has room for. */
	int n = sched_getaffinity(0, sizeof(cpus), &cpus) ? CREW_MOST : CPU_COUNT(&cpus);
	return n < 1 ? 1 : n > CREW_MOST ? CREW_MOST : (unsigned)n;
}

void crew_work(void *workers, size_t size, unsigned n, void *(*work)(void *worker))
{
	pthread_t threads[CREW_MOST];
	sigset_t all, before;
	pthread_attr_t attr;
	unsigned started = 1;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < n && started < CREW_MOST &&
	       !pthread_create(&threads[started], &attr, work, (char *)workers + started * size))
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	work(workers);
	while (--started)
		pthread_join(threads[started], NULL);
}
