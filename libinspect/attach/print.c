/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.c - what keeps programs attached, to a sink
 */
#include "attach/print.h"

#define A struct inspect_attachment

static const struct field attachment_fields[] = {
	FIELD_IF(INSPECT_ATTACHMENT_HAS_LINK, A, link_id, "link_id",
		 "the link; a kernel that makes none of this hook has none to show"),
	FIELD(A, prog_id, "prog_id", "the program"),
	FIELD(A, hook, "hook", "where it is attached"),
	FIELD(A, target, "target",
	      "what of that, as it was typed; empty where there is nothing to say"),
	FIELD_IF(INSPECT_ATTACHMENT_HAS_PIN, A, pinned, "pinned", "where the link is pinned"),
	FIELD(A, is_held, "held", "is it held by this command alone, and ends with it?"),
};

static void attachment_plain(struct out *out, const void *record)
{
	const struct inspect_attachment *made = record;
	bool has_link = made->have & INSPECT_ATTACHMENT_HAS_LINK;

	if (!made->is_held)
		return;
	out_if(out, has_link, "link %u: ", made->link_id);
	out_if(out, !has_link, "no link: ");
	out_fmt(out, "prog %u attached to %s", made->prog_id, made->hook);
	out_if(out, *made->target, " %s", made->target);
	out_fmt(out, "; Ctrl-C detaches it\n");
}

const struct schema attachment_schema = {
	.name = "attachment",
	.fields = attachment_fields,
	.n = sizeof(attachment_fields) / sizeof(*attachment_fields),
	.columns = "link_id,prog_id,hook,target,pinned,held",
	.plain = attachment_plain,
	.have_at = offsetof(A, have),
	.failed_at = -1,
};

int print_attachments(struct sink *sink, const struct inspect_attachments *attachments,
		      struct inspect_error *err)
{
	struct printer printer;
	bool is_single = attachments->n == 1;
	bool is_old = is_single && !attachments->attachments[0].have &&
		      !attachments->attachments[0].is_held;

	int r = print_init(&printer, sink, &attachment_schema, err);
	if (r < 0 || !attachments->n)
		return r;
	if (is_old && sink->form == SINK_JSON)
		return 0; /* without a link, as bpftool attaches and says null */
	print_open(&printer, is_single);
	for (unsigned i = 0; i < attachments->n; i++)
		print_record(&printer, &attachments->attachments[i]);
	return 0;
}
