/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * worker.c - libbpf at work, in a process of its own
 *
 * All that it finds and makes goes over the stream, as it comes; nothing is released here, since the kernel does that
 * at the end of the process.
 */
#include "load/worker.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "code/section_type.h"
#include "kernel/caps.h"
#include "kernel/names.h"
#include "load/check.h"

#define LOG_BEGIN "-- BEGIN PROG LOAD LOG --\n"
#define LOG_END "-- END PROG LOAD LOG --\n"
#define REFUSED "BPF program load failed"
#define SAID_MOST ((size_t)1 << 20) /* bytes of libbpf's words that are passed on */
#define NAME_ROOM 256

/* libbpf's callback takes no context. */
static _Thread_local struct worker *current;

/* A parent that does not listen any more has ended, and this process with it. */
static int put_packet(struct worker *worker, struct inspect_bytes rest)
{
	struct buf *out = &worker->packet;
	struct wire_packet head = { .n_fds = worker->n_fds };

	if (buf_failed(out))
		return -ENOMEM;
	head.size = (uint32_t)(out->size - sizeof(head) + (rest.size ? rest.size + 1 : 0));
	memcpy(out->bytes, &head, sizeof(head));
	int r = child_put(worker->fd, out->bytes, out->size, worker->fds, head.n_fds);
	if (!r && rest.size)
		r = child_put(worker->fd, rest.bytes, rest.size, NULL, 0);
	return r || !rest.size ? r : child_put(worker->fd, "", 1, NULL, 0);
}

/* @rest is a text behind what is in the packet: one that is too long to be copied. */
static void send_packet(struct worker *worker, struct inspect_bytes rest)
{
	if (put_packet(worker, rest))
		worker->has_failed = true; /* the end will be missing there */
	worker->packet.size = 0;
	worker->n_fds = 0;
}

/* What stays in the kernel without a descriptor has to be known there at once: this process may crash. */
static bool can_wait(const struct worker *worker, const struct wire *wire)
{
	bool stays = wire->flags & WIRE_ATTACHED && !(wire->flags & WIRE_HAS_LINK);

	return (wire->kind == WIRE_PROG || wire->kind == WIRE_MAP) && !stays &&
	       worker->packet.size < WIRE_PACKET_ENOUGH;
}

static void send_wire(struct worker *worker, struct wire wire, const char *first,
		      struct inspect_bytes second, const int *fds)
{
	unsigned n_fds = !!(wire.flags & WIRE_HAS_FD) + !!(wire.flags & WIRE_HAS_LINK);
	struct buf *out = &worker->packet;

	const struct inspect_bytes none = { 0 };
	bool is_long = second.size >= WIRE_PACKET_ENOUGH;

	if (worker->n_fds + n_fds > CHILD_FDS)
		send_packet(worker, none);
	if (!out->size)
		buf_add(out, &(struct wire_packet){ 0 }, sizeof(struct wire_packet));
	wire.sizes[0] = first ? (uint32_t)strlen(first) : 0;
	wire.sizes[1] = (uint32_t)second.size;
	buf_add(out, &wire, sizeof(wire));
	buf_add(out, first, wire.sizes[0]);
	buf_add_char(out, '\0');
	if (!is_long) {
		buf_add(out, second.bytes, second.size);
		buf_add_char(out, '\0');
	}
	for (unsigned i = 0; i < n_fds; i++)
		worker->fds[worker->n_fds++] = fds[i];
	if (is_long || !can_wait(worker, &wire))
		send_packet(worker, is_long ? second : none);
}

static struct inspect_bytes text_bytes(const char *text)
{
	return (struct inspect_bytes){ (const unsigned char *)text, text ? strlen(text) : 0 };
}

static void send_texts(struct worker *worker, struct wire wire, const char *first,
		       const char *second)
{
	send_wire(worker, wire, first, text_bytes(second), NULL);
}

void worker_step(struct worker *worker, enum load_step step)
{
	send_texts(worker, (struct wire){ .kind = WIRE_STEP, .code = step }, NULL, NULL);
}

void worker_send_loader(struct worker *worker, const void *insns, size_t size)
{
	send_wire(worker, (struct wire){ .kind = WIRE_LOADER }, NULL,
		  (struct inspect_bytes){ insns, size }, NULL);
}

