/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * inspect.h - what eBPF objects a Linux kernel holds
 *
 * The public interface of libinspect. All state hangs off a struct inspect; two of them can live
 * side by side, each is for one thread at a time. Nothing here prints or exits.
 *
 * Every function that can fail returns 0 (or what it says) for success and a negative errno for
 * failure, and then fills in the caller's struct inspect_error, which may be NULL.
 */
#ifndef INSPECT_H
#define INSPECT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Codes beside the errno values of <errno.h>. */
#define INSPECT_EUSAGE 10001 /* what the caller's user typed is not understood */
#define INSPECT_EEMPTY 10011 /* there is nothing to take */

/**
 * struct inspect_error - a failure in words
 * @code: a positive errno, or one of the INSPECT_E codes
 * @what: "object: operation", without the errno's own text
 * @hint: one sentence on what the user can do, or empty
 *
 * The caller owns it. Nothing in it is ever to be freed.
 */
struct inspect_error {
	int code;
	char what[768];
	char hint[512];
};

struct inspect;

/**
 * inspect_open() - begin
 * @out: the handle, to be given to inspect_close()
 * @err: filled in on failure; may be NULL
 *
 * Makes no system call. Return: 0 or -ENOMEM.
 */
int inspect_open(struct inspect **out, struct inspect_error *err);

/** inspect_close() - end; NULL is allowed */
void inspect_close(struct inspect *inspect);

/**
 * inspect_libbpf_version() - the version of libbpf in use, as "1.7"
 *
 * Return: a constant text.
 */
const char *inspect_libbpf_version(void);

/**
 * inspect_has_disassembler() - can machine code be shown as instructions?
 *
 * False where the library was built without libbfd, or that does not know this machine: then its bytes are shown.
 */
bool inspect_has_disassembler(void);

/** enum inspect_kind - the kinds of objects that have ids */
enum inspect_kind {
	INSPECT_PROG,
	INSPECT_MAP,
	INSPECT_LINK,
	INSPECT_BTF,
};

/** enum inspect_by - what a reference goes by */
enum inspect_by {
	INSPECT_BY_ALL, /* every object of the kind */
	INSPECT_BY_ID,
	INSPECT_BY_TAG, /* programs: the hash of their instructions */
	INSPECT_BY_NAME,
	INSPECT_BY_PATH, /* where it is pinned */
	INSPECT_BY_PROG, /* links: those of the program with this id */
};

/**
 * struct inspect_ref - what a user typed for an object, or for several
 * @kind: of which kind
 * @by:   which of the following says it
 * @id:   the id; INSPECT_BY_PROG: the program's
 * @tag:  the tag
 * @text: the name or the path; borrowed
 */
struct inspect_ref {
	enum inspect_kind kind;
	enum inspect_by by;
	unsigned id;
	unsigned char tag[8];
	const char *text;
};

/**
 * inspect_ref_parse() - words to a reference
 * @kind:   the kind of object that is wanted
 * @words:  "id ID", "tag TAG" (programs), "name NAME", "pinned PATH", an id alone, or a path with a
 *          slash in it; the first word may be shortened
 * @n:      how many words there are
 * @out:    the reference; borrows from @words
 * @err:    filled in on failure; may be NULL
 *
 * Ids are decimal, hexadecimal (0x) or octal (0), and fit 32 bits.
 * Return: how many words it took (1 or 2), or -INSPECT_EUSAGE.
 */
int inspect_ref_parse(enum inspect_kind kind, const char *const *words, size_t n,
		      struct inspect_ref *out, struct inspect_error *err);

/** inspect_ref_begins() - could a reference to such an object begin with this word? */
bool inspect_ref_begins(enum inspect_kind kind, const char *word);

/**
 * struct inspect_until - when a call that waits is to end, beside its own reasons
 * @fd:     as soon as this descriptor can be read (a signalfd, a pipe); nothing is read from it. -1: never
 * @output: as soon as nobody can read any more what is written to this pipe, socket or terminal. -1: never
 *
 * Such an end is no failure. It is noticed at once, and between two events where many come in.
 */
struct inspect_until {
	int fd;
	int output;
};

/** struct inspect_ids - ids; owned by the record they are in */
struct inspect_ids {
	unsigned *ids;
	unsigned n;
};

/**
 * struct inspect_owner - a process that holds an object
 * @pid:       its number; threads count as one process
 * @comm:      name of its first thread, any bytes
 * @has_uid:   is @uid known?
 * @uid:       user it acts as
 * @cgroup:    path of its cgroup, in the new hierarchy or else in systemd's
 * @unit:      innermost systemd service or scope in that path
 * @container: id of the innermost container in that path, 64 hexadecimal digits
 *
 * Texts are NULL where they are not known, or were not asked for (INSPECT_WANT_OWNER_DETAILS).
 */
struct inspect_owner {
	unsigned pid;
	char comm[32];
	bool has_uid;
	unsigned uid;
	const char *cgroup;
	const char *unit;
	const char *container;
};

/** struct inspect_owners - processes by ascending pid; owned by the record they are in */
struct inspect_owners {
	struct inspect_owner *owners;
	unsigned n;
};

/** struct inspect_strings - texts; they belong to the struct inspect, until the next inspect_list_new() */
struct inspect_strings {
	const char *const *strings;
	unsigned n;
};

/** struct inspect_bytes - raw bytes; borrowed */
struct inspect_bytes {
	const unsigned char *bytes;
	size_t size;
};

/**
 * struct inspect_device - the network device that an object is bound to
 * @ifindex:   its index in its own network namespace
 * @netns_dev: device of that namespace's file
 * @netns_ino: inode of that namespace's file
 * @name:      its name; only when the namespace is the caller's own, else empty
 */
struct inspect_device {
	unsigned ifindex;
	unsigned long long netns_dev;
	unsigned long long netns_ino;
	char name[16];
};

/** enum inspect_want - facts that cost more than the one call which tells all others */
enum inspect_want {
	INSPECT_WANT_FULL_NAME = 1, /* programs: BTF is read where a name fills all 15 bytes */
	INSPECT_WANT_FDINFO = 2,    /* memory and the rest of /proc/self/fdinfo: three calls */
	INSPECT_WANT_MAP_IDS = 4,   /* programs: the maps they use */
	INSPECT_WANT_FD = 8,	    /* an open descriptor, to read the object's content */
	INSPECT_WANT_PINS = 16, /* where it is pinned: every BPF file system is read, once a list */
	INSPECT_WANT_LINK_NAMES =
		1024, /* links: names, paths, functions: one to seven calls more */
	INSPECT_WANT_LINK_TARGETS = 2048, /* paths of cgroups, names of traced functions */
	INSPECT_WANT_SYMBOLS = 4096, /* links: names of addresses; /proc/kallsyms is read, once */
	INSPECT_WANT_USERS = 128,    /* BTF: all programs and maps are asked, once a list */
	INSPECT_WANT_OWNERS = 256,   /* who holds it: a walk over all processes, once a run */
	INSPECT_WANT_OWNER_DETAILS = 512, /* also users and cgroups of these */
	INSPECT_WANT_ALL = INSPECT_WANT_FULL_NAME | INSPECT_WANT_FDINFO | INSPECT_WANT_MAP_IDS,
};

/** enum inspect_prog_has - facts about a program that may be unknown */
enum inspect_prog_has {
	INSPECT_PROG_HAS_INFO = 1, /* what every kernel tells to everyone */
	INSPECT_PROG_HAS_LOAD_TIME = 2,
	INSPECT_PROG_HAS_XLATED = 4,	  /* xlated_bytes, jited_bytes, functions: CAP_BPF */
	INSPECT_PROG_HAS_STATS = 8,	  /* Linux 5.1 */
	INSPECT_PROG_HAS_MISSES = 16,	  /* Linux 5.12 */
	INSPECT_PROG_HAS_VERIFIED = 32,	  /* Linux 5.16 */
	INSPECT_PROG_HAS_ATTACH_BTF = 64, /* Linux 5.17, and the program has such a target */
	INSPECT_PROG_HAS_BTF = 128,	  /* Linux 5.0, and it has BTF */
	INSPECT_PROG_HAS_MEMLOCK = 256,	  /* its fdinfo could be read */
	INSPECT_PROG_HAS_DEVICE = 512,	  /* it is bound to one */
	INSPECT_PROG_HAS_JITED = 1024,	  /* it has machine code, and the kernel says so */
	INSPECT_PROG_HAS_RUN = 2048,	  /* the statistics show a run */
	INSPECT_PROG_HAS_MISSED = 4096,	  /* they show a miss */
	INSPECT_PROG_HAS_PINS = 8192,	  /* pins were listed */
	INSPECT_PROG_HAS_OWNERS = 65536,  /* they were looked for, and none can have been missed */
	INSPECT_PROG_HAS_OWNED = 131072,  /* some process holds it */
	INSPECT_PROG_HAS_METADATA = 262144, /* it was read while the program is printed */
};

