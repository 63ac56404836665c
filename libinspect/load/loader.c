/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * loader.c - one program that loads an object, as light skeletons have it
 */
#include <errno.h> /* skel_internal.h uses it, and does not include it */

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <bpf/skel_internal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "load/worker.h"

#define LOG_ROOM                                                                                   \
	((size_t)16 << 20) /* more than any kernel writes; untouched memory costs nothing */

static int fail(struct worker *worker, int code, const char *what)
{
	struct inspect_error error = { 0 };

	inspect_fail(&error, code, "loader program: %s", what);
	return worker_fail(worker, &error);
}

/* What the loader reads and fills in: a head, then a place for each map, then for each program. */
struct context {
	struct bpf_loader_ctx *head;
	struct bpf_map_desc *maps;
	struct bpf_prog_desc *progs;
	unsigned n_maps, n_progs;
};

static int check_object(struct worker *worker, struct context *context)
{
	struct bpf_program *prog;
	struct bpf_map *map;

	bpf_object__for_each_map(map, worker->object)
	{
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			return fail(worker, EOPNOTSUPP, "cannot make a struct_ops map");
		context->n_maps++;
	}
	bpf_object__for_each_program(prog, worker->object) context->n_progs++;
	return 0;
}

static int make_context(struct worker *worker, struct context *context)
{
	int r = check_object(worker, context);
	if (r < 0)
		return r;
	size_t size = sizeof(*context->head) + context->n_maps * sizeof(*context->maps) +
		      context->n_progs * sizeof(*context->progs);
	char *log = malloc(LOG_ROOM);
	context->head = calloc(1, size);
	if (!context->head || !log)
		return fail(worker, ENOMEM, "make");
	*log = '\0';
	context->head->sz = (uint32_t)size;
	context->head->log_level =
		worker->work->spec->log_level ? worker->work->spec->log_level : 1;
	context->head->log_size = LOG_ROOM - 1;
	context->head->log_buf = (uintptr_t)log;
	context->maps = (void *)(context->head + 1);
	context->progs = (void *)(context->maps + context->n_maps);
	return 0;
}

static int make_data_map(struct worker *worker, const struct gen_loader_opts *made)
{
	const int key = 0;

	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "__loader.map", sizeof(key), made->data_sz, 1,
				NULL);
	if (fd < 0)
		return fail(worker, -fd, "make its map");
	int r = bpf_map_update_elem(fd, &key, made->data, 0);
	if (!r)
		r = bpf_map_freeze(fd);
	return r < 0 ? fail(worker, -r, "fill its map") : fd;
}

static int run(struct worker *worker, const struct gen_loader_opts *made, struct context *context)
{
	LIBBPF_OPTS(bpf_prog_load_opts, load, .prog_flags = BPF_F_SLEEPABLE);
	LIBBPF_OPTS(bpf_test_run_opts, test, .ctx_in = context->head,
		    .ctx_size_in = context->head->sz);

	int map = make_data_map(worker, made);
	if (map < 0)
		return map;
	load.fd_array = &map;
	int prog = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "__loader.prog", "Dual BSD/GPL",
				 (const struct bpf_insn *)(const void *)made->insns,
				 made->insns_sz / sizeof(struct bpf_insn), &load);
	if (prog < 0)
		return fail(worker, -prog, "load it");
	int r = bpf_prog_test_run_opts(prog, &test);
	return r < 0 ? fail(worker, -r, "run it") : (int)test.retval;
}

int worker_run_loader(struct worker *worker, int *progs, int *maps)
{
	LIBBPF_OPTS(gen_loader_opts, made);
	struct context context = { 0 };

	int r = make_context(worker, &context);
	if (r < 0)
		return r;
	r = bpf_object__gen_loader(worker->object, &made);
	if (!r)
		r = bpf_object__load(worker->object);
	if (r < 0)
		return fail(worker, -r, "make it of the object");
	worker_send_loader(worker, made.insns, made.insns_sz);
	r = run(worker, &made, &context);
	const char *log = (const char *)(uintptr_t)context.head->log_buf;
	if (*log || r < 0)
		worker_send_log(worker, "", log, r < 0 ? WORKER_REFUSED : 0);
	if (r < 0)
		return worker->has_failed ? r : fail(worker, -r, "what it loads was refused");
	for (unsigned i = 0; i < context.n_maps; i++)
		*maps++ = context.maps[i].map_fd > 0 ? context.maps[i].map_fd : -1;
	for (unsigned i = 0; i < context.n_progs; i++)
		*progs++ = context.progs[i].prog_fd > 0 ? context.progs[i].prog_fd : -1;
	return 0;
}
