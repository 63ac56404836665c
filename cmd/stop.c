/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * stop.c - commands that run until the user ends them
 *
 * A handler could but set a variable that outlives its function, and a signal just before the call
 * that waits would be lost. Blocked signals are kept, and a signalfd wakes whatever polls it.
 * Nothing is read from it: it stays readable, so that all that wait later end as well.
 */
#include "stop.h"

#include <errno.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "command.h"
#include "out/wait.h"

/*
 * What asks for an end. nohup(1) has SIGHUP ignored, and means it; SIGINT is ignored in whatever a script starts in
 * the background, where bpftool can be ended by it all the same.
 */
static void ending_signals(sigset_t *set)
{
	struct sigaction hangup;

	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hangup) || hangup.sa_handler != SIG_IGN)
		sigaddset(set, SIGHUP);
}

int stop_begin(struct cli *cli, struct inspect_error *err)
{
	struct stop *stop = &cli->stop;
	sigset_t ending, blocked;

	ending_signals(&ending);
	blocked = ending;
	sigaddset(&blocked, SIGPIPE); /* a write tells as well, and what is held is put away */
	if (sigprocmask(SIG_BLOCK, &blocked, &stop->before))
		return inspect_fail(err, errno, "block signals");
	stop->until.fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	if (stop->until.fd < 0) {
		int code = errno;

		sigprocmask(SIG_SETMASK, &stop->before, NULL);
		return inspect_fail(err, code, "signals: make a descriptor");
	}
	stop->until.output = cli->out->fd;
	cli->out->until = &stop->until;
	cli->err->until = &stop->until;
	return 0;
}

void stop_by_pipe(struct cli *cli)
{
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	if (!sigismember(&cli->stop.before, SIGPIPE))
		sigprocmask(SIG_UNBLOCK, &pipe, NULL);
	cli->stop.until.output = -1; /* heard of by writing alone */
}

/* The SIGPIPE of a write that failed: it was heard of, and must not end the process later. */
static void drop_pipe_signal(void)
{
	const struct timespec no_time = { 0 };
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	while (sigtimedwait(&pipe, NULL, &no_time) == SIGPIPE)
		;
}

int stop_end(struct cli *cli, int result)
{
	struct stop *stop = &cli->stop;
	const struct inspect_until signals = { .fd = stop->until.fd, .output = -1 };

	if (wait_lost_reader(&stop->until) && !cli->out->error)
		cli->out->error = -EPIPE; /* nothing more is written */
	stop->is_wanted = wait_is_over(&signals);
	if (stop->is_wanted)
		return result;
	cli->out->until = NULL;
	cli->err->until = NULL;
	stop_done(stop);
	drop_pipe_signal();
	sigprocmask(SIG_SETMASK, &stop->before, NULL);
	return result;
}

int stop_hold(struct cli *cli, struct inspect_error *err)
{
	int r = wait_for(-1, 0, &cli->stop.until, -1);

	return r < 0 ? inspect_fail(err, -r, "wait for a signal") : 0;
}

void stop_done(struct stop *stop)
{
	close_fd(take_fd(&stop->until.fd));
	stop->until.output = -1;
}
