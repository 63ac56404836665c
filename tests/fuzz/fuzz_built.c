/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_built.c - any bytes as a configuration of the kernel: what is found has a name and a value, in order
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/built.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct built built;
	char *bytes = malloc(size ? size : 1); /* its own, so that a byte too far is seen */

	must(bytes != NULL);
	memcpy(bytes, data, size);
	if (built_parse(bytes, size, &built) == 0) {
		must(built.n > 0);
		for (size_t i = 0; i < built.n; i++) {
			must(strncmp(built.options[i].name, "CONFIG_", 7) == 0);
			must(strlen(built.options[i].value) <= BUILT_MOST);
			must(!i || strcmp(built.options[i - 1].name, built.options[i].name) <= 0);
			must(built_find(&built, built.options[i].name) != NULL);
		}
	}
	built_done(&built);
	free(bytes);
	return 0;
}
