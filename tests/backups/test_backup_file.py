"""A backup is unpacked where it should be and nowhere else, and only when every byte of it is as it was written."""

import gzip
import io
import random
import shutil
import subprocess
import tarfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsletter.backups.backup_checksum import LENGTH, Digesting
from newsletter.backups.backup_file import Manifest, opened_backup, write_archive
from newsletter.errors import Invalid, Refused

CARD = Manifest(
    format=1,
    made_at=datetime(2026, 11, 25, 21, tzinfo=UTC),
    version="0.1.0",
    database="sqlite",
    migrations=["newsletter.0001_initial"],
)
CARD_AS_WRITTEN = (
    b'{"format":1,"made_at":"2026-11-25T21:00:00Z","version":"0.1.0","database":"sqlite","migrations":[]}'
)
MEGABYTE = 1_000_000
FLIPS, FLIPS_OF_A_LARGE_ONE = 2_000, 60


@pytest.fixture
def backup(tmp_path):
    """A backup with a picture, and a database that does not end where a record of tar does."""
    return written(tmp_path / "press.tar.gz", database=random.Random(1).randbytes(3_000))


def written(file, *, database=b"rows", card=CARD, folders=()):
    media = file.parent / "media"
    (media / "2026").mkdir(parents=True, exist_ok=True)
    (media / "2026" / "a.png").write_bytes(b"picture")
    (media / ".unfinished").write_bytes(b"half a picture")
    write_archive(
        file,
        card,
        key="the key",
        folders=[media, *folders],
        snapshot=lambda path: path.write_bytes(database),
    )
    shutil.rmtree(media)
    return file


def made_of(folder, *members, before=b"", after=b""):
    """An archive of these members, each a name, a TarInfo or a name with content, with the checksum that fits it."""
    file, content = folder / "made.tar.gz", io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for each in members:
            name, data = each if isinstance(each, tuple) else (each, b"")
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if member.size:
                tar.addfile(member)  # its header alone
                continue
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    with file.open("wb") as output:
        digesting = Digesting(output)
        digesting.write(gzip.compress(before + content.getvalue() + after))
        digesting.finish()
    return file


def ours(*others):
    return [("backup.json", CARD_AS_WRITTEN), ("secret-key", b"key"), ("database", b"rows"), *others]


def require_refusal(file, out, words="is damaged, or it is not a backup from this software"):
    with pytest.raises(Invalid, match=words) as refusal, opened_backup(file) as found:
        found.unpack(out)
    assert "\n" not in str(refusal.value)
    assert not out.exists()


