/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * owners.h - the processes that hold an object
 */
#ifndef RECORDS_OWNERS_H
#define RECORDS_OWNERS_H

#include "out/sink.h"
#include "records/inspect.h"
#include "records/print.h"

/* A walk begins: what is known of owners serves it, unless it is old. */
void owners_begin(struct inspect *inspect);

/*
 * Who holds an object. The processes are walked when this is asked for the first time.
 * True when all owners are known, none included; what is known is in *out either way.
 */
bool owners_read(struct inspect *inspect, enum inspect_kind kind, unsigned id, unsigned want,
		 struct inspect_owners *out);

/* Was there enough memory to find them? 0 or -ENOMEM, with words. */
int owners_check(const struct inspect *inspect, struct inspect_error *err);
void owners_done(struct inspect_owners *owners);

/*
 * For field tables; @owners is a struct inspect_owners. Records of pid and comm, in the strict form
 * with all that is known; in a cell "COMM(PID),...". Units and containers are for cells alone, each
 * once.
 */
void owners_put(struct sink *sink, const char *key, const void *owners);
void owners_put_units(struct sink *sink, const char *key, const void *owners);
void owners_put_containers(struct sink *sink, const char *key, const void *owners);

#define OWNERS_SHAPE "[{pid:u32,comm:text,uid?:u32,cgroup?:text,unit?:text,container?:text}]"

/*
 * The rows of a record's field table that show its member owners. @known: the bit that says that
 * they are; @found: the one that says that there are some.
 */
#define OWNERS_FIELDS(type, known, found)                                                          \
	FIELD_AS(FIELD_OWN, known, type, owners, "pids", "processes that hold it",                 \
		 .column = "owners", .own = owners_put, .shape = OWNERS_SHAPE,                     \
		 .compatible_has = (found), .want = INSPECT_WANT_OWNERS,                           \
		 .strict_want = INSPECT_WANT_OWNER_DETAILS),                                       \
		FIELD_AS(FIELD_OWN, (known) | (found), type, owners, "units",                      \
			 "systemd units of the processes that hold it", .own = owners_put_units,   \
			 .want = INSPECT_WANT_OWNERS | INSPECT_WANT_OWNER_DETAILS,                 \
			 .flags = FIELD_CELL),                                                     \
		FIELD_AS(FIELD_OWN, (known) | (found), type, owners, "containers",                 \
			 "ids of the containers of these processes", .own = owners_put_containers, \
			 .want = INSPECT_WANT_OWNERS | INSPECT_WANT_OWNER_DETAILS,                 \
			 .flags = FIELD_CELL)

/* A line; there is at least one owner. */
void owners_plain(struct out *out, const struct inspect_owners *owners);

/* What a cgroup's path tells: where it begins and its length, or NULL. */
const char *owners_find_unit(const char *cgroup, size_t *size);
const char *owners_find_container(const char *cgroup, size_t *size);

#endif
