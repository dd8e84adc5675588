"""The press sends from one place. A database that was copied or restored asks a person before anything goes.

It knows the place where it last was at home, and counts its minutes there. The highest count is kept in the home folder
too: a database that has counted less was put back to what it once was. See docs/decisions/0010-instance-guard.md.
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
from newsletter.accounts.actor import Role, require_role
from newsletter.durable_commits import durable_commits
from newsletter.errors import Refused
from newsletter.instance.fingerprint import Fingerprint, current_fingerprint
from newsletter.instance.models import Instance
from newsletter.schema_check import why_migrations_differ
from subscribers import suppression

log = logging.getLogger(__name__)
_warning_lock, _warned = Lock(), set[str]()
_changes = [0]

ONLY_ROW = 1
# Whoever sends asks all the time; nobody moves a database within so many seconds.
LOOK_AGAIN_SECONDS = 5.0
# Other machines may have seen a somewhat higher count of the database that was left.
SERIAL_LEAP = 1_000
HOW_TO_ADOPT = (
    "Nothing is sent until you say which one sends. `newsletter instance status` shows what would go; "
    "`newsletter instance adopt` lets it go from here, only if the other one no longer runs."
)
HOW_TO_END_QUARANTINE = (
    "Nothing is sent until an administrator decides. `newsletter instance status` shows what would go; "
    "`newsletter instance adopt` asks SendGrid who already got it, and lets the rest go from here."
)


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """Where the database says that it lives, where it is, and the highest count that was seen here."""

    row: Instance | None
    here: Fingerprint
    highest: int

    @property
    def problem(self) -> str:
        """Why nothing may go from here, in a sentence; empty when it may."""
        if self.row is None:
            return ""
        if self.row.quarantine:
            return f"{self.row.quarantine} {HOW_TO_END_QUARANTINE}"
        if not self.row.fingerprint:
            return f"This database was restored from a backup. {HOW_TO_ADOPT}"
        if self.row.fingerprint != self.here.key:
            return (
                f"This database was last at home as {self.row.label}, and is {self.here.label} now: "
                f"it was copied, moved or restored. {HOW_TO_ADOPT}"
            )
        if self.row.serial < self.highest:
            return f"This database is older than the one that last ran here: it was restored. {HOW_TO_ADOPT}"
        return ""


def instance_status() -> InstanceStatus:
    """How it stands now. Changes nothing."""
    # The file first: what it says was in the database before.
    highest = _highest_seen()
    return InstanceStatus(Instance.objects.filter(pk=ONLY_ROW).first(), current_fingerprint(), highest)


def may_send() -> bool:
    """Whether the press may act by itself from here. A new database is at home where it is first used.

    It may not either once another version has changed the tables under this process.
    """
    problem = _problem_now()
    if problem:
        _changes[0] += 1
        _warn(problem)
    return not problem


def require_may_send() -> None:
    """Raises Refused, with what to do, for a database that was copied or restored."""
    problem = _problem_now()
    if problem:
        raise Refused(problem)


def advance_serial() -> None:
    """Count one more minute at home. For a clock to call once a minute."""
    standing = _adopted_if_new()
    if standing.problem:
        return
    # A count that a power cut took back would look like a restored database.
    with durable_commits():
        Instance.objects.filter(pk=ONLY_ROW, fingerprint=standing.here.key).update(
            serial=F("serial") + 1, counted_at=timezone.now()
        )
    counted = Instance.objects.filter(pk=ONLY_ROW).values_list("serial", flat=True).first()
    _remember(counted or 0)


def adopt() -> Instance:
    """Let the press send from here from now on; where it does already, nothing changes.

    Raises Refused for whoever is no administrator.
    """
    actor = require_role(Role.ADMINISTRATOR, "Letting this database send")
    with transaction.atomic():
        standing = instance_status()
        if standing.row and not standing.problem:
            return standing.row
        row = _adopt_here(standing, actor.name)
        before = standing.row.label if standing.row else ""
        sentence = f"Let {row.label} send from now on{f', after {before}' if before else ''}."
        audit_log.write("instance", sentence, changes={"sends": [before or None, row.label]})
    clear_cached_status()
    return row


def require_adoption() -> None:
    """Have this database ask wherever it is, whatever it was: it was made from a backup."""
    now = timezone.now()
    Instance.objects.update_or_create(
        pk=ONLY_ROW,
        defaults={"fingerprint": ""},
        create_defaults={"counted_at": now, "adopted_at": now, "fingerprint": ""},
    )
    clear_cached_status()


def quarantine(reason: str) -> None:
    """Let nothing go, though the place is right, until an administrator takes it; `reason` is a sentence or two."""
    now = timezone.now()
    with durable_commits(), transaction.atomic():
        new = Instance.objects.filter(pk=ONLY_ROW, quarantine="").update(
            quarantine=reason, quarantined_at=now
        )
        if new:
            audit_log.write("instance", reason)
    clear_cached_status()


def status_version() -> int:
    """A number that is another one whenever this process has seen the database away from home, or taken."""
    return _changes[0]


def clear_cached_status() -> None:
    """Look anew when somebody asks next."""
    _changes[0] += 1
    _cached_problem.cache_clear()
    _warned.clear()


def _problem_now() -> str:
    return _cached_problem(int(time.monotonic() / LOOK_AGAIN_SECONDS), settings.NEWSLETTER.home)


@lru_cache(maxsize=1)
def _cached_problem(_round: int, _home: Path) -> str:
    """Why nothing may go from here, looked up once a round: nor may it while nobody can tell who said no."""
    changed = why_migrations_differ()
    if changed:
        return changed
    standing = _adopted_if_new()
    if not standing.problem and standing.row and standing.row.serial > standing.highest:
        _remember(standing.row.serial)
    return standing.problem or suppression.why_not_look_up()


def _adopted_if_new() -> InstanceStatus:
    """How it stands, once a database that was at home nowhere is at home here."""
    standing = instance_status()
    if standing.row is None:
        _adopt_here(standing, "the press")
        standing = instance_status()
    return standing


def _adopt_here(standing: InstanceStatus, name: str) -> Instance:
    now = timezone.now()
    serial = max(standing.highest, standing.row.serial) + SERIAL_LEAP if standing.row else standing.highest
    fields = {
        "fingerprint": standing.here.key,
        "label": standing.here.label[:300],
        "serial": serial,
        "counted_at": now,
        "adopted_by": name[:150],
        "adopted_at": now,
        "quarantine": "",
        "quarantined_at": None,
    }
    if standing.row is None:
        # Of several processes that look first, all mean the same place.
        return Instance.objects.get_or_create(pk=ONLY_ROW, defaults=fields)[0]
    return Instance.objects.update_or_create(pk=ONLY_ROW, defaults=fields)[0]


def _warn(problem: str) -> None:
    """Say it once, however many threads find it."""
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
    """Keep the highest count. Where the home cannot be written, only a database put back in place goes unnoticed."""
    unfinished = _file().with_name(f".residence-{secrets.token_hex(8)}")
    with suppress(OSError):
        unfinished.write_text(f"{serial}\n", encoding="ascii")
        unfinished.replace(_file())
