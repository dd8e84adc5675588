"""Identifies the database by its location, so that a copy is recognised, however many processes use it from anywhere.

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
    """A location: `key` is compared, `label` is shown to people. The key does not reveal the machine's ID."""

    key: str
    label: str


def current_fingerprint() -> Fingerprint:
    """Return the fingerprint of the database that this process uses."""
    return _in_postgres() if is_postgres() else _on_this_machine()


def _on_this_machine() -> Fingerprint:
    """Return the fingerprint of an SQLite file. A renamed file keeps its inode, but a copy has a different one."""
    path = Path(str(connection.settings_dict["NAME"]))
    try:
        inode = path.stat().st_ino
    except FileNotFoundError:  # in memory
        inode = 0
    return Fingerprint(_digest("sqlite", _machine(), inode), f"{path} on {socket.gethostname()}")


def _machine() -> str:
    """Return this machine's ID, or an empty string if it has none, as in most containers."""
    try:
        return MACHINE_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _in_postgres() -> Fingerprint:
    """Return the fingerprint of a PostgreSQL database: the ID of its cluster, and its own ID in the cluster."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid, has_function_privilege('pg_control_system()', 'execute') FROM pg_database "
            "WHERE datname = current_database()"
        )
        number, may_ask = cursor.fetchone()
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
