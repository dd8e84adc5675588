"""Applies the effects of a reported bounce, drop, complaint or unsubscribe at once: the address is suppressed, or the
person is unsubscribed, and the recipient row in the ledger says why. Only new events have effects.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db.models import Q
from django.utils import timezone

from newsletter.sending.ledger import set_recipients_state
from newsletter.sending.models import Recipient
from newsletter.tracking.match_recipients import MatchedReport, key_of
from newsletter.tracking.models import Event
from newsletter.tracking.parse_events import Report
from newsletter.tracking.reconcile_by_events import reason_of
from subscribers import consent, locks, suppression
from subscribers.consent_log import ConsentSource
from subscribers.database import portions
from subscribers.models import SourceKind, Subscription, Suppression

Kind = Event.Kind
State = Recipient.State
# A later kind says more than an earlier one. The row keeps the kind that says most, whatever the order of events.
KINDS_IN_LEDGER = (Kind.UNSUBSCRIBED.value, Kind.BOUNCED.value, Kind.COMPLAINED.value)
KINDS_WITH_EFFECTS = frozenset({*KINDS_IN_LEDGER, Kind.DROPPED.value})
# https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#delivery-events: reasons of a drop.
DROPPED_BECAUSE = {
    "bounced address": Suppression.Reason.HARD_BOUNCE,
    "invalid": Suppression.Reason.HARD_BOUNCE,
    "spam reporting address": Suppression.Reason.COMPLAINT,
}
DROPPED_AS_UNSUBSCRIBED = frozenset(
    {"unsubscribed address", "group unsubscribe", "group unsubscribed address"}
)


def lock_people(found: Sequence[MatchedReport]) -> None:
    """Lock the people whom these reports may affect, before any row that erasing them changes."""
    heeded = [each for each in found if each.report.kind in KINDS_WITH_EFFECTS]
    if not heeded:
        return
    keys = {key for each in heeded if (key := key_of(each.report.address))}
    for some in portions({each.recipient for each in heeded if each.recipient}):
        people = Recipient.objects.filter(pk__in=some, subscriber__isnull=False)
        keys |= set(people.values_list("subscriber__address_key", flat=True))
    locks.share_for(keys)


def apply_effects(new: Sequence[MatchedReport]) -> None:
    """Apply the effects of new reports. Call inside the transaction that processes them."""
    for report, _mailing, number, _recorded in new:
        if report.kind in KINDS_WITH_EFFECTS:
            recipient = _recipient(number) if number else None
            _act_on(report, recipient)
            if recipient is not None:
                _note(report, recipient)


def _act_on(report: Report, recipient: Recipient | None) -> None:
    cause = report.detail.lower()
    if report.kind == Kind.BOUNCED:
        _suppress(report, recipient, Suppression.Reason.HARD_BOUNCE)
    elif report.kind == Kind.COMPLAINED:
        _suppress(report, recipient, Suppression.Reason.COMPLAINT)
    elif report.kind == Kind.DROPPED and cause in DROPPED_BECAUSE:
        _suppress(report, recipient, DROPPED_BECAUSE[cause])
    elif report.kind == Kind.UNSUBSCRIBED or cause in DROPPED_AS_UNSUBSCRIBED:
        _leave(report, recipient)


def _suppress(report: Report, recipient: Recipient | None, reason: Suppression.Reason) -> None:
    """Suppress the address that was mailed, which may no longer be the person's address."""
    address = report.address if key_of(report.address) else ""
    if not address and recipient and recipient.subscriber:
        address = recipient.subscriber.address
    if address:
        note = f"{report.reporter} reported this address as {reason_of(report)}."
        suppression.suppress(address, reason, _source(report), note=note)


def _leave(report: Report, recipient: Recipient | None) -> None:
    """Unsubscribe the person from the mailing's list, unless they subscribed (again) since."""
    if recipient is None or recipient.subscriber is None:
        return
    came_before = Q(joined_at__lte=datetime.fromtimestamp(report.at + 1, UTC))
    # Nobody subscribed in the future: the clock was set back since, or an imported file said so.
    subscription = Subscription.objects.filter(
        came_before | Q(joined_at__gt=timezone.now()),
        subscriber=recipient.subscriber,
        list=recipient.mailing.mailing_list_id,
    ).first()
    if subscription:
        consent.unsubscribe(subscription, _source(report))


def _source(report: Report) -> ConsentSource:
    return ConsentSource(SourceKind.PROVIDER, report.reporter)


def _note(report: Report, recipient: Recipient) -> None:
    """Note the report in the recipient row. A dropped email was certainly not delivered, so it may be retried."""
    reason = reason_of(report)
    if report.kind == Kind.DROPPED:
        # Of two reasons the same one is kept, whichever came first.
        says_less = recipient.reason.startswith(Kind.DROPPED.value) and recipient.reason < reason
        of = [State.ACCEPTED, State.REJECTED] if says_less else [State.ACCEPTED]
        set_recipients_state([recipient.pk], of=of, state=State.REJECTED, reason=reason)
    elif recipient.state != State.REJECTED and _weight(reason) > _weight(recipient.reason):
        # An event about the recipient shows that the email was accepted, even if its post still waits for the response.
        set_recipients_state(
            [recipient.pk],
            of=[State.ACCEPTED, State.WAITING, State.UNKNOWN],
            state=State.ACCEPTED,
            reason=reason,
        )


def _weight(reason: str) -> tuple[int, str]:
    kind = reason.partition(":")[0]
    return (KINDS_IN_LEDGER.index(kind), reason) if kind in KINDS_IN_LEDGER else (-1, "")


def _recipient(number: int) -> Recipient | None:
    return Recipient.objects.select_related("subscriber", "mailing").filter(pk=number).first()
