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
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
static long left = -1; /* allocations until the one that fails */

__attribute__((constructor)) static void read_number(void)
{
	const char *text = getenv("FAIL_ALLOCATION");

	left = text ? strtol(text, NULL, 10) : -1;
}

static int fails(void)
{
	if (left < 0 || left-- != 1)
		return 0;
	if (write(99, "!", 1) != 1) /* tells the test that there was such an allocation */
		_exit(99);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { return fails() ? NULL : __libc_realloc(p, size); }
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
    """A pipe whose writing end is descriptor 99, and a function that says whether something came through it."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.dup2(writing, 99)

    def came():
        try:
            return bool(os.read(reading, 10))
        except BlockingIOError:
            return False
    yield came
    for fd in (reading, writing, 99):
        os.close(fd)


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
