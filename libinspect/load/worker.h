/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * worker.h - inside the process in which libbpf works
 */
#ifndef LOAD_WORKER_H
#define LOAD_WORKER_H

#include <stdbool.h>

#include "base/buf.h"
#include "load/wire.h"

struct bpf_map;
struct bpf_object;
struct bpf_program;

struct worker {
	const struct wire_work *work;
	int fd;		    /* the stream */
	struct buf packet;  /* what will be sent next, with room for its head */
	int fds[CHILD_FDS]; /* borrowed */
	unsigned n_fds;
	struct bpf_object *object;
	char *rooms; /* for logs: one for each program where all are wanted, else one for all; NULL: none */
	size_t said;	   /* bytes of libbpf's words so far */
	unsigned warnings; /* how many of them were warnings */
	bool has_failed;   /* that was told */
	char *cut;	   /* what libbpf said of a value that it cut, or NULL */
	char **names;	   /* by map, of the object's: libbpf renames those that are reused */
	char **pins;	   /* by map: where the object wants it to be pinned, or NULL */
	bool *is_reused;   /* by map */
};

/* Says what failed, as far as @error knows it; the parent adds what libbpf said. Returns -error->code. */
int worker_fail(struct worker *worker, const struct inspect_error *error);

void worker_step(struct worker *worker, enum load_step step);
void worker_send_loader(struct worker *worker, const void *insns, size_t size);
void worker_send_log(struct worker *worker, const char *prog, const char *log, int code);

/*
 * verifier_log.c: room for the verifier's log of each program, so that the kernel need not verify again for a larger
 * one. Where there is none, libbpf takes rooms of its own and says what is in them.
 */
void worker_give_rooms(struct worker *worker, unsigned n_progs);
/* The log of that program, or NULL where it has no room; it is empty where nothing was written. */
const char *worker_room_of(const struct worker *worker, const struct bpf_program *prog);
/* Tells the logs of programs that were loaded. */
void worker_send_rooms(struct worker *worker);

#define WORKER_REFUSED (-1) /* the code of a log whose program was not loaded */

/*
 * reuse.c: the maps that exist already are put in the places of the object's: those that were given, and what is at the
 * paths where the object wants maps to be pinned. 0 or a negative error, which was told.
 */
int worker_reuse_maps(struct worker *worker, unsigned n_maps);

/*
 * loader.c: has one program made that loads the object, and runs it. @progs and @maps get the descriptors, in the
 * object's order, -1 is none; each has room for all. 0 or a negative error, which was told.
 */
int worker_run_loader(struct worker *worker, int *progs, int *maps);

#endif
