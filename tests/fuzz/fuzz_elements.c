/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_elements.c - any file as elements of a map
 *
 * The first byte says what kind of map it is, the second how large its keys and values are.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "btf/reader.h"
#include "btf_maker.h"
#include "kernel/abi.h"
#include "value/elem_parse.h"
#include "value/kinds.h"
#include "value/scan.h"

#define LIMIT 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* unsigned int */
static void make_walk(struct maker *m, struct btf_reader *btf, struct walk **out)
{
	maker_int(m, "unsigned");
	maker_finish(m);
	must(!btf_init(btf, m->blob, m->size, NULL, NULL));
	must(!walk_new(btf, 1, WALK_STRICT, out, NULL));
}

/* Each element is read, or refused with words, its place within its own lines. */
static void look_at(const struct elem_parser *parser, const struct scan_record *record)
{
	autofree unsigned char *key = calloc(1, parser->map->key_bytes + 1);
	autofree unsigned char *value = calloc(1, parser->value_size + 1);
	struct inspect_error err = { 0 };
	struct parsed_elem elem;
	unsigned lines = 0;

	must(key && value && record->size && record->text[0] == '{');
	for (size_t i = 0; i < record->size; i++)
		lines += record->text[i] == '\n';
	int r = elem_parse(parser, record->text, record->size, key, value, &elem, &err);
	must(elem.line <= lines && (!r || (r == -err.code && err.what[0])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned types[] = { ABI_MAP_TYPE_HASH,	     ABI_MAP_TYPE_PERCPU_HASH,
					  ABI_MAP_TYPE_HASH_OF_MAPS, ABI_MAP_TYPE_PROG_ARRAY,
					  ABI_MAP_TYPE_QUEUE,	     ABI_MAP_TYPE_DEVMAP };
	static const unsigned cpus[] = { 0, 2 };
	AUTO(maker_done) struct maker maker = { 0 };
	struct inspect_error err = { 0 };
	struct elem_types known = { 0 };
	struct scan_record record;
	struct btf_reader btf;
	struct walk *walk;
	int r;

	if (size < 2)
		return 0;
	make_walk(&maker, &btf, &walk);
	const struct inspect_map map = {
		.type = types[data[0] % (sizeof(types) / sizeof(*types))],
		.key_bytes = data[0] % 6 == 4 ? 0 : 4,
		.value_bytes = data[1] & 1 ? 4 : 1 + data[1] % 9,
	};
	known.key = data[0] & 64 && map.key_bytes ? walk : NULL;
	known.value = data[0] & 128 && map.value_bytes == 4 ? walk : NULL;
	const struct elem_parser parser = { &map, &known, cpus, 2, elems_value_size(&map, 2) };
	autoclose int fd = memfd_create("elements", MFD_CLOEXEC);
	must(fd >= 0 && write(fd, data + 2, size - 2) == (ssize_t)(size - 2) &&
	     !lseek(fd, 0, SEEK_SET));
	AUTO(scan_done) struct scan scan = { .fd = fd, .limit = LIMIT };
	while ((r = scan_next(&scan, &record, &err)) > 0)
		look_at(&parser, &record);
	must(!r || (r == -err.code && err.what[0]));
	walk_free(walk);
	btf_done(&btf);
	return 0;
}
