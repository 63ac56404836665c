/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ref.c - what a user typed for an object
 */
#include <string.h>

#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "inspect.h"

struct keyword {
	const char *word;
	enum inspect_by by;
};

/* In the order in which a shortened word is held against them. */
static const struct keyword keywords[] = {
	{ "id", INSPECT_BY_ID },
	{ "tag", INSPECT_BY_TAG },
	{ "name", INSPECT_BY_NAME },
	{ "pinned", INSPECT_BY_PATH },
};

/* Tags are programs' alone; links and BTF have no names. */
static bool kind_takes(enum inspect_kind kind, enum inspect_by by)
{
	switch (kind) {
	case INSPECT_PROG:
		return true;
	case INSPECT_MAP:
		return by != INSPECT_BY_TAG;
	case INSPECT_LINK:
		return by == INSPECT_BY_ID || by == INSPECT_BY_PATH;
	case INSPECT_BTF:
		return by == INSPECT_BY_ID;
	}
	return false;
}

static const char *expected(enum inspect_kind kind)
{
	switch (kind) {
	case INSPECT_PROG:
		return "'id', 'tag', 'name', 'pinned', an id or a path";
	case INSPECT_MAP:
		return "'id', 'name', 'pinned', an id or a path";
	case INSPECT_LINK:
		return "'id', 'pinned', an id or a path";
	case INSPECT_BTF:
		return "'id' or an id";
	}
	return "";
}

static int parse_id(const char *word, struct inspect_ref *out, struct inspect_error *err)
{
	uint64_t id;
	int r = num_parse(word, NUM_ANY, UINT32_MAX, &id);

	if (r) {
		inspect_fail(err, INSPECT_EUSAGE, "can't parse '%s' as ID", word);
		return inspect_hint(err, "an id is a whole number of at most 32 bits");
	}
	out->id = (unsigned)id;
	return 0;
}

static int parse_value(const char *word, struct inspect_ref *out, struct inspect_error *err)
{
	switch (out->by) {
	case INSPECT_BY_ID:
		return parse_id(word, out, err);
	case INSPECT_BY_TAG:
		if (num_parse_hex_bytes(word, out->tag, sizeof(out->tag))) {
			inspect_fail(err, INSPECT_EUSAGE, "can't parse tag '%s'", word);
			return inspect_hint(err, "a tag is 16 hexadecimal digits");
		}
		return 0;
	case INSPECT_BY_NAME:
	case INSPECT_BY_PATH:
		if (!*word)
			return inspect_fail(err, INSPECT_EUSAGE, "the %s is empty",
					    out->by == INSPECT_BY_NAME ? "name" : "path");
		out->text = word;
		return 0;
	case INSPECT_BY_PROG:
	case INSPECT_BY_ALL:
		break;
	}
	return 0;
}

bool inspect_ref_begins(enum inspect_kind kind, const char *word)
{
	if ((*word >= '0' && *word <= '9') || strchr(word, '/'))
		return true;
	for (size_t i = 0; *word && i < sizeof(keywords) / sizeof(*keywords); i++)
		if (kind_takes(kind, keywords[i].by) && text_has_prefix(keywords[i].word, word))
			return true;
	return false;
}

int inspect_ref_parse(enum inspect_kind kind, const char *const *words, size_t n,
		      struct inspect_ref *out, struct inspect_error *err)
{
	struct inspect_ref ref = { .kind = kind };

	ERROR_NEEDED(err);
	if (!n)
		return inspect_fail(err, INSPECT_EUSAGE, "expected %s", expected(kind));
	const char *word = words[0];
	bool is_path = strchr(word, '/') && kind_takes(kind, INSPECT_BY_PATH);
	if (*word >= '0' && *word <= '9' && !is_path) {
		ref.by = INSPECT_BY_ID;
		int r = parse_id(word, &ref, err);

		if (r < 0)
			return r;
		*out = ref;
		return 1;
	}
	if (is_path) {
		ref.by = INSPECT_BY_PATH;
		ref.text = word;
		*out = ref;
		return 1;
	}
	for (size_t i = 0; *word && i < sizeof(keywords) / sizeof(*keywords); i++) {
		if (!kind_takes(kind, keywords[i].by) || !text_has_prefix(keywords[i].word, word))
			continue;
		ref.by = keywords[i].by;
		if (n < 2)
			return inspect_fail(err, INSPECT_EUSAGE, "'%s' needs a value",
					    keywords[i].word);
		int r = parse_value(words[1], &ref, err);

		if (r < 0)
			return r;
		*out = ref;
		return 2;
	}
	return inspect_fail(err, INSPECT_EUSAGE, "expected %s, got: '%s'", expected(kind), word);
}
