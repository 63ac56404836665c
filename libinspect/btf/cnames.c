/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cnames.c - names of BTF as identifiers of C
 */
#include "btf/cnames.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define HASH_DIGITS 8
#define SUFFIX_BYTES (2 + HASH_DIGITS)
/* An identifier made here leaves room for the ___N by which libbpf tells two of a name apart. */
#define KEPT_MOST (CNAMES_MOST - SUFFIX_BYTES - 14)
/*
 * The hash has no secret, since a name's identifier must be the same everywhere. Where names are made to
 * crowd in one place of the table, it takes no more; chance makes it 70 steps in a million names.
 */
#define STEPS_MOST 256

/*
 * Sorted. bool, true, false and others that only C23 or C++ took are not here: kernels define them,
 * and a header without them would not compile.
 */
static const char *const keywords[] = {
	"_Alignas",
	"_Alignof",
	"_Atomic",
	"_Bool",
	"_Complex",
	"_Float128",
	"_Float16",
	"_Float32",
	"_Float64",
	"_Generic",
	"_Imaginary",
	"_Noreturn",
	"_Static_assert",
	"_Thread_local",
	"__alignof",
	"__alignof__",
	"__asm",
	"__asm__",
	"__attribute",
	"__attribute__",
	"__auto_type",
	"__const",
	"__extension__",
	"__float128",
	"__inline",
	"__inline__",
	"__int128",
	"__restrict",
	"__restrict__",
	"__signed",
	"__signed__",
	"__thread",
	"__typeof",
	"__typeof__",
	"__volatile",
	"__volatile__",
	"asm",
	"auto",
	"break",
	"case",
	"char",
	"const",
	"continue",
	"default",
	"do",
	"double",
	"else",
	"enum",
	"extern",
	"float",
	"for",
	"goto",
	"if",
	"inline",
	"int",
	"long",
	"register",
	"restrict",
	"return",
	"short",
	"signed",
	"sizeof",
	"static",
	"struct",
	"switch",
	"typedef",
	"typeof",
	"union",
	"unsigned",
	"void",
	"volatile",
	"while",
};

static int compare_words(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Keywords begin so, and are 2 to 14 bytes long: most names need no search. */
static bool may_be_keyword(const char *name, size_t size)
{
	return size >= 2 && size <= 14 && strchr("_abcdefgilrstuvw", name[0]);
}

bool cname_is_good(const char *name)
{
	size_t size = 0;

	while (size <= CNAMES_MOST && (is_letter(name[size]) || is_digit(name[size])))
		size++;
	if (!size || size > CNAMES_MOST || name[size] || is_digit(name[0]))
		return false;
	return !may_be_keyword(name, size) ||
	       !bsearch(name, keywords, sizeof(keywords) / sizeof(*keywords), sizeof(*keywords),
			compare_words);
}

/* FNV-1a. Of a name that is absurdly long, the beginning has to do. */
static uint32_t hash_name(const char *name, bool is_quoted)
{
	uint32_t hash = 2166136261 + is_quoted;

	for (size_t i = 0; name[i] && i < 4096; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619;
	return hash;
}

static uint32_t first_slot(const struct cnames *names, uint32_t hash)
{
	return hash & (names->n_slots - 1);
}

static bool is_same(const char *one, const char *two)
{
	return one == two || strncmp(one, two, 4096) == 0;
}

static bool grow(struct cnames *names)
{
	uint32_t room = names->room ? names->room * 2 : 64, n_slots = room * 2;

	if (names->n < names->room)
		return true;
	if (n_slots <= names->n_slots)
		return false;
	struct cname *more = realloc(names->names, room * sizeof(*more));
	if (!more)
		return false;
	names->names = more;

	uint32_t *slots = calloc(n_slots, sizeof(*slots));
	if (!slots)
		return false;
	free(names->slots);
	names->slots = slots;
	names->n_slots = n_slots;
	names->room = room;
	for (uint32_t i = 0; i < names->n; i++) {
		uint32_t slot = first_slot(names, names->names[i].hash);

		while (slots[slot])
			slot = (slot + 1) & (n_slots - 1);
		slots[slot] = i + 1;
	}
	return true;
}

static void add_identifier(struct buf *text, const char *name, uint32_t hash)
{
	char digits[NUM_ROOM];

	if (is_digit(name[0]))
		buf_add_char(text, '_');
	for (size_t i = 0; name[i] && i < KEPT_MOST; i++)
		buf_add_char(text, is_letter(name[i]) || is_digit(name[i]) ? name[i] : '_');
	buf_add(text, "__", 2);
	for (int shift = 28; shift >= 0; shift -= 4) {
		num_format_hex(digits, hash >> shift & 0xf);
		buf_add_char(text, digits[0]);
	}
	buf_add_char(text, '\0');
}

static bool add(struct cnames *names, const char *name, bool is_quoted, uint32_t *offset)
{
	uint32_t hash = hash_name(name, is_quoted);

	if (!grow(names))
		return false;

	uint32_t slot = first_slot(names, hash), steps = 0;
	for (; names->slots[slot]; slot = (slot + 1) & (names->n_slots - 1)) {
		const struct cname *known = &names->names[names->slots[slot] - 1];

		names->is_crowded = names->is_crowded || ++steps > STEPS_MOST;
		if (names->is_crowded)
			return false;
		if (known->hash == hash && known->is_quoted == is_quoted &&
		    is_same(known->original, name)) {
			*offset = known->offset;
			return true;
		}
	}
	if (names->text.size > UINT32_MAX - 2 * (size_t)CNAMES_MOST)
		return false;
	*offset = (uint32_t)names->text.size;
	add_identifier(&names->text, name, hash);
	names->names[names->n++] = (struct cname){ name, hash, *offset, is_quoted };
	names->slots[slot] = names->n;
	return !buf_failed(&names->text);
}

bool cnames_add(struct cnames *names, const char *name, uint32_t *offset)
{
	return add(names, name, false, offset);
}

bool cnames_add_quoted(struct cnames *names, const char *name, uint32_t *offset)
{
	return add(names, name, true, offset);
}

/* How long the identifier is without a suffix ___N. */
static size_t bare_size(const char *identifier)
{
	size_t size = strlen(identifier), end = size;

	while (end && is_digit(identifier[end - 1]))
		end--;
	if (end < size && end > 3 && memcmp(identifier + end - 3, "___", 3) == 0)
		return end - 3;
	return size;
}

static bool parse_hash(const char *digits, uint32_t *out)
{
	char text[HASH_DIGITS + 1] = { 0 };
	uint64_t value;

	memcpy(text, digits, HASH_DIGITS);
	if (num_parse(text, NUM_HEX, UINT32_MAX, &value) < 0)
		return false;
	*out = (uint32_t)value;
	return true;
}

const char *cnames_original(const struct cnames *names, const char *identifier)
{
	uint32_t hash;

	if (!names->n)
		return NULL;
	size_t size = bare_size(identifier);
	if (size < SUFFIX_BYTES || !parse_hash(identifier + size - HASH_DIGITS, &hash))
		return NULL;
	for (uint32_t slot = first_slot(names, hash); names->slots[slot];
	     slot = (slot + 1) & (names->n_slots - 1)) {
		const struct cname *known = &names->names[names->slots[slot] - 1];
		const char *text = names->text.bytes + known->offset;

		if (!known->is_quoted && strlen(text) == size &&
		    memcmp(text, identifier, size) == 0)
			return known->original;
	}
	return NULL;
}

void cnames_done(struct cnames *names)
{
	free(names->names);
	free(names->slots);
	buf_done(&names->text);
	*names = (struct cnames){ 0 };
}
