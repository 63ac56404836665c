/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.c - what programs of the type struct_ops can implement
 *
 * For each struct that can be implemented the kernel has one of the name bpf_struct_ops_NAME, whose member "data" is
 * the struct: that is what maps of the type struct_ops hold. Whether it is registered, too, making such a map tells.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name_search.h"
#include "base/text.h"
#include "btf/raw.h"
#include "btf/text.h"
#include "probe/answer.h"
#include "probe/module.h"
#include "probe/name.h"
#include "probe/prog_type.h"
#include "probe/since_table.h"
#include "probe/struct_ops.h"

#define KNOWN_MOST 64

/* Those of mainline; a kernel may have more. */
static struct name_rows known(void)
{
	const struct since_table table = since_table(INSPECT_FEATURE_STRUCT_OPS);
	size_t n = table.n < KNOWN_MOST ? table.n : KNOWN_MOST;

	return (struct name_rows){ table.rows, n, sizeof(*table.rows) };
}

static const char *known_at(size_t i)
{
	return since_table(INSPECT_FEATURE_STRUCT_OPS).rows[i].name;
}

bool struct_ops_value(const struct btf_reader *btf, uint32_t id, struct btf_entry *value,
		      uint32_t *data)
{
	struct btf_entry type;

	if (!btf_type(btf, id, value) || value->kind != KIND_STRUCT ||
	    !text_has_prefix(value->name, STRUCT_OPS_PREFIX))
		return false;
	for (uint32_t i = 0; i < value->vlen; i++) {
		struct btf_member member = btf_member_at(value, i);
		const char *name = btf_string(btf, member.name);

		if (!name || strcmp(name, "data") != 0 || !btf_type(btf, member.type_id, &type) ||
		    type.kind != KIND_STRUCT ||
		    strcmp(type.name, value->name + strlen(STRUCT_OPS_PREFIX)) != 0)
			continue;
		*data = member.type_id;
		return true;
	}
	return false;
}

/* A map that holds nothing yet: making it registers nothing. The kernel wants types of the caller's, too, and looks at none. */
static int try_map(struct probe *probe, uint32_t id, uint32_t bytes)
{
	struct abi_map_create_attr storage;
	struct abi_map_create_attr attr = {
		.type = ABI_MAP_TYPE_STRUCT_OPS,
		.key_size = 4,
		.value_size = bytes,
		.max_entries = 1,
		.btf_vmlinux_value_type_id = id,
	};

	int r = map_type_shape(probe, ABI_MAP_TYPE_SK_STORAGE, &storage);
	if (r < 0)
		return -r;
	attr.btf_fd = storage.btf_fd;
	autoclose int fd = map_type_make(probe, &attr);
	return fd < 0 ? -fd : 0;
}

/*
 * Older kernels (5.10) read their own types when the first program since the start is loaded, and until then know of no operations.
 * Whether one was is not known, so one is: if that cannot be, nothing was tried.
 */
static int try_awake(struct probe *probe, uint32_t id, uint32_t bytes)
{
	int code = try_map(probe, id, bytes);

	if (code != ERROR_ENOTSUPP)
		return code;
	const struct inspect_feature *loaded = prog_type_answer(probe, ABI_PROG_TYPE_SOCKET_FILTER);
	return loaded->answer == INSPECT_YES ? try_map(probe, id, bytes) : EAGAIN;
}

/* What may not be tried is answered by the types. */
static int tell_present(struct probe *probe, const char *name, uint32_t id, uint32_t bytes)
{
	static const int means_no[3] = { ERROR_ENOTSUPP };
	struct inspect_feature out = { .kind = INSPECT_FEATURE_STRUCT_OPS, .name = name };

	int code = try_awake(probe, id, bytes);
	if (code == 0 || code == ERROR_ENOTSUPP)
		answer_call_as(probe, &out, ANSWER_MAP, "struct_ops", code, means_no);
	else
		answer_yes(&out, INSPECT_FOUND_BTF);
	return probe_tell(probe, &out);
}

static int tell_absent(struct probe *probe, const char *name, int error)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_STRUCT_OPS, .name = name };

	if (error)
		types_unknown(&out, error);
	else
		answer_no(&out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
	return probe_tell(probe, &out);
}

