"""The backup file: a manifest, the database, the secret key, and media.

It is a tar.gz that only its owner can read, since it holds addresses and the key that signs links. It ends with a
checksum of everything before (backup_checksum.py), and an incomplete backup is never unpacked.
"""

import gzip
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import orjson
from pydantic import TypeAdapter, ValidationError

from newsletter.backups.backup_checksum import Digesting, is_whole
from newsletter.backups.temporary_folders import BACKING_UP, work_folder_beside
from newsletter.durable_files import sync_folder
from newsletter.errors import Invalid, Refused

FORMAT = 1
MANIFEST, DATABASE, KEY, FOLDERS = "backup.json", "database", "secret-key", ("media",)
# The first compression level already shrinks databases to a fifth. The last levels are much slower.
COMPRESSION = 2
LARGEST_MANIFEST = 1_000_000
# tarfile reads a long name completely, however long its header says it is.
LARGEST_READ = 1 << 20
# tar pads its last record with zeros.
LONGEST_END = 2 * tarfile.RECORDSIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says about itself. `migrations` are the migrations that were applied, as app.name."""

    format: int
    made_at: datetime
    version: str
    database: str
    migrations: list[str]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was found complete: its manifest, and the sizes of its files in bytes, by name."""

    card: Manifest
    sizes: dict[str, int]
    _path: Path
    _file: BinaryIO

    @property
    def unpacked_bytes(self) -> int:
        """Return the total size of its files when unpacked."""
        return sum(self.sizes.values())

    def unpack(self, folder: Path) -> None:
        """Write the files of the backup into a folder, and nowhere else."""
        with _reading(self._path), _members(self._file) as (tar, _content):
            for member in tar:
                _write(tar, member, folder / PurePosixPath(member.name))


def write_archive(
    file: Path, card: Manifest, *, key: str, folders: list[Path], snapshot: Callable[[Path], None]
) -> None:
    """Write the file completely or not at all. `snapshot` writes the database to a path. Raises Refused if the
    file exists.
    """
    if file.exists():
        raise Refused(f"{file} already exists. Choose a different name.")
    folder = file.resolve().parent
    with work_folder_beside(folder, BACKING_UP) as room:
        with open(room / file.name, "xb", opener=_for_us_alone) as output:
            digesting = Digesting(output)
            with tarfile.open(fileobj=digesting, mode="w:gz", compresslevel=COMPRESSION) as tar:  # type: ignore[call-overload]  # it is only written to
                _add_bytes(tar, MANIFEST, orjson.dumps(asdict(card)))
                _add_bytes(tar, KEY, key.encode())
                for each in folders:
                    _add_folder(tar, each)
                snapshot(room / DATABASE)
                tar.add(room / DATABASE, DATABASE)
            digesting.finish()
            output.flush()
            os.fsync(output.fileno())
        (room / file.name).rename(file)
        sync_folder(folder)


@contextmanager
def opened_backup(file: Path, *, room_for: Callable[[Manifest], int] | None = None) -> Iterator[Backup]:
    """Open a backup after reading every byte of it. `room_for` returns the maximum total size of its files in
    bytes.

    Raises Invalid if the file is damaged or not a backup of ours, and Refused if its format is newer or it is too
    large.
    """
    with _reading(file), file.open("rb") as opened:
        if not is_whole(opened):
            raise _unusable(file)
        with _members(opened) as (tar, content):
            card = _manifest(file, tar)
            sizes = _sizes(file, tar, room_for(card) if room_for else None)
            _require_the_end(file, content)
        yield Backup(card, sizes, file, opened)


def _manifest(file: Path, tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not 0 <= first.size <= LARGEST_MANIFEST:
        raise _unusable(file)
    content = tar.extractfile(first)
    try:
        card = TypeAdapter(Manifest).validate_json(content.read() if content else b"")
    except ValidationError as error:
        raise _unusable(file) from error
    if card.format != FORMAT:
        raise Refused(
            f"{file} was made by a newer version of this software ({card.version}). Upgrade this "
            "installation, then restore the backup."
        )
    return card


def _sizes(file: Path, tar: tarfile.TarFile, at_most: int | None) -> dict[str, int]:
    """Return the files and their sizes. A file that is too large is refused before it is read."""
    sizes: dict[str, int] = {}
    for member in tar:
        path = PurePosixPath(member.name)
        known = path.parts[:1] in {(name,) for name in FOLDERS} or path.parts in {
            (MANIFEST,),
            (DATABASE,),
            (KEY,),
        }
        if not known or ".." in path.parts or not _is_plain(member):
            raise Invalid(
                f"{file} is not a valid backup, because it contains the file {member.name}. Use another "
                "backup."
            )
        if str(path) in sizes:
            raise Invalid(
                f"{file} is not a valid backup, because it contains the file {member.name} twice. Use "
                "another backup."
            )
        sizes[str(path)] = member.size
        if at_most is not None and sum(sizes.values()) > at_most:
            raise Refused(
                f"There is not enough free space to restore {file}: the disk with the home folder only has room for a "
                f"backup of {at_most / 1000000.0:,.0f} MB. Free some disk space, then restore the backup."
            )
    if not {MANIFEST, DATABASE, KEY} <= sizes.keys():
        raise _unusable(file)
    return sizes


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Return whether this is a plain file that takes the space it declares."""
    return member.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and member.sparse is None and member.size >= 0


def _require_the_end(file: Path, content: io.BufferedIOBase) -> None:
    """Read what follows the last file, so that gzip's own checksum is verified, too."""
    if any(content.read(LONGEST_END)) or content.read(1):
        raise _unusable(file)


def _unusable(file: Path) -> Invalid:
    return Invalid(
        f"{file} is damaged, or it is not a backup from this software. Use another copy of the backup."
    )


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Turn any error in reading the file into a sentence."""
    try:
        yield
    except FileNotFoundError as error:
        if error.filename != str(file):
            raise
        raise Invalid(f"The file {file} does not exist.") from error
    except (tarfile.TarError, EOFError, zlib.error, ValueError, OverflowError) as error:
        raise _unusable(file) from error
    except OSError as error:
        if error.errno:
            raise
        raise _unusable(file) from error


@contextmanager
def _members(file: BinaryIO) -> Iterator[tuple[tarfile.TarFile, io.BufferedIOBase]]:
    file.seek(0)
    with _Bounded(file) as content, tarfile.open(fileobj=content, mode="r:") as tar:
        yield tar, content


class _Bounded(gzip.GzipFile):
    """A reader that never returns more at once than is needed, whatever a header asks for."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(fileobj=file, mode="rb")

    def read(self, size: int | None = -1) -> bytes:
        """Read the next bytes."""
        if size is None or not 0 <= size <= LARGEST_READ:
            raise ValueError(f"{size} bytes at once")
        return super().read(size)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    assert content is not None
    with open(target, "xb", opener=_for_us_alone) as output:
        shutil.copyfileobj(content, output)
        output.flush()
        os.fsync(output.fileno())


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _add_folder(tar: tarfile.TarFile, folder: Path) -> None:
    """Add the files that are complete and still exist when they are reached."""
    for path in sorted(folder.rglob("[!.]*")):
        if path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError):
                tar.add(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
