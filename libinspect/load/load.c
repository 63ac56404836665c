/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * load.c - an object file to programs, maps and links of the kernel
 *
 * The file is read once, and looked through by ourselves before libbpf sees it: what is wrong with it is told better here,
 * and libbpf is not asked. What the process says in which libbpf works is checked as a file would be.
 */
#include "load/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/proc.h"
#include "load/check.h"
#include "load/kconfig.h"
#include "load/reason.h"
#include "load/wire.h"
#include "records/one.h"

#define SECONDS_MOST 60 /* of computing, which is libbpf's: objects take milliseconds */
#define MEMORY_MOST ((uint64_t)1 << 30)

static void prog_done(struct loaded_prog *prog)
{
	free(prog->name);
	free(prog->section);
	close_fd(prog->fd);
	close_fd(prog->link_fd);
}

static void map_done(struct loaded_map *map)
{
	free(map->name);
	free(map->pin_path);
	close_fd(map->fd);
	close_fd(map->link_fd);
}

/* Links go before programs, as they would if the kernel took them back. */
static void release_objects(struct loaded *loaded)
{
	for (unsigned i = 0; i < loaded->n_progs; i++)
		prog_done(&loaded->progs[i]);
	for (unsigned i = 0; i < loaded->n_maps; i++)
		map_done(&loaded->maps[i]);
	free(loaded->progs);
	free(loaded->maps);
	loaded->progs = NULL;
	loaded->maps = NULL;
	loaded->n_progs = loaded->n_maps = 0;
}

void loaded_done(struct loaded *loaded)
{
	release_objects(loaded);
	for (unsigned i = 0; i < loaded->n_logs; i++) {
		free(loaded->logs[i].prog);
		free(loaded->logs[i].text);
	}
	free(loaded->logs);
	buf_done(&loaded->said);
	buf_done(&loaded->warned);
	buf_done(&loaded->loader);
	object_close(&loaded->file);
	*loaded = (struct loaded){ 0 };
}

const struct load_log *loaded_failure(const struct loaded *loaded)
{
	const struct load_log *last = loaded->n_logs ? &loaded->logs[loaded->n_logs - 1] : NULL;

	return last && last->code ? last : NULL;
}

/* Messages of the process, and the descriptors that came with them. */
struct packet {
	struct wire_packet head;
	char *bytes;
	size_t at; /* the next message in these */
	int fds[CHILD_FDS];
	unsigned next_fd;
};

static void packet_done(struct packet *packet)
{
	free(packet->bytes);
	for (unsigned i = 0; i < CHILD_FDS; i++)
		close_fd(packet->fds[i]);
}

/* 1, 0 at the end, or a negative errno: then there may be descriptors, too. */
static int packet_get(int fd, struct packet *out)
{
	int none[CHILD_FDS];

	int r = child_get(fd, &out->head, sizeof(out->head), out->fds);
	if (r <= 0)
		return r;
	if (!out->head.size || out->head.size > WIRE_PACKET_MOST || out->head.n_fds > CHILD_FDS)
		return -EBADMSG;
	out->bytes = malloc(out->head.size);
	if (!out->bytes)
		return -ENOMEM;
	r = child_get(fd, out->bytes, out->head.size, none);
	return r ? r : -EBADMSG;
}

struct message {
	struct wire wire;
	const char *texts[2]; /* in the packet; each ends with NUL */
	int fd, link_fd;      /* -1: none */
};

static void message_done(struct message *message)
{
	close_fd(message->fd);
	close_fd(message->link_fd);
}

static bool next_fd(struct packet *packet, int *out)
{
	if (packet->next_fd >= packet->head.n_fds || packet->fds[packet->next_fd] < 0)
		return false;
	*out = take_fd(&packet->fds[packet->next_fd++]);
	return true;
}

