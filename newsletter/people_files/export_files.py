"""Exports of people: a job writes the file, which can be downloaded for a day and is then removed."""

import io
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.accounts.reauthentication import require_confirmed_actor
from newsletter.background_jobs import job_files
from newsletter.background_jobs.ask_for_job import ask_for_job, cancel_job, find_job
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import JobRun, run_job_at_once
from newsletter.errors import Invalid, NotFound, refuse_if
from subscribers.export_csv import everyone_for_export, export_people, subscriptions_for_export
from subscribers.models import List, Subscription
from subscribers.phrases import counted

EXPORT = "export-people"
FILE = "people.csv"
WRITING = "Writing"
KEPT_FOR = timedelta(days=1)
# The newest number of a subscription up to which an export is written while its page waits.
FEW = 5_000
State = BackgroundJob.State


def why_not_export_people() -> str:
    """Return why the actor may not export people, or an empty string."""
    return why_not_role(Role.ADMINISTRATOR, "Exporting people")


def ask_for_export(
    mailing_list: List | None, *, segment: str = "", state: str = "active", form: str = ""
) -> BackgroundJob:
    """Begin to export the people of a list, or of all lists, in a state; or of a segment of a list.

    `form` is the key of the form, which begins one export. Raises AlreadyMadeError, Refused, RecentSignInNeededError,
    and Invalid for a segment that cannot be understood or without a list.
    """
    refuse_if(why_not_export_people())
    require_confirmed_actor()
    arguments = {
        "list": mailing_list.pk if mailing_list else None,
        "segment": segment.strip(),
        "state": state,
    }
    _people_of(arguments)
    with transaction.atomic(), once(form) as made:
        job = ask_for_job(EXPORT, arguments, folder=job_files.new_folder())
        made.made = str(job.pk)
    newest = Subscription.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return run_job_at_once(job, export_file) if newest <= FEW else job


def find_export(number: int) -> BackgroundJob:
    """Return the export with this number. Raises Refused unless the actor may export people, and NotFound."""
    refuse_if(why_not_export_people())
    return find_job(number, EXPORT)


def recent_exports() -> QuerySet[BackgroundJob]:
    """Return the exports of the last days, newest first."""
    return BackgroundJob.objects.filter(kind=EXPORT).order_by("-pk")


def cancel_export(job: BackgroundJob) -> None:
    """Cancel an export, or remove its file before its time."""
    refuse_if(why_not_export_people())
    if not job.has_ended:
        job = cancel_job(job)
    if job.has_ended:
        _remove(job)


def download(job: BackgroundJob) -> Path:
    """Return the file of an export, and record that it was taken out. Raises NotFound once it is removed."""
    refuse_if(why_not_export_people())
    require_confirmed_actor()
    path = file_of(job)
    if path is None:
        raise NotFound(
            "This export is no longer available, because we delete exports after a day. Export the "
            "people again."
        )
    audit_log.write("export", f"Downloaded {_exported(job)}.", thing=f"export {job.pk}")
    return path


def file_of(job: BackgroundJob) -> Path | None:
    """Return the file of an export, or None while, or if, there is none."""
    if job.state != State.DONE or not job.folder:
        return None
    path = job_files.folder_of(job.folder) / FILE
    return path if path.exists() else None


def export_file(run: JobRun) -> Mapping[str, Any]:
    """Write the file of an export. After its process ended, it is written again from the beginning."""
    refuse_if(why_not_export_people())
    people = _people_of(run.arguments)
    total, written = people.count(), 0

    def advance(more: int) -> None:
        nonlocal written
        written += more
        run.tell(WRITING, min(written, total), total)

    run.tell(WRITING, 0, total)
    path = job_files.folder_of(run.job.folder) / FILE
    unfinished = path.with_suffix(".unfinished")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    # A spreadsheet reads UTF-8 only with its mark.
    try:
        with io.TextIOWrapper(os.fdopen(handle, "wb"), encoding="utf-8-sig", newline="") as stream:
            several = run.arguments["list"] is None
            count = export_people(stream, people, advance=advance, with_lists=several)
        run.look_whether_to_end()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    run.job.result = {"people": count}
    audit_log.write("export", f"Exported {_exported(run.job)}.", thing=f"export {run.job.pk}")
    return {"people": count}


def remove_old_exports(now: datetime) -> int:
    """Remove the files of exports that ended more than a day ago, and what their segments say. Return how many."""
    old = recent_exports().filter(ended_at__lt=now - KEPT_FOR).exclude(folder="")
    return sum(_remove(job) for job in old)


def _people_of(arguments: Mapping[str, Any]) -> QuerySet[Subscription]:
    if arguments["list"] is None:
        if arguments["segment"]:
            raise Invalid("Choose the list that the segment is for.")
        return everyone_for_export(state=arguments["state"])
    mailing_list = List.objects.filter(pk=arguments["list"]).first()
    if mailing_list is None:
        raise NotFound("This list no longer exists.")
    return subscriptions_for_export(mailing_list, segment=arguments["segment"], state=arguments["state"])


def _exported(job: BackgroundJob) -> str:
    """Return whom an export has, for the audit log, which shall not name what a segment asks for."""
    people = counted(job.result.get("people", 0), "person", "people")
    if job.arguments["list"] is None:
        return f"{people} from all lists"
    name = List.objects.filter(pk=job.arguments["list"]).values_list("name", flat=True).first() or "?"
    return f"{people} from {'a segment of ' if job.arguments['segment'] else ''}the list “{name}”"


def _remove(job: BackgroundJob) -> bool:
    job_files.remove_folder(job.folder)
    arguments = {**job.arguments, "segment": "…" if job.arguments["segment"] else ""}
    BackgroundJob.objects.filter(pk=job.pk).update(folder="", arguments=arguments)
    return True
