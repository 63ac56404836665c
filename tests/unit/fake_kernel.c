/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fake_kernel.c - a double for bpf(2) and /proc, with objects that the test declares
 */
#include "fake_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define FDS 256

struct fake_kernel fake_kernel;
static struct fake_object *open_objects[FDS]; /* by descriptor */

static void *pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

/* A closed descriptor's number may be another file's by now. */
static void forget_closed(void)
{
	struct stat st;

	for (int fd = 0; fd < FDS; fd++)
		if (open_objects[fd] && (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode)))
			open_objects[fd] = NULL;
}

unsigned fake_kernel_open_fds(void)
{
	unsigned n = 0;

	forget_closed();
	for (int fd = 0; fd < FDS; fd++)
		n += open_objects[fd] != NULL;
	return n;
}

static struct fake_object *find_id(enum inspect_kind kind, uint32_t id)
{
	for (size_t i = 0; i < fake_kernel.n; i++)
		if (fake_kernel.objects[i].kind == kind && fake_kernel.objects[i].id == id)
			return &fake_kernel.objects[i];
	return NULL;
}

/* A descriptor of the object, with what /proc says of it. */
static int open_object(struct fake_object *object)
{
	static const char *const links[] = { "bpf-prog", "bpf-map", "bpf_link", "btf" };
	char path[64], target[64];
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_in_range(fd, 0, FDS - 1);
	open_objects[fd] = object;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	fake_root_write(&fake_kernel.root, path, object->fdinfo ? object->fdinfo : "");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snprintf(target, sizeof(target), "anon_inode:%s", links[object->kind]);
	fake_root_link(&fake_kernel.root, path, target);
	return fd;
}

static int next_id(enum inspect_kind kind, struct abi_id_attr *attr)
{
	if (fake_kernel.list_error)
		return -fake_kernel.list_error;
	for (size_t i = 0; i < fake_kernel.n; i++) {
		const struct fake_object *object = &fake_kernel.objects[i];

		if (object->kind == kind && object->id > attr->id) {
			attr->next_id = object->id;
			return 0;
		}
	}
	return -ENOENT;
}

static int open_id(enum inspect_kind kind, const struct abi_id_attr *attr)
{
	struct fake_object *object = find_id(kind, attr->id);

	fake_kernel.rights_asked = attr->open_flags;
	if (!object)
		return -ENOENT;
	return object->open_error ? -object->open_error : open_object(object);
}

static int open_path(const struct abi_path_attr *attr)
{
	fake_kernel.rights_asked = attr->file_flags;
	for (size_t i = 0; i < fake_kernel.n; i++) {
		struct fake_object *object = &fake_kernel.objects[i];

		if (!object->path || strcmp(object->path, pointer(attr->path)) != 0)
			continue;
		if (object->kind == INSPECT_LINK && attr->file_flags)
			return -EINVAL;
		return open_object(object);
	}
	return -ENOENT;
}

/* Copies what both sides know, as the kernel: @info is the caller's struct. */
static void copy_info(struct abi_info_attr *attr, const void *info, uint32_t size)
{
	if (size > attr->info_len)
		size = attr->info_len;
	memcpy(pointer(attr->info), info, size);
	attr->info_len = size;
}

/* One array of a program: as much as there is room for, and how much there is. */
static void give(uint64_t to, uint32_t *count, uint32_t bytes, const void *from, uint32_t n)
{
	if (to && from)
		memcpy(pointer(to), from, (size_t)(*count < n ? *count : n) * bytes);
	*count = n;
}

static int give_code(const struct fake_code *code, const struct abi_prog_info *asked,
		     struct abi_prog_info *info)
{
	uint32_t less = code->shrinks && asked->xlated_prog_insns;

