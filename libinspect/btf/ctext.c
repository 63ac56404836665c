/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ctext.c - C text as it comes, piece by piece, on its way out
 *
 * With guards, two headers that define the same types can be included together. A guard has the name
 * of what is defined and a hash of the text: the same definition is read once, and two that differ
 * meet as what they are, an error of the compiler, rather than one silently standing for the other.
 */
#include "btf/ctext.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#define ENOUGH 32768	 /* bytes that are put out at once */
#define COMMENT_MOST 512 /* bytes of a name that a comment repeats */
#define WORD_MOST 600	 /* an identifier, and what libbpf adds */

/* --- guards ---------------------------------------------------------------- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static uint64_t hash_text(const char *text, size_t size)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	return hash;
}

/*
 * What a definition is called: the word behind struct, union or enum, or the last one before the end.
 * That of a function type is inside; any word does, as the hash tells definitions apart.
 */
static void name_of(const char *text, size_t size, const char **name, size_t *name_size)
{
	size_t begin = 0, end;
	bool is_typedef = size > 8 && memcmp(text, "typedef ", 8) == 0;

	if (is_typedef) {
		end = size;
		while (end && !is_word(text[end - 1]))
			end--;
		begin = end;
		while (begin && is_word(text[begin - 1]))
			begin--;
	} else {
		while (begin < size && text[begin] != ' ')
			begin++;
		while (begin < size && text[begin] == ' ')
			begin++;
		end = begin;
		while (end < size && is_word(text[end]))
			end++;
	}
	*name = text + begin;
	*name_size = end - begin < WORD_MOST ? end - begin : WORD_MOST;
}

/* "struct x;" may stand there any number of times. */
static bool is_declaration(const char *text, size_t size)
{
	return memcmp(text, "typedef ", 8) != 0 && !memchr(text, '{', size);
}

static void put_guarded(struct out *out, const char *text, size_t size)
{
	const char *name;
	size_t name_size;
	char digits[16];
	uint64_t hash = hash_text(text, size);

	if (size < 8 || is_declaration(text, size)) {
		out_bytes(out, text, size);
		out_literal(out, "\n\n");
		return;
	}
	for (int i = 0; i < 16; i++, hash >>= 4)
		num_format_hex(&digits[i], hash & 0xf);
	name_of(text, size, &name, &name_size);
	for (int line = 0; line < 2; line++) {
		if (line)
			out_literal(out, "#define BTF_DEFINED_");
		else
			out_literal(out, "#ifndef BTF_DEFINED_");
		out_bytes(out, name, name_size);
		out_char(out, '_');
		out_bytes(out, digits, sizeof(digits));
		out_char(out, '\n');
	}
	out_bytes(out, text, size);
	out_literal(out, "\n#endif\n\n");
}

/* Comments come in one piece. Returns where the one at @i ends. */
static size_t skip_comment(const char *bytes, size_t i, size_t size)
{
	for (i += 3; i < size; i++)
		if (bytes[i] == '/' && bytes[i - 1] == '*')
			return i;
	return size;
}

/* Puts out every definition whose end has come. */
static void put_definitions(struct ctext *text)
{
	size_t begin = 0;
	const char *bytes = text->text.bytes;

	for (size_t i = text->seen; i < text->text.size; i++) {
		char c = bytes[i];

		if (c == '/' && i + 1 < text->text.size && bytes[i + 1] == '*') {
			i = skip_comment(bytes, i, text->text.size);
			continue;
		}
		if (c == '"')
			text->is_quoted = !text->is_quoted;
		if (text->is_quoted)
			continue;
		text->depth += (c == '{' || c == '(') - (c == '}' || c == ')');
		if (c != ';' || text->depth)
			continue;
		while (begin < i && bytes[begin] == '\n')
			begin++;
		put_guarded(text->out, bytes + begin, i + 1 - begin);
		begin = i + 1;
	}
	if (!begin) {
		text->seen = text->text.size;
		return;
	}
	text->text.size -= begin;
	memmove(text->text.bytes, bytes + begin, text->text.size);
	text->seen = text->text.size;
}

