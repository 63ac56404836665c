# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A pipe or a device where a file is wanted: what is read in whole is refused at once, what is a stream may be one."""
import os
import threading

import pytest
from loadobjects import objects  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow_in_vm(reason="refused before the kernel is asked")

WORDS = {
    "object show": ["object", "show", "{}"],
    "object dump": ["object", "dump", "{}"],
    "btf dump": ["btf", "dump", "file", "{}"],
    "btf dump c": ["btf", "dump", "file", "{}", "format", "c"],
    "btf base": ["-B", "{}", "btf", "dump", "file", "/sys/kernel/btf/vmlinux"],
    "btf diff": ["btf", "diff", "file", "/sys/kernel/btf/vmlinux", "file", "{}"],
    "check": ["feature", "check", "{}"],
}


@pytest.fixture(params=["fifo", "device"])
def endless(request, tmp_path):
    if request.param == "device":
        return "/dev/zero"
    os.mkfifo(tmp_path / "pipe")
    return str(tmp_path / "pipe")


@pytest.mark.parametrize("words", list(WORDS.values()), ids=list(WORDS))
def test_what_is_read_in_whole_has_to_be_a_regular_file(bpflens, endless, words):
    result = bpflens.run(*[word.format(endless) for word in words])
    assert result.rc == 1 and "not a regular file" in result.stdout + result.stderr


def test_types_to_check_against_have_to_be_in_a_regular_file(bpflens, endless, objects):  # noqa: F811
    result = bpflens.run("feature", "check", objects("several"), "btf", endless)
    assert result.rc == 1 and f"{endless}: not a regular file" in result.stderr


def test_a_binary_with_functions_has_to_be_a_regular_file(kernel, bpflens, endless):
    result = bpflens.run("prog", "attach", "id", kernel.prog("kprobe").id, "uprobe", f"{endless}:main")
    assert result.rc == 1 and f"{endless}: not a regular file" in result.stderr


def test_a_pipe_is_no_network_namespace(kernel, bpflens, endless):
    result = bpflens.run("prog", "attach", "id", kernel.prog("flow_dissector").id, "flow_dissector", "netns", endless)
    assert result.rc == 1 and f"netns {endless}" in result.stderr


def test_saved_answers_may_come_through_a_pipe(bpflens, tmp_path):
    saved, path = bpflens.run("-o", "json", "feature", "probe").out, str(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(saved)
    os.mkfifo(path)

    def write():
        with open(path, "wb") as fifo:
            fifo.write(saved)
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    result = bpflens("-o", "json", "feature", "diff", path, tmp_path / "file")
    writer.join(60)
    assert result == []