static int next_texts(struct packet *packet, struct message *out)
{
	uint32_t first = out->wire.sizes[0], second = out->wire.sizes[1];
	size_t size = (size_t)first + second + 2;
	const char *bytes = packet->bytes + packet->at;

	if (first > WIRE_TEXT_MOST || second > WIRE_TEXT_MOST ||
	    size > packet->head.size - packet->at || bytes[first] || bytes[size - 1])
		return -EBADMSG;
	out->texts[0] = bytes;
	out->texts[1] = bytes + first + 1;
	packet->at += size;
	return 1;
}

/* 1, 0 behind the last, or -EBADMSG. */
static int message_next(struct packet *packet, struct message *out)
{
	size_t left = packet->head.size - packet->at;

	if (!left)
		return 0;
	if (left < sizeof(out->wire))
		return -EBADMSG;
	memcpy(&out->wire, packet->bytes + packet->at, sizeof(out->wire));
	packet->at += sizeof(out->wire);
	if ((out->wire.flags & WIRE_HAS_FD && !next_fd(packet, &out->fd)) ||
	    (out->wire.flags & WIRE_HAS_LINK && !next_fd(packet, &out->link_fd)))
		return -EBADMSG;
	return next_texts(packet, out);
}

/* The same place and twice the room, each time that it is full. */
static void *grow(void *array, unsigned n, size_t one)
{
	if (n & (n - 1))
		return array;
	return reallocarray(array, n ? (size_t)n * 2 : 1, one);
}

static int add_prog(struct loaded *loaded, struct message *message)
{
	const struct wire *wire = &message->wire;
	void *more = grow(loaded->progs, loaded->n_progs, sizeof(*loaded->progs));

	if (!more)
		return -ENOMEM;
	loaded->progs = more;
	loaded->progs[loaded->n_progs++] = (struct loaded_prog){
		.name = strdup(message->texts[0]),
		.section = strdup(message->texts[1]),
		.type = wire->type,
		.expected_type = wire->expected_type,
		.fd = take_fd(&message->fd),
		.link_fd = take_fd(&message->link_fd),
		.has_no_hook = wire->flags & WIRE_NO_HOOK,
		.is_attached = wire->flags & WIRE_ATTACHED,
	};
	const struct loaded_prog *prog = &loaded->progs[loaded->n_progs - 1];
	return prog->name && prog->section ? 0 : -ENOMEM;
}

static int add_map(struct loaded *loaded, struct message *message)
{
	const struct wire *wire = &message->wire;
	void *more = grow(loaded->maps, loaded->n_maps, sizeof(*loaded->maps));

	if (!more)
		return -ENOMEM;
	loaded->maps = more;
	loaded->maps[loaded->n_maps++] = (struct loaded_map){
		.name = strdup(message->texts[0]),
		.pin_path = *message->texts[1] ? strdup(message->texts[1]) : NULL,
		.type = wire->type,
		.fd = take_fd(&message->fd),
		.link_fd = take_fd(&message->link_fd),
		.is_attached = wire->flags & WIRE_ATTACHED,
		.is_internal = wire->flags & WIRE_INTERNAL,
		.is_reused = wire->flags & WIRE_REUSED,
	};
	const struct loaded_map *map = &loaded->maps[loaded->n_maps - 1];
	return map->name && (map->pin_path || !*message->texts[1]) ? 0 : -ENOMEM;
}

/* Of a program that was refused, that is told first and alone, and then comes what there is of a log. */
static struct load_log *place_for_log(struct loaded *loaded, const struct message *message)
{
	struct load_log *last = loaded->n_logs ? &loaded->logs[loaded->n_logs - 1] : NULL;

	if (last && last->code && !last->size && strcmp(last->prog, message->texts[0]) == 0) {
		free(last->prog);
		free(last->text);
		return last;
	}
	void *more = grow(loaded->logs, loaded->n_logs, sizeof(*loaded->logs));
	if (!more)
		return NULL;
	loaded->logs = more;
	return &loaded->logs[loaded->n_logs++];
}

