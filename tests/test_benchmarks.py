"""`make bench` says what failed, by its exit code too."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def bench(*names, **environment):
    command = [sys.executable, "-m", "benchmarks", *names]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_benchmark_that_there_is_not_is_named():
    ended = bench("fetchign")
    assert ended.returncode == 2
    assert ended.stdout.startswith("We could not find a benchmark called fetchign. Choose from fetching,")


def test_benchmarks_after_a_failed_one_run_and_each_failure_is_said():
    ended = bench("rendering", "rendering", DATABASE_URL="not a database")
    assert ended.returncode == 1
    assert ended.stdout.count("benchmarks: rendering FAILED") == 2


def test_a_figure_that_does_not_hold_fails_its_benchmark():
    program = (
        "from benchmarks.verdicts import *; print(verdict(True), exit_code(), verdict(False), exit_code())"
    )
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300)
    assert ended.stdout == "OK 0 MISSED 1\n"
