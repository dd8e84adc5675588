"""What was posted to a webhook, for how long it is kept, and posting one of these events again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from newsletter.errors import NotFound, Refused
from newsletter.issues.issue_audit import record
from newsletter.notifications.models import State, WebhookDelivery
from newsletter.notifications.outbound_webhooks import find_webhook
from newsletter.notifications.webhook_deliveries import lease

DELIVERIES_PER_PAGE = 30
DELIVERIES_KEPT_FOR = timedelta(days=30)
PRUNED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One page of deliveries, newest first. `next_cursor` is None on the last page."""

    deliveries: list[WebhookDelivery]
    next_cursor: int | None


def deliveries_of(number: int, *, state: State | None = None, after: int | None = None) -> DeliveryPage:
    """Return a page of what is posted to a webhook, in any state or in one. Raises NotFound and Refused."""
    webhook = find_webhook(number, "Viewing the events posted to a webhook")
    found = WebhookDelivery.objects.filter(webhook=webhook).select_related("notification").order_by("-pk")
    if state is not None:
        found = found.filter(state=state)
    if after is not None:
        found = found.filter(pk__lt=after)
    page = list(found[: DELIVERIES_PER_PAGE + 1])
    shown = page[:DELIVERIES_PER_PAGE]
    return DeliveryPage(shown, shown[-1].pk if len(page) > DELIVERIES_PER_PAGE else None)


def send_again(number: int, delivery: int) -> WebhookDelivery:
    """Let an event be posted to a webhook again now, with the attempts of a new event, under the same webhook-id.

    Raises NotFound for an event that was not meant for this webhook, and Refused while the event is being posted or if
    the webhook is turned off.
    """
    with transaction.atomic():
        webhook = find_webhook(number, "Sending an event to a webhook again")
        rows = WebhookDelivery.objects.select_for_update().select_related("notification")
        row = rows.filter(webhook=webhook, pk=delivery).first()
        if row is None:
            raise NotFound("We could not find this event. Somebody may have removed its webhook.")
        if not webhook.active:
            raise Refused("This webhook is turned off. Test it first: a successful test turns it on again.")
        now = timezone.now()
        if row.state == State.WAITING and row.due_at <= now + lease():
            raise Refused(
                "We are posting this event now, or will post it within a minute. Check again in a minute."
            )
        before = row.state
        row.state, row.attempts, row.due_at, row.done_at, row.answer = State.WAITING, 0, now, None, ""
        row.save(update_fields=("state", "attempts", "due_at", "done_at", "answer"))
        record(
            "webhook-send-again",
            f"Sent the event “{row.notification}” to webhook {number} again.",
            publication=webhook.publication,
            thing=f"webhook {number}",
            changes={"state": [before, State.WAITING.value]},
        )
    return row


def prune_deliveries(now: datetime) -> int:
    """Delete what was last posted to a webhook more than 30 days ago, up to 1,000 rows. Return how many there were.

    What still waits to be posted is kept. The notification itself is kept too, so the event is not posted again.
    """
    old = WebhookDelivery.objects.exclude(state=State.WAITING).filter(due_at__lt=now - DELIVERIES_KEPT_FOR)
    some = list(old.order_by("due_at").values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    # The state is asked again: somebody may just have sent one of these events again.
    return WebhookDelivery.objects.filter(pk__in=some).exclude(state=State.WAITING).delete()[0]
