/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf_slots.c - events of our own in the slots of a perf event array
 *
 * The kernel takes an event out of its slot when the file is closed through which it was put there. So nothing is
 * left behind, whatever becomes of the process; but a map may be made to keep them (PRESERVE_ELEMS).
 *
 * An event that is put in a slot takes the place of what is there, and nobody can put that back: it is in the hands
 * of another process. So slots are looked at first.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "kernel/caps.h"
#include "kernel/perf.h"
#include "kernel/proc.h"
#include "watch/slots.h"
#include "watch/source.h"

#define RING_PAGES 16u

static size_t ring_bytes(void)
{
	return RING_PAGES * (size_t)sysconf(_SC_PAGESIZE);
}

static size_t mapped_bytes(void)
{
	return ring_bytes() + (size_t)sysconf(_SC_PAGESIZE);
}

/* @slot knows its CPU and its index. */
static int open_ring(struct perf_slot *slot)
{
	void *at = mmap(NULL, mapped_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, slot->fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	struct perf_event_mmap_page *page = at;

	slot->mapped = at;
	slot->ring.data = (const unsigned char *)at + sysconf(_SC_PAGESIZE);
	slot->ring.size = ring_bytes();
	slot->ring.head = (const uint64_t *)&page->data_head;
	slot->ring.tail = (uint64_t *)&page->data_tail;
	return perf_enable(slot->fd);
}

static int fail_perf(int r, unsigned cpu, struct inspect_error *err)
{
	inspect_fail(err, -r, "CPU %u: open a perf event", cpu);
	if (r == -EPERM || r == -EACCES)
		return inspect_hint(err, "perf events of a CPU need CAP_PERFMON, or CAP_SYS_ADMIN");
	if (r == -ENODEV || r == -EINVAL)
		return inspect_hint(err, "this CPU is not there, or offline");
	return r;
}

/* Opens an event and its ring: 1, 0 where the CPU is offline, or a negative errno. */
static int open_slot(const struct events *events, struct perf_slot *slot, bool must_be,
		     struct inspect_error *err)
{
	struct epoll_event event = { .events = EPOLLIN };

	slot->fd = perf_open_output(slot->ring.cpu);
	if (slot->fd == -ENODEV && !must_be)
		return 0;
	if (slot->fd < 0)
		return fail_perf(slot->fd, slot->ring.cpu, err);
	int r = open_ring(slot);
	if (r < 0)
		return inspect_fail(err, -r, "CPU %u: map the ring of a perf event",
				    slot->ring.cpu);
	if (epoll_ctl(events->epoll_fd, EPOLL_CTL_ADD, slot->fd, &event) < 0)
		return inspect_fail(err, errno, "CPU %u: wait for events", slot->ring.cpu);
	return 1;
}

/* Which slots it will be: the one that was asked for, or that of each CPU. */
static int choose(struct events *events, const struct events_how *how, struct inspect_error *err)
{
	autofree unsigned *cpus = NULL;
	int n = 1;

	if (how->has_slot && how->index >= events->map.max_entries)
		return inspect_fail(err, EINVAL, "map %u: index %u: it has %u slots",
				    events->map.id, how->index, events->map.max_entries);
	if (!how->has_slot)
		n = proc_possible_cpus(&events->inspect->sys, &cpus, err);
	if (n < 0)
		return n;
	events->slots = calloc((size_t)n, sizeof(*events->slots));
	if (!events->slots)
		return inspect_fail(err, ENOMEM, "map %u: read events", events->map.id);
	for (int i = 0; i < n; i++) {
		struct perf_slot *slot = &events->slots[events->n_slots];

		slot->fd = -1;
		slot->ring.cpu = how->has_slot ? how->cpu : cpus[i];
		slot->ring.index = how->has_slot ? how->index : cpus[i];
		events->n_slots += slot->ring.index < events->map.max_entries;
	}
	return 0;
}

/* Opens the rings; those of CPUs that are offline are left out. */
static int open_slots(struct events *events, const struct events_how *how,
		      struct inspect_error *err)
{
	unsigned n = 0;

	events->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (events->epoll_fd < 0)
		return inspect_fail(err, errno, "map %u: wait for events", events->map.id);
	for (unsigned i = 0; i < events->n_slots; i++) {
		int r = open_slot(events, &events->slots[i], how->has_slot, err);

		if (r < 0)
			return r;
		if (!r) {
			note_tell(how->note, "CPU %u is offline, and passed over",
				  events->slots[i].ring.cpu);
			continue;
		}
		struct perf_slot opened = events->slots[i];

		events->slots[i] = (struct perf_slot){ .fd = -1 };
		events->slots[n++] = opened;
	}
	events->n_slots = n;
	return n ? 0 : inspect_fail(err, ENODEV, "map %u: no CPU has a slot in it", events->map.id);
}

static int fail_taken(const struct events *events, unsigned index, struct inspect_error *err)
{
	AUTO(buf_done) struct buf names = { 0 };

	events_holders(events, &names);
	buf_add_char(&names, '\0');
	inspect_fail(err, EBUSY, "map %u: index %u: an event is there already", events->map.id,
		     index);
	if (buf_failed(&names) || !names.bytes[0])
		return inspect_hint(
			err, "its reader would get no more events; 'replace' takes the slot, 'cpu "
			     "N index M' another one");
	return inspect_hint(err,
			    "its reader would get no more events (%s); 'replace' takes the slot, "
			    "'cpu N index M' another one",
			    names.bytes);
}

static int fail_look(const struct events *events, int r, struct inspect_error *err)
{
	inspect_fail(err, -r, "map %u: look whether its slots are taken", events->map.id);
	return inspect_hint(err, "it takes a program, which needs CAP_BPF and CAP_PERFMON, and "
				 "Linux 5.10; 'replace' takes the slots in any case");
}

/* Refuses where somebody reads already, or tells. */
static int check_taken(const struct events *events, const struct events_how *how,
		       struct inspect_error *err)
{
	autofree unsigned *indices = calloc(events->n_slots, sizeof(*indices));
	autofree bool *is_taken = calloc(events->n_slots, sizeof(*is_taken));

	if (!indices || !is_taken)
		return inspect_fail(err, ENOMEM, "map %u: read events", events->map.id);
	for (unsigned i = 0; i < events->n_slots; i++)
		indices[i] = events->slots[i].ring.index;
	int r = slots_read(&events->inspect->sys, events->map.fd, indices, events->n_slots,
			   is_taken);
	if (r < 0)
		return how->may_replace ? 0 : fail_look(events, r, err);
	for (unsigned i = 0; i < events->n_slots; i++) {
		if (is_taken[i] && !how->may_replace)
			return fail_taken(events, indices[i], err);
		if (is_taken[i])
			note_tell(how->note,
				  "index %u: the event that was there is replaced; the slot will "
				  "be empty",
				  indices[i]);
	}
	return 0;
}

static int put_slots(struct events *events, struct inspect_error *err)
{
	for (unsigned i = 0; i < events->n_slots; i++) {
		struct perf_slot *slot = &events->slots[i];
		uint32_t fd = (uint32_t)slot->fd;

		int r = sys_update(&events->inspect->sys, events->map.fd, &slot->ring.index, &fd,
				   ABI_ANY);
		if (r < 0)
			return inspect_fail(err, -r, "map %u: index %u: put an event there",
					    events->map.id, slot->ring.index);
		slot->is_put = true;
	}
	return 0;
}

int perf_slots_open(struct events *events, const struct events_how *how, struct inspect_error *err)
{
	if (how->is_look || how->is_take)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'peek' and 'consume' are for ring buffers");
	int r = choose(events, how, err);
	if (!r)
		r = check_taken(events, how, err);
	if (!r)
		r = open_slots(events, how, err);
	return r ? r : put_slots(events, err);
}

void perf_slots_close(struct events *events)
{
	bool is_kept = events->map.flags & ABI_F_PRESERVE_ELEMS;

	for (unsigned i = 0; i < events->n_slots; i++) {
		const struct perf_slot *slot = &events->slots[i];

		if (slot->is_put && is_kept)
			sys_delete(&events->inspect->sys, events->map.fd, &slot->ring.index);
		if (slot->mapped)
			munmap(slot->mapped, mapped_bytes());
		close_fd(slot->fd);
	}
	free(events->slots);
}
