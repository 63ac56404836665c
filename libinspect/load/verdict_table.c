/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict_table.c - what messages of the verifier and of libbpf mean
 *
 * One row a message. The first that fits a line counts, so what is special stands before what is general. Words
 * begin with a verb whose subject is the program. A new row needs nothing else; a test loads a program that
 * makes a kernel say it, where one can be made to.
 */
#include "load/verdict_table.h"

#include <string.h>

#define CHECK_NULL "compare it with NULL first, in the same path, and use it only where it is not"
#define CHECK_BOUNDS                                                                               \
	"compare the index or length with the size right before the access, as an unsigned number, in a way the compiler cannot remove"
#define CHECK_PACKET                                                                               \
	"before it, compare the pointer plus the size of the access with data_end, and leave when it lies behind"
#define HELPER_TYPE                                                                                \
	"each helper serves certain types of programs; 'feature probe' lists those of this kernel, and the section name says the type"
#define RELEASE_ALL                                                                                \
	"every path out of the program has to release it, also those where something failed"
#define PRIVILEGES                                                                                 \
	"load as root, or with CAP_BPF, and CAP_PERFMON or CAP_NET_ADMIN as the type needs"
#define SLEEPABLE_SECTION                                                                          \
	"use a section of sleepable programs, with .s in its name (fentry.s/, lsm.s/, iter.s/), where the hook has one"
#define STACK_512                                                                                  \
	"a program and the functions on one path of its calls have 512 bytes of stack together; put large data into a per-CPU array"

#define ROW(a, b, c, d, ...)                                                                       \
	{                                                                                          \
		.cause = (a), .pattern = (b), .words = (c), .hint = (d), __VA_ARGS__               \
	}

