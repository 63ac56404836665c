/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_option.c - what an object asks of the kernel's configuration
 *
 * The loader writes an option's value into the object's variable, and refuses the object if the variable is not made for
 * such a value; that it is weak is no help then.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "base/text.h"
#include "btf/raw.h"
#include "btf/text.h"
#include "kernel/proc.h"
#include "probe/requires.h"

/* What an option's variable is for: need->number. */
enum option_kind {
	OPTION_NUMBER,
	OPTION_BOOL,
	OPTION_TRISTATE,
	OPTION_CHAR,
	OPTION_TEXT,
	OPTION_NOTHING, /* the loader takes no such variable */
};

struct option_type {
	enum option_kind kind;
	uint64_t bytes;
	bool is_signed;
};

#define SIGNATURE_MOST 4096 /* bytes of /proc/version_signature */
#define INT_SIGNED 1
#define INT_BOOL 4

static struct option_type type_of_number(uint32_t word, uint64_t bytes)
{
	struct option_type out = { OPTION_NUMBER, bytes, BTF_INT_ENCODING(word) & INT_SIGNED };

	if (BTF_INT_ENCODING(word) & INT_BOOL)
		out.kind = bytes == 1 ? OPTION_BOOL : OPTION_NOTHING;
	else if (bytes == 1)
		out.kind = OPTION_CHAR;
	else if (!bytes || bytes > 8 || bytes & (bytes - 1))
		out.kind = OPTION_NOTHING;
	return out;
}

static struct option_type option_type_of(const struct btf_reader *btf, uint32_t id)
{
	struct option_type out = { .kind = OPTION_NOTHING };
	struct btf_entry type;

	if (!btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &type))
		return out;
	if (type.kind == KIND_INT)
		return type_of_number(btf_word(type.tail, 0), type.size_or_type);
	if (core_is_enum(type.kind) && type.size_or_type == 4 &&
	    strcmp(type.name, "libbpf_tristate") == 0)
		out.kind = OPTION_TRISTATE;
	if (type.kind != KIND_ARRAY)
		return out;

	uint32_t n = btf_word(type.tail, 8), of = btf_word(type.tail, 0);
	bool has_chars =
		btf_resolve(btf, &of, BTF_THROUGH_TYPEDEFS, NULL, &type) && type.kind == KIND_INT &&
		type_of_number(btf_word(type.tail, 0), type.size_or_type).kind == OPTION_CHAR;
	if (n && has_chars)
		out = (struct option_type){ OPTION_TEXT, n, false };
	return out;
}

static bool is_letter(const char *value)
{
	return *value && !value[1] && strchr("ynm", *value);
}

static bool is_in_range(const struct option_type *type, uint64_t number)
{
	uint64_t half = (uint64_t)1 << (type->bytes * 8 - 1);

	if (type->bytes == 8)
		return true;
	return type->is_signed ? number + half < half * 2 : number < half * 2;
}

#define ANOTHER_KIND "the option's value is of another kind than the variable that it is for"
#define NO_ROOM "the option's value does not fit into the variable that it is for"

/* Why the loader does not write that value there; NULL: it does. */
static const char *find_misfit(const struct option_type *type, const char *value)
{
	uint64_t number = 0;
	bool is_number = !num_parse(value, NUM_ANY, UINT64_MAX, &number);

	switch (type->kind) {
	case OPTION_TEXT:
		return strlen(value) < type->bytes ? NULL : NO_ROOM;
	case OPTION_BOOL:
		return strcmp(value, "y") == 0 || (is_number && number < 2) ? NULL : ANOTHER_KIND;
	case OPTION_TRISTATE:
		return is_letter(value) ? NULL : ANOTHER_KIND;
	case OPTION_CHAR:
		if (is_letter(value))
			return NULL;
		/* fall through */
	case OPTION_NUMBER:
		return !is_number ? ANOTHER_KIND : is_in_range(type, number) ? NULL : NO_ROOM;
	case OPTION_NOTHING:
		break;
	}
	return NULL;
}

static void refuse(struct finding *finding, struct need *need, const char *detail)
{
	need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_RULE, detail);
	need->reason = INSPECT_REASON_OTHER;
	need->must = NEED_MUST;
}

/* Texts lost their quotes where the configuration was read: what looks like a number may be one. */
static void check_value(struct finding *finding, const struct option_type *type, struct need *need)
{
	const char *value = need->value;
	uint64_t number;

	if (need->answer != INSPECT_YES || !value)
		return;
	const char *misfit = find_misfit(type, value);
	if (misfit) {
		refuse(finding, need, misfit);
	} else if (type->kind == OPTION_TEXT &&
		   (is_letter(value) || !num_parse(value, NUM_ANY, UINT64_MAX, &number))) {
		need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT,
			    "whether the option is a text or a number is not known");
		need->reason = INSPECT_REASON_NEEDS_LOAD;
		need->must = NEED_MUST;
	}
}

