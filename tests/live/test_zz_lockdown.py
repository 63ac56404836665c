# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What there is no way back from: a kernel that is locked down, against root too, and a setting that stays. A boot's last tests, in guests."""
import os

import pytest
from test_feature_why import everything, is_guest, measure, one  # pylint: disable=unused-import

FILE = "/sys/kernel/security/lockdown"


@pytest.fixture(scope="module")
def lock(private):
    """A function that locks the kernel down, as far as a word says."""
    if not is_guest():
        pytest.skip("lockdown is the machine's own")
    if not os.path.exists(FILE):
        os.system("mount -t securityfs none /sys/kernel/security")

    def write(mode):
        with open(FILE, "w") as file:
            file.write(mode)
    return write


def test_a_setting_for_good_is_told_with_its_value(bpflens, public, nobody):
    if not is_guest():
        pytest.skip("unprivileged_bpf_disabled is the machine's own")
    with open("/proc/sys/kernel/unprivileged_bpf_disabled", "w") as file:
        file.write("1")
    told = one(public, "map_type", "hash", before=nobody)
    assert (told["answer"], told["reason"]) == ("not permitted", "unprivileged_bpf_disabled")
    assert told["detail"] == "kernel.unprivileged_bpf_disabled is 1; missing CAP_BPF"
    assert one(bpflens, "map_type", "hash")["answer"] == "yes"


def helper(bpflens, name, of):
    return one(bpflens, "helper", name, "for", of)


def test_integrity_hides_what_writes_memory_of_users(bpflens, measure, lock):
    lock("integrity")
    told = one(bpflens, "full", "helper", "bpf_probe_write_user", "for", "tracepoint")
    assert told == {"kind": "helper", "name": "bpf_probe_write_user", "for": "tracepoint", "answer": "not permitted", "errno": "EINVAL",
                    "reason": "lockdown", "detail": "the kernel is locked down: integrity", "found": "probe"}
    assert helper(bpflens, "bpf_probe_read_kernel", "tracepoint")["answer"] == "yes"


def test_confidentiality_hides_what_reads_memory_of_the_kernel(bpflens, measure, lock):
    lock("confidentiality")
    told = helper(bpflens, "bpf_probe_read_kernel", "tracepoint")
    assert (told["answer"], told["reason"], told["detail"]) == ("not permitted", "lockdown", "the kernel is locked down: confidentiality")
    assert one(bpflens, "map_type", "hash")["answer"] == "yes"
    assert one(bpflens, "prog_type", "tracepoint")["answer"] == "yes"
    assert "lockdown" in {record.get("reason") for record in everything(bpflens, measure)}
