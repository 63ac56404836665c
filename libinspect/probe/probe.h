/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * probe.h - questions to the kernel: what is known while they are asked, and the rows of the table of kinds
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/abi.h"
#include "kernel/built.h"
#include "kernel/sys.h"
#include "probe/attach_type.h"
#include "probe/lsm.h"
#include "probe/map_type.h"
#include "probe/prog_type.h"
#include "probe/rights.h"
#include "probe/types.h"
#include "records/inspect.h"

/*
 * One run. What costs something and serves several kinds is found out at its first use and kept here: each has its own
 * file, and its member is that file's.
 */
struct probe {
	struct inspect *inspect;
	const struct sys *sys;
	const struct inspect_probe *asked;
	int (*each)(void *context, const struct inspect_feature *feature);
	void *context;
	uint32_t ifindex; /* of asked->dev, or 0 */
	unsigned n_told;

	struct rights rights;
	struct built config; /* of config.c */
	bool was_config_read;
	struct types types;
	struct map_types map_types;
	struct attach_types attach_types;
	struct lsm_order lsm_order;
	struct prog_types prog_types;
};

/* One kind of things. */
struct probe_kind {
	const char *word;    /* on the command line, and in the strict forms */
	const char *of_word; /* what its things may be for: "prog_type", "map_type" or NULL */
	/* Tells every thing of this kind; NULL: it is only asked for. Returns what probe_tell() did, 0 or a negative error. */
	int (*each)(struct probe *probe, struct inspect_error *err);
	/*
	 * Answers a question: it tells one record or, where question->of is NULL and the kind has of_word, one that says
	 * whether any type has it. -INSPECT_EUSAGE with the nearest name in the hint where the name is none.
	 */
	int (*ask)(struct probe *probe, const struct inspect_question *question,
		   struct inspect_error *err);
};

/* By enum inspect_feature_kind. */
extern const struct probe_kind probe_kinds[INSPECT_FEATURE_KINDS];

/*
 * Begins a run whose @inspect is set, and ends it; in between questions are asked one by one, and what was found out
 * stays. It must stay where it is.
 */
void probe_begin(struct probe *probe);
void probe_end(struct probe *probe);
int probe_ask(struct probe *probe, const struct inspect_question *question,
	      struct inspect_error *err);

/* Hands an answer to whoever asked, once answer_review() has seen it. */
int probe_tell(struct probe *probe, const struct inspect_feature *feature);

/* Names for completion; NULL behind the last. */
const char *setting_name(unsigned i);
const char *command_name(unsigned i);
const char *instruction_name(unsigned i);
const char *facility_name(unsigned i);
const char *tracing_name(unsigned i);
const char *lsm_name(unsigned i);

/* Each kind's functions, in the file of that name. */
int kernel_each(struct probe *probe, struct inspect_error *err);
int kernel_ask(struct probe *probe, const struct inspect_question *question,
	       struct inspect_error *err);
int setting_each(struct probe *probe, struct inspect_error *err);
int setting_ask(struct probe *probe, const struct inspect_question *question,
		struct inspect_error *err);
int config_each(struct probe *probe, struct inspect_error *err);
int config_ask(struct probe *probe, const struct inspect_question *question,
	       struct inspect_error *err);
int command_each(struct probe *probe, struct inspect_error *err);
int command_ask(struct probe *probe, const struct inspect_question *question,
		struct inspect_error *err);
int prog_type_each(struct probe *probe, struct inspect_error *err);
int prog_type_ask(struct probe *probe, const struct inspect_question *question,
		  struct inspect_error *err);
int map_type_each(struct probe *probe, struct inspect_error *err);
int map_type_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err);
int helper_each(struct probe *probe, struct inspect_error *err);
int helper_ask(struct probe *probe, const struct inspect_question *question,
	       struct inspect_error *err);
int misc_each(struct probe *probe, struct inspect_error *err);
int misc_ask(struct probe *probe, const struct inspect_question *question,
	     struct inspect_error *err);
int instruction_each(struct probe *probe, struct inspect_error *err);
int instruction_ask(struct probe *probe, const struct inspect_question *question,
		    struct inspect_error *err);
int attach_type_each(struct probe *probe, struct inspect_error *err);
int attach_type_ask(struct probe *probe, const struct inspect_question *question,
		    struct inspect_error *err);
int link_type_each(struct probe *probe, struct inspect_error *err);
int link_type_ask(struct probe *probe, const struct inspect_question *question,
		  struct inspect_error *err);
int map_flag_each(struct probe *probe, struct inspect_error *err);
int map_flag_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err);
int batch_each(struct probe *probe, struct inspect_error *err);
int batch_ask(struct probe *probe, const struct inspect_question *question,
	      struct inspect_error *err);
int kfunc_each(struct probe *probe, struct inspect_error *err);
int kfunc_ask(struct probe *probe, const struct inspect_question *question,
	      struct inspect_error *err);
int struct_ops_each(struct probe *probe, struct inspect_error *err);
int struct_ops_ask(struct probe *probe, const struct inspect_question *question,
		   struct inspect_error *err);
int iterator_each(struct probe *probe, struct inspect_error *err);
int iterator_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err);
int btf_kind_each(struct probe *probe, struct inspect_error *err);
int btf_kind_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err);
int btf_ask(struct probe *probe, const struct inspect_question *question,
	    struct inspect_error *err);
int module_each(struct probe *probe, struct inspect_error *err);
int module_ask(struct probe *probe, const struct inspect_question *question,
	       struct inspect_error *err);
int facility_each(struct probe *probe, struct inspect_error *err);
int facility_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err);
int tracing_each(struct probe *probe, struct inspect_error *err);
int tracing_ask(struct probe *probe, const struct inspect_question *question,
		struct inspect_error *err);
int lsm_each(struct probe *probe, struct inspect_error *err);
int lsm_ask(struct probe *probe, const struct inspect_question *question,
	    struct inspect_error *err);
int mark_ask(struct probe *probe, const struct inspect_question *question,
	     struct inspect_error *err);

#endif
