/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * attach.c - a loaded program to a hook
 *
 * All or nothing: what can be found wrong is looked for before the program is attached, and what was attached goes with
 * its descriptors when something fails behind that.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/hook.h"
#include "attach/names.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "records/one.h"

void inspect_attachments_done(struct inspect_attachments *attachments)
{
	for (unsigned i = 0; i < attachments->n; i++) {
		close_fd(attachments->attachments[i].fd);
		free(attachments->attachments[i].target);
	}
	free(attachments->attachments);
	*attachments = (struct inspect_attachments){ 0 };
}

static void job_done(struct attach_job *job)
{
	inspect_prog_done(&job->prog);
}

char *attach_target_text(const struct attach_job *job)
{
	AUTO(buf_done) struct buf text = { 0 };

	for (size_t i = 0; i < job->targets.n; i++) {
		if (i)
			buf_add_char(&text, ' ');
		buf_add_text(&text, job->targets.words[i]);
	}
	buf_add_char(&text, '\0');
	return buf_failed(&text) ? NULL : take_ptr(&text.bytes);
}

static int read_link_id(const struct attach_job *job, struct inspect_attachment *made,
			struct inspect_error *err)
{
	struct abi_link_info info = { 0 };
	uint32_t length = sizeof(info);

	int r = sys_info(&job->inspect->sys, made->fd, &info, &length);
	if (r < 0)
		return inspect_fail(err, -r, "%s: read the new link's info", job->hook->name);
	made->have |= INSPECT_ATTACHMENT_HAS_LINK;
	made->link_id = info.id;
	return 0;
}

int attach_keep(const struct attach_job *job, int fd, bool is_link, struct inspect_attachments *out,
		struct inspect_error *err)
{
	autoclose int held = fd;
	size_t size = (out->n + 1) * sizeof(*out->attachments);
	struct inspect_attachment *all = realloc(out->attachments, size);

	if (!all)
		return inspect_fail(err, ENOMEM, "%s", job->hook->name);
	out->attachments = all;
	struct inspect_attachment *made = &all[out->n];
	*made = (struct inspect_attachment){
		.fd = -1,
		.prog_id = job->prog.id,
		.hook = job->hook->name,
		.target = attach_target_text(job),
		.is_held = fd >= 0,
	};
	if (!made->target)
		return inspect_fail(err, ENOMEM, "%s", job->hook->name);
	made->fd = take_fd(&held);
	out->n++;
	return is_link ? read_link_id(job, made, err) : 0;
}

static void add_name(struct buf *out, const char *name)
{
	if (out->size)
		buf_add_text(out, ", ");
	buf_add_text(out, name);
}

static bool fits(const struct hook *hook, unsigned type)
{
	for (size_t i = 0; i < HOOK_PROG_TYPES; i++)
		if (hook->prog_types[i] && hook->prog_types[i] == type)
			return true;
	return false;
}

/* The other hooks that take programs of this type; NULL where there are none. */
static char *other_hooks(const struct attach_job *job)
{
	AUTO(buf_done) struct buf names = { 0 };

	const struct hook *hook;

	for (size_t i = 0; (hook = hook_at(i)); i++)
		if (hook != job->hook && fits(hook, job->prog.type))
			add_name(&names, hook->name);
	if (!names.size)
		return NULL;
	buf_add_char(&names, '\0');
	return buf_failed(&names) ? NULL : take_ptr(&names.bytes);
}

static const char *type_name(const struct inspect_prog *prog)
{
	const char *name = names_of(NAMES_PROG_TYPE, prog->type, prog->type_name);

	return name ? name : "a type without a name";
}

int hook_check_type(const struct attach_job *job, struct inspect_error *err)
{
	if (fits(job->hook, job->prog.type))
		return 0;
	autofree char *others = other_hooks(job);
	inspect_fail(err, EINVAL, "prog %u: attach to %s: the program is of type %s", job->prog.id,
		     job->hook->name, type_name(&job->prog));
	if (others)
		return inspect_hint(err, "such a program goes to: %s", others);
	return inspect_hint(err, "no hook here takes programs of that type");
}

/* The program was loaded for something; which, the kernel does not tell. */
static int hint_loaded_for(const struct attach_job *job, struct inspect_error *err)
{
	autofree char *others = other_hooks(job);

	return inspect_hint(err,
			    "the program must have been loaded for this hook (section '%s'), and "
			    "not for another%s%s",
			    job->hook->sections, others ? ": " : "", others ? others : "");
}

