"""Check the Event Webhook: SendGrid has our address, signs its posts, and can reach us."""

from collections.abc import Iterator

from django.urls import reverse

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.http_probe import status_at
from newsletter.errors import NewsletterError, Unreachable
from newsletter.sending.transports.sendgrid_account import Webhook

CHECK = "webhook"
WHERE = "In SendGrid, go to Settings, then Mail Settings, then Event Webhooks"
# Without these we do not learn of bounces and complaints, and unknown outcomes take longer to settle.
NEEDED = ("processed", "delivered", "deferred", "bounce", "dropped", "spam_report", "unsubscribe")
ONLY_POST = 405


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether SendGrid reports what happened to emails."""
    if installation.environment.transport != "sendgrid":
        yield left_out(CHECK, "This check only works with SendGrid.")
        return
    url = f"{installation.environment.root_url}{reverse('sendgrid-events')}"
    yield _reachable(url)
    try:
        webhooks = installation.account.webhooks()
    except NewsletterError as error:
        yield left_out(CHECK, f"We could not read the webhook settings at SendGrid: {error}")
        return
    ours = [each for each in webhooks if each.url.rstrip("/") == url.rstrip("/")]
    if not ours:
        yield wrong(
            CHECK,
            "SendGrid does not post events to this installation.",
            f"{WHERE}, add {url} and turn on signature verification.",
        )
    for webhook in ours[:1]:
        yield from _set_up(installation, webhook, url)


def _reachable(url: str) -> Finding:
    try:
        status = status_at(url)
    except Unreachable as error:
        return wrong(CHECK, str(error), "Start `newsletter serve`, and check DNS, proxy and firewall.")
    if status == ONLY_POST:
        return ok(CHECK, f"{url} can be reached from here.")
    return wrong(
        CHECK,
        f"{url} returns status {status}, so it is not served by this installation.",
        "Check NEWSLETTER_BASE_URL and the target of your proxy.",
    )


def _set_up(installation: Installation, webhook: Webhook, url: str) -> Iterator[Finding]:
    keys = installation.environment.sendgrid_webhook_key
    if webhook.url != url:
        yield wrong(
            CHECK,
            f"SendGrid posts to {webhook.url}, which is a different address.",
            f"{WHERE}, set the address to {url}.",
        )
    if not webhook.enabled:
        yield wrong(CHECK, "The webhook is turned off at SendGrid.", f"{WHERE}, turn the webhook on.")
    if not webhook.public_key:
        yield wrong(
            CHECK,
            "SendGrid does not sign events, so we reject them.",
            f"{WHERE}, turn on signature verification.",
        )
    elif webhook.public_key not in keys:
        what = "is not SendGrid's current key" if keys else "is not set"
        yield wrong(
            CHECK,
            f"NEWSLETTER_SENDGRID_WEBHOOK_KEY {what}, so we reject all events.",
            f"Set NEWSLETTER_SENDGRID_WEBHOOK_KEY to {webhook.public_key}.",
        )
    else:
        yield ok(CHECK, "SendGrid signs events with the key that is set here.")
    missing = [name for name in NEEDED if name not in webhook.events]
    if missing:
        yield warning(
            CHECK, f"SendGrid does not post these events: {', '.join(missing)}.", f"{WHERE}, select them."
        )
