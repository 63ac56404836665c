/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print_events.c - events to a sink, as they come
 */
#include <errno.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "value/cell.h"
#include "watch/event_type.h"
#include "watch/events.h"
#include "watch/print.h"

/* An event, and what is known of its type. */
struct shown_event {
	struct event event;
	const struct walk *walk;
	struct value_cell *cell;
};

static void put_type(struct sink *sink, const char *key, const void *record)
{
	const struct event *event = record;

	if (event->type == EVENT_SAMPLE)
		sink_string(sink, key, "sample");
	else if (event->type == EVENT_LOST)
		sink_string(sink, key, "lost");
	else
		sink_string(sink, key, "other");
}

/* bpftool's JSON has plain numbers here, unlike everywhere else. */
static void put_data(struct sink *sink, const char *key, const void *record)
{
	const struct inspect_bytes *data = &((const struct event *)record)->data;

	if (!sink_is_compatible(sink)) {
		sink_bytes(sink, key, data->bytes, data->size);
		return;
	}
	sink_open_list(sink, key);
	for (size_t i = 0; i < data->size; i++)
		sink_u64(sink, NULL, data->bytes[i]);
	sink_close(sink);
}

static void put_value(struct sink *sink, const char *key, const void *record)
{
	const struct shown_event *shown = record;

	value_cell_put(shown->cell, sink, key, shown->walk, &shown->event.data);
}

static void put_lost_record(struct sink *sink, const char *key, const void *record)
{
	const struct event *event = record;

	sink_open_record(sink, key);
	sink_u64(sink, "id", event->lost_id);
	sink_u64(sink, "count", event->lost);
	sink_close(sink);
}

#define E struct shown_event

static const struct field event_fields[] = {
	FIELD(E, event.map_id, "map_id", "of which map", .flags = FIELD_STRICT),
	FIELD(E, event.type, "type", "the kind of record", .flags = FIELD_COMPATIBLE),
	FIELD_AS(FIELD_OWN, 0, E, event, "type",
		 "sample: what a program wrote; lost: there was no room for some; other",
		 .own = put_type, .flags = FIELD_STRICT, .shape = "text"),
	FIELD(E, event.type, "type_id", "the same as perf's number", .flags = FIELD_STRICT),
	FIELD_IF(EVENT_HAS_CPU, E, event.cpu, "cpu", "of perf event arrays: on which CPU"),
	FIELD_IF(EVENT_HAS_CPU, E, event.index, "index", "through which slot of the map"),
	FIELD_IF(EVENT_HAS_TIME, E, event.time, "timestamp",
		 "when it was written: nanoseconds since boot, as bpf_ktime_get_ns() has them"),
	FIELD_IF(EVENT_HAS_POSITION, E, event.position, "position",
		 "of ring buffers: bytes that were written to the ring before it"),
	FIELD_IF(EVENT_HAS_DATA, E, event.size, "size",
		 "bytes of data; perf event arrays round them up with what happens to be there",
		 .flags = FIELD_STRICT),
	FIELD_AS(FIELD_OWN, EVENT_HAS_DATA, E, event, "data", "what was written", .own = put_data,
		 .shape = "hex"),
	FIELD_AS(FIELD_OWN, EVENT_HAS_LOST, E, event, "lost", "how many were lost",
		 .own = put_lost_record, .flags = FIELD_COMPATIBLE),
	FIELD_IF(EVENT_HAS_LOST, E, event.lost, "lost", "how many events were lost",
		 .flags = FIELD_STRICT),
	FIELD_IF(EVENT_HAS_LOST_BYTES, E, event.lost_bytes, "lost_bytes",
		 "bytes of a ring that others took out before they were seen"),
	FIELD_AS(FIELD_OWN, EVENT_HAS_VALUE, E, event, "value",
		 "what was written, as the type that was named has it", .own = put_value,
		 .shape = "any"),
};

_Static_assert(offsetof(struct shown_event, event) == 0,
	       "FIELD_OWN of it gets the whole of what is shown");

static void plain_header(struct out *out, const struct event *event)
{
	if (event->have & EVENT_HAS_TIME)
		out_fmt(out, "== @%llu.%09llu CPU: %u index: %u =====\n", event->time / 1000000000u,
			event->time % 1000000000u, event->cpu, event->index);
	else
		out_fmt(out, "== position: %llu size: %u =====\n", event->position, event->size);
}

