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

from newsletter.notifications.models import Hook, HookDelivery, State
from newsletter.notifications.queue import claim, due, put_off, settle
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


def post_next_hook() -> bool:
    """Post one event to one hook; says whether there was one to be posted."""
    delivery = due(HookDelivery.objects.select_related("hook"), _longest_waits()).first()
    if delivery is None:
        return False
    if claim(delivery, timedelta(seconds=settings.NEWSLETTER.hook_seconds) + SPARE):
        _deliver(delivery)
    return True


def post_event(hook: Hook, key: UUID, body: str) -> Answer:
    """Post an event to a hook, signed for this attempt."""
    data = body.encode()
    return post(hook.url, data, signed_headers(hook.secret, f"msg_{key.hex}", timezone.now(), data))


def _deliver(delivery: HookDelivery) -> None:
    hook = delivery.hook
    if not hook.active:
        settle(delivery, State.LEFT_OUT)
        return
    answer = post_event(hook, delivery.key, delivery.body)
    said = answer.sentence[:300]
    if answer.taken:
        settle(delivery, State.DONE, answer=said)
        Hook.objects.filter(pk=hook.pk).update(error="", taken_at=timezone.now())
        return
    Hook.objects.filter(pk=hook.pk).update(error=answer.sentence)
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
    lease = timedelta(seconds=settings.NEWSLETTER.hook_seconds) + SPARE
    return [
        timedelta(0),
        *(max(BACKOFF.longest_wait(each), lease) for each in range(1, len(WAITS) + 1)),
        lease,
    ]


def _switch_off(delivery: HookDelivery, said: str) -> None:
    """The receiver wants nothing more: neither this, nor what waits for it."""
    log.warning("%s answered that it is gone and is switched off.", delivery.hook)
    with transaction.atomic():
        Hook.objects.filter(pk=delivery.hook_id).update(active=False)
        waiting = HookDelivery.objects.filter(hook=delivery.hook_id, state=State.WAITING)
        waiting.update(state=State.LEFT_OUT, done_at=timezone.now(), answer=said)