static int add_log(struct loaded *loaded, struct message *message)
{
	struct load_log *log = place_for_log(loaded, message);

	if (!log)
		return -ENOMEM;
	*log = (struct load_log){
		.prog = strdup(message->texts[0]),
		.text = strdup(message->texts[1]),
		.size = strlen(message->texts[1]),
		.code = message->wire.code,
	};
	return log->prog && log->text ? 0 : -ENOMEM;
}

/* What failed there, with its words; code is 0 where nothing did. */
struct outcome {
	struct inspect_error error;
	bool is_done;
};

static void add_lines(struct buf *out, const char *text, size_t size)
{
	buf_add(out, text, size);
	if (size && text[size - 1] != '\n')
		buf_add_char(out, '\n');
}

static int add_said(struct loaded *loaded, const struct message *message)
{
	add_lines(&loaded->said, message->texts[0], message->wire.sizes[0]);
	if (message->wire.flags & WIRE_WARNING)
		add_lines(&loaded->warned, message->texts[0], message->wire.sizes[0]);
	return buf_failed(&loaded->said) || buf_failed(&loaded->warned) ? -ENOMEM : 0;
}

static void take_failure(const struct message *message, struct outcome *outcome)
{
	inspect_fail(&outcome->error, message->wire.code > 0 ? message->wire.code : EINVAL, "%s",
		     message->texts[0]);
	if (*message->texts[1])
		inspect_hint(&outcome->error, "%s", message->texts[1]);
}

static int take_message(struct loaded *loaded, struct message *message, struct outcome *outcome)
{
	switch ((enum wire_kind)message->wire.kind) {
	case WIRE_STEP:
		loaded->step = (enum load_step)message->wire.code;
		return 0;
	case WIRE_SAID:
		return add_said(loaded, message);
	case WIRE_LOG:
		return add_log(loaded, message);
	case WIRE_PROG:
		return add_prog(loaded, message);
	case WIRE_MAP:
		return add_map(loaded, message);
	case WIRE_LOADER:
		buf_add(&loaded->loader, message->texts[1], message->wire.sizes[1]);
		return buf_failed(&loaded->loader) ? -ENOMEM : 0;
	case WIRE_FAILED:
		take_failure(message, outcome);
		return 0;
	case WIRE_DONE:
		outcome->is_done = true;
		return 0;
	}
	return -EBADMSG;
}

static int take_packet(struct packet *packet, struct loaded *loaded, struct outcome *outcome)
{
	int r;

	do {
		AUTO(message_done) struct message message = { .fd = -1, .link_fd = -1 };

		r = message_next(packet, &message);
		if (!r)
			return 0;
		if (r > 0)
			r = take_message(loaded, &message, outcome);
	} while (!r);
	return r;
}

static int listen_to(struct child *child, struct loaded *loaded, struct outcome *outcome)
{
	int r;

	do {
		AUTO(packet_done) struct packet packet = { 0 };

		memset(packet.fds, -1, sizeof(packet.fds));
		r = packet_get(child->fd, &packet);
		if (!r)
			return 0;
		if (r > 0)
			r = take_packet(&packet, loaded, outcome);
	} while (!r);
	return r;
}

int wire_work_apart(struct wire_work *work, unsigned seconds, struct loaded *loaded,
		    struct inspect_error *err)
{
	const struct child_limits limits = { .seconds = seconds, .memory = MEMORY_MOST };
	struct outcome outcome = { 0 };
	struct child child;

	int r = child_start(&child, worker_run, work, &limits);
	if (r < 0)
		return inspect_fail(err, -r, "start a process for libbpf");
	r = listen_to(&child, loaded, &outcome);
	if (r < 0) {
		child_kill(&child);
		return inspect_fail(err, -r, "hear from the process that loads");
	}
	r = child_end(&child);
	if (!r && outcome.is_done) {
		loaded->step = LOAD_DONE;
		return 0;
	}
	return reason_find(loaded, &outcome.error, r, err);
}

