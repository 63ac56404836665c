/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * stream.c - another program's instructions, for whoever asks the kernel for them
 *
 * Loaded into bpftool (LD_PRELOAD), it puts what the file STREAM holds in place of the instructions
 * that bpf(BPF_OBJ_GET_INFO_BY_FD) gives for a program. So bpftool can be seen to print instructions
 * that no kernel would take.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GET_INFO 15

struct prog_info {
	uint32_t type, id;
	uint8_t tag[8];
	uint32_t jited_len, xlated_len;
	uint64_t jited, xlated;
};

struct get_info {
	uint32_t fd, len;
	uint64_t info;
};

/* The C library's own syscall() is what this one hides. */
static long call_kernel(long number, const long args[6])
{
	register long a3 __asm__("r10") = args[3];
	register long a4 __asm__("r8") = args[4];
	register long a5 __asm__("r9") = args[5];
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(number), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(a3), "r"(a4),
			   "r"(a5)
			 : "rcx", "r11", "memory");
	return r;
}

static int is_prog(uint32_t fd)
{
	char path[32] = "/proc/self/fd/", text[64] = { 0 }, digits[11];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + fd % 10);
	while ((fd /= 10) != 0);
	for (char *to = path + strlen(path); n;)
		*to++ = digits[--n];
	return readlink(path, text, sizeof(text) - 1) > 0 && strstr(text, "bpf-prog");
}

static void replace(struct prog_info *info, uint64_t to, uint32_t room)
{
	int fd = open(getenv("STREAM"), O_RDONLY | O_CLOEXEC);
	struct stat is;

	if (fd < 0 || fstat(fd, &is))
		_exit(99);
	info->xlated_len = (uint32_t)is.st_size;
	if (to && room && read(fd, (void *)(uintptr_t)to, room) < 0)
		_exit(99);
	close(fd);
}

long syscall(long number, ...)
{
	struct prog_info *info = NULL;
	uint64_t to = 0;
	uint32_t room = 0;
	long args[6], r;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_bpf && args[0] == GET_INFO && getenv("STREAM")) {
		const struct get_info *get = (const struct get_info *)args[1];

		if (is_prog(get->fd)) {
			info = (struct prog_info *)(uintptr_t)get->info;
			to = info->xlated;
			room = info->xlated_len;
		}
	}
	r = call_kernel(number, args);
	if (r >= 0 && info)
		replace(info, to, room);
	if (r >= 0)
		return r;
	errno = (int)-r;
	return -1;
}