/**
 * struct inspect_prog - a program
 *
 * @failed is an errno when the kernel would not tell: then only @id and @fd are known.
 * @is_orphaned is false in a record that is known: a program whose device is gone cannot be read, and
 * comes with @failed ENODEV.
 * @metadata is for the program's own printing, and NULL in records from a list.
 * @name is the function's name in BTF where the kernel's 15 bytes are too short for it.
 * @loaded_at is in seconds since 1970, by the clock of now.
 * @type_name is the word for @type, NULL where neither this build nor the kernel's BTF has one;
 * it is valid until inspect_close().
 */
struct inspect_prog {
	int fd;
	int failed;
	unsigned have;
	unsigned id;
	unsigned type;
	const char *type_name;
	unsigned char tag[8];
	char kernel_name[16];
	char name[512];
	bool is_gpl_compatible;
	bool is_orphaned;
	bool is_jited;
	unsigned uid;
	unsigned btf_id;
	unsigned verified_insns;
	unsigned attach_btf_obj_id;
	unsigned attach_btf_id;
	unsigned functions;
	unsigned xlated_bytes;
	unsigned jited_bytes;
	unsigned long long loaded_at;
	unsigned long long run_time_ns;
	unsigned long long run_cnt;
	unsigned long long recursion_misses;
	unsigned long long memlock_bytes;
	struct inspect_ids map_ids;
	struct inspect_strings pinned;
	struct inspect_device device;
	struct inspect_owners owners;
	struct inspect_metadata *metadata;
};

/** inspect_prog_done() - release what a program holds; what is released already is allowed */
void inspect_prog_done(struct inspect_prog *prog);

/** enum inspect_map_has - facts about a map that may be unknown */
enum inspect_map_has {
	INSPECT_MAP_HAS_INFO = 1,
	INSPECT_MAP_HAS_MEMLOCK = 2,	 /* its fdinfo could be read */
	INSPECT_MAP_HAS_FROZEN = 4,	 /* the same, and Linux 5.2 */
	INSPECT_MAP_HAS_BTF = 8,	 /* it has BTF */
	INSPECT_MAP_HAS_EXTRA = 16,	 /* Linux 5.16 */
	INSPECT_MAP_HAS_OWNER_TYPE = 32, /* a prog_array that was used */
	INSPECT_MAP_HAS_OWNER_JITED = 64,
	INSPECT_MAP_HAS_DEVICE = 128, /* it is bound to one */
	INSPECT_MAP_HAS_KERNEL_BTF =
		256,			/* its values are of a type of the kernel's (struct_ops) */
	INSPECT_MAP_HAS_PINS = 512,	/* pins were listed */
	INSPECT_MAP_HAS_OWNERS = 65536, /* they were looked for, and none can have been missed */
	INSPECT_MAP_HAS_OWNED = 131072, /* some process holds it */
};

/** struct inspect_map - a map; see struct inspect_prog for @failed and the names of types */
struct inspect_map {
	int fd;
	int failed;
	unsigned have;
	unsigned id;
	unsigned type;
	const char *type_name;
	unsigned key_bytes;
	unsigned value_bytes;
	unsigned max_entries;
	unsigned flags;
	char name[16];
	unsigned btf_id;
	unsigned btf_key_type_id;
	unsigned btf_value_type_id;
	unsigned btf_vmlinux_value_type_id;
	unsigned
		btf_vmlinux_id; /* the BTF object it is in, a module's or the kernel's; 0: not told */
	unsigned owner_prog_type;
	const char *owner_prog_type_name;
	bool is_owner_jited;
	bool is_frozen;
	unsigned long long memlock_bytes;
	unsigned long long map_extra;
	struct inspect_strings pinned;
	struct inspect_device device;
	struct inspect_owners owners;
};

#define INSPECT_MAP_NAME_BYTES 15u /* of a map's name; the kernel keeps no more */

/** inspect_map_done() - release what a map holds; what is released already is allowed */
void inspect_map_done(struct inspect_map *map);

/** enum inspect_btf_has - facts about a BTF object that may be unknown */
enum inspect_btf_has {
	INSPECT_BTF_HAS_NAME = 1,	/* name and is_kernel: Linux 5.11 */
	INSPECT_BTF_HAS_USERS = 2,	/* all programs and maps could be asked */
	INSPECT_BTF_HAS_OWNERS = 65536, /* they were looked for, and none can have been missed */
	INSPECT_BTF_HAS_OWNED = 131072, /* some process holds it */
};

/**
 * struct inspect_btf - a BTF object: types that the kernel holds
 *
 * @failed is an errno when the kernel would not tell: then only @id and @fd are known.
 * @is_kernel: its types are the kernel's own or a module's, and @name is "vmlinux" or the module's.
 * Programs and maps that use it are there by ascending id (INSPECT_WANT_USERS).
 */
struct inspect_btf {
	int fd;
	int failed;
	unsigned have;
	unsigned id;
	unsigned size_bytes;
	bool is_kernel;
	char name[128];
	struct inspect_ids prog_ids;
	struct inspect_ids map_ids;
	struct inspect_owners owners;
};

/** inspect_btf_done() - release what a BTF object holds; what is released already is allowed */
void inspect_btf_done(struct inspect_btf *btf);

/** enum inspect_link_has - facts about a link: which of them there are depends on its type */
enum inspect_link_has {
	INSPECT_LINK_HAS_INFO = 1, /* its type, and the program */
	INSPECT_LINK_HAS_TP_NAME = 1 << 1,
	INSPECT_LINK_HAS_COOKIE = 1 << 2,
	INSPECT_LINK_HAS_PROG_TYPE = 1 << 3, /* the program could be opened */
	INSPECT_LINK_HAS_ATTACH_TYPE = 1 << 4,
	INSPECT_LINK_HAS_TARGET = 1 << 5,      /* target_obj_id, target_btf_id */
	INSPECT_LINK_HAS_TARGET_NAME = 1 << 6, /* BTF has it */
	INSPECT_LINK_HAS_CGROUP = 1 << 7,
	INSPECT_LINK_HAS_CGROUP_PATH = 1 << 8, /* it could be found */
	INSPECT_LINK_HAS_ORDER = 1 << 9,
	INSPECT_LINK_HAS_ITERATOR = 1 << 10,
	INSPECT_LINK_HAS_MAP_ID = 1 << 11,
	INSPECT_LINK_HAS_NETNS = 1 << 12,
	INSPECT_LINK_HAS_DEVICE = 1 << 13,
	INSPECT_LINK_HAS_NETFILTER = 1 << 14,  /* pf, hook, priority, flags */
	INSPECT_LINK_HAS_PERF_EVENT = 1 << 15, /* which kind of one, since Linux 6.6 */
	INSPECT_LINK_HAS_OWNERS = 1 << 16, /* they were looked for, and none can have been missed */
	INSPECT_LINK_HAS_OWNED = 1 << 17,  /* some process holds it */
	INSPECT_LINK_HAS_PINS = 1 << 18,
	INSPECT_LINK_HAS_EVENT = 1 << 19,
	INSPECT_LINK_HAS_TRACEPOINT = 1 << 20,
	INSPECT_LINK_HAS_IS_RETURN = 1 << 21,
	INSPECT_LINK_HAS_FUNCTIONS = 1 << 22,
	INSPECT_LINK_HAS_PATH = 1 << 23,
	INSPECT_LINK_HAS_MISSED = 1 << 24,
	INSPECT_LINK_HAS_PID = 1 << 25,
	INSPECT_LINK_HAS_TID = 1 << 26,
	INSPECT_LINK_HAS_KPROBE = 1 << 27, /* the name of a function, and its address */
	INSPECT_LINK_HAS_FILE = 1 << 28,
	INSPECT_LINK_HAS_OFFSET = 1 << 29,
	INSPECT_LINK_HAS_REF_CTR = 1 << 30,
	INSPECT_LINK_HAS_DETAILS = (int)(1u << 31), /* for the link's own printing */
};

/**
 * struct inspect_link_func - one of the functions of a link with many
 * @address:        kprobe_multi, tracing_multi: where it is in the kernel; 0 where the kernel hides that
 *                  from this user
 * @btf_id:         tracing_multi: its type, in the BTF object that the link's @target_obj_id is
 * @offset:         uprobe_multi: where it is in the file
 * @ref_ctr_offset: uprobe_multi: where the counter that switches it on is in the file, or 0
 * @cookie:         what the program is told; 0 is none
 * @name:           of the kernel's symbol, or NULL; belongs to the struct inspect
 * @module:         where that is, or NULL
 */