void worker_send_log(struct worker *worker, const char *prog, const char *log, int code)
{
	send_texts(worker, (struct wire){ .kind = WIRE_LOG, .code = code }, prog, log);
}

int worker_fail(struct worker *worker, const struct inspect_error *error)
{
	worker->has_failed = true;
	send_texts(worker, (struct wire){ .kind = WIRE_FAILED, .code = error->code }, error->what,
		   error->hint);
	return -error->code;
}

/* Where @line is "prog 'NAME': REST" with the name of a program: the rest. */
static char *rest_about(const struct bpf_program *prog, char *line)
{
	const char *name = bpf_program__name(prog);
	size_t size = strlen(name);

	if (strncmp(line, "prog '", 6) != 0 || strncmp(line + 6, name, size) != 0 ||
	    strncmp(line + 6 + size, "': ", 3) != 0)
		return NULL;
	return line + 6 + size + 3;
}

static char *find_prog(const struct worker *worker, char *line, struct bpf_program **out)
{
	char *rest = NULL;

	*out = NULL;
	while (!rest && worker->object &&
	       (*out = bpf_object__next_program(worker->object, *out)) != NULL)
		rest = rest_about(*out, line);
	return rest;
}

/* That a program was refused is said first, and then comes its log, if there is one; both are one line for libbpf. */
static bool take_log(struct worker *worker, bool is_warning, char *line)
{
	struct bpf_program *prog;
	char *rest = NULL;

	if (strstr(line, REFUSED) || strstr(line, LOG_BEGIN))
		rest = find_prog(worker, line, &prog);
	if (!rest)
		return false;
	if (strncmp(rest, REFUSED, strlen(REFUSED)) == 0) {
		worker_send_rooms(worker); /* of those before it: this one has to be the last */
		worker_send_log(worker, bpf_program__name(prog), worker_room_of(worker, prog),
				WORKER_REFUSED);
		return true;
	}
	if (strncmp(rest, LOG_BEGIN, strlen(LOG_BEGIN)) != 0)
		return false;
	char *log = rest + strlen(LOG_BEGIN);
	size_t size = strlen(log), end = strlen(LOG_END);
	if (size >= end && strcmp(log + size - end, LOG_END) == 0)
		log[size - end] = '\0';
	worker_send_log(worker, bpf_program__name(prog), log, is_warning ? WORKER_REFUSED : 0);
	return true;
}

static void pass_on(struct worker *worker, enum libbpf_print_level level, char *line)
{
	static const char mark[] = "libbpf: ";
	size_t size;

	if (strncmp(line, mark, sizeof(mark) - 1) == 0)
		line += sizeof(mark) - 1;
	if (take_log(worker, level == LIBBPF_WARN, line))
		return;
	if (level == LIBBPF_DEBUG && worker->work->spec->log_level != INSPECT_LOG_ALL)
		return;
	size = strlen(line);
	worker->warnings += level == LIBBPF_WARN;
	worker->said += size;
	if (strstr(line, "extern (kcfg)") && strstr(line, "truncated to") && !worker->cut)
		worker->cut = strndup(line, strcspn(line, "\n"));
	if (size && worker->said < SAID_MOST)
		send_texts(worker,
			   (struct wire){ .kind = WIRE_SAID,
					  .flags = level == LIBBPF_WARN ? WIRE_WARNING : 0 },
			   line, NULL);
}

__attribute__((format(printf, 2, 0))) static int hear(enum libbpf_print_level level,
						      const char *format, va_list args)
{
	char *line = NULL;

	if (level == LIBBPF_DEBUG && !current->work->spec->log_level)
		return 0; /* there is much of it, and nobody wants it */
	if (vasprintf(&line, format, args) < 0)
		return 0;
	pass_on(current, level, line);
	free(line);
	return 0;
}

/* libbpf's own error, of which the words are what it said. */
static int fail_libbpf(struct worker *worker, int code)
{
	const struct inspect_error error = { .code = code };

	return worker_fail(worker, &error);
}

/* libbpf names data after the file, up to the first dot. */
static void name_object(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t length = strcspn(name, ".");

	if (length > size - 1)
		length = size - 1;
	memcpy(out, name, length);
	out[length] = '\0';
}