	if (asked->nr_func_info && asked->func_info_rec_size != code->func_bytes)
		return -EINVAL;
	if (asked->nr_line_info && asked->line_info_rec_size != code->line_bytes)
		return -EINVAL;
	*info = *asked;
	info->jited_prog_len = code->n_addresses ? 64 : 0;
	info->func_info_rec_size = code->func_bytes;
	info->line_info_rec_size = code->line_bytes;
	give(asked->xlated_prog_insns, &info->xlated_prog_len, 1, code->insns,
	     (code->n_insns - less) * 8);
	give(asked->func_info, &info->nr_func_info, code->func_bytes, code->funcs,
	     code->n_funcs - less);
	give(asked->line_info, &info->nr_line_info, code->line_bytes, code->lines,
	     code->n_lines - less);
	give(code->is_hidden ? 0 : asked->jited_ksyms, &info->nr_jited_ksyms, 8, code->addresses,
	     code->n_addresses - less);
	give(asked->prog_tags, &info->nr_prog_tags, 8, code->tags, code->n_tags - less);
	info->jited_ksyms = code->is_hidden ? 0 : asked->jited_ksyms;
	info->xlated_prog_insns = code->is_blinded ? 0 : asked->xlated_prog_insns;
	return 0;
}

static int prog_info(const struct fake_object *object, struct abi_info_attr *attr, uint32_t size)
{
	struct abi_prog_info info = { 0 }, asked = { 0 };
	uint32_t n = object->n_maps;

	memcpy(&asked, pointer(attr->info), attr->info_len);
	if (object->code) {
		const struct abi_prog_info *known = object->info;
		int r = give_code(object->code, &asked, &info);

		info.id = object->id;
		info.type = known->type;
		info.btf_id = known->btf_id;
		memcpy(info.name, known->name, sizeof(info.name));
		copy_info(attr, &info, size);
		return r;
	}
	if ((asked.nr_func_info || asked.func_info_rec_size) &&
	    asked.func_info_rec_size != sizeof(struct abi_func_info))
		return -EINVAL;
	if (object->info)
		memcpy(&info, object->info, size);
	info.id = object->id;
	info.nr_map_ids = n;
	if (asked.nr_map_ids && n)
		memcpy(pointer(asked.map_ids), object->maps,
		       (n < asked.nr_map_ids ? n : asked.nr_map_ids) * sizeof(*object->maps));
	info.map_ids = asked.map_ids;
	info.nr_func_info = object->func_type_id ? 1 : 0;
	info.func_info_rec_size = sizeof(struct abi_func_info);
	if (asked.nr_func_info && object->func_type_id) {
		struct abi_func_info first = { 0, object->func_type_id };

		memcpy(pointer(asked.func_info), &first, sizeof(first));
	}
	copy_info(attr, &info, size);
	return 0;
}

/* As newer kernels, it leaves members alone that do not apply. */
static int map_info(const struct fake_object *object, struct abi_info_attr *attr, uint32_t size)
{
	struct abi_map_info info = { 0 }, asked = { 0 };

	memcpy(&asked, pointer(attr->info), attr->info_len);
	if (object->info)
		memcpy(&info, object->info, size);
	info.id = object->id;
	if (!info.btf_id) {
		info.btf_id = asked.btf_id;
		info.btf_key_type_id = asked.btf_key_type_id;
		info.btf_value_type_id = asked.btf_value_type_id;
	}
	copy_info(attr, &info, size);
	return 0;
}

static int btf_info(const struct fake_object *object, struct abi_info_attr *attr)
{
	uint32_t known = object->info_size ? object->info_size : sizeof(struct abi_btf_info);
	struct abi_btf_info info = { .id = object->id, .btf_size = object->btf_size },
			    asked = { 0 };

	memcpy(&asked, pointer(attr->info), sizeof(asked));
	if (known < sizeof(asked) && asked.name)
		return -E2BIG;
	if (asked.btf)
		memcpy(pointer(asked.btf), object->btf,
		       asked.btf_size < info.btf_size ? asked.btf_size : info.btf_size);
	if (asked.name && object->btf_name)
		snprintf(pointer(asked.name), asked.name_len, "%s", object->btf_name);
	info.kernel_btf = object->btf_name != NULL;
	copy_info(attr, &info, known);
	return asked.name && object->btf_name && strlen(object->btf_name) >= asked.name_len
		       ? -ENOSPC
		       : 0;
}