static int tell_of_module(struct probe *probe, const char *name, const char *module)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_STRUCT_OPS, .name = name };
	char detail[MODULE_NAME_ROOM + 16];

	answer_yes(&out, INSPECT_FOUND_BTF);
	snprintf(detail, sizeof(detail), "of module %s", module);
	out.detail = detail;
	return probe_tell(probe, &out);
}

/* A walk that tells of all, or of the one that is asked for. */
struct telling {
	struct probe *probe;
	const char *name; /* NULL: all */
	bool seen[KNOWN_MOST];
	bool was_told;
	struct name_search search;
};

static bool is_wanted(struct telling *telling, const char *name)
{
	int row = name_row(known(), name);

	if (row >= 0)
		telling->seen[row] = true;
	if (!telling->name)
		return true;
	name_search_try(&telling->search, name);
	return strcmp(telling->name, name) == 0;
}

static int take_struct(void *context, const char *name, uint32_t id)
{
	struct telling *telling = context;
	struct btf_entry value;
	uint32_t data;
	int r;

	const struct btf_reader *btf = types_reader(telling->probe, &r);
	name += strlen(STRUCT_OPS_PREFIX);
	if (!btf || !struct_ops_value(btf, id, &value, &data) || !is_wanted(telling, name))
		return 0;
	telling->was_told = true;
	return tell_present(telling->probe, name, id, value.size_or_type);
}

static int take_module(void *context, const char *module, const struct btf_reader *btf)
{
	struct telling *telling = context;
	struct btf_entry value;
	uint32_t data;
	int r = 0;

	for (uint32_t id = btf->first_id; !r && id < btf_count(btf); id++) {
		if (!struct_ops_value(btf, id, &value, &data))
			continue;
		const char *name = value.name + strlen(STRUCT_OPS_PREFIX);
		if (!is_wanted(telling, name))
			continue;
		telling->was_told = true;
		r = tell_of_module(telling->probe, name, module);
	}
	return r;
}

/* Of those that are known, what the kernel has not. */
static int tell_missing(struct telling *telling, int error)
{
	int r = 0;

	for (size_t i = 0; !r && i < known().n; i++)
		if (!telling->seen[i])
			r = tell_absent(telling->probe, known_at(i), error);
	return r;
}

int struct_ops_each(struct probe *probe, struct inspect_error *err)
{
	struct telling telling = { .probe = probe };
	int error;

	(void)err;
	if (!types_reader(probe, &error))
		return tell_missing(&telling, error);
	int r = types_each(probe, KIND_STRUCT, STRUCT_OPS_PREFIX, take_struct, &telling);
	if (!r)
		r = module_each_types(probe, take_module, &telling);
	return r > 0 ? r : tell_missing(&telling, r < 0 && r != -ENOENT ? r : 0);
}

/* One question about one name, and no more where that answers it. 1: it was told, and *r is what came of that. */
static int ask_kernel(struct probe *probe, const char *name, int *r)
{
	struct btf_sought found;
	char value[BTF_NAME_MOST];

	int n = snprintf(value, sizeof(value), STRUCT_OPS_PREFIX "%s", name);
	*r = 0;
	if (n < 0 || (size_t)n >= sizeof(value))
		return 0;
	int there = types_find(probe, 1u << KIND_STRUCT, value, &found);
	if (there < 0)
		*r = tell_absent(probe, name, there);
	else if (there && types_id(probe, KIND_STRUCT, name) > 0)
		*r = tell_present(probe, name, found.id, found.type.size_or_type);
	else
		return 0;
	return 1;
}

int struct_ops_ask(struct probe *probe, const struct inspect_question *question,
		   struct inspect_error *err)
{
	struct telling telling = { .probe = probe, .name = question->name };
	int r;

	if (ask_kernel(probe, question->name, &r))
		return r;
	name_search_begin(&telling.search, question->name);
	r = module_each_types(probe, take_module, &telling);
	if (r > 0 || telling.was_told)
		return r;
	/* What could not be read may have it. */
	if (r < 0 && r != -ENOENT)
		return tell_absent(probe, question->name, r);
	for (size_t i = 0; i < known().n; i++)
		is_wanted(&telling, known_at(i));
	if (name_row(known(), question->name) < 0 && telling.search.nearest[0])
		return name_unknown_of(question, &telling.search, err);
	return tell_absent(probe, question->name, 0);
}
