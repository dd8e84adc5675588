"""`make serve` never shows an empty page, and the installation shows its progress and its failure."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORD = '#!/bin/sh\necho "$(basename "$0") $* home=$NEWSLETTER_HOME" >>calls\n'


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose environment has programs that only write down how they were called."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("newsletter", "python"):
        (programs / name).write_text(RECORD, encoding="utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / ".venv" / "run.stamp").touch()
    return tmp_path


def serve(folder):
    """The calls of `make serve`, in their order."""
    without = {"NEWSLETTER_HOME", "DATABASE_URL", "MAKEFLAGS"}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    (folder / "calls").unlink(missing_ok=True)
    subprocess.run(
        ["make", "serve"], cwd=folder, env=environment, capture_output=True, check=True, timeout=60
    )
    return (folder / "calls").read_text(encoding="utf-8").splitlines()


OWN = ["newsletter init home=", "newsletter serve home="]


def test_where_nothing_is_set_up_an_own_installation_is_begun(checkout):
    assert serve(checkout) == OWN


def test_after_the_demo_the_demo_is_served(checkout):
    (checkout / "var" / "demo").mkdir(parents=True)
    (checkout / "var" / "demo" / "made-by-the-demo").touch()
    assert serve(checkout) == ["newsletter init home=var/demo", "newsletter serve home=var/demo"]


@pytest.mark.parametrize("trace", ["var/newsletter.sqlite3", ".env"])
def test_an_installation_that_is_set_up_is_served_instead_of_the_demo(checkout, trace):
    (checkout / "var" / "demo").mkdir(parents=True)
    (checkout / "var" / "demo" / "made-by-the-demo").touch()
    (checkout / trace).touch()
    assert serve(checkout) == OWN


@pytest.mark.full  # pip alone takes more than a second to start
def test_an_installation_that_fails_says_why_and_stops_make(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"{tmp_path}/absent-1.0-py3-none-any.whl --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    script = ROOT / "deploy" / "install_locked.py"
    offline = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [sys.executable, script, lock], env=offline, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert "absent-1.0" in done.stderr
