/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * events.c - the events that come through a map
 */
#include "watch/events.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "out/wait.h"
#include "records/one.h"
#include "records/owners.h"
#include "watch/source.h"

#define DOZE_MS 20
#define NAMES_MOST 4u

static int fail_type(const struct inspect_map *map, struct inspect_error *err)
{
	inspect_fail(err, EOPNOTSUPP, "map %u: map is not a perf event array or a ring buffer",
		     map->id);
	if (map->type == ABI_MAP_TYPE_USER_RINGBUF)
		return inspect_hint(err, "of a user_ringbuf programs are the readers: what is in "
					 "it was written for them");
	return inspect_hint(err, "programs write events to maps of the types perf_event_array and "
				 "ringbuf alone");
}

static void add_name(struct buf *out, const struct inspect_owner *owner)
{
	char digits[NUM_ROOM];

	if (out->size)
		buf_add_text(out, ", ");
	buf_add_text(out, owner->comm);
	buf_add_char(out, '(');
	buf_add(out, digits, num_format_u64(digits, owner->pid));
	buf_add_char(out, ')');
}

bool events_holders(const struct events *events, struct buf *out)
{
	AUTO(owners_done) struct inspect_owners owners = { 0 };

	owners_begin(events->inspect);
	bool is_known = owners_read(events->inspect, INSPECT_MAP, events->map.id,
				    INSPECT_WANT_OWNERS, &owners);
	for (unsigned i = 0; i < owners.n && i < NAMES_MOST; i++)
		add_name(out, &owners.owners[i]);
	if (owners.n > NAMES_MOST)
		buf_add_text(out, ", ...");
	return is_known;
}

static int open_source(struct events *events, const struct inspect_ref *ref,
		       const struct events_how *how, struct inspect_error *err)
{
	int r = one_open(events->inspect, ref, &events->map, err);

	if (r < 0) {
		events->map.fd = -1;
		return r;
	}
	if (events->map.type == ABI_MAP_TYPE_RINGBUF)
		return map_ring_open(events, ref, how, err);
	if (events->map.type != ABI_MAP_TYPE_PERF_EVENT_ARRAY)
		return fail_type(&events->map, err);
	r = one_reopen_map(events->inspect, ref, 0, &events->map, err);
	return r < 0 ? r : perf_slots_open(events, how, err);
}

int events_open(struct inspect *inspect, const struct inspect_ref *ref,
		const struct events_how *how, struct events **out, struct inspect_error *err)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return inspect_fail(err, ENOMEM, "map: read events");
	events->inspect = inspect;
	events->map.fd = -1;
	events->epoll_fd = -1;
	int r = open_source(events, ref, how, err);
	if (r < 0)
		events_close(events);
	else
		*out = events;
	return r;
}

void events_close(struct events *events)
{
	if (!events)
		return;
	perf_slots_close(events);
	map_ring_close(events);
	close_fd(events->epoll_fd);
	inspect_map_done(&events->map);
	buf_done(&events->room);
	free(events);
}

const struct inspect_map *events_map(const struct events *events)
{
	return &events->map;
}

/* The rings take turns, so that a busy CPU does not keep others waiting. */
static int next_of_slots(struct events *events, struct event *out)
{
	for (unsigned tried = 0; tried < events->n_slots; tried++) {
		const struct perf_slot *slot = &events->slots[events->at];

		events->at = (events->at + 1) % events->n_slots;
		int r = perf_ring_next(&slot->ring, &events->room, out);
		if (r)
			return r;
	}
	return 0;
}

static int next_event(struct events *events, struct event *out)
{
	int r = events->n_slots ? next_of_slots(events, out)
				: bpf_ring_next(&events->ring, &events->room, out);

	if (r > 0)
		out->map_id = events->map.id;
	return r;
}

/* Milliseconds until then, rounded up; -1 where there is no end. */
static int left_ms(uint64_t until_ns)
{
	struct timespec now;

	if (!until_ns)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	if (now_ns >= until_ns)
		return 0;
	uint64_t ms = (until_ns - now_ns + 999999) / 1000000;
	return ms > 3600000 ? 3600000 : (int)ms;
}

/* Waits as long as it may. A record that is still being written is ready to poll(2), and not to us. */
static int wait_more(const struct events *events, const struct inspect_until *until, int ms)
{
	int fd = events->epoll_fd >= 0 ? events->epoll_fd : events->map.fd;

	if (!events->is_dozing)
		return wait_for(fd, POLLIN, until, ms);
	return wait_for(-1, 0, until, ms < 0 || ms > DOZE_MS ? DOZE_MS : ms);
}

int events_next(struct events *events, const struct inspect_until *until, uint64_t end_ns,
		struct event *out, struct inspect_error *err)
{
	bool is_looking = events->mapped && !events->ring.take;

	events->is_dozing = is_looking;
	for (;;) {
		int ms = left_ms(end_ns);

		if (!ms || wait_is_over(until))
			return 0;
		int r = next_event(events, out);
		if (r > 0)
			return r;
		if (r < 0)
			return inspect_fail(err, -r, "map %u: read events", events->map.id);
		r = wait_more(events, until, ms);
		if (r < 0)
			return inspect_fail(err, -r, "map %u: wait for events", events->map.id);
		events->is_dozing = is_looking || (r == WAIT_READY && !events->is_dozing);
	}
}
