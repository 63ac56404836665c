/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * run.c - run a program on given data
 *
 * What the kernel takes differs by type, and EINVAL is all it says of what it does not take. So what is known to be
 * refused is refused here in words, and the rest gets a hint.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "records/one.h"

#define ROOM 32768  /* for what comes back, as bpftool has it */
#define MARGIN 4096 /* a program may make its packet longer */
#define ETHERNET_HEADER 14

static bool is_syscall(const struct inspect_prog *prog)
{
	return prog->type == ABI_PROG_TYPE_SYSCALL;
}

/* Types that run once, on a context: the kernel refuses all else that can be said. */
static bool takes_context_alone(const struct inspect_prog *prog)
{
	return is_syscall(prog) || prog->type == ABI_PROG_TYPE_RAW_TRACEPOINT ||
	       prog->type == ABI_PROG_TYPE_RAW_TRACEPOINT_WRITABLE;
}

static const char *type_of(const struct inspect_prog *prog)
{
	const char *name = names_of(NAMES_PROG_TYPE, prog->type, prog->type_name);

	return name ? name : "this";
}

static int check(const struct inspect_prog *prog, const struct inspect_run *run,
		 struct inspect_error *err)
{
	const char *what = NULL;

	if (takes_context_alone(prog) && (run->data.bytes || run->wants_data))
		what = "have no data, only a context";
	else if (takes_context_alone(prog) && run->repeat)
		what = "run once: there is no repeating them";
	else if (takes_context_alone(prog) && !is_syscall(prog) && run->wants_context)
		what = "give no context back";
	else if (run->has_cpu && (!takes_context_alone(prog) || is_syscall(prog)))
		what = "run on any CPU: only raw tracepoints can be told which";
	else if ((run->is_live || run->batch_size) && prog->type != ABI_PROG_TYPE_XDP)
		what = "have no live frames: only those of type xdp do";
	else if (run->batch_size && !run->is_live)
		what = "take batch_size with live_frames alone";
	if (!what)
		return 0;
	inspect_fail(err, EINVAL, "prog %u: run", prog->id);
	return inspect_hint(err, "programs of type %s %s", type_of(prog), what);
}

static int fail_room(const struct inspect_prog *prog, const struct abi_prog_run_attr *attr,
		     const struct inspect_run *run, struct inspect_error *err)
{
	bool is_data = attr->data_out && attr->data_size_out > run->data_room;
	unsigned size = is_data ? attr->data_size_out : attr->ctx_size_out;

	inspect_fail(err, ENOSPC, "prog %u: run: %s of %u bytes come%s back", prog->id,
		     is_data ? "data" : "a context", size, is_data ? "" : "s");
	return inspect_hint(err, "make room for them: '%s %u'",
			    is_data ? "data_size_out" : "ctx_size_out", size);
}

static void hint_invalid(const struct inspect_prog *prog, const struct inspect_run *run,
			 struct inspect_error *err)
{
	if (takes_context_alone(prog))
		inspect_hint(err, "ctx_in must have all bytes of the context that the program "
				  "reads, and for a raw tracepoint no more than 96");
	else if (run->is_live)
		inspect_hint(err,
			     "with live_frames nothing comes back, and a packet of at least "
			     "%d bytes is wanted as data_in",
			     ETHERNET_HEADER);
	else if (run->data.size < ETHERNET_HEADER)
		inspect_hint(err, "most types want a packet of at least %d bytes as data_in",
			     ETHERNET_HEADER);
	else if (run->context.bytes)
		inspect_hint(err, "in ctx_in, only members that this type of program may be given "
				  "can be other than 0");
	else
		inspect_hint(err, "the data may be too long, or not what programs of type %s get",
			     type_of(prog));
}

static int fail_run(const struct inspect_prog *prog, const struct inspect_run *run, int code,
		    struct inspect_error *err)
{
	int r = inspect_fail(err, code, "prog %u: run", prog->id);

	switch (code) {
	case ERROR_ENOTSUPP:
		inspect_hint(err,
			     "the kernel cannot run programs of type %s by hand; they run where "
			     "they are attached",
			     type_of(prog));
		break;
	case EINVAL:
		hint_invalid(prog, run, err);
		break;
	case ENXIO:
		inspect_hint(err, "CPU %u is not there, or off", run->cpu);
		break;
	case E2BIG:
		inspect_hint(err, "this kernel may be too old for 'cpu', 'live_frames' and "
				  "'batch_size'; a batch has at most 256 packets");
		break;
	case EPERM:
		inspect_hint(err, "running a program needs CAP_BPF or CAP_SYS_ADMIN");
		break;
	default:
		break;
	}
	return r;
}

