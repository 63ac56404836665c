/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pinned.h - what is on a BPF file system, as a record
 */
#ifndef RECORDS_PINNED_H
#define RECORDS_PINNED_H

#include "kernel/mounts.h"
#include "records/kind.h"
#include "records/print.h"

/* Reads what an entry is. @room holds the texts of *out. False: it is gone. */
bool pinned_read(struct inspect *inspect, const struct mounts_entry *entry, union record *room,
		 struct inspect_pinned *out);
void pinned_done(const struct inspect_pinned *pinned, union record *room);

/* For field tables. */
void pinned_put_error(struct sink *sink, const char *key, const void *member);

/* "map 12 (hash name foo)", or what else it is. */
void pinned_plain(struct out *out, const struct inspect_pinned *pinned);

/* The rows of a field table for the members of a struct inspect_pinned; @at is where in the record: "pin." or nothing. */
#define PINNED_FIELDS(type_, at)                                                                   \
	FIELD(type_, at path, "path", "where it is"),                                              \
		FIELD(type_, at what, "kind",                                                      \
		      "prog, map or link; symlink, directory, or unknown"),                        \
		FIELD_IF(INSPECT_PINNED_HAS_OBJECT, type_, at id, "id", "id of the object"),       \
		FIELD_IF(INSPECT_PINNED_HAS_TYPE_NAME, type_, at type_name, "type",                \
			 "its type, where that has a name"),                                       \
		FIELD_IF(INSPECT_PINNED_HAS_OBJECT, type_, at type, "type_id",                     \
			 "its type, the kernel's number"),                                         \
		FIELD_IF(INSPECT_PINNED_HAS_NAME, type_, at name, "name",                          \
			 "its name, where it has one"),                                            \
		FIELD_AS(FIELD_OWN, INSPECT_PINNED_HAS_ERROR, type_, at error, "error",            \
			 "why it could not be read", .own = pinned_put_error, .shape = "text")

#endif
