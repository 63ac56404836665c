/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.h - the elements of maps to a sink
 */
#ifndef VALUE_PRINT_H
#define VALUE_PRINT_H

#include "records/print.h"

extern const struct schema elem_schema, elem_count_schema, next_key_schema, filled_schema;

struct print_elems {
	unsigned long long limit; /* 0: no limit */
	bool count_only;
	bool is_typed; /* a map without BTF borrows types in bpftool's forms too */
	void (*note)(void *context, const char *text); /* what is to be told beside the output */
	void (*fail)(void *context, const struct inspect_error *error); /* one of several maps */
	void *context;
};

struct elem_shape;

/* Puts elements into a sink, those of one map after those of another. */
struct elem_printer {
	struct inspect *inspect;
	struct sink *sink;
	const struct print_elems *how;
	struct printer printer;
	bool has_list;
	bool has_read_types;	  /* of the map that is opened next */
	bool is_document;	  /* SINK_PLAIN: elements are JSON */
	struct elem_shape *shape; /* of the map that is open, with its types; NULL: as bytes */
};

/*
 * For one element that a command looked up:
 *
 *	elem_printer_init(&printer, inspect, sink, &how, err)
 *	print_elem_open(&printer, map, false, err)
 *	print_elem(&printer, &elem)          one record; in the strict forms in a list
 *	print_elem_close(&printer)
 *
 * @how is borrowed; its limit means nothing here. From print_elem_open() to print_elem_close() nobody
 * else may ask @inspect for BTF. @is_list: a list of elements is to come, and not one. Failing to
 * find or to understand the types is no failure: bytes are shown, and a note says why.
 * print_elem_prepare() may come before print_elem_open() and does of it what can fail; then too
 * print_elem_close() ends it.
 */
int elem_printer_init(struct elem_printer *printer, struct inspect *inspect, struct sink *sink,
		      const struct print_elems *how, struct inspect_error *err);
int print_elem_prepare(struct elem_printer *printer, const struct inspect_map *map,
		       struct inspect_error *err);
int print_elem_open(struct elem_printer *printer, const struct inspect_map *map, bool is_list,
		    struct inspect_error *err);
void print_elem(struct elem_printer *printer, const struct inspect_elem *elem);
void print_elem_close(struct elem_printer *printer);

/* Prints every object of @ref, as print_list() does, with what takes the types of values. */
int print_objects(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		  unsigned without, struct inspect_error *err);

/*
 * Prints the elements of every map of @ref, or how many there are.
 * Returns 0, 1 when a value could not be read, or a negative errno.
 */
int print_elems(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		const struct print_elems *how, struct inspect_error *err);

/*
 * Print one element: the one with the key in @words (a bloom filter is asked for a value instead), or
 * the next of a queue or a stack, which print_pop() takes out. Return 0, 1 when there is none, or a
 * negative errno.
 */
int print_lookup(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		 const struct inspect_words *words, const struct inspect_note *note,
		 struct inspect_error *err);
int print_pop(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	      const struct inspect_words *words, const struct inspect_note *note,
	      struct inspect_error *err);

/* "from FILE [any|exist|noexist]": puts the elements of a file into the map, and prints how many. */
bool print_fill_begins(const struct inspect_words *words);
int print_fill(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	       const struct inspect_words *words, const struct inspect_note *note,
	       struct inspect_error *err);

/* Prints the key that comes after the one in @words, or the first one. */
int print_next_key(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		   const struct inspect_words *words, const struct inspect_note *note,
		   struct inspect_error *err);

extern const struct schema struct_ops_dump_schema;

/*
 * Print the struct_ops maps of @ref, or also all that is in them. Return 0, 1 when one could not be read, or a
 * negative errno.
 */
int print_struct_ops(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		     struct inspect_error *err);
int print_struct_ops_dump(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
			  struct inspect_error *err);

#endif
