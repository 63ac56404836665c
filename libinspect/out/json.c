/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * json.c - events as JSON
 *
 * Three layouts: compact, bpftool's pretty one (every member on a line, elements of an array behind
 * each other), and a record a line. Numbers are written digit for digit; text that is not UTF-8 has
 * U+FFFD where the bad bytes are. What a terminal would act on is escaped, as JSON allows it.
 */
#include "base/num.h"
#include "base/text.h"
#include "out/sink.h"

#define KEY_MOST 32 /* bytes of a short key */

static void json_newline(struct sink *sink)
{
	out_char(sink->out, '\n');
	for (unsigned i = 0; i < sink->depth; i++)
		out_literal(sink->out, "    ");
}

static void json_text(struct sink *sink, const char *text, size_t size);

/* Do records stand on lines of their own? */
static bool has_lines(const struct sink *sink)
{
	return sink->form != SINK_JSON && !sink->is_pretty && !sink->is_inline;
}

/* Letters, digits and most signs: what stands between quotes as it is. A NUL does not. */
static bool is_plain(unsigned char c)
{
	return c - (unsigned)'#' <= '[' - '#' || c - (unsigned)']' <= '~' - ']';
}

/* Mostly a short word of ours, and of all that is written a third: looked at and copied in one go. */
static void json_key(struct sink *sink, const char *key)
{
	char *to = out_reserve(sink->out, KEY_MOST + 3);
	size_t n = 0;

	for (; n < KEY_MOST && is_plain((unsigned char)key[n]); n++)
		to[1 + n] = key[n];
	if (key[n]) {
		json_text(sink, key, strlen(key));
		out_char(sink->out, ':');
		return;
	}
	to[0] = '"';
	memcpy(to + 1 + n, "\":", 2);
	out_advance(sink->out, n + 3);
}

/* What stands in front of a value: a comma, a new line, the key. */
static void json_begin(struct sink *sink, const char *key)
{
	struct out *out = sink->out;
	bool is_line = !key && sink->depth == 1 && has_lines(sink);

	if (sink->form == SINK_LINES && is_line) {
		sink->is_empty = false;
		return;
	}
	if (!sink->is_empty)
		out_char(out, ',');
	if (is_line)
		out_char(out, '\n');
	sink->is_empty = false;
	if (!key)
		return;
	if (sink->is_pretty)
		json_newline(sink);
	json_key(sink, key);
	if (sink->is_pretty)
		out_char(out, ' ');
}

/* In SINK_LINES the outermost list is not written: its elements are the lines. */
static bool is_silent(const struct sink *sink, char bracket)
{
	return sink->form == SINK_LINES && !sink->depth && bracket == '[';
}

static void json_open(struct sink *sink, const char *key, char bracket)
{
	if (is_silent(sink, bracket))
		return;
	json_begin(sink, key);
	out_char(sink->out, bracket);
}

static void json_close(struct sink *sink)
{
	struct out *out = sink->out;
	char bracket = sink->open[sink->depth];

	if (is_silent(sink, bracket))
		return;
	if (sink->is_pretty && !sink->is_empty)
		json_newline(sink);
	else if (sink->form == SINK_STRICT && has_lines(sink) && !sink->depth && !sink->is_empty &&
		 bracket == '[')
		out_char(out, '\n');
	out_char(out, bracket == '[' ? ']' : '}');
	if (sink->form == SINK_LINES && sink->depth <= 1 && (!sink->depth || sink->open[0] == '['))
		out_char(out, '\n');
}

static void json_u64(struct sink *sink, const char *key, uint64_t value)
{
	json_begin(sink, key);
	out_advance(sink->out, num_format_u64(out_reserve(sink->out, NUM_ROOM), value));
}

static void json_s64(struct sink *sink, const char *key, int64_t value)
{
	json_begin(sink, key);
	out_advance(sink->out, num_format_s64(out_reserve(sink->out, NUM_ROOM), value));
}

static void json_bool(struct sink *sink, const char *key, bool value)
{
	json_begin(sink, key);
	if (value)
		out_literal(sink->out, "true");
	else
		out_literal(sink->out, "false");
}

