"""Where the database itself lives, so that a copy of it lives elsewhere, however many processes use it from anywhere.

See docs/decisions/0010-instance-guard.md.
"""

import hashlib
import socket
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from subscribers.database import is_postgres

MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A place: `key` is compared, `words` are for a person. The key tells nobody the machine's own number."""

    key: str
    label: str


def current_fingerprint() -> Fingerprint:
    """The place of the database that this process uses."""
    return _in_postgres() if is_postgres() else _on_this_machine()


def _on_this_machine() -> Fingerprint:
    """A file keeps its inode when it is renamed; a copy, or what is restored beside it, has another."""
    path = Path(str(connection.settings_dict["NAME"]))
    try:
        inode = path.stat().st_ino
    except FileNotFoundError:  # in memory
        inode = 0
    return Fingerprint(_digest("sqlite", _machine(), inode), f"{path} on {socket.gethostname()}")


def _machine() -> str:
    """The number of this machine; empty where there is none, as in most containers."""
    try:
        return MACHINE_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _in_postgres() -> Fingerprint:
    """A cluster has its own number from the day it was made, and a database its own within the cluster."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        [number] = cursor.fetchone()
        cursor.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
        [may_ask] = cursor.fetchone()
        cluster = ""
        if may_ask:
            cursor.execute("SELECT system_identifier FROM pg_control_system()")
            [cluster] = cursor.fetchone()
    named = connection.settings_dict
    label = f"the database {named['NAME']} on {named['HOST'] or socket.gethostname()}"
    return Fingerprint(_digest("postgresql", cluster, number), label)


def _digest(*parts: object) -> str:
    return hashlib.blake2b(
        "\0".join(map(str, parts)).encode(), digest_size=16, person=b"newsletter"
    ).hexdigest()
