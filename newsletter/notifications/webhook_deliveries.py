"""Posts events to hooks until each is taken, or given up after some three days.

A delivery is claimed before it goes. One that a dying process leaves behind goes again after its lease, under the same
webhook-id, so that receivers can drop what they have.
"""

import logging
import random
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from newsletter.notifications.models import Hook, HookDelivery, State
from newsletter.notifications.queue import claim, due, put_off, settle
from newsletter.notifications.webhook_http import Answer, post
from newsletter.notifications.webhook_signature import signed_headers

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
# Receivers that come back are not met by everything at once.
JITTER = 0.1
LONGEST_REQUEST = timedelta(hours=6)
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
        put_off(delivery, timezone.now() + wait_after(delivery.attempts, answer.retry_after), answer=said)


def wait_after(attempts: int, retry_after: float = 0.0) -> timedelta:
    """How long a delivery waits after so many attempts, or as long as the receiver asks for, up to six hours."""
    asked = min(timedelta(seconds=retry_after), LONGEST_REQUEST)
    return max(WAITS[attempts - 1], asked) * random.uniform(1, 1 + JITTER)  # noqa: S311 - spreads load, guards nothing


def _longest_waits() -> list[timedelta]:
    lease = timedelta(seconds=settings.NEWSLETTER.hook_seconds) + SPARE
    return [timedelta(0), *(max(wait, LONGEST_REQUEST, lease) * (1 + JITTER) for wait in WAITS), lease]


def _switch_off(delivery: HookDelivery, said: str) -> None:
    """The receiver wants nothing more: neither this, nor what waits for it."""
    log.warning("%s answered that it is gone and is switched off.", delivery.hook)
    with transaction.atomic():
        Hook.objects.filter(pk=delivery.hook_id).update(active=False)
        waiting = HookDelivery.objects.filter(hook=delivery.hook_id, state=State.WAITING)
        waiting.update(state=State.LEFT_OUT, done_at=timezone.now(), answer=said)
