/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link.h - what there is to know of a link, by its type
 */
#ifndef RECORDS_LINK_H
#define RECORDS_LINK_H

#include <limits.h>

#include "records/inspect.h"
#include "records/print.h"

/* Where the info call puts texts and numbers. */
struct link_room {
	char text[PATH_MAX];
	uint64_t *numbers; /* arrays of @count, one behind the other */
	uint32_t count;
};

/* What differs from type to type. */
struct link_type {
	bool is_known;
	/* Takes facts from what the call told; texts and numbers are in @room, or @room is NULL. */
	int (*read)(const struct abi_link_info *info, const struct link_room *room,
		    struct inspect_link *out);
	/* Asks for texts and numbers in the next call: 1, 0 where there are none, or a negative errno. */
	int (*ask)(struct abi_link_info *info, struct link_room *room);
	/* bpftool's text behind the first words, up to the last new line. */
	void (*plain)(struct out *out, const struct inspect_link *link);
};

/* The row of a type; one that this build does not know has a row without anything. */
const struct link_type *link_type_get(unsigned type);

/* A listing begins: what is known of other links may be true no more. */
void link_begin(struct inspect *inspect);

/* Facts that cost more than the info calls; what cannot be had is left out. */
void link_read_names(struct inspect *inspect, unsigned want, struct inspect_link *link);

/* Words for numbers that have some; NULL where they have none. */
const char *link_family_name(unsigned pf);
const char *link_hook_name(unsigned pf, unsigned hook);
const char *link_event_type_name(unsigned type);

/* False where there is none; @room takes a text that is made. */
#define LINK_EVENT_ROOM 64
bool link_event_name(unsigned type, unsigned long long config, char *room);

/* The device of a link, in bpftool's words. */
void link_plain_device(struct out *out, const struct inspect_link *link);

/* For field tables: in a few words, where the link hooks in. */
void link_put_target(struct sink *sink, const char *key, const void *link);

#endif