struct inspect_link_func {
	unsigned long long address;
	unsigned btf_id;
	unsigned long long offset;
	unsigned long long ref_ctr_offset;
	unsigned long long cookie;
	const char *name;
	const char *module;
};

/** struct inspect_link_funcs - functions: of kprobe_multi by ascending address, else in the kernel's order */
struct inspect_link_funcs {
	struct inspect_link_func *funcs;
	unsigned n;
};

/**
 * struct inspect_link - a link: it keeps a program attached to something
 * @have:   which of the members below say something; see enum inspect_link_has
 * @name:   what it hooks, for the types that have such: a tracepoint, an iterator's target, a function, a file
 * @ifindex: of a device in whichever network namespace; 0 once the link was detached, as @cgroup_id,
 *          @netns_ino and @map_id are
 * @device: that device's name, where it is found to be one of the caller's namespace; else empty
 * @hidden: the kernel hides addresses from this user
 * @target_prog_id: the program that is traced or replaced, where it is one; else 0
 * @event_type, @event_config: as perf_event_open(2) has them
 * @pid:    the process that an iterator or uprobes are for; 0 is any
 * @details: for the link's own printing, and NULL in records from a list
 *
 * See struct inspect_prog for @failed and the names of types.
 */
struct inspect_link {
	int fd;
	int failed;
	unsigned have;
	unsigned id;
	unsigned type;
	const char *type_name;
	unsigned prog_id;
	unsigned prog_type;
	const char *prog_type_name;
	unsigned attach_type;
	const char *attach_type_name;
	char *name;
	unsigned target_obj_id;
	unsigned target_btf_id;
	unsigned target_prog_id;
	char *target_name;
	unsigned long long cgroup_id;
	char *cgroup_path;
	unsigned order;
	const char *order_name;
	unsigned map_id;
	unsigned netns_ino;
	unsigned ifindex;
	char device[16];
	unsigned pf;
	unsigned hook;
	int priority;
	unsigned flags;
	unsigned perf_event;
	const char *perf_event_name;
	unsigned event_type;
	unsigned long long event_config;
	bool is_return;
	bool hidden;
	unsigned tid;
	unsigned pid;
	unsigned offset;
	unsigned function_count;
	unsigned long long address;
	unsigned long long missed;
	unsigned long long cookie;
	unsigned long long ref_ctr_offset;
	struct inspect_link_funcs functions;
	struct inspect_strings pinned;
	struct inspect_owners owners;
	struct inspect_metadata *details;
};

/** inspect_link_done() - release what a link holds; what is released already is allowed */
void inspect_link_done(struct inspect_link *link);

struct inspect_list;

/**
 * inspect_list_new() - walk over objects
 * @inspect: the handle
 * @ref:     which objects; borrowed until inspect_list_free()
 * @want:    INSPECT_WANT_ bits
 * @out:     the walk
 * @err:     filled in on failure; may be NULL
 *
 * Return: 0 or -ENOMEM.
 */
int inspect_list_new(struct inspect *inspect, const struct inspect_ref *ref, unsigned want,
		     struct inspect_list **out, struct inspect_error *err);

/** inspect_list_free() - end a walk; NULL is allowed */
void inspect_list_free(struct inspect_list *list);

/**
 * inspect_list_next() - the next object
 * @list:   the walk
 * @record: a struct inspect_prog, inspect_map, inspect_link or inspect_btf, as the reference's kind
 *          is; the caller releases it with inspect_prog_done() and so on before the next call
 * @err:    filled in on failure; may be NULL
 *
 * Objects come by ascending id. One that vanishes meanwhile is left out. One that cannot be read
 * comes with its id and @failed set, and the walk goes on.
 * Cost: three to six system calls an object. Memory does not grow with the number of objects.
 *
 * Return: 1 with a record, 0 at the end; -ENOENT when nothing fits a reference that names something;
 * -EPERM when the kernel lists nothing to this user; or another negative errno.
 */
int inspect_list_next(struct inspect_list *list, void *record, struct inspect_error *err);

/**
 * inspect_list_is_single() - does the reference name exactly one object?
 *
 * To be asked before the first inspect_list_next(). A name or a tag may fit several: then up to two
 * objects are read ahead. Every object (INSPECT_BY_ALL) is never single, even if there is one.
 */
bool inspect_list_is_single(struct inspect_list *list);

/**
 * inspect_owners_note() - why owners may be missing
 *
 * To be asked after records with INSPECT_WANT_OWNERS. An ordinary user may look into few processes
 * but their own; /proc may be hidden or not mounted.
 *
 * Return: one sentence without a full stop, the first time that it is asked for; else NULL.
 */
const char *inspect_owners_note(struct inspect *inspect);

/**
 * inspect_symbols_note() - why functions may be without their names
 *
 * To be asked after links with INSPECT_WANT_SYMBOLS: the kernel may hide its addresses.
 *
 * Return: one sentence without a full stop, the first time that it is asked for; else NULL.
 */
const char *inspect_symbols_note(struct inspect *inspect);

/** enum inspect_slot - what is known of the value of an element */
enum inspect_slot {
	INSPECT_SLOT_VALUE,    /* it is there */
	INSPECT_SLOT_EMPTY,    /* nothing stands at this index */
	INSPECT_SLOT_WITHHELD, /* something may, and the kernel does not give it out */
};

/**
 * struct inspect_cpu_values - a value for each possible CPU
 * @bytes:  the first of them
 * @size:   bytes of a value
 * @stride: bytes from one value to the next
 * @cpus:   whose they are
 * @n:      how many
 */
struct inspect_cpu_values {
	const unsigned char *bytes;
	size_t size;
	size_t stride;
	const unsigned *cpus;
	unsigned n;
};

/** enum inspect_elem_has - what there is of an element */
enum inspect_elem_has {
	INSPECT_ELEM_HAS_VALUE = 1,
	INSPECT_ELEM_HAS_PER_CPU = 2,
	INSPECT_ELEM_HAS_INNER_MAP = 4, /* the value is the id of a map */
	INSPECT_ELEM_HAS_PROG = 8,	/* the value is the id of a program */
	INSPECT_ELEM_HAS_REASON = 16,	/* there is no value, and @reason says why */
	INSPECT_ELEM_HAS_SEARCHED = 32, /* a prefix was looked up, and a shorter one matched */
};

/**
 * struct inspect_elem - an element of a map
 * @have:         INSPECT_ELEM_HAS_ bits
 * @map_id:       of which map
 * @slot:         what is known of its value
 * @key:          the key; empty for maps without keys
 * @value:        the value, unless the map has one for each CPU
 * @per_cpu:      these values
 * @inner_map_id: the value as the id of a map
 * @prog_id:      the value as the id of a program
 * @reason:       why there is no value, in words
 * @reason_errno: the same as an errno
 * @is_searched:  the key is what was looked up; the map has a shorter prefix of it
 */
struct inspect_elem {
	unsigned have;
	unsigned map_id;
	enum inspect_slot slot;
	struct inspect_bytes key;
	struct inspect_bytes value;
	struct inspect_cpu_values per_cpu;
	unsigned inner_map_id;
	unsigned prog_id;
	const char *reason;
	int reason_errno;
	bool is_searched;
};

struct inspect_elems;

/**
 * inspect_elems_new() - walk over the elements of a map
 * @inspect: the handle
 * @map:     from a list with INSPECT_WANT_FD; borrowed until inspect_elems_free()
 * @out:     the walk
 * @err:     filled in on failure; may be NULL
 *
 * Return: 0; -EOPNOTSUPP when elements of this type cannot be listed: the message says why;
 * -ENOMEM; or another negative errno.
 */
int inspect_elems_new(struct inspect *inspect, const struct inspect_map *map,
		      struct inspect_elems **out, struct inspect_error *err);

/** inspect_elems_free() - end a walk; NULL is allowed */
void inspect_elems_free(struct inspect_elems *elems);

/**
 * inspect_elems_next() - step to the next element of a map
 * @elems: the walk
 * @out:   the element; its bytes belong to @elems and are valid until the next call
 * @err:   filled in on failure; may be NULL
 *
 * Elements come in no particular order. One that is added or deleted while the walk runs may be
 * missed or seen twice; where the kernel lost its place, inspect_elems_was_restarted() tells.
 * Cost: one system call per batch of elements, or two per element where the map type or the kernel
 * has no batch call (Linux 5.6 has it for hash and array maps). Memory does not grow with the map.
 *
 * Return: 1 with an element, 0 at the end, -EPERM, -ENOMEM, or another negative errno.
 */
