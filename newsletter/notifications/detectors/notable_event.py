"""One event, described for people and for programs, and whether it was notified before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from newsletter.issues.issue_labels import issue_label
from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import issue_path
from newsletter.notifications.models import Notification
from newsletter.sending.models import Mailing
from subscribers.phrases import written_moment

Kind = Notification.Kind
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotableEvent:
    """An event that is notified once. `reason` is text from elsewhere, such as a transport's or a source's error.

    `by` is the account of the person who did it, and who is not told about it. `also` writes what else belongs to the
    notification, in the same transaction.
    """

    key: str
    kind: Notification.Kind
    subject: str
    text: str
    link: str
    reason: str = ""
    publication: Publication | None = None
    by: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    also: Callable[[Notification], None] | None = None


def not_notified(rows: QuerySet[Row], prefix: str) -> QuerySet[Row]:
    """Return the rows whose event was not notified yet. Its key is the prefix, a colon and the row's number."""
    key = Concat(Value(f"{prefix}:"), Cast(OuterRef("pk"), TextField()), output_field=TextField())
    return rows.filter(~Exists(Notification.objects.filter(key=key)))


def was_notified(key: str) -> bool:
    """Return whether the event with this key was notified."""
    return Notification.objects.filter(key=key).exists()


def issue_event(
    issue: Issue,
    kind: Notification.Kind,
    *,
    key: str,
    text: str,
    reason: str = "",
    tail: str = "",
    happened: str = "",
    page: str = "issue",
    by: int | None = None,
    **data: Any,
) -> NotableEvent:
    """Return an event about an issue. `tail` ends the subject if an issue can have several events of one kind.

    The subject begins with `happened`, or with the kind. The link leads to a page of the issue.
    """
    publication = issue.publication
    return NotableEvent(
        key=key,
        kind=kind,
        subject=f"{happened or kind.label}: {issue_label(issue)}{tail}",
        text=text,
        reason=reason,
        link=issue_path(issue, page),
        publication=publication,
        by=by,
        data={"issue": issue.number, "issue_subject": issue.subject, "issue_state": issue.state, **data},
    )


def tail_of(mailing: Mailing) -> str:
    """Return what the subject of an event adds about a mailing that does not send the issue itself."""
    return "" if mailing.sends_the_issue else f" ({mailing.get_purpose_display().lower()})"


def describe_moment(moment: datetime, zone: tzinfo) -> str:
    """Return a moment for a sentence, such as 1 December 2026, 07:30 (Europe/London)."""
    return f"{written_moment(timezone.localtime(moment, zone))} ({zone})"
