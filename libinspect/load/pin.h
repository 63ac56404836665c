/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pin.h - what was loaded gets its names in BPF file systems: all of it, or nothing
 */
#ifndef LOAD_PIN_H
#define LOAD_PIN_H

#include "kernel/bpffs_dir.h"
#include "load/load.h"

struct pin_spec {
	const char *path; /* of the first program; or a directory for all; NULL: none is pinned */
	const char *maps_dir; /* for all maps, or NULL */
	bool is_all;
	bool no_mount;
};

/* A name, and what is to have it. */
struct pin {
	char *path;
	int fd; /* borrowed */
	const struct loaded_prog *prog;
	const struct loaded_map *map; /* one of both, or none */
};

/* Zeroed, there is nothing. */
struct pinning {
	struct bpffs_dir *dirs;
	unsigned n_dirs;
	struct pin *pins;
	unsigned n;
};

/*
 * Before anything is loaded: may all that be pinned, as far as the file tells what there will be? Changes nothing.
 * 0 or a negative errno.
 */
int pin_check(const struct pin_spec *spec, const struct object *file, struct inspect_error *err);

/*
 * Pins links in the place of programs that are attached. 0, or a negative errno: then no pin, directory or mount is
 * left. *out says what was pinned, and borrows from @loaded.
 */
int pin_loaded(struct inspect *inspect, const struct pin_spec *spec, const struct loaded *loaded,
	       const struct inspect_note *note, struct pinning *out, struct inspect_error *err);
void pinning_done(struct pinning *pinning);

#endif
