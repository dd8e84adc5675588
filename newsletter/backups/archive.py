"""The file of a backup: what it says of itself, the database, the secret key, and media.

It is a tar.gz that only its owner may read: it holds addresses, and the key that signs links.
"""

import io
import os
import secrets
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

import orjson
from pydantic import TypeAdapter, ValidationError

from newsletter.errors import Invalid, Refused

FORMAT = 1
CARD, DATABASE, KEY, FOLDERS = "backup.json", "database", "secret-key", ("media",)
# Databases shrink to a fifth at the first level already, and much slower at the last ones.
COMPRESSION = 2
LARGEST_CARD = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a backup says of itself. `migrations` are the changes to the tables that were made, as app.name."""

    format: int
    made_at: datetime
    version: str
    database: str
    migrations: list[str]


def write_archive(
    file: Path, card: Card, *, key: str, folders: list[Path], snapshot: Callable[[Path], None]
) -> None:
    """Write the file, whole or not at all; `snapshot` writes the database to a path. Raises Refused if it is there."""
    if file.exists():
        raise Refused(f"{file} is there already. Choose another name.")
    with room_beside(file.resolve().parent, "backup") as room:
        with open(room / file.name, "xb", opener=_for_us_alone) as output:
            with tarfile.open(fileobj=output, mode="w:gz", compresslevel=COMPRESSION) as tar:
                _add_bytes(tar, CARD, orjson.dumps(asdict(card)))
                _add_bytes(tar, KEY, key.encode())
                for folder in folders:
                    _add_folder(tar, folder)
                snapshot(room / DATABASE)
                tar.add(room / DATABASE, DATABASE)
            output.flush()
            os.fsync(output.fileno())
        (room / file.name).rename(file)


def read_card(file: Path) -> Card:
    """What a backup says of itself. Raises Invalid for what is no backup of ours."""
    with _opened(file) as tar:
        first = tar.next()
        if first is None or first.name != CARD or first.size > LARGEST_CARD:
            raise Invalid(f"{file} is no backup of this press.")
        content = tar.extractfile(first)
        try:
            card = TypeAdapter(Card).validate_json(content.read() if content else b"")
        except ValidationError as error:
            raise Invalid(f"{file} is no backup of this press, or it is damaged.") from error
    if card.format != FORMAT:
        raise Refused(
            f"{file} was made by newer version {card.version} of the press. Upgrade this one, then restore."
        )
    return card


def unpack(file: Path, folder: Path) -> None:
    """Write what a backup holds into a folder, and nothing beside it. Raises Invalid for a damaged file."""
    with _opened(file) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            ours = path.parts[:1] in {(CARD,), (DATABASE,), (KEY,), *((each,) for each in FOLDERS)}
            if not ours or ".." in path.parts or not (member.isreg() or member.isdir()):
                raise Invalid(f"{file} holds {member.name}, which no backup of this press does.")
            _write(tar, member, folder / path)


@contextmanager
def room_beside(place: Path, name: str) -> Iterator[Path]:
    """A folder for work in hand, for its owner alone; it is removed at the end."""
    folder = place / f".{name}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, mode="r:gz") as tar:
            yield tar
    except FileNotFoundError as error:
        raise Invalid(f"There is no file {file}.") from error
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise Invalid(f"{file} is no backup of this press, or it is damaged.") from error


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
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
