/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * spool.c - elements as bytes, between being checked and being written
 */
#include "value/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "value/kinds.h"

static size_t block_size(const struct spool *spool)
{
	return spool->room * (sizeof(*spool->places) + spool->key_size + spool->value_size);
}

int spool_init(struct spool *spool, size_t key_size, size_t value_size, struct inspect_error *err)
{
	*spool = (struct spool){
		.key_size = key_size,
		.value_size = value_size,
		.room = elems_batch_room(key_size + value_size),
		.fd = -1,
	};
	spool->block = calloc(1, block_size(spool));
	if (!spool->block)
		return inspect_fail(err, ENOMEM, "room for elements");
	spool->places = (struct spool_place *)(void *)spool->block;
	spool->keys = spool->block + spool->room * sizeof(*spool->places);
	spool->values = spool->keys + spool->room * key_size;
	return 0;
}

void spool_done(struct spool *spool)
{
	free(spool->block);
	close_fd(spool->fd);
	*spool = (struct spool){ .fd = -1 };
}

/* No name leads to the file. Memory is the last place that is asked. */
static int open_file(void)
{
	static const char *const directories[] = { "/tmp", "/var/tmp" };

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		int fd = open(directories[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

		if (fd >= 0)
			return fd;
	}
	int fd = memfd_create("bpflens-elements", MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int fail_file(struct inspect_error *err, int code)
{
	return inspect_fail(err, code, "keep the elements in a temporary file");
}

/* Puts the block in memory where the elements before it end. */
static int write_block(struct spool *spool, struct inspect_error *err)
{
	const uint64_t blocks = (spool->n - 1) / spool->room;
	const size_t size = block_size(spool);

	if (spool->fd < 0)
		spool->fd = open_file();
	if (spool->fd < 0)
		return fail_file(err, -spool->fd);
	for (size_t done = 0; done < size;) {
		ssize_t n = pwrite(spool->fd, spool->block + done, size - done,
				   (off_t)(blocks * size + done));

		if (n < 0 && errno != EINTR)
			return fail_file(err, errno);
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int read_at(const struct spool *spool, void *to, size_t size, uint64_t offset,
		   struct inspect_error *err)
{
	for (size_t done = 0; done < size;) {
		ssize_t n =
			pread(spool->fd, (char *)to + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno != EINTR)
			return fail_file(err, errno);
		if (!n)
			return fail_file(err, EIO);
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int spool_add(struct spool *spool, unsigned char **key, unsigned char **value,
	      struct inspect_error *err)
{
	if (spool->fill == spool->room) {
		int r = write_block(spool, err);

		if (r < 0)
			return r;
		spool->fill = 0;
	}
	*key = spool->keys + spool->fill * spool->key_size;
	*value = spool->values + spool->fill * spool->value_size;
	memset(*key, 0, spool->key_size);
	memset(*value, 0, spool->value_size);
	return 0;
}

void spool_keep(struct spool *spool, const struct spool_place *place)
{
	spool->places[spool->fill++] = *place;
	spool->n++;
}

int spool_rewind(struct spool *spool, struct inspect_error *err)
{
	bool is_last_in_memory = spool->fd >= 0 && !spool->next;

	spool->next = 0;
	return is_last_in_memory && spool->fill ? write_block(spool, err) : 0;
}

int spool_next(struct spool *spool, struct inspect_error *err)
{
	const uint64_t left = spool->n - spool->next;

	if (!left)
		return 0;
	if (spool->fd >= 0) {
		int r = read_at(spool, spool->block, block_size(spool),
				spool->next / spool->room * block_size(spool), err);

		if (r < 0)
			return r;
	}
	spool->fill = left < spool->room ? (uint32_t)left : spool->room;
	spool->next += spool->fill;
	return (int)spool->fill;
}

int spool_key(const struct spool *spool, uint64_t i, unsigned char *out, struct inspect_error *err)
{
	const size_t in_block = (size_t)(i % spool->room);

	if (spool->fd < 0) {
		memcpy(out, spool->keys + in_block * spool->key_size, spool->key_size);
		return 0;
	}
	const uint64_t block = i / spool->room * block_size(spool);
	const size_t keys = (size_t)(spool->keys - spool->block);
	return read_at(spool, out, spool->key_size, block + keys + in_block * spool->key_size, err);
}
