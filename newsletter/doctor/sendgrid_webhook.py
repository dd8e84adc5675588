"""The Event Webhook: SendGrid knows our address, signs what it posts, and reaches us."""

from collections.abc import Iterator

from django.urls import reverse

from newsletter.doctor.finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.http_probe import status_at
from newsletter.doctor.installation import Installation
from newsletter.errors import NewsletterError, Unreachable
from newsletter.sending.transports.sendgrid_account import Webhook

CHECK = "webhook"
WHERE = "At SendGrid, under Settings, Mail Settings, Event Webhooks"
# Without these, bounces and complaints are not heard of, and doubts settle more slowly.
NEEDED = ("processed", "delivered", "deferred", "bounce", "dropped", "spam_report", "unsubscribe")
ONLY_POST = 405


def check(installation: Installation) -> Iterator[Finding]:
    """Whether what becomes of letters comes back to the press."""
    if installation.environment.transport != "sendgrid":
        yield left_out(CHECK, "Only SendGrid posts events to a webhook.")
        return
    url = f"{installation.environment.root_url}{reverse('sendgrid-events')}"
    yield _reachable(url)
    try:
        webhooks = installation.account.webhooks()
    except NewsletterError as error:
        yield left_out(CHECK, f"What is set up at SendGrid is not known: {error}")
        return
    ours = [each for each in webhooks if each.url.rstrip("/") == url.rstrip("/")]
    if not ours:
        yield wrong(
            CHECK, "SendGrid does not post events here.", f"{WHERE}, add {url} and switch its signature on."
        )
    for webhook in ours[:1]:
        yield from _set_up(installation, webhook, url)


def _reachable(url: str) -> Finding:
    try:
        status = status_at(url)
    except Unreachable as error:
        return wrong(CHECK, str(error), "Start `newsletter serve`, and check DNS, proxy and firewall.")
    if status == ONLY_POST:
        return ok(CHECK, f"{url} answers from here.")
    return wrong(
        CHECK,
        f"{url} answers {status}, so it is not this press.",
        "Check NEWSLETTER_BASE_URL, and where the proxy leads.",
    )


def _set_up(installation: Installation, webhook: Webhook, url: str) -> Iterator[Finding]:
    keys = installation.environment.sendgrid_webhook_key
    if webhook.url != url:
        yield wrong(
            CHECK, f"SendGrid posts to {webhook.url}, which leads elsewhere.", f"{WHERE}, set it to {url}."
        )
    if not webhook.enabled:
        yield wrong(CHECK, "It is switched off at SendGrid.", f"{WHERE}, switch it on.")
    if not webhook.public_key:
        yield wrong(
            CHECK, "SendGrid does not sign events, so they are refused.", f"{WHERE}, switch the signature on."
        )
    elif webhook.public_key not in keys:
        what = "is another key than SendGrid's" if keys else "is not set"
        yield wrong(
            CHECK,
            f"NEWSLETTER_SENDGRID_WEBHOOK_KEY {what}, so events are refused.",
            f"Set it to {webhook.public_key}.",
        )
    else:
        yield ok(CHECK, "SendGrid signs events with the key that is set here.")
    missing = [name for name in NEEDED if name not in webhook.events]
    if missing:
        yield warning(CHECK, f"SendGrid does not post {', '.join(missing)}.", f"{WHERE}, tick them.")
