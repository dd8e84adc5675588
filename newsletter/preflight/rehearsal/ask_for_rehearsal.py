"""Asking for a dress rehearsal of an issue, and cancelling it."""

from django.db import transaction

from newsletter.accounts.actor import current_actor, why_not_role
from newsletter.background_jobs.ask_for_job import ask_for_job, cancel_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import Refused, refuse_if
from newsletter.issues.change_locks import can_change, lock_issue
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue
from newsletter.preflight.rehearsal_models import Rehearsal
from newsletter.sending.who_may_see_recipients import MAY_SEE_PEOPLE

JOB = "rehearsal"
OPEN = (BackgroundJob.State.WAITING, BackgroundJob.State.RUNNING)


def why_not_rehearse(issue: Issue) -> str:
    """Return why the current actor may not rehearse the mailing of an issue, or an empty string if they may."""
    if why_not := why_not_role(MAY_SEE_PEOPLE, "Rehearsing a mailing", publication=issue.publication_id):
        return why_not
    if can_change(issue):
        return ""
    return (
        f"{issue_label_at_start(issue)} {issue.state_predicate}, so its mailing can no longer be rehearsed."
    )


def ask_for_rehearsal(issue: Issue) -> BackgroundJob:
    """Ask for a dress rehearsal, whose result replaces the previous one. If one is being made, return its job.

    Raises Refused with the sentence of `why_not_rehearse`.
    """
    refuse_if(why_not_rehearse(issue))
    with transaction.atomic():
        # Two people who ask at the same moment get the same job.
        issue = lock_issue(issue)
        refuse_if(why_not_rehearse(issue))
        if job := open_job(issue):
            return job
        Rehearsal.objects.filter(issue=issue).delete()
        job = ask_for_job(JOB, {"issue": issue.pk})
        Rehearsal.objects.create(
            issue=issue, job=job.pk, asked_by=current_actor().name[:150], asked_at=job.asked_at
        )
        record("rehearse", "Started a rehearsal of the mailing.", issue=issue)
        return job


def cancel_rehearsal(issue: Issue) -> None:
    """Cancel the dress rehearsal that is being made. Raises Refused if there is none."""
    refuse_if(why_not_rehearse(issue))
    job = open_job(issue)
    if job is None:
        raise Refused("The rehearsal has already ended, so you cannot cancel it.")
    cancel_job(job)


def open_job(issue: Issue) -> BackgroundJob | None:
    """Return the job of the rehearsal that is being made, if there is one that has not ended."""
    found = job_of(issue)
    return found if found and not found.has_ended else None


def job_of(issue: Issue) -> BackgroundJob | None:
    """Return the job of the latest rehearsal of an issue. Its row is deleted some days after it has ended."""
    numbers = Rehearsal.objects.filter(issue=issue).values("job")
    return BackgroundJob.objects.filter(kind=JOB, pk__in=numbers).first()