/* --- pieces ---------------------------------------------------------------- */

/* A name from outside, so that nothing in it ends the comment, or begins another. */
static void add_comment(struct buf *to, const char *name)
{
	size_t begin = to->size + 3;

	buf_add_text(to, " /* ");
	text_add_safe(to, name, strnlen(name, COMMENT_MOST));
	for (size_t i = begin; i < to->size && !to->failed; i++) {
		char *c = &to->bytes[i];

		if (*c == '/' && (c[-1] == '*' || c[1] == '*'))
			*c = '|';
		if (*c == '"')
			*c = '\'';
	}
	buf_add_text(to, " */");
}

static void add_string(struct ctext *text, const char *string)
{
	size_t size = strlen(string);

	buf_add(&text->text, string, size);
	if (!text->names || !text->names->n)
		return;

	const char *original = cnames_original(text->names, string);
	if (original)
		add_comment(&text->text, original);
}

/* A va_list by itself cannot be handed on to be used up, where it is no array. */
struct arguments {
	va_list list;
};

/* %u or %d, with a length or without. */
static void add_number(struct ctext *text, const char **at, struct arguments *args)
{
	const char *from = *at;
	char digits[NUM_ROOM];
	bool is_long = false;

	for (; *from == 'l' || *from == 'z'; from++)
		is_long = true;
	if (*from == 'u') {
		uint64_t value = is_long ? va_arg(args->list, unsigned long long)
					 : va_arg(args->list, unsigned);

		buf_add(&text->text, digits, num_format_u64(digits, value));
	} else {
		int64_t value = is_long ? va_arg(args->list, long long) : va_arg(args->list, int);

		/* C has no word for it: a minus stands before a number that is too large. */
		if (value == INT64_MIN)
			buf_add_text(&text->text, "-9223372036854775807LL - 1");
		else
			buf_add(&text->text, digits, num_format_s64(digits, value));
	}
	*at = from;
}

/* What is not expected, but may come with another libbpf: the C library knows. */
__attribute__((format(printf, 2, 0))) static void add_any(struct ctext *text, const char *format,
							  va_list args)
{
	char room[1024];
	int n = vsnprintf(room, sizeof(room), format, args);

	if (n > 0)
		buf_add(&text->text, room, (size_t)n < sizeof(room) ? (size_t)n : sizeof(room) - 1);
}

static bool is_simple(const char *format)
{
	for (const char *at = strchr(format, '%'); at; at = strchr(at + 1, '%')) {
		at++;
		while (*at == 'l' || *at == 'z')
			at++;
		if (*at != 's' && *at != 'u' && *at != 'd')
			return false;
	}
	return true;
}

void ctext_vfmt(struct ctext *text, const char *format, va_list args)
{
	if (!is_simple(format)) {
		add_any(text, format, args);
		return;
	}

	struct arguments copy;
	va_copy(copy.list, args);
	for (const char *at = format; *at; at++) {
		const char *plain = at;

		while (*at && *at != '%')
			at++;
		buf_add(&text->text, plain, (size_t)(at - plain));
		if (!*at)
			break;
		at++;
		if (*at == 's')
			add_string(text, va_arg(copy.list, const char *));
		else
			add_number(text, &at, &copy);
	}
	va_end(copy.list);
	if (text->text.failed)
		return;
	if (text->is_guarded)
		put_definitions(text);
	else if (text->text.size > ENOUGH)
		ctext_flush(text);
}

void ctext_fmt(struct ctext *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ctext_vfmt(text, format, args);
	va_end(args);
}

void ctext_flush(struct ctext *text)
{
	if (text->text.failed && !text->out->error)
		text->out->error = -ENOMEM;
	if (text->text.size)
		out_bytes(text->out, text->text.bytes, text->text.size);
	text->text.size = text->seen = 0;
}

void ctext_done(struct ctext *text)
{
	buf_done(&text->text);
}
