/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.h - what goes on in the kernel, to a sink, as long as somebody looks
 */
#ifndef WATCH_PRINT_H
#define WATCH_PRINT_H

#include "records/print.h"

extern const struct schema event_schema, profile_schema;

struct print_events {
	bool has_slot; /* perf event arrays: this CPU alone, through this slot */
	unsigned cpu;
	unsigned index;
	bool may_replace; /* take slots that others read from */
	bool is_look;	  /* ring buffers: leave the records in it */
	bool is_take;	  /* take them out in any case */
	const char *type; /* what the events are, or NULL */
	const char *btf_file;
	unsigned btf_id;
	unsigned long long count; /* end after so many samples; 0: never */
	unsigned long long seconds;
	const struct inspect_until *until;
	const struct inspect_note *note;
};

/*
 * Prints events as they come, each written out before the next is waited for. Returns 0 when it was time to end, or a
 * negative errno.
 */
int print_events(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		 const struct print_events *how, struct inspect_error *err);

/*
 * Counts what happens while programs run, until it is time to end, and prints that. @words: "duration SECONDS", further
 * programs, and metrics, which may be shortened. Returns 0, or a negative errno: then nothing was printed. Nothing is left
 * attached.
 */
int print_profile(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		  const struct inspect_words *words, const struct inspect_until *until,
		  const struct inspect_note *note, struct inspect_error *err);

#endif
