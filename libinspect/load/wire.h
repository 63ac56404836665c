/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * wire.h - what the process that loads tells the one that asked for it
 */
#ifndef LOAD_WIRE_H
#define LOAD_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/child.h"
#include "inspect.h"
#include "load/load.h"

enum wire_kind {
	WIRE_STEP,   /* code: enum load_step, which begins */
	WIRE_SAID,   /* texts: a line of libbpf's */
	WIRE_LOG,    /* texts: a program, its log; code: errno or 0 */
	WIRE_PROG,   /* texts: name, section; fds: program, link */
	WIRE_MAP,    /* texts: name, where it is to be pinned; fds: map, link */
	WIRE_LOADER, /* texts: none, instructions */
	WIRE_FAILED, /* texts: words, hint; code: errno */
	WIRE_DONE,
};

enum wire_flag {
	WIRE_HAS_FD = 1,   /* the first descriptor is that of the program, or the map */
	WIRE_HAS_LINK = 2, /* the next one */
	WIRE_NO_HOOK = 4,
	WIRE_ATTACHED = 8,
	WIRE_INTERNAL = 16,
	WIRE_REUSED = 32,
	WIRE_WARNING = 64,
};

#define WIRE_LOG_MOST ((uint32_t)256 << 20) /* bytes of the verifier's log of a program */
#define WIRE_TEXT_MOST WIRE_LOG_MOST

/*
 * The stream is of packets, in which messages lie one behind the other. One packet for many objects saves two thirds of
 * the calls, and the other process is not woken for each.
 */
struct wire_packet {
	uint32_t size; /* of the messages in it */
	uint32_t
		n_fds; /* that come with it, in the order of the messages: each takes as many as its flags say */
};

#define WIRE_PACKET_ENOUGH ((size_t)64 << 10) /* it is sent */
#define WIRE_PACKET_MOST (2 * WIRE_TEXT_MOST + 2 * (uint32_t)WIRE_PACKET_ENOUGH)

struct wire {
	uint32_t kind;
	int32_t code;
	uint32_t type, expected_type;
	uint32_t flags;
	uint32_t sizes[2]; /* of the texts behind it, each with a NUL that is not counted */
};

/* What the process has to do. All of it is there before it begins. */
struct wire_work {
	const struct inspect_load_spec *spec;
	const unsigned char *bytes;
	size_t size;
	const int *reuse; /* open maps, for spec->reuse */
	uint32_t ifindex;
	const char *kconfig; /* what stands in for a configuration that is not there, or NULL */
};

/*
 * load.c: starts it, with so many seconds of computing, and hears all that it says. 0 or a negative error: then *loaded
 * has the facts, and maybe objects that are to be released.
 */
int wire_work_apart(struct wire_work *work, unsigned seconds, struct loaded *loaded,
		    struct inspect_error *err);

/* The process: a struct wire_work, and the stream to write to. */
void worker_run(void *work, int fd);

#endif