/* How much room there is to be: what was asked for, or what should be enough. */
static unsigned room_for(bool is_wanted, unsigned asked, size_t given)
{
	if (!is_wanted)
		return 0;
	if (asked)
		return asked;
	return given + MARGIN > ROOM ? (unsigned)(given + MARGIN) : ROOM;
}

static int make_room(const struct inspect_prog *prog, struct inspect_run *run,
		     struct inspect_error *err)
{
	run->data_room = room_for(run->wants_data, run->data_room, run->data.size);
	run->context_room = room_for(run->wants_context, run->context_room, run->context.size);
	if (is_syscall(prog)) /* works on the bytes that it is given */
		run->context_room = (unsigned)run->context.size;
	run->memory = calloc(1, (size_t)run->data_room + run->context_room + 1);
	return run->memory ? 0
			   : inspect_fail(err, ENOMEM, "prog %u: run: room for what comes back",
					  prog->id);
}

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static void fill_in(const struct inspect_prog *prog, const struct inspect_run *run,
		    struct abi_prog_run_attr *attr)
{
	unsigned char *data = run->memory, *context = data + run->data_room;

	*attr = (struct abi_prog_run_attr){
		.prog_fd = (uint32_t)prog->fd,
		.data_in = address(run->data.bytes),
		.data_size_in = (uint32_t)run->data.size,
		.ctx_in = address(run->context.bytes),
		.ctx_size_in = (uint32_t)run->context.size,
		.repeat = run->repeat,
		.flags = (run->has_cpu ? ABI_RUN_ON_CPU : 0) |
			 (run->is_live ? ABI_RUN_LIVE_FRAMES : 0),
		.cpu = run->cpu,
		.batch_size = run->batch_size,
	};
	if (run->data_room) {
		attr->data_out = address(data);
		attr->data_size_out = run->data_room;
	}
	if (is_syscall(prog)) {
		if (run->context.size)
			memcpy(context, run->context.bytes, run->context.size);
		attr->ctx_in = run->context.size ? address(context) : 0;
	} else if (run->context_room) {
		attr->ctx_out = address(context);
		attr->ctx_size_out = run->context_room;
	}
}

/* A kernel never says of more than it had room for; a double may. */
static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void take_results(const struct inspect_prog *prog, const struct abi_prog_run_attr *attr,
			 struct inspect_run *run)
{
	const unsigned char *data = run->memory, *context = data + run->data_room;
	size_t context_size = is_syscall(prog) ? run->context.size : attr->ctx_size_out;

	run->prog_id = prog->id;
	run->retval = attr->retval;
	run->duration_ns = attr->duration;
	run->have = 0;
	if (run->wants_data) {
		run->have |= INSPECT_RUN_HAS_DATA;
		run->data_out.bytes = data;
		run->data_out.size = least(attr->data_size_out, run->data_room);
	}
	if (run->wants_context) {
		run->have |= INSPECT_RUN_HAS_CONTEXT;
		run->context_out.bytes = context;
		run->context_out.size = least(context_size, run->context_room);
	}
}

int inspect_prog_run(struct inspect *inspect, const struct inspect_ref *ref,
		     struct inspect_run *run, struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	struct abi_prog_run_attr attr;

	ERROR_NEEDED(err);
	int r = one_open(inspect, ref, &prog, err);
	if (!r)
		r = check(&prog, run, err);
	if (!r)
		r = make_room(&prog, run, err);
	if (r < 0)
		return r;
	fill_in(&prog, run, &attr);
	r = sys_prog_run(&inspect->sys, &attr);
	if (r == -ENOSPC && (run->data_room || run->context_room))
		return fail_room(&prog, &attr, run, err);
	if (r < 0)
		return fail_run(&prog, run, -r, err);
	take_results(&prog, &attr, run);
	return 0;
}

void inspect_run_done(struct inspect_run *run)
{
	free(take_ptr(&run->memory));
	run->have = 0;
}
