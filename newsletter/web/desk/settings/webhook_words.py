"""How a webhook and what is posted to it are said on a page."""

from dataclasses import dataclass

from newsletter.http.web_addresses import host_of, without_credentials
from newsletter.notifications.models import State, Webhook, WebhookDelivery
from newsletter.web.desk.articles.short_dates import Dates, ShownDate

STATES = {
    State.WAITING: ("Waiting", "accent"),
    State.DONE: ("Delivered", "good"),
    State.GIVEN_UP: ("Failed", "alarm"),
    State.LEFT_OUT: ("Not posted", "neutral"),
}
OFF = "The webhook’s address no longer exists (410), so we do not post any events to it."


@dataclass(frozen=True, slots=True)
class WebhookWords:
    """The host of a webhook, its address as far as a page may show it, its badge, and a sentence on how it is doing."""

    host: str
    address: str
    badge: str
    tone: str
    sentence: str
    accepted: ShownDate | None


@dataclass(frozen=True, slots=True)
class DeliveryWords:
    """A delivery with its badge, and when it happened or will be tried."""

    delivery: WebhookDelivery
    badge: str
    tone: str
    made: ShownDate
    next_try: ShownDate | None


def describe_webhook(webhook: Webhook, dates: Dates) -> WebhookWords:
    """Return a webhook in words."""
    accepted = dates.of(webhook.accepted_at) if webhook.accepted_at else None
    if not webhook.active:
        badge, tone = "Off", "warn"
        sentence = f"{OFF} A successful test turns it on again."
    elif webhook.error:
        badge, tone, sentence = "Failing", "alarm", webhook.error
    elif accepted:
        badge, tone, sentence = "Works", "good", ""
    else:
        badge, tone, sentence = "New", "neutral", "We have not posted any events to it yet."
    # What follows the path is often a secret.
    shown, mark, _query = without_credentials(webhook.url).partition("?")
    return WebhookWords(
        host_of(webhook.url), f"{shown}?…" if mark else shown, badge, tone, sentence, accepted
    )


def describe_delivery(delivery: WebhookDelivery, dates: Dates) -> DeliveryWords:
    """Return a delivery in words."""
    badge, tone = STATES[State(delivery.state)]
    waits = delivery.state == State.WAITING and delivery.attempts
    return DeliveryWords(
        delivery,
        badge,
        tone,
        dates.of(delivery.notification.made_at),
        dates.of(delivery.due_at) if waits else None,
    )
