"""The instance guard: emails are sent from one database only. A copied or restored one needs permission first.

The database stores the fingerprint of the location that may send, and a serial that rises every minute there. The home
folder keeps the highest serial too. If the database has a lower one, it was put back to an earlier state. See
docs/decisions/0010-instance-guard.md.
"""

import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import SYSTEM, Role, require_role
from newsletter.durable_commits import durable_commits
from newsletter.errors import Refused
from newsletter.instance.database_fingerprint import Fingerprint, current_fingerprint
from newsletter.instance.models import Instance
from newsletter.schema_check import why_migrations_differ
from subscribers import suppression

log = logging.getLogger(__name__)
_warning_lock, _warned = Lock(), set[str]()
_changes = [0]

ONLY_ROW = 1
# Senders ask all the time, and nobody can move a database within this time.
LOOK_AGAIN_SECONDS = 5.0
# Other machines may have seen a slightly higher serial of the database that sent before.
SERIAL_LEAP = 1_000
HOW_TO_ADOPT = (
    "We will not send any emails until you choose which installation sends them. To see which emails are "
    "waiting, run `newsletter instance status`. If the other installation is shut down, run "
    "`newsletter instance adopt` to send from this one."
)
HOW_TO_END_QUARANTINE = (
    "We will not send any emails until an administrator allows it. To see which emails are waiting, run "
    "`newsletter "
    "instance status`. To allow sending, run `newsletter instance adopt`. We will then ask SendGrid who has "
    "already received each issue, and send it only to the others."
)


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """The location stored in the database, the location now, and the highest serial that was seen here."""

    row: Instance | None
    here: Fingerprint
    highest: int

    @property
    def problem(self) -> str:
        """A sentence that says why this database may not send, or an empty string if it may."""
        if self.row is None:
            return ""
        if self.row.quarantine:
            return f"{self.row.quarantine} {HOW_TO_END_QUARANTINE}"
        if not self.row.fingerprint:
            unknown = f" {self.row.unknown_refusals}" if self.row.unknown_refusals else ""
            return f"This database was restored from a backup.{unknown} {HOW_TO_ADOPT}"
        if self.row.fingerprint != self.here.key:
            return (
                "This database was copied, moved or restored. Emails were last sent from "
                f"{self.row.label}, but this installation is {self.here.label}. {HOW_TO_ADOPT}"
            )
        if self.row.serial < self.highest:
            return (
                "This database is older than the one that was last used here, so it must have been "
                f"restored from a backup. {HOW_TO_ADOPT}"
            )
        return ""


def instance_status() -> InstanceStatus:
    """Return the status now, without changing anything."""
    # The file first: its serial was in the database before.
    highest = _highest_seen()
    return InstanceStatus(Instance.objects.filter(pk=ONLY_ROW).first(), current_fingerprint(), highest)


def may_send() -> bool:
    """Return whether scheduled work may run from here. A new database belongs to the location where it is first used.

    Scheduled work also stops once another version of this software has changed the tables under this process.
    """
    problem = _problem_now()
    if problem:
        _changes[0] += 1
        _warn(problem)
    return not problem


def require_may_send() -> None:
    """Raise Refused, with what to do, if the database was copied or restored."""
    problem = _problem_now()
    if problem:
        raise Refused(problem)


def advance_serial() -> None:
    """Raise the serial by one. The scheduler calls this once a minute."""
    status = _adopted_if_new()
    if status.problem:
        return
    # A serial that a power cut took back would look like a restored database.
    with durable_commits():
        Instance.objects.filter(pk=ONLY_ROW, fingerprint=status.here.key).update(
            serial=F("serial") + 1, counted_at=timezone.now()
        )
    counted = Instance.objects.filter(pk=ONLY_ROW).values_list("serial", flat=True).first()
    _remember(counted or 0)


