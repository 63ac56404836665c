# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What fails underneath: allocations, writes, and a machine whose CPUs are numbered otherwise."""
import itertools
import os
import shutil
import subprocess
from contextlib import contextmanager

import bpf
import pytest
import reader
import zoo
from conftest import mount
from runner import parse_json

ALLOCATOR = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
void __libc_free(void *);

enum { TOLD = 99, DESCRIPTORS = 256, PLACES = 1 << 16 };
static long left = -1; /* allocations until the one that fails */
static struct { void *block; int is_own; } live[PLACES];
static volatile int lock;
static uintptr_t first, last; /* the program's own text */
static char was_open[DESCRIPTORS];

static int find_program(struct dl_phdr_info *info, size_t size, void *data)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t at = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X)
			first = at, last = at + info->dlpi_phdr[i].p_memsz;
	}
	return 1;
}

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FAIL_ALLOCATION");

	for (int fd = 0; fd < DESCRIPTORS; fd++)
		was_open[fd] = fcntl(fd, F_GETFD) >= 0;
	dl_iterate_phdr(find_program, NULL);
	left = text ? strtol(text, NULL, 10) : -1;
}

static void note(void *block, void *gone, void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	while (__sync_lock_test_and_set(&lock, 1))
		;
	for (int i = 0; gone && i < PLACES; i++)
		if (live[i].block == gone) {
			live[i].block = NULL;
			break;
		}
	for (int i = 0; block && i < PLACES; i++)
		if (!live[i].block) {
			live[i].block = block;
			live[i].is_own = first <= at && at < last;
			break;
		}
	__sync_lock_release(&lock);
}

__attribute__((destructor)) static void end(void)
{
	int own = 0, open = 0;
	char text[64];

	for (int i = 0; i < PLACES; i++)
		own += live[i].block && live[i].is_own;
	for (int fd = 0; fd < DESCRIPTORS; fd++)
		open += !was_open[fd] && fcntl(fd, F_GETFD) >= 0;
	int size = snprintf(text, sizeof(text), "%d blocks, %d descriptors", own, open);
	if (write(TOLD, text, (size_t)size) != size)
		_exit(99);
}

static int fails(void)
{
	if (left < 0 || __sync_fetch_and_sub(&left, 1) != 1)
		return 0;
	if (write(TOLD, "!", 1) != 1) /* tells the test that there was such an allocation */
		_exit(99);
	errno = ENOMEM;
	return 1;
}

static void *noted(void *block, void *caller)
{
	if (block)
		note(block, NULL, caller);
	return block;
}

#define CALLER __builtin_return_address(0)
void *malloc(size_t size) { return fails() ? NULL : noted(__libc_malloc(size), CALLER); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : noted(__libc_calloc(n, size), CALLER); }

void *realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	note(NULL, p, NULL); /* before somebody else gets the same block */
	return noted(__libc_realloc(p, size), CALLER);
}

void free(void *p)
{
	if (p)
		note(NULL, p, NULL);
	__libc_free(p);
}

static char *copy(const char *text, size_t size, void *caller)
{
	char *block = fails() ? NULL : noted(__libc_malloc(size + 1), caller);

	if (block)
		((char *)memcpy(block, text, size))[size] = 0;
	return block;
}

char *strdup(const char *text) { return copy(text, strlen(text), CALLER); }
char *strndup(const char *text, size_t most) { return copy(text, strnlen(text, most), CALLER); }
"""


@pytest.fixture(scope="module")
def allocator(private):
    """A library that makes one allocation of a program fail."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("needs a C compiler")
    path = os.path.join(private, "allocator")
    with open(path + ".c", "w") as file:
        file.write(ALLOCATOR)
    done = subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-fno-builtin", "-o", path + ".so", path + ".c"],
                          capture_output=True, text=True)
    if done.returncode:
        pytest.skip("the allocator does not build with this C library: " + done.stderr[-200:])
    return path + ".so"


