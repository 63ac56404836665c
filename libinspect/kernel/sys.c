/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sys.c - bpf(2), one function per call
 *
 * Kernels refuse attributes with bytes set that they do not know, so every call passes the shortest
 * form that carries its arguments, the rest zero.
 */
#include "kernel/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

static long bpf_call(int cmd, void *attr, unsigned size)
{
	return syscall(SYS_bpf, cmd, attr, size);
}

void sys_init(struct sys *sys)
{
	*sys = (struct sys){ .bpf = bpf_call, .root = "", .fdinfo = -1 };
}

void sys_done(struct sys *sys)
{
	close_fd(sys->fdinfo);
	sys->fdinfo = -1;
}

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static int call(const struct sys *sys, int cmd, void *attr, unsigned size)
{
	int code = sys->forbids ? sys->forbids(sys->guard, cmd) : 0;

	if (code)
		return -code;
	long r = sys->bpf(cmd, attr, size);
	return r < 0 ? -errno : (int)r;
}

int sys_try(const struct sys *sys, int cmd)
{
	return sys->bpf(cmd, NULL, INT32_MAX) < 0 ? -errno : 0;
}

int sys_next_id(const struct sys *sys, enum inspect_kind kind, uint32_t id, uint32_t *next)
{
	static const int cmds[] = {
		[INSPECT_PROG] = ABI_PROG_GET_NEXT_ID,
		[INSPECT_MAP] = ABI_MAP_GET_NEXT_ID,
		[INSPECT_LINK] = ABI_LINK_GET_NEXT_ID,
		[INSPECT_BTF] = ABI_BTF_GET_NEXT_ID,
	};
	struct abi_id_attr attr = { .id = id };
	int r = call(sys, cmds[kind], &attr, sizeof(attr));

	if (!r)
		*next = attr.next_id;
	return r;
}

int sys_open_id(const struct sys *sys, enum inspect_kind kind, uint32_t id)
{
	static const int cmds[] = {
		[INSPECT_PROG] = ABI_PROG_GET_FD_BY_ID,
		[INSPECT_MAP] = ABI_MAP_GET_FD_BY_ID,
		[INSPECT_LINK] = ABI_LINK_GET_FD_BY_ID,
		[INSPECT_BTF] = ABI_BTF_GET_FD_BY_ID,
	};
	struct abi_id_attr attr = {
		.id = id,
		.open_flags = kind == INSPECT_MAP ? ABI_F_RDONLY : 0,
	};

	return call(sys, cmds[kind], &attr, sizeof(attr));
}

int sys_open_id_with(const struct sys *sys, uint32_t id, uint32_t rights)
{
	struct abi_id_attr attr = { .id = id, .open_flags = rights };

	return call(sys, ABI_MAP_GET_FD_BY_ID, &attr, sizeof(attr));
}

int sys_open_path_with(const struct sys *sys, const char *path, uint32_t rights)
{
	struct abi_path_attr attr = { .path = address(path), .file_flags = rights };

	return call(sys, ABI_OBJ_GET, &attr, sizeof(attr));
}

int sys_open_path(const struct sys *sys, const char *path)
{
	struct abi_path_attr attr = { .path = address(path), .file_flags = ABI_F_RDONLY };
	int fd = call(sys, ABI_OBJ_GET, &attr, sizeof(attr));

	if (fd != -EINVAL)
		return fd;
	attr.file_flags = 0; /* a link cannot be opened for reading alone */
	return call(sys, ABI_OBJ_GET, &attr, sizeof(attr));
}

int sys_info(const struct sys *sys, int fd, void *info, uint32_t *length)
{
	struct abi_info_attr attr = {
		.fd = (uint32_t)fd,
		.info_len = *length,
		.info = address(info),
	};
	int r = call(sys, ABI_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));

	if (!r)
		*length = attr.info_len;
	return r;
}

int sys_next_key(const struct sys *sys, int map_fd, const void *key, void *next)
{
	struct abi_elem_attr attr = {
		.map_fd = (uint32_t)map_fd,
		.key = address(key),
		.value = address(next),
	};

	return call(sys, ABI_MAP_GET_NEXT_KEY, &attr, sizeof(attr));
}

