"""What the marker `full` leaves out and takes in."""

import os
import re
import subprocess
import sys

import pytest

from tests import full
from tests.full import is_chosen, rounds

NAMES = [f"tests/test_kill.py::test_kill[{number}]" for number in range(1_000)]


def test_without_the_variable_nothing_marked_full_runs_and_with_1_everything_does():
    assert not any(is_chosen(name, share=0, seed="7") for name in NAMES)
    assert all(is_chosen(name, share=1, seed="7") for name in NAMES)


def test_a_share_is_chosen_by_the_seed_alone():
    def chosen(seed):
        return [name for name in NAMES if is_chosen(name, share=0.1, seed=seed)]

    assert 60 < len(chosen("7")) < 140
    assert chosen("7") == chosen("7") != chosen("8")


@pytest.mark.parametrize(("share", "tried"), [(0, 1_000), (0.1, 100), (0.0001, 1), (1, 1_000)])
def test_a_test_of_many_cases_tries_the_share_of_them_that_runs(monkeypatch, share, tried):
    monkeypatch.setattr(full, "SHARE", share)
    assert full.share_of(1_000) == tried


@pytest.mark.parametrize("number", rounds(40))
def test_a_round_has_its_number(number):
    assert number in range(1, 41)


def test_a_run_takes_the_first_round_and_those_that_its_share_chooses_and_skips_none():
    environment = {
        **os.environ,
        "NEWSLETTER_TESTS_FULL": "0.3",
        "NEWSLETTER_TESTS_SEED": "3",
        "DATABASE_URL": "",
    }
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "--collect-only", "-q", __file__]
    ended = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=300)
    name = "tests/test_full.py::test_a_round_has_its_number"
    expected = [1, *(n for n in range(2, 41) if is_chosen(f"{name}[{n}]", share=0.3, seed="3"))]
    assert [int(n) for n in re.findall(r"has_its_number\[(\d+)\]", ended.stdout)] == expected
    assert "skipped" not in ended.stdout
