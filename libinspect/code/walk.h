/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * walk.h - the code of all programs that a reference means, one after the other
 *
 * Several programs are gone through twice: the names that all of them need are known before the first one is
 * printed, so that the kernel's symbols are read once. Of images there is one at a time.
 */
#ifndef CODE_WALK_H
#define CODE_WALK_H

#include <stdbool.h>

#include "btf/reader.h"
#include "code/image.h"
#include "code/print.h"

struct walk;

struct walk_ops {
	const struct schema *schema;
	int (*read)(struct inspect *inspect, const struct inspect_prog *prog, struct image *out,
		    struct inspect_error *err);
	/* Asks for names; called once or twice for a program. These two return 0 or -ENOMEM. */
	int (*want)(struct walk *walk, const struct image *image);
	/* All are borrowed until the next one; @btf may be NULL. */
	int (*begin)(struct walk *walk, const struct image *image, const struct inspect_prog *prog,
		     const struct btf_reader *btf);
	/* Puts it into the list that is open. */
	int (*print)(struct walk *walk);
};

struct walk {
	const struct walk_ops *ops;
	void *context; /* for ops */
	struct inspect *inspect;
	struct sink *sink;
	const struct print_code *how;
	struct printer printer;
	bool is_single;
	bool some_failed;
	unsigned n_progs;
};

/* What print_xlated() does. Sets what is behind @how itself. */
int walk_run(struct walk *walk, const struct inspect_ref *ref, struct inspect_error *err);

/* The types of a program, until others are read, or NULL; a note says where they should be and are not. */
const struct btf_reader *walk_types(struct inspect *inspect, const struct image *image,
				    const struct inspect_note *note);

#endif
