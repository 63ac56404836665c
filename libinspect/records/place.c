/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * place.c - places in programs and libraries, for probes
 */
#include "records/place.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name_search.h"
#include "base/num.h"
#include "elf/binary.h"
#include "kernel/proc.h"

#define BINARY_MOST ((size_t)2 << 30) /* bytes of a file that is read for its symbols */

/* --- what was typed --- */

void place_words_done(struct place_words *words)
{
	free(words->path);
	free(words->name);
	free(words->provider);
	*words = (struct place_words){ 0 };
}

static int fail_form(const char *text, bool is_mark, struct inspect_error *err)
{
	return inspect_fail(err, INSPECT_EUSAGE, "expected %s, got: '%s'",
			    is_mark ? "PATH:PROVIDER:NAME" : "PATH:FUNC[+OFFSET] or PATH:OFFSET",
			    text);
}

/* Cuts the last word behind a colon off @text; NULL where there is none, or it is empty. */
static char *cut_last(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon || !colon[1])
		return NULL;
	*colon = '\0';
	return strdup(colon + 1);
}

/* "FUNC+OFFSET" or a number. */
static int parse_function(struct place_words *words)
{
	char *plus = strrchr(words->name, '+');

	if (plus) {
		if (num_parse(plus + 1, NUM_ANY, INT64_MAX, &words->offset))
			return -EINVAL;
		*plus = '\0';
	} else if (!num_parse(words->name, NUM_ANY, INT64_MAX, &words->offset)) {
		free(words->name);
		words->name = NULL;
		return 0;
	}
	return *words->name ? 0 : -EINVAL;
}

int place_parse(const char *text, bool is_mark, struct place_words *out, struct inspect_error *err)
{
	AUTO(place_words_done) struct place_words words = { .path = strdup(text) };

	if (!words.path)
		return inspect_fail(err, ENOMEM, "%s", text);
	words.name = cut_last(words.path);
	if (is_mark && words.name)
		words.provider = cut_last(words.path);
	if (!words.name || !*words.path || (is_mark && !words.provider) ||
	    (!is_mark && parse_function(&words)))
		return fail_form(text, is_mark, err);
	*out = words;
	words = (struct place_words){ 0 };
	return 0;
}

/* --- the file --- */

void places_done(struct places *places)
{
	free(places->typed);
	free(places->path);
	free(places->places);
	*places = (struct places){ 0 };
}

/* The file in one of the directories of a list parted by colons; 1 with it, 0 or -ENOMEM. */
static int find_in(const char *list, const char *name, char **out)
{
	while (list && *list) {
		size_t n = strcspn(list, ":");
		char path[PATH_MAX];
		int size = snprintf(path, sizeof(path), "%.*s/%s", (int)n, list, name);

		if (n && size > 0 && (size_t)size < sizeof(path) && access(path, R_OK) == 0 &&
		    !proc_is_directory(path)) {
			*out = strdup(path);
			return *out ? 1 : -ENOMEM;
		}
		list += n + (list[n] == ':');
	}
	return 0;
}

#if defined(__x86_64__)
#define LIBRARY_TRIPLET "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define LIBRARY_TRIPLET "aarch64-linux-gnu"
#else
#define LIBRARY_TRIPLET "."
#endif

/* A name alone: a library where such are by custom, or else a program. */
static int find_file(const char *word, char **out)
{
	static const char libraries[] = "/lib/" LIBRARY_TRIPLET ":/usr/lib/" LIBRARY_TRIPLET
					":/lib64:/usr/lib64:/lib:/usr/lib:/usr/local/lib";

	if (strchr(word, '/')) {
		*out = strdup(word);
		return *out ? 0 : -ENOMEM;
	}
	int r = strstr(word, ".so") ? find_in(getenv("LD_LIBRARY_PATH"), word, out) : 0;
	if (!r && strstr(word, ".so"))
		r = find_in(libraries, word, out);
	if (!r)
		r = find_in(getenv("PATH"), word, out);
	if (r)
		return r < 0 ? r : 0;
	return -ENOENT;
}

