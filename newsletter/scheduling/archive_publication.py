"""Archives a publication: it leaves the lists and choices, and its issues and web pages stay. This can be undone."""

from datetime import datetime

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, require_role, why_not_role
from newsletter.accounts.audit_log import changes_between
from newsletter.errors import Refused, refuse_if
from newsletter.issues.change_locks import CHANGEABLE, lock_publication
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.models import Schedule, Series
from newsletter.scheduling.schedule import describe_time
from subscribers.phrases import quoted

MOST_NAMED = 3
ARCHIVING = "Archiving a newsletter"


def why_not_archive_publication(publication: Publication) -> str:
    """Return why the actor cannot archive a publication, naming what would still be sent; empty if they can."""
    missing = why_not_role(Role.ADMINISTRATOR, ARCHIVING, publication=publication.pk)
    if missing:
        return missing
    if publication.archived_at is not None:
        return f"{publication.name} is already archived."
    return " ".join(
        [*_why_not_issues(publication), *_why_not_corrections(publication), *_why_not_series(publication)]
    )


def archive_publication(publication: Publication) -> None:
    """Archive a publication. Raises Refused with the sentence of `why_not_archive_publication`."""
    with transaction.atomic():
        found = lock_publication(publication)
        refuse_if(why_not_archive_publication(found))
        _set(found, timezone.now(), "Archived")


def restore_publication(publication: Publication) -> None:
    """Restore an archived publication. Raises Refused if it is not archived, or if its list still is."""
    require_role(Role.ADMINISTRATOR, "Restoring a newsletter", publication=publication.pk)
    with transaction.atomic():
        found = lock_publication(publication)
        if found.archived_at is None:
            raise Refused(f"{found.name} is not archived.")
        if found.mailing_list.archived_at is not None:
            raise Refused(f"The list “{found.mailing_list.name}” is archived. Restore the list first.")
        _set(found, None, "Restored")


def _set(publication: Publication, archived_at: datetime | None, did: str) -> None:
    changes = changes_between({"archived_at": publication.archived_at}, {"archived_at": archived_at})
    publication.archived_at = archived_at
    publication.save(update_fields=["archived_at"])
    record(
        "publication",
        f"{did} the publication {publication.name}.",
        publication=publication,
        thing=f"publication {publication.pk}",
        changes=changes,
    )


def _why_not_issues(publication: Publication) -> list[str]:
    """Return a sentence for each of the first issues that would still be sent."""
    scheduled = Schedule.objects.filter(issue__publication=publication, issue__state__in=CHANGEABLE)
    sentences = [
        f"{issue_label_at_start(each.issue)} is scheduled for {describe_time(each)}. Unschedule or cancel it first."
        for each in scheduled.select_related("issue__publication").order_by("due_at")[:MOST_NAMED]
    ]
    sending = publication.issues.filter(state=Issue.State.SENDING).select_related("publication")
    sentences += [
        f"{issue_label_at_start(each)} is being sent. Wait until it has been sent, or stop the mailing."
        for each in sending.order_by("number")[:MOST_NAMED]
    ]
    return sentences


def _why_not_corrections(publication: Publication) -> list[str]:
    """Return a sentence for each of the first emails about corrections that would still be sent."""
    # By its name, because corrections are a later stage.
    notices = apps.get_model("newsletter", "CorrectionNotice").objects.filter(publication=publication)
    found = notices.select_related("correction__article").order_by("pk")
    sentences = [
        f"The email about the correction to {quoted(each.correction.article.title)} is about to be sent. Undo “Send” "
        "first."
        for each in found.filter(state="scheduled")[:MOST_NAMED]
    ]
    sentences += [
        f"The email about the correction to {quoted(each.correction.article.title)} is being sent. Wait until it has "
        "been sent, or stop the mailing."
        for each in found.filter(sent_as__mailing__finished_at=None, state="planned").distinct()[:MOST_NAMED]
    ]
    return sentences


def _why_not_series(publication: Publication) -> list[str]:
    going = Series.objects.filter(publication=publication, paused_at=None).order_by("name")
    return [
        f"The recurring issue “{each.name}” still drafts issues. Pause or remove it first."
        for each in going[:MOST_NAMED]
    ]
