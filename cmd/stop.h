/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * stop.h - commands that run until the user ends them
 *
 *	int r = stop_begin(cli, err);
 *	if (r < 0)
 *		return r;
 *	return stop_end(cli, print_events(cli->inspect, cli->sink, ..., &cli->stop.until, err));
 *
 * In between, SIGINT, SIGTERM and SIGHUP end nothing but what waits with &cli->stop.until (out/wait.h), and a pipe that
 * nobody reads ends that too. The command then returns 0, after it has put away what it made. Processes
 * that are started in between would inherit the blocked signals: start them before, or unblock there.
 */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <signal.h>

#include "inspect.h"

struct cli;

struct stop {
	struct inspect_until
		until;	 /* lent to the library; its members are -1 outside of a stream */
	sigset_t before; /* the signals that were blocked already */
	bool is_wanted;	 /* a signal came: the command is the last one, of a batch too */
};

#define STOP_NONE                                                                                  \
	{                                                                                          \
		.until = {.fd = -1, .output = -1 }                                                 \
	}

/* From now on a signal asks for an end rather than to make one. */
int stop_begin(struct cli *cli, struct inspect_error *err);

/* What holds nothing may end by a closed pipe in between, as any program does: 1 would be an answer of its own. */
void stop_by_pipe(struct cli *cli);

/*
 * The stream is over, and @result is returned. Where a signal came, the others stay blocked until the process ends:
 * its document is to be completed, and timeout(1) and terminals often send a second one.
 */
int stop_end(struct cli *cli, int result);

/* Waits for the end and nothing else: for commands that hold something. 0, or a negative error. */
int stop_hold(struct cli *cli, struct inspect_error *err);

/* When the process ends. */
void stop_done(struct stop *stop);

#endif
