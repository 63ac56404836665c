# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What the kernels of the test matrix have, so that a test cannot be skipped on one that has what it needs.

Tests ask the kernel and never its version; this table is the check on their asking. It says for the words of a skip
from which series on that skip is wrong. A skip whose words no row knows is wrong everywhere: a new reason needs a
new row here.
"""
import re

DEFAULT = ("6.1", "6.12", "7.x")
LEAST = 3  # kernels that must have run when the default ones were asked for

# How a series is started where that differs: most run with one CPU. 6.1 has two of which one is never brought up,
# which newer kernels cannot be talked into; 7.x has two that run.
BOOTS = {
    "6.1": ("--cpus", "2", "--append", "maxcpus=1"),
    "7.x": ("--cpus", "2"),
}

# Links, by what they need, in the words of tests/live/linkzoo.py: first series
LINKS = (
    ("perf", "6.1"),
    ("kprobe", "6.1"),
    ("function of a module", "6.1"),
    ("cookie of a trampoline", "6.1"),
    ("iterator of links", "6.1"),
    ("iterator of symbols", "6.1"),
    ("iterator of task_vma", "6.1"),
    ("iterator of unix", "6.1"),
    ("iterator of one task", "6.1"),
    ("iterator of cgroups", "6.1"),
    ("lsm_cgroup", "6.1"),
    ("cookie of a raw tracepoint", "6.12"),
    ("kprobe_multi", "6.12"),
    ("function of a module in a kprobe_multi", "6.12"),
    ("kprobe_session", "6.12"),
    ("uprobe_multi", "6.12"),
    ("cgroup unix", "6.12"),
    ("tcx", "6.12"),
    ("netkit", "6.12"),
    ("netfilter", "6.12"),
    ("sockmap", "6.12"),
    ("struct_ops", "6.12"),
    ("uprobe_session", "6.18"),
    ("iterator of kmem_cache and dmabuf", "6.18"),
    ("fsession", "7.2"),
    ("tracing_multi", "7.2"),
)

# Hooks that `prog attach` knows, where the oldest series has not all of it, link included: first series
HOOKS = (
    ("tracepoint", "6.1"),
    ("k(ret)?probe", "6.1"),
    ("k(ret)?syscall", "6.1"),
    ("k(ret)?probe_multi", "6.12"),
    ("kprobe_session", "6.12"),
    ("(fentry|fexit|fmod_ret|lsm|freplace|iter)", "6.1"),
    ("fsession", "7.2"),
    ("f(entry|exit|session)_multi", "7.2"),
    ("u(ret)?probe", "6.1"),
    ("u(ret)?probe_multi", "6.12"),
    ("uprobe_session", "6.18"),
    ("(usdt|perf_event)", "6.1"),
)

# what is missing, the first series that has it, the words of the skip
CAPABILITIES = (
    ("task storage", "6.1", r"makes no task_storage\b"),
    ("bloom filter", "6.1", r"makes no bloom_filter\b"),
    ("user ring buffer", "6.1", r"makes no user_ringbuf\b"),
    ("cgroup storage (cgrp_storage)", "6.12", r"makes no cgrp_storage\b"),
    ("arena map", "6.12", r"makes no arena\b"),
    ("instruction arrays", "7.2", r"makes no insn_array\b"),
    ("resizable hash", "7.2", r"makes no rhash\b"),
    ("syscall programs", "6.1", r"loads no syscall\b"),
    ("netfilter programs", "6.12", r"loads no netfilter\b"),
    ("streams of programs", "7.2", r"has no program streams|program streams stay empty"),
    ("runs of raw tracepoints", "5.10", r"runs no raw tracepoint\b"),
    ("live frames", "6.1", r"runs no live frames\b"),
    ("map whose memory is charged as it fills", "6.1", r"makes no map of that many entries"),
    ("iterator of links", "6.1", r"no (link iterator|iterator of links)"),
    ("ENUM64", "6.1", r"no (enum64|ENUM64)"),
    ("floating-point numbers in BTF", "6.1", r"no floats in BTF"),
    ("place of a perf link", "6.12", r"tells no perf link's place"),
    ("perf links", "6.1", r"no perf links?\b(?!')"),
    ("BTF of modules", "6.1", r"no module with BTF"),
    ("tags of kfuncs", "6.16", r"types tag no kfuncs"),
    ("modules with kfuncs that guests load", "9.0", r"no module with kfuncs"),
    ("BTF of vmlinux as an object", "6.1", r"vmlinux is no BTF object"),
    ("memory charged to RLIMIT_MEMLOCK after 5.10", "99.0", r"charges no memory to RLIMIT_MEMLOCK"),
    ("more than the table of first releases has", "99.0", r"nothing is newer than this kernel"),
    ("BTF of modules", "6.1", r"no module with BTF"),
    ("LPM trie in batches", "6.1", r"(reads no lpm_trie|\blpm_trie is not read) in batches"),
    ("per-CPU array in batches", "6.1", r"(reads no percpu_array|\bpercpu_array is not read) in batches"),
    ("maps of maps in batches", "6.1", r"(reads no (array|hash)_of_maps|\b(array|hash)_of_maps is not read) in batches"),
    ("taking an element out of a hash", "6.1", r"takes out of queues and stacks alone"),
    ("atomics other than addition", "5.12", r"takes no atomics\b"),
    ("version 4 of the instruction set", "6.6", r"takes no (arithmetic_of_v4|signed_loads)\b"),
    ("may_goto", "6.9", r"takes no endless\b"),
    ("load-acquire and store-release", "6.15", r"takes no acquire_and_release\b"),
    *((hook + " hook", since, rf"(attaches|loads) no {hook}:") for hook, since in HOOKS),
    ("fentry and fexit of programs", "6.1", r"attaches nothing to programs"),
    ("count of recursion misses", "6.1", r"no recursion_misses"),
    ("mounts that delegate", "6.12", r"delegates nothing\b"),
    ("struct_ops by a link", "6.12", r"registers no struct_ops by a link"),
    ("order of a cgroup's programs", "6.17", r"makes no cgroup link in an order"),
    ("kprobes", "6.1", r"has no (kprobes|uprobes)\b"),
    ("settings that tests may change", "5.10", r"is the machine's own\b"),
    ("user namespaces for root", "5.10", r"makes no user namespace\b"),
    *((what + " link", since, rf"makes no {what} link\b") for what, since in LINKS),
)


def number(series):
    """A series or release as something to compare: 6.12 is newer than 6.1, and 7.x newer than any 7."""
    found = re.match(r"(\d+)\.(\d+|x)", series)
    return int(found[1]), 999 if found[2] == "x" else int(found[2])


def has_offline_cpu(series):
    return "maxcpus=1" in BOOTS.get(series, ())


def excuse(series, reason, has_peer=True):
    """Why a skip with this reason is right on this kernel; None if it is not."""
    for what, since, words in CAPABILITIES:
        if re.search(words, reason):
            return f"no {what} before {since}" if number(series) < number(since) else None
    if "CPU that is offline" in reason and not has_offline_cpu(series):
        return "all CPUs of this boot are up"
    if "second CPU" in reason and "--cpus" not in BOOTS.get(series, ()):
        return "this boot has one CPU"
    if "puts no iterators on a BPF file system" in reason:
        return "Debian's kernels are built without CONFIG_BPF_PRELOAD"
    if "needs bpftool" in reason and not has_peer:
        return "the host could not fetch it"
    return None
