/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pairtime ROUNDS COMMAND... - time commands in turn, and print what the first took beside each other
 *
 * Each COMMAND is one string, split at blanks. They run A B C A B C ..., so that what else the machine
 * does meets all of them alike. One line a command, separated by tabs: median and best wall time and
 * median CPU time (ms), peak RSS (KiB), bytes and lines written, exit status, and the medians of
 * wall(first) / wall(this) and CPU(first) / CPU(this), each taken round by round.
 *
 * A child's peak RSS is never less than ours, which it has until it is its own program: keep this small.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum {
	WORDS = 64,
};

struct run {
	double wall_ms, cpu_ms;
};

struct command {
	char *words[WORDS + 1];
	struct run *runs;
	long rss_kib, status;
	unsigned long long bytes, lines;
};

static double ms_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double ms_of(const struct timeval *time)
{
	return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

static pid_t start(struct command *command, int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	errno = posix_spawnp(&pid, command->words[0], &actions, NULL, command->words, environ);
	if (errno)
		die("%s", command->words[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void count_output(struct command *command, int in)
{
	static char buf[65536];
	ssize_t n;

	command->bytes = command->lines = 0;
	while ((n = read(in, buf, sizeof(buf))) > 0) {
		command->bytes += (size_t)n;
		for (char *p = buf; (p = memchr(p, '\n', (size_t)(buf + n - p))); p++)
			command->lines++;
	}
}

static void run_once(struct command *command, struct run *run)
{
	struct rusage usage;
	int ends[2], status;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
	double before = ms_now();
	pid_t pid = start(command, ends[1]);
	close(ends[1]);
	count_output(command, ends[0]);
	close(ends[0]);
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	run->wall_ms = ms_now() - before;
	run->cpu_ms = ms_of(&usage.ru_utime) + ms_of(&usage.ru_stime);
	if (usage.ru_maxrss > command->rss_kib)
		command->rss_kib = usage.ru_maxrss;
	/* One failure among many rounds must not go unseen. */
	if (status)
		command->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the values. */
static double median(double *values, long count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void print(const struct command *command, const struct command *first, long rounds)
{
	double *wall = zalloc(rounds, sizeof(*wall)), *wall_ratio = zalloc(rounds, sizeof(*wall));
	double *cpu = zalloc(rounds, sizeof(*cpu)), *cpu_ratio = zalloc(rounds, sizeof(*cpu));

	for (long i = 0; i < rounds; i++) {
		wall[i] = command->runs[i].wall_ms;
		cpu[i] = command->runs[i].cpu_ms;
		wall_ratio[i] = first->runs[i].wall_ms / wall[i];
		cpu_ratio[i] = cpu[i] > 0 ? first->runs[i].cpu_ms / cpu[i] : 0;
	}
	double wall_ms = median(wall, rounds), cpu_ms = median(cpu, rounds);
	printf("%.3f\t%.3f\t%.3f\t%ld\t", wall_ms, wall[0], cpu_ms, command->rss_kib);
	printf("%llu\t%llu\t%ld\t", command->bytes, command->lines, command->status);
	printf("%.4f\t%.4f\n", median(wall_ratio, rounds), median(cpu_ratio, rounds));
	free(wall);
	free(wall_ratio);
	free(cpu);
	free(cpu_ratio);
}

static void command_init(struct command *command, char *text, long rounds)
{
	char *rest = text;
	long n = 0;

	while (n < WORDS && (command->words[n] = strsep(&rest, " ")))
		n += *command->words[n] != '\0';
	command->words[n] = NULL;
	command->runs = zalloc(rounds, sizeof(*command->runs));
}

int main(int argc, char **argv)
{
	long count = argc - 2, rounds = count > 0 ? num(argv[1]) : 0;

	if (rounds < 1) {
		fprintf(stderr, "usage: pairtime ROUNDS COMMAND...\n");
		return 2;
	}
	struct command *commands = zalloc(count, sizeof(*commands));
	for (long i = 0; i < count; i++)
		command_init(&commands[i], argv[i + 2], rounds);
	for (long round = 0; round < rounds; round++)
		for (long i = 0; i < count; i++)
			run_once(&commands[i], &commands[i].runs[round]);
	for (long i = 0; i < count; i++)
		print(&commands[i], &commands[0], rounds);
	for (long i = 0; i < count; i++)
		free(commands[i].runs);
	free(commands);
	return 0;
}