static int open_object(struct worker *worker)
{
	const struct inspect_load_spec *spec = worker->work->spec;
	char name[NAME_ROOM];
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name,
		    .relaxed_maps = spec->is_lenient, .btf_custom_path = spec->kernel_btf,
		    .kconfig = worker->work->kconfig, .kernel_log_level = spec->log_level);

	worker_step(worker, LOAD_OPEN);
	name_object(spec->file, name, sizeof(name));
	worker->object = bpf_object__open_mem(worker->work->bytes, worker->work->size, &options);
	return worker->object ? 0 : fail_libbpf(worker, errno);
}

/* A name of a section may need the slash behind it. */
static int find_type(struct worker *worker, const char *word, enum bpf_prog_type *type,
		     enum bpf_attach_type *expected)
{
	autofree char *slashed = NULL;

	if (!libbpf_prog_type_by_name(word, type, expected))
		return 0;
	if (asprintf(&slashed, "%s/", word) < 0)
		return fail_libbpf(worker, ENOMEM);
	if (!libbpf_prog_type_by_name(slashed, type, expected))
		return 0;
	struct inspect_error error = { 0 };
	inspect_fail(&error, EINVAL, "type '%s' is not known to libbpf", word);
	return worker_fail(worker, &error);
}

static int set_type(struct worker *worker)
{
	const char *word = worker->work->spec->type;
	enum bpf_prog_type type;
	enum bpf_attach_type expected;
	struct bpf_program *prog;

	if (!word)
		return 0;
	int r = find_type(worker, word, &type, &expected);
	if (r < 0)
		return r;
	bpf_object__for_each_program(prog, worker->object)
	{
		bpf_program__set_type(prog, type);
		bpf_program__set_expected_attach_type(prog, expected);
	}
	return 0;
}

/* Of offloading, maps are on the device too, but for those that the host reads events from. */
static int set_device(struct worker *worker)
{
	const struct inspect_load_spec *spec = worker->work->spec;
	uint32_t ifindex = worker->work->ifindex;
	struct bpf_program *prog;
	struct bpf_map *map;

	if (!ifindex)
		return 0;
	bpf_object__for_each_program(prog, worker->object)
	{
		if (!spec->metadata_device || bpf_program__type(prog) == BPF_PROG_TYPE_XDP)
			bpf_program__set_ifindex(prog, ifindex);
		if (spec->metadata_device && bpf_program__type(prog) == BPF_PROG_TYPE_XDP)
			bpf_program__set_flags(prog,
					       bpf_program__flags(prog) | BPF_F_XDP_DEV_BOUND_ONLY);
	}
	if (spec->metadata_device)
		return 0;
	bpf_object__for_each_map(map, worker->object) if (bpf_map__type(map) !=
							  BPF_MAP_TYPE_PERF_EVENT_ARRAY)
		bpf_map__set_ifindex(map, ifindex);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Which of two is meant could not be told, not by the name of a pin either. */
static int check_names(struct worker *worker, unsigned n)
{
	autofree const char **names = calloc(n + 1, sizeof(*names));
	struct bpf_program *prog;
	unsigned at = 0;

	if (!names)
		return fail_libbpf(worker, ENOMEM);
	bpf_object__for_each_program(prog, worker->object) names[at++] = bpf_program__name(prog);
	if (at)
		qsort(names, at, sizeof(*names), compare_names);
	for (unsigned i = 1; i < at; i++) {
		struct inspect_error error = { 0 };

		if (strcmp(names[i - 1], names[i]) != 0)
			continue;
		inspect_fail(&error, EEXIST, "two programs are called '%s'", names[i]);
		inspect_hint(&error, "give each a name of its own");
		return worker_fail(worker, &error);
	}
	return 0;
}

/* The number that a word of the kernel's stands for, or -1. */
static int number_of(enum names_set set, const char *wanted)
{
	const char *word;

	for (unsigned i = 0; (word = names_find(set, i)); i++)
		if (strcmp(word, wanted) == 0)
			return (int)i;
	return -1;
}

/* A kind of section may be newer than libbpf; our own table then says what it means. */
static bool set_type_of_section(struct bpf_program *prog)
{
	struct section_type found;

	if (!section_type_find(bpf_program__section_name(prog), &found))
		return false;
	int type = number_of(NAMES_PROG_TYPE, found.prog_type);
	int expected = found.attach_type ? number_of(NAMES_ATTACH_TYPE, found.attach_type) : 0;
	if (type < 0 || expected < 0)
		return false;
	bpf_program__set_type(prog, (enum bpf_prog_type)type);
	bpf_program__set_expected_attach_type(prog, (enum bpf_attach_type)expected);
	return true;
}

static int check_types(struct worker *worker)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, worker->object)
	{
		struct inspect_error error = { 0 };

		if (bpf_program__type(prog) != BPF_PROG_TYPE_UNSPEC || !bpf_program__autoload(prog))
			continue;
		if (set_type_of_section(prog))
			continue;
		const char *section = bpf_program__section_name(prog);
		const char *nearest = check_nearest_section(section);
		inspect_fail(&error, EINVAL, "program '%s': section '%s' says no type of program",
			     bpf_program__name(prog), section);
		if (nearest)
			inspect_hint(&error,
				     "did you mean SEC(\"%s\")? 'type TYPE' gives all programs one",
				     nearest);
		return worker_fail(worker, &error);
	}
	return 0;
}

