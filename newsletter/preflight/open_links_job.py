"""Opening the links of an issue when somebody asks for it at the desk: the scheduler does it, as a job."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from newsletter.accounts.actor import Role
from newsletter.background_jobs.ask_for_job import ask_for_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun
from newsletter.issues.change_locks import can_change
from newsletter.issues.four_eyes import require_editor
from newsletter.issues.models import Issue
from newsletter.preflight.check_recurring_issues import LINKS
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.link_results import ask_unknown, known_in_words
from newsletter.preflight.run_preflight import run_preflight
from newsletter.preflight.spamassassin import keep_spam_score
from subscribers.phrases import counted, written_moment

JOB = LINKS
OPEN = (BackgroundJob.State.WAITING, BackgroundJob.State.RUNNING)


def ask_for_links(issue: Issue) -> BackgroundJob:
    """Ask that the links of an issue are opened. If they are being opened, return that job.

    Raises Refused unless the actor may work on the issue.
    """
    require_editor(issue.publication, "Checking an issue’s links", role=Role.AUTHOR)
    with transaction.atomic():
        return open_job(issue) or ask_for_job(JOB, {"issue": issue.pk})


def open_job(issue: Issue) -> BackgroundJob | None:
    """Return the job that opens the links of an issue, if there is one that has not ended."""
    jobs = BackgroundJob.objects.filter(kind=JOB, state__in=OPEN, arguments__issue=issue.pk)
    return jobs.order_by("pk").first()


def last_job(issue: Issue) -> BackgroundJob | None:
    """Return the job that opens the links of an issue, or did so last."""
    return BackgroundJob.objects.filter(kind=JOB, arguments__issue=issue.pk).order_by("-pk").first()


def links_in_words(checked: CheckedIssue, job: BackgroundJob | None) -> str:
    """Say what is known of the links, as `known_in_words` does, or that no site answered when they were opened last."""
    known = known_in_words(checked)
    if job is None or job.ended_at is None or checked.known_links:
        return known
    tried = job.result.get("tried", 0)
    if job.result.get("asked") or not tried:
        return known
    links = counted(tried, "link or picture", "links and pictures")
    at = written_moment(job.ended_at.astimezone(checked.publication.tzinfo))
    works = "it works" if tried == 1 else "they work"
    return (
        f"We tried to open {links} on {at}, but no site answered. The server that runs this software may have no "
        f"connection to the internet, so we do not know whether {works}."
    )


def open_links(run: JobRun) -> Mapping[str, Any]:
    """Open the links of an issue of which nothing is known, and ask SpamAssassin.

    The result has how many we tried to open, and of how many something is known now: none if no site answered.
    """
    issue = (
        Issue.objects.select_related("publication__mailing_list").filter(pk=run.arguments["issue"]).first()
    )
    if issue is None:
        return {"asked": 0}
    checked = CheckedIssue(issue)
    tried = len(checked.urls_elsewhere) - len(checked.known_links)
    asked = ask_unknown(checked)
    keep_spam_score(checked)
    if can_change(issue):
        # The page “Send” shows the errors that were stored last.
        run_preflight(issue)
    return {"asked": asked, "tried": tried}
