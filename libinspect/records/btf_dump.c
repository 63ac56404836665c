/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_dump.c - the types of a source, one after another
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "btf/c.h"
#include "btf/closure.h"
#include "btf/index.h"
#include "records/btf_source.h"
#include "records/btf_types.h"
#include "records/print.h"

static void put_type(struct printer *printer, const struct btf_reader *btf, uint32_t id)
{
	struct type_record record;

	if (type_record_read(btf, id, &record))
		print_record(printer, &record);
}

/* All of the source's own types, or those that were chosen. */
static void put_types(struct printer *printer, const struct btf_source *source, const unsigned *ids,
		      unsigned n)
{
	const struct btf_reader *btf = source->btf;

	for (unsigned i = 0; i < n && !sink_error(printer->sink); i++)
		put_type(printer, btf, ids[i]);
	for (uint32_t id = btf->first_id; !n && id < btf_count(btf) && !sink_error(printer->sink);
	     id++)
		put_type(printer, btf, id);
}

static int fail_stopped(const struct btf_reader *btf, struct inspect_error *err)
{
	inspect_fail(err, EINVAL, "type %u: kind %u is not known, nor how long it is",
		     btf_count(btf), btf->stopped_kind);
	return inspect_hint(err, "the types before it are shown, those behind it cannot be found");
}

static int check_ids(const struct btf_reader *btf, const unsigned *ids, unsigned n,
		     struct inspect_error *err)
{
	for (unsigned i = 0; i < n; i++) {
		if (ids[i] < btf_count(btf))
			continue;
		inspect_fail(err, INSPECT_EUSAGE, "invalid root ID: %u", ids[i]);
		return inspect_hint(err, "ids go from %u to %u", btf->first_id, btf_count(btf) - 1);
	}
	return 0;
}

static int put_raw(struct sink *sink, const struct btf_source *source, const unsigned *ids,
		   unsigned n, struct inspect_error *err)
{
	bool is_compatible = sink_is_compatible(sink);
	struct printer printer;

	int r = print_init(&printer, sink, &btf_type_schema, err);
	if (r < 0)
		return r;
	if (is_compatible)
		sink_open_record(sink, NULL);
	sink_open_list(sink, is_compatible ? "types" : NULL);
	put_types(&printer, source, ids, n);
	sink_close(sink);
	return !n && source->btf->stopped_kind ? fail_stopped(source->btf, err) : 0;
}

static int put_c(struct sink *sink, const struct btf_source *source, const unsigned *ids,
		 unsigned n, const struct print_btf *how, struct inspect_error *err)
{
	const struct btf_c_options options = {
		.is_unsorted = how->is_unsorted,
		.roots = n ? ids : NULL,
		.n_roots = n,
		.guard = how->guard,
	};

	int r = btf_c_print(sink->out, source->btf, &options, how->note, err);
	if (r < 0)
		return r;
	return !n && source->btf->stopped_kind ? fail_stopped(source->btf, err) : 0;
}

static int check_form(const struct sink *sink, const struct print_btf *how,
		      struct inspect_error *err)
{
	if (how->is_c && sink->form != SINK_PLAIN) {
		inspect_fail(err, ENOTSUP, "%s output for C-syntax dump is not supported",
			     sink_is_text(sink) ? "table" : "JSON");
		return inspect_hint(err, "leave out -j, -p and -o");
	}
	if (how->guard && !how->is_c)
		return inspect_fail(err, INSPECT_EUSAGE, "guard: wants format c");
	return 0;
}

static int print_types(struct sink *sink, const struct btf_source *source, const unsigned *ids,
		       unsigned n, const struct print_btf *how, struct inspect_error *err)
{
	return how->is_c ? put_c(sink, source, ids, n, how, err)
			 : put_raw(sink, source, ids, n, err);
}

static int fail_name(const struct btf_source *source, const char *name, struct inspect_error *err)
{
	const char *nearest = btf_nearest_name(source->btf, name, false);

	inspect_fail(err, ENOENT, "type name %s", name);
	return nearest ? inspect_hint(err, "did you mean '%s'?", nearest) : -ENOENT;
}

/*
 * The types of that name, and in the raw form all that they refer to, so that no id is mentioned that is not
 * there. What a header needs of them is known to whoever writes it.
 */
static int print_named(struct sink *sink, const struct btf_source *source,
		       const struct print_btf *how, struct inspect_error *err)
{
	AUTO(btf_set_done) struct btf_set set = { 0 };
	autofree uint32_t *ids = NULL;
	uint32_t n = 0;

	int r = btf_set_init(&set, source->btf, err);
	if (r < 0)
		return r;
	if (!btf_set_add_names(&set, source->btf, how->name))
		return fail_name(source, how->name, err);
	r = how->is_c ? 0 : btf_close(&set, source->btf, err);
	if (r >= 0)
		r = btf_set_ids(&set, &ids, &n, err);
	return r < 0 ? r : print_types(sink, source, ids, n, how, err);
}

static int check_choice(const struct print_btf *how, struct inspect_error *err)
{
	bool has_part = how->spec->by == INSPECT_BTF_BY_MAP && how->spec->part != INSPECT_BTF_ALL;

	if (how->n_root_ids && has_part)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "cannot use root_id with other type filtering");
	if (how->name && how->n_root_ids)
		return inspect_fail(err, INSPECT_EUSAGE, "root_id and name exclude each other");
	return 0;
}

int print_btf(struct inspect *inspect, struct sink *sink, const struct print_btf *how,
	      struct inspect_error *err)
{
	AUTO(btf_source_close) struct btf_source source = { 0 };

	int r = check_choice(how, err);
	if (r >= 0)
		r = check_form(sink, how, err);
	if (r < 0)
		return r;
	r = btf_source_open(&source, inspect, how->spec, how->note, err);
	if (r < 0)
		return r;
	if (how->name)
		return print_named(sink, &source, how, err);

	const unsigned *ids = source.has_roots ? source.roots : how->root_ids;
	unsigned n = source.has_roots ? source.n_roots : how->n_root_ids;
	r = check_ids(source.btf, ids, n, err);
	return r < 0 ? r : print_types(sink, &source, ids, n, how, err);
}