static const struct verdict_row rows[] = {
	/* What is not in this kernel. */
	ROW("core-relocation", "failed to resolve CO-RE relocation <*> [*] * (*",
	    "asks for %3, which this kernel's types do not have",
	    "the structure differs on this kernel: test with bpf_core_field_exists() or bpf_core_type_exists() before using it, or look for its new name with 'btf dump'"),
	ROW("core-relocation", "invalid func unknown#195896080",
	    "asks for %0, which this kernel's types do not have",
	    "the structure differs on this kernel: test with bpf_core_field_exists() or bpf_core_type_exists() before using it, or look for its new name with 'btf dump'",
	    .subject = SUBJECT_RELOCATION),
	ROW("kfunc-missing", "kfunc '*' is referenced but wasn't resolved",
	    "calls the kernel function %1, which this kernel does not have",
	    "test with bpf_ksym_exists() before the call, or load the module that has it"),
	ROW("kfunc-missing", "invalid func unknown#2002*",
	    "calls the kernel function %0, which this kernel does not have",
	    "test with bpf_ksym_exists() before the call, or load the module that has it",
	    .subject = SUBJECT_SYMBOL),
	ROW("map-missing", "BPF map '*' is referenced but wasn't created",
	    "uses the map %1, which was not created",
	    "the object says that the map is not to be created; then no program that is loaded may use it"),
	ROW("map-missing", "invalid func unknown#2001*", "uses the map %0, which was not created",
	    "the object says that the map is not to be created; then no program that is loaded may use it",
	    .subject = SUBJECT_SYMBOL),
	ROW("helper-missing", "invalid func *#*",
	    "calls the helper %0, which this kernel does not have",
	    "it came with a newer kernel; test with bpf_core_enum_value_exists() before calling it",
	    .subject = SUBJECT_HELPER),
	ROW("helper-type", "program of this type cannot use helper *#*",
	    "calls the helper %1, which programs of this type may not", HELPER_TYPE),
	ROW("helper-type", "unknown func *#*",
	    "calls the helper %1, which this kernel does not give to programs of this type",
	    HELPER_TYPE),
	ROW("helper-type", "helper call is not allowed in probe",
	    "calls a helper that may not be called where this program is attached", HELPER_TYPE),
	ROW("kfunc-refused", "calling kernel function * is not allowed",
	    "calls the kernel function %1, which programs of this type may not",
	    "each kernel function is open to certain types of programs, and some are to sleepable ones alone"),
	ROW("kfunc-refused", "calling invalid kernel function",
	    "calls a kernel function that is not there, or not open to programs", NULL),
	ROW("kernel-btf", "calling kernel functions are not allowed without CONFIG_DEBUG_INFO_BTF",
	    "calls kernel functions, and this kernel has no types (BTF)",
	    "a kernel with CONFIG_DEBUG_INFO_BTF is needed"),
	ROW("kernel-btf", "in-kernel BTF is malformed",
	    "needs the kernel's types (BTF), which this kernel does not have or cannot read",
	    "a kernel with CONFIG_DEBUG_INFO_BTF is needed"),
	ROW("kernel-btf", "btf_vmlinux is malformed",
	    "needs the kernel's types (BTF), which this kernel does not have or cannot read",
	    "a kernel with CONFIG_DEBUG_INFO_BTF is needed"),
	ROW("jit-missing", "JIT does not support *",
	    "uses %1, which this machine's compiler in the kernel (JIT) does not support",
	    "look at net.core.bpf_jit_enable; not every machine has all of it"),
	/* Licence, privileges. */
	ROW("licence", "cannot call GPL-restricted function from non-GPL compatible program",
	    "calls a helper that only programs under the GPL may",
	    "say so in the object: char LICENSE[] SEC(\"license\") = \"GPL\";"),
	ROW("licence", "cannot call kernel function from non-GPL compatible program",
	    "calls a kernel function, which only programs under the GPL may",
	    "say so in the object: char LICENSE[] SEC(\"license\") = \"GPL\";"),
	ROW("licence", "struct ops programs must have a GPL compatible license",
	    "is no program under the GPL, as those of struct_ops must be",
	    "say so in the object: char LICENSE[] SEC(\"license\") = \"GPL\";"),
	ROW("privileges", "* prohibited for !root", "does what only privileged users may: %1",
	    PRIVILEGES),
	ROW("privileges", "function calls to other bpf functions are allowed for*",
	    "calls its own functions, which only privileged users may", PRIVILEGES),
	ROW("privileges", "R* tried to * from different maps, paths or scalars",
	    "does arithmetic on a pointer that differs by path, which only privileged users may",
	    PRIVILEGES),
	/* Pointers that may be NULL. */
	ROW("null-pointer", "R* invalid mem access '*_or_null'",
	    "reads or writes through R%1 without a check for NULL", CHECK_NULL),
	ROW("null-pointer", "R* invalid mem access '*_or_null_*'",
	    "reads or writes through R%1 without a check for NULL", CHECK_NULL),
	ROW("null-pointer", "R* pointer arithmetic on *_or_null prohibited",
	    "computes with R%1 without a check for NULL", CHECK_NULL),
	ROW("null-pointer", "R* type=*_or_null expected=*", "hands on R%1 without a check for NULL",
	    CHECK_NULL),
	ROW("null-pointer", "Possibly NULL pointer passed to * arg*",
	    "hands a pointer that may be NULL to a function that does not take NULL", CHECK_NULL),
	ROW("null-pointer", "NULL pointer passed to * arg*",
	    "hands NULL to a function that does not take it", CHECK_NULL),
	/* Places outside of what a pointer may reach. */
	ROW("packet-bounds", "invalid access to packet, off=* size=*, R*",
	    "reads or writes %2 bytes at offset %1 of the packet, which was not checked to be that long",
	    CHECK_PACKET),
	ROW("packet-bounds", "R* offset is outside of the packet",
	    "reads or writes the packet, which was not checked to be that long", CHECK_PACKET),
	ROW("map-bounds", "invalid access to map value, value_size=* off=* size=*",
	    "may reach outside of a map's value: %3 bytes at offset %2, and the value has %1",
	    CHECK_BOUNDS),
	ROW("map-bounds", "invalid access to map key, key_size=* off=* size=*",
	    "may reach outside of a map's key: %3 bytes at offset %2, and the key has %1",
	    CHECK_BOUNDS),
	ROW("memory-bounds", "invalid access to memory, mem_size=* off=* size=*",
	    "may reach outside of memory: %3 bytes at offset %2, and there are %1", CHECK_BOUNDS),
	ROW("unbounded", "R* unbounded memory access, make sure to bounds check*",
	    "reads or writes at a place that depends on a number without an upper limit",
	    CHECK_BOUNDS),
	ROW("unbounded", "R* unbounded memory access, use *",
	    "hands on a size in R%1 that has no upper limit",
	    "limit it: if (size > sizeof(buffer)) return 0; or size &= mask"),
	ROW("unbounded", "R* min value is negative, either use unsigned index*",
	    "reads or writes at a place that depends on a number that may be negative",
	    "use an unsigned index, or compare it with 0 too"),
	ROW("unbounded", "R* min value is negative, either use unsigned or *",
	    "hands on a size in R%1 that may be negative",
	    "use an unsigned size, or compare it with 0 too"),
	ROW("unbounded",
	    "math between * pointer and register with unbounded min value is not allowed",
	    "adds a number without a lower limit to a pointer (%1)",
	    "use an unsigned number, and compare it with the size first"),
	ROW("unbounded", "value * makes * pointer be out of bounds",
	    "adds a number to a pointer (%2) that may lead far outside", CHECK_BOUNDS),
	ROW("unbounded", "* pointer offset * is not allowed",
	    "computes a pointer (%1) that lies far outside", CHECK_BOUNDS),
	ROW("unbounded", "* pointer and * operation, where min value of register is not known*",
	    "computes with a pointer and a number that has no limits", CHECK_BOUNDS),
	ROW("unbounded", "R* has unknown scalar with mixed signed bounds*",
	    "computes with a number in R%1 that may be negative", CHECK_BOUNDS),
	ROW("zero-size", "R* invalid zero-sized read*", "hands on a size in R%1 that may be 0",
	    "compare it with 0 first"),
	ROW("memory-bounds", "R* max value is outside of the allowed memory range",
	    "may reach behind the end of what R%1 points to", CHECK_BOUNDS),
	ROW("memory-bounds", "R* min value is outside of the allowed memory range",
	    "may reach outside of what R%1 points to", CHECK_BOUNDS),
	ROW("field-bounds", "access beyond struct * at off * size *",
	    "reads %3 bytes at offset %2, behind the end of struct %1", NULL),
	ROW("field-bounds",
	    "access beyond the end of member * (mend:*) in struct * with off * size *",
	    "reads behind the end of member %1 of struct %3", NULL),
	/* Loops, and programs that are too much. */
	ROW("loop", "infinite loop detected at insn *", "has a loop that never ends",
	    "the loop needs a condition that changes, and that is met after a number of rounds the verifier can count",
	    .insn = 1),
	ROW("loop", "back-edge from insn * to *",
	    "has a loop, which this kernel or this user may not",
	    "loops need Linux 5.3 and CAP_BPF; or unroll it", .insn = 1, .origin = 2),
	ROW("too-complex", "BPF program is too large. Processed * insn",
	    "takes too long to verify: the verifier gave up after %1 instructions on all paths",
	    "a loop with too many rounds or without an upper limit is the usual reason: use bpf_loop(), an open-coded iterator, or fewer branches inside loops"),
	ROW("too-complex", "The sequence of * jumps is too complex",
	    "takes too long to verify: %1 branches are still to be looked at",
	    "a loop with a branch inside is the usual reason: use bpf_loop(), or move its body into a global function"),
	ROW("too-complex", "too many states", "takes too long to verify", NULL),
	ROW("too-large", "Looks like the BPF program is too large*", "is too large", NULL),
	/* The stack. */
	ROW("stack-size", "combined stack size of * calls is *. Too large",
	    "needs %2 bytes of stack in %1 functions that call each other", STACK_512),
	ROW("stack-size", "stack size * exceeds*", "needs %1 bytes of stack", STACK_512),
	ROW("stack-size", "stack size of subprog * is *. Too large",
	    "needs %2 bytes of stack in a function", STACK_512),
	ROW("stack-size",
	    "tail_calls are not allowed when call stack of previous frames is * bytes. Too large",
	    "makes a tail call from a function whose callers have %1 bytes of stack in use",
	    "no more than 256 are allowed there; keep less on the stack of the callers"),
	ROW("call-depth", "the call stack of * frames is too deep",
	    "has functions that call each other %1 deep", "8 are allowed; inline some of them"),
	ROW("call-depth", "recursive call from *() to *()",
	    "has a function that calls itself: %2()", "recursion is not possible; make it a loop"),
	ROW("stack-unset", "invalid indirect read from stack R* off *+* size *",
	    "hands on %4 bytes of stack that were not all written",
	    "initialise the variable, its padding too: struct key k = {}; or memset()"),
	ROW("stack-unset", "invalid indirect read from stack off *+* size *",
	    "hands on %3 bytes of stack that were not all written",
	    "initialise the variable, its padding too: struct key k = {}; or memset()"),
	ROW("stack-unset", "invalid read from stack off *+* size *",
	    "reads %3 bytes of stack that were not all written", "initialise the variable"),
	ROW("stack-bounds", "invalid read from stack R* off=* size=*",
	    "hands on or reads stack that the program did not write, or that is not its own (offset %2, %3 bytes)",
	    "initialise the variable, and compare sizes: a key or value has as many bytes as the map says"),
	ROW("stack-bounds", "invalid * stack R* off=* size=*",
	    "uses stack outside of its own (offset %3, %4 bytes)",
	    "compare sizes and indexes; a program has 512 bytes of stack"),
	ROW("stack-bounds", "invalid stack type R* off=* access_size=*",
	    "hands on stack outside of its own (offset %2, %3 bytes)",
	    "compare sizes: a key or value has as many bytes as the map says"),
	ROW("stack-bounds", "invalid stack off=* size=*",
	    "uses stack outside of its own (offset %1, %2 bytes)",
	    "compare sizes and indexes; a program has 512 bytes of stack"),
	ROW("stack-bounds", "invalid variable-offset * stack R* *",
	    "uses stack at a place that depends on a number", CHECK_BOUNDS),
	ROW("stack-pointer", "*corrupt* spill*", "overwrites a part of a pointer on its stack",
	    NULL),
	ROW("stack-pointer", "cannot * into * stack", "writes to stack that is not its own", NULL),
	/* What has to be given back. */
	ROW("reference", "Unreleased reference id=* alloc_insn=*",
	    "ends without having released what it took at instruction %2", RELEASE_ALL,
	    .origin = 2),
	ROW("reference", "* would lead to reference leak",
	    "leaves without having released what it took", RELEASE_ALL),
	ROW("release", "R* must be referenced when passed to release function",
	    "releases what it does not own",
	    "only what a function of the kernel handed out can be released, and only once"),
	ROW("release", "reference has not been acquired before", "releases what it does not own",
	    "only what a function of the kernel handed out can be released, and only once"),
	ROW("release", "release * expects *", "releases what it does not own",
	    "only what a function of the kernel handed out can be released, and only once"),
	ROW("lock", "function calls are not allowed while holding a lock",
	    "calls a function while it holds a lock",
	    "call it before bpf_spin_lock() or after bpf_spin_unlock()"),
	ROW("lock", "* cannot be used inside bpf_spin_lock-ed region",
	    "leaves while it holds a lock", "call bpf_spin_unlock() on every path"),
	ROW("lock", "bpf_spin_unlock is missing", "leaves while it holds a lock",
	    "call bpf_spin_unlock() on every path"),
	ROW("lock", "* cannot be used inside bpf_*-ed region",
	    "leaves a part of the program that has to be closed first (%2)", NULL),
	ROW("lock", "bpf_rcu_read_unlock is missing", "leaves inside bpf_rcu_read_lock()",
	    "call bpf_rcu_read_unlock() on every path"),
	ROW("lock", "Locking two bpf_spin_locks are not allowed", "takes a second lock",
	    "one lock at a time"),
	/* Sleeping. */
	ROW("sleepable", "program must be sleepable to call sleepable kfunc *",
	    "calls %1, which may sleep, and is no sleepable program", SLEEPABLE_SECTION),
	ROW("sleepable", "helper call might sleep in a non-sleepable prog",
	    "calls a helper that may sleep, and is no sleepable program", SLEEPABLE_SECTION),
	ROW("sleepable", "sleepable helper *#* in non-sleepable prog",
	    "calls %1, which may sleep, and is no sleepable program", SLEEPABLE_SECTION),
	ROW("sleepable", "sleepable helper *#* in *",
	    "calls %1, which may sleep, where that is not possible (%3)",
	    "call it outside of locks and RCU sections"),
	ROW("sleepable", "* might sleep *", "calls what may sleep where that is not possible",
	    "use a section of sleepable programs, with .s in its name (fentry.s/, lsm.s/, iter.s/), and not inside a lock"),
	ROW("sleepable", "Sleepable programs can only use *",
	    "is sleepable, and uses a map that such programs cannot",
	    "sleepable programs can use %1"),
	ROW("sleepable", "Only * programs can be sleepable",
	    "is of a type that cannot be sleepable", "only %1 can"),
	ROW("sleepable", "* is not sleepable",
	    "is sleepable, and is to be attached to %1, where sleeping is not possible",
	    "use the section without .s"),
	/* Where it is to be attached. */
	ROW("attach-target", "func '*' doesn't have *",
	    "reads an argument that %1() does not have (%2)",
	    "look at the function on this kernel: 'btf find %1'"),
	ROW("attach-target", "attach_btf_id * is not a function",
	    "is to be attached to what is no function", NULL),
	ROW("attach-target", "Tracing programs must provide btf_id",
	    "does not say what it is to be attached to",
	    "name the function in the section, fentry/FUNCTION, or give it when the program is loaded; "
	    "kernels before 7.2 say so of fentry.multi"),
	ROW("attach-target", "attach_btf_id * points to disabled hook",
	    "is to be attached to a hook that is switched off", NULL),
	ROW("attach-target", "*() is not modifiable",
	    "is to change what %1() returns, which that does not allow",
	    "fmod_ret programs go to functions made for that, and to security_* functions"),
	ROW("attach-target", "* is not in func or invalid",
	    "is to be attached to what cannot be traced", NULL),
	ROW("attach-target",
	    "FENTRY/FEXIT program can only be attached to another program annotated with BTF",
	    "is to be attached to a program without types (BTF)", NULL),
	ROW("attach-target", "Cannot * programs that *",
	    "is to be attached to a program that cannot have it", NULL),
	ROW("struct-ops", "attach to unsupported member * of struct *",
	    "is for member %1 of struct %2, which this kernel does not call programs for", NULL),
	ROW("struct-ops", "attach_btf_id * is not a supported struct_ops*",
	    "is for a struct_ops that this kernel does not have", NULL),
	/* What it returns. */
	ROW("return-value", "At program exit the register R0 has * should have been in *",
	    "returns a value that this type of program may not (allowed: %2)",
	    "return one of the values that the hook knows"),
	ROW("return-value", "At * return the register R0 has * should have been in *",
	    "has a callback that returns a value that it may not (allowed: %3)",
	    "return 0, or 1 to stop"),
	ROW("return-value", "R0 leaks addr as return value", "returns a pointer",
	    "return a number"),
	ROW("return-value", "At program exit the register R0 is not a known value (*)",
	    "returns a value that the verifier cannot tell to be allowed",
	    "return a constant on each path"),
	/* Registers. */
	ROW("no-result", "R0 !read_ok", "uses R0, or ends with it, without having set it",
	    "return a value on each path"),
	ROW("register-unset", "R* !read_ok", "reads R%1, which it has not set",
	    "initialise the variable; behind a call, R1 to R5 are lost"),
	ROW("frame-pointer", "frame pointer is read only", "changes R10, the pointer to its stack",
	    "R10 can only be read"),
	ROW("pointer-arithmetic", "R* pointer arithmetic with * operator prohibited",
	    "computes with a pointer in R%1 in a way other than + and - (%2)",
	    "keep pointers and numbers apart: casts of a pointer to a number make this"),
	ROW("pointer-arithmetic", "R* bitwise operator * on pointer prohibited",
	    "computes with a pointer in R%1 in a way other than + and - (%2)",
	    "keep pointers and numbers apart: casts of a pointer to a number make this"),
	ROW("pointer-arithmetic", "R* 32-bit pointer arithmetic prohibited",
	    "computes with half of the pointer in R%1",
	    "keep pointers and numbers apart: casts of a pointer to an int make this"),
	ROW("pointer-arithmetic", "R* pointer arithmetic on * prohibited",
	    "computes with R%1, a pointer that must stay as it is (%2)", NULL),
	ROW("pointer-arithmetic", "R* pointer * pointer prohibited",
	    "adds or subtracts two pointers", NULL),
	ROW("pointer-arithmetic", "R* pointer comparison prohibited",
	    "compares the pointer in R%1 with something else",
	    "pointers can be compared with NULL, and packet pointers with data_end"),
	ROW("pointer-leak", "R* leaks addr *", "lets a pointer out (R%1: %2)",
	    "only privileged users may show addresses of the kernel"),
	ROW("pointer-leak", "R* partial copy of pointer", "takes a part of the pointer in R%1",
	    NULL),
	/* The context. */
	ROW("context", "invalid bpf_context access off=* size=*",
	    "reads or writes %2 bytes at offset %1 of its context, where there is nothing for this type of program",
	    "this kernel does not have the field, or only reads or whole fields are allowed, or the program's type has another context"),
	ROW("context", "variable ctx access var_off=* disallowed",
	    "reads its context at a place that depends on a number",
	    "use the fields of the context directly"),
	ROW("context", "dereference of modified ctx ptr *",
	    "reads its context through a pointer that was changed",
	    "the compiler moved an offset into the pointer: read the field into a variable first"),
	ROW("context", "dereference of modified * ptr *", "uses a pointer (%1) that was changed",
	    NULL),
	ROW("context", "negative offset * ptr *", "uses a pointer (%1) with a negative offset",
	    NULL),
	ROW("context", "BPF_ATOMIC * into R* * is not allowed",
	    "changes its context in an atomic operation", NULL),
	ROW("context", "BPF_ST stores into R* * is not allowed",
	    "stores a constant into memory that needs another way",
	    "assign from a variable, or use a newer kernel"),
	ROW("alignment", "misaligned *",
	    "uses memory at a place that is not a multiple of the size (%1)",
	    "copy it with __builtin_memcpy() into a variable, or pack the structure"),
	/* Maps and arguments. */
	ROW("map-type", "cannot pass map_type * into func *#*",
	    "calls %2 on a map of a type that this helper does not serve",
	    "look at the map's type, and for other helpers for it"),
	ROW("map-type", "* programs can only use preallocated *",
	    "uses a map that is not preallocated, where memory cannot be got",
	    "leave out BPF_F_NO_PREALLOC"),
	ROW("map-type", "* progs cannot use bpf_* yet",
	    "uses a map with bpf_%2, which this type of program cannot", NULL),
	ROW("map-type", "offload device mismatch *", "uses a map of another device", NULL),
	ROW("read-only", "write into map forbidden*", "writes to a map that programs can only read",
	    "constants (.rodata, const volatile) are set before the load, not by the program"),
	ROW("read-only", "read from map forbidden*", "reads a map that programs can only write",
	    NULL),
	ROW("read-only", "R* cannot write into *", "writes to memory that it can only read (%2)",
	    NULL),
	ROW("read-only", "cannot write into packet", "writes to a packet that it can only read",
	    NULL),
	ROW("read-only", "only read is supported",
	    "writes to a structure of the kernel, which it can only read", NULL),
	ROW("not-a-pointer", "R* invalid mem access 'inv'", "uses a number in R%1 as an address",
	    "read kernel memory with bpf_probe_read_kernel(), or through a pointer whose type the verifier knows"),
	ROW("not-a-pointer", "R* invalid mem access 'scalar'", "uses a number in R%1 as an address",
	    "read kernel memory with bpf_probe_read_kernel(), or through a pointer whose type the verifier knows"),
	ROW("not-readable", "R* invalid mem access '*'",
	    "reads or writes through R%1, which is no pointer for that (%2)",
	    "such memory is reached by helpers alone"),
	ROW("argument", "R* type=* expected=*", "hands on %2 in R%1 where %3 is wanted",
	    "compare the order and types of the arguments with the function's description"),
	ROW("argument", "R* is * expected=*", "hands on the wrong thing in R%1 (%2; wanted: %3)",
	    NULL),
	ROW("argument", "arg#* expected *", "hands on the wrong thing as argument %1 (wanted: %2)",
	    NULL),
	ROW("argument", "arg#* pointer type * must point to *",
	    "hands on the wrong thing as argument %1 (wanted: pointer to %3)", NULL),
	ROW("argument", "arg#* *", "hands on the wrong thing as argument %1 (%2)", NULL),
	ROW("argument", "kernel function * args#* expected *", "hands on the wrong thing to %1",
	    NULL),
	ROW("argument", "R* must have zero offset when passed to *",
	    "hands on a pointer in R%1 that was moved", NULL),
	ROW("argument", "Dynptr has to be an uninitialized dynptr",
	    "makes a dynptr where there is one already", NULL),
	/* The shape of the code. */
	ROW("shape", "unreachable insn *", "has instructions that nothing leads to",
	    "remove what stands behind a return or a goto; assembly and hand-made bytes make this",
	    .insn = 1),
	ROW("shape", "jump out of range from insn * to *", "jumps out of itself", NULL, .insn = 1),
	ROW("shape", "last insn is not an exit or jmp", "does not end with a return",
	    "the compiler found that a path cannot return: look for an endless loop or undefined behaviour at its end"),
	ROW("shape", "unknown opcode *", "has an instruction that this kernel does not know (%1)",
	    "compile for an older instruction set: -mcpu=v2 or v3"),
	ROW("shape", "* uses reserved fields",
	    "has an instruction with fields that this kernel does not know (%1)",
	    "compile for an older instruction set: -mcpu=v2 or v3"),
	ROW("shape", "invalid BPF_LD_IMM insn", "has half of a wide instruction", NULL),
	ROW("shape", "invalid bpf_ld_imm64 insn", "has half of a wide instruction", NULL),
	ROW("shape", "R* is invalid", "has an instruction with register %1, which there is not",
	    NULL),
	ROW("shape", "div by zero", "divides by zero", NULL),
	ROW("shape", "invalid shift *", "shifts by more bits than there are", NULL),
	ROW("shape", "fd * is not pointing to valid bpf_map", "uses a map that is not there", NULL),
	ROW("tail-call", "tail_call* are not allowed in *",
	    "makes tail calls beside function calls, which this kernel or machine cannot",
	    "mark functions __always_inline, or use a kernel that can (5.10 on x86)"),
	ROW("debug-info", "* line_info* ", "has line information that does not fit", NULL),
};

