/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * classic_parse.c - classic BPF: what tcpdump writes, and raw bytes
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "code/classic.h"

struct text {
	const char *at, *end;
	unsigned line;
	struct inspect_error *err;
};

static bool is_at(const struct text *text, char c)
{
	return text->at < text->end && *text->at == c;
}

static bool is_one_of(char c, const char *chars)
{
	return c && strchr(chars, c);
}

static void skip(struct text *text, const char *chars)
{
	for (; text->at < text->end && is_one_of(*text->at, chars); text->at++)
		text->line += *text->at == '\n';
}

static int fail(const struct text *text, const char *what)
{
	return inspect_fail(text->err, EINVAL, "line %u: %s", text->line, what);
}

static int read_number(struct text *text, enum num_base base, uint64_t max, uint64_t *out)
{
	char digits[24];
	size_t n = 0;

	skip(text, " \t");
	while (text->at + n < text->end && !is_one_of(text->at[n], " \t\r\n,{}"))
		n++;
	if (!n || n >= sizeof(digits))
		return fail(text, "expected a number");
	memcpy(digits, text->at, n);
	digits[n] = '\0';
	int r = num_parse(digits, base, max, out);
	if (r == -ERANGE)
		return fail(text, "a number is too large");
	if (r)
		return fail(text, "expected a number");
	text->at += n;
	return 0;
}

static int skip_char(struct text *text, char c, const char *what)
{
	skip(text, " \t");
	if (!is_at(text, c))
		return fail(text, what);
	text->at++;
	return 0;
}

/* Code, jump if true, jump if false, k. */
static int read_op(struct text *text, enum num_base base, bool has_commas, struct classic_op *op)
{
	static const uint64_t max[4] = { UINT16_MAX, UINT8_MAX, UINT8_MAX, UINT32_MAX };
	uint64_t numbers[4];

	for (size_t i = 0; i < 4; i++) {
		if (i && has_commas && skip_char(text, ',', "expected a comma"))
			return -EINVAL;
		if (read_number(text, base, max[i], &numbers[i]))
			return -EINVAL;
	}
	*op = (struct classic_op){ (uint16_t)numbers[0], (uint8_t)numbers[1], (uint8_t)numbers[2],
				   (uint32_t)numbers[3] };
	return 0;
}

/* A line is over, or a comma stands for its end. */
static int end_line(struct text *text)
{
	skip(text, " \t\r");
	if (text->at < text->end && !is_one_of(*text->at, "\n,"))
		return fail(text, "expected the end of the line");
	skip(text, " \t\r\n,");
	return 0;
}

static int read_decimal(struct text *text, struct buf *ops)
{
	struct classic_op op;
	uint64_t count, n = 0;

	if (read_number(text, NUM_DECIMAL, UINT32_MAX, &count) || end_line(text))
		return -EINVAL;
	for (; text->at < text->end; n++) {
		if (read_op(text, NUM_DECIMAL, false, &op) || end_line(text))
			return -EINVAL;
		buf_add(ops, &op, sizeof(op));
	}
	if (n != count)
		return inspect_fail(text->err, EINVAL,
				    "the first line says %llu instructions, there are %llu",
				    (unsigned long long)count, (unsigned long long)n);
	return 0;
}

static int read_braces(struct text *text, struct buf *ops)
{
	struct classic_op op;

	while (text->at < text->end) {
		if (skip_char(text, '{', "expected {") || read_op(text, NUM_ANY, true, &op))
			return -EINVAL;
		skip(text, " \t,");
		if (skip_char(text, '}', "expected }") || end_line(text))
			return -EINVAL;
		buf_add(ops, &op, sizeof(op));
	}
	return 0;
}

static int read_text(const char *bytes, size_t size, struct buf *ops, struct inspect_error *err)
{
	struct text text = { bytes, bytes + size, 1, err };

	skip(&text, " \t\r\n");
	if (text.at == text.end)
		return inspect_fail(err, EINVAL, "there is no filter in it");
	return is_at(&text, '{') ? read_braces(&text, ops) : read_decimal(&text, ops);
}

static void mark_targets(struct classic *classic)
{
	struct classic_insn insn;

	for (uint32_t i = 0; i < classic->count; i++) {
		classic_decode(classic, i, &insn);
		if (insn.yes != CLASSIC_NO_TARGET)
			classic->is_target[insn.yes] = 1;
		if (insn.no != CLASSIC_NO_TARGET)
			classic->is_target[insn.no] = 1;
	}
}

int classic_parse(struct classic *out, const void *bytes, size_t size, struct inspect_error *err)
{
	AUTO(buf_done) struct buf ops = { 0 };
	bool is_text = !size || !memchr(bytes, '\0', size);

	*out = (struct classic){ 0 };
	if (size / 2 > UINT32_MAX)
		return inspect_fail(err, EFBIG, "filter");
	if (!is_text)
		buf_add(&ops, bytes, size - size % CLASSIC_BYTES);
	else if (read_text(bytes, size, &ops, err))
		return -EINVAL;

	autofree uint8_t *is_target = calloc(ops.size / sizeof(struct classic_op) + 1, 1);
	if (buf_failed(&ops) || !is_target)
		return inspect_fail(err, ENOMEM, "filter");
	out->count = (uint32_t)(ops.size / sizeof(struct classic_op));
	out->n_behind = is_text ? 0 : (uint32_t)(size % CLASSIC_BYTES);
	out->ops = (void *)take_ptr(&ops.bytes);
	out->is_target = take_ptr(&is_target);
	mark_targets(out);
	return 0;
}

void classic_done(struct classic *classic)
{
	free(classic->ops);
	free(classic->is_target);
	*classic = (struct classic){ 0 };
}
