/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * holders.c - which processes have descriptors of BPF objects
 *
 * A descriptor's link text tells what kind of file it is open on, and is all that is read of most of
 * them. fdinfo, which costs three times as much, is read of BPF objects alone.
 *
 * Processes come and go, open and close while this runs: a file that is not there any more is never
 * a failure. Threads share their descriptors, so only the first thread of each process is looked at;
 * a thread that has parted with the others' table (unshare(2)) is not seen.
 */
#include "kernel/holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/crew.h"
#include "base/num.h"

#define FEW_PROCESSES 64 /* one thread is through with them before a second one has begun */
#define PIDS_AT_ONCE 8
#define ENTRIES_ROOM 32768
#define DETAILS_ROOM 16384 /* /proc/PID/cgroup has a line for each hierarchy */
#define MISSES_MAX 16	   /* numbers in vain, before the rest is listed */
#define NOBODY UINT32_MAX

/* A directory that is read by the buffer. */
struct entries {
	size_t at;
	size_t fill;
	_Alignas(struct dirent64) char bytes[ENTRIES_ROOM];
};

/* What all workers share: whoever is done with its processes takes the next. */
struct walk {
	pthread_mutex_t lock;
	int proc;     /* open on /proc */
	bool is_proc; /* and no folder that a test has made */
	bool wants_details;
	bool is_over;
	int error;
	uint32_t self;
	size_t n_seen;
	bool saw_first; /* process 1, which only hiding makes invisible */
	struct entries entries;
};

struct worker {
	struct walk *walk;
	size_t n_refused;
	struct buf holdings;
	struct buf holders;
	struct entries entries;
};

/* The process that a worker looks at. */
struct process {
	uint32_t pid;
	uint32_t holder; /* index, once it holds anything */
	int fds;	 /* open on its folder fd */
	int fdinfo;	 /* open on the other one, once that is needed */
};