int attach_fail(const struct attach_job *job, int code, struct inspect_error *err)
{
	const struct hook *hook = job->hook;
	autofree char *target = attach_target_text(job);
	bool has_target = target && *target;

	inspect_fail(err, code, "prog %u: attach to %s%s%s", job->prog.id, hook->name,
		     has_target ? " " : "", has_target ? target : "");
	if (code == EPERM || code == EACCES)
		return inspect_hint(err, "attaching needs CAP_BPF and CAP_PERFMON, or "
					 "CAP_SYS_ADMIN; lockdown and seccomp filters forbid it "
					 "too");
	if (code != EINVAL && code != EOPNOTSUPP && code != ERROR_ENOTSUPP)
		return -code;
	int has = hook->attach_type ? names_kernel_has(&job->inspect->sys, NAMES_ATTACH_TYPE,
						       hook->attach_type)
				    : -1;
	if (!has)
		return inspect_hint(err, "this kernel has no %s: %s is the first with it",
				    hook->name, hook->since);
	if (code != EINVAL)
		return inspect_hint(err, "this kernel was built without what %s needs%s%s",
				    hook->name, hook->needs ? ": " : "",
				    hook->needs ? hook->needs : "");
	return hint_loaded_for(job, err);
}

int attach_fail_function(const struct attach_job *job, const char *name, int code,
			 struct inspect_error *err)
{
	struct name_search search;

	name_search_begin(&search, name);
	if (code == EPERM || name_search_symbols(&job->inspect->sys, NULL, &search) < 0)
		return attach_fail(job, code, err);
	inspect_fail(err, search.n_found ? code : ENOENT, "prog %u: attach to %s: function '%s'",
		     job->prog.id, job->hook->name, name);
	if (!search.n_found)
		return name_search_hint(&search, err);
	if (search.n_found > 1)
		return inspect_hint(err, "%zu functions of the kernel have this name",
				    search.n_found);
	if (code == EILSEQ)
		return inspect_hint(err, "the offset is inside an instruction");
	return inspect_hint(err, "the kernel has it, and does not let it be probed there");
}

int attach_link(const struct attach_job *job, struct abi_link_create_attr *attr,
		struct inspect_attachments *out, struct inspect_error *err)
{
	attr->prog_fd = (uint32_t)job->prog.fd;
	attr->attach_type = job->hook->attach_type;

	int fd = sys_link_create(&job->inspect->sys, attr);
	return fd < 0 ? attach_fail(job, -fd, err) : attach_keep(job, fd, true, out, err);
}

/* Only now is there a link; without one, or with several, there is nothing for one file to hold. */
static int pin(const struct attach_job *job, const struct bpffs_place *place,
	       struct inspect_attachments *out, struct inspect_error *err)
{
	struct inspect_attachment *made = out->n ? &out->attachments[0] : NULL;

	if (out->n != 1 || !(made->have & INSPECT_ATTACHMENT_HAS_LINK)) {
		inspect_fail(err, EOPNOTSUPP, "%s: pin %s", place->path, job->hook->name);
		if (out->n > 1)
			return inspect_hint(err, "these would be %u links, and a file holds one",
					    out->n);
		return inspect_hint(err, "this kernel makes no link of it; without 'pin' it can be "
					 "held");
	}
	int r = bpffs_pin(&job->inspect->sys, place, made->fd, job->note, err);
	if (r < 0)
		return r;
	made->have |= INSPECT_ATTACHMENT_HAS_PIN;
	made->pinned = place->path;
	made->is_held = false;
	return 0;
}

static int attach(struct attach_job *job, const struct inspect_attach *how,
		  struct inspect_attachments *out, struct inspect_error *err)
{
	AUTO(bpffs_done) struct bpffs_place place = { 0 };
	const struct hook_value *path = &job->values[HOOK_PIN];

	int r = one_open(job->inspect, &how->prog, &job->prog, err);
	if (!r)
		r = hook_check_type(job, err);
	if (!r && path->is_there)
		r = bpffs_check(path->text, how->no_mount, &place, err);
	if (!r)
		r = job->hook->attach(job, out, err);
	if (!r && path->is_there)
		r = pin(job, &place, out, err);
	return r;
}

int inspect_attach(struct inspect *inspect, const struct inspect_attach *how,
		   const struct inspect_note *note, struct inspect_attachments *out,
		   struct inspect_error *err)
{
	AUTO(inspect_attachments_done) struct inspect_attachments made = { 0 };
	AUTO(job_done)
	struct attach_job job = {
		.inspect = inspect,
		.note = note,
		.prog = { .fd = -1 },
	};

	ERROR_NEEDED(err);
	int r = hook_parse(&how->words, &job, err);
	if (r < 0)
		return inspect_context(err, "prog attach");
	r = attach(&job, how, &made, err);
	if (r < 0)
		return r;
	*out = made;
	made = (struct inspect_attachments){ 0 };
	return 0;
}
