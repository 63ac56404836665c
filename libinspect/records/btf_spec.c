/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_spec.c - what a user typed for a source of types
 *
 * Where a command takes two sources, each may be one file: the next "file" begins the other.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "inspect.h"

struct keyword {
	const char *word;
	unsigned means;
};

/* In the order in which a shortened word is held against them. */
static const struct keyword sources[] = {
	{ "map", INSPECT_BTF_BY_MAP },
	{ "prog", INSPECT_BTF_BY_PROG },
	{ "id", INSPECT_BTF_BY_ID },
	{ "file", INSPECT_BTF_BY_FILE },
};

static const struct keyword parts[] = {
	{ "key", INSPECT_BTF_KEY },
	{ "value", INSPECT_BTF_VALUE },
	{ "kv", INSPECT_BTF_KEY_AND_VALUE },
	{ "all", INSPECT_BTF_ALL },
};

#define KEYWORDS 4

static const struct keyword *find_keyword(const struct keyword *table, const char *word)
{
	for (size_t i = 0; *word && i < KEYWORDS; i++)
		if (text_has_prefix(table[i].word, word))
			return &table[i];
	return NULL;
}

static int fail_source(const char *word, struct inspect_error *err)
{
	inspect_fail(err, INSPECT_EUSAGE, "unrecognized BTF source specifier: '%s'", word);
	if (strchr(word, '.'))
		return inspect_hint(err, "a file in this folder is named 'file %s' or './%s'", word,
				    word);
	return inspect_hint(err,
			    "expected 'id', 'prog', 'map', 'file', 'vmlinux', an id or a path");
}

/* "file FILE [file FILE]..." */
static int take_files(const char *const *words, size_t n, unsigned most,
		      struct inspect_btf_spec *out, struct inspect_error *err)
{
	size_t at = 0;

	while (at < n && *words[at] && text_has_prefix("file", words[at])) {
		if (n - at < 2 || !*words[at + 1])
			return inspect_fail(err, INSPECT_EUSAGE, "'file' needs a path");
		if (out->n_files == most && most == 1)
			break; /* what follows is another source */
		if (out->n_files == most)
			return inspect_fail(err, INSPECT_EUSAGE, "too many BTF files (max %u)",
					    most);
		out->files[out->n_files++] = words[at + 1];
		at += 2;
	}
	return (int)at;
}

/* "MAP [key|value|kv|all]" */
static int take_map(const char *const *words, size_t n, struct inspect_btf_spec *out,
		    struct inspect_error *err)
{
	int used = inspect_ref_parse(INSPECT_MAP, words, n, &out->ref, err);
	if (used < 0)
		return used;

	const struct keyword *part = (size_t)used < n ? find_keyword(parts, words[used]) : NULL;
	if (!part)
		return used;
	out->part = part->means;
	return used + 1;
}

static int take_object(const char *const *words, size_t n, enum inspect_kind kind,
		       struct inspect_btf_spec *out, struct inspect_error *err)
{
	if (kind == INSPECT_MAP)
		return take_map(words, n, out, err);
	return inspect_ref_parse(kind, words, n, &out->ref, err);
}

/* What stands without a keyword: an id, a path, or the kernel's types. */
static int take_bare(const char *const *words, size_t n, unsigned most,
		     struct inspect_btf_spec *out, struct inspect_error *err)
{
	bool is_kernel = strcmp(words[0], "vmlinux") == 0;

	if (is_kernel || strchr(words[0], '/')) {
		out->by = INSPECT_BTF_BY_FILE;
		out->files[out->n_files++] = is_kernel ? "/sys/kernel/btf/vmlinux" : words[0];
		int more = most > 1 ? take_files(words + 1, n - 1, most, out, err) : 0;
		return more < 0 ? more : 1 + more;
	}
	if (*words[0] < '0' || *words[0] > '9')
		return fail_source(words[0], err);
	out->by = INSPECT_BTF_BY_ID;
	return inspect_ref_parse(INSPECT_BTF, words, n, &out->ref, err);
}

int inspect_btf_spec_parse(const char *const *words, size_t n, unsigned most,
			   struct inspect_btf_spec *out, struct inspect_error *err)
{
	struct inspect_btf_spec spec = { 0 };
	int used = -INSPECT_EUSAGE;

	ERROR_NEEDED(err);
	if (!n)
		return inspect_fail(
			err, INSPECT_EUSAGE,
			"expected 'id', 'prog', 'map', 'file', 'vmlinux', an id or a path");
	most = most < INSPECT_BTF_FILES ? most : INSPECT_BTF_FILES;
	const struct keyword *source = find_keyword(sources, words[0]);
	if (!source) {
		used = take_bare(words, n, most, &spec, err);
	} else {
		spec.by = source->means;
		switch (spec.by) {
		case INSPECT_BTF_BY_FILE:
			used = take_files(words, n, most, &spec, err);
			break;
		case INSPECT_BTF_BY_ID: /* its reference has the same keyword */
			used = inspect_ref_parse(INSPECT_BTF, words, n, &spec.ref, err);
			break;
		case INSPECT_BTF_BY_PROG:
		case INSPECT_BTF_BY_MAP:
			used = take_object(words + 1, n - 1,
					   spec.by == INSPECT_BTF_BY_MAP ? INSPECT_MAP
									 : INSPECT_PROG,
					   &spec, err);
			used += used >= 0;
			break;
		}
	}
	if (used >= 0)
		*out = spec;
	return used;
}
