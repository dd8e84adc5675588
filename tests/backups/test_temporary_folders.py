"""A folder for work in hand is there while its process works, and goes when that was killed."""

import signal
import subprocess
import sys

import pytest

from newsletter.backups.temporary_folders import remove_abandoned, work_folder_beside
from tests import forked

WORK = """
import sys
from pathlib import Path
from newsletter.backups.temporary_folders import work_folder_beside
with work_folder_beside(Path(sys.argv[1]), "work") as room:
    (room / "database").touch()
    print(room, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def at_work(place):
    """Another process at work there, and its folder."""
    process = forked.Popen(
        [sys.executable, "-c", WORK, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().startswith(str(place))
    yield process
    process.kill()
    process.communicate()


def test_it_is_left_alone_while_somebody_works_in_it(place, at_work):
    [folder] = place.iterdir()
    remove_abandoned(place, "work")
    with work_folder_beside(place, "work") as another:
        assert {path.name for path in place.iterdir()} == {folder.name, another.name}
    assert list(place.iterdir()) == [folder]


@pytest.mark.parametrize("half_removed", [False, True])
def test_what_a_killed_process_left_is_removed(place, at_work, half_removed):
    at_work.send_signal(signal.SIGKILL)
    at_work.wait(60)
    [folder] = place.iterdir()
    if half_removed:
        (folder / "database").unlink()
    remove_abandoned(place, "work")
    assert list(place.iterdir()) == []


def test_a_place_that_was_made_for_it_goes_again_unless_something_was_put_there(tmp_path):
    for name, keeps in (("empty", False), ("used", True)):
        with work_folder_beside(tmp_path / name, "work"):
            if keeps:
                (tmp_path / name / "database").touch()
        assert (tmp_path / name).exists() is keeps


def test_a_place_that_is_not_there_is_not_made_to_be_tidied(tmp_path):
    remove_abandoned(tmp_path / "none", "work")
    assert list(tmp_path.iterdir()) == []