int inspect_elems_next(struct inspect_elems *elems, struct inspect_elem *out,
		       struct inspect_error *err);

/** inspect_elems_was_restarted() - did the kernel lose its place in the map? */
bool inspect_elems_was_restarted(const struct inspect_elems *elems);

/**
 * struct inspect_words - words as a user typed them; borrowed
 */
struct inspect_words {
	const char *const *words;
	size_t n;
};

/**
 * struct inspect_note - where to tell what is no failure and stands beside the output
 * @tell:    called with a sentence; NULL: nobody listens
 * @context: handed to @tell
 */
struct inspect_note {
	void (*tell)(void *context, const char *text);
	void *context;
};

/**
 * inspect_pin() - give a program, a map or a link a name in a BPF file system
 * @inspect:  the handle
 * @ref:      the object; a name or a tag must fit one alone
 * @path:     the new name; nothing may be there
 * @no_mount: mount nothing
 * @note:     where to tell that a bpffs was mounted; may be NULL
 * @err:      filled in on failure; may be NULL
 *
 * Where the directory is on no bpffs, one is mounted there, but only if the directory is empty.
 * Return: 0; -EEXIST, -EROFS or another negative errno: then no file and no mount is left.
 */
int inspect_pin(struct inspect *inspect, const struct inspect_ref *ref, const char *path,
		bool no_mount, const struct inspect_note *note, struct inspect_error *err);

/** enum inspect_pinned_has - which members of a struct inspect_pinned are known */
enum inspect_pinned_has {
	INSPECT_PINNED_HAS_OBJECT = 1,	  /* kind, id and type */
	INSPECT_PINNED_HAS_NAME = 2,	  /* it has one */
	INSPECT_PINNED_HAS_TYPE_NAME = 4, /* this build or the kernel knows it */
	INSPECT_PINNED_HAS_ERROR = 8,	  /* it could not be read */
	INSPECT_UNPINNED_HAS_PINS = 16,	  /* of a struct inspect_unpinned: pins were listed */
	INSPECT_UNPINNED_HAS_OWNERS = 32, /* owners are all known, or some are */
	INSPECT_UNPINNED_HAS_LINKS = 64,  /* links were listed */
	INSPECT_UNPINNED_HAS_PROGS = 128, /* a map, and programs were listed */
	INSPECT_UNPINNED_HAS_GONE = 256,  /* what became of the object is known */
	INSPECT_UNPINNED_HAS_OWNED = 512, /* there are owners */
};

/**
 * struct inspect_pinned - something on a BPF file system
 * @have:      which members are known
 * @path:      where it is
 * @what:      "prog", "map" or "link"; "symlink", "directory" (one that cannot be read), or "unknown"
 * @kind:      of the object
 * @id:        of the object
 * @type:      the kernel's number, by its kind
 * @type_name: its name
 * @name:      of the object; links have none
 * @error:     why it could not be read, a positive errno
 *
 * Texts are borrowed for the call that hands it out.
 */
struct inspect_pinned {
	unsigned have;
	const char *path;
	const char *what;
	enum inspect_kind kind;
	unsigned id;
	unsigned type;
	const char *type_name;
	const char *name;
	int error;
};

/**
 * inspect_pinned_each() - what is pinned in this mount namespace
 * @inspect: the handle
 * @below:   a directory to which to keep, or a pin; NULL: every BPF file system
 * @each:    called with each pin, symbolic link and unreadable directory; a result other than 0 ends the walk
 * @context: handed to @each
 * @err:     filled in on failure; may be NULL
 *
 * Where a BPF file system is mounted in several places, its pins come once for each. Directories are read in their own
 * order; memory does not grow with the number of pins. Opens every pin: about six system calls each.
 * Return: 0, the result of @each, -EINVAL where @below has no BPF file system, or another negative errno.
 */
int inspect_pinned_each(struct inspect *inspect, const char *below,
			int (*each)(void *context, const struct inspect_pinned *pinned),
			void *context, struct inspect_error *err);

/**
 * struct inspect_unpin - what is to be removed from BPF file systems
 * @paths:      pins and directories
 * @has_kind:   only pins of @kind, and no directories
 * @kind:       which
 * @recursive:  directories with all that is in them
 * @is_dry_run: only tell
 */
struct inspect_unpin {
	struct inspect_words paths;
	bool has_kind;
	enum inspect_kind kind;
	bool recursive;
	bool is_dry_run;
};

/**
 * struct inspect_unpinned - a pin, directory or symbolic link that was removed, or would be
 * @pin:        what it is; of a directory, @what alone
 * @is_removed: false where it would be
 * @is_gone:    the object went with its pin. It may stay although nothing that is listed here holds it: in a map, or
 *              attached without a link
 * @pinned:     other pins of the object, without those that are removed too
 * @owners:     processes that hold it
 * @link_ids:   links that have it: of a program, or of a map (struct_ops, sockmap, iter)
 * @prog_ids:   programs that use the map
 */
struct inspect_unpinned {
	struct inspect_pinned pin;
	bool is_removed;
	bool is_gone;
	struct inspect_strings pinned;
	struct inspect_owners owners;
	struct inspect_ids link_ids;
	struct inspect_ids prog_ids;
};

/**
 * inspect_unpin() - remove pins
 * @inspect: the handle
 * @how:     which; all of it is checked before the first is removed
 * @each:    called with each that was removed, or would be, when all are; a result other than 0 ends the calls
 * @context: handed to @each
 * @err:     filled in on failure; may be NULL
 *
 * Nothing outside of a BPF file system is ever removed: symbolic links are not followed, and what something is mounted on
 * is refused. An object lasts as long as something holds it, so when nothing is found that does, this waits up to
 * a second to see it go.
 * Return: 0, the result of @each, or a negative errno: of a check (then nothing was removed), or of a removal.
 */
int inspect_unpin(struct inspect *inspect, const struct inspect_unpin *how,
		  int (*each)(void *context, const struct inspect_unpinned *unpinned),
		  void *context, struct inspect_error *err);

/**
 * struct inspect_run - a program is run on given data
 * @data, @context:           what it gets; no bytes: nothing
 * @wants_data, @wants_context: is what it leaves of them to be had back?
 * @data_room, @context_room: bytes of room for that; 0: enough
 * @repeat:                   how often; 0: once, as all types can
 * @has_cpu, @cpu:            where (raw tracepoints)
 * @is_live:                  XDP: what it does to a packet is done, as if it had come in
 * @batch_size:               XDP, live: packets at a time; 0: the kernel's choice
 *
 * and, after inspect_prog_run():
 *
 * @have:                     what is known of the following: INSPECT_RUN_HAS_ bits
 * @prog_id:                  the program
 * @data_out, @context_out:   what it left; they lie in @memory
 * @retval:                   what it returned
 * @duration_ns:              how long a run took, on average
 * @memory:                   to be released with inspect_run_done()
 */
struct inspect_run {
	struct inspect_bytes data;
	struct inspect_bytes context;
	bool wants_data;
	bool wants_context;
	unsigned data_room;
	unsigned context_room;
	unsigned repeat;
	bool has_cpu;
	unsigned cpu;
	bool is_live;
	unsigned batch_size;

	unsigned have;
	unsigned prog_id;
	struct inspect_bytes data_out;
	struct inspect_bytes context_out;
	unsigned retval;
	unsigned duration_ns;
	void *memory;
};

enum inspect_run_has {
	INSPECT_RUN_HAS_DATA = 1,
	INSPECT_RUN_HAS_CONTEXT = 2,
};

/**
 * inspect_prog_run() - run a program on given data
 * @inspect: the handle
 * @ref:     the program; a name or a tag must fit one alone
 * @run:     what it gets, and then what came of it
 * @err:     filled in on failure; may be NULL
 *
 * The program runs as ever: what it writes to maps stays written. Which types can be run the kernel knows; programs
 * of the types syscall (Linux 5.14) and raw_tracepoint (5.10) take a context alone. Of a syscall program that context
 * is what it had in the end. One that runs long can be interrupted by a signal.
 *
 * Return: 0; -524 for a type that cannot be run; -ENOSPC where there was not enough room: the hint says how much is
 * needed; or another negative errno. The program may have run all the same.
 */
int inspect_prog_run(struct inspect *inspect, const struct inspect_ref *ref,
		     struct inspect_run *run, struct inspect_error *err);
void inspect_run_done(struct inspect_run *run);