/* False where there is too little room for it. */
static bool give_text(uint64_t to, uint32_t room, const char *text)
{
	if (!to || !text)
		return true;
	if (strlen(text) >= room)
		return false;
	memcpy(pointer(to), text, strlen(text) + 1);
	return true;
}

/* An array of those that a link with many functions has. */
static void give_numbers(uint64_t to, const struct fake_object *object, uint32_t array,
			 uint32_t count)
{
	if (to && object->numbers)
		memcpy(pointer(to), object->numbers + (size_t)array * count,
		       count * sizeof(*object->numbers));
}

/* Texts and numbers go where the caller has room for them, which stands in the struct. */
static int link_info(const struct fake_object *object, struct abi_info_attr *attr, uint32_t size)
{
	struct abi_link_info info = { 0 }, asked = { 0 };

	memcpy(&asked, pointer(attr->info),
	       attr->info_len < sizeof(asked) ? attr->info_len : sizeof(asked));
	if (object->info)
		memcpy(&info, object->info, size);
	info.id = object->id;
	switch (info.type) {
	case ABI_LINK_TYPE_RAW_TRACEPOINT:
	case ABI_LINK_TYPE_ITER:
		if (!give_text(asked.iter.name, asked.iter.name_len, object->text))
			return -ENOSPC;
		break;
	case ABI_LINK_TYPE_PERF_EVENT:
		if (info.perf_event.kind != ABI_PERF_EVENT_EVENT)
			give_text(asked.perf_event.name, asked.perf_event.name_len, object->text);
		break;
	case ABI_LINK_TYPE_KPROBE_MULTI:
		give_numbers(asked.kprobe_multi.addrs, object, 0, info.kprobe_multi.count);
		give_numbers(asked.kprobe_multi.cookies, object, 1, info.kprobe_multi.count);
		break;
	case ABI_LINK_TYPE_TRACING_MULTI:
		give_numbers(asked.tracing_multi.addrs, object, 0, info.tracing_multi.count);
		give_numbers(asked.tracing_multi.cookies, object, 1, info.tracing_multi.count);
		break;
	case ABI_LINK_TYPE_UPROBE_MULTI:
		give_text(asked.uprobe_multi.path, asked.uprobe_multi.path_size, object->text);
		give_numbers(asked.uprobe_multi.offsets, object, 0, info.uprobe_multi.count);
		give_numbers(asked.uprobe_multi.ref_ctr_offsets, object, 1,
			     info.uprobe_multi.count);
		give_numbers(asked.uprobe_multi.cookies, object, 2, info.uprobe_multi.count);
		break;
	default:
		break;
	}
	copy_info(attr, &info, size);
	return 0;
}

static int detach(const uint32_t *attr)
{
	const struct fake_object *object = *attr < FDS ? open_objects[*attr] : NULL;

	if (!object)
		return -EBADF;
	return -object->detach_error;
}

static int info_by_fd(struct abi_info_attr *attr)
{
	const struct fake_object *object = attr->fd < FDS ? open_objects[attr->fd] : NULL;
	uint32_t whole = !object			? 0
			 : object->kind == INSPECT_PROG ? sizeof(struct abi_prog_info)
			 : object->kind == INSPECT_LINK ? sizeof(struct abi_link_info)
							: sizeof(struct abi_map_info);
	uint32_t size = object && object->info_size ? object->info_size : whole;

	if (!object)
		return -EBADF;
	if (object->info_error)
		return -object->info_error;
	if (object->kind == INSPECT_BTF)
		return btf_info(object, attr);
	/* What this kernel does not know must be zero. */
	for (uint32_t i = size; i < attr->info_len; i++)
		if (((const char *)pointer(attr->info))[i])
			return -E2BIG;
	if (object->kind == INSPECT_LINK)
		return link_info(object, attr, size);
	return object->kind == INSPECT_PROG ? prog_info(object, attr, size)
					    : map_info(object, attr, size);
}