def test_what_was_packed_is_what_is_unpacked(tmp_path):
    file = written(tmp_path / "press.tar.gz", folders=[tmp_path / "none"])
    with opened_backup(file) as found:
        assert found.card == CARD
        found.unpack(tmp_path / "out")
    unpacked = {
        str(path.relative_to(tmp_path / "out")): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert {name: len(content) for name, content in unpacked.items()} == found.sizes
    assert unpacked.pop("backup.json")
    assert unpacked == {"secret-key": b"the key", "database": b"rows", "media/2026/a.png": b"picture"}


@pytest.mark.parametrize("program", [["gzip", "--test"], ["tar", "--list", "--gzip", "--file"]])
def test_other_programs_read_a_backup_without_a_complaint(backup, program):
    done = subprocess.run([*program, backup], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def flipped(content, bit):
    return content[: bit // 8] + bytes([content[bit // 8] ^ (1 << bit % 8)]) + content[bit // 8 + 1 :]


def test_a_flipped_bit_is_refused_wherever_it_is(backup, tmp_path):
    """gzip's header and end, the checksum, and so many bits of what is between."""
    content, broken = backup.read_bytes(), tmp_path / "broken.tar.gz"
    last = len(content) * 8
    ends = [*range(10 * 8), *range(last - (LENGTH + 8) * 8, last)]
    for bit in {*ends, *random.sample(range(last), FLIPS)}:
        broken.write_bytes(flipped(content, bit))
        with pytest.raises(Invalid, match="damaged"), opened_backup(broken):
            pytest.fail(f"bit {bit} is of no account")


def test_a_flipped_bit_of_a_large_backup_is_refused(tmp_path):
    file = written(tmp_path / "press.tar.gz", database=random.Random(2).randbytes(5 * MEGABYTE))
    size = file.stat().st_size
    with file.open("r+b") as opened:
        for place in random.sample(range(size), FLIPS_OF_A_LARGE_ONE):
            opened.seek(place)
            [byte] = opened.read(1)
            for written_now in (byte ^ (1 << random.randrange(8)), byte):
                opened.seek(place)
                opened.write(bytes([written_now]))
                opened.flush()
                if written_now != byte:
                    require_refusal(file, tmp_path / "out")
    with opened_backup(file):
        pass


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content[:-LENGTH],
        lambda content: content[: len(content) // 2],
        lambda content: content[:LENGTH],
        lambda content: content + b"\0",
        lambda content: content + content,
        lambda content: content[:-LENGTH] + b"\n" + content[-LENGTH:],
        lambda content: content[:10] + content[11:],
        lambda _content: b"",
        lambda _content: b"hello",
        lambda _content: b"\x1f\x8b\x08",
    ],
    ids=[
        "one byte short",
        "no checksum",
        "half",
        "a beginning as long as a checksum",
        "a byte more",
        "twice",
        "a byte before the checksum",
        "a byte less",
        "empty",
        "text",
        "three bytes",
    ],
)
def test_what_was_cut_or_added_to_is_refused(backup, tmp_path, change):
    backup.write_bytes(change(backup.read_bytes()))
    require_refusal(
        backup, tmp_path / "out", r"press\.tar\.gz is damaged, or it is not a backup from this software"
    )


def test_a_snapshot_that_fails_leaves_nothing(tmp_path):
    def fail(_path):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_archive(tmp_path / "press.tar.gz", CARD, key="the key", folders=[], snapshot=fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["../database", "/etc/passwd", "media/../../x", "newsletter.sqlite3", "secret-key2", "database/x", "."],
)
def test_nothing_is_written_beside_the_folder(tmp_path, name):
    require_refusal(made_of(tmp_path, *ours(name)), tmp_path / "out", "is not a valid backup")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_only_files_are_unpacked(tmp_path, kind):
    member = tarfile.TarInfo("media/a.png")
    member.type, member.linkname = kind, "/etc/passwd"
    require_refusal(made_of(tmp_path, *ours(member)), tmp_path / "out", "is not a valid backup")


@pytest.mark.parametrize("name", ["secret-key", "./secret-key", "database", "backup.json"])
def test_a_file_that_is_there_twice_is_named(tmp_path, name):
    require_refusal(made_of(tmp_path, *ours((name, b"another"))), tmp_path / "out", f"{name} twice")


@pytest.mark.parametrize("left_out", ["backup.json", "secret-key", "database"])
def test_a_backup_without_one_of_its_parts_is_refused(tmp_path, left_out):
    require_refusal(made_of(tmp_path, *(each for each in ours() if each[0] != left_out)), tmp_path / "out")


@pytest.mark.parametrize(
    "around",
    [{"after": b"x"}, {"after": bytes(30_000)}, {"after": bytes(12_000) + b"x"}, {"before": b"x" * 512}],
    ids=["a byte behind", "too many zeros behind", "a byte behind zeros", "something before"],
)
def test_nothing_hides_around_the_files(tmp_path, around):
    require_refusal(made_of(tmp_path, *ours(), **around), tmp_path / "out")


def test_an_archive_of_something_else_is_no_backup(tmp_path):
    require_refusal(made_of(tmp_path, "README.md"), tmp_path / "out")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Invalid, match="does not exist"), opened_backup(tmp_path / "press.tar.gz"):
        pytest.fail("it is not there")


def test_a_later_format_is_refused(tmp_path):
    file = written(tmp_path / "press.tar.gz", card=replace(CARD, format=2, version="9.0"))
    with pytest.raises(Refused, match=r"9\.0"), opened_backup(file):
        pytest.fail("it is of a later format")


def test_a_backup_that_would_fill_the_disk_is_refused_before_it_is_unpacked(tmp_path):
    """A gigabyte of zeros is packed into a megabyte; its size stands before it, so that nobody has to read it."""
    member = tarfile.TarInfo("media/zeros")
    member.size = 10**15
    file = made_of(tmp_path, *ours((tarfile.TarInfo("media/small"), bytes(MEGABYTE)), (member, b"")))
    with (
        pytest.raises(Refused, match="only has room for a backup of 2 MB"),
        opened_backup(file, room_for=lambda _card: 2 * MEGABYTE),
    ):
        pytest.fail("it takes a petabyte")


def test_a_name_that_says_it_is_a_gigabyte_long_is_not_read(tmp_path):
    member = tarfile.TarInfo("long")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 2**30
    require_refusal(made_of(tmp_path, *ours((member, b""))), tmp_path / "out")
