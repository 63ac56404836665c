/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verifier_log.c - room for what the verifier writes
 *
 * A program of a million instructions has a log of 100 MB. Left to itself, libbpf begins with 16 MiB and twice the room
 * each time that it was too small, and the kernel verifies anew for each: half a minute. Memory that nobody has written
 * to costs nothing, so there is room for all of it at once. It is shared memory, which the limit of the process
 * does not count: a log is as large as its room at most, and what is left to libbpf is what it always had.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

#include "load/worker.h"

#define ROOM ((size_t)WIRE_LOG_MOST)
#define ROOMS_MOST ((SIZE_MAX >> 24) / ROOM) /* address space has an end, too */

static bool wants_all(const struct worker *worker)
{
	return worker->work->spec->log_level != 0;
}

void worker_give_rooms(struct worker *worker, unsigned n_progs)
{
	size_t n = wants_all(worker) ? n_progs : 1, i = 0;
	struct bpf_program *prog;

	if (!n_progs || n > ROOMS_MOST)
		return;
	char *rooms = mmap(NULL, n * ROOM, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (rooms == MAP_FAILED)
		return;
	bpf_object__for_each_program(prog, worker->object)
	{
		char *room = rooms + (n > 1 ? i++ : 0) * ROOM;

		if (bpf_program__set_log_buf(prog, room, ROOM - 1))
			return;
	}
	worker->rooms = rooms;
}

const char *worker_room_of(const struct worker *worker, const struct bpf_program *prog)
{
	size_t size;

	return worker->rooms ? bpf_program__log_buf(prog, &size) : NULL;
}

void worker_send_rooms(struct worker *worker)
{
	struct bpf_program *prog;

	if (!worker->rooms || !wants_all(worker))
		return;
	bpf_object__for_each_program(prog, worker->object)
	{
		const char *log = worker_room_of(worker, prog);

		if (*log && bpf_program__fd(prog) >= 0)
			worker_send_log(worker, bpf_program__name(prog), log, 0);
	}
}