/* "6.12.3-...": the number that LINUX_VERSION_CODE would be; returns how many parts there were. */
static unsigned read_version(const char *at, uint32_t *out)
{
	unsigned part[3] = { 0 }, n = 0;

	while (n < 3 && *at >= '0' && *at <= '9') {
		while (*at >= '0' && *at <= '9' && part[n] < 100000)
			part[n] = part[n] * 10 + (unsigned)(*at++ - '0');
		n++;
		if (*at != '.')
			break;
		at++;
	}
	*out = (part[0] << 16) + (part[1] << 8) + (part[2] > 255 ? 255 : part[2]);
	return n;
}

/* "Ubuntu 5.15.0-91.101-generic 5.15.131": uname(2) of such a kernel has 0 in the third place. */
static bool read_signature(const struct sys *sys, uint32_t *out)
{
	autofree char *bytes = NULL;
	char path[PATH_MAX];
	size_t size;

	int n = snprintf(path, sizeof(path), "%s/proc/version_signature", sys->root);
	if (n < 0 || (size_t)n >= sizeof(path) ||
	    proc_read_regular(path, SIGNATURE_MOST, &bytes, &size, NULL))
		return false;
	char text[SIGNATURE_MOST + 1];
	memcpy(text, bytes, size);
	text[size] = '\0';
	const char *at = text + strcspn(text, " ");
	at += strspn(at, " ");
	at += strcspn(at, " ");
	at += strspn(at, " ");
	return read_version(at, out) == 3;
}

bool option_kernel_version(const struct sys *sys, const struct utsname *host, uint32_t *out)
{
	if (read_signature(sys, out))
		return true;
	const char *debian = strstr(host->version, "Debian ");
	const char *at = debian ? debian + strlen("Debian ") : host->release;
	return read_version(at, out) && *out >> 16;
}

static bool kernel_version(const struct finding *finding, uint32_t *out)
{
	struct utsname host;

	return !uname(&host) &&
	       option_kernel_version(&finding->requires->against->inspect->sys, &host, out);
}

/* Options that are none of the configuration: the loader finds out what they are. One that it may come to know is 0. */
static void answer_virtual(struct finding *finding, struct need *need,
			   const struct option_type *type)
{
	static const char *const known[] = { "LINUX_KERNEL_VERSION", "LINUX_HAS_BPF_COOKIE",
					     "LINUX_HAS_SYSCALL_WRAPPER" };
	char digits[NUM_ROOM + 1];
	uint32_t version;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(need->name, known[i]) != 0)
			continue;
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_RULE, NULL);
		if (type->kind == OPTION_TEXT || type->kind == OPTION_TRISTATE)
			refuse(finding, need, ANOTHER_KIND);
		if (i || !finding->requires->against->is_live || !kernel_version(finding, &version))
			return;
		digits[num_format_u64(digits, version)] = '\0';
		need->value = strdup(digits);
		return;
	}
	need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_RULE, "no loader knows this one");
	need->reason = INSPECT_REASON_OTHER;
	if (!text_has_prefix(need->name, "LINUX_"))
		need->must = NEED_MUST;
}

void finding_option(struct finding *finding, const struct btf_entry *var,
		    const struct elf_symbol *symbol)
{
	const struct option_type type = option_type_of(&finding->object->btf, var->size_or_type);
	struct need *need =
		finding_add(finding, NEED_CONFIG, symbol->is_weak ? NEED_WEAK : NEED_MUST,
			    var->name, NULL, NULL);

	if (!need)
		return;
	finding->externs[symbol->index] = need->order + 1;
	need->number = type.kind;
	if (type.kind == OPTION_NOTHING) {
		refuse(finding, need, "no loader takes a variable of this type for an option");
		return;
	}
	if (text_has_prefix(var->name, "CONFIG_"))
		finding->ask(finding->context, need);
	else
		answer_virtual(finding, need, &type);
	check_value(finding, &type, need);
}

/* A value of the configuration as the loader writes it into the variable. */
void need_option_value(const struct need *need, unsigned size, struct reach_value *out)
{
	const char *value = need->value;
	uint64_t number;

	if (need->answer == INSPECT_NO) {
		*out = (struct reach_value){ .kind = REACH_NUMBER, .is_blurred = true };
		return;
	}
	if (need->answer != INSPECT_YES || !value || !*value || need->number == OPTION_TEXT)
		return;
	if (is_letter(value) && need->number == OPTION_CHAR)
		number = (unsigned char)*value;
	else if (is_letter(value))
		number = *value == 'y' ? 1 : *value == 'm' ? 2 : 0;
	else if (num_parse(value, NUM_ANY, UINT64_MAX, &number))
		return;
	if (size < sizeof(number))
		number &= ((uint64_t)1 << size * 8) - 1;
	*out = (struct reach_value){ REACH_NUMBER, 0, number, true };
}
