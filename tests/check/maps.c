/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * maps.c - a small program over the installed libinspect: the maps of this kernel, a line each
 */
#include <inspect.h>
#include <stdio.h>

int main(void)
{
	const struct inspect_ref all = { .kind = INSPECT_MAP, .by = INSPECT_BY_ALL };
	struct inspect_error err = { 0 };
	struct inspect *inspect = NULL;
	struct inspect_list *list = NULL;
	struct inspect_map map = { .fd = -1 };

	int r = inspect_open(&inspect, &err);
	if (r == 0)
		r = inspect_list_new(inspect, &all, 0, &list, &err);
	while (r >= 0 && (r = inspect_list_next(list, &map, &err)) == 1) {
		printf("%u %s\n", map.id, map.name);
		inspect_map_done(&map);
	}
	inspect_list_free(list);
	inspect_close(inspect);
	if (r < 0)
		fprintf(stderr, "%s (%d)\n", err.what, err.code);
	return r < 0;
}