static void plain_event(struct out *out, const void *record)
{
	const struct event *event = record;

	if (event->have & EVENT_HAS_DATA) {
		plain_header(out, event);
		out_hex_rows(out, event->data.bytes, event->data.size);
		out_char(out, '\n');
	} else if (event->have & EVENT_HAS_LOST) {
		out_fmt(out, "lost %llu events\n", event->lost);
	} else if (event->have & EVENT_HAS_LOST_BYTES) {
		out_fmt(out, "lost %llu bytes of events\n", event->lost_bytes);
	} else {
		out_fmt(out, "unknown event type=%u size=%u\n", event->type, event->size);
	}
}

const struct schema event_schema = {
	.name = "event",
	.fields = event_fields,
	.n = sizeof(event_fields) / sizeof(*event_fields),
	.columns = "type,cpu,timestamp,size,data",
	.plain = plain_event,
	.have_at = offsetof(struct shown_event, event.have),
	.failed_at = -1,
};

/* In plain output a typed event is the JSON that a typed element is. */
static void print_event(struct printer *printer, const struct shown_event *shown)
{
	struct sink *sink = printer->sink;

	if (sink->form != SINK_PLAIN || !(shown->event.have & EVENT_HAS_VALUE)) {
		print_record(printer, shown);
		return;
	}
	plain_header(sink->out, &shown->event);
	sink_begin_document(sink);
	if (!walk_is_scalar(shown->walk)) {
		put_value(sink, NULL, shown);
		return;
	}
	sink_open_record(sink, NULL);
	put_value(sink, "value", shown);
	sink_close(sink);
}

static uint64_t end_of(unsigned long long seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	return seconds && seconds < (UINT64_MAX - now_ns) / 1000000000u
		       ? now_ns + seconds * 1000000000u
		       : 0;
}

/* Until it is time to end; the sink's own failures end it too, and are told elsewhere. */
static int print_all(struct printer *printer, struct events *events, const struct print_events *how,
		     struct shown_event *shown, struct inspect_error *err)
{
	uint64_t end_ns = end_of(how->seconds);
	unsigned long long n = 0;

	sink_flush(printer->sink);
	while ((!how->count || n < how->count) && !sink_error(printer->sink)) {
		int r = events_next(events, how->until, end_ns, &shown->event, err);

		if (r <= 0)
			return r;
		/* What is shorter than its type is shown as bytes alone. */
		if (shown->walk && shown->event.have & EVENT_HAS_DATA &&
		    shown->event.size >= walk_size(shown->walk))
			shown->event.have |= EVENT_HAS_VALUE;
		n += shown->event.type == EVENT_SAMPLE;
		print_event(printer, shown);
		sink_flush(printer->sink);
	}
	return 0;
}

static enum walk_flavour flavour_of(const struct sink *sink)
{
	return sink->form == SINK_PLAIN	 ? WALK_PLAIN
	       : sink->form == SINK_JSON ? WALK_JSON
					 : WALK_STRICT;
}

static int open_type(struct inspect *inspect, struct sink *sink, const struct events *events,
		     const struct print_events *how, struct event_type *type,
		     struct inspect_error *err)
{
	const struct event_type_how wanted = { how->type, how->btf_file, how->btf_id };

	if (!how->type && (how->btf_file || how->btf_id))
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'btf' is where 'type' is, which is missing");
	if (!how->type)
		return 0;
	return event_type_open(type, inspect, events_map(events), &wanted, flavour_of(sink), err);
}

int print_events(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		 const struct print_events *how, struct inspect_error *err)
{
	const struct events_how open = { how->has_slot, how->cpu,     how->index, how->may_replace,
					 how->is_look,	how->is_take, how->note };
	AUTO(event_type_close) struct event_type type = { 0 };
	AUTO(value_cell_done) struct value_cell cell = { 0 };
	struct events *events;
	struct printer printer;

	int r = print_init(&printer, sink, &event_schema, err);
	if (r < 0)
		return r;
	r = events_open(inspect, ref, &open, &events, err);
	if (r < 0)
		return r;
	r = open_type(inspect, sink, events, how, &type, err);
	if (!r) {
		struct shown_event shown = { .walk = type.walk, .cell = &cell };

		if (sink->form != SINK_PLAIN)
			print_open(&printer, false); /* there each event is a document */
		r = print_all(&printer, events, how, &shown, err);
	}
	events_close(events);
	return r;
}
