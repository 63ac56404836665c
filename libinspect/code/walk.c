/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * walk.c - the code of all programs that a reference means, one after the other
 */
#include "code/walk.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"

static int read_image(struct walk *walk, const struct inspect_prog *prog, struct image *image,
		      struct inspect_error *err)
{
	if (prog->failed)
		return inspect_fail(err, prog->failed, "prog %u: open", prog->id);
	return walk->ops->read(walk->inspect, prog, image, err);
}

const struct btf_reader *walk_types(struct inspect *inspect, const struct image *image,
				    const struct inspect_note *note)
{
	const struct btf_reader *btf =
		image->btf_id ? inspect_btf_cached(inspect, image->btf_id) : NULL;

	if (image->btf_id && !btf)
		note_tell(note,
			  "prog %u: its types could not be read: no prototypes and source lines",
			  image->prog_id);
	return btf;
}

/* Makes ready for printing an image, which stays the caller's. */
static int begin_image(struct walk *walk, const struct image *image,
		       const struct inspect_prog *prog, struct inspect_error *err)
{
	const struct btf_reader *btf = walk_types(walk->inspect, image, walk->how->note);

	if (walk->ops->want(walk, image) || walk->ops->begin(walk, image, prog, btf))
		return inspect_fail(err, ENOMEM, "prog %u", image->prog_id);
	return 0;
}

/* What stands in front of one program's code, where several are dumped as bpftool does it. */
static bool open_frame(struct walk *walk, const struct inspect_prog *prog)
{
	if (!walk->is_single && walk->sink->form == SINK_PLAIN) {
		if (walk->n_progs)
			out_char(walk->sink->out, '\n');
		print_prog_header(walk->sink->out, prog);
	}
	walk->n_progs++;
	if (walk->is_single || !sink_is_compatible(walk->sink))
		return false;
	sink_open_record(walk->sink, NULL);
	print_fields(walk->sink, &prog_schema, prog, "recursion_misses");
	sink_open_list(walk->sink, "insns");
	return true;
}

static void tell_failure(struct walk *walk, const struct inspect_error *err)
{
	walk->some_failed = true;
	if (walk->how->fail)
		walk->how->fail(walk->how->context, err);
}

static int walk_prog(struct walk *walk, const struct inspect_prog *prog, struct inspect_error *err)
{
	AUTO(image_done) struct image image = { 0 };
	int failed = 0;

	int r = read_image(walk, prog, &image, err);
	if (!r)
		r = begin_image(walk, &image, prog, err);
	if (r < 0 && walk->is_single)
		return r;
	if (walk->is_single)
		print_open(&walk->printer, false);
	bool has_frame = open_frame(walk, prog);
	if (!r)
		failed = walk->ops->print(walk);
	else
		tell_failure(walk, err);
	if (has_frame) {
		sink_close(walk->sink);
		sink_close(walk->sink);
	}
	if (walk->is_single)
		print_close(&walk->printer, false);
	return failed ? inspect_fail(err, -failed, "prog %u", prog->id) : 0;
}

/* Asks for the names that several programs need. */
static int want_all(struct walk *walk, const struct inspect_ref *ref, struct inspect_error *err)
{
	struct inspect_list *list;
	struct inspect_prog prog;

	int r = inspect_list_new(walk->inspect, ref, INSPECT_WANT_FD, &list, err);
	if (r < 0)
		return r;
	while (!r && inspect_list_next(list, &prog, NULL) > 0) {
		struct image image = { 0 };

		if (!read_image(walk, &prog, &image, NULL) && walk->ops->want(walk, &image))
			r = inspect_fail(err, ENOMEM, "prog %u", prog.id);
		image_done(&image);
		inspect_prog_done(&prog);
	}
	inspect_list_free(list);
	return r;
}

static int walk_all(struct walk *walk, struct inspect_list *list, struct inspect_error *err)
{
	struct inspect_prog prog;
	int r;

	if (!walk->is_single)
		print_open(&walk->printer, false);
	while ((r = inspect_list_next(list, &prog, err)) > 0) {
		r = walk_prog(walk, &prog, err);
		inspect_prog_done(&prog);
		if (r < 0 || sink_error(walk->sink))
			break;
	}
	if (!walk->is_single)
		print_close(&walk->printer, false);
	return r < 0 ? r : 0;
}

int walk_run(struct walk *walk, const struct inspect_ref *ref, struct inspect_error *err)
{
	struct inspect_list *list;

	int r = print_init(&walk->printer, walk->sink, walk->ops->schema, err);
	if (r < 0)
		return r;
	r = inspect_list_new(walk->inspect, ref, INSPECT_WANT_FD | INSPECT_WANT_FULL_NAME, &list,
			     err);
	if (r < 0)
		return r;
	walk->is_single = inspect_list_is_single(list);
	if (!walk->is_single)
		r = want_all(walk, ref, err);
	if (!r)
		r = walk_all(walk, list, err);
	inspect_list_free(list);
	return r < 0 ? r : walk->some_failed;
}
