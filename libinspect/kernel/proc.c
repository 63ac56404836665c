/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * proc.c - what /proc, /sys and the network stack say of an object
 *
 * Numbers of CPUs are a set and not a range: the values of a per-CPU map follow the possible CPUs in
 * ascending order, and there may be gaps in their numbers.
 */
#include "kernel/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"

static int open_below(const struct sys *sys, const char *path, int flags)
{
	char whole[PATH_MAX];

	if (!*sys->root)
		return open(path, flags | O_CLOEXEC);
	int n = snprintf(whole, sizeof(whole), "%s%s", sys->root, path);
	if (n < 0 || (size_t)n >= sizeof(whole)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(whole, flags | O_CLOEXEC);
}

/* All bytes of an open file, at most @max; 0 or a negative errno. */
static int read_all(int fd, size_t max, struct buf *out)
{
	for (;;) {
		char *to = buf_reserve(out, 4096);

		if (!to)
			return -ENOMEM;
		ssize_t n = read(fd, to, out->room - out->size);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		out->size += n > 0 ? (size_t)n : 0;
		if (out->size > max)
			return -EFBIG;
	}
}

struct fdinfo_line {
	const char *label;
	size_t offset;
	unsigned has;
};

static const struct fdinfo_line fdinfo_lines[] = {
	{ "prog_id:", offsetof(struct proc_fdinfo, id), PROC_HAS_ID },
	{ "map_id:", offsetof(struct proc_fdinfo, id), PROC_HAS_ID },
	{ "memlock:", offsetof(struct proc_fdinfo, memlock), PROC_HAS_MEMLOCK },
	{ "frozen:", offsetof(struct proc_fdinfo, frozen), PROC_HAS_FROZEN },
	{ "owner_prog_type:", offsetof(struct proc_fdinfo, owner_prog_type), PROC_HAS_OWNER_TYPE },
	{ "owner_jited:", offsetof(struct proc_fdinfo, owner_jited), PROC_HAS_OWNER_JITED },
};

static void parse_line(const char *line, size_t size, struct proc_fdinfo *out)
{
	for (size_t i = 0; i < sizeof(fdinfo_lines) / sizeof(*fdinfo_lines); i++) {
		const struct fdinfo_line *known = &fdinfo_lines[i];
		size_t label = strlen(known->label), fill = 0;
		char digits[NUM_ROOM];
		uint64_t value;

		if (size < label || memcmp(line, known->label, label) != 0)
			continue;
		while (label < size && (line[label] == '\t' || line[label] == ' '))
			label++;
		while (label < size && fill < sizeof(digits) - 1)
			digits[fill++] = line[label++];
		digits[fill] = '\0';
		if (label == size && !num_parse(digits, NUM_DECIMAL, UINT64_MAX, &value)) {
			memcpy((char *)out + known->offset, &value, sizeof(value));
			out->have |= known->has;
		}
		return;
	}
}

void proc_fdinfo_parse(const char *text, struct proc_fdinfo *out)
{
	*out = (struct proc_fdinfo){ 0 };
	while (*text) {
		size_t size = strcspn(text, "\n");

		parse_line(text, size, out);
		text += size + (text[size] == '\n');
	}
}

static int fdinfo_open(struct sys *sys, int fd)
{
	char path[64] = "/proc/self/fdinfo/";
	size_t n = strlen(path);

	if (sys->fdinfo >= 0 && sys->fdinfo_for == fd)
		return 0;
	sys_done(sys);
	path[n + num_format_u64(path + n, (uint64_t)fd)] = '\0';
	sys->fdinfo = open_below(sys, path, O_RDONLY);
	sys->fdinfo_for = fd;
	return sys->fdinfo < 0 ? -errno : 0;
}

/*
 * The file stands for the descriptor's number and not for what it is open on: in a list, each object
 * gets the number that the one before it had, and one open file serves them all.
 */
int proc_fdinfo_read(struct sys *sys, int fd, uint32_t id, struct proc_fdinfo *out)
{
	char text[4096];

	int r = fdinfo_open(sys, fd);
	if (r < 0)
		return r;
	/* The kernel makes the whole text anew for a read from the beginning. */
	ssize_t n = pread(sys->fdinfo, text, sizeof(text) - 1, 0);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	proc_fdinfo_parse(text, out);
	if (out->have & PROC_HAS_ID && out->id != id)
		return -ESTALE;
	return 0;
}

#define CPUS_MAX 65536 /* far beyond any kernel's limit: what is larger is not understood */

/* One "N" or "N-M" of the list; returns what follows, or NULL. */
static const char *parse_range(const char *at, uint64_t *first, uint64_t *last)
{
	uint64_t *ends[] = { first, last };

	for (unsigned i = 0; i < 2; i++) {
		size_t n = strspn(at, "0123456789");
		char digits[8];

		if (!n || n >= sizeof(digits))
			return NULL;
		memcpy(digits, at, n);
		digits[n] = '\0';
		if (num_parse(digits, NUM_DECIMAL, CPUS_MAX - 1, ends[i]))
			return NULL;
		at += n;
		if (i == 0 && *at != '-') {
			*last = *first;
			return at;
		}
		at += i == 0;
	}
	return at;
}

int proc_cpus_parse(const char *text, unsigned **cpus)
{
	autofree unsigned *all = NULL;
	uint64_t first, last, n = 0;

	for (;;) {
		uint64_t least = n ? (uint64_t)all[n - 1] + 1 : 0;

		text = parse_range(text, &first, &last);
		if (!text || first < least || last < first)
			return -EINVAL;
		unsigned *more = realloc(all, (n + last - first + 1) * sizeof(*all));
		if (!more)
			return -ENOMEM;
		all = more;
		for (uint64_t cpu = first; cpu <= last; cpu++)
			all[n++] = (unsigned)cpu;
		if (*text != ',')
			break;
		text++;
	}
	if (*text && strcmp(text, "\n") != 0)
		return -EINVAL;
	*cpus = take_ptr(&all);
	return (int)n;
}

int proc_possible_cpus(const struct sys *sys, unsigned **cpus, struct inspect_error *err)
{
	static const char path[] = "/sys/devices/system/cpu/possible";
	AUTO(buf_done) struct buf text = { 0 };

	autoclose int fd = open_below(sys, path, O_RDONLY);
	if (fd < 0)
		return inspect_fail(err, errno, "%s: open", path);
	int r = read_all(fd, 1 << 20, &text);
	buf_add_char(&text, '\0');
	if (r < 0 || buf_failed(&text))
		return inspect_fail(err, r < 0 ? -r : ENOMEM, "%s: read", path);
	r = proc_cpus_parse(text.bytes, cpus);
	if (r < 0)
		return inspect_fail(err, -r, "%s: which CPUs are possible", path);
	return r;
}

int proc_kind_of(const struct sys *sys, int fd, enum inspect_kind *out)
{
	/* A link's first descriptor has another name than those that come from its id or a pin. */
	static const struct {
		const char *name;
		enum inspect_kind kind;
	} names[] = {
		{ "bpf-prog", INSPECT_PROG }, { "bpf-map", INSPECT_MAP },
		{ "bpf-link", INSPECT_LINK }, { "bpf_link", INSPECT_LINK },
		{ "btf", INSPECT_BTF },
	};
	char link[PATH_MAX], target[64];

	int size = snprintf(link, sizeof(link), "%s/proc/self/fd/%d", sys->root, fd);
	if (size < 0 || (size_t)size >= sizeof(link))
		return -ENAMETOOLONG;
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	const char *name = strchr(target, ':') ? strchr(target, ':') + 1 : target;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i].name) != 0)
			continue;
		*out = names[i].kind;
		return 0;
	}
	return -EINVAL;
}

