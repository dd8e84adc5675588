"""Check the Event Webhook: SendGrid has our address, signs its posts, and can reach us."""

from collections.abc import Iterator

from django.urls import reverse

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, warning, wrong
from newsletter.doctor.request_own_address import status_at
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
        yield left_out(CHECK, "We did not check this, because the check only works with SendGrid.")
        return
    url = f"{installation.environment.root_url}{reverse('sendgrid-events')}"
    yield _reachable(url)
    try:
        webhooks = installation.account.webhooks()
    except NewsletterError as error:
        yield left_out(CHECK, f"We could not read the webhook settings in SendGrid. {error}")
        return
    ours = [each for each in webhooks if each.url.rstrip("/") == url.rstrip("/")]
    if not ours:
        yield wrong(
            CHECK,
            ("SendGrid does not post events to this installation, because the event webhook is not set up."),
            f"{WHERE}. Add the address {url} and turn on signature verification.",
        )
    for webhook in ours[:1]:
        yield from _set_up(installation, webhook, url)


def _reachable(url: str) -> Finding:
    try:
        status = status_at(url)
    except Unreachable as error:
        return wrong(
            CHECK,
            str(error),
            "Start `newsletter serve`. If it is already running, check the DNS, the proxy and the firewall.",
        )
    if status == ONLY_POST:
        return ok(CHECK, f"This machine can reach {url}.")
    return wrong(
        CHECK,
        (f"{url} responds with status {status}, so requests to it do not reach this installation."),
        "Check NEWSLETTER_BASE_URL and your proxy settings.",
    )


def _set_up(installation: Installation, webhook: Webhook, url: str) -> Iterator[Finding]:
    keys = installation.environment.sendgrid_webhook_key
    if webhook.url != url:
        yield wrong(
            CHECK,
            (f"SendGrid posts events to {webhook.url}, which is not the address of this installation."),
            f"{WHERE}. Change the address to {url}.",
        )
    if not webhook.enabled:
        yield wrong(CHECK, "The event webhook is turned off in SendGrid.", f"{WHERE}. Turn on the webhook.")
    if not webhook.public_key:
        yield wrong(
            CHECK,
            "SendGrid does not sign the events that it posts, so we reject them.",
            f"{WHERE}. Turn on signature verification.",
        )
    elif webhook.public_key not in keys:
        why = "does not contain SendGrid’s current key" if keys else "is not set"
        yield wrong(
            CHECK,
            f"We reject all events from SendGrid, because NEWSLETTER_SENDGRID_WEBHOOK_KEY {why}.",
            f"Set NEWSLETTER_SENDGRID_WEBHOOK_KEY to {webhook.public_key}.",
        )
    else:
        yield ok(CHECK, "SendGrid signs events with the key in NEWSLETTER_SENDGRID_WEBHOOK_KEY.")
    missing = [name for name in NEEDED if name not in webhook.events]
    if missing:
        yield warning(
            CHECK,
            f"SendGrid does not post these events to us: {', '.join(missing)}.",
            f"{WHERE}. Select these events.",
        )
