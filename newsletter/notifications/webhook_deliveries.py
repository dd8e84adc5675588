"""Posts events to hooks until each is taken, or given up after some three days.

A delivery is claimed before it goes. One that a dying process leaves behind goes again after its lease, under the same
webhook-id, so that receivers can drop what they have.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from newsletter.notifications.delivery_queue import claim, due, put_off, settle
from newsletter.notifications.models import State, Webhook, WebhookDelivery
from newsletter.notifications.webhook_http import Answer, post
from newsletter.notifications.webhook_signature import signed_headers
from subscribers.backoff import steps

log = logging.getLogger(__name__)

# After which attempt how long is waited, as Standard Webhooks proposes; then it is given up.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# With jitter, so that receivers that come back are not met by everything at once.
BACKOFF = steps(*WAITS, jitter=0.1, most_asked=timedelta(hours=6))
# What is not the post itself: finding the host, and writing down the answer.
SPARE = timedelta(minutes=1)


def post_next_webhook() -> bool:
    """Post one event to one hook; says whether there was one to be posted."""
    delivery = due(WebhookDelivery.objects.select_related("webhook"), _longest_waits()).first()
    if delivery is None:
        return False
    if claim(delivery, timedelta(seconds=settings.NEWSLETTER.webhook_timeout_seconds) + SPARE):
        _deliver(delivery)
    return True


def post_event(webhook: Webhook, key: UUID, body: str) -> Answer:
    """Post an event to a hook, signed for this attempt."""
    data = body.encode()
    return post(webhook.url, data, signed_headers(webhook.secret, f"msg_{key.hex}", timezone.now(), data))


def _deliver(delivery: WebhookDelivery) -> None:
    webhook = delivery.webhook
    if not webhook.active:
        settle(delivery, State.LEFT_OUT)
        return
    answer = post_event(webhook, delivery.key, delivery.body)
    said = answer.sentence[:300]
    if answer.taken:
        settle(delivery, State.DONE, answer=said)
        Webhook.objects.filter(pk=webhook.pk).update(error="", accepted_at=timezone.now())
        return
    Webhook.objects.filter(pk=webhook.pk).update(error=answer.sentence)
    if answer.gone:
        _switch_off(delivery, said)
    elif delivery.attempts > len(WAITS):
        log.error("%s is given up after %s attempts: %s", delivery, delivery.attempts, said)
        settle(delivery, State.GIVEN_UP, answer=said)
    else:
        log.warning("%s was not taken: %s It is tried again.", delivery, said)
        wait = BACKOFF.wait(delivery.attempts, asked=answer.retry_after)
        put_off(delivery, timezone.now() + wait, answer=said)


def _longest_waits() -> list[timedelta]:
    lease = timedelta(seconds=settings.NEWSLETTER.webhook_timeout_seconds) + SPARE
    return [
        timedelta(0),
        *(max(BACKOFF.longest_wait(each), lease) for each in range(1, len(WAITS) + 1)),
        lease,
    ]


def _switch_off(delivery: WebhookDelivery, said: str) -> None:
    """The receiver wants nothing more: neither this, nor what waits for it."""
    log.warning("%s answered that it is gone and is switched off.", delivery.webhook)
    with transaction.atomic():
        Webhook.objects.filter(pk=delivery.webhook_id).update(active=False)
        waiting = WebhookDelivery.objects.filter(webhook=delivery.webhook_id, state=State.WAITING)
        waiting.update(state=State.LEFT_OUT, done_at=timezone.now(), answer=said)