void proc_device_name(const struct sys *sys, struct inspect_device *device)
{
	char path[PATH_MAX], name[IF_NAMESIZE];
	struct stat ours;

	int n = snprintf(path, sizeof(path), "%s/proc/self/ns/net", sys->root);
	if (n < 0 || (size_t)n >= sizeof(path) || stat(path, &ours))
		return;
	if (ours.st_dev != device->netns_dev || ours.st_ino != device->netns_ino)
		return; /* the same number means another device there */
	if (if_indextoname(device->ifindex, name))
		memcpy(device->name, name, sizeof(device->name));
}

int proc_device_index(const char *name, uint32_t *out)
{
	unsigned index = if_nametoindex(name);

	if (!index)
		return -errno;
	*out = index;
	return 0;
}

bool proc_is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

#define BPFFS_MAGIC 0xcafe4a11

bool proc_is_outside_bpffs(const char *path)
{
	struct statfs st;

	return statfs(path, &st) == 0 && (unsigned long)st.f_type != BPFFS_MAGIC;
}

bool proc_sysctl(const struct sys *sys, const char *name, int64_t *out)
{
	AUTO(buf_done) struct buf text = { 0 };
	char path[128];
	uint64_t value;

	int size = snprintf(path, sizeof(path), "/proc/sys/%s", name);
	autoclose int fd = (size_t)size < sizeof(path) ? open_below(sys, path, O_RDONLY) : -1;
	if (fd < 0 || read_all(fd, 64, &text))
		return false;
	buf_add_char(&text, '\0');
	if (buf_failed(&text))
		return false;
	text.bytes[strcspn(text.bytes, "\n")] = '\0';
	bool is_negative = *text.bytes == '-';
	if (num_parse(text.bytes + is_negative, NUM_DECIMAL, INT32_MAX, &value))
		return false;
	*out = is_negative ? -(int64_t)value : (int64_t)value;
	return true;
}