/* libbpf's own words, where the kernel was not asked or did not say why. */
static const struct verdict_row said_rows[] = {
	ROW("kfunc-missing", "extern (func ksym) '*': not found in kernel or module BTFs",
	    "needs the kernel function %1, which this kernel and its modules do not have",
	    "declare it __weak and test with bpf_ksym_exists(), or load the module that has it"),
	ROW("kfunc-missing", "extern (func ksym) '*': func_proto [*] incompatible with *",
	    "declares the kernel function %1 in another way than this kernel has it",
	    "take its prototype from this kernel: 'btf find %1'"),
	ROW("ksym-missing", "extern (var ksym) '*': not found in kernel BTF",
	    "needs the kernel variable %1, which this kernel does not have",
	    "declare it __weak, and test its address"),
	ROW("ksym-missing", "extern (var ksym) '*': incompatible types*",
	    "declares the kernel variable %1 with another type than this kernel has it", NULL),
	ROW("kconfig-missing", "extern 'CONFIG_*' (strong): not resolved",
	    "needs the kernel option CONFIG_%1, which this kernel's configuration does not tell",
	    "declare it __weak; /proc/config.gz or /boot/config-RELEASE has to be there too"),
	ROW("ksym-missing", "extern '*' (strong): not resolved",
	    "needs the kernel symbol %1, which this kernel does not have",
	    "declare it __weak, and test its address"),
	ROW("kconfig-missing", "failed to open system Kconfig",
	    "needs options of the kernel, whose configuration is not to be found",
	    "/proc/config.gz (CONFIG_IKCONFIG_PROC) or /boot/config-RELEASE has to be there"),
	ROW("kernel-btf", "kernel BTF is missing at '*', was CONFIG_DEBUG_INFO_BTF enabled?",
	    "needs the kernel's types (BTF), which this kernel does not have",
	    "a kernel with CONFIG_DEBUG_INFO_BTF is needed, or a file with its types: kernel_btf FILE"),
	ROW("kernel-btf", "failed to find valid kernel BTF",
	    "needs the kernel's types (BTF), which this kernel does not have",
	    "a kernel with CONFIG_DEBUG_INFO_BTF is needed, or a file with its types: kernel_btf FILE"),
	ROW("attach-target", "failed to find kernel BTF type ID of '*'",
	    "is to be attached to %1, which this kernel does not have, or has inlined",
	    "'btf find %1' looks for names like it"),
	ROW("attach-target", "attach program FD is not set",
	    "does not say which program it is to be attached to", NULL),
	ROW("section", "missing BPF prog type, check ELF section name '*'",
	    "is in section '%1', whose name says no type of program",
	    "name the section after the hook (xdp, tc, kprobe/FUNCTION), or say 'type TYPE'"),
	ROW("section", "failed to guess program type from ELF section '*'",
	    "is in section '%1', whose name says no type of program",
	    "name the section after the hook (xdp, tc, kprobe/FUNCTION), or say 'type TYPE'"),
	ROW("legacy-maps", "legacy map definitions in 'maps' section are not supported*",
	    "has maps in the old form, in a section 'maps'",
	    "write them as structures in SEC(\".maps\"), with __uint(type, ...) and so on"),
	ROW("object-btf", "BTF is required, but is missing or corrupted*",
	    "has no types (BTF), which it needs", "compile with -g"),
	ROW("kernel-btf-refused",
	    "Error loading .BTF into kernel: *. BTF is mandatory, can't proceed*",
	    "has types (BTF) that the kernel refuses, and needs them", NULL),
	ROW("map-create", "Error in bpf_create_map_xattr(*): *. Retrying without BTF*",
	    "has a map %1 that the kernel does not create (%2)", NULL),
	ROW("map-create", "Error in bpf_create_map_xattr(*):*",
	    "has a map %1 that the kernel does not create (%2)", NULL),
	ROW("map-create", "map '*': failed to create: *",
	    "has a map %1 that the kernel does not create (%2)", NULL),
	ROW("memory-limit",
	    "permission error while running as root; try raising 'ulimit -l'? current value: *",
	    "was refused for want of permission, or of memory that may be locked (%1)", NULL),
};

