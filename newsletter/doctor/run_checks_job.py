"""Running the checks when somebody asks for it at the desk: the scheduler does it, as a job, and keeps the findings."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from newsletter.accounts.actor import Role, require_role
from newsletter.background_jobs.ask_for_job import ask_for_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun
from newsletter.doctor import examine
from newsletter.doctor.doctor_finding import Finding, Level

JOB = "checks"
OPEN = (BackgroundJob.State.WAITING, BackgroundJob.State.RUNNING)
# The most serious first.
ORDER = (Level.WRONG, Level.WARNING, Level.LEFT_OUT, Level.OK)


def ask_for_checks() -> BackgroundJob:
    """Ask for all checks. If they are being run, return that job.

    Raises Refused unless the actor is an administrator.
    """
    require_role(Role.ADMINISTRATOR, "Checking the installation")
    with transaction.atomic():
        open_job = BackgroundJob.objects.filter(kind=JOB, state__in=OPEN).order_by("pk").first()
        return open_job or ask_for_job(JOB)


def run_checks(run: JobRun) -> Mapping[str, Any]:
    """Run every check. The result has the findings."""
    findings = []
    for finding in examine(settings.NEWSLETTER):
        findings.append(finding.to_dict())
        run.tell("Checking", len(findings))
    return {"findings": findings}


def latest_checks() -> BackgroundJob | None:
    """Return the latest checks that were asked for, also if they failed."""
    return BackgroundJob.objects.filter(kind=JOB).order_by("-pk").first()


def latest_findings() -> BackgroundJob | None:
    """Return the latest checks that came to an end."""
    done = BackgroundJob.objects.filter(kind=JOB, state=BackgroundJob.State.DONE)
    return done.order_by("-pk").first()


def findings_of(job: BackgroundJob) -> list[Finding]:
    """Return the findings of checks, the most serious first."""
    rows: Iterable[Mapping[str, str]] = job.result.get("findings", [])
    found = [Finding(each["check"], Level(each["level"]), each["sentence"], each["fix"]) for each in rows]
    return sorted(found, key=lambda finding: ORDER.index(finding.level))
