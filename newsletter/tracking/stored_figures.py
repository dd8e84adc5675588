"""Keeps the figures of large mailings and the growth of lists, which the scheduler counts again when they have changed.

A small mailing is counted whenever somebody looks at it. Stored figures say when they were counted. They are counted
again soon after events came in or the mailing ended, and once an hour for a month, because people also unsubscribe
without any event.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from newsletter.issues.models import Publication
from newsletter.sending.models import Mailing
from newsletter.tracking.list_growth import MonthOfList, count_growth, growth_from_json, growth_to_json
from newsletter.tracking.mailing_report import MailingReport, count_mailing
from newsletter.tracking.models import StoredFigures
from subscribers.models import List

LIVE_AUDIENCE = 2_000
# Counting takes at most a thirtieth of the time.
SHARE_OF_TIME = 30
AT_LEAST = timedelta(minutes=1)
HOURLY = timedelta(hours=1)
STILL_CHANGES = timedelta(days=31)
COUNTED_BEFORE_THE_END = Q(mailing__finished_at__isnull=False, counted_at__lt=F("mailing__finished_at"))


def report_of(mailing: Mailing) -> MailingReport | None:
    """Return the figures of a mailing: counted now if it is small, or else stored. None if they are not counted yet."""
    return count_mailing(mailing) if mailing.audience <= LIVE_AUDIENCE else stored_report(mailing)


def stored_report(mailing: Mailing) -> MailingReport | None:
    """Return the stored figures of a mailing, or None if they were not counted yet."""
    return stored_reports([mailing]).get(mailing.pk)


def stored_reports(mailings: Sequence[Mailing]) -> dict[int, MailingReport]:
    """Return the stored figures of mailings, by the mailing's ID, in one query.

    Figures of a mailing that has ended since they were counted lack the people that it was sent to meanwhile, so they
    are left out.
    """
    found = StoredFigures.objects.filter(mailing__in=mailings).exclude(COUNTED_BEFORE_THE_END)
    return {each.mailing_id: MailingReport.from_dict(each.document) for each in found if each.mailing_id}


def stored_growth(mailing_list: List) -> list[MonthOfList] | None:
    """Return the growth of a list over the last year by month, or None if it was not counted yet."""
    found = StoredFigures.objects.filter(list=mailing_list).first()
    return growth_from_json(found.document) if found else None


def mark_stale(mailings: Iterable[int]) -> None:
    """Note that events about these mailings, by their IDs, came in."""
    numbers = list(mailings)
    if numbers:
        StoredFigures.objects.filter(mailing__in=numbers, is_stale=False).update(is_stale=True)


def count_next_figures() -> bool:
    """Count and store the figures of one mailing or the growth of one list. Return whether one was due."""
    mailing = _next_mailing()
    if mailing is not None:
        store_report(mailing)
        return True
    mailing_list = _next_list()
    if mailing_list is not None:
        _store_growth(mailing_list)
        return True
    return False


def store_report(mailing: Mailing) -> None:
    """Count the figures of a mailing and store them."""
    # Events that come in while we count make the figures stale again, so this comes first.
    StoredFigures.objects.filter(mailing=mailing).update(is_stale=False)
    started = time.monotonic()
    report = count_mailing(mailing)
    rest = max(AT_LEAST, SHARE_OF_TIME * timedelta(seconds=time.monotonic() - started))
    StoredFigures.objects.update_or_create(
        mailing=mailing,
        defaults={
            "document": report.to_dict(),
            "counted_at": report.counted_at,
            "not_before": report.counted_at + rest,
        },
    )


def _store_growth(mailing_list: List) -> None:
    now = timezone.now()
    document = growth_to_json(count_growth(mailing_list, now))
    StoredFigures.objects.update_or_create(
        list=mailing_list,
        defaults={"document": document, "counted_at": now, "not_before": now + HOURLY},
    )


def _next_mailing() -> Mailing | None:
    """Return a mailing whose figures were not counted yet, the newest first, or one whose figures are old."""
    figures = StoredFigures.objects.filter(mailing=OuterRef("pk"))
    missing = Mailing.objects.filter(~Exists(figures)).order_by("-pk").first()
    if missing is not None:
        return missing
    now = timezone.now()
    changes = Q(mailing__finished_at__isnull=True) | Q(mailing__finished_at__gte=now - STILL_CHANGES)
    is_new = Q(is_stale=True) | Q(mailing__finished_at__isnull=True) | COUNTED_BEFORE_THE_END
    stored = StoredFigures.objects.filter(mailing__isnull=False)
    # A clock that was set back must not keep figures from being counted.
    rested = Q(not_before__lt=now) | Q(counted_at__gt=now)
    old = stored.filter(rested, is_new | (changes & Q(counted_at__lt=now - HOURLY)))
    row = old.select_related("mailing").order_by("counted_at").first()
    return row.mailing if row else None


def _next_list() -> List | None:
    figures = StoredFigures.objects.filter(list=OuterRef("pk"))
    used = List.objects.filter(Exists(Publication.objects.filter(mailing_list=OuterRef("pk"))))
    missing = used.filter(~Exists(figures)).order_by("pk").first()
    if missing is not None:
        return missing
    row = (
        StoredFigures.objects.filter(list__isnull=False, not_before__lt=timezone.now())
        .select_related("list")
        .order_by("counted_at")
        .first()
    )
    return row.list if row else None