static int add_place(struct places *out, uint64_t offset, uint64_t semaphore)
{
	if (out->n == out->room) {
		size_t room = out->room ? 2 * out->room : 16;
		struct place *all = realloc(out->places, room * sizeof(*all));

		if (!all)
			return -ENOMEM;
		out->places = all;
		out->room = room;
	}
	out->places[out->n++] = (struct place){ offset, semaphore };
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

/* Each once: a function may have several names, and stand in two tables. */
static void sort_places(struct places *out)
{
	size_t kept = 0;

	if (out->n)
		qsort(out->places, out->n, sizeof(*out->places), by_offset);
	for (size_t i = 0; i < out->n; i++)
		if (!kept || out->places[kept - 1].offset != out->places[i].offset)
			out->places[kept++] = out->places[i];
	out->n = kept;
}

/* --- functions --- */

struct function_search {
	const struct place_words *words;
	struct places *out;
	struct name_search search;
	bool is_glob;
	bool has_global; /* what was found is for all to link to: it is meant before local ones */
	size_t n_local;	 /* local ones at different places */
	uint64_t offset, size;
};

static int take_function(void *context, const struct elf_function *function)
{
	struct function_search *find = context;

	if (find->is_glob) {
		if (fnmatch(find->words->name, function->name, 0) != 0)
			return 0;
		return add_place(find->out, function->offset, 0);
	}
	name_search_try(&find->search, function->name);
	if (strcmp(function->name, find->words->name) != 0 || find->has_global)
		return 0;
	if (function->is_local && find->n_local && find->offset == function->offset)
		return 0;
	find->n_local += function->is_local;
	find->has_global = !function->is_local;
	find->offset = function->offset;
	find->size = function->size;
	return 0;
}

static int check_function(struct function_search *find, struct inspect_error *err)
{
	const struct place_words *words = find->words;

	if (!find->search.n_found) {
		inspect_fail(err, ENOENT, "%s: function '%s'", find->out->path, words->name);
		if (!*find->search.nearest)
			return inspect_hint(err, "a stripped file has the functions alone that "
						 "others link to; PATH:OFFSET names any place");
		return name_search_hint(&find->search, err);
	}
	if (!find->has_global && find->n_local > 1) {
		inspect_fail(err, EINVAL, "%s: function '%s'", find->out->path, words->name);
		return inspect_hint(err,
				    "%zu local functions have this name; PATH:OFFSET names one",
				    find->n_local);
	}
	if (words->offset && words->offset >= find->size)
		return inspect_fail(err, EINVAL, "%s: function '%s' has %llu bytes",
				    find->out->path, words->name, (unsigned long long)find->size);
	return 0;
}

static int find_functions(const struct elf_image *image, const struct place_words *words,
			  bool takes_globs, struct places *out, struct inspect_error *err)
{
	struct function_search find = {
		.words = words,
		.out = out,
		.is_glob = takes_globs && name_is_glob(words->name),
	};
	size_t before = out->n;

	name_search_begin(&find.search, words->name);
	int r = elf_functions_each(image, take_function, &find, err);
	if (r == -ENOMEM)
		return inspect_fail(err, ENOMEM, "%s", out->path);
	if (r < 0)
		return inspect_context(err, "%s", out->path);
	if (find.is_glob && out->n == before)
		return inspect_fail(err, ENOENT, "%s: no function fits '%s'", out->path,
				    words->name);
	if (find.is_glob)
		return 0;
	r = check_function(&find, err);
	if (r < 0)
		return r;
	r = add_place(out, find.offset + words->offset, 0);
	return r < 0 ? inspect_fail(err, ENOMEM, "%s", out->path) : 0;
}

/* --- marks --- */

struct mark_search {
	const struct place_words *words;
	struct places *out;
	struct name_search providers, names;
};

static int take_mark(void *context, const struct elf_mark *mark)
{
	struct mark_search *find = context;

	name_search_try(&find->providers, mark->provider);
	if (strcmp(mark->provider, find->words->provider) != 0)
		return 0;
	name_search_try(&find->names, mark->name);
	if (strcmp(mark->name, find->words->name) != 0)
		return 0;
	return add_place(find->out, mark->offset, mark->semaphore);
}

static int find_marks(const struct elf_image *image, const struct place_words *words,
		      struct places *out, struct inspect_error *err)
{
	struct mark_search find = { .words = words, .out = out };

	name_search_begin(&find.providers, words->provider);
	name_search_begin(&find.names, words->name);
	int r = elf_marks_each(image, take_mark, &find, err);
	if (r == -ENOMEM)
		return inspect_fail(err, ENOMEM, "%s", out->path);
	if (r < 0)
		return inspect_context(err, "%s", out->path);
	if (out->n)
		return 0;
	inspect_fail(err, ENOENT, "%s: USDT probe '%s:%s'", out->path, words->provider,
		     words->name);
	return name_search_hint(find.providers.n_found ? &find.names : &find.providers, err);
}

static int open_and_find(const struct place_words *words, bool takes_globs, struct places *out,
			 struct inspect_error *err)
{
	AUTO(elf_image_close) struct elf_image image = { 0 };
	autofree char *bytes = NULL;
	struct stat file;
	size_t size;

	/* A pipe would be waited for until somebody writes, and no device has functions. */
	if (!stat(out->path, &file) && !S_ISREG(file.st_mode))
		return inspect_fail(err, EINVAL, "%s: not a regular file", out->path);
	int r = proc_read_file(out->path, BINARY_MOST, &bytes, &size, err);
	if (r < 0)
		return r;
	r = elf_image_open(&image, bytes, size, err);
	if (r < 0)
		return inspect_context(err, "%s", out->path);
	return words->provider ? find_marks(&image, words, out, err)
			       : find_functions(&image, words, takes_globs, out, err);
}

static int find_path(const struct place_words *words, struct places *out, struct inspect_error *err)
{
	if (out->path)
		return 0;
	out->typed = strdup(words->path);
	int r = out->typed ? find_file(words->path, &out->path) : -ENOMEM;
	if (r < 0)
		inspect_fail(err, -r, "%s", words->path);
	if (r == -ENOENT)
		return inspect_hint(err, "a name without a slash is looked for among programs and, "
					 "with .so in it, libraries");
	return r;
}

int places_find(const struct place_words *words, bool takes_globs, struct places *out,
		struct inspect_error *err)
{
	int r = find_path(words, out, err);

	if (r < 0)
		return r;
	if (words->name)
		r = open_and_find(words, takes_globs, out, err);
	else if (access(out->path, R_OK))
		r = inspect_fail(err, errno, "%s: open", out->path);
	else if (add_place(out, words->offset, 0))
		r = inspect_fail(err, ENOMEM, "%s", out->path);
	sort_places(out);
	return r;
}
