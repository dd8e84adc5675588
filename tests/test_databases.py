import sys
from pathlib import Path

from tests import forked

FAILED = "FAILED tests/test_bell.py::test_it_rings - AssertionError: silence"
BROKEN = "ERROR tests/test_harbour.py::test_it_opens - OSError: ice"
RETRIED = "RERUN tests/test_boat.py::test_it_floats"
LOGGED = "ERROR    newsletter.sending:claim.py:12 No answer"


def says(*lines, code=0):
    """A command that prints these lines and ends with this code."""
    return [sys.executable, "-c", f"import sys; print(*{lines!r}, sep=chr(10)); sys.exit({code})"]


def run_both(sqlite, postgresql):
    """The exit code, and what is printed when these two commands are run in the place of pytest."""
    runs = {"SQLite": sqlite, "PostgreSQL": postgresql}
    program = f"import sys; from tests.databases import main; sys.exit(main([], {runs!r}))"
    ended = forked.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return ended.returncode, ended.stdout.splitlines()


def test_what_failed_is_named_again_at_the_end():
    code, lines = run_both(
        says("....F", LOGGED, RETRIED, FAILED, "1 failed", code=1), says(BROKEN, "1 error", code=1)
    )
    assert code == 1
    assert lines[-4:] == [
        f"    SQLite | {FAILED}",
        f"PostgreSQL | {BROKEN}",
        "On SQLite: FAILED (exit code 1)",
        "On PostgreSQL: FAILED (exit code 1)",
    ]
    assert lines.count(f"    SQLite | {FAILED}") == 2
    assert lines.count(f"    SQLite | {LOGGED}") == 1
    assert lines.count(f"    SQLite | {RETRIED}") == 1


def test_an_option_that_pytest_does_not_know_is_named_again():
    wrong = "ERROR: file or directory not found: tests/nowhere"
    _, lines = run_both(says(wrong, code=4), says("1 passed"))
    assert lines[-3:] == [
        f"    SQLite | {wrong}",
        "On SQLite: FAILED (exit code 4)",
        "On PostgreSQL: passed",
    ]


def test_nothing_is_repeated_when_both_passed():
    code, lines = run_both(says("..", "2 passed"), says("3 passed"))
    assert code == 0
    assert sorted(lines[:-2]) == ["    SQLite | ..", "    SQLite | 2 passed", "PostgreSQL | 3 passed"]
    assert lines[-2:] == ["On SQLite: passed", "On PostgreSQL: passed"]
