"""A backup is unpacked where it should be and nowhere else, and says what it is."""

import io
import tarfile
from datetime import UTC, datetime

import pytest

from newsletter.backups.archive import Card, read_card, unpack, write_archive
from newsletter.errors import Invalid, Refused

CARD = Card(
    format=1,
    made_at=datetime(2026, 11, 25, 21, tzinfo=UTC),
    version="0.1.0",
    database="sqlite",
    migrations=["newsletter.0001_initial"],
)


def test_what_was_packed_is_what_is_unpacked(tmp_path):
    media = tmp_path / "media"
    (media / "2026").mkdir(parents=True)
    (media / "2026" / "a.png").write_bytes(b"picture")
    (media / ".unfinished").write_bytes(b"half a picture")
    file = tmp_path / "press.tar.gz"
    write_archive(
        file,
        CARD,
        key="the key",
        folders=[media, tmp_path / "none"],
        snapshot=lambda path: path.write_bytes(b"rows"),
    )
    assert read_card(file) == CARD
    unpack(file, tmp_path / "out")
    found = {
        str(path.relative_to(tmp_path / "out")): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert found.pop("backup.json")
    assert found == {"secret-key": b"the key", "database": b"rows", "media/2026/a.png": b"picture"}


def test_a_snapshot_that_fails_leaves_nothing(tmp_path):
    def fail(_path):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_archive(tmp_path / "press.tar.gz", CARD, key="the key", folders=[], snapshot=fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../database", "/etc/passwd", "media/../../x", "newsletter.sqlite3", "secret-key2"]
)
def test_nothing_is_written_beside_the_folder(tmp_path, name):
    file = made_of(tmp_path, tarfile.TarInfo(name))
    with pytest.raises(Invalid, match="no backup of this press"):
        unpack(file, tmp_path / "out")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_only_files_and_folders_are_unpacked(tmp_path, kind):
    member = tarfile.TarInfo("media/a.png")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(Invalid, match="no backup of this press"):
        unpack(made_of(tmp_path, member), tmp_path / "out")


def test_an_archive_of_something_else_is_no_backup(tmp_path):
    with pytest.raises(Invalid, match="no backup of this press"):
        read_card(made_of(tmp_path, tarfile.TarInfo("README.md")))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8b\x08"])
def test_what_is_no_archive_is_no_backup(tmp_path, content):
    file = tmp_path / "press.tar.gz"
    file.write_bytes(content)
    with pytest.raises(Invalid, match=r"press\.tar\.gz is no backup of this press"):
        read_card(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Invalid, match="There is no file"):
        read_card(tmp_path / "press.tar.gz")


def test_a_later_format_is_refused(tmp_path):
    file = tmp_path / "press.tar.gz"
    later = Card(format=2, made_at=CARD.made_at, version="9.0", database="sqlite", migrations=[])
    write_archive(file, later, key="", folders=[], snapshot=lambda path: path.write_bytes(b""))
    with pytest.raises(Refused, match=r"9\.0"):
        read_card(file)


def made_of(folder, member):
    file = folder / "made.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        tar.addfile(member, io.BytesIO())
    return file
