"""The file of a backup: what it says of itself, the database, the secret key, and media.

It is a tar.gz that only its owner may read: it holds addresses, and the key that signs links. At its end stands a
checksum of all of it (checksum.py), and what is not whole is never unpacked.
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

from newsletter.backups.checksum import Digesting, is_whole
from newsletter.backups.work_folders import BACKING_UP, work_folder_beside
from newsletter.durable_commits import sync_folder
from newsletter.errors import Invalid, Refused

FORMAT = 1
MANIFEST, DATABASE, KEY, FOLDERS = "backup.json", "database", "secret-key", ("media",)
# Databases shrink to a fifth at the first level already, and much slower at the last ones.
COMPRESSION = 2
LARGEST_MANIFEST = 1_000_000
# tarfile reads a long name whole, however long its header says that it is.
LARGEST_READ = 1 << 20
# tar fills its last record with zeros.
LONGEST_END = 2 * tarfile.RECORDSIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself. `migrations` are the changes to the tables that were made, as app.name."""

    format: int
    made_at: datetime
    version: str
    database: str
    migrations: list[str]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was found whole: its card, and the sizes of its files in bytes, by name."""

    card: Manifest
    sizes: dict[str, int]
    _path: Path
    _file: BinaryIO

    @property
    def unpacked_bytes(self) -> int:
        """The size of everything in it, unpacked."""
        return sum(self.sizes.values())

    def unpack(self, folder: Path) -> None:
        """Write what it holds into a folder, and nothing beside it."""
        with _reading(self._path), _members(self._file) as (tar, _content):
            for member in tar:
                _write(tar, member, folder / PurePosixPath(member.name))


def write_archive(
    file: Path, card: Manifest, *, key: str, folders: list[Path], snapshot: Callable[[Path], None]
) -> None:
    """Write the file, whole or not at all; `snapshot` writes the database to a path. Raises Refused if it is there."""
    if file.exists():
        raise Refused(f"{file} is there already. Choose another name.")
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
    """A backup of ours, once every byte of it was looked at. `room_for` says how many bytes its files may come to.

    Raises Invalid for what is damaged or no backup of ours; Refused for one of a later format, or too large.
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
            f"{file} was made by newer version {card.version} of the press. Upgrade this one, then restore."
        )
    return card


def _sizes(file: Path, tar: tarfile.TarFile, at_most: int | None) -> dict[str, int]:
    """The files and their sizes. A size too large is refused before that file is read."""
    sizes: dict[str, int] = {}
    for member in tar:
        path = PurePosixPath(member.name)
        known = path.parts[:1] in {(name,) for name in FOLDERS} or path.parts in {
            (MANIFEST,),
            (DATABASE,),
            (KEY,),
        }
        if not known or ".." in path.parts or not _is_plain(member):
            raise Invalid(f"{file} holds {member.name}, which no backup of this press does.")
        if str(path) in sizes:
            raise Invalid(f"{file} holds {member.name} twice, which no backup of this press does.")
        sizes[str(path)] = member.size
        if at_most is not None and sum(sizes.values()) > at_most:
            raise Refused(
                f"{file} needs more than the {at_most / 1e6:,.0f} MB that are free for it in the home folder. "
                "Make room, then restore."
            )
    if not {MANIFEST, DATABASE, KEY} <= sizes.keys():
        raise _unusable(file)
    return sizes


def _is_plain(member: tarfile.TarInfo) -> bool:
    """Whether it is a file that takes the room it says."""
    return member.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and member.sparse is None and member.size >= 0


def _require_the_end(file: Path, content: io.BufferedIOBase) -> None:
    """Read what follows the last file, which has gzip's own checksum looked at, too."""
    if any(content.read(LONGEST_END)) or content.read(1):
        raise _unusable(file)


def _unusable(file: Path) -> Invalid:
    return Invalid(
        f"{file} is no backup of this press, or it is damaged: it is not as it was written. Take another copy of it."
    )


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Have what goes wrong with the file said in a sentence."""
    try:
        yield
    except FileNotFoundError as error:
        if error.filename != str(file):
            raise
        raise Invalid(f"There is no file {file}.") from error
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
    """Gives no more at once than is ever needed, whatever a header asks for."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(fileobj=file, mode="rb")

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
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
    """Add the files that are whole, and still there when their turn comes."""
    for path in sorted(folder.rglob("[!.]*")):
        if path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError):
                tar.add(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
