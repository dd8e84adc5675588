"""The press sends from one place. A database that was copied or restored asks a person before anything goes.

It knows the place where it last was at home, and counts its minutes there. The highest count is kept in the home folder
too: a database that has counted less was put back to what it once was. See docs/decisions/0010-residence.md.
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
from newsletter.accounts.actor import Role, require
from newsletter.durability import durable_commits
from newsletter.errors import Refused
from newsletter.instance.fingerprint import Place, place_now
from newsletter.instance.models import Residence
from newsletter.schema import why_migrations_differ
from subscribers import suppression

log = logging.getLogger(__name__)
_saying, _said = Lock(), set[str]()
_changes = [0]

ONE = 1
# Whoever sends asks all the time; nobody moves a database within so many seconds.
LOOK_AGAIN_SECONDS = 5.0
# Other machines may have seen a somewhat higher count of the database that was left.
LEAP = 1_000
WHAT_TO_DO = (
    "Nothing is sent until you say which one sends. `newsletter residence` shows what would go; "
    "`newsletter residence take` lets it go from here, only if the other one no longer runs."
)
TO_SETTLE = (
    "Nothing is sent until an administrator decides. `newsletter residence` shows what would go; `newsletter residence "
    "take` asks SendGrid who already got it, and lets the rest go from here."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the database says that it lives, where it is, and the highest count that was seen here."""

    row: Residence | None
    here: Place
    highest: int

    @property
    def problem(self) -> str:
        """Why nothing may go from here, in a sentence; empty when it may."""
        if self.row is None:
            return ""
        if self.row.quarantine:
            return f"{self.row.quarantine} {TO_SETTLE}"
        if not self.row.place:
            return f"This database was restored from a backup. {WHAT_TO_DO}"
        if self.row.place != self.here.key:
            return (
                f"This database was last at home as {self.row.words}, and is {self.here.words} now: "
                f"it was copied, moved or restored. {WHAT_TO_DO}"
            )
        if self.row.serial < self.highest:
            return f"This database is older than the one that last ran here: it was restored. {WHAT_TO_DO}"
        return ""


def look() -> Standing:
    """How it stands now. Changes nothing."""
    # The file first: what it says was in the database before.
    highest = _highest_seen()
    return Standing(Residence.objects.filter(pk=ONE).first(), place_now(), highest)


def at_home() -> bool:
    """Whether the press may act by itself from here. A new database is at home where it is first used.

    It may not either once another version has changed the tables under this process.
    """
    problem = _problem_now()
    if problem:
        _changes[0] += 1
        _warn(problem)
    return not problem


def require_home() -> None:
    """Raises Refused, with what to do, for a database that was copied or restored."""
    problem = _problem_now()
    if problem:
        raise Refused(problem)


def heartbeat() -> None:
    """Count one more minute at home. For a clock to call once a minute."""
    standing = _moved_in()
    if standing.problem:
        return
    # A count that a power cut took back would look like a restored database.
    with durable_commits():
        Residence.objects.filter(pk=ONE, place=standing.here.key).update(
            serial=F("serial") + 1, held_at=timezone.now()
        )
    counted = Residence.objects.filter(pk=ONE).values_list("serial", flat=True).first()
    _remember(counted or 0)


def take() -> Residence:
    """Let the press send from here from now on; where it does already, nothing changes.

    Raises Refused for whoever is no administrator.
    """
    actor = require(Role.ADMINISTRATOR, "Letting this database send")
    with transaction.atomic():
        standing = look()
        if standing.row and not standing.problem:
            return standing.row
        row = _move_in(standing, actor.name)
        before = standing.row.words if standing.row else ""
        sentence = f"Let {row.words} send from now on{f', after {before}' if before else ''}."
        audit_log.write("residence", sentence, changes={"sends": [before or None, row.words]})
    forget_what_was_seen()
    return row


def leave() -> None:
    """Have this database ask wherever it is, whatever it was: it was made from a backup."""
    now = timezone.now()
    Residence.objects.update_or_create(
        pk=ONE, defaults={"place": ""}, create_defaults={"held_at": now, "taken_at": now, "place": ""}
    )
    forget_what_was_seen()


def quarantine(reason: str) -> None:
    """Let nothing go, though the place is right, until an administrator takes it; `reason` is a sentence or two."""
    now = timezone.now()
    with durable_commits(), transaction.atomic():
        new = Residence.objects.filter(pk=ONE, quarantine="").update(quarantine=reason, quarantined_at=now)
        if new:
            audit_log.write("residence", reason)
    forget_what_was_seen()


def changes_seen() -> int:
    """A number that is another one whenever this process has seen the database away from home, or taken."""
    return _changes[0]


def forget_what_was_seen() -> None:
    """Look anew when somebody asks next."""
    _changes[0] += 1
    _seen.cache_clear()
    _said.clear()


def _problem_now() -> str:
    return _seen(int(time.monotonic() / LOOK_AGAIN_SECONDS), settings.NEWSLETTER.home)


@lru_cache(maxsize=1)
def _seen(_round: int, _home: Path) -> str:
    """Why nothing may go from here, looked up once a round: nor may it while nobody can tell who said no."""
    changed = why_migrations_differ()
    if changed:
        return changed
    standing = _moved_in()
    if not standing.problem and standing.row and standing.row.serial > standing.highest:
        _remember(standing.row.serial)
    return standing.problem or suppression.why_not_look_up()


def _moved_in() -> Standing:
    """How it stands, once a database that was at home nowhere is at home here."""
    standing = look()
    if standing.row is None:
        _move_in(standing, "the press")
        standing = look()
    return standing


def _move_in(standing: Standing, name: str) -> Residence:
    now = timezone.now()
    serial = max(standing.highest, standing.row.serial) + LEAP if standing.row else standing.highest
    fields = {
        "place": standing.here.key,
        "words": standing.here.words[:300],
        "serial": serial,
        "held_at": now,
        "taken_by": name[:150],
        "taken_at": now,
        "quarantine": "",
        "quarantined_at": None,
    }
    if standing.row is None:
        # Of several processes that look first, all mean the same place.
        return Residence.objects.get_or_create(pk=ONE, defaults=fields)[0]
    return Residence.objects.update_or_create(pk=ONE, defaults=fields)[0]


def _warn(problem: str) -> None:
    """Say it once, however many threads find it."""
    with _saying:
        is_new = problem not in _said
        _said.add(problem)
    if is_new:
        log.warning("%s", problem)


def _file() -> Path:
    home: Path = settings.NEWSLETTER.home
    return home / "residence"


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
