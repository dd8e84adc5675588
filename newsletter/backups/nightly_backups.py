"""Nightly backups: the plan, and asking for the backup of a night, once for each night.

If it could not be made, it is asked for again in the same night. A backup that was made and that could not be restored
or copied is not: each attempt needs the space of a backup. Backups made by hand do not count as those of a night.
"""

import hashlib
from datetime import date, datetime, time, timedelta, tzinfo

from django.db import transaction
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role
from newsletter.background_jobs.ask_for_job import ask_for_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.backups.models import BackupPlan, StoredBackup
from newsletter.errors import InvalidFields, Refused
from newsletter.issues.models import Publication

JOB = "backup"
ONLY_ROW = 1
HOURS = range(24)
MOST_KEPT = 365
FIELDS = ("nightly", "hour", "keep")
# In the result of a job: the number of the backup that it made.
BACKUP = "backup"
MAX_ATTEMPTS = 3
ATTEMPT_AGAIN_AFTER = timedelta(hours=1)


def backup_plan() -> BackupPlan:
    """Return the plan, which is the default one if nobody has changed it yet."""
    return BackupPlan.objects.filter(pk=ONLY_ROW).first() or BackupPlan(pk=ONLY_ROW)


def backup_zone() -> tzinfo:
    """Return the time zone of the plan: that of the oldest publication, or else UTC."""
    oldest = Publication.objects.order_by("pk").first()
    return oldest.tzinfo if oldest else timezone.get_default_timezone()


def plan_version(plan: BackupPlan) -> str:
    """Return what a form shows of the plan as a short text, to notice that somebody else has changed it since."""
    shown = "/".join(str(getattr(plan, name)) for name in FIELDS)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def change_plan(*, nightly: bool, hour: int, keep: int, seen: str | None = None) -> bool:
    """Change the plan. Return whether anything has changed.

    A night whose hour has passed when nightly backups are turned on is left out. Raises InvalidFields for an hour or a
    number that is out of range, and Refused unless the actor is an administrator or if the plan is not the one that
    was `seen`.
    """
    require_role(Role.ADMINISTRATOR, "Changing nightly backups")
    if hour not in HOURS:
        raise InvalidFields({"hour": "Choose an hour between 0 and 23."})
    if not 1 <= keep <= MOST_KEPT:
        raise InvalidFields({"keep": f"Enter a number between 1 and {MOST_KEPT}."})
    with transaction.atomic():
        BackupPlan.objects.get_or_create(pk=ONLY_ROW)
        plan = BackupPlan.objects.select_for_update().get(pk=ONLY_ROW)
        if seen is not None and seen != plan_version(plan):
            raise Refused(
                "Somebody else has changed the settings for nightly backups since you opened this "
                "page. Check the new settings, then choose again."
            )
        before = audit_log.values_of(plan, FIELDS)
        if nightly and not plan.nightly:
            plan.last_night = _night_that_began(timezone.now(), hour)
        plan.nightly, plan.hour, plan.keep = nightly, hour, keep
        changes = audit_log.changes_between(before, audit_log.values_of(plan, FIELDS))
        if changes:
            plan.save()
            audit_log.write(
                "backup-settings", f"Changed the settings for nightly backups: {plan}.", changes=changes
            )
    return bool(changes)


def ask_for_nightly_backup() -> None:
    """Ask for the backup of this night if it is due and nobody has asked yet, or if it could not be made and is due
    again. Any number of schedulers may do it.
    """
    now = timezone.now()
    plan = BackupPlan.objects.filter(pk=ONLY_ROW, nightly=True).first()
    if plan is None or not _is_due(plan, now):
        return
    with transaction.atomic():
        plan = BackupPlan.objects.select_for_update().get(pk=ONLY_ROW)
        if plan.nightly and _is_due(plan, now):
            BackupPlan.objects.filter(pk=ONLY_ROW).update(last_night=_night_that_began(now, plan.hour))
            ask_for_job(JOB, {"reason": StoredBackup.Reason.NIGHTLY})


def next_nightly_backup(plan: BackupPlan) -> datetime | None:
    """Return when the next nightly backup will be asked for, which can be now. None if nightly backups are off."""
    now = timezone.now()
    if not plan.nightly:
        return None
    night = _night_that_began(now, plan.hour)
    if night is None:
        return _start_of(timezone.localdate(now, backup_zone()), plan.hour)
    if not _was_asked_for(plan, night):
        return now
    return _again_at(night, plan.hour) or _start_of(night + timedelta(days=1), plan.hour)


def _is_due(plan: BackupPlan, now: datetime) -> bool:
    night = _night_that_began(now, plan.hour)
    if night is None:
        return False
    if not _was_asked_for(plan, night):
        return True
    again_at = _again_at(night, plan.hour)
    return again_at is not None and again_at <= now


def _was_asked_for(plan: BackupPlan, night: date) -> bool:
    # A night far in the future was asked for while the clock of a machine was wrong.
    return plan.last_night is not None and night <= plan.last_night <= night + timedelta(days=1)


def _again_at(night: date, hour: int) -> datetime | None:
    """Return when the backup of a night is asked for again because it could not be made. None if it is not."""
    asked = BackgroundJob.objects.filter(
        kind=JOB, arguments__reason=StoredBackup.Reason.NIGHTLY, asked_at__gte=_start_of(night, hour)
    )
    attempts = list(asked.order_by("-pk")[:MAX_ATTEMPTS])
    if not attempts or len(attempts) == MAX_ATTEMPTS:
        return None
    last = attempts[0]
    if last.state != BackgroundJob.State.FAILED or last.ended_at is None or BACKUP in last.result:
        return None
    return last.ended_at + ATTEMPT_AGAIN_AFTER


def _start_of(night: date, hour: int) -> datetime:
    return datetime.combine(night, time(hour), tzinfo=backup_zone())


def _night_that_began(now: datetime, hour: int) -> date | None:
    """Return the day if its hour has come, by local time. None if it has not."""
    local = timezone.localtime(now, backup_zone())
    return local.date() if local.hour >= hour else None
