/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.h - records to a sink, by their field tables
 *
 * A record is described once: its JSON keys, columns, schema and help all come from its table. Only
 * a plain layout that bpftool gave the world is a function beside it.
 */
#ifndef RECORDS_PRINT_H
#define RECORDS_PRINT_H

#include <stddef.h>

#include "inspect.h"
#include "kernel/names.h"
#include "out/sink.h"

enum field_kind {
	FIELD_U32,
	FIELD_U64,
	FIELD_S32,
	FIELD_BOOL,
	FIELD_CHARS,   /* a char array; empty is absent */
	FIELD_STRING,  /* a pointer to text; NULL is absent */
	FIELD_BYTES,   /* struct inspect_bytes */
	FIELD_IDS,     /* struct inspect_ids */
	FIELD_STRINGS, /* struct inspect_strings */
	FIELD_TAG,     /* eight bytes, always one hexadecimal text */
	FIELD_ENUM,    /* an unsigned with a name; the number where it has none */
	FIELD_TIME,    /* an unsigned long long: seconds since 1970 */
	FIELD_OWN,     /* put out by a function; its shape says what that puts */
};

enum field_flag {
	FIELD_STRICT = 1,     /* not in bpftool's JSON */
	FIELD_AS_NUMBER = 2,  /* there a yes or no is 1 or 0 */
	FIELD_COMPATIBLE = 4, /* only there */
	FIELD_DOCUMENT = 8,   /* no column */
	FIELD_CELL = 16,      /* only a column */
	FIELD_OPTIONAL = 32,  /* text that may be NULL */
};

struct field {
	const char *key;    /* JSON key: a contract */
	const char *column; /* a shorter name for the column, or NULL */
	const char *help;
	void (*own)(struct sink *sink, const char *key, const void *member);
	size_t offset;
	unsigned has;		 /* the bit that says it is known, or 0 */
	unsigned compatible_has; /* one more that bpftool's JSON asks for */
	unsigned want;		 /* what reading it costs: INSPECT_WANT_ bits */
	unsigned strict_want;	 /* what the strict form shows of it beyond that */
	enum field_kind kind;
	unsigned flags;
	enum names_set names;
	size_t name_at;	   /* FIELD_ENUM: offset of the name that was found when it was read */
	const char *shape; /* FIELD_OWN: what its function puts in the strict forms, see below */
};

/*
 * The shape of a value, in a few words:
 *
 *	u32, u64, s32, s64	whole numbers
 *	bool, text
 *	hex		bytes, two hexadecimal digits each; tag: eight bytes
 *	any		whatever the types of the object make of it
 *	hex|null	that, or null
 *	[u32]		a list of such
 *	{id:u32,why?:text}	a record; what has a ? may be absent
 *
 * A ? at the end says that the function may put nothing.
 */
const char *field_shape(const struct field *field);

struct schema {
	const char *name;
	const struct field *fields;
	size_t n;
	const char *columns; /* those shown when none are asked for */
	void (*plain)(struct out *out, const void *record);
	ptrdiff_t have_at;   /* offset of the unsigned with the bits, or -1 */
	ptrdiff_t failed_at; /* offset of the int that says why nothing is known, or -1 */
	ptrdiff_t id_at;     /* offset of the id that a failed record still has */
};

/* The kind of a plain member, from its C type. */
#define FIELD_KIND(type, member)                                                                   \
	_Generic(&((type *)0)->member,                                                             \
		unsigned *: FIELD_U32,                                                             \
		unsigned long long *: FIELD_U64,                                                   \
		int *: FIELD_S32,                                                                  \
		bool *: FIELD_BOOL,                                                                \
		char **: FIELD_STRING,                                                             \
		const char **: FIELD_STRING,                                                       \
		struct inspect_bytes *: FIELD_BYTES,                                               \
		struct inspect_ids *: FIELD_IDS,                                                   \
		struct inspect_strings *: FIELD_STRINGS,                                                   \
		unsigned char(*)[8]: FIELD_TAG,                                                    \
		char(*)[sizeof(((type *)0)->member)]: FIELD_CHARS)

#define FIELD(type, member, json, text, ...)                                                       \
	{                                                                                          \
		.key = (json), .help = (text), .offset = offsetof(type, member),                   \
		.kind = FIELD_KIND(type, member), __VA_ARGS__                                      \
	}
#define FIELD_IF(bit, type, member, json, text, ...)                                               \
	FIELD(type, member, json, text, .has = (bit), __VA_ARGS__)
/* A member whose C type does not tell its kind: FIELD_ENUM, FIELD_TIME, FIELD_OWN. */
#define FIELD_AS(as, bit, type, member, json, text, ...)                                           \
	{                                                                                          \
		.key = (json), .help = (text), .offset = offsetof(type, member), .kind = (as),     \
		.has = (bit), __VA_ARGS__                                                          \
	}

/*
 * What a program says of itself, or a link of a type that this build does not know. Reading it takes the types
 * of values, which another room knows: it brings the functions that show it.
 */
struct inspect_metadata {
	void (*put)(const struct inspect_metadata *metadata, struct sink *sink, const char *key);
	void (*plain)(const struct inspect_metadata *metadata, struct out *out);
	void (*done)(struct inspect_metadata *metadata);
};

/* Beside the INSPECT_WANT_ bits: what no list reads, but print_list()'s @read_more. */
#define PRINT_WANT_METADATA (1u << 31)
#define PRINT_WANT_LINK_DETAILS (1u << 30)

#define PRINT_COLUMNS 48

