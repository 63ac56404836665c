/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_stop.c - commands that run until the user ends them
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "command.h"
#include "out/wait.h"

struct stream {
	struct out out;
	struct out err;
	struct cli cli;
	int reader;
};

static void begin(struct stream *stream)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	stream->reader = ends[0];
	out_init(&stream->out, ends[1]);
	out_init(&stream->err, STDERR_FILENO);
	stream->cli = (struct cli){ .out = &stream->out, .err = &stream->err, .stop = STOP_NONE };
	assert_int_equal(stop_begin(&stream->cli, NULL), 0);
}

/* Puts the signals back as they were: a command line ends with the process instead. */
static void end(struct stream *stream)
{
	const struct timespec no_time = { 0 };
	sigset_t pending;

	sigemptyset(&pending);
	sigaddset(&pending, SIGINT);
	sigaddset(&pending, SIGTERM);
	sigaddset(&pending, SIGHUP);
	sigaddset(&pending, SIGPIPE);
	while (sigtimedwait(&pending, NULL, &no_time) > 0)
		;
	sigprocmask(SIG_SETMASK, &stream->cli.stop.before, NULL);
	stop_done(&stream->cli.stop);
	close_fd(stream->reader);
	close_fd(stream->out.fd);
}

static bool is_blocked(int number)
{
	sigset_t now;

	sigprocmask(SIG_BLOCK, NULL, &now);
	return sigismember(&now, number) == 1;
}

static void each_of_the_three_signals_ends_what_waits(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct stream stream;

		begin(&stream);
		assert_int_equal(wait_for(-1, 0, &stream.cli.stop.until, 0), WAIT_TIMEOUT);
		assert_int_equal(raise(signals[i]), 0);
		assert_int_equal(stop_hold(&stream.cli, NULL), 0);
		assert_int_equal(stop_hold(&stream.cli, NULL), 0); /* and whatever waits later */
		assert_int_equal(stop_end(&stream.cli, 0), 0);
		assert_true(stream.cli.stop.is_wanted);
		end(&stream);
	}
}

static void a_signal_comes_before_events_that_are_there_already(void **state)
{
	autoclose int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct stream stream;

	(void)state;
	begin(&stream);
	assert_int_equal(wait_for(zero, POLLIN, &stream.cli.stop.until, -1), WAIT_READY);
	raise(SIGINT);
	assert_int_equal(wait_for(zero, POLLIN, &stream.cli.stop.until, -1), WAIT_ENDED);
	end(&stream);
}

static void a_stream_that_ends_by_itself_leaves_the_signals_as_they_were(void **state)
{
	struct stream stream;

	(void)state;
	begin(&stream);
	assert_true(is_blocked(SIGINT));
	assert_true(is_blocked(SIGPIPE));
	assert_int_equal(stop_end(&stream.cli, -ENOENT), -ENOENT);
	assert_false(is_blocked(SIGINT));
	assert_false(is_blocked(SIGPIPE));
	assert_false(stream.cli.stop.is_wanted);
	assert_int_equal(stream.cli.stop.until.fd, -1);
	assert_null(stream.out.until);
	end(&stream);
}

static void a_second_signal_does_not_end_the_process_before_its_document_is_complete(void **state)
{
	struct stream stream;

	(void)state;
	begin(&stream);
	raise(SIGTERM);
	stop_end(&stream.cli, 0);
	raise(SIGTERM); /* which would be the end of this test */
	raise(SIGINT);
	out_literal(&stream.out, "]\n");
	assert_int_equal(out_flush(&stream.out), 0);
	end(&stream);
}

static void a_hangup_that_is_ignored_ends_nothing(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct stream stream;

	(void)state;
	sigaction(SIGHUP, &ignore, &before);
	begin(&stream);
	raise(SIGHUP);
	assert_int_equal(wait_for(-1, 0, &stream.cli.stop.until, 0), WAIT_TIMEOUT);
	end(&stream);
	sigaction(SIGHUP, &before, NULL);
}

static void a_reader_that_goes_away_ends_what_waits_and_all_output(void **state)
{
	struct stream stream;

	(void)state;
	begin(&stream);
	close_fd(take_fd(&stream.reader));
	assert_int_equal(stop_hold(&stream.cli, NULL), 0);
	assert_int_equal(stop_end(&stream.cli, 0), 0);
	assert_int_equal(stream.out.error, -EPIPE);
	assert_false(stream.cli.stop.is_wanted);
	end(&stream);
}

static void writing_to_a_pipe_that_nobody_reads_is_an_error_and_no_death(void **state)
{
	struct stream stream;

	(void)state;
	begin(&stream);
	close_fd(take_fd(&stream.reader));
	out_literal(&stream.out, "line\n");
	assert_int_equal(out_flush(&stream.out), -EPIPE);
	assert_int_equal(stop_end(&stream.cli, 0), 0); /* the SIGPIPE is gone, too */
	assert_false(is_blocked(SIGPIPE));
	end(&stream);
}

static void output_that_nobody_takes_is_given_up_when_an_end_is_wanted(void **state)
{
	static const char bytes[4096];
	struct stream stream;

	(void)state;
	begin(&stream);
	raise(SIGINT);
	for (size_t i = 0; i < 4 * 65536 / sizeof(bytes); i++) /* more than a pipe holds */
		out_bytes(&stream.out, bytes, sizeof(bytes));
	assert_int_equal(out_flush(&stream.out), -EINTR);
	end(&stream);
}

static void an_event_reaches_its_reader_as_soon_as_it_is_flushed(void **state)
{
	static const enum sink_form forms[] = { SINK_JSON, SINK_STRICT, SINK_LINES, SINK_TABLE,
						SINK_TSV };
	static const char *const expected[] = { "[{\"a\":1}", "[\n{\"a\":1}", "{\"a\":1}\n",
						"a\n1\n", "a\n1\n" };
	static const char *const headings[] = { "a" };

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct stream stream;
		struct sink sink;
		char text[64] = "";

		begin(&stream);
		sink_init(&sink, &stream.out, forms[i], false, NULL);
		if (sink_is_columns(&sink))
			sink_headings(&sink, headings, 1);
		sink_open_list(&sink, NULL);
		sink_open_record(&sink, NULL);
		sink_u64(&sink, "a", 1);
		sink_close(&sink);
		sink_flush(&sink);
		assert_true(read(stream.reader, text, sizeof(text) - 1) > 0);
		assert_string_equal(text, expected[i]);
		sink_finish(&sink);
		sink_done(&sink);
		end(&stream);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_the_three_signals_ends_what_waits),
		cmocka_unit_test(a_signal_comes_before_events_that_are_there_already),
		cmocka_unit_test(a_stream_that_ends_by_itself_leaves_the_signals_as_they_were),
		cmocka_unit_test(
			a_second_signal_does_not_end_the_process_before_its_document_is_complete),
		cmocka_unit_test(a_hangup_that_is_ignored_ends_nothing),
		cmocka_unit_test(a_reader_that_goes_away_ends_what_waits_and_all_output),
		cmocka_unit_test(writing_to_a_pipe_that_nobody_reads_is_an_error_and_no_death),
		cmocka_unit_test(output_that_nobody_takes_is_given_up_when_an_end_is_wanted),
		cmocka_unit_test(an_event_reaches_its_reader_as_soon_as_it_is_flushed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
