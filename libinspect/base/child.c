/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * child.c - work in a process of its own, which may crash, hang or grow, and takes nobody with it
 *
 * Time is limited by a timer that runs only while the process itself computes: how long the kernel's verifier takes
 * is the kernel's to limit, and how busy the machine is does not matter.
 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"

#define STATM_ROOM 160
#define STATM_DATA 5 /* which of its numbers is what the process may write to: pages */

static void limit(int what, rlim_t most)
{
	const struct rlimit both = { .rlim_cur = most, .rlim_max = most };

	setrlimit(what, &both);
}

/* Bytes of memory of its own that the process has now; 0 where /proc does not say. */
static uint64_t memory_now(void)
{
	char text[STATM_ROOM] = "";
	uint64_t pages = 0;

	autoclose int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *word = text;

	if (n <= 0)
		return 0;
	for (int i = 0; word && i < STATM_DATA; i++)
		word = strchr(word, ' ') ? strchr(word, ' ') + 1 : NULL;
	if (!word)
		return 0;
	word[strcspn(word, " \n")] = '\0';
	return num_parse(word, NUM_DECIMAL, UINT32_MAX, &pages)
		       ? 0
		       : pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit_time(unsigned seconds)
{
	const struct itimerval once = { .it_value = { .tv_sec = (time_t)seconds } };
	sigset_t late;

	sigemptyset(&late);
	sigaddset(&late, SIGVTALRM);
	signal(SIGVTALRM, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &late, NULL);
	setitimer(ITIMER_VIRTUAL, &once, NULL);
}

static void be_limited(const struct child_limits *limits)
{
	uint64_t now = limits->memory ? memory_now() : 0;

	limit(RLIMIT_CORE, 0);
	if (now)
		limit(RLIMIT_DATA, now + limits->memory);
	limit_time(limits->seconds);
}

int child_start(struct child *child, void (*work)(void *context, int fd), void *context,
		const struct child_limits *limits)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid_t pid = fork();
	if (pid < 0) {
		int code = errno;

		close(ends[0]);
		close(ends[1]);
		return -code;
	}
	if (!pid) {
		close(ends[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_limited(limits);
		if (getppid() == parent)
			work(context, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	*child = (struct child){ .pid = pid, .fd = ends[0] };
	return 0;
}

int child_end(struct child *child)
{
	int status = 0;

	close_fd(child->fd);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	*child = (struct child){ .fd = -1 };
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status) ? -ENOTRECOVERABLE : 0;
	return WTERMSIG(status) == SIGVTALRM ? -ETIMEDOUT : -ENOTRECOVERABLE;
}

void child_kill(struct child *child)
{
	if (child->pid <= 0)
		return;
	kill(child->pid, SIGKILL);
	child_end(child);
}

/* Room for descriptors beside a message, as the kernel wants it. */
union control {
	char bytes[CMSG_SPACE(sizeof(int) * CHILD_FDS)];
	struct cmsghdr align;
};

static ssize_t send_some(int fd, const void *bytes, size_t size, const int *fds, unsigned n_fds)
{
	union control control = { 0 };
	struct iovec part = { .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	memcpy(&part.iov_base, &bytes, sizeof(bytes)); /* its type has no const */
	if (n_fds) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(head), fds, sizeof(int) * n_fds);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

int child_put(int fd, const void *bytes, size_t size, const int *fds, unsigned n_fds)
{
	const char *at = bytes;

	while (size) {
		ssize_t n = send_some(fd, at, size, fds, n_fds);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		n_fds = 0;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static void take_fds(struct msghdr *message, int fds[CHILD_FDS])
{
	unsigned n = 0;

	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
	     head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		size_t given = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < given; i++) {
			int got;

			memcpy(&got, CMSG_DATA(head) + i * sizeof(int), sizeof(got));
			if (n < CHILD_FDS && fds[n] < 0)
				fds[n++] = got;
			else
				close(got);
		}
	}
}

int child_get(int fd, void *bytes, size_t size, int fds[CHILD_FDS])
{
	char *at = bytes;
	size_t left = size;

	for (unsigned i = 0; i < CHILD_FDS; i++)
		fds[i] = -1;
	while (left) {
		union control control;
		struct iovec part = { .iov_base = at, .iov_len = left };
		struct msghdr message = { .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = control.bytes,
					  .msg_controllen = sizeof(control.bytes) };
		ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return left == size ? 0 : -EBADMSG;
		take_fds(&message, fds);
		if (message.msg_flags & MSG_CTRUNC)
			return -EMFILE;
		at += n;
		left -= (size_t)n;
	}
	return 1;
}
