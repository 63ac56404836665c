/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fake_verifier.c - a double for bpf(2) that takes or refuses programs, in the words of some kernel
 */
#include "fake_verifier.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/abi.h"

static struct fake_verifier *fake;
static int first_fd;

void fake_verifier_start(struct fake_verifier *kernel)
{
	fake = kernel;
	first_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(first_fd >= 0);
}

void fake_verifier_stop(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_equal(fd, first_fd + 1); /* the lowest that is free */
	close(fd);
	close(first_fd);
	fake = NULL;
}

bool fake_verifier_has(unsigned type, unsigned helper)
{
	/* Some that all have, some that none has, and the rest here and there. */
	return helper % 7 == 0 || (helper % 11 != 0 && (helper * 5 + type) % 3 == 0);
}

/* Five where a program has to give as many, by bpf.h; of the rest it does not matter. */
bool fake_verifier_writes(unsigned helper)
{
	return helper == 6 || helper == 36 || helper == 177;
}

unsigned fake_verifier_arguments(unsigned helper)
{
	static const uint8_t five[] = {
		9,   10,  11,  25,  28,	 49,  57,  66,	68,  84,  85,  99,
		100, 110, 111, 121, 126, 149, 163, 165, 180, 191, 201, 202
	};

	if (helper > 211)
		return helper % 6;
	return memchr(five, (int)helper, sizeof(five)) ? 5 : helper % 5;
}

/* A log of the size that was asked for. */
struct log {
	char *bytes;
	size_t room, size;
};

__attribute__((format(printf, 2, 3))) static void put(struct log *log, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (int i = 0; i < n && log->size + 1 < log->room; i++)
		if (!fake->cut || log->size < fake->cut)
			log->bytes[log->size++] = line[i];
	if (log->room)
		log->bytes[log->size] = '\0';
}

static bool is_there(unsigned helper)
{
	return helper < fake->end;
}

static void put_name(struct log *log, unsigned helper)
{
	if (is_there(helper))
		put(log, "bpf_name_%u#%u\n", helper, helper);
	else
		put(log, "unknown#%u\n", helper);
}

static void put_steps(struct log *log, unsigned type, const uint64_t *insns, unsigned n)
{
	__atomic_fetch_add(&fake->steps, 1, __ATOMIC_RELAXED);
	if (fake->words != FAKE_WORDS_6_18 && fake->words != FAKE_WORDS_7_3)
		return;
	put(log, "func#0 @0\nLive regs before insn:\n");
	for (unsigned i = 0; i < n && (insns[i] & 0xff) == 0x85; i++) {
		unsigned helper = (unsigned)(insns[i] >> 32);
		bool has = is_there(helper) && fake_verifier_has(type, helper);
		unsigned needs = has ? fake_verifier_arguments(helper) : fake->is_careless ? 0 : 5;

		/* Newer ones say which loop it is in, and a helper that calls back makes one. */
		put(log, fake->words == FAKE_WORDS_7_3 && helper % 23 == 0 ? "%3u " : "    ", i);
		put(log, "%3u: .%.*s%.*s (85) call ", i, (int)needs, "12345", (int)(9 - needs),
		    ".........");
		put_name(log, helper);
	}
}

static int refuse_helper(struct log *log, unsigned helper)
{
	if (!is_there(helper))
		put(log, fake->words == FAKE_WORDS_OTHER ? "what is " : "invalid func ");
	else if (fake->words == FAKE_WORDS_OTHER)
		put(log, "no such thing as ");
	else if (fake->words == FAKE_WORDS_5_10)
		put(log, "unknown func ");
	else
		put(log, "program of this type cannot use helper ");
	put_name(log, helper);
	if (fake->words == FAKE_WORDS_7_3)
		put(log, "See the documentation of helpers.\n");
	return EINVAL;
}

/* The helper is there: what is wrong with the rest. */
static int refuse_rest(struct log *log, unsigned helper)
{
	if (helper % 13 == 0) {
		put(log,
		    fake->words == FAKE_WORDS_7_3
			    ? "sleepable helper bpf_name_%u#%u in non-sleepable prog\n"
			    : "helper call might sleep in a non-sleepable prog\n",
		    helper, helper);
		return EINVAL;
	}
	if (helper % 17 == 0) {
		put(log, "func bpf_name_%u#%u not supported for program type 5\n", helper, helper);
		return 524;
	}
	put(log, "R1 type=scalar expected=ctx\n");
	return helper % 19 ? EACCES : EINVAL;
}

static bool has(const struct abi_prog_load_attr *attr, unsigned helper)
{
	bool may_sleep = attr->prog_flags & ABI_PROG_F_SLEEPABLE;

	return is_there(helper) && (fake_verifier_has(attr->type, helper) ||
				    (may_sleep && helper == fake->for_sleepers));
}

static int check(struct log *log, const struct abi_prog_load_attr *attr)
{
	const uint64_t *insns = (const uint64_t *)(uintptr_t)attr->insns;

	if (attr->log_level == 2)
		put_steps(log, attr->type, insns, attr->insn_cnt);
	for (unsigned i = 0; i < attr->insn_cnt; i++) {
		unsigned helper = (unsigned)(insns[i] >> 32);

		if ((insns[i] & 0xff) != 0x85)
			continue;
		/* That a load with steps fails costs time alone, which is for another test. */
		if (fake->now_and_then && helper % 5 == 1 && attr->log_level != 2)
			return fake->now_and_then;
		fake->writes += is_there(helper) && fake_verifier_writes(helper);
		if (!has(attr, helper))
			return refuse_helper(log, helper);
		return refuse_rest(log, helper);
	}
	return 0;
}

long fake_verifier_bpf(int cmd, void *attr, unsigned size)
{
	struct abi_prog_load_attr load = { 0 };

	if (cmd != ABI_PROG_LOAD || size > 4096) { /* more than a page is what no kernel reads */
		errno = cmd == ABI_PROG_LOAD ? E2BIG : EINVAL;
		return -1;
	}
	memcpy(&load, attr, size < sizeof(load) ? size : sizeof(load));
	struct log log = { (char *)(uintptr_t)load.log_buf, load.log_size, 0 };
	__atomic_fetch_add(&fake->loads, 1, __ATOMIC_RELAXED);
	errno = fake->error					 ? fake->error
		: load.type > 63 || fake->types >> load.type & 1 ? EINVAL
								 : check(&log, &load);
	return errno ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
}
