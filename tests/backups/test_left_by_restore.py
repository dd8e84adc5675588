"""What a killed restore left in the home folder goes at the next start, and with the next backup."""

import pytest

from newsletter.backups.left_by_restore import remove_left_by_restore
from newsletter.backups.make_backup import make_backup
from newsletter.backups.temporary_folders import RESTORING, work_folder_beside
from newsletter.cli.startup_checks import set_up_home
from newsletter.schema_check import UNFINISHED_RESTORE


@pytest.fixture
def killed(home):
    """A home folder in which a restore was killed: its database, and a key file that it had not finished."""
    home.mkdir(exist_ok=True)
    folder = home / ".restoring-12345678"
    folder.mkdir(mode=0o700)
    (folder / "database").write_text("everybody", encoding="ascii")
    (home / ".secret-key-0123456789abcdef").write_text("a key", encoding="ascii")
    return home


def left_in(home):
    return sorted(each.name for each in home.glob(".*"))


def test_it_is_removed(killed):
    remove_left_by_restore(killed)
    assert left_in(killed) == []


def test_it_stays_while_the_restore_has_to_be_repeated(killed):
    (killed / UNFINISHED_RESTORE).touch()
    remove_left_by_restore(killed)
    assert len(left_in(killed)) == 2


def test_what_a_running_restore_uses_stays(killed):
    with work_folder_beside(killed, RESTORING) as room:
        remove_left_by_restore(killed)
        assert left_in(killed) == [room.name]


@pytest.mark.django_db
def test_setting_up_removes_it(killed):
    set_up_home()
    assert left_in(killed) == []


@pytest.mark.django_db(transaction=True)
def test_a_backup_removes_it(killed, tmp_path):
    make_backup(tmp_path / "backup.zip")
    assert left_in(killed) == []
