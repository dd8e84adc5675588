"""Detects questions and complaints from readers, for the review board: many of them are one notification.

However many come in, each newsletter notifies its board of new ones at most every four hours, and of deadlines once
each working day.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from newsletter.feedback.find_cases import today
from newsletter.feedback.models import ReaderCase
from newsletter.feedback.working_days import is_working_day, working_day_after
from newsletter.issues.models import Publication
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent, was_notified
from newsletter.notifications.models import FOR_ACCOUNT, Notification
from subscribers.phrases import counted, written_day

# What comes in soon after each other is one notification.
GATHERED_FOR = timedelta(minutes=10)
AT_MOST_EVERY = timedelta(hours=4)
HANDED_OVER = "question-handed-over"
OPEN = ReaderCase.OPEN
NEW = ReaderCase.State.RECEIVED


def questioned(since: datetime) -> Iterator[NotableEvent]:
    """Yield publications that got new questions or complaints, with how many."""
    now = timezone.now()
    for publication in _with_open_cases():
        last, at = _last_notified(publication)
        if at is not None and at > now - AT_MOST_EVERY:
            continue
        new = ReaderCase.objects.filter(
            publication=publication, state=NEW, pk__gt=last, received_at__gte=since
        )
        found = new.aggregate(count=Count("pk"), last=Max("pk"), first_at=Min("received_at"))
        if not found["count"] or found["first_at"] > now - GATHERED_FOR:
            continue
        complaints = new.filter(kind=ReaderCase.Kind.COMPLAINT).count()
        yield _event(
            publication,
            Kind.QUESTIONS,
            key=f"questions:{publication.pk}:{found['last']}",
            text=f"Readers sent {_in_words(found['count'] - complaints, complaints)}.",
            questions=found["count"] - complaints,
            complaints=complaints,
            last_case=found["last"],
        )


def questions_due(since: datetime) -> Iterator[NotableEvent]:  # noqa: ARG001 - every detector gets it
    """Yield publications whose board must acknowledge or answer something by the next working day, or is late."""
    for publication in _with_open_cases():
        day = today(publication)
        key = f"questions-due:{publication.pk}:{day}"
        if not is_working_day(day, publication.working_days) or was_notified(key):
            continue
        open_ones = ReaderCase.objects.filter(publication=publication, state__in=OPEN)
        soon = open_ones.filter(_due_by(working_day_after(day, 1, publication.working_days))).count()
        if not soon:
            continue
        late = open_ones.filter(_due_by(day - timedelta(days=1))).count()
        what = counted(soon, "question or complaint", "questions or complaints")
        text = f"The review board must acknowledge or answer {what} by the next working day."
        if late:
            text += f" {counted(late, 'deadline has', 'deadlines have')} passed."
        yield _event(publication, Kind.QUESTIONS_DUE, key=key, text=text, due=soon, late=late)


def handed_over(since: datetime) -> Iterator[NotableEvent]:
    """Yield questions and complaints that the board handed over to somebody, for this person alone."""
    found = ReaderCase.objects.filter(assigned_to__isnull=False, assigned_at__gte=since, state__in=OPEN)
    for case in found.select_related("publication").order_by("pk"):
        key = f"{HANDED_OVER}:{case.pk}:{case.assigned_to_id}:{case.assigned_at:%Y%m%dT%H%M%S%f}"
        if was_notified(key):
            continue
        what = "complaint about data protection" if case.is_complaint else "question about a fact"
        last = written_day(case.answer_by)
        yield NotableEvent(
            key=key,
            kind=Kind.QUESTIONS,
            subject=f"Handed over to you: {what} ({case.publication.name})",
            text=f"The review board asks you to answer a reader’s {what} by {last}.",
            link=reverse("desk:question", args=[case.pk]),
            publication=case.publication,
            data={"case": case.pk, FOR_ACCOUNT: case.assigned_to_id},
        )


def _due_by(day: object) -> Q:
    return Q(state=NEW, acknowledge_by__lte=day) | Q(answer_by__lte=day)


def _with_open_cases() -> QuerySet[Publication]:
    """Return the publications that have something to answer. Most have nothing, so this asks once for all.

    Archived ones are among them: what their readers sent must be answered all the same.
    """
    there = ReaderCase.objects.filter(publication=OuterRef("pk"), state__in=OPEN)
    return Publication.objects.filter(Exists(there)).order_by("pk")


def _last_notified(publication: Publication) -> tuple[int, datetime | None]:
    """Return the number of the last case of which a board was notified, and when, or 0 and None."""
    told = Notification.objects.filter(kind=Kind.QUESTIONS, publication=publication)
    told = told.exclude(key__startswith=f"{HANDED_OVER}:")
    latest = told.order_by("-pk").first()
    return (int(latest.data["last_case"]), latest.made_at) if latest else (0, None)


def _in_words(questions: int, complaints: int) -> str:
    parts = (
        counted(questions, "new question about facts", "new questions about facts") if questions else "",
        counted(complaints, "new complaint about data protection", "new complaints about data protection")
        if complaints
        else "",
    )
    return " and ".join(filter(None, parts))


def _event(
    publication: Publication, kind: Notification.Kind, *, key: str, text: str, **data: int
) -> NotableEvent:
    return NotableEvent(
        key=key,
        kind=kind,
        subject=f"{kind.label}: {publication.name}",
        text=text,
        link=reverse("desk:questions"),
        publication=publication,
        data=data,
    )
