# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The table of tests/vm that says which skip is right on which kernel."""
import os
import sys

import pytest
from conftest import ROOT

sys.path.append(os.path.join(ROOT, "tests", "vm"))
import kernels  # noqa: E402

pytestmark = pytest.mark.slow_in_vm(reason="the table of excuses; no kernel sees it")


@pytest.mark.parametrize("series, reason, is_right", [
    ("6.1", "this kernel makes no arena: Invalid argument", True),
    ("6.12", "this kernel makes no arena: Invalid argument", False),
    ("7.x", "this kernel makes no arena: Invalid argument", False),
    ("5.10", "this kernel makes no hash: Invalid argument", False),
    ("5.10", "this kernel loads no syscall: Invalid argument", True),
    ("5.10", "lpm_trie is not read in batches here", True),
    ("6.1", "lpm_trie is not read in batches here", False),
    ("5.10", "hash is not read in batches here", False),
    ("5.10", "this kernel takes out of queues and stacks alone", True),
    ("6.1", "this kernel takes out of queues and stacks alone", False),
    ("6.1", "this kernel makes no tcx link: Invalid argument", True),
    ("6.12", "this kernel makes no tcx link: Invalid argument", False),
    ("7.x", "this kernel makes no trampoline link: Invalid argument", False),
    ("6.12", "needs a CPU that is offline", True),
    ("6.1", "needs a CPU that is offline", False),
    ("7.x", "needs a second CPU", False),
    ("6.12", "needs bpftool 7.8, which could not be fetched: ", False),
    ("6.12", "a reason that nobody has heard of", False),
])
def test_a_skip_is_right_only_where_the_kernel_lacks_what_it_names(series, reason, is_right):
    assert bool(kernels.excuse(series, reason)) == is_right


def test_a_series_is_older_than_another_by_its_numbers():
    order = ["5.10", "6.1", "6.12", "6.18", "7.2", "7.x"]
    assert sorted(reversed(order), key=kernels.number) == order
