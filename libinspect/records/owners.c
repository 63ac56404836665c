/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * owners.c - the processes that hold an object
 *
 * They are collected in one walk over all processes, for all objects of a listing. It begins when
 * the first object asks: where there is no object, nothing is walked.
 */
#include "records/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "kernel/holders.h"

#define FRESH_NS 1000000000u /* a program that goes on listing walks anew after this time */
#define CONTAINER_DIGITS 64

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void cache_drop(struct owners_cache *cache)
{
	holders_done(&cache->holders);
	cache->is_read = false;
}

void owners_begin(struct inspect *inspect)
{
	struct owners_cache *cache = &inspect->owners;

	if (cache->is_read && now_ns() - cache->read_at_ns > FRESH_NS)
		cache_drop(cache);
}

static void collect(struct inspect *inspect, bool wants_details)
{
	struct owners_cache *cache = &inspect->owners;

	if (cache->is_read && (cache->has_details || !wants_details))
		return;
	cache_drop(cache);
	cache->error = holders_read(&inspect->sys, wants_details, &cache->holders);
	cache->has_details = wants_details;
	cache->is_read = true;
	cache->read_at_ns = now_ns();
}

static bool is_complete(const struct owners_cache *cache)
{
	const struct holders *holders = &cache->holders;

	return !cache->error && !holders->n_refused && !holders->is_hidden;
}

static bool ends_with(const char *text, size_t size, const char *end)
{
	size_t n = strlen(end);

	return size > n && memcmp(text + size - n, end, n) == 0;
}

const char *owners_find_unit(const char *cgroup, size_t *size)
{
	const char *found = NULL;

	for (const char *at = cgroup; *at; at += *at == '/') {
		size_t n = strcspn(at, "/");

		if (ends_with(at, n, ".service") || ends_with(at, n, ".scope")) {
			found = at;
			*size = n;
		}
		at += n;
	}
	return found;
}

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Does what stands before the digits say that the process watches the container from outside? */
static bool is_monitor(const char *cgroup, const char *digits)
{
	static const char monitor[] = "conmon-";
	size_t n = strlen(monitor);

	return (size_t)(digits - cgroup) >= n && memcmp(digits - n, monitor, n) == 0;
}

/*
 * Docker, containerd, CRI-O and Podman all have the container's id, 64 digits, in the path: as a
 * folder of its own, or with something before it and ".scope" behind.
 */
const char *owners_find_container(const char *cgroup, size_t *size)
{
	const char *found = NULL;

	for (const char *at = cgroup; *at;) {
		size_t digits = strspn(at, "0123456789abcdef"), word = digits;

		while (is_alphanumeric(at[word]))
			word++;
		if (word == CONTAINER_DIGITS && digits == word && !is_monitor(cgroup, at))
			found = at;
		at += word;
		at += *at != '\0';
	}
	*size = CONTAINER_DIGITS;
	return found;
}

/* A copy that ends with NUL, in memory that is there: *end moves behind it. */
static const char *put_text(char **end, const char *text, size_t size)
{
	char *at = *end;

	if (!text)
		return NULL;
	memcpy(at, text, size);
	at[size] = '\0';
	*end += size + 1;
	return at;
}

static void copy_owner(const struct holder *from, char **texts, struct inspect_owner *to)
{
	size_t size = 0;

	to->pid = from->pid;
	memcpy(to->comm, from->comm, sizeof(to->comm));
	to->has_uid = from->has_uid;
	to->uid = from->uid;
	if (!from->cgroup)
		return;
	to->cgroup = put_text(texts, from->cgroup, strlen(from->cgroup));
	const char *unit = owners_find_unit(from->cgroup, &size);
	to->unit = put_text(texts, unit, size);
	const char *container = owners_find_container(from->cgroup, &size);
	to->container = put_text(texts, container, size);
}

/* One piece of memory: the owners, and their texts behind them. */
static int copy_owners(const struct holders *holders, const struct holding *holdings, size_t n,
		       struct inspect_owners *out)
{
	size_t size = n * sizeof(*out->owners);

	for (size_t i = 0; i < n; i++) {
		const char *cgroup = holders->holders[holdings[i].holder].cgroup;

		if (cgroup) /* itself, a unit in it, a container */
			size += 2 * (strlen(cgroup) + 1) + CONTAINER_DIGITS + 1;
	}
	out->owners = calloc(1, size);
	if (!out->owners)
		return -ENOMEM;
	out->n = (unsigned)n;
	char *texts = (char *)(out->owners + n);
	for (size_t i = 0; i < n; i++)
		copy_owner(&holders->holders[holdings[i].holder], &texts, &out->owners[i]);
	return 0;
}