/* The next name, or NULL at the end; *error then holds a negative errno or 0. */
static const char *next_name(struct entries *entries, int fd, int *error)
{
	*error = 0;
	if (entries->at == entries->fill) {
		ssize_t n = getdents64(fd, entries->bytes, sizeof(entries->bytes));

		if (n < 0)
			*error = -errno;
		entries->at = 0;
		entries->fill = n > 0 ? (size_t)n : 0;
		if (n <= 0)
			return NULL;
	}
	const struct dirent64 *entry = (const void *)(entries->bytes + entries->at);
	entries->at += entry->d_reclen;
	return entry->d_name;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_vanished(int error)
{
	return error == -ENOENT || error == -ESRCH;
}

/* Takes up to PIDS_AT_ONCE processes from /proc. */
static size_t take_pids(struct walk *walk, uint32_t *pids)
{
	const char *name;
	size_t n = 0;

	pthread_mutex_lock(&walk->lock);
	while (n < PIDS_AT_ONCE && !walk->is_over) {
		uint64_t pid;

		name = next_name(&walk->entries, walk->proc, &walk->error);
		walk->is_over = !name;
		if (!name || !is_digit(*name) || num_parse(name, NUM_DECIMAL, INT_MAX, &pid))
			continue;
		walk->n_seen++;
		walk->saw_first = walk->saw_first || pid == 1;
		if (pid != walk->self)
			pids[n++] = (uint32_t)pid;
	}
	pthread_mutex_unlock(&walk->lock);
	return n;
}

/* "PID/NAME" */
static const char *path_of(char *room, size_t size, uint32_t pid, const char *name)
{
	snprintf(room, size, "%u/%s", pid, name);
	return room;
}

/*
 * Up to @size - 1 bytes of a file and a NUL: how many, or a negative errno. The files here are made
 * by the kernel for one read, and a second would only say that this was all.
 */
static int read_at(int dir, const char *path, char *to, size_t size)
{
	autoclose int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t n = read(fd, to, size - 1);
	if (n < 0)
		return -errno;
	to[n] = '\0';
	return (int)n;
}

/* A label and a decimal number of 32 bits, as the line that begins at @line. */
static bool parse_number(const char *line, const char *label, uint32_t *out)
{
	size_t n = strlen(label), digits;
	char room[NUM_ROOM];
	uint64_t value;

	if (strncmp(line, label, n) != 0)
		return false;
	line += n;
	line += strspn(line, "\t ");
	digits = strspn(line, "0123456789");
	if (!digits || digits >= sizeof(room))
		return false;
	memcpy(room, line, digits);
	room[digits] = '\0';
	if (num_parse(room, NUM_DECIMAL, UINT32_MAX, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

/*
 * A link names its program and may name a map, a program or a map may name BTF: the first of the
 * labels that is there says what the object itself is.
 */
bool holders_parse_fdinfo(const char *text, enum inspect_kind *kind, uint32_t *id)
{
	static const struct {
		const char *label;
		enum inspect_kind kind;
	} labels[] = {
		{ "link_id:", INSPECT_LINK },
		{ "map_id:", INSPECT_MAP },
		{ "prog_id:", INSPECT_PROG },
		{ "btf_id:", INSPECT_BTF },
	};

	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		for (const char *line = text; line; line = next_line(line)) {
			if (!parse_number(line, labels[i].label, id))
				continue;
			*kind = labels[i].kind;
			return true;
		}
	}
	return false;
}

/* The path in a line of a cgroup file, if it is of this hierarchy; it ends where the line does. */
static const char *cgroup_in(const char *line, const char *controllers, size_t *size)
{
	size_t n = strlen(controllers), whole = strcspn(line, "\n");
	size_t number = strspn(line, "0123456789");

	/* A line without its end was cut. */
	if (!line[whole] || whole <= number + n || line[number] != ':' ||
	    memcmp(line + number + 1, controllers, n) != 0)
		return NULL;
	*size = whole - number - 1 - n;
	return line + number + 1 + n;
}

/*
 * Where systemd still uses its old hierarchy, the new one may be mounted and hold every process at
 * its root: then the old path tells more.
 */
const char *holders_find_cgroup(const char *text, size_t *size)
{
	const char *unified = NULL, *systemd = NULL;
	size_t unified_size = 0, systemd_size = 0;

	for (const char *line = text; line; line = next_line(line)) {
		size_t n = 0;
		const char *path = cgroup_in(line, ":", &n);

		if (path && line[0] == '0') {
			unified = path;
			unified_size = n;
		}
		path = cgroup_in(line, "name=systemd:", &n);
		if (path) {
			systemd = path;
			systemd_size = n;
		}
	}
	bool is_old = systemd && unified_size <= 1;
	*size = is_old ? systemd_size : unified_size;
	return is_old ? systemd : unified;
}

/* The user that a process acts as, and its cgroup; what is not to be had is left out. 0 or -ENOMEM. */
static int read_details(int proc, struct holder *holder)
{
	autofree char *text = malloc(DETAILS_ROOM);
	char path[32];
	size_t size = 0;

	if (!text)
		return -ENOMEM;
	if (read_at(proc, path_of(path, sizeof(path), holder->pid, "status"), text, 2048) > 0) {
		const char *line = strstr(text, "\nUid:\t");
		const char *effective = line ? strchr(line + 6, '\t') : NULL;

		if (effective)
			holder->has_uid = parse_number(effective, "\t", &holder->uid);
	}
	if (read_at(proc, path_of(path, sizeof(path), holder->pid, "cgroup"), text, DETAILS_ROOM) <=
	    0)
		return 0;
	const char *cgroup = holders_find_cgroup(text, &size);
	if (cgroup)
		holder->cgroup = strndup(cgroup, size);
	return cgroup && !holder->cgroup ? -ENOMEM : 0;
}

/* The process holds something: it becomes a holder. False when it is gone, or no memory is left. */
static bool become_holder(struct worker *worker, struct process *process)
{
	struct holder holder = { .pid = process->pid };
	char path[32], comm[80] = "";

	if (process->holder != NOBODY)
		return true;
	int n = read_at(worker->walk->proc, path_of(path, sizeof(path), process->pid, "comm"), comm,
			sizeof(comm));
	if (n < 0)
		return false;
	if (n && comm[n - 1] == '\n')
		comm[n - 1] = '\0';
	memcpy(holder.comm, comm, sizeof(holder.comm) - 1);
	if (worker->walk->wants_details && read_details(worker->walk->proc, &holder))
		worker->holders.failed = true;
	process->holder = (uint32_t)(worker->holders.size / sizeof(holder));
	buf_add(&worker->holders, &holder, sizeof(holder));
	if (buf_failed(&worker->holders))
		free(holder.cgroup);
	return !buf_failed(&worker->holders);
}

/*
 * Is a descriptor open on a BPF object? Of the link text, its beginning is enough. 1, 0, or a
 * negative errno.
 */
static int is_bpf(int fds, const char *name)
{
	static const char bpf[] = "anon_inode:bpf", btf[] = "anon_inode:btf";
	char text[sizeof(bpf) - 1];
	ssize_t n = readlinkat(fds, name, text, sizeof(text));

	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(text) &&
	       (memcmp(text, bpf, sizeof(text)) == 0 || memcmp(text, btf, sizeof(text)) == 0);
}

static void take_descriptor(struct worker *worker, struct process *process, const char *name)
{
	char path[32], text[2048];
	enum inspect_kind kind;
	uint32_t id;

	if (process->fdinfo < 0)
		process->fdinfo = openat(worker->walk->proc,
					 path_of(path, sizeof(path), process->pid, "fdinfo"),
					 O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process->fdinfo < 0 || read_at(process->fdinfo, name, text, sizeof(text)) < 0 ||
	    !holders_parse_fdinfo(text, &kind, &id) || !become_holder(worker, process))
		return;

	const struct holding holding = {
		.kind = kind,
		.id = id,
		.pid = process->pid,
		.holder = process->holder,
	};
	buf_add(&worker->holdings, &holding, sizeof(holding));
}

/*
 * The folder's size is how many descriptors there are (Linux 6.2), and most processes have them one
 * behind the other: then their names are known, and listing them, a third of all work, is left out.
 * What is not found here comes later in the list, which the kernel begins at any number: its place
 * is the number and 2.
 */
static void look_by_number(struct worker *worker, struct process *process)
{
	unsigned misses = 0, n = 0;
	struct stat st;

	if (!worker->walk->is_proc || fstat(process->fds, &st) || st.st_size <= 0)
		return;
	while (n < st.st_size && misses < MISSES_MAX) {
		char name[NUM_ROOM];

		name[num_format_u64(name, n)] = '\0';
		int r = is_bpf(process->fds, name);
		if (r > 0)
			take_descriptor(worker, process, name);
		misses += r < 0;
		n++;
	}
	lseek(process->fds, n + 2, SEEK_SET);
}

static void look_at(struct worker *worker, uint32_t pid)
{
	const char *name;
	char path[32];
	int error;

	autoclose int fds = openat(worker->walk->proc, path_of(path, sizeof(path), pid, "fd"),
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fds < 0) {
		worker->n_refused += !is_vanished(-errno);
		return;
	}
	struct process process = { .pid = pid, .holder = NOBODY, .fds = fds, .fdinfo = -1 };

	look_by_number(worker, &process);
	worker->entries.at = worker->entries.fill = 0;
	while ((name = next_name(&worker->entries, fds, &error)))
		if (is_digit(*name) && is_bpf(fds, name) > 0)
			take_descriptor(worker, &process, name);
	worker->n_refused += error && !is_vanished(error);
	close_fd(process.fdinfo);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	uint32_t pids[PIDS_AT_ONCE];
	size_t n;

	while ((n = take_pids(worker->walk, pids)))
		for (size_t i = 0; i < n; i++)
			look_at(worker, pids[i]);
	return NULL;
}

/* How many processes the first buffer of /proc holds. */
static size_t count_first(struct walk *walk)
{
	const char *name = next_name(&walk->entries, walk->proc, &walk->error);
	size_t n = 0;

	while (name && walk->entries.at < walk->entries.fill) {
		n += is_digit(*name);
		name = next_name(&walk->entries, walk->proc, &walk->error);
	}
	walk->entries.at = 0; /* they are all still to be walked */
	walk->is_over = !name;
	return n;
}

static unsigned count_workers(struct walk *walk)
{
	return count_first(walk) < FEW_PROCESSES ? 1 : crew_size();
}

static int compare_numbers(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_objects(const struct holding *a, const struct holding *b)
{
	int kinds = compare_numbers(a->kind, b->kind);

	return kinds ? kinds : compare_numbers(a->id, b->id);
}

static int compare_holdings(const void *a, const void *b)
{
	const struct holding *one = a, *other = b;
	int objects = compare_objects(one, other);

	return objects ? objects : compare_numbers(one->pid, other->pid);
}

/* Sorts, and leaves each process once beside each object. */
static void sort_holdings(struct holders *holders)
{
	struct holding *all = holders->holdings;
	size_t n = 0;

	if (!holders->n_holdings)
		return;
	qsort(all, holders->n_holdings, sizeof(*all), compare_holdings);
	for (size_t i = 1; i < holders->n_holdings; i++)
		if (compare_holdings(&all[n], &all[i]) != 0)
			all[++n] = all[i];
	holders->n_holdings = n + 1;
}

/* Takes what a worker found: its holders are numbered on from those that are there. */
static void add_worker(struct worker *worker, struct buf *holdings, struct buf *holders)
{
	struct holding *found = (void *)worker->holdings.bytes;
	size_t before = holders->size / sizeof(struct holder);

	for (size_t i = 0; i < worker->holdings.size / sizeof(*found); i++)
		found[i].holder += (uint32_t)before;
	buf_add(holdings, worker->holdings.bytes, worker->holdings.size);
	buf_add(holders, worker->holders.bytes, worker->holders.size);
	if (buf_failed(holders)) {
		const struct holder *lost = (const void *)worker->holders.bytes;

		for (size_t i = 0; i < worker->holders.size / sizeof(*lost); i++)
			free(lost[i].cgroup);
	}
	holdings->failed =
		holdings->failed || buf_failed(&worker->holdings) || buf_failed(&worker->holders);
}

static int merge(struct worker *workers, unsigned n, struct holders *out)
{
	struct buf holdings = { 0 }, holders = { 0 };

	for (unsigned i = 0; i < n; i++) {
		add_worker(&workers[i], &holdings, &holders);
		out->n_refused += workers[i].n_refused;
		buf_done(&workers[i].holdings);
		buf_done(&workers[i].holders);
	}
	out->holdings = (void *)holdings.bytes;
	out->n_holdings = holdings.size / sizeof(*out->holdings);
	out->holders = (void *)holders.bytes;
	out->n_holders = holders.size / sizeof(*out->holders);
	if (buf_failed(&holdings) || buf_failed(&holders))
		return -ENOMEM;
	sort_holdings(out);
	return 0;
}

static int walk_init(struct walk *walk, const struct sys *sys, bool wants_details)
{
	char path[PATH_MAX], self[16] = "";
	struct statfs fs;
	uint64_t pid;

	int n = snprintf(path, sizeof(path), "%s/proc", sys->root);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	walk->proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk->proc < 0)
		return -errno;
	walk->is_proc = fstatfs(walk->proc, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	if (readlinkat(walk->proc, "self", self, sizeof(self) - 1) > 0 &&
	    !num_parse(self, NUM_DECIMAL, INT_MAX, &pid))
		walk->self = (uint32_t)pid;
	walk->wants_details = wants_details;
	pthread_mutex_init(&walk->lock, NULL);
	return 0;
}

static void walk_done(struct walk *walk)
{
	pthread_mutex_destroy(&walk->lock);
	close_fd(walk->proc);
}

int holders_read(const struct sys *sys, bool wants_details, struct holders *out)
{
	autofree struct walk *walk = calloc(1, sizeof(*walk));
	int r = walk ? walk_init(walk, sys, wants_details) : -ENOMEM;

	*out = (struct holders){ 0 };
	if (r < 0)
		return r;
	unsigned n = count_workers(walk);
	autofree struct worker *workers = calloc(n, sizeof(*workers));
	for (unsigned i = 0; workers && i < n; i++)
		workers[i].walk = walk;
	if (workers) {
		crew_work(workers, sizeof(*workers), n, work);
		r = merge(workers, n, out);
	}
	out->n_seen = walk->n_seen;
	out->is_hidden = !walk->saw_first;
	r = !workers ? -ENOMEM : r < 0 ? r : walk->error;
	walk_done(walk);
	if (r < 0)
		holders_done(out);
	return r;
}

void holders_done(struct holders *holders)
{
	for (size_t i = 0; i < holders->n_holders; i++)
		free(holders->holders[i].cgroup);
	free(holders->holders);
	free(holders->holdings);
	*holders = (struct holders){ 0 };
}

const struct holding *holders_find(const struct holders *holders, enum inspect_kind kind,
				   uint32_t id, size_t *n)
{
	const struct holding wanted = { .kind = kind, .id = id };
	const struct holding *all = holders->holdings;
	size_t first = 0, end = holders->n_holdings;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (compare_objects(&all[middle], &wanted) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	*n = 0;
	while (first + *n < holders->n_holdings && !compare_objects(&all[first + *n], &wanted))
		++*n;
	return *n ? all + first : NULL;
}