/**
 * inspect_prog_detach() - take a program off where it is attached without a link
 * @inspect: the handle
 * @prog:    the program; a name or a tag must fit one alone
 * @type:    "sk_skb_stream_parser", "sk_skb_stream_verdict", "sk_skb_verdict", "sk_msg_verdict" or
 *           "flow_dissector"; the old names "stream_parser", "stream_verdict", "skb_verdict" and "msg_verdict"
 *           may be shortened
 * @map:     the map of sockets; by INSPECT_BY_ALL for flow_dissector, which is of the caller's network namespace
 * @err:     filled in on failure; may be NULL
 *
 * Return: 0, -ENOENT where it is not attached there, -INSPECT_EUSAGE for another type, or another negative errno.
 */
int inspect_prog_detach(struct inspect *inspect, const struct inspect_ref *prog, const char *type,
			const struct inspect_ref *map, struct inspect_error *err);

/**
 * inspect_links_of() - a reference to all links of a program
 * @inspect: the handle
 * @prog:    the program; a name or a tag must fit one alone
 * @out:     the reference (INSPECT_BY_PROG); nothing in it is borrowed
 * @err:     filled in on failure; may be NULL
 *
 * Whether there are such links shows when they are listed. Links of struct_ops have a map and no program.
 * Return: 0 or a negative errno.
 */
int inspect_links_of(struct inspect *inspect, const struct inspect_ref *prog,
		     struct inspect_ref *out, struct inspect_error *err);

/**
 * inspect_link_detach() - end what a link does, or all links of a program
 * @inspect:    the handle
 * @ref:        the link, or the links
 * @is_dry_run: change nothing, and fail where it is known that the kernel would refuse
 * @note:       where to tell that one was detached already; may be NULL
 * @err:        filled in on failure, with what holds a link that cannot be detached; may be NULL
 *
 * The link itself stays as long as something holds it. Raw tracepoints, iterators and other types cannot
 * be detached: they end when nothing holds them any more. Of several links those are tried first, so that one of
 * them keeps all others as they are.
 * Return: 0, -ENOENT where a program has no link, -EOPNOTSUPP for such types and before Linux 5.9, or another
 * negative errno; where links were detached before that, the hint has their ids.
 */
int inspect_link_detach(struct inspect *inspect, const struct inspect_ref *ref, bool is_dry_run,
			const struct inspect_note *note, struct inspect_error *err);

/** enum inspect_attachment_has - what there is of an attachment */
enum inspect_attachment_has {
	INSPECT_ATTACHMENT_HAS_LINK = 1, /* old kernels make none of some hooks */
	INSPECT_ATTACHMENT_HAS_PIN = 2,
};

/**
 * struct inspect_attachment - what keeps a program attached
 * @fd:      of the link or, without one, of what holds the program; -1: nothing has to hold it
 * @have:    INSPECT_ATTACHMENT_HAS_ bits
 * @link_id: the link's id
 * @prog_id: the program's
 * @hook:    where it is attached, a word of the table of hooks
 * @target:  what of that, as it was typed; empty where the hook has none
 * @pinned:  where the link is pinned; borrowed from the words
 * @is_held: it ends when @fd is closed, and nothing else holds it
 */
struct inspect_attachment {
	int fd;
	unsigned have;
	unsigned link_id;
	unsigned prog_id;
	const char *hook;
	char *target;
	const char *pinned;
	bool is_held;
};

/** struct inspect_attachments - one, or several where a hook takes several; zeroed, there are none */
struct inspect_attachments {
	struct inspect_attachment *attachments;
	unsigned n;
};

/** inspect_attachments_done() - close all; what is held ends then. What is closed already is allowed */
void inspect_attachments_done(struct inspect_attachments *attachments);

/**
 * struct inspect_attach - what is to be attached
 * @prog:     the program; a name or a tag must fit one alone
 * @words:    "HOOK [TARGET...] [WORD [VALUE]]...", as bpflens-prog(8) lists them; borrowed
 * @no_mount: mount nothing
 */
struct inspect_attach {
	struct inspect_ref prog;
	struct inspect_words words;
	bool no_mount;
};

/**
 * inspect_attach() - attach a loaded program
 * @inspect: the handle
 * @how:     the program and the hook
 * @note:    where to tell what is no failure; may be NULL
 * @out:     what keeps it attached, to be given to inspect_attachments_done()
 * @err:     filled in on failure: what does not fit, and what would; may be NULL
 *
 * With "pin FILE" the link stays; see inspect_pin(). Else the program is attached as long as @out is open.
 * Return: 0, -INSPECT_EUSAGE or a negative errno: then nothing is attached, pinned or mounted.
 */
int inspect_attach(struct inspect *inspect, const struct inspect_attach *how,
		   const struct inspect_note *note, struct inspect_attachments *out,
		   struct inspect_error *err);

/**
 * struct inspect_hook - a row of the table of hooks, for those that tell about it
 * @name:   the word
 * @target: the words of its target, or NULL
 * @words:  those behind it
 * @help:   what the program sees there
 * @since:  the first kernel with it
 * @types:  the types of programs that it takes
 */
struct inspect_hook {
	const char *name;
	const char *target;
	char words[256];
	const char *help;
	const char *since;
	char types[128];
};

/** inspect_hook_get() - the row of this number; false behind the last */
bool inspect_hook_get(unsigned number, struct inspect_hook *out);

/** struct inspect_hook_word - a word that may stand behind a hook's target, and its value */
struct inspect_hook_word {
	const char *word;
	const char *value;
	const char *help;
};

/** inspect_hook_word_get() - the word of this number; false behind the last */
bool inspect_hook_word_get(unsigned number, struct inspect_hook_word *out);

/**
 * inspect_hook_complete() - what may stand at the end of words for inspect_attach()
 * @inspect: the handle
 * @words:   those before
 * @typed:   the beginning of the next one
 * @offer:   called with each word
 * @context: handed to @offer
 * @kind:    of the object that is wanted
 *
 * Return: 0; or where a reference to an object stands, the number of the word that it begins with, plus one.
 */
size_t inspect_hook_complete(struct inspect *inspect, const struct inspect_words *words,
			     const char *typed, void (*offer)(void *context, const char *word),
			     void *context, enum inspect_kind *kind);

/**
 * inspect_keep_open() - many verbs about one map will follow
 * @inspect: the handle
 * @is_on:   keep the map open from one verb to the next, or close what is kept
 *
 * Verbs that name a map by its id again and again, in a batch, then need one system call each. The map
 * stays open until another is named or until it is switched off; a program array never does, since
 * closing it has an effect.
 */
void inspect_keep_open(struct inspect *inspect, bool is_on);

/**
 * inspect_map_update() - add or change an element
 * @inspect: the handle
 * @ref:     the map; a name must fit one alone
 * @words:   in any order "key DATA", "value DATA", one of "any", "exist" and "noexist", and "cpu N";
 *           the value of a map of maps or of programs is a reference
 * @note:    may be NULL
 * @err:     filled in on failure; may be NULL
 *
 * DATA are "[hex] BYTE...", as many bytes as the map's keys or values have, or one of the forms that
 * bpflens-map(8) lists: "@FILE", "u32=5 be16=80", an address, JSON or a word by the type of the map. Only
 * the last two read BTF, and behind "typed" also that of programs that use the map. A per-CPU map gets the value for
 * all CPUs, with "cpu N" for one alone: then the others' values are read and written back, and what
 * changes meanwhile is lost.
 * Return: 0, -INSPECT_EUSAGE or a negative errno.
 */
int inspect_map_update(struct inspect *inspect, const struct inspect_ref *ref,
		       const struct inspect_words *words, const struct inspect_note *note,
		       struct inspect_error *err);

/**
 * struct inspect_fill - where many elements are
 * @path: a file, or "-" for standard input
 * @flag: 0: add and change; 1: only add; 2: only change; as the kernel numbers them
 */
struct inspect_fill {
	const char *path;
	unsigned flag;
};

/** enum inspect_filled_has - what there was beside elements with a value */
enum inspect_filled_has {
	INSPECT_FILLED_HAS_EMPTY = 1,
};

/**
 * struct inspect_filled - what became of them
 * @map_id:      into which map
 * @elements:    how many were written
 * @empty_slots: how many of the file have no value, as the dump found an empty slot
 */
struct inspect_filled {
	unsigned have;
	unsigned map_id;
	unsigned long long elements;
	unsigned long long empty_slots;
};

