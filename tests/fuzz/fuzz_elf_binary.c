/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_elf_binary.c - any bytes as a program with functions and marked places
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "elf/binary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static int use_function(void *context, const struct elf_function *function)
{
	size_t *sum = context;

	must(function->name[0] && !strchr(function->name, '@'));
	*sum += strlen(function->name) + function->offset;
	return 0;
}

static int use_mark(void *context, const struct elf_mark *mark)
{
	size_t *sum = context;

	*sum += strlen(mark->provider) + strlen(mark->name) + strlen(mark->arguments);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(elf_image_close) struct elf_image image = { 0 };
	struct inspect_error err = { 0 };
	autofree uint8_t *bytes = malloc(size ? size : 1);
	size_t sum = 0;

	must(bytes != NULL);
	if (size)
		memcpy(bytes, data, size);
	if (elf_image_open(&image, bytes, size, &err) < 0)
		return 0;
	int r = elf_functions_each(&image, use_function, &sum, &err);
	must(r == 0 || (r < 0 && err.code == -r && err.what[0]));
	r = elf_marks_each(&image, use_mark, &sum, &err);
	must(r == 0 || (r < 0 && err.code == -r && err.what[0]));
	return 0;
}
