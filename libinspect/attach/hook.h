/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * hook.h - the table of hooks: where programs can be attached, and how
 *
 * A hook is a row of hooks[] in hooks.c. Words of the command line, help, completion, the page and messages about what
 * does not fit read it; its function makes the link.
 */
#ifndef ATTACH_HOOK_H
#define ATTACH_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "records/inspect.h"

/* What may stand behind the targets: rows of hook_words[]. */
enum hook_word {
	HOOK_PIN,
	HOOK_COOKIE,
	HOOK_PID,
	HOOK_TID,
	HOOK_CPU,
	HOOK_FREQ,
	HOOK_PERIOD,
	HOOK_MAP,
	HOOK_BEFORE,
	HOOK_AFTER,
	HOOK_FIRST,
	HOOK_REPLACE,
	HOOK_PREORDER,
	HOOK_GENERIC,
	HOOK_NATIVE,
	HOOK_OFFLOAD,
	HOOK_NETNS,
	HOOK_PRIORITY,
	HOOK_DEFRAG,
	HOOK_WORDS, /* how many */
};

#define HOOK_TAKES(word) (1u << (word))

enum hook_word_kind {
	HOOK_WORD_FLAG,
	HOOK_WORD_TEXT,
	HOOK_WORD_NUMBER,
	HOOK_WORD_OBJECT, /* words that name one */
	HOOK_WORD_ANCHOR, /* a program or a link: "prog PROG", "link LINK", or the path of a pin */
	HOOK_WORD_NETNS,  /* a text: a network namespace */
};

struct hook_word_row {
	const char *word;
	const char *value; /* what usage calls the value, or NULL */
	const char *help;
	enum hook_word_kind kind;
	enum inspect_kind object;
	uint64_t most; /* of a number */
};

extern const struct hook_word_row hook_words[HOOK_WORDS];

/* What stood behind a word; of a HOOK_WORD_ANCHOR, @text is a path and else NULL. */
struct hook_value {
	bool is_there;
	uint64_t number;
	const char *text;
	struct inspect_ref ref;
};

/* What is to be attached where. Words are borrowed. */
struct attach_job {
	struct inspect *inspect;
	const struct inspect_note *note;
	const struct hook *hook;
	struct inspect_words targets;
	struct hook_value values[HOOK_WORDS];
	struct inspect_prog prog; /* open; fd is -1 before */
};

/* What completion may offer for a target beyond nothing. */
enum hook_target {
	HOOK_TARGET_TEXT,
	HOOK_TARGET_PATH,
	HOOK_TARGET_TRACEPOINT,
	HOOK_TARGET_EVENT,
	HOOK_TARGET_PROG,
	HOOK_TARGET_MAP,
	HOOK_TARGET_DEVICE, /* "dev IFNAME" */
	HOOK_TARGET_CGROUP,
	HOOK_TARGET_NETFILTER, /* "FAMILY HOOK" */
};

#define HOOK_PROG_TYPES 3
#define HOOK_ANY_NUMBER 0xffffu /* of words of a target */

struct hook {
	const char *name;
	const char *old_name; /* bpftool's, which may be shortened; NULL: there is none */
	const char *target;   /* what usage calls the words of the target; NULL: there is none */
	const char *help;     /* what the program sees there */
	const char *since;    /* the first kernel with it: "Linux 5.18" */
	const char *sections; /* how such a program's section is called in an object file */
	const char *needs;    /* what a kernel must have been built with, or NULL */
	unsigned least, most; /* words that its target has */
	enum hook_target offers;
	unsigned words;			      /* HOOK_TAKES() bits */
	unsigned prog_types[HOOK_PROG_TYPES]; /* those that fit; 0: no more */
	unsigned attach_type;		      /* what the link is made with */
	unsigned detail;		      /* what one function for several rows asks */
	/* Adds what keeps the program attached to @out with attach_keep(). 0 or a negative error. */
	int (*attach)(const struct attach_job *job, struct inspect_attachments *out,
		      struct inspect_error *err);
	/* Takes it off where it is attached without a link; NULL: only links are made here. */
	int (*detach)(const struct attach_job *job, const struct inspect_ref *map,
		      struct inspect_error *err);
};

/* The row of this number; NULL behind the last. Those of sockets, networks and cgroups stand in net_hooks.c. */
const struct hook *hook_at(size_t number);

