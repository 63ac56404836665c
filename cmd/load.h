/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * load.h - "prog load" and "prog loadall"
 */
#ifndef CMD_LOAD_H
#define CMD_LOAD_H

#include "command.h"

struct load_args {
	const char *file;
	const char *path;
	const char *type;
	struct given_reuse reuse;
	const char *dev;
	const char *offload_dev;
	const char *metadata_dev;
	const char *maps_dir;
	bool attaches;
	const char *kernel_btf;
	const char *log_file;
};

/* The words of both, in bpftool's order; rows of their arrays of parameters. */
#define LOAD_WORDS                                                                                 \
	WORD_VALUE(PARAM_SECTION, struct load_args, type, "type", "TYPE",                          \
		   "type of all programs, by the name of a section"),                              \
		WORD_VALUE(PARAM_REUSE, struct load_args, reuse, "map", "{idx N|name NAME} MAP",   \
			   "use MAP in the place of the object's; may be there again"),            \
		WORD_VALUE(PARAM_DEVICE, struct load_args, dev, "dev", "IFNAME",                   \
			   "older word for offload_dev"),                                          \
		WORD_VALUE(PARAM_DEVICE, struct load_args, offload_dev, "offload_dev", "IFNAME",   \
			   "the network device that is to run it"),                                \
		WORD_VALUE(PARAM_DEVICE, struct load_args, metadata_dev, "xdpmeta_dev", "IFNAME",  \
			   "the network device whose metadata it is to read"),                     \
		WORD_VALUE(PARAM_PATH, struct load_args, maps_dir, "pinmaps", "DIR",               \
			   "pin all maps in this directory"),                                      \
		WORD_FLAG(struct load_args, attaches, "autoattach",                                \
			  "attach programs whose section says where, and pin their links"),        \
		WORD_VALUE(PARAM_PATH, struct load_args, kernel_btf, "kernel_btf", "FILE",         \
			   "BTF that stands in for the kernel's in CO-RE relocations"),            \
		WORD_VALUE(PARAM_PATH, struct load_args, log_file, "log", "FILE",                  \
			   "write the verifier's log there")

int load_run(struct cli *cli, const void *args, struct inspect_error *err);
int loadall_run(struct cli *cli, const void *args, struct inspect_error *err);

#endif