bool owners_read(struct inspect *inspect, enum inspect_kind kind, unsigned id, unsigned want,
		 struct inspect_owners *out)
{
	struct owners_cache *cache = &inspect->owners;
	size_t n;

	*out = (struct inspect_owners){ 0 };
	collect(inspect, want & INSPECT_WANT_OWNER_DETAILS);
	const struct holding *first = holders_find(&cache->holders, kind, id, &n);
	if (first && copy_owners(&cache->holders, first, n, out))
		cache->error = -ENOMEM;
	return is_complete(cache);
}

void owners_done(struct inspect_owners *owners)
{
	free(owners->owners);
	*owners = (struct inspect_owners){ 0 };
}

int owners_check(const struct inspect *inspect, struct inspect_error *err)
{
	if (inspect->owners.is_read && inspect->owners.error == -ENOMEM)
		return inspect_fail(err, ENOMEM, "find owners");
	return 0;
}

const char *inspect_owners_note(struct inspect *inspect)
{
	struct owners_cache *cache = &inspect->owners;

	if (!cache->is_read || cache->is_noted || is_complete(cache))
		return NULL;
	cache->is_noted = true;
	if (cache->error || !cache->holders.n_seen)
		return "owners are left out: /proc cannot be read";
	return "there may be more owners: only some processes can be looked into";
}

static void put_text_of(struct sink *sink, const char *key, const char *text)
{
	if (text)
		sink_string(sink, key, text);
}

static void put_record(struct sink *sink, const struct inspect_owner *owner)
{
	sink_open_record(sink, NULL);
	sink_u64(sink, "pid", owner->pid);
	sink_string(sink, "comm", owner->comm);
	if (!sink_is_compatible(sink)) {
		if (owner->has_uid)
			sink_u64(sink, "uid", owner->uid);
		put_text_of(sink, "cgroup", owner->cgroup);
		put_text_of(sink, "unit", owner->unit);
		put_text_of(sink, "container", owner->container);
	}
	sink_close(sink);
}

static void put_buf(struct sink *sink, const char *key, const struct buf *text)
{
	if (buf_failed(text))
		sink->error = -ENOMEM;
	if (text->size)
		sink_text(sink, key, text->bytes, text->size);
	else
		sink_absent(sink, key);
}

static void put_cell(struct sink *sink, const char *key, const struct inspect_owners *owners)
{
	AUTO(buf_done) struct buf text = { 0 };

	for (unsigned i = 0; i < owners->n; i++) {
		char digits[NUM_ROOM];

		if (i)
			buf_add_char(&text, ',');
		buf_add_text(&text, owners->owners[i].comm);
		buf_add_char(&text, '(');
		buf_add(&text, digits, num_format_u64(digits, owners->owners[i].pid));
		buf_add_char(&text, ')');
	}
	put_buf(sink, key, &text);
}

void owners_put(struct sink *sink, const char *key, const void *owners)
{
	const struct inspect_owners *from = owners;

	if (sink_is_columns(sink)) {
		put_cell(sink, key, from);
		return;
	}
	sink_open_list(sink, key);
	for (unsigned i = 0; i < from->n; i++)
		put_record(sink, &from->owners[i]);
	sink_close(sink);
}

static const char *unit_of(const struct inspect_owner *owner)
{
	return owner->unit;
}

static const char *container_of(const struct inspect_owner *owner)
{
	return owner->container;
}

/* What the owners have of it, each text once, in their order. */
static void put_different(struct sink *sink, const char *key, const struct inspect_owners *owners,
			  const char *(*get)(const struct inspect_owner *owner))
{
	AUTO(buf_done) struct buf all = { 0 };

	for (unsigned i = 0; i < owners->n; i++) {
		const char *text = get(&owners->owners[i]);
		bool is_new = text;

		for (unsigned k = 0; k < i && is_new; k++) {
			const char *before = get(&owners->owners[k]);

			is_new = !before || strcmp(before, text) != 0;
		}
		if (is_new && all.size)
			buf_add_char(&all, ',');
		if (is_new)
			buf_add_text(&all, text);
	}
	put_buf(sink, key, &all);
}

void owners_put_units(struct sink *sink, const char *key, const void *owners)
{
	put_different(sink, key, owners, unit_of);
}

void owners_put_containers(struct sink *sink, const char *key, const void *owners)
{
	put_different(sink, key, owners, container_of);
}

void owners_plain(struct out *out, const struct inspect_owners *owners)
{
	for (unsigned i = 0; i < owners->n; i++)
		out_fmt(out, i ? ", %s(%u)" : "\tpids %s(%u)", owners->owners[i].comm,
			owners->owners[i].pid);
	out_fmt(out, "\n");
}