int sys_lookup(const struct sys *sys, int map_fd, const void *key, void *value)
{
	struct abi_elem_attr attr = {
		.map_fd = (uint32_t)map_fd,
		.key = address(key),
		.value = address(value),
	};

	return call(sys, ABI_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
}

int sys_lookup_batch(const struct sys *sys, int map_fd, const void *in, void *out, void *keys,
		     void *values, uint32_t *count)
{
	struct abi_batch_attr attr = {
		.in_batch = address(in),
		.out_batch = address(out),
		.keys = address(keys),
		.values = address(values),
		.count = *count,
		.map_fd = (uint32_t)map_fd,
	};
	int r = call(sys, ABI_MAP_LOOKUP_BATCH, &attr, sizeof(attr));

	*count = attr.count;
	return r;
}

int sys_update(const struct sys *sys, int map_fd, const void *key, const void *value,
	       uint64_t flags)
{
	struct abi_elem_attr attr = {
		.map_fd = (uint32_t)map_fd,
		.key = address(key),
		.value = address(value),
		.flags = flags,
	};

	return call(sys, ABI_MAP_UPDATE_ELEM, &attr, sizeof(attr));
}

int sys_update_batch(const struct sys *sys, int map_fd, const void *keys, const void *values,
		     uint32_t *count)
{
	struct abi_batch_attr attr = {
		.keys = address(keys),
		.values = address(values),
		.count = *count,
		.map_fd = (uint32_t)map_fd,
	};
	int r = call(sys, ABI_MAP_UPDATE_BATCH, &attr, sizeof(attr));

	if (r == 0 || attr.count < *count)
		*count = attr.count;
	else
		*count = 0; /* refused before the first one */
	return r;
}

int sys_delete(const struct sys *sys, int map_fd, const void *key)
{
	struct abi_elem_attr attr = { .map_fd = (uint32_t)map_fd, .key = address(key) };

	return call(sys, ABI_MAP_DELETE_ELEM, &attr, offsetof(struct abi_elem_attr, value));
}

int sys_lookup_and_delete(const struct sys *sys, int map_fd, const void *key, void *value)
{
	struct abi_elem_attr attr = {
		.map_fd = (uint32_t)map_fd,
		.key = address(key),
		.value = address(value),
	};

	return call(sys, ABI_MAP_LOOKUP_AND_DELETE_ELEM, &attr, sizeof(attr));
}

int sys_freeze(const struct sys *sys, int map_fd)
{
	struct abi_elem_attr attr = { .map_fd = (uint32_t)map_fd };

	return call(sys, ABI_MAP_FREEZE, &attr, sizeof(attr.map_fd));
}

int sys_pin(const struct sys *sys, int fd, const char *path)
{
	struct abi_path_attr attr = { .path = address(path), .fd = (uint32_t)fd };

	return call(sys, ABI_OBJ_PIN, &attr, offsetof(struct abi_path_attr, file_flags));
}

int sys_prog_run(const struct sys *sys, struct abi_prog_run_attr *attr)
{
	unsigned size = offsetof(struct abi_prog_run_attr, flags);

	if (attr->flags || attr->cpu)
		size = offsetof(struct abi_prog_run_attr, batch_size);
	if (attr->batch_size)
		size = offsetof(struct abi_prog_run_attr, batch_size) + sizeof(attr->batch_size);
	return call(sys, ABI_PROG_TEST_RUN, attr, size);
}

int sys_stream_read(const struct sys *sys, int prog_fd, uint32_t stream, void *bytes, uint32_t size)
{
	struct abi_stream_attr attr = {
		.bytes = address(bytes),
		.size = size,
		.stream = stream,
		.prog_fd = (uint32_t)prog_fd,
	};

	return call(sys, ABI_PROG_STREAM_READ_BY_FD, &attr,
		    offsetof(struct abi_stream_attr, prog_fd) + sizeof(attr.prog_fd));
}

int sys_btf_load(const struct sys *sys, const void *bytes, uint32_t size, char *log,
		 uint32_t log_size)
{
	struct abi_btf_load_attr attr = {
		.btf = address(bytes),
		.btf_size = size,
		.log = address(log),
		.log_size = log_size,
		.log_level = log_size ? 1 : 0,
	};

	return call(sys, ABI_BTF_LOAD, &attr,
		    offsetof(struct abi_btf_load_attr, log_level) + sizeof(attr.log_level));
}

static int attach_call(const struct sys *sys, int cmd, int target_fd, int prog_fd,
		       uint32_t attach_type)
{
	struct abi_prog_attach_attr attr = {
		.target_fd = (uint32_t)target_fd,
		.prog_fd = (uint32_t)prog_fd,
		.attach_type = attach_type,
	};

	return call(sys, cmd, &attr, sizeof(attr));
}

int sys_prog_attach(const struct sys *sys, int target_fd, int prog_fd, uint32_t attach_type)
{
	return attach_call(sys, ABI_PROG_ATTACH, target_fd, prog_fd, attach_type);
}

int sys_prog_detach(const struct sys *sys, int target_fd, int prog_fd, uint32_t attach_type)
{
	return attach_call(sys, ABI_PROG_DETACH, target_fd, prog_fd, attach_type);
}

int sys_attach_query(const struct sys *sys, int target, uint32_t attach_type)
{
	struct abi_prog_query_attr attr = {
		.target = (uint32_t)target,
		.attach_type = attach_type,
	};

	return call(sys, ABI_PROG_QUERY, &attr, offsetof(struct abi_prog_query_attr, padding));
}

/* How many bytes carry something, in whole words of 64 bits. */
static unsigned size_of_attr(const void *attr, unsigned size)
{
	static const uint64_t nothing;

	while (size > sizeof(nothing) &&
	       !memcmp((const char *)attr + size - sizeof(nothing), &nothing, sizeof(nothing)))
		size -= sizeof(nothing);
	return size;
}

int sys_map_create(const struct sys *sys, const struct abi_map_create_attr *attr)
{
	const unsigned least = offsetof(struct abi_map_create_attr, map_extra);
	struct abi_map_create_attr given = *attr;
	unsigned size = size_of_attr(&given, sizeof(given));

	return call(sys, ABI_MAP_CREATE, &given, size > least ? size : least);
}

int sys_link_create(const struct sys *sys, const struct abi_link_create_attr *attr)
{
	struct abi_link_create_attr given = *attr;
	unsigned size = size_of_attr(&given, sizeof(given));

	return call(sys, ABI_LINK_CREATE, &given, size > 16 ? size : 16);
}

int sys_raw_tracepoint_open(const struct sys *sys, int prog_fd, const char *name, uint64_t cookie)
{
	struct abi_raw_tracepoint_attr attr = {
		.name = address(name),
		.prog_fd = (uint32_t)prog_fd,
		.cookie = cookie,
	};
	unsigned size = cookie ? sizeof(attr) : offsetof(struct abi_raw_tracepoint_attr, cookie);

	return call(sys, ABI_RAW_TRACEPOINT_OPEN, &attr, size);
}

int sys_link_update(const struct sys *sys, int fd, int prog_fd, int old_prog_fd)
{
	struct abi_link_update_attr attr = {
		.link_fd = (uint32_t)fd,
		.new_prog_fd = (uint32_t)prog_fd,
		.flags = old_prog_fd < 0 ? 0 : ABI_F_REPLACE,
		.old_prog_fd = old_prog_fd < 0 ? 0 : (uint32_t)old_prog_fd,
	};

	return call(sys, ABI_LINK_UPDATE, &attr, sizeof(attr));
}

int sys_iter_create(const struct sys *sys, int link_fd)
{
	uint32_t attr[2] = { (uint32_t)link_fd }; /* and flags */

	return call(sys, ABI_ITER_CREATE, attr, sizeof(attr));
}

int sys_link_detach(const struct sys *sys, int fd)
{
	uint32_t attr[4] = { (uint32_t)fd };

	return call(sys, ABI_LINK_DETACH, attr, sizeof(attr));
}

int sys_device_links(const struct sys *sys, uint32_t ifindex, uint32_t attach_type, uint32_t *ids,
		     uint32_t *count)
{
	uint32_t progs[DEVICE_LINKS]; /* without room for these, there are no links either */
	struct abi_prog_query_attr attr = {
		.target = ifindex,
		.attach_type = attach_type,
		.prog_ids = address(progs),
		.count = DEVICE_LINKS,
		.link_ids = address(ids),
	};
	int r = call(sys, ABI_PROG_QUERY, &attr, sizeof(attr));

	*count = attr.count;
	return r;
}

int sys_prog_load(const struct sys *sys, const struct abi_prog_load_attr *attr)
{
	const unsigned least = offsetof(struct abi_prog_load_attr, fd_array);
	struct abi_prog_load_attr copy = *attr;
	unsigned size = size_of_attr(&copy, sizeof(copy));

	return call(sys, ABI_PROG_LOAD, &copy, size > least ? size : least);
}

int sys_batch_none(const struct sys *sys, int cmd, int map_fd)
{
	struct abi_batch_attr attr = { .map_fd = (uint32_t)map_fd };

	return call(sys, cmd, &attr, sizeof(attr));
}

int sys_open_path_at(const struct sys *sys, int dir_fd, const char *path)
{
	struct {
		struct abi_path_attr path;
		int32_t dir_fd;
		uint32_t padding;
	} attr = { { address(path), 0, ABI_F_PATH_FD }, dir_fd, 0 };

	return call(sys, ABI_OBJ_GET, &attr, sizeof(attr));
}

int sys_token_create(const struct sys *sys, int bpffs_fd)
{
	uint32_t attr[2] = { 0, (uint32_t)bpffs_fd }; /* flags */

	return call(sys, ABI_TOKEN_CREATE, attr, sizeof(attr));
}

int sys_knock(const struct sys *sys, unsigned command, const void *attr, unsigned size)
{
	unsigned char copy[128] = { 0 };

	if (size > sizeof(copy))
		return -E2BIG;
	memcpy(copy, attr, size);
	int r = call(sys, (int)command, copy, size);
	if (r > 2)
		close(r); /* whatever it was */
	return r;
}
