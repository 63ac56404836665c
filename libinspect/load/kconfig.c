/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kconfig.c - the kernel's configuration, which objects may ask for
 *
 * libbpf looks for it in two places, and does not say where, nor that it found none.
 */
#include "load/kconfig.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

#define PATH_ROOM 160
#define NAMES_MOST 200 /* bytes of names in a hint */

static bool has_content(const char *path)
{
	char byte;

	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 && read(fd, &byte, 1) == 1;
}

/* "CONFIG_HZ, CONFIG_NR_CPUS": those that must be there. */
static void add_names(const struct object *file, struct buf *out)
{
	for (uint32_t i = 0; i < file->elf.n_symbols; i++) {
		const struct elf_symbol *symbol = &file->elf.symbols[i];

		if (symbol->section != ELF_UNDEFINED || symbol->is_weak ||
		    strncmp(symbol->name, "CONFIG_", 7) != 0)
			continue;
		if (out->size > NAMES_MOST) {
			buf_add_text(out, ", ...");
			break;
		}
		if (out->size)
			buf_add_text(out, ", ");
		buf_add_text(out, symbol->name);
	}
	buf_add_char(out, '\0');
}

int kconfig_hint(const struct object *file, struct inspect_error *err)
{
	static const char packed[] = "/proc/config.gz";
	AUTO(buf_done) struct buf names = { 0 };
	char path[PATH_ROOM];
	struct utsname host;

	uname(&host);
	snprintf(path, sizeof(path), "/boot/config-%s", host.release);
	add_names(file, &names);
	const char *needed = buf_failed(&names) ? "" : names.bytes;
	bool has_plain = has_content(path);
	if (has_plain || has_content(packed))
		return inspect_hint(err,
				    "the kernel's configuration, %s, does not have it; must be "
				    "there: %s; what is declared __weak is 0 then",
				    has_plain ? path : packed, needed);
	return inspect_hint(err,
			    "no configuration of the kernel is in %s or %s; it is needed for: %s; "
			    "what is declared __weak is 0 then",
			    path, packed, needed);
}