extern const struct hook net_hooks[];
extern const size_t n_net_hooks;

/* By its whole name, or by an old one; or NULL. */
const struct hook *hook_find(const char *name);

/*
 * Reads "HOOK [TARGET...] [WORD [VALUE]]..." into @job: hook, targets and values. As many words as the hook needs are
 * its target whatever they are; behind those, a word of the hook's ends it. 0 or -INSPECT_EUSAGE.
 */
int hook_parse(const struct inspect_words *words, struct attach_job *job,
	       struct inspect_error *err);

/*
 * Words of a HOOK_WORD_ANCHOR, of which there is one at least: ids of programs and of links overlap, so that a word
 * says which is meant, or what is pinned there does. Returns how many they are, or -INSPECT_EUSAGE.
 */
int hook_take_anchor(const char *const *words, size_t n, struct hook_value *out,
		     struct inspect_error *err);

/* Does such a program fit the hook? 0, or -EINVAL with those hooks that it fits in the hint. */
int hook_check_type(const struct attach_job *job, struct inspect_error *err);

/* --- for the functions of the rows --- */

/*
 * Takes over @fd, which keeps the program attached: a link's, unless @is_link is false. A @fd of -1 stands for an
 * attachment that nothing has to hold.
 */
int attach_keep(const struct attach_job *job, int fd, bool is_link, struct inspect_attachments *out,
		struct inspect_error *err);

/*
 * Says that the kernel refused it: @code is what it said, a positive errno. Adds the cause where it can be told: a
 * kernel without the hook, a program that was loaded for another, missing rights.
 */
int attach_fail(const struct attach_job *job, int code, struct inspect_error *err);

/* The link of @attr, of which only what is the hook's own has to be filled in, to @out. */
int attach_link(const struct attach_job *job, struct abi_link_create_attr *attr,
		struct inspect_attachments *out, struct inspect_error *err);

/*
 * The same where the kernel may have refused a function: says which it has not, what it is called there, or that it
 * cannot be probed.
 */
int attach_fail_function(const struct attach_job *job, const char *name, int code,
			 struct inspect_error *err);

/* The words of the target, parted by blanks, for messages; in memory to be freed, "" where there are none. */
char *attach_target_text(const struct attach_job *job);

/* --- functions of rows --- */

/* Each is named after the hooks that it serves; what differs between those, their rows say. */
#define ATTACH_ROW(name)                                                                           \
	int attach_##name(const struct attach_job *job, struct inspect_attachments *out,           \
			  struct inspect_error *err)

ATTACH_ROW(raw_tracepoint);
ATTACH_ROW(tracepoint);
ATTACH_ROW(kprobe);
ATTACH_ROW(ksyscall);
ATTACH_ROW(kprobe_multi);
ATTACH_ROW(uprobe);
ATTACH_ROW(uprobe_multi);
ATTACH_ROW(usdt);
ATTACH_ROW(sample);
ATTACH_ROW(tracing);
ATTACH_ROW(tracing_multi);
ATTACH_ROW(iter);
ATTACH_ROW(freplace);

int attach_xdp(const struct attach_job *job, struct inspect_attachments *out,
	       struct inspect_error *err);
int attach_device(const struct attach_job *job, struct inspect_attachments *out,
		  struct inspect_error *err); /* detail: ABI_LINK_TYPE_TCX or _NETKIT */
int attach_netns(const struct attach_job *job, struct inspect_attachments *out,
		 struct inspect_error *err);
int attach_netfilter(const struct attach_job *job, struct inspect_attachments *out,
		     struct inspect_error *err);
int attach_cgroup(const struct attach_job *job, struct inspect_attachments *out,
		  struct inspect_error *err);
int attach_sockets(const struct attach_job *job, struct inspect_attachments *out,
		   struct inspect_error *err);
int detach_sockets(const struct attach_job *job, const struct inspect_ref *map,
		   struct inspect_error *err);
int attach_flow_dissector(const struct attach_job *job, struct inspect_attachments *out,
			  struct inspect_error *err);
int detach_flow_dissector(const struct attach_job *job, const struct inspect_ref *map,
			  struct inspect_error *err);
int attach_struct_ops(const struct attach_job *job, struct inspect_attachments *out,
		      struct inspect_error *err);

#endif
