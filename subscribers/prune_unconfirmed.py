"""Deletes people, and new addresses, that were not confirmed in time."""

from datetime import datetime, timedelta

from subscribers import app_settings, erasure
from subscribers import consent_rules as rules
from subscribers.address_changes import prune_address_changes
from subscribers.consent_log import ConsentSource, record_about
from subscribers.errors import NotFound
from subscribers.models import ConsentEntry, SourceKind, Subscription
from subscribers.short_transactions import Gaps
from subscribers.transactions import one_transaction

Act = ConsentEntry.Act
State = Subscription.State
PRUNED_AT_ONCE = 500
SCHEDULER = ConsentSource(SourceKind.SCHEDULER)


def prune_unconfirmed(now: datetime) -> int:
    """Delete people who did not confirm in time, up to 500 at once. Return how many."""
    prune_address_changes(now)
    until = now - timedelta(hours=app_settings.confirm_hours())
    stale = Subscription.objects.filter(asked_at__lt=until).select_related("subscriber", "list")
    dropped, gaps = 0, Gaps()
    for one in stale.order_by("asked_at")[:PRUNED_AT_ONCE]:
        dropped += _drop(one, now, until)
        gaps.leave()
    return dropped


@one_transaction
def _drop(subscription: Subscription, now: datetime, until: datetime) -> bool:
    try:
        subscription = rules.lock_subscription(subscription)
    except NotFound:
        return False
    if subscription.asked_at is None or subscription.asked_at >= until:
        return False  # they confirmed, or signed up again, since we looked
    if subscription.state == State.UNSUBSCRIBED:
        # They had unsubscribed before. We keep that, or an import could bring them back.
        subscription.asked_at = None
        subscription.save(update_fields=("asked_at",))
    elif subscription.state == State.ACTIVE:
        # They get the emails on another basis, and did not confirm that they consent.
        subscription.asked_at, subscription.confirmations_sent = None, 0
        subscription.save(update_fields=("asked_at", "confirmations_sent"))
    elif subscription.state == State.PENDING:
        subscriber = subscription.subscriber
        subscription.delete()
        record_about(
            Act.DROPPED, subscription, SCHEDULER, note=f"The person had not confirmed by {now:%Y-%m-%d}."
        )
        if not subscriber.subscriptions.exists():
            erasure.forget_everywhere(subscriber)
    return True
