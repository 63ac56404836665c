/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * inspect.h - the handle: all state of the library
 */
#ifndef RECORDS_INSPECT_H
#define RECORDS_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "btf/reader.h"
#include "kernel/cgroup.h"
#include "kernel/holders.h"
#include "kernel/ksyms.h"
#include "kernel/names.h"
#include "kernel/sys.h"
#include "records/btf.h"
#include "records/pins.h"
#include "records/users.h"

/* The BTF read last: programs of one object share theirs, and have ids behind each other. */
struct btf_cache {
	uint32_t id; /* 0: none */
	uint8_t *bytes;
	struct btf_reader btf;
	struct btf_file kernel; /* the base of a module's, read when there is one */
};

/* Who holds what, as of one moment: see owners.c. */
struct owners_cache {
	struct holders holders;
	bool is_read;
	bool has_details;
	bool is_noted; /* the caller was told what is missing */
	int error;
	uint64_t read_at_ns;
};

/* The map that the last verb was about, for verbs about the same one: see inspect_keep_open(). */
struct kept_map {
	bool is_on;
	struct inspect_map map; /* open for reading; fd is -1 where there is none */
	int write_fd;		/* the same for writing, or -1 */
};

/* Closes what is kept; the switch stays. */
void kept_map_done(struct kept_map *kept);

#define OTHER_MAPS 1024

/* Programs and devices of all XDP links, as of one moment: see link_names.c. */
struct xdp_links {
	bool is_read;
	struct xdp_link *links;
	size_t n;
};

struct inspect {
	struct kept_map kept;
	uint32_t other_maps[OTHER_MAPS]; /* ids, each at its place: maps that hold no metadata */
	struct pins pins;
	struct sys sys;
	struct btf_cache cache;
	struct names names;
	struct owners_cache owners;
	struct btf_users users;
	struct cgroup_root cgroups;
	struct ksyms ksyms;
	int symbols_error; /* why functions are without names: a negative errno, 1 when that was told */
	struct xdp_links xdp_links;
	unsigned last_link_type; /* of the link that was read last, or 0 */
};

/* The BTF object with this id, until the next call; NULL when it cannot be had. */
const struct btf_reader *inspect_btf_cached(struct inspect *inspect, uint32_t id);

#endif
