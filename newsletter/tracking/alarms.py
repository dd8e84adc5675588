"""Sees at once when more comes back about a mailing than was planned: somebody may be getting letters twice."""

import logging
from collections import Counter
from collections.abc import Sequence

from django.db.models import F
from django.utils import timezone

from newsletter.sending.controls import pause
from newsletter.sending.models import Mailing
from newsletter.tracking.models import Event, Watch
from newsletter.tracking.people import Placed

PROCESSED = Event.Kind.PROCESSED.value
log = logging.getLogger(__name__)


def count(new: Sequence[Placed]) -> None:
    """Count new reports, and pause a mailing with more of them than recipients. Inside the folding transaction."""
    processed = Counter(each.mailing for each in new if each.report.kind == PROCESSED and each.mailing)
    strangers = Counter(each.mailing for each in new if each.recipient is None and each.mailing)
    for mailing in sorted(processed.keys() | strangers.keys()):
        watch = _counted(mailing, processed[mailing], strangers[mailing])
        if not watch.alarm and (sentence := _what_is_wrong(watch)):
            _raise_alarm(watch, sentence)


def alarm_of(mailing: Mailing) -> str:
    """What is wrong with what came back about a mailing; empty when nothing is."""
    watch = Watch.objects.select_related("mailing").filter(mailing=mailing).first()
    return _what_is_wrong(watch) if watch else ""


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