@contextmanager
def told():
    """A pipe whose writing end is descriptor 99, and a function that says whether an allocation failed.

    It insists that the program freed what it allocated, and closed what it opened.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.dup2(writing, 99)

    def came():
        said = os.read(reading, 100).decode()
        assert said.removeprefix("!") == "0 blocks, 0 descriptors", said
        return said.startswith("!")
    yield came
    for fd in (reading, writing, 99):
        os.close(fd)


LEAKY = r"""
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char **kept = malloc(sizeof(*kept)), *text = strdup(argv[0]);

	if (!kept || !text)
		return 1;
	if (argc < 2)
		free(kept), free(text);
	else
		kept[0] = text, dup(1), kept = NULL;
	return 0;
}
"""


@pytest.mark.slow_in_vm(reason="tests the tests")
def test_the_allocator_counts_what_a_program_leaves(private, allocator):
    path = os.path.join(private, "leaky")
    subprocess.run(["cc", "-O0", "-w", "-x", "c", "-o", path, "-"], input=LEAKY.encode(), check=True)
    for words, said in (([], "0 blocks, 0 descriptors"), (["leak"], "2 blocks, 1 descriptors")):
        with told() as came:
            subprocess.run([path, *words], env={"LD_PRELOAD": allocator}, pass_fds=[99], check=True)
            if words:
                with pytest.raises(AssertionError, match=said):
                    came()
            else:
                assert not came()


@pytest.mark.slow_in_vm(reason="a start for each allocation; they are ours and not the kernel's")
@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "json"], ["-o", "table"], ["-o", "tsv=owners,units"]], ids=" ".join)
def test_each_allocation_may_fail(kernel, bpflens, allocator, tmp_path, form):
    """Never a crash, always a whole document, and a status that is honest about what is shown."""
    maps = [zoo.make(kernel, kind) for kind in ("hash", "percpu_hash", "prog_array")]
    prog = kernel.named_prog("a_name_longer_than_the_kernel_keeps")
    commands = str(tmp_path / "commands")
    with open(commands, "w", encoding="ascii") as file:
        file.write(f"map dump id {maps[0].id}\nversion \\\n# two lines\n")

    def facts(result):  # where the name cannot be read from BTF, the kernel's short form stands in for it
        return result.stdout.replace(prog.name, prog.name[:15]).split()
    for words in (["prog", "show", "id", prog.id], ["prog", "show", "name", "no_such_program"], ["version"],
                  ["map", "show", "id", maps[2].id], *[["map", "dump", "id", one.id] for one in maps],
                  ["map", "dump", "id", maps[0].id, "count"], ["batch", "file", commands]):
        whole = bpflens.run(*form, *words)
        for number in itertools.count(1):
            env = {"LD_PRELOAD": allocator, "FAIL_ALLOCATION": str(number)}
            with told() as came:
                result = bpflens.run(*form, *words, env=env, pass_fds=[99])
                if not came():
                    break
            assert result.rc >= 0, f"allocation {number} of {words}: {result}"
            assert result.rc > 0 or facts(result) == facts(whole), f"allocation {number} of {words}: {result}"
            assert result.rc == whole.rc or result.out + result.err, "a failure says something"
            if form in (["-j"], ["-o", "json"]) and result.out:
                parse_json(result.out)
        assert number > 1, "the program allocates something"
        assert (result.rc, result.out) == (whole.rc, whole.out)


@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "jsonl"], ["-o", "tsv"]], ids=" ".join)
def test_a_disk_that_fills_up_during_a_dump_ends_it_with_an_error(kernel, bpflens, form):
    made = kernel.map("array", 4, 64, max_entries=50000)
    result, trace = bpflens.traced(*form, "map", "dump", "id", made.id, calls="write", inject="write:error=ENOSPC:when=2+")
    assert result.rc == 1 and "No space left on device" in result.stderr + "".join(trace)
    assert len([line for line in trace if "INJECTED" in line and "write(1" in line]) == 1, "it stops at once"


def test_an_interrupted_write_is_taken_up_again(kernel, bpflens):
    made = kernel.map("array", 4, 64, max_entries=5000)
    result, trace = bpflens.traced("-j", "map", "dump", "id", made.id, calls="write", inject="write:error=EINTR:when=2")
    assert any("INJECTED" in line for line in trace)
    assert result.rc == 0 and len(result.json) == 5000


# CPUs


@contextmanager
def cpus(private, text):
    """While it lasts, the machine says that its possible CPUs are those of the text."""
    where = "/sys/devices/system/cpu/possible"
    path = os.path.join(private, "possible")
    with open(path, "w") as file:
        file.write(text)
    mount(path, where, None, 4096, None)  # MS_BIND, seen in the tests' own namespace alone
    try:
        yield
    finally:
        bpf.LIBC.umount2(where.encode(), 2)


@pytest.mark.parametrize("newline", ["\n", ""])
def test_values_are_labelled_with_the_ids_of_their_cpus(kernel, bpflens, private, newline):
    """CPUs may be numbered with holes: the labels are the members of the set, not a count."""
    count = len(bpf.possible_cpus())
    ids = [2 * i for i in range(count)]
    made = kernel.map("percpu_array", 4, 8, {0: [100 + i for i in range(count)]})
    with cpus(private, ",".join(map(str, ids)) + newline):
        assert bpf.possible_cpus() == ids
        assert bpflens("-j", "map", "dump", "id", made.id) == reader.dump("percpu_array", made.elements)
        assert bpflens("map", "dump", "id", made.id).stdout == reader.dump_plain("percpu_array", made.elements)
        records = bpflens("-o", "json", "map", "dump", "id", made.id)
        assert [one["cpu"] for one in records[0]["values"]] == ids


@pytest.mark.parametrize("text", ["", "\n", "3-1\n", "some\n", "0-\n", "-1\n", "0,,1\n", "0-1x\n", "0 1\n",
                                  "0-99999999999\n", "1,0-\n"])
def test_a_set_of_cpus_that_makes_no_sense_is_not_guessed_at(kernel, bpflens, private, text):
    made = kernel.map("percpu_array", 4, 8, {0: 1})
    with cpus(private, text):
        for form in ([], ["-j"], ["-o", "json"]):
            result = bpflens.run(*form, "map", "dump", "id", made.id)
            assert result.rc == 1 and result.error and b"key" not in result.out
