"""System: the version, the checks, the installation that may send, and the way to the backups.

These pages are for administrators of all publications. Only they show shell commands.
"""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter import __version__
from newsletter.accounts.actor import Role, why_not_role
from newsletter.accounts.reauthentication import require_recent_sign_in
from newsletter.background_jobs.models import BackgroundJob
from newsletter.backups.nightly_backups import backup_plan
from newsletter.backups.stored_backups import stored_backups
from newsletter.corrections.after_a_restore import adopt_installation, pending_emails
from newsletter.doctor.doctor_finding import Finding, Level
from newsletter.doctor.run_checks_job import ask_for_checks, findings_of, latest_checks, latest_findings
from newsletter.errors import NewsletterError, Refused, refuse_if
from newsletter.instance import process_heartbeats
from newsletter.instance.guard import InstanceStatus, instance_status
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.formatting import without_commands
from newsletter.web.desk.settings.server_commands import server_commands
from subscribers.phrases import counted

ACT = "Managing the installation"
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
TONES = {
    Level.OK: ("OK", "good"),
    Level.WARNING: ("Warning", "warn"),
    Level.WRONG: ("Wrong", "alarm"),
    Level.LEFT_OUT: ("Skipped", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Checks:
    """The latest findings in words: when, by whom, what is wrong, and each finding with its badge."""

    at: ShownDate
    by: str
    summary: str
    to_do: list[tuple[Finding, str, str]]
    good: list[tuple[Finding, str, str]]


@desk("GET", "HEAD")
def system(request: HttpRequest) -> HttpResponse:
    """Show the installation, what the checks found, and the latest backup."""
    refuse_if(why_not_role(Role.ADMINISTRATOR, ACT))
    dates, latest = Dates(request), latest_checks()
    is_checking = latest is not None and not latest.has_ended
    backup = stored_backups().first()
    return show(
        request,
        "settings/system",
        version=__version__,
        python=platform.python_version(),
        database=DATABASES.get(connection.vendor, connection.vendor),
        scheduler=_scheduler_sentence(),
        scheduler_stands=bool(process_heartbeats.why_overdue(process_heartbeats.heartbeat_age())),
        **_guard(instance_status(), dates),
        is_checking=is_checking,
        job=latest,
        checks=_checks(latest_findings(), dates),
        failed=latest.sentence if latest and latest.state == BackgroundJob.State.FAILED else "",
        plan=backup_plan(),
        backup=backup,
        backup_made=dates.of(backup.made_at) if backup else None,
        commands=server_commands(is_postgresql=connection.vendor == "postgresql"),
        live=is_checking,
    )


@desk("POST", page="system")
def run_checks(request: HttpRequest) -> HttpResponse:
    """Ask for all checks. The scheduler runs them, so that the page does not wait."""
    ask_for_checks()
    return done(request, "The checks are being run.", f"{reverse('desk:system')}#checks")


@desk("GET", "HEAD", "POST", page="system")
def adopt_instance(request: HttpRequest) -> HttpResponse:
    """Show what would be sent from here, and let this installation send."""
    refuse_if(why_not_role(Role.ADMINISTRATOR, "Allowing an installation to send"))
    if request.method != "POST":
        return _adopt_form(request)
    require_recent_sign_in(request)
    if request.POST.get("understood") != "yes":
        error = Refused("Confirm that no other installation sends these emails.")
        return _adopt_form(request, error)
    try:
        _row, settled = adopt_installation()
    except NewsletterError as error:
        return _adopt_form(request, error)
    sentence = "Emails are now sent from this installation."
    if settled:
        sentence += f" {counted(settled, 'person', 'people')} had already received the email and will not get it again."
    return done(request, sentence, f"{reverse('desk:system')}#sending")


def _adopt_form(request: HttpRequest, error: NewsletterError | None = None) -> HttpResponse:
    dates = Dates(request)
    form_error = FormError.of(error, "adopt", {}) if error else None
    return show(
        request,
        "settings/adopt_instance",
        status=form_error.status if form_error else 200,
        pending=[(each, dates.of(each.at) if each.at else None) for each in pending_emails()],
        form_error=form_error,
        **_guard(instance_status(), dates),
    )


def _guard(status: InstanceStatus, dates: Dates) -> dict[str, Any]:
    """Return what a page says about the installation that may send."""
    row = status.row
    return {
        "this_installation": status.here.label,
        "may_send": not status.problem,
        "problem": without_commands(status.problem) if status.problem else "",
        "sends_from": row.label if row else "",
        "since": dates.of(row.adopted_at) if row else None,
        "allowed_by": row.adopted_by if row else "",
    }


def _scheduler_sentence() -> str:
    age = process_heartbeats.heartbeat_age()
    problem = process_heartbeats.why_overdue(age)
    if problem or age is None:
        return problem
    return f"It last ran {counted(round(abs(age.total_seconds())), 'second', 'seconds')} ago."


def _checks(job: BackgroundJob | None, dates: Dates) -> Checks | None:
    if job is None or job.ended_at is None:
        return None
    found = [(finding, *TONES[finding.level]) for finding in findings_of(job)]
    wrong = sum(finding.level is Level.WRONG for finding, _label, _tone in found)
    warnings = sum(finding.level is Level.WARNING for finding, _label, _tone in found)
    said = [counted(wrong, "problem", "problems")] if wrong else []
    said += [counted(warnings, "warning", "warnings")] if warnings else []
    return Checks(
        at=dates.of(job.ended_at),
        by=job.asked_by,
        summary=" and ".join(said) or _without_problems(found),
        to_do=[each for each in found if each[0].level in {Level.WRONG, Level.WARNING}],
        good=[each for each in found if each[0].level not in {Level.WRONG, Level.WARNING}],
    )


def _without_problems(found: Sequence[tuple[Finding, str, str]]) -> str:
    skipped = sum(finding.level is Level.LEFT_OUT for finding, _label, _tone in found)
    passed = f"{counted(len(found) - skipped, 'check', 'checks')} passed"
    return f"{passed} and {skipped:,} {'was' if skipped == 1 else 'were'} skipped" if skipped else passed