static void json_escape(struct out *out, uint32_t c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *known = c && c < 0x80 ? strchr(from, (int)c) : NULL;

	if (known) {
		out_char(out, '\\');
		out_char(out, to[known - from]);
		return;
	}
	out_literal(out, "\\u");
	num_format_hex_pair(out_reserve(out, 4), (uint8_t)(c >> 8));
	num_format_hex_pair(out->bytes + out->fill + 2, (uint8_t)c);
	out_advance(out, 4);
}

/* Text in which nothing needs escaping. */
static void json_quoted(struct out *out, const char *text, size_t size)
{
	char *to = out_reserve(out, size + 2);

	*to = '"';
	memcpy(to + 1, text, size);
	to[size + 1] = '"';
	out_advance(out, size + 2);
}

/* @from: where the first byte may be that cannot be copied as it is. */
static void json_escaped(struct out *out, const char *text, size_t size, size_t from)
{
	size_t plain = 0; /* where the stretch begins that can be copied as it is */

	out_char(out, '"');
	for (size_t i = from; i < size;) {
		uint8_t byte = (uint8_t)text[i];
		uint32_t c = byte;
		size_t length = byte < 0x80 ? 1 : text_decode(text + i, size - i, &c);

		if (length && !text_is_unsafe(c) && c != '"' && c != '\\') {
			i += length;
			continue;
		}
		out_bytes(out, text + plain, i - plain);
		if (length)
			json_escape(out, c);
		else
			out_literal(out, "\xef\xbf\xbd");
		i += length ? length : 1;
		plain = i;
	}
	out_bytes(out, text + plain, size - plain);
	out_char(out, '"');
}

static void json_text(struct sink *sink, const char *text, size_t size)
{
	size_t plain = text_plain(text, size);

	if (plain == size && size <= OUT_ROOM - 2) {
		json_quoted(sink->out, text, size);
		return;
	}
	json_escaped(sink->out, text, size, plain);
}

static void json_string(struct sink *sink, const char *key, const char *text, size_t size)
{
	json_begin(sink, key);
	json_text(sink, text, size);
}

/* ["0x01","0xff"]: most of what a dump of a large map is. */
static void json_byte_array(struct sink *sink, const uint8_t *byte, size_t size)
{
	struct out *out = sink->out;
	bool is_broken = sink->is_pretty && size; /* the bracket gets a line of its own */

	out_char(out, '[');
	while (size) {
		size_t n = size < OUT_ROOM / 16 ? size : OUT_ROOM / 16;
		char *to = out_reserve(out, 7 * n), *begin = to;

		for (size_t i = 0; i < n; i++, to += 7) {
			memcpy(to, "\"0x00\",", 7);
			num_format_hex_pair(to + 3, byte[i]);
		}
		byte += n;
		size -= n;
		out_advance(out, (size_t)(to - begin) - !size); /* no comma behind the last */
	}
	if (is_broken)
		json_newline(sink);
	out_char(out, ']');
}

static void json_bytes(struct sink *sink, const char *key, const void *bytes, size_t size)
{
	struct out *out = sink->out;
	const uint8_t *byte = bytes;

	json_begin(sink, key);
	if (sink->form == SINK_JSON) {
		json_byte_array(sink, byte, size);
		return;
	}
	out_char(out, '"');
	while (size) {
		size_t n = size < OUT_ROOM / 4 ? size : OUT_ROOM / 4;

		num_format_hex_bytes(out_reserve(out, 2 * n), byte, n);
		out_advance(out, 2 * n);
		byte += n;
		size -= n;
	}
	out_char(out, '"');
}

static void json_number(struct sink *sink, const char *key, const char *digits, size_t size)
{
	json_begin(sink, key);
	out_bytes(sink->out, digits, size);
}

static void json_absent(struct sink *sink, const char *key)
{
	json_begin(sink, key);
	out_literal(sink->out, "null");
}

/* A command that had nothing to say says null: there is always one document. */
static void json_finish(struct sink *sink)
{
	if (sink->form == SINK_LINES)
		return;
	if (!sink->out->has_output && !sink->out->fill)
		out_literal(sink->out, "null");
	out_char(sink->out, '\n');
}

static const struct sink_ops json_ops = {
	.open = json_open,
	.close = json_close,
	.u64 = json_u64,
	.s64 = json_s64,
	.boolean = json_bool,
	.number = json_number,
	.text = json_string,
	.bytes = json_bytes,
	.absent = json_absent,
	.finish = json_finish,
};

void sink_json_init(struct sink *sink)
{
	sink->ops = &json_ops;
}
