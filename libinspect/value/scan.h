/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * scan.h - the records in a file of JSON, one after the other
 *
 * The file is a list of records, or records that follow each other, a line each. Only where each of
 * them ends is found here; that it is JSON is for its reader to find out. No more than one record is in
 * memory, and a record has a limit.
 */
#ifndef VALUE_SCAN_H
#define VALUE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "inspect.h"

enum scan_where {
	SCAN_START,
	SCAN_LIST,  /* in the list, behind a record */
	SCAN_LINES, /* records follow each other */
	SCAN_OVER,
};

/* Zeroed but for @fd and @limit, it is at the start. */
struct scan {
	int fd;	      /* borrowed */
	size_t limit; /* bytes that a record may have */
	char *bytes;
	size_t room;
	size_t fill;
	size_t start; /* of the record at hand */
	size_t at;    /* where to go on */
	bool is_at_end;
	enum scan_where where;
	unsigned long long line; /* line breaks in front of @at */
	unsigned long long n;	 /* records so far */
	unsigned long long list_line;
};

/* A record; its text is valid until the next one is asked for. Both numbers begin at 1. */
struct scan_record {
	const char *text;
	size_t size;
	unsigned long long number;
	unsigned long long line; /* on which it begins */
};

/* 1 with a record, 0 at the end, or a negative error whose words begin with the line. */
int scan_next(struct scan *scan, struct scan_record *out, struct inspect_error *err);
void scan_done(struct scan *scan);

#endif
