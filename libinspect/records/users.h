/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * users.h - the programs and maps that use BTF objects
 */
#ifndef RECORDS_USERS_H
#define RECORDS_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sys.h"

/* A program or a map with BTF. */
struct btf_user {
	uint32_t btf_id;
	uint32_t kind; /* enum inspect_kind */
	uint32_t id;
};

/* All of them, as of one moment. Zeroed, it holds nothing. */
struct btf_users {
	struct btf_user *users; /* sorted by BTF object, kind and id */
	size_t n;
	bool is_read;
	int error; /* why not all could be listed, a negative errno */
};

/* A listing begins: what an earlier one found is forgotten. */
void users_begin(struct btf_users *users);
void users_done(struct btf_users *users);

/*
 * The ids of the programs or maps that use a BTF object, by ascending id; to be freed. All programs and
 * maps are looked at when this is asked for the first time: three system calls each.
 * Returns 0, or a negative errno when they could not all be listed.
 */
int users_find(struct btf_users *users, const struct sys *sys, uint32_t btf_id,
	       enum inspect_kind kind, struct inspect_ids *out);

#endif