static unsigned count_progs(const struct worker *worker)
{
	struct bpf_program *prog = NULL;
	unsigned n = 0;

	while ((prog = bpf_object__next_program(worker->object, prog)))
		n++;
	return n;
}

static unsigned count_maps(const struct worker *worker)
{
	struct bpf_map *map = NULL;
	unsigned n = 0;

	while ((map = bpf_object__next_map(worker->object, map)))
		n++;
	return n;
}

static int set_all(struct worker *worker)
{
	worker_step(worker, LOAD_SET);
	int r = check_names(worker, count_progs(worker));
	if (!r)
		r = set_type(worker);
	if (!r)
		r = check_types(worker);
	if (!r)
		r = set_device(worker);
	if (r)
		return r;
	worker_give_rooms(worker, count_progs(worker));
	return worker_reuse_maps(worker, count_maps(worker));
}

/* A value that does not fit its variable is cut by libbpf; nobody would see that. */
static int fail_cut(struct worker *worker)
{
	struct inspect_error error = { 0 };

	inspect_fail(&error, EOVERFLOW, "%s", worker->cut);
	inspect_hint(&error, "the object's variable is too short for the kernel's value");
	return worker_fail(worker, &error);
}

static int load_all(struct worker *worker, int *progs, int *maps)
{
	struct bpf_program *prog;
	struct bpf_map *map;

	worker_step(worker, LOAD_LOAD);
	if (worker->work->spec->uses_loader)
		return worker_run_loader(worker, progs, maps);
	int r = bpf_object__load(worker->object);
	if (r < 0)
		return fail_libbpf(worker, -r);
	worker_send_rooms(worker);
	if (worker->cut)
		return fail_cut(worker);
	bpf_object__for_each_program(prog, worker->object)
	{
		int fd = bpf_program__fd(prog);

		*progs++ = fd;
	}
	bpf_object__for_each_map(map, worker->object)
	{
		int fd = bpf_map__fd(map);

		*maps++ = fd;
	}
	return 0;
}

static int fail_attach(struct worker *worker, const char *name, const char *section, int code)
{
	struct inspect_error error = { 0 };

	inspect_fail(&error, code, "program '%s' (%s): attach", name, section);
	if (code == EPERM || code == EACCES)
		caps_hint(&error, CAPS_LOAD);
	else
		inspect_hint(&error, "%s; load it without autoattach, and 'prog attach' tells more",
			     code == ENOENT || code == ESRCH
				     ? "its target is not there, or this kernel is built without "
				       "such a hook"
				     : "this kernel may be too old for such a hook, or built "
				       "without it");
	return worker_fail(worker, &error);
}

static int fail_register(struct worker *worker, const char *name, int code)
{
	struct inspect_error error = { 0 };

	inspect_fail(&error, code, "can't register struct_ops %s", name);
	if (code == EEXIST)
		inspect_hint(&error,
			     "what it calls itself in the kernel is taken: something of that "
			     "name is registered");
	return worker_fail(worker, &error);
}

/*
 * "Not supported" may be libbpf's word, for a section that does not say where to attach, or the kernel's. libbpf says
 * nothing about the first.
 */
