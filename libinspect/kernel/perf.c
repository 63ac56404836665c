/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf.c - perf events that programs hang on, count with and write to
 *
 * A program on a probe or a tracepoint runs on every CPU, wherever the event was opened: the event only
 * keeps it there. On a sample it runs where the event counts.
 */
#include "kernel/perf.h"

#include <errno.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "kernel/proc.h"

#define SHORT_FILE 256 /* bytes that files of one number or word have at most */

static int open_event(struct perf_event_attr *attr, int pid, int cpu)
{
	long fd = syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

int perf_try(void)
{
	if (syscall(SYS_perf_event_open, NULL, 0, -1, -1, ~0ul) >= 0)
		return 0;
	return errno == EINVAL ? -E2BIG : -errno;
}

int perf_open(const struct perf_want *want)
{
	struct perf_event_attr attr = {
		.type = want->type,
		.size = sizeof(attr),
		.config = want->config,
		.config1 = (uint64_t)(uintptr_t)want->name,
		.config2 = want->at,
		.sample_period = want->period, /* the same place as the frequency's */
		.freq = want->is_freq,
		.disabled = 1,
	};

	return open_event(&attr, want->pid, want->cpu);
}

int perf_open_counter(uint32_t type, uint64_t config, unsigned cpu)
{
	struct perf_event_attr attr = {
		.type = type,
		.size = sizeof(attr),
		.config = config,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.exclude_user = 1,
	};

	return open_event(&attr, -1, (int)cpu);
}

int perf_open_output(unsigned cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW | PERF_SAMPLE_TIME,
		.disabled = 1,
		.use_clockid = 1,
		.wakeup_events = 1,
		.clockid = CLOCK_MONOTONIC,
	};

	return open_event(&attr, -1, (int)cpu);
}

int perf_enable(int fd)
{
	return ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) ? -errno : 0;
}

int perf_set_prog(int fd, int prog_fd)
{
	return ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog_fd) ? -errno : 0;
}

/* What a file below the directory of a kind of events says, without the new line, to be freed. */
static int read_word(const struct sys *sys, const char *name, const char *file, char **out)
{
	char path[PATH_MAX];
	size_t size;

	int n = snprintf(path, sizeof(path), "%s/sys/bus/event_source/devices/%s/%s", sys->root,
			 name, file);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	autofree char *bytes = NULL;
	int r = proc_read_file(path, SHORT_FILE, &bytes, &size, NULL);
	if (r < 0)
		return r;
	*out = strndup(bytes, size);
	if (!*out)
		return -ENOMEM;
	(*out)[strcspn(*out, "\n")] = '\0';
	return 0;
}

int perf_type(const struct sys *sys, const char *name, uint32_t *out)
{
	autofree char *word = NULL;
	uint64_t type;

	int r = read_word(sys, name, "type", &word);
	if (!r)
		r = num_parse(word, NUM_DECIMAL, UINT32_MAX, &type);
	if (!r)
		*out = (uint32_t)type;
	return r;
}

int perf_bit(const struct sys *sys, const char *name, const char *word, unsigned *out)
{
	static const char begins[] = "config:";
	autofree char *text = NULL;
	char file[64];
	uint64_t bit;

	snprintf(file, sizeof(file), "format/%s", word);
	int r = read_word(sys, name, file, &text);
	if (r < 0)
		return r;
	if (strncmp(text, begins, sizeof(begins) - 1) != 0)
		return -EINVAL;
	text[strcspn(text, "-")] = '\0'; /* the first of several */
	r = num_parse(text + sizeof(begins) - 1, NUM_DECIMAL, 63, &bit);
	if (!r)
		*out = (unsigned)bit;
	return r;
}
