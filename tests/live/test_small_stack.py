# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Commands work where a process may have little stack: `ulimit -s 128`."""
import os
import resource
import shutil
import subprocess

import linkzoo
import pytest
from loadobjects import objects  # noqa: F401 - a fixture
from maker import unique

STACK = 128 << 10


def small():
    resource.setrlimit(resource.RLIMIT_STACK, (STACK, STACK))


@pytest.fixture
def run(bpflens):
    """run(WORD...): a run with that limit, which has to work."""
    def started(*words, codes=(0,), **how):
        result = bpflens.run(*words, preexec=small, **how)
        assert result.rc in codes, result
        return result
    return started


@pytest.mark.parametrize("form", [[], ["-j"], ["-o", "json"], ["-o", "table"]], ids=" ".join)
@pytest.mark.parametrize("noun", ["prog", "map", "link", "btf", "pin", "struct_ops"])
def test_lists_need_little_stack(kernel, run, noun, form):
    kernel.prog("xdp", maps=[kernel.map("array")])
    run(*form, noun, "list")


@pytest.mark.parametrize("words", [["version"], ["help"], ["batch", "file", "-"], ["feature", "list_builtins", "helpers"],
                                   ["feature", "probe", "map_type", "hash"]], ids=" ".join)
def test_commands_without_objects_need_little_stack(run, words):
    run(*words, input=b"version\nprog list\n" if "-" in words else None)


def test_owners_and_pins_are_found_with_little_stack(kernel, run):
    """Several threads look for them, and their stacks are as large as the limit."""
    made = kernel.prog("xdp")
    (found,) = run("-f", "-o", "json", "prog", "show", "id", made.id).json
    assert found["pids"]


def test_directories_of_pins_may_be_as_deep_as_a_path_is_long(kernel, run):
    """What holds them while they are walked is not the stack."""
    made, top = kernel.prog("xdp"), f"{kernel.bpffs}/{unique('st')}"
    deepest = top + 600 * "/d"
    os.makedirs(deepest)
    try:
        run("prog", "pin", "id", made.id, f"{deepest}/p")
        (found,) = run("-f", "-o", "json", "prog", "show", "id", made.id).json
        assert found["pinned"] == [f"{deepest}/p"]
    finally:
        run("pin", "remove", top, "recursive")
    assert not os.path.exists(top)


def test_maps_are_made_filled_and_dumped_with_little_stack(kernel, run):
    path = f"{kernel.bpffs}/{unique('st')}"
    run("map", "create", path, "type", "hash", "key", 4, "value", 8, "entries", 4, "name", "small")
    try:
        run("map", "update", "pinned", path, "key", 1, 0, 0, 0, "value", 1, 2, 3, 4, 5, 6, 7, 8)
        assert len(run("-j", "map", "dump", "pinned", path).json) == 1
    finally:
        run("map", "unpin", path)


def test_programs_are_dumped_and_run_with_little_stack(kernel, run, tmp_path):
    made = kernel.prog("xdp")
    run("prog", "dump", "xlated", "id", made.id)
    (tmp_path / "in").write_bytes(bytes(64))
    run("prog", "run", "id", made.id, "data_in", tmp_path / "in")


def test_links_are_shown_and_pinned_with_little_stack(kernel, run):
    made, path = linkzoo.make(kernel, "raw_tracepoint"), f"{kernel.bpffs}/{unique('st')}"
    run("link", "show", "id", made.id)
    run("link", "pin", "id", made.id, path)
    run("pin", "remove", path)


def test_types_are_printed_with_little_stack(run, objects):  # noqa: F811
    path = objects("several")
    for form in ("raw", "c"):
        assert run("btf", "dump", "file", path, "format", form).out


@pytest.mark.slow_in_vm(reason="depends on the compiler alone")
@pytest.mark.parametrize("one", ["typedef t%d t%d;", "struct s%d { struct s%d x; };"], ids=["typedef", "struct"])
@pytest.mark.parametrize("depth, codes", [(240, (0,)), (3000, (0, 1))])
def test_types_deep_in_each_other_need_little_stack(run, tmp_path, one, depth, codes):
    """Deeper than can be printed they are refused, which is no crash."""
    is_typedef = one.startswith("typedef")
    lines = ["typedef int t0;" if is_typedef else "struct s0 { int a; };"]
    lines += [one % ((i - 1, i) if is_typedef else (i, i - 1)) for i in range(1, depth + 1)]
    lines.append(f"t{depth} g;" if is_typedef else f"struct s{depth} g;")
    (tmp_path / "deep.c").write_text("\n".join(lines))
    clang = shutil.which("clang") or shutil.which("clang-19") or pytest.skip("needs clang")
    subprocess.run([clang, "-O2", "-g", "-target", "bpf", "-fbracket-depth=5000", "-c", tmp_path / "deep.c", "-o", tmp_path / "deep.o"], check=True)
    for form in ("c", "raw"):
        run("btf", "dump", "file", tmp_path / "deep.o", "format", form, codes=codes)


@pytest.mark.slow_in_vm(reason="the kernel's own types as C; the stack is ours")
def test_the_kernels_own_types_are_printed_with_little_stack(run):
    assert run("btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c").out


def test_objects_are_shown_checked_and_loaded_with_little_stack(kernel, run, objects):  # noqa: F811
    path, place = objects("several"), f"{kernel.bpffs}/{unique('st')}"
    run("object", "show", path)
    run("object", "dump", path)
    run("feature", "check", path, codes=(0, 1))
    run("prog", "loadall", path, place)
    run("pin", "remove", place, "recursive")


@pytest.mark.slow_in_vm(reason="thousands of questions; the stack is ours")
def test_a_whole_probe_needs_little_stack(run):
    assert run("-o", "jsonl", "feature", "probe").out
