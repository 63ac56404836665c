/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_proto.c - any bytes as BTF, and prototypes of all that is in it
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "btf/reader.h"
#include "code/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };
	AUTO(buf_done) struct buf text = { 0 };

	if (btf_init(&btf, data, size, NULL, NULL))
		return 0;
	for (uint32_t id = 0; id <= btf_count(&btf) && id < 1000; id++) {
		bool is_there = proto_format(&btf, id, &text);

		if (!text.size || text.size > PROTO_MOST + 1 || text.bytes[text.size - 1] ||
		    is_there != (text.size > 1))
			abort();
	}
	return 0;
}