/* Puts records of one schema into a sink. */
struct printer {
	struct sink *sink;
	const struct schema *schema;
	unsigned want; /* what the fields that will be shown cost */
	size_t n;
	unsigned char columns[PRINT_COLUMNS];
};

/*
 * Finds the columns that were asked for: 0, or -INSPECT_EUSAGE where there is no such column.
 */
int print_init(struct printer *printer, struct sink *sink, const struct schema *schema,
	       struct inspect_error *err);

/* FIELD_OWN of a struct inspect_ids: where there are none the list is there, and empty. */
void print_ids_or_none(struct sink *sink, const char *key, const void *member);

/* Opens the list that the records stand in; bpftool's JSON has none around a single match. */
void print_open(struct printer *printer, bool is_single);
void print_record(struct printer *printer, const void *record);
void print_close(struct printer *printer, bool is_single);

/* Puts the fields up to the one with the key @last (NULL: all) into the record that is open. */
void print_fields(struct sink *sink, const struct schema *schema, const void *record,
		  const char *last);

/*
 * Prints every object of @ref, as its kind's schema has them. @without: INSPECT_WANT_ bits of what
 * is not to be read. @read_more reads what is wanted beyond that of a record before it is printed; or
 * NULL.
 * Returns 0, 1 when an object could not be read, or a negative errno.
 */
int print_list(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	       unsigned without,
	       void (*read_more)(struct inspect *inspect, unsigned want, void *record),
	       struct inspect_error *err);

/* Puts what a schema's table says of it, for pages and JSON Schemas. */
void print_schema(struct sink *sink, const char *key, const struct schema *schema);

extern const struct schema prog_schema, map_schema, link_schema, btf_schema, btf_type_schema;

/* Which types are to be printed. */
struct print_btf {
	const struct inspect_btf_spec *spec;
	const unsigned *root_ids; /* these alone; of none, all */
	unsigned n_root_ids;
	const char *
		name; /* of all, only those whose name fits the glob, and what they need; or NULL */
	bool is_c;    /* as a C header, rather than in the raw form */
	bool is_unsorted;  /* the header: by id */
	const char *guard; /* its macro, or NULL: see btf/c.h */
	const struct inspect_note *note;
};

/*
 * Prints types in the raw form, one after another, and memory goes with the source alone; or as a C
 * header, which only plain output can hold.
 * Returns 0, -EINVAL where a kind stands that is not known, after what stands before it, or another
 * negative error.
 */
int print_btf(struct inspect *inspect, struct sink *sink, const struct print_btf *how,
	      struct inspect_error *err);
/* The line that stands in front of a program's instructions when several programs are dumped. */
void print_prog_header(struct out *out, const struct inspect_prog *prog);

extern const struct schema btf_found_schema, btf_difference_schema;

/*
 * Prints where types are, and what they look like. Returns 0, 1 when some source could not be read, -ENOENT when
 * nothing is found, or another negative error.
 */
int print_btf_found(struct inspect *inspect, struct sink *sink, const struct inspect_btf_find *find,
		    const struct inspect_note *note, struct inspect_error *err);

/* Prints which types differ. Returns 0, 1 when some do and @is_check, or a negative error. */
int print_btf_differences(struct inspect *inspect, struct sink *sink,
			  const struct inspect_btf_diff *diff, const struct inspect_note *note,
			  struct inspect_error *err);

/* A run of a program on what is in files; "-" is standard input, or a place in the document. */
struct print_run {
	const struct inspect_ref *prog;
	const char *data_in, *data_out; /* or NULL */
	const char *ctx_in, *ctx_out;
	struct inspect_run run; /* the rest of what is asked for */
};

extern const struct schema run_schema;

/*
 * Runs a program and prints what came of it; files are written whole or not at all. 0 or a negative error, also where
 * only a file could not be written.
 */
int print_run(struct inspect *inspect, struct sink *sink, const struct print_run *how,
	      struct inspect_error *err);

extern const struct schema trace_schema, stream_schema;

struct inspect_until;

/*
 * Prints the kernel's trace as it comes, until the caller wants an end, or there is no more. @no_mount: fail where tracefs
 * is mounted nowhere.
 */
int print_trace(struct inspect *inspect, struct sink *sink, bool no_mount,
		const struct inspect_until *until, const struct inspect_note *note,
		struct inspect_error *err);

/* What a program writes to a stream of its own. */
struct print_stream {
	const struct inspect_ref *prog;
	bool is_error;	   /* its standard error */
	bool goes_on;	   /* wait for more where it is empty */
	struct out *plain; /* where the text goes in SINK_PLAIN */
	const struct inspect_until *until;
};

int print_stream(struct inspect *inspect, struct sink *sink, const struct print_stream *how,
		 struct inspect_error *err);

extern const struct schema token_schema, struct_ops_schema;

/* Prints what each mount of a BPF file system delegates: 0 or a negative error. */
int print_tokens(struct inspect *inspect, struct sink *sink, struct inspect_error *err);

extern const struct schema pin_schema, unpinned_schema;

/*
 * Prints what is pinned, at or below @below or everywhere. Returns 0, 1 when something could not be read, or a
 * negative error.
 */
int print_pins(struct inspect *inspect, struct sink *sink, const char *below,
	       struct inspect_error *err);

/* Removes pins and prints them; one alone stands by itself in bpftool's JSON. Returns 0 or a negative error. */
int print_unpin(struct inspect *inspect, struct sink *sink, const struct inspect_unpin *how,
		struct inspect_error *err);

/* The line that stands in front of a map's elements when several maps are dumped. */
void print_map_header(struct out *out, const struct inspect_map *map);

#endif
