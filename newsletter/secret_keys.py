"""The secret keys. The first signs links and sessions; the others were used before and verify what they signed.

They are in the file `secret-key` of the home folder, one per line, or in the environment. We never drop a key:
links in emails stay valid for years, and a suppressed address can be found only with the key of its digest.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import SecretStr

from newsletter.durable_files import sync_folder
from newsletter.environment import Environment
from newsletter.errors import Invalid, Refused
from newsletter.owner_only_files import make_home

FILE = "secret-key"
SHORTEST = 32


def secret_keys_of(environment: Environment) -> list[str]:
    """Return the keys as `keys_there_are` does. If there are none, create the home folder and a file with a new
    key.

    Raises Invalid if the file cannot be created or used, or the first key is shorter than 32 characters.
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
    """Return the keys, first the one that signs: those in the environment, then those in the key file.

    Empty before the first start; nothing is created. Raises Invalid if the file cannot be used, or the first key
    is shorter than 32 characters.
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
    """Create a new key that signs from the next start on, keep the others as fallbacks, and return how many those
    are.

    The file is replaced in one step and is on the disk before this returns, so a process killed here leaves
    either the new file or the old one. Raises Refused if the key is set in the environment.
    """
    if environment.secret_key.get_secret_value():
        raise Refused(
            "We cannot change the secret key, because it is set by NEWSLETTER_SECRET_KEY. Change it "
            "yourself on every machine: put the key first in NEWSLETTER_SECRET_KEY_FALLBACKS, followed "
            "by a comma, and set NEWSLETTER_SECRET_KEY to a new key, for example from `openssl rand "
            "-hex 32`. Then restart all newsletter processes."
        )
    path = environment.home / FILE
    try:
        with _alone(environment.home):
            older = _read(path)
            _write(path, [_new_key(), *older])
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"We could not replace the file {path} ({error}), so the secret key is still the same."
        ) from error
    return len(older)


def keep_keys(home: Path, text: str) -> None:
    """Add the keys of a backup, one per line, to the key file of a home folder, as fallbacks of the existing
    keys.

    This happens in one step, as in `rotate_key`. Raises Invalid if the file cannot be used.
    """
    path = home / FILE
    with _said(path), _alone(home):
        there_are = _read(path) if path.exists() else []
        _write(path, list(dict.fromkeys([*there_are, *text.split()])))


def remove_unfinished_keys(home: Path) -> None:
    """Remove the temporary key files that killed processes left in a home folder."""
    if home.is_dir():
        with _said(home / FILE), _alone(home):
            _remove_unfinished(home / FILE)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Turn errors with the file into a sentence."""
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        why = (
            error.strerror if isinstance(error, OSError) and error.strerror else "the file is not a text file"
        )
        raise Invalid(
            f"We could not use the file {path} ({why.lower()}). Correct the file, or set "
            "NEWSLETTER_HOME to another folder."
        ) from error


def _refuse_short(key: str, place: str) -> None:
    if len(key) < SHORTEST:
        raise Invalid(
            f"The secret key in {place} has only {len(key)} characters, so it can be guessed. It needs at "
            f"least {SHORTEST}. Put a longer key first (for example from `openssl rand -hex 32`) and keep "
            "the short key as a fallback, on the next line of the file or in "
            "NEWSLETTER_SECRET_KEY_FALLBACKS."
        )


def _new_key() -> str:
    return secrets.token_urlsafe(50)


def _read(path: Path) -> list[str]:
    keys = [line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    if not keys:
        raise Invalid(
            f"The key file {path} is empty. Put the secret key back. If the key is lost, delete the "
            "file to get a new key. Links in emails already sent will then stop working, and we will "
            "no longer be able to tell who is suppressed."
        )
    return keys


def _made(path: Path) -> list[str]:
    """Return the keys of a new file, or those of another process if it was faster. Nobody ever sees half a file."""
    with _unfinished(path, [_new_key()]) as unfinished, suppress(FileExistsError):
        os.link(unfinished, path)
    sync_folder(path.parent)
    return _read(path)


def _write(path: Path, keys: list[str]) -> None:
    with _unfinished(path, keys) as unfinished:
        unfinished.replace(path)
    sync_folder(path.parent)


@contextmanager
def _unfinished(path: Path, keys: list[str]) -> Iterator[Path]:
    """Write these keys to a temporary file beside the path, readable only by its owner, and flush it to the disk.

    Files that killed processes left behind are removed, too, since they contain keys. So call this only inside
    `_alone`.
    """
    _remove_unfinished(path)
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


def _remove_unfinished(path: Path) -> None:
    for abandoned in path.parent.glob(f".{path.name}-*"):
        abandoned.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While inside, no other process changes the key: if two did, one new key would be lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def secrets_of(environment: Environment) -> list[str]:
    """Return everything that was given as a secret, so that it can be kept out of logs."""
    values = (getattr(environment, name) for name in Environment.model_fields)
    given = (each for value in values for each in (value if isinstance(value, tuple) else (value,)))
    return [each.get_secret_value() for each in given if isinstance(each, SecretStr)]
