"""Notices when more is reported about a mailing than was planned: people may be receiving emails twice."""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence

from django.db.models import F
from django.utils import timezone

from newsletter.sending.limits.deliverability_guard import check_deliverability
from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.proven_duplicates import count_duplicates, duplicates_sentence
from newsletter.tracking.match_recipients import MatchedReport
from newsletter.tracking.models import Event, MailingMonitor

Kind = Event.Kind
# MailingMonitor has a column with the name of each.
COUNTED = frozenset({Kind.PROCESSED.value, Kind.BOUNCED.value, Kind.COMPLAINED.value})
log = logging.getLogger(__name__)


def count(new: Sequence[MatchedReport]) -> None:
    """Count new reports, and pause a mailing with too many or too bad ones. Call inside the processing transaction."""
    kinds: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for report, mailing, recipient, _recorded in new:
        if mailing is None:
            continue
        if recipient is None:
            kinds[mailing]["strangers"] += 1
        if report.kind in COUNTED:
            kinds[mailing][report.kind] += 1
    for mailing, counted in sorted(kinds.items()):
        watch = _counted(mailing, counted)
        if not watch.alarm and (sentence := _what_is_wrong(watch)):
            _raise_alarm(watch, sentence)
        if counted[Kind.BOUNCED] or counted[Kind.COMPLAINED]:
            check_deliverability(mailing, hard_bounces=watch.bounced, complaints=watch.complained)


def alarm_of(mailing: Mailing) -> str:
    """Say what is wrong with the reports about a mailing; empty if nothing is."""
    watch = MailingMonitor.objects.select_related("mailing").filter(mailing=mailing).first()
    sentences = (duplicates_sentence(count_duplicates(mailing)), _what_is_wrong(watch) if watch else "")
    return " ".join(filter(None, sentences))


def _counted(mailing: int, counted: Counter[str]) -> MailingMonitor:
    MailingMonitor.objects.get_or_create(mailing_id=mailing)
    MailingMonitor.objects.filter(mailing=mailing).update(
        **{name: F(name) + more for name, more in counted.items()}
    )
    return MailingMonitor.objects.select_related("mailing").get(mailing=mailing)


def _what_is_wrong(watch: MailingMonitor) -> str:
    audience = watch.mailing.audience
    if watch.processed > audience:
        return (
            f"SendGrid reports {watch.processed:,} emails for {audience:,} recipients, so some people "
            "may have got the email twice. Before you resume the mailing, check the figures in "
            "`newsletter mailings statistics` and the activity in SendGrid."
        )
    if watch.strangers:
        return (
            "SendGrid reports events about people who are not recipients of this mailing, so another "
            "installation may be sending it too. Before you resume the mailing, find out which "
            "installation that is and shut it down."
        )
    return ""


def _raise_alarm(watch: MailingMonitor, sentence: str) -> None:
    log.error("Mailing %s: %s", watch.mailing_id, sentence)
    watch.alarm, watch.alarmed_at = sentence, timezone.now()
    watch.save(update_fields=["alarm", "alarmed_at"])
    pause_mailing(watch.mailing_id, sentence)
