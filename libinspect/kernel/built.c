/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * built.c - what the running kernel was built with: its configuration
 *
 * The file may lie about anywhere and be anything: it is read and unpacked up to a limit, and what is no option is
 * passed over.
 */
#include "kernel/built.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "kernel/proc.h"

#define PACKED_MOST (4u << 20)
#define GZIP_WINDOW (16 + MAX_WBITS) /* gzip alone */
#define STEP 65536u

static const char prefix[] = "CONFIG_";

#define PREFIX_BYTES (sizeof(prefix) - 1)

void built_plain_path(char *path, size_t size)
{
	struct utsname host;

	uname(&host);
	snprintf(path, size, "/boot/config-%s", host.release);
}

static int unpack_step(z_stream *stream, struct buf *out)
{
	char *to = buf_reserve(out, STEP);

	if (!to)
		return Z_MEM_ERROR;
	stream->next_out = (unsigned char *)to;
	stream->avail_out = STEP;
	int r = inflate(stream, Z_NO_FLUSH);
	out->size += STEP - stream->avail_out;
	return r == Z_OK && stream->avail_out == STEP ? Z_BUF_ERROR : r;
}

/* Takes what comes before the end or the first fault only if the end was reached: half a configuration lacks options. */
static int unpack(const void *bytes, size_t size, struct buf *out)
{
	z_stream stream = { .next_in = bytes, .avail_in = (unsigned)size };
	int r = Z_OK;

	if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	while (r == Z_OK && out->size <= BUILT_MOST)
		r = unpack_step(&stream, out);
	inflateEnd(&stream);
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	return r == Z_STREAM_END && out->size <= BUILT_MOST ? 0 : -EINVAL;
}

/* A line "CONFIG_NAME=VALUE" in place: an option's name and value, both with a NUL behind them; false: it sets none. */
static bool parse_line(char *line, struct built_option *out)
{
	char *equals = strchr(line, '=');

	if (strncmp(line, prefix, PREFIX_BYTES) != 0 || !equals || equals == line + PREFIX_BYTES)
		return false;
	*equals = '\0';
	char *value = equals + 1;
	size_t n = strlen(value);
	if (n && value[n - 1] == '\r')
		value[--n] = '\0';
	if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
		value[n - 1] = '\0';
		value++;
	}
	*out = (struct built_option){ .name = line, .value = value };
	return strcmp(value, "n") != 0;
}

static int compare(const void *a, const void *b)
{
	const struct built_option *left = a, *right = b;
	int r = strcmp(left->name, right->name);

	/* Of one that is there twice the first counts. */
	return r ? r : (left->name > right->name) - (left->name < right->name);
}

static int add_options(struct built *built)
{
	struct built_option option;
	size_t room = 0;

	for (char *at = built->text, *next; at; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		if (!parse_line(at, &option))
			continue;
		if (built->n == room) {
			room = room ? 2 * room : 4096;
			void *more = realloc(built->options, room * sizeof(option));
			if (!more)
				return -ENOMEM;
			built->options = more;
		}
		built->options[built->n++] = option;
	}
	if (!built->n)
		return -EINVAL;
	qsort(built->options, built->n, sizeof(*built->options), compare);
	return 0;
}

int built_parse(const void *bytes, size_t size, struct built *out)
{
	static const unsigned char magic[] = { 0x1f, 0x8b };
	AUTO(buf_done) struct buf text = { 0 };
	int r = 0;

	*out = (struct built){ 0 };
	if (size > BUILT_MOST)
		return -EINVAL;
	if (size > sizeof(magic) && memcmp(bytes, magic, sizeof(magic)) == 0)
		r = unpack(bytes, size, &text);
	else
		buf_add(&text, bytes, size);
	buf_add_char(&text, '\0');
	if (r || buf_failed(&text))
		return r ? r : -ENOMEM;
	out->text = take_ptr(&text.bytes);
	text = (struct buf){ 0 };
	r = add_options(out);
	if (r)
		built_done(out);
	return r;
}

/* A device or a pipe would never end, or wait for ever. */
static bool is_file(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

#define N_PLACES 4

static void place(unsigned which, char *path, size_t size)
{
	static const char *const folders[] = { "/lib/modules", "/usr/lib/modules" };
	struct utsname host;

	uname(&host);
	if (which == 0)
		built_plain_path(path, size);
	else if (which == 1)
		snprintf(path, size, "%s", BUILT_PACKED);
	else
		snprintf(path, size, "%s/%s/config", folders[which - 2], host.release);
}

static int read_from(const struct sys *sys, unsigned which, struct built *out)
{
	char path[BUILT_PATH_ROOM], whole[BUILT_PATH_ROOM + 256];
	autofree char *bytes = NULL;
	size_t size = 0;

	place(which, path, sizeof(path));
	snprintf(whole, sizeof(whole), "%s%s", sys->root, path);
	if (!is_file(whole))
		return -ENOENT;
	int r = proc_read_file(whole, PACKED_MOST, &bytes, &size, NULL);
	if (!r)
		r = built_parse(bytes, size, out);
	if (!r)
		memcpy(out->path, path, sizeof(path));
	return r;
}

int built_read(const struct sys *sys, struct built *out)
{
	int first = 0;

	for (unsigned i = 0; i < N_PLACES; i++) {
		int r = read_from(sys, i, out);

		if (!r || r == -ENOMEM)
			return r;
		if (!first && r != -ENOENT)
			first = r;
	}
	*out = (struct built){ .code = first ? -first : ENOENT };
	return -out->code;
}

void built_done(struct built *built)
{
	free(built->options);
	free(built->text);
	*built = (struct built){ 0 };
}

const char *built_find(const struct built *built, const char *name)
{
	size_t low = 0, high = built->n;

	/* The first of those that have the name. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(built->options[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == built->n || strcmp(built->options[low].name, name) != 0)
		return NULL;
	return built->options[low].value;
}
