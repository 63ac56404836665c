/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_text.c - any bytes as text: safe for a terminal, and as JSON
 *
 * JSON is read back by a reader of its own, of nothing but {"KEY":"TEXT"}: what it finds must be the
 * bytes that went in, but for those that are not UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "out/sink.h"

#define REPLACEMENT "\xef\xbf\xbd"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static int is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Is it UTF-8 without anything that a terminal acts on? */
static int is_tame(const char *text, size_t size)
{
	for (size_t i = 0; i < size;) {
		uint32_t c;
		size_t n = text_decode(text + i, size - i, &c);

		if (!n || is_control(c) || (c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069))
			return 0;
		i += n;
	}
	return 1;
}

static void check_safe(const char *text, size_t size)
{
	AUTO(buf_done) struct buf once = { 0 }, twice = { 0 };

	text_add_safe(&once, text, size);
	must(!buf_failed(&once) && once.size >= size && once.size <= 4 * size);
	must(is_tame(once.bytes, once.size));
	must(text_width(once.bytes, once.size) <= once.size);
	if (is_tame(text, size) && !memmem(text, size, "\xe2\x80", 2))
		must(once.size == size && (!size || memcmp(once.bytes, text, size) == 0));
	text_add_safe(&twice, once.bytes, once.size);
	must(twice.size == once.size &&
	     (!once.size || memcmp(twice.bytes, once.bytes, once.size) == 0));
}

/* The text with U+FFFD for each byte that is not UTF-8. */
static void add_replaced(struct buf *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size;) {
		uint32_t c;
		size_t n = text_decode(text + i, size - i, &c);

		if (n)
			buf_add(out, text + i, n);
		else
			buf_add_text(out, REPLACEMENT);
		i += n ? n : 1;
	}
}

static void add_character(struct buf *out, unsigned c)
{
	if (c >= 0x800)
		buf_add_char(out, (char)(0xe0 | c >> 12));
	if (c >= 0x80)
		buf_add_char(out, (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6));
	buf_add_char(out, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
}

/* One string of JSON at @at: adds what it means, and returns what stands behind it. */
static const char *read_string(const char *at, struct buf *out)
{
	static const char short_from[] = "\"\\/bfnrt", short_to[] = "\"\\/\b\f\n\r\t";

	must(*at++ == '"');
	while (*at != '"') {
		must((unsigned char)*at >= 0x20); /* also the end of all */
		if (*at != '\\') {
			buf_add_char(out, *at++);
			continue;
		}
		at++;
		const char *known = *at ? strchr(short_from, *at) : NULL;
		if (known) {
			buf_add_char(out, short_to[known - short_from]);
			at++;
			continue;
		}
		char digits[5] = { 0 }, *end;
		must(*at++ == 'u');
		memcpy(digits, at, strnlen(at, 4));
		unsigned long c = strtoul(digits, &end, 16);
		must(end == digits + 4 && (c < 0xd800 || c > 0xdfff));
		add_character(out, (unsigned)c);
		at += 4;
	}
	return at + 1;
}

static void same(const struct buf *a, const struct buf *b)
{
	must(a->size == b->size && (!a->size || memcmp(a->bytes, b->bytes, a->size) == 0));
}

/* A key cannot hold NUL. */
static void check_json(const char *key, const char *text, size_t size)
{
	AUTO(buf_done) struct buf found = { 0 }, expected = { 0 }, document = { 0 };
	autoclose int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct sink sink;
	struct out out;

	out_init(&out, fd);
	sink_init(&sink, &out, SINK_JSON, false, NULL);
	sink_open_record(&sink, NULL);
	sink_text(&sink, key, text, size);
	must(sink_finish(&sink) == 0);
	sink_done(&sink);

	size_t whole = (size_t)lseek(fd, 0, SEEK_END);
	char *to = buf_reserve(&document, whole + 1);
	must(to && pread(fd, to, whole, 0) == (ssize_t)whole);
	to[whole] = '\0';
	must(is_tame(to, whole - 1)); /* but for the new line at its end */
	must(to[0] == '{');
	const char *at = read_string(to + 1, &found);
	add_replaced(&expected, key, strlen(key));
	same(&found, &expected);
	must(*at++ == ':');
	found.size = expected.size = 0;
	at = read_string(at, &found);
	add_replaced(&expected, text, size);
	same(&found, &expected);
	must(strcmp(at, "}\n") == 0 && (size_t)(at + 2 - to) == whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *key = malloc(size + 1);
	const char *text = (const char *)data;

	must(key != NULL);
	if (size)
		memcpy(key, data, size);
	key[size] = '\0';
	check_safe(text, size);
	check_json(key, text, size);
	return 0;
}
