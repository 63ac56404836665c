/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map_ring.c - the memory of a ring buffer map
 *
 * Its first page has the consumer's position, the second what the kernel says of the ring; then come the data, twice.
 * The kernel wakes up who waits only when the consumer has read all: who looks on has to look again and again.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "records/one.h"
#include "watch/source.h"

#define OVERWRITTEN_AT 2 /* the third word on the producer's page */

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t data_bytes(const struct events *events)
{
	return page_bytes() + 2 * (size_t)events->map.max_entries;
}

static int map_memory(struct events *events, bool is_take)
{
	int fd = events->map.fd, rights = is_take ? PROT_READ | PROT_WRITE : PROT_READ;

	void *at = mmap(NULL, page_bytes(), rights, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	events->mapped = at;
	at = mmap(NULL, data_bytes(events), PROT_READ, MAP_SHARED, fd, (off_t)page_bytes());
	if (at == MAP_FAILED)
		return -errno;
	events->mapped_data = at;
	return 0;
}

static void begin(struct events *events, bool is_take)
{
	const unsigned long *words = events->mapped_data;
	bool is_overwriting = events->map.flags & ABI_F_RB_OVERWRITE;

	events->ring = (struct bpf_ring){
		.data = (const unsigned char *)events->mapped_data + page_bytes(),
		.size = events->map.max_entries,
		.producer = words,
		.consumer = events->mapped,
		.take = is_take ? events->mapped : NULL,
		.overwritten = is_overwriting ? words + OVERWRITTEN_AT : NULL,
	};
	bpf_ring_begin(&events->ring);
}

/* Records are taken out only where nobody else is there to read them. */
static bool must_look(const struct events *events, const struct events_how *how)
{
	AUTO(buf_done) struct buf names = { 0 };

	if (how->is_look || how->is_take)
		return how->is_look;
	bool is_known = events_holders(events, &names);
	bool has_holders = names.size > 0;
	buf_add_char(&names, '\0');
	if (has_holders && !buf_failed(&names))
		note_tell(how->note,
			  "others have the map too (%s): records are shown and stay in it; "
			  "'consume' takes them out",
			  names.bytes);
	else if (!is_known)
		note_tell(how->note,
			  "it is not known who else has the map: records are shown and stay in "
			  "it; 'consume' takes them out");
	return has_holders || !is_known;
}

int map_ring_open(struct events *events, const struct inspect_ref *ref,
		  const struct events_how *how, struct inspect_error *err)
{
	if (how->has_slot || how->may_replace)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'cpu', 'index' and 'replace' are for perf event arrays: map "
				    "%u is a ring buffer for all CPUs",
				    events->map.id);
	if (how->is_look && how->is_take)
		return inspect_fail(err, INSPECT_EUSAGE, "'peek' and 'consume' exclude each other");

	bool is_take = !must_look(events, how);
	/* Of a descriptor without the right to write, the kernel shares no memory even to be read. */
	int r = one_reopen_map(events->inspect, ref, 0, &events->map, err);
	if (r < 0)
		return r;
	r = map_memory(events, is_take);
	if (r < 0)
		return inspect_fail(err, -r, "map %u: map its memory", events->map.id);
	begin(events, is_take);
	return 0;
}

void map_ring_close(struct events *events)
{
	if (events->mapped)
		munmap(events->mapped, page_bytes());
	if (events->mapped_data)
		munmap(events->mapped_data, data_bytes(events));
}