uint64_t proc_wall_seconds(uint64_t boot_ns)
{
	struct timespec wall, boot;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	int64_t ns = wall.tv_nsec - boot.tv_nsec + (int64_t)boot_ns;
	return (uint64_t)(wall.tv_sec - boot.tv_sec + ns / 1000000000);
}

void inspect_paths_beginning(const char *text, void (*each)(void *context, const char *path),
			     void *context)
{
	AUTO(buf_done) struct buf pattern = { 0 };
	glob_t found = { 0 };

	if (!*text)
		text = "/sys/fs/bpf/";
	for (const char *at = text; *at; at++) {
		if (strchr("*?[\\", *at))
			buf_add_char(&pattern, '\\');
		buf_add_char(&pattern, *at);
	}
	buf_add(&pattern, "*", 2);
	if (!buf_failed(&pattern) && glob(pattern.bytes, GLOB_MARK, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			each(context, found.gl_pathv[i]);
	globfree(&found);
}

static int read_file(const char *path, int flags, size_t max, char **bytes, size_t *size,
		     struct inspect_error *err)
{
	AUTO(buf_done) struct buf all = { 0 };

	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	if (fd < 0)
		return inspect_fail(err, errno, "%s: open", path);
	int r = read_all(fd, max, &all);
	if (r < 0)
		return inspect_fail(err, -r, "%s: read", path);
	*bytes = take_ptr(&all.bytes);
	*size = all.size;
	return 0;
}

int proc_read_file(const char *path, size_t max, char **bytes, size_t *size,
		   struct inspect_error *err)
{
	return read_file(path, 0, max, bytes, size, err);
}

int proc_read_regular(const char *path, size_t max, char **bytes, size_t *size,
		      struct inspect_error *err)
{
	struct stat st;

	if (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return inspect_fail(err, EINVAL, "%s: not a regular file", path);
	/* Should it have become a pipe meanwhile, nothing waits for it. */
	return read_file(path, O_NONBLOCK | O_NOCTTY, max, bytes, size, err);
}

/* What others may shorten is not mapped: a file that is none of sysfs. */
static bool map_file(int fd, size_t max, struct proc_bytes *out)
{
	struct statfs fs;
	struct stat status;

	if (fstatfs(fd, &fs) || fs.f_type != SYSFS_MAGIC || fstat(fd, &status) ||
	    status.st_size <= 0 || (size_t)status.st_size > max)
		return false;
	void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return false;
	*out = (struct proc_bytes){ bytes, (size_t)status.st_size, true };
	return true;
}

int proc_bytes_read(const struct sys *sys, const char *path, size_t max, struct proc_bytes *out,
		    struct inspect_error *err)
{
	AUTO(buf_done) struct buf all = { 0 };

	*out = (struct proc_bytes){ 0 };
	autoclose int fd = open_below(sys, path, O_RDONLY);
	if (fd < 0)
		return inspect_fail(err, errno, "%s: open", path);
	if (map_file(fd, max, out))
		return 0;
	int r = read_all(fd, max, &all);
	if (r < 0)
		return inspect_fail(err, -r, "%s: read", path);
	*out = (struct proc_bytes){ take_ptr(&all.bytes), all.size, false };
	return 0;
}

void proc_bytes_done(struct proc_bytes *bytes)
{
	if (bytes->is_mapped)
		munmap(bytes->bytes, bytes->size);
	else
		free(bytes->bytes);
	*bytes = (struct proc_bytes){ 0 };
}
