"""Nobody else on the machine reads what the press keeps, whatever the umask was and is."""

import os
import stat

import pytest

from newsletter.doctor import examine
from newsletter.doctor.doctor_finding import Level
from newsletter.environment import read_environment
from newsletter.owner_only_files import close_to_others, open_to_others

OURS = ("newsletter.sqlite3", "newsletter.sqlite3-wal", "reports.sqlite3", "secret-key", "instance")


@pytest.fixture
def wide(tmp_path):
    """A home as it was made under the umask 022, with a file of somebody else's in it."""
    home = tmp_path / "home"
    (home / "outbox" / "new").mkdir(parents=True)
    for name in (*OURS, "outbox/new/1", "notes.txt"):
        (home / name).write_text("a@example.org", encoding="utf-8")
        (home / name).chmod(0o644)
    for folder in (home, home / "outbox"):
        folder.chmod(0o755)
    return home


def modes(home):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.iterdir())}


def test_what_was_left_open_is_closed_and_what_is_not_ours_is_left_alone(wide):
    database = wide / "newsletter.sqlite3"
    assert {path.name for path in open_to_others(wide, database)} == {"home", "outbox", *OURS}
    close_to_others(wide, database)
    assert open_to_others(wide, database) == []
    assert modes(wide) == {"home": 0o700, "outbox": 0o700, "notes.txt": 0o644, **dict.fromkeys(OURS, 0o600)}


def test_a_database_elsewhere_is_closed_and_its_folder_left_alone(tmp_path, wide):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    folder.chmod(0o755)
    for name in ("press.db", "press.db-shm", "other.db"):
        (folder / name).touch()
        (folder / name).chmod(0o644)
    close_to_others(wide, folder / "press.db")
    assert modes(folder) == {"elsewhere": 0o755, "press.db": 0o600, "press.db-shm": 0o600, "other.db": 0o644}


def test_a_link_is_not_followed(tmp_path, wide):
    outside = tmp_path / "outside"
    outside.touch()
    outside.chmod(0o644)
    (wide / "instance").unlink()
    (wide / "instance").symlink_to(outside)
    close_to_others(wide)
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


@pytest.mark.django_db
def test_the_doctor_names_what_others_may_read(wide, monkeypatch):
    monkeypatch.setenv("NEWSLETTER_HOME", str(wide))
    [said] = [line for line in examine(read_environment()) if "Other users" in line.sentence]
    assert (said.check, said.level) == ("home", Level.WARNING)
    assert f"{wide / 'secret-key'}" in said.sentence
    assert f"chmod -R go= {wide}" in said.fix


def test_this_process_makes_files_for_its_owner_alone(tmp_path):
    """The settings see to it, so that it holds behind every door."""
    before = os.umask(0o077)
    assert before == 0o077
    (tmp_path / "made").touch()
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o600
