"""The secret keys: the first signs links and sessions, the others were the first once and verify what they signed.

They stand in the file `secret-key` of the home folder, one a line, or in the environment. A key is never dropped by us:
links in mails stay good for years, and suppressed addresses can be found only under the key of their digest.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import SecretStr

from newsletter.environment import Environment
from newsletter.errors import Invalid, Refused
from newsletter.owner_only_files import make_home

FILE = "secret-key"
SHORTEST = 32


def secret_keys_of(environment: Environment) -> list[str]:
    """Return the keys, as `keys_there_are` does; where there is none yet, make the home folder and the file with one.

    Raises Invalid where the file cannot be made or used, or for a first key shorter than 32 characters.
    """
    there_are = keys_there_are(environment)
    if there_are:
        return there_are
    path = environment.home / FILE
    with _said(path):
        make_home(environment.home)
        with _alone(environment.home):
            _made(path)
    return keys_there_are(environment)


def keys_there_are(environment: Environment) -> list[str]:
    """Return the keys, the one that signs first: those of the environment, then those of the key file.

    None before the first start; nothing is made. Raises Invalid where the file cannot be used, or for a first key
    shorter than 32 characters.
    """
    given = environment.secret_key.get_secret_value().strip()
    fallbacks = [key.get_secret_value() for key in environment.secret_key_fallbacks]
    path = environment.home / FILE
    with _said(path):
        kept = _read(path) if path.exists() else []
    if not given and not kept:
        return []
    keys = [given, *fallbacks, *kept] if given else [kept[0], *fallbacks, *kept[1:]]
    _refuse_short(keys[0], "NEWSLETTER_SECRET_KEY" if given else str(path))
    return list(dict.fromkeys(keys))


def rotate_key(environment: Environment) -> int:
    """Make a new key that signs from the next start on, and keep the others as fallbacks; how many there are of these.

    The file is replaced in one step and is on the disk before this returns: a process killed here leaves either all
    of it or the old file. Raises Refused where the environment gives the key.
    """
    if environment.secret_key.get_secret_value():
        raise Refused(
            "The secret key comes from NEWSLETTER_SECRET_KEY. Put its value in front of "
            "NEWSLETTER_SECRET_KEY_FALLBACKS, with a comma between, and set NEWSLETTER_SECRET_KEY to a new one, for "
            "example from `openssl rand -hex 32`; on every machine. Then restart everything."
        )
    path = environment.home / FILE
    try:
        with _alone(environment.home):
            older = _read(path)
            _write(path, [_new_key(), *older])
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be replaced: {error}. Nothing was changed.") from error
    return len(older)


def keep_keys(home: Path, text: str) -> None:
    """Add the keys of a backup, one a line, to the key file of a home folder, as fallbacks of those that are there.

    In one step, as `rotate_key` does it. Raises Invalid where the file cannot be used.
    """
    path = home / FILE
    with _said(path), _alone(home):
        there_are = _read(path) if path.exists() else []
        _write(path, list(dict.fromkeys([*there_are, *text.split()])))


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Say in a sentence why the file cannot be used."""
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not a text file"
        raise Invalid(f"{path} cannot be used: {why.lower()}. Correct it, or set NEWSLETTER_HOME.") from error


def _refuse_short(key: str, place: str) -> None:
    if len(key) < SHORTEST:
        raise Invalid(
            f"{place} holds a key of {len(key)} characters, which can be guessed: at least {SHORTEST} are needed. Put "
            "a longer one in front (for example from `openssl rand -hex 32`) and keep this one as a fallback: on a "
            "line of its own below it in the file, or in NEWSLETTER_SECRET_KEY_FALLBACKS."
        )


def _new_key() -> str:
    return secrets.token_urlsafe(50)


def _read(path: Path) -> list[str]:
    keys = [line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    if not keys:
        raise Invalid(
            f"{path} is empty. Put the key back, or delete the file: links already sent then fail, and suppressed "
            "people cannot be found."
        )
    return keys


def _made(path: Path) -> list[str]:
    """The keys of a new file; those of another process, if it was faster. Nobody ever sees half a file."""
    with _unfinished(path, [_new_key()]) as unfinished, suppress(FileExistsError):
        os.link(unfinished, path)
    _sync_folder(path.parent)
    return _read(path)


def _write(path: Path, keys: list[str]) -> None:
    with _unfinished(path, keys) as unfinished:
        unfinished.replace(path)
    _sync_folder(path.parent)


@contextmanager
def _unfinished(path: Path, keys: list[str]) -> Iterator[Path]:
    """A file beside the path, for its owner alone, with these keys and on the disk; it is gone afterwards.

    What a killed process left of its own is removed, too: it is full of keys. So this is only for who is `_alone`.
    """
    for abandoned in path.parent.glob(f".{path.name}-*"):
        abandoned.unlink(missing_ok=True)
    beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
        ) as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While inside, no other process changes the key: of two new keys one would be lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def secrets_of(environment: Environment) -> list[str]:
    """Everything that was given as a secret, so that it can be kept out of logs."""
    values = (getattr(environment, name) for name in Environment.model_fields)
    given = (each for value in values for each in (value if isinstance(value, tuple) else (value,)))
    return [each.get_secret_value() for each in given if isinstance(each, SecretStr)]