static int attach_prog(struct worker *worker, struct bpf_program *prog, struct wire *wire,
		       int *link_fd)
{
	unsigned before = worker->warnings;

	struct bpf_link *link = bpf_program__attach(prog);
	if (!link && errno == EOPNOTSUPP && worker->warnings == before) {
		wire->flags |= WIRE_NO_HOOK;
		return 0;
	}
	if (!link)
		return fail_attach(worker, bpf_program__name(prog), bpf_program__section_name(prog),
				   errno);
	wire->flags |= WIRE_ATTACHED;
	*link_fd = bpf_link__fd(link);
	if (*link_fd >= 0)
		wire->flags |= WIRE_HAS_LINK;
	return 0;
}

static int send_prog(struct worker *worker, struct bpf_program *prog, int fd)
{
	struct wire wire = {
		.kind = WIRE_PROG,
		.type = bpf_program__type(prog),
		.expected_type = bpf_program__expected_attach_type(prog),
		.flags = fd >= 0 ? WIRE_HAS_FD : 0,
	};
	int fds[2] = { fd, -1 };

	if (fd >= 0 && worker->work->spec->attaches) {
		int r = attach_prog(worker, prog, &wire, &fds[1]);
		if (r < 0)
			return r;
	}
	send_wire(worker, wire, bpf_program__name(prog),
		  text_bytes(bpf_program__section_name(prog)), fds);
	return 0;
}

static int attach_map(struct worker *worker, struct bpf_map *map, struct wire *wire, int *link_fd)
{
	struct bpf_link *link = bpf_map__attach_struct_ops(map);

	if (!link)
		return fail_register(worker, bpf_map__name(map), errno);
	wire->flags |= WIRE_ATTACHED;
	if (bpf_map__map_flags(map) & BPF_F_LINK) {
		*link_fd = bpf_link__fd(link);
		wire->flags |= WIRE_HAS_LINK;
	}
	return 0;
}

static int send_map(struct worker *worker, struct bpf_map *map, int fd, unsigned index)
{
	struct wire wire = {
		.kind = WIRE_MAP,
		.type = bpf_map__type(map),
		.flags = (fd >= 0 ? WIRE_HAS_FD : 0) |
			 (bpf_map__is_internal(map) ? WIRE_INTERNAL : 0) |
			 (worker->is_reused[index] ? WIRE_REUSED : 0),
	};
	int fds[2] = { fd, -1 };

	if (fd >= 0 && worker->work->spec->attaches_maps && wire.type == BPF_MAP_TYPE_STRUCT_OPS) {
		int r = attach_map(worker, map, &wire, &fds[1]);
		if (r < 0)
			return r;
	}
	send_wire(worker, wire, worker->names[index], text_bytes(worker->pins[index]), fds);
	return 0;
}

static int send_all(struct worker *worker, const int *progs, const int *maps)
{
	struct bpf_program *prog;
	struct bpf_map *map;
	unsigned i = 0;
	int r = 0;

	if (worker->work->spec->attaches || worker->work->spec->attaches_maps)
		worker_step(worker, LOAD_ATTACH);
	for (prog = bpf_object__next_program(worker->object, NULL); prog && !r;
	     prog = bpf_object__next_program(worker->object, prog))
		r = send_prog(worker, prog, *progs++);
	for (map = bpf_object__next_map(worker->object, NULL); map && !r;
	     map = bpf_object__next_map(worker->object, map), i++)
		r = send_map(worker, map, maps[i], i);
	return r;
}

static int work(struct worker *worker)
{
	int r = open_object(worker);
	if (!r)
		r = set_all(worker);
	if (r)
		return r;
	autofree int *progs = calloc(count_progs(worker) + 1, sizeof(*progs));
	autofree int *maps = calloc(count_maps(worker) + 1, sizeof(*maps));
	if (!progs || !maps)
		return fail_libbpf(worker, ENOMEM);
	r = load_all(worker, progs, maps);
	return r ? r : send_all(worker, progs, maps);
}

void worker_run(void *given, int fd)
{
	struct worker worker = { .work = given, .fd = fd };

	current = &worker;
	libbpf_set_print(hear);
	if (!work(&worker) && !worker.has_failed)
		send_texts(&worker, (struct wire){ .kind = WIRE_DONE }, NULL, NULL);
}
