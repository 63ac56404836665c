/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * text.c - text from elsewhere: is it UTF-8, is it safe on a terminal, which known word is nearest
 */
#include "base/text.h"

#include "base/num.h"

size_t text_decode(const char *at, size_t size, uint32_t *code_point)
{
	const uint8_t *byte = (const uint8_t *)at;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length;
	uint32_t value;

	if (byte[0] < 0x80) {
		*code_point = byte[0];
		return 1;
	}
	if (byte[0] >= 0xc2 && byte[0] < 0xe0) {
		length = 2;
		value = byte[0] & 0x1f;
	} else if (byte[0] >= 0xe0 && byte[0] < 0xf0) {
		length = 3;
		value = byte[0] & 0x0f;
	} else if (byte[0] >= 0xf0 && byte[0] < 0xf5) {
		length = 4;
		value = byte[0] & 0x07;
	} else {
		return 0;
	}
	if (length > size)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (byte[i] & 0x3f);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*code_point = value;
	return length;
}

#define EACH(byte) (0x0101010101010101u * (byte))

/*
 * Sums and differences that set a byte's highest bit where it is not plain. What they carry into the next
 * byte comes from one that is not plain itself.
 */
static inline bool is_plain(uint64_t word)
{
	uint64_t range = word | (word - EACH(0x20)) | (word + EACH(0x01)); /* 0x20 to 0x7e */
	uint64_t quotes = ((word ^ EACH('"')) - EACH(1)) | ((word ^ EACH('\\')) - EACH(1));

	return !((range | quotes) & EACH(0x80));
}

/* One to seven bytes, some of them twice, or with blanks. */
static inline uint64_t load_few(const char *text, size_t size)
{
	uint32_t first = (unsigned char)*text, last = (uint32_t)EACH(' ');
	uint16_t two, end;

	if (size >= 4) {
		memcpy(&first, text, 4);
		memcpy(&last, text + size - 4, 4);
	} else if (size >= 2) {
		memcpy(&two, text, 2);
		memcpy(&end, text + size - 2, 2);
		first = (uint32_t)two << 16 | end;
	} else {
		first |= (uint32_t)EACH(' ') << 8;
	}
	return (uint64_t)first << 32 | last;
}

size_t text_plain(const char *text, size_t size)
{
	size_t n = 0;
	uint64_t word;

	for (; size - n >= sizeof(word); n += sizeof(word)) {
		memcpy(&word, text + n, sizeof(word));
		if (!is_plain(word))
			break;
	}
	if (n == size || (size - n < sizeof(word) && is_plain(load_few(text + n, size - n))))
		return size;
	while (n < size && text[n] >= 0x20 && text[n] < 0x7f && text[n] != '"' && text[n] != '\\')
		n++;
	return n;
}

bool text_is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void add_escape(struct buf *out, char kind, unsigned value, size_t n_bytes)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };
	char text[6] = { '\\', kind };

	num_format_hex_bytes(text + 2, bytes + 2 - n_bytes, n_bytes);
	buf_add(out, text, 2 + 2 * n_bytes);
}

void text_add_safe(struct buf *out, const char *text, size_t size)
{
	size_t plain = 0; /* where the stretch begins that can be copied as it is */

	for (size_t i = 0; i < size;) {
		uint32_t c = 0;
		size_t length = text_decode(text + i, size - i, &c);

		if (length && !text_is_unsafe(c)) {
			i += length;
			continue;
		}
		buf_add(out, text + plain, i - plain);
		if (!length)
			add_escape(out, 'x', (uint8_t)text[i], 1);
		else if (c < 0x100)
			add_escape(out, 'x', c, 1);
		else
			add_escape(out, 'u', c, 2);
		i += length ? length : 1;
		plain = i;
	}
	buf_add(out, text + plain, size - plain);
}

size_t text_width(const char *text, size_t size)
{
	size_t width = 0;

	for (size_t i = 0; i < size; i++)
		width += ((uint8_t)text[i] & 0xc0) != 0x80;
	return width;
}

bool text_has_prefix(const char *word, const char *prefix)
{
	return strncmp(word, prefix, strlen(prefix)) == 0;
}

#define LONGEST 64 /* words of the command line are shorter; what is longer is near to none */

size_t text_distance(const char *a, const char *b)
{
	size_t m = strnlen(a, LONGEST + 1), n = strnlen(b, LONGEST + 1);
	uint8_t rows[3][LONGEST + 1];

	if (m > LONGEST || n > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= n; j++)
		rows[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= m; i++) {
		uint8_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		now[0] = (uint8_t)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1u < best)
				best = last[j] + 1u;
			if (now[j - 1] + 1u < best)
				best = now[j - 1] + 1u;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1u < best)
				best = before[j - 2] + 1u;
			now[j] = (uint8_t)best;
		}
	}
	return rows[m % 3][n];
}