static int elements(int cmd, void *attr)
{
	bool is_batch = cmd == ABI_MAP_LOOKUP_BATCH || cmd == ABI_MAP_UPDATE_BATCH;
	uint32_t fd = is_batch ? ((struct abi_batch_attr *)attr)->map_fd
			       : ((struct abi_elem_attr *)attr)->map_fd;
	struct fake_object *object = fd < FDS ? open_objects[fd] : NULL;

	if (!object || !object->map)
		return -EBADF;
	return fake_map_call(object->map, cmd, attr);
}

static int dispatch(int cmd, void *attr)
{
	switch (cmd) {
	case ABI_PROG_GET_NEXT_ID:
		return next_id(INSPECT_PROG, attr);
	case ABI_MAP_GET_NEXT_ID:
		return next_id(INSPECT_MAP, attr);
	case ABI_BTF_GET_NEXT_ID:
		return next_id(INSPECT_BTF, attr);
	case ABI_PROG_GET_FD_BY_ID:
		return open_id(INSPECT_PROG, attr);
	case ABI_MAP_GET_FD_BY_ID:
		return open_id(INSPECT_MAP, attr);
	case ABI_LINK_GET_NEXT_ID:
		return next_id(INSPECT_LINK, attr);
	case ABI_LINK_GET_FD_BY_ID:
		return open_id(INSPECT_LINK, attr);
	case ABI_LINK_DETACH:
		return detach(attr);
	case ABI_BTF_GET_FD_BY_ID:
		return open_id(INSPECT_BTF, attr);
	case ABI_OBJ_GET:
		return open_path(attr);
	case ABI_OBJ_GET_INFO_BY_FD:
		return info_by_fd(attr);
	case ABI_MAP_LOOKUP_ELEM:
	case ABI_MAP_GET_NEXT_KEY:
	case ABI_MAP_LOOKUP_BATCH:
	case ABI_MAP_UPDATE_ELEM:
	case ABI_MAP_UPDATE_BATCH:
		return elements(cmd, attr);
	default:
		return -EINVAL;
	}
}

static long fake_bpf(int cmd, void *attr, unsigned size)
{
	assert_in_range(cmd, 0, 63);
	assert_true(size >= sizeof(struct abi_id_attr));
	fake_kernel.n_calls[cmd]++;
	forget_closed();
	if (fake_kernel.before)
		fake_kernel.before(cmd, *(const uint32_t *)attr);
	int r = fake_kernel.every_error ? -fake_kernel.every_error : dispatch(cmd, attr);
	if (r >= 0)
		return r;
	errno = -r;
	return -1;
}

struct inspect *fake_kernel_start(struct fake_object *objects, size_t n)
{
	fake_kernel = (struct fake_kernel){ .objects = objects, .n = n };
	memset(open_objects, 0, sizeof(open_objects));
	fake_root_make(&fake_kernel.root);
	assert_int_equal(inspect_open(&fake_kernel.inspect, NULL), 0);
	fake_kernel.inspect->sys.bpf = fake_bpf;
	fake_kernel.inspect->sys.root = fake_kernel.root.path;
	return fake_kernel.inspect;
}

void fake_kernel_stop(void)
{
	inspect_close(fake_kernel.inspect);
	fake_root_remove(&fake_kernel.root);
	assert_int_equal(fake_kernel_open_fds(), 0);
}

void fake_kernel_open_map(uint32_t id, struct inspect_map *out)
{
	struct fake_object *object = find_id(INSPECT_MAP, id);
	struct abi_map_info info = { 0 };

	assert_non_null(object);
	memcpy(&info, object->info, sizeof(info));
	*out = (struct inspect_map){
		.fd = open_object(object),
		.have = INSPECT_MAP_HAS_INFO,
		.id = id,
		.type = info.type,
		.key_bytes = info.key_size,
		.value_bytes = info.value_size,
		.max_entries = info.max_entries,
	};
}
