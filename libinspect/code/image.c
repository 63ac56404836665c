/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * image.c - what the kernel gives of a loaded program's code
 *
 * The first call tells how much there is of everything, the second one copies it. What is withheld comes
 * in two ways: a length of 0 from a user without rights, a pointer of 0 where addresses would show.
 */
#include "code/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

void image_done(struct image *image)
{
	free(image->insns);
	free(image->funcs);
	free(image->lines);
	free(image->tags);
	free(image->addresses);
	free(image->starts);
	*image = (struct image){ 0 };
}

struct insn_stream image_stream(const struct image *image)
{
	struct insn_stream stream = insn_stream_of(image->insns, image->size);

	stream.is_jited = image->is_jited;
	if (image->is_hidden)
		return stream; /* calls do not tell which of the starts they mean */
	stream.starts = image->starts;
	stream.n_starts = image->n_funcs;
	return stream;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Room for @n records: where they are shorter than what is known of them, for none. */
static void *room_for(uint32_t *n, uint32_t record_bytes, size_t known_bytes)
{
	if (record_bytes < known_bytes)
		*n = 0;
	return calloc((size_t)*n + 1, record_bytes > known_bytes ? record_bytes : known_bytes);
}

/* The parts of records that are known, one behind the other; @bytes holds longer ones. */
static void close_up(void *bytes, uint32_t n, uint32_t record_bytes, size_t known_bytes)
{
	for (uint32_t i = 0; i < n; i++)
		memmove((char *)bytes + i * known_bytes, (char *)bytes + (size_t)i * record_bytes,
			known_bytes);
}

/* Makes room for what there is, and says so in @ask. Members that the kernel may not know stay zero. */
static int ask_for(struct image *image, const struct abi_prog_info *info, struct abi_prog_info *ask)
{
	*ask = (struct abi_prog_info){
		.xlated_prog_len = info->xlated_prog_len,
		.nr_func_info = info->nr_func_info,
		.func_info_rec_size = info->nr_func_info ? info->func_info_rec_size : 0,
		.nr_line_info = info->nr_line_info,
		.line_info_rec_size = info->nr_line_info ? info->line_info_rec_size : 0,
		.nr_jited_ksyms = info->nr_jited_ksyms,
		.nr_prog_tags = info->nr_prog_tags,
	};
	image->insns = calloc(1, (size_t)ask->xlated_prog_len + 1);
	image->funcs =
		room_for(&ask->nr_func_info, info->func_info_rec_size, sizeof(*image->funcs));
	image->lines =
		room_for(&ask->nr_line_info, info->line_info_rec_size, sizeof(*image->lines));
	image->addresses = calloc((size_t)ask->nr_jited_ksyms + 1, sizeof(*image->addresses));
	image->tags = calloc((size_t)ask->nr_prog_tags + 1, sizeof(*image->tags));
	if (!image->insns || !image->funcs || !image->lines || !image->addresses || !image->tags)
		return -ENOMEM;
	ask->xlated_prog_insns = (uint64_t)(uintptr_t)image->insns;
	ask->func_info = ask->nr_func_info ? (uint64_t)(uintptr_t)image->funcs : 0;
	ask->line_info = ask->nr_line_info ? (uint64_t)(uintptr_t)image->lines : 0;
	ask->jited_ksyms = ask->nr_jited_ksyms ? (uint64_t)(uintptr_t)image->addresses : 0;
	ask->prog_tags = ask->nr_prog_tags ? (uint64_t)(uintptr_t)image->tags : 0;
	return 0;
}

static int take_starts(struct image *image)
{
	image->starts = calloc((size_t)image->n_funcs + 1, sizeof(*image->starts));
	if (!image->starts)
		return -ENOMEM;
	for (uint32_t i = 0; i < image->n_funcs; i++)
		image->starts[i] = image->funcs[i].insn_off;
	return 0;
}

/* @asked: with room for so much; @got: how much there is now. */
static int take(struct image *image, const struct abi_prog_info *asked,
		const struct abi_prog_info *got)
{
	image->size = least(asked->xlated_prog_len, got->xlated_prog_len);
	image->n_funcs = least(asked->nr_func_info, got->nr_func_info);
	image->n_lines = least(asked->nr_line_info, got->nr_line_info);
	image->n_addresses = least(asked->nr_jited_ksyms, got->nr_jited_ksyms);
	image->n_tags = least(asked->nr_prog_tags, got->nr_prog_tags);
	image->is_hidden = asked->jited_ksyms && !got->jited_ksyms;
	if (image->is_hidden)
		image->n_addresses = 0;
	close_up(image->funcs, image->n_funcs, asked->func_info_rec_size, sizeof(*image->funcs));
	close_up(image->lines, image->n_lines, asked->line_info_rec_size, sizeof(*image->lines));
	return take_starts(image);
}

static int fail_blinded(uint32_t id, struct inspect_error *err)
{
	inspect_fail(err, EPERM, "prog %u: read instructions", id);
	return inspect_hint(err,
			    "the kernel blinds this program's constants (net.core.bpf_jit_harden) "
			    "and withholds it where kernel.kptr_restrict hides addresses: "
			    "CAP_SYSLOG is needed, or kernel.kptr_restrict 0");
}

static int read_image(struct inspect *inspect, int fd, struct image *image,
		      struct inspect_error *err)
{
	struct abi_prog_info info = { 0 }, ask, got;
	uint32_t length = sizeof(info), id = image->prog_id;

	int r = sys_info(&inspect->sys, fd, &info, &length);
	if (r < 0)
		return inspect_fail(err, -r, "prog %u: read info", id);
	if (!info.xlated_prog_len) {
		inspect_fail(err, EPERM, "prog %u: read instructions", id);
		return inspect_hint(err, "the kernel gives them to CAP_BPF or CAP_SYS_ADMIN alone");
	}
	image->btf_id = info.btf_id;
	image->is_jited = info.jited_prog_len;
	if (ask_for(image, &info, &ask))
		return inspect_fail(err, ENOMEM, "prog %u", id);
	got = ask;
	length = sizeof(got);
	r = sys_info(&inspect->sys, fd, &got, &length);
	if (r < 0)
		return inspect_fail(err, -r, "prog %u: read instructions", id);
	if (!got.xlated_prog_insns)
		return fail_blinded(id, err);
	return take(image, &ask, &got) ? inspect_fail(err, ENOMEM, "prog %u", id) : 0;
}

int image_read(struct inspect *inspect, const struct inspect_prog *prog, struct image *out,
	       struct inspect_error *err)
{
	AUTO(image_done) struct image image = { .prog_id = prog->id };

	int r = read_image(inspect, prog->fd, &image, err);
	if (r < 0)
		return r;
	*out = image;
	image = (struct image){ 0 };
	return 0;
}