/**
 * inspect_map_fill() - add or change many elements
 * @inspect: the handle
 * @ref:     the map; a name must fit one alone
 * @how:     the file and a flag
 * @note:    may be NULL
 * @out:     how many there were
 * @err:     filled in on failure, with the line and the element of the file; may be NULL
 *
 * The file is what 'map dump' writes with -o json or jsonl: a list of records, or a record a line. The
 * elements of bpftool's -j are understood too. All of it is read, checked and kept as bytes, in a
 * temporary file where it is long, before the first element is written; no more than one element and one
 * batch are in memory.
 * Cost: a system call for up to 4096 elements where the kernel has batch updates (Linux 5.6) and @how has
 * no flag, else one an element; one more for each where it must be known which keys the map has: with a
 * flag, and where it might not have room for all.
 *
 * Return: 0; -EINVAL, -E2BIG, -EEXIST or -ENOENT where something about an element is wrong: then nothing
 * was written; or another negative errno: where the kernel refuses an element in spite of all that, the
 * message says how many were written before.
 */
int inspect_map_fill(struct inspect *inspect, const struct inspect_ref *ref,
		     const struct inspect_fill *how, const struct inspect_note *note,
		     struct inspect_filled *out, struct inspect_error *err);

/** inspect_map_delete() - remove the element with the key in @words; see inspect_map_update() */
int inspect_map_delete(struct inspect *inspect, const struct inspect_ref *ref,
		       const struct inspect_words *words, struct inspect_error *err);

/** inspect_map_freeze() - make a map read-only for system calls, for ever */
int inspect_map_freeze(struct inspect *inspect, const struct inspect_ref *ref,
		       struct inspect_error *err);

/** enum inspect_map_spec_has - what a new map's description says beyond its type and name */
enum inspect_map_spec_has {
	INSPECT_SPEC_HAS_INNER = 1,
	INSPECT_SPEC_HAS_NUMA_NODE = 2,
};

/**
 * struct inspect_map_spec - a map that is to be made; what is zero or NULL is left out
 * @type:       its name, or its number
 * @device:     the network device whose memory it is to be in
 * @inner_map:  a map like those that it is to hold
 * @btf_file:   where its types are: raw BTF or an ELF file with it
 * @btf_id:     or the id of BTF that the kernel has
 * @key_type:   in that BTF: a name, or a number
 * @value_type: the same
 *
 * Storage maps must have types; where none are given they get an int and an array of bytes.
 */
struct inspect_map_spec {
	unsigned have;
	const char *type;
	const char *name;
	unsigned key_bytes;
	unsigned value_bytes;
	unsigned max_entries;
	unsigned flags;
	const char *device;
	struct inspect_ref inner_map;
	const char *btf_file;
	unsigned btf_id;
	const char *key_type;
	const char *value_type;
	unsigned long long map_extra;
	unsigned numa_node;
};

/** inspect_map_type_name() - what a type of map is called; NULL for one that is not known */
const char *inspect_map_type_name(unsigned type);

/**
 * inspect_map_create() - make a map and pin it
 * @inspect:  the handle
 * @spec:     the map
 * @path:     where to pin it; see inspect_pin()
 * @no_mount: mount nothing
 * @note:     may be NULL
 * @err:      filled in on failure, with the rule that was broken where it is known; may be NULL
 *
 * Return: 0, -INSPECT_EUSAGE or a negative errno: then there is no map, no file and no mount.
 */
int inspect_map_create(struct inspect *inspect, const struct inspect_map_spec *spec,
		       const char *path, bool no_mount, const struct inspect_note *note,
		       struct inspect_error *err);

/** enum inspect_verdict_has - facts about a program's load that may be unknown */
enum inspect_verdict_has {
	INSPECT_VERDICT_HAS_INSN = 1,
	INSPECT_VERDICT_HAS_LINE = 2,
	INSPECT_VERDICT_HAS_COLUMN = 4,
	INSPECT_VERDICT_HAS_ORIGIN = 8,
	INSPECT_VERDICT_HAS_COUNTS = 16, /* the verifier's own, insns_processed to mark_read */
	INSPECT_VERDICT_HAS_TIME = 32,	 /* verification_time_us */
	INSPECT_VERDICT_HAS_ERROR = 64,
};

/**
 * struct inspect_verdict_reg - a register that the instruction at fault reads
 * @number: 0 to 10
 * @state:  what the verifier knew of it, in its own words; NULL: its log does not tell
 * @text:   the same in words of ours, or why there is nothing; NULL: none are known
 */
struct inspect_verdict_reg {
	unsigned number;
	char *state;
	char *text;
};

/** struct inspect_verdict_regs - such registers; owned by the struct they are in */
struct inspect_verdict_regs {
	struct inspect_verdict_reg *regs;
	unsigned n;
};

/**
 * struct inspect_verdict - why a program was not loaded, or how it was
 * @program:    its name
 * @section:    of the object; NULL where not known
 * @error:      a positive errno
 * @cause:      a word for scripts, such as "null-pointer"; NULL: the program was loaded
 * @verdict:    a sentence
 * @hint:       what can be done, or NULL
 * @message:    what the kernel said, or the loader; lines
 * @reason:     what kernels since 7.3 add to that, or NULL
 * @insn:       the instruction at fault, counted as the kernel does; @insn_text: that in the verifier's syntax
 * @function:   the function that it is in, where that is known
 * @source:     the line of the source that it was made of; @file, @line, @column: where that stands
 * @regs:       the registers that it reads
 * @origin:     an instruction before it where the fault began; @origin_source, @origin_line: its source
 * @relocation: the type or member that this kernel does not have: "struct task_struct.pid"
 * @stack_depth: bytes of stack, of the program and of each of its functions: "16+0"; of the deepest chain of calls since Linux 7.3
 * @log:        the whole log; borrowed, NULL: there is none
 *
 * Texts are owned, but @cause and @log. They come from the kernel's log and the object, and may be any.
 */
struct inspect_verdict {
	unsigned have;
	char *program;
	char *section;
	int error;
	const char *cause;
	char *verdict;
	char *hint;
	char *message;
	char *reason;
	unsigned insn;
	char *insn_text;
	char *function;
	char *source;
	char *file;
	unsigned line, column;
	struct inspect_verdict_regs regs;
	unsigned origin;
	char *origin_source;
	unsigned origin_line;
	char *relocation;
	unsigned long long insns_processed, insn_limit;
	unsigned long long max_states_per_insn, total_states, peak_states, mark_read;
	unsigned long long verification_time_us;
	char *stack_depth;
	const char *log;
};

/** inspect_verdict_done() - release what a verdict holds; what is released already is allowed */
void inspect_verdict_done(struct inspect_verdict *verdict);

/** enum inspect_struct_ops_has - facts about a struct_ops map that may be unknown */
enum inspect_struct_ops_has {
	INSPECT_STRUCT_OPS_HAS_STATE = 1,      /* its value could be read */
	INSPECT_STRUCT_OPS_HAS_REGISTERED = 2, /* and links could be listed, where that matters */
	INSPECT_STRUCT_OPS_HAS_LINKS = 4,
	INSPECT_STRUCT_OPS_HAS_PROGS = 8,
	INSPECT_STRUCT_OPS_HAS_PINNED = 16,
};

/**
 * struct inspect_struct_ops - operations of the kernel that programs carry out
 * @failed:        an errno when the kernel would not tell: then only @id is known
 * @id:            of the map that they are in
 * @name:          the map's name
 * @type:          the struct of the kernel's, such as "tcp_congestion_ops"
 * @state:         the kernel's word: init, inuse, tobefree, ready
 * @is_registered: the kernel can use them: in use, or a link has them attached
 * @link_ids:      the links that have them attached
 * @prog_ids:      the programs, in the order of the struct
 * @pinned:        where the link was pinned, of what was just registered; owned
 */
struct inspect_struct_ops {
	int failed;
	unsigned have;
	unsigned id;
	char name[16];
	char type[128];
	char state[32];
	bool is_registered;
	struct inspect_ids link_ids;
	struct inspect_ids prog_ids;
	char *pinned;
};

/** inspect_struct_ops_done() - release what it holds; what is released already is allowed */
void inspect_struct_ops_done(struct inspect_struct_ops *ops);

/**
 * inspect_struct_ops_unregister() - end a registration that no link holds
 * @inspect: the handle
 * @ref:     the map; a name must fit one struct_ops map alone
 * @out:     which one it was; to be given to inspect_struct_ops_done()
 * @err:     filled in on failure, with the links that hold it where there are such; may be NULL
 *
 * The map goes with its registration unless something else holds it.
 * Return: 0; -EOPNOTSUPP where a link has it attached, whose end ends the registration; -EINVAL where it is
 * not registered; or another negative errno.
 */
int inspect_struct_ops_unregister(struct inspect *inspect, const struct inspect_ref *ref,
				  struct inspect_struct_ops *out, struct inspect_error *err);

