/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ksyms.c - names for addresses of the kernel
 *
 * The file is sorted but for modules and programs, which come last: nothing here relies on its order. A
 * symbol is kept by the first wanted address that is not below it, if it is nearer than what that one
 * has. So a slot holds the best of the gap below it; one without takes over from the slot before, once all
 * is read.
 *
 * Calls of programs are known by their distance from one symbol. Lines are kept until that one is met, and
 * are then gone through again: this takes a megabyte, and the time of another reading would be forty times more.
 */
#include "kernel/ksyms.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define BASE_NAME "__bpf_call_base"
#define KEPT_MOST ((size_t)8 << 20) /* bytes of lines; behind as many there is no base */
#define LINE_ROOM 65536u	    /* a longer line is no symbol */

struct ksyms_slot {
	uint64_t address;
	uint64_t start;
	enum ksyms_match match;
	bool is_read; /* was looked for; what has no text then has no name */
	bool has_symbol;
	char *text; /* the name, and behind its NUL the module's; both end with NUL */
	size_t text_room;
};

struct line {
	uint64_t address;
	const char *name;
	size_t name_size;
	const char *module; /* NULL: none */
	size_t module_size;
	char type;
};

void ksyms_done(struct ksyms *ksyms)
{
	for (size_t i = 0; i < ksyms->n; i++)
		free(ksyms->slots[i].text);
	free(ksyms->slots);
	free(ksyms->calls);
	*ksyms = (struct ksyms){ 0 };
}

