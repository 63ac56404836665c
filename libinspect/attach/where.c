/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * where.c - devices, cgroups and network namespaces, as a user named them
 */
#include "attach/where.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/netlink.h"

#define CGROUP2_MAGIC 0x63677270
#define NAMESPACE_TYPE 0xb703 /* an ioctl(): of which kind is this namespace? */
#define NETNS_DIRECTORY "/run/netns/"

/* The known word that is nearest to the one that was typed, if any is near. */
struct nearest {
	const char *typed;
	size_t distance;
	char word[256];
};

static void nearest_offer(void *context, const char *word)
{
	struct nearest *nearest = context;
	size_t distance = text_distance(word, nearest->typed);

	if (distance >= nearest->distance || strlen(word) >= sizeof(nearest->word))
		return;
	nearest->distance = distance;
	memcpy(nearest->word, word, strlen(word) + 1);
}

static void nearest_begin(struct nearest *nearest, const char *typed)
{
	*nearest = (struct nearest){ .typed = typed, .distance = strlen(typed) / 2 + 2 };
}

/* --- devices --- */

int where_device(const struct attach_job *job, uint32_t *ifindex, struct inspect_error *err)
{
	const char *name = job->targets.words[1]; /* behind "dev" */
	struct nearest nearest;

	*ifindex = netlink_device_index(name);
	if (*ifindex)
		return 0;
	nearest_begin(&nearest, name);
	inspect_devices_each(nearest_offer, &nearest);
	inspect_fail(err, ENODEV, "%s: dev %s", job->hook->name, name);
	if (nearest.word[0])
		return inspect_hint(err, "did you mean '%s'?", nearest.word);
	return inspect_hint(err, "this network namespace has no device of that name");
}

/* --- cgroups --- */

static void offer_directory(const char *directory, struct nearest *nearest)
{
	DIR *opened = opendir(directory);
	const struct dirent *entry;

	while (opened && (entry = readdir(opened)))
		if (entry->d_name[0] != '.' && entry->d_type != DT_LNK)
			nearest_offer(nearest, entry->d_name);
	if (opened)
		closedir(opened);
}

/* What is named like it beside it. */
static int hint_beside(const char *path, struct inspect_error *err)
{
	autofree char *copy = strdup(path);
	struct nearest nearest;

	char *slash = copy ? strrchr(copy, '/') : NULL;
	if (!slash || !slash[1])
		return -err->code;
	*slash = '\0';
	nearest_begin(&nearest, slash + 1);
	offer_directory(*copy ? copy : "/", &nearest);
	if (!nearest.word[0])
		return -err->code;
	return inspect_hint(err, "did you mean '%s/%s'?", copy, nearest.word);
}

int where_cgroup(const struct attach_job *job, int *fd, uint64_t *id, struct inspect_error *err)
{
	const char *path = job->targets.words[0];
	struct statfs system;
	struct stat status;

	autoclose int opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (opened < 0) {
		inspect_fail(err, errno, "%s: cgroup %s", job->hook->name, path);
		return err->code == ENOENT ? hint_beside(path, err) : -err->code;
	}
	if (fstatfs(opened, &system) || fstat(opened, &status))
		return inspect_fail(err, errno, "%s: cgroup %s", job->hook->name, path);
	if (system.f_type != CGROUP2_MAGIC) {
		inspect_fail(err, EINVAL, "%s: cgroup %s", job->hook->name, path);
		return inspect_hint(err, "a directory of a cgroup2 file system is wanted, such as "
					 "there are below /sys/fs/cgroup");
	}
	*id = status.st_ino;
	*fd = take_fd(&opened);
	return 0;
}

/* --- network namespaces --- */

static int fail_netns(const char *name, const char *path, int code, struct inspect_error *err)
{
	inspect_fail(err, code, "netns %s", name);
	return code == ENOENT ? hint_beside(path, err) : -code;
}

int where_netns(const struct attach_job *job, int *fd, uint64_t *inode, struct inspect_error *err)
{
	const struct hook_value *given = &job->values[HOOK_NETNS];
	const char *name = given->is_there ? given->text : "current";
	char path[512];
	struct stat status;

	if (strcmp(name, "current") == 0)
		snprintf(path, sizeof(path), "/proc/thread-self/ns/net");
	else
		snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : NETNS_DIRECTORY,
			 name);
	/* A pipe is no namespace: it is not waited for. */
	autoclose int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (opened < 0)
		return fail_netns(name, path, errno, err);
	if (ioctl(opened, NAMESPACE_TYPE) != CLONE_NEWNET) {
		inspect_fail(err, EINVAL, "netns %s", name);
		return inspect_hint(err, "the file of a network namespace is wanted, such as "
					 "/proc/PID/ns/net or one below /run/netns");
	}
	if (fstat(opened, &status))
		return fail_netns(name, path, errno, err);
	*inode = status.st_ino;
	*fd = take_fd(&opened);
	return 0;
}