/**
 * struct inspect_token - what a mount of a BPF file system delegates
 * @directory: where it is mounted
 * @cmds:      commands of bpf(2) that a token made of it may allow
 * @maps:      types of maps
 * @progs:     types of programs
 * @attachs:   where programs may be attached
 *
 * Words are the kernel's: names, "any", or a number for what has no name. All is borrowed.
 */
struct inspect_token {
	const char *directory;
	struct inspect_strings cmds;
	struct inspect_strings maps;
	struct inspect_strings progs;
	struct inspect_strings attachs;
};

/**
 * inspect_tokens_each() - walk over the mounts that delegate something
 * @inspect: the handle
 * @each:    called with each, in the order of the mounts; what it is handed is valid during the call. A
 *           result other than 0 ends the walk
 * @context: handed to @each
 * @err:     filled in on failure; may be NULL
 *
 * Mounts are those of the caller's mount namespace. Delegation is new in Linux 6.9; before, there is none.
 * Return: 0, what @each returned, or a negative errno where the mounts cannot be listed.
 */
int inspect_tokens_each(struct inspect *inspect,
			int (*each)(void *context, const struct inspect_token *token),
			void *context, struct inspect_error *err);

/**
 * struct inspect_reuse - a map that exists, in the place of one of an object's
 * @name:  the name of the object's map; NULL: its number says which
 * @index: that number, from 0, in the order of the object
 * @map:   the map to use
 */
struct inspect_reuse {
	const char *name;
	unsigned index;
	struct inspect_ref map;
};

#define INSPECT_LOG_STATS 4u   /* how much the verifier had to do */
#define INSPECT_LOG_FAILURE 5u /* and, of a program that it refuses, what it looked at */
#define INSPECT_LOG_ALL 7u     /* and that of all programs */

/**
 * struct inspect_load_spec - an object that is to be loaded; what is zero or NULL is left out
 * @file:            the object file
 * @type:            of all its programs: a section's name that means it, such as "xdp"
 * @reuse:           maps that exist already
 * @offload_device:  the network device that is to run it
 * @metadata_device: the one whose metadata XDP programs are to read
 * @kernel_btf:      BTF that stands in for the kernel's in CO-RE relocations
 * @attaches:        attach programs whose section says where
 * @attaches_maps:   register struct_ops maps
 * @uses_loader:     make one program of the object that loads it, and run that
 * @is_lenient:      take definitions of maps with more in them than is known
 * @log_level:       INSPECT_LOG_STATS, INSPECT_LOG_FAILURE or INSPECT_LOG_ALL of programs that are loaded, too
 *
 * All of it is borrowed.
 */
struct inspect_load_spec {
	const char *file;
	const char *type;
	const struct inspect_reuse *reuse;
	size_t n_reuse;
	const char *offload_device;
	const char *metadata_device;
	const char *kernel_btf;
	bool attaches;
	bool attaches_maps;
	bool uses_loader;
	bool is_lenient;
	unsigned log_level;
};

/**
 * struct inspect_iter_spec - an iterator in an object file
 * @load:   the object, and how it is to be loaded
 * @prog:   the name of the program; NULL: the first iterator of the object
 * @map:    over the elements of which map; @has_map says that there is one
 * @pid:    only this process' tasks; 0: of all
 * @tid:    only this task; 0: all
 * @cgroup: the directory of the cgroup to begin at; NULL: the caller's root
 * @order:  "self_only", "descendants_pre" (which NULL means), "descendants_post", "ancestors_up" or "children"
 *
 * All but @map are asked of the iterators alone that know such. All of it is borrowed.
 */
struct inspect_iter_spec {
	struct inspect_load_spec load;
	const char *prog;
	bool has_map;
	struct inspect_ref map;
	unsigned pid;
	unsigned tid;
	const char *cgroup;
	const char *order;
};

/**
 * inspect_iter_pin() - load an iterator and pin its link
 * @inspect:  the handle
 * @spec:     the iterator
 * @path:     where to pin it; see inspect_pin(). Who reads that file runs the iterator
 * @no_mount: mount nothing
 * @note:     may be NULL
 * @err:      filled in on failure; may be NULL
 *
 * Return: 0 or a negative errno: then no program, map, link, file or mount is left.
 */
int inspect_iter_pin(struct inspect *inspect, const struct inspect_iter_spec *spec,
		     const char *path, bool no_mount, const struct inspect_note *note,
		     struct inspect_error *err);

/**
 * inspect_iter_open() - begin a run of an iterator
 * @inspect: the handle
 * @spec:    the iterator; its file may also be a pinned link, which has all else in it already
 * @note:    may be NULL
 * @out:     a descriptor to read what the iterator writes, once; to be closed
 * @err:     filled in on failure; may be NULL
 *
 * What was loaded goes when @out is closed.
 * Return: 0 or a negative errno.
 */
int inspect_iter_open(struct inspect *inspect, const struct inspect_iter_spec *spec,
		      const struct inspect_note *note, int *out, struct inspect_error *err);

/**
 * inspect_section_name() - what a section with a program may be called
 * @index: from 0
 *
 * Return: a name, without what it attaches to; NULL behind the last.
 */
const char *inspect_section_name(unsigned index);

/**
 * inspect_devices_each() - the network devices of the caller's network namespace
 * @each:    called with the name of each
 * @context: handed to @each
 *
 * For completion: where they cannot be listed, there are none.
 */
void inspect_devices_each(void (*each)(void *context, const char *name), void *context);

/**
 * inspect_paths_beginning() - existing paths that begin with some text
 * @text:    the beginning; empty for where bpffs is mounted by custom
 * @each:    called with each path; a directory ends in a slash
 * @context: handed to @each
 *
 * For completion: what cannot be read is left out.
 */
void inspect_paths_beginning(const char *text, void (*each)(void *context, const char *path),
			     void *context);

/** enum inspect_btf_by - where types are to come from */
enum inspect_btf_by {
	INSPECT_BTF_BY_ID,
	INSPECT_BTF_BY_PROG,
	INSPECT_BTF_BY_MAP,
	INSPECT_BTF_BY_FILE,
};

/** enum inspect_btf_part - which types of a map are meant */
enum inspect_btf_part {
	INSPECT_BTF_KEY_AND_VALUE,
	INSPECT_BTF_KEY,
	INSPECT_BTF_VALUE,
	INSPECT_BTF_ALL,
};

#define INSPECT_BTF_FILES 64 /* that can be merged */

/**
 * struct inspect_btf_spec - what a user named as the source of types
 * @by:      what the following say
 * @ref:     the BTF object, the program or the map
 * @part:    of a map
 * @files:   raw BTF or ELF files; borrowed
 * @n_files: how many
 * @base:    a file with the base of split BTF, or NULL; borrowed
 */
struct inspect_btf_spec {
	enum inspect_btf_by by;
	struct inspect_ref ref;
	enum inspect_btf_part part;
	const char *files[INSPECT_BTF_FILES];
	unsigned n_files;
	const char *base;
};

/**
 * inspect_btf_spec_parse() - words to a source of types
 * @words: "id ID", "prog PROG", "map MAP [key|value|kv|all]", "file FILE [file FILE]...", an id
 *         alone, a path with a slash in it, or "vmlinux", the kernel's own; all but values may be
 *         shortened
 * @n:     how many words there are
 * @most:  how many files may be named
 * @out:   the source, without a base; borrows from @words
 * @err:   filled in on failure; may be NULL
 *
 * Return: how many words it took, or -INSPECT_EUSAGE.
 */
int inspect_btf_spec_parse(const char *const *words, size_t n, unsigned most,
			   struct inspect_btf_spec *out, struct inspect_error *err);

/**
 * struct inspect_btf_find - what is looked for in types, and where
 * @name:    of a type or an enumerator, a glob (see fnmatch(3)); or TYPE.MEMBER, with a glob for each of both
 * @sources: words as inspect_btf_spec_parse() takes them, one source behind the other; none for the kernel's types, its
 *           modules' and all that is loaded
 * @base:    a file with the base of split BTF, or NULL
 */
struct inspect_btf_find {
	const char *name;
	struct inspect_words sources;
	const char *base;
};

/**
 * struct inspect_btf_diff - which types are to be compared
 * @old:      these
 * @new:      with these
 * @name:     only those whose name fits the glob, or NULL
 * @is_check: a difference makes the exit status 1
 */
struct inspect_btf_diff {
	struct inspect_btf_spec old;
	struct inspect_btf_spec new;
	const char *name;
	bool is_check;
};

/**
 * inspect_btf_check() - can this file serve as BTF?
 * @path: raw BTF, or an ELF file with a .BTF section
 * @err:  filled in on failure; may be NULL
 *
 * Return: 0; -EINVAL with what is wrong and where; or another negative errno.
 */