def adopt() -> Instance:
    """Let this database send from now on. If it already may, nothing changes.

    Raises Refused unless the actor is an administrator.
    """
    actor = require_role(Role.ADMINISTRATOR, "Allowing an installation to send")
    with transaction.atomic():
        status = instance_status()
        if status.row and not status.problem:
            return status.row
        row = _adopt_here(status, actor.name)
        before = status.row.label if status.row else ""
        sentence = f"Emails are now sent from {row.label}{f' instead of {before}' if before else ''}."
        audit_log.write("instance", sentence, changes={"sends": [before or None, row.label]})
    clear_cached_status()
    return row


def require_adoption(unknown_refusals: str = "") -> None:
    """Require a person's permission before this database sends, because it was restored from a backup.

    `unknown_refusals` says what is not known about people who unsubscribed, complained or were erased since.
    """
    now = timezone.now()
    Instance.objects.update_or_create(
        pk=ONLY_ROW,
        defaults={"fingerprint": "", "unknown_refusals": unknown_refusals},
        create_defaults={
            "counted_at": now,
            "adopted_at": now,
            "fingerprint": "",
            "unknown_refusals": unknown_refusals,
        },
    )
    clear_cached_status()


def quarantine(reason: str) -> None:
    """Send nothing until an administrator adopts this database. `reason` is one or two sentences."""
    now = timezone.now()
    with durable_commits(), transaction.atomic():
        new = Instance.objects.filter(pk=ONLY_ROW, quarantine="").update(
            quarantine=reason, quarantined_at=now
        )
        if new:
            audit_log.write("instance", reason)
    clear_cached_status()


def status_version() -> int:
    """Return a number that changes when this process learns that the database may not send, or was adopted."""
    return _changes[0]


def clear_cached_status() -> None:
    """Forget the cached status, so that the database is read again next time."""
    _changes[0] += 1
    _cached_problem.cache_clear()
    _warned.clear()


def _problem_now() -> str:
    return _cached_problem(int(time.monotonic() / LOOK_AGAIN_SECONDS), settings.NEWSLETTER.home)


@lru_cache(maxsize=1)
def _cached_problem(_round: int, _home: Path) -> str:
    """Return why this database may not send, looked up once per round. It may not if suppressions cannot be read."""
    changed = why_migrations_differ()
    if changed:
        return changed
    status = _adopted_if_new()
    if not status.problem and status.row and status.row.serial > status.highest:
        _remember(status.row.serial)
    return status.problem or suppression.why_not_look_up()


def _adopted_if_new() -> InstanceStatus:
    """Adopt a new database here, and return the status."""
    status = instance_status()
    if status.row is None:
        _adopt_here(status, SYSTEM.name)
        status = instance_status()
    return status


def _adopt_here(status: InstanceStatus, name: str) -> Instance:
    now = timezone.now()
    serial = max(status.highest, status.row.serial) + SERIAL_LEAP if status.row else status.highest
    fields = {
        "fingerprint": status.here.key,
        "label": status.here.label[:300],
        "serial": serial,
        "counted_at": now,
        "adopted_by": name[:150],
        "adopted_at": now,
        "quarantine": "",
        "unknown_refusals": "",
        "quarantined_at": None,
    }
    if status.row is None:
        # Several processes may find no row at the same time. They all adopt the same location.
        return Instance.objects.get_or_create(pk=ONLY_ROW, defaults=fields)[0]
    return Instance.objects.update_or_create(pk=ONLY_ROW, defaults=fields)[0]


def _warn(problem: str) -> None:
    """Log a problem once, however many threads find it."""
    with _warning_lock:
        is_new = problem not in _warned
        _warned.add(problem)
    if is_new:
        log.warning("%s", problem)


def _file() -> Path:
    home: Path = settings.NEWSLETTER.home
    return home / "instance"


def _highest_seen() -> int:
    try:
        return int(_file().read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _remember(serial: int) -> None:
    """Store the highest serial. If the home folder cannot be written, only a rollback in place stays unnoticed."""
    unfinished = _file().with_name(f".instance-{secrets.token_hex(8)}")
    with suppress(OSError):
        unfinished.write_text(f"{serial}\n", encoding="ascii")
        unfinished.replace(_file())
