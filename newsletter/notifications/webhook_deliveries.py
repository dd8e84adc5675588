"""Posts events to webhooks until each is accepted, or has failed for about 3 days.

A delivery is claimed before it is posted. If a process dies, the delivery is posted again after its lease, with the
same webhook-id, so that receivers can ignore repeats.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from newsletter.encrypted_text import UnreadableError
from newsletter.notifications.models import State, Webhook, WebhookDelivery
from newsletter.notifications.notification_queue import QUEUE, settle, without_quarantined
from newsletter.notifications.post_to_webhook import Answer, post
from newsletter.notifications.sign_webhook_posts import signed_headers
from newsletter.notifications.webhook_secrets import former_secret_of, secret_of
from subscribers.backoff import steps

log = logging.getLogger(__name__)

# How long to wait after each attempt, as Standard Webhooks suggests. After the last one, there are no more attempts.
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
# With jitter, so that a receiver that is back online does not get everything at once.
BACKOFF = steps(*WAITS, jitter=0.1, most_asked=timedelta(hours=6))
# Time for work besides the request itself: resolving the host, and recording the response.
SPARE = timedelta(minutes=1)


def post_next_webhook() -> bool:
    """Post one event to one webhook. Return whether there was one to post."""
    rows = without_quarantined(WebhookDelivery.objects.select_related("webhook"))
    delivery = QUEUE.due(rows, _longest_waits()).first()
    if delivery is None:
        return False
    if QUEUE.claim(delivery, lease()):
        _deliver(delivery)
    return True


def post_event(webhook: Webhook, key: UUID, body: str) -> Answer:
    """Post an event to a webhook, signed for this attempt. What cannot be signed is not posted."""
    data, msg, now = body.encode(), f"msg_{key.hex}", timezone.now()
    try:
        secret = secret_of(webhook)
    except UnreadableError as error:
        return Answer(None, f"{error} Change the webhook’s secret.")
    headers = signed_headers(secret, msg, now, data, former_secret=former_secret_of(webhook))
    return post(webhook.url, data, headers)


def lease() -> timedelta:
    """Return for how long a delivery is claimed while it is posted."""
    return timedelta(seconds=settings.NEWSLETTER.webhook_timeout_seconds) + SPARE


def _deliver(delivery: WebhookDelivery) -> None:
    webhook = delivery.webhook
    if not webhook.active:
        settle(delivery, State.LEFT_OUT)
        return
    answer = post_event(webhook, delivery.key, delivery.body)
    sentence = answer.sentence[:300]
    if answer.accepted:
        settle(delivery, State.DONE, answer=sentence)
        Webhook.objects.filter(pk=webhook.pk).update(error="", accepted_at=timezone.now())
        return
    Webhook.objects.filter(pk=webhook.pk).update(error=answer.sentence)
    if answer.gone:
        _switch_off(delivery, sentence)
    elif delivery.attempts > len(WAITS):
        log.error(
            "“%s” was not accepted in %s attempts, so we stopped trying. %s",
            delivery,
            delivery.attempts,
            sentence,
        )
        settle(delivery, State.GIVEN_UP, answer=sentence)
    else:
        log.warning("“%s” was not accepted. %s We will try again.", delivery, sentence)
        wait = BACKOFF.wait(delivery.attempts, asked=answer.retry_after)
        QUEUE.put_off(delivery, timezone.now() + wait, answer=sentence)


def _longest_waits() -> list[timedelta]:
    waits = [max(BACKOFF.longest_wait(each), lease()) for each in range(1, len(WAITS) + 1)]
    return [timedelta(0), *waits, lease()]


def _switch_off(delivery: WebhookDelivery, sentence: str) -> None:
    """Turn off a webhook whose receiver wants no more events, and leave out everything that is waiting for it."""
    log.warning("%s was turned off, because its address no longer exists (410).", delivery.webhook)
    with transaction.atomic():
        Webhook.objects.filter(pk=delivery.webhook_id).update(active=False)
        waiting = WebhookDelivery.objects.filter(webhook=delivery.webhook_id, state=State.WAITING)
        waiting.update(state=State.LEFT_OUT, done_at=timezone.now(), answer=sentence)
