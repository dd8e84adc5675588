"""Detects mailings for which there is proof that somebody got the email twice."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.notifications.detectors.notable_event import (
    Kind,
    NotableEvent,
    issue_event,
    tail_of,
    was_notified,
)
from newsletter.sending.models import EarlierAcceptance, Mailing
from newsletter.sending.proven_duplicates import count_duplicates, duplicates_sentence


def duplicates(since: datetime) -> Iterator[NotableEvent]:
    """Yield mailings that some people got twice. They are notified again when more such people are found."""
    found = EarlierAcceptance.objects.filter(is_duplicate=True, found_at__gte=since)
    mailings = Mailing.objects.filter(pk__in=found.values("batch__mailing"))
    for each in mailings.select_related("issue__publication").order_by("pk"):
        count = count_duplicates(each)
        key = f"duplicates:{each.pk}:{count}"
        if was_notified(key):
            continue
        yield issue_event(
            each.issue,
            Kind.DUPLICATES,
            key=key,
            text=duplicates_sentence(count),
            tail=tail_of(each),
            mailing=each.pk,
            twice=count,
        )
