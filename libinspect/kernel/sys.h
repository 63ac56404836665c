/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sys.h - bpf(2), one function per call
 *
 * Results are 0, a descriptor, or a negative errno. Descriptors are closed on exec.
 */
#ifndef KERNEL_SYS_H
#define KERNEL_SYS_H

#include <stdint.h>

#include "inspect.h"
#include "kernel/abi.h"

/* Where the kernel is. A test puts a double in place of bpf, or another tree in place of "/". */
struct sys {
	long (*bpf)(int cmd, void *attr, unsigned size); /* -1 and errno, as the system call */
	const char *root;				 /* before /proc and /sys: "" */
	int fdinfo;	/* an open file of /proc/self/fdinfo, or -1 */
	int fdinfo_for; /* of which descriptor */
	/* NULL, or asked before each call: it is not made where this gives an errno, and fails with that. */
	int (*forbids)(void *guard, int cmd);
	void *guard; /* given to it */
};

void sys_init(struct sys *sys);
void sys_done(struct sys *sys);

/*
 * A call that no kernel carries out, because of its size: -E2BIG says that the kernel has seen it, before it looked at
 * rights, but for kernels before 6.4 (-EPERM: unprivileged_bpf_disabled). Anything else is from what stands before it.
 */
int sys_try(const struct sys *sys, int cmd);

/* The id after @id: 0, -ENOENT when there is none. */
int sys_next_id(const struct sys *sys, enum inspect_kind kind, uint32_t id, uint32_t *next);

/* Maps are opened for reading alone. */
int sys_open_id(const struct sys *sys, enum inspect_kind kind, uint32_t id);

/* Opens a pinned object with as few rights as it can be opened with. */
int sys_open_path(const struct sys *sys, const char *path);

/* Opens a pinned object, the path beginning at an open directory (Linux 6.5). */
int sys_open_path_at(const struct sys *sys, int dir_fd, const char *path);

/* Maps alone; @rights is ABI_F_RDONLY, ABI_F_WRONLY or 0 for both. */
int sys_open_id_with(const struct sys *sys, uint32_t id, uint32_t rights);
int sys_open_path_with(const struct sys *sys, const char *path, uint32_t rights);

/* @length: the room at @info, then what the kernel filled in. */
int sys_info(const struct sys *sys, int fd, void *info, uint32_t *length);

/* @key NULL: the first key. -ENOENT: there is none. */
int sys_next_key(const struct sys *sys, int map_fd, const void *key, void *next);
int sys_lookup(const struct sys *sys, int map_fd, const void *key, void *value);

/*
 * @count: room for so many, then how many came. -ENOENT: these were the last. @in NULL: the first.
 */
int sys_lookup_batch(const struct sys *sys, int map_fd, const void *in, void *out, void *keys,
		     void *values, uint32_t *count);

/* @key NULL: a map without keys. @flags: ABI_ANY, ABI_NOEXIST or ABI_EXIST. */
int sys_update(const struct sys *sys, int map_fd, const void *key, const void *value,
	       uint64_t flags);
int sys_delete(const struct sys *sys, int map_fd, const void *key);

/*
 * Adds or changes many elements. @count: how many there are, then how many were done, also
 * where the call fails. Flags are for single updates alone.
 */
int sys_update_batch(const struct sys *sys, int map_fd, const void *keys, const void *values,
		     uint32_t *count);
int sys_lookup_and_delete(const struct sys *sys, int map_fd, const void *key, void *value);

/* A batch command on no elements at all. -ERROR_ENOTSUPP: maps of that type have none. */
int sys_batch_none(const struct sys *sys, int cmd, int map_fd);

/* From now on, no system call changes the map. */
int sys_freeze(const struct sys *sys, int map_fd);

/* A descriptor. Members that are zero are not asked of a kernel that may be too old to know them. */
int sys_map_create(const struct sys *sys, const struct abi_map_create_attr *attr);

int sys_pin(const struct sys *sys, int fd, const char *path);

/* Without a link: to a map of sockets, or (@target_fd 0) to the caller's network namespace. */
int sys_prog_attach(const struct sys *sys, int target_fd, int prog_fd, uint32_t attach_type);
int sys_prog_detach(const struct sys *sys, int target_fd, int prog_fd, uint32_t attach_type);

/* Asks what is attached to @target, and takes no answer: 0, or why it has none. */
int sys_attach_query(const struct sys *sys, int target, uint32_t attach_type);

/* A descriptor of the new link. Members that are zero are not asked of a kernel that may be too old to know them. */
int sys_link_create(const struct sys *sys, const struct abi_link_create_attr *attr);

/*
 * A descriptor: it keeps the program attached, on most kernels as a link. @name NULL: to what it was loaded for. A
 * @cookie of 0 is none.
 */
int sys_raw_tracepoint_open(const struct sys *sys, int prog_fd, const char *name, uint64_t cookie);

/* From now on, the link has this program; @old_prog_fd: only if it has that one, or -1. */
int sys_link_update(const struct sys *sys, int fd, int prog_fd, int old_prog_fd);
/* A descriptor that can be read once: what the iterator of that link writes. */
int sys_iter_create(const struct sys *sys, int link_fd);

/* Ends what a link does; the link itself stays. */
int sys_link_detach(const struct sys *sys, int fd);

#define DEVICE_LINKS 64 /* the kernel's limit, at one device and of one attach type */

/*
 * The links at a network device of the caller's namespace, of this attach type. @ids: room for DEVICE_LINKS;
 * one without a link is 0. @count: how many there are.
 */
int sys_device_links(const struct sys *sys, uint32_t ifindex, uint32_t attach_type, uint32_t *ids,
		     uint32_t *count);

/*
 * Runs a program. Results are in @attr; where the room was too small, -ENOSPC, they are there too, with
 * the sizes that would have been enough.
 */
int sys_prog_run(const struct sys *sys, struct abi_prog_run_attr *attr);

/*
 * Takes what a program has written to a stream of its own. How many bytes came, 0 for none; -EINVAL also where the
 * kernel has no such call.
 */
int sys_stream_read(const struct sys *sys, int prog_fd, uint32_t stream, void *bytes,
		    uint32_t size);

/* A descriptor. @log, of @log_size bytes, gets what the kernel finds wrong; NULL and 0: nothing. */
int sys_btf_load(const struct sys *sys, const void *bytes, uint32_t size, char *log,
		 uint32_t log_size);

/*
 * Any command, by number and with any attributes: for asking whether the kernel knows it. They must be such that it
 * refuses them.
 */
int sys_knock(const struct sys *sys, unsigned command, const void *attr, unsigned size);

/* A descriptor. */
int sys_prog_load(const struct sys *sys, const struct abi_prog_load_attr *attr);

/* A descriptor of a token that hands on what a BPF file system delegates. */
int sys_token_create(const struct sys *sys, int bpffs_fd);

#endif
