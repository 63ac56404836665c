/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * elems_case.c - a map of the fake kernel, and a walk over its elements
 */
#include "elems_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void elems_case_start(struct elems_case *c, unsigned type, uint32_t value_bytes)
{
	c->info.type = type;
	c->info.key_size = (uint32_t)c->fake.key_size;
	c->info.value_size = value_bytes;
	if (!c->info.max_entries)
		c->info.max_entries = (uint32_t)c->fake.n;
	c->object = (struct fake_object){
		.kind = INSPECT_MAP, .id = 7, .info = &c->info, .map = &c->fake
	};
	c->inspect = fake_kernel_start(&c->object, 1);
	fake_root_write(&fake_kernel.root, "/sys/devices/system/cpu/possible", "0-1\n");
	fake_kernel_open_map(7, &c->map);
}

void elems_case_stop(struct elems_case *c)
{
	inspect_map_done(&c->map);
	fake_kernel_stop();
	fake_map_done(&c->fake);
}

static unsigned number(const struct inspect_bytes *bytes)
{
	uint32_t value = 0;

	memcpy(&value, bytes->bytes, bytes->size < sizeof(value) ? bytes->size : sizeof(value));
	return value;
}

const char *elems_case_walk(struct elems_case *c, struct inspect_error *err)
{
	static char text[65536];
	struct inspect_elems *elems;
	struct inspect_elem elem;
	size_t n = 0;
	int r;

	text[0] = '\0';
	assert_int_equal(inspect_elems_new(c->inspect, &c->map, &elems, err), 0);
	while ((r = inspect_elems_next(elems, &elem, err)) > 0 && n < sizeof(text) - 64) {
		assert_int_equal(elem.map_id, 7);
		assert_int_equal(elem.key.size, c->fake.key_size);
		n += (size_t)sprintf(text + n, "%s%u=", n ? " " : "", number(&elem.key));
		if (elem.slot == INSPECT_SLOT_EMPTY)
			n += (size_t)sprintf(text + n, "-");
		else if (elem.slot == INSPECT_SLOT_WITHHELD)
			n += (size_t)sprintf(text + n, "!%d", elem.reason_errno);
		else
			n += (size_t)sprintf(text + n, "%u", number(&elem.value));
	}
	if (r)
		sprintf(text + n, "%s%d", n ? " " : "", r);
	inspect_elems_free(elems);
	return text;
}

unsigned elems_case_count(struct elems_case *c, bool *was_restarted)
{
	struct inspect_elems *elems;
	struct inspect_elem elem;
	unsigned n = 0;

	assert_int_equal(inspect_elems_new(c->inspect, &c->map, &elems, NULL), 0);
	for (int r; (r = inspect_elems_next(elems, &elem, NULL)); n++)
		assert_int_equal(r, 1);
	if (was_restarted)
		*was_restarted = inspect_elems_was_restarted(elems);
	inspect_elems_free(elems);
	return n;
}