const struct verdict_row *verdict_rows(size_t *n)
{
	*n = sizeof(rows) / sizeof(*rows);
	return rows;
}

const struct verdict_row *verdict_said_rows(size_t *n)
{
	*n = sizeof(said_rows) / sizeof(*said_rows);
	return said_rows;
}

static bool match_row(const struct verdict_row *row, struct log_text line,
		      struct verdict_match *out)
{
	memset(out->stars, 0, sizeof(out->stars));
	if (!log_match(line, row->pattern, out->stars, VERDICT_STARS))
		return false;
	out->row = row;
	out->line = line;
	return true;
}

void verdict_match_messages(const struct log_text *lines, unsigned n, struct verdict_match *out)
{
	*out = (struct verdict_match){ 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (unsigned k = 0; k < n; k++)
			if (match_row(&rows[i], lines[k], out))
				return;
}

static bool match_said_line(struct log_text line, struct verdict_match *out)
{
	for (size_t i = 0; i < sizeof(said_rows) / sizeof(*said_rows); i++)
		if (match_row(&said_rows[i], line, out))
			return true;
	return false;
}

void verdict_match_said(const char *said, size_t size, struct verdict_match *out)
{
	*out = (struct verdict_match){ 0 };
	for (size_t at = 0; at < size;) {
		const char *end = memchr(said + at, '\n', size - at);
		size_t n = end ? (size_t)(end - said) - at : size - at;

		if (match_said_line((struct log_text){ said + at, n }, out))
			return;
		at += n + 1;
	}
}

static void add_star(struct buf *out, struct log_text text)
{
	while (text.size && strchr(" .,:;", text.at[text.size - 1]))
		text.size--;
	buf_add(out, text.at, text.size);
}

void verdict_add_words(struct buf *out, const char *words, const struct verdict_match *match,
		       struct log_text subject)
{
	for (; *words; words++) {
		unsigned star = (unsigned char)words[1] - '0';

		if (*words != '%' || star > VERDICT_STARS) {
			buf_add_char(out, *words);
			continue;
		}
		add_star(out, star ? match->stars[star - 1] : subject);
		words++;
	}
}

/* What the first word of a register's state means. The longest that fits counts, so order is by length within a family. */
static const struct {
	const char *begin, *words;
} registers[] = {
	{ "map_value_or_null", "pointer to a value of a map, or NULL" },
	{ "map_value", "pointer to a value of a map" },
	{ "map_key", "pointer to a key of a map" },
	{ "map_ptr", "a map" },
	{ "ctx", "pointer to the program's context" },
	{ "pkt_end", "end of the packet" },
	{ "pkt_meta", "pointer to what stands before the packet" },
	{ "pkt", "pointer into the packet" },
	{ "fp", "pointer to the stack" },
	{ "inv", "a number" },
	{ "scalar", "a number" },
	{ "Pscalar", "a number" },
	{ "P", "a number" },
	{ "sock_or_null", "pointer to a socket, or NULL" },
	{ "sock_common_or_null", "pointer to a socket, or NULL" },
	{ "tcp_sock_or_null", "pointer to a socket, or NULL" },
	{ "sock", "pointer to a socket" },
	{ "tcp_sock", "pointer to a socket" },
	{ "xdp_sock", "pointer to a socket" },
	{ "ringbuf_mem_or_null", "pointer to reserved memory of a ring buffer, or NULL" },
	{ "ringbuf_mem", "pointer to reserved memory of a ring buffer" },
	{ "mem_or_null", "pointer to memory, or NULL" },
	{ "alloc_mem_or_null", "pointer to memory, or NULL" },
	{ "alloc_mem", "pointer to memory" },
	{ "rdonly_mem", "pointer to memory that can only be read" },
	{ "mem", "pointer to memory" },
	{ "buf", "pointer to memory" },
	{ "rdonly_buf", "pointer to memory that can only be read" },
	{ "trusted_ptr_or_null_", "pointer to a structure of the kernel, or NULL" },
	{ "trusted_ptr_", "pointer to a structure of the kernel" },
	{ "untrusted_ptr_", "pointer to a structure of the kernel, which may be gone" },
	{ "rcu_ptr_or_null_", "pointer to a structure of the kernel, or NULL" },
	{ "rcu_ptr_", "pointer to a structure of the kernel" },
	{ "ptr_or_null_", "pointer to a structure of the kernel, or NULL" },
	{ "ptr_", "pointer to a structure of the kernel" },
	{ "func", "a function" },
	{ "dynptr_ptr", "pointer to a dynptr" },
	{ "iter_", "an iterator" },
};

const char *verdict_kind_of_register(struct log_text state)
{
	if (state.size && (strchr("-0123456789", *state.at)))
		return "a number";
	for (size_t i = 0; i < sizeof(registers) / sizeof(*registers); i++) {
		size_t n = strlen(registers[i].begin);

		if (state.size >= n && memcmp(state.at, registers[i].begin, n) == 0)
			return registers[i].words;
	}
	return NULL;
}