int inspect_btf_check(const char *path, struct inspect_error *err);

/*
 * What the kernel can do
 */

enum inspect_feature_kind {
	INSPECT_FEATURE_KERNEL,	 /* what it says of itself */
	INSPECT_FEATURE_SETTING, /* what an admin can set */
	INSPECT_FEATURE_CONFIG,	 /* an option that it was built with */
	INSPECT_FEATURE_COMMAND, /* bpf(2), and its commands */
	INSPECT_FEATURE_PROG_TYPE,
	INSPECT_FEATURE_MAP_TYPE,
	INSPECT_FEATURE_HELPER, /* for a type of programs */
	INSPECT_FEATURE_MISC,	/* what the verifier takes: size, loops, sets of instructions */
	INSPECT_FEATURE_INSTRUCTION, /* newer ones, each */
	INSPECT_FEATURE_ATTACH_TYPE,
	INSPECT_FEATURE_LINK_TYPE,
	INSPECT_FEATURE_MAP_FLAG,   /* of BPF_MAP_CREATE */
	INSPECT_FEATURE_BATCH,	    /* a batch command for a type of maps */
	INSPECT_FEATURE_KFUNC,	    /* for a type of programs */
	INSPECT_FEATURE_STRUCT_OPS, /* what struct_ops maps may implement */
	INSPECT_FEATURE_ITERATOR,
	INSPECT_FEATURE_BTF_KIND,
	INSPECT_FEATURE_BTF,	  /* a type or a member of the kernel's: only asked for */
	INSPECT_FEATURE_MODULE,	  /* a module whose types are known */
	INSPECT_FEATURE_FACILITY, /* tokens, arenas, timers, signing and so on */
	INSPECT_FEATURE_TRACING,
	INSPECT_FEATURE_LSM,
	INSPECT_FEATURE_PROBE, /* the probe itself: only in what was saved of one */
	INSPECT_FEATURE_KINDS,
};

enum inspect_answer {
	INSPECT_UNKNOWN, /* it cannot be told */
	INSPECT_YES,
	INSPECT_NO,
	INSPECT_NOT_PERMITTED, /* to this process: that says nothing of the kernel */
};

/* Why it is not "yes". */
enum inspect_reason {
	INSPECT_REASON_NONE,
	INSPECT_REASON_NOT_BUILT_IN, /* this kernel does not have it: too old, or built without */
	INSPECT_REASON_CONFIG,	     /* built without: its configuration says so */
	INSPECT_REASON_NOT_FOR_TYPE, /* this kernel has it, but not for this type */
	INSPECT_REASON_CAPABILITY,
	INSPECT_REASON_LOCKDOWN,
	INSPECT_REASON_UNPRIVILEGED, /* unprivileged_bpf_disabled */
	INSPECT_REASON_SECCOMP,
	INSPECT_REASON_USER_NAMESPACE, /* which has no token */
	INSPECT_REASON_LSM,	       /* a security module */
	INSPECT_REASON_MEMORY_LIMIT,
	INSPECT_REASON_NO_TYPES,  /* its BTF cannot be had */
	INSPECT_REASON_NO_CONFIG, /* its configuration cannot be read */
	INSPECT_REASON_UNREADABLE,
	INSPECT_REASON_NEEDS_LOAD, /* telling takes more than what was allowed */
	INSPECT_REASON_OTHER,	   /* the kernel refused in a way that does not tell */
};

/* How it was found. */
enum inspect_found {
	INSPECT_FOUND_NOT,
	INSPECT_FOUND_PROBE,  /* by a call on the kernel that needs it */
	INSPECT_FOUND_BTF,    /* in the kernel's types */
	INSPECT_FOUND_CONFIG, /* in its configuration */
	INSPECT_FOUND_FILE,   /* in a file of /proc or /sys, or asked by another call */
	INSPECT_FOUND_RULE,   /* follows from others: that type of programs is not there */
};

/**
 * struct inspect_feature - an answer
 * @kind:    of thing
 * @name:    of the thing, as the kernel's documentation has it and commands take it
 * @of:      the type of programs or maps that it is for, or NULL
 * @answer:  the answer
 * @code:    errno of the call that said so, or 0
 * @reason:  why it is not yes
 * @found:   how it was found
 * @value:   what it is set to, or how much, or NULL
 * @detail:  more words on the reason: which capability, which option, what the verifier wrote; or NULL
 *
 * Texts are valid until the function returns that was given the record.
 */
struct inspect_feature {
	enum inspect_feature_kind kind;
	const char *name;
	const char *of;
	enum inspect_answer answer;
	int code;
	enum inspect_reason reason;
	enum inspect_found found;
	const char *value;
	const char *detail;
};

/**
 * struct inspect_question - one thing to ask for
 * @kind: of thing
 * @name: of the thing; NULL: every thing of its kind
 * @of:   for this type of programs or maps, or NULL: for any
 */
struct inspect_question {
	enum inspect_feature_kind kind;
	const char *name;
	const char *of;
};

/**
 * struct inspect_probe - what is to be probed, and how
 * @dev:             a network device that is to carry it out, or NULL
 * @is_full:         also what makes the kernel write to its log
 * @is_unprivileged: without this process' capabilities
 * @questions:       these alone; of none, everything
 * @n_questions:     how many
 * @until:           when to end before the last answer, or NULL
 */
struct inspect_probe {
	const char *dev;
	bool is_full;
	bool is_unprivileged;
	const struct inspect_question *questions;
	size_t n_questions;
	const struct inspect_until *until;
};

/**
 * inspect_features_each() - find out what the kernel can do
 * @inspect: the handle
 * @probe:   what is asked
 * @each:    called with each answer, kind by kind in the order of the enum; not 0 ends the walk
 * @context: given to @each
 * @err:     filled in on failure; may be NULL
 *
 * Loads programs and makes maps, and closes them at once; nothing is pinned, attached or logged. Everything: some 4,000
 * calls on bpf(2). A question: those that it takes.
 *
 * Return: 0, what @each returned, -INSPECT_EUSAGE for a question that no kernel has an answer to (a name that is not one), or a
 * negative errno; -EINTR where @probe->until ended it. That something is not there or not permitted is an answer, and no error.
 */
int inspect_features_each(struct inspect *inspect, const struct inspect_probe *probe,
			  int (*each)(void *context, const struct inspect_feature *feature),
			  void *context, struct inspect_error *err);

/** enum inspect_builtins - lists of names */
enum inspect_builtins {
	INSPECT_BUILTINS_PROG_TYPES,
	INSPECT_BUILTINS_MAP_TYPES,
	INSPECT_BUILTINS_ATTACH_TYPES,
	INSPECT_BUILTINS_LINK_TYPES,
	INSPECT_BUILTINS_HELPERS,
	INSPECT_BUILTINS_KFUNCS, /* of the running kernel, without its modules */
};

/** enum inspect_builtin_has - which members of a struct inspect_builtin are known */
enum inspect_builtin_has {
	INSPECT_BUILTIN_HAS_NUMBER = 1,
};

/**
 * struct inspect_builtin - a name
 * @name:   valid until the function returns that was given the record; of helpers with bpf_ in front
 * @number: the kernel's; functions have none
 * @have:   INSPECT_BUILTIN_HAS_ bits
 */
struct inspect_builtin {
	const char *name;
	unsigned number;
	unsigned have;
};

/**
 * inspect_builtins_each() - the names that this build knows, and those that only the running kernel does
 * @inspect: the handle
 * @list:    which
 * @each:    called with each name, in the order of the numbers from 0 on, kfuncs by name; not 0 ends the walk
 * @context: given to @each
 * @err:     filled in on failure; may be NULL
 *
 * That a name is there does not say that this kernel has the thing: inspect_features_each() does. Needs no privilege; the kernel's
 * types are read once, some milliseconds. Where they cannot be had, there are only this build's names, and no kfuncs.
 *
 * Return: 0, what @each returned, for kfuncs also -ENOENT: the kernel's types do not tell them (from Linux 6.16 on they
 * do), or another negative errno.
 */
int inspect_builtins_each(struct inspect *inspect, enum inspect_builtins list,
			  int (*each)(void *context, const struct inspect_builtin *builtin),
			  void *context, struct inspect_error *err);

/**
 * inspect_probe_complete() - what may stand at the end of words that say what is to be probed
 * @inspect: the handle
 * @words:   those before
 * @typed:   the beginning of the next one
 * @offer:   called with each word
 * @context: handed to @offer
 */
void inspect_probe_complete(struct inspect *inspect, const struct inspect_words *words,
			    const char *typed, void (*offer)(void *context, const char *word),
			    void *context);

#ifdef __cplusplus
}
#endif

#endif
