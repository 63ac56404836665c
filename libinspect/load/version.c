/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * version.c - which libbpf does the loading
 */
#include <bpf/libbpf.h>

#include "inspect.h"

const char *inspect_libbpf_version(void)
{
	const char *version = libbpf_version_string();

	return *version == 'v' ? version + 1 : version;
}
