/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* bench.c - see bench.h */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

void die(const char *format, ...)
{
	const char *reason = strerror(errno);
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", reason);
	exit(1);
}

long num(const char *word)
{
	char *end;
	long value = strtol(word, &end, 10);

	if (*end == 'k' || *end == 'm')
		value *= *end++ == 'k' ? 1000 : 1000000;
	errno = EINVAL;
	if (end == word || *end || value < 0)
		die("'%s' as a number", word);
	return value;
}

void *zalloc(long count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		die("memory");
	return p;
}

uint64_t address(const void *p)
{
	return (uintptr_t)p;
}

int sys_bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, command, attr, sizeof(*attr));
}

int open_by_id(int command, uint32_t id)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_id = id; /* all kinds of ids share this place */
	return sys_bpf(command, &attr);
}

void read_info(int fd, void *info, uint32_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = size;
	attr.info.info = address(info);
	if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
		die("info");
}

uint32_t id_of(int fd)
{
	uint32_t info[2] = { 0 }; /* of a program and of a map alike: the type, the id */

	read_info(fd, info, sizeof(info));
	return info[1];
}

long possible_cpus(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), first = 0, last = 0;
	FILE *file = fopen("/sys/devices/system/cpu/possible", "r");

	if (!file)
		return cpus;
	switch (fscanf(file, "%ld-%ld", &first, &last)) {
	case 1:
		cpus = 1;
		break;
	case 2:
		cpus = last - first + 1;
		break;
	}
	fclose(file);
	return cpus;
}

/* What the kernel holds for itself, where maps are found again. */
static long kernel_memory_kib(void)
{
	static const char *const words[] = { "SUnreclaim:", "VmallocUsed:", "Percpu:" };
	FILE *file = fopen("/proc/meminfo", "r");
	char line[256];
	long sum = 0;

	if (!file)
		die("/proc/meminfo");
	while (fgets(line, sizeof(line), file))
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (!strncmp(line, words[i], strlen(words[i])))
				sum += strtol(line + strlen(words[i]), NULL, 10);
	fclose(file);
	return sum;
}

void held_init(struct held *held, long count)
{
	struct rlimit files, memory = { RLIM_INFINITY, RLIM_INFINITY };

	memset(held, 0, sizeof(*held));
	held->fds = zalloc(count, sizeof(*held->fds));
	held->prog_ids = zalloc(count, sizeof(*held->prog_ids));
	held->map_ids = zalloc(count, sizeof(*held->map_ids));
	held->memory_kib = kernel_memory_kib();

	if (getrlimit(RLIMIT_NOFILE, &files))
		die("limit of descriptors");
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_MEMLOCK, &memory); /* older kernels charge maps to it */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* Never returns. What it opens is its own, as the descriptors of a shell or a server are. */
static void sleep_with_files(long count, pid_t parent, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	for (long i = 0; i < count; i++)
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			_exit(1);
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

void held_fork(struct held *held, long count)
{
	pid_t *children =
		realloc(held->children, (size_t)(held->nr_children + 1) * sizeof(*children));
	pid_t parent = getpid();
	int ends[2];
	char byte;

	if (!children || pipe2(ends, O_CLOEXEC))
		die("process %ld", held->nr_children);
	held->children = children;
	children[held->nr_children] = fork();
	if (children[held->nr_children] < 0)
		die("process %ld", held->nr_children);
	if (!children[held->nr_children])
		sleep_with_files(count, parent, ends[1]);
	held->nr_children++;
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		die("files of process %ld", held->nr_children);
	close(ends[0]);
}

static void end_children(struct held *held)
{
	for (long i = 0; i < held->nr_children; i++)
		kill(held->children[i], SIGKILL);
	for (long i = 0; i < held->nr_children; i++)
		waitpid(held->children[i], NULL, 0);
	free(held->children);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

static void wait_for_ids(int command, const uint32_t *ids, long count)
{
	for (long i = 0; i < count; i++) {
		for (int fd; (fd = open_by_id(command, ids[i])) >= 0; nap())
			close(fd);
	}
}

/*
 * An id is gone before its memory is. Others use memory at the same time, so what counts is that it has
 * fallen to nearly what it was, or falls no more.
 */
static void wait_for_memory(long before_kib, long held_kib)
{
	long enough_kib = before_kib + (held_kib - before_kib) / 10, lowest_kib = held_kib;
	int naps = 0;

	if (held_kib - before_kib < 8192)
		return;
	while (lowest_kib > enough_kib && naps < 50) {
		long now_kib = kernel_memory_kib();

		naps = now_kib < lowest_kib - 256 ? 0 : naps + 1;
		if (now_kib < lowest_kib)
			lowest_kib = now_kib;
		nap();
	}
}

void held_wait(struct held *held, uint32_t id)
{
	long held_kib = kernel_memory_kib();
	sigset_t signals;
	int signal;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	printf("ready %u\n", id);
	fflush(stdout);
	sigwait(&signals, &signal);

	end_children(held);
	for (long i = 0; i < held->nr_fds; i++)
		close(held->fds[i]);
	wait_for_ids(BPF_PROG_GET_FD_BY_ID, held->prog_ids, held->nr_progs);
	wait_for_ids(BPF_MAP_GET_FD_BY_ID, held->map_ids, held->nr_maps);
	wait_for_memory(held->memory_kib, held_kib);
	free(held->fds);
	free(held->prog_ids);
	free(held->map_ids);
}
