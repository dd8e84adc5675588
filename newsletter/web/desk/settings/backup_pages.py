"""Backups: made now or every night, tried by restoring them, downloaded and removed."""

from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import Role, why_not_role
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.background_jobs.models import BackgroundJob
from newsletter.backups.copy_elsewhere import copies_elsewhere
from newsletter.backups.models import BackupPlan, StoredBackup
from newsletter.backups.nightly_backups import (
    HOURS,
    MOST_KEPT,
    backup_plan,
    backup_zone,
    change_plan,
    next_nightly_backup,
    plan_version,
)
from newsletter.backups.stored_backups import (
    ask_for_backup,
    backup_folder,
    find_backup,
    latest_backup_job,
    latest_good_backup,
    open_backup_file,
    remove_backup,
    stored_backups,
    why_not_copied,
    why_not_here,
)
from newsletter.errors import Invalid, InvalidFields, NewsletterError, Refused, refuse_if
from newsletter.instance import process_heartbeats
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.formatting import without_commands
from newsletter.web.desk.numbered_page import numbered_page
from newsletter.web.desk.settings.server_commands import server_commands
from subscribers.whole_numbers import whole_number

MEGABYTE = 1_000_000
LONGEST_NUMBER = 4
BACKUPS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A backup as the page lists it. `why_not` says why its file cannot be used here."""

    backup: StoredBackup
    made: ShownDate
    tried: ShownDate | None
    copied: ShownDate | None
    size: str
    why_not: str


@desk("GET", "HEAD")
def backups(request: HttpRequest) -> HttpResponse:
    """Show the backups, and the plan of nightly ones."""
    return _page(request)


@desk("POST", page="backups")
def back_up_now(request: HttpRequest) -> HttpResponse:
    """Ask for a backup. The scheduler makes it."""
    ask_for_backup()
    return done(request, "A backup is being made.", f"{reverse('desk:backups')}#now")


@desk("POST", page="backups")
def change_backup_plan(request: HttpRequest) -> HttpResponse:
    """Turn nightly backups on or off, and say when they are made and how many are kept."""
    typed = {name: request.POST.get(name, "").strip() for name in ("nightly", "hour", "keep")}
    try:
        changed = change_plan(
            nightly=typed["nightly"] == "yes",
            hour=_number(typed["hour"], "hour", "Choose an hour."),
            keep=_number(typed["keep"], "keep", f"Enter a number between 1 and {MOST_KEPT}."),
            seen=request.POST.get("seen"),
        )
    except (Invalid, Refused) as error:
        return _page(request, error, typed if isinstance(error, Invalid) else {})
    sentence = "Nothing was changed."
    if changed:
        sentence = f"The settings for nightly backups were saved. {_sentence_about_next_one(backup_plan())}"
    return done(request, sentence, f"{reverse('desk:backups')}#every-night")


@desk("POST", page="backups")
def download_backup(request: HttpRequest, backup: int) -> HttpResponse:
    """Download a backup, and record that in the activity."""
    refuse_if(why_not_role(Role.ADMINISTRATOR, "Downloading a backup"))
    require_recent_sign_in(request)
    found, file = open_backup_file(backup)
    answer = FileResponse(file, as_attachment=True, filename=found.name, content_type="application/gzip")
    # The same to browsers: both of Django's classes are answers with a status and headers.
    return cast("HttpResponse", answer)


@desk("GET", "HEAD", "POST", page="backups")
def remove_stored_backup(request: HttpRequest, backup: int) -> HttpResponse:
    """Ask whether to remove a backup, and remove it."""
    found = find_backup(backup)
    if request.method != "POST":
        return show(request, "settings/backup_remove", row=_row(found, Dates(request)))
    remove_backup(backup)
    return done(request, "The backup was removed.", f"{reverse('desk:backups')}#stored")


def _page(
    request: HttpRequest, error: NewsletterError | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    plan, job, dates = backup_plan(), latest_backup_job(), Dates(request)
    found, links = numbered_page(request, stored_backups(), per_page=BACKUPS_PER_PAGE, part="stored")
    good = latest_good_backup()
    fields = dict(error.fields) if isinstance(error, InvalidFields) else {}
    form_error = FormError.of(error, "plan", typed or {}) if error else None
    is_working = job is not None and not job.has_ended
    return show(
        request,
        "settings/backups",
        status=form_error.status if form_error else 200,
        rows=[_row(each, dates) for each in found],
        links=links,
        latest=stored_backups().first(),
        tried=_row(good, dates) if good else None,
        commands=server_commands(is_postgresql=connection.vendor == "postgresql"),
        job=job,
        asked=dates.of(job.asked_at) if job else None,
        is_working=is_working,
        not_copied=without_commands(why_not_copied(job)),
        next_nightly=_sentence_about_next_one(plan),
        failed=job.sentence if job and job.state == BackgroundJob.State.FAILED else "",
        scheduler=process_heartbeats.why_overdue(process_heartbeats.heartbeat_age()),
        given=typed
        or {"nightly": "yes" if plan.nightly else "", "hour": str(plan.hour), "keep": str(plan.keep)},
        hours=[(str(hour), f"{hour:02}:00") for hour in HOURS],
        zone=str(backup_zone()),
        seen=plan_version(plan),
        folder=str(backup_folder()),
        home=str(settings.NEWSLETTER.home),
        copies=copies_elsewhere(),
        form_error=form_error,
        errors={"hour": "", "keep": "", **fields},
        summary=list(fields.items()) or ([("", form_error.sentence)] if form_error else []),
        live=is_working,
    )


def _sentence_about_next_one(plan: BackupPlan) -> str:
    """Say when the next nightly backup will be made, in the time zone of the plan. Empty if they are off."""
    now, upcoming = timezone.now(), next_nightly_backup(plan)
    if upcoming is None:
        return ""
    if upcoming <= now:
        return "We will make the next nightly backup within a minute."
    local = timezone.localtime(upcoming, backup_zone())
    is_today = local.date() == timezone.localdate(now, backup_zone())
    return f"We will make the next nightly backup {'today' if is_today else 'tomorrow'} after {local:%H:%M}."


def _row(backup: StoredBackup, dates: Dates) -> BackupRow:
    return BackupRow(
        backup=backup,
        made=dates.of(backup.made_at),
        tried=dates.of(backup.tried_at) if backup.tried_at else None,
        copied=dates.of(backup.copied_at) if backup.copied_at else None,
        size=f"{max(backup.bytes / MEGABYTE, 0.1):,.1f} MB",
        why_not=why_not_here(backup),
    )


def _number(text: str, field: str, sentence: str) -> int:
    number = whole_number(text, digits=LONGEST_NUMBER)
    if number is None:
        raise InvalidFields({field: sentence})
    return number
