/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fake_root.h - a folder that stands for "/": what is read below /proc and /sys is made by the test
 */
#ifndef TESTS_FAKE_ROOT_H
#define TESTS_FAKE_ROOT_H

#include "base/cleanup.h"

struct fake_root {
	char path[64];
};

#define AUTO_ROOT AUTO(fake_root_remove) struct fake_root

void fake_root_make(struct fake_root *root);
void fake_root_remove(struct fake_root *root);

/* Makes the folders above @path, too; what stands there already is written anew in place. */
void fake_root_write(const struct fake_root *root, const char *path, const char *text);
void fake_root_link(const struct fake_root *root, const char *path, const char *target);

#endif
