"""Mailings that somebody was proven to have got twice."""

from collections.abc import Iterator
from datetime import datetime

from newsletter.notifications.detectors.finding import Fact, Kind, about_issue, is_told
from newsletter.sending.duplicates import count_duplicates, sentence_about
from newsletter.sending.models import EarlierAcceptance, Mailing


def duplicates(since: datetime) -> Iterator[Fact]:
    """Mailings with people who got them twice; told again when more of them are found."""
    found = EarlierAcceptance.objects.filter(twice=True, found_at__gte=since)
    mailings = Mailing.objects.filter(pk__in=found.values("batch__mailing"))
    for each in mailings.select_related("issue__publication").order_by("pk"):
        count = count_duplicates(each)
        key = f"duplicates:{each.pk}:{count}"
        if is_told(key):
            continue
        yield about_issue(
            each.issue,
            Kind.DUPLICATES,
            key=key,
            text=sentence_about(count),
            mailing=each.pk,
            twice=count,
        )
