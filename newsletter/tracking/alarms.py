"""Sees at once when more comes back about a mailing than was planned: somebody may be getting letters twice."""

import logging
from collections import Counter
from collections.abc import Sequence

from django.db.models import F
from django.utils import timezone

from newsletter.sending.controls import pause
from newsletter.sending.models import Mailing
from newsletter.tracking.models import Event, Watch
from newsletter.tracking.people import People
from newsletter.tracking.reading import Report

log = logging.getLogger(__name__)


def count(reports: Sequence[Report], people: People) -> None:
    """Count new reports, and pause a mailing with more of them than recipients. Inside the folding transaction."""
    processed: Counter[int] = Counter()
    strangers: Counter[int] = Counter()
    for report in reports:
        place = people.places.get(report.fingerprint)
        if place is None or place.mailing is None:
            continue
        if report.kind == Event.Kind.PROCESSED:
            processed[place.mailing] += 1
        if place.recipient is None:
            strangers[place.mailing] += 1
    for mailing in sorted(processed.keys() | strangers.keys()):
        watch = _counted(mailing, processed[mailing], strangers[mailing])
        if not watch.alarm and (sentence := _what_is_wrong(watch)):
            _raise_alarm(watch, sentence)


def alarm_of(mailing: Mailing) -> str:
    """What is wrong with what came back about a mailing; empty when nothing is."""
    return Watch.objects.filter(mailing=mailing).values_list("alarm", flat=True).first() or ""


def _counted(mailing: int, processed: int, strangers: int) -> Watch:
    Watch.objects.get_or_create(mailing_id=mailing)
    Watch.objects.filter(mailing=mailing).update(
        processed=F("processed") + processed, strangers=F("strangers") + strangers
    )
    return Watch.objects.select_related("mailing").get(mailing=mailing)


def _what_is_wrong(watch: Watch) -> str:
    audience = watch.mailing.audience
    if watch.processed > audience:
        return (
            f"SendGrid reports {watch.processed} letters for {audience} recipients: somebody may have got it twice. "
            "See `newsletter mailings statistics` and SendGrid's activity before you resume."
        )
    if watch.strangers:
        return (
            "SendGrid reports on people who are no recipients of this mailing: another installation may be sending "
            "it too. Find that out before you resume."
        )
    return ""


def _raise_alarm(watch: Watch, sentence: str) -> None:
    log.error("Mailing %s: %s", watch.mailing_id, sentence)
    watch.alarm, watch.alarmed_at = sentence, timezone.now()
    watch.save(update_fields=["alarm", "alarmed_at"])
    pause(watch.mailing_id, sentence)