static int open_maps(struct inspect *inspect, const struct inspect_load_spec *spec, int *fds,
		     struct inspect_error *err)
{
	for (size_t i = 0; i < spec->n_reuse; i++) {
		AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };

		int r = one_open(inspect, &spec->reuse[i].map, &map, err);
		if (!r)
			r = one_reopen_map(inspect, &spec->reuse[i].map, 0, &map, err);
		if (r < 0)
			return inspect_context(err, "map");
		fds[i] = take_fd(&map.fd);
	}
	return 0;
}

static int find_device(const struct inspect_load_spec *spec, uint32_t *out,
		       struct inspect_error *err)
{
	const char *name = spec->offload_device ? spec->offload_device : spec->metadata_device;

	if (!name)
		return 0;
	int r = proc_device_index(name, out);
	return r < 0 ? inspect_fail(err, -r, "unrecognized netdevice '%s'", name) : 0;
}

int load_begin(const struct inspect_load_spec *spec, struct loaded *out, struct inspect_error *err)
{
	ERROR_NEEDED(err);
	*out = (struct loaded){ 0 };
	int r = check_words(spec, err);
	return r ? r : check_file(spec, &out->file, err);
}

/* libbpf opens such an object, and then says a number. */
static int check_order(const struct inspect_load_spec *spec, const struct object *object,
		       struct inspect_error *err)
{
	bool is_big = object->elf.image.is_big;

	if (is_big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
		return 0;
	inspect_fail(err, EOPNOTSUPP, "%s: the object is of the other byte order", spec->file);
	inspect_hint(err,
		     "it was compiled for %s-endian machines: compile it for this one "
		     "(clang -target bpf)",
		     is_big ? "big" : "little");
	return inspect_context(err, "failed to load object file");
}

static int load_with(struct inspect *inspect, const struct inspect_load_spec *spec, int *fds,
		     struct loaded *loaded, struct inspect_error *err)
{
	struct wire_work work = { .spec = spec, .reuse = fds };
	AUTO(buf_done) struct buf kconfig = { 0 };

	int r = loaded->file.bytes ? 0 : load_begin(spec, loaded, err);
	if (!r)
		r = check_order(spec, &loaded->file, err);
	if (!r)
		r = find_device(spec, &work.ifindex, err);
	if (!r)
		r = open_maps(inspect, spec, fds, err);
	if (!r)
		r = kconfig_replace(&loaded->file, &kconfig, err);
	if (r < 0)
		return r;
	work.kconfig = kconfig.size ? kconfig.bytes : NULL;
	work.bytes = (const unsigned char *)loaded->file.bytes;
	work.size = loaded->file.size;
	return wire_work_apart(&work, SECONDS_MOST, loaded, err);
}

void loaded_unregister(const struct inspect *inspect, const struct loaded *loaded)
{
	const uint32_t key = 0;

	for (unsigned i = 0; i < loaded->n_maps; i++) {
		const struct loaded_map *map = &loaded->maps[i];

		if (map->type == ABI_MAP_TYPE_STRUCT_OPS && map->is_attached && map->link_fd < 0)
			sys_delete(&inspect->sys, map->fd, &key);
	}
}

int load_object(struct inspect *inspect, const struct inspect_load_spec *spec, struct loaded *out,
		struct inspect_error *err)
{
	ERROR_NEEDED(err);
	autofree int *fds = malloc((spec->n_reuse + 1) * sizeof(*fds));
	if (!fds)
		return inspect_fail(err, ENOMEM, "load");
	for (size_t i = 0; i <= spec->n_reuse; i++)
		fds[i] = -1;
	int r = load_with(inspect, spec, fds, out, err);
	for (size_t i = 0; i < spec->n_reuse; i++)
		close_fd(fds[i]);
	if (r < 0) {
		loaded_unregister(inspect, out);
		release_objects(out);
	}
	return r;
}