int ksyms_want(struct ksyms *ksyms, uint64_t address, enum ksyms_match match)
{
	if (ksyms->n == ksyms->room) {
		size_t room = ksyms->room ? 2 * ksyms->room : 16;
		struct ksyms_slot *more = realloc(ksyms->slots, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		ksyms->slots = more;
		ksyms->room = room;
	}
	ksyms->slots[ksyms->n++] = (struct ksyms_slot){ .address = address, .match = match };
	ksyms->wants_more = true;
	return 0;
}

static int compare_calls(const void *a, const void *b)
{
	const int32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void sort_calls(struct ksyms *ksyms)
{
	size_t kept = 0;

	if (!ksyms->n_calls)
		return;
	qsort(ksyms->calls, ksyms->n_calls, sizeof(*ksyms->calls), compare_calls);
	for (size_t i = 0; i < ksyms->n_calls; i++)
		if (!kept || ksyms->calls[kept - 1] != ksyms->calls[i])
			ksyms->calls[kept++] = ksyms->calls[i];
	ksyms->n_calls = kept;
}

/* A program calls the same few functions over and over: most often, sorting makes the room. */
static int make_room_for_calls(struct ksyms *ksyms)
{
	sort_calls(ksyms);
	if (ksyms->calls && ksyms->n_calls < ksyms->calls_room / 2)
		return 0;
	size_t room = ksyms->calls_room ? 2 * ksyms->calls_room : 256;
	int32_t *more = realloc(ksyms->calls, room * sizeof(*more));
	if (!more)
		return -ENOMEM;
	ksyms->calls = more;
	ksyms->calls_room = room;
	return 0;
}

int ksyms_want_call(struct ksyms *ksyms, int32_t distance)
{
	if (ksyms->base)
		return ksyms_want(ksyms, ksyms->base + (uint64_t)(int64_t)distance, KSYMS_EXACT);
	if (ksyms->has_sought_base)
		return 0;
	if (ksyms->n_calls == ksyms->calls_room && make_room_for_calls(ksyms))
		return -ENOMEM;
	ksyms->calls[ksyms->n_calls++] = distance;
	ksyms->wants_more = true;
	return 0;
}

/* Of one address, what was read stands first, and then what wants the most. */
static int compare(const void *a, const void *b)
{
	const struct ksyms_slot *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	if (left->is_read != right->is_read)
		return left->is_read ? -1 : 1;
	return (left->match < right->match) - (left->match > right->match);
}

/* Does what is known of an address serve for another wish for it? */
static bool serves(const struct ksyms_slot *slot, const struct ksyms_slot *wish)
{
	return slot->address == wish->address &&
	       (slot->match >= wish->match || (slot->has_symbol && slot->start == slot->address));
}

static void sort(struct ksyms *ksyms)
{
	size_t kept = 0;

	if (!ksyms->n)
		return;
	qsort(ksyms->slots, ksyms->n, sizeof(*ksyms->slots), compare);
	for (size_t i = 0; i < ksyms->n; i++) {
		struct ksyms_slot *slot = &ksyms->slots[i];
		struct ksyms_slot *before = kept ? &ksyms->slots[kept - 1] : NULL;

		if (before && serves(before, slot)) {
			free(slot->text);
		} else if (before && before->address == slot->address) {
			before->match = slot->match; /* wants more than was read */
			before->is_read = false;
			free(slot->text);
		} else {
			ksyms->slots[kept++] = *slot;
		}
	}
	ksyms->n = kept;
}

/* The first slot whose address is not below @address; n where there is none. */
static size_t slot_at(const struct ksyms *ksyms, uint64_t address)
{
	size_t low = 0, high = ksyms->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ksyms->slots[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int set_text(struct ksyms_slot *slot, const char *name, size_t name_size, const char *module,
		    size_t module_size)
{
	size_t size = name_size + module_size + 2;

	if (size > slot->text_room) {
		char *text = realloc(slot->text, size + 32);

		if (!text)
			return -ENOMEM;
		slot->text = text;
		slot->text_room = size + 32;
	}
	memcpy(slot->text, name, name_size);
	slot->text[name_size] = '\0';
	if (module_size)
		memcpy(slot->text + name_size + 1, module, module_size);
	slot->text[size - 1] = '\0';
	slot->has_symbol = true;
	return 0;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "ffffffff81000000 T name", and perhaps a tab and "[module]" behind it. */
static bool parse_line(const char *at, const char *end, struct line *out)
{
	uint64_t address = 0;
	int digits = 0, digit;

	for (; at < end && digits < 16 && (digit = digit_of(*at)) >= 0; at++, digits++)
		address = address << 4 | (unsigned)digit;
	if (!digits || end - at < 4 || at[0] != ' ' || at[2] != ' ')
		return false;
	char type = at[1];
	at += 3;
	const char *tab = memchr(at, '\t', (size_t)(end - at));
	*out = (struct line){ .address = address, .name = at, .type = type };
	out->name_size = (size_t)((tab ? tab : end) - at);
	if (tab && end - tab > 3 && tab[1] == '[' && end[-1] == ']') {
		out->module = tab + 2;
		out->module_size = (size_t)(end - 1 - out->module);
	}
	return out->name_size;
}

struct reading {
	struct ksyms *ksyms;
	bool wants_nearest;
	bool has_address; /* a line had one that is not zero */
	bool has_line;
	size_t n_missing; /* addresses without the symbol that begins there */
	bool wants_base;
	struct buf kept; /* the lines before the base */
};

static int take_line(struct reading *reading, const struct line *line)
{
	struct ksyms *ksyms = reading->ksyms;

	reading->has_line = true;
	if (!line->address)
		return 0;
	reading->has_address = true;
	size_t i = slot_at(ksyms, line->address);
	if (i == ksyms->n)
		return 0;
	struct ksyms_slot *slot = &ksyms->slots[i];
	bool is_exact = slot->address == line->address;
	/* Of several names of one address, the first is taken. */
	if (slot->is_read || (!is_exact && !reading->wants_nearest) ||
	    (slot->has_symbol && slot->start >= line->address))
		return 0;
	slot->start = line->address;
	reading->n_missing -= is_exact;
	return set_text(slot, line->name, line->name_size, line->module, line->module_size);
}

static bool is_exact(const struct ksyms_slot *slot)
{
	return slot->has_symbol && slot->start == slot->address;
}

/* What is to be looked for. The gaps below nearest symbols go over slots that were read before, too. */
static void begin(struct reading *reading)
{
	struct ksyms *ksyms = reading->ksyms;

	ksyms->wants_more = false;
	reading->n_missing = 0;
	sort(ksyms);
	for (size_t i = 0; i < ksyms->n; i++)
		reading->wants_nearest |=
			!ksyms->slots[i].is_read && ksyms->slots[i].match == KSYMS_NEAREST;
	for (size_t i = 0; i < ksyms->n; i++) {
		struct ksyms_slot *slot = &ksyms->slots[i];

		slot->is_read = slot->is_read && (is_exact(slot) || !reading->wants_nearest);
		reading->n_missing += !slot->is_read && !is_exact(slot);
	}
}

static bool is_base(const struct line *line)
{
	return line->address && !line->module && line->name_size == sizeof(BASE_NAME) - 1 &&
	       memcmp(line->name, BASE_NAME, sizeof(BASE_NAME) - 1) == 0;
}

static ssize_t take_lines(struct reading *reading, const char *bytes, size_t size);

/* Now distances are addresses: wants those, and goes through the lines that were kept. */
static int take_base(struct reading *reading, uint64_t address)
{
	struct ksyms *ksyms = reading->ksyms;
	int r = 0;

	reading->wants_base = false;
	ksyms->base = address;
	sort_calls(ksyms);
	for (size_t i = 0; !r && i < ksyms->n_calls; i++)
		r = ksyms_want_call(ksyms, ksyms->calls[i]);
	ksyms->n_calls = 0;
	begin(reading);
	if (r < 0)
		return r;
	ssize_t used = take_lines(reading, reading->kept.bytes, reading->kept.size);
	buf_done(&reading->kept);
	return used < 0 ? (int)used : 0;
}

static int keep_line(struct reading *reading, const char *at, size_t size)
{
	buf_add(&reading->kept, at, size);
	if (buf_failed(&reading->kept))
		return -ENOMEM;
	if (reading->kept.size <= KEPT_MOST)
		return 0;
	reading->wants_base = false;
	buf_done(&reading->kept);
	return 0;
}

/* All whole lines of @bytes: how many bytes they have, or a negative errno. */
static ssize_t take_lines(struct reading *reading, const char *bytes, size_t size)
{
	const char *at = bytes, *end = bytes + size, *newline;

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		struct line line;
		bool is_line = parse_line(at, newline, &line);
		int r = is_line ? take_line(reading, &line) : 0;

		if (!r && is_line && reading->wants_base && is_base(&line))
			r = take_base(reading, line.address);
		else if (!r && is_line && reading->wants_base && line.address)
			r = keep_line(reading, at, (size_t)(newline + 1 - at));
		if (r < 0)
			return r;
		at = newline + 1;
	}
	return at - bytes;
}

static int read_lines(struct reading *reading, int fd)
{
	autofree char *room = malloc(LINE_ROOM);
	size_t fill = 0;

	if (!room)
		return -ENOMEM;
	while (reading->n_missing || reading->wants_nearest || reading->wants_base) {
		ssize_t n = read(fd, room + fill, LINE_ROOM - fill);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		fill += (size_t)n;
		ssize_t used = take_lines(reading, room, fill);
		if (used < 0)
			return (int)used;
		fill -= (size_t)used;
		memmove(room, room + used, fill);
		if (fill == LINE_ROOM)
			fill = 0;
	}
	return reading->has_line && !reading->has_address ? -EPERM : 0;
}

/* What a slot lacks, the one before it may have: the nearest symbol below both. */
static int hand_on(struct ksyms *ksyms)
{
	for (size_t i = 1; i < ksyms->n; i++) {
		const struct ksyms_slot *before = &ksyms->slots[i - 1];
		struct ksyms_slot *slot = &ksyms->slots[i];

		if (slot->is_read || slot->has_symbol || !before->has_symbol)
			continue;
		const char *module = before->text + strlen(before->text) + 1;
		int r = set_text(slot, before->text, strlen(before->text), module, strlen(module));
		if (r < 0)
			return r;
		slot->start = before->start;
	}
	return 0;
}

int ksyms_read(struct ksyms *ksyms, const struct sys *sys)
{
	struct reading reading = { .ksyms = ksyms, .wants_base = ksyms->n_calls };
	char path[PATH_MAX];

	if (!ksyms->wants_more)
		return ksyms->error;
	begin(&reading);
	if (!reading.n_missing && !reading.wants_base)
		return ksyms->error;
	int size = snprintf(path, sizeof(path), "%s/proc/kallsyms", sys->root);
	if (size < 0 || (size_t)size >= sizeof(path))
		return -ENAMETOOLONG;
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : read_lines(&reading, fd);
	if (!r && reading.wants_nearest)
		r = hand_on(ksyms);
	buf_done(&reading.kept);
	ksyms->has_sought_base = ksyms->has_sought_base || ksyms->n_calls;
	ksyms->n_calls = 0;
	for (size_t i = 0; i < ksyms->n; i++)
		ksyms->slots[i].is_read = true;
	ksyms->error = r;
	return r;
}

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static int tell_line(char *text, ssize_t size,
		     int (*each)(void *context, const struct ksym *symbol, char type),
		     void *context)
{
	struct line line;
	const char *end = text + size - (text[size - 1] == '\n');

	if (!parse_line(text, end, &line))
		return 0;
	text[line.name + line.name_size - text] = '\0';
	if (line.module)
		text[line.module + line.module_size - text] = '\0';
	const struct ksym symbol = { line.address, line.name, line.module };
	return each(context, &symbol, line.type);
}

int ksyms_each(const struct sys *sys,
	       int (*each)(void *context, const struct ksym *symbol, char type), void *context)
{
	autofree char *text = NULL;
	char path[PATH_MAX];
	size_t room = 0;
	ssize_t n;
	int r = 0;

	int size = snprintf(path, sizeof(path), "%s/proc/kallsyms", sys->root);
	if (size < 0 || (size_t)size >= sizeof(path))
		return -ENAMETOOLONG;
	AUTO(close_file) FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	errno = 0;
	while (!r && (n = getline(&text, &room, file)) > 0)
		r = tell_line(text, n, each, context);
	/* Whoever takes a walk that broke off for a whole one takes symbols behind its end to be missing. */
	if (!r && !feof(file))
		r = errno ? -errno : -EIO;
	return r;
}

bool ksyms_find(const struct ksyms *ksyms, uint64_t address, struct ksym *out)
{
	size_t i = ksyms->wants_more ? ksyms->n : slot_at(ksyms, address);

	if (i == ksyms->n || ksyms->slots[i].address != address || !ksyms->slots[i].has_symbol)
		return false;
	const struct ksyms_slot *slot = &ksyms->slots[i];
	if (slot->match == KSYMS_EXACT && slot->start != address)
		return false;
	const char *module = slot->text + strlen(slot->text) + 1;
	*out = (struct ksym){
		.start = slot->start,
		.name = slot->text,
		.module = *module ? module : NULL,
	};
	return true;
}

bool ksyms_find_call(const struct ksyms *ksyms, int32_t distance, uint64_t *address,
		     struct ksym *out)
{
	*address = ksyms->base + (uint64_t)(int64_t)distance;
	return ksyms->base && ksyms_find(ksyms, *address, out);
}
