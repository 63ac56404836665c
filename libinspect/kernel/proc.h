/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * proc.h - what /proc, /sys and the network stack say of an object
 */
#ifndef KERNEL_PROC_H
#define KERNEL_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sys.h"

/* What a map's or a program's fdinfo says beyond the info call; an absent line leaves its bit out. */
enum proc_fdinfo_has {
	PROC_HAS_MEMLOCK = 1,
	PROC_HAS_FROZEN = 2,
	PROC_HAS_OWNER_TYPE = 4,
	PROC_HAS_OWNER_JITED = 8,
	PROC_HAS_ID = 16,
};

struct proc_fdinfo {
	unsigned have;
	uint64_t memlock;
	uint64_t frozen;
	uint64_t owner_prog_type;
	uint64_t owner_jited;
	uint64_t id;
};

/* 0 or a negative errno; @id is the object's, and must be found there. One call in a list. */
int proc_fdinfo_read(struct sys *sys, int fd, uint32_t id, struct proc_fdinfo *out);

/* @text ends with NUL. */
void proc_fdinfo_parse(const char *text, struct proc_fdinfo *out);

/*
 * The CPUs that may ever be there: how many, and their numbers in *cpus (to be freed). A file that
 * cannot be understood is -EINVAL: a guess would give values to the wrong CPUs.
 */
int proc_possible_cpus(const struct sys *sys, unsigned **cpus, struct inspect_error *err);
int proc_cpus_parse(const char *text, unsigned **cpus);

/* The kind of object that a descriptor is open on; -EINVAL for any other, or a negative errno. */
int proc_kind_of(const struct sys *sys, int fd, enum inspect_kind *out);

/* Fills in device->name where its network namespace is the caller's. */
void proc_device_name(const struct sys *sys, struct inspect_device *device);

/* The index of a network device of this namespace; 0 or a negative errno. */
int proc_device_index(const char *name, uint32_t *out);

/* What a path is, where that can be told; both are false for a path that is not there. */
bool proc_is_directory(const char *path);
bool proc_is_outside_bpffs(const char *path);

/* A number of /proc/sys: "kernel/kptr_restrict". False where it cannot be read. */
bool proc_sysctl(const struct sys *sys, const char *name, int64_t *out);

/* Nanoseconds since boot as seconds since 1970, by the clocks of now. */
uint64_t proc_wall_seconds(uint64_t boot_ns);

/* Reads a whole file of at most @max bytes into memory to be freed. */
int proc_read_file(const char *path, size_t max, char **bytes, size_t *size,
		   struct inspect_error *err);

/*
 * The same of a file that is there in whole: -EINVAL where it is a pipe, a socket or a device. To open or read such may
 * wait for as long as nobody writes, and has effects of its own.
 */
int proc_read_regular(const char *path, size_t max, char **bytes, size_t *size,
		      struct inspect_error *err);

/* The bytes of a file. Zeroed, there are none. */
struct proc_bytes {
	char *bytes;
	size_t size;
	bool is_mapped;
};

/*
 * The same for a large file below sys->root of which little may be needed: it is mapped where the kernel maps it (its own types,
 * from Linux 6.16 on), which costs next to nothing, and read where not.
 */
int proc_bytes_read(const struct sys *sys, const char *path, size_t max, struct proc_bytes *out,
		    struct inspect_error *err);
void proc_bytes_done(struct proc_bytes *bytes);

#endif
