/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * libbpf_code.c - libbpf's own error numbers, which no system has words for
 */
#include "btf/libbpf_code.h"

#include <errno.h>
#include <stddef.h>

/* The numbers are part of libbpf's interface (enum libbpf_errno), and stay. */
#define FIRST 4000
#define BEYOND 4100 /* no errno is that large, and no number of libbpf's may get so far */

static const struct own_code {
	int code;
	const char *words;
} own_codes[] = {
	{ EINVAL, "libelf cannot read it" },
	{ EINVAL, "it is no object that libbpf can read" },
	{ EINVAL, "its section 'version' is wrong, or missing" },
	{ EOPNOTSUPP, "the object is of the other byte order" },
	{ EINVAL, "libbpf met what it does not expect" },
	{ EINVAL, "a relocation cannot be carried out" },
	{ EINVAL, "the kernel refuses a program and does not say why" },
	{ EACCES, "the verifier refuses a program" },
	{ E2BIG, "a program is too large" },
	{ EINVAL, "it was made for another version of the kernel" },
	{ EINVAL, "the kernel does not know the type of a program" },
	{ EPROTO, "an answer of the kernel is for another process" },
	{ EPROTO, "an answer of the kernel comes out of order" },
	{ EPROTO, "an answer of the kernel makes no sense" },
};

#define KNOWN ((int)(sizeof(own_codes) / sizeof(*own_codes)))

int libbpf_code(int code)
{
	if (code < FIRST || code >= BEYOND)
		return code;
	return code - FIRST < KNOWN ? own_codes[code - FIRST].code : EINVAL;
}

const char *libbpf_code_words(int code)
{
	if (code < FIRST || code >= BEYOND)
		return NULL;
	return code - FIRST < KNOWN ? own_codes[code - FIRST].words : "an error of libbpf's own";
}
