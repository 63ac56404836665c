# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Fixtures of the live tests.

The tests need root and bpf(2), and are skipped where one is missing. The whole run happens in a mount namespace of
its own, with a bpffs of its own; no mount and no pin of the machine is touched.

BPFLENS names the program under test (default build/bpflens), BPFTOOL_PEER a bpftool 7.8 to compare with (default:
what tests/peer fetches).
"""
import contextlib
import ctypes
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile

import bpf
import maker
import pytest
from runner import Ownerless, Program

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Whoever starts the tests may ignore it, as nohup(1) does, and what they start would ignore it too.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000


def missing():
    """Why live tests cannot run here; None if they can."""
    if os.geteuid():
        return "needs root"
    try:
        bpf.ids("prog")
    except OSError as failure:
        return f"needs bpf(2): {failure}"
    return None


def mount(source, target, kind, flags, data):
    words = [None if w is None else os.fsencode(w) for w in (source, target, kind, data)]
    if bpf.LIBC.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]):
        errno = ctypes.get_errno()
        raise OSError(errno, f"mount {target}: {os.strerror(errno)}")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow_in_vm(reason): much work that no kernel does differently; left out where it is emulated")


def pytest_collection_modifyitems(items):
    why = missing()
    if why:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session", autouse=True)
def private():
    """The run's own directory, with a mounted bpffs as bpffs/, in a mount namespace that nobody else sees."""
    if missing():
        pytest.skip(missing())
    if bpf.LIBC.unshare(CLONE_NEWNS):
        pytest.skip("cannot make a mount namespace: " + os.strerror(ctypes.get_errno()))
    mount("none", "/", None, MS_REC | MS_PRIVATE, None)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(16384, hard), hard))
    # Old kernels charge maps and programs to this limit, root's too; what a test makes is not the program's to pay.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    where = tempfile.mkdtemp(prefix="bpflens-live-")
    os.chmod(where, 0o755)
    os.mkdir(os.path.join(where, "bpffs"))
    mount("bpf", os.path.join(where, "bpffs"), "bpf", 0, "mode=0755")
    yield where
    bpf.LIBC.umount2(os.fsencode(os.path.join(where, "bpffs")), 2)
    shutil.rmtree(where)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def kernel(private):
    made = maker.Kernel(os.path.join(private, "bpffs"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def program(private):
    """Where the program under test is."""
    path = os.environ.get("BPFLENS", os.path.join(ROOT, "build", "bpflens"))
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is not there: build it first, or name another in BPFLENS")
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def bpflens(program):
    return Program(program)


@pytest.fixture(scope="session")
def ownerless(program):
    """The program under test, without owners: the tests themselves hold what they make."""
    return Ownerless(program)


@pytest.fixture(scope="session")
def as_bpftool(program, private):
    """The same program, installed under the name bpftool."""
    path = os.path.join(private, "bpftool")
    os.symlink(program, path)
    return Program(path)


@pytest.fixture(scope="session")
def public(program, private):
    """A copy of the program where an ordinary user can reach it."""
    path = os.path.join(private, "bpflens")
    shutil.copyfile(program, path)
    os.chmod(path, 0o755)
    return Program(path)


@pytest.fixture(scope="session")
def peer(private):
    """bpftool 7.8 or newer, the behaviour to agree with."""
    path = os.environ.get("BPFTOOL_PEER")
    if not path:
        fetched = subprocess.run([os.path.join(ROOT, "tests", "peer")], capture_output=True, text=True)
        if fetched.returncode:
            pytest.skip("needs bpftool 7.8, which could not be fetched: " + fetched.stderr.strip())
        path = fetched.stdout.strip()
    said = subprocess.run([path, "version"], capture_output=True, text=True).stdout
    version = re.match(r"bpftool v(\d+)\.(\d+)", said)
    if not version or (int(version[1]), int(version[2])) < (7, 8):
        pytest.skip(f"needs bpftool 7.8; {path} says {said.splitlines()[:1]}")
    return Program(path)


@pytest.fixture
def nobody():
    """Words that start a program as an ordinary user without any capability."""
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv")
    return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
