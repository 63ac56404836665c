# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""vendor/deps: the words for other distributions' package managers, none of which is here."""
import os
import shutil
import subprocess

import pytest
from conftest import ROOT

MANAGERS = ("dnf", "pacman", "zypper", "apk")
TOOLS = ("sh", "awk", "sed", "tr", "grep", "dirname", "cat", "id")
pytestmark = pytest.mark.slow_in_vm(reason="no kernel has a part in it")


def rows(name):
    with open(os.path.join(ROOT, "vendor", name)) as file:
        return [line.split() for line in file if line.strip() and not line.startswith("#")]


@pytest.fixture
def system(tmp_path):
    """A function that runs vendor/deps where there are these package managers and nothing that it looks for."""
    for tool in TOOLS:
        os.symlink(shutil.which(tool), tmp_path / tool)

    def run(managers, *words):
        for name in managers:
            (tmp_path / name).write_text(f"#!/bin/sh\necho \"$@\" >>{tmp_path}/was_run\n")
            (tmp_path / name).chmod(0o755)
        # In a copy, deps adds no folder of the system's to the path.
        text = open(os.path.join(ROOT, "vendor", "deps")).read().replace("PATH=$PATH:/usr/sbin:/sbin\n", "")
        (tmp_path / "vendor").mkdir(exist_ok=True)
        (tmp_path / "vendor" / "deps").write_text(text)
        for table in ("packages.debian", "packages.others"):
            shutil.copyfile(os.path.join(ROOT, "vendor", table), tmp_path / "vendor" / table)
        done = subprocess.run(["/bin/sh", str(tmp_path / "vendor" / "deps"), *words], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
        assert not (tmp_path / "was_run").exists(), "no package manager but apt is started"
        return done
    return run


def test_every_package_has_a_name_for_every_manager():
    others = {row[0]: row[1:] for row in rows("packages.others")}
    assert set(others) == {row[0] for row in rows("packages.debian")}
    assert {len(names) for names in others.values()} == {len(MANAGERS)}


@pytest.mark.parametrize("manager, begins, has", [
    ("dnf", "dnf install gcc ", "elfutils-libelf-devel"), ("pacman", "pacman -S --needed gcc ", "libelf"),
    ("zypper", "zypper install gcc ", "libjansson-devel"), ("apk", "apk add gcc ", "elfutils-dev")])
def test_the_command_is_printed_in_the_words_of_the_manager(system, manager, begins, has):
    done = system([manager], "--print", "build")
    assert done.returncode == 0 and done.stdout.startswith(begins)
    words = done.stdout.split()
    assert has in words and not [word for word in words if "?" in word or word == "-"]
    assert len(words) == len(set(words)), "each package once"
    assert "Only apt is tested" in done.stderr


@pytest.mark.parametrize("manager", MANAGERS)
def test_where_there_is_no_apt_what_is_missing_is_said_and_nothing_installed(system, manager):
    done = system([manager], "build")
    assert done.returncode == 1
    assert f"As root: {manager} " in done.stderr and "Only apt is tested." in done.stderr
    assert "libcap" in done.stderr


def test_apt_comes_first_and_is_no_guess(system):
    done = system(["apt-get", *MANAGERS], "--print", "build")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("apt-get update && apt-get install --no-install-recommends gcc ")


def test_without_any_manager_debians_names_are_given(system):
    assert "No package manager that is known here: gcc " in system([], "--print", "build").stderr
    done = system([], "build")
    assert done.returncode == 1 and "These are Debian's names" in done.stderr
